/* Dates and times: real ones, in an order that can be. */
#include "rules/chapters.h"
#include "rules/judge.h"

#define PLAN_TEMPLATES "CP-IS DMS 1.0, COCT_TP146100GB01 to COCT_TP146105GB01"

static const char *time_noun(const struct timestamp *time)
{
	static const char *const nouns[] = {
		[TIME_CREATED] = "creation time",     [TIME_EFFECTIVE] = "effective time",
		[TIME_BIRTH] = "birth date",          [TIME_PLAN_START] = "plan start",
		[TIME_PLAN_END] = "plan end",         [TIME_PLAN_DELETE] = "plan delete date",
	};
	unsigned role = time->part.role;
	return role < sizeof(nouns) / sizeof(nouns[0]) && nouns[role] ? nouns[role] : "time";
}

static enum mask_kind time_mask(const struct timestamp *time)
{
	return time->part.role == TIME_BIRTH ? MASK_BIRTH : MASK_NONE;
}

static const char *time_show(struct judge *judge, const struct timestamp *time)
{
	return judge_show(judge, time_mask(time), time->value.text);
}

static enum outcome is_a_real_time(struct judge *judge, const struct timestamp *time)
{
	if (!value_there(&time->value))
		return NOT_APPLICABLE;
	if (time->moment.ok)
		return HOLDS;
	char words[96];
	const char *reason = moment_fault_words(&time->moment, words, sizeof(words));
	if (time_mask(time) != MASK_NONE && !judge->options->show_values)
		reason = "there is no such day or time";
	return judge_fail(judge, &time->value, time_mask(time), "%s %s is not a real time: %s",
			  time_noun(time), time_show(judge, time), reason);
}

static enum outcome hours_carry_a_zone(struct judge *judge, const struct timestamp *time)
{
	bool wants_zone = time->part.role == TIME_CREATED || time->part.role == TIME_EFFECTIVE;
	if (!wants_zone || !time->moment.ok || !time->moment.has_hours)
		return NOT_APPLICABLE;
	if (time->moment.has_offset)
		return HOLDS;
	judge_expect(judge, "a zone offset such as +0000 or +0100");
	return judge_fail(judge, &time->value, MASK_NONE,
			  "%s %s has hours and no zone offset: +0000 in winter or +0100 in summer is "
			  "expected behind it",
			  time_noun(time), time_show(judge, time));
}

static bool both_real(const struct timestamp *a, const struct timestamp *b)
{
	return a->moment.ok && b->moment.ok;
}

/* A date of a plan that stands but cannot be read is a finding of its own already. */
static bool unreadable(const struct timestamp *time)
{
	return value_there(&time->value) && !time->moment.ok;
}

static enum outcome plan_ends_after_it_starts(struct judge *judge, const struct plan *plan)
{
	if (unreadable(&plan->start) || unreadable(&plan->end))
		return BLOCKED;
	if (!both_real(&plan->start, &plan->end))
		return NOT_APPLICABLE;
	if (moment_compare(&plan->end.moment, &plan->start.moment) >= 0)
		return HOLDS;
	judge_expect(judge, "not before %s", judge_plain(judge, plan->start.value.text));
	return judge_fail(judge, &plan->end.value, MASK_NONE, "plan end %s is before its start %s",
			  judge_plain(judge, plan->end.value.text),
			  judge_plain(judge, plan->start.value.text));
}

/* When the message around a part was made; NULL: it does not say. */
static const struct timestamp *made_at(const struct part *part)
{
	const struct part *upload = part_ancestor(part, PART_UPLOAD);
	if (upload)
		return &((const struct upload *)(const void *)upload)->created;
	const struct part *acknowledgement = part_ancestor(part, PART_ACKNOWLEDGEMENT);
	if (acknowledgement)
		return &((const struct acknowledgement *)(const void *)acknowledgement)->created;
	const struct part *response = part_ancestor(part, PART_RESPONSE);
	if (response)
		return &((const struct response *)(const void *)response)->effective;
	return NULL;
}

static enum outcome is_born_before_message(struct judge *judge, const struct subject *subject)
{
	const struct timestamp *made = made_at(&subject->part);
	if (!made || !both_real(made, &subject->birth))
		return NOT_APPLICABLE;
	if (moment_compare(&subject->birth.moment, &made->moment) <= 0)
		return HOLDS;
	judge_expect(judge, "not after %s", judge_plain(judge, made->value.text));
	return judge_fail(judge, &subject->birth.value, MASK_BIRTH,
			  "birth date %s is after the message was created, %s",
			  judge_show(judge, MASK_BIRTH, subject->birth.value.text),
			  judge_plain(judge, made->value.text));
}

const struct rule dat_rules[] = {
	{
		.id = "DAT-001", .name = "time-that-does-not-exist", .severity = CPIS_ERROR,
		.on = PART_TIMESTAMP, .basis = CPIS_BASIS_DMS, .cite = "CP-IS DMS 1.0, datatype TS",
		.title = "Date or time does not exist",
		.why = "Receivers refuse it, or each makes another day of it.",
		.fix = "Send the real date and time; check how your system computes it.",
		.check = { .timestamp = is_a_real_time },
	},
	{
		.id = "DAT-002", .name = "time-without-zone", .severity = CPIS_ERROR,
		.on = PART_TIMESTAMP, .basis = CPIS_BASIS_DMS,
		.cite = "CP-IS DMS 1.0, creationTime and effectiveTime of every message",
		.title = "Time with hours has no zone offset",
		.why = "In summer the time is read one hour off, so the order of messages is lost.",
		.fix = "Add the offset from UTC: +0000 in winter, +0100 in British Summer Time.",
		.check = { .timestamp = hours_carry_a_zone },
	},
	{
		.id = "DAT-003", .name = "plan-ends-before-it-starts", .severity = CPIS_ERROR,
		.on = PART_PLAN, .basis = CPIS_BASIS_CONTRADICTION, .cite = PLAN_TEMPLATES,
		.title = "Plan end date is before its start date",
		.why = "The plan would never have been in force, so nobody would be alerted to it.",
		.fix = "Send the date the plan ended, or leave the end date out while the plan is open.",
		.check = { .plan = plan_ends_after_it_starts },
	},
	{
		.id = "DAT-007", .name = "born-after-the-message", .severity = CPIS_ERROR,
		.on = PART_SUBJECT, .basis = CPIS_BASIS_CONTRADICTION,
		.cite = "CP-IS DMS 1.0, COCT_TP145100GB01 and COCT_TP145101GB01",
		.title = "Birth date is after the message was created",
		.why = "The person cannot be matched on PDS: the record is refused or attached to nobody.",
		.fix = "Send the birth date that PDS holds; an unborn child's plan goes under its mother.",
		.check = { .subject = is_born_before_message },
	},
};
const size_t dat_rule_count = sizeof(dat_rules) / sizeof(dat_rules[0]);
