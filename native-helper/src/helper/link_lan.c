#include "link_lan.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "../common/netlink.h"
#include "../common/report.h"
#include "../common/request.h"
#include "../common/scope.h"
#include "../../include/tallyman_protocol.h"
#include "link.h"

#define MESSAGES_BYTES 1024

int link_vlan_up(const char *name, int parent, uint32_t vlan, const char *alias, struct report *report)
{
	const struct ifinfomsg none = {.ifi_family = AF_UNSPEC}, up = {.ifi_family = AF_UNSPEC, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
	const uint16_t id = (uint16_t)vlan;
	unsigned char data[MESSAGES_BYTES];
	struct netlink_buffer buffer;
	auto_close int fd = netlink_socket(NETLINK_ROUTE);
	size_t info, detail;

	if (fd < 0)
		return report_fail(report, "open route socket", -fd);
	netlink_init(&buffer, data, sizeof data);
	netlink_open(&buffer, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &none, sizeof none);
	netlink_put_string(&buffer, IFLA_IFNAME, name);
	netlink_put_u32(&buffer, IFLA_LINK, (uint32_t)parent);
	info = netlink_nest(&buffer, IFLA_LINKINFO);
	netlink_put_string(&buffer, IFLA_INFO_KIND, "vlan");
	detail = netlink_nest(&buffer, IFLA_INFO_DATA);
	netlink_put(&buffer, IFLA_VLAN_ID, &id, sizeof id);
	netlink_unnest(&buffer, detail);
	netlink_unnest(&buffer, info);
	netlink_close(&buffer);
	/* The kernel takes no alias with the making. */
	netlink_open(&buffer, RTM_NEWLINK, NLM_F_ACK, &up, sizeof up);
	netlink_put_string(&buffer, IFLA_IFNAME, name);
	netlink_put(&buffer, IFLA_IFALIAS, alias, strlen(alias));
	netlink_close(&buffer);
	return link_transact(fd, &buffer, "create the VLAN's link", 0, report);
}

static void put_mode(struct netlink_buffer *buffer, uint32_t mode)
{
	const uint16_t ipvlan = (uint16_t)LAN_IPVLAN_MODE(mode), flags = (uint16_t)LAN_IPVLAN_FLAGS(mode);
	size_t detail;

	netlink_put_string(buffer, IFLA_INFO_KIND, mode & LAN_IPVLAN ? "ipvlan" : "macvlan");
	detail = netlink_nest(buffer, IFLA_INFO_DATA);
	if (mode & LAN_IPVLAN) {
		netlink_put(buffer, IFLA_IPVLAN_MODE, &ipvlan, sizeof ipvlan);
		netlink_put(buffer, IFLA_IPVLAN_FLAGS, &flags, sizeof flags);
	} else {
		netlink_put_u32(buffer, IFLA_MACVLAN_MODE, mode);
	}
	netlink_unnest(buffer, detail);
}

static void put_lan(struct netlink_buffer *buffer, const struct link_lan *link, int netns_fd)
{
	const struct ifinfomsg none = {.ifi_family = AF_UNSPEC};
	size_t info;

	netlink_open(buffer, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, &none, sizeof none);
	netlink_put_string(buffer, IFLA_IFNAME, link->inside);
	netlink_put_u32(buffer, IFLA_LINK, (uint32_t)link->parent);
	if (link->mac)
		netlink_put(buffer, IFLA_ADDRESS, link->mac, 6);
	if (link->mtu)
		netlink_put_u32(buffer, IFLA_MTU, link->mtu);
	netlink_put_u32(buffer, IFLA_NET_NS_FD, (uint32_t)netns_fd);
	info = netlink_nest(buffer, IFLA_LINKINFO);
	put_mode(buffer, link->mode);
	netlink_unnest(buffer, info);
	netlink_close(buffer);
}

int link_lan_add(const struct link_lan *link, int netns_fd, struct report *report)
{
	unsigned char data[MESSAGES_BYTES];
	struct netlink_buffer buffer;
	struct netlink_result result;
	auto_close int fd = netlink_socket(NETLINK_ROUTE);
	int error;

	if (fd < 0)
		return report_fail(report, "open route socket", -fd);
	netlink_init(&buffer, data, sizeof data);
	put_lan(&buffer, link, netns_fd);
	error = netlink_transact(fd, &buffer, &result);
	if (error)
		return report_fail(report, "create the LAN's link", -error);
	/* The kernel lets one alone pass a link through, neither macvlan beside ipvlan nor a bridge or bond beside either. */
	if (result.error == EBUSY || (result.error == EINVAL && link->mode == MACVLAN_MODE_PASSTHRU))
		return report_status(report, TM_E_BUSY, "the parent link is in use by another container, bridge or bond");
	if (result.error == EOPNOTSUPP)
		return report_parts(report, TM_E_INVALID, "the kernel of this host has no ", link->mode & LAN_IPVLAN ? "ipvlan" : "macvlan", "");
	return result.error ? report_fail(report, "create the LAN's link", result.error) : 0;
}
