/* Masked and read-only paths: the usual ones, and those that were asked for. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../common/scope.h"
#include "init.h"

#define QUIET (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *const masked[] = {
	"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
	"/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
};
static const char *const read_only[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};

/* The empty directory. Older kernels clone attached mounts only, so it covers the first path itself and its copies the others. */
struct cover {
	int empty;
	bool is_attached;
};

static int cover_directory(struct cover *cover, int target_fd, struct report *report)
{
	auto_close int copy = -1;

	if (!cover->is_attached) {
		cover->is_attached = true;
		return place_attach(cover->empty, target_fd, report);
	}
	copy = open_tree(cover->empty, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	return copy < 0 ? report_fail(report, "clone a cover", errno) : place_attach(copy, target_fd, report);
}

static int cover_file(int target_fd, struct report *report)
{
	auto_close int copy = open_tree(AT_FDCWD, "/dev/null", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
	struct stat status;

	if (copy < 0 || fstat(copy, &status) < 0 || status.st_rdev != makedev(1, 3))
		return report_fail(report, "clone a cover", errno);
	return place_attach(copy, target_fd, report);
}

/* Covers PATH: a directory by an empty one, a file by the null device. What does not exist needs no cover. */
static int mask(struct cover *cover, const char *path, struct report *report)
{
	auto_close int target = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;

	if (target < 0)
		return errno == ENOENT || errno == EACCES || errno == ENOTDIR ? 0 : report_fail(report, "open a path to mask", errno);
	if (fstat(target, &status) < 0)
		return report_fail(report, "look at a path to mask", errno);
	if (S_ISLNK(status.st_mode))
		return report_parts(report, TM_E_INVALID, "masked path ", path, " is a symbolic link");
	return S_ISDIR(status.st_mode) ? cover_directory(cover, target, report) : cover_file(target, report);
}

static int make_read_only(const char *path, struct report *report)
{
	auto_close int tree = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW | AT_RECURSIVE);
	auto_close int target = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY | QUIET};
	struct stat status;

	if (tree < 0 || target < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : report_fail(report, "open a path that becomes read-only", errno);
	if (fstat(target, &status) == 0 && S_ISLNK(status.st_mode))
		return report_parts(report, TM_E_INVALID, "read-only path ", path, " is a symbolic link");
	if (mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) < 0)
		return report_fail(report, "make a path read-only", errno);
	return place_attach(tree, target, report);
}

/* "/", "" and what does not begin at the root would cover all or nothing. */
static int check_paths(const struct text_list *paths, const char *what, struct report *report)
{
	for (size_t i = 0; i < paths->count; i++)
		if (paths->items[i][0] != '/' || paths->items[i][strspn(paths->items[i], "/.")] == '\0')
			return report_parts(report, TM_E_INVALID, what, " must be an absolute path below /: ", paths->items[i]);
	return 0;
}

int cover_paths(const struct request *request, bool is_unmasked, struct report *report)
{
	static const char *const options[] = {"mode", "0555", "size", "4k", NULL};
	auto_close int empty = new_mount("tmpfs", options, QUIET | MOUNT_ATTR_RDONLY, report);
	struct cover cover = {.empty = empty};

	if (empty < 0 || check_paths(&request->masked_paths, "masked path", report) < 0 ||
	    check_paths(&request->read_only_paths, "read-only path", report) < 0)
		return -1;
	for (size_t i = 0; i < COUNT(masked) && !is_unmasked; i++)
		if (mask(&cover, masked[i], report) < 0)
			return -1;
	for (size_t i = 0; i < request->masked_paths.count; i++)
		if (mask(&cover, request->masked_paths.items[i], report) < 0)
			return -1;
	for (size_t i = 0; i < COUNT(read_only) && !is_unmasked; i++)
		if (make_read_only(read_only[i], report) < 0)
			return -1;
	for (size_t i = 0; i < request->read_only_paths.count; i++)
		if (make_read_only(request->read_only_paths.items[i], report) < 0)
			return -1;
	return 0;
}
