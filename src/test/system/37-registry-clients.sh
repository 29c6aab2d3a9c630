#!/usr/bin/env bash
# From one instance to another and on to the clients that others wrote: docker, skopeo, podman, buildah, crane and oras at the Index.
. "$HERE/lib.sh"
# In a subshell, because the parts of setup end the shell when they fail.
programs=$(
  set -euo pipefail
  for part in say machine images suites; do
    # shellcheck source=/dev/null
    . "$TOP/setup/$part.sh"
  done
  install_packages skopeo podman buildah jq >&2
  prepare_registry_clients >&2
  printf '%s %s\n' "$CRANE" "$ORAS"
) || {
  report "not ok" "the clients can be had"
  finish
  exit 1
}
read -r crane oras <<<"$programs"
work=$(mktemp -d)
index=localhost:$PORT app=localhost:$PORT/default/clients-app
second() { (STATE=$STATE-second RUN=$RUN-second PORT=$((PORT + 1)) && "$@"); }
cleanup() {
  docker image rm -f "$app:1" "$app:6" >/dev/null 2>&1
  for name in app copy art other robot; do rest DELETE "/api/v1/repositories?name=default/clients-$name" >/dev/null; done
  rest DELETE /api/v1/accounts/vera >/dev/null
  rest DELETE /api/v1/robots/default/courier >/dev/null
  second wipe_instance
  # vfs has mounts of its own folder when a client was cut off.
  grep -F "$work" /proc/mounts | cut -d' ' -f2 | sort -r | xargs -r -n 1 umount -l
  rm -rf "$work"
}
trap cleanup EXIT

