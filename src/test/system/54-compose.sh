#!/usr/bin/env bash
# Docker's Compose with projects written for Docker: what it asks of the server, and that it finds again what it made.
. "$HERE/lib.sh"
prepare() {
  set -euo pipefail
  local part
  for part in say machine images suites; do
    # shellcheck source=/dev/null
    . "$TOP/setup/$part.sh"
  done
  prepare_compose >&2
  printf '%s\n' "$COMPOSE"
}
program=$(prepare) || {
  report "not ok" "Docker's Compose can be had"
  finish
  exit 1
}
mkdir -p "$DOCKER_CONFIG/cli-plugins"
cp "$program" "$DOCKER_CONFIG/cli-plugins/docker-compose"
like "Compose is there" '^v?2\.[4-9][0-9]|^v?[3-9]' "$(docker compose version --short)"
no_containers
docker volume prune -af >/dev/null

work=$STATE-compose
rm -rf "$work" && mkdir -p "$work/shop" && chmod 755 "$work"
policy=/etc/tallyman/$(printf '%s' "$STATE" | sha256sum | cut -c1-8).policy.conf
cp "$policy" "$work/policy"
echo "bind_roots = $work" >>"$policy"
clean_up() {
  local project
  for project in shop life options foreground; do docker compose -p "$project" down -v -t 0 --remove-orphans >/dev/null 2>&1; done
  docker volume prune -af >/dev/null
  cat "$work/policy" >"$policy"
  rm -rf "$work"
}
trap clean_up EXIT

compose() { DOCKER_SECONDS=90 docker compose "$@" </dev/null 2>&1; }
state_of() { docker compose ps -a --format '{{.Service}} {{.State}} {{.ExitCode}}' "$@" | sort; }
id_of() { docker compose ps -aq "$1"; }

# --- a shop: what one service waits for from another, files, secrets, networks, limits
cd "$work/shop" || exit 1
export SHOP_TOKEN=from-environment
echo GREETING=hello >web.env
echo 'key = value' >app.conf
echo from-file >token.txt
cat >compose.yaml <<'YAML'
services:
  db:
    image: busybox
    command: sh -c 'sleep 0.5; touch /tmp/ready; exec httpd -f -p 5432 -h /tmp'
    healthcheck: {test: [CMD, test, -e, /tmp/ready], interval: 300ms, timeout: 2s, retries: 20, start_period: 5s, start_interval: 100ms}
    volumes: [data:/data]
    networks: {back: {aliases: [database]}}
    stop_grace_period: 0s
  migrate:
    image: busybox
    command: sh -c 'echo schema >/data/schema; echo migrated'
    volumes: [data:/data]
    networks: [back]
    depends_on: {db: {condition: service_healthy}}
  web:
    image: busybox
    init: true
    hostname: webhost
    command: sh -c 'echo started $$GREETING $$MODE; mkdir /www; cat /data/schema >/www/index.html; exec httpd -f -p 8080 -h /www'
    env_file: web.env
    environment: {MODE: "${MODE:-prod}"}
    labels: {team: shop}
    depends_on:
      migrate: {condition: service_completed_successfully}
      db: {condition: service_healthy, restart: true}
    networks: {front: {}, back: {aliases: [shopfront]}}
    ports: ["127.0.0.1:18254:8080"]
    ulimits: {nofile: {soft: 512, hard: 1024}}
    sysctls: {net.core.somaxconn: 256}
    tmpfs: ["/scratch:size=1m"]
    extra_hosts: ["far.example:10.1.2.3", "host.docker.internal:host-gateway"]
    restart: unless-stopped
    volumes: [data:/data:ro, /anonymous]
    deploy: {resources: {limits: {cpus: "0.5", memory: 64M, pids: 50}, reservations: {memory: 16M}}}
    logging: {driver: json-file, options: {max-size: 1m, max-file: "2"}}
    configs: [{source: app, target: /etc/app.conf}, {source: inline, target: /etc/inline.conf}]
    secrets: [token, filetoken]
    stop_grace_period: 0s
  worker:
    image: busybox
    command: sleep 1000
    scale: 2
    networks: [back]
    stop_grace_period: 0s
  debug:
    image: busybox
    profiles: [debug]
    command: sleep 1000
    networks: [back]
    stop_grace_period: 0s
