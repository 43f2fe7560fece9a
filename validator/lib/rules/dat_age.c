/* Plans against the birth of whom they are about. No sentence here tells an age or a birthday. */
#include "rules/dat.h"
#include "rules/record.h"

enum { FULL_AGE = 18 };

enum outcome dat_is_born_before_message(struct judge *judge, const struct subject *subject)
{
	enum outcome why;
	const struct timestamp *made = made_at(&subject->part);
	if (!dat_is_usable(judge, &subject->birth, &why))
		return why;
	if (!made)
		return NOT_APPLICABLE;
	if (!dat_is_usable(judge, made, &why))
		return why;
	if (dat_compare(&subject->birth, made) <= 0)
		return HOLDS;
	judge_expect(judge, "not after %s", judge_plain(judge, made->value.text));
	return judge_fail(judge, &subject->birth.value, MASK_BIRTH,
			  "birth date %s is after the message was created, %s",
			  judge_show(judge, MASK_BIRTH, subject->birth.value.text),
			  judge_plain(judge, made->value.text));
}

/*
 * The birth date of the record's subject of a kind. NULL, and *why for the check to return: there
 * is none, it cannot be read, or it is born after the message, which DAT-007 tells.
 */
static const struct timestamp *birth_of(struct judge *judge, const struct record *record,
					enum subject_kind kind, enum outcome *why)
{
	const struct subject *subject = record_subject(record, kind);
	*why = NOT_APPLICABLE;
	if (!subject || !dat_is_usable(judge, &subject->birth, why))
		return NULL;
	const struct timestamp *made = made_at(&record->part);
	if (!made || !made->moment.ok || dat_compare(&subject->birth, made) <= 0)
		return &subject->birth;
	*why = judge_blocked(judge, NULL, "DAT-007");
	return NULL;
}

/* Judges every plan of a born child against its birth. */
typedef enum outcome (*plan_check)(struct judge *judge, const struct plan *plan,
				   const struct timestamp *birth);

static enum outcome judge_plans_of_child(struct judge *judge, const struct record *record,
					 plan_check check)
{
	enum outcome outcome;
	const struct timestamp *birth = birth_of(judge, record, SUBJECT_CHILD, &outcome);
	if (!birth)
		return outcome;
	outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < record_plans(record); i++)
		if (plan_subject_kind(&record->plans[i]) == SUBJECT_CHILD)
			outcome = dat_weigh(check(judge, &record->plans[i], birth), outcome);
	return outcome;
}

static enum outcome starts_after_birth(struct judge *judge, const struct plan *plan,
				       const struct timestamp *birth)
{
	enum outcome why;
	if (!dat_is_usable(judge, &plan->start, &why))
		return why;
	if (dat_compare(&plan->start, birth) >= 0)
		return HOLDS;
	return judge_fail(judge, &plan->start.value, MASK_NONE,
			  "the %s starts %s, before the child is born, %s", plan_noun(plan),
			  judge_plain(judge, plan->start.value.text),
			  judge_show(judge, MASK_BIRTH, birth->value.text));
}

enum outcome dat_plan_starts_after_birth(struct judge *judge, const struct record *record)
{
	return judge_plans_of_child(judge, record, starts_after_birth);
}

/* Of full age at a moment; unknown, so false, where the birth date is not whole. */
static bool is_of_full_age(const struct timestamp *birth, const struct timestamp *at)
{
	if (at->moment.year - birth->moment.year < FULL_AGE || !birth->moment.has_day)
		return false;
	struct moment clock = moment_by_uk_clock(&at->moment);
	return moment_years(&birth->moment, &clock) >= FULL_AGE;
}

/* An end that has come when the message was made. */
static bool has_ended(const struct plan *plan, const struct timestamp *made)
{
	return plan->end.moment.ok && dat_compare(&plan->end, made) <= 0;
}

enum outcome dat_child_is_under_18(struct judge *judge, const struct record *record)
{
	enum outcome why;
	const struct timestamp *birth = birth_of(judge, record, SUBJECT_CHILD, &why);
	const struct timestamp *made = made_at(&record->part);
	if (!birth)
		return why;
	if (!made || !made->moment.ok)
		return made ? judge_blocked(judge, &made->part, "DAT-001") : NOT_APPLICABLE;
	if (!is_of_full_age(birth, made))
		return HOLDS;
	for (size_t i = 0; i < record_plans(record); i++) {
		const struct plan *plan = &record->plans[i];
		if (plan_subject_kind(plan) != SUBJECT_CHILD || value_there(&plan->deleted.value) ||
		    has_ended(plan, made))
			continue;
		return judge_fail(
			judge, &birth->value, MASK_BIRTH,
			"birth date %s: the child was 18 or older when the message was created, "
			"%s, and its %s had not ended",
			judge_show(judge, MASK_BIRTH, birth->value.text),
			judge_plain(judge, made->value.text), plan_noun(plan));
	}
	return HOLDS;
}

