#include "../../src/helper/policy_bind.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

static const char good[] = "# a comment\n"
			   "server_uid = 999\nserver_gid = 998\nmonitor_uid = 997\n"
			   "storage_root = /var/lib/tallyman/kernel\nrecords_root = /var/lib/tallyman/records\nrun_root = /run/tallyman-monitor\n"
			   "id_base = 131072\nid_count = 67108864\ncaps_max = CHOWN,NET_RAW\nsubnets = 10.88.0.0/13\n"
			   "publish_ports = 1024-65535\npublish_addresses = any\nbridge_prefix = tm\nnft_table = tallyman\ncgroup_parent = tallyman\n"
			   "max_containers = 10\nmemory_max = 1000000\npids_max = 100\ncpu_max_percent = 100\n";

static struct policy policy;
static struct report report;

/* Parses the good text with MORE behind it, of LENGTH bytes. */
static int parse(const char *more, size_t length)
{
	char text[4096];

	report = (struct report){0};
	policy = (struct policy){.seccomp_required = true}; /* as the loader does */
	memcpy(text, good, sizeof good - 1);
	memcpy(text + sizeof good - 1, more, length);
	text[sizeof good - 1 + length] = 0;
	return policy_parse(text, sizeof good - 1 + length, &policy, &report);
}

static bool refuses(const char *more)
{
	return parse(more, strlen(more)) < 0 && report.status == TM_E_POLICY_FILE && report.text[0];
}

static void files(void)
{
	CHECK(parse("", 0) == 0 && policy.server_uid == 999 && policy.id_base == 131072 && policy.port_low == 1024 && policy.port_high == 65535, "reads a file");
	CHECK(policy.caps_max == (UINT64_C(1) << 0 | UINT64_C(1) << 13), "reads names of capabilities");
	CHECK(!policy.privileged && !policy.host_net && !policy.unmasked && policy.seccomp_required, "is strict where nothing is said");
	CHECK(refuses("server_uid = 1\n"), "refuses a key twice");
	CHECK(refuses("bind_roots = /\n"), "refuses an unknown key");
	CHECK(refuses("hello\n"), "refuses a line without equals sign");
	CHECK(refuses("privileged = maybe\n"), "refuses another word than yes and no");
	CHECK(refuses("seccomp = off\n"), "refuses another word for seccomp");
	CHECK(refuses("host_namespaces = all\n"), "refuses another namespace than net");
	CHECK(refuses("host_namespaces = net,pid\n"), "refuses a namespace that no container may share with the host");
	CHECK(!refuses("host_namespaces = uts, cgroup\n") && policy.host_uts && policy.host_cgroup && !policy.host_net, "takes a list of namespaces");
	CHECK(refuses("devices = /etc/passwd\n") && refuses("devices = /dev/../etc\n") && refuses("devices = kvm\n"), "refuses devices outside of /dev");
	CHECK(!refuses("devices = /dev/kvm,/dev/net/tun\n") && policy.device_count == 2, "takes a list of devices");
	CHECK(refuses("sysctls = net.*x\n") && refuses("sysctls = *\n") && !refuses("sysctls = net.ipv4.*\n"), "takes a star at the end of a name only");
	CHECK(refuses("sysctls = kernel.core_pattern\n"), "refuses a sysctl of the whole host");
	CHECK(refuses("sysctls = net/../kernel\n"), "refuses a path as sysctl");
	CHECK(refuses("mount_types = ext4\n"), "refuses file systems from devices");
	CHECK(parse("privileged = no\n\0", 17) < 0, "refuses a NUL");
	CHECK(!refuses("privileged = yes\n"), "takes a key that is not there yet (control)");
}

static struct request start(void)
{
	return (struct request){.verb = TM_VERB_CONTAINER_START, .network_mode = TM_NETWORK_NONE};
}

static bool denies(const struct request *request, const char *key)
{
	report = (struct report){0};
	return policy_check(&policy, request, &report) < 0 && report.status == TM_E_DENIED && strstr(report.text, key);
}

