#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../common/scope.h"
#include "landlock.h"
#include "path.h"

#define CAP(name) ((uint64_t)1 << CAP_##name)

/* Deleting what belongs to ids of containers. */
#define REMOVING (CAP(DAC_OVERRIDE) | CAP(FOWNER))
#define READING (CAP(DAC_OVERRIDE) | CAP(DAC_READ_SEARCH) | CAP(FOWNER) | CAP(SYS_CHROOT))
/* Setting quotas. */
#define LIMITING CAP(SYS_ADMIN)
#define NETWORKING CAP(NET_ADMIN)
/* The same within a container's network namespace, which is found by its process. */
#define VISITING (NETWORKING | CAP(SYS_ADMIN) | CAP(SYS_PTRACE) | CAP(DAC_OVERRIDE))
/* Files with any owner and mode, whiteouts, file capabilities; a mount namespace and a root of its own. */
#define UNPACKING                                                                                                                        \
	(REMOVING | CAP(CHOWN) | CAP(FSETID) | CAP(MKNOD) | CAP(SETFCAP) | CAP(SYS_ADMIN) | CAP(SYS_CHROOT) | CAP(SETUID) | CAP(SETGID) |    \
	 CAP(SETPCAP) | CAP(KILL))
/* Namespaces, id maps, mounts; its ports; the pipes' and socket's owner; becoming the monitor. */
#define RUNNING                                                                                                                          \
	(REMOVING | CAP(CHOWN) | CAP(FSETID) | CAP(SYS_ADMIN) | CAP(SYS_CHROOT) | CAP(SYS_PTRACE) | CAP(SYS_RESOURCE) | CAP(SETUID) |       \
	 CAP(SETGID) | CAP(SETPCAP) | CAP(KILL))

/* The namespaces and id map of a container that does not run, mounts, entering those of one that does. */
#define ENTERING                                                                                                                         \
	(REMOVING | CAP(CHOWN) | CAP(FSETID) | CAP(SYS_ADMIN) | CAP(SYS_CHROOT) | CAP(SYS_PTRACE) | CAP(SETUID) | CAP(SETGID) | CAP(SETPCAP) | \
	 CAP(KILL))

static const uint64_t capabilities[TM_VERB_LAST + 1] = {
	[TM_VERB_LAYER_UNPACK] = UNPACKING,
	[TM_VERB_LAYER_REMOVE] = REMOVING,
	[TM_VERB_CONTAINER_START] = RUNNING | NETWORKING | CAP(NET_BIND_SERVICE) | CAP(SETFCAP) | CAP(MKNOD),
	[TM_VERB_CONTAINER_EXEC] = RUNNING,
	[TM_VERB_CONTAINER_SIGNAL] = CAP(KILL),
	[TM_VERB_CONTAINER_CLEAN] = REMOVING | NETWORKING,
	[TM_VERB_CONTAINER_REMOVE] = REMOVING | NETWORKING | LIMITING,
	[TM_VERB_CONTAINER_PREPARE] = LIMITING, /* with a limit only */
	[TM_VERB_NETWORK_UP] = NETWORKING,
	[TM_VERB_NETWORK_DOWN] = NETWORKING,
	[TM_VERB_NETWORK_CONNECT] = VISITING,
	[TM_VERB_NETWORK_DISCONNECT] = VISITING,
	[TM_VERB_NETWORK_RESOLVER] = VISITING,
	[TM_VERB_CONTAINER_EXPORT] = READING,
	[TM_VERB_CONTAINER_DIFF] = READING,
	[TM_VERB_CONTAINER_CHANGES] = READING,
	[TM_VERB_FILES_STAT] = ENTERING,
	[TM_VERB_FILES_GET] = ENTERING,
	[TM_VERB_FILES_PUT] = ENTERING,
	[TM_VERB_CONTAINER_SIZE] = READING,
	[TM_VERB_CONTAINER_SOCKETS] = ENTERING,
	[TM_VERB_VOLUME_REMOVE] = REMOVING | LIMITING,
	[TM_VERB_VOLUME_CREATE] = LIMITING, /* with a limit only */
	[TM_VERB_VOLUME_EXPORT] = READING,
	[TM_VERB_VOLUME_IMPORT] = UNPACKING,
	[TM_VERB_VOLUME_SIZE] = READING,
};

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#else
#define ARCH AUDIT_ARCH_AARCH64
#endif

#define FORBID(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)

