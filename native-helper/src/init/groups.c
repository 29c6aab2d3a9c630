/* /sys/fs/cgroup where version 1 trees are in use: the container's own directories, read-only (SECURITY.md T18). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/scope.h"
#include "init.h"

#define PLACE "/sys/fs/cgroup"
#define QUIET (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

/* sysfs has the directory; the empty /sys of a container that shares a network has not. */
static int open_place(struct report *report)
{
	int fd = open(PLACE, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT && (mkdir("/sys/fs", 0755) == 0 || errno == EEXIST) && mkdir(PLACE, 0755) == 0)
		fd = open(PLACE, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd >= 0 ? fd : report_fail(report, "open " PLACE, errno);
}

static int attach_group(int mount_fd, const char *name, struct report *report)
{
	char path[64];
	auto_close int target = -1;

	(void)snprintf(path, sizeof path, PLACE "/%s", name);
	if (mkdir(path, 0755) < 0 || (target = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0)
		return report_fail(report, "make a control group's mount point", errno);
	return place_attach(mount_fd, target, report);
}

int groups_attach(const struct setup *setup, struct report *report)
{
	static const char *const names[LAUNCH_GROUPS] = {LAUNCH_GROUP_NAMES};
	static const char *const options[] = {"mode", "0755", "size", "64k", NULL};
	struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};
	auto_close int place = setup->launch.groups ? open_place(report) : -1;
	auto_close int tmpfs = -1;

	if (!setup->launch.groups)
		return 0;
	if (place < 0 || (tmpfs = new_mount("tmpfs", options, QUIET, report)) < 0 || place_attach(tmpfs, place, report) < 0)
		return -1;
	for (int i = 0; i < LAUNCH_GROUPS; i++)
		if ((setup->launch.groups >> i & 1) && attach_group(setup->groups[i], names[i], report) < 0)
			return -1;
	return mount_setattr(tmpfs, "", AT_EMPTY_PATH, &read_only, sizeof read_only) < 0 ? report_fail(report, "lock " PLACE, errno) : 0;
}
