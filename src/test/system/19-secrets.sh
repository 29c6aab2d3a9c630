#!/usr/bin/env bash
# Secrets: made by REST, used by the docker client through a label; in the container and nowhere else.
. "$HERE/lib.sh"
no_containers
value="tally-$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')"
status() { tail -n 1 <<<"$1"; }

is "a secret is stored" 201 "$(status "$(rest POST /api/v1/secrets "{\"name\":\"db.password\",\"value\":\"$value\"}")")"
is "one of the same name is refused" 409 "$(status "$(rest POST /api/v1/secrets '{"name":"db.password","value":"x"}')")"

is "it is there from the first process on" "$value" "$(docker run --rm --label tallyman.secret.db.password= busybox cat /run/secrets/db.password)"
is "read-only for everybody" "444 0:0" "$(docker run --rm --label tallyman.secret.db.password= busybox stat -c '%a %u:%g' /run/secrets/db.password)"
is "or as was asked for" "400 70:71" "$(docker run --rm --label tallyman.secret.db.password=pw,uid=70,gid=71,mode=0400 busybox stat -c '%a %u:%g' /run/secrets/pw)"
fails "others do not read it then" 'Permission denied' docker run --rm --user 5:5 --label tallyman.secret.db.password=pw,uid=70,gid=71,mode=0400 busybox cat /run/secrets/pw
is "its user does" "$value" "$(docker run --rm --user 70 --label tallyman.secret.db.password=pw,uid=70,gid=71,mode=0400 busybox cat /run/secrets/pw)"
fails "nobody writes it" 'Read-only file system' docker run --rm --label tallyman.secret.db.password= busybox sh -c 'echo x >/run/secrets/db.password'
fails "root in the container does not mount it again" '.' docker run --rm --label tallyman.secret.db.password= busybox mount -o remount,rw /run/secrets
like "it is in memory" ' /run/secrets ro,.* - tmpfs ' "$(docker run --rm --label tallyman.secret.db.password= busybox cat /proc/self/mountinfo | grep -F ' /run/secrets ')"
is "with a read-only root too" "$value" "$(docker run --rm --read-only --label tallyman.secret.db.password= busybox cat /run/secrets/db.password)"
is "and with a tmpfs above it" "$value" "$(docker run --rm --tmpfs /run --label tallyman.secret.db.password= busybox cat /run/secrets/db.password)"
fails "a secret that is not there is named" 'secret not found: nowhere' docker run --rm --label tallyman.secret.nowhere= busybox true
fails "an image gives itself none" 'No such file' docker run --rm "$(docker create --label tallyman.secret.db.password= busybox | xargs -I{} docker commit {} labelled >/dev/null; echo labelled)" cat /run/secrets/db.password
no_containers
docker rmi -f labelled >/dev/null 2>&1

docker run -d --name holder --label tallyman.secret.db.password=pw busybox sh -c 'cat /run/secrets/pw | wc -c; exec sleep 1000' >/dev/null
is "an exec sees it" "$value" "$(docker exec holder cat /run/secrets/pw)"
fails "docker cp does not" 'Could not find the file|No such' docker cp holder:/run/secrets/pw -
is "nor in its folder" "secrets/" "$(docker cp holder:/run/secrets - | tar tf -)"
unlike "nor in the whole tree" 'run/secrets/.' "$(docker export holder | tar tf -)"
is "docker export has no such bytes" 0 "$(docker export holder | grep -caF "$value")"
unlike "docker diff lists no file of it" '/run/secrets/' "$(docker diff holder)"
docker commit holder committed >/dev/null
is "docker commit has no such bytes" 0 "$(docker save committed | grep -caF "$value")"
docker rmi -f committed >/dev/null
is "inspect has no such bytes" 0 "$(docker inspect holder | grep -caF "$value")"
is "nor have info, events and audit" 0 "$({ docker info; docker events --since 10m --until 0s; rest GET '/api/v1/audit?limit=1000'; rest GET /api/v1/events; } 2>/dev/null | grep -caF "$value")"
docker cp holder:/etc/passwd - >/dev/null && report ok "docker cp of other files works" || report "not ok" "docker cp of other files"

fails "a secret in use is not removed, and its holder is named" 'in use by holder' bash -c "! curl -sS --unix-socket '$RUN/docker.sock' -X DELETE http://localhost/api/v1/secrets/db.password | tee /dev/stderr | grep -q 'in use'"
docker restart -t 0 holder >/dev/null
is "it is there after a restart" "$value" "$(docker exec holder cat /run/secrets/pw)"
kill -KILL "$(server_pid)"
is "and while the server is down" 0 "$(eventually 5 bash -c "! kill -0 $(server_pid) 2>/dev/null"; echo $?)"
tallyman up --detach >/dev/null
is "and after the server was killed" "$value" "$(docker exec holder cat /run/secrets/pw)"
rest PUT /api/v1/secrets/db.password '{"value":"other"}' >/dev/null
docker restart -t 0 holder >/dev/null
is "a new value comes with the next start" other "$(docker exec holder cat /run/secrets/pw)"
rest PUT /api/v1/secrets/db.password "{\"value\":\"$value\"}" >/dev/null

head -c 512000 /dev/urandom >"$STATE-large"
{ printf '{"name":"large","data":"'; base64 -w0 "$STATE-large"; printf '"}'; } >"$STATE-body"
is "as large as with Docker" 201 "$(curl -sS --unix-socket "$RUN/docker.sock" -H 'Content-Type: application/json' -d "@$STATE-body" -o /dev/null -w '%{http_code}' http://localhost/api/v1/secrets)"
is "and whole" "$(sha256sum <"$STATE-large")" "$(docker run --rm --label tallyman.secret.large= busybox sha256sum /run/secrets/large | sed 's| .*|  -|')"
labels=$(for i in $(seq 1 12); do echo "--label tallyman.secret.large=f$i"; done)
# shellcheck disable=SC2086 # one word each
fails "a label is one secret once" 'No such file' docker run --rm $labels busybox cat /run/secrets/f1
rm -f "$STATE-large" "$STATE-body"

# Nothing that lies on the disk, or that our processes were given, has the value.
docker rm -f holder >/dev/null
is "no file of the server has it" 0 "$(grep -rlaF "$value" "$STATE" "$RUN" 2>/dev/null | wc -l)"
is "the key is the server's alone" "600 tallyman" "$(stat -c '%a %U' "$STATE/server/secrets.key")"
mv "$STATE/server/secrets.key" "$STATE/server/secrets.kept"
tallyman down >/dev/null 2>&1
tallyman up --detach >/dev/null
fails "without the key a start is refused, and says so" 'the key of secrets.*is missing' docker run --rm --label tallyman.secret.db.password= busybox true
mv "$STATE/server/secrets.kept" "$STATE/server/secrets.key"
is "with it again it works" "$value" "$(docker run --rm --label tallyman.secret.db.password= busybox cat /run/secrets/db.password)"
no_containers
is "secrets are removed" "204 204" "$(status "$(rest DELETE /api/v1/secrets/large)") $(status "$(rest DELETE /api/v1/secrets/db.password)")"
finish
