/* SHA-256 (FIPS 180-4). */
#ifndef TALLYMAN_SHA256_H
#define TALLYMAN_SHA256_H

#include <stddef.h>

#define SHA256_HEX 64

/* Writes the hash of DATA in hex, with NUL. */
void sha256_hex(const void *data, size_t length, char hex[SHA256_HEX + 1]);

#endif
