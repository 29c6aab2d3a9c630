/* Volumes, directories of the host and tmpfs at their places in the container. Everything here happens in the container's own root. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../common/mount.h"
#include "../common/resolve.h"
#include "../common/scope.h"
#include "init.h"

#define PLACES_MAX (MOUNTS_MAX + 256) /* as many tmpfs as a request may have */

struct place_wish {
	const char *target; /* up to its end or a colon */
	const char *tmpfs;  /* specification, or NULL */
	int mount_fd;
	size_t depth;
};

/* Number of names in a path: what lies deeper is mounted later, so that it is not covered. */
static size_t depth_of(const char *path)
{
	size_t depth = 0;

	for (size_t length; *path != '\0' && *path != ':'; path += length) {
		path += strspn(path, "/");
		length = strcspn(path, "/:");
		depth += length > 0;
	}
	return depth;
}

/* The kernel's own file systems stay as they were made. */
int mounts_check_place(int fd, const char *target, struct report *report)
{
	struct statfs status;

	if (fstatfs(fd, &status) < 0)
		return report_fail(report, "look at the place of a mount", errno);
	if (status.f_type == PROC_SUPER_MAGIC || status.f_type == SYSFS_MAGIC || status.f_type == CGROUP_SUPER_MAGIC ||
	    status.f_type == CGROUP2_SUPER_MAGIC)
		return report_parts(report, TM_E_INVALID, "\"", target, "\" cannot be mounted because it is inside the kernel's own file system");
	return 0;
}

int mounts_place_file(const char *target, struct report *report)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	auto_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_free char *parent = strdup(target);
	char *slash = parent ? strrchr(parent, '/') : NULL;
	auto_close int directory = -1;
	int fd = root < 0 ? -1 : resolve_open(root, target, &how);

	if (fd >= 0 || errno != ENOENT || !slash || slash[1] == '\0')
		return fd;
	*slash = '\0';
	directory = place_directory(parent, report);
	if (directory < 0)
		return -1;
	return openat(directory, slash + 1, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
}

static int attach(const struct place_wish *wish, struct report *report)
{
	struct stat source, place;
	auto_close int target = -1;

	if (fstat(wish->mount_fd, &source) < 0)
		return report_fail(report, "look at a mount", errno);
	if (S_ISDIR(source.st_mode)) {
		target = place_directory(wish->target, report);
		if (target < 0)
			return -1;
	} else {
		target = mounts_place_file(wish->target, report);
		if (target < 0)
			return report->status ? -1 : report_parts(report, TM_E_INVALID, "cannot make the mount point ", wish->target, "");
	}
	if (mounts_check_place(target, wish->target, report) < 0)
		return -1;
	if (fstat(target, &place) < 0 || S_ISDIR(place.st_mode) != S_ISDIR(source.st_mode))
		return report_parts(report, TM_E_INVALID, "not a directory: Are you trying to mount a directory onto a file (or vice-versa)? ", wish->target, "");
	return place_attach(wish->mount_fd, target, report);
}

static size_t collect(const struct request *request, const int *fds, struct place_wish *all, struct report *report)
{
	size_t count = 0;

	for (size_t i = 0; i < request->tmpfs.count; i++, count++)
		all[count] = (struct place_wish){request->tmpfs.items[i], request->tmpfs.items[i], -1, depth_of(request->tmpfs.items[i])};
	for (size_t i = 0; i < request->mounts.count; i++, count++) {
		static struct mount_wish wish;

		if (!mount_parse(request->mounts.items[i], &wish)) {
			(void)report_status(report, TM_E_INVALID, "mount is out of range or malformed");
			return 0;
		}
		all[count] = (struct place_wish){wish.target, NULL, fds[i], depth_of(wish.target)};
	}
	return count;
}

int mounts_attach(const struct request *request, const int *fds, struct report *report)
{
	static struct place_wish all[PLACES_MAX];
	size_t count = collect(request, fds, all, report), left = count;

	if (report->status)
		return -1;
	for (size_t depth = 0; left > 0; depth++)
		for (size_t i = 0; i < count; i++) {
			if (all[i].depth != depth)
				continue;
			left--;
			if (all[i].tmpfs ? place_tmpfs(all[i].tmpfs, report) < 0 : attach(&all[i], report) < 0)
				return -1;
		}
	return 0;
}

bool mounts_cover(const struct request *request, const char *path)
{
	static struct mount_wish wish;

	for (size_t i = 0; i < request->mounts.count; i++)
		if (mount_parse(request->mounts.items[i], &wish) && strcmp(wish.target, path) == 0)
			return true;
	return false;
}
