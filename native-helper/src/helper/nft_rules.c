#include "nft_rules.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <string.h>

#include "../common/netlink.h"
#include "nft_expr.h"

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

/* Numbers nft(8) gives the types of keys, 6 bits each; only so that `nft list ruleset` can show them. */
#define TYPE_IPV4 7
#define TYPE_ETHER 9
#define TYPE_PROTOCOL 12
#define TYPE_SERVICE 13
#define TYPE_IFNAME 41
#define TYPE_PAIR(a, b) ((a) << 6 | (b))
#define TYPE_TRIPLE(a, b, c) ((a) << 12 | (b) << 6 | (c))

#define CT_ESTABLISHED_OR_RELATED 6 /* NF_CT_STATE_BIT of both */

/* Priorities: before connection tracking (-200), and those of nft's "dstnat", "srcnat" and "filter". */
#define PRIORITY_GUARD (-310)
#define PRIORITY_DSTNAT (-100)
#define PRIORITY_SRCNAT 100
#define PRIORITY_FILTER 0
#define PRIORITY_BRIDGE (-300)

void nft_open(struct netlink_buffer *buffer, uint16_t type, uint16_t flags, uint8_t family, const char *table)
{
	const struct nfgenmsg extra = {.nfgen_family = family, .version = NFNETLINK_V0};

	netlink_open(buffer, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), flags, &extra, sizeof extra);
	netlink_put_string(buffer, NFTA_TABLE_NAME, table);
}

static void put_batch(struct netlink_buffer *buffer, uint16_t type)
{
	const struct nfgenmsg extra = {.nfgen_family = AF_UNSPEC, .res_id = htons(NFNL_SUBSYS_NFTABLES)};

	netlink_open(buffer, type, 0, &extra, sizeof extra);
	netlink_close(buffer);
}

void nft_batch_begin(struct netlink_buffer *buffer)
{
	put_batch(buffer, NFNL_MSG_BATCH_BEGIN);
}

void nft_batch_end(struct netlink_buffer *buffer)
{
	put_batch(buffer, NFNL_MSG_BATCH_END);
	buffer->sequence--; /* it gets no answer: the last message is the one before */
}

struct set_form {
	const char *name;
	uint32_t flags;
	uint32_t key_type;
	uint32_t key_length;
};

static void put_set(struct netlink_buffer *buffer, uint8_t family, const char *table, const struct set_form *set)
{
	static uint32_t id;

	nft_open(buffer, NFT_MSG_NEWSET, NLM_F_CREATE, family, table);
	netlink_put_string(buffer, NFTA_SET_NAME, set->name);
	netlink_put_be32(buffer, NFTA_SET_FLAGS, set->flags);
	netlink_put_be32(buffer, NFTA_SET_KEY_TYPE, set->key_type);
	netlink_put_be32(buffer, NFTA_SET_KEY_LEN, set->key_length);
	if (set->flags & NFT_SET_MAP) {
		netlink_put_be32(buffer, NFTA_SET_DATA_TYPE, TYPE_PAIR(TYPE_IPV4, TYPE_SERVICE));
		netlink_put_be32(buffer, NFTA_SET_DATA_LEN, 8);
	}
	netlink_put_be32(buffer, NFTA_SET_ID, ++id);
	netlink_close(buffer);
}

