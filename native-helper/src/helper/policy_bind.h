/* The part of the policy that is about paths of the host. Pure. */
#ifndef TALLYMAN_POLICY_BIND_H
#define TALLYMAN_POLICY_BIND_H

#include "../common/mount.h"
#include "policy.h"

/* Values of a policy file's lines; false when one is wrong. */
bool policy_parse_devices(struct policy *policy, char *value);
bool policy_parse_bind_roots(struct policy *policy, char *value);
bool policy_parse_bind_readonly(struct policy *policy, char *value);
bool policy_parse_no_root_squash(struct policy *policy, char *value);

/* Whether each directory of no_root_squash lies at or below one of bind_roots; TM_E_POLICY_FILE. */
int policy_check_no_root_squash(const struct policy *policy, struct report *report);

/* The directory of bind_roots, or else of bind_readonly, that PATH lies at or below; NULL when there is none. */
const char *policy_find_bind_root(const struct policy *policy, const char *path);

/* The outermost directory of no_root_squash that PATH lies at or below; NULL: root is squashed there. */
const char *policy_find_no_root_squash(const struct policy *policy, const char *path);

/* Whether the policy allows the mounts that REQUEST names. */
int policy_check_mounts(const struct policy *policy, const struct request *request, struct report *report);

#endif
