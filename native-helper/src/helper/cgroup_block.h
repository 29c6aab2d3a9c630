/* Weights and rates of block devices. */
#ifndef TALLYMAN_CGROUP_BLOCK_H
#define TALLYMAN_CGROUP_BLOCK_H

#include "../common/report.h"
#include "../common/request.h"
#include "cgroup.h"

/* Sets what REQUEST has of BLOCK_WEIGHT and BLOCK_LIMIT; TM_E_INVALID for what this kernel or device has not. */
int cgroup_limit_block(const struct cgroup *group, const struct request *request, struct report *report);

#endif
