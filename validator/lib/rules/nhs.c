/* NHS numbers and other identifiers of people, wherever they stand. */
#include "message/nhs_number.h"
#include "rules/chapters.h"
#include "rules/judge.h"

#define DICTIONARY "NHS Data Dictionary, attribute NHS NUMBER"

static enum outcome has_ten_digits(struct judge *judge, const struct identifier *id)
{
	if (!identifier_is_nhs_number(id) || !value_there(&id->extension))
		return NOT_APPLICABLE;
	struct str number = id->extension.text;
	if (nhs_number_has_shape(number))
		return HOLDS;
	size_t digits = 0;
	for (size_t i = 0; i < number.n; i++)
		digits += char_is_digit(number.p[i]);
	judge_expect(judge, "10 digits");
	const char *shown = judge_show(judge, MASK_NHS_NUMBER, number);
	if (digits == number.n)
		return judge_fail(judge, &id->extension, MASK_NHS_NUMBER,
				  "NHS number %s has %zu digit%s, 10 expected", shown, digits,
				  digits == 1 ? "" : "s");
	if (digits == 10)
		judge_mend(judge, "Send the ten digits alone, without spaces, dashes or letters.");
	return judge_fail(judge, &id->extension, MASK_NHS_NUMBER,
			  "NHS number %s holds %zu digits and %zu other characters, 10 digits expected",
			  shown, digits, number.n - digits);
}

/* What the rules on the digits judge: ten digits of something that is an NHS number. */
static bool is_judged(const struct identifier *id)
{
	return identifier_is_nhs_number(id) && value_there(&id->extension) &&
	       nhs_number_has_shape(id->extension.text);
}

static enum outcome check_digit_agrees(struct judge *judge, const struct identifier *id)
{
	if (!is_judged(id))
		return NOT_APPLICABLE;
	struct str number = id->extension.text;
	int expected = nhs_number_check_digit(number), found = nhs_number_last_digit(number);
	if (expected == 10)
		return NOT_APPLICABLE;
	if (expected == found)
		return HOLDS;
	judge_expect(judge, "check digit %d", expected);
	return judge_fail(judge, &id->extension, MASK_NHS_NUMBER,
			  "NHS number %s: check digit %d found, %d expected",
			  judge_show(judge, MASK_NHS_NUMBER, number), found, expected);
}

static enum outcome can_be_issued(struct judge *judge, const struct identifier *id)
{
	if (!is_judged(id))
		return NOT_APPLICABLE;
	struct str number = id->extension.text;
	if (nhs_number_check_digit(number) != 10)
		return HOLDS;
	return judge_fail(judge, &id->extension, MASK_NHS_NUMBER,
			  "NHS number %s: remainder 10, so no NHS number begins with these nine digits",
			  judge_show(judge, MASK_NHS_NUMBER, number));
}

static enum outcome is_not_zero(struct judge *judge, const struct identifier *id)
{
	if (!is_judged(id))
		return NOT_APPLICABLE;
	if (!str_is(id->extension.text, "0000000000"))
		return HOLDS;
	return judge_fail(judge, &id->extension, MASK_NONE,
			  "the NHS number is ten zeros: a place holder, nobody's number");
}

static enum outcome is_not_repdigit(struct judge *judge, const struct identifier *id)
{
	if (!is_judged(id) || id->extension.text.p[0] == '0')
		return NOT_APPLICABLE;
	if (!nhs_number_is_repdigit(id->extension.text))
		return HOLDS;
	return judge_fail(judge, &id->extension, MASK_NHS_NUMBER,
			  "NHS number %s is one digit ten times: it passes the check digit, yet looks "
			  "like a place holder",
			  judge_show(judge, MASK_NHS_NUMBER, id->extension.text));
}

static bool has_valid_digits(const struct identifier *id)
{
	return is_judged(id) && nhs_number_check_digit(id->extension.text) ==
					nhs_number_last_digit(id->extension.text) &&
	       !nhs_number_is_repdigit(id->extension.text);
}

