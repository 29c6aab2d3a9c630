/* Writing a tar archive: ustar headers, PAX records where ustar cannot say it. Functions return 0 or negative with REPORT filled. */
#ifndef TALLYMAN_TAR_WRITER_H
#define TALLYMAN_TAR_WRITER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct report;

struct tar_writer;

/* Writes to FD, which stays the caller's. NULL when there is no memory. */
struct tar_writer *tar_writer_new(int fd);
void tar_writer_free(struct tar_writer *writer);

/* Adds an attribute to the next entry. */
int tar_write_xattr(struct tar_writer *writer, const char *name, const void *value, size_t length, struct report *report);

/* Starts an entry as STATUS describes it: type, mode, owner, time and, for files, size. PATH is relative, LINK the target of a symbolic link
 * or NULL. Content follows by tar_write_content(). */
int tar_write_entry(struct tar_writer *writer, const char *path, const char *link, const struct stat *status,
		    struct report *report);

/* PATH is another name of the file written as TARGET before. */
int tar_write_hard_link(struct tar_writer *writer, const char *path, const char *target, const struct stat *status,
			struct report *report);

/* The entry's content from FD; a file that has shrunk meanwhile is filled with zeros, one that has grown is cut. */
int tar_write_content(struct tar_writer *writer, int fd, uint64_t size, struct report *report);

/* Exactly SIZE bytes of FD without padding; cut and filled likewise. */
int tar_write_file(struct tar_writer *writer, int fd, uint64_t size, struct report *report);

/* Bytes as they are, for streams that are no archive. */
int tar_write_raw(struct tar_writer *writer, const void *data, size_t length, struct report *report);
int tar_writer_flush(struct tar_writer *writer, struct report *report);

/* The end mark. */
int tar_writer_finish(struct tar_writer *writer, struct report *report);

#endif
