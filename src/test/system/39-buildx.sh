#!/usr/bin/env bash
# docker build with buildx, which speaks BuildKit's own API.
. "$HERE/lib.sh"
# In a subshell, because the parts of setup end the shell when they fail.
programs=$(
  set -euo pipefail
  for part in say machine images suites; do
    # shellcheck source=/dev/null
    . "$TOP/setup/$part.sh"
  done
  prepare_buildx_client >&2
  printf '%s %s\n' "$BUILDX_CLIENT" "$BUILDX"
) || {
  report "not ok" "the client can be had"
  finish
  exit 1
}
client=${programs% *}
no_containers
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOCKER_CONFIG=$work/config
mkdir -p "$work/c/dir" "$DOCKER_CONFIG/cli-plugins"
ln -s "${programs#* }" "$DOCKER_CONFIG/cli-plugins/docker-buildx"
unset DOCKER_BUILDKIT BUILDX_BUILDER
unique=$$-$RANDOM
value="s3cr3t-$unique"

buildx() { timeout --foreground -s KILL 60 "$client" "$@" 2>&1; }
# build [OPTIONS]: with the Dockerfile from stdin and the context in $work/c
build() {
  cat >"$work/c/Dockerfile"
  buildx build --progress=plain "$@" "$work/c"
}
id() { docker image inspect -f '{{.Id}}' "$1"; }

echo one >"$work/c/one.txt"
echo two >"$work/c/dir/two.txt"
echo no >"$work/c/secret.key"
printf '*.key\n' >"$work/c/.dockerignore"
head -c 3000000 /dev/urandom >"$work/c/large"

like "buildx finds its builder" 'default.*running.*linux/' "$(buildx buildx ls)"
recipe="FROM busybox AS base
ARG WORD=none
COPY . /all
RUN echo $unique \$WORD | tee /word && md5sum </all/large >/sum
FROM busybox
COPY --from=base /word /sum /
CMD echo hi"
log=$(build -t bx1 -t bx1:other --build-arg WORD=said --label by=buildx --iidfile "$work/iid" --metadata-file "$work/meta" <<<"$recipe")
like "a step is told with its output" "#[0-9]+ [0-9.]+ $unique said" "$log"
like "and so is what becomes of the image" 'naming to docker.io/library/bx1:other done' "$log"
like "a build check is a warning" 'JSONArgsRecommended: .*\(line 7\)' "$log"
is "the image has arguments, files and label" "$unique said $(md5sum <"$work/c/large") buildx" \
  "$(docker run --rm bx1 cat /word /sum | paste -sd' ') $(docker image inspect -f '{{.Config.Labels.by}}' bx1:other)"
is "its id is in the file" "$(id bx1)" "$(cat "$work/iid")"
is "and in the metadata, with its names" "$(id bx1) docker.io/library/bx1:latest,docker.io/library/bx1:other" \
  "$(jq -r '.["containerimage.digest"] + " " + .["image.name"]' "$work/meta")"
DOCKER_BUILDKIT=0 docker build -q -t classic2 --label by=buildx --build-arg WORD=said "$work/c" >/dev/null 2>&1
is "the classic way makes the same image of it" "$(id bx1)" "$(id classic2)"
like "steps that were run are cached" 'CACHED' "$(build --build-arg WORD=said <<<"$recipe")"
unlike "but not without the cache" 'CACHED' "$(build --no-cache --target base <<<"$recipe")"
like "a Dockerfile of another name, and its target" "COPY . /all" "$(cp "$work/c/Dockerfile" "$work/other" && buildx build --progress=plain -f "$work/other" --target base "$work/c")"
is "a Dockerfile from stdin alone" "$(id busybox)" "$(printf 'FROM busybox\n' | buildx build -q -)"
like "the audit trail knows who" '"account":"admin".*"way":"docker"' "$(rest GET '/api/v1/audit?action=image.build&limit=1' | head -n 1)"
like "the cache is listed" "tee /word" "$(buildx buildx du --verbose)"
like "and what nobody needs of it goes" 'Total:' "$(buildx buildx prune -f)"

