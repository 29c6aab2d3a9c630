#include "profile.h"

#include <endian.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <string.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#else
#define ARCH AUDIT_ARCH_AARCH64
#endif

#define X32_CALLS 0x40000000 /* numbers from here on are the same calls by other names, so a rule would miss them */
#define FAILS_MAX 24         /* jumps of one rule to the next: at most three for each of six comparisons */

struct rule {
	uint32_t number, action, comparisons;
	const uint8_t *at; /* the comparisons */
};

struct compiler {
	const uint8_t *bytes;
	size_t length;
	struct profile_program *program;
	size_t fails[FAILS_MAX], fail_count; /* instructions whose marked side jumps to the next rule */
};

#define FAIL 0xff /* this side of a jump goes to the next rule; patched */

static uint32_t get32(const uint8_t *from)
{
	uint32_t value;

	memcpy(&value, from, sizeof value);
	return le32toh(value);
}

static uint64_t get64(const uint8_t *from)
{
	uint64_t value;

	memcpy(&value, from, sizeof value);
	return le64toh(value);
}

/* The rule at *AT, which moves on; false at the end or for what is not whole. */
static bool next_rule(const uint8_t *bytes, size_t length, size_t *at, struct rule *rule)
{
	if (length - *at < PROFILE_RULE_BYTES)
		return false;
	*rule = (struct rule){get32(bytes + *at), get32(bytes + *at + 4), get32(bytes + *at + 8), bytes + *at + PROFILE_RULE_BYTES};
	if (rule->comparisons > PROFILE_COMPARISONS_MAX || get32(bytes + *at + 12) != 0 ||
	    length - *at - PROFILE_RULE_BYTES < rule->comparisons * (size_t)PROFILE_COMPARISON_BYTES)
		return false;
	*at += PROFILE_RULE_BYTES + rule->comparisons * (size_t)PROFILE_COMPARISON_BYTES;
	return true;
}

/* Nobody listens for notifications, and nobody traces. */
static bool is_action(uint32_t action)
{
	uint32_t data = action & SECCOMP_RET_DATA;

	switch (action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ERRNO:
		return data < 4096;
	case SECCOMP_RET_KILL_PROCESS:
	case SECCOMP_RET_KILL_THREAD:
	case SECCOMP_RET_TRAP:
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_LOG:
	case SECCOMP_RET_ALLOW:
		return true;
	default:
		return false;
	}
}

/* Form of all of it, so that what follows need not look again. */
static bool is_sound(const uint8_t *bytes, size_t length)
{
	size_t at = 4;
	struct rule rule;

	if (length < 4 || !is_action(get32(bytes)))
		return false;
	while (at < length) {
		if (!next_rule(bytes, length, &at, &rule) || rule.number >= PROFILE_NUMBERS || !is_action(rule.action))
			return false;
		for (uint32_t i = 0; i < rule.comparisons; i++) {
			const uint8_t *comparison = rule.at + i * (size_t)PROFILE_COMPARISON_BYTES;
			uint32_t comparator = get32(comparison + 4);

			if (get32(comparison) > 5 || comparator < PROFILE_NOT_EQUAL || comparator > PROFILE_MASKED_EQUAL)
				return false;
		}
	}
	return true;
}

/* Beyond the kernel's length only the length goes on. */
static size_t emit(struct compiler *compiler, int op, uint32_t k, uint8_t if_true, uint8_t if_false)
{
	struct profile_program *program = compiler->program;

	if ((if_true == FAIL || if_false == FAIL) && compiler->fail_count < FAILS_MAX)
		compiler->fails[compiler->fail_count++] = program->length;
	if (program->length < PROFILE_INSTRUCTIONS_MAX)
		program->code[program->length] = (struct sock_filter){(unsigned short)op, if_true, if_false, k};
	return program->length++;
}

static void give(struct compiler *compiler, uint32_t action)
{
	(void)emit(compiler, BPF_RET | BPF_K, action, 0, 0);
}

