/*
 * envelope.h - questions that several rules ask of an ITK envelope, or of the SOAP header before
 * it.
 */
#ifndef CPIS_RULES_ENVELOPE_H
#define CPIS_RULES_ENVELOPE_H

#include "rules/judge.h"
#include "transport/parcel.h"

/* Whether the ids of an item and a payload are the same. White space around them does not count:
 * their types are IDREF and ID. */
bool payload_id_is(struct str id, struct str other);

/* The first payload that a manifest item names; NULL: none. */
const struct payload *envelope_payload_of(const struct envelope *envelope,
					  const struct manifest_item *item);

/* The element of a payload, or the first element of its encoded text; absent: it is not known. */
const struct value *payload_root(const struct payload *payload);

/* Whether an element of this name is what carries messages, and no payload: a SOAP or distribution
 * envelope, a Spine interaction. */
bool envelope_is_transport(struct str root);

/* An ITK service by which CP-IS messages travel, and in which direction. */
enum service_direction {
	SERVICE_UNKNOWN,
	SERVICE_OF_REQUESTS = 1,
	SERVICE_OF_REPLIES = 2,
	SERVICE_OF_ACKNOWLEDGEMENTS =
		4,		    /* a call of its own, for infrastructure acknowledgements */
	SERVICE_WITHOUT_ANSWER = 8, /* requests that nothing answers in the same call */
	SERVICE_OF_BUSINESS_ACKNOWLEDGEMENTS = 16
};

extern const struct itk_service {
	const char *name;
	enum service_direction direction;
} itk_services[];
extern const size_t itk_service_count;

enum service_direction envelope_service(struct str name);

/* xs:boolean; false where the value is missing. */
bool flag_is_true(const struct value *value);

/* Whether it is a URI on its own, by RFC 3986: a scheme, a colon, and more; characters beyond ASCII
 * may be as they are. */
bool uri_is_absolute(struct str text);

/* Whose rules a SOAP envelope follows: its Body decides, then its addressing. What a Body holds is
 * known when the envelope is complete; that of a fault, by the other. */
enum soap_use soap_use_of(const struct soap *soap);
enum soap_use fault_use_of(const struct fault *fault);

/* Whether it is the reply to sendDistEnvelope, by its Action: its Body has nothing. */
bool soap_answers_nothing(const struct soap *soap);

/* The Spine services by which an interaction may travel, such as "cpisquery"; NULL: no more. */
const char *spine_service(const char *interaction, size_t index);

/* Where to report something missing from the header: at Header, or else at Envelope. Without text.
 */
struct value soap_header_place(const struct soap *soap);

/* Fails where a text of the header is missing or blank. name: "wsa:To". */
enum outcome soap_has_text(struct judge *judge, const struct soap *soap, const struct value *value,
			   const char *name);

/* Fails where wsa:RelatesTo of an edition is missing, blank or not the id of a message. */
enum outcome soap_relates(struct judge *judge, const struct soap *soap,
			  const struct addressing *addressing);

/* The SOAP envelope around a part; NULL: there is none, or the part is in an encoded payload. */
const struct soap *soap_around(const struct part *part);

/* What is around a part, be it in an encoded payload or not. */
struct enclosure enclosure_of(const struct judge *judge, const struct part *part);

#endif
