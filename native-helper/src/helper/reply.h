/* Typed result or report -> bytes. */
#ifndef TALLYMAN_REPLY_H
#define TALLYMAN_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../include/tallyman_protocol.h"
#include "../common/report.h"

/* A reply under construction. A field that does not fit sets OVERFLOW and is left out. */
struct reply {
	enum tm_verb verb;
	size_t length;
	bool overflow;
	int fds[TM_FDS_MAX]; /* sent with TM_OK; they stay open here */
	size_t fd_count;
	unsigned char bytes[TM_PACKET_MAX_BYTES];
};

void reply_init(struct reply *reply, enum tm_verb verb);
void reply_text(struct reply *reply, enum tm_tag tag, const char *text);
void reply_u32(struct reply *reply, enum tm_tag tag, uint32_t value);
void reply_u64(struct reply *reply, enum tm_tag tag, uint64_t value);

/* Bytes that still fit. */
size_t reply_room(const struct reply *reply);

/* Sends the fields so far as TM_OK. Returns 0 or a negative errno. */
int reply_send_ok(struct reply *reply, int socket_fd);

/* Sends REPORT instead of the fields. Returns 0 or a negative errno. */
int reply_send_report(struct reply *reply, int socket_fd, const struct report *report);

#endif
