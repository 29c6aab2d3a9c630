#include "gateway.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../common/report.h"
#include "endpoint.h"
#include "lan.h"
#include "link.h"
#include "network_state.h"

static bool is_gateway(const struct endpoint_state *state, bool is6)
{
	return is6 ? state->is_gateway6 : state->is_gateway;
}

static bool *gateway_flag(struct endpoint_state *state, bool is6)
{
	return is6 ? &state->is_gateway6 : &state->is_gateway;
}

static bool has_family(const struct endpoint_state *state, bool is6)
{
	return is6 ? state->has6 : state->address != 0;
}

/* The gateway of a family, or NULL. */
static struct endpoint_state *find_gateway(struct endpoint_list *list, bool is6)
{
	for (size_t i = 0; i < list->count; i++)
		if (is_gateway(&list->items[i], is6))
			return &list->items[i];
	return NULL;
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

/* Those of the other family first; returns how many those are. */
static size_t sort_ports(struct endpoint_state *state, bool is6)
{
	size_t count = 0;

	for (size_t i = 0; i < state->port_count; i++) {
		struct network_port port = state->ports[i];

		if (port.is6 == is6)
			continue;
		state->ports[i] = state->ports[count];
		state->ports[count++] = port;
	}
	return count;
}

/* The kernel first: what it has no more may be in the record, but not the other way round. */
static int give_up(const struct network_scope *scope, struct endpoint_state *holder, bool is6, struct report *report)
{
	struct nft_endpoint rules = endpoint_rules(holder);
	struct nft_endpoint kept;

	holder->port_count = sort_ports(holder, is6);
	*gateway_flag(holder, is6) = false;
	if (!is_gateway(holder, !is6))
		holder->source_count = 0;
	kept = endpoint_rules(holder);
	return lan_has(holder) ? 0 : nft_endpoint_reduce(scope->nft_table, &rules, &kept, report);
}

int gateway_enter(const struct network_scope *scope, struct endpoint_list *list, size_t at, const struct network_endpoint *endpoint,
		  const struct network_spec *spec, struct gateway_before *before, struct report *report)
{
	struct endpoint_state *state = &list->items[at];

	*before = (struct gateway_before){0};
	for (int is6 = 0; is6 <= 1; is6++) {
		struct endpoint_state *holder = find_gateway(list, is6 != 0);

		if (spec->internal || !has_family(state, is6 != 0) || (holder && holder < state))
			continue;
		*gateway_flag(state, is6 != 0) = true;
		before->holders[is6] = holder;
		before->port_counts[is6] = holder ? holder->port_count : 0;
		before->source_counts[is6] = holder ? holder->source_count : 0;
	}
	if ((state->is_gateway || state->is_gateway6) && copy_ports(endpoint, state, report) < 0)
		return -1;
	for (int is6 = 0; is6 <= 1; is6++)
		if (before->holders[is6] && give_up(scope, before->holders[is6], is6 != 0, report) < 0)
			return -1;
	return 0;
}

/* Brings the ports that STATE tells into the rules, and one family's default route to its network. */
static int lead_out(const struct network_scope *scope, const struct endpoint_state *state, const struct network_spec *spec, bool is6, int netns_fd,
		    struct report *report)
{
	struct nft_endpoint rules = endpoint_rules(state);
	char inside[IFNAMSIZ];

	endpoint_link_name(state, inside);
	if (!lan_has(state) && nft_endpoint_renew(scope->nft_table, &rules, report) < 0)
		return -1;
	return link_route_inside(netns_fd, inside, is6 ? 0 : spec->gateway, is6 ? spec->gateway6 : NULL, report);
}

void gateway_revert(const struct network_scope *scope, struct endpoint_list *list, size_t at, const struct gateway_before *before, int netns_fd)
{
	struct network_spec spec;
	struct report ignored;

	/* Those that were given up are behind the others still: sort_ports(). */
	for (int is6 = 0; is6 <= 1; is6++)
		if (before->holders[is6]) {
			*gateway_flag(before->holders[is6], is6 != 0) = true;
			before->holders[is6]->port_count = before->port_counts[is6];
			before->holders[is6]->source_count = before->source_counts[is6];
		}
	for (int is6 = 0; is6 <= 1; is6++)
		if (before->holders[is6] && network_state_read(scope->storage_fd, before->holders[is6]->network, &spec, &ignored) > 0)
			(void)lead_out(scope, before->holders[is6], &spec, is6 != 0, netns_fd, &ignored);
	endpoint_list_drop(list, at);
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

/* Gives the default route of one family, and the ports of GONE, to the first endpoint whose network has a way out; nobody is no failure. */
static int inherit(const struct network_scope *scope, struct endpoint_list *list, const struct endpoint_state *gone, bool is6, int netns_fd,
		   struct report *report)
{
	if (find_gateway(list, is6))
		return 0;
	for (size_t i = 0; i < list->count; i++) {
		struct endpoint_state *heir = &list->items[i];
		struct network_spec spec;

		if (!has_family(heir, is6) || network_state_read(scope->storage_fd, heir->network, &spec, report) <= 0 || spec.internal)
			continue;
		if (move_ports(gone, heir, is6, report) < 0)
			return -1;
		*gateway_flag(heir, is6) = true;
		return lead_out(scope, heir, &spec, is6, netns_fd, report);
	}
	return 0;
}

int gateway_leave(const struct network_scope *scope, struct endpoint_list *list, size_t at, int netns_fd, struct report *report)
{
	struct endpoint_state gone = list->items[at];
	struct report ignored;
	int status;

	list->items[at].ports = NULL; /* GONE has them now */
	list->items[at].sources = NULL;
	endpoint_list_drop(list, at);
	/* One family that finds no heir is no reason to take the other's away. */
	status = inherit(scope, list, &gone, false, netns_fd, report);
	if (inherit(scope, list, &gone, true, netns_fd, status < 0 ? &ignored : report) < 0)
		status = -1;
	free(gone.ports);
	free(gone.sources);
	return status;
}
