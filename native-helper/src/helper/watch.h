/* What surrounds a process: its pipes, its monitor, the monitor's socket and records. */
#ifndef TALLYMAN_WATCH_H
#define TALLYMAN_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../common/report.h"
#include "../common/request.h"
#include "policy.h"
#include "spawn.h"

struct watch {
	int child_fds[3]; /* the process's ends; all -1 with a terminal */
	int input_fd, output_fd, error_fd;
	int listen_fd, record_fd, oom_fd;
};

void watch_init(struct watch *watch);
void watch_close(struct watch *watch);

/* Makes the pipes; BASE is the host id of the container's root, to whom they belong. */
int watch_open_pipes(struct watch *watch, uint32_t flags, uint32_t base, struct report *report);

/* Waits for init's READY and takes the terminal's master, if there is one. */
int watch_await_ready(struct watch *watch, const struct spawned *spawned, struct report *report);

/* Makes the socket that serves a container, or an exec in it when EXEC is not NULL. */
int watch_listen(struct watch *watch, const struct policy *policy, const char *container, const char *exec, struct report *report);

/* Makes records/ID for the monitor, without the exit record of the run before. */
int watch_open_records(struct watch *watch, const struct policy *policy, const char *container, struct report *report);

/* Removes the socket of a container or an exec; those of a container and all its execs, also of one that was cut off before it was recorded. */
int watch_remove_socket(const struct policy *policy, const char *container, const char *exec, struct report *report);
int watch_remove_sockets(const struct policy *policy, const char *container, struct report *report);
int watch_remove_records(const struct policy *policy, const char *container, struct report *report);

/* Becomes the monitor: gives up every right and executes it. Returns only when that failed. */
int watch_become_monitor(const struct watch *watch, const struct policy *policy, const struct programs *programs, const struct spawned *spawned,
			 const struct request *request, uint64_t started_ns, const int *port_fds, size_t port_count, struct report *report);

/* Gives up every right that is not the monitor's. */
int watch_drop_privileges(const struct policy *policy, struct report *report);

#endif
