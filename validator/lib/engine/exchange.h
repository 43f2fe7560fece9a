/*
 * exchange.h - messages judged one beside the other: a request and its reply, in two files or in
 * one capture.
 */
#ifndef CPIS_ENGINE_EXCHANGE_H
#define CPIS_ENGINE_EXCHANGE_H

#include "message/summary.h"
#include "rules/judge.h"
#include "transport/unwrap.h"

#include <stddef.h>

struct source;
struct waiting_request;

/* The messages of a capture, one after the other; all zero before the first. */
struct exchange {
	bool open;
	enum exchange_side side;	 /* of the message that is read */
	struct message_summary message;	 /* that */
	struct waiting_request *waiting; /* and those that have their answer, in their order */
	const struct waiting_request *just_asked; /* of these the one right before it; or NULL */
	bool given_up; /* more waited than are kept: one that is named may be gone */
};

/* The next message of the capture starts. source is borrowed: what results call it. */
void exchange_next(struct exchange *exchange, enum exchange_side side, const char *source);
void exchange_end(struct exchange *exchange);

/*
 * What the message that has been read may be the answer to: the request whose id it names; where it
 * names none that is there, the first that it may answer. The response right after a request is not
 * the answer to an earlier one that has its own. What begins an exchange, and yet is in the
 * response to a request, is judged as its answer. NULL: nothing.
 */
const struct message_summary *exchange_request(const struct exchange *exchange);

/* Whether the message that has been read is the answer to a query. */
bool exchange_answers_query(const struct exchange *exchange);

/* Whether an ebXML header names, by RefToMessageId or ConversationId, a request that was read. */
bool exchange_names_request(const struct exchange *exchange, const struct ebxml *header);

/* Whether it answers, for certain or by its kind, the request right before it. */
bool exchange_answers_last(const struct exchange *exchange);

/* How much of an answer the response to a request must have in it: the least comes first. */
enum answer {
	ANSWER_TO_NO_MESSAGE, /* the request has no message */
	ANSWER_OF_ANY_KIND,   /* none, or what is of no kind that is known */
	ANSWER_EMPTY,	      /* nothing, the reply without a message, or a message */
	ANSWER_IN_XML,	      /* nothing, or a message */
	ANSWER_AT_ONCE,	      /* a message, but where the status says that it comes later */
	ANSWERS
};
/* Of the request right before what is read, which is a message. */
enum answer exchange_expects(const struct exchange *exchange);
/* The same of any request. */
enum answer exchange_needs(const struct message_summary *request);

/* Keep in a summary what a part of the judge's document says. */
void exchange_take(struct message_summary *summary, const struct judge *judge,
		   const struct part *part);

/* Keep what the judge's document says, which is the acknowledgement or the error of ebXML. */
void exchange_take_signal(struct message_summary *summary, const struct judge *judge,
			  const struct ebxml *header);
/* The same of the reply without a message, whose envelope was taken, and starts at an offset. */
void exchange_take_empty(struct message_summary *summary, const struct judge *judge, size_t offset);

/* The document has been read: keep it, and judge its message as the answer to request, where that
 * is not NULL. plain: the document is the source itself. */
void exchange_judge(struct judge *judge, struct message_summary *summary,
		    const struct message_summary *request, const struct source *plain);

/*
 * The uploads of a folder, each beside the one before it by sequence number.
 *
 * Files are judged in order of name, several at a time; their numbers are put in order when all are
 * done. Only an upload that does not follow the one before is judged again, for its finding.
 */

struct cpis_failure;
struct message_summary;
struct results;

struct sequence_entry {
	const char *path;		 /* borrowed */
	struct message_summary *summary; /* of the one upload in it; NULL: it has something else */
	size_t first_message;		 /* of the results: the file's first */
	size_t place;			 /* among the files */
};

/* Put them in order and judge. Entries without a summary are passed over. -1: out of memory. */
int sequence_judge(struct results *results, struct sequence_entry *entries, size_t count,
		   struct cpis_failure *failure);

/* The summary of a draft's messages where it is of one upload alone. Any other is released, and
 * NULL returned. */
struct message_summary *sequence_keep(struct message_summary *summary);
void sequence_forget(struct message_summary *summary);

#endif
