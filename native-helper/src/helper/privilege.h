/* What the helper inherits from a caller that may be hostile, and how it gets rid of it (SECURITY.md R1-R5). */
#ifndef TALLYMAN_PRIVILEGE_H
#define TALLYMAN_PRIVILEGE_H

#include <stdint.h>

#include "../common/report.h"

/* First of all: no environment, descriptors 0-2 are /dev/null, 3 is the socket, no others; fixed limits, signals, session, ids.
 * CALLER becomes the real user id at entry. Returns -1 with REPORT filled when the helper cannot be root or must not go on. When there is
 * no socket to answer on, the process ends. */
int privilege_enter(int argc, uint32_t *caller, struct report *report);

/* Checks the caller and the helper's own file against the instance's users. */
int privilege_check_caller(uint32_t caller, uint32_t server_uid, uint32_t server_gid, struct report *report);

/* Gives up the capabilities of the bit set UNWANTED (numbers below 32) for good. Returns 0 or a negative errno. */
int privilege_give_up(uint32_t unwanted);

/* Gives up all capabilities but those of the bit set WANTED (numbers below 32), and every system call that work on files does not need,
 * for good. Returns 0 or a negative errno. */
int privilege_keep_files(uint32_t wanted);

#endif
