#include "engine/session.h"

#include "engine/digest.h"
#include "engine/delivery.h"
#include "engine/nulls.h"
#include "engine/schema_choice.h"
#include "engine/source.h"
#include "message/fold.h"
#include "rules/catalogue.h"
#include "rules/memory.h"
#include "rules/runner.h"

#include <stdio.h>

static bool stage_runs(const struct session *session, enum cpis_stage stage)
{
	return !(session->options->skip_stages & (1u << stage));
}

struct draft_finding *session_find(struct session *session, const char *id, enum cpis_stage stage,
				   size_t offset, const char *message)
{
	struct draft_message *to = &session->draft->messages[session->message];
	struct draft_finding *finding = draft_add_finding(session->draft, to);
	if (!finding)
		return NULL;
	finding->rule = rules_find(id);
	finding->severity = finding->rule->severity;
	finding->stage = stage;
	finding->offset = offset;
	finding->document = session->document_number;
	finding->message = message;
	return finding;
}

void session_seal(struct session *session, size_t offset, const char *what, const char *why)
{
	session_find(session, "TRN-008", CPIS_TRANSPORT, offset, judge_text(&session->judge, "%s: %s", what, why));
	draft_add_omission(session->draft, &session->draft->messages[session->message], what, why);
	session->delivery->sealed = true;
}

/* Structure: every fault of the engine is a finding of its SCH rule. */

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
		finding->actual = judge_show(&session->judge, MASK_VALUE, fault->actual);
}

static void on_fault(void *context, const struct schema_fault *fault)
{
	struct session *session = context;
	char id[16];
	snprintf(id, sizeof(id), "SCH-%03d", (int)fault->kind);
	session->structure_faults++;
	session->last_structure_rule = rules_find(id);
	session->draft->tallies[rules_index(session->last_structure_rule)].failed++;
	struct draft_finding *finding = session_find(session, id, CPIS_SCHEMA, fault->offset, "");
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
		if (finding->stage != CPIS_SCHEMA || finding->offset != was->offset)
			continue;
		char id[16];
		snprintf(id, sizeof(id), "SCH-%03d", (int)is->kind);
		finding->rule = rules_find(id);
		finding->offset = is->offset;
		fill_fault(session, finding, is);
		return;
	}
}

static struct schema_validation *start_validation(struct session *session, const struct schema *schema)
{
	struct schema_sink sink = { on_fault, on_amend, session };
	struct schema_validation *validation = schema->engine->start(schema, &sink);
	if (!validation)
		session->failure = "memory is out";
	return validation;
}

/* After anything opened or closed: which validation follows what is open now. */
static void choose_validation(struct session *session)
{
	session->current = session->validation;
	session->current_engine = session->validation ? session->schema->engine : NULL;
	if (session->type || session->frame_count == 0)
		return;
	const struct open_frame *frame = &session->frames[session->frame_count - 1];
	session->current = frame->validation;
	session->current_engine = frame->validation ? frame->schema->engine : NULL;
}

/* Findings and rules */

void session_part_closed(void *context, const struct part *part)
{
	struct session *session = context;
	if (part->kind == PART_RECORD)
		session->draft->messages[session->message].records++;
	if (part->kind == PART_NONE || !stage_runs(session, CPIS_RULES))
		return;
	session->judge.message = session->message;
	session->judge.type = session->type;
	runner_judge(&session->judge, part);
	fold_part(&session->draft->arena, part);
}

static void mark_if_broken(struct session *session, size_t faults_before)
{
	if (session->structure_faults > faults_before)
		binder_mark_broken(session->binder, session->last_structure_rule);
}

/* Messages */

static void add_layer(struct session *session, const char *name)
{
	struct draft_message *message = &session->draft->messages[session->message];
	if (message->layer_count < MOST_LAYERS)
		message->layers[message->layer_count++] = name;
}

static void list_layers(struct session *session)
{
	for (size_t i = 0; i < session->frame_count; i++)
		if (session->frames[i].type)
			add_layer(session, session->frames[i].type->name);
}

/* Whether the envelope around says that its response is the mini service's. */
static bool envelope_says_smsp(const struct session *session)
{
	const struct part *part = part_ancestor(binder_innermost(session->binder), PART_ENVELOPE);
	if (!part)
		return false;
	const struct envelope *envelope = (const struct envelope *)(const void *)part;
	for (size_t i = 0; i < envelope->spec_count && i < MOST_SPECS; i++) {
		struct str value = envelope->specs[i].value.text;
		if (value.p && memmem(value.p, value.n, ":SMSP-CP-IS", 11))
			return true;
	}
	return false;
}

