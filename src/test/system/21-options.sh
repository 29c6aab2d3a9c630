#!/usr/bin/env bash
# The rarer options of a container through the docker client: shared namespaces, devices, profiles of system calls, limits, logs, users.
. "$HERE/lib.sh"
no_containers

NAME=$(printf '%s' "$STATE" | sha256sum | cut -c1-8)
POLICY=/etc/tallyman/$NAME.policy.conf
cp "$POLICY" "$POLICY.kept"
work=$(mktemp -d)
trap 'mv -f "$POLICY.kept" "$POLICY"; rm -rf "$work"' EXIT
is_hybrid() { [ -d /sys/fs/cgroup/unified ]; }

# policy KEY VALUE   until the next policy_back
policy() {
  grep -v "^$1 =" "$POLICY" >"$work/policy"
  echo "$1 = $2" >>"$work/policy"
  install -m 0644 "$work/policy" "$POLICY"
}
policy_back() { install -m 0644 "$POLICY.kept" "$POLICY"; }

# create COMMAND FIELDS   by the API itself; prints the id
create() { rest POST "/containers/create" "{\"Image\":\"busybox\",\"Cmd\":[\"sh\",\"-c\",\"$1\"],$2}" | sed -n 's/.*"Id":"\([0-9a-f]*\)".*/\1/p'; }

# --- namespaces
docker run -d --name lender --ipc shareable busybox sh -c 'echo note >/dev/shm/note; sleep 77' >/dev/null
docker run -d --name plain busybox sleep 78 >/dev/null
is "--pid container: sees the other's processes" 1 "$(docker run --rm --pid container:lender busybox ps -o args | grep -c 'sleep 77')"
is "without it nobody does" 0 "$(docker run --rm busybox ps -o args | grep -c 'sleep 77')"
is "--pid and --network of one container" "1 $(docker exec lender readlink /proc/self/ns/net)" \
  "$(docker run --rm --pid container:lender --network container:lender busybox sh -c 'echo $(ps -o args | grep -c "sleep 7[7]") $(readlink /proc/self/ns/net)')"
is "--ipc container: shares its memory" note "$(docker run --rm --ipc container:lender busybox cat /dev/shm/note)"
fails "of a shareable one only" "non-shareable IPC \(hint: use IpcMode:shareable for the donor container\)" docker run --rm --ipc container:plain busybox true
fails "of one that is there" 'No such container: nobody' docker run --rm --pid container:nobody busybox true
docker create --name idle busybox true >/dev/null
fails "of one that runs" 'failed to join PID namespace: container [0-9a-f]* is not running' docker run --rm --pid container:idle busybox true
docker run -d --name guest --pid container:lender busybox sleep 79 >/dev/null
is "inspect says whose" "container:$(docker inspect -f '{{.Id}}' lender)" "$(docker inspect -f '{{.HostConfig.PidMode}}' guest)"
is "an exec is among them" 2 "$(docker exec guest ps -o args | grep -c 'sleep 7[79]')"
docker kill lender >/dev/null
is "with the lender its guests end" 137 "$(docker wait guest)"
docker rm -f guest lender plain idle >/dev/null
is "--ipc none has no /dev/shm" 1 "$(docker run --rm --ipc none busybox ls /dev/shm >/dev/null 2>&1; echo $?)"
is "and others have" 0 "$(docker run --rm --ipc private busybox ls /dev/shm >/dev/null 2>&1; echo $?)"
fails "--pid host is refused as by a dockerd with user namespaces" 'cannot share the host PID namespace when user namespaces are enabled' docker run --rm --pid host busybox true
fails "--ipc host too" 'cannot share the host IPC namespace' docker run --rm --ipc host busybox true
fails "--userns host too" 'UsernsMode is not supported' docker run --rm --userns host busybox true
for mode in uts cgroupns; do
  fails "--$mode host is up to the policy" 'host_namespaces does not allow' docker run --rm --$mode host busybox true
  policy host_namespaces uts,cgroup
  is "--$mode host where it says so" "$(readlink "/proc/self/ns/${mode%ns}")" "$(docker run --rm --$mode host busybox readlink "/proc/self/ns/${mode%ns}")"
  policy_back
