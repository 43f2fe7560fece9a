/* NHS numbers, wherever they stand. */
#include "message/nhs_number.h"
#include "rules/chapters.h"
#include "rules/judge.h"

#define DICTIONARY "NHS Data Dictionary, attribute NHS NUMBER"
#define SUBJECTS   "CP-IS DMS 1.0, COCT_TP145100GB01 and COCT_TP145101GB01"

static const char *show_number(struct judge *judge, const struct identifier *id)
{
	return judge_show(judge, MASK_NHS_NUMBER, id->extension.text);
}

static enum outcome has_ten_digits(struct judge *judge, const struct identifier *id)
{
	if (!id->is_nhs || !value_there(&id->extension))
		return NOT_APPLICABLE;
	if (id->part.role == ID_QUERIED && str_is_blank(id->extension.text))
		return NOT_APPLICABLE; /* QRY-015 */
	if (id->number.has_shape)
		return HOLDS;
	struct str number = id->extension.text;
	size_t digits = 0, others = 0;
	for (size_t i = 0; i < number.n; i++) {
		digits += char_is_digit(number.p[i]);
		others +=
			!char_is_digit(number.p[i]) && ((unsigned char)number.p[i] & 0xc0) != 0x80;
	}
	judge_expect(judge, "10 digits");
	if (others == 0)
		return judge_fail(judge, &id->extension, MASK_NHS_NUMBER,
				  "NHS number %s has %zu digit%s, 10 expected",
				  show_number(judge, id), digits, digits == 1 ? "" : "s");
	if (digits == 10)
		judge_mend(judge, "Send the ten digits alone, without spaces, dashes or letters.");
	return judge_fail(
		judge, &id->extension, MASK_NHS_NUMBER,
		"NHS number %s holds %zu digit%s and %zu other character%s, 10 digits expected",
		show_number(judge, id), digits, digits == 1 ? "" : "s", others,
		others == 1 ? "" : "s");
}

/* What the rules on the digits judge: ten digits of something that is an NHS number. */
static bool is_judged(const struct identifier *id)
{
	return id->is_nhs && id->number.has_shape;
}

static enum outcome check_digit_agrees(struct judge *judge, const struct identifier *id)
{
	if (!is_judged(id) || id->number.check == NO_CHECK_DIGIT)
		return NOT_APPLICABLE;
	if (id->number.check == id->number.last)
		return HOLDS;
	judge_expect(judge, "check digit %d", id->number.check);
	return judge_fail(judge, &id->extension, MASK_NHS_NUMBER,
			  "NHS number %s: check digit %d found, %d expected",
			  show_number(judge, id), id->number.last, id->number.check);
}

static enum outcome can_be_issued(struct judge *judge, const struct identifier *id)
{
	if (!is_judged(id))
		return NOT_APPLICABLE;
	if (id->number.check != NO_CHECK_DIGIT)
		return HOLDS;
	return judge_fail(
		judge, &id->extension, MASK_NHS_NUMBER,
		"NHS number %s: remainder 10, so no NHS number begins with these nine digits",
		show_number(judge, id));
}

static bool is_zero(const struct identifier *id)
{
	return id->number.one_digit && id->number.last == 0;
}

static enum outcome is_not_zero(struct judge *judge, const struct identifier *id)
{
	if (!is_judged(id))
		return NOT_APPLICABLE;
	if (!is_zero(id))
		return HOLDS;
	return judge_fail(judge, &id->extension, MASK_NONE,
			  "the NHS number is ten zeros: a place holder, nobody's number");
}

static enum outcome is_not_one_digit_repeated(struct judge *judge, const struct identifier *id)
{
	if (!is_judged(id) || is_zero(id))
		return NOT_APPLICABLE;
	if (!id->number.one_digit)
		return HOLDS;
	return judge_fail(
		judge, &id->extension, MASK_NHS_NUMBER,
		"NHS number %s is one digit ten times: it passes the check digit, yet looks "
		"like a place holder",
		show_number(judge, id));
}

static enum outcome is_in_range_of_england(struct judge *judge, const struct identifier *id)
{
	if (!id->is_nhs || !nhs_number_is_valid(&id->number))
		return NOT_APPLICABLE;
	static const char *const elsewhere[] = {
		[NHS_RANGE_NEVER_ISSUED] = "is in a range that was never issued",
		[NHS_RANGE_SCOTLAND] = "is in the range of Scotland's CHI numbers",
		[NHS_RANGE_NORTHERN_IRELAND] =
			"is in the range of Northern Ireland's Health and Care numbers",
	};
	enum nhs_range range = id->number.range;
	if (range == NHS_RANGE_ENGLAND_WALES || range == NHS_RANGE_TEST)
		return HOLDS;
	return judge_fail(judge, &id->extension, MASK_NHS_NUMBER, "NHS number %s %s",
			  show_number(judge, id), elsewhere[range]);
}

