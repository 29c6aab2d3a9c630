#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/resolve.h"
#include "../common/scope.h"
#include "init.h"

int new_mount(const char *type, const char *const *options, unsigned int attributes, struct report *report)
{
	auto_close int fs = fsopen(type, FSOPEN_CLOEXEC);
	int fd;

	if (fs < 0)
		return report_fail(report, "open a new file system", errno);
	/* Only what mount(8) shows, and the kernel refuses a second one. */
	if (!options || !options[0] || strcmp(options[0], "source") != 0)
		(void)fsconfig(fs, FSCONFIG_SET_STRING, "source", type, 0);
	for (; options && *options; options += 2)
		if (fsconfig(fs, FSCONFIG_SET_STRING, options[0], options[1], 0) < 0)
			return report_fail(report, "set an option of a file system", errno);
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return report_fail(report, "create a file system", errno);
	fd = fsmount(fs, FSMOUNT_CLOEXEC, attributes);
	return fd >= 0 ? fd : report_fail(report, "mount a file system", errno);
}

int place_attach(int mount_fd, int target_fd, struct report *report)
{
	if (move_mount(mount_fd, "", target_fd, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return report_fail(report, "attach a mount", errno);
	return 0;
}

int place_plain_directory(const char *name, struct report *report)
{
	int fd;

	if (mkdir(name, 0755) < 0 && errno != EEXIST)
		return report_fail(report, "make a mount point", errno);
	fd = open(name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	report->number = 126;
	return report_parts(report, TM_E_COMMAND, "the image has something else than a directory at ", name, "");
}

/* Opens PATH as the container sees it; symbolic links stay inside its root, magic ones are refused. */
static int open_inside(const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	auto_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return root < 0 ? -1 : resolve_open(root, path, &how);
}

int place_directory(const char *path, struct report *report)
{
	char *part = NULL, *next = NULL;
	auto_free char *copy = strdup(path);
	auto_close int at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char done[PATH_MAX] = "";
	size_t length = 0;

	if (!copy || at < 0)
		return report_status(report, TM_E_EXHAUSTED, "no memory");
	for (part = strtok_r(copy, "/", &next); part; part = strtok_r(NULL, "/", &next)) {
		size_t size = strlen(part);
		int fd;

		if (length + size + 2 > sizeof done)
			return report_parts(report, TM_E_INVALID, "path is too long", "", "");
		done[length++] = '/';
		memcpy(done + length, part, size + 1);
		length += size;
		fd = open_inside(done, O_PATH | O_DIRECTORY);
		if (fd < 0 && errno == ENOENT && mkdirat(at, part, 0755) == 0)
			fd = open_inside(done, O_PATH | O_DIRECTORY);
		if (fd < 0) {
			report->number = 126;
			report->error = errno;
			return report_parts(report, TM_E_COMMAND, "mkdir ", path, errno == ENOTDIR || errno == EEXIST ? ": not a directory" : ": failed");
		}
		(void)close(at);
		at = fd;
	}
	return take_fd(&at);
}

struct tmpfs_options {
	const char *set[16]; /* name, value, ... */
	unsigned int attributes;
};

static bool parse_option(char *option, struct tmpfs_options *options, size_t *count)
{
	static const struct {
		const char *name;
		unsigned int set, clear;
	} flags[] = {
		{"ro", MOUNT_ATTR_RDONLY, 0}, {"rw", 0, MOUNT_ATTR_RDONLY}, {"noexec", MOUNT_ATTR_NOEXEC, 0}, {"exec", 0, MOUNT_ATTR_NOEXEC},
		{"nosuid", MOUNT_ATTR_NOSUID, 0}, {"suid", 0, MOUNT_ATTR_NOSUID}, {"nodev", MOUNT_ATTR_NODEV, 0}, {"noatime", MOUNT_ATTR_NOATIME, 0},
	};
	static const char *const values[] = {"size", "mode", "uid", "gid", "nr_inodes"};
	char *equals = strchr(option, '=');

	for (size_t i = 0; i < sizeof flags / sizeof flags[0] && !equals; i++) {
		if (strcmp(option, flags[i].name) == 0) {
			options->attributes = (options->attributes | flags[i].set) & ~flags[i].clear;
			return true;
		}
	}
	if (!equals || *count + 2 >= sizeof options->set / sizeof options->set[0])
		return false;
	*equals = '\0';
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		if (strcmp(option, values[i]) == 0) {
			options->set[(*count)++] = values[i];
			options->set[(*count)++] = equals + 1;
			return true;
		}
	}
	return false;
}

int place_tmpfs(const char *specification, struct report *report)
{
	struct tmpfs_options options = {.attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC};
	auto_free char *copy = strdup(specification);
	char *rest = NULL, *next = NULL;
	auto_close int mount = -1, target = -1;
	size_t count = 0;

	if (!copy)
		return report_status(report, TM_E_EXHAUSTED, "no memory");
	rest = strchr(copy, ':');
	if (rest)
		*rest++ = '\0';
	if (copy[0] != '/' || copy[1] == '\0')
		return report_status(report, TM_E_INVALID, "tmpfs needs an absolute path");
	for (char *option = rest ? strtok_r(rest, ",", &next) : NULL; option; option = strtok_r(NULL, ",", &next))
		if (!parse_option(option, &options, &count))
			return report_parts(report, TM_E_INVALID, "tmpfs has an unknown option: ", option, "");
	target = place_directory(copy, report);
	if (target < 0)
		return -1;
	mount = new_mount("tmpfs", options.set, options.attributes, report);
	return mount < 0 ? -1 : place_attach(mount, target, report);
}
