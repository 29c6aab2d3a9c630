#include "bridge.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../common/report.h"
#include "../common/scope.h"
#include "../../include/tallyman_protocol.h"
#include "endpoint.h"
#include "link.h"
#include "link_facts.h"
#include "network_state.h"

/* The name that nobody else's bridge has: no other may be asked for that begins so (policy_network.c). */
static void own_name(const struct network_scope *scope, const struct network_spec *spec, char name[IFNAMSIZ])
{
	(void)snprintf(name, IFNAMSIZ, "%.4s%.*s", scope->bridge_prefix, NAME_ID_CHARS, spec->id);
}

void bridge_name(const struct network_scope *scope, const struct network_spec *spec, char name[IFNAMSIZ])
{
	if (spec->bridge[0])
		memcpy(name, spec->bridge, IFNAMSIZ);
	else
		own_name(scope, spec, name);
}

/* The instance, which its table's name stands for, and the network. */
static void mark_of(const struct network_scope *scope, const struct network_spec *spec, char mark[LINK_ALIAS_BYTES])
{
	(void)snprintf(mark, LINK_ALIAS_BYTES, "%s %s", scope->nft_table, spec->id);
}

static int refuse_taken(const char *name, struct report *report)
{
	return report_parts(report, TM_E_EXISTS, "the host has a link ", name, " already, which is not this network's bridge");
}

/* A bridge of an earlier version has no mark, and an address that hardly another link would have. */
static bool is_own(const struct network_scope *scope, const struct network_spec *spec, const struct link_facts *facts)
{
	char mark[LINK_ALIAS_BYTES];
	uint8_t mac[6];

	mark_of(scope, spec, mark);
	network_mac(spec->gateway, spec->gateway6, mac);
	return facts->is_bridge &&
	       (strcmp(facts->alias, mark) == 0 || (spec->is_unmarked && facts->alias[0] == '\0' && memcmp(facts->mac, mac, sizeof mac) == 0));
}

int bridge_find(const struct network_scope *scope, const struct network_spec *spec, struct report *report)
{
	struct link_facts facts;
	int found = spec->bridge[0] ? link_find(spec->bridge, &facts, report) : 0;

	return found > 0 && !is_own(scope, spec, &facts) ? refuse_taken(spec->bridge, report) : found;
}

int bridge_claim(const struct network_scope *scope, const struct network_spec *recorded, struct report *report)
{
	char mark[LINK_ALIAS_BYTES];
	int found = bridge_find(scope, recorded, report);

	if (found <= 0 || !recorded->is_unmarked)
		return found < 0 ? -1 : 0;
	mark_of(scope, recorded, mark);
	return link_mark(recorded->bridge, mark, report);
}

static void close_stream(FILE **stream)
{
	if (*stream)
		(void)fclose(*stream); /* only read */
}

/* Refuses a subnet that the host reaches by another link already: the network would cut it off. */
static int check_routes(const struct network_spec *spec, const char *bridge, struct report *report)
{
	__attribute__((cleanup(close_stream))) FILE *routes = fopen("/proc/net/route", "re");
	char line[256];
	char name[IFNAMSIZ];
	uint32_t address, mask;

	if (!routes)
		return report_fail(report, "read the host's routes", errno);
	while (fgets(line, sizeof line, routes)) {
		/* Interface, destination, gateway, flags, three counters, mask: numbers in network byte order. */
		if (sscanf(line, "%15s %x %*x %*x %*d %*d %*d %x", name, &address, &mask) != 3 || mask == 0 || strcmp(name, bridge) == 0)
			continue;
		if (((ntohl(address) ^ spec->gateway) & ntohl(mask) & network_mask(spec->prefix)) == 0)
			return report_status(report, TM_E_EXISTS, "subnet of the host");
	}
	return 0;
}

