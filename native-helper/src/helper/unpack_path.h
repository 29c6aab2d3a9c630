/* Finding, and making, the directory an entry belongs to. */
#ifndef TALLYMAN_UNPACK_PATH_H
#define TALLYMAN_UNPACK_PATH_H

#include <stdbool.h>

#include "tar_reader.h"

struct report;

/* Remembers the last directory: archives name the files of one directory one after the other. */
struct place {
	int root_fd;
	int parent_fd; /* -1: none remembered */
	char parent[TAR_PATH_MAX];
};

void place_init(struct place *place, int root_fd);
void place_forget(struct place *place);

/* Splits PATH (clean, not empty) and opens the directory it lies in; with MAKE, what is missing is made (0755). Symbolic links on the way
 * are followed, but never out of the root. Returns the directory, which stays PLACE's, with *NAME pointing into PATH; or negative. */
int place_open(struct place *place, char *path, const char **name, bool make, struct report *report);

/* Whether NAME in DIR_FD is a whiteout (character device 0:0). */
bool place_is_whiteout(int dir_fd, const char *name);

/* Marks directory NAME in DIR_FD ("." for itself) as opaque. Returns 0 or a negative errno. */
int place_set_opaque(int dir_fd, const char *name);

#endif
