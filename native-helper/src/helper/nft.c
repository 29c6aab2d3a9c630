#include "nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../common/netlink.h"
#include "../common/report.h"
#include "../common/scope.h"
#include "../../include/tallyman_protocol.h"
#include "network.h"
#include "nft_parts.h"
#include "nft_rules.h"

#define RULES_BYTES 32768  /* the whole rule set takes a third of it */
#define ELEMENT_BYTES 256  /* one message about one element */
#define BATCH_BYTES 128    /* its two brackets */
#define NAME_BYTES 16      /* an interface name as key */
#define KEY_BYTES_MAX 32   /* two interface names */
#define LAST_CLOSE_DELAY_US 20000 /* long enough for the parent to come first; nobody waits for it */
#define PORT_SEQUENCE_BASE 3 /* batch begin is message 1, the endpoint 2, ports follow */

struct element {
	uint8_t family;
	const char *set;
	unsigned char key[KEY_BYTES_MAX];
	size_t key_length;
	uint32_t flags;
	unsigned char key_end[8];
	size_t key_end_length;
	unsigned char data[8];
	size_t data_length;
};

static void put_element(struct netlink_buffer *buffer, uint16_t type, uint16_t flags, const char *table,
			const struct element *element)
{
	size_t list;
	size_t item;
	size_t value;

	nft_open(buffer, type, flags, element->family, table);
	netlink_put_string(buffer, NFTA_SET_ELEM_LIST_SET, element->set);
	list = netlink_nest(buffer, NFTA_SET_ELEM_LIST_ELEMENTS);
	item = netlink_nest(buffer, NFTA_LIST_ELEM);
	if (element->flags)
		netlink_put_be32(buffer, NFTA_SET_ELEM_FLAGS, element->flags);
	value = netlink_nest(buffer, NFTA_SET_ELEM_KEY);
	netlink_put(buffer, NFTA_DATA_VALUE, element->key, element->key_length);
	netlink_unnest(buffer, value);
	if (element->key_end_length) {
		value = netlink_nest(buffer, NFTA_SET_ELEM_KEY_END);
		netlink_put(buffer, NFTA_DATA_VALUE, element->key_end, element->key_end_length);
		netlink_unnest(buffer, value);
	}
	if (element->data_length && type == NFT_MSG_NEWSETELEM) {
		value = netlink_nest(buffer, NFTA_SET_ELEM_DATA);
		netlink_put(buffer, NFTA_DATA_VALUE, element->data, element->data_length);
		netlink_unnest(buffer, value);
	}
	netlink_unnest(buffer, item);
	netlink_unnest(buffer, list);
	netlink_close(buffer);
}

static struct element name_element(const char *set, const char *name, size_t times)
{
	struct element element = {.family = NFPROTO_IPV4, .set = set, .key_length = times * NAME_BYTES};

	for (size_t i = 0; i < times; i++)
		memcpy(element.key + i * NAME_BYTES, name, strnlen(name, NAME_BYTES - 1));
	return element;
}

static struct element subnet_element(uint32_t address, uint32_t flags)
{
	const uint32_t key = htonl(address);
	struct element element = {.family = NFPROTO_IPV4, .set = NFT_SET_SUBNETS, .key_length = 4, .flags = flags};

	memcpy(element.key, &key, sizeof key);
	return element;
}

/* Fills what NETWORK has in the sets; returns how many. */
static size_t network_elements(const struct nft_network *network, struct element elements[4])
{
	uint32_t size = (uint32_t)1 << (32 - network->prefix);
	size_t count = 0;

	elements[count++] = name_element(NFT_SET_BRIDGES, network->bridge, 1);
	if (!network->isolated)
		elements[count++] = name_element(NFT_SET_SAME, network->bridge, 2);
	if (network->internal)
		elements[count++] = name_element(NFT_SET_INTERNAL, network->bridge, 1);
	if (!network->internal && !network->keeps_address) {
		elements[count++] = subnet_element(network->address, 0);
		elements[count++] = subnet_element(network->address + size, NFT_SET_ELEM_INTERVAL_END);
	}
	return count;
}

static struct element endpoint_element(const struct nft_endpoint *endpoint)
{
	const uint32_t address = htonl(endpoint->address);
	struct element element = name_element(NFT_SET_ENDPOINTS, endpoint->veth, 1);

	element.family = NFPROTO_BRIDGE;
	memcpy(element.key + NAME_BYTES, endpoint->mac, sizeof endpoint->mac);
	memcpy(element.key + NAME_BYTES + 8, &address, sizeof address);
	element.key_length = NAME_BYTES + 12;
	return element;
}

static struct element port_element(const struct nft_endpoint *endpoint, const struct network_port *port)
{
	const uint32_t host = htonl(port->host_address);
	const uint32_t address = htonl(endpoint->address);
	const uint16_t host_port = htons(port->host_port);
	const uint16_t container_port = htons(port->container_port);
	struct element element = {.family = NFPROTO_IPV4, .set = NFT_MAP_PORTS, .data_length = 8};
	unsigned char *key = element.key;

