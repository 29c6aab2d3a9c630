/* Networks and the containers on them: one bridge per network, one veth pair per container, one nftables table for all.
 *
 * Nothing here executes a program; links and rules are made by netlink messages (src/common/netlink.h). Every function returns 0 or a
 * negative number with REPORT filled exactly once, and leaves nothing behind when it fails.
 */
#ifndef TALLYMAN_NETWORK_H
#define TALLYMAN_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../common/request.h"

struct policy;
struct report;

/* Where a helper keeps its networks, from the policy. All strings outlive the calls. */
struct network_scope {
	int storage_fd;            /* directory storage_root; holds networks/ and endpoints/ */
	const char *bridge_prefix; /* policy bridge_prefix, 1 to 4 characters */
	const char *nft_table;     /* policy nft_table */
	const struct policy *policy; /* counts for network_attach() only */
};

struct network_spec {
	const char *id;   /* 64 hex characters */
	uint32_t gateway; /* IPv4 in host order; becomes the bridge's own address */
	uint32_t prefix;  /* 8..30; 0, and the gateway too: it has IPv6 alone */
	bool internal;    /* no way in or out but the gateway itself */
	uint32_t mtu;     /* of its links; 0 = the kernel's */
	uint32_t options; /* enum tm_network_option bits */
	bool has6;        /* it has IPv6 too */
	uint8_t gateway6[ADDRESS6_BYTES];
	uint32_t prefix6; /* 8..126 */
	struct request_lan lan; /* mode 0: the network is a bridge */
	char bridge[LINK_NAME_BYTES]; /* how that is called; "": as its id says */
	bool is_unmarked; /* of a record: written by a version that marked no bridge (bridge.h) */
};

struct network_port {
	uint8_t protocol;      /* IPPROTO_TCP or IPPROTO_UDP */
	uint16_t host_port;    /* host order, not 0 */
	uint32_t host_address; /* host order; 0 = all addresses of the host */
	uint16_t container_port;
	bool is6; /* then HOST_ADDRESS6 counts; zeros = all IPv6 addresses of the host */
	uint8_t host_address6[ADDRESS6_BYTES];
};

/* A range of addresses. */
struct network_source {
	uint32_t address; /* host order; bits below the prefix are 0 */
	uint32_t prefix;  /* 0..32 */
	bool is6; /* then ADDRESS6 counts, and the prefix is 0..128 */
	uint8_t address6[ADDRESS6_BYTES];
};

struct network_endpoint {
	const char *container; /* 64 hex characters */
	const char *network;   /* must be up */
	uint32_t address;      /* host order; inside the network's subnet and not its gateway; 0 where the network has IPv6 alone */
	uint32_t gateway;      /* must be the network's */
	uint32_t prefix;       /* must be the network's */
	const uint8_t *mac;    /* 6 bytes, or NULL for one made of the address */
	const char *link;      /* how it is called in the container, or NULL for the next ethN */
	const struct text_list *link_names; /* what other links of the container are going to be called: request_link_name() */
	const struct text_list *link_sysctls; /* of all links of the container: request_link_sysctl() */
	bool has6;             /* it has an IPv6 address too; the network must have IPv6 */
	uint8_t address6[ADDRESS6_BYTES], gateway6[ADDRESS6_BYTES];
	uint32_t prefix6;
	const struct network_port *ports;
	size_t port_count; /* at most NETWORK_PORTS_MAX */
	const struct network_source *sources; /* who may use the ports; none: all */
	size_t source_count;                  /* at most NETWORK_SOURCES_MAX */
};

#define NETWORK_PORTS_MAX 2048 /* of both families */
#define NETWORK_SOURCES_MAX 128
#define NETWORK_ENDPOINTS_MAX 32 /* networks of one container */

/* Makes the bridge, its address and its rules, or completes what is there already (also after a reboot or a flushed rule set).
 * TM_E_EXISTS when the network is known with another gateway, prefix or kind. The caller has checked the subnet against the policy. */
int network_up(const struct network_scope *scope, const struct network_spec *spec, struct report *report);

/* Removes bridge and rules. Absent is success; TM_E_BUSY while a container is on it. */
int network_down(const struct network_scope *scope, const char *id, struct report *report);

/* Calls VISIT for each known network in ascending order until it returns non-zero. */
int network_list(const struct network_scope *scope, int (*visit)(const char *id, void *context), void *context,
		 struct report *report);

/* Puts a link with its address into the namespace NETNS_FD and brings lo up. Of each family the first that is not internal gets the
 * default route and the ports. TM_E_EXISTS when the container is on the network already; TM_E_BUSY with TEXT "port PROTO ADDRESS:PORT" when another container holds a port. Records the endpoint for network_detach(). */
int network_attach(const struct network_scope *scope, const struct network_endpoint *endpoint, int netns_fd,
		   struct report *report);

/* For containers without a network of their own (mode none): brings lo up in NETNS_FD. */
int network_loopback_up(int netns_fd, struct report *report);

/* Takes CONTAINER off one network. When it had the default route and the ports of a family there, the next that is not internal gets them.
 * Not being on it is success. */
int network_leave(const struct network_scope *scope, const char *container, const char *network, int netns_fd, struct report *report);

/* Takes back what network_attach() did for CONTAINER, on all networks. Absent is success. */
int network_detach(const struct network_scope *scope, const char *container, struct report *report);

/* Binds the host's ports so that no other program can take them: FDS[i] belongs to PORTS[i] and is close-on-exec.
 * TM_E_BUSY with TEXT "port PROTO ADDRESS:PORT[ process PID NAME]" when one is taken; then none is left open. */
int network_bind_ports(const struct network_port *ports, size_t port_count, int *fds, struct report *report);

/* Whether a process of the host has the port; then NAME is "process PID NAME". */
bool network_port_holder(const struct network_port *port, char *name, size_t size);

/* Fills REPORT with TM_E_BUSY and TEXT "port PROTO ADDRESS:PORT"; returns -1. */
int network_port_busy(const struct network_port *port, struct report *report);

#endif
