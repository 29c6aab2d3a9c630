/* A filter of system calls that was asked for (--security-opt seccomp=profile.json), beside our own. The server has read the JSON; what comes
 * here is the field TM_TAG_SECCOMP, little-endian:
 *
 *   u32 action of calls that no rule is about, then rules
 *   rule     = u32 number of the call, u32 action, u32 number of comparisons (0..6), u32 zero, comparisons
 *   comparison = u32 index of the argument (0..5), u32 enum profile_operator, u64 value, u64 second value
 *
 * Actions are the kernel's SECCOMP_RET_ values, with their data. A rule holds when all of its comparisons do. Of the rules about one call, the
 * first with comparisons that holds decides, then the one without, then the action of all others.
 */
#ifndef TALLYMAN_PROFILE_H
#define TALLYMAN_PROFILE_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#include "../common/report.h"

#define PROFILE_RULE_BYTES 16
#define PROFILE_COMPARISON_BYTES 24
#define PROFILE_COMPARISONS_MAX 6
#define PROFILE_NUMBERS 1024 /* more than there are system calls */
#define PROFILE_INSTRUCTIONS_MAX 4096 /* the kernel's BPF_MAXINSNS */

/* As libseccomp numbers them. */
enum profile_operator {
	PROFILE_NOT_EQUAL = 1,
	PROFILE_LESS = 2,
	PROFILE_LESS_OR_EQUAL = 3,
	PROFILE_EQUAL = 4,
	PROFILE_GREATER_OR_EQUAL = 5,
	PROFILE_GREATER = 6,
	PROFILE_MASKED_EQUAL = 7 /* argument & value == second value */
};

struct profile_program {
	struct sock_filter code[PROFILE_INSTRUCTIONS_MAX];
	size_t length;
};

/* Compiles BYTES; TM_E_INVALID for everything that is not as above, or too long for the kernel. Pure. */
int profile_compile(const uint8_t *bytes, size_t length, struct profile_program *program, struct report *report);

#endif
