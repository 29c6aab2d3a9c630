/* Extracting a tar into a directory of a container, by Docker's rules. Entries are resolved inside the container's root; those that would
 * leave the destination are refused, and what was extracted before stays. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "../common/scope.h"
#include "clean_path.h"
#include "files.h"
#include "layer.h"

#define MOVED_BYTES 262144          /* content from here on goes from pipe to file without a copy here */
#define TIME_MAX (INT64_C(1) << 34) /* year 2514: what ext4 can store */

/* A directory whose time is set at the end, after everything in it was made. */
struct directory {
	char *path; /* below the destination */
	struct timespec mtime;
};

struct put {
	const struct request *request;
	const struct files_owner *owner;
	struct tar_reader *reader;
	struct tar_entry *entry;
	struct files_size *size;
	struct report *report;
	char destination[TAR_PATH_MAX]; /* absolute, without links; "" for the root */
	char parent[TAR_PATH_MAX];      /* below it, of the last entry: archives name the files of a directory one after the other */
	int parent_fd;                  /* -1: none */
	struct directory *directories;
	size_t directory_count, directory_capacity;
};

static int failed(struct put *put, const char *step)
{
	if (errno == EROFS)
		return report_status(put->report, TM_E_DENIED, FILES_READ_ONLY);
	if (errno == ENAMETOOLONG)
		return report_status(put->report, TM_E_INVALID, "a name in the archive is too long");
	return report_fail(put->report, step, errno);
}

/* A text with two paths of the archive in quotes; cut when it gets long. */
static int refused(struct put *put, const char *form, const char *first, const char *second)
{
	char text[sizeof put->report->text];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	(void)snprintf(text, sizeof text, form, first, second);
#pragma GCC diagnostic pop
	return report_status(put->report, TM_E_INVALID, text);
}

static void name_of(const struct put *put, const char *path, char text[201])
{
	(void)snprintf(text, 201, "%.90s/%.100s", put->destination, path);
}

static struct timespec entry_time(const struct tar_entry *entry)
{
	return (struct timespec){.tv_sec = entry->mtime < TIME_MAX ? entry->mtime : TIME_MAX, .tv_nsec = entry->mtime_ns};
}

static uint32_t owner_of(const struct put *put)
{
	return put->owner->has_owner ? put->owner->uid : put->entry->uid;
}

static uint32_t group_of(const struct put *put)
{
	return put->owner->has_owner ? put->owner->gid : put->entry->gid;
}

static void forget_parent(struct put *put)
{
	scope_close(&put->parent_fd);
	put->parent_fd = -1;
}

static int open_below(struct put *put, const char *path)
{
	char whole[2 * TAR_PATH_MAX];

	(void)snprintf(whole, sizeof whole, "%s/%s", put->destination, path);
	return files_path_open(whole, O_RDONLY | O_DIRECTORY);
}

