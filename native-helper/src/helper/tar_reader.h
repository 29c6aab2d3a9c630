/* A tar archive as a stream of entries: ustar, GNU long names and PAX headers. Hostile input ends in TM_E_ARCHIVE. */
#ifndef TALLYMAN_TAR_READER_H
#define TALLYMAN_TAR_READER_H

#include <stddef.h>
#include <stdint.h>

#include "tar_header.h"

struct report;

#define TAR_PATH_MAX 4096                  /* bytes with the NUL, as PATH_MAX */
#define TAR_PAX_MAX 1048576                /* bytes of one PAX header, as Go's archive/tar */
#define TAR_XATTRS_MAX 64                  /* extended attributes of an entry */
#define TAR_XATTR_NAME_MAX 255             /* as the kernel's XATTR_NAME_MAX */
#define TAR_XATTR_VALUE_MAX 65536          /* as the kernel's XATTR_SIZE_MAX */
#define TAR_BYTES_MAX (UINT64_C(64) << 30) /* of content in an archive */
#define TAR_ENTRIES_MAX 1000000
#define TAR_TRAILER_MAX (64 << 20) /* bytes read and thrown away after the end */

struct tar_xattr {
	char name[TAR_XATTR_NAME_MAX + 1];
	const void *value; /* valid until the next entry */
	size_t length;
};

struct tar_entry {
	char type; /* '0' file, '1' hard link, '2' symbolic link, '3' '4' devices, '5' directory, '6' fifo */
	char path[TAR_PATH_MAX];
	char link[TAR_PATH_MAX];
	uint32_t mode; /* permission bits, at most 07777 */
	uint32_t uid;
	uint32_t gid;
	uint64_t size;
	int64_t mtime;
	uint32_t mtime_ns;
	struct tar_xattr xattrs[TAR_XATTRS_MAX];
	size_t xattr_count;
};

struct tar_reader;

/* Reads from FD, which stays the caller's. NULL when there is no memory. */
struct tar_reader *tar_reader_new(int fd);
void tar_reader_free(struct tar_reader *reader);

/* Goes on to the next entry; what is left of the last one's content is passed over.
 * Returns 1, 0 at the end of the archive (the stream is then read to its end), or negative with REPORT filled. */
int tar_next(struct tar_reader *reader, struct tar_entry *entry, struct report *report);

/* The next piece of the entry's content: *DATA is valid until the next call. Returns its length, 0 at the end, or negative. */
int64_t tar_content(struct tar_reader *reader, const void **data, struct report *report);

/* Moves what is left of the entry's content to the file FD without looking at it. Returns 1 when all is there, 0 when the stream is none that
 * this works for or some of it was read already (then tar_content() goes on), or negative. */
int tar_move_content(struct tar_reader *reader, int fd, struct report *report);

#endif
