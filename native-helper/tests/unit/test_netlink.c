#include "../../src/common/netlink.h"

#include <linux/netlink.h>
#include <string.h>

#include "tap.h"

static void messages(void)
{
	unsigned char data[256];
	struct netlink_buffer buffer;
	struct nlmsghdr header;
	const uint32_t extra = 0x11223344;
	size_t nest;
	uint16_t length;

	netlink_init(&buffer, data, sizeof data);
	netlink_open(&buffer, 17, NLM_F_ACK, &extra, sizeof extra);
	nest = netlink_nest(&buffer, 3);
	netlink_put_u8(&buffer, 1, 9);
	netlink_put_string(&buffer, 2, "abc");
	netlink_unnest(&buffer, nest);
	netlink_put_be32(&buffer, 4, 0x0a580001);
	netlink_close(&buffer);
	memcpy(&header, data, sizeof header);
	CHECK(!buffer.overflow && header.nlmsg_len == buffer.length && buffer.length == 16 + 4 + 4 + 8 + 8 + 8, "lays out and pads attributes");
	CHECK(header.nlmsg_type == 17 && header.nlmsg_flags == (NLM_F_ACK | NLM_F_REQUEST) && header.nlmsg_seq == 1, "fills the header");
	memcpy(&length, data + 20, sizeof length);
	CHECK(length == 20 && data[22] == 3 && data[23] == 0x80, "closes a nest with its length and mark");
	CHECK(memcmp(data + 44, "\x0a\x58\x00\x01", 4) == 0, "writes network order");
	netlink_open(&buffer, 18, 0, NULL, 0);
	netlink_close(&buffer);
	memcpy(&header, data + 48, sizeof header);
	CHECK(header.nlmsg_seq == 2 && header.nlmsg_len == 16, "numbers messages");
}

static void limits(void)
{
	unsigned char data[64 + 8];
	static const char large[70000];
	struct netlink_buffer buffer;

	memset(data, 0xee, sizeof data);
	netlink_init(&buffer, data, 64);
	netlink_open(&buffer, 1, 0, NULL, 0);
	netlink_put(&buffer, 1, large, 60);
	netlink_close(&buffer);
	CHECK(buffer.overflow && buffer.length == 16, "refuses what does not fit");
	netlink_put_u32(&buffer, 1, 1);
	CHECK(buffer.length == 16, "stays refused");
	CHECK(data[64] == 0xee, "writes nothing beyond its end");
	netlink_init(&buffer, data, 64);
	netlink_put(&buffer, 1, large, sizeof large);
	CHECK(buffer.overflow, "refuses an attribute longer than its length field");
}

int main(void)
{
	messages();
	limits();
	return tap_finish();
}
