/* Local ids, and the authorities that give them. */
#include "rules/chapters.h"
#include "rules/judge.h"

#define SUBJECTS "CP-IS DMS 1.0, COCT_TP145100GB01 and COCT_TP145101GB01"

/* The authority that holds the record around a part: its ODS code, where the message says it. */
static struct str ods_code_of_holder(const struct part *part)
{
	const struct organisation *organisation = NULL;
	for (; part && !organisation; part = part->parent) {
		const void *whole = part;
		if (part->kind == PART_UPLOAD)
			organisation = &((const struct upload *)whole)->sender;
		else if (part->kind == PART_ACKNOWLEDGEMENT)
			organisation = &((const struct acknowledgement *)whole)->receiver;
		else if (part->kind == PART_INACTIVE_NOTIFICATION)
			organisation = &((const struct inactive_notification *)whole)->recipient;
		else if (part->kind == PART_RECORD &&
			 ((const struct record *)whole)->authority_count)
			organisation = &((const struct record *)whole)->authority;
	}
	return organisation ? organisation->id.extension.text : (struct str){ 0 };
}

static bool is_ods_code(struct str code)
{
	if (code.n < 3 || code.n > 6)
		return false;
	for (size_t i = 0; i < code.n; i++)
		if (!char_is_digit(code.p[i]) && (code.p[i] < 'A' || code.p[i] > 'Z'))
			return false;
	return true;
}

static struct str code_of_authority(struct str authority)
{
	const char *colon = memchr(authority.p, ':', authority.n);
	return (struct str){ authority.p, colon ? (size_t)(colon - authority.p) : authority.n };
}

/* "ODS:Name", or the code alone. */
static bool names_authority(struct str authority)
{
	struct str code = code_of_authority(authority);
	return is_ods_code(code) &&
	       (code.n == authority.n || !str_is_blank(str_from(authority, code.n + 1)));
}

static enum outcome local_id_names_authority(struct judge *judge, const struct identifier *id)
{
	if (!id->is_local)
		return NOT_APPLICABLE;
	if (value_there(&id->authority) && names_authority(id->authority.text))
		return HOLDS;
	judge_expect(judge, "assigningAuthorityName=\"ODSCode:ODSName\"");
	if (!value_there(&id->authority))
		return judge_fail_part(judge, &id->part,
				       "the local id does not say who gave it: no "
				       "assigningAuthorityName");
	return judge_fail(judge, &id->authority, MASK_NONE,
			  "assigningAuthorityName \"%s\" is not an ODS code, a colon and a name",
			  judge_plain(judge, id->authority.text));
}

static enum outcome local_id_is_of_holder(struct judge *judge, const struct identifier *id)
{
	if (!id->is_local || !value_there(&id->authority) || !names_authority(id->authority.text))
		return NOT_APPLICABLE;
	struct str code = code_of_authority(id->authority.text);
	struct str holder = ods_code_of_holder(id->part.parent);
	if (str_equal(holder, code))
		return HOLDS;
	if (!is_ods_code(holder))
		return NOT_APPLICABLE;
	judge_expect(judge, "ODS code %s", judge_plain(judge, holder));
	return judge_fail(judge, &id->authority, MASK_NONE,
			  "the local id was given by ODS code %s, but the record is %s's",
			  judge_plain(judge, code), judge_plain(judge, holder));
}

static enum outcome local_id_is_not_blank(struct judge *judge, const struct identifier *id)
{
	if (!id->is_local || !value_there(&id->extension))
		return NOT_APPLICABLE;
	if (!str_is_blank(id->extension.text))
		return HOLDS;
	return judge_fail(judge, &id->extension, MASK_LOCAL_ID,
			  "the local id is blank: %zu character%s of white space",
			  id->extension.text.n, id->extension.text.n == 1 ? "" : "s");
}

static enum outcome ods_code_has_shape(struct judge *judge, const struct organisation *organisation)
{
	const struct value *code = &organisation->id.extension;
	if (!value_there(code) || str_is_blank(code->text))
		return NOT_APPLICABLE;
	if (is_ods_code(code->text))
		return HOLDS;
	judge_expect(judge, "3 to 6 upper-case letters and digits");
	return judge_fail(judge, code, MASK_NONE,
			  "the ODS code \"%s\" is not 3 to 6 upper-case letters and digits",
			  judge_plain(judge, code->text));
}

const struct rule nhs_local_rules[] = {
	{
		.id = "NHS-011",
		.name = "local-id-of-unnamed-authority",
		.severity = CPIS_WARNING,
		.on = PART_IDENTIFIER,
		.basis = CPIS_BASIS_DMS,
		.cite = SUBJECTS,
		.title = "Local id does not name the authority that gave it",
		.why = "A local id means something only to the authority that gave it.",
		.fix = "Set assigningAuthorityName to the authority's ODS code, a colon and its "
		       "name.",
		.check = { .identifier = local_id_names_authority },
	},
	{
		.id = "NHS-012",
		.name = "ods-code-of-wrong-form",
		.severity = CPIS_WARNING,
		.on = PART_ORGANISATION,
		.basis = CPIS_BASIS_DICTIONARY,
		.cite = "NHS Data Dictionary, ORGANISATION CODE",
		.title = "ODS code is not 3 to 6 upper-case letters and digits",
		.why = "The organisation cannot be looked up, so nobody can be called back.",
		.fix = "Send the code as the Organisation Data Service lists it.",
		.check = { .organisation = ods_code_has_shape },
	},
	{
		.id = "NHS-013",
		.name = "local-id-of-another-authority",
		.severity = CPIS_WARNING,
		.on = PART_IDENTIFIER,
		.basis = CPIS_BASIS_CONTRADICTION,
		.cite = SUBJECTS,
		.title = "Local id was given by another authority than the one that holds the "
			 "record",
		.why = "Whoever looks the child up by it asks the wrong authority, or finds "
		       "another child.",
		.fix = "Send the local id of the authority whose record it is, under its own ODS "
		       "code.",
		.check = { .identifier = local_id_is_of_holder },
	},
	{
		.id = "NHS-015",
		.name = "local-id-is-blank",
		.severity = CPIS_WARNING,
		.on = PART_IDENTIFIER,
		.basis = CPIS_BASIS_GOOD_PRACTICE,
		.cite = SUBJECTS,
		.title = "Local id is blank",
		.why = "It looks as if there were an id to find the child by, and there is none.",
		.fix = "Send the id of the child in your own system, or leave the local id out.",
		.check = { .identifier = local_id_is_not_blank },
	},
};
const size_t nhs_local_rule_count = sizeof(nhs_local_rules) / sizeof(nhs_local_rules[0]);
