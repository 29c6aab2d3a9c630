#include "network.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../common/report.h"
#include "../common/scope.h"
#include "../../include/tallyman_protocol.h"
#include "link.h"
#include "listing.h"
#include "network_state.h"
#include "nft.h"

#define NAME_ID_CHARS 10 /* of the id, in names of links (15 characters at most) */
#define VETH_MARK "v"    /* no hex digit, so that no veth is named like a bridge */

static void bridge_name(const struct network_scope *scope, const char *id, char name[IFNAMSIZ])
{
	(void)snprintf(name, IFNAMSIZ, "%.4s%.*s", scope->bridge_prefix, NAME_ID_CHARS, id);
}

static void veth_prefix(const struct network_scope *scope, char name[IFNAMSIZ])
{
	(void)snprintf(name, IFNAMSIZ, "%.4s" VETH_MARK, scope->bridge_prefix);
}

/* Picks a name no link has. The veth of the last run may still be there: the kernel takes a dead namespace down in its own time, and to
 * delete a link takes tens of milliseconds with a lock that every other start needs. The variants end in no hex digit. */
static void veth_name(const struct network_scope *scope, const char *container, char name[IFNAMSIZ])
{
	char variant = 'g';

	(void)snprintf(name, IFNAMSIZ, "%.4s" VETH_MARK "%.*s", scope->bridge_prefix, NAME_ID_CHARS, container);
	while (link_exists(name) && variant <= 'z')
		name[strlen(name) - 1] = variant++;
}

/* 02:42 and the address, as Docker does: locally administered, and the same again after a restart. */
static void mac_of(uint32_t address, uint8_t mac[6])
{
	mac[0] = 0x02;
	mac[1] = 0x42;
	for (int i = 0; i < 4; i++)
		mac[2 + i] = (uint8_t)(address >> (24 - 8 * i));
}

static uint32_t mask_of(uint32_t prefix)
{
	return (uint32_t)(UINT64_C(0xffffffff) << (32 - prefix));
}

static struct nft_network nft_network_of(const struct network_spec *spec, const char *bridge)
{
	return (struct nft_network){
		.bridge = bridge,
		.address = spec->gateway & mask_of(spec->prefix),
		.prefix = spec->prefix,
		.internal = spec->internal,
	};
}

static int write_switch(const char *path, struct report *report)
{
	auto_close int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "1", 1) != 1)
		return report_fail(report, "set network switch", errno);
	return 0;
}

/* Forwarding is what a bridge network needs; route_localnet lets the host reach published ports by 127.0.0.1 (nft_rules.c guards it). */
static int allow_routing(const char *bridge, struct report *report)
{
	char path[64];

	if (write_switch("/proc/sys/net/ipv4/ip_forward", report) < 0)
		return -1;
	(void)snprintf(path, sizeof path, "/proc/sys/net/ipv4/conf/%s/route_localnet", bridge);
	return write_switch(path, report);
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
		uint32_t mask;

		if (found <= 0) {
			status = found;
			continue;
		}
		mask = mask_of(other.prefix < spec->prefix ? other.prefix : spec->prefix);
		if (strcmp(listing.ids[i], spec->id) == 0) {
			known = 1;
			if (other.gateway != spec->gateway || other.prefix != spec->prefix || other.internal != spec->internal)
				status = report_status(report, TM_E_EXISTS, "network");
		} else if (((other.gateway ^ spec->gateway) & mask) == 0) {
			status = report_status(report, TM_E_EXISTS, "subnet");
		}
	}
	listing_free(&listing);
	return status < 0 ? status : known;
}

static struct nft_endpoint nft_endpoint_of(const struct endpoint_state *state)
{
	struct nft_endpoint rules = {
		.veth = state->veth,
		.address = state->address,
		.ports = state->ports,
		.port_count = state->port_count,
	};

	memcpy(rules.mac, state->mac, sizeof rules.mac);
	return rules;
}

/* Puts the elements of containers that are on the network already back, which a flush of the host's rules took away. */
static int renew_endpoints(const struct network_scope *scope, const char *id, struct report *report)
{
	struct listing listing;
	int status = listing_read(scope->storage_fd, "endpoints", &listing, report);

	for (size_t i = 0; i < listing.count && status == 0; i++) {
		struct endpoint_state state;
		struct nft_endpoint rules;
		int found = endpoint_state_read(scope->storage_fd, listing.ids[i], &state, report);

		rules = nft_endpoint_of(&state);
		if (found < 0)
			status = -1;
		else if (found && strcmp(state.network, id) == 0 && link_exists(state.veth))
			status = nft_endpoint_renew(scope->nft_table, &rules, report);
		endpoint_state_free(&state);
	}
	listing_free(&listing);
	return status;
}

int network_up(const struct network_scope *scope, const struct network_spec *spec, struct report *report)
{
	const struct link_address address = {.address = spec->gateway, .prefix = spec->prefix};
	auto_close int lock = network_lock(scope->storage_fd, true, report);
	char bridge[IFNAMSIZ];
	char prefix[IFNAMSIZ];
	struct nft_network rules;
	uint8_t mac[6];
	struct report ignored;
	int known;

	if (lock < 0)
		return -1;
	if (spec->prefix < 8 || spec->prefix > 30 || (spec->gateway & ~mask_of(spec->prefix)) == 0 ||
	    (spec->gateway | mask_of(spec->prefix)) == UINT32_MAX)
		return report_status(report, TM_E_INVALID, "gateway");
	known = check_known(scope, spec, report);
	if (known < 0)
		return -1;
	bridge_name(scope, spec->id, bridge);
	veth_prefix(scope, prefix);
	rules = nft_network_of(spec, bridge);
	mac_of(spec->gateway, mac);
	/* The rules first: a bridge is never there without them. */
	if (network_state_write(scope->storage_fd, spec, report) == 0 &&
	    nft_network_add(scope->nft_table, prefix, &rules, report) == 0 && renew_endpoints(scope, spec->id, report) == 0 &&
	    link_bridge_up(bridge, mac, &address, report) == 0 && allow_routing(bridge, report) == 0)
		return 0;
	if (!known) {
		(void)link_remove(bridge, &ignored);
		(void)nft_network_remove(scope->nft_table, &rules, &ignored);
		(void)network_state_remove(scope->storage_fd, spec->id, &ignored);
	}
	return -1;
}

