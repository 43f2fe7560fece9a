#include "message/catalogue.h"

#include "base/near.h"
#include "message/binding_tree.h"
#include "message/bindings.h"
#include "xml/markup.h"

#define DMS	       "cpis-dms-1.0/"
#define QUERY_RESPONSE "CP-ISNHSQueryResponse"

const struct message_type message_types[] = {
	{ "REPC_MT000002GB01", "upload", "CP-IS Local Authority Upload", NS_HL7, "File",
	  DMS "upload.xsd", &upload_table, 0, false, false },
	{ "REPC_MT000003GB01", "acknowledgement", "CP-IS Local Authority Acknowledgement Response",
	  NS_HL7, "FileResponse", DMS "upload-acknowledgement.xsd", &acknowledgement_table, 0,
	  false, false },
	{ "REPC_MT000004GB01", "access-notification", "CP-IS Access to Service Notification",
	  NS_HL7, "CP-ISAccessToServiceNotification", DMS "access-notification.xsd",
	  &access_notification_table, 0, false, false },
	{ "REPC_MT000005GB01", "inactive-notification", "CP-IS Inactive NHS Number Notification",
	  NS_HL7, "CP-ISInactiveNHSNumberNotification", DMS "inactive-number-notification.xsd",
	  &inactive_notification_table, 0, false, false },
	{ "QUPC_MT000006GB01", "query", "CP-IS NHS Query", NS_HL7, "CP-ISQueryStub",
	  DMS "query.xsd", &query_stub_table, QUERY_ASKED, false, false },
	{ "REPC_MT000007GB01", "response", "CP-IS NHS Query Response", NS_HL7, QUERY_RESPONSE,
	  DMS "query-response.xsd", &response_table, 0, false, false },
	{ "REPC_MT000012GB01", "smsp-response",
	  "CP-IS NHS Query Response (SMSP, Spine mini service)", NS_HL7, QUERY_RESPONSE,
	  DMS "smsp-query-response.xsd", &response_table, 0, false, true },
	{ "QUPC_IN000006GB01", "query-interaction", "CP-IS NHS Query interaction", NS_HL7,
	  "QUPC_IN000006GB01", DMS "QUPC_IN000006GB01.xsd", &wrapper_table, 0, true, false },
	{ "REPC_IN000007GB01", "response-interaction", "CP-IS NHS Query Response interaction",
	  NS_HL7, "REPC_IN000007GB01", DMS "REPC_IN000007GB01.xsd", &wrapper_table, 0, true,
	  false },
	{ "QUQI_IN010000UK14", "query-failure", "Query failure acknowledgement interaction", NS_HL7,
	  "QUQI_IN010000UK14", DMS "QUQI_IN010000UK14.xsd", &wrapper_table, 0, true, false },
	{ "MCCI_IN010000UK13", "application-acknowledgement",
	  "Application acknowledgement interaction", NS_HL7, "MCCI_IN010000UK13",
	  DMS "MCCI_IN010000UK13.xsd", &wrapper_table, 0, true, false },
	{ "ITK-InfrastructureResponse", "infrastructure-acknowledgement",
	  "ITK infrastructure acknowledgement", NS_ITK, "InfrastructureResponse",
	  "itk-201005/infrastructure-response.xsd", &infrastructure_response_table, 0, false,
	  false },
	{ "ITK-SimpleMessageResponse", "simple-reply", "ITK simple reply", NS_ITK,
	  "SimpleMessageResponse", "itk-201005/simple-message-response.xsd", &plain_message_table,
	  0, false, false },
	{ "MCCI_MT020000GB02", "business-acknowledgement", "ITK business acknowledgement", NS_HL7,
	  "BusinessResponseMessage", NULL, &plain_message_table, 0, false, false },
	{ "SOAP-Fault", "fault", "SOAP fault", NS_SOAP11, "Fault", "soap-1.1/fault.xsd",
	  &fault_table, 0, false, false },
	{ "SOAP12-Fault", "fault-1.2", "SOAP 1.2 fault", NS_SOAP12, "Fault", "soap-1.2/fault.xsd",
	  &fault12_table, 0, false, false },
};
const size_t message_type_count = sizeof(message_types) / sizeof(message_types[0]);

#define CARRYING(root_, payload_, title_)                                                          \
	{                                                                                          \
		.name = "tms", .ns = NS_HL7, .root = root_,                                        \
		.schema = DMS "unpublished-interactions.xsd", .table = &carrying_wrapper_table,    \
		.holder_ns = NS_HL7, .holder = "subject", .payload = payload_, .title = title_     \
	}

