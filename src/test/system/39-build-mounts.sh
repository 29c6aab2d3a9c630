#!/usr/bin/env bash
# What RUN mounts: caches, memory, files of the context and of stages, secrets; and that nothing of it is in the layer.
. "$HERE/lib.sh"
no_containers
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOCKER_BUILDKIT=0
value="s3cr3t-$RANDOM$RANDOM$RANDOM"
unique=$$-$RANDOM

# build NAME [OPTIONS]: with the Dockerfile from stdin and the context in $work/c
build() {
  local name=$1
  shift
  cat >"$work/c/Dockerfile"
  docker build -t "$name" "$@" "$work/c" 2>&1
}
# The same by REST. rest_build QUERY
rest_build() {
  cat >"$work/c/Dockerfile"
  tar -C "$work/c" -c . | curl -sS --max-time 60 --unix-socket "$RUN/docker.sock" -X POST -H 'Content-Type: application/x-tar' --data-binary @- "http://localhost/api/v1/images/build?$1"
}
mkdir -p "$work/c/dir"
echo one >"$work/c/one.txt"
echo two >"$work/c/dir/two.txt"
ln -s /etc/passwd "$work/c/out"
ln -s dir "$work/c/inner"

# Caches.
like "a cache" 'Successfully tagged m1' "$(build m1 <<<'FROM busybox
RUN --mount=type=cache,target=/caches/in/deep,mode=0750,uid=3,gid=4 stat -c "%u:%g %a" /caches/in/deep >/look && echo kept >/caches/in/deep/file && echo also >/caches/other')"
is "its owner and mode" "3:4 750" "$(docker run --rm m1 cat /look)"
is "is no part of the layer" "other" "$(docker run --rm m1 ls /caches)"
unlike "the history has the command without it, as with Docker" '--mount' "$(docker history --no-trunc m1)"
like "and is there for the next build" 'got: kept' "$(build m2 <<<'FROM busybox
RUN --mount=type=cache,target=/caches/in/deep echo got: $(cat /caches/in/deep/file)')"
is "places for mounts are not left" "" "$(docker run --rm m2 sh -c 'ls -d /caches 2>/dev/null')"
like "another id is another cache" 'got: none' "$(build m2 <<<'FROM busybox
RUN --mount=type=cache,id=other,target=/caches/in/deep echo got: $(cat /caches/in/deep/file || echo none)')"
like "a read-only one" 'Read-only file system' "$(build m2 <<<'FROM busybox
RUN --mount=type=cache,target=/caches/in/deep,ro touch /caches/in/deep/x || true')"
like "one that begins with files of a stage" 'got: seed' "$(build m2 <<<'FROM busybox AS seed
RUN mkdir /s && echo seed >/s/file
FROM busybox
RUN --mount=type=cache,target=/c,from=seed,source=/s echo got: $(cat /c/file)')"
like "df lists caches" 'exec.cachemount' "$(docker system df -v)"

# Two builds at one cache.
mkdir "$work/a" "$work/b"
for sharing in locked private; do
  for each in a b; do
    printf 'FROM busybox\nARG N\nRUN --mount=type=cache,id=%s,target=/c,sharing=%s (set -C; echo >/c/busy) 2>/dev/null || exit 1; sleep 1; echo x >>/c/count; rm /c/busy; wc -l </c/count >/n\n' \
      "$sharing$unique" "$sharing" >"$work/$each/Dockerfile"
    "$(type -P docker)" build --no-cache -t "$sharing-$each" "$work/$each" >"$work/$sharing-$each.log" 2>&1 &
  done
  wait
  unlike "two builds never have a $sharing cache at once" "non-zero code" "$(cat "$work/$sharing"-?.log)"
  counts=$(for each in a b; do docker run --rm "$sharing-$each" cat /n; done | sort | paste -sd' ')
  case $sharing in
    locked) is "they have it one after the other" "1 2" "$counts" ;;
    private) is "each has one of its own" "1 1" "$counts" ;;
  esac
done

# Memory, context, stages.
like "memory" 'size 4.0M' "$(build m3 <<<'FROM busybox
RUN --mount=type=tmpfs,target=/t,size=4m echo size $(df -h /t | tail -n 1 | tr -s " " | cut -d" " -f2) && echo x >/t/x')"
is "is no part of the layer either" "" "$(docker run --rm m3 sh -c 'ls -d /t 2>/dev/null')"
like "files of the context" 'got: one two two' "$(build m4 <<<'FROM busybox
WORKDIR /w
RUN --mount=target=/ctx --mount=source=one.txt,target=one.txt --mount=source=inner,target=/inner echo got: $(cat one.txt /inner/two.txt /ctx/dir/two.txt)')"
is "are not left" "" "$(docker run --rm m4 ls /w)"
like "cannot be written" 'Read-only file system' "$(build m5 <<<'FROM busybox
RUN --mount=target=/ctx touch /ctx/x || true')"
like "with rw they can, for this command" 'got: no' "$(build m5 <<<'FROM busybox
RUN --mount=target=/ctx,rw echo changed >/ctx/one.txt && rm -r /ctx/dir
RUN --mount=target=/ctx,rw grep changed /ctx/one.txt || echo got: no')"
like "files of a stage" 'got: made 9' "$(build m6 <<<'FROM busybox AS one
RUN mkdir /out && echo made >/out/file && chown 9 /out/file
FROM busybox
RUN --mount=from=one,source=/out,target=/in --mount=from=one,source=/out/file,target=/f echo got: $(cat /in/file) $(stat -c %u /f)')"
unlike "an unchanged mount is found in the cache" 'Running in' "$(docker build -t m4 "$work/c" 2>&1)"
sed -i 's/one/uno/' "$work/c/one.txt"
like "a changed one is not" 'got: uno' "$(build m7 <<<'FROM busybox
RUN --mount=source=one.txt,target=/one.txt echo got: $(cat /one.txt)')"

