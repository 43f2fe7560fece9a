/* Dates and times: that they exist, that their order is possible, that they fit the clock and a
 * life. No message gives an age or a birthday that is not masked, but for the first of January. */
#include "rules/catalogue.h"
#include "rules/judge.h"

#define MESSAGES "CP-IS DMS 1.0, creationTime and effectiveTime of every message"
#define SUBJECTS "CP-IS DMS 1.0, COCT_TP145100GB01 and COCT_TP145101GB01"
#define PLANS	 "CP-IS DMS 1.0, COCT_TP146100GB01 to COCT_TP146105GB01"
#define UNBORN	 "CP-IS DMS 1.0, COCT_TP146102GB01"
#define ENDS	 "CP-IS ends a record on the 18th birthday that PDS has"

static const char *time_noun(const struct timestamp *time)
{
	static const char *const nouns[] = {
		[TIME_CREATED] = "creation time", [TIME_EFFECTIVE] = "effective time",
		[TIME_BIRTH] = "birth date",	  [TIME_PLAN_START] = "plan start",
		[TIME_PLAN_END] = "plan end",	  [TIME_PLAN_DELETE] = "plan delete date",
		[TIME_VALID] = "time of a name",
	};
	unsigned role = time->part.role;
	return role < sizeof(nouns) / sizeof(nouns[0]) && nouns[role] ? nouns[role] : "time";
}

static enum mask_kind time_mask(const struct timestamp *time)
{
	return time->part.role == TIME_BIRTH ? MASK_BIRTH : MASK_TIME;
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
	if (time_mask(time) != MASK_TIME && !judge->options->show_values)
		reason = "no such day or time exists";
	return judge_fail(judge, &time->value, time_mask(time), "%s %s is not a real time: %s",
			  time_noun(time), time_show(judge, time), reason);
}

static const struct rule dat_001 = {
	.id = "DAT-001",
	.name = "time-that-does-not-exist",
	.severity = CPIS_ERROR,
	.on = PART_TIMESTAMP,
	.basis = CPIS_BASIS_DMS,
	.cite = "CP-IS DMS 1.0, datatype TS",
	.title = "Date or time does not exist",
	.why = "Receivers refuse it, or each reads it as a different day.",
	.fix = "Send the real date and time, and check how your system calculates it.",
	.check = { .timestamp = is_a_real_time },
};

/*
 * Of Spine's own replies and notifications, which send these times in 14 digits: the creation time
 * of a reply or of what it carries, and the times of the accesses that are listed.
 */
static bool is_written_by_spine(const struct timestamp *time)
{
	const struct part *around = time->part.parent;
	if (!around)
		return false;
	if (around->kind == PART_WRAPPER)
		return strcmp(around->element, "QUPC_IN000006GB01") != 0;
	if (around->kind == PART_QUERY)
		return around->role == QUERY_LISTED;
	bool sent = around->kind == PART_ACKNOWLEDGEMENT ||
		    around->kind == PART_ACCESS_NOTIFICATION ||
		    around->kind == PART_INACTIVE_NOTIFICATION;
	return sent && part_ancestor(around, PART_WRAPPER);
}

static enum outcome hours_have_an_offset(struct judge *judge, const struct timestamp *time)
{
	if (!time->moment.ok || !time->moment.has_hours)
		return NOT_APPLICABLE;
	if (time->moment.has_offset)
		return HOLDS;
	if (is_written_by_spine(time))
		judge_severity(judge, CPIS_INFO);
	judge_expect(judge, "a UTC offset such as +0000 or +0100");
	return judge_fail(
		judge, &time->value, MASK_TIME,
		"%s %s has no UTC offset; it should end with +0000 in winter or +0100 in summer",
		time_noun(time), time_show(judge, time));
}

static const struct rule dat_002 = {
	.id = "DAT-002",
	.name = "time-without-utc-offset",
	.severity = CPIS_ERROR,
	.on = PART_TIMESTAMP,
	.sorts = TIMES_OF_MESSAGE,
	.basis = CPIS_BASIS_DMS,
	.cite = MESSAGES,
	.title = "Time has no UTC offset",
	.why = "In summer the time is read one hour out, so messages are put in the wrong order.",
	.fix = "Add the UTC offset: +0000 in winter, +0100 in British Summer Time.",
	.check = { .timestamp = hours_have_an_offset },
};

static enum outcome offset_has_four_digits(struct judge *judge, const struct timestamp *time)
{
	if (!time->moment.ok || !time->moment.has_offset)
		return NOT_APPLICABLE;
	if (!time->moment.offset_is_short)
		return HOLDS;
	judge_expect(judge, "a sign and four digits, such as +0100");
	return judge_fail(judge, &time->value, MASK_TIME,
			  "the UTC offset of the %s %s has fewer than four digits", time_noun(time),
			  time_show(judge, time));
}

