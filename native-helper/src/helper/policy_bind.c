/* What the policy says about paths of the host. Pure: no system calls. */
#include "policy_bind.h"

#include <string.h>

#include "policy_network.h"
#include "policy_parse.h"

bool policy_parse_devices(struct policy *policy, char *value)
{
	for (char *item; (item = policy_next_item(&value)) != NULL && *item != '\0'; policy->device_count++) {
		if (policy->device_count == POLICY_LIST_MAX || strlen(item) >= POLICY_NAME_MAX || strncmp(item, "/dev/", 5) != 0 || !policy_is_path(item))
			return false;
		memcpy(policy->devices[policy->device_count], item, strlen(item) + 1);
	}
	return true;
}

static bool parse_paths(char paths[POLICY_LIST_MAX][POLICY_PATH_MAX], size_t *count, char *value)
{
	for (char *item; (item = policy_next_item(&value)) != NULL && *item != '\0'; (*count)++) {
		if (*count == POLICY_LIST_MAX || strlen(item) >= POLICY_PATH_MAX || !policy_is_path(item))
			return false;
		memcpy(paths[*count], item, strlen(item) + 1);
	}
	return true;
}

bool policy_parse_bind_roots(struct policy *policy, char *value)
{
	return parse_paths(policy->bind_roots, &policy->bind_root_count, value);
}

bool policy_parse_bind_readonly(struct policy *policy, char *value)
{
	return parse_paths(policy->bind_readonly, &policy->bind_readonly_count, value);
}

bool policy_parse_no_root_squash(struct policy *policy, char *value)
{
	return parse_paths(policy->no_root_squash, &policy->no_root_squash_count, value);
}

/* The one of PATHS that PATH is, or lies below; of several the outermost. */
static const char *find_above(const char paths[POLICY_LIST_MAX][POLICY_PATH_MAX], size_t count, const char *path)
{
	const char *found = NULL;

	for (size_t i = 0; i < count; i++)
		if (mount_is_below(path, paths[i]) && (!found || strlen(paths[i]) < strlen(found)))
			found = paths[i];
	return found;
}

/* The lines of a file may come in any order, so this is asked when all of them are read. */
int policy_check_no_root_squash(const struct policy *policy, struct report *report)
{
	for (size_t i = 0; i < policy->no_root_squash_count; i++)
		if (!find_above(policy->bind_roots, policy->bind_root_count, policy->no_root_squash[i]))
			return report_parts(report, TM_E_POLICY_FILE, "no_root_squash names ", policy->no_root_squash[i], ", which does not lie below bind_roots");
	return 0;
}

const char *policy_find_bind_root(const struct policy *policy, const char *path)
{
	const char *root = find_above(policy->bind_roots, policy->bind_root_count, path);

	return root ? root : find_above(policy->bind_readonly, policy->bind_readonly_count, path);
}

const char *policy_find_no_root_squash(const struct policy *policy, const char *path)
{
	return find_above(policy->no_root_squash, policy->no_root_squash_count, path);
}

/* Whether PATH of the host holds or is held by what no container may see, whatever the policy says: this installation's own. */
static bool is_ours(const struct policy *policy, const char *path)
{
	const char *const own[] = {policy->storage_root, policy->records_root, policy->run_root, "/etc/tallyman", LIBRARY, "/proc", "/sys", "/dev"};

	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
		if (mount_is_below(path, own[i]) || mount_is_below(own[i], path))
			return true;
	return false;
}

static int check_bind(const struct policy *policy, const struct request *request, const struct mount_wish *wish, struct report *report)
{
	if (is_ours(policy, wish->source))
		return report_parts(report, TM_E_DENIED, "this path of the host is never shown to a container: ", wish->source, "");
	if (find_above(policy->bind_roots, policy->bind_root_count, wish->source))
		return 0;
	if (!find_above(policy->bind_readonly, policy->bind_readonly_count, wish->source))
		return policy_denied(report, "bind_roots", wish->source);
	if (!(wish->flags & TM_MOUNT_READ_ONLY) || (wish->flags & TM_MOUNT_MAKE))
		return policy_denied(report, "bind_readonly", "writing");
	/* Its root could make the mount writable again. */
	if ((request->flags & TM_FLAG_PRIVILEGED) || (request->capabilities >> 21 & 1))
		return policy_denied(report, "bind_readonly", "CAP_SYS_ADMIN beside it");
	return 0;
}

int policy_check_mounts(const struct policy *policy, const struct request *request, struct report *report)
{
	for (size_t i = 0; i < request->mounts.count; i++) {
		struct mount_wish wish;

		if (!mount_parse(request->mounts.items[i], &wish))
			return report_status(report, TM_E_INVALID, "mount is out of range or malformed");
		if (wish.kind == MOUNT_BIND && check_bind(policy, request, &wish, report) < 0)
			return -1;
	}
	return 0;
}
