#include "resolver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/netlink.h"
#include "../common/report.h"
#include "../common/scope.h"
#include "netns.h"
#include "nft_expr.h"
#include "nft_parts.h"

#define RESOLVER_ADDRESS 0x7f00000b /* 127.0.0.11, as with Docker: people write it into their programs' settings */
#define DNS_PORT 53
#define BACKLOG 64
#define TABLE "tallyman"
#define CHAIN "output"
#define PRIORITY_DSTNAT (-100)
#define RULES_BYTES 4096
#define IPV4_PROTOCOL 9
#define IPV4_DESTINATION 16
#define PORT_DESTINATION 2

/* Opens a socket of TYPE on a free port; PORT is in network order. */
static int open_socket(int type, uint16_t *port, struct report *report)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(RESOLVER_ADDRESS)};
	socklen_t length = sizeof address;
	auto_close int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &length) < 0 || (type == SOCK_STREAM && listen(fd, BACKLOG) < 0))
		return report_fail(report, "open the container's resolver", errno);
	*port = address.sin_port;
	return take_fd(&fd);
}

/* A packet of PROTOCOL to 127.0.0.11 port 53 goes to PORT there. */
static void put_rule(struct netlink_buffer *buffer, uint8_t protocol, uint16_t port)
{
	const uint32_t address = htonl(RESOLVER_ADDRESS);
	const uint16_t dns = htons(DNS_PORT);
	unsigned char target[6];
	struct nft_rule rule = nft_rule_begin(buffer, NFPROTO_IPV4, TABLE, CHAIN);

	memcpy(target, &address, sizeof address);
	memcpy(target + sizeof address, &port, sizeof port);
	nft_expr_payload(buffer, NFT_PAYLOAD_NETWORK_HEADER, IPV4_DESTINATION, sizeof address, NFT_REG_1);
	nft_expr_compare(buffer, NFT_CMP_EQ, &address, sizeof address);
	nft_expr_payload(buffer, NFT_PAYLOAD_NETWORK_HEADER, IPV4_PROTOCOL, sizeof protocol, NFT_REG_1);
	nft_expr_compare(buffer, NFT_CMP_EQ, &protocol, sizeof protocol);
	nft_expr_payload(buffer, NFT_PAYLOAD_TRANSPORT_HEADER, PORT_DESTINATION, sizeof dns, NFT_REG_1);
	nft_expr_compare(buffer, NFT_CMP_EQ, &dns, sizeof dns);
	nft_expr_load(buffer, NFT_REG_1, target, sizeof target);
	nft_expr_destination(buffer, AF_INET, NFT_REG32_01);
	nft_rule_end(rule);
}

static int put_rules(int netlink_fd, const uint16_t ports[2], struct report *report)
{
	static const struct nft_chain_form chain = {CHAIN, "nat", NF_INET_LOCAL_OUT, PRIORITY_DSTNAT};
	unsigned char data[RULES_BYTES];
	struct netlink_buffer buffer;
	struct netlink_result result = {0};
	int error;

	netlink_init(&buffer, data, sizeof data);
	nft_batch_begin(&buffer);
	nft_open(&buffer, NFT_MSG_NEWTABLE, NLM_F_CREATE, NFPROTO_IPV4, TABLE);
	netlink_close(&buffer);
	nft_chain_put(&buffer, NFPROTO_IPV4, TABLE, &chain);
	put_rule(&buffer, IPPROTO_UDP, ports[0]);
	put_rule(&buffer, IPPROTO_TCP, ports[1]);
	nft_open(&buffer, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_ACK, NFPROTO_IPV4, TABLE); /* once more, for its answer */
	netlink_close(&buffer);
	nft_batch_end(&buffer);
	error = netlink_transact(netlink_fd, &buffer, &result);
	if (error || result.error)
		return report_fail(report, "lead the container to its resolver", error ? -error : result.error);
	return 0;
}

static int open_inside(int fds[2], struct report *report)
{
	auto_close int udp = -1;
	auto_close int tcp = -1;
	auto_close int netlink = netlink_socket(NETLINK_NETFILTER);
	uint16_t ports[2];

	if (netlink < 0)
		return report_fail(report, "open nftables socket", -netlink);
	udp = open_socket(SOCK_DGRAM, &ports[0], report);
	if (udp < 0)
		return -1;
	tcp = open_socket(SOCK_STREAM, &ports[1], report);
	if (tcp < 0 || put_rules(netlink, ports, report) < 0)
		return -1;
	fds[0] = take_fd(&udp);
	fds[1] = take_fd(&tcp);
	return 0;
}

int resolver_open(int netns_fd, int fds[2], struct report *report)
{
	auto_close int home = netns_enter(netns_fd, report);
	int status;

	if (home < 0)
		return -1;
	status = open_inside(fds, report);
	netns_leave(home);
	return status;
}
