#include "policy.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/scope.h"
#include "capability.h"
#include "path.h"
#include "policy_bind.h"
#include "policy_network.h"

#define POLICY_BYTES_MAX 65536

static void join(char *to, size_t size, const char *first, const char *second, const char *third)
{
	const char *parts[] = {first, second, third};
	size_t at = 0;

	for (size_t i = 0; i < 3; i++)
		for (const char *from = parts[i]; *from != '\0' && at + 1 < size; from++)
			to[at++] = *from;
	to[at] = '\0';
}

/* Letters, digits and dashes: safe as a part of any file's name. */
static bool is_instance_name(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return length > 0 && length <= 32 && name[length] == '\0';
}

int instance_find(struct instance *instance, struct report *report)
{
	char path[POLICY_PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
	char *slash;

	if (length <= 0)
		return report_fail(report, "find the helper's own path", errno);
	path[length] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return report_status(report, TM_E_PRIVILEGE, "the helper is not installed");
	*slash = '\0';
	join(instance->library, sizeof instance->library, path, "", "");
	instance->name[0] = '\0';
	if (strcmp(path, LIBRARY) == 0) {
		join(instance->policy_file, sizeof instance->policy_file, "/etc/tallyman/policy.conf", "", "");
		return 0;
	}
	if (strncmp(path, LIBRARY "-", sizeof LIBRARY) != 0 || !is_instance_name(path + sizeof LIBRARY))
		return report_status(report, TM_E_PRIVILEGE, "the helper works only where it was installed, in " LIBRARY);
	join(instance->name, sizeof instance->name, path + sizeof LIBRARY, "", "");
	join(instance->policy_file, sizeof instance->policy_file, "/etc/tallyman/", instance->name, ".policy.conf");
	return 0;
}

static int load(const char *path, struct policy *policy, struct report *report)
{
	static char text[POLICY_BYTES_MAX + 1];
	auto_close int fd = path_open_trusted(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, report);
	char reason[sizeof report->text];
	struct stat status;
	ssize_t length;

	if (fd < 0) {
		join(reason, sizeof reason, report->text, "", "");
		return report_parts(report, TM_E_POLICY_FILE, path, ": ", reason);
	}
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size > POLICY_BYTES_MAX)
		return report_parts(report, TM_E_POLICY_FILE, path, ": not a regular file of at most 64 KiB", "");
	length = read(fd, text, POLICY_BYTES_MAX + 1);
	if (length < 0 || length > POLICY_BYTES_MAX)
		return report_parts(report, TM_E_POLICY_FILE, path, ": cannot be read whole", "");
	if (policy_parse(text, (size_t)length, policy, report) < 0) {
		join(reason, sizeof reason, report->text, "", "");
		return report_parts(report, TM_E_POLICY_FILE, path, ": ", reason);
	}
	if (!policy->storage_root[0] || !policy->records_root[0] || !policy->run_root[0] || !policy->server_uid || !policy->server_gid ||
	    !policy->monitor_uid)
		return report_parts(report, TM_E_POLICY_FILE, path, ": a key that has no default is missing", "");
	return 0;
}

/* What keeps instances apart where the file does not say it. */
static void set_defaults(const struct instance *instance, struct policy *policy)
{
	const char *dash = instance->name[0] ? "-" : "";

	*policy = (struct policy){.seccomp_required = true, .any_address = true, .port_low = 1024, .port_high = 65535};
	join(policy->bridge_prefix, sizeof policy->bridge_prefix, "tm", "", "");
	join(policy->nft_table, sizeof policy->nft_table, "tallyman", dash, instance->name);
	join(policy->cgroup_parent, sizeof policy->cgroup_parent, "tallyman", dash, instance->name);
	policy->max_containers = 1000;
	policy->pids_max = 4096;
	policy->id_base = 131072;
	policy->id_count = 67108864;
}

int policy_load(const struct instance *instance, struct policy *policy, struct report *report)
{
	set_defaults(instance, policy);
	if (load(instance->policy_file, policy, report) < 0)
		return -1;
	if (policy->subnet_count == 0) {
		policy->subnets[0] = (struct policy_subnet){0x0a580000, 13};
		policy->subnet_count = 1;
	}
	if (policy->subnet6_count == 0) {
		policy->subnets6[0] = (struct policy_subnet6){{0xfd, 0, 0x74, 0x61, 0x6c, 0x6c}, 48};
		policy->subnet6_count = 1;
	}
	/* A range that holds the server or the monitor would let a container be them (SECURITY.md R1). */
	if (policy->id_base < 65536 || policy->id_count < 65536 || policy->id_count > UINT32_MAX - policy->id_base ||
	    (policy->server_uid >= policy->id_base && policy->server_uid < policy->id_base + policy->id_count) ||
	    (policy->monitor_uid >= policy->id_base && policy->monitor_uid < policy->id_base + policy->id_count) ||
	    (policy->server_gid >= policy->id_base && policy->server_gid < policy->id_base + policy->id_count))
		return report_parts(report, TM_E_POLICY_FILE, instance->policy_file,
				    ": id_base and id_count hold an id below 65536, or that of a system user", "");
	policy->is_trusted = true;
	return 0;
}

int policy_load_roots(const struct instance *instance, struct policy *policy, struct report *report)
{
	char path[POLICY_PATH_MAX + 16];

	join(path, sizeof path, instance->library, "/roots.conf", "");
	set_defaults(instance, policy);
	return load(path, policy, report);
}

