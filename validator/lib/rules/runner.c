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

/* All check functions take a pointer to a part that begins with struct part: any of them is `any`.
 */
static const union rule_check *check_on(const struct rule *rule, enum part_kind kind)
{
	if (rule->on == kind)
		return &rule->check;
	for (size_t i = 0; i < MOST_OTHER_KINDS; i++)
		if (rule->also[i].on == kind)
			return &rule->also[i].check;
	return NULL;
}

void runner_setup(void)
{
	uint16_t count = 0;
	for (enum part_kind kind = PART_NONE; kind < PART_KIND_COUNT; kind++) {
		by_kind.first[kind] = count;
		for (size_t i = 0; kind != PART_NONE && i < rules_count(); i++) {
			const union rule_check *check = check_on(rules_at(i), kind);
			if (!check || count == MOST_RULES)
				continue;
			by_kind.rules[count] = rules_at(i);
			by_kind.checks[count] = check->any;
			by_kind.index[count++] = (uint16_t)i;
		}
	}
	by_kind.first[PART_KIND_COUNT] = count;
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
