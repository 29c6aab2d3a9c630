/* Extracting a layer. Runs in a process of its own whose root directory is the layer, with no other rights than to make files there. */
#ifndef TALLYMAN_UNPACK_H
#define TALLYMAN_UNPACK_H

#include <stdbool.h>

#include "layer.h"

/* In a layer ".wh.NAME" speaks of the layers below; elsewhere it is a name as any other. */
enum unpack_kind { UNPACK_LAYER, UNPACK_FILES };

/* Extracts the archive read from TAR_FD into the directory FS_FD, in a child that has lost everything else. */
int unpack_confined(int fs_fd, int tar_fd, enum unpack_kind kind, struct layer_size *size, struct report *report);

/* The work itself, on the current root directory. */
int unpack_here(int root_fd, int tar_fd, enum unpack_kind kind, struct layer_size *size, struct report *report);

#define UNPACK_DEPTH_MAX 256 /* parts of a name in a layer */

#endif
