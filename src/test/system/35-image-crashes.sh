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

# dies POINT COMMAND...  runs the command against a server that dies at the point, then starts a sound one
dies() {
  local point=$1
  shift
  tallyman down >/dev/null
  TALLYMAN_CRASH_AT=$point tallyman up --detach >/dev/null
  fails "$point: the client is told" '.' "$@"
  eventually 10 sh -c "! kill -0 $(server_pid) 2>/dev/null"
  succeeds "$point: up again" tallyman up --detach
}

for point in LAYER_TAKEN BLOBS_PUBLISHED; do
  dies $point docker load -i "$work/crash.tar"
  is "$point: no image" "" "$(docker images -q crash)"
  is "$point: nothing lies about" "$before" "$(layers) layers, $(blobs) blobs"
done
dies IMAGE_COMMITTED docker load -i "$work/crash.tar"
is "IMAGE_COMMITTED: the image is whole" whole "$(docker run --rm crash:1)"
dies IMAGE_REMOVED docker rmi crash:1
is "IMAGE_REMOVED: no image" "" "$(docker images -q crash)"
is "IMAGE_REMOVED: nothing lies about" "$before" "$(layers) layers, $(blobs) blobs"
trash() { find "$STATE/kernel/trash" -mindepth 1 -maxdepth 1 | wc -l; }
is_clean() { [ "$(trash) in the trash, $(layers) layers, $(blobs) blobs" = "0 in the trash, $before" ]; }
docker load -i "$work/crash.tar" >/dev/null
dies LAYERS_PUT_AWAY docker rmi crash:1
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
docker rmi crash:1 >/dev/null
rm -rf "$work"
finish
