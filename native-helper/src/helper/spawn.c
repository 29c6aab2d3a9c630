#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/scope.h"
#include "descriptors.h"
#include "kernel.h"
#include "path.h"
#include "state.h"

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static int open_program(const struct instance *instance, const char *name, int flags, struct report *report)
{
	char path[POLICY_PATH_MAX + 16];
	int fd;

	(void)snprintf(path, sizeof path, "%s/%s", instance->library, name);
	fd = path_open_trusted(path, flags, report);
	if (fd < 0)
		report->status = TM_E_PRIVILEGE;
	return fd;
}

/* A container can reach what its processes execute; so it gets a copy that nobody else uses and nobody can write (SECURITY.md R17). */
static int copy_init(const struct instance *instance, struct report *report)
{
	auto_close int file = open_program(instance, "init", O_RDONLY, report);
	auto_close int copy = -1;
	struct stat status;

	if (file < 0)
		return -1;
	copy = memfd_create("init", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (copy < 0 || fstat(file, &status) < 0)
		return report_fail(report, "copy init", errno);
	for (off_t done = 0; done < status.st_size;) {
		ssize_t sent = sendfile(copy, file, &done, (size_t)(status.st_size - done));

		if (sent <= 0)
			return report_fail(report, "copy init", sent < 0 ? errno : EIO);
	}
	if (fcntl(copy, F_ADD_SEALS, SEALS) < 0)
		return report_fail(report, "seal the copy of init", errno);
	return take_fd(&copy);
}

int program_open_monitor(const struct instance *instance, struct report *report)
{
	return open_program(instance, "monitor", O_PATH, report);
}

int programs_open(const struct instance *instance, struct programs *programs, struct report *report)
{
	programs->init_fd = copy_init(instance, report);
	if (programs->init_fd < 0)
		return -1;
	programs->monitor_fd = program_open_monitor(instance, report);
	return programs->monitor_fd < 0 ? -1 : 0;
}

/* What the child does between clone and exec. It shares nothing with the parent but these descriptors. */
struct child {
	int init_fd, socket_fd, go_fd;
	int joins[CGROUP_TREES_MAX];
	size_t join_count;
	bool is_first, has_own_groups;
};

static _Noreturn void child_fail(const struct child *child, const char *step, int error)
{
	struct init_message message = {.kind = INIT_FAILED, .status = TM_E_KERNEL, .error = error};

	strncpy(message.step, step, sizeof message.step - 1);
	(void)send(child->socket_fd, &message, sizeof message, MSG_NOSIGNAL); /* the end of the socket tells as much */
	_exit(255);
}

static void become_first(const struct child *child)
{
	char byte;

	if (read(child->go_fd, &byte, 1) != 1)
		_exit(255); /* the helper failed */
	/* The ids are mapped now: this process becomes their root. */
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		child_fail(child, "become the container's root", errno);
}

static _Noreturn void run_child(const struct child *child)
{
	static char name[] = "init";
	char *argv[] = {name, NULL}, *envp[] = {NULL};
	int kept[CGROUP_TREES_MAX + 3] = {child->init_fd, child->socket_fd, child->go_fd};

	/* Copies of the helper's other descriptors would keep its locks, pipes and sockets open should it be killed. */
	memcpy(kept + 3, child->joins, child->join_count * sizeof(int));
	descriptors_keep(kept, child->join_count + 3);
	for (size_t i = 0; i < child->join_count; i++)
		if (write(child->joins[i], "0", 1) != 1)
			child_fail(child, "enter a version 1 control group", errno);
	if (child->is_first) {
		become_first(child);
		/* Its root is the group that was just entered. */
		if (child->has_own_groups && unshare(CLONE_NEWCGROUP) < 0)
			child_fail(child, "make a control group namespace", errno);
	}
	if (child->socket_fd == TM_INIT_SOCKET_FD ? fcntl(child->socket_fd, F_SETFD, 0) < 0 : dup2(child->socket_fd, TM_INIT_SOCKET_FD) < 0)
		child_fail(child, "hand the socket to init", errno);
	(void)signal(SIGXFSZ, SIG_DFL); /* privilege.c ignores it; a program in a container expects the usual */
	(void)kernel_execveat(child->init_fd, argv, envp);
	child_fail(child, "execute init", errno);
}

static int write_map(int proc_fd, const char *file, uint32_t base)
{
	auto_close int fd = openat(proc_fd, file, O_WRONLY | O_CLOEXEC);
	char text[48];
	int length = snprintf(text, sizeof text, "0 %u %u", base, STATE_RANGE_IDS);

	if (fd < 0)
		return -errno;
	return write(fd, text, (size_t)length) < 0 ? -errno : 0;
}

static int spawn(const struct cgroup *group, uint64_t flags, const struct child *child, struct spawned *spawned, struct report *report)
{
	struct clone_args args = {
		.flags = flags | CLONE_PIDFD | CLONE_INTO_CGROUP,
		.pidfd = (uint64_t)(uintptr_t)&spawned->pidfd,
		.exit_signal = SIGCHLD,
		.cgroup = (unsigned int)group->unified_fd,
	};
	char path[32];

	spawned->pid = kernel_clone3(&args);
	if (spawned->pid == 0)
		run_child(child);
	if (spawned->pid < 0)
		return report_fail(report, "make the process and its namespaces", errno);
	(void)snprintf(path, sizeof path, "/proc/%d", spawned->pid);
	spawned->proc_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (spawned->proc_fd < 0 || !process_start_ticks(spawned->pid, &spawned->start_ticks))
		return report_fail(report, "look at the new process", errno ? errno : ESRCH);
	return 0;
}

static int open_socket(struct child *child, struct spawned *spawned, struct report *report)
{
	int pair[2];

	*spawned = (struct spawned){.pid = -1, .pidfd = -1, .socket_fd = -1, .proc_fd = -1};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return report_fail(report, "make a socket to init", errno);
	spawned->socket_fd = pair[0];
	child->socket_fd = pair[1];
	return 0;
}

static void close_child(struct child *child)
{
	scope_close(&child->socket_fd);
	for (size_t i = 0; i < child->join_count; i++)
		scope_close(&child->joins[i]);
}

int spawn_first(const struct programs *programs, const struct cgroup *group, uint64_t namespaces, uint32_t base, struct spawned *spawned,
		struct report *report)
{
	struct child child = {
		.init_fd = programs->init_fd, .is_first = true, .has_own_groups = (namespaces & CLONE_NEWCGROUP) != 0, .socket_fd = -1};
	auto_close int go_read = -1, go_write = -1;
	int pair[2], result;

	if (open_socket(&child, spawned, report) < 0)
		return -1;
	if (pipe2(pair, O_CLOEXEC) < 0)
		return report_fail(report, "make a pipe", errno);
	child.go_fd = go_read = pair[0];
	go_write = pair[1];
	child.join_count = cgroup_open_joins(group, child.joins);
	result = spawn(group, namespaces & ~(uint64_t)CLONE_NEWCGROUP, &child, spawned, report);
	close_child(&child);
	if (result < 0)
		return -1;
	result = write_map(spawned->proc_fd, "gid_map", base);
	if (result == 0)
		result = write_map(spawned->proc_fd, "uid_map", base);
	if (result < 0)
		return report_fail(report, "map the container's ids", -result);
	return write(go_write, "", 1) == 1 ? 0 : report_fail(report, "let the process go on", errno);
}

/* PIDFD: whose process namespace it is in; -1 for one of its own. */
static int spawn_outside(const struct programs *programs, const struct cgroup *group, int pidfd, struct spawned *spawned, struct report *report)
{
	struct child child = {.init_fd = programs->init_fd, .socket_fd = -1, .go_fd = -1};
	int result;

	if (open_socket(&child, spawned, report) < 0)
		return -1;
	/* For children only: this process stays where it is. */
	if (pidfd >= 0 && setns(pidfd, CLONE_NEWPID) < 0)
		return errno == ESRCH ? report_status(report, TM_E_BUSY, "the container ends and does not run any more") : report_fail(report, "find the container's process namespace", errno);
	child.join_count = cgroup_open_joins(group, child.joins);
	result = spawn(group, pidfd >= 0 ? 0 : CLONE_NEWPID, &child, spawned, report);
	close_child(&child);
	return result;
}

int spawn_beside(const struct programs *programs, const struct cgroup *group, int first_pidfd, struct spawned *spawned,
		 struct report *report)
{
	return spawn_outside(programs, group, first_pidfd, spawned, report);
}

int spawn_sharing(const struct programs *programs, const struct cgroup *group, int shared_pidfd, bool shares_pid, struct spawned *spawned,
		  struct report *report)
{
	return spawn_outside(programs, group, shares_pid ? shared_pidfd : -1, spawned, report);
}

static int send_fds(int socket_fd, const int *fds, size_t count)
{
	char byte = 0;
	struct iovec part = {.iov_base = &byte, .iov_len = 1};
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(LAUNCH_FDS_MAX * sizeof(int))];
	} control = {0};
	struct msghdr packet = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_SPACE(count * sizeof(int))};

	control.head = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(count * sizeof(int))};
	memcpy(CMSG_DATA(&control.head), fds, count * sizeof(int));
	return sendmsg(socket_fd, &packet, MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

int spawn_launch(const struct spawned *spawned, const struct launch *launch, const void *packet, const int *fds, size_t fd_count,
		 struct report *report)
{
	auto_close int record = memfd_create("launch", MFD_CLOEXEC);
	int all[LAUNCH_FDS_MAX];
	int result;

	if (record < 0 || fd_count >= LAUNCH_FDS_MAX || write(record, launch, sizeof *launch) != (ssize_t)sizeof *launch ||
	    write(record, packet, launch->packet_length) != (ssize_t)launch->packet_length)
		return report_fail(report, "write the launch record", errno);
	all[0] = record;
	memcpy(all + 1, fds, fd_count * sizeof(int));
	result = send_fds(spawned->socket_fd, all, fd_count + 1);
	return result < 0 ? report_fail(report, "send the launch record", -result) : 0;
}

/* Turns what init reports into ours. */
static int take_failure(const struct init_message *message, struct report *report)
{
	static char step[sizeof message->step];

	memcpy(step, message->step, sizeof step - 1);
	*report = (struct report){.status = TM_E_KERNEL, .step = step[0] ? step : NULL, .error = message->error, .number = message->number};
	if (message->status > TM_OK && message->status <= TM_E_LAST)
		report->status = (enum tm_status)message->status;
	memcpy(report->text, message->text, sizeof report->text - 1);
	return -1;
}

/* Returns 1 for a message, 0 when init closed the socket, negative when that cannot be told. */
static int receive(int socket_fd, struct init_message *message, int *fd)
{
	struct iovec part = {.iov_base = message, .iov_len = sizeof *message};
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	ssize_t length = recvmsg(socket_fd, &packet, MSG_CMSG_CLOEXEC);

	*fd = -1;
	if (length >= 0 && CMSG_FIRSTHDR(&packet) && control.head.cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(&control.head), sizeof *fd);
	message->step[sizeof message->step - 1] = '\0';
	message->text[sizeof message->text - 1] = '\0';
	return length == 0 ? 0 : length == (ssize_t)sizeof *message && !(packet.msg_flags & MSG_CTRUNC) ? 1 : -1;
}

/* What there is to tell of an init that did not send what it should. It has closed its socket, so it ends now. */
static int report_unready(const struct spawned *spawned, int got, struct report *report)
{
	siginfo_t info = {0};
	char text[64];

	if (got < 0)
		return report_fail(report, "receive what init says", errno ? errno : EPROTO);
	if (waitid(P_PID, (id_t)spawned->pid, &info, WEXITED | WNOWAIT) < 0)
		return report_fail(report, "wait for init: it ended", errno);
	(void)snprintf(text, sizeof text, "init ended without a word (%s %d)", info.si_code == CLD_EXITED ? "exit code" : "signal", info.si_status);
	return report_status(report, TM_E_KERNEL, text);
}

static int await(const struct spawned *spawned, uint32_t kind, int *fd, struct report *report)
{
	struct init_message message;
	int got;

	errno = 0;
	got = receive(spawned->socket_fd, &message, fd);
	if (got <= 0)
		return report_unready(spawned, got, report);
	return message.kind == kind ? 0 : take_failure(&message, report);
}

int spawn_await_joined(const struct spawned *spawned, struct report *report)
{
	auto_close int fd = -1;

	return await(spawned, INIT_JOINED, &fd, report);
}

int spawn_await_ready(const struct spawned *spawned, int *terminal_fd, struct report *report)
{
	return await(spawned, INIT_READY, terminal_fd, report);
}

int spawn_go(const struct spawned *spawned, struct report *report)
{
	return send(spawned->socket_fd, "", 1, MSG_NOSIGNAL) == 1 ? 0 : report_fail(report, "let init go on", errno);
}

int spawn_await_execution(const struct spawned *spawned, struct report *report)
{
	struct init_message message;
	int fd;
	int got = receive(spawned->socket_fd, &message, &fd);

	scope_close(&fd);
	if (got == 0)
		return 0; /* closed by execve */
	if (got < 0)
		return report_fail(report, "wait until the command is executed", EIO);
	return take_failure(&message, report);
}

void spawn_abandon(struct spawned *spawned)
{
	if (spawned->pid > 0) {
		(void)kernel_pidfd_send_signal(spawned->pidfd, SIGKILL); /* it may have ended already */
		while (waitpid(spawned->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	spawned->pid = -1;
	scope_close(&spawned->pidfd);
	scope_close(&spawned->socket_fd);
	scope_close(&spawned->proc_fd);
	spawned->pidfd = spawned->socket_fd = spawned->proc_fd = -1;
}
