/*
 * fault.h - how a read ended, and what is wrong with a document that is not well-formed, or not in
 * UTF-8: said for a person, with its place.
 */
#ifndef CPIS_XML_FAULT_H
#define CPIS_XML_FAULT_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum xml_outcome {
	XML_READ,      /* to the end */
	XML_STOPPED,   /* a handler stopped it */
	XML_MALFORMED, /* not well-formed: XML-001 */
	XML_DOCTYPE,   /* a document type declaration: XML-002 */
	XML_ENCODING,  /* not UTF-8: XML-003 */
	XML_LIMIT,     /* deeper or longer than the limits: incomplete */
	XML_INTERNAL   /* memory: incomplete */
};

/* What ended a read that was not XML_READ: where, and why in words. */
struct xml_fault {
	size_t offset;
	char text[512];
	bool too_early; /* the document ends before its end, so that a part of it may be lost */
};

/* Whether an encoding's name is one of those of ASCII, in any case. */
bool xml_encoding_is_ascii(struct str name);

/* Whether it is how programs name UTF-8 where XML has another name for it, in any case. */
bool xml_encoding_means_utf8(struct str name);

/* What libxml2's error means, in *fault, which has libxml2's place already: it is put where a
 * person would look. bytes is the whole document. */
struct _xmlError; /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): of libxml2 */
enum xml_outcome fault_describe(const struct _xmlError *error, struct str bytes,
				struct xml_fault *fault);

/* Whether the bytes are in UTF-8 and declare no other encoding (XML 1.0, 4.3.3). XML_READ, or the
 * outcome with *fault filled. */
enum xml_outcome encoding_check(struct str bytes, struct xml_fault *fault);

#endif
