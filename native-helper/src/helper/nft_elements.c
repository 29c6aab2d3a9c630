#include "nft_elements.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>
#include <string.h>

#include "../common/netlink.h"
#include "network.h"
#include "nft_parts.h"
#include "nft_rules.h"

#define NAME_BYTES 16 /* an interface name as key */
#define MAC_PADDED 8

static void put_value(struct netlink_buffer *buffer, uint16_t attribute, const void *bytes, size_t length)
{
	size_t value = netlink_nest(buffer, attribute);

	netlink_put(buffer, NFTA_DATA_VALUE, bytes, length);
	netlink_unnest(buffer, value);
}

void nft_element_put(struct netlink_buffer *buffer, uint16_t type, uint16_t flags, const char *table, const struct nft_element *element)
{
	size_t list;
	size_t item;

	nft_open(buffer, type, flags, element->family, table);
	netlink_put_string(buffer, NFTA_SET_ELEM_LIST_SET, element->set);
	list = netlink_nest(buffer, NFTA_SET_ELEM_LIST_ELEMENTS);
	item = netlink_nest(buffer, NFTA_LIST_ELEM);
	if (element->flags)
		netlink_put_be32(buffer, NFTA_SET_ELEM_FLAGS, element->flags);
	put_value(buffer, NFTA_SET_ELEM_KEY, element->key, element->key_length);
	if (element->key_end_length)
		put_value(buffer, NFTA_SET_ELEM_KEY_END, element->key_end, element->key_end_length);
	if (element->data_length && type == NFT_MSG_NEWSETELEM)
		put_value(buffer, NFTA_SET_ELEM_DATA, element->data, element->data_length);
	netlink_unnest(buffer, item);
	netlink_unnest(buffer, list);
	netlink_close(buffer);
}

static void append(struct nft_element *element, const void *bytes, size_t length, size_t padded)
{
	memcpy(element->key + element->key_length, bytes, length);
	element->key_length += padded;
}

static struct nft_element name_element(uint8_t family, const char *set, const char *name, size_t times)
{
	struct nft_element element = {.family = family, .set = set};

	for (size_t i = 0; i < times; i++)
		append(&element, name, strnlen(name, NAME_BYTES - 1), NAME_BYTES);
	return element;
}

static struct nft_element address_element(uint8_t family, const char *set, const void *address, size_t length, uint32_t flags)
{
	struct nft_element element = {.family = family, .set = set, .flags = flags};

	append(&element, address, length, length);
	return element;
}

/* First address behind the subnet; it has to be there, and is: no subnet ends with the last address of all. */
static void after_subnet(const uint8_t *base, uint32_t prefix, uint8_t *next)
{
	size_t at = (prefix - 1) / 8;
	unsigned int sum = base[at] + (1u << (7 - (prefix - 1) % 8));

	memcpy(next, base, ADDRESS6_BYTES);
	for (next[at] = (uint8_t)sum; sum > 0xff && at > 0; next[at] = (uint8_t)sum)
		sum = base[--at] + 1u;
}

size_t nft_network_elements(const struct nft_network *network, struct nft_element elements[NFT_NETWORK_ELEMENTS_MAX])
{
	const uint32_t first = htonl(network->address), next = htonl(network->address + (uint32_t)((uint64_t)1 << (32 - network->prefix)));
	bool masquerades = !network->internal && !network->keeps_address;
	uint8_t next6[ADDRESS6_BYTES];
	size_t count = 0;

	for (int is6 = 0; is6 <= (network->has6 ? 1 : 0); is6++) {
		uint8_t family = is6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
		size_t length = is6 ? ADDRESS6_BYTES : sizeof first;

		elements[count++] = name_element(family, NFT_SET_BRIDGES, network->bridge, 1);
		if (!is6 && network->prefix == 0) /* nothing else of IPv4 goes in or out */
			continue;
		if (!network->isolated)
			elements[count++] = name_element(family, NFT_SET_SAME, network->bridge, 2);
		if (network->internal)
			elements[count++] = name_element(family, NFT_SET_INTERNAL, network->bridge, 1);
		if (!masquerades)
			continue;
		if (is6)
			after_subnet(network->address6, network->prefix6, next6);
		elements[count++] = address_element(family, NFT_SET_SUBNETS, is6 ? (const void *)network->address6 : &first, length, 0);
		elements[count++] = address_element(family, NFT_SET_SUBNETS, is6 ? (const void *)next6 : &next, length, NFT_SET_ELEM_INTERVAL_END);
	}
	return count;
}

