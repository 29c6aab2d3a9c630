#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "table.h"

int main(int argc, char **argv)
{
	struct table table = {0};
	struct word **sorted;
	long most = 10;
	char text[256];

	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("words, with zlib %s\n", zlibVersion());
		return 0;
	}
	if (argc == 3 && strcmp(argv[1], "-n") == 0)
		most = strtol(argv[2], NULL, 10);
	else if (argc > 1) {
		fprintf(stderr, "usage: words [-n COUNT]\n");
		return 2;
	}
	while (scanf("%255s", text) == 1) {
		if (table_add(&table, text) < 0)
			return 1;
	}
	sorted = table_sorted(&table);
	for (long i = 0; sorted && i < most && sorted[i]; i++)
		printf("%lu %s\n", sorted[i]->count, sorted[i]->text);
	free(sorted);
	table_free(&table);
	return 0;
}
