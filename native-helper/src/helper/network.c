#include "network.h"

#include <linux/if.h>
#include <stdio.h>
#include <string.h>

#include "../common/report.h"
#include "../common/scope.h"
#include "../../include/tallyman_protocol.h"
#include "bridge.h"
#include "endpoint.h"
#include "lan.h"
#include "link.h"
#include "listing.h"
#include "network_state.h"
#include "nft.h"

static void veth_prefix(const struct network_scope *scope, char name[IFNAMSIZ])
{
	(void)snprintf(name, IFNAMSIZ, "%.4s" NETWORK_VETH_MARK, scope->bridge_prefix);
}

/* 02:42 and the address, or where there is none a sum of that of IPv6 (FNV-1a): locally administered, and the same again after a restart. */
void network_mac(uint32_t address, const uint8_t *address6, uint8_t mac[6])
{
	if (address == 0) {
		address = 2166136261u;
		for (size_t i = 0; i < ADDRESS6_BYTES; i++)
			address = (address ^ address6[i]) * 16777619u;
	}
	mac[0] = 0x02;
	mac[1] = 0x42;
	for (int i = 0; i < 4; i++)
		mac[2 + i] = (uint8_t)(address >> (24 - 8 * i));
}

bool network_is_host6(const uint8_t *address, uint32_t prefix)
{
	for (uint32_t bit = prefix; bit < 8 * ADDRESS6_BYTES; bit++)
		if (address[bit / 8] & 0x80 >> bit % 8)
			return address[0] != 0xff;
	return false;
}

uint32_t network_mask(uint32_t prefix)
{
	return (uint32_t)(UINT64_C(0xffffffff) << (32 - prefix));
}

static struct nft_network nft_network_of(const struct network_spec *spec, const char *bridge)
{
	struct nft_network network = {
		.bridge = bridge,
		.address = spec->gateway & network_mask(spec->prefix),
		.prefix = spec->prefix,
		.internal = spec->internal,
		.isolated = (spec->options & TM_NETWORK_ISOLATED) != 0,
		.keeps_address = (spec->options & TM_NETWORK_NO_MASQUERADE) != 0,
		.has6 = spec->has6,
		.prefix6 = spec->prefix6,
	};

	memcpy(network.address6, spec->gateway6, sizeof network.address6);
	for (uint32_t bit = spec->prefix6; bit < 8 * ADDRESS6_BYTES; bit++)
		network.address6[bit / 8] &= (uint8_t)~(0x80 >> bit % 8);
	return network;
}

static bool is_same(const struct network_spec *one, const struct network_spec *other)
{
	return one->gateway == other->gateway && one->prefix == other->prefix && one->internal == other->internal && one->mtu == other->mtu &&
	       one->lan.mode == other->lan.mode && strcmp(one->lan.parent, other->lan.parent) == 0 && one->options == other->options && one->has6 == other->has6 &&
	       strcmp(one->bridge, other->bridge) == 0 &&
	       (!one->has6 || (one->prefix6 == other->prefix6 && memcmp(one->gateway6, other->gateway6, ADDRESS6_BYTES) == 0));
}

static bool overlaps(const struct network_spec *one, const struct network_spec *other)
{
	uint32_t mask = network_mask(one->prefix < other->prefix ? one->prefix : other->prefix);

	return (one->prefix && other->prefix && ((one->gateway ^ other->gateway) & mask) == 0) ||
	       (one->has6 && other->has6 && address6_same(one->gateway6, other->gateway6, one->prefix6 < other->prefix6 ? one->prefix6 : other->prefix6));
}

static bool has_bridge_of(const struct network_spec *spec, const char *name)
{
	return name[0] && strcmp(spec->bridge, name) == 0;
}

/* Whether link NAME is SPEC's parent, or what that is a VLAN of. */
static bool is_on(const struct network_spec *spec, const char *name)
{
	return name[0] && (strcmp(spec->lan.parent, name) == 0 || strcmp(spec->lan.link, name) == 0);
}

