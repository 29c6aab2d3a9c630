/* Sockets at which the server answers the programs of a container. */
#ifndef TALLYMAN_SOCKET_H
#define TALLYMAN_SOCKET_H

#include <stdint.h>

#include "../common/mount.h"
#include "../common/report.h"

struct policy;

/* Opens the server's socket that WISH names as a detached mount, and gives it to the container's root, whose id on the host is BASE. Nothing but a
 * socket that the server made itself is ever shown. Returns a descriptor, or -1: TM_E_ABSENT when it is not there. */
int socket_open(const struct policy *policy, const struct mount_wish *wish, uint32_t base, struct report *report);

#endif
