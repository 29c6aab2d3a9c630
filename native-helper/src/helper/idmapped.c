#include "idmapped.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../common/scope.h"

bool idmapped_comes_again(const struct text_list *layers, size_t index)
{
	for (size_t i = index + 1; i < layers->count; i++)
		if (strcmp(layers->items[i], layers->items[index]) == 0)
			return true;
	return false;
}

int idmapped_clone_tree(int source_fd, int userns_fd, bool read_only, bool recursive, struct report *report)
{
	struct mount_attr attributes = {
		.attr_set = MOUNT_ATTR_IDMAP | MOUNT_ATTR_NODEV | (read_only ? MOUNT_ATTR_RDONLY : 0),
		.propagation = MS_PRIVATE,
		.userns_fd = (unsigned int)userns_fd,
	};
	unsigned int deep = recursive ? AT_RECURSIVE : 0;
	auto_close int tree = open_tree(source_fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | deep);

	if (tree < 0)
		return report_fail(report, "clone a mount", errno);
	if (mount_setattr(tree, "", AT_EMPTY_PATH | deep, &attributes, sizeof attributes) < 0)
		return report_fail(report, "map the ids of a mount", errno);
	return take_fd(&tree);
}

int idmapped_clone(int directory_fd, int userns_fd, bool read_only, struct report *report)
{
	return idmapped_clone_tree(directory_fd, userns_fd, read_only, false, report);
}
