/*
 * delivery.h - what one source, or one member of an archive, comes to.
 *
 * Its documents share its messages: the first message found in any of them takes the findings that
 * were made before it, about the layers and the envelope around; every further one is a message of
 * its own. What holds no message is held back until all was seen: then it is either the finding
 * that there is none, or a part that is listed beside the messages.
 */
#ifndef CPIS_ENGINE_DELIVERY_H
#define CPIS_ENGINE_DELIVERY_H

#include "diag/draft.h"

struct parcel;

/* Something that is no message: what TRN-001 would say of it, placed. */
struct no_message {
	struct draft_finding finding;
	const char *what; /* "part 3": what it is called in a list; NULL: it is an envelope, not
			     listed */
	bool nearly;	  /* it looks like one that is misspelt */
	struct no_message *next;
};

struct delivery {
	struct draft *draft;
	const struct draft_member *member; /* NULL: it is the source itself */
	size_t begun;			   /* messages of the draft before it */
	size_t slot;			   /* the message that has its first findings */
	bool has_slot, taken;		   /* taken: by a message that was found */
	bool left_out;			   /* it was said why it is not judged */
	bool unopened;			   /* something in it could not be opened */
	struct no_message *first_none, **last_none;
};

/* member is the draft's, or NULL. */
void delivery_begin(struct delivery *delivery, struct draft *draft,
		    const struct draft_member *member);
/* Settle what holds no message. */
void delivery_end(struct delivery *delivery);

/* The message that findings go to now: the last one found, or the one that waits to be. -1: memory.
 */
int delivery_message(struct delivery *delivery, const struct parcel *parcel, size_t *message);
/* A message was found: the one that it is. -1 when memory is out. */
int delivery_claim(struct delivery *delivery, const struct parcel *parcel, size_t *message);

/* Something that is no message. finding and what are in the draft's arena, or static. */
void delivery_no_message(struct delivery *delivery, const struct draft_finding *finding,
			 const char *what, bool nearly);

/* What the delivery is called: the source, or "archive.zip!name". In the draft's arena. */
const char *delivery_name(const struct delivery *delivery);

#endif
