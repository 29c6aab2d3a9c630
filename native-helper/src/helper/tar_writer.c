#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../common/report.h"
#include "tar_header.h"
#include "tar_writer.h"

#define BUFFER_BYTES 1048576
#define MOVED_BYTES 262144 /* a file from here on is not copied through the buffer */
#define PAX_BYTES 262144 /* two paths and 64 attributes of usual size */
#define OCTAL_ID_MAX 07777777
#define OCTAL_SIZE_MAX 077777777777

struct tar_writer {
	int fd;
	unsigned char *buffer;
	size_t used;
	char *pax; /* records of the next entry */
	size_t pax_length;
};

struct tar_writer *tar_writer_new(int fd)
{
	struct tar_writer *writer = calloc(1, sizeof *writer);

	if (!writer)
		return NULL;
	writer->fd = fd;
	writer->buffer = malloc(BUFFER_BYTES);
	writer->pax = malloc(PAX_BYTES);
	if (writer->buffer && writer->pax)
		return writer;
	tar_writer_free(writer);
	return NULL;
}

void tar_writer_free(struct tar_writer *writer)
{
	if (!writer)
		return;
	free(writer->buffer);
	free(writer->pax);
	free(writer);
}

int tar_writer_flush(struct tar_writer *writer, struct report *report)
{
	size_t done = 0;

	while (done < writer->used) {
		ssize_t written = write(writer->fd, writer->buffer + done, writer->used - done);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return report_fail(report, "write archive", errno);
		done += (size_t)written;
	}
	writer->used = 0;
	return 0;
}

int tar_write_raw(struct tar_writer *writer, const void *data, size_t length, struct report *report)
{
	const unsigned char *from = data;

	while (length > 0) {
		size_t step = BUFFER_BYTES - writer->used;

		if (step > length)
			step = length;
		memcpy(writer->buffer + writer->used, from, step);
		writer->used += step;
		from += step;
		length -= step;
		if (writer->used == BUFFER_BYTES && tar_writer_flush(writer, report) < 0)
			return -1;
	}
	return 0;
}

static int write_zeros(struct tar_writer *writer, uint64_t length, struct report *report)
{
	static const unsigned char zeros[TAR_BLOCK];

	while (length > 0) {
		size_t step = length < sizeof zeros ? (size_t)length : sizeof zeros;

		if (tar_write_raw(writer, zeros, step, report) < 0)
			return -1;
		length -= step;
	}
	return 0;
}

static uint64_t padding_of(uint64_t size)
{
	return (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
}

/* Appends "LENGTH KEY=VALUE\n", where LENGTH counts its own digits. */
static int add_record(struct tar_writer *writer, const char *key, const void *value, size_t length, struct report *report)
{
	size_t rest = strlen(key) + length + 3; /* blank, equals sign, newline */
	size_t total = rest + 1;
	int written;

	for (size_t power = 10; power <= total; power *= 10) {
		total++;
	}
	if (total > PAX_BYTES - writer->pax_length - 1)
		return report_fail(report, "describe entry", E2BIG);
	written = sprintf(writer->pax + writer->pax_length, "%zu %s=", total, key);
	memcpy(writer->pax + writer->pax_length + written, value, length);
	writer->pax_length += total;
	writer->pax[writer->pax_length - 1] = '\n';
	return 0;
}

static int add_text(struct tar_writer *writer, const char *key, const char *text, struct report *report)
{
	return add_record(writer, key, text, strlen(text), report);
}

static int add_number(struct tar_writer *writer, const char *key, uint64_t value, struct report *report)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%llu", (unsigned long long)value);
	return add_text(writer, key, text, report);
}

int tar_write_xattr(struct tar_writer *writer, const char *name, const void *value, size_t length, struct report *report)
{
	char key[300];

	(void)snprintf(key, sizeof key, "SCHILY.xattr.%s", name);
	return add_record(writer, key, value, length, report);
}

static void put_octal(char *field, size_t length, uint64_t value)
{
	field[length - 1] = 0;
	for (size_t i = length - 1; i-- > 0;) {
		field[i] = (char)('0' + (value & 7));
		value >>= 3;
	}
}

static void put_text(char *field, size_t length, const char *text)
{
	memcpy(field, text, strnlen(text, length));
}

static void fill_header(struct tar_header *header, char type, const char *path, uint64_t size)
{
	*header = (struct tar_header){.type = type, .magic = "ustar", .version = {'0', '0'}};
	put_text(header->name, sizeof header->name, path);
	put_octal(header->mode, sizeof header->mode, 0);
	put_octal(header->uid, sizeof header->uid, 0);
	put_octal(header->gid, sizeof header->gid, 0);
	put_octal(header->size, sizeof header->size, size <= OCTAL_SIZE_MAX ? size : 0);
	put_octal(header->mtime, sizeof header->mtime, 0);
	put_octal(header->major, sizeof header->major, 0);
	put_octal(header->minor, sizeof header->minor, 0);
}

