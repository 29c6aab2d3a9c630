#include "state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/scope.h"
#include "kernel.h"
#include "layer.h"
#include "listing.h"
#include "path.h"
#include "quota.h"

static const char *const parts[] = {"layers", "containers", "ranges", "networks", "endpoints", "locks", "trash", "volumes"};

int state_open_storage(const struct policy *policy, struct report *report)
{
	auto_close int fd = path_open_trusted(policy->storage_root, O_RDONLY | O_DIRECTORY, report);

	if (fd < 0)
		return -1;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (mkdirat(fd, parts[i], 0700) < 0 && errno != EEXIST)
			return report_fail(report, "make a state directory", errno);
	return take_fd(&fd);
}

int state_lock(int storage_fd, const char *id, struct report *report)
{
	auto_close int locks = path_open_beneath(storage_fd, "locks", O_PATH | O_DIRECTORY);
	struct stat held, named;

	if (locks < 0)
		return report_fail(report, "open the locks", -locks);
	for (;;) {
		auto_close int fd = openat(locks, id, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

		if (fd < 0 || flock(fd, LOCK_EX) < 0)
			return report_fail(report, "lock the container", errno);
		/* A removal may have unlinked the file while this one waited. */
		if (fstat(fd, &held) == 0 && fstatat(locks, id, &named, AT_SYMLINK_NOFOLLOW) == 0 && held.st_ino == named.st_ino)
			return take_fd(&fd);
	}
}

int state_lock_existing(int storage_fd, const char *id, struct report *report)
{
	auto_close int container = state_open_container(storage_fd, id, report);

	return container < 0 ? -1 : state_lock(storage_fd, id, report);
}

static int open_part(int storage_fd, const char *part, struct report *report)
{
	int fd = path_open_beneath(storage_fd, part, O_RDONLY | O_DIRECTORY);

	return fd >= 0 ? fd : report_fail(report, "open a state directory", -fd);
}

int state_open_container(int storage_fd, const char *id, struct report *report)
{
	auto_close int containers = open_part(storage_fd, "containers", report);
	int fd;

	if (containers < 0)
		return -1;
	fd = path_open_beneath(containers, id, O_RDONLY | O_DIRECTORY);
	if (fd == -ENOENT)
		return report_status(report, TM_E_ABSENT, "no such container");
	return fd >= 0 ? fd : report_fail(report, "open the container's state", -fd);
}

static bool read_number_link(int dir_fd, const char *name, uint32_t *number)
{
	char text[16];
	ssize_t length = readlinkat(dir_fd, name, text, sizeof text - 1);

	if (length <= 0)
		return false;
	text[length] = '\0';
	*number = (uint32_t)strtoul(text, NULL, 10);
	return true;
}

int state_range(int container_fd, const struct policy *policy, uint32_t *base)
{
	uint32_t slot;

	if (!read_number_link(container_fd, "range", &slot) || slot >= policy->id_count / STATE_RANGE_IDS)
		return -1;
	*base = policy->id_base + slot * STATE_RANGE_IDS;
	return 0;
}

/* Whether the container that a range's link names is gone, or has another range: an interrupted start or removal leaves such a link. */
static bool range_is_stale(int storage_fd, int ranges_fd, uint32_t slot, const char *name)
{
	char link[128] = "containers/";
	uint32_t own;
	ssize_t length = readlinkat(ranges_fd, name, link + 11, TM_ID_CHARS + 1);
	auto_close int container = -1;

	if (length != TM_ID_CHARS)
		return true;
	link[11 + length] = '\0';
	container = path_open_beneath(storage_fd, link, O_PATH | O_DIRECTORY);
	return container == -ENOENT || (container >= 0 && read_number_link(container, "range", &own) && own != slot);
}

/* Takes the first free range, beginning at a place that depends on the container, so that a search is short and needs no lock. */
static int take_range(int storage_fd, const struct policy *policy, const char *id, uint32_t *slot, struct report *report)
{
	auto_close int ranges = open_part(storage_fd, "ranges", report);
	uint32_t count = policy->id_count / STATE_RANGE_IDS;
	char hex[9] = {0};
	char name[16];

	if (ranges < 0)
		return -1;
	memcpy(hex, id, 8);
	*slot = (uint32_t)strtoul(hex, NULL, 16) % count;
	for (uint32_t tried = 0; tried < 2 * count; tried++, *slot = (*slot + 1) % count) {
		(void)snprintf(name, sizeof name, "%" PRIu32, *slot);
		if (symlinkat(id, ranges, name) == 0)
			return 0;
		if (errno != EEXIST)
			return report_fail(report, "take an id range", errno);
		if (tried >= count && range_is_stale(storage_fd, ranges, *slot, name))
			(void)unlinkat(ranges, name, 0); /* taken in the next round */
	}
	return report_status(report, TM_E_EXHAUSTED, "all id ranges are taken: id_count in the policy file");
}

void state_free_range(int storage_fd, const char *id)
{
	int fd = openat(storage_fd, "ranges", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *ranges = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	char owner[TM_ID_CHARS + 1];

	while (ranges && (entry = readdir(ranges)))
		if (readlinkat(dirfd(ranges), entry->d_name, owner, sizeof owner) == TM_ID_CHARS && memcmp(owner, id, TM_ID_CHARS) == 0)
			(void)unlinkat(dirfd(ranges), entry->d_name, 0); /* what stays is found by take_range() */
	if (ranges)
		(void)closedir(ranges);
	else
		scope_close(&fd);
}

static int prepare_range(int storage_fd, int container_fd, const struct policy *policy, const char *id, uint32_t *base, struct report *report)
{
	char text[16];
	uint32_t slot;

	if (state_range(container_fd, policy, base) == 0)
		return 0;
	if (take_range(storage_fd, policy, id, &slot, report) < 0)
		return -1;
	(void)snprintf(text, sizeof text, "%" PRIu32, slot);
	if (symlinkat(text, container_fd, "range") < 0) {
		int error = errno;

		state_free_range(storage_fd, id);
		return report_fail(report, "record the id range", error);
	}
	*base = policy->id_base + slot * STATE_RANGE_IDS;
	return 0;
}

/* The upper directory lends its mode to the container's root directory. Both are in the project of the writable layer, between whose directories the
 * overlay moves files; the limit comes after the directories themselves, which may be larger. */
static int make_writable(int storage_fd, int container_fd, const struct policy *policy, const char *id, uint64_t limit, struct report *report)
{
	auto_close int fd = -1;

	if (mkdirat(container_fd, "rw", 0700) < 0 && errno != EEXIST)
		return report_fail(report, "make the writable layer", errno);
	fd = openat(container_fd, "rw", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return report_fail(report, "open the writable layer", errno);
	if (limit && faccessat(fd, "upper", F_OK, AT_SYMLINK_NOFOLLOW) < 0 && quota_begin(storage_fd, fd, policy, id, report) < 0)
		return -1;
	if (mkdirat(fd, "upper", 0755) == 0) {
		if (fchmodat(fd, "upper", 0755, 0) < 0)
			return report_fail(report, "make the writable layer", errno);
	} else if (errno != EEXIST) {
		return report_fail(report, "make the writable layer", errno);
	}
	if (mkdirat(fd, "work", 0700) < 0 && errno != EEXIST)
		return report_fail(report, "make the writable layer", errno);
	return limit ? quota_limit(fd, policy, limit, report) : 0;
}

int state_prepare(int storage_fd, const struct policy *policy, const char *id, uint64_t limit, uint32_t *base, struct report *report)
{
	auto_close int containers = open_part(storage_fd, "containers", report);
	auto_close int fd = -1;

	if (containers < 0)
		return -1;
	if (mkdirat(containers, id, 0700) < 0 && errno != EEXIST)
		return report_fail(report, "make the container's state", errno);
	fd = path_open_beneath(containers, id, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return report_fail(report, "open the container's state", -fd);
	if (prepare_range(storage_fd, fd, policy, id, base, report) < 0)
		return -1;
	if (mkdirat(fd, "execs", 0700) < 0 && errno != EEXIST)
		return report_fail(report, "make the container's state", errno);
	return make_writable(storage_fd, fd, policy, id, limit, report) < 0 ? -1 : take_fd(&fd);
}

int state_base(int container_fd, const struct policy *policy, const struct run_state *state, uint32_t *base)
{
	*base = state->base;
	return state->base ? 0 : state_range(container_fd, policy, base);
}

int state_read_run(int container_fd, const char *name, struct run_state *state, struct report *report)
{
	char text[256];
	ssize_t length = path_read_file(container_fd, name, text, sizeof text);
	int end = 0;

	if (length == -ENOENT)
		return 0;
	if (length < 0)
		return report_fail(report, "read the container's state", (int)-length);
	*state = (struct run_state){0};
	(void)sscanf(text, "%d %" SCNu64 " %" SCNu64 " %" SCNu32 " %" SCNu64 " %" SCNu32 "%n", &state->process.pid, &state->process.start_ticks,
		     &state->started_ns, &state->network_mode, &state->netns_inode, &state->is_unconfined, &end);
	if (end > 0 && strncmp(text + end, " end", 4) != 0) {
		int more = 0;

		(void)sscanf(text + end, " base %" SCNu32 " end%n", &state->base, &more);
		end = more;
	}
	return end > 0; /* a torn record has no end */
}

int state_write_run(int container_fd, const char *name, const struct run_state *state, struct report *report)
{
	char text[256];
	char base[32] = "";
	int length, result;

	if (state->base)
		(void)snprintf(base, sizeof base, " base %" PRIu32, state->base);
	length = snprintf(text, sizeof text, "%d %" PRIu64 " %" PRIu64 " %" PRIu32 " %" PRIu64 " %" PRIu32 "%s end\n", state->process.pid,
			  state->process.start_ticks, state->started_ns, state->network_mode, state->netns_inode, state->is_unconfined, base);
	result = path_replace_file(container_fd, name, text, (size_t)length, 0600);

	return result < 0 ? report_fail(report, "record the container's process", -result) : 0;
}

/* Deletes what is in the trash, except what somebody else is deleting right now: that is locked. */
static int empty_trash(int trash_fd, struct report *report)
{
	struct listing listing = {0};
	int result = 0;

	if (listing_read(trash_fd, ".", &listing, report) < 0)
		return -1;
	for (size_t i = 0; i < listing.count && result == 0; i++) {
		auto_close int fd = openat(trash_fd, listing.ids[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
			result = tree_remove(trash_fd, listing.ids[i], report);
	}
	listing_free(&listing);
	return result;
}

int state_empty_trash(int storage_fd, struct report *report)
{
	auto_close int trash = open_part(storage_fd, "trash", report);

	return trash < 0 ? -1 : empty_trash(trash, report);
}

int state_throw_away(int storage_fd, int dir_fd, const char *id, struct report *report)
{
	auto_close int trash = open_part(storage_fd, "trash", report);

	/* One of the same id may still be there, of an interrupted removal. */
	if (trash < 0 || tree_remove(trash, id, report) < 0)
		return -1;
	if (renameat(dir_fd, id, trash, id) < 0 && errno != ENOENT)
		return report_fail(report, "put a removed object away", errno);
	return 0;
}

int state_discard(int storage_fd, const char *id, struct report *report)
{
	auto_close int containers = open_part(storage_fd, "containers", report);
	auto_close int fd = -1;
	char name[32];
	uint32_t slot;

	if (containers < 0)
		return -1;
	fd = path_open_beneath(containers, id, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return report_fail(report, "open the container's state", -fd);
	if (state_throw_away(storage_fd, containers, id, report) < 0)
		return -1;
	/* Files are stored with ids from 0, so its range can go to another container at once. */
	if (read_number_link(fd, "range", &slot)) {
		(void)snprintf(name, sizeof name, "ranges/%" PRIu32, slot);
		(void)unlinkat(storage_fd, name, 0); /* a range left behind is found by take_range() */
	} else {
		state_free_range(storage_fd, id);
	}
	return 0;
}

bool process_start_ticks(int pid, uint64_t *ticks)
{
	char path[32], text[1024];
	char *at, state;
	int field;

	(void)snprintf(path, sizeof path, "/proc/%d/stat", pid);
	if (pid <= 0 || path_read_file(AT_FDCWD, path, text, sizeof text) <= 0)
		return false;
	at = strrchr(text, ')'); /* the name may hold anything */
	if (!at || at[1] != ' ')
		return false;
	state = at[2];
	at += 2;
	for (field = 3; field < 22 && at; field++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	if (!at || state == 'Z' || state == 'X')
		return false;
	*ticks = strtoull(at, NULL, 10);
	return true;
}

bool process_is_alive(const struct process *process)
{
	uint64_t ticks;

	return process_start_ticks(process->pid, &ticks) && ticks == process->start_ticks;
}

int process_open(const struct process *process)
{
	int fd = kernel_pidfd_open(process->pid);

	/* Checked after it was opened: from now on the number cannot come to mean another process. */
	if (fd >= 0 && !process_is_alive(process)) {
		(void)close(fd);
		return -1;
	}
	return fd;
}
