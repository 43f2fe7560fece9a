/*
 * markup.h - write XML into a buffer; the result is always well formed.
 *
 * Names are our own literals; values are escaped here and nowhere else. A wrong call sets a failure
 * that sticks; callers ask once, at the end.
 */
#ifndef CPIS_RESULTS_MARKUP_H
#define CPIS_RESULTS_MARKUP_H

#include "base/buf.h"

enum { MARKUP_DEPTH = 16 };

struct markup {
	struct buf *out;
	size_t depth;
	const char *names[MARKUP_DEPTH];
	bool in_tag;   /* the start tag is still open for attributes */
	bool has_text; /* the open element holds text: its contents are not indented */
	bool failed;   /* sticks */
};

/* Starts with the XML declaration. */
void markup_init(struct markup *markup, struct buf *out);

/* What is inside an open element, at a depth: without the declaration. */
void markup_init_inside(struct markup *markup, struct buf *out, size_t depth);

void markup_open(struct markup *markup, const char *name);
void markup_close(struct markup *markup);

/* Nothing is written for NULL. */
void markup_attribute(struct markup *markup, const char *name, const char *value);
void markup_attribute_size(struct markup *markup, const char *name, size_t value);
/* Nothing is written for 0. */
void markup_attribute_place(struct markup *markup, const char *name, size_t value);

void markup_text(struct markup *markup, const char *text);

/* An element that holds text only; nothing is written for NULL. */
void markup_leaf(struct markup *markup, const char *name, const char *text);

/* -1 if any call was wrong, an element is open, or the buffer failed. */
int markup_finish(struct markup *markup);

#endif
