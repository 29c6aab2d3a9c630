/* Names of capabilities, without CAP_. */
#ifndef TALLYMAN_CAPABILITY_H
#define TALLYMAN_CAPABILITY_H

/* Number of NAME as in linux/capability.h, or -1. */
int capability_number(const char *name);

/* The other way round; a text for people when there is no such number. */
const char *capability_name(int number);

#endif
