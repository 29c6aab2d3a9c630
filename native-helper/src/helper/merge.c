#include "merge.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "../common/report.h"
#include "../common/resolve.h"
#include "../common/scope.h"

struct merge_stack merge_all(const struct merge *merge, size_t from)
{
	struct merge_stack stack = {0};

	for (size_t i = from; i < merge->count; i++)
		stack.layers[stack.count++] = (uint8_t)i;
	return stack;
}

static int open_beneath(int root_fd, const char *path, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
	};

	return resolve_open(root_fd, path[0] ? path : ".", &how);
}

int merge_open(const struct merge *merge, uint8_t layer, const char *path)
{
	return open_beneath(merge->roots[layer], path, O_RDONLY | O_DIRECTORY);
}

bool merge_is_opaque(int fd)
{
	char value;

	return fgetxattr(fd, "user.overlay.opaque", &value, 1) == 1 && value == 'y';
}

bool merge_is_whiteout(const struct stat *status)
{
	return S_ISCHR(status->st_mode) && status->st_rdev == 0;
}

static int compare(const void *left, const void *right)
{
	const struct merge_name *a = left;
	const struct merge_name *b = right;
	int order = strcmp(a->name, b->name);

	return order ? order : (a->layer > b->layer) - (a->layer < b->layer);
}

static int append(struct merge_names *names, size_t *capacity, const char *name, uint8_t layer, bool hidden)
{
	if (names->count == *capacity) {
		size_t larger = *capacity ? *capacity * 2 : 64;
		void *items = reallocarray(names->items, larger, sizeof *names->items);

		if (!items)
			return -ENOMEM;
		names->items = items;
		*capacity = larger;
	}
	names->items[names->count] = (struct merge_name){.name = strdup(name), .layer = layer, .hidden = hidden};
	return names->items[names->count++].name ? 0 : -ENOMEM;
}

/* Appends the names of one layer's directory and closes it. Returns 1 when it is opaque, 0, or a negative errno. */
static int read_layer(int fd, uint8_t layer, struct merge_names *names, size_t *capacity)
{
	DIR *directory = fdopendir(fd);
	const struct dirent *entry;
	struct stat status;
	int result = directory ? merge_is_opaque(fd) : -errno;

	if (!directory) {
		(void)close(fd);
		return result;
	}
	while (result >= 0 && (entry = readdir(directory))) {
		bool hidden = false;
		int error;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (entry->d_type == DT_CHR || entry->d_type == DT_UNKNOWN)
			hidden = fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && merge_is_whiteout(&status);
		error = append(names, capacity, entry->d_name, layer, hidden);
		if (error)
			result = error;
	}
	(void)closedir(directory);
	return result;
}

/* Keeps of each name the topmost layer's. */
static void keep_topmost(struct merge_names *names)
{
	size_t kept = 0;

	if (names->count)
		qsort(names->items, names->count, sizeof *names->items, compare);
	for (size_t i = 0; i < names->count; i++) {
		if (kept > 0 && strcmp(names->items[kept - 1].name, names->items[i].name) == 0)
			free(names->items[i].name);
		else
			names->items[kept++] = names->items[i];
	}
	names->count = kept;
}

int merge_read(const struct merge *merge, const char *path, const struct merge_stack *stack, struct merge_names *names,
	       struct report *report)
{
	size_t capacity = 0;
	int opaque = 0;

	*names = (struct merge_names){0};
	for (size_t i = 0; i < stack->count && opaque == 0; i++) {
		int fd = merge_open(merge, stack->layers[i], path);

		if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP)
			continue; /* gone since it was found */
		opaque = fd < 0 ? fd : read_layer(fd, stack->layers[i], names, &capacity);
	}
	if (opaque < 0) {
		merge_names_free(names);
		return report_fail(report, "read directory", -opaque);
	}
	keep_topmost(names);
	return 0;
}

void merge_names_free(struct merge_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i].name);
	free(names->items);
	*names = (struct merge_names){0};
}

/* Status of PATH in one layer, without following any link. Returns 0 or a negative errno. */
static int status_in(const struct merge *merge, uint8_t layer, const char *path, struct stat *status, bool *opaque)
{
	auto_close int fd = open_beneath(merge->roots[layer], path, O_PATH | O_NOFOLLOW);
	auto_close int readable = -1;

	*opaque = false;
	if (fd < 0)
		return fd;
	if (fstat(fd, status) < 0)
		return -errno;
	if (S_ISDIR(status->st_mode)) {
		readable = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		*opaque = readable >= 0 && merge_is_opaque(readable);
	}
	return 0;
}

int merge_lookup(const struct merge *merge, const char *path, const struct merge_stack *stack, struct stat *status,
		 struct merge_stack *below, struct report *report)
{
	bool found = false;

	below->count = 0;
	for (size_t i = 0; i < stack->count; i++) {
		struct stat here;
		bool opaque;
		int error = status_in(merge, stack->layers[i], path, &here, &opaque);

		if (error == -ENOENT || error == -ENOTDIR || error == -ELOOP)
			continue;
		if (error)
			return report_fail(report, "look at layer", -error);
		if (found && !S_ISDIR(here.st_mode))
			break;
		if (!found) {
			if (merge_is_whiteout(&here))
				return 0;
			*status = here;
			found = true;
			if (!S_ISDIR(here.st_mode))
				return 1;
		}
		below->layers[below->count++] = stack->layers[i];
		if (opaque)
			break;
	}
	return found;
}
