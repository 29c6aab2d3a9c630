/* The entries of a layer become files. Paths are resolved below the root directory only; what is there already is replaced, as with Docker. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "../common/report.h"
#include "../common/scope.h"
#include "clean_path.h"
#include "extract.h"
#include "tar_reader.h"
#include "unpack.h"
#include "unpack_path.h"

#define WHITEOUT ".wh."
#define WHITEOUT_META ".wh..wh."
#define WHITEOUT_OPAQUE ".wh..wh..opq"
#define LARGE_FILE_BYTES (UINT64_C(16) << 20) /* from here on the room on disk is looked at first */

struct unpack {
	struct tar_reader *reader;
	struct tar_entry *entry;
	struct place place;
	struct layer_size size;
	struct extract_directories directories;
	enum unpack_kind kind;
	struct report *report;
};

static int failed(struct unpack *unpack, const char *step)
{
	return report_fail(unpack->report, step, errno);
}

static int refused(struct unpack *unpack, const char *why)
{
	return report_status(unpack->report, TM_E_ARCHIVE, why);
}

static int remember_directory(struct unpack *unpack, const char *path)
{
	if (extract_remember(&unpack->directories, path, unpack->entry) < 0)
		return refused(unpack, "the archive has too many directories");
	return 0;
}

/* Those replaced since are passed over. */
static void set_directory_times(struct unpack *unpack)
{
	for (size_t i = 0; i < unpack->directories.count; i++) {
		const struct extract_directory *directory = &unpack->directories.items[i];
		const struct timespec times[2] = {directory->mtime, directory->mtime};
		struct place *place = &unpack->place;
		const char *name;
		struct report ignored;
		int parent;

		if (!directory->path[0]) {
			(void)futimens(place->root_fd, times);
			continue;
		}
		parent = place_open(place, directory->path, &name, false, &ignored);
		if (parent >= 0)
			(void)utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW);
	}
}

static int set_xattrs(struct unpack *unpack, int fd)
{
	const struct tar_entry *entry = unpack->entry;

	for (size_t i = 0; i < entry->xattr_count; i++) {
		const struct tar_xattr *xattr = &entry->xattrs[i];

		if (!extract_keeps_xattr(xattr->name))
			continue;
		if (fsetxattr(fd, xattr->name, xattr->value, xattr->length, 0) == 0)
			continue;
		if (errno == ENOSPC || errno == EDQUOT)
			return failed(unpack, "set extended attribute");
		return refused(unpack, "an extended attribute is malformed or too large");
	}
	return 0;
}

/* Takes away what is at NAME. Returns 1 when it was a whiteout of this very layer, 0 otherwise, or negative. */
static int clear(struct unpack *unpack, int parent, const char *name)
{
	bool whiteout = place_is_whiteout(parent, name);

	if (unlinkat(parent, name, 0) == 0)
		return whiteout;
	if (errno != EISDIR && errno != EPERM)
		return failed(unpack, "replace entry");
	place_forget(&unpack->place);
	/* PARENT may just have been closed with the memory of it: find it again. */
	parent = place_open(&unpack->place, unpack->entry->path, &name, false, unpack->report);
	return parent < 0 || tree_remove(parent, name, unpack->report) < 0 ? -1 : 0;
}

static int has_room(struct unpack *unpack)
{
	struct statvfs room;

	if (unpack->entry->size < LARGE_FILE_BYTES)
		return 0;
	if (fstatvfs(unpack->place.root_fd, &room) < 0)
		return failed(unpack, "look at room on disk");
	if (unpack->entry->size / room.f_frsize < room.f_bavail)
		return 0;
	errno = ENOSPC;
	return failed(unpack, "write file");
}

