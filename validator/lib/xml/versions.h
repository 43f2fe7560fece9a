/*
 * versions.h - what differs between the versions of libxml2 that the code is compiled with, 2.9 to
 * 2.15. Everything else keeps to what all of them promise.
 */
#ifndef CPIS_XML_VERSIONS_H
#define CPIS_XML_VERSIONS_H

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlversion.h>

/* What a callback for errors gets. */
#if LIBXML_VERSION >= 21200
typedef const xmlError *xml_error;
#else
typedef xmlError *xml_error;
#endif

/* Whether an error is about what libxml2 takes, and not about the document. */
static inline int xml_is_limit(xml_error error)
{
#if LIBXML_VERSION >= 21300
	if (error->code == XML_ERR_RESOURCE_LIMIT)
		return 1;
#endif
	return error->code == XML_ERR_INTERNAL_ERROR || error->code == XML_ERR_NO_MEMORY;
}

/* How far a parser has read its document, in bytes; 0 where it cannot say. */
static inline size_t xml_bytes_read(xmlParserCtxtPtr parser)
{
#if LIBXML_VERSION >= 21500
	unsigned long at = 0;
	return xmlCtxtGetInputPosition(parser, 0, NULL, NULL, NULL, &at) == 0 ? at : 0;
#else
	long at = xmlByteConsumed(parser);
	return at > 0 ? (size_t)at : 0;
#endif
}

#endif
