/* The contract between the server (Java, package dev.tallyman.kernel) and the native programs: helper, monitor, init.
 *
 * Helper: one exec is one request and one reply on the SOCK_SEQPACKET socket that is fd 3. A request is one packet, and so is a reply.
 *
 *   packet  = header (16 bytes) fields
 *   header  = u32 magic, u16 version, u16 verb, u32 status (request: 0), u32 body length in bytes
 *   field   = u16 tag, u16 zero, u32 length, length bytes (no padding)
 *
 * All integers are little-endian. A tag may repeat only where the table in request_rules.c says so; repeated tags keep their order.
 * File descriptors travel by SCM_RIGHTS with the request packet; their number and type are fixed by the verb.
 *
 * This header is the single source of every number in it: ProtocolHeaderTest parses it and compares it with the Java codec.
 * Only #define NAME number or enum { NAME = number, } forms are allowed here.
 */
#ifndef TALLYMAN_PROTOCOL_H
#define TALLYMAN_PROTOCOL_H

#include <stdint.h>

#define TM_MAGIC 0x594c4c54 /* "TLLY" */
#define TM_VERSION 1
#define TM_HEADER_BYTES 16
#define TM_FIELD_HEADER_BYTES 8
#define TM_PACKET_MAX_BYTES 262144 /* a whole request or reply (SECURITY.md R8) */
#define TM_FDS_MAX 2
#define TM_ID_CHARS 64          /* container, layer, network, exec, volume: [0-9a-f]{64} */
#define TM_SOCKET_FD 3
#define TM_DEADLINE_SECONDS 30  /* every verb but the streaming ones */
#define TM_STREAM_DEADLINE_SECONDS 3600 /* unpack, export, diff */

