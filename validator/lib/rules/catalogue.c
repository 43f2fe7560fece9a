#include "rules/catalogue.h"

#include "base/str.h"
#include "cpis.h"
#include "diag/failure.h"

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

enum { FAMILIES = 20, MOST_RULES = 512, DIGITS = 3 };

/* Filled at setup, read-only from then on. */
static struct {
	const struct rule *rules[MOST_RULES];
	uint16_t numbers[MOST_RULES]; /* that their ids end in: ascending within a family */
	size_t count;
	struct family {
		const char *letters, *title;
		size_t n;	   /* of the letters */
		size_t first, end; /* of its rules */
	} families[FAMILIES];
	size_t family_count;
	uint16_t stage[STAGE_RULE_COUNT]; /* index of each rule that a stage names */
} all;

static const char *const stage_ids[] = {
#define NAME_STAGE_RULE(rule_, id_) [rule_] = (id_),
	STAGE_RULES(NAME_STAGE_RULE)
#undef NAME_STAGE_RULE
};

/* The number that the end of an id is; 0: it is not one. */
static uint16_t number_of(const char *digits)
{
	unsigned number = 0;
	for (size_t i = 0; i < DIGITS; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return 0;
		number = 10 * number + (unsigned)(digits[i] - '0');
	}
	return digits[DIGITS] ? 0 : (uint16_t)number;
}

static const struct family *family_of(const char *id)
{
	const char *dash = strchr(id, '-');
	size_t letters = dash ? (size_t)(dash - id) : 0;
	for (size_t i = 0; i < all.family_count; i++)
		if (all.families[i].n == letters &&
		    memcmp(all.families[i].letters, id, letters) == 0)
			return &all.families[i];
	return NULL;
}

/* The index of a rule plus one; 0: there is none of that id. */
static size_t place_of(const char *id)
{
	const struct family *family = family_of(id);
	uint16_t number = family ? number_of(strchr(id, '-') + 1) : 0;
	size_t first = family ? family->first : 0, end = family ? family->end : 0;
	while (first < end) {
		size_t middle = first + (end - first) / 2;
		if (all.numbers[middle] == number)
			return middle + 1;
		if (all.numbers[middle] < number)
			first = middle + 1;
		else
			end = middle;
	}
	return 0;
}

/* Take a rule into the family that is last. -1: it is not of the family, there are two of one
 * number, or there is no room. */
static int take(const struct rule *rule)
{
	struct family *family = &all.families[all.family_count - 1];
	size_t n = family->n, at = family->end;
	bool is_of_family = strncmp(rule->id, family->letters, n) == 0 && rule->id[n] == '-';
	uint16_t number = is_of_family ? number_of(rule->id + n + 1) : 0;
	if (!number || all.count == MOST_RULES)
		return -1;
	for (; at > family->first && all.numbers[at - 1] > number; at--) {
		all.numbers[at] = all.numbers[at - 1];
		all.rules[at] = all.rules[at - 1];
	}
	if (at > family->first && all.numbers[at - 1] == number)
		return -1;
	all.numbers[at] = number;
	all.rules[at] = rule;
	family->end = ++all.count;
	return 0;
}

/* Every rule that a stage names has its row, and every row without a check is named. */
static int settle_stages(void)
{
	size_t named = 0, without_check = 0;
	for (enum stage_rule rule = RULE_NONE + 1; rule < STAGE_RULE_COUNT; rule++) {
		size_t place = place_of(stage_ids[rule]);
		if (!place)
			return -1;
		all.stage[rule] = (uint16_t)(place - 1);
		named += all.rules[place - 1]->on == PART_NONE;
	}
	for (size_t i = 0; i < all.count; i++)
		without_check += all.rules[i]->on == PART_NONE;
	return named == without_check ? 0 : -1;
}

