/*
 * edit.h - declared changes to a good message.
 *
 * Edits are made on the bytes, one after another, each on what the one before has left. What an
 * edit does not name stays as it was written, on the line and in the column where it was, as far as
 * the change allows. A new kind of edit is a function, a table of its keys, and a row in each of
 * the two tables at the end of edit.c.
 */
#ifndef CPIS_PACK_EDIT_H
#define CPIS_PACK_EDIT_H

#include "base/buf.h"
#include "config/fields.h"

struct xml_tree;

enum edit_where { WHERE_BEFORE, WHERE_AFTER, WHERE_FIRST, WHERE_LAST };

/* One declared change; which members are used depends on the kind. */
struct pack_edit {
	struct config_place place;
	size_t kind;				 /* index in the tables of edit.c */
	struct config_text at;			 /* XPath: what is changed */
	struct config_text to;			 /* the new value or name */
	struct config_text target;		 /* XPath: the other node of a move or swap */
	struct config_text xml, name, attribute; /* what is inserted */
	struct config_number where;		 /* enum edit_where */
};

/* One edit: a mapping with exactly one key, which fills a struct pack_edit. */
extern const struct mapping pack_edit_mapping;

/* What the tables cannot say: which keys go together. Faults become problems. */
void pack_edits_check(const char *file, const struct pack_edit *edits, size_t count,
		      struct problems *problems);

/*
 * Apply one edit or more to the bytes, and give the tree of the result (the caller's, over
 * bytes->p). -1 when an edit cannot be made or the result is not well-formed: a problem at its
 * place in the pack.
 */
int pack_edits_apply(const char *file, const struct pack_edit *edits, size_t count,
		     struct buf *bytes, struct xml_tree **tree, struct problems *problems);

#endif
