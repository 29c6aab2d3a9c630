#include "request.h"

#include <stdlib.h>
#include <string.h>

#include "mount.h"
#include "secret.h"

#define VERB(name) (UINT64_C(1) << TM_VERB_##name)
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
#define MEMBERS (CONNECT | VERB(NETWORK_DISCONNECT))
#define CONTAINER (START | EXEC | LIMIT | STREAMS | FILES | SIMPLE | VERB(CONTAINER_SIGNAL) | MEMBERS | VERB(NETWORK_RESOLVER))
#define LAYERS (VERB(LAYER_UNPACK) | VERB(LAYER_REMOVE))
#define NETWORKS (VERB(NETWORK_UP) | VERB(NETWORK_DOWN))

#define ARGS_MAX 4096
#define LAYERS_MAX 127
#define LIST_MAX 256
#define PORTS_MAX 1024
#define PORT_BYTES 12
#define ULIMIT_BYTES 24
#define ULIMITS_MAX 32
#define DEVICES_MAX 64
#define DEVICE_RULE_BYTES 12
#define BLOCK_LIMIT_BYTES 24
#define SECCOMP_BYTES_MAX 131072 /* Docker's own profile has about 10,000 */
#define NETWORK_OPTIONS_BYTES 8
#define ENDPOINTS_MAX 31 /* beside the first network */
#define ENDPOINT_BYTES 84
#define SOURCES_MAX 64
#define SOURCE_BYTES 8

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
#define ANY UINT64_MAX

