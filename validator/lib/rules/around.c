/* What SOAP puts around a message, judged as its tags start: no part holds it. */
#include "rules/catalogue.h"
#include "rules/judge.h"
#include "xml/locate.h"
#include "xml/reader.h"

static void find(struct judge *judge, enum stage_rule rule, size_t offset, const char *message)
{
	const struct rule *row = rules_stage(rule);
	judge->draft->tallies[rules_stage_index(rule)].failed++;
	struct draft_finding *finding = draft_add_finding(
		judge->draft, &judge->draft->messages[judge->message], row, row->severity);
	if (!finding)
		return;
	finding->stage = CPIS_TRANSPORT;
	finding->offset = offset;
	finding->document = judge->document;
	finding->message = message;
}

static bool is_true(struct str value)
{
	struct str text = str_trim(value);
	return str_is(text, "1") || str_is(text, "true");
}

/* It says that nothing is in the wrapper. */
static bool is_nil(const struct xml_attribute *attribute)
{
	return strcmp(attribute->local, "nil") == 0 && is_true(attribute->value);
}

void wrapper_judge(struct judge *judge, const struct xml_tag *tag)
{
	judge->draft->tallies[rules_stage_index(RULE_TRN_021)].judged++;
	for (size_t i = 0; i < tag->count; i++)
		if (tag->attributes[i].ns != NS_XSI || is_nil(&tag->attributes[i]))
			find(judge, RULE_TRN_021, xml_tag_attribute_offset(tag, i),
			     judge_text(judge,
					"the attribute %s is on %s, which only wraps a reply and "
					"has no attributes",
					judge_word(judge, str_of(tag->attributes[i].local)),
					judge_word(judge, str_of(tag->local))));
}

static bool is_understood(const struct xml_tag *tag)
{
	static const enum xml_namespace known[] = { NS_HL7,	 NS_ITK,      NS_SOAP11, NS_SOAP12,
						    NS_WSA_2004, NS_WSA_2005, NS_WSSE,	 NS_WSU };
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (tag->ns == known[i])
			return true;
	return false;
}

void header_judge(struct judge *judge, const struct xml_tag *tag, enum xml_namespace soap)
{
	size_t must = tag->count;
	for (size_t i = 0; i < tag->count; i++) {
		const struct xml_attribute *attribute = &tag->attributes[i];
		if (attribute->ns != soap)
			continue;
		/* One that names an actor is for another. */
		if (strcmp(attribute->local, "actor") == 0 || strcmp(attribute->local, "role") == 0)
			return;
		if (strcmp(attribute->local, "mustUnderstand") == 0 && is_true(attribute->value))
			must = i;
	}
	if (must == tag->count)
		return;
	judge->draft->tallies[rules_stage_index(RULE_TRN_022)].judged++;
	if (!is_understood(tag))
		find(judge, RULE_TRN_022, xml_tag_attribute_offset(tag, must),
		     judge_text(judge,
				"the header %s has mustUnderstand, but neither Spine nor ITK "
				"defines it",
				judge_word(judge, str_of(tag->local))));
}
