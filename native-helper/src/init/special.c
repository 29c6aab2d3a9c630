/* /proc, /sys and /dev. Never what the image has there: fresh file systems, attached to plain directories (SECURITY.md R13). */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../common/scope.h"
#include "init.h"

#define QUIET (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
#define DEFAULT_SHM_BYTES 67108864 /* Docker's */

static const struct {
	const char *name;
	unsigned int major, minor;
} devices[LAUNCH_DEVICES] = {{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* sysfs shows the network namespace, so the kernel gives it only to the namespace's owner; others see an empty /sys. */
static int make_sys(const struct setup *setup, struct report *report)
{
	struct report ignored = {0};
	int fd = setup->launch.has_own_network ? new_mount("sysfs", NULL, QUIET | MOUNT_ATTR_RDONLY, &ignored) : -1;
	static const char *const options[] = {"mode", "0555", "size", "64k", NULL};

	return fd >= 0 ? fd : new_mount("tmpfs", options, QUIET, report);
}

int special_make(const struct setup *setup, struct special *special, struct report *report)
{
	static const char *const dev[] = {"mode", "0755", "size", "65536k", NULL};
	static const char *const pts[] = {"newinstance", "", "ptmxmode", "0666", "mode", "0620", "gid", "5", NULL};
	struct report ignored = {0};
	char size[32];
	const char *const shm[] = {"source", "shm", "mode", "1777", "size", size, NULL};

	(void)snprintf(size, sizeof size, "%llu",
		       (unsigned long long)(setup->request.shm_size ? setup->request.shm_size : DEFAULT_SHM_BYTES));
	special->proc = setup->own_proc >= 0 ? setup->own_proc : new_mount("proc", NULL, QUIET, report);
	special->sys = special->proc < 0 ? -1 : make_sys(setup, report);
	special->dev = special->sys < 0 ? -1 : new_mount("tmpfs", dev, MOUNT_ATTR_NOSUID, report);
	special->pts = special->dev < 0 ? -1 : new_mount("devpts", pts + 2, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, report);
	if (special->pts < 0)
		return -1;
	special->shm = setup->shared_memory;
	if (special->shm < 0 && !(setup->request.namespaces & TM_NAMESPACE_IPC_NONE) && (special->shm = new_mount("tmpfs", shm, QUIET, report)) < 0)
		return -1;
	special->mqueue = new_mount("mqueue", NULL, QUIET, &ignored); /* a kernel may lack it */
	special->cgroup = setup->launch.is_cgroup2 ? new_mount("cgroup2", NULL, QUIET | MOUNT_ATTR_RDONLY, &ignored) : -1;
	return 0;
}

static int attach_at(int mount_fd, const char *name, struct report *report)
{
	auto_close int mount = mount_fd;
	auto_close int target = place_plain_directory(name, report);

	return target < 0 ? -1 : place_attach(mount, target, report);
}

static int attach_below_dev(int mount_fd, const char *path, struct report *report)
{
	return mount_fd < 0 ? 0 : attach_at(mount_fd, path, report);
}

static int attach_devices(const struct setup *setup, struct report *report)
{
	for (size_t i = 0; i < LAUNCH_DEVICES; i++) {
		auto_close int mount = setup->devices[i];
		auto_close int target = -1;
		struct stat status;
		char path[32];

		(void)snprintf(path, sizeof path, "/dev/%s", devices[i].name);
		target = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (target < 0)
			return report_fail(report, "make a device's mount point", errno);
		if (fstat(mount, &status) < 0 || !S_ISCHR(status.st_mode) || status.st_rdev != makedev(devices[i].major, devices[i].minor))
			return report_status(report, TM_E_KERNEL, "a device of the host is not what its name says");
		if (place_attach(mount, target, report) < 0)
			return -1;
	}
	return 0;
}

static int link_devices(struct report *report)
{
	static const char *const links[][2] = {
		{"/proc/self/fd", "/dev/fd"}, {"/proc/self/fd/0", "/dev/stdin"}, {"/proc/self/fd/1", "/dev/stdout"},
		{"/proc/self/fd/2", "/dev/stderr"}, {"pts/ptmx", "/dev/ptmx"}, {"/proc/kcore", "/dev/core"},
	};

	for (size_t i = 0; i < COUNT(links); i++)
		if (symlink(links[i][0], links[i][1]) < 0)
			return report_fail(report, "make a link in /dev", errno);
	return 0;
}

int special_attach(const struct setup *setup, const struct special *special, struct report *report)
{
	if (attach_at(special->proc, "/proc", report) < 0 || attach_at(special->sys, "/sys", report) < 0 ||
	    attach_at(special->dev, "/dev", report) < 0)
		return -1;
	if (special->cgroup >= 0) {
		auto_close int mount = special->cgroup;
		auto_close int target = open("/sys/fs/cgroup", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (target >= 0 && place_attach(mount, target, report) < 0)
			return -1;
	}
	if (groups_attach(setup, report) < 0 || attach_devices(setup, report) < 0 || attach_below_dev(special->pts, "/dev/pts", report) < 0 ||
	    attach_below_dev(special->shm, "/dev/shm", report) < 0 || attach_below_dev(special->mqueue, "/dev/mqueue", report) < 0)
		return -1;
	return link_devices(report);
}

/* Writes below /proc, only if it is a fresh procfs indeed (CVE-2019-16884). */
int special_write_proc(const char *path, const char *text)
{
	auto_close int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	struct statfs status;

	if (fd < 0)
		return -errno;
	if (fstatfs(fd, &status) < 0 || status.f_type != PROC_SUPER_MAGIC)
		return -EPERM;
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

static int apply_sysctls(const struct request *request, struct report *report)
{
	for (size_t i = 0; i < request->sysctls.count; i++) {
		const char *equals = strchr(request->sysctls.items[i], '=');
		char path[128] = "/proc/sys/";
		size_t length = strlen(path);
		int result;

		for (const char *from = request->sysctls.items[i]; from < equals && length + 1 < sizeof path; from++)
			path[length++] = *from == '.' ? '/' : *from;
		path[length] = '\0';
		result = special_write_proc(path, equals + 1);
		if (result < 0) {
			report->error = -result;
			return report_parts(report, TM_E_INVALID, "cannot set ", request->sysctls.items[i], "");
		}
	}
	return 0;
}

/*
 * What dockerd gives a network of a container's own: every user may open low ports and send echo requests. It takes
 * NET_BIND_SERVICE and NET_RAW from nobody; a program just does not need them. A kernel may lack the settings.
 */
static int open_to_users(const struct request *request, struct report *report)
{
	static const char *const settings[][2] = {
		{"/proc/sys/net/ipv4/ip_unprivileged_port_start", "0"},
		{"/proc/sys/net/ipv4/ping_group_range", "0 65535"}, /* all groups that are mapped */
	};

	if (request->network_mode != TM_NETWORK_BRIDGE && request->network_mode != TM_NETWORK_NONE)
		return 0;
	for (size_t i = 0; i < COUNT(settings); i++) {
		int result = special_write_proc(settings[i][0], settings[i][1]);

		if (result < 0 && result != -ENOENT) {
			report->error = -result;
			return report_parts(report, TM_E_KERNEL, "cannot set ", settings[i][0], "");
		}
	}
	return 0;
}

int special_protect(const struct setup *setup, struct report *report)
{
	const struct request *request = &setup->request;
	struct mount_attr read_only_root = {.attr_set = MOUNT_ATTR_RDONLY};
	char text[16];

	if (open_to_users(request, report) < 0 || apply_sysctls(request, report) < 0)
		return -1;
	if (request_has(request, TM_TAG_OOM_SCORE)) {
		(void)snprintf(text, sizeof text, "%d", request->oom_score);
		(void)special_write_proc("/proc/self/oom_score_adj", text); /* lowering needs a right that the host may not give */
	}
	/* Nested user and network namespaces are closed here and, where the container has one, by the system call filter (SECURITY.md R20):
	 * without a filter a root with SYS_RESOURCE may write these limits again. */
	if (special_write_proc("/proc/sys/user/max_user_namespaces", "0") < 0 || special_write_proc("/proc/sys/user/max_net_namespaces", "0") < 0)
		return report_status(report, TM_E_KERNEL, "cannot close nested namespaces");
	if (cover_paths(request, setup->launch.is_unmasked, report) < 0)
		return -1;
	if ((request->flags & TM_FLAG_READ_ONLY) && mount_setattr(AT_FDCWD, "/", 0, &read_only_root, sizeof read_only_root) < 0)
		return report_fail(report, "make the root read-only", errno);
	return 0;
}
