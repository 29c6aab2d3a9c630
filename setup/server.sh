# Builds, starts, stops and watches the server. Sourced by ./tallyman.

READY_SECONDS=90
SERVER_CHANGED=no

# Sets BUILD_STAMP, which changes with every source file that ends in the server: a quick second `up` must not build again.
build_all() {
  quietly make -s -C "$TOP/native-helper" -j2 all || fail "the native helper does not compile; see above"
  BUILD_STAMP=$(find "$TOP/pom.xml" "$TOP/src/main" -type f -printf '%P %s %T@\n' | sort | sha256sum | cut -d' ' -f1)
  if [ "$(cat "$TOP/target/quarkus-app/stamp" 2>/dev/null)" != "$BUILD_STAMP" ]; then
    say "building the server (the first time fetches its libraries)"
    (cd "$TOP" && MAVEN_OPTS="${MAVEN_OPTS:-$LIGHT_JVM}" quietly mvn -B -q -DskipTests package) || fail "the server does not build; see above"
    echo "$BUILD_STAMP" >"$TOP/target/quarkus-app/stamp"
  fi
}

# A short-lived JVM spends its time in the compiler: the first tier is enough for Maven and its tests.
LIGHT_JVM="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"

server_pid() {
  local pid
  pid=$(cat "$STATE/server.pid" 2>/dev/null) || return 1
  [ -n "$pid" ] && tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF -- "-Dtallyman.state=$STATE " && echo "$pid"
}

ask_server() {
  curl -sS --max-time 60 --unix-socket "$RUN/docker.sock" "$@"
}

is_ready() {
  [ "$(ask_server --max-time 5 -o /dev/null -w '%{http_code}' http://localhost/q/health/ready 2>/dev/null)" = 200 ]
}

# Whether anybody answers, ready or not, or keeps curl waiting (28). One that was killed just now refuses, or breaks off.
is_taken() {
  local code=0
  [ -S "$RUN/docker.sock" ] || return 1
  ask_server --max-time 5 -o /dev/null http://localhost/_ping 2>/dev/null || code=$?
  [ $code -eq 0 ] || [ $code -eq 28 ]
}

start_server() {
  local pid
  if pid=$(server_pid); then
    if [ "$SERVER_CHANGED" = no ] && is_ready; then
      open_socket # an earlier start may have been ended before it came to that
      say "the server runs already (pid $pid)"
      return
    fi
    say "the server is another version: starting it anew, containers go on"
    stop_server
  elif is_taken; then
    # It would answer for the new one, which cannot have the socket.
    fail "another server uses $RUN; stop it, or give this one a --run of its own"
  fi
  install_run_folders
  make_first_password
  say "starting the server"
  rm -f "$RUN/docker.sock" # left of a server that was killed: nobody listens there
  launch_server
  wait_until_ready
  open_socket
}

# Anybody may connect to the socket; the server asks the kernel who it is and refuses users that are no account. Not as root: the folder is the
# server's, and what has the socket's name there may be a link.
open_socket() { setpriv --reuid="$SERVER_USER" --regid="$SERVER_USER" --clear-groups chmod 0666 "$RUN/docker.sock"; }

# On the disk before the server makes the account of it: nobody could log in whose password a power cut took.
make_first_password() {
  [ ! -e "$STATE/first-password" ] || return 0
  (umask 077 && head -c 15 /dev/urandom | base64 | tr '+/' 'xy' >"$STATE/first-password.new")
  install -o "$SERVER_USER" -g "$SERVER_USER" -m 0400 "$STATE/first-password.new" "$STATE/server/first-password"
  sync "$STATE/first-password.new" "$STATE/server/first-password"
  mv "$STATE/first-password.new" "$STATE/first-password"
  sync "$STATE"
}

# A daemon keeps nothing open of the shell that started it: a lock held there would stay held as long as the server runs.
close_inherited() {
  local each
  for each in /proc/self/fd/*; do
    each=${each##*/}
    [ "$each" -le 2 ] || eval "exec $each>&-"
  done
}

# Sets JVM, the virtual machine's options. The training run of setup/archive.sh needs the same, or its archive is not accepted.
java_options() {
  local version
  version=$(jdk_version "$JAVA_HOME")
  # The heap begins small, for it would begin with a sixty-fourth of the machine, and what the start leaves behind would stay in memory.
  # Room for the metadata of the classes that are always loaded, for the collector would stop everything twice at the start to look for some to unload.
  JVM=("-Xmx${TALLYMAN_HEAP:-512m}" -Xms32m -XX:MetaspaceSize=128m -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError -Djava.net.preferIPv4Stack=false)
  [ "$version" -lt 22 ] || JVM+=(--enable-native-access=ALL-UNNAMED)
  [ "$version" -lt 23 ] || JVM+=(--sun-misc-unsafe-memory-access=allow)
}

