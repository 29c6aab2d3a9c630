#include "../../src/helper/tar_header.h"

#include <string.h>

#include "tap.h"

static int64_t number(const char *field, size_t length)
{
	int64_t value;

	return tar_number(field, length, &value) ? value : -1;
}

static void numbers(void)
{
	int64_t value;

	CHECK(number("0000644\0", 8) == 0644, "reads octal ended by a zero byte");
	CHECK(number("   644 ", 7) == 0644, "reads octal between blanks");
	CHECK(number("\0\0\0\0\0\0\0\0", 8) == 0, "reads an empty field as 0");
	CHECK(number("77777777777", 11) == 077777777777, "reads a full field");
	CHECK(number("\x80\0\0\0\0\0\0\0\0\0\1\0", 12) == 256, "reads base 256");
	CHECK(number("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12) == 0, "takes a time before 1970 as 0");
	CHECK(!tar_number("\x80\1\0\0\0\0\0\0\0\0\0\0", 12, &value), "refuses base 256 beyond 63 bits");
	CHECK(!tar_number("12x45678", 8, &value), "refuses other characters");
	CHECK(!tar_number("8", 1, &value), "refuses digits that are not octal");
	CHECK(!tar_number("7777777777777777777777777", 25, &value), "refuses octal beyond 63 bits");
}

static void checksums(void)
{
	struct tar_header header = {.name = "x", .size = "00000000010"};

	tar_checksum_set(&header);
	CHECK(tar_checksum_holds(&header), "believes its own checksum");
	header.name[0] = 'y';
	CHECK(!tar_checksum_holds(&header), "sees a changed byte");
	CHECK(!tar_is_zero(&header), "sees that a header is not zero");
	memset(&header, 0, sizeof header);
	CHECK(tar_is_zero(&header), "sees a zero block");
}

static int records(const char *data, size_t length)
{
	struct tar_record record;
	size_t at = 0;
	int count = 0;
	int found;

	while ((found = tar_next_record(data, length, &at, &record)) > 0)
		count++;
	return found < 0 ? -1 : count;
}

static void pax(void)
{
	struct tar_record record;
	size_t at = 0;

	CHECK(tar_next_record("14 path=a=b\nxx", 14, &at, &record) < 0, "refuses a length that ends elsewhere");
	at = 0;
	CHECK(tar_next_record("12 path=a=b\n", 12, &at, &record) == 1 && record.key_length == 4 && record.value_length == 3 &&
		      memcmp(record.value, "a=b", 3) == 0 && at == 12,
	      "splits at the first equals sign");
	CHECK(records("6 a=b\n6 c=d\n", 12) == 2, "reads two records");
	CHECK(records("5 a=\n", 5) == 1, "takes an empty value");
	CHECK(records("", 0) == 0 && records("\0\0", 2) == 0, "ends at the padding");
	CHECK(records("6 a=b", 5) < 0, "refuses a record beyond the end");
	CHECK(records("6 abc\n", 6) < 0, "refuses a record without equals sign");
	CHECK(records("5 =b\n", 5) < 0, "refuses an empty key");
	CHECK(records("x a=b\n", 6) < 0, "refuses a length that is no number");
	CHECK(records("99999999999999999999999 a=b\n", 28) < 0, "refuses a huge length");
	CHECK(records("2 a=b\n", 6) < 0, "refuses a length within the length");
	CHECK(records("6", 1) < 0, "refuses a lone number");
}

static void decimals(void)
{
	int64_t value;
	uint32_t nanoseconds;

	CHECK(tar_decimal("1700000000.25", 13, &value, &nanoseconds) && value == 1700000000 && nanoseconds == 250000000, "reads a fraction");
	CHECK(tar_decimal("5", 1, &value, &nanoseconds) && value == 5 && nanoseconds == 0, "reads a whole number");
	CHECK(tar_decimal("-5.5", 4, &value, &nanoseconds) && value == 0 && nanoseconds == 0, "takes a negative time as 0");
	CHECK(tar_decimal("1.1234567891", 12, &value, &nanoseconds) && nanoseconds == 123456789, "cuts beyond nanoseconds");
	CHECK(!tar_decimal("", 0, &value, &nanoseconds) && !tar_decimal("-", 1, &value, &nanoseconds), "refuses nothing");
	CHECK(!tar_decimal("1x", 2, &value, &nanoseconds), "refuses other characters");
	CHECK(!tar_decimal("99999999999999999999", 20, &value, &nanoseconds), "refuses a huge number");
}

int main(void)
{
	numbers();
	checksums();
	pax();
	decimals();
	return tap_finish();
}
