#include "engine/document.h"

#include "base/digest.h"
#include "engine/delivery.h"
#include "engine/exchange.h"
#include "engine/source.h"
#include "message/fold.h"
#include "message/summary.h"
#include "rules/catalogue.h"
#include "rules/earlier.h"
#include "rules/envelope.h"
#include "rules/judge.h"
#include "transport/parcel.h"
#include "transport/unwrap.h"
#include "xml/locate.h"
#include "xml/reader.h"

#include <stdint.h>

/* Findings and omissions */

/* Whether a stage is wanted. */
static bool runs(const struct document *document, enum cpis_stage stage)
{
	return !(document->judge.options->skip_stages & 1u << stage);
}

static struct draft_message *message_of(const struct document *document)
{
	return &document->judge.draft->messages[document->judge.message];
}

static __attribute__((cold)) int out_of_memory(struct document *document)
{
	document->failure = "out of memory";
	return -1;
}

/* A finding of a stage. message is in the draft's arena, or static. */
static __attribute__((cold)) struct draft_finding *find(struct document *document,
							enum stage_rule rule, enum cpis_stage stage,
							size_t offset, const char *message)
{
	const struct rule *row = rules_stage(rule);
	struct draft_finding *finding =
		draft_add_finding(document->judge.draft, message_of(document), row, row->severity);
	if (!finding)
		return NULL;
	finding->stage = stage;
	finding->offset = offset;
	finding->document = document->judge.document;
	finding->message = message;
	return finding;
}

static void leave_unopened(struct document *document, size_t offset, const char *what,
			   const char *why)
{
	const struct observer *observer = document->observer;
	delivery_leave_unopened(document->delivery, &document->judge, offset, what, why);
	if (observer && observer->trouble)
		observer->trouble(observer->context, document->parcel, offset,
				  1 + document->frame_count, NULL, why);
}

/*
 * Structure: each fault of a schema engine is a finding of its SCH rule. The message has a
 * validation of its own, and so has each envelope around it; the events go to the innermost one
 * that is open.
 */

static const enum stage_rule structure_rules[] = {
	[SCHEMA_ELEMENT_UNEXPECTED] = RULE_SCH_001, [SCHEMA_ELEMENT_MISSING] = RULE_SCH_002,
	[SCHEMA_ATTRIBUTE_MISSING] = RULE_SCH_003,  [SCHEMA_ATTRIBUTE_UNEXPECTED] = RULE_SCH_004,
	[SCHEMA_VALUE_OF_TYPE] = RULE_SCH_005,	    [SCHEMA_VALUE_OF_SET] = RULE_SCH_006,
	[SCHEMA_TEXT_UNEXPECTED] = RULE_SCH_007,    [SCHEMA_NIL] = RULE_SCH_008,
	[SCHEMA_FIXED_DIFFERS] = RULE_SCH_009,	    [SCHEMA_FIXED_BY_MODEL] = RULE_SCH_010,
};

static struct draft_tally *tally_of(struct document *document, enum schema_fault_kind kind)
{
	return &document->judge.draft->tallies[rules_stage_index(structure_rules[kind])];
}

/* The innermost open frame, where it is an interaction; NULL: it is not. */
static const struct frame_type *open_interaction(const struct document *document)
{
	const struct frame_type *type =
		document->frame_count ? document->frames[document->frame_count - 1].type : NULL;
	return type && type->payload ? type : NULL;
}

static struct spine_place spine_place_of(struct document *document)
{
	const struct frame_type *around = open_interaction(document);
	return (struct spine_place){
		.type = document->type,
		.part = binder_innermost(document->binder),
		.carried = around && document->message_depth ==
					     document->frames[document->frame_count - 1].depth + 2,
		.depth = document->depth - document->message_depth,
		.tag = document->tag,
		.queries = &document->queries,
	};
}

static void on_fault(void *context, const struct schema_fault *fault)
{
	struct document *document = context;
	const struct rule *rule = rules_stage(structure_rules[fault->kind]);
	const struct spine_place place = spine_place_of(document);
	bool spines = schema_choice_is_spines(&place, fault);
	const char *patch_a = schema_choice_patch_a(fault);
	bool passes = spines || patch_a;
	document->structure_faults += !passes;
	document->let_through &= ~(1u << fault->kind);
	document->let_through |= passes * (1u << fault->kind);
	if (!fault->inside)
		document->let_through_at = passes ? fault->offset : 0;
	document->last_structure_rule = rule;
	tally_of(document, fault->kind)->failed++;
	struct draft_finding *finding =
		draft_add_finding(document->judge.draft, message_of(document), rule,
				  passes ? CPIS_INFO : rule->severity);
	if (!finding)
		return;
	schema_choice_say(&document->judge, finding, fault);
	if (passes)
		schema_choice_let_through(finding, patch_a);
}

