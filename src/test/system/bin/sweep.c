/* Asks for every system call with zeros and prints what became of it: allowed (whatever it answered), denied (EPERM), absent (ENOSYS) or killed
 * (SIGSYS). Each call is made by a process of its own, because some end it, block it or give it a child. For x86-64. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum how { CALLS, X32, I386, SOCKETS };

static long ask(enum how how, int number)
{
	long result;

	if (how == CALLS)
		return syscall(number, 0, 0, 0, 0, 0, 0);
	if (how == X32)
		return syscall(0x40000000 + number, 0, 0, 0, 0, 0, 0);
	if (how == SOCKETS) {
		static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET};

		for (int i = 0; i < 4; i++)
			if (socket(number, types[i], 0) >= 0)
				return 0;
		errno = EPERM;
		return -1;
	}
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(0), "c"(0), "d"(0), "S"(0), "D"(0) : "memory");
	if (result < 0 && result > -4096) {
		errno = (int)-result;
		return -1;
	}
	return result;
}

static int child(enum how how, int number)
{
	const struct itimerval soon = {.it_value = {.tv_usec = 100000}};
	pid_t self = getpid();
	long result;

	/* So that nothing but a filter answers EPERM: stdin is the host's null device, and Landlock wants a promise. */
	close(0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	setitimer(ITIMER_REAL, &soon, NULL);
	result = ask(how, number);
	if (getpid() != self)
		_exit(0);
	_exit(result == -1 && errno == EPERM ? 1 : result == -1 && errno == ENOSYS ? 2 : 0);
}

/* Without the old entry at all, int 0x80 is a bad instruction: SIGSEGV. */
static const char *verdict(enum how how, int status)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return "killed";
	if (how == I386 && WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV)
		return "absent";
	if (WIFEXITED(status) && WEXITSTATUS(status) > 0)
		return WEXITSTATUS(status) == 1 ? "denied" : "absent";
	return "allowed";
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	enum how how = strcmp(what, "x32") == 0 ? X32 : strcmp(what, "i386") == 0 ? I386 : strcmp(what, "sockets") == 0 ? SOCKETS : CALLS;
	int last = how == X32 ? 550 : how == SOCKETS ? 45 : 470;

	if (strcmp(what, "wait") == 0)
		return (int)sleep(300);
	if (strcmp(what, "ids") == 0)
		return printf("%d %d\n", (int)getuid(), (int)geteuid()) < 0;
	for (int number = 0; number <= last; number++) {
		int status = 0;
		pid_t pid;

		fflush(stdout);
		pid = fork();
		if (pid == 0)
			child(how, number);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		printf("%d %s\n", number, verdict(how, status));
	}
	return 0;
}
