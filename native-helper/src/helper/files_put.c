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
#include "extract.h"
#include "files.h"
#include "files_below.h"
#include "layer.h"

struct put {
	const struct request *request;
	const struct files_owner *owner;
	struct tar_reader *reader;
	struct tar_entry *entry;
	struct files_size *size;
	struct report *report;
	struct files_below below;
	struct extract_directories directories;
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
	(void)snprintf(text, 201, "%.90s/%.100s", put->below.destination, path);
}

static uint32_t owner_of(const struct put *put)
{
	return put->owner->has_owner ? put->owner->uid : put->entry->uid;
}

static uint32_t group_of(const struct put *put)
{
	return put->owner->has_owner ? put->owner->gid : put->entry->gid;
}

/* The directory of the entry; it stays PUT's. *NAME becomes the last part of the entry's path. */
static int open_parent(struct put *put, const char **name)
{
	char *path = put->entry->path;
	int fd = files_below_parent(&put->below, path, name, true);

	if (fd >= 0)
		return fd;
	errno = -fd;
	if (errno == ENOTDIR || errno == ELOOP || errno == ENOENT)
		return refused(put, "%.200s: not a directory%s", path, "");
	return failed(put, "open the directory of an entry");
}

static int remember_directory(struct put *put)
{
	if (extract_remember(&put->directories, put->entry->path, put->entry) < 0)
		return refused(put, "the archive has too many directories%s%s", "", "");
	return 0;
}

static void set_directory_times(struct put *put)
{
	for (size_t i = 0; i < put->directories.count; i++) {
		const struct extract_directory *directory = &put->directories.items[i];
		const struct timespec times[2] = {directory->mtime, directory->mtime};
		const char *name;
		int parent = files_below_parent(&put->below, directory->path, &name, false);

		if (parent >= 0)
			(void)utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW); /* it may be gone again */
	}
}

/* A file system that has none (tmpfs) goes without. */
static int set_xattrs(struct put *put, int fd)
{
	for (size_t i = 0; i < put->entry->xattr_count; i++) {
		const struct tar_xattr *xattr = &put->entry->xattrs[i];

		if (!extract_keeps_xattr(xattr->name))
			continue;
		if (fsetxattr(fd, xattr->name, xattr->value, xattr->length, 0) < 0 && errno != EOPNOTSUPP)
			return errno == ENOSPC || errno == EDQUOT ? failed(put, "set extended attribute") :
								    refused(put, "an extended attribute is malformed or too large%s%s", "", "");
	}
	return 0;
}

static int finish_file(struct put *put, int fd)
{
	const struct tar_entry *entry = put->entry;
	const struct timespec times[2] = {extract_time(entry), extract_time(entry)};

	if (extract_content(put->reader, entry, fd, put->report) < 0)
		return put->report->status != TM_OK ? -1 : failed(put, "write file");
	/* Also root's: a directory may give its own group to what is made in it. */
	if (fchown(fd, owner_of(put), group_of(put)) < 0)
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

	if (fd < 0 && (errno == ENOENT || errno == ELOOP || errno == ENXIO || errno == EISDIR))
		return refused(put, "%.200s: no file to write over%s", put->entry->path, "");
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

	if (put->entry->link[0] == '/' || put->below.destination[0] == '\0')
		return true; /* by Docker's rule the first is below the container's root, and the root has nothing outside */
	(void)snprintf(whole, sizeof whole, "%.*s/%s", slash ? (int)(slash - put->entry->path) : 0, put->entry->path, put->entry->link);
	return clean_path(whole, CLEAN_PATH_DEPTH_MAX);
}

static int make_symlink(struct put *put, int parent, const char *name)
{
	const struct tar_entry *entry = put->entry;
	const struct timespec times[2] = {extract_time(entry), extract_time(entry)};
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
	fd = files_below_open(&put->below, slash ? put->entry->link : "");
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
		return refused(put, "cannot overwrite directory \"%s\" with non-directory \"%.200s\"", text, put->below.destination[0] ? put->below.destination : "/");
	if ((put->request->file_flags & TM_FILE_KEEP_KIND) && is_directory)
		return refused(put, "cannot overwrite non-directory \"%s\" with directory \"%.200s\"", text, put->below.destination[0] ? put->below.destination : "/");
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
		return refused(put, "\"%s\" is outside of \"%.200s\"", given, put->below.destination[0] ? put->below.destination : "/");
	if (strlen(put->below.destination) + strlen(entry->path) + 2 > TAR_PATH_MAX)
		return refused(put, "a name in the archive is too long%s%s", "", "");
	if (!entry->path[0])
		return entry->type == '5' ? 0 : refused(put, "\"%s\" names the destination itself%s", given, "");
	if ((put->request->file_flags & TM_FILE_OVERWRITE) && (entry->type != '0' || strchr(entry->path, '/')))
		return refused(put, "only files of the destination are written over, not \"%s\"%s", given, "");
	parent = open_parent(put, &name);
	if (parent < 0)
		return -1;
	if (put->request->file_flags & TM_FILE_OVERWRITE)
		room = 1;
	else
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
	if ((about.f_flag & ST_RDONLY) && !(put->request->file_flags & TM_FILE_OVERWRITE))
		return report_status(put->report, TM_E_DENIED, FILES_READ_ONLY);
	if (files_path_follow(path->absolute, put->below.destination, put->report) < 0)
		return -1;
	if (strcmp(put->below.destination, "/") == 0)
		put->below.destination[0] = '\0';
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
	put->below.parent_fd = -1;
	status = put_all(put);
	files_below_forget(&put->below);
	tar_reader_free(put->reader);
	extract_forget(&put->directories);
	return status;
}
