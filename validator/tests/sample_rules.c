#include "sample_rules.h"

const struct rule sample_malformed = {
	.id = "XML-001",
	.name = "not-well-formed",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = "XML 1.0, section 2.1",
	.title = "The document is not well-formed XML",
	.why = "No receiver can read the message at all.",
	.fix = "Write the message with an XML library, and never by joining strings.",
};

const struct rule sample_bad_number = {
	.id = "NHS-003",
	.name = "nhs-number-check-digit",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_DICTIONARY,
	.cite = "NHS Data Dictionary, NHS NUMBER",
	.title = "The NHS number fails its check digit",
	.why = "A wrong digit makes it another child's number or no one's, so the alert reaches "
	       "the "
	       "wrong record.",
	.fix = "Trace the child again and send the number exactly as it was returned.",
};

const struct rule sample_bad_dates = {
	.id = "DAT-003",
	.name = "plan-ends-before-it-starts",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = "CP-IS DMS 1.0, COCT_TP146100 to COCT_TP146105",
	.title = "Plan end date is before its start date",
	.why = "The plan would never have been in force, so no one would be alerted to it.",
	.fix = "Send the date the plan ended, or leave the end date out while the plan is open.",
};

const struct rule sample_missing_phone = {
	.id = "UPL-008",
	.name = "no-out-of-hours-phone",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = "CP-IS DMS 1.0, COCT_TP145222GB01",
	.title = "No telephone number for out of hours",
	.why = "At night a clinician would have a plan in front of them and no one to ring.",
	.fix = "Send the emergency duty team's number beside the office number.",
};

const struct rule sample_odd_name = {
	.id = "XML-006",
	.name = "hidden-characters",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = "Unicode Technical Report 36, section 2.5",
	.title = "Hidden or direction-changing characters in a name",
	.why = "A name may look like another one on the clinician's screen.",
	.fix = "Remove the characters where the name is keyed in.",
};

const struct rule sample_old_version = {
	.id = "TMS-012",
	.name = "older-version-code",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_TMS,
	.cite = "Transmission wrapper, versionCode",
	.title = "An older version code is used",
	.why = "It is accepted today; it may not be for ever.",
	.fix = "Send 3NPfIT6.0.",
};

const struct rule sample_idle_rule = {
	.id = "ITK-002",
	.name = "tracking-id",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_ITK,
	.cite = "ITK 2.2 distribution envelope, trackingid",
	.title = "The tracking id is not an upper-case UUID",
	.why = "Without it a message cannot be followed from end to end.",
	.fix = "Give every envelope a new UUID in upper case.",
};

const struct rule sample_blocked_rule = {
	.id = "RSP-001",
	.name = "record-count",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_DMS,
	.cite = "CP-IS DMS 1.0, response",
	.title = "The count of records is not the number of records",
	.why = "A receiver cannot tell whether a plan was lost on the way.",
	.fix = "Count the records that are sent.",
};

const struct rule *const sample_rules[SAMPLE_RULE_COUNT] = {
	&sample_malformed,   &sample_odd_name,	&sample_bad_number,    &sample_bad_dates,
	&sample_old_version, &sample_idle_rule, &sample_missing_phone, &sample_blocked_rule,
};

struct rule_tally sample_tallies[SAMPLE_RULE_COUNT] = {
	{ .judged = 5, .failed = 1 },  { .judged = 24, .failed = 1 },
	{ .judged = 12, .failed = 2 }, { .judged = 7, .failed = 1 },
	{ .judged = 2, .failed = 1 },  { .not_applicable = 5 },
	{ .judged = 6, .failed = 1 },  { .blocked = 1, .blocked_by = &sample_malformed },
};

/* By the place of the rule: one is less severe, one is turned off. */
struct rule_override sample_overrides[SAMPLE_RULE_COUNT] = {
	[4] = { true, false, CPIS_INFO, "Agreed for the pilot.", "profile.yaml:7" },
	[5] = { true, true, CPIS_ERROR, "No ITK before <2028> & \"later\".", "profile.yaml:9" },
};

struct rule_tally sample_clean_tallies[SAMPLE_RULE_COUNT] = {
	{ .judged = 2 }, { .judged = 24 },	  { .judged = 12 }, { .judged = 7 },
	{ .judged = 2 }, { .not_applicable = 5 }, { .judged = 6 },  { .not_applicable = 2 },
};
