/* What an ITK receiver answers by itself: SOAP faults and infrastructure acknowledgements. */
#include "message/identifiers.h"
#include "message/timestamp.h"
#include "rules/catalogue.h"
#include "rules/envelope.h"
#include "rules/judge.h"
#include "xml/markup.h"
#include "xml/names.h"

#include <strings.h>

#define FAULT		   "ITK web services, SOAP fault, ToolkitErrorInfo"
#define OID_TOOLKIT_ERROR  "2.16.840.1.113883.2.1.3.2.4.17.268"
#define ACKNOWLEDGEMENT	   "ITK infrastructure acknowledgement"
#define OID_ENVELOPE_ERROR "2.16.840.1.113883.2.1.3.2.4.17.516"

static const char *shown(struct judge *judge, const struct value *value)
{
	return judge_plain(judge, str_trim(value->text));
}

static enum outcome error_info_judge_code(struct judge *judge, const struct error_info *error,
					  bool known, const char *expected)
{
	if (known)
		return HOLDS;
	judge_expect(judge, "%s", expected);
	if (!value_there(&error->code))
		return judge_fail_part(judge, &error->part, "the error has no ErrorCode");
	return judge_fail(judge, &error->code, MASK_NONE,
			  "ErrorCode \"%s\" is unknown; it should be %s",
			  shown(judge, &error->code), expected);
}

static enum outcome error_info_judge_system(struct judge *judge, const struct error_info *error,
					    enum error_role role, const char *oid)
{
	if (error->part.role != role || !value_there(&error->code) || error_info_is_empty(error))
		return NOT_APPLICABLE;
	if (str_is(str_trim(error->code_system.text), oid))
		return HOLDS;
	judge_expect(judge, "%s", oid);
	if (!value_there(&error->code_system))
		return judge_fail_part(judge, &error->part,
				       "the ErrorCode has no codeSystem; it should be %s", oid);
	return judge_fail(judge, &error->code_system, MASK_NONE,
			  "the ErrorCode's codeSystem is \"%s\"; it should be %s",
			  shown(judge, &error->code_system), oid);
}

static enum outcome error_info_judge_text(struct judge *judge, const struct error_info *error)
{
	if (value_filled(&error->text))
		return HOLDS;
	if (value_there(&error->text))
		return judge_fail(judge, &error->text, MASK_NONE, "ErrorText is blank");
	return judge_fail_part(judge, &error->part, "the error has no ErrorText");
}

static enum outcome error_info_judge_id(struct judge *judge, const struct error_info *error,
					enum error_role role)
{
	if (error->part.role != role || error_info_is_empty(error))
		return NOT_APPLICABLE;
	struct str id = str_trim(error->id.text);
	if (uuid_is_upper(id) || (uuid_is(id) && role == ERROR_OF_ENVELOPE))
		return HOLDS;
	judge_expect(judge, "a UUID in upper case");
	if (uuid_is(id))
		return judge_fail(judge, &error->id, MASK_NONE,
				  "ErrorID \"%s\" has lower-case letters",
				  shown(judge, &error->id));
	if (!value_there(&error->id))
		return judge_fail_part(judge, &error->part, "the error has no ErrorID");
	return judge_fail(judge, &error->id, MASK_NONE, "ErrorID \"%s\" is not a UUID",
			  shown(judge, &error->id));
}

/* The codes of each version of SOAP. */
static const struct fault_codes {
	const char *version, *element;
	const char *codes[6];
	const char *words;
} fault_codes[] = {
	{ "1.1",
	  "faultcode",
	  { "VersionMismatch", "MustUnderstand", "Client", "Server", NULL },
	  "VersionMismatch, MustUnderstand, Client or Server" },
	{ "1.2",
	  "Code/Value",
	  { "VersionMismatch", "MustUnderstand", "DataEncodingUnknown", "Sender", "Receiver",
	    NULL },
	  "VersionMismatch, MustUnderstand, DataEncodingUnknown, Sender or Receiver" },
};

enum { FAULT_CODE_DEPTH = 3 }; /* Fault, Code and Value */

