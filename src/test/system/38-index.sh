#!/usr/bin/env bash
# The Index with stock clients: docker through this server's own engine, and skopeo; what was acknowledged survives a killed server.
. "$HERE/lib.sh"
work=$(mktemp -d)
export DOCKER_CONFIG=$work/docker
index=localhost:$PORT app=localhost:$PORT/default/index-app
trap 'docker image rm -f "$app:1" >/dev/null 2>&1; rm -rf "$work"' EXIT

secret() { grep -oE 'tlm_[A-Za-z0-9_-]+' | head -n 1; }
row() { rest GET "/api/v1/audit?way=index&limit=1&action=$1" | head -n 1; }
token=$(rest POST /api/v1/tokens '{"name":"index-suite"}' | secret)
rest POST /api/v1/accounts '{"name":"ivy","password":"a good long password","role":"VIEWER"}' >/dev/null

mkdir -p "$work/root/bin" "$DOCKER_CONFIG"
cp "$(type -P busybox)" "$work/root/bin/busybox"
tar -c -C "$work/root" . | docker import --change 'LABEL org.example.of=index-suite' - "$app:1" >/dev/null

fails "a stranger pushes nothing" "unauthorized|denied" docker push "$app:1"
fails "a wrong password is refused" "unauthorized|401" docker login -u admin -p "no such password" "$index"
succeeds "docker logs in with a token" docker login -u admin -p "$token" "$index"
succeeds "docker pushes" docker push "$app:1"
like "the push is in the trail with person and way" '"account":"admin".*"way":"index".*"outcome":"done"' "$(row index.push)"
docker image rm "$app:1" >/dev/null
is "docker pulls and runs it" ran "$(docker run --rm "$app:1" /bin/busybox echo ran 2>/dev/null)"

