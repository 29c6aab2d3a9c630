/* The server's sockets: opened on their way into a container, and put anew into one that runs when another server has begun. A bound socket ends with
 * its process and its file leads nowhere afterwards, so the file itself has to be replaced. */
#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/scope.h"
#include "../init/init.h"
#include "call.h"
#include "child.h"
#include "descriptors.h"
#include "path.h"
#include "stage.h"
#include "state.h"

#define DIRECTORY "server"

static int find(const struct policy *policy, const char *id, struct report *report)
{
	char name[TM_SOCKET_ID_CHARS + sizeof ".sock"];
	auto_close int run = path_open_trusted(policy->run_root, O_PATH | O_DIRECTORY, report);
	auto_close int directory = run < 0 ? -1 : path_open_beneath(run, DIRECTORY, O_PATH | O_DIRECTORY);
	int fd;

	if (run < 0)
		return -1;
	(void)snprintf(name, sizeof name, "%.*s.sock", TM_SOCKET_ID_CHARS, id);
	fd = directory < 0 ? directory : path_open_beneath(directory, name, O_PATH | O_NOFOLLOW);
	return fd >= 0 ? fd : report_status(report, TM_E_ABSENT, "the server has no such socket");
}

int socket_open(const struct policy *policy, const struct mount_wish *wish, uint32_t base, struct report *report)
{
	struct mount_attr attributes = {
		.attr_set = MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | (wish->flags & TM_MOUNT_READ_ONLY ? MOUNT_ATTR_RDONLY : 0),
		.propagation = MS_PRIVATE,
	};
	auto_close int fd = find(policy, wish->source, report);
	auto_close int tree = -1;
	struct stat status;

	if (fd < 0)
		return -1;
	if (fstat(fd, &status) < 0)
		return report_fail(report, "look at a socket", errno);
	/* It was the container's before if this is not its first start. Another name of it would be another way to it. */
	if (!S_ISSOCK(status.st_mode) || (status.st_uid != policy->server_uid && status.st_uid != base) || status.st_nlink != 1)
		return report_status(report, TM_E_DENIED, "the file is no socket of the server's own");
	/* The group has the server's number, as on the host: who is to use the socket without being root is put into it as everywhere. */
	if (fchownat(fd, "", base, base + (policy->server_gid < STATE_RANGE_IDS ? policy->server_gid : 0), AT_EMPTY_PATH) < 0)
		return report_fail(report, "give a socket to the container", errno);
	tree = open_tree(fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0 || mount_setattr(tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes) < 0)
		return report_fail(report, "clone a socket's mount", errno);
	return take_fd(&tree);
}

/* What the child tells; the files that it met on the way are the container's. */
struct result {
	uint32_t status;
	int32_t error;
	char text[448];
};

/* Takes away what an earlier server's socket left at PLACE_FD: it is mounted there, so what the container itself has made stays. */
static int uncover(int fds, int place_fd, struct report *report)
{
	struct stat status;
	char name[16];

	if (fstat(place_fd, &status) < 0)
		return report_fail(report, "look at the place of a socket", errno);
	if (!S_ISSOCK(status.st_mode))
		return 0;
	/* By its descriptor, as the path may lead elsewhere by now. */
	(void)snprintf(name, sizeof name, "%d", place_fd);
	if (fchdir(fds) < 0)
		return report_fail(report, "enter the directory of descriptors", errno);
	if (umount2(name, MNT_DETACH) < 0 && errno != EINVAL) /* no mount: a socket that a program bound */
		return report_fail(report, "take away an old socket", errno);
	return 0;
}

