#include "endpoint_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/report.h"
#include "../common/scope.h"
#include "network_state.h"
#include "state_file.h"

#define ENDPOINTS "endpoints"
#define NO_ADDRESS6 "-"
#define NO_LINK "-" /* no name begins so */
#define IPV6_MARK "x" /* before an address of IPv6, in hex */
#define GATEWAY_ALL 1 /* of the families that it has; versions that knew no other had one gateway for both */
#define GATEWAY_IPV4 2
#define GATEWAY_IPV6 3
#define STATE_BYTES_MAX 262144 /* 2,048 ports of at most 60 characters, 32 lines of 200, 128 sources of 40 */

/* A text that grows; LENGTH beyond its capacity tells that it did not fit. */
struct text {
	char *bytes;
	size_t length;
};

static __attribute__((format(printf, 2, 3))) void append(struct text *text, const char *format, ...)
{
	va_list arguments;

	if (text->length >= STATE_BYTES_MAX)
		return;
	va_start(arguments, format);
	/* The analyser takes the list of a variadic function with an early return for not begun. */
	// NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized)
	text->length += (size_t)vsnprintf(text->bytes + text->length, STATE_BYTES_MAX - text->length, format, arguments);
	va_end(arguments);
}

static int gateway_word(const struct endpoint_state *state)
{
	if (!state->is_gateway)
		return state->is_gateway6 ? GATEWAY_IPV6 : 0;
	return state->has6 && !state->is_gateway6 ? GATEWAY_IPV4 : GATEWAY_ALL;
}

static void append_endpoint(struct text *text, const struct endpoint_state *state)
{
	const uint8_t *m = state->mac;
	char hex[ADDRESS6_HEX + 1];

	address6_to_hex(state->address6, hex);
	append(text, "%s %s %u %02x%02x%02x%02x%02x%02x %zu %u %d %zu %s %s\n", state->network, state->veth, state->address, m[0], m[1], m[2], m[3],
	       m[4], m[5], state->port_count, state->index, gateway_word(state), state->source_count, state->has6 ? hex : NO_ADDRESS6,
	       state->link[0] ? state->link : NO_LINK);
	for (size_t i = 0; i < state->port_count; i++) {
		const struct network_port *port = &state->ports[i];

		address6_to_hex(port->host_address6, hex);
		if (port->is6)
			append(text, "%u " IPV6_MARK "%s %u %u\n", port->protocol, hex, port->host_port, port->container_port);
		else
			append(text, "%u %u %u %u\n", port->protocol, port->host_address, port->host_port, port->container_port);
	}
	for (size_t i = 0; i < state->source_count; i++) {
		address6_to_hex(state->sources[i].address6, hex);
		if (state->sources[i].is6)
			append(text, IPV6_MARK "%s %u\n", hex, state->sources[i].prefix);
		else
			append(text, "%u %u\n", state->sources[i].address, state->sources[i].prefix);
	}
}

int endpoint_state_write(int storage_fd, const char *container, const struct endpoint_list *list, struct report *report)
{
	auto_free char *bytes = malloc(STATE_BYTES_MAX);
	struct text text = {.bytes = bytes};

	if (!bytes)
		return report_fail(report, "write state file", ENOMEM);
	if (list->count == 0)
		return state_file_remove(storage_fd, ENDPOINTS, container, report);
	for (size_t i = 0; i < list->count; i++)
		append_endpoint(&text, &list->items[i]);
	append(&text, STATE_FILE_END);
	if (text.length >= STATE_BYTES_MAX)
		return report_fail(report, "write state file", EMSGSIZE);
	return state_file_write(storage_fd, ENDPOINTS, container, text.bytes, text.length, report);
}

static const char *next_line(const char *at)
{
	const char *end = strchr(at, '\n');

	return end ? end + 1 : NULL;
}

static bool read_port(const char *line, struct network_port *port)
{
	char hex[ADDRESS6_HEX + 1] = "";

	if (sscanf(line, "%" SCNu8 " " IPV6_MARK "%32[0-9a-f] %" SCNu16 " %" SCNu16, &port->protocol, hex, &port->host_port, &port->container_port) == 4) {
		port->is6 = true;
		return address6_of_hex(hex, port->host_address6);
	}
	return sscanf(line, "%" SCNu8 " %u %" SCNu16 " %" SCNu16, &port->protocol, &port->host_address, &port->host_port, &port->container_port) == 4;
}

