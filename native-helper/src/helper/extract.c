#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extract.h"

#define MOVED_BYTES 262144          /* content from here on goes from pipe to file without a copy here */
#define TIME_MAX (INT64_C(1) << 34) /* year 2514: what ext4 can store */

struct timespec extract_time(const struct tar_entry *entry)
{
	return (struct timespec){.tv_sec = entry->mtime < TIME_MAX ? entry->mtime : TIME_MAX, .tv_nsec = entry->mtime_ns};
}

bool extract_keeps_xattr(const char *name)
{
	if (strncmp(name, "user.overlay.", 13) == 0)
		return false;
	return strncmp(name, "user.", 5) == 0 || strcmp(name, "security.capability") == 0;
}

static int write_all(int fd, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, data, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -1;
		data += written;
		length -= (size_t)written;
	}
	return 0;
}

int extract_content(struct tar_reader *reader, const struct tar_entry *entry, int fd, struct report *report)
{
	const void *data;
	int64_t length;

	while ((length = tar_content(reader, &data, report)) > 0) {
		if (write_all(fd, data, (size_t)length) < 0)
			return -1;
		if (entry->size >= MOVED_BYTES) {
			int moved = tar_move_content(reader, fd, report);

			if (moved != 0)
				return moved < 0 ? -1 : 0;
		}
	}
	return (int)length;
}

int extract_remember(struct extract_directories *directories, const char *path, const struct tar_entry *entry)
{
	struct extract_directory *directory;

	if (directories->count == directories->capacity) {
		size_t capacity = directories->capacity ? directories->capacity * 2 : 256;
		void *larger = reallocarray(directories->items, capacity, sizeof *directories->items);

		if (!larger)
			return -1;
		directories->items = larger;
		directories->capacity = capacity;
	}
	directory = &directories->items[directories->count];
	*directory = (struct extract_directory){strdup(path), extract_time(entry)};
	if (!directory->path)
		return -1;
	directories->count++;
	return 0;
}

void extract_forget(struct extract_directories *directories)
{
	for (size_t i = 0; i < directories->count; i++)
		free(directories->items[i].path);
	free(directories->items);
	*directories = (struct extract_directories){0};
}
