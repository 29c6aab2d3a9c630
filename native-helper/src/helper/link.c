#include "link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/netlink.h"
#include "../common/report.h"
#include "../common/scope.h"
#include "../../include/tallyman_protocol.h"
#include "netns.h"

#define MESSAGES_BYTES 1024
#define IPV6_BYTES 16
#define LOOPBACK_INDEX 1 /* the kernel gives lo this index in every namespace */

int link_index(int socket_fd, const char *name)
{
	struct ifreq request = {0};

	memcpy(request.ifr_name, name, strnlen(name, IFNAMSIZ - 1));
	if (ioctl(socket_fd, SIOCGIFINDEX, &request) < 0)
		return -errno;
	return request.ifr_ifindex;
}

int link_transact(int socket_fd, const struct netlink_buffer *buffer, const char *step, int passed, struct report *report)
{
	struct netlink_result result;
	int error = netlink_transact(socket_fd, buffer, &result);

	if (error)
		return report_fail(report, step, -error);
	if (result.error && result.error != passed)
		return report_fail(report, step, result.error);
	return 0;
}

static void put_link_up(struct netlink_buffer *buffer, int index, uint16_t flags)
{
	const struct ifinfomsg info = {.ifi_family = AF_UNSPEC, .ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};

	netlink_open(buffer, RTM_NEWLINK, flags, &info, sizeof info);
	netlink_close(buffer);
}

static void put_address(struct netlink_buffer *buffer, int index, const struct link_address *address)
{
	const struct ifaddrmsg info = {
		.ifa_family = AF_INET,
		.ifa_prefixlen = (uint8_t)address->prefix,
		.ifa_scope = RT_SCOPE_UNIVERSE,
		.ifa_index = (uint32_t)index,
	};
	const uint32_t broadcast = address->address | (uint32_t)(((uint64_t)1 << (32 - address->prefix)) - 1);

	if (address->prefix == 0)
		return;
	netlink_open(buffer, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &info, sizeof info);
	netlink_put_be32(buffer, IFA_LOCAL, address->address);
	netlink_put_be32(buffer, IFA_ADDRESS, address->address);
	netlink_put_be32(buffer, IFA_BROADCAST, broadcast);
	netlink_close(buffer);
}

/* Without a search for others that have it already: nobody but the server gives addresses away. */
static void put_address6(struct netlink_buffer *buffer, int index, const struct link_address *address)
{
	const struct ifaddrmsg info = {
		.ifa_family = AF_INET6,
		.ifa_prefixlen = (uint8_t)address->prefix6,
		.ifa_flags = IFA_F_NODAD,
		.ifa_scope = RT_SCOPE_UNIVERSE,
		.ifa_index = (uint32_t)index,
	};

	netlink_open(buffer, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &info, sizeof info);
	netlink_put(buffer, IFA_LOCAL, address->address6, IPV6_BYTES);
	netlink_put(buffer, IFA_ADDRESS, address->address6, IPV6_BYTES);
	netlink_close(buffer);
}

bool link_knows_ipv6(void)
{
	return access("/proc/self/net/if_inet6", F_OK) == 0;
}

static int write_setting(const char *link, const char *name, const char *value, struct report *report)
{
	char path[96];

	(void)snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/%s", link, name);
	auto_close int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, value, 1) != 1)
		return report_fail(report, "switch IPv6 of a link on", errno);
	return 0;
}

/* In this process's namespace, before LINK gets an address: IPv6 on, nothing believed that routers say. */
static int prepare_ipv6(const char *link, struct report *report)
{
	return write_setting(link, "disable_ipv6", "0", report) < 0 ? -1 : write_setting(link, "accept_ra", "0", report);
}

static void put_mtu(struct netlink_buffer *buffer, int index, uint32_t mtu)
{
	const struct ifinfomsg info = {.ifi_family = AF_UNSPEC, .ifi_index = index};

	netlink_open(buffer, RTM_NEWLINK, 0, &info, sizeof info);
	netlink_put_u32(buffer, IFLA_MTU, mtu);
	netlink_close(buffer);
}

