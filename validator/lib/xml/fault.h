/*
 * fault.h - why a document cannot be read, in words for a person.
 */
#ifndef CPIS_XML_FAULT_H
#define CPIS_XML_FAULT_H

#include "xml/reader.h"

#include <libxml/xmlerror.h>

/*
 * Tell what a parser's error means: fault->text gets the sentence, fault->offset (set by the caller
 * to the parser's place) is moved to the culprit where that is known. Returns what kind of end it
 * is.
 */
enum xml_outcome xml_fault_describe(const xmlError *error, struct str bytes,
				    struct xml_fault *fault);

/*
 * UTF-8 or its subset ASCII, declared or by default (ITK WS-STD-01): XML_READ. Otherwise
 * XML_ENCODING with the fault filled.
 */
enum xml_outcome xml_encoding_check(struct str bytes, struct xml_fault *fault);

#endif
