/* The part of a volume or of an image that is mounted. */
#ifndef TALLYMAN_SUBPATH_H
#define TALLYMAN_SUBPATH_H

#include "../common/report.h"

/* Opens SUBPATH, relative and clean, below ROOT (O_PATH). Links lead where they say as long as that is below ROOT: an absolute one, and one too many
 * "..", leave it. A container may write there at this very moment, but cannot lead the way out. Returns a descriptor, or -1 with Docker's words. */
int subpath_open(int root, const char *subpath, struct report *report);

#endif
