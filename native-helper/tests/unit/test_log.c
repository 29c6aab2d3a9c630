/* The files of a log, and what becomes of them when the file system refuses to rename or to remove one. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../../src/monitor/monitor.h"
#include "tap.h"

#define RECORD_BYTES (TM_LOG_HEADER_BYTES + 4) /* a line is four digits */
#define MAX_BYTES (3 * RECORD_BYTES)           /* so three lines make a file */

static const char *const names[] = {"log", "log.1", "log.2", "log.3", "log.4"};

#define NAMES (sizeof names / sizeof names[0])

static int directory;
static const char *kept_name;  /* this name, and no other, cannot be given to a file as long as one has it; NULL: none */
static const char *denied_name; /* this one cannot be given to any; NULL: none */
static bool renames, removes;  /* whether the file system does */
static const char *stuck_name; /* cannot be removed; NULL: none */
static int short_writes;       /* so many records are written in part */

int __real_renameat(int from_fd, const char *from, int to_fd, const char *to);
int __wrap_renameat(int from_fd, const char *from, int to_fd, const char *to);
int __real_unlinkat(int fd, const char *name, int flags);
int __wrap_unlinkat(int fd, const char *name, int flags);
ssize_t __real_writev(int fd, const struct iovec *parts, int count);
ssize_t __wrap_writev(int fd, const struct iovec *parts, int count);

uint64_t record_now_ns(void)
{
	return 1;
}

int __wrap_renameat(int from_fd, const char *from, int to_fd, const char *to)
{
	bool is_kept = kept_name && strcmp(to, kept_name) == 0 && faccessat(to_fd, to, F_OK, 0) == 0;

	if (renames && !is_kept && !(denied_name && strcmp(to, denied_name) == 0))
		return __real_renameat(from_fd, from, to_fd, to);
	errno = is_kept ? ENOSPC : EIO;
	return -1;
}

int __wrap_unlinkat(int fd, const char *name, int flags)
{
	if (removes && !(stuck_name && strcmp(name, stuck_name) == 0))
		return __real_unlinkat(fd, name, flags);
	errno = EIO;
	return -1;
}

ssize_t __wrap_writev(int fd, const struct iovec *parts, int count)
{
	if (short_writes == 0)
		return __real_writev(fd, parts, count);
	short_writes--;
	return __real_writev(fd, parts, 1);
}

/* The lines of a file, "-" for one that is not there, "?" where it is torn. */
static const char *lines(const char *name)
{
	static char text[4096];
	uint8_t record[RECORD_BYTES];
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	text[0] = '\0';
	if (fd < 0)
		return "-";
	while ((got = read(fd, record, sizeof record)) > 0) {
		char line[8];

		(void)snprintf(line, sizeof line, " %.4s", got == (ssize_t)sizeof record ? (char *)record + TM_LOG_HEADER_BYTES : "?");
		(void)strncat(text, text[0] ? line : line + 1, sizeof text - strlen(text) - 1);
	}
	(void)close(fd);
	return text;
}

static bool hold(const char *const *wanted)
{
	bool same = true;

	for (size_t i = 0; i < NAMES; i++) {
		if (strcmp(lines(names[i]), wanted[i]) == 0)
			continue;
		printf("# %s: \"%s\", not \"%s\"\n", names[i], lines(names[i]), wanted[i]);
		same = false;
	}
	return same;
}

static bool holds(const char *log, const char *log1, const char *log2)
{
	const char *const wanted[NAMES] = {log, log1, log2, "-", "-"};

	return hold(wanted);
}

static void write_lines(struct log *log, int first, int last)
{
	char text[8];

	for (int number = first; number <= last; number++) {
		(void)snprintf(text, sizeof text, "%04d", number);
		log_write(log, 1, text, 4);
	}
}

static void begin(struct log *log, int files)
{
	kept_name = denied_name = stuck_name = NULL;
	renames = removes = true;
	for (size_t i = 0; i < NAMES; i++)
		(void)unlinkat(directory, names[i], 0);
	log_open(log, directory, MAX_BYTES, files);
}

static void end(struct log *log)
{
	(void)close(log->fd);
}

static void rotates(void)
{
	struct log log;

	begin(&log, 3);
	write_lines(&log, 1, 10);
	CHECK(holds("0010", "0007 0008 0009", "0004 0005 0006"), "full files are pushed down, and the oldest goes");
	end(&log);
	begin(&log, 1);
	write_lines(&log, 1, 5);
	CHECK(holds("0004 0005", "-", "-"), "a single file begins anew");
	end(&log);
}

