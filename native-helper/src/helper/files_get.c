/* Looking at, and archiving, files inside a container. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../common/scope.h"
#include "files.h"
#include "stream.h"

/* A path of a request, opened: NAME in PARENT_FD; for a directory that is meant itself, "." in it. */
struct found {
	struct files_path path;
	const char *name;
	int parent_fd;
	struct stat status;
};

static int refuse(const struct files_path *path, int error, struct report *report)
{
	if (error == ENOENT)
		return report_status(report, TM_E_ABSENT, FILES_NOT_FOUND);
	if (error == ENOTDIR)
		return report_parts(report, TM_E_INVALID, path->absolute, ": not a directory", "");
	if (error == ELOOP)
		return report_parts(report, TM_E_INVALID, path->absolute, ": too many levels of symbolic links", "");
	return report_fail(report, "open a path of the container", error);
}

static int find(const char *path, struct found *found, struct report *report)
{
	found->parent_fd = -1;
	if (files_path_split(path, &found->path, report) < 0)
		return -1;
	found->parent_fd = files_path_open(found->path.directory, O_PATH | O_DIRECTORY);
	if (found->parent_fd < 0)
		return refuse(&found->path, -found->parent_fd, report);
	found->name = found->path.base[0] ? found->path.base : ".";
	if (fstatat(found->parent_fd, found->name, &found->status, AT_SYMLINK_NOFOLLOW) < 0)
		return refuse(&found->path, errno, report);
	return 0;
}

static int write_row(struct tar_writer *writer, const char *name, const struct stat *status, const char *link, struct report *report)
{
	char numbers[160];
	int length = snprintf(numbers, sizeof numbers, "%u %lld %lld %ld %u %u", status->st_mode, (long long)status->st_size,
			      (long long)status->st_mtim.tv_sec, status->st_mtim.tv_nsec, status->st_uid, status->st_gid);

	if (tar_write_raw(writer, numbers, (size_t)length + 1, report) < 0 || tar_write_raw(writer, name, strlen(name) + 1, report) < 0)
		return -1;
	return tar_write_raw(writer, link, strlen(link) + 1, report);
}

static int write_own_row(struct tar_writer *writer, const struct found *found, struct report *report)
{
	char target[TAR_PATH_MAX] = "";

	if (S_ISLNK(found->status.st_mode) && files_path_follow(found->path.absolute, target, report) < 0)
		return -1;
	return write_row(writer, found->path.name, &found->status, target, report);
}

static int write_entry_row(struct tar_writer *writer, int dir_fd, const char *name, struct report *report)
{
	char link[TAR_PATH_MAX];
	struct stat status;
	ssize_t length = 0;

	if (fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : report_fail(report, "look at a file", errno);
	if (S_ISLNK(status.st_mode))
		length = readlinkat(dir_fd, name, link, sizeof link - 1);
	link[length > 0 ? length : 0] = '\0';
	return write_row(writer, name, &status, link, report);
}

static bool is_dots(const char *name)
{
	return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

/* The directory NAME in PARENT_FD for reading; NULL when it is none any more. */
static DIR *open_directory(int parent_fd, const char *name)
{
	int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);

	if (!directory && fd >= 0)
		(void)close(fd);
	return directory;
}

static int write_entry_rows(struct tar_writer *writer, const struct found *found, struct report *report)
{
	DIR *directory = open_directory(found->parent_fd, found->name);
	const struct dirent *entry;
	int status = 0;

	if (!directory)
		return refuse(&found->path, errno, report);
	while (status == 0 && (entry = readdir(directory)))
		if (!is_dots(entry->d_name))
			status = write_entry_row(writer, dirfd(directory), entry->d_name, report);
	(void)closedir(directory);
	return status;
}

int files_stat(const struct request *request, int out_fd, struct report *report)
{
	struct tar_writer *writer = tar_writer_new(out_fd);
	struct found found;
	int status;

	if (!writer)
		return report_status(report, TM_E_EXHAUSTED, "no memory");
	status = find(request->path, &found, report);
	if (status == 0)
		status = write_own_row(writer, &found, report);
	if (status == 0 && (request->file_flags & TM_FILE_ENTRIES))
		status = write_entry_rows(writer, &found, report);
	if (status == 0)
		status = tar_writer_flush(writer, report);
	scope_close(&found.parent_fd);
	tar_writer_free(writer);
	return status;
}

/* A directory that is being archived. */
struct walk {
	const struct walk *above; /* NULL for the one that was asked for */
	struct stat status;
	bool is_root;
	bool is_made_up;
};

/* Whether the kernel makes the files up as they are read, as those of /proc and /sys: many of them not even root may read. */
static bool is_made_up(int fd)
{
	struct statfs about;

	return fstatfs(fd, &about) == 0 && (about.f_type == PROC_SUPER_MAGIC || about.f_type == SYSFS_MAGIC || about.f_type == CGROUP_SUPER_MAGIC ||
					    about.f_type == CGROUP2_SUPER_MAGIC);
}

static int walk_begin(struct walk *walk, const struct walk *above, int fd, struct report *report)
{
	struct stat root;

	*walk = (struct walk){.above = above, .is_made_up = is_made_up(fd)};
	if (fstat(fd, &walk->status) < 0 || stat("/", &root) < 0)
		return report_fail(report, "look at a directory", errno);
	walk->is_root = walk->status.st_dev == root.st_dev && walk->status.st_ino == root.st_ino;
	return 0;
}

/* What a container gets from the kernel is no content of the directory that it is mounted in: its place alone is archived, unless it was asked for. */
static bool is_place(const struct walk *walk, const char *name)
{
	if (!walk->above || walk->above->is_made_up || walk->status.st_dev == walk->above->status.st_dev)
		return false;
	return walk->is_made_up || (walk->above->is_root && strcmp(name, "dev") == 0);
}

/* Its size says nothing, and reading it may do something. */
static int write_made_up(struct stream *stream, int dir_fd, const char *name)
{
	char link[TAR_PATH_MAX] = "";
	struct stat status;

	if (fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0 || (S_ISLNK(status.st_mode) && readlinkat(dir_fd, name, link, sizeof link - 1) < 0))
		return 0; /* gone meanwhile, or nobody's to see */
	if (!S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode))
		return 0;
	status.st_size = 0;
	return tar_write_entry(stream->writer, stream->path, S_ISLNK(status.st_mode) ? link : NULL, &status, stream->report);
}