static void checks(void)
{
	static char inside[84] = {[64] = 2, 0, 0x58, 0x0a, [72] = 16}, elsewhere[84] = {[64] = 2, 0, 0x60, 0x0a, [72] = 16};
	const char *further[] = {inside};
	struct request_port port = {.protocol = 6, .host_port = 8080, .container_port = 80};
	struct request request = start();
	const char *wished[1];
	static const struct {
		const char *policy, *wish;
		bool is_allowed;
	} devices[] = {
		{"devices = /dev/kvm\n", "rwm /dev/kvm /dev/kvm", true}, {"devices = /dev/kvm\n", "r /dev/kvm /dev/other", true},
		{"devices = /dev/kvm\n", "rwm /dev/kv /dev/kvm", false}, {"devices = /dev/kvm\n", "rwm /dev/kvm2 /dev/kvm", false},
		{"devices = /dev/kvm\n", "rwm /dev/../dev/kvm /dev/kvm", false}, {"devices = /dev/kvm\n", "/dev/kvm", false}, {"", "rwm /dev/kvm /dev/kvm", false},
	};

	(void)parse("", 0);
	policy.is_trusted = true;
	CHECK(policy_check(&policy, &request, &report) == 0, "allows a plain start (control)");
	request.capabilities = UINT64_C(1) << 21;
	CHECK(denies(&request, "caps_max does not allow SYS_ADMIN"), "denies a capability outside the list, and names it");
	request.capabilities = UINT64_C(1) << 63;
	CHECK(denies(&request, "an unknown capability"), "denies a capability that no kernel has");
	request = start();
	request.flags = TM_FLAG_PRIVILEGED;
	CHECK(denies(&request, "privileged"), "denies privilege");
	request.flags = TM_FLAG_SECCOMP_UNCONFINED;
	CHECK(denies(&request, "seccomp"), "denies to go without filter");
	request = start();
	request.network_mode = TM_NETWORK_HOST;
	CHECK(denies(&request, "host_namespaces"), "denies the host's network");
	request = start();
	request.namespaces = TM_NAMESPACE_HOST_UTS;
	CHECK(denies(&request, "host_namespaces"), "denies the host's names");
	request.namespaces = TM_NAMESPACE_HOST_CGROUP;
	CHECK(denies(&request, "host_namespaces"), "denies the host's control groups");
	request = start();
	request.devices = (struct text_list){wished, 1};
	for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
		(void)parse(devices[i].policy, strlen(devices[i].policy));
		wished[0] = devices[i].wish;
		CHECK(devices[i].is_allowed ? policy_check(&policy, &request, &report) == 0 : denies(&request, "devices"), devices[i].wish);
	}
	request = start();
	request.sysctls = (struct text_list){wished, 1};
	(void)parse("sysctls = net.ipv4.conf.*\n", 26);
	wished[0] = "net.ipv4.conf.all.rp_filter=1";
	CHECK(policy_check(&policy, &request, &report) == 0, "allows a setting below a star (control)");
	wished[0] = "net.ipv4.conf=1";
	CHECK(denies(&request, "sysctls"), "denies one above it");
	request.sysctls = (struct text_list){0};
	request.link_sysctls = (struct text_list){wished, 1};
	wished[0] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef net.ipv4.conf.ifname.rp_filter=1";
	CHECK(policy_check(&policy, &request, &report) == 0, "allows that of a link below a star (control)");
	wished[0] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef net.ipv6.conf.ifname.rp_filter=1";
	CHECK(denies(&request, "sysctls"), "denies that of a link beside it");
	(void)parse("", 0);
	request = start();
	request.ports = &port;
	request.port_count = 1;
	CHECK(policy_check(&policy, &request, &report) == 0, "allows port 8080 (control)");
	port.host_port = 1023;
	CHECK(denies(&request, "publish_ports"), "denies port 1023");
	request = (struct request){.verb = TM_VERB_NETWORK_UP, .gateway = 0x0a580001, .prefix = 16};
	CHECK(policy_check(&policy, &request, &report) == 0, "allows a subnet within the list (control)");
	request.gateway = 0x0a600001;
	CHECK(denies(&request, "subnets"), "denies the subnet next to it");
	request = (struct request){.verb = TM_VERB_NETWORK_UP, .gateway = 0x0a580001, .prefix = 12};
	CHECK(denies(&request, "subnets"), "denies a wider one around it");
	request = (struct request){.verb = TM_VERB_NETWORK_CONNECT, .address = 0x0a580002, .prefix = 16};
	CHECK(policy_check(&policy, &request, &report) == 0, "allows to connect within the list (control)");
	request.address = 0x0a600002;
	CHECK(denies(&request, "subnets"), "denies to connect next to it");
	request = start();
	request.network_mode = TM_NETWORK_BRIDGE;
	request.address = 0x0a580002;
	request.prefix = 16;
	request.endpoints = (struct text_list){further, 1};
	CHECK(policy_check(&policy, &request, &report) == 0, "allows a further network within the list (control)");
	further[0] = elsewhere;
	CHECK(denies(&request, "subnets"), "denies a further network next to it");
}

