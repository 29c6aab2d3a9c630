#!/usr/bin/env bash
# Real programs, each built from a Dockerfile of real/ and run, with the distribution's packages as their only source.
# ./tallyman test --real runs it: some minutes.
. "$HERE/lib.sh"
no_containers
export DOCKER_SECONDS=600 DOCKER_BUILDKIT=0
images=()
cleanup() {
  no_containers
  docker rmi -f "${images[@]}" debian:bookworm-slim >/dev/null 2>&1
  docker builder prune -af >/dev/null 2>&1
  docker volume prune -af >/dev/null 2>&1
}
trap cleanup EXIT

succeeds "debian:bookworm-slim is made from the distribution's packages" tallyman image debian

# built NAME [OPTIONS]: an image of real/NAME
built() {
  local name=$1
  shift
  images+=("real-$name")
  succeeds "$name: its image is built" docker build -t "real-$name" "$@" "$HERE/real/$name"
}

# A program in C, linked with a library of the distribution.
built c
text='one two three two three three
four four four four'
is "it counts" $'4 four\n3 three\n2 two' "$(docker run --rm -i real-c <<<"$text")"
is "with other words of the command" '4 four' "$(docker run --rm -i real-c -n 1 <<<"$text")"
like "it finds its library" '^words, with zlib 1\.' "$(docker run --rm real-c --version)"
is "as its own user" 990 "$(docker run --rm --entrypoint id real-c -u)"
fails "the compiler stayed in its stage" 'not found' docker run --rm --entrypoint gcc real-c --version
is "by the base and what was added" "$(docker inspect -f '{{index .RootFS.Layers 0}}' debian:bookworm-slim)" "$(docker inspect -f '{{index .RootFS.Layers 0}}' real-c)"
succeeds "again with other arguments" docker build -q --build-arg CFLAGS=-O0 -t real-c "$HERE/real/c"
is "and it counts" '4 four' "$(docker run --rm -i real-c -n 1 <<<"$text")"

# A program in Java: a compiler in the first stage, the headless runtime in the second.
built java
is "it adds up" $'bread 3.75\nmilk 2.10' "$(printf 'milk 1.05\nbread 2.50\n\nbread 1.25\nmilk 1.05\n' | docker run --rm -i real-java)"
fails "it tells what it cannot read" 'not an account and an amount: milk' docker run --rm -i real-java <<<milk
fails "the compiler stayed in its stage" 'not found' docker run --rm --entrypoint javac real-java -version

# A cache, with a volume and a health check.
built cache
docker run -d --name cache real-cache >/dev/null
succeeds "cache: it becomes healthy" eventually 60 sh -c '[ "$(docker inspect -f "{{.State.Health.Status}}" cache)" = healthy ]'
is "it keeps a value" $'OK\nbar' "$(docker exec -i cache redis-cli <<<$'set foo bar\nget foo')"
docker restart -t 20 cache >/dev/null
succeeds "and over a restart, which ends in time" eventually 60 sh -c '[ "$(docker exec cache redis-cli get foo)" = bar ]'
docker build -q --build-arg PORT=7000 -t real-cache:7000 "$HERE/real/cache" >/dev/null
images+=(real-cache:7000)
is "another port by an argument" '{"7000/tcp":{}}' "$(docker inspect -f '{{json .Config.ExposedPorts}}' real-cache:7000)"

# A web server, through a published port.
built web
docker run -d --name web -p 127.0.0.1::80 -p 127.0.0.1::8081 real-web >/dev/null
site=$(docker port web 80) status=$(docker port web 8081)
succeeds "web: it answers" eventually 60 curl -sf "http://$site/"
is "with its page" '<h1>Built here</h1> deep' "$(curl -s "http://$site/") $(curl -s "http://$site/deep/page.txt")"
is "with what a here-document configured" up "$(curl -s "http://$status/status")"
is "without what .dockerignore names" 404 "$(curl -s -o /dev/null -w '%{http_code}' "http://$site/draft.txt")"
like "its log is the container's output" '"GET /deep/page.txt HTTP/1.1" 200' "$(docker logs web 2>&1)"
docker stop -t 30 web >/dev/null
is "it ends by the image's signal" 0 "$(docker inspect -f '{{.State.ExitCode}}' web)"

# A database, asked by another container over a network.
built database
docker network create real-net >/dev/null
docker run -d --name database --network real-net real-database >/dev/null
succeeds "database: it becomes healthy" eventually 120 sh -c '[ "$(docker inspect -f "{{.State.Health.Status}}" database)" = healthy ]'
ask() { docker run --rm --network real-net --entrypoint psql real-database -h database -qAtc "$1" tally; }
is "it answers over the network" '1000|500500.00' "$(ask 'select count(*), sum(amount) from entry')"
ask "insert into entry (account, amount) values ('late', 1)"
docker kill database >/dev/null
docker start database >/dev/null
succeeds "it recovers from a kill" eventually 120 docker exec database psql -qAtc 'select 1' tally
is "with all that it had" '1001|late' "$(ask 'select count(*), max(account) from entry')"
docker rm -f database >/dev/null
docker network rm real-net >/dev/null
finish
