# What this machine must be able to do, and the packages it needs. Sourced by ./tallyman.

become_root_or_fail() {
  [ "$(id -u)" -eq 0 ] || fail "this needs root: run it with sudo"
}

# One clear sentence for a machine that cannot run containers; returns at the first obstacle.
check_machine() {
  local release major minor
  release=$(uname -r)
  major=${release%%.*}
  minor=${release#*.}
  minor=${minor%%[!0-9]*}
  if [ "$major" -lt 5 ] || { [ "$major" -eq 5 ] && [ "$minor" -lt 19 ]; }; then
    fail "the kernel is $release, and containers here need 5.19 or newer (id-mapped overlay mounts)"
  fi
  [ "$(cat /proc/sys/user/max_user_namespaces 2>/dev/null || echo 0)" -gt 0 ] ||
    fail "user namespaces are off: set user.max_user_namespaces to a number above 0 with sysctl"
  ! grep -q '^NoNewPrivs:.*1' /proc/self/status ||
    fail "this shell runs with no_new_privs, so the setuid helper could not become root: start from an ordinary root shell (systemd: NoNewPrivileges=no)"
  grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null || true
  grep -qw overlay /proc/filesystems || fail "the kernel has no overlay file system (module overlay)"
  grep -qE ' (cgroup|cgroup2) ' /proc/mounts || fail "no cgroup file system is mounted at /sys/fs/cgroup"
  local folder options
  folder=$(dirname "$LIB")
  options=$(findmnt -n -o OPTIONS -T "$folder")
  case ",$options," in *,nosuid,*) fail "$folder is mounted nosuid, so the helper could not become root: mount it without nosuid" ;; esac
  folder=$(dirname "$STATE")
  [ -d "$folder" ] || fail "the folder for --state does not exist: $folder"
}

# install_packages NAME...  by the system's package manager, only those that are missing.
install_packages() {
  local name installed missing=()
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null) || true
  for name in "$@"; do
    grep -qxF "$name installed" <<<"$installed" || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail "needs the packages ${missing[*]}, and this machine has no apt-get to install them"
  say "installing ${missing[*]}"
  if ! apt_install "${missing[@]}"; then
    quietly apt-get update -qq || fail "apt-get update failed; see above"
    apt_install "${missing[@]}" || fail "could not install ${missing[*]}"
  fi
}

apt_install() {
  DEBIAN_FRONTEND=noninteractive quietly apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 "$@"
}

# Sets JAVA_HOME: the caller's, else the newest JDK (17 or later) under /usr/lib/jvm, else the distribution's default.
prepare_java() {
  if ! find_jdk; then
    install_packages default-jdk-headless
    find_jdk || fail "found no JDK 17 or newer after installing default-jdk-headless"
  fi
  export JAVA_HOME
  command -v mvn >/dev/null || install_packages maven
}

find_jdk() {
  local candidate version best=0
  if [ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/javac" ] && [ "$(jdk_version "$JAVA_HOME")" -ge 17 ]; then
    return 0
  fi
  for candidate in /usr/lib/jvm/*; do
    [ -x "$candidate/bin/javac" ] && [ ! -L "$candidate" ] || continue
    version=$(jdk_version "$candidate")
    if [ "$version" -ge 17 ] && [ "$version" -gt "$best" ]; then
      best=$version
      JAVA_HOME=$candidate
    fi
  done
  [ "$best" -gt 0 ]
}

jdk_version() {
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null | grep . ||
    "$1/bin/java" -version 2>&1 | sed -n '1s/.*"\([0-9]*\).*/\1/p'
}

prepare_compiler() {
  install_packages gcc libc6-dev make
}
