#define REPORT_IMPLEMENTATION
#include "report.h"

#include <errno.h>
#include <stddef.h>

static size_t append(char *text, size_t size, size_t at, const char *part)
{
	for (; *part != '\0' && at + 1 < size; part++)
		text[at++] = *part;
	text[at] = '\0';
	return at;
}

int report_fail(struct report *report, const char *step, int error)
{
	report->status = error == ENOSPC || error == EDQUOT || error == ENFILE || error == EMFILE ? TM_E_EXHAUSTED : TM_E_KERNEL;
	report->step = step;
	report->error = error;
	return -1;
}

int report_parts(struct report *report, enum tm_status status, const char *first, const char *second, const char *third)
{
	size_t at;

	report->status = status;
	at = append(report->text, sizeof report->text, 0, first);
	at = append(report->text, sizeof report->text, at, second);
	(void)append(report->text, sizeof report->text, at, third);
	return -1;
}

int report_status(struct report *report, enum tm_status status, const char *text)
{
	return report_parts(report, status, text, "", "");
}