static int replace(const struct call *call, int pidfd, const int *mounts, struct report *report)
{
	auto_close int fds = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fds < 0)
		return report_fail(report, "open the directory of descriptors", errno);
	if (setns(pidfd, CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return errno == ESRCH ? report_status(report, TM_E_BUSY, "the container does not run") : report_fail(report, "enter the container's namespaces", errno);
	if (stage_become_root(report) < 0)
		return -1;
	for (size_t i = 0; i < call->request.mounts.count; i++) {
		static struct mount_wish wish;
		auto_close int place = -1;

		if (!mount_parse(call->request.mounts.items[i], &wish))
			return report_status(report, TM_E_INVALID, "mount is out of range or malformed");
		place = mounts_place_file(wish.target, report);
		if (place < 0 ? report->status != TM_OK : uncover(fds, place, report) < 0)
			return -1;
	}
	return mounts_attach(&call->request, mounts, report);
}

static _Noreturn void child_main(const struct call *call, int pidfd, const int *mounts, int result_fd)
{
	struct report report = {0};
	struct result result = {0};
	int kept[MOUNTS_MAX + 2] = {pidfd, result_fd};

	/* A killed helper's locks, pipes and sockets are not this one's to hold. */
	memcpy(kept + 2, mounts, call->request.mounts.count * sizeof(int));
	descriptors_keep(kept, call->request.mounts.count + 2);
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		(void)report_fail(&report, "confine the work on sockets", errno);
	else
		(void)replace(call, pidfd, mounts, &report);
	if (report.status != TM_OK) {
		const char *why = report.text[0] == '\0' && report.step ? report.step : report.text;

		result.status = report.status;
		result.error = report.error;
		memcpy(result.text, why, strnlen(why, sizeof result.text - 1));
	}
	_exit(write(result_fd, &result, sizeof result) == sizeof result ? 0 : 1);
}

static int open_all(const struct call *call, uint32_t base, int *mounts, struct report *report)
{
	const struct text_list *wishes = &call->request.mounts;

	for (size_t i = 0; i < wishes->count; i++) {
		static struct mount_wish wish;

		if (!mount_parse(wishes->items[i], &wish) || wish.kind != MOUNT_SOCKET)
			return report_status(report, TM_E_INVALID, "mount is out of range or malformed");
		mounts[i] = socket_open(&call->policy, &wish, base, report);
		if (mounts[i] < 0)
			return -1;
	}
	return 0;
}

static int run_child(const struct call *call, int pidfd, const int *mounts, struct result *result, struct report *report)
{
	auto_close int read_fd = -1;
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return report_fail(report, "make a pipe", errno);
	read_fd = ends[0];
	child = child_fork();
	if (child == 0)
		child_main(call, pidfd, mounts, ends[1]);
	(void)close(ends[1]);
	if (child < 0)
		return report_fail(report, "make a process", errno);
	return child_result(child, read_fd, result, sizeof *result) < 0 ? report_status(report, TM_E_KERNEL, "the work on sockets was cut short") : 0;
}

int verb_sockets(struct call *call, struct report *report)
{
	auto_close int lock = state_lock_existing(call->storage_fd, call->request.container, report);
	auto_close int container = lock < 0 ? -1 : state_open_container(call->storage_fd, call->request.container, report);
	auto_close int pidfd = -1;
	int mounts[MOUNTS_MAX]; /* open until this process ends */
	struct result result = {0};
	struct run_state state;
	uint32_t base;

	if (container < 0)
		return -1;
	if (state_read_run(container, "run", &state, report) <= 0 || (pidfd = process_open(&state.process)) < 0)
		return report_status(report, TM_E_BUSY, "the container does not run");
	if (state_base(container, &call->policy, &state, &base) < 0)
		return report_status(report, TM_E_KERNEL, "the container has no ids");
	if (open_all(call, base, mounts, report) < 0 || run_child(call, pidfd, mounts, &result, report) < 0)
		return -1;
	if (result.status == TM_OK)
		return 0;
	child_text(result.text, sizeof result.text);
	(void)report_status(report, result.status <= TM_E_LAST ? (enum tm_status)result.status : TM_E_KERNEL, result.text);
	report->error = result.error;
	return -1;
}
