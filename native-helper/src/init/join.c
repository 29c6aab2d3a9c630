#include <errno.h>
#include <sched.h>
#include <unistd.h>

#include "init.h"

/* This program was executed from its memory file before anything of the container was entered (CVE-2019-5736); the process is in the
 * container's process namespace and control group already. */
int join_namespaces(const struct setup *setup, struct report *report)
{
	const int namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP;

	/* A shared network belongs to another user namespace, so it is entered while this process is still the host's root. */
	if (setns(setup->netns, CLONE_NEWNET) < 0)
		return report_fail(report, "enter the network namespace", errno);
	if (setns(setup->init_pidfd, namespaces) < 0)
		return report_fail(report, "enter the container's namespaces", errno);
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return report_fail(report, "become the container's root", errno);
	return chdir("/") < 0 ? report_fail(report, "enter the container's root", errno) : 0;
}
