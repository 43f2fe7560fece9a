/*
 * document.h - judging one XML document in one pass: what starts in it is an envelope, a message or
 * a payload; its events go to the schemas, its parts to the rules.
 */
#ifndef CPIS_ENGINE_DOCUMENT_H
#define CPIS_ENGINE_DOCUMENT_H

#include "engine/payload.h"
#include "engine/schema_choice.h"
#include "message/catalogue.h"
#include "rules/judge.h"
#include "xml/schema.h"

struct delivery;
struct digest;
struct exchange;
struct layer;
struct source;

/* Who follows what is opened and recognised while it is judged. Each function may be NULL. */
struct observer {
	void *context;
	/* A layer is opened. */
	void (*layer)(void *context, const struct parcel *parcel, const struct layer *layer);
	/* There is nothing left to open: what is NULL for an XML document, else says what it is. */
	void (*leaf)(void *context, const struct parcel *parcel, const char *what);
	/* A document was read, and what is in it was not opened yet: well_formed, to its end. */
	void (*read)(void *context, const struct parcel *document, bool well_formed);
	/* An envelope (title NULL) or a message starts in the document, inside so many envelopes.
	 */
	void (*element)(void *context, const struct parcel *document, size_t offset,
			size_t envelopes, const char *name, const char *title);
	/* A part is complete, and not judged yet; it dies when the call returns. */
	void (*part)(void *context, const struct part *part);
	/*
	 * Something is wrong (rule is an id), or cannot be opened (rule is NULL), at an offset in a
	 * parcel, inside so many lines of its tree: its document and the envelopes open in that.
	 */
	void (*trouble)(void *context, const struct parcel *parcel, size_t offset, size_t lines,
			const char *rule, const char *why);
};

enum { MOST_FRAMES = 16 };

/* An element that messages can be in, open: an envelope, its body, a wrapper of a reply. */
struct open_frame {
	const struct frame_type
		*type;	     /* NULL: an element between frames and messages that only wraps */
	size_t depth;	     /* of its element */
	size_t holder_depth; /* of the open child that may hold messages; 0: none is open */
	size_t child_count;  /* of an element that only wraps */
	bool text_found;     /* in one that only wraps */
	struct schema_validation *validation;
	const struct schema *schema;
};

/* A blank attribute value, in the draft's arena. */
struct blank_value {
	struct blank_value *next;
	const char *attribute, *element;
	size_t message;		  /* of the draft */
	size_t name_at, value_at; /* offsets in the document */
};

struct document {
	/* The caller fills these. The binder calls document_part_closed with the document. */
	struct binder *binder;
	struct schema_choice *schemas;
	struct exchange *exchange;	 /* that it is a part of; NULL: none is known */
	struct delivery *delivery;	 /* that it belongs to */
	const struct parcel *parcel;	 /* that it is */
	const struct observer *observer; /* NULL: no one follows */
	const struct source
		*source;       /* that it is, whose memory is given back on the way; or NULL */
	struct digest *digest; /* of the source; NULL: it is not wanted */
	struct judge judge;    /* options, draft, document and memory; the rest is settled here */

	/* The rest starts zeroed. Elements that are open: */
	size_t depth;
	struct open_frame frames[MOST_FRAMES];
	size_t frame_count;
	size_t skipped_depth; /* of an element that holds nothing we know; 0: none */
	size_t payload_depth; /* of an open payload, whose text may be a message; 0: none */

	/* The open message; type NULL: none is open. */
	const struct message_type *type;
	size_t message_depth;
	struct schema_validation *validation;
	const struct schema *schema;

	/* What follows the events now: the message's validation, or the innermost envelope's; NULL:
	 * none does. */
	struct schema_validation *current;
	const struct schema_engine *current_engine;
	const struct xml_tag *tag; /* the event, where it is a start tag; else NULL */
	struct spine_queries queries;
	size_t structure_faults; /* so far: whether an event brought one */
	const struct rule *last_structure_rule;
	unsigned let_through;  /* a bit for each kind of fault whose last one is let through */
	size_t let_through_at; /* the place of the last that is in no other; 0: none is */

	struct {
		struct blank_value *first, *last;
		size_t count;
	} blanks;
	size_t schema_locations; /* reported */
	bool has_tag;
	bool soap;	  /* its root is a SOAP envelope */
	size_t followed;  /* how far into the source; see source_follow */
	size_t follow_at; /* the offset from which it is followed again */
	size_t report_at; /* the offset from which the caller hears again how far it is */

	/* What the caller settles afterwards. */
	struct text_payloads payloads; /* payloads that were text; the caller's to release */
	size_t message_count;	       /* found in it */
	struct {
		const char *root; /* found where a message was looked for; NULL: nothing was */
		struct unknown_element is;
		const char *local;    /* its name */
		const char *envelope; /* what an envelope is that holds no message; NULL: empty */
		bool empty_reply;     /* it is the one to sendDistEnvelope */
		size_t offset;	      /* of that, or of root */
		bool payload;	      /* it is the payload that is empty */
		struct parcel around; /* has the layers and envelopes that it is in */
	} unknown;
	const char *failure; /* why it could not be judged to its end; NULL: it was */
};

void document_part_closed(void *context, const struct part *part);

/*
 * Read and judge it, ahead on another thread or not. True: it was read to its end. Else a finding
 * or an omission says why, or the draft failed.
 */
bool document_judge(struct document *document, struct xml_reader *reader,
		    const struct xml_limits *limits, bool ahead);

/* A message of the document is of this type, and begins at an offset: --as may name another. Two
 * types may share a root: then it was judged as asked. */
void document_judge_type(struct document *document, size_t offset, const char *id,
			 const char *title);

/*
 * After that, where the draft keeps a summary: the document has its part in it, and where the draft
 * answers another, its messages are judged beside that one's.
 */
void document_judge_pair(struct document *document);

#endif
