#include "monitor.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* After so much the kernel is asked to begin writing it to the disk. What is dirty when a container's last process ends keeps its end waiting:
 * its mounts go, and with an overlay the whole file system below is written back first (ovl_sync_fs). */
#define LOG_BACKLOG_BYTES (4u << 20)

static void log_name(char *out, size_t size, int number)
{
	if (number == 0)
		(void)snprintf(out, size, "log");
	else
		(void)snprintf(out, size, "log.%d", number);
}

static void log_open_newest(struct log *log)
{
	struct stat status;

	log->fd = openat(log->directory_fd, "log", O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	log->size = log->fd >= 0 && fstat(log->fd, &status) == 0 ? (uint64_t)status.st_size : 0;
	log->begun = log->size;
}

/* A power cut may have torn the last record; what is written behind it would be lost to every reader. */
static void log_cut_torn_record(struct log *log)
{
	uint8_t header[TM_LOG_HEADER_BYTES];
	uint64_t whole = 0;
	uint32_t length;

	while (whole + sizeof header <= log->size && pread(log->fd, header, sizeof header, (off_t)whole) == (ssize_t)sizeof header) {
		memcpy(&length, header + 12, sizeof length);
		length = be32toh(length);
		if (header[8] < 1 || header[8] > 2 || length > TM_LOG_CHUNK_MAX_BYTES || whole + sizeof header + length > log->size)
			break;
		whole += sizeof header + length;
	}
	if (whole < log->size && ftruncate(log->fd, (off_t)whole) == 0)
		log->size = log->begun = whole;
}

void log_open(struct log *log, int directory_fd, uint64_t max, int files)
{
	*log = (struct log){.directory_fd = directory_fd, .fd = -1, .max = max, .files = files};
	if (directory_fd < 0)
		return;
	log_open_newest(log);
	if (log->fd >= 0)
		log_cut_torn_record(log);
}

/* One step of a rotation: the file NUMBER - 1 takes the place of NUMBER. */
static bool log_move(const struct log *log, int number)
{
	char from[24], to[24];

	log_name(from, sizeof from, number - 1);
	log_name(to, sizeof to, number);
	if (renameat(log->directory_fd, from, log->directory_fd, to) == 0 || errno == ENOENT)
		return true;
	/* On a full disk a name that is free may be had where one that is taken is not; what it had was to go anyway. */
	return unlinkat(log->directory_fd, to, 0) == 0 && renameat(log->directory_fd, from, log->directory_fd, to) == 0;
}

static void log_begin_new(struct log *log)
{
	(void)close(log->fd);
	log_open_newest(log);
}

/* The lowest number that no file has: the log is young, or a rotation did not come further than there. Otherwise the highest, whose file is to go. */
static int log_vacancy(const struct log *log)
{
	struct stat status;
	char name[24];

	for (int number = 1; number < log->files - 1; number++) {
		log_name(name, sizeof name, number);
		if (fstatat(log->directory_fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
			return number;
	}
	return log->files - 1;
}

/* log -> log.1 -> log.2 ...; the oldest is replaced. Each step is one rename, so a reader always finds whole files. A rotation that could not be
 * ended leaves the file open, and is gone on with at the next record. */
static void log_rotate(struct log *log)
{
	for (int number = log_vacancy(log); number > 0; number--)
		if (!log_move(log, number))
			return;
	/* Truncating it would mislead those who read it. */
	if (log->files == 1 && unlinkat(log->directory_fd, "log", 0) < 0 && errno != ENOENT)
		return;
	log_begin_new(log);
}

/* From the oldest on: a reader that has read the newest would take what is left of older ones for what came next. */
static bool log_remove_all(const struct log *log)
{
	char name[24];

	for (int number = log->files - 1; number >= 0; number--) {
		log_name(name, sizeof name, number);
		if (unlinkat(log->directory_fd, name, 0) < 0 && errno != ENOENT)
			return false;
	}
	return true;
}

/* True if LENGTH bytes more may be written. Where files cannot be renamed the newest takes what it and the others may have together; then all go, as
 * after so much output they would have gone by rotations. */
static bool log_make_room(struct log *log, size_t length)
{
	if (log->size == 0 || log->size + length <= log->max)
		return true;
	log_rotate(log);
	if (log->fd < 0 || log->size == 0 || log->size + length <= log->max * (uint64_t)log->files)
		return true;
	if (!log_remove_all(log))
		return false;
	log_begin_new(log);
	return true;
}

/* Does not wait for the disk, unless the device takes no more requests. */
static void log_begin_writeback(struct log *log)
{
	if (log->size - log->begun < LOG_BACKLOG_BYTES)
		return;
	/* One that cannot be asked writes it later by itself. */
	(void)sync_file_range(log->fd, (off_t)log->begun, (off_t)(log->size - log->begun), SYNC_FILE_RANGE_WRITE);
	log->begun = log->size;
}

void log_write(struct log *log, uint8_t stream, const void *bytes, size_t length)
{
	uint8_t header[TM_LOG_HEADER_BYTES] = {0};
	uint64_t time = htobe64(record_now_ns());
	uint32_t size = htobe32((uint32_t)length);
	struct iovec parts[2] = {{header, sizeof header}, {(void *)(uintptr_t)bytes, length}};
	ssize_t written;

	if (log->directory_fd < 0)
		return;
	if (log->fd >= 0 && !log_make_room(log, sizeof header + length))
		return;
	if (log->fd < 0)
		log_open_newest(log);
	if (log->fd < 0)
		return;
	memcpy(header, &time, sizeof time);
	header[8] = stream;
	memcpy(header + 12, &size, sizeof size);
	written = writev(log->fd, parts, 2);
	/* A full disk must not stop the container: what does not fit is lost, and a torn record is cut off, so that readers stay in step. */
	if (written != (ssize_t)(sizeof header + length)) {
		if (written > 0 && ftruncate(log->fd, (off_t)log->size) < 0)
			(void)lseek(log->fd, 0, SEEK_END);
		return;
	}
	log->size += (uint64_t)written;
	log_begin_writeback(log);
}
