/* One person in several records of an upload or a response. */
#include "rules/catalogue.h"
#include "rules/earlier.h"
#include "rules/judge.h"

#define SUBJECTS "CP-IS DMS 1.0, COCT_TP145100GB01 and COCT_TP145101GB01"

/* NULL: there is nothing to compare, or no memory. */
static const struct earlier_people *recollect(struct judge *judge, const struct record *record)
{
	const struct earlier_people *all = earlier_of(judge->earlier, judge->bytes, record);
	if (!all)
		judge->draft->failed = true;
	return all && all->count ? all : NULL;
}

/* Two subjects in one record are compared by UPL-020. */
static bool is_of_an_earlier_record(const struct earlier_person *person,
				    const struct record *record)
{
	return person->seen_at && person->seen_at < record->part.offset;
}

static enum outcome birth_date_is_the_same(struct judge *judge, const struct record *record)
{
	const struct earlier_people *all = recollect(judge, record);
	if (!all)
		return NOT_APPLICABLE;
	enum outcome outcome = HOLDS;
	for (size_t i = 0; i < all->count; i++) {
		const struct earlier_person *person = &all->people[i];
		if (!person->other_birth || !is_of_an_earlier_record(person, record))
			continue;
		judge_point(judge, person->seen_at);
		outcome = judge_fail(
			judge, &person->subject->birth.value, MASK_BIRTH,
			"NHS number %s has another birth date in an earlier record",
			judge_show(judge, MASK_NHS_NUMBER, person->number->extension.text));
	}
	return outcome;
}

static const struct rule nhs_030 = {
	.id = "NHS-030",
	.name = "records-of-one-number-with-two-birth-dates",
	.severity = CPIS_ERROR,
	.on = PART_RECORD,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = SUBJECTS ", birthTime",
	.title = "One NHS number has two birth dates in two records",
	.why = "One of the records is about another child: a plan is shown for the wrong one.",
	.fix = "Check whose record each is, and send the birth date that PDS has with all of them.",
	.check = { .record = birth_date_is_the_same },
};

static enum outcome name_is_the_same(struct judge *judge, const struct record *record)
{
	const struct earlier_people *all = recollect(judge, record);
	if (!all)
		return NOT_APPLICABLE;
	enum outcome outcome = HOLDS;
	for (size_t i = 0; i < all->count; i++) {
		const struct earlier_person *person = &all->people[i];
		if (!person->other_name || person->other_birth ||
		    !is_of_an_earlier_record(person, record))
			continue;
		judge_point(judge, person->seen_at);
		outcome = judge_fail(
			judge, &person->subject->family, MASK_NAME,
			"NHS number %s has another name in an earlier record",
			judge_show(judge, MASK_NHS_NUMBER, person->number->extension.text));
	}
	return outcome;
}

static const struct rule nhs_031 = {
	.id = "NHS-031",
	.name = "records-of-one-number-with-two-names",
	.severity = CPIS_WARNING,
	.on = PART_RECORD,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = SUBJECTS ", name",
	.title = "One NHS number has two names in two records",
	.why = "Either the child has been given another name in one system, or one of the records "
	       "is about another child.",
	.fix = "Check whose record each is, and send the name that PDS has with all of them.",
	.check = { .record = name_is_the_same },
};

const struct rule *const people_rules[] = {
	&nhs_030,
	&nhs_031,
	NULL,
};