# Secrets.
printf %s "$value" >"$work/value"
like "a secret of the client" "is ${#value} long" "$(build -t bx2 --secret "id=token,src=$work/value" <<<"FROM busybox
RUN --mount=type=secret,id=token echo is \$(wc -c </run/secrets/token) long $unique; cat /run/secrets/token")"
is "is in no layer" 0 "$(docker save bx2 | grep -c "$value")"
log=$(buildx buildx history logs)
like "the history has no output of such a command" 'with secrets writes is not kept' "$log"
is "nor the secret" 0 "$(grep -c "$value" <<<"$log")"

# Stages side by side are told as they run, not as they are written.
log=$(build --metadata-file "$work/meta" <<<"FROM busybox AS slow
RUN sleep 0.7; echo slow $unique
FROM busybox AS quick
RUN echo quick $unique
FROM busybox
COPY --from=slow /bin/true /a
COPY --from=quick /bin/true /b")
is "the quick stage is heard first" "quick slow" "$(grep -E "^#[0-9]+ [0-9.]+ (quick|slow) $unique" <<<"$log" | cut -d' ' -f3 | paste -sd' ')"
like "its steps have numbers of their own" '\[quick 2/2\] RUN echo quick' "$log"
ref=$(jq -r '.["buildx.build.ref"] | sub(".*/"; "")' "$work/meta")
like "the history has it" "$ref .* Completed" "$(buildx buildx history ls)"
like "with its steps" 'Build Steps:.*7/7' "$(buildx buildx history inspect "$ref")"
like "and what was written" "quick $unique" "$(buildx buildx history logs "$ref")"
succeeds "it can be exported" buildx buildx history export -o "$work/bundle" "$ref"
like "without what was written" "$ref" "$(tar xOf "$work/bundle" --wildcards 'blobs/sha256/*' | tr -d '\0')"
succeeds "it can be forgotten" buildx buildx history rm "$ref"
fails "and is" 'no record found' buildx buildx history inspect "$ref"

# What a RUN may take.
is "its shared memory and open files are limited" "8192 123 456" "$(build --no-cache --shm-size 8m --ulimit nofile=123:456 <<<'FROM busybox
RUN set -- $(df -k /dev/shm | tail -n 1) && echo limits $2 $(ulimit -Sn) $(ulimit -Hn)' | grep -oE '[0-9] limits .*' | cut -d' ' -f3- | head -n 1)"

# What is wanted of a build but an image.
recipe3="FROM scratch
COPY dir /dir
COPY one.txt /"
build --output "type=local,dest=$work/out" <<<"$recipe3" >/dev/null
is "a folder of the result" "dir/two.txt one.txt one two" "$(cd "$work/out" && find . -type f | sed 's|^./||' | sort | paste -sd' ') $(cat "$work/out/one.txt" "$work/out/dir/two.txt" | paste -sd' ')"
build --output "type=tar,dest=$work/out.tar" --target base <<<"$recipe" >/dev/null
is "an archive of it" "$unique none" "$(tar xOf "$work/out.tar" ./word word 2>/dev/null)"
log=$(build --check <<<"$recipe")
is "the build checks alone fail" 1 $?
like "and tell what they found" '7 \| >>> CMD echo hi' "$log"
like "or nothing" 'no warnings found' "$(build --check <<<"FROM busybox")"
is "a context from stdin" one "$(printf 'FROM busybox\nCOPY one.txt /\n' >"$work/c/Dockerfile" && tar c -C "$work/c" . | buildx build -q -t bx5 - >/dev/null
docker run --rm bx5 cat /one.txt)"

# What the client has not changed it need not send again.
recipe2="FROM busybox
COPY one.txt large /"
build <<<"$recipe2" >/dev/null
echo three >"$work/c/one.txt"
log=$(build -t bx9 <<<"$recipe2")
like "of a context that was sent before" 'transferring context [0-9.]+k?B' "$log"
unlike "unchanged files are not sent" 'transferring context [0-9.]+MB' "$log"
is "and are what they were, beside the changed one" "three $(md5sum <"$work/c/large")" "$(docker run --rm bx9 sh -c 'cat one.txt; md5sum </large' | paste -sd' ')"
like "they are listed" 'source\.local' "$(buildx buildx du --verbose)"
buildx buildx prune -af --filter type=source.local >/dev/null
like "and sent again when they were pruned" 'transferring context [0-9.]+MB' "$(build <<<"$recipe2")"

