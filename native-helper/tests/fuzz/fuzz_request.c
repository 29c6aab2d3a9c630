/* libFuzzer: any packet, and the same bytes behind a valid header. */
#include <stdlib.h>
#include <string.h>

#include "../../src/common/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse(const uint8_t *data, size_t size)
{
	struct request request;
	struct report report = {0};

	if (request_parse(data, size, &request, &report) == 0) {
		for (size_t i = 0; i < request.args.count; i++)
			if (strlen(request.args.items[i]) > size)
				abort();
		request_free(&request);
	} else if (report.status == TM_OK || request.arena) {
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *packet;
	uint32_t header[4] = {TM_MAGIC, TM_VERSION, 0, (uint32_t)size - 1};

	parse(data, size);
	if (size < 1)
		return 0;
	header[1] |= (uint32_t)(data[0] % TM_VERB_LAST + 1) << 16;
	packet = malloc(size - 1 + sizeof header);
	memcpy(packet, header, sizeof header);
	memcpy(packet + sizeof header, data + 1, size - 1);
	parse(packet, size - 1 + sizeof header);
	free(packet);
	return 0;
}
