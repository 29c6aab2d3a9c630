#include "nft_rules.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <string.h>

#include "../common/netlink.h"
#include "nft_expr.h"
#include "nft_parts.h"

/* Offsets within headers: RFC 791 (IPv4), RFC 826 (ARP over Ethernet), Ethernet II. */
#define IPV4_PROTOCOL 9
#define IPV4_SOURCE 12
#define IPV4_DESTINATION 16
#define PORT_DESTINATION 2
#define ARP_SENDER_MAC 8
#define ARP_SENDER_IP 14
#define ETHER_SOURCE 6
#define ETHER_TYPE 12
#define IFNAME_BYTES 16

#define CT_ESTABLISHED_OR_RELATED 6 /* NF_CT_STATE_BIT of both */

/* Priorities: before connection tracking (-200), and those of nft's "dstnat", "srcnat" and "filter". */
#define PRIORITY_GUARD (-310)
#define PRIORITY_DSTNAT (-100)
#define PRIORITY_SRCNAT 100
#define PRIORITY_FILTER 0
#define PRIORITY_BRIDGE (-300)

static void put_sets(struct netlink_buffer *buffer, const char *table)
{
	static const struct nft_set_form forms[] = {
		{NFT_SET_BRIDGES, 0, NFT_TYPE_IFNAME, IFNAME_BYTES},
		{NFT_SET_SAME, 0, NFT_TYPE_PAIR(NFT_TYPE_IFNAME, NFT_TYPE_IFNAME), 2 * IFNAME_BYTES},
		{NFT_SET_INTERNAL, 0, NFT_TYPE_IFNAME, IFNAME_BYTES},
		{NFT_SET_SUBNETS, NFT_SET_INTERVAL, NFT_TYPE_IPV4, 4},
		{NFT_SET_RESTRICTED, 0, NFT_TYPE_IPV4, 4},
		{NFT_SET_SOURCES, NFT_SET_INTERVAL | NFT_SET_CONCAT, NFT_TYPE_PAIR(NFT_TYPE_IPV4, NFT_TYPE_IPV4), 8},
		{NFT_MAP_PORTS, NFT_SET_MAP, NFT_TYPE_PAIR(NFT_TYPE_PROTOCOL, NFT_TYPE_SERVICE), 8},
		{NFT_MAP_PORTS_AT, NFT_SET_MAP, NFT_TYPE_TRIPLE(NFT_TYPE_IPV4, NFT_TYPE_PROTOCOL, NFT_TYPE_SERVICE), 12},
	};
	static const struct nft_set_form endpoints = {NFT_SET_ENDPOINTS, 0, NFT_TYPE_TRIPLE(NFT_TYPE_IFNAME, NFT_TYPE_ETHER, NFT_TYPE_IPV4),
						  IFNAME_BYTES + 12};

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
		nft_set_put(buffer, NFPROTO_IPV4, table, &forms[i]);
	nft_set_put(buffer, NFPROTO_BRIDGE, table, &endpoints);
}

static void put_chains(struct netlink_buffer *buffer, const char *table)
{
	static const struct nft_chain_form chains[] = {
		{"published", NULL, 0, 0},
		{"guard", "filter", NF_INET_PRE_ROUTING, PRIORITY_GUARD},
		{"prerouting", "nat", NF_INET_PRE_ROUTING, PRIORITY_DSTNAT},
		{"output", "nat", NF_INET_LOCAL_OUT, PRIORITY_DSTNAT},
		{"postrouting", "nat", NF_INET_POST_ROUTING, PRIORITY_SRCNAT},
		{"forward", "filter", NF_INET_FORWARD, PRIORITY_FILTER},
	};
	static const struct nft_chain_form bridge = {"prerouting", "filter", NF_INET_PRE_ROUTING, PRIORITY_BRIDGE};

	for (size_t i = 0; i < sizeof chains / sizeof chains[0]; i++)
		nft_chain_put(buffer, NFPROTO_IPV4, table, &chains[i]);
	nft_chain_put(buffer, NFPROTO_BRIDGE, table, &bridge);
}