static enum outcome is_no_test_number(struct judge *judge, const struct identifier *id)
{
	if (!id->is_nhs || !nhs_number_is_valid(&id->number))
		return NOT_APPLICABLE;
	if (!judge->options->live || id->number.range != NHS_RANGE_TEST)
		return HOLDS;
	judge_weigh(judge, CPIS_ERROR);
	return judge_fail(
		judge, &id->extension, MASK_NHS_NUMBER,
		"NHS number %s is in the test range 999 000 0000 to 999 999 9999, in a live "
		"message",
		show_number(judge, id));
}

static size_t kept_ids(const struct subject *subject)
{
	return subject->id_count < MOST_IDS ? subject->id_count : MOST_IDS;
}

static const char *subject_noun(const struct subject *subject)
{
	return subject->part.role == SUBJECT_MOTHER ? "mother" : "child";
}

/* The first id of a subject whose structure is broken: what it was meant for is not known. */
static const struct part *broken_id(const struct subject *subject)
{
	for (size_t i = 0; i < kept_ids(subject); i++)
		if (subject->ids[i].part.broken)
			return &subject->ids[i].part;
	return NULL;
}

static size_t nhs_numbers_of(const struct subject *subject, const struct identifier **last)
{
	size_t count = 0;
	for (size_t i = 0; i < kept_ids(subject); i++)
		if (subject->ids[i].is_nhs && ++count)
			*last = &subject->ids[i];
	return count;
}

static enum outcome subject_has_nhs_number(struct judge *judge, const struct subject *subject)
{
	const struct identifier *number = NULL;
	if (nhs_numbers_of(subject, &number) > 0)
		return HOLDS;
	const struct part *broken = broken_id(subject);
	if (broken)
		return judge_blocked(judge, broken, NULL);
	judge_expect(judge, "an id with root " OID_NHS_NUMBER);
	const struct part *at = subject->id_count ? &subject->ids[0].part : &subject->part;
	return judge_fail_part(judge, at,
			       "the %s has no NHS number: no id has root " OID_NHS_NUMBER,
			       subject_noun(subject));
}

static enum outcome subject_has_one_nhs_number(struct judge *judge, const struct subject *subject)
{
	const struct identifier *second = NULL;
	size_t count = nhs_numbers_of(subject, &second);
	if (count == 0)
		return NOT_APPLICABLE;
	if (count == 1)
		return HOLDS;
	return judge_fail(judge, &second->extension, MASK_NHS_NUMBER,
			  "the %s has %zu NHS numbers: nobody has two", subject_noun(subject),
			  count);
}

static enum outcome nhs_number_comes_first(struct judge *judge, const struct subject *subject)
{
	const struct identifier *number = NULL;
	if (subject->id_count < 2 || nhs_numbers_of(subject, &number) != 1)
		return NOT_APPLICABLE;
	if (number == &subject->ids[0])
		return HOLDS;
	return judge_fail_part(judge, &subject->ids[0].part,
			       "the local id stands before the NHS number of the %s",
			       subject_noun(subject));
}

static enum outcome local_id_is_not_nhs_number(struct judge *judge, const struct subject *subject)
{
	const struct identifier *number = NULL, *local = NULL;
	for (size_t i = 0; i < kept_ids(subject); i++)
		if (subject->ids[i].is_local)
			local = &subject->ids[i];
	if (!local || nhs_numbers_of(subject, &number) == 0)
		return NOT_APPLICABLE;
	if (!str_equal(local->extension.text, number->extension.text))
		return HOLDS;
	return judge_fail(judge, &local->extension, MASK_NHS_NUMBER,
			  "the local id of the %s is the NHS number %s once more",
			  subject_noun(subject), show_number(judge, number));
}

