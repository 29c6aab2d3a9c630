/* CONTAINER_START. Everything that can fail early comes first; what was done is undone in reverse order (SECURITY.md R26). */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../common/scope.h"
#include "call.h"
#include "cgroup.h"
#include "cgroup_view.h"
#include "device.h"
#include "idmapped.h"
#include "kernel.h"
#include "limits.h"
#include "layer.h"
#include "mounts.h"
#include "path.h"
#include "resolver.h"
#include "share.h"
#include "spawn.h"
#include "state.h"
#include "watch.h"

struct start {
	struct call *call;
	struct programs programs;
	struct cgroup group;
	struct spawned spawned;
	struct watch watch;
	struct share share; /* only when it shares the processes or IPC of another container */
	int container_fd, netns_fd;
	uint32_t base;
	int port_fds[NETWORK_PORTS_MAX];
	size_t port_count;
	bool has_group, has_network, has_socket;
};

/* Devices that were asked for, and the view of the control group. Returns their number. */
static int open_extras(struct start *start, int *fds, struct launch *record, struct report *report)
{
	const struct request *request = &start->call->request;
	int count = 0, groups;

	if (request->devices.count > 0) {
		fds[0] = device_make(request, start->base, report);
		if (fds[count++] < 0)
			return -1;
	}
	if (request->secrets.count > 0) {
		fds[count++] = start->call->stream_fd; /* init's alone from now on */
		start->call->stream_fd = -1;
	}
	groups = cgroup_open_view(&start->group, fds + count, &record->groups, report);
	if (groups < 0)
		return -1;
	count += groups;
	if (record->shares)
		fds[count++] = start->share.pidfd;
	return count;
}

/* The devices, the writable layer, the layers, the mounts and the extras, in the order of launch.h. Returns their number; they stay open in this process
 * until it ends. */
