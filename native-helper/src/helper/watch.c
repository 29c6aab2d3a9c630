#include "watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../common/monitor_config.h"
#include "../common/scope.h"
#include "kernel.h"
#include "layer.h"
#include "path.h"

#define NOBODY 65534
#define FIRST_PORT_FD 2048 /* above all others that this process may have */
#define BACKLOG 64
#define DEFAULT_LOG_BYTES 10485760 /* a server that says nothing still gets a bounded log */
#define DEFAULT_LOG_FILES 3

void watch_init(struct watch *watch)
{
	*watch = (struct watch){{-1, -1, -1}, -1, -1, -1, -1, -1, -1};
}

static void close_one(int *fd)
{
	scope_close(fd);
	*fd = -1;
}

void watch_close(struct watch *watch)
{
	for (int i = 0; i < 3; i++)
		close_one(&watch->child_fds[i]);
	close_one(&watch->input_fd);
	close_one(&watch->output_fd);
	close_one(&watch->error_fd);
	close_one(&watch->listen_fd);
	close_one(&watch->record_fd);
	close_one(&watch->oom_fd);
}

/* A pipe whose END is the container's. */
static int open_pipe(int *ours, int *theirs, int end, uint32_t base, struct report *report)
{
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) < 0)
		return report_fail(report, "make a pipe", errno);
	*theirs = pair[end];
	*ours = pair[1 - end];
	/* So that a command that writes much does not wait for the monitor at every turn. Not all kernels let it be as large. */
	if (end == 1)
		(void)fcntl(*ours, F_SETPIPE_SZ, TM_PIPE_BYTES);
	return fchown(*theirs, base, base) < 0 ? report_fail(report, "give a pipe to the container", errno) : 0;
}