static int make_file(struct unpack *unpack, int parent, const char *name)
{
	const struct tar_entry *entry = unpack->entry;
	const struct timespec times[2] = {extract_time(entry), extract_time(entry)};
	auto_close int fd = -1;

	if (has_room(unpack) < 0)
		return -1;
	fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, entry->mode & 0777);
	if (fd < 0)
		return -1;
	if (extract_content(unpack->reader, entry, fd, unpack->report) < 0)
		return unpack->report->status != TM_OK ? -1 : failed(unpack, "write file");
	/* Also root's: a directory may give its own group to what is made in it. */
	if (fchown(fd, entry->uid, entry->gid) < 0)
		return failed(unpack, "set owner");
	/* After the owner, whose change takes these bits away. */
	if ((entry->mode & 07000) && fchmod(fd, entry->mode) < 0)
		return failed(unpack, "set mode");
	if (set_xattrs(unpack, fd) < 0)
		return -1;
	if (futimens(fd, times) < 0)
		return failed(unpack, "set time");
	unpack->size.bytes += entry->size;
	return 0;
}

static int make_directory(struct unpack *unpack, int parent, const char *name)
{
	const struct tar_entry *entry = unpack->entry;
	auto_close int fd = -1;
	struct stat status;
	int whiteout = 0;

	if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISDIR(status.st_mode)) {
		whiteout = clear(unpack, parent, name);
		if (whiteout < 0)
			return -1;
	}
	if (mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
		return failed(unpack, "make directory");
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return failed(unpack, "open directory");
	if (whiteout && fsetxattr(fd, "user.overlay.opaque", "y", 1, 0) < 0)
		return failed(unpack, "mark directory opaque");
	if (fchown(fd, entry->uid, entry->gid) < 0)
		return failed(unpack, "set owner");
	if (fchmod(fd, entry->mode) < 0)
		return failed(unpack, "set mode");
	return set_xattrs(unpack, fd) < 0 ? -1 : remember_directory(unpack, entry->path);
}

static int set_root(struct unpack *unpack)
{
	const struct tar_entry *entry = unpack->entry;

	if (entry->type != '5')
		return refused(unpack, "the root of an archive is no directory");
	if (fchown(unpack->place.root_fd, entry->uid, entry->gid) < 0)
		return failed(unpack, "set owner");
	if (fchmod(unpack->place.root_fd, entry->mode) < 0)
		return failed(unpack, "set mode");
	return set_xattrs(unpack, unpack->place.root_fd) < 0 ? -1 : remember_directory(unpack, "");
}

