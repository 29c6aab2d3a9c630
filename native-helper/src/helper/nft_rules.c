#include "nft_rules.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

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
/* RFC 8200 (IPv6), RFC 4861 (neighbour discovery). */
#define IPV6_SOURCE 8
#define IPV6_DESTINATION 24
#define ICMP6_TYPE 0
#define ICMP6_TARGET 8
#define ICMP6_ROUTER_SOLICITATION 133
#define ICMP6_ROUTER_ADVERTISEMENT 134
#define ICMP6_NEIGHBOUR_ADVERTISEMENT 136
#define ICMP6_REDIRECT 137

#define CT_ESTABLISHED_OR_RELATED 6 /* NF_CT_STATE_BIT of both */

/* Priorities: before connection tracking (-200), and those of nft's "dstnat", "srcnat" and "filter". */
#define PRIORITY_GUARD (-310)
#define PRIORITY_DSTNAT (-100)
#define PRIORITY_SRCNAT 100
#define PRIORITY_FILTER 0
#define PRIORITY_BRIDGE (-300)

/* What differs between the tables "ip" and "ip6". */
struct layout {
	uint8_t family;
	uint32_t nat_family;
	uint32_t address_type, address_length; /* of a key */
	uint32_t source, destination;          /* offsets in the header */
	uint32_t second, third; /* registers for the parts of a key behind an address */
};

static const struct layout ipv4 = {
	NFPROTO_IPV4, AF_INET, NFT_TYPE_IPV4, 4, IPV4_SOURCE, IPV4_DESTINATION, NFT_REG32_01, NFT_REG32_02,
};
static const struct layout ipv6 = {
	NFPROTO_IPV6, AF_INET6, NFT_TYPE_IPV6, 16, IPV6_SOURCE, IPV6_DESTINATION, NFT_REG32_04, NFT_REG32_05,
};

static void put_sets(struct netlink_buffer *buffer, const char *table, const struct layout *layout)
{
	const uint32_t type = layout->address_type, length = layout->address_length;
	const struct nft_set_form forms[] = {
		{NFT_SET_BRIDGES, 0, NFT_TYPE_IFNAME, IFNAME_BYTES, 0},
		{NFT_SET_SAME, 0, NFT_TYPE_PAIR(NFT_TYPE_IFNAME, NFT_TYPE_IFNAME), 2 * IFNAME_BYTES, 0},
		{NFT_SET_INTERNAL, 0, NFT_TYPE_IFNAME, IFNAME_BYTES, 0},
		{NFT_SET_SUBNETS, NFT_SET_INTERVAL, type, length, 0},
		{NFT_SET_RESTRICTED, 0, type, length, 0},
		{NFT_SET_SOURCES, NFT_SET_INTERVAL | NFT_SET_CONCAT, NFT_TYPE_PAIR(type, type), 2 * length, length},
		{NFT_MAP_PORTS, NFT_SET_MAP, NFT_TYPE_PAIR(NFT_TYPE_PROTOCOL, NFT_TYPE_SERVICE), 8, 0},
		{NFT_MAP_PORTS_AT, NFT_SET_MAP, NFT_TYPE_TRIPLE(type, NFT_TYPE_PROTOCOL, NFT_TYPE_SERVICE), length + 8, 0},
	};

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
		nft_set_put(buffer, layout->family, table, &forms[i]);
}

