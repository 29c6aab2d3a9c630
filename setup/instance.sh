# Paths, users, policy and installed files of one instance. Sourced by ./tallyman.

SERVER_USER=tallyman
MONITOR_USER=tallyman-monitor
IDS_PER_INSTANCE=67108864 # 1,024 ranges of 65,536
DEFAULT_STATE=/var/lib/tallyman
DEFAULT_RUN=/run/tallyman

# Sets STATE RUN PORT ADDRESS DETACH REST and, from them, NAME LIB POLICY SETTINGS.
parse_instance() {
  STATE=$DEFAULT_STATE RUN=$DEFAULT_RUN PORT='' ADDRESS='' DETACH=no REST=()
  while [ $# -gt 0 ]; do
    case $1 in
      --state | --run | --port | --address)
        [ $# -ge 2 ] || fail "$1 needs a value"
        case $1 in
          --state) STATE=$2 ;;
          --run) RUN=$2 ;;
          --port) PORT=$2 ;;
          --address) ADDRESS=$2 ;;
        esac
        shift
        ;;
      --detach | -d) DETACH=yes ;;
      *) REST+=("$1") ;;
    esac
    shift
  done
  STATE=${STATE%/} RUN=${RUN%/}
  case $STATE:$RUN in /*:/*) ;; *) fail "--state and --run must be absolute paths" ;; esac
  case $STATE$RUN in *[!A-Za-z0-9/._-]* | */../* | */..) fail "--state and --run may hold letters, digits, dot, dash and underscore only" ;; esac
  if [ "$STATE" = "$DEFAULT_STATE" ]; then
    [ "$RUN" = "$DEFAULT_RUN" ] || fail "--run without --state: a second instance needs both"
    NAME='' LIB=/usr/lib/tallyman POLICY=/etc/tallyman/policy.conf SETTINGS=/etc/tallyman/server.properties
  else
    [ "$RUN" != "$DEFAULT_RUN" ] || fail "--state without --run: a second instance needs both"
    NAME=$(printf '%s' "$STATE" | sha256sum | cut -c1-8)
    LIB=/usr/lib/tallyman-$NAME POLICY=/etc/tallyman/$NAME.policy.conf SETTINGS=/etc/tallyman/$NAME.server.properties
  fi
  PORT=${PORT:-$(instance_setting port 8080)}
  ADDRESS=${ADDRESS:-$(instance_setting address 0.0.0.0)}
  case $PORT in '' | *[!0-9]*) fail "--port must be a number: $PORT" ;; esac
  { [ "$PORT" -ge 1 ] && [ "$PORT" -le 65535 ]; } || fail "--port must be between 1 and 65535: $PORT"
}

# What the last `up` of this instance chose, so that down, status and a later up need not repeat it.
instance_setting() {
  sed -n "s/^$1=//p" "$LIB/instance" 2>/dev/null | grep . || printf '%s\n' "$2"
}

create_users() {
  local user
  for user in "$SERVER_USER" "$MONITOR_USER"; do
    getent group "$user" >/dev/null || groupadd --system "$user"
    getent passwd "$user" >/dev/null ||
      useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin --gid "$user" "$user"
  done
}

# The number 0..14 that keeps instances apart: ids, subnets, link names. Kept in the policy file's first line.
instance_slot() {
  local taken slot=0
  if [ -f "$POLICY" ]; then
    sed -n '1s/^# slot \([0-9]*\)$/\1/p' "$POLICY" | grep . && return
  fi
  taken=" $(sed -sn '1s/^# slot \([0-9]*\)$/\1/p' /etc/tallyman/*policy.conf 2>/dev/null | tr '\n' ' ')"
  [ -z "$NAME" ] || slot=1
  while [ "${taken/ $slot /}" != "$taken" ]; do slot=$((slot + 1)); done
  [ "$slot" -le 14 ] || fail "15 instances are set up on this machine already; remove one (its file in /etc/tallyman)"
  echo "$slot"
}

slot_subnet() { if [ "$1" -eq 0 ]; then echo 10.88.0.0/13; else echo "10.$((100 + $1)).0.0/16"; fi; }
# IPv6 of networks: a /56 for each instance, so 256 of them.
slot_subnet6() { printf 'fd00:7461:6c6c:%x00::/56\n' "$1"; }
slot_default_network() { if [ "$1" -eq 0 ]; then echo 10.88.0.0/16; else echo "10.$((100 + $1)).0.0/20"; fi; }
# Length of the prefix of networks that name no subnet: room for enough of them in the instance's range.
slot_pool_prefix() { if [ "$1" -eq 0 ]; then echo 20; else echo 22; fi; }

install_instance() {
  install -d -o root -g root -m 0755 /etc/tallyman "$LIB"
  SLOT=$(instance_slot)
  install_folders
  write_policy
  write_roots
  printf 'port=%s\naddress=%s\nstate=%s\nrun=%s\n' "$PORT" "$ADDRESS" "$STATE" "$RUN" | replace_file "$LIB/instance" 0644
  install_if_changed "$TOP/native-helper/build/helper" "$LIB/helper" 4750 "$SERVER_USER"
  install_if_changed "$TOP/native-helper/build/monitor" "$LIB/monitor" 0755 root
  install_if_changed "$TOP/native-helper/build/init" "$LIB/init" 0755 root
  install_server_files
  install_archive
}

