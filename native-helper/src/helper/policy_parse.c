/* The text of a policy file. Pure: no system calls. */
#include <arpa/inet.h>
#include <string.h>

#include "capability.h"
#include "policy.h"
#include "policy_bind.h"
#include "policy_parse.h"

#define VLAN_MAX 4094
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

enum form { FORM_U32, FORM_U64, FORM_PATH, FORM_NAME, FORM_YES_NO, FORM_OWN };

struct key {
	const char *name;
	enum form form;
	size_t offset, size;
	bool (*parse)(struct policy *policy, char *value);
};

static bool parse_number(const char *text, uint64_t max, uint64_t *number)
{
	*number = 0;
	if (*text == '\0' || strlen(text) > 19)
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return false;
		*number = *number * 10 + (uint64_t)(*text - '0');
	}
	return *number <= max;
}

char *policy_next_item(char **list)
{
	char *item = *list, *end;

	if (!item)
		return NULL;
	item += strspn(item, " \t");
	end = strchr(item, ',');
	*list = end ? end + 1 : NULL;
	end = end ? end : item + strlen(item);
	while (end > item && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*end = '\0';
	return item;
}

static bool consists_of(const char *value, const char *characters)
{
	size_t length = strspn(value, characters);

	return length > 0 && value[length] == '\0';
}

static bool is_name(const char *value)
{
	return consists_of(value, NAME_CHARACTERS "-");
}

bool policy_is_path(const char *value)
{
	return consists_of(value, NAME_CHARACTERS "-./") && value[0] == '/' && value[strlen(value) - 1] != '/' && !strstr(value, "//") && !strstr(value, "/.");
}

static bool parse_caps(struct policy *policy, char *value)
{
	for (char *item; (item = policy_next_item(&value)) != NULL && *item != '\0';) {
		int number = capability_number(item);

		if (number < 0)
			return false;
		policy->caps_max |= (uint64_t)1 << number;
	}
	return true;
}

static bool parse_host_namespaces(struct policy *policy, char *value)
{
	if (strcmp(value, "none") == 0)
		return true;
	for (char *item; (item = policy_next_item(&value)) != NULL;) {
		if (strcmp(item, "net") == 0)
			policy->host_net = true;
		else if (strcmp(item, "uts") == 0)
			policy->host_uts = true;
		else if (strcmp(item, "cgroup") == 0)
			policy->host_cgroup = true;
		else
			return false;
	}
	return true;
}

static bool parse_seccomp(struct policy *policy, char *value)
{
	policy->seccomp_required = strcmp(value, "required") == 0;
	return policy->seccomp_required || strcmp(value, "optional") == 0;
}

/* A name, or the beginning of names: "net.ipv4.conf.*". */
static bool is_setting(const char *item)
{
	size_t length = strspn(item, "abcdefghijklmnopqrstuvwxyz0123456789_.-");

	return item[length] == '\0' || (strcmp(item + length, "*") == 0 && item[length - 1] == '.');
}

static bool parse_sysctls(struct policy *policy, char *value)
{
	for (char *item; (item = policy_next_item(&value)) != NULL && *item != '\0';) {
		/* Only settings that belong to a namespace; a name is turned into a path, so dots and nothing else separate. */
		if ((strncmp(item, "net.", 4) != 0 && strncmp(item, "kernel.shm", 10) != 0 && strncmp(item, "kernel.msg", 10) != 0 &&
		     strcmp(item, "kernel.sem") != 0 && strncmp(item, "fs.mqueue.", 10) != 0) ||
		    strlen(item) >= POLICY_NAME_MAX || policy->sysctl_count == POLICY_LIST_MAX || strstr(item, "..") ||
		    !is_setting(item))
			return false;
		memcpy(policy->sysctls[policy->sysctl_count++], item, strlen(item) + 1);
	}
	return true;
}

static bool parse_ports(struct policy *policy, char *value)
{
	char *dash = strchr(value, '-');
	uint64_t low, high;

	if (!dash)
		return false;
	*dash = '\0';
	if (!parse_number(value, 65535, &low) || !parse_number(dash + 1, 65535, &high) || low == 0 || low > high)
		return false;
	policy->port_low = (uint32_t)low;
	policy->port_high = (uint32_t)high;
	return true;
}

static bool parse_address(char *text, uint32_t *address)
{
	*address = 0;
	for (int i = 0; i < 4; i++) {
		char *dot = strchr(text, '.');
		uint64_t part;

		if ((dot != NULL) != (i < 3))
			return false;
		if (dot)
			*dot = '\0';
		if (!parse_number(text, 255, &part))
			return false;
		*address = *address << 8 | (uint32_t)part;
		text = dot ? dot + 1 : text;
	}
	return true;
}

static bool parse_addresses(struct policy *policy, char *value)
{
	policy->any_address = strcmp(value, "any") == 0;
	if (policy->any_address)
		return true;
	for (char *item; (item = policy_next_item(&value)) != NULL && *item != '\0';) {
		if (strchr(item, ':')) {
			if (policy->address6_count == POLICY_LIST_MAX || inet_pton(AF_INET6, item, policy->addresses6[policy->address6_count++]) != 1)
				return false;
			continue;
		}
		if (policy->address_count == POLICY_LIST_MAX || !parse_address(item, &policy->addresses[policy->address_count++]))
			return false;
	}
	return true;
}

static bool parse_subnet(char *item, struct policy_subnet *subnet)
{
	char *slash = strchr(item, '/');
	uint64_t prefix;

	if (!slash || !parse_number(slash + 1, 32, &prefix))
		return false;
	*slash = '\0';
	if (!parse_address(item, &subnet->address) || (prefix < 32 && (subnet->address & (UINT32_MAX >> prefix)) != 0))
		return false;
	subnet->prefix = (uint32_t)prefix;
	return true;
}

static bool parse_subnet6(char *item, struct policy_subnet6 *subnet)
{
	char *slash = strchr(item, '/');
	uint64_t prefix;

	if (!slash || !parse_number(slash + 1, 8 * ADDRESS6_BYTES, &prefix))
		return false;
	*slash = '\0';
	if (inet_pton(AF_INET6, item, subnet->address) != 1 || !address6_is_base(subnet->address, (uint32_t)prefix))
		return false;
	subnet->prefix = (uint32_t)prefix;
	return true;
}

static bool parse_subnets(struct policy *policy, char *value)
{
	for (char *item; (item = policy_next_item(&value)) != NULL && *item != '\0'; policy->subnet_count++)
		if (policy->subnet_count == POLICY_LIST_MAX || !parse_subnet(item, &policy->subnets[policy->subnet_count]))
			return false;
	return true;
}

static bool parse_subnets6(struct policy *policy, char *value)
{
	for (char *item; (item = policy_next_item(&value)) != NULL && *item != '\0'; policy->subnet6_count++)
		if (policy->subnet6_count == POLICY_LIST_MAX || !parse_subnet6(item, &policy->subnets6[policy->subnet6_count]))
			return false;
	return true;
}

/* Of both families. */
static bool parse_macvlan_subnets(struct policy *policy, char *value)
{
	for (char *item; (item = policy_next_item(&value)) != NULL && *item != '\0';) {
		if (policy->macvlan_subnet_count == POLICY_LIST_MAX || policy->macvlan_subnet6_count == POLICY_LIST_MAX)
			return false;
		if (!(strchr(item, ':') ? parse_subnet6(item, &policy->macvlan_subnets6[policy->macvlan_subnet6_count++])
					: parse_subnet(item, &policy->macvlan_subnets[policy->macvlan_subnet_count++])))
			return false;
	}
	return true;
}

/* LINK or LINK.VLAN or LINK.LOWEST-HIGHEST, and ":passthru" behind it. As of a request, digits behind the last dot are a VLAN's id. */
static bool parse_parent(char *item, struct policy_parent *parent)
{
	char *mark = strchr(item, ':'), *dot, *dash;
	uint64_t low = 0, high;

	parent->is_whole = mark != NULL;
	if (mark && strcmp(mark, ":passthru") != 0)
		return false;
	if (mark)
		*mark = '\0';
	dot = strrchr(item, '.');
	if (dot && dot[1] >= '0' && dot[1] <= '9') {
		*dot++ = '\0';
		dash = strchr(dot, '-');
		if (dash)
			*dash++ = '\0';
		if (!parse_number(dot, VLAN_MAX, &low) || !parse_number(dash ? dash : dot, VLAN_MAX, &high) || low == 0 || high < low)
			return false;
		parent->vlan_low = (uint32_t)low;
		parent->vlan_high = (uint32_t)high;
	}
	if (strlen(item) >= sizeof parent->link || !consists_of(item, NAME_CHARACTERS ".-") || item[0] == '-')
		return false;
	memcpy(parent->link, item, strlen(item) + 1);
	return true;
}

static bool parse_macvlan_parents(struct policy *policy, char *value)
{
	for (char *item; (item = policy_next_item(&value)) != NULL && *item != '\0'; policy->macvlan_parent_count++)
		if (policy->macvlan_parent_count == POLICY_LIST_MAX || !parse_parent(item, &policy->macvlan_parents[policy->macvlan_parent_count]))
			return false;
	return true;
}

static bool parse_bridge_names(struct policy *policy, char *value)
{
	for (char *item; (item = policy_next_item(&value)) != NULL && *item != '\0'; policy->bridge_name_count++) {
		size_t length = strlen(item), word = length - (item[length - 1] == '*');

		if (policy->bridge_name_count == POLICY_LIST_MAX || length >= LINK_NAME_BYTES || strspn(item, NAME_CHARACTERS ".-") != word || item[0] == '-')
			return false;
		memcpy(policy->bridge_names[policy->bridge_name_count], item, length + 1);
	}
	return true;
}

/* Accepted so that a file may say it; tmpfs is the only type there is. */
static bool parse_mount_types(struct policy *policy, char *value)
{
	(void)policy;
	return strcmp(value, "tmpfs") == 0;
}

#define KEY(member, form) {#member, form, offsetof(struct policy, member), sizeof(((struct policy *)0)->member), NULL}
#define OWN(name, parse) {name, FORM_OWN, 0, 0, parse}

static const struct key keys[] = {
	KEY(server_uid, FORM_U32), KEY(server_gid, FORM_U32), KEY(monitor_uid, FORM_U32), KEY(storage_root, FORM_PATH),
	KEY(records_root, FORM_PATH), KEY(run_root, FORM_PATH), KEY(id_base, FORM_U32), KEY(id_count, FORM_U32),
	OWN("caps_max", parse_caps), KEY(privileged, FORM_YES_NO), OWN("host_namespaces", parse_host_namespaces),
	OWN("sysctls", parse_sysctls), OWN("publish_ports", parse_ports), OWN("publish_addresses", parse_addresses),
	OWN("subnets", parse_subnets), OWN("subnets6", parse_subnets6), KEY(bridge_prefix, FORM_NAME), OWN("bridge_names", parse_bridge_names), KEY(nft_table, FORM_NAME), KEY(cgroup_parent, FORM_NAME),
	KEY(max_containers, FORM_U32), KEY(memory_max, FORM_U64), KEY(pids_max, FORM_U32), KEY(cpu_max_percent, FORM_U32),
	OWN("seccomp", parse_seccomp), KEY(unmasked, FORM_YES_NO), KEY(no_new_privileges, FORM_YES_NO),
	OWN("mount_types", parse_mount_types), OWN("devices", policy_parse_devices),
	OWN("macvlan_parents", parse_macvlan_parents), OWN("macvlan_subnets", parse_macvlan_subnets),
	OWN("bind_roots", policy_parse_bind_roots), OWN("bind_readonly", policy_parse_bind_readonly), OWN("no_root_squash", policy_parse_no_root_squash),
};

#define KEYS (sizeof keys / sizeof keys[0])

_Static_assert(KEYS < 64, "keys fit into a bit set of 64");

static bool store(const struct key *key, struct policy *policy, char *value)
{
	unsigned char *place = (unsigned char *)policy + key->offset;
	uint64_t number;

	switch (key->form) {
	case FORM_U32:
		if (!parse_number(value, UINT32_MAX, &number))
			return false;
		memcpy(place, &(uint32_t){(uint32_t)number}, sizeof(uint32_t));
		return true;
	case FORM_U64:
		if (!parse_number(value, INT64_MAX, &number))
			return false;
		memcpy(place, &number, sizeof number);
		return true;
	case FORM_PATH:
	case FORM_NAME:
		if (!(key->form == FORM_PATH ? policy_is_path(value) : is_name(value)) || strlen(value) >= key->size)
			return false;
		memcpy(place, value, strlen(value) + 1);
		return true;
	case FORM_YES_NO:
		*(bool *)place = strcmp(value, "yes") == 0;
		return *(bool *)place || strcmp(value, "no") == 0;
	case FORM_OWN:
		return key->parse(policy, value);
	}
	return false;
}

static int parse_line(char *line, struct policy *policy, uint64_t *seen, struct report *report)
{
	char *value = strchr(line, '=');
	size_t length;

	line += strspn(line, " \t");
	if (*line == '\0' || *line == '#')
		return 0;
	if (!value)
		return report_status(report, TM_E_POLICY_FILE, "a line is not \"key = value\"");
	length = strcspn(line, " \t=");
	value++;
	value += strspn(value, " \t");
	for (size_t end = strlen(value); end > 0 && (value[end - 1] == ' ' || value[end - 1] == '\t' || value[end - 1] == '\r'); end--)
		value[end - 1] = '\0';
	for (size_t i = 0; i < KEYS; i++) {
		if (strlen(keys[i].name) != length || memcmp(keys[i].name, line, length) != 0)
			continue;
		if (*seen >> i & 1)
			return report_parts(report, TM_E_POLICY_FILE, "key ", keys[i].name, " comes twice");
		*seen |= UINT64_C(1) << i;
		return store(&keys[i], policy, value) ? 0 : report_parts(report, TM_E_POLICY_FILE, "key ", keys[i].name, " has a wrong value");
	}
	line[length] = '\0';
	return report_parts(report, TM_E_POLICY_FILE, "unknown key ", is_name(line) ? line : "", "");
}

int policy_parse(char *text, size_t length, struct policy *policy, struct report *report)
{
	uint64_t seen = 0;

	if (memchr(text, '\0', length))
		return report_status(report, TM_E_POLICY_FILE, "it holds a NUL");
	text[length] = '\0';
	while (text) {
		char *end = strchr(text, '\n');

		if (end)
			*end++ = '\0';
		if (parse_line(text, policy, &seen, report) < 0)
			return -1;
		text = end;
	}
	return policy_check_no_root_squash(policy, report);
}