static const struct rule dat_013 = {
	.id = "DAT-013",
	.name = "utc-offset-is-short",
	.severity = CPIS_WARNING,
	.on = PART_TIMESTAMP,
	.sorts = TIMES_OF_MESSAGE,
	.basis = CPIS_BASIS_DMS,
	.cite = MESSAGES,
	.title = "UTC offset has fewer than four digits",
	.why = "Some receivers read +100 as one hour, others as ten.",
	.fix = "Send the offset as a sign, two digits for hours and two for minutes.",
	.check = { .timestamp = offset_has_four_digits },
};

static enum outcome offset_is_used_in_uk(struct judge *judge, const struct timestamp *time)
{
	const struct moment *moment = &time->moment;
	if (!moment->ok || !moment->has_offset || moment->offset_is_short)
		return NOT_APPLICABLE;
	bool winter = moment->has_hours && !moment_in_british_summer(moment->seconds);
	if (moment->offset_minutes == 0 || (moment->offset_minutes == 60 && !winter))
		return HOLDS;
	judge_expect(judge, winter ? "+0000" : "+0000 or +0100");
	if (moment->offset_minutes == 60)
		return judge_fail(
			judge, &time->value, MASK_TIME,
			"%s %s has the UTC offset of summer, but the UK keeps winter time "
			"then",
			time_noun(time), time_show(judge, time));
	return judge_fail(judge, &time->value, MASK_TIME,
			  "%s %s has a UTC offset that is not used in the UK", time_noun(time),
			  time_show(judge, time));
}

static const struct rule dat_019 = {
	.id = "DAT-019",
	.name = "utc-offset-not-used-in-uk",
	.severity = CPIS_WARNING,
	.on = PART_TIMESTAMP,
	.sorts = TIMES_OF_MESSAGE,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = MESSAGES,
	.title = "UTC offset is not used in the UK",
	.why = "The sending system's clock or time zone is wrong, so every time it sends is hours "
	       "out.",
	.fix = "Set the sending system's time zone to Europe/London, or send UTC with +0000.",
	.check = { .timestamp = offset_is_used_in_uk },
};

static enum outcome time_has_hours(struct judge *judge, const struct timestamp *time)
{
	if (!time->moment.ok)
		return NOT_APPLICABLE;
	if (time->moment.has_hours)
		return HOLDS;
	judge_expect(judge, "CCYYMMDDhhmmss and a UTC offset");
	return judge_fail(judge, &time->value, MASK_TIME, "%s %s has no time of day",
			  time_noun(time), time_show(judge, time));
}

static const struct rule dat_018 = {
	.id = "DAT-018",
	.name = "message-time-without-hours",
	.severity = CPIS_INFO,
	.on = PART_TIMESTAMP,
	.sorts = TIMES_OF_MESSAGE,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = MESSAGES,
	.title = "Creation or effective time has no time of day",
	.why = "Two messages of the same day cannot be put in order, and accesses to the child's "
	       "record cannot be told apart.",
	.fix = "Send the date, the time of day and the UTC offset.",
	.check = { .timestamp = time_has_hours },
};

enum { CLOCK_DIFFERENCE = 5 * 60, FIRST_YEAR = 2012 };

/* The time of an access is that of another message: the query. */
static void fix_if_listed(struct judge *judge, const struct timestamp *time)
{
	const struct part *query = part_ancestor(&time->part, PART_QUERY);
	if (query && query->role == QUERY_LISTED)
		judge_fix(judge, "Send the time at which the query was made. If that is what this "
				 "is, set the clock of the system that asked.");
}

static enum outcome is_not_in_the_future(struct judge *judge, const struct timestamp *time)
{
	const struct moment *moment = &time->moment, *now = &judge->now;
	if (!moment->ok)
		return NOT_APPLICABLE;
	if (moment->seconds == 0 && answers_upload(&time->part)) {
		judge_severity(judge, CPIS_INFO);
		judge_fix(judge, SPINES_DEFAULT);
	}
	if (moment->year < FIRST_YEAR) {
		fix_if_listed(judge, time);
		return judge_fail(judge, &time->value, MASK_TIME,
				  "%s %s is before %d, when CP-IS did not exist", time_noun(time),
				  time_show(judge, time), FIRST_YEAR);
	}
	/* Without an offset it may be by a clock that is an hour ahead of UTC. */
	long long ahead = CLOCK_DIFFERENCE + (moment->has_offset ? 0 : 3600);
	if (!now->ok || moment->seconds <= now->seconds + ahead)
		return now->ok ? HOLDS : NOT_APPLICABLE;
	fix_if_listed(judge, time);
	judge_expect(judge, "not after %04d-%02d-%02d %02d:%02d UTC", now->year, now->month,
		     now->day, now->hour, now->minute);
	return judge_fail(judge, &time->value, MASK_TIME,
			  "%s %s is in the future: it is now %04d-%02d-%02d %02d:%02d UTC",
			  time_noun(time), time_show(judge, time), now->year, now->month, now->day,
			  now->hour, now->minute);
}

