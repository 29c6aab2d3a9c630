/* What a container's programs take for their name server: two sockets of the container's network namespace that the server answers at. */
#ifndef TALLYMAN_RESOLVER_H
#define TALLYMAN_RESOLVER_H

struct report;

/* Opens a UDP socket and a listening TCP socket on free ports of 127.0.0.11 in the namespace NETNS_FD, and sends there what the container
 * sends to 127.0.0.11 port 53: a program of the container may use port 53 of all its addresses itself, and be a name server. What an earlier call opened
 * is no longer reached. FDS are close-on-exec and non-blocking; none is left open after a failure. */
int resolver_open(int netns_fd, int fds[2], struct report *report);

#endif
