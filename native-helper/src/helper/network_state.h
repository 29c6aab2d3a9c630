/* What the helper keeps about networks: networks/ID in the storage root. */
#ifndef TALLYMAN_NETWORK_STATE_H
#define TALLYMAN_NETWORK_STATE_H

#include <stdbool.h>

#include "network.h"

#define ADDRESS6_HEX 32

/* Addresses in state files. false for text that is no 32 hex digits. */
void address6_to_hex(const uint8_t *address, char hex[ADDRESS6_HEX + 1]);
bool address6_of_hex(const char *hex, uint8_t *address);

/* Takes the lock of all networks: shared for containers that come and go, exclusive for networks. Closing the descriptor releases it. */
int network_lock(int storage_fd, bool exclusive, struct report *report);

int network_state_write(int storage_fd, const struct network_spec *spec, struct report *report);
/* 1 when found, 0 when absent, negative on failure. SPEC->id is ID. */
int network_state_read(int storage_fd, const char *id, struct network_spec *spec, struct report *report);
int network_state_remove(int storage_fd, const char *id, struct report *report);

#endif
