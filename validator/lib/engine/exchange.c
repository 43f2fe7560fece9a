#include "engine/exchange.h"

#include "rules/pair.h"

static void start(struct message_summary *message, const char *source)
{
	summary_init(message);
	message->wants_records = true;
	message->source = source;
}

static bool asks(const struct message_summary *message)
{
	return message->kind == SUMMARY_UPLOAD || message->kind == SUMMARY_QUERY;
}

/* What was read last waits for its answer now, or answered a request. Where it was not a message,
 * as an acknowledgement of the transport, the request before it still waits. */
void exchange_next(struct exchange *exchange, enum exchange_side side, const char *source)
{
	struct message_summary *last = &exchange->message;
	if (!exchange->open)
		start(&exchange->request, source);
	if (exchange->open && last->kind == SUMMARY_NONE) {
		summary_release(last);
	} else if (exchange->open) {
		summary_release(&exchange->request);
		if (asks(last) && exchange->side == EXCHANGE_REQUEST) {
			exchange->request = *last;
		} else {
			summary_release(last);
			start(&exchange->request, source);
		}
	}
	start(last, source);
	exchange->open = true;
	exchange->side = side;
}

void exchange_end(struct exchange *exchange)
{
	if (exchange->open) {
		summary_release(&exchange->request);
		summary_release(&exchange->message);
	}
	*exchange = (struct exchange){ 0 };
}

const struct message_summary *exchange_request(const struct exchange *exchange)
{
	const struct message_summary *message = &exchange->message;
	/* A reply may come in a request of its own; a notification answers nothing. */
	bool answers = exchange->side == EXCHANGE_RESPONSE ||
		       (!asks(message) && message->kind != SUMMARY_NOTIFICATION);
	bool waits = exchange->open && exchange->request.kind != SUMMARY_NONE;
	return waits && answers && message->kind != SUMMARY_NONE ? &exchange->request : NULL;
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
