#include "../../src/common/request.h"

#include <stdlib.h>

#include "packet.h"
#include "tap.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

static struct packet packet;
static struct request request;
static struct report report;

/* The linker sends the parser's malloc here (-Wl,--wrap=malloc). */
static bool memory_is_gone;
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
	return memory_is_gone ? NULL : __real_malloc(size);
}

static int parse(void)
{
	report = (struct report){0};
	return request_parse(packet.bytes, packet.length, &request, &report);
}

static bool refuses(enum tm_status status)
{
	bool refused = parse() < 0 && report.status == status && request.arena == NULL;

	request_free(&request);
	return refused;
}

static bool takes(void)
{
	bool taken = parse() == 0;

	request_free(&request);
	return taken;
}

static void start_with_mode(uint32_t mode)
{
	packet_open(&packet, TM_VERB_CONTAINER_START);
	packet_text(&packet, TM_TAG_CONTAINER, ID);
	packet_text(&packet, TM_TAG_LAYER, ID);
	packet_number32(&packet, TM_TAG_NETWORK_MODE, mode);
}

static void start(void)
{
	start_with_mode(TM_NETWORK_NONE);
	packet_text(&packet, TM_TAG_ARG, "/bin/true");
}

/* A start on a bridge network, without the field LEFT_OUT. */
static void bridge_without(int left_out)
{
	start_with_mode(TM_NETWORK_BRIDGE);
	packet_text(&packet, TM_TAG_ARG, "sh");
	if (left_out != TM_TAG_NETWORK)
		packet_text(&packet, TM_TAG_NETWORK, ID);
	if (left_out != TM_TAG_ADDRESS)
		packet_number32(&packet, TM_TAG_ADDRESS, 0x0a580002);
	if (left_out != TM_TAG_PREFIX)
		packet_number32(&packet, TM_TAG_PREFIX, 16);
	if (left_out != TM_TAG_GATEWAY)
		packet_number32(&packet, TM_TAG_GATEWAY, 0x0a580001);
}

static void port(uint8_t protocol, uint16_t host_port, uint16_t container_port)
{
	unsigned char record[12] = {protocol, 0, (unsigned char)host_port, (unsigned char)(host_port >> 8), 1, 0, 0, 127,
				    (unsigned char)container_port, (unsigned char)(container_port >> 8)};

	packet_field(&packet, TM_TAG_PORT, record, sizeof record);
}

static void headers(void)
{
	packet_open(&packet, TM_VERB_PROBE);
	CHECK(takes(), "takes a request without fields");
	packet.length = TM_HEADER_BYTES - 1;
	CHECK(refuses(TM_E_PROTOCOL), "refuses a packet shorter than its header");
	packet.length = TM_PACKET_MAX_BYTES + 1;
	CHECK(refuses(TM_E_PROTOCOL), "refuses a packet that is too long");
	packet_open(&packet, TM_VERB_PROBE);
	packet.bytes[0] ^= 1;
	CHECK(refuses(TM_E_PROTOCOL), "refuses another magic number");
	packet_open(&packet, TM_VERB_PROBE);
	packet.bytes[4]++;
	CHECK(refuses(TM_E_PROTOCOL), "refuses another version");
	packet_open(&packet, 0);
	CHECK(refuses(TM_E_PROTOCOL), "refuses verb 0");
	packet_open(&packet, TM_VERB_LAST + 1);
	CHECK(refuses(TM_E_PROTOCOL), "refuses a verb beyond the last");
	packet_open(&packet, TM_VERB_PROBE);
	packet.bytes[8] = 1;
	CHECK(refuses(TM_E_PROTOCOL), "refuses a status in a request");
	packet_open(&packet, TM_VERB_PROBE);
	packet.bytes[12] = 1;
	CHECK(refuses(TM_E_PROTOCOL), "refuses a length that is not the packet's");
}

static void fields(void)
{
	packet_open(&packet, TM_VERB_CONTAINER_CLEAN);
	packet_text(&packet, TM_TAG_CONTAINER, ID);
	CHECK(parse() == 0 && strcmp(request.container, ID) == 0, "takes a container's id");
	CHECK(request_has(&request, TM_TAG_CONTAINER) && !request_has(&request, TM_TAG_EXEC), "knows which fields came");
	request_free(&request);
	packet.bytes[TM_HEADER_BYTES + 2] = 1;
	CHECK(refuses(TM_E_PROTOCOL), "refuses a field whose zero is not zero");
	packet_open(&packet, TM_VERB_CONTAINER_CLEAN);
	packet_put32(&packet, TM_TAG_CONTAINER);
	packet_close(&packet);
	CHECK(refuses(TM_E_PROTOCOL), "refuses half a field header");
	packet_put32(&packet, 65);
	packet_put(&packet, ID, 64);
	packet_close(&packet);
	CHECK(refuses(TM_E_PROTOCOL), "refuses a field longer than its packet");
	packet_open(&packet, TM_VERB_CONTAINER_CLEAN);
	CHECK(refuses(TM_E_PROTOCOL), "refuses a missing field");
	packet_text(&packet, TM_TAG_CONTAINER, ID);
	packet_text(&packet, TM_TAG_CONTAINER, ID);
	CHECK(refuses(TM_E_PROTOCOL), "refuses a field that comes twice");
	packet_open(&packet, TM_VERB_CONTAINER_CLEAN);
	packet_text(&packet, TM_TAG_CONTAINER, ID);
	packet_text(&packet, TM_TAG_ARG, "x");
	CHECK(refuses(TM_E_PROTOCOL), "refuses a field of another verb");
	packet_open(&packet, TM_VERB_CONTAINER_CLEAN);
	packet_text(&packet, TM_TAG_CONTAINER, ID);
	packet_text(&packet, TM_TAG_LAST + 1, "x");
	CHECK(refuses(TM_E_PROTOCOL), "refuses an unknown field");
	packet_open(&packet, TM_VERB_LAYER_REMOVE);
	packet_text(&packet, TM_TAG_LAYER, ID);
	CHECK(takes(), "takes one layer to remove");
	packet_text(&packet, TM_TAG_LAYER, ID);
	CHECK(refuses(TM_E_PROTOCOL), "refuses two layers to remove");
	packet_open(&packet, TM_VERB_CONTAINER_DIFF);
	packet_text(&packet, TM_TAG_CONTAINER, ID);
	packet_text(&packet, TM_TAG_LAYER, ID);
	packet_text(&packet, TM_TAG_LAYER, OTHER);
	CHECK(takes(), "takes several layers to compare with");
	start();
	memory_is_gone = true;
	CHECK(refuses(TM_E_EXHAUSTED), "says when there is no memory");
	memory_is_gone = false;
}

