/* libFuzzer: an archive of any bytes, with its checksums made right so that the rest is reached. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../src/common/report.h"
#include "../../src/helper/tar_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tar_entry entry;
	struct report report = {0};
	struct tar_reader *reader;
	const void *content;
	int fd = memfd_create("archive", MFD_CLOEXEC);
	uint8_t *copy = malloc(size + 1);

	memcpy(copy, data, size);
	for (size_t at = 0; at + TAR_BLOCK <= size; at += TAR_BLOCK) {
		if (!tar_is_zero(copy + at))
			tar_checksum_set((struct tar_header *)(void *)(copy + at));
	}
	if (fd < 0 || write(fd, copy, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	reader = tar_reader_new(fd);
	while (tar_next(reader, &entry, &report) > 0) {
		if (strlen(entry.path) >= TAR_PATH_MAX || strlen(entry.link) >= TAR_PATH_MAX || entry.mode > 07777)
			abort();
		while (tar_content(reader, &content, &report) > 0)
			;
	}
	tar_reader_free(reader);
	free(copy);
	(void)close(fd);
	return 0;
}
