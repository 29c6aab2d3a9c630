#include "monitor.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* More than this is queued for nobody: output stops being read at TM_MONITOR_BACKLOG_BYTES, what both pipes hold at the end comes on top, and each
 * time one chunk may still be on its way. */
#define QUEUE_MAX (TM_MONITOR_BACKLOG_BYTES + 2 * TM_PIPE_MAX_BYTES + 4 * (TM_FRAME_HEADER_BYTES + TM_FRAME_MAX_BYTES))

static struct client clients[CLIENTS_MAX];
static int epoll;
static const struct client_events *handlers;

void clients_init(int epoll_fd, const struct client_events *events)
{
	epoll = epoll_fd;
	handlers = events;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		clients[i].fd = -1;
}

static void client_watch(size_t index, int operation)
{
	struct client *client = &clients[index];
	struct epoll_event event = {.data.u64 = index};

	/* A client in the middle of an input frame that stdin does not take yet is not read. */
	if (client->frame_have < FRAME_BYTES && !client->closing)
		event.events |= EPOLLIN;
	if (client->queued > 0)
		event.events |= EPOLLOUT;
	(void)epoll_ctl(epoll, operation, client->fd, &event); /* only fails for a descriptor that is being dropped */
}

static void client_drop(size_t index)
{
	struct client *client = &clients[index];
	bool gave_input = client->wants_input;

	if (client->fd < 0)
		return;
	(void)close(client->fd);
	free(client->queue);
	free(client->frame);
	client->fd = -1;
	client->wants_output = client->wants_input = client->gets_exit = client->closing = false;
	client->queue = client->frame = NULL;
	client->queued = client->queue_start = client->queue_capacity = client->frame_have = 0;
	if (gave_input)
		handlers->input_end();
}

void clients_accept(int listen_fd)
{
	int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		if (clients[i].fd >= 0)
			continue;
		clients[i].frame = malloc(FRAME_BYTES);
		if (!clients[i].frame)
			break;
		clients[i].fd = fd;
		client_watch(i, EPOLL_CTL_ADD);
		return;
	}
	(void)close(fd);
}

/* Writes what the socket takes; drops the client when it is gone. */
static void client_flush(size_t index)
{
	struct client *client = &clients[index];

	while (client->queued > 0) {
		ssize_t sent = send(client->fd, client->queue + client->queue_start, client->queued, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN)
			return;
		if (sent < 0) {
			client_drop(index);
			return;
		}
		client->queue_start += (size_t)sent;
		client->queued -= (size_t)sent;
	}
	client->queue_start = 0;
	if (client->closing)
		client_drop(index);
}

static bool client_make_room(struct client *client, size_t length)
{
	size_t capacity = client->queue_capacity ? client->queue_capacity : 65536;
	uint8_t *larger;

	if (client->queue_start > 0) {
		memmove(client->queue, client->queue + client->queue_start, client->queued);
		client->queue_start = 0;
	}
	if (client->queued + length > QUEUE_MAX)
		return false;
	while (capacity < client->queued + length)
		capacity *= 2;
	if (capacity == client->queue_capacity)
		return true;
	larger = realloc(client->queue, capacity);
	if (!larger)
		return false;
	client->queue = larger;
	client->queue_capacity = capacity;
	return true;
}