static const struct rule dat_006 = {
	.id = "DAT-006",
	.name = "message-time-is-not-now",
	.severity = CPIS_WARNING,
	.on = PART_TIMESTAMP,
	.sorts = TIMES_OF_MESSAGE,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = MESSAGES,
	.title = "Creation or effective time is in the future, or before 2012",
	.why = "The sending system's clock is wrong, so messages are put in the wrong order and a "
	       "later plan may be taken for an earlier one.",
	.fix = "Set the sending system's clock, and send the time at which the message is created.",
	.check = { .timestamp = is_not_in_the_future },
};

static enum outcome birth_is_a_whole_date(struct judge *judge, const struct timestamp *time)
{
	if (!time->moment.ok)
		return NOT_APPLICABLE;
	if (time->moment.has_day)
		return HOLDS;
	judge_expect(judge, "CCYYMMDD");
	return judge_fail(judge, &time->value, MASK_BIRTH,
			  "birth date %s is only %s; it should be a full date of 8 digits",
			  time_show(judge, time),
			  time->moment.has_month ? "a year and month" : "a year");
}

static const struct rule dat_011 = {
	.id = "DAT-011",
	.name = "birth-date-is-incomplete",
	.severity = CPIS_WARNING,
	.on = PART_TIMESTAMP,
	.sorts = 1u << TIME_BIRTH,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = SUBJECTS,
	.title = "Birth date is only a year, or a year and month",
	.why = "PDS matches on the full date, so the record is likely to be refused as not "
	       "matched.",
	.fix = "Send the birth date that PDS has, as CCYYMMDD.",
	.check = { .timestamp = birth_is_a_whole_date },
};

static enum outcome birth_has_no_hours(struct judge *judge, const struct timestamp *time)
{
	if (!time->moment.ok || !time->moment.has_day)
		return NOT_APPLICABLE;
	if (!time->moment.has_hours)
		return HOLDS;
	judge_expect(judge, "CCYYMMDD");
	return judge_fail(judge, &time->value, MASK_BIRTH,
			  "birth date %s has a time of day after its 8 digits",
			  time_show(judge, time));
}

static const struct rule dat_017 = {
	.id = "DAT-017",
	.name = "birth-date-with-time-of-day",
	.severity = CPIS_WARNING,
	.on = PART_TIMESTAMP,
	.sorts = 1u << TIME_BIRTH,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = SUBJECTS,
	.title = "Birth date has a time of day",
	.why = "Birth dates are matched as dates: midnight in summer becomes the day before when a "
	       "receiver converts it to UTC.",
	.fix = "Send only the eight digits of the date.",
	.check = { .timestamp = birth_has_no_hours },
};

static enum outcome date_is_on_the_clock(struct judge *judge, const struct timestamp *time)
{
	if (!time->moment.ok)
		return NOT_APPLICABLE;
	if (!moment_is_skipped_in_uk(&time->moment))
		return HOLDS;
	return judge_fail(judge, &time->value, MASK_NONE,
			  "%s %s does not exist: clocks in the UK went from 01:00 to 02:00 that "
			  "night",
			  time_noun(time), time_show(judge, time));
}

static const struct rule dat_022 = {
	.id = "DAT-022",
	.name = "plan-date-in-the-hour-that-is-skipped",
	.severity = CPIS_WARNING,
	.on = PART_TIMESTAMP,
	.sorts = DATES_OF_PLAN,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = PLANS "; Summer Time Act 1972",
	.title = "Plan date is in the hour that the clock skips in March",
	.why = "Plan dates are in UK time: receivers read this one as an hour earlier or later, "
	       "and the sending system may convert others wrongly as well.",
	.fix = "Send the time that clocks in the UK show, and check how your system converts it.",
	.check = { .timestamp = date_is_on_the_clock },
};

static enum outcome birth_is_known(struct judge *judge, const struct timestamp *time)
{
	if (!time->moment.ok || !time->moment.has_day)
		return NOT_APPLICABLE;
	if (time->moment.month != 1 || time->moment.day != 1)
		return HOLDS;
	return judge_fail(judge, &time->value, MASK_BIRTH,
			  "birth date %s is a 1 January, as is often typed when only the year is "
			  "known",
			  time_show(judge, time));
}

static const struct rule dat_023 = {
	.id = "DAT-023",
	.name = "birth-date-of-first-january",
	.severity = CPIS_INFO,
	.on = PART_TIMESTAMP,
	.sorts = 1u << TIME_BIRTH,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = SUBJECTS ", birthTime",
	.title = "Birth date is 1 January",
	.why = "PDS matches on the full date: a guessed one is refused as not matched.",
	.fix = "Compare the date with PDS. If the person was born on 1 January, do nothing.",
	.check = { .timestamp = birth_is_known },
};

