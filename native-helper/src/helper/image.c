#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/overlay.h"
#include "../common/scope.h"
#include "child.h"
#include "descriptors.h"
#include "idmapped.h"
#include "layer.h"
#include "stage.h"
#include "subpath.h"

/* What the child tells, with the mount when all went well. It has looked at a hostile image, so nothing else is believed. */
struct outcome {
	uint32_t status;
	int32_t error;
	char step[64];
	char text[448];
};

union control {
	struct cmsghdr head;
	char space[CMSG_SPACE(sizeof(int))];
};

/* Detached mounts of LAYERS with the container's ids; those that come again further up are left out. Returns their number. */
static int clone_layers(int storage_fd, struct image_layers layers, int userns_fd, int *fds, struct report *report)
{
	const struct text_list own = {layers.all->items + layers.first, layers.count};
	int count = 0;

	for (size_t i = 0; i < own.count; i++) {
		auto_close int layer = -1;

		if (idmapped_comes_again(&own, i))
			continue;
		layer = layer_open(storage_fd, own.items[i], report);
		fds[count] = layer < 0 ? -1 : idmapped_clone(layer, userns_fd, true, report);
		if (fds[count] < 0)
			return -1;
		count++;
	}
	return count;
}

static int open_subpath(int root, const char *subpath, struct report *report)
{
	auto_close int fd = subpath_open(root, subpath, report);
	struct stat status;

	if (fd < 0)
		return -1;
	if (fstat(fd, &status) < 0)
		return report_fail(report, "look at a path of an image", errno);
	if (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode))
		return report_parts(report, TM_E_INVALID, "cannot access path ", subpath, ": only directories and regular files of an image are mounted");
	return take_fd(&fd);
}

static int make_mount(const int *layers, int count, int userns_fd, const char *subpath, struct report *report)
{
	struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV, .propagation = MS_PRIVATE};
	auto_close int root = -1, source = -1, tree = -1;

	if (stage_enter(userns_fd, report) < 0 || overlay_mount(layers, (uint32_t)count, -1, report) < 0)
		return -1;
	root = open("root", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (root < 0)
		return report_fail(report, "open a mounted image", errno);
	source = subpath[0] == '\0' ? take_fd(&root) : open_subpath(root, subpath, report);
	if (source < 0)
		return -1;
	tree = open_tree(source, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0 || mount_setattr(tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes) < 0)
		return report_fail(report, "clone the mount of an image", errno);
	return take_fd(&tree);
}

static _Noreturn void child_main(const int *layers, int count, int userns_fd, const char *subpath, int socket_fd)
{
	struct report report = {0};
	int kept[IMAGE_LAYERS_MAX + 2] = {userns_fd, socket_fd};
	int mount;

	/* A killed helper's locks, pipes and sockets are not this one's to hold. */
	memcpy(kept + 2, layers, (size_t)count * sizeof(int));
	descriptors_keep(kept, (size_t)count + 2);
	mount = make_mount(layers, count, userns_fd, subpath, &report);

	struct outcome outcome = {.status = report.status, .error = report.error};
	struct iovec part = {.iov_base = &outcome, .iov_len = sizeof outcome};
	union control control = {.head = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof mount)}};
	struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1};

	if (report.step)
		strncpy(outcome.step, report.step, sizeof outcome.step - 1);
	memcpy(outcome.text, report.text, sizeof outcome.text - 1);
	if (mount >= 0) {
		memcpy(CMSG_DATA(&control.head), &mount, sizeof mount);
		packet.msg_control = &control;
		packet.msg_controllen = sizeof control;
	}
	_exit(sendmsg(socket_fd, &packet, MSG_NOSIGNAL) == (ssize_t)sizeof outcome ? 0 : 1);
}

/* Returns the mount, or -1. */
static int receive(int socket_fd, struct report *report)
{
	static char step[sizeof((struct outcome *)NULL)->step];
	struct outcome outcome = {0};
	struct iovec part = {.iov_base = &outcome, .iov_len = sizeof outcome};
	union control control = {0};
	struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	ssize_t length = recvmsg(socket_fd, &packet, MSG_CMSG_CLOEXEC);
	auto_close int mount = -1;

	if (length == (ssize_t)sizeof outcome && CMSG_FIRSTHDR(&packet) && control.head.cmsg_type == SCM_RIGHTS)
		memcpy(&mount, CMSG_DATA(&control.head), sizeof mount);
	if (length != (ssize_t)sizeof outcome || (outcome.status == TM_OK && mount < 0))
		return report_status(report, TM_E_KERNEL, "the mount of an image was cut short");
	if (outcome.status == TM_OK)
		return take_fd(&mount);
	child_text(outcome.step, sizeof outcome.step);
	child_text(outcome.text, sizeof outcome.text);
	memcpy(step, outcome.step, sizeof step);
	(void)report_status(report, outcome.status <= TM_E_LAST ? (enum tm_status)outcome.status : TM_E_KERNEL, outcome.text);
	report->step = step[0] ? step : NULL;
	report->error = outcome.error;
	return -1;
}

static int run_child(const int *layers, int count, int userns_fd, const char *subpath, struct report *report)
{
	auto_close int told = -1;
	int ends[2], mount;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return report_fail(report, "make a socket", errno);
	told = ends[0];
	child = child_fork();
	if (child == 0)
		child_main(layers, count, userns_fd, subpath, ends[1]);
	(void)close(ends[1]);
	if (child < 0)
		return report_fail(report, "make a process", errno);
	mount = receive(told, report);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return mount;
}

int image_open(int storage_fd, const struct mount_wish *wish, struct image_layers layers, int userns_fd, struct report *report)
{
	int fds[IMAGE_LAYERS_MAX];
	int count, mount;

	for (size_t i = 0; i < IMAGE_LAYERS_MAX; i++)
		fds[i] = -1;
	count = clone_layers(storage_fd, layers, userns_fd, fds, report);
	mount = count < 0 ? -1 : run_child(fds, count, userns_fd, wish->subpath, report);
	for (size_t i = 0; i < layers.count; i++)
		scope_close(&fds[i]);
	return mount;
}