/* The common case writes header and bytes straight from where they are; only what the socket does not take is copied. */
static void client_send(size_t index, uint8_t type, const void *bytes, size_t length)
{
	struct client *client = &clients[index];
	uint8_t header[TM_FRAME_HEADER_BYTES] = {type};
	uint32_t size = htobe32((uint32_t)length);
	struct iovec parts[2] = {{header, sizeof header}, {(void *)(uintptr_t)bytes, length}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	size_t sent = 0;

	memcpy(header + 4, &size, sizeof size);
	if (client->queued == 0) {
		ssize_t taken = sendmsg(client->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (taken < 0 && errno != EAGAIN && errno != EINTR) {
			client_drop(index);
			return;
		}
		sent = taken > 0 ? (size_t)taken : 0;
	}
	if (sent == sizeof header + length)
		return;
	if (!client_make_room(client, sizeof header + length - sent)) {
		client_drop(index);
		return;
	}
	for (size_t part = 0, start = 0; part < 2; start += parts[part].iov_len, part++) {
		size_t skip = sent > start ? sent - start : 0;

		if (skip >= parts[part].iov_len)
			continue;
		memcpy(client->queue + client->queue_start + client->queued, (uint8_t *)parts[part].iov_base + skip,
		       parts[part].iov_len - skip);
		client->queued += parts[part].iov_len - skip;
	}
	client_watch(index, EPOLL_CTL_MOD);
}

static uint32_t frame_length(const struct client *client)
{
	uint32_t length;

	memcpy(&length, client->frame + 4, sizeof length);
	return be32toh(length);
}

/* Acts on one whole frame; returns the number of its payload bytes that are done with. */
static size_t client_act(size_t index, uint8_t type, const uint8_t *payload, size_t length)
{
	struct client *client = &clients[index];
	uint32_t wishes;

	switch (type) {
	case TM_FRAME_SUBSCRIBE:
		if (length == sizeof wishes) {
			memcpy(&wishes, payload, sizeof wishes);
			client->wants_output = be32toh(wishes) & TM_SUBSCRIBE_OUTPUT;
			client->wants_input = be32toh(wishes) & TM_SUBSCRIBE_INPUT;
			client->gets_exit = true;
			client_send(index, TM_FRAME_READY, NULL, 0);
			handlers->subscribed(client->wants_output);
		}
		return length;
	case TM_FRAME_STDIN:
		return client->wants_input ? handlers->input(payload, length) : length;
	case TM_FRAME_STDIN_END:
		if (client->wants_input)
			handlers->input_end();
		return length;
	case TM_FRAME_RESIZE:
		if (length == 4)
			handlers->resize((uint16_t)(payload[0] << 8 | payload[1]), (uint16_t)(payload[2] << 8 | payload[3]));
		return length;
	default:
		client_drop(index);
		return length;
	}
}

/* Works off the frames in the buffer; false when stdin is full and the rest has to wait. */
static bool client_work_off(size_t index)
{
	struct client *client = &clients[index];

	while (client->fd >= 0 && client->frame_have >= TM_FRAME_HEADER_BYTES) {
		uint32_t length = frame_length(client);
		size_t whole, done;
		uint8_t type = client->frame[0];

		if (length > TM_FRAME_MAX_BYTES) {
			client_drop(index);
			return true;
		}
		whole = TM_FRAME_HEADER_BYTES + length;
		if (client->frame_have < whole)
			return true;
		done = client_act(index, type, client->frame + TM_FRAME_HEADER_BYTES, length);
		if (client->fd < 0)
			return true;
		if (done < length) {
			/* The rest stays as a shorter frame. */
			uint32_t rest = htobe32((uint32_t)(length - done));

			memmove(client->frame + TM_FRAME_HEADER_BYTES, client->frame + TM_FRAME_HEADER_BYTES + done,
				client->frame_have - TM_FRAME_HEADER_BYTES - done);
			client->frame_have -= done;
			memcpy(client->frame + 4, &rest, sizeof rest);
			return false;
		}
		memmove(client->frame, client->frame + whole, client->frame_have - whole);
		client->frame_have -= whole;
	}
	return true;
}

static void client_read(size_t index)
{
	struct client *client = &clients[index];
	ssize_t got = recv(client->fd, client->frame + client->frame_have, FRAME_BYTES - client->frame_have, MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		client_drop(index);
		return;
	}
	client->frame_have += (size_t)got;
	(void)client_work_off(index); /* a held-up client is watched again by clients_resume_input() */
	if (client->fd >= 0)
		client_watch(index, EPOLL_CTL_MOD);
}

void clients_handle(size_t index, uint32_t events)
{
	if (index >= CLIENTS_MAX || clients[index].fd < 0)
		return;
	if (events & EPOLLOUT) {
		client_flush(index);
		if (clients[index].fd >= 0)
			client_watch(index, EPOLL_CTL_MOD);
	}
	if (clients[index].fd >= 0 && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		client_read(index);
}

void clients_resume_input(void)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		if (clients[i].fd >= 0 && clients[i].frame_have > 0) {
			(void)client_work_off(i);
			if (clients[i].fd >= 0)
				client_watch(i, EPOLL_CTL_MOD);
		}
	}
}

bool clients_are_behind(void)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (clients[i].fd >= 0 && clients[i].wants_output && clients[i].queued >= TM_MONITOR_BACKLOG_BYTES)
			return true;
	return false;
}

bool clients_are_owed(void)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (clients[i].fd >= 0 && clients[i].queued > 0)
			return true;
	return false;
}

bool clients_want_output(void)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (clients[i].fd >= 0 && clients[i].wants_output)
			return true;
	return false;
}

void clients_output(uint8_t stream, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (clients[i].fd >= 0 && clients[i].wants_output)
			client_send(i, stream, bytes, length);
}

size_t clients_send_exit(const struct ending *ending)
{
	uint8_t payload[20];
	uint32_t words[3] = {htobe32(ending->code), htobe32(ending->signal), htobe32(ending->oom)};
	uint64_t finished = htobe64(ending->finished_ns);
	size_t count = 0;

	memcpy(payload, words, sizeof words);
	memcpy(payload + sizeof words, &finished, sizeof finished);
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		if (clients[i].fd < 0)
			continue;
		/* One that has not said SUBSCRIBE yet gets it when it does. */
		if (!clients[i].gets_exit)
			continue;
		if (clients[i].closing)
			continue;
		clients[i].closing = true;
		count++;
		client_send(i, TM_FRAME_EXIT, payload, sizeof payload);
		if (clients[i].fd >= 0)
			client_flush(i);
	}
	return count;
}

size_t clients_pending(void)
{
	size_t count = 0;

	for (size_t i = 0; i < CLIENTS_MAX; i++)
		count += clients[i].fd >= 0;
	return count;
}
