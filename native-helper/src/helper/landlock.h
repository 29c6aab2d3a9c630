/* Landlock: which files a process may still reach, whatever its rights (SECURITY.md R19). */
#ifndef TALLYMAN_HELPER_LANDLOCK_H
#define TALLYMAN_HELPER_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "../common/report.h"

struct landlock_place {
	int fd; /* a directory: everything below it; negative for none */
	bool is_writable;
};

/* From now on this process and its children reach only what is below PLACES, execute nothing, mount nothing, make no block devices, look into
 * no process outside and use no TCP. What is open already stays open. Needs CAP_SYS_ADMIN. A kernel without Landlock
 * changes nothing, one with an older Landlock restricts what it knows. Returns 0 or -1 with REPORT filled. */
int landlock_enter(const struct landlock_place *places, size_t count, struct report *report);

#endif
