#include "engine/exchange.h"

#include "message/identifiers.h"
#include "rules/pair.h"

#include <stdlib.h>

static void start(struct message_summary *message, const char *source)
{
	summary_init(message);
	message->wants_records = true;
	message->source = source;
}

struct waiting_request {
	struct waiting_request *next;
	struct message_summary summary;
};

/* More than wait in any honest capture: the first of them is given up for one more. */
enum { MOST_WAITING = 64 };

static bool asks(const struct message_summary *message)
{
	return message->kind == SUMMARY_UPLOAD || message->kind == SUMMARY_QUERY;
}

static void give_up(struct exchange *exchange, const struct waiting_request *request)
{
	struct waiting_request **at = &exchange->waiting;
	while (*at != request)
		at = &(*at)->next;
	struct waiting_request *given = *at;
	*at = given->next;
	summary_release(&given->summary);
	free(given);
}

/* The message that was read waits for its answer from now on. */
static void wait_for_answer(struct exchange *exchange)
{
	struct waiting_request **end = &exchange->waiting;
	size_t count = 0;
	for (; *end; end = &(*end)->next)
		count++;
	struct waiting_request *request = malloc(sizeof(*request));
	if (!request) {
		summary_release(&exchange->message);
		exchange->message.arena.failed = true;
		return;
	}
	*request = (struct waiting_request){ .summary = exchange->message };
	*end = request;
	if (count == MOST_WAITING) {
		give_up(exchange, exchange->waiting);
		exchange->given_up = true;
	}
}

static bool names(const struct summary_value *reference, const struct summary_value *id)
{
	struct str said = reference->value.text, meant = id->value.text;
	return !str_is_blank(said) && !str_is_blank(meant) && id_same(said, meant);
}

static bool same(const struct summary_value *a, const struct summary_value *b)
{
	struct str one = str_trim(a->value.text), other = str_trim(b->value.text);
	return one.n && str_equal(one, other);
}

static bool names_request(const struct message_summary *reply,
			  const struct message_summary *request)
{
	return names(&reply->relates_to, &request->soap_id) ||
	       names(&reply->message_ref, &request->message_id) ||
	       names(&reply->tracking_ref, &request->tracking_id) ||
	       (reply->ebxml_ref.n && id_same(reply->ebxml_ref, request->ebxml_id));
}

/* Whether it says by an id what it answers, be that there or not. */
static bool names_something(const struct message_summary *reply)
{
	return !str_is_blank(reply->relates_to.value.text) ||
	       !str_is_blank(reply->message_ref.value.text) ||
	       !str_is_blank(reply->tracking_ref.value.text) || reply->ebxml_ref.n;
}

/* How surely a message answers a request. Only an id says it for certain; the rest chooses among
 * several that wait. */
enum likeness { ANY = 1, BY_KIND, BY_CONTENT, BY_NAME };

static enum likeness likeness(const struct message_summary *reply,
			      const struct message_summary *request)
{
	if (names_request(reply, request))
		return BY_NAME;
	if (reply->kind == SUMMARY_RESPONSE && request->kind == SUMMARY_QUERY)
		return same(&reply->nhs_number, &request->nhs_number) ? BY_CONTENT : BY_KIND;
	if (reply->kind == SUMMARY_ACKNOWLEDGEMENT && request->kind == SUMMARY_UPLOAD)
		return same(&reply->file_id, &request->file_id) ? BY_CONTENT : BY_KIND;
	return ANY;
}

/* The request that the message that was read answers, the first of those that are alike; NULL: it
 * answers none. */
static const struct waiting_request *answered(const struct exchange *exchange)
{
	const struct message_summary *message = &exchange->message;
	const struct waiting_request *best = NULL;
	unsigned most = 0;
	/* A reply may come in a request of its own; a notification answers nothing. */
	if (!exchange->open || message->kind == SUMMARY_NONE || asks(message) ||
	    (message->kind == SUMMARY_NOTIFICATION && exchange->side == EXCHANGE_REQUEST))
		return NULL;
	for (const struct waiting_request *at = exchange->waiting; at; at = at->next) {
		unsigned like = likeness(message, &at->summary);
		if (like > most) {
			best = at;
			most = like;
		}
	}
	bool gone = exchange->given_up && most != BY_NAME && names_something(message);
	return gone ? NULL : best;
}

/* One that names another message than any that waits takes no answer from them. */
static void settle_answer(struct exchange *exchange)
{
	const struct message_summary *message = &exchange->message;
	const struct waiting_request *request = answered(exchange);
	if (request && (names_request(message, &request->summary) || !names_something(message)))
		give_up(exchange, request);
}

/* What was read last waits for its answer now, or answered a request. Where it was not a message,
 * as an acknowledgement of the transport, the requests before it still wait. */
void exchange_next(struct exchange *exchange, enum exchange_side side, const char *source)
{
	struct message_summary *last = &exchange->message;
	if (exchange->open && asks(last)) {
		wait_for_answer(exchange);
	} else if (exchange->open) {
		settle_answer(exchange);
		summary_release(last);
	}
	bool failed = exchange->open && last->arena.failed;
	start(last, source);
	last->arena.failed = failed;
	exchange->open = true;
	exchange->side = side;
}

void exchange_end(struct exchange *exchange)
{
	while (exchange->waiting)
		give_up(exchange, exchange->waiting);
	if (exchange->open)
		summary_release(&exchange->message);
	*exchange = (struct exchange){ 0 };
}

const struct message_summary *exchange_request(const struct exchange *exchange)
{
	const struct waiting_request *request = answered(exchange);
	return request ? &request->summary : NULL;
}

void exchange_take(struct message_summary *summary, const struct judge *judge,
		   const struct part *part)
{
	summary->document = judge->document;
	summary->message = judge->message;
	if (!part->parent && judge->parcel->ebxml)
		summary_take_ebxml(summary, judge->parcel->ebxml);
	summary_take(summary, part);
}

void exchange_judge(struct judge *judge, struct message_summary *summary,
		    const struct message_summary *request, const struct source *plain)
{
	summary->document = judge->document;
	if (summary->root.document == summary->document)
		summary->plain = plain != NULL;
	summary_keep_document(summary, judge->bytes, plain != NULL);
	if (summary->arena.failed)
		judge->draft->failed = true;
	else if (request && !(judge->options->skip_stages & 1u << CPIS_RULES))
		pair_judge(judge, request, summary, judge->document);
}
