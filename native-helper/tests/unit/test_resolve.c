/* The kernel gives up resolving a path when something is renamed meanwhile; here it does so as often as a test wants it. */
#include <errno.h>
#include <linux/openat2.h>
#include <stdarg.h>

#include "resolve.h"
#include "tap.h"

static int left_to_fail, error, calls;

/* The linker sends the system call here (-Wl,--wrap=syscall). */
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
	(void)number;
	calls++;
	if (left_to_fail-- <= 0)
		return 5;
	errno = error;
	return -1;
}

static int after(int failures, int why)
{
	const struct open_how how = {0};

	left_to_fail = failures;
	error = why;
	calls = 0;
	return resolve_open(-1, "path", &how);
}

int main(void)
{
	CHECK(after(0, 0) == 5 && calls == 1, "asks once");
	CHECK(after(3, EAGAIN) == 5 && calls == 4 && after(3, EINTR) == 5 && calls == 4, "asks again after a rename and a signal");
	CHECK(after(1000, EAGAIN) == -EAGAIN && errno == EAGAIN && calls == 64, "gives up some time");
	CHECK(after(1, ENOENT) == -ENOENT && errno == ENOENT && calls == 1, "takes any other answer at once");
	return tap_finish();
}