/* One that another finding stands for. What is let through stands for no error, but for those in
 * the element that it lets through. */
static void on_behind(void *context, const struct schema_fault *fault, enum schema_fault_kind cause)
{
	struct document *document = context;
	const struct spine_place place = spine_place_of(document);
	if (fault->inside && fault->inside == document->let_through_at) {
		on_fault(document, fault);
		return;
	}
	if ((!fault->inside && document->let_through & 1u << cause) ||
	    schema_choice_is_spines(&place, fault))
		return;
	struct draft_finding *finding = draft_add_behind(
		document->judge.draft, message_of(document),
		rules_stage(structure_rules[fault->kind]), rules_stage(structure_rules[cause]));
	if (finding)
		schema_choice_say(&document->judge, finding, fault);
}

/* What was reported as missing came later: the same finding, corrected. */
static void on_amend(void *context, const struct schema_fault *was, const struct schema_fault *is)
{
	struct document *document = context;
	struct draft_message *message = message_of(document);
	const struct rule *from = rules_stage(structure_rules[was->kind]);
	const struct rule *to = rules_stage(structure_rules[is->kind]);
	tally_of(document, was->kind)->failed--;
	tally_of(document, is->kind)->failed++;
	for (size_t i = message->finding_count; i-- > 0;) {
		struct draft_finding *finding = &message->findings[i];
		if (finding->rule != from || finding->offset != was->offset)
			continue;
		finding->rule = to;
		schema_choice_say(&document->judge, finding, is);
		if (finding->severity == CPIS_INFO)
			schema_choice_let_through(finding, NULL);
		else if (from != to)
			on_behind(document, was, is->kind);
		return;
	}
	draft_amend_unlisted(document->judge.draft, message, from, to);
	if (from != to)
		on_behind(document, was, is->kind);
}

/* NULL when out of memory: the document's failure says so. */
static struct schema_validation *start_validation(struct document *document,
						  const struct schema *schema)
{
	struct schema_sink sink = { on_fault, on_amend, document, on_behind };
	struct schema_validation *validation = schema->engine->start(schema, &sink);
	if (!validation)
		out_of_memory(document);
	return validation;
}

/* After anything opened or closed: which validation follows what is open now. */
static void choose_validation(struct document *document)
{
	document->current = document->validation;
	document->current_engine = document->validation ? document->schema->engine : NULL;
	if (document->type || document->frame_count == 0)
		return;
	const struct open_frame *frame = &document->frames[document->frame_count - 1];
	document->current = frame->validation;
	document->current_engine = frame->validation ? frame->schema->engine : NULL;
}

/* The end of an element that closed a validation of its own, for the validation around it. */
static void validate_outer_end(struct document *document, size_t offset)
{
	choose_validation(document);
	if (document->current &&
	    document->current_engine->end_element(document->current, offset) != 0)
		out_of_memory(document);
}

/* Messages */

static void add_layer(struct document *document, const char *name)
{
	struct draft_message *message = message_of(document);
	if (message->layer_count < MOST_LAYERS)
		message->layers[message->layer_count++] = name;
}

static const struct message_type *type_of(const struct document *document,
					  const struct xml_tag *tag)
{
	const char *as_type = document->judge.options->as_type;
	const struct message_type *type = as_type ? catalogue_find(as_type) : NULL;
	if (type && tag->ns == type->ns && strcmp(tag->local, type->root) == 0)
		return type;
	bool smsp = document->parcel->mini_service || payload_is_smsps(document->binder) ||
		    catalogue_looks_smsp(tag);
	return catalogue_message(tag, smsp);
}

/* A message without a schema to judge it is incomplete, and its rules are judged all the same. */
static void start_structure(struct document *document, const struct message_type *type)
{
	const char *why = NULL;
	if (!runs(document, CPIS_SCHEMA))
		return;
	document->schema = schema_choice_message(document->schemas, type, &why);
	if (!document->schema) {
		draft_add_omission(document->judge.draft, message_of(document),
				   judge_text(&document->judge, "the structure of %s", type->root),
				   why);
		return;
	}
	document->validation = start_validation(document, document->schema);
	if (!document->validation)
		return;
	for (enum schema_fault_kind kind = SCHEMA_ELEMENT_UNEXPECTED; kind <= SCHEMA_FIXED_BY_MODEL;
	     kind++)
		tally_of(document, kind)->judged++;
}

