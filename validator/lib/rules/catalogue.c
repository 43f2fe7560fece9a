#include "rules/catalogue.h"

#include "base/str.h"
#include "cpis.h"

#include <stdint.h>
#include <stdlib.h>
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

enum { FAMILY = 4, PLACES_A_RULE = 4 };

/* Filled at setup, read-only from then on. */
static struct {
	const struct rule **rules;
	size_t count;
	/* Hash tables, a power of two of places each. A place holds the index of a rule plus one;
	 * 0: free. */
	uint32_t *by_id, *by_address;
	size_t last_place;
	size_t stage[STAGE_RULE_COUNT]; /* index of each rule that a stage names */
} all;

static const char *const stage_ids[] = {
#define NAME_STAGE_RULE(rule_, id_) [rule_] = (id_),
	STAGE_RULES(NAME_STAGE_RULE)
#undef NAME_STAGE_RULE
};

/* A family may have several files, cut by idea: its ids come in order all the same. */
static void insert(const struct rule *rule)
{
	size_t at = all.count++;
	for (; at && strncmp(all.rules[at - 1]->id, rule->id, FAMILY) == 0 &&
	       strcmp(all.rules[at - 1]->id, rule->id) > 0;
	     at--)
		all.rules[at] = all.rules[at - 1];
	all.rules[at] = rule;
}

static size_t place_of_id(const char *id)
{
	return (size_t)(str_hash(str_of(id)) >> 32) & all.last_place;
}

static size_t place_of_address(const struct rule *rule)
{
	uint64_t key = (uint64_t)(uintptr_t)rule * 0x9e3779b97f4a7c15u;
	return (size_t)(key >> 32) & all.last_place;
}

static void take_place(uint32_t *places, size_t place, size_t index)
{
	while (places[place])
		place = (place + 1) & all.last_place;
	places[place] = (uint32_t)(index + 1);
}

/* Every rule that a stage names has its row, and every row without a check is named. */
static int settle_stages(void)
{
	size_t named = 0, without_check = 0;
	for (enum stage_rule rule = RULE_NONE + 1; rule < STAGE_RULE_COUNT; rule++) {
		const struct rule *row = rules_find(stage_ids[rule]);
		if (!row)
			return -1;
		all.stage[rule] = rules_index(row);
		named += row->on == PART_NONE;
	}
	for (size_t i = 0; i < all.count; i++)
		without_check += all.rules[i]->on == PART_NONE;
	return named == without_check ? 0 : -1;
}

int rules_setup(void)
{
	size_t count = 0, places = 1;
	for (size_t i = 0; i < CHAPTERS; i++)
		for (size_t k = 0; chapters[i].rules[k]; k++)
			count++;
	while (places < count * PLACES_A_RULE)
		places *= 2;
	all.last_place = places - 1;
	all.rules = calloc(count, sizeof(*all.rules));
	all.by_id = calloc(places, sizeof(*all.by_id));
	all.by_address = calloc(places, sizeof(*all.by_address));
	if (!all.rules || !all.by_id || !all.by_address)
		return -1;
	for (size_t i = 0; i < CHAPTERS; i++)
		for (size_t k = 0; chapters[i].rules[k]; k++)
			insert(chapters[i].rules[k]);
	for (size_t i = 0; i < all.count; i++) {
		take_place(all.by_id, place_of_id(all.rules[i]->id), i);
		take_place(all.by_address, place_of_address(all.rules[i]), i);
	}
	return settle_stages();
}

size_t rules_count(void)
{
	return all.count;
}

const struct rule *rules_at(size_t index)
{
	return index < all.count ? all.rules[index] : NULL;
}

const struct rule *rules_find(const char *id)
{
	for (size_t i = place_of_id(id); all.by_id[i]; i = (i + 1) & all.last_place)
		if (strcmp(all.rules[all.by_id[i] - 1]->id, id) == 0)
			return all.rules[all.by_id[i] - 1];
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
	for (size_t i = place_of_address(rule); all.by_address[i]; i = (i + 1) & all.last_place)
		if (all.rules[all.by_address[i] - 1] == rule)
			return all.by_address[i] - 1u;
	return 0;
}

const struct rule *rules_stage(enum stage_rule rule)
{
	return all.rules[all.stage[rule]];
}

size_t rules_stage_index(enum stage_rule rule)
{
	return all.stage[rule];
}

/*
 * For each rule a wrong place and the right one next to it, cut from the fixtures.
 *
 * `make examples` writes examples.inc, in the order of the catalogue. The two fixtures of a row are
 * kept for as long as they serve: write another name into a row, run `make examples` twice, and the
 * example is of that fixture.
 */
#include "cpis.h"

static const struct example_row {
	const char *id;
	struct cpis_rule_example example;
} rows[] = {
#include "rules/examples.inc"
};

const struct cpis_rule_example *cpis_rule_example(const char *id)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].id, id) == 0)
			return &rows[i].example;
	return NULL;
}
