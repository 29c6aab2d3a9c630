#!/usr/bin/env bash
# Programs in containers that use the Engine API: the docker client in one, as a reaper, a proxy or an agent would be.
. "$HERE/lib.sh"
no_containers
. "$HERE/agent.sh"
make_agent agent

docker network create agents >/dev/null
docker run -d --name agent --network agents -v /var/run/docker.sock:/var/run/docker.sock agent sleep 1000 >/dev/null
inside() { docker exec agent docker "$@"; }

is "a program in a container sees the team's containers" agent "$(inside ps --format '{{.Names}}')"
is "and talks to this server" "$(docker version -f '{{.Server.Version}}')" "$(inside version -f '{{.Server.Version}}')"
group=$(id -g tallyman)
is "its socket is its root's" "0:$group 660 socket" "$(docker exec agent stat -c '%u:%g %a %F' /var/run/docker.sock)"
fails "other users of the container do not reach it" 'permission denied' docker exec -u 1000 agent docker ps
is "unless they have its group, which is that of the host's" agent "$(docker run --rm -u 1000 --group-add "$group" -v "$RUN/docker.sock:/var/run/docker.sock" agent docker ps --filter name=agent --format '{{.Names}}')"
is "the mount is shown as Docker shows it" "bind /var/run/docker.sock true" "$(docker inspect -f '{{range .Mounts}}{{.Type}} {{.Source}} {{.RW}}{{end}}' agent)"
is "it runs others" "from a sibling" "$(inside run --rm --name sibling busybox echo from a sibling)"
is "with input and output" "abc" "$(echo abc | docker exec -i agent docker run -i --rm busybox cat)"
is "and enters them" 0 "$(inside exec agent true; echo $?)"
inside run -d --name child --label made-by=agent -v /run/docker.sock:/tmp/engine.sock:ro agent sleep 1000 >/dev/null
is "what it makes has a socket of its own, if it wants one" "agent child" "$(docker exec -e DOCKER_HOST=unix:///tmp/engine.sock child docker ps --format '{{.Names}}' | sort | xargs)"
row=$(rest GET '/api/v1/audit?object=child&action=container.create&limit=1' | head -n 1)
is "the trail says whose it is and which container asked" "admin container $(docker inspect -f '{{.Id}}' agent | cut -c1-12)" "$(jq -r '.rows[0] | .account + " " + .origin' <<<"$row")"
like "and that it got a socket" 'with a socket of the Engine API' "$row"
fails "the host's folder of sockets stays where it is" 'bind_roots' docker run --rm -v /var/run:/host busybox true
is "nothing but the Engine API is there" 403 "$(docker exec agent sh -c "printf 'GET /api/v1/accounts HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n' | timeout 5 nc local:/var/run/docker.sock 2>/dev/null | head -n 1 | cut -d' ' -f2" 2>/dev/null | grep . || curl -s -o /dev/null -w '%{http_code}' --unix-socket "$RUN-monitor/server/$(docker inspect -f '{{.Id}}' agent | cut -c1-24).sock" http://d/api/v1/accounts)"

brief=$(docker run -d -v /run/docker.sock:/run/docker.sock agent sleep 1000)
pid=$(docker inspect -f '{{.State.Pid}}' "$brief")
inside events --since 0s --filter event=start >/dev/null 2>&1 &
kill -KILL "$(server_pid)"
eventually 5 sh -c "! kill -0 $(server_pid) 2>/dev/null"
kill -KILL "$pid"
tallyman up --detach >/dev/null
eventually 5 sh -c "docker inspect -f '{{.State.Status}}' $brief | grep -qx exited"
is "of what ended without a server no socket is left" 0 "$(find "$RUN-monitor/server" -name "$(cut -c1-24 <<<"$brief")*" | wc -l)"
docker rm "$brief" >/dev/null
succeeds "it goes on with the next server" eventually 5 docker exec agent docker ps
is "and is one mount still" 1 "$(docker exec agent grep -c '/run/docker.sock' /proc/self/mountinfo)"
docker restart -t 0 agent >/dev/null
is "and after a restart of its own" "agent child" "$(inside ps --format '{{.Names}}' | sort | xargs)"
docker pause agent >/dev/null
docker unpause agent >/dev/null
is "docker cp, diff and export do without it" "0 1" "$(docker export agent | tar tvf - | grep -c '^s.*docker.sock') $(docker diff agent | grep -c '/var/run/docker.sock\|/run/docker.sock')"
docker stop -t 0 agent >/dev/null
is "a stopped container has none" 0 "$(find "$RUN-monitor/server" -name "$(docker inspect -f '{{.Id}}' agent | cut -c1-24)*" | wc -l)"
is "its files are read all the same" busybox "$(docker cp agent:/bin/busybox - | tar tf -)"
docker start agent >/dev/null
inside rm -f child >/dev/null
inside rm -f agent >/dev/null 2>&1
succeeds "a container removes itself" eventually 5 sh -c "! docker container inspect agent"

no_containers
docker network rm agents >/dev/null
docker rmi -f agent >/dev/null
nothing_is_left
finish
