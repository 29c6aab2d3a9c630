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
  for suite in $only; do
    say "suite $suite ($(date +%H:%M:%S))"
    if [ "$suite" = java ] && [[ " $only " = *" cgroup2 "* ]]; then begin_cgroup2; fi
    if [ "$suite" = cgroup2 ] && [ -n "$CGROUP2_PID" ]; then
      wait "$CGROUP2_PID" || failed+=("$suite")
      cat "$CGROUP2_LOG"
      rm -f "$CGROUP2_LOG"
      continue
    fi
    # A subshell, because errexit must hold inside and one failed suite must not hide the others.
    (
      set -e
      "suite_$suite"
    ) &
    wait $! || failed+=("$suite")
  done
  say "finished ($(date +%H:%M:%S))"
  [ ${#failed[@]} -eq 0 ] || fail "failed: ${failed[*]}"
  say "all suites passed: $only"
}

# Helper, monitor, init: unit tests, lints, a short fuzz run, then the installed programs on the real kernel.
suite_native() {
  install_packages clang clang-tidy cppcheck libclang-rt-dev python3 iproute2 nftables procps strace
  make -s -C "$TOP/native-helper" -j2 all
  make -C "$TOP/native-helper" test lint
  make -C "$TOP/native-helper" fuzz SECONDS=15
  make -C "$TOP/native-helper" system
}

# Everything that needs no root: units, REST, Engine API and pages over the kernel's stand-in, and the docker client against it.
suite_java() {
  prepare_docker_client
  (cd "$TOP" && MAVEN_OPTS="$LIGHT_JVM" mvn -B -ntp test "-Dexcluded.tags=kernel,browser,instance")
}

# The whole product on the real kernel, by the docker client and by REST.
suite_system() {
  prepare_docker_client
  prepare_compose
  prepare_registry_clients
  install_packages git python3 iproute2 e2fsprogs procps jq chromium fonts-dejavu-core docker-registry openssh-client skopeo podman buildah apache2-utils openssl
  "$TOP/src/test/system/run"
}

# Client libraries that others wrote, on the real kernel.
suite_clients() {
  prepare_docker_client
  prepare_schema
  install_packages iproute2 procps python3-yaml python3-jsonschema
  SCHEMA=$SCHEMA "$TOP/src/test/system/run" "$TOP/src/test/clients/schema.sh" "$TOP/src/test/clients/java-clients.sh"
}

# Ten minutes of what 90-soak.sh does for one.
suite_soak() {
  prepare_docker_client
  install_packages python3 iproute2 procps
  TALLYMAN_SOAK_SECONDS=600 TALLYMAN_SUITE_SECONDS=1200 "$TOP/src/test/system/run" "$TOP/src/test/system/90-soak.sh"
}

# Real programs from Dockerfiles. Not among all suites: its containers fetch packages, for minutes.
suite_real() {
  prepare_docker_client
  install_packages iproute2 procps curl
  TALLYMAN_SUITE_SECONDS=1800 "$TOP/src/test/system/run" "$TOP/src/test/system/real-builds.sh"
}

suite_browser() {
  install_packages chromium fonts-dejavu-core
  (cd "$TOP" && MAVEN_OPTS="$LIGHT_JVM" PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 mvn -B -ntp -Pbrowser test)
}

CGROUP2_PID=''
CGROUP2_LOG=''

# The second kernel is a program with one processor of its own, and what runs on it is beside nothing else: it begins with the Java tests, which leave one idle
# for the most part, and its output comes at its turn.
begin_cgroup2() {
  (prepare_cgroup2) || return 0 # packages are installed by one at a time; at its turn the suite says what was wrong
  CGROUP2_LOG=$(mktemp)
  (
    set -e
    suite_cgroup2
  ) >"$CGROUP2_LOG" 2>&1 &
  CGROUP2_PID=$!
}

prepare_cgroup2() { install_packages user-mode-linux kmod iproute2 e2fsprogs python3; }

# The helper's container tests once more, on a kernel that has cgroup version 2 only.
suite_cgroup2() {
  prepare_cgroup2
  make -s -C "$TOP/native-helper" -j2 all
  "$TOP/src/test/system/on-cgroup2" make -C "$TOP/native-helper" system-cgroup2
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
  mkdir -p "$work"/{lists,archives}/partial "${file%/*}"
  printf '%s\n' "$source" | sed 's/^deb /deb [signed-by=\/usr\/share\/keyrings\/debian-archive-keyring.gpg] /; s/ bookworm / '"$release"' /' >"$work/sources.list"
  if quietly other_apt "$work" update && (cd "$work" && quietly other_apt "$work" download "$package") && dpkg-deb -x "$work/$package"_*.deb "$work/root"; then
    # Renamed into place, so that what is there is whole.
    cp "$(find "$work/root/usr" -name "${file##*/}" -type f -perm "-${4:-u+x}")" "$file.new" && mv "$file.new" "$file"
  fi
  rm -rf "$work"
  [ -s "$file" ] || fail "could not fetch $package; see above"
}

# other_apt FOLDER ARGUMENT...  apt that knows the release of the folder only and leaves the machine's own state alone; the list of a frozen mirror is old
other_apt() {
  local folder=$1
  shift
  apt-get -q -o Dir::Etc::SourceList="$folder/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$folder/lists" -o Dir::Cache="$folder" \
    -o Acquire::Check-Valid-Until=false -o Acquire::Check-Date=false -o Acquire::Languages=none -o APT::Sandbox::User=root "$@"
}
