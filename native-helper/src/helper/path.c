#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/resolve.h"
#include "../common/scope.h"

int path_open_beneath(int root_fd, const char *relative, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	return resolve_open(root_fd, relative, &how);
}

static bool root_alone_writes(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && status.st_uid == 0 && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* Opens the next part of a path below the directory *AT, which is closed. */
static int descend(int *at, const char *part, int flags)
{
	int next = openat(*at, part, flags | O_CLOEXEC | O_NOFOLLOW);
	int error = errno;

	(void)close(*at);
	*at = next;
	if (next < 0)
		return -error;
	return root_alone_writes(next) ? 0 : -EPERM;
}

int path_open_trusted(const char *path, int flags, struct report *report)
{
	auto_close int at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char part[256] = "/";
	int error = at < 0 || path[0] != '/' ? -EINVAL : 0;

	while (error == 0 && *path != '\0') {
		size_t length = strcspn(++path, "/");

		if (length == 0 || length >= sizeof part || (length <= 2 && path[0] == '.')) {
			error = -EINVAL;
			break;
		}
		memcpy(part, path, length);
		part[length] = '\0';
		path += length;
		error = descend(&at, part, *path == '\0' ? flags : O_PATH | O_DIRECTORY);
	}
	if (error == 0)
		return take_fd(&at);
	report->error = -error;
	if (error == -EPERM)
		return report_parts(report, TM_E_POLICY_FILE, part, " is not owned by root alone: only root may be able to write it and every folder above", "");
	return report_parts(report, TM_E_POLICY_FILE, part, error == -ENOENT ? " is missing" : " cannot be opened", "");
}

int path_make_directory(int dir_fd, const char *name, mode_t mode)
{
	if (mkdirat(dir_fd, name, mode) < 0)
		return errno == EEXIST ? 0 : -errno;
	return fchmodat(dir_fd, name, mode, 0) < 0 ? -errno : 0;
}

int path_replace_file(int dir_fd, const char *name, const void *data, size_t length, mode_t mode)
{
	char temporary[96];
	size_t size = strlen(name);
	auto_close int fd = -1;

	if (size + 5 > sizeof temporary)
		return -ENAMETOOLONG;
	memcpy(temporary, name, size);
	memcpy(temporary + size, ".new", 5);
	fd = openat(dir_fd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return -errno;
	errno = 0;
	if (write(fd, data, length) != (ssize_t)length || renameat(dir_fd, temporary, dir_fd, name) < 0) {
		int error = errno != 0 ? errno : EIO; /* a short write says nothing */

		(void)unlinkat(dir_fd, temporary, 0);
		return -error;
	}
	return 0;
}

ssize_t path_read_file(int dir_fd, const char *name, char *text, size_t size)
{
	auto_close int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	size_t have = 0;

	if (fd < 0)
		return -errno;
	while (have < size) {
		ssize_t got = read(fd, text + have, size - have);

		if (got < 0)
			return -errno;
		if (got == 0) {
			text[have] = '\0';
			return (ssize_t)have;
		}
		have += (size_t)got;
	}
	return -EFBIG;
}
