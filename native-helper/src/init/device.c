/* Device nodes that were asked for: the helper made them in a small file system of their own, as 0, 1, ... in the order of the request. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/scope.h"
#include "init.h"

#define STORE "/dev/.asked" /* on our own tmpfs, and gone again at the end */

/* Opens the file TARGET of the container, made if it is not there; never through a link as the last part. */
static int open_target(const char *target, struct report *report)
{
	auto_free char *parent = strdup(target);
	char *slash = parent ? strrchr(parent, '/') : NULL;
	auto_close int directory = -1;
	int fd;

	if (!slash || target[0] != '/' || slash[1] == '\0' || strcmp(slash + 1, "..") == 0 || strcmp(slash + 1, ".") == 0)
		return report_parts(report, TM_E_INVALID, "device: not a path for it in the container: ", target, "");
	*slash = '\0';
	directory = place_directory(parent[0] ? parent : "/", report);
	if (directory < 0)
		return -1;
	fd = openat(directory, slash + 1, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		fd = openat(directory, slash + 1, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return fd >= 0 ? fd : report_parts(report, TM_E_INVALID, "device: cannot make the mount point ", target, "");
}

static int attach_one(const char *wish, size_t index, struct report *report)
{
	const char *target = strchr(wish, ' '); /* "ACCESS NAME TARGET", checked by the helper */
	char path[64];
	struct stat status;
	auto_close int node = -1, place = -1;

	target = target ? strchr(target + 1, ' ') : NULL;
	if (!target)
		return report_status(report, TM_E_INVALID, "device");
	(void)snprintf(path, sizeof path, STORE "/%zu", index);
	node = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
	if (node < 0)
		return report_fail(report, "clone a device that was asked for", errno);
	place = open_target(target + 1, report);
	if (place < 0)
		return -1;
	if (fstat(place, &status) == 0 && (S_ISDIR(status.st_mode) || S_ISLNK(status.st_mode)))
		return report_parts(report, TM_E_INVALID, "device: something else is at ", target + 1, "");
	return place_attach(node, place, report);
}

int device_attach(const struct setup *setup, struct report *report)
{
	const struct text_list *devices = &setup->request.devices;
	auto_close int store = -1;

	if (devices->count == 0)
		return 0;
	store = place_plain_directory(STORE, report);
	if (store < 0 || place_attach(setup->asked_devices, store, report) < 0)
		return -1;
	for (size_t i = 0; i < devices->count; i++)
		if (attach_one(devices->items[i], i, report) < 0)
			return -1;
	if (umount2(STORE, MNT_DETACH) < 0 || rmdir(STORE) < 0)
		return report_fail(report, "take the store of devices away", errno);
	return 0;
}