void document_judge_type(struct document *document, size_t offset, const char *id,
			 const char *title)
{
	const char *as_type = document->judge.options->as_type;
	const struct message_type *wanted = as_type ? catalogue_find(as_type) : NULL;
	if (!wanted)
		return;
	bool other = strcmp(wanted->id, id) != 0;
	runner_tally(document->judge.draft, RULE_TRN_009, other);
	struct draft_finding *finding =
		other ? find(document, RULE_TRN_009, CPIS_TRANSPORT, offset,
			     judge_text(&document->judge, "the message is %s (%s), not %s (%s)", id,
					title, wanted->id, wanted->title))
		      : NULL;
	if (!finding)
		return;
	finding->expected = wanted->id;
	finding->actual = id;
}

static int open_message(struct document *document, const struct xml_tag *tag,
			const struct message_type *type)
{
	struct judge *judge = &document->judge;
	document->message_count++;
	if (delivery_claim(document->delivery, document->parcel, &judge->message) != 0)
		return -1;
	judge->begins = tag->offset;
	document->type = type;
	document->message_depth = document->depth;
	struct draft_message *message = message_of(document);
	message->type = type->id;
	message->title = type->title;
	const struct frame_type *interaction = open_interaction(document);
	message->recognised_by =
		judge_text(judge, "root element %s in %s%s%s", type->root,
			   tag->uri ? judge_plain(judge, str_of(tag->uri)) : "no namespace",
			   interaction ? ", inside " : "", interaction ? interaction->root : "");
	for (size_t i = 0; i < document->frame_count; i++)
		if (document->frames[i].type)
			add_layer(document, document->frames[i].type->name);
	if (type->interaction)
		add_layer(document, "tms");
	runner_tally(judge->draft, RULE_TRN_001, false);
	document_judge_type(document, tag->offset, type->id, type->title);
	if (runs(document, CPIS_RULES))
		runner_tally(judge->draft, RULE_UPL_014, false);
	if (runs(document, CPIS_RULES) && type->interaction)
		runner_tally(judge->draft, RULE_TMS_043, false);
	payload_note_form(document->binder, type->smsp && catalogue_looks_smsp(tag));
	start_structure(document, type);
	return document->failure ? -1 : 0;
}

static void close_message(struct document *document)
{
	if (document->validation)
		document->schema->engine->finish(document->validation);
	document->validation = NULL;
	document->type = NULL;
}

/* Envelopes */

static int open_frame(struct document *document, const struct frame_type *type)
{
	if (document->frame_count == MOST_FRAMES) {
		document->failure = "envelopes are nested more than 16 deep";
		return -1;
	}
	struct open_frame *frame = &document->frames[document->frame_count++];
	*frame = (struct open_frame){ .type = type, .depth = document->depth };
	document->soap = document->soap || (document->depth == 1 && catalogue_is_soap(type));
	if (type && type->schema && runs(document, CPIS_SCHEMA)) {
		frame->schema = schema_choice_built_in(type->schema);
		frame->validation = start_validation(document, frame->schema);
	}
	if (type && type->payload && runs(document, CPIS_RULES)) {
		runner_tally(document->judge.draft, RULE_UPL_014, false);
		runner_tally(document->judge.draft, RULE_TMS_043, false);
	}
	return document->failure ? -1 : 0;
}

static void close_frame(struct document *document)
{
	struct open_frame *frame = &document->frames[--document->frame_count];
	if (frame->validation)
		frame->schema->engine->finish(frame->validation);
}

/* Whether the element that starts is where a message or a further envelope may be. */
static bool in_open_place(const struct document *document, const struct xml_tag *tag)
{
	if (document->frame_count == 0)
		return document->depth == 1;
	const struct open_frame *frame = &document->frames[document->frame_count - 1];
	/* An interaction may have its message directly in the control act. */
	const struct message_type *type =
		open_interaction(document) && document->depth == frame->depth + 2
			? catalogue_message(tag, false)
			: NULL;
	if (type && !type->interaction)
		return true;
	if (!frame->type)
		return document->depth == frame->depth + 1;
	return frame->holder_depth && document->depth == frame->holder_depth + 1;
}

/* A message where none is looked for: in an envelope beside its Body, or where SOAP and ITK leave a
 * place of a fault or an acknowledgement open. */
static bool hidden_element(struct document *document, const struct xml_tag *tag)
{
	const char *name = document->frame_count || document->type ? payload_title(tag) : NULL;
	if (name)
		leave_unopened(document, tag->offset, name, payload_hidden);
	return name != NULL;
}

