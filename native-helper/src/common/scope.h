/* Owned resources that are given back at the end of their scope. */
#ifndef TALLYMAN_SCOPE_H
#define TALLYMAN_SCOPE_H

#include <stdlib.h>
#include <unistd.h>

static inline void scope_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd); /* nothing was written through it that could still fail */
}

static inline void scope_free(void *place)
{
	free(*(void **)place);
}

/* Hands a descriptor over to the caller's caller. */
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#define auto_close __attribute__((cleanup(scope_close)))
#define auto_free __attribute__((cleanup(scope_free)))

#endif
