/* The verbs about layers, networks, the audit anchor and the host. */
#include <inttypes.h>
#include <stdio.h>
#include <sys/utsname.h>

#include <string.h>

#include "call.h"
#include "cgroup.h"
#include "layer.h"
#include "record.h"

int verb_layer_unpack(struct call *call, struct report *report)
{
	struct layer_size size = {0};

	if (layer_unpack(call->storage_fd, call->request.layers.items[0], call->stream_fd, &size, report) < 0)
		return -1;
	reply_u64(&call->reply, TM_TAG_BYTES, size.bytes);
	reply_u64(&call->reply, TM_TAG_COUNT, size.count);
	return 0;
}

int verb_layer_remove(struct call *call, struct report *report)
{
	if (layer_remove(call->storage_fd, call->request.layers.items[0], report) < 0)
		return -1;
	call->has_trash = true; /* also where there was no layer: an interrupted call may have left some */
	return 0;
}

static int put_layer(const char *id, void *context)
{
	struct reply *reply = context;

	if (reply_room(reply) < 256) {
		reply_u32(reply, TM_TAG_MORE, 1);
		return 1;
	}
	reply_text(reply, TM_TAG_LAYER, id);
	return 0;
}

int verb_layer_list(struct call *call, struct report *report)
{
	return layer_list(call->storage_fd, call->request.after, put_layer, &call->reply, report);
}

int verb_network_up(struct call *call, struct report *report)
{
	struct network_scope scope = call_network(call);
	struct network_spec spec = {.id = call->request.network, .gateway = call->request.gateway, .prefix = call->request.prefix,
				    .internal = call->request.internal != 0};
	struct request_endpoint6 six;

	spec.has6 = request_network6(&call->request, &six);
	memcpy(spec.gateway6, six.gateway, sizeof spec.gateway6);
	spec.prefix6 = six.prefix;
	request_network_options(&call->request, &spec.mtu, &spec.options);
	if (call->request.lan && !request_lan_parse(call->request.lan, &spec.lan))
		return report_status(report, TM_E_INVALID, "lan");
	if (call->request.bridge_name)
		memcpy(spec.bridge, call->request.bridge_name, strlen(call->request.bridge_name) + 1); /* checked with the request */
	return network_up(&scope, &spec, report);
}

int verb_network_down(struct call *call, struct report *report)
{
	struct network_scope scope = call_network(call);

	return network_down(&scope, call->request.network, report);
}

static int put_network(const char *id, void *context)
{
	reply_text(context, TM_TAG_NETWORK, id);
	return 0;
}

int verb_network_list(struct call *call, struct report *report)
{
	struct network_scope scope = call_network(call);

	return network_list(&scope, put_network, &call->reply, report);
}

int verb_anchor(struct call *call, struct report *report)
{
	char before[600];

	if (record_anchor(call, before, sizeof before, report) < 0)
		return -1;
	reply_text(&call->reply, TM_TAG_TEXT, before);
	return 0;
}

int verb_probe(struct call *call, struct report *report)
{
	const struct policy *policy = &call->policy;
	const char *kind = cgroup_kind();
	struct utsname host;
	char text[2048];
	int length;

	(void)uname(&host); /* cannot fail with a valid pointer */
	length = snprintf(text, sizeof text,
			  "kernel %s\nmachine %s\ncgroup %s\nuser-namespaces yes\nseccomp %s\npolicy %s\nprivileged %s\nhost-namespaces %s\nunmasked %s\n"
			  "no-new-privileges %s\ncaps-max %" PRIx64 "\nmemory-max %" PRIu64 "\npids-max %u\ncpu-max-percent %u\nmax-containers %u\n"
			  "id-base %u\nid-count %u\npublish-ports %u-%u\n",
			  host.release, host.machine, kind ? kind : "none", policy->seccomp_required ? "required" : "optional",
			  call->instance.policy_file, policy->privileged ? "yes" : "no", policy->host_net ? "net" : "none",
			  policy->unmasked ? "yes" : "no", policy->no_new_privileges ? "yes" : "no", policy->caps_max, policy->memory_max,
			  policy->pids_max, policy->cpu_max_percent, policy->max_containers, policy->id_base, policy->id_count, policy->port_low,
			  policy->port_high);
	if (!policy->is_trusted)
		length += snprintf(text + length, sizeof text - (size_t)length, "obstacle %s\n", call->policy_report.text);
	else if (!kind)
		length += snprintf(text + length, sizeof text - (size_t)length, "obstacle this host has no cgroup version 2 tree\n");
	(void)report;
	reply_text(&call->reply, TM_TAG_TEXT, text);
	return length < 0 ? -1 : 0;
}
