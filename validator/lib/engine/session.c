#include "engine/session.h"

#include "engine/delivery.h"
#include "engine/digest.h"
#include "engine/nulls.h"
#include "engine/observer.h"
#include "engine/pairing.h"
#include "engine/recognise.h"
#include "engine/source.h"
#include "engine/structure.h"
#include "message/fold.h"
#include "rules/catalogue.h"
#include "rules/earlier.h"
#include "rules/runner.h"

bool session_runs(const struct session *session, enum cpis_stage stage)
{
	return !(session->options->skip_stages & (1u << stage));
}

struct draft_finding *session_find(struct session *session, enum stage_rule rule,
				   enum cpis_stage stage, size_t offset, const char *message)
{
	struct draft_message *to = &session->draft->messages[session->message];
	struct draft_finding *finding = draft_add_finding(session->draft, to);
	if (!finding)
		return NULL;
	finding->rule = rules_stage(rule);
	finding->severity = finding->rule->severity;
	finding->stage = stage;
	finding->offset = offset;
	finding->document = session->document_number;
	finding->message = message;
	return finding;
}

void session_seal(struct session *session, size_t offset, const char *what, const char *why)
{
	session_find(session, RULE_TRN_008, CPIS_TRANSPORT, offset,
		     judge_text(&session->judge, "%s: %s", what, why));
	draft_add_omission(session->draft, &session->draft->messages[session->message], what, why);
	session->delivery->sealed = true;
	if (session->observer)
		session->observer->trouble(session->observer->context, session->parcel, offset,
					   1 + session->frame_count, NULL, why);
}

/* Findings and rules */

void session_part_closed(void *context, const struct part *part)
{
	struct session *session = context;
	if (part->kind == PART_RECORD)
		session->draft->messages[session->message].records++;
	if (session->draft->look)
		session->draft->look(session->draft->look_context, part);
	if (part->kind == PART_NONE || !session_runs(session, CPIS_RULES))
		return;
	session->judge.message = session->message;
	session->judge.type = session->type;
	runner_judge(&session->judge, part);
	fold_part(&session->draft->arena, part);
	if (session->draft->summary)
		pairing_take(session, part);
}

static void mark_if_broken(struct session *session, size_t faults_before)
{
	if (session->structure_faults > faults_before)
		binder_mark_broken(session->binder, session->last_structure_rule);
}

static int out_of_memory(struct session *session)
{
	session->failure = "memory is out";
	return -1;
}

/* How much is kept mapped behind the reader: no open record's values lie further back. To forget
 * stops all threads for a moment, so it is done by large steps. */
enum { KEPT_BYTES = 32 * 1024, STEP_BYTES = 128 * 1024 };

static void forget_what_was_read(struct session *session, size_t offset)
{
	if (!session->source || offset < session->forgotten + KEPT_BYTES + STEP_BYTES)
		return;
	digest_follow(session->digest, session->source->bytes, offset);
	source_forget(session->source, session->forgotten, offset - KEPT_BYTES);
	session->forgotten = offset - KEPT_BYTES;
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
	    recognise_start(session, tag, &table, &role) != 0)
		return -1;
	if (structure_element(session, tag, outer, engine) != 0)
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
	if (session->current && session->current_engine->text(session->current, text, offset) != 0)
		return out_of_memory(session);
	mark_if_broken(session, faults);
	return binder_text(session->binder, text, offset) == 0 ? 0 : out_of_memory(session);
}

static int on_end(void *context, size_t offset)
{
	struct session *session = context;
	size_t faults = session->structure_faults;
	if (session->current && session->current_engine->end_element(session->current, offset) != 0)
		return out_of_memory(session);
	mark_if_broken(session, faults);
	if (session->payload_depth == session->depth && recognise_payload_end(session) != 0)
		return out_of_memory(session);
	binder_end(session->binder);
	if (!session->type || session->depth == session->message_depth)
		recognise_end(session, offset);
	session->depth--;
	return session->failure ? -1 : 0;
}

const struct xml_handler session_handler = {
	.start = on_start,
	.end = on_end,
	.text = on_text,
};

int session_start(struct session *session)
{
	session->document = session->parcel->bytes;
	session->judge.options = session->options;
	session->judge.draft = session->draft;
	session->judge.document = session->document_number;
	session->judge.bytes = session->document;
	earlier_forget(session->judge.earlier);
	long long now = session->draft->now ? session->draft->now : session->options->now;
	if (now)
		session->judge.now = moment_of_seconds(now);
	if (delivery_message(session->delivery, session->parcel, &session->message) != 0)
		return -1;
	session->judge.message = session->message;
	binder_reset(session->binder, session->document.p, session->document.n);
	return 0;
}

void session_finish(struct session *session)
{
	recognise_finish(session);
	tags_settle(session);
}
