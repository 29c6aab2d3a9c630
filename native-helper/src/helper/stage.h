/* A place where a child of the helper mounts layers as the root of a container's ids, who is nobody on the host (README.md, rule 4). */
#ifndef TALLYMAN_STAGE_H
#define TALLYMAN_STAGE_H

#include "../common/report.h"

/* In a child of one thread that is in the user namespace of a container: becomes its root, and ends with the
 * helper. */
int stage_become_root(struct report *report);

/* In such a child: enters the user namespace USERNS_FD as its root, with a mount namespace of its own and an empty file system of that as the
 * working directory. */
int stage_enter(int userns_fd, struct report *report);

#endif
