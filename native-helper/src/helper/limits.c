/* Resource limits of processes in containers: of the first one and of every exec alike. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "../common/scope.h"
#include "limits.h"
#include "path.h"

#define OPEN_FILES 1048576 /* what dockerd's own service gives */

static void set_limit(int pid, uint32_t resource, uint64_t soft, uint64_t hard)
{
	struct rlimit wanted = {.rlim_cur = soft, .rlim_max = hard}, now;

	if (prlimit(pid, resource, &wanted, NULL) == 0 || prlimit(pid, resource, NULL, &now) < 0)
		return;
	wanted.rlim_max = hard < now.rlim_max ? hard : now.rlim_max;
	wanted.rlim_cur = soft < wanted.rlim_max ? soft : wanted.rlim_max;
	(void)prlimit(pid, resource, &wanted, NULL); /* not worse than before */
}

void limits_set(int pid, const struct request *request)
{
	set_limit(pid, RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES);
	for (size_t i = 0; i < request->ulimit_count; i++)
		if (request->ulimits[i].resource < RLIM_NLIMITS)
			set_limit(pid, request->ulimits[i].resource, request->ulimits[i].soft, request->ulimits[i].hard);
}

void limits_raise_oom_score(int proc_fd, const struct request *request)
{
	char text[16];
	auto_close int fd = -1;

	if (!request_has(request, TM_TAG_OOM_SCORE) || path_read_file(proc_fd, "oom_score_adj", text, sizeof text) <= 0 ||
	    strtol(text, NULL, 10) >= request->oom_score)
		return;
	fd = openat(proc_fd, "oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd >= 0)
		(void)dprintf(fd, "%d", request->oom_score); /* an exec that cannot be told apart is no worse than none */
}
