/* Entering a container for the sake of its files: the namespaces of one that runs, or a view of one that does not. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/overlay.h"
#include "../common/scope.h"
#include "../common/secret.h"
#include "../init/init.h"
#include "call.h"
#include "files.h"
#include "idmapped.h"
#include "layer.h"
#include "mounts.h"
#include "path.h"
#include "stage.h"
#include "state.h"
#include "userns.h"

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

/* The first process is the last to end in its process namespace: once its descriptor is readable, nobody uses the writable layer. */
static bool has_ended(int pidfd, int wait_ms)
{
	struct pollfd end = {.fd = pidfd, .events = POLLIN};

	return poll(&end, 1, wait_ms) > 0;
}

int inside_open(struct call *call, struct inside *inside, int wait_ms, struct report *report)
{
	auto_close int container = -1;
	struct run_state state;
	uint32_t base;
	int found, mounts;

	*inside = (struct inside){.lock_fd = -1, .first_pidfd = -1, .userns_fd = -1, .writable_fd = -1};
	inside->lock_fd = state_lock(call->storage_fd, call->request.container, report);
	if (inside->lock_fd < 0)
		return -1;
	container = state_prepare(call->storage_fd, &call->policy, call->request.container, 0, &base, report);
	if (container < 0)
		return -1;
	found = state_read_run(container, "run", &state, report);
	if (found < 0)
		return -1;
	if (found > 0)
		inside->first_pidfd = process_open(&state.process);
	if (inside->first_pidfd >= 0 && has_ended(inside->first_pidfd, wait_ms)) {
		(void)close(inside->first_pidfd);
		inside->first_pidfd = -1;
	}
	if (inside->first_pidfd >= 0) {
		(void)close(inside->lock_fd); /* its namespaces stay as long as this process looks at them */
		inside->lock_fd = -1;
		return 0;
	}
	inside->userns_fd = userns_make(base, report);
	if (inside->userns_fd < 0 || open_layers(call, container, inside, report) < 0)
		return -1;
	mounts = mounts_open(call, inside->userns_fd, base, inside->mounts, report);
	inside->mount_count = mounts < 0 ? 0 : (uint32_t)mounts;
	return mounts < 0 ? -1 : 0;
}

void inside_close(struct inside *inside)
{
	for (uint32_t i = 0; i < inside->layer_count; i++)
		scope_close(&inside->layers[i]);
	for (uint32_t i = 0; i < inside->mount_count; i++)
		scope_close(&inside->mounts[i]);
	scope_close(&inside->lock_fd);
	scope_close(&inside->first_pidfd);
	scope_close(&inside->userns_fd);
	scope_close(&inside->writable_fd);
}

/* A mount namespace of its own, with nothing in it but the container's layers and volumes. */
static int enter_view(const struct inside *inside, const struct request *request, struct report *report)
{
	if (stage_enter(inside->userns_fd, report) < 0)
		return -1;
	if (overlay_mount(inside->layers, inside->layer_count, inside->writable_fd, report) < 0)
		return -1;
	return overlay_enter(report) < 0 ? -1 : mounts_attach(request, inside->mounts, report);
}

/* Secrets are for the container's processes, not for copies of its files: they are taken out of a view of its mounts that is this process's own. */
static int leave_secrets(struct report *report)
{
	struct statfs status;

	if (statfs(SECRETS_DIRECTORY, &status) < 0 || status.f_type != TMPFS_MAGIC || !((unsigned long)status.f_flags & ST_RDONLY))
		return 0;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return report_fail(report, "make a view of the container's mounts", errno);
	if (umount2(SECRETS_DIRECTORY, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL) /* no mount of its own: a part of another one */
		return report_fail(report, "leave out the secrets", errno);
	return 0;
}

int inside_enter(const struct inside *inside, const struct request *request, struct report *report)
{
	if (inside->first_pidfd < 0)
		return enter_view(inside, request, report);
	if (setns(inside->first_pidfd, CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return errno == ESRCH ? report_status(report, TM_E_BUSY, "the container has just ended") :
					report_fail(report, "enter the container's namespaces", errno);
	if (stage_become_root(report) < 0)
		return -1;
	if (leave_secrets(report) < 0)
		return -1;
	return chdir("/") < 0 ? report_fail(report, "enter the container's root", errno) : 0;
}
