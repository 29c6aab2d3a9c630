/* The verbs about containers that are there already. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "../common/scope.h"
#include "call.h"
#include "cgroup.h"
#include "kernel.h"
#include "layer.h"
#include "listing.h"
#include "path.h"
#include "privilege.h"
#include "quota.h"
#include "share.h"
#include "state.h"
#include "watch.h"

#define NO_QUOTAS "--storage-opt is supported only for overlay over xfs with 'pquota' mount option: " /* Docker's words */

struct network_scope call_network(const struct call *call)
{
	return (struct network_scope){call->storage_fd, call->policy.bridge_prefix, call->policy.nft_table, &call->policy};
}

int verb_prepare(struct call *call, struct report *report)
{
	auto_close int lock = state_lock(call->storage_fd, call->request.container, report);
	auto_close int container = -1;
	uint64_t limit = call->request.size_limit;
	uint32_t base;

	if (lock < 0 || (limit && quota_require(call->storage_fd, NO_QUOTAS, report) < 0))
		return -1;
	container = state_prepare(call->storage_fd, &call->policy, call->request.container, limit, &base, report);
	return container < 0 ? -1 : 0;
}

static int open_process(struct call *call, struct report *report)
{
	auto_close int container = state_open_container(call->storage_fd, call->request.container, report);
	char name[8 + TM_ID_CHARS] = "run";
	struct run_state state;
	int pidfd;

	if (container < 0)
		return -1;
	if (call->request.exec)
		(void)snprintf(name, sizeof name, "execs/%s", call->request.exec);
	if (state_read_run(container, name, &state, report) <= 0)
		return report_status(report, TM_E_ABSENT, "no such process");
	pidfd = process_open(&state.process);
	return pidfd >= 0 ? pidfd : report_status(report, TM_E_ABSENT, "the process has ended");
}

int verb_signal(struct call *call, struct report *report)
{
	auto_close int pidfd = open_process(call, report);

	if (pidfd < 0)
		return -1;
	if (kernel_pidfd_send_signal(pidfd, (int)call->request.signal) < 0)
		return errno == ESRCH ? report_status(report, TM_E_ABSENT, "the process has ended") : report_fail(report, "send the signal", errno);
	return 0;
}

static int set_frozen(struct call *call, bool frozen, struct report *report)
{
	auto_close int pidfd = open_process(call, report);
	struct cgroup group;
	int result;

	if (pidfd < 0 || cgroup_open(&call->policy, call->request.container, &group, report) < 0)
		return -1;
	result = cgroup_freeze(&group, frozen, report);
	cgroup_close(&group);
	return result;
}

int verb_freeze(struct call *call, struct report *report)
{
	return set_frozen(call, true, report);
}

int verb_thaw(struct call *call, struct report *report)
{
	return set_frozen(call, false, report);
}

int verb_limit(struct call *call, struct report *report)
{
	struct cgroup group;
	int result;

	if (cgroup_open(&call->policy, call->request.container, &group, report) < 0)
		return -1;
	result = cgroup_limit(&group, &call->policy, &call->request, report);
	cgroup_close(&group);
	return result;
}

static int clean_execs(int container_fd, struct report *report)
{
	struct listing listing = {0};
	int result = 0;

	if (listing_read(container_fd, "execs", &listing, report) < 0)
		return -1;
	for (size_t i = 0; i < listing.count && result == 0; i++) {
		char name[8 + TM_ID_CHARS];

		(void)snprintf(name, sizeof name, "execs/%s", listing.ids[i]);
		if (unlinkat(container_fd, name, 0) < 0 && errno != ENOENT)
			result = report_fail(report, "remove the record of an exec", errno);
	}
	listing_free(&listing);
	return result;
}

int container_clean(struct call *call, const char *id, int container_fd, struct report *report)
{
	struct network_scope scope = call_network(call);

	if (cgroup_remove(&call->policy, id, report) < 0 || network_detach(&scope, id, report) < 0 ||
	    watch_remove_sockets(&call->policy, id, report) < 0 || clean_execs(container_fd, report) < 0)
		return -1;
	if (unlinkat(container_fd, "run", 0) < 0 && errno != ENOENT)
		return report_fail(report, "remove the record of the process", errno);
	share_forget(call->storage_fd, container_fd, id);
	return 0;
}