static bool is_usable(struct judge *judge, const struct timestamp *time, enum outcome *why)
{
	if (time->moment.ok && !time->part.broken)
		return true;
	*why = time->part.broken || value_there(&time->value)
		       ? judge_blocked(judge, &time->part, "DAT-001")
		       : NOT_APPLICABLE;
	return false;
}

static int compare(const struct timestamp *a, const struct timestamp *b)
{
	return moment_compare_in_uk(&a->moment, &b->moment);
}

/* Without doubt: of two times in an hour that comes twice, either may be the earlier one. */
static bool is_before(const struct timestamp *a, const struct timestamp *b)
{
	return moment_is_before_in_uk(&a->moment, &b->moment);
}

static enum outcome worse(enum outcome a, enum outcome b)
{
	static const int ranks[] = {
		[FAILS] = 3, [HOLDS] = 2, [BLOCKED] = 1, [NOT_APPLICABLE] = 0
	};
	return ranks[a] >= ranks[b] ? a : b;
}

static enum outcome plan_ends_after_it_starts(struct judge *judge, const struct plan *plan)
{
	enum outcome why;
	if (!is_usable(judge, &plan->end, &why) || !is_usable(judge, &plan->start, &why))
		return why;
	if (!is_before(&plan->end, &plan->start))
		return HOLDS;
	judge_expect(judge, "not before %s", judge_time(judge, plan->start.value.text));
	if (plan->part.role == PLAN_UNBORN_CHILD)
		judge_fix(judge, "Send the right start and end dates. An unborn child plan must "
				 "have an end date.");
	return judge_fail(judge, &plan->end.value, MASK_TIME, "plan end %s is before its start %s",
			  judge_time(judge, plan->end.value.text),
			  judge_time(judge, plan->start.value.text));
}

static const struct rule dat_003 = {
	.id = "DAT-003",
	.name = "plan-ends-before-it-starts",
	.severity = CPIS_ERROR,
	.on = PART_PLAN,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = PLANS,
	.title = "Plan end date is before its start date",
	.why = "The plan would never have been in force, so no one would be alerted to it.",
	.fix = "Send the date the plan ended, or leave the end date out while the plan is open.",
	.check = { .plan = plan_ends_after_it_starts },
};

static enum outcome plan_has_a_length(struct judge *judge, const struct plan *plan)
{
	enum outcome why;
	if (!is_usable(judge, &plan->end, &why) || !is_usable(judge, &plan->start, &why))
		return why;
	/* A plan that is to be removed may have any dates. */
	if (!plan->end.moment.has_hours || !plan->start.moment.has_hours ||
	    value_there(&plan->deleted.value))
		return NOT_APPLICABLE;
	if (compare(&plan->end, &plan->start) != 0)
		return HOLDS;
	return judge_fail(judge, &plan->end.value, MASK_NONE,
			  "the %s ends at the moment at which it starts, %s", plan_noun(plan),
			  judge_plain(judge, plan->end.value.text));
}

static const struct rule dat_021 = {
	.id = "DAT-021",
	.name = "plan-ends-when-it-starts",
	.severity = CPIS_WARNING,
	.on = PART_PLAN,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = PLANS,
	.title = "Plan ends at the moment at which it starts",
	.why = "The plan has never been in force, so no one is alerted to it: the start may have "
	       "been copied to the end of an open plan.",
	.fix = "Send the date the plan ended. Leave the end date of a child's open plan out; for "
	       "an unborn child plan, send the latest date by which it ends.",
	.check = { .plan = plan_has_a_length },
};

static enum outcome plan_is_deleted_after_it_starts(struct judge *judge, const struct plan *plan)
{
	enum outcome why;
	if (!is_usable(judge, &plan->deleted, &why) || !is_usable(judge, &plan->start, &why))
		return why;
	if (!is_before(&plan->deleted, &plan->start))
		return HOLDS;
	judge_expect(judge, "not before %s", judge_time(judge, plan->start.value.text));
	return judge_fail(judge, &plan->deleted.value, MASK_TIME,
			  "plan delete date %s is before the plan start %s",
			  judge_time(judge, plan->deleted.value.text),
			  judge_time(judge, plan->start.value.text));
}

static const struct rule dat_004 = {
	.id = "DAT-004",
	.name = "plan-deleted-before-it-starts",
	.severity = CPIS_WARNING,
	.on = PART_PLAN,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = PLANS,
	.title = "Plan delete date is before its start date",
	.why = "A plan cannot be deleted before it starts: one of the dates belongs to another "
	       "plan, and the wrong plan may be removed.",
	.fix = "As the delete date, send the date the plan was found to be wrong.",
	.check = { .plan = plan_is_deleted_after_it_starts },
};