static bool takes_container(const char *id)
{
	packet_open(&packet, TM_VERB_CONTAINER_CLEAN);
	packet_text(&packet, TM_TAG_CONTAINER, id);
	return takes();
}

static void ids(void)
{
	static const char *const wrong[] = {"", "0123", ID "0", "A" ID, "../../../../../../../../../../../../../../../../../../../../../../etc"};
	char changed[65];

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		CHECK(!takes_container(wrong[i]), "refuses an id of another length");
		CHECK(!request_is_id(wrong[i]), "does not call it an id");
	}
	CHECK(request_is_id(ID) && request_is_id(OTHER), "calls 64 hexadecimal characters an id");
	CHECK(!request_is_id(ID "z"), "refuses an id with something behind it");
	for (const char *c = "/:`gG.\n "; *c; c++) {
		memcpy(changed, ID, sizeof changed);
		changed[63] = *c;
		CHECK(!takes_container(changed) && !request_is_id(changed), "refuses an id with another character");
	}
}

static bool takes_text(const char *text, size_t length)
{
	start();
	packet_field(&packet, TM_TAG_ENV, text, length);
	return takes();
}

static void texts(void)
{
	static const char *const good[] = {"", "A=1", "A=\xc3\xa4", "A=\xe2\x82\xac", "A=\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf", "\xee\x80\x80"};
	static const char *const bad[] = {"\x80",	      "\xc1\x81",	  "\xc3",	      "\xc3(",	       "\xe2\x82", "\xe0\x80\x80",
					  "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",	   "\xf0\x9f\x98"};

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		CHECK(takes_text(good[i], strlen(good[i])), "takes UTF-8");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CHECK(!takes_text(bad[i], strlen(bad[i])), "refuses what is no UTF-8");
	CHECK(!takes_text("a\0b", 3), "refuses a NUL within a text");
}

static void numbers(void)
{
	start();
	packet_number32(&packet, TM_TAG_FLAGS, TM_FLAG_TTY);
	packet_number64(&packet, TM_TAG_MEMORY_MAX, UINT64_C(1) << 40);
	packet_number32(&packet, TM_TAG_OOM_SCORE, (uint32_t)-5);
	CHECK(parse() == 0 && request.flags == TM_FLAG_TTY && request.memory_max == UINT64_C(1) << 40 && request.oom_score == -5,
	      "takes numbers of 32 and 64 bits");
	request_free(&request);
	start();
	packet_number64(&packet, TM_TAG_FLAGS, 1);
	CHECK(refuses(TM_E_INVALID), "refuses a 32-bit number of 8 bytes");
	start();
	packet_number32(&packet, TM_TAG_MEMORY_MAX, 1);
	CHECK(refuses(TM_E_INVALID), "refuses a 64-bit number of 4 bytes");
	start();
	packet_number64(&packet, TM_TAG_MEMORY_MAX, UINT64_MAX);
	CHECK(refuses(TM_E_INVALID), "refuses a number above its limit");
	start();
	packet_number64(&packet, TM_TAG_CPU_PERIOD, 999);
	CHECK(refuses(TM_E_INVALID), "refuses a number below its limit");
	start();
	packet_number32(&packet, TM_TAG_OOM_SCORE, 1001);
	CHECK(refuses(TM_E_INVALID), "refuses an OOM score above 1000");
	start();
	packet_number32(&packet, TM_TAG_OOM_SCORE, (uint32_t)-1001);
	CHECK(refuses(TM_E_INVALID), "refuses an OOM score below -1000");
}

