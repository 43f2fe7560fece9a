/*
 * markup.h - XML into a buffer, by a small state machine that cannot write an ill-formed document.
 *
 * Names are our own literals; every value is escaped here and nowhere else. A wrong call sticks as
 * a failure; callers ask once, at the end.
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
	bool has_text; /* the element that is open holds text: nothing is indented in it */
	bool failed;   /* sticks */
};

/* Starts with the XML declaration. */
void markup_init(struct markup *markup, struct buf *out);

void markup_open(struct markup *markup, const char *name);
void markup_close(struct markup *markup);

/* Nothing for NULL. */
void markup_attribute(struct markup *markup, const char *name, const char *value);
void markup_attribute_size(struct markup *markup, const char *name, size_t value);
/* Nothing for 0. */
void markup_attribute_place(struct markup *markup, const char *name, size_t value);

void markup_text(struct markup *markup, const char *text);

/* An element that holds text only; nothing for NULL. */
void markup_leaf(struct markup *markup, const char *name, const char *text);

/* -1 if any call was wrong, an element is open, or the buffer failed. */
int markup_finish(struct markup *markup);

#endif