/* The answer names the key and what it lacks, so that the reader knows which line root would have to change. */
int policy_denied(struct report *report, const char *key, const char *what)
{
	char text[128];

	join(text, sizeof text, key, " does not allow ", what);
	return report_parts(report, TM_E_DENIED, text, " (root can change that in the policy file)", "");
}

bool policy_covers(const char *known, const char *name, size_t length)
{
	size_t size = strlen(known);

	if (known[size - 1] == '*')
		return length >= size && memcmp(known, name, size - 1) == 0;
	return size == length && memcmp(known, name, length) == 0;
}

bool policy_allows_sysctl(const struct policy *policy, const char *name, size_t length)
{
	for (size_t i = 0; i < policy->sysctl_count; i++)
		if (policy_covers(policy->sysctls[i], name, length))
			return true;
	return false;
}

static int check_sysctls(const struct policy *policy, const struct request *request, struct report *report)
{
	for (size_t i = 0; i < request->sysctls.count; i++) {
		const char *setting = request->sysctls.items[i];
		size_t length = strcspn(setting, "=");

		if (setting[length] != '=' || !policy_allows_sysctl(policy, setting, length))
			return policy_denied(report, "sysctls", setting);
		if (strncmp(setting, "net.", 4) == 0 && request->network_mode != TM_NETWORK_BRIDGE && request->network_mode != TM_NETWORK_NONE)
			return report_status(report, TM_E_INVALID, "sysctl: net settings need a network namespace of the container's own");
		if (strncmp(setting, "net.", 4) != 0 && (request->namespaces & TM_NAMESPACE_JOIN_IPC))
			return report_status(report, TM_E_INVALID, "sysctl: ipc settings need an IPC namespace of the container's own");
	}
	return 0;
}

static int check_limits(const struct policy *policy, const struct request *request, struct report *report)
{
	uint64_t period = request->cpu_period ? request->cpu_period : 100000;

	if (policy->memory_max && (request->memory_max > policy->memory_max || (request->memory_low > policy->memory_max)))
		return policy_denied(report, "memory_max", "so much memory");
	if (policy->pids_max && request->pids_max > policy->pids_max)
		return policy_denied(report, "pids_max", "so many processes");
	if (policy->cpu_max_percent && request->cpu_quota * 100 > policy->cpu_max_percent * period)
		return policy_denied(report, "cpu_max_percent", "so much processor time");
	return 0;
}

static int check_process(const struct policy *policy, const struct request *request, struct report *report)
{
	uint64_t excess = request->capabilities & ~policy->caps_max;

	if (excess)
		return policy_denied(report, "caps_max", capability_name(__builtin_ctzll(excess)));
	if ((request->flags & TM_FLAG_PRIVILEGED) && !policy->privileged)
		return policy_denied(report, "privileged", "privileged containers");
	if ((request->flags & TM_FLAG_SECCOMP_UNCONFINED) && policy->seccomp_required)
		return policy_denied(report, "seccomp", "containers without a filter of system calls");
	if (request->masked_none && !policy->unmasked)
		return policy_denied(report, "unmasked", "containers without masked paths");
	return 0;
}

bool policy_confines(const struct policy *policy, const struct request *request)
{
	bool ceiling = policy->seccomp_required;

	return request_is_confined(request, ceiling) && (ceiling || !(request->flags & TM_FLAG_PRIVILEGED));
}

bool policy_unmasks(const struct policy *policy, const struct request *request)
{
	return request->masked_none || (policy->unmasked && (request->flags & TM_FLAG_PRIVILEGED));
}

/* A device is named as the policy names it, so that no path of the host comes from the server. WISH is "ACCESS NAME TARGET". */
static bool is_listed(const struct policy *policy, const char *wish)
{
	size_t access = strcspn(wish, " ");
	const char *name = wish + access + (wish[access] == ' ');
	size_t length = strcspn(name, " ");

	for (size_t i = 0; i < policy->device_count; i++)
		if (strlen(policy->devices[i]) == length && memcmp(policy->devices[i], name, length) == 0)
			return true;
	return false;
}

static int check_devices(const struct policy *policy, const struct request *request, struct report *report)
{
	for (size_t i = 0; i < request->devices.count; i++) {
		const char *wish = request->devices.items[i];
		char name[POLICY_NAME_MAX];

		if (is_listed(policy, wish))
			continue;
		join(name, sizeof name, wish + strcspn(wish, " "), "", "");
		name[1 + strcspn(name + (name[0] == ' '), " ")] = '\0';
		return policy_denied(report, "devices", name[0] == ' ' ? name + 1 : "this device");
	}
	return 0;
}

static int check_start(const struct policy *policy, const struct request *request, struct report *report)
{
	if (request->network_mode == TM_NETWORK_HOST && !policy->host_net)
		return policy_denied(report, "host_namespaces", "the network of the host");
	if ((request->namespaces & TM_NAMESPACE_HOST_UTS) && !policy->host_uts)
		return policy_denied(report, "host_namespaces", "the names (UTS) of the host");
	if ((request->namespaces & TM_NAMESPACE_HOST_CGROUP) && !policy->host_cgroup)
		return policy_denied(report, "host_namespaces", "the control groups (cgroup) of the host");
	return check_devices(policy, request, report) < 0 ? -1 : check_sysctls(policy, request, report);
}

int policy_check(const struct policy *policy, const struct request *request, struct report *report)
{
	if (check_process(policy, request, report) < 0 || policy_check_requested_networks(policy, request, report) < 0 ||
	    check_limits(policy, request, report) < 0)
		return -1;
	if (policy_check_mounts(policy, request, report) < 0)
		return -1;
	return request->verb == TM_VERB_CONTAINER_START ? check_start(policy, request, report) : 0;
}
