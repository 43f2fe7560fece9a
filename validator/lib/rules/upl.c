/* The upload file and its sender: count, sequence number, names, telephone numbers. */
#include "base/character.h"
#include "rules/catalogue.h"
#include "rules/judge.h"

#define UPLOAD	  "CP-IS DMS 1.0, REPC_MT000002GB01"
#define TEMPLATES "CP-IS DMS 1.0, COCT_TP146100GB01 to COCT_TP146105GB01"
#define SUBJECTS  "CP-IS DMS 1.0, COCT_TP145100GB01 and COCT_TP145101GB01"

static enum outcome quantity_equals_records(struct judge *judge, const struct upload *upload)
{
	long long quantity;
	if (!judge_count(upload->quantity.text, &quantity))
		return judge_blocked(judge, NULL, "SCH-005");
	if (quantity <= 0)
		return NOT_APPLICABLE;
	if (quantity == (long long)upload->record_count)
		return HOLDS;
	judge_expect(judge, "%zu", upload->record_count);
	return judge_fail(judge, &upload->quantity, MASK_NONE,
			  "transmissionQuantity is %s, but the file has %zu record%s",
			  judge_plain(judge, str_trim(upload->quantity.text)), upload->record_count,
			  upload->record_count == 1 ? "" : "s");
}

static const struct rule upl_001 = {
	.id = "UPL-001",
	.name = "quantity-differs-from-records",
	.severity = CPIS_ERROR,
	.on = PART_UPLOAD,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = UPLOAD,
	.title = "transmissionQuantity differs from the number of records",
	.why = "A record was lost or counted twice: a child's plan may be missing.",
	.fix = "Count the records after writing them.",
	.check = { .upload = quantity_equals_records },
};

static enum outcome quantity_is_positive(struct judge *judge, const struct upload *upload)
{
	long long quantity;
	if (!judge_count(upload->quantity.text, &quantity))
		return judge_blocked(judge, NULL, "SCH-005");
	if (quantity > 0)
		return HOLDS;
	judge_expect(judge, "%zu", upload->record_count);
	return judge_fail(judge, &upload->quantity, MASK_NONE,
			  "transmissionQuantity is %s; an upload has at least one record",
			  judge_plain(judge, str_trim(upload->quantity.text)));
}

static const struct rule upl_002 = {
	.id = "UPL-002",
	.name = "quantity-is-not-positive",
	.severity = CPIS_ERROR,
	.on = PART_UPLOAD,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = UPLOAD,
	.title = "transmissionQuantity is not positive",
	.why = "Every upload has a record; -1 is only for acknowledgements.",
	.fix = "Send the number of records in the file.",
	.check = { .upload = quantity_is_positive },
};

static enum outcome file_id_is_sequence_number(struct judge *judge, const struct upload *upload)
{
	const struct value *id = &upload->id.extension;
	if (!value_there(id))
		return NOT_APPLICABLE;
	bool digits = str_is_digits(id->text);
	if (digits && (id->text.n == 1 || id->text.p[0] != '0'))
		return HOLDS;
	judge_expect(judge, "only digits, without leading zeros");
	if (!digits)
		return judge_fail(
			judge, id, MASK_NONE,
			"the file id \"%s\" is not a sequence number; it should be only digits",
			judge_plain(judge, id->text));
	judge_severity(judge, CPIS_WARNING);
	return judge_fail(judge, id, MASK_NONE,
			  "the file's sequence number \"%s\" has leading zeros",
			  judge_plain(judge, id->text));
}

static const struct rule upl_003 = {
	.id = "UPL-003",
	.name = "file-id-is-not-sequence-number",
	.severity = CPIS_ERROR,
	.on = PART_UPLOAD,
	.basis = CPIS_BASIS_DMS,
	.cite = UPLOAD ", File.id",
	.title = "File id is not a sequence number",
	.why = "Lost and repeated files are noticed by their numbers, and the acknowledgement "
	       "refers to them.",
	.fix = "Number the files 1, 2, 3 ... in the order in which they are created.",
	.check = { .upload = file_id_is_sequence_number },
};

