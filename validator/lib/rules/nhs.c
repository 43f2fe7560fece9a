/* NHS numbers, local ids and ODS codes, in any message. */
#include "message/identifiers.h"
#include "rules/catalogue.h"
#include "rules/judge.h"

#include <strings.h>

#define DICTIONARY "NHS Data Dictionary, attribute NHS NUMBER"
#define SUBJECTS   "CP-IS DMS 1.0, COCT_TP145100GB01 and COCT_TP145101GB01"

static const char *show_number(struct judge *judge, const struct identifier *id)
{
	return judge_show(judge, MASK_NHS_NUMBER, id->extension.text);
}

/* As nhs_number_of, and it may be in groups of 3, 3 and 4 digits, as people write it. */
static struct nhs_number number_in(struct str text)
{
	char bare[10];
	text = str_trim(text);
	bool groups =
		text.n == 12 && (text.p[3] == ' ' || text.p[3] == '-') && text.p[7] == text.p[3];
	if (!groups)
		return nhs_number_of(text);
	memcpy(bare, text.p, 3);
	memcpy(bare + 3, text.p + 4, 3);
	memcpy(bare + 6, text.p + 8, 4);
	return nhs_number_of((struct str){ bare, sizeof(bare) });
}

/* Whether a local id is an NHS number. */
static bool is_same_number(const struct identifier *local, const struct identifier *id)
{
	struct nhs_number number = number_in(local->extension.text);
	if (!number.has_shape || !id->number.has_shape)
		return str_equal(local->extension.text, id->extension.text);
	return number.nine == id->number.nine && number.last == id->number.last;
}

/* A valid number of a range that is given to people or to tests: few local ids have such a form by
 * chance. */
static bool is_a_persons(struct str text)
{
	struct nhs_number number = number_in(text);
	return nhs_number_is_valid(&number) &&
	       (number.range == NHS_RANGE_ENGLAND_WALES || number.range == NHS_RANGE_TEST);
}

/* Whether the local id of the same person, if it has been read, is the NHS number. */
static bool is_swapped(const struct identifier *id)
{
	if (!id->part.parent || id->part.parent->kind != PART_SUBJECT)
		return false;
	const struct subject *subject = (const struct subject *)(const void *)id->part.parent;
	for (size_t i = 0; i < subject->id_count; i++)
		if (subject->ids[i].is_local && is_a_persons(subject->ids[i].extension.text))
			return true;
	return false;
}

/* In a query itself, and not in one that a response lists. */
static bool is_asked_for(const struct identifier *id)
{
	return id->part.role == ID_QUERIED && id->part.parent &&
	       id->part.parent->role == QUERY_ASKED;
}

static enum outcome has_ten_digits(struct judge *judge, const struct identifier *id)
{
	if (!value_there(&id->extension))
		return NOT_APPLICABLE;
	if (is_asked_for(id) && character_shows_nothing(id->extension.text))
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
	if (is_swapped(id))
		judge_fix(judge, "The roots of the NHS number and the local id are swapped. Send "
				 "the NHS number first, with root " OID_NHS_NUMBER ".");
	if (others == 0)
		return judge_fail(judge, &id->extension, MASK_NHS_NUMBER,
				  "NHS number %s has %zu digit%s; it should have 10",
				  show_number(judge, id), digits, digits == 1 ? "" : "s");
	if (digits == 10 && !is_swapped(id))
		judge_fix(judge, "Send only the ten digits, without spaces, dashes or letters.");
	return judge_fail(
		judge, &id->extension, MASK_NHS_NUMBER,
		"NHS number %s has %zu digit%s and %zu other character%s; it should be 10 digits",
		show_number(judge, id), digits, digits == 1 ? "" : "s", others,
		others == 1 ? "" : "s");
}

static const struct rule nhs_001 = {
	.id = "NHS-001",
	.name = "nhs-number-is-not-ten-digits",
	.severity = CPIS_ERROR,
	.on = PART_IDENTIFIER,
	.sorts = NHS_NUMBERS,
	.basis = CPIS_BASIS_DICTIONARY,
	.cite = DICTIONARY,
	.title = "NHS number is not exactly ten digits",
	.why = "The person cannot be found by it: an alert reaches no one, or is refused.",
	.fix = "Send the ten digits of the verified NHS number and nothing else.",
	.check = { .identifier = has_ten_digits },
};

