#include "share.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../common/scope.h"
#include "listing.h"
#include "path.h"
#include "state.h"

#define LOOK_AGAIN_NS 20000000
#define LOOKS 10

void share_init(struct share *share)
{
	*share = (struct share){-1, -1, -1, 0};
}

void share_close(struct share *share)
{
	scope_close(&share->lock_fd);
	scope_close(&share->pidfd);
	scope_close(&share->userns_fd);
	share_init(share);
}

/* The owner of the ids of a container: another one, if it shares them itself. */
static bool read_owner(int container_fd, char owner[TM_ID_CHARS + 1])
{
	ssize_t length = readlinkat(container_fd, "shares", owner, TM_ID_CHARS);

	owner[TM_ID_CHARS] = '\0';
	return length == TM_ID_CHARS && request_is_id(owner);
}

static int note(int container_fd, int owner_fd, const char *owner, const char *id, struct report *report)
{
	char name[16 + TM_ID_CHARS];

	(void)snprintf(name, sizeof name, "sharers/%s", id);
	if ((mkdirat(owner_fd, "sharers", 0700) < 0 && errno != EEXIST) || (symlinkat(id, owner_fd, name) < 0 && errno != EEXIST))
		return report_fail(report, "note a sharer of ids", errno);
	(void)unlinkat(container_fd, "shares", 0); /* of a start that was interrupted */
	return symlinkat(owner, container_fd, "shares") < 0 ? report_fail(report, "note the owner of ids", errno) : 0;
}

static int open_named(const struct run_state *state, struct share *share, struct report *report)
{
	char path[48];

	share->pidfd = process_open(&state->process);
	(void)snprintf(path, sizeof path, "/proc/%d/ns/user", state->process.pid);
	share->userns_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (share->pidfd < 0 || share->userns_fd < 0 || !process_is_alive(&state->process))
		return report_status(report, TM_E_BUSY, "the container whose processes or IPC are shared does not run");
	return 0;
}

int share_open(struct call *call, int container_fd, struct share *share, struct report *report)
{
	const char *id = call->request.container, *named = call->request.join_processes_of;
	auto_close int named_fd = -1, owner_fd = -1;
	char owner[TM_ID_CHARS + 1];
	struct run_state state;

	if (strcmp(id, named) == 0)
		return report_status(report, TM_E_INVALID, "a container cannot share its own processes or IPC");
	named_fd = state_open_container(call->storage_fd, named, report);
	if (named_fd < 0)
		return -1;
	if (!read_owner(named_fd, owner))
		memcpy(owner, named, sizeof owner);
	if (strcmp(id, owner) == 0)
		return report_status(report, TM_E_INVALID, "a container cannot share what it lends");
	share->lock_fd = state_lock_existing(call->storage_fd, owner, report);
	owner_fd = share->lock_fd < 0 ? -1 : state_open_container(call->storage_fd, owner, report);
	if (owner_fd < 0 || note(container_fd, owner_fd, owner, id, report) < 0)
		return -1;
	if (state_read_run(named_fd, "run", &state, report) <= 0)
		return report_status(report, TM_E_BUSY, "the container whose processes or IPC are shared does not run");
	if (state_range(owner_fd, &call->policy, &share->base) < 0)
		return report_status(report, TM_E_KERNEL, "the container whose ids are shared has none");
	return open_named(&state, share, report);
}

void share_forget(int storage_fd, int container_fd, const char *id)
{
	struct report ignored = {0};
	char owner[TM_ID_CHARS + 1], name[16 + TM_ID_CHARS];
	auto_close int owner_fd = read_owner(container_fd, owner) ? state_open_container(storage_fd, owner, &ignored) : -1;

	(void)snprintf(name, sizeof name, "sharers/%s", id);
	if (owner_fd >= 0)
		(void)unlinkat(owner_fd, name, 0); /* one that stays is seen not to run */
	(void)unlinkat(container_fd, "shares", 0);
}

static bool is_used(int storage_fd, const struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++) {
		struct report ignored = {0};
		struct run_state state;
		auto_close int sharer = state_open_container(storage_fd, listing->ids[i], &ignored);

		if (sharer >= 0 && state_read_run(sharer, "run", &state, &ignored) > 0 && process_is_alive(&state.process))
			return true;
	}
	return false;
}

int share_check_unused(int storage_fd, int container_fd, struct report *report)
{
	const struct timespec pause = {.tv_nsec = LOOK_AGAIN_NS};
	struct listing listing = {0};
	bool used;

	if (listing_read(container_fd, "sharers", &listing, report) < 0)
		return -1;
	used = is_used(storage_fd, &listing);
	/* Whoever shared its processes ends with it, a moment later. */
	for (int looks = 0; used && looks < LOOKS; looks++) {
		(void)nanosleep(&pause, NULL);
		used = is_used(storage_fd, &listing);
	}
	listing_free(&listing);
	return used ? report_status(report, TM_E_BUSY, "another container runs with the ids of this one") : 0;
}
