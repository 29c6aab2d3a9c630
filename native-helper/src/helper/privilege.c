#include "privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/scope.h"

#define INITIAL_USER_NAMESPACE "user:[4026531837]" /* fixed in the kernel: PROC_USER_INIT_INO */

static void clean_descriptors(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY);

	/* Whatever 0-2 were: nothing is read from or said to them. Without /dev/null nothing can be safe. */
	if (fd < 0 || dup2(fd, 0) < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
		_exit(70);
	if (fd > 2 && fd != TM_SOCKET_FD)
		(void)close(fd);
	if (close_range(TM_SOCKET_FD + 1, ~0U, 0) < 0)
		_exit(70);
}

static void check_socket(void)
{
	int type = 0, domain = 0;
	socklen_t size = sizeof type;

	if (getsockopt(TM_SOCKET_FD, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_SEQPACKET ||
	    getsockopt(TM_SOCKET_FD, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0 || domain != AF_UNIX ||
	    fcntl(TM_SOCKET_FD, F_SETFD, FD_CLOEXEC) < 0)
		_exit(64); /* called by somebody who does not know how: there is nobody to tell */
}

/* Limits of the caller may be chosen to make a call fail half-way. They are raised as far as the host lets; cores would hold secrets. */
static void reset_limits(void)
{
	static const int free_limits[] = {RLIMIT_FSIZE, RLIMIT_AS, RLIMIT_DATA, RLIMIT_CPU, RLIMIT_NPROC, RLIMIT_MEMLOCK, RLIMIT_NOFILE};
	const struct rlimit none = {0, 0};

	for (size_t i = 0; i < sizeof free_limits / sizeof free_limits[0]; i++) {
		int resource = free_limits[i];
		rlim_t high = resource == RLIMIT_NOFILE ? 1048576 : RLIM_INFINITY;
		struct rlimit limit = {high, high};

		if (setrlimit((__rlimit_resource_t)resource, &limit) == 0 || getrlimit((__rlimit_resource_t)resource, &limit) < 0)
			continue;
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit((__rlimit_resource_t)resource, &limit); /* then a call may fail, with an error */
	}
	(void)setrlimit(RLIMIT_CORE, &none);
}

static void reset_signals(void)
{
	struct sigaction standard = {.sa_handler = SIG_DFL};
	sigset_t empty;

	for (int number = 1; number < NSIG; number++)
		(void)sigaction(number, &standard, NULL); /* fails for KILL and STOP only */
	(void)sigemptyset(&empty);
	(void)sigprocmask(SIG_SETMASK, &empty, NULL);
	/* Below the caller's RLIMIT_FSIZE a write shall fail, and be undone, rather than end this process half-way. */
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)setsid(); /* fails for a leader, which has what it needs */
	(void)alarm(TM_DEADLINE_SECONDS);
}

static bool in_initial_user_namespace(void)
{
	char name[sizeof INITIAL_USER_NAMESPACE];
	ssize_t length = readlink("/proc/self/ns/user", name, sizeof name);

	return length == sizeof INITIAL_USER_NAMESPACE - 1 && memcmp(name, INITIAL_USER_NAMESPACE, (size_t)length) == 0;
}

static int check_privilege(struct report *report)
{
	if (geteuid() != 0) {
		if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
			return report_status(report, TM_E_PRIVILEGE,
					     "the helper is not root: the server runs with no_new_privs (systemd: NoNewPrivileges and what implies it)");
		return report_status(report, TM_E_PRIVILEGE,
				     "the helper is not root: it must be owned by root with mode 4750, on a file system without nosuid");
	}
	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 0)
		return report_status(report, TM_E_PRIVILEGE, "the server runs with a seccomp filter, which the helper would inherit");
	if (!in_initial_user_namespace())
		return report_status(report, TM_E_PRIVILEGE, "the server runs in a user namespace");
	return 0;
}

int privilege_enter(int argc, uint32_t *caller, struct report *report)
{
	static char *nothing[] = {NULL};

	environ = nothing;
	*caller = getuid();
	clean_descriptors();
	check_socket();
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)umask(077);
	if (chdir("/") < 0)
		_exit(70);
	reset_limits();
	reset_signals();
	if (argc != 1)
		return report_status(report, TM_E_PROTOCOL, "the helper takes no arguments");
	if (check_privilege(report) < 0)
		return -1;
	/* Only from here on can the caller neither stop nor kill this process (R3). */
	if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return report_fail(report, "become root entirely", errno);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return 0;
}

int privilege_check_caller(uint32_t caller, uint32_t server_uid, uint32_t server_gid, struct report *report)
{
	struct ucred peer;
	socklen_t size = sizeof peer;
	struct stat status;

	if (caller != server_uid || getsockopt(TM_SOCKET_FD, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.uid != server_uid)
		return report_status(report, TM_E_PRIVILEGE, "the helper serves the user of the policy file's server_uid only");
	if (stat("/proc/self/exe", &status) < 0 || status.st_uid != 0 || status.st_gid != server_gid || (status.st_mode & 07777) != 04750)
		return report_status(report, TM_E_PRIVILEGE, "the helper's file must belong to root and the server's group, with mode 4750");
	return 0;
}
