/* The records of an upload: plans with their subjects, and the records before. */
#include "rules/catalogue.h"
#include "rules/judge.h"
#include "rules/earlier.h"

#include <stdlib.h>

#define UPLOAD	  "CP-IS DMS 1.0, REPC_MT000002GB01"
#define TEMPLATES "CP-IS DMS 1.0, COCT_TP146100GB01 to COCT_TP146105GB01"
#define SUBJECTS  "CP-IS DMS 1.0, COCT_TP145100GB01 and COCT_TP145101GB01"

static enum outcome content_id_names_template(struct judge *judge, const struct content_id *content)
{
	if (!value_there(&content->extension) || !value_there(&content->entry))
		return NOT_APPLICABLE;
	struct str entry = content->entry.text;
	if (content_id_is_right(content))
		return memchr(entry.p, '.', entry.n) ? HOLDS : NOT_APPLICABLE;
	size_t head = (size_t)((const char *)memchr(entry.p, '.', entry.n) - entry.p);
	judge_expect(judge, "%.*s#%.*s", (int)head, entry.p, (int)(entry.n - head - 1),
		     entry.p + head + 1);
	return judge_fail(judge, &content->extension, MASK_NONE,
			  "contentId is \"%s\", but %.*s follows",
			  judge_plain(judge, content->extension.text), STR_ARG(entry));
}

static const struct rule upl_008 = {
	.id = "UPL-008",
	.name = "content-id-names-another-template",
	.severity = CPIS_ERROR,
	.on = PART_CONTENT_ID,
	.basis = CPIS_BASIS_DMS,
	.cite = "CP-IS DMS 1.0, template constraints NPFIT-100017 to NPFIT-100037",
	.title = "contentId names a different template from the one that follows",
	.why = "Receivers that go by contentId read one kind of plan as another.",
	.fix = "Set the extension to the template id, #, and the name of its entry class.",
	.check = { .content_id = content_id_names_template },
};

static const char *template_of(enum subject_kind kind)
{
	return kind == SUBJECT_MOTHER ? "an UnbornChild subject" : "a Child subject";
}

/* Whether every plan and subject of the record has a known template. */
static bool is_understood(const struct record *record)
{
	return record->content_count == record->plan_count + record->subject_count;
}

static enum outcome plans_have_subjects(struct judge *judge, const struct record *record)
{
	if (!is_understood(record))
		return judge_blocked(judge, NULL, "SCH-001");
	enum outcome outcome = HOLDS;
	for (size_t i = 0; i < record->plan_count; i++) {
		const struct plan *plan = &record->plans[i];
		enum subject_kind kind = plan_subject_kind(plan);
		if (record_next(record, kind, NULL))
			continue;
		outcome = judge_fail_part(judge, &plan->part,
					  "the %s needs %s, but the record does not have one",
					  plan_noun(plan), template_of(kind));
	}
	return outcome;
}

static const struct rule upl_009 = {
	.id = "UPL-009",
	.name = "plan-without-its-subject",
	.severity = CPIS_ERROR,
	.on = PART_RECORD,
	.basis = CPIS_BASIS_DMS,
	.cite = TEMPLATES,
	.title = "Plan has no matching subject",
	.why = "A clinician would be alerted to the mother as if she were the child, or a child's "
	       "plan would be attached to its mother.",
	.fix = "Send looked-after and protection plans with the Child, and an unborn child plan "
	       "with the UnbornChild that carries the mother.",
	.check = { .record = plans_have_subjects },
};

static enum outcome subjects_have_plans(struct judge *judge, const struct record *record)
{
	if (!is_understood(record))
		return judge_blocked(judge, NULL, "SCH-001");
	/* A single subject without a plan leaves a plan without a subject: that is UPL-009's. What
	 * an acknowledgement returns as loaded has no plans. */
	if (record->subject_count < 2 || strcmp(record->part.element, "validCP-ISRecord") == 0)
		return NOT_APPLICABLE;
	enum outcome outcome = HOLDS;
	for (size_t i = 0; i < record->subject_count; i++) {
		const struct subject *subject = &record->subjects[i];
		if (record_has_plan_for(record, subject->part.role))
			continue;
		outcome = judge_fail_part(judge, &subject->part,
					  "the record has %s but no plan for it",
					  template_of(subject->part.role));
	}
	return outcome;
}

