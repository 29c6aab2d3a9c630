#include "cgroup_limit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup_block.h"
#include "path.h"

#define STEP_CPU "set the processor limit"
#define DEFAULT_PERIOD_MICROS 100000 /* the kernel's own */
#define QUOTA_MIN_MICROS 1000 /* the kernel's, too */
#define UNLIMITED UINT64_MAX

static int write_number(int fd, const char *file, uint64_t value, bool is_v2)
{
	char text[32];

	if (value == UNLIMITED)
		return cgroup_write(fd, file, is_v2 ? "max" : "-1");
	(void)snprintf(text, sizeof text, "%" PRIu64, value);
	return cgroup_write(fd, file, text);
}

static int failed(struct report *report, const char *step, int result)
{
	/* The kernel does not like the value, or lacks the controller. */
	if (result == -EINVAL || result == -EBUSY || result == -ERANGE || result == -ENOENT) {
		report->step = step;
		report->error = -result;
		return report_status(report, TM_E_INVALID, step);
	}
	return report_fail(report, step, -result);
}

/* The sum of memory and swap that Docker means: unset = twice the memory. */
static uint64_t sum_of(const struct request *request)
{
	if (request->memory_swap_max)
		return request->memory_swap_max;
	return request->memory_max ? request->memory_max * 2 : UNLIMITED;
}

static int limit_memory_v1(int fd, uint64_t memory, const struct request *request)
{
	uint64_t sum = sum_of(request);
	int result = 0;

	if (memory)
		result = write_number(fd, "memory.limit_in_bytes", memory, false);
	/* A kernel without swap accounting has no such file; then there is nothing to limit. */
	if (request->memory_max || request->memory_swap_max) {
		int swap = write_number(fd, "memory.memsw.limit_in_bytes", sum, false);

		if (swap < 0 && swap != -ENOENT && swap != -EACCES)
			return swap;
	}
	/* The sum may not be below the memory at any time, so raising both needs the sum first. */
	if (result == -EINVAL && memory)
		result = write_number(fd, "memory.limit_in_bytes", memory, false);
	if (result == 0 && request->memory_low)
		result = write_number(fd, "memory.soft_limit_in_bytes", request->memory_low, false);
	return result;
}

static int limit_memory_v2(int fd, uint64_t memory, const struct request *request)
{
	uint64_t sum = sum_of(request);
	int result = 0;

	if (memory)
		result = write_number(fd, "memory.max", memory, true);
	if (result == 0 && request->memory_max) {
		uint64_t swap = sum == UNLIMITED ? UNLIMITED : sum > memory ? sum - memory : 0;
		int written = write_number(fd, "memory.swap.max", swap, true);

		if (written < 0 && written != -ENOENT && written != -EACCES)
			return written;
	}
	if (result == 0 && request->memory_low)
		result = write_number(fd, "memory.low", request->memory_low, true);
	return result;
}

static int limit_memory(const struct cgroup *group, uint64_t memory, const struct request *request, struct report *report)
{
	int fd = group->is_v2 ? group->unified_fd : group->tree_fds[CGROUP_MEMORY];
	int result;

	if (!memory && !request->memory_low && !request->memory_swap_max)
		return 0;
	if (fd < 0)
		return request->memory_max ? report_status(report, TM_E_INVALID, "memory max: the kernel has no memory controller") : 0;
	result = group->is_v2 ? limit_memory_v2(fd, memory, request) : limit_memory_v1(fd, memory, request);
	if (result == -ENOENT && !request->memory_max)
		return 0; /* version 2 without a memory controller: only the ceiling was meant */
	return result < 0 ? failed(report, "set the memory limit", result) : 0;
}

/* 0 processes mean no limit of the container's own: the policy's ceiling, if it has one. */
static int limit_pids(const struct cgroup *group, const struct policy *policy, const struct request *request, struct report *report)
{
	int fd = group->is_v2 ? group->unified_fd : group->tree_fds[CGROUP_PIDS];
	uint64_t pids = request->pids_max ? request->pids_max : policy->pids_max ? policy->pids_max : UNLIMITED;
	int result = fd < 0 ? -ENOENT : write_number(fd, "pids.max", pids, true);

	if (result == -ENOENT && !request->pids_max)
		return 0;
	return result < 0 ? failed(report, "set the limit of processes", result) : 0;
}