static enum outcome is_in_range_of_england(struct judge *judge, const struct identifier *id)
{
	if (!has_valid_digits(id))
		return NOT_APPLICABLE;
	static const char *const elsewhere[] = {
		[NHS_RANGE_SCOTLAND] = "is in the range of Scotland's CHI numbers",
		[NHS_RANGE_NORTHERN_IRELAND] =
			"is in the range of Northern Ireland's Health and Care numbers",
		[NHS_RANGE_NEVER_ISSUED] = "is in a range that was never issued",
	};
	enum nhs_range range = nhs_number_range(id->extension.text);
	if (range == NHS_RANGE_ENGLAND_WALES || range == NHS_RANGE_TEST)
		return HOLDS;
	return judge_fail(judge, &id->extension, MASK_NHS_NUMBER, "NHS number %s %s",
			  judge_show(judge, MASK_NHS_NUMBER, id->extension.text), elsewhere[range]);
}

static enum outcome is_no_test_number(struct judge *judge, const struct identifier *id)
{
	if (!has_valid_digits(id))
		return NOT_APPLICABLE;
	if (!judge->options->live || nhs_number_range(id->extension.text) != NHS_RANGE_TEST)
		return HOLDS;
	judge_weigh(judge, CPIS_ERROR);
	return judge_fail(judge, &id->extension, MASK_NHS_NUMBER,
			  "NHS number %s is in the test range 999 000 0000 to 999 999 9999, in a live "
			  "message",
			  judge_show(judge, MASK_NHS_NUMBER, id->extension.text));
}

static size_t kept_ids(size_t count)
{
	return count < MOST_IDS ? count : MOST_IDS;
}

static size_t nhs_numbers_of(const struct subject *subject)
{
	size_t count = 0;
	for (size_t i = 0; i < kept_ids(subject->id_count); i++)
		count += identifier_is_nhs_number(&subject->ids[i]);
	return count;
}

static const char *subject_noun(const struct subject *subject)
{
	return subject->part.role == SUBJECT_MOTHER ? "mother" : "child";
}

static enum outcome subject_has_nhs_number(struct judge *judge, const struct subject *subject)
{
	if (nhs_numbers_of(subject) > 0)
		return HOLDS;
	judge_expect(judge, "an id with root " OID_NHS_NUMBER);
	const struct part *at = subject->id_count ? &subject->ids[0].part : &subject->part;
	return judge_fail_part(judge, at, "the %s has no NHS number: no id has root " OID_NHS_NUMBER,
			       subject_noun(subject));
}

static enum outcome subject_has_one_nhs_number(struct judge *judge, const struct subject *subject)
{
	size_t count = nhs_numbers_of(subject);
	if (count == 0)
		return NOT_APPLICABLE;
	if (count == 1)
		return HOLDS;
	size_t second = 0;
	for (size_t i = 0, seen = 0; i < kept_ids(subject->id_count); i++)
		if (identifier_is_nhs_number(&subject->ids[i]) && ++seen == 2)
			second = i;
	return judge_fail_part(judge, &subject->ids[second].part,
			       "the %s has %zu NHS numbers: nobody has two", subject_noun(subject),
			       count);
}

static enum outcome nhs_number_comes_first(struct judge *judge, const struct subject *subject)
{
	if (nhs_numbers_of(subject) != 1 || subject->id_count < 2)
		return NOT_APPLICABLE;
	if (identifier_is_nhs_number(&subject->ids[0]))
		return HOLDS;
	return judge_fail_part(judge, &subject->ids[0].part,
			       "the local id stands before the NHS number of the %s",
			       subject_noun(subject));
}

/* The ODS code of who sends the subject: the upload's sender, or the authority of a returned record. */
static struct str ods_code_of_sender(const struct identifier *id)
{
	const struct part *upload = part_ancestor(&id->part, PART_UPLOAD);
	if (upload)
		return ((const struct upload *)(const void *)upload)->sender.id.extension.text;
	const struct part *record = part_ancestor(&id->part, PART_RECORD);
	if (record)
		return ((const struct record *)(const void *)record)->authority.id.extension.text;
	return (struct str){ 0 };
}

