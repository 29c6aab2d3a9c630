#include "quota.h"

#include <errno.h>
#include <linux/dqblk_xfs.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/quota.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define LIMIT_UNIT 1024   /* bytes; of struct if_dqblk, whatever blocks the file system has */
#define PROJECTS_TRIED 4096

static int quota_call(int fd, unsigned int command, uint32_t project, void *about)
{
	return (int)syscall(SYS_quotactl_fd, fd, QCMD(command, PRJQUOTA), project, about);
}

/* A file system without quotas answers ENOSYS too. */
static bool kernel_has_quotas(void)
{
	return quota_call(-1, Q_XGETQSTAT, 0, NULL) == 0 || errno != ENOSYS;
}

static const char *what_helps(int directory_fd)
{
	struct statfs about = {0};

	if (!kernel_has_quotas())
		return "the kernel of the host does not limit projects; Linux 5.14 and later do, built with CONFIG_QUOTACTL";
	if (fstatfs(directory_fd, &about) == 0 && about.f_type == EXT4_SUPER_MAGIC)
		return "the ext4 file system of the state folder does not limit projects; give it the features (tune2fs -O project,quota, while it is "
		       "not mounted) and mount it with the option prjquota";
	if (about.f_type == XFS_SUPER_MAGIC)
		return "the xfs file system of the state folder does not limit projects; mount it with the option prjquota";
	return "the file system of the state folder has no projects; ext4 and xfs have, mounted with the option prjquota";
}

int quota_require(int directory_fd, const char *refusal, struct report *report)
{
	struct fs_quota_stat state = {0};
	struct fsxattr attributes = {0};

	if (quota_call(directory_fd, Q_XGETQSTAT, 0, &state) < 0 || !(state.qs_flags & FS_QUOTA_PDQ_ENFD))
		return report_parts(report, TM_E_INVALID, refusal, what_helps(directory_fd), "");
	if (ioctl(directory_fd, FS_IOC_FSGETXATTR, &attributes) < 0)
		return report_fail(report, "read a project", errno);
	/* Then trees of other projects could be moved neither into it nor within it. */
	if (attributes.fsx_xflags & FS_XFLAG_PROJINHERIT)
		return report_parts(report, TM_E_INVALID, refusal, "the state folder is part of a project of the host's itself", "");
	return 0;
}

static bool is_own(const struct policy *policy, uint32_t project)
{
	return project >= policy->id_base && project - policy->id_base < policy->id_count;
}

/* Whether no file of the file system belongs to PROJECT: 1, 0, or a negative errno. */
static int is_free(int fd, uint32_t project)
{
	struct if_dqblk counted = {0};

	if (quota_call(fd, Q_GETQUOTA, project, &counted) < 0)
		return errno == ENOENT ? 1 : -errno; /* xfs keeps no record of what was never used */
	return counted.dqb_curinodes == 0 && counted.dqb_curspace == 0;
}

static int set_limit(int fd, uint32_t project, uint64_t bytes)
{
	struct if_dqblk limits = {.dqb_bhardlimit = bytes / LIMIT_UNIT + (bytes % LIMIT_UNIT != 0), .dqb_valid = QIF_BLIMITS};

	return quota_call(fd, Q_SETQUOTA, project, &limits) < 0 ? -errno : 0;
}

/* Returns 1 with PROJECT, 0 when none of those tried is free, or a negative errno. */
static int find_free(int fd, const struct policy *policy, const char *id, uint32_t *project)
{
	char hex[9] = {0};
	uint32_t start;

	memcpy(hex, id, 8);
	start = (uint32_t)strtoul(hex, NULL, 16) % policy->id_count;
	for (uint32_t tried = 0; tried < PROJECTS_TRIED && tried < policy->id_count; tried++) {
		int found;

		*project = policy->id_base + (start + tried) % policy->id_count;
		found = is_free(fd, *project);
		if (found != 0)
			return found;
	}
	return 0;
}

static int begin(int top_fd, const struct policy *policy, const char *id, struct report *report)
{
	struct fsxattr attributes = {0};
	uint32_t project = 0;
	int error;

	if (ioctl(top_fd, FS_IOC_FSGETXATTR, &attributes) < 0)
		return report_fail(report, "read a project", errno);
	if (is_own(policy, attributes.fsx_projid))
		return 0;
	error = find_free(top_fd, policy, id, &project);
	if (error < 0)
		return report_fail(report, "find a free project", -error);
	if (error == 0) /* not as if a disk were full */
		return report_status(report, TM_E_BUSY, "no project is free for a size limit: every one that was tried has files; id_base and id_count in the policy file say which");
	/* A draft whose maker was killed may have left one. */
	error = set_limit(top_fd, project, 0);
	if (error < 0)
		return report_fail(report, "set a size limit", -error);
	attributes.fsx_projid = project;
	attributes.fsx_xflags |= FS_XFLAG_PROJINHERIT;
	return ioctl(top_fd, FS_IOC_FSSETXATTR, &attributes) < 0 ? report_fail(report, "begin a project", errno) : 0;
}

int quota_begin(int storage_fd, int top_fd, const struct policy *policy, const char *id, struct report *report)
{
	int result;

	/* One after the other finds a project that is free and takes it. */
	if (flock(storage_fd, LOCK_EX) < 0)
		return report_fail(report, "lock the projects", errno);
	result = begin(top_fd, policy, id, report);
	(void)flock(storage_fd, LOCK_UN); /* cannot fail for who has it */
	return result;
}

int quota_limit(int top_fd, const struct policy *policy, uint64_t bytes, struct report *report)
{
	struct fsxattr attributes = {0};
	int error;

	if (ioctl(top_fd, FS_IOC_FSGETXATTR, &attributes) < 0 || !is_own(policy, attributes.fsx_projid))
		return bytes ? report_status(report, TM_E_EXISTS, "it is there already, without a size limit") : 0;
	error = set_limit(top_fd, attributes.fsx_projid, bytes);
	return error < 0 ? report_fail(report, "set a size limit", -error) : 0;
}