	if (port->host_address) {
		element.set = NFT_MAP_PORTS_AT;
		memcpy(key, &host, sizeof host);
		key += sizeof host;
	}
	key[0] = port->protocol;
	memcpy(key + 4, &host_port, sizeof host_port);
	element.key_length = (size_t)(key - element.key) + 8;
	memcpy(element.data, &address, sizeof address);
	memcpy(element.data + 4, &container_port, sizeof container_port);
	return element;
}

static struct element restricted_element(const struct nft_endpoint *endpoint)
{
	const uint32_t address = htonl(endpoint->address);
	struct element element = {.family = NFPROTO_IPV4, .set = NFT_SET_RESTRICTED, .key_length = sizeof address};

	memcpy(element.key, &address, sizeof address);
	return element;
}

static struct element source_element(const struct nft_endpoint *endpoint, const struct network_source *source)
{
	const uint32_t address = htonl(endpoint->address);
	const uint32_t first = htonl(source->address);
	const uint32_t last = htonl(source->prefix == 32 ? source->address : source->address | UINT32_MAX >> source->prefix);
	struct element element = {.family = NFPROTO_IPV4, .set = NFT_SET_SOURCES, .key_length = 8, .key_end_length = 8};

	memcpy(element.key, &address, sizeof address);
	memcpy(element.key + sizeof address, &first, sizeof first);
	memcpy(element.key_end, &address, sizeof address);
	memcpy(element.key_end + sizeof address, &last, sizeof last);
	return element;
}

/* How many elements ENDPOINT has: itself, its ports, and when its sources are limited, that mark and the sources. */
static size_t element_count(const struct nft_endpoint *endpoint)
{
	return 1 + endpoint->port_count + (endpoint->source_count ? 1 + endpoint->source_count : 0);
}

static struct element element_at(const struct nft_endpoint *endpoint, size_t index)
{
	if (index == 0)
		return endpoint_element(endpoint);
	if (index <= endpoint->port_count)
		return port_element(endpoint, &endpoint->ports[index - 1]);
	if (index == endpoint->port_count + 1)
		return restricted_element(endpoint);
	return source_element(endpoint, &endpoint->sources[index - endpoint->port_count - 2]);
}

static bool is_closed_at_end, has_open_sockets;

void nft_close_at_end(void)
{
	is_closed_at_end = true;
}

void nft_linger(void)
{
	if (has_open_sockets)
		(void)usleep(LAST_CLOSE_DELAY_US);
}

/* The last close of a socket waits until the kernel has freed what was deleted by anyone, which takes 10 ms and more, and keeps others from
 * their transactions that long. Who ends soon just leaves it open. Else a child that outlives our own close does this waiting; it holds nothing
 * else, above all no lock. Where there can be no child, we wait ourselves. */
static void close_elsewhere(int *fd)
{
	has_open_sockets |= *fd >= 0;
	if (is_closed_at_end)
		return;
	if (*fd >= 0 && syscall(SYS_clone, 0, NULL, NULL, NULL, 0) == 0) {
		if (*fd > 0)
			(void)close_range(0, (unsigned int)*fd - 1, 0);
		(void)close_range((unsigned int)*fd + 1, ~0U, 0);
		(void)usleep(LAST_CLOSE_DELAY_US);
		_exit(0);
	}
	scope_close(fd);
}

/* Sends the batch in BUFFER through a new socket. RESULT tells what the kernel refused. */
static int transact(const struct netlink_buffer *buffer, struct netlink_result *result, struct report *report)
{
	__attribute__((cleanup(close_elsewhere))) int fd = netlink_socket(NETLINK_NETFILTER);
	int error;

	if (fd < 0)
		return report_fail(report, "open nftables socket", -fd);
	error = netlink_transact(fd, buffer, result);
	if (error)
		return report_fail(report, "send nftables batch", -error);
	return 0;
}

int nft_network_add(const char *table, const char *veth_prefix, const struct nft_network *network, struct report *report)
{
	unsigned char data[RULES_BYTES];
	struct element elements[4];
	size_t count = network_elements(network, elements);
	struct netlink_buffer buffer;
	struct netlink_result result = {0};

	netlink_init(&buffer, data, sizeof data);
	nft_batch_begin(&buffer);
	nft_rules_put(&buffer, table, veth_prefix);
	for (size_t i = 0; i < count; i++)
		put_element(&buffer, NFT_MSG_NEWSETELEM, (uint16_t)(NLM_F_CREATE | (i + 1 == count ? NLM_F_ACK : 0)), table,
			    &elements[i]);
	nft_batch_end(&buffer);
	if (transact(&buffer, &result, report) < 0)
		return -1;
	if (result.error)
		return report_fail(report, "add network to nftables", result.error);
	return 0;
}

