#include "resolve.h"

#include <errno.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RETRIES 64

int resolve_open(int directory, const char *path, const struct open_how *how)
{
	for (int i = 0; i < RETRIES; i++) {
		long fd = syscall(SYS_openat2, directory, path, how, sizeof *how);

		if (fd >= 0)
			return (int)fd;
		if (errno != EAGAIN && errno != EINTR)
			break;
	}
	return -errno;
}
