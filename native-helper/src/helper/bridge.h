/* Bridges: the links that networks are made of, on the host. Functions return 0 or negative with REPORT filled.
 *
 * A name that was asked for may be that of a link of the host's, or of another instance's bridge, which then asks for the same gateway too. So such a
 * bridge is marked: its alias says instance and network, and no other is the network's, whatever its record says: after a reboot the record is there,
 * the bridge is not, and somebody else may have the name. Earlier versions marked none, and their bridges have containers when this version comes; so a
 * bridge without any alias that has the network's address is taken as long as the record is theirs. The first NETWORK_UP marks it, and then writes a
 * record of its own.
 */
#ifndef TALLYMAN_BRIDGE_H
#define TALLYMAN_BRIDGE_H

#include <linux/if.h>

#include "network.h"

/* Name of the network's bridge. */
void bridge_name(const struct network_scope *scope, const struct network_spec *spec, char name[IFNAMSIZ]);

/* Whether the network's bridge is there under a name that was asked for: 1, 0 when no link has it (and where none was asked for), TM_E_EXISTS when
 * another link has. SPEC is the record, or for a new network what is going to be. */
int bridge_find(const struct network_scope *scope, const struct network_spec *spec, struct report *report);

/* The same before NETWORK_UP writes its record over RECORDED: marks a bridge of an earlier version. 0 or negative. */
int bridge_claim(const struct network_scope *scope, const struct network_spec *recorded, struct report *report);

/* Refuses a subnet that the host reaches by another link than BRIDGE already: the network would cut it off. */
int bridge_check_routes(const struct network_spec *spec, const char *bridge, struct report *report);

/* Makes the bridge with the network's address, up, and lets the host route; what is there already is completed. */
int bridge_make(const struct network_scope *scope, const struct network_spec *spec, struct report *report);

/* Removes the bridge. One that is gone, and another link that has its name since, is success. */
int bridge_remove(const struct network_scope *scope, const struct network_spec *spec, struct report *report);

#endif
