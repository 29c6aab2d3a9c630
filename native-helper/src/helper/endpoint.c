#include "endpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/report.h"
#include "../common/scope.h"
#include "../../include/tallyman_protocol.h"
#include "bridge.h"
#include "gateway.h"
#include "lan.h"
#include "link.h"
#include "link_sysctl.h"
#include "network_state.h"
#include "policy.h"

#define VARIANT_LETTERS 20u /* g to z: no hex digits */
#define VARIANTS_MAX 320u

struct nft_endpoint endpoint_rules(const struct endpoint_state *state)
{
	struct nft_endpoint rules = {
		.veth = state->veth,
		.address = state->address,
		.has6 = state->has6,
		.ports = state->ports,
		.port_count = state->port_count,
		.sources = state->sources,
		.source_count = state->source_count,
	};

	memcpy(rules.mac, state->mac, sizeof rules.mac);
	memcpy(rules.address6, state->address6, sizeof rules.address6);
	return rules;
}

static bool is_taken(const struct endpoint_list *list, const char *veth)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].veth, veth) == 0)
			return true;
	return link_exists(veth);
}

/* Picks a name no link has. The veth of the last run may still be there: the kernel takes a dead namespace down in its own time, and to
 * delete a link takes tens of milliseconds with a lock that every other start needs. The variants end in no hex digit, so that they are
 * never the name of another container's. */
static void veth_name(const struct network_scope *scope, const struct endpoint_list *list, const char *container, char name[IFNAMSIZ])
{
	size_t length;

	(void)snprintf(name, IFNAMSIZ, "%.4s" NETWORK_VETH_MARK "%.*s", scope->bridge_prefix, NAME_ID_CHARS, container);
	length = strlen(name);
	for (unsigned int variant = 0; variant < VARIANTS_MAX && is_taken(list, name); variant++) {
		name[length - 2] = "0123456789abcdef"[variant / VARIANT_LETTERS];
		name[length - 1] = (char)('g' + variant % VARIANT_LETTERS);
	}
}

void endpoint_link_name(const struct endpoint_state *state, char name[IFNAMSIZ])
{
	if (state->link[0])
		memcpy(name, state->link, sizeof state->link);
	else
		(void)snprintf(name, IFNAMSIZ, "eth%u", state->index);
}

static bool has_link(const struct endpoint_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		char other[IFNAMSIZ];

		endpoint_link_name(&list->items[i], other);
		if (strcmp(other, name) == 0)
			return true;
	}
	return false;
}

static bool is_asked_for(const struct text_list *link_names, const char *name)
{
	for (size_t i = 0; i < link_names->count; i++)
		if (strcmp(link_names->items[i] + TM_ID_CHARS + 1, name) == 0)
			return true;
	return false;
}

/* The first N of ethN that no link is called by, or is going to be. */
static uint32_t free_index(const struct endpoint_list *list, const struct text_list *link_names)
{
	struct endpoint_state next = {0};
	char name[IFNAMSIZ];

	for (endpoint_link_name(&next, name); has_link(list, name) || is_asked_for(link_names, name); endpoint_link_name(&next, name))
		next.index++;
	return next.index;
}

int network_detach(const struct network_scope *scope, const char *container, struct report *report)
{
	auto_close int lock = network_lock(scope->storage_fd, false, report);
	struct endpoint_list list = {0};
	int status = lock < 0 ? -1 : endpoint_state_read(scope->storage_fd, container, &list, report);

	/* The veths themselves go with the container's namespace; without their elements they can send nothing any more. */
	for (size_t i = 0; i < list.count && status == 0; i++) {
		struct nft_endpoint rules = endpoint_rules(&list.items[i]);

		if (!lan_has(&list.items[i]))
			status = nft_endpoint_remove(scope->nft_table, &rules, report);
	}
	endpoint_list_free(&list);
	return status == 0 ? endpoint_state_write(scope->storage_fd, container, &list, report) : -1;
}

static int check_address6(const struct network_endpoint *endpoint, const struct network_spec *spec, struct report *report)
{
	if (!spec->has6 || memcmp(endpoint->gateway6, spec->gateway6, ADDRESS6_BYTES) != 0 || endpoint->prefix6 != spec->prefix6)
		return report_status(report, TM_E_INVALID, "gateway6");
	if (!address6_same(endpoint->address6, spec->gateway6, spec->prefix6) || memcmp(endpoint->address6, spec->gateway6, ADDRESS6_BYTES) == 0 ||
	    !network_is_host6(endpoint->address6, spec->prefix6))
		return report_status(report, TM_E_INVALID, "address6");
	return 0;
}

