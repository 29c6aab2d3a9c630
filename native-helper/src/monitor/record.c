#include "monitor.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RECORD_MAX_BYTES 128

uint64_t record_now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock */
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void record_keep_room(int directory_fd)
{
	char nothing[RECORD_MAX_BYTES] = {0};
	int fd = directory_fd < 0 ? -1 : openat(directory_fd, "exit.new", O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);

	if (fd < 0)
		return; /* tried again when there is an end */
	(void)!pwrite(fd, nothing, sizeof nothing, 0);
	(void)close(fd);
}

int record_write(int directory_fd, const struct ending *ending, uint64_t started_ns)
{
	char line[RECORD_MAX_BYTES];
	int length, fd, result = -1;

	if (directory_fd < 0 || faccessat(directory_fd, "exit", F_OK, 0) == 0)
		return 0;
	length = snprintf(line, sizeof line, "%u %u %u %llu %llu\n", ending->code, ending->signal, ending->oom,
			  (unsigned long long)started_ns, (unsigned long long)ending->finished_ns);
	fd = openat(directory_fd, "exit.new", O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return -1;
	if (pwrite(fd, line, (size_t)length, 0) == length && ftruncate(fd, length) == 0 && fsync(fd) == 0 &&
	    renameat(directory_fd, "exit.new", directory_fd, "exit") == 0 && fsync(directory_fd) == 0)
		result = 0;
	(void)close(fd);
	return result;
}

bool record_oom_struck(int fd)
{
	char text[512];
	const char *found;
	ssize_t length;

	if (fd < 0)
		return false;
	length = pread(fd, text, sizeof text - 1, 0);
	if (length <= 0)
		return false;
	text[length] = 0;
	/* v2 memory.events and v1 memory.oom_control (Linux 4.13 on) both have this line. */
	found = strstr(text, "oom_kill ");
	return found && strtoul(found + 9, NULL, 10) > 0;
}