static void hidden_text(struct document *document, struct str text, size_t offset)
{
	if (document->frame_count && !document->type && !document->skipped_depth &&
	    !document->payload_depth && unwrap_holds_message(text))
		leave_unopened(document, offset, "a message as text", payload_hidden);
}

/* What is around a message and no part holds */

static struct open_frame *innermost_frame(struct document *document)
{
	return document->frame_count ? &document->frames[document->frame_count - 1] : NULL;
}

/* A message opened. */
static void look_at_body(struct document *document, const struct xml_tag *tag,
			 const struct message_type *type)
{
	const struct open_frame *frame = innermost_frame(document);
	bool ebxml = !frame && document->parcel->ebxml;
	if (ebxml || (frame && catalogue_is_soap(frame->type)))
		body_judge(&document->judge, tag, type, ebxml);
}

/* An element starts in one that only wraps a reply. */
static void look_at_wrapped(struct document *document, const struct xml_tag *tag)
{
	struct open_frame *frame = innermost_frame(document);
	if (frame && !frame->type && frame->child_count++ == 1)
		wrapper_judge_second(&document->judge, tag);
}

static void look_at_text(struct document *document, struct str text, size_t offset)
{
	struct open_frame *frame = innermost_frame(document);
	if (document->type || document->skipped_depth || !frame || frame->type ||
	    document->depth != frame->depth || str_is_blank(text) || frame->text_found)
		return;
	frame->text_found = true; /* what is in pieces is found once */
	wrapper_judge_text(&document->judge, offset);
}

/* An element starts: one of a SOAP header, perhaps. */
static void look_at_header(struct document *document, const struct xml_tag *tag)
{
	const struct open_frame *frame = innermost_frame(document);
	if (frame && catalogue_is_soap(frame->type) && !frame->holder_depth &&
	    document->depth == frame->depth + 2)
		header_judge(&document->judge, tag, frame->type->ns);
}

/* Recognition: which element is a message, which is an envelope, which text is a payload */

/* The layers and envelopes around what starts now. */
static void name_layers(const struct document *document, struct parcel *parcel)
{
	for (size_t i = 0; i < document->parcel->layer_count; i++)
		parcel_add_layer(parcel, document->parcel->layers[i]);
	for (size_t i = 0; i < document->frame_count; i++)
		if (document->frames[i].type)
			parcel_add_layer(parcel, document->frames[i].type->name);
	parcel->mini_service = document->parcel->mini_service || payload_is_smsps(document->binder);
}

static void note_unknown(struct document *document, const struct xml_tag *tag)
{
	struct judge *judge = &document->judge;
	if (document->unknown.root)
		return;
	document->unknown.is = catalogue_unknown(tag);
	document->unknown.local = judge_word(judge, str_of(tag->local));
	document->unknown.root = judge_text(judge, "%s in %s%s", document->unknown.local,
					    tag->uri ? "the namespace " : "no namespace",
					    tag->uri ? judge_plain(judge, str_of(tag->uri)) : "");
	document->unknown.offset = tag->offset;
	name_layers(document, &document->unknown.around);
}

/* An element that is neither a message nor an envelope. Nothing is looked for in it. */
static void skip(struct document *document, const struct xml_tag *tag)
{
	if (catalogue_is_encrypted(tag) ||
	    (document->payload_depth && payload_is_encrypted(document->binder)))
		leave_unopened(document, tag->offset, "an encrypted element", "it is encrypted");
	else
		note_unknown(document, tag);
	/* By a profile, that it is there may fail nothing: what is in it is not judged. */
	const struct open_frame *frame = innermost_frame(document);
	if (frame && !frame->type && frame->child_count > 1)
		draft_add_omission(
			document->judge.draft, message_of(document),
			judge_word(&document->judge, str_of(tag->local)),
			"it is beside the interaction in the wrapper of a reply, and cpis "
			"does not know it");
	document->skipped_depth = document->depth;
}

static bool wraps_reply(struct document *document, const struct xml_tag *tag)
{
	const struct open_frame *frame = innermost_frame(document);
	return frame && catalogue_is_soap(frame->type) && catalogue_wraps_interaction(tag);
}

/* An element in a place where messages are looked for. */
static int recognise_here(struct document *document, const struct xml_tag *tag,
			  const struct binding_table **table, unsigned *role)
{
	look_at_wrapped(document, tag);
	if (wraps_reply(document, tag)) {
		wrapper_judge(&document->judge, tag);
		return open_frame(document, NULL);
	}
	const struct frame_type *frame = catalogue_frame(tag);
	if (frame) {
		document->unknown.envelope = frame->table ? NULL : catalogue_ebxml(tag);
		*table = frame->table;
		return open_frame(document, frame);
	}
	const struct message_type *type = type_of(document, tag);
	if (!type) {
		skip(document, tag);
		return 0;
	}
	*table = type->table;
	*role = type->role;
	if (open_message(document, tag, type) != 0)
		return -1;
	look_at_body(document, tag, type);
	return 0;
}

