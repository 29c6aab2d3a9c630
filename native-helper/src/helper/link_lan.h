/* Links by which containers are on a LAN of the host's. Functions return 0 or negative with REPORT filled. */
#ifndef TALLYMAN_LINK_LAN_H
#define TALLYMAN_LINK_LAN_H

#include <stdbool.h>
#include <stdint.h>

struct report;

/* Makes NAME, VLAN number VLAN of link PARENT (an index), with ALIAS, up; one of that name must not be there. */
int link_vlan_up(const char *name, int parent, uint32_t vlan, const char *alias, struct report *report);

struct link_lan {
	int parent; /* index */
	uint32_t mode; /* as in request_lan */
	const char *inside; /* name */
	const uint8_t *mac; /* NULL: the parent's, as ipvlan and MACVLAN_MODE_PASSTHRU have it */
	uint32_t mtu; /* 0 = the parent's */
};

/* Makes a macvlan or ipvlan link in the namespace NETNS_FD. TM_E_BUSY when the parent is another link's already and for one alone. */
int link_lan_add(const struct link_lan *link, int netns_fd, struct report *report);

#endif
