/* Makes processes inside containers: first processes with new namespaces, and those of exec. */
#ifndef TALLYMAN_SPAWN_H
#define TALLYMAN_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../common/launch.h"
#include "../common/report.h"
#include "cgroup.h"
#include "policy.h"

/* Programs of this installation, opened before anything else is done. */
struct programs {
	int init_fd;    /* sealed copy in memory */
	int monitor_fd; /* O_PATH */
};

int programs_open(const struct instance *instance, struct programs *programs, struct report *report);
int program_open_monitor(const struct instance *instance, struct report *report);

struct spawned {
	int pid;
	int pidfd;
	int socket_fd; /* to init */
	int proc_fd;   /* /proc/PID */
	uint64_t start_ticks;
};

/* Starts init in new NAMESPACES (CLONE_NEW flags), ids mapped to BASE. */
int spawn_first(const struct programs *programs, const struct cgroup *group, uint64_t namespaces, uint32_t base, struct spawned *spawned,
		struct report *report);

/* Starts init as the first process of a container that shares the user namespace of the one behind SHARED_PIDFD: init enters that and makes the
 * other namespaces itself, as it was executed by then. With SHARES_PID it is in the process namespace of that one. */
int spawn_sharing(const struct programs *programs, const struct cgroup *group, int shared_pidfd, bool shares_pid, struct spawned *spawned,
		  struct report *report);

/* Waits until init has done so. */
int spawn_await_joined(const struct spawned *spawned, struct report *report);

/* Starts init beside the process behind FIRST_PIDFD, in its process namespace; init enters the others itself. */
int spawn_beside(const struct programs *programs, const struct cgroup *group, int first_pidfd, struct spawned *spawned,
		 struct report *report);

/* Sends the launch record and the descriptors in FDS (their order: launch.h). */
int spawn_launch(const struct spawned *spawned, const struct launch *launch, const void *packet, const int *fds, size_t fd_count,
		 struct report *report);

/* Waits for init's READY; TERMINAL_FD becomes the terminal's master or -1. */
int spawn_await_ready(const struct spawned *spawned, int *terminal_fd, struct report *report);

/* Lets a start go on. */
int spawn_go(const struct spawned *spawned, struct report *report);

/* Waits until the command is executed. */
int spawn_await_execution(const struct spawned *spawned, struct report *report);

/* Kills and collects the process, closes the descriptors. */
void spawn_abandon(struct spawned *spawned);

#endif
