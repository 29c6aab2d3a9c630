#include "clean_path.h"

#include <string.h>

bool clean_path(char *path, size_t depth_max)
{
	char *starts[CLEAN_PATH_DEPTH_MAX];
	size_t depth = 0;
	char *from = path, *to = path;

	if (depth_max > CLEAN_PATH_DEPTH_MAX)
		depth_max = CLEAN_PATH_DEPTH_MAX;
	while (*from) {
		size_t length = strcspn(from, "/");
		char *next = from + length + (from[length] == '/');

		if (length == 2 && from[0] == '.' && from[1] == '.') {
			if (depth == 0)
				return false;
			to = starts[--depth];
		} else if (length > 0 && !(length == 1 && from[0] == '.')) {
			if (depth == depth_max)
				return false;
			starts[depth++] = to;
			if (to != path)
				*to++ = '/';
			memmove(to, from, length);
			to += length;
		}
		from = next;
	}
	*to = '\0';
	return true;
}
