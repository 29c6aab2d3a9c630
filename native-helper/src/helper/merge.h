/* Layers seen as one tree, as overlayfs shows them: without a mount, so that any kernel and any user can do it.
 *
 * A directory of the merged tree is its path and the layers that contribute to it, top first: those above the first that is opaque, or that
 * has something else there. Nothing here follows a symbolic link, also not one that a running container puts there meanwhile.
 */
#ifndef TALLYMAN_MERGE_H
#define TALLYMAN_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct report;

#define MERGE_LAYERS_MAX 128 /* 127 layers and the writable one */

struct merge {
	int roots[MERGE_LAYERS_MAX]; /* top first */
	size_t count;
};

/* Layers, by index into ROOTS, top first. */
struct merge_stack {
	uint8_t layers[MERGE_LAYERS_MAX];
	size_t count;
};

struct merge_name {
	char *name;
	uint8_t layer; /* the one that shows */
	bool hidden;   /* a whiteout */
};

struct merge_names {
	struct merge_name *items; /* ascending by name */
	size_t count;
};

/* Layers FROM and below. */
struct merge_stack merge_all(const struct merge *merge, size_t from);

/* Opens directory PATH ("" = the root) of one layer; negative errno otherwise. */
int merge_open(const struct merge *merge, uint8_t layer, const char *path);

/* Reads the names in PATH; whiteouts are among them, marked. Free with merge_names_free(). */
int merge_read(const struct merge *merge, const char *path, const struct merge_stack *stack, struct merge_names *names,
	       struct report *report);
void merge_names_free(struct merge_names *names);

/* Looks PATH, whose parent has STACK, up. 1 with STATUS filled when it shows, 0 when not, or negative.
 * BELOW gets the layers that contribute to it if it is a directory (else none). */
int merge_lookup(const struct merge *merge, const char *path, const struct merge_stack *stack, struct stat *status,
		 struct merge_stack *below, struct report *report);

/* Whether the directory FD hides what is below it. */
bool merge_is_opaque(int fd);

/* Whether STATUS is that of a whiteout. */
bool merge_is_whiteout(const struct stat *status);

#endif
