#include "engine/structure.h"

#include "engine/session.h"
#include "rules/catalogue.h"

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
static const enum stage_rule rules[] = {
	[SCHEMA_ELEMENT_UNEXPECTED] = RULE_SCH_001, [SCHEMA_ELEMENT_MISSING] = RULE_SCH_002,
	[SCHEMA_ATTRIBUTE_MISSING] = RULE_SCH_003,  [SCHEMA_ATTRIBUTE_UNEXPECTED] = RULE_SCH_004,
	[SCHEMA_VALUE_OF_TYPE] = RULE_SCH_005,	    [SCHEMA_VALUE_OF_SET] = RULE_SCH_006,
	[SCHEMA_TEXT_UNEXPECTED] = RULE_SCH_007,    [SCHEMA_NIL] = RULE_SCH_008,
	[SCHEMA_FIXED_DIFFERS] = RULE_SCH_009,	    [SCHEMA_FIXED_BY_MODEL] = RULE_SCH_010,
};

static struct draft_tally *tally_of(struct session *session, enum schema_fault_kind kind)
{
	return &session->draft->tallies[rules_stage_index(rules[kind])];
}

void structure_tally(struct session *session)
{
	for (enum schema_fault_kind kind = SCHEMA_ELEMENT_UNEXPECTED; kind <= SCHEMA_FIXED_BY_MODEL;
	     kind++)
		tally_of(session, kind)->judged++;
}

static void on_fault(void *context, const struct schema_fault *fault)
{
	struct session *session = context;
	session->structure_faults++;
	session->last_structure_rule = rules_stage(rules[fault->kind]);
	tally_of(session, fault->kind)->failed++;
	struct draft_finding *finding =
		session_find(session, rules[fault->kind], CPIS_SCHEMA, fault->offset, "");
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
		if (finding->rule != rules_stage(rules[was->kind]) ||
		    finding->offset != was->offset)
			continue;
		tally_of(session, was->kind)->failed--;
		tally_of(session, is->kind)->failed++;
		finding->rule = rules_stage(rules[is->kind]);
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
