/* The setuid helper: order only. One exec is one request and one answer. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "call.h"
#include "confine.h"
#include "nft.h"
#include "keeper.h"
#include "privilege.h"
#include "record.h"
#include "state.h"

/* Which verbs work while the policy file is not to be believed: those that only take away. */
enum need { NEED_POLICY, NEED_ROOTS };

static const struct verb {
	verb_function *run;
	enum need need;
	unsigned int deadline_seconds;
	bool forks; /* the process that answers becomes the monitor, so it is not the server's child */
} verbs[TM_VERB_LAST + 1] = {
	[TM_VERB_PROBE] = {verb_probe, NEED_ROOTS, TM_DEADLINE_SECONDS, false},
	[TM_VERB_LAYER_UNPACK] = {verb_layer_unpack, NEED_POLICY, TM_STREAM_DEADLINE_SECONDS, false},
	[TM_VERB_LAYER_REMOVE] = {verb_layer_remove, NEED_ROOTS, TM_DEADLINE_SECONDS, false},
	[TM_VERB_LAYER_LIST] = {verb_layer_list, NEED_ROOTS, TM_DEADLINE_SECONDS, false},
	[TM_VERB_CONTAINER_START] = {verb_start, NEED_POLICY, TM_DEADLINE_SECONDS, true},
	[TM_VERB_CONTAINER_EXEC] = {verb_exec, NEED_POLICY, TM_DEADLINE_SECONDS, true},
	[TM_VERB_CONTAINER_SIGNAL] = {verb_signal, NEED_ROOTS, TM_DEADLINE_SECONDS, false},
	[TM_VERB_CONTAINER_FREEZE] = {verb_freeze, NEED_ROOTS, TM_DEADLINE_SECONDS, false},
	[TM_VERB_CONTAINER_THAW] = {verb_thaw, NEED_ROOTS, TM_DEADLINE_SECONDS, false},
	[TM_VERB_CONTAINER_LIMIT] = {verb_limit, NEED_POLICY, TM_DEADLINE_SECONDS, false},
	[TM_VERB_CONTAINER_CLEAN] = {verb_clean, NEED_ROOTS, TM_DEADLINE_SECONDS, false},
	[TM_VERB_CONTAINER_REMOVE] = {verb_remove, NEED_ROOTS, TM_DEADLINE_SECONDS, false},
	[TM_VERB_CONTAINER_LIST] = {verb_list, NEED_ROOTS, TM_DEADLINE_SECONDS, false},
	[TM_VERB_NETWORK_UP] = {verb_network_up, NEED_POLICY, TM_DEADLINE_SECONDS, false},
	[TM_VERB_NETWORK_DOWN] = {verb_network_down, NEED_ROOTS, TM_DEADLINE_SECONDS, false},
	[TM_VERB_NETWORK_LIST] = {verb_network_list, NEED_ROOTS, TM_DEADLINE_SECONDS, false},
	[TM_VERB_CONTAINER_EXPORT] = {verb_export, NEED_POLICY, TM_STREAM_DEADLINE_SECONDS, false},
	[TM_VERB_CONTAINER_DIFF] = {verb_diff, NEED_POLICY, TM_STREAM_DEADLINE_SECONDS, false},
	[TM_VERB_CONTAINER_CHANGES] = {verb_changes, NEED_POLICY, TM_STREAM_DEADLINE_SECONDS, false},
	[TM_VERB_AUDIT_ANCHOR] = {verb_anchor, NEED_POLICY, TM_DEADLINE_SECONDS, false},
	[TM_VERB_NETWORK_CONNECT] = {verb_connect, NEED_POLICY, TM_DEADLINE_SECONDS, false},
	[TM_VERB_NETWORK_DISCONNECT] = {verb_disconnect, NEED_ROOTS, TM_DEADLINE_SECONDS, false},
	[TM_VERB_NETWORK_RESOLVER] = {verb_resolver, NEED_POLICY, TM_DEADLINE_SECONDS, false},
	[TM_VERB_CONTAINER_PREPARE] = {verb_prepare, NEED_POLICY, TM_DEADLINE_SECONDS, false},
	[TM_VERB_FILES_STAT] = {verb_files, NEED_POLICY, TM_DEADLINE_SECONDS, false},
	[TM_VERB_FILES_GET] = {verb_files, NEED_POLICY, TM_STREAM_DEADLINE_SECONDS, false},
	[TM_VERB_FILES_PUT] = {verb_files, NEED_POLICY, TM_STREAM_DEADLINE_SECONDS, false},
	[TM_VERB_CONTAINER_SIZE] = {verb_size, NEED_POLICY, TM_DEADLINE_SECONDS, false},
	[TM_VERB_VOLUME_CREATE] = {verb_volume_create, NEED_POLICY, TM_DEADLINE_SECONDS, false},
	[TM_VERB_VOLUME_REMOVE] = {verb_volume_remove, NEED_ROOTS, TM_DEADLINE_SECONDS, false},
	[TM_VERB_VOLUME_LIST] = {verb_volume_list, NEED_ROOTS, TM_DEADLINE_SECONDS, false},
	[TM_VERB_VOLUME_EXPORT] = {verb_volume_export, NEED_POLICY, TM_STREAM_DEADLINE_SECONDS, false},
	[TM_VERB_VOLUME_IMPORT] = {verb_volume_import, NEED_POLICY, TM_STREAM_DEADLINE_SECONDS, false},
	[TM_VERB_VOLUME_SIZE] = {verb_volume_size, NEED_POLICY, TM_DEADLINE_SECONDS, false},
	[TM_VERB_CONTAINER_SOCKETS] = {verb_sockets, NEED_POLICY, TM_DEADLINE_SECONDS, false},
};

