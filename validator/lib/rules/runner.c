#include "rules/runner.h"

#include "rules/catalogue.h"

enum { MOST_RULES = 256 };

/* Filled at setup, read-only from then on: rules by kind of part, one run after the other. */
static struct {
	const struct rule *rules[MOST_RULES];
	uint16_t index[MOST_RULES];
	uint16_t first[PART_KIND_COUNT + 1];
} by_kind;

void runner_setup(void)
{
	uint16_t count = 0;
	for (int kind = 0; kind < PART_KIND_COUNT; kind++) {
		by_kind.first[kind] = count;
		for (size_t i = 0; kind != PART_NONE && i < rules_count(); i++) {
			if (rules_at(i)->on != (enum part_kind)kind || count == MOST_RULES)
				continue;
			by_kind.rules[count] = rules_at(i);
			by_kind.index[count++] = (uint16_t)i;
		}
	}
	by_kind.first[PART_KIND_COUNT] = count;
}

/* All check functions take a pointer to a part that begins with struct part. */
static enum outcome check(struct judge *judge, const struct rule *rule, const struct part *part)
{
	return rule->check.any(judge, part);
}

void runner_judge(struct judge *judge, const struct part *part)
{
	judge->part = part;
	for (uint16_t i = by_kind.first[part->kind]; i < by_kind.first[part->kind + 1]; i++) {
		struct draft_tally *tally = &judge->draft->tallies[by_kind.index[i]];
		judge->rule = by_kind.rules[i];
		enum outcome outcome = part->broken ? BLOCKED : check(judge, judge->rule, part);
		tally->judged += outcome == HOLDS || outcome == FAILS;
		tally->failed += outcome == FAILS;
		tally->not_applicable += outcome == NOT_APPLICABLE;
		if (outcome == BLOCKED) {
			tally->blocked++;
			if (!tally->blocked_by)
				tally->blocked_by = part->broken;
		}
	}
}

void runner_tally(struct draft *draft, const struct rule *rule, bool failed)
{
	struct draft_tally *tally = &draft->tallies[rules_index(rule)];
	tally->judged++;
	tally->failed += failed;
}
