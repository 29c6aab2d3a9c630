#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../common/scope.h"
#include "cgroup_limit.h"
#include "path.h"

#define MOUNT "/sys/fs/cgroup"
#define EMPTY_WAIT_MS 5000 /* SIGKILL needs milliseconds; more means a process stuck in the kernel */

static const char *const trees[] = {
	[CGROUP_CPU] = "cpu", [CGROUP_CPUACCT] = "cpuacct", [CGROUP_CPUSET] = "cpuset", [CGROUP_MEMORY] = "memory",
	[CGROUP_DEVICES] = "devices", [CGROUP_BLKIO] = "blkio", [CGROUP_PIDS] = "pids",
};

#define TREES (sizeof trees / sizeof trees[0])

/* Everything a container may reach; the nodes themselves are bind mounts, and a user namespace cannot make others. */
static const char *const device_rules[] = {
	"c 1:3 rwm", "c 1:5 rwm", "c 1:7 rwm", "c 1:8 rwm", "c 1:9 rwm", "c 5:0 rwm", "c 5:1 rwm", "c 5:2 rwm", "c 136:* rwm",
};

static bool is_filesystem(const char *path, __fsword_t magic)
{
	struct statfs status;

	return statfs(path, &status) == 0 && status.f_type == magic;
}

const char *cgroup_kind(void)
{
	if (is_filesystem(MOUNT, CGROUP2_SUPER_MAGIC))
		return "v2";
	return is_filesystem(MOUNT "/unified", CGROUP2_SUPER_MAGIC) ? "hybrid" : NULL;
}

