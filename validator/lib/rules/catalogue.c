#include "rules/catalogue.h"

#include "base/str.h"

#include <stdint.h>
#include <string.h>

static const struct chapter {
	const char *family, *title;
	const struct rule *const *rules;
} chapters[] = {
#define CHAPTER(family_, title_, rules_) { family_, title_, rules_ },
	RULE_CHAPTERS(CHAPTER)
#undef CHAPTER
};
enum { CHAPTERS = sizeof(chapters) / sizeof(chapters[0]) };

enum { MOST_RULES = 512, PLACES = 4 * MOST_RULES };

/* Filled at setup, read-only from then on. A place holds the index of a rule plus one; 0: free. */
static const struct rule *all[MOST_RULES];
static size_t count;
static uint16_t by_id[PLACES], by_address[PLACES];

/* A family may have several files, cut by idea: its ids come in order all the same. */
static void insert(const struct rule *rule)
{
	enum { FAMILY = 4 };
	size_t at = count++;
	for (; at && strncmp(all[at - 1]->id, rule->id, FAMILY) == 0 &&
	       strcmp(all[at - 1]->id, rule->id) > 0;
	     at--)
		all[at] = all[at - 1];
	all[at] = rule;
}

static size_t place_of_id(const char *id)
{
	return (size_t)(str_hash(str_of(id)) >> 32) % PLACES;
}

static size_t place_of_address(const struct rule *rule)
{
	uint64_t key = (uint64_t)(uintptr_t)rule * 0x9e3779b97f4a7c15u;
	return (size_t)(key >> 32) % PLACES;
}

static void take_place(uint16_t *places, size_t place, size_t index)
{
	while (places[place])
		place = (place + 1) % PLACES;
	places[place] = (uint16_t)(index + 1);
}

void rules_setup(void)
{
	count = 0;
	for (size_t i = 0; i < CHAPTERS; i++)
		for (size_t k = 0; chapters[i].rules[k] && count < MOST_RULES; k++)
			insert(chapters[i].rules[k]);
	memset(by_id, 0, sizeof(by_id));
	memset(by_address, 0, sizeof(by_address));
	for (size_t i = 0; i < count; i++) {
		take_place(by_id, place_of_id(all[i]->id), i);
		take_place(by_address, place_of_address(all[i]), i);
	}
}

size_t rules_count(void)
{
	return count;
}

const struct rule *rules_at(size_t index)
{
	return index < count ? all[index] : NULL;
}

const struct rule *const *rules_all(void)
{
	return all;
}

const struct rule *rules_find(const char *id)
{
	for (size_t i = place_of_id(id); by_id[i]; i = (i + 1) % PLACES)
		if (strcmp(all[by_id[i] - 1]->id, id) == 0)
			return all[by_id[i] - 1];
	return NULL;
}

const char *rules_family(const struct rule *rule)
{
	for (size_t i = 0; i < CHAPTERS; i++) {
		size_t n = strlen(chapters[i].family);
		if (strncmp(chapters[i].family, rule->id, n) == 0 && rule->id[n] == '-')
			return chapters[i].title;
	}
	return "";
}

size_t rules_index(const struct rule *rule)
{
	for (size_t i = place_of_address(rule); by_address[i]; i = (i + 1) % PLACES)
		if (all[by_address[i] - 1] == rule)
			return by_address[i] - 1u;
	return 0;
}
