# The archive of loaded classes, from which the virtual machine starts in half the time (JEP 483 and 514; before JDK 25 class data sharing).
# It is made by a training run of the installed server, for exactly this server and this JDK. Without it the server only starts slower.
# Sourced by ./tallyman.

ARCHIVE_SECONDS=180
WITHOUT_ARCHIVE=no

# Sets ARCHIVE_STAMP, what decides whether an archive fits: the virtual machine compares names, sizes and times of the jars, and its own build.
# The whole paths, which JDK 25 does not compare: classes out of an archive come, as they see it, from the jars of its training. Of jars that
# are gone it makes packages that are not sealed, and ends with "sealing violation" at the second class of one that ought to be.
stamp_archive() {
  java_options
  ARCHIVE_STAMP=$({
    find "$LIB/server" -name '*.jar' -printf '%p %s %T@\n' | sort
    stat -L -c '%n %s %Y' "$(readlink -f "$JAVA_HOME/bin/java")" "$JAVA_HOME/lib/modules" "$JAVA_HOME/lib/server/libjvm.so"
    printf '%s\n' "${JVM[@]}"
  } | sha256sum | cut -d' ' -f1)
}

# A failed training leaves a stamp without an archive: it is not tried again until server or JDK change, for a second `up` must be quick.
install_archive() {
  stamp_archive
  [ "$(cat "$LIB/server/archive.stamp" 2>/dev/null)" != "$ARCHIVE_STAMP" ] || return 0
  rm -f "$LIB/server/archive"
  # For who changes the server often and starts it seldom.
  [ "${TALLYMAN_ARCHIVE:-yes}" = yes ] || return 0
  say "letting the server start once for practice, so that it starts faster from now on"
  train_archive || note "no archive of loaded classes: the server starts slower, and is the same otherwise"
  echo "$ARCHIVE_STAMP" | replace_file "$LIB/server/archive.stamp" 0644
}

# Adds to JVM what lets the server start from its archive, if there is one for this very server and JDK.
use_archive() {
  [ $WITHOUT_ARCHIVE = no ] && [ -e "$LIB/server/archive" ] && [ "$(cat "$LIB/server/archive.stamp")" = "$ARCHIVE_STAMP" ] || return 0
  # The virtual machine's own four lines about an archive it does not accept are left to one of the server.
  JVM+=("-Dtallyman.archive=$LIB/server/archive")
  if makes_whole_archive; then
    JVM+=("-XX:AOTCache=$LIB/server/archive" "-Xlog:aot*=off")
  else
    JVM+=("-XX:SharedArchiveFile=$LIB/server/archive" "-Xlog:cds*=off")
  fi
}

# Did the virtual machine itself end, and it had an archive? It trusts what it reads of one, and no sentence of the server begins like these.
ended_with_archive() {
  [[ "${JVM[*]}" == *-Dtallyman.archive=* ]] &&
    grep -q -e '^Error occurred during initialization of VM' -e '^# A fatal error has been detected by the Java Runtime Environment' < <(said_since_launch)
}

# The archive goes only when the server starts without it, for the reason may be another. Its stamp stays: the same one is not made again.
start_without_archive() {
  local told="the virtual machine ended with the archive of loaded classes $LIB/server/archive: starting without"
  say "$told"
  echo "$told; when the server has started the archive is removed, and made again after $LIB/server/archive.stamp is removed, too" >>"$STATE/server.log"
  WITHOUT_ARCHIVE=yes
  launch_server
  HELD_BACK=
  follow_start
  rm -f "$LIB/server/archive"
}

makes_whole_archive() { [ "$(jdk_version "$JAVA_HOME")" -ge 25 ]; }

train_archive() {
  local scratch made=no
  # What an interrupted training left: none lasts this long.
  find /var/tmp -maxdepth 1 -type d -user root -name 'tallyman-training.??????' -mmin +15 -exec rm -rf {} +
  scratch=$(mktemp -d /var/tmp/tallyman-training.XXXXXX)
  chmod 0711 "$scratch"
  install -d -o "$SERVER_USER" -g "$SERVER_USER" -m 0700 "$scratch"/{state,state/server,state/server/tmp,run,out}
  # Not setuid, and not where it works: this one refuses whatever it is asked, so that no training touches the machine.
  install -m 0755 "$LIB/helper" "$scratch/helper"
  if train_in "$scratch"; then
    # Read with the server's rights: the server's user owns the folder, and could have put a link to any file of the host there.
    if setpriv --reuid="$SERVER_USER" --regid="$SERVER_USER" --clear-groups cat "$scratch/out/archive" | replace_file "$LIB/server/archive" 0644; then
      made=yes
    else
      rm -f "$LIB/server/archive"
    fi
  fi
  rm -rf "$scratch"
  [ "$made" = yes ]
}

# train_in FOLDER  runs the server on a state of its own, asks it for what people ask for first, and ends it; then it writes the archive.
train_in() {
  local scratch=$1 archive=-XX:ArchiveClassesAtExit pid
  java_options
  ! makes_whole_archive || archive=-XX:AOTCacheOutput
  (
    cd /
    umask 077
    close_inherited
    exec env -i PATH=/usr/bin:/bin LANG=C.UTF-8 HOME=/nonexistent setpriv --reuid="$SERVER_USER" --regid="$SERVER_USER" --clear-groups \
      timeout -s KILL "$ARCHIVE_SECONDS" "$JAVA_HOME/bin/java" "${JVM[@]}" "$archive=$scratch/out/archive" -Djava.io.tmpdir="$scratch/state/server/tmp" \
      "-Dtallyman.state=$scratch/state" "-Dtallyman.run=$scratch/run" "-Dtallyman.monitor=$scratch/monitor" "-Dtallyman.helper=$scratch/helper" \
      -Dquarkus.http.host-enabled=false -jar "$LIB/server/quarkus-run.jar"
  ) </dev/null >"$scratch/log" 2>&1 &
  pid=$!
  until curl -s -o /dev/null --max-time 5 --unix-socket "$scratch/run/docker.sock" http://localhost/_ping; do
    kill -0 "$pid" 2>/dev/null || return 1
    sleep 0.1
  done
  practise "$scratch/run/docker.sock" || true
  kill -TERM "$pid" 2>/dev/null || true
  wait "$pid" || true
  [ -s "$scratch/out/archive" ]
}

# practise SOCKET  what is loaded here need not be loaded from jars later. Nothing of it succeeds in changing anything.
practise() {
  local each socket=$1
  for each in _ping version info 'containers/json?all=1' images/json networks volumes 'events?since=0&until=1' containers/none/json images/none/json \
    'containers/none/logs?stdout=1' ui/login ui/containers ui/images ui/audit api/v1/containers api/v1/images api/v1/audit api/v1/system q/health/ready; do
    practise_one "http://localhost/$each"
    practise_one "http://localhost/$each"
  done
  for each in containers/create containers/none/start containers/none/wait containers/none/exec; do
    practise_one -X POST -H 'Content-Type: application/json' -d '{"Image":"none:latest","Cmd":["true"],"HostConfig":{"NetworkMode":"bridge"}}' "http://localhost/$each"
  done
  practise_one -X DELETE http://localhost/containers/none
  head -c 10240 /dev/zero | practise_one -X POST -H 'Content-Type: application/x-tar' --data-binary @- 'http://localhost/images/create?fromSrc=-&repo=none'
}

practise_one() { curl -s -o /dev/null --max-time 10 --unix-socket "$socket" "$@"; }
