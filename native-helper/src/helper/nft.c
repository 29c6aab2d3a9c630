#include "nft.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../common/netlink.h"
#include "../common/report.h"
#include "../common/scope.h"
#include "../../include/tallyman_protocol.h"
#include "network.h"
#include "nft_elements.h"
#include "nft_parts.h"
#include "nft_rules.h"

#define RULES_BYTES 32768  /* the whole rule set takes two thirds of it */
#define ELEMENT_BYTES 256  /* one message about one element */
#define BATCH_BYTES 128    /* its two brackets */
#define LAST_CLOSE_DELAY_US 20000 /* long enough for the parent to come first; nobody waits for it */
#define ELEMENT_SEQUENCE_BASE 2 /* batch begin is message 1 */

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
	struct nft_element elements[NFT_NETWORK_ELEMENTS_MAX];
	size_t count = nft_network_elements(network, elements);
	struct netlink_buffer buffer;
	struct netlink_result result = {0};

	netlink_init(&buffer, data, sizeof data);
	nft_batch_begin(&buffer);
	nft_rules_put(&buffer, table, veth_prefix, network->has6);
	for (size_t i = 0; i < count; i++)
		nft_element_put(&buffer, NFT_MSG_NEWSETELEM, (uint16_t)(NLM_F_CREATE | (i + 1 == count ? NLM_F_ACK : 0)), table,
			    &elements[i]);
	nft_batch_end(&buffer);
	if (transact(&buffer, &result, report) < 0)
		return -1;
	if (result.error)
		return report_fail(report, "add network to nftables", result.error);
	return 0;
}

/* Removes one element in a transaction of its own, so that an absent one spoils nothing. */
static int remove_element(const char *table, const struct nft_element *element, struct report *report)
{
	unsigned char data[BATCH_BYTES + ELEMENT_BYTES];
	struct netlink_buffer buffer;
	struct netlink_result result = {0};

	netlink_init(&buffer, data, sizeof data);
	nft_batch_begin(&buffer);
	nft_element_put(&buffer, NFT_MSG_DELSETELEM, NLM_F_ACK, table, element);
	nft_batch_end(&buffer);
	if (transact(&buffer, &result, report) < 0)
		return -1;
	if (result.error && result.error != ENOENT)
		return report_fail(report, "remove from nftables", result.error);
	return 0;
}

int nft_network_remove(const char *table, const struct nft_network *network, struct report *report)
{
	struct nft_element elements[NFT_NETWORK_ELEMENTS_MAX];
	size_t count = nft_network_elements(network, elements);

	/* The bridge itself last: while it is in the set, it is guarded. */
	for (size_t i = count; i-- > 0;) {
		if (remove_element(table, &elements[i], report) < 0)
			return -1;
	}
	return 0;
}

int nft_tables_remove(const char *table, struct report *report)
{
	static const uint8_t families[] = {NFPROTO_IPV4, NFPROTO_BRIDGE, NFPROTO_IPV6};

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
		/* A kernel without IPv6 knows no such family. */
		if (result.error && result.error != ENOENT && !(families[i] == NFPROTO_IPV6 && (result.error == EOPNOTSUPP || result.error == EAFNOSUPPORT)))
			return report_fail(report, "remove nftables table", result.error);
	}
	return 0;
}

/* All elements of one endpoint, and a batch about them. */
struct endpoint_batch {
	struct nft_element *elements;
	size_t count;
	struct netlink_buffer buffer;
};

static void free_batch(struct endpoint_batch *batch)
{
	free(batch->elements);
	free(batch->buffer.data);
}

/* Builds the batch that adds or deletes all elements of ENDPOINT; free_batch() also after a failure. */
static int endpoint_batch(struct endpoint_batch *batch, uint16_t type, uint16_t flags, const char *table, const struct nft_endpoint *endpoint,
			  struct report *report)
{
	size_t capacity;
	unsigned char *data;

	*batch = (struct endpoint_batch){0};
	batch->elements = nft_endpoint_elements(endpoint, &batch->count);
	capacity = BATCH_BYTES + ELEMENT_BYTES * batch->count;
	data = batch->elements ? malloc(capacity) : NULL;
	if (!data)
		return report_fail(report, "build nftables batch", ENOMEM);
	netlink_init(&batch->buffer, data, capacity);
	nft_batch_begin(&batch->buffer);
	for (size_t i = 0; i < batch->count; i++)
		nft_element_put(&batch->buffer, type, (uint16_t)(flags | (i + 1 == batch->count ? NLM_F_ACK : 0)), table, &batch->elements[i]);
	nft_batch_end(&batch->buffer);
	return 0;
}

/* The port that the kernel refused since another endpoint has it; NULL for any other refusal. */
static const struct network_port *refused_port(const struct endpoint_batch *batch, const struct netlink_result *result)
{
	size_t index = (size_t)result->sequence - ELEMENT_SEQUENCE_BASE;

	return result->error == EEXIST && index < batch->count ? batch->elements[index].port : NULL;
}

static int add_endpoint(const char *table, const struct nft_endpoint *endpoint, uint16_t flags, struct report *report)
{
	__attribute__((cleanup(free_batch))) struct endpoint_batch batch;
	struct netlink_result result = {0};
	const struct network_port *port;

	if (endpoint_batch(&batch, NFT_MSG_NEWSETELEM, flags, table, endpoint, report) < 0 || transact(&batch.buffer, &result, report) < 0)
		return -1;
	port = refused_port(&batch, &result);
	if (port)
		return network_port_busy(port, report);
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
	__attribute__((cleanup(free_batch))) struct endpoint_batch batch;
	struct netlink_result result = {0};
	int status = 0;

	if (endpoint_batch(&batch, NFT_MSG_DELSETELEM, 0, table, endpoint, report) < 0 || transact(&batch.buffer, &result, report) < 0)
		return -1;
	if (!result.error)
		return 0;
	if (result.error != ENOENT)
		return report_fail(report, "remove container from nftables", result.error);
	/* Some are gone: take the others one by one. */
	for (size_t i = 0; i < batch.count && status == 0; i++)
		status = remove_element(table, &batch.elements[i], report);
	return status;
}