configs:
  app: {file: app.conf}
  inline: {content: "inline = yes\n"}
secrets:
  token: {environment: SHOP_TOKEN}
  filetoken: {file: token.txt}
volumes:
  data: {labels: {keep: "yes"}}
networks:
  front: {}
  back: {internal: true}
YAML
succeeds "up --wait" compose up -d --wait
is "services are started in their order, and all are as they should be" \
  'db running 0
migrate exited 0
web running 0
worker running 0
worker running 0' "$(state_of)"
like "web saw what migrate did" 'schema' "$(curl -s --max-time 5 --retry 5 --retry-connrefused http://127.0.0.1:18254/)"
is "files, secrets and settings are in their places" \
  'key = value
inline = yes
from-environment
from-file
512
1024
256
10.1.2.3
webhost' "$(compose exec -T web sh -c 'cat /etc/app.conf /etc/inline.conf /run/secrets/token; echo; cat /run/secrets/filetoken; ulimit -n; ulimit -Hn; cat /proc/sys/net/core/somaxconn; awk "/far/{print \$1}" /etc/hosts; hostname')"
like "limits reach the server" '^67108864 500000000 50 16777216 json-file unless-stopped true$' \
  "$(docker inspect -f '{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}} {{.HostConfig.MemoryReservation}} {{.HostConfig.LogConfig.Type}} {{.HostConfig.RestartPolicy.Name}} {{.HostConfig.Init}}' "$(id_of web)")"
is "a secret is no part of what inspect shows" 0 "$(docker inspect "$(id_of web)" | grep -c from-)"
like "services find one another" 'ready' "$(compose exec -T web sh -c 'wget -qO /tmp/got http://database:5432/ready && echo ready')"
is "an internal network leads nowhere" 0 "$(docker compose exec -T worker ip route | grep -c default)"
succeeds "up again changes nothing" compose up -d --wait
before=$(id_of web)
compose up -d >/dev/null
is "the container is the same" "$before" "$(id_of web)"
MODE=dev compose up -d >/dev/null
unlike "another setting makes another one" "^$before\$" "$(id_of web)"
like "with that setting" 'started hello dev' "$(compose logs --no-log-prefix web)"
compose up -d --wait >/dev/null

out=$(docker compose run --rm -T -e A=b worker sh -c 'echo one-off $A; exit 3' 2>/dev/null </dev/null)
is "its output and exit code" "one-off b 3" "$out $?"
docker compose run -d --name once worker sleep 60 >/dev/null 2>&1
is "one-off containers are told apart" "worker True" "$(docker inspect -f '{{index .Config.Labels "com.docker.compose.service"}} {{index .Config.Labels "com.docker.compose.oneoff"}}' once)"
is "they are no replicas" 2 "$(docker compose ps -q worker | wc -l)"
docker rm -f once >/dev/null
succeeds "scale up" compose scale worker=3
is "makes one more" 3 "$(docker compose ps -q worker | wc -l)"
compose scale worker=1 >/dev/null
is "scale down" 1 "$(docker compose ps -q worker | wc -l)"
like "top" 'worker.*sleep 1000' "$(compose top worker)"
is "port" 127.0.0.1:18254 "$(compose port web 8080)"
echo copied >note
succeeds "cp into" compose cp note web:/tmp/note
compose cp web:/tmp/note back >/dev/null
is "and out of a service" copied "$(cat back)"
is "exec with user, folder and environment" "1000 /tmp x" "$(docker compose exec -T -u 1000 -w /tmp -e Q=x web sh -c 'echo $(id -u) $(pwd) $Q')"
is "exec with input" piped "$(echo piped | docker compose exec -T web cat)"
docker compose exec -T web sh -c 'exit 7'
is "exec leaves its exit code" 7 $?
compose pause worker >/dev/null
is "pause" "worker paused 0" "$(state_of worker)"
compose unpause worker >/dev/null
is "unpause" "worker running 0" "$(state_of worker)"
like "stats" 'shop-web-1 64MiB' "$(docker compose stats --no-stream --format '{{.Name}} {{.MemUsage}}' | sed 's/ [^ ]* \/ / /')"
like "ls" 'shop +exited\(1\), running\(3\)' "$(compose ls -a)"
like "images" 'shop-web-1 +busybox +latest' "$(compose images)"
unlike "of a known age" 'years ago' "$(compose images)"
succeeds "a service of a profile is started when asked for" compose --profile debug up -d debug
compose kill -s KILL worker >/dev/null
is "kill" "worker exited 137" "$(state_of worker)"
compose start worker >/dev/null
is "start" "worker running 0" "$(state_of worker)"
compose stop worker >/dev/null
like "stop" "worker exited (137|143)" "$(state_of worker)"
compose rm -f worker >/dev/null
is "rm" "" "$(state_of worker)"
db=$(docker inspect -f '{{.State.StartedAt}}' "$(id_of db)") web=$(docker inspect -f '{{.State.StartedAt}}' "$(id_of web)")
succeeds "restart" compose restart db
unlike "starts it again" "^$db\$" "$(docker inspect -f '{{.State.StartedAt}}' "$(id_of db)")"
unlike "and who depends on it with restart" "^$web\$" "$(docker inspect -f '{{.State.StartedAt}}' "$(id_of web)")"
like "events" '"action":"die".*"service":"worker"' "$(timeout 10 "$(type -P docker)" compose events --json --since 60s --until 0s)"