static void starts(void)
{
	unsigned char ulimit[24] = {7, [8] = 1, [16] = 2};
	const unsigned char mac[6] = {2, 0x42, 1, 2, 3, 4};

	start();
	packet_text(&packet, TM_TAG_ARG, "-c");
	packet_text(&packet, TM_TAG_ENV, "A=1");
	packet_text(&packet, TM_TAG_LAYER, OTHER);
	packet_field(&packet, TM_TAG_ULIMIT, ulimit, sizeof ulimit);
	packet_text(&packet, TM_TAG_WORKDIR, "/tmp");
	CHECK(parse() == 0 && request.args.count == 2 && strcmp(request.args.items[1], "-c") == 0 && request.env.count == 1, "keeps lists in order");
	CHECK(request.layers.count == 2 && strcmp(request.layers.items[0], ID) == 0 && strcmp(request.layers.items[1], OTHER) == 0,
	      "keeps layers in order");
	CHECK(request.ulimit_count == 1 && request.ulimits[0].resource == 7 && request.ulimits[0].soft == 1 && request.ulimits[0].hard == 2,
	      "reads a ulimit");
	CHECK(strcmp(request.workdir, "/tmp") == 0, "reads a text");
	request_free(&request);
	start_with_mode(TM_NETWORK_NONE);
	packet_text(&packet, TM_TAG_ARG, "");
	CHECK(takes(), "takes an empty name, which is looked for like others");
	start();
	packet_field(&packet, TM_TAG_ULIMIT, ulimit, 23);
	CHECK(refuses(TM_E_INVALID), "refuses a record of another length");
	for (int i = 0; i < 4; i++) {
		static const int needed[] = {TM_TAG_NETWORK, TM_TAG_ADDRESS, TM_TAG_PREFIX, TM_TAG_GATEWAY};

		bridge_without(needed[i]);
		CHECK(refuses(i == 0 ? TM_E_PROTOCOL : TM_E_INVALID), "refuses a bridge network that lacks a field");
	}
	bridge_without(0);
	packet_field(&packet, TM_TAG_MAC, mac, sizeof mac);
	port(6, 8080, 80);
	port(17, 53, 53);
	CHECK(parse() == 0 && request.port_count == 2 && request.ports[0].host_port == 8080 && request.ports[0].container_port == 80 &&
		      request.ports[0].host_address == 0x7f000001 && request.ports[1].protocol == 17 && memcmp(request.mac, mac, 6) == 0,
	      "reads ports and a MAC address");
	request_free(&request);
	start();
	packet_text(&packet, TM_TAG_NETWORK, ID);
	CHECK(refuses(TM_E_PROTOCOL), "refuses a network without bridge mode");
	start();
	packet_field(&packet, TM_TAG_MAC, mac, sizeof mac);
	CHECK(refuses(TM_E_PROTOCOL), "refuses a MAC address without bridge mode");
	start();
	port(6, 8080, 80);
	CHECK(refuses(TM_E_PROTOCOL), "refuses a port without bridge mode");
}

static void joins(void)
{
	start_with_mode(TM_NETWORK_JOIN);
	packet_text(&packet, TM_TAG_ARG, "sh");
	CHECK(refuses(TM_E_PROTOCOL), "refuses to join nobody's network");
	packet_text(&packet, TM_TAG_JOIN_NETWORK_OF, OTHER);
	CHECK(takes(), "takes the network of another container");
	start();
	packet_text(&packet, TM_TAG_JOIN_NETWORK_OF, OTHER);
	CHECK(refuses(TM_E_PROTOCOL), "refuses another container's network in another mode");
	for (int i = 0; i < 4; i++) {
		bridge_without(0);
		port(i == 0 ? 1 : i == 3 ? 17 : 6, i == 1 ? 0 : 80, i == 2 ? 0 : 80);
		CHECK(i == 3 ? takes() : refuses(TM_E_INVALID), "refuses ports of other protocols, and port 0");
	}
}

static void options(void)
{
	const unsigned char rule[12] = {'c', 5, [4] = 10, [8] = 200};
	const unsigned char limit[24] = {TM_BLOCK_READ_BYTES, [4] = 8, [8] = 16, [16] = 0, 0x10};
	const unsigned char profile[8] = {1, 2, 3, 4, 5, 6, 7, 8};

	start();
	packet_text(&packet, TM_TAG_DEVICE, "rwm /dev/kvm /dev/kvm");
	packet_field(&packet, TM_TAG_DEVICE_RULE, rule, sizeof rule);
	packet_text(&packet, TM_TAG_MASKED_PATH, "/proc/a");
	packet_field(&packet, TM_TAG_BLOCK_LIMIT, limit, sizeof limit);
	packet_field(&packet, TM_TAG_SECCOMP, profile, sizeof profile);
	packet_text(&packet, TM_TAG_MASKED_PATH, "/proc/b");
	packet_field(&packet, TM_TAG_DEVICE_RULE, rule, sizeof rule);
	CHECK(parse() == 0 && request.devices.count == 1 && request.masked_paths.count == 2 && strcmp(request.masked_paths.items[1], "/proc/b") == 0,
	      "reads devices and paths");
	CHECK(request.device_rule_count == 2 && request.device_rules[1].type == 'c' && request.device_rules[1].access == 5 &&
		      request.device_rules[1].major == 10 && request.device_rules[1].minor == 200,
	      "reads rules of devices");
	CHECK(request.block_limit_count == 1 && request.block_limits[0].kind == TM_BLOCK_READ_BYTES && request.block_limits[0].major == 8 &&
		      request.block_limits[0].minor == 16 && request.block_limits[0].value == 0x1000,
	      "reads limits of block devices");
	CHECK(request.seccomp_length == sizeof profile && memcmp(request.seccomp, profile, sizeof profile) == 0, "reads a filter's bytes, NULs included");
	request_free(&request);
	start();
	packet_field(&packet, TM_TAG_SECCOMP, profile, 3);
	CHECK(refuses(TM_E_INVALID), "refuses a filter without a default");
	start();
	packet_field(&packet, TM_TAG_DEVICE_RULE, limit, 13);
	CHECK(refuses(TM_E_INVALID), "refuses a record that is too long");
	start();
	packet_number32(&packet, TM_TAG_NAMESPACES, TM_NAMESPACE_JOIN_PID);
	CHECK(refuses(TM_E_PROTOCOL), "refuses to join nobody's processes");
	packet_text(&packet, TM_TAG_JOIN_PROCESSES_OF, OTHER);
	CHECK(takes(), "takes the processes of another container");
	start();
	packet_text(&packet, TM_TAG_JOIN_PROCESSES_OF, OTHER);
	packet_number32(&packet, TM_TAG_NAMESPACES, TM_NAMESPACE_IPC_NONE);
	CHECK(refuses(TM_E_PROTOCOL), "refuses another container without anything to share");
}

