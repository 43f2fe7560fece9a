#include "engine/worker.h"

#include "base/digest.h"
#include "diag/failure.h"
#include "engine/crew.h"
#include "engine/delivery.h"
#include "engine/document.h"
#include "engine/exchange.h"
#include "engine/limits.h"
#include "engine/own_rules.h"
#include "engine/place.h"
#include "engine/schema_choice.h"
#include "engine/source.h"
#include "engine/upload.h"
#include "message/summary.h"
#include "rules/catalogue.h"
#include "rules/earlier.h"
#include "rules/pair.h"
#include "rules/judge.h"
#include "transport/layer.h"
#include "transport/ebxml.h"
#include "transport/unwrap.h"
#include "xml/reader.h"

#include <stdlib.h>
#include <string.h>

struct worker {
	const struct cpis_options *options;
	struct xml_reader *reader;
	struct xml_limits limits;
	struct schema_choice *schemas;
	struct own_rules_run *own;
	struct earlier *earlier;
	struct document document;
	const struct observer *observer; /* NULL: no one follows */
	struct crew *crew;		 /* NULL: it is alone, or one of a crew */
	bool in_company;		 /* other workers judge at the same time */

	/* of the source that is being judged */
	const struct source *source;
	struct digest digest; /* of the source */
	struct placing placing;
	struct place_marks marks;
	struct unwrap_sink sink;
	struct unwrapping unwrapping;
	size_t document_count;
	struct exchange exchange;  /* of a capture */
	struct delivery *delivery; /* the innermost open one */
	struct delivery deliveries[MOST_PARCEL_LAYERS + 2];
};

struct worker *worker_new(const struct cpis_options *options, const struct own_rules *own,
			  struct cpis_failure *failure)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	failure_out_of_memory(failure);
	if (!worker)
		return NULL;
	worker->options = options;
	worker->limits = limits_xml(options);
	worker->reader = xml_reader_new();
	worker->document.binder = binder_new(document_part_closed, &worker->document);
	worker->own = own_rules_run_new(own);
	worker->earlier = earlier_new();
	if (worker->reader && worker->document.binder && worker->own && worker->earlier &&
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
	binder_free(worker->document.binder);
	schema_choice_free(worker->schemas);
	own_rules_run_free(worker->own);
	earlier_free(worker->earlier);
	free(worker);
}

void worker_employ(struct worker *worker, struct crew *crew)
{
	worker->crew = crew;
}

/* Before anything else becomes part of the draft, all that came before in the source does. */
static inline void catch_up(const struct worker *worker)
{
	if (worker->crew)
		crew_catch_up(worker->crew);
}

/* Observers */

static void show_leaf(const struct worker *worker, const struct parcel *parcel, const char *what)
{
	const struct observer *observer = worker->observer;
	if (observer && observer->leaf)
		observer->leaf(observer->context, parcel, what);
}

static void show_read(const struct worker *worker, const struct parcel *document, bool well_formed)
{
	const struct observer *observer = worker->observer;
	if (observer && observer->read)
		observer->read(observer->context, document, well_formed);
}

static void show_layer(const struct worker *worker, const struct parcel *parcel,
		       const struct layer *layer)
{
	const struct observer *observer = worker->observer;
	if (observer && observer->layer)
		observer->layer(observer->context, parcel, layer);
}

static void show_trouble(const struct worker *worker, const struct parcel *parcel, size_t offset,
			 const char *rule, const char *why)
{
	const struct observer *observer = worker->observer;
	if (observer && observer->trouble)
		observer->trouble(observer->context, parcel, offset, 0, rule, why);
}

/* Documents */

