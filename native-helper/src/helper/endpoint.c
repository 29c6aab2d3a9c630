#include "endpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/report.h"
#include "../common/scope.h"
#include "../../include/tallyman_protocol.h"
#include "bridge.h"
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

static void inside_name(const struct endpoint_state *state, char name[IFNAMSIZ])
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

		inside_name(&list->items[i], other);
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

	for (inside_name(&next, name); has_link(list, name) || is_asked_for(link_names, name); inside_name(&next, name))
		next.index++;
	return next.index;
}

static bool is_gateway(const struct endpoint_state *state, bool is6)
{
	return is6 ? state->is_gateway6 : state->is_gateway;
}

static bool has_gateway(const struct endpoint_list *list, bool is6)
{
	for (size_t i = 0; i < list->count; i++)
		if (is_gateway(&list->items[i], is6))
			return true;
	return false;
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

/* Copies the ports of the families that STATE is the gateway of, and who may use them; they are freed with the list that STATE is in. */
static int copy_ports(const struct network_endpoint *endpoint, struct endpoint_state *state, struct report *report)
{
	state->ports = calloc(endpoint->port_count + 1, sizeof *state->ports);
	state->sources = calloc(endpoint->source_count + 1, sizeof *state->sources);
	if (!state->ports || !state->sources)
		return report_fail(report, "attach to network", ENOMEM);
	for (size_t i = 0; i < endpoint->port_count; i++)
		if (is_gateway(state, endpoint->ports[i].is6))
			state->ports[state->port_count++] = endpoint->ports[i];
	if (endpoint->source_count)
		memcpy(state->sources, endpoint->sources, endpoint->source_count * sizeof *state->sources);
	state->source_count = endpoint->source_count;
	return 0;
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
	inside_name(state, inside);
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

	inside_name(state, inside);
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
	inside_name(state, inside);
	if (link_sysctls_set(netns_fd, inside, endpoint->link_sysctls, endpoint->network, report) == 0)
		return 0;
	(void)disconnect_links(scope, state, netns_fd, &ignored);
	return -1;
}

static int attach(const struct network_scope *scope, const struct network_endpoint *endpoint, const struct network_spec *spec,
		  struct endpoint_list *list, int netns_fd, struct report *report)
{
	struct endpoint_state *state = &list->items[list->count];
	struct report ignored;

	if (endpoint_list_find(list, endpoint->network) >= 0)
		return report_status(report, TM_E_EXISTS, "the container is on the network already");
	if (list->count >= NETWORK_ENDPOINTS_MAX)
		return report_status(report, TM_E_EXHAUSTED, "a container is on at most 32 networks");
	if (endpoint->link && has_link(list, endpoint->link))
		return report_parts(report, TM_E_INVALID, "the container has a link of the name ", endpoint->link, " already");
	*state = (struct endpoint_state){.address = endpoint->address, .has6 = endpoint->has6, .index = free_index(list, endpoint->link_names),
		.is_gateway = !spec->internal && endpoint->address && !has_gateway(list, false), .is_gateway6 = !spec->internal && endpoint->has6 && !has_gateway(list, true)};
	memcpy(state->address6, endpoint->address6, sizeof state->address6);
	memcpy(state->network, endpoint->network, sizeof state->network);
	if (endpoint->link)
		memcpy(state->link, endpoint->link, strlen(endpoint->link) + 1);
	if (endpoint->mac)
		memcpy(state->mac, endpoint->mac, sizeof state->mac);
	else
		network_mac(endpoint->address, endpoint->address6, state->mac);
	if (lan_is(spec))
		memcpy(state->veth, LAN_NO_VETH, sizeof LAN_NO_VETH);
	else
		veth_name(scope, list, endpoint->container, state->veth);
	list->count++;
	if ((state->is_gateway || state->is_gateway6) && copy_ports(endpoint, state, report) < 0)
		return -1;
	if (endpoint_state_write(scope->storage_fd, endpoint->container, list, report) < 0)
		return -1;
	if (set_up(scope, endpoint, spec, state, netns_fd, report) == 0)
		return 0;
	endpoint_list_drop(list, list->count - 1);
	(void)endpoint_state_write(scope->storage_fd, endpoint->container, list, &ignored);
	return -1;
}

int network_attach(const struct network_scope *scope, const struct network_endpoint *endpoint, int netns_fd,
		   struct report *report)
{
	auto_close int lock = network_lock(scope->storage_fd, false, report);
	struct endpoint_list list = {0};
	struct network_spec spec;
	int status = -1;

	if (lock >= 0 && check_endpoint(scope, endpoint, &spec, report) == 0 &&
	    endpoint_state_read(scope->storage_fd, endpoint->container, &list, report) == 0)
		status = attach(scope, endpoint, &spec, &list, netns_fd, report);
	endpoint_list_free(&list);
	return status;
}

/* Gives HEIR the ports of one family that GONE had, for whom they were. */
static int move_ports(const struct endpoint_state *gone, struct endpoint_state *heir, bool is6, struct report *report)
{
	struct network_port *ports = calloc(heir->port_count + gone->port_count + 1, sizeof *ports);
	struct network_source *sources = calloc(gone->source_count + 1, sizeof *sources);
	size_t count = heir->port_count;

	if (!ports || !sources) {
		free(ports);
		free(sources);
		return report_fail(report, "attach to network", ENOMEM);
	}
	if (count)
		memcpy(ports, heir->ports, count * sizeof *ports);
	for (size_t i = 0; i < gone->port_count; i++)
		if (gone->ports[i].is6 == is6)
			ports[count++] = gone->ports[i];
	free(heir->ports);
	heir->ports = ports;
	heir->port_count = count;
	if (heir->source_count) { /* those of the other family's ports, and the same */
		free(sources);
		return 0;
	}
	if (gone->source_count)
		memcpy(sources, gone->sources, gone->source_count * sizeof *sources);
	free(heir->sources);
	heir->sources = sources;
	heir->source_count = gone->source_count;
	return 0;
}

/* Gives the default route of one family, and the ports of GONE, to the first other endpoint whose network has a way out; nobody is no failure. */
static int inherit(const struct network_scope *scope, struct endpoint_list *list, const struct endpoint_state *gone, bool is6, int netns_fd,
		   struct report *report)
{
	if (has_gateway(list, is6))
		return 0;
	for (size_t i = 0; i < list->count; i++) {
		struct endpoint_state *heir = &list->items[i];
		struct nft_endpoint rules;
		struct network_spec spec;
		char inside[IFNAMSIZ];

		if (!(is6 ? heir->has6 : heir->address != 0) || network_state_read(scope->storage_fd, heir->network, &spec, report) <= 0 || spec.internal)
			continue;
		if (move_ports(gone, heir, is6, report) < 0)
			return -1;
		*(is6 ? &heir->is_gateway6 : &heir->is_gateway) = true;
		rules = endpoint_rules(heir);
		inside_name(heir, inside);
		if (!lan_has(heir) && nft_endpoint_renew(scope->nft_table, &rules, report) < 0)
			return -1;
		return link_route_inside(netns_fd, inside, is6 ? 0 : spec.gateway, is6 ? spec.gateway6 : NULL, report);
	}
	return 0;
}

static int leave(const struct network_scope *scope, const char *container, struct endpoint_list *list, size_t index, int netns_fd,
		 struct report *report)
{
	struct endpoint_state gone = list->items[index];
	struct report ignored;
	int status;

	if (disconnect_links(scope, &gone, netns_fd, report) < 0)
		return -1;
	list->items[index].ports = NULL; /* GONE has them now */
	list->items[index].sources = NULL;
	endpoint_list_drop(list, index);
	/* One family that finds no heir is no reason to take the other's away. */
	status = inherit(scope, list, &gone, false, netns_fd, report);
	if (inherit(scope, list, &gone, true, netns_fd, status < 0 ? &ignored : report) < 0)
		status = -1;
	free(gone.ports);
	free(gone.sources);
	return endpoint_state_write(scope->storage_fd, container, list, report) < 0 ? -1 : status;
}

int network_leave(const struct network_scope *scope, const char *container, const char *network, int netns_fd, struct report *report)
{
	auto_close int lock = network_lock(scope->storage_fd, false, report);
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