static void endpoint(const char *network, uint32_t address, uint32_t gateway, uint32_t prefix, uint8_t mac)
{
	unsigned char record[84] = {[64 + 12] = mac};

	memcpy(record, network, 64);
	memcpy(record + 64, &address, 4);
	memcpy(record + 68, &gateway, 4);
	memcpy(record + 72, &prefix, 4);
	packet_field(&packet, TM_TAG_ENDPOINT, record, sizeof record);
}

static void pair(int tag, uint32_t first, uint32_t second)
{
	const uint32_t record[2] = {first, second};

	packet_field(&packet, tag, record, sizeof record);
}

static void up(uint32_t mtu, uint32_t options)
{
	packet_open(&packet, TM_VERB_NETWORK_UP);
	packet_text(&packet, TM_TAG_NETWORK, ID);
	packet_number32(&packet, TM_TAG_PREFIX, 16);
	packet_number32(&packet, TM_TAG_GATEWAY, 0x0a580001);
	pair(TM_TAG_NETWORK_OPTIONS, mtu, options);
}

static void networks(void)
{
	static const struct {
		const char *network;
		uint32_t address, gateway, prefix;
	} wrong[] = {{"X" ID, 1, 1, 24}, {ID, 0, 1, 24}, {ID, 1, 0, 24}, {ID, 1, 1, 7}, {ID, 1, 1, 31}};
	static const uint32_t sources[][2] = {{0, 0}, {0x0a000000, 8}, {0x0a000001, 32}, {0x0a000001, 8}, {0, 33}, {1, 0}};
	uint32_t mtu, options;

	bridge_without(0);
	endpoint(OTHER, 0x0a590002, 0x0a590001, 24, 0);
	endpoint(ID, 0x0a5a0002, 0x0a5a0001, 24, 2);
	pair(TM_TAG_SOURCE, 0x0a000000, 8);
	packet_number32(&packet, TM_TAG_RESOLVER, 1);
	CHECK(parse() == 0 && request.endpoints.count == 2 && request.resolver == 1 && request.sources.count == 1, "reads further networks");
	CHECK(strcmp(request_endpoint(&request, 0).network, OTHER) == 0 && request_endpoint(&request, 0).address == 0x0a590002 &&
		      request_endpoint(&request, 0).gateway == 0x0a590001 && request_endpoint(&request, 0).prefix == 24 &&
		      !request_endpoint(&request, 0).has_mac && request_endpoint(&request, 1).has_mac && request_endpoint(&request, 1).mac[0] == 2,
	      "and what they say");
	CHECK(request_source(&request, 0).address == 0x0a000000 && request_source(&request, 0).prefix == 8, "and who may use the ports");
	request_network_options(&request, &mtu, &options);
	CHECK(mtu == 0 && options == 0, "takes absent options for none");
	request_free(&request);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		bridge_without(0);
		endpoint(wrong[i].network, wrong[i].address, wrong[i].gateway, wrong[i].prefix, 0);
		CHECK(refuses(TM_E_INVALID), "refuses a further network that makes no sense");
	}
	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
		bridge_without(0);
		pair(TM_TAG_SOURCE, sources[i][0], sources[i][1]);
		CHECK(i < 3 ? takes() : refuses(TM_E_INVALID), "refuses a range of sources that has bits below its prefix, or no such prefix");
	}
	for (int i = 0; i < 3; i++) {
		start();
		if (i == 0)
			endpoint(OTHER, 0x0a590002, 0x0a590001, 24, 0);
		else if (i == 1)
			pair(TM_TAG_SOURCE, 0, 0);
		else
			packet_number32(&packet, TM_TAG_RESOLVER, 1);
		CHECK(refuses(TM_E_PROTOCOL), "refuses further networks, sources and a resolver without bridge mode");
	}
}

/* Addresses of IPv6 by the last byte, below fd00::. */
static void put6(unsigned char *record, uint8_t last)
{
	record[0] = last ? 0xfd : 0;
	record[15] = last;
}

