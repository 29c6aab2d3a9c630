/* Mounts whose ids are shifted into a container's range. */
#ifndef TALLYMAN_IDMAPPED_H
#define TALLYMAN_IDMAPPED_H

#include <stdbool.h>

#include "../common/report.h"
#include "../common/request.h"

/* Layers that come again further up hide themselves: only the uppermost counts, and overlayfs refuses the same one twice. */
bool idmapped_comes_again(const struct text_list *layers, size_t index);

/* Clones the mount that DIRECTORY_FD is on, rooted there, with ids shifted into the container's range. Returns a detached mount. */
int idmapped_clone(int directory_fd, int userns_fd, bool read_only, struct report *report);

/* The same of a directory or file; RECURSIVE: with the mounts below it. */
int idmapped_clone_tree(int source_fd, int userns_fd, bool read_only, bool recursive, struct report *report);

#endif