static const struct message_type *type_of(struct session *session, const struct xml_tag *tag)
{
	if (session->options->as_type) {
		const struct message_type *type = catalogue_find(session->options->as_type);
		if (type && tag->ns == type->ns && strcmp(tag->local, type->root) == 0)
			return type;
	}
	bool smsp = session->parcel->mini_service || envelope_says_smsp(session) ||
		    catalogue_looks_smsp(tag);
	return catalogue_message(tag, smsp);
}

/* A message without a schema to judge it is incomplete, and its rules are judged all the same. */
static int start_structure(struct session *session, const struct message_type *type)
{
	const char *why = NULL;
	if (!stage_runs(session, CPIS_SCHEMA))
		return 0;
	session->schema = schema_choice_message(session->schemas, type, &why);
	if (session->schema)
		session->validation = start_validation(session, session->schema);
	else
		draft_add_omission(session->draft, &session->draft->messages[session->message],
				   judge_text(&session->judge, "the structure of %s", type->root), why);
	return session->failure ? -1 : 0;
}

static int open_message(struct session *session, const struct xml_tag *tag,
			const struct message_type *type)
{
	session->message_count++;
	if (delivery_claim(session->delivery, session->parcel, &session->message) != 0)
		return -1;
	session->type = type;
	session->message_depth = session->depth;
	struct draft_message *message = &session->draft->messages[session->message];
	message->type = type->id;
	message->title = type->title;
	message->recognised_by = judge_text(&session->judge, "root element %s in %s", tag->local,
					    tag->uri ? tag->uri : "no namespace");
	list_layers(session);
	if (type->interaction)
		add_layer(session, "tms");
	runner_tally(session->draft, rules_find("TRN-001"), false);
	nulls_begin(session);
	if (start_structure(session, type) == 0 && session->validation)
		for (enum schema_fault_kind kind = SCHEMA_ELEMENT_UNEXPECTED;
		     kind <= SCHEMA_FIXED_BY_MODEL; kind++)
			session->draft->tallies[rules_index(rules_find("SCH-001")) + kind - 1].judged++;
	return session->failure ? -1 : 0;
}

static void close_message(struct session *session)
{
	if (session->validation)
		session->schema->engine->finish(session->validation);
	session->validation = NULL;
	session->type = NULL;
}

/* Frames */

static int open_frame(struct session *session, const struct frame_type *type)
{
	if (session->frame_count == MOST_FRAMES) {
		session->failure = "envelopes are nested deeper than 16";
		return -1;
	}
	struct open_frame *frame = &session->frames[session->frame_count++];
	*frame = (struct open_frame){ .type = type, .depth = session->depth };
	if (type && type->schema && stage_runs(session, CPIS_SCHEMA)) {
		frame->schema = schema_choice_built_in(type->schema);
		frame->validation = start_validation(session, frame->schema);
	}
	return session->failure ? -1 : 0;
}

static void close_frame(struct session *session)
{
	struct open_frame *frame = &session->frames[--session->frame_count];
	if (frame->validation)
		frame->schema->engine->finish(frame->validation);
}

/* Whether the element that starts stands where a message or a further envelope may stand. */
static bool in_open_place(const struct session *session)
{
	if (session->frame_count == 0)
		return session->depth == 1;
	const struct open_frame *frame = &session->frames[session->frame_count - 1];
	if (!frame->type)
		return session->depth == frame->depth + 1;
	return frame->holder_depth && session->depth == frame->holder_depth + 1;
}

/* The item that the manifest has for the open payload; NULL: none, or no payload is open. */
static const struct manifest_item *item_of_open_payload(const struct session *session)
{
	const struct part *part = binder_innermost(session->binder);
	const struct part *around = part_ancestor(part, PART_ENVELOPE);
	if (!around || around == part)
		return NULL;
	return payload_item((const struct envelope *)(const void *)around,
			    (const struct payload *)(const void *)part);
}

static bool is_encrypted(const struct session *session, const struct xml_tag *tag)
{
	const struct manifest_item *item = session->payload_depth ? item_of_open_payload(session) : NULL;
	return catalogue_is_encrypted(tag) || (item && payload_flag(item->encrypted.text));
}