int cgroup_write(int dir_fd, const char *file, const char *text)
{
	auto_close int fd = openat(dir_fd, file, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

static const char *unified_path(bool is_v2)
{
	return is_v2 ? MOUNT : MOUNT "/unified";
}

/* What every container inherits from the parent group of a version 1 tree. */
static void set_up_tree_parent(size_t tree, int fd)
{
	char text[256];

	if (tree == CGROUP_CPUSET) {
		const char *const files[] = {"cpuset.cpus", "cpuset.mems"};

		for (size_t i = 0; i < 2; i++) {
			char above[32] = "../";

			memcpy(above + 3, files[i], 12);
			if (path_read_file(fd, above, text, sizeof text) > 0)
				(void)cgroup_write(fd, files[i], text); /* a start will fail with the kernel's reason */
		}
		(void)cgroup_write(fd, "cgroup.clone_children", "1");
	} else if (tree == CGROUP_DEVICES) {
		(void)cgroup_write(fd, "devices.deny", "a");
		for (size_t i = 0; i < sizeof device_rules / sizeof device_rules[0]; i++)
			(void)cgroup_write(fd, "devices.allow", device_rules[i]);
	} else if (tree == CGROUP_MEMORY) {
		(void)cgroup_write(fd, "memory.use_hierarchy", "1");
	}
}

/* Version 2: controllers are handed down one by one, because a kernel may lack some. */
static void hand_down_controllers(int fd)
{
	const char *const controllers[] = {"+cpu", "+memory", "+pids", "+io", "+cpuset"};

	for (size_t i = 0; i < sizeof controllers / sizeof controllers[0]; i++)
		(void)cgroup_write(fd, "cgroup.subtree_control", controllers[i]);
}

/* Opens PARENT in the tree mounted at MOUNT_PATH, made and set up on first use. TREE is TREES for the unified one. */
static int open_parent(const char *mount_path, const char *parent, size_t tree, bool is_v2)
{
	auto_close int root = open(mount_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd;

	if (root < 0)
		return -errno;
	fd = openat(root, parent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 || errno != ENOENT)
		return fd >= 0 ? fd : -errno;
	if (is_v2)
		hand_down_controllers(root);
	if (mkdirat(root, parent, 0755) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(root, parent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (tree < TREES)
		set_up_tree_parent(tree, fd);
	else if (is_v2)
		hand_down_controllers(fd);
	return fd;
}

static int tree_parent(size_t tree, const char *parent)
{
	char path[64];

	(void)snprintf(path, sizeof path, MOUNT "/%s", trees[tree]);
	return open_parent(path, parent, tree, false);
}

static int make_group(int parent_fd, const char *id)
{
	int fd;

	if (mkdirat(parent_fd, id, 0755) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(parent_fd, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd >= 0 ? fd : -errno;
}

static void cgroup_init(struct cgroup *group)
{
	group->unified_fd = -1;
	for (size_t i = 0; i < CGROUP_TREES_MAX; i++)
		group->tree_fds[i] = -1;
}

void cgroup_close(struct cgroup *group)
{
	scope_close(&group->unified_fd);
	for (size_t i = 0; i < CGROUP_TREES_MAX; i++)
		scope_close(&group->tree_fds[i]);
	cgroup_init(group);
}

static int find_kind(struct cgroup *group, struct report *report)
{
	const char *kind = cgroup_kind();

	cgroup_init(group);
	if (!kind)
		return report_status(report, TM_E_KERNEL, "the host has no cgroup version 2 tree at " MOUNT " or " MOUNT "/unified");
	group->is_v2 = kind[0] == 'v';
	return 0;
}

/* Directories in a cgroup file system count their sub-directories in the number of links. */
static bool is_full(int parent_fd, uint32_t max)
{
	struct stat status;

	return fstat(parent_fd, &status) == 0 && status.st_nlink >= (nlink_t)max + 2;
}

static int make_all(const struct policy *policy, const char *id, struct cgroup *group, struct report *report)
{
	auto_close int parent = open_parent(unified_path(group->is_v2), policy->cgroup_parent, TREES, group->is_v2);

	if (parent < 0)
		return report_fail(report, "open the parent control group", -parent);
	if (is_full(parent, policy->max_containers))
		return report_status(report, TM_E_EXHAUSTED, "max_containers: the policy file allows no more running containers");
	group->unified_fd = make_group(parent, id);
	if (group->unified_fd < 0)
		return report_fail(report, "make the control group", -group->unified_fd);
	for (size_t i = 0; i < TREES && !group->is_v2; i++) {
		auto_close int tree = tree_parent(i, policy->cgroup_parent);

		if (tree == -ENOENT)
			continue; /* the kernel has no such controller */
		group->tree_fds[i] = tree >= 0 ? make_group(tree, id) : tree;
		if (group->tree_fds[i] < 0)
			return report_fail(report, "make a version 1 control group", -group->tree_fds[i]);
	}
	return 0;
}

int cgroup_make(const struct policy *policy, const struct request *request, struct cgroup *group, struct report *report)
{
	struct report ignored = {0};

	mode_t before;
	int result;

	if (find_kind(group, report) < 0)
		return -1;
	before = umask(022); /* the server reads the counters */
	result = make_all(policy, request->container, group, report);
	(void)umask(before);
	if (result == 0 && cgroup_limit_first(group, policy, request, report) == 0)
		return 0;
	cgroup_close(group);
	(void)cgroup_remove(policy, request->container, &ignored);
	return -1;
}

int cgroup_open(const struct policy *policy, const char *id, struct cgroup *group, struct report *report)
{
	char path[256];

	if (find_kind(group, report) < 0)
		return -1;
	(void)snprintf(path, sizeof path, "%s/%s/%s", unified_path(group->is_v2), policy->cgroup_parent, id);
	group->unified_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (group->unified_fd < 0)
		return report_status(report, TM_E_ABSENT, "no such container");
	for (size_t i = 0; i < TREES && !group->is_v2; i++) {
		(void)snprintf(path, sizeof path, MOUNT "/%s/%s/%s", trees[i], policy->cgroup_parent, id);
		group->tree_fds[i] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	return 0;
}

size_t cgroup_open_joins(const struct cgroup *group, int fds[CGROUP_TREES_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < CGROUP_TREES_MAX; i++) {
		int fd = group->tree_fds[i] >= 0 ? openat(group->tree_fds[i], "tasks", O_WRONLY | O_CLOEXEC) : -1;

		if (fd >= 0)
			fds[count++] = fd;
	}
	return count;
}

int cgroup_open_oom(const struct cgroup *group)
{
	if (group->is_v2)
		return openat(group->unified_fd, "memory.events", O_RDONLY | O_CLOEXEC);
	if (group->tree_fds[CGROUP_MEMORY] < 0)
		return -1;
	return openat(group->tree_fds[CGROUP_MEMORY], "memory.oom_control", O_RDONLY | O_CLOEXEC);
}

int cgroup_freeze(const struct cgroup *group, bool frozen, struct report *report)
{
	int result = cgroup_write(group->unified_fd, "cgroup.freeze", frozen ? "1" : "0");

	return result < 0 ? report_fail(report, frozen ? "freeze the control group" : "thaw the control group", -result) : 0;
}

/* Waits until no process is left. The file is readable with priority when it changes. */
static bool wait_until_empty(int unified_fd)
{
	auto_close int fd = openat(unified_fd, "cgroup.events", O_RDONLY | O_CLOEXEC);
	struct pollfd poll_fd = {.fd = fd, .events = POLLPRI};
	char text[256];

	for (int rounds = 0; fd >= 0 && rounds < 16; rounds++) {
		ssize_t length = pread(fd, text, sizeof text - 1, 0);

		if (length <= 0)
			return false;
		text[length] = '\0';
		if (strstr(text, "populated 0"))
			return true;
		if (poll(&poll_fd, 1, EMPTY_WAIT_MS) == 0)
			return false;
	}
	return false;
}

int cgroup_remove(const struct policy *policy, const char *id, struct report *report)
{
	struct cgroup group;
	char path[256];

	if (cgroup_open(policy, id, &group, report) == 0) {
		bool is_empty;

		(void)cgroup_write(group.unified_fd, "cgroup.kill", "1"); /* seen below when it did not work */
		is_empty = wait_until_empty(group.unified_fd);
		cgroup_close(&group);
		if (!is_empty)
			return report_status(report, TM_E_BUSY, "a process of the container does not end");
	} else if (report->status != TM_E_ABSENT) {
		return -1;
	}
	for (size_t i = 0; i < TREES; i++) {
		(void)snprintf(path, sizeof path, MOUNT "/%s/%s/%s", trees[i], policy->cgroup_parent, id);
		if (!group.is_v2 && rmdir(path) < 0 && errno != ENOENT && errno != ENOTDIR)
			return report_fail(report, "remove a version 1 control group", errno);
	}
	(void)snprintf(path, sizeof path, "%s/%s/%s", unified_path(group.is_v2), policy->cgroup_parent, id);
	if (rmdir(path) < 0 && errno != ENOENT)
		return report_fail(report, "remove the control group", errno);
	return 0;
}
