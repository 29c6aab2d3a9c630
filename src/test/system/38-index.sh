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
tar -c -C "$work/root" . | docker import - "$app:1" >/dev/null

fails "a stranger pushes nothing" "unauthorized|denied" docker push "$app:1"
fails "a wrong password is refused" "unauthorized|401" docker login -u admin -p "no such password" "$index"
succeeds "docker logs in with a token" docker login -u admin -p "$token" "$index"
succeeds "docker pushes" docker push "$app:1"
like "the push is in the trail with person and way" '"account":"admin".*"way":"index".*"outcome":"done"' "$(row index.push)"
docker image rm "$app:1" >/dev/null
is "docker pulls and runs it" ran "$(docker run --rm "$app:1" /bin/busybox echo ran 2>/dev/null)"

docker logout "$index" >/dev/null
fails "a stranger pulls nothing" "unauthorized|denied" docker pull "$app:1"
like "which is in the trail" '"account":"anonymous".*"outcome":"refused"' "$(row index.login)"

succeeds "skopeo copies from repository to repository" skopeo copy --src-tls-verify=false --dest-tls-verify=false \
  --src-creds "admin:$token" --dest-creds "admin:$token" "docker://$app:1" "docker://$index/default/index-copy:2"
kill -KILL "$(server_pid)"
eventually 10 sh -c "! kill -0 $(server_pid) 2>/dev/null"
tallyman up --detach >/dev/null
docker image rm -f "$app:1" >/dev/null
succeeds "a viewer copies out of it by password, after the server was killed and the image removed" skopeo copy --src-tls-verify=false \
  --src-creds "ivy:a good long password" "docker://$index/default/index-copy:2" "dir:$work/out"
fails "but not into it" "denied" skopeo copy --dest-tls-verify=false --dest-creds "ivy:a good long password" "dir:$work/out" "docker://$index/default/index-copy:3"
succeeds "skopeo deletes" skopeo delete --tls-verify=false --creds "admin:$token" "docker://$index/default/index-copy:2"
fails "and it is gone" "manifest unknown|MANIFEST_UNKNOWN" skopeo inspect --tls-verify=false --creds "admin:$token" "docker://$index/default/index-copy:2"

rest DELETE /api/v1/accounts/ivy >/dev/null
finish