# A here-document with an interpreter of its own; modes in letters.
like "a here-document is a program" 'got: all of it' "$(build m7 <<'D'
FROM busybox
COPY --chmod=u=rw,go=r,a+X,u-x one.txt dir /modes/
RUN <<EOF
#!/bin/cat
got: all of it
EOF
D
)"
is "modes in letters" "644 644" "$(docker run --rm m7 stat -c %a /modes/one.txt /modes/two.txt | paste -sd' ')"
is "its place is not left" "" "$(docker run --rm m7 sh -c 'ls -d /run/heredoc 2>/dev/null')"

# Sources outside.
fails "a source that leads out" 'Dockerfile:2.*|not in the build context' build bad <<<'FROM busybox
RUN --mount=source=out,target=/x cat /x'
fails "a source above" 'not in the build context' build bad <<<'FROM busybox
RUN --mount=source=../../etc/passwd,target=/x cat /x'
fails "an absent source in a stage" 'does not exist' build bad <<<'FROM busybox AS one
FROM busybox
RUN --mount=from=one,source=/nosuch,target=/x true'
echo host >"$work/host"
fails "a link of a stage leads to no file of the host" 'does not exist' build bad <<<"FROM busybox AS one
RUN ln -s ../../../..$work/host /out
FROM busybox
RUN --mount=from=one,source=/out,target=/x cat /x"
fails "nor is it copied" 'does not exist' build bad <<<"FROM busybox AS one
RUN ln -s ../../../..$work/host /out
FROM busybox
COPY --from=one /out /x"
like "but to files of the stage" 'got: own' "$(build m7 <<<'FROM busybox AS one
RUN echo own >/own && ln -s ../../../../own /out
FROM busybox
RUN --mount=from=one,source=/out,target=/x echo got: $(cat /x)')"
fails "the root as a target" 'root of the container' build bad <<<'FROM busybox
RUN --mount=type=cache,target=/ true'
fails "a socket of the client" 'requires the SSH agent' build bad <<<'FROM busybox
RUN --mount=type=ssh,required true'

# Secrets.
rest POST /api/v1/secrets "{\"name\":\"mounted\",\"value\":\"$value\"}" >/dev/null
secret='FROM busybox
RUN mkdir /keep && echo old >/keep/npmrc
RUN --mount=type=secret,id=key --mount=type=secret,id=key,target=/root/.npmrc,mode=0440,gid=5 --mount=type=secret,id=key,target=/keep/npmrc --mount=type=secret,id=key,env=KEY \
  [ "$(cat /run/secrets/key)" = "$KEY" ] && [ "$(cat /root/.npmrc /keep/npmrc)" = "$KEY$KEY" ] && echo "looks: $(stat -L -c "%a %g" /root/.npmrc /run/secrets/key | paste -sd" ")" && echo ${#KEY} >/length
RUN --mount=type=secret,id=absent ls /run/secrets/absent 2>/dev/null || echo optional'
out=$(rest_build 'reference=m8&secret=key=mounted' <<<"$secret")
like "secrets are files and variables" 'looks: 440 5 400 0' "$out"
like "one that is absent is not there" 'optional' "$out"
is "what it hid is there again" "old ${#value}" "$(docker run --rm m8 sh -c 'echo $(cat /keep/npmrc /length)')"
is "no place of it is left" "" "$(docker run --rm m8 sh -c 'ls -d /root/.npmrc /run/secrets 2>/dev/null')"
docker save m8 | tar -xO 2>/dev/null | (grep -a -c -e "$value" || true) >"$work/found"
is "it is in no layer, configuration or history" 0 "$(cat "$work/found")"
is "nor in the answer" 0 "$(grep -c -e "$value" <<<"$out")"
is "nor anywhere on disk" "" "$(grep -rla -e "$value" "$STATE" 2>/dev/null)"
unlike "it is in no key of the cache" 'Running in' "$(rest_build 'reference=m8' <<<"$secret")"
like "a required one" 'Dockerfile:2.*secret nosuch: not found' "$(rest_build 'reference=bad' <<<'FROM busybox
RUN --mount=type=secret,id=nosuch,required true' | tr '\n' ' ')"
rest DELETE /api/v1/secrets/mounted >/dev/null

# The end.
docker rmi -f m1 m2 m3 m4 m5 m6 m7 m8 locked-a locked-b private-a private-b >/dev/null 2>&1
like "prune by type" 'Total' "$(docker builder prune -f --filter type=exec.cachemount 2>&1)"
unlike "takes the caches away" 'exec.cachemount' "$(docker system df -v)"
is "and their files" "" "$(find "$STATE/kernel/volumes" -mindepth 1 -maxdepth 1)"
docker builder prune -af >/dev/null 2>&1
docker image prune -f >/dev/null
finish