static const struct rule upl_018 = {
	.id = "UPL-018",
	.name = "subject-without-plan",
	.severity = CPIS_WARNING,
	.on = PART_RECORD,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = TEMPLATES,
	.title = "Subject has no plan",
	.why = "A person without a plan is sent to a register of children with plans, or a plan "
	       "was lost.",
	.fix = "Send the person's plan too, or leave the subject out.",
	.check = { .record = subjects_have_plans },
};

static enum outcome templates_are_unique(struct judge *judge, const struct record *record)
{
	enum outcome outcome = HOLDS;
	for (size_t i = 0; i < record->plan_count; i++) {
		const struct plan *plan = &record->plans[i];
		if (record_plan(record, plan->part.role) == plan)
			continue;
		judge_point(judge, record_plan(record, plan->part.role)->part.offset);
		outcome = judge_fail_part(judge, &plan->part, "the record has a second %s",
					  plan_noun(plan));
	}
	for (size_t i = 0; i < record->subject_count; i++) {
		const struct subject *subject = &record->subjects[i];
		const struct subject *first = record_next(record, subject->part.role, NULL);
		if (first == subject)
			continue;
		judge_point(judge, first->part.offset);
		outcome =
			judge_fail_part(judge, &subject->part, "the record has a second %s",
					subject->part.role == SUBJECT_MOTHER ? "UnbornChild subject"
									     : "Child subject");
	}
	return outcome;
}

static const struct rule upl_010 = {
	.id = "UPL-010",
	.name = "template-twice-in-a-record",
	.severity = CPIS_WARNING,
	.on = PART_RECORD,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = TEMPLATES,
	.title = "Record has a plan template or a subject template twice",
	.why = "The receiver has to choose between the two: a plan that has ended may be shown as "
	       "open.",
	.fix = "Send each kind of plan and of subject once in a record. Send another person in "
	       "another record.",
	.check = { .record = templates_are_unique },
};

/* The valid NHS number of a subject; NULL: it has none. */
static const struct identifier *number_of(const struct subject *subject)
{
	for (size_t i = 0; subject && i < subject->id_count; i++)
		if (subject->ids[i].is_nhs && nhs_number_is_valid(&subject->ids[i].number))
			return &subject->ids[i];
	return NULL;
}

static enum outcome record_is_of_one_person(struct judge *judge, const struct record *record)
{
	const struct identifier *child = number_of(record_next(record, SUBJECT_CHILD, NULL));
	const struct identifier *mother = number_of(record_next(record, SUBJECT_MOTHER, NULL));
	if (!child || !mother)
		return NOT_APPLICABLE;
	if (child->number.nine == mother->number.nine)
		return HOLDS;
	const struct identifier *second = child->part.offset > mother->part.offset ? child : mother;
	const struct identifier *first = second == child ? mother : child;
	judge_point(judge, first->extension.offset);
	return judge_fail(judge, &second->extension, MASK_NHS_NUMBER,
			  "the record is about two people, with NHS numbers %s and %s",
			  judge_show(judge, MASK_NHS_NUMBER, first->extension.text),
			  judge_show(judge, MASK_NHS_NUMBER, second->extension.text));
}

static const struct rule upl_019 = {
	.id = "UPL-019",
	.name = "record-of-two-people",
	.severity = CPIS_WARNING,
	.on = PART_RECORD,
	.basis = CPIS_BASIS_DMS,
	.cite = UPLOAD ", one record for each child or mother",
	.title = "Child and mother in one record have different NHS numbers",
	.why = "The receiver has to guess whose plan is whose: a child's plan may be put on its "
	       "mother.",
	.fix = "Send each person in a separate record. Send both subjects only for an expectant "
	       "mother who is herself a child with a plan.",
	.check = { .record = record_is_of_one_person },
};

/* In the order of the record. */
static enum outcome birth_dates_agree(struct judge *judge, const struct subject *first,
				      const struct subject *second)
{
	const struct identifier *one = number_of(first), *two = number_of(second);
	if (!one || !two || one->number.nine != two->number.nine)
		return NOT_APPLICABLE;
	if (!first->birth.moment.ok || !second->birth.moment.ok)
		return judge_blocked(
			judge, first->birth.moment.ok ? &second->birth.part : &first->birth.part,
			"DAT-001");
	if (moment_compare(&first->birth.moment, &second->birth.moment) == 0)
		return HOLDS;
	judge_point(judge, first->birth.value.offset);
	return judge_fail(judge, &second->birth.value, MASK_BIRTH,
			  "NHS number %s has a different birth date as %s in the same record",
			  judge_show(judge, MASK_NHS_NUMBER, one->extension.text),
			  first->part.role == SUBJECT_CHILD ? "a child" : "a mother");
}