done
fails "a name and the host's names contradict each other" 'conflicting options: hostname and the UTS mode' docker run --rm --uts host --hostname h busybox true

# --- devices
fails "--device is up to the policy" 'devices does not allow /dev/fuse' docker run --rm --device /dev/fuse busybox true
policy devices /dev/fuse,/dev/tallyman-test-zero
rm -f /dev/tallyman-test-zero
mknod -m 0660 /dev/tallyman-test-zero c 1 5
is "a listed device is the container's root's" "1 5 0 660" "$(docker run --rm --device /dev/tallyman-test-zero:/dev/z busybox stat -c '%t %T %u %a' /dev/z)"
is "and works" 3 "$(docker run --rm --device /dev/tallyman-test-zero:/dev/z:r busybox sh -c 'head -c 3 /dev/z | wc -c')"
fails "but not for other users" 'Permission denied' docker run --rm --user 33 --device /dev/tallyman-test-zero:/dev/z busybox head -c 3 /dev/z
is "with the device's group they may" 3 "$(docker run --rm --user 33 --group-add 0 --device /dev/tallyman-test-zero:/dev/z busybox sh -c 'head -c 3 /dev/z | wc -c')"
fails "another device is still refused" 'devices does not allow /dev/vda|devices does not allow /dev/loop0' docker run --rm --device /dev/loop0 busybox true
like "a path around it too" 'devices does not allow' "$(docker start "$(create true '"HostConfig":{"Devices":[{"PathOnHost":"/dev/../dev/tallyman-test-zero","PathInContainer":"/dev/z","CgroupPermissions":"rwm"}]}')" 2>&1)"
docker run -d --name has --device /dev/fuse busybox sleep 60 >/dev/null
is "inspect echoes the device" '[{/dev/fuse /dev/fuse rwm}]' "$(docker inspect -f '{{.HostConfig.Devices}}' has)"
docker rm -f has >/dev/null
rm -f /dev/tallyman-test-zero
policy_back
fails "a rule for devices is refused" 'devices does not allow this device cgroup rule' docker run --rm --device-cgroup-rule 'c 42:* rmw' busybox true
succeeds "one for what every container has is taken" docker run --rm --device-cgroup-rule 'c 1:3 r' busybox true
fails "a rule that is none is an error" 'invalid device cgroup (rule )?format' docker run --rm --device-cgroup-rule 'x 1:3 r' busybox true
fails "--gpus finds no driver" 'could not select device driver "" with capabilities: \[\[gpu\]\]' docker run --rm --gpus all busybox true
fails "nor is a device there that nobody describes" 'unresolvable CDI devices vendor.example/gpu=card0' docker run --rm --device vendor.example/gpu=card0 busybox true
cdi=/etc/cdi/tallyman-test.yaml
[ -d /etc/cdi ] || { mkdir /etc/cdi && made_cdi=yes; }
mknod -m 0660 /dev/tallyman-test-zero c 1 5
mkdir -p /srv/tallyman-test-cdi
echo library >/srv/tallyman-test-cdi/lib
printf '%s\n' 'cdiVersion: "0.6.0"' 'kind: vendor.example/gpu' 'containerEdits: {env: [VENDOR=example]}' 'devices:' \
  '- {name: card0, containerEdits: {deviceNodes: [{path: /dev/card, hostPath: /dev/tallyman-test-zero, permissions: r}], mounts: [{hostPath: /srv/tallyman-test-cdi/lib, containerPath: /lib/vendor, options: [ro, bind]}]}}' \
  '- {name: hooked, containerEdits: {hooks: [{hookName: createContainer, path: /usr/bin/vendor-hook}]}}' >"$cdi"