/* What an element is instead of a message. *fix: how to make it one, where that is known. */
static const char *describe_unknown(struct judge *judge, const char *local,
				    const struct unknown_element *is, const char **fix)
{
	if (is->what)
		return judge_text(judge, ": it is %s", is->what);
	if (is->root_of) {
		*fix = judge_text(judge, "Call the root element %s.", is->root_of);
		return judge_text(judge, ": the root element of %s is %s", local, is->root_of);
	}
	if (is->meant) {
		*fix = judge_text(judge, "If it is %s, correct its name.", is->meant);
		return judge_text(judge, ": did you mean %s?", is->meant);
	}
	if (!is->home)
		return "";
	*fix = judge_text(judge, "If it is the element of CP-IS, put it in the namespace %s.",
			  is->home);
	return judge_text(judge, ", but %s in the namespace %s is", local, is->home);
}

static bool is_in_soap(const struct parcel *parcel)
{
	for (size_t i = 0; i < parcel->layer_count; i++)
		if (strcmp(parcel->layers[i], "soap") == 0)
			return true;
	return false;
}

/* A word that cannot be read as a status is not known to be of a failure. */
static bool is_success(unsigned status)
{
	return status / 100 == 2 || status == NO_STATUS;
}

/* Whether a part without a message, of any kind, is where there may have to be one: the page of a
 * failure is not, and what only accepts a request has its answer come later. */
static bool is_instead(const struct worker *worker, const struct parcel *parcel, bool in_soap)
{
	enum { ACCEPTED = 202, NO_CONTENT = 204, RESET_CONTENT = 205 };
	const struct carrier *http = parcel_http(parcel);
	enum answer expected = delivery_expects(worker->delivery);
	/* The line end that some logs write after an empty body is not content. */
	bool empty = str_is_blank(parcel->bytes);
	if (!http)
		return false;
	if (http->method.n)
		return !empty;
	if (expected <= ANSWER_OF_ANY_KIND || http->status == ACCEPTED)
		return false;
	if (!empty)
		return in_soap || is_success(http->status);
	return expected == ANSWER_AT_ONCE && is_success(http->status) &&
	       http->status != NO_CONTENT && http->status != RESET_CONTENT;
}

/* What was looked for and not found in a document: settled at the end of the delivery. */
static void settle_recognition(struct worker *worker, bool read)
{
	struct document *document = &worker->document;
	const char *root = document->unknown.root, *envelope = document->unknown.envelope;
	if (!read || (document->message_count && !root))
		return;
	/* An envelope without its payloads is reported already, and what is in text follows. */
	if (!root && (document->structure_faults || document->payloads.count))
		return;
	const struct rule *rule = rules_stage(RULE_TRN_001);
	const struct unknown_element *is = &document->unknown.is;
	const char *fix = NULL;
	const char *hint =
		root ? describe_unknown(&document->judge, document->unknown.local, is, &fix) : "";
	const struct parcel *around = root ? &document->unknown.around : document->parcel;
	/* An envelope of ebXML may go beside the answer; the empty reply stands for it. */
	bool beside = envelope && !document->unknown.empty_reply;
	struct no_message none = {
		.what = root ? root : envelope,
		.nearly = is->home || is->root_of,
		.instead = !beside &&
			   is_instead(worker, document->parcel, !root || is_in_soap(around)),
	};
	none.finding = (struct draft_finding){
		.rule = rule,
		.severity = rule->severity,
		.stage = CPIS_TRANSPORT,
		.offset = document->unknown.offset,
		.document = document->judge.document,
		.fix = fix,
		.message = root	      ? judge_text(&document->judge,
						   "no CP-IS message found: %s is not one%s", root, hint)
			   : envelope ? judge_text(&document->judge,
						   "no CP-IS message found: it is %s", envelope)
			   : document->unknown.payload
				   ? "no CP-IS message found: the payload is empty"
				   : "no CP-IS message found: the envelope is empty",
	};
	place_document(&worker->placing, document->parcel, document->judge.document, &none.finding);
	delivery_no_message(worker->delivery, around, &none);
}

/*
 * An envelope that carries no message: where one was sent before it, it is the answer of the
 * transport, and judged as a message of its own.
 */