enum tm_verb {
	TM_VERB_PROBE = 1,             /* -> TEXT lines "key value": what kernel and policy allow */
	TM_VERB_LAYER_UNPACK = 2,      /* LAYER, fd0 = uncompressed tar to read -> BYTES, COUNT; idempotent: an existing layer answers at once */
	TM_VERB_LAYER_REMOVE = 3,      /* LAYER; absent is success. Its files are deleted after the answer, with those that interrupted removals left */
	TM_VERB_LAYER_LIST = 4,        /* [AFTER] -> LAYER*, [MORE]: ids in ascending order after AFTER */
	TM_VERB_CONTAINER_START = 5,   /* see request_rules.c for the fields -> PID, STARTED_NS, ADDRESS?, two descriptors with RESOLVER; EXISTS when it runs already */
	TM_VERB_CONTAINER_EXEC = 6,    /* CONTAINER, EXEC, ARG+, ENV*, ... -> PID */
	TM_VERB_CONTAINER_SIGNAL = 7,  /* CONTAINER, [EXEC], SIGNAL; to its first process, or to that of the exec */
	TM_VERB_CONTAINER_FREEZE = 8,  /* CONTAINER */
	TM_VERB_CONTAINER_THAW = 9,    /* CONTAINER */
	TM_VERB_CONTAINER_LIMIT = 10,  /* CONTAINER, limits that change; PIDS_MAX or CPU_QUOTA of 0 lifts what there was */
	TM_VERB_CONTAINER_CLEAN = 11,  /* CONTAINER; after its end: cgroup, ports, links, sockets. Kills what is left. Absent is success */
	TM_VERB_CONTAINER_REMOVE = 12, /* CONTAINER; CLEAN, then writable layer, records and id range. BUSY while it runs. Absent is success */
	TM_VERB_CONTAINER_LIST = 13,   /* [AFTER] -> groups of CONTAINER, RUNNING, PID, STARTED_NS; [MORE] */
	TM_VERB_NETWORK_UP = 14,       /* NETWORK, [GATEWAY, PREFIX], [INTERNAL], [NETWORK_OPTIONS], [NETWORK6], [LAN | BRIDGE_NAME]: IPv4, IPv6 or both; idempotent */
	TM_VERB_NETWORK_DOWN = 15,     /* NETWORK; absent is success; BUSY while a container is on it */
	TM_VERB_NETWORK_LIST = 16,     /* -> NETWORK* */
	TM_VERB_CONTAINER_EXPORT = 17, /* CONTAINER, LAYER*, fd0 = where to write a tar of the merged root file system */
	TM_VERB_CONTAINER_DIFF = 18,   /* CONTAINER, LAYER*, fd0 = where to write the writable layer as an OCI layer tar */
	TM_VERB_CONTAINER_CHANGES = 19,/* CONTAINER, LAYER*, fd0 = where to write lines "A /path\0", "C ...", "D ..." */
	TM_VERB_AUDIT_ANCHOR = 20,     /* TEXT: head of the audit chain, appended to the root-owned log -> TEXT of the last anchor there */
	TM_VERB_CONTAINER_PREPARE = 21,/* CONTAINER, [SIZE_LIMIT]: makes its writable layer and id range, so that files can be copied before the first start; INVALID where the file system has no project quotas */
	TM_VERB_FILES_STAT = 22,       /* CONTAINER, LAYER*, PATH, [FILE_FLAGS], fd0 = where to write rows: of PATH, with TM_FILE_ENTRIES also of what is in it */
	TM_VERB_FILES_GET = 23,        /* CONTAINER, LAYER*, PATH, [FILE_FLAGS], fd0 = where to write the row of PATH, then a tar of it (TM_FILE_CONTENT: its bytes) */
	TM_VERB_FILES_PUT = 24,        /* CONTAINER, LAYER*, PATH, [USER], [FILE_FLAGS], fd0 = uncompressed tar to extract into directory PATH -> BYTES, COUNT */
	TM_VERB_CONTAINER_SIZE = 25,   /* CONTAINER -> BYTES of the files in its writable layer, COUNT of its files and directories */
	TM_VERB_VOLUME_CREATE = 26,    /* VOLUME, [SIZE_LIMIT]; idempotent; INVALID where the file system has no project quotas */
	TM_VERB_VOLUME_REMOVE = 27,    /* VOLUME; absent is success */
	TM_VERB_VOLUME_LIST = 28,      /* [AFTER] -> VOLUME*, [MORE] */
	TM_VERB_VOLUME_EXPORT = 29,    /* VOLUME, fd0 = where to write a tar of its files */
	TM_VERB_VOLUME_IMPORT = 30,    /* VOLUME, [SIZE_LIMIT], fd0 = uncompressed tar -> BYTES, COUNT; makes it, or fills an empty one, whose limit stays; EXISTS when it holds something */
	TM_VERB_VOLUME_SIZE = 31,      /* VOLUME, [VOLUME_FLAGS] -> BYTES, COUNT of what is in it */
	TM_VERB_NETWORK_CONNECT = 32,  /* CONTAINER, NETWORK, [ADDRESS, PREFIX, GATEWAY], [MAC], [ENDPOINT6], [LINK_NAME], LINK_SYSCTL*, PORT*, PORT6*, SOURCE*, SOURCE6*: a running container joins a network */
	TM_VERB_NETWORK_DISCONNECT = 33, /* CONTAINER, NETWORK; not being on it is success */
	TM_VERB_NETWORK_RESOLVER = 34, /* CONTAINER -> two descriptors, UDP and TCP (listening): what the container sends to 127.0.0.11 port 53 */
	TM_VERB_CONTAINER_SOCKETS = 35, /* CONTAINER, MOUNT+ of kind socket: puts the server's sockets of now in the places of those that ended with an earlier server */
	TM_VERB_LAST = 35
};

enum tm_status {
	TM_OK = 0,
	TM_E_PROTOCOL = 1,     /* malformed packet, wrong fds, wrong version */
	TM_E_PRIVILEGE = 2,    /* the helper is not root: no_new_privs, nosuid, wrong owner or mode; TEXT names which */
	TM_E_POLICY_FILE = 3,  /* the policy file is missing or not trusted; TEXT names the file and the reason */
	TM_E_DENIED = 4,       /* the policy forbids it; TEXT names the key */
	TM_E_ABSENT = 5,       /* no such object (or not this instance's) */
	TM_E_EXISTS = 6,       /* it is there already */
	TM_E_BUSY = 7,         /* state does not allow it: still running, port taken (TEXT "port PROTO ADDRESS:PORT") */
	TM_E_INVALID = 8,      /* a value is out of range; TEXT names the field */
	TM_E_EXHAUSTED = 9,    /* no space, no inodes, no id range, too many containers */
	TM_E_COMMAND = 10,     /* the container's command could not be run; NUMBER = 126 or 127, TEXT = Docker's reason */
	TM_E_KERNEL = 11,      /* a system call failed; STEP and ERRNO say which */
	TM_E_ARCHIVE = 12,     /* the tar is damaged, hostile or too large; TEXT says what */
	TM_E_LAST = 12
};