fails "its files are up to the policy" 'bind_roots does not allow' docker run --rm --device vendor.example/gpu=card0 busybox true
policy bind_roots /srv/tallyman-test-cdi
fails "so is its node" 'devices does not allow /dev/tallyman-test-zero' docker run --rm --device vendor.example/gpu=card0 busybox true
policy devices /dev/tallyman-test-zero
is "it brings its variable, node and file" "example 3 library" "$(docker run --rm --device vendor.example/gpu=card0 busybox sh -c 'echo $VENDOR $(head -c 3 /dev/card | wc -c) $(cat /lib/vendor)')"
is "--gpus takes it, too" library "$(docker run --rm --gpus device=card0 busybox cat /lib/vendor)"
fails "programs of the host are not run for it" 'wants programs of the host to be run \(/usr/bin/vendor-hook\).*tallyman.cdi.hooks=skip' docker run --rm --device vendor.example/gpu=hooked busybox true
like "info lists what is described" 'vendor.example/gpu=card0' "$(rest GET /info | head -n 1)"
rm -rf "$cdi" /dev/tallyman-test-zero /srv/tallyman-test-cdi
[ -z "${made_cdi:-}" ] || rmdir /etc/cdi
policy_back
fails "--storage-opt says what it needs" "storage-opt is supported only for overlay over xfs with 'pquota' mount option: the " docker run --rm --storage-opt size=1G busybox true

# --- capabilities
is "--cap-drop ALL and one added" 0000000000000400 "$(docker run --rm --cap-drop ALL --cap-add NET_BIND_SERVICE busybox awk '/CapEff/{print $2}' /proc/self/status)"
is "--cap-add within the policy" 1 "$(docker run --rm --cap-add CAP_NET_RAW busybox awk '/CapEff/{print $2}' /proc/self/status | grep -c 00000000800425fb)"
fails "--cap-add ALL is more than the policy has" 'caps_max does not allow' docker run --rm --cap-add ALL busybox true
fails "a capability that is none is an error" 'invalid capability|unknown capability' docker run --rm --cap-add FLY busybox true

# --- a further process is bound as the first one is
docker run -d --name bound --user 33 --group-add 77 --ulimit nofile=100:200 --oom-score-adj 321 busybox sleep 60 >/dev/null
is "an exec has the groups, limits and OOM score of its container" "33 77 100 200 321" \
  "$(docker exec bound sh -c 'id -G; ulimit -n; ulimit -Hn; cat /proc/self/oom_score_adj' | tr '\n' ' ' | sed 's/ $//')"
docker rm -f bound >/dev/null

# --- profiles of system calls
cat >"$work/no-mkdir.json" <<'JSON'
{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat", "s390_pci_mmio_read"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}
JSON
fails "a profile takes away, with its own error" 'No space left' docker run --rm --security-opt "seccomp=$work/no-mkdir.json" busybox mkdir /x
succeeds "without it the call works" docker run --rm busybox mkdir /x
is "for root and for an exec" 1 "$(docker run -d --name profiled --security-opt "seccomp=$work/no-mkdir.json" busybox sleep 60 >/dev/null; docker exec profiled mkdir /x 2>/dev/null; echo $?)"
like "inspect echoes it" 'seccomp=\{' "$(docker inspect -f '{{.HostConfig.SecurityOpt}}' profiled)"
docker rm -f profiled >/dev/null
echo '{"defaultAction": "SCMP_ACT_ALLOW"}' >"$work/all.json"
fails "one that allows all adds nothing to ours" 'not permitted|No space|not implemented' docker run --rm --security-opt "seccomp=$work/all.json" busybox unshare -U true
cat >"$work/list.json" <<'JSON'
{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["execve", "brk", "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "prlimit64", "readlink", "readlinkat", "getrandom", "mprotect", "write",
"exit_group", "getuid", "geteuid", "getgid", "getegid", "setresuid", "setuid", "setgid", "setgroups", "capset", "stat", "newfstatat", "faccessat", "faccessat2", "access", "getcwd", "close", "open", "openat",
"read", "fstat", "mmap", "munmap", "prctl", "sendmsg", "sendto", "uname", "ioctl", "fcntl", "rt_sigaction", "rt_sigprocmask", "exit", "futex", "dup2", "lseek", "getpid", "umask"], "action": "SCMP_ACT_ALLOW"}]}
JSON
is "a short list of calls is enough for echo" hi "$(docker run --rm --security-opt "seccomp=$work/list.json" busybox echo hi)"
fails "and for nothing else" 'not permitted' docker run --rm --security-opt "seccomp=$work/list.json" busybox chmod 700 /tmp
for bad in '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdri"],"action":"SCMP_ACT_ERRNO"}]}:no system call' '{"defaultAction":"SCMP_ACT_NOTIFY"}:nobody listens' '[]:must be an object'; do
  echo "${bad%:*}" >"$work/bad.json"
  fails "${bad##*:}" "decoding seccomp profile failed.*${bad##*:}" docker run --rm --security-opt "seccomp=$work/bad.json" busybox true