static void put_sets(struct netlink_buffer *buffer, const char *table)
{
	static const struct set_form forms[] = {
		{NFT_SET_BRIDGES, 0, TYPE_IFNAME, IFNAME_BYTES},
		{NFT_SET_SAME, 0, TYPE_PAIR(TYPE_IFNAME, TYPE_IFNAME), 2 * IFNAME_BYTES},
		{NFT_SET_INTERNAL, 0, TYPE_IFNAME, IFNAME_BYTES},
		{NFT_SET_SUBNETS, NFT_SET_INTERVAL, TYPE_IPV4, 4},
		{NFT_MAP_PORTS, NFT_SET_MAP, TYPE_PAIR(TYPE_PROTOCOL, TYPE_SERVICE), 8},
		{NFT_MAP_PORTS_AT, NFT_SET_MAP, TYPE_TRIPLE(TYPE_IPV4, TYPE_PROTOCOL, TYPE_SERVICE), 12},
	};
	static const struct set_form endpoints = {NFT_SET_ENDPOINTS, 0, TYPE_TRIPLE(TYPE_IFNAME, TYPE_ETHER, TYPE_IPV4),
						  IFNAME_BYTES + 12};

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
		put_set(buffer, NFPROTO_IPV4, table, &forms[i]);
	put_set(buffer, NFPROTO_BRIDGE, table, &endpoints);
}

struct chain_form {
	const char *name;
	const char *type; /* NULL: a chain that is only jumped to */
	uint32_t hook;
	int32_t priority;
};

static void put_chain(struct netlink_buffer *buffer, uint8_t family, const char *table, const struct chain_form *chain)
{
	size_t hook;

	nft_open(buffer, NFT_MSG_NEWCHAIN, NLM_F_CREATE, family, table);
	netlink_put_string(buffer, NFTA_CHAIN_NAME, chain->name);
	if (chain->type) {
		hook = netlink_nest(buffer, NFTA_CHAIN_HOOK);
		netlink_put_be32(buffer, NFTA_HOOK_HOOKNUM, chain->hook);
		netlink_put_be32(buffer, NFTA_HOOK_PRIORITY, (uint32_t)chain->priority);
		netlink_unnest(buffer, hook);
		netlink_put_be32(buffer, NFTA_CHAIN_POLICY, NF_ACCEPT);
		netlink_put_string(buffer, NFTA_CHAIN_TYPE, chain->type);
	}
	netlink_close(buffer);
	/* Without a handle this deletes every rule the chain has from an earlier call. */
	nft_open(buffer, NFT_MSG_DELRULE, 0, family, table);
	netlink_put_string(buffer, NFTA_RULE_CHAIN, chain->name);
	netlink_close(buffer);
}

static void put_chains(struct netlink_buffer *buffer, const char *table)
{
	static const struct chain_form chains[] = {
		{"published", NULL, 0, 0},
		{"guard", "filter", NF_INET_PRE_ROUTING, PRIORITY_GUARD},
		{"prerouting", "nat", NF_INET_PRE_ROUTING, PRIORITY_DSTNAT},
		{"output", "nat", NF_INET_LOCAL_OUT, PRIORITY_DSTNAT},
		{"postrouting", "nat", NF_INET_POST_ROUTING, PRIORITY_SRCNAT},
		{"forward", "filter", NF_INET_FORWARD, PRIORITY_FILTER},
	};
	static const struct chain_form bridge = {"prerouting", "filter", NF_INET_PRE_ROUTING, PRIORITY_BRIDGE};

	for (size_t i = 0; i < sizeof chains / sizeof chains[0]; i++)
		put_chain(buffer, NFPROTO_IPV4, table, &chains[i]);
	put_chain(buffer, NFPROTO_BRIDGE, table, &bridge);
}

struct rule {
	struct netlink_buffer *buffer;
	size_t list;
};

static struct rule rule_begin(struct netlink_buffer *buffer, uint8_t family, const char *table, const char *chain)
{
	struct rule rule = {.buffer = buffer};

	nft_open(buffer, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, family, table);
	netlink_put_string(buffer, NFTA_RULE_CHAIN, chain);
	rule.list = netlink_nest(buffer, NFTA_RULE_EXPRESSIONS);
	return rule;
}

