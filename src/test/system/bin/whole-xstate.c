/* For LD_PRELOAD into User-Mode Linux (6.1), on processors with AMX.
 *
 * It keeps the state of a process's floating point unit in a buffer of a fixed size. The kernel takes back only the whole, and with AMX that is larger: UML ends
 * with its first process. What is missing at the end of the buffer (the tiles, which no process of UML uses) is completed here by what the process has. */
#define _GNU_SOURCE
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define LARGEST 65536

static char state[LARGEST] __attribute__((aligned(64)));

long ptrace(enum __ptrace_request request, ...)
{
	va_list arguments;
	void *address, *data;
	struct iovec *given, whole = {state, sizeof state};
	long process;

	va_start(arguments, request);
	process = va_arg(arguments, int);
	address = va_arg(arguments, void *);
	data = va_arg(arguments, void *);
	va_end(arguments);
	given = data;
	if (request == PTRACE_SETREGSET && (unsigned long)address == NT_X86_XSTATE && syscall(SYS_ptrace, PTRACE_GETREGSET, process, address, &whole) == 0 &&
	    given->iov_len < whole.iov_len) {
		memcpy(state, given->iov_base, given->iov_len);
		data = &whole;
	}
	if (request == PTRACE_PEEKTEXT || request == PTRACE_PEEKDATA || request == PTRACE_PEEKUSER) { /* the call stores what the function returns */
		long word;

		return syscall(SYS_ptrace, request, process, address, &word) < 0 ? -1 : word;
	}
	return syscall(SYS_ptrace, request, process, address, data);
}
