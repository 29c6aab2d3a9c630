#include "hard_links.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static struct hard_link *find(const struct hard_links *links, dev_t device, ino_t inode)
{
	uint64_t hash = (inode ^ device << 40) * UINT64_C(0x9e3779b97f4a7c15);
	size_t i = (size_t)(hash >> 20) & (links->capacity - 1);

	while (links->places[i].path && (links->places[i].inode != inode || links->places[i].device != device))
		i = (i + 1) & (links->capacity - 1);
	return &links->places[i];
}

static int grow(struct hard_links *links)
{
	struct hard_links larger = {.capacity = links->capacity ? links->capacity * 2 : 1024, .count = links->count};

	larger.places = calloc(larger.capacity, sizeof *larger.places);
	if (!larger.places)
		return -1;
	for (size_t i = 0; i < links->capacity; i++) {
		if (links->places[i].path)
			*find(&larger, links->places[i].device, links->places[i].inode) = links->places[i];
	}
	free(links->places);
	*links = larger;
	return 0;
}

const char *hard_links_find(struct hard_links *links, const struct stat *status, const char *path, int *failed)
{
	struct hard_link *place;

	if (links->count * 2 >= links->capacity && grow(links) < 0) {
		*failed = 1;
		return NULL;
	}
	place = find(links, status->st_dev, status->st_ino);
	if (place->path)
		return place->path;
	*place = (struct hard_link){.device = status->st_dev, .inode = status->st_ino, .path = strdup(path)};
	if (place->path)
		links->count++;
	else
		*failed = 1;
	return NULL;
}

void hard_links_free(struct hard_links *links)
{
	for (size_t i = 0; i < links->capacity; i++)
		free(links->places[i].path);
	free(links->places);
	*links = (struct hard_links){0};
}
