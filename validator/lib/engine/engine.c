#include "engine/engine.h"

#include "diag/draft.h"
#include "diag/failure.h"
#include "diag/mask.h"
#include "diag/mask_words.h"
#include "engine/document.h"
#include "engine/limits.h"
#include "engine/source.h"
#include "engine/upload.h"
#include "engine/worker.h"
#include "message/catalogue.h"
#include "message/identifiers.h"
#include "message/summary.h"
#include "rules/catalogue.h"
#include "rules/judge.h"
#include "schema/validation.h"

#include <pthread.h>
#include <stdarg.h>

enum { MOST_VISIT_FINDINGS = 100 };

static int status_of_setup;

/* The codes and names that no schema has. -1: out of room. */
static int know_words(void)
{
	static const struct code_system *const systems[] = {
		&upload_file_responses,
		&upload_record_responses,
		&mini_service_statuses,
		&job_role_names,
	};
	int status = 0;
	for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++)
		for (size_t k = 0; k < systems[i]->count; k++)
			status |= mask_know(systems[i]->codes[k].code) |
				  mask_know(systems[i]->codes[k].display_name);
	for (size_t i = 0; i < message_type_count; i++)
		status |= mask_know(message_types[i].id) | mask_know(message_types[i].root);
	for (size_t i = 0; i < frame_type_count; i++)
		status |= mask_know(frame_types[i].root);
	for (size_t i = 0; i < NS_COUNT; i++)
		status |= xml_namespace_uris[i] ? mask_know(xml_namespace_uris[i]) : 0;
	for (size_t i = 1; i <= xml_names_count(); i++)
		status |= mask_know(xml_names_local((xml_name)i));
	return status;
}

static void set_up(void)
{
	xml_setup();
	bool made = schema_compiled_setup() == 0 && catalogue_setup() == 0 && rules_setup() == 0 &&
		    runner_setup() == 0 && nulls_setup() == 0;
	mask_learn_from(know_words);
	status_of_setup = made ? 0 : -1;
}

int engine_setup(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, set_up);
	return xml_be_quiet() ? status_of_setup : -1;
}

/* One of the sources of a call: as it came in, and as a worker takes it. */
struct half {
	struct engine_input input;
	struct source source;
};

static struct half half_of(const struct engine_input *input)
{
	return (struct half){ *input, { .bytes = input->bytes } };
}

/* The tools are kept in the results, for the next source. -1: failure says why. */
static int prepare(struct results *results, struct cpis_failure *failure)
{
	if (!results->worker)
		results->worker = worker_new(&results->options, results->own, failure);
	return results->worker ? 0 : -1;
}

/* summary and request may be NULL: it is judged beside nothing. -1 when out of memory. */
static int judge_one(struct results *results, const struct half *half,
		     struct message_summary *summary, const struct message_summary *request)
{
	struct draft draft = { 0 };
	int status = draft_init(&draft, half->input.name, results->rule_count,
				limits_findings(&results->options));
	if (status == 0) {
		draft.now = half->input.now;
		draft.summary = summary;
		draft.request = request;
		if (half->input.bytes.n > limits_input_bytes(&results->options))
			worker_omit(&draft, limits_input_too_large);
		else
			worker_judge(results->worker, &half->source, &draft);
		/* A pack compares the uploads of its evidence, wherever they are. */
		if (!results->pack_count)
			upload_note_apart(&draft, NULL, &results->options);
		status = draft_commit(results, &draft);
	}
	draft_release(&draft);
	return status;
}

int engine_judge(struct results *results, const struct engine_input *input,
		 struct cpis_failure *failure)
{
	const struct half half = half_of(input);
	if (prepare(results, failure) != 0)
		return -1;
	return judge_one(results, &half, NULL, NULL) == 0 ? 0 : failure_out_of_memory(failure);
}

/* Fill summary, which is to be made of it, and judge it beside another one, or NULL. */
static int judge_half(struct results *results, const struct half *half,
		      struct message_summary *summary, const struct message_summary *request,
		      struct cpis_failure *failure)
{
	if (prepare(results, failure) != 0)
		return -1;
	summary->wants_records = true;
	summary->source = half->input.name;
	return judge_one(results, half, summary, request) == 0 ? 0 : failure_out_of_memory(failure);
}