static bool read_source(const char *line, struct network_source *source)
{
	char hex[ADDRESS6_HEX + 1] = "";

	if (sscanf(line, IPV6_MARK "%32[0-9a-f] %u", hex, &source->prefix) == 2) {
		source->is6 = true;
		return address6_of_hex(hex, source->address6);
	}
	return sscanf(line, "%u %u", &source->address, &source->prefix) == 2;
}

/* Reads the lines of ports and sources that follow the first; NULL when there are fewer than promised. */
static const char *read_lists(const char *line, struct endpoint_state *state)
{
	for (size_t i = 0; i < state->port_count && line; i++, line = next_line(line))
		if (!read_port(line, &state->ports[i]))
			return NULL;
	for (size_t i = 0; i < state->source_count && line; i++, line = next_line(line))
		if (!read_source(line, &state->sources[i]))
			return NULL;
	return line;
}

/* Reads one endpoint. Returns where the next begins, or NULL. Earlier versions knew one endpoint, which had the default route, and no
 * sources; they wrote ten fields, later ones did not write the link's name. */
static const char *read_endpoint(const char *text, struct endpoint_state *state)
{
	uint8_t *m = state->mac;
	int gateway = GATEWAY_ALL;
	char hex[ADDRESS6_HEX + 1] = NO_ADDRESS6, link[LINK_NAME_BYTES] = NO_LINK;
	const char *lists = next_line(text);
	int got = sscanf(text, "%64s %15s %u %2hhx%2hhx%2hhx%2hhx%2hhx%2hhx %zu %u %d %zu%*[ ]%32[0-9a-f-]%*[ ]%15[^\n ]", state->network, state->veth, &state->address, &m[0],
			 &m[1], &m[2], &m[3], &m[4], &m[5], &state->port_count, &state->index, &gateway, &state->source_count, hex, link);

	if (got < 10 || !lists || state->port_count > NETWORK_PORTS_MAX || state->source_count > NETWORK_SOURCES_MAX)
		return NULL;
	state->has6 = address6_of_hex(hex, state->address6);
	state->is_gateway = gateway == GATEWAY_ALL || gateway == GATEWAY_IPV4;
	state->is_gateway6 = state->has6 && (gateway == GATEWAY_ALL || gateway == GATEWAY_IPV6);
	if (strcmp(link, NO_LINK) != 0)
		memcpy(state->link, link, sizeof link);
	state->ports = calloc(state->port_count + 1, sizeof *state->ports);
	state->sources = calloc(state->source_count + 1, sizeof *state->sources);
	return state->ports && state->sources ? read_lists(lists, state) : NULL;
}

int endpoint_state_read(int storage_fd, const char *container, struct endpoint_list *list, struct report *report)
{
	auto_free char *text = malloc(STATE_BYTES_MAX);
	const char *at = text;
	int found;

	*list = (struct endpoint_list){0};
	if (!text)
		return report_fail(report, "read state file", ENOMEM);
	found = state_file_read(storage_fd, ENDPOINTS, container, text, STATE_BYTES_MAX, report);
	if (found <= 0)
		return found;
	while (at && strcmp(at, STATE_FILE_END) != 0 && list->count < NETWORK_ENDPOINTS_MAX)
		at = read_endpoint(at, &list->items[list->count++]);
	if (!at)
		endpoint_list_free(list); /* not written by us: as good as absent */
	return 0;
}

static void free_endpoint(struct endpoint_state *state)
{
	free(state->ports);
	free(state->sources);
	*state = (struct endpoint_state){0};
}

void endpoint_list_free(struct endpoint_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free_endpoint(&list->items[i]);
	list->count = 0;
}

void endpoint_list_drop(struct endpoint_list *list, size_t index)
{
	free_endpoint(&list->items[index]);
	list->count--;
	memmove(&list->items[index], &list->items[index + 1], (list->count - index) * sizeof list->items[0]);
	list->items[list->count] = (struct endpoint_state){0};
}

int endpoint_list_find(const struct endpoint_list *list, const char *network)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].network, network) == 0)
			return (int)i;
	return -1;
}