/* Version 1 has a file for each of the two. A longer period is written before its quota and a shorter one after it, so that in between there is never
 * more processor time than before or after; what the kernel then refuses leaves both as they were. */
static int write_quota_v1(int fd, uint64_t quota, uint64_t period)
{
	static const char *const files[] = {"cpu.cfs_period_us", "cpu.cfs_quota_us"};
	const uint64_t values[] = {period, quota};
	char before[2][32];
	size_t first;
	int result = 0;

	for (size_t i = 0; i < 2; i++) {
		ssize_t got = path_read_file(fd, files[i], before[i], sizeof before[i]);

		if (got < 0)
			return (int)got;
	}
	first = period < strtoull(before[0], NULL, 10);
	for (size_t i = 0; i < 2 && result == 0; i++)
		result = write_number(fd, files[first ^ i], values[first ^ i], false);
	if (result < 0)
		(void)cgroup_write(fd, files[first], before[first]);
	return result;
}

static int write_quota(const struct cgroup *group, uint64_t quota, uint64_t period)
{
	char text[64];

	if (group->is_v2) {
		if (quota == UNLIMITED)
			(void)snprintf(text, sizeof text, "max %" PRIu64, period);
		else
			(void)snprintf(text, sizeof text, "%" PRIu64 " %" PRIu64, quota, period);
		return cgroup_write(group->unified_fd, "cpu.max", text);
	}
	return write_quota_v1(group->tree_fds[CGROUP_CPU], quota, period);
}

/* A quota of 0 means none of the container's own: the policy's ceiling, if it has one. */
static int limit_bandwidth(const struct cgroup *group, const struct policy *policy, const struct request *request, struct report *report)
{
	uint64_t period = request->cpu_period ? request->cpu_period : DEFAULT_PERIOD_MICROS;
	uint64_t ceiling = policy->cpu_max_percent ? policy->cpu_max_percent * period / 100 : UNLIMITED;
	uint64_t quota = request->cpu_quota ? request->cpu_quota : ceiling;
	int fd = group->is_v2 ? group->unified_fd : group->tree_fds[CGROUP_CPU];
	int result;

	if (fd >= 0 && quota < QUOTA_MIN_MICROS)
		return report_status(report, TM_E_INVALID, request->cpu_quota ? "cpu quota: the least are 1000 microseconds"
			: "cpu period: so short that the policy's ceiling (cpu_max_percent) is less than 1000 microseconds of it");
	result = fd < 0 ? -ENOENT : write_quota(group, quota, period);
	/* A kernel without bandwidth control has nothing that could be lifted, and only the ceiling was meant. */
	if (result == -ENOENT && !request->cpu_quota && !request->cpu_period)
		return 0;
	return result < 0 ? failed(report, STEP_CPU, result) : 0;
}

static int limit_shares(const struct cgroup *group, const struct request *request)
{
	uint64_t shares = request->cpu_shares < 2 ? 2 : request->cpu_shares;
	int fd = group->is_v2 ? group->unified_fd : group->tree_fds[CGROUP_CPU];

	if (!request->cpu_shares)
		return 0;
	/* Docker's scale 2..262144 to version 2's 1..10000, as runc maps it. */
	return fd < 0 ? -ENOENT
	       : group->is_v2 ? write_number(fd, "cpu.weight", 1 + (shares - 2) * 9999 / 262142, true)
			      : write_number(fd, "cpu.shares", shares, false);
}

static int limit_cpu(const struct cgroup *group, const struct policy *policy, const struct request *request, bool is_first, struct report *report)
{
	bool has_bandwidth = request_has(request, TM_TAG_CPU_QUOTA) || request_has(request, TM_TAG_CPU_PERIOD) || (is_first && policy->cpu_max_percent);
	int result;

	if (has_bandwidth && limit_bandwidth(group, policy, request, report) < 0)
		return -1;
	result = limit_shares(group, request);
	return result < 0 ? failed(report, STEP_CPU, result) : 0;
}