/* Whether DAT-009 has the word: the child was of full age already when the message was made. */
static bool was_of_full_age(const struct plan *plan, const struct timestamp *birth)
{
	const struct timestamp *made = made_at(&plan->part);
	return made && made->moment.ok && is_of_full_age(birth, made);
}

static enum outcome ends_before_18(struct judge *judge, const struct plan *plan,
				   const struct timestamp *birth)
{
	enum outcome why;
	if (!dat_is_usable(judge, &plan->end, &why))
		return why;
	if (was_of_full_age(plan, birth))
		return NOT_APPLICABLE;
	if (!is_of_full_age(birth, &plan->end))
		return HOLDS;
	return judge_fail(judge, &plan->end.value, MASK_NONE,
			  "the %s ends %s, after the child's eighteenth birthday", plan_noun(plan),
			  judge_plain(judge, plan->end.value.text));
}

enum outcome dat_plan_ends_before_18(struct judge *judge, const struct record *record)
{
	return judge_plans_of_child(judge, record, ends_before_18);
}

static enum outcome end_has_come(struct judge *judge, const struct plan *plan,
				 const struct timestamp *birth)
{
	enum outcome why;
	const struct timestamp *made = made_at(&plan->part);
	if (!dat_is_usable(judge, &plan->end, &why))
		return why;
	/* An end beyond childhood is DAT-020's, or DAT-009's. */
	if (!made || !made->moment.ok || is_of_full_age(birth, &plan->end))
		return NOT_APPLICABLE;
	if (dat_compare(&plan->end, made) <= 0)
		return HOLDS;
	return judge_fail(
		judge, &plan->end.value, MASK_NONE,
		"the %s ends %s, after the message was created, %s: it was still in force",
		plan_noun(plan), judge_plain(judge, plan->end.value.text),
		judge_plain(judge, made->value.text));
}

enum outcome dat_plan_end_has_come(struct judge *judge, const struct record *record)
{
	return judge_plans_of_child(judge, record, end_has_come);
}

enum outcome dat_mother_is_of_age(struct judge *judge, const struct record *record)
{
	enum { YOUNGEST = 10, OLDEST = 60 };
	enum outcome why;
	const struct plan *plan = record_plan(record, PLAN_UNBORN_CHILD);
	const struct timestamp *birth = birth_of(judge, record, SUBJECT_MOTHER, &why);
	if (!plan || !birth)
		return plan ? why : NOT_APPLICABLE;
	if (!dat_is_usable(judge, &plan->start, &why))
		return why;
	int age = moment_years(&birth->moment, &plan->start.moment);
	if (age >= YOUNGEST && age <= OLDEST)
		return HOLDS;
	return judge_fail(
		judge, &birth->value, MASK_BIRTH,
		"birth date %s: the mother is %s at the start of the unborn child plan, %s",
		judge_show(judge, MASK_BIRTH, birth->value.text),
		age < YOUNGEST ? "younger than 10" : "older than 60",
		judge_plain(judge, plan->start.value.text));
}

enum outcome dat_unborn_plan_has_not_ended(struct judge *judge, const struct record *record)
{
	enum outcome why;
	const struct plan *plan = record_plan(record, PLAN_UNBORN_CHILD);
	if (!plan || !judge->now.ok || value_there(&plan->deleted.value) ||
	    !part_ancestor(&record->part, PART_UPLOAD))
		return NOT_APPLICABLE;
	if (!dat_is_usable(judge, &plan->start, &why) || !dat_is_usable(judge, &plan->end, &why))
		return why;
	if (dat_compare(&plan->end, &plan->start) < 0)
		return judge_blocked(judge, NULL, "DAT-003");
	struct moment now = moment_by_uk_clock(&judge->now);
	if (moment_compare(&plan->end.moment, &now) >= 0)
		return HOLDS;
	return judge_fail(
		judge, &plan->end.value, MASK_NONE,
		"the unborn child plan ended %s, and no plan of a child born since goes with it",
		judge_plain(judge, plan->end.value.text));
}
