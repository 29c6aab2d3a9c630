#!/usr/bin/env bash
# The server dies while an image comes or goes: afterwards it is there as a whole or not at all, and nothing of it lies about.
. "$HERE/lib.sh"
no_containers
work=$(mktemp -d)
mkdir -p "$work/root/bin" && cp /bin/busybox "$work/root/bin/" && head -c 3000000 /dev/urandom >"$work/root/noise"
tar -C "$work/root" -cf "$work/root.tar" .
docker import -c 'CMD ["/bin/busybox","echo","whole"]' "$work/root.tar" crash:1 >/dev/null
docker save crash:1 -o "$work/crash.tar"
docker rmi crash:1 >/dev/null

layers() { find "$STATE/kernel/layers" -mindepth 1 -maxdepth 1 | wc -l; }
blobs() { find "$STATE/server/blobs" -type f | wc -l; }
before="$(layers) layers, $(blobs) blobs"

# dies POINT NEXT COMMAND...  runs the command against a server that dies at the point, then starts one that dies at the next
dies() {
  local point=$1 next=$2
  shift 2
  fails "$point: the client is told" '.' "$@"
  eventually 10 sh -c "! kill -0 $(server_pid) 2>/dev/null"
  export TALLYMAN_CRASH_AT=$next
  succeeds "$point: up again" tallyman up --detach
}
nothing() {
  is "$1: no image" "" "$(docker images -q "$2")"
  is "$1: nothing lies about" "$before" "$(layers) layers, $(blobs) blobs"
}
export TALLYMAN_CRASH_AT=LAYER_TAKEN
tallyman down >/dev/null && tallyman up --detach >/dev/null

dies LAYER_TAKEN BLOBS_PUBLISHED docker load -i "$work/crash.tar"
nothing LAYER_TAKEN crash
dies BLOBS_PUBLISHED IMAGE_COMMITTED docker load -i "$work/crash.tar"
nothing BLOBS_PUBLISHED crash
dies IMAGE_COMMITTED IMAGE_REMOVED docker load -i "$work/crash.tar"
is "IMAGE_COMMITTED: the image is whole" whole "$(docker run --rm crash:1)"
dies IMAGE_REMOVED LAYERS_PUT_AWAY docker rmi crash:1
nothing IMAGE_REMOVED crash
trash() { find "$STATE/kernel/trash" -mindepth 1 -maxdepth 1 | wc -l; }
is_clean() { [ "$(trash) in the trash, $(layers) layers, $(blobs) blobs" = "0 in the trash, $before" ]; }
docker load -i "$work/crash.tar" >/dev/null
dies LAYERS_PUT_AWAY "" docker rmi crash:1
is "LAYERS_PUT_AWAY: no image" "" "$(docker images -q crash)"
eventually 10 is_clean
is "LAYERS_PUT_AWAY: nothing lies about" "0 in the trash, $before" "$(trash) in the trash, $(layers) layers, $(blobs) blobs"
# The helper died, too, before it had deleted anything.
tallyman down >/dev/null
left=$STATE/kernel/trash/$(printf 'left' | sha256sum | cut -d' ' -f1)
mkdir -p "$left/fs/deep" && echo left >"$left/fs/deep/file"
tallyman up --detach >/dev/null
eventually 10 is_clean
is "what a killed helper left is deleted at the next start" "0 in the trash, $before" "$(trash) in the trash, $(layers) layers, $(blobs) blobs"
succeeds "and the image can be loaded again" docker load -i "$work/crash.tar"
is "and runs" whole "$(docker run --rm crash:1)"

# A pull from a registry elsewhere.
away=127.0.0.1:15505
printf 'version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: "%s"}\n' "$work/registry" "$away" >"$work/registry.yml"
docker-registry serve "$work/registry.yml" >/dev/null 2>&1 &
registry=$!
trap 'kill $registry; wait $registry' EXIT
eventually 10 curl -s -o /dev/null "http://$away/v2/"
docker tag crash:1 $away/crash:1 && docker push -q $away/crash:1 >/dev/null
docker rmi crash:1 $away/crash:1 >/dev/null
eventually 10 is_clean
export TALLYMAN_CRASH_AT=LAYER_TAKEN
tallyman down >/dev/null && tallyman up --detach >/dev/null
dies LAYER_TAKEN BLOBS_PUBLISHED docker pull $away/crash:1
nothing "LAYER_TAKEN of a pull" $away/crash
dies BLOBS_PUBLISHED IMAGE_COMMITTED docker pull $away/crash:1
nothing "BLOBS_PUBLISHED of a pull" $away/crash
dies IMAGE_COMMITTED SHARED_PUBLISHED docker pull $away/crash:1
is "IMAGE_COMMITTED of a pull: the image is whole" whole "$(docker run --rm $away/crash:1)"
like "and a repeated pull finds it" 'Image is up to date' "$(docker pull $away/crash:1 2>&1)"

