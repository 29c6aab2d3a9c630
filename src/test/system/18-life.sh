#!/usr/bin/env bash
# Health checks, maximum run times, restart policies, events that outlive the server, commands that do.
. "$HERE/lib.sh"
no_containers

health() { docker inspect -f '{{.State.Health.Status}}' "$1"; }
is_health() { [ "$(health "$1")" = "$2" ]; }
is_state() { [ "$(docker inspect -f '{{.State.Status}}' "$1")" = "$2" ]; }
since=$(date +%s)

# A check's whole life: starting, healthy, unhealthy.
docker run -d --name fit --health-cmd 'cat /ok' --health-interval 300ms --health-timeout 2s --health-retries 2 busybox sh -c 'trap "exit 0" TERM; sleep 1; echo fine >/ok; while :; do sleep 0.1; done' >/dev/null
like "ps shows that checks have begun" '\(health: starting\)|\(healthy\)' "$(docker ps --filter name=fit --format '{{.Status}}')"
eventually 10 is_health fit healthy
is "a container becomes healthy" healthy "$(health fit)"
like "ps shows it" '^Up .* \(healthy\)$' "$(docker ps --filter name=fit --format '{{.Status}}')"
is "and finds it" fit "$(docker ps --filter health=healthy --format '{{.Names}}')"
is "but not among others" "" "$(docker ps --filter health=unhealthy --filter health=none --format '{{.Names}}')"
like "the log has what the check said" '^0 fine' "$(docker inspect -f '{{range .State.Health.Log}}{{.ExitCode}} {{.Output}}{{end}}' fit | grep fine | tail -n 1)"
eventually 10 sh -c '[ "$(docker inspect -f "{{len .State.Health.Log}}" fit)" = 5 ]'
is "five entries, no more" 5 "$(docker inspect -f '{{len .State.Health.Log}}' fit)"
is "inspect shows the check as given" '["CMD-SHELL","cat /ok"] 300ms 2s 2' "$(docker inspect -f '{{json .Config.Healthcheck.Test}} {{.Config.Healthcheck.Interval}} {{.Config.Healthcheck.Timeout}} {{.Config.Healthcheck.Retries}}' fit)"
docker exec fit rm /ok
eventually 10 is_health fit unhealthy
is "two failures make it unhealthy" unhealthy "$(health fit)"

# The server dies: what is known of the health stays, and checks go on.
docker exec fit sh -c 'echo again >/ok'
eventually 10 is_health fit healthy
kill -KILL "$(server_pid)"
succeeds "up again" tallyman up --detach
is "still healthy" healthy "$(health fit)"
docker exec fit rm /ok
eventually 15 is_health fit unhealthy
is "checks go on after a restart of the server" unhealthy "$(health fit)"

# A check that hangs is killed, and says so.
docker run -d --name slow --health-cmd 'echo wait; sleep 100' --health-interval 200ms --health-timeout 500ms --health-retries 1 busybox sleep 100 >/dev/null
eventually 10 is_health slow unhealthy
is "a check that hangs is a failure" '-1 Health check exceeded timeout (500ms): wait' "$(docker inspect -f '{{with index .State.Health.Log 0}}{{.ExitCode}} {{.Output}}{{end}}' slow | head -n 1)"
unlike "and does not go on" 'sleep 100.*sleep 100.*sleep 100.*sleep 100' "$(docker top slow | tr '\n' ' ')"
docker run -d --name talker --health-cmd 'seq 5000' --health-interval 200ms --health-retries 1 busybox sleep 100 >/dev/null
eventually 10 is_health talker healthy
is "4096 bytes of output are kept" 4100 "$(docker inspect -f '{{(index .State.Health.Log 0).Output}}' talker | wc -c)"

# None, and what Docker refuses.
docker run -d --name calm --no-healthcheck busybox sleep 100 >/dev/null
is "no health without a check" '<nil>' "$(docker inspect -f '{{.State.Health}}' calm)"
is "it is found as none" calm "$(docker ps --filter health=none --format '{{.Names}}')"
fails "an interval under a millisecond is refused" 'Interval in Healthcheck cannot be less than 1ms' docker run --rm --health-cmd true --health-interval 10us busybox true
like "a check of an unknown kind is refused" 'Unknown probe type' "$(rest POST /containers/create '{"Image":"busybox","Healthcheck":{"Test":["HTTP","/"]}}')"

# What Docker lacks: something is done about it.
docker run -d --name lazarus --label tallyman.health.action=restart --health-cmd 'test -e /ok' --health-interval 300ms --health-retries 1 busybox sh -c 'trap "exit 0" TERM; if [ -e /second ]; then touch /ok; fi; touch /second; while :; do sleep 0.1; done' >/dev/null
eventually 20 is_health lazarus healthy
is "an unhealthy container was restarted" "healthy running" "$(docker inspect -f '{{.State.Health.Status}} {{.State.Status}}' lazarus)"
docker run -d --name doomed --restart always --label tallyman.health.action=kill --health-cmd false --health-interval 200ms --health-retries 2 busybox sleep 100 >/dev/null
eventually 10 is_state doomed exited
is "another was killed, and no policy brought it back" 'exited 137 unhealthy: 2 health checks failed one after the other' "$(docker inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}' doomed)"
fails "an unknown action is refused" 'invalid action on unhealthy' docker run --rm --label tallyman.health.action=pray busybox true

# A maximum run time.
docker run -d --name brief --label tallyman.max-runtime=2s --restart always busybox sh -c 'trap "exit 0" TERM; while :; do sleep 0.1; done' >/dev/null
eventually 10 is_state brief exited
is "it is stopped, with the reason" 'exited 0 stopped: its maximum run time of 2s is over' "$(docker inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}' brief)"
fails "a run time that is none is refused" 'invalid maximum run time' docker run --rm --label tallyman.max-runtime=soon busybox true
succeeds "a longer one does nothing" docker run --rm --label tallyman.max-runtime=1h busybox true

events=$(timeout 20 "$(type -P docker)" events --since "$since" --until "$(($(date +%s) + 1))")
like "events tell of health" 'health_status: healthy.*name=fit' "$events"
like "and of its loss" 'health_status: unhealthy.*name=fit' "$events"
like "and who did it" 'container start .*name=fit.*tallyman.account=[^,]+, tallyman.way=docker' "$events"
like "and what the server did by itself" 'container stop .*name=brief.*tallyman.account=system, .*tallyman.way=system' "$events"
like "and why something was stopped" 'stop .*name=brief.*reason=stopped: its maximum run time' "$events"
no_containers
began=$SECONDS
is "a client that only writes gets no output" "" "$(echo hi | docker run --rm -i -a stdin busybox cat | grep -x hi)"
if [ $((SECONDS - began)) -le 4 ]; then report ok "and is not waited for"; else report "not ok" "and is not waited for" "$((SECONDS - began)) s"; fi
docker run -d --name told busybox sleep 60 >/dev/null
docker exec -d told sh -c 'echo x; exit 3'
no_execs() { [ "$(docker inspect -f '{{len .ExecIDs}}' told)" = 0 ]; }
if eventually 4 no_execs; then report ok "the end of a detached exec is known at once"; else report "not ok" "the end of a detached exec is known at once" "after 4 s it still runs"; fi
docker rm -f told >/dev/null

finish