static void put_chains(struct netlink_buffer *buffer, const char *table, const struct layout *layout)
{
	static const struct nft_chain_form chains[] = {
		{"published", NULL, 0, 0},
		{"guard", "filter", NF_INET_PRE_ROUTING, PRIORITY_GUARD},
		{"prerouting", "nat", NF_INET_PRE_ROUTING, PRIORITY_DSTNAT},
		{"output", "nat", NF_INET_LOCAL_OUT, PRIORITY_DSTNAT},
		{"postrouting", "nat", NF_INET_POST_ROUTING, PRIORITY_SRCNAT},
		{"forward", "filter", NF_INET_FORWARD, PRIORITY_FILTER},
	};

	for (size_t i = 0; i < sizeof chains / sizeof chains[0]; i++)
		nft_chain_put(buffer, layout->family, table, &chains[i]);
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

/* Clouds keep credentials at these too. */
static const uint8_t link_local6_net[] = {0xfe, 0x80};
static const uint8_t cloud6_nets[][4] = {{0xfd, 0x00, 0x0e, 0xc2}, {0xfd, 0x20, 0x00, 0xce}};
static const uint8_t loopback6[16] = {[15] = 1};
static const uint8_t icmp6 = IPPROTO_ICMPV6;

static void put_guarded(struct netlink_buffer *buffer, const char *table, const struct layout *layout, const uint8_t *net, uint32_t length)
{
	struct nft_rule rule = nft_rule_begin(buffer, layout->family, table, "guard");

	put_in_bridges(buffer, NFT_META_IIFNAME, NFT_SET_BRIDGES, false);
	put_network_byte(buffer, layout->destination, net, length);
	if (net == link_local6_net) { /* the bridge is told there who its neighbours are */
		nft_expr_meta(buffer, NFT_META_L4PROTO, NFT_REG_1);
		nft_expr_compare(buffer, NFT_CMP_NEQ, &icmp6, sizeof icmp6);
	}
	nft_expr_verdict(buffer, NF_DROP, NULL);
	nft_rule_end(rule);
}

/* From a container nothing goes to the host's loopback (bridges have route_localnet, for published ports) nor to the addresses
 * where clouds keep their credentials. Seen before address translation, so that answers to translated connections pass. */
static void put_guard(struct netlink_buffer *buffer, const char *table, const struct layout *layout)
{
	if (layout->family == NFPROTO_IPV4) {
		put_guarded(buffer, table, layout, loopback_net, sizeof loopback_net);
		put_guarded(buffer, table, layout, link_local_net, sizeof link_local_net);
		return;
	}
	put_guarded(buffer, table, layout, loopback6, sizeof loopback6);
	put_guarded(buffer, table, layout, link_local6_net, sizeof link_local6_net);
	for (size_t i = 0; i < 2; i++)
		put_guarded(buffer, table, layout, cloud6_nets[i], sizeof cloud6_nets[i]);
}

static void put_protocol(struct netlink_buffer *buffer, const struct layout *layout, uint32_t dreg)
{
	if (layout->family == NFPROTO_IPV4)
		nft_expr_payload(buffer, NFT_PAYLOAD_NETWORK_HEADER, IPV4_PROTOCOL, 1, dreg);
	else /* behind all extension headers */
		nft_expr_meta(buffer, NFT_META_L4PROTO, dreg);
}

/* What is addressed to the host, by others or by itself, goes to the container that published the port. Not what the host sends to ::1, whose
 * answers the kernel would take for martians: nothing is translated there, so that whoever tries is told at once that nobody listens. */
static void put_published(struct netlink_buffer *buffer, const char *table, const struct layout *layout)
{
	static const char *const entries[] = {"prerouting", "output"};
	struct nft_rule rule;

	for (size_t i = 0; i < 2; i++) {
		rule = nft_rule_begin(buffer, layout->family, table, entries[i]);
		if (layout->family == NFPROTO_IPV6) {
			nft_expr_payload(buffer, NFT_PAYLOAD_NETWORK_HEADER, IPV6_DESTINATION, sizeof loopback6, NFT_REG_1);
			nft_expr_compare(buffer, NFT_CMP_NEQ, loopback6, sizeof loopback6);
		}
		nft_expr_to_local(buffer);
		nft_expr_verdict(buffer, NFT_JUMP, "published");
		nft_rule_end(rule);
	}
	rule = nft_rule_begin(buffer, layout->family, table, "published");
	nft_expr_payload(buffer, NFT_PAYLOAD_NETWORK_HEADER, layout->destination, layout->address_length, NFT_REG_1);
	put_protocol(buffer, layout, layout->second);
	nft_expr_payload(buffer, NFT_PAYLOAD_TRANSPORT_HEADER, PORT_DESTINATION, 2, layout->third);
	nft_expr_map(buffer, NFT_MAP_PORTS_AT);
	nft_expr_destination(buffer, layout->nat_family, layout->second);
	nft_rule_end(rule);
	rule = nft_rule_begin(buffer, layout->family, table, "published");
	put_protocol(buffer, layout, NFT_REG_1);
	nft_expr_payload(buffer, NFT_PAYLOAD_TRANSPORT_HEADER, PORT_DESTINATION, 2, NFT_REG32_01);
	nft_expr_map(buffer, NFT_MAP_PORTS);
	nft_expr_destination(buffer, layout->nat_family, layout->second);
	nft_rule_end(rule);
}

static void put_address(struct netlink_buffer *buffer, const struct layout *layout, uint32_t offset, uint32_t dreg)
{
	nft_expr_payload(buffer, NFT_PAYLOAD_NETWORK_HEADER, offset, layout->address_length, dreg);
}

/* Masquerade: the host's loopback talking to a published port; a container talking to a published port; a container going out. */
static void put_postrouting(struct netlink_buffer *buffer, const char *table, const struct layout *layout)
{
	struct nft_rule rule;

	if (layout->family == NFPROTO_IPV4) {
		rule = nft_rule_begin(buffer, layout->family, table, "postrouting");
		put_in_bridges(buffer, NFT_META_OIFNAME, NFT_SET_BRIDGES, false);
		put_network_byte(buffer, IPV4_SOURCE, loopback_net, sizeof loopback_net);
		nft_expr_masquerade(buffer);
		nft_rule_end(rule);
	}
	rule = nft_rule_begin(buffer, layout->family, table, "postrouting");
	put_in_bridges(buffer, NFT_META_OIFNAME, NFT_SET_BRIDGES, false);
	nft_expr_ct(buffer, NFT_CT_STATUS, NFT_REG_1);
	nft_expr_any_bit(buffer, IPS_DST_NAT);
	put_address(buffer, layout, layout->source, NFT_REG_1);
	nft_expr_in_set(buffer, NFT_SET_SUBNETS, false);
	nft_expr_masquerade(buffer);
	nft_rule_end(rule);

	rule = nft_rule_begin(buffer, layout->family, table, "postrouting");
	put_address(buffer, layout, layout->source, NFT_REG_1);
	nft_expr_in_set(buffer, NFT_SET_SUBNETS, false);
	put_in_bridges(buffer, NFT_META_OIFNAME, NFT_SET_BRIDGES, true);
	nft_expr_masquerade(buffer);
	nft_rule_end(rule);
}

static void put_interface_verdict(struct netlink_buffer *buffer, const char *table, const struct layout *layout, uint32_t meta_key,
				  const char *set, int verdict)
{
	struct nft_rule rule = nft_rule_begin(buffer, layout->family, table, "forward");

	put_in_bridges(buffer, meta_key, set, false);
	nft_expr_verdict(buffer, verdict, NULL);
	nft_rule_end(rule);
}

/* What is new at a published port that is for some sources only, and comes from another. The host itself is not asked: it does not forward. */
static void put_restricted(struct netlink_buffer *buffer, const char *table, const struct layout *layout)
{
	struct nft_rule rule = nft_rule_begin(buffer, layout->family, table, "forward");

	nft_expr_ct(buffer, NFT_CT_STATUS, NFT_REG_1);
	nft_expr_any_bit(buffer, IPS_DST_NAT);
	put_address(buffer, layout, layout->destination, NFT_REG_1);
	nft_expr_in_set(buffer, NFT_SET_RESTRICTED, false);
	put_address(buffer, layout, layout->destination, NFT_REG_1);
	put_address(buffer, layout, layout->source, layout->second);
	nft_expr_in_set(buffer, NFT_SET_SOURCES, true);
	nft_expr_verdict(buffer, NF_DROP, NULL);
	nft_rule_end(rule);
}

/* Answers, neighbours on one bridge and published ports pass; nothing enters or leaves an internal network; nothing else enters a bridge,
 * neither from another bridge nor from outside. */
static void put_forward(struct netlink_buffer *buffer, const char *table, const struct layout *layout)
{
	struct nft_rule rule = nft_rule_begin(buffer, layout->family, table, "forward");

	nft_expr_ct(buffer, NFT_CT_STATE, NFT_REG_1);
	nft_expr_any_bit(buffer, CT_ESTABLISHED_OR_RELATED);
	nft_expr_verdict(buffer, NF_ACCEPT, NULL);
	nft_rule_end(rule);
	put_restricted(buffer, table, layout);

	rule = nft_rule_begin(buffer, layout->family, table, "forward");
	nft_expr_meta(buffer, NFT_META_IIFNAME, NFT_REG_1);
	nft_expr_meta(buffer, NFT_META_OIFNAME, NFT_REG_2);
	nft_expr_in_set(buffer, NFT_SET_SAME, false);
	nft_expr_verdict(buffer, NF_ACCEPT, NULL);
	nft_rule_end(rule);

	put_interface_verdict(buffer, table, layout, NFT_META_IIFNAME, NFT_SET_INTERNAL, NF_DROP);
	put_interface_verdict(buffer, table, layout, NFT_META_OIFNAME, NFT_SET_INTERNAL, NF_DROP);

	rule = nft_rule_begin(buffer, layout->family, table, "forward");
	nft_expr_ct(buffer, NFT_CT_STATUS, NFT_REG_1);
	nft_expr_any_bit(buffer, IPS_DST_NAT);
	nft_expr_verdict(buffer, NF_ACCEPT, NULL);
	nft_rule_end(rule);

	put_interface_verdict(buffer, table, layout, NFT_META_OIFNAME, NFT_SET_BRIDGES, NF_DROP);
}

/* Goes on if the sender is one of our endpoints, by the port it came in, the MAC address at MAC and the address at IP. */
static void put_endpoint_check(struct netlink_buffer *buffer, uint32_t mac_base, uint32_t mac, uint32_t ip)
{
	nft_expr_meta(buffer, NFT_META_IIFNAME, NFT_REG_1);
	nft_expr_payload(buffer, mac_base, mac, 6, NFT_REG_2);
	nft_expr_payload(buffer, NFT_PAYLOAD_NETWORK_HEADER, ip, 4, NFT_REG32_06);
	nft_expr_in_set(buffer, NFT_SET_ENDPOINTS, false);
}

static void put_endpoint6_check(struct netlink_buffer *buffer, uint32_t base, uint32_t ip, bool inverted)
{
	nft_expr_meta(buffer, NFT_META_IIFNAME, NFT_REG_1);
	nft_expr_payload(buffer, NFT_PAYLOAD_LL_HEADER, ETHER_SOURCE, 6, NFT_REG_2);
	nft_expr_payload(buffer, base, ip, 16, NFT_REG32_06);
	nft_expr_in_set(buffer, NFT_SET_ENDPOINTS6, inverted);
}

static struct nft_rule begin_of_type(struct netlink_buffer *buffer, const char *table, uint16_t ethertype)
{
	const uint16_t type = htons(ethertype);
	struct nft_rule rule = nft_rule_begin(buffer, NFPROTO_BRIDGE, table, "prerouting");

	nft_expr_payload(buffer, NFT_PAYLOAD_LL_HEADER, ETHER_TYPE, sizeof type, NFT_REG_1);
	nft_expr_compare(buffer, NFT_CMP_EQ, &type, sizeof type);
	return rule;
}

static void put_known_sender(struct netlink_buffer *buffer, const char *table, uint16_t ethertype)
{
	bool arp = ethertype == ETH_P_ARP;
	struct nft_rule rule = begin_of_type(buffer, table, ethertype);

	put_endpoint_check(buffer, NFT_PAYLOAD_LL_HEADER, ETHER_SOURCE, arp ? ARP_SENDER_IP : IPV4_SOURCE);
	if (arp)
		put_endpoint_check(buffer, NFT_PAYLOAD_NETWORK_HEADER, ARP_SENDER_MAC, ARP_SENDER_IP);
	nft_expr_verdict(buffer, NF_ACCEPT, NULL);
	nft_rule_end(rule);
}

/* Begins a rule about messages of ICMPv6 of TYPE, behind whatever extension headers. */
static struct nft_rule begin_icmp6(struct netlink_buffer *buffer, const char *table, uint8_t type)
{
	struct nft_rule rule = begin_of_type(buffer, table, ETH_P_IPV6);

	nft_expr_meta(buffer, NFT_META_L4PROTO, NFT_REG_1);
	nft_expr_compare(buffer, NFT_CMP_EQ, &icmp6, sizeof icmp6);
	nft_expr_payload(buffer, NFT_PAYLOAD_TRANSPORT_HEADER, ICMP6_TYPE, sizeof type, NFT_REG_1);
	nft_expr_compare(buffer, NFT_CMP_EQ, &type, sizeof type);
	return rule;
}

/* A container is no router, and says of no address but its own where it is. */
static void put_neighbours6(struct netlink_buffer *buffer, const char *table)
{
	static const uint8_t of_routers[] = {ICMP6_ROUTER_SOLICITATION, ICMP6_ROUTER_ADVERTISEMENT, ICMP6_REDIRECT};
	struct nft_rule rule;

	for (size_t i = 0; i < sizeof of_routers; i++) {
		rule = begin_icmp6(buffer, table, of_routers[i]);
		nft_expr_verdict(buffer, NF_DROP, NULL);
		nft_rule_end(rule);
	}
	rule = begin_icmp6(buffer, table, ICMP6_NEIGHBOUR_ADVERTISEMENT);
	put_endpoint6_check(buffer, NFT_PAYLOAD_TRANSPORT_HEADER, ICMP6_TARGET, true);
	nft_expr_verdict(buffer, NF_DROP, NULL);
	nft_rule_end(rule);
}

/* From our veths only IPv4, ARP and IPv6 pass, and only with the addresses the container was given. */
static void put_bridge(struct netlink_buffer *buffer, const char *table, const char *veth_prefix)
{
	static const struct nft_chain_form chain = {"prerouting", "filter", NF_INET_PRE_ROUTING, PRIORITY_BRIDGE};
	static const struct nft_set_form endpoints[] = {
		{NFT_SET_ENDPOINTS, 0, NFT_TYPE_TRIPLE(NFT_TYPE_IFNAME, NFT_TYPE_ETHER, NFT_TYPE_IPV4), IFNAME_BYTES + 12, 0},
		{NFT_SET_ENDPOINTS6, 0, NFT_TYPE_TRIPLE(NFT_TYPE_IFNAME, NFT_TYPE_ETHER, NFT_TYPE_IPV6), IFNAME_BYTES + 24, 0},
	};
	struct nft_rule rule;

	nft_set_put(buffer, NFPROTO_BRIDGE, table, &endpoints[0]);
	nft_set_put(buffer, NFPROTO_BRIDGE, table, &endpoints[1]);
	nft_chain_put(buffer, NFPROTO_BRIDGE, table, &chain);
	rule = nft_rule_begin(buffer, NFPROTO_BRIDGE, table, "prerouting");
	nft_expr_meta(buffer, NFT_META_IIFNAME, NFT_REG_1);
	nft_expr_compare(buffer, NFT_CMP_NEQ, veth_prefix, strlen(veth_prefix));
	nft_expr_verdict(buffer, NF_ACCEPT, NULL);
	nft_rule_end(rule);
	put_known_sender(buffer, table, ETH_P_IP);
	put_known_sender(buffer, table, ETH_P_ARP);
	put_neighbours6(buffer, table);
	rule = begin_of_type(buffer, table, ETH_P_IPV6);
	put_endpoint6_check(buffer, NFT_PAYLOAD_NETWORK_HEADER, IPV6_SOURCE, false);
	nft_expr_verdict(buffer, NF_ACCEPT, NULL);
	nft_rule_end(rule);
	rule = nft_rule_begin(buffer, NFPROTO_BRIDGE, table, "prerouting");
	nft_expr_verdict(buffer, NF_DROP, NULL);
	nft_rule_end(rule);
}

static void put_table(struct netlink_buffer *buffer, const char *table, const struct layout *layout)
{
	nft_open(buffer, NFT_MSG_NEWTABLE, NLM_F_CREATE, layout->family, table);
	netlink_close(buffer);
	put_sets(buffer, table, layout);
	put_chains(buffer, table, layout);
	put_guard(buffer, table, layout);
	put_published(buffer, table, layout);
	put_postrouting(buffer, table, layout);
	put_forward(buffer, table, layout);
}

void nft_rules_put(struct netlink_buffer *buffer, const char *table, const char *veth_prefix, bool has6)
{
	put_table(buffer, table, &ipv4);
	if (has6)
		put_table(buffer, table, &ipv6);
	nft_open(buffer, NFT_MSG_NEWTABLE, NLM_F_CREATE, NFPROTO_BRIDGE, table);
	netlink_close(buffer);
	put_bridge(buffer, table, veth_prefix);
}