static void note_unknown(struct session *session, const struct xml_tag *tag)
{
	if (session->unknown_root)
		return;
	session->unknown_root = judge_text(&session->judge, "%s in %s%s", tag->local,
					   tag->uri ? "the namespace " : "no namespace",
					   tag->uri ? tag->uri : "");
	session->unknown_offset = tag->offset;
	const char *nearest = catalogue_nearest(tag->local);
	session->unknown_is_near = nearest != NULL;
	if (nearest && strcmp(nearest, tag->local) == 0)
		session->unknown_root =
			judge_text(&session->judge, "%s: the name is known, in another namespace",
				   session->unknown_root);
	else if (nearest)
		session->unknown_root = judge_text(&session->judge, "%s: did you mean %s?",
						   session->unknown_root, nearest);
}

/* An element in a place where messages are looked for. *table gets the table that it opens a part by. */
static int recognise(struct session *session, const struct xml_tag *tag,
		     const struct binding_table **table, unsigned *role)
{
	const struct message_type *type = NULL;
	bool wraps = session->frame_count > 0 &&
		     (strcmp(tag->local, "CP-ISNHSQueryResponse") == 0 ||
		      strcmp(tag->local, "successfulUploadResponse") == 0) &&
		     catalogue_wraps_interaction(tag);
	if (wraps)
		return open_frame(session, NULL);
	const struct frame_type *frame = catalogue_frame(tag);
	if (frame) {
		*table = frame->table;
		return open_frame(session, frame);
	}
	type = type_of(session, tag);
	if (!type) {
		if (is_encrypted(session, tag))
			session_seal(session, tag->offset, "an encrypted element", "it is encrypted");
		else
			note_unknown(session, tag);
		session->skipped_depth = session->depth;
		return 0;
	}
	*table = type->table;
	*role = type->role;
	return open_message(session, tag, type);
}

static void note_holder(struct session *session, const struct xml_tag *tag)
{
	if (session->frame_count == 0)
		return;
	struct open_frame *frame = &session->frames[session->frame_count - 1];
	if (!frame->type || !frame->type->holder || frame->holder_depth ||
	    tag->ns != frame->type->holder_ns || strcmp(tag->local, frame->type->holder) != 0)
		return;
	frame->holder_depth = session->depth;
	if (frame->type->holds_text) {
		session->payload_depth = session->depth;
		payload_text_start(&session->payload, session->document);
	}
}

static int out_of_memory(struct session *session)
{
	session->failure = "memory is out";
	return -1;
}

/* The envelope's own schema sees a payload's root, which it takes whatever it is, but not its inside. */
static int check_structure(struct session *session, const struct xml_tag *tag,
			   struct schema_validation *outer, const struct schema_engine *outer_engine)
{
	if (outer && outer_engine->element(outer, tag) != 0)
		return out_of_memory(session);
	if (session->current && session->current != outer &&
	    session->current_engine->element(session->current, tag) != 0)
		return out_of_memory(session);
	return 0;
}

/* The end of an element that closed a validation of its own, for the validation around it. */
static void end_outer_element(struct session *session, size_t offset)
{
	choose_validation(session);
	if (session->current && session->current_engine->end_element(session->current, offset) != 0)
		out_of_memory(session);
}

/* How much is kept mapped behind the reader: no open record's values lie further back. */
enum { KEPT_BYTES = 128 * 1024 };

static void forget_what_was_read(struct session *session, size_t offset)
{
	if (!session->source || offset < session->forgotten + 2 * KEPT_BYTES)
		return;
	source_forget(session->source, session->forgotten, offset - KEPT_BYTES);
	digest_follow(session->digest, offset);
	session->forgotten = offset - KEPT_BYTES;
}

/* Outside a message: what starts may be a message, a frame, or a place that holds one. */
static int look_for_message(struct session *session, const struct xml_tag *tag,
			    const struct binding_table **table, unsigned *role)
{
	if (!in_open_place(session)) {
		note_holder(session, tag);
		return 0;
	}
	if (recognise(session, tag, table, role) != 0)
		return -1;
	choose_validation(session);
	return 0;
}

static int on_start(void *context, const struct xml_tag *tag)
{
	struct session *session = context;
	forget_what_was_read(session, tag->offset);
	tags_look(session, tag);
	session->depth++;
	struct schema_validation *outer = session->current;
	const struct schema_engine *engine = session->current_engine;
	const struct binding_table *table = NULL;
	unsigned role = 0;
	size_t faults = session->structure_faults;
	if (!session->type && !session->skipped_depth &&
	    look_for_message(session, tag, &table, &role) != 0)
		return -1;
	if (check_structure(session, tag, outer, engine) != 0)
		return -1;
	if (session->structure_faults == faults)
		nulls_judge(session, tag);
	mark_if_broken(session, faults);
	if (binder_start(session->binder, tag, table, role) != 0)
		return out_of_memory(session);
	mark_if_broken(session, faults);
	return 0;
}