/* A date of a plan that should not be after its message was created. */
static enum outcome has_come(struct judge *judge, const struct timestamp *date, const char *noun)
{
	enum outcome why;
	if (!is_usable(judge, date, &why))
		return why;
	const struct timestamp *made = made_at(&date->part);
	if (!made)
		return NOT_APPLICABLE;
	if (!is_usable(judge, made, &why))
		return why;
	if (!is_before(made, date))
		return HOLDS;
	judge_expect(judge, "not after %s", judge_time(judge, made->value.text));
	return judge_fail(judge, &date->value, MASK_TIME,
			  "%s %s is after the message was created (%s)", noun,
			  judge_time(judge, date->value.text), judge_time(judge, made->value.text));
}

static enum outcome plan_has_started(struct judge *judge, const struct plan *plan)
{
	return has_come(judge, &plan->start, "plan start");
}

static const struct rule dat_005 = {
	.id = "DAT-005",
	.name = "plan-starts-in-the-future",
	.severity = CPIS_WARNING,
	.on = PART_PLAN,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = PLANS,
	.title = "Plan starts after the message was created",
	.why = "Clinicians would act on a plan that is not in force, or the date is mistyped.",
	.fix = "Send a plan once it is in force, with the date it came into force.",
	.check = { .plan = plan_has_started },
};

static enum outcome plan_is_deleted_by_now(struct judge *judge, const struct plan *plan)
{
	return has_come(judge, &plan->deleted, "plan delete date");
}

static const struct rule dat_016 = {
	.id = "DAT-016",
	.name = "plan-deleted-in-the-future",
	.severity = CPIS_WARNING,
	.on = PART_PLAN,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = PLANS,
	.title = "Plan delete date is after the message was created",
	.why = "A plan is deleted when it was sent in error, which no one can know in advance: the "
	       "date is probably the plan's end.",
	.fix = "Send the end of a plan as its end date. Send a delete date only for a plan that "
	       "was sent in error.",
	.check = { .plan = plan_is_deleted_by_now },
};

static enum outcome unborn_plan_is_short(struct judge *judge, const struct plan *plan)
{
	enum outcome why;
	if (plan->part.role != PLAN_UNBORN_CHILD)
		return NOT_APPLICABLE;
	if (!is_usable(judge, &plan->start, &why) || !is_usable(judge, &plan->end, &why))
		return why;
	struct moment latest = moment_after_months(&plan->start.moment, 12);
	if (moment_compare(&plan->end.moment, &latest) <= 0)
		return HOLDS;
	judge_expect(judge, "not after %04d%02d%02d", latest.year, latest.month, latest.day);
	return judge_fail(judge, &plan->end.value, MASK_TIME,
			  "the unborn child plan from %s to %s is longer than 12 months",
			  judge_time(judge, plan->start.value.text),
			  judge_time(judge, plan->end.value.text));
}

static const struct rule dat_012 = {
	.id = "DAT-012",
	.name = "unborn-child-plan-is-long",
	.severity = CPIS_INFO,
	.on = PART_PLAN,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = UNBORN,
	.title = "Unborn child plan is longer than 12 months",
	.why = "No pregnancy lasts that long: the mother would be shown with a plan for a child "
	       "already born, and the child with none.",
	.fix = "Send the latest date by which the plan ends. After the birth, send the child's own "
	       "plan.",
	.check = { .plan = unborn_plan_is_short },
};

static enum outcome is_born_before_message(struct judge *judge, const struct subject *subject)
{
	enum outcome why;
	if (!is_usable(judge, &subject->birth, &why))
		return why;
	const struct timestamp *made = made_at(&subject->part);
	if (!made)
		return NOT_APPLICABLE;
	if (!is_usable(judge, made, &why))
		return why;
	if (!is_before(made, &subject->birth))
		return HOLDS;
	judge_expect(judge, "not after %s", judge_time(judge, made->value.text));
	return judge_fail(judge, &subject->birth.value, MASK_BIRTH,
			  "birth date %s is after the message was created (%s)",
			  judge_show(judge, MASK_BIRTH, subject->birth.value.text),
			  judge_time(judge, made->value.text));
}

static const struct rule dat_007 = {
	.id = "DAT-007",
	.name = "born-after-the-message",
	.severity = CPIS_ERROR,
	.on = PART_SUBJECT,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = SUBJECTS,
	.title = "Birth date is after the message was created",
	.why = "The person cannot be matched on PDS: the record is refused, or attached to no one.",
	.fix = "Send the birth date that PDS has. An unborn child's plan goes under its mother.",
	.check = { .subject = is_born_before_message },
};

