#!/usr/bin/env bash
# The disk under the state is full, then its inodes are used up: a clear error, nothing half visible, what runs goes on, reads and deletes work, and
# with room again everything does (T42, I7). An instance of its own on a file system of 256 MB.
[ -n "${FULL_NAMESPACE:-}" ] || FULL_NAMESPACE=yes exec unshare --mount --propagation private bash "$0"
STATE=$STATE-full RUN=$RUN-full PORT=$((PORT + 200))
export DOCKER_HOST=unix://$RUN/docker.sock DOCKER_SECONDS=40
. "$HERE/lib.sh"
work=$(mktemp -d)

empty_disk() {
  tallyman down --all >/dev/null 2>&1
  wipe_instance 2>/dev/null # all but the mount itself
  ! mountpoint -q "$STATE" || eventually 10 umount "$STATE"
  rm -rf "$STATE" 2>/dev/null
}
clean() {
  rm -f "$STATE"/filler*
  empty_disk
  rm -rf "$work"
}
trap clean EXIT

# A file system for the state; no blocks are kept back for root, so that all of us see the same.
disk() {
  empty_disk
  rm -f "$work/disk"
  truncate -s 256M "$work/disk"
  mkfs.ext4 -q -m 0 "$@" "$work/disk"
  mkdir -p "$STATE"
  mount -o loop "$work/disk" "$STATE"
}
fill_blocks() {
  dd if=/dev/zero of="$STATE/filler" bs=1M 2>/dev/null
  dd if=/dev/zero of="$STATE/filler" bs=4k oflag=append conv=notrunc 2>/dev/null
  sync -f "$STATE"
}
fill_inodes() {
  mkdir -p "$STATE/filler.d"
  (cd "$STATE/filler.d" && for i in $(seq 3000); do : >"f$i" || break; done) 2>/dev/null
}
make_room() { rm -rf "$STATE"/filler*; }

full='[Nn]o space|no room|is full|disk|received 507'
images() { docker images --format '{{.Repository}}:{{.Tag}}' | sort | tr '\n' ' '; }
names() { docker ps -a --format '{{.Names}}' | sort | tr '\n' ' '; }
layers() { find "$STATE/kernel/layers" -mindepth 1 -maxdepth 1 | wc -l; }
blobs() { find "$STATE/server" -path '*blobs*' -type f | wc -l; }
is_alive() { kill -0 "$(server_pid)" 2>/dev/null && curl -sf --max-time 10 -o /dev/null --unix-socket "$RUN/docker.sock" http://localhost/_ping; }

mkdir -p "$work/root/bin" "$work/many" && cp /bin/busybox "$work/root/bin/" && ln -s busybox "$work/root/bin/sh"
head -c 30000000 /dev/urandom >"$work/root/noise"
tar -C "$work/root" -cf "$work/big.tar" .
for i in $(seq 600); do : >"$work/many/$i"; done
cp -r "$work/root/bin" "$work/many/"
tar -C "$work/many" -cf "$work/many.tar" .

# what FILL ARCHIVE: the same on a disk without blocks and on one without inodes
on_a_full_disk() {
  local what=$1 fill=$2 archive=$3 before ticks pid
  succeeds "$what: up" tallyman up --detach
  docker run -d --name clock busybox sh -c 'while :; do date +%s; sleep 0.2; done' >/dev/null
  docker run -d --name victim busybox sleep 300 >/dev/null
  docker create --name idle busybox true >/dev/null
  docker tag busybox spare:1
  docker import -c 'CMD ["/bin/sh"]' "$archive" small:1 >/dev/null
  docker save small:1 -o "$work/load.tar"
  docker rmi small:1 >/dev/null
  before="$(images)/$(names)/$(layers)/$(blobs)"
  ticks=$(docker logs clock 2>&1 | wc -l)
  pid=$(docker inspect -f '{{.State.Pid}}' clock)

  $fill
  fails "$what: import says why not" "$full" docker import "$archive" imported:1
  fails "$what: load says why not" "$full" docker load -i "$work/load.tar"
  is "$what: nothing of either is visible or left" "$before" "$(images)/$(names)/$(layers)/$(blobs)"
  # These may still fit somewhere; what they must not do is to claim what is not so.
  for i in 1 2 3; do
    out=$(docker run --name "late$i" busybox sh -c 'head -c 3000000 /dev/zero | tr "\0" x; echo end' 2>"$work/err")
    code=$?
    if [ $code -eq 0 ]; then like "$what: a container that runs gives its output" 'xend$' "$(tail -c 8 <<<"$out")"; else like "$what: run says why not" "$full" "$(cat "$work/err")"; fi
  done
  for i in $(seq 15); do docker exec clock true >"$work/err" 2>&1 || break; done
  [ ! -s "$work/err" ] || like "$what: exec says why not" "$full" "$(cat "$work/err")"
  for i in $(seq 15); do rest POST /api/v1/accounts '{"name":"full'$i'","password":"correct horse battery","role":"VIEWER"}' >"$work/err" 2>&1; grep -qE '^20.$' "$work/err" || break; done
  [ "$i" -eq 15 ] || like "$what: an account says why not" "$full" "$(cat "$work/err")"
  succeeds "$what: the server is alive" is_alive
  is "$what: what ran goes on" "running $pid" "$(docker inspect -f '{{.State.Status}} {{.State.Pid}}' clock 2>&1)"
  like "$what: reads work" 'clock' "$(names)"
  succeeds "$what: logs can be read" docker logs -n 1 clock
  succeeds "$what: stop works" docker stop -t 1 victim
  like "$what: with a true end" '^exited (137|143)$' "$(docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' victim 2>&1)"
  succeeds "$what: rm works" docker rm victim idle
  succeeds "$what: rmi works" docker rmi spare:1
  unlike "$what: and they are gone" 'victim|idle|spare' "$(names)$(images)"

  make_room
  succeeds "$what: with room again, import works" docker import "$archive" imported:1
  succeeds "$what: and load" docker load -i "$work/load.tar"
  is "$what: and run" whole "$(docker run --rm small:1 /bin/sh -c 'echo whole' 2>&1)"
  is "$what: and exec" ok "$(docker exec clock echo ok 2>&1)"
  sleep 1
  like "$what: the log goes on" '^[0-9]{10}$' "$(docker logs -n 1 clock 2>&1)"
  is "$what: and has more lines than before" yes "$([ "$(docker logs clock 2>&1 | wc -l)" -gt "$ticks" ] && echo yes)"
  like "$what: the audit chain holds" '"isIntact":true' "$(rest GET /api/v1/audit/verify | head -n 1)"
  is "$what: the kernel holds nothing unknown" '[]' "$(rest GET /api/v1/system/orphans | head -n 1)"
}

disk
on_a_full_disk "no blocks" fill_blocks "$work/big.tar"
like "the room that was kept had to be given (control)" 'MiB are left for recording changes' "$(grep -m 1 'the disk is full' "$STATE/server.log")"
tallyman down >/dev/null 2>&1
succeeds "a restart works" tallyman up --detach
is "the same containers are there" running "$(docker inspect -f '{{.State.Status}}' clock 2>&1)"
disk -N 2000
on_a_full_disk "no inodes" fill_inodes "$work/many.tar"
finish