/* Opens the directory PATH below the destination, making what is missing part by part. */
static int open_making(struct put *put, char *path)
{
	int parent = open_below(put, "");

	for (char *start = path; parent >= 0;) {
		char *slash = strchr(start, '/');
		int fd;

		if (slash)
			*slash = '\0';
		fd = open_below(put, path);
		if (fd == -ENOENT)
			fd = mkdirat(parent, start, 0755) < 0 ? -errno : open_below(put, path);
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

/* Opens the directory that PATH (clean) lies in; it stays PUT's. *NAME becomes the last part of PATH. */
static int open_parent(struct put *put, char *path, const char **name, bool make)
{
	char *slash = strrchr(path, '/');
	int fd;

	*name = slash ? slash + 1 : path;
	if (slash)
		*slash = '\0';
	if (put->parent_fd < 0 || strcmp(put->parent, slash ? path : "") != 0) {
		forget_parent(put);
		fd = open_below(put, slash ? path : "");
		if (fd == -ENOENT && make && slash)
			fd = open_making(put, path);
		put->parent_fd = fd;
		strcpy(put->parent, slash ? path : "");
	}
	if (slash)
		*slash = '/';
	if (put->parent_fd >= 0)
		return put->parent_fd;
	errno = -put->parent_fd;
	put->parent_fd = -1;
	if (errno == ENOTDIR || errno == ELOOP || errno == ENOENT)
		return refused(put, "%.200s: not a directory%s", path, "");
	return failed(put, "open the directory of an entry");
}

static int remember_directory(struct put *put)
{
	if (put->directory_count == put->directory_capacity) {
		size_t capacity = put->directory_capacity ? put->directory_capacity * 2 : 256;
		void *larger = reallocarray(put->directories, capacity, sizeof *put->directories);

		if (!larger)
			return refused(put, "the archive has too many directories%s%s", "", "");
		put->directories = larger;
		put->directory_capacity = capacity;
	}
	put->directories[put->directory_count] = (struct directory){strdup(put->entry->path), entry_time(put->entry)};
	if (!put->directories[put->directory_count].path)
		return refused(put, "the archive has too many directories%s%s", "", "");
	put->directory_count++;
	return 0;
}

/* Later entries last, so that a directory named twice keeps its last time. */
static void set_directory_times(struct put *put)
{
	for (size_t i = 0; i < put->directory_count; i++) {
		const struct timespec times[2] = {put->directories[i].mtime, put->directories[i].mtime};
		struct report ignored = {0}, *real = put->report;
		const char *name;
		int parent;

		put->report = &ignored;
		parent = open_parent(put, put->directories[i].path, &name, false);
		put->report = real;
		if (parent >= 0)
			(void)utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW); /* it may be gone again */
	}
}

/* Only what a container may have: its own attributes and file capabilities. A file system that has none (tmpfs) goes without. */
static int set_xattrs(struct put *put, int fd)
{
	for (size_t i = 0; i < put->entry->xattr_count; i++) {
		const struct tar_xattr *xattr = &put->entry->xattrs[i];

		if (strncmp(xattr->name, "user.overlay.", 13) == 0 ||
		    (strncmp(xattr->name, "user.", 5) != 0 && strcmp(xattr->name, "security.capability") != 0))
			continue;
		if (fsetxattr(fd, xattr->name, xattr->value, xattr->length, 0) < 0 && errno != EOPNOTSUPP)
			return errno == ENOSPC || errno == EDQUOT ? failed(put, "set extended attribute") :
								    refused(put, "an extended attribute is malformed or too large%s%s", "", "");
	}
	return 0;
}

static int write_content(struct put *put, int fd)
{
	const void *data;
	int64_t length;

	while ((length = tar_content(put->reader, &data, put->report)) > 0) {
		const char *from = data;

		while (length > 0) {
			ssize_t written = write(fd, from, (size_t)length);

			if (written < 0 && errno == EINTR)
				continue;
			if (written < 0)
				return failed(put, "write file");
			from += written;
			length -= written;
		}
		if (put->entry->size >= MOVED_BYTES) {
			int moved = tar_move_content(put->reader, fd, put->report);

			if (moved != 0)
				return moved < 0 ? -1 : 0;
		}
	}
	return (int)length;
}

static int finish_file(struct put *put, int fd)
{
	const struct tar_entry *entry = put->entry;
	const struct timespec times[2] = {entry_time(entry), entry_time(entry)};

	if (write_content(put, fd) < 0)
		return -1;
	if ((owner_of(put) || group_of(put)) && fchown(fd, owner_of(put), group_of(put)) < 0)
		return failed(put, "set owner");
	/* After the owner, whose change takes the upper bits away. */
	if ((entry->mode & 07000) && fchmod(fd, entry->mode) < 0)
		return failed(put, "set mode");
	if (set_xattrs(put, fd) < 0)
		return -1;
	if (futimens(fd, times) < 0)
		return failed(put, "set time");
	put->size->bytes += entry->size;
	return 0;
}

static int make_file(struct put *put, int parent, const char *name)
{
	auto_close int fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, put->entry->mode & 0777);

	return fd < 0 ? failed(put, "make file") : finish_file(put, fd);
}

/* A file that is a mount point, as /etc/hosts is, cannot be replaced but written. */
static int overwrite_file(struct put *put, int parent, const char *name)
{
	auto_close int fd = openat(parent, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0)
		return failed(put, "open file");
	if (!S_ISREG(status.st_mode) || ftruncate(fd, 0) < 0) {
		errno = EBUSY;
		return failed(put, "replace file");
	}
	return finish_file(put, fd);
}

