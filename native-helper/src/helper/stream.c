#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "../common/report.h"
#include "../common/scope.h"

#define XATTR_LIST_BYTES 65536 /* as the kernel's XATTR_LIST_MAX */

int stream_open(struct stream *stream, int storage_fd, const char *const *layers, size_t layer_count, int upper_fd, int out_fd,
		struct report *report)
{
	memset(stream, 0, sizeof *stream);
	stream->report = report;
	if (layer_count >= MERGE_LAYERS_MAX)
		return report_status(report, TM_E_INVALID, "layer");
	stream->merge.roots[0] = fcntl(upper_fd, F_DUPFD_CLOEXEC, 0);
	if (stream->merge.roots[0] < 0)
		return report_fail(report, "open writable layer", errno);
	stream->merge.count = 1;
	for (size_t i = layer_count; i-- > 0;) {
		int fd = layer_open(storage_fd, layers[i], report);

		if (fd < 0)
			return -1;
		stream->merge.roots[stream->merge.count++] = fd;
	}
	stream->writer = tar_writer_new(out_fd);
	return stream->writer ? 0 : report_fail(report, "write archive", ENOMEM);
}

void stream_close(struct stream *stream)
{
	for (size_t i = 0; i < stream->merge.count; i++)
		(void)close(stream->merge.roots[i]);
	tar_writer_free(stream->writer);
	hard_links_free(&stream->links);
}

int stream_enter(struct stream *stream, const char *name)
{
	size_t length = strlen(name);

	if (stream->path_length + length + 3 > sizeof stream->path) /* slashes and NUL */
		return report_fail(stream->report, "walk tree", ENAMETOOLONG);
	if (stream->path_length > 0 && stream->path[stream->path_length - 1] != '/')
		stream->path[stream->path_length++] = '/';
	memcpy(stream->path + stream->path_length, name, length + 1);
	stream->path_length += length;
	return 0;
}

void stream_leave(struct stream *stream, size_t length)
{
	stream->path_length = length;
	stream->path[length] = 0;
}

static int write_xattr(struct stream *stream, int fd, const char *name)
{
	auto_free char *value = NULL;
	ssize_t length;

	if (strncmp(name, "user.overlay.", 13) == 0)
		return 0;
	if (strncmp(name, "user.", 5) != 0 && strcmp(name, "security.capability") != 0)
		return 0;
	length = fgetxattr(fd, name, NULL, 0);
	if (length < 0)
		return 0; /* gone meanwhile */
	value = malloc((size_t)length + 1);
	if (!value)
		return report_fail(stream->report, "read extended attribute", ENOMEM);
	length = fgetxattr(fd, name, value, (size_t)length);
	if (length < 0)
		return 0;
	return tar_write_xattr(stream->writer, name, value, (size_t)length, stream->report);
}

static int write_xattrs(struct stream *stream, int fd)
{
	char list[XATTR_LIST_BYTES];
	ssize_t length = flistxattr(fd, list, sizeof list);

	for (ssize_t at = 0; at < length; at += (ssize_t)strlen(list + at) + 1) {
		if (write_xattr(stream, fd, list + at) < 0)
			return -1;
	}
	return 0;
}

int stream_write_directory(struct stream *stream, int fd)
{
	char path[TAR_PATH_MAX + 2];
	struct stat status;

	if (fstat(fd, &status) < 0)
		return report_fail(stream->report, "look at directory", errno);
	if (write_xattrs(stream, fd) < 0)
		return -1;
	(void)snprintf(path, sizeof path, "%s%s", stream->path, strcmp(stream->path, "/") == 0 ? "" : "/");
	return tar_write_entry(stream->writer, path, NULL, &status, stream->report);
}

static int write_regular(struct stream *stream, int dir_fd, const char *name)
{
	/* O_NONBLOCK: a container may have put a fifo there meanwhile. */
	auto_close int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	const char *first = NULL;
	struct stat status;
	int failed = 0;

	if (fd < 0 && (errno == ENOENT || errno == ELOOP || errno == ENXIO))
		return 0;
	if (fd < 0 || fstat(fd, &status) < 0)
		return report_fail(stream->report, "open file", errno);
	if (!S_ISREG(status.st_mode))
		return 0;
	if (status.st_nlink > 1)
		first = hard_links_find(&stream->links, &status, stream->path, &failed);
	if (failed)
		return report_fail(stream->report, "remember file", ENOMEM);
	if (first)
		return tar_write_hard_link(stream->writer, stream->path, first, &status, stream->report);
	if (write_xattrs(stream, fd) < 0 || tar_write_entry(stream->writer, stream->path, NULL, &status, stream->report) < 0)
		return -1;
	return tar_write_content(stream->writer, fd, (uint64_t)status.st_size, stream->report);
}

int stream_write_file(struct stream *stream, int dir_fd, const char *name)
{
	char link[TAR_PATH_MAX];
	struct stat status;
	ssize_t length;

	if (fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : report_fail(stream->report, "look at file", errno);
	switch (status.st_mode & S_IFMT) {
	case S_IFREG:
		return write_regular(stream, dir_fd, name);
	case S_IFLNK:
		length = readlinkat(dir_fd, name, link, sizeof link - 1);
		if (length < 0)
			return errno == ENOENT || errno == EINVAL ? 0 : report_fail(stream->report, "read link", errno);
		link[length] = 0;
		return tar_write_entry(stream->writer, stream->path, link, &status, stream->report);
	case S_IFSOCK:
	case S_IFDIR: /* put there meanwhile */
		return 0;
	default:
		return tar_write_entry(stream->writer, stream->path, NULL, &status, stream->report);
	}
}
