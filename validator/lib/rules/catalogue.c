#include "rules/catalogue.h"

#include "base/str.h"
#include "cpis.h"
#include "diag/results.h"

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

enum {
	FAMILIES = 20,
	NUMBERS = 100, /* ids of a family end in 001 to 099 */
	DIGITS = 3,
	MOST_RULES = 512
};

/* Filled at setup, read-only from then on. */
static struct {
	const struct rule *rules[MOST_RULES];
	size_t count;
	struct family {
		const char *letters, *title;
		uint16_t places[NUMBERS]; /* by number: index of the rule plus one; 0: none */
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
static size_t number_of(const char *digits)
{
	size_t number = 0;
	for (size_t i = 0; i < DIGITS; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return 0;
		number = 10 * number + (size_t)(digits[i] - '0');
	}
	return !digits[DIGITS] && number < NUMBERS ? number : 0;
}

static const struct family *family_of(const char *id)
{
	const char *dash = strchr(id, '-');
	size_t letters = dash ? (size_t)(dash - id) : 0;
	for (size_t i = 0; i < all.family_count; i++)
		if (strncmp(all.families[i].letters, id, letters) == 0 &&
		    !all.families[i].letters[letters])
			return &all.families[i];
	return NULL;
}

/* The index of a rule plus one; 0: there is none of that id. */
static size_t place_of(const char *id)
{
	const struct family *family = family_of(id);
	const char *dash = strchr(id, '-');
	size_t number = family && dash ? number_of(dash + 1) : 0;
	return number ? family->places[number] : 0;
}

/* Take the chapters of one family from the first on, in order of their numbers: a family may have
 * several files, cut by idea. Returns the chapter after them; 0: a rule is not of the family, or
 * there are two of one number. */
static size_t take_family(size_t chapter)
{
	const struct rule *by_number[NUMBERS] = { 0 };
	const char *letters = chapters[chapter].family;
	size_t n = strlen(letters), most = 0;
	for (; chapter < CHAPTERS && strcmp(chapters[chapter].family, letters) == 0; chapter++)
		for (const struct rule *const *rule = chapters[chapter].rules; *rule; rule++) {
			const char *id = (*rule)->id;
			size_t number = strncmp(id, letters, n) == 0 && id[n] == '-'
						? number_of(id + n + 1)
						: 0;
			if (!number || by_number[number])
				return 0;
			by_number[number] = *rule;
			most = number > most ? number : most;
		}
	struct family *family = &all.families[all.family_count++];
	family->letters = letters;
	family->title = chapters[chapter - 1].title;
	for (size_t number = 1; number <= most && all.count < MOST_RULES; number++)
		if (by_number[number]) {
			all.rules[all.count++] = by_number[number];
			family->places[number] = (uint16_t)all.count;
		}
	return chapter;
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

int rules_setup(void)
{
	for (size_t chapter = 0; chapter < CHAPTERS;) {
		if (all.family_count == FAMILIES)
			return -1;
		chapter = take_family(chapter);
		if (!chapter)
			return -1;
	}
	return all.count < MOST_RULES ? settle_stages() : -1;
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
	return results_give(example, size, &one, sizeof(one));
}