/* Claim it for a document that has no other. */
static int claim_answer(struct worker *worker, const struct parcel *parcel,
			const struct draft_message *is)
{
	struct judge *judge = &worker->document.judge;
	if (delivery_claim(worker->delivery, parcel, &judge->message) != 0)
		return -1;
	struct draft_message *message = &judge->draft->messages[judge->message];
	worker->document.message_count++;
	message->type = is->type;
	message->title = is->title;
	message->recognised_by = is->recognised_by;
	runner_tally(judge->draft, RULE_TRN_001, false);
	return 0;
}

/* Whether a request may have the reply without a message: what was sent by sendDistEnvelope, or
 * bare, since every message may be sent by that. */
static bool may_be_empty(const struct worker *worker)
{
	const struct message_summary *request = worker->placing.draft->request;
	if (request)
		return exchange_needs(request) <= ANSWER_EMPTY;
	return (worker->delivery->side.unsaid ? exchange_expects(&worker->exchange)
					      : delivery_expects(worker->delivery)) == ANSWER_EMPTY;
}

static void judge_empty_reply(struct worker *worker, const struct parcel *parcel)
{
	struct document *document = &worker->document;
	struct judge *judge = &document->judge;
	static const struct draft_message is = {
		.type = "ITK-EmptyReply",
		.title = "ITK empty reply",
		.recognised_by =
			"sendDistEnvelopeResponse in wsa:Action, and a Body with nothing in it",
	};
	size_t offset = document->unknown.offset;
	if (!document->unknown.empty_reply || document->unknown.root || document->message_count ||
	    !may_be_empty(worker) || claim_answer(worker, parcel, &is) != 0)
		return;
	struct draft_message *message = &judge->draft->messages[judge->message];
	if (message->layer_count < MOST_LAYERS)
		message->layers[message->layer_count++] = "soap";
	worker->delivery->side.empty = true;
	document_judge_type(document, offset, is.type, is.title);
	if (judge->options->skip_stages & 1u << CPIS_RULES)
		return;
	/* Else the summary is that of an upload, which it is the answer to. */
	if (judge->draft->summary && judge->draft->request)
		exchange_take_empty(judge->draft->summary, judge, offset);
	if (document->exchange)
		exchange_take_empty(&document->exchange->message, judge, offset);
}

/* The message that it answers was read: it is in the response to that, or names it. */
static bool answers_message(const struct worker *worker, const struct ebxml *header)
{
	return worker->placing.draft->request ||
	       delivery_expects(worker->delivery) != ANSWER_TO_NO_MESSAGE ||
	       exchange_names_request(&worker->exchange, header);
}

static int claim_signal(struct worker *worker, const struct parcel *parcel,
			const struct ebxml *header)
{
	static const struct draft_message acknowledgement = {
		.type = "ebXML-Acknowledgment",
		.title = "ebXML acknowledgement",
		.recognised_by = "Acknowledgment in an ebXML envelope without a Manifest",
	};
	static const struct draft_message error = {
		.type = "ebXML-Error",
		.title = "ebXML error",
		.recognised_by = "ErrorList in an ebXML envelope without a Manifest",
	};
	const struct draft_message *is = header->error_list ? &error : &acknowledgement;
	if (claim_answer(worker, parcel, is) != 0)
		return -1;
	runner_tally(worker->placing.draft, RULE_TRN_049, false);
	document_judge_type(&worker->document, header->signal, is->type, is->title);
	return 0;
}

static void judge_signal(struct worker *worker, const struct parcel *parcel)
{
	struct ebxml header;
	char root[LONGEST_EBXML_FIELD];
	struct document *document = &worker->document;
	if (!document->unknown.envelope || document->message_count ||
	    ebxml_read(worker->reader, parcel->bytes, &header, root) != ROOT_IS_ENVELOPE ||
	    header.manifests || !(header.acknowledgment_count || header.error_list) ||
	    !answers_message(worker, &header) || claim_signal(worker, parcel, &header) != 0)
		return;
	/* In a MIME message the header was judged as its root part. */
	if (!parcel->ebxml) {
		runner_tally(worker->placing.draft, RULE_TRN_036, false);
		ebxml_judge(&worker->unwrapping, parcel, header.signal, &header);
	}
	ebxml_judge_signal(&worker->unwrapping, parcel, &header);
	if (document->judge.options->skip_stages & 1u << CPIS_RULES)
		return;
	if (document->judge.draft->summary)
		exchange_take_signal(document->judge.draft->summary, &document->judge, &header);
	if (document->exchange)
		exchange_take_signal(&document->exchange->message, &document->judge, &header);
}

