#include "rules/runner.h"

#include "rules/catalogue.h"

enum { MOST_RULES = 512 };

/* Filled at setup, read-only from then on: rules by kind of part, one run after the other. */
static struct {
	const struct rule *rules[MOST_RULES];
	enum outcome (*checks[MOST_RULES])(struct judge *, const struct part *);
	uint16_t index[MOST_RULES];
	uint16_t first[PART_KIND_COUNT + 1];
} by_kind;

/* The kind of part that a rule is about, 0, and then the others; PART_NONE behind the last. */
static enum part_kind kind_of(const struct rule *rule, size_t i)
{
	if (i == 0)
		return rule->on;
	return i <= MOST_OTHER_KINDS ? rule->also[i - 1].on : PART_NONE;
}

/* All check functions take a pointer to a part that begins with struct part: any of them is `any`.
 */
static void add_check(uint16_t at, size_t index, const union rule_check *check)
{
	by_kind.rules[at] = rules_at(index);
	by_kind.checks[at] = check->any;
	by_kind.index[at] = (uint16_t)index;
}

int runner_setup(void)
{
	uint16_t next[PART_KIND_COUNT + 1] = { 0 };
	enum part_kind kind;
	for (size_t i = 0; i < rules_count(); i++)
		for (size_t k = 0; (kind = kind_of(rules_at(i), k)) != PART_NONE; k++)
			next[kind + 1]++;
	for (kind = PART_NONE; kind < PART_KIND_COUNT; kind++)
		next[kind + 1] = (uint16_t)(next[kind + 1] + next[kind]);
	if (next[PART_KIND_COUNT] > MOST_RULES)
		return -1;
	memcpy(by_kind.first, next, sizeof(next));
	for (size_t i = 0; i < rules_count(); i++) {
		const struct rule *rule = rules_at(i);
		for (size_t k = 0; (kind = kind_of(rule, k)) != PART_NONE; k++)
			add_check(next[kind]++, i, k ? &rule->also[k - 1].check : &rule->check);
	}
	return 0;
}

static void note_blocked(struct judge *judge, struct draft_tally *tally)
{
	const struct rule *by = judge->part->broken ? judge->part->broken : judge->blocked_by;
	judge->blocked_by = NULL;
	tally->blocked++;
	if (!tally->blocked_by)
		tally->blocked_by = by;
}

void runner_judge(struct judge *judge, const struct part *part)
{
	judge->part = part;
	for (uint16_t i = by_kind.first[part->kind]; i < by_kind.first[part->kind + 1]; i++) {
		struct draft_tally *tally = &judge->draft->tallies[by_kind.index[i]];
		judge->rule = by_kind.rules[i];
		enum outcome outcome = part->broken ? BLOCKED : by_kind.checks[i](judge, part);
		/* The two that nearly all are come first. */
		if (outcome == HOLDS)
			tally->judged++;
		else if (outcome == NOT_APPLICABLE)
			tally->not_applicable++;
		else if (outcome == FAILS)
			tally->judged++, tally->failed++;
		else
			note_blocked(judge, tally);
	}
}

void runner_tally(struct draft *draft, const struct rule *rule, bool failed)
{
	struct draft_tally *tally = &draft->tallies[rules_index(rule)];
	tally->judged++;
	tally->failed += failed;
}