enum tm_tag {
	/* identities: exactly 64 characters of [0-9a-f] */
	TM_TAG_CONTAINER = 1,
	TM_TAG_LAYER = 2,       /* repeats in START, EXPORT, DIFF: bottom layer first, at most 127 */
	TM_TAG_EXEC = 3,
	TM_TAG_NETWORK = 4,
	TM_TAG_JOIN_NETWORK_OF = 5, /* container whose network namespace is shared */
	TM_TAG_AFTER = 6,
	TM_TAG_VOLUME = 7,
	TM_TAG_JOIN_PROCESSES_OF = 8, /* container whose process or IPC namespace is shared (TM_NAMESPACE_JOIN_*), and with it its user namespace */
	TM_TAG_MOUNT_LAYER = 9, /* repeats; id: layers of the images that are mounted, bottom first, in the order of their MOUNTs */
	/* text: UTF-8 without NUL */
	TM_TAG_ARG = 16,        /* repeats, at least one */
	TM_TAG_ENV = 17,        /* repeats, NAME=VALUE */
	TM_TAG_WORKDIR = 18,    /* absolute */
	TM_TAG_USER = 19,       /* user[:group], name or number; resolved inside the container's namespaces */
	TM_TAG_HOSTNAME = 20,
	TM_TAG_GROUP_ADD = 21,  /* repeats: name or number */
	TM_TAG_HOSTS = 22,      /* content of /etc/hosts */
	TM_TAG_RESOLV = 23,     /* content of /etc/resolv.conf */
	TM_TAG_CPUSET = 24,     /* "0-1,3" */
	TM_TAG_SYSCTL = 25,     /* repeats: "net.core.somaxconn=128"; only names in the policy */
	TM_TAG_TMPFS = 26,      /* repeats: "/path" or "/path:size=1048576,mode=1777,noexec" */
	TM_TAG_TEXT = 27,
	TM_TAG_STEP = 28,       /* reply: what failed, fixed text */
	TM_TAG_DOMAINNAME = 29,
	TM_TAG_MASKED_NONE = 30, /* u32 1: no masked and read-only paths; needs policy unmasked=yes */
	TM_TAG_PATH = 31,       /* in the container, absolute or not: resolved inside its root only */
	TM_TAG_SECRET = 38,     /* repeats: "MODE UID GID BYTES NAME": a file of /run/secrets, its mode in octal; the values come one behind the other by fd0 */
	TM_TAG_CPUSET_MEMS = 39, /* memory nodes, as in CPUSET */
	/* numbers: u32 */
	TM_TAG_PREFIX = 40,     /* length of the network's prefix, 8..30 */
	TM_TAG_SIGNAL = 41,     /* 1..64 */
	TM_TAG_NETWORK_MODE = 42, /* enum tm_network_mode */
	TM_TAG_FLAGS = 43,      /* enum tm_flag bits */
	TM_TAG_PIDS_MAX = 44,   /* processes; 0 = the policy's ceiling */
	TM_TAG_CPU_SHARES = 45, /* 2..262144, Docker's scale; 0 = default 1024 */
	TM_TAG_LOG_FILES = 46,  /* number of log files kept, 1..100 */
	TM_TAG_ADDRESS = 47,    /* IPv4, host order: 10.88.0.2 = 0x0a580002 */
	TM_TAG_GATEWAY = 48,    /* IPv4, host order */
	TM_TAG_ERRNO = 49,
	TM_TAG_NUMBER = 50,
	TM_TAG_PID = 51,
	TM_TAG_RUNNING = 52,    /* 0 or 1 */
	TM_TAG_MORE = 53,       /* 1: the list goes on after its last id */
	TM_TAG_ROWS = 54,       /* first size of the terminal */
	TM_TAG_COLUMNS = 55,
	TM_TAG_UMASK = 56,
	TM_TAG_INTERNAL = 57,   /* 1: no way out of this network */
	TM_TAG_OOM_SCORE = 58,  /* u32 holding an int32 -1000..1000 */
	TM_TAG_FILE_FLAGS = 59, /* enum tm_file_flag bits */
	TM_TAG_VOLUME_FLAGS = 60, /* enum tm_volume_flag bits */
	TM_TAG_RESOLVER = 61,   /* 1: as NETWORK_RESOLVER, before the command runs */
	TM_TAG_NAMESPACES = 62, /* enum tm_namespace bits; absent: all are the container's own */
	TM_TAG_SWAPPINESS = 63, /* 0..100; cgroup version 1 only */
	/* numbers: u64 */
	TM_TAG_MEMORY_MAX = 64,      /* bytes; 0 = the policy's ceiling */
	TM_TAG_MEMORY_SWAP_MAX = 65, /* bytes of memory + swap as Docker counts; 0 = unset, all ones = unlimited */
	TM_TAG_CPU_QUOTA = 66,       /* microseconds per period; 0 = the policy's ceiling */
	TM_TAG_CPU_PERIOD = 67,      /* microseconds, 1000..1000000 */
	TM_TAG_CAPABILITIES = 68,    /* bit set of capability numbers wanted; checked against policy caps_max */
	TM_TAG_LOG_MAX = 69,         /* bytes of one log file */
	TM_TAG_SHM_SIZE = 70,        /* bytes of /dev/shm */
	TM_TAG_BYTES = 71,
	TM_TAG_COUNT = 72,
	TM_TAG_STARTED_NS = 73,      /* CLOCK_REALTIME at exec, nanoseconds since 1970 */
	TM_TAG_MEMORY_LOW = 74,      /* bytes, Docker's MemoryReservation; 0 = none */
	TM_TAG_REALTIME_PERIOD = 76,  /* microseconds; needs a kernel with CONFIG_RT_GROUP_SCHED */
	TM_TAG_REALTIME_RUNTIME = 77, /* microseconds of it */
	TM_TAG_BLOCK_WEIGHT = 78,     /* 10..1000, Docker's scale */
	TM_TAG_SIZE_LIMIT = 79,       /* bytes that files and directories of a volume, or of a writable layer, may take on disk */
	/* records */
	TM_TAG_PORT = 80,       /* repeats; 12 bytes: u8 protocol (6 tcp, 17 udp), u8 0, u16 host port, u32 host address (0 = all), u16 container port, u16 0 */
	TM_TAG_MAC = 81,        /* 6 bytes */
	TM_TAG_ULIMIT = 82,     /* repeats; 24 bytes: u32 RLIMIT_ number, u32 0, u64 soft, u64 hard; raised only as far as the host lets */
	TM_TAG_MOUNT = 83,      /* repeats; UTF-8 lines: "volume", "bind", "socket" or "image", enum tm_mount_flag bits, id, path of the host or (image) how many MOUNT_LAYER are its,
	                           path in the volume or image or nothing, target */
	TM_TAG_NETWORK_OPTIONS = 86, /* 8 bytes: u32 MTU of its links (0 = the kernel's, else 68..65535), u32 tm_network_option bits */
	TM_TAG_ENDPOINT = 87,   /* repeats; a further network of the container. 84 bytes: network id in hex, u32 address, u32 gateway, u32 prefix,
	                           6 bytes MAC (zeros: made of the address), u16 0; the three numbers are 0 where it has IPv6 alone */
	TM_TAG_SOURCE = 88,     /* repeats; who may use the published ports (nobody named: all). 8 bytes: u32 address, u32 prefix 0..32 */
	TM_TAG_DEVICE = 89,     /* repeats; UTF-8 "ACCESS NAME TARGET": some of r, w, m; the name exactly as the policy's devices has it; an absolute path */
	TM_TAG_MASKED_PATH = 90, /* repeats; UTF-8, absolute: masked beside the usual ones */
	TM_TAG_READ_ONLY_PATH = 91, /* repeats; UTF-8, absolute: read-only beside the usual ones */
	TM_TAG_DEVICE_RULE = 92, /* repeats; 12 bytes: u8 'a', 'b' or 'c', u8 access (1 r, 2 w, 4 m), u16 0, u32 major, u32 minor (all ones = any) */
	TM_TAG_BLOCK_LIMIT = 93, /* repeats; 24 bytes: u32 enum tm_block_limit, u32 major, u32 minor, u32 0, u64 weight, bytes or operations per second */
	TM_TAG_SECCOMP = 94,    /* a system call filter beside our own; layout: src/init/profile.h */
	/* addresses of IPv6 are 16 bytes in the order of the network */
	TM_TAG_NETWORK6 = 95,   /* 20 bytes: gateway, u32 prefix 8..126: the network has these addresses too */
	TM_TAG_ENDPOINT6 = 96,  /* repeats; 100 bytes: id of a network that the request names, address, gateway, u32 prefix: the place there has this one too */
	TM_TAG_PORT6 = 97,      /* repeats; 24 bytes: u8 protocol, u8 0, u16 host port, u16 container port, u16 0, host address (zeros = all of IPv6) */
	TM_TAG_SOURCE6 = 98,    /* repeats; as SOURCE. 20 bytes: address, u32 prefix 0..128 */
	TM_TAG_LAN = 99,        /* UTF-8 "MODE PARENT": its containers are on a LAN of the host's, by a macvlan link each where MODE is bridge,
	                           private, vepa or passthru, by an ipvlan link where it is ipvlan-l2, -l3 or -l3s, maybe with -private or -vepa behind; PARENT a link of the host, or LINK.VLAN (1..4094), which is made where there is none */
	TM_TAG_LINK_NAME = 100, /* repeats; UTF-8 "NETWORK NAME": how the container's link to a network that the request names is called there. NAME has at most 15 letters, digits and
	                           "_", "." and "-", begins with a letter, and is not lo; nobody named: the first free of eth0, eth1 ... */
	TM_TAG_BRIDGE_NAME = 101, /* UTF-8: how the network's bridge is called on the host, as LINK_NAME's NAME; nobody named: the policy's bridge_prefix and the beginning of the id */
	TM_TAG_LINK_SYSCTL = 102, /* repeats; UTF-8 "NETWORK net.FAMILY.KIND.ifname.SETTING=VALUE": a setting of the container's link to a network that the request names. FAMILY is ipv4
	                           or ipv6 with the KIND conf or neigh, or mpls with conf; SETTING has at most 47 of a-z, 0-9 and "_", VALUE at most 64 letters, digits, ":", "." and "-" */
	TM_TAG_LAST = 102
};