int verb_clean(struct call *call, struct report *report)
{
	auto_close int lock = state_lock_existing(call->storage_fd, call->request.container, report);
	auto_close int container = lock < 0 ? -1 : state_open_container(call->storage_fd, call->request.container, report);

	if (container >= 0)
		return container_clean(call, call->request.container, container, report);
	return report->status == TM_E_ABSENT ? 0 : -1;
}

static int remove_lock(struct call *call)
{
	auto_close int locks = path_open_beneath(call->storage_fd, "locks", O_PATH | O_DIRECTORY);

	return locks < 0 ? -1 : unlinkat(locks, call->request.container, 0);
}

/* What an interrupted start or removal can leave of a container that is not there. */
static void remove_left_over(struct call *call)
{
	auto_close int locks = path_open_beneath(call->storage_fd, "locks", O_PATH | O_DIRECTORY);
	auto_close int lock = locks < 0 ? -1 : openat(locks, call->request.container, O_RDWR | O_NOFOLLOW | O_CLOEXEC);

	if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) < 0)
		return; /* somebody makes it right now */
	state_free_range(call->storage_fd, call->request.container);
	if (lock >= 0)
		(void)remove_lock(call);
}

/* Of a writable layer, if there is one. Nothing of what follows needs the right to. */
static int drop_limit(const struct call *call, int writable, struct report *report)
{
	struct report ignored = {0};
	int error;

	if (writable >= 0)
		(void)quota_limit(writable, &call->policy, 0, &ignored); /* the file system may be mounted without quotas by now */
	error = privilege_give_up(1U << CAP_SYS_ADMIN);
	return error < 0 ? report_fail(report, "give up rights", -error) : 0;
}

int verb_remove(struct call *call, struct report *report)
{
	const char *id = call->request.container;
	auto_close int lock = state_lock_existing(call->storage_fd, id, report);
	auto_close int container = lock < 0 ? -1 : state_open_container(call->storage_fd, id, report);
	auto_close int writable = -1;
	struct run_state state;

	if (container < 0 && report->status != TM_E_ABSENT)
		return -1;
	if (container >= 0) {
		int found = state_read_run(container, "run", &state, report);

		if (found < 0)
			return -1;
		if (found > 0 && process_is_alive(&state.process))
			return report_status(report, TM_E_BUSY, "the container runs");
		if (share_check_unused(call->storage_fd, container, report) < 0)
			return -1;
		writable = openat(container, "rw", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (container_clean(call, id, container, report) < 0 || state_discard(call->storage_fd, id, report) < 0)
			return -1;
	}
	/* Now that it can no longer be started without. */
	if (drop_limit(call, writable, report) < 0)
		return -1;
	if (container < 0)
		remove_left_over(call);
	call->has_trash = true; /* also when an interrupted removal left nothing but that */
	if (watch_remove_records(&call->policy, id, report) < 0)
		return -1;
	if (lock >= 0)
		(void)remove_lock(call); /* while it is held; an empty file more does no harm */
	return 0;
}

/* One group of fields of CONTAINER_LIST; false when the packet is full. */
static bool put_container(struct call *call, const char *id, struct report *report)
{
	auto_close int container = -1;
	struct run_state state = {0};
	bool running;

	if (reply_room(&call->reply) < 256)
		return false;
	container = state_open_container(call->storage_fd, id, report);
	if (container < 0)
		return true; /* removed meanwhile */
	running = state_read_run(container, "run", &state, report) > 0 && process_is_alive(&state.process);
	reply_text(&call->reply, TM_TAG_CONTAINER, id);
	reply_u32(&call->reply, TM_TAG_RUNNING, running);
	reply_u32(&call->reply, TM_TAG_PID, running ? (uint32_t)state.process.pid : 0);
	reply_u64(&call->reply, TM_TAG_STARTED_NS, state.started_ns);
	return true;
}

int verb_list(struct call *call, struct report *report)
{
	struct listing listing = {0};
	const char *after = call->request.after;

	if (listing_read(call->storage_fd, "containers", &listing, report) < 0)
		return -1;
	for (size_t i = 0; i < listing.count; i++) {
		if (after && strcmp(listing.ids[i], after) <= 0)
			continue;
		if (!put_container(call, listing.ids[i], report)) {
			reply_u32(&call->reply, TM_TAG_MORE, 1);
			break;
		}
	}
	listing_free(&listing);
	return 0;
}
