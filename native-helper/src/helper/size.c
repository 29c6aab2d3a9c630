/* CONTAINER_SIZE, VOLUME_SIZE: what a container has written, as Docker counts it: sizes of all that is no directory, each inode once. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/scope.h"
#include "call.h"
#include "files.h"
#include "hard_links.h"
#include "privilege.h"
#include "state.h"
#include "volume.h"

struct names {
	char **items;
	size_t count, capacity;
};

struct count {
	struct files_size size;
	struct hard_links links;
	struct report *report;
};

static int add_name(struct names *names, const char *name)
{
	if (names->count == names->capacity) {
		size_t capacity = names->capacity ? names->capacity * 2 : 16;
		void *larger = reallocarray(names->items, capacity, sizeof *names->items);

		if (!larger)
			return -1;
		names->items = larger;
		names->capacity = capacity;
	}
	names->items[names->count] = strdup(name);
	return names->items[names->count++] ? 0 : -1;
}

static int count_entry(struct count *count, int dir_fd, const char *name, struct names *directories)
{
	struct stat status;
	int failed = 0;

	if (fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return 0; /* gone meanwhile */
	count->size.count++;
	if (S_ISDIR(status.st_mode))
		return add_name(directories, name);
	if (status.st_nlink < 2 || !hard_links_find(&count->links, &status, name, &failed))
		count->size.bytes += (uint64_t)status.st_size;
	return failed ? -1 : 0;
}

/* Reads one directory to its end before going down, so that a level costs one descriptor and no buffer. */
static int read_directory(struct count *count, int fd, struct names *directories)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), result = 0;
	DIR *directory = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	if (!directory)
		return -1;
	while (result == 0 && (entry = readdir(directory)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			result = count_entry(count, fd, entry->d_name, directories);
	(void)closedir(directory);
	return result;
}

static int count_directory(struct count *count, int fd)
{
	struct names directories = {0};
	int result = read_directory(count, fd, &directories);

	for (size_t i = 0; i < directories.count; i++) {
		auto_close int below = result < 0 ? -1 : openat(fd, directories.items[i], O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		free(directories.items[i]);
		if (below >= 0)
			result = count_directory(count, below);
		else if (result == 0 && errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
			result = -1;
	}
	free(directories.items);
	return result;
}

/* Measures DIRECTORY_FD into the reply. What follows looks at files that a container made: with the right to read all, and no other. */
static int measure(struct call *call, int directory_fd, struct report *report)
{
	struct count count = {.report = report};
	int error = privilege_keep_files(1U << CAP_DAC_READ_SEARCH), result;

	if (error < 0)
		return report_fail(report, "give up rights", -error);
	result = count_directory(&count, directory_fd);
	hard_links_free(&count.links);
	if (result < 0)
		return report_fail(report, "measure files", errno ? errno : ENOMEM);
	reply_u64(&call->reply, TM_TAG_BYTES, count.size.bytes);
	reply_u64(&call->reply, TM_TAG_COUNT, count.size.count);
	return 0;
}

int verb_volume_size(struct call *call, struct report *report)
{
	auto_close int data = volume_open(call->storage_fd, call->request.volume, report);
	int empty;

	if (data < 0)
		return -1;
	if (!(call->request.volume_flags & TM_VOLUME_FIRST))
		return measure(call, data, report);
	empty = volume_is_empty(data, report);
	if (empty < 0)
		return -1;
	reply_u64(&call->reply, TM_TAG_COUNT, !empty);
	return 0;
}

int verb_size(struct call *call, struct report *report)
{
	auto_close int container = state_open_container(call->storage_fd, call->request.container, report);
	auto_close int upper = -1;

	if (container < 0)
		return report->status == TM_E_ABSENT ? 0 : -1; /* never started: it has written nothing */
	upper = openat(container, "rw/upper", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (upper < 0)
		return errno == ENOENT ? 0 : report_fail(report, "open the writable layer", errno);
	return measure(call, upper, report);
}