int watch_open_pipes(struct watch *watch, uint32_t flags, uint32_t base, struct report *report)
{
	if (flags & TM_FLAG_TTY)
		return 0;
	if (flags & TM_FLAG_STDIN) {
		if (open_pipe(&watch->input_fd, &watch->child_fds[0], 0, base, report) < 0)
			return -1;
	} else {
		watch->child_fds[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (watch->child_fds[0] < 0)
			return report_fail(report, "open /dev/null", errno);
	}
	if (open_pipe(&watch->output_fd, &watch->child_fds[1], 1, base, report) < 0)
		return -1;
	return open_pipe(&watch->error_fd, &watch->child_fds[2], 1, base, report);
}

int watch_await_ready(struct watch *watch, const struct spawned *spawned, struct report *report)
{
	int terminal_fd = -1;

	if (spawn_await_ready(spawned, &terminal_fd, report) < 0)
		return -1;
	if (terminal_fd >= 0)
		watch->output_fd = terminal_fd;
	return 0;
}

/* CONTAINER.sock or CONTAINER.EXEC.sock, ids cut short. */
static void socket_name(char name[80], const char *container, const char *exec)
{
	(void)snprintf(name, 80, "%.*s%s%.*s.sock", TM_SOCKET_ID_CHARS, container, exec ? "." : "", TM_SOCKET_ID_CHARS, exec ? exec : "");
}

int watch_listen(struct watch *watch, const struct policy *policy, const char *container, const char *exec, struct report *report)
{
	auto_close int run = path_open_trusted(policy->run_root, O_RDONLY | O_DIRECTORY, report);
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (run < 0)
		return -1;
	socket_name(address.sun_path, container, exec);
	watch->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (watch->listen_fd < 0 || (unlinkat(run, address.sun_path, 0) < 0 && errno != ENOENT))
		return report_fail(report, "make the monitor's socket", errno);
	/* A relative name, because the path of a socket may have 107 bytes only. */
	if (fchdir(run) < 0 || bind(watch->listen_fd, (struct sockaddr *)&address, sizeof address) < 0 || chdir("/") < 0)
		return report_fail(report, "bind the monitor's socket", errno);
	if (fchmodat(run, address.sun_path, 0600, 0) < 0 || fchownat(run, address.sun_path, policy->server_uid, policy->server_gid, 0) < 0 ||
	    listen(watch->listen_fd, BACKLOG) < 0)
		return report_fail(report, "open the monitor's socket to the server", errno);
	return 0;
}

int watch_remove_socket(const struct policy *policy, const char *container, const char *exec, struct report *report)
{
	auto_close int run = path_open_trusted(policy->run_root, O_RDONLY | O_DIRECTORY, report);
	char name[80];

	if (run < 0)
		return -1;
	socket_name(name, container, exec);
	if (unlinkat(run, name, 0) < 0 && errno != ENOENT)
		return report_fail(report, "remove the monitor's socket", errno);
	return 0;
}

int watch_remove_sockets(const struct policy *policy, const char *container, struct report *report)
{
	int run = path_open_trusted(policy->run_root, O_RDONLY | O_DIRECTORY, report);
	DIR *directory = run < 0 ? NULL : fdopendir(run);
	const struct dirent *entry;
	int result = 0;

	if (!directory) {
		scope_close(&run);
		return run < 0 ? -1 : report_fail(report, "read the monitors' sockets", errno);
	}
	while ((entry = readdir(directory)))
		if (strncmp(entry->d_name, container, TM_SOCKET_ID_CHARS) == 0 && unlinkat(run, entry->d_name, 0) < 0 && errno != ENOENT)
			result = report_fail(report, "remove the monitor's socket", errno);
	(void)closedir(directory);
	return result;
}

int watch_open_records(struct watch *watch, const struct policy *policy, const char *container, struct report *report)
{
	auto_close int records = path_open_trusted(policy->records_root, O_RDONLY | O_DIRECTORY, report);

	if (records < 0)
		return -1;
	if (mkdirat(records, container, 0750) < 0 && errno != EEXIST)
		return report_fail(report, "make the container's records", errno);
	watch->record_fd = path_open_beneath(records, container, O_RDONLY | O_DIRECTORY);
	if (watch->record_fd < 0)
		return report_fail(report, "open the container's records", -watch->record_fd);
	/* Files in it get the server's group by the set-group-id bit. */
	if (fchown(watch->record_fd, policy->monitor_uid, policy->server_gid) < 0 || fchmod(watch->record_fd, 02750) < 0)
		return report_fail(report, "give the records to the monitor", errno);
	if (unlinkat(watch->record_fd, "exit", 0) < 0 && errno != ENOENT)
		return report_fail(report, "remove the exit record of the run before", errno);
	return 0;
}

int watch_remove_records(const struct policy *policy, const char *container, struct report *report)
{
	auto_close int records = path_open_trusted(policy->records_root, O_RDONLY | O_DIRECTORY, report);

	return records < 0 ? -1 : tree_remove(records, container, report);
}

static int keep(int fd)
{
	return fd < 0 ? 0 : fcntl(fd, F_SETFD, 0);
}

static int write_config(const struct watch *watch, const struct spawned *spawned, const struct request *request, uint64_t started_ns,
			size_t port_count, struct report *report)
{
	struct monitor_config config = {
		.pid = spawned->pid,
		.pid_fd = spawned->pidfd,
		.listen_fd = watch->listen_fd,
		.input_fd = watch->input_fd,
		.output_fd = watch->output_fd,
		.error_fd = watch->error_fd,
		.record_fd = watch->record_fd,
		.oom_fd = watch->oom_fd,
		.terminal = (request->flags & TM_FLAG_TTY) != 0,
		.hold = (request->flags & TM_FLAG_HOLD) != 0,
		.input_once = (request->flags & TM_FLAG_STDIN_ONCE) != 0,
		.log_files = request->flags & TM_FLAG_LOG_NONE ? 0 : request->log_files ? (int32_t)request->log_files : DEFAULT_LOG_FILES,
		.log_max = request->log_max ? request->log_max : DEFAULT_LOG_BYTES,
		.started_ns = started_ns,
		.port_first = FIRST_PORT_FD,
		.port_count = (int32_t)port_count,
	};
	auto_close int fd = memfd_create("monitor", MFD_CLOEXEC);

	if (fd < 0 || write(fd, &config, sizeof config) != (ssize_t)sizeof config || dup2(fd, TM_MONITOR_CONFIG_FD) < 0)
		return report_fail(report, "write the monitor's configuration", errno);
	return 0;
}

/* Ports go to one run of numbers; the originals close by themselves. */
static int keep_ports(const int *port_fds, size_t port_count)
{
	for (size_t i = 0; i < port_count; i++)
		if (dup3(port_fds[i], FIRST_PORT_FD + (int)i, 0) < 0)
			return -1;
	return 0;
}

static int keep_descriptors(const struct watch *watch, const struct spawned *spawned)
{
	return keep(spawned->pidfd) | keep(watch->listen_fd) | keep(watch->input_fd) | keep(watch->output_fd) | keep(watch->error_fd) |
		     keep(watch->record_fd) | keep(watch->oom_fd);
}

int watch_become_monitor(const struct watch *watch, const struct policy *policy, const struct programs *programs, const struct spawned *spawned,
			 const struct request *request, uint64_t started_ns, const int *port_fds, size_t port_count, struct report *report)
{
	static char name[] = "monitor";
	char *argv[] = {name, NULL}, *envp[] = {NULL};

	if (write_config(watch, spawned, request, started_ns, port_count, report) < 0)
		return -1;
	if (keep_descriptors(watch, spawned) < 0 || keep_ports(port_fds, port_count) < 0)
		return report_fail(report, "keep the monitor's descriptors", errno);
	if (watch_drop_privileges(policy, report) < 0)
		return -1;
	(void)kernel_execveat(programs->monitor_fd, argv, envp);
	return report_fail(report, "execute the monitor", errno);
}

int watch_drop_privileges(const struct policy *policy, struct report *report)
{
	(void)umask(027);
	(void)alarm(0); /* it would outlive execve; the monitor has no deadline */
	/* Not the server's group: that one may execute the helper. */
	if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
	    setresuid(policy->monitor_uid, policy->monitor_uid, policy->monitor_uid) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return report_fail(report, "become the monitor's user", errno);
	return 0;
}
