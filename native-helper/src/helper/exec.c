/* CONTAINER_EXEC: a further process in a running container. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../common/scope.h"
#include "call.h"
#include "cgroup.h"
#include "kernel.h"
#include "limits.h"
#include "listing.h"
#include "path.h"
#include "spawn.h"
#include "state.h"
#include "watch.h"

#define EXECS_KEPT 64
#define EXEC_AGE_NS 60000000000u /* a server that is slow to connect still finds the socket of an exec that has ended */
#define SWEEP_NS 10000000000u /* a sweep reads the records of all execs of the last minute, which may be thousands */
#define SWEPT "swept"
#define DYING_MS 100 /* what a killed process takes to end, at most, when nothing in its namespace holds it up */

struct exec {
	struct call *call;
	struct programs programs;
	struct cgroup group;
	struct spawned spawned;
	struct watch watch;
	struct run_state first;
	int lock_fd, container_fd, first_pidfd, netns_fd;
	uint32_t base;
	bool has_socket, is_beside;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock */
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int find_container(struct exec *exec, struct report *report)
{
	struct call *call = exec->call;
	char path[32], events[128];

	exec->lock_fd = state_lock_existing(call->storage_fd, call->request.container, report);
	if (exec->lock_fd < 0)
		return -1;
	exec->container_fd = state_open_container(call->storage_fd, call->request.container, report);
	if (exec->container_fd < 0)
		return -1;
	if (state_read_run(exec->container_fd, "run", &exec->first, report) <= 0 ||
	    state_base(exec->container_fd, &call->policy, &exec->first, &exec->base) < 0 || (exec->first_pidfd = process_open(&exec->first.process)) < 0)
		return report_status(report, TM_E_BUSY, "the container is not running");
	(void)snprintf(path, sizeof path, "/proc/%d/ns/net", exec->first.process.pid);
	exec->netns_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (exec->netns_fd < 0 || !process_is_alive(&exec->first.process))
		return report_status(report, TM_E_BUSY, "the container is not running");
	if (cgroup_open(&call->policy, call->request.container, &exec->group, report) < 0)
		return -1;
	if (path_read_file(exec->group.unified_fd, "cgroup.events", events, sizeof events) > 0 && strstr(events, "frozen 1"))
		return report_status(report, TM_E_BUSY, "the container is paused");
	return 0;
}

static int launch(struct exec *exec, struct report *report)
{
	const struct call *call = exec->call;
	const struct request *request = &call->request;
	struct launch record = {
		.packet_length = (uint32_t)call->packet_length,
		.is_exec = 1,
		.is_confined = request_is_confined(request, call->policy.seccomp_required) && !exec->first.is_unconfined,
		.no_new_privileges = call->policy.no_new_privileges || (request->flags & TM_FLAG_NO_NEW_PRIVILEGES),
		.capabilities = request->flags & TM_FLAG_PRIVILEGED ? call->policy.caps_max : request->capabilities,
	};
	int fds[5];
	size_t count = 0;
	int result;

	for (; exec->watch.child_fds[0] >= 0 && count < 3; count++)
		fds[count] = exec->watch.child_fds[count];
	record.stdio_count = (uint32_t)count;
	fds[count++] = exec->first_pidfd;
	fds[count++] = exec->netns_fd;
	result = spawn_launch(&exec->spawned, &record, call->packet, fds, count, report);
	for (int i = 0; i < 3; i++)
		scope_close(&exec->watch.child_fds[i]);
	exec->watch.child_fds[0] = exec->watch.child_fds[1] = exec->watch.child_fds[2] = -1;
	return result;
}

/* Whether the last sweep was long ago; then this one is noted. */
static bool is_sweep_due(const struct exec *exec)
{
	struct stat last;
	auto_close int mark = -1;

	if (fstatat(exec->container_fd, SWEPT, &last, AT_SYMLINK_NOFOLLOW) == 0 &&
	    now_ns() - ((uint64_t)last.st_mtim.tv_sec * 1000000000u + (uint64_t)last.st_mtim.tv_nsec) < SWEEP_NS)
		return false;
	mark = openat(exec->container_fd, SWEPT, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (mark >= 0)
		(void)futimens(mark, NULL); /* one that cannot be noted, on a full disk, is done nevertheless */
	return true;
}

/* Nobody calls the helper when an exec ends; so now and then one takes away what older ones left, once there are many. */
static void forget_ended(struct exec *exec)
{
	struct call *call = exec->call;
	struct report ignored = {0};
	struct listing listing = {0};

	if (!is_sweep_due(exec) || listing_read(exec->container_fd, "execs", &listing, &ignored) < 0)
		return;
	for (size_t i = 0; i < listing.count && listing.count >= EXECS_KEPT; i++) {
		struct run_state state;
		char name[8 + TM_ID_CHARS];

		(void)snprintf(name, sizeof name, "execs/%s", listing.ids[i]);
		if (state_read_run(exec->container_fd, name, &state, &ignored) > 0 &&
		    (now_ns() - state.started_ns < EXEC_AGE_NS || process_is_alive(&state.process)))
			continue;
		if (watch_remove_socket(&call->policy, call->request.container, listing.ids[i], &ignored) == 0)
			(void)unlinkat(exec->container_fd, name, 0); /* the next one tries again */
	}
	listing_free(&listing);
}

static int record(struct exec *exec, struct report *report)
{
	struct run_state state = {.process = {.pid = exec->spawned.pid, .start_ticks = exec->spawned.start_ticks},
				  .started_ns = now_ns()};
	char name[8 + TM_ID_CHARS];

	(void)snprintf(name, sizeof name, "execs/%s", exec->call->request.exec);
	return state_write_run(exec->container_fd, name, &state, report);
}

static int run(struct exec *exec, struct report *report)
{
	struct call *call = exec->call;
	const struct request *request = &call->request;

	if (find_container(exec, report) < 0 || programs_open(&call->instance, &exec->programs, report) < 0 ||
	    watch_open_pipes(&exec->watch, request->flags, exec->base, report) < 0)
		return -1;
	forget_ended(exec);
	exec->has_socket = true;
	if (watch_listen(&exec->watch, &call->policy, request->container, request->exec, report) < 0)
		return -1;
	exec->is_beside = true;
	if (spawn_beside(&exec->programs, &exec->group, exec->first_pidfd, &exec->spawned, report) < 0 || record(exec, report) < 0 ||
	    launch(exec, report) < 0 || watch_await_ready(&exec->watch, &exec->spawned, report) < 0)
		return -1;
	exec->watch.oom_fd = cgroup_open_oom(&exec->group);
	limits_set(exec->spawned.pid, request);
	limits_raise_oom_score(exec->spawned.proc_fd, request);
	if (spawn_go(&exec->spawned, report) < 0)
		return -1;
	return spawn_await_execution(&exec->spawned, report);
}

static void undo(struct exec *exec)
{
	struct report ignored = {0};
	char name[8 + TM_ID_CHARS];

	spawn_abandon(&exec->spawned);
	if (!exec->has_socket)
		return;
	(void)watch_remove_socket(&exec->call->policy, exec->call->request.container, exec->call->request.exec, &ignored);
	(void)snprintf(name, sizeof name, "execs/%s", exec->call->request.exec);
	(void)unlinkat(exec->container_fd, name, 0);
}

/* Whether the first process ended under the exec: then nothing more is made in its process namespace, and init was killed with it. It is dying until
 * all others in there are collected, so init is by now, and the rest takes it a moment. */
static bool was_overtaken(const struct exec *exec, const struct report *report)
{
	struct pollfd first = {.fd = exec->first_pidfd, .events = POLLIN};
	int ended;

	if (!exec->is_beside || report->status != TM_E_KERNEL)
		return false;
	do
		ended = poll(&first, 1, DYING_MS);
	while (ended < 0 && errno == EINTR);
	return ended > 0;
}

int verb_exec(struct call *call, struct report *report)
{
	static struct exec exec = {.lock_fd = -1, .container_fd = -1, .first_pidfd = -1, .netns_fd = -1, .programs = {-1, -1},
				   .spawned = {.pid = -1, .pidfd = -1, .socket_fd = -1, .proc_fd = -1}};

	exec.call = call;
	watch_init(&exec.watch);
	if (run(&exec, report) < 0) {
		undo(&exec);
		if (was_overtaken(&exec, report)) {
			*report = (struct report){0};
			return report_status(report, TM_E_BUSY, "the container is not running");
		}
		return -1;
	}
	reply_u32(&call->reply, TM_TAG_PID, (uint32_t)exec.spawned.pid);
	(void)close(exec.lock_fd);
	exec.lock_fd = -1;
	(void)reply_send_ok(&call->reply, TM_SOCKET_FD); /* a server that is gone needs no answer */
	(void)watch_become_monitor(&exec.watch, &call->policy, &exec.programs, &exec.spawned, &call->request,
				   now_ns(), NULL, 0, report);
	undo(&exec);
	_exit(1);
}
