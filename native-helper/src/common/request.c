#include "request_rules.h"

#include <stdlib.h>
#include <string.h>

#include "secret.h"

static int malformed(struct report *report, const char *what)
{
	return report_status(report, TM_E_PROTOCOL, what);
}

static int invalid(struct report *report, const char *name)
{
	return report_parts(report, TM_E_INVALID, name, " is out of range or malformed", "");
}

bool request_is_id(const char *text)
{
	size_t i;

	for (i = 0; (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f'); i++)
		if (i >= TM_ID_CHARS)
			return false;
	return i == TM_ID_CHARS && text[i] == '\0';
}

/* Takes the field at *AT; false when it does not fit into LENGTH. */
static bool next_field(const unsigned char *packet, size_t length, size_t *at, struct field *field)
{
	if (length - *at < TM_FIELD_HEADER_BYTES)
		return false;
	field->tag = get16(packet + *at);
	field->length = get32(packet + *at + 4);
	field->bytes = packet + *at + TM_FIELD_HEADER_BYTES;
	if (get16(packet + *at + 2) != 0 || field->length > length - *at - TM_FIELD_HEADER_BYTES)
		return false;
	*at += TM_FIELD_HEADER_BYTES + field->length;
	return true;
}

static void *member(struct request *request, size_t offset)
{
	return (unsigned char *)request + offset;
}

static void put_port(void *to, const unsigned char *from)
{
	*(struct request_port *)to = (struct request_port){from[0], get16(from + 2), get32(from + 4), get16(from + 8)};
}

static void put_ulimit(void *to, const unsigned char *from)
{
	*(struct request_ulimit *)to = (struct request_ulimit){get32(from), get64(from + 8), get64(from + 16)};
}

static void put_device_rule(void *to, const unsigned char *from)
{
	*(struct request_device_rule *)to = (struct request_device_rule){(char)from[0], from[1], get32(from + 4), get32(from + 8)};
}

static void put_block_limit(void *to, const unsigned char *from)
{
	*(struct request_block_limit *)to = (struct request_block_limit){get32(from), get32(from + 4), get32(from + 8), get64(from + 16)};
}

/* Records that repeat become arrays. COUNT is the offset of their number, put() reads one. */
struct array {
	enum tm_tag tag;
	size_t size, count;
	void (*put)(void *to, const unsigned char *from);
};

static const struct array arrays[] = {
	{TM_TAG_PORT, sizeof(struct request_port), AT(port_count), put_port},
	{TM_TAG_ULIMIT, sizeof(struct request_ulimit), AT(ulimit_count), put_ulimit},
	{TM_TAG_DEVICE_RULE, sizeof(struct request_device_rule), AT(device_rule_count), put_device_rule},
	{TM_TAG_BLOCK_LIMIT, sizeof(struct request_block_limit), AT(block_limit_count), put_block_limit},
};

static const struct array *find_array(enum tm_tag tag)
{
	for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
		if (arrays[i].tag == tag)
			return &arrays[i];
	return NULL;
}

static void append(struct request *request, const struct rule *rule, const struct array *array, const struct field *field)
{
	size_t *count = member(request, array->count);
	unsigned char *items;

	memcpy(&items, member(request, rule->offset), sizeof items);
	array->put(items + (*count)++ * array->size, field->bytes);
}

/* The arena: all texts with their NUL, then the arrays. Sizes come from a first pass over the fields. */
struct arena {
	char *text;
	size_t counts[REQUEST_RULES_MAX];
};

static void put(struct request *request, const struct rule *rule, const struct field *field, struct arena *arena)
{
	void *place = member(request, rule->offset);
	struct text_list *list = place;
	const struct array *array = find_array(rule->tag);
	const char *text = arena->text;

	if (rule->kind == KIND_U32) {
		uint32_t number = get32(field->bytes);

		memcpy(place, &number, sizeof number);
	} else if (rule->kind == KIND_U64) {
		uint64_t number = get64(field->bytes);

		memcpy(place, &number, sizeof number);
	} else if (array) {
		append(request, rule, array, field);
	} else {
		memcpy(arena->text, field->bytes, field->length);
		arena->text[field->length] = '\0';
		arena->text += field->length + 1;
		if (rule->repeat_max > 1)
			list->items[list->count++] = text;
		else
			memcpy(place, &text, sizeof text);
		if (rule->tag == TM_TAG_SECCOMP)
			request->seccomp_length = field->length;
	}
}

/* First pass: form, place and number of every field. */
static int check_fields(const unsigned char *packet, size_t length, struct request *request, struct arena *arena, struct report *report)
{
	size_t at = TM_HEADER_BYTES;
	struct field field;

	while (at < length) {
		const struct rule *rule;

		if (!next_field(packet, length, &at, &field))
			return malformed(report, "a field does not fit into its packet");
		rule = request_rule_find(field.tag, request->verb);
		if (!rule)
			return malformed(report, "a field does not belong to this verb");
		if (++arena->counts[rule - request_rules] > rule->repeat_max)
			return report_parts(report, TM_E_PROTOCOL, rule->name, " comes too often", "");
		if (!request_rule_fits(rule, &field))
			return invalid(report, rule->name);
		request->present[field.tag / 64] |= (uint64_t)1 << (field.tag % 64);
	}
	for (size_t i = 0; i < request_rule_count; i++)
		if ((request_rules[i].required >> request->verb & 1) && arena->counts[i] == 0)
			return report_parts(report, TM_E_PROTOCOL, request_rules[i].name, " is missing", "");
	return 0;
}

static size_t element_size(const struct rule *rule)
{
	const struct array *array = find_array(rule->tag);

	return array ? array->size : sizeof(char *);
}

static void *lay_out(struct request *request, struct arena *arena, unsigned char *block)
{
	for (size_t i = 0; i < request_rule_count; i++) {
		if (arena->counts[i] == 0 || request_rules[i].repeat_max == 1)
			continue;
		/* A list of texts begins with its pointer too. */
		memcpy(member(request, request_rules[i].offset), &block, sizeof block);
		block += arena->counts[i] * element_size(&request_rules[i]);
		block += -(uintptr_t)block & 7; /* the next array needs its alignment */
	}
	return block;
}

static int check_header(const unsigned char *packet, size_t length, struct report *report)
{
	if (length < TM_HEADER_BYTES || length > TM_PACKET_MAX_BYTES || get32(packet) != TM_MAGIC)
		return malformed(report, "not a request");
	if (get16(packet + 4) != TM_VERSION)
		return malformed(report, "the server speaks another version of the protocol");
	if (get16(packet + 6) == 0 || get16(packet + 6) > TM_VERB_LAST)
		return malformed(report, "unknown verb");
	if (get32(packet + 8) != 0 || get32(packet + 12) != length - TM_HEADER_BYTES)
		return malformed(report, "the header does not agree with the packet");
	return 0;
}

/* What a table cannot say: fields that belong together. */
static int check_together(const struct request *request, struct report *report)
{
	bool bridge = request->network_mode == TM_NETWORK_BRIDGE;

	if (request_network_check(request) < 0)
		return invalid(report, "network option, endpoint, source or port");
	if (request->verb != TM_VERB_CONTAINER_START)
		return request->layers.count > 1 && (LAYERS >> request->verb & 1) ? malformed(report, "layer comes too often") : 0;
	if (bridge && !request->network)
		return malformed(report, "a bridge network needs network");
	if (!bridge && (request->network || request->mac || request->port_count || request->endpoints.count || request->sources.count ||
			request->ports6.count || request->sources6.count || request->resolver))
		return malformed(report, "network, mac, port, endpoint, source and resolver belong to a bridge network");
	if ((request->network_mode == TM_NETWORK_JOIN) != (request->join_network_of != NULL))
		return malformed(report, "join network of belongs to its mode");
	if ((request->join_processes_of != NULL) != ((request->namespaces & (TM_NAMESPACE_JOIN_PID | TM_NAMESPACE_JOIN_IPC)) != 0))
		return malformed(report, "join processes of belongs to its namespaces");
	for (size_t i = 0; i < request->secrets.count; i++) {
		struct secret_wish wish;

		if (!secret_parse(request->secrets.items[i], &wish))
			return invalid(report, "secret");
	}
	if (request->oom_score < -1000 || request->oom_score > 1000)
		return invalid(report, "oom score");
	return 0;
}

int request_parse(const void *packet, size_t length, struct request *request, struct report *report)
{
	struct arena arena = {0};
	struct field field;
	size_t at = TM_HEADER_BYTES;
	size_t size;

	*request = (struct request){0};
	if (check_header(packet, length, report) < 0)
		return -1;
	request->verb = (enum tm_verb)get16((const unsigned char *)packet + 6);
	if (check_fields(packet, length, request, &arena, report) < 0)
		return -1;
	/* Every field has a header of eight bytes in the packet, so twice the packet holds padding and NULs. */
	size = length * 2 + 64;
	for (size_t i = 0; i < request_rule_count; i++)
		size += arena.counts[i] * element_size(&request_rules[i]);
	size += request_rule_count * 8;
	request->arena = malloc(size);
	if (!request->arena)
		return report_status(report, TM_E_EXHAUSTED, "no memory");
	arena.text = lay_out(request, &arena, request->arena);
	while (next_field(packet, length, &at, &field)) /* the first pass saw that all of them fit */
		put(request, request_rule_find(field.tag, request->verb), &field, &arena);
	if (check_together(request, report) < 0) {
		request_free(request);
		return -1;
	}
	return 0;
}

void request_free(struct request *request)
{
	free(request->arena);
	*request = (struct request){0};
}

size_t request_fd_count(const struct request *request)
{
	if (request->secrets.count > 0)
		return 1;
	return (VERB(LAYER_UNPACK) | STREAMS | FILES | VERB(VOLUME_EXPORT) | VERB(VOLUME_IMPORT)) >> request->verb & 1;
}
