#include "unpack_path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "../common/report.h"
#include "../common/resolve.h"
#include "unpack.h"

void place_init(struct place *place, int root_fd)
{
	place->root_fd = root_fd;
	place->parent_fd = -1;
	place->parent[0] = 0;
}

void place_forget(struct place *place)
{
	if (place->parent_fd >= 0 && place->parent_fd != place->root_fd)
		(void)close(place->parent_fd);
	place->parent_fd = -1;
}

static int open_in_root(int root_fd, const char *path)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
	};

	return resolve_open(root_fd, path, &how);
}

bool place_is_whiteout(int dir_fd, const char *name)
{
	struct stat status;

	return fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == 0;
}

int place_set_opaque(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (fsetxattr(fd, "user.overlay.opaque", "y", 1, 0) < 0)
		error = -errno;
	(void)close(fd);
	return error;
}

/* Makes directory NAME in PARENT_FD; in place of a whiteout, it hides what the layers below have. Returns 0 or a negative errno. */
static int make_directory(int parent_fd, const char *name)
{
	if (mkdirat(parent_fd, name, 0755) == 0)
		return 0;
	if (errno != EEXIST || !place_is_whiteout(parent_fd, name))
		return -errno;
	if (unlinkat(parent_fd, name, 0) < 0 || mkdirat(parent_fd, name, 0755) < 0)
		return -errno;
	return place_set_opaque(parent_fd, name);
}

/* Opens the directory PATH, making what is missing part by part. */
static int open_making(int root_fd, char *path)
{
	int parent = root_fd;
	char *start = path;

	for (;;) {
		char *slash = strchr(start, '/');
		int fd;
		int error = 0;

		if (slash)
			*slash = 0;
		fd = open_in_root(root_fd, path);
		if (fd == -ENOENT || fd == -ENOTDIR) {
			error = make_directory(parent, start);
			fd = error ? error : open_in_root(root_fd, path);
		}
		if (slash)
			*slash = '/';
		if (parent != root_fd)
			(void)close(parent);
		if (fd < 0 || !slash)
			return fd;
		parent = fd;
		start = slash + 1;
	}
}

int place_open(struct place *place, char *path, const char **name, bool make, struct report *report)
{
	char *slash = strrchr(path, '/');
	int fd;

	*name = slash ? slash + 1 : path;
	if (!slash)
		return place->root_fd;
	*slash = 0;
	if (place->parent_fd >= 0 && strcmp(place->parent, path) == 0) {
		*slash = '/';
		return place->parent_fd;
	}
	fd = open_in_root(place->root_fd, path);
	if (make && (fd == -ENOENT || fd == -ENOTDIR))
		fd = open_making(place->root_fd, path);
	if (fd >= 0) {
		place_forget(place);
		place->parent_fd = fd;
		strcpy(place->parent, path);
	}
	*slash = '/';
	if (fd == -ENOSPC || fd == -EDQUOT || fd == -EMFILE || fd == -ENOMEM)
		return report_fail(report, "open directory of an entry", -fd);
	if (fd < 0)
		return report_status(report, TM_E_ARCHIVE, "an entry lies in what is no directory");
	return fd;
}
