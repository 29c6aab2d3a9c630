/* CONTAINER_EXPORT: the merged tree as a tar. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "../common/report.h"
#include "../common/scope.h"
#include "stream.h"

static int export_directory(struct stream *stream, const struct merge_stack *stack);

/* Writes what shows at the stream's path: NAME in LAYER's directory DIR_FD. */
static int export_name(struct stream *stream, const struct merge_stack *stack, int dir_fd, const char *name)
{
	auto_close int fd = -1;
	auto_free struct merge_stack *below = malloc(sizeof *below);
	struct stat status;
	int found;

	if (!below)
		return report_fail(stream->report, "walk tree", ENOMEM);
	found = merge_lookup(&stream->merge, stream->path, stack, &status, below, stream->report);
	if (found <= 0)
		return found;
	if (!S_ISDIR(status.st_mode))
		return stream_write_file(stream, dir_fd, name);
	fd = merge_open(&stream->merge, below->layers[0], stream->path);
	if (fd < 0)
		return 0; /* replaced meanwhile */
	if (stream_write_directory(stream, fd) < 0)
		return -1;
	return export_directory(stream, below);
}

static int export_directory(struct stream *stream, const struct merge_stack *stack)
{
	struct merge_names names;
	size_t length = stream->path_length;
	int status = merge_read(&stream->merge, stream->path, stack, &names, stream->report);

	for (size_t i = 0; i < names.count && status == 0; i++) {
		const struct merge_name *name = &names.items[i];
		auto_close int dir_fd = -1;

		if (name->hidden)
			continue;
		dir_fd = merge_open(&stream->merge, name->layer, stream->path);
		if (dir_fd < 0)
			continue; /* replaced meanwhile */
		status = stream_enter(stream, name->name);
		if (status == 0)
			status = export_name(stream, stack, dir_fd, name->name);
		stream_leave(stream, length);
	}
	merge_names_free(&names);
	return status;
}

int layer_export(int storage_fd, const char *const *layers, size_t layer_count, int upper_fd, int out_fd, struct report *report)
{
	auto_free struct stream *stream = malloc(sizeof *stream);
	struct merge_stack all;
	int status;

	if (!stream)
		return report_fail(report, "walk tree", ENOMEM);
	status = stream_open(stream, storage_fd, layers, layer_count, upper_fd, out_fd, report);
	if (status == 0) {
		all = merge_all(&stream->merge, 0);
		status = export_directory(stream, &all);
	}
	if (status == 0)
		status = tar_writer_finish(stream->writer, report);
	stream_close(stream);
	return status;
}

int layer_export_files(int root_fd, int out_fd, struct report *report)
{
	auto_free struct stream *stream = malloc(sizeof *stream);
	struct merge_stack all;
	int status;

	if (!stream)
		return report_fail(report, "walk tree", ENOMEM);
	status = stream_open(stream, -1, NULL, 0, root_fd, out_fd, report);
	if (status == 0)
		status = stream_enter(stream, ".");
	if (status == 0)
		status = stream_write_directory(stream, root_fd);
	if (status == 0) {
		stream_leave(stream, 0);
		all = merge_all(&stream->merge, 0);
		status = export_directory(stream, &all);
	}
	if (status == 0)
		status = tar_writer_finish(stream->writer, report);
	stream_close(stream);
	return status;
}