sed 's/^  worker:/  helper:/' compose.yaml >renamed.yaml
compose up -d worker >/dev/null
like "orphans are found" 'Found orphan containers.*shop-worker-1' "$(compose -f renamed.yaml up -d helper)"
compose -f renamed.yaml up -d --remove-orphans >/dev/null
is "and removed" "" "$(docker ps -aq --filter name=shop-worker)"
anonymous() { docker inspect -f '{{range .Mounts}}{{if eq .Destination "/anonymous"}}{{.Name}}{{end}}{{end}}' "$(id_of web)"; }
before=$(anonymous)
compose up -d --force-recreate web >/dev/null
is "an anonymous volume survives that its container is made again" "$before" "$(anonymous)"
compose up -d -V web >/dev/null
unlike "unless it is to be renewed" "^$before\$" "$(anonymous)"
compose --profile debug -f renamed.yaml down --remove-orphans >/dev/null
is "down leaves volumes" "shop_data" "$(docker volume ls -q --filter label=com.docker.compose.project=shop --filter label=keep)"
compose down -v --rmi local >/dev/null
is "down -v does not" "" "$(docker volume ls -q --filter label=com.docker.compose.project=shop)"
is "no network is left" "" "$(docker network ls -q --filter label=com.docker.compose.project=shop)"
succeeds "the image that is no build of the project's stays" docker image inspect busybox

# --- options of services one by one
mkdir -p "$work/options" && cd "$work/options" || exit 1
docker network create compose-outside >/dev/null
cat >compose.yaml <<'YAML'
x-common: &common {image: busybox, pull_policy: never, stop_grace_period: 0s}
services:
  base:
    <<: *common
    container_name: options-base
    command: sh -c 'httpd -p 8080 -h /etc; exec sleep 1000'
    mac_address: 02:42:ac:1e:06:63
    ipc: shareable
    networks:
      fixed: {ipv4_address: 172.30.6.50, aliases: [theone], priority: 100}
      plain: {priority: 200, gw_priority: 10}
  side: {<<: *common, command: "sh -c 'wget -qO- http://127.0.0.1:8080/hostname; exec sleep 1000'", network_mode: "service:base"}
  spaces: {<<: *common, command: sleep 1000, pid: "service:base", ipc: "service:base"}
  many:
    <<: *common
    entrypoint: [/bin/sh, -c]
    command: [exec sleep 1000]
    user: "1000:1000"
    working_dir: /tmp
    tty: true
    stdin_open: true
    hostname: many
    domainname: example.org
    dns_opt: ["ndots:2"]
    dns_search: [example.org]
    cap_drop: [ALL]
    cap_add: [CHOWN]
    security_opt: ["no-new-privileges:true"]
    read_only: true
    group_add: ["1234"]
    cpu_shares: 512
    cpuset: "0"
    mem_limit: 50m
    memswap_limit: 100m
    shm_size: 16m
    oom_score_adj: 500
    annotations: {a.b: c}
    platform: linux/amd64
    stop_signal: SIGINT
    expose: ["9000", "9001/udp"]
    links: ["base:linked"]
    networks: [fixed]
    volumes:
      - {type: tmpfs, target: /t, tmpfs: {size: 65536, mode: 01777}}
      - {type: volume, source: inside, target: /v, read_only: true, volume: {nocopy: true}}
      - {type: bind, source: ./new, target: /b, bind: {create_host_path: true}}
      - named:/w
    post_start: [{command: touch /t/hook, user: root}]
    pre_stop: [{command: sh -c 'echo stopping >/b/stopped', user: root}]
  lent: {<<: *common, command: sleep 1000, volumes_from: [many], network_mode: none}
  replicas:
    <<: *common
    command: sleep 1000
    deploy: {mode: replicated, replicas: 2, restart_policy: {condition: on-failure, max_attempts: 3}}
    ports: ["8080", "127.0.0.1:18270-18279:9090"]
    networks: [outside]