static void rule_end(struct rule rule)
{
	netlink_unnest(rule.buffer, rule.list);
	netlink_close(rule.buffer);
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
	struct rule rule = rule_begin(buffer, NFPROTO_IPV4, table, "guard");

	put_in_bridges(buffer, NFT_META_IIFNAME, NFT_SET_BRIDGES, false);
	put_network_byte(buffer, IPV4_DESTINATION, loopback_net, sizeof loopback_net);
	nft_expr_verdict(buffer, NF_DROP, NULL);
	rule_end(rule);
	rule = rule_begin(buffer, NFPROTO_IPV4, table, "guard");
	put_in_bridges(buffer, NFT_META_IIFNAME, NFT_SET_BRIDGES, false);
	put_network_byte(buffer, IPV4_DESTINATION, link_local_net, sizeof link_local_net);
	nft_expr_verdict(buffer, NF_DROP, NULL);
	rule_end(rule);
}

/* What is addressed to the host, by others or by itself, goes to the container that published the port. */
static void put_published(struct netlink_buffer *buffer, const char *table)
{
	static const char *const entries[] = {"prerouting", "output"};
	struct rule rule;

	for (size_t i = 0; i < 2; i++) {
		rule = rule_begin(buffer, NFPROTO_IPV4, table, entries[i]);
		nft_expr_to_local(buffer);
		nft_expr_verdict(buffer, NFT_JUMP, "published");
		rule_end(rule);
	}
	rule = rule_begin(buffer, NFPROTO_IPV4, table, "published");
	nft_expr_payload(buffer, NFT_PAYLOAD_NETWORK_HEADER, IPV4_DESTINATION, 4, NFT_REG_1);
	nft_expr_payload(buffer, NFT_PAYLOAD_NETWORK_HEADER, IPV4_PROTOCOL, 1, NFT_REG32_01);
	nft_expr_payload(buffer, NFT_PAYLOAD_TRANSPORT_HEADER, PORT_DESTINATION, 2, NFT_REG32_02);
	nft_expr_map(buffer, NFT_MAP_PORTS_AT);
	nft_expr_destination(buffer);
	rule_end(rule);
	rule = rule_begin(buffer, NFPROTO_IPV4, table, "published");
	nft_expr_payload(buffer, NFT_PAYLOAD_NETWORK_HEADER, IPV4_PROTOCOL, 1, NFT_REG_1);
	nft_expr_payload(buffer, NFT_PAYLOAD_TRANSPORT_HEADER, PORT_DESTINATION, 2, NFT_REG32_01);
	nft_expr_map(buffer, NFT_MAP_PORTS);
	nft_expr_destination(buffer);
	rule_end(rule);
}

/* Masquerade: the host's loopback talking to a published port; a container talking to a published port; a container going out. */
static void put_postrouting(struct netlink_buffer *buffer, const char *table)
{
	struct rule rule = rule_begin(buffer, NFPROTO_IPV4, table, "postrouting");

	put_in_bridges(buffer, NFT_META_OIFNAME, NFT_SET_BRIDGES, false);
	put_network_byte(buffer, IPV4_SOURCE, loopback_net, sizeof loopback_net);
	nft_expr_masquerade(buffer);
	rule_end(rule);

	rule = rule_begin(buffer, NFPROTO_IPV4, table, "postrouting");
	put_in_bridges(buffer, NFT_META_OIFNAME, NFT_SET_BRIDGES, false);
	nft_expr_ct(buffer, NFT_CT_STATUS, NFT_REG_1);
	nft_expr_any_bit(buffer, IPS_DST_NAT);
	nft_expr_payload(buffer, NFT_PAYLOAD_NETWORK_HEADER, IPV4_SOURCE, 4, NFT_REG_1);
	nft_expr_in_set(buffer, NFT_SET_SUBNETS, false);
	nft_expr_masquerade(buffer);
	rule_end(rule);

	rule = rule_begin(buffer, NFPROTO_IPV4, table, "postrouting");
	nft_expr_payload(buffer, NFT_PAYLOAD_NETWORK_HEADER, IPV4_SOURCE, 4, NFT_REG_1);
	nft_expr_in_set(buffer, NFT_SET_SUBNETS, false);
	put_in_bridges(buffer, NFT_META_OIFNAME, NFT_SET_BRIDGES, true);
	nft_expr_masquerade(buffer);
	rule_end(rule);
}

