/* Bytes of a packet -> typed request. Pure: no system calls but memory. */
#ifndef TALLYMAN_REQUEST_H
#define TALLYMAN_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../include/tallyman_protocol.h"
#include "report.h"

struct text_list {
	const char **items;
	size_t count;
};

struct request_port {
	uint8_t protocol;
	uint16_t host_port;
	uint32_t host_address; /* host order */
	uint16_t container_port;
};

struct request_ulimit {
	uint32_t resource;
	uint64_t soft, hard;
};

/* A rule of the version 1 device controller; ANY is all ones. */
struct request_device_rule {
	char type; /* 'a', 'b', 'c' */
	uint8_t access;
	uint32_t major, minor;
};

struct request_block_limit {
	uint32_t kind; /* enum tm_block_limit */
	uint32_t major, minor;
	uint64_t value;
};

/* A further network of a container. */
struct request_endpoint {
	char network[TM_ID_CHARS + 1];
	uint32_t address, gateway, prefix; /* host order */
	uint8_t mac[6];
	bool has_mac;
};

#define ADDRESS6_BYTES 16

/* What a network or a place on it has of IPv6. */
struct request_endpoint6 {
	char network[TM_ID_CHARS + 1]; /* empty for a network itself */
	uint8_t address[ADDRESS6_BYTES], gateway[ADDRESS6_BYTES];
	uint32_t prefix;
};

struct request_port6 {
	uint8_t protocol;
	uint16_t host_port, container_port;
	uint8_t host_address[ADDRESS6_BYTES]; /* zeros: all */
};

struct request_source6 {
	uint8_t address[ADDRESS6_BYTES];
	uint32_t prefix;
};

#define LINK_NAME_BYTES 16

/* A mode with this bit is that of ipvlan links: IPVLAN_MODE_ of the kernel in the lowest four bits, IPVLAN_F_ in the next four. */
#define LAN_IPVLAN 0x100u
#define LAN_IPVLAN_MODE(mode) ((mode) & 0xfu)
#define LAN_IPVLAN_FLAGS(mode) ((mode) >> 4 & 0xfu)

/* A LAN of the host's that a network is on. */
struct request_lan {
	uint32_t mode; /* MACVLAN_MODE_ of the kernel, or LAN_IPVLAN; 0: it is on none */
	char parent[LINK_NAME_BYTES]; /* LINK, or LINK.VLAN */
	char link[LINK_NAME_BYTES];
	uint32_t vlan; /* 0: none */
};

#define LINK_SYSCTL_VALUE_MAX 64

/* A setting of a link: /proc/sys/net/FOLDER/LINK/SETTING. */
struct request_link_sysctl {
	const char *folder;
	char setting[48];
	char value[LINK_SYSCTL_VALUE_MAX + 1];
};

/* A range of addresses, host order. */
struct request_source {
	uint32_t address, prefix;
};

struct request {
	enum tm_verb verb;
	uint64_t present[2]; /* bit set of tags */

	/* texts end with NUL; absent ones are NULL */
	const char *container, *exec, *network, *volume, *join_network_of, *join_processes_of, *after;
	const char *workdir, *user, *hostname, *domainname, *hosts, *resolv, *cpuset, *cpuset_mems, *text, *path, *lan, *bridge_name;
	struct text_list layers, mount_layers, args, env, group_add, sysctls, tmpfs, mounts, devices, masked_paths, read_only_paths, secrets;
	struct text_list endpoints, sources; /* records as they came: request_endpoint(), request_source() */
	struct text_list endpoints6, ports6, sources6; /* likewise */
	struct text_list link_names; /* "NETWORK NAME": request_link_name() */
	struct text_list link_sysctls; /* "NETWORK SETTING=VALUE": request_link_sysctl() */

	/* absent numbers are 0 */
	uint32_t prefix, signal, network_mode, flags, pids_max, cpu_shares, log_files, address, gateway;
	uint32_t rows, columns, umask, internal, masked_none, namespaces, swappiness, file_flags, resolver, volume_flags;
	int32_t oom_score;
	uint64_t memory_max, memory_swap_max, memory_low, cpu_quota, cpu_period, capabilities, log_max, shm_size;
	uint64_t realtime_period, realtime_runtime, block_weight, size_limit;

	const uint8_t *mac; /* 6 bytes */
	const uint8_t *network_options; /* request_network_options() */
	const uint8_t *network6;        /* request_network6() */
	struct request_port *ports;
	size_t port_count;
	struct request_ulimit *ulimits;
	size_t ulimit_count;
	struct request_device_rule *device_rules;
	size_t device_rule_count;
	struct request_block_limit *block_limits;
	size_t block_limit_count;
	const uint8_t *seccomp; /* NULL: no filter beside our own */
	size_t seccomp_length;

	void *arena; /* holds all of the above */
};

/* Parses a whole packet. Returns 0, or -1 with REPORT filled (TM_E_PROTOCOL, TM_E_INVALID); then REQUEST holds nothing to free. */
int request_parse(const void *packet, size_t length, struct request *request, struct report *report);
void request_free(struct request *request);

/* Whether the field was in the packet. */
static inline bool request_has(const struct request *request, enum tm_tag tag)
{
	return (request->present[tag / 64] >> (tag % 64) & 1) != 0;
}

/* Whether our own filter of system calls is set: always, unless the policy leaves it to the server (CEILING false) and the request goes
 * without, or brings one of its own. */
static inline bool request_is_confined(const struct request *request, bool ceiling)
{
	return (request->flags & TM_FLAG_SECCOMP_UNCONFINED) == 0 && (ceiling || !request->seccomp);
}

/* How many descriptors travel with the request. */
size_t request_fd_count(const struct request *request);

/* request_network.c: what the records about networks say. */
struct request_endpoint request_endpoint(const struct request *request, size_t index);
struct request_source request_source(const struct request *request, size_t index);
/* Of NETWORK_UP; false when the network has no IPv6. */
bool request_network6(const struct request *request, struct request_endpoint6 *network);
struct request_endpoint6 request_endpoint6(const struct request *request, size_t index);
/* The one that is on NETWORK; false when there is none. */
bool request_find_endpoint6(const struct request *request, const char *network, struct request_endpoint6 *endpoint);
/* How the container's link to NETWORK is to be called; NULL when the request does not say. */
const char *request_link_name(const struct request *request, const char *network);
/* Reads one of LINK_SYSCTLS; false for what is malformed. Its network is the first TM_ID_CHARS characters. */
bool request_link_sysctl(const char *text, struct request_link_sysctl *sysctl);
struct request_port6 request_port6(const struct request *request, size_t index);
struct request_source6 request_source6(const struct request *request, size_t index);
/* Whether the first PREFIX bits of A and B are the same. */
bool address6_same(const uint8_t *a, const uint8_t *b, uint32_t prefix);
/* Whether all bits of ADDRESS from bit PREFIX on are 0. */
bool address6_is_base(const uint8_t *address, uint32_t prefix);
/* Reads "MODE PARENT"; false for what is malformed, or a VLAN id that does not exist. */
bool request_lan_parse(const char *text, struct request_lan *lan);
/* The same of a mode as in request_lan, and PARENT. */
bool request_lan_of(uint32_t mode, const char *parent, struct request_lan *lan);
/* Absent options are 0. */
void request_network_options(const struct request *request, uint32_t *mtu, uint32_t *options);
/* 0 when all of them, and the ports, are well-formed; else -1. */
int request_network_check(const struct request *request);

/* 64 characters of [0-9a-f]. */
bool request_is_id(const char *text);

#endif
