/* What went wrong, filled exactly once by the lowest function that knows. */
#ifndef TALLYMAN_REPORT_H
#define TALLYMAN_REPORT_H

#include "../../include/tallyman_protocol.h"

struct report {
	enum tm_status status;
	const char *step; /* fixed text, or NULL */
	int error;        /* errno, or 0 */
	int number;       /* TM_E_COMMAND: 126 or 127 */
	char text[512];   /* for people; may be empty */
};

/* A system call failed: TM_E_EXHAUSTED for a full disk or table, else TM_E_KERNEL. Returns -1. */
int report_fail(struct report *report, const char *step, int error);

/* Anything else. TEXT is copied (cut if too long). Returns -1. */
int report_status(struct report *report, enum tm_status status, const char *text);

/* The same with a text made of three parts; any may be "". */
int report_parts(struct report *report, enum tm_status status, const char *first, const char *second, const char *third);

/* The analyzer does not see into report.c: this tells it that the answer is always -1. */
#if defined __clang_analyzer__ && !defined REPORT_IMPLEMENTATION
#define report_fail(...) (report_fail(__VA_ARGS__), -1)
#define report_status(...) (report_status(__VA_ARGS__), -1)
#define report_parts(...) (report_parts(__VA_ARGS__), -1)
#endif

#endif
