/* Files of one container, seen from inside: its own root, its own ids, no other rights. Functions return 0 or -1 with REPORT filled once.
 *
 * The helper's process opens what is needed (inside_open), a child enters the container's namespaces (inside_enter), gives up what it does
 * not need and works; so no path is ever resolved by root of the host (README.md, rule 4). */
#ifndef TALLYMAN_FILES_H
#define TALLYMAN_FILES_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "../common/mount.h"
#include "../common/report.h"
#include "../common/request.h"
#include "tar_reader.h"

struct call;

/* Texts that the server knows. */
#define FILES_NOT_FOUND "no such file"
#define FILES_READ_ONLY "container rootfs is marked read-only"

#define INSIDE_LAYERS_MAX 127

/* What a child needs to enter a container. */
struct inside {
	int lock_fd;     /* held while the container does not run, so that it is not started meanwhile; else -1 */
	int first_pidfd; /* its first process, or -1 */
	int userns_fd, writable_fd;
	int layers[INSIDE_LAYERS_MAX];
	uint32_t layer_count;
	int mounts[MOUNTS_MAX];
	uint32_t mount_count;
};

/* Finds the container; makes the writable layer of one that was never started. One whose end is near is waited for, WAIT_MS at most. */
int inside_open(struct call *call, struct inside *inside, int wait_ms, struct report *report);
void inside_close(struct inside *inside);

/* In a child of one thread: afterwards its root is the container's, and it is the container's root. */
int inside_enter(const struct inside *inside, const struct request *request, struct report *report);

struct files_size {
	uint64_t bytes, count;
};

/* Where a path of a request leads. Docker's rules: the last part is not followed, unless the path ends in a slash or a dot. */
struct files_path {
	char directory[TAR_PATH_MAX]; /* absolute */
	char base[NAME_MAX + 1];      /* "": the directory itself is meant */
	const char *name;             /* how an archive of it calls it: last part of the path, "/" or "." */
	char absolute[TAR_PATH_MAX];  /* clean, with a last slash or dot if there was one */
};

/* Splits PATH; TM_E_INVALID when it is too long. */
int files_path_split(const char *path, struct files_path *split, struct report *report);

/* Opens PATH below this process's root, following links inside it (never magic ones); negative errno. */
int files_path_open(const char *path, int flags);

/* Where PATH leads when every link is followed: absolute, may not exist. Only to be told to people, as it may change at any time. */
int files_path_follow(const char *path, char target[TAR_PATH_MAX], struct report *report);

/* files_get.c: STAT and GET, writing to OUT_FD. */
int files_stat(const struct request *request, int out_fd, struct report *report);
int files_get(const struct request *request, int out_fd, struct report *report);

/* files_put.c: everything belongs to OWNER and GROUP when HAS_OWNER. */
struct files_owner {
	bool has_owner;
	uint32_t uid, gid;
};
int files_put(const struct request *request, const struct files_owner *owner, int tar_fd, struct files_size *size, struct report *report);

#endif
