/* The records of a request that are about networks. Pure. */
#include <linux/if_link.h>
#include <string.h>

#include "request.h"

#define ENDPOINT_ADDRESS TM_ID_CHARS
#define ENDPOINT_MAC (TM_ID_CHARS + 12)
#define MTU_MIN 68 /* RFC 791 */
#define MTU_MAX 65535
#define MTU_MIN6 1280 /* RFC 8200 */
#define PREFIX6_MIN 8
#define PREFIX6_MAX 126
#define VLAN_MAX 4094
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define IPVLAN(mode, flags) (LAN_IPVLAN | (mode) | (flags) << 4)

static uint32_t number_at(const void *bytes)
{
	const unsigned char *from = bytes;

	return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

struct request_endpoint request_endpoint(const struct request *request, size_t index)
{
	static const uint8_t none[6];
	const char *from = request->endpoints.items[index];
	struct request_endpoint endpoint = {
		.address = number_at(from + ENDPOINT_ADDRESS),
		.gateway = number_at(from + ENDPOINT_ADDRESS + 4),
		.prefix = number_at(from + ENDPOINT_ADDRESS + 8),
	};

	memcpy(endpoint.network, from, TM_ID_CHARS);
	memcpy(endpoint.mac, from + ENDPOINT_MAC, sizeof endpoint.mac);
	endpoint.has_mac = memcmp(endpoint.mac, none, sizeof none) != 0;
	return endpoint;
}

struct request_source request_source(const struct request *request, size_t index)
{
	const char *from = request->sources.items[index];

	return (struct request_source){number_at(from), number_at(from + 4)};
}

bool address6_same(const uint8_t *a, const uint8_t *b, uint32_t prefix)
{
	uint32_t bytes = prefix / 8;
	uint8_t rest = (uint8_t)(0xff00u >> prefix % 8);

	return memcmp(a, b, bytes) == 0 && (rest == 0 || ((a[bytes] ^ b[bytes]) & rest) == 0);
}

bool address6_is_base(const uint8_t *address, uint32_t prefix)
{
	uint32_t bytes = prefix / 8;

	if (bytes < ADDRESS6_BYTES && (address[bytes] & (0xff >> prefix % 8)) != 0)
		return false;
	for (uint32_t i = bytes + 1; i < ADDRESS6_BYTES; i++)
		if (address[i])
			return false;
	return true;
}

bool request_network6(const struct request *request, struct request_endpoint6 *network)
{
	*network = (struct request_endpoint6){0};
	if (!request->network6)
		return false;
	memcpy(network->gateway, request->network6, ADDRESS6_BYTES);
	network->prefix = number_at(request->network6 + ADDRESS6_BYTES);
	return true;
}

struct request_endpoint6 request_endpoint6(const struct request *request, size_t index)
{
	const char *from = request->endpoints6.items[index];
	struct request_endpoint6 endpoint = {.prefix = number_at(from + TM_ID_CHARS + 2 * ADDRESS6_BYTES)};

	memcpy(endpoint.network, from, TM_ID_CHARS);
	memcpy(endpoint.address, from + TM_ID_CHARS, ADDRESS6_BYTES);
	memcpy(endpoint.gateway, from + TM_ID_CHARS + ADDRESS6_BYTES, ADDRESS6_BYTES);
	return endpoint;
}

bool request_find_endpoint6(const struct request *request, const char *network, struct request_endpoint6 *endpoint)
{
	for (size_t i = 0; i < request->endpoints6.count; i++) {
		*endpoint = request_endpoint6(request, i);
		if (strcmp(endpoint->network, network) == 0)
			return true;
	}
	return false;
}

const char *request_link_name(const struct request *request, const char *network)
{
	for (size_t i = 0; i < request->link_names.count; i++)
		if (strncmp(request->link_names.items[i], network, TM_ID_CHARS) == 0)
			return request->link_names.items[i] + TM_ID_CHARS + 1;
	return NULL;
}

/* Copies what stands before the end of TEXT, or before END, and is of ALPHABET alone; NULL when it is something else, nothing or too long. */
static const char *copy_part(char *to, size_t size, const char *text, const char *alphabet, char end)
{
	size_t length = strspn(text, alphabet);

	if (length == 0 || length >= size || text[length] != end)
		return NULL;
	memcpy(to, text, length);
	to[length] = '\0';
	return text + length;
}

bool request_link_sysctl(const char *text, struct request_link_sysctl *sysctl)
{
	static const struct {
		const char *name, *folder;
	} kinds[] = {
		{"net.ipv4.conf.ifname.", "ipv4/conf"}, {"net.ipv4.neigh.ifname.", "ipv4/neigh"}, {"net.ipv6.conf.ifname.", "ipv6/conf"},
		{"net.ipv6.neigh.ifname.", "ipv6/neigh"}, {"net.mpls.conf.ifname.", "mpls/conf"}};

	*sysctl = (struct request_link_sysctl){0};
	if (strlen(text) <= TM_ID_CHARS || text[TM_ID_CHARS] != ' ')
		return false;
	text += TM_ID_CHARS + 1;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		size_t length = strlen(kinds[i].name);
		const char *equals;

		if (strncmp(text, kinds[i].name, length) != 0)
			continue;
		sysctl->folder = kinds[i].folder;
		equals = copy_part(sysctl->setting, sizeof sysctl->setting, text + length, "abcdefghijklmnopqrstuvwxyz" DIGITS "_", '=');
		return equals && copy_part(sysctl->value, sizeof sysctl->value, equals + 1, LETTERS DIGITS ":.-", '\0');
	}
	return false;
}