static int open_mounts(struct start *start, int *fds, struct launch *record, struct report *report)
{
	static const char *const devices[LAUNCH_DEVICES] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"};
	const struct text_list *layers = &start->call->request.layers;
	auto_close int own = start->share.userns_fd >= 0 ? -1 : openat(start->spawned.proc_fd, "ns/user", O_RDONLY | O_CLOEXEC);
	int userns = own >= 0 ? own : start->share.userns_fd;
	auto_close int writable = path_open_beneath(start->container_fd, "rw", O_RDONLY | O_DIRECTORY);
	int count = 0, mounts, extras;

	if (userns < 0 || writable < 0)
		return report_fail(report, "open the writable layer", errno);
	for (int i = 0; i < LAUNCH_DEVICES; i++) {
		fds[count] = open_tree(AT_FDCWD, devices[i], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
		if (fds[count++] < 0)
			return report_fail(report, "clone a device", errno);
	}
	fds[count] = idmapped_clone(writable, userns, false, report);
	if (fds[count++] < 0)
		return -1;
	for (size_t i = 0; i < layers->count; i++) {
		auto_close int layer = idmapped_comes_again(layers, i) ? -1 : layer_open(start->call->storage_fd, layers->items[i], report);

		if (idmapped_comes_again(layers, i))
			continue;
		fds[count] = layer < 0 ? -1 : idmapped_clone(layer, userns, true, report);
		if (fds[count++] < 0)
			return -1;
		record->layer_count++;
	}
	mounts = mounts_open(start->call, userns, start->base, fds + count, report);
	if (mounts < 0)
		return -1;
	record->mount_count = (uint32_t)mounts;
	count += mounts;
	extras = open_extras(start, fds + count, record, report);
	return extras < 0 ? -1 : count + extras;
}

/* CLONE_NEW flags of the namespaces that are the container's own. */
static uint64_t own_namespaces(const struct request *request)
{
	bool network = request->network_mode == TM_NETWORK_BRIDGE || request->network_mode == TM_NETWORK_NONE;

	return CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | (request->namespaces & TM_NAMESPACE_JOIN_IPC ? 0 : CLONE_NEWIPC) | (request->namespaces & TM_NAMESPACE_HOST_UTS ? 0 : CLONE_NEWUTS) |
	       (request->namespaces & TM_NAMESPACE_HOST_CGROUP ? 0 : CLONE_NEWCGROUP) | (network ? CLONE_NEWNET : 0);
}

/* As early as it is there, because init may fail and be gone before the network's turn comes. */
static int open_network(struct start *start, struct report *report)
{
	start->netns_fd = openat(start->spawned.proc_fd, "ns/net", O_RDONLY | O_CLOEXEC);
	return start->netns_fd < 0 ? report_fail(report, "open the network namespace", errno) : 0;
}

static int await_joined(struct start *start, struct report *report)
{
	return spawn_await_joined(&start->spawned, report) < 0 ? -1 : open_network(start, report);
}

static int launch(struct start *start, struct report *report)
{
	const struct call *call = start->call;
	const struct request *request = &call->request;
	struct launch record = {
		.packet_length = (uint32_t)call->packet_length,
		.has_own_network = request->network_mode == TM_NETWORK_BRIDGE || request->network_mode == TM_NETWORK_NONE,
		.is_cgroup2 = start->group.is_v2,
		.is_confined = policy_confines(&call->policy, request),
		.is_unmasked = policy_unmasks(&call->policy, request),
		.no_new_privileges = call->policy.no_new_privileges || (request->flags & TM_FLAG_NO_NEW_PRIVILEGES),
		.shares = request->join_processes_of != NULL,
		.own_namespaces = (uint32_t)own_namespaces(request),
		.capabilities = request->flags & TM_FLAG_PRIVILEGED ? call->policy.caps_max : request->capabilities,
	};
	int fds[LAUNCH_FDS_MAX];
	size_t count = 0;
	int mounts;

	for (; start->watch.child_fds[0] >= 0 && count < 3; count++)
		fds[count] = start->watch.child_fds[count];
	record.stdio_count = (uint32_t)count;
	mounts = open_mounts(start, fds + count, &record, report);
	if (mounts < 0)
		return -1;
	count += (size_t)mounts;
	if (spawn_launch(&start->spawned, &record, call->packet, fds, count, report) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		(void)close(fds[i]);
	for (int i = 0; i < 3; i++)
		start->watch.child_fds[i] = -1; /* closed just now */
	if (record.shares)
		start->share.pidfd = -1;
	return record.shares ? await_joined(start, report) : 0;
}

/* The networks beside the first. */
static int attach_more(struct start *start, const struct network_scope *scope, const struct publication *publication, struct report *report)
{
	const struct request *request = &start->call->request;

	for (size_t i = 0; i < request->endpoints.count; i++) {
		struct request_endpoint more = request_endpoint(request, i);
		struct network_endpoint endpoint = {
			.network = more.network, .address = more.address, .gateway = more.gateway, .prefix = more.prefix, .mac = more.has_mac ? more.mac : NULL};

		call_endpoint(start->call, publication, &endpoint);
		if (network_attach(scope, &endpoint, start->netns_fd, report) < 0)
			return -1;
	}
	return 0;
}

static int attach_networks(struct start *start, const struct publication *publication, struct report *report)
{
	const struct request *request = &start->call->request;
	struct network_scope scope = call_network(start->call);
	struct network_endpoint endpoint = {
		.network = request->network, .address = request->address, .gateway = request->gateway, .prefix = request->prefix, .mac = request->mac};

	if (request->network_mode == TM_NETWORK_NONE)
		return network_loopback_up(start->netns_fd, report);
	if (request->network_mode != TM_NETWORK_BRIDGE)
		return 0;
	if (network_detach(&scope, request->container, report) < 0) /* what a start that was cut off left */
		return -1;
	start->has_network = true;
	call_endpoint(start->call, publication, &endpoint);
	if (network_attach(&scope, &endpoint, start->netns_fd, report) < 0 || attach_more(start, &scope, publication, report) < 0)
		return -1;
	if (!request->resolver)
		return 0;
	if (resolver_open(start->netns_fd, start->call->reply.fds, report) < 0)
		return -1;
	start->call->reply.fd_count = 2;
	return 0;
}

/* Enters the network namespace of the container whose network is shared, so that the new process is made in it. Returns a descriptor of
 * the own one, to go back. */
static int enter_shared_network(struct call *call, struct report *report)
{
	struct run_state state;
	auto_close int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	auto_close int container = state_open_container(call->storage_fd, call->request.join_network_of, report);
	auto_close int pidfd = -1;

	if (container < 0 || own < 0)
		return -1;
	if (state_read_run(container, "run", &state, report) <= 0 || (pidfd = process_open(&state.process)) < 0)
		return report_status(report, TM_E_BUSY, "the container whose network is shared does not run");
	if (setns(pidfd, CLONE_NEWNET) < 0)
		return report_fail(report, "enter the shared network namespace", errno);
	return take_fd(&own);
}

static int make_process(struct start *start, struct report *report)
{
	struct call *call = start->call;
	auto_close int own_network = -1;
	uint32_t mode = call->request.network_mode;
	int result;

	if (mode == TM_NETWORK_JOIN && (own_network = enter_shared_network(call, report)) < 0)
		return -1;
	if (call->request.join_processes_of)
		result = spawn_sharing(&start->programs, &start->group, start->share.pidfd, call->request.namespaces & TM_NAMESPACE_JOIN_PID,
				       &start->spawned, report);
	else
		result = spawn_first(&start->programs, &start->group, own_namespaces(&call->request), start->base, &start->spawned, report);
	if (own_network >= 0 && setns(own_network, CLONE_NEWNET) < 0)
		return report_fail(report, "go back to the host's network namespace", errno);
	if (result < 0)
		return -1;
	return call->request.join_processes_of ? 0 : open_network(start, report);
}

/* Existing state: a container that runs, or leftovers of one that ended. */
static int prepare(struct start *start, struct report *report)
{
	struct call *call = start->call;
	const char *id = call->request.container;
	struct run_state state;
	int found;

	start->container_fd = state_prepare(call->storage_fd, &call->policy, id, 0, &start->base, report);
	if (start->container_fd < 0)
		return -1;
	found = state_read_run(start->container_fd, "run", &state, report);
	if (found < 0)
		return -1;
	if (found > 0 && process_is_alive(&state.process))
		return report_status(report, TM_E_EXISTS, "the container runs already");
	if (found > 0 && container_clean(call, id, start->container_fd, report) < 0)
		return -1;
	if (!call->request.join_processes_of)
		return 0;
	if (share_open(call, start->container_fd, &start->share, report) < 0)
		return -1;
	start->base = start->share.base;
	return 0;
}

static int open_surroundings(struct start *start, const struct publication *publication, struct report *report)
{
	struct call *call = start->call;
	const struct request *request = &call->request;

	if (programs_open(&call->instance, &start->programs, report) < 0 ||
	    network_bind_ports(publication->ports, publication->port_count, start->port_fds, report) < 0)
		return -1;
	start->port_count = publication->port_count;
	if (watch_open_records(&start->watch, &call->policy, request->container, report) < 0 ||
	    watch_open_pipes(&start->watch, request->flags, start->base, report) < 0)
		return -1;
	start->has_socket = true;
	if (watch_listen(&start->watch, &call->policy, request->container, NULL, report) < 0)
		return -1;
	start->has_group = true;
	if (cgroup_make(&call->policy, request, &start->group, report) < 0 ||
	    device_allow(&start->group, &call->policy, request, report) < 0)
		return -1;
	start->watch.oom_fd = cgroup_open_oom(&start->group);
	return 0;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock */
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int record(struct start *start, uint64_t started_ns, struct report *report)
{
	struct run_state state = {
		.process = {.pid = start->spawned.pid, .start_ticks = start->spawned.start_ticks},
		.started_ns = started_ns,
		.network_mode = start->call->request.network_mode,
		.base = start->share.base,
		.is_unconfined = !policy_confines(&start->call->policy, &start->call->request) && !start->call->request.seccomp,
	};
	struct stat status;

	if (start->netns_fd >= 0 && fstat(start->netns_fd, &status) == 0)
		state.netns_inode = status.st_ino;
	return state_write_run(start->container_fd, "run", &state, report);
}

static int run(struct start *start, uint64_t *started_ns, struct report *report)
{
	static struct publication publication;

	call_publication(start->call, &publication);
	if (prepare(start, report) < 0 || open_surroundings(start, &publication, report) < 0 || make_process(start, report) < 0 ||
	    launch(start, report) < 0 || attach_networks(start, &publication, report) < 0)
		return -1;
	if (watch_await_ready(&start->watch, &start->spawned, report) < 0)
		return -1;
	limits_set(start->spawned.pid, &start->call->request);
	*started_ns = now_ns();
	/* Recorded before it runs, so that nothing that runs is unknown. */
	if (record(start, *started_ns, report) < 0 || spawn_go(&start->spawned, report) < 0)
		return -1;
	return spawn_await_execution(&start->spawned, report);
}

static void undo(struct start *start)
{
	struct call *call = start->call;
	struct network_scope scope = call_network(call);
	struct report ignored = {0};

	spawn_abandon(&start->spawned);
	if (start->has_network)
		(void)network_detach(&scope, call->request.container, &ignored);
	if (start->has_group)
		(void)cgroup_remove(&call->policy, call->request.container, &ignored);
	if (start->has_socket)
		(void)watch_remove_socket(&call->policy, call->request.container, NULL, &ignored);
	if (start->container_fd >= 0 && start->has_socket)
		(void)unlinkat(start->container_fd, "run", 0);
	if (start->container_fd >= 0 && call->request.join_processes_of && start->has_socket)
		share_forget(call->storage_fd, start->container_fd, call->request.container);
}

int verb_start(struct call *call, struct report *report)
{
	static struct start start = {.container_fd = -1, .netns_fd = -1, .programs = {-1, -1},
				     .spawned = {.pid = -1, .pidfd = -1, .socket_fd = -1, .proc_fd = -1}};
	uint64_t started_ns;

	start.call = call;
	start.group.unified_fd = -1;
	for (size_t i = 0; i < CGROUP_TREES_MAX; i++)
		start.group.tree_fds[i] = -1;
	watch_init(&start.watch);
	share_init(&start.share);
	if (run(&start, &started_ns, report) < 0) {
		undo(&start);
		return -1;
	}
	reply_u32(&call->reply, TM_TAG_PID, (uint32_t)start.spawned.pid);
	reply_u64(&call->reply, TM_TAG_STARTED_NS, started_ns);
	if (call->request.address)
		reply_u32(&call->reply, TM_TAG_ADDRESS, call->request.address);
	share_close(&start.share);
	(void)close(call->lock_fd); /* before the answer: the next request may be about this container */
	call->lock_fd = -1;
	(void)reply_send_ok(&call->reply, TM_SOCKET_FD); /* a server that is gone finds the container by LIST */
	for (size_t i = 0; i < call->reply.fd_count; i++)
		(void)close(call->reply.fds[i]); /* the server's alone: this process becomes the monitor */
	/* From here on a failure cannot be told any more: the container would run without anybody watching, so it is stopped. */
	(void)watch_become_monitor(&start.watch, &call->policy, &start.programs, &start.spawned, &call->request, started_ns, start.port_fds,
				   start.port_count, report);
	undo(&start);
	_exit(1);
}
