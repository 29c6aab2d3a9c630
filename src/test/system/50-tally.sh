#!/usr/bin/env bash
# Who did it, by which way in: the audit trail, tokens and roles, by REST and by docker.
. "$HERE/lib.sh"
no_containers

docker run --rm --name audited busybox true
rows=$(rest GET '/api/v1/audit?limit=50' | head -n -1)
like "create is in the trail" '"action":"container.create"' "$rows"
like "start too" '"action":"container.start"' "$rows"
like "with the account" '"account":"admin"' "$rows"
like "and the peer's uid and pid" 'uid 0, pid [0-9]+' "$rows"
docker exec nosuch true >/dev/null 2>&1
docker run --rm --privileged busybox true >/dev/null 2>&1
like "refusals too" '"outcome":"(refused|failed)"' "$(rest GET '/api/v1/audit?limit=50' | head -n -1)"
like "the chain holds" '"isIntact":true' "$(rest GET /api/v1/audit/verify | head -n -1)"

like "an account is made" '20[01]$' "$(rest POST /api/v1/accounts '{"name":"vera","password":"correct horse battery","role":"VIEWER"}')"
session=$(curl -s -c - -o /dev/null -X POST -H 'Content-Type: application/json' -d '{"name":"vera","password":"correct horse battery"}' "http://localhost:$PORT/api/v1/session" | awk '/tallyman_session/{print $7}')
like "she logs in" '.{20,}' "$session"
token=$(curl -s -X POST -b "tallyman_session=$session" -H 'Content-Type: application/json' -d '{"name":"laptop"}' "http://localhost:$PORT/api/v1/tokens" | jq -r .secret)
like "she makes a token" '^tlm_' "$token"
mkdir -p "$DOCKER_CONFIG/vera"
printf '{"HttpHeaders":{"X-Tallyman-Token":"%s"}}' "$token" >"$DOCKER_CONFIG/vera/config.json"
vera() { env -u DOCKER_HOST docker --config "$DOCKER_CONFIG/vera" -H "tcp://localhost:$PORT" "$@"; }
succeeds "docker over HTTP with the token" vera ps
fails "a viewer may not run" 'role|right|denied|permission' vera run --rm busybox true
like "her refusal is in the trail under her name" 'vera' "$(rest GET '/api/v1/audit?account=vera&limit=20' | head -n -1)"
is "without a token nobody gets in" 401 "$(curl -s -o /dev/null -w '%{http_code}' "http://localhost:$PORT/containers/json")"
is "nor by REST" 401 "$(curl -s -o /dev/null -w '%{http_code}' "http://localhost:$PORT/api/v1/containers")"
like "an account is removed" '20[04]$' "$(rest DELETE /api/v1/accounts/vera)"
fails "and her token with it" '401|[Uu]nauth|log in|token' vera ps

like "REST errors are problems" 'application/problem\+json' "$(curl -s -D - -o /dev/null --unix-socket "$RUN/docker.sock" http://localhost/api/v1/containers/nosuch)"
is "REST runs a container" 201 "$(rest POST /api/v1/containers '{"name":"byrest","image":"busybox","command":["sleep","60"]}' | tail -n 1)"
is "starts it" 200 "$(rest POST /api/v1/containers/byrest/start | tail -n 1)"
is "and docker sees it" byrest "$(docker ps --format '{{.Names}}')"
is "removes it" 204 "$(rest DELETE '/api/v1/containers/byrest?force=true' | tail -n 1)"
like "OpenAPI" '/api/v1/containers' "$(rest GET /q/openapi)"
like "metrics" 'jvm_memory' "$(rest GET /q/metrics)"
like "malformed JSON is refused as Docker does" '400$' "$(rest POST /containers/create '{"Image":')"
is "a path with a semicolon is refused" 400 "$(curl -s -o /dev/null -w '%{http_code}' --unix-socket "$RUN/docker.sock" 'http://localhost/containers/json;x=1')"
no_containers
finish
