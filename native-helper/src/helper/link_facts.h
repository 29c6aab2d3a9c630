/* What a link of the host is, and whose. Functions return 0 or negative with REPORT filled. */
#ifndef TALLYMAN_LINK_FACTS_H
#define TALLYMAN_LINK_FACTS_H

#include <stdbool.h>
#include <stdint.h>

struct report;

#define LINK_ALIAS_BYTES 256

struct link_facts {
	int index;
	bool is_loopback, is_bridge, is_port; /* of a bridge, bond or the like */
	uint8_t mac[6]; /* zeros where it has none of that length */
	char alias[LINK_ALIAS_BYTES]; /* what its maker wrote on it */
};

/* 1 when link NAME is there (and is not just called so besides), 0 when it is not. */
int link_find(const char *name, struct link_facts *facts, struct report *report);

/* Writes ALIAS on link NAME. The kernel takes none with the making of a link. */
int link_mark(const char *name, const char *alias, struct report *report);

/* Gives link NAME, which is not up, another name; an error of EEXIST when that is taken. */
int link_rename(const char *name, const char *to, struct report *report);

#endif
