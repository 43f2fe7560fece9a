/*
 * delivery.h - what one source, or one member of an archive, comes to.
 *
 * Its documents share its messages: the first message found in any of them takes the findings that
 * were made before it, about the layers and the envelope around; every further one is a message of
 * its own. A part without a message is kept until the end: then it is either the finding that no
 * message was found, or a part that is listed beside the messages. In a captured exchange the
 * request and the response are each other's measure: where one of them is a message, the other one
 * has to be what goes with it. A response to a message is judged by what that message expects; a
 * request, of any kind, by whether its response is the answer to a query. Where several requests
 * wait for their responses, it is not known which belong together: there is a fault where it would
 * be one beside each of them. A response without a message is taken for that of the request that
 * needs least of an answer, and one with a message for that of the one that needs most. Once
 * a request has its own response, and another one follows, those before it are not waited for.
 */
#ifndef CPIS_ENGINE_DELIVERY_H
#define CPIS_ENGINE_DELIVERY_H

#include "diag/draft.h"
#include "engine/exchange.h"
#include "transport/unwrap.h"

struct judge;
struct parcel;
struct part;

/* Something that is not a message: what TRN-001 would say of it, with its place. */
struct no_message {
	struct draft_finding finding;
	const char *what; /* "part 3": its name in a list; NULL: an envelope, which is not listed */
	bool nearly;	  /* it looks like a misspelt message */
	bool instead; /* in an exchange: it is where the other side may make one expect a message */
	bool told;    /* there is a finding about it already */
	const char *layers[MOST_LAYERS]; /* that it is in */
	size_t layer_count;
	struct no_message *next;
};

struct delivery {
	struct draft *draft;
	const struct draft_member *member; /* NULL: the source itself */
	size_t begun;			   /* messages of the draft before it */
	size_t slot;			   /* the message that has its first findings */
	bool has_slot, taken;		   /* taken: by a message that was found */
	bool left_out;			   /* the results already say why it is not judged */
	bool apart;			   /* the next findings are not the last message's */
	bool waiting;			   /* slot is for a message after those that were found */
	bool unopened;			   /* something in it could not be opened */
	struct side {
		bool there;    /* it is of a captured exchange */
		bool response; /* and not a request */
		bool unsaid;   /* it may be either: a request where a response follows */
		bool taken;    /* it holds a message */
		bool empty;    /* that is the reply without one, to the request that needs least */
		bool by_mesh;  /* which it brings to a mailbox, that answers for itself */
		struct no_message **nones; /* its parts without a message, from here on */
	} side;				   /* what is read now */
	size_t open[ANSWERS]; /* requests without their response, by the answer that they need */
	bool in_turn;	      /* what ended answers the request right before it */
	struct no_message **asked;	 /* parts without a message, from the first of those on */
	size_t limited;			 /* the last message, from 1, with a list over the limit */
	size_t skipped;			 /* members that are listed, and not judged */
	struct no_message first_skipped; /* what: why it is skipped */
	struct no_message *first_none, **last_none;
};

/* member is the draft's, or NULL. */
void delivery_begin(struct delivery *delivery, struct draft *draft,
		    const struct draft_member *member);
/* Settle the parts without a message. */
void delivery_end(struct delivery *delivery);

/* The message that findings go to now: the last one found, or the one that the next one found
 * becomes. -1 when out of memory. */
int delivery_message(struct delivery *delivery, const struct parcel *parcel, size_t *message);
/* A message was found: *message is the one that it becomes. -1 when out of memory. */
int delivery_claim(struct delivery *delivery, const struct parcel *parcel, size_t *message);

/* The first message of the draft that findings of what comes next may go to. */
size_t delivery_first(const struct delivery *delivery);

/* Something is not a message: parcel has its layers. The texts of what are in the draft's arena, or
 * static. */
void delivery_no_message(struct delivery *delivery, const struct parcel *parcel,
			 const struct no_message *what);

/* Content of the judge's document cannot be opened: the finding fails nothing, the omission makes
 * the message incomplete. what and why are in the draft's arena, or static. */
void delivery_leave_unopened(struct delivery *delivery, struct judge *judge, size_t offset,
			     const char *what, const char *why);
/* A part that ends has more of something than is kept. The first of a message names the limit. */
void delivery_over_limit(struct delivery *delivery, struct judge *judge, const struct part *part);

/* The next message of a capture starts: findings before it is found are about it. expected: what
 * the one before it needs, where that is a request and a message. */
void delivery_next(struct delivery *delivery, enum exchange_side side, enum answer expected);
/* The one that started last, if one did, was read. */
void delivery_side_ends(struct delivery *delivery, const struct exchange *exchange);
/* What any of the requests that wait need of the response that is read now. */
enum answer delivery_expects(const struct delivery *delivery);

/* A member of the archive in parcel is listed, and not judged. */
void delivery_skip(struct delivery *delivery, const struct parcel *parcel, const char *why);

/*
 * What the delivery is called, for a sentence: the source, or "archive.zip!name", and a member of
 * it (NULL: none). Between the marks of diag/mask.h, in the draft's arena; NULL when out of memory.
 */
const char *delivery_name(const struct delivery *delivery, const char *member);

#endif
