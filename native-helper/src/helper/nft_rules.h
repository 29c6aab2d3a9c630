/* The chains and rules of the two tables (see nft.h). */
#ifndef TALLYMAN_NFT_RULES_H
#define TALLYMAN_NFT_RULES_H

#include <stdbool.h>
#include <stdint.h>

struct netlink_buffer;

/* Names of the sets and maps of the table "ip"; the table "ip6" has the same of IPv6. A key of several parts pads each to 4 bytes. */
#define NFT_SET_BRIDGES "bridges"     /* ifname */
#define NFT_SET_SAME "same"           /* ifname . ifname, twice the same bridge */
#define NFT_SET_INTERNAL "internal"   /* ifname */
#define NFT_SET_SUBNETS "subnets"     /* ipv4_addr, intervals; networks with a way out */
#define NFT_MAP_PORTS "ports"         /* inet_proto . inet_service : ipv4_addr . inet_service */
#define NFT_MAP_PORTS_AT "ports_at"   /* ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service */
#define NFT_SET_RESTRICTED "restricted" /* ipv4_addr of containers whose published ports are for some sources only */
#define NFT_SET_SOURCES "sources"     /* ipv4_addr of the container . ipv4_addr of the source, intervals */
#define NFT_SET_ENDPOINTS "endpoints" /* table bridge: ifname . ether_addr . ipv4_addr */
#define NFT_SET_ENDPOINTS6 "endpoints6" /* table bridge: ifname . ether_addr . ipv6_addr */

/* Appends the messages that make tables, sets, chains and rules anew; the elements of sets that are there already stay.
 * The table of IPv6 only with HAS6: a kernel without IPv6 knows none. */
void nft_rules_put(struct netlink_buffer *buffer, const char *table, const char *veth_prefix, bool has6);

#endif
