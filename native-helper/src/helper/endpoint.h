/* The places of containers on networks, and what network.c and endpoint.c share. */
#ifndef TALLYMAN_ENDPOINT_H
#define TALLYMAN_ENDPOINT_H

#include <linux/if.h>

#include "endpoint_state.h"
#include "network.h"
#include "nft.h"

#define NAME_ID_CHARS 10 /* of the id, in names of links (15 characters at most) */
#define NETWORK_VETH_MARK "v" /* no hex digit, so that no veth is named like a bridge */

/* 02:42 and the address, as Docker does: locally administered, and the same again after a restart. */
void network_mac(uint32_t address, const uint8_t *address6, uint8_t mac[6]);
uint32_t network_mask(uint32_t prefix);
/* Whether a host can have ADDRESS: it is not the network's own, and no multicast. */
bool network_is_host6(const uint8_t *address, uint32_t prefix);

/* The elements of an endpoint; points into STATE. */
struct nft_endpoint endpoint_rules(const struct endpoint_state *state);

#endif
