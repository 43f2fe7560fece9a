#include "engine/structure.h"

#include "engine/document.h"
#include "engine/schema_choice.h"
#include "message/fold.h"
#include "rules/catalogue.h"
#include "rules/judge.h"

static const enum stage_rule structure_rules[] = {
	[SCHEMA_ELEMENT_UNEXPECTED] = RULE_SCH_001, [SCHEMA_ELEMENT_MISSING] = RULE_SCH_002,
	[SCHEMA_ATTRIBUTE_MISSING] = RULE_SCH_003,  [SCHEMA_ATTRIBUTE_UNEXPECTED] = RULE_SCH_004,
	[SCHEMA_VALUE_OF_TYPE] = RULE_SCH_005,	    [SCHEMA_VALUE_OF_SET] = RULE_SCH_006,
	[SCHEMA_TEXT_UNEXPECTED] = RULE_SCH_007,    [SCHEMA_NIL] = RULE_SCH_008,
	[SCHEMA_FIXED_DIFFERS] = RULE_SCH_009,	    [SCHEMA_FIXED_BY_MODEL] = RULE_SCH_010,
};

struct draft_tally *structure_tally(struct document *document, enum schema_fault_kind kind)
{
	return &document->judge.draft->tallies[rules_stage_index(structure_rules[kind])];
}

static const char *kept_text(struct document *document, const char *text)
{
	return text ? arena_copy(&document->judge.draft->arena, str_of(text)) : NULL;
}

static void fill_fault(struct document *document, struct draft_finding *finding,
		       const struct schema_fault *fault)
{
	enum mask_kind mask = fault->actual_mask ? (enum mask_kind)fault->actual_mask : MASK_VALUE;
	finding->message = kept_text(document, fault->message);
	finding->fix = kept_text(document, fault->fix);
	finding->expected = kept_text(document, fault->expected);
	if (fault->actual.p)
		finding->actual = judge_show(&document->judge, mask, fault->actual);
}

const struct frame_type *structure_interaction(const struct document *document)
{
	const struct frame_type *type =
		document->frame_count ? document->frames[document->frame_count - 1].type : NULL;
	return type && type->payload ? type : NULL;
}

/* The same, where it says that what it answers was refused. */
static const char *refusing_interaction(const struct document *document)
{
	const struct wrapper *wrapper = (const struct wrapper *)(const void *)part_ancestor(
		binder_innermost(document->binder), PART_WRAPPER);
	return structure_interaction(document) && wrapper &&
			       str_is(str_trim(wrapper->acknowledgement_type.text), "AE")
		       ? wrapper->part.element
		       : NULL;
}

static void on_fault(void *context, const struct schema_fault *fault)
{
	struct document *document = context;
	const struct rule *rule = rules_stage(structure_rules[fault->kind]);
	bool spines = schema_choice_is_spines(document->type, refusing_interaction(document), fault,
					      document->depth - document->message_depth);
	const char *patch_a = schema_choice_patch_a(fault);
	document->structure_faults += !spines && !patch_a;
	document->last_structure_rule = rule;
	structure_tally(document, fault->kind)->failed++;
	struct draft_finding *finding =
		draft_add_finding(document->judge.draft, document_message(document), rule,
				  spines || patch_a ? CPIS_INFO : rule->severity);
	if (!finding)
		return;
	finding->stage = CPIS_SCHEMA;
	finding->offset = fault->offset;
	finding->document = document->judge.document;
	fill_fault(document, finding, fault);
	if (spines)
		finding->fix = "Nothing, where Spine sends it: its builder of this reply does so.";
	if (patch_a) {
		finding->message = patch_a;
		finding->fix = "Nothing, where the receiver has the schemas of Patch A.";
	}
}

/* What was reported as missing came later: the same finding, corrected. */
static void on_amend(void *context, const struct schema_fault *was, const struct schema_fault *is)
{
	struct document *document = context;
	struct draft_message *message = document_message(document);
	const struct rule *from = rules_stage(structure_rules[was->kind]);
	const struct rule *to = rules_stage(structure_rules[is->kind]);
	structure_tally(document, was->kind)->failed--;
	structure_tally(document, is->kind)->failed++;
	for (size_t i = message->finding_count; i-- > 0;) {
		struct draft_finding *finding = &message->findings[i];
		if (finding->rule != from || finding->offset != was->offset)
			continue;
		finding->rule = to;
		finding->offset = is->offset;
		fill_fault(document, finding, is);
		return;
	}
	draft_amend_unlisted(document->judge.draft, message, from, to);
}

struct schema_validation *structure_start(struct document *document, const struct schema *schema)
{
	struct schema_sink sink = { on_fault, on_amend, document };
	struct schema_validation *validation = schema->engine->start(schema, &sink);
	if (!validation)
		document->failure = "out of memory";
	return validation;
}