/* Without it a link would take an IPv6 link-local address, which nothing here answers or filters by. It must come before the link is up. */
static void put_no_ipv6_address(struct netlink_buffer *buffer, int index)
{
	const struct ifinfomsg info = {.ifi_family = AF_UNSPEC, .ifi_index = index};
	size_t spec;
	size_t family;

	if (!link_knows_ipv6())
		return; /* no IPv6 in this kernel, which would refuse the message */
	netlink_open(buffer, RTM_SETLINK, 0, &info, sizeof info);
	spec = netlink_nest(buffer, IFLA_AF_SPEC);
	family = netlink_nest(buffer, AF_INET6);
	netlink_put_u8(buffer, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	netlink_unnest(buffer, family);
	netlink_unnest(buffer, spec);
	netlink_close(buffer);
}

int link_bridge_add(const char *name, const uint8_t mac[6], struct report *report)
{
	const struct ifinfomsg none = {.ifi_family = AF_UNSPEC};
	unsigned char data[MESSAGES_BYTES];
	struct netlink_buffer buffer;
	auto_close int fd = netlink_socket(NETLINK_ROUTE);
	size_t info;

	if (fd < 0)
		return report_fail(report, "open route socket", -fd);
	netlink_init(&buffer, data, sizeof data);
	netlink_open(&buffer, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, &none, sizeof none);
	netlink_put_string(&buffer, IFLA_IFNAME, name);
	netlink_put(&buffer, IFLA_ADDRESS, mac, 6);
	info = netlink_nest(&buffer, IFLA_LINKINFO);
	netlink_put_string(&buffer, IFLA_INFO_KIND, "bridge");
	netlink_unnest(&buffer, info);
	netlink_close(&buffer);
	return link_transact(fd, &buffer, "create bridge", EEXIST, report);
}

int link_bridge_up(const char *name, const struct link_address *address, uint32_t mtu, struct report *report)
{
	/* The kernel looks for neighbours of what it forwards by a link-local address, and by nothing else. */
	static const uint8_t link_local[IPV6_BYTES] = {0xfe, 0x80, [15] = 1};
	static const struct link_address asking = {.address6 = link_local, .prefix6 = 64};
	unsigned char data[MESSAGES_BYTES];
	struct netlink_buffer buffer;
	auto_close int fd = netlink_socket(NETLINK_ROUTE);
	int index;

	if (fd < 0)
		return report_fail(report, "open route socket", -fd);
	index = link_index(fd, name);
	if (index < 0)
		return report_fail(report, "find bridge", -index);
	if (address->has6 && prepare_ipv6(name, report) < 0)
		return -1;
	netlink_init(&buffer, data, sizeof data);
	put_no_ipv6_address(&buffer, index);
	put_address(&buffer, index, address);
	if (address->has6) {
		put_address6(&buffer, index, &asking);
		put_address6(&buffer, index, address);
	}
	if (mtu)
		put_mtu(&buffer, index, mtu);
	put_link_up(&buffer, index, NLM_F_ACK);
	return link_transact(fd, &buffer, "configure bridge", 0, report);
}

/* Lets port NAME of a bridge send frames back where they came from: with bridge-nf-call-iptables on (its default, and other programs want
 * it), a container that talks to a port it published itself is bridged back to its own port. An isolated port reaches the bridge only. */
static void put_port(struct netlink_buffer *buffer, const struct link_veth *veth)
{
	const struct ifinfomsg none = {.ifi_family = AF_UNSPEC};
	size_t info;
	size_t port;

	netlink_open(buffer, RTM_NEWLINK, NLM_F_ACK, &none, sizeof none);
	netlink_put_string(buffer, IFLA_IFNAME, veth->name);
	info = netlink_nest(buffer, IFLA_LINKINFO);
	netlink_put_string(buffer, IFLA_INFO_SLAVE_KIND, "bridge");
	port = netlink_nest(buffer, IFLA_INFO_SLAVE_DATA);
	netlink_put_u8(buffer, IFLA_BRPORT_MODE, 1);
	if (veth->isolated)
		netlink_put_u8(buffer, IFLA_BRPORT_ISOLATED, 1);
	netlink_unnest(buffer, port);
	netlink_unnest(buffer, info);
	netlink_close(buffer);
}

/* Builds the message that makes both ends of a veth pair; MASTER is the bridge's index. */
static void put_veth(struct netlink_buffer *buffer, const struct link_veth *veth, int master, int netns_fd)
{
	const struct ifinfomsg up = {.ifi_family = AF_UNSPEC, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
	const struct ifinfomsg none = {.ifi_family = AF_UNSPEC};
	size_t info;
	size_t detail;
	size_t peer;

	netlink_open(buffer, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &up, sizeof up);
	netlink_put_string(buffer, IFLA_IFNAME, veth->name);
	netlink_put_u32(buffer, IFLA_MASTER, (uint32_t)master);
	if (veth->mtu)
		netlink_put_u32(buffer, IFLA_MTU, veth->mtu);
	info = netlink_nest(buffer, IFLA_LINKINFO);
	netlink_put_string(buffer, IFLA_INFO_KIND, "veth");
	detail = netlink_nest(buffer, IFLA_INFO_DATA);
	peer = netlink_nest(buffer, VETH_INFO_PEER);
	netlink_append(buffer, &none, sizeof none);
	netlink_put_string(buffer, IFLA_IFNAME, veth->inside);
	netlink_put(buffer, IFLA_ADDRESS, veth->mac, 6);
	if (veth->mtu)
		netlink_put_u32(buffer, IFLA_MTU, veth->mtu);
	netlink_put_u32(buffer, IFLA_NET_NS_FD, (uint32_t)netns_fd);
	netlink_unnest(buffer, peer);
	netlink_unnest(buffer, detail);
	netlink_unnest(buffer, info);
	netlink_close(buffer);
}

int link_veth_add(const struct link_veth *veth, const char *bridge, int netns_fd, struct report *report)
{
	unsigned char data[MESSAGES_BYTES];
	struct netlink_buffer buffer;
	auto_close int fd = netlink_socket(NETLINK_ROUTE);
	int master;

	if (fd < 0)
		return report_fail(report, "open route socket", -fd);
	master = link_index(fd, bridge);
	if (master < 0)
		return report_status(report, TM_E_ABSENT, "network");
	netlink_init(&buffer, data, sizeof data);
	put_veth(&buffer, veth, master, netns_fd);
	put_port(&buffer, veth);
	return link_transact(fd, &buffer, "create veth", 0, report);
}

static void put_default_route(struct netlink_buffer *buffer, int index, uint32_t gateway)
{
	const struct rtmsg info = {
		.rtm_family = AF_INET,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_BOOT,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST,
	};

	netlink_open(buffer, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, &info, sizeof info);
	netlink_put_be32(buffer, RTA_GATEWAY, gateway);
	netlink_put_u32(buffer, RTA_OIF, (uint32_t)index);
	netlink_close(buffer);
}

static void put_default_route6(struct netlink_buffer *buffer, int index, const uint8_t *gateway)
{
	const struct rtmsg info = {
		.rtm_family = AF_INET6,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_BOOT,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST,
	};

	netlink_open(buffer, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, &info, sizeof info);
	netlink_put(buffer, RTA_GATEWAY, gateway, IPV6_BYTES);
	netlink_put_u32(buffer, RTA_OIF, (uint32_t)index);
	netlink_close(buffer);
}

static int configure(int fd, const char *name, const struct link_address *address, struct report *report)
{
	unsigned char data[MESSAGES_BYTES];
	struct netlink_buffer buffer;
	int index;

	netlink_init(&buffer, data, sizeof data);
	if (address) {
		index = link_index(fd, name);
		if (index < 0)
			return report_fail(report, "find the container's link", -index);
		put_no_ipv6_address(&buffer, index);
		put_address(&buffer, index, address);
		if (address->has6)
			put_address6(&buffer, index, address);
		put_link_up(&buffer, index, 0);
		if (address->gateway)
			put_default_route(&buffer, index, address->gateway);
		if (address->has6 && address->gateway6)
			put_default_route6(&buffer, index, address->gateway6);
	}
	put_link_up(&buffer, LOOPBACK_INDEX, NLM_F_ACK);
	return link_transact(fd, &buffer, "configure container link", 0, report);
}

/* A route socket that belongs to NETNS_FD, where link PREPARED (unless NULL) is made ready for IPv6; this process is back in its own namespace
 * afterwards. */
static int socket_inside(int netns_fd, const char *prepared, struct report *report)
{
	auto_close int home = netns_enter(netns_fd, report);
	auto_close int fd = -1;
	int ready;

	if (home < 0)
		return -1;
	fd = netlink_socket(NETLINK_ROUTE);
	ready = fd >= 0 && prepared ? prepare_ipv6(prepared, report) : 0;
	netns_leave(home);
	if (fd < 0)
		return report_fail(report, "open route socket", -fd);
	return ready < 0 ? -1 : take_fd(&fd);
}

int link_route_inside(int netns_fd, const char *name, uint32_t gateway, const uint8_t *gateway6, struct report *report)
{
	unsigned char data[MESSAGES_BYTES];
	struct netlink_buffer buffer;
	auto_close int fd = socket_inside(netns_fd, NULL, report);
	int index;

	if (fd < 0)
		return -1;
	index = link_index(fd, name);
	if (index < 0)
		return report_fail(report, "find the container's link", -index);
	netlink_init(&buffer, data, sizeof data);
	if (gateway)
		put_default_route(&buffer, index, gateway);
	if (gateway6)
		put_default_route6(&buffer, index, gateway6);
	put_link_up(&buffer, index, NLM_F_ACK);
	return link_transact(fd, &buffer, "set the default route", 0, report);
}

int link_configure_inside(int netns_fd, const char *name, const struct link_address *address, struct report *report)
{
	auto_close int fd = socket_inside(netns_fd, address && address->has6 ? name : NULL, report);

	if (fd < 0)
		return -1;
	return configure(fd, name, address, report);
}

static int remove_link(int fd, const char *name, struct report *report)
{
	const struct ifinfomsg none = {.ifi_family = AF_UNSPEC};
	unsigned char data[MESSAGES_BYTES];
	struct netlink_buffer buffer;

	netlink_init(&buffer, data, sizeof data);
	netlink_open(&buffer, RTM_DELLINK, NLM_F_ACK, &none, sizeof none);
	netlink_put_string(&buffer, IFLA_IFNAME, name);
	netlink_close(&buffer);
	return link_transact(fd, &buffer, "remove link", ENODEV, report);
}

int link_remove(const char *name, struct report *report)
{
	auto_close int fd = netlink_socket(NETLINK_ROUTE);

	return fd < 0 ? report_fail(report, "open route socket", -fd) : remove_link(fd, name, report);
}

int link_remove_inside(int netns_fd, const char *name, struct report *report)
{
	auto_close int fd = socket_inside(netns_fd, NULL, report);

	return fd < 0 ? -1 : remove_link(fd, name, report);
}

bool link_exists(const char *name)
{
	auto_close int fd = netlink_socket(NETLINK_ROUTE);

	return fd >= 0 && link_index(fd, name) > 0;
}