static void note_holder(struct document *document, const struct xml_tag *tag)
{
	struct open_frame *frame = innermost_frame(document);
	if (!frame || !frame->type || !frame->type->holder || frame->holder_depth ||
	    tag->ns != frame->type->holder_ns || strcmp(tag->local, frame->type->holder) != 0)
		return;
	frame->holder_depth = document->depth;
	if (!document->unknown.root) {
		document->unknown.offset = tag->offset;
		document->unknown.payload = frame->type->holds_text;
	}
	if (frame->type->holds_text)
		document->payload_depth = document->depth;
}

/* Show the observer what was recognised, if anything was: a message, or one envelope more. */
static void show_element(const struct document *document, size_t offset, size_t envelopes)
{
	const struct observer *observer = document->observer;
	if (!observer || !observer->element)
		return;
	if (document->type)
		observer->element(observer->context, document->parcel, offset, envelopes,
				  document->type->id, document->type->title);
	else if (document->frame_count > envelopes) {
		const struct frame_type *frame = document->frames[envelopes].type;
		const char *name = !frame ? "wrapper" : frame->payload ? frame->root : frame->name;
		observer->element(observer->context, document->parcel, offset, envelopes, name,
				  frame ? frame->title : NULL);
	}
}

/*
 * Outside a message: what starts may be a message, an envelope, or a place that holds one. *table
 * and *role get what it opens a part by, if it does. -1: the document's failure says why judging
 * stops.
 */
static int recognise(struct document *document, const struct xml_tag *tag,
		     const struct binding_table **table, unsigned *role)
{
	if (!in_open_place(document, tag)) {
		look_at_header(document, tag);
		note_holder(document, tag);
		if (hidden_element(document, tag))
			document->skipped_depth = document->depth;
		return 0;
	}
	size_t envelopes = document->frame_count;
	if (recognise_here(document, tag, table, role) != 0)
		return -1;
	choose_validation(document);
	show_element(document, tag->offset, envelopes);
	return 0;
}

/* The open payload ends, before the binder closes it: text in it is judged once the document was
 * read. -1 when out of memory. */
static int end_payload(struct document *document)
{
	const struct envelope *envelope;
	const struct payload *payload = payload_open(document->binder, &envelope);
	document->payload_depth = 0;
	if (!payload || value_there(&payload->root) || str_is_blank(payload->text.text))
		return 0;
	/* The part is the binder's, and not judged yet: only rules must not write to it. */
	struct payload *filled = (struct payload *)(uintptr_t)payload;
	bool encrypted = payload_is_encrypted(document->binder);
	filled->content.offset = payload->text.offset;
	if (payload_look_into(filled, encrypted, &document->judge.draft->arena) != 0)
		return -1;
	if (encrypted && !value_there(&payload->content)) {
		leave_unopened(document, payload->text.offset, "a payload", "it is encrypted");
		return 0;
	}
	struct text_payload *kept =
		payload_keep(&document->payloads, envelope, payload, &document->judge);
	if (kept)
		name_layers(document, &kept->parcel);
	return kept ? 0 : -1;
}

/* An element ends outside a message, or with it: close what it opened. */
static void close_recognised(struct document *document, size_t offset)
{
	struct open_frame *frame = innermost_frame(document);
	if (document->type) {
		close_message(document);
		validate_outer_end(document, offset);
	} else if (frame && frame->depth == document->depth) {
		close_frame(document);
		validate_outer_end(document, offset);
	}
	if (document->skipped_depth == document->depth)
		document->skipped_depth = 0;
	frame = innermost_frame(document);
	if (frame && frame->holder_depth == document->depth)
		frame->holder_depth = 0;
}

/*
 * What start tags show that no part holds: schema locations (XML-004) and blank attribute values
 * (XML-005). That a value is blank is often the fault of another rule, which says more about it: so
 * blank values are only noted on the way, and reported at the end where nothing else was found.
 */

static void report_location(struct document *document, const struct xml_tag *tag, size_t i)
{
	struct judge *judge = &document->judge;
	document->schema_locations++;
	find(document, RULE_XML_004, CPIS_XML, xml_tag_attribute_offset(tag, i),
	     judge_text(judge, "xsi:%s is sent on %s", tag->attributes[i].local,
			judge_word(judge, str_of(tag->local))));
}