/* The start tags that are open at the text of a fault's code, from Fault on; their number. */
static size_t tags_around_code(struct str bytes, const struct fault *fault,
			       struct markup around[FAULT_CODE_DEPTH])
{
	size_t depth = 0;
	struct markup markup = markup_at(bytes, fault->part.offset);
	for (; markup.kind && markup.start < fault->code.offset;
	     markup = markup_next(bytes, markup.end)) {
		if (markup.kind == MARKUP_END)
			depth -= depth > 0;
		if (markup.kind != MARKUP_START)
			continue;
		if (depth < FAULT_CODE_DEPTH)
			around[depth] = markup;
		depth++;
	}
	return depth < FAULT_CODE_DEPTH ? depth : FAULT_CODE_DEPTH;
}

/* Whether a prefix, or no prefix, stands for SOAP 1.2 at the code of a fault. Of an envelope that
 * is not the document itself, not all that declares it is known: then it does. */
static bool stands_for_soap12(const struct judge *judge, const struct fault *fault,
			      struct str prefix)
{
	const struct soap *soap = soap_around(&fault->part);
	struct markup around[2 + FAULT_CODE_DEPTH];
	if (!soap || soap->part.parent)
		return true;
	around[0] = markup_at(judge->bytes, soap->part.offset);
	around[1] = markup_at(judge->bytes, soap->body_element.offset);
	size_t depth = 2 + tags_around_code(judge->bytes, fault, around + 2);
	while (depth-- > 0) {
		struct str uri = markup_declared(judge->bytes, &around[depth], prefix);
		if (uri.p)
			return str_is(uri, xml_namespace_uris[NS_SOAP12]) ||
			       memchr(uri.p, '&', uri.n);
	}
	return false;
}

/* A code of SOAP 1.2 is a name in the namespace of its envelope. */
static enum outcome fault_code_is_of_soap12(struct judge *judge, const struct fault *fault,
					    struct str prefix)
{
	if (!fault->soap12 || stands_for_soap12(judge, fault, prefix))
		return HOLDS;
	judge_expect(judge, "the prefix of the SOAP envelope");
	return judge_fail(judge, &fault->code, MASK_NONE,
			  "Code/Value \"%s\" is not in the namespace of SOAP 1.2, %s",
			  shown(judge, &fault->code), xml_namespace_uris[NS_SOAP12]);
}

static enum outcome fault_code_is_soaps(struct judge *judge, const struct fault *fault)
{
	/* Of WS-Security and WS-Addressing, always with a prefix; in SOAP 1.2 they are subcodes. */
	static const char *const others[] = {
		"UnsupportedSecurityToken",
		"UnsupportedAlgorithm",
		"InvalidSecurity",
		"InvalidSecurityToken",
		"FailedAuthentication",
		"FailedCheck",
		"SecurityTokenUnavailable",
		"MessageExpired",
		"InvalidAddressingHeader",
		"InvalidMessageInformationHeader",
		"MessageAddressingHeaderRequired",
		"MessageInformationHeaderRequired",
		"DestinationUnreachable",
		"ActionNotSupported",
		"EndpointUnavailable",
		NULL,
	};
	const struct fault_codes *known = &fault_codes[fault->soap12];
	if (!value_there(&fault->code))
		return BLOCKED;
	struct str code = str_trim(fault->code.text);
	const char *colon = memchr(code.p, ':', code.n);
	struct str local = colon ? str_from(code, (size_t)(colon - code.p) + 1) : code;
	/* A code of SOAP 1.1 may be made more exact after a dot. */
	const char *dot = fault->soap12 ? NULL : memchr(local.p, '.', local.n);
	if (dot && dot + 1 < local.p + local.n)
		local.n = (size_t)(dot - local.p);
	struct str prefix = { code.p, colon ? (size_t)(colon - code.p) : 0 };
	if (str_is_one_of(local, known->codes))
		return fault_code_is_of_soap12(judge, fault, prefix);
	if (!fault->soap12 && colon && str_is_one_of(local, others))
		return HOLDS;
	judge_expect(judge, "%s", known->words);
	return judge_fail(judge, &fault->code, MASK_NONE,
			  "%s \"%s\" is not a SOAP %s code; it should be %s", known->element,
			  shown(judge, &fault->code), known->version, known->words);
}