static const struct rule rules[] = {
	{TM_TAG_CONTAINER, KIND_ID, CONTAINER, CONTAINER, 1, AT(container), 0, 0, "container"},
	{TM_TAG_LAYER, KIND_ID, START | STREAMS | FILES | LAYERS, START | STREAMS | FILES | LAYERS, LAYERS_MAX, AT(layers), 0, 0, "layer"},
	{TM_TAG_EXEC, KIND_ID, EXEC | VERB(CONTAINER_SIGNAL), EXEC, 1, AT(exec), 0, 0, "exec"},
	{TM_TAG_NETWORK, KIND_ID, START | NETWORKS | MEMBERS, NETWORKS | MEMBERS, 1, AT(network), 0, 0, "network"},
	{TM_TAG_JOIN_NETWORK_OF, KIND_ID, START, 0, 1, AT(join_network_of), 0, 0, "join network of"},
	{TM_TAG_AFTER, KIND_ID, VERB(LAYER_LIST) | VERB(CONTAINER_LIST) | VERB(VOLUME_LIST), 0, 1, AT(after), 0, 0, "after"},
	{TM_TAG_VOLUME, KIND_ID, VOLUMES, VOLUMES, 1, AT(volume), 0, 0, "volume"},
	{TM_TAG_JOIN_PROCESSES_OF, KIND_ID, START, 0, 1, AT(join_processes_of), 0, 0, "join processes of"},
	{TM_TAG_ARG, KIND_TEXT, START | EXEC, START | EXEC, ARGS_MAX, AT(args), 0, 0, "arg"},
	{TM_TAG_ENV, KIND_TEXT, START | EXEC, 0, ARGS_MAX, AT(env), 0, 0, "env"},
	{TM_TAG_WORKDIR, KIND_TEXT, START | EXEC, 0, 1, AT(workdir), 0, 0, "workdir"},
	{TM_TAG_USER, KIND_TEXT, START | EXEC | VERB(FILES_PUT), 0, 1, AT(user), 0, 0, "user"},
	{TM_TAG_HOSTNAME, KIND_TEXT, START, 0, 1, AT(hostname), 0, 0, "hostname"},
	{TM_TAG_GROUP_ADD, KIND_TEXT, START | EXEC, 0, 64, AT(group_add), 0, 0, "group add"},
	{TM_TAG_HOSTS, KIND_TEXT, START, 0, 1, AT(hosts), 0, 0, "hosts"},
	{TM_TAG_RESOLV, KIND_TEXT, START, 0, 1, AT(resolv), 0, 0, "resolv"},
	{TM_TAG_CPUSET, KIND_TEXT, START | LIMIT, 0, 1, AT(cpuset), 0, 0, "cpuset"},
	{TM_TAG_SYSCTL, KIND_TEXT, START, 0, LIST_MAX, AT(sysctls), 0, 0, "sysctl"},
	{TM_TAG_TMPFS, KIND_TEXT, START, 0, LIST_MAX, AT(tmpfs), 0, 0, "tmpfs"},
	{TM_TAG_TEXT, KIND_TEXT, VERB(AUDIT_ANCHOR), VERB(AUDIT_ANCHOR), 1, AT(text), 0, 0, "text"},
	{TM_TAG_DOMAINNAME, KIND_TEXT, START, 0, 1, AT(domainname), 0, 0, "domainname"},
	{TM_TAG_PATH, KIND_TEXT, FILES, FILES, 1, AT(path), 0, 0, "path"},
	{TM_TAG_MASKED_NONE, KIND_U32, START, 0, 1, AT(masked_none), 0, 1, "masked none"},
	{TM_TAG_CPUSET_MEMS, KIND_TEXT, START | LIMIT, 0, 1, AT(cpuset_mems), 0, 0, "cpuset mems"},
	{TM_TAG_PREFIX, KIND_U32, START | CONNECT | VERB(NETWORK_UP), CONNECT | VERB(NETWORK_UP), 1, AT(prefix), 8, 30, "prefix"},
	{TM_TAG_SIGNAL, KIND_U32, VERB(CONTAINER_SIGNAL), VERB(CONTAINER_SIGNAL), 1, AT(signal), 1, 64, "signal"},
	{TM_TAG_NETWORK_MODE, KIND_U32, START, START, 1, AT(network_mode), 0, 3, "network mode"},
	{TM_TAG_FLAGS, KIND_U32, START | EXEC, 0, 1, AT(flags), 0, 2047, "flags"},
	{TM_TAG_PIDS_MAX, KIND_U32, START | LIMIT, 0, 1, AT(pids_max), 0, ANY, "pids max"},
	{TM_TAG_CPU_SHARES, KIND_U32, START | LIMIT, 0, 1, AT(cpu_shares), 0, 262144, "cpu shares"},
	{TM_TAG_LOG_FILES, KIND_U32, START, 0, 1, AT(log_files), 1, 100, "log files"},
	{TM_TAG_ADDRESS, KIND_U32, START | CONNECT, CONNECT, 1, AT(address), 1, ANY, "address"},
	{TM_TAG_GATEWAY, KIND_U32, START | CONNECT | VERB(NETWORK_UP), CONNECT | VERB(NETWORK_UP), 1, AT(gateway), 1, ANY, "gateway"},
	{TM_TAG_ROWS, KIND_U32, START | EXEC, 0, 1, AT(rows), 0, 65535, "rows"},
	{TM_TAG_COLUMNS, KIND_U32, START | EXEC, 0, 1, AT(columns), 0, 65535, "columns"},
	{TM_TAG_UMASK, KIND_U32, START | EXEC, 0, 1, AT(umask), 0, 0777, "umask"},
	{TM_TAG_INTERNAL, KIND_U32, VERB(NETWORK_UP), 0, 1, AT(internal), 0, 1, "internal"},
	{TM_TAG_OOM_SCORE, KIND_U32, START | EXEC, 0, 1, AT(oom_score), 0, ANY, "oom score"},
	{TM_TAG_NAMESPACES, KIND_U32, START, 0, 1, AT(namespaces), 0, 31, "namespaces"},
	{TM_TAG_SWAPPINESS, KIND_U32, START | LIMIT, 0, 1, AT(swappiness), 0, 100, "swappiness"},
	{TM_TAG_FILE_FLAGS, KIND_U32, FILES, 0, 1, AT(file_flags), 0, 15, "file flags"},
	{TM_TAG_RESOLVER, KIND_U32, START, 0, 1, AT(resolver), 0, 1, "resolver"},
	{TM_TAG_VOLUME_FLAGS, KIND_U32, VERB(VOLUME_SIZE), 0, 1, AT(volume_flags), 0, TM_VOLUME_FIRST, "volume flags"},
	{TM_TAG_MEMORY_MAX, KIND_U64, START | LIMIT, 0, 1, AT(memory_max), 0, INT64_MAX, "memory max"},
	{TM_TAG_MEMORY_SWAP_MAX, KIND_U64, START | LIMIT, 0, 1, AT(memory_swap_max), 0, ANY, "memory swap max"},
	{TM_TAG_CPU_QUOTA, KIND_U64, START | LIMIT, 0, 1, AT(cpu_quota), 0, INT64_MAX / 1000, "cpu quota"},
	{TM_TAG_CPU_PERIOD, KIND_U64, START | LIMIT, 0, 1, AT(cpu_period), 1000, 1000000, "cpu period"},
	{TM_TAG_CAPABILITIES, KIND_U64, START | EXEC, 0, 1, AT(capabilities), 0, ANY, "capabilities"},
	{TM_TAG_LOG_MAX, KIND_U64, START, 0, 1, AT(log_max), 0, INT64_MAX, "log max"},
	{TM_TAG_SHM_SIZE, KIND_U64, START, 0, 1, AT(shm_size), 0, INT64_MAX, "shm size"},
	{TM_TAG_MEMORY_LOW, KIND_U64, START | LIMIT, 0, 1, AT(memory_low), 0, INT64_MAX, "memory low"},
	{TM_TAG_REALTIME_PERIOD, KIND_U64, START | LIMIT, 0, 1, AT(realtime_period), 1, INT64_MAX, "realtime period"},
	{TM_TAG_REALTIME_RUNTIME, KIND_U64, START | LIMIT, 0, 1, AT(realtime_runtime), 1, INT64_MAX, "realtime runtime"},
	{TM_TAG_BLOCK_WEIGHT, KIND_U64, START | LIMIT, 0, 1, AT(block_weight), 10, 1000, "block weight"},
	{TM_TAG_MOUNT, KIND_TEXT, START | FILES, 0, MOUNTS_MAX, AT(mounts), 0, 0, "mount"},
	{TM_TAG_SECRET, KIND_TEXT, START, 0, SECRETS_MAX, AT(secrets), 0, 0, "secret"},
	{TM_TAG_DEVICE, KIND_TEXT, START, 0, DEVICES_MAX, AT(devices), 0, 0, "device"},
	{TM_TAG_MASKED_PATH, KIND_TEXT, START, 0, LIST_MAX, AT(masked_paths), 0, 0, "masked path"},
	{TM_TAG_READ_ONLY_PATH, KIND_TEXT, START, 0, LIST_MAX, AT(read_only_paths), 0, 0, "read only path"},
	{TM_TAG_DEVICE_RULE, KIND_RECORD, START, 0, DEVICES_MAX, AT(device_rules), DEVICE_RULE_BYTES, DEVICE_RULE_BYTES, "device rule"},
	{TM_TAG_BLOCK_LIMIT, KIND_RECORD, START | LIMIT, 0, LIST_MAX, AT(block_limits), BLOCK_LIMIT_BYTES, BLOCK_LIMIT_BYTES, "block limit"},
	{TM_TAG_SECCOMP, KIND_RECORD, START | EXEC, 0, 1, AT(seccomp), 4, SECCOMP_BYTES_MAX, "seccomp"},
	{TM_TAG_PORT, KIND_RECORD, START | CONNECT, 0, PORTS_MAX, AT(ports), PORT_BYTES, PORT_BYTES, "port"},
	{TM_TAG_MAC, KIND_RECORD, START | CONNECT, 0, 1, AT(mac), 6, 6, "mac"},
	{TM_TAG_ULIMIT, KIND_RECORD, START | EXEC, 0, ULIMITS_MAX, AT(ulimits), ULIMIT_BYTES, ULIMIT_BYTES, "ulimit"},
	{TM_TAG_NETWORK_OPTIONS, KIND_RECORD, VERB(NETWORK_UP), 0, 1, AT(network_options), NETWORK_OPTIONS_BYTES, NETWORK_OPTIONS_BYTES,
	 "network options"},
	{TM_TAG_ENDPOINT, KIND_RECORD, START, 0, ENDPOINTS_MAX, AT(endpoints), ENDPOINT_BYTES, ENDPOINT_BYTES, "endpoint"},
	{TM_TAG_SOURCE, KIND_RECORD, START | CONNECT, 0, SOURCES_MAX, AT(sources), SOURCE_BYTES, SOURCE_BYTES, "source"},
};

