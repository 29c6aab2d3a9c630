/* Settings of a container's link, below /proc/sys/net of its own namespace. */
#ifndef TALLYMAN_LINK_SYSCTL_H
#define TALLYMAN_LINK_SYSCTL_H

#include "../common/request.h"

/* Sets those of SETTINGS (request_link_sysctl()) that are of the link to NETWORK, which is called NAME in the namespace NETNS_FD; this process is back
 * in its own afterwards. 0, or TM_E_INVALID for one that the kernel does not have, or whose value it refuses; then those before it stay. */
int link_sysctls_set(int netns_fd, const char *name, const struct text_list *settings, const char *network, struct report *report);

#endif