struct request_port6 request_port6(const struct request *request, size_t index)
{
	const unsigned char *from = (const unsigned char *)request->ports6.items[index];
	struct request_port6 port = {.protocol = from[0], .host_port = (uint16_t)(from[2] | from[3] << 8), .container_port = (uint16_t)(from[4] | from[5] << 8)};

	memcpy(port.host_address, from + 8, ADDRESS6_BYTES);
	return port;
}

struct request_source6 request_source6(const struct request *request, size_t index)
{
	const char *from = request->sources6.items[index];
	struct request_source6 source = {.prefix = number_at(from + ADDRESS6_BYTES)};

	memcpy(source.address, from, ADDRESS6_BYTES);
	return source;
}

static uint32_t lan_mode(const char *word, size_t length)
{
	static const struct {
		const char *word;
		uint32_t mode;
	} modes[] = {
		{"bridge", MACVLAN_MODE_BRIDGE}, {"private", MACVLAN_MODE_PRIVATE}, {"vepa", MACVLAN_MODE_VEPA}, {"passthru", MACVLAN_MODE_PASSTHRU},
		{"ipvlan-l2", IPVLAN(IPVLAN_MODE_L2, 0)}, {"ipvlan-l2-private", IPVLAN(IPVLAN_MODE_L2, IPVLAN_F_PRIVATE)}, {"ipvlan-l2-vepa", IPVLAN(IPVLAN_MODE_L2, IPVLAN_F_VEPA)},
		{"ipvlan-l3", IPVLAN(IPVLAN_MODE_L3, 0)}, {"ipvlan-l3-private", IPVLAN(IPVLAN_MODE_L3, IPVLAN_F_PRIVATE)}, {"ipvlan-l3-vepa", IPVLAN(IPVLAN_MODE_L3, IPVLAN_F_VEPA)},
		{"ipvlan-l3s", IPVLAN(IPVLAN_MODE_L3S, 0)}, {"ipvlan-l3s-private", IPVLAN(IPVLAN_MODE_L3S, IPVLAN_F_PRIVATE)}, {"ipvlan-l3s-vepa", IPVLAN(IPVLAN_MODE_L3S, IPVLAN_F_VEPA)}};

	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
		if (strlen(modes[i].word) == length && memcmp(modes[i].word, word, length) == 0)
			return modes[i].mode;
	return 0;
}

