/* One call of the helper: everything a verb needs. */
#ifndef TALLYMAN_CALL_H
#define TALLYMAN_CALL_H

#include "../common/report.h"
#include "../common/request.h"
#include "network.h"
#include "policy.h"
#include "reply.h"

struct call {
	struct instance instance;
	struct policy policy;
	struct report policy_report; /* why the policy is not trusted */
	struct request request;
	unsigned char *packet; /* as received */
	size_t packet_length;
	int stream_fd; /* passed with the request, or -1 */
	int storage_fd;
	int lock_fd; /* CONTAINER_START only: the container's, taken before the process that works is made */
	bool has_trash; /* delete it after the answer */
	struct reply reply;
};

/* Each returns 0 with the fields of the answer in CALL->reply, or -1 with REPORT filled. */
typedef int verb_function(struct call *call, struct report *report);

verb_function verb_probe, verb_layer_unpack, verb_layer_remove, verb_layer_list;
verb_function verb_network_up, verb_network_down, verb_network_list, verb_connect, verb_disconnect, verb_resolver;
verb_function verb_export, verb_diff, verb_changes, verb_anchor, verb_files, verb_size;
verb_function verb_volume_create, verb_volume_remove, verb_volume_list, verb_volume_export, verb_volume_import, verb_volume_size;
verb_function verb_prepare, verb_sockets, verb_signal, verb_freeze, verb_thaw, verb_limit, verb_clean, verb_remove, verb_list;

/* These answer themselves, because the process that runs them goes on as the monitor. They return only when they failed. */
verb_function verb_start, verb_exec;

/* container.c: takes down what belongs to a container that has ended or must end; its lock is held. */
int container_clean(struct call *call, const char *id, int container_fd, struct report *report);

/* membership.c: the request's ports and sources, of both families. */
struct publication {
	struct network_port ports[NETWORK_PORTS_MAX];
	size_t port_count;
	struct network_source sources[NETWORK_SOURCES_MAX];
	size_t source_count;
};
void call_publication(const struct call *call, struct publication *publication);
/* Completes ENDPOINT, whose network is set, by what the request says of its ports, sources and IPv6. */
void call_endpoint(const struct call *call, const struct publication *publication, struct network_endpoint *endpoint);

/* What the network functions want to know. */
struct network_scope call_network(const struct call *call);

#endif
