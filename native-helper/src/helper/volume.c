/* The verbs about volumes. What was answered is on disk. */
#include "volume.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/scope.h"
#include "call.h"
#include "layer.h"
#include "listing.h"
#include "path.h"
#include "privilege.h"
#include "quota.h"
#include "unpack.h"

#define DATA "data"
#define FILLING "filling" /* beside it until an archive is unpacked as a whole: what is there before belongs to nobody */
#define NO_QUOTAS "quota size requested but no quota support: " /* Docker's words */

static int open_volumes(int storage_fd, struct report *report)
{
	int fd = path_open_beneath(storage_fd, "volumes", O_RDONLY | O_DIRECTORY);

	return fd < 0 ? report_fail(report, "open the volumes", -fd) : fd;
}

int volume_open(int storage_fd, const char *id, struct report *report)
{
	auto_close int volumes = open_volumes(storage_fd, report);
	char path[TM_ID_CHARS + sizeof "/" DATA];
	int fd;

	if (volumes < 0)
		return -1;
	(void)snprintf(path, sizeof path, "%s/" DATA, id);
	fd = path_open_beneath(volumes, path, O_RDONLY | O_DIRECTORY);
	if (fd == -ENOENT)
		return report_status(report, TM_E_ABSENT, "volume");
	return fd < 0 ? report_fail(report, "open a volume", -fd) : fd;
}

/* Makes the directory of files in VOLUME if there is none. The project comes before them, so that they are in it from the first; the limit comes
 * after the directory itself, which may be larger. */
