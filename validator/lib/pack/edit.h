/*
 * edit.h - declared changes to a good message.
 *
 * Edits are made on the bytes, one after another, each on what the one before has left. What an
 * edit does not name stays as it was written, on the line and in the column where it was, as far as
 * the change allows. A new kind of edit is a row in edit.c.
 */
#ifndef CPIS_PACK_EDIT_H
#define CPIS_PACK_EDIT_H

#include "base/buf.h"
#include "pack/pack.h"

struct xml_tree;

/* One edit: a mapping with exactly one key, which fills a struct pack_edit. */
extern const struct mapping pack_edit_mapping;

/* What the tables cannot say: which keys go together. Faults become problems. */
void pack_edits_check(const char *file, const struct pack_edit *edits, size_t count,
		      struct problems *problems);

/*
 * Apply the edits to the bytes, and give the tree of what came out (the caller's, over bytes->p).
 * -1 when an edit cannot be made or the result is not well-formed: a problem at its place in the
 * pack.
 */
int pack_edits_apply(const char *file, const struct pack_edit *edits, size_t count,
		     struct buf *bytes, struct xml_tree **tree, struct problems *problems);

#endif
