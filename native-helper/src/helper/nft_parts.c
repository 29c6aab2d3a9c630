#include "nft_parts.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "../common/netlink.h"

#define IPV4_BYTES 4
#define IPV6_BYTES 16
#define PORT_PADDED 4

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

/* The kernel must know where the fields of a concatenated range end. */
static void put_fields(struct netlink_buffer *buffer, const struct nft_set_form *set)
{
	size_t description = netlink_nest(buffer, NFTA_SET_DESC);
	size_t fields = netlink_nest(buffer, NFTA_SET_DESC_CONCAT);

	for (uint32_t at = 0; at < set->key_length; at += set->field_length) {
		size_t field = netlink_nest(buffer, NFTA_LIST_ELEM);

		netlink_put_be32(buffer, NFTA_SET_FIELD_LEN, set->field_length);
		netlink_unnest(buffer, field);
	}
	netlink_unnest(buffer, fields);
	netlink_unnest(buffer, description);
}

void nft_set_put(struct netlink_buffer *buffer, uint8_t family, const char *table, const struct nft_set_form *set)
{
	static uint32_t id;

	nft_open(buffer, NFT_MSG_NEWSET, NLM_F_CREATE, family, table);
	netlink_put_string(buffer, NFTA_SET_NAME, set->name);
	netlink_put_be32(buffer, NFTA_SET_FLAGS, set->flags);
	netlink_put_be32(buffer, NFTA_SET_KEY_TYPE, set->key_type);
	netlink_put_be32(buffer, NFTA_SET_KEY_LEN, set->key_length);
	if (set->flags & NFT_SET_MAP) {
		bool is6 = family == NFPROTO_IPV6;

		netlink_put_be32(buffer, NFTA_SET_DATA_TYPE, NFT_TYPE_PAIR(is6 ? NFT_TYPE_IPV6 : NFT_TYPE_IPV4, NFT_TYPE_SERVICE));
		netlink_put_be32(buffer, NFTA_SET_DATA_LEN, (is6 ? IPV6_BYTES : IPV4_BYTES) + PORT_PADDED);
	}
	if (set->flags & NFT_SET_CONCAT)
		put_fields(buffer, set);
	netlink_put_be32(buffer, NFTA_SET_ID, ++id);
	netlink_close(buffer);
}

void nft_chain_put(struct netlink_buffer *buffer, uint8_t family, const char *table, const struct nft_chain_form *chain)
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

struct nft_rule nft_rule_begin(struct netlink_buffer *buffer, uint8_t family, const char *table, const char *chain)
{
	struct nft_rule rule = {.buffer = buffer};

	nft_open(buffer, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, family, table);
	netlink_put_string(buffer, NFTA_RULE_CHAIN, chain);
	rule.list = netlink_nest(buffer, NFTA_RULE_EXPRESSIONS);
	return rule;
}

void nft_rule_end(struct nft_rule rule)
{
	netlink_unnest(rule.buffer, rule.list);
	netlink_close(rule.buffer);
}
