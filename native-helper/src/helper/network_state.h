/* What the helper keeps about networks and endpoints: networks/ID and endpoints/CONTAINER in the storage root, one small text file each,
 * written to a temporary name and renamed. A torn or empty file counts as absent (after a power cut the kernel's side is gone as well). */
#ifndef TALLYMAN_NETWORK_STATE_H
#define TALLYMAN_NETWORK_STATE_H

#include <stdbool.h>

#include "network.h"

/* Takes the lock of all networks: shared for containers that come and go, exclusive for networks. Closing the descriptor releases it. */
int network_lock(int storage_fd, bool exclusive, struct report *report);

int network_state_write(int storage_fd, const struct network_spec *spec, struct report *report);
/* 1 when found, 0 when absent, negative on failure. SPEC->id is ID. */
int network_state_read(int storage_fd, const char *id, struct network_spec *spec, struct report *report);
int network_state_remove(int storage_fd, const char *id, struct report *report);

/* An endpoint as read back; free with endpoint_state_free(). */
struct endpoint_state {
	char network[65];
	char veth[16]; /* name of the host's end */
	uint32_t address;
	uint8_t mac[6];
	struct network_port *ports;
	size_t port_count;
};

int endpoint_state_write(int storage_fd, const char *container, const struct endpoint_state *state, struct report *report);
/* 1 when found, 0 when absent, negative on failure. */
int endpoint_state_read(int storage_fd, const char *container, struct endpoint_state *state, struct report *report);
int endpoint_state_remove(int storage_fd, const char *container, struct report *report);
void endpoint_state_free(struct endpoint_state *state);

#endif