volumes:
  inside: {driver: local, driver_opts: {type: tmpfs, device: tmpfs, o: size=1m}}
  named: {name: compose-explicit-name}
networks:
  fixed: {driver: bridge, attachable: true, driver_opts: {com.docker.network.driver.mtu: "1400"}, ipam: {config: [{subnet: 172.30.6.0/24, gateway: 172.30.6.1, ip_range: 172.30.6.0/25}]}}
  plain: {}
  outside: {external: true, name: compose-outside}
YAML
succeeds "up with many options" compose up -d
is "all run" 7 "$(docker compose ps -q --status running | wc -l)"
is "addresses, by priority of networks" "02:42:ac:1e:06:63 eth0 172.30.6.50 1400" "$(docker exec options-base sh -c 'echo $(cat /sys/class/net/eth0/address) $(ip route | sed -n "s/^default .*dev \([^ ]*\).*/\1/p") $(ip -o -4 addr show eth1 | sed "s/.*inet \([0-9.]*\).*/\1/") $(cat /sys/class/net/eth1/mtu)')"
is "a shared network namespace" "$(docker inspect -f '{{.Config.Hostname}}' options-base)" "$(compose logs --no-log-prefix side | tail -n 1)"
is "shared processes and IPC" "$(docker exec options-base sh -c 'readlink /proc/self/ns/pid; readlink /proc/self/ns/ipc')" \
  "$(compose exec -T spaces sh -c 'readlink /proc/self/ns/pid; readlink /proc/self/ns/ipc')"
is "what the process is" "1000 /tmp many.example.org 1000 1234 500 0000000000000000 0000000000000001" \
  "$(docker compose exec -T many sh -c 'echo $(id -u) $(pwd) $(hostname -f) $(id -G) $(cat /proc/self/oom_score_adj) $(awk "/CapEff|CapBnd/{print \$2}" /proc/self/status)')"
is "what it sees" "/t/hook many linked 16384" "$(docker compose exec -T -u root many sh -c 'echo $(ls /t/hook) $(hostname) $(wget -qO /dev/null http://linked:8080/hostname && echo linked) $(df -k /dev/shm | awk "END{print \$2}")')"
like "dns options" 'search example.org.*options ndots:2' "$(docker compose exec -T many cat /etc/resolv.conf | tr '\n' ' ')"
fails "a read-only root" 'Read-only file system' docker compose exec -T -u root many touch /x
docker compose exec -T lent touch /w/from-lent
is "volumes of another" /w/from-lent "$(docker compose exec -T many ls /w/from-lent)"
is "a network that is not the project's" "compose-outside" "$(docker inspect -f '{{range $k, $v := .NetworkSettings.Networks}}{{$k}}{{end}}' "$(docker compose ps -q replicas | head -n 1)")"
is "replicas take ports of a range" "18270 18271" "$(for index in 1 2; do docker compose port --index $index replicas 9090 2>/dev/null; done | sed 's/.*://' | sort | tr '\n' ' ' | sed 's/ $//')"
began=$SECONDS
compose stop many >/dev/null
is "a hook ran before the stop" stopping "$(cat new/stopped)"
if [ $((SECONDS - began)) -le 4 ]; then report ok "and was not waited for long"; else report "not ok" "and was not waited for long" "$((SECONDS - began)) s"; fi
compose down -v >/dev/null
is "volumes with names of their own go, too" "" "$(docker volume ls -q --filter label=com.docker.compose.project)"
succeeds "an external network stays" docker network rm compose-outside

