/* Capabilities and the system call filter. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "init.h"
#include "profile.h"
#include "seccomp_filter.h"

int confine_capabilities(uint64_t capabilities, struct report *report)
{
	for (int number = 0; number < 64; number++) {
		if (capabilities >> number & 1)
			continue;
		if (prctl(PR_CAPBSET_DROP, number, 0, 0, 0) < 0) {
			if (errno == EINVAL)
				break; /* past the kernel's last */
			return report_fail(report, "give up a capability", errno);
		}
	}
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return report_fail(report, "clear the ambient capabilities", errno);
	return 0;
}

int confine_finish(uint64_t capabilities, bool is_root, struct report *report)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	uint64_t kept = is_root ? capabilities : 0;
	struct __user_cap_data_struct data[2] = {
		{.effective = (uint32_t)kept, .permitted = (uint32_t)kept},
		{.effective = (uint32_t)(kept >> 32), .permitted = (uint32_t)(kept >> 32)},
	};

	return syscall(SYS_capset, &header, data) < 0 ? report_fail(report, "set the capabilities", errno) : 0;
}

static int set_filter(const struct sock_filter *code, size_t length, struct report *report)
{
	struct sock_fprog program = {.len = (unsigned short)length, .filter = (struct sock_filter *)(uintptr_t)code};

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		return report_fail(report, "set the system call filter", errno);
	return 0;
}

/* The kernel asks all filters and takes the strictest answer, so the one that was asked for can only take away. It comes second, because it
 * may forbid to set another. */
int confine_filter(const struct setup *setup, struct report *report)
{
	static struct profile_program asked;
	const struct request *request = &setup->request;

	if (setup->launch.is_confined && set_filter(seccomp_filter, sizeof seccomp_filter / sizeof seccomp_filter[0], report) < 0)
		return -1;
	if (!request->seccomp)
		return 0;
	if (profile_compile(request->seccomp, request->seccomp_length, &asked, report) < 0)
		return -1;
	return set_filter(asked.code, asked.length, report);
}

int confine_reaper(struct report *report)
{
	if (confine_capabilities(0, report) < 0)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return report_fail(report, "set no_new_privs", errno);
	if (set_filter(seccomp_filter, sizeof seccomp_filter / sizeof seccomp_filter[0], report) < 0)
		return -1;
	return confine_finish(1ULL << CAP_KILL, true, report);
}
