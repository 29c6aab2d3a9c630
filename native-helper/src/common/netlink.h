/* Netlink messages: building them is pure (unit-tested), sending them is one system call for a whole run of messages. */
#ifndef TALLYMAN_NETLINK_H
#define TALLYMAN_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A run of messages under construction. A message that does not fit sets OVERFLOW and is not written beyond CAPACITY. */
struct netlink_buffer {
	unsigned char *data;
	size_t capacity;
	size_t length;
	size_t message;    /* where the open message starts */
	uint32_t sequence; /* of the last message; the first is 1 */
	bool overflow;
};

/* What the kernel refused first: ERROR is a positive errno, SEQUENCE the message's number; both 0 when all went well. */
struct netlink_result {
	int error;
	uint32_t sequence;
};

void netlink_init(struct netlink_buffer *buffer, void *data, size_t capacity);

/* Starts a message of TYPE with FLAGS (NLM_F_REQUEST is added) and the fixed part EXTRA; ends with netlink_close(). */
void netlink_open(struct netlink_buffer *buffer, uint16_t type, uint16_t flags, const void *extra, size_t extra_length);
void netlink_close(struct netlink_buffer *buffer);

void netlink_put(struct netlink_buffer *buffer, uint16_t attribute, const void *value, size_t length);
void netlink_put_string(struct netlink_buffer *buffer, uint16_t attribute, const char *text);
void netlink_put_u8(struct netlink_buffer *buffer, uint16_t attribute, uint8_t value);
void netlink_put_u32(struct netlink_buffer *buffer, uint16_t attribute, uint32_t value);
void netlink_put_be32(struct netlink_buffer *buffer, uint16_t attribute, uint32_t value);

/* Opens a nested attribute; the answer goes to netlink_unnest(). */
size_t netlink_nest(struct netlink_buffer *buffer, uint16_t attribute);
void netlink_unnest(struct netlink_buffer *buffer, size_t start);

/* Appends a fixed structure to the open message or nest (IFLA_INFO_DATA of veth holds a whole ifinfomsg). */
void netlink_append(struct netlink_buffer *buffer, const void *value, size_t length);

/* A socket of FAMILY (NETLINK_ROUTE, NETLINK_NETFILTER) in the calling thread's network namespace; negative errno on failure. */
int netlink_socket(int family);

/* Sends the run and reads the answers. The last message must ask for an acknowledgement (NLM_F_ACK).
 * Returns 0 when the run was delivered (RESULT tells what the kernel said), or a negative errno. */
int netlink_transact(int socket_fd, const struct netlink_buffer *buffer, struct netlink_result *result);

#endif