launch_server() {
  java_options
  use_archive
  local settings=()
  # An administrator's settings, if there are any; those of the command line win.
  [ ! -r "$SETTINGS" ] || settings+=("-Dsmallrye.config.locations=$SETTINGS")
  touch "$STATE/server.log"
  LOG_START=$(stat -c %s "$STATE/server.log")
  chmod 0640 "$STATE/server.log"
  local slot=${SLOT:-$(instance_slot)}
  (
    cd /
    umask 077
    close_inherited
    exec env -i PATH=/usr/bin:/bin LANG=C.UTF-8 HOME=/nonexistent setsid \
      ${TALLYMAN_CRASH_AT:+env TALLYMAN_CRASH_AT="$TALLYMAN_CRASH_AT"} \
      setpriv --reuid="$SERVER_USER" --regid="$SERVER_USER" --clear-groups \
      "$JAVA_HOME/bin/java" "${JVM[@]}" "${settings[@]}" "-XX:ErrorFile=$STATE/server/hs_err.log" -Djava.io.tmpdir="$STATE/server/tmp" \
      "-Dtallyman.state=$STATE" "-Dtallyman.run=$RUN" "-Dtallyman.monitor=$RUN-monitor" "-Dtallyman.helper=$LIB/helper" \
      "-Dtallyman.network.subnet=$(slot_default_network "$slot")" \
      "-Dtallyman.network.pool=$(slot_subnet "$slot")" "-Dtallyman.network.pool6=$(slot_subnet6 "$slot")" "-Dtallyman.network.pool-prefix=$(slot_pool_prefix "$slot")" \
      "-Dquarkus.http.port=$PORT" "-Dquarkus.http.host=$ADDRESS" \
      -jar "$LIB/server/quarkus-run.jar"
  ) </dev/null >>"$STATE/server.log" 2>&1 &
  echo $! >"$STATE/server.pid"
  disown
}

said_since_launch() { tail -c "+$((LOG_START + 1))" "$STATE/server.log"; }

# One plain sentence out of what the server wrote since it was launched.
why_it_ended() {
  local said reason
  said=$(said_since_launch)
  if reason=$(grep -m 1 '^cannot start: ' <<<"$said"); then
    echo "${reason#cannot start: }"
  elif grep -q 'Address already in use' <<<"$said"; then
    echo "port $PORT is in use already, choose another with --port"
  elif reason=$(grep '^Caused by: ' <<<"$said"); then
    tail -n 1 <<<"${reason#Caused by: }" | sed 's/^Caused by: //'
  else
    tail -n 1 <<<"$said"
  fi
}

# Asked before the server listens, curl would only take processor time from its start.
has_socket() { [ -S "$RUN/docker.sock" ]; }

# The second compiler takes a third of the processor time of a start, for code that is mostly not needed again: until the server answers it
# only gets what the start leaves, as the scheduler lets it. A nice value of 19 would leave it more. Not where it could not be taken back, which
# needs CAP_SYS_NICE. The threads exist some 50 ms after the launch.
hold_back_compiler() {
  local each name
  [ -z "$HELD_BACK" ] || return 0
  for each in /proc/"$1"/task/*; do
    { read -r name <"$each/comm"; } 2>/dev/null || continue
    [[ $name == "C2 Compiler"* ]] || continue
    HELD_BACK=$1
    if chrt --idle 0 chrt --other 0 true 2>/dev/null; then chrt --idle --pid 0 "${each##*/}" 2>/dev/null || true; fi
    return 0
  done
}

# All threads, for the one that was held back may have started another, which is then held back, too.
release_compiler() {
  [ -z "$HELD_BACK" ] || chrt --all-tasks --other --pid 0 "$HELD_BACK" 2>/dev/null || true # the server may have ended
  HELD_BACK=
}

HELD_BACK=

wait_until_ready() {
  # However the script ends.
  trap release_compiler EXIT
  follow_start
  release_compiler
  trap - EXIT
}

follow_start() {
  local pid deadline=$((SECONDS + READY_SECONDS))
  pid=$(cat "$STATE/server.pid")
  until has_socket && is_ready; do
    hold_back_compiler "$pid"
    if ! kill -0 "$pid" 2>/dev/null; then
      if ended_with_archive; then
        start_without_archive
        return
      fi
      fail "the server did not start: $(why_it_ended); the whole log is $STATE/server.log"
    fi
    if [ $SECONDS -ge $deadline ]; then
      ask_server http://localhost/q/health/ready >&2 || true
      fail "the server is up but not ready after $READY_SECONDS s; what it says is above"
    fi
    sleep 0.05
  done
}

