#include "lan.h"

#include <linux/if_link.h>
#include <string.h>

#include "../common/report.h"
#include "../common/scope.h"
#include "../../include/tallyman_protocol.h"
#include "endpoint.h"
#include "link.h"
#include "link_facts.h"
#include "link_lan.h"
#include "state.h"

/* The kernel has one mode for all ipvlan links of a parent: the next one made would change the others'. */
bool lan_is_compatible(const struct network_spec *one, const struct network_spec *other)
{
	bool is_alone = one->lan.mode == MACVLAN_MODE_PASSTHRU || other->lan.mode == MACVLAN_MODE_PASSTHRU;
	bool is_other = ((one->lan.mode | other->lan.mode) & LAN_IPVLAN) != 0 && one->lan.mode != other->lan.mode;

	return !lan_is(one) || !lan_is(other) || !(is_alone || is_other) || strcmp(one->lan.parent, other->lan.parent) != 0;
}

static bool has_own_mac(const struct network_spec *spec)
{
	return spec->lan.mode != MACVLAN_MODE_PASSTHRU && !(spec->lan.mode & LAN_IPVLAN);
}

/* A link of our own is no LAN, whatever the policy says: its neighbours are other networks' containers. */
static bool is_ours(const struct network_scope *scope, const char *name)
{
	size_t length = strlen(scope->bridge_prefix);

	return strncmp(name, scope->bridge_prefix, length) == 0 && strlen(name) >= length + NAME_ID_CHARS;
}

/* The index of link NAME, which containers may share; negative with REPORT filled. */
static int usable(const struct network_scope *scope, const char *name, struct report *report)
{
	struct link_facts facts;
	int found = link_find(name, &facts, report);

	if (found < 0)
		return -1;
	if (!found)
		return report_parts(report, TM_E_INVALID, "parent ", name, ": there is no such link on this host");
	if (facts.is_loopback || facts.is_port || is_ours(scope, name))
		return report_parts(report, TM_E_INVALID, "parent ", name, ": it is a loopback, a port of a bridge, or a network's own link");
	return facts.index;
}

int lan_up(const struct network_scope *scope, const struct network_spec *spec, struct report *report)
{
	struct link_facts facts;
	int found = link_find(spec->lan.parent, &facts, report);
	int link;

	if (found < 0)
		return -1;
	if (found || spec->lan.vlan == 0)
		return usable(scope, spec->lan.parent, report) < 0 ? -1 : 0;
	link = usable(scope, spec->lan.link, report);
	return link < 0 ? -1 : link_vlan_up(spec->lan.parent, link, spec->lan.vlan, scope->nft_table, report);
}

int lan_down(const struct network_scope *scope, const struct network_spec *spec, bool has_others, struct report *report)
{
	struct link_facts facts;
	int found = spec->lan.vlan == 0 || has_others ? 0 : link_find(spec->lan.parent, &facts, report);

	if (found <= 0)
		return found;
	return strcmp(facts.alias, scope->nft_table) == 0 ? link_remove(spec->lan.parent, report) : 0;
}

int lan_attach(const struct network_spec *spec, const struct endpoint_state *state, const char *inside, int netns_fd, struct report *report)
{
	const struct link_address address = {
		state->address, state->is_gateway ? spec->gateway : 0, spec->prefix,
		state->has6, state->address6, state->is_gateway6 ? spec->gateway6 : NULL, spec->prefix6};
	struct link_lan link = {.mode = spec->lan.mode, .inside = inside, .mac = has_own_mac(spec) ? state->mac : NULL, .mtu = spec->mtu};
	struct link_facts facts;
	struct report ignored;
	int found = link_find(spec->lan.parent, &facts, report);

	if (found <= 0)
		return found < 0 ? -1 : report_status(report, TM_E_ABSENT, "network");
	link.parent = facts.index;
	if (link_lan_add(&link, netns_fd, report) < 0)
		return -1;
	if (link_configure_inside(netns_fd, inside, &address, report) == 0)
		return 0;
	(void)link_remove_inside(netns_fd, inside, &ignored);
	return -1;
}

bool lan_is_used(const struct network_scope *scope, const char *container)
{
	struct report ignored = {0};
	struct run_state state;
	auto_close int directory = state_open_container(scope->storage_fd, container, &ignored);
	auto_close int pidfd = -1;

	if (directory < 0 || state_read_run(directory, "run", &state, &ignored) <= 0)
		return false;
	pidfd = process_open(&state.process);
	return pidfd >= 0;
}
