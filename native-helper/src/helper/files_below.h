/* Directories below the destination of an archive, found inside the container's root. */
#ifndef TALLYMAN_HELPER_FILES_BELOW_H
#define TALLYMAN_HELPER_FILES_BELOW_H

#include <stdbool.h>

#include "tar_reader.h"

struct files_below {
	char destination[TAR_PATH_MAX]; /* absolute, without links; "" for the root */
	char parent[TAR_PATH_MAX];      /* below it, of the last entry: archives name the files of a directory one after the other */
	int parent_fd;                  /* -1: none */
};

/* Opens the directory PATH, clean, below the destination; "" for the destination itself. Returns it, or a negative errno. */
int files_below_open(const struct files_below *below, const char *path);

/* Opens the directory that PATH (clean) lies in; with MAKE what is missing is made. It stays BELOW's, until the next call.
 * *NAME becomes the last part of PATH, which is changed for the time of the call. Returns it, or a negative errno. */
int files_below_parent(struct files_below *below, char *path, const char **name, bool make);

void files_below_forget(struct files_below *below);

#endif
