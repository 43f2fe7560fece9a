#include "engine/nulls.h"

#include "engine/session.h"
#include "rules/catalogue.h"
#include "rules/runner.h"

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

static bool is_judged(const struct session *session)
{
	return session->type && !(session->options->skip_stages & 1u << CPIS_RULES);
}

/* A control act or an author that is not there after all: TMS-007 and TMS-008 say so. */
static bool is_told_elsewhere(const struct xml_tag *tag, xml_name name, struct str value)
{
	if (name != nil || (tag->name != control_act && tag->name != author_system))
		return false;
	struct str said = str_trim(value);
	return str_is(said, "true") || str_is(said, "1");
}

void nulls_begin(struct session *session)
{
	if (is_judged(session))
		runner_tally(session->draft, RULE_UPL_014, false);
}

void nulls_judge(struct session *session, const struct xml_tag *tag)
{
	for (size_t i = 0; i < tag->count; i++) {
		const struct xml_attribute *attribute = &tag->attributes[i];
		xml_name name = attribute->name;
		if (!name || (name != nil && name != null_flavor && name != update_mode) ||
		    is_told_elsewhere(tag, name, attribute->value) || !is_judged(session))
			continue;
		struct judge *judge = &session->judge;
		struct value culprit = { attribute->value, xml_tag_value_offset(tag, i) };
		judge->message = session->message;
		judge->type = session->type;
		judge_begin(judge, rules_stage(RULE_UPL_014));
		judge_fail(judge, &culprit, MASK_NONE, "%s has %s%s, which should not be sent",
			   tag->local, name == nil ? "xsi:" : "", attribute->local);
		session->draft->tallies[rules_stage_index(RULE_UPL_014)].failed++;
	}
}