static enum outcome person_has_one_birth_date(struct judge *judge, const struct record *record)
{
	/* The schema takes two subjects, and reports a third. */
	if (record->subject_count < 2)
		return NOT_APPLICABLE;
	return birth_dates_agree(judge, &record->subjects[0], &record->subjects[1]);
}

static const struct rule upl_020 = {
	.id = "UPL-020",
	.name = "person-with-two-birth-dates",
	.severity = CPIS_ERROR,
	.on = PART_RECORD,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = SUBJECTS,
	.title = "One NHS number has two birth dates in a record",
	.why = "One of the dates is someone else's, so the plan under it matches no one on PDS.",
	.fix = "Send the birth date that PDS has with both subjects.",
	.check = { .record = person_has_one_birth_date },
};

/* What earlier records say about the people in this one. */
static const struct earlier_people *recollect(struct judge *judge, const struct record *record)
{
	const struct earlier_people *all = earlier_of(judge->earlier, judge->bytes, record);
	static const struct earlier_people nothing;
	if (part_ancestor(&record->part, PART_RESPONSE))
		return &nothing; /* its records may be of several authorities */
	if (all)
		return all;
	judge->draft->failed = true;
	return &nothing;
}

static const char *repeated_noun(const struct record *record, unsigned repeated)
{
	for (size_t i = 0; i < record->plan_count; i++)
		if (repeated & 1u << record->plans[i].part.role)
			return plan_noun(&record->plans[i]);
	return "plan";
}

static enum outcome person_has_one_plan_of_a_kind(struct judge *judge, const struct record *record)
{
	const struct earlier_people *all = recollect(judge, record);
	enum outcome outcome = all->count ? HOLDS : NOT_APPLICABLE;
	if (all->same_at)
		return NOT_APPLICABLE; /* NHS-032 */
	for (size_t i = 0; i < all->count; i++) {
		const struct earlier_person *person = &all->people[i];
		if (!person->repeated)
			continue;
		judge_point(judge, person->seen_at);
		outcome = judge_fail(
			judge, &person->number->extension, MASK_NHS_NUMBER,
			"NHS number %s has another %s in an earlier record of the file",
			judge_show(judge, MASK_NHS_NUMBER, person->number->extension.text),
			repeated_noun(record, person->repeated));
	}
	return outcome;
}

static const struct rule upl_011 = {
	.id = "UPL-011",
	.name = "person-twice-in-a-file",
	.severity = CPIS_WARNING,
	.on = PART_RECORD,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = UPLOAD,
	.title = "NHS number has two records for the same kind of plan",
	.why = "The later record may undo the earlier one, whichever of them is right.",
	.fix = "Send the state of a child's plan once in a file.",
	.check = { .record = person_has_one_plan_of_a_kind },
};

/* A record may have two subjects, and then the second is compared with the first too. */
static const char *record_word(const struct record *record, size_t offset)
{
	return offset > record->part.offset ? "the same" : "an earlier";
}

static enum outcome local_id_is_of_one_person(struct judge *judge, const struct record *record)
{
	const struct earlier_people *all = recollect(judge, record);
	enum outcome outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < all->count; i++) {
		const struct earlier_person *person = &all->people[i];
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
			"local id %s is used for NHS number %s here and for %s in %s record",
			judge_show(judge, MASK_LOCAL_ID, person->local->extension.text),
			judge_show(judge, MASK_NHS_NUMBER, person->number->extension.text),
			judge_show(judge, MASK_NHS_NUMBER, other),
			record_word(record, person->other_number_at));
	}
	return outcome;
}

/* A local id of an inactive patient. */
struct inactive_local {
	const struct noted *id;
	struct str authority, number;	  /* the authority's code */
	const struct noted *replacements; /* the first of the number; NULL: none */
};

