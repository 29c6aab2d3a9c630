/* Resource limits (getrlimit(2)) of processes in containers. */
#ifndef TALLYMAN_LIMITS_H
#define TALLYMAN_LIMITS_H

#include "../common/request.h"

/* Sets what REQUEST asks for, and the number of open files that Docker gives, on process PID before it executes its command. Where the host does
 * not let a limit be raised, it is raised as far as that goes. */
void limits_set(int pid, const struct request *request);

/* Makes the kernel's OOM killer prefer the process behind PROC_FD (/proc/PID) as much as REQUEST asks for, never less than it did before. */
void limits_raise_oom_score(int proc_fd, const struct request *request);

#endif
