/* Plans and subjects of a record: do they belong together, and with the records before? */
#include "rules/memory.h"
#include "rules/record.h"
#include "rules/upl.h"

enum outcome upl_content_id_names_template(struct judge *judge, const struct content_id *content)
{
	if (!value_there(&content->extension) || !value_there(&content->entry))
		return NOT_APPLICABLE;
	struct str entry = content->entry.text;
	const char *dot = memchr(entry.p, '.', entry.n);
	if (!dot)
		return NOT_APPLICABLE;
	size_t head = (size_t)(dot - entry.p);
	struct str id = content->extension.text;
	if (id.n == entry.n && memcmp(id.p, entry.p, head) == 0 && id.p[head] == '#' &&
	    memcmp(id.p + head + 1, dot + 1, entry.n - head - 1) == 0)
		return HOLDS;
	judge_expect(judge, "%.*s#%.*s", (int)head, entry.p, (int)(entry.n - head - 1), dot + 1);
	return judge_fail(judge, &content->extension, MASK_NONE,
			  "contentId says \"%s\", but %.*s follows", judge_plain(judge, id),
			  STR_ARG(entry));
}

static const char *template_of(enum subject_kind kind)
{
	return kind == SUBJECT_MOTHER ? "an UnbornChild subject" : "a Child subject";
}

/* Every plan and subject of the record is of a template that is known, and kept. */
static bool is_understood(const struct record *record)
{
	return record->content_count == record->plan_count + record->subject_count &&
	       record->plan_count <= MOST_PLANS && record->subject_count <= MOST_SUBJECTS;
}

enum outcome upl_plans_have_subjects(struct judge *judge, const struct record *record)
{
	if (!is_understood(record))
		return judge_blocked(judge, NULL, "SCH-001");
	enum outcome outcome = HOLDS;
	for (size_t i = 0; i < record_plans(record); i++) {
		const struct plan *plan = &record->plans[i];
		enum subject_kind kind = plan_subject_kind(plan);
		if (record_subject(record, kind))
			continue;
		outcome = judge_fail_part(judge, &plan->part,
					  "the %s goes with %s, and the record has none",
					  plan_noun(plan), template_of(kind));
	}
	return outcome;
}

static bool has_plan_for(const struct record *record, enum subject_kind kind)
{
	for (size_t i = 0; i < record_plans(record); i++)
		if (plan_subject_kind(&record->plans[i]) == kind)
			return true;
	return false;
}

enum outcome upl_subjects_have_plans(struct judge *judge, const struct record *record)
{
	if (!is_understood(record))
		return judge_blocked(judge, NULL, "SCH-001");
	/* A single subject without plan is a plan without subject: UPL-009. */
	if (record->subject_count < 2)
		return NOT_APPLICABLE;
	enum outcome outcome = HOLDS;
	for (size_t i = 0; i < record_subjects(record); i++) {
		const struct subject *subject = &record->subjects[i];
		if (has_plan_for(record, subject->part.role))
			continue;
		outcome = judge_fail_part(judge, &subject->part,
					  "the record has %s and no plan for it",
					  template_of(subject->part.role));
	}
	return outcome;
}

enum outcome upl_templates_stand_once(struct judge *judge, const struct record *record)
{
	enum outcome outcome = HOLDS;
	for (size_t i = 0; i < record_plans(record); i++) {
		const struct plan *plan = &record->plans[i];
		if (record_plan(record, plan->part.role) == plan)
			continue;
		judge_point(judge, record_plan(record, plan->part.role)->part.offset);
		outcome = judge_fail_part(judge, &plan->part, "the record has a second %s",
					  plan_noun(plan));
	}
	for (size_t i = 0; i < record_subjects(record); i++) {
		const struct subject *subject = &record->subjects[i];
		if (record_subject(record, subject->part.role) == subject)
			continue;
		judge_point(judge, record_subject(record, subject->part.role)->part.offset);
		outcome =
			judge_fail_part(judge, &subject->part, "the record has a second %s",
					subject->part.role == SUBJECT_MOTHER ? "UnbornChild subject"
									     : "Child subject");
	}
	return outcome;
}

/* The number of a subject, where it is one that somebody may have. */
static const struct identifier *number_of(const struct subject *subject)
{
	for (size_t i = 0; subject && i < subject->id_count && i < MOST_IDS; i++)
		if (subject->ids[i].is_nhs && nhs_number_is_valid(&subject->ids[i].number))
			return &subject->ids[i];
	return NULL;
}

enum outcome upl_record_is_of_one_person(struct judge *judge, const struct record *record)
{
	const struct identifier *child = number_of(record_subject(record, SUBJECT_CHILD));
	const struct identifier *mother = number_of(record_subject(record, SUBJECT_MOTHER));
	if (!child || !mother)
		return NOT_APPLICABLE;
	if (child->number.nine == mother->number.nine)
		return HOLDS;
	const struct identifier *second = child->part.offset > mother->part.offset ? child : mother;
	const struct identifier *first = second == child ? mother : child;
	judge_point(judge, first->extension.offset);
	return judge_fail(judge, &second->extension, MASK_NHS_NUMBER,
			  "the record is of two people, NHS numbers %s and %s",
			  judge_show(judge, MASK_NHS_NUMBER, first->extension.text),
			  judge_show(judge, MASK_NHS_NUMBER, second->extension.text));
}