const struct rule nhs_rules[] = {
	{
		.id = "NHS-001",
		.name = "nhs-number-is-not-ten-digits",
		.severity = CPIS_ERROR,
		.on = PART_IDENTIFIER,
		.basis = CPIS_BASIS_DICTIONARY,
		.cite = DICTIONARY,
		.title = "NHS number is not exactly ten digits",
		.why = "The person cannot be found by it: an alert would reach nobody, or be "
		       "refused.",
		.fix = "Send the ten digits of the verified NHS number and nothing else.",
		.check = { .identifier = has_ten_digits },
	},
	{
		.id = "NHS-002",
		.name = "nhs-number-check-digit-differs",
		.severity = CPIS_ERROR,
		.on = PART_IDENTIFIER,
		.basis = CPIS_BASIS_DICTIONARY,
		.cite = DICTIONARY,
		.title = "NHS number has a wrong check digit",
		.why = "A digit was mistyped or two were swapped: the record may attach to another "
		       "child, or to none.",
		.fix = "Compare the number with its source and verify it against PDS; do not "
		       "adjust the "
		       "last digit, since any of the ten may be the wrong one.",
		.check = { .identifier = check_digit_agrees },
	},
	{
		.id = "NHS-003",
		.name = "nhs-number-is-never-issued",
		.severity = CPIS_ERROR,
		.on = PART_IDENTIFIER,
		.basis = CPIS_BASIS_DICTIONARY,
		.cite = DICTIONARY,
		.title = "No NHS number begins with these nine digits",
		.why = "Their check digit would be 10, so such numbers are never given out: "
		       "whoever was "
		       "meant has another number.",
		.fix = "Compare the number with its source and verify it against PDS.",
		.check = { .identifier = can_be_issued },
	},
	{
		.id = "NHS-004",
		.name = "nhs-number-is-zero",
		.severity = CPIS_ERROR,
		.on = PART_IDENTIFIER,
		.basis = CPIS_BASIS_DICTIONARY,
		.cite = DICTIONARY,
		.title = "NHS number is ten zeros",
		.why = "It passes the check digit but is nobody's number: every unidentified child "
		       "would "
		       "share one record.",
		.fix = "Leave the record out until the person's NHS number is verified.",
		.check = { .identifier = is_not_zero },
	},
	{
		.id = "NHS-005",
		.name = "nhs-number-is-one-digit-repeated",
		.severity = CPIS_WARNING,
		.on = PART_IDENTIFIER,
		.basis = CPIS_BASIS_GOOD_PRACTICE,
		.cite = DICTIONARY,
		.title = "NHS number is one digit ten times",
		.why = "Such numbers pass the check digit, and are used as place holders.",
		.fix = "Send the person's verified NHS number.",
		.check = { .identifier = is_not_one_digit_repeated },
	},
	{
		.id = "NHS-006",
		.name = "nhs-number-of-another-country",
		.severity = CPIS_WARNING,
		.on = PART_IDENTIFIER,
		.basis = CPIS_BASIS_DICTIONARY,
		.cite = "Ranges of NHS, CHI and Health and Care numbers",
		.title = "Number is outside the ranges issued in England and Wales",
		.why = "CP-IS finds people through PDS, which holds the numbers of England and "
		       "Wales.",
		.fix = "Verify the person against PDS and send the number found there.",
		.check = { .identifier = is_in_range_of_england },
	},
	{
		.id = "NHS-007",
		.name = "test-number-in-live-message",
		.severity = CPIS_INFO,
		.on = PART_IDENTIFIER,
		.basis = CPIS_BASIS_DICTIONARY,
		.cite = "Test range 999 000 0000 to 999 999 9999, never issued",
		.title = "NHS number of the test range in a live message",
		.why = "No real person has it: test data reached the live service.",
		.fix = "Keep test data out of live; judge test messages with --environment test.",
		.check = { .identifier = is_no_test_number },
	},
	{
		.id = "NHS-008",
		.name = "subject-without-nhs-number",
		.severity = CPIS_ERROR,
		.on = PART_SUBJECT,
		.basis = CPIS_BASIS_SPINE,
		.cite = "Spine MISSING_MANDATORY_FIELD NHS Number",
		.title = "Subject has no NHS number",
		.why = "Spine refuses the record: the plan would not be on CP-IS.",
		.fix = "Send the verified NHS number as the first id, with root " OID_NHS_NUMBER
		       ".",
		.check = { .subject = subject_has_nhs_number },
	},
	{
		.id = "NHS-009",
		.name = "subject-with-two-nhs-numbers",
		.severity = CPIS_ERROR,
		.on = PART_SUBJECT,
		.basis = CPIS_BASIS_CONTRADICTION,
		.cite = SUBJECTS,
		.title = "Subject has two NHS numbers",
		.why = "A person has one NHS number: one of the two is somebody else's.",
		.fix = "Send one NHS number; the second id is the local id, with root " OID_LOCAL_ID
		       ".",
		.check = { .subject = subject_has_one_nhs_number },
	},
	{
		.id = "NHS-010",
		.name = "local-id-before-nhs-number",
		.severity = CPIS_WARNING,
		.on = PART_SUBJECT,
		.basis = CPIS_BASIS_DMS,
		.cite = SUBJECTS,
		.title = "Local id stands before the NHS number",
		.why = "Receivers that read the ids by place take the local id for the NHS number.",
		.fix = "Put the NHS number first and the local id second.",
		.check = { .subject = nhs_number_comes_first },
	},
	{
		.id = "NHS-014",
		.name = "local-id-is-the-nhs-number",
		.severity = CPIS_WARNING,
		.on = PART_SUBJECT,
		.basis = CPIS_BASIS_GOOD_PRACTICE,
		.cite = SUBJECTS,
		.title = "Local id repeats the NHS number",
		.why = "The authority cannot find its own record by it, and an alert about the "
		       "child "
		       "reaches no case worker.",
		.fix = "Send the id of the child in your own system, or leave the local id out.",
		.check = { .subject = local_id_is_not_nhs_number },
	},
};
const size_t nhs_rule_count = sizeof(nhs_rules) / sizeof(nhs_rules[0]);