static void judge_payloads(struct worker *worker, const struct parcel *document,
			   struct text_payloads *payloads)
{
	for (size_t i = 0; i < payloads->count; i++) {
		struct parcel parcel = payload_parcel(&payloads->items[i], document);
		if (unwrap_part(&worker->unwrapping, &parcel) != 0)
			break;
	}
	payload_release(payloads);
}

static bool digests(const struct worker *worker)
{
	return !worker->options->no_digests;
}

static void start_document(struct worker *worker, const struct parcel *parcel)
{
	worker->placing.first_message = delivery_first(worker->delivery);
	worker->document = (struct document){
		.binder = worker->document.binder,
		.schemas = worker->schemas,
		.exchange = worker->exchange.open ? &worker->exchange : NULL,
		.delivery = worker->delivery,
		.parcel = parcel,
		.observer = worker->observer,
		.source = parcel->around ? NULL : worker->source,
		.digest = digests(worker) ? &worker->digest : NULL,
		.judge = { .options = worker->options,
			   .draft = worker->placing.draft,
			   .document = worker->document_count++,
			   .earlier = worker->earlier },
	};
}

/* A large document is read ahead on a thread of its own, unless other workers keep the processors
 * busy. */
static bool reads_ahead(const struct worker *worker, const struct parcel *parcel)
{
	return parcel->bytes.n >= RELAY_WORTH_WHILE_BYTES && !worker->in_company;
}

static void on_document(void *context, const struct parcel *parcel)
{
	struct worker *worker = context;
	struct document *document = &worker->document;
	catch_up(worker);
	show_leaf(worker, parcel, NULL);
	if (parcel->carrier && parcel->carrier->content_type.p)
		runner_tally(worker->placing.draft, RULE_TRN_032, false);
	start_document(worker, parcel);
	bool read = document_judge(document, worker->reader, &worker->limits,
				   reads_ahead(worker, parcel));
	if (read && !(worker->options->skip_stages & 1u << CPIS_RULES))
		own_rules_judge(worker->own, &document->judge);
	if (read)
		judge_signal(worker, parcel);
	if (read)
		judge_empty_reply(worker, parcel);
	if (read)
		document_judge_pair(document);
	if (read && worker->options->shards && !(worker->options->skip_stages & 1u << CPIS_RULES))
		upload_note(worker->placing.draft, document->judge.document, worker->options);
	worker->placing.well_formed = read;
	show_read(worker, parcel, read);
	settle_recognition(worker, read);
	place_document(&worker->placing, parcel, document->judge.document, NULL);
	/* A payload may be a document again, which takes the place of this one. */
	struct text_payloads payloads = document->payloads;
	document->payloads = (struct text_payloads){ 0 };
	judge_payloads(worker, parcel, &payloads);
}

/* Layers */

/* A finding about a layer, not about a document. */
static struct draft_finding layer_finding(struct worker *worker, const struct parcel *parcel,
					  size_t offset, enum stage_rule rule, const char *text)
{
	struct draft_finding finding = {
		.rule = rules_stage(rule),
		.stage = CPIS_TRANSPORT,
		.offset = offset,
		.document = worker->document_count++,
		.message = arena_copy(&worker->placing.draft->arena, str_of(text)),
	};
	finding.severity = finding.rule->severity;
	place_in_layer(&worker->placing, parcel, &finding);
	return finding;
}

