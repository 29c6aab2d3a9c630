/* CONTAINER_DIFF and CONTAINER_CHANGES: one walk over the writable layer, told as a layer tar or as a list of changes. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "../common/report.h"
#include "../common/scope.h"
#include "stream.h"

/* A directory on the way down. One that differs in nothing but its content is only told of when something in it is. */
struct level {
	struct level *parent;
	int fd;
	bool existed;
	bool told;
	size_t path_length;
};

struct diff {
	struct stream stream;
	bool as_list; /* changes, not a tar */
};

static int tell_change(struct diff *diff, char kind)
{
	struct stream *stream = &diff->stream;
	char start[] = {kind, ' ', '/'};

	if (tar_write_raw(stream->writer, start, sizeof start, stream->report) < 0)
		return -1;
	return tar_write_raw(stream->writer, stream->path, stream->path_length + 1, stream->report);
}

/* Tells of LEVEL and of those above it that were not told of yet. */
static int tell_level(struct diff *diff, struct level *level)
{
	struct stream *stream = &diff->stream;
	char end = stream->path[level->path_length];
	size_t length = stream->path_length;
	int status;

	if (level->told)
		return 0;
	level->told = true;
	if (level->parent && tell_level(diff, level->parent) < 0)
		return -1;
	if (level->path_length == 0)
		return 0; /* the root itself */
	stream->path[level->path_length] = 0;
	stream->path_length = level->path_length;
	if (diff->as_list)
		status = tell_change(diff, level->existed ? 'C' : 'A');
	else
		status = stream_write_directory(stream, level->fd);
	stream->path[level->path_length] = end;
	stream->path_length = length;
	return status;
}

/* Writes an empty entry that stands for something absent; its name is made from the last part of the path. */
static int write_mark(struct diff *diff, const char *prefix, const char *name)
{
	const struct stat status = {.st_mode = S_IFREG | 0600};
	struct stream *stream = &diff->stream;
	size_t length = stream->path_length;
	char mark[300];
	int result;

	if (strlen(prefix) + strlen(name) >= sizeof mark)
		return report_fail(stream->report, "write whiteout", ENAMETOOLONG);
	strcpy(mark, prefix);
	strcat(mark, name);
	if (stream_enter(stream, mark) < 0)
		return -1;
	result = tar_write_entry(stream->writer, stream->path, NULL, &status, stream->report);
	stream_leave(stream, length);
	return result;
}

/* What the start of a container leaves behind: the places where its own files are mounted. They are no change anybody made. */
static bool is_mount_point(const struct stream *stream, int dir_fd, const char *name, const struct stat *status)
{
	static const char *const files[] = {"etc/hosts", "etc/hostname", "etc/resolv.conf"};
	static const char *const directories[] = {"dev", "proc", "sys"};
	struct stat inside;

	for (size_t i = 0; i < 3; i++) {
		if (S_ISREG(status->st_mode) && status->st_size == 0 && strcmp(stream->path, files[i]) == 0)
			return true;
		/* two links: no directory in it; other things do not get there, as something else is mounted over it */
		if (S_ISDIR(status->st_mode) && strcmp(stream->path, directories[i]) == 0 &&
		    fstatat(dir_fd, name, &inside, AT_SYMLINK_NOFOLLOW) == 0 && inside.st_nlink <= 2)
			return true;
	}
	return false;
}

static int diff_directory(struct diff *diff, struct level *level, const struct merge_stack *lower);

