/* Volumes, directories of the host, sockets of the server and images on their way into a container. */
#ifndef TALLYMAN_MOUNTS_H
#define TALLYMAN_MOUNTS_H

#include <stdint.h>

#include "../common/report.h"

struct call;

/* Opens what the request's mounts name as detached mounts with the container's ids (USERNS_FD, range from BASE), in their order.
 * Returns their number; those opened so far are in FDS also when it fails. */
int mounts_open(const struct call *call, int userns_fd, uint32_t base, int *fds, struct report *report);

#endif
