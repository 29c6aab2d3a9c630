#!/usr/bin/env bash
# BuildKit's protocol by a client of Docker that speaks it itself: files, credentials and secrets come over its session.
. "$HERE/lib.sh"
# In a subshell, because the parts of setup end the shell when they fail.
client=$(
  set -euo pipefail
  for part in say machine images suites; do
    # shellcheck source=/dev/null
    . "$TOP/setup/$part.sh"
  done
  prepare_kit_client >&2
  printf '%s\n' "$KIT"
) || {
  report "not ok" "the client can be had"
  finish
  exit 1
}
no_containers
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOCKER_CONFIG=$work/config
mkdir -p "$work/c/dir/deep" "$DOCKER_CONFIG"
unique=$$-$RANDOM
value="s3cr3t-$unique"

# kit NAME [OPTIONS]: with the Dockerfile from stdin and the context in $work/c
kit() {
  local name=$1
  shift
  cat >"$work/c/Dockerfile"
  DOCKER_BUILDKIT=1 timeout -s KILL 60 "$client" build --progress plain -t "$name" "$@" "$work/c" 2>&1
}
id() { docker image inspect -f '{{.Id}}' "$1"; }

echo one >"$work/c/one.txt"
echo two >"$work/c/dir/deep/two.txt"
echo no >"$work/c/secret.key"
ln -s one.txt "$work/c/link"
ln -s /etc/passwd "$work/c/out"
printf '*.key\n' >"$work/c/.dockerignore"
head -c 3000000 /dev/urandom >"$work/c/large"
recipe="FROM busybox AS base
ARG WORD=none
COPY . /all
RUN echo $unique \$WORD >/word && md5sum </all/large >/sum
FROM busybox
COPY --from=base /word /sum /
COPY --chmod=750 one.txt link /
LABEL by=kit"
log=$(kit kit1 --build-arg WORD=said <<<"$recipe")
like "a build" 'COPY --chmod=750 one.txt link' "$log"
is "has its arguments, and the bytes of large files" "$unique said $(md5sum <"$work/c/large")" "$(docker run --rm kit1 sh -c 'cat /word /sum' | paste -sd' ')"
is "modes, and what a link leads to" "750 one" "$(docker run --rm kit1 sh -c 'stat -c %a /one.txt; cat /link' | paste -sd' ')"
printf '%s\n' "$recipe" >"$work/c/Dockerfile"
DOCKER_BUILDKIT=0 docker build -q -t classic1 --build-arg WORD=said "$work/c" >/dev/null
is "the classic way makes the same image of it" "$(id kit1)" "$(id classic1)"
like "and steps that were run are cached" 'CACHED' "$(kit kit1 --build-arg WORD=said <<<"$recipe")"
kit kit1 --build-arg BUILDKIT_INLINE_CACHE=1 --build-arg WORD=said <<<"$recipe" >/dev/null
like "which the image carries if it shall" '^([0-9a-f]{64}=[0-9]* ?)+$' "$(docker image inspect -f '{{index .Config.Labels "dev.tallyman.build.cache"}}' kit1)"
is "what is ignored is not sent, links come as such" "deep/two.txt one.txt" "$(kit kit2 --target base <<<"$recipe" >/dev/null
docker run --rm kit2 sh -c 'ls -d /all/secret.key 2>/dev/null; cd /all/dir && echo deep/*; readlink /all/link' | paste -sd' ')"
like "the audit trail knows who" '"account":"admin".*"way":"docker"' "$(rest GET '/api/v1/audit?action=image.build&limit=1' | head -n 1)"

# Secrets.
printf %s "$value" >"$work/value"
like "a secret of the client" "is ${#value} long" "$(kit kit3 --secret "id=token,src=$work/value" <<<"FROM busybox
RUN --mount=type=secret,id=token echo is \$(wc -c </run/secrets/token) long $unique")"
is "is in no layer" 0 "$(docker save kit3 | grep -c "$value")"
is "nor in the history" 0 "$(docker history --no-trunc kit3 | grep -c "$value")"
fails "one that the client has not" 'absent' kit bad <<<"FROM busybox
RUN --mount=type=secret,id=absent,required=true echo $unique"
fails "an agent that the client did not bring" 'requires the SSH agent' kit bad <<<'FROM busybox
RUN --mount=type=ssh,required true'

# Errors.
fails "an unknown instruction is told with its line" 'Dockerfile:2.*unknown instruction: RUNN|line 2.*unknown instruction: RUNN' kit bad <<<'FROM busybox
RUNN true'
fails "a command that fails is told with its code" 'exit code: 7|code: 7' kit bad <<<"FROM busybox
RUN echo last words $unique; exit 7"
fails "a file that is not there" 'not found in build context' kit bad <<<'FROM busybox
COPY nosuch /'
fails "a source that leads out" 'not found|outside' kit bad <<<'FROM busybox
COPY out/passwd /'
mkfifo "$work/c/pipe"
python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$work/c/socket"
kit kit4 >/dev/null <<<'FROM busybox
COPY pipe socket nosuch/../one.txt /
RUN --mount=source=nosuch/../dir/deep,target=/mnt cp /mnt/two.txt /'
is "a pipe is copied, a socket is an empty file" "fifo regular empty file" "$(docker run --rm kit4 stat -c %F /pipe /socket | paste -sd' ')"
is "dots in a path count as they are written" "one two" "$(docker run --rm kit4 cat /one.txt /two.txt | paste -sd' ')"
rm "$work/c/pipe" "$work/c/socket"
ln -s ../one.txt "$work/c/dir/up"
kit kit5 >/dev/null <<<'FROM busybox
COPY d*/up /'
is "links below a pattern lead to their files" one "$(docker run --rm kit5 cat /up)"
rm "$work/c/dir/up"
mknod "$work/c/disk" b 7 7
fails "a device in the context is refused" 'disk.? is a device' kit bad <<<"$recipe"
rm "$work/c/disk"
fails "what is not exported is refused, and the client does not hang" '(--output|outputs) is not supported' kit bad --output "type=local,dest=$work/out" <<<"$recipe"
fails "nothing is left of them" 'No such image' docker image inspect bad

# The client goes away.
printf 'FROM busybox\nRUN echo %s; sleep 3001\n' "$unique" >"$work/c/Dockerfile"
DOCKER_BUILDKIT=1 "$client" build --progress plain "$work/c" >"$work/log" 2>&1 &
pid=$!
eventually 30 grep -q "[0-9] $unique" "$work/log"
is "a build runs" 0 $?
kill -KILL $pid
wait $pid 2>/dev/null
no_sleepers() { [ -z "$(docker ps -aq)" ] && ! pgrep -f '^sleep 3001$' >/dev/null; }
succeeds "and ends with its client" eventually 30 no_sleepers
docker image rm -f kit1 kit2 kit3 kit4 kit5 classic1 >/dev/null
finish
