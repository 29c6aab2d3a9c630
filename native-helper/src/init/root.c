/* The container's root: overlay from the layers, pivot_root, and everything below it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../common/overlay.h"
#include "../common/scope.h"
#include "init.h"

#define STAGE "/dev" /* exists on every host; covered by a tmpfs in this mount namespace only */
#define FILES 3
#define RESOLV 1 /* their order: hosts, resolv.conf, hostname */

struct etc_file {
	const char *stage, *target;
	int mount;
};

static int write_file(const char *name, const char *text, const char *end, struct report *report)
{
	auto_close int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) < 0 || write(fd, end, strlen(end)) < 0)
		return report_fail(report, "write a file of /etc", errno);
	return 0;
}

/* hosts, resolv.conf and hostname are small files of their own, mounted over those of the image. */
static int make_etc_files(const struct request *request, struct etc_file files[FILES], struct report *report)
{
	const char *const texts[FILES] = {request->hosts, request->resolv, request->hostname};
	struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};

	for (int i = 0; i < FILES; i++) {
		if (!texts[i])
			continue;
		if (write_file(files[i].stage, texts[i], i == 2 ? "\n" : "", report) < 0)
			return -1;
		files[i].mount = open_tree(AT_FDCWD, files[i].stage, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
		if (files[i].mount < 0)
			return report_fail(report, "clone a file of /etc", errno);
		/* They are a part of the root as everybody sees it; but resolv.conf follows the networks while the container runs. */
		if ((request->flags & TM_FLAG_READ_ONLY) && i != RESOLV && mount_setattr(files[i].mount, "", AT_EMPTY_PATH, &read_only, sizeof read_only) < 0)
			return report_fail(report, "make a file of /etc read-only", errno);
	}
	return 0;
}

static int attach_etc_files(const struct request *request, struct etc_file files[FILES], struct report *report)
{
	auto_close int etc = -1;

	for (int i = 0; i < FILES; i++) {
		auto_close int mount = files[i].mount;
		auto_close int target = -1;
		char path[32];

		(void)snprintf(path, sizeof path, "/etc/%s", files[i].target);
		if (mount < 0 || mounts_cover(request, path))
			continue;
		if (etc < 0 && (etc = place_directory("/etc", report)) < 0)
			return -1;
		/* The image may have a link there (resolv.conf): it is followed, inside the container's root. */
		target = openat(etc, files[i].target, O_RDONLY | O_CREAT | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0644);
		if (target < 0)
			continue; /* a link to nowhere: the image does not want the file */
		if (place_attach(mount, target, report) < 0)
			return -1;
	}
	return 0;
}

static int set_names(const struct request *request, struct report *report)
{
	if (request->namespaces & TM_NAMESPACE_HOST_UTS)
		return 0; /* they are the host's */
	if (request->hostname && sethostname(request->hostname, strlen(request->hostname)) < 0)
		return report_status(report, TM_E_INVALID, "hostname is too long");
	if (request->domainname && setdomainname(request->domainname, strlen(request->domainname)) < 0)
		return report_status(report, TM_E_INVALID, "domainname is too long");
	return 0;
}

int root_set_up(const struct setup *setup, struct report *report)
{
	struct etc_file files[FILES] = {{"hosts", "hosts", -1}, {"resolv", "resolv.conf", -1}, {"hostname", "hostname", -1}};
	struct special special;

	if (set_names(&setup->request, report) < 0)
		return -1;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return report_fail(report, "cut the mounts off the host's", errno);
	if (mount("tmpfs", STAGE, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0755,size=1m") < 0 || chdir(STAGE) < 0)
		return report_fail(report, "mount the stage", errno);
	if (overlay_mount(setup->layers, setup->launch.layer_count, setup->writable, report) < 0 || make_etc_files(&setup->request, files, report) < 0 ||
	    special_make(setup, &special, report) < 0 || overlay_enter(report) < 0)
		return -1;
	/* The three files go over a volume at /etc; one that somebody gave a file of their own stays out. */
	if (special_attach(setup, &special, report) < 0 || mounts_attach(&setup->request, setup->mounts, report) < 0 ||
	    secrets_attach(setup, report) < 0 || device_attach(setup, report) < 0 || attach_etc_files(&setup->request, files, report) < 0)
		return -1;
	if (setup->request.workdir) {
		int workdir = place_directory(setup->request.workdir, report);

		if (workdir < 0)
			return -1;
		(void)close(workdir);
	}
	return 0;
}