static const struct timestamp *find_birth(struct judge *judge, const struct subject *subject,
					  enum outcome *why)
{
	*why = NOT_APPLICABLE;
	if (!is_usable(judge, &subject->birth, why))
		return NULL;
	const struct timestamp *made = made_at(&subject->part);
	if (!made || !made->moment.ok || !is_before(made, &subject->birth))
		return &subject->birth;
	*why = judge_blocked(judge, NULL, "DAT-007");
	return NULL;
}

/*
 * The birth date of a subject, for which several rules ask. NULL, with *why for the check to
 * return: it is missing, it cannot be read, or it is after the message, which is DAT-007's.
 */
static const struct timestamp *birth_of(struct judge *judge, const struct subject *subject,
					enum outcome *why)
{
	if (judge->birth.of != subject) {
		judge->birth.of = subject;
		judge->birth.date = find_birth(judge, subject, &judge->birth.why);
		judge->birth.blocked_by = judge->blocked_by;
	}
	if (!judge->birth.date && judge->birth.why == BLOCKED)
		judge_blocked_by(judge, judge->birth.blocked_by);
	*why = judge->birth.why;
	return judge->birth.date;
}

typedef enum outcome (*plan_check)(struct judge *judge, const struct plan *plan,
				   const struct timestamp *birth);

/* A plan against every person whose it may be, until one fails. */
static enum outcome judge_plan(struct judge *judge, const struct record *record,
			       const struct plan *plan, plan_check check)
{
	enum subject_kind kind = plan_subject_kind(plan);
	enum outcome outcome = NOT_APPLICABLE, why;
	for (const struct subject *subject = record_next(record, kind, NULL);
	     subject && outcome != FAILS; subject = record_next(record, kind, subject)) {
		const struct timestamp *birth = birth_of(judge, subject, &why);
		outcome = worse(birth ? check(judge, plan, birth) : why, outcome);
	}
	return outcome;
}

/* Judge every plan for a kind of subject against the birth date. */
static enum outcome judge_plans_for(struct judge *judge, const struct record *record,
				    enum subject_kind kind, plan_check check)
{
	enum outcome outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < record->plan_count; i++)
		if (plan_subject_kind(&record->plans[i]) == kind)
			outcome =
				worse(judge_plan(judge, record, &record->plans[i], check), outcome);
	return outcome;
}

static enum outcome starts_after_birth(struct judge *judge, const struct plan *plan,
				       const struct timestamp *birth)
{
	enum outcome why;
	if (!is_usable(judge, &plan->start, &why))
		return why;
	if (!is_before(&plan->start, birth))
		return HOLDS;
	return judge_fail(judge, &plan->start.value, MASK_TIME,
			  "the %s starts on %s, before the child was born (%s)", plan_noun(plan),
			  judge_time(judge, plan->start.value.text),
			  judge_show(judge, MASK_BIRTH, birth->value.text));
}

static enum outcome plan_starts_after_birth(struct judge *judge, const struct record *record)
{
	return judge_plans_for(judge, record, SUBJECT_CHILD, starts_after_birth);
}

static const struct rule dat_008 = {
	.id = "DAT-008",
	.name = "plan-starts-before-birth",
	.severity = CPIS_WARNING,
	.on = PART_RECORD,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = PLANS,
	.title = "Child's plan starts before the child was born",
	.why = "Until birth the plan is an unborn child plan under the mother: one of the dates "
	       "may be another child's.",
	.fix = "Send the start of the plan in the child's own name, and the earlier time as an "
	       "unborn child plan under the mother.",
	.check = { .record = plan_starts_after_birth },
};

/* Whether the plan had ended when the message was created. */
static bool has_ended(const struct plan *plan, const struct timestamp *made)
{
	return plan->end.moment.ok && compare(&plan->end, made) <= 0;
}

static enum outcome child_is_under_18(struct judge *judge, const struct record *record,
				      const struct subject *child)
{
	enum outcome why;
	const struct timestamp *birth = birth_of(judge, child, &why);
	const struct timestamp *made = made_at(&record->part);
	if (!birth)
		return why;
	if (!made || !made->moment.ok)
		return made ? judge_blocked(judge, &made->part, "DAT-001") : NOT_APPLICABLE;
	if (!moment_is_18(&birth->moment, &made->moment))
		return HOLDS;
	for (size_t i = 0; i < record->plan_count; i++) {
		const struct plan *plan = &record->plans[i];
		if (plan_subject_kind(plan) != SUBJECT_CHILD || value_there(&plan->deleted.value) ||
		    has_ended(plan, made))
			continue;
		return judge_fail(judge, &birth->value, MASK_BIRTH,
				  "birth date %s: the child was 18 or older when the message was "
				  "created (%s), but the %s had not ended",
				  judge_show(judge, MASK_BIRTH, birth->value.text),
				  judge_time(judge, made->value.text), plan_noun(plan));
	}
	return HOLDS;
}

