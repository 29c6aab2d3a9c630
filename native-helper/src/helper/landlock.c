#include "landlock.h"

#include <errno.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../common/scope.h"

/* By version of the kernel's interface; headers of a distribution may know fewer. */
#define FS(bit) (UINT64_C(1) << (bit))
#define FS_READ (FS(2) | FS(3))                   /* read file, read directory */
#define FS_MAKE (FS(6) | FS(7) | FS(8) | FS(9) | FS(10) | FS(12)) /* character device, directory, file, socket, fifo, symbolic link */
#define FS_WRITE (FS(1) | FS(4) | FS(5) | FS_MAKE) /* write file, remove directory, remove file */
#define FS_ALL_1 (FS(13) - 1)
#define FS_REFER FS(13)     /* 2: links and renames from one directory to another */
#define FS_TRUNCATE FS(14)  /* 3 */
#define FS_IOCTL_DEV FS(15) /* 5 */
#define NET_ALL UINT64_C(3) /* 4: bind and connect by TCP */
#define SCOPE_ABSTRACT UINT64_C(1) /* 6: abstract unix sockets of others */

struct attributes {
	uint64_t fs, net, scoped;
};

static struct attributes attributes_of(long version)
{
	struct attributes all = {.fs = FS_ALL_1};

	if (version >= 2)
		all.fs |= FS_REFER;
	if (version >= 3)
		all.fs |= FS_TRUNCATE;
	if (version >= 5)
		all.fs |= FS_IOCTL_DEV;
	if (version >= 4)
		all.net = NET_ALL;
	if (version >= 6)
		all.scoped = SCOPE_ABSTRACT;
	return all;
}

static int allow(int ruleset, const struct landlock_place *place, uint64_t known)
{
	uint64_t rights = place->is_writable ? FS_READ | FS_WRITE | FS_REFER | FS_TRUNCATE : FS_READ;
	struct landlock_path_beneath_attr rule = {.allowed_access = rights & known, .parent_fd = place->fd};

	if (place->fd < 0)
		return 0;
	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0 ? -1 : 0;
}

int landlock_enter(const struct landlock_place *places, size_t count, struct report *report)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct attributes attributes;
	auto_close int ruleset = -1;

	/* Version 1 knows no links from one directory to another: it would forbid them all. */
	if (version < 2)
		return 0;
	attributes = attributes_of(version);
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes,
			       version >= 6 ? sizeof attributes : version >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t), 0);
	if (ruleset < 0)
		return report_fail(report, "make landlock rules", errno);
	for (size_t i = 0; i < count; i++)
		if (allow(ruleset, &places[i], attributes.fs) < 0)
			return report_fail(report, "add a landlock rule", errno);
	return syscall(SYS_landlock_restrict_self, ruleset, 0) < 0 ? report_fail(report, "restrict the helper by landlock", errno) : 0;
}