static struct nft_element endpoint_element(const struct nft_endpoint *endpoint, bool is6)
{
	const uint32_t address = htonl(endpoint->address);
	struct nft_element element = name_element(NFPROTO_BRIDGE, is6 ? NFT_SET_ENDPOINTS6 : NFT_SET_ENDPOINTS, endpoint->veth, 1);

	append(&element, endpoint->mac, sizeof endpoint->mac, MAC_PADDED);
	if (is6)
		append(&element, endpoint->address6, ADDRESS6_BYTES, ADDRESS6_BYTES);
	else
		append(&element, &address, sizeof address, sizeof address);
	return element;
}

static struct nft_element port_element(const struct nft_endpoint *endpoint, const struct network_port *port)
{
	static const uint8_t all[ADDRESS6_BYTES];
	const uint32_t host = htonl(port->host_address), address = htonl(endpoint->address);
	const uint16_t host_port = htons(port->host_port), container_port = htons(port->container_port);
	bool is_at = port->is6 ? memcmp(port->host_address6, all, sizeof all) != 0 : host != 0;
	size_t length = port->is6 ? ADDRESS6_BYTES : sizeof host;
	struct nft_element element = {
		.family = port->is6 ? NFPROTO_IPV6 : NFPROTO_IPV4, .set = is_at ? NFT_MAP_PORTS_AT : NFT_MAP_PORTS, .port = port, .data_length = length + 4};

	if (is_at)
		append(&element, port->is6 ? (const void *)port->host_address6 : &host, length, length);
	append(&element, &port->protocol, sizeof port->protocol, 4);
	append(&element, &host_port, sizeof host_port, 4);
	memcpy(element.data, port->is6 ? (const void *)endpoint->address6 : &address, length);
	memcpy(element.data + length, &container_port, sizeof container_port);
	return element;
}

static struct nft_element restricted_element(const struct nft_endpoint *endpoint, bool is6)
{
	const uint32_t address = htonl(endpoint->address);

	return is6 ? address_element(NFPROTO_IPV6, NFT_SET_RESTRICTED, endpoint->address6, ADDRESS6_BYTES, 0)
		   : address_element(NFPROTO_IPV4, NFT_SET_RESTRICTED, &address, sizeof address, 0);
}

static void last_address(const struct network_source *source, uint8_t *last)
{
	memcpy(last, source->address6, ADDRESS6_BYTES);
	for (uint32_t bit = source->prefix; bit < 8 * ADDRESS6_BYTES; bit++)
		last[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
}

static struct nft_element source_element(const struct nft_endpoint *endpoint, const struct network_source *source)
{
	const uint32_t address = htonl(endpoint->address), first = htonl(source->address);
	const uint32_t last = htonl(source->prefix >= 32 ? source->address : source->address | UINT32_MAX >> source->prefix);
	struct nft_element element = {.family = source->is6 ? NFPROTO_IPV6 : NFPROTO_IPV4, .set = NFT_SET_SOURCES};
	size_t length = source->is6 ? ADDRESS6_BYTES : sizeof address;

	append(&element, source->is6 ? (const void *)endpoint->address6 : &address, length, length);
	append(&element, source->is6 ? (const void *)source->address6 : &first, length, length);
	memcpy(element.key_end, element.key, length);
	if (source->is6)
		last_address(source, element.key_end + length);
	else
		memcpy(element.key_end + length, &last, sizeof last);
	element.key_end_length = 2 * length;
	return element;
}

static bool has_family(const struct nft_endpoint *endpoint, bool is6)
{
	return is6 ? endpoint->has6 : endpoint->address != 0;
}

struct nft_element *nft_endpoint_elements(const struct nft_endpoint *endpoint, size_t *count)
{
	struct nft_element *elements = calloc(endpoint->port_count + endpoint->source_count + 4, sizeof *elements);
	size_t at = 0;

	if (!elements)
		return NULL;
	for (int is6 = 0; is6 <= 1; is6++)
		if (has_family(endpoint, is6 != 0))
			elements[at++] = endpoint_element(endpoint, is6 != 0);
	for (size_t i = 0; i < endpoint->port_count; i++)
		if (has_family(endpoint, endpoint->ports[i].is6))
			elements[at++] = port_element(endpoint, &endpoint->ports[i]);
	/* Who names sources of one family only lets in nobody of the other. */
	for (int is6 = 0; is6 <= 1; is6++)
		if (endpoint->source_count > 0 && has_family(endpoint, is6 != 0))
			elements[at++] = restricted_element(endpoint, is6 != 0);
	for (size_t i = 0; i < endpoint->source_count; i++)
		if (has_family(endpoint, endpoint->sources[i].is6))
			elements[at++] = source_element(endpoint, &endpoint->sources[i]);
	*count = at;
	return elements;
}
