#include "engine/worker.h"

#include "engine/digest.h"
#include "engine/excerpt.h"
#include "engine/own_rules.h"
#include "engine/schema_choice.h"
#include "engine/session.h"
#include "engine/source.h"
#include "rules/catalogue.h"
#include "rules/runner.h"
#include "schema/compiled.h"
#include "xml/locate.h"

#include <stdlib.h>

enum { DEFAULT_DEPTH = 256, DEFAULT_ATTRIBUTE_BYTES = 1024 * 1024 };

struct worker {
	const struct cpis_options *options;
	struct xml_reader *reader;
	struct xml_limits limits;
	struct schema_choice *schemas;
	struct own_rules_run *own;
	struct session session;
};

int engine_setup(void)
{
	static bool done;
	if (done)
		return 0;
	xml_setup();
	if (schema_compiled_setup() != 0 || catalogue_setup() != 0)
		return -1;
	rules_setup();
	runner_setup();
	done = true;
	return 0;
}

struct worker *worker_new(const struct cpis_options *options, const struct own_rules *own,
			  struct cpis_failure *failure)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL, .text = "memory is out" };
	if (!worker)
		return NULL;
	worker->options = options;
	worker->limits.max_depth = options->max_depth ? options->max_depth : DEFAULT_DEPTH;
	worker->limits.max_attribute_bytes = options->max_attribute_bytes
						     ? options->max_attribute_bytes
						     : DEFAULT_ATTRIBUTE_BYTES;
	worker->reader = xml_reader_new();
	worker->session.binder = binder_new(session_part_closed, &worker->session);
	worker->own = own_rules_run_new(own);
	if (worker->reader && worker->session.binder && worker->own &&
	    schema_choice_new(&worker->schemas, options->schemas, failure) == 0)
		return worker;
	worker_free(worker);
	return NULL;
}

void worker_free(struct worker *worker)
{
	if (!worker)
		return;
	xml_reader_free(worker->reader);
	binder_free(worker->session.binder);
	schema_choice_free(worker->schemas);
	own_rules_run_free(worker->own);
	free(worker);
}

static void omit(struct session *session, const char *why)
{
	draft_add_omission(session->draft, &session->draft->messages[session->message],
			   session->type ? session->type->title : "the document", why);
}

/* How the read ended, as findings of XML-* or as an omission. */
static void settle_read(struct session *session, enum xml_outcome outcome, const struct xml_fault *fault)
{
	static const char *const rules[] = {
		[XML_MALFORMED] = "XML-001",
		[XML_DOCTYPE] = "XML-002",
		[XML_ENCODING] = "XML-003",
	};
	for (enum xml_outcome kind = XML_MALFORMED; kind <= XML_ENCODING; kind++)
		runner_tally(session->draft, rules_find(rules[kind]), kind == outcome);
	switch (outcome) {
	case XML_MALFORMED:
	case XML_DOCTYPE:
	case XML_ENCODING:
		session_find(session, rules[outcome], CPIS_XML, fault->offset,
			     judge_text(&session->judge, "%s", fault->text));
		break;
	case XML_LIMIT:
	case XML_INTERNAL:
		omit(session, fault->text);
		break;
	case XML_STOPPED:
		omit(session, session->failure ? session->failure : "judging stopped");
		break;
	case XML_READ:
		break;
	}
}

static void settle_recognition(struct session *session, enum xml_outcome outcome)
{
	if (session->message_count || outcome != XML_READ)
		return;
	runner_tally(session->draft, rules_find("TRN-001"), true);
	const char *message = session->unknown_root
				      ? judge_text(&session->judge,
						   "no CP-IS message was found: %s is none",
						   session->unknown_root)
				      : "no CP-IS message was found: the envelope holds none";
	session_find(session, "TRN-001", CPIS_TRANSPORT, session->unknown_offset, message);
}

static size_t count_findings(const struct draft *draft, size_t document)
{
	size_t count = 0;
	for (size_t i = 0; i < draft->message_count; i++)
		for (size_t k = 0; k < draft->messages[i].finding_count; k++)
			if (draft->messages[i].findings[k].document == document)
				count += draft->messages[i].findings[k].other ? 2 : 1;
	return count;
}

static void place(struct worker *worker, struct draft *draft, struct str bytes,
		  const struct location *location)
{
	struct draft_finding *finding = location->owner;
	if (location->offset != finding->offset) {
		finding->message = arena_printf(&draft->arena, "%s, first in line %zu",
						finding->message ? finding->message : "",
						location->line);
		return;
	}
	finding->at = (struct place){ location->line, location->column };
	finding->path = location->path;
	struct excerpt excerpt = excerpt_of(&draft->arena, bytes, finding->offset,
					    worker->options->show_values);
	finding->excerpt = excerpt.text;
	finding->caret = excerpt.caret;
}

/* Line, column, path and excerpt of every finding in a document. */
static void place_findings(struct worker *worker, struct draft *draft, size_t document, struct str bytes)
{
	size_t count = count_findings(draft, document), n = 0;
	struct location *locations = count ? calloc(count, sizeof(*locations)) : NULL;
	if (!locations) {
		draft->failed = draft->failed || count > 0;
		return;
	}
	for (size_t i = 0; i < draft->message_count; i++)
		for (size_t k = 0; k < draft->messages[i].finding_count; k++) {
			struct draft_finding *finding = &draft->messages[i].findings[k];
			if (finding->document != document)
				continue;
			locations[n++] = (struct location){ .offset = finding->offset,
							    .owner = finding };
			if (finding->other)
				locations[n++] = (struct location){ .offset = finding->other,
								    .owner = finding };
		}
	if (xml_locate(worker->reader, bytes, &worker->limits, locations, n, &draft->arena) != 0)
		draft->failed = true;
	for (size_t i = 0; i < n; i++)
		place(worker, draft, bytes, &locations[i]);
	free(locations);
}

static void start_document(struct worker *worker, struct draft *draft, const struct source *source)
{
	struct session *session = &worker->session;
	struct binder *binder = session->binder;
	*session = (struct session){
		.options = worker->options, .binder = binder, .schemas = worker->schemas, .draft = draft, .source = source
	};
	session_start(session, source->bytes);
}

void worker_judge(struct worker *worker, const struct source *source, struct draft *draft)
{
	struct str bytes = source->bytes;
	draft->bytes = bytes.n;
	if (!draft_add_message(draft))
		return;
	start_document(worker, draft, source);
	struct session *session = &worker->session;
	session->digest = digest_start(source);
	struct xml_fault fault;
	enum xml_outcome outcome = xml_read(worker->reader, bytes, &worker->limits, &session_handler,
					    session, &fault);
	digest_finish(session->digest, source, draft->sha256);
	settle_read(session, outcome, &fault);
	settle_recognition(session, outcome);
	session_finish(session);
	if (outcome == XML_READ && !(worker->options->skip_stages & 1u << CPIS_RULES))
		own_rules_judge(worker->own, session);
	place_findings(worker, draft, 0, bytes);
	draft->failed = draft->failed || draft->arena.failed;
}

void worker_omit(struct draft *draft, const char *why)
{
	struct draft_message *message = draft_add_message(draft);
	if (message)
		draft_add_omission(draft, message, "the source", why);
}
