#include "unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/report.h"
#include "../common/scope.h"
#include "../../include/tallyman_protocol.h"
#include "child.h"
#include "landlock.h"
#include "privilege.h"

#define CHILD_MEMORY_BYTES (UINT64_C(1) << 30) /* the times of a million directories fit */
#define RESULT_TEXT_BYTES 128
#define CAP_BIT(capability) (1U << (capability))

/* What the child tells. It has read hostile bytes, so the parent believes none of it but these bounded values. */
struct result {
	uint32_t status;
	int32_t error;
	uint64_t bytes;
	uint64_t count;
	char text[RESULT_TEXT_BYTES];
};

/* Leaves this process FS_FD as its root, three descriptors, and the rights to make files of any owner. Returns 0 or a negative errno. */
static int confine(int fs_fd, int tar_fd, int result_fd)
{
	const uint32_t wanted = CAP_BIT(CAP_CHOWN) | CAP_BIT(CAP_DAC_OVERRIDE) | CAP_BIT(CAP_FOWNER) | CAP_BIT(CAP_FSETID) |
				CAP_BIT(CAP_SETFCAP);
	const struct rlimit memory = {.rlim_cur = CHILD_MEMORY_BYTES, .rlim_max = CHILD_MEMORY_BYTES};
	const struct landlock_place root = {0, true};
	struct report ignored = {0};
	int bound = child_end_with_helper();

	if (bound < 0)
		return bound;
	/* 0, 1, 2 in that order; the originals are above and closed below */
	if (fcntl(fs_fd, F_DUPFD_CLOEXEC, 64) != 64 || fcntl(tar_fd, F_DUPFD_CLOEXEC, 65) != 65 ||
	    fcntl(result_fd, F_DUPFD_CLOEXEC, 66) != 66)
		return -EMFILE;
	if (dup2(64, 0) < 0 || dup2(65, 1) < 0 || dup2(66, 2) < 0)
		return -errno;
	if (close_range(3, ~0U, 0) < 0 || fchdir(0) < 0 || chroot(".") < 0 || chdir("/") < 0)
		return -errno;
	(void)umask(0);
	if (landlock_enter(&root, 1, &ignored) < 0)
		return -ignored.error;
	if (setrlimit(RLIMIT_AS, &memory) < 0)
		return -errno;
	return privilege_keep_files(wanted);
}

static _Noreturn void child_main(int fs_fd, int tar_fd, enum unpack_kind kind, int result_fd)
{
	struct report report = {0};
	struct layer_size size = {0};
	struct result result = {0};
	int error = confine(fs_fd, tar_fd, result_fd);

	if (error < 0) {
		(void)report_fail(&report, "confine unpacking", -error);
	} else if (unpack_here(0, 1, kind, &size, &report) == 0) {
		result.bytes = size.bytes;
		result.count = size.count;
	}
	result.status = report.status;
	result.error = report.error;
	(void)snprintf(result.text, sizeof result.text, "%.*s", RESULT_TEXT_BYTES - 1,
		       report.text[0] || !report.step ? report.text : report.step);
	_exit(write(error < 0 ? result_fd : 2, &result, sizeof result) == sizeof result ? 0 : 1);
}

static int conclude(struct result *result, struct layer_size *size, struct report *report)
{
	child_text(result->text, sizeof result->text);
	switch (result->status) {
	case TM_OK:
		*size = (struct layer_size){.bytes = result->bytes, .count = result->count};
		return 0;
	case TM_E_ARCHIVE:
		return report_status(report, TM_E_ARCHIVE, result->text);
	case TM_E_EXHAUSTED:
		(void)report_fail(report, "unpack layer", ENOSPC);
		return -1;
	default:
		(void)report_status(report, TM_E_KERNEL, result->text);
		report->step = "unpack layer";
		report->error = result->error;
		return -1;
	}
}

int unpack_confined(int fs_fd, int tar_fd, enum unpack_kind kind, struct layer_size *size, struct report *report)
{
	struct result result = {0};
	auto_close int read_fd = -1;
	int ends[2];
	pid_t child;
	int told;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return report_fail(report, "unpack layer", errno);
	read_fd = ends[0];
	child = child_fork();
	if (child == 0)
		child_main(fs_fd, tar_fd, kind, ends[1]);
	(void)close(ends[1]);
	if (child < 0)
		return report_fail(report, "unpack layer", errno);
	told = child_result(child, read_fd, &result, sizeof result);
	if (told < 0) /* killed, by its memory limit for one */
		return report_status(report, TM_E_ARCHIVE, "unpacking was cut short");
	return conclude(&result, size, report);
}