/* Refuses SPEC when it differs from what is known under its id, or overlaps with another network. Returns 1 when it is known. */
static int check_known(const struct network_scope *scope, const struct network_spec *spec, struct report *report)
{
	struct listing listing;
	struct network_spec other;
	int known = 0;
	int status = listing_read(scope->storage_fd, "networks", &listing, report);

	for (size_t i = 0; i < listing.count && status == 0; i++) {
		int found = network_state_read(scope->storage_fd, listing.ids[i], &other, report);

		if (found <= 0) {
			status = found;
			continue;
		}
		if (strcmp(listing.ids[i], spec->id) == 0) {
			known = 1;
			if (!is_same(&other, spec))
				status = report_status(report, TM_E_EXISTS, "network");
		} else if (overlaps(&other, spec)) {
			status = report_status(report, TM_E_EXISTS, "subnet");
		} else if (has_bridge_of(&other, spec->bridge) || is_on(spec, other.bridge)) {
			status = report_status(report, TM_E_EXISTS, "another network has a bridge of that name");
		} else if (is_on(&other, spec->bridge)) {
			status = report_status(report, TM_E_EXISTS, "a network's parent link has that name");
		} else if (!lan_is_compatible(&other, spec)) {
			status = report_status(report, TM_E_EXISTS, "the parent link is used by another network: it is passed through to one alone, and has either macvlan or one mode of ipvlan");
		}
	}
	listing_free(&listing);
	return status < 0 ? status : known;
}

/* Calls VISIT for every endpoint on NETWORK whose link is there, until it returns non-zero; the result is that, or 0. */
static int visit_endpoints(const struct network_scope *scope, const char *id,
			   int (*visit)(const struct network_scope *scope, const struct endpoint_state *state, struct report *report),
			   struct report *report)
{
	struct listing listing;
	int status = listing_read(scope->storage_fd, "endpoints", &listing, report);

	for (size_t i = 0; i < listing.count && status == 0; i++) {
		struct endpoint_list list;
		int at;

		status = endpoint_state_read(scope->storage_fd, listing.ids[i], &list, report);
		at = status < 0 ? -1 : endpoint_list_find(&list, id);
		if (at >= 0 && (lan_has(&list.items[at]) ? lan_is_used(scope, listing.ids[i]) : link_exists(list.items[at].veth)))
			status = visit(scope, &list.items[at], report);
		endpoint_list_free(&list);
	}
	listing_free(&listing);
	return status;
}

/* Puts the elements of a container that is on the network already back, which a flush of the host's rules took away. */
static int renew_endpoint(const struct network_scope *scope, const struct endpoint_state *state, struct report *report)
{
	struct nft_endpoint rules = endpoint_rules(state);

	return nft_endpoint_renew(scope->nft_table, &rules, report);
}

/* Removes the tables with the last network, so that nothing of ours stays in the kernel. */
static int remove_unused_tables(const struct network_scope *scope, struct report *report)
{
	struct listing listing;
	int status = listing_read(scope->storage_fd, "networks", &listing, report);

	if (status == 0 && listing.count == 0)
		status = nft_tables_remove(scope->nft_table, report);
	listing_free(&listing);
	return status;
}

static int check_ipv6(const struct network_spec *spec, struct report *report)
{
	if (!network_is_host6(spec->gateway6, spec->prefix6))
		return report_status(report, TM_E_INVALID, "gateway6");
	return link_knows_ipv6() ? 0 : report_status(report, TM_E_INVALID, "the kernel of this host has no IPv6");
}

static int bridge_network_up(const struct network_scope *scope, const struct network_spec *spec, bool known, struct report *report)
{
	char bridge[IFNAMSIZ];
	char prefix[IFNAMSIZ];
	struct nft_network rules;
	struct network_spec recorded = *spec;
	struct report ignored;

	if ((known && network_state_read(scope->storage_fd, spec->id, &recorded, report) < 0) || bridge_claim(scope, &recorded, report) < 0)
		return -1;
	bridge_name(scope, spec, bridge);
	if (!known && bridge_check_routes(spec, bridge, report) < 0)
		return -1;
	veth_prefix(scope, prefix);
	rules = nft_network_of(spec, bridge);
	/* The rules first: a bridge is never there without them. */
	if (network_state_write(scope->storage_fd, spec, report) == 0 &&
	    nft_network_add(scope->nft_table, prefix, &rules, report) == 0 && visit_endpoints(scope, spec->id, renew_endpoint, report) == 0 &&
	    bridge_make(scope, spec, report) == 0)
		return 0;
	if (!known) {
		(void)bridge_remove(scope, spec, &ignored);
		(void)nft_network_remove(scope->nft_table, &rules, &ignored);
		(void)network_state_remove(scope->storage_fd, spec->id, &ignored);
		(void)remove_unused_tables(scope, &ignored);
	}
	return -1;
}

