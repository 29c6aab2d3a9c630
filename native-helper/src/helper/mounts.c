#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/mount.h"
#include "../common/scope.h"
#include "call.h"
#include "idmapped.h"
#include "path.h"
#include "socket.h"
#include "userns.h"
#include "volume.h"

/* Nothing of a volume is followed: containers may write into it at this very moment. */
static int open_volume(const struct call *call, const struct mount_wish *wish, struct report *report)
{
	auto_close int data = volume_open(call->storage_fd, wish->source, report);
	bool is_written = call->request.verb == TM_VERB_CONTAINER_START || call->request.verb == TM_VERB_FILES_PUT;
	int fd;

	if (data >= 0 && is_written && !(wish->flags & TM_MOUNT_READ_ONLY))
		volume_use(data);
	if (data < 0 || wish->subpath[0] == '\0')
		return take_fd(&data);
	fd = path_open_beneath(data, wish->subpath, O_PATH);
	if (fd >= 0)
		return fd;
	return report_parts(report, TM_E_INVALID, "cannot access the subpath of a volume: ", wish->subpath,
			    fd == -ENOENT ? ": no such file or directory" : ": it is a symbolic link, or leads through one");
}

/* Makes the directory PATH whose parents below ROOT_FD may be missing too; it belongs to whom the container's root is on the host. */
static int make_directory(int root_fd, const char *path, struct report *report)
{
	char part[PATH_MAX];
	auto_close int at = fcntl(root_fd, F_DUPFD_CLOEXEC, 0);

	while (at >= 0 && *path != '\0') {
		size_t length = strcspn(path, "/");
		int next;

		memcpy(part, path, length);
		part[length] = '\0';
		if (mkdirat(at, part, 0755) == 0) {
			if (fchownat(at, part, USERNS_NOBODY, USERNS_NOBODY, AT_SYMLINK_NOFOLLOW) < 0)
				return report_fail(report, "make a directory of the host", errno);
		} else if (errno != EEXIST) {
			return report_fail(report, "make a directory of the host", errno);
		}
		next = path_open_beneath(at, part, O_PATH | O_DIRECTORY);
		(void)close(at);
		at = next;
		path += length + (path[length] == '/');
	}
	return at >= 0 ? take_fd(&at) : report_fail(report, "make a directory of the host", -at);
}

/* The root of the policy that PATH lies below: the same rule as policy.c's. */
static const char *find_root(const struct policy *policy, const char *path)
{
	for (size_t i = 0; i < policy->bind_root_count; i++)
		if (mount_is_below(path, policy->bind_roots[i]))
			return policy->bind_roots[i];
	for (size_t i = 0; i < policy->bind_readonly_count; i++)
		if (mount_is_below(path, policy->bind_readonly[i]))
			return policy->bind_readonly[i];
	return NULL;
}

/* Whether the opened file is at PATH, as the kernel names it, and of a kind that may be shown: no socket leads to a service of the host. */
static int check_opened(int fd, const char *path, struct report *report)
{
	char link[32], name[PATH_MAX];
	struct stat status;
	ssize_t length;

	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	length = readlink(link, name, sizeof name - 1);
	if (length < 0 || fstat(fd, &status) < 0)
		return report_fail(report, "look at a path of the host", errno);
	name[length] = '\0';
	if (strcmp(name, path) != 0)
		return report_parts(report, TM_E_DENIED, "bind_roots does not allow ", path, ": it leads elsewhere");
	if (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode))
		return report_parts(report, TM_E_DENIED, "bind_roots does not allow ", path, ": only directories and regular files are shown to containers");
	return 0;
}

static int open_bind(const struct call *call, const struct mount_wish *wish, struct report *report)
{
	const char *root_path = find_root(&call->policy, wish->source);
	const char *rest = root_path ? wish->source + strlen(root_path) : NULL;
	auto_close int slash = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_close int root = -1, fd = -1;

	if (!rest || slash < 0)
		return report_parts(report, TM_E_DENIED, "bind_roots does not allow ", wish->source, "");
	root = path_open_beneath(slash, root_path + 1, O_PATH);
	if (root < 0)
		return report_parts(report, TM_E_INVALID, "bind source path cannot be opened: ", root_path,
				    root == -ENOENT ? ": no such file or directory" : ": a part of it is a symbolic link");
	rest += *rest == '/';
	fd = *rest == '\0' ? fcntl(root, F_DUPFD_CLOEXEC, 0) : path_open_beneath(root, rest, O_PATH);
	if (fd == -ENOENT && (wish->flags & TM_MOUNT_MAKE)) {
		fd = make_directory(root, rest, report);
		if (fd < 0)
			return -1;
	}
	if (fd == -ENOENT)
		return report_parts(report, TM_E_INVALID, "bind source path does not exist: ", wish->source, "");
	if (fd < 0)
		return report_parts(report, TM_E_DENIED, "bind_roots does not allow ", wish->source, ": a part of it is a symbolic link, or leads elsewhere");
	return check_opened(fd, wish->source, report) < 0 ? -1 : take_fd(&fd);
}

static int open_one(const struct call *call, const struct mount_wish *wish, int userns_fd, int squashed_fd, struct report *report)
{
	bool is_bind = wish->kind == MOUNT_BIND;
	auto_close int source = is_bind ? open_bind(call, wish, report) : open_volume(call, wish, report);
	bool recursive = is_bind && (wish->flags & TM_MOUNT_RECURSIVE);
	int fd;

	if (source < 0)
		return -1;
	fd = idmapped_clone_tree(source, is_bind ? squashed_fd : userns_fd, (wish->flags & TM_MOUNT_READ_ONLY) != 0, recursive, report);
	if (fd < 0 && is_bind && report->error == EINVAL)
		return report_parts(report, TM_E_INVALID, "the file system at ", wish->source, ", or one mounted below it, cannot be shown with other ids");
	return fd;
}

int mounts_open(const struct call *call, int userns_fd, uint32_t base, int *fds, struct report *report)
{
	const struct text_list *wishes = &call->request.mounts;
	auto_close int squashed = -1;

	for (size_t i = 0; i < wishes->count; i++) {
		struct mount_wish wish;

		fds[i] = -1;
		if (!mount_parse(wishes->items[i], &wish))
			return report_status(report, TM_E_INVALID, "mount is out of range or malformed");
		if (wish.kind == MOUNT_BIND && squashed < 0 && (squashed = userns_make_squashed(base, report)) < 0)
			return -1;
		fds[i] = wish.kind == MOUNT_SOCKET ? socket_open(&call->policy, &wish, base, report) : open_one(call, &wish, userns_fd, squashed, report);
		if (fds[i] < 0)
			return -1;
	}
	return (int)wishes->count;
}
