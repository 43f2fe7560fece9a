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
#include "diag/mask.h"
#include "message/summary.h"

struct xml_tree;

/*
 * The expression as xml/xpath.h takes it: trimmed, with a NUL, and prefixes that it does not know
 * taken for the namespace of the message, since a location does not say what its prefixes are bound
 * to. NULL when out of memory. In out.
 */
const char *location_expression(struct buf *out, struct str location);

/* Steps alone identify no one; a value in a predicate may. */
enum mask_kind location_mask(struct str location);

/*
 * Whether it is one of the usual forms, whose meaning needs no XPath: a step to File and one to
 * record, by name, with a prefix or by local-name(), or //record, and a number after it where
 * *numbered.
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
	const char *name; /* LOCATION_OTHER: of the element */
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

#endif
