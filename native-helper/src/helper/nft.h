/* The rule set of all networks: nftables tables of one name, "ip" (addresses, ports, isolation), "bridge" (no spoofing),
 * and with the first network that has IPv6, "ip6" (as "ip").
 *
 * The rules are fixed; networks and containers are elements of sets and maps, so that a start adds a few elements and no rule.
 * See native-helper/README.md for what the rules say. Functions return 0 or negative with REPORT filled.
 */
#ifndef TALLYMAN_NFT_H
#define TALLYMAN_NFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../common/request.h"

struct network_port;
struct network_source;
struct report;

struct nft_network {
	const char *bridge; /* name of its link */
	uint32_t address;   /* first address of the subnet, host order */
	uint32_t prefix;    /* 0: it has no IPv4 */
	bool internal;
	bool isolated;      /* neighbours do not reach one another */
	bool keeps_address; /* no masquerade */
	bool has6;
	uint8_t address6[ADDRESS6_BYTES]; /* first address of the subnet */
	uint32_t prefix6;
};

struct nft_endpoint {
	const char *veth; /* name of the host's end */
	uint8_t mac[6];
	uint32_t address; /* 0: it has none */
	bool has6;
	uint8_t address6[ADDRESS6_BYTES];
	const struct network_port *ports;
	size_t port_count; /* 0 for internal networks: nothing is published */
	const struct network_source *sources; /* who may use the ports; none: all */
	size_t source_count;
};

/* Called first by a process that ends after its answer: sockets stay open until then. */
void nft_close_at_end(void);
/* Called last by such a process: when it ends, the kernel has no more to do for them. */
void nft_linger(void);

/* Makes or renews all chains and rules and adds NETWORK, in one transaction. VETH_PREFIX is what all our veth names begin with. */
int nft_network_add(const char *table, const char *veth_prefix, const struct nft_network *network, struct report *report);

/* Takes NETWORK's elements away; what is not there is passed over. */
int nft_network_remove(const char *table, const struct nft_network *network, struct report *report);

/* Deletes all tables. Absent is success. */
int nft_tables_remove(const char *table, struct report *report);

/* Adds the endpoint in one transaction. When a port is held by another endpoint, returns negative with TM_E_BUSY. */
int nft_endpoint_add(const char *table, const struct nft_endpoint *endpoint, struct report *report);

/* The same for an endpoint that may be there in whole or in part: after somebody flushed the host's rules. */
int nft_endpoint_renew(const char *table, const struct nft_endpoint *endpoint, struct report *report);

/* What is not there is passed over. */
int nft_endpoint_remove(const char *table, const struct nft_endpoint *endpoint, struct report *report);

#endif