static const struct rule itk_030 = {
	.id = "ITK-030",
	.name = "fault-code-is-not-soaps",
	.severity = CPIS_ERROR,
	.on = PART_FAULT,
	.basis = CPIS_BASIS_ITK,
	.cite = "SOAP 1.1, section 4.4.1; SOAP 1.2, part 1, section 5.4.6",
	.title = "Code of the fault is not one of its SOAP version",
	.why = "A client does not know whether to fix its request or try again later.",
	.fix = "Send VersionMismatch, MustUnderstand, Client or Server after the prefix of the "
	       "SOAP envelope; in SOAP 1.2 Sender for Client and Receiver for Server.",
	.check = { .fault = fault_code_is_soaps },
};

static enum outcome fault_says_something(struct judge *judge, const struct fault *fault)
{
	if (!value_there(&fault->text))
		return BLOCKED;
	if (value_filled(&fault->text))
		return HOLDS;
	return judge_fail(judge, &fault->text, MASK_NONE, "faultstring is blank");
}

static const struct rule itk_038 = {
	.id = "ITK-038",
	.name = "fault-string-is-blank",
	.severity = CPIS_WARNING,
	.on = PART_FAULT,
	.basis = CPIS_BASIS_ITK,
	.cite = "SOAP 1.1, section 4.4.1",
	.title = "faultstring is blank",
	.why = "The person who supports the clinician cannot see what went wrong.",
	.fix = "Send a sentence that people can read.",
	.check = { .fault = fault_says_something },
};

/* Whether a fault came over ITK: its detail or its header's addressing shows it. */
static bool is_itks(const struct fault *fault)
{
	return fault_use_of(fault) == SOAP_OF_ITK;
}

static enum outcome fault_action_is_fault(struct judge *judge, const struct fault *fault)
{
	static const char *const actions[] = {
		"http://www.w3.org/2005/08/addressing/soap/fault",
		"http://www.w3.org/2005/08/addressing/fault",
		NULL,
	};
	const struct soap *soap = soap_around(&fault->part);
	/* A header without WS-Addressing is ITK-028's. */
	if (!soap || !is_itks(fault) || !soap->wsa_2005.there)
		return NOT_APPLICABLE;
	const struct value place = soap_header_place(soap);
	judge_expect(judge, "%s", actions[0]);
	if (!value_there(&soap->wsa_2005.action))
		return judge_fail(judge, &place, MASK_NONE,
				  "the SOAP header of a fault has no wsa:Action");
	if (!str_is_one_of(str_trim(soap->wsa_2005.action.text), actions))
		return judge_fail(judge, &soap->wsa_2005.action, MASK_NONE,
				  "wsa:Action of a fault is \"%s\"; it should be %s",
				  shown(judge, &soap->wsa_2005.action), actions[0]);
	return HOLDS;
}

static const struct rule itk_035 = {
	.id = "ITK-035",
	.name = "fault-action-is-not-fault",
	.severity = CPIS_ERROR,
	.on = PART_FAULT,
	.basis = CPIS_BASIS_ITK,
	.cite = "WS-Addressing 1.0, SOAP binding, section 6",
	.title = "wsa:Action of a fault is not the action of a fault",
	.why = "A client that goes by Action reads the fault as an answer.",
	.fix = "Send http://www.w3.org/2005/08/addressing/soap/fault.",
	.check = { .fault = fault_action_is_fault },
};

static enum outcome fault_has_error_info(struct judge *judge, const struct fault *fault)
{
	if (!is_itks(fault))
		return NOT_APPLICABLE;
	if (fault->toolkit_error_count == 1)
		return HOLDS;
	judge_expect(judge, "one ToolkitErrorInfo in detail");
	if (fault->toolkit_error_count == 0 && fault_names_toolkit_error(fault))
		return judge_fail(judge, &fault->detail, MASK_NONE,
				  "ToolkitErrorInfo is not in the namespace urn:nhs-itk:ns:201005");
	/* A SOAP engine that refuses a request early may leave it out. */
	if (fault->toolkit_error_count == 0) {
		judge_severity(judge, CPIS_INFO);
		return judge_fail_part(judge, &fault->part,
				       "the fault's detail has no ToolkitErrorInfo");
	}
	return judge_fail_part(judge, &fault->error.part,
			       "the fault has %zu ToolkitErrorInfo elements; it should have one",
			       fault->toolkit_error_count);
}

static const struct rule itk_036 = {
	.id = "ITK-036",
	.name = "fault-without-error-info",
	.severity = CPIS_ERROR,
	.on = PART_FAULT,
	.basis = CPIS_BASIS_ITK,
	.cite = FAULT,
	.title = "Fault does not have exactly one ToolkitErrorInfo",
	.why = "No one can see what went wrong, so the query is not fixed or repeated.",
	.fix = "Send one ToolkitErrorInfo with ErrorID, ErrorCode and ErrorText.",
	.check = { .fault = fault_has_error_info },
};

