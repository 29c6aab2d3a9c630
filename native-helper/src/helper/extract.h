/* What taking an entry out of an archive means, wherever it goes: a layer or a directory of a container. */
#ifndef TALLYMAN_HELPER_EXTRACT_H
#define TALLYMAN_HELPER_EXTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "../common/report.h"
#include "tar_reader.h"

/* A directory whose time is set at the end, after everything in it was made. */
struct extract_directory {
	char *path;
	struct timespec mtime;
};

/* In the order of the archive: setting them one after the other leaves a directory that was named twice with its last time. */
struct extract_directories {
	struct extract_directory *items;
	size_t count, capacity;
};

/* Its time of change, cut to what file systems can store. */
struct timespec extract_time(const struct tar_entry *entry);

/* Whether a container may have this attribute: its own ones and file capabilities. Those of overlayfs and of the kernel's other subsystems
 * would change how a layer is read. */
bool extract_keeps_xattr(const char *name);

/* Writes the entry's content to the file FD. Returns 0, or -1: with an empty REPORT writing failed and errno tells why. */
int extract_content(struct tar_reader *reader, const struct tar_entry *entry, int fd, struct report *report);

/* Remembers a directory of PATH (copied). Returns -1 when there is no memory. */
int extract_remember(struct extract_directories *directories, const char *path, const struct tar_entry *entry);
void extract_forget(struct extract_directories *directories);

#endif
