#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <termios.h>
#include <unistd.h>

#include "../common/scope.h"
#include "init.h"

/* /dev/console of a container with a terminal is that terminal: a bind mount, on a file of our own tmpfs. */
static int bind_console(int slave, struct report *report)
{
	char path[32];
	auto_close int target = open("/dev/console", O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	auto_close int clone = -1;
	struct stat status, cloned;
	unsigned int number;

	if (target < 0 || ioctl(slave, TIOCGPTN, &number) < 0) {
		if (target >= 0 && errno != ENOTTY)
			return report_fail(report, "make /dev/console", errno);
		number = 0; /* the first of a new instance */
	}
	(void)snprintf(path, sizeof path, "/dev/pts/%u", number);
	clone = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
	if (target < 0 || clone < 0 || fstat(clone, &cloned) < 0 || fstat(slave, &status) < 0 || status.st_rdev != cloned.st_rdev)
		return report_fail(report, "make /dev/console", errno);
	return place_attach(clone, target, report);
}

int terminal_open(struct setup *setup, int *master, struct report *report)
{
	struct winsize size = {.ws_row = (unsigned short)setup->request.rows, .ws_col = (unsigned short)setup->request.columns};
	struct statfs status;
	int unlock = 0;

	*master = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW);
	if (*master < 0)
		return report_fail(report, "open a terminal", errno);
	if (fstatfs(*master, &status) < 0 || status.f_type != DEVPTS_SUPER_MAGIC)
		return report_status(report, TM_E_KERNEL, "/dev/pts is not a terminal file system");
	if (ioctl(*master, TIOCSPTLCK, &unlock) < 0)
		return report_fail(report, "unlock a terminal", errno);
	setup->terminal = ioctl(*master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (setup->terminal < 0)
		return report_fail(report, "open a terminal's other side", errno);
	if (size.ws_row || size.ws_col)
		(void)ioctl(*master, TIOCSWINSZ, &size); /* only a matter of looks */
	return setup->launch.is_exec ? 0 : bind_console(setup->terminal, report);
}
