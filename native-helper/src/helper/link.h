/* Links, addresses and routes by rtnetlink. Functions return 0 or negative with REPORT filled. */
#ifndef TALLYMAN_LINK_H
#define TALLYMAN_LINK_H

#include <stdbool.h>
#include <stdint.h>

struct netlink_buffer;
struct report;

struct link_address {
	uint32_t address; /* host order */
	uint32_t gateway; /* host order; 0 = no default route */
	uint32_t prefix;  /* 0 = no IPv4 */
	bool has6;
	const uint8_t *address6; /* 16 bytes */
	const uint8_t *gateway6; /* NULL = no default route */
	uint32_t prefix6;
};

/* One pair of links. */
struct link_veth {
	const char *name;   /* of the host's end */
	const char *inside; /* of the container's end */
	const uint8_t *mac; /* of the container's end */
	uint32_t mtu;       /* 0 = the kernel's */
	bool isolated;      /* reaches the bridge, but no other port of it */
};

/* Makes bridge NAME with MAC, not up; one that is there stays as it is. */
int link_bridge_add(const char *name, const uint8_t mac[6], struct report *report);

/* Gives bridge NAME its ADDRESS and brings it up; what it has already is completed. Of IPv6, which may have been
 * switched off for new links, nothing is made up from what neighbours say. */
int link_bridge_up(const char *name, const struct link_address *address, uint32_t mtu, struct report *report);

/* Makes a veth pair: one end, up and attached to BRIDGE, here; the other in the namespace NETNS_FD. TM_E_ABSENT without such a bridge. */
int link_veth_add(const struct link_veth *veth, const char *bridge, int netns_fd, struct report *report);

/* In the namespace NETNS_FD: lo up, and when ADDRESS is not NULL, NAME up with address and default route. */
int link_configure_inside(int netns_fd, const char *name, const struct link_address *address, struct report *report);

/* In the namespace NETNS_FD: the default route leads over NAME to GATEWAY unless it is 0, and that of IPv6 to GATEWAY6 unless it is NULL. */
int link_route_inside(int netns_fd, const char *name, uint32_t gateway, const uint8_t *gateway6, struct report *report);

/* Whether this kernel has IPv6. */
bool link_knows_ipv6(void);

/* Deletes link NAME. Absent is success. */
int link_remove(const char *name, struct report *report);

/* The same in the namespace NETNS_FD. */
int link_remove_inside(int netns_fd, const char *name, struct report *report);

/* Whether link NAME exists. */
bool link_exists(const char *name);

/* For link_lan.c: index of link NAME in SOCKET_FD's namespace, or a negative errno. */
int link_index(int socket_fd, const char *name);
/* Sends BUFFER; a refusal whose errno is PASSED is no failure. */
int link_transact(int socket_fd, const struct netlink_buffer *buffer, const char *step, int passed, struct report *report);

#endif
