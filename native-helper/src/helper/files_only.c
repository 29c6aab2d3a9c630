/* The filter of processes that do nothing but work on files (SECURITY.md R19): unpacking, export, diff, changes. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "privilege.h"

#if defined __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "which architecture does seccomp call this?"
#endif

#define ALLOW(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static struct sock_filter filter[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	ALLOW(SYS_read),	 ALLOW(SYS_write),	 ALLOW(SYS_close),	ALLOW(SYS_lseek),	ALLOW(SYS_fcntl),
	ALLOW(SYS_openat),	 ALLOW(SYS_openat2),	 ALLOW(SYS_fstat),	ALLOW(SYS_newfstatat),	ALLOW(SYS_fstatfs),
	ALLOW(SYS_getdents64),	 ALLOW(SYS_readlinkat),	 ALLOW(SYS_mkdirat),	ALLOW(SYS_mknodat),	ALLOW(SYS_symlinkat),
	ALLOW(SYS_linkat),	 ALLOW(SYS_unlinkat),	 ALLOW(SYS_renameat2),	ALLOW(SYS_fchown),	ALLOW(SYS_fchownat),
	ALLOW(SYS_fchmod),	 ALLOW(SYS_utimensat),	 ALLOW(SYS_fsetxattr),	ALLOW(SYS_fgetxattr),	ALLOW(SYS_flistxattr),
	ALLOW(SYS_brk),		 ALLOW(SYS_mmap),	 ALLOW(SYS_munmap),	ALLOW(SYS_mremap),	ALLOW(SYS_madvise),
	ALLOW(SYS_futex),	 ALLOW(SYS_sendto),	 ALLOW(SYS_sendmsg),	ALLOW(SYS_exit_group),	ALLOW(SYS_exit),
	ALLOW(SYS_rt_sigreturn), ALLOW(SYS_restart_syscall), ALLOW(SYS_ftruncate),	ALLOW(SYS_splice),
#ifdef SYS_renameat
	ALLOW(SYS_renameat),
#endif
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
};

int privilege_give_up(uint32_t unwanted)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{0}};

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	data[0].effective &= ~unwanted;
	data[0].permitted &= ~unwanted;
	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

int privilege_keep_files(uint32_t wanted)
{
	const struct sock_fprog program = {.len = sizeof filter / sizeof filter[0], .filter = filter};
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{.effective = wanted, .permitted = wanted}};

	if (syscall(SYS_capset, &header, data) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		return -errno;
	return 0;
}
