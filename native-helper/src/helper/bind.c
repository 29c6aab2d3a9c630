#include "bind.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "../common/scope.h"
#include "path.h"
#include "policy_bind.h"
#include "userns.h"

/* Makes the directory PATH whose parents below ROOT_FD may be missing too; it belongs to OWNER, whom the container's root is on the host. */
static int make_directory(int root_fd, const char *path, uid_t owner, struct report *report)
{
	char part[PATH_MAX];
	auto_close int at = fcntl(root_fd, F_DUPFD_CLOEXEC, 0);

	while (at >= 0 && *path != '\0') {
		size_t length = strcspn(path, "/");
		mode_t mask;
		int next, made;

		memcpy(part, path, length);
		part[length] = '\0';
		mask = umask(022); /* ours is 077, but a container's user who is not root enters what was made, as with dockerd */
		made = mkdirat(at, part, 0755);
		(void)umask(mask);
		if (made == 0) {
			if (fchownat(at, part, owner, owner, AT_SYMLINK_NOFOLLOW) < 0)
				return report_fail(report, "make a directory of the host", errno);
		} else if (errno != EEXIST) {
			return report_fail(report, "make a directory of the host", errno);
		}
		next = path_open_beneath(at, part, O_PATH | O_DIRECTORY);
		(void)close(at);
		at = next;
		path += length + (path[length] == '/');
	}
	return at >= 0 ? take_fd(&at) : report_fail(report, "make a directory of the host", -at);
}

/* Whether the opened file is at PATH, as the kernel names it, and of a kind that may be shown: no socket leads to a service of the host. */
static int check_opened(int fd, const char *path, struct report *report)
{
	char link[32], name[PATH_MAX];
	struct stat status;
	ssize_t length;

	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	length = readlink(link, name, sizeof name - 1);
	if (length < 0 || fstat(fd, &status) < 0)
		return report_fail(report, "look at a path of the host", errno);
	name[length] = '\0';
	if (strcmp(name, path) != 0)
		return report_parts(report, TM_E_DENIED, "bind_roots does not allow ", path, ": it leads elsewhere");
	if (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode))
		return report_parts(report, TM_E_DENIED, "bind_roots does not allow ", path, ": only directories and regular files are shown to containers");
	return 0;
}

/* Writes the kernel's octal escapes ("\\040") as what they stand for. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text != '\0'; to++) {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' && text[2] >= '0' && text[2] <= '7' && text[3] >= '0' && text[3] <= '7') {
			*to = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0'));
			text += 4;
		} else {
			*to = *text++;
		}
	}
	*to = '\0';
}

/* Whether a line of mountinfo (proc(5): id, parent, device, root, place, options, ...) is of a mount below DIRECTORY that heeds set-user-ID bits. */
static bool heeds_setuid_below(char *line, const char *directory)
{
	char *next = NULL, *field = strtok_r(line, " ", &next), *place = NULL;

	for (int i = 1; field && i < 6; i++) {
		field = strtok_r(NULL, " ", &next);
		place = i == 4 ? field : place;
	}
	if (!field || !place)
		return true;
	unescape(place);
	if (!mount_is_below(place, directory))
		return false;
	for (char *option = strtok_r(field, ",", &next); option; option = strtok_r(NULL, ",", &next))
		if (strcmp(option, "nosuid") == 0)
			return false;
	return true;
}

/* Whether the file system of FD, which is DIRECTORY, and all that is mounted below it are mounted nosuid. */
static bool is_nosuid(int fd, const char *directory)
{
	struct statvfs status;
	auto_free char *line = NULL;
	bool is_safe = fstatvfs(fd, &status) == 0 && (status.f_flag & ST_NOSUID);
	FILE *mounts = is_safe ? fopen("/proc/self/mountinfo", "re") : NULL;
	size_t size = 0;

	if (!mounts)
		return false;
	while (is_safe && getline(&line, &size, mounts) >= 0)
		is_safe = !heeds_setuid_below(line, directory);
	is_safe = is_safe && !ferror(mounts);
	(void)fclose(mounts);
	return is_safe;
}

/* Where KEPT of no_root_squash is to be opened from, so that a set-user-ID file of root's which a container makes there is executed by no user of
 * the host: a directory above it that root alone enters, or itself if nothing there heeds such bits. A container's root could open KEPT itself to
 * others, so its own mode says nothing. LENGTH is how much of KEPT the descriptor stands for. */
static int open_kept(int slash, const char *kept, size_t *length, struct report *report)
{
	char part[POLICY_PATH_MAX];
	int fd;

	for (const char *end = strchr(kept + 1, '/'); end; end = strchr(end + 1, '/')) {
		struct stat status;

		*length = (size_t)(end - kept);
		memcpy(part, kept, *length);
		part[*length] = '\0';
		fd = path_open_beneath(slash, part + 1, O_PATH | O_DIRECTORY);
		if (fd >= 0 && fstat(fd, &status) == 0 && status.st_uid == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) == 0)
			return fd;
		if (fd >= 0)
			(void)close(fd);
	}
	*length = strlen(kept);
	fd = path_open_beneath(slash, kept + 1, O_PATH);
	if (fd < 0)
		return report_parts(report, TM_E_INVALID, "no_root_squash names what cannot be opened: ", kept,
				    fd == -ENOENT ? ": no such file or directory" : ": a part of it is a symbolic link");
	if (is_nosuid(fd, kept))
		return fd;
	(void)close(fd);
	return report_parts(report, TM_E_DENIED, "no_root_squash does not allow ", kept,
			    ": neither is everything there mounted nosuid, nor does root alone (mode 0700) enter a folder above it");
}

static int open_root(const struct policy *policy, const char *path, size_t *length, bool *keeps_root, struct report *report)
{
	const char *kept = policy_find_no_root_squash(policy, path), *root = policy_find_bind_root(policy, path);
	auto_close int slash = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_close int fd = -1;

	*keeps_root = kept != NULL;
	if (!root || slash < 0)
		return report_parts(report, TM_E_DENIED, "bind_roots does not allow ", path, "");
	*length = strlen(root);
	fd = path_open_beneath(slash, root + 1, O_PATH);
	if (fd < 0)
		return report_parts(report, TM_E_INVALID, "bind source path cannot be opened: ", root,
				    fd == -ENOENT ? ": no such file or directory" : ": a part of it is a symbolic link");
	/* Only now: what is missing below that is made, and what the policy names should not be. */
	return kept ? open_kept(slash, kept, length, report) : take_fd(&fd);
}

int bind_open(const struct policy *policy, const struct mount_wish *wish, bool *keeps_root, struct report *report)
{
	size_t length;
	auto_close int root = open_root(policy, wish->source, &length, keeps_root, report);
	auto_close int fd = -1;
	const char *rest;

	if (root < 0)
		return -1;
	rest = wish->source + length;
	rest += *rest == '/';
	fd = *rest == '\0' ? fcntl(root, F_DUPFD_CLOEXEC, 0) : path_open_beneath(root, rest, O_PATH);
	if (fd == -ENOENT && (wish->flags & TM_MOUNT_MAKE)) {
		fd = make_directory(root, rest, *keeps_root ? 0 : USERNS_NOBODY, report);
		if (fd < 0)
			return -1;
	}
	if (fd == -ENOENT)
		return report_parts(report, TM_E_INVALID, "bind source path does not exist: ", wish->source, "");
	if (fd < 0)
		return report_parts(report, TM_E_DENIED, "bind_roots does not allow ", wish->source, ": a part of it is a symbolic link, or leads elsewhere");
	return check_opened(fd, wish->source, report) < 0 ? -1 : take_fd(&fd);
}
