#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"

static pid_t helper; /* of a child: who forked it */

pid_t child_fork(void)
{
	pid_t self = getpid(), child = fork();

	if (child == 0)
		helper = self;
	return child;
}

int child_end_with_helper(void)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -errno;
	/* The kernel tells of an end that comes, not of one that has been. */
	if (getppid() != helper)
		_exit(1);
	return 0;
}

int child_result(pid_t child, int fd, void *result, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got = read(fd, (char *)result + done, size - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return done < size ? -1 : 0;
}

void child_text(char *text, size_t size)
{
	text[size - 1] = '\0';
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}
