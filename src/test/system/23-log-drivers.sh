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
like "info names the drivers" 'fluentd gelf journald json-file local syslog' "$(docker info -f '{{.Plugins.Log}}')"
for other in udp://127.0.0.1:22 tcp://localhost:15515 udp://169.254.169.254:80 "unix://$RUN/docker.sock"; do
  fails "nor is $other" 'forward-to does not list it' docker run --rm --log-driver syslog --log-opt syslog-address="$other" busybox true
done
fails "nor is the host's journal" 'may not send to unix:///run/systemd/journal/socket' docker run --rm --log-driver journald busybox true

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

# The journal: a receiver that reads its protocol, unless the host has one of its own.
JOURNAL=/run/systemd/journal/socket
if [ ! -e $JOURNAL ]; then
  mkdir -p "${JOURNAL%/*}"
  python3 - "$JOURNAL" "$work/journal" <<'PY' &
import os, socket, struct, sys
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
while entry := server.recv(1 << 20):
    fields = []
    while entry:
        line, entry = entry.split(b"\n", 1)
        name, is_short, value = line.partition(b"=")
        if not is_short:
            size = struct.unpack("<Q", entry[:8])[0]
            value, entry = entry[8:8 + size], entry[8 + size + 1:]
        fields.append(name.decode() + "=" + repr(value.decode()))
    with open(sys.argv[2], "a") as out:
        print(*sorted(fields), file=out)
PY
  pids+=($!)
  printf 'tallyman.log.forward-to=unix://%s,127.0.0.1:15515\ntallyman.log.settled=1s\ntallyman.log.back-off-max=1s\n' "$JOURNAL" >"$settings"
  tallyman down >/dev/null && tallyman up --detach >/dev/null
  docker run -d --name noted --label com.example.note="$(printf 'two\nlines')" --log-driver journald --log-opt labels=com.example.note --log-opt tag='{{.Name}}' busybox sh -c 'echo to all; echo badly >&2' >/dev/null
  eventually 10 has badly "$work/journal"
  like "the journal gets dockerd's fields" \
    "COM_EXAMPLE_NOTE='two.nlines' CONTAINER_ID='[0-9a-f]{12}' CONTAINER_ID_FULL='[0-9a-f]{64}' CONTAINER_NAME='noted' CONTAINER_TAG='noted' IMAGE_NAME='busybox' MESSAGE='to all' PRIORITY='6' SYSLOG_IDENTIFIER='noted' SYSLOG_TIMESTAMP='20" \
    "$(cat "$work/journal")"
  like "errors are errors there" "MESSAGE='badly' PRIORITY='3'" "$(cat "$work/journal")"
  is "docker logs works as well there" "to all" "$(docker logs noted 2>/dev/null)"
  docker rm -f noted >/dev/null
  rm -rf "${JOURNAL%/*}"
fi

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
