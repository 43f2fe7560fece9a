#include "rules/judge.h"

#include "rules/catalogue.h"
#include "xml/locate.h"
#include "xml/reader.h"

/* Filled at setup, read-only from then on. */
static xml_name nil, null_flavor, update_mode, control_act, author_system;

int nulls_setup(void)
{
	nil = xml_names_add(NS_XSI, "nil");
	null_flavor = xml_names_add(NS_NONE, "nullFlavor");
	update_mode = xml_names_add(NS_NONE, "updateMode");
	control_act = xml_names_add(NS_HL7, "ControlActEvent");
	author_system = xml_names_add(NS_HL7, "author1");
	return nil && null_flavor && update_mode && control_act && author_system ? 0 : -1;
}

/* A control act or an author that is nil: TMS-007 and TMS-008 report that. */
static bool is_reported_elsewhere(const struct xml_tag *tag, xml_name name, struct str value)
{
	if (name != nil || (tag->name != control_act && tag->name != author_system))
		return false;
	struct str flag = str_trim(value);
	return str_is(flag, "true") || str_is(flag, "1");
}

static __attribute__((noinline)) void report_null(struct judge *judge, const struct xml_tag *tag,
						  size_t i)
{
	const struct xml_attribute *attribute = &tag->attributes[i];
	xml_name name = attribute->name;
	if (is_reported_elsewhere(tag, name, attribute->value))
		return;
	struct value culprit = { attribute->value, xml_tag_value_offset(tag, i) };
	judge_begin(judge, &nulls_rule);
	if (name == update_mode)
		judge_fix(judge, "Send the element without updateMode. CP-IS takes a plan back by "
				 "its delete date.");
	judge_fail(judge, &culprit, MASK_NONE, "%s has %s%s, which should not be sent", tag->local,
		   name == nil ? "xsi:" : "", attribute->local);
	judge->draft->tallies[rules_stage_index(RULE_UPL_014)].failed++;
}

void nulls_judge(struct judge *judge, const struct xml_tag *tag)
{
	for (size_t i = 0; i < tag->count; i++) {
		xml_name name = tag->attributes[i].name;
		if (name == nil || name == null_flavor || name == update_mode)
			report_null(judge, tag, i);
	}
}

const struct rule nulls_rule = {
	.id = "UPL-014",
	.name = "element-declared-null",
	.severity = CPIS_WARNING,
	.on = PART_NONE,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = "CP-IS DMS 1.0, nillable parts; HL7 v3 nullFlavor and updateMode",
	.title = "xsi:nil, nullFlavor or updateMode is sent",
	.why = "Some receivers read an element that is declared empty as a value: an empty end "
	       "date ends the plan.",
	.fix = "If there is data, send it without this attribute. Remove the element only if it is "
	       "optional and has no data, such as the end date of an open plan. Never remove a "
	       "record, a subject or a plan.",
};

/* What the published schemas give as the default. The typeCode of sender and receiver is TMS-026's.
 */
static const struct structural {
	const char *element, *attribute, *codes[3];
} published[] = {
	{ "device", "classCode", { "DEV" } },
	{ "device", "determinerCode", { "INSTANCE" } },
	{ "agencyFor", "classCode", { "AGNT" } },
	{ "representedOrganization", "classCode", { "ORG", "ENT" } },
	{ "representedOrganization", "determinerCode", { "INSTANCE" } },
	{ "AgentOrgSDS", "classCode", { "AGNT" } },
	{ "agentOrganizationSDS", "classCode", { "ORG" } },
	{ "agentOrganizationSDS", "determinerCode", { "INSTANCE" } },
	{ "serviceDeliveryLocation", "classCode", { "SDLOC" } },
	{ "location", "classCode", { "PLC" } },
	{ "location", "determinerCode", { "INSTANCE" } },
	{ "AgentPersonSDS", "classCode", { "AGNT" } },
	{ "agentPersonSDS", "classCode", { "PSN" } },
	{ "agentPersonSDS", "determinerCode", { "INSTANCE" } },
	{ "ControlActEvent", "classCode", { "CACT" } },
	{ "ControlActEvent", "moodCode", { "EVN" } },
	{ "author", "typeCode", { "AUT" } },
	{ "author1", "typeCode", { "AUT" } },
	{ "part", "typeCode", { "PART" } },
	{ "partSDSRole", "classCode", { "ROL" } },
	{ "AgentSystemSDS", "classCode", { "AGNT" } },
	{ "agentSystemSDS", "classCode", { "DEV" } },
	{ "agentSystemSDS", "determinerCode", { "INSTANCE" } },
	{ "subject", "typeCode", { "SUBJ" } },
	{ "reason", "typeCode", { "RSON" } },
	{ "justifyingDetectedIssueEvent", "classCode", { "ALRT" } },
	{ "justifyingDetectedIssueEvent", "moodCode", { "EVN" } },
};

static const struct structural *published_for(const char *element, const char *attribute)
{
	for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++)
		if (strcmp(element, published[i].element) == 0 &&
		    strcmp(attribute, published[i].attribute) == 0)
			return &published[i];
	return NULL;
}

void structural_judge(struct judge *judge, const struct xml_tag *tag)
{
	for (size_t i = 0; tag->ns == NS_HL7 && i < tag->count; i++) {
		const struct xml_attribute *attribute = &tag->attributes[i];
		if (attribute->ns != NS_NONE || !str_ends(str_of(attribute->local), STR("Code")))
			continue;
		const struct structural *wanted = published_for(tag->local, attribute->local);
		if (!wanted || str_is_one_of(str_trim(attribute->value), wanted->codes))
			continue;
		struct value culprit = { attribute->value, xml_tag_value_offset(tag, i) };
		judge_begin(judge, &structural_rule);
		judge_expect(judge, "%s", wanted->codes[0]);
		judge_fail(judge, &culprit, MASK_NONE, "%s has %s \"%s\"; it should be %s",
			   tag->local, attribute->local, judge_plain(judge, attribute->value),
			   wanted->codes[0]);
		judge->draft->tallies[rules_stage_index(RULE_TMS_043)].failed++;
	}
}

const struct rule structural_rule = {
	.id = "TMS-043",
	.name = "structural-code-differs",
	.severity = CPIS_WARNING,
	.on = PART_NONE,
	.basis = CPIS_BASIS_TMS,
	.cite = "TMS transmission and control act wrappers, defaults of classCode, moodCode, "
		"determinerCode and typeCode",
	.title = "Structural code in the wrapper is not the published one",
	.why = "These codes say what an element is: with another one, what happened is read as "
	       "what is only asked for, or a system as a person.",
	.fix = "Send the published code.",
};
