/* The verbs that put a running container on a network, take it off, and open its resolver. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../common/scope.h"
#include "call.h"
#include "resolver.h"
#include "state.h"

void call_publication(const struct call *call, struct publication *publication)
{
	const struct request *request = &call->request;
	size_t count = 0;

	for (size_t i = 0; i < request->port_count; i++) {
		const struct request_port *port = &request->ports[i];

		publication->ports[count++] = (struct network_port){port->protocol, port->host_port, port->host_address, port->container_port, false, {0}};
	}
	for (size_t i = 0; i < request->ports6.count; i++) {
		struct request_port6 port = request_port6(request, i);
		struct network_port *to = &publication->ports[count++];

		*to = (struct network_port){port.protocol, port.host_port, 0, port.container_port, true, {0}};
		memcpy(to->host_address6, port.host_address, sizeof to->host_address6);
	}
	publication->port_count = count;
	count = 0;
	for (size_t i = 0; i < request->sources.count; i++) {
		struct request_source source = request_source(request, i);

		publication->sources[count++] = (struct network_source){source.address, source.prefix, false, {0}};
	}
	for (size_t i = 0; i < request->sources6.count; i++) {
		struct request_source6 source = request_source6(request, i);
		struct network_source *to = &publication->sources[count++];

		*to = (struct network_source){0, source.prefix, true, {0}};
		memcpy(to->address6, source.address, sizeof to->address6);
	}
	publication->source_count = count;
}

void call_endpoint(const struct call *call, const struct publication *publication, struct network_endpoint *endpoint)
{
	struct request_endpoint6 six = {0};

	endpoint->container = call->request.container;
	endpoint->ports = publication->ports;
	endpoint->port_count = publication->port_count;
	endpoint->sources = publication->sources;
	endpoint->source_count = publication->source_count;
	endpoint->link = request_link_name(&call->request, endpoint->network);
	endpoint->link_names = &call->request.link_names;
	endpoint->link_sysctls = &call->request.link_sysctls;
	endpoint->has6 = request_find_endpoint6(&call->request, endpoint->network, &six);
	memcpy(endpoint->address6, six.address, sizeof endpoint->address6);
	memcpy(endpoint->gateway6, six.gateway, sizeof endpoint->gateway6);
	endpoint->prefix6 = six.prefix;
}

/* The network namespace of a running container that has one of its own. It is the recorded one: a process may have left it. */
static int open_namespace(struct call *call, struct report *report)
{
	auto_close int container = state_open_container(call->storage_fd, call->request.container, report);
	auto_close int pidfd = -1;
	auto_close int namespace = -1;
	struct run_state state;
	struct stat status;
	char path[32];

	if (container < 0)
		return -1;
	if (state_read_run(container, "run", &state, report) <= 0 || (pidfd = process_open(&state.process)) < 0)
		return report_status(report, TM_E_BUSY, "the container does not run");
	if (state.network_mode != TM_NETWORK_BRIDGE)
		return report_status(report, TM_E_INVALID, "the container has no network of its own");
	(void)snprintf(path, sizeof path, "/proc/%d/ns/net", state.process.pid);
	namespace = open(path, O_RDONLY | O_CLOEXEC);
	if (namespace < 0 || fstat(namespace, &status) < 0)
		return report_fail(report, "open the network namespace", errno);
	if (status.st_ino != state.netns_inode || !process_is_alive(&state.process))
		return report_status(report, TM_E_BUSY, "the container does not run");
	return take_fd(&namespace);
}

int verb_connect(struct call *call, struct report *report)
{
	static struct publication publication;
	const struct request *request = &call->request;
	struct network_scope scope = call_network(call);
	auto_close int lock = state_lock_existing(call->storage_fd, request->container, report);
	auto_close int namespace = lock < 0 ? -1 : open_namespace(call, report);
	struct network_endpoint endpoint = {
		.network = request->network, .address = request->address, .gateway = request->gateway, .prefix = request->prefix, .mac = request->mac};

	if (namespace < 0)
		return -1;
	call_publication(call, &publication);
	call_endpoint(call, &publication, &endpoint);
	return network_attach(&scope, &endpoint, namespace, report);
}

int verb_disconnect(struct call *call, struct report *report)
{
	struct network_scope scope = call_network(call);
	auto_close int lock = state_lock_existing(call->storage_fd, call->request.container, report);
	auto_close int namespace = lock < 0 ? -1 : open_namespace(call, report);

	return namespace < 0 ? -1 : network_leave(&scope, call->request.container, call->request.network, namespace, report);
}

int verb_resolver(struct call *call, struct report *report)
{
	auto_close int lock = state_lock_existing(call->storage_fd, call->request.container, report);
	auto_close int namespace = lock < 0 ? -1 : open_namespace(call, report);

	if (namespace < 0 || resolver_open(namespace, call->reply.fds, report) < 0)
		return -1;
	call->reply.fd_count = 2;
	return 0;
}
