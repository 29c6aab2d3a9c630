/* Expressions of nftables rules, as netlink attributes. Each function appends one expression to the open list of a rule. */
#ifndef TALLYMAN_NFT_EXPR_H
#define TALLYMAN_NFT_EXPR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct netlink_buffer;

/* Loads what META names (enum nft_meta_keys) into register DREG. */
void nft_expr_meta(struct netlink_buffer *buffer, uint32_t key, uint32_t dreg);
/* Loads what CT names (enum nft_ct_keys) of the packet's connection. */
void nft_expr_ct(struct netlink_buffer *buffer, uint32_t key, uint32_t dreg);
/* Loads LENGTH bytes at OFFSET of a header (enum nft_payload_bases). */
void nft_expr_payload(struct netlink_buffer *buffer, uint32_t base, uint32_t offset, uint32_t length, uint32_t dreg);
/* The rule goes on if register 1 compares with VALUE as OPERATION says (enum nft_cmp_ops). */
void nft_expr_compare(struct netlink_buffer *buffer, uint32_t operation, const void *value, size_t length);
/* The rule goes on if one of the bits of MASK is set in register 1. */
void nft_expr_any_bit(struct netlink_buffer *buffer, uint32_t mask);
/* The rule goes on if register 1 is an element of SET (or is none, with INVERTED). */
void nft_expr_in_set(struct netlink_buffer *buffer, const char *set, bool inverted);
/* Replaces register 1 by what MAP holds for it; the rule ends when it holds nothing. */
void nft_expr_map(struct netlink_buffer *buffer, const char *map);
/* The rule goes on if the packet's destination is an address of this host. */
void nft_expr_to_local(struct netlink_buffer *buffer);
/* Ends the rule: VERDICT is NF_ACCEPT, NF_DROP or NFT_JUMP to CHAIN. */
void nft_expr_verdict(struct netlink_buffer *buffer, int verdict, const char *chain);
/* Loads VALUE, of at most 16 bytes, into register DREG. */
void nft_expr_load(struct netlink_buffer *buffer, uint32_t dreg, const void *value, size_t length);
void nft_expr_masquerade(struct netlink_buffer *buffer);
/* Sends the packet to the address of FAMILY (AF_INET, AF_INET6) in register 1 and the port in register PORT. */
void nft_expr_destination(struct netlink_buffer *buffer, uint32_t family, uint32_t port);

#endif
