/* init: order only. It is executed from a sealed memory file inside the container's namespaces (start), or outside to enter them (exec). */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/scope.h"
#include "init.h"

static void send_message(const struct init_message *message, int fd)
{
	struct iovec part = {.iov_base = (void *)(uintptr_t)message, .iov_len = sizeof *message};
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1};

	if (fd >= 0) {
		packet.msg_control = &control;
		packet.msg_controllen = sizeof control;
		control.head = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))};
		memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
	}
	(void)sendmsg(TM_INIT_SOCKET_FD, &packet, MSG_NOSIGNAL); /* without a helper this process ends soon */
}

static _Noreturn void fail(const struct report *report)
{
	struct init_message message = {.kind = INIT_FAILED, .status = report->status, .error = report->error, .number = report->number};

	if (report->step)
		strncpy(message.step, report->step, sizeof message.step - 1);
	memcpy(message.text, report->text, sizeof message.text - 1);
	send_message(&message, -1);
	_exit(255);
}

/* Takes the descriptors of the first message; their number, or -1. */
static int receive_fds(int fds[LAUNCH_FDS_MAX])
{
	char byte;
	struct iovec part = {.iov_base = &byte, .iov_len = 1};
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(LAUNCH_FDS_MAX * sizeof(int))];
	} control;
	struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	size_t length;

	if (recvmsg(TM_INIT_SOCKET_FD, &packet, MSG_CMSG_CLOEXEC) != 1 || (packet.msg_flags & MSG_CTRUNC) || !CMSG_FIRSTHDR(&packet))
		return -1;
	length = CMSG_FIRSTHDR(&packet)->cmsg_len - CMSG_LEN(0);
	memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&packet)), length);
	return (int)(length / sizeof(int));
}

static int read_launch(struct setup *setup, int fd, struct report *report)
{
	struct stat status;
	unsigned char *bytes;

	if (fstat(fd, &status) < 0 || status.st_size < (off_t)sizeof(struct launch))
		return report_status(report, TM_E_PROTOCOL, "no launch record");
	bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return report_fail(report, "map the launch record", errno);
	(void)close(fd);
	memcpy(&setup->launch, bytes, sizeof setup->launch);
	return request_parse(bytes + sizeof(struct launch), setup->launch.packet_length, &setup->request, report);
}

static int read_setup(struct setup *setup, struct report *report)
{
	int fds[LAUNCH_FDS_MAX];
	int count = receive_fds(fds), at = 1;

	if (count < 1)
		_exit(255); /* the helper gave up before it had anything to say */
	if (read_launch(setup, fds[0], report) < 0)
		return -1;
	for (uint32_t i = 0; i < setup->launch.stdio_count; i++)
		setup->stdio[i] = fds[at++];
	if (setup->launch.is_exec) {
		setup->init_pidfd = fds[at++];
		setup->netns = fds[at++];
		return 0;
	}
	for (int i = 0; i < LAUNCH_DEVICES; i++)
		setup->devices[i] = fds[at++];
	setup->writable = fds[at++];
	for (uint32_t i = 0; i < setup->launch.layer_count; i++)
		setup->layers[i] = fds[at++];
	for (uint32_t i = 0; i < setup->launch.mount_count; i++)
		setup->mounts[i] = fds[at++];
	if (setup->request.devices.count > 0)
		setup->asked_devices = fds[at++];
	if (setup->request.secrets.count > 0)
		setup->secrets = fds[at++];
	for (int i = 0; i < LAUNCH_GROUPS; i++)
		if (setup->launch.groups >> i & 1)
			setup->groups[i] = fds[at++];
	if (setup->launch.shares)
		setup->init_pidfd = fds[at++];
	return at == count ? 0 : report_status(report, TM_E_PROTOCOL, "descriptors are missing");
}

static void wait_for_go(void)
{
	char byte;

	if (recv(TM_INIT_SOCKET_FD, &byte, 1, 0) != 1)
		_exit(255); /* the helper failed and has told why */
}

static int run(struct setup *setup, struct report *report)
{
	struct init_message ready = {.kind = INIT_READY};
	static struct user user;
	auto_close int master = -1;
	const struct request *request = &setup->request;

	if (read_setup(setup, report) < 0)
		return -1;
	if (setup->launch.shares) {
		if (share_enter(setup, report) < 0)
			return -1;
		send_message(&(struct init_message){.kind = INIT_JOINED}, -1);
	}
	if (setup->launch.is_exec ? join_namespaces(setup, report) < 0 : root_set_up(setup, report) < 0)
		return -1;
	if (user_resolve(request, &user, report) < 0)
		return -1;
	if ((request->flags & TM_FLAG_TTY) && terminal_open(setup, &master, report) < 0)
		return -1;
	if (!setup->launch.is_exec && special_protect(setup, report) < 0)
		return -1;
	send_message(&ready, master);
	scope_close(&master);
	master = -1;
	wait_for_go();
	if (!setup->launch.is_exec && (request->flags & TM_FLAG_INIT) && reap_fork(report) < 0)
		return -1;
	if (process_take_stdio(setup, &user, report) < 0)
		return -1;
	return process_execute(setup, &user, report);
}

int main(void)
{
	static struct setup setup = {.terminal = -1, .stdio = {-1, -1, -1}, .init_pidfd = -1, .netns = -1, .writable = -1, .asked_devices = -1, .secrets = -1, .shared_memory = -1, .own_proc = -1};
	struct report report = {0};

	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)umask(0);
	if (close_range(TM_INIT_SOCKET_FD + 1, ~0U, 0) < 0 || fcntl(TM_INIT_SOCKET_FD, F_SETFD, FD_CLOEXEC) < 0)
		return 255;
	(void)run(&setup, &report);
	fail(&report);
}