# --- built by Compose itself, whose client of BuildKit asks for the output to be loaded
mkdir -p "$work/built" && cd "$work/built" || exit 1
printf 'FROM busybox\nCOPY Dockerfile /from\nCMD ["cat", "/from"]\n' >Dockerfile
echo 'services: {one: {build: ., image: compose-built}}' >compose.yaml
COMPOSE_BAKE=false succeeds "Compose's own builder" compose build
is "makes an image that runs" "FROM busybox" "$(docker run --rm compose-built | head -n 1)"
docker rmi compose-built >/dev/null

# --- in the foreground, waiting, watching
mkdir -p "$work/life/source" && cd "$work/life" || exit 1
cat >compose.yaml <<'YAML'
services:
  job: {image: busybox, command: "sh -c 'echo working; sleep 1; exit 4'"}
  talker: {image: busybox, init: true, command: "sh -c 'while :; do echo tick; sleep 0.2; done'", stop_grace_period: 0s}
  sick: {image: busybox, command: sleep 1000, profiles: [sick], stop_grace_period: 0s, healthcheck: {test: "false", interval: 100ms, retries: 1}}
  watched:
    image: busybox
    init: true
    profiles: [watched]
    command: sleep 1000
    stop_grace_period: 0s
    develop: {watch: [{action: sync, path: source, target: /synced}]}
YAML
out=$(DOCKER_SECONDS=60 docker compose up --exit-code-from job --no-color 2>&1 </dev/null)
is "up in the foreground ends as its service does" 4 $?
like "and shows what the services say" 'job-1 +\| working' "$out"
like "of all of them" 'talker-1 +\| tick' "$out"
compose up -d >/dev/null
is "wait" 4 "$(docker compose wait job >/dev/null 2>&1; echo $?)"
out=$(timeout -s KILL 2 "$(type -P docker)" compose logs -f --tail 1 talker 2>/dev/null)
if [ "$(grep -c tick <<<"$out")" -gt 3 ]; then report ok "logs -f follows"; else report "not ok" "logs -f follows" "$out"; fi
like "attach" 'tick' "$(timeout -s KILL 2 "$(type -P docker)" compose attach --no-stdin talker 2>/dev/null)"
succeeds "export" compose export -o whole.tar talker
like "is a whole root" '^bin/busybox$' "$(tar tf whole.tar)"
succeeds "commit" compose commit talker compose-committed:1
docker rmi compose-committed:1 >/dev/null
fails "up --wait tells of an unhealthy service" 'is unhealthy' docker compose --profile sick up -d --wait sick
echo one >source/file
compose --profile watched up -d watched >/dev/null
"$(type -P docker)" compose watch --no-up watched >watch.log 2>&1 </dev/null &
watcher=$!
synced() { [ "$(docker compose --profile watched exec -T watched cat /synced/"$1" 2>/dev/null)" = "$2" ]; }
eventually 10 grep -q 'Watch enabled' watch.log
echo two >source/file
if eventually 15 synced file two; then report ok "watch copies what changes"; else report "not ok" "watch copies what changes" "$(cat watch.log)"; fi
rm source/file
gone() { ! docker compose --profile watched exec -T watched test -e /synced/file; }
if eventually 15 gone; then report ok "and removes what goes"; else report "not ok" "and removes what goes" "$(cat watch.log)"; fi
kill -KILL "$watcher"
wait "$watcher" 2>/dev/null
compose --profile sick --profile watched down -v >/dev/null
is "nothing is left of a project" "" "$(docker ps -aq; docker network ls -q --filter label=com.docker.compose.project)"
finish