/* Spine compares what is written, so white space around it counts. */
static bool is_emergency(const struct telecom *telecom)
{
	return str_equal(telecom->use.text, STR("EC"));
}

/* The digits after tel: */
static size_t digits_of(const struct telecom *telecom)
{
	size_t digits = 0;
	struct str value = telecom->value.text;
	for (size_t i = 0; i < value.n; i++)
		digits += char_is_digit(value.p[i]);
	return digits;
}

static bool is_sender(const struct organisation *organisation)
{
	return organisation->part.parent && organisation->part.parent->kind == PART_UPLOAD;
}

/* The first two emergency telecoms; NULL for one that is missing. Returns how many. */
static size_t emergency_of(const struct organisation *organisation, const struct telecom *found[2])
{
	size_t count = 0;
	for (size_t i = 0; i < organisation->telecom_count; i++)
		if (is_emergency(&organisation->telecoms[i]) && count < 2)
			found[count++] = &organisation->telecoms[i];
	return count;
}

/* A telecom with EC among other uses or white space. */
static const struct telecom *mixed_of(const struct organisation *organisation)
{
	for (size_t i = 0; i < organisation->telecom_count; i++) {
		const struct telecom *telecom = &organisation->telecoms[i];
		struct str use = telecom->use.text;
		if (use.n > 2 && memmem(use.p, use.n, "EC", 2))
			return telecom;
	}
	return NULL;
}

static enum outcome one_emergency_number(struct judge *judge,
					 const struct organisation *organisation)
{
	const struct telecom *found[2] = { NULL, NULL };
	if (!is_sender(organisation))
		return NOT_APPLICABLE;
	size_t count = emergency_of(organisation, found);
	if (count == 1 && digits_of(found[0]) > 0)
		return HOLDS;
	judge_expect(judge, "one telecom with use=\"EC\"");
	if (count == 2)
		return judge_fail(judge, &found[1]->use, MASK_NONE,
				  "a second telecom has use \"EC\"; Spine takes exactly one");
	if (count == 1) {
		judge_expect(judge, "digits after tel:");
		return judge_fail(judge, &found[0]->value, MASK_PHONE,
				  "the emergency telecom has no number after tel:");
	}
	const struct telecom *mixed = mixed_of(organisation);
	if (mixed)
		return judge_fail(judge, &mixed->use, MASK_NONE,
				  "no telecom has use \"EC\"; Spine does not accept \"%s\" instead",
				  judge_plain(judge, mixed->use.text));
	return judge_fail_part(
		judge, &organisation->part,
		"no telecom has use \"EC\", so the emergency duty team cannot be called");
}

static const struct rule upl_004 = {
	.id = "UPL-004",
	.name = "not-one-emergency-number",
	.severity = CPIS_ERROR,
	.on = PART_ORGANISATION,
	.basis = CPIS_BASIS_SPINE,
	.cite = "Spine MISSING_MANDATORY_TELECOM_TYPE, DUPLICATE_TELECOM_TYPE",
	.title = "Sender does not have exactly one emergency number",
	.why = "A clinician at night needs the emergency duty team, and Spine refuses the record.",
	.fix = "Send one telecom with use exactly \"EC\" and the emergency duty team's number.",
	.check = { .organisation = one_emergency_number },
};

/* The telecom next to the one emergency number; NULL: there is none, or it is not clear which. */
static const struct telecom *other_of(const struct organisation *organisation)
{
	const struct telecom *found[2] = { NULL, NULL };
	if (!is_sender(organisation) || organisation->telecom_count != 2 ||
	    emergency_of(organisation, found) != 1)
		return NULL;
	return found[0] == organisation->telecoms ? found[0] + 1 : organisation->telecoms;
}

