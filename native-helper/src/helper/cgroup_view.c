#include "cgroup_view.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "../common/launch.h"
#include "../common/scope.h"
#include "cgroup_limit.h"

_Static_assert(LAUNCH_GROUP_UNIFIED == CGROUP_PIDS + 1, "the names in launch.h follow enum cgroup_tree");

static int clone_read_only(int directory_fd, struct report *report)
{
	struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC};
	auto_close int tree = open_tree(directory_fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (tree < 0 || mount_setattr(tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes) < 0)
		return report_fail(report, "clone a control group's directory", errno);
	return take_fd(&tree);
}

int cgroup_open_view(const struct cgroup *group, int *fds, uint32_t *groups, struct report *report)
{
	int count = 0;

	*groups = 0;
	for (int i = 0; i <= LAUNCH_GROUP_UNIFIED && !group->is_v2; i++) {
		int directory = i == LAUNCH_GROUP_UNIFIED ? group->unified_fd : group->tree_fds[i];

		if (directory < 0)
			continue; /* the kernel has no such controller */
		fds[count] = clone_read_only(directory, report);
		if (fds[count++] < 0)
			return -1;
		*groups |= 1u << i;
	}
	return count;
}
