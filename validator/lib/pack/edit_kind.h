/*
 * edit_kind.h - the kinds of edit: what each may say, and what it does to the bytes of a node.
 *
 * A new kind is a function, a table of its keys, and a row in each of the two tables at the end of
 * edit_kind.c.
 */
#ifndef CPIS_PACK_EDIT_KIND_H
#define CPIS_PACK_EDIT_KIND_H

#include "pack/pack.h"
#include "pack/splice.h"
#include "xml/tree.h"

/* One edit at work on one message. */
struct editing {
	const char *file; /* of the pack */
	const struct pack_edit *edit;
	struct str bytes;
	const struct xml_tree *tree;
	struct arena *arena; /* for as long as this edit */
	struct splices *splices;
	struct problems *problems;
};

struct edit_kind {
	/* What is to be done to one node that the edit selects. -1: a problem has been added. */
	int (*apply)(const struct editing *editing, struct tree_node node,
		     const struct tree_spans *spans);
	bool lone; /* it must select one node, not several */
	/* What is wrong with the keys together, or NULL. The column may be NULL. */
	const char *(*complaint)(const struct pack_edit *edit);
};

/* By pack_edit.kind. */
const struct edit_kind *edit_kind_at(size_t kind);

/* Add the problem that `'text' why` at the place of a value; returns -1. */
int edit_refuse(const struct editing *editing, const struct config_text *value, const char *why);

#endif
