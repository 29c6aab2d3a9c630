#include "tar_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/report.h"

#define BUFFER_BYTES 1048576 /* a multiple of the block */
#define XATTR_KEY "SCHILY.xattr."

struct tar_reader {
	int fd;
	unsigned char *buffer;
	size_t start, end;
	uint64_t content; /* bytes left of the entry's content */
	uint64_t padding; /* bytes after it up to the next block */
	uint64_t total;   /* content seen so far */
	uint64_t entries;
	bool ended;
	char *pax; /* records of the entry, valid until the next one */
	size_t pax_length;
	char long_path[TAR_PATH_MAX], long_link[TAR_PATH_MAX]; /* GNU; empty when there is none */
};

struct tar_reader *tar_reader_new(int fd)
{
	struct tar_reader *reader = calloc(1, sizeof *reader);

	if (!reader)
		return NULL;
	reader->fd = fd;
	reader->buffer = malloc(BUFFER_BYTES);
	reader->pax = malloc(TAR_PAX_MAX);
	if (!reader->buffer || !reader->pax) {
		tar_reader_free(reader);
		return NULL;
	}
	return reader;
}

void tar_reader_free(struct tar_reader *reader)
{
	if (!reader)
		return;
	free(reader->buffer);
	free(reader->pax);
	free(reader);
}

static int damaged(struct report *report, const char *what)
{
	return report_status(report, TM_E_ARCHIVE, what);
}

/* Reads more when the buffer is empty. Returns what is in it, 0 at the end of the stream, or negative. */
static int64_t fill(struct tar_reader *reader, struct report *report)
{
	ssize_t got;

	if (reader->start < reader->end)
		return (int64_t)(reader->end - reader->start);
	reader->start = 0;
	reader->end = 0;
	do
		got = read(reader->fd, reader->buffer, BUFFER_BYTES);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return report_fail(report, "read archive", errno);
	reader->end = (size_t)got;
	return got;
}

/* Copies LENGTH bytes of the stream to PLACE (or nowhere, when it is NULL). Returns how many there were, or negative. */
static int64_t take(struct tar_reader *reader, void *place, uint64_t length, struct report *report)
{
	uint64_t done = 0;

	while (done < length) {
		int64_t available = fill(reader, report);
		uint64_t step;

		if (available < 0)
			return -1;
		if (available == 0)
			break;
		step = (uint64_t)available < length - done ? (uint64_t)available : length - done;
		if (place)
			memcpy((unsigned char *)place + done, reader->buffer + reader->start, step);
		reader->start += step;
		done += step;
	}
	return (int64_t)done;
}