static enum outcome actor_is_http(struct judge *judge, const struct fault *fault)
{
	struct str actor = str_trim(fault->actor.text);
	if (!value_there(&fault->actor) || !is_itks(fault))
		return NOT_APPLICABLE;
	if (actor.n >= 4 && strncasecmp(actor.p, "http", 4) == 0)
		return HOLDS;
	judge_expect(judge, "an address that begins with http");
	if (!actor.n)
		return judge_fail(judge, &fault->actor, MASK_NONE, "faultactor is blank");
	return judge_fail(judge, &fault->actor, MASK_NONE,
			  "faultactor is \"%s\"; it should begin with http",
			  shown(judge, &fault->actor));
}

static const struct rule itk_039 = {
	.id = "ITK-039",
	.name = "fault-actor-is-not-http",
	.severity = CPIS_ERROR,
	.on = PART_FAULT,
	.basis = CPIS_BASIS_ITK,
	.cite = "ITK web services, SOAP fault, faultactor; SOAP 1.1, section 4.4",
	.title = "faultactor of a fault is not an http address",
	.why = "No one can see which system refused the query, so no one there looks for the "
	       "cause.",
	.fix = "Send the http or https address of the system that failed, or leave faultactor "
	       "out.",
	.check = { .fault = actor_is_http },
};

/* Another OID names another vocabulary, whose codes are its own. */
static bool is_of_another_vocabulary(const struct error_info *error)
{
	struct str system = str_trim(error->code_system.text);
	return oid_is(system) && !str_is(system, OID_TOOLKIT_ERROR) &&
	       !str_is(system, OID_ENVELOPE_ERROR);
}

static enum outcome toolkit_code_is_known(struct judge *judge, const struct error_info *error)
{
	static const char *const codes[] = { "1000", "2100", "2200", "3000", NULL };
	if (error->part.role != ERROR_OF_TOOLKIT || is_of_another_vocabulary(error))
		return NOT_APPLICABLE;
	return error_info_judge_code(judge, error, str_is_one_of(str_trim(error->code.text), codes),
				     "1000, 2100, 2200 or 3000");
}

static const struct rule itk_031 = {
	.id = "ITK-031",
	.name = "toolkit-error-code-is-not-known",
	.severity = CPIS_ERROR,
	.on = PART_ERROR_INFO,
	.basis = CPIS_BASIS_ITK,
	.cite = FAULT ", ErrorCode",
	.title = "ToolkitErrorInfo has no ErrorCode, or an unknown one",
	.why = "A client does not know whether to fix its request or try again later.",
	.fix = "Send 1000, 2100, 2200 or 3000.",
	.check = { .error_info = toolkit_code_is_known },
};

static enum outcome toolkit_code_system_is_right(struct judge *judge,
						 const struct error_info *error)
{
	/* One that is left out has the right value by default. */
	if (!value_there(&error->code_system) || is_of_another_vocabulary(error))
		return NOT_APPLICABLE;
	return error_info_judge_system(judge, error, ERROR_OF_TOOLKIT, OID_TOOLKIT_ERROR);
}

static const struct rule itk_032 = {
	.id = "ITK-032",
	.name = "toolkit-error-code-system-differs",
	.severity = CPIS_ERROR,
	.on = PART_ERROR_INFO,
	.basis = CPIS_BASIS_ITK,
	.cite = FAULT ", ErrorCode/@codeSystem",
	.title = "Code system of a toolkit error is wrong",
	.why = "The code means nothing without its code system.",
	.fix = "Send codeSystem " OID_TOOLKIT_ERROR ", or leave it out.",
	.check = { .error_info = toolkit_code_system_is_right },
};

static enum outcome toolkit_text_is_there(struct judge *judge, const struct error_info *error)
{
	return error->part.role == ERROR_OF_TOOLKIT ? error_info_judge_text(judge, error)
						    : NOT_APPLICABLE;
}