static void load(struct compiler *compiler, size_t offset)
{
	(void)emit(compiler, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void test(struct compiler *compiler, int how, uint32_t value, uint8_t if_true, uint8_t if_false)
{
	(void)emit(compiler, BPF_JMP | how | BPF_K, value, if_true, if_false);
}

/* Arguments have 64 bits and the machine of filters 32: the upper half first, the lower one when it does not decide. */
static void compare(struct compiler *compiler, const uint8_t *comparison)
{
	uint32_t comparator = get32(comparison + 4);
	uint64_t value = get64(comparison + 8), second = get64(comparison + 16);
	uint32_t high = (uint32_t)(value >> 32), low = (uint32_t)value;
	size_t offset = offsetof(struct seccomp_data, args) + get32(comparison) * sizeof(uint64_t);

	load(compiler, offset + 4);
	if (comparator == PROFILE_MASKED_EQUAL) {
		(void)emit(compiler, BPF_ALU | BPF_AND | BPF_K, high, 0, 0);
		test(compiler, BPF_JEQ, (uint32_t)(second >> 32), 0, FAIL);
		load(compiler, offset);
		(void)emit(compiler, BPF_ALU | BPF_AND | BPF_K, low, 0, 0);
		test(compiler, BPF_JEQ, (uint32_t)second, 0, FAIL);
	} else if (comparator == PROFILE_EQUAL || comparator == PROFILE_NOT_EQUAL) {
		test(compiler, BPF_JEQ, high, 0, comparator == PROFILE_EQUAL ? FAIL : 2);
		load(compiler, offset);
		test(compiler, BPF_JEQ, low, comparator == PROFILE_EQUAL ? 0 : FAIL, comparator == PROFILE_EQUAL ? FAIL : 0);
	} else {
		bool up = comparator == PROFILE_GREATER || comparator == PROFILE_GREATER_OR_EQUAL;
		int how = comparator == PROFILE_GREATER || comparator == PROFILE_LESS_OR_EQUAL ? BPF_JGT : BPF_JGE;

		test(compiler, BPF_JGT, high, up ? 3 : FAIL, 0);
		test(compiler, BPF_JEQ, high, 0, up ? FAIL : 2);
		load(compiler, offset);
		test(compiler, how, low, up ? 0 : FAIL, up ? FAIL : 0);
	}
}

/* Sends the marked jumps to the next instruction. */
static void land(struct compiler *compiler)
{
	for (size_t i = 0; i < compiler->fail_count; i++) {
		size_t from = compiler->fails[i];
		uint8_t distance = (uint8_t)(compiler->program->length - from - 1); /* one rule has fewer than 50 instructions */

		if (from >= PROFILE_INSTRUCTIONS_MAX)
			break;
		if (compiler->program->code[from].jt == FAIL)
			compiler->program->code[from].jt = distance;
		if (compiler->program->code[from].jf == FAIL)
			compiler->program->code[from].jf = distance;
	}
	compiler->fail_count = 0;
}

/* All rules about one call; ends in a return. */
static void compile_call(struct compiler *compiler, uint32_t number)
{
	uint32_t otherwise = get32(compiler->bytes);
	size_t at = 4;
	struct rule rule;

	while (at < compiler->length && next_rule(compiler->bytes, compiler->length, &at, &rule)) {
		if (rule.number != number)
			continue;
		if (rule.comparisons == 0) {
			otherwise = rule.action;
			continue;
		}
		for (uint32_t i = 0; i < rule.comparisons; i++)
			compare(compiler, rule.at + i * (size_t)PROFILE_COMPARISON_BYTES);
		give(compiler, rule.action);
		land(compiler);
	}
	give(compiler, otherwise);
}

int profile_compile(const uint8_t *bytes, size_t length, struct profile_program *program, struct report *report)
{
	struct compiler compiler = {.bytes = bytes, .length = length, .program = program};
	bool seen[PROFILE_NUMBERS] = {false};
	size_t at = 4;
	struct rule rule;

	program->length = 0;
	if (!is_sound(bytes, length))
		return report_status(report, TM_E_INVALID, "seccomp: the profile is malformed");
	load(&compiler, offsetof(struct seccomp_data, arch));
	test(&compiler, BPF_JEQ, ARCH, 1, 0);
	give(&compiler, SECCOMP_RET_ERRNO | EPERM);
	load(&compiler, offsetof(struct seccomp_data, nr));
	test(&compiler, BPF_JGE, X32_CALLS, 0, 1);
	give(&compiler, SECCOMP_RET_ERRNO | ENOSYS);
	while (at < length && next_rule(bytes, length, &at, &rule) && program->length <= PROFILE_INSTRUCTIONS_MAX) {
		size_t jump;

		if (seen[rule.number])
			continue;
		seen[rule.number] = true;
		test(&compiler, BPF_JEQ, rule.number, 1, 0);
		jump = emit(&compiler, BPF_JMP | BPF_JA, 0, 0, 0);
		compile_call(&compiler, rule.number);
		if (jump < PROFILE_INSTRUCTIONS_MAX)
			program->code[jump].k = (uint32_t)(program->length - jump - 1);
	}
	give(&compiler, get32(bytes));
	if (program->length > PROFILE_INSTRUCTIONS_MAX)
		return report_status(report, TM_E_INVALID, "seccomp: the profile is too long for the kernel, which takes 4096 instructions");
	return 0;
}
