/*
 * exchange.h - messages judged one beside the other: a request and its reply, in two files or in
 * one capture.
 */
#ifndef CPIS_ENGINE_EXCHANGE_H
#define CPIS_ENGINE_EXCHANGE_H

#include "message/summary.h"
#include "rules/judge.h"
#include "transport/unwrap.h"

struct source;

/* The messages of a capture, one after the other; all zero before the first. */
struct exchange {
	bool open;
	enum exchange_side side;	/* of the message that is read */
	struct message_summary message; /* that */
	struct message_summary request; /* that no message answers yet; kind SUMMARY_NONE: none */
};

/* The next message of the capture starts. source is borrowed: what results call it. */
void exchange_next(struct exchange *exchange, enum exchange_side side, const char *source);
void exchange_end(struct exchange *exchange);

/* What the message that has been read may be the answer to; NULL: nothing. */
const struct message_summary *exchange_request(const struct exchange *exchange);

/* Keep in a summary what a part of the judge's document says. */
void exchange_take(struct message_summary *summary, const struct judge *judge,
		   const struct part *part);

/* The document has been read: keep it, and judge its message as the answer to request, where that
 * is not NULL. plain: the document is the source itself. */
void exchange_judge(struct judge *judge, struct message_summary *summary,
		    const struct message_summary *request, const struct source *plain);

#endif