/* A directory of the writable layer. BEFORE is what the layers show in its place, or NULL; BELOW the layers that contribute to that. */
static int diff_subdirectory(struct diff *diff, struct level *parent, const char *name, const struct stat *status,
			     const struct stat *before, struct merge_stack *below)
{
	struct stream *stream = &diff->stream;
	auto_close int fd = openat(parent->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct level level = {.parent = parent, .fd = fd, .path_length = stream->path_length};
	bool same;
	bool opaque;

	if (fd < 0)
		return 0; /* replaced meanwhile */
	level.existed = before != NULL;
	opaque = merge_is_opaque(fd) && before && S_ISDIR(before->st_mode);
	same = before && S_ISDIR(before->st_mode) && before->st_mode == status->st_mode && before->st_uid == status->st_uid &&
	       before->st_gid == status->st_gid;
	if ((!same || opaque) && tell_level(diff, &level) < 0)
		return -1;
	if (opaque && !diff->as_list && write_mark(diff, ".wh..wh..opq", "") < 0)
		return -1;
	if (opaque)
		below->count = 0;
	return diff_directory(diff, &level, below);
}

static int diff_name(struct diff *diff, struct level *level, const char *name, const struct merge_stack *lower)
{
	struct stream *stream = &diff->stream;
	auto_free struct merge_stack *below = malloc(sizeof *below);
	struct stat status;
	struct stat before;
	int existed;

	if (!below)
		return report_fail(stream->report, "walk tree", ENOMEM);
	if (fstatat(level->fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : report_fail(stream->report, "look at file", errno);
	existed = merge_lookup(&stream->merge, stream->path, lower, &before, below, stream->report);
	if (existed < 0)
		return -1;
	if (S_ISDIR(status.st_mode) && !(!existed && is_mount_point(stream, level->fd, name, &status)))
		return diff_subdirectory(diff, level, name, &status, existed ? &before : NULL, below);
	if ((!existed && is_mount_point(stream, level->fd, name, &status)) || S_ISSOCK(status.st_mode))
		return 0;
	if (merge_is_whiteout(&status)) {
		if (!existed)
			return 0;
		if (tell_level(diff, level) < 0)
			return -1;
		if (diff->as_list)
			return tell_change(diff, 'D');
		stream_leave(stream, level->path_length);
		return write_mark(diff, ".wh.", name);
	}
	if (tell_level(diff, level) < 0)
		return -1;
	return diff->as_list ? tell_change(diff, existed ? 'C' : 'A') : stream_write_file(stream, level->fd, name);
}

static int diff_directory(struct diff *diff, struct level *level, const struct merge_stack *lower)
{
	const struct merge_stack upper = {.count = 1};
	struct stream *stream = &diff->stream;
	struct merge_names names;
	size_t length = stream->path_length;
	int status = merge_read(&stream->merge, stream->path, &upper, &names, stream->report);

	for (size_t i = 0; i < names.count && status == 0; i++) {
		status = stream_enter(stream, names.items[i].name);
		if (status == 0)
			status = diff_name(diff, level, names.items[i].name, lower);
		stream_leave(stream, length);
	}
	merge_names_free(&names);
	return status;
}

static int walk(int storage_fd, const char *const *layers, size_t layer_count, int upper_fd, int out_fd, bool as_list,
		struct report *report)
{
	auto_free struct diff *diff = malloc(sizeof *diff);
	struct merge_stack lower;
	struct level root = {0};
	int status;

	if (!diff)
		return report_fail(report, "walk tree", ENOMEM);
	diff->as_list = as_list;
	status = stream_open(&diff->stream, storage_fd, layers, layer_count, upper_fd, out_fd, report);
	if (status == 0) {
		lower = merge_all(&diff->stream.merge, 1);
		root.fd = diff->stream.merge.roots[0];
		status = diff_directory(diff, &root, &lower);
	}
	if (status == 0)
		status = as_list ? tar_writer_flush(diff->stream.writer, report) : tar_writer_finish(diff->stream.writer, report);
	stream_close(&diff->stream);
	return status;
}

int layer_diff(int storage_fd, const char *const *layers, size_t layer_count, int upper_fd, int out_fd, struct report *report)
{
	return walk(storage_fd, layers, layer_count, upper_fd, out_fd, false, report);
}

int layer_changes(int storage_fd, const char *const *layers, size_t layer_count, int upper_fd, int out_fd, struct report *report)
{
	return walk(storage_fd, layers, layer_count, upper_fd, out_fd, true, report);
}