static void endpoint6(const char *network, uint8_t address, uint8_t gateway, uint32_t prefix)
{
	unsigned char record[100] = {0};

	memcpy(record, network, 64);
	put6(record + 64, address);
	put6(record + 80, gateway);
	memcpy(record + 96, &prefix, 4);
	packet_field(&packet, TM_TAG_ENDPOINT6, record, sizeof record);
}

static void range6(int tag, uint8_t last, uint32_t prefix)
{
	unsigned char record[20] = {0};

	put6(record, last);
	memcpy(record + 16, &prefix, 4);
	packet_field(&packet, tag, record, sizeof record);
}

static void port6(uint8_t protocol, uint8_t host_port, uint8_t container_port)
{
	unsigned char record[24] = {protocol, 0, host_port, 0, container_port, 0, 0, 0, [23] = 9};

	packet_field(&packet, TM_TAG_PORT6, record, sizeof record);
}

static void without_ipv4(void)
{
	start_with_mode(TM_NETWORK_BRIDGE);
	packet_text(&packet, TM_TAG_ARG, "sh");
	packet_text(&packet, TM_TAG_NETWORK, ID);
	endpoint(OTHER, 0, 0, 0, 0);
	endpoint6(ID, 2, 1, 64);
	endpoint6(OTHER, 2, 1, 64);
	CHECK(takes(), "takes places with IPv6 alone");
	start_with_mode(TM_NETWORK_BRIDGE);
	packet_text(&packet, TM_TAG_ARG, "sh");
	packet_text(&packet, TM_TAG_NETWORK, ID);
	CHECK(refuses(TM_E_INVALID), "refuses a place without any address");
	for (int i = 0; i < 4; i++) {
		bridge_without(0);
		endpoint(OTHER, i == 0 ? 0 : 0x0a590002, i == 1 ? 0 : 0x0a590001, i == 2 ? 0 : 24, 0);
		if (i < 3)
			endpoint6(OTHER, 2, 1, 64);
		CHECK(i < 3 ? refuses(TM_E_INVALID) : takes(), "refuses a further place with a part of what IPv4 takes");
	}
	bridge_without(0);
	endpoint(OTHER, 0, 0, 0, 0);
	CHECK(refuses(TM_E_INVALID), "refuses a further place without any address");
	for (int i = 0; i < 4; i++) {
		static const unsigned char network6[20] = {0xfd, [15] = 1, 64};

		packet_open(&packet, TM_VERB_NETWORK_UP);
		packet_text(&packet, TM_TAG_NETWORK, ID);
		if (i == 1)
			packet_number32(&packet, TM_TAG_PREFIX, 16);
		if (i == 2)
			packet_number32(&packet, TM_TAG_GATEWAY, 0x0a580001);
		if (i < 3)
			packet_field(&packet, TM_TAG_NETWORK6, network6, sizeof network6);
		CHECK(i == 0 ? takes() : refuses(TM_E_INVALID), "takes a network with IPv6 alone, and none with a part of IPv4 or nothing");
	}
}

static void link_sysctls(void)
{
	static const char *const wrong[] = {
		ID, ID " ", ID "-net.ipv4.conf.ifname.forwarding=1", OTHER " net.ipv4.conf.ifname.forwarding=1", "net.ipv4.conf.ifname.forwarding=1",
		ID " net.ipv4.conf.eth0.forwarding=1", ID " net.ipv4.conf.all.forwarding=1", ID " net.ipv4.conf.IFNAME.forwarding=1", ID " net.ipv4.conf...forwarding=1",
		ID " net.ipv4.ifname.forwarding=1", ID " net.ipv4.route.ifname.flush=1", ID " net.core.conf.ifname.forwarding=1", ID " net.mpls.neigh.ifname.input=1",
		ID " kernel.ipv4.conf.ifname.core_pattern=1", ID " net.ipv4.conf.ifname.a.b=1", ID " net.ipv4.conf.ifname.a/b=1", ID " net.ipv4.conf.ifname...=1",
		ID " net.ipv4.conf.ifname./../../../kernel/core_pattern=1", ID " net.ipv4.conf.ifname.=1", ID " net.ipv4.conf.ifname.forwarding", ID " net.ipv4.conf.ifname.forwarding=",
		ID " net.ipv4.conf.ifname.forwarding=1 2", ID " net.ipv4.conf.ifname.forwarding=1\n", ID " net.ipv4.conf.ifname.forwarding=|x", ID " net.ipv4.conf.ifname.Forwarding=1",
		ID " net.ipv4.conf.ifname.forwarding =1", ID "  net.ipv4.conf.ifname.forwarding=1", ID " net/ipv4/conf/ifname/forwarding=1",
		ID " net.ipv4.conf.ifname.a23456789012345678901234567890123456789012345678=1",
		ID " net.ipv4.conf.ifname.a=12345678901234567890123456789012345678901234567890123456789012345"};
	struct request_link_sysctl sysctl;

	bridge_without(0);
	endpoint(OTHER, 0x0a590002, 0x0a590001, 24, 0);
	packet_text(&packet, TM_TAG_LINK_SYSCTL, ID " net.ipv4.conf.ifname.log_martians=1");
	packet_text(&packet, TM_TAG_LINK_SYSCTL, OTHER " net.ipv6.neigh.ifname.a2345678901234567890123456789012345678901234567=::-1.x");
	packet_text(&packet, TM_TAG_LINK_SYSCTL, ID " net.mpls.conf.ifname.input=1");
	CHECK(parse() == 0 && request.link_sysctls.count == 3, "takes settings of links");
	CHECK(request_link_sysctl(request.link_sysctls.items[0], &sysctl) && strcmp(sysctl.folder, "ipv4/conf") == 0 && strcmp(sysctl.setting, "log_martians") == 0 &&
		      strcmp(sysctl.value, "1") == 0, "reads one");
	CHECK(request_link_sysctl(request.link_sysctls.items[1], &sysctl) && strcmp(sysctl.folder, "ipv6/neigh") == 0 && strlen(sysctl.setting) == 47 &&
		      strcmp(sysctl.value, "::-1.x") == 0, "reads one with the longest name");
	request_free(&request);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		bridge_without(0);
		packet_text(&packet, TM_TAG_LINK_SYSCTL, wrong[i]);
		CHECK(refuses(TM_E_INVALID), "refuses what is no setting of a link of the request");
	}
	start();
	packet_text(&packet, TM_TAG_LINK_SYSCTL, ID " net.ipv4.conf.ifname.forwarding=1");
	CHECK(refuses(TM_E_INVALID), "refuses a setting without a network");
	bridge_without(0);
	for (int i = 0; i < 1025; i++)
		packet_text(&packet, TM_TAG_LINK_SYSCTL, ID " net.ipv4.conf.ifname.forwarding=1");
	CHECK(refuses(TM_E_PROTOCOL), "refuses too many of them");
}

