#include "link_sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../common/report.h"
#include "../common/scope.h"
#include "netns.h"

#define PATH_BYTES 128 /* "/proc/sys/net/ipv6/neigh/", a link of 15 and a setting of 47 characters */

static bool is_of(const char *text, const char *network)
{
	return strncmp(text, network, TM_ID_CHARS) == 0;
}

/* In the namespace of the link: /proc/sys/net is that of the process that looks. */
static int set(const char *name, const char *text, struct report *report)
{
	struct request_link_sysctl sysctl;
	char path[PATH_BYTES];
	auto_close int fd = -1;

	if (!request_link_sysctl(text, &sysctl))
		return report_status(report, TM_E_INVALID, "link sysctl");
	(void)snprintf(path, sizeof path, "/proc/sys/net/%s/%s/%s", sysctl.folder, name, sysctl.setting);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT)
		return report_parts(report, TM_E_INVALID, path, " is not a sysctl file", "");
	if (fd < 0 || write(fd, sysctl.value, strlen(sysctl.value)) < 0)
		return report_parts(report, TM_E_INVALID, "unable to write to '", path, errno == EINVAL ? "': invalid argument" : "': the kernel refuses it");
	return 0;
}

int link_sysctls_set(int netns_fd, const char *name, const struct text_list *settings, const char *network, struct report *report)
{
	auto_close int home = -1;
	int status = 0;
	size_t first = 0;

	while (first < settings->count && !is_of(settings->items[first], network))
		first++;
	if (first == settings->count)
		return 0;
	home = netns_enter(netns_fd, report);
	if (home < 0)
		return -1;
	for (size_t i = first; i < settings->count && status == 0; i++)
		if (is_of(settings->items[i], network))
			status = set(name, settings->items[i], report);
	netns_leave(home);
	return status;
}
