/*
 * session.h - judging one document: its events go to frames, structure, parts and rules in one
 * pass.
 */
#ifndef CPIS_ENGINE_SESSION_H
#define CPIS_ENGINE_SESSION_H

#include "diag/draft.h"
#include "engine/tags.h"
#include "engine/payload.h"
#include "message/catalogue.h"
#include "rules/judge.h"
#include "schema/schema.h"

struct delivery;
struct schema_choice;
struct digest;
struct observer;
struct source;

enum { MOST_FRAMES = 16 };

/* An element that messages stand in, open: an envelope, its body, a wrapper of a reply. */
struct open_frame {
	const struct frame_type
		*type;	     /* NULL: an element between frames and messages that only wraps */
	size_t depth;	     /* of its element */
	size_t holder_depth; /* of the open child that may hold messages; 0: none is open */
	struct schema_validation *validation;
	const struct schema *schema;
	size_t validation_depth;
};

struct session {
	const struct cpis_options *options;
	struct binder *binder;
	struct schema_choice *schemas;
	struct draft *draft;
	struct judge judge;
	const struct observer *observer; /* NULL: nobody watches */
	struct delivery *delivery;	 /* what the document belongs to */
	const struct parcel *parcel;	 /* the document */
	struct str document;
	const struct source *source; /* whose memory is given back on the way; NULL: none is */
	size_t forgotten;
	struct digest *digest; /* of the source */
	size_t document_number;

	size_t depth;
	struct open_frame frames[MOST_FRAMES];
	size_t frame_count;
	size_t skipped_depth; /* of an element that holds nothing we know; 0: none */
	size_t payload_depth; /* of an open payload, whose text may be a message; 0: none */
	struct text_payloads payloads; /* those that were text */

	const struct message_type *type; /* of the open message; NULL: none is open */
	size_t message_depth;
	struct schema_validation *validation;
	const struct schema *schema;
	/* what follows the events now: the message's validation, or the innermost envelope's; NULL:
	 * none */
	struct schema_validation *current;
	const struct schema_engine *current_engine;

	size_t message;		 /* findings go to this one of the draft */
	size_t message_count;	 /* found in this document */
	size_t structure_faults; /* so far: tells whether an event brought one */
	const struct rule *last_structure_rule;
	const char *unknown_root; /* what was found where a message was looked for */
	const char *unknown_hint; /* what may have been meant; "" */
	size_t unknown_offset;
	struct tags tags;
	bool unknown_is_near; /* it looks like a message that is misspelt */
	const char *failure;  /* why the document could not be judged to its end; NULL: it was */
};

/* The handler for xml_read, with a session as its context. */
extern const struct xml_handler session_handler;

/*
 * Before the read of session->parcel, which belongs to session->delivery. binder's callback must be
 * session_part_closed with the session as context. -1 when memory is out.
 */
int session_start(struct session *session);
/* After the read, complete or not. session->payloads are the caller's to release. */
void session_finish(struct session *session);

/* Whether a stage is wanted. */
bool session_runs(const struct session *session, enum cpis_stage stage);

void session_part_closed(void *context, const struct part *part);

/* Content that cannot be opened: the finding that says so weighs nothing, the omission makes it
 * incomplete. */
void session_seal(struct session *session, size_t offset, const char *what, const char *why);

/* A finding of a stage. message is in the draft's arena. */
struct draft_finding *session_find(struct session *session, enum stage_rule rule,
				   enum cpis_stage stage, size_t offset, const char *message);

#endif