# Of a context the client is asked for what the steps name, with what links lead to.
ln -sf dir/two.txt "$work/c/link.txt"
log=$(build -t bx9 <<<"FROM busybox
COPY link.txt on*.txt /")
like "only what steps name is sent" 'transferring context [0-9]+B' "$log"
is "and what a link among it leads to" "two three" "$(docker run --rm bx9 cat /link.txt /one.txt | paste -sd' ')"
rm "$work/c/link.txt"
unlike "nothing, if they name nothing" 'load build context' "$(build <<<"FROM busybox
RUN true")"
like "what is not there is told" 'file not found in build context' "$(build <<<"FROM busybox
COPY nosuch /")"

# Several builds at once; two of them share a folder, which comes over a session of its own then.
cat >"$work/c/docker-bake.json" <<<'{"group": {"default": {"targets": ["one", "two", "three"]}}, "target": {
  "one": {"tags": ["bx3"], "args": {"WORD": "one"}, "target": "base"}, "two": {"tags": ["bx4"], "args": {"WORD": "two"}, "target": "base"},
  "three": {"tags": ["bx6"], "context": "dir", "dockerfile-inline": "FROM busybox\nCOPY two.txt /word"}}}'
printf '%s\n' "$recipe" >"$work/c/Dockerfile"
succeeds "bake" eval '(cd "$work/c" && buildx buildx bake --progress=plain)'
is "makes all its targets" "$unique one,$unique two,two" "$(docker run --rm bx3 cat /word),$(docker run --rm bx4 cat /word),$(docker run --rm bx6 cat /word)"

# Contexts beside the first, of which one stands for a stage.
mkdir -p "$work/beside/sub"
printf 'other %s' "$unique" >"$work/beside/o.txt"
touch "$work/beside/sub/x.key"
echo '*/*.key' >"$work/beside/.dockerignore"
recipe4="FROM scratch AS src
COPY nosuch /
FROM base
COPY --from=src / /src
RUN --mount=from=src,target=/m cmp /m/o.txt /src/o.txt && find /src | sort >/found"
succeeds "a folder for a stage and another image for a base" build -t bx7 --build-context "src=$work/beside" --build-context base=docker-image://busybox <<<"$recipe4"
is "give their files, but for what is ignored" "/src /src/.dockerignore /src/o.txt /src/sub" "$(docker run --rm bx7 cat /found | paste -sd' ')"
like "and are cached" '/found.*CACHED' "$(build --build-context "src=$work/beside" --build-context base=docker-image://busybox <<<"$recipe4" | paste -sd' ')"
recipe5="FROM busybox AS one
RUN true one $unique
FROM one AS two
RUN true two $unique"
build <<<"$recipe5" >/dev/null
is "but for the stages that are to be made anew" 1 "$(build --no-cache-filter two <<<"$recipe5" | grep -c CACHED)"
cat >"$work/c/docker-bake.json" <<<'{"target": {"default": {"contexts": {"parent": "target:base"}, "tags": ["bx8"], "dockerfile-inline": "FROM parent\nRUN cp /word /copy"},
  "base": {"args": {"WORD": "four"}, "target": "base"}}}'
printf '%s\n' "$recipe" >"$work/c/Dockerfile"
succeeds "a target that stands on another" eval '(cd "$work/c" && buildx buildx bake --progress=plain)'
is "has what that has" "$unique four" "$(docker run --rm bx8 cat /copy)"