static void add_layer_finding(struct worker *worker, const struct parcel *parcel,
			      const struct draft_finding *finding, const char *what,
			      const char *why)
{
	struct draft *draft = worker->placing.draft;
	size_t message;
	if (delivery_message(worker->delivery, parcel, &message) != 0)
		return;
	struct draft_finding *added = draft_add_finding(draft, &draft->messages[message],
							finding->rule, finding->severity);
	if (added)
		*added = *finding;
	if (why)
		draft_add_omission(draft, &draft->messages[message], what, why);
}

static void on_fault(void *context, const struct parcel *parcel, size_t offset,
		     enum stage_rule rule, const char *text)
{
	struct worker *worker = context;
	catch_up(worker);
	struct draft_finding finding = layer_finding(worker, parcel, offset, rule, text);
	worker->placing.draft->tallies[rules_index(finding.rule)].failed++;
	add_layer_finding(worker, parcel, &finding, NULL, NULL);
	show_trouble(worker, parcel, offset, finding.rule->id, text);
}

static void judge_type_of_control(struct worker *worker, const struct parcel *parcel,
				  size_t message)
{
	start_document(worker, parcel);
	struct draft_message *control = &worker->placing.draft->messages[message];
	size_t before = control->finding_count;
	worker->document.judge.message = message;
	document_judge_type(&worker->document, 0, control->type, control->title);
	if (control->finding_count > before)
		place_in_layer(&worker->placing, parcel, &control->findings[before]);
}

static void on_control(void *context, const struct parcel *parcel)
{
	struct worker *worker = context;
	size_t claimed;
	catch_up(worker);
	if (delivery_claim(worker->delivery, parcel, &claimed) != 0)
		return;
	struct draft_message *message = &worker->placing.draft->messages[claimed];
	message->type = "DTSControl";
	message->title = "MESH control file";
	message->recognised_by = "root element DTSControl";
	message->aside = true;
	/* Beside its data, it is not in the place of a message. */
	if (!parcel->mesh || !parcel->mesh->has_data)
		judge_type_of_control(worker, parcel, claimed);
}

static void on_unopened(void *context, const struct parcel *parcel, size_t offset, const char *why)
{
	struct worker *worker = context;
	struct buf text;
	catch_up(worker);
	buf_init(&text, 4096);
	parcel_describe(parcel, &text);
	if (text.n == 0)
		buf_text(&text, parcel->around ? "a part" : "the source");
	struct draft_finding finding = layer_finding(worker, parcel, offset, RULE_TRN_008, why);
	add_layer_finding(worker, parcel, &finding, buf_view(&text).p, why);
	buf_release(&text);
	worker->delivery->unopened = true;
	show_trouble(worker, parcel, offset, NULL, why);
}

static void on_no_document(void *context, const struct parcel *parcel, const char *what)
{
	struct worker *worker = context;
	struct arena *arena = &worker->placing.draft->arena;
	catch_up(worker);
	show_leaf(worker, parcel, what);
	const char *text = arena_printf(arena, "no CP-IS message found: %s is %s",
					parcel->name ? parcel->name : "it", what);
	const struct no_message none = {
		.finding = layer_finding(worker, parcel, 0, RULE_TRN_001, text ? text : what),
		.what = arena_printf(arena, "%s (%s)", parcel->name ? parcel->name : "a part",
				     what),
		.instead = is_instead(worker, parcel, false),
	};
	delivery_no_message(worker->delivery, parcel, &none);
}

static void on_opened(void *context, const struct parcel *parcel, const struct layer *layer)
{
	struct worker *worker = context;
	catch_up(worker);
	show_layer(worker, parcel, layer);
	for (size_t i = 0; i < MOST_LAYER_RULES && layer->rules[i]; i++)
		runner_tally(worker->placing.draft, layer->rules[i], false);
}

static void on_left_out(void *context, const struct parcel *parcel, const char *member,
			const char *why)
{
	struct worker *worker = context;
	struct draft *draft = worker->placing.draft;
	catch_up(worker);
	const char *name = delivery_name(worker->delivery, member);
	if (member)
		delivery_skip(worker->delivery, parcel, why);
	else
		worker->delivery->left_out = true;
	draft_add_left_out(draft, name ? name : "", why);
}

