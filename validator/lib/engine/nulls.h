/*
 * nulls.h - elements that say of themselves that they say nothing: xsi:nil, nullFlavor, updateMode.
 *
 * UPL-014. They may stand on any element, so they are looked for in the tags and not in the parts.
 */
#ifndef CPIS_ENGINE_NULLS_H
#define CPIS_ENGINE_NULLS_H

struct session;
struct xml_tag;

/* Learns the names; once, before the first reader is made. 0, or -1: no room for them. */
int nulls_setup(void);

/* When a message opens: it is judged as a whole. */
void nulls_begin(struct session *session);

/* A tag of the message whose structure is sound. */
void nulls_judge(struct session *session, const struct xml_tag *tag);

#endif
