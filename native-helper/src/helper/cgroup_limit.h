/* Limits of a control group, in the files of both versions. */
#ifndef TALLYMAN_CGROUP_LIMIT_H
#define TALLYMAN_CGROUP_LIMIT_H

#include "cgroup.h"

/* Index of a version 1 tree. */
enum cgroup_tree { CGROUP_CPU, CGROUP_CPUACCT, CGROUP_CPUSET, CGROUP_MEMORY, CGROUP_DEVICES, CGROUP_BLKIO, CGROUP_PIDS };

/* Sets what REQUEST asks for, and the policy's ceilings where it asks for nothing. */
int cgroup_limit_first(const struct cgroup *group, const struct policy *policy, const struct request *request, struct report *report);

/* Writes TEXT to FILE in one go. Returns 0 or a negative errno. */
int cgroup_write(int dir_fd, const char *file, const char *text);

#endif
