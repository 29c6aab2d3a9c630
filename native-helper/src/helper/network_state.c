#include "network_state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "../common/report.h"
#include "state_file.h"

#define NETWORKS "networks"
#define STATE_BYTES 192
#define NOTHING "-"
#define MARKED "marked" /* its bridge is, if it has one whose name was asked for */

void address6_to_hex(const uint8_t *address, char hex[ADDRESS6_HEX + 1])
{
	for (size_t i = 0; i < ADDRESS6_BYTES; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", address[i]);
}

bool address6_of_hex(const char *hex, uint8_t *address)
{
	for (size_t i = 0; i < ADDRESS6_BYTES; i++)
		if (sscanf(hex + 2 * i, "%2hhx", &address[i]) != 1)
			return false;
	return true;
}

int network_lock(int storage_fd, bool exclusive, struct report *report)
{
	int fd = state_file_directory(storage_fd, NETWORKS, report);

	if (fd < 0)
		return -1;
	while (flock(fd, exclusive ? LOCK_EX : LOCK_SH) < 0) {
		if (errno == EINTR)
			continue;
		(void)report_fail(report, "lock networks", errno);
		(void)close(fd);
		return -1;
	}
	return fd;
}

int network_state_write(int storage_fd, const struct network_spec *spec, struct report *report)
{
	char text[STATE_BYTES], gateway6[ADDRESS6_HEX + 1];
	int length;

	address6_to_hex(spec->gateway6, gateway6);
	length = snprintf(text, sizeof text, "%u %u %d %u %u %s %u %u %s %s " MARKED "\n" STATE_FILE_END, spec->gateway, spec->prefix, spec->internal, spec->mtu, spec->options,
			  gateway6, spec->has6 ? spec->prefix6 : 0, spec->lan.mode, spec->lan.mode ? spec->lan.parent : NOTHING, spec->bridge[0] ? spec->bridge : NOTHING);

	return state_file_write(storage_fd, NETWORKS, spec->id, text, (size_t)length, report);
}

int network_state_read(int storage_fd, const char *id, struct network_spec *spec, struct report *report)
{
	char text[STATE_BYTES], gateway6[ADDRESS6_HEX + 1] = "";
	char parent[LINK_NAME_BYTES] = "", bridge[LINK_NAME_BYTES] = NOTHING, mark[sizeof MARKED] = "";
	uint32_t mode = 0;
	int internal = 0;
	int found = state_file_read(storage_fd, NETWORKS, id, text, sizeof text, report);

	if (found <= 0)
		return found;
	*spec = (struct network_spec){.id = id};
	/* Earlier versions wrote no more than the first three, five, seven, nine or ten. The end of the file is on a line of its own, and is no name. */
	if (sscanf(text, "%u %u %d %u %u %32[0-9a-f] %u %u %15[^ \n]%*1[ ]%15s%*1[ ]%6s", &spec->gateway, &spec->prefix, &internal, &spec->mtu, &spec->options, gateway6, &spec->prefix6,
		   &mode, parent, bridge, mark) < 3)
		return 0;
	spec->has6 = spec->prefix6 != 0 && address6_of_hex(gateway6, spec->gateway6);
	if (mode && !request_lan_of(mode, parent, &spec->lan))
		return 0;
	if (strcmp(bridge, NOTHING) != 0)
		memcpy(spec->bridge, bridge, sizeof spec->bridge);
	spec->is_unmarked = strcmp(mark, MARKED) != 0;
	spec->internal = internal != 0;
	return 1;
}

int network_state_remove(int storage_fd, const char *id, struct report *report)
{
	return state_file_remove(storage_fd, NETWORKS, id, report);
}
