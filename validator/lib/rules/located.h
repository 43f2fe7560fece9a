/*
 * located.h - which record of an upload a location of its acknowledgement selects.
 *
 * The usual forms, a step to File and one to record with its number, are read as they are; for all
 * others the upload is made into a tree and asked.
 */
#ifndef CPIS_RULES_LOCATED_H
#define CPIS_RULES_LOCATED_H

#include "message/summary.h"

struct xml_tree;

enum located_outcome {
	LOCATED_RECORD,
	LOCATED_NOTHING,
	LOCATED_MANY,  /* nodes */
	LOCATED_OTHER, /* something that is no record */
	LOCATED_NO_XPATH,
	LOCATED_UNKNOWN /* it could not be asked: why is said */
};

struct located {
	enum located_outcome outcome;
	size_t record;	  /* from 1: LOCATED_RECORD; how many nodes: LOCATED_MANY */
	const char *name; /* LOCATED_OTHER: of the element */
	const char *why;  /* LOCATED_UNKNOWN */
};

/* An upload that is asked, zeroed but for the summary. */
struct located_upload {
	const struct message_summary *summary;
	struct arena arena;
	struct xml_tree *tree;
	struct str bytes; /* that the tree is of */
	const char *why;  /* there is no tree */
	bool tried;
	size_t visited; /* bytes, by all expressions so far */
};

void located_release(struct located_upload *upload);

struct located located_record(struct located_upload *upload, struct str location);

#endif