install_folders() {
  install -d -o root -g root -m 0755 "$STATE"
  install -d -o "$SERVER_USER" -g "$SERVER_USER" -m 0700 "$STATE/server"
  install -d -o "$SERVER_USER" -g "$SERVER_USER" -m 0700 "$STATE/server/tmp"
  install -d -o root -g root -m 0700 "$STATE/kernel" "$STATE/kernel/layers"
  # ext4 then spreads the layers over the disk (chattr(1), attribute T). In one place, making the 4,000 files of a layer took 3 s instead of
  # 0.3 s after another layer had been removed: inodes freed a moment ago are passed over one by one. Other file systems do without.
  chattr +T "$STATE/kernel/layers" 2>/dev/null || true
  install -d -o root -g "$SERVER_USER" -m 0750 "$STATE/records"
  install_run_folders
}

install_run_folders() {
  install -d -o "$SERVER_USER" -g "$SERVER_USER" -m 0755 "$RUN"
  install -d -o root -g "$SERVER_USER" -m 0710 "$RUN-monitor"
  install -d -o "$SERVER_USER" -g "$SERVER_USER" -m 0700 "$RUN-monitor/server"
}

# An existing policy is the administrator's: it is never changed.
write_policy() {
  [ ! -f "$POLICY" ] || return 0
  local memory_bytes prefix
  memory_bytes=$(($(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo) * 1024))
  prefix=tm
  [ "$SLOT" -eq 0 ] || prefix=tm$SLOT
  cat <<POLICY | replace_file "$POLICY" 0644
# slot $SLOT
# The ceiling of all that Tallyman's server may ask for. Only root can change it; it is read at every call. docs/policy.md explains each key.
server_uid = $(id -u "$SERVER_USER")
server_gid = $(id -g "$SERVER_USER")
monitor_uid = $(id -u "$MONITOR_USER")
storage_root = $STATE/kernel
records_root = $STATE/records
run_root = $RUN-monitor
id_base = $((131072 + SLOT * IDS_PER_INSTANCE))
id_count = $IDS_PER_INSTANCE
caps_max = CHOWN,DAC_OVERRIDE,FSETID,FOWNER,MKNOD,NET_RAW,SETGID,SETUID,SETFCAP,SETPCAP,NET_BIND_SERVICE,SYS_CHROOT,KILL,AUDIT_WRITE
privileged = no
host_namespaces = none
sysctls = net.core.somaxconn,net.ipv4.ip_local_port_range,net.ipv4.ip_unprivileged_port_start,net.ipv4.ping_group_range,net.ipv4.tcp_syncookies,net.ipv4.tcp_keepalive_time,kernel.shmmax,kernel.shmall,kernel.msgmax,kernel.shmmni,kernel.shm_rmid_forced,kernel.msgmnb,kernel.msgmni,kernel.sem,fs.mqueue.*,net.ipv4.ip_forward,net.ipv4.conf.*,net.ipv6.conf.*
devices =
publish_ports = 1024-65535
publish_addresses = any
subnets = $(slot_subnet "$SLOT"),172.16.0.0/12,192.168.0.0/16
subnets6 = $(slot_subnet6 "$SLOT")
bridge_prefix = $prefix
bridge_names = br-*
nft_table = tallyman${NAME:+-$NAME}
cgroup_parent = tallyman${NAME:+-$NAME}
max_containers = 1000
memory_max = $memory_bytes
pids_max = 4096
cpu_max_percent = $(($(nproc) * 100))
seccomp = required
unmasked = no
no_new_privileges = no
POLICY
}

# Where the helper finds its state when the policy file cannot be trusted: it must still be able to stop and remove.
write_roots() {
  cat <<ROOTS | replace_file "$LIB/roots.conf" 0644
server_uid = $(id -u "$SERVER_USER")
server_gid = $(id -g "$SERVER_USER")
monitor_uid = $(id -u "$MONITOR_USER")
storage_root = $STATE/kernel
records_root = $STATE/records
run_root = $RUN-monitor
$(grep -E '^(bridge_prefix|nft_table|cgroup_parent) *=' "$POLICY")
ROOTS
}

# replace_file PATH MODE  from stdin, atomically (a power cut included: without sync, the new name may outlive the content), only if it differs.
replace_file() {
  local temporary
  temporary=$(mktemp "$1.XXXXXX")
  cat >"$temporary"
  if cmp -s "$temporary" "$1"; then
    rm -f "$temporary"
  else
    chmod "$2" "$temporary"
    sync "$temporary"
    mv -f "$temporary" "$1"
  fi
}

# install_if_changed SOURCE TARGET MODE GROUP  through a new name, because a running helper or monitor must keep its file.
install_if_changed() {
  if ! cmp -s "$1" "$2" || [ "$(stat -c %a "$2")" != "$(printf '%o' "0$3")" ]; then
    install -o root -g "$4" -m "$3" "$1" "$2.new"
    mv -f "$2.new" "$2"
  fi
}

# The server's own copy: a later build in the working folder must not pull the classes from under a running server.
install_server_files() {
  [ "$(cat "$LIB/server/stamp" 2>/dev/null)" != "$BUILD_STAMP" ] || return 0
  rm -rf "$LIB/server.new"
  cp -a --no-preserve=ownership "$TOP/target/quarkus-app" "$LIB/server.new"
  chown -R root:root "$LIB/server.new"
  chmod -R u=rwX,go=rX "$LIB/server.new"
  echo "$BUILD_STAMP" >"$LIB/server.new/stamp"
  # Before the name: after a power cut the stamp must not vouch for files that have no content.
  sync --file-system "$LIB/server.new"
  SERVER_CHANGED=yes
  rm -rf "$LIB/server.old"
  [ ! -d "$LIB/server" ] || mv "$LIB/server" "$LIB/server.old"
  mv "$LIB/server.new" "$LIB/server"
  rm -rf "$LIB/server.old"
}
