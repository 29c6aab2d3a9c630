/* The verbs that stream what a container's files are. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>

#include "../common/scope.h"
#include "call.h"
#include "layer.h"
#include "privilege.h"
#include "state.h"

typedef int stream_function(int storage_fd, const char *const *layers, size_t layer_count, int upper_fd, int out_fd,
			    struct report *report);

/* The container's lock is not held: it may run on, and be read from, while its files are streamed. */
static int stream(struct call *call, stream_function *function, struct report *report)
{
	auto_close int container_fd = state_open_container(call->storage_fd, call->request.container, report);
	auto_close int upper_fd = -1;
	int error;

	if (container_fd < 0)
		return -1;
	upper_fd = openat(container_fd, "rw/upper", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (upper_fd < 0 && errno == ENOENT)
		return report_status(report, TM_E_ABSENT, "container");
	if (upper_fd < 0)
		return report_fail(report, "open writable layer", errno);
	/* What follows reads files that a container made: with the right to read all, and no other. */
	error = privilege_keep_files(1U << CAP_DAC_READ_SEARCH);
	if (error < 0)
		return report_fail(report, "give up rights", -error);
	return function(call->storage_fd, call->request.layers.items, call->request.layers.count, upper_fd, call->stream_fd,
			report);
}

int verb_export(struct call *call, struct report *report)
{
	return stream(call, layer_export, report);
}

int verb_diff(struct call *call, struct report *report)
{
	return stream(call, layer_diff, report);
}

int verb_changes(struct call *call, struct report *report)
{
	return stream(call, layer_changes, report);
}