static void end_side(struct worker *worker)
{
	delivery_side_ends(worker->delivery, &worker->exchange);
}

/* A message that is judged beside another file's has its request there. */
static void on_exchange(void *context, const struct parcel *parcel, enum exchange_side side)
{
	struct worker *worker = context;
	const struct draft *draft = worker->placing.draft;
	(void)parcel;
	catch_up(worker);
	end_side(worker);
	if (!draft->request)
		exchange_next(&worker->exchange, side, draft->source);
	delivery_next(worker->delivery, side, exchange_expects(&worker->exchange));
}

static void begin_member(struct worker *worker, struct delivery *delivery,
			 const struct parcel *parcel, const struct draft_member *around)
{
	struct draft *draft = worker->placing.draft;
	struct draft_member *member = arena_alloc(&draft->arena, sizeof(*member));
	if (member) {
		member->name =
			around ? arena_printf(&draft->arena, "%s!%s", around->name, parcel->member)
			       : arena_copy(&draft->arena, str_of(parcel->member));
		member->bytes = parcel->bytes.n;
		if (digests(worker))
			digest_sha256(parcel->bytes, member->sha256);
	}
	draft->failed = draft->failed || !member || !member->name;
	exchange_end(&worker->exchange);
	worker->delivery = delivery;
	delivery_begin(delivery, draft, member && member->name ? member : around);
}

static void end_member(struct worker *worker)
{
	end_side(worker);
	exchange_end(&worker->exchange);
	delivery_end(worker->delivery);
}

static bool on_member(void *context, const struct parcel *parcel)
{
	struct worker *worker = context;
	const struct draft *draft = worker->placing.draft;
	if (!worker->crew || worker->observer || draft->request || draft->summary ||
	    !crew_take(worker->crew, parcel, worker->delivery->member))
		return false;
	/* As where it begins here. */
	exchange_end(&worker->exchange);
	return true;
}

static void on_member_begins(void *context, const struct parcel *parcel)
{
	struct worker *worker = context;
	catch_up(worker);
	begin_member(worker, worker->delivery + 1, parcel, worker->delivery->member);
}

static void on_member_ends(void *context, const struct parcel *parcel)
{
	struct worker *worker = context;
	(void)parcel;
	end_member(worker);
	worker->delivery--;
}

static void on_archive_ends(void *context)
{
	catch_up(context);
}

static const struct unwrap_sink sink_template = {
	.document = on_document,
	.no_document = on_no_document,
	.opened = on_opened,
	.exchange = on_exchange,
	.member = on_member,
	.member_begins = on_member_begins,
	.member_ends = on_member_ends,
	.archive_ends = on_archive_ends,
	.left_out = on_left_out,
	.control = on_control,
	.fault = on_fault,
	.unopened = on_unopened,
};

static void start_unwrapping(struct worker *worker)
{
	worker->sink = sink_template;
	worker->sink.context = worker;
	worker->unwrapping = (struct unwrapping){
		.sink = &worker->sink,
		.limits = limits_unwrap(worker->options),
		.reader = worker->reader,
	};
}

static void start_placing(struct worker *worker, struct draft *draft)
{
	worker->marks = (struct place_marks){ 0 };
	worker->placing = (struct placing){
		.draft = draft,
		.reader = worker->reader,
		.limits = &worker->limits,
		.show_values = worker->options->show_values,
		.marks = &worker->marks,
	};
}

