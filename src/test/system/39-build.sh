#!/usr/bin/env bash
# Images from Dockerfiles by the classic builder, with the real docker client.
. "$HERE/lib.sh"
no_containers
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOCKER_BUILDKIT=0

# build NAME [OPTIONS]: with the Dockerfile from stdin and the context in $work/c
build() {
  local name=$1
  shift
  cat >"$work/c/Dockerfile"
  docker build -t "$name" "$@" "$work/c" 2>&1
}
mkdir -p "$work/c/dir/deep"
echo one >"$work/c/one.txt"
echo two >"$work/c/dir/two.txt"
echo deep >"$work/c/dir/deep/three.txt"
ln -s two.txt "$work/c/dir/link"
ln -s /etc/passwd "$work/c/out"
ln "$work/c/one.txt" "$work/c/hard.txt"
printf '#!/bin/sh\necho script\n' >"$work/c/run.sh"
chmod 0755 "$work/c/run.sh"
tar -C "$work/c/dir" -czf "$work/c/packed.tar.gz" .

all='FROM busybox
ARG WHO=world
ENV GREETING="hello $WHO"
WORKDIR /app/data
COPY one.txt dir/ ./
COPY --chown=7:8 --chmod=0640 one.txt /owned/by/one.txt
ADD packed.tar.gz /unpacked/
RUN echo "$GREETING" >greeting && ln -s greeting alias && mkdir -p /var/empty
RUN ["sh", "-c", "id -u >/who"]
COPY run.sh hard.txt /bin/
LABEL a=b
EXPOSE 80
HEALTHCHECK --interval=5s CMD true
USER 5
ENTRYPOINT ["sh", "-c"]
CMD ["cat greeting"]'
out=$(build built:1 --build-arg WHO=moon --label x=y <<<"$all")
like "a build ends as clients expect" 'Successfully tagged built:1' "$out"
like "its steps are counted" 'Step 8/17 : RUN echo' "$out"
like "and tell their containers" 'Running in [0-9a-f]{12}' "$out"
is "what it was told to run" "hello moon" "$(docker run --rm built:1)"
is "files of directories and links" "deep two.txt two" "$(docker run --rm built:1 'echo $(cat deep/three.txt) $(readlink link) $(cat link)')"
is "owner and mode" "7:8 640" "$(docker run --rm -u 0 built:1 'stat -c "%u:%g %a" /owned/by/one.txt')"
is "owner of the directory above" "7:8" "$(docker run --rm -u 0 built:1 'stat -c %u:%g /owned/by')"
is "an archive is unpacked" "two" "$(docker run --rm built:1 'cat /unpacked/two.txt')"
is "modes of files" "script one" "$(docker run --rm built:1 'echo $(run.sh) $(cat /bin/hard.txt)')"
is "the user of a RUN" 0 "$(docker run --rm built:1 'cat /who')"
is "the configuration" '5 ["sh","-c"] ["cat greeting"] {"80/tcp":{}} {"a":"b","x":"y"} /app/data' \
  "$(docker inspect -f '{{.Config.User}} {{json .Config.Entrypoint}} {{json .Config.Cmd}} {{json .Config.ExposedPorts}} {{json .Config.Labels}} {{.Config.WorkingDir}}' built:1)"