/* Checks ENDPOINT against the network it names, which must be up. */
static int check_endpoint(const struct network_scope *scope, const struct network_endpoint *endpoint, struct network_spec *spec,
			  struct report *report)
{
	int found = network_state_read(scope->storage_fd, endpoint->network, spec, report);
	uint32_t mask;

	if (found < 0)
		return -1;
	if (!found)
		return report_status(report, TM_E_ABSENT, "network");
	mask = network_mask(spec->prefix);
	if (endpoint->gateway != spec->gateway || endpoint->prefix != spec->prefix)
		return report_status(report, TM_E_INVALID, "gateway");
	if (spec->prefix && (((endpoint->address ^ spec->gateway) & mask) != 0 || endpoint->address == spec->gateway ||
			     (endpoint->address & ~mask) == 0 || (endpoint->address | mask) == UINT32_MAX))
		return report_status(report, TM_E_INVALID, "address");
	if (!spec->prefix && (endpoint->address || !endpoint->has6))
		return report_status(report, TM_E_INVALID, "address");
	if (endpoint->mac && (endpoint->mac[0] & 1))
		return report_status(report, TM_E_INVALID, "mac"); /* a group address */
	if (endpoint->port_count > NETWORK_PORTS_MAX || endpoint->source_count > NETWORK_SOURCES_MAX)
		return report_status(report, TM_E_INVALID, "port");
	if (policy_check_network(scope->policy, &spec->lan, spec->gateway, spec->prefix, spec->has6 ? spec->gateway6 : NULL, spec->prefix6, report) < 0)
		return -1;
	return endpoint->has6 ? check_address6(endpoint, spec, report) : 0;
}

/* The rules before the link: a port that is taken shows before anything slow is done. */
static int connect_links(const struct network_scope *scope, const struct network_spec *spec, const struct endpoint_state *state, int netns_fd,
			 struct report *report)
{
	char bridge[IFNAMSIZ], inside[IFNAMSIZ];
	struct nft_endpoint rules = endpoint_rules(state);
	const struct link_address address = {
		state->address, state->is_gateway ? spec->gateway : 0, spec->prefix,
		state->has6, state->address6, state->is_gateway6 ? spec->gateway6 : NULL, spec->prefix6};
	struct link_veth veth = {
		.name = state->veth, .inside = inside, .mac = state->mac, .mtu = spec->mtu, .isolated = (spec->options & TM_NETWORK_ISOLATED) != 0};
	struct report ignored;

	bridge_name(scope, spec, bridge);
	endpoint_link_name(state, inside);
	if (lan_is(spec))
		return lan_attach(spec, state, inside, netns_fd, report);
	if (bridge_find(scope, spec, report) < 0 || nft_endpoint_add(scope->nft_table, &rules, report) < 0)
		return -1;
	if (link_veth_add(&veth, bridge, netns_fd, report) == 0 && link_configure_inside(netns_fd, inside, &address, report) == 0)
		return 0;
	(void)link_remove(state->veth, &ignored);
	(void)nft_endpoint_remove(scope->nft_table, &rules, &ignored);
	return -1;
}

static int disconnect_links(const struct network_scope *scope, const struct endpoint_state *state, int netns_fd, struct report *report)
{
	struct nft_endpoint rules = endpoint_rules(state);
	char inside[IFNAMSIZ];

	endpoint_link_name(state, inside);
	if (lan_has(state))
		return link_remove_inside(netns_fd, inside, report);
	return nft_endpoint_remove(scope->nft_table, &rules, report) < 0 ? -1 : link_remove(state->veth, report);
}

/* The settings last: what they switch off was there before. */
static int set_up(const struct network_scope *scope, const struct network_endpoint *endpoint, const struct network_spec *spec,
		  const struct endpoint_state *state, int netns_fd, struct report *report)
{
	char inside[IFNAMSIZ];
	struct report ignored;

	if (connect_links(scope, spec, state, netns_fd, report) < 0)
		return -1;
	endpoint_link_name(state, inside);
	if (link_sysctls_set(netns_fd, inside, endpoint->link_sysctls, endpoint->network, report) == 0)
		return 0;
	(void)disconnect_links(scope, state, netns_fd, &ignored);
	return -1;
}

