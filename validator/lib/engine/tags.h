/*
 * tags.h - what the start tags of a document show that no part holds: schema locations (XML-004)
 * and blank attribute values (XML-005).
 *
 * That a value is blank is often the fault of another rule, which says more about it. So blank
 * values are only noted on the way, and reported when the document ends and nothing else was found
 * at them.
 */
#ifndef CPIS_ENGINE_TAGS_H
#define CPIS_ENGINE_TAGS_H

#include "xml/reader.h"

struct session;

/* A blank value, in the draft's arena. */
struct blank_value {
	struct blank_value *next;
	const char *attribute, *element;
	size_t message;		  /* of the draft */
	size_t name_at, value_at; /* offsets in the document */
};

struct tags {
	struct blank_value *first, *last;
	size_t blank_count;
	size_t locations; /* reported */
	bool seen;	  /* a tag was read at all */
};

/* Nearly free: a start tag of many attributes is looked through once. */
void tags_look(struct session *session, const struct xml_tag *tag);

/* When the document was read, complete or not. */
void tags_settle(struct session *session);

#endif
