#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init.h"

static pid_t command;

static void forward(int signal)
{
	(void)kill(command, signal);
}

/* Ends as the command ended: with its code, or 128 + its signal (the first process of a namespace cannot kill itself). */
static _Noreturn void reap(void)
{
	for (;;) {
		int status;
		pid_t pid = wait(&status);

		if (pid == command)
			_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
		if (pid < 0 && errno != EINTR)
			_exit(255);
	}
}

int reap_fork(struct report *report)
{
	struct sigaction action = {.sa_handler = forward, .sa_flags = SA_RESTART};
	sigset_t all, before;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	command = fork();
	if (command < 0)
		return report_fail(report, "fork the command", errno);
	if (command == 0) {
		(void)sigprocmask(SIG_SETMASK, &before, NULL);
		return 0;
	}
	for (int signal = 1; signal < NSIG; signal++)
		if (signal != SIGCHLD && signal != SIGKILL && signal != SIGSTOP && (signal < 32 || signal > 33))
			(void)sigaction(signal, &action, NULL); /* cannot fail for these */
	if (confine_reaper(report) < 0)
		_exit(255); /* ends the command, too; nobody listens to a report any more */
	(void)close_range(0, ~0U, 0); /* stdio's other ends must see the end of the command, and the helper that it runs */
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	reap();
}