done

# --- limits
if is_hybrid; then
  is "a program reads its limits in /sys/fs/cgroup" "67108864 50000 10" "$(docker run --rm -m 64m --cpus 0.5 --memory-swappiness 10 busybox sh -c 'cd /sys/fs/cgroup; echo $(cat memory/memory.limit_in_bytes cpu/cpu.cfs_quota_us memory/memory.swappiness)')"
  is "and cannot change them" 0 "$(docker run --rm busybox sh -c 'cd /sys/fs/cgroup; for f in $(find . -type f); do echo 1 2>/dev/null >$f && echo $f; done' | grep -c .)"
else
  is "a program reads its limits in /sys/fs/cgroup" 67108864 "$(docker run --rm -m 64m busybox cat /sys/fs/cgroup/memory.max)"
fi
succeeds "--cpuset-mems" docker run --rm --cpuset-mems 0 busybox true
fails "--cpuset-mems of no node" 'Requested memory nodes are not available - requested 63, available: 0' docker create --cpuset-mems 63 busybox true
fails "--cpuset-cpus beyond the host's" 'Requested CPUs are not available - requested 0,999, available: 0' docker create --cpuset-cpus 0,999 busybox true
fails "--link to nobody" 'could not get container for nobody: No such container: nobody' docker create --link nobody:db busybox true
sized=$(create "stty size" '"Tty":true,"HostConfig":{"ConsoleSize":[31,99]}')
docker start "$sized" >/dev/null
docker wait "$sized" >/dev/null
is "a terminal begins with the size that it was given" "31 99" "$(docker logs "$sized" | tr -d '\r')"
is "which inspect shows" "[31 99]" "$(docker inspect -f '{{.HostConfig.ConsoleSize}}' "$sized")"
docker rm "$sized" >/dev/null
disk=$(find /dev -maxdepth 1 -type b -name '[vs]d[a-z]' | head -n 1)
if [ -n "$disk" ] && is_hybrid; then
  is "--device-read-bps" 1048576 "$(docker run --rm --device-read-bps "$disk:1mb" busybox awk '{print $2}' /sys/fs/cgroup/blkio/blkio.throttle.read_bps_device)"
fi
fails "a disk that is not there is an error" 'no such file' docker run --rm --device-write-iops /dev/nothing:5 busybox true
fails "real-time budgets are refused with the reason" 'real-time' docker run --rm --cpu-rt-runtime 1000 --cpu-rt-period 1000000 busybox true
fails "so are unknown options of the writable layer" 'Unknown option inodes' docker run --rm --storage-opt inodes=1000 busybox true
succeeds "a dockerd's name of the default runtime is taken" docker run --rm --runtime runc busybox true
fails "and other runtimes" 'one runtime' docker run --rm --runtime kata busybox true
fails "and control groups of one's own" 'CgroupParent is not supported' docker run --rm --cgroup-parent /x busybox true
is "--shm-size" 3072 "$(docker run --rm --shm-size 3m busybox df -k /dev/shm | awk 'END{print $2}')"
is "ulimits, as far as the host lets them" "100 200" "$(docker run --rm --ulimit nofile=100:200 busybox sh -c 'echo $(ulimit -Sn) $(ulimit -Hn)')"
succeeds "more than the host has is cut, not refused" docker run --rm --ulimit nofile=1000000000:1000000000 busybox true
is "--sysctl of its own namespaces" "1 333" "$(docker run --rm --sysctl net.ipv4.ip_forward=1 --sysctl kernel.msgmax=333 busybox sh -c 'echo $(cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax)')"
is "every user may open low ports and send echo requests" "0 0 65535" \
  "$(docker run --rm -u 1000 --cap-drop ALL busybox sh -c 'nc -l -p 80 </dev/null & sleep 0.1; nc -w 1 127.0.0.1 80 </dev/null || echo closed; echo $(cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/net/ipv4/ping_group_range)' 2>&1)"