static enum outcome check_digit_agrees(struct judge *judge, const struct identifier *id)
{
	if (!id->number.has_shape || id->number.check == NO_CHECK_DIGIT)
		return NOT_APPLICABLE;
	if (id->number.check == id->number.last)
		return HOLDS;
	/* The digits are part of the number, and are shown with it alone. */
	if (!judge->options->show_values)
		return judge_fail(judge, &id->extension, MASK_NHS_NUMBER,
				  "the check digit of NHS number %s does not agree with its other "
				  "digits",
				  show_number(judge, id));
	judge_expect(judge, "check digit %d", id->number.check);
	return judge_fail(judge, &id->extension, MASK_NHS_NUMBER,
			  "NHS number %s has check digit %d; it should be %d",
			  show_number(judge, id), id->number.last, id->number.check);
}

static const struct rule nhs_002 = {
	.id = "NHS-002",
	.name = "nhs-number-check-digit-differs",
	.severity = CPIS_ERROR,
	.on = PART_IDENTIFIER,
	.sorts = NHS_NUMBERS,
	.basis = CPIS_BASIS_DICTIONARY,
	.cite = DICTIONARY,
	.title = "NHS number has a wrong check digit",
	.why = "A digit was mistyped or two were swapped: the record may be attached to another "
	       "child, or to no one.",
	.fix = "Compare the number with its source and verify it against PDS. Do not adjust the "
	       "last digit: any of the ten may be the wrong one.",
	.check = { .identifier = check_digit_agrees },
};

static enum outcome can_be_issued(struct judge *judge, const struct identifier *id)
{
	if (!id->number.has_shape)
		return NOT_APPLICABLE;
	if (id->number.check != NO_CHECK_DIGIT)
		return HOLDS;
	return judge_fail(judge, &id->extension, MASK_NHS_NUMBER,
			  "NHS number %s would have check digit 10, so no NHS number begins with "
			  "these nine digits",
			  show_number(judge, id));
}

static const struct rule nhs_003 = {
	.id = "NHS-003",
	.name = "nhs-number-is-never-issued",
	.severity = CPIS_ERROR,
	.on = PART_IDENTIFIER,
	.sorts = NHS_NUMBERS,
	.basis = CPIS_BASIS_DICTIONARY,
	.cite = DICTIONARY,
	.title = "No NHS number begins with these nine digits",
	.why = "Their check digit would be 10, so such numbers are never issued: the person has "
	       "another number.",
	.fix = "Compare the number with its source and verify it against PDS.",
	.check = { .identifier = can_be_issued },
};

static bool is_zero(const struct identifier *id)
{
	return id->number.one_digit && id->number.last == 0;
}

/* NULL: the rule's. The person of an upload or a reply has a record; that of other messages has
 * not.
 */
static const char *fix_of_zero(const struct identifier *id)
{
	switch (id->part.role) {
	case ID_CHILD:
	case ID_MOTHER:
		return NULL;
	case ID_REPLACEMENT:
		return "Send the number that PDS has now, or no replacement.";
	default:
		return is_asked_for(id) ? "Find the person's NHS number on PDS, and ask for that."
					: "Send the person's verified NHS number.";
	}
}

static enum outcome is_not_zero(struct judge *judge, const struct identifier *id)
{
	if (!id->number.has_shape)
		return NOT_APPLICABLE;
	if (!is_zero(id))
		return HOLDS;
	judge_fix(judge, fix_of_zero(id));
	return judge_fail(judge, &id->extension, MASK_NONE,
			  "the NHS number is ten zeros: a placeholder, not a person's number");
}

static const struct rule nhs_004 = {
	.id = "NHS-004",
	.name = "nhs-number-is-zero",
	.severity = CPIS_ERROR,
	.on = PART_IDENTIFIER,
	.sorts = NHS_NUMBERS,
	.basis = CPIS_BASIS_DICTIONARY,
	.cite = DICTIONARY,
	.title = "NHS number is ten zeros",
	.why = "It passes the check digit but belongs to no one: all unidentified children would "
	       "share one record.",
	.fix = "Leave the record out until the person's NHS number is verified.",
	.check = { .identifier = is_not_zero },
};

static enum outcome is_not_one_digit_repeated(struct judge *judge, const struct identifier *id)
{
	if (!id->number.has_shape || is_zero(id))
		return NOT_APPLICABLE;
	if (!id->number.one_digit)
		return HOLDS;
	return judge_fail(judge, &id->extension, MASK_NHS_NUMBER,
			  "NHS number %s is the same digit ten times: it passes the check digit, "
			  "but looks like a placeholder",
			  show_number(judge, id));
}

