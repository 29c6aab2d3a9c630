#include "mount.h"

#include <stdlib.h>
#include <string.h>

#include "request.h"

/* Whether the parts of PATH are names: none empty, "." or "..". */
static bool has_clean_parts(const char *path)
{
	for (size_t length;; path += length + 1) {
		length = strcspn(path, "/");
		if (length == 0 || (length == 1 && path[0] == '.') || (length == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		if (path[length] == '\0')
			return true;
	}
}

/* A place in the container may be written loosely, but not lead up, and is not the root. */
static bool is_target(const char *path)
{
	bool has_name = false;

	if (path[0] != '/' || strlen(path) >= PATH_MAX || strchr(path, '\n'))
		return false;
	for (size_t length; *path != '\0'; path += length) {
		path += strspn(path, "/");
		length = strcspn(path, "/");
		if (length == 2 && path[0] == '.' && path[1] == '.')
			return false;
		has_name = has_name || (length > 0 && !(length == 1 && path[0] == '.'));
	}
	return has_name;
}

/* Takes the line at *AT; false when it does not end or does not fit into SIZE. */
static bool take_line(const char **at, char *line, size_t size)
{
	const char *end = strchr(*at, '\n');
	size_t length = end ? (size_t)(end - *at) : size;

	if (length >= size)
		return false;
	memcpy(line, *at, length);
	line[length] = '\0';
	*at = end + 1;
	return true;
}

static bool parse_kind(const char *word, enum mount_kind *kind)
{
	static const char *const words[] = {[MOUNT_VOLUME] = "volume", [MOUNT_BIND] = "bind", [MOUNT_SOCKET] = "socket", [MOUNT_IMAGE] = "image"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(word, words[i]) == 0) {
			*kind = (enum mount_kind)i;
			return true;
		}
	return false;
}

/* A number of at most four digits. */
static bool is_number(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && length <= 4 && text[strspn(text, "0123456789")] == '\0';
}

/* Source, path in it and flags fit together. */
static bool is_consistent(const struct mount_wish *wish)
{
	switch (wish->kind) {
	case MOUNT_BIND:
		return wish->source[0] == '/' && has_clean_parts(wish->source + 1) && wish->subpath[0] == '\0';
	case MOUNT_SOCKET:
		return request_is_id(wish->source) && wish->subpath[0] == '\0' && (wish->flags & ~(uint32_t)TM_MOUNT_READ_ONLY) == 0;
	case MOUNT_IMAGE:
		return is_number(wish->source) && wish->layers <= IMAGE_LAYERS_MAX && wish->flags == TM_MOUNT_READ_ONLY &&
		       (wish->subpath[0] == '\0' || has_clean_parts(wish->subpath));
	case MOUNT_VOLUME:
		break;
	}
	return request_is_id(wish->source) && (wish->subpath[0] == '\0' || has_clean_parts(wish->subpath));
}

bool mount_parse(const char *text, struct mount_wish *wish)
{
	char kind[8], flags[4];

	if (!take_line(&text, kind, sizeof kind) || !take_line(&text, flags, sizeof flags) ||
	    !take_line(&text, wish->source, sizeof wish->source) || !take_line(&text, wish->subpath, sizeof wish->subpath))
		return false;
	if (!parse_kind(kind, &wish->kind) || flags[0] == '\0' || flags[strspn(flags, "0123456789")] != '\0')
		return false;
	wish->flags = (uint32_t)strtoul(flags, NULL, 10);
	wish->layers = wish->kind == MOUNT_IMAGE ? strtoul(wish->source, NULL, 10) : 0;
	if (wish->flags > (TM_MOUNT_READ_ONLY | TM_MOUNT_MAKE | TM_MOUNT_RECURSIVE) || !is_consistent(wish))
		return false;
	wish->target = text;
	return is_target(text);
}

bool mount_is_below(const char *path, const char *directory)
{
	size_t length = strlen(directory);

	return strncmp(path, directory, length) == 0 && (path[length] == '\0' || path[length] == '/');
}
