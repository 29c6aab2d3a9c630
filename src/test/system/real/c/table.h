#ifndef TABLE_H
#define TABLE_H

struct word {
	struct word *next;
	unsigned long count;
	char text[];
};

struct table {
	struct word **slots;
	unsigned long slot_count;
	unsigned long word_count;
};

/* Counts one more of TEXT. Returns 0, or -1 when memory is short. */
int table_add(struct table *table, const char *text);

/* All words, most frequent first, equal ones by name; NULL when memory is short. The caller frees the array, not the words. */
struct word **table_sorted(const struct table *table);

void table_free(struct table *table);

#endif
