/* A visit to a container's network namespace, to open a socket that belongs to it. */
#ifndef TALLYMAN_NETNS_H
#define TALLYMAN_NETNS_H

struct report;

/* Enters NETNS_FD. Returns a descriptor of our own namespace, for netns_leave(), or -1 with REPORT filled. */
int netns_enter(int netns_fd, struct report *report);

/* Goes back; ends the process if that fails: it never goes on with the host's rights in a container's namespace. */
void netns_leave(int home_fd);

#endif
