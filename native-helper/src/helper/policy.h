/* /etc/tallyman/policy.conf: what the server may ask for. Read at every call, believed only if root alone can change it. */
#ifndef TALLYMAN_POLICY_H
#define TALLYMAN_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../common/report.h"
#include "../common/request.h"

#define LIBRARY "/usr/lib/tallyman"
#define POLICY_LIST_MAX 64
#define POLICY_NAME_MAX 64
#define POLICY_PATH_MAX 200

/* Which installation this helper belongs to: NAME is "" for /usr/lib/tallyman and "x" for /usr/lib/tallyman-x. */
struct instance {
	char name[POLICY_NAME_MAX];
	char library[POLICY_PATH_MAX]; /* /usr/lib/tallyman[-NAME] */
	char policy_file[POLICY_PATH_MAX];
};

struct policy_subnet {
	uint32_t address; /* host order, host bits 0 */
	uint32_t prefix;
};

struct policy_subnet6 {
	uint8_t address[ADDRESS6_BYTES]; /* host bits 0 */
	uint32_t prefix;
};

/* A link that containers may be put on the LAN by. */
struct policy_parent {
	char link[LINK_NAME_BYTES];
	uint32_t vlan_low, vlan_high; /* 0, 0: the link itself, no VLAN of it */
	bool is_whole;                /* may be passed through to one container */
};

struct policy {
	uint32_t server_uid, server_gid, monitor_uid;
	char storage_root[POLICY_PATH_MAX], records_root[POLICY_PATH_MAX], run_root[POLICY_PATH_MAX];
	uint32_t id_base, id_count;
	uint64_t caps_max;
	bool privileged, host_net, host_uts, host_cgroup, unmasked, no_new_privileges, seccomp_required, any_address;
	char sysctls[POLICY_LIST_MAX][POLICY_NAME_MAX];
	size_t sysctl_count;
	char devices[POLICY_LIST_MAX][POLICY_NAME_MAX]; /* paths of nodes below /dev */
	size_t device_count;
	char bind_roots[POLICY_LIST_MAX][POLICY_PATH_MAX];    /* directories of the host that containers may see and change */
	size_t bind_root_count;
	char bind_readonly[POLICY_LIST_MAX][POLICY_PATH_MAX]; /* see only */
	size_t bind_readonly_count;
	char no_root_squash[POLICY_LIST_MAX][POLICY_PATH_MAX]; /* at or below bind_roots: the container's root is root there */
	size_t no_root_squash_count;
	uint32_t port_low, port_high;
	uint32_t addresses[POLICY_LIST_MAX];
	size_t address_count;
	struct policy_subnet subnets[POLICY_LIST_MAX];
	size_t subnet_count;
	struct policy_subnet6 subnets6[POLICY_LIST_MAX];
	size_t subnet6_count;
	uint8_t addresses6[POLICY_LIST_MAX][ADDRESS6_BYTES];
	size_t address6_count;
	struct policy_parent macvlan_parents[POLICY_LIST_MAX];
	size_t macvlan_parent_count;
	struct policy_subnet macvlan_subnets[POLICY_LIST_MAX]; /* none of either family: those of bridges */
	size_t macvlan_subnet_count;
	struct policy_subnet6 macvlan_subnets6[POLICY_LIST_MAX];
	size_t macvlan_subnet6_count;
	char bridge_prefix[5];
	char bridge_names[POLICY_LIST_MAX][LINK_NAME_BYTES]; /* that networks may ask for; "*" at the end stands for anything */
	size_t bridge_name_count;
	char nft_table[POLICY_NAME_MAX], cgroup_parent[POLICY_NAME_MAX];
	uint32_t max_containers;
	uint64_t memory_max; /* bytes; 0 = no ceiling */
	uint32_t pids_max;
	uint32_t cpu_max_percent; /* 100 = one processor; 0 = no ceiling */
	bool is_trusted;          /* false: only roots.conf could be read; ceilings are unknown */
};

/* Finds the instance from the directory of /proc/self/exe. */
int instance_find(struct instance *instance, struct report *report);

/* Loads the policy file. When it is not to be believed, REPORT says why (TM_E_POLICY_FILE) and the result is -1; then
 * policy_load_roots() still tells where the state is. */
int policy_load(const struct instance *instance, struct policy *policy, struct report *report);
int policy_load_roots(const struct instance *instance, struct policy *policy, struct report *report);

/* Parses the text of a policy file; pure. */
int policy_parse(char *text, size_t length, struct policy *policy, struct report *report);

/* Whether the policy allows REQUEST; TM_E_DENIED with the key's name. Pure. */
int policy_check(const struct policy *policy, const struct request *request, struct report *report);

/* Whether the setting, the first LENGTH characters of NAME, is one that containers may change. Pure. */
bool policy_allows_sysctl(const struct policy *policy, const char *name, size_t length);

/* Whether a container that starts has our own filter of system calls, and goes without the usual masked and read-only paths: as it asks; a privileged
 * one has neither, as far as the policy leaves them to the server. Of a request that policy_check() allowed. Pure. */
bool policy_confines(const struct policy *policy, const struct request *request);
bool policy_unmasks(const struct policy *policy, const struct request *request);

/* What START and NETWORK_CONNECT could not tell without the network's own record: whether its LAN (mode 0: it is a bridge) and its subnet are still
 * allowed. PREFIX is 0 for a network without IPv4, ADDRESS6 NULL for one without IPv6. Pure. */
int policy_check_network(const struct policy *policy, const struct request_lan *lan, uint32_t address, uint32_t prefix, const uint8_t *address6,
			 uint32_t prefix6, struct report *report);

#endif
