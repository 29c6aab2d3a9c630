/* Networks that are a LAN of the host's: macvlan and ipvlan. No bridge, no rules: the helper gives each container a link beside the host's own.
 *
 * The parent link is never changed. A VLAN of it that is not there is made, carries the instance's table name as its alias, and goes with the
 * last network that is on it. Functions return 0 or negative with REPORT filled.
 */
#ifndef TALLYMAN_LAN_H
#define TALLYMAN_LAN_H

#include "endpoint_state.h"
#include "network.h"

#define LAN_NO_VETH "-" /* stands for the host's end, which a place on a LAN has none of */

static inline bool lan_is(const struct network_spec *spec)
{
	return spec->lan.mode != 0;
}

static inline bool lan_has(const struct endpoint_state *state)
{
	return state->veth[0] == LAN_NO_VETH[0];
}

/* Whether both may be there at the same time: a parent that is passed through is one network's alone, one of ipvlan has one mode. */
bool lan_is_compatible(const struct network_spec *one, const struct network_spec *other);

/* Finds the parent, or makes the VLAN's link. The networks' lock is held, as for lan_down(). */
int lan_up(const struct network_scope *scope, const struct network_spec *spec, struct report *report);

/* Removes the VLAN's link if it is ours; HAS_OTHERS: another network is on it. */
int lan_down(const struct network_scope *scope, const struct network_spec *spec, bool has_others, struct report *report);

/* Puts link INSIDE with STATE's address into NETNS_FD. */
int lan_attach(const struct network_spec *spec, const struct endpoint_state *state, const char *inside, int netns_fd, struct report *report);

/* Whether the container's process, whose place STATE is, lives. */
bool lan_is_used(const struct network_scope *scope, const char *container);

#endif