static const struct sock_filter filter[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	FORBID(execve), FORBID(execveat), FORBID(ptrace), FORBID(process_vm_readv), FORBID(process_vm_writev), FORBID(pidfd_getfd), FORBID(bpf),
	FORBID(perf_event_open), FORBID(init_module), FORBID(finit_module), FORBID(delete_module), FORBID(kexec_load), FORBID(reboot),
	FORBID(io_uring_setup), FORBID(io_uring_enter), FORBID(userfaultfd), FORBID(add_key), FORBID(request_key), FORBID(keyctl),
	FORBID(open_by_handle_at), FORBID(swapon), FORBID(swapoff), FORBID(settimeofday), FORBID(clock_settime), FORBID(quotactl),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static const bool sets_limits[TM_VERB_LAST + 1] = {
	[TM_VERB_VOLUME_CREATE] = true,	    [TM_VERB_VOLUME_IMPORT] = true,	[TM_VERB_VOLUME_REMOVE] = true,
	[TM_VERB_CONTAINER_PREPARE] = true, [TM_VERB_CONTAINER_REMOVE] = true,
};

/* Beside it, where no limit is set. */
static const struct sock_filter no_quota_filter[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	FORBID(quotactl_fd),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static int add_filter(const struct sock_filter *from, size_t length, struct report *report)
{
	const struct sock_fprog program = {(unsigned short)length, (struct sock_filter *)(uintptr_t)from};

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0 ? report_fail(report, "confine the helper's system calls", errno) : 0;
}

/* A container's processes inherit a filter, so these two verbs go without. */
static int forbid_calls(enum tm_verb verb, struct report *report)
{
	if (verb == TM_VERB_CONTAINER_START || verb == TM_VERB_CONTAINER_EXEC)
		return 0;
	if (!sets_limits[verb] &&
	    add_filter(no_quota_filter, sizeof no_quota_filter / sizeof no_quota_filter[0], report) < 0)
		return -1;
	return add_filter(filter, sizeof filter / sizeof filter[0], report);
}

/* Those that mount, those whose processes go on as a container's, and those that enter the network namespace of one: Landlock forbids the first
 * and the last (it takes a namespace for a process that is looked into), and is inherited by the second. What takes an archive apart is restricted to its destination instead (unpack.c), and work on a container's files is done inside its own mounts. */
static const bool reaches_everything[TM_VERB_LAST + 1] = {
	[TM_VERB_PROBE] = true,		  [TM_VERB_LAYER_UNPACK] = true, [TM_VERB_VOLUME_IMPORT] = true, [TM_VERB_CONTAINER_START] = true,
	[TM_VERB_CONTAINER_EXEC] = true, [TM_VERB_FILES_STAT] = true,	 [TM_VERB_FILES_GET] = true,	 [TM_VERB_FILES_PUT] = true,
	[TM_VERB_NETWORK_CONNECT] = true, [TM_VERB_NETWORK_DISCONNECT] = true, [TM_VERB_NETWORK_RESOLVER] = true,
	[TM_VERB_CONTAINER_SOCKETS] = true,
};

static int limit_files(const struct call *call, struct report *report)
{
	enum tm_verb verb = call->request.verb;
	struct report ignored = {0};
	/* Absent ones are no place; who needs one of them says what is wrong with it. */
	auto_close int records = path_open_trusted(call->policy.records_root, O_RDONLY | O_DIRECTORY, &ignored);
	auto_close int run = path_open_trusted(call->policy.run_root, O_RDONLY | O_DIRECTORY, &ignored);
	auto_close int cgroups = open("/sys/fs/cgroup", O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_close int processes = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_close int switches = capabilities[verb] & NETWORKING ? open("/proc/sys/net", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	const struct landlock_place places[] = {{call->storage_fd, true}, {records, true}, {run, true}, {cgroups, true}, {processes, false}, {switches, true}};

	if (reaches_everything[verb])
		return 0;
	return landlock_enter(places, sizeof places / sizeof places[0], report);
}

static uint64_t rights(const struct request *request)
{
	bool only_limits = request->verb == TM_VERB_VOLUME_CREATE || request->verb == TM_VERB_CONTAINER_PREPARE;

	return only_limits && !request->size_limit ? 0 : capabilities[request->verb];
}

int confine_verb(const struct call *call, struct report *report)
{
	enum tm_verb verb = call->request.verb;
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{0}};
	const uint64_t wanted = rights(&call->request);
	uint64_t kept = wanted;

	if (limit_files(call, report) < 0 || forbid_calls(verb, report) < 0)
		return -1;
	/* What the helper does not have (a host may give root less) it cannot keep. */
	if (syscall(SYS_capget, &header, data) < 0)
		return report_fail(report, "read the helper's capabilities", errno);
	kept &= (uint64_t)data[0].permitted | (uint64_t)data[1].permitted << 32;
	for (int number = 0; number < 64; number++)
		if (!(wanted >> number & 1) && prctl(PR_CAPBSET_DROP, number, 0, 0, 0) < 0) {
			if (errno == EINVAL)
				break; /* past the kernel's last */
			return report_fail(report, "cut the helper's capabilities", errno);
		}
	data[0] = (struct __user_cap_data_struct){.effective = (uint32_t)kept, .permitted = (uint32_t)kept};
	data[1] = (struct __user_cap_data_struct){.effective = (uint32_t)(kept >> 32), .permitted = (uint32_t)(kept >> 32)};
	return syscall(SYS_capset, &header, data) < 0 ? report_fail(report, "cut the helper's capabilities", errno) : 0;
}
