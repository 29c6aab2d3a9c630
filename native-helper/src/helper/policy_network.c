/* What the policy says about networks. Pure. */
#include "policy_network.h"

#include <linux/if_link.h>
#include <string.h>

static bool is_in(const struct policy_subnet *subnets, size_t count, uint32_t address, uint32_t prefix)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t mask = subnets[i].prefix ? UINT32_MAX << (32 - subnets[i].prefix) : 0;

		if (prefix >= subnets[i].prefix && (address & mask) == subnets[i].address)
			return true;
	}
	return false;
}

static bool is_in6(const struct policy_subnet6 *subnets, size_t count, const uint8_t *address, uint32_t prefix)
{
	for (size_t i = 0; i < count; i++)
		if (prefix >= subnets[i].prefix && address6_same(address, subnets[i].address, subnets[i].prefix))
			return true;
	return false;
}

static bool in_bridges(const struct policy *policy, uint32_t address, uint32_t prefix)
{
	return is_in(policy->subnets, policy->subnet_count, address, prefix);
}

/* Both families have a list once one has: a network of the other alone would have no address of the operator's list. */
static bool has_lan_list(const struct policy *policy)
{
	return policy->macvlan_subnet_count || policy->macvlan_subnet6_count;
}

static bool in_lans(const struct policy *policy, uint32_t address, uint32_t prefix)
{
	return has_lan_list(policy) ? is_in(policy->macvlan_subnets, policy->macvlan_subnet_count, address, prefix) : in_bridges(policy, address, prefix);
}

static bool in_bridges6(const struct policy *policy, const uint8_t *address, uint32_t prefix)
{
	return is_in6(policy->subnets6, policy->subnet6_count, address, prefix);
}

static bool in_lans6(const struct policy *policy, const uint8_t *address, uint32_t prefix)
{
	return has_lan_list(policy) ? is_in6(policy->macvlan_subnets6, policy->macvlan_subnet6_count, address, prefix) : in_bridges6(policy, address, prefix);
}

/* Where a container may have a place. Which of the two kinds its network is of, the network's record tells: policy_check_network(). */
static bool in_any(const struct policy *policy, uint32_t address, uint32_t prefix)
{
	return in_bridges(policy, address, prefix) || in_lans(policy, address, prefix);
}

static bool in_any6(const struct policy *policy, const uint8_t *address, uint32_t prefix)
{
	return in_bridges6(policy, address, prefix) || in_lans6(policy, address, prefix);
}

static int check_parent(const struct policy *policy, const struct request_lan *lan, struct report *report)
{
	bool is_known = false;

	for (size_t i = 0; i < policy->macvlan_parent_count; i++) {
		const struct policy_parent *parent = &policy->macvlan_parents[i];

		if (strcmp(parent->link, lan->link) != 0 || lan->vlan < parent->vlan_low || lan->vlan > parent->vlan_high)
			continue;
		if (lan->mode != MACVLAN_MODE_PASSTHRU || parent->is_whole)
			return 0;
		is_known = true;
	}
	return policy_denied(report, "macvlan_parents", is_known ? "this parent to be passed through" : lan->parent);
}

int policy_check_network(const struct policy *policy, const struct request_lan *lan, uint32_t address, uint32_t prefix, const uint8_t *address6,
			 uint32_t prefix6, struct report *report)
{
	if (lan->mode == 0) {
		if (prefix && !in_bridges(policy, address, prefix))
			return policy_denied(report, "subnets", "this network");
		return !address6 || in_bridges6(policy, address6, prefix6) ? 0 : policy_denied(report, "subnets6", "this network");
	}
	if (check_parent(policy, lan, report) < 0)
		return -1;
	if (prefix && !in_lans(policy, address, prefix))
		return policy_denied(report, has_lan_list(policy) ? "macvlan_subnets" : "subnets", "this network");
	if (address6 && !in_lans6(policy, address6, prefix6))
		return policy_denied(report, has_lan_list(policy) ? "macvlan_subnets" : "subnets6", "this network");
	return 0;
}