static int write_set(int fd, const char *file, const char *set, struct report *report)
{
	int result;

	if (!set)
		return 0;
	if (set[0] == '\0' || strlen(set) > 1000 || set[strspn(set, "0123456789,-")] != '\0')
		return report_parts(report, TM_E_INVALID, file, " is malformed", "");
	result = fd < 0 ? -ENOENT : cgroup_write(fd, file, set);
	return result < 0 ? failed(report, file, result) : 0;
}

static int limit_cpuset(const struct cgroup *group, const struct request *request, struct report *report)
{
	int fd = group->is_v2 ? group->unified_fd : group->tree_fds[CGROUP_CPUSET];

	return write_set(fd, "cpuset.cpus", request->cpuset, report) < 0 ? -1 : write_set(fd, "cpuset.mems", request->cpuset_mems, report);
}

static int limit_swappiness(const struct cgroup *group, const struct request *request, struct report *report)
{
	int result;

	if (!request_has(request, TM_TAG_SWAPPINESS))
		return 0;
	if (group->is_v2 || group->tree_fds[CGROUP_MEMORY] < 0)
		return report_status(report, TM_E_INVALID, "memory swappiness: this kernel has none for control groups (cgroup version 2)");
	result = write_number(group->tree_fds[CGROUP_MEMORY], "memory.swappiness", request->swappiness, false);
	return result < 0 ? failed(report, "set the memory swappiness", result) : 0;
}

/* The group above has a budget only if root gives it one; without, every value but 0 is refused by the kernel. */
static int limit_realtime(const struct cgroup *group, const struct request *request, struct report *report)
{
	int fd = group->is_v2 ? -1 : group->tree_fds[CGROUP_CPU];
	int result = 0;

	if (!request->realtime_period && !request->realtime_runtime)
		return 0;
	if (fd >= 0 && request->realtime_period)
		result = write_number(fd, "cpu.rt_period_us", request->realtime_period, false);
	if (fd >= 0 && result == 0 && request->realtime_runtime)
		result = write_number(fd, "cpu.rt_runtime_us", request->realtime_runtime, false);
	if (fd < 0 || result == -ENOENT)
		return report_status(report, TM_E_INVALID, "kernel does not support CPU real-time scheduler");
	if (result == -EINVAL)
		return report_status(report, TM_E_INVALID, "cpu real-time runtime: the group above all containers has no budget (its cpu.rt_runtime_us)");
	return result < 0 ? failed(report, "set the real-time budget", result) : 0;
}

static int limit_rest(const struct cgroup *group, const struct request *request, struct report *report)
{
	if (limit_cpuset(group, request, report) < 0 || limit_swappiness(group, request, report) < 0 ||
	    limit_realtime(group, request, report) < 0)
		return -1;
	return cgroup_limit_block(group, request, report);
}

int cgroup_limit(const struct cgroup *group, const struct policy *policy, const struct request *request, struct report *report)
{
	if (limit_memory(group, request->memory_max, request, report) < 0 ||
	    (request_has(request, TM_TAG_PIDS_MAX) && limit_pids(group, policy, request, report) < 0) ||
	    limit_cpu(group, policy, request, false, report) < 0)
		return -1;
	return limit_rest(group, request, report);
}

int cgroup_limit_first(const struct cgroup *group, const struct policy *policy, const struct request *request, struct report *report)
{
	uint64_t memory = request->memory_max ? request->memory_max : policy->memory_max;

	if (limit_memory(group, memory, request, report) < 0 || limit_pids(group, policy, request, report) < 0 ||
	    limit_cpu(group, policy, request, true, report) < 0)
		return -1;
	if (request->flags & TM_FLAG_OOM_KILL_DISABLE) {
		int result = group->is_v2 || group->tree_fds[CGROUP_MEMORY] < 0
				     ? -ENOENT
				     : cgroup_write(group->tree_fds[CGROUP_MEMORY], "memory.oom_control", "1");

		if (result < 0)
			return report_status(report, TM_E_INVALID, "this kernel cannot switch the OOM killer off (cgroup version 2)");
	}
	return limit_rest(group, request, report);
}
