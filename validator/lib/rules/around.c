/*
 * What is around a message: the head of the HTTP message or MIME part that it is the body of, and
 * the SOAP header before it. What no part holds of that is judged as its tags start.
 */
#include "message/catalogue.h"
#include "rules/catalogue.h"
#include "rules/envelope.h"
#include "rules/judge.h"
#include "transport/fields.h"
#include "transport/parcel.h"
#include "xml/locate.h"
#include "xml/markup.h"
#include "xml/reader.h"

#define SERVICES "urn:nhs:names:services:"

static void around_find(struct judge *judge, enum stage_rule rule, size_t offset,
			const char *message)
{
	const struct rule *row = rules_stage(rule);
	judge->draft->tallies[rules_stage_index(rule)].failed++;
	struct draft_finding *finding = draft_add_finding(
		judge->draft, &judge->draft->messages[judge->message], row, row->severity);
	if (!finding)
		return;
	finding->stage = CPIS_TRANSPORT;
	finding->offset = offset;
	finding->document = judge->document;
	finding->message = message;
}

static bool is_true(struct str value)
{
	struct str text = str_trim(value);
	return str_is(text, "1") || str_is(text, "true");
}

/* It says that nothing is in the wrapper. */
static bool is_nil(const struct xml_attribute *attribute)
{
	return strcmp(attribute->local, "nil") == 0 && is_true(attribute->value);
}

void wrapper_judge(struct judge *judge, const struct xml_tag *tag)
{
	judge->draft->tallies[rules_stage_index(RULE_TRN_021)].judged++;
	for (size_t i = 0; i < tag->count; i++)
		if (tag->attributes[i].ns != NS_XSI || is_nil(&tag->attributes[i]))
			around_find(
				judge, RULE_TRN_021, xml_tag_attribute_offset(tag, i),
				judge_text(
					judge,
					"the attribute %s is on %s, which only wraps a reply and "
					"has no attributes",
					judge_word(judge, str_of(tag->attributes[i].local)),
					judge_word(judge, str_of(tag->local))));
}

void wrapper_judge_second(struct judge *judge, const struct xml_tag *tag)
{
	around_find(judge, RULE_TRN_021, tag->offset,
		    judge_text(judge,
			       "%s is the second element in the wrapper of a reply, which has one "
			       "interaction",
			       judge_word(judge, str_of(tag->local))));
}

void wrapper_judge_text(struct judge *judge, size_t offset)
{
	around_find(judge, RULE_TRN_021, offset,
		    "there is text in the wrapper of a reply, which has one interaction");
}

void body_judge(struct judge *judge, const struct xml_tag *tag, const struct message_type *type,
		bool ebxml)
{
	runner_tally(judge->draft, RULE_TRN_020, false);
	if (catalogue_needs_envelope(type))
		around_find(judge, RULE_TRN_020, tag->offset,
			    judge_text(judge,
				       ebxml ? "%s is the payload of the ebXML message, without an "
					       "interaction around it"
					     : "%s is directly in the SOAP Body, without an "
					       "interaction or a distribution envelope around it",
				       type->root));
}

void instruction_judge(struct judge *judge, size_t at)
{
	runner_tally(judge->draft, RULE_TRN_048, false);
	if (at == SIZE_MAX)
		return;
	struct markup instruction = markup_at(judge->bytes, at);
	struct str target = { judge->bytes.p + instruction.from, 0 };
	while (instruction.from + target.n < instruction.until &&
	       !char_is_space(target.p[target.n]))
		target.n++;
	around_find(judge, RULE_TRN_048, at,
		    judge_text(judge, "the SOAP message has the processing instruction \"%s\"",
			       judge_plain(judge, target)));
}