static void link_names(void)
{
	static const char *const wrong[] = {ID, ID " ", ID "-front", OTHER " front", ID " lo", ID " all", ID " default", ID " 0front", ID " -x", ID " a/b", ID " a b", ID " abcdefghijklmnop", ID " ..", "front"};

	bridge_without(0);
	endpoint(OTHER, 0x0a590002, 0x0a590001, 24, 0);
	packet_text(&packet, TM_TAG_LINK_NAME, ID " front");
	packet_text(&packet, TM_TAG_LINK_NAME, OTHER " Back_1.x-y");
	CHECK(parse() == 0 && strcmp(request_link_name(&request, ID), "front") == 0 && strcmp(request_link_name(&request, OTHER), "Back_1.x-y") == 0 &&
		      !request_link_name(&request, "none"), "reads names of links");
	request_free(&request);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		bridge_without(0);
		packet_text(&packet, TM_TAG_LINK_NAME, wrong[i]);
		CHECK(refuses(TM_E_INVALID), "refuses a name that is none, or of no network of the request");
	}
	for (int i = 0; i < 2; i++) {
		bridge_without(0);
		endpoint(OTHER, 0x0a590002, 0x0a590001, 24, 0);
		packet_text(&packet, TM_TAG_LINK_NAME, ID " front");
		packet_text(&packet, TM_TAG_LINK_NAME, i == 0 ? ID " back" : OTHER " front");
		CHECK(refuses(TM_E_INVALID), "refuses two names of one link, and one of two");
	}
	start();
	packet_text(&packet, TM_TAG_LINK_NAME, ID " front");
	CHECK(refuses(TM_E_INVALID), "refuses a name without a network");
}

static void bridge_names(void)
{
	static const char *const wrong[] = {"", "lo", "all", "default", "0x", "-x", "a/b", "a b", "abcdefghijklmnop", ".."};

	up(0, 0);
	packet_text(&packet, TM_TAG_BRIDGE_NAME, "br-front");
	CHECK(parse() == 0 && strcmp(request.bridge_name, "br-front") == 0, "reads the name of a bridge");
	request_free(&request);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		up(0, 0);
		packet_text(&packet, TM_TAG_BRIDGE_NAME, wrong[i]);
		CHECK(refuses(TM_E_INVALID), "refuses a name that no link can have");
	}
	up(0, 0);
	packet_text(&packet, TM_TAG_LAN, "bridge eth0");
	packet_text(&packet, TM_TAG_BRIDGE_NAME, "br-front");
	CHECK(refuses(TM_E_INVALID), "refuses the name of a bridge for a LAN, which has none");
}

static void ranges6(void)
{
	static const struct {
		uint8_t last;
		uint32_t prefix;
		bool good;
	} networks6[] = {{1, 64, true}, {1, 8, true}, {1, 126, true}, {1, 7, false}, {1, 127, false}, {0, 64, false}},
	  sources6[] = {{0, 0, true}, {1, 128, true}, {1, 127, false}, {1, 129, false}, {1, 64, false}, {1, 4, false}, {2, 127, true}};
	struct request_endpoint6 network;

	for (size_t i = 0; i < sizeof networks6 / sizeof networks6[0]; i++) {
		up(0, 0);
		range6(TM_TAG_NETWORK6, networks6[i].last, networks6[i].prefix);
		CHECK(networks6[i].good ? takes() : refuses(TM_E_INVALID), "refuses a network of IPv6 without gateway, or with a wrong prefix");
	}
	up(1279, 0);
	range6(TM_TAG_NETWORK6, 1, 64);
	CHECK(refuses(TM_E_INVALID), "refuses an MTU that is too small for IPv6");
	up(1280, 0);
	range6(TM_TAG_NETWORK6, 1, 64);
	CHECK(parse() == 0 && request_network6(&request, &network) && network.gateway[15] == 1 && network.prefix == 64, "reads a network of IPv6");
	request_free(&request);
	up(1279, 0);
	CHECK(parse() == 0 && !request_network6(&request, &network), "without it the MTU is free, and there is none");
	request_free(&request);
	for (size_t i = 0; i < sizeof sources6 / sizeof sources6[0]; i++) {
		bridge_without(0);
		range6(TM_TAG_SOURCE6, sources6[i].last, sources6[i].prefix);
		CHECK(sources6[i].good ? takes() : refuses(TM_E_INVALID), "refuses a range of IPv6 with bits below its prefix, or no such prefix");
	}
}