# Clients with their state in the suite's own folder.
keep=(--root "$work/store" --runroot "$work/run" --storage-driver vfs)
podman() { timeout -s KILL 60 podman "${keep[@]}" --cgroup-manager cgroupfs --events-backend none "$@"; }
buildah() { timeout -s KILL 60 buildah "${keep[@]}" "$@"; }
crane() { timeout -s KILL 60 "$crane" --insecure "$@"; }
oras() { timeout -s KILL 60 "$oras" "$@"; }
far() { DOCKER_HOST=unix://$RUN-second/docker.sock docker "$@"; }
row() { rest GET "/api/v1/audit?way=index&limit=1&action=$1" | head -n 1; }

second wipe_instance
name=$(printf '%s' "$STATE-second" | sha256sum | cut -c1-8)
echo tallyman.index.anonymous-reading=true >"/etc/tallyman/$name.server.properties"
chmod 0644 "/etc/tallyman/$name.server.properties"
succeeds "a second instance starts" second tallyman up --detach
token=$(rest POST /api/v1/tokens '{"name":"clients-suite"}' | grep -oE 'tlm_[A-Za-z0-9_-]+' | head -n 1)
rest POST /api/v1/accounts '{"name":"vera","password":"a good long password","role":"VIEWER"}' >/dev/null
mkdir -p "$work/root/bin" "$work/dir" "$work/docker"
export DOCKER_CONFIG=$work/docker REGISTRY_AUTH_FILE=$work/auth.json
echo "{}" >"$REGISTRY_AUTH_FILE"
cp "$(type -P busybox)" "$work/root/bin/busybox"
tar -c -C "$work/root" . | far import -c 'LABEL where=second' - "$app:1" >/dev/null

# Without rights.
fails "nobody pushes into it" 'unauthorized|denied' far push "$app:1"
far login -u vera -p 'a good long password' "$index" >/dev/null 2>&1
fails "nor does one who may only read" 'denied' far push "$app:1"
far login -u admin -p "$token" "$index" >/dev/null 2>&1
succeeds "docker pushes from the other instance" far push "$app:1"
like "the repository is private" '"isPublic":false' "$(rest GET '/api/v1/repositories/one?name=default/clients-app')"
digest=$(rest GET '/api/v1/repositories/image?name=default/clients-app&reference=1' | head -n 1 | jq -r .digest)
far logout "$index" >/dev/null
far image rm "$app:1" >/dev/null
fails "without a log-in docker gets nothing" 'unauthorized|denied' far pull "$app:1"
fails "nor does skopeo" 'unauthorized|authentication required|log in' skopeo copy --src-tls-verify=false "docker://$app:1" "dir:$work/dir"
fails "nor podman" 'unauthorized|authentication required|log in' podman pull -q --tls-verify=false "$app:1"
like "which is in the trail" '"account":"anonymous".*"outcome":"refused"' "$(row index.login)"

# With them.
far login -u vera -p 'a good long password' "$index" >/dev/null 2>&1
is "docker pulls and runs it at the other instance" second "$(far run --rm "$app:1" /bin/busybox echo second 2>/dev/null)"
like "the pull is in the trail with the person" '"account":"vera".*default/clients-app' "$(row index.pull)"
succeeds "skopeo copies it" skopeo copy --src-tls-verify=false --src-creds "vera:a good long password" "docker://$app:1" "dir:$work/dir"
succeeds "podman pulls it" podman pull -q --tls-verify=false --creds "vera:a good long password" "$app:1"
is "the same image" "$(far images -q --no-trunc "$app:1")" "sha256:$(podman images -q --no-trunc "$app:1" | sed s/sha256://)"
is "with its label" second "$(podman inspect -f '{{.Labels.where}}' "$app:1")"
podman tag "$app:1" "$app:2"
fails "but a reader pushes nothing by podman" 'denied' podman push -q --tls-verify=false --creds "vera:a good long password" "$app:2"
succeeds "podman pushes" podman push -q --tls-verify=false --creds "admin:$token" "$app:2"
container=$(buildah from --pull=never "$app:1")
buildah config --label made=buildah "$container"
succeeds "buildah runs in it" buildah run --isolation chroot "$container" /bin/busybox touch /made
buildah commit -q "$container" "$app:3" >/dev/null
succeeds "and pushes what it made" buildah push -q --tls-verify=false --creds "admin:$token" "$app:3"
succeeds "as OCI's and as Docker's" buildah push -q --tls-verify=false --format v2s2 --creds "admin:$token" "$app:3" "docker://$app:4"
is "which docker runs" made "$(far run --rm "$app:3" /bin/busybox sh -c '[ -e /made ] && echo made' 2>/dev/null)"

crane auth login "$index" -u admin -p "$token" >/dev/null 2>&1
is "crane tells the digest" "$digest" "$(crane digest "$app:1")"
succeeds "crane copies by mounting" crane copy "$app:3" "$index/default/clients-copy:3"
succeeds "crane makes an index of two" crane index append -m "$app:1" -m "$app:3" -t "$app:5"
is "which docker chooses from" chosen "$(far run --rm "$app:5" /bin/busybox echo chosen 2>/dev/null)"
is "crane lists the tags" "1 2 3 4 5" "$(crane ls "$app" | sort | xargs)"
succeeds "crane lists the repositories" grep -qx default/clients-copy <(crane catalog "$index")
succeeds "crane deletes a tag" crane delete "$app:5"

echo art >"$work/art.txt"
echo signed >"$work/sign.txt"
art=$index/default/clients-art:1
oras login --plain-http -u admin -p "$token" "$index" >/dev/null 2>&1
succeeds "oras pushes what is no image" sh -c "cd '$work' && timeout 60 '$oras' push --plain-http --artifact-type application/vnd.art '$art' art.txt"
succeeds "and attaches to it" sh -c "cd '$work' && timeout 60 '$oras' attach --plain-http --artifact-type application/vnd.sign '$art' sign.txt"
like "what refers to it is found" 'application/vnd.sign' "$(oras discover --plain-http "$art")"
succeeds "oras copies it with that" oras cp --from-plain-http --to-plain-http -r "$art" "$index/default/clients-other:1"
is "and pulls it" art "$(oras pull --plain-http -o "$work/out" "$index/default/clients-other:1" >/dev/null && cat "$work/out/art.txt")"

# The second instance lets anybody read what is public.
open=docker://localhost:$((PORT + 1))/default/open-app:1
token2=$(second rest POST /api/v1/tokens '{"name":"clients-suite"}' | grep -oE 'tlm_[A-Za-z0-9_-]+' | head -n 1)
succeeds "skopeo copies to the other instance" skopeo copy --dest-tls-verify=false --dest-creds "admin:$token2" "dir:$work/dir" "$open"
fails "what is private there is for accounts" 'unauthorized|authentication|denied' skopeo inspect --tls-verify=false --no-creds "$open"
second rest PATCH /api/v1/repositories '{"name":"default/open-app","isPublic":true}' >/dev/null
succeeds "what is public for anybody" skopeo copy --src-tls-verify=false --src-no-creds "$open" "dir:$work/open"
fails "to read, not to write" 'unauthorized|authentication|denied' skopeo copy --dest-tls-verify=false --dest-no-creds "dir:$work/dir" "$open"

# Found, run here, and told of.
like "docker search finds it" 'default/clients-app' "$(docker search --format '{{.Name}}' clients-app 2>&1)"
podman login --tls-verify=false --authfile "$work/podman-auth" -u vera -p "a good long password" "$index" >/dev/null 2>&1
like "podman search, too" '/default/clients-app' "$(podman search --tls-verify=false --authfile "$work/podman-auth" --format '{{.Name}}' "$index/clients-app" 2>&1)"
unlike "but nothing for a stranger" 'default/clients-app' "$(DOCKER_CONFIG=$work/nobody podman search --tls-verify=false --format '{{.Name}}' "$index/clients-app" 2>&1)"
succeeds "it is run here, by digest" docker run -d --name clients-run "$app@$digest" /bin/busybox sleep 60
custody=$(rest GET "/api/v1/repositories/custody?name=default/clients-app&reference=1" | head -n 1)
is "one call tells its way: pushed" admin "$(jq -r '.pushes[0].by' <<<"$custody")"
is "pulled by" "admin vera" "$(jq -r '.pulls[].by' <<<"$custody" | sort -u | xargs)"
is "run as" clients-run "$(jq -r '.runs[].name' <<<"$custody" | xargs)"
docker rm -f clients-run >/dev/null

# A robot: one repository, and no other door.
parcel=$index/default/clients-robot:1
secret=$(rest POST /api/v1/robots '{"name":"courier","days":1,"rights":[{"repository":"default/clients-robot","actions":["pull","push"]}]}' | grep -oE 'tlr_[A-Za-z0-9_-]+')
succeeds "a robot logs in" far login -u default+courier --password-stdin "$index" <<<"$secret"
far image tag "$app:1" "$parcel"
succeeds "docker pushes as it" far push "$parcel"
far image rm "$parcel" >/dev/null
is "and pulls and runs" parcel "$(far run --rm "$parcel" /bin/busybox echo parcel 2>/dev/null)"
like "under its own name in the trail" '"account":"default\+courier".*"way":"index"' "$(row index.push)"
fails "nothing else" 'no right|denied' far pull "$app:2"
like "which is in the trail" '"account":"default\+courier".*default/clients-app.*"outcome":"refused"' "$(row index.pull)"
succeeds "skopeo logs in as it, too" skopeo inspect --tls-verify=false --creds "default+courier:$secret" "docker://$parcel"
is "REST does not know it" 401 "$(curl -s --max-time 20 -o /dev/null -w '%{http_code}' -u "default+courier:$secret" "http://127.0.0.1:$PORT/api/v1/repositories")"
rest PATCH /api/v1/robots/default/courier '{"isDisabled":true}' >/dev/null
fails "disabled it is out at once" 'disabled|unauthorized' far pull "$parcel"

# Deleted and collected while pushes go on.
head -c 3000000 /dev/urandom >"$work/root/bulk"
tar -c -C "$work/root" . | far import - "$index/default/clients-copy:9" >/dev/null
far login -u admin -p "$token" "$index" >/dev/null 2>&1
layer=$STATE/server/blobs
blobs() { find "$layer" -type f | wc -l; }
(while [ -e "$work/root" ]; do rest POST /api/v1/index/collect '{"untagged":true}' >/dev/null; done) &
collector=$!
for name in app art other robot; do
  is "the repository $name goes" 204 "$(rest DELETE "/api/v1/repositories?name=default/clients-$name" | tail -n 1)"
  succeeds "while a push goes on" far push "$index/default/clients-copy:9"
  rest DELETE '/api/v1/repositories/image?name=default/clients-copy&reference=9' >/dev/null
done
succeeds "and once more" far push "$index/default/clients-copy:9"
mv "$work/root" "$work/done"
wait "$collector"
before=$(blobs)
rest DELETE '/api/v1/repositories?name=default/clients-copy' >/dev/null
like "the rest is collected" '"dryRun":false' "$(rest POST /api/v1/index/collect '{"untagged":true,"ageSeconds":0}')"
is "and takes no room" yes "$([ "$(blobs)" -lt "$before" ] && echo yes || echo "$(blobs) of $before")"
fails "nor can it be pulled" 'not found|denied|unknown' far pull "$index/default/clients-copy:9"
finish
