#include "nft_expr.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>

#include "../common/netlink.h"

struct expression {
	size_t element;
	size_t data;
};

static struct expression begin(struct netlink_buffer *buffer, const char *name)
{
	struct expression start;

	start.element = netlink_nest(buffer, NFTA_LIST_ELEM);
	netlink_put_string(buffer, NFTA_EXPR_NAME, name);
	start.data = netlink_nest(buffer, NFTA_EXPR_DATA);
	return start;
}

static void end(struct netlink_buffer *buffer, struct expression start)
{
	netlink_unnest(buffer, start.data);
	netlink_unnest(buffer, start.element);
}

static void put_value(struct netlink_buffer *buffer, uint16_t attribute, const void *value, size_t length)
{
	size_t nest = netlink_nest(buffer, attribute);

	netlink_put(buffer, NFTA_DATA_VALUE, value, length);
	netlink_unnest(buffer, nest);
}

void nft_expr_meta(struct netlink_buffer *buffer, uint32_t key, uint32_t dreg)
{
	struct expression start = begin(buffer, "meta");

	netlink_put_be32(buffer, NFTA_META_KEY, key);
	netlink_put_be32(buffer, NFTA_META_DREG, dreg);
	end(buffer, start);
}

void nft_expr_ct(struct netlink_buffer *buffer, uint32_t key, uint32_t dreg)
{
	struct expression start = begin(buffer, "ct");

	netlink_put_be32(buffer, NFTA_CT_KEY, key);
	netlink_put_be32(buffer, NFTA_CT_DREG, dreg);
	end(buffer, start);
}

void nft_expr_payload(struct netlink_buffer *buffer, uint32_t base, uint32_t offset, uint32_t length, uint32_t dreg)
{
	struct expression start = begin(buffer, "payload");

	netlink_put_be32(buffer, NFTA_PAYLOAD_DREG, dreg);
	netlink_put_be32(buffer, NFTA_PAYLOAD_BASE, base);
	netlink_put_be32(buffer, NFTA_PAYLOAD_OFFSET, offset);
	netlink_put_be32(buffer, NFTA_PAYLOAD_LEN, length);
	end(buffer, start);
}

void nft_expr_compare(struct netlink_buffer *buffer, uint32_t operation, const void *value, size_t length)
{
	struct expression start = begin(buffer, "cmp");

	netlink_put_be32(buffer, NFTA_CMP_SREG, NFT_REG_1);
	netlink_put_be32(buffer, NFTA_CMP_OP, operation);
	put_value(buffer, NFTA_CMP_DATA, value, length);
	end(buffer, start);
}

void nft_expr_any_bit(struct netlink_buffer *buffer, uint32_t mask)
{
	const uint32_t zero = 0;
	struct expression start = begin(buffer, "bitwise");

	netlink_put_be32(buffer, NFTA_BITWISE_SREG, NFT_REG_1);
	netlink_put_be32(buffer, NFTA_BITWISE_DREG, NFT_REG_1);
	netlink_put_be32(buffer, NFTA_BITWISE_LEN, sizeof mask);
	put_value(buffer, NFTA_BITWISE_MASK, &mask, sizeof mask);
	put_value(buffer, NFTA_BITWISE_XOR, &zero, sizeof zero);
	end(buffer, start);
	nft_expr_compare(buffer, NFT_CMP_NEQ, &zero, sizeof zero);
}

void nft_expr_in_set(struct netlink_buffer *buffer, const char *set, bool inverted)
{
	struct expression start = begin(buffer, "lookup");

	netlink_put_string(buffer, NFTA_LOOKUP_SET, set);
	netlink_put_be32(buffer, NFTA_LOOKUP_SREG, NFT_REG_1);
	if (inverted)
		netlink_put_be32(buffer, NFTA_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
	end(buffer, start);
}

void nft_expr_map(struct netlink_buffer *buffer, const char *map)
{
	struct expression start = begin(buffer, "lookup");

	netlink_put_string(buffer, NFTA_LOOKUP_SET, map);
	netlink_put_be32(buffer, NFTA_LOOKUP_SREG, NFT_REG_1);
	netlink_put_be32(buffer, NFTA_LOOKUP_DREG, NFT_REG_1);
	end(buffer, start);
}

void nft_expr_to_local(struct netlink_buffer *buffer)
{
	const uint32_t local = RTN_LOCAL;
	struct expression start = begin(buffer, "fib");

	netlink_put_be32(buffer, NFTA_FIB_DREG, NFT_REG_1);
	netlink_put_be32(buffer, NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
	netlink_put_be32(buffer, NFTA_FIB_FLAGS, NFTA_FIB_F_DADDR);
	end(buffer, start);
	nft_expr_compare(buffer, NFT_CMP_EQ, &local, sizeof local);
}

void nft_expr_verdict(struct netlink_buffer *buffer, int verdict, const char *chain)
{
	struct expression start = begin(buffer, "immediate");
	size_t value;
	size_t code;

	netlink_put_be32(buffer, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	value = netlink_nest(buffer, NFTA_IMMEDIATE_DATA);
	code = netlink_nest(buffer, NFTA_DATA_VERDICT);
	netlink_put_be32(buffer, NFTA_VERDICT_CODE, (uint32_t)verdict);
	if (chain)
		netlink_put_string(buffer, NFTA_VERDICT_CHAIN, chain);
	netlink_unnest(buffer, code);
	netlink_unnest(buffer, value);
	end(buffer, start);
}

void nft_expr_load(struct netlink_buffer *buffer, uint32_t dreg, const void *value, size_t length)
{
	struct expression start = begin(buffer, "immediate");

	netlink_put_be32(buffer, NFTA_IMMEDIATE_DREG, dreg);
	put_value(buffer, NFTA_IMMEDIATE_DATA, value, length);
	end(buffer, start);
}

void nft_expr_masquerade(struct netlink_buffer *buffer)
{
	end(buffer, begin(buffer, "masq"));
}

void nft_expr_destination(struct netlink_buffer *buffer, uint32_t family, uint32_t port)
{
	struct expression start = begin(buffer, "nat");

	netlink_put_be32(buffer, NFTA_NAT_TYPE, NFT_NAT_DNAT);
	netlink_put_be32(buffer, NFTA_NAT_FAMILY, family);
	netlink_put_be32(buffer, NFTA_NAT_REG_ADDR_MIN, NFT_REG_1);
	netlink_put_be32(buffer, NFTA_NAT_REG_PROTO_MIN, port);
	end(buffer, start);
}
