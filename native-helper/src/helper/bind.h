/* Directories and files of the host on their way into a container. */
#ifndef TALLYMAN_BIND_H
#define TALLYMAN_BIND_H

#include <stdbool.h>

#include "../common/mount.h"
#include "../common/report.h"
#include "policy.h"

/* Opens the source of WISH, which the policy allows, as O_PATH; makes a missing directory where the wish says so. KEEPS_ROOT tells whether the
 * container's root is root of the host there: refused (TM_E_DENIED) where others than root could execute what it makes. */
int bind_open(const struct policy *policy, const struct mount_wish *wish, bool *keeps_root, struct report *report);

#endif