static void note_blank(struct document *document, const struct xml_tag *tag, size_t i)
{
	struct judge *judge = &document->judge;
	if (document->blanks.count++ >= judge->draft->max_findings)
		return;
	struct blank_value *blank = arena_alloc(&judge->draft->arena, sizeof(*blank));
	if (!blank)
		return;
	*blank = (struct blank_value){
		.attribute = judge_word(judge, str_of(tag->attributes[i].local)),
		.element = judge_word(judge, str_of(tag->local)),
		.message = judge->message,
		.name_at = xml_tag_attribute_offset(tag, i),
		.value_at = xml_tag_value_offset(tag, i),
	};
	*(document->blanks.last ? &document->blanks.last->next : &document->blanks.first) = blank;
	document->blanks.last = blank;
}

/* Nearly free: the attributes of a start tag are looked through once. */
static void look_at_tag(struct document *document, const struct xml_tag *tag)
{
	document->has_tag = true;
	for (size_t i = 0; !tag->plain_values && i < tag->count; i++) {
		const struct xml_attribute *attribute = &tag->attributes[i];
		/* Most values begin with something visible, and then there is no more to do. */
		bool hidden = character_shows_nothing(attribute->value);
		if (!hidden && attribute->ns != NS_XSI)
			continue;
		if (!runs(document, CPIS_XML))
			return;
		if (attribute->ns == NS_XSI &&
		    (strcmp(attribute->local, "schemaLocation") == 0 ||
		     strcmp(attribute->local, "noNamespaceSchemaLocation") == 0))
			report_location(document, tag, i);
		else if (hidden)
			note_blank(document, tag, i);
	}
}

static bool is_reported(const struct document *document, const struct blank_value *blank)
{
	const struct draft_message *message = &document->judge.draft->messages[blank->message];
	for (size_t i = 0; i < message->finding_count; i++) {
		const struct draft_finding *finding = &message->findings[i];
		if (finding->document == document->judge.document &&
		    (finding->offset == blank->value_at || finding->offset == blank->name_at))
			return true;
	}
	return false;
}

static size_t report_blanks(struct document *document)
{
	struct judge *judge = &document->judge;
	size_t reported = 0, last = judge->message;
	for (const struct blank_value *blank = document->blanks.first; blank; blank = blank->next) {
		if (is_reported(document, blank))
			continue;
		reported++;
		judge->message = blank->message;
		find(document, RULE_XML_005, CPIS_XML, blank->value_at,
		     judge_text(judge, "the attribute %s of %s is blank", blank->attribute,
				blank->element));
	}
	judge->message = last;
	return reported;
}

static void tally_tags(struct document *document, enum stage_rule rule, size_t failed)
{
	struct draft_tally *tally = &document->judge.draft->tallies[rules_stage_index(rule)];
	tally->judged++;
	tally->failed += failed;
}

/* When the document was read, to its end or not. */
static void settle_tags(struct document *document)
{
	if (!document->has_tag || !runs(document, CPIS_XML))
		return;
	tally_tags(document, RULE_XML_004, document->schema_locations);
	tally_tags(document, RULE_XML_005, report_blanks(document));
	size_t kept = document->judge.draft->max_findings;
	if (document->blanks.count > kept)
		message_of(document)->suppressed += document->blanks.count - kept;
}

/* Parts and rules */

static void judge_part(struct document *document, const struct part *part)
{
	if (part->kind == PART_IDENTIFIER)
		earlier_expect(document->judge.earlier,
			       (const struct identifier *)(const void *)part);
	runner_judge(&document->judge, part);
	if (fold_takes(part->kind))
		fold_part(&document->judge.draft->arena, part);
}

/* A simple reply should say something in words. */
static void look_into_reply(struct document *document, const struct part *part)
{
	const struct plain_message *reply = (const struct plain_message *)(const void *)part;
	int is = payload_is_hidden_message(reply, &document->judge.draft->arena);
	if (is)
		leave_unopened(document, reply->text.offset, "a message as text",
			       is < 0 ? "out of memory" : payload_hidden);
}

void document_part_closed(void *context, const struct part *part)
{
	struct document *document = context;
	if (part->kind == PART_RECORD)
		message_of(document)->records++;
	if (part->kind == PART_SOAP && soap_answers_nothing((const void *)part)) {
		document->unknown.envelope = "the reply to sendDistEnvelope, which has no message";
		document->unknown.empty_reply = true;
		document->unknown.offset = part->offset;
	}
	if (document->observer && document->observer->part)
		document->observer->part(document->observer->context, part);
	if (!runs(document, CPIS_RULES))
		return;
	if (part->overlooked)
		delivery_over_limit(document->delivery, &document->judge, part);
	if (part->kind != PART_NONE)
		judge_part(document, part);
	else
		look_into_reply(document, part);
	if (document->judge.draft->summary)
		exchange_take(document->judge.draft->summary, &document->judge, part);
	if (document->exchange)
		exchange_take(&document->exchange->message, &document->judge, part);
}

