/* What export, diff and changes share: the open layers, the output, the path being looked at. */
#ifndef TALLYMAN_STREAM_H
#define TALLYMAN_STREAM_H

#include "hard_links.h"
#include "layer.h"
#include "merge.h"
#include "tar_reader.h"
#include "tar_writer.h"

struct stream {
	struct merge merge; /* the writable layer first */
	struct tar_writer *writer;
	struct hard_links links;
	struct report *report;
	char path[TAR_PATH_MAX]; /* "" or "a/b" */
	size_t path_length;
};

int stream_open(struct stream *stream, int storage_fd, const char *const *layers, size_t layer_count, int upper_fd, int out_fd,
		struct report *report);
void stream_close(struct stream *stream);

/* Goes down to NAME, and up again to the LENGTH that was before. */
int stream_enter(struct stream *stream, const char *name);
void stream_leave(struct stream *stream, size_t length);

/* Writes the file NAME in DIR_FD, whose path is the stream's, with all it has. A socket or a file that is gone writes nothing. */
int stream_write_file(struct stream *stream, int dir_fd, const char *name);

/* Writes the header of the directory FD, whose path is the stream's. */
int stream_write_directory(struct stream *stream, int fd);

#endif