static enum outcome other_number_is_of_office(struct judge *judge,
					      const struct organisation *organisation)
{
	const struct telecom *other = other_of(organisation);
	if (!other || !value_there(&other->use))
		return NOT_APPLICABLE;
	if (str_is(str_trim(other->use.text), "WP"))
		return HOLDS;
	judge_expect(judge, "WP");
	return judge_fail(
		judge, &other->use, MASK_NONE,
		"the telecom next to the emergency number has use \"%s\"; it should be \"WP\"",
		judge_plain(judge, other->use.text));
}

static const struct rule upl_006 = {
	.id = "UPL-006",
	.name = "second-telecom-is-not-of-the-office",
	.severity = CPIS_WARNING,
	.on = PART_ORGANISATION,
	.basis = CPIS_BASIS_DMS,
	.cite = UPLOAD ", organisation.telecom",
	.title = "Second telecom is not the office's",
	.why = "Receivers look for the office's number under use WP, so in office hours no one is "
	       "called.",
	.fix = "Send the office's number with use exactly \"WP\", or leave the second telecom out.",
	.check = { .organisation = other_number_is_of_office },
};

static enum outcome numbers_differ(struct judge *judge, const struct organisation *organisation)
{
	const struct telecom *other = other_of(organisation);
	if (!other || digits_of(other) == 0)
		return NOT_APPLICABLE;
	const struct telecom *emergency =
		other == organisation->telecoms ? other + 1 : organisation->telecoms;
	if (!str_equal(other->value.text, emergency->value.text))
		return HOLDS;
	return judge_fail(judge, &other->value, MASK_PHONE,
			  "the telephone number %s is given for both the emergency duty team and "
			  "office hours",
			  judge_show(judge, MASK_PHONE, other->value.text));
}

static const struct rule upl_024 = {
	.id = "UPL-024",
	.name = "one-number-for-day-and-night",
	.severity = CPIS_INFO,
	.on = PART_ORGANISATION,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = UPLOAD ", organisation.telecom",
	.title = "Emergency duty team and office have the same telephone number",
	.why = "An office number goes unanswered at night, when the emergency duty team is needed.",
	.fix = "Make sure that the number is answered at all hours, or send each team's own.",
	.check = { .organisation = numbers_differ },
};

/* The organisation of a query's author is judged by QRY-004 to QRY-009. */
static bool asks_now(const struct organisation *organisation)
{
	const struct part *query = part_ancestor(&organisation->part, PART_QUERY);
	return query && query->role == QUERY_ASKED;
}

static enum outcome organisation_is_named(struct judge *judge,
					  const struct organisation *organisation)
{
	if (asks_now(organisation))
		return NOT_APPLICABLE;
	enum outcome outcome = HOLDS;
	const struct value *id = &organisation->id.extension;
	if (value_there(id) && character_shows_nothing(id->text))
		outcome = judge_fail(judge, id, MASK_NONE, "the organisation id is blank");
	if (value_there(&organisation->name) && character_shows_nothing(organisation->name.text))
		outcome = judge_fail(judge, &organisation->name, MASK_NONE,
				     "the organisation name is blank");
	return outcome;
}

static enum outcome subject_is_named(struct judge *judge, const struct subject *subject)
{
	enum outcome outcome = HOLDS;
	if (value_there(&subject->given) && character_shows_nothing(subject->given.text))
		outcome = judge_fail(judge, &subject->given, MASK_NONE, "the given name is blank");
	if (value_there(&subject->family) && character_shows_nothing(subject->family.text))
		outcome =
			judge_fail(judge, &subject->family, MASK_NONE, "the family name is blank");
	return outcome;
}

static const struct rule upl_013 = {
	.id = "UPL-013",
	.name = "organisation-or-name-is-blank",
	.severity = CPIS_ERROR,
	.on = PART_ORGANISATION,
	.basis = CPIS_BASIS_SPINE,
	.cite = "Spine MISSING_MANDATORY_FIELD Organisation ID, Organisation Name; CP-IS DMS 1.0, "
		"name",
	.title = "Organisation id, organisation name, given name or family name is blank",
	.why = "Spine refuses the record, and a clinician would not know whom to call, or about "
	       "whom.",
	.fix = "Send the ODS code and name that the Organisation Data Service lists, and the names "
	       "that PDS has.",
	.check = { .organisation = organisation_is_named },
	.also = ALSO({ PART_SUBJECT, { .subject = subject_is_named } }),
};