is "unless somebody says otherwise" "1024 5 10" "$(docker run --rm -u 1000 --sysctl net.ipv4.ip_unprivileged_port_start=1024 --sysctl net.ipv4.ping_group_range='5 10' busybox sh -c 'echo $(cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/net/ipv4/ping_group_range)')"
fails "but none of the machine" 'sysctl.*(not allow|not allowed)' docker run --rm --sysctl kernel.panic=1 busybox true
has_limits() { # NAME QUOTA PROCESSES: what the kernel has for the container "changing"
  is "$1" "$2 $3" "$(docker exec changing sh -c 'cd /sys/fs/cgroup; { cut -d " " -f 1 cpu.max || cat cpu/cpu.cfs_quota_us; cat pids.max || cat pids/pids.max; } 2>/dev/null' | xargs)"
}
docker run -d --name changing busybox sleep 60 >/dev/null
succeeds "update takes memory nodes" docker update --cpuset-mems 0 changing
is "and inspect shows them" 0 "$(docker inspect -f '{{.HostConfig.CpusetMems}}' changing)"
docker update --cpu-quota 50000 --pids-limit 7 --memory 64m --memory-swap 128m changing >/dev/null
has_limits "as update says" 50000 7
docker update --cpu-quota -1 --pids-limit -1 --memory-swap -1 changing >/dev/null
has_limits "update lifts them, up to the policy's ceilings" $(($(nproc) * 100000)) 4096
is "and inspect shows what dockerd does" "-1 0 -1 67108864" "$(docker inspect -f '{{with .HostConfig}}{{.CpuQuota}} {{.PidsLimit}} {{.MemorySwap}} {{.Memory}}{{end}}' changing)"
docker restart -t 0 changing >/dev/null
has_limits "a start leaves them lifted" $(($(nproc) * 100000)) 4096
fails "more than the ceiling is refused" 'pids_max does not allow so many processes' docker update --pids-limit 4097 changing
docker rm -f changing >/dev/null
is "--pids-limit -1 is the ceiling, too, and without it there is the default" "4096 2048" \
  "$(for each in -1 0; do docker run --rm --pids-limit $each busybox sh -c 'cat /sys/fs/cgroup/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids/pids.max'; done | xargs)"

# --- what only the API can say
id=$(create 'cat /etc/passwd | wc -c; echo x >/etc/y; echo $?' '"HostConfig":{"MaskedPaths":["/etc/passwd","/proc/acpi","/proc/asound","/proc/interrupts","/proc/kcore","/proc/keys","/proc/latency_stats","/proc/sched_debug","/proc/scsi","/proc/timer_list","/proc/timer_stats","/sys/devices/virtual/powercap","/sys/firmware"],"ReadonlyPaths":["/etc","/proc/bus","/proc/fs","/proc/irq","/proc/sys","/proc/sysrq-trigger"]},"Shell":["/bin/ash","-c"],"OnBuild":["RUN true"]')
is "more masked and read-only paths" "0 1" "$(docker start -a "$id" 2>/dev/null | tr '\n' ' ' | sed 's/ $//')"
is "inspect echoes them" "/etc/passwd /etc [/bin/ash -c] [RUN true]" "$(docker inspect -f '{{index .HostConfig.MaskedPaths 0}} {{index .HostConfig.ReadonlyPaths 0}} {{.Config.Shell}} {{.Config.OnBuild}}' "$id")"
id=$(create 'true' '"HostConfig":{"MaskedPaths":["/etc/passwd"]}')
fails "fewer are up to the policy" 'unmasked does not allow' docker start -a "$id"
is "--annotation is kept and shown" 'map[a:b]' "$(docker create --name noted --annotation a=b busybox true >/dev/null; docker inspect -f '{{.HostConfig.Annotations}}' noted)"