static const struct rule nhs_005 = {
	.id = "NHS-005",
	.name = "nhs-number-is-one-digit-repeated",
	.severity = CPIS_WARNING,
	.on = PART_IDENTIFIER,
	.sorts = NHS_NUMBERS,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = DICTIONARY,
	.title = "NHS number is the same digit ten times",
	.why = "Such numbers pass the check digit, and are used as placeholders.",
	.fix = "Send the person's verified NHS number.",
	.check = { .identifier = is_not_one_digit_repeated },
};

static enum outcome is_in_range_of_england(struct judge *judge, const struct identifier *id)
{
	if (!nhs_number_is_valid(&id->number))
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

static const struct rule nhs_006 = {
	.id = "NHS-006",
	.name = "nhs-number-of-another-country",
	.severity = CPIS_WARNING,
	.on = PART_IDENTIFIER,
	.sorts = NHS_NUMBERS,
	.basis = CPIS_BASIS_DICTIONARY,
	.cite = "Ranges of NHS, CHI and Health and Care numbers",
	.title = "Number is outside the ranges issued in England and Wales",
	.why = "CP-IS finds people through PDS, which has the numbers of England and Wales.",
	.fix = "Look the person up on PDS and send the number found there.",
	.check = { .identifier = is_in_range_of_england },
};

static enum outcome is_no_test_number(struct judge *judge, const struct identifier *id)
{
	if (!nhs_number_is_valid(&id->number) || !judge->options->live)
		return NOT_APPLICABLE;
	if (id->number.range != NHS_RANGE_TEST)
		return HOLDS;
	judge_severity(judge, CPIS_ERROR);
	return judge_fail(judge, &id->extension, MASK_NHS_NUMBER,
			  "NHS number %s is in the test range 999 000 0000 to 999 999 9999, but "
			  "the message is live",
			  show_number(judge, id));
}

static const struct rule nhs_007 = {
	.id = "NHS-007",
	.name = "test-number-in-live-message",
	.severity = CPIS_INFO,
	.on = PART_IDENTIFIER,
	.sorts = NHS_NUMBERS,
	.basis = CPIS_BASIS_DICTIONARY,
	.cite = "Test range 999 000 0000 to 999 999 9999, never issued",
	.title = "Test NHS number in a live message",
	.why = "No real person has it: test data has reached the live service.",
	.fix = "Keep test data out of live. Judge test messages with --environment test.",
	.check = { .identifier = is_no_test_number },
};

static const char *subject_noun(const struct subject *subject)
{
	return subject->part.role == SUBJECT_MOTHER ? "mother" : "child";
}

/* The first id of a subject that has a broken structure: its purpose is unknown. */
static const struct part *broken_id(const struct subject *subject)
{
	for (size_t i = 0; i < subject->id_count; i++)
		if (subject->ids[i].part.broken)
			return &subject->ids[i].part;
	return NULL;
}

/* A person by its ids, wherever a message names one. */
struct person {
	const struct identifier *ids;
	size_t count;
	const char *noun;
};

static struct person person_of_subject(const struct subject *subject)
{
	return (struct person){ subject->ids, subject->id_count, subject_noun(subject) };
}

static struct person person_of_query(const struct query *query)
{
	return (struct person){ query->nhs_numbers, query->nhs_number_count,
				"person whose record was opened" };
}

static struct person person_of_patient(const struct inactive_patient *patient)
{
	return (struct person){ patient->ids, patient->id_count, "inactive patient" };
}

static size_t numbers_of(struct person person, const struct identifier **last)
{
	size_t count = 0;
	for (size_t i = 0; i < person.count; i++)
		if (person.ids[i].is_nhs && ++count)
			*last = &person.ids[i];
	return count;
}

static size_t nhs_numbers_of(const struct subject *subject, const struct identifier **last)
{
	return numbers_of(person_of_subject(subject), last);
}

/* Spine may answer of a child without an id: the NHS number is in the queries that it lists. */
static bool is_spines_answer(const struct subject *subject)
{
	const struct wrapper *wrapper = (const void *)part_ancestor(&subject->part, PART_WRAPPER);
	return subject->part.role == SUBJECT_CHILD && wrapper &&
	       strcmp(wrapper->part.element, "REPC_IN000007GB01") == 0;
}

static enum outcome subject_has_nhs_number(struct judge *judge, const struct subject *subject)
{
	const struct identifier *number = NULL;
	if (nhs_numbers_of(subject, &number) > 0)
		return HOLDS;
	const struct part *broken = broken_id(subject);
	if (broken)
		return judge_blocked(judge, broken, NULL);
	if (subject->id_count == 0 && is_spines_answer(subject)) {
		judge_severity(judge, CPIS_INFO);
		judge_fix(judge, "Nothing, where Spine sends it: the queries that it lists have "
				 "the number.");
	}
	judge_expect(judge, "an id with root " OID_NHS_NUMBER);
	const struct part *at = subject->id_count ? &subject->ids[0].part : &subject->part;
	return judge_fail_part(judge, at,
			       "the %s has no NHS number: no id has root " OID_NHS_NUMBER,
			       subject_noun(subject));
}

static const struct rule nhs_008 = {
	.id = "NHS-008",
	.name = "subject-without-nhs-number",
	.severity = CPIS_ERROR,
	.on = PART_SUBJECT,
	.basis = CPIS_BASIS_SPINE,
	.cite = "Spine MISSING_MANDATORY_FIELD NHS Number",
	.title = "Subject has no NHS number",
	.why = "Spine refuses the record, so the plan is not on CP-IS.",
	.fix = "Send the verified NHS number as the first id, with root " OID_NHS_NUMBER ".",
	.check = { .subject = subject_has_nhs_number },
};

static enum outcome subject_has_one_nhs_number(struct judge *judge, const struct subject *subject)
{
	const struct identifier *second = NULL;
	size_t count = nhs_numbers_of(subject, &second);
	if (count == 0)
		return NOT_APPLICABLE;
	if (count == 1)
		return HOLDS;
	return judge_fail(judge, &second->extension, MASK_NHS_NUMBER,
			  "the %s has %zu NHS numbers; it should have one", subject_noun(subject),
			  count);
}

static const struct rule nhs_009 = {
	.id = "NHS-009",
	.name = "subject-with-two-nhs-numbers",
	.severity = CPIS_ERROR,
	.on = PART_SUBJECT,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = SUBJECTS,
	.title = "Subject has two NHS numbers",
	.why = "A person has one NHS number: one of the two is someone else's.",
	.fix = "Send one NHS number. The second id is for the local id, with root " OID_LOCAL_ID
	       ".",
	.check = { .subject = subject_has_one_nhs_number },
};

static enum outcome nhs_number_comes_first(struct judge *judge, const struct subject *subject)
{
	const struct identifier *number = NULL;
	if (subject->id_count < 2 || nhs_numbers_of(subject, &number) != 1)
		return NOT_APPLICABLE;
	if (number == &subject->ids[0])
		return HOLDS;
	struct nhs_number first = nhs_number_of(str_trim(subject->ids[0].extension.text));
	if (!number->number.has_shape && first.has_shape)
		return judge_blocked(judge, NULL, "NHS-001"); /* the roots are swapped */
	return judge_fail_part(judge, &subject->ids[0].part,
			       "the local id comes before the NHS number of the %s",
			       subject_noun(subject));
}

static const struct rule nhs_010 = {
	.id = "NHS-010",
	.name = "local-id-before-nhs-number",
	.severity = CPIS_WARNING,
	.on = PART_SUBJECT,
	.basis = CPIS_BASIS_DMS,
	.cite = SUBJECTS,
	.title = "Local id comes before the NHS number",
	.why = "Receivers that read the ids by position take the local id for the NHS number.",
	.fix = "Put the NHS number first and the local id second.",
	.check = { .subject = nhs_number_comes_first },
};

static enum outcome local_id_is_not_nhs_number(struct judge *judge, struct person person)
{
	const struct identifier *number = NULL, *local = NULL;
	for (size_t i = 0; i < person.count; i++)
		if (person.ids[i].is_local)
			local = &person.ids[i];
	if (!local || numbers_of(person, &number) == 0)
		return NOT_APPLICABLE;
	if (!is_same_number(local, number))
		return HOLDS;
	return judge_fail(judge, &local->extension, MASK_NHS_NUMBER,
			  "the local id of the %s is the same as the NHS number, %s", person.noun,
			  show_number(judge, number));
}

/* A check of the ids of a person, for each kind of part that has one. */
#define CHECK_OF_PERSON(check)                                                                     \
	static enum outcome check##_in_subject(struct judge *judge, const struct subject *subject) \
	{                                                                                          \
		return check(judge, person_of_subject(subject));                                   \
	}                                                                                          \
	static enum outcome check##_in_query(struct judge *judge, const struct query *query)       \
	{                                                                                          \
		return check(judge, person_of_query(query));                                       \
	}                                                                                          \
	static enum outcome check##_in_patient(struct judge *judge,                                \
					       const struct inactive_patient *patient)             \
	{                                                                                          \
		return check(judge, person_of_patient(patient));                                   \
	}