is "no container stays" "" "$(docker ps -aq)"
id=$(docker images -q --no-trunc built:1)
out=$(build built:1 --build-arg WHO=moon --label x=y <<<"$all")
unlike "an unchanged build runs nothing" 'Running in' "$out"
is "and gives the same image" "$id" "$(docker images -q --no-trunc built:1)"
like "another argument runs what uses it" 'Running in' "$(build built:2 --build-arg WHO=sun <<<"$all")"
arg='FROM busybox
ARG A
ARG B
RUN echo a=${A-unset} b=$B >/arg'
said() { # NAME [OPTIONS]
  build "$@" <<<"$arg" >/dev/null && docker run --rm "$1" cat /arg
}
is "an argument that is unset is none that is empty" "a=unset b=3 a= b=3" "$(echo $(said arg:1 --build-arg B=3) $(said arg:2 --build-arg A= --build-arg B=3))"
is "where a value ends is clear" "a=1 b=2 B=3 a=1 B=2 b=3" "$(echo $(said arg:3 --build-arg A=1 --build-arg 'B=2 B=3') $(said arg:4 --build-arg 'A=1 B=2' --build-arg B=3))"
docker rmi arg:1 arg:2 arg:3 arg:4 >/dev/null
like "--no-cache runs all" 'Running in' "$(build built:3 --no-cache --build-arg WHO=moon --label x=y <<<"$all")"
is "images lists no steps" 0 "$(docker images | grep -c '<none>.*<none>' | sed 's/^[01]$/0/')"
build built:2 --build-arg WHO=sun <<<"$all" >/dev/null
is "quiet prints the id only" "$(docker images -q --no-trunc built:2)" "$(docker build -q -t built:2 --build-arg WHO=sun "$work/c" 2>/dev/null)"

# Stages.
stages='FROM busybox AS one
RUN mkdir /out && echo made >/out/file && chown 9:9 /out/file
FROM busybox AS unused
RUN false
FROM scratch AS two
COPY --from=one /out/f* /
COPY --from=0 /out/ /tree/
FROM busybox
COPY --from=two / /all
RUN <<EOF
cat /all/file >/seen
stat -c %u:%g /all/tree/file >>/seen
EOF'
like "stages" 'Successfully tagged staged' "$(build staged <<<"$stages")"
is "files come from stages with their owners" "made 9:9" "$(docker run --rm staged cat /seen | paste -sd' ')"
like "--target" 'Successfully tagged target' "$(build target --target one <<<"$stages")"
like "--target of a failing stage" 'returned a non-zero code: 1' "$(build target --target unused <<<"$stages")"
is "a stage of nothing but files" "file tree " "$(build scratch2 --target two <<<"$stages" >/dev/null; docker create --name scratched scratch2 x >/dev/null; docker export scratched | tar -t | grep -E '^(file|tree/)$' | tr -d / | sort | tr '\n' ' ')"
docker rm scratched >/dev/null