static enum outcome children_are_under_18(struct judge *judge, const struct record *record)
{
	enum outcome outcome = NOT_APPLICABLE;
	const struct subject *child = NULL;
	while ((child = record_next(record, SUBJECT_CHILD, child)))
		outcome = worse(child_is_under_18(judge, record, child), outcome);
	return outcome;
}

static const struct rule dat_009 = {
	.id = "DAT-009",
	.name = "open-plan-of-an-adult",
	.severity = CPIS_WARNING,
	.on = PART_RECORD,
	.basis = CPIS_BASIS_DMS,
	.cite = ENDS,
	.title = "Person with an open plan is 18 or older",
	.why = "CP-IS ends the record at 18 and refuses later updates, and alerts about adults "
	       "hide those about children.",
	.fix = "Check the birth date against PDS, and end the plan on or before the 18th birthday.",
	.check = { .record = children_are_under_18 },
};

enum age_when_made { CHILD_WHEN_MADE, ADULT_WITH_ENDED_PLAN, LEFT_TO_DAT_009 };

/* How old the child was when the message was created. DAT-009 reports an adult with an open plan;
 * what is deleted may have been sent in error. */
static enum age_when_made age_when_made(const struct plan *plan, const struct timestamp *birth)
{
	const struct timestamp *made = made_at(&plan->part);
	if (!made || !made->moment.ok || !moment_is_18(&birth->moment, &made->moment))
		return CHILD_WHEN_MADE;
	return has_ended(plan, made) && !value_there(&plan->deleted.value) ? ADULT_WITH_ENDED_PLAN
									   : LEFT_TO_DAT_009;
}

static enum outcome ends_by_18(struct judge *judge, const struct plan *plan,
			       const struct timestamp *birth)
{
	enum outcome why;
	if (!is_usable(judge, &plan->end, &why))
		return why;
	enum age_when_made age = age_when_made(plan, birth);
	if (age == LEFT_TO_DAT_009)
		return NOT_APPLICABLE;
	if (!moment_is_after_18th_birthday(&birth->moment, &plan->end.moment))
		return HOLDS;
	if (age == ADULT_WITH_ENDED_PLAN)
		judge_fix(judge, "Check the birth date against PDS, and send the end that the plan "
				 "had on or before the 18th birthday.");
	return judge_fail(judge, &plan->end.value, MASK_TIME,
			  "the %s ends on %s, after the child's 18th birthday", plan_noun(plan),
			  judge_time(judge, plan->end.value.text));
}

static enum outcome plan_ends_by_18(struct judge *judge, const struct record *record)
{
	return judge_plans_for(judge, record, SUBJECT_CHILD, ends_by_18);
}

static const struct rule dat_020 = {
	.id = "DAT-020",
	.name = "plan-ends-after-childhood",
	.severity = CPIS_WARNING,
	.on = PART_RECORD,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = ENDS,
	.title = "Plan ends after the child's 18th birthday",
	.why = "The end is a placeholder for \"open\", or the birth date is another child's: "
	       "receivers show an end date that is not real.",
	.fix = "Leave the end date out while the plan is open, and check the birth date against "
	       "PDS.",
	.check = { .record = plan_ends_by_18 },
};

static enum outcome end_has_come(struct judge *judge, const struct plan *plan,
				 const struct timestamp *birth)
{
	enum outcome why;
	if (!is_usable(judge, &plan->end, &why))
		return why;
	const struct timestamp *made = made_at(&plan->part);
	/* The 18th birthday is an end that is sure to come; a later one is DAT-020's or DAT-009's.
	 */
	if (!made || !made->moment.ok || moment_is_18(&birth->moment, &plan->end.moment))
		return NOT_APPLICABLE;
	if (compare(&plan->end, made) <= 0)
		return HOLDS;
	return judge_fail(
		judge, &plan->end.value, MASK_TIME,
		"the %s ends on %s, after the message was created (%s): it was still in force",
		plan_noun(plan), judge_time(judge, plan->end.value.text),
		judge_time(judge, made->value.text));
}

static enum outcome plan_end_has_come(struct judge *judge, const struct record *record)
{
	return judge_plans_for(judge, record, SUBJECT_CHILD, end_has_come);
}

static const struct rule dat_015 = {
	.id = "DAT-015",
	.name = "plan-end-is-yet-to-come",
	.severity = CPIS_INFO,
	.on = PART_RECORD,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = PLANS,
	.title = "End date of a child's plan is in the future",
	.why = "It is often the date of the next review: a receiver may show the plan as ended, "
	       "and it ends unnoticed if the review is late.",
	.fix = "Leave the end date out while the plan is open, and send it when the plan has "
	       "ended.",
	.check = { .record = plan_end_has_come },
};

/* What is deleted may have been sent in error. */
static bool starts_before_birth(const struct plan *plan, const struct timestamp *birth)
{
	return !value_there(&plan->deleted.value) && is_before(&plan->start, birth);
}

