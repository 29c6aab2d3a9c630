/* Names of archives and requests, made plain before anything is opened by them. */
#ifndef TALLYMAN_CLEAN_PATH_H
#define TALLYMAN_CLEAN_PATH_H

#include <stdbool.h>
#include <stddef.h>

#define CLEAN_PATH_DEPTH_MAX 2048 /* no path of 4,095 bytes has more parts */

/* Takes empty parts, "." and ".." out of PATH in place; what is left is relative. False when ".." leads above the top or more than
 * DEPTH_MAX parts are left, at most CLEAN_PATH_DEPTH_MAX. */
bool clean_path(char *path, size_t depth_max);

#endif
