/* Paths of requests and of archives, by Docker's rules. */
#include <stdio.h>
#include <string.h>

#include "../../src/helper/clean_path.h"
#include "../../src/helper/files.h"
#include "tap.h"

static void splits(const char *given, const char *directory, const char *base, const char *name)
{
	static struct files_path path;
	struct report report = {0};

	CHECK(files_path_split(given, &path, &report) == 0 && strcmp(path.directory, directory) == 0 && strcmp(path.base, base) == 0 &&
		   strcmp(path.name, name) == 0, given);
}

static void refuses(const char *given, const char *what)
{
	static struct files_path path;
	struct report report = {0};

	CHECK(files_path_split(given, &path, &report) < 0 && report.status == TM_E_INVALID, what);
}

static void cleans(const char *given, const char *expected)
{
	char path[TAR_PATH_MAX];

	(void)snprintf(path, sizeof path, "%s", given);
	CHECK(clean_path(path, CLEAN_PATH_DEPTH_MAX) == (expected != NULL) && (!expected || strcmp(path, expected) == 0), given);
}

int main(void)
{
	static char long_name[NAME_MAX + 3], long_path[TAR_PATH_MAX + 1];

	splits("/", "/", "", "/");
	splits(".", "/", "", ".");
	splits("..", "/", "", "/");
	splits("/a", "/", "a", "a");
	splits("a/b", "/a/", "b", "b");
	splits("/a//b/../c", "/a/", "c", "c");
	splits("../../a", "/", "a", "a");
	splits("/a/b/", "/a/b", "", "b");
	splits("/a/b/.", "/a/b", "", ".");
	splits("/a/b/./", "/a/b", "", ".");
	splits("/a/b/.//", "/a/b", "", ".");
	splits("./", "/", "", ".");
	splits("//", "/", "", "/");
	splits("/a/b./", "/a/b.", "", "b.");
	splits("/a/b/..", "/", "a", "a");
	splits("/a./b.", "/a./", "b.", "b.");
	memset(long_name, 'x', sizeof long_name - 1);
	memset(long_path, 'y', sizeof long_path - 1);
	refuses("", "nothing is no path");
	refuses(long_name, "a name of 256 bytes");
	refuses(long_path, "a path of 4096 bytes");

	cleans("a/b", "a/b");
	cleans("/a/./b//c/", "a/b/c");
	cleans("a/../b", "b");
	cleans("./", "");
	cleans("a/..", "");
	cleans("..", NULL);
	cleans("a/../../b", NULL);
	cleans("/../etc", NULL);
	cleans("..a/b..", "..a/b..");
	return tap_finish();
}
