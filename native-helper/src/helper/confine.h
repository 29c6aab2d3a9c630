/* Gives up what a verb does not need (SECURITY.md R19), once the request is known and allowed. */
#ifndef TALLYMAN_HELPER_CONFINE_H
#define TALLYMAN_HELPER_CONFINE_H

#include "call.h"

/* Cuts bounding, permitted and effective capabilities to those of the request's verb. A verb that mounts nothing reaches the instance's own
 * folders only (Landlock, where the kernel has it). A verb that makes no process of a container also loses the system
 * calls that only an attacker would want: what executes programs, looks into processes, loads code into the kernel. */
int confine_verb(const struct call *call, struct report *report);

#endif
