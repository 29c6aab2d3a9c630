#!/usr/bin/env bash
# What people do every day with the docker client.
. "$HERE/lib.sh"
no_containers

succeeds "docker version" docker version
like "docker info names the server" 'Server Version: ' "$(docker info 2>&1)"
is "run prints the output" hello "$(docker run --rm busybox echo hello)"
is "stdin reaches the process and its end does too" abc "$(echo abc | docker run -i --rm busybox cat)"
is "output after the end of stdin is kept" "x after" "$(echo x | docker run -i --rm busybox sh -c 'cat | tr "\n" " "; sleep 0.3; echo after')"
docker run --rm busybox sh -c 'exit 7'
is "the exit code is the command's" 7 $?
docker run --rm busybox nosuchprogram >/dev/null 2>&1
is "an unknown command gives 127" 127 $?
docker run --rm busybox /etc/passwd >/dev/null 2>&1
is "a file that is no program gives 126" 126 $?
is "stderr is apart from stdout" "err" "$(docker run --rm busybox sh -c 'echo out; echo err >&2' 2>&1 >/dev/null)"
is "64 MiB through cat come back whole" "$(head -c 67108864 /dev/zero | md5sum)" "$(head -c 67108864 /dev/zero | docker run -i --rm busybox cat | md5sum)"

docker run -d --name web -p 18081:80 -m 64m -l role=web busybox sh -c 'mkdir -p /www; echo tally > /www/index.html; httpd -f -p 80 -h /www' >/dev/null
eventually 10 curl -sf -o /dev/null localhost:18081
is "a published port answers on localhost" tally "$(curl -s --max-time 5 localhost:18081)"
address=$(ip -4 -o addr show scope global | awk '$2 !~ /^tm/ {sub("/.*","",$4); print $4; exit}')
is "and on this machine's own address" tally "$(curl -s --max-time 5 "$address:18081")"
fails "a port in use is refused" 'port is already allocated|already in use' docker run --rm -p 18081:80 busybox true
like "exec runs in the container" '^uid=0\(root\)' "$(docker exec web id)"
is "exec gives its exit code" 3 "$(docker exec web sh -c 'exit 3'; echo $?)"
fails "exec of a user that is none is refused" 'Error response from daemon: unable to find user nosuch: no matching entries in passwd file' docker exec --user nosuch web id
is "before there are streams" 1 "$(docker exec --user nosuch web id 2>/dev/null; echo $?)"
is "exec has stdin" abc "$(echo abc | docker exec -i web cat)"
like "exec -it has a terminal" '/dev/pts/|/dev/console' "$(script -qec 'docker exec -it web tty' /dev/null </dev/null)"
like "run -it has a terminal" 'hi' "$(script -qec 'docker run --rm -it busybox echo hi' /dev/null </dev/null)"
is "the memory limit is in the cgroup" 67108864 "$(docker inspect -f '{{.HostConfig.Memory}}' web)"
like "stats" 'web' "$(docker stats --no-stream --format '{{.Name}} {{.MemUsage}} {{.CPUPerc}}' web)"
like "top shows the process" 'httpd -f' "$(docker top web)"
is "ps filters by label" web "$(docker ps --filter label=role=web --format '{{.Names}}')"
like "ps shows the port" '0.0.0.0:18081->80/tcp' "$(docker ps --format '{{.Ports}}')"
like "port" '0.0.0.0:18081' "$(docker port web 80)"
succeeds "pause" docker pause web
is "a paused container shows as such" paused "$(docker inspect -f '{{.State.Status}}' web)"
succeeds "unpause" docker unpause web
is "it answers again" tally "$(curl -s --max-time 5 localhost:18081)"
succeeds "rename" docker rename web site
fails "the old name is gone" 'No such container: web' docker inspect --type container web
succeeds "restart" docker restart -t 1 site
eventually 10 curl -sf -o /dev/null localhost:18081
is "it serves after a restart" tally "$(curl -s --max-time 5 localhost:18081)"
succeeds "stop" docker stop -t 1 site
is "stopped" exited "$(docker inspect -f '{{.State.Status}}' site)"
succeeds "rm" docker rm site
is "nothing is left" "" "$(docker ps -aq)"

# A reader that pauses, for longer than a monitor waits for one that is not there; the command ends meanwhile. Read at the end of this suite.
paused=$(mktemp -d)
docker run --rm busybox seq 1 300000 | (sleep 15; cat) >"$paused/run" &
runs=$!
docker run -d --name paused busybox sleep 60 >/dev/null
docker exec paused seq 1 300000 | (sleep 15; cat) >"$paused/exec" &
execs=$!

