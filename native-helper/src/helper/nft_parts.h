/* Sets, chains and rules of nftables as netlink messages; what a rule says is in nft_expr.h. */
#ifndef TALLYMAN_NFT_PARTS_H
#define TALLYMAN_NFT_PARTS_H

#include <stddef.h>
#include <stdint.h>

struct netlink_buffer;

/* Numbers nft(8) gives the types of keys, 6 bits each; only so that `nft list ruleset` can show them. */
#define NFT_TYPE_IPV4 7
#define NFT_TYPE_IPV6 8
#define NFT_TYPE_ETHER 9
#define NFT_TYPE_PROTOCOL 12
#define NFT_TYPE_SERVICE 13
#define NFT_TYPE_IFNAME 41
#define NFT_TYPE_PAIR(a, b) ((a) << 6 | (b))
#define NFT_TYPE_TRIPLE(a, b, c) ((a) << 12 | (b) << 6 | (c))

struct nft_set_form {
	const char *name;
	uint32_t flags; /* enum nft_set_flags; a map leads to an address of the table's family . inet_service */
	uint32_t key_type;
	uint32_t key_length;
	uint32_t field_length; /* of each of the fields of a concatenated range */
};

struct nft_chain_form {
	const char *name;
	const char *type; /* NULL: a chain that is only jumped to */
	uint32_t hook;
	int32_t priority;
};

struct nft_rule {
	struct netlink_buffer *buffer;
	size_t list;
};

/* Starts a message TYPE (enum nf_tables_msg_types) about the table of FAMILY (NFPROTO_IPV4, NFPROTO_IPV6 or NFPROTO_BRIDGE). The name attribute has the
 * number 1 in every kind of message. */
void nft_open(struct netlink_buffer *buffer, uint16_t type, uint16_t flags, uint8_t family, const char *table);

/* Brackets of a transaction. */
void nft_batch_begin(struct netlink_buffer *buffer);
void nft_batch_end(struct netlink_buffer *buffer);

void nft_set_put(struct netlink_buffer *buffer, uint8_t family, const char *table, const struct nft_set_form *set);
/* Makes the chain, or empties it. */
void nft_chain_put(struct netlink_buffer *buffer, uint8_t family, const char *table, const struct nft_chain_form *chain);

/* A rule at the end of CHAIN; its expressions come in between. */
struct nft_rule nft_rule_begin(struct netlink_buffer *buffer, uint8_t family, const char *table, const char *chain);
void nft_rule_end(struct nft_rule rule);

#endif