static void judge_source(struct worker *worker, const struct source *source, struct draft *draft)
{
	struct parcel parcel = { .bytes = source->bytes, .source = draft->source };
	struct mesh mesh;
	if (source->path && source_find_mesh(source->path, worker->reader, &mesh))
		parcel.mesh = &mesh;
	start_placing(worker, draft);
	worker->source = source;
	if (digests(worker))
		digest_start(&worker->digest);
	worker->document_count = 0;
	worker->delivery = worker->deliveries;
	draft->bytes = source->bytes.n;
	start_unwrapping(worker);
	if (worker->crew)
		crew_begin(worker->crew, draft, &worker->unwrapping, &worker->document_count);
	delivery_begin(worker->delivery, draft, NULL);
	unwrap(&worker->unwrapping, &parcel);
	if (digests(worker)) {
		digest_follow(&worker->digest, source->bytes, source->bytes.n);
		digest_finish(&worker->digest, draft->sha256);
	}
	end_side(worker);
	exchange_end(&worker->exchange);
	delivery_end(worker->delivery);
	upload_settle(draft);
	draft->failed = draft->failed || draft->arena.failed;
}

/* Nothing was found: the tallies are as they were before. */
static void take_back(struct draft *draft, const struct draft_tally *before)
{
	if (before)
		memcpy(draft->tallies, before, draft->rule_count * sizeof(*before));
	draft->failed = draft->failed || !before;
	if (draft->summary)
		draft->summary->count = 0;
	draft_discard(draft);
}

/* By the crew, unless that may find something else than one thread. */
static void judge_together(struct worker *worker, const struct source *source, struct draft *draft,
			   const struct draft_tally *before)
{
	struct crew *crew = worker->crew;
	judge_source(worker, source, draft);
	if (!crew || crew_settle(crew))
		return;
	take_back(draft, before);
	worker->crew = NULL;
	judge_source(worker, source, draft);
	worker->crew = crew;
}

void worker_judge(struct worker *worker, const struct source *source, struct draft *draft)
{
	struct draft_tally *before = NULL;
	size_t bytes = draft->rule_count * sizeof(*before);
	if ((source->mapped || worker->crew) && (before = malloc(bytes)))
		memcpy(before, draft->tallies, bytes);
	judge_together(worker, source, draft, before);
	if (source_has_changed(source)) {
		/* It may be of no file that there ever was. */
		take_back(draft, before);
		worker_omit(draft, "it was changed while it was read");
	}
	free(before);
}

void worker_judge_member(struct worker *worker, const struct parcel *part,
			 const struct draft_member *around, struct draft *draft,
			 struct member_use *use)
{
	start_placing(worker, draft);
	worker->source = NULL;
	worker->document_count = 0;
	start_unwrapping(worker);
	worker->unwrapping.opened = use->opened;
	worker->unwrapping.limits.max_decoded_bytes = use->max_decoded_bytes;
	begin_member(worker, worker->deliveries, part, around);
	unwrap(&worker->unwrapping, part);
	end_member(worker);
	draft->failed = draft->failed || draft->arena.failed;
	use->decoded_bytes = worker->unwrapping.decoded_bytes;
	use->parts = worker->unwrapping.parts;
	use->unopened = worker->unwrapping.unopened;
	use->documents = worker->document_count;
}

void worker_judge_pair(struct worker *worker, const struct source *source, struct draft *draft,
		       const struct message_summary *request,
		       const struct message_summary *response)
{
	struct parcel parcel = { .bytes = source->bytes };
	size_t document = response->root.document;
	struct judge judge = { .options = worker->options,
			       .draft = draft,
			       .message = response->root.message,
			       .document = document,
			       .bytes = source->bytes,
			       .earlier = worker->earlier };
	start_placing(worker, draft);
	while (!draft->failed && draft->message_count <= response->root.message)
		draft_add_message(draft);
	if (draft->failed)
		return;
	pair_judge(&judge, request, response, document);
	place_document(&worker->placing, &parcel, document, NULL);
	draft->failed = draft->failed || draft->arena.failed;
}

void worker_join_others(struct worker *worker)
{
	worker->in_company = true;
}

void worker_observe(struct worker *worker, const struct observer *observer)
{
	worker->observer = observer;
}

void worker_omit(struct draft *draft, const char *why)
{
	struct draft_message *message = draft_add_message(draft);
	if (message)
		draft_add_omission(draft, message, "the source", why);
}