static enum outcome name_is_not_code(struct judge *judge, const struct organisation *organisation)
{
	if (!value_there(&organisation->name) || str_is_blank(organisation->name.text))
		return NOT_APPLICABLE;
	if (!str_equal(str_trim(organisation->name.text), organisation->id.extension.text))
		return HOLDS;
	return judge_fail(judge, &organisation->name, MASK_NONE,
			  "the organisation name \"%s\" is the same as its ODS code",
			  judge_plain(judge, organisation->name.text));
}

static const struct rule upl_025 = {
	.id = "UPL-025",
	.name = "organisation-name-is-its-code",
	.severity = CPIS_WARNING,
	.on = PART_ORGANISATION,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = UPLOAD ", organisation.name",
	.title = "Organisation name is its ODS code",
	.why = "A clinician sees a code and does not know whom to call.",
	.fix = "Send the name that the Organisation Data Service lists for the code.",
	.check = { .organisation = name_is_not_code },
};

static enum outcome telecom_has_number(struct judge *judge, const struct telecom *telecom)
{
	/* The sender's emergency number is UPL-004's. */
	bool is_senders = telecom->part.parent && telecom->part.parent->parent &&
			  telecom->part.parent->parent->kind == PART_UPLOAD;
	if (!value_there(&telecom->value) || (is_senders && is_emergency(telecom)))
		return NOT_APPLICABLE;
	if (digits_of(telecom) > 0)
		return HOLDS;
	judge_expect(judge, "digits after tel:");
	if (is_emergency(telecom))
		judge_fix(judge, "Send the emergency duty team's number after tel:.");
	return judge_fail(judge, &telecom->value, MASK_PHONE,
			  "the telecom with use \"%s\" has no number after tel:",
			  judge_plain(judge, telecom->use.text));
}

static const struct rule upl_005 = {
	.id = "UPL-005",
	.name = "telecom-without-number",
	.severity = CPIS_ERROR,
	.on = PART_TELECOM,
	.basis = CPIS_BASIS_SPINE,
	.cite = "Spine TELECOM_VALUE_IS_MANDATORY",
	.title = "Telecom has no number",
	.why = "Spine refuses the record, and no one can be called.",
	.fix = "Send the number after tel:. Leave the telecom out only where the organisation has "
	       "another.",
	.check = { .telecom = telecom_has_number },
};

static enum outcome number_has_likely_length(struct judge *judge, const struct telecom *telecom)
{
	enum { FEWEST = 10, MOST = 15 };
	size_t digits = digits_of(telecom);
	if (digits == 0)
		return NOT_APPLICABLE;
	if (digits >= FEWEST && digits <= MOST)
		return HOLDS;
	judge_expect(judge, "10 to 15 digits");
	return judge_fail(judge, &telecom->value, MASK_PHONE,
			  "the telephone number %s has %zu digit%s; it should have 10 to 15",
			  judge_show(judge, MASK_PHONE, telecom->value.text), digits,
			  digits == 1 ? "" : "s");
}

static const struct rule upl_007 = {
	.id = "UPL-007",
	.name = "telephone-number-of-unlikely-length",
	.severity = CPIS_WARNING,
	.on = PART_TELECOM,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = UPLOAD ", organisation.telecom",
	.title = "Telephone number has fewer than 10 or more than 15 digits",
	.why = "A number with a digit missing or doubled reaches no one, or a stranger.",
	.fix = "Send the full number with its area code, as dialled from elsewhere.",
	.check = { .telecom = number_has_likely_length },
};

