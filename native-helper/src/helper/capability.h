/* Names of capabilities, without CAP_. */
#ifndef TALLYMAN_CAPABILITY_H
#define TALLYMAN_CAPABILITY_H

/* Number of NAME as in linux/capability.h, or -1. */
int capability_number(const char *name);

#endif
