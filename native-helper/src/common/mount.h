/* A mount that a container asks for: the text of a TM_TAG_MOUNT field. Pure. */
#ifndef TALLYMAN_MOUNT_H
#define TALLYMAN_MOUNT_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "../../include/tallyman_protocol.h"

#define MOUNTS_MAX 64 /* with the other descriptors of a start fewer than the kernel passes at once */

struct mount_wish {
	bool is_bind;
	uint32_t flags;            /* enum tm_mount_flag bits */
	char source[PATH_MAX];     /* a volume's id, or an absolute path of the host without "//", "." and ".." */
	char subpath[PATH_MAX];    /* of a volume: relative and as clean, or "" */
	const char *target;        /* absolute path in the container; points into the text */
};

/* False when TEXT is not of the form that the protocol says. */
bool mount_parse(const char *text, struct mount_wish *wish);

/* Whether PATH is DIRECTORY or lies below it, part by part. */
bool mount_is_below(const char *path, const char *directory);

#endif
