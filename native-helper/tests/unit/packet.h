/* Requests under construction, for tests of the parser. */
#ifndef TALLYMAN_PACKET_H
#define TALLYMAN_PACKET_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "tallyman_protocol.h"

struct packet {
	unsigned char bytes[TM_PACKET_MAX_BYTES + 64];
	size_t length;
};

static inline void packet_put(struct packet *packet, const void *bytes, size_t length)
{
	memcpy(packet->bytes + packet->length, bytes, length);
	packet->length += length;
}

static inline void packet_put16(struct packet *packet, uint16_t value)
{
	packet_put(packet, &value, sizeof value);
}

static inline void packet_put32(struct packet *packet, uint32_t value)
{
	packet_put(packet, &value, sizeof value);
}

/* Makes the header's length agree with the packet. */
static inline void packet_close(struct packet *packet)
{
	uint32_t length = (uint32_t)(packet->length - TM_HEADER_BYTES);

	memcpy(packet->bytes + 12, &length, sizeof length);
}

static inline void packet_open(struct packet *packet, int verb)
{
	packet->length = 0;
	packet_put32(packet, TM_MAGIC);
	packet_put16(packet, TM_VERSION);
	packet_put16(packet, (uint16_t)verb);
	packet_put32(packet, 0);
	packet_put32(packet, 0);
}

static inline void packet_field(struct packet *packet, int tag, const void *value, size_t length)
{
	packet_put16(packet, (uint16_t)tag);
	packet_put16(packet, 0);
	packet_put32(packet, (uint32_t)length);
	packet_put(packet, value, length);
	packet_close(packet);
}

static inline void packet_text(struct packet *packet, int tag, const char *text)
{
	packet_field(packet, tag, text, strlen(text));
}

static inline void packet_number32(struct packet *packet, int tag, uint32_t value)
{
	packet_field(packet, tag, &value, sizeof value);
}

static inline void packet_number64(struct packet *packet, int tag, uint64_t value)
{
	packet_field(packet, tag, &value, sizeof value);
}

#endif
