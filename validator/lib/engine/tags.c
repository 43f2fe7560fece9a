#include "engine/tags.h"

#include "engine/session.h"
#include "rules/catalogue.h"
#include "rules/runner.h"

static bool is_judged(const struct session *session)
{
	return !(session->options->skip_stages & (1u << CPIS_XML));
}

static void report_location(struct session *session, const struct xml_tag *tag, size_t i)
{
	session->tags.locations++;
	session_find(session, RULE_XML_004, CPIS_XML, xml_tag_attribute_offset(tag, i),
		     judge_text(&session->judge, "xsi:%s stands on %s", tag->attributes[i].local,
				judge_plain(&session->judge, str_of(tag->local))));
}

static void note_blank(struct session *session, const struct xml_tag *tag, size_t i)
{
	struct tags *tags = &session->tags;
	struct draft *draft = session->draft;
	if (tags->blank_count++ >= draft->max_findings)
		return;
	struct blank_value *blank = arena_alloc(&draft->arena, sizeof(*blank));
	if (!blank)
		return;
	*blank = (struct blank_value){
		.attribute = judge_plain(&session->judge, str_of(tag->attributes[i].local)),
		.element = judge_plain(&session->judge, str_of(tag->local)),
		.message = session->message,
		.name_at = xml_tag_attribute_offset(tag, i),
		.value_at = xml_tag_value_offset(tag, i),
	};
	*(tags->last ? &tags->last->next : &tags->first) = blank;
	tags->last = blank;
}

static bool is_location(const struct xml_attribute *attribute)
{
	return strcmp(attribute->local, "schemaLocation") == 0 ||
	       strcmp(attribute->local, "noNamespaceSchemaLocation") == 0;
}

void tags_look(struct session *session, const struct xml_tag *tag)
{
	session->tags.seen = true;
	for (size_t i = 0; i < tag->count; i++) {
		const struct xml_attribute *attribute = &tag->attributes[i];
		/* Most values begin with something that can be seen, and most tags have no more to
		 * them. */
		if (attribute->value.n && attribute->value.p[0] > ' ' && attribute->ns != NS_XSI)
			continue;
		if (!is_judged(session))
			return;
		if (attribute->ns == NS_XSI && is_location(attribute))
			report_location(session, tag, i);
		else if (str_is_blank(attribute->value))
			note_blank(session, tag, i);
	}
}

static bool is_reported(const struct session *session, const struct blank_value *blank)
{
	const struct draft_message *message = &session->draft->messages[blank->message];
	for (size_t i = 0; i < message->finding_count; i++) {
		const struct draft_finding *finding = &message->findings[i];
		if (finding->document == session->document_number &&
		    (finding->offset == blank->value_at || finding->offset == blank->name_at))
			return true;
	}
	return false;
}

static size_t report_blanks(struct session *session)
{
	size_t reported = 0, last = session->message;
	for (const struct blank_value *blank = session->tags.first; blank; blank = blank->next) {
		if (is_reported(session, blank))
			continue;
		reported++;
		session->message = blank->message;
		session_find(session, RULE_XML_005, CPIS_XML, blank->value_at,
			     judge_text(&session->judge, "the attribute %s of %s is blank",
					blank->attribute, blank->element));
	}
	session->message = last;
	return reported;
}

static void tally(struct session *session, enum stage_rule rule, size_t failed)
{
	struct draft_tally *tally = &session->draft->tallies[rules_stage_index(rule)];
	tally->judged++;
	tally->failed += failed;
}

void tags_settle(struct session *session)
{
	if (!session->tags.seen || !is_judged(session))
		return;
	tally(session, RULE_XML_004, session->tags.locations);
	tally(session, RULE_XML_005, report_blanks(session));
	size_t kept = session->draft->max_findings;
	if (session->tags.blank_count > kept)
		session->draft->messages[session->message].suppressed +=
			session->tags.blank_count - kept;
}
