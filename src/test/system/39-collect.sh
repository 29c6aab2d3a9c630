#!/usr/bin/env bash
# Garbage of the Index: what local images share stays, pushes go on, and a server killed on the way leaves a true store.
. "$HERE/lib.sh"
work=$(mktemp -d)
export DOCKER_CONFIG=$work/docker
app=localhost:$PORT/default/collect-app
trap 'docker image rm -f "$app:1" "$app:2" >/dev/null 2>&1; rest DELETE /api/v1/repositories?name=default/collect-app >/dev/null; rm -rf "$work"' EXIT

blobs() { find "$STATE/server/blobs" -type f | wc -l; }
collect() { rest POST /api/v1/index/collect "$1"; }
everything='{"untagged":true,"ageSeconds":0}'
token=$(rest POST /api/v1/tokens '{"name":"collect-suite"}' | grep -oE 'tlm_[A-Za-z0-9_-]+' | head -n 1)
mkdir -p "$work/root/bin" "$DOCKER_CONFIG"
cp "$(type -P busybox)" "$work/root/bin/busybox"
tar -c -C "$work/root" . | docker import - "$app:1" >/dev/null
docker login -u admin -p "$token" "localhost:$PORT" >/dev/null 2>&1
collect "$everything" >/dev/null

succeeds "docker pushes" docker push "$app:1"
docker image rm "$app:1" >/dev/null
# The local layer is the very blob of the repository now.
succeeds "and pulls" docker pull "$app:1"
like "young things stay" '"manifests":0,"blobs":0' "$(collect '{"untagged":true}')"
rest DELETE "/api/v1/repositories/image?name=default/collect-app&reference=1" >/dev/null
like "a dry run tells" '"dryRun":true.*"manifests":1,"blobs":2' "$(collect '{"untagged":true,"ageSeconds":0,"dryRun":true}')"
like "the run does it" '"dryRun":false.*"manifests":1,"blobs":2' "$(collect "$everything")"
like "which is in the trail" '"account":"admin".*"detail":"1 manifests, 2 blobs' "$(rest GET '/api/v1/audit?action=index.collect&limit=1' | head -n 1)"
is "the local image still runs" ran "$(docker run --rm "$app:1" /bin/busybox echo ran)"
succeeds "and has its bytes" sh -c "docker save '$app:1' | tar -t"
succeeds "and can be pushed again" docker push "$app:1"

docker tag "$app:1" "$app:2"
(while [ -e "$work/root" ]; do collect '{"untagged":true}' >/dev/null; done) &
collector=$!
for _ in 1 2 3; do
  rest DELETE "/api/v1/repositories?name=default/collect-app" >/dev/null
  succeeds "a push goes on while garbage is collected" docker push "$app:2"
done
mv "$work/root" "$work/done"
wait "$collector"

before=$(blobs)
garbage() {
  local sum
  for _ in 1 2 3; do
    head -c 100000 /dev/urandom >"$work/blob"
    sum=$(sha256sum "$work/blob" | cut -d' ' -f1)
    curl -sS --max-time 60 --unix-socket "$RUN/docker.sock" -H 'Content-Type: application/octet-stream' --data-binary @"$work/blob" \
      -o /dev/null -w '%{http_code}\n' "http://localhost/v2/default/collect-app/blobs/uploads/?digest=sha256:$sum"
  done
}
for point in NAMES_FORGOTTEN FIRST_FORGOTTEN_DELETED; do
  is "$point: three blobs are pushed" "201 201 201" "$(garbage | xargs)"
  tallyman down >/dev/null
  TALLYMAN_CRASH_AT=$point tallyman up --detach >/dev/null
  is "$point: they lie on the disk" $((before + 3)) "$(blobs)"
  fails "$point: the client is told" '.' collect "$everything"
  eventually 10 sh -c "! kill -0 $(server_pid) 2>/dev/null"
  succeeds "$point: up again" tallyman up --detach
  is "$point: nothing of them is left" "$before" "$(blobs)"
  like "$point: nor in the tables" '"manifests":0,"blobs":0' "$(collect "$everything")"
  docker image rm -f "$app:1" "$app:2" >/dev/null
  succeeds "$point: the image is whole" docker pull "$app:2"
  is "$point: and runs" ran "$(docker run --rm "$app:2" /bin/busybox echo ran)"
done
finish
