#include "table.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static int grow(struct table *table)
{
	unsigned long count = table->slot_count ? table->slot_count * 2 : 64;
	struct word **slots = calloc(count, sizeof *slots);

	if (!slots)
		return -1;
	for (unsigned long i = 0; i < table->slot_count; i++) {
		while (table->slots[i]) {
			struct word *word = table->slots[i];
			unsigned long slot = crc32(0, (const unsigned char *)word->text, strlen(word->text)) % count;

			table->slots[i] = word->next;
			word->next = slots[slot];
			slots[slot] = word;
		}
	}
	free(table->slots);
	table->slots = slots;
	table->slot_count = count;
	return 0;
}

int table_add(struct table *table, const char *text)
{
	size_t length = strlen(text);
	struct word *word;
	unsigned long slot;

	if (table->word_count >= table->slot_count && grow(table) < 0)
		return -1;
	slot = crc32(0, (const unsigned char *)text, length) % table->slot_count;
	for (word = table->slots[slot]; word; word = word->next) {
		if (strcmp(word->text, text) == 0) {
			word->count++;
			return 0;
		}
	}
	word = malloc(sizeof *word + length + 1);
	if (!word)
		return -1;
	memcpy(word->text, text, length + 1);
	word->count = 1;
	word->next = table->slots[slot];
	table->slots[slot] = word;
	table->word_count++;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct word *left = *(struct word *const *)a;
	const struct word *right = *(struct word *const *)b;

	if (left->count != right->count)
		return left->count < right->count ? 1 : -1;
	return strcmp(left->text, right->text);
}

struct word **table_sorted(const struct table *table)
{
	struct word **all = calloc(table->word_count + 1, sizeof *all);
	unsigned long count = 0;

	for (unsigned long i = 0; all && i < table->slot_count; i++) {
		for (struct word *word = table->slots[i]; word; word = word->next)
			all[count++] = word;
	}
	if (all)
		qsort(all, count, sizeof *all, compare);
	return all;
}

void table_free(struct table *table)
{
	for (unsigned long i = 0; i < table->slot_count; i++) {
		while (table->slots[i]) {
			struct word *word = table->slots[i];

			table->slots[i] = word->next;
			free(word);
		}
	}
	free(table->slots);
}