/* Reads the one packet with its descriptors; each must be what its verb needs. */
static int receive(struct call *call, struct report *report)
{
	struct iovec part = {.iov_base = call->packet, .iov_len = TM_PACKET_MAX_BYTES};
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(TM_FDS_MAX * sizeof(int))];
	} control;
	struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	ssize_t length = recvmsg(TM_SOCKET_FD, &packet, MSG_CMSG_CLOEXEC);
	struct cmsghdr *head;

	if (length <= 0)
		_exit(0); /* the server gave up */
	if (packet.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
		return report_status(report, TM_E_PROTOCOL, "the request is too large or has too many descriptors");
	call->packet_length = (size_t)length;
	head = CMSG_FIRSTHDR(&packet);
	if (head && (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS || head->cmsg_len != CMSG_LEN(sizeof(int))))
		return report_status(report, TM_E_PROTOCOL, "wrong descriptors");
	if (head)
		memcpy(&call->stream_fd, CMSG_DATA(head), sizeof(int));
	return 0;
}

static int check_stream(const struct call *call, struct report *report)
{
	struct stat status;
	bool wanted = request_fd_count(&call->request) == 1;

	if (wanted != (call->stream_fd >= 0))
		return report_status(report, TM_E_PROTOCOL, "wrong number of descriptors");
	if (wanted && (fstat(call->stream_fd, &status) < 0 ||
		       !(S_ISFIFO(status.st_mode) || S_ISREG(status.st_mode) || S_ISSOCK(status.st_mode))))
		return report_status(report, TM_E_PROTOCOL, "a descriptor is neither pipe, socket nor file");
	return 0;
}

/* Loads the policy, or the roots alone when it cannot be believed. */
static int load_policy(struct call *call, uint32_t caller, struct report *report)
{
	if (policy_load(&call->instance, &call->policy, &call->policy_report) < 0 &&
	    policy_load_roots(&call->instance, &call->policy, report) < 0) {
		*report = call->policy_report;
		return -1;
	}
	return privilege_check_caller(caller, call->policy.server_uid, call->policy.server_gid, report);
}

static int authorise(struct call *call, struct report *report)
{
	const struct verb *verb = &verbs[call->request.verb];

	if (call->policy.is_trusted)
		return policy_check(&call->policy, &call->request, report);
	if (verb->need == NEED_ROOTS)
		return 0;
	*report = call->policy_report;
	return -1;
}

static int run(struct call *call, struct report *report)
{
	const struct verb *verb = &verbs[call->request.verb];

	if (!verb->run)
		return report_status(report, TM_E_PROTOCOL, "this helper does not offer the verb");
	(void)alarm(verb->deadline_seconds);
	call->storage_fd = state_open_storage(&call->policy, report);
	if (call->storage_fd < 0)
		return -1;
	if (authorise(call, report) < 0) {
		(void)record_call(call, report);
		return -1;
	}
	if (record_call(call, NULL) < 0)
		return report_fail(report, "write the helper's log", errno);
	if (confine_verb(call, report) < 0)
		return -1;
	if (verb->forks) {
		pid_t child = fork();

		if (child < 0)
			return report_fail(report, "fork", errno);
		if (child > 0)
			_exit(0); /* the child answers */
		(void)setsid();
		(void)alarm(verb->deadline_seconds); /* not inherited */
		if (call->request.verb == TM_VERB_CONTAINER_START && keeper_fork(call, report) < 0)
			return -1;
		(void)alarm(verb->deadline_seconds);
	} else {
		nft_close_at_end();
	}
	return verb->run(call, report);
}

/* Answers, and then does what nobody waits for. */
static int finish(struct call *call)
{
	struct report ignored = {0};
	int result = reply_send_ok(&call->reply, TM_SOCKET_FD);

	if (call->has_trash) {
		(void)alarm(TM_STREAM_DEADLINE_SECONDS); /* a container may hold very many files */
		(void)state_empty_trash(call->storage_fd, &ignored); /* the next removal tries again */
	}
	nft_linger();
	return result < 0;
}

int main(int argc, char **argv)
{
	static struct call call = {.stream_fd = -1, .storage_fd = -1, .lock_fd = -1};
	static unsigned char packet[TM_PACKET_MAX_BYTES];
	struct report report = {0}, ignored = {0};
	uint32_t caller = 0;
	int entered, received;

	(void)argv;
	call.packet = packet;
	entered = privilege_enter(argc, &caller, &report);
	/* Also when nothing will come of it: with the request unread, closing the socket would lose the answer. */
	received = receive(&call, entered < 0 ? &ignored : &report);
	if (entered == 0 && received == 0 && instance_find(&call.instance, &report) == 0 &&
	    load_policy(&call, caller, &report) == 0 && request_parse(packet, call.packet_length, &call.request, &report) == 0 &&
	    check_stream(&call, &report) == 0) {
		reply_init(&call.reply, call.request.verb);
		if (run(&call, &report) == 0)
			return finish(&call);
	}
	call.reply.verb = call.request.verb;
	(void)reply_send_report(&call.reply, TM_SOCKET_FD, &report); /* a server that is gone needs no answer */
	return 1;
}
