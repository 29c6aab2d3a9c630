#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../common/scope.h"
#include "cgroup_limit.h"
#include "path.h"

#define IDS 65536u
#define ANY UINT32_MAX
#define USUAL_LINES 9 /* device_rules in cgroup.c */

/* The name in "ACCESS NAME TARGET", which the policy check has seen. */
static void wished_name(const char *wish, char name[POLICY_NAME_MAX])
{
	const char *from = wish + strcspn(wish, " ");
	size_t length;

	from += *from == ' ';
	length = strcspn(from, " ");
	(void)snprintf(name, POLICY_NAME_MAX, "%.*s", (int)length, from);
}

/* Looks at a node of the host; nothing is opened, and a link is no node. */
static int look_at(const char *name, struct stat *status, struct report *report)
{
	if (lstat(name, status) < 0)
		return report_parts(report, TM_E_INVALID, "error gathering device information while adding custom device \"", name,
				    "\": no such file or directory");
	if (!S_ISCHR(status->st_mode) && !S_ISBLK(status->st_mode))
		return report_parts(report, TM_E_INVALID, "error gathering device information while adding custom device \"", name,
				    "\": not a device node");
	return 0;
}

/* Root's become the container's root; other ids keep their number, as Docker's do. */
static uint32_t shifted(uint32_t id, uint32_t base)
{
	return base + (id < IDS ? id : 65534);
}

static int make_node(int directory_fd, const char *wish, size_t index, uint32_t base, struct report *report)
{
	char name[POLICY_NAME_MAX], number[24];
	struct stat status;

	wished_name(wish, name);
	if (look_at(name, &status, report) < 0)
		return -1;
	(void)snprintf(number, sizeof number, "%zu", index);
	if (mknodat(directory_fd, number, status.st_mode & (S_IFMT | 0666), status.st_rdev) < 0 ||
	    fchownat(directory_fd, number, shifted(status.st_uid, base), shifted(status.st_gid, base), AT_SYMLINK_NOFOLLOW) < 0 ||
	    fchmodat(directory_fd, number, status.st_mode & 0666, 0) < 0)
		return report_fail(report, "make a device node", errno);
	return 0;
}

int device_make(const struct request *request, uint32_t base, struct report *report)
{
	auto_close int fs = fsopen("tmpfs", FSOPEN_CLOEXEC);
	auto_close int mount = -1;

	if (fs < 0 || fsconfig(fs, FSCONFIG_SET_STRING, "mode", "0755", 0) < 0 || fsconfig(fs, FSCONFIG_SET_STRING, "size", "64k", 0) < 0 ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0 || (mount = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)) < 0)
		return report_fail(report, "make a file system for devices", errno);
	for (size_t i = 0; i < request->devices.count; i++)
		if (make_node(mount, request->devices.items[i], i, base, report) < 0)
			return -1;
	return take_fd(&mount);
}

static void write_rule(char text[64], char type, uint32_t major, uint32_t minor, const char *access)
{
	char numbers[2][16] = {"*", "*"};

	if (major != ANY)
		(void)snprintf(numbers[0], sizeof numbers[0], "%u", major);
	if (minor != ANY)
		(void)snprintf(numbers[1], sizeof numbers[1], "%u", minor);
	(void)snprintf(text, 64, "%c %s:%s %s", type, numbers[0], numbers[1], access);
}

/* The group above lets nothing pass that its own list does not have. */
static int allow(int above_fd, int fd, const char *rule, struct report *report)
{
	int result = cgroup_write(above_fd, "devices.allow", rule);

	if (result == 0)
		result = cgroup_write(fd, "devices.allow", rule);
	return result < 0 ? report_fail(report, "allow a device", -result) : 0;
}

static int allow_device(int above_fd, int fd, const char *wish, struct report *report)
{
	char name[POLICY_NAME_MAX], rule[64], access[4] = "";
	struct stat status;
	size_t length = strspn(wish, "rwm");

	wished_name(wish, name);
	if (length == 0 || length > 3 || wish[length] != ' ')
		return report_status(report, TM_E_INVALID, "device: its access is some of r, w and m");
	memcpy(access, wish, length);
	if (look_at(name, &status, report) < 0)
		return -1;
	write_rule(rule, S_ISCHR(status.st_mode) ? 'c' : 'b', major(status.st_rdev), minor(status.st_rdev), access);
	return allow(above_fd, fd, rule, report);
}

/* Devices that every container may reach anyway. */
static bool is_usual(const struct request_device_rule *rule)
{
	static const uint32_t usual[][2] = {{1, 3}, {1, 5}, {1, 7}, {1, 8}, {1, 9}, {5, 0}, {5, 1}, {5, 2}, {136, ANY}};

	for (size_t i = 0; rule->type == 'c' && i < USUAL_LINES; i++)
		if (rule->major == usual[i][0] && (rule->minor == usual[i][1] || usual[i][1] == ANY))
			return true;
	return false;
}

/* A rule may name what the policy's devices are, and no more. */
static bool is_in_policy(const struct policy *policy, const struct request_device_rule *rule)
{
	for (size_t i = 0; i < policy->device_count; i++) {
		struct stat status;

		if (lstat(policy->devices[i], &status) == 0 && (rule->type == 'b' ? S_ISBLK(status.st_mode) : rule->type == 'c' && S_ISCHR(status.st_mode)) &&
		    rule->major == major(status.st_rdev) && rule->minor == minor(status.st_rdev))
			return true;
	}
	return false;
}

static int allow_rule(int above_fd, int fd, const struct policy *policy, const struct request_device_rule *rule, struct report *report)
{
	char text[64], access[4] = "";
	size_t length = 0;

	for (int bit = 0; bit < 3; bit++)
		if (rule->access >> bit & 1)
			access[length++] = "rwm"[bit];
	if (length == 0 || rule->access > 7)
		return report_status(report, TM_E_INVALID, "device rule");
	if (is_usual(rule))
		return 0;
	if (!is_in_policy(policy, rule))
		return report_status(report, TM_E_DENIED, "devices does not allow this device cgroup rule (root can change that in the policy file)");
	write_rule(text, rule->type, rule->major, rule->minor, access);
	return fd < 0 ? 0 : allow(above_fd, fd, text, report);
}

/* A new group has what the one above has, and so what other containers were given: it is taken away first. */
static void deny_others(int fd)
{
	char list[4096], *next = NULL;
	ssize_t length = path_read_file(fd, "devices.list", list, sizeof list);

	for (char *line = length > 0 ? strtok_r(list, "\n", &next) : NULL; line; line = strtok_r(NULL, "\n", &next)) {
		struct request_device_rule rule = {.minor = ANY};
		int fields = sscanf(line, "%c %u:%u", &rule.type, &rule.major, &rule.minor);

		if (fields < 2 || !is_usual(&rule))
			(void)cgroup_write(fd, "devices.deny", line);
	}
}

int device_allow(const struct cgroup *group, const struct policy *policy, const struct request *request, struct report *report)
{
	int fd = group->is_v2 ? -1 : group->tree_fds[CGROUP_DEVICES];
	auto_close int above = fd < 0 ? -1 : openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && above < 0)
		return report_fail(report, "open the group above", errno);
	if (fd >= 0)
		deny_others(fd);
	for (size_t i = 0; fd >= 0 && i < request->devices.count; i++)
		if (allow_device(above, fd, request->devices.items[i], report) < 0)
			return -1;
	for (size_t i = 0; i < request->device_rule_count; i++)
		if (allow_rule(above, fd, policy, &request->device_rules[i], report) < 0)
			return -1;
	return 0;
}
