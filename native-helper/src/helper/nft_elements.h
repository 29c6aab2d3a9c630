/* Networks and containers as elements of the sets that the rules ask (nft_rules.h). Pure but for memory. */
#ifndef TALLYMAN_NFT_ELEMENTS_H
#define TALLYMAN_NFT_ELEMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "nft.h"

struct netlink_buffer;

#define NFT_KEY_BYTES_MAX 40 /* an interface name, a MAC address and an IPv6 address */
#define NFT_NETWORK_ELEMENTS_MAX 10

struct nft_element {
	uint8_t family;
	const char *set;
	unsigned char key[NFT_KEY_BYTES_MAX];
	size_t key_length;
	uint32_t flags;
	unsigned char key_end[NFT_KEY_BYTES_MAX];
	size_t key_end_length;
	unsigned char data[20]; /* an address and a port */
	size_t data_length;
	const struct network_port *port; /* that it stands for, if it stands for one */
};

/* A message of TYPE about ELEMENT. */
void nft_element_put(struct netlink_buffer *buffer, uint16_t type, uint16_t flags, const char *table, const struct nft_element *element);

/* Fills what NETWORK has in the sets, the bridge itself first; returns how many. */
size_t nft_network_elements(const struct nft_network *network, struct nft_element elements[NFT_NETWORK_ELEMENTS_MAX]);

/* All elements of ENDPOINT: itself, its ports, and when its sources are limited, that mark and the sources; what is of IPv6 only when it has such
 * an address. To be freed; NULL when there is no memory. */
struct nft_element *nft_endpoint_elements(const struct nft_endpoint *endpoint, size_t *count);

#endif