enum tm_network_mode {
	TM_NETWORK_NONE = 0,
	TM_NETWORK_BRIDGE = 1, /* NETWORK, [ADDRESS, PREFIX, GATEWAY], [MAC], ENDPOINT6*, LINK_NAME*, LINK_SYSCTL*, PORT*, PORT6* */
	TM_NETWORK_JOIN = 2,   /* JOIN_NETWORK_OF */
	TM_NETWORK_HOST = 3    /* only where the policy says host_namespaces=net */
};

enum tm_network_option {
	TM_NETWORK_ISOLATED = 1,     /* its containers do not reach one another */
	TM_NETWORK_NO_MASQUERADE = 2 /* what leaves it keeps its address */
};

enum tm_flag {
	TM_FLAG_TTY = 1,             /* pty from the container's own devpts */
	TM_FLAG_STDIN = 2,           /* stdin is kept open and served by the monitor; else /dev/null */
	TM_FLAG_INIT = 4,            /* our init stays as PID 1 and reaps */
	TM_FLAG_READ_ONLY = 8,       /* root file system */
	TM_FLAG_NO_NEW_PRIVILEGES = 16,
	TM_FLAG_SECCOMP_UNCONFINED = 32, /* needs policy seccomp=optional */
	TM_FLAG_HOLD = 64,           /* the monitor reads no output until a first subscriber of output came (or 10 s passed) */
	TM_FLAG_PRIVILEGED = 128,    /* exec and start: all capabilities within caps_max; needs policy privileged=yes */
	TM_FLAG_STDIN_ONCE = 256,    /* the end of the first attached client's input closes stdin */
	TM_FLAG_OOM_KILL_DISABLE = 512,
	TM_FLAG_LOG_NONE = 1024      /* output is shown to attached clients, and not kept */
};