static void put_in_bridges(struct netlink_buffer *buffer, uint32_t meta_key, const char *set, bool inverted)
{
	nft_expr_meta(buffer, meta_key, NFT_REG_1);
	nft_expr_in_set(buffer, set, inverted);
}

static void put_network_byte(struct netlink_buffer *buffer, uint32_t offset, const uint8_t *value, uint32_t length)
{
	nft_expr_payload(buffer, NFT_PAYLOAD_NETWORK_HEADER, offset, length, NFT_REG_1);
	nft_expr_compare(buffer, NFT_CMP_EQ, value, length);
}

static const uint8_t loopback_net[] = {127};
static const uint8_t link_local_net[] = {169, 254};

/* From a container nothing goes to the host's loopback (bridges have route_localnet, for published ports) nor to the link-local addresses
 * where clouds keep their credentials. Seen before address translation, so that answers to translated connections pass. */
static void put_guard(struct netlink_buffer *buffer, const char *table)
{
	struct nft_rule rule = nft_rule_begin(buffer, NFPROTO_IPV4, table, "guard");

	put_in_bridges(buffer, NFT_META_IIFNAME, NFT_SET_BRIDGES, false);
	put_network_byte(buffer, IPV4_DESTINATION, loopback_net, sizeof loopback_net);
	nft_expr_verdict(buffer, NF_DROP, NULL);
	nft_rule_end(rule);
	rule = nft_rule_begin(buffer, NFPROTO_IPV4, table, "guard");
	put_in_bridges(buffer, NFT_META_IIFNAME, NFT_SET_BRIDGES, false);
	put_network_byte(buffer, IPV4_DESTINATION, link_local_net, sizeof link_local_net);
	nft_expr_verdict(buffer, NF_DROP, NULL);
	nft_rule_end(rule);
}

/* What is addressed to the host, by others or by itself, goes to the container that published the port. */
static void put_published(struct netlink_buffer *buffer, const char *table)
{
	static const char *const entries[] = {"prerouting", "output"};
	struct nft_rule rule;

	for (size_t i = 0; i < 2; i++) {
		rule = nft_rule_begin(buffer, NFPROTO_IPV4, table, entries[i]);
		nft_expr_to_local(buffer);
		nft_expr_verdict(buffer, NFT_JUMP, "published");
		nft_rule_end(rule);
	}
	rule = nft_rule_begin(buffer, NFPROTO_IPV4, table, "published");
	nft_expr_payload(buffer, NFT_PAYLOAD_NETWORK_HEADER, IPV4_DESTINATION, 4, NFT_REG_1);
	nft_expr_payload(buffer, NFT_PAYLOAD_NETWORK_HEADER, IPV4_PROTOCOL, 1, NFT_REG32_01);
	nft_expr_payload(buffer, NFT_PAYLOAD_TRANSPORT_HEADER, PORT_DESTINATION, 2, NFT_REG32_02);
	nft_expr_map(buffer, NFT_MAP_PORTS_AT);
	nft_expr_destination(buffer);
	nft_rule_end(rule);
	rule = nft_rule_begin(buffer, NFPROTO_IPV4, table, "published");
	nft_expr_payload(buffer, NFT_PAYLOAD_NETWORK_HEADER, IPV4_PROTOCOL, 1, NFT_REG_1);
	nft_expr_payload(buffer, NFT_PAYLOAD_TRANSPORT_HEADER, PORT_DESTINATION, 2, NFT_REG32_01);
	nft_expr_map(buffer, NFT_MAP_PORTS);
	nft_expr_destination(buffer);
	nft_rule_end(rule);
}

