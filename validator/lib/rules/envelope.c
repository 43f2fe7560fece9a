#include "rules/envelope.h"

#include <strings.h>

bool payload_id_is(struct str id, struct str other)
{
	return str_equal(str_trim(id), str_trim(other));
}

const struct payload *envelope_payload_of(const struct envelope *envelope,
					  const struct manifest_item *item)
{
	for (size_t i = 0; i < envelope->payload_count; i++)
		if (payload_id_is(envelope->payloads[i].id.text, item->id.text))
			return &envelope->payloads[i];
	return NULL;
}

const struct value *payload_root(const struct payload *payload)
{
	return value_there(&payload->root) ? &payload->root : &payload->content;
}

#define SERVICE "urn:nhs-itk:services:201005:"

const struct itk_service itk_services[] = {
	{ SERVICE "sendRecvDistEnvelope", SERVICE_OF_REQUESTS },
	{ SERVICE "sendDistEnvelope", SERVICE_WITHOUT_ANSWER },
	{ SERVICE "sendRecvDistEnvelopeResponse", SERVICE_OF_REPLIES },
	{ SERVICE "SendInfrastructureAck-v1-0", SERVICE_OF_ACKNOWLEDGEMENTS },
	{ SERVICE "SendBusinessAck-v1-0", SERVICE_OF_BUSINESS_ACKNOWLEDGEMENTS },
};
const size_t itk_service_count = sizeof(itk_services) / sizeof(itk_services[0]);

enum service_direction envelope_service(struct str name)
{
	for (size_t i = 0; i < itk_service_count; i++)
		if (str_is(name, itk_services[i].name))
			return itk_services[i].direction;
	return SERVICE_UNKNOWN;
}

bool flag_is_true(const struct value *value)
{
	struct str text = str_trim(value->text);
	return str_is(text, "true") || str_is(text, "1");
}

/* How long a part of a URI is: up to one of these, or to its end. */
static size_t bytes_before(struct str text, const char *ends)
{
	size_t n = 0;
	while (n < text.n && !(text.p[n] && strchr(ends, text.p[n])))
		n++;
	return n;
}

/* After a percent sign come two hexadecimal digits; a number sign appears once. */
static bool has_characters_of_uri(struct str text, const char *others)
{
	size_t fragments = 0;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if ((unsigned char)c <= ' ' || c == 0x7f || strchr("\"<>\\^`{|}", c) ||
		    strchr(others, c))
			return false;
		if (c == '%' &&
		    (i + 2 >= text.n || !char_is_hex(text.p[i + 1]) || !char_is_hex(text.p[i + 2])))
			return false;
		fragments += c == '#';
	}
	return fragments <= 1;
}

/* What is after an address that a computer has for each of its links: "%25" and the name of the
 * link (RFC 6874, section 2). */
static bool is_zone(struct str text)
{
	struct str percent = STR("%25"), name = str_from(text, percent.n);
	return str_starts(text, percent) && name.n && has_characters_of_uri(name, "[]@:/?#");
}

/* An address of IPv6 or later, whose brackets are away. */
static bool is_literal(struct str text)
{
	bool later = text.n && (text.p[0] == 'v' || text.p[0] == 'V');
	size_t end = later ? text.n : bytes_before(text, "%"), colons = 0;
	for (size_t i = 0; i < end && !later; i++) {
		if (!char_is_hex(text.p[i]) && text.p[i] != ':' && text.p[i] != '.')
			return false;
		colons += text.p[i] == ':';
	}
	return later ? text.n > 3 : colons >= 2 && (end == text.n || is_zone(str_from(text, end)));
}

/* A host, and perhaps a user before it and a port after it; sets *host_bytes. */
static bool is_authority(struct str text, size_t *host_bytes)
{
	size_t user = bytes_before(text, "@");
	struct str host = user < text.n ? str_from(text, user + 1) : text;
	if (host.n && host.p[0] == '[') {
		size_t end = bytes_before(host, "]");
		if (end == host.n || !is_literal((struct str){ host.p + 1, end - 1 }))
			return false;
		*host_bytes = end + 1;
	} else {
		*host_bytes = bytes_before(host, ":");
	}
	struct str port = str_from(host, *host_bytes);
	if (port.n && (port.p[0] != ':' || !(port.n == 1 || str_is_digits(str_from(port, 1)))))
		return false;
	struct str name = { host.p, host.p && host.n && host.p[0] == '[' ? 0 : *host_bytes };
	return has_characters_of_uri(name, "[]@") &&
	       (user == text.n || has_characters_of_uri((struct str){ text.p, user }, "[]"));
}

static size_t scheme_bytes(struct str text)
{
	size_t n = 0;
	while (n < text.n && (char_is_letter(text.p[n]) || char_is_digit(text.p[n]) ||
			      (text.p[n] && strchr("+-.", text.p[n]))))
		n++;
	return text.n && char_is_letter(text.p[0]) && n < text.n && text.p[n] == ':' ? n : 0;
}

bool uri_is_absolute(struct str text)
{
	size_t scheme = scheme_bytes(text), host_bytes = 0;
	if (scheme == 0 || scheme + 1 == text.n)
		return false;
	struct str rest = str_from(text, scheme + 1);
	if (str_starts(rest, STR("//"))) {
		rest = str_from(rest, 2);
		size_t n = bytes_before(rest, "/?#");
		if (!is_authority((struct str){ rest.p, n }, &host_bytes))
			return false;
		rest = str_from(rest, n);
	}
	/* By RFC 9110, 4.2 these have a host. */
	bool web = (scheme == 4 && strncasecmp(text.p, "http", 4) == 0) ||
		   (scheme == 5 && strncasecmp(text.p, "https", 5) == 0);
	return (host_bytes || !web) && has_characters_of_uri(rest, "[]");
}

