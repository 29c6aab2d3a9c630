/* Which of a container's endpoints has the default route of a family, and with it the ports: the first in the list that has the family, and whose
 * network leads out. */
#ifndef TALLYMAN_GATEWAY_H
#define TALLYMAN_GATEWAY_H

#include "endpoint_state.h"

/* Who was the gateway of IPv4 and of IPv6 before another came, and what it had then. */
struct gateway_before {
	struct endpoint_state *holders[2]; /* in the list; NULL where nobody has to give way */
	size_t port_counts[2], source_counts[2];
};

/* Makes the endpoint at AT, which has no rules and no link yet, the gateway of those families in which none before it is one; who was, gives up its
 * ports, in the kernel too. ENDPOINT tells the ports. */
int gateway_enter(const struct network_scope *scope, struct endpoint_list *list, size_t at, const struct network_endpoint *endpoint,
		  const struct network_spec *spec, struct gateway_before *before, struct report *report);

/* After a failure, also of gateway_enter() itself: takes the endpoint at AT, which has no rules and no link, out of LIST, and gives back as far as that goes. */
void gateway_revert(const struct network_scope *scope, struct endpoint_list *list, size_t at, const struct gateway_before *before, int netns_fd);

/* Takes the endpoint at AT, which has no rules and no link any more, out of LIST. The next with a way out gets its default route and its ports;
 * nobody is no failure. */
int gateway_leave(const struct network_scope *scope, struct endpoint_list *list, size_t at, int netns_fd, struct report *report);

#endif
