#include "results/rule_index.h"

#include <stdlib.h>

struct entry {
	const struct rule *rule;
	size_t place;
};

struct rule_index {
	size_t count;
	struct entry entries[]; /* by address */
};

static int compare(const void *a, const void *b)
{
	uintptr_t left = (uintptr_t)((const struct entry *)a)->rule;
	uintptr_t right = (uintptr_t)((const struct entry *)b)->rule;
	return (left > right) - (left < right);
}

struct rule_index *rule_index_new(const struct results *results)
{
	size_t count = results->rule_count;
	struct rule_index *index = malloc(sizeof(*index) + count * sizeof(index->entries[0]));
	if (!index)
		return NULL;
	index->count = count;
	for (size_t i = 0; i < count; i++)
		index->entries[i] = (struct entry){ results->rules[i], i };
	if (count)
		qsort(index->entries, count, sizeof(index->entries[0]), compare);
	return index;
}

void rule_index_free(struct rule_index *index)
{
	free(index);
}

size_t rule_index_of(const struct rule_index *index, const struct rule *rule)
{
	const struct entry key = { rule, 0 };
	const struct entry *found = NULL;
	if (index->count)
		found = bsearch(&key, index->entries, index->count, sizeof(key), compare);
	return found ? found->place : RULE_INDEX_NONE;
}
