/* A container's root file system from its layers. Functions return 0 or -1 with REPORT filled. */
#ifndef TALLYMAN_OVERLAY_H
#define TALLYMAN_OVERLAY_H

#include <stdint.h>

#include "report.h"

/* Mounts the overlay at "root" in the working directory, which must be an empty file system of this mount namespace. LAYERS (bottom first)
 * and WRITABLE are detached mounts, the latter of a directory with "upper" and "work"; -1: what is mounted is read-only for good. */
int overlay_mount(const int *layers, uint32_t layer_count, int writable, struct report *report);

/* Makes "root" the root directory. After this nothing of the host is left in the mount namespace. */
int overlay_enter(struct report *report);

#endif