succeeds "a member describes it" grep -q '^200$' <(rest PATCH /api/v1/repositories '{"name":"default/index-app","description":"Busybox of the suite: 100 % (it runs)"}' | tail -n 1)
found() { docker search --no-trunc --format '{{.Name}} {{.StarCount}} {{.Description}}' "$@" 2>&1; }
row_found="default/index-app 0 Busybox of the suite: 100 % (it runs)"
is "docker search finds it by a part of its name" "$row_found" "$(found index-app)"
is "and by its description, by the server's own address" "$row_found" "$(found --limit 5 "$index/100 % (IT")"
is "and by a label of its image" "$row_found" "$(found org.example.OF=index-suite)"
is "a wildcard finds nothing" "" "$(found 'index%app')"
is "what is starred is not here" "" "$(found --filter stars=1 index-app)"
fails "another registry is not searched" "another registry" docker search localhost:1/index-app
fails "a limit too large is refused" "outside the range" docker search --limit 101 index-app

rules() { rest PATCH /api/v1/repositories/rules "{\"name\":\"default/index-app\",\"immutableTags\":$1}" | tail -n 1; }
is "its tags are made immutable" 200 "$(rules '["*"]')"
docker image tag "$app:1" "$app:other" && docker rmi "$app:1" >/dev/null
tar -c -C "$work" root | docker import - "$app:1" >/dev/null
fails "docker cannot move a tag, and hears why" "immutable" docker push "$app:1"
docker image tag "$app:other" "$app:1"
succeeds "the same image can be pushed again" docker push "$app:1"
docker rmi "$app:other" >/dev/null
fails "skopeo cannot delete it" "immutable" skopeo delete --tls-verify=false --creds "admin:$token" "docker://$app:1"
is "the rule is taken away" 200 "$(rules '[]')"

docker image tag "$app:1" "$app:2" && docker push "$app:2" >/dev/null 2>&1
retain() { rest POST /api/v1/repositories/retention "{\"name\":\"default/index-app\",\"dryRun\":$1}"; }
succeeds "a retention rule is set" grep -q '^200$' <(rest PATCH /api/v1/repositories/rules '{"name":"default/index-app","retention":{"keepLast":1,"keepTags":["1"]}}' | tail -n 1)
like "nothing goes that it keeps" '"kept":2,"removed":0' "$(retain true)"
rest PATCH /api/v1/repositories/rules '{"name":"default/index-app","retention":{"keepTags":["1"]}}' >/dev/null
like "a dry run tells what would go" '"removed":1.*"tag":"2".*"why":"like none of 1"' "$(retain true)"
succeeds "and leaves it" skopeo inspect --tls-verify=false --creds "admin:$token" "docker://$app:2"
like "the run takes it" '"kept":1,"removed":1' "$(retain false)"
fails "docker does not find it any more" "manifest unknown|not found" docker pull "$app:2"
docker rmi "$app:2" >/dev/null
rest PATCH /api/v1/repositories/rules '{"name":"default/index-app","retention":{}}' >/dev/null

is "an administrator limits what the team keeps" 200 "$(rest PUT /api/v1/index/quotas/default '{"limitBytes":1}' | tail -n 1)"
head -c 5000 /dev/urandom >"$work/new"
tar -c -C "$work" new | docker import - "$app:full" >/dev/null
fails "docker hears that nothing more fits" "keeps [0-9]+ of the 1 bytes" docker push "$app:full"
rest DELETE /api/v1/index/quotas/default >/dev/null
succeeds "and pushes when the limit is gone" docker push "$app:full"
docker tag "$app:full" "$index/default/beside:1"
succeeds "and the same layers to another repository" docker push "$index/default/beside:1"
docker rmi "$app:full" "$index/default/beside:1" >/dev/null

docker logout "$index" >/dev/null
fails "a stranger pulls nothing" "unauthorized|denied" docker pull "$app:1"
like "which is in the trail" '"account":"anonymous".*"outcome":"refused"' "$(row index.login)"

succeeds "skopeo copies from repository to repository" skopeo copy --src-tls-verify=false --dest-tls-verify=false \
  --src-creds "admin:$token" --dest-creds "admin:$token" "docker://$app:1" "docker://$index/default/index-copy:2"

# An upload is cut off in its middle by the same kill.
raw() { curl -sS --max-time 60 --unix-socket "$RUN/docker.sock" -H 'Content-Type: application/octet-stream' "$@"; }
location() { raw -D - -o /dev/null "$@" | tr -d '\r' | sed -n 's/^[Ll]ocation: //p'; }
arrived() { find "$STATE/server/blobs/lasting" -name '*.part' -size +300k | grep -q .; }
head -c 4000000 /dev/urandom >"$work/blob"
sum=sha256:$(sha256sum "$work/blob" | cut -d' ' -f1)
upload=http://localhost$(location -X POST http://localhost/v2/default/index-copy/blobs/uploads/)
raw --limit-rate 400K -X PATCH --data-binary @"$work/blob" "$upload" >/dev/null 2>&1 &
succeeds "a large blob begins to arrive" eventually 20 arrived
kill -KILL "$(server_pid)"
wait $!
eventually 10 sh -c "! kill -0 $(server_pid) 2>/dev/null"
tallyman up --detach >/dev/null
here=$(raw -D - -o /dev/null "$upload" | tr -d '\r' | sed -n 's/^[Rr]ange: 0-//p')
is "what has arrived of it is there after the start" yes "$([ "${here:-0}" -gt 300000 ] && [ "${here:-0}" -lt 3999999 ] && echo yes || echo "$here")"
fails "nobody else goes on with it" '404|401|403' curl -sSf --max-time 60 "http://localhost:$PORT${upload#http://localhost}"
tail -c +$((here + 2)) "$work/blob" >"$work/rest"
raw -X PATCH -H "Content-Range: $((here + 1))-3999999" --data-binary @"$work/rest" -o /dev/null "$upload"
is "the rest is sent" 201 "$(raw -X PUT -o /dev/null -w '%{http_code}' "$upload?digest=$sum")"
is "and the blob is whole" "$sum" "sha256:$(raw "http://localhost/v2/default/index-copy/blobs/$sum" | sha256sum | cut -d' ' -f1)"
docker image rm -f "$app:1" >/dev/null
succeeds "a viewer copies out of it by password, after the server was killed and the image removed" skopeo copy --src-tls-verify=false \
  --src-creds "ivy:a good long password" "docker://$index/default/index-copy:2" "dir:$work/out"
fails "but not into it" "denied" skopeo copy --dest-tls-verify=false --dest-creds "ivy:a good long password" "dir:$work/out" "docker://$index/default/index-copy:3"
succeeds "skopeo deletes" skopeo delete --tls-verify=false --creds "admin:$token" "docker://$index/default/index-copy:2"
fails "and it is gone" "manifest unknown|MANIFEST_UNKNOWN" skopeo inspect --tls-verify=false --creds "admin:$token" "docker://$index/default/index-copy:2"

rest DELETE /api/v1/accounts/ivy >/dev/null
finish