void document_judge_pair(struct document *document)
{
	struct judge *judge = &document->judge;
	struct exchange *exchange = document->exchange;
	if (judge->draft->summary)
		exchange_judge(judge, judge->draft->summary, judge->draft->request,
			       document->source);
	if (exchange)
		exchange_judge(judge, &exchange->message, exchange_request(exchange),
			       document->source);
}

/* Events */

static inline void mark_if_broken(struct document *document, size_t faults_before)
{
	if (document->structure_faults > faults_before)
		binder_mark_broken(document->binder, document->last_structure_rule);
}

/* The digest takes what the reader has just read, while it is in the processor's cache. */
static void follow_reader(struct document *document, size_t offset)
{
	enum { STEP_BYTES = 32 * 1024 };
	document->follow_at = offset + STEP_BYTES;
	if (document->digest)
		digest_follow(document->digest, document->source->bytes, offset);
	document->followed = source_follow(document->source, document->followed, offset);
}

/* For whoever waits for a large document: how far it is. */
static void report_reading(struct document *document, size_t offset)
{
	const struct cpis_options *options = document->judge.options;
	size_t bytes = document->parcel->bytes.n;
	options->reading(options->progress_context, offset, bytes);
	document->report_at = offset + bytes / 100;
}

/* What is judged of the attributes of a message, or of the interaction around it. */
static void judge_tag(struct document *document, const struct xml_tag *tag)
{
	bool around = !document->type && !document->skipped_depth && open_interaction(document);
	if (document->type || around)
		nulls_judge(&document->judge, tag);
	if (around || (document->type && document->type->interaction))
		structural_judge(&document->judge, tag);
}

/* A start tag whose structure was judged. faults: how many there were before it. */
static inline int judge_start(struct document *document, const struct xml_tag *tag, size_t faults,
			      const struct binding_table *table, unsigned role)
{
	if (document->structure_faults == faults && tag->count && runs(document, CPIS_RULES))
		judge_tag(document, tag);
	mark_if_broken(document, faults);
	if (binder_start(document->binder, tag, table, role) != 0)
		return out_of_memory(document);
	mark_if_broken(document, faults);
	return 0;
}

/* Where a message or an envelope may start. The tag is for the validation that follows it now and
 * for the one before, which may be the same: an envelope's schema sees a payload's root, which it
 * takes whatever it is, but not its inside. */
static __attribute__((noinline)) int start_outside(struct document *document,
						   const struct xml_tag *tag)
{
	struct schema_validation *outer = document->current;
	const struct schema_engine *engine = document->current_engine;
	const struct binding_table *table = NULL;
	unsigned role = 0;
	size_t faults = document->structure_faults;
	if (recognise(document, tag, &table, &role) != 0 ||
	    (outer && engine->element(outer, tag) != 0) ||
	    (document->current && document->current != outer &&
	     document->current_engine->element(document->current, tag) != 0))
		return -1;
	return judge_start(document, tag, faults, table, role);
}

static int on_start(void *context, const struct xml_tag *tag)
{
	struct document *document = context;
	if (tag->offset >= document->follow_at)
		follow_reader(document, tag->offset);
	if (tag->offset >= document->report_at)
		report_reading(document, tag->offset);
	look_at_tag(document, tag);
	document->tag = tag;
	document->depth++;
	if (!document->type && !document->skipped_depth)
		return start_outside(document, tag);
	size_t faults = document->structure_faults;
	if (document->current && document->current_engine->element(document->current, tag) != 0)
		return -1;
	/* Schemas of HL7 leave no place open to an element of HL7. */
	if (document->type && (document->type->ns != NS_HL7 || tag->ns != NS_HL7) &&
	    document->structure_faults == faults)
		hidden_element(document, tag);
	return judge_start(document, tag, faults, NULL, 0);
}

static int on_text(void *context, struct str text, size_t offset)
{
	struct document *document = context;
	size_t faults = document->structure_faults;
	document->tag = NULL;
	look_at_text(document, text, offset);
	hidden_text(document, text, offset);
	if (document->current &&
	    document->current_engine->text(document->current, text, offset) != 0)
		return out_of_memory(document);
	mark_if_broken(document, faults);
	return binder_text(document->binder, text, offset) == 0 ? 0 : out_of_memory(document);
}

