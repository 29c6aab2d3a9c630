#include "listing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/report.h"

bool listing_is_id(const char *name)
{
	return strlen(name) == LISTING_ID_CHARS && strspn(name, "0123456789abcdef") == LISTING_ID_CHARS;
}

static int compare(const void *left, const void *right)
{
	return strcmp(left, right);
}

static int append(struct listing *listing, size_t *capacity, const char *id)
{
	if (listing->count == *capacity) {
		size_t larger = *capacity ? *capacity * 2 : 64;
		void *ids = reallocarray(listing->ids, larger, sizeof *listing->ids);

		if (!ids)
			return -1;
		listing->ids = ids;
		*capacity = larger;
	}
	memcpy(listing->ids[listing->count++], id, LISTING_ID_CHARS + 1);
	return 0;
}

static int read_ids(DIR *directory, struct listing *listing)
{
	const struct dirent *entry;
	size_t capacity = 0;

	errno = 0;
	while ((entry = readdir(directory))) {
		if (listing_is_id(entry->d_name) && append(listing, &capacity, entry->d_name) < 0)
			return ENOMEM;
		errno = 0;
	}
	return errno;
}

int listing_read(int dir_fd, const char *name, struct listing *listing, struct report *report)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *directory;
	int error;

	*listing = (struct listing){0};
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return report_fail(report, "open state directory", errno);
	directory = fdopendir(fd);
	if (!directory) {
		error = errno;
		(void)close(fd);
		return report_fail(report, "read state directory", error);
	}
	error = read_ids(directory, listing);
	(void)closedir(directory);
	if (error) {
		listing_free(listing);
		return report_fail(report, "read state directory", error);
	}
	if (listing->count)
		qsort(listing->ids, listing->count, sizeof *listing->ids, compare);
	return 0;
}

void listing_free(struct listing *listing)
{
	free(listing->ids);
	*listing = (struct listing){0};
}
