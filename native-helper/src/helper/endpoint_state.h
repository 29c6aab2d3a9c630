/* What the helper keeps about the places of containers on networks: endpoints/CONTAINER in the storage root, all of a container's in one file. */
#ifndef TALLYMAN_ENDPOINT_STATE_H
#define TALLYMAN_ENDPOINT_STATE_H

#include "network.h"

struct endpoint_state {
	char network[65];
	char veth[16]; /* name of the host's end */
	uint32_t address;
	bool has6;
	uint8_t address6[ADDRESS6_BYTES];
	uint8_t mac[6];
	uint32_t index; /* N of ethN */
	char link[LINK_NAME_BYTES]; /* its name where it is not that */
	bool is_gateway, is_gateway6; /* has the default route and the ports of IPv4, of IPv6 */
	struct network_port *ports;
	size_t port_count;
	struct network_source *sources;
	size_t source_count;
};

struct endpoint_list {
	struct endpoint_state items[NETWORK_ENDPOINTS_MAX];
	size_t count;
};

/* Writes them all; with none, removes the file. */
int endpoint_state_write(int storage_fd, const char *container, const struct endpoint_list *list, struct report *report);
/* 0, with an empty list when there is no such file, or negative. Free with endpoint_list_free(), also after a failure. */
int endpoint_state_read(int storage_fd, const char *container, struct endpoint_list *list, struct report *report);
void endpoint_list_free(struct endpoint_list *list);
/* Takes one away and frees what it holds. */
void endpoint_list_drop(struct endpoint_list *list, size_t index);
/* Index of the one on NETWORK, or -1. */
int endpoint_list_find(const struct endpoint_list *list, const char *network);

#endif
