#include "network_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/report.h"
#include "../common/scope.h"

#define NETWORKS "networks"
#define ENDPOINTS "endpoints"
#define STATE_BYTES_MAX 65536 /* 1,024 ports of at most 40 characters, and a line */
#define END_MARK "end\n"      /* a file without it is torn */

/* Opens subdirectory NAME of the storage root, made if absent. */
static int open_directory(int storage_fd, const char *name, struct report *report)
{
	int fd;

	if (mkdirat(storage_fd, name, 0700) < 0 && errno != EEXIST)
		return report_fail(report, "make state directory", errno);
	fd = openat(storage_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return report_fail(report, "open state directory", errno);
	return fd;
}

int network_lock(int storage_fd, bool exclusive, struct report *report)
{
	int fd = open_directory(storage_fd, NETWORKS, report);

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

static int write_all(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, text, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		text += written;
		length -= (size_t)written;
	}
	return 0;
}

static int write_file(int storage_fd, const char *directory, const char *id, const char *text, size_t length,
		      struct report *report)
{
	char temporary[80];
	auto_close int dir = open_directory(storage_fd, directory, report);
	auto_close int fd = -1;
	int error;

	if (dir < 0)
		return -1;
	(void)snprintf(temporary, sizeof temporary, ".%s", id);
	fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return report_fail(report, "make state file", errno);
	error = write_all(fd, text, length);
	if (!error && renameat(dir, temporary, dir, id) < 0)
		error = -errno;
	if (error) {
		(void)unlinkat(dir, temporary, 0);
		return report_fail(report, "write state file", -error);
	}
	return 0;
}

/* Reads a state file as a string into TEXT. Returns 1, 0 when it is absent or torn, or negative. */
static int read_file(int storage_fd, const char *directory, const char *id, char *text, size_t capacity, struct report *report)
{
	char path[96];
	auto_close int fd = -1;
	ssize_t got;

	(void)snprintf(path, sizeof path, "%s/%s", directory, id);
	fd = openat(storage_fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return report_fail(report, "open state file", errno);
	got = read(fd, text, capacity - 1);
	if (got < 0)
		return report_fail(report, "read state file", errno);
	text[got] = 0;
	return (size_t)got >= strlen(END_MARK) && strcmp(text + (size_t)got - strlen(END_MARK), END_MARK) == 0;
}

static int remove_file(int storage_fd, const char *directory, const char *id, struct report *report)
{
	char path[96];

	(void)snprintf(path, sizeof path, "%s/%s", directory, id);
	if (unlinkat(storage_fd, path, 0) < 0 && errno != ENOENT)
		return report_fail(report, "remove state file", errno);
	return 0;
}

int network_state_write(int storage_fd, const struct network_spec *spec, struct report *report)
{
	char text[96];
	int length = snprintf(text, sizeof text, "%u %u %d\n" END_MARK, spec->gateway, spec->prefix, spec->internal);

	return write_file(storage_fd, NETWORKS, spec->id, text, (size_t)length, report);
}

int network_state_read(int storage_fd, const char *id, struct network_spec *spec, struct report *report)
{
	char text[96];
	int internal = 0;
	int found = read_file(storage_fd, NETWORKS, id, text, sizeof text, report);

	if (found <= 0)
		return found;
	*spec = (struct network_spec){.id = id};
	if (sscanf(text, "%u %u %d", &spec->gateway, &spec->prefix, &internal) != 3)
		return 0;
	spec->internal = internal != 0;
	return 1;
}

int network_state_remove(int storage_fd, const char *id, struct report *report)
{
	return remove_file(storage_fd, NETWORKS, id, report);
}

int endpoint_state_write(int storage_fd, const char *container, const struct endpoint_state *state, struct report *report)
{
	auto_free char *text = malloc(STATE_BYTES_MAX);
	const uint8_t *m = state->mac;
	size_t length;

	if (!text)
		return report_fail(report, "write state file", ENOMEM);
	length = (size_t)snprintf(text, STATE_BYTES_MAX, "%s %s %u %02x%02x%02x%02x%02x%02x %zu\n", state->network,
				  state->veth, state->address, m[0], m[1], m[2], m[3], m[4], m[5], state->port_count);
	for (size_t i = 0; i < state->port_count && length < STATE_BYTES_MAX; i++) {
		const struct network_port *port = &state->ports[i];

		length += (size_t)snprintf(text + length, STATE_BYTES_MAX - length, "%u %u %u %u\n", port->protocol,
					   port->host_address, port->host_port, port->container_port);
	}
	if (length + sizeof END_MARK > STATE_BYTES_MAX)
		return report_fail(report, "write state file", EMSGSIZE);
	memcpy(text + length, END_MARK, sizeof END_MARK);
	return write_file(storage_fd, ENDPOINTS, container, text, length + strlen(END_MARK), report);
}

/* Reads the lines of ports that follow the first; returns false when there are fewer than promised. */
static bool read_ports(const char *line, struct endpoint_state *state)
{
	for (size_t i = 0; i < state->port_count; i++) {
		struct network_port *port = &state->ports[i];

		line = strchr(line, '\n');
		if (!line || sscanf(++line, "%hhu %u %hu %hu", &port->protocol, &port->host_address, &port->host_port,
				    &port->container_port) != 4)
			return false;
	}
	return true;
}

int endpoint_state_read(int storage_fd, const char *container, struct endpoint_state *state, struct report *report)
{
	auto_free char *text = malloc(STATE_BYTES_MAX);
	uint8_t *m;
	int found;

	*state = (struct endpoint_state){0};
	m = state->mac;
	if (!text)
		return report_fail(report, "read state file", ENOMEM);
	found = read_file(storage_fd, ENDPOINTS, container, text, STATE_BYTES_MAX, report);
	if (found <= 0)
		return found;
	if (sscanf(text, "%64s %15s %u %2hhx%2hhx%2hhx%2hhx%2hhx%2hhx %zu", state->network, state->veth, &state->address, &m[0], &m[1],
		   &m[2], &m[3], &m[4], &m[5], &state->port_count) != 10 ||
	    state->port_count > NETWORK_PORTS_MAX)
		return 0;
	state->ports = calloc(state->port_count + 1, sizeof *state->ports);
	if (!state->ports)
		return report_fail(report, "read state file", ENOMEM);
	if (!read_ports(text, state)) {
		endpoint_state_free(state);
		return 0;
	}
	return 1;
}

int endpoint_state_remove(int storage_fd, const char *container, struct report *report)
{
	return remove_file(storage_fd, ENDPOINTS, container, report);
}

void endpoint_state_free(struct endpoint_state *state)
{
	free(state->ports);
	*state = (struct endpoint_state){0};
}