/* Whether what Spine and ITK use defines an element of the SOAP Header. */
static bool is_understood(const struct xml_tag *tag)
{
	static const char *const addressing[] = { "MessageID",
						  "RelatesTo",
						  "From",
						  "ReplyTo",
						  "FaultTo",
						  "To",
						  "Action",
						  "ReferenceParameters",
						  "ReferenceProperties",
						  "FaultDetail",
						  NULL };
	static const char *const systems[] = { "communicationFunctionRcv",
					       "communicationFunctionSnd", NULL };
	static const char *const security[] = { "Security", NULL };
	static const char *const timestamp[] = { "Timestamp", NULL };
	static const struct {
		enum xml_namespace ns;
		const char *const *elements;
	} known[] = {
		{ NS_WSA_2004, addressing }, { NS_WSA_2005, addressing }, { NS_HL7, systems },
		{ NS_WSSE, security },	     { NS_WSU, timestamp },
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (tag->ns == known[i].ns)
			return str_is_one_of(str_of(tag->local), known[i].elements);
	return false;
}

static void judge_flag(struct judge *judge, const struct xml_tag *tag, enum xml_namespace soap)
{
	for (size_t i = 0; i < tag->count; i++) {
		const struct xml_attribute *attribute = &tag->attributes[i];
		if (attribute->ns != soap || strcmp(attribute->local, "mustUnderstand") != 0 ||
		    xml_is_flag(attribute->value, soap))
			continue;
		judge->draft->tallies[rules_stage_index(RULE_TRN_022)].judged++;
		around_find(
			judge, RULE_TRN_022, xml_tag_attribute_offset(tag, i),
			judge_text(judge,
				   "mustUnderstand of the header %s is \"%s\"; it should be 0 or 1",
				   judge_word(judge, str_of(tag->local)),
				   judge_plain(judge, str_trim(attribute->value))));
	}
}

void header_judge(struct judge *judge, const struct xml_tag *tag, enum xml_namespace soap)
{
	judge_flag(judge, tag, soap);
	size_t must = xml_tag_must_understand(tag, soap);
	if (must == tag->count)
		return;
	judge->draft->tallies[rules_stage_index(RULE_TRN_022)].judged++;
	if (!is_understood(tag))
		around_find(
			judge, RULE_TRN_022, xml_tag_attribute_offset(tag, must),
			judge_text(judge,
				   "the header %s has mustUnderstand, but neither Spine nor ITK "
				   "defines it",
				   judge_word(judge, str_of(tag->local))));
}

/* Where the interaction starts in "urn:nhs:names:services:cpisquery/QUPC_IN000006GB01"; 0: it is
 * not the action of a Spine service. Spine's directory has a colon before it, and messages a slash.
 */
static size_t interaction_in(struct str action)
{
	size_t at = action.n;
	while (at > 0 && action.p[at - 1] != ':' && action.p[at - 1] != '/')
		at--;
	return str_starts(action, STR(SERVICES)) && at > sizeof(SERVICES) ? at : 0;
}

static bool same_action(struct str a, struct str b)
{
	size_t at = interaction_in(a);
	if (at == 0 || at != interaction_in(b) || a.n != b.n)
		return str_equal(a, b);
	return memcmp(a.p, b.p, at - 1) == 0 && memcmp(a.p + at, b.p + at, a.n - at) == 0;
}

/* Of two that are the same: the first is as in the directory, and the second as in messages. */
static bool has_colon_for_slash(struct str said, struct str action)
{
	size_t at = interaction_in(said);
	return at && said.p[at - 1] == ':' && action.p[at - 1] == '/';
}

/* What the head says that the message is for. SOAP 1.2 has it in Content-Type. */
struct said {
	const char *where;
	struct str text;
};
enum { MOST_SAID = 2 };

static void actions_said(const struct judge *judge, struct said said[MOST_SAID])
{
	const struct carrier *carrier = judge->parcel->carrier;
	said[0] = (struct said){ "SOAPAction in the HTTP header", { 0 } };
	said[1] = (struct said){ "action in Content-Type", { 0 } };
	if (!carrier)
		return;
	said[0].text = carrier->soap_action;
	said[1].text = carrier->action;
}

static bool soap_action_is_once(struct judge *judge, const struct part *part)
{
	const struct carrier *carrier = judge->parcel->carrier;
	if (!carrier || carrier->soap_action_count <= 1)
		return true;
	judge_fail_part(judge, part,
			"the HTTP header has SOAPAction %zu times; it should be there once",
			carrier->soap_action_count);
	return false;
}

/* A receiver that knows the name of the directory knows this one. */
static void expect_slash(struct judge *judge, const char *action)
{
	judge_severity(judge, CPIS_WARNING);
	judge_expect(judge, "%s", action);
}

static enum outcome fail_said(struct judge *judge, const struct value *value, const char *name,
			      const struct said *said)
{
	return judge_fail(judge, value, MASK_NONE, "%s is \"%s\", but %s is \"%s\"", name,
			  judge_plain(judge, str_trim(value->text)), said->where,
			  judge_plain(judge, said->text));
}

/* An empty SOAPAction says that the address alone decides. name: "wsa:Action" */
static enum outcome soap_action_is(struct judge *judge, const struct value *value, const char *name)
{
	struct said said[MOST_SAID];
	struct str action = str_trim(value->text);
	const struct said *colon = NULL;
	enum outcome outcome = NOT_APPLICABLE;
	actions_said(judge, said);
	for (size_t i = 0; i < MOST_SAID && value_filled(value); i++) {
		if (said[i].text.n == 0)
			continue;
		outcome = HOLDS;
		if (!same_action(said[i].text, action))
			return fail_said(judge, value, name, &said[i]);
		if (!colon && has_colon_for_slash(said[i].text, action))
			colon = &said[i];
	}
	if (!colon)
		return outcome;
	expect_slash(judge, judge_plain(judge, action));
	return fail_said(judge, value, name, colon);
}

static enum outcome soap_action_is_action(struct judge *judge, const struct soap *soap)
{
	return soap_action_is_once(judge, &soap->part)
		       ? soap_action_is(judge, &soap_addressing(soap)->action, "wsa:Action")
		       : FAILS;
}

/* Of an envelope that no SOAP is around: the wsa:Action of one that has it is ITK-021's. */
static enum outcome soap_action_is_service(struct judge *judge, const struct envelope *envelope)
{
	if (envelope->part.parent)
		return NOT_APPLICABLE;
	return soap_action_is_once(judge, &envelope->part)
		       ? soap_action_is(judge, &envelope->service, "the envelope's service")
		       : FAILS;
}

/* "urn:nhs:names:services:cpisquery/NAME", of the service by which it is said; NULL: of none that
 * carries it. */
static const char *interaction_said(struct judge *judge, struct str said, const char *name)
{
	const char *service;
	for (size_t i = 0; (service = spine_service(name, i)); i++) {
		const char *action = judge_text(judge, SERVICES "%s/%s", service, name);
		if (same_action(said, str_of(action)))
			return action;
	}
	return NULL;
}

/* ebXML itself asks for "ebXML". What is before an interaction alone may be of no SOAP at all. */
static bool means_interaction(const struct judge *judge, struct str said)
{
	if (judge->parcel->ebxml)
		return said.n && !fields_is(said, "ebXML");
	return str_starts(said, STR(SERVICES)) || str_starts(said, STR("urn:nhs-itk:"));
}

/* By these names an interaction or a payload travels, the published one first. */
enum { MOST_NAMES = 2 };
struct names {
	const char *interactions[MOST_NAMES]; /* of Spine's; none: none of them carries it */
	const char *actions[MOST_NAMES];      /* by themselves, of no service of Spine's */
};

/* The one of them that is said, as messages have it; NULL: none is. */
static const char *name_said(struct judge *judge, struct str said, const struct names *names)
{
	for (size_t i = 0; i < MOST_NAMES; i++) {
		const char *action = names->actions[i];
		if (names->interactions[i])
			action = interaction_said(judge, said, names->interactions[i]);
		if (action && same_action(said, str_of(action)))
			return action;
	}
	return NULL;
}

static void expect_names(struct judge *judge, const struct names *names)
{
	const char *interaction = names->interactions[0];
	if (interaction)
		judge_expect(judge, SERVICES "%s/%s", spine_service(interaction, 0), interaction);
	else
		judge_expect(judge, "%s or %s", names->actions[0], names->actions[1]);
}

/* The SOAPAction of what has no SOAP around it. names: of the interaction that it is, or that
 * carries it, or two of its own. */
static enum outcome soap_action_names(struct judge *judge, const struct part *part,
				      const struct names *names)
{
	struct said said[MOST_SAID];
	const struct said *colon = NULL;
	const char *with_slash = NULL;
	const char *interaction = names->interactions[0];
	enum outcome outcome = NOT_APPLICABLE;
	actions_said(judge, said);
	for (size_t i = 0; i < MOST_SAID; i++) {
		if (interaction ? !means_interaction(judge, said[i].text) : !said[i].text.n)
			continue;
		outcome = HOLDS;
		const char *action = name_said(judge, said[i].text, names);
		if (!action) {
			expect_names(judge, names);
			return judge_fail_part(judge, part, "%s is \"%s\", but the message is %s",
					       said[i].where, judge_plain(judge, said[i].text),
					       part->element);
		}
		if (!colon && has_colon_for_slash(said[i].text, str_of(action))) {
			colon = &said[i];
			with_slash = action;
		}
	}
	if (!colon)
		return outcome;
	expect_slash(judge, with_slash);
	return judge_fail_part(
		judge, part,
		"%s is \"%s\", with a colon before the interaction; it should be a slash",
		colon->where, judge_plain(judge, colon->text));
}

static enum outcome soap_action_is_interaction(struct judge *judge, const struct wrapper *wrapper)
{
	const struct soap *soap = soap_around(&wrapper->part);
	if ((soap && value_filled(&soap_addressing(soap)->action)) ||
	    part_ancestor(&wrapper->part, PART_ENVELOPE))
		return NOT_APPLICABLE;
	if (!soap && !soap_action_is_once(judge, &wrapper->part))
		return FAILS;
	const struct names names = { .interactions = { wrapper->part.element } };
	return soap_action_names(judge, &wrapper->part, &names);
}

/* A payload alone may come with the action of the interaction that carries it. */
static enum outcome soap_action_is_payload(struct judge *judge, const struct part *part,
					   const struct names *names)
{
	const struct parcel *parcel = judge->parcel;
	bool by_mesh = parcel->carrier && parcel->carrier->by_mesh;
	return part->parent || parcel->enclosure || parcel->ebxml || by_mesh
		       ? NOT_APPLICABLE
		       : soap_action_names(judge, part, names);
}

static enum outcome soap_action_is_upload(struct judge *judge, const struct upload *upload)
{
	static const struct names names = {
		.actions = { "urn:GB-en-NHS:iops:interaction:CP-ISLocalAuthorityUpload-v1-0",
			     "File" }
	};
	return soap_action_is_payload(judge, &upload->part, &names);
}

static enum outcome soap_action_is_acknowledgement(struct judge *judge,
						   const struct acknowledgement *acknowledgement)
{
	static const struct names names = { .interactions = { "REPC_IN000003GB01" } };
	return soap_action_is_payload(judge, &acknowledgement->part, &names);
}

static enum outcome soap_action_is_access(struct judge *judge,
					  const struct access_notification *notification)
{
	static const struct names names = { .interactions = { "REPC_IN000004GB01",
							      "ACCESS_TO_SERVICE" } };
	return soap_action_is_payload(judge, &notification->part, &names);
}

static enum outcome soap_action_is_inactive(struct judge *judge,
					    const struct inactive_notification *notification)
{
	static const struct names names = { .interactions = { "REPC_IN000005GB01",
							      "INACTIVE_NHS_NUMBERS" } };
	return soap_action_is_payload(judge, &notification->part, &names);
}

static enum outcome soap_action_is_query(struct judge *judge, const struct query *query)
{
	static const struct names names = { .interactions = { "QUPC_IN000006GB01" } };
	return soap_action_is_payload(judge, &query->part, &names);
}

static enum outcome soap_action_is_response(struct judge *judge, const struct response *response)
{
	static const struct names names = { .interactions = { "REPC_IN000007GB01" } };
	return soap_action_is_payload(judge, &response->part, &names);
}

static const struct rule trn_024 = {
	.id = "TRN-024",
	.name = "soapaction-names-another",
	.severity = CPIS_ERROR,
	.on = PART_SOAP,
	.basis = CPIS_BASIS_TMS,
	.cite = "Spine External Interface Specification, SOAP messages; SOAP 1.1, section 6.1.1",
	.title = "SOAPAction in the HTTP header contradicts the message",
	.why = "Spine looks up the service by SOAPAction: it answers with fault 101, or handles "
	       "the "
	       "message as another.",
	.fix = "Send the same value in SOAPAction and in wsa:Action, or in the service of an "
	       "envelope without SOAP. With ebXML, send its service and interaction. Send uploads "
	       "by MESH.",
	.check = { .soap = soap_action_is_action },
	.also = ALSO(
		{ PART_WRAPPER, { .wrapper = soap_action_is_interaction } },
		{ PART_ENVELOPE, { .envelope = soap_action_is_service } },
		{ PART_UPLOAD, { .upload = soap_action_is_upload } },
		{ PART_ACKNOWLEDGEMENT, { .acknowledgement = soap_action_is_acknowledgement } },
		{ PART_ACCESS_NOTIFICATION, { .access_notification = soap_action_is_access } },
		{ PART_INACTIVE_NOTIFICATION,
		  { .inactive_notification = soap_action_is_inactive } },
		{ PART_QUERY, { .query = soap_action_is_query } },
		{ PART_RESPONSE, { .response = soap_action_is_response } }),
};

/* A capture without any field does not show what was sent. The envelope in a file for MESH is
 * not what the request is. */
static enum outcome has_soap_action(struct judge *judge, const struct part *part)
{
	const struct carrier *carrier = judge->parcel->carrier;
	if (!carrier || !carrier->has_fields || carrier->method.n == 0 || carrier->by_mesh)
		return NOT_APPLICABLE;
	if (carrier->soap_action.n)
		return HOLDS;
	judge_expect(judge, "SOAPAction");
	return judge_fail_part(judge, part,
			       carrier->soap_action_count
				       ? "SOAPAction in the HTTP header of the request is empty"
				       : "the HTTP header of the request has no SOAPAction");
}

static enum outcome soap_has_soap_action(struct judge *judge, const struct soap *soap)
{
	return soap->soap12 || soap->part.parent ? NOT_APPLICABLE
						 : has_soap_action(judge, &soap->part);
}

/* The envelope of ebXML, which is SOAP 1.1, is a part before it. */
static enum outcome ebxml_has_soap_action(struct judge *judge, const struct wrapper *wrapper)
{
	return judge->parcel->ebxml && !wrapper->part.parent
		       ? has_soap_action(judge, &wrapper->part)
		       : NOT_APPLICABLE;
}

/* Hosts may choose by wsa:Action instead, and an empty one stands for the address: a warning. */
static const struct rule trn_041 = {
	.id = "TRN-041",
	.name = "request-without-soapaction",
	.severity = CPIS_WARNING,
	.on = PART_SOAP,
	.basis = CPIS_BASIS_TMS,
	.cite = "SOAP 1.1, section 6.1.1; ebXML Message Service 2.0, appendix B.2.2",
	.title = "SOAP 1.1 request has no SOAPAction in its HTTP header, or an empty one",
	.why = "Spine looks up the service by SOAPAction, and firewalls let requests through by "
	       "it.",
	.fix = "Send SOAPAction in every request of SOAP 1.1 and ebXML, with the value of "
	       "wsa:Action in quotes. Check that the capture has all header fields.",
	.check = { .soap = soap_has_soap_action },
	.also = ALSO({ PART_WRAPPER, { .wrapper = ebxml_has_soap_action } }),
};

/* Content-Type without its parameters; absent: the document is not the body of anything, or
 * nothing says what it is. */
static struct str content_type_said(const struct judge *judge)
{
	const struct carrier *carrier = judge->parcel->carrier;
	return carrier ? fields_media_type(carrier->content_type) : (struct str){ 0 };
}

/* The same of a SOAP envelope. Its root part in MTOM is application/xop+xml, whose type parameter
 * says what it is (XOP 1.0, section 5). */
static struct str soap_type_said(const struct judge *judge)
{
	struct str type = content_type_said(judge);
	if (!fields_is(type, "application/xop+xml"))
		return type;
	struct str inner = fields_parameter(judge->parcel->carrier->content_type, "type");
	return inner.n ? fields_media_type(inner) : type;
}

static bool is_plain_xml_type(struct str type)
{
	return fields_is(type, "text/xml") || fields_is(type, "application/xml") ||
	       fields_is(type, "text/x-xml") || fields_is(type, "application/x-xml");
}

/* "text/xml", "application/xml" and what RFC 7303 ends in +xml, but for what is a web page. */
static bool is_xml_type(struct str type)
{
	struct str ending = STR("+xml"), application = STR("application/");
	if (is_plain_xml_type(type))
		return true;
	return fields_starts(type, application.p) && type.n > application.n + ending.n &&
	       !memchr(type.p + application.n, '/', type.n - application.n) &&
	       fields_is(str_from(type, type.n - ending.n), ending.p) &&
	       !fields_is(type, "application/xhtml+xml");
}

/* What a body may be packed in, and what says so in its head. */
static const struct wrapping {
	const char *layer, *state, *said_by;
} packings[] = {
	{ "gzip", "compressed", "Content-Encoding: gzip" },
	{ "deflate", "compressed", "Content-Encoding: deflate" },
	{ "compressed", "compressed", "Content-Encoding: deflate" },
	{ "base64", "in base64",
	  "Content-Transfer-Encoding: base64 in MIME; in HTTP, the XML as it is" },
};

/* How the body is packed where its head does not say so: a receiver finds no XML. NULL: it does, or
 * the body is not packed. */
static const struct wrapping *packed_unsaid(const struct judge *judge)
{
	const struct parcel *parcel = judge->parcel;
	const struct wrapping *last = NULL;
	size_t packed = 0;
	for (size_t i = 0; i < parcel->layer_count; i++) {
		const char *layer = parcel->layers[i];
		if (strcmp(layer, "http") == 0 || strcmp(layer, "mime") == 0)
			packed = 0;
		packed += strcmp(layer, "quoted-printable") == 0;
		for (size_t k = 0; k < sizeof(packings) / sizeof(packings[0]); k++)
			if (strcmp(layer, packings[k].layer) == 0) {
				last = &packings[k];
				packed++;
			}
	}
	return packed > parcel->carrier->codings ? last : NULL;
}

static enum outcome report_packed(struct judge *judge, const struct part *part, struct str type,
				  const struct wrapping *packing)
{
	judge_expect(judge, "%s", packing->said_by);
	return judge_fail_part(judge, part,
			       "the body is %s, but its header says only that it is %s",
			       packing->state, judge_plain(judge, type));
}

/* An interaction, an envelope or a payload that no SOAP is around, or a file of MESH. */
static enum outcome is_sent_as_xml(struct judge *judge, const struct part *part)
{
	struct str type = content_type_said(judge);
	if (type.n == 0 || part->parent)
		return NOT_APPLICABLE;
	const struct wrapping *packing = is_xml_type(type) ? packed_unsaid(judge) : NULL;
	if (packing)
		return report_packed(judge, part, type, packing);
	/* What a mailbox says of a body is not its sender's. */
	if (is_xml_type(type) || fields_is(type, "application/octet-stream") ||
	    judge->parcel->carrier->fetched)
		return HOLDS;
	judge_expect(judge, "text/xml or application/xml");
	return judge_fail_part(judge, part, "%s is sent as Content-Type %s; expected XML",
			       part->element, judge_plain(judge, type));
}

/* A header that says nothing of the body. Captures may leave the field out, and receivers may guess
 * it: a warning. A supplier is judged for what it sent, not for what Spine answered. What a part of
 * MIME says is TRN-003's. */
static enum outcome type_is_said(struct judge *judge, const struct soap *soap)
{
	const struct parcel *parcel = judge->parcel;
	const struct carrier *carrier = parcel->carrier;
	if (!carrier || !carrier->has_fields || carrier->by_mesh ||
	    (carrier->method.n == 0 && carrier->status == 0))
		return NOT_APPLICABLE;
	for (size_t i = 0; i < parcel->layer_count; i++)
		if (strcmp(parcel->layers[i], "mime") == 0)
			return NOT_APPLICABLE;
	bool answered = carrier->status != 0;
	judge_severity(judge,
		       answered && soap_use_of(soap) == SOAP_OF_SPINE ? CPIS_INFO : CPIS_WARNING);
	judge_expect(judge, "Content-Type");
	return judge_fail_part(judge, &soap->part,
			       carrier->content_type.p
				       ? "Content-Type in the HTTP header of the %s is empty"
				       : "the HTTP header of the %s has no Content-Type",
			       answered ? "response" : "request");
}

static enum outcome soap_is_sent_as_soap(struct judge *judge, const struct soap *soap)
{
	struct str type = soap_type_said(judge);
	if (soap->part.parent)
		return NOT_APPLICABLE;
	if (type.n == 0)
		return type_is_said(judge, soap);
	if (judge->parcel->carrier->by_mesh)
		return is_sent_as_xml(judge, &soap->part);
	const struct wrapping *packing = is_xml_type(type) ? packed_unsaid(judge) : NULL;
	if (packing)
		return report_packed(judge, &soap->part, type, packing);
	if (fields_is(type, soap->soap12 ? "application/soap+xml" : "text/xml"))
		return HOLDS;
	/* Most receivers take application/xml for it. */
	if (!soap->soap12 && is_plain_xml_type(type))
		judge_severity(judge, CPIS_WARNING);
	/* A supplier is judged for what it sent, not for what Spine answered. */
	if (judge->parcel->carrier->status && soap_use_of(soap) == SOAP_OF_SPINE)
		judge_severity(judge, CPIS_INFO);
	judge_expect(judge, soap->soap12 ? "application/soap+xml" : "text/xml");
	return judge_fail_part(judge, &soap->part,
			       "the SOAP %s envelope is sent as Content-Type %s; expected %s",
			       soap->soap12 ? "1.2" : "1.1", judge_plain(judge, type),
			       soap->soap12 ? "application/soap+xml" : "text/xml");
}

static enum outcome wrapper_is_sent_as_xml(struct judge *judge, const struct wrapper *wrapper)
{
	return is_sent_as_xml(judge, &wrapper->part);
}

static enum outcome envelope_is_sent_as_xml(struct judge *judge, const struct envelope *envelope)
{
	return is_sent_as_xml(judge, &envelope->part);
}

static enum outcome upload_is_sent_as_xml(struct judge *judge, const struct upload *upload)
{
	return is_sent_as_xml(judge, &upload->part);
}

static enum outcome acknowledgement_is_sent_as_xml(struct judge *judge,
						   const struct acknowledgement *acknowledgement)
{
	return is_sent_as_xml(judge, &acknowledgement->part);
}

static enum outcome access_is_sent_as_xml(struct judge *judge,
					  const struct access_notification *notification)
{
	return is_sent_as_xml(judge, &notification->part);
}

static enum outcome inactive_is_sent_as_xml(struct judge *judge,
					    const struct inactive_notification *notification)
{
	return is_sent_as_xml(judge, &notification->part);
}

static enum outcome query_is_sent_as_xml(struct judge *judge, const struct query *query)
{
	return is_sent_as_xml(judge, &query->part);
}

static enum outcome response_is_sent_as_xml(struct judge *judge, const struct response *response)
{
	return is_sent_as_xml(judge, &response->part);
}

static const struct rule trn_031 = {
	.id = "TRN-031",
	.name = "content-type-is-not-xml",
	.severity = CPIS_ERROR,
	.on = PART_SOAP,
	.basis = CPIS_BASIS_TMS,
	.cite = "SOAP 1.1, section 6; RFC 3902; Spine External Interface Specification, SOAP "
		"messages",
	.title = "Content-Type contradicts the message, or is missing",
	.why = "Receivers choose by Content-Type how to read a body: they refuse this one, or show "
	       "it as a web page.",
	.fix = "Send SOAP 1.1 as text/xml, SOAP 1.2 as application/soap+xml, ebXML as "
	       "multipart/related, and other XML as text/xml or application/xml, once. Say in the "
	       "header how the body is encoded.",
	.check = { .soap = soap_is_sent_as_soap },
	.also = ALSO(
		{ PART_WRAPPER, { .wrapper = wrapper_is_sent_as_xml } },
		{ PART_ENVELOPE, { .envelope = envelope_is_sent_as_xml } },
		{ PART_UPLOAD, { .upload = upload_is_sent_as_xml } },
		{ PART_ACKNOWLEDGEMENT, { .acknowledgement = acknowledgement_is_sent_as_xml } },
		{ PART_ACCESS_NOTIFICATION, { .access_notification = access_is_sent_as_xml } },
		{ PART_INACTIVE_NOTIFICATION,
		  { .inactive_notification = inactive_is_sent_as_xml } },
		{ PART_QUERY, { .query = query_is_sent_as_xml } },
		{ PART_RESPONSE, { .response = response_is_sent_as_xml } }),
};

static const struct rule trn_032 = {
	.id = "TRN-032",
	.name = "charset-contradicts-the-document",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = "RFC 7303, section 3; ITK WS-STD-01",
	.title = "charset in Content-Type contradicts the document",
	.why = "A receiver reads the bytes by the charset, not by the XML declaration: names with "
	       "accents arrive garbled, or nothing can be read.",
	.fix = "Send charset=utf-8, or leave the charset out.",
};

/* "500": the status of a response in words. */
static const char *status_words(struct judge *judge, unsigned status)
{
	return status == NO_STATUS ? "not a number from 100 to 599"
				   : judge_text(judge, "%u", status);
}

static enum outcome fault_has_error_status(struct judge *judge, const struct fault *fault)
{
	unsigned status = judge->parcel->carrier ? judge->parcel->carrier->status : 0;
	const struct soap *soap = soap_around(&fault->part);
	/* The status of a response of MESH is of the mailbox. */
	if (status == 0 || judge->parcel->carrier->by_mesh)
		return NOT_APPLICABLE;
	/* SOAP 1.2 has 400 for what the sender did. */
	if (soap && soap->soap12 ? status >= 400 && status <= 599 : status == 500)
		return HOLDS;
	judge_expect(judge, "500");
	return judge_fail_part(judge, &fault->part,
			       "the HTTP status of the SOAP %sfault is %s; it should be %s500",
			       !soap	      ? ""
			       : soap->soap12 ? "1.2 "
					      : "1.1 ",
			       status_words(judge, status), soap && soap->soap12 ? "400 or " : "");
}

static const struct rule trn_033 = {
	.id = "TRN-033",
	.name = "fault-sent-with-another-status",
	.severity = CPIS_WARNING,
	.on = PART_FAULT,
	.basis = CPIS_BASIS_ITK,
	.cite = "SOAP 1.1, section 6.2; SOAP 1.2 Part 2, section 7.5.2.2; ITK WS-FLT-01",
	.title = "SOAP fault is sent with another HTTP status than that of a fault",
	.why = "A client that looks at the status takes the fault for an answer, or for a fault of "
	       "a proxy: it does not read what is wrong.",
	.fix = "Send SOAP faults with status 500.",
	.check = { .fault = fault_has_error_status },
};

static enum outcome has_success_status(struct judge *judge, const struct part *part,
				       const char *name)
{
	unsigned status = judge->parcel->carrier ? judge->parcel->carrier->status : 0;
	if (status == 0)
		return NOT_APPLICABLE;
	if (status < 300)
		return HOLDS;
	judge_expect(judge, "200");
	if (status == NO_STATUS)
		return judge_fail_part(judge, part, "the HTTP status of %s is %s", name,
				       status_words(judge, status));
	return judge_fail_part(judge, part, "the HTTP status is %u, but %s is not a SOAP fault",
			       status, name);
}

/* One that reports an error may have the status of one: of a wrong request, or of the server.
 * Others say that nothing is there, or that it is elsewhere. */
static enum outcome wrapper_has_success_status(struct judge *judge, const struct wrapper *wrapper)
{
	unsigned status = judge->parcel->carrier ? judge->parcel->carrier->status : 0;
	struct str code = str_trim(wrapper->acknowledgement_type.text);
	bool error = str_is(code, "AE") || str_is(code, "AR");
	if (error && (status == 400 || (status >= 500 && status <= 599)))
		return NOT_APPLICABLE;
	return has_success_status(judge, &wrapper->part, wrapper->part.element);
}

static enum outcome envelope_has_success_status(struct judge *judge,
						const struct envelope *envelope)
{
	return has_success_status(judge, &envelope->part, envelope->part.element);
}

/* A simple reply of ITK's is not a part of its own, nor is the one without a message. */
static enum outcome soap_has_success_status(struct judge *judge, const struct soap *soap)
{
	if (soap_answers_nothing(soap))
		return has_success_status(judge, &soap->part, "the reply to sendDistEnvelope");
	return str_is(soap->body.text, "SimpleMessageResponse")
		       ? has_success_status(judge, &soap->part, "SimpleMessageResponse")
		       : NOT_APPLICABLE;
}

/* A payload alone, as MESH carries it. */
static enum outcome payload_has_success_status(struct judge *judge, const struct part *part)
{
	return part->parent ? NOT_APPLICABLE : has_success_status(judge, part, part->element);
}

static enum outcome upload_has_success_status(struct judge *judge, const struct upload *upload)
{
	return payload_has_success_status(judge, &upload->part);
}

static enum outcome acknowledgement_has_success_status(
	struct judge *judge, const struct acknowledgement *acknowledgement)
{
	return payload_has_success_status(judge, &acknowledgement->part);
}

static enum outcome access_has_success_status(struct judge *judge,
					      const struct access_notification *notification)
{
	return payload_has_success_status(judge, &notification->part);
}

static enum outcome inactive_has_success_status(struct judge *judge,
						const struct inactive_notification *notification)
{
	return payload_has_success_status(judge, &notification->part);
}

static enum outcome response_has_success_status(struct judge *judge,
						const struct response *response)
{
	return payload_has_success_status(judge, &response->part);
}

static const struct rule trn_034 = {
	.id = "TRN-034",
	.name = "answer-sent-as-failure",
	.severity = CPIS_ERROR,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = "RFC 9110, section 15; SOAP 1.1, section 6.2",
	.title = "Answer is sent with an HTTP status other than of success",
	.why = "A client that looks at the status drops the answer: the clinician does not see "
	       "the "
	       "plan.",
	.fix = "Send answers, and messages out of a mailbox, with status 200, and SOAP faults with "
	       "500.",
	.check = { .wrapper = wrapper_has_success_status },
	.also = ALSO(
		{ PART_ENVELOPE, { .envelope = envelope_has_success_status } },
		{ PART_SOAP, { .soap = soap_has_success_status } },
		{ PART_UPLOAD, { .upload = upload_has_success_status } },
		{ PART_ACKNOWLEDGEMENT, { .acknowledgement = acknowledgement_has_success_status } },
		{ PART_ACCESS_NOTIFICATION, { .access_notification = access_has_success_status } },
		{ PART_INACTIVE_NOTIFICATION,
		  { .inactive_notification = inactive_has_success_status } },
		{ PART_RESPONSE, { .response = response_has_success_status } }),
};

static enum outcome is_posted(struct judge *judge, const struct part *part, const char *noun)
{
	const struct carrier *carrier = judge->parcel->carrier;
	if (!carrier || carrier->method.n == 0)
		return NOT_APPLICABLE;
	if (str_is(carrier->method, "POST"))
		return HOLDS;
	judge_expect(judge, "POST");
	return judge_fail_part(judge, part,
			       "the %s message is sent by the HTTP method %s; it should be POST",
			       noun, judge_plain(judge, carrier->method));
}

static enum outcome soap_is_posted(struct judge *judge, const struct soap *soap)
{
	return is_posted(judge, &soap->part, "SOAP");
}

/* The envelope of ebXML is a part before it. */
static enum outcome wrapper_is_posted(struct judge *judge, const struct wrapper *wrapper)
{
	return judge->parcel->ebxml && !wrapper->part.parent
		       ? is_posted(judge, &wrapper->part, "ebXML")
		       : NOT_APPLICABLE;
}

static const struct rule trn_035 = {
	.id = "TRN-035",
	.name = "soap-is-not-posted",
	.severity = CPIS_ERROR,
	.on = PART_SOAP,
	.basis = CPIS_BASIS_TMS,
	.cite = "SOAP 1.1, section 6",
	.title = "SOAP message is sent by another method than POST",
	.why = "Spine and ITK hosts take SOAP messages by POST only: they answer with status 405.",
	.fix = "Send the message by POST.",
	.check = { .soap = soap_is_posted },
	.also = ALSO({ PART_WRAPPER, { .wrapper = wrapper_is_posted } }),
};

/* Spine answers in a response, and may call back with an answer; no one asks in a response. */
static enum outcome is_asked_in_request(struct judge *judge, const struct part *part,
					const char *noun)
{
	const struct carrier *carrier = judge->parcel->carrier;
	if (!carrier || carrier->status == 0)
		return carrier && carrier->method.n ? HOLDS : NOT_APPLICABLE;
	if (carrier->by_mesh)
		return NOT_APPLICABLE;
	judge_expect(judge, "a request, such as POST");
	return judge_fail_part(judge, part, "the %s is in an HTTP response; its status is %s", noun,
			       status_words(judge, carrier->status));
}

static enum outcome query_is_in_request(struct judge *judge, const struct query *query)
{
	return query->part.role == QUERY_ASKED ? is_asked_in_request(judge, &query->part, "query")
					       : NOT_APPLICABLE;
}

/* Out of a mailbox it comes in a response. */
static enum outcome upload_is_in_request(struct judge *judge, const struct upload *upload)
{
	const struct carrier *carrier = judge->parcel->carrier;
	return carrier && carrier->fetched ? NOT_APPLICABLE
					   : is_asked_in_request(judge, &upload->part, "upload");
}

/* What is encoded is judged as a document of its own, which no head is before. */
static enum outcome payload_is_in_request(struct judge *judge, const struct envelope *envelope)
{
	enum outcome all = NOT_APPLICABLE;
	const struct carrier *carrier = judge->parcel->carrier;
	for (size_t i = 0; i < envelope->payload_count; i++) {
		struct str name = envelope->payloads[i].content.text;
		bool upload = str_is(name, "File") && carrier && !carrier->fetched;
		if (value_there(&envelope->payloads[i].root) ||
		    (!upload && !str_is(name, "CP-ISQueryStub")))
			continue;
		enum outcome one =
			is_asked_in_request(judge, &envelope->part, upload ? "upload" : "query");
		all = all == FAILS ? FAILS : one;
	}
	return all;
}

static const struct rule trn_040 = {
	.id = "TRN-040",
	.name = "request-in-http-response",
	.severity = CPIS_WARNING,
	.on = PART_QUERY,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = "RFC 9110, section 3.4; Spine External Interface Specification, SOAP messages",
	.title = "Query or upload is in an HTTP response",
	.why = "A server answers in a response. A client that asked something drops a query that "
	       "comes back: no one looks for the child's plan.",
	.fix = "Send queries and uploads by POST, in a request. Check that the capture has the "
	       "head that belongs to this body.",
	.check = { .query = query_is_in_request },
	.also = ALSO({ PART_UPLOAD, { .upload = upload_is_in_request } },
		     { PART_ENVELOPE, { .envelope = payload_is_in_request } }),
};

const struct rule *const trn_around_rules[] = {
	&trn_024, &trn_031, &trn_032, &trn_033, &trn_034, &trn_035, &trn_040, &trn_041, NULL,
};
