#include "stage.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>
#include <unistd.h>

#include "child.h"

#define STAGE "/dev" /* exists on every host; covered by a tmpfs in the child's mount namespace only */

int stage_become_root(struct report *report)
{
	int error;

	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return report_fail(report, "become the container's root", errno);
	/* Now and not before: the change of ids took back what was said of it earlier. */
	error = child_end_with_helper();
	return error < 0 ? report_fail(report, "end with the helper", -error) : 0;
}

int stage_enter(int userns_fd, struct report *report)
{
	if (setns(userns_fd, CLONE_NEWUSER) < 0 || unshare(CLONE_NEWNS) < 0)
		return report_fail(report, "make a view of the container", errno);
	if (stage_become_root(report) < 0)
		return -1;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return report_fail(report, "cut the mounts off the host's", errno);
	if (mount("tmpfs", STAGE, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0755,size=1m") < 0 || chdir(STAGE) < 0)
		return report_fail(report, "mount the stage", errno);
	return 0;
}
