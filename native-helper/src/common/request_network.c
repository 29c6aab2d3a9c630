/* The records of a request that are about networks. Pure. */
#include <string.h>

#include "request.h"

#define ENDPOINT_ADDRESS TM_ID_CHARS
#define ENDPOINT_MAC (TM_ID_CHARS + 12)
#define MTU_MIN 68 /* RFC 791 */
#define MTU_MAX 65535

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

void request_network_options(const struct request *request, uint32_t *mtu, uint32_t *options)
{
	*mtu = request->network_options ? number_at(request->network_options) : 0;
	*options = request->network_options ? number_at(request->network_options + 4) : 0;
}

static bool endpoint_is_good(const struct request_endpoint *endpoint)
{
	return request_is_id(endpoint->network) && endpoint->address && endpoint->gateway && endpoint->prefix >= 8 && endpoint->prefix <= 30;
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

int request_network_check(const struct request *request)
{
	uint32_t mtu, options;

	request_network_options(request, &mtu, &options);
	if ((mtu && (mtu < MTU_MIN || mtu > MTU_MAX)) || (options & ~(uint32_t)(TM_NETWORK_ISOLATED | TM_NETWORK_NO_MASQUERADE)))
		return -1;
	for (size_t i = 0; i < request->endpoints.count; i++) {
		struct request_endpoint endpoint = request_endpoint(request, i);

		if (!endpoint_is_good(&endpoint))
			return -1;
	}
	for (size_t i = 0; i < request->sources.count; i++)
		if (!source_is_good(request_source(request, i)))
			return -1;
	for (size_t i = 0; i < request->port_count; i++)
		if (!port_is_good(&request->ports[i]))
			return -1;
	return 0;
}
