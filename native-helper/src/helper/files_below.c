#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/scope.h"
#include "files.h"
#include "files_below.h"

void files_below_forget(struct files_below *below)
{
	scope_close(&below->parent_fd);
	below->parent_fd = -1;
}

int files_below_open(const struct files_below *below, const char *path)
{
	char whole[2 * TAR_PATH_MAX];

	(void)snprintf(whole, sizeof whole, "%s/%s", below->destination, path);
	return files_path_open(whole, O_RDONLY | O_DIRECTORY);
}

/* Opens the directory PATH, making what is missing part by part. */
static int open_making(const struct files_below *below, char *path)
{
	int parent = files_below_open(below, "");

	for (char *start = path; parent >= 0;) {
		char *slash = strchr(start, '/');
		int fd;

		if (slash)
			*slash = '\0';
		fd = files_below_open(below, path);
		if (fd == -ENOENT)
			fd = mkdirat(parent, start, 0755) < 0 ? -errno : files_below_open(below, path);
		if (slash)
			*slash = '/';
		(void)close(parent);
		if (!slash || fd < 0)
			return fd;
		parent = fd;
		start = slash + 1;
	}
	return parent;
}

int files_below_parent(struct files_below *below, char *path, const char **name, bool make)
{
	char *slash = strrchr(path, '/');
	int fd = below->parent_fd;

	*name = slash ? slash + 1 : path;
	if (slash)
		*slash = '\0';
	if (fd < 0 || strcmp(below->parent, slash ? path : "") != 0) {
		files_below_forget(below);
		fd = files_below_open(below, slash ? path : "");
		if (fd == -ENOENT && make && slash)
			fd = open_making(below, path);
		below->parent_fd = fd < 0 ? -1 : fd;
		strcpy(below->parent, slash ? path : "");
	}
	if (slash)
		*slash = '/';
	return fd;
}