static int make_directory(struct put *put, int parent, const char *name)
{
	const struct tar_entry *entry = put->entry;
	auto_close int fd = -1;

	if (mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
		return failed(put, "make directory");
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return failed(put, "open directory");
	if (fchown(fd, owner_of(put), group_of(put)) < 0)
		return failed(put, "set owner");
	if (fchmod(fd, entry->mode) < 0)
		return failed(put, "set mode");
	return set_xattrs(put, fd) < 0 ? -1 : remember_directory(put);
}

/* Links of an archive may lead to its destination and below only. */
static bool link_stays(const struct put *put)
{
	char whole[2 * TAR_PATH_MAX];
	const char *slash = strrchr(put->entry->path, '/');

	if (put->entry->link[0] == '/' || put->destination[0] == '\0')
		return true; /* by Docker's rule the first is below the container's root, and the root has nothing outside */
	(void)snprintf(whole, sizeof whole, "%.*s/%s", slash ? (int)(slash - put->entry->path) : 0, put->entry->path, put->entry->link);
	return clean_path(whole, CLEAN_PATH_DEPTH_MAX);
}

static int make_symlink(struct put *put, int parent, const char *name)
{
	const struct tar_entry *entry = put->entry;
	const struct timespec times[2] = {entry_time(entry), entry_time(entry)};
	char text[201];

	name_of(put, entry->path, text);
	if (!entry->link[0] || !link_stays(put))
		return refused(put, "invalid symlink \"%s\" -> \"%.200s\"", text, entry->link);
	if (symlinkat(entry->link, parent, name) < 0)
		return failed(put, "make symbolic link");
	if (fchownat(parent, name, owner_of(put), group_of(put), AT_SYMLINK_NOFOLLOW) < 0)
		return failed(put, "set owner");
	return utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW) < 0 ? failed(put, "set time") : 0;
}

static int make_hard_link(struct put *put, int parent, const char *name)
{
	char given[101], text[201];
	auto_close int fd = -1;
	char *slash;

	(void)snprintf(given, sizeof given, "%.100s", put->entry->link);
	name_of(put, put->entry->path, text);
	if (!clean_path(put->entry->link, CLEAN_PATH_DEPTH_MAX) || !put->entry->link[0])
		return refused(put, "invalid hardlink \"%s\" -> \"%s\"", text, given);
	slash = strrchr(put->entry->link, '/');
	if (slash)
		*slash = '\0';
	fd = open_below(put, slash ? put->entry->link : "");
	if (fd < 0 || linkat(fd, slash ? slash + 1 : put->entry->link, parent, name, 0) < 0) {
		if (fd >= 0 && errno != ENOENT && errno != ENOTDIR && errno != EXDEV && errno != EPERM)
			return failed(put, "make hard link");
		return refused(put, "link %s: \"%s\" cannot be linked to", text, given);
	}
	return 0;
}

static int make_fifo(struct put *put, int parent, const char *name)
{
	if (mkfifoat(parent, name, put->entry->mode & 0777) < 0)
		return failed(put, "make fifo");
	return fchownat(parent, name, owner_of(put), group_of(put), AT_SYMLINK_NOFOLLOW) < 0 ? failed(put, "set owner") : 0;
}

static int make(struct put *put, int parent, const char *name)
{
	switch (put->entry->type) {
	case '0':
		return make_file(put, parent, name);
	case '1':
		return make_hard_link(put, parent, name);
	case '2':
		return make_symlink(put, parent, name);
	case '5':
		return make_directory(put, parent, name);
	case '6':
		return make_fifo(put, parent, name);
	default:
		return refused(put, "%.200s: device nodes cannot be made in a container%s", put->entry->path, "");
	}
}

