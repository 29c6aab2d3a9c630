/* A child of the helper ends with it, whenever that is. */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/helper/child.h"
#include "tap.h"

static int go[2], told[2];

static char wait_for(int fd)
{
	struct pollfd input = {.fd = fd, .events = POLLIN};
	char byte = 0;

	if (poll(&input, 1, 20000) != 1)
		abort(); /* hangs */
	return read(fd, &byte, 1) == 1 ? byte : 0;
}

static _Noreturn void child_main(void)
{
	if (write(told[1], "r", 1) != 1 || wait_for(go[0]) != 'g' || child_end_with_helper() < 0 || write(told[1], "b", 1) != 1)
		_exit(1);
	(void)wait_for(go[0]);
	_exit(1);
}

/* A process that stands for the helper, with a child that waits for 'g' before it binds itself. */
static pid_t helper_with_child(void)
{
	pid_t helper;

	if (pipe(go) < 0 || pipe(told) < 0 || (helper = fork()) < 0)
		abort();
	if (helper == 0) {
		pid_t child = child_fork();

		if (child == 0)
			child_main();
		(void)pause();
		_exit(1);
	}
	(void)close(go[0]);
	(void)close(told[1]);
	if (wait_for(told[0]) != 'r')
		abort();
	return helper;
}

static void end(pid_t helper)
{
	(void)kill(helper, SIGKILL);
	(void)waitpid(helper, NULL, 0);
}

static void forget(void)
{
	(void)close(go[1]);
	(void)close(told[0]);
}

int main(void)
{
	pid_t helper = helper_with_child();

	(void)signal(SIGPIPE, SIG_IGN);
	CHECK(write(go[1], "g", 1) == 1 && wait_for(told[0]) == 'b', "a child of a helper that lives goes on");
	end(helper);
	CHECK(wait_for(told[0]) == 0, "and ends with it");
	forget();

	helper = helper_with_child();
	end(helper);
	CHECK(write(go[1], "g", 1) == 1 && wait_for(told[0]) == 0, "a helper that had ended before the child bound itself to it is noticed");
	forget();
	return tap_finish();
}