static int on_end(void *context, size_t offset)
{
	struct document *document = context;
	size_t faults = document->structure_faults;
	document->tag = NULL;
	if (document->current &&
	    document->current_engine->end_element(document->current, offset) != 0)
		return out_of_memory(document);
	mark_if_broken(document, faults);
	if (document->payload_depth == document->depth && end_payload(document) != 0)
		return out_of_memory(document);
	binder_end(document->binder);
	if (!document->type || document->depth == document->message_depth)
		close_recognised(document, offset);
	document->depth--;
	return document->failure ? -1 : 0;
}

static const struct xml_handler handler = {
	.start = on_start,
	.end = on_end,
	.text = on_text,
};

/* The read */

/* -1 when out of memory: the draft failed. */
static int start(struct document *document)
{
	struct judge *judge = &document->judge;
	long long now = judge->draft->now ? judge->draft->now : judge->options->now;
	judge->parcel = document->parcel;
	judge->bytes = document->parcel->bytes;
	earlier_forget(judge->earlier);
	if (now)
		judge->now = moment_of_seconds(now);
	if (delivery_message(document->delivery, document->parcel, &judge->message) != 0)
		return -1;
	judge->first = judge->message;
	judge->begins = 0;
	binder_reset(document->binder, judge->bytes.p, judge->bytes.n);
	return 0;
}

static void omit(struct document *document, const char *why)
{
	draft_add_omission(document->judge.draft, message_of(document),
			   document->type ? document->type->title : "the document", why);
}

/* The reader reads all versions as XML 1.0: what another one means is not judged. */
static void judge_version(struct document *document)
{
	size_t at = xml_other_version(document->judge.bytes);
	if (!runs(document, CPIS_XML))
		return;
	runner_tally(document->judge.draft, RULE_XML_007, false);
	if (!at)
		return;
	document->judge.draft->tallies[rules_stage_index(RULE_XML_007)].failed++;
	find(document, RULE_XML_007, CPIS_XML, at, "the XML declaration does not say version 1.0");
}

static void report_unread(struct document *document, enum stage_rule rule,
			  const struct xml_fault *fault)
{
	struct draft_finding *finding = find(document, rule, CPIS_XML, fault->offset,
					     judge_text(&document->judge, "%s", fault->text));
	if (finding && fault->too_early)
		finding->fix = "Transfer the whole file again. If nothing of it is lost, close "
			       "every element that it opens.";
}

/* How the read ended, as findings of XML-* or as an omission. */
static void settle_read(struct document *document, enum xml_outcome outcome,
			const struct xml_fault *fault)
{
	static const enum stage_rule rules[] = { [XML_MALFORMED] = RULE_XML_001,
						 [XML_DOCTYPE] = RULE_XML_002,
						 [XML_ENCODING] = RULE_XML_003 };
	/* That a document lost something with its layer is reported already. */
	if (outcome == XML_MALFORMED && document->parcel->damaged) {
		omit(document, "what it came in is damaged, so it was not read to its end");
		return;
	}
	for (enum xml_outcome kind = XML_MALFORMED; kind <= XML_ENCODING; kind++)
		runner_tally(document->judge.draft, rules[kind], kind == outcome);
	switch (outcome) {
	case XML_MALFORMED:
	case XML_DOCTYPE:
	case XML_ENCODING:
		report_unread(document, rules[outcome], fault);
		break;
	case XML_LIMIT:
		leave_unopened(document, fault->offset, "the document", fault->text);
		break;
	case XML_INTERNAL:
		omit(document, fault->text);
		break;
	case XML_STOPPED:
		omit(document, document->failure ? document->failure : "judging stopped");
		break;
	case XML_READ:
		judge_version(document);
		break;
	}
}

bool document_judge(struct document *document, struct xml_reader *reader,
		    const struct xml_limits *limits, bool ahead)
{
	struct xml_fault fault;
	if (start(document) != 0)
		return false;
	document->follow_at = document->source ? 0 : SIZE_MAX;
	document->report_at = ahead && document->judge.options->reading ? 1 : SIZE_MAX;
	enum xml_outcome outcome =
		ahead ? xml_read_ahead(reader, document->judge.bytes, limits, &handler, document,
				       &fault)
		      : xml_read(reader, document->judge.bytes, limits, &handler, document, &fault);
	settle_read(document, outcome, &fault);
	if (outcome == XML_READ && document->soap)
		instruction_judge(&document->judge, xml_reader_instruction(reader));
	if (document->type)
		close_message(document);
	while (document->frame_count)
		close_frame(document);
	settle_tags(document);
	return outcome == XML_READ;
}
