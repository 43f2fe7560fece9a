/* The local authority's upload, and what uploads share with other messages. */
#include "rules/chapters.h"
#include "rules/judge.h"

#define UPLOAD "CP-IS DMS 1.0, REPC_MT000002GB01"

static enum outcome quantity_equals_records(struct judge *judge, const struct upload *upload)
{
	long long quantity;
	if (!judge_number(upload->quantity.text, &quantity))
		return BLOCKED;
	if (quantity <= 0)
		return NOT_APPLICABLE;
	if (quantity == (long long)upload->record_count)
		return HOLDS;
	judge_expect(judge, "%zu", upload->record_count);
	return judge_fail(judge, &upload->quantity, MASK_NONE,
			  "transmissionQuantity says %lld, the file holds %zu record%s", quantity,
			  upload->record_count, upload->record_count == 1 ? "" : "s");
}

static enum outcome quantity_is_positive(struct judge *judge, const struct upload *upload)
{
	long long quantity;
	if (!judge_number(upload->quantity.text, &quantity))
		return BLOCKED;
	if (quantity > 0)
		return HOLDS;
	judge_expect(judge, "%zu", upload->record_count);
	return judge_fail(judge, &upload->quantity, MASK_NONE,
			  "transmissionQuantity says %lld: an upload has at least one record", quantity);
}

static enum outcome file_id_is_sequence_number(struct judge *judge, const struct upload *upload)
{
	const struct value *id = &upload->id.extension;
	if (!value_there(id))
		return BLOCKED;
	const char *shown = judge_plain(judge, id->text);
	judge_expect(judge, "digits only, without leading zeros");
	if (!str_is_digits(id->text))
		return judge_fail(judge, id, MASK_NONE,
				  "the file's id \"%s\" is not a sequence number: digits only are expected",
				  shown);
	if (id->text.n > 1 && id->text.p[0] == '0') {
		judge_weigh(judge, CPIS_WARNING);
		return judge_fail(judge, id, MASK_NONE,
				  "the file's sequence number \"%s\" has leading zeros", shown);
	}
	judge->expected = NULL;
	return HOLDS;
}

static bool is_emergency(const struct telecom *telecom)
{
	return str_is(telecom->use.text, "EC");
}

/* tel: with or without + and at least one digit behind it. */
static bool has_number(const struct telecom *telecom)
{
	struct str value = telecom->value.text;
	for (size_t i = 0; i < value.n; i++)
		if (char_is_digit(value.p[i]))
			return true;
	return false;
}

static size_t kept_telecoms(const struct organisation *organisation)
{
	return organisation->telecom_count < MOST_TELECOMS ? organisation->telecom_count
							   : MOST_TELECOMS;
}

static enum outcome one_emergency_number(struct judge *judge, const struct organisation *organisation)
{
	if (!part_ancestor(&organisation->part, PART_UPLOAD))
		return NOT_APPLICABLE;
	const struct telecom *first = NULL, *second = NULL, *mixed = NULL;
	for (size_t i = 0; i < kept_telecoms(organisation); i++) {
		const struct telecom *telecom = &organisation->telecoms[i];
		if (is_emergency(telecom))
			*(first ? &second : &first) = telecom;
		else if (telecom->use.text.n > 2 && memmem(telecom->use.text.p, telecom->use.text.n, "EC", 2))
			mixed = telecom;
	}
	judge_expect(judge, "one telecom with use=\"EC\"");
	if (second)
		return judge_fail(judge, &second->use, MASK_NONE,
				  "a second telecom has use \"EC\": Spine takes exactly one");
	if (!first && mixed)
		return judge_fail(judge, &mixed->use, MASK_NONE,
				  "no telecom has use \"EC\": \"%s\" is not the same to Spine",
				  judge_plain(judge, mixed->use.text));
	if (!first)
		return judge_fail_part(judge, &organisation->part,
				       "no telecom has use \"EC\": the emergency duty team cannot be "
				       "called");
	if (!has_number(first))
		return judge_fail(judge, &first->value, MASK_PHONE,
				  "the emergency telecom has no number behind tel:");
	judge->expected = NULL;
	return HOLDS;
}

static enum outcome other_telecom_has_number(struct judge *judge, const struct telecom *telecom)
{
	if (is_emergency(telecom) || !value_there(&telecom->value))
		return NOT_APPLICABLE;
	if (has_number(telecom))
		return HOLDS;
	return judge_fail(judge, &telecom->value, MASK_PHONE,
			  "the telecom with use \"%s\" has no number behind tel:",
			  judge_plain(judge, telecom->use.text));
}

static enum outcome content_id_names_template(struct judge *judge, const struct content_id *content)
{
	if (!value_there(&content->extension) || !value_there(&content->entry))
		return NOT_APPLICABLE;
	struct str entry = content->entry.text;
	const char *dot = memchr(entry.p, '.', entry.n);
	if (!dot)
		return NOT_APPLICABLE;
	size_t head = (size_t)(dot - entry.p);
	struct str id = content->extension.text;
	if (id.n == entry.n && memcmp(id.p, entry.p, head) == 0 && id.p[head] == '#' &&
	    memcmp(id.p + head + 1, dot + 1, entry.n - head - 1) == 0)
		return HOLDS;
	judge_expect(judge, "%.*s#%.*s", (int)head, entry.p, (int)(entry.n - head - 1), dot + 1);
	return judge_fail(judge, &content->extension, MASK_NONE,
			  "contentId says \"%s\", but %.*s follows", judge_plain(judge, id),
			  STR_ARG(entry));
}

