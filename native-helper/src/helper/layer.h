/* The store of image layers, and the tar streams that leave a container.
 *
 * storage_root/layers/ID/fs holds the files with the owners the archive names (0-based), storage_root/layers/ID/.size their size and count.
 * Whiteouts are character devices 0:0, opaque directories carry user.overlay.opaque: what overlayfs reads with "userxattr".
 * Every function returns 0 or a negative number with REPORT filled exactly once.
 */
#ifndef TALLYMAN_LAYER_H
#define TALLYMAN_LAYER_H

#include <stddef.h>
#include <stdint.h>

struct report;

struct layer_size {
	uint64_t bytes; /* content of regular files */
	uint64_t count; /* archive entries */
};

/* Unpacks the tar read from TAR_FD as layer ID and makes it durable before it becomes visible. A layer that is there answers at once
 * (nothing is read). TM_E_ARCHIVE for a damaged or hostile archive, TM_E_EXHAUSTED for a full disk; then nothing is left of it. */
int layer_unpack(int storage_fd, const char *id, int tar_fd, struct layer_size *size, struct report *report);

/* Removes drafts (".ID.PID") that a killed helper left in the directory STORE_FD; failures are left to the next call. */
void layer_remove_stale(int store_fd);

/* Moves the layer to the trash, which the caller empties after its answer: nobody waits for thousands of files. Absent is success. */
int layer_remove(int storage_fd, const char *id, struct report *report);

/* Calls VISIT for the ids after AFTER (NULL: all) in ascending order until it returns non-zero. */
int layer_list(int storage_fd, const char *after, int (*visit)(const char *id, void *context), void *context,
	       struct report *report);

/* Opens layers/ID/fs as a directory descriptor (O_RDONLY, usable for open_tree), or negative: TM_E_ABSENT. */
int layer_open(int storage_fd, const char *id, struct report *report);

/* Deletes NAME (a file or a whole tree) below DIR_FD without following a symbolic link or crossing a mount. Absent is success. */
int tree_remove(int dir_fd, const char *name, struct report *report);

/* A tar of the directory ROOT_FD and all in it, the directory itself as "./". */
int layer_export_files(int root_fd, int out_fd, struct report *report);

/* Streams about a container. LAYERS are ids, bottom first; UPPER_FD is the directory of its writable layer; OUT_FD takes the result.
 * export: tar of the merged root; diff: writable layer as an OCI layer tar; changes: "A /path\0", "C ...", "D ...". */
int layer_export(int storage_fd, const char *const *layers, size_t layer_count, int upper_fd, int out_fd, struct report *report);
int layer_diff(int storage_fd, const char *const *layers, size_t layer_count, int upper_fd, int out_fd, struct report *report);
int layer_changes(int storage_fd, const char *const *layers, size_t layer_count, int upper_fd, int out_fd, struct report *report);

#endif
