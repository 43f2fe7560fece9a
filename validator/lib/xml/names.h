/*
 * names.h - the namespaces and names that the program knows, numbered once.
 */
#ifndef CPIS_XML_NAMES_H
#define CPIS_XML_NAMES_H

#include "base/str.h"

/* Namespaces that the program knows, in the order of xml_namespace_uris[]. */
enum xml_namespace {
	NS_NONE,
	NS_HL7,	     /* urn:hl7-org:v3 */
	NS_NPFITLC,  /* NPFIT:HL7:Localisation */
	NS_ITK,	     /* urn:nhs-itk:ns:201005 */
	NS_SOAP11,   /* http://schemas.xmlsoap.org/soap/envelope/ */
	NS_SOAP12,   /* http://www.w3.org/2003/05/soap-envelope */
	NS_WSA_2004, /* http://schemas.xmlsoap.org/ws/2004/08/addressing */
	NS_WSA_2005, /* http://www.w3.org/2005/08/addressing */
	NS_WSSE,     /* OASIS WSS wssecurity-secext-1.0 */
	NS_WSU,	     /* OASIS WSS wssecurity-utility-1.0 */
	NS_NASP,     /* http://national.carerecords.nhs.uk/schema/ */
	NS_RIM,	     /* urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0 */
	NS_EBXML,    /* http://www.oasis-open.org/committees/ebxml-msg/schema/msg-header-2_0.xsd */
	NS_XSI,	     /* http://www.w3.org/2001/XMLSchema-instance */
	NS_XML,	     /* http://www.w3.org/XML/1998/namespace */
	NS_UNKNOWN,  /* any other */
	NS_COUNT
};

extern const char *const xml_namespace_uris[NS_COUNT]; /* NULL for none and unknown */

/*
 * A known name: a small number for a namespace and local name together; 0 for a name that was never
 * added. Numbers are given out once, by xml_names_add, before the first reader is made.
 */
typedef uint16_t xml_name;

/* Add a name; the same one again gives the same number. Not for use once readers run. local must
 * stay. 0: table full. */
xml_name xml_names_add(enum xml_namespace ns, const char *local);
xml_name xml_names_find(enum xml_namespace ns, const char *local);
/* All names by their numbers: written by xml_names_add alone. */
enum { XML_NAMES_MOST = 512 };
extern struct xml_names {
	const char *local[XML_NAMES_MOST];
	uint8_t ns[XML_NAMES_MOST];
	uint16_t count; /* the last number given out */
} xml_names;

static inline const char *xml_names_local(xml_name name)
{
	return name && name <= xml_names.count ? xml_names.local[name] : "";
}

static inline enum xml_namespace xml_names_namespace(xml_name name)
{
	return name && name <= xml_names.count ? (enum xml_namespace)xml_names.ns[name] : NS_NONE;
}

static inline size_t xml_names_count(void)
{
	return xml_names.count;
}

#endif
