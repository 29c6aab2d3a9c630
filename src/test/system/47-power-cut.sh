#!/usr/bin/env bash
# The power goes right after an answer: what was acknowledged is there at the next start, whole and true, and nothing is said that is not (I1,
# I2, I5, I9, I10). An instance of its own, on an ext4 file system that can be told to stop as if the power had gone: `lost` drops
# everything that is not on the disk, `torn` keeps the journal, which leaves files without content where nobody waited for the disk.
[ -n "${POWER_NAMESPACE:-}" ] || POWER_NAMESPACE=yes exec unshare --mount --propagation private bash "$0"
STATE=$STATE-power RUN=$RUN-power PORT=$((PORT + 100))
export DOCKER_HOST=unix://$RUN/docker.sock
. "$HERE/lib.sh"
NAME=$(printf '%s' "$STATE" | sha256sum | cut -c1-8)
LIB=/usr/lib/tallyman-$NAME
work=$(mktemp -d)

plug_in() {
  mount -o loop,commit=60 "$work/disk" "$work/mounted" && mount --bind "$work/mounted/state" "$STATE" && mount --bind "$work/mounted/lib" "$LIB"
}

# All processes of this instance and what a machine forgets without power.
forget() {
  local process
  for process in /proc/[0-9]*; do
    case $(readlink "$process/exe") in "$LIB"/*) kill -KILL "${process#/proc/}" 2>/dev/null ;; esac
  done
  # Its number may belong to somebody else by now.
  process=$(cat "$work/pid" 2>/dev/null)
  if [ -n "$process" ] && tr '\0' ' ' <"/proc/$process/cmdline" 2>/dev/null | grep -qF -- "-Dtallyman.state=$STATE "; then kill -KILL "$process"; fi
  rm -f "$work/pid"
  remove_kernel_objects "$NAME"
  rm -rf "$RUN" "$RUN-monitor"
}

unplug() {
  local each
  for each in "$LIB" "$STATE" "$work/mounted"; do
    ! mountpoint -q "$each" || eventually 10 umount "$each" || return 1
  done
}

clean() {
  forget
  unplug
  wipe_instance
  rm -rf "$work"
}
trap clean EXIT
wipe_instance
mkdir -p "$work/mounted" "$STATE" "$LIB"
truncate -s 400M "$work/disk"
mkfs.ext4 -q "$work/disk"
mount -o loop "$work/disk" "$work/mounted" && mkdir "$work/mounted/state" "$work/mounted/lib" && umount "$work/mounted"

# Waits for its order, so that the cut comes within a millisecond of the answer.
CUTTER='import fcntl, os, struct, sys
flag = struct.pack("I", {"torn": 1, "lost": 2}[sys.argv[2]])
sys.stdin.readline()
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587D, flag)
print("cut", flush=True)'

# power_cut torn|lost DESCRIPTION COMMAND...  the command must succeed; then the power goes, and comes again
power_cut() {
  local how=$1 what="$2 ($1)" status answer
  shift 2
  coproc CUT { exec python3 -c "$CUTTER" "$work/mounted" "$how"; }
  "$@" >"$work/out" 2>&1
  status=$?
  echo >&"${CUT[1]}"
  read -r answer <&"${CUT[0]}"
  wait "$CUT_PID" 2>/dev/null
  is "$what: acknowledged, and cut" "0 cut" "$status $answer"
  forget
  succeeds "$what: all let go of the disk" unplug
  succeeds "$what: the disk mounts" plug_in
  succeeds "$what: up again" power_on
  is "$what: the starter image runs" whole "$(docker run --rm busybox echo whole 2>&1)"
  like "$what: the audit chain holds" '"isIntact":true' "$(rest GET /api/v1/audit/verify | head -n 1)"
  is "$what: the kernel holds nothing unknown" '[]' "$(rest GET /api/v1/system/orphans | head -n 1)"
}

power_on() {
  tallyman up --detach || return 1
  cp "$STATE/server.pid" "$work/pid"
}

state_of() { docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' "$1" 2>&1; }

json() { curl -fsS --max-time 20 -H 'Content-Type: application/json' "$@"; }
# An account, a session of it (kept in a jar) and its token.
make_access() { # NAME
  local who='{"name":"'$1'","password":"correct horse battery"'
  json --unix-socket "$RUN/docker.sock" -d "$who,\"role\":\"VIEWER\"}" -o /dev/null http://localhost/api/v1/accounts &&
    json -c "$work/jar" -d "$who}" -o /dev/null "http://localhost:$PORT/api/v1/session" &&
    json -b "$work/jar" -d '{"name":"laptop"}' -o "$work/token" "http://localhost:$PORT/api/v1/tokens"
}
status_of() { curl -sS --max-time 20 -o /dev/null -w '%{http_code}' "$@" "http://localhost:$PORT/api/v1/containers"; }

# Without the starter image, whose import would wait for the whole disk.
first_start() {
  touch "$STATE/seeded"
  power_on || return 1
  rm "$STATE/seeded"
}

plug_in
power_cut torn "first start" first_start
is "the first password is kept" "$(sed -n 's/.*password \([^ ]*\) .*/\1/p' "$work/out" | head -n 1)" "$(cat "$STATE/first-password")"

mkdir -p "$work/root/bin" && cp /bin/busybox "$work/root/bin/" && head -c 3000000 /dev/urandom >"$work/root/noise"
tar -C "$work/root" -cf "$work/root.tar" .
sum=$(sha256sum <"$work/root/noise")
image_sum() { docker run --rm "$1" /bin/busybox sha256sum /noise 2>&1 | sed 's/ .*//'; }

# Each verb by one kind of cut, because a start takes some seconds; POWER_CUTS="torn lost" tries each by both.
for how in ${POWER_CUTS:-torn}; do
  power_cut "$how" "import" docker import "$work/root.tar" "power:$how"
  is "import ($how): the image is whole" "${sum%% *}" "$(image_sum "power:$how")"
  power_cut "$how" "start" docker run -d --name "ran-$how" busybox sleep 300
  like "start ($how): it ended, not with success" '^exited ([1-9]|-)' "$(state_of "ran-$how")"
  succeeds "start ($how): and starts again" docker start "ran-$how"
  is "start ($how): and works" works "$(docker exec "ran-$how" echo works 2>&1)"
  power_cut "$how" "login" make_access "vera-$how"
  is "login ($how): the session holds" 200 "$(status_of -b "$work/jar")"
  is "login ($how): the token too" 200 "$(status_of -H "X-Tallyman-Token: $(jq -r .secret "$work/token")")"
done
docker save "power:$how" -o "$work/power.tar"
docker rmi "power:$how" >/dev/null
for how in ${POWER_CUTS:-lost}; do
  power_cut "$how" "load" docker load -i "$work/power.tar"
  is "load ($how): the image is whole" "${sum%% *}" "$(image_sum "$(tar -xOf "$work/power.tar" manifest.json | jq -r '.[0].RepoTags[0]')")"
  power_cut "$how" "create" docker create --name "made-$how" busybox sleep 300
  is "create ($how): it is there" "created 0" "$(state_of "made-$how")"
  succeeds "create ($how): and starts" docker start "made-$how"
  power_cut "$how" "stop" docker stop -t 0 "made-$how"
  is "stop ($how): the exit code is kept" "exited 137" "$(state_of "made-$how")"
  power_cut "$how" "remove" docker rm "made-$how"
  like "remove ($how): it is gone" 'No such' "$(state_of "made-$how")"
  docker rmi "$(tar -xOf "$work/power.tar" manifest.json | jq -r '.[0].RepoTags[0]')" >/dev/null
done
finish