static const struct rule itk_033 = {
	.id = "ITK-033",
	.name = "toolkit-error-text-missing",
	.severity = CPIS_ERROR,
	.on = PART_ERROR_INFO,
	.basis = CPIS_BASIS_ITK,
	.cite = FAULT ", ErrorText",
	.title = "ToolkitErrorInfo has no ErrorText",
	.why = "The person who supports the clinician cannot see what went wrong.",
	.fix = "Send the text of the error code.",
	.check = { .error_info = toolkit_text_is_there },
};

static enum outcome toolkit_error_id_is_uuid(struct judge *judge, const struct error_info *error)
{
	return error_info_judge_id(judge, error, ERROR_OF_TOOLKIT);
}

static const struct rule itk_034 = {
	.id = "ITK-034",
	.name = "toolkit-error-id-is-not-uuid",
	.severity = CPIS_ERROR,
	.on = PART_ERROR_INFO,
	.basis = CPIS_BASIS_ITK,
	.cite = FAULT ", ErrorID; ITK WS-FDT-01",
	.title = "ErrorID of a fault is missing or not an upper-case UUID",
	.why = "The error cannot be found in the logs of the service.",
	.fix = "Send a new UUID in upper case with every error, without a prefix.",
	.check = { .error_info = toolkit_error_id_is_uuid },
};

static enum outcome envelope_code_system_is_right(struct judge *judge,
						  const struct error_info *error)
{
	return error_info_judge_system(judge, error, ERROR_OF_ENVELOPE, OID_ENVELOPE_ERROR);
}

static const struct rule itk_049 = {
	.id = "ITK-049",
	.name = "envelope-error-code-system-differs",
	.severity = CPIS_ERROR,
	.on = PART_ERROR_INFO,
	.basis = CPIS_BASIS_ITK,
	.cite = ACKNOWLEDGEMENT ", ErrorCode/@codeSystem",
	.title = "Code system of an envelope error is missing or wrong",
	.why = "The code means nothing without its code system.",
	.fix = "Send codeSystem " OID_ENVELOPE_ERROR ".",
	.check = { .error_info = envelope_code_system_is_right },
};

static enum outcome envelope_error_id_is_uuid(struct judge *judge, const struct error_info *error)
{
	return error_info_judge_id(judge, error, ERROR_OF_ENVELOPE);
}

static const struct rule itk_050 = {
	.id = "ITK-050",
	.name = "envelope-error-id-is-not-uuid",
	.severity = CPIS_ERROR,
	.on = PART_ERROR_INFO,
	.basis = CPIS_BASIS_ITK,
	.cite = ACKNOWLEDGEMENT ", ErrorID",
	.title = "ErrorID of an acknowledgement is missing or not a UUID",
	.why = "The error cannot be found in the logs of the system that reports it.",
	.fix = "Send a new UUID with every error.",
	.check = { .error_info = envelope_error_id_is_uuid },
};

/* Code system ..17.516; one of the texts is published in two spellings. */
static const struct envelope_error {
	const char *code, *text, *other_text;
} envelope_errors[] = {
	{ "DE0001", "Distribution Envelope Processing Error", NULL },
	{ "DE0002", "Distribution Envelope Header Processing Error", NULL },
	{ "DE0003", "Distribution Envelope Address List Processing Error", NULL },
	{ "DE0004", "Distribution Envelope Audit Identity Processing Error", NULL },
	{ "DE0005", "Distribution Envelope Id Processing Error", NULL },
	{ "DE0006", "Distribution Envelope Manifest Processing Error", NULL },
	{ "DE0007", "Distribution Envelope Manifest Item Processing Error",
	  "Distribution EnvelopeManifest Item Processing Error" },
	{ "DE0008", "Distribution Envelope Sender Address Processing Error", NULL },
	{ "DE0009", "Distribution Envelope Handling Specifications Processing Error", NULL },
	{ "DE0010", "Distribution Envelope Spec Processing Error", NULL },
	{ "DE0011", "Distribution Envelope Payloads Processing Error", NULL },
	{ "DE0012", "Distribution Envelope Payload Processing Error", NULL },
};

static const struct envelope_error *envelope_error_of(struct str code)
{
	for (size_t i = 0; i < sizeof(envelope_errors) / sizeof(envelope_errors[0]); i++)
		if (str_is(code, envelope_errors[i].code))
			return &envelope_errors[i];
	return NULL;
}

