#include "engine/exchange.h"

#include "message/identifiers.h"
#include "rules/envelope.h"
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
	bool settled; /* it has its answer: any further one has to name it */
};

/* More than wait in any honest capture, and the bytes of their uploads: the first of them are given
 * up for one more. So are those that have their answer, on their own. */
enum {
	MOST_WAITING = 64,
	MOST_WAITING_BYTES = 128 * 1024 * 1024,
	MOST_SETTLED = 512,
	MOST_SETTLED_BYTES = 16 * 1024 * 1024
};

static bool asks(const struct message_summary *message)
{
	return message->kind == SUMMARY_UPLOAD || message->kind == SUMMARY_QUERY;
}

/* A message that no other one asked for. */
static bool begins(const struct message_summary *message)
{
	return asks(message) || message->kind == SUMMARY_NOTIFICATION;
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

/* The first of those that wait, or of those that have their answer, where they are too many; else
 * NULL. */
static const struct waiting_request *one_too_many(const struct exchange *exchange, bool settled)
{
	const struct waiting_request *first = NULL;
	size_t count = 0, bytes = 0;
	for (const struct waiting_request *at = exchange->waiting; at; at = at->next) {
		if (at->settled != settled)
			continue;
		first = first ? first : at;
		count++;
		bytes += at->summary.upload.n;
	}
	bool many = settled ? count > MOST_SETTLED || bytes > MOST_SETTLED_BYTES
			    : count > MOST_WAITING || (count > 1 && bytes > MOST_WAITING_BYTES);
	return many ? first : NULL;
}

/* The message that was read waits for its answer from now on. */
static void wait_for_answer(struct exchange *exchange)
{
	struct waiting_request **end = &exchange->waiting;
	while (*end)
		end = &(*end)->next;
	struct waiting_request *request = malloc(sizeof(*request));
	exchange->just_asked = request;
	if (!request) {
		summary_release(&exchange->message);
		exchange->message.arena.failed = true;
		return;
	}
	*request = (struct waiting_request){ .summary = exchange->message };
	*end = request;
	const struct waiting_request *first;
	while ((first = one_too_many(exchange, false))) {
		give_up(exchange, first);
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
	       names(&reply->relates_to, &request->message_id) ||
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

static bool differ(const struct summary_value *a, const struct summary_value *b)
{
	return !str_is_blank(a->value.text) && !str_is_blank(b->value.text) && !same(a, b);
}

static bool are_of_two_senders(const struct message_summary *a, const struct message_summary *b)
{
	struct str one = str_trim(a->organisation.value.text);
	struct str other = str_trim(b->organisation.value.text);
	return one.n && other.n && !ods_code_same(one, other);
}

static bool acknowledges(const struct message_summary *reply, const struct message_summary *request)
{
	return reply->kind == SUMMARY_ACKNOWLEDGEMENT && request->kind == SUMMARY_UPLOAD;
}

/* How surely a message answers a request. Only an id says it for certain; the rest chooses among
 * several that wait. */
enum likeness { NONE, ANY, OF_ANOTHER_SENDER, BY_KIND, BY_CONTENT, BY_NAME };

/* Whether the message that was read came back in the response to a request. */
static bool is_returned(const struct exchange *exchange)
{
	return exchange->side == EXCHANGE_RESPONSE && !exchange->message.fetched;
}

static enum likeness likeness(const struct exchange *exchange,
			      const struct message_summary *request)
{
	const struct message_summary *reply = &exchange->message;
	if (names_request(reply, request))
		return BY_NAME;
	/* Of what is sent by ebXML much else is in a capture. ITK's is right after its request. */
	if (reply->kind == SUMMARY_SIGNAL &&
	    !((is_returned(exchange) || reply->route == ROUTE_ITK) && exchange->just_asked &&
	      request == &exchange->just_asked->summary))
		return NONE;
	/* A mini service asks Spine before it answers. */
	if (!summary_share_route(reply, request))
		return ANY;
	if (reply->kind == SUMMARY_RESPONSE && request->kind == SUMMARY_QUERY)
		return same(&reply->nhs_number, &request->nhs_number) ? BY_CONTENT : BY_KIND;
	if (!acknowledges(reply, request))
		return ANY;
	/* A mailbox also has what acknowledges files from before the capture. */
	if (differ(&reply->file_id, &request->file_id) && (reply->fetched || exchange->given_up))
		return NONE;
	if (are_of_two_senders(reply, request))
		return OF_ANOTHER_SENDER;
	return same(&reply->file_id, &request->file_id) ? BY_CONTENT : BY_KIND;
}

/* A reply may come in a request of its own. What begins an exchange answers nothing, but where it
 * is in the response itself. */
static bool may_answer(const struct exchange *exchange)
{
	const struct message_summary *message = &exchange->message;
	return exchange->open && message->kind != SUMMARY_NONE &&
	       (is_returned(exchange) || !begins(message));
}

/* The request that the message that was read answers: of those that are alike the first that waits,
 * or the last where it only came back in the response. One that has its answer has to be named.
 * NULL: it answers none. */
static const struct waiting_request *answered(const struct exchange *exchange)
{
	const struct message_summary *message = &exchange->message;
	const struct waiting_request *best = NULL;
	enum likeness most = NONE;
	if (!may_answer(exchange))
		return NULL;
	for (const struct waiting_request *at = exchange->waiting; at; at = at->next) {
		enum likeness like = likeness(exchange, &at->summary);
		if (at->settled && like != BY_NAME)
			continue;
		bool later = best && (begins(message) || (best->settled && !at->settled));
		if (like > most || (like == most && later)) {
			best = at;
			most = like;
		}
	}
	/* It answers the request before it, and repeats the answer to another one. */
	if (best && best->settled && exchange->just_asked && is_returned(exchange))
		return exchange->just_asked;
	bool gone = exchange->given_up && most != BY_NAME && names_something(message);
	return gone ? NULL : best;
}

/* Whether no other message answers the request after this one. */
static bool settles(const struct message_summary *message, const struct message_summary *request)
{
	/* One that only says that something arrived leaves it waiting for its answer. */
	if (begins(message) || message->kind == SUMMARY_SIMPLE || message->kind == SUMMARY_SIGNAL)
		return false;
	if (names_request(message, request))
		return true;
	/* One that names another message than any that waits takes no answer from them. */
	return !names_something(message) &&
	       !(acknowledges(message, request) && (differ(&message->file_id, &request->file_id) ||
						    are_of_two_senders(message, request)));
}

static void settle_answer(struct exchange *exchange)
{
	const struct waiting_request *request = answered(exchange);
	if (!request || !settles(&exchange->message, &request->summary))
		return;
	struct waiting_request *at = exchange->waiting;
	while (at != request)
		at = at->next;
	at->settled = true;
	while ((request = one_too_many(exchange, true)))
		give_up(exchange, request);
}

/* What was read last waits for its answer now, or answered a request. Where it was not a message,
 * as an acknowledgement of the transport, the requests before it still wait. */
void exchange_next(struct exchange *exchange, enum exchange_side side, const char *source)
{
	struct message_summary *last = &exchange->message;
	if (exchange->open && asks(last) && !answered(exchange)) {
		wait_for_answer(exchange);
	} else if (exchange->open) {
		settle_answer(exchange);
		exchange->just_asked = NULL;
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

bool exchange_answers_query(const struct exchange *exchange)
{
	enum summary_kind kind = exchange->open ? exchange->message.kind : SUMMARY_NONE;
	return kind == SUMMARY_RESPONSE || kind == SUMMARY_OUTCOME;
}

bool exchange_answers_last(const struct exchange *exchange)
{
	const struct waiting_request *request = exchange->open ? answered(exchange) : NULL;
	return request && request == exchange->just_asked &&
	       likeness(exchange, &request->summary) >= BY_KIND;
}

/* Whether two ids of ebXML headers are the same, and not blank. */
static bool is_id(struct str said, struct str meant)
{
	return !str_is_blank(said) && !str_is_blank(meant) && id_same(said, meant);
}

bool exchange_names_request(const struct exchange *exchange, const struct ebxml *header)
{
	struct str answers = str_of(header->answers);
	struct str first = str_of(header->acknowledgments[0].of);
	struct str second = str_of(header->acknowledgments[1].of);
	struct str conversation = str_of(header->conversation_id);
	for (const struct waiting_request *at = exchange->waiting; at; at = at->next)
		if (is_id(answers, at->summary.ebxml_id) || is_id(first, at->summary.ebxml_id) ||
		    is_id(second, at->summary.ebxml_id) ||
		    is_id(conversation, at->summary.conversation))
			return true;
	return false;
}

enum answer exchange_needs(const struct message_summary *request)
{
	/* A bare message may be sent by any protocol. */
	if (request->route == ROUTE_UNKNOWN)
		return ANSWER_OF_ANY_KIND;
	bool later = request->conversation.p || request->answered_elsewhere;
	if (envelope_service(str_trim(request->service.value.text)) == SERVICE_WITHOUT_ANSWER)
		return ANSWER_EMPTY;
	return request->kind == SUMMARY_QUERY && !later ? ANSWER_AT_ONCE : ANSWER_IN_XML;
}

enum answer exchange_expects(const struct exchange *exchange)
{
	return exchange->just_asked ? exchange_needs(&exchange->just_asked->summary)
				    : ANSWER_OF_ANY_KIND;
}

void exchange_take(struct message_summary *summary, const struct judge *judge,
		   const struct part *part)
{
	summary->document = judge->document;
	summary->message = judge->message;
	if (!part->parent && judge->parcel->ebxml)
		summary_take_ebxml(summary, judge->parcel->ebxml);
	if (!part->parent)
		summary->fetched = judge->parcel->carrier && judge->parcel->carrier->fetched;
	summary_take(summary, part);
}

void exchange_take_signal(struct message_summary *summary, const struct judge *judge,
			  const struct ebxml *header)
{
	summary->document = judge->document;
	summary->message = judge->message;
	summary_take_signal(summary, header);
}

void exchange_take_empty(struct message_summary *summary, const struct judge *judge, size_t offset)
{
	summary->document = judge->document;
	summary->message = judge->message;
	summary_take_empty(summary, offset);
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
