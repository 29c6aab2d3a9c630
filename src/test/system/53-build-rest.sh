#!/usr/bin/env bash
# Builds by REST: what it answers while it goes on, what is left of a build that failed or whose client went away.
. "$HERE/lib.sh"
no_containers
context=$(mktemp -d)

# build QUERY: sends the folder as a context
build() {
  tar -C "$context" -c . | curl -sS --max-time "${BUILD_SECONDS:-60}" --unix-socket "$RUN/docker.sock" -X POST -H 'Content-Type: application/x-tar' --data-binary @- "http://localhost/api/v1/images/build?$1"
}

echo hello >"$context/greeting"
cat >"$context/Dockerfile" <<'D'
FROM busybox
ARG WHO=nobody
COPY greeting /greeting
RUN echo "for $WHO" >>/greeting && id -u
CMD ["cat", "/greeting"]
D
out=$(build 'reference=restbuilt:1&argument=WHO=tally&label=by=rest')
like "a build tells its steps as lines of JSON" '^\{"stream":"Step 1/' "$out"
like "and what a command wrote" '^\{"stream":"0\\n"\}$' "$out"
like "and the image's id" "^\\{\"aux\":\\{\"ID\":\"$(docker inspect -f '{{.Id}}' restbuilt:1)\"\\}\\}\$" "$out"
is "the image runs" "hello
for tally" "$(docker run --rm restbuilt:1)"
is "it has the label" rest "$(docker inspect -f '{{.Config.Labels.by}}' restbuilt:1)"
like "the trail tells" 'image.build' "$(rest GET '/api/v1/audit?limit=20')"

printf 'FROM busybox\nRUN echo before; exit 7\n' >"$context/Dockerfile"
out=$(build 'reference=restfailed:1')
like "a command that fails is the last line, with its code" '"code":7' "$(tail -n 1 <<<"$out")"
fails "and no image has the name" 'No such image|no such image' docker image inspect restfailed:1

printf 'FROM busybox\nRUM x\n' >"$context/Dockerfile"
like "a file that cannot be read is refused with its place" 'line 2: unknown instruction: RUM.*Dockerfile:2:1' "$(build '')"

printf 'FROM busybox\nRUN echo begun; sleep 1000\n' >"$context/Dockerfile"
out=$(BUILD_SECONDS=4 build 'reference=restgone:1&noCache=true' 2>&1)
like "a client goes away in the middle of a command" 'begun' "$out"
nothing_left() { [ -z "$(docker ps -aq)" ]; }
if eventually 10 nothing_left; then report ok "its container is gone at once"; else report "not ok" "its container is gone at once" "$(docker ps -a)"; fi
fails "and no image came of it" 'No such image|no such image' docker image inspect restgone:1

no_containers
docker rmi -f restbuilt:1 >/dev/null 2>&1
rm -rf "$context"
finish
