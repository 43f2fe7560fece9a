/*
 * hidden.h - content of a document that is not judged: what cannot be opened, and messages in
 * places where none is looked for.
 */
#ifndef CPIS_ENGINE_HIDDEN_H
#define CPIS_ENGINE_HIDDEN_H

#include "base/str.h"

struct document;
struct part;
struct xml_tag;

/* Content that cannot be opened: the finding fails nothing, the omission makes the message
 * incomplete. what is in the draft's arena, or static; so is why. */
__attribute__((cold)) void hidden_leave_unopened(struct document *document, size_t offset,
						 const char *what, const char *why);

/* An element that starts in an envelope, where none is looked for: beside the Body, in a header. A
 * message there is not judged, nor is what is in it. */
void hidden_element(struct document *document, const struct xml_tag *tag);
/* Text there. */
void hidden_text(struct document *document, struct str text, size_t offset);
/* A simple reply, whose text should say something in words. */
void hidden_in_reply(struct document *document, const struct part *part);
/* A part that ends has more of something than is kept. The first of a message names the limit. */
void hidden_over_limit(struct document *document, const struct part *part);

#endif