static enum outcome envelope_code_is_known(struct judge *judge, const struct error_info *error)
{
	if (error->part.role != ERROR_OF_ENVELOPE || error_info_is_empty(error))
		return NOT_APPLICABLE;
	return error_info_judge_code(judge, error,
				     envelope_error_of(str_trim(error->code.text)) != NULL,
				     "DE0001 to DE0012");
}

static const struct rule itk_047 = {
	.id = "ITK-047",
	.name = "envelope-error-code-is-not-known",
	.severity = CPIS_ERROR,
	.on = PART_ERROR_INFO,
	.basis = CPIS_BASIS_ITK,
	.cite = ACKNOWLEDGEMENT ", ErrorCode, code system ..17.516",
	.title = "Acknowledgement's ErrorCode is unknown",
	.why = "The sender does not know which part of the envelope to fix.",
	.fix = "Send DE0001 to DE0012.",
	.check = { .error_info = envelope_code_is_known },
};

static enum outcome envelope_text_fits_code(struct judge *judge, const struct error_info *error)
{
	if (error->part.role != ERROR_OF_ENVELOPE || error_info_is_empty(error))
		return NOT_APPLICABLE;
	if (!value_filled(&error->text))
		return error_info_judge_text(judge, error);
	struct str code = str_trim(error->code.text), text = str_trim(error->text.text);
	const struct envelope_error *published = envelope_error_of(code);
	if (!published)
		return judge_blocked(judge, NULL, "ITK-047");
	if (str_is(text, published->text) ||
	    (published->other_text && str_is(text, published->other_text)))
		return HOLDS;
	judge_expect(judge, "%s", published->text);
	return judge_fail(judge, &error->text, MASK_NONE,
			  "%s has the text \"%s\"; it should be \"%s\"", published->code,
			  shown(judge, &error->text), published->text);
}

static const struct rule itk_048 = {
	.id = "ITK-048",
	.name = "envelope-error-text-differs",
	.severity = CPIS_ERROR,
	.on = PART_ERROR_INFO,
	.basis = CPIS_BASIS_ITK,
	.cite = ACKNOWLEDGEMENT ", ErrorText, code system ..17.516",
	.title = "Acknowledgement's ErrorText is blank or belongs to another code",
	.why = "A reader fixes a different part of the envelope from the one that the code names.",
	.fix = "Send the published text of the code.",
	.check = { .error_info = envelope_text_fits_code },
};

static bool is_failure(const struct infrastructure_response *response)
{
	return str_is(str_trim(response->result.text), "Failure");
}

static enum outcome result_is_known(struct judge *judge,
				    const struct infrastructure_response *response)
{
	if (!value_there(&response->result))
		return BLOCKED;
	static const char *const results[] = { "OK", "Failure", "Warning", NULL };
	if (str_is_one_of(str_trim(response->result.text), results))
		return HOLDS;
	judge_expect(judge, "OK, Warning or Failure");
	return judge_fail(judge, &response->result, MASK_NONE,
			  "result is \"%s\"; it should be OK, Warning or Failure",
			  shown(judge, &response->result));
}

static const struct rule itk_040 = {
	.id = "ITK-040",
	.name = "acknowledgement-result-is-not-known",
	.severity = CPIS_ERROR,
	.on = PART_INFRASTRUCTURE_RESPONSE,
	.basis = CPIS_BASIS_ITK,
	.cite = ACKNOWLEDGEMENT ", @result",
	.title = "Acknowledgement's result is not OK, Warning or Failure",
	.why = "The sender does not know whether the message arrived.",
	.fix = "Send OK, Warning or Failure.",
	.check = { .infrastructure_response = result_is_known },
};

static enum outcome timestamp_is_time(struct judge *judge,
				      const struct infrastructure_response *response)
{
	if (!value_there(&response->timestamp))
		return NOT_APPLICABLE;
	struct iso_time time = iso_time_of(response->timestamp.text);
	if (time.ok && !time.without_colon)
		return HOLDS;
	char words[96];
	judge_expect(judge, "a time such as 2026-01-31T09:30:00Z");
	return judge_fail(judge, &response->timestamp, MASK_NONE,
			  "timestamp \"%s\" is not an ISO 8601 time%s%s",
			  shown(judge, &response->timestamp), time.shape ? ": " : "",
			  time.shape ? moment_fault_words(&time.moment, words, sizeof(words)) : "");
}