/* Whether a veth of some container is on NETWORK. Endpoints whose link is gone do not count. */
static int network_is_used(const struct network_scope *scope, const char *id, struct report *report)
{
	struct listing listing;
	struct endpoint_state state;
	int used = listing_read(scope->storage_fd, "endpoints", &listing, report);

	for (size_t i = 0; i < listing.count && used == 0; i++) {
		int found = endpoint_state_read(scope->storage_fd, listing.ids[i], &state, report);

		if (found < 0)
			used = -1;
		else if (found && strcmp(state.network, id) == 0 && link_exists(state.veth))
			used = 1;
		endpoint_state_free(&state);
	}
	listing_free(&listing);
	return used;
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
	if (!found)
		return network_state_remove(scope->storage_fd, id, report);
	used = network_is_used(scope, id, report);
	if (used < 0)
		return -1;
	if (used)
		return report_status(report, TM_E_BUSY, "network");
	bridge_name(scope, id, bridge);
	rules = nft_network_of(&spec, bridge);
	if (link_remove(bridge, report) < 0 || nft_network_remove(scope->nft_table, &rules, report) < 0 ||
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

/* The veth itself goes with the container's namespace; without its elements it can send nothing any more. */
static int detach_locked(const struct network_scope *scope, const char *container, struct report *report)
{
	struct endpoint_state state;
	struct nft_endpoint rules;
	int status = endpoint_state_read(scope->storage_fd, container, &state, report);

	if (status > 0) {
		rules = nft_endpoint_of(&state);
		status = nft_endpoint_remove(scope->nft_table, &rules, report);
	}
	if (status == 0)
		status = endpoint_state_remove(scope->storage_fd, container, report);
	endpoint_state_free(&state);
	return status;
}

int network_detach(const struct network_scope *scope, const char *container, struct report *report)
{
	auto_close int lock = network_lock(scope->storage_fd, false, report);

	if (lock < 0)
		return -1;
	return detach_locked(scope, container, report);
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
	mask = mask_of(spec->prefix);
	if (endpoint->gateway != spec->gateway || endpoint->prefix != spec->prefix)
		return report_status(report, TM_E_INVALID, "gateway");
	if (((endpoint->address ^ spec->gateway) & mask) != 0 || endpoint->address == spec->gateway ||
	    (endpoint->address & ~mask) == 0 || (endpoint->address | mask) == UINT32_MAX)
		return report_status(report, TM_E_INVALID, "address");
	if (endpoint->mac && (endpoint->mac[0] & 1))
		return report_status(report, TM_E_INVALID, "mac"); /* a group address */
	if (endpoint->port_count > NETWORK_PORTS_MAX)
		return report_status(report, TM_E_INVALID, "port");
	return 0;
}

/* The rules before the link: a port that is taken shows before anything slow is done. */
static int attach_locked(const struct network_scope *scope, const struct network_endpoint *endpoint,
			 const struct endpoint_state *state, const struct link_address *address, int netns_fd,
			 struct report *report)
{
	char bridge[IFNAMSIZ];
	struct nft_endpoint rules = nft_endpoint_of(state);
	struct report ignored;

	bridge_name(scope, endpoint->network, bridge);
	if (nft_endpoint_add(scope->nft_table, &rules, report) < 0)
		return -1;
	if (link_veth_add(state->veth, bridge, netns_fd, state->mac, report) == 0 &&
	    link_configure_inside(netns_fd, address, report) == 0)
		return 0;
	(void)link_remove(state->veth, &ignored);
	(void)nft_endpoint_remove(scope->nft_table, &rules, &ignored);
	return -1;
}

int network_attach(const struct network_scope *scope, const struct network_endpoint *endpoint, int netns_fd,
		   struct report *report)
{
	auto_close int lock = network_lock(scope->storage_fd, false, report);
	struct network_spec spec;
	struct endpoint_state state = {.address = endpoint->address};
	struct link_address address = {.address = endpoint->address, .prefix = endpoint->prefix};
	struct report ignored;

	if (lock < 0 || check_endpoint(scope, endpoint, &spec, report) < 0)
		return -1;
	memcpy(state.network, endpoint->network, sizeof state.network);
	if (endpoint->mac)
		memcpy(state.mac, endpoint->mac, sizeof state.mac);
	else
		mac_of(endpoint->address, state.mac);
	if (!spec.internal) { /* as with Docker, an internal network has no default route and publishes nothing */
		address.gateway = endpoint->gateway;
		state.ports = (struct network_port *)(uintptr_t)endpoint->ports;
		state.port_count = endpoint->port_count;
	}
	if (detach_locked(scope, endpoint->container, report) < 0)
		return -1;
	veth_name(scope, endpoint->container, state.veth);
	if (endpoint_state_write(scope->storage_fd, endpoint->container, &state, report) < 0)
		return -1;
	if (attach_locked(scope, endpoint, &state, &address, netns_fd, report) == 0)
		return 0;
	(void)endpoint_state_remove(scope->storage_fd, endpoint->container, &ignored);
	return -1;
}

int network_loopback_up(int netns_fd, struct report *report)
{
	return link_configure_inside(netns_fd, NULL, report);
}
