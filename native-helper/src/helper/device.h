/* Device nodes that a container asks for beside the six that every one has. The policy says which may be asked for. */
#ifndef TALLYMAN_DEVICE_H
#define TALLYMAN_DEVICE_H

#include "../common/report.h"
#include "cgroup.h"
#include "policy.h"

/* Makes a small file system of nodes of the container's own, named 0, 1, ... in the order of the request: the host's nodes belong to the
 * host's root, who is nobody in the container. BASE is the first of its ids. Returns its detached mount, or -1. */
int device_make(const struct request *request, uint32_t base, struct report *report);

/* Version 1: lets the group reach what was asked for, and nothing beyond the usual. Version 2 has no such list. */
int device_allow(const struct cgroup *group, const struct policy *policy, const struct request *request, struct report *report);

#endif