const struct frame_type frame_types[] = {
	{ .name = "soap",
	  .ns = NS_SOAP11,
	  .root = "Envelope",
	  .schema = "soap-1.1/envelope.xsd",
	  .table = &soap_table,
	  .holder_ns = NS_SOAP11,
	  .holder = "Body" },
	{ .name = "soap",
	  .ns = NS_SOAP12,
	  .root = "Envelope",
	  .schema = "soap-1.2/envelope.xsd",
	  .table = &soap12_table,
	  .holder_ns = NS_SOAP12,
	  .holder = "Body" },
	{ .name = "itk",
	  .ns = NS_ITK,
	  .root = "DistributionEnvelope",
	  .schema = "itk-201005/envelope.xsd",
	  .table = &envelope_table,
	  .holder_ns = NS_ITK,
	  .holder = "payload",
	  .holds_text = true },
	CARRYING("REPC_IN000003GB01", "FileResponse", "CP-IS upload acknowledgement interaction"),
	CARRYING("REPC_IN000004GB01", "CP-ISAccessToServiceNotification",
		 "CP-IS access notification interaction"),
	CARRYING("REPC_IN000005GB01", "CP-ISInactiveNHSNumberNotification",
		 "CP-IS inactive NHS number notification interaction"),
};
/* The SOAP envelope of ebXML: its Body lists the parts of the MIME message, and holds no message.
 */
static const struct frame_type ebxml_frame = { .name = "ebxml",
					       .ns = NS_SOAP11,
					       .root = "Envelope",
					       .schema = "soap-1.1/envelope.xsd" };

const size_t frame_type_count = sizeof(frame_types) / sizeof(frame_types[0]);

int catalogue_number_tables(struct binding_numbers *numbers)
{
	for (size_t i = 0; i < message_type_count; i++)
		if (binding_number(numbers, message_types[i].table) != 0)
			return -1;
	for (size_t i = 0; i < frame_type_count; i++)
		if (frame_types[i].table && binding_number(numbers, frame_types[i].table) != 0)
			return -1;
	return 0;
}

int catalogue_setup(void)
{
	if (binding_setup(catalogue_number_tables) != 0)
		return -1;
	for (size_t i = 0; i < message_type_count; i++)
		if (!xml_names_add(message_types[i].ns, message_types[i].root))
			return -1;
	for (size_t i = 0; i < frame_type_count; i++)
		if (!xml_names_add(frame_types[i].ns, frame_types[i].root) ||
		    !xml_names_add(frame_types[i].holder_ns, frame_types[i].holder))
			return -1;
	return 0;
}

const struct message_type *catalogue_message(const struct xml_tag *tag, bool smsp)
{
	const struct message_type *found = NULL;
	for (size_t i = 0; tag->name && i < message_type_count; i++) {
		const struct message_type *type = &message_types[i];
		if (tag->ns != type->ns || strcmp(tag->local, type->root) != 0)
			continue;
		if (type->smsp == smsp)
			return type;
		found = found ? found : type;
	}
	return found;
}

const struct message_type *catalogue_find(const char *id_or_alias)
{
	for (size_t i = 0; i < message_type_count; i++)
		if (strcmp(id_or_alias, message_types[i].id) == 0 ||
		    strcmp(id_or_alias, message_types[i].alias) == 0)
			return &message_types[i];
	return NULL;
}

/* The local name of the next start tag from a place in the document; the place moves past it. */
static struct str next_start_tag(const struct xml_tag *tag, size_t *at)
{
	struct str document = { tag->document, tag->document_bytes };
	struct markup markup = markup_next(document, *at);
	while (markup.kind > MARKUP_EMPTY)
		markup = markup_next(document, markup.end);
	if (markup.kind == MARKUP_NONE) {
		*at = document.n;
		return (struct str){ 0 };
	}
	struct str name = markup_local(document, &markup);
	*at = (size_t)(name.p - document.p) + name.n;
	return name;
}

/* A child of a query response is value, or nearly called so. */
static bool is_value(struct str name)
{
	static const char *const others[] = { "value", "effectiveTime", "id" };
	struct near near = near_start(name);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		near_offer(&near, others[i]);
	return near_best(&near) == others[0];
}

/*
 * Whether value is among the first children of the element whose start tag ends at a place. Only
 * the mini service's response has it, after the id: it may be late, and the others be misspelt.
 */
static bool has_value(struct str document, size_t at)
{
	enum { FIRST_CHILDREN = 8 };
	size_t children = 0, depth = 0;
	for (struct markup markup = { .end = at }; children < FIRST_CHILDREN;) {
		markup = markup_next(document, markup.end);
		bool starts = markup.kind == MARKUP_START || markup.kind == MARKUP_EMPTY;
		if (markup.kind == MARKUP_NONE || (markup.kind == MARKUP_END && !depth))
			return false;
		if (starts && !depth && is_value(markup_local(document, &markup)))
			return true;
		children += starts && !depth;
		depth += markup.kind == MARKUP_START;
		depth -= markup.kind == MARKUP_END;
	}
	return false;
}