# Caches that machines give each other; this one forgets its own.
token=$(rest POST /api/v1/tokens '{"name":"buildx-suite"}' | grep -oE 'tlm_[A-Za-z0-9_-]+' | head -n 1)
succeeds "the client logs in" docker login -u admin -p "$token" "localhost:$PORT"
app=localhost:$PORT/default/bx9
recipe6="FROM busybox AS tools
RUN cat /proc/sys/kernel/random/uuid >/tool
FROM busybox
RUN --mount=from=tools,target=/m cat /m/tool /proc/sys/kernel/random/uuid >/said
RUN true $unique"
forget() { docker image rm -f bx9 "$app:1"; docker image prune -f && buildx buildx prune -af; } >/dev/null 2>&1
build -t bx9 --cache-to "type=registry,ref=$app:cache,mode=max" --cache-to type=inline <<<"$recipe6" >/dev/null
said=$(docker run --rm bx9 cat /said)
docker tag bx9 "$app:1" && docker push -q "$app:1" >/dev/null
forget
is "a cache of a registry has the steps of all stages" 3 "$(build -t bx9 --cache-from "type=registry,ref=$app:cache" <<<"$recipe6" | grep -c CACHED)"
is "with their files" "$said" "$(docker run --rm bx9 cat /said)"
is "which are found again" 3 "$(build --cache-from "$app:cache" <<<"$recipe6" | grep -c CACHED)"
is "but not by a build that does not name it" 0 "$(build <<<"$recipe6" | grep -c CACHED)"
forget
build -t bx9 --cache-from "$app:1" <<<"$recipe6" >/dev/null
is "the image itself carries its own" "$(tail -n 1 <<<"$said")" "$(docker run --rm bx9 tail -n 1 /said)"
like "a cache that is not there is told and no reason to fail" 'cannot import the build cache .*:none' "$(build --no-cache-filter two --cache-from "$app:none" <<<"$recipe6$unique")"
is "no name was given to anything here" "" "$(docker image ls -q "$app")"
build -t bx9 --cache-to "type=local,dest=$work/cache,mode=max" <<<"$recipe6" >/dev/null
said=$(docker run --rm bx9 cat /said)
forget
is "a folder of the client has them, too" "3 $said" "$(build -t bx9 --cache-from "type=local,src=$work/cache" <<<"$recipe6" | grep -c CACHED) $(docker run --rm bx9 cat /said)"
forget
truncate -s -1 "$work"/cache/blobs/sha256/*
like "but for one that is damaged" 'cannot import the build cache .*verification failed' "$(build --cache-from "type=local,src=$work/cache" <<<"$recipe6")"

# An image in a folder of the client's.
mkdir "$work/layout"
docker save bx5 | tar x -C "$work/layout"
recipe8="FROM base
COPY --from=base /one.txt /two.txt"
layout() { build -t bx11 --build-context "base=oci-layout://$work/layout" <<<"$recipe8"; }
succeeds "an image of an OCI layout" layout
is "is a base and has files" "one one" "$(docker run --rm bx11 cat one.txt two.txt | paste -sd' ')"
docker image rm -f bx5 bx11 >/dev/null && buildx buildx prune -af >/dev/null && docker image prune -f >/dev/null
succeeds "also when nothing of it is here" layout
docker image rm -f bx11 >/dev/null && docker image prune -f >/dev/null
for blob in "$work"/layout/blobs/sha256/*; do printf 'x' | dd of="$blob" bs=1 seek=9 conv=notrunc status=none; done
fails "unless something is damaged" 'verification failed' layout

# An SSH agent of the client's; its key stays there.
. "$HERE/agent.sh"
mkdir "$work/s"
copy_program "$work/s" "$(type -P ssh-add)"
mkdir -p "$work/s/etc"
printf 'root:x:0:0::/:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n' >"$work/s/etc/passwd"
ssh-keygen -q -t ed25519 -N '' -C "key-$unique" -f "$work/key"
eval "$(ssh-agent -a "$work/agent")" >/dev/null
ssh-add -q "$work/key"
recipe7="FROM busybox AS tools
COPY . /
FROM tools AS with
RUN --mount=type=ssh ssh-add -l >/keys; ls -l \$SSH_AUTH_SOCK >/place; env >/variables
RUN --mount=type=ssh,id=default,uid=1000,target=/tmp/agent,required ssh-add -L >>/keys && (su user -s /bin/sh -c 'SSH_AUTH_SOCK=/tmp/agent ssh-add -l' | wc -l >/others)
RUN ls -A /run /tmp >/left; echo \${SSH_AUTH_SOCK:-none} >>/left
FROM tools AS optional
RUN --mount=type=ssh echo \${SSH_AUTH_SOCK:-none} >/none
FROM tools AS needy
RUN --mount=type=ssh,required true"
printf '%s\n' "$recipe7" >"$work/s/Dockerfile"
with_agent() { buildx build --progress=plain "$@" "$work/s"; }
log=$(with_agent --ssh default --target with -t bx10)
is "a command uses the keys of the client's agent" "2 key-$unique" "$(docker run --rm bx10 cat /keys | grep -c "key-$unique") $(docker run --rm bx10 cat /keys | grep -o "key-$unique" | head -n 1)"
like "where BuildKit has its socket" '^srw-------.* 0 .*/run/buildkit/ssh_agent.0' "$(docker run --rm bx10 cat /place)"
is "another user's is for that one, too" 1 "$(docker run --rm bx10 cat /others)"
is "nothing of it stays" "none" "$(docker run --rm bx10 cat /left | grep -E 'agent|buildkit|none' | paste -sd' ')"
like "without an agent it is left out" 'DONE' "$(with_agent --target optional -t bx10)"
is "and so is its variable" none "$(docker run --rm bx10 cat /none)"
fails "unless it is required" 'requires the SSH agent "default".*--ssh' with_agent --target needy
is "no socket is left" 0 "$(find "$RUN-monitor/server" -name '*.sock' | wc -l)"
ssh-agent -k >/dev/null
unset SSH_AUTH_SOCK SSH_AGENT_PID

