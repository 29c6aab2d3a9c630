#include "keeper.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/monitor_config.h"
#include "../common/scope.h"
#include "descriptors.h"
#include "kernel.h"
#include "spawn.h"
#include "state.h"
#include "watch.h"

/* A monitor takes at most 10 s from the end of the process to its record (LINGER_MS). */
#define PATIENCE_MS 15000

/* Whether nobody has taken the process's exit status yet. */
static bool is_uncollected(int process_fd)
{
	return kernel_pidfd_send_signal(process_fd, 0) == 0 || errno != ESRCH;
}

/* Waits until the monitor is over; ends one that was stopped while there is an end to tell. */
static void await(pid_t monitor, int monitor_fd, int process_fd)
{
	struct pollfd both[2] = {{.fd = monitor_fd, .events = POLLIN}, {.fd = process_fd, .events = POLLIN}};

	while (both[0].revents == 0) {
		int ready = poll(both, 2, both[1].fd >= 0 ? -1 : PATIENCE_MS);

		if (ready < 0 && errno != EINTR)
			return;
		if (ready == 0 && is_uncollected(process_fd))
			(void)kill(monitor, SIGKILL); /* a child that was not collected: the number is still its own */
		if (ready > 0 && both[1].revents)
			both[1].fd = -1;
	}
}

/* The descriptors are those that the monitor was given. Input of a pipe and ports are not kept: held open, they would keep the process's input
 * from its end, and the ports from others. */
static _Noreturn void keep(const struct call *call, pid_t monitor)
{
	struct report report = {0};
	static char name[] = TM_MONITOR_SUCCESSOR;
	char *argv[] = {name, NULL}, *envp[] = {NULL};
	int program = program_open_monitor(&call->instance, &report);
	int monitor_fd = kernel_pidfd_open(monitor);
	struct monitor_config config;
	siginfo_t info = {0};

	if (program < 0 || monitor_fd < 0 || pread(TM_MONITOR_CONFIG_FD, &config, sizeof config, 0) != (ssize_t)sizeof config ||
	    watch_drop_privileges(&call->policy, &report) < 0)
		_exit(1); /* then the monitor goes on without */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* it still has the request in memory */
	(void)prctl(PR_SET_NAME, "tally-keeper");
	descriptors_keep((int[]){TM_MONITOR_CONFIG_FD, program, monitor_fd, config.pid_fd, config.listen_fd, config.output_fd, config.error_fd,
				 config.record_fd, config.oom_fd},
			 9);
	await(monitor, monitor_fd, config.pid_fd);
	while (waitid(P_PID, (id_t)monitor, &info, WEXITED) < 0)
		if (errno != EINTR)
			_exit(1);
	if (info.si_code != CLD_EXITED || info.si_status != 0)
		(void)kernel_execveat(program, argv, envp);
	_exit(0);
}

/* Whether the process of the container's record is a child of this one: it was when the process between them died. */
static bool is_ours(int container_fd)
{
	struct run_state state;
	struct report ignored = {0};
	siginfo_t info;

	return state_read_run(container_fd, "run", &state, &ignored) > 0 &&
	       waitid(P_PID, (id_t)state.process.pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static bool is_held(const struct call *call, const struct stat *lock)
{
	struct stat now;

	return fstat(call->lock_fd, &now) == 0 && now.st_ino == lock->st_ino && now.st_dev == lock->st_dev;
}

/* The child was killed half-way: nobody else knows what it made. */
static _Noreturn void roll_back(struct call *call, const struct stat *lock)
{
	const char *id = call->request.container;
	struct report report = {0}, ignored = {0};
	bool held = is_held(call, lock);
	auto_close int again = -1, container = -1;

	(void)alarm(TM_DEADLINE_SECONDS);
	/* Once it has answered it holds the lock no more, and somebody else may be at work on the container. */
	if (!held)
		again = state_lock_existing(call->storage_fd, id, &ignored);
	container = state_open_container(call->storage_fd, id, &ignored);
	if (container >= 0 && (held || (again >= 0 && is_ours(container))))
		(void)container_clean(call, id, container, &ignored); /* CLEAN and REMOVE try again */
	(void)report_status(&report, TM_E_KERNEL, "the helper was killed while it started the container");
	(void)reply_send_report(&call->reply, TM_SOCKET_FD, &report); /* a server that has its answer reads no second one */
	_exit(1);
}

int keeper_fork(struct call *call, struct report *report)
{
	/* Its descriptors are the child's, until that one executes the monitor; this process waits in the kernel until then. */
	struct clone_args args = {.flags = CLONE_FILES | CLONE_VFORK, .exit_signal = SIGCHLD};
	siginfo_t info = {0};
	struct stat lock;
	pid_t child;

	call->lock_fd = state_lock(call->storage_fd, call->request.container, report);
	if (call->lock_fd < 0)
		return -1;
	/* When the child is gone, the container's process becomes a child of this one. */
	if (fstat(call->lock_fd, &lock) < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return report_fail(report, "become the keeper", errno);
	(void)alarm(0); /* the child has a deadline; this process is there to see what comes of it */
	child = kernel_clone3(&args);
	if (child < 0)
		return report_fail(report, "fork", errno);
	if (child == 0)
		return 0;
	if (waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
		keep(call, child);
	if (info.si_code != CLD_EXITED)
		roll_back(call, &lock);
	_exit(info.si_status); /* it has answered, and undone what failed */
}
