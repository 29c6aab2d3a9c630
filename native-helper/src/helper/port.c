#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/report.h"
#include "../../include/tallyman_protocol.h"
#include "network.h"

#define PORT_TEXT_BYTES 64
#define HOLDER_BYTES 80

static int port_report(const struct network_port *port, enum tm_status status, struct report *report)
{
	char text[PORT_TEXT_BYTES];
	uint32_t a = port->host_address;

	(void)snprintf(text, sizeof text, "port %s %u.%u.%u.%u:%u", port->protocol == IPPROTO_UDP ? "udp" : "tcp", a >> 24,
		       a >> 16 & 255, a >> 8 & 255, a & 255, port->host_port);
	return report_status(report, status, text);
}

int network_port_busy(const struct network_port *port, struct report *report)
{
	return port_report(port, TM_E_BUSY, report);
}

/* Names the program of the host that has the port. One that a monitor holds belongs to a container, which the server knows. */
static int taken(const struct network_port *port, struct report *report)
{
	char holder[HOLDER_BYTES], text[sizeof report->text];

	(void)network_port_busy(port, report);
	if (!network_port_holder(port, holder, sizeof holder))
		return -1;
	memcpy(text, report->text, sizeof text);
	return report_parts(report, TM_E_BUSY, text, " ", holder);
}

/* A TCP socket that is bound but does not listen keeps the port from others (no SO_REUSEADDR) and answers nobody. */
static int bind_port(const struct network_port *port, struct report *report)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port->host_port),
		.sin_addr.s_addr = htonl(port->host_address),
	};
	int type = port->protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM;
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, port->protocol);
	int error;

	if (fd < 0)
		return report_fail(report, "open port socket", errno);
	if (bind(fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	error = errno;
	(void)close(fd);
	if (error == EADDRINUSE)
		return taken(port, report);
	if (error == EADDRNOTAVAIL)
		return port_report(port, TM_E_INVALID, report); /* not an address of this host */
	return report_fail(report, "bind port", error);
}

int network_bind_ports(const struct network_port *ports, size_t port_count, int *fds, struct report *report)
{
	for (size_t i = 0; i < port_count; i++) {
		fds[i] = bind_port(&ports[i], report);
		if (fds[i] >= 0)
			continue;
		while (i-- > 0)
			(void)close(fds[i]);
		return -1;
	}
	return 0;
}
