/* Who has a port of the host: for the message that it is taken. Only read when a bind has failed. */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/scope.h"
#include "network.h"
#include "path.h"

#define LINE_BYTES 512

/* Whether a socket at ADDRESS, as /proc/net shows it, keeps the port. */
static bool holds(const char *address, const struct network_port *port)
{
	return strspn(address, "0") == strlen(address) || port->host_address == 0 ||
	       (strlen(address) == 8 && strtoul(address, NULL, 16) == htonl(port->host_address));
}

static bool holds6(const char *address, const struct network_port *port)
{
	char own[33];
	uint32_t words[4];

	memcpy(words, port->host_address6, sizeof words); /* each in the order of this machine, as the kernel shows them */
	(void)snprintf(own, sizeof own, "%08X%08X%08X%08X", words[0], words[1], words[2], words[3]);
	return strspn(address, "0") == strlen(address) || strspn(own, "0") == strlen(own) || strcmp(address, own) == 0;
}

/* Inode of a socket in FILE (of /proc/net) that has PORT, at its address or at all addresses; 0 when there is none. */
static uint64_t inode_in(const char *file, const struct network_port *port)
{
	FILE *list = fopen(file, "re");
	char line[LINE_BYTES];
	uint64_t inode, found = 0;

	while (list && !found && fgets(line, sizeof line, list)) {
		char address[33];
		unsigned int local;

		/* Number, local address and port, remote ones, state, two queues, timer, retransmits, owner, timeout, inode. */
		if (sscanf(line, " %*u: %32[0-9A-F]:%x %*[0-9A-F]:%*x %*x %*[0-9A-F]:%*[0-9A-F] %*[0-9A-F]:%*[0-9A-F] %*x %*u %*u %" SCNu64, address, &local,
			   &inode) != 3 || local != port->host_port)
			continue;
		if (port->is6 ? holds6(address, port) : holds(address, port))
			found = inode;
	}
	if (list)
		(void)fclose(list);
	return found;
}

/* Whether process PID has the socket. */
static bool has_socket(const char *pid, const char *socket)
{
	char path[300], target[64];
	DIR *fds;
	bool found = false;

	(void)snprintf(path, sizeof path, "/proc/%s/fd", pid);
	fds = opendir(path);
	for (const struct dirent *fd = fds ? readdir(fds) : NULL; fd && !found; fd = readdir(fds)) {
		ssize_t length = readlinkat(dirfd(fds), fd->d_name, target, sizeof target - 1);

		target[length < 0 ? 0 : length] = '\0';
		found = strcmp(target, socket) == 0;
	}
	if (fds)
		(void)closedir(fds);
	return found;
}

bool network_port_holder(const struct network_port *port, char *name, size_t size)
{
	const char *const tcp[] = {"/proc/net/tcp", "/proc/net/tcp6"}, *const udp[] = {"/proc/net/udp", "/proc/net/udp6"};
	const char *const *files = port->protocol == IPPROTO_UDP ? udp : tcp;
	uint64_t inode = inode_in(files[0], port);
	char socket[40], path[300], comm[32];
	DIR *processes;
	bool found = false;

	if (!inode || port->is6)
		inode = inode_in(files[1], port);
	(void)snprintf(socket, sizeof socket, "socket:[%" PRIu64 "]", inode);
	processes = inode ? opendir("/proc") : NULL;
	for (const struct dirent *each = processes ? readdir(processes) : NULL; each && !found; each = readdir(processes)) {
		if (each->d_name[0] < '0' || each->d_name[0] > '9' || !has_socket(each->d_name, socket))
			continue;
		(void)snprintf(path, sizeof path, "/proc/%.20s/comm", each->d_name);
		if (path_read_file(AT_FDCWD, path, comm, sizeof comm) <= 0)
			break;
		comm[strcspn(comm, "\n")] = '\0';
		(void)snprintf(name, size, "process %.20s %s", each->d_name, comm);
		found = true;
	}
	if (processes)
		(void)closedir(processes);
	return found;
}