/* Room for one more at AT. */
static struct endpoint_state *insert(struct endpoint_list *list, size_t at, const struct endpoint_state *state)
{
	memmove(&list->items[at + 1], &list->items[at], (list->count - at) * sizeof *state);
	list->items[at] = *state;
	list->count++;
	return &list->items[at];
}

static int attach(const struct network_scope *scope, const struct network_endpoint *endpoint, const struct network_spec *spec,
		  struct endpoint_list *list, int netns_fd, struct report *report)
{
	size_t at = endpoint->rank && endpoint->rank <= list->count ? endpoint->rank - 1 : list->count;
	struct endpoint_state state = {.address = endpoint->address, .has6 = endpoint->has6};
	const struct endpoint_state *entered;
	struct gateway_before before;
	struct report ignored;

	if (endpoint_list_find(list, endpoint->network) >= 0)
		return report_status(report, TM_E_EXISTS, "the container is on the network already");
	if (list->count >= NETWORK_ENDPOINTS_MAX)
		return report_status(report, TM_E_EXHAUSTED, "a container is on at most 32 networks");
	if (endpoint->link && has_link(list, endpoint->link))
		return report_parts(report, TM_E_INVALID, "the container has a link of the name ", endpoint->link, " already");
	state.index = free_index(list, endpoint->link_names);
	memcpy(state.address6, endpoint->address6, sizeof state.address6);
	memcpy(state.network, endpoint->network, sizeof state.network);
	if (endpoint->link)
		memcpy(state.link, endpoint->link, strlen(endpoint->link) + 1);
	if (endpoint->mac)
		memcpy(state.mac, endpoint->mac, sizeof state.mac);
	else
		network_mac(endpoint->address, endpoint->address6, state.mac);
	if (lan_is(spec))
		memcpy(state.veth, LAN_NO_VETH, sizeof LAN_NO_VETH);
	else
		veth_name(scope, list, endpoint->container, state.veth);
	entered = insert(list, at, &state);
	if (gateway_enter(scope, list, at, endpoint, spec, &before, report) == 0 && endpoint_state_write(scope->storage_fd, endpoint->container, list, report) == 0 &&
	    set_up(scope, endpoint, spec, entered, netns_fd, report) == 0)
		return 0;
	gateway_revert(scope, list, at, &before, netns_fd);
	(void)endpoint_state_write(scope->storage_fd, endpoint->container, list, &ignored);
	return -1;
}

int network_attach(const struct network_scope *scope, const struct network_endpoint *endpoint, int netns_fd,
		   struct report *report)
{
	/* While ports move from one endpoint to another nobody else may take them. */
	auto_close int lock = network_lock(scope->storage_fd, endpoint->rank != 0, report);
	struct endpoint_list list = {0};
	struct network_spec spec;
	int status = -1;

	if (lock >= 0 && check_endpoint(scope, endpoint, &spec, report) == 0 &&
	    endpoint_state_read(scope->storage_fd, endpoint->container, &list, report) == 0)
		status = attach(scope, endpoint, &spec, &list, netns_fd, report);
	endpoint_list_free(&list);
	return status;
}

static int leave(const struct network_scope *scope, const char *container, struct endpoint_list *list, size_t at, int netns_fd,
		 struct report *report)
{
	int status;

	if (disconnect_links(scope, &list->items[at], netns_fd, report) < 0)
		return -1;
	status = gateway_leave(scope, list, at, netns_fd, report);
	return endpoint_state_write(scope->storage_fd, container, list, report) < 0 ? -1 : status;
}

int network_leave(const struct network_scope *scope, const char *container, const char *network, int netns_fd, struct report *report)
{
	auto_close int lock = network_lock(scope->storage_fd, true, report);
	struct endpoint_list list = {0};
	int status = lock < 0 ? -1 : endpoint_state_read(scope->storage_fd, container, &list, report);
	int index = status < 0 ? -1 : endpoint_list_find(&list, network);

	if (index >= 0)
		status = leave(scope, container, &list, (size_t)index, netns_fd, report);
	endpoint_list_free(&list);
	return status;
}

int network_loopback_up(int netns_fd, struct report *report)
{
	return link_configure_inside(netns_fd, "", NULL, report);
}
