/* Prints the container's system call filter as a C array: a binary search over ranges of allowed numbers, then the calls whose arguments
 * matter. Runs at build time; the kernel sees only the result. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define NEWEST 470 /* numbers from here on are unknown to this table */
#define NUMBERS 512
#define INSTRUCTIONS_MAX 4096

#define ACTION_ALLOW SECCOMP_RET_ALLOW
#define ACTION_DENY (SECCOMP_RET_ERRNO | EPERM)
#define ACTION_UNKNOWN (SECCOMP_RET_ERRNO | ENOSYS)
#define ACTION_FAMILY (SECCOMP_RET_ERRNO | EAFNOSUPPORT)

/* clone() may not make namespaces */
#define NAMESPACE_FLAGS (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#error "the filter knows x86-64 and arm64"
#endif

static bool allowed[NUMBERS];
static struct sock_filter code[INSTRUCTIONS_MAX];
static int length;

struct range {
	unsigned int low, high;
};

static int emit(int op, unsigned int k, int if_true, int if_false)
{
	if (length == INSTRUCTIONS_MAX || if_true > 255 || if_false > 255) {
		(void)fprintf(stderr, "the filter is too long\n");
		exit(1);
	}
	code[length] = (struct sock_filter){(unsigned short)op, (unsigned char)if_true, (unsigned char)if_false, k};
	return length++;
}

static void give(unsigned int action)
{
	(void)emit(BPF_RET | BPF_K, action, 0, 0);
}

static void load(size_t offset)
{
	(void)emit(BPF_LD | BPF_W | BPF_ABS, (unsigned int)offset, 0, 0);
}

static void mark(long number)
{
	if (number >= 0 && number < NUMBERS)
		allowed[number] = true;
}

/* Calls that an architecture lacks are simply not in its build/seccomp_calls.h (see the Makefile). */
static void read_table(void)
{
#define NUMBER(number) mark(number);
#include "seccomp_calls.h"
#undef NUMBER
}

/* The accumulator holds the number. Both sides of a comparison are whole subtrees that end in a return. */
static void search(const struct range *ranges, int count)
{
	int middle = count / 2, jump;

	if (count == 0) {
		give(ACTION_DENY);
		return;
	}
	if (count == 1) {
		(void)emit(BPF_JMP | BPF_JGE | BPF_K, ranges[0].low, 0, 1);
		(void)emit(BPF_JMP | BPF_JGT | BPF_K, ranges[0].high, 0, 1);
		give(ACTION_DENY);
		give(ACTION_ALLOW);
		return;
	}
	jump = emit(BPF_JMP | BPF_JGE | BPF_K, ranges[middle].low, 1, 0);
	(void)emit(BPF_JMP | BPF_JA, 0, 0, 0); /* to the lower half, which may be far */
	search(ranges + middle, count - middle);
	code[jump + 1].k = (unsigned int)(length - jump - 2);
	search(ranges, middle);
}

/* If the number is NUMBER, runs BODY, which returns; the accumulator is kept otherwise. */
static void when(long number, void (*body)(void))
{
	int jump = emit(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)number, 0, 0);

	body();
	code[jump].jf = (unsigned char)(length - jump - 1);
}

static void check_clone(void)
{
	load(offsetof(struct seccomp_data, args[0]));
	(void)emit(BPF_JMP | BPF_JSET | BPF_K, NAMESPACE_FLAGS, 0, 1);
	give(ACTION_DENY);
	give(ACTION_ALLOW);
}

static void check_clone3(void)
{
	give(ACTION_UNKNOWN); /* its flags are in memory, which a filter cannot see; C libraries then use clone() */
}

/* AF_PACKET is allowed here, the kernel gives it to CAP_NET_RAW only. */
static void check_socket(void)
{
	static const unsigned int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET};
	int count = sizeof families / sizeof families[0];

	load(offsetof(struct seccomp_data, args[0]));
	for (int i = 0; i < count; i++)
		(void)emit(BPF_JMP | BPF_JEQ | BPF_K, families[i], count - i, 0);
	give(ACTION_FAMILY);
	give(ACTION_ALLOW);
}

static void check_personality(void)
{
	static const unsigned int values[] = {0, 8, 0x20000, 0x20008, 0x40000, 0xffffffff};
	int count = sizeof values / sizeof values[0];

	load(offsetof(struct seccomp_data, args[0]));
	for (int i = 0; i < count; i++)
		(void)emit(BPF_JMP | BPF_JEQ | BPF_K, values[i], count - i, 0);
	give(ACTION_DENY);
	give(ACTION_ALLOW);
}

/* TIOCSTI puts characters into a terminal that others read. */
static void check_ioctl(void)
{
	load(offsetof(struct seccomp_data, args[1]));
	(void)emit(BPF_JMP | BPF_JEQ | BPF_K, 0x5412, 0, 1);
	give(ACTION_DENY);
	give(ACTION_ALLOW);
}

static void build(void)
{
	static struct range ranges[NUMBERS];
	int count = 0;

	for (unsigned int i = 0; i < NUMBERS; i++) {
		if (!allowed[i])
			continue;
		if (count && ranges[count - 1].high + 1 == i)
			ranges[count - 1].high = i;
		else
			ranges[count++] = (struct range){i, i};
	}
	load(offsetof(struct seccomp_data, arch));
	(void)emit(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	give(ACTION_DENY);
	load(offsetof(struct seccomp_data, nr));
	(void)emit(BPF_JMP | BPF_JGE | BPF_K, NEWEST, 0, 1); /* also the x32 calls, which have a high bit */
	give(ACTION_UNKNOWN);
	when(SYS_clone, check_clone);
	when(SYS_clone3, check_clone3);
	when(SYS_socket, check_socket);
	when(SYS_personality, check_personality);
	when(SYS_ioctl, check_ioctl);
	search(ranges, count);
}

int main(void)
{
	read_table();
	build();
	(void)printf("/* Made by src/seccomp/generator.c. */\nstatic const struct sock_filter seccomp_filter[] = {\n");
	for (int i = 0; i < length; i++)
		(void)printf("\t{0x%x, %u, %u, 0x%x},\n", code[i].code, code[i].jt, code[i].jf, code[i].k);
	(void)printf("};\n");
	return 0;
}