/* Masquerade: the host's loopback talking to a published port; a container talking to a published port; a container going out. */
static void put_postrouting(struct netlink_buffer *buffer, const char *table)
{
	struct nft_rule rule = nft_rule_begin(buffer, NFPROTO_IPV4, table, "postrouting");

	put_in_bridges(buffer, NFT_META_OIFNAME, NFT_SET_BRIDGES, false);
	put_network_byte(buffer, IPV4_SOURCE, loopback_net, sizeof loopback_net);
	nft_expr_masquerade(buffer);
	nft_rule_end(rule);

	rule = nft_rule_begin(buffer, NFPROTO_IPV4, table, "postrouting");
	put_in_bridges(buffer, NFT_META_OIFNAME, NFT_SET_BRIDGES, false);
	nft_expr_ct(buffer, NFT_CT_STATUS, NFT_REG_1);
	nft_expr_any_bit(buffer, IPS_DST_NAT);
	nft_expr_payload(buffer, NFT_PAYLOAD_NETWORK_HEADER, IPV4_SOURCE, 4, NFT_REG_1);
	nft_expr_in_set(buffer, NFT_SET_SUBNETS, false);
	nft_expr_masquerade(buffer);
	nft_rule_end(rule);

	rule = nft_rule_begin(buffer, NFPROTO_IPV4, table, "postrouting");
	nft_expr_payload(buffer, NFT_PAYLOAD_NETWORK_HEADER, IPV4_SOURCE, 4, NFT_REG_1);
	nft_expr_in_set(buffer, NFT_SET_SUBNETS, false);
	put_in_bridges(buffer, NFT_META_OIFNAME, NFT_SET_BRIDGES, true);
	nft_expr_masquerade(buffer);
	nft_rule_end(rule);
}

static void put_interface_verdict(struct netlink_buffer *buffer, const char *table, uint32_t meta_key, const char *set,
				  int verdict)
{
	struct nft_rule rule = nft_rule_begin(buffer, NFPROTO_IPV4, table, "forward");

	put_in_bridges(buffer, meta_key, set, false);
	nft_expr_verdict(buffer, verdict, NULL);
	nft_rule_end(rule);
}

/* What is new at a published port that is for some sources only, and comes from another. The host itself is not asked: it does not forward. */
static void put_restricted(struct netlink_buffer *buffer, const char *table)
{
	struct nft_rule rule = nft_rule_begin(buffer, NFPROTO_IPV4, table, "forward");

	nft_expr_ct(buffer, NFT_CT_STATUS, NFT_REG_1);
	nft_expr_any_bit(buffer, IPS_DST_NAT);
	nft_expr_payload(buffer, NFT_PAYLOAD_NETWORK_HEADER, IPV4_DESTINATION, 4, NFT_REG_1);
	nft_expr_in_set(buffer, NFT_SET_RESTRICTED, false);
	nft_expr_payload(buffer, NFT_PAYLOAD_NETWORK_HEADER, IPV4_DESTINATION, 4, NFT_REG_1);
	nft_expr_payload(buffer, NFT_PAYLOAD_NETWORK_HEADER, IPV4_SOURCE, 4, NFT_REG32_01);
	nft_expr_in_set(buffer, NFT_SET_SOURCES, true);
	nft_expr_verdict(buffer, NF_DROP, NULL);
	nft_rule_end(rule);
}

/* Answers, neighbours on one bridge and published ports pass; nothing enters or leaves an internal network; nothing else enters a bridge,
 * neither from another bridge nor from outside. */
static void put_forward(struct netlink_buffer *buffer, const char *table)
{
	struct nft_rule rule = nft_rule_begin(buffer, NFPROTO_IPV4, table, "forward");

	nft_expr_ct(buffer, NFT_CT_STATE, NFT_REG_1);
	nft_expr_any_bit(buffer, CT_ESTABLISHED_OR_RELATED);
	nft_expr_verdict(buffer, NF_ACCEPT, NULL);
	nft_rule_end(rule);
	put_restricted(buffer, table);

	rule = nft_rule_begin(buffer, NFPROTO_IPV4, table, "forward");
	nft_expr_meta(buffer, NFT_META_IIFNAME, NFT_REG_1);
	nft_expr_meta(buffer, NFT_META_OIFNAME, NFT_REG_2);
	nft_expr_in_set(buffer, NFT_SET_SAME, false);
	nft_expr_verdict(buffer, NF_ACCEPT, NULL);
	nft_rule_end(rule);

	put_interface_verdict(buffer, table, NFT_META_IIFNAME, NFT_SET_INTERNAL, NF_DROP);
	put_interface_verdict(buffer, table, NFT_META_OIFNAME, NFT_SET_INTERNAL, NF_DROP);

	rule = nft_rule_begin(buffer, NFPROTO_IPV4, table, "forward");
	nft_expr_ct(buffer, NFT_CT_STATUS, NFT_REG_1);
	nft_expr_any_bit(buffer, IPS_DST_NAT);
	nft_expr_verdict(buffer, NF_ACCEPT, NULL);
	nft_rule_end(rule);

	put_interface_verdict(buffer, table, NFT_META_OIFNAME, NFT_SET_BRIDGES, NF_DROP);
}

