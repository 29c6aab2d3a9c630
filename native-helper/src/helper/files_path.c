/* Paths of requests: resolved inside the root of this process, which is the container's. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <unistd.h>

#include "../common/resolve.h"
#include "../common/scope.h"
#include "files.h"

#define LINKS_MAX 255  /* as Docker follows */

/* Absolute and clean; ".." at the root stays there. */
static void make_absolute(const char *path, char to[TAR_PATH_MAX])
{
	size_t length = 0;

	for (const char *from = path; *from;) {
		size_t part = strcspn(from, "/");

		if (part == 2 && from[0] == '.' && from[1] == '.') {
			while (length > 0 && to[--length] != '/')
				;
		} else if (part > 0 && !(part == 1 && from[0] == '.')) {
			to[length++] = '/';
			memcpy(to + length, from, part);
			length += part;
		}
		from += part + (from[part] == '/');
	}
	if (length == 0)
		to[length++] = '/';
	to[length] = '\0';
}

int files_path_split(const char *path, struct files_path *split, struct report *report)
{
	size_t given = strlen(path), length;
	bool dot, slash;
	char *last;

	if (given == 0)
		return report_status(report, TM_E_INVALID, "path cannot be empty");
	if (given + 4 > TAR_PATH_MAX)
		return report_status(report, TM_E_INVALID, "the path is too long");
	make_absolute(path, split->absolute);
	slash = path[given - 1] == '/';
	while (given > 1 && path[given - 1] == '/') /* /a/./ is /a/. */
		given--;
	dot = path[given - 1] == '.' && (given == 1 || path[given - 2] == '/');
	length = strlen(split->absolute);
	last = strrchr(split->absolute, '/');
	split->name = last[1] ? last + 1 : "/";
	split->base[0] = '\0';
	if (dot || slash || length == 1) {
		memcpy(split->directory, split->absolute, length + 1);
	} else if (strlen(last + 1) > NAME_MAX) {
		return report_status(report, TM_E_INVALID, "a name is too long");
	} else {
		strcpy(split->base, last + 1);
		memcpy(split->directory, split->absolute, (size_t)(last - split->absolute) + 1);
		split->directory[last - split->absolute + 1] = '\0';
	}
	if (dot)
		split->name = ".";
	return 0;
}

int files_path_open(const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	auto_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return root < 0 ? -errno : resolve_open(root, path, &how);
}

/* The link at PATH, or a length of 0 when it is none. */
static ssize_t read_link(const char *path, char link[TAR_PATH_MAX])
{
	auto_close int fd = files_path_open(path, O_PATH | O_NOFOLLOW);
	ssize_t length = fd < 0 ? 0 : readlinkat(fd, "", link, TAR_PATH_MAX - 1);

	return length < 0 ? 0 : length;
}

/* Puts LINK before REST. */
static bool put_before(char rest[TAR_PATH_MAX], const char *link, size_t length)
{
	size_t old = strlen(rest);

	if (length + 1 + old + 1 > TAR_PATH_MAX)
		return false;
	memmove(rest + length + 1, rest, old + 1);
	memcpy(rest, link, length);
	rest[length] = '/';
	return true;
}

int files_path_follow(const char *path, char target[TAR_PATH_MAX], struct report *report)
{
	char rest[TAR_PATH_MAX], link[TAR_PATH_MAX];
	size_t length = 0;
	int links = 0;

	strcpy(rest, path);
	target[0] = '\0';
	while (rest[0]) {
		size_t part = strcspn(rest, "/"), before = length;
		ssize_t size;

		if (part == 2 && rest[0] == '.' && rest[1] == '.') {
			while (length > 0 && target[--length] != '/')
				;
			target[length] = '\0';
		} else if (part > 0 && !(part == 1 && rest[0] == '.')) {
			if (length + part + 2 > TAR_PATH_MAX)
				return report_status(report, TM_E_INVALID, "the path is too long");
			target[length++] = '/';
			memcpy(target + length, rest, part);
			length += part;
			target[length] = '\0';
		}
		memmove(rest, rest + part + (rest[part] == '/'), strlen(rest + part + (rest[part] == '/')) + 1);
		size = length > before ? read_link(target, link) : 0;
		if (size == 0)
			continue;
		if (++links > LINKS_MAX || !put_before(rest, link, (size_t)size))
			return report_status(report, TM_E_INVALID, "too many links");
		length = link[0] == '/' ? 0 : before;
		target[length] = '\0';
	}
	if (length == 0)
		strcpy(target, "/");
	return 0;
}
