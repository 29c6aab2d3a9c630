#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"

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