/* The beginning of all names that nobody asked for is no one's to ask for: another network's bridge, a container's link might want that. */
static int check_bridge_name(const struct policy *policy, const char *name, struct report *report)
{
	for (size_t i = 0; i < policy->bridge_name_count; i++)
		if (policy_covers(policy->bridge_names[i], name, strlen(name)) && strncmp(name, policy->bridge_prefix, strlen(policy->bridge_prefix)) != 0)
			return 0;
	return policy_denied(report, "bridge_names", name);
}

static int check_up(const struct policy *policy, const struct request *request, struct report *report)
{
	struct request_lan lan = {0};
	struct request_endpoint6 six;
	bool has6 = request_network6(request, &six);

	if (request->lan && !request_lan_parse(request->lan, &lan))
		return report_status(report, TM_E_INVALID, "lan");
	if (request->bridge_name && check_bridge_name(policy, request->bridge_name, report) < 0)
		return -1;
	return policy_check_network(policy, &lan, request->gateway, request->prefix, has6 ? six.gateway : NULL, six.prefix, report);
}

static int check_ports6(const struct policy *policy, const struct request *request, struct report *report)
{
	for (size_t i = 0; i < request->ports6.count; i++) {
		struct request_port6 port = request_port6(request, i);
		bool known = policy->any_address;

		if (port.host_port < policy->port_low || port.host_port > policy->port_high)
			return policy_denied(report, "publish_ports", "this port of the host");
		for (size_t k = 0; k < policy->address6_count && !known; k++)
			known = memcmp(policy->addresses6[k], port.host_address, ADDRESS6_BYTES) == 0;
		if (!known)
			return policy_denied(report, "publish_addresses", "this address of the host");
	}
	return 0;
}

static int check_networks6(const struct policy *policy, const struct request *request, struct report *report)
{
	for (size_t i = 0; i < request->endpoints6.count; i++) {
		struct request_endpoint6 network = request_endpoint6(request, i);

		if (!in_any6(policy, network.address, network.prefix) || !in_any6(policy, network.gateway, network.prefix))
			return policy_denied(report, "subnets6", "this network");
	}
	return 0;
}

static int check_ports(const struct policy *policy, const struct request *request, struct report *report)
{
	for (size_t i = 0; i < request->port_count; i++) {
		const struct request_port *port = &request->ports[i];
		bool known = policy->any_address;

		if (port->host_port < policy->port_low || port->host_port > policy->port_high)
			return policy_denied(report, "publish_ports", "this port of the host");
		for (size_t k = 0; k < policy->address_count && !known; k++)
			known = policy->addresses[k] == port->host_address;
		if (!known)
			return policy_denied(report, "publish_addresses", "this address of the host");
	}
	return 0;
}

/* The name as it came: with ifname for the link. */
static int check_link_sysctls(const struct policy *policy, const struct request *request, struct report *report)
{
	for (size_t i = 0; i < request->link_sysctls.count; i++) {
		const char *setting = request->link_sysctls.items[i] + TM_ID_CHARS + 1;

		if (!policy_allows_sysctl(policy, setting, strcspn(setting, "=")))
			return policy_denied(report, "sysctls", setting);
	}
	return 0;
}

static bool are_in_subnets(const struct policy *policy, const struct request *request)
{
	for (size_t i = 0; i < request->endpoints.count; i++) {
		struct request_endpoint endpoint = request_endpoint(request, i);

		if (endpoint.prefix && !in_any(policy, endpoint.address, endpoint.prefix))
			return false;
	}
	return !request->prefix || in_any(policy, request->address, request->prefix);
}

int policy_check_requested_networks(const struct policy *policy, const struct request *request, struct report *report)
{
	bool is_placed = request->verb == TM_VERB_NETWORK_CONNECT ||
			 (request->verb == TM_VERB_CONTAINER_START && request->network_mode == TM_NETWORK_BRIDGE);

	if (check_ports(policy, request, report) < 0 || check_ports6(policy, request, report) < 0 || check_networks6(policy, request, report) < 0)
		return -1;
	if (check_link_sysctls(policy, request, report) < 0)
		return -1;
	if (is_placed && !are_in_subnets(policy, request))
		return policy_denied(report, "subnets", "this network");
	return request->verb == TM_VERB_NETWORK_UP ? check_up(policy, request, report) : 0;
}
