#include "link_facts.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "../common/netlink.h"
#include "../common/report.h"
#include "../common/scope.h"
#include "../../include/tallyman_protocol.h"
#include "link.h"

#define MESSAGES_BYTES 1024
#define ANSWER_BYTES 32768 /* of one link; a kernel with many statistics writes some thousand */

static size_t copy_text(char *to, size_t size, const struct rtattr *from)
{
	size_t length = strnlen(RTA_DATA(from), RTA_PAYLOAD(from));

	if (length >= size)
		return 0;
	memcpy(to, RTA_DATA(from), length);
	to[length] = '\0';
	return length;
}

static bool is_of_kind(const struct rtattr *info, const char *kind)
{
	for (size_t at = RTA_LENGTH(0); at + sizeof(struct rtattr) <= info->rta_len;) {
		const struct rtattr *each = (const void *)((const unsigned char *)info + at);

		if (each->rta_len < sizeof *each || at + each->rta_len > info->rta_len)
			break;
		at += RTA_ALIGN(each->rta_len);
		if (each->rta_type == IFLA_INFO_KIND)
			return strncmp(RTA_DATA(each), kind, RTA_PAYLOAD(each)) == 0;
	}
	return false;
}

static int read_facts(unsigned char *answer, size_t length, const char *name, struct link_facts *facts)
{
	const struct nlmsghdr *header = (const void *)answer;
	const struct ifinfomsg *info = NLMSG_DATA(header);
	char own[IFNAMSIZ] = "";

	if (length < sizeof *header || header->nlmsg_len > length)
		return -EPROTO;
	if (header->nlmsg_type == NLMSG_ERROR && length >= sizeof *header + sizeof(struct nlmsgerr))
		return ((const struct nlmsgerr *)NLMSG_DATA(header))->error;
	if (header->nlmsg_type != RTM_NEWLINK || header->nlmsg_len < NLMSG_LENGTH(sizeof *info))
		return -EPROTO;
	*facts = (struct link_facts){.index = info->ifi_index, .is_loopback = (info->ifi_flags & IFF_LOOPBACK) != 0};
	for (size_t at = NLMSG_LENGTH(sizeof *info); at + sizeof(struct rtattr) <= header->nlmsg_len;) {
		const struct rtattr *each = (const void *)(answer + at);

		if (each->rta_len < sizeof *each || at + each->rta_len > header->nlmsg_len)
			break;
		at += RTA_ALIGN(each->rta_len);
		if (each->rta_type == IFLA_IFNAME)
			(void)copy_text(own, sizeof own, each);
		else if (each->rta_type == IFLA_IFALIAS)
			(void)copy_text(facts->alias, sizeof facts->alias, each);
		else if (each->rta_type == IFLA_MASTER)
			facts->is_port = true;
		else if (each->rta_type == IFLA_ADDRESS && RTA_PAYLOAD(each) == sizeof facts->mac)
			memcpy(facts->mac, RTA_DATA(each), sizeof facts->mac);
		else if (each->rta_type == IFLA_LINKINFO)
			facts->is_bridge = is_of_kind(each, "bridge");
	}
	return strcmp(own, name) == 0 ? 0 : -ENODEV;
}

int link_find(const char *name, struct link_facts *facts, struct report *report)
{
	const struct ifinfomsg none = {.ifi_family = AF_UNSPEC};
	unsigned char data[MESSAGES_BYTES], answer[ANSWER_BYTES] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct netlink_buffer buffer;
	auto_close int fd = netlink_socket(NETLINK_ROUTE);
	ssize_t got;
	int error;

	if (fd < 0)
		return report_fail(report, "open route socket", -fd);
	netlink_init(&buffer, data, sizeof data);
	netlink_open(&buffer, RTM_GETLINK, 0, &none, sizeof none);
	netlink_put_string(&buffer, IFLA_IFNAME, name);
	netlink_close(&buffer);
	if (sendto(fd, buffer.data, buffer.length, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0)
		return report_fail(report, "look for a link", errno);
	do
		got = recv(fd, answer, sizeof answer, 0);
	while (got < 0 && errno == EINTR);
	error = got < 0 ? -errno : read_facts(answer, (size_t)got, name, facts);
	if (error && error != -ENODEV)
		return report_fail(report, "look for a link", -error);
	return error == 0;
}

/* Sets one ATTRIBUTE, a text, of link NAME. */
static int set_text(const char *name, uint16_t attribute, const char *text, size_t length, const char *step, struct report *report)
{
	struct ifinfomsg info = {.ifi_family = AF_UNSPEC};
	unsigned char data[MESSAGES_BYTES];
	struct netlink_buffer buffer;
	auto_close int fd = netlink_socket(NETLINK_ROUTE);

	if (fd < 0)
		return report_fail(report, "open route socket", -fd);
	info.ifi_index = link_index(fd, name);
	if (info.ifi_index < 0)
		return report_fail(report, step, -info.ifi_index);
	netlink_init(&buffer, data, sizeof data);
	netlink_open(&buffer, RTM_NEWLINK, NLM_F_ACK, &info, sizeof info);
	netlink_put(&buffer, attribute, text, length);
	netlink_close(&buffer);
	return link_transact(fd, &buffer, step, 0, report);
}

int link_mark(const char *name, const char *alias, struct report *report)
{
	return set_text(name, IFLA_IFALIAS, alias, strlen(alias), "mark a link", report);
}

int link_rename(const char *name, const char *to, struct report *report)
{
	return set_text(name, IFLA_IFNAME, to, strlen(to) + 1, "name a link", report);
}
