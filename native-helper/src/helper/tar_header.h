/* Blocks of a tar archive as bytes: numbers, checksum, PAX records. Pure. */
#ifndef TALLYMAN_TAR_HEADER_H
#define TALLYMAN_TAR_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TAR_BLOCK 512

/* The header block of POSIX.1-2001 ustar; GNU and version 7 archives use the same places. */
struct tar_header {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char checksum[8];
	char type;
	char link[100];
	char magic[6];
	char version[2];
	char user[32];
	char group[32];
	char major[8];
	char minor[8];
	char prefix[155];
	char padding[12];
};
_Static_assert(sizeof(struct tar_header) == TAR_BLOCK, "a header is one block");

/* Reads an octal field, or a GNU base-256 one. False when it is neither, or does not fit 63 bits. */
bool tar_number(const char *field, size_t length, int64_t *value);

/* Whether the header's checksum is right (signed sums of old programs are accepted too). */
bool tar_checksum_holds(const struct tar_header *header);

/* Sets the checksum. */
void tar_checksum_set(struct tar_header *header);

bool tar_is_zero(const void *block);

/* One record "LENGTH KEY=VALUE\n" of a PAX header. */
struct tar_record {
	const char *key;
	size_t key_length;
	const char *value;
	size_t value_length;
};

/* Takes the record at *AT (an offset into DATA) and moves on. 1 when there was one, 0 at the end, -1 when it is malformed. */
int tar_next_record(const char *data, size_t length, size_t *at, struct tar_record *record);

/* Reads a decimal number with an optional fraction ("1700000000.25"). False when it is not one or too large. */
bool tar_decimal(const char *text, size_t length, int64_t *value, uint32_t *nanoseconds);

#endif
