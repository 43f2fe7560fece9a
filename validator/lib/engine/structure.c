#include "engine/structure.h"

#include "engine/session.h"
#include "rules/catalogue.h"

#include <stdio.h>

static const char *kept_text(struct session *session, const char *text)
{
	return text ? arena_copy(&session->draft->arena, str_of(text)) : NULL;
}

static void fill_fault(struct session *session, struct draft_finding *finding,
		       const struct schema_fault *fault)
{
	finding->message = kept_text(session, fault->message);
	finding->fix = kept_text(session, fault->fix);
	finding->expected = kept_text(session, fault->expected);
	if (fault->actual.p)
		finding->actual = judge_show(&session->judge,
					     fault->actual_mask ? (enum mask_kind)fault->actual_mask
								: MASK_VALUE,
					     fault->actual);
}

/* Each kind of fault is a rule of its own. */
static const struct rule *rule_of(const struct schema_fault *fault)
{
	char id[16];
	snprintf(id, sizeof(id), "SCH-%03d", (int)fault->kind);
	return rules_find(id);
}

static void on_fault(void *context, const struct schema_fault *fault)
{
	struct session *session = context;
	session->structure_faults++;
	session->last_structure_rule = rule_of(fault);
	session->draft->tallies[rules_index(session->last_structure_rule)].failed++;
	struct draft_finding *finding = session_find(session, session->last_structure_rule->id,
						     CPIS_SCHEMA, fault->offset, "");
	if (finding)
		fill_fault(session, finding, fault);
}

/* What was called missing came later: the same finding, told rightly. */
static void on_amend(void *context, const struct schema_fault *was, const struct schema_fault *is)
{
	struct session *session = context;
	struct draft_message *message = &session->draft->messages[session->message];
	for (size_t i = message->finding_count; i-- > 0;) {
		struct draft_finding *finding = &message->findings[i];
		if (finding->rule != rule_of(was) || finding->offset != was->offset)
			continue;
		session->draft->tallies[rules_index(finding->rule)].failed--;
		finding->rule = rule_of(is);
		session->draft->tallies[rules_index(finding->rule)].failed++;
		finding->offset = is->offset;
		fill_fault(session, finding, is);
		return;
	}
}

struct schema_validation *structure_start(struct session *session, const struct schema *schema)
{
	struct schema_sink sink = { on_fault, on_amend, session };
	struct schema_validation *validation = schema->engine->start(schema, &sink);
	if (!validation)
		session->failure = "memory is out";
	return validation;
}

/* After anything opened or closed: which validation follows what is open now. */
void structure_choose(struct session *session)
{
	session->current = session->validation;
	session->current_engine = session->validation ? session->schema->engine : NULL;
	if (session->type || session->frame_count == 0)
		return;
	const struct open_frame *frame = &session->frames[session->frame_count - 1];
	session->current = frame->validation;
	session->current_engine = frame->validation ? frame->schema->engine : NULL;
}

/* The envelope's own schema sees a payload's root, which it takes whatever it is, but not its
 * inside. */
int structure_element(struct session *session, const struct xml_tag *tag,
		      struct schema_validation *outer, const struct schema_engine *outer_engine)
{
	if (outer && outer_engine->element(outer, tag) != 0)
		return -1;
	if (session->current && session->current != outer &&
	    session->current_engine->element(session->current, tag) != 0)
		return -1;
	return 0;
}

/* The end of an element that closed a validation of its own, for the validation around it. */
void structure_end_outer(struct session *session, size_t offset)
{
	structure_choose(session);
	if (session->current && session->current_engine->end_element(session->current, offset) != 0)
		session->failure = "memory is out";
}
