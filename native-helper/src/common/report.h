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

#endif