static enum outcome is_of_age(struct judge *judge, const struct plan *plan,
			      const struct timestamp *birth)
{
	enum { YOUNGEST = 10, OLDEST = 60 };
	enum outcome why;
	if (!is_usable(judge, &plan->start, &why))
		return why;
	if (starts_before_birth(plan, birth))
		return judge_blocked(judge, NULL, "DAT-024");
	int age = moment_years(&birth->moment, &plan->start.moment);
	if (age >= YOUNGEST && age <= OLDEST)
		return HOLDS;
	return judge_fail(
		judge, &birth->value, MASK_BIRTH,
		"birth date %s: the mother was %s when the unborn child plan started (%s)",
		judge_show(judge, MASK_BIRTH, birth->value.text),
		age < YOUNGEST ? "younger than 10" : "older than 60",
		judge_time(judge, plan->start.value.text));
}

static enum outcome mother_is_of_age(struct judge *judge, const struct record *record)
{
	return judge_plans_for(judge, record, SUBJECT_MOTHER, is_of_age);
}

static const struct rule dat_010 = {
	.id = "DAT-010",
	.name = "mother-of-unlikely-age",
	.severity = CPIS_INFO,
	.on = PART_RECORD,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = UNBORN,
	.title = "Mother is younger than 10 or older than 60 when the unborn child plan starts",
	.why = "The birth date may be the child's, a placeholder or someone else's, so the plan "
	       "matches no one on PDS.",
	.fix = "Check the mother's birth date against PDS.",
	.check = { .record = mother_is_of_age },
};

static enum outcome unborn_plan_has_not_ended(struct judge *judge, const struct plan *plan)
{
	enum outcome why;
	if (plan->part.role != PLAN_UNBORN_CHILD || !judge->now.ok ||
	    value_there(&plan->deleted.value) || !part_ancestor(&plan->part, PART_UPLOAD))
		return NOT_APPLICABLE;
	if (!is_usable(judge, &plan->start, &why) || !is_usable(judge, &plan->end, &why))
		return why;
	if (is_before(&plan->end, &plan->start))
		return judge_blocked(judge, NULL, "DAT-003");
	struct moment now = moment_by_uk_clock(&judge->now);
	if (moment_compare(&plan->end.moment, &now) >= 0)
		return HOLDS;
	return judge_fail(
		judge, &plan->end.value, MASK_TIME,
		"the unborn child plan ended on %s, and there is no plan for a child born since",
		judge_time(judge, plan->end.value.text));
}

static const struct rule dat_014 = {
	.id = "DAT-014",
	.name = "unborn-child-plan-has-ended",
	.severity = CPIS_INFO,
	.on = PART_PLAN,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = UNBORN,
	.title = "Unborn child plan has ended",
	.why = "If the child has been born, no one is alerted until a plan in the child's own name "
	       "is sent.",
	.fix = "If the child has been born and still needs a plan, send one under the child's own "
	       "NHS number.",
	.check = { .plan = unborn_plan_has_not_ended },
};

static enum outcome is_born_before_plan(struct judge *judge, const struct plan *plan,
					const struct timestamp *birth)
{
	enum outcome why;
	if (!is_usable(judge, &plan->start, &why))
		return why;
	if (!starts_before_birth(plan, birth))
		return HOLDS;
	judge_expect(judge, "a birth date before %s", judge_time(judge, plan->start.value.text));
	return judge_fail(
		judge, &birth->value, MASK_BIRTH,
		"birth date %s: the mother was born after the unborn child plan started (%s)",
		judge_show(judge, MASK_BIRTH, birth->value.text),
		judge_time(judge, plan->start.value.text));
}

static enum outcome mother_is_born_before_plan(struct judge *judge, const struct record *record)
{
	return judge_plans_for(judge, record, SUBJECT_MOTHER, is_born_before_plan);
}

static const struct rule dat_024 = {
	.id = "DAT-024",
	.name = "mother-born-after-plan-starts",
	.severity = CPIS_ERROR,
	.on = PART_RECORD,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = UNBORN,
	.title = "Mother was born after the unborn child plan started",
	.why = "The birth date is the child's, or the day on which the birth is expected: PDS "
	       "matches no one, so no one is alerted when the mother comes for care.",
	.fix = "Send the mother's birth date as PDS has it. Nothing about the unborn child itself "
	       "is "
	       "sent.",
	.check = { .record = mother_is_born_before_plan },
};

const struct rule *const dat_rules[] = {
	&dat_001, &dat_002, &dat_003, &dat_004, &dat_005, &dat_006, &dat_007, &dat_008, &dat_009,
	&dat_010, &dat_011, &dat_012, &dat_013, &dat_014, &dat_015, &dat_016, &dat_017, &dat_018,
	&dat_019, &dat_020, &dat_021, &dat_022, &dat_023, &dat_024, NULL,
};
