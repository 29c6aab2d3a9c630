# The project's suites; `./tallyman test` runs them all. Sourced by ./tallyman.

ALL_SUITES="native java cgroup2 system clients browser"
TEST_STATE=/var/lib/tallyman-test
TEST_RUN=/run/tallyman-test
TEST_PORT=18080

command_test() {
  local only=$ALL_SUITES suite failed=() quick=no
  while [ $# -gt 0 ]; do
    case $1 in
      --only=*) only=${1#--only=} && only=${only//,/ } ;;
      --quick) quick=yes ;;
      --clients) only=clients ;;
      --soak) only=soak ;;
      --real) only=real ;;
      *) fail "test: unknown argument '$1'; ./tallyman help" ;;
    esac
    shift
  done
  for suite in $only; do
    case " $ALL_SUITES soak real " in *" $suite "*) ;; *) fail "test: there is no suite '$suite'; there are $ALL_SUITES soak real" ;; esac
  done
  [ "$quick" = no ] || only=${only/cgroup2/}
  become_root_or_fail
  parse_instance --state "$TEST_STATE" --run "$TEST_RUN" --port "$TEST_PORT"
  check_machine
  install_packages curl ca-certificates
  prepare_java
  prepare_compiler
  create_users
  WORK=$(mktemp -d)
  trap 'rm -rf "$WORK"' EXIT
  begin_beside "$only"
  for suite in $only; do
    say "suite $suite ($(date +%H:%M:%S))"
    # What it could not fetch, the suites that need it tell.
    if [ "$suite" = system ] && [ -n "${BEGUN[fetch]:-}" ]; then wait "${BEGUN[fetch]}" || cat "$WORK/fetch.log"; fi
    if [ -n "${BEGUN[$suite]:-}" ]; then
      wait "${BEGUN[$suite]}" || failed+=("$suite")
      cat "$WORK/$suite.log"
    else
      run_suite "$suite" > >(tee "$WORK/$suite.log") 2>&1 &
      wait $! || failed+=("$suite")
    fi
  done
  say "finished ($(date +%H:%M:%S)); what each took, in seconds:"
  sed 's/^/    /' "$WORK/seconds" >&2
  for suite in "${failed[@]}"; do tell_failures "$suite"; done
  [ ${#failed[@]} -eq 0 ] || fail "failed: ${failed[*]}"
  say "all suites passed: $only"
}

# The lines of a suite that tell what failed, once more: what came before them is often cut from a record of a run.
tell_failures() {
  say "what failed of suite $1"
  grep -aE -A6 '^(not ok|FAIL|ERROR)[ :]|^\[ERROR\]   ' "$WORK/$1.log" | cut -c1-400 | head -n 80 >&2 || tail -n 20 "$WORK/$1.log" >&2
}

# What suites install; all of it comes before the first begins that runs beside another, for one at a time can install.
declare -A PACKAGES=(
  [native]="clang clang-tidy cppcheck libclang-rt-dev busybox-static python3 iproute2 nftables procps strace"
  [cgroup2]="user-mode-linux busybox-static kmod iproute2 e2fsprogs xfsprogs python3"
  [system]="git python3 iproute2 e2fsprogs procps jq chromium fonts-dejavu-core docker-registry openssh-client skopeo podman buildah apache2-utils openssl debian-archive-keyring"
  [clients]="iproute2 procps python3-yaml python3-jsonschema debian-archive-keyring"
  [soak]="python3 iproute2 procps"
  [real]="iproute2 procps curl"
  [browser]="chromium fonts-dejavu-core"
)

# Suites that were begun before their turn: the process of each. What it prints waits for its turn in the folder WORK.
declare -A BEGUN=()

# The Java tests leave one processor idle for the most part, the second kernel has only one, and the native tests on the real kernel mostly wait: these three
# run beside one another. The programs of foreign packages, for the suites after them, are fetched meanwhile.
begin_beside() {
  local suite
  for suite in java system clients soak real; do
    ! is_among "$suite" "$1" || (prepare_docker_client) || return 0
  done
  # It begins with fetching its libraries. What runs alone is not begun here: it can be read as it goes.
  ! is_among native "$1" || ! is_among java "$1" || begin java
  for suite in $1; do
    # shellcheck disable=SC2086 # one word each
    (install_packages ${PACKAGES[$suite]:-}) || return 0 # at its turn the suite says what was wrong
  done
  ! is_among system "$1" || begin fetch
  if is_among cgroup2 "$1" && { is_among native "$1" || is_among java "$1"; }; then
    make -s -C "$TOP/native-helper" -j2 all || return 0
    GROUPS_ONLY=1 begin cgroup2
  fi
}

# is_among WORD WORDS
is_among() { [[ " $2 " = *" $1 "* ]]; }

begin() {
  run_suite "$1" >"$WORK/$1.log" 2>&1 &
  BEGUN[$1]=$!
}

# run_suite SUITE  in a process of its own, because errexit must hold inside, and one failed suite must not hide the others.
run_suite() {
  local began=$SECONDS status=0
  (
    set -e
    # shellcheck disable=SC2086 # one word each
    install_packages ${PACKAGES[$1]:-}
    "suite_$1"
  ) &
  wait $! || status=$?
  printf '%6d %s\n' $((SECONDS - began)) "$1" >>"$WORK/seconds"
  return $status
}

# Helper, monitor, init: unit tests, lints, a short fuzz run, then the installed programs on the real kernel.
suite_native() {
  local computing status=0
  make -s -C "$TOP/native-helper" -j2 all
  make -C "$TOP/native-helper" test
  # The one computes, the other mostly waits, and comes first where both want a processor.
  nice make -C "$TOP/native-helper" lint fuzz SECONDS=30 >"$WORK/lint.log" 2>&1 &
  computing=$!
  make -C "$TOP/native-helper" system || status=1
  wait "$computing" || status=1
  cat "$WORK/lint.log"
  return $status
}

# Everything that needs no root: units, REST, Engine API and pages over the kernel's stand-in, and the docker client against it.
suite_java() {
  prepare_docker_client
  (cd "$TOP" && MAVEN_OPTS="$LIGHT_JVM" mvn -B -ntp test "-Dexcluded.tags=kernel,browser,instance")
}

# The whole product on the real kernel, by the docker client and by REST.
suite_system() {
  prepare_docker_client
  "$TOP/src/test/system/run"
}

# Client libraries that others wrote, on the real kernel.
suite_clients() {
  prepare_docker_client
  prepare_schema
  SCHEMA=$SCHEMA "$TOP/src/test/system/run" "$TOP/src/test/clients/schema.sh" "$TOP/src/test/clients/java-clients.sh"
}

# Ten minutes of what 90-soak.sh does for less than one.
suite_soak() {
  prepare_docker_client
  TALLYMAN_SOAK_SECONDS=600 TALLYMAN_SUITE_SECONDS=1200 "$TOP/src/test/system/run" "$TOP/src/test/system/90-soak.sh"
}

# Real programs from Dockerfiles. Not among all suites: its containers fetch packages, for minutes.
suite_real() {
  prepare_docker_client
  TALLYMAN_SUITE_SECONDS=1800 "$TOP/src/test/system/run" "$TOP/src/test/system/real-builds.sh"
}

suite_browser() {
  (cd "$TOP" && MAVEN_OPTS="$LIGHT_JVM" PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 mvn -B -ntp -Pbrowser test)
}

# The helper's container tests once more, on a kernel that has cgroup version 2 only: all of them where it is asked for alone, else those that meet control groups.
suite_cgroup2() {
  make -s -C "$TOP/native-helper" -j2 all
  ON_CGROUP2_SECONDS=${ON_CGROUP2_SECONDS:-2100} "$TOP/src/test/system/on-cgroup2" make -C "$TOP/native-helper" system-cgroup2 GROUPS_ONLY="${GROUPS_ONLY:-}"
}

# The programs of foreign packages that suites of the system use.
suite_fetch() {
  prepare_compose
  prepare_registry_clients
  prepare_kit_client
  prepare_buildx_client
  prepare_schema
}

prepare_docker_client() {
  command -v docker >/dev/null || install_packages docker-cli || install_packages docker.io
}

COMPOSE=/var/cache/tallyman/compose/docker-compose
CRANE=/var/cache/tallyman/crane/crane
ORAS=/var/cache/tallyman/oras/oras

# Docker's Compose as the file $COMPOSE.
prepare_compose() { prepare_from sid docker-compose "$COMPOSE"; }

# Two clients of registries, as the files $CRANE and $ORAS.
prepare_registry_clients() {
  prepare_from sid crane "$CRANE"
  prepare_from sid oras "$ORAS"
}

SCHEMA=/var/cache/tallyman/engine-api/swagger.yaml

# Docker's description of the Engine API, as the file $SCHEMA.
prepare_schema() { prepare_from sid golang-github-docker-docker-dev "$SCHEMA" a+r; }

KIT=/var/cache/tallyman/kit/docker

# The last docker client that speaks BuildKit's protocol by itself, without the plug-in buildx, as the file $KIT.
prepare_kit_client() { prepare_from bookworm docker.io "$KIT"; }

BUILDX_CLIENT=/var/cache/tallyman/buildx/docker
BUILDX=/var/cache/tallyman/buildx/docker-buildx

# What people type today: a docker client, as the file $BUILDX_CLIENT, that leaves builds to its plug-in, the file $BUILDX.
prepare_buildx_client() {
  prepare_from sid docker-cli "$BUILDX_CLIENT"
  prepare_from sid docker-buildx "$BUILDX"
}

# prepare_from RELEASE PACKAGE FILE [MODE]: the package's program (or file of the mode) of the file's name. The machine's own Debian lacks these packages or has other versions; those
# programs run on any newer libc. apt checks the signature of the list of packages and the package's SHA-256 from it.
prepare_from() {
  local release=$1 package=$2 file=$3 work source
  [ ! -s "$file" ] || return 0
  command -v apt-get >/dev/null || fail "needs $package, and this machine has no apt-get to fetch it"
  install_packages debian-archive-keyring dpkg
  source=$(debian_sources)
  [ -n "$source" ] || fail "this machine's apt has no Debian package source: set DEBIAN_MIRROR to the address of one"
  say "fetching $package"
  work=$(mktemp -d)
  mkdir -p "$work/archives/partial" "$FOREIGN_LISTS/$release/partial" "${file%/*}"
  printf '%s\n' "$source" | sed 's/^deb /deb [signed-by=\/usr\/share\/keyrings\/debian-archive-keyring.gpg] /; s/ bookworm / '"$release"' /' >"$work/sources.list"
  if foreign_package "$work" "$release" "$package" && dpkg-deb -x "$work/$package"_*.deb "$work/root"; then
    # Renamed into place, so that what is there is whole.
    cp "$(find "$work/root/usr" -name "${file##*/}" -type f -perm "-${4:-u+x}")" "$file.new" && mv "$file.new" "$file"
  fi
  rm -rf "$work"
  [ -s "$file" ] || fail "could not fetch $package; see above"
}

FOREIGN_LISTS=/var/cache/tallyman/lists

# foreign_package FOLDER RELEASE PACKAGE  into the folder; the list of packages is fetched when there is none, or the package is not where it says.
foreign_package() (
  cd "$1" || exit
  other_apt "$1" "$2" download "$3" >/dev/null 2>&1 || { quietly other_apt "$1" "$2" update && quietly other_apt "$1" "$2" download "$3"; }
)

# other_apt FOLDER RELEASE ARGUMENT...  apt that knows one release only and leaves the machine's own state alone; the list of a frozen mirror is old
other_apt() {
  local folder=$1 release=$2
  shift 2
  apt-get -q -o Dir::Etc::SourceList="$folder/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$FOREIGN_LISTS/$release" -o Dir::Cache="$folder" \
    -o Acquire::Check-Valid-Until=false -o Acquire::Check-Date=false -o Acquire::Languages=none -o APT::Sandbox::User=root "$@"
}
