/* The chains and rules of the two tables (see nft.h). */
#ifndef TALLYMAN_NFT_RULES_H
#define TALLYMAN_NFT_RULES_H

#include <stdint.h>

struct netlink_buffer;

/* Names of the sets and maps. A key of several parts pads each to 4 bytes. */
#define NFT_SET_BRIDGES "bridges"     /* ifname */
#define NFT_SET_SAME "same"           /* ifname . ifname, twice the same bridge */
#define NFT_SET_INTERNAL "internal"   /* ifname */
#define NFT_SET_SUBNETS "subnets"     /* ipv4_addr, intervals; networks with a way out */
#define NFT_MAP_PORTS "ports"         /* inet_proto . inet_service : ipv4_addr . inet_service */
#define NFT_MAP_PORTS_AT "ports_at"   /* ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service */
#define NFT_SET_ENDPOINTS "endpoints" /* table bridge: ifname . ether_addr . ipv4_addr */

/* Appends the messages that make tables, sets, chains and rules anew; the elements of sets that are there already stay. */
void nft_rules_put(struct netlink_buffer *buffer, const char *table, const char *veth_prefix);

/* Starts a message TYPE (enum nf_tables_msg_types) about the table of FAMILY (NFPROTO_IPV4 or NFPROTO_BRIDGE). The name attribute has the
 * number 1 in every kind of message. */
void nft_open(struct netlink_buffer *buffer, uint16_t type, uint16_t flags, uint8_t family, const char *table);

/* Brackets of a transaction. */
void nft_batch_begin(struct netlink_buffer *buffer);
void nft_batch_end(struct netlink_buffer *buffer);

#endif