static int make_data(const struct call *call, int volume, struct report *report)
{
	uint64_t limit = call->request.size_limit;
	int error;

	if (faccessat(volume, DATA, F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
		if (limit && quota_begin(call->storage_fd, volume, &call->policy, call->request.volume, report) < 0)
			return -1;
		error = path_make_directory(volume, DATA, 0755);
		if (error < 0)
			return report_fail(report, "make a volume", -error);
	}
	return limit ? quota_limit(volume, &call->policy, limit, report) : 0;
}

/* Makes NAME in VOLUMES with an empty directory of files, or completes it. Returns the descriptor of NAME. */
static int make(const struct call *call, int volumes, const char *name, struct report *report)
{
	auto_close int fd = -1;
	bool is_new;

	if (call->request.size_limit && quota_require(volumes, NO_QUOTAS, report) < 0)
		return -1;
	is_new = mkdirat(volumes, name, 0700) == 0;
	if (!is_new && errno != EEXIST)
		return report_fail(report, "make a volume", errno);
	fd = path_open_beneath(volumes, name, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return report_fail(report, "open a volume", -fd);
	if (make_data(call, fd, report) == 0)
		return take_fd(&fd);
	if (is_new) {
		(void)unlinkat(fd, DATA, AT_REMOVEDIR);
		(void)unlinkat(volumes, name, AT_REMOVEDIR);
	}
	return -1;
}

int verb_volume_create(struct call *call, struct report *report)
{
	auto_close int volumes = open_volumes(call->storage_fd, report);
	auto_close int volume = volumes < 0 ? -1 : make(call, volumes, call->request.volume, report);

	if (volume < 0)
		return -1;
	return fsync(volume) < 0 || fsync(volumes) < 0 ? report_fail(report, "sync a volume", errno) : 0;
}

/* Its project is free for another volume when the last of its files is gone. */
static int drop_limit(const struct call *call, int volumes, struct report *report)
{
	auto_close int volume = path_open_beneath(volumes, call->request.volume, O_RDONLY | O_DIRECTORY);
	struct report ignored = {0};
	int error;

	if (volume >= 0)
		(void)quota_limit(volume, &call->policy, 0, &ignored); /* the file system may be mounted without quotas by now */
	error = privilege_give_up(1U << CAP_SYS_ADMIN);
	return error < 0 ? report_fail(report, "give up rights", -error) : 0;
}

int verb_volume_remove(struct call *call, struct report *report)
{
	const char *id = call->request.volume;
	auto_close int volumes = open_volumes(call->storage_fd, report);
	auto_close int trash = volumes < 0 ? -1 : path_open_beneath(call->storage_fd, "trash", O_RDONLY | O_DIRECTORY);

	if (volumes < 0)
		return -1;
	if (trash < 0)
		return report_fail(report, "open the trash", -trash);
	if (drop_limit(call, volumes, report) < 0)
		return -1;
	layer_remove_stale(volumes);
	/* One of the same id may still be there, of an interrupted removal. */
	if (tree_remove(trash, id, report) < 0)
		return -1;
	if (renameat(volumes, id, trash, id) < 0)
		return errno == ENOENT ? 0 : report_fail(report, "put a volume away", errno);
	call->has_trash = true;
	return fsync(volumes) < 0 ? report_fail(report, "sync the volumes", errno) : 0;
}

int verb_volume_list(struct call *call, struct report *report)
{
	struct listing listing = {0};
	const char *after = call->request.after;

	if (listing_read(call->storage_fd, "volumes", &listing, report) < 0)
		return -1;
	for (size_t i = 0; i < listing.count; i++) {
		if (after && strcmp(listing.ids[i], after) <= 0)
			continue;
		if (reply_room(&call->reply) < 256) {
			reply_u32(&call->reply, TM_TAG_MORE, 1);
			break;
		}
		reply_text(&call->reply, TM_TAG_VOLUME, listing.ids[i]);
	}
	listing_free(&listing);
	return 0;
}

int verb_volume_export(struct call *call, struct report *report)
{
	auto_close int data = volume_open(call->storage_fd, call->request.volume, report);
	int error;

	if (data < 0)
		return -1;
	/* What follows reads files that containers made: with the right to read all, and no other. */
	error = privilege_keep_files(1U << CAP_DAC_READ_SEARCH);
	if (error < 0)
		return report_fail(report, "give up rights", -error);
	return layer_export_files(data, call->stream_fd, report);
}

int volume_is_empty(int data_fd, struct report *report)
{
	int copy = openat(data_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), count = 0;
	DIR *directory = copy < 0 ? NULL : fdopendir(copy);

	if (directory && faccessat(data_fd, "../" FILLING, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		(void)closedir(directory);
		return 1;
	}
	if (!directory)
		return report_fail(report, "read a volume", errno);
	while (count < 3 && readdir(directory))
		count++;
	(void)closedir(directory);
	return count < 3; /* "." and ".." */
}

static int fill(int data, int tar_fd, struct layer_size *size, struct report *report)
{
	if (unpack_confined(data, tar_fd, UNPACK_FILES, size, report) < 0)
		return -1;
	return syncfs(data) < 0 ? report_fail(report, "sync a volume", errno) : 0;
}

void volume_use(int data_fd)
{
	(void)unlinkat(data_fd, "../" FILLING, 0);
}

/* In place, since a container may have it mounted: then what was unpacked before a failure cannot be taken away again without what that one wrote. */
static int import_existing(int data, const struct call *call, struct layer_size *size, struct report *report)
{
	auto_close int volume = openat(data, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_close int mark = -1;
	int empty;

	/* Somebody else may be filling it. */
	if (volume < 0 || flock(volume, LOCK_EX) < 0)
		return report_fail(report, "open a volume", errno);
	empty = volume_is_empty(data, report);
	if (empty <= 0)
		return empty < 0 ? -1 : report_status(report, TM_E_EXISTS, "the volume is not empty");
	mark = openat(volume, FILLING, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (mark < 0 || fsync(volume) < 0)
		return report_fail(report, "begin to fill a volume", errno);
	if (fill(data, call->stream_fd, size, report) < 0)
		return -1;
	volume_use(data);
	return fsync(volume) < 0 ? report_fail(report, "sync a volume", errno) : 0;
}

static void discard(const struct call *call, int volumes, const char *name, int draft)
{
	struct report ignored = {0};

	(void)quota_limit(draft, &call->policy, 0, &ignored); /* one that stays limits nothing */
	(void)tree_remove(volumes, name, &ignored);
}

/* A new volume is filled under another name, so that it is there whole or not at all. */
static int import_new(int volumes, const struct call *call, struct layer_size *size, struct report *report)
{
	char name[TM_ID_CHARS + 16];
	auto_close int draft = -1, data = -1;

	(void)snprintf(name, sizeof name, ".%s.%d", call->request.volume, (int)getpid());
	if (tree_remove(volumes, name, report) < 0)
		return -1;
	draft = make(call, volumes, name, report);
	if (draft < 0)
		return -1;
	data = path_open_beneath(draft, DATA, O_RDONLY | O_DIRECTORY);
	if (data < 0 || flock(draft, LOCK_EX) < 0)
		return report_fail(report, "open a volume", errno);
	if (fill(data, call->stream_fd, size, report) < 0) {
		discard(call, volumes, name, draft);
		return -1;
	}
	if (renameat2(volumes, name, volumes, call->request.volume, RENAME_NOREPLACE) < 0) {
		int error = errno;

		discard(call, volumes, name, draft);
		return error == EEXIST ? report_status(report, TM_E_EXISTS, "the volume is there already") : report_fail(report, "name a volume", error);
	}
	return fsync(volumes) < 0 ? report_fail(report, "sync the volumes", errno) : 0;
}

int verb_volume_import(struct call *call, struct report *report)
{
	auto_close int volumes = open_volumes(call->storage_fd, report);
	auto_close int data = volumes < 0 ? -1 : volume_open(call->storage_fd, call->request.volume, report);
	struct layer_size size = {0};

	if (volumes < 0 || (data < 0 && report->status != TM_E_ABSENT))
		return -1;
	if (data < 0) {
		*report = (struct report){0};
		layer_remove_stale(volumes);
		if (import_new(volumes, call, &size, report) < 0)
			return -1;
	} else if (import_existing(data, call, &size, report) < 0) {
		return -1;
	}
	reply_u64(&call->reply, TM_TAG_BYTES, size.bytes);
	reply_u64(&call->reply, TM_TAG_COUNT, size.count);
	return 0;
}
