/* Control groups of containers: version 2, or version 1 with the unified tree beside it ("hybrid").
 *
 * PARENT/ID in every tree. The unified tree, which both have, counts, freezes and kills; limits are in it or in the version 1 trees.
 */
#ifndef TALLYMAN_CGROUP_H
#define TALLYMAN_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../common/report.h"
#include "../common/request.h"
#include "policy.h"

#define CGROUP_TREES_MAX 8

struct cgroup {
	bool is_v2;
	int unified_fd;                 /* the container's directory in the unified tree */
	int tree_fds[CGROUP_TREES_MAX]; /* its directories in the version 1 trees; -1 where the kernel has none */
};

/* Makes the group with its limits. TM_E_EXHAUSTED when max_containers are there. Close with cgroup_close(). */
int cgroup_make(const struct policy *policy, const struct request *request, struct cgroup *group, struct report *report);

/* Opens an existing one; TM_E_ABSENT. */
int cgroup_open(const struct policy *policy, const char *id, struct cgroup *group, struct report *report);
void cgroup_close(struct cgroup *group);

/* Sets the limits that REQUEST has. A number of processes or a quota of 0 that is there lifts the one before, up to POLICY's ceiling. */
int cgroup_limit(const struct cgroup *group, const struct policy *policy, const struct request *request, struct report *report);

/* Descriptors of the version 1 files through which a process puts itself into the group by writing "0". Returns their number. */
size_t cgroup_open_joins(const struct cgroup *group, int fds[CGROUP_TREES_MAX]);

/* A readable file that counts the OOM killer's victims, or -1. */
int cgroup_open_oom(const struct cgroup *group);

int cgroup_freeze(const struct cgroup *group, bool frozen, struct report *report);

/* Kills everything in the group and waits until it is empty, then removes it. Absent is success. */
int cgroup_remove(const struct policy *policy, const char *id, struct report *report);

/* "v2", "hybrid", or NULL when the host has neither. */
const char *cgroup_kind(void);

#endif
