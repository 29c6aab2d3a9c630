/* The names under which files with several names were written first. */
#ifndef TALLYMAN_HARD_LINKS_H
#define TALLYMAN_HARD_LINKS_H

#include <stddef.h>
#include <sys/stat.h>

struct hard_link {
	dev_t device;
	ino_t inode;
	char *path; /* NULL: an empty place */
};

struct hard_links {
	struct hard_link *places; /* open addressing, a power of two */
	size_t capacity, count;
};

/* The path STATUS's file was written as, or NULL: then PATH is remembered. FAILED becomes 1 when there is no memory. */
const char *hard_links_find(struct hard_links *links, const struct stat *status, const char *path, int *failed);
void hard_links_free(struct hard_links *links);

#endif