static void networks6(void)
{
	static const struct {
		const char *network;
		uint8_t address, gateway;
		uint32_t prefix;
	} wrong[] = {{"X" ID, 2, 1, 64}, {ID, 0, 1, 64}, {ID, 2, 0, 64}, {ID, 2, 1, 7}, {ID, 2, 1, 127}, {OTHER, 2, 1, 64}};
	static const uint8_t a[16] = {0xfd, 0xff}, b[16] = {0xfd, 0xf0};
	struct request_endpoint6 found;

	bridge_without(0);
	endpoint(OTHER, 0x0a590002, 0x0a590001, 24, 0);
	endpoint6(OTHER, 3, 1, 64);
	endpoint6(ID, 2, 1, 48);
	port6(6, 80, 81);
	port6(17, 53, 53);
	range6(TM_TAG_SOURCE6, 1, 128);
	CHECK(parse() == 0 && request_find_endpoint6(&request, ID, &found) && found.address[15] == 2 && found.gateway[15] == 1 && found.prefix == 48,
	      "reads places of IPv6");
	CHECK(request_port6(&request, 0).host_port == 80 && request_port6(&request, 0).container_port == 81 && request_port6(&request, 0).protocol == 6 &&
		      request_port6(&request, 0).host_address[15] == 9 && request_port6(&request, 1).protocol == 17, "and ports");
	CHECK(request_source6(&request, 0).prefix == 128 && request_source6(&request, 0).address[15] == 1, "and sources");
	CHECK(!request_find_endpoint6(&request, "none", &found), "a network without a place has none");
	request_free(&request);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		bridge_without(0);
		endpoint6(wrong[i].network, wrong[i].address, wrong[i].gateway, wrong[i].prefix);
		CHECK(refuses(TM_E_INVALID), "refuses a place of IPv6 that makes no sense, or on a network that is not named");
	}
	bridge_without(0);
	endpoint6(ID, 2, 1, 64);
	endpoint6(ID, 3, 1, 64);
	CHECK(refuses(TM_E_INVALID), "refuses two places on one network");
	for (int i = 0; i < 3; i++) {
		bridge_without(0);
		port6(i == 0 ? 1 : 6, i == 1 ? 0 : 80, i == 2 ? 0 : 80);
		CHECK(refuses(TM_E_INVALID), "refuses ports of IPv6 of other protocols, and port 0");
	}
	start();
	endpoint6(ID, 2, 1, 64);
	CHECK(refuses(TM_E_INVALID), "refuses a place without a network");
	start();
	port6(6, 80, 80);
	CHECK(refuses(TM_E_PROTOCOL), "refuses ports of IPv6 without bridge mode");
	start();
	range6(TM_TAG_SOURCE6, 1, 128);
	CHECK(refuses(TM_E_PROTOCOL), "and sources");
	CHECK(address6_same(a, b, 12) && !address6_same(a, b, 13) && address6_same(a, b, 8) && !address6_same(a, b, 128), "compares as many bits as are asked for");
}

static size_t fd_count(enum tm_verb verb)
{
	struct request plain = {.verb = verb};

	return request_fd_count(&plain);
}

static void secrets(void)
{
	static const char *const right[] = {"444 0 0 0 a", "0 0 0 512000 db.password_1-x", "777 65535 65535 1 ..."};
	static const char *const wrong[] = {
		"", "444", "444 ", "444 0 0 1", "444 0 0 1 ", "x 0 0 1 a", "1000 0 0 1 a", "448 0 0 1 a", "444 65536 0 1 a", "444 0 65536 1 a",
		"444 0 0 512001 a", "444 0 0 99999999999999999999 a", "444 -1 0 1 a", "444  0 0 1 a", "444 0 0 1 .", "444 0 0 1 ..", "444 0 0 1 a/b",
		"444 0 0 1 a b", "444 0 0 1 \xc3\xa4", "444,0 0 1 a",
		"444 0 0 1 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	};

	for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
		start();
		packet_text(&packet, TM_TAG_SECRET, right[i]);
		CHECK(parse() == 0 && request.secrets.count == 1 && request_fd_count(&request) == 1, "takes a secret, and a descriptor for it");
		request_free(&request);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		start();
		packet_text(&packet, TM_TAG_SECRET, wrong[i]);
		CHECK(refuses(TM_E_INVALID), "refuses a secret that is out of range or malformed");
	}
	start();
	CHECK(parse() == 0 && request_fd_count(&request) == 0, "a start without secrets brings no descriptor");
	request_free(&request);
	for (int i = 0; i <= 64; i++)
		packet_text(&packet, TM_TAG_SECRET, right[0]);
	CHECK(refuses(TM_E_PROTOCOL), "refuses more secrets than there is room for");
}

