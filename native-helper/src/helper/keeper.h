/* The process above the one that starts a container. It looks after what that one began, and after the monitor that it becomes: when the
 * monitor is killed, the container's process becomes a child of the keeper, which has the same descriptors, so that it can execute another
 * monitor: with output, clients and the true exit code. */
#ifndef TALLYMAN_KEEPER_H
#define TALLYMAN_KEEPER_H

#include "call.h"

/* Takes the container's lock, which CALL->lock_fd owns, and forks. Returns 0 in the child, which does the work; the parent waits until the
 * child has become the monitor and is its keeper from then on, or, when the child was killed, undoes what it did and answers in its place. */
int keeper_fork(struct call *call, struct report *report);

#endif