bool catalogue_looks_smsp(const struct xml_tag *tag)
{
	if (strcmp(tag->local, QUERY_RESPONSE) != 0)
		return false;
	struct str document = { tag->document, tag->document_bytes };
	struct markup markup = markup_at(document, tag->offset);
	return markup.kind == MARKUP_START && has_value(document, markup.end);
}

struct str catalogue_first_element(struct str document, bool *smsp)
{
	const struct xml_tag start = { .document = document.p, .document_bytes = document.n };
	size_t at = 0;
	struct str name = next_start_tag(&start, &at);
	*smsp = str_is(name, QUERY_RESPONSE) && has_value(document, at);
	/* A name at the very end may go on. */
	return at < document.n ? name : (struct str){ 0 };
}

bool catalogue_is_interaction(struct str local)
{
	for (size_t i = 0; i < message_type_count; i++)
		if (message_types[i].interaction && str_is(local, message_types[i].root))
			return true;
	for (size_t i = 0; i < frame_type_count; i++)
		if (frame_types[i].payload && str_is(local, frame_types[i].root))
			return true;
	return false;
}

const char *catalogue_carried(const char *interaction)
{
	for (size_t i = 0; i < frame_type_count; i++)
		if (strcmp(frame_types[i].root, interaction) == 0)
			return frame_types[i].payload;
	return NULL;
}

/* A MessageHeader is ebXML's where the namespace was declared before it: of any version. */
static bool is_message_header(struct str document, const struct markup *markup)
{
	return str_is(markup_local(document, markup), "MessageHeader") &&
	       memmem(document.p, markup->end, "ebxml", 5);
}

/* The header of an ebXML envelope has its MessageHeader anywhere among its elements. */
static bool looks_like_ebxml(const struct xml_tag *tag)
{
	struct str document = { tag->document, tag->document_bytes };
	struct markup markup = { .end = tag->offset + tag->raw.n };
	for (size_t depth = 0;;) {
		markup = markup_next(document, markup.end);
		bool starts = markup.kind == MARKUP_START || markup.kind == MARKUP_EMPTY;
		if (markup.kind == MARKUP_NONE || (markup.kind == MARKUP_END && depth <= 1))
			return false;
		if (depth == 0 && starts && !str_is(markup_local(document, &markup), "Header"))
			return false;
		if (depth == 1 && starts && is_message_header(document, &markup))
			return true;
		depth += markup.kind == MARKUP_START;
		depth -= markup.kind == MARKUP_END;
	}
}

const char *catalogue_ebxml(const struct xml_tag *tag)
{
	size_t at = tag->offset + tag->raw.n;
	for (;;) {
		struct str name = next_start_tag(tag, &at);
		if (!name.p || str_is(name, "Body") || str_is(name, "Manifest"))
			return NULL;
		if (str_is(name, "ErrorList"))
			return "an ebXML error (ErrorList)";
		if (str_is(name, "Acknowledgment"))
			return "an ebXML acknowledgement";
	}
}

const struct frame_type *catalogue_frame(const struct xml_tag *tag)
{
	for (size_t i = 0; tag->name && i < frame_type_count; i++) {
		const struct frame_type *frame = &frame_types[i];
		if (tag->ns != frame->ns || strcmp(tag->local, frame->root) != 0)
			continue;
		return frame->ns == NS_SOAP11 && looks_like_ebxml(tag) ? &ebxml_frame : frame;
	}
	return NULL;
}

bool catalogue_is_encrypted(const struct xml_tag *tag)
{
	return tag->uri && strcmp(tag->uri, "http://www.w3.org/2001/04/xmlenc#") == 0;
}

/* Names that Spine gives to what wraps a reply, in its namespace or in none. */
static bool is_reply_wrapper(const struct xml_tag *tag)
{
	return (tag->ns == NS_HL7 || !tag->uri) &&
	       (strcmp(tag->local, QUERY_RESPONSE) == 0 ||
		strcmp(tag->local, "successfulUploadResponse") == 0);
}