enum tm_namespace {
	TM_NAMESPACE_JOIN_PID = 1,
	TM_NAMESPACE_JOIN_IPC = 2,    /* with its /dev/shm */
	TM_NAMESPACE_IPC_NONE = 4,    /* no /dev/shm */
	TM_NAMESPACE_HOST_UTS = 8,    /* needs policy host_namespaces with uts */
	TM_NAMESPACE_HOST_CGROUP = 16 /* needs policy host_namespaces with cgroup */
};

enum tm_block_limit {
	TM_BLOCK_WEIGHT = 0,
	TM_BLOCK_READ_BYTES = 1,
	TM_BLOCK_WRITE_BYTES = 2,
	TM_BLOCK_READ_OPERATIONS = 3,
	TM_BLOCK_WRITE_OPERATIONS = 4
};

enum tm_volume_flag {
	TM_VOLUME_FIRST = 1 /* SIZE: 1 as COUNT as soon as there is something, and no BYTES */
};

/* A mount's target is resolved and made inside the container only. A path of the host must lie below the policy's bind_roots. An image is always
 * read-only; links on the way of a path in it are followed as long as they stay in the image. */
enum tm_mount_flag {
	TM_MOUNT_READ_ONLY = 1,
	TM_MOUNT_MAKE = 2,     /* bind: a directory is made where nothing is */
	TM_MOUNT_RECURSIVE = 4 /* bind: with the mounts below it */
};

