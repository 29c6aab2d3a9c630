#include "reply.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static void put16(unsigned char *to, uint16_t value)
{
	to[0] = (unsigned char)value;
	to[1] = (unsigned char)(value >> 8);
}

static void put32(unsigned char *to, uint32_t value)
{
	put16(to, (uint16_t)value);
	put16(to + 2, (uint16_t)(value >> 16));
}

void reply_init(struct reply *reply, enum tm_verb verb)
{
	reply->verb = verb;
	reply->length = TM_HEADER_BYTES;
	reply->overflow = false;
	reply->fd_count = 0;
}

size_t reply_room(const struct reply *reply)
{
	return sizeof reply->bytes - reply->length;
}

static void put_field(struct reply *reply, enum tm_tag tag, const void *bytes, size_t length)
{
	unsigned char *at = reply->bytes + reply->length;

	if (reply_room(reply) < TM_FIELD_HEADER_BYTES + length) {
		reply->overflow = true;
		return;
	}
	put16(at, (uint16_t)tag);
	put16(at + 2, 0);
	put32(at + 4, (uint32_t)length);
	memcpy(at + TM_FIELD_HEADER_BYTES, bytes, length);
	reply->length += TM_FIELD_HEADER_BYTES + length;
}

void reply_text(struct reply *reply, enum tm_tag tag, const char *text)
{
	put_field(reply, tag, text, strlen(text));
}

void reply_u32(struct reply *reply, enum tm_tag tag, uint32_t value)
{
	unsigned char bytes[4];

	put32(bytes, value);
	put_field(reply, tag, bytes, sizeof bytes);
}

void reply_u64(struct reply *reply, enum tm_tag tag, uint64_t value)
{
	unsigned char bytes[8];

	put32(bytes, (uint32_t)value);
	put32(bytes + 4, (uint32_t)(value >> 32));
	put_field(reply, tag, bytes, sizeof bytes);
}

static int send_with_fds(struct reply *reply, int socket_fd, size_t fd_count)
{
	struct iovec part = {.iov_base = reply->bytes, .iov_len = reply->length};
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(TM_FDS_MAX * sizeof(int))];
	} control = {0};
	struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1};

	if (fd_count) {
		packet.msg_control = &control;
		packet.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
		control.head = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(fd_count * sizeof(int))};
		memcpy(CMSG_DATA(&control.head), reply->fds, fd_count * sizeof(int));
	}
	return sendmsg(socket_fd, &packet, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int send_packet(struct reply *reply, int socket_fd, enum tm_status status)
{
	put32(reply->bytes, TM_MAGIC);
	put16(reply->bytes + 4, TM_VERSION);
	put16(reply->bytes + 6, (uint16_t)reply->verb);
	put32(reply->bytes + 8, (uint32_t)status);
	put32(reply->bytes + 12, (uint32_t)(reply->length - TM_HEADER_BYTES));
	return send_with_fds(reply, socket_fd, status == TM_OK ? reply->fd_count : 0);
}

int reply_send_ok(struct reply *reply, int socket_fd)
{
	return send_packet(reply, socket_fd, reply->overflow ? TM_E_EXHAUSTED : TM_OK);
}

int reply_send_report(struct reply *reply, int socket_fd, const struct report *report)
{
	reply->length = TM_HEADER_BYTES;
	if (report->text[0] != '\0')
		reply_text(reply, TM_TAG_TEXT, report->text);
	if (report->step)
		reply_text(reply, TM_TAG_STEP, report->step);
	if (report->error > 0)
		reply_u32(reply, TM_TAG_ERRNO, (uint32_t)report->error);
	if (report->number > 0)
		reply_u32(reply, TM_TAG_NUMBER, (uint32_t)report->number);
	return send_packet(reply, socket_fd, report->status);
}
