/* Which descriptors a process keeps. */
#ifndef TALLYMAN_DESCRIPTORS_H
#define TALLYMAN_DESCRIPTORS_H

#include <stddef.h>

/* Closes all from 3 on but those in KEPT; -1 in it stands for none. */
void descriptors_keep(const int *kept, size_t count);

#endif