docker run -d --name ticker busybox sh -c 'for i in 1 2 3; do echo line $i; done; sleep 0.3; echo last >&2; sleep 60' >/dev/null
eventually 5 sh -c 'docker logs ticker 2>&1 | grep -q last'
is "logs" "line 1 line 2 line 3 last " "$(docker logs ticker 2>&1 | tr '\n' ' ')"
is "logs --tail" "line 3 last " "$(docker logs --tail 2 ticker 2>&1 | tr '\n' ' ')"
like "logs -t" '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z line 1' "$(docker logs -t ticker 2>&1)"
is "logs -f follows to the end" "5" "$( (sleep 1; docker exec ticker sh -c 'echo more > /proc/1/fd/1'; sleep 0.3; docker kill ticker >/dev/null) & docker logs -f ticker 2>&1 | wc -l)"
is "a killed container shows 137" 137 "$(docker inspect -f '{{.State.ExitCode}}' ticker)"
docker rm ticker >/dev/null

is "wait gives the exit code" 5 "$(docker wait "$(docker run -d busybox sh -c 'sleep 0.3; exit 5')")"
fails "a name in use is refused" 'is already in use by container' sh -c 'docker create --name twice busybox true; docker create --name twice busybox true'
docker rm -f twice >/dev/null
is "a name of one character" r "$(docker run --rm --name r -h r busybox hostname)"
fails "a capability outside the policy is refused by its name" 'caps_max does not allow SYS_ADMIN' docker run --rm --cap-add SYS_ADMIN busybox true
is "env, workdir, user" "v /tmp 33" "$(docker run --rm -e K=v -w /tmp -u www-data busybox sh -c 'echo $K $PWD $(id -u)')"
is "hostname" box "$(docker run --rm -h box busybox hostname)"
is "entrypoint" "a b" "$(docker run --rm --entrypoint echo busybox a b)"
fails "a read-only root refuses writes" 'Read-only file system' docker run --rm --read-only busybox touch /x
fails "and so does what the server puts in /etc" 'Read-only file system' docker run --rm --read-only busybox sh -c 'touch /etc/hosts && touch /etc/hostname'
is "variables are taken away, and an empty HOME is none" "HOME=/root" "$(env -u HOSTNAME docker run --rm -e HOSTNAME -e HOME= busybox env | grep HO)"
like "a whole host name has its first part beside it" 'web.example.org web$' "$(docker run --rm -h web.example.org busybox cat /etc/hosts)"
docker tag busybox moved:1 && docker create --name named moved:1 >/dev/null && docker rmi moved:1 >/dev/null
unlike "a name that its image has lost is not shown any more" 'moved' "$(docker ps -a --filter name=named --format '{{.Image}}')"
is "containers are found by what their images were made from" named "$(docker commit named child:1 >/dev/null; docker rm named >/dev/null; docker create --name named child:1 >/dev/null; docker ps -a --filter ancestor=busybox --filter name=named --format '{{.Names}}')"
docker rm named >/dev/null; docker rmi child:1 >/dev/null
docker run -d --name again --restart always busybox false >/dev/null
eventually 10 sh -c 'docker inspect -f "{{.State.Status}}" again | grep -q restarting'
succeeds "one that waits for its restart is killed" docker kill again
is "and stays away" exited "$(docker inspect -f '{{.State.Status}}' again)"
docker rm again >/dev/null
docker create --name lender -v /lent busybox >/dev/null
docker run --name maker busybox sh -c 'mkdir /lent && touch /lent/own' && docker commit maker maker:1 >/dev/null
is "what an image has is not for the volumes of another container" "" "$(docker run --rm --volumes-from lender maker:1 ls /lent)"
docker rm -v lender maker >/dev/null; docker rmi maker:1 >/dev/null
fails "a container cannot join itself" 'cannot join own network namespace' docker run --rm --name self --network container:self busybox true
is "an empty command is not found" 127 "$(docker run --rm busybox '' >/dev/null 2>&1; echo $?)"
is "with --init the reaper is PID 1" 1 "$(docker run --rm --init busybox sh -c 'tr "\0" " " </proc/1/cmdline | grep -c init')"
docker run -d --name net1 busybox sleep 60 >/dev/null
like "a container has an address" '^10\.' "$(docker exec net1 hostname -i)"
is "container:<id> shares the network" "$(docker exec net1 hostname -i)" "$(docker run --rm --network container:net1 busybox sh -c "ip -4 -o addr show eth0 | awk '{print \$4}' | cut -d/ -f1")"
is "none has no link but lo" lo "$(docker run --rm --network none busybox sh -c "awk -F: 'NR>2{print \$1}' /proc/net/dev | tr -d ' '")"
fails "host network is refused by the policy" 'polic|denied|forbid' docker run --rm --network host busybox true
fails "privileged is refused by the policy" 'polic|denied|forbid' docker run --rm --privileged busybox true
fails "a bind mount is refused, not ignored" 'the policy of this host forbids it: .*/etc' docker run --rm -v /etc:/host busybox true
wait $runs $execs
is "a reader of run that pauses loses nothing" "$(seq 1 300000 | md5sum)" "$(md5sum <"$paused/run")"
is "nor one of exec" "$(seq 1 300000 | md5sum)" "$(md5sum <"$paused/exec")"
rm -r "$paused"
no_containers
finish
