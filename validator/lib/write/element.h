/*
 * element.h - write the elements of a message into a buffer; the result is always well formed.
 *
 * Values are written as they are, escaped: what a request said comes back byte for byte. Names are
 * our own literals. A wrong call sets a failure that sticks; callers ask once, at the end.
 */
#ifndef CPIS_WRITE_ELEMENT_H
#define CPIS_WRITE_ELEMENT_H

#include "base/buf.h"

enum { ELEMENT_DEPTH = 40 };

struct element_writer {
	struct buf *out;
	size_t depth;
	const char *names[ELEMENT_DEPTH];
	bool in_tag;   /* the start tag is still open for attributes */
	bool has_text; /* the open element holds text: its end tag follows at once */
	bool failed;   /* sticks */
};

/* Starts with the XML declaration. out is borrowed. */
void element_start(struct element_writer *writer, struct buf *out);

void element_open(struct element_writer *writer, const char *name);
void element_close(struct element_writer *writer);
/* Close so many. */
void element_close_many(struct element_writer *writer, size_t count);

/* Nothing is written for a value that is absent (p is NULL). Characters that XML does not have are
 * left out. */
void element_attribute(struct element_writer *writer, const char *name, struct str value);
void element_text(struct element_writer *writer, struct str text);

/* name="value" of a literal. */
void element_set(struct element_writer *writer, const char *name, const char *value);
/* An element that holds text only; nothing is written for an absent one. */
void element_leaf(struct element_writer *writer, const char *name, struct str text);
/* <name attribute="value"/> */
void element_empty(struct element_writer *writer, const char *name, const char *attribute,
		   struct str value);

/* -1 if any call was wrong, an element is open, or the buffer failed. */
int element_finish(struct element_writer *writer);

#endif
