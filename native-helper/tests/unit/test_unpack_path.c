#include <string.h>

#include "../../src/helper/clean_path.h"
#include "../../src/helper/unpack.h"
#include "tap.h"

static bool cleans(const char *path, const char *expected)
{
	char text[2048];

	strcpy(text, path);
	return clean_path(text, UNPACK_DEPTH_MAX) ? expected && strcmp(text, expected) == 0 : !expected;
}

int main(void)
{
	char deep[2048] = "";

	CHECK(cleans("a/b", "a/b"), "keeps a clean path");
	CHECK(cleans("./a//b/", "a/b"), "drops dots and double slashes");
	CHECK(cleans("/etc/passwd", "etc/passwd"), "takes an absolute path as relative");
	CHECK(cleans("./", "") && cleans("/", "") && cleans("", ""), "knows the root");
	CHECK(cleans("a/../b", "b") && cleans("a/b/../../c", "c"), "resolves dots that stay inside");
	CHECK(cleans("a/..", ""), "comes back to the root");
	CHECK(cleans("..", NULL) && cleans("a/../../b", NULL) && cleans("/../x", NULL), "refuses what leaves the root");
	CHECK(cleans("...", "...") && cleans("..a/.b", "..a/.b"), "takes names that begin with dots");
	for (int i = 0; i < 256; i++)
		strcat(deep, "d/");
	CHECK(cleans(deep, NULL) == false, "takes 256 parts");
	strcat(deep, "d");
	CHECK(cleans(deep, NULL), "refuses 257 parts");
	return tap_finish();
}