/* Goes on if the sender is one of our endpoints, by the port it came in, the MAC address at MAC and the IPv4 address at IP. */
static void put_endpoint_check(struct netlink_buffer *buffer, uint32_t mac_base, uint32_t mac, uint32_t ip)
{
	nft_expr_meta(buffer, NFT_META_IIFNAME, NFT_REG_1);
	nft_expr_payload(buffer, mac_base, mac, 6, NFT_REG_2);
	nft_expr_payload(buffer, NFT_PAYLOAD_NETWORK_HEADER, ip, 4, NFT_REG32_06);
	nft_expr_in_set(buffer, NFT_SET_ENDPOINTS, false);
}

static void put_known_sender(struct netlink_buffer *buffer, const char *table, uint16_t ethertype)
{
	const uint16_t type = htons(ethertype);
	bool arp = ethertype == ETH_P_ARP;
	struct nft_rule rule = nft_rule_begin(buffer, NFPROTO_BRIDGE, table, "prerouting");

	nft_expr_payload(buffer, NFT_PAYLOAD_LL_HEADER, ETHER_TYPE, sizeof type, NFT_REG_1);
	nft_expr_compare(buffer, NFT_CMP_EQ, &type, sizeof type);
	put_endpoint_check(buffer, NFT_PAYLOAD_LL_HEADER, ETHER_SOURCE, arp ? ARP_SENDER_IP : IPV4_SOURCE);
	if (arp)
		put_endpoint_check(buffer, NFT_PAYLOAD_NETWORK_HEADER, ARP_SENDER_MAC, ARP_SENDER_IP);
	nft_expr_verdict(buffer, NF_ACCEPT, NULL);
	nft_rule_end(rule);
}

/* From our veths only IPv4 and ARP pass, and only with the addresses the container was given. */
static void put_bridge(struct netlink_buffer *buffer, const char *table, const char *veth_prefix)
{
	struct nft_rule rule = nft_rule_begin(buffer, NFPROTO_BRIDGE, table, "prerouting");

	nft_expr_meta(buffer, NFT_META_IIFNAME, NFT_REG_1);
	nft_expr_compare(buffer, NFT_CMP_NEQ, veth_prefix, strlen(veth_prefix));
	nft_expr_verdict(buffer, NF_ACCEPT, NULL);
	nft_rule_end(rule);
	put_known_sender(buffer, table, ETH_P_IP);
	put_known_sender(buffer, table, ETH_P_ARP);
	rule = nft_rule_begin(buffer, NFPROTO_BRIDGE, table, "prerouting");
	nft_expr_verdict(buffer, NF_DROP, NULL);
	nft_rule_end(rule);
}

void nft_rules_put(struct netlink_buffer *buffer, const char *table, const char *veth_prefix)
{
	nft_open(buffer, NFT_MSG_NEWTABLE, NLM_F_CREATE, NFPROTO_IPV4, table);
	netlink_close(buffer);
	nft_open(buffer, NFT_MSG_NEWTABLE, NLM_F_CREATE, NFPROTO_BRIDGE, table);
	netlink_close(buffer);
	put_sets(buffer, table);
	put_chains(buffer, table);
	put_guard(buffer, table);
	put_published(buffer, table);
	put_postrouting(buffer, table);
	put_forward(buffer, table);
	put_bridge(buffer, table, veth_prefix);
}