static int by_local(const void *a, const void *b)
{
	const struct inactive_local *one = a, *two = b;
	int order = str_order(one->id->value.text, two->id->value.text);
	if (order == 0)
		order = ods_code_order(one->authority, two->authority);
	if (order == 0)
		order = (one->id->value.offset > two->id->value.offset) -
			(one->id->value.offset < two->id->value.offset);
	return order;
}

enum { FEW = 8 }; /* replacements of one number that are looked at */

/* Whether a number is among the first few replacements of another. */
static bool is_replaced_by(const struct inactive_local *one, struct str number)
{
	const struct noted *noted = one->replacements;
	for (size_t i = 0; noted && noted->role == one->id->role && i < FEW; i++) {
		if (str_equal(noted->value.text, number))
			return true;
		noted = noted->next;
	}
	return false;
}

/* One person may have had two numbers: then one replaces the other, or one number replaces both. */
static bool is_same_person(const struct inactive_local *one, const struct inactive_local *two)
{
	if (str_equal(one->number, two->number) || is_replaced_by(one, two->number) ||
	    is_replaced_by(two, one->number))
		return true;
	const struct noted *noted = one->replacements;
	for (size_t i = 0; noted && noted->role == one->id->role && i < FEW; i++) {
		if (is_replaced_by(two, noted->value.text))
			return true;
		noted = noted->next;
	}
	return false;
}

/* The local ids in order, those that are alike side by side. NULL when out of memory. All three
 * lists are in order of the numbers. */
static const struct inactive_local *sorted_locals(struct judge *judge,
						  const struct inactive_notification *notification,
						  size_t *count)
{
	size_t place = 0, n = 0;
	const struct noted *number = notification->numbers.first,
			   *authority = notification->authorities.first,
			   *replacement = notification->replacements.first;
	struct inactive_local *locals =
		arena_alloc(&judge->draft->arena, notification->locals.count * sizeof(*locals));
	for (const struct noted *id = notification->locals.first; locals && id && authority;
	     id = id->next, authority = authority->next) {
		for (place = place ? place : 1; place < id->role; place++)
			number = number->next;
		while (replacement && replacement->role < id->role)
			replacement = replacement->next;
		locals[n++] =
			(struct inactive_local){ id, ods_code_of_authority(authority->value.text),
						 number->value.text, replacement };
	}
	if (locals)
		qsort(locals, n, sizeof(*locals), by_local);
	*count = n;
	return locals;
}

static enum outcome inactive_local_ids_are_of_one_person(
	struct judge *judge, const struct inactive_notification *notification)
{
	if (notification->locals.count < 2)
		return NOT_APPLICABLE;
	size_t count;
	const struct inactive_local *locals = sorted_locals(judge, notification, &count);
	if (!locals)
		return BLOCKED;
	enum outcome outcome = HOLDS;
	for (size_t i = 1; i < count; i++) {
		const struct inactive_local *one = &locals[i - 1], *two = &locals[i];
		if (!str_equal(one->id->value.text, two->id->value.text) ||
		    !ods_code_same(one->authority, two->authority) || is_same_person(one, two))
			continue;
		judge_point(judge, one->id->value.offset);
		outcome = judge_fail(
			judge, &two->id->value, MASK_LOCAL_ID,
			"local id %s is given for the inactive NHS number %s here, and for %s "
			"earlier",
			judge_show(judge, MASK_LOCAL_ID, two->id->value.text),
			judge_show(judge, MASK_NHS_NUMBER, two->number),
			judge_show(judge, MASK_NHS_NUMBER, one->number));
	}
	return outcome;
}

static const struct rule upl_012 = {
	.id = "UPL-012",
	.name = "local-id-of-two-people",
	.severity = CPIS_WARNING,
	.on = PART_RECORD,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = SUBJECTS,
	.title = "Local id is used for two NHS numbers",
	.why = "One of the two children is taken for the other: an alert about one goes to the "
	       "other's case.",
	.fix = "Check both records in your own system and on PDS. A local id is for one person.",
	.check = { .record = local_id_is_of_one_person },
	.also = ALSO({ PART_INACTIVE_NOTIFICATION,
		       { .inactive_notification = inactive_local_ids_are_of_one_person } }),
};