/* A row of FILES_STAT and FILES_GET: "MODE SIZE SECONDS NANOSECONDS UID GID\0NAME\0LINK\0". MODE is st_mode in decimal, the time that of the last
 * change of content, ids as in the container; NAME and LINK are bytes. The row of PATH itself has as NAME the last part of PATH ("/" for the
 * root, "." where PATH ends so), as LINK where a symbolic link leads in the end; the rows of entries have what the link says.
 */
enum tm_file_flag {
	TM_FILE_ENTRIES = 1,   /* STAT */
	TM_FILE_CONTENT = 2,   /* GET: PATH must be a regular file */
	TM_FILE_KEEP_KIND = 4, /* PUT: no directory takes the place of something else, nor the other way round */
	TM_FILE_OVERWRITE = 8  /* PUT: nothing but the content of regular files that are there, also of those mounted into a read-only root */
};

/* Monitor: a stream socket at <run_root>/<container>.sock, and <run_root>/<container>.<exec>.sock for an exec, each id cut to its first
 * TM_SOCKET_ID_CHARS characters: whole ids do not fit into the 107 bytes of sun_path (directory root:tallyman 0710, socket owned by tallyman 0600).
 * Frames both ways:
 *
 *   frame = u8 type, 3 zero bytes, u32 big-endian length, payload      (the layout of Docker's stream frames)
 *
 * After connecting, a client sends SUBSCRIBE first. Several clients at once are served; each gets its own copy of the output from the
 * moment of its SUBSCRIBE. A client that does not read holds the container up only until TM_MONITOR_BACKLOG_BYTES are queued for it; then the
 * monitor stops reading the container's output until it drains (attach), as a terminal would.
 * The exit record is written at once when the process has ended, however far behind clients are. The monitor ends after that, when every
 * subscriber got all its output and EXIT, or left; without any subscriber after 10 s.
 */
#define TM_SOCKET_ID_CHARS 24
#define TM_FRAME_HEADER_BYTES 8
#define TM_FRAME_MAX_BYTES 65536
#define TM_MONITOR_BACKLOG_BYTES 1048576
enum tm_frame {
	TM_FRAME_STDIN = 0,     /* client -> monitor */
	TM_FRAME_STDOUT = 1,    /* monitor -> client; also the terminal's output */
	TM_FRAME_STDERR = 2,    /* monitor -> client */
	TM_FRAME_EXIT = 3,      /* monitor -> client: u32 BE exit code, u32 BE signal or 0, u32 BE 1 if the OOM killer struck, u64 BE finished ns */
	TM_FRAME_SUBSCRIBE = 4, /* client -> monitor: u32 BE of tm_subscribe bits */
	TM_FRAME_STDIN_END = 5, /* client -> monitor */
	TM_FRAME_RESIZE = 6,    /* client -> monitor: u16 BE rows, u16 BE columns */
	TM_FRAME_READY = 7      /* monitor -> client: answer to SUBSCRIBE, empty; output follows from here on */
};
enum tm_subscribe {
	TM_SUBSCRIBE_OUTPUT = 1,
	TM_SUBSCRIBE_INPUT = 2
};

/* A socket at which the server answers a container's programs: <run_root>/server/<id>.sock, the id cut likewise (directory and socket are the server's, which
 * alone makes and removes them). A mount of kind "socket" shows that very file at its target; it belongs to the container's root from then on, mode as made.
 */

/* Records of the monitor in <records>/<container id>/ (directory and files readable by group tallyman):
 *   log, log.1, log.2 ...: newest first. A log file is a run of records: u64 BE time in ns since 1970, u8 stream (1 stdout, 2 stderr),
 *     3 zero bytes, u32 BE length, payload: bytes as they were read (a chunk may hold many lines and may end within one).
 *     A rotation happens only at the end of a record. A torn last record (power cut) is cut off by the reader.
 *   exit: one line "code signal oom started_ns finished_ns\n", written to a temporary name, fsynced, renamed, directory fsynced.
 *     START removes the record of the run before; so there is one exactly when the last run's end is known.
 */
#define TM_LOG_HEADER_BYTES 16
#define TM_LOG_CHUNK_MAX_BYTES 65536

#endif
