#!/usr/bin/env bash
# Log drivers that forward: syslog, fluentd and GELF to receivers on loopback, over an outage of the receiver and a kill of the server.
. "$HERE/lib.sh"
no_containers
work=$(mktemp -d)
name=$(printf '%s' "$STATE" | sha256sum | cut -c1-8)
settings=/etc/tallyman/$name.server.properties
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
  rm -rf "$work"
  rm -f "$settings"
}
trap cleanup EXIT

# receive udp|tcp PORT FILE: writes down what comes
receive() {
  python3 - "$@" <<'PY' &
import socket, sys, threading
kind, port, out = sys.argv[1], int(sys.argv[2]), open(sys.argv[3], "ab", buffering=0)
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", port))
def copy(client):
    while data := client.recv(65536):
        out.write(data)
if kind == "udp":
    while True:
        out.write(server.recv(65536))
server.listen()
while True:
    threading.Thread(target=copy, args=(server.accept()[0],), daemon=True).start()
PY
  pids+=($!)
}
has() { grep -qaE -- "$1" "$2"; }

fails "no receiver is allowed at first" 'tallyman.log.forward-to is empty' docker run --rm --log-driver syslog --log-opt syslog-address=udp://127.0.0.1:15514 busybox true
printf 'tallyman.log.forward-to=127.0.0.1:15514,127.0.0.1:15515,127.0.0.1:15516\ntallyman.log.settled=1s\ntallyman.log.back-off-max=1s\n' >"$settings"
chmod 0644 "$settings"
tallyman down >/dev/null && tallyman up --detach >/dev/null
like "info names the drivers" 'fluentd gelf json-file local syslog' "$(docker info -f '{{.Plugins.Log}}')"
for other in udp://127.0.0.1:22 tcp://localhost:15515 udp://169.254.169.254:80 "unix://$RUN/docker.sock"; do
  fails "nor is $other" 'forward-to does not list it' docker run --rm --log-driver syslog --log-opt syslog-address="$other" busybox true
done
fails "journald says why not" 'logging driver "journald" is not supported' docker run --rm --log-driver journald busybox true

touch "$work/udp" "$work/tcp" "$work/gelf"
receive udp 15514 "$work/udp"
receive udp 15516 "$work/gelf"
are_bound() { [ "$(ss -Hlun 'sport = :15514 or sport = :15516' | wc -l)" = 2 ]; }
eventually 20 are_bound
docker run --rm --log-driver syslog --log-opt syslog-address=udp://127.0.0.1:15514 --log-opt syslog-format=rfc5424micro --log-opt syslog-facility=local3 --log-opt tag='{{.Name}}' \
  --name talker busybox sh -c 'echo to all; echo badly >&2' >/dev/null 2>&1
eventually 10 has badly "$work/udp"
like "a datagram as dockerd writes it, though the container is gone" '^<158>1 20[0-9-]+T[0-9:]+\.[0-9]{6}[Z+-][0-9:]* [^ ]+ talker [0-9]+ talker - to all$' "$(cat "$work/udp")"
like "errors are errors" '^<155>1 .* - badly$' "$(cat "$work/udp")"
docker run -d --name gelf --label colour=red --log-driver gelf --log-opt gelf-address=udp://127.0.0.1:15516 --log-opt gelf-compression-type=none --log-opt labels=colour busybox echo hi >/dev/null
eventually 10 has short_message "$work/gelf"
like "GELF" '"short_message":"hi".*"_colour":"red"' "$(cat "$work/gelf")"
is "docker logs works as well" hi "$(docker logs gelf)"
is "inspect shows what was asked for" 'gelf none' "$(docker inspect -f '{{.HostConfig.LogConfig.Type}} {{index .HostConfig.LogConfig.Config "gelf-compression-type"}}' gelf)"

# Nobody is there, the server dies, the container goes on; then all comes.
docker run -d --name counter --log-driver syslog --log-opt syslog-address=tcp://127.0.0.1:15515 busybox sh -c 'i=0; while [ $i -lt 200 ]; do echo n$i.; i=$((i+1)); sleep 0.1; done' >/dev/null
wrote() { docker logs counter | grep -q "$1"; }
succeeds "a receiver that is away holds nobody up" eventually 20 wrote 'n5\.'
kill -9 "$(server_pid)"
sleep 1
receive tcp 15515 "$work/tcp"
tallyman up --detach >/dev/null
eventually 20 has 'n40\.' "$work/tcp"
sleep 3 # until that counts as arrived, and is on disk
kill -9 "$(server_pid)"
tallyman up --detach >/dev/null
eventually 30 has 'n199\.' "$work/tcp"
missing=
for i in $(seq 0 199); do has "]: n$i\\." "$work/tcp" || missing="$missing n$i"; done
is "every line arrived, over two kills of the server" "" "$missing"
twice=$(grep -aoE 'n[0-9]+\.' "$work/tcp" | sort | uniq -d | wc -l)
like "and few of them twice" '^([0-9]|[1-5][0-9])$' "$twice"
docker rm -f counter gelf >/dev/null

rm -f "$settings"
tallyman down >/dev/null && tallyman up --detach >/dev/null
finish