#define ALSO_OF_PERSON(check_)                                                                     \
	ALSO({ PART_QUERY, { .query = check_##_in_query } },                                       \
	     { PART_INACTIVE_PATIENT, { .inactive_patient = check_##_in_patient } })

CHECK_OF_PERSON(local_id_is_not_nhs_number)

static const struct rule nhs_014 = {
	.id = "NHS-014",
	.name = "local-id-is-the-nhs-number",
	.severity = CPIS_WARNING,
	.on = PART_SUBJECT,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = SUBJECTS,
	.title = "Local id repeats the NHS number",
	.why = "The authority cannot find its own record by it, so an alert reaches no case "
	       "worker.",
	.fix = "Send the person's id in your own system, or leave the local id out.",
	.check = { .subject = local_id_is_not_nhs_number_in_subject },
	.also = ALSO_OF_PERSON(local_id_is_not_nhs_number),
};

static bool is_ods_code(struct str code)
{
	if (code.n < 3 || code.n > 6)
		return false;
	for (size_t i = 0; i < code.n; i++)
		if (!char_is_digit(code.p[i]) && (code.p[i] < 'A' || code.p[i] > 'Z'))
			return false;
	return true;
}

/* "ODS:Name", or the code alone. */
static bool names_authority(struct str authority)
{
	struct str code = ods_code_of_authority(authority);
	return is_ods_code(code) &&
	       (code.n == authority.n || !character_shows_nothing(str_from(authority, code.n + 1)));
}

static enum outcome local_id_names_authority(struct judge *judge, const struct identifier *id)
{
	/* One that is an NHS number is NHS-001's, NHS-008's, NHS-014's or NHS-016's. */
	if (!value_there(&id->authority) && is_a_persons(id->extension.text))
		return NOT_APPLICABLE;
	if (value_there(&id->authority) && names_authority(id->authority.text))
		return HOLDS;
	judge_expect(judge, "assigningAuthorityName=\"ODSCode:ODSName\"");
	if (!value_there(&id->authority))
		return judge_fail_part(judge, &id->part,
				       "the local id does not say which authority issued it: it "
				       "has no assigningAuthorityName");
	return judge_fail(judge, &id->authority, MASK_NONE,
			  "assigningAuthorityName \"%s\" is not an ODS code, a colon and a name",
			  judge_plain(judge, id->authority.text));
}

static const struct rule nhs_011 = {
	.id = "NHS-011",
	.name = "local-id-of-unnamed-authority",
	.severity = CPIS_WARNING,
	.on = PART_IDENTIFIER,
	.sorts = LOCAL_IDS,
	.basis = CPIS_BASIS_DMS,
	.cite = SUBJECTS,
	.title = "Local id does not name the authority that issued it",
	.why = "A local id means something only to the authority that issued it.",
	.fix = "Set assigningAuthorityName to the authority's ODS code, a colon and its name.",
	.check = { .identifier = local_id_names_authority },
};

/* authority: as the local id has it. holder: the ODS code of who holds the record. */
static enum outcome is_of_holder(struct judge *judge, const struct value *authority,
				 struct str holder)
{
	if (!value_there(authority) || !names_authority(authority->text))
		return NOT_APPLICABLE;
	struct str code = ods_code_of_authority(authority->text);
	if (ods_code_same(holder, code))
		return HOLDS;
	if (!is_ods_code(holder))
		return NOT_APPLICABLE;
	judge_expect(judge, "ODS code %s", judge_plain(judge, holder));
	return judge_fail(judge, authority, MASK_NONE,
			  "the local id was issued by ODS code %s, but the record belongs to %s",
			  judge_plain(judge, code), judge_plain(judge, holder));
}

static enum outcome local_id_is_of_holder(struct judge *judge, const struct identifier *id)
{
	return is_of_holder(judge, &id->authority, holder_around(id->part.parent));
}

/* Who holds the records is at its end. */
static enum outcome local_ids_are_of_recipient(struct judge *judge,
					       const struct access_notification *notification)
{
	enum outcome outcome = NOT_APPLICABLE;
	for (const struct noted *noted = notification->authorities.first; noted;
	     noted = noted->next) {
		enum outcome one = is_of_holder(judge, &noted->value,
						notification->recipient.id.extension.text);
		if (one == FAILS || outcome == NOT_APPLICABLE)
			outcome = one;
	}
	return outcome;
}

static const struct rule nhs_013 = {
	.id = "NHS-013",
	.name = "local-id-of-another-authority",
	.severity = CPIS_WARNING,
	.on = PART_IDENTIFIER,
	.sorts = LOCAL_IDS,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = SUBJECTS,
	.title = "Local id was issued by an authority that does not hold the record",
	.why = "Anyone who looks the person up by it asks the wrong authority, or finds another "
	       "person.",
	.fix = "Send the local id of the authority that holds the record, under its own ODS code.",
	.check = { .identifier = local_id_is_of_holder },
	.also = ALSO({ PART_ACCESS_NOTIFICATION,
		       { .access_notification = local_ids_are_of_recipient } }),
};

static enum outcome local_id_is_not_blank(struct judge *judge, const struct identifier *id)
{
	if (!value_there(&id->extension))
		return NOT_APPLICABLE;
	if (!character_shows_nothing(id->extension.text))
		return HOLDS;
	return judge_fail(judge, &id->extension, MASK_LOCAL_ID, "the local id is blank");
}

static const struct rule nhs_015 = {
	.id = "NHS-015",
	.name = "local-id-is-blank",
	.severity = CPIS_WARNING,
	.on = PART_IDENTIFIER,
	.sorts = LOCAL_IDS,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = SUBJECTS,
	.title = "Local id is blank",
	.why = "It looks as if there were an id to find the person by, but there is not.",
	.fix = "Send the person's id in your own system, or leave the local id out.",
	.check = { .identifier = local_id_is_not_blank },
};

static enum outcome ods_code_has_shape(struct judge *judge, const struct organisation *organisation)
{
	const struct value *code = &organisation->id.extension;
	if (!value_there(code) || character_shows_nothing(code->text))
		return NOT_APPLICABLE;
	if (is_ods_code(code->text))
		return HOLDS;
	judge_expect(judge, "3 to 6 upper-case letters and digits");
	return judge_fail(judge, code, MASK_NONE,
			  "the ODS code \"%s\" is not 3 to 6 upper-case letters and digits",
			  judge_plain(judge, code->text));
}

static const struct rule nhs_012 = {
	.id = "NHS-012",
	.name = "ods-code-of-wrong-form",
	.severity = CPIS_WARNING,
	.on = PART_ORGANISATION,
	.basis = CPIS_BASIS_DICTIONARY,
	.cite = "NHS Data Dictionary, ORGANISATION CODE",
	.title = "ODS code is not 3 to 6 upper-case letters and digits",
	.why = "The organisation cannot be looked up, so no one can be called back.",
	.fix = "Send the code as the Organisation Data Service lists it.",
	.check = { .organisation = ods_code_has_shape },
};

static enum outcome local_id_is_of_no_one_else(struct judge *judge, struct person person)
{
	const struct identifier *own = NULL;
	enum outcome outcome = NOT_APPLICABLE;
	/* Without a number of its own, it may be the one that is missing: NHS-001 or NHS-008. */
	if (numbers_of(person, &own) != 1 || !own->number.has_shape)
		return NOT_APPLICABLE;
	for (size_t i = 0; i < person.count; i++) {
		const struct identifier *local = &person.ids[i];
		if (!local->is_local || is_same_number(local, own))
			continue; /* NHS-014 */
		outcome = outcome == FAILS ? FAILS : HOLDS;
		if (is_a_persons(local->extension.text))
			outcome = judge_fail(
				judge, &local->extension, MASK_NHS_NUMBER,
				"the local id %s is a valid NHS number, but not that of the %s",
				show_number(judge, local), person.noun);
	}
	return outcome;
}

CHECK_OF_PERSON(local_id_is_of_no_one_else)

static const struct rule nhs_016 = {
	.id = "NHS-016",
	.name = "local-id-is-another-nhs-number",
	.severity = CPIS_WARNING,
	.on = PART_SUBJECT,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = SUBJECTS ", id; " DICTIONARY,
	.title = "Local id is another valid NHS number",
	.why = "It may be a relative's NHS number, or the person's old one: it is disclosed to "
	       "everyone who sees the record, and an alert may reach the wrong case.",
	.fix = "Send the person's id in your own system. If that is what this is, do nothing.",
	.check = { .subject = local_id_is_of_no_one_else_in_subject },
	.also = ALSO_OF_PERSON(local_id_is_of_no_one_else),
};

/* What is typed into a field that must not be empty. */
static const char *const placeholders[] = { "unknown", "not known", "none", "null", "nil",
					    "n/a",     "na",	    "tbc",  "tba",  "test",
					    "xxx",     "-",	    ".",    NULL };

static bool is_placeholder(struct str text)
{
	text = str_trim(text);
	/* The first letter is enough for most. */
	if (!text.n || !strchr("0untxUNTX-.", text.p[0]))
		return false;
	size_t zeros = 0;
	while (zeros < text.n && text.p[zeros] == '0')
		zeros++;
	if (zeros == text.n)
		return true;
	for (size_t i = 0; placeholders[i]; i++)
		if (strlen(placeholders[i]) == text.n &&
		    strncasecmp(text.p, placeholders[i], text.n) == 0)
			return true;
	return false;
}

static enum outcome local_id_is_real(struct judge *judge, const struct identifier *id)
{
	if (!value_filled(&id->extension))
		return NOT_APPLICABLE;
	if (!is_placeholder(id->extension.text))
		return HOLDS;
	return judge_fail(judge, &id->extension, MASK_LOCAL_ID, "the local id %s is a placeholder",
			  judge_show(judge, MASK_LOCAL_ID, id->extension.text));
}

static const struct rule nhs_017 = {
	.id = "NHS-017",
	.name = "local-id-is-a-placeholder",
	.severity = CPIS_WARNING,
	.on = PART_IDENTIFIER,
	.sorts = LOCAL_IDS,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = SUBJECTS ", id",
	.title = "Local id is a placeholder",
	.why = "The authority cannot find its own record by it, so an alert reaches no case "
	       "worker.",
	.fix = "Send the person's id in your own system, or leave the local id out.",
	.check = { .identifier = local_id_is_real },
};

static enum outcome organisation_name_is_real(struct judge *judge,
					      const struct organisation *organisation)
{
	if (!value_filled(&organisation->name))
		return NOT_APPLICABLE;
	if (!is_placeholder(organisation->name.text))
		return HOLDS;
	return judge_fail(judge, &organisation->name, MASK_NONE,
			  "the organisation name \"%s\" is a placeholder",
			  judge_plain(judge, organisation->name.text));
}

static const struct rule nhs_018 = {
	.id = "NHS-018",
	.name = "organisation-name-is-a-placeholder",
	.severity = CPIS_WARNING,
	.on = PART_ORGANISATION,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = "CP-IS DMS 1.0, organisation name",
	.title = "Organisation name is a placeholder",
	.why = "A clinician or social worker does not know whom to call.",
	.fix = "Send the name that the Organisation Data Service lists for the ODS code.",
	.check = { .organisation = organisation_name_is_real },
};

/* Hexadecimal digits that are all the same, apart from hyphens. */
static bool is_one_digit(struct str text)
{
	size_t digits = 0;
	char first = 0;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '-')
			continue;
		if (digits++ == 0)
			first = text.p[i];
		if (text.p[i] != first)
			return false;
	}
	return digits > 1;
}

static enum outcome is_a_new_uuid(struct judge *judge, const struct value *id, const char *noun)
{
	struct str text = uuid_bare(str_trim(id->text));
	if (!text.n)
		return NOT_APPLICABLE;
	if (!is_one_digit(text))
		return HOLDS;
	judge_expect(judge, "a new UUID");
	return judge_fail(judge, id, MASK_NONE, "the %s %s is a placeholder: one digit repeated",
			  noun, judge_plain(judge, text));
}

static enum outcome worse(enum outcome a, enum outcome b)
{
	if (a == FAILS || b == FAILS)
		return FAILS;
	return a == HOLDS || b == HOLDS ? HOLDS : NOT_APPLICABLE;
}

static enum outcome wrapper_has_new_uuid(struct judge *judge, const struct wrapper *wrapper)
{
	enum outcome id = is_a_new_uuid(judge, &wrapper->id, "message id");
	return worse(is_a_new_uuid(judge, &wrapper->message_ref, "id in messageRef"), id);
}

static enum outcome envelope_has_new_uuid(struct judge *judge, const struct envelope *envelope)
{
	return is_a_new_uuid(judge, &envelope->tracking_id, "trackingid");
}

static enum outcome soap_has_new_uuid(struct judge *judge, const struct soap *soap)
{
	return is_a_new_uuid(judge, &soap_addressing(soap)->message_id, "wsa:MessageID");
}

static enum outcome query_has_new_uuid(struct judge *judge, const struct query *query)
{
	return is_a_new_uuid(judge, &query->id, "query id");
}

static enum outcome response_has_new_uuid(struct judge *judge, const struct response *response)
{
	return is_a_new_uuid(judge, &response->id, "response id");
}

static enum outcome access_notification_has_new_uuid(struct judge *judge,
						     const struct access_notification *notification)
{
	return is_a_new_uuid(judge, &notification->id, "notification id");
}

static enum outcome inactive_notification_has_new_uuid(
	struct judge *judge, const struct inactive_notification *notification)
{
	return is_a_new_uuid(judge, &notification->id, "notification id");
}

static const struct rule nhs_019 = {
	.id = "NHS-019",
	.name = "uuid-is-a-placeholder",
	.severity = CPIS_WARNING,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = "CP-IS DMS 1.0, datatype II.NPfIT.uuid.mandatory; ITK COR-DEH-02",
	.title = "UUID is a placeholder",
	.why = "Two messages with this id look like one: the second is dropped, or its reply is "
	       "shown for another patient.",
	.fix = "Create a new upper-case UUID for every message.",
	.check = { .wrapper = wrapper_has_new_uuid },
	.also = ALSO({ PART_ENVELOPE, { .envelope = envelope_has_new_uuid } },
		     { PART_SOAP, { .soap = soap_has_new_uuid } },
		     { PART_QUERY, { .query = query_has_new_uuid } },
		     { PART_RESPONSE, { .response = response_has_new_uuid } },
		     { PART_ACCESS_NOTIFICATION,
		       { .access_notification = access_notification_has_new_uuid } },
		     { PART_INACTIVE_NOTIFICATION,
		       { .inactive_notification = inactive_notification_has_new_uuid } }),
};

static enum outcome sds_id_is_real(struct judge *judge, const struct identifier *id)
{
	const struct sds_kind *kind = sds_kind_of(id);
	struct str text = id->extension.text;
	/* Another form is TMS-009's or TMS-027's. */
	if (!kind || text.n != 12 || !str_is_digits(text))
		return NOT_APPLICABLE;
	if (!is_placeholder(text))
		return HOLDS;
	return judge_fail(judge, &id->extension, kind->mask,
			  "the %s is twelve zeros: a placeholder", kind->noun);
}

static const struct rule nhs_020 = {
	.id = "NHS-020",
	.name = "sds-id-is-a-placeholder",
	.severity = CPIS_WARNING,
	.on = PART_IDENTIFIER,
	.sorts = SDS_IDS,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = "Identifier flavours II.NPfIT.DeviceSDS and those of SDS users",
	.title = "ASID, user id or role profile id is all zeros",
	.why = "No system or person has it, so who saw a child's record stays unknown.",
	.fix = "Send the 12 digits listed in the Spine Directory Service.",
	.check = { .identifier = sds_id_is_real },
};

static enum outcome is_no_live_number(struct judge *judge, const struct identifier *id)
{
	if (!nhs_number_is_valid(&id->number) || judge->options->live)
		return NOT_APPLICABLE;
	if (id->number.range != NHS_RANGE_ENGLAND_WALES)
		return HOLDS;
	return judge_fail(judge, &id->extension, MASK_NHS_NUMBER,
			  "NHS number %s may be a real person's, and this is a test message",
			  show_number(judge, id));
}

static const struct rule nhs_021 = {
	.id = "NHS-021",
	.name = "live-number-in-test-message",
	.severity = CPIS_INFO,
	.on = PART_IDENTIFIER,
	.sorts = NHS_NUMBERS,
	.basis = CPIS_BASIS_DICTIONARY,
	.cite = "Ranges of NHS numbers issued in England and Wales",
	.title = "NHS number in a test message may be a real person's",
	.why = "Test messages are seen by people who may not see a child's record.",
	.fix = "Use numbers from 999 000 0000 to 999 999 9999 in tests. Judge live messages with "
	       "--environment live.",
	.check = { .identifier = is_no_live_number },
};

const struct rule *const nhs_rules[] = {
	&nhs_001, &nhs_002, &nhs_003, &nhs_004, &nhs_005, &nhs_006, &nhs_007, &nhs_008,
	&nhs_009, &nhs_010, &nhs_011, &nhs_012, &nhs_013, &nhs_014, &nhs_015, &nhs_016,
	&nhs_017, &nhs_018, &nhs_019, &nhs_020, &nhs_021, NULL,
};