enum soap_use soap_use_of(const struct soap *soap)
{
	static const struct {
		const char *body;
		enum soap_use use;
	} bodies[] = {
		{ "DistributionEnvelope", SOAP_OF_ITK },
		{ "SimpleMessageResponse", SOAP_OF_ITK },
		{ "QUPC_IN000006GB01", SOAP_OF_SPINE },
		{ "REPC_IN000007GB01", SOAP_OF_SPINE },
		{ "QUQI_IN010000UK14", SOAP_OF_SPINE },
		{ "MCCI_IN010000UK13", SOAP_OF_SPINE },
		{ "REPC_IN000003GB01", SOAP_OF_SPINE },
		{ "REPC_IN000004GB01", SOAP_OF_SPINE },
		{ "REPC_IN000005GB01", SOAP_OF_SPINE },
		{ "successfulUploadResponse", SOAP_OF_SPINE },
	};
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		if (str_is(soap->body.text, bodies[i].body))
			return bodies[i].use;
	if (soap->holds != SOAP_OF_NEITHER)
		return soap->holds;
	if (soap->wsa_2005.there)
		return SOAP_OF_ITK;
	/* Around an interaction this is Spine's wrapper, though a payload is called the same. */
	bool wraps = str_is(soap->body.text, "CP-ISNHSQueryResponse");
	return soap->wsa_2004.there || wraps ? SOAP_OF_SPINE : SOAP_OF_NEITHER;
}

enum soap_use fault_use_of(const struct fault *fault)
{
	const struct soap *soap = soap_around(&fault->part);
	enum soap_use use = fault_use(fault);
	return use == SOAP_OF_NEITHER && soap ? soap_use_of(soap) : use;
}

bool soap_answers_nothing(const struct soap *soap)
{
	return soap->body_child_count == 0 && value_there(&soap->body_element) &&
	       str_is(str_trim(soap->wsa_2005.action.text), SERVICE "sendDistEnvelopeResponse");
}

const char *spine_service(const char *interaction, size_t index)
{
	static const struct {
		const char *interaction, *services[3];
	} known[] = {
		{ "QUPC_IN000006GB01", { "cpisquery" } },
		{ "REPC_IN000007GB01", { "cpisquery" } },
		{ "QUQI_IN010000UK14", { "cpisquery" } },
		{ "MCCI_IN010000UK13", { "cpisquery", "cpisupload" } },
		{ "REPC_IN000003GB01", { "cpisupload" } },
		{ "REPC_IN000004GB01", { "cpisquery" } },
		{ "REPC_IN000005GB01", { "cpisquery" } },
		{ "ACCESS_TO_SERVICE", { "cpisquery" } },
		{ "INACTIVE_NHS_NUMBERS", { "cpisquery" } },
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].interaction, interaction) == 0)
			return known[i].services[index];
	return NULL;
}

struct value soap_header_place(const struct soap *soap)
{
	return (struct value){ .offset = value_there(&soap->header) ? soap->header.offset
								    : soap->part.offset };
}

enum outcome soap_has_text(struct judge *judge, const struct soap *soap, const struct value *value,
			   const char *name)
{
	if (value_filled(value))
		return HOLDS;
	if (value_there(value))
		return judge_fail(judge, value, MASK_NONE, "%s in the SOAP header is blank", name);
	const struct value place = soap_header_place(soap);
	return judge_fail(judge, &place, MASK_NONE, "the SOAP header has no %s", name);
}

enum outcome soap_relates(struct judge *judge, const struct soap *soap,
			  const struct addressing *addressing)
{
	const struct value *relates_to = addressing_relates_to(addressing);
	struct str id = str_trim(relates_to->text);
	judge_expect(judge, "the MessageID of the request");
	if (!value_filled(relates_to))
		return soap_has_text(judge, soap, relates_to, "wsa:RelatesTo");
	if (uuid_is_prefixed(id))
		return HOLDS;
	return judge_fail(judge, relates_to, MASK_NONE,
			  "wsa:RelatesTo \"%s\" is not the id of a message: a UUID, on its own or "
			  "after a prefix such as uuid:",
			  judge_plain(judge, id));
}

const struct soap *soap_around(const struct part *part)
{
	return (const struct soap *)(const void *)part_ancestor(part, PART_SOAP);
}

struct enclosure enclosure_of(const struct judge *judge, const struct part *part)
{
	struct enclosure enclosure = { 0 };
	const struct soap *soap = soap_around(part);
	const struct envelope *envelope =
		(const struct envelope *)(const void *)part_ancestor(part, PART_ENVELOPE);
	if (!soap && !envelope && judge->parcel->enclosure)
		return *judge->parcel->enclosure;
	if (soap)
		enclosure.created = soap_security(soap)->created.text;
	if (!envelope)
		return enclosure;
	enclosure.envelope = true;
	enclosure.tracking_id = envelope->tracking_id.text;
	if (envelope->sender_count == 1)
		enclosure.sender = envelope->sender.uri.text;
	return enclosure;
}