enum outcome upl_person_has_one_birth_date(struct judge *judge, const struct record *record)
{
	const struct subject *child = record_subject(record, SUBJECT_CHILD);
	const struct subject *mother = record_subject(record, SUBJECT_MOTHER);
	const struct identifier *of_child = number_of(child), *of_mother = number_of(mother);
	if (!of_child || !of_mother || of_child->number.nine != of_mother->number.nine)
		return NOT_APPLICABLE;
	if (!child->birth.moment.ok || !mother->birth.moment.ok)
		return judge_blocked(
			judge, child->birth.moment.ok ? &mother->birth.part : &child->birth.part,
			"DAT-001");
	if (moment_compare(&child->birth.moment, &mother->birth.moment) == 0)
		return HOLDS;
	bool child_first = child->birth.part.offset < mother->birth.part.offset;
	const struct subject *second = child_first ? mother : child;
	judge_point(judge, (child_first ? child : mother)->birth.value.offset);
	return judge_fail(judge, &second->birth.value, MASK_BIRTH,
			  "NHS number %s has another birth date as %s in the same record",
			  judge_show(judge, MASK_NHS_NUMBER, of_child->extension.text),
			  child_first ? "a child" : "a mother");
}

/* What earlier records say of this one's people. */
static const struct recollections *recollect(struct judge *judge, const struct record *record)
{
	const struct recollections *all = memory_of(judge->memory, judge->bytes, record);
	static const struct recollections nothing;
	if (all)
		return all;
	judge->draft->failed = true;
	return &nothing;
}

static const char *repeated_noun(const struct record *record, unsigned repeated)
{
	for (size_t i = 0; i < record_plans(record); i++)
		if (repeated & 1u << record->plans[i].part.role)
			return plan_noun(&record->plans[i]);
	return "plan";
}

enum outcome upl_person_has_one_plan_of_a_kind(struct judge *judge, const struct record *record)
{
	const struct recollections *all = recollect(judge, record);
	enum outcome outcome = all->count ? HOLDS : NOT_APPLICABLE;
	for (size_t i = 0; i < all->count; i++) {
		const struct recollection *person = &all->people[i];
		if (!person->repeated)
			continue;
		judge_point(judge, person->earlier);
		outcome = judge_fail(
			judge, &person->number->extension, MASK_NHS_NUMBER,
			"NHS number %s has another %s in an earlier record of the file",
			judge_show(judge, MASK_NHS_NUMBER, person->number->extension.text),
			repeated_noun(record, person->repeated));
	}
	return outcome;
}

enum outcome upl_local_id_is_of_one_person(struct judge *judge, const struct record *record)
{
	const struct recollections *all = recollect(judge, record);
	enum outcome outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < all->count; i++) {
		const struct recollection *person = &all->people[i];
		if (!person->local)
			continue;
		if (!person->other_number_at) {
			outcome = outcome == FAILS ? FAILS : HOLDS;
			continue;
		}
		struct str other = { person->other_number, sizeof(person->other_number) };
		judge_point(judge, person->other_number_at);
		outcome = judge_fail(
			judge, &person->local->extension, MASK_LOCAL_ID,
			"local id %s stands for NHS number %s here and for %s in an earlier "
			"record",
			judge_show(judge, MASK_LOCAL_ID, person->local->extension.text),
			judge_show(judge, MASK_NHS_NUMBER, person->number->extension.text),
			judge_show(judge, MASK_NHS_NUMBER, other));
	}
	return outcome;
}

enum outcome upl_person_has_one_local_id(struct judge *judge, const struct record *record)
{
	const struct recollections *all = recollect(judge, record);
	enum outcome outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < all->count; i++) {
		const struct recollection *person = &all->people[i];
		if (!person->local)
			continue;
		if (!person->other_local.p) {
			outcome = outcome == FAILS ? FAILS : HOLDS;
			continue;
		}
		judge_point(judge, person->earlier);
		outcome = judge_fail(
			judge, &person->local->extension, MASK_LOCAL_ID,
			"NHS number %s has local id %s here and %s in an earlier record",
			judge_show(judge, MASK_NHS_NUMBER, person->number->extension.text),
			judge_show(judge, MASK_LOCAL_ID, person->local->extension.text),
			judge_show(judge, MASK_LOCAL_ID, person->other_local));
	}
	return outcome;
}

enum outcome upl_plan_is_not_deleted(struct judge *judge, const struct plan *plan)
{
	if (!part_ancestor(&plan->part, PART_UPLOAD))
		return NOT_APPLICABLE;
	if (!value_there(&plan->deleted.value))
		return HOLDS;
	return judge_fail(
		judge, &plan->deleted.value, MASK_NONE,
		"the %s from %s has a delete date: it asks CP-IS to remove the plan, not to end "
		"it",
		plan_noun(plan), judge_plain(judge, plan->start.value.text));
}