static void put_interface_verdict(struct netlink_buffer *buffer, const char *table, uint32_t meta_key, const char *set,
				  int verdict)
{
	struct rule rule = rule_begin(buffer, NFPROTO_IPV4, table, "forward");

	put_in_bridges(buffer, meta_key, set, false);
	nft_expr_verdict(buffer, verdict, NULL);
	rule_end(rule);
}

/* Answers, neighbours on one bridge and published ports pass; nothing enters or leaves an internal network; nothing else enters a bridge,
 * neither from another bridge nor from outside. */
static void put_forward(struct netlink_buffer *buffer, const char *table)
{
	struct rule rule = rule_begin(buffer, NFPROTO_IPV4, table, "forward");

	nft_expr_ct(buffer, NFT_CT_STATE, NFT_REG_1);
	nft_expr_any_bit(buffer, CT_ESTABLISHED_OR_RELATED);
	nft_expr_verdict(buffer, NF_ACCEPT, NULL);
	rule_end(rule);

	rule = rule_begin(buffer, NFPROTO_IPV4, table, "forward");
	nft_expr_meta(buffer, NFT_META_IIFNAME, NFT_REG_1);
	nft_expr_meta(buffer, NFT_META_OIFNAME, NFT_REG_2);
	nft_expr_in_set(buffer, NFT_SET_SAME, false);
	nft_expr_verdict(buffer, NF_ACCEPT, NULL);
	rule_end(rule);

	put_interface_verdict(buffer, table, NFT_META_IIFNAME, NFT_SET_INTERNAL, NF_DROP);
	put_interface_verdict(buffer, table, NFT_META_OIFNAME, NFT_SET_INTERNAL, NF_DROP);

	rule = rule_begin(buffer, NFPROTO_IPV4, table, "forward");
	nft_expr_ct(buffer, NFT_CT_STATUS, NFT_REG_1);
	nft_expr_any_bit(buffer, IPS_DST_NAT);
	nft_expr_verdict(buffer, NF_ACCEPT, NULL);
	rule_end(rule);

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
	struct rule rule = rule_begin(buffer, NFPROTO_BRIDGE, table, "prerouting");

	nft_expr_payload(buffer, NFT_PAYLOAD_LL_HEADER, ETHER_TYPE, sizeof type, NFT_REG_1);
	nft_expr_compare(buffer, NFT_CMP_EQ, &type, sizeof type);
	put_endpoint_check(buffer, NFT_PAYLOAD_LL_HEADER, ETHER_SOURCE, arp ? ARP_SENDER_IP : IPV4_SOURCE);
	if (arp)
		put_endpoint_check(buffer, NFT_PAYLOAD_NETWORK_HEADER, ARP_SENDER_MAC, ARP_SENDER_IP);
	nft_expr_verdict(buffer, NF_ACCEPT, NULL);
	rule_end(rule);
}

/* From our veths only IPv4 and ARP pass, and only with the addresses the container was given. */
static void put_bridge(struct netlink_buffer *buffer, const char *table, const char *veth_prefix)
{
	struct rule rule = rule_begin(buffer, NFPROTO_BRIDGE, table, "prerouting");

	nft_expr_meta(buffer, NFT_META_IIFNAME, NFT_REG_1);
	nft_expr_compare(buffer, NFT_CMP_NEQ, veth_prefix, strlen(veth_prefix));
	nft_expr_verdict(buffer, NF_ACCEPT, NULL);
	rule_end(rule);
	put_known_sender(buffer, table, ETH_P_IP);
	put_known_sender(buffer, table, ETH_P_ARP);
	rule = rule_begin(buffer, NFPROTO_BRIDGE, table, "prerouting");
	nft_expr_verdict(buffer, NF_DROP, NULL);
	rule_end(rule);
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
