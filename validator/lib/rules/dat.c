/* Dates and times: real ones, in an order that can be. */
#include "rules/dat.h"

#include "rules/chapters.h"

#define MESSAGES "CP-IS DMS 1.0, creationTime and effectiveTime of every message"
#define SUBJECTS "CP-IS DMS 1.0, COCT_TP145100GB01 and COCT_TP145101GB01"
#define PLANS	 "CP-IS DMS 1.0, COCT_TP146100GB01 to COCT_TP146105GB01"
#define UNBORN	 "CP-IS DMS 1.0, COCT_TP146102GB01"
#define ENDS	 "CP-IS records end on the eighteenth birthday that PDS holds"

const struct rule dat_rules[] = {
	{
		.id = "DAT-001",
		.name = "time-that-does-not-exist",
		.severity = CPIS_ERROR,
		.on = PART_TIMESTAMP,
		.basis = CPIS_BASIS_DMS,
		.cite = "CP-IS DMS 1.0, datatype TS",
		.title = "Date or time does not exist",
		.why = "Receivers refuse it, or each makes another day of it.",
		.fix = "Send the real date and time; check how your system computes it.",
		.check = { .timestamp = dat_is_a_real_time },
	},
	{
		.id = "DAT-002",
		.name = "time-without-zone",
		.severity = CPIS_ERROR,
		.on = PART_TIMESTAMP,
		.basis = CPIS_BASIS_DMS,
		.cite = MESSAGES,
		.title = "Time with hours has no zone offset",
		.why = "In summer the time is read one hour off, so the order of messages is lost.",
		.fix = "Add the offset from UTC: +0000 in winter, +0100 in British Summer Time.",
		.check = { .timestamp = dat_hours_carry_a_zone },
	},
	{
		.id = "DAT-003",
		.name = "plan-ends-before-it-starts",
		.severity = CPIS_ERROR,
		.on = PART_PLAN,
		.basis = CPIS_BASIS_CONTRADICTION,
		.cite = PLANS,
		.title = "Plan end date is before its start date",
		.why = "The plan would never have been in force, so nobody would be alerted to it.",
		.fix = "Send the date the plan ended, or leave the end date out while the plan is "
		       "open.",
		.check = { .plan = dat_plan_ends_after_it_starts },
	},
	{
		.id = "DAT-004",
		.name = "plan-deleted-before-it-starts",
		.severity = CPIS_WARNING,
		.on = PART_PLAN,
		.basis = CPIS_BASIS_GOOD_PRACTICE,
		.cite = PLANS,
		.title = "Plan delete date is before its start date",
		.why = "A plan cannot be taken back before there was one: one of the dates is of "
		       "another plan, and the wrong plan may go.",
		.fix = "Send the date on which the plan was found to be wrong as its delete date.",
		.check = { .plan = dat_plan_is_deleted_after_it_starts },
	},
	{
		.id = "DAT-005",
		.name = "plan-starts-in-the-future",
		.severity = CPIS_WARNING,
		.on = PART_PLAN,
		.basis = CPIS_BASIS_GOOD_PRACTICE,
		.cite = PLANS,
		.title = "Plan starts after the message was created",
		.why = "Clinicians would act on a plan that is not in force, or the date is "
		       "mistyped.",
		.fix = "Send a plan once it is in force, with the date on which it came into "
		       "force.",
		.check = { .plan = dat_plan_has_started },
	},
	{
		.id = "DAT-006",
		.name = "message-time-is-not-now",
		.severity = CPIS_WARNING,
		.on = PART_TIMESTAMP,
		.basis = CPIS_BASIS_GOOD_PRACTICE,
		.cite = MESSAGES,
		.title = "Creation or effective time is in the future, or before 2012",
		.why = "The clock of the sending system is wrong, so messages are put in a wrong "
		       "order "
		       "and a later plan may be taken for an earlier one.",
		.fix = "Set the clock of the sending system, and send the time at which the "
		       "message is made.",
		.check = { .timestamp = dat_is_not_in_the_future },
	},
	{
		.id = "DAT-007",
		.name = "born-after-the-message",
		.severity = CPIS_ERROR,
		.on = PART_SUBJECT,
		.basis = CPIS_BASIS_CONTRADICTION,
		.cite = SUBJECTS,
		.title = "Birth date is after the message was created",
		.why = "The person cannot be matched on PDS: the record is refused or attached to "
		       "nobody.",
		.fix = "Send the birth date that PDS holds; an unborn child's plan goes under its "
		       "mother.",
		.check = { .subject = dat_is_born_before_message },
	},
	{
		.id = "DAT-008",
		.name = "plan-starts-before-birth",
		.severity = CPIS_WARNING,
		.on = PART_RECORD,
		.basis = CPIS_BASIS_GOOD_PRACTICE,
		.cite = PLANS,
		.title = "A born child's plan starts before its birth",
		.why = "Until birth the plan is an unborn child plan under the mother: either date "
		       "may "
		       "be another child's.",
		.fix = "Send the start of the plan in the child's own name, and the earlier time "
		       "as an "
		       "unborn child plan under the mother.",
		.check = { .record = dat_plan_starts_after_birth },
	},
	{
		.id = "DAT-009",
		.name = "open-plan-of-an-adult",
		.severity = CPIS_WARNING,
		.on = PART_RECORD,
		.basis = CPIS_BASIS_DMS,
		.cite = ENDS,
		.title = "The person of an open plan is 18 or older",
		.why = "CP-IS ends the record at 18 and refuses later updates; alerts about an "
		       "adult "
		       "hide those about children.",
		.fix = "Compare the birth date with PDS; end the plan on or before the eighteenth "
		       "birthday.",
		.check = { .record = dat_child_is_under_18 },
	},
	{
		.id = "DAT-010",
		.name = "mother-of-unlikely-age",
		.severity = CPIS_INFO,
		.on = PART_RECORD,
		.basis = CPIS_BASIS_GOOD_PRACTICE,
		.cite = UNBORN,
		.title = "Mother is younger than 10 or older than 60 when the unborn child plan "
			 "starts",
		.why = "The birth date may be the child's, a place holder or somebody else's, and "
		       "the plan then matches nobody on PDS.",
		.fix = "Compare the birth date with the mother's on PDS.",
		.check = { .record = dat_mother_is_of_age },
	},
	{
		.id = "DAT-011",
		.name = "birth-date-is-not-whole",
		.severity = CPIS_WARNING,
		.on = PART_TIMESTAMP,
		.basis = CPIS_BASIS_GOOD_PRACTICE,
		.cite = SUBJECTS,
		.title = "Birth date is a year or a month alone",
		.why = "PDS matches by the whole date: the record is likely to be refused as not "
		       "matched.",
		.fix = "Send the birth date that PDS holds, as CCYYMMDD.",
		.check = { .timestamp = dat_birth_is_a_whole_date },
	},
	{
		.id = "DAT-012",
		.name = "unborn-child-plan-is-long",
		.severity = CPIS_INFO,
		.on = PART_PLAN,
		.basis = CPIS_BASIS_GOOD_PRACTICE,
		.cite = UNBORN,
		.title = "Unborn child plan is longer than 12 months",
		.why = "No pregnancy lasts as long: the mother would be shown with a plan for a "
		       "child "
		       "that is born, and the child with none.",
		.fix = "Send the date by which the plan ends at the latest; after the birth, send "
		       "the "
		       "child's own plan.",
		.check = { .plan = dat_unborn_plan_is_short },
	},
	{
		.id = "DAT-013",
		.name = "zone-offset-is-short",
		.severity = CPIS_WARNING,
		.on = PART_TIMESTAMP,
		.basis = CPIS_BASIS_DMS,
		.cite = MESSAGES,
		.title = "Zone offset has fewer than four digits",
		.why = "Some receivers read +100 as one hour, others as ten.",
		.fix = "Send the offset as a sign, two digits of hours and two of minutes.",
		.check = { .timestamp = dat_zone_is_of_four_digits },
	},
	{
		.id = "DAT-014",
		.name = "unborn-child-plan-has-ended",
		.severity = CPIS_INFO,
		.on = PART_RECORD,
		.basis = CPIS_BASIS_GOOD_PRACTICE,
		.cite = UNBORN,
		.title = "Unborn child plan has ended, and no child is born since",
		.why = "If the child is born, nobody is alerted to it until a plan in its own name "
		       "is sent.",
		.fix = "When the child is born and still in need of a plan, send one under its own "
		       "NHS number.",
		.check = { .record = dat_unborn_plan_has_not_ended },
	},
	{
		.id = "DAT-015",
		.name = "plan-end-is-yet-to-come",
		.severity = CPIS_INFO,
		.on = PART_RECORD,
		.basis = CPIS_BASIS_GOOD_PRACTICE,
		.cite = PLANS,
		.title = "Plan of a born child has an end date that is yet to come",
		.why = "Often it is the date of the next review: a receiver may show the plan as "
		       "ended, "
		       "and it ends unnoticed when the review is late.",
		.fix = "Leave the end date out while the plan is open; send it when the plan has "
		       "ended.",
		.check = { .record = dat_plan_end_has_come },
	},
	{
		.id = "DAT-016",
		.name = "plan-deleted-in-the-future",
		.severity = CPIS_WARNING,
		.on = PART_PLAN,
		.basis = CPIS_BASIS_GOOD_PRACTICE,
		.cite = PLANS,
		.title = "Plan delete date is after the message was created",
		.why = "A plan is taken back when it was sent in error, which nobody can know "
		       "beforehand: "
		       "the date is likely to be the plan's end.",
		.fix = "Send the end of a plan as its end date, and a delete date only for what "
		       "was sent "
		       "in error.",
		.check = { .plan = dat_plan_is_deleted_by_now },
	},
	{
		.id = "DAT-017",
		.name = "birth-date-with-time-of-day",
		.severity = CPIS_WARNING,
		.on = PART_TIMESTAMP,
		.basis = CPIS_BASIS_GOOD_PRACTICE,
		.cite = SUBJECTS,
		.title = "Birth date has a time of day",
		.why = "Birth dates are matched as dates; midnight in summer becomes the day "
		       "before when "
		       "a receiver turns it into UTC.",
		.fix = "Send the eight digits of the date alone.",
		.check = { .timestamp = dat_birth_has_no_hours },
	},
	{
		.id = "DAT-018",
		.name = "message-time-without-hours",
		.severity = CPIS_INFO,
		.on = PART_TIMESTAMP,
		.basis = CPIS_BASIS_GOOD_PRACTICE,
		.cite = MESSAGES,
		.title = "Creation or effective time has no time of day",
		.why = "Two messages of one day cannot be put in order, nor an access to the "
		       "child's "
		       "record told from another.",
		.fix = "Send date, time of day and zone offset.",
		.check = { .timestamp = dat_time_has_hours },
	},
	{
		.id = "DAT-019",
		.name = "zone-offset-not-of-the-uk",
		.severity = CPIS_WARNING,
		.on = PART_TIMESTAMP,
		.basis = CPIS_BASIS_GOOD_PRACTICE,
		.cite = MESSAGES,
		.title = "Zone offset is none of the United Kingdom",
		.why = "The clock or the zone of the sending system is set wrongly, so every time "
		       "that "
		       "it sends is off by hours.",
		.fix = "Set the zone of the sending system to Europe/London, or send UTC with "
		       "+0000.",
		.check = { .timestamp = dat_zone_is_of_the_uk },
	},
	{
		.id = "DAT-020",
		.name = "plan-ends-after-childhood",
		.severity = CPIS_WARNING,
		.on = PART_RECORD,
		.basis = CPIS_BASIS_GOOD_PRACTICE,
		.cite = ENDS,
		.title = "Plan ends after the child's eighteenth birthday",
		.why = "The end is a place holder for \"open\", or the birth date is another "
		       "child's: "
		       "receivers show an end that is none.",
		.fix = "Leave the end date out while the plan is open; compare the birth date with "
		       "PDS.",
		.check = { .record = dat_plan_ends_before_18 },
	},
};
const size_t dat_rule_count = sizeof(dat_rules) / sizeof(dat_rules[0]);
