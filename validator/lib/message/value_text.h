/*
 * value_text.h - texts that outlive their events: slices of the document, or copies in an arena.
 *
 * The text of an element comes in pieces, as many as it has character references and children.
 */
#ifndef CPIS_MESSAGE_VALUE_TEXT_H
#define CPIS_MESSAGE_VALUE_TEXT_H

#include "base/arena.h"
#include "message/parts.h"

/* Where texts live; borrowed. */
struct text_home {
	struct arena *arena;
	struct str document;
};

/* The slice itself where it is of the document, else a copy. */
struct str text_keep(const struct text_home *home, struct str text);

/*
 * Add a piece to a value. divided: a child stands between this piece and the one before; white
 * space on either side of it is layout, not part of the text. The value's offset is that of its
 * first piece.
 */
void text_add(const struct text_home *home, struct value *value, struct str text, size_t offset,
	      bool divided);

#endif
