#include "subpath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>

#include "../common/resolve.h"

int subpath_open(int root, const char *subpath, struct report *report)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
	int fd = resolve_open(root, subpath, &how);

	if (fd == -EXDEV)
		return report_parts(report, TM_E_INVALID, "path concatenation escapes the base directory, subpath: ", subpath, "");
	if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP || fd == -ENAMETOOLONG || fd == -EACCES)
		return report_parts(report, TM_E_INVALID, "cannot access path ", subpath, fd == -ENOENT ? ": no such file or directory" : ": it is none that can be opened");
	return fd < 0 ? report_fail(report, "open a part of a volume or an image", -fd) : fd;
}