static void bridge_names(void)
{
	static const char *const broken[] = {"bridge_names = -x\n", "bridge_names = a*b\n", "bridge_names = br-*, **\n", "bridge_names = a/b\n", "bridge_names = 1234567890123456\n"};
	static const char list[] = "bridge_names = br-*, office, t*\n";
	static const struct {
		const char *name;
		bool allowed;
	} wishes[] = {{"br-", false}, {"br-front", true}, {"office", true}, {"tea", true}, {"office1", false}, {"bridge", false}, {"tm0123456789", false}, {"tmv", false}};
	struct request request = {.verb = TM_VERB_NETWORK_UP, .gateway = 0x0a580001, .prefix = 24, .bridge_name = "br-front"};

	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
		CHECK(refuses(broken[i]), "refuses a broken list of names");
	(void)parse("", 0);
	policy.subnets[0] = (struct policy_subnet){0x0a580000, 13};
	policy.subnet_count = 1;
	CHECK(denies(&request, "bridge_names"), "denies every name where none is listed");
	(void)parse(list, sizeof list - 1);
	policy.subnets[0] = (struct policy_subnet){0x0a580000, 13};
	policy.subnet_count = 1;
	for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++) {
		request.bridge_name = wishes[i].name;
		CHECK(wishes[i].allowed ? policy_check(&policy, &request, &report) == 0 : denies(&request, "bridge_names"), "allows listed names, and none that others may get");
	}
}

static void lans(void)
{
	static const char *const broken[] = {
		"macvlan_parents = -x\n", "macvlan_parents = a/b\n", "macvlan_parents = 1234567890123456\n", "macvlan_parents = eth0:all\n", "macvlan_parents = eth0.0\n",
		"macvlan_parents = eth0.4095\n", "macvlan_parents = eth0.9-8\n", "macvlan_parents = eth0.1-4095\n", "macvlan_parents = eth0.1x\n", "macvlan_parents = .5\n",
		"macvlan_subnets = 10.0.0.0\n", "macvlan_subnets = 10.0.0.1/8\n", "macvlan_subnets = fd00::1/64\n"};
	static const char lists[] = "macvlan_parents = eth0, eth1.10-19, eth2:passthru\nmacvlan_subnets = 192.0.2.0/24\n";
	static const struct {
		const char *lan;
		uint32_t gateway;
		const char *key; /* NULL: allowed */
	} wishes[] = {
		{"bridge eth0", 0xc0000201, NULL}, {"bridge eth1.10", 0xc0000201, NULL}, {"vepa eth1.19", 0xc0000201, NULL}, {"passthru eth2", 0xc0000201, NULL},
		{"bridge eth2", 0xc0000201, NULL}, {"bridge eth1", 0xc0000201, "macvlan_parents"}, {"bridge eth1.9", 0xc0000201, "macvlan_parents"},
		{"bridge eth1.20", 0xc0000201, "macvlan_parents"}, {"bridge eth0.10", 0xc0000201, "macvlan_parents"}, {"passthru eth0", 0xc0000201, "macvlan_parents"},
		{"bridge eth", 0xc0000201, "macvlan_parents"}, {"bridge eth0", 0x0a580001, "macvlan_subnets"}, {NULL, 0xc0000201, "subnets"}};
	struct request request;

	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
		CHECK(refuses(broken[i]), "refuses a broken list of parents or of their subnets");
	(void)parse("", 0);
	policy.subnets[0] = (struct policy_subnet){0x0a580000, 13};
	policy.subnet_count = 1;
	request = (struct request){.verb = TM_VERB_NETWORK_UP, .gateway = 0x0a580001, .prefix = 24, .lan = "bridge eth0"};
	CHECK(denies(&request, "macvlan_parents"), "denies every parent where none is listed");
	(void)parse(lists, sizeof lists - 1);
	for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++) {
		request = (struct request){.verb = TM_VERB_NETWORK_UP, .gateway = wishes[i].gateway, .prefix = 24, .lan = wishes[i].lan};
		CHECK(wishes[i].key ? denies(&request, wishes[i].key) : policy_check(&policy, &request, &report) == 0, "allows listed parents and subnets only");
	}
	request = (struct request){.verb = TM_VERB_NETWORK_CONNECT, .address = 0xc0000202, .prefix = 24};
	CHECK(policy_check(&policy, &request, &report) == 0, "a place on a LAN is in its list");
	request.address = 0xc0000302;
	CHECK(denies(&request, "subnets"), "one beside it in none");
}