static enum outcome local_id_names_authority(struct judge *judge, const struct identifier *id)
{
	if (!identifier_is_local(id))
		return NOT_APPLICABLE;
	if (!value_there(&id->authority)) {
		judge_expect(judge, "assigningAuthorityName=\"ODSCode:ODSName\"");
		return judge_fail_part(judge, &id->part,
				       "the local id does not say who gave it: no "
				       "assigningAuthorityName");
	}
	struct str name = id->authority.text;
	const char *colon = memchr(name.p, ':', name.n);
	struct str code = { name.p, colon ? (size_t)(colon - name.p) : name.n };
	bool named = !colon || !str_is_blank(str_from(name, code.n + 1));
	if (!named || code.n < 3 || code.n > 6 || memchr(code.p, ' ', code.n)) {
		judge_expect(judge, "ODSCode:ODSName");
		return judge_fail(judge, &id->authority, MASK_NONE,
				  "assigningAuthorityName \"%s\" is not an ODS code, a colon and a name",
				  judge_plain(judge, name));
	}
	struct str sender = ods_code_of_sender(id);
	if (!sender.p || str_equal(sender, code))
		return HOLDS;
	judge_expect(judge, "ODS code %s", judge_plain(judge, sender));
	return judge_fail(judge, &id->authority, MASK_NONE,
			  "the local id was given by ODS code %s, but the sender is %s",
			  judge_plain(judge, code), judge_plain(judge, sender));
}

static enum outcome ods_code_has_shape(struct judge *judge, const struct organisation *organisation)
{
	const struct value *code = &organisation->id.extension;
	if (!value_there(code) || str_is_blank(code->text))
		return NOT_APPLICABLE;
	bool fits = code->text.n >= 3 && code->text.n <= 6;
	for (size_t i = 0; i < code->text.n; i++)
		fits = fits && (char_is_digit(code->text.p[i]) ||
				(code->text.p[i] >= 'A' && code->text.p[i] <= 'Z'));
	if (fits)
		return HOLDS;
	judge_expect(judge, "3 to 6 upper-case letters and digits");
	return judge_fail(judge, code, MASK_NONE,
			  "the ODS code \"%s\" is not 3 to 6 upper-case letters and digits",
			  judge_plain(judge, code->text));
}

