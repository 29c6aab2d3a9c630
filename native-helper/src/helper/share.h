/* A container that shares the processes or the IPC of another one is in the user namespace of that one too, so it has the same ids on the host.
 * The range of ids belongs to one of them, its owner, and must not be given to others while any of them runs.
 *
 * containers/ID/shares          symbolic link to the owner of the ids; only there while ID was started and not cleaned
 * containers/OWNER/sharers/ID   a name for each container that has the owner's ids
 */
#ifndef TALLYMAN_SHARE_H
#define TALLYMAN_SHARE_H

#include <stdint.h>

#include "../common/report.h"
#include "call.h"

struct share {
	int lock_fd;   /* the owner's: it cannot be removed until this start is recorded */
	int pidfd;     /* first process of the container that was named */
	int userns_fd; /* its user namespace */
	uint32_t base; /* first host id */
};

void share_init(struct share *share);
void share_close(struct share *share);

/* Opens what JOIN_PROCESSES_OF names, which must run, and notes the container of the request, whose state is CONTAINER_FD, as a sharer. */
int share_open(struct call *call, int container_fd, struct share *share, struct report *report);

/* The container has ended. */
void share_forget(int storage_fd, int container_fd, const char *id);

/* TM_E_BUSY while a container runs with the ids of the one whose state is CONTAINER_FD. */
int share_check_unused(int storage_fd, int container_fd, struct report *report);

#endif
