/* The upload file and its sender: count, sequence number, telephone numbers. */
#include "rules/upl.h"

enum outcome upl_quantity_equals_records(struct judge *judge, const struct upload *upload)
{
	long long quantity;
	if (!judge_number(upload->quantity.text, &quantity))
		return judge_blocked(judge, NULL, "SCH-005");
	if (quantity <= 0)
		return NOT_APPLICABLE;
	if (quantity == (long long)upload->record_count)
		return HOLDS;
	judge_expect(judge, "%zu", upload->record_count);
	return judge_fail(judge, &upload->quantity, MASK_NONE,
			  "transmissionQuantity says %lld, the file holds %zu record%s", quantity,
			  upload->record_count, upload->record_count == 1 ? "" : "s");
}

enum outcome upl_quantity_is_positive(struct judge *judge, const struct upload *upload)
{
	long long quantity;
	if (!judge_number(upload->quantity.text, &quantity))
		return judge_blocked(judge, NULL, "SCH-005");
	if (quantity > 0)
		return HOLDS;
	judge_expect(judge, "%zu", upload->record_count);
	return judge_fail(judge, &upload->quantity, MASK_NONE,
			  "transmissionQuantity says %lld: an upload has at least one record",
			  quantity);
}

enum outcome upl_file_id_is_sequence_number(struct judge *judge, const struct upload *upload)
{
	const struct value *id = &upload->id.extension;
	if (!value_there(id))
		return NOT_APPLICABLE;
	bool digits = str_is_digits(id->text);
	if (digits && (id->text.n == 1 || id->text.p[0] != '0'))
		return HOLDS;
	judge_expect(judge, "digits only, without leading zeros");
	if (!digits)
		return judge_fail(
			judge, id, MASK_NONE,
			"the file's id \"%s\" is not a sequence number: digits only are expected",
			judge_plain(judge, id->text));
	judge_weigh(judge, CPIS_WARNING);
	return judge_fail(judge, id, MASK_NONE,
			  "the file's sequence number \"%s\" has leading zeros",
			  judge_plain(judge, id->text));
}

static bool is_emergency(const struct telecom *telecom)
{
	return str_equal(telecom->use.text, STR("EC"));
}

/* The digits behind tel: */
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

static size_t kept_telecoms(const struct organisation *organisation)
{
	return organisation->telecom_count < MOST_TELECOMS ? organisation->telecom_count
							   : MOST_TELECOMS;
}

/* The emergency telecoms, first and second; NULL where there is none. Returns how many. */
static size_t emergency_of(const struct organisation *organisation, const struct telecom *found[2])
{
	size_t count = 0;
	for (size_t i = 0; i < kept_telecoms(organisation); i++)
		if (is_emergency(&organisation->telecoms[i]) && count < 2)
			found[count++] = &organisation->telecoms[i];
	return count;
}

/* A telecom with EC among other uses. */
static const struct telecom *mixed_of(const struct organisation *organisation)
{
	for (size_t i = 0; i < kept_telecoms(organisation); i++) {
		const struct telecom *telecom = &organisation->telecoms[i];
		struct str use = telecom->use.text;
		if (use.n > 2 && memmem(use.p, use.n, "EC", 2))
			return telecom;
	}
	return NULL;
}

enum outcome upl_one_emergency_number(struct judge *judge, const struct organisation *organisation)
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
				  "a second telecom has use \"EC\": Spine takes exactly one");
	if (count == 1) {
		judge_expect(judge, "digits behind tel:");
		return judge_fail(judge, &found[0]->value, MASK_PHONE,
				  "the emergency telecom has no number behind tel:");
	}
	const struct telecom *mixed = mixed_of(organisation);
	if (mixed)
		return judge_fail(judge, &mixed->use, MASK_NONE,
				  "no telecom has use \"EC\": \"%s\" is not the same to Spine",
				  judge_plain(judge, mixed->use.text));
	return judge_fail_part(
		judge, &organisation->part,
		"no telecom has use \"EC\": the emergency duty team cannot be called");
}

/* The telecom beside the one emergency number; NULL: which is which is not clear, or there is none.
 */
static const struct telecom *other_of(const struct organisation *organisation)
{
	const struct telecom *found[2] = { NULL, NULL };
	if (!is_sender(organisation) || kept_telecoms(organisation) != 2 ||
	    emergency_of(organisation, found) != 1)
		return NULL;
	return found[0] == organisation->telecoms ? found[0] + 1 : organisation->telecoms;
}

