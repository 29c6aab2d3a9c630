#include "state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/report.h"
#include "../common/scope.h"

/* Opens subdirectory NAME of the storage root, made if absent. */
int state_file_directory(int storage_fd, const char *name, struct report *report)
{
	int fd;

	if (mkdirat(storage_fd, name, 0700) < 0 && errno != EEXIST)
		return report_fail(report, "make state directory", errno);
	fd = openat(storage_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return report_fail(report, "open state directory", errno);
	return fd;
}

static int write_all(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, text, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		text += written;
		length -= (size_t)written;
	}
	return 0;
}

int state_file_write(int storage_fd, const char *directory, const char *id, const char *text, size_t length, struct report *report)
{
	char temporary[80];
	auto_close int dir = state_file_directory(storage_fd, directory, report);
	auto_close int fd = -1;
	int error;

	if (dir < 0)
		return -1;
	(void)snprintf(temporary, sizeof temporary, ".%s", id);
	fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return report_fail(report, "make state file", errno);
	error = write_all(fd, text, length);
	if (!error && renameat(dir, temporary, dir, id) < 0)
		error = -errno;
	if (error) {
		(void)unlinkat(dir, temporary, 0);
		return report_fail(report, "write state file", -error);
	}
	return 0;
}

/* Reads a state file as a string into TEXT. Returns 1, 0 when it is absent or torn, or negative. */
int state_file_read(int storage_fd, const char *directory, const char *id, char *text, size_t capacity, struct report *report)
{
	char path[96];
	auto_close int fd = -1;
	ssize_t got;

	(void)snprintf(path, sizeof path, "%s/%s", directory, id);
	fd = openat(storage_fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return report_fail(report, "open state file", errno);
	got = read(fd, text, capacity - 1);
	if (got < 0)
		return report_fail(report, "read state file", errno);
	text[got] = 0;
	return (size_t)got >= strlen(STATE_FILE_END) && strcmp(text + (size_t)got - strlen(STATE_FILE_END), STATE_FILE_END) == 0;
}

int state_file_remove(int storage_fd, const char *directory, const char *id, struct report *report)
{
	char path[96];

	for (int temporary = 0; temporary < 2; temporary++) { /* a write that was cut off left the second */
		(void)snprintf(path, sizeof path, "%s/%s%s", directory, temporary ? "." : "", id);
		if (unlinkat(storage_fd, path, 0) < 0 && errno != ENOENT)
			return report_fail(report, "remove state file", errno);
	}
	return 0;
}
