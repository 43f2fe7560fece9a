#include "xml/names.h"

const char *const xml_namespace_uris[NS_COUNT] = {
	[NS_HL7] = "urn:hl7-org:v3",
	[NS_NPFITLC] = "NPFIT:HL7:Localisation",
	[NS_ITK] = "urn:nhs-itk:ns:201005",
	[NS_SOAP11] = "http://schemas.xmlsoap.org/soap/envelope/",
	[NS_SOAP12] = "http://www.w3.org/2003/05/soap-envelope",
	[NS_WSA_2004] = "http://schemas.xmlsoap.org/ws/2004/08/addressing",
	[NS_WSA_2005] = "http://www.w3.org/2005/08/addressing",
	[NS_WSSE] = "http://docs.oasis-open.org/wss/2004/01/"
		    "oasis-200401-wss-wssecurity-secext-1.0.xsd",
	[NS_WSU] = "http://docs.oasis-open.org/wss/2004/01/"
		   "oasis-200401-wss-wssecurity-utility-1.0.xsd",
	[NS_NASP] = "http://national.carerecords.nhs.uk/schema/",
	[NS_RIM] = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0",
	[NS_EBXML] = "http://www.oasis-open.org/committees/ebxml-msg/schema/msg-header-2_0.xsd",
	[NS_XSI] = "http://www.w3.org/2001/XMLSchema-instance",
	[NS_XML] = "http://www.w3.org/XML/1998/namespace",
};

enum { NAME_SLOTS = 1024 }; /* a power of two, twice XML_NAMES_MOST */

/* Filled by the setup of the program, read-only from then on. */
struct xml_names xml_names;
static uint16_t slots[NAME_SLOTS];

static size_t place_of(enum xml_namespace ns, const char *local)
{
	size_t slot = (str_hash(str_of(local)) + (size_t)ns * 31) % NAME_SLOTS;
	while (slots[slot] && (xml_names.ns[slots[slot]] != (uint8_t)ns ||
			       strcmp(xml_names.local[slots[slot]], local) != 0))
		slot = (slot + 1) % NAME_SLOTS;
	return slot;
}

xml_name xml_names_find(enum xml_namespace ns, const char *local)
{
	return slots[place_of(ns, local)];
}

xml_name xml_names_add(enum xml_namespace ns, const char *local)
{
	size_t slot = place_of(ns, local);
	if (slots[slot] || xml_names.count + 1 >= XML_NAMES_MOST)
		return slots[slot];
	xml_names.count++;
	xml_names.local[xml_names.count] = local;
	xml_names.ns[xml_names.count] = (uint8_t)ns;
	slots[slot] = xml_names.count;
	return xml_names.count;
}
