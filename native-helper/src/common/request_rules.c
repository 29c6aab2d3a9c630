#include "request_rules.h"

#include "mount.h"
#include "secret.h"

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
#define LINK_SYSCTLS_MAX 1024 /* 32 for each network */
#define SOURCES_MAX 64
#define SOURCE_BYTES 8
#define NETWORK6_BYTES 20
#define ENDPOINT6_BYTES 100
#define PORT6_BYTES 24
#define SOURCE6_BYTES 20

#define ANY UINT64_MAX

const struct rule request_rules[] = {
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
	{TM_TAG_PREFIX, KIND_U32, START | CONNECT | VERB(NETWORK_UP), 0, 1, AT(prefix), 8, 30, "prefix"},
	{TM_TAG_SIGNAL, KIND_U32, VERB(CONTAINER_SIGNAL), VERB(CONTAINER_SIGNAL), 1, AT(signal), 1, 64, "signal"},
	{TM_TAG_NETWORK_MODE, KIND_U32, START, START, 1, AT(network_mode), 0, 3, "network mode"},
	{TM_TAG_FLAGS, KIND_U32, START | EXEC, 0, 1, AT(flags), 0, 2047, "flags"},
	{TM_TAG_PIDS_MAX, KIND_U32, START | LIMIT, 0, 1, AT(pids_max), 0, ANY, "pids max"},
	{TM_TAG_CPU_SHARES, KIND_U32, START | LIMIT, 0, 1, AT(cpu_shares), 0, 262144, "cpu shares"},
	{TM_TAG_LOG_FILES, KIND_U32, START, 0, 1, AT(log_files), 1, 100, "log files"},
	{TM_TAG_ADDRESS, KIND_U32, START | CONNECT, 0, 1, AT(address), 1, ANY, "address"},
	{TM_TAG_GATEWAY, KIND_U32, START | CONNECT | VERB(NETWORK_UP), 0, 1, AT(gateway), 1, ANY, "gateway"},
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
	{TM_TAG_SIZE_LIMIT, KIND_U64, VERB(VOLUME_CREATE) | VERB(VOLUME_IMPORT) | VERB(CONTAINER_PREPARE), 0, 1, AT(size_limit), 1, INT64_MAX, "size limit"},
	{TM_TAG_MOUNT, KIND_TEXT, START | FILES | SOCKETS, SOCKETS, MOUNTS_MAX, AT(mounts), 0, 0, "mount"},
	{TM_TAG_MOUNT_LAYER, KIND_ID, START | FILES, 0, MOUNT_LAYERS_MAX, AT(mount_layers), 0, 0, "mount layer"},
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
	{TM_TAG_NETWORK6, KIND_RECORD, VERB(NETWORK_UP), 0, 1, AT(network6), NETWORK6_BYTES, NETWORK6_BYTES, "network6"},
	{TM_TAG_LAN, KIND_TEXT, VERB(NETWORK_UP), 0, 1, AT(lan), 0, 0, "lan"},
	{TM_TAG_BRIDGE_NAME, KIND_TEXT, VERB(NETWORK_UP), 0, 1, AT(bridge_name), 0, 0, "bridge name"},
	{TM_TAG_ENDPOINT6, KIND_RECORD, START | CONNECT, 0, ENDPOINTS_MAX + 1, AT(endpoints6), ENDPOINT6_BYTES, ENDPOINT6_BYTES, "endpoint6"},
	{TM_TAG_LINK_NAME, KIND_TEXT, START | CONNECT, 0, ENDPOINTS_MAX + 1, AT(link_names), 0, 0, "link name"},
	{TM_TAG_LINK_SYSCTL, KIND_TEXT, START | CONNECT, 0, LINK_SYSCTLS_MAX, AT(link_sysctls), 0, 0, "link sysctl"},
	{TM_TAG_PORT6, KIND_RECORD, START | CONNECT, 0, PORTS_MAX, AT(ports6), PORT6_BYTES, PORT6_BYTES, "port6"},
	{TM_TAG_SOURCE6, KIND_RECORD, START | CONNECT, 0, SOURCES_MAX, AT(sources6), SOURCE6_BYTES, SOURCE6_BYTES, "source6"},
};

const size_t request_rule_count = sizeof request_rules / sizeof request_rules[0];

_Static_assert(TM_VERB_LAST < 64, "verbs fit into a bit set of 64");
_Static_assert(TM_TAG_LAST < 128, "tags fit into two words");
_Static_assert(sizeof request_rules / sizeof request_rules[0] <= REQUEST_RULES_MAX, "the parser counts every rule");

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

const struct rule *request_rule_find(uint16_t tag, enum tm_verb verb)
{
	for (size_t i = 0; i < request_rule_count; i++)
		if ((uint16_t)request_rules[i].tag == tag && (request_rules[i].allowed >> verb & 1))
			return &request_rules[i];
	return NULL;
}

bool request_rule_fits(const struct rule *rule, const struct field *field)
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