static int lan_network_up(const struct network_scope *scope, const struct network_spec *spec, bool known, struct report *report)
{
	struct report ignored;

	/* The record first: what a call that was cut off made is found by it. */
	if (network_state_write(scope->storage_fd, spec, report) == 0 && lan_up(scope, spec, report) == 0)
		return 0;
	if (!known)
		(void)network_state_remove(scope->storage_fd, spec->id, &ignored);
	return -1;
}

static bool is_host(uint32_t address, uint32_t prefix)
{
	return prefix >= 8 && prefix <= 30 && (address & ~network_mask(prefix)) != 0 && (address | network_mask(prefix)) != UINT32_MAX;
}

int network_up(const struct network_scope *scope, const struct network_spec *spec, struct report *report)
{
	auto_close int lock = network_lock(scope->storage_fd, true, report);
	int known;

	if (lock < 0)
		return -1;
	if (spec->prefix == 0 ? spec->gateway != 0 || !spec->has6 : !is_host(spec->gateway, spec->prefix))
		return report_status(report, TM_E_INVALID, "gateway");
	if (spec->has6 && check_ipv6(spec, report) < 0)
		return -1;
	known = check_known(scope, spec, report);
	if (known < 0)
		return -1;
	return lan_is(spec) ? lan_network_up(scope, spec, known != 0, report) : bridge_network_up(scope, spec, known != 0, report);
}

static int is_there(const struct network_scope *scope, const struct endpoint_state *state, struct report *report)
{
	(void)scope;
	(void)state;
	(void)report;
	return 1;
}

/* Whether another network is on SPEC's parent: 1, 0, or negative. */
static int shares_parent(const struct network_scope *scope, const struct network_spec *spec, struct report *report)
{
	struct listing listing;
	struct network_spec other;
	int status = listing_read(scope->storage_fd, "networks", &listing, report);

	for (size_t i = 0; i < listing.count && status == 0; i++) {
		if (strcmp(listing.ids[i], spec->id) == 0)
			continue;
		status = network_state_read(scope->storage_fd, listing.ids[i], &other, report);
		if (status > 0)
			status = lan_is(&other) && strcmp(other.lan.parent, spec->lan.parent) == 0;
	}
	listing_free(&listing);
	return status;
}

int network_down(const struct network_scope *scope, const char *id, struct report *report)
{
	auto_close int lock = network_lock(scope->storage_fd, true, report);
	char bridge[IFNAMSIZ];
	struct network_spec spec;
	struct nft_network rules;
	int found;
	int used;

	if (lock < 0)
		return -1;
	found = network_state_read(scope->storage_fd, id, &spec, report);
	if (found < 0)
		return -1;
	if (!found) /* the tables may be what an interrupted removal left */
		return network_state_remove(scope->storage_fd, id, report) < 0 ? -1 : remove_unused_tables(scope, report);
	used = visit_endpoints(scope, id, is_there, report); /* endpoints whose link is gone do not count */
	if (used < 0)
		return -1;
	if (used)
		return report_status(report, TM_E_BUSY, "network");
	if (lan_is(&spec)) {
		int others = shares_parent(scope, &spec, report);

		if (others < 0 || lan_down(scope, &spec, others != 0, report) < 0 || network_state_remove(scope->storage_fd, id, report) < 0)
			return -1;
		return remove_unused_tables(scope, report);
	}
	bridge_name(scope, &spec, bridge);
	rules = nft_network_of(&spec, bridge);
	if (bridge_remove(scope, &spec, report) < 0 || nft_network_remove(scope->nft_table, &rules, report) < 0 ||
	    network_state_remove(scope->storage_fd, id, report) < 0)
		return -1;
	return remove_unused_tables(scope, report);
}

int network_list(const struct network_scope *scope, int (*visit)(const char *id, void *context), void *context,
		 struct report *report)
{
	struct listing listing;

	if (listing_read(scope->storage_fd, "networks", &listing, report) < 0)
		return -1;
	for (size_t i = 0; i < listing.count; i++) {
		if (visit(listing.ids[i], context))
			break;
	}
	listing_free(&listing);
	return 0;
}
