#include "layer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../common/report.h"
#include "../common/scope.h"
#include "listing.h"
#include "state.h"
#include "unpack.h"

#define LAYERS "layers"
#define SIZE_FILE ".size"
#define STALE_SECONDS 60 /* a temporary directory is locked well before */

/* A layer under construction is ".ID.PID" in the directory of layers, locked by who works on it. */
struct draft {
	char name[96];
	int fd; /* the directory, locked */
};

static int open_layers(int storage_fd, struct report *report)
{
	int fd;

	if (mkdirat(storage_fd, LAYERS, 0700) < 0 && errno != EEXIST)
		return report_fail(report, "make layer store", errno);
	fd = openat(storage_fd, LAYERS, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? report_fail(report, "open layer store", errno) : fd;
}

/* Whether the process that a draft's name ends with is still there, or another with its number. */
static bool maker_lives(const char *name)
{
	const char *pid = strrchr(name, '.');

	return kill((pid_t)strtol(pid + 1, NULL, 10), 0) == 0 || errno != ESRCH;
}

/* Removes NAME if nobody works on it: a helper was killed and left it. Failures are left to the next call. */
static void remove_stale(int layers_fd, const char *name)
{
	auto_close int fd = openat(layers_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;
	struct report ignored;

	if (fd < 0 || fstat(fd, &status) < 0 || (status.st_ctim.tv_sec + STALE_SECONDS > time(NULL) && maker_lives(name)))
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		(void)tree_remove(layers_fd, name, &ignored);
}

void layer_remove_stale(int layers_fd)
{
	int fd = openat(layers_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!directory)
		return;
	while ((entry = readdir(directory))) {
		if (entry->d_name[0] == '.' && strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			remove_stale(layers_fd, entry->d_name);
	}
	(void)closedir(directory);
}

/* Reads a finished layer's size. 1 when there is such a layer, 0 when not, or negative. */
static int read_size(int layers_fd, const char *id, struct layer_size *size, struct report *report)
{
	char path[96];
	char text[64] = "";
	auto_close int fd = -1;

	(void)snprintf(path, sizeof path, "%s/" SIZE_FILE, id);
	fd = openat(layers_fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : report_fail(report, "open layer", errno);
	if (read(fd, text, sizeof text - 1) < 0)
		return report_fail(report, "read layer", errno);
	if (sscanf(text, "%" SCNu64 " %" SCNu64, &size->bytes, &size->count) != 2)
		return report_fail(report, "read layer", EUCLEAN);
	return 1;
}

static int write_size(int layer_fd, const struct layer_size *size, struct report *report)
{
	char text[64];
	int length = snprintf(text, sizeof text, "%" PRIu64 " %" PRIu64 "\n", size->bytes, size->count);
	auto_close int fd = openat(layer_fd, SIZE_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, text, (size_t)length) != length)
		return report_fail(report, "write layer", errno);
	return 0;
}

static int draft_open(int layers_fd, const char *id, struct draft *draft, struct report *report)
{
	(void)snprintf(draft->name, sizeof draft->name, ".%s.%d", id, (int)getpid());
	if (tree_remove(layers_fd, draft->name, report) < 0)
		return -1;
	if (mkdirat(layers_fd, draft->name, 0700) < 0)
		return report_fail(report, "make layer", errno);
	draft->fd = openat(layers_fd, draft->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (draft->fd < 0 || flock(draft->fd, LOCK_EX) < 0)
		return report_fail(report, "open layer", errno);
	return 0;
}

static int fill(const struct draft *draft, int tar_fd, struct layer_size *size, struct report *report)
{
	auto_close int fs_fd = -1;

	if (mkdirat(draft->fd, "fs", 0755) < 0 || fchmodat(draft->fd, "fs", 0755, 0) < 0)
		return report_fail(report, "make layer", errno);
	fs_fd = openat(draft->fd, "fs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fs_fd < 0)
		return report_fail(report, "open layer", errno);
	if (unpack_confined(fs_fd, tar_fd, UNPACK_LAYER, size, report) < 0 || write_size(draft->fd, size, report) < 0)
		return -1;
	if (syncfs(fs_fd) < 0)
		return report_fail(report, "sync layer", errno);
	return 0;
}

/* Gives the draft its name. Everything in it is on disk before, and the name itself is afterwards. */
static int publish(int layers_fd, const struct draft *draft, const char *id, struct layer_size *size, struct report *report)
{
	struct report ignored;
	int found;

	if (renameat2(layers_fd, draft->name, layers_fd, id, RENAME_NOREPLACE) == 0) {
		if (fsync(layers_fd) < 0)
			return report_fail(report, "sync layer store", errno);
		return 0;
	}
	if (errno != EEXIST)
		return report_fail(report, "name layer", errno);
	/* Another helper was faster with the same layer. */
	(void)tree_remove(layers_fd, draft->name, &ignored);
	found = read_size(layers_fd, id, size, report);
	return found == 0 ? report_status(report, TM_E_ABSENT, "layer") : found < 0 ? -1 : 0;
}

int layer_unpack(int storage_fd, const char *id, int tar_fd, struct layer_size *size, struct report *report)
{
	auto_close int layers_fd = open_layers(storage_fd, report);
	struct draft draft = {.fd = -1};
	struct report ignored;
	int status;

	*size = (struct layer_size){0};
	if (layers_fd < 0)
		return -1;
	status = read_size(layers_fd, id, size, report);
	if (status != 0)
		return status < 0 ? -1 : 0;
	layer_remove_stale(layers_fd);
	status = draft_open(layers_fd, id, &draft, report);
	if (status == 0)
		status = fill(&draft, tar_fd, size, report);
	if (status == 0)
		status = publish(layers_fd, &draft, id, size, report);
	if (status != 0)
		(void)tree_remove(layers_fd, draft.name, &ignored); /* also one that got no name */
	if (draft.fd >= 0)
		(void)close(draft.fd);
	return status;
}

int layer_remove(int storage_fd, const char *id, struct report *report)
{
	auto_close int layers_fd = open_layers(storage_fd, report);

	if (layers_fd < 0)
		return -1;
	layer_remove_stale(layers_fd);
	return state_throw_away(storage_fd, layers_fd, id, report);
}

int layer_list(int storage_fd, const char *after, int (*visit)(const char *id, void *context), void *context,
	       struct report *report)
{
	struct listing listing;

	if (listing_read(storage_fd, LAYERS, &listing, report) < 0)
		return -1;
	for (size_t i = 0; i < listing.count; i++) {
		if (after && strcmp(listing.ids[i], after) <= 0)
			continue;
		if (visit(listing.ids[i], context))
			break;
	}
	listing_free(&listing);
	return 0;
}

int layer_open(int storage_fd, const char *id, struct report *report)
{
	char path[96];
	int fd;

	(void)snprintf(path, sizeof path, LAYERS "/%s/fs", id);
	fd = openat(storage_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return report_status(report, TM_E_ABSENT, "layer");
	return fd < 0 ? report_fail(report, "open layer", errno) : fd;
}
