#include "secret.h"

#include <string.h>

#define IDS 65536 /* of one container */

/* Takes a number of BASE and the blank behind it; false when there is none, or one above HIGH. */
static bool take_number(const char **text, uint32_t base, uint32_t high, uint32_t *number)
{
	const char *at = *text;

	*number = 0;
	for (; *at >= '0' && *at < (char)('0' + base); at++) {
		*number = *number * base + (uint32_t)(*at - '0');
		if (*number > high)
			return false;
	}
	if (at == *text || *at != ' ')
		return false;
	*text = at + 1;
	return true;
}

static bool is_name(const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	size_t length = strspn(name, plain);

	return length > 0 && length <= SECRET_NAME_MAX && name[length] == '\0' && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

bool secret_parse(const char *text, struct secret_wish *wish)
{
	if (!take_number(&text, 8, 0777, &wish->mode) || !take_number(&text, 10, IDS - 1, &wish->uid) ||
	    !take_number(&text, 10, IDS - 1, &wish->gid) || !take_number(&text, 10, SECRET_BYTES_MAX, &wish->bytes))
		return false;
	wish->name = text;
	return is_name(text);
}