static int judge_answer(struct results *results, const struct half *half,
			const struct message_summary *asked, struct cpis_failure *failure)
{
	struct message_summary answered;
	summary_init(&answered);
	int status = judge_half(results, half, &answered, asked, failure);
	summary_release(&answered);
	return status;
}

static int judge_both(struct results *results, const struct half *request,
		      const struct half *response, struct cpis_failure *failure)
{
	struct message_summary asked;
	summary_init(&asked);
	int status = judge_half(results, request, &asked, NULL, failure);
	if (status == 0)
		status = judge_answer(results, response, &asked, failure);
	summary_release(&asked);
	return status;
}

int engine_judge_request(struct results *results, const struct engine_input *request,
			 struct message_summary *asked, struct cpis_failure *failure)
{
	const struct half half = half_of(request);
	return judge_half(results, &half, asked, NULL, failure);
}

int engine_judge_reply(struct results *results, const struct engine_input *reply,
		       const struct message_summary *asked, struct cpis_failure *failure)
{
	const struct half half = half_of(reply);
	return judge_answer(results, &half, asked, failure);
}

int engine_judge_pair(struct results *results, const struct engine_input *request,
		      const struct engine_input *response, struct cpis_failure *failure)
{
	const struct half first = half_of(request), second = half_of(response);
	return judge_both(results, &first, &second, failure);
}

static int open_half(struct half *half, const struct results *results, const char *path,
		     struct cpis_failure *failure)
{
	const char *why = "";
	half->input = (struct engine_input){ .name = path };
	if (limits_open_source(&half->source, path, &results->options, &why) == 0)
		return 0;
	return failure_of_file(failure, path, "%s", why);
}

int engine_judge_files(struct results *results, const char *request, const char *response,
		       struct cpis_failure *failure)
{
	struct half first, second;
	if (open_half(&first, results, request, failure) != 0)
		return -1;
	int status = open_half(&second, results, response, failure);
	if (status == 0) {
		status = judge_both(results, &first, &second, failure);
		source_close(&second.source);
	}
	source_close(&first.source);
	return status;
}

/* Visiting */

/* The first error of the layers or the XML; NULL: there is none. */
static const struct draft_finding *first_error(const struct draft_message *message)
{
	for (size_t i = 0; i < message->finding_count; i++)
		if (message->findings[i].stage <= CPIS_XML &&
		    message->findings[i].severity == CPIS_ERROR)
			return &message->findings[i];
	return NULL;
}

