#include "rules/structural.h"

#include "rules/catalogue.h"
#include "xml/reader.h"

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