/* Where the operator says for one family where LANs lie, no network has none of those addresses. */
static void lan_families(void)
{
	static const struct {
		const char *lists, *key4, *key6; /* NULL: allowed */
	} policies[] = {
		{"", NULL, NULL},
		{"macvlan_subnets = 192.0.2.0/24\n", "macvlan_subnets", "macvlan_subnets"},
		{"macvlan_subnets = fd00:79::/64\n", "macvlan_subnets", "macvlan_subnets"},
		{"macvlan_subnets = 10.88.0.0/16\n", NULL, "macvlan_subnets"},
		{"macvlan_subnets = fd00:1::/64\n", "macvlan_subnets", NULL},
		{"macvlan_subnets = 10.88.0.0/16, fd00:1::/64\n", NULL, NULL},
	};
	static const uint8_t network[20] = {0xfd, 0, 0, 1, [15] = 1, 64};

	for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
		char text[256];
		struct request four = {.verb = TM_VERB_NETWORK_UP, .gateway = 0x0a580001, .prefix = 24, .lan = "bridge eth0"};
		struct request six = {.verb = TM_VERB_NETWORK_UP, .network6 = network, .lan = "bridge eth0"}, both = four;
		const char *key_both = policies[i].key4 ? policies[i].key4 : policies[i].key6;

		both.network6 = network;
		(void)snprintf(text, sizeof text, "macvlan_parents = eth0\nsubnets6 = fd00:1::/32\n%s", policies[i].lists);
		CHECK(parse(text, strlen(text)) == 0, "takes a list of either family");
		CHECK(policies[i].key4 ? denies(&four, policies[i].key4) : policy_check(&policy, &four, &report) == 0, "a LAN of IPv4 alone is in the list, or there is none of either family");
		CHECK(policies[i].key6 ? denies(&six, policies[i].key6) : policy_check(&policy, &six, &report) == 0, "so is one of IPv6 alone");
		CHECK(key_both ? denies(&both, key_both) : policy_check(&policy, &both, &report) == 0, "and one of both, with both");
	}
}

