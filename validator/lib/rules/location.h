/*
 * location.h - what an acknowledgement says of where a record is in the upload: an XPath; and which
 * record it selects.
 *
 * The usual forms, a step to File and one to record with its number, are read as they are. For all
 * others the upload is made into a tree and asked.
 */
#ifndef CPIS_RULES_LOCATION_H
#define CPIS_RULES_LOCATION_H

#include "base/buf.h"
#include "message/summary.h"

struct xml_tree;

/*
 * The expression as xml/xpath.h takes it: trimmed, with a NUL, and prefixes that it does not know
 * taken for the namespace of the message, since a location does not say what its prefixes are bound
 * to. NULL when out of memory. In out.
 */
const char *location_expression(struct buf *out, struct str location);

/*
 * Whether it is one of the usual forms, whose meaning needs no XPath: a step to File and one to
 * record, by name, with a prefix or by local-name(), or //record, and a number or position()=
 * after it where *numbered.
 */
bool location_is_usual(struct str location, size_t *number, bool *numbered);

enum location_result {
	LOCATION_RECORD,
	LOCATION_NOTHING,
	LOCATION_MANY,	/* nodes */
	LOCATION_OTHER, /* something that is not a record */
	LOCATION_NO_XPATH,
	LOCATION_UNKNOWN /* it could not be evaluated: see why */
};

struct location_target {
	enum location_result outcome;
	size_t record;	  /* from 1: LOCATION_RECORD; how many nodes: LOCATION_MANY */
	const char *name; /* LOCATION_OTHER: of the element, or what it is */
	const char *why;  /* LOCATION_UNKNOWN */
};

/* An upload that is asked, zeroed but for the summary. */
struct location_upload {
	const struct message_summary *summary;
	struct arena arena;
	struct xml_tree *tree;
	struct str bytes; /* that the tree is of */
	const char *why;  /* there is no tree */
	bool tried;
	size_t visited; /* bytes, by all expressions so far */
};

/* Which record of the upload a location selects. The text of a location is borrowed. */
struct location_target location_select(struct location_upload *upload, struct str location);

/* Give back what was looked up in the upload; its summary stays the caller's. */
void location_release(struct location_upload *upload);

/* A location without what it asks of records: whether it selects one of them in some upload. */
struct location_asked {
	struct str wide;
	bool some;
	struct location_target target; /* why not */
};

/*
 * Locations as far as their steps alone say, without the upload: an upload of so many records is
 * imagined, with nothing in them.
 */
struct location_frame {
	struct location_upload upload;
	struct message_summary summary;
	struct arena arena;
	struct xml_tree *widest; /* an upload with all that there can be; NULL: not asked yet */
	struct location_asked asked[8];
	size_t asked_count, asked_bytes;
	bool sized; /* how many records it has is known */
};

/* The quantity is that of the acknowledgement, as it is written; the locations are those that will
 * be asked. */
void location_frame_open(struct location_frame *frame, struct str quantity,
			 const struct noted_list *locations);
void location_frame_close(struct location_frame *frame);

/* False where the upload itself is needed: the expression asks for something inside a record, and
 * may select one. */
bool location_frame_select(struct location_frame *frame, struct str location,
			   struct location_target *target);

/* The record that a location means; 0: its steps do not say. */
size_t location_frame_record(struct location_frame *frame, struct str location);

/* Whether the location is not an XPath, or one that gives a value. */
bool location_is_no_place(const struct location_target *target);

/* What an expression that compiles comes to, in an upload of one record with nothing in it. */
enum location_kind {
	LOCATION_OF_NODES,   /* some, or none */
	LOCATION_OF_A_VALUE, /* a number or a text is not a place */
	LOCATION_FAILS,	     /* it cannot be evaluated, as where it calls a function wrongly */
	LOCATION_NOT_TRIED   /* for want of memory or time */
};
enum location_kind location_kind(struct str location);

#endif
