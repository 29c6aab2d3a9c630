#include "tar_header.h"

#include <string.h>

static bool base_256(const unsigned char *field, size_t length, int64_t *value)
{
	uint64_t result = field[0] & 0x3f;

	if (field[0] & 0x40) { /* negative: only times before 1970 are, and those become 1970 */
		*value = 0;
		return true;
	}
	for (size_t i = 1; i < length; i++) {
		if (result >> 55)
			return false;
		result = result << 8 | field[i];
	}
	*value = (int64_t)result;
	return true;
}

bool tar_number(const char *field, size_t length, int64_t *value)
{
	uint64_t result = 0;
	size_t i = 0;

	if ((unsigned char)field[0] & 0x80)
		return base_256((const unsigned char *)field, length, value);
	while (i < length && field[i] == ' ')
		i++;
	for (; i < length && field[i] >= '0' && field[i] <= '7'; i++) {
		if (result >> 60)
			return false;
		result = result << 3 | (uint64_t)(field[i] - '0');
	}
	if (i < length && field[i] != ' ' && field[i] != 0)
		return false;
	*value = (int64_t)result;
	return true;
}

static void sum(const struct tar_header *header, int64_t *as_unsigned, int64_t *as_signed)
{
	const unsigned char *bytes = (const unsigned char *)header;
	const size_t start = offsetof(struct tar_header, checksum);

	*as_unsigned = 0;
	*as_signed = 0;
	for (size_t i = 0; i < TAR_BLOCK; i++) {
		unsigned char byte = i >= start && i < start + sizeof header->checksum ? ' ' : bytes[i];

		*as_unsigned += byte;
		*as_signed += (signed char)byte;
	}
}

bool tar_checksum_holds(const struct tar_header *header)
{
	int64_t stored;
	int64_t as_unsigned;
	int64_t as_signed;

	if (!tar_number(header->checksum, sizeof header->checksum, &stored))
		return false;
	sum(header, &as_unsigned, &as_signed);
	return stored == as_unsigned || stored == as_signed;
}

void tar_checksum_set(struct tar_header *header)
{
	int64_t as_unsigned;
	int64_t as_signed;

	sum(header, &as_unsigned, &as_signed);
	for (int i = 5; i >= 0; i--) {
		header->checksum[i] = (char)('0' + (as_unsigned & 7));
		as_unsigned >>= 3;
	}
	header->checksum[6] = 0;
	header->checksum[7] = ' ';
}

bool tar_is_zero(const void *block)
{
	static const char zero[TAR_BLOCK];

	return memcmp(block, zero, TAR_BLOCK) == 0;
}

int tar_next_record(const char *data, size_t length, size_t *at, struct tar_record *record)
{
	size_t size = 0;
	size_t i = *at;
	const char *equals;

	if (i >= length || data[i] == 0)
		return 0;
	for (; i < length && data[i] >= '0' && data[i] <= '9'; i++) {
		size = size * 10 + (size_t)(data[i] - '0');
		if (size > length)
			return -1;
	}
	if (i == *at || i >= length || data[i] != ' ' || size > length - *at || size <= i + 1 - *at)
		return -1;
	record->key = data + i + 1;
	size = *at + size - (i + 1); /* what follows the blank */
	if (record->key[size - 1] != '\n')
		return -1;
	equals = memchr(record->key, '=', size - 1);
	if (!equals || equals == record->key)
		return -1;
	record->key_length = (size_t)(equals - record->key);
	record->value = equals + 1;
	record->value_length = size - record->key_length - 2;
	*at = (size_t)(record->key + size - data);
	return 1;
}

bool tar_decimal(const char *text, size_t length, int64_t *value, uint32_t *nanoseconds)
{
	uint32_t scale = 100000000;
	size_t i = 0;
	bool negative = length > 0 && text[0] == '-';

	*value = 0;
	*nanoseconds = 0;
	if (negative)
		i++;
	if (i == length)
		return false;
	for (; i < length && text[i] >= '0' && text[i] <= '9'; i++) {
		if (*value > INT64_MAX / 10 - 9)
			return false;
		*value = *value * 10 + (text[i] - '0');
	}
	if (i < length && text[i] == '.') {
		for (i++; i < length && text[i] >= '0' && text[i] <= '9'; i++) {
			*nanoseconds += (uint32_t)(text[i] - '0') * scale;
			scale /= 10;
		}
	}
	if (negative) {
		*value = 0;
		*nanoseconds = 0;
	}
	return i == length;
}
