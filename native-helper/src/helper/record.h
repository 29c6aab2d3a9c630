/* The helper's own log (SECURITY.md R25): storage_root/helper.log, root's, append-only, each line bound to the one before by its hash. */
#ifndef TALLYMAN_RECORD_H
#define TALLYMAN_RECORD_H

#include <stddef.h>

#include "call.h"

/* Appends what is asked, before it is done; with REFUSAL also why it is refused, and durably. Returns 0, or -1 with errno. */
int record_call(const struct call *call, const struct report *refusal);

/* Appends the head of the server's audit chain, durably. BEFORE becomes the anchor before it, "" for none. */
int record_anchor(const struct call *call, char *before, size_t size, struct report *report);

#endif
