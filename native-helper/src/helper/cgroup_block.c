#include "cgroup_block.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "cgroup_limit.h"

/* The files of one kind of limit: version 1, and the key of version 2's io.max. */
static const struct {
	const char *file, *key, *name;
} kinds[] = {
	[TM_BLOCK_READ_BYTES] = {"blkio.throttle.read_bps_device", "rbps", "read bytes"},
	[TM_BLOCK_WRITE_BYTES] = {"blkio.throttle.write_bps_device", "wbps", "write bytes"},
	[TM_BLOCK_READ_OPERATIONS] = {"blkio.throttle.read_iops_device", "riops", "read operations"},
	[TM_BLOCK_WRITE_OPERATIONS] = {"blkio.throttle.write_iops_device", "wiops", "write operations"},
};

static int failed(struct report *report, const char *what, int result)
{
	report->error = -result;
	if (result == -ENOENT)
		return report_parts(report, TM_E_INVALID, what, ": this kernel has no such limit of block devices", "");
	if (result == -ENODEV || result == -EINVAL || result == -EOPNOTSUPP || result == -ERANGE)
		return report_parts(report, TM_E_INVALID, what, ": there is no such disk, or it does not take this value", "");
	return report_fail(report, "limit a block device", -result);
}

/* Writes to the first of two files that is there: the scheduler that has weights is BFQ, or what came before and after it. */
static int write_either(int fd, const char *first, const char *second, const char *text)
{
	int result = cgroup_write(fd, first, text);

	return result == -ENOENT ? cgroup_write(fd, second, text) : result;
}

/* Version 2's own scale is 1..10000; BFQ keeps Docker's (as runc maps them). */
static int write_weight(const struct cgroup *group, int fd, const char *device, uint64_t weight)
{
	char bfq[64], own[64];
	int result;

	(void)snprintf(bfq, sizeof bfq, "%s%" PRIu64, device, weight);
	if (!group->is_v2)
		return device[0] ? write_either(fd, "blkio.bfq.weight_device", "blkio.weight_device", bfq)
				 : write_either(fd, "blkio.bfq.weight", "blkio.weight", bfq);
	(void)snprintf(own, sizeof own, "%s%" PRIu64, device[0] ? device : "default ", 1 + (weight - 10) * 9999 / 990);
	result = cgroup_write(fd, "io.bfq.weight", bfq);
	return result == -ENOENT ? cgroup_write(fd, "io.weight", own) : result;
}

static int limit_one(const struct cgroup *group, int fd, const struct request_block_limit *limit, struct report *report)
{
	char device[32], text[96];
	int result;

	if (limit->kind > TM_BLOCK_WRITE_OPERATIONS)
		return report_status(report, TM_E_INVALID, "block limit");
	(void)snprintf(device, sizeof device, "%u:%u ", limit->major, limit->minor);
	if (limit->kind == TM_BLOCK_WEIGHT) {
		if (limit->value < 10 || limit->value > 1000)
			return report_status(report, TM_E_INVALID, "block weight");
		result = write_weight(group, fd, device, limit->value);
		return result < 0 ? failed(report, "block weight of a device", result) : 0;
	}
	(void)snprintf(text, sizeof text, "%s%s%s%" PRIu64, device, group->is_v2 ? kinds[limit->kind].key : "", group->is_v2 ? "=" : "",
		       limit->value);
	result = cgroup_write(fd, group->is_v2 ? "io.max" : kinds[limit->kind].file, text);
	return result < 0 ? failed(report, kinds[limit->kind].name, result) : 0;
}

int cgroup_limit_block(const struct cgroup *group, const struct request *request, struct report *report)
{
	int fd = group->is_v2 ? group->unified_fd : group->tree_fds[CGROUP_BLKIO];

	if (!request->block_weight && request->block_limit_count == 0)
		return 0;
	if (fd < 0)
		return failed(report, "block limit", -ENOENT);
	if (request->block_weight) {
		int result = write_weight(group, fd, "", request->block_weight);

		if (result < 0)
			return failed(report, "block weight", result);
	}
	for (size_t i = 0; i < request->block_limit_count; i++)
		if (limit_one(group, fd, &request->block_limits[i], report) < 0)
			return -1;
	return 0;
}