static int on_text(void *context, struct str text, size_t offset)
{
	struct session *session = context;
	size_t faults = session->structure_faults;
	if (session->current &&
	    session->current_engine->text(session->current, text, offset) != 0)
		return out_of_memory(session);
	mark_if_broken(session, faults);
	if (session->payload_depth == session->depth &&
	    payload_text_add(&session->payload, text, offset) != 0)
		return out_of_memory(session);
	return binder_text(session->binder, text, offset) == 0 ? 0 : out_of_memory(session);
}

static int keep_payload(struct session *session, const struct manifest_item *item, size_t number,
			struct str id)
{
	if (payload_keep(&session->payloads, &session->payload, item, number, id) != 0)
		return -1;
	struct parcel *parcel = &session->payloads.items[session->payloads.count - 1].parcel;
	for (size_t i = 0; i < session->parcel->layer_count; i++)
		parcel_add_layer(parcel, session->parcel->layers[i]);
	for (size_t i = 0; i < session->frame_count; i++)
		if (session->frames[i].type)
			parcel_add_layer(parcel, session->frames[i].type->name);
	parcel->mini_service = session->parcel->mini_service || envelope_says_smsp(session);
	return 0;
}

/* An envelope's payload ends: what is text in it is judged once the document was read. */
static int close_payload(struct session *session)
{
	const struct part *part = binder_innermost(session->binder);
	const struct part *around = part_ancestor(part, PART_ENVELOPE);
	const struct manifest_item *item = item_of_open_payload(session);
	int status = 0;
	session->payload_depth = 0;
	if (payload_text_is_blank(&session->payload) || !around || around == part) {
		/* There is an element in it, or nothing. */
	} else if (item && payload_flag(item->encrypted.text)) {
		session_seal(session, session->payload.offset, "a payload", "it is encrypted");
	} else {
		const struct payload *payload = (const struct payload *)(const void *)part;
		const struct envelope *envelope = (const struct envelope *)(const void *)around;
		status = keep_payload(session, item, envelope->payload_count, payload->id.text);
	}
	payload_text_release(&session->payload);
	return status;
}

/* Outside a message, or where one ends: close what was opened by the element that ends. */
static void close_what_ends(struct session *session, size_t offset)
{
	if (session->type) {
		close_message(session);
		end_outer_element(session, offset);
	} else if (session->frame_count &&
		   session->frames[session->frame_count - 1].depth == session->depth) {
		close_frame(session);
		end_outer_element(session, offset);
	}
	if (session->skipped_depth == session->depth)
		session->skipped_depth = 0;
	if (session->frame_count) {
		struct open_frame *frame = &session->frames[session->frame_count - 1];
		if (frame->holder_depth == session->depth)
			frame->holder_depth = 0;
	}
}

static int on_end(void *context, size_t offset)
{
	struct session *session = context;
	size_t faults = session->structure_faults;
	if (session->current &&
	    session->current_engine->end_element(session->current, offset) != 0)
		return out_of_memory(session);
	mark_if_broken(session, faults);
	if (session->payload_depth == session->depth && close_payload(session) != 0)
		return out_of_memory(session);
	binder_end(session->binder);
	if (!session->type || session->depth == session->message_depth)
		close_what_ends(session, offset);
	session->depth--;
	return session->failure ? -1 : 0;
}

const struct xml_handler session_handler = { on_start, on_end, on_text };

int session_start(struct session *session)
{
	session->document = session->parcel->bytes;
	session->judge.options = session->options;
	session->judge.draft = session->draft;
	session->judge.document = session->document_number;
	session->judge.bytes = session->document;
	memory_forget(session->judge.memory);
	if (session->options->now)
		session->judge.now = moment_of_seconds(session->options->now);
	if (delivery_message(session->delivery, session->parcel, &session->message) != 0)
		return -1;
	session->judge.message = session->message;
	binder_reset(session->binder, session->document.p, session->document.n);
	return 0;
}

void session_finish(struct session *session)
{
	payload_text_release(&session->payload);
	if (session->type)
		close_message(session);
	while (session->frame_count)
		close_frame(session);
	tags_settle(session);
}