/* With what a draft says, in words that may be shown. */
static int fail_resolved(struct cpis_failure *failure, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int fail_resolved(struct cpis_failure *failure, const char *format, ...)
{
	struct masker *masker = masker_new(0);
	struct arena arena;
	struct buf says;
	va_list args;
	arena_init(&arena);
	buf_init(&says, SIZE_MAX / 2);
	va_start(args, format);
	buf_vprintf(&says, format, args);
	va_end(args);
	const char *text =
		masker && !says.failed ? masker_resolve(masker, &arena, buf_view(&says)) : NULL;
	failure_set(failure, CPIS_FAILURE_CONFIGURATION, "%s", text ? text : "out of memory");
	buf_release(&says);
	arena_release(&arena);
	masker_free(masker);
	return -1;
}

/* -1 with the first reason why not everything in the source was read; 0 when it was. */
static int check_read(const struct draft *draft, struct cpis_failure *failure)
{
	for (size_t i = 0; i < draft->message_count; i++) {
		const struct draft_message *message = &draft->messages[i];
		const struct draft_finding *error = first_error(message);
		if (message->omission_count)
			return fail_resolved(failure, "not read: %s, %s",
					     message->omissions[0].what, message->omissions[0].why);
		if (!error)
			continue;
		fail_resolved(failure, "%s", error->message);
		failure->line = error->at.line;
		failure->column = error->at.column;
		return -1;
	}
	return 0;
}

int engine_visit(struct str bytes, void (*look)(void *context, const struct part *part),
		 void *context, struct cpis_failure *failure)
{
	const struct cpis_options options = { .skip_stages = 1u << CPIS_SCHEMA | 1u << CPIS_RULES };
	const struct observer observer = { .context = context, .part = look };
	const struct source source = { .bytes = bytes };
	struct draft draft = { 0 };
	if (engine_setup() != 0)
		return failure_out_of_memory(failure);
	struct worker *worker = worker_new(&options, NULL, failure);
	if (!worker)
		return -1;
	int status = draft_init(&draft, "-", rules_count(), MOST_VISIT_FINDINGS);
	if (status == 0) {
		worker_observe(worker, &observer);
		worker_judge(worker, &source, &draft);
	}
	if (status != 0 || draft.failed)
		status = failure_out_of_memory(failure);
	else
		status = check_read(&draft, failure);
	draft_release(&draft);
	worker_free(worker);
	return status;
}

/* Documents */

/* A document that is open, by the serial number of its parcel. */
struct listing {
	struct engine_documents *documents;
	size_t serials[MOST_PARCEL_LAYERS]; /* by depth of documents in documents */
	size_t places[MOST_PARCEL_LAYERS];
	size_t open;
};

/* The text of a payload is a parcel directly inside the document that has it. */
static void note_around(struct listing *listing, const struct parcel *parcel,
			struct engine_document *document)
{
	const struct parcel *inner = parcel;
	document->around = SIZE_MAX;
	for (; inner->around && listing->open; inner = inner->around)
		for (size_t i = listing->open; i-- > 0;)
			if (inner->around->serial == listing->serials[i]) {
				document->around = listing->places[i];
				document->start = inner->start;
				listing->open = i + 1;
				return;
			}
	listing->open = 0;
}

static void list_document(void *context, const struct parcel *parcel, const char *what)
{
	struct listing *listing = context;
	struct engine_documents *documents = listing->documents;
	struct engine_document *more =
		what ? NULL
		     : list_grown_in(&documents->arena, documents->items, documents->count,
				     &documents->room, sizeof(*more));
	if (!more)
		return;
	documents->items = more;
	struct engine_document *document = &documents->items[documents->count];
	const char *member = parcel_source(parcel)->member;
	*document = (struct engine_document){
		.member = member ? arena_copy(&documents->arena, str_of(member)) : NULL,
		.bytes = parcel->around ? arena_str(&documents->arena, parcel->bytes)
					: parcel->bytes,
	};
	note_around(listing, parcel, document);
	if (listing->open < MOST_PARCEL_LAYERS) {
		listing->serials[listing->open] = parcel->serial;
		listing->places[listing->open++] = documents->count;
	}
	documents->count++;
}

static void note_message(void *context, const struct parcel *document, size_t offset,
			 size_t envelopes, const char *name, const char *title)
{
	const struct listing *listing = context;
	struct engine_documents *documents = listing->documents;
	(void)document, (void)offset, (void)envelopes, (void)name;
	if (!documents->count)
		return;
	struct engine_document *last = &documents->items[documents->count - 1];
	last->has_message = last->has_message || title;
	last->has_envelope = last->has_envelope || !title;
}

int engine_documents(struct engine_documents *documents, struct str bytes,
		     const struct cpis_options *options)
{
	struct cpis_options opening = *options;
	struct listing listing = { .documents = documents };
	const struct observer observer = { .context = &listing,
					   .leaf = list_document,
					   .element = note_message };
	const struct source source = { .bytes = bytes };
	struct cpis_failure failure;
	struct draft draft = { 0 };
	opening.skip_stages = 1u << CPIS_SCHEMA | 1u << CPIS_RULES;
	opening.schemas = NULL;
	struct worker *worker = engine_setup() == 0 ? worker_new(&opening, NULL, &failure) : NULL;
	if (!worker)
		return -1;
	bool failed = draft_init(&draft, "-", rules_count(), MOST_VISIT_FINDINGS) != 0;
	if (!failed) {
		worker_observe(worker, &observer);
		worker_judge(worker, &source, &draft);
	}
	failed = failed || draft.failed || documents->arena.failed;
	draft_release(&draft);
	worker_free(worker);
	return failed ? -1 : 0;
}