static void keeps_lines_when_renaming_fails(void)
{
	struct log log;

	begin(&log, 3);
	write_lines(&log, 1, 3);
	renames = false;
	write_lines(&log, 4, 5);
	CHECK(holds("0001 0002 0003 0004 0005", "-", "-"), "without renaming the newest file has it all");
	short_writes = 1;
	write_lines(&log, 6, 7);
	CHECK(holds("0001 0002 0003 0004 0005 0007", "-", "-"), "and a torn record alone is cut off");
	renames = true;
	write_lines(&log, 8, 9);
	CHECK(holds("0008 0009", "0001 0002 0003 0004 0005 0007", "-"), "the next record goes on with the rotation");
	kept_name = "log.2";
	write_lines(&log, 10, 14);
	CHECK(holds("0014", "0011 0012 0013", "0008 0009 0010"), "a name that cannot be taken over is made free first");
	end(&log);
}

static void goes_on_with_half_a_rotation(void)
{
	struct log log;

	begin(&log, 3);
	write_lines(&log, 1, 6);
	kept_name = "log.1";
	removes = false;
	write_lines(&log, 7, 7);
	CHECK(holds("0007", "0004 0005 0006", "0001 0002 0003"), "a name that is free by then is no obstacle");
	write_lines(&log, 8, 9);
	kept_name = "log.2";
	write_lines(&log, 10, 10);
	CHECK(holds("0007 0008 0009 0010", "0004 0005 0006", "0001 0002 0003"), "nothing is pushed over a file that stays");
	kept_name = NULL;
	write_lines(&log, 11, 11);
	CHECK(holds("0011", "0007 0008 0009 0010", "0004 0005 0006"), "and all move once it goes");
	end(&log);
}

static void keeps_the_hole_where_it_is(void)
{
	const char *const half[] = {"0013 0014 0015 0016 0017 0018", "-", "0010 0011 0012", "0007 0008 0009", "0004 0005 0006"};
	const char *const whole[] = {"0019", "0013 0014 0015 0016 0017 0018", "0010 0011 0012", "0007 0008 0009", "0004 0005 0006"};
	const char *const next[] = {"0022", "0019 0020 0021", "0013 0014 0015 0016 0017 0018", "0010 0011 0012", "0007 0008 0009"};
	struct log log;

	begin(&log, 5);
	write_lines(&log, 1, 15);
	denied_name = "log.1";
	write_lines(&log, 16, 18);
	CHECK(hold(half), "a rotation that is tried again pushes no file over another");
	denied_name = NULL;
	write_lines(&log, 19, 19);
	CHECK(hold(whole), "fills the hole once it can");
	write_lines(&log, 20, 22);
	CHECK(hold(next), "and the next moves all again");
	end(&log);
}

static void removes_the_oldest_first(void)
{
	struct log log;

	begin(&log, 3);
	write_lines(&log, 1, 9);
	renames = false;
	stuck_name = "log.1";
	write_lines(&log, 10, 16);
	CHECK(holds("0007 0008 0009 0010 0011 0012 0013 0014 0015", "0004 0005 0006", "-"), "the newest file takes what all may have, and stays while an older one does");
	stuck_name = "log";
	write_lines(&log, 17, 17);
	CHECK(holds("0007 0008 0009 0010 0011 0012 0013 0014 0015", "-", "-"), "and goes after them");
	stuck_name = NULL;
	write_lines(&log, 18, 18);
	CHECK(holds("0018", "-", "-"), "so that no reader finds older lines where newer ones were");
	end(&log);
}

static void stays_bounded(void)
{
	struct log log;
	struct stat status;

	begin(&log, 3);
	renames = false;
	write_lines(&log, 1, 9);
	CHECK(fstatat(directory, "log", &status, 0) == 0 && status.st_size == 3L * MAX_BYTES, "the newest file takes what all may have");
	write_lines(&log, 10, 12);
	CHECK(holds("0010 0011 0012", "-", "-"), "and then begins anew");
	removes = false;
	write_lines(&log, 13, 99);
	CHECK(holds("0010 0011 0012 0013 0014 0015 0016 0017 0018", "-", "-"), "where nothing can be removed either, it is full");
	renames = true;
	write_lines(&log, 100, 100);
	CHECK(holds("0100", "0010 0011 0012 0013 0014 0015 0016 0017 0018", "-"), "until it can be");
	end(&log);
	begin(&log, 1);
	write_lines(&log, 1, 3);
	removes = false;
	write_lines(&log, 4, 4);
	CHECK(holds("0001 0002 0003", "-", "-"), "a single file that cannot be removed is full, too");
	end(&log);
}

int main(void)
{
	char folder[] = "/tmp/test-log.XXXXXX";

	if (!mkdtemp(folder) || (directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return 1;
	rotates();
	keeps_lines_when_renaming_fails();
	goes_on_with_half_a_rotation();
	keeps_the_hole_where_it_is();
	removes_the_oldest_first();
	stays_bounded();
	renames = removes = true;
	for (size_t i = 0; i < NAMES; i++)
		(void)unlinkat(directory, names[i], 0);
	(void)rmdir(folder);
	return tap_finish();
}
