/* Bridges: the links that networks are made of, on the host. Functions return 0 or negative with REPORT filled. */
#ifndef TALLYMAN_BRIDGE_H
#define TALLYMAN_BRIDGE_H

#include <linux/if.h>

#include "network.h"

/* Name of the network's bridge. */
void bridge_name(const struct network_scope *scope, const struct network_spec *spec, char name[IFNAMSIZ]);

/* Whether a link of that name is there and may be the network's bridge: a name that was asked for may be that of a link of the host, which is not to be
 * touched. 1, 0 when there is none, or TM_E_EXISTS. */
int bridge_find(const struct network_scope *scope, const struct network_spec *spec, struct report *report);

/* Refuses a subnet that the host reaches by another link than BRIDGE already: the network would cut it off. */
int bridge_check_routes(const struct network_spec *spec, const char *bridge, struct report *report);

/* Makes BRIDGE with the network's address, up, and lets the host route; what is there already is completed. */
int bridge_make(const struct network_spec *spec, const char *bridge, struct report *report);

#endif
