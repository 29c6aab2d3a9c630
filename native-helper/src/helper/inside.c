/* Entering a container for the sake of its files: the namespaces of one that runs, or a view of one that does not. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/overlay.h"
#include "../common/scope.h"
#include "call.h"
#include "files.h"
#include "idmapped.h"
#include "layer.h"
#include "path.h"
#include "state.h"

#define STAGE "/dev" /* exists on every host; covered by a tmpfs in the child's mount namespace only */

static int write_map(int proc_fd, const char *file, uint32_t base)
{
	auto_close int fd = openat(proc_fd, file, O_WRONLY | O_CLOEXEC);
	char text[48];
	int length = snprintf(text, sizeof text, "0 %u %u", base, STATE_RANGE_IDS);

	return fd < 0 || write(fd, text, (size_t)length) != length ? -1 : 0;
}

/* The user namespace of PID, with the container's ids. */
static int open_userns(int pid, uint32_t base, struct report *report)
{
	auto_close int proc = -1, userns = -1;
	char path[32];

	(void)snprintf(path, sizeof path, "/proc/%d", pid);
	proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0 || write_map(proc, "gid_map", base) < 0 || write_map(proc, "uid_map", base) < 0)
		return report_fail(report, "map the container's ids", errno);
	userns = openat(proc, "ns/user", O_RDONLY | O_CLOEXEC);
	return userns < 0 ? report_fail(report, "open a user namespace", errno) : take_fd(&userns);
}

/* Makes a user namespace like the container's own: a process makes it, the descriptor keeps it. */
static int make_userns(uint32_t base, struct report *report)
{
	int ends[2], userns = -1;
	char byte;
	pid_t holder;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return report_fail(report, "make a pipe", errno);
	holder = fork();
	if (holder == 0) {
		if (unshare(CLONE_NEWUSER) < 0 || write(ends[1], "", 1) != 1)
			_exit(1);
		for (;;)
			(void)pause(); /* until the kill below */
	}
	(void)close(ends[1]);
	if (holder < 0)
		(void)report_fail(report, "make a process", errno);
	else if (read(ends[0], &byte, 1) != 1)
		(void)report_fail(report, "make a user namespace", EPERM);
	else
		userns = open_userns(holder, base, report);
	(void)close(ends[0]);
	if (holder > 0) {
		(void)kill(holder, SIGKILL);
		while (waitpid(holder, NULL, 0) < 0 && errno == EINTR)
			;
	}
	return userns;
}

/* Detached mounts of all layers, with the container's ids. */
static int open_layers(struct call *call, int container_fd, struct inside *inside, struct report *report)
{
	const struct text_list *layers = &call->request.layers;
	auto_close int writable = path_open_beneath(container_fd, "rw", O_RDONLY | O_DIRECTORY);

	if (writable < 0)
		return report_fail(report, "open the writable layer", -writable);
	inside->writable_fd = idmapped_clone(writable, inside->userns_fd, false, report);
	if (inside->writable_fd < 0)
		return -1;
	for (size_t i = 0; i < layers->count; i++) {
		auto_close int layer = idmapped_comes_again(layers, i) ? -1 : layer_open(call->storage_fd, layers->items[i], report);

		if (idmapped_comes_again(layers, i))
			continue;
		inside->layers[inside->layer_count] = layer < 0 ? -1 : idmapped_clone(layer, inside->userns_fd, true, report);
		if (inside->layers[inside->layer_count] < 0)
			return -1;
		inside->layer_count++;
	}
	return 0;
}

int inside_open(struct call *call, struct inside *inside, struct report *report)
{
	auto_close int container = -1;
	struct run_state state;
	uint32_t base;
	int found;

	*inside = (struct inside){.lock_fd = -1, .first_pidfd = -1, .userns_fd = -1, .writable_fd = -1};
	inside->lock_fd = state_lock(call->storage_fd, call->request.container, report);
	if (inside->lock_fd < 0)
		return -1;
	container = state_prepare(call->storage_fd, &call->policy, call->request.container, &base, report);
	if (container < 0)
		return -1;
	found = state_read_run(container, "run", &state, report);
	if (found < 0)
		return -1;
	if (found > 0 && (inside->first_pidfd = process_open(&state.process)) >= 0) {
		(void)close(inside->lock_fd); /* its namespaces stay as long as this process looks at them */
		inside->lock_fd = -1;
		return 0;
	}
	inside->userns_fd = make_userns(base, report);
	return inside->userns_fd < 0 ? -1 : open_layers(call, container, inside, report);
}

void inside_close(struct inside *inside)
{
	for (uint32_t i = 0; i < inside->layer_count; i++)
		scope_close(&inside->layers[i]);
	scope_close(&inside->lock_fd);
	scope_close(&inside->first_pidfd);
	scope_close(&inside->userns_fd);
	scope_close(&inside->writable_fd);
}

static int become_its_root(struct report *report)
{
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return report_fail(report, "become the container's root", errno);
	return 0;
}

/* A mount namespace of its own, with nothing in it but the container's layers. */
static int enter_view(const struct inside *inside, struct report *report)
{
	if (setns(inside->userns_fd, CLONE_NEWUSER) < 0 || unshare(CLONE_NEWNS) < 0)
		return report_fail(report, "make a view of the container", errno);
	if (become_its_root(report) < 0)
		return -1;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return report_fail(report, "cut the mounts off the host's", errno);
	if (mount("tmpfs", STAGE, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0755,size=1m") < 0 || chdir(STAGE) < 0)
		return report_fail(report, "mount the stage", errno);
	if (overlay_mount(inside->layers, inside->layer_count, inside->writable_fd, report) < 0)
		return -1;
	return overlay_enter(report);
}

int inside_enter(const struct inside *inside, struct report *report)
{
	if (inside->first_pidfd < 0)
		return enter_view(inside, report);
	if (setns(inside->first_pidfd, CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return errno == ESRCH ? report_status(report, TM_E_BUSY, "the container has just ended") :
					report_fail(report, "enter the container's namespaces", errno);
	if (become_its_root(report) < 0)
		return -1;
	return chdir("/") < 0 ? report_fail(report, "enter the container's root", errno) : 0;
}
