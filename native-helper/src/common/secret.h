/* A secret that a container is given: the text of a TM_TAG_SECRET field, "MODE UID GID BYTES NAME". Pure. */
#ifndef TALLYMAN_SECRET_H
#define TALLYMAN_SECRET_H

#include <stdbool.h>
#include <stdint.h>

#define SECRETS_MAX 64
#define SECRET_BYTES_MAX 512000 /* Docker's 500 KiB */
#define SECRET_NAME_MAX 100
#define SECRETS_DIRECTORY "/run/secrets"

struct secret_wish {
	uint32_t mode;   /* permission bits */
	uint32_t uid, gid; /* as in the container */
	uint32_t bytes;  /* length of the value */
	const char *name; /* of its file; points into the text */
};

/* False when TEXT is not of the form that the protocol says. */
bool secret_parse(const char *text, struct secret_wish *wish);

#endif
