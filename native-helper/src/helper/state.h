/* What the helper keeps about containers, in directories that only root can enter.
 *
 * containers/ID/rw/{upper,work}  writable layer
 * containers/ID/range            symbolic link to the number of its id range
 * containers/ID/run              its first process; only there while it was started and not cleaned
 * containers/ID/execs/EXEC       a process started by exec
 * containers/ID/swept            its time is that of the last look for execs that have ended
 * ranges/NUMBER                  symbolic link to the container that has the range
 * volumes/ID/data               files of a volume, with ids from 0
 * locks/ID                       lock of the container
 * trash/ID                       a removed container or layer whose files are still being deleted
 */
#ifndef TALLYMAN_STATE_H
#define TALLYMAN_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../common/report.h"
#include "policy.h"

#define STATE_RANGE_IDS 65536u

/* A process, told apart from a later one with the same number by its start time. */
struct process {
	int pid;
	uint64_t start_ticks; /* field 22 of /proc/PID/stat */
};

struct run_state {
	struct process process;
	uint64_t started_ns;
	uint32_t network_mode;
	uint64_t netns_inode;
	uint32_t is_unconfined; /* start had no seccomp filter */
	uint32_t base;          /* first host id if it has those of another container; 0: its own */
};

/* Opens storage_root (root-owned, 0700) and makes what is missing in it. */
int state_open_storage(const struct policy *policy, struct report *report);

/* Takes the lock of a container; closing the descriptor releases it. Waits for others. */
int state_lock(int storage_fd, const char *id, struct report *report);

/* The same for a container that is there; TM_E_ABSENT, and then no lock is left behind either. */
int state_lock_existing(int storage_fd, const char *id, struct report *report);

/* Opens containers/ID, or -1 with TM_E_ABSENT. */
int state_open_container(int storage_fd, const char *id, struct report *report);

/* Makes containers/ID with writable layer and id range, or completes it; a new writable layer is limited to LIMIT bytes, 0 = not at all. Returns the
 * directory; BASE is the first host id. */
int state_prepare(int storage_fd, const struct policy *policy, const char *id, uint64_t limit, uint32_t *base, struct report *report);

/* First host id of the container's range, or -1 when it has none. */
int state_range(int container_fd, const struct policy *policy, uint32_t *base);

/* First host id that the processes of a container have, which STATE was read from. */
int state_base(int container_fd, const struct policy *policy, const struct run_state *state, uint32_t *base);

/* 1 when there is a record, 0 when there is none (or a torn one), -1 with REPORT filled. */
int state_read_run(int container_fd, const char *name, struct run_state *state, struct report *report);
int state_write_run(int container_fd, const char *name, const struct run_state *state, struct report *report);

/* Moves DIR_FD/ID to the trash. Absent is success. */
int state_throw_away(int storage_fd, int dir_fd, const char *id, struct report *report);

/* Frees the id range of a container that does not know it itself: an interrupted start or removal left it. */
void state_free_range(int storage_fd, const char *id);

/* Frees the id range and moves containers/ID to the trash: it does not exist any more. The lock is held. */
int state_discard(int storage_fd, const char *id, struct report *report);

/* Deletes what is in the trash, also what an interrupted removal left. Takes its time, so it comes after the answer. */
int state_empty_trash(int storage_fd, struct report *report);

/* Start time of a process that exists and is no zombie; false otherwise. */
bool process_start_ticks(int pid, uint64_t *ticks);

/* Whether the very process still runs. */
bool process_is_alive(const struct process *process);

/* A pidfd of the very process, or -1 when it has ended. */
int process_open(const struct process *process);

#endif
