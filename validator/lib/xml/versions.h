/*
 * versions.h - what differs between the versions of libxml2 that the code is compiled with, 2.9 to
 * 2.15. Everything else keeps to what all of them promise.
 */
#ifndef CPIS_XML_VERSIONS_H
#define CPIS_XML_VERSIONS_H

#include <libxml/xmlerror.h>
#include <libxml/xmlversion.h>

/* What a callback for errors gets. */
#if LIBXML_VERSION >= 21200
typedef const xmlError *xml_error;
#else
typedef xmlError *xml_error;
#endif

#endif
