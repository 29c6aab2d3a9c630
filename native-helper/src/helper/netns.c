#include "netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "../common/report.h"
#include "../common/scope.h"

int netns_enter(int netns_fd, struct report *report)
{
	auto_close int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (home < 0)
		return report_fail(report, "open own network namespace", errno);
	if (setns(netns_fd, CLONE_NEWNET) < 0)
		return report_fail(report, "join network namespace", errno);
	return take_fd(&home);
}

void netns_leave(int home_fd)
{
	if (setns(home_fd, CLONE_NEWNET) < 0)
		_exit(70);
}
