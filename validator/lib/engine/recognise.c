#include "engine/recognise.h"

#include "engine/delivery.h"
#include "engine/nulls.h"
#include "engine/observer.h"
#include "engine/schema_choice.h"
#include "engine/session.h"
#include "engine/structure.h"
#include "rules/catalogue.h"
#include "rules/runner.h"

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
	if (!session_runs(session, CPIS_SCHEMA))
		return 0;
	session->schema = schema_choice_message(session->schemas, type, &why);
	if (session->schema)
		session->validation = structure_start(session, session->schema);
	else
		draft_add_omission(session->draft, &session->draft->messages[session->message],
				   judge_text(&session->judge, "the structure of %s", type->root),
				   why);
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
	runner_tally(session->draft, RULE_TRN_001, false);
	nulls_begin(session);
	if (start_structure(session, type) == 0 && session->validation)
		structure_tally(session);
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
	if (type && type->schema && session_runs(session, CPIS_SCHEMA)) {
		frame->schema = schema_choice_built_in(type->schema);
		frame->validation = structure_start(session, frame->schema);
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
	const struct manifest_item *item =
		session->payload_depth ? item_of_open_payload(session) : NULL;
	return catalogue_is_encrypted(tag) || (item && payload_flag(item->encrypted.text));
}

static void note_unknown(struct session *session, const struct xml_tag *tag)
{
	if (session->unknown_root)
		return;
	const char *nearest = catalogue_nearest(tag->local);
	bool elsewhere = nearest && strcmp(nearest, tag->local) == 0;
	session->unknown_root =
		judge_text(&session->judge, "%s in %s%s", tag->local,
			   tag->uri ? "the namespace " : "no namespace", tag->uri ? tag->uri : "");
	session->unknown_hint = elsewhere ? ", though one in another namespace is called so"
				: nearest
					? judge_text(&session->judge, ": did you mean %s?", nearest)
					: "";
	session->unknown_offset = tag->offset;
	session->unknown_is_near = nearest != NULL;
}

/* An element in a place where messages are looked for. *table gets the table that it opens a part
 * by. */
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
			session_seal(session, tag->offset, "an encrypted element",
				     "it is encrypted");
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
	if (frame->type->holds_text)
		session->payload_depth = session->depth;
}

/* What was recognised, if anything was: a message, or an envelope more than there were. */
static void tell_observer(struct session *session, size_t offset, size_t envelopes)
{
	const struct observer *observer = session->observer;
	if (session->type)
		observer->element(observer->context, session->parcel, offset, envelopes,
				  session->type->id, session->type->title);
	else if (session->frame_count > envelopes)
		observer->element(observer->context, session->parcel, offset, envelopes,
				  session->frames[envelopes].type
					  ? session->frames[envelopes].type->name
					  : "wrapper",
				  NULL);
}

/* Outside a message: what starts may be a message, a frame, or a place that holds one. */
int recognise_start(struct session *session, const struct xml_tag *tag,
		    const struct binding_table **table, unsigned *role)
{
	if (!in_open_place(session)) {
		note_holder(session, tag);
		return 0;
	}
	size_t envelopes = session->frame_count;
	if (recognise(session, tag, table, role) != 0)
		return -1;
	structure_choose(session);
	if (session->observer)
		tell_observer(session, tag->offset, envelopes);
	return 0;
}

/* The layers and envelopes that stand around the open payload. */
static void name_layers(const struct session *session, struct parcel *payload)
{
	for (size_t i = 0; i < session->parcel->layer_count; i++)
		parcel_add_layer(payload, session->parcel->layers[i]);
	for (size_t i = 0; i < session->frame_count; i++)
		if (session->frames[i].type)
			parcel_add_layer(payload, session->frames[i].type->name);
	payload->mini_service = session->parcel->mini_service || envelope_says_smsp(session);
}

/* An envelope's payload ends: what is text in it is judged once the document was read. */
int recognise_payload_end(struct session *session)
{
	const struct part *part = binder_innermost(session->binder);
	const struct part *around = part_ancestor(part, PART_ENVELOPE);
	const struct payload *payload = (const struct payload *)(const void *)part;
	session->payload_depth = 0;
	if (!around || around == part || value_there(&payload->root) ||
	    str_is_blank(payload->text.text))
		return 0;
	const struct manifest_item *item = item_of_open_payload(session);
	if (item && payload_flag(item->encrypted.text)) {
		session_seal(session, payload->text.offset, "a payload", "it is encrypted");
		return 0;
	}
	const struct envelope *envelope = (const struct envelope *)(const void *)around;
	struct text_payload *kept =
		payload_keep(&session->payloads, envelope, payload, item, session->document);
	if (kept)
		name_layers(session, &kept->parcel);
	return kept ? 0 : -1;
}

/* Outside a message, or where one ends: close what was opened by the element that ends. */
void recognise_end(struct session *session, size_t offset)
{
	if (session->type) {
		close_message(session);
		structure_end_outer(session, offset);
	} else if (session->frame_count &&
		   session->frames[session->frame_count - 1].depth == session->depth) {
		close_frame(session);
		structure_end_outer(session, offset);
	}
	if (session->skipped_depth == session->depth)
		session->skipped_depth = 0;
	if (session->frame_count) {
		struct open_frame *frame = &session->frames[session->frame_count - 1];
		if (frame->holder_depth == session->depth)
			frame->holder_depth = 0;
	}
}

void recognise_finish(struct session *session)
{
	if (session->type)
		close_message(session);
	while (session->frame_count)
		close_frame(session);
}