stop_server() {
  local pid waited=0
  if ! pid=$(server_pid); then
    say "the server is not running"
    return 0
  fi
  if [ "${REST[*]}" = --all ]; then say "stopping the server"; else say "stopping the server (containers go on)"; fi
  kill -TERM "$pid"
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.1
    waited=$((waited + 1))
    [ $waited -lt 200 ] || kill -KILL "$pid" 2>/dev/null || true
  done
  rm -f "$STATE/server.pid"
}

STOPS_AT_ONCE=32
STOP_SECONDS=600

stop_containers() {
  server_pid >/dev/null || fail "down --all needs the running server to stop the containers: ./tallyman up --detach first"
  local id count=0
  for id in $(ask_server 'http://localhost/containers/json' | grep -o '"Id":"[0-9a-f]\{64\}"' | cut -d'"' -f4 || true); do
    say "stopping container ${id:0:12}"
    # As long as the container may take by its own wish, which may be for ever; then it is killed.
    {
      ask_server --max-time "$STOP_SECONDS" -X POST -f -o /dev/null "http://localhost/containers/$id/stop" ||
        ask_server -X POST -f -o /dev/null "http://localhost/containers/$id/kill" || note "could not stop ${id:0:12}"
    } &
    count=$((count + 1))
    [ $((count % STOPS_AT_ONCE)) -ne 0 ] || wait
  done
  wait
  ask_server -X POST -f -o /dev/null http://localhost/api/v1/networks/down || note "could not take the networks down"
}

# What remains in the kernel of an instance without containers and networks: empty groups, which only root may remove, and the folders of sockets.
leave_kernel() {
  local parent folder
  parent=$(sed -n 's/^cgroup_parent *= *//p' "$LIB/roots.conf")
  parent=${parent:-tallyman${NAME:+-$NAME}} # the helper's own default (policy.c)
  for folder in /sys/fs/cgroup/"$parent" /sys/fs/cgroup/*/"$parent"; do
    [ ! -d "$folder" ] || rmdir "$folder" || note "something still runs in $folder"
  done
  rm -f "$RUN/docker.sock" "$RUN/instance.lock"
  { [ ! -d "$RUN-monitor/server" ] || rmdir "$RUN-monitor/server"; } && rmdir "$RUN" "$RUN-monitor" || note "the folders $RUN and $RUN-monitor are not empty"
}

stay_in_foreground() {
  say "running in the foreground; Ctrl-C stops the server, containers go on"
  trap 'stop_server; exit 0' INT TERM
  tail -n 0 -F "$STATE/server.log" &
  local follower=$!
  while server_pid >/dev/null; do sleep 1 & wait $! || true; done
  kill $follower 2>/dev/null || true
  fail "the server ended; its log is $STATE/server.log"
}

print_status() {
  local pid
  if pid=$(server_pid); then
    echo "running: pid $pid, since $(ps -o lstart= -p "$pid")"
    echo "dashboard: $(dashboard_url)"
    echo "docker: export DOCKER_HOST=unix://$RUN/docker.sock"
    echo "settings: $SETTINGS, policy: $POLICY"
    if is_ready; then echo "ready: yes"; else echo "ready: no - $(ask_server http://localhost/q/health/ready 2>&1 | tr -d '\n' | cut -c1-400)"; fi
  else
    echo "not running (start it with ./tallyman up)"
    return 3
  fi
}

dashboard_url() {
  local host=$ADDRESS
  [ "$host" != 0.0.0.0 ] || host=localhost
  echo "http://$host:$PORT/"
}

# Has admin chosen a password of his own? The one of the first start is of no use any more then.
first_password_is_used() {
  curl -s --max-time 5 --unix-socket "$RUN/docker.sock" http://localhost/api/v1/accounts | tr '{' '\n' | grep '"name":"admin"' | grep -q '"mustChangePassword":false'
}

print_welcome() {
  echo
  echo "Tallyman is ready."
  echo "  dashboard      $(dashboard_url)"
  if first_password_is_used; then
    echo "  first account  admin, with the password chosen at its first login"
  elif [ -s "$STATE/first-password" ]; then
    echo "  first account  admin, password $(cat "$STATE/first-password") (to be changed at first login; kept in $STATE/first-password)"
  fi
  echo "  docker         export DOCKER_HOST=unix://$RUN/docker.sock"
}