/* Removes one element in a transaction of its own, so that an absent one spoils nothing. */
static int remove_element(const char *table, const struct element *element, struct report *report)
{
	unsigned char data[BATCH_BYTES + ELEMENT_BYTES];
	struct netlink_buffer buffer;
	struct netlink_result result = {0};

	netlink_init(&buffer, data, sizeof data);
	nft_batch_begin(&buffer);
	put_element(&buffer, NFT_MSG_DELSETELEM, NLM_F_ACK, table, element);
	nft_batch_end(&buffer);
	if (transact(&buffer, &result, report) < 0)
		return -1;
	if (result.error && result.error != ENOENT)
		return report_fail(report, "remove from nftables", result.error);
	return 0;
}

int nft_network_remove(const char *table, const struct nft_network *network, struct report *report)
{
	struct element elements[4];
	size_t count = network_elements(network, elements);

	/* The bridge itself last: while it is in the set, it is guarded. */
	for (size_t i = count; i-- > 0;) {
		if (remove_element(table, &elements[i], report) < 0)
			return -1;
	}
	return 0;
}

int nft_tables_remove(const char *table, struct report *report)
{
	static const uint8_t families[] = {NFPROTO_IPV4, NFPROTO_BRIDGE};

	for (size_t i = 0; i < sizeof families; i++) {
		unsigned char data[BATCH_BYTES + ELEMENT_BYTES];
		struct netlink_buffer buffer;
		struct netlink_result result = {0};

		netlink_init(&buffer, data, sizeof data);
		nft_batch_begin(&buffer);
		nft_open(&buffer, NFT_MSG_DELTABLE, NLM_F_ACK, families[i], table);
		netlink_close(&buffer);
		nft_batch_end(&buffer);
		if (transact(&buffer, &result, report) < 0)
			return -1;
		if (result.error && result.error != ENOENT)
			return report_fail(report, "remove nftables table", result.error);
	}
	return 0;
}

/* Builds the batch that adds or deletes all elements of ENDPOINT; the caller frees the buffer's data. */
static int endpoint_batch(struct netlink_buffer *buffer, uint16_t type, uint16_t flags, const char *table,
			  const struct nft_endpoint *endpoint, struct report *report)
{
	size_t count = element_count(endpoint);
	size_t capacity = BATCH_BYTES + ELEMENT_BYTES * count;
	unsigned char *data = malloc(capacity);

	if (!data)
		return report_fail(report, "build nftables batch", ENOMEM);
	netlink_init(buffer, data, capacity);
	nft_batch_begin(buffer);
	for (size_t i = 0; i < count; i++) {
		struct element element = element_at(endpoint, i);

		put_element(buffer, type, (uint16_t)(flags | (i + 1 == count ? NLM_F_ACK : 0)), table, &element);
	}
	nft_batch_end(buffer);
	return 0;
}

static int add_endpoint(const char *table, const struct nft_endpoint *endpoint, uint16_t flags, struct report *report)
{
	struct netlink_buffer buffer;
	struct netlink_result result = {0};
	int status;

	if (endpoint_batch(&buffer, NFT_MSG_NEWSETELEM, flags, table, endpoint, report) < 0)
		return -1;
	status = transact(&buffer, &result, report);
	free(buffer.data);
	if (status < 0)
		return -1;
	if (result.error == EEXIST && result.sequence >= PORT_SEQUENCE_BASE &&
	    result.sequence - PORT_SEQUENCE_BASE < endpoint->port_count)
		return network_port_busy(&endpoint->ports[result.sequence - PORT_SEQUENCE_BASE], report);
	if (result.error)
		return report_fail(report, "add container to nftables", result.error);
	return 0;
}

int nft_endpoint_add(const char *table, const struct nft_endpoint *endpoint, struct report *report)
{
	return add_endpoint(table, endpoint, NLM_F_CREATE | NLM_F_EXCL, report);
}

int nft_endpoint_renew(const char *table, const struct nft_endpoint *endpoint, struct report *report)
{
	return add_endpoint(table, endpoint, NLM_F_CREATE, report);
}

int nft_endpoint_remove(const char *table, const struct nft_endpoint *endpoint, struct report *report)
{
	struct netlink_buffer buffer;
	struct netlink_result result = {0};
	struct element element;
	int status;

	if (endpoint_batch(&buffer, NFT_MSG_DELSETELEM, 0, table, endpoint, report) < 0)
		return -1;
	status = transact(&buffer, &result, report);
	free(buffer.data);
	if (status < 0)
		return -1;
	if (!result.error)
		return 0;
	if (result.error != ENOENT)
		return report_fail(report, "remove container from nftables", result.error);
	/* Some are gone: take the others one by one. */
	for (size_t i = 0; i < element_count(endpoint) && status == 0; i++) {
		element = element_at(endpoint, i);
		status = remove_element(table, &element, report);
	}
	return status;
}
