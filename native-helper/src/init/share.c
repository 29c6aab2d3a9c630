/* A container that shares the processes or the IPC of another one. This program was executed by then, as the host's root: an id that nobody
 * there has. With a process namespace of the other one it is in that already. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../common/resolve.h"
#include "../common/scope.h"
#include "init.h"

/* The shared memory of the other container: its /dev/shm is a mount of ours, which no process there can move or cover by a link. */
static int clone_shared_memory(struct report *report)
{
	struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
	auto_close int place = resolve_open(AT_FDCWD, "/dev/shm", &how);
	struct statfs status;
	int fd;

	if (place < 0 || fstatfs(place, &status) < 0 || status.f_type != TMPFS_MAGIC)
		return report_status(report, TM_E_INVALID, "the container whose IPC is shared has no /dev/shm");
	fd = open_tree(place, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	return fd >= 0 ? fd : report_fail(report, "clone the shared memory", errno);
}

/* Only a mount of one's own mount namespace can be cloned: in and out again, before anything else is given up. */
static int take_shared_memory(struct setup *setup, struct report *report)
{
	auto_close int own = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);

	if (own < 0 || setns(setup->init_pidfd, CLONE_NEWNS) < 0)
		return report_fail(report, "look at the other container's mounts", errno);
	setup->shared_memory = clone_shared_memory(report);
	if (setns(own, CLONE_NEWNS) < 0)
		return report_fail(report, "come back from the other container's mounts", errno);
	return setup->shared_memory < 0 ? -1 : 0;
}

int share_enter(struct setup *setup, struct report *report)
{
	const uint32_t shared = setup->request.namespaces;
	const uint32_t own = setup->launch.own_namespaces & ~(uint32_t)(CLONE_NEWUSER | CLONE_NEWPID);

	if ((shared & TM_NAMESPACE_JOIN_IPC) && take_shared_memory(setup, report) < 0)
		return -1;
	/* A process namespace of its own was made by the host's root, who alone can mount its /proc. */
	if (!(shared & TM_NAMESPACE_JOIN_PID)) {
		setup->own_proc = new_mount("proc", NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, report);
		if (setup->own_proc < 0)
			return -1;
	}
	if (setns(setup->init_pidfd, CLONE_NEWUSER | (shared & TM_NAMESPACE_JOIN_IPC ? CLONE_NEWIPC : 0)) < 0)
		return report_fail(report, "enter the other container's namespaces", errno);
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return report_fail(report, "become the container's root", errno);
	/* Closed by the other container's start (special.c) and again by this one. */
	if ((own & CLONE_NEWNET) && special_write_proc("/proc/sys/user/max_net_namespaces", "1024") < 0)
		return report_status(report, TM_E_KERNEL, "cannot make a network namespace");
	if (unshare((int)own) < 0)
		return report_fail(report, "make the container's namespaces", errno);
	return 0;
}