# Errors.
fails "an unknown instruction is told, and its line shown" 'line 2: unknown instruction: RUNN' build <<<'FROM busybox
RUNN true'
like "as the client draws it" '2 \| >>> RUNN true' "$(build <<<'FROM busybox
RUNN true')"
fails "a command that fails is told with its code" 'exit 7. did not complete successfully: exit code: 7' build <<<"FROM busybox
RUN echo last words $unique; exit 7"
like "the history knows why" "last words $unique" "$(buildx buildx history logs)"
like "and which build" 'exit 7.*non-zero code: 7' "$(buildx buildx history inspect)"
fails "a file that is not there" 'not found in build context' build <<<'FROM busybox
COPY nosuch /'
fails "a cache of another kind is refused by name" 'cache-to type=azblob' build --cache-to type=azblob,name=x,account_url=http://localhost,secret_access_key=x <<<"$recipe"
fails "so is a context that lies elsewhere by ssh" 'http and https only' build --build-context other=ssh://git@example.com/x.git <<<"$recipe"
fails "and a control group of one's own" 'cgroup-parent.*chooses the control group' build --cgroup-parent /x <<<"$recipe"
fails "and annotations of manifests" 'annotation.org.x of a manifest.*--label' build --annotation org.x=y --load -t bx1 <<<"$recipe"
fails "attestations are refused by the client itself" 'Attestations are not supported by the current BuildKit daemon' build --provenance=true <<<"$recipe"
fails "and another frontend" 'example/frontend' build --build-arg BUILDKIT_SYNTAX=example/frontend <<<"$recipe"

# The client goes away.
printf 'FROM busybox\nRUN echo %s; sleep 3002\n' "$unique" >"$work/c/Dockerfile"
"$client" build --progress=plain "$work/c" >"$work/log" 2>&1 &
pid=$!
eventually 30 grep -q "[0-9] $unique" "$work/log"
is "a build runs" 0 $?
"$client" buildx history logs --progress=plain >"$work/followed" 2>&1 &
follower=$!
eventually 30 grep -q "[0-9] $unique" "$work/followed"
is "others of the team follow it" 0 $?
like "and see how far it is" '\(running\).*Build Steps:.*1/2' "$(buildx buildx history inspect | paste -sd' ')"
kill -INT $pid
wait $pid 2>/dev/null
succeeds "until it ends" eventually 10 bash -c "! kill -0 $follower"
like "as it did" 'CANCELED|canceled' "$(cat "$work/followed")"
no_sleepers() { [ -z "$(docker ps -aq)" ] && ! pgrep -f '^sleep 3002$' >/dev/null; }
succeeds "and ends with its client" eventually 30 no_sleepers
docker image rm -f bx1 bx1:other bx2 bx3 bx4 bx5 bx6 bx7 bx8 bx9 bx10 bx11 classic2 >/dev/null
finish
