/* FILES_STAT, FILES_GET, FILES_PUT: a child does the work inside the container and tells how it went. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../common/scope.h"
#include "../init/init.h"
#include "call.h"
#include "child.h"
#include "descriptors.h"
#include "files.h"
#include "privilege.h"

#define END_MS 5000 /* from the loss of its namespaces to the end of a process */
#define CHILD_MEMORY_BYTES (UINT64_C(1) << 30)
#define CAP_BIT(capability) (1U << (capability))
#define RIGHTS                                                                                                                           \
	(CAP_BIT(CAP_CHOWN) | CAP_BIT(CAP_DAC_OVERRIDE) | CAP_BIT(CAP_DAC_READ_SEARCH) | CAP_BIT(CAP_FOWNER) | CAP_BIT(CAP_FSETID) |         \
	 CAP_BIT(CAP_SETFCAP))

/* What the child tells. It has looked at hostile files, so the parent believes none of it but these bounded values. */
struct result {
	uint32_t status;
	int32_t error;
	struct files_size size;
	char step[64];
	char text[448];
};

/* Leaves this process two descriptors, and the rights of the container's root over files. Returns 0 or a negative errno. */
static int confine(int stream_fd, int result_fd)
{
	const struct rlimit memory = {.rlim_cur = CHILD_MEMORY_BYTES, .rlim_max = CHILD_MEMORY_BYTES};
	int bound = child_end_with_helper();

	if (bound < 0)
		return bound;
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return -errno;
	if (dup2(stream_fd, 1) < 0 || dup2(result_fd, 2) < 0 || close_range(3, ~0U, 0) < 0)
		return -errno;
	(void)umask(0);
	if (setrlimit(RLIMIT_AS, &memory) < 0)
		return -errno;
	return privilege_keep_files(RIGHTS);
}

static int find_owner(const struct request *request, struct files_owner *owner, struct report *report)
{
	static struct user user;

	*owner = (struct files_owner){0};
	if (!request->user)
		return 0;
	if (user_resolve(request, &user, report) < 0)
		return report_status(report, TM_E_INVALID, report->text);
	*owner = (struct files_owner){true, user.uid, user.gid};
	return 0;
}

static int work(const struct request *request, const struct files_owner *owner, struct files_size *size, struct report *report)
{
	if (request->verb == TM_VERB_FILES_PUT)
		return files_put(request, owner, 1, size, report);
	return request->verb == TM_VERB_FILES_GET ? files_get(request, 1, report) : files_stat(request, 1, report);
}

/* A killed helper's locks and pipes are not the child's to hold. */
static void keep_what_enters(const struct inside *inside, int stream_fd, int result_fd)
{
	int kept[INSIDE_LAYERS_MAX + MOUNTS_MAX + 5] = {stream_fd, result_fd, inside->first_pidfd, inside->userns_fd, inside->writable_fd};
	size_t count = 5;

	memcpy(kept + count, inside->layers, inside->layer_count * sizeof(int));
	count += inside->layer_count;
	memcpy(kept + count, inside->mounts, inside->mount_count * sizeof(int));
	descriptors_keep(kept, count + inside->mount_count);
}

static _Noreturn void child_main(const struct call *call, const struct inside *inside, int result_fd)
{
	struct report report = {0};
	struct result result = {0};
	struct files_owner owner;
	int told = result_fd;

	keep_what_enters(inside, call->stream_fd, result_fd);
	if (inside_enter(inside, &call->request, &report) == 0 && find_owner(&call->request, &owner, &report) == 0) {
		int error = confine(call->stream_fd, result_fd);

		if (error < 0) {
			(void)report_fail(&report, "confine the work on files", -error);
		} else {
			told = 2;
			(void)work(&call->request, &owner, &result.size, &report);
		}
	}
	result.status = report.status;
	result.error = report.error;
	if (report.step)
		strncpy(result.step, report.step, sizeof result.step - 1);
	memcpy(result.text, report.text, sizeof result.text - 1);
	_exit(write(told, &result, sizeof result) == sizeof result ? 0 : 1);
}

static int conclude(struct call *call, struct result *result, struct report *report)
{
	static char step[sizeof result->step];

	child_text(result->step, sizeof result->step);
	child_text(result->text, sizeof result->text);
	if (result->status == TM_OK) {
		if (call->request.verb == TM_VERB_FILES_PUT) {
			reply_u64(&call->reply, TM_TAG_BYTES, result->size.bytes);
			reply_u64(&call->reply, TM_TAG_COUNT, result->size.count);
		}
		return 0;
	}
	memcpy(step, result->step, sizeof step);
	(void)report_status(report, result->status <= TM_E_LAST ? (enum tm_status)result->status : TM_E_KERNEL, result->text);
	report->step = step[0] ? step : NULL;
	report->error = result->error;
	return -1;
}

static int run_child(struct call *call, const struct inside *inside, struct result *result, struct report *report)
{
	auto_close int read_fd = -1;
	int ends[2], told;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return report_fail(report, "make a pipe", errno);
	read_fd = ends[0];
	child = child_fork();
	if (child == 0)
		child_main(call, inside, ends[1]);
	(void)close(ends[1]);
	if (child < 0)
		return report_fail(report, "make a process", errno);
	told = child_result(child, read_fd, result, sizeof *result);
	return told < 0 ? report_status(report, TM_E_KERNEL, "the work on files was cut short") : 0;
}

int verb_files(struct call *call, struct report *report)
{
	struct inside inside;
	struct result result = {0};
	int status = -1;

	/* Twice, because the container may end between finding and entering it. */
	for (int tries = 0; tries < 2; tries++) {
		status = inside_open(call, &inside, tries == 0 ? 0 : END_MS, report);
		if (status == 0)
			status = run_child(call, &inside, &result, report);
		inside_close(&inside);
		if (status < 0 || result.status != TM_E_BUSY)
			break;
	}
	return status < 0 ? -1 : conclude(call, &result, report);
}
