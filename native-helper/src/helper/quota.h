/* Limits of what a directory tree takes on disk: a project of its own (ext4, xfs), whose blocks the kernel counts and limits. Which project a tree has
 * is known from its top directory alone, so nothing can come to differ from what the kernel does. Needs Linux 5.14 (quotactl_fd). */
#ifndef TALLYMAN_QUOTA_H
#define TALLYMAN_QUOTA_H

#include "policy.h"

/* Whether trees below DIRECTORY_FD can be limited; TM_E_INVALID with REFUSAL and what helps when not. */
int quota_require(int directory_fd, const char *refusal, struct report *report);

/* Makes the empty directory TOP_FD the top of a project that nothing else on the file system has, as yet without a limit; does nothing if it is one.
 * What is made in it from now on belongs to the project. The project's number is of the range of the policy's ids, beginning the search at a place
 * that depends on ID. Needs CAP_SYS_ADMIN. */
int quota_begin(int storage_fd, int top_fd, const struct policy *policy, const char *id, struct report *report);

/* Limits the project of TOP_FD to BYTES, 0 = not at all; a tree that has none of this instance's projects is left as it is. */
int quota_limit(int top_fd, const struct policy *policy, uint64_t bytes, struct report *report);

#endif