# A push to the Index: its client dies with it.
index=localhost:$PORT app=localhost:$PORT/default/crash-app:1
token=$(rest POST /api/v1/tokens '{"name":"crashes"}' | head -n 1 | jq -r .secret)
docker login -u admin --password-stdin "$index" <<<"$token" >/dev/null 2>&1
docker tag $away/crash:1 "$app"
held=$(blobs)
tags() { rest GET /v2/default/crash-app/tags/list | tail -n 1; }
dies SHARED_PUBLISHED SHARED_NAMED docker push "$app"
is "SHARED_PUBLISHED of a blob: no repository" 404 "$(tags)"
is "SHARED_PUBLISHED of a blob: nothing lies about" "$held" "$(blobs)"
dies SHARED_NAMED "" docker push "$app"
is "SHARED_NAMED of a blob: no manifest" 404 "$(rest GET /v2/default/crash-app/manifests/1 | tail -n 1)"
succeeds "a repeated push repairs it" docker push "$app"
old=$(docker pull "$app" | sed -n 's/^Digest: //p')
curl -s --unix-socket "$RUN/docker.sock" "http://localhost/v2/default/crash-app/manifests/1" | jq -c '.annotations={a:"b"}' >"$work/manifest"
new=sha256:$(sha256sum "$work/manifest" | cut -d' ' -f1)
move() {
  curl -sS --fail-with-body --unix-socket "$RUN/docker.sock" -X PUT -H "Content-Type: $(jq -r .mediaType "$work/manifest")" --data-binary "@$work/manifest" http://localhost/v2/default/crash-app/manifests/1
}
held=$(blobs)
export TALLYMAN_CRASH_AT=SHARED_PUBLISHED
tallyman down >/dev/null && tallyman up --detach >/dev/null
dies SHARED_PUBLISHED "" move
is "SHARED_PUBLISHED of a manifest: the tag is where it was" "$old" "$(docker pull "$app" | sed -n 's/^Digest: //p')"
is "SHARED_PUBLISHED of a manifest: nobody sees it" 404 "$(rest GET "/v2/default/crash-app/manifests/$new" | tail -n 1)"
is "SHARED_PUBLISHED of a manifest: nothing lies about" "$held" "$(blobs)"
succeeds "a repeated push moves the tag" move
is "to the new manifest" "$new" "$(docker pull "$app" | sed -n 's/^Digest: //p')"
is "whose image is whole" whole "$(docker run --rm "$app")"
docker logout "$index" >/dev/null 2>&1
docker rmi "$app" $away/crash:1 >/dev/null
rest DELETE '/api/v1/repositories?name=default/crash-app' >/dev/null
eventually 10 is_clean
is "afterwards nothing is left" "0 in the trash, $before" "$(trash) in the trash, $(layers) layers, $(blobs) blobs"

# In a step of a build: its files are taken, and then its image is committed.
build() { printf 'FROM busybox\nRUN echo made >/made\nRUN cat /made\n' | DOCKER_BUILDKIT=0 docker build -t crash:2 - 2>&1; }
last_build() { rest GET '/api/v1/images/build/records?limit=1' | head -n 1 | jq -r '.[0] | "\(.outcome) \(.stepCount) \(.names[0])"'; }
nameless() { docker images -q --filter dangling=true; }
known=$(nameless)
nothing_runs() { is "$1: nothing of it is left" "no containers, []" "no containers$(docker ps -aq), $(rest GET /api/v1/system/orphans | head -n 1)"; }
export TALLYMAN_CRASH_AT=LAYER_TAKEN
tallyman down >/dev/null && tallyman up --detach >/dev/null
dies LAYER_TAKEN IMAGE_COMMITTED build
is "LAYER_TAKEN of a step: the build is told as cut off" "INTERRUPTED 2 crash:2" "$(last_build)"
nothing "LAYER_TAKEN of a step" crash
nothing_runs "LAYER_TAKEN of a step"
dies IMAGE_COMMITTED "" build
nothing_runs "IMAGE_COMMITTED of a step"
is "the trail has both builds" 2 "$(rest GET '/api/v1/audit?action=image.build&limit=10' | head -n 1 | grep -o 'the server ended while this was built' | wc -l)"
is "the cache has the step, once" "1 made" "$(build | grep -c 'Using cache') $(docker run --rm crash:2 cat /made)"
is "and nothing without a name is left" "$known" "$(nameless)"
docker rmi crash:2 >/dev/null
rm -rf "$work"
finish
