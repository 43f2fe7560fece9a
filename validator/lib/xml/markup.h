/*
 * markup.h - the tags, comments and other markup of a document, one by one, as they are written.
 *
 * For what needs places in bytes, or looks further than the parser has read. It knows where each
 * ends, and nothing else of XML: whether a document is well-formed is for xml/reader.h to say.
 */
#ifndef CPIS_XML_MARKUP_H
#define CPIS_XML_MARKUP_H

#include "base/str.h"

enum markup_kind {
	MARKUP_NONE,
	MARKUP_START,
	MARKUP_EMPTY, /* a start tag that ends its element, too */
	MARKUP_END,
	MARKUP_COMMENT,
	MARKUP_CDATA,
	MARKUP_INSTRUCTION, /* or the XML declaration */
	MARKUP_DECLARATION, /* of a document type, up to its first '>' */
};

struct markup {
	enum markup_kind kind;
	bool closed;	    /* false: it goes on to the end of the bytes */
	size_t start, end;  /* from its '<' on, and after its '>' */
	size_t from, until; /* what it says, without what opens and closes it */
};

/* What the '<' at a place begins, where that is not in other markup. */
struct markup markup_at(struct str bytes, size_t lt);

/* The first from a place on; of kind MARKUP_NONE, and at the end of the bytes, where none is. */
struct markup markup_next(struct str bytes, size_t from);

/* The name in a tag, without its prefix. */
struct str markup_local(struct str bytes, const struct markup *tag);

/* The namespace that a start tag declares for a prefix, as it is written there; of no prefix, by
 * default. p is NULL: it declares none. */
struct str markup_declared(struct str bytes, const struct markup *tag, struct str prefix);

/* What follows the byte order mark and the XML declaration of a document. */
struct str markup_after_declaration(struct str document);

/* The encoding that the XML declaration of a document names; absent: it names none. */
struct str markup_encoding(struct str document);

#endif
