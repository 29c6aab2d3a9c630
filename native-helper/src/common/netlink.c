#include "netlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "scope.h"

#define RECEIVE_BYTES 32768
#define ATTRIBUTE_HEADER_BYTES sizeof(struct nlattr) /* 4: aligned as it is */

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

void netlink_init(struct netlink_buffer *buffer, void *data, size_t capacity)
{
	*buffer = (struct netlink_buffer){.data = data, .capacity = capacity};
}

/* Reserves LENGTH bytes rounded up to the alignment, zeroed. NULL when they do not fit. */
static unsigned char *reserve(struct netlink_buffer *buffer, size_t length)
{
	size_t padded = NLMSG_ALIGN(length);
	unsigned char *place;

	if (buffer->overflow || padded < length || padded > buffer->capacity - buffer->length) {
		buffer->overflow = true;
		return NULL;
	}
	place = buffer->data + buffer->length;
	memset(place, 0, padded);
	buffer->length += padded;
	return place;
}

void netlink_append(struct netlink_buffer *buffer, const void *value, size_t length)
{
	unsigned char *place = reserve(buffer, length);

	if (place && length)
		memcpy(place, value, length);
}

void netlink_open(struct netlink_buffer *buffer, uint16_t type, uint16_t flags, const void *extra, size_t extra_length)
{
	struct nlmsghdr header = {
		.nlmsg_type = type,
		.nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST),
		.nlmsg_seq = ++buffer->sequence,
	};

	buffer->message = buffer->length;
	netlink_append(buffer, &header, sizeof header);
	netlink_append(buffer, extra, extra_length);
}

void netlink_close(struct netlink_buffer *buffer)
{
	uint32_t length = (uint32_t)(buffer->length - buffer->message);

	if (!buffer->overflow)
		memcpy(buffer->data + buffer->message, &length, sizeof length);
}

void netlink_put(struct netlink_buffer *buffer, uint16_t attribute, const void *value, size_t length)
{
	struct nlattr header = {.nla_type = attribute};
	unsigned char *place;

	if (length > UINT16_MAX - ATTRIBUTE_HEADER_BYTES) {
		buffer->overflow = true;
		return;
	}
	header.nla_len = (uint16_t)(ATTRIBUTE_HEADER_BYTES + length);
	place = reserve(buffer, ATTRIBUTE_HEADER_BYTES + length);
	if (!place)
		return;
	memcpy(place, &header, sizeof header);
	if (length)
		memcpy(place + ATTRIBUTE_HEADER_BYTES, value, length);
}

void netlink_put_string(struct netlink_buffer *buffer, uint16_t attribute, const char *text)
{
	netlink_put(buffer, attribute, text, strlen(text) + 1);
}

void netlink_put_u8(struct netlink_buffer *buffer, uint16_t attribute, uint8_t value)
{
	netlink_put(buffer, attribute, &value, sizeof value);
}

void netlink_put_u32(struct netlink_buffer *buffer, uint16_t attribute, uint32_t value)
{
	netlink_put(buffer, attribute, &value, sizeof value);
}

void netlink_put_be32(struct netlink_buffer *buffer, uint16_t attribute, uint32_t value)
{
	netlink_put_u32(buffer, attribute, __builtin_bswap32(value));
}

size_t netlink_nest(struct netlink_buffer *buffer, uint16_t attribute)
{
	size_t start = buffer->length;

	netlink_put(buffer, (uint16_t)(attribute | NLA_F_NESTED), NULL, 0);
	return start;
}

void netlink_unnest(struct netlink_buffer *buffer, size_t start)
{
	size_t length = buffer->length - start;
	uint16_t short_length = (uint16_t)length;

	if (length > UINT16_MAX)
		buffer->overflow = true;
	if (!buffer->overflow)
		memcpy(buffer->data + start, &short_length, sizeof short_length);
}

int netlink_socket(int family)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, family);
	int on = 1;

	if (fd < 0)
		return -errno;
	/* Without it each acknowledgement repeats the whole message. Old kernels may lack it, and work all the same. */
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
	return fd;
}

/* Looks at one datagram of answers. Returns true when the message numbered LAST was acknowledged. */
static bool read_answers(const unsigned char *data, size_t length, uint32_t last, struct netlink_result *result)
{
	bool done = false;

	while (length >= sizeof(struct nlmsghdr)) {
		struct nlmsghdr header;
		int32_t code;
		size_t step;

		memcpy(&header, data, sizeof header);
		if (header.nlmsg_len < sizeof header || header.nlmsg_len > length)
			break;
		if (header.nlmsg_type == NLMSG_ERROR && header.nlmsg_len >= sizeof header + sizeof code) {
			memcpy(&code, data + sizeof header, sizeof code);
			if (code < 0 && !result->error)
				*result = (struct netlink_result){.error = -code, .sequence = header.nlmsg_seq};
			if (header.nlmsg_seq == last)
				done = true;
		}
		step = NLMSG_ALIGN(header.nlmsg_len);
		if (step >= length)
			break;
		data += step;
		length -= step;
	}
	return done;
}

int netlink_transact(int socket_fd, const struct netlink_buffer *buffer, struct netlink_result *result)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	unsigned char answers[RECEIVE_BYTES];
	bool done = false;

	*result = (struct netlink_result){0};
	if (buffer->overflow)
		return -EMSGSIZE;
	if (sendto(socket_fd, buffer->data, buffer->length, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0)
		return -errno;
	/* The kernel has worked through the run when sendto() returns, so all answers are queued. */
	for (;;) {
		ssize_t got = recv(socket_fd, answers, sizeof answers, MSG_DONTWAIT);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == ENOBUFS)
			continue; /* more refusals than the queue holds; the first are there */
		if (got < 0 && errno == EAGAIN)
			break;
		if (got < 0)
			return -errno;
		done |= read_answers(answers, (size_t)got, buffer->sequence, result);
	}
	if (!done && !result->error)
		return -EPROTO;
	return 0;
}