# Stages that do not need each other run side by side: each of these waits for the other, by way of a cache that both have mounted.
meet='RUN --mount=type=cache,target=/m touch /m/ME && i=0 && until [ -e /m/OTHER ]; do [ $((i += 1)) -lt 600 ] || exit 9; sleep 0.1; done && echo ME >/ME'
out=$(build side --no-cache <<<"FROM busybox AS left
$(sed 's/OTHER/b/g; s/ME/a/g' <<<"$meet")
FROM busybox AS right
$(sed 's/OTHER/a/g; s/ME/b/g' <<<"$meet")
FROM busybox
COPY --from=left /a /
COPY --from=right /b /")
like "independent stages run side by side" 'Successfully tagged side' "$out"
is "and tell it one after the other" "1 2 3 4 5 6 7" "$(grep -o '^Step [0-9]*' <<<"$out" | cut -d' ' -f2 | paste -sd' ')"
is "nothing is missing" "a b" "$(docker run --rm side cat /a /b | paste -sd' ')"
out=$(build bad <<<'FROM busybox AS slow
RUN --mount=type=cache,target=/m touch /m/slow; sleep 300
FROM busybox AS fails
RUN --mount=type=cache,target=/m until [ -e /m/slow ]; do sleep 0.1; done; echo last words; exit 7
FROM busybox
COPY --from=slow / /
COPY --from=fails / /')
like "the stage that fails is the error" 'returned a non-zero code: 7' "$out"
like "what it said is not lost" 'last words' "$out"
is "the others end with it" "" "$(docker ps -aq)"

# The same input gives the same image, whenever it is built.
dated() {
  find "$work/c" -exec touch -h -d "$1" {} +
  printf 'FROM busybox\nWORKDIR /new/dir\nCOPY --chown=3:4 dir /d\nADD packed.tar.gz /unpacked/\nRUN echo x >/x && ln /x /y && mkdir -p /new/z && rm /bin/wget\n' |
    build dated --no-cache --build-arg SOURCE_DATE_EPOCH=1600000000 >/dev/null
  docker images -q --no-trunc dated
}
first=$(dated '2026-01-02 03:04')
like "with SOURCE_DATE_EPOCH an image is made" '^sha256:[0-9a-f]{64}$' "$first"
is "and the same one on another day" "$first" "$(dated '2026-02-03 04:05')"
is "its time and those of its steps" "2020-09-13T12:26:40 4" \
  "$(docker inspect -f '{{.Created}}' dated | cut -c1-19) $(docker history --no-trunc --human=false --format '{{.CreatedAt}}' dated | grep -c '^2020-09-13')"
is "no file is younger" "1600000000" "$(docker run --rm dated sh -c 'find /new /d /x /y -exec stat -c %Y {} +' | sort -u)"


# The same build several times at once: nothing of one gets into another.
for i in 1 2 3 4; do
  printf 'FROM busybox AS a\nRUN echo a >/a && head -c 200000 /dev/zero >/z\nFROM busybox\nCOPY --from=a /a /z /\nRUN echo b >/b\n' |
    "$(type -P docker)" build -q --build-arg SOURCE_DATE_EPOCH=1600000000 - >"$work/same.$i" 2>"$work/same.$i.err" &
  clients[i]=$!
done
for i in 1 2 3 4; do wait "${clients[i]}"; done
is "the same build four times at once gives one image" "4 1" "$(cat "$work"/same.[1-4] | wc -l) $(sort -u "$work"/same.[1-4] | wc -l)"

# Capabilities of files go along.
python3 - "$work/capped.tar" <<'EOF'
import io, struct, sys, tarfile
value = struct.pack("<5I", 0x02000001, 0x480, 0, 0, 0)  # setuid and net_bind_service, effective
record = b"SCHILY.xattr.security.capability=" + value + b"\n"
with tarfile.open(sys.argv[1], "w", format=tarfile.USTAR_FORMAT) as tar:
    data = b"%d " % (len(record) + 3) + record
    extension = tarfile.TarInfo("pax")
    extension.type, extension.size = tarfile.XHDTYPE, len(data)
    tar.addfile(extension, io.BytesIO(data))
    program = tarfile.TarInfo("bin/program")
    program.mode, program.size = 0o755, 1
    tar.addfile(program, io.BytesIO(b"x"))
EOF
docker import "$work/capped.tar" capped >/dev/null
build carried <<<'FROM capped AS through
FROM busybox AS middle
COPY --from=capped /bin/program /from-image
COPY --from=through --chown=5 --chmod=0711 /bin /from-stage/
FROM scratch
COPY --from=middle /from-image /from-stage/ /x/' >/dev/null
attributes() {
  docker export "$1" | python3 -c '
import sys, tarfile
for each in tarfile.open(fileobj=sys.stdin.buffer, mode="r|"):
    value = each.pax_headers.get("SCHILY.xattr.security.capability")
    if value:
        print(each.name, value.encode("utf-8", "surrogateescape").hex())' | sort | paste -sd' '
}
docker create --name capped capped x >/dev/null
docker create --name carried carried x >/dev/null
before=$(attributes capped | cut -d' ' -f2)
like "an image has capabilities of files" '^0[01]' "$before"
is "COPY --from keeps them" "x/from-image $before x/program $before" "$(attributes carried)"
docker rm capped carried >/dev/null

# COPY --parents and --exclude, from the context and from a stage.
like "--parents and --exclude" 'Successfully tagged chosen' "$(build chosen <<<'FROM busybox AS tree
RUN mkdir -p /t/a/b/c /t/a/b2/c /t/skip && echo 1 >/t/a/b/c/foo && echo 2 >/t/a/b2/c/bar && echo 3 >/t/skip/x && chown 4:5 /t/a/b /t/a/b/c/foo && chmod 0711 /t/a/b
FROM busybox
COPY --parents dir/deep/*.txt one.txt /ctx/
COPY --exclude=deep --exclude=lin* dir /plain/
COPY --from=tree --parents /t/a/b/./c /pivot/
COPY --from=tree --parents --exclude=**/bar /t/a/*/c /stage/
COPY --from=tree --exclude=skip /t /all/')"
is "files of the context" "deep/three.txt one.txt two.txt" \
  "$(docker run --rm chosen sh -c 'cd /ctx/dir && find deep -type f; cd /ctx && ls one.txt; ls /plain' | paste -sd' ')"
is "files of a stage" "./c ./c/foo ./t ./t/a ./t/a/b ./t/a/b/c ./t/a/b/c/foo ./t/a/b2 ./t/a/b2/c a" \
  "$(docker run --rm chosen sh -c 'cd /pivot && find . -mindepth 1 | sort; cd /stage && find . -mindepth 1 | sort; ls /all' | paste -sd' ')"
is "and their owners and modes" "4:5 711" "$(docker run --rm chosen stat -c '%u:%g %a' /stage/t/a/b)"

# ONBUILD.
build parent <<<'FROM busybox
ONBUILD RUN echo triggered >/trigger' >/dev/null
like "a trigger is told" 'Executing 1 build trigger' "$(build child <<<'FROM parent')"
is "and run" triggered "$(docker run --rm child cat /trigger)"

# Errors.
fails "a failing command" "The command '/bin/sh -c exit 3' returned a non-zero code: 3" build bad <<<'FROM busybox
RUN exit 3'
fails "an unknown instruction" 'unknown instruction: FOO' build bad <<<'FROM busybox
FOO'
fails "an absent base" '127.0.0.1:1' build bad <<<'FROM 127.0.0.1:1/nosuch'
fails "an absent file" 'file not found in build context or excluded by .dockerignore' build bad <<<'FROM busybox
COPY nosuch /'
fails "a link that leads out" 'file not found in build context' build bad <<<'FROM busybox
COPY out /x'
python3 - "$work/c" <<'EOF'
import io, sys, tarfile
hostile = {
    "above": [("../../evil", b"x", "")],
    "through": [("etc", None, "/etc"), ("etc/evil", b"x", "")],
    "hard": [("evil", None, "=../../etc/passwd")],
}
for name, members in hostile.items():
    with tarfile.open(f"{sys.argv[1]}/{name}.tar", "w") as tar:
        for path, data, link in members:
            member = tarfile.TarInfo(path)
            if data is None:
                member.type, member.linkname = (tarfile.LNKTYPE, link[1:]) if link[0] == "=" else (tarfile.SYMTYPE, link)
            else:
                member.size = len(data)
            tar.addfile(member, io.BytesIO(data or b""))
EOF
for each in above:leads through:'no directory' hard:leads; do
  fails "ADD of an archive that leads out (${each%:*})" "${each#*:}" build bad <<<"FROM busybox
ADD ${each%:*}.tar /x/"
done
echo 'dir' >"$work/c/.dockerignore"
fails "what .dockerignore excludes" 'excluded by .dockerignore' build bad <<<'FROM busybox
COPY dir /x'
rm "$work/c/.dockerignore"
fails "the network of the host" 'host_namespaces|network' build bad <<<'FROM busybox
RUN --network=host true'
profile='grep -hE "^(Seccomp|NoNewPrivs|Cap|Uid)" /proc/self/status; tr -s " " </proc/self/uid_map | cut -d" " -f2,4; ls /dev; touch /proc/sys/kernel/hostname'
build profile <<<"FROM busybox
RUN ($profile) >/profile 2>&1 || true" >/dev/null
is "a RUN has the sandbox of any container" "$(docker run --rm busybox sh -c "$profile" 2>&1)" "$(docker run --rm profile cat /profile)"
docker rmi -f profile >/dev/null
like "no network" 'Successfully' "$(build nonet <<<'FROM busybox
RUN --network=none ! ip addr show eth0 2>/dev/null')"
fails "buildx" 'DOCKER_BUILDKIT=0|buildx' env DOCKER_BUILDKIT=1 docker build "$work/c"

# The client goes: the build's container goes.
mkdir "$work/slow"
printf 'FROM busybox\nRUN --mount=target=/files echo began && sleep 300\n' >"$work/slow/Dockerfile"
"$(type -P docker)" build "$work/slow" >"$work/slow.log" 2>&1 &
client=$!
eventually 20 grep -qx began "$work/slow.log"
kill -KILL "$client"
wait "$client" 2>/dev/null
succeeds "a cancelled build leaves no container" eventually 10 sh -c "[ -z \"\$($(type -P docker) ps -aq)\" ]"

# What a RUN may take.
limited='FROM busybox
RUN cd /sys/fs/cgroup; cat memory.max memory/memory.limit_in_bytes 2>/dev/null; cat cpu.max cpu/cpu.cfs_quota_us 2>/dev/null | cut -d" " -f1; set -- $(df -k /dev/shm | tail -n 1); echo $2; ulimit -Sn; ulimit -Hn'
is "limits of a RUN" "67108864 50000 8192 123 456" \
  "$(build limited --no-cache -m 64m --cpu-period 100000 --cpu-quota 50000 --shm-size 8m --ulimit nofile=123:456 <<<"$limited" | grep -oE '^ *[0-9]{3,}' | paste -sd' ' | tr -s ' ')"
fails "but for a control group of one's own" 'cgroup-parent is not supported.*chooses the control group' build limited --cgroup-parent /x <<<"$limited"

# The server dies in a RUN.
folders() { find "$STATE/kernel/volumes" -mindepth 1 -maxdepth 1 2>/dev/null | sort; }
succeeds "nor files that it had mounted" eventually 10 sh -c "[ -z \"\$(find '$STATE/kernel/volumes' -mindepth 1 -maxdepth 1 -newer '$work/slow/Dockerfile')\" ]"
before=$(folders)
rm "$work/slow.log" # it has the word already
"$(type -P docker)" build "$work/slow" >"$work/slow.log" 2>&1 &
client=$!
eventually 20 grep -qsx began "$work/slow.log"
kill -KILL "$(server_pid)"
wait "$client" 2>/dev/null
tallyman up --detach >/dev/null
succeeds "nor does a killed server, once it is back" eventually 20 sh -c "[ -z \"\$($(type -P docker) ps -aq)\" ]"
is "no files that it had mounted" "$before" "$(folders)"
like "what its command wrote is known" '"outcome":"INTERRUPTED".*"text":"began' \
  "$(rest GET "/api/v1/images/build/records/$(rest GET '/api/v1/images/build/records?limit=1' | grep -o '"id":"[0-9a-f]*"' | head -n 1 | cut -d'"' -f4)" | head -n 1)"
is "and no orphans" '[]' "$(rest GET /api/v1/system/orphans | head -n 1)"
like "the cache holds" 'Using cache' "$(build built:1 --build-arg WHO=moon --label x=y <<<"$all")"

# The client puts a Dockerfile from stdin into the context, whose archive then ends with that file's last byte.
mkdir "$work/stdin" && echo one >"$work/stdin/a"
like "a Dockerfile from stdin beside a context" 'Successfully tagged beside' "$(printf 'FROM busybox\nCOPY a /\n' | DOCKER_BUILDKIT=0 docker build -t beside -f - "$work/stdin" 2>&1)"
docker rmi beside >/dev/null

# The cache and its end.
like "system df counts it" 'Build Cache +[1-9]' "$(docker system df)"
docker rmi -f built:1 built:2 built:3 staged side dated capped carried target chosen child parent nonet limited scratch2 >/dev/null 2>&1
like "prune" 'Total' "$(docker builder prune -af 2>&1)"
like "leaves nothing" 'Build Cache +0' "$(docker system df)"
docker image prune -f >/dev/null
record=$(rest GET '/api/v1/images/build/records?limit=1000' | grep -o '"id":"[0-9a-f]*","account":"[^"]*","way":"[^"]*","names":\["side[^]]*' | head -n 1)
like "builds have a record" '"way":"docker","names":\["side' "$record"
like "with its stages and what they need" '"needs":\[0,1\]' "$(rest GET "/api/v1/images/build/records/$(cut -d'"' -f4 <<<"$record")")"
like "the audit trail knows" 'image.build' "$(rest GET '/api/v1/audit?action=image.build&limit=5')"
finish
