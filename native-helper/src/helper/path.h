/* Opening things below a directory that others may have filled. */
#ifndef TALLYMAN_PATH_H
#define TALLYMAN_PATH_H

#include <stddef.h>
#include <sys/types.h>

#include "../common/report.h"

/* Opens RELATIVE inside ROOT_FD without following any symbolic link; FLAGS as for open(2), O_CLOEXEC is added.
 * Returns a descriptor owned by the caller, or a negative errno. Needs Linux 5.6 (openat2). */
int path_open_beneath(int root_fd, const char *relative, int flags);

/* Opens the absolute PATH, every part of which must be a real directory (the last: of the type FLAGS ask for) owned by root and not
 * writable by group or others. Returns a descriptor, or -1 with TM_E_POLICY_FILE and PATH in the text. */
int path_open_trusted(const char *path, int flags, struct report *report);

/* Makes directory NAME below DIR_FD with MODE regardless of the umask; an existing one is fine. Returns 0 or a negative errno. */
int path_make_directory(int dir_fd, const char *name, mode_t mode);

/* Replaces the file NAME by LENGTH bytes of DATA, through a temporary name; not synced. Returns 0 or a negative errno. */
int path_replace_file(int dir_fd, const char *name, const void *data, size_t length, mode_t mode);

/* Reads a small file; the text ends with NUL. Returns its length, or a negative errno (-EFBIG when it does not fit). */
ssize_t path_read_file(int dir_fd, const char *name, char *text, size_t size);

#endif