static const struct rule itk_041 = {
	.id = "ITK-041",
	.name = "acknowledgement-timestamp-is-not-a-time",
	.severity = CPIS_ERROR,
	.on = PART_INFRASTRUCTURE_RESPONSE,
	.basis = CPIS_BASIS_ITK,
	.cite = ACKNOWLEDGEMENT ", @timestamp",
	.title = "Acknowledgement's timestamp is not an ISO 8601 time",
	.why = "The sender does not know when the message arrived.",
	.fix = "Send the date and time with Z or a UTC offset, such as 2026-01-31T09:30:00Z.",
	.check = { .infrastructure_response = timestamp_is_time },
};

/* Services that send envelopes, and that CP-IS does not use. */
static bool is_service_of_others(struct str service)
{
	static const char *const services[] = {
		"urn:nhs-itk:services:201005:SendCDADocument-v2-0",
		"urn:nhs-itk:services:201005:SendDocument-v1-0",
		"urn:nhs-itk:services:201005:BroadcastDocument-v1-0",
		"urn:nhs-itk:services:201005:SendInfrastructureAck-v1-0",
		"urn:nhs-itk:services:201005:SendBusinessAck-v1-0",
		NULL
	};
	return str_is_one_of(service, services);
}

static enum outcome service_is_a_request(struct judge *judge,
					 const struct infrastructure_response *response)
{
	if (!value_there(&response->service))
		return BLOCKED;
	if (envelope_service(str_trim(response->service.text)) &
	    (SERVICE_OF_REQUESTS | SERVICE_WITHOUT_ANSWER))
		return HOLDS;
	judge_expect(judge, "the service of the envelope being acknowledged");
	if (is_service_of_others(str_trim(response->service.text))) {
		judge_severity(judge, CPIS_WARNING);
		return judge_fail(judge, &response->service, MASK_NONE,
				  "serviceRef \"%s\" is a service that has no message of CP-IS",
				  shown(judge, &response->service));
	}
	return judge_fail(judge, &response->service, MASK_NONE,
			  "serviceRef \"%s\" is not a service that sends envelopes",
			  shown(judge, &response->service));
}

static const struct rule itk_042 = {
	.id = "ITK-042",
	.name = "acknowledgement-of-unknown-service",
	.severity = CPIS_ERROR,
	.on = PART_INFRASTRUCTURE_RESPONSE,
	.basis = CPIS_BASIS_ITK,
	.cite = ACKNOWLEDGEMENT ", @serviceRef",
	.title = "serviceRef is not a service that sends envelopes of CP-IS",
	.why = "The sender cannot match the acknowledgement to what it sent.",
	.fix = "Repeat the service of the envelope being acknowledged.",
	.check = { .infrastructure_response = service_is_a_request },
};

static enum outcome reference_is_uuid(struct judge *judge,
				      const struct infrastructure_response *response)
{
	if (!value_there(&response->tracking_id))
		return BLOCKED;
	if (uuid_is_upper(response->tracking_id.text))
		return HOLDS;
	judge_expect(judge, "an upper-case UUID");
	return judge_fail(judge, &response->tracking_id, MASK_NONE,
			  "trackingIdRef \"%s\" is not a single upper-case UUID",
			  judge_plain(judge, response->tracking_id.text));
}

static const struct rule itk_043 = {
	.id = "ITK-043",
	.name = "acknowledgement-reference-is-not-uuid",
	.severity = CPIS_ERROR,
	.on = PART_INFRASTRUCTURE_RESPONSE,
	.basis = CPIS_BASIS_ITK,
	.cite = ACKNOWLEDGEMENT ", @trackingIdRef",
	.title = "trackingIdRef is not a single upper-case UUID",
	.why = "The sender cannot match the acknowledgement to what it sent.",
	.fix = "Repeat the trackingid of the envelope being acknowledged.",
	.check = { .infrastructure_response = reference_is_uuid },
};

static enum outcome failure_names_reporter(struct judge *judge,
					   const struct infrastructure_response *response)
{
	if (!is_failure(response))
		return NOT_APPLICABLE;
	judge_expect(judge, "reportingIdentity with a uri");
	if (response->reporter_count == 0)
		return judge_fail_part(
			judge, &response->part,
			"the result is Failure, but no reportingIdentity says who reports it");
	if (!value_filled(&response->reporter.uri))
		return value_there(&response->reporter.uri)
			       ? judge_fail(judge, &response->reporter.uri, MASK_NONE,
					    "the uri of reportingIdentity is blank")
			       : BLOCKED;
	return HOLDS;
}

