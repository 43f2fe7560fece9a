#include "rules/judge.h"

#include "message/summary.h"
#include "rules/catalogue.h"

#include <stdlib.h>

/* A check that judges a kind of part, and the place of its rule in the catalogue. */
struct placed_check {
	const struct rule *rule;
	union rule_check check;
	uint16_t index;
	uint8_t sorts, sound; /* as the rule has them */
};

/* The checks of a kind of part for a sort of it: first those to run, in order of the catalogue;
 * then those that it is sure to keep, and those that are not about it. */
struct plan_of_checks {
	const struct placed_check *first, *sound, *others, *end;
};

/* Filled at setup, read-only from then on. */
static struct {
	/* by kind of part, one kind after the other */
	struct placed_check *checks;
	size_t first[PART_KIND_COUNT + 1];
	struct plan_of_checks plans[PART_KIND_COUNT][PART_SORTS];
} by_kind;

/* The kind of part that a rule is about, 0, and then the others; PART_NONE after the last, which no
 * one asks beyond. */
static enum part_kind kind_of(const struct rule *rule, size_t i)
{
	if (i == 0)
		return rule->on;
	return rule->also ? rule->also[i - 1].on : PART_NONE;
}

/*
 * A kind that no rule is about. Where a part of it is broken, what should be in it may not be there
 * to be judged, so the rules on that are blocked.
 */
struct bare_kind {
	enum part_kind kind, holds[2];
};

static const struct bare_kind bare_kinds[] = {
	{ PART_ACCESS, { PART_QUERY, PART_FILE_REFERENCE } },
};

/* The kinds whose rules a broken part of this kind blocks. */
static const enum part_kind *kinds_blocked(const enum part_kind *kind, size_t *count)
{
	*count = 1;
	for (size_t i = 0; i < sizeof(bare_kinds) / sizeof(bare_kinds[0]); i++)
		if (bare_kinds[i].kind == *kind) {
			*count = sizeof(bare_kinds[i].holds) / sizeof(bare_kinds[i].holds[0]);
			return bare_kinds[i].holds;
		}
	return kind;
}

/* A broken part of any kind blocks something: nothing passes for want of what is broken in it. */
static bool blocks_something(enum part_kind kind)
{
	size_t count;
	const enum part_kind *kinds = kinds_blocked(&kind, &count);
	for (size_t i = 0; i < count; i++)
		if (by_kind.first[kinds[i]] == by_kind.first[kinds[i] + 1])
			return false;
	return true;
}

enum standing { TO_RUN, SOUND, OF_OTHERS };

static enum standing standing_of(const struct placed_check *check, unsigned sort)
{
	if (check->sorts && !(check->sorts >> sort & 1))
		return OF_OTHERS;
	return check->sound >> sort & 1 ? SOUND : TO_RUN;
}

static struct placed_check *put_checks(struct placed_check *room, enum part_kind kind,
				       unsigned sort, enum standing standing)
{
	for (size_t i = by_kind.first[kind]; i < by_kind.first[kind + 1]; i++)
		if (standing_of(&by_kind.checks[i], sort) == standing)
			*room++ = by_kind.checks[i];
	return room;
}

/* The plan of a kind whose rules are about all sorts, or of one sort. */
static int make_plan(struct plan_of_checks *plan, enum part_kind kind, unsigned sort, bool sorted)
{
	const struct placed_check *checks = by_kind.checks + by_kind.first[kind];
	const struct placed_check *end = by_kind.checks + by_kind.first[kind + 1];
	*plan = (struct plan_of_checks){ checks, end, end, end };
	if (!sorted)
		return 0;
	struct placed_check *room = malloc((size_t)(end - checks) * sizeof(*room));
	if (!room)
		return -1;
	plan->first = room;
	plan->sound = room = put_checks(room, kind, sort, TO_RUN);
	plan->others = room = put_checks(room, kind, sort, SOUND);
	plan->end = put_checks(room, kind, sort, OF_OTHERS);
	return 0;
}

static int make_plans(enum part_kind kind)
{
	bool sorted = false;
	for (size_t i = by_kind.first[kind]; i < by_kind.first[kind + 1]; i++)
		sorted = sorted || by_kind.checks[i].sorts || by_kind.checks[i].sound;
	for (unsigned sort = 0; sort < PART_SORTS; sort++)
		if (make_plan(&by_kind.plans[kind][sort], kind, sort, sorted) != 0)
			return -1;
	return 0;
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
	struct placed_check *checks = malloc((next[PART_KIND_COUNT] + 1) * sizeof(*checks));
	if (!checks)
		return -1;
	memcpy(by_kind.first, next, sizeof(next));
	for (size_t i = 0; i < rules_count(); i++) {
		const struct rule *rule = rules_at(i);
		for (size_t k = 0; (kind = kind_of(rule, k)) != PART_NONE; k++)
			checks[next[kind]++] = (struct placed_check){
				rule, k ? rule->also[k - 1].check : rule->check, (uint16_t)i,
				k ? 0 : rule->sorts, k ? 0 : rule->sound
			};
	}
	by_kind.checks = checks;
	for (kind = PART_NONE; kind < PART_KIND_COUNT; kind++)
		if (make_plans(kind) != 0 || (kind != PART_NONE && !blocks_something(kind)))
			return -1;
	return 0;
}