static void lans(void)
{
	static const struct {
		const char *text;
		uint32_t mode, vlan;
		const char *link;
	} good[] = {{"bridge eth0", 4, 0, "eth0"}, {"private eth0.1", 1, 1, "eth0"}, {"vepa a.b-c_d.4094", 2, 4094, "a.b-c_d"}, {"passthru eth0.x", 8, 0, "eth0.x"},
		    {"bridge eth0.", 4, 0, "eth0."}, {"bridge eth0.5x", 4, 0, "eth0.5x"}};
	static const char *const wrong[] = {"", "bridge", "bridge ", "eth0", "source eth0", "bridgf eth0", "bridge eth0 x", "bridge -eth0", "bridge e/0", "bridge 1234567890123456",
					    "bridge eth0.0", "bridge eth0.01", "bridge eth0.4095", "bridge eth0.10000", "bridge .7"};
	struct request_lan lan;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		CHECK(request_lan_parse(good[i].text, &lan) && lan.mode == good[i].mode && lan.vlan == good[i].vlan && strcmp(lan.link, good[i].link) == 0,
		      "reads the parent of a LAN");
	CHECK(!request_lan_of(0, "eth0", &lan) && request_lan_of(4, "eth0", &lan), "a LAN has a mode");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		CHECK(!request_lan_parse(wrong[i], &lan), "refuses a LAN that makes no sense");
		up(0, 0);
		packet_text(&packet, TM_TAG_LAN, wrong[i]);
		CHECK(refuses(TM_E_INVALID), "and a request with it");
	}
	up(0, 0);
	packet_text(&packet, TM_TAG_LAN, good[0].text);
	CHECK(takes(), "takes a network that is a LAN");
}

static void network_options(void)
{
	static const uint32_t options[][2] = {{0, 0}, {68, 1}, {65535, 3}, {67, 0}, {65536, 0}, {0, 4}};

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		up(options[i][0], options[i][1]);
		CHECK(i < 3 ? takes() : refuses(TM_E_INVALID), "takes only an MTU and options that there are");
	}
	packet_open(&packet, TM_VERB_NETWORK_CONNECT);
	packet_text(&packet, TM_TAG_CONTAINER, ID);
	packet_text(&packet, TM_TAG_NETWORK, OTHER);
	packet_number32(&packet, TM_TAG_PREFIX, 16);
	packet_number32(&packet, TM_TAG_GATEWAY, 0x0a580001);
	CHECK(refuses(TM_E_INVALID), "refuses to connect without an address");
	packet_number32(&packet, TM_TAG_ADDRESS, 0x0a580002);
	port(6, 80, 80);
	CHECK(takes(), "takes a running container's new network");
	port(6, 0, 80);
	CHECK(refuses(TM_E_INVALID), "but not with port 0");
	packet_open(&packet, TM_VERB_CONTAINER_SOCKETS);
	packet_text(&packet, TM_TAG_CONTAINER, ID);
	CHECK(refuses(TM_E_PROTOCOL), "refuses a call for sockets without one");
	packet_text(&packet, TM_TAG_MOUNT, "socket\n0\n" ID "\n\n/run/docker.sock");
	CHECK(takes() && fd_count(TM_VERB_CONTAINER_SOCKETS) == 0, "takes a call for sockets, without descriptors");
	packet_open(&packet, TM_VERB_NETWORK_RESOLVER);
	packet_text(&packet, TM_TAG_CONTAINER, ID);
	CHECK(takes() && fd_count(TM_VERB_NETWORK_RESOLVER) == 0, "takes a call for a resolver, without descriptors");
}

static void execs(void)
{
	const unsigned char ulimit[24] = {7, [8] = 1, [16] = 2};

	packet_open(&packet, TM_VERB_CONTAINER_EXEC);
	packet_text(&packet, TM_TAG_CONTAINER, ID);
	packet_text(&packet, TM_TAG_EXEC, OTHER);
	packet_text(&packet, TM_TAG_ARG, "");
	CHECK(takes(), "takes an exec of an empty name");
	packet_open(&packet, TM_VERB_CONTAINER_EXEC);
	packet_text(&packet, TM_TAG_CONTAINER, ID);
	packet_text(&packet, TM_TAG_EXEC, OTHER);
	packet_text(&packet, TM_TAG_ARG, "id");
	packet_text(&packet, TM_TAG_GROUP_ADD, "7");
	packet_field(&packet, TM_TAG_ULIMIT, ulimit, sizeof ulimit);
	packet_number32(&packet, TM_TAG_OOM_SCORE, 7);
	CHECK(takes(), "takes an exec");
	CHECK(fd_count(TM_VERB_LAYER_UNPACK) == 1 && fd_count(TM_VERB_CONTAINER_DIFF) == 1 && fd_count(TM_VERB_PROBE) == 0,
	      "knows which verbs bring a descriptor");
}

int main(void)
{
	headers();
	fields();
	ids();
	texts();
	numbers();
	starts();
	joins();
	options();
	networks();
	networks6();
	ranges6();
	link_names();
	link_sysctls();
	without_ipv4();
	bridge_names();
	secrets();
	lans();
	network_options();
	execs();
	return tap_finish();
}
