#!/usr/bin/env bash
# The everyday list once more, by REST over HTTP with a token and in a real browser, and the trail that shows each way in.
. "$HERE/lib.sh"
no_containers
who='"name":"rita","password":"correct horse battery"'
work=$(mktemp -d)
url=http://localhost:$PORT

like "an account for a service is made" '20[01]$' "$(rest POST /api/v1/accounts "{$who,\"role\":\"MEMBER\"}")"
curl -sS --max-time 20 -c "$work/jar" -o /dev/null -X POST -H 'Content-Type: application/json' -d "{$who}" "$url/api/v1/session"
token=$(curl -sS --max-time 20 -b "$work/jar" -X POST -H 'Content-Type: application/json' -d '{"name":"service"}' "$url/api/v1/tokens" | jq -r .secret)
like "it has a token" '^tlm_' "$token"

# over METHOD PATH [curl arguments]: the body; the status goes to $work/status
over() {
  local method=$1 path=$2
  shift 2
  curl -sS --max-time 60 -X "$method" -H "Authorization: Bearer $token" -o "$work/body" -w '%{http_code}' "$@" "$url$path" >"$work/status"
  cat "$work/body"
}
json() { over "$1" "$2" -H 'Content-Type: application/json' -d "$3"; }
status() { cat "$work/status"; }
# output JSON-OF-A-NEW-CONTAINER: runs it to its end, prints its log, removes it
output() {
  local id
  id=$(json POST /api/v1/containers "$1" | jq -r .id)
  over POST "/api/v1/containers/$id/start" >/dev/null
  over POST "/api/v1/containers/$id/wait" >/dev/null
  over GET "/api/v1/containers/$id/logs"
  over DELETE "/api/v1/containers/$id" >/dev/null
}

is "a container prints" hello "$(output '{"image":"busybox","command":["echo","hello"]}')"
json POST /api/v1/containers '{"name":"web","image":"busybox","memory":"64m","ports":[{"containerPort":80,"hostPort":18082}],
  "command":["sh","-c","mkdir -p /www; echo tally > /www/index.html; echo ready; httpd -f -p 80 -h /www"]}' >/dev/null
is "created" 201 "$(status)"
over POST /api/v1/containers/web/start >/dev/null
is "started" 200 "$(status)"
eventually 10 curl -sf -o /dev/null localhost:18082
is "the published port answers" tally "$(curl -s --max-time 5 localhost:18082)"
like "exec" '^uid=0\(root\)' "$(json POST /api/v1/containers/web/exec '{"command":["id"]}' | jq -r .output)"
is "its exit code" 3 "$(json POST /api/v1/containers/web/exec '{"command":["sh","-c","exit 3"]}' | jq .exitCode)"
is "log" ready "$(over GET /api/v1/containers/web/logs)"
like "stats" '[1-9]' "$(over GET /api/v1/containers/web/stats | jq .memoryBytes)"
like "processes" 'httpd -f' "$(over GET /api/v1/containers/web/processes)"
is "inspect" RUNNING "$(over GET /api/v1/containers/web | jq -r .state)"
first=$(output '{"image":"busybox","command":["cat","/proc/self/uid_map"]}' | awk '{print $2}')
second=$(output '{"image":"busybox","command":["cat","/proc/self/uid_map"]}' | awk '{print $2}')
is "root inside is an id above 100000 outside" yes "$([ "$first" -ge 100000 ] && [ "$second" -ge 100000 ] && echo yes)"
json POST /api/v1/containers '{"name":"eater","image":"busybox","memory":"32m","command":["sh","-c","tail /dev/zero"]}' >/dev/null
over POST /api/v1/containers/eater/start >/dev/null
over POST /api/v1/containers/eater/wait >/dev/null
is "a container that eats its memory is killed, and it is said why" "137 true" "$(over GET /api/v1/containers/eater | jq -r '"\(.exitCode) \(.isOomKilled)"')"

over GET '/api/v1/images/save?name=busybox' >"$work/saved.tar"
is "an image is saved" 200 "$(status)"
like "and loaded" 'busybox:latest' "$(over POST /api/v1/images/load -H 'Content-Type: application/x-tar' --data-binary "@$work/saved.tar" | jq -r '.messages[]')"
printf 'tally' >"$work/file" && tar -C "$work" -cf "$work/root.tar" file
like "a root file system is imported" '^sha256:' "$(over POST '/api/v1/images/import?reference=restful:1' -H 'Content-Type: application/x-tar' --data-binary "@$work/root.tar" | jq -r .id)"
json POST /api/v1/images/tags '{"name":"restful:1","repository":"restful","tag":"2"}' >/dev/null
is "tagged" 201 "$(status)"
like "its history" '[Ii]mport' "$(over GET '/api/v1/images/history?name=restful:2')"
over DELETE '/api/v1/images?name=restful:1' >/dev/null
is "removed" 200 "$(status)"
over DELETE '/api/v1/images?name=restful:2' >/dev/null
over GET '/api/v1/images/one?name=restful:2' >/dev/null
is "gone with its last name" 404 "$(status)"

started=$(over GET /api/v1/containers/web | jq -r .startedAt)
kill -9 "$(server_pid)"
is "it serves while the server is dead" tally "$(curl -s --max-time 5 localhost:18082)"
succeeds "the server comes back" tallyman up --detach
is "the same run, the same start" "RUNNING $started" "$(over GET /api/v1/containers/web | jq -r '"\(.state) \(.startedAt)"')"
over DELETE '/api/v1/containers/web?force=true' >/dev/null
is "removed by force" 204 "$(status)"
over DELETE /api/v1/containers/eater >/dev/null
is "nothing is left" '[]' "$(over GET '/api/v1/containers?all=true')"

rows=$(rest GET '/api/v1/audit?account=rita&way=rest&limit=200' | head -n -1)
for action in container.create container.start exec.start container.remove image.load image.import image.tag image.remove; do
  like "the trail shows $action under the service's name and way" "\"$action\"" "$(jq -r '.rows[] | select(.outcome == "done") | "\"" + .action + "\""' <<<"$rows")"
done
is "and no other way of that account but its log-in" "" "$(rest GET '/api/v1/audit?account=rita&limit=200' | head -n -1 | jq -r '.rows[] | select(.way != "rest") | .action' | sort -u | grep -v '^session\.\|^token\.' )"
like "account removed" '20[04]$' "$(rest DELETE /api/v1/accounts/rita)"

# In the browser: one test class that speaks to this instance, not to a stand-in.
like "an account for a person is made" '20[01]$' "$(rest POST /api/v1/accounts '{"name":"bruno","password":"correct horse battery","role":"MEMBER"}')"
in_the_browser() {
  (cd "$TOP" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 MAVEN_OPTS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC" timeout 400 mvn -B -q -Pbrowser test -Dexcluded.tags= -Dincluded.tags=instance \
    -Dtest=EverydayBrowserIT "-Dtallyman.url=$url" "-Dtallyman.archive=$work/saved.tar" "-Dtallyman.pictures=${PICTURES:-$work}")
}
succeeds "the everyday list in a real browser" in_the_browser
rows=$(rest GET '/api/v1/audit?account=bruno&way=browser&limit=200' | head -n -1)
for action in container.create container.start exec.start container.stop container.remove image.load image.tag image.remove; do
  like "the trail shows $action in the browser" "\"$action\"" "$(jq -r '.rows[] | select(.outcome == "done") | "\"" + .action + "\""' <<<"$rows")"
done
like "the person's account is removed" '20[04]$' "$(rest DELETE /api/v1/accounts/bruno)"
rm -rf "$work"
no_containers
finish