/* Digits behind the last dot are a VLAN's id; a name that ends otherwise is that of a link. */
static bool split_parent(struct request_lan *lan)
{
	const char *dot = strrchr(lan->parent, '.');
	const char *digits = dot ? dot + 1 : "";
	size_t count = strspn(digits, "0123456789");

	memcpy(lan->link, lan->parent, sizeof lan->link);
	if (count == 0 || digits[count] != '\0')
		return true;
	if (count > 4 || digits[0] == '0')
		return false;
	for (size_t i = 0; i < count; i++)
		lan->vlan = lan->vlan * 10 + (uint32_t)(digits[i] - '0');
	lan->link[dot - lan->parent] = '\0';
	return lan->vlan <= VLAN_MAX && lan->link[0] != '\0';
}

bool request_lan_of(uint32_t mode, const char *parent, struct request_lan *lan)
{
	size_t length = strspn(parent, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

	*lan = (struct request_lan){.mode = mode};
	if (length == 0 || length >= sizeof lan->parent || parent[length] != '\0' || parent[0] == '-')
		return false;
	memcpy(lan->parent, parent, length);
	return mode != 0 && split_parent(lan);
}

bool request_lan_parse(const char *text, struct request_lan *lan)
{
	size_t length = strcspn(text, " ");

	return request_lan_of(lan_mode(text, length), text[length] ? text + length + 1 : "", lan);
}

void request_network_options(const struct request *request, uint32_t *mtu, uint32_t *options)
{
	*mtu = request->network_options ? number_at(request->network_options) : 0;
	*options = request->network_options ? number_at(request->network_options + 4) : 0;
}

/* Whether a place has all that IPv4 takes, or nothing of it and IPv6 instead. */
static bool family_is_good(const struct request *request, const char *network, uint32_t address, uint32_t gateway, uint32_t prefix)
{
	struct request_endpoint6 six;

	if ((address | gateway | prefix) == 0)
		return request_find_endpoint6(request, network, &six);
	return address && gateway && prefix >= 8 && prefix <= 30;
}

static bool families_are_good(const struct request *request)
{
	if (request->verb == TM_VERB_NETWORK_UP)
		return request->gateway ? request->prefix != 0 : !request->prefix && request->network6;
	if ((request->verb != TM_VERB_NETWORK_CONNECT && request->network_mode != TM_NETWORK_BRIDGE) || !request->network)
		return true;
	return family_is_good(request, request->network, request->address, request->gateway, request->prefix);
}

/* All bits below the prefix are 0, so that no two ranges that differ begin at the same place. */
static bool source_is_good(struct request_source source)
{
	return source.prefix <= 32 && (source.prefix == 32 || (source.address & (UINT32_MAX >> source.prefix)) == 0);
}

static bool port_is_good(const struct request_port *port)
{
	return (port->protocol == 6 || port->protocol == 17) && port->host_port && port->container_port;
}

/* The network that a place is said to have IPv6 on is one that the request puts the container on. */
static bool is_named(const struct request *request, const char *network)
{
	bool found = strncmp(request->network, network, TM_ID_CHARS) == 0;

	for (size_t i = 0; i < request->endpoints.count && !found; i++)
		found = memcmp(request->endpoints.items[i], network, TM_ID_CHARS) == 0;
	return found;
}

static bool network6_is_good(const struct request_endpoint6 *network)
{
	return network->prefix >= PREFIX6_MIN && network->prefix <= PREFIX6_MAX && !address6_is_base(network->gateway, 0);
}

static bool endpoints6_are_good(const struct request *request)
{
	for (size_t i = 0; i < request->endpoints6.count; i++) {
		struct request_endpoint6 endpoint = request_endpoint6(request, i);

		if (!request->network || !request_is_id(endpoint.network) || !is_named(request, endpoint.network) || !network6_is_good(&endpoint) ||
		    address6_is_base(endpoint.address, 0))
			return false;
		for (size_t k = 0; k < i; k++)
			if (memcmp(request->endpoints6.items[k], endpoint.network, TM_ID_CHARS) == 0)
				return false;
	}
	return true;
}

/* A name that says nothing else in a path, a list or a setting, where the kernel has directories named all and default beside those of links. */
static bool is_link_name(const char *name)
{
	size_t length = strspn(name, LETTERS DIGITS "_.-");

	return length < LINK_NAME_BYTES && name[length] == '\0' && strspn(name, LETTERS) > 0 && strcmp(name, "lo") != 0 &&
	       strcmp(name, "all") != 0 && strcmp(name, "default") != 0;
}

static bool link_names_are_good(const struct request *request)
{
	for (size_t i = 0; i < request->link_names.count; i++) {
		const char *text = request->link_names.items[i];

		if (!request->network || strlen(text) < TM_ID_CHARS + 2 || text[TM_ID_CHARS] != ' ' || !is_named(request, text) || !is_link_name(text + TM_ID_CHARS + 1))
			return false;
		for (size_t k = 0; k < i; k++)
			if (strncmp(request->link_names.items[k], text, TM_ID_CHARS) == 0 || strcmp(request->link_names.items[k] + TM_ID_CHARS, text + TM_ID_CHARS) == 0)
				return false;
	}
	return true;
}

static bool link_sysctls_are_good(const struct request *request)
{
	for (size_t i = 0; i < request->link_sysctls.count; i++) {
		struct request_link_sysctl sysctl;

		if (!request->network || !request_link_sysctl(request->link_sysctls.items[i], &sysctl) || !is_named(request, request->link_sysctls.items[i]))
			return false;
	}
	return true;
}

static bool records6_are_good(const struct request *request)
{
	struct request_endpoint6 network;

	if (request_network6(request, &network) && !network6_is_good(&network))
		return false;
	for (size_t i = 0; i < request->ports6.count; i++) {
		struct request_port6 port = request_port6(request, i);

		if ((port.protocol != 6 && port.protocol != 17) || !port.host_port || !port.container_port)
			return false;
	}
	for (size_t i = 0; i < request->sources6.count; i++) {
		struct request_source6 source = request_source6(request, i);

		if (source.prefix > 8 * ADDRESS6_BYTES || !address6_is_base(source.address, source.prefix))
			return false;
	}
	return endpoints6_are_good(request);
}

int request_network_check(const struct request *request)
{
	uint32_t mtu, options;
	struct request_lan lan;

	if (request->lan && !request_lan_parse(request->lan, &lan))
		return -1;
	request_network_options(request, &mtu, &options);
	if ((mtu && (mtu < (request->network6 ? MTU_MIN6 : MTU_MIN) || mtu > MTU_MAX)) || (options & ~(uint32_t)(TM_NETWORK_ISOLATED | TM_NETWORK_NO_MASQUERADE)))
		return -1;
	for (size_t i = 0; i < request->endpoints.count; i++) {
		struct request_endpoint endpoint = request_endpoint(request, i);

		if (!request_is_id(endpoint.network) || !family_is_good(request, endpoint.network, endpoint.address, endpoint.gateway, endpoint.prefix))
			return -1;
	}
	for (size_t i = 0; i < request->sources.count; i++)
		if (!source_is_good(request_source(request, i)))
			return -1;
	for (size_t i = 0; i < request->port_count; i++)
		if (!port_is_good(&request->ports[i]))
			return -1;
	if (!families_are_good(request) || !records6_are_good(request) || !link_names_are_good(request) || !link_sysctls_are_good(request))
		return -1;
	return !request->bridge_name || (!request->lan && is_link_name(request->bridge_name)) ? 0 : -1;
}
