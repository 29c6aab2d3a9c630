/* What the writer writes, the reader reads; and what a hostile writer writes, it refuses. */
#include "../../src/helper/tar_reader.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../src/common/report.h"
#include "../../src/helper/tar_writer.h"
#include "tap.h"

static struct report report;
static struct tar_entry entry;

static void round_trip(void)
{
	int fd = memfd_create("archive", 0);
	struct tar_writer *writer = tar_writer_new(fd);
	struct tar_reader *reader;
	struct stat file = {.st_mode = S_IFREG | 04755, .st_uid = 3000000, .st_gid = 7, .st_size = 5, .st_mtim = {.tv_sec = 1700000000}};
	struct stat link = {.st_mode = S_IFLNK | 0777};
	char path[301];
	const void *content = NULL;
	int source = memfd_create("source", 0);

	memset(path, 'p', sizeof path - 1);
	path[100] = '/';
	path[300] = 0;
	CHECK(write(source, "hello", 5) == 5 && lseek(source, 0, SEEK_SET) == 0, "has a source");
	CHECK(tar_write_xattr(writer, "user.key", "value", 5, &report) == 0 && tar_write_entry(writer, path, NULL, &file, &report) == 0 &&
		      tar_write_content(writer, source, 5, &report) == 0,
	      "writes a file");
	CHECK(tar_write_hard_link(writer, "other", path, &file, &report) == 0 && tar_write_entry(writer, "l", path, &link, &report) == 0, "writes links");
	CHECK(tar_writer_finish(writer, &report) == 0 && lseek(fd, 0, SEEK_END) % TAR_BLOCK == 0, "ends at a block");
	tar_writer_free(writer);
	(void)lseek(fd, 0, SEEK_SET);
	reader = tar_reader_new(fd);
	CHECK(tar_next(reader, &entry, &report) == 1 && strcmp(entry.path, path) == 0 && entry.type == '0' && entry.size == 5, "reads path and size");
	CHECK(entry.mode == 04755 && entry.uid == 3000000 && entry.gid == 7 && entry.mtime == 1700000000, "reads mode, owner and time");
	CHECK(entry.xattr_count == 1 && strcmp(entry.xattrs[0].name, "user.key") == 0 && entry.xattrs[0].length == 5, "reads an attribute");
	CHECK(tar_content(reader, &content, &report) == 5 && memcmp(content, "hello", 5) == 0 && tar_content(reader, &content, &report) == 0, "reads content");
	CHECK(tar_next(reader, &entry, &report) == 1 && entry.type == '1' && strcmp(entry.link, path) == 0 && entry.size == 0, "reads a hard link");
	CHECK(tar_next(reader, &entry, &report) == 1 && entry.type == '2' && strcmp(entry.link, path) == 0 && entry.xattr_count == 0, "reads a symbolic link");
	CHECK(tar_next(reader, &entry, &report) == 0 && tar_next(reader, &entry, &report) == 0, "finds the end, again and again");
	tar_reader_free(reader);
	(void)close(fd);
	(void)close(source);
}

/* Content passed over, a file that shrank, and an archive without its end mark. */
static void uneven(void)
{
	int fd = memfd_create("archive", 0);
	struct tar_writer *writer = tar_writer_new(fd);
	struct tar_reader *reader;
	struct stat file = {.st_mode = S_IFREG | 0644, .st_size = 1000};
	int source = memfd_create("source", 0);

	CHECK(write(source, "short", 5) == 5 && lseek(source, 0, SEEK_SET) == 0, "has a source");
	CHECK(tar_write_entry(writer, "shrunk", NULL, &file, &report) == 0 && tar_write_content(writer, source, 1000, &report) == 0, "fills a shrunken file");
	file.st_size = 0;
	CHECK(tar_write_entry(writer, "next", NULL, &file, &report) == 0 && tar_writer_flush(writer, &report) == 0, "writes another");
	tar_writer_free(writer);
	(void)lseek(fd, 0, SEEK_SET);
	reader = tar_reader_new(fd);
	CHECK(tar_next(reader, &entry, &report) == 1 && tar_next(reader, &entry, &report) == 1 && strcmp(entry.path, "next") == 0, "passes content over");
	CHECK(tar_next(reader, &entry, &report) == 0, "takes the end of the stream as the end");
	tar_reader_free(reader);
	(void)close(fd);
	(void)close(source);
}

static bool refuses(const struct tar_header *headers, size_t count, const char *more, size_t length)
{
	int fd = memfd_create("archive", 0);
	struct tar_reader *reader;
	int found;

	for (size_t i = 0; i < count; i++) {
		struct tar_header header = headers[i];

		tar_checksum_set(&header);
		if (write(fd, &header, sizeof header) != sizeof header)
			return false;
	}
	if (write(fd, more, length) != (ssize_t)length)
		return false;
	(void)lseek(fd, 0, SEEK_SET);
	report = (struct report){0};
	reader = tar_reader_new(fd);
	while ((found = tar_next(reader, &entry, &report)) > 0)
		;
	tar_reader_free(reader);
	(void)close(fd);
	return found < 0 && report.status == TM_E_ARCHIVE;
}

static void hostile(void)
{
	static const char sparse[TAR_BLOCK] = "25 GNU.sparse.major=1\n\0\0\0";
	static const char zero_in_path[TAR_BLOCK] = "12 path=a\0b\n";
	struct tar_header header = {.name = "x", .type = '0', .size = "77777777777", .magic = "ustar"};
	struct tar_header pax = {.name = "p", .type = 'x', .size = "14", .magic = "ustar"};

	CHECK(refuses(&header, 1, "", 0), "refuses content that is not there");
	header = (struct tar_header){.name = "x", .type = 'S'};
	CHECK(refuses(&header, 1, "", 0), "refuses sparse files");
	header.type = '9';
	CHECK(refuses(&header, 1, "", 0), "refuses unknown types");
	header = (struct tar_header){.name = "x", .type = '0', .mode = "rwx"};
	CHECK(refuses(&header, 1, "", 0), "refuses numbers that are none");
	header = (struct tar_header){.name = "x", .type = 'L', .size = "20000"};
	CHECK(refuses(&header, 1, "", 0), "refuses a long name of 8 KiB");
	header = (struct tar_header){.name = "x", .type = '0'};
	CHECK(!refuses(&header, 1, "", 0), "takes the same without it (control)");
	CHECK(refuses(&pax, 1, zero_in_path, sizeof zero_in_path), "refuses a zero byte in a path");
	memcpy(pax.size, "26\0", 3);
	CHECK(refuses(&pax, 1, sparse, sizeof sparse), "refuses PAX sparse files or broken records");
	CHECK(refuses(&header, 1, "half a header", 13), "refuses half a header");
}

int main(void)
{
	round_trip();
	uneven();
	hostile();
	return tap_finish();
}
