/* The table of the fields: where each may come, what form it has, where it goes. request.c reads requests by it. */
#ifndef TALLYMAN_REQUEST_RULES_H
#define TALLYMAN_REQUEST_RULES_H

#include "request.h"

#define VERB(name) (UINT64_C(1) << TM_VERB_##name)
/* Bit sets of verbs. */
#define START VERB(CONTAINER_START)
#define EXEC VERB(CONTAINER_EXEC)
#define LIMIT VERB(CONTAINER_LIMIT)
#define STREAMS (VERB(CONTAINER_EXPORT) | VERB(CONTAINER_DIFF) | VERB(CONTAINER_CHANGES))
#define FILES (VERB(FILES_STAT) | VERB(FILES_GET) | VERB(FILES_PUT))
#define VOLUMES                                                                                                                          \
	(VERB(VOLUME_CREATE) | VERB(VOLUME_REMOVE) | VERB(VOLUME_EXPORT) | VERB(VOLUME_IMPORT) | VERB(VOLUME_SIZE))
#define SIMPLE                                                                                                                           \
	(VERB(CONTAINER_FREEZE) | VERB(CONTAINER_THAW) | VERB(CONTAINER_CLEAN) | VERB(CONTAINER_REMOVE) | VERB(CONTAINER_PREPARE) | \
	 VERB(CONTAINER_SIZE))
#define CONNECT VERB(NETWORK_CONNECT)
#define SOCKETS VERB(CONTAINER_SOCKETS)
#define MEMBERS (CONNECT | VERB(NETWORK_DISCONNECT))
#define CONTAINER (START | EXEC | LIMIT | STREAMS | FILES | SIMPLE | VERB(CONTAINER_SIGNAL) | MEMBERS | VERB(NETWORK_RESOLVER) | SOCKETS)
#define LAYERS (VERB(LAYER_UNPACK) | VERB(LAYER_REMOVE))
#define NETWORKS (VERB(NETWORK_UP) | VERB(NETWORK_DOWN))

enum kind { KIND_ID, KIND_TEXT, KIND_U32, KIND_U64, KIND_RECORD };

/* Where a field may come and where it goes. REPEAT_MAX 1: a plain value at OFFSET; more: a struct text_list there. */
struct rule {
	enum tm_tag tag;
	enum kind kind;
	uint64_t allowed, required; /* bit sets of verbs */
	size_t repeat_max, offset;
	uint64_t low, high; /* of a number; of a record: its length */
	const char *name;
};

#define AT(member) offsetof(struct request, member)
#define REQUEST_RULES_MAX 96

extern const struct rule request_rules[];
extern const size_t request_rule_count;

struct field {
	uint16_t tag;
	uint32_t length;
	const unsigned char *bytes;
};

static inline uint16_t get16(const unsigned char *from)
{
	return (uint16_t)(from[0] | from[1] << 8);
}

static inline uint32_t get32(const unsigned char *from)
{
	return (uint32_t)get16(from) | (uint32_t)get16(from + 2) << 16;
}

static inline uint64_t get64(const unsigned char *from)
{
	return (uint64_t)get32(from) | (uint64_t)get32(from + 4) << 32;
}

/* NULL when the field does not belong to the verb. */
const struct rule *request_rule_find(uint16_t tag, enum tm_verb verb);
/* Whether the field has the form that its rule says. */
bool request_rule_fits(const struct rule *rule, const struct field *field);

#endif
