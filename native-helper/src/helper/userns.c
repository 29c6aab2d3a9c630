#include "userns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/scope.h"
#include "child.h"
#include "descriptors.h"
#include "state.h"

static int write_map(int proc_fd, const char *file, const char *map)
{
	auto_close int fd = openat(proc_fd, file, O_WRONLY | O_CLOEXEC);
	ssize_t length = (ssize_t)strlen(map);

	return fd < 0 || write(fd, map, (size_t)length) != length ? -1 : 0;
}

/* The user namespace of PID, with the ids of MAP. */
static int open_userns(int pid, const char *map, struct report *report)
{
	auto_close int proc = -1, userns = -1;
	char path[32];

	(void)snprintf(path, sizeof path, "/proc/%d", pid);
	proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0 || write_map(proc, "gid_map", map) < 0 || write_map(proc, "uid_map", map) < 0)
		return report_fail(report, "map the container's ids", errno);
	userns = openat(proc, "ns/user", O_RDONLY | O_CLOEXEC);
	return userns < 0 ? report_fail(report, "open a user namespace", errno) : take_fd(&userns);
}

/* Until it is killed, or the helper has ended. */
static _Noreturn void hold(int made_fd)
{
	descriptors_keep(&made_fd, 1);
	if (unshare(CLONE_NEWUSER) < 0 || child_end_with_helper() < 0 || write(made_fd, "", 1) != 1)
		_exit(1);
	for (;;)
		(void)pause();
}

/* A process makes it, the descriptor keeps it. */
static int make(const char *map, struct report *report)
{
	int ends[2], userns = -1;
	char byte;
	pid_t holder;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return report_fail(report, "make a pipe", errno);
	holder = child_fork();
	if (holder == 0)
		hold(ends[1]);
	(void)close(ends[1]);
	if (holder < 0)
		(void)report_fail(report, "make a process", errno);
	else if (read(ends[0], &byte, 1) != 1)
		(void)report_fail(report, "make a user namespace", EPERM);
	else
		userns = open_userns(holder, map, report);
	(void)close(ends[0]);
	if (holder > 0) {
		(void)kill(holder, SIGKILL);
		while (waitpid(holder, NULL, 0) < 0 && errno == EINTR)
			;
	}
	return userns;
}

int userns_make(uint32_t base, struct report *report)
{
	char map[48];

	(void)snprintf(map, sizeof map, "0 %u %u", base, STATE_RANGE_IDS);
	return make(map, report);
}

int userns_make_squashed(uint32_t base, struct report *report)
{
	char map[128];

	(void)snprintf(map, sizeof map, "1 %u %u\n%u %u 1\n%u %u %u\n", base + 1, USERNS_NOBODY - 1, USERNS_NOBODY, base, USERNS_NOBODY + 1,
		       base + USERNS_NOBODY + 1, STATE_RANGE_IDS - USERNS_NOBODY - 1);
	return make(map, report);
}