/* The organisation of who asks now is judged by QRY-004 to QRY-009. */
static bool asks_now(const struct organisation *organisation)
{
	const struct part *query = part_ancestor(&organisation->part, PART_QUERY);
	return query && query->role == QUERY_ASKED;
}

static enum outcome organisation_is_named(struct judge *judge, const struct organisation *organisation)
{
	if (asks_now(organisation))
		return NOT_APPLICABLE;
	if (!value_there(&organisation->name) && !value_there(&organisation->id.extension))
		return BLOCKED;
	enum outcome outcome = HOLDS;
	if (value_there(&organisation->id.extension) &&
	    str_is_blank(organisation->id.extension.text))
		outcome = judge_fail(judge, &organisation->id.extension, MASK_NONE,
				     "the organisation's id is blank");
	if (value_there(&organisation->name) && str_is_blank(organisation->name.text))
		outcome = judge_fail(judge, &organisation->name, MASK_NONE,
				     "the organisation's name is blank");
	return outcome;
}

const struct rule upl_rules[] = {
	{
		.id = "UPL-001", .name = "quantity-differs-from-records", .severity = CPIS_ERROR,
		.on = PART_UPLOAD, .basis = CPIS_BASIS_CONTRADICTION, .cite = UPLOAD,
		.title = "transmissionQuantity differs from the number of records",
		.why = "A record was lost or counted twice: a child's plan may be missing.",
		.fix = "Count the records that are written, after they are written.",
		.check = { .upload = quantity_equals_records },
	},
	{
		.id = "UPL-002", .name = "quantity-is-not-positive", .severity = CPIS_ERROR,
		.on = PART_UPLOAD, .basis = CPIS_BASIS_CONTRADICTION, .cite = UPLOAD,
		.title = "transmissionQuantity is not positive",
		.why = "Every upload has a record; -1 belongs to acknowledgements alone.",
		.fix = "Send the number of records in the file.",
		.check = { .upload = quantity_is_positive },
	},
	{
		.id = "UPL-003", .name = "file-id-is-no-sequence-number", .severity = CPIS_ERROR,
		.on = PART_UPLOAD, .basis = CPIS_BASIS_DMS, .cite = UPLOAD ", File.id",
		.title = "File id is not a sequence number",
		.why = "Lost and repeated files are noticed by the numbers; the acknowledgement refers "
		       "to it.",
		.fix = "Number the files 1, 2, 3 ... in the order in which they are made.",
		.check = { .upload = file_id_is_sequence_number },
	},
	{
		.id = "UPL-004", .name = "not-one-emergency-number", .severity = CPIS_ERROR,
		.on = PART_ORGANISATION, .basis = CPIS_BASIS_SPINE,
		.cite = "Spine MISSING_MANDATORY_TELECOM_TYPE, DUPLICATE_TELECOM_TYPE",
		.title = "Sender has not exactly one emergency number",
		.why = "A clinician at night needs the emergency duty team; Spine refuses the record.",
		.fix = "Send one telecom with use exactly \"EC\" and the emergency duty team's number.",
		.check = { .organisation = one_emergency_number },
	},
	{
		.id = "UPL-005", .name = "telecom-without-number", .severity = CPIS_ERROR,
		.on = PART_TELECOM, .basis = CPIS_BASIS_SPINE,
		.cite = "Spine TELECOM_VALUE_IS_MANDATORY",
		.title = "Telecom has no number",
		.why = "Spine refuses the record, and nobody can be called.",
		.fix = "Send the number behind tel:, or leave the telecom out.",
		.check = { .telecom = other_telecom_has_number },
	},
	{
		.id = "UPL-008", .name = "content-id-names-another-template", .severity = CPIS_ERROR,
		.on = PART_CONTENT_ID, .basis = CPIS_BASIS_DMS,
		.cite = "CP-IS DMS 1.0, template constraints NPFIT-100017 to NPFIT-100037",
		.title = "contentId names another template than the one that follows",
		.why = "Receivers that choose by contentId read one kind of plan as another.",
		.fix = "Set the extension to the template id, #, and the name of its entry class.",
		.check = { .content_id = content_id_names_template },
	},
	{
		.id = "UPL-013", .name = "organisation-id-or-name-is-blank", .severity = CPIS_ERROR,
		.on = PART_ORGANISATION, .basis = CPIS_BASIS_SPINE,
		.cite = "Spine MISSING_MANDATORY_FIELD Organisation ID, Organisation Name",
		.title = "Organisation id or name is blank",
		.why = "Spine refuses the record; a clinician would not know whom to call.",
		.fix = "Send the ODS code and the name that the Organisation Data Service lists.",
		.check = { .organisation = organisation_is_named },
	},
};
const size_t upl_rule_count = sizeof(upl_rules) / sizeof(upl_rules[0]);
