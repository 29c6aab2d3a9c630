/* Words of a policy file's values. */
#ifndef TALLYMAN_POLICY_PARSE_H
#define TALLYMAN_POLICY_PARSE_H

#include <stdbool.h>

/* Next item of a comma list, without spaces around it; NULL at its end. */
char *policy_next_item(char **list);

/* Whether VALUE is an absolute path of letters, digits, "_", "-" and ".", and clean: no part begins with a dot. */
bool policy_is_path(const char *value);

#endif