/* Writes the directory NAME in PARENT_FD, whose path is the stream's, and all in it. */
static int write_tree(struct stream *stream, int parent_fd, const char *name, const struct walk *above)
{
	DIR *directory = open_directory(parent_fd, name);
	size_t length = stream->path_length;
	const struct dirent *entry;
	struct walk walk;
	int status;

	if (!directory && above && above->is_made_up && (errno == EACCES || errno == EPERM))
		return 0;
	if (!directory)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : report_fail(stream->report, "open a directory", errno);
	status = walk_begin(&walk, above, dirfd(directory), stream->report);
	if (status == 0)
		status = stream_write_directory(stream, dirfd(directory));
	while (status == 0 && !is_place(&walk, name) && (entry = readdir(directory))) {
		struct stat about = {.st_mode = entry->d_type == DT_DIR ? S_IFDIR : S_IFREG};

		if (is_dots(entry->d_name))
			continue;
		if (entry->d_type == DT_UNKNOWN && fstatat(dirfd(directory), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) < 0)
			continue; /* gone meanwhile */
		status = stream_enter(stream, entry->d_name);
		if (status == 0)
			status = S_ISDIR(about.st_mode) ? write_tree(stream, dirfd(directory), entry->d_name, &walk) :
				 walk.is_made_up	? write_made_up(stream, dirfd(directory), entry->d_name) :
							  stream_write_file(stream, dirfd(directory), entry->d_name);
		stream_leave(stream, length);
	}
	(void)closedir(directory);
	return status;
}

static int write_archive(struct stream *stream, const struct found *found)
{
	int status;

	strcpy(stream->path, found->path.name);
	stream->path_length = strlen(stream->path);
	status = S_ISDIR(found->status.st_mode)	 ? write_tree(stream, found->parent_fd, found->name, NULL) :
		 is_made_up(found->parent_fd) ? write_made_up(stream, found->parent_fd, found->name) :
						   stream_write_file(stream, found->parent_fd, found->name);
	return status < 0 ? -1 : tar_writer_finish(stream->writer, stream->report);
}

static int write_content(struct tar_writer *writer, const struct found *found, struct report *report)
{
	auto_close int fd = -1;
	struct stat status;

	if (!S_ISREG(found->status.st_mode))
		return report_parts(report, TM_E_INVALID, found->path.absolute, ": not a regular file", "");
	fd = openat(found->parent_fd, found->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) < 0)
		return refuse(&found->path, errno, report);
	if (!S_ISREG(status.st_mode))
		return report_parts(report, TM_E_INVALID, found->path.absolute, ": not a regular file", "");
	return tar_write_file(writer, fd, (uint64_t)found->status.st_size, report);
}

int files_get(const struct request *request, int out_fd, struct report *report)
{
	auto_free struct stream *stream = calloc(1, sizeof *stream);
	struct found found;
	int status;

	if (!stream || !(stream->writer = tar_writer_new(out_fd)))
		return report_status(report, TM_E_EXHAUSTED, "no memory");
	stream->report = report;
	status = find(request->path, &found, report);
	if (status == 0)
		status = write_own_row(stream->writer, &found, report);
	if (status == 0)
		status = request->file_flags & TM_FILE_CONTENT ? write_content(stream->writer, &found, report) : write_archive(stream, &found);
	if (status == 0)
		status = tar_writer_flush(stream->writer, report);
	scope_close(&found.parent_fd);
	stream_close(stream);
	return status;
}
