/* Names in a directory of our own state, sorted. */
#ifndef TALLYMAN_LISTING_H
#define TALLYMAN_LISTING_H

#include <stdbool.h>
#include <stddef.h>

struct report;

#define LISTING_ID_CHARS 64

struct listing {
	char (*ids)[LISTING_ID_CHARS + 1]; /* ascending */
	size_t count;
};

/* Whether NAME is 64 characters of [0-9a-f]. */
bool listing_is_id(const char *name);

/* Reads the ids among the names in DIR_FD's subdirectory NAME; a missing one holds none. Free with listing_free(). */
int listing_read(int dir_fd, const char *name, struct listing *listing, struct report *report);
void listing_free(struct listing *listing);

#endif