static enum outcome number_has_no_trunk_zero(struct judge *judge, const struct telecom *telecom)
{
	struct str value = telecom->value.text;
	if (!str_starts(value, STR("tel:+44")))
		return NOT_APPLICABLE;
	if (!str_starts(value, STR("tel:+440")))
		return HOLDS;
	judge_expect(judge, "no 0 after +44");
	return judge_fail(judge, &telecom->value, MASK_PHONE,
			  "the telephone number %s has a 0 after +44, which replaces it",
			  judge_show(judge, MASK_PHONE, value));
}

static const struct rule upl_026 = {
	.id = "UPL-026",
	.name = "trunk-zero-after-country-code",
	.severity = CPIS_WARNING,
	.on = PART_TELECOM,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = UPLOAD ", organisation.telecom",
	.title = "Telephone number has a 0 after +44",
	.why = "Most telephones cannot dial it, so no one is called.",
	.fix = "Send the number from +44 on without the 0, or from the 0 on without +44.",
	.check = { .telecom = number_has_no_trunk_zero },
};

/* The same digit over and over, or digits that count up. */
static bool is_invented(struct str value)
{
	size_t digits = 0, same = 0, up = 0;
	char before = 0;
	for (size_t i = 0; i < value.n; i++) {
		if (!char_is_digit(value.p[i]))
			continue;
		digits++;
		same += value.p[i] == before;
		up += before && value.p[i] == (before == '9' ? '0' : before + 1);
		before = value.p[i];
	}
	/* 0 and nine digits that are all the same count too, as do those after +44. */
	return digits >= 6 && (same + 2 >= digits || up + 1 >= digits);
}

static enum outcome number_is_real(struct judge *judge, const struct telecom *telecom)
{
	if (digits_of(telecom) == 0)
		return NOT_APPLICABLE;
	if (!is_invented(telecom->value.text))
		return HOLDS;
	return judge_fail(judge, &telecom->value, MASK_PHONE,
			  "the telephone number %s is a placeholder",
			  judge_show(judge, MASK_PHONE, telecom->value.text));
}

static const struct rule upl_034 = {
	.id = "UPL-034",
	.name = "telephone-number-is-a-placeholder",
	.severity = CPIS_WARNING,
	.on = PART_TELECOM,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = UPLOAD ", organisation.telecom",
	.title = "Telephone number is a placeholder",
	.why = "A clinician who is worried about a child rings it and reaches no one.",
	.fix = "Send the team's own number, and ring it before you go live.",
	.check = { .telecom = number_is_real },
};

static enum outcome number_can_be_dialled(struct judge *judge, const struct telecom *telecom)
{
	struct str number = telecom->value.text;
	if (!str_starts(number, STR("tel:")) || digits_of(telecom) < 10)
		return NOT_APPLICABLE; /* UPL-005, UPL-007 */
	number = str_from(number, 4);
	if (number.p[0] == '+' || number.p[0] == '0')
		return HOLDS;
	judge_expect(judge, "a number that begins with 0 or +");
	return judge_fail(judge, &telecom->value, MASK_PHONE,
			  "the telephone number %s begins with neither 0 nor +",
			  judge_show(judge, MASK_PHONE, telecom->value.text));
}

static const struct rule upl_035 = {
	.id = "UPL-035",
	.name = "telephone-number-without-its-first-zero",
	.severity = CPIS_WARNING,
	.on = PART_TELECOM,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = UPLOAD ", organisation.telecom",
	.title = "Telephone number begins with neither 0 nor +",
	.why = "It cannot be dialled as it is shown: a spreadsheet may have taken its first 0 "
	       "away.",
	.fix = "Send the number with its 0, or with + and the country code.",
	.check = { .telecom = number_can_be_dialled },
};

const struct rule *const upl_rules[] = {
	&upl_001,    &upl_002, &upl_003, &upl_004, &upl_005, &upl_006, &upl_007, &upl_013,
	&nulls_rule, &upl_024, &upl_025, &upl_026, &upl_034, &upl_035, NULL,
};
