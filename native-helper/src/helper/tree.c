#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/report.h"
#include "layer.h"

#define DEPTH_MAX 128 /* directories held open at once; deeper ones are first moved up */
#define MOVE_TRIES 65536 /* names a container may have taken before */

/* Opens directory NAME if it is one on the same file system as DEVICE; -1 with errno otherwise. */
static int open_directory(int dir_fd, const char *name, dev_t device)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;

	if (fd < 0)
		return -1;
	if (fstat(fd, &status) == 0 && status.st_dev == device)
		return fd;
	(void)close(fd);
	errno = EXDEV;
	return -1;
}

static int remove_content(int fd, int top_fd, unsigned int depth, dev_t device);

/* Moves directory NAME, which lies too deep, to TOP_FD under a name that is free there. Returns 1 or a negative errno. */
static int move_up(int fd, const char *name, int top_fd)
{
	static unsigned int number;
	char new_name[32];

	for (unsigned int i = 0; i < MOVE_TRIES; i++) {
		(void)snprintf(new_name, sizeof new_name, ".tm-remove-%u", number++);
		if (renameat(fd, name, top_fd, new_name) == 0)
			return 1;
		if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR)
			break;
	}
	return -errno;
}

/* Removes one name in FD. A directory that lies too deep is moved to TOP_FD and removed from there. */
static int remove_entry(int fd, const char *name, int top_fd, unsigned int depth, dev_t device)
{
	int child;
	int error;

	if (unlinkat(fd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	if (depth >= DEPTH_MAX)
		return move_up(fd, name, top_fd);
	child = open_directory(fd, name, device);
	if (child < 0)
		return -errno;
	error = remove_content(child, top_fd, depth + 1, device);
	if (error < 0)
		return error;
	if (unlinkat(fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return -errno;
	return 0;
}

/* Empties directory FD and closes it. */
static int remove_content(int fd, int top_fd, unsigned int depth, dev_t device)
{
	DIR *directory = fdopendir(fd);
	const struct dirent *entry;
	int error = 0;
	bool again = true;

	if (!directory) {
		error = -errno;
		(void)close(fd);
		return error;
	}
	while (again && error >= 0) {
		again = false;
		while ((entry = readdir(directory)) && error >= 0) {
			if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
				continue;
			error = remove_entry(dirfd(directory), entry->d_name, depth == 0 ? dirfd(directory) : top_fd, depth,
					     device);
			again = again || depth == 0; /* deep ones may have been moved here behind the reader's back */
		}
		rewinddir(directory);
	}
	(void)closedir(directory);
	return error < 0 ? error : 0;
}

int tree_remove(int dir_fd, const char *name, struct report *report)
{
	struct stat status;
	int fd;
	int error;

	if (fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : report_fail(report, "look at tree", errno);
	if (S_ISDIR(status.st_mode)) {
		fd = open_directory(dir_fd, name, status.st_dev);
		if (fd < 0)
			return report_fail(report, "open tree", errno);
		error = remove_content(fd, -1, 0, status.st_dev);
		if (error < 0)
			return report_fail(report, "remove tree", -error);
	}
	if (unlinkat(dir_fd, name, S_ISDIR(status.st_mode) ? AT_REMOVEDIR : 0) < 0 && errno != ENOENT)
		return report_fail(report, "remove tree", errno);
	return 0;
}
