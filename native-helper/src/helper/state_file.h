/* Small text files in a directory of the storage root, written to a temporary name and renamed. One whose end mark is missing is torn and
 * counts as absent (after a power cut the kernel's side is gone as well). */
#ifndef TALLYMAN_STATE_FILE_H
#define TALLYMAN_STATE_FILE_H

#include <stddef.h>

struct report;

#define STATE_FILE_END "end\n"

/* Opens subdirectory NAME of the storage root, made if absent. */
int state_file_directory(int storage_fd, const char *name, struct report *report);

/* TEXT ends with STATE_FILE_END. */
int state_file_write(int storage_fd, const char *directory, const char *id, const char *text, size_t length, struct report *report);
/* Reads it as a string into TEXT. Returns 1, 0 when it is absent or torn, or negative. */
int state_file_read(int storage_fd, const char *directory, const char *id, char *text, size_t capacity, struct report *report);
/* Absent is success. */
int state_file_remove(int storage_fd, const char *directory, const char *id, struct report *report);

#endif
