/* What a container sees of its own control group where version 1 trees are in use. */
#ifndef TALLYMAN_CGROUP_VIEW_H
#define TALLYMAN_CGROUP_VIEW_H

#include "../common/report.h"
#include "cgroup.h"

/* Fills FDS with detached read-only mounts of the group's own directories and GROUPS with a bit for each, in the order of
 * LAUNCH_GROUP_NAMES. Nothing above the group can be reached from them, and in its control group namespace it is "/". Programs that size
 * themselves (Java, Go, Node) read their limits there. Returns their number, or -1. */
int cgroup_open_view(const struct cgroup *group, int *fds, uint32_t *groups, struct report *report);

#endif