/* Whether what a part is blocked by is around the message, and so around those before it. */
static bool is_around_message(const struct judge *judge)
{
	const struct part *in =
		judge->blocked_by && judge->blocked_in ? judge->blocked_in : judge->part;
	return in->kind != PART_PAIR && in->offset < judge->begins;
}

static void note_blocked(const struct judge *judge, struct draft_tally *tally, size_t place)
{
	const struct part *part = judge->part;
	const struct rule *by = part->broken	   ? part->broken
				: part->overlooked ? rules_stage(RULE_TRN_008)
						   : judge->blocked_by;
	struct draft_message *message = &judge->draft->messages[judge->message];
	tally->blocked++;
	if (is_around_message(judge))
		draft_note_blocked_around(judge->draft, message, place, by,
					  judge->message - judge->first, judge->document);
	else
		draft_note_blocked(judge->draft, message, place, by);
	tally->blocked_by = rule_first(tally->blocked_by, by);
}

/* Count what a check said of the part; what it left for a next fault is forgotten. */
static inline void tally(struct judge *judge, struct draft_tally *tallies, size_t place,
			 enum outcome outcome)
{
	struct draft_tally *of_rule = &tallies[place];
	/* The two that nearly all are come first. */
	if (outcome == HOLDS)
		of_rule->judged++;
	else if (outcome == NOT_APPLICABLE)
		of_rule->not_applicable++;
	else if (outcome == FAILS)
		of_rule->judged++, of_rule->failed++;
	else
		note_blocked(judge, of_rule, place);
	if (judge->said)
		judge_begin(judge, NULL);
}

/* For each kind of part, a function that calls a check by the type that it has, and one that runs
 * the checks of a plan on a part that can be judged. */
#define CALL_CHECKS(kind_, name_)                                                                  \
	static enum outcome call_##name_(const union rule_check *check, struct judge *judge,       \
					 const struct part *part)                                  \
	{                                                                                          \
		return check->name_(judge, (const struct name_ *)(const void *)part);              \
	}                                                                                          \
	static void run_##name_(struct judge *judge, const struct part *part,                      \
				const struct plan_of_checks *plan)                                 \
	{                                                                                          \
		const struct name_ *whole = (const struct name_ *)(const void *)part;              \
		struct draft_tally *tallies = judge->draft->tallies;                               \
		const struct placed_check *check = plan->first;                                    \
		for (; check < plan->sound; check++) {                                             \
			judge->rule = check->rule;                                                 \
			tally(judge, tallies, check->index, check->check.name_(judge, whole));     \
		}                                                                                  \
		for (; check < plan->others; check++)                                              \
			tallies[check->index].judged++;                                            \
		for (; check < plan->end; check++)                                                 \
			tallies[check->index].not_applicable++;                                    \
	}
PART_KINDS(CALL_CHECKS)

static const struct {
	enum outcome (*call)(const union rule_check *, struct judge *, const struct part *);
	void (*run)(struct judge *, const struct part *, const struct plan_of_checks *);
} checks_of[] = {
#define NAME_CHECKS(kind_, name_) [kind_] = { call_##name_, run_##name_ },
	PART_KINDS(NAME_CHECKS)
};

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
	case PART_CONTENT_ID:
	case PART_IDENTIFIER:
	case PART_TIMESTAMP:
		break;
	default:
		return false;
	}
	const struct record *record = record_around(part);
	return record && acknowledgement_refuses(record);
}

static enum outcome judge_one(struct judge *judge, const struct part *part,
			      const struct placed_check *check, bool refused)
{
	if (part->broken || part->overlooked)
		return BLOCKED;
	if (refused && check->rule->severity == CPIS_ERROR)
		return NOT_APPLICABLE;
	enum standing standing = standing_of(check, part->sort);
	if (standing != TO_RUN)
		return standing == SOUND ? HOLDS : NOT_APPLICABLE;
	enum outcome outcome = checks_of[part->kind].call(&check->check, judge, part);
	return refused && outcome == BLOCKED ? NOT_APPLICABLE : outcome;
}

/* A part that is broken or overlooked, or returned as refused. */
static void judge_unusual(struct judge *judge, const struct part *part, bool refused)
{
	size_t count;
	const enum part_kind *kinds = kinds_blocked(&part->kind, &count);
	for (size_t i = 0; i < count; i++) {
		const struct placed_check *check = by_kind.checks + by_kind.first[kinds[i]];
		const struct placed_check *end = by_kind.checks + by_kind.first[kinds[i] + 1];
		for (; check < end; check++) {
			judge->rule = check->rule;
			tally(judge, judge->draft->tallies, check->index,
			      judge_one(judge, part, check, refused));
		}
	}
}

void runner_judge(struct judge *judge, const struct part *part)
{
	bool refused = returned_as_refused(part);
	judge_begin(judge, NULL);
	judge->part = part;
	judge->birth.of = NULL;
	if (refused || part->broken || part->overlooked)
		judge_unusual(judge, part, refused);
	else
		checks_of[part->kind].run(judge, part, &by_kind.plans[part->kind][part->sort]);
}

void runner_tally(struct draft *draft, enum stage_rule rule, bool failed)
{
	struct draft_tally *tally = &draft->tallies[rules_stage_index(rule)];
	tally->judged++;
	tally->failed += failed;
}