/* Takes away what is at NAME, unless both are directories. Returns 1 when it is to be written over, 0, or negative. */
static int make_room(struct put *put, int parent, const char *name)
{
	bool is_directory = put->entry->type == '5';
	struct stat status;
	char text[201];

	if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : failed(put, "look at entry");
	name_of(put, put->entry->path, text);
	if (S_ISDIR(status.st_mode) && is_directory)
		return 0;
	if ((put->request->file_flags & TM_FILE_KEEP_KIND) && S_ISDIR(status.st_mode))
		return refused(put, "cannot overwrite directory \"%s\" with non-directory \"%.200s\"", text, put->destination[0] ? put->destination : "/");
	if ((put->request->file_flags & TM_FILE_KEEP_KIND) && is_directory)
		return refused(put, "cannot overwrite non-directory \"%s\" with directory \"%.200s\"", text, put->destination[0] ? put->destination : "/");
	if (unlinkat(parent, name, 0) == 0)
		return 0;
	if (errno == EBUSY && put->entry->type == '0' && S_ISREG(status.st_mode))
		return 1;
	if (errno != EISDIR && errno != EPERM)
		return failed(put, "replace entry");
	return tree_remove(parent, name, put->report);
}

static int put_entry(struct put *put)
{
	struct tar_entry *entry = put->entry;
	char given[101];
	const char *name;
	int parent, room;

	(void)snprintf(given, sizeof given, "%.100s", entry->path);
	if (!clean_path(entry->path, CLEAN_PATH_DEPTH_MAX))
		return refused(put, "\"%s\" is outside of \"%.200s\"", given, put->destination[0] ? put->destination : "/");
	if (strlen(put->destination) + strlen(entry->path) + 2 > TAR_PATH_MAX)
		return refused(put, "a name in the archive is too long%s%s", "", "");
	if (!entry->path[0])
		return entry->type == '5' ? 0 : refused(put, "\"%s\" names the destination itself%s", given, "");
	parent = open_parent(put, entry->path, &name, true);
	if (parent < 0)
		return -1;
	room = make_room(put, parent, name);
	if (room < 0)
		return -1;
	put->size->count++;
	return room > 0 ? overwrite_file(put, parent, name) : make(put, parent, name);
}

/* Where the archive goes: a directory that can be written. */
static int open_destination(struct put *put)
{
	struct files_path *path = malloc(sizeof *path);
	auto_free void *owned = path;
	auto_close int fd = -1;
	struct statvfs about;

	if (!path)
		return report_status(put->report, TM_E_EXHAUSTED, "no memory");
	if (files_path_split(put->request->path, path, put->report) < 0)
		return -1;
	fd = files_path_open(path->absolute, O_RDONLY | O_DIRECTORY);
	if (fd == -ENOENT)
		return report_status(put->report, TM_E_ABSENT, FILES_NOT_FOUND);
	if (fd == -ENOTDIR)
		return report_status(put->report, TM_E_INVALID, "extraction point is not a directory");
	if (fd < 0 || fstatvfs(fd, &about) < 0)
		return report_fail(put->report, "open the destination", fd < 0 ? -fd : errno);
	if (about.f_flag & ST_RDONLY)
		return report_status(put->report, TM_E_DENIED, FILES_READ_ONLY);
	if (files_path_follow(path->absolute, put->destination, put->report) < 0)
		return -1;
	if (strcmp(put->destination, "/") == 0)
		put->destination[0] = '\0';
	return 0;
}

static int put_all(struct put *put)
{
	int found;

	if (open_destination(put) < 0)
		return -1;
	while ((found = tar_next(put->reader, put->entry, put->report)) > 0)
		if (put_entry(put) < 0)
			return -1;
	if (found == 0)
		set_directory_times(put);
	return found;
}

int files_put(const struct request *request, const struct files_owner *owner, int tar_fd, struct files_size *size, struct report *report)
{
	auto_free struct put *put = calloc(1, sizeof *put);
	auto_free struct tar_entry *entry = malloc(sizeof *entry);
	int status;

	if (!put || !entry || !(put->reader = tar_reader_new(tar_fd)))
		return report_status(report, TM_E_EXHAUSTED, "no memory");
	put->request = request;
	put->owner = owner;
	put->entry = entry;
	put->size = size;
	put->report = report;
	put->parent_fd = -1;
	status = put_all(put);
	forget_parent(put);
	tar_reader_free(put->reader);
	for (size_t i = 0; i < put->directory_count; i++)
		free(put->directories[i].path);
	free(put->directories);
	return status;
}