/* Writes the records gathered so far as the PAX header of the entry that follows. */
static int write_pax(struct tar_writer *writer, struct report *report)
{
	struct tar_header header;
	size_t length = writer->pax_length;

	if (length == 0)
		return 0;
	writer->pax_length = 0;
	fill_header(&header, 'x', "PaxHeaders/entry", length);
	put_octal(header.mode, sizeof header.mode, 0644);
	tar_checksum_set(&header);
	if (tar_write_raw(writer, &header, sizeof header, report) < 0 || tar_write_raw(writer, writer->pax, length, report) < 0)
		return -1;
	return write_zeros(writer, padding_of(length), report);
}

/* Gathers the records for what does not fit the ustar header. */
static int add_overflow(struct tar_writer *writer, const char *path, const char *link, const struct stat *status,
			uint64_t size, struct report *report)
{
	if (strlen(path) > sizeof((struct tar_header *)0)->name && add_text(writer, "path", path, report) < 0)
		return -1;
	if (link && strlen(link) > sizeof((struct tar_header *)0)->link && add_text(writer, "linkpath", link, report) < 0)
		return -1;
	if (status->st_uid > OCTAL_ID_MAX && add_number(writer, "uid", status->st_uid, report) < 0)
		return -1;
	if (status->st_gid > OCTAL_ID_MAX && add_number(writer, "gid", status->st_gid, report) < 0)
		return -1;
	if (size > OCTAL_SIZE_MAX && add_number(writer, "size", size, report) < 0)
		return -1;
	return 0;
}

static int write_header(struct tar_writer *writer, char type, const char *path, const char *link, const struct stat *status,
			struct report *report)
{
	uint64_t size = type == '0' ? (uint64_t)status->st_size : 0;
	struct tar_header header;

	if (add_overflow(writer, path, link, status, size, report) < 0 || write_pax(writer, report) < 0)
		return -1;
	fill_header(&header, type, path, size);
	if (link)
		put_text(header.link, sizeof header.link, link);
	put_octal(header.mode, sizeof header.mode, status->st_mode & 07777);
	put_octal(header.uid, sizeof header.uid, status->st_uid <= OCTAL_ID_MAX ? status->st_uid : 0);
	put_octal(header.gid, sizeof header.gid, status->st_gid <= OCTAL_ID_MAX ? status->st_gid : 0);
	if (status->st_mtim.tv_sec > 0 && status->st_mtim.tv_sec <= OCTAL_SIZE_MAX)
		put_octal(header.mtime, sizeof header.mtime, (uint64_t)status->st_mtim.tv_sec);
	if (type == '3' || type == '4') {
		put_octal(header.major, sizeof header.major, major(status->st_rdev));
		put_octal(header.minor, sizeof header.minor, minor(status->st_rdev));
	}
	tar_checksum_set(&header);
	return tar_write_raw(writer, &header, sizeof header, report);
}

static char type_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return '5';
	case S_IFLNK:
		return '2';
	case S_IFIFO:
		return '6';
	case S_IFCHR:
		return '3';
	case S_IFBLK:
		return '4';
	default:
		return '0';
	}
}

int tar_write_entry(struct tar_writer *writer, const char *path, const char *link, const struct stat *status,
		    struct report *report)
{
	return write_header(writer, type_of(status->st_mode), path, link, status, report);
}

int tar_write_hard_link(struct tar_writer *writer, const char *path, const char *target, const struct stat *status,
			struct report *report)
{
	writer->pax_length = 0; /* attributes came with the first name */
	return write_header(writer, '1', path, target, status, report);
}

/* Moves as much as it can from file to pipe without a copy here; *LEFT is what remains to be read. */
static int move_file(struct tar_writer *writer, int fd, uint64_t *left, struct report *report)
{
	if (tar_writer_flush(writer, report) < 0)
		return -1;
	while (*left > 0) {
		ssize_t moved = splice(fd, NULL, writer->fd, NULL, *left < BUFFER_BYTES ? (size_t)*left : BUFFER_BYTES, 0);

		if (moved < 0 && errno == EINTR)
			continue;
		if (moved <= 0)
			return 0; /* no pipe, or the file has shrunk; what cannot be written will be said by write() */
		*left -= (uint64_t)moved;
	}
	return 0;
}

int tar_write_file(struct tar_writer *writer, int fd, uint64_t size, struct report *report)
{
	uint64_t left = size;

	if (size >= MOVED_BYTES && move_file(writer, fd, &left, report) < 0)
		return -1;
	while (left > 0) {
		size_t room = BUFFER_BYTES - writer->used;
		ssize_t got = read(fd, writer->buffer + writer->used, left < room ? (size_t)left : room);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return report_fail(report, "read file", errno);
		if (got == 0)
			break;
		writer->used += (size_t)got;
		left -= (uint64_t)got;
		if (writer->used == BUFFER_BYTES && tar_writer_flush(writer, report) < 0)
			return -1;
	}
	return write_zeros(writer, left, report);
}

int tar_write_content(struct tar_writer *writer, int fd, uint64_t size, struct report *report)
{
	if (tar_write_file(writer, fd, size, report) < 0)
		return -1;
	return write_zeros(writer, padding_of(size), report);
}

int tar_writer_finish(struct tar_writer *writer, struct report *report)
{
	if (write_zeros(writer, (uint64_t)2 * TAR_BLOCK, report) < 0)
		return -1;
	return tar_writer_flush(writer, report);
}
