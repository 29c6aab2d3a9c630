#include "overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Gives a detached mount a name in the stage, because overlayfs takes names. */
static int attach_stage(int mount_fd, const char *name, struct report *report)
{
	if (mkdir(name, 0700) < 0 || move_mount(mount_fd, "", AT_FDCWD, name, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return report_fail(report, "attach a layer", errno);
	return 0;
}

int overlay_mount(const int *layers, uint32_t layer_count, int writable, struct report *report)
{
	char data[1024] = "userxattr,lowerdir=";
	size_t length = strlen(data);
	uint32_t count = 0;

	for (uint32_t i = layer_count; i-- > 0; count++) {
		char name[16];

		(void)snprintf(name, sizeof name, "%u", i);
		if (attach_stage(layers[i], name, report) < 0)
			return -1;
		length += (size_t)snprintf(data + length, sizeof data - length, "%s%s", count ? ":" : "", name);
	}
	/* Without a writable layer the kernel wants two at least: empty directories at the bottom make them up. */
	for (; writable < 0 && count < 2; count++) {
		char name[16];

		(void)snprintf(name, sizeof name, "empty%u", count);
		if (mkdir(name, 0755) < 0)
			return report_fail(report, "make an empty layer", errno);
		length += (size_t)snprintf(data + length, sizeof data - length, "%s%s", count ? ":" : "", name);
	}
	if (writable >= 0) {
		if (attach_stage(writable, "rw", report) < 0)
			return -1;
		(void)snprintf(data + length, sizeof data - length, ",upperdir=rw/upper,workdir=rw/work");
	}
	if (mkdir("root", 0755) < 0 || mount("overlay", "root", "overlay", 0, data) < 0)
		return report_fail(report, "mount the overlay file system", errno);
	return 0;
}

int overlay_enter(struct report *report)
{
	if (chdir("root") < 0 || syscall(SYS_pivot_root, ".", ".") < 0)
		return report_fail(report, "change the root", errno);
	if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return report_fail(report, "leave the host's root", errno);
	return 0;
}
