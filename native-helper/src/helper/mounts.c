#include "mounts.h"

#include <errno.h>

#include "../common/mount.h"
#include "../common/scope.h"
#include "bind.h"
#include "call.h"
#include "idmapped.h"
#include "image.h"
#include "socket.h"
#include "subpath.h"
#include "userns.h"
#include "volume.h"

static int open_volume(const struct call *call, const struct mount_wish *wish, struct report *report)
{
	auto_close int data = volume_open(call->storage_fd, wish->source, report);
	bool is_written = call->request.verb == TM_VERB_CONTAINER_START || call->request.verb == TM_VERB_FILES_PUT;

	if (data >= 0 && is_written && !(wish->flags & TM_MOUNT_READ_ONLY))
		volume_use(data);
	if (data < 0 || wish->subpath[0] == '\0')
		return take_fd(&data);
	return subpath_open(data, wish->subpath, report);
}

static int open_one(const struct call *call, const struct mount_wish *wish, int userns_fd, int squashed_fd, struct report *report)
{
	bool is_bind = wish->kind == MOUNT_BIND, keeps_root = false;
	auto_close int source = is_bind ? bind_open(&call->policy, wish, &keeps_root, report) : open_volume(call, wish, report);
	bool recursive = is_bind && (wish->flags & TM_MOUNT_RECURSIVE);
	int fd;

	if (source < 0)
		return -1;
	fd = idmapped_clone_tree(source, is_bind && !keeps_root ? squashed_fd : userns_fd, (wish->flags & TM_MOUNT_READ_ONLY) != 0, recursive, report);
	if (fd < 0 && is_bind && report->error == EINVAL)
		return report_parts(report, TM_E_INVALID, "the file system at ", wish->source, ", or one mounted below it, cannot be shown with other ids");
	return fd;
}

/* FIRST is that of the image's layers among those of the request, and moves on by as many. */
static int open_image(const struct call *call, const struct mount_wish *wish, size_t *first, int userns_fd, struct report *report)
{
	const struct image_layers layers = {&call->request.mount_layers, *first, wish->layers};

	if (wish->layers > layers.all->count - *first)
		return report_status(report, TM_E_INVALID, "layers of an image that is to be mounted are missing");
	*first += wish->layers;
	return image_open(call->storage_fd, wish, layers, userns_fd, report);
}

int mounts_open(const struct call *call, int userns_fd, uint32_t base, int *fds, struct report *report)
{
	const struct text_list *wishes = &call->request.mounts;
	auto_close int squashed = -1;
	size_t layers = 0;

	for (size_t i = 0; i < wishes->count; i++) {
		struct mount_wish wish;

		fds[i] = -1;
		if (!mount_parse(wishes->items[i], &wish))
			return report_status(report, TM_E_INVALID, "mount is out of range or malformed");
		if (wish.kind == MOUNT_BIND && squashed < 0 && (squashed = userns_make_squashed(base, report)) < 0)
			return -1;
		if (wish.kind == MOUNT_SOCKET)
			fds[i] = socket_open(&call->policy, &wish, base, report);
		else if (wish.kind == MOUNT_IMAGE)
			fds[i] = open_image(call, &wish, &layers, userns_fd, report);
		else
			fds[i] = open_one(call, &wish, userns_fd, squashed, report);
		if (fds[i] < 0)
			return -1;
	}
	return (int)wishes->count;
}