/* A family may have several files, cut by idea: its ids come in order all the same. */
int rules_setup(void)
{
	for (const struct chapter *chapter = chapters; chapter < chapters + CHAPTERS; chapter++) {
		bool goes_on =
			chapter > chapters && strcmp(chapter[-1].family, chapter->family) == 0;
		if (!goes_on && all.family_count == FAMILIES)
			return -1;
		if (!goes_on)
			all.families[all.family_count++] =
				(struct family){ .letters = chapter->family,
						 .title = chapter->title,
						 .n = strlen(chapter->family),
						 .first = all.count,
						 .end = all.count };
		for (const struct rule *const *rule = chapter->rules; *rule; rule++)
			if (take(*rule) != 0)
				return -1;
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
	size_t place = place_of(id);
	return place ? all.rules[place - 1] : NULL;
}

const char *rules_family(const struct rule *rule)
{
	const struct family *family = family_of(rule->id);
	return family ? family->title : "";
}

size_t rules_index(const struct rule *rule)
{
	size_t place = place_of(rule->id);
	return place ? place - 1 : 0;
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
#define JOINED_(a_, b_) a_##b_
#define JOINED(a_, b_)	JOINED_(a_, b_)

/* All their texts in one, and rows that say where in it: without a pointer, which would have to be
 * made an address at every start of the program. */
#define EXAMPLE(id_, wrong_file_, wrong_line_, wrong_column_, says_, wrong_, right_file_,          \
		right_line_, right_)                                                               \
	char JOINED(id, __LINE__)[sizeof(id_)];                                                    \
	char JOINED(wrong_file, __LINE__)[sizeof(wrong_file_)];                                    \
	char JOINED(says, __LINE__)[sizeof(says_)];                                                \
	char JOINED(wrong, __LINE__)[sizeof(wrong_)];                                              \
	char JOINED(right_file, __LINE__)[sizeof(right_file_)];                                    \
	char JOINED(right, __LINE__)[sizeof(right_)];
struct example_texts {
#include "rules/examples.inc"
};
#undef EXAMPLE

#define EXAMPLE(id_, wrong_file_, wrong_line_, wrong_column_, says_, wrong_, right_file_,          \
		right_line_, right_)                                                               \
	id_, wrong_file_, says_, wrong_, right_file_, right_,
static const struct example_texts example_texts = {
#include "rules/examples.inc"
};
#undef EXAMPLE

#define TEXT_AT(member_) offsetof(struct example_texts, JOINED(member_, __LINE__))
#define EXAMPLE(id_, wrong_file_, wrong_line_, wrong_column_, says_, wrong_, right_file_,          \
		right_line_, right_)                                                               \
	{ .id = TEXT_AT(id),                                                                       \
	  .wrong_file = TEXT_AT(wrong_file),                                                       \
	  .says = TEXT_AT(says),                                                                   \
	  .wrong = TEXT_AT(wrong),                                                                 \
	  .right_file = TEXT_AT(right_file),                                                       \
	  .right = TEXT_AT(right),                                                                 \
	  .wrong_line = (wrong_line_),                                                             \
	  .wrong_column = (wrong_column_),                                                         \
	  .right_line = (right_line_) },
static const struct example_row {
	uint32_t id, wrong_file, says, wrong, right_file, right; /* in example_texts */
	uint32_t wrong_line, wrong_column, right_line;
} example_rows[] = {
#include "rules/examples.inc"
};
#undef EXAMPLE

int cpis_rule_example(const char *id, struct cpis_rule_example *example, size_t size)
{
	const char *texts = (const char *)&example_texts;
	const struct example_row *row = example_rows;
	const struct example_row *end = row + sizeof(example_rows) / sizeof(example_rows[0]);
	while (row < end && strcmp(texts + row->id, id) != 0)
		row++;
	if (row == end)
		return -1;
	const struct cpis_rule_example one = {
		.wrong_file = texts + row->wrong_file,
		.wrong_line = row->wrong_line,
		.wrong_column = row->wrong_column,
		.says = texts + row->says,
		.wrong = texts + row->wrong,
		.right_file = texts + row->right_file,
		.right_line = row->right_line,
		.right = texts + row->right,
	};
	return struct_give(example, size, &one, sizeof(one));
}