# --- logs
docker run --name quiet --log-driver none busybox echo said >/dev/null
fails "the driver none keeps nothing" 'configured logging driver does not support reading' docker logs quiet
is "indeed" 0 "$(find "$STATE/records/$(docker inspect -f '{{.Id}}' quiet)" -name 'log*' | wc -l)"
is "but shows it to who is attached" said "$(docker run --rm --log-driver none busybox echo said)"
docker run --name local --log-driver local --log-opt max-size=8k --log-opt max-file=2 --log-opt mode=non-blocking --log-opt max-buffer-size=1m busybox sh -c 'i=0; while [ $i -lt 500 ]; do echo "line $i of many"; i=$((i+1)); done' >/dev/null
is "size and number of files are kept to" 1 "$(find "$STATE/records/$(docker inspect -f '{{.Id}}' local)" -name 'log*' -size -9k | wc -l | awk '{print ($1 <= 2)}')"
is "the newest lines are there" "line 499 of many" "$(docker logs --tail 1 local)"
docker run --name tagged --label colour=red --label io.shop=till --label shop=no --env SIZE=big --log-opt labels=colour,absent --log-opt labels-regex='^(io|net)\.' --log-opt env-regex='IZ' --log-opt tag='{{.Name}}' busybox echo said >/dev/null
is "details beside each line" "SIZE=big,colour=red,io.shop=till,tag=tagged said" "$(docker logs --details tagged)"
is "and not without being asked" said "$(docker logs tagged)"
fails "a driver without a client is refused" "logging driver \"awslogs\" is not supported" docker run --rm --log-driver awslogs busybox true
fails "an unknown driver too" 'no log driver named' docker run --rm --log-driver paper busybox true
fails "an unknown option too" "unknown log opt 'wings'" docker run --rm --log-opt wings=2 busybox true
fails "a buffer without its mode too" 'max-buffer-size option is only supported' docker run --rm --log-opt max-buffer-size=1m busybox true

# --- users (T25)
for user in 4294967296 -1 4294967295 65536 '0:65536' nobody-there 'root:nobody-there' $'root\n'; do
  fails "user $(printf %q "$user") is refused" 'invalid user|must be in range|no matching entries' docker run --rm --user="$user" busybox id
done
is "a user and groups" "uid=33(www-data) gid=5(tty) groups=1(daemon),5(tty),77" "$(docker run --rm --user www-data:tty --group-add daemon --group-add 77 busybox id)"
fails "a group that is none is refused" 'no matching entries in group file' docker run --rm --group-add wheels busybox true
odd() { # odd NAME COMMAND   an image made by a command in busybox
  docker run --name odd busybox sh -c "$2" >/dev/null 2>&1
  docker commit odd "$1" >/dev/null
  docker rm odd >/dev/null
}
odd fifo 'rm /etc/passwd /etc/group; mkfifo /etc/passwd /etc/group'
fails "a fifo as passwd hangs nobody" 'no matching entries in passwd file' docker run --rm --user www-data fifo true
is "and numbers still work" 33 "$(docker run --rm --user 33 fifo awk '/^Uid/{print $2}' /proc/self/status)"
odd link 'rm /etc/passwd; ln -s /dev/zero /etc/passwd'
fails "nor does a link to /dev/zero" 'no matching entries in passwd file' docker run --rm --user www-data link true
odd huge 'yes "x:x:1:" | head -c 10000000 >/etc/group; echo "root:x:4294967296:0::/:/bin/sh" >/etc/passwd'
fails "a group file of 10 MB is not read" 'no matching entries in group file' docker run --rm --group-add x huge true
for each in fifo link huge; do
  docker run -d --name "of-$each" "$each" sleep 100 >/dev/null
  fails "an exec neither waits for them nor reads them ($each)" 'no matching entries in passwd file' timeout 20 docker exec --user www-data "of-$each" true
  docker rm -f "of-$each" >/dev/null
done
fails "an id that wraps around to root is not taken" 'no matching entries|must be in range' docker run --rm --user root huge true

docker rmi -f fifo link huge >/dev/null 2>&1
no_containers
finish
