/* What the helper and init tell each other over the SOCK_SEQPACKET socket that is init's descriptor TM_INIT_SOCKET_FD.
 *
 *   helper -> init   one byte with descriptors: a memory file (struct launch, then the request's packet), then those of enum launch_fd
 *   init -> helper   struct init_message JOINED (only if launch.shares)
 *   init -> helper   struct init_message READY (with the terminal's master when there is one) or FAILED
 *   helper -> init   one byte: go (a start only, when the network is there)
 *   init             executes the command, which closes the socket; or sends FAILED
 */
#ifndef TALLYMAN_LAUNCH_H
#define TALLYMAN_LAUNCH_H

#include <stdint.h>

#include "../../include/tallyman_protocol.h"
#include "mount.h"

#define TM_INIT_SOCKET_FD 3

struct launch {
	uint32_t packet_length;
	uint32_t is_exec;
	uint32_t has_own_network; /* the network namespace belongs to the container's user namespace */
	uint32_t is_cgroup2;
	uint32_t is_confined; /* system call filter */
	uint32_t is_unmasked; /* without the usual masked and read-only paths */
	uint32_t no_new_privileges;
	uint64_t capabilities;
	uint32_t stdio_count; /* 3, or 0 with a terminal */
	uint32_t layer_count;
	uint32_t mount_count;
	uint32_t shares; /* 1: the user namespace is that of the container behind the last descriptor; init enters it and answers JOINED */
	uint32_t own_namespaces; /* then: CLONE_NEW flags of what init makes itself */
	uint32_t groups; /* bit set over LAUNCH_GROUP_NAMES: directories of the control group to show */
};

/* In the order of enum cgroup_tree, then the unified tree. */
#define LAUNCH_GROUP_NAMES "cpu", "cpuacct", "cpuset", "memory", "devices", "blkio", "pids", "unified"
#define LAUNCH_GROUPS 8
#define LAUNCH_GROUP_UNIFIED 7

/* Order of the descriptors behind the memory file: stdio first, then these. */
#define LAUNCH_DEVICES 6 /* null zero full random urandom tty: detached clones of the host's nodes */
/* start: devices, writable layer, layers (bottom first), mounts, devices asked for (if any), the pipe with the values of
 * secrets (if any), groups, pidfd of the container
 * whose user namespace is shared (if any); exec: pidfd of the container's first process, its network namespace */
#define LAUNCH_FDS_MAX (1 + 3 + LAUNCH_DEVICES + 1 + 127 + MOUNTS_MAX + 2 + LAUNCH_GROUPS + 1) /* the kernel passes 253 at most */

enum init_message_kind { INIT_READY = 1, INIT_FAILED = 2, INIT_JOINED = 3 };

struct init_message {
	uint32_t kind;
	uint32_t status; /* enum tm_status */
	int32_t error;
	int32_t number;
	char step[96];
	char text[512];
};

#endif
