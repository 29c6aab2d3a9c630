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

#define PORT_TEXT_BYTES 80
#define HOLDER_BYTES 80

static int port_report(const struct network_port *port, enum tm_status status, struct report *report)
{
	char text[PORT_TEXT_BYTES];
	char address[INET6_ADDRSTRLEN] = "";
	const uint32_t host = htonl(port->host_address);

	(void)inet_ntop(port->is6 ? AF_INET6 : AF_INET, port->is6 ? (const void *)port->host_address6 : &host, address, sizeof address); /* there is room */
	(void)snprintf(text, sizeof text, port->is6 ? "port %s [%s]:%u" : "port %s %s:%u", port->protocol == IPPROTO_UDP ? "udp" : "tcp", address,
		       port->host_port);
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

/* Binds FD. A socket of IPv6 leaves IPv4 to others. */
static int bind_to(int fd, const struct network_port *port)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(port->host_port), .sin_addr.s_addr = htonl(port->host_address)};
	struct sockaddr_in6 address6 = {.sin6_family = AF_INET6, .sin6_port = htons(port->host_port)};
	const int on = 1;

	if (!port->is6)
		return bind(fd, (const struct sockaddr *)&address, sizeof address);
	memcpy(&address6.sin6_addr, port->host_address6, sizeof address6.sin6_addr);
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0)
		return -1;
	return bind(fd, (const struct sockaddr *)&address6, sizeof address6);
}

/* A TCP socket that is bound but does not listen keeps the port from others (no SO_REUSEADDR) and answers nobody. */
static int bind_port(const struct network_port *port, struct report *report)
{
	int type = port->protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM;
	int fd = socket(port->is6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, port->protocol);
	int error;

	if (fd < 0)
		return report_fail(report, "open port socket", errno);
	if (bind_to(fd, port) == 0)
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
