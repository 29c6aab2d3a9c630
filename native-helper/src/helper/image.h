/* The files of an image on their way into a container that has another one as its root. */
#ifndef TALLYMAN_HELPER_IMAGE_H
#define TALLYMAN_HELPER_IMAGE_H

#include "../common/mount.h"
#include "../common/report.h"
#include "../common/request.h"

/* The layers of one mount among those of the request, bottom first. */
struct image_layers {
	const struct text_list *all;
	size_t first, count;
};

/* Opens what WISH says of the LAYERS as a detached mount with the ids of USERNS_FD, read-only for good. A child mounts them and resolves the path as
 * the container's root; TM_E_INVALID when the path is not there or leads out of the image. */
int image_open(int storage_fd, const struct mount_wish *wish, struct image_layers layers, int userns_fd, struct report *report);

#endif
