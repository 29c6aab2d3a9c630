/* A forked child that handles hostile data tells its parent how that went. */
#ifndef TALLYMAN_HELPER_CHILD_H
#define TALLYMAN_HELPER_CHILD_H

#include <stddef.h>
#include <sys/types.h>

/* Reads the SIZE bytes that CHILD writes to FD and waits for its end. Returns -1 when it ended before it had told them all. */
int child_result(pid_t child, int fd, void *result, size_t size);

/* Makes an array that a child has filled a text: ended by a NUL, and ASCII without control characters, for names of files may be anything. */
void child_text(char *text, size_t size);

#endif
