#include "../../src/init/profile.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <string.h>

#include "tap.h"

#define ALLOW SECCOMP_RET_ALLOW
#define DENY (SECCOMP_RET_ERRNO | EPERM)
#define KILL SECCOMP_RET_KILL_PROCESS
#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#else
#define ARCH AUDIT_ARCH_AARCH64
#endif

static uint8_t bytes[131072];
static size_t length;
static struct profile_program program;
static struct report report;

static void put(const void *from, size_t size)
{
	memcpy(bytes + length, from, size);
	length += size;
}

static void put32(uint32_t value)
{
	put(&value, sizeof value);
}

static void profile(uint32_t otherwise)
{
	length = 0;
	put32(otherwise);
}

static void rule(uint32_t number, uint32_t action, uint32_t comparisons)
{
	put32(number);
	put32(action);
	put32(comparisons);
	put32(0);
}

static void compare(uint32_t index, uint32_t how, uint64_t value, uint64_t second)
{
	put32(index);
	put32(how);
	put(&value, sizeof value);
	put(&second, sizeof second);
}

static bool compiles(void)
{
	report = (struct report){0};
	return profile_compile(bytes, length, &program, &report) == 0;
}

static bool refuses(void)
{
	return !compiles() && report.status == TM_E_INVALID;
}

/* The kernel's machine, for the instructions that are used. */
static uint32_t run(const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t at = 0; at < program.length; at++) {
		const struct sock_filter *i = &program.code[at];
		bool holds;

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			memcpy(&a, (const char *)data + i->k, sizeof a);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		case BPF_JMP | BPF_JA:
			at += i->k;
			break;
		default:
			holds = BPF_OP(i->code) == BPF_JEQ ? a == i->k : BPF_OP(i->code) == BPF_JGT ? a > i->k : a >= i->k;
			at += holds ? i->jt : i->jf;
		}
	}
	return 1; /* ran out of the program */
}

static uint32_t call(int number, uint64_t first, uint64_t second)
{
	struct seccomp_data data = {.nr = number, .arch = ARCH, .args = {first, second}};

	return run(&data);
}

static void plain(void)
{
	profile(DENY);
	rule(1, ALLOW, 0);
	rule(5, KILL, 0);
	CHECK(compiles() && call(1, 0, 0) == ALLOW && call(5, 0, 0) == KILL && call(2, 0, 0) == DENY, "decides by number");
	profile(ALLOW);
	CHECK(compiles() && call(1, 0, 0) == ALLOW, "takes a profile without rules");
	CHECK(call(0x40000001, 0, 0) == (SECCOMP_RET_ERRNO | ENOSYS), "knows the calls of x32 under no name");
	{
		struct seccomp_data data = {.nr = 1, .arch = AUDIT_ARCH_I386};

		CHECK(run(&data) == DENY, "denies calls of another architecture");
	}
}

/* Every operator against values around the line between the halves. */
static void operators(void)
{
	static const uint64_t values[] = {0, 1, 0xffffffff, 0x100000000, 0x100000001, 0x1ffffffff, 0x200000000, UINT64_MAX};
	const size_t count = sizeof values / sizeof values[0];
	int wrong = 0;

	for (uint32_t how = PROFILE_NOT_EQUAL; how <= PROFILE_MASKED_EQUAL; how++)
		for (size_t i = 0; i < count; i++) {
			profile(DENY);
			rule(9, ALLOW, 1);
			compare(1, how, values[i], 1);
			if (!compiles())
				wrong++;
			for (size_t k = 0; k < count; k++) {
				uint64_t a = values[k], v = values[i];
				const bool expected[] = {false, a != v, a < v, a <= v, a == v, a >= v, a > v, (a & v) == 1};

				wrong += (call(9, 77, a) == ALLOW) != expected[how];
			}
		}
	CHECK(wrong == 0, "compares 64 bits with every operator");
}

static void several(void)
{
	profile(ALLOW);
	rule(3, DENY, 2);
	compare(0, PROFILE_EQUAL, 1, 0);
	compare(1, PROFILE_EQUAL, 2, 0);
	rule(4, DENY, 0);
	rule(3, KILL, 1);
	compare(0, PROFILE_EQUAL, 7, 0);
	CHECK(compiles() && call(3, 1, 2) == DENY && call(3, 1, 3) == ALLOW && call(3, 7, 0) == KILL && call(4, 0, 0) == DENY,
	      "needs all comparisons of a rule, and looks at all rules of a call");
	rule(3, SECCOMP_RET_LOG, 0);
	CHECK(compiles() && call(3, 1, 2) == DENY && call(3, 1, 3) == SECCOMP_RET_LOG, "takes the rule without comparisons last");
}

static void hostile(void)
{
	profile(ALLOW);
	length = 3;
	CHECK(refuses(), "refuses less than an action");
	profile(SECCOMP_RET_USER_NOTIF);
	CHECK(refuses(), "refuses notifications");
	profile(SECCOMP_RET_ERRNO | 5000);
	CHECK(refuses(), "refuses an error number that is none");
	profile(ALLOW);
	rule(PROFILE_NUMBERS, ALLOW, 0);
	CHECK(refuses(), "refuses a number beyond all calls");
	profile(ALLOW);
	rule(1, 0x12340000, 0);
	CHECK(refuses(), "refuses an unknown action");
	profile(ALLOW);
	rule(1, ALLOW, 7);
	CHECK(refuses(), "refuses seven comparisons");
	profile(ALLOW);
	rule(1, ALLOW, 1);
	CHECK(refuses(), "refuses a comparison that is not there");
	compare(6, PROFILE_EQUAL, 0, 0);
	CHECK(refuses(), "refuses a seventh argument");
	profile(ALLOW);
	rule(1, ALLOW, 1);
	compare(0, 8, 0, 0);
	CHECK(refuses(), "refuses an unknown operator");
	profile(ALLOW);
	rule(1, ALLOW, 1);
	compare(0, 0, 0, 0);
	CHECK(refuses(), "refuses operator 0");
	profile(ALLOW);
	for (uint32_t i = 0; i < 600; i++) {
		rule(i, DENY, 1);
		compare(0, PROFILE_LESS, i, 0);
	}
	CHECK(refuses() && strstr(report.text, "too long"), "refuses what the kernel would not take");
	profile(ALLOW);
	for (uint32_t i = 0; i < 3000; i++) {
		rule(1, DENY, 1);
		compare(0, PROFILE_LESS, i, 0);
	}
	CHECK(refuses(), "refuses too many rules of one call");
	profile(ALLOW);
	for (uint32_t i = 0; i < 400; i++) {
		rule(i, DENY, 1);
		compare(0, PROFILE_LESS, i, 0);
	}
	CHECK(compiles() && call(399, 398, 0) == DENY && call(399, 399, 0) == ALLOW, "takes a long one that fits (control)");
}

int main(void)
{
	plain();
	operators();
	several();
	hostile();
	return tap_finish();
}
