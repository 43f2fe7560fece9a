#include "rules/judge.h"

#include "message/summary.h"
#include "rules/catalogue.h"

#include <stdlib.h>

/* A check that judges a kind of part, and the place of its rule in the catalogue. */
struct placed_check {
	const struct rule *rule;
	const union rule_check *check;
	size_t index;
};

/* Filled at setup, read-only from then on: checks by kind of part, one kind after the other. */
static struct {
	struct placed_check *checks;
	size_t first[PART_KIND_COUNT + 1];
} by_kind;

/* One function for each kind of part, which calls a check by the type that it has. */
#define CALL_CHECK(kind_, name_)                                                                   \
	static enum outcome call_##name_(const union rule_check *check, struct judge *judge,       \
					 const struct part *part)                                  \
	{                                                                                          \
		return check->name_(judge, (const struct name_ *)(const void *)part);              \
	}
PART_KINDS(CALL_CHECK)

static enum outcome (*const calls[])(const union rule_check *, struct judge *,
				     const struct part *) = {
#define NAME_CALL(kind_, name_) [kind_] = call_##name_,
	PART_KINDS(NAME_CALL)
};

/* The kind of part that a rule is about, 0, and then the others; PART_NONE after the last. */
static enum part_kind kind_of(const struct rule *rule, size_t i)
{
	if (i == 0)
		return rule->on;
	return i <= MOST_OTHER_KINDS ? rule->also[i - 1].on : PART_NONE;
}

int runner_setup(void)
{
	size_t next[PART_KIND_COUNT + 1] = { 0 };
	enum part_kind kind;
	for (size_t i = 0; i < rules_count(); i++)
		for (size_t k = 0; (kind = kind_of(rules_at(i), k)) != PART_NONE; k++)
			next[kind + 1]++;
	for (kind = PART_NONE; kind < PART_KIND_COUNT; kind++)
		next[kind + 1] += next[kind];
	struct placed_check *checks = calloc(next[PART_KIND_COUNT] + 1, sizeof(*checks));
	if (!checks)
		return -1;
	memcpy(by_kind.first, next, sizeof(next));
	for (size_t i = 0; i < rules_count(); i++) {
		const struct rule *rule = rules_at(i);
		for (size_t k = 0; (kind = kind_of(rule, k)) != PART_NONE; k++)
			checks[next[kind]++] = (struct placed_check){
				rule, k ? &rule->also[k - 1].check : &rule->check, i
			};
	}
	by_kind.checks = checks;
	return 0;
}

static void note_blocked(const struct judge *judge, struct draft_tally *tally, size_t place)
{
	const struct rule *by = judge->part->broken ? judge->part->broken : judge->blocked_by;
	tally->blocked++;
	draft_note_blocked(judge->draft, &judge->draft->messages[judge->message], place, by);
	tally->blocked_by = rule_first(tally->blocked_by, by);
}

/*
 * What an acknowledgement returns as refused is the uploader's, with the fault that it was refused
 * for: an error in it is not the acknowledgement's. Its structure is judged all the same.
 */
static bool returned_as_refused(const struct part *part)
{
	switch (part->kind) {
	case PART_RECORD:
	case PART_PLAN:
	case PART_SUBJECT:
	case PART_IDENTIFIER:
	case PART_TIMESTAMP:
		break;
	default:
		return false;
	}
	const struct part *record = part_ancestor(part, PART_RECORD);
	if (!record || !record->parent || record->parent->kind != PART_ACKNOWLEDGEMENT)
		return false;
	const struct acknowledgement *around =
		(const struct acknowledgement *)(const void *)record->parent;
	return record == &around->invalid.part;
}

static enum outcome judge_one(struct judge *judge, const struct part *part,
			      const struct placed_check *check, bool refused)
{
	if (refused && check->rule->severity == CPIS_ERROR)
		return NOT_APPLICABLE;
	if (part->broken || part->overlooked)
		return BLOCKED;
	enum outcome outcome = calls[part->kind](check->check, judge, part);
	return refused && outcome == BLOCKED ? NOT_APPLICABLE : outcome;
}

void runner_judge(struct judge *judge, const struct part *part)
{
	enum part_kind kind = part->kind;
	const struct placed_check *check = by_kind.checks + by_kind.first[kind];
	const struct placed_check *end = by_kind.checks + by_kind.first[kind + 1];
	bool refused = returned_as_refused(part);
	bool usual = !refused && !part->broken && !part->overlooked;
	judge->part = part;
	for (; check < end; check++) {
		struct draft_tally *tally = &judge->draft->tallies[check->index];
		judge_begin(judge, check->rule);
		enum outcome outcome = usual ? calls[kind](check->check, judge, part)
					     : judge_one(judge, part, check, refused);
		/* The two that nearly all are come first. */
		if (outcome == HOLDS)
			tally->judged++;
		else if (outcome == NOT_APPLICABLE)
			tally->not_applicable++;
		else if (outcome == FAILS)
			tally->judged++, tally->failed++;
		else
			note_blocked(judge, tally, check->index);
	}
}

void runner_tally(struct draft *draft, enum stage_rule rule, bool failed)
{
	struct draft_tally *tally = &draft->tallies[rules_stage_index(rule)];
	tally->judged++;
	tally->failed += failed;
}
