/* The parts of init. It runs inside the container's namespaces as their root and finishes what the helper began.
 * Functions return 0 or -1 with REPORT filled. */
#ifndef TALLYMAN_INIT_H
#define TALLYMAN_INIT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../common/launch.h"
#include "../common/report.h"
#include "../common/request.h"

struct setup {
	struct launch launch;
	struct request request;
	int stdio[3];
	int devices[LAUNCH_DEVICES];
	int writable;
	int layers[127];
	int mounts[MOUNTS_MAX];     /* volumes and binds, as the request has them */
	int asked_devices;          /* file system of their nodes; -1 */
	int groups[LAUNCH_GROUPS]; /* as launch.groups says */
	int secrets;                /* pipe with their values; -1 */
	int init_pidfd;        /* exec, or of the container whose user namespace is shared */
	int netns;             /* exec only */
	int shared_memory;     /* mount of another container's /dev/shm, or -1 */
	int own_proc;          /* mount of /proc that is made already, or -1 */
	int terminal;          /* slave of the pty, or -1 */
};

/* root.c: overlay from the layers, then pivot_root; the rest of the tree as Docker has it. */
int root_set_up(const struct setup *setup, struct report *report);

/* special.c: file systems made before the old root is gone, attached after. */
struct special {
	int proc, sys, cgroup, dev, pts, shm, mqueue;
};
int special_make(const struct setup *setup, struct special *special, struct report *report);
int special_attach(const struct setup *setup, const struct special *special, struct report *report);
/* Masked and read-only paths of /proc and /sys, and kernel settings before that. */
int special_protect(const struct setup *setup, struct report *report);
/* Writes below /proc, only if it is procfs indeed. Returns 0 or a negative errno. */
int special_write_proc(const char *path, const char *text);


/* cover.c: masked and read-only paths. */
int cover_paths(const struct request *request, bool is_unmasked, struct report *report);

/* groups.c: the view of the control group on version 1. */
int groups_attach(const struct setup *setup, struct report *report);

/* device.c: nodes beside the usual ones. */
int device_attach(const struct setup *setup, struct report *report);

/* place.c: directories and files in the container's own root; nothing outside it exists any more. */
int place_directory(const char *path, struct report *report); /* with parents; returns an O_PATH descriptor */
int place_plain_directory(const char *name, struct report *report); /* directly below /, and no symbolic link */
int place_tmpfs(const char *specification, struct report *report);
int place_attach(int mount_fd, int target_fd, struct report *report);
int new_mount(const char *type, const char *const *options, unsigned int attributes, struct report *report);

/* mounts.c: volumes, binds and tmpfs, those that lie deeper later. */
int mounts_attach(const struct request *request, const int *fds, struct report *report);
/* Opens the file TARGET, made empty where nothing is; below / only. */
int mounts_place_file(const char *target, struct report *report);
/* Whether something may be mounted there: the kernel's own file systems stay as they were made. */
int mounts_check_place(int fd, const char *target, struct report *report);
bool mounts_cover(const struct request *request, const char *path); /* whether one is at that very path */

/* secret.c: what the request has of them, read-only at their place. */
int secrets_attach(const struct setup *setup, struct report *report);

/* terminal.c: a pty of the container's own devpts. Sends nothing; MASTER is for the monitor. */
int terminal_open(struct setup *setup, int *master, struct report *report);

/* user.c: USER[:GROUP] and supplementary groups from the container's files. */
#define USER_GROUPS_MAX 256
struct user {
	uid_t uid;
	gid_t gid;
	gid_t groups[USER_GROUPS_MAX];
	size_t group_count;
	char home[PATH_MAX];
};
int user_resolve(const struct request *request, struct user *user, struct report *report);

/* process.c: becomes the user and executes the command; returns only when that failed. */
int process_execute(const struct setup *setup, const struct user *user, struct report *report);
/* Stdin, stdout and stderr, a session and a controlling terminal. */
int process_take_stdio(const struct setup *setup, const struct user *user, struct report *report);

/* confine.c */
int confine_capabilities(uint64_t capabilities, struct report *report); /* bounding set; all are kept so far */
int confine_finish(uint64_t capabilities, bool is_root, struct report *report);
int confine_filter(const struct setup *setup, struct report *report); /* ours, and the one that was asked for */
int confine_reaper(struct report *report); /* keeps CAP_KILL, for commands of other users, and our filter */

/* share.c: enters what is shared with another container and makes the other namespaces. */
int share_enter(struct setup *setup, struct report *report);

/* join.c: an exec enters the container's namespaces. */
int join_namespaces(const struct setup *setup, struct report *report);

/* reap.c: stays as the first process; the command runs as its child. Returns 0 in the child, never in the parent. */
int reap_fork(struct report *report);

#endif