static const struct rule itk_044 = {
	.id = "ITK-044",
	.name = "failure-without-reporter",
	.severity = CPIS_ERROR,
	.on = PART_INFRASTRUCTURE_RESPONSE,
	.basis = CPIS_BASIS_ITK,
	.cite = ACKNOWLEDGEMENT ", reportingIdentity",
	.title = "Failure has no reporting identity",
	.why = "The sender does not know whom to ask about the message that failed.",
	.fix = "Send reportingIdentity with the uri of the system that reports the failure.",
	.check = { .infrastructure_response = failure_names_reporter },
};

static enum outcome failure_names_errors(struct judge *judge,
					 const struct infrastructure_response *response)
{
	if (!is_failure(response))
		return NOT_APPLICABLE;
	if (response->filled_error_count > 0)
		return HOLDS;
	judge_expect(judge, "errors with at least one errorInfo");
	return judge_fail_part(judge, &response->part,
			       "the result is Failure, but no error says what went wrong");
}

static const struct rule itk_045 = {
	.id = "ITK-045",
	.name = "failure-without-errors",
	.severity = CPIS_ERROR,
	.on = PART_INFRASTRUCTURE_RESPONSE,
	.basis = CPIS_BASIS_ITK,
	.cite = ACKNOWLEDGEMENT ", errors",
	.title = "Failure has no errors",
	.why = "The sender does not know what to fix, so the message fails again.",
	.fix = "Send errors, with an errorInfo for each thing that went wrong.",
	.check = { .infrastructure_response = failure_names_errors },
};

static enum outcome success_has_no_errors(struct judge *judge,
					  const struct infrastructure_response *response)
{
	if (!str_is(str_trim(response->result.text), "OK"))
		return NOT_APPLICABLE;
	if (response->filled_error_count == 0)
		return HOLDS;
	return judge_fail(judge, &response->result, MASK_NONE,
			  "the result is OK, but %zu error%s listed", response->filled_error_count,
			  response->filled_error_count == 1 ? " is" : "s are");
}

static const struct rule itk_046 = {
	.id = "ITK-046",
	.name = "success-with-errors",
	.severity = CPIS_ERROR,
	.on = PART_INFRASTRUCTURE_RESPONSE,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ACKNOWLEDGEMENT ", @result and errors",
	.title = "Success is reported together with errors",
	.why = "One of the two is wrong: the sender may believe that a message arrived when it did "
	       "not.",
	.fix = "Send result Failure with errors, or OK without.",
	.check = { .infrastructure_response = success_has_no_errors },
};

static enum outcome acknowledges_another(struct judge *judge,
					 const struct infrastructure_response *response)
{
	const struct enclosure around = enclosure_of(judge, &response->part);
	if (!around.envelope || !value_there(&response->tracking_id))
		return NOT_APPLICABLE;
	if (!uuid_same(around.tracking_id, response->tracking_id.text))
		return HOLDS;
	/* The published acknowledgement of success does so. */
	if (!is_failure(response))
		judge_severity(judge, CPIS_INFO);
	judge_expect(judge, "the trackingid of the envelope being acknowledged");
	return judge_fail(judge, &response->tracking_id, MASK_NONE,
			  "trackingIdRef is the trackingid of the acknowledgement's own envelope");
}

static const struct rule itk_051 = {
	.id = "ITK-051",
	.name = "acknowledgement-of-itself",
	.severity = CPIS_ERROR,
	.on = PART_INFRASTRUCTURE_RESPONSE,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ACKNOWLEDGEMENT ", @trackingIdRef",
	.title = "Acknowledgement refers to its own envelope",
	.why = "The sender never receives an acknowledgement of its message.",
	.fix = "Repeat the trackingid of the envelope being acknowledged.",
	.check = { .infrastructure_response = acknowledges_another },
};

const struct rule *const itk_reply_rules[] = {
	&itk_030, &itk_031, &itk_032, &itk_033, &itk_034, &itk_035, &itk_036, &itk_038,
	&itk_039, &itk_040, &itk_041, &itk_042, &itk_043, &itk_044, &itk_045, &itk_046,
	&itk_047, &itk_048, &itk_049, &itk_050, &itk_051, NULL,
};