/* IPv6: a network, and a port at an address. */
static void checks6(void)
{
	static const struct {
		const char *policy;
		uint8_t gateway[16];
		uint32_t prefix;
		bool is_allowed;
	} networks[] = {
		{"subnets6 = fd00:1::/32\n", {0xfd, 0, 0, 1, [15] = 1}, 64, true},
		{"subnets6 = fd00:1::/32\n", {0xfd, 0, 0, 1, [15] = 1}, 32, true},
		{"subnets6 = fd00:1::/32\n", {0xfd, 0, 0, 1, [15] = 1}, 31, false},
		{"subnets6 = fd00:1::/32\n", {0xfd, 0, 0, 2, [15] = 1}, 64, false},
		{"subnets6 = fd00:1::/32, fd00:2::/33\n", {0xfd, 0, 0, 2, [15] = 1}, 64, true},
		{"subnets6 = fd00:1::/32, fd00:2::/33\n", {0xfd, 0, 0, 2, 0x80, [15] = 1}, 64, false},
	};
	static const char *const broken[] = {"subnets6 = fd00:1::\n", "subnets6 = fd00:1::1/32\n", "subnets6 = fd00::/129\n", "subnets6 = 10.0.0.0/8\n", "subnets6 = fd00::g/32\n"};
	char ports_policy[] = "publish_ports = 1024-65535\npublish_addresses = 127.0.0.1, fd00::1\n";
	unsigned char record[24] = {6, 0, 0x90, 0x1f, 80, 0, 0, 0, 0xfd, [23] = 1}, network[20];
	const char *ports[] = {(const char *)record};
	struct request request;

	for (size_t i = 0; i < sizeof networks / sizeof networks[0]; i++) {
		(void)parse(networks[i].policy, strlen(networks[i].policy));
		policy.any_address = true;
		policy.subnets[0] = (struct policy_subnet){0x0a000000, 8};
		policy.subnet_count = 1;
		memcpy(network, networks[i].gateway, 16);
		memcpy(network + 16, &networks[i].prefix, 4);
		request = (struct request){.verb = TM_VERB_NETWORK_UP, .gateway = 0x0a580001, .prefix = 16, .network6 = network};
		CHECK(networks[i].is_allowed ? policy_check(&policy, &request, &report) == 0 : denies(&request, "subnets6"), "allows networks of IPv6 below its list, and denies others");
	}
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
		CHECK(parse(broken[i], strlen(broken[i])) < 0, "refuses a broken list of IPv6");
	policy = (struct policy){0};
	CHECK(policy_parse(ports_policy, strlen(ports_policy), &policy, &report) == 0 && policy.address_count == 1 && policy.address6_count == 1, "reads addresses of both families");
	request = (struct request){.verb = TM_VERB_NETWORK_DOWN, .ports6 = {ports, 1}};
	CHECK(policy_check(&policy, &request, &report) == 0, "allows a port at a listed address of IPv6 (control)");
	record[23] = 2;
	CHECK(denies(&request, "publish_addresses"), "denies one at another");
	record[23] = 1;
	record[3] = 0;
	CHECK(denies(&request, "publish_ports"), "denies a port below the policy's");
}

/* Where the container's root stays root: paths part by part, below bind_roots, whatever the order of lines. */
static void kept_roots(void)
{
	static const char *const broken[] = {
		"no_root_squash = /srv/a\n", "bind_roots = /srv/a\nno_root_squash = /srv\n", "bind_roots = /srv/a\nno_root_squash = /srv/ab\n",
		"bind_readonly = /srv\nno_root_squash = /srv/a\n", "bind_roots = /srv\nno_root_squash = /srv/a,/opt\n", "bind_roots = /srv\nno_root_squash = /srv/../etc\n",
		"bind_roots = /srv\nno_root_squash = /srv/\n", "bind_roots = /srv\nno_root_squash = srv\n", "bind_roots = /srv\nno_root_squash = /srv/a\nno_root_squash = /srv/b\n"};
	static const char lists[] = "no_root_squash = /srv/a/deep, /srv/a, /opt\nbind_roots = /srv,/opt\n";
	static const struct {
		const char *path, *kept;
	} paths[] = {{"/srv/a", "/srv/a"}, {"/srv/a/b", "/srv/a"}, {"/srv/a/deep/b", "/srv/a"}, {"/opt", "/opt"}, {"/srv", NULL}, {"/srv/ab", NULL}, {"/srv/b/a", NULL}, {"/op", NULL}};

	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
		CHECK(refuses(broken[i]), "refuses a directory that does not lie below bind_roots, or is no clean path");
	CHECK(!refuses(lists) && policy.no_root_squash_count == 3, "takes directories at or below bind_roots (control)");
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		const char *kept = policy_find_no_root_squash(&policy, paths[i].path);

		CHECK(paths[i].kept ? kept && strcmp(kept, paths[i].kept) == 0 : !kept, paths[i].path);
	}
	CHECK(!refuses("bind_roots = /srv\n") && !policy_find_no_root_squash(&policy, "/srv/a"), "squashes root where nothing is said");
}

int main(void)
{
	files();
	checks();
	kept_roots();
	bridge_names();
	lans();
	lan_families();
	checks6();
	return tap_finish();
}
