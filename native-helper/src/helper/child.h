/* Forked children: each ends with the helper, and one that handles hostile data tells it how that went. */
#ifndef TALLYMAN_HELPER_CHILD_H
#define TALLYMAN_HELPER_CHILD_H

#include <stddef.h>
#include <sys/types.h>

/* fork(2), for a child that calls child_end_with_helper(). */
pid_t child_fork(void);

/* In such a child: from here on it is killed when the helper ends, and it ends here if that happened already. To be said again when ids or
 * capabilities have changed, which takes it back. Returns 0 or a negative errno. */
int child_end_with_helper(void);

/* Reads the SIZE bytes that CHILD writes to FD and waits for its end. Returns -1 when it ended before it had told them all. */
int child_result(pid_t child, int fd, void *result, size_t size);

/* Makes an array that a child has filled a text: ended by a NUL, and ASCII without control characters, for names of files may be anything. */
void child_text(char *text, size_t size);

#endif
