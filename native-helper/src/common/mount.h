/* A mount that a container asks for: the text of a TM_TAG_MOUNT field. Pure. */
#ifndef TALLYMAN_MOUNT_H
#define TALLYMAN_MOUNT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../include/tallyman_protocol.h"

#define MOUNTS_MAX 64 /* with the other descriptors of a start fewer than the kernel passes at once */

#define IMAGE_LAYERS_MAX 127
#define MOUNT_LAYERS_MAX 1024 /* of all images together */

enum mount_kind { MOUNT_VOLUME, MOUNT_BIND, MOUNT_SOCKET, MOUNT_IMAGE };

struct mount_wish {
	enum mount_kind kind;
	uint32_t flags;            /* enum tm_mount_flag bits */
	char source[PATH_MAX];     /* id of a volume or a socket, or an absolute path of the host without "//", "." and ".." */
	size_t layers;             /* of an image */
	char subpath[PATH_MAX];    /* of a volume or an image: relative and as clean, or "" */
	const char *target;        /* absolute path in the container; points into the text */
};

/* False when TEXT is not of the form that the protocol says. */
bool mount_parse(const char *text, struct mount_wish *wish);

/* Whether PATH is DIRECTORY or lies below it, part by part. */
bool mount_is_below(const char *path, const char *directory);

#endif