/* What Spine and other standards send in XML, by namespace or by the start of the name. */
static const char *kind_of_other(const struct xml_tag *tag)
{
	static const char *const kinds[][3] = {
		{ "http://hl7.org/fhir", "", "FHIR in XML" },
		{ "urn:hl7-org:v2xml", "", "an HL7 v2 message in XML" },
		{ "http://www.w3.org/1999/xhtml", "", "an HTML page" },
		{ "http://www.w3.org/2000/svg", "", "an image (SVG)" },
		{ "http://www.w3.org/2001/XMLSchema", "", "an XML schema" },
		{ "http://www.w3.org/1999/XSL/Transform", "", "an XSLT stylesheet" },
		{ "http://purl.oclc.org/dsdl/schematron", "", "a Schematron schema" },
		{ "http://schemas.xmlsoap.org/wsdl/", "", "a WSDL description" },
		{ "urn:hl7-org:v3", "ClinicalDocument", "a CDA document" },
		{ "urn:hl7-org:v3", "RCMR_IN", "an interaction of GP2GP" },
		{ "urn:hl7-org:v3", "COPC_IN", "an interaction of GP2GP" },
		{ "urn:hl7-org:v3", "PRPA_IN", "an interaction of PDS" },
		{ "urn:hl7-org:v3", "QUPA_IN", "an interaction of PDS" },
		{ "urn:hl7-org:v3", "PORX_IN", "an interaction of EPS" },
	};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(tag->uri ? tag->uri : kinds[i][0], kinds[i][0]) == 0 &&
		    (tag->uri || kinds[i][1][0]) &&
		    str_starts(str_of(tag->local), str_of(kinds[i][1])))
			return kinds[i][2];
	return NULL;
}

/* Whether a name is an id such as REPC_IN000007GB01, and not a word. */
static bool is_artefact(struct str local)
{
	size_t letters = 0, digits = 7;
	while (letters < local.n && local.p[letters] >= 'A' && local.p[letters] <= 'Z')
		letters++;
	while (digits < local.n && char_is_digit(local.p[digits]))
		digits++;
	return letters == 4 && local.n > 4 && local.p[4] == '_' && digits == 13;
}

/* Ids of all domains look alike: only a slip in the last digits can be meant. */
static bool may_mean(struct str local, const char *root)
{
	if (str_is(local, root) || !is_artefact(local))
		return true;
	struct str meant = str_of(root), start = { root, 7 };
	return meant.n > start.n && str_starts(local, start) && near_distance(local, meant) <= 2;
}

/* Whether a name is that of an interaction, or one misspelt: as near to two of them, it is one. */
static bool is_nearly_interaction(struct str local)
{
	struct near near = near_start(local);
	for (size_t i = 0; i < message_type_count; i++)
		if (message_types[i].interaction)
			near_offer(&near, message_types[i].root);
	for (size_t i = 0; i < frame_type_count; i++)
		if (frame_types[i].payload)
			near_offer(&near, frame_types[i].root);
	near.tied = false;
	return near_best(&near) && may_mean(local, near.best);
}

static bool is_nearly_acknowledgement(struct str local)
{
	static const char root[] = "MCCI_IN010000UK13";
	struct near near = near_start(local);
	near_offer(&near, root);
	return near_best(&near) && may_mean(local, root);
}

bool catalogue_wraps_interaction(const struct xml_tag *tag)
{
	size_t at = tag->offset + tag->raw.n;
	struct str name = next_start_tag(tag, &at);
	if (is_reply_wrapper(tag))
		return is_nearly_interaction(name);
	/* The caller of Spine's builder names what wraps an application acknowledgement. */
	return is_nearly_acknowledgement(name) && !catalogue_frame(tag) &&
	       !catalogue_message(tag, false);
}

static bool is_of_cp_is(enum xml_namespace ns, const char *uri)
{
	return !uri || (ns != NS_NONE && ns < NS_COUNT && xml_namespace_uris[ns]);
}

struct unknown_element catalogue_unknown(const struct xml_tag *tag)
{
	struct unknown_element unknown = { .what = kind_of_other(tag) };
	struct near near = near_start(str_of(tag->local));
	const struct message_type *type = catalogue_find(tag->local);
	unknown.root_of = type && strcmp(type->root, tag->local) != 0 ? type->root : NULL;
	if (unknown.what || unknown.root_of)
		return unknown;
	for (size_t i = 0; i < message_type_count; i++)
		near_offer(&near, message_types[i].root);
	for (size_t i = 0; i < frame_type_count; i++)
		near_offer(&near, frame_types[i].root);
	const char *best = near_best(&near);
	bool same = best && strcmp(best, tag->local) == 0;
	if (!best || !may_mean(str_of(tag->local), best) ||
	    (!same && !is_of_cp_is(tag->ns, tag->uri)))
		return unknown;
	unknown.meant = same ? NULL : best;
	for (size_t i = 0; i < message_type_count && !unknown.home; i++)
		if (strcmp(message_types[i].root, best) == 0)
			unknown.home = xml_namespace_uris[message_types[i].ns];
	for (size_t i = 0; i < frame_type_count && !unknown.home; i++)
		if (strcmp(frame_types[i].root, best) == 0)
			unknown.home = xml_namespace_uris[frame_types[i].ns];
	return unknown;
}

bool catalogue_is_soap(const struct frame_type *type)
{
	return type && strcmp(type->name, "soap") == 0;
}

bool catalogue_needs_envelope(const struct message_type *type)
{
	return (type->ns == NS_HL7 && !type->interaction) ||
	       strcmp(type->root, "InfrastructureResponse") == 0;
}
