/* User namespaces that serve id maps, without a process in them. */
#ifndef TALLYMAN_USERNS_H
#define TALLYMAN_USERNS_H

#include <stdint.h>

#include "../common/report.h"

/* One with the ids of a container whose range begins at BASE. Returns a descriptor that keeps it, or -1. */
int userns_make(uint32_t base, struct report *report);

/* One for directories of the host: on disk the container's root is USERNS_NOBODY, every other id is itself, and root of the host is nobody
 * in the container. So nothing that a container makes there belongs to root of the host. */
#define USERNS_NOBODY 65534u
int userns_make_squashed(uint32_t base, struct report *report);

#endif
