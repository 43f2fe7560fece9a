/*
 * fault.h - why a document cannot be read, in words for a person.
 */
#ifndef CPIS_XML_FAULT_H
#define CPIS_XML_FAULT_H

#include "base/str.h"

struct _xmlError; /* libxml2's xmlError */

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
};

/*
 * What a parser's error means: fault->text gets the sentence; fault->offset (set by the caller to
 * the parser's place) is moved to the fault where that is known. Returns how the read ended.
 */
enum xml_outcome xml_fault_describe(const struct _xmlError *error, struct str bytes,
				    struct xml_fault *fault);

/*
 * UTF-8 or its subset ASCII, declared or by default (ITK WS-STD-01): XML_READ. Otherwise
 * XML_ENCODING with the fault filled.
 */
enum xml_outcome xml_encoding_check(struct str bytes, struct xml_fault *fault);

#endif