static int make_symlink(struct unpack *unpack, int parent, const char *name)
{
	const struct tar_entry *entry = unpack->entry;
	const struct timespec times[2] = {extract_time(entry), extract_time(entry)};

	if (!entry->link[0])
		return refused(unpack, "a symbolic link is empty");
	if (symlinkat(entry->link, parent, name) < 0)
		return -1;
	if (fchownat(parent, name, entry->uid, entry->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return failed(unpack, "set owner");
	if (utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return failed(unpack, "set time");
	return 0;
}

static int make_hard_link(struct unpack *unpack, int parent, const char *name)
{
	struct place place;
	const char *target;
	int target_parent;
	int status;

	place_init(&place, unpack->place.root_fd);
	target_parent = place_open(&place, unpack->entry->link, &target, false, unpack->report);
	if (target_parent < 0)
		return -1;
	status = linkat(target_parent, target, parent, name, 0);
	if (status < 0 && errno != EEXIST && errno != ENOSPC && errno != EDQUOT)
		status = refused(unpack, "a hard link has no target in this layer");
	else if (status < 0 && errno != EEXIST)
		status = failed(unpack, "make hard link");
	target_parent = errno;
	place_forget(&place);
	errno = target_parent;
	return status;
}

static int make_fifo(struct unpack *unpack, int parent, const char *name)
{
	const struct tar_entry *entry = unpack->entry;
	const struct timespec times[2] = {extract_time(entry), extract_time(entry)};

	if (mknodat(parent, name, S_IFIFO | (entry->mode & 0777), 0) < 0)
		return -1;
	if (fchownat(parent, name, entry->uid, entry->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return failed(unpack, "set owner");
	if (utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return failed(unpack, "set time");
	return 0;
}

static int make(struct unpack *unpack, int parent, const char *name)
{
	switch (unpack->entry->type) {
	case '0':
		return make_file(unpack, parent, name);
	case '1':
		return make_hard_link(unpack, parent, name);
	case '2':
		return make_symlink(unpack, parent, name);
	default:
		return make_fifo(unpack, parent, name);
	}
}

/* Makes what is no directory. Only the making itself leaves the report empty when it fails, so that EEXIST can be answered by a retry. */
static int make_replacing(struct unpack *unpack, int parent, const char *name)
{
	if (make(unpack, parent, name) == 0)
		return 0;
	if (unpack->report->status != TM_OK)
		return -1;
	if (errno == EEXIST) {
		if (clear(unpack, parent, name) < 0)
			return -1;
		parent = place_open(&unpack->place, unpack->entry->path, &name, true, unpack->report);
		if (parent < 0)
			return -1;
		if (make(unpack, parent, name) == 0)
			return 0;
	}
	if (unpack->report->status != TM_OK)
		return -1;
	return errno == ENAMETOOLONG ? refused(unpack, "a name is too long") : failed(unpack, "make entry");
}

/* A whiteout speaks of the layers below. If this layer has made the name itself, a directory becomes opaque and a file stays as it is. */
static int make_whiteout(struct unpack *unpack, int parent, const char *name)
{
	struct stat status;
	int error;

	if (strcmp(name, WHITEOUT_OPAQUE) == 0) {
		error = place_set_opaque(parent, ".");
		errno = -error;
		return error ? failed(unpack, "mark directory opaque") : 0;
	}
	if (strncmp(name, WHITEOUT_META, strlen(WHITEOUT_META)) == 0)
		return 0; /* other marks of AUFS */
	name += strlen(WHITEOUT);
	if (!name[0] || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return refused(unpack, "a whiteout names no entry");
	if (mknodat(parent, name, S_IFCHR, 0) == 0)
		return 0;
	if (errno != EEXIST)
		return failed(unpack, "make whiteout");
	if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return failed(unpack, "look at entry");
	if (!S_ISDIR(status.st_mode))
		return 0;
	error = place_set_opaque(parent, name);
	errno = -error;
	return error ? failed(unpack, "mark directory opaque") : 0;
}

static int unpack_entry(struct unpack *unpack)
{
	struct tar_entry *entry = unpack->entry;
	const char *name;
	int parent;

	if (!clean_path(entry->path, UNPACK_DEPTH_MAX))
		return refused(unpack, "a path leaves the archive or is too deep");
	if (!entry->path[0])
		return set_root(unpack);
	if (entry->type == '1') {
		if (!clean_path(entry->link, UNPACK_DEPTH_MAX) || !entry->link[0])
			return refused(unpack, "a hard link leaves the archive");
		if (strcmp(entry->link, entry->path) == 0)
			return 0;
	}
	parent = place_open(&unpack->place, entry->path, &name, true, unpack->report);
	if (parent < 0)
		return -1;
	if (unpack->kind == UNPACK_LAYER && strncmp(name, WHITEOUT, strlen(WHITEOUT)) == 0)
		return make_whiteout(unpack, parent, name);
	if (entry->type == '3' || entry->type == '4')
		return 0; /* device nodes would not work in a user namespace; a container gets its own /dev */
	if (entry->type == '5')
		return make_directory(unpack, parent, name);
	return make_replacing(unpack, parent, name);
}

static int unpack_all(struct unpack *unpack)
{
	int found;

	while ((found = tar_next(unpack->reader, unpack->entry, unpack->report)) > 0) {
		if (unpack_entry(unpack) < 0)
			return -1;
		unpack->size.count++;
	}
	return found;
}

int unpack_here(int root_fd, int tar_fd, enum unpack_kind kind, struct layer_size *size, struct report *report)
{
	auto_free struct tar_entry *entry = malloc(sizeof *entry);
	struct unpack unpack = {.reader = tar_reader_new(tar_fd), .entry = entry, .kind = kind, .report = report};
	int status;

	place_init(&unpack.place, root_fd);
	if (!entry || !unpack.reader)
		status = report_fail(report, "unpack layer", ENOMEM);
	else
		status = unpack_all(&unpack);
	if (status == 0)
		set_directory_times(&unpack);
	*size = unpack.size;
	place_forget(&unpack.place);
	tar_reader_free(unpack.reader);
	extract_forget(&unpack.directories);
	return status;
}