static enum outcome person_has_one_local_id(struct judge *judge, const struct record *record)
{
	const struct earlier_people *all = recollect(judge, record);
	enum outcome outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < all->count; i++) {
		const struct earlier_person *person = &all->people[i];
		if (!person->local)
			continue;
		if (!person->other_local.p) {
			outcome = outcome == FAILS ? FAILS : HOLDS;
			continue;
		}
		judge_point(judge, person->seen_at);
		outcome = judge_fail(
			judge, &person->local->extension, MASK_LOCAL_ID,
			"NHS number %s has local id %s here and %s in %s record",
			judge_show(judge, MASK_NHS_NUMBER, person->number->extension.text),
			judge_show(judge, MASK_LOCAL_ID, person->local->extension.text),
			judge_show(judge, MASK_LOCAL_ID, person->other_local),
			record_word(record, person->seen_at));
	}
	return outcome;
}

static const struct rule upl_017 = {
	.id = "UPL-017",
	.name = "person-with-two-local-ids",
	.severity = CPIS_WARNING,
	.on = PART_RECORD,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = SUBJECTS,
	.title = "NHS number has two local ids",
	.why = "The child has two cases in the sending system, or one of the numbers is another "
	       "child's.",
	.fix = "Check both records in your own system and on PDS. Merge the cases if they are the "
	       "same child's.",
	.check = { .record = person_has_one_local_id },
};

static enum outcome plan_is_not_deleted(struct judge *judge, const struct plan *plan)
{
	if (!part_ancestor(&plan->part, PART_UPLOAD))
		return NOT_APPLICABLE;
	if (!value_there(&plan->deleted.value))
		return HOLDS;
	return judge_fail(judge, &plan->deleted.value, MASK_TIME,
			  "the %s that started on %s has a delete date: this asks CP-IS to remove "
			  "the plan, not to end it",
			  plan_noun(plan), judge_time(judge, plan->start.value.text));
}

static const struct rule upl_016 = {
	.id = "UPL-016",
	.name = "plan-is-deleted",
	.severity = CPIS_INFO,
	.on = PART_PLAN,
	.basis = CPIS_BASIS_DMS,
	.cite = "CP-IS DMS 1.0, COCT_TP146100GB01 to COCT_TP146102GB01, component2",
	.title = "Plan has a delete date",
	.why = "No one is alerted to the plan any more: right for a plan sent in error, wrong for "
	       "one that ended.",
	.fix = "Do nothing if the plan was sent in error. Otherwise send its end date and leave "
	       "the delete date out.",
	.check = { .plan = plan_is_not_deleted },
};

static enum outcome plan_is_still_shown(struct judge *judge, const struct plan *plan)
{
	const struct part *upload = part_ancestor(&plan->part, PART_UPLOAD);
	if (!upload || !plan->end_count || plan->delete_count)
		return NOT_APPLICABLE;
	const struct timestamp *created = made_at(upload), *end = &plan->end;
	if (!created->moment.ok || !end->moment.ok)
		return judge_blocked(judge, created->moment.ok ? &end->part : &created->part,
				     "DAT-001");
	if (plan->start.moment.ok && moment_is_before_in_uk(&end->moment, &plan->start.moment))
		return judge_blocked(judge, NULL, "DAT-003");
	if (created->moment.seconds - end->moment.seconds <= YEAR_SECONDS)
		return HOLDS;
	return judge_fail(judge, &end->value, MASK_TIME,
			  "the %s ended on %s, more than 365 days before the file was created (%s)",
			  plan_noun(plan), judge_time(judge, end->value.text),
			  judge_time(judge, created->value.text));
}

static const struct rule upl_030 = {
	.id = "UPL-030",
	.name = "plan-ended-over-a-year-ago",
	.severity = CPIS_WARNING,
	.on = PART_PLAN,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = "Guidance for local authorities: plans of the last 12 months are shown",
	.title = "Plan ended more than 365 days ago, and has no delete date",
	.why = "CP-IS shows the plans of the last 12 months: the record is refused each time it is "
	       "sent, until it has a delete date.",
	.fix = "Send no plan that ended more than a year ago. If CP-IS still has it, send it once "
	       "with its delete date.",
	.check = { .plan = plan_is_still_shown },
};

const struct rule *const upl_record_rules[] = {
	&upl_008, &upl_009, &upl_010, &upl_011, &upl_012, &upl_016,
	&upl_017, &upl_018, &upl_019, &upl_020, &upl_030, NULL,
};