static int check_routes6(const struct network_spec *spec, const char *bridge, struct report *report)
{
	__attribute__((cleanup(close_stream))) FILE *routes = fopen("/proc/net/ipv6_route", "re");
	char line[256], name[IFNAMSIZ], hex[ADDRESS6_HEX + 1];
	uint8_t address[ADDRESS6_BYTES];
	unsigned int prefix;

	if (!routes)
		return report_fail(report, "read the host's routes", errno);
	while (fgets(line, sizeof line, routes)) {
		/* Destination, its prefix, source, its prefix, next hop, metric, two counters, flags, interface. */
		if (sscanf(line, "%32[0-9a-f] %2x %*x %*x %*x %*x %*x %*x %*x %15s", hex, &prefix, name) != 3 || prefix == 0 || strcmp(name, bridge) == 0 ||
		    !address6_of_hex(hex, address))
			continue;
		if (address6_same(address, spec->gateway6, prefix < spec->prefix6 ? prefix : spec->prefix6))
			return report_status(report, TM_E_EXISTS, "subnet of the host");
	}
	return 0;
}

int bridge_check_routes(const struct network_spec *spec, const char *bridge, struct report *report)
{
	return (spec->prefix && check_routes(spec, bridge, report) < 0) || (spec->has6 && check_routes6(spec, bridge, report) < 0) ? -1 : 0;
}

static int write_switch(const char *path, struct report *report)
{
	auto_close int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "1", 1) != 1)
		return report_fail(report, "set network switch", errno);
	return 0;
}

/* Forwarding is what a bridge network needs; route_localnet lets the host reach published ports by 127.0.0.1 (nft_rules.c guards it). */
static int allow_routing(const char *bridge, bool has4, bool has6, struct report *report)
{
	char path[64];

	if (has4 && write_switch("/proc/sys/net/ipv4/ip_forward", report) < 0)
		return -1;
	if (has6 && (write_switch("/proc/sys/net/ipv6/conf/default/forwarding", report) < 0 ||
		     write_switch("/proc/sys/net/ipv6/conf/all/forwarding", report) < 0))
		return -1;
	if (!has4)
		return 0;
	(void)snprintf(path, sizeof path, "/proc/sys/net/ipv4/conf/%s/route_localnet", bridge);
	return write_switch(path, report);
}

/* The kernel marks no link at its making. So it has its own name at first, and gets the one that was asked for when it has its mark: whenever this process
 * is killed, nothing of that name is without. */
static int add_named(const struct network_scope *scope, const struct network_spec *spec, const uint8_t *mac, struct report *report)
{
	char own[IFNAMSIZ], mark[LINK_ALIAS_BYTES];
	struct report ignored;

	own_name(scope, spec, own);
	mark_of(scope, spec, mark);
	if (link_remove(own, report) < 0) /* what a killed one left */
		return -1;
	if (link_bridge_add(own, mac, report) == 0 && link_mark(own, mark, report) == 0 && link_rename(own, spec->bridge, report) == 0)
		return 0;
	(void)link_remove(own, &ignored);
	return report->error == EEXIST ? refuse_taken(spec->bridge, report) : -1;
}

static int add(const struct network_scope *scope, const struct network_spec *spec, struct report *report)
{
	char own[IFNAMSIZ];
	uint8_t mac[6];
	int found = bridge_find(scope, spec, report);

	if (found != 0)
		return found < 0 ? -1 : 0;
	network_mac(spec->gateway, spec->gateway6, mac);
	if (spec->bridge[0])
		return add_named(scope, spec, mac, report);
	own_name(scope, spec, own);
	return link_bridge_add(own, mac, report);
}

int bridge_make(const struct network_scope *scope, const struct network_spec *spec, struct report *report)
{
	const struct link_address address = {
		.address = spec->gateway, .prefix = spec->prefix, .has6 = spec->has6, .address6 = spec->gateway6, .prefix6 = spec->prefix6};
	char name[IFNAMSIZ];

	bridge_name(scope, spec, name);
	return add(scope, spec, report) == 0 && link_bridge_up(name, &address, spec->mtu, report) == 0 ? allow_routing(name, spec->prefix != 0, spec->has6, report) : -1;
}

int bridge_remove(const struct network_scope *scope, const struct network_spec *spec, struct report *report)
{
	char own[IFNAMSIZ];
	struct report why = {0};
	int found = bridge_find(scope, spec, &why);

	if (found < 0 && why.status != TM_E_EXISTS) {
		*report = why;
		return -1;
	}
	if (found > 0 && link_remove(spec->bridge, report) < 0)
		return -1;
	own_name(scope, spec, own);
	return link_remove(own, report);
}