static uint64_t padding_of(uint64_t size)
{
	return (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
}

/* Takes SIZE bytes and their padding, all of which must be there. */
static int take_padded(struct tar_reader *reader, void *place, uint64_t size, struct report *report)
{
	int64_t got = take(reader, place, size, report);

	if (got == (int64_t)size && got >= 0) {
		uint64_t padding = padding_of(size);

		got = take(reader, NULL, padding, report);
		if (got == (int64_t)padding)
			return 0;
	}
	return got < 0 ? -1 : damaged(report, "the archive ends within an entry");
}

static int finish_content(struct tar_reader *reader, struct report *report)
{
	uint64_t left = reader->content + reader->padding;
	int64_t got = take(reader, NULL, left, report);

	reader->content = 0;
	reader->padding = 0;
	if (got < 0)
		return -1;
	return (uint64_t)got == left ? 0 : damaged(report, "the archive ends within an entry");
}

/* Reads what follows the end mark, so that a writer at the other end of a pipe can finish. */
static int drain(struct tar_reader *reader, struct report *report)
{
	reader->ended = true;
	return take(reader, NULL, TAR_TRAILER_MAX, report) < 0 ? -1 : 0;
}

static bool is(const struct tar_record *record, const char *key)
{
	return record->key_length == strlen(key) && memcmp(record->key, key, record->key_length) == 0;
}

static int copy_text(char *place, const struct tar_record *record, struct report *report)
{
	if (record->value_length >= TAR_PATH_MAX)
		return damaged(report, "a path is too long");
	if (memchr(record->value, 0, record->value_length))
		return damaged(report, "a path holds a zero byte");
	memcpy(place, record->value, record->value_length);
	place[record->value_length] = 0;
	return 0;
}

static int take_xattr(struct tar_entry *entry, const struct tar_record *record, struct report *report)
{
	const size_t skip = strlen(XATTR_KEY);
	size_t length = record->key_length - skip;
	struct tar_xattr *xattr = &entry->xattrs[entry->xattr_count];

	if (entry->xattr_count == TAR_XATTRS_MAX || length == 0 || length > TAR_XATTR_NAME_MAX ||
	    record->value_length > TAR_XATTR_VALUE_MAX || memchr(record->key + skip, 0, length))
		return damaged(report, "extended attributes are out of bounds");
	memcpy(xattr->name, record->key + skip, length);
	xattr->name[length] = 0;
	xattr->value = record->value;
	xattr->length = record->value_length;
	entry->xattr_count++;
	return 0;
}

static int take_id(uint32_t *place, const struct tar_record *record, struct report *report)
{
	int64_t value;
	uint32_t ignored;

	if (!tar_decimal(record->value, record->value_length, &value, &ignored) || value > UINT32_MAX - 1)
		return damaged(report, "an owner is out of range");
	*place = (uint32_t)value;
	return 0;
}

static int apply_record(struct tar_entry *entry, const struct tar_record *record, struct report *report)
{
	int64_t size;
	uint32_t ignored;

	if (is(record, "path"))
		return copy_text(entry->path, record, report);
	if (is(record, "linkpath"))
		return copy_text(entry->link, record, report);
	if (is(record, "uid"))
		return take_id(&entry->uid, record, report);
	if (is(record, "gid"))
		return take_id(&entry->gid, record, report);
	if (is(record, "size")) {
		if (!tar_decimal(record->value, record->value_length, &size, &ignored))
			return damaged(report, "a size is out of range");
		entry->size = (uint64_t)size;
		return 0;
	}
	if (is(record, "mtime")) {
		if (!tar_decimal(record->value, record->value_length, &entry->mtime, &entry->mtime_ns))
			return damaged(report, "a time is out of range");
		return 0;
	}
	if (record->key_length > strlen(XATTR_KEY) && memcmp(record->key, XATTR_KEY, strlen(XATTR_KEY)) == 0)
		return take_xattr(entry, record, report);
	if (record->key_length >= 11 && memcmp(record->key, "GNU.sparse.", 11) == 0)
		return damaged(report, "sparse files are not supported");
	return 0; /* comments, access times, names of owners */
}

static int apply_pax(struct tar_reader *reader, struct tar_entry *entry, struct report *report)
{
	struct tar_record record;
	size_t at = 0;
	int found;

	while ((found = tar_next_record(reader->pax, reader->pax_length, &at, &record)) > 0) {
		if (apply_record(entry, &record, report) < 0)
			return -1;
	}
	return found < 0 ? damaged(report, "a PAX header is malformed") : 0;
}

static void copy_field(char *place, const char *field, size_t length)
{
	size_t used = strnlen(field, length);

	memcpy(place, field, used);
	place[used] = 0;
}

static int apply_header(const struct tar_header *header, struct tar_entry *entry, struct report *report)
{
	int64_t mode, uid, gid, size;

	if (!tar_number(header->mode, sizeof header->mode, &mode) || !tar_number(header->uid, sizeof header->uid, &uid) ||
	    !tar_number(header->gid, sizeof header->gid, &gid) || !tar_number(header->size, sizeof header->size, &size) ||
	    !tar_number(header->mtime, sizeof header->mtime, &entry->mtime))
		return damaged(report, "a number in a header is malformed");
	if (uid > UINT32_MAX - 1 || gid > UINT32_MAX - 1)
		return damaged(report, "an owner is out of range");
	entry->mode = (uint32_t)mode & 07777;
	entry->uid = (uint32_t)uid;
	entry->gid = (uint32_t)gid;
	entry->size = (uint64_t)size;
	entry->mtime_ns = 0;
	entry->type = header->type;
	if (header->type == 0 || header->type == '7')
		entry->type = '0';
	copy_field(entry->link, header->link, sizeof header->link);
	entry->path[0] = 0;
	if (memcmp(header->magic, "ustar", sizeof header->magic) == 0 && header->prefix[0]) {
		copy_field(entry->path, header->prefix, sizeof header->prefix);
		strcat(entry->path, "/");
	}
	copy_field(entry->path + strlen(entry->path), header->name, sizeof header->name);
	return 0;
}

/* Takes the name of a GNU 'L' or 'K' entry. */
static int take_long_name(struct tar_reader *reader, char place[TAR_PATH_MAX], uint64_t size, struct report *report)
{
	if (size == 0 || size > TAR_PATH_MAX)
		return damaged(report, "a path is too long");
	if (take_padded(reader, place, size, report) < 0)
		return -1;
	if (size == TAR_PATH_MAX && place[size - 1] != 0)
		return damaged(report, "a path is too long");
	if (size < TAR_PATH_MAX)
		place[size] = 0;
	return 0;
}

/* Handles an entry that describes the next one. Returns 1 when ENTRY was such, 0 when not. */
static int take_description(struct tar_reader *reader, const struct tar_entry *entry, struct report *report)
{
	switch (entry->type) {
	case 'x':
	case 'g': /* defaults for all: nothing we use */
		if (entry->size > TAR_PAX_MAX)
			return damaged(report, "a PAX header is too large");
		if (take_padded(reader, entry->type == 'x' ? reader->pax : NULL, entry->size, report) < 0)
			return -1;
		if (entry->type == 'x')
			reader->pax_length = entry->size;
		return 1;
	case 'L':
		return take_long_name(reader, reader->long_path, entry->size, report) < 0 ? -1 : 1;
	case 'K':
		return take_long_name(reader, reader->long_link, entry->size, report) < 0 ? -1 : 1;
	default:
		return 0;
	}
}

/* Completes ENTRY from what was told before it, and checks it. */
static int complete(struct tar_reader *reader, struct tar_entry *entry, struct report *report)
{
	size_t length;

	entry->xattr_count = 0;
	if (reader->long_path[0])
		strcpy(entry->path, reader->long_path);
	if (reader->long_link[0])
		strcpy(entry->link, reader->long_link);
	if (apply_pax(reader, entry, report) < 0)
		return -1;
	if (entry->type < '0' || entry->type > '6')
		return damaged(report, entry->type == 'S' ? "sparse files are not supported" : "an entry has an unknown type");
	length = strlen(entry->path);
	if (entry->type == '0' && length > 0 && entry->path[length - 1] == '/')
		entry->type = '5'; /* how version 7 archives say it */
	if (entry->type != '0')
		entry->size = 0;
	if (entry->size > TAR_BYTES_MAX || reader->total > TAR_BYTES_MAX - entry->size)
		return damaged(report, "the archive is too large");
	if (++reader->entries > TAR_ENTRIES_MAX)
		return damaged(report, "the archive has too many entries");
	reader->total += entry->size;
	reader->content = entry->size;
	reader->padding = padding_of(entry->size);
	return 1;
}

int tar_next(struct tar_reader *reader, struct tar_entry *entry, struct report *report)
{
	struct tar_header header;
	int described = 1;

	if (reader->ended)
		return 0;
	if (finish_content(reader, report) < 0)
		return -1;
	reader->pax_length = 0;
	reader->long_path[0] = 0;
	reader->long_link[0] = 0;
	for (int chain = 0; described > 0; chain++) {
		int64_t got = take(reader, &header, sizeof header, report);

		if (got < 0)
			return -1;
		if (got == 0 || (got == TAR_BLOCK && tar_is_zero(&header))) {
			if (chain > 0)
				return damaged(report, "the archive ends within an entry");
			return drain(reader, report);
		}
		if (got != TAR_BLOCK)
			return damaged(report, "the archive ends within a header");
		if (!tar_checksum_holds(&header))
			return damaged(report, "a header's checksum is wrong");
		if (apply_header(&header, entry, report) < 0)
			return -1;
		if (chain > 8)
			return damaged(report, "too many headers describe one entry");
		described = take_description(reader, entry, report);
	}
	return described < 0 ? -1 : complete(reader, entry, report);
}

int64_t tar_content(struct tar_reader *reader, const void **data, struct report *report)
{
	int64_t available;

	if (reader->content == 0)
		return 0;
	available = fill(reader, report);
	if (available < 0)
		return -1;
	if (available == 0)
		return damaged(report, "the archive ends within an entry");
	if ((uint64_t)available > reader->content)
		available = (int64_t)reader->content;
	*data = reader->buffer + reader->start;
	reader->start += (size_t)available;
	reader->content -= (uint64_t)available;
	return available;
}

int tar_move_content(struct tar_reader *reader, int fd, struct report *report)
{
	if (reader->start < reader->end)
		return 0;
	while (reader->content > 0) {
		ssize_t moved = splice(reader->fd, NULL, fd, NULL, reader->content < BUFFER_BYTES ? (size_t)reader->content : BUFFER_BYTES, 0);

		if (moved < 0 && errno == EINTR)
			continue;
		if (moved < 0)
			return errno == EINVAL ? 0 : report_fail(report, "write file", errno);
		if (moved == 0)
			return damaged(report, "the archive ends within an entry");
		reader->content -= (uint64_t)moved;
	}
	return 1;
}