#define RULES (sizeof rules / sizeof rules[0])

_Static_assert(TM_VERB_LAST < 64, "verbs fit into a bit set of 64");
_Static_assert(TM_TAG_LAST < 128, "tags fit into two words");

struct field {
	uint16_t tag;
	uint32_t length;
	const unsigned char *bytes;
};

static uint16_t get16(const unsigned char *from)
{
	return (uint16_t)(from[0] | from[1] << 8);
}

static uint32_t get32(const unsigned char *from)
{
	return (uint32_t)get16(from) | (uint32_t)get16(from + 2) << 16;
}

static uint64_t get64(const unsigned char *from)
{
	return (uint64_t)get32(from) | (uint64_t)get32(from + 4) << 32;
}

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

/* Length of the UTF-8 character at FROM (at most LEFT bytes), 0 for a broken one or NUL. Refuses overlong forms and surrogates. */
static size_t utf8_length(const unsigned char *from, size_t left)
{
	uint32_t point;
	size_t length;

	if (from[0] < 0x80)
		return from[0] != 0;
	if (from[0] < 0xc2 || from[0] > 0xf4)
		return 0;
	length = from[0] < 0xe0 ? 2 : from[0] < 0xf0 ? 3 : 4;
	if (length > left)
		return 0;
	point = from[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((from[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (from[i] & 0x3f);
	}
	if ((length == 3 && (point < 0x800 || (point >= 0xd800 && point <= 0xdfff))) ||
	    (length == 4 && (point < 0x10000 || point > 0x10ffff)))
		return 0;
	return length;
}

static bool is_text(const unsigned char *bytes, size_t length)
{
	for (size_t i = 0, step; i < length; i += step) {
		step = utf8_length(bytes + i, length - i);
		if (step == 0)
			return false;
	}
	return true;
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

static const struct rule *find_rule(uint16_t tag, enum tm_verb verb)
{
	for (size_t i = 0; i < RULES; i++)
		if ((uint16_t)rules[i].tag == tag && (rules[i].allowed >> verb & 1))
			return &rules[i];
	return NULL;
}

/* Whether the field has the form that its rule says. */
static bool fits(const struct rule *rule, const struct field *field)
{
	uint64_t number;

	if (rule->kind == KIND_ID) {
		if (field->length != TM_ID_CHARS)
			return false;
		for (size_t i = 0; i < TM_ID_CHARS; i++)
			if (!((field->bytes[i] >= '0' && field->bytes[i] <= '9') || (field->bytes[i] >= 'a' && field->bytes[i] <= 'f')))
				return false;
		return true;
	}
	if (rule->kind == KIND_TEXT)
		return is_text(field->bytes, field->length);
	if (rule->kind == KIND_RECORD)
		return field->length >= rule->low && field->length <= rule->high;
	if (field->length != (rule->kind == KIND_U32 ? 4 : 8))
		return false;
	number = rule->kind == KIND_U32 ? get32(field->bytes) : get64(field->bytes);
	return number >= rule->low && number <= rule->high;
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
	size_t counts[RULES];
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
		rule = find_rule(field.tag, request->verb);
		if (!rule)
			return malformed(report, "a field does not belong to this verb");
		if (++arena->counts[rule - rules] > rule->repeat_max)
			return report_parts(report, TM_E_PROTOCOL, rule->name, " comes too often", "");
		if (!fits(rule, &field))
			return invalid(report, rule->name);
		request->present[field.tag / 64] |= (uint64_t)1 << (field.tag % 64);
	}
	for (size_t i = 0; i < RULES; i++)
		if ((rules[i].required >> request->verb & 1) && arena->counts[i] == 0)
			return report_parts(report, TM_E_PROTOCOL, rules[i].name, " is missing", "");
	return 0;
}

static size_t element_size(const struct rule *rule)
{
	const struct array *array = find_array(rule->tag);

	return array ? array->size : sizeof(char *);
}

static void *lay_out(struct request *request, struct arena *arena, unsigned char *block)
{
	for (size_t i = 0; i < RULES; i++) {
		if (arena->counts[i] == 0 || rules[i].repeat_max == 1)
			continue;
		/* A list of texts begins with its pointer too. */
		memcpy(member(request, rules[i].offset), &block, sizeof block);
		block += arena->counts[i] * element_size(&rules[i]);
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
	if (request->verb != TM_VERB_CONTAINER_START) {
		if (request->layers.count > 1 && (LAYERS >> request->verb & 1))
			return malformed(report, "layer comes too often");
		return request->args.count > 0 && request->args.items[0][0] == '\0' ? invalid(report, "arg") : 0;
	}
	if (bridge && (!request->network || !request->address || !request->prefix || !request->gateway))
		return malformed(report, "a bridge network needs network, address, prefix and gateway");
	if (!bridge && (request->network || request->mac || request->port_count || request->endpoints.count || request->sources.count || request->resolver))
		return malformed(report, "network, mac, port, endpoint, source and resolver belong to a bridge network");
	if ((request->network_mode == TM_NETWORK_JOIN) != (request->join_network_of != NULL))
		return malformed(report, "join network of belongs to its mode");
	if ((request->join_processes_of != NULL) != ((request->namespaces & (TM_NAMESPACE_JOIN_PID | TM_NAMESPACE_JOIN_IPC)) != 0))
		return malformed(report, "join processes of belongs to its namespaces");
	if (request->args.items[0][0] == '\0')
		return invalid(report, "arg");
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
	for (size_t i = 0; i < RULES; i++)
		size += arena.counts[i] * element_size(&rules[i]);
	size += RULES * 8;
	request->arena = malloc(size);
	if (!request->arena)
		return report_status(report, TM_E_EXHAUSTED, "no memory");
	arena.text = lay_out(request, &arena, request->arena);
	while (at < length) {
		(void)next_field(packet, length, &at, &field); /* the first pass saw that it fits */
		put(request, find_rule(field.tag, request->verb), &field, &arena);
	}
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
