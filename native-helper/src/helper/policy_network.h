/* The part of policy_check() that is about networks. */
#ifndef TALLYMAN_POLICY_NETWORK_H
#define TALLYMAN_POLICY_NETWORK_H

#include "policy.h"

/* Fills REPORT with TM_E_DENIED and "KEY does not allow WHAT"; returns -1. */
int policy_denied(struct report *report, const char *key, const char *what);

/* Whether the name of LENGTH characters is KNOWN, or begins as KNOWN does before its final star. */
bool policy_covers(const char *known, const char *name, size_t length);

/* Whether the policy allows the networks, places and ports that REQUEST names. */
int policy_check_requested_networks(const struct policy *policy, const struct request *request, struct report *report);

#endif
