/* Checks that report as TAP. main() returns tap_finish(). */
#ifndef TALLYMAN_TAP_H
#define TALLYMAN_TAP_H

#include <stdbool.h>
#include <stdio.h>

static int tap_count;
static int tap_failures;

static inline void tap_check(bool holds, const char *what, const char *file, int line)
{
	tap_count++;
	if (holds) {
		printf("ok %d - %s\n", tap_count, what);
		return;
	}
	tap_failures++;
	printf("not ok %d - %s (%s:%d)\n", tap_count, what, file, line);
}

static inline int tap_finish(void)
{
	printf("1..%d\n", tap_count);
	return tap_failures ? 1 : 0;
}

#define CHECK(holds, what) tap_check((holds), (what), __FILE__, __LINE__)

#endif