enum outcome upl_other_number_is_of_office(struct judge *judge,
					   const struct organisation *organisation)
{
	const struct telecom *other = other_of(organisation);
	if (!other || !value_there(&other->use))
		return NOT_APPLICABLE;
	if (str_equal(other->use.text, STR("WP")))
		return HOLDS;
	judge_expect(judge, "WP");
	return judge_fail(
		judge, &other->use, MASK_NONE,
		"the telecom beside the emergency number has use \"%s\", \"WP\" is expected",
		judge_plain(judge, other->use.text));
}

enum outcome upl_numbers_differ(struct judge *judge, const struct organisation *organisation)
{
	const struct telecom *other = other_of(organisation);
	if (!other || digits_of(other) == 0)
		return NOT_APPLICABLE;
	const struct telecom *emergency =
		other == organisation->telecoms ? other + 1 : organisation->telecoms;
	if (!str_equal(other->value.text, emergency->value.text))
		return HOLDS;
	return judge_fail(
		judge, &other->value, MASK_PHONE,
		"the telephone number %s is given for the emergency duty team and for office "
		"hours",
		judge_show(judge, MASK_PHONE, other->value.text));
}

/* The organisation of who asks now is judged by QRY-004 to QRY-009. */
static bool asks_now(const struct organisation *organisation)
{
	const struct part *query = part_ancestor(&organisation->part, PART_QUERY);
	return query && query->role == QUERY_ASKED;
}

enum outcome upl_organisation_is_named(struct judge *judge, const struct organisation *organisation)
{
	if (asks_now(organisation))
		return NOT_APPLICABLE;
	enum outcome outcome = HOLDS;
	const struct value *id = &organisation->id.extension;
	if (value_there(id) && str_is_blank(id->text))
		outcome = judge_fail(judge, id, MASK_NONE, "the organisation's id is blank");
	if (value_there(&organisation->name) && str_is_blank(organisation->name.text))
		outcome = judge_fail(judge, &organisation->name, MASK_NONE,
				     "the organisation's name is blank");
	return outcome;
}

enum outcome upl_name_is_not_code(struct judge *judge, const struct organisation *organisation)
{
	if (!value_there(&organisation->name) || str_is_blank(organisation->name.text))
		return NOT_APPLICABLE;
	if (!str_equal(str_trim(organisation->name.text), organisation->id.extension.text))
		return HOLDS;
	return judge_fail(judge, &organisation->name, MASK_NONE,
			  "the organisation's name \"%s\" is its ODS code once more",
			  judge_plain(judge, organisation->name.text));
}

enum outcome upl_telecom_has_number(struct judge *judge, const struct telecom *telecom)
{
	/* The sender's emergency number is UPL-004's. */
	bool is_senders = telecom->part.parent && telecom->part.parent->parent &&
			  telecom->part.parent->parent->kind == PART_UPLOAD;
	if (!value_there(&telecom->value) || (is_senders && is_emergency(telecom)))
		return NOT_APPLICABLE;
	if (digits_of(telecom) > 0)
		return HOLDS;
	judge_expect(judge, "digits behind tel:");
	return judge_fail(judge, &telecom->value, MASK_PHONE,
			  "the telecom with use \"%s\" has no number behind tel:",
			  judge_plain(judge, telecom->use.text));
}

enum outcome upl_number_has_likely_length(struct judge *judge, const struct telecom *telecom)
{
	enum { FEWEST = 10, MOST = 15 };
	size_t digits = digits_of(telecom);
	if (digits == 0)
		return NOT_APPLICABLE;
	if (digits >= FEWEST && digits <= MOST)
		return HOLDS;
	judge_expect(judge, "10 to 15 digits");
	return judge_fail(judge, &telecom->value, MASK_PHONE,
			  "the telephone number %s has %zu digit%s, 10 to 15 are expected",
			  judge_show(judge, MASK_PHONE, telecom->value.text), digits,
			  digits == 1 ? "" : "s");
}

enum outcome upl_number_has_no_trunk_zero(struct judge *judge, const struct telecom *telecom)
{
	struct str value = telecom->value.text;
	if (!str_starts(value, STR("tel:+44")))
		return NOT_APPLICABLE;
	if (!str_starts(value, STR("tel:+440")))
		return HOLDS;
	judge_expect(judge, "no 0 behind +44");
	return judge_fail(
		judge, &telecom->value, MASK_PHONE,
		"the telephone number %s has the country code +44 and the 0 that it replaces",
		judge_show(judge, MASK_PHONE, value));
}