const struct rule nhs_rules[] = {
	{
		.id = "NHS-001", .name = "nhs-number-is-not-ten-digits", .severity = CPIS_ERROR,
		.on = PART_IDENTIFIER, .basis = CPIS_BASIS_DICTIONARY, .cite = DICTIONARY,
		.title = "NHS number is not exactly ten digits",
		.why = "The person cannot be found by it: an alert would reach nobody, or be refused.",
		.fix = "Send the ten digits of the verified NHS number and nothing else.",
		.check = { .identifier = has_ten_digits },
	},
	{
		.id = "NHS-002", .name = "nhs-number-check-digit-differs", .severity = CPIS_ERROR,
		.on = PART_IDENTIFIER, .basis = CPIS_BASIS_DICTIONARY, .cite = DICTIONARY,
		.title = "NHS number has a wrong check digit",
		.why = "A digit was mistyped or two were swapped: the record may attach to another "
		       "child, or to none.",
		.fix = "Compare the number with its source and verify it against PDS; do not adjust the "
		       "last digit, since any of the ten may be the wrong one.",
		.check = { .identifier = check_digit_agrees },
	},
	{
		.id = "NHS-003", .name = "nhs-number-is-never-issued", .severity = CPIS_ERROR,
		.on = PART_IDENTIFIER, .basis = CPIS_BASIS_DICTIONARY, .cite = DICTIONARY,
		.title = "No NHS number begins with these nine digits",
		.why = "Their check digit would be 10, so such numbers are never given out: whoever was "
		       "meant has another number.",
		.fix = "Compare the number with its source and verify it against PDS.",
		.check = { .identifier = can_be_issued },
	},
	{
		.id = "NHS-004", .name = "nhs-number-is-zero", .severity = CPIS_ERROR,
		.on = PART_IDENTIFIER, .basis = CPIS_BASIS_DICTIONARY, .cite = DICTIONARY,
		.title = "NHS number is ten zeros",
		.why = "It passes the check digit but is nobody's number: every unidentified child would "
		       "share one record.",
		.fix = "Leave the record out until the person's NHS number is verified.",
		.check = { .identifier = is_not_zero },
	},
	{
		.id = "NHS-005", .name = "nhs-number-is-one-digit-repeated", .severity = CPIS_WARNING,
		.on = PART_IDENTIFIER, .basis = CPIS_BASIS_GOOD_PRACTICE, .cite = DICTIONARY,
		.title = "NHS number is one digit ten times",
		.why = "Such numbers pass the check digit, and are used as place holders.",
		.fix = "Send the person's verified NHS number.",
		.check = { .identifier = is_not_repdigit },
	},
	{
		.id = "NHS-006", .name = "nhs-number-of-another-country", .severity = CPIS_WARNING,
		.on = PART_IDENTIFIER, .basis = CPIS_BASIS_DICTIONARY,
		.cite = "Ranges of NHS, CHI and Health and Care numbers",
		.title = "Number is outside the ranges issued in England and Wales",
		.why = "CP-IS finds people through PDS, which holds the numbers of England and Wales.",
		.fix = "Verify the person against PDS and send the number found there.",
		.check = { .identifier = is_in_range_of_england },
	},
	{
		.id = "NHS-007", .name = "test-number-in-live-message", .severity = CPIS_INFO,
		.on = PART_IDENTIFIER, .basis = CPIS_BASIS_DICTIONARY,
		.cite = "Test range 999 000 0000 to 999 999 9999, never issued",
		.title = "NHS number of the test range in a live message",
		.why = "No real person has it: test data reached the live service.",
		.fix = "Keep test data out of live; judge test messages with --environment test.",
		.check = { .identifier = is_no_test_number },
	},
	{
		.id = "NHS-008", .name = "subject-without-nhs-number", .severity = CPIS_ERROR,
		.on = PART_SUBJECT, .basis = CPIS_BASIS_SPINE,
		.cite = "Spine MISSING_MANDATORY_FIELD NHS Number",
		.title = "Subject has no NHS number",
		.why = "Spine refuses the record: the plan would not be on CP-IS.",
		.fix = "Send the verified NHS number as the first id, with root " OID_NHS_NUMBER ".",
		.check = { .subject = subject_has_nhs_number },
	},
	{
		.id = "NHS-009", .name = "subject-with-two-nhs-numbers", .severity = CPIS_ERROR,
		.on = PART_SUBJECT, .basis = CPIS_BASIS_CONTRADICTION,
		.cite = "CP-IS DMS 1.0, COCT_TP145100GB01 and COCT_TP145101GB01",
		.title = "Subject has two NHS numbers",
		.why = "A person has one NHS number: one of the two is somebody else's.",
		.fix = "Send one NHS number; the second id is the local id, with root " OID_LOCAL_ID ".",
		.check = { .subject = subject_has_one_nhs_number },
	},
	{
		.id = "NHS-010", .name = "local-id-before-nhs-number", .severity = CPIS_WARNING,
		.on = PART_SUBJECT, .basis = CPIS_BASIS_DMS,
		.cite = "CP-IS DMS 1.0, COCT_TP145100GB01 and COCT_TP145101GB01",
		.title = "Local id stands before the NHS number",
		.why = "Receivers that read the ids by place take the local id for the NHS number.",
		.fix = "Put the NHS number first and the local id second.",
		.check = { .subject = nhs_number_comes_first },
	},
	{
		.id = "NHS-011", .name = "local-id-of-unnamed-authority", .severity = CPIS_WARNING,
		.on = PART_IDENTIFIER, .basis = CPIS_BASIS_DMS,
		.cite = "CP-IS DMS 1.0, COCT_TP145100GB01 and COCT_TP145101GB01",
		.title = "Local id does not name the authority that gave it",
		.why = "A local id means something only to the authority that gave it.",
		.fix = "Set assigningAuthorityName to the sender's ODS code, a colon and its name.",
		.check = { .identifier = local_id_names_authority },
	},
	{
		.id = "NHS-012", .name = "ods-code-of-wrong-form", .severity = CPIS_WARNING,
		.on = PART_ORGANISATION, .basis = CPIS_BASIS_DICTIONARY,
		.cite = "NHS Data Dictionary, ORGANISATION CODE",
		.title = "ODS code is not 3 to 6 upper-case letters and digits",
		.why = "The organisation cannot be looked up, so nobody can be called back.",
		.fix = "Send the code as the Organisation Data Service lists it.",
		.check = { .organisation = ods_code_has_shape },
	},
};
const size_t nhs_rule_count = sizeof(nhs_rules) / sizeof(nhs_rules[0]);
