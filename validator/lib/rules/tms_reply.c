/* What Spine's replies say of the request: accepted or not, found or not, and why. */
#include "rules/chapters.h"
#include "rules/envelope.h"
#include "rules/judge.h"

#include "message/uuid.h"

#define REPLY	  "TMS application acknowledgement, MCCI_MT020101 and QUQI_MT030101"
#define OID_ISSUE "2.16.840.1.113883.2.1.3.2.4.17.42"

static const char *const acknowledgement_types[] = { "AA", "AE", "AR", NULL };
static const char *const detail_types[] = { "ER", "WG", "IF", NULL };
static const char *const response_codes[] = { "OK", "NF", "ID", NULL };

/*
 * A code that is none of a set, or missing in its element, is reported, and sets *known to false.
 * Returns whether there was an element to judge.
 */
static bool judge_code(struct judge *judge, const struct value *code, const struct value *element,
		       const char *name, const char *const *codes, const char *expected,
		       bool *known)
{
	if (!value_there(element))
		return false;
	if (str_is_one_of(str_trim(code->text), codes))
		return true;
	const struct value place = { { 0 }, element->offset };
	judge_expect(judge, "%s", expected);
	if (value_there(code))
		judge_fail(judge, code, MASK_NONE, "%s is \"%s\": %s is expected", name,
			   judge_plain(judge, code->text), expected);
	else
		judge_fail(judge, &place, MASK_NONE, "%s has no code: %s is expected", name,
			   expected);
	*known = false;
	return true;
}

static enum outcome codes_are_known(struct judge *judge, const struct wrapper *wrapper)
{
	bool known = true;
	bool type = judge_code(judge, &wrapper->acknowledgement_type,
			       &wrapper->acknowledgement_type, "the acknowledgement's typeCode",
			       acknowledgement_types, "AA, AE or AR", &known);
	bool detail = judge_code(judge, &wrapper->detail_type, &wrapper->detail_type,
				 "the acknowledgementDetail's typeCode", detail_types,
				 "ER, WG or IF", &known);
	bool response =
		judge_code(judge, &wrapper->query_response, &wrapper->query_response_element,
			   "queryResponseCode", response_codes, "OK, NF or ID", &known);
	if (!type && !detail && !response)
		return NOT_APPLICABLE;
	return known ? HOLDS : FAILS;
}

/* A reason without a level counts as an error: Spine's own builder gives the level as a qualifier.
 */
static const struct reason *first_error(const struct wrapper *wrapper)
{
	for (size_t i = 0; i < wrapper->reason_count && i < MOST_REASONS; i++) {
		struct str level = str_trim(wrapper->reasons[i].qualifier.text);
		if (!str_is(level, "WG") && !str_is(level, "IF"))
			return &wrapper->reasons[i];
	}
	return NULL;
}

static enum outcome accepted_agrees(struct judge *judge, const struct wrapper *wrapper,
				    struct str found)
{
	const struct reason *error = first_error(wrapper);
	if (error)
		return judge_fail(judge, &wrapper->acknowledgement_type, MASK_NONE,
				  "typeCode AA says that the request was accepted, a reason says "
				  "that there was an error");
	if (str_is(found, "ID"))
		return judge_fail(judge, &wrapper->query_response, MASK_NONE,
				  "queryResponseCode ID says that there was an issue, typeCode AA "
				  "that there was none");
	return HOLDS;
}

static enum outcome refused_agrees(struct judge *judge, const struct wrapper *wrapper,
				   struct str found)
{
	const char *type = judge_plain(judge, str_trim(wrapper->acknowledgement_type.text));
	if (wrapper->reason_count == 0) {
		judge_expect(judge, "at least one reason");
		return judge_fail(
			judge, &wrapper->acknowledgement_type, MASK_NONE,
			"typeCode %s says that the request was not accepted, no reason says why",
			type);
	}
	if (!str_is(found, "OK"))
		return HOLDS;
	judge_expect(judge, "ID or NF");
	return judge_fail(judge, &wrapper->query_response, MASK_NONE,
			  "queryResponseCode OK says that data was found, typeCode %s that the "
			  "request was not accepted",
			  type);
}

static enum outcome acknowledgement_agrees(struct judge *judge, const struct wrapper *wrapper)
{
	struct str type = str_trim(wrapper->acknowledgement_type.text);
	struct str found = str_trim(wrapper->query_response.text);
	/* Codes that nobody knows are TMS-017's. */
	if (!value_there(&wrapper->acknowledgement_type) ||
	    !str_is_one_of(type, acknowledgement_types) ||
	    (value_there(&wrapper->query_response_element) &&
	     !str_is_one_of(found, response_codes)))
		return NOT_APPLICABLE;
	return str_is(type, "AA") ? accepted_agrees(judge, wrapper, found)
				  : refused_agrees(judge, wrapper, found);
}

static enum outcome issue_is_coded(struct judge *judge, const struct reason *reason)
{
	if (!value_there(&reason->code_element))
		return NOT_APPLICABLE;
	const struct {
		const char *name;
		const struct value *value;
	} wanted[] = {
		{ "code", &reason->code },
		{ "codeSystem", &reason->code_system },
		{ "displayName", &reason->display_name },
	};
	const struct value place = { { 0 }, reason->code_element.offset };
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (!value_there(wanted[i].value))
			return judge_fail(judge, &place, MASK_NONE, "the detected issue has no %s",
					  wanted[i].name);
		if (str_is_blank(wanted[i].value->text))
			return judge_fail(judge, wanted[i].value, MASK_NONE,
					  "the detected issue's %s is blank", wanted[i].name);
	}
	if (str_is(reason->code_system.text, OID_ISSUE))
		return HOLDS;
	judge_expect(judge, OID_ISSUE);
	return judge_fail(judge, &reason->code_system, MASK_NONE,
			  "the detected issue's codeSystem is %s, " OID_ISSUE " is expected",
			  judge_plain(judge, reason->code_system.text));
}

static enum outcome response_code_agrees(struct judge *judge, const struct wrapper *wrapper)
{
	struct str found = str_trim(wrapper->query_response.text);
	if (strcmp(wrapper->part.element, "REPC_IN000007GB01") != 0 ||
	    !str_is_one_of(found, response_codes))
		return NOT_APPLICABLE;
	if (str_is(found, "OK") == (wrapper->response_count > 0))
		return HOLDS;
	return judge_fail(judge, &wrapper->query_response, MASK_NONE,
			  str_is(found, "OK")
				  ? "queryResponseCode OK says that data was found, there is no "
				    "CP-ISNHSQueryResponse"
				  : "queryResponseCode says that nothing was found or that there "
				    "was an issue, a CP-ISNHSQueryResponse follows all the same");
}

static enum outcome answered_message_is_named(struct judge *judge, const struct wrapper *wrapper)
{
	if (!value_there(&wrapper->acknowledgement_element))
		return NOT_APPLICABLE;
	if (value_there(&wrapper->message_ref) && !str_is_blank(wrapper->message_ref.text))
		return HOLDS;
	judge_expect(judge, "the id of the request");
	struct value place = wrapper->message_ref_element;
	place.text = (struct str){ 0 };
	return judge_fail(judge, &place, MASK_NONE,
			  "messageRef has no id root: it does not say which message is answered");
}

/* Where the schema takes any identifier: in the two acknowledgements. */
static bool judge_uuid(struct judge *judge, const struct value *id, const char *name)
{
	if (!value_there(id) || str_is_blank(id->text) || uuid_is_upper(id->text))
		return true;
	judge_expect(judge, "an upper-case UUID");
	judge_fail(judge, id, MASK_NONE, "%s \"%s\" is not an upper-case UUID", name,
		   judge_plain(judge, id->text));
	return false;
}

static enum outcome ids_are_uuids(struct judge *judge, const struct wrapper *wrapper)
{
	if (!value_there(&wrapper->acknowledgement_element))
		return NOT_APPLICABLE;
	bool id = judge_uuid(judge, &wrapper->id, "the message's id");
	bool reference = judge_uuid(judge, &wrapper->message_ref, "the id in messageRef");
	return id && reference ? HOLDS : FAILS;
}

static enum outcome spine_error_is_coded(struct judge *judge, const struct error_info *error)
{
	if (error->part.role != ERROR_OF_SPINE)
		return NOT_APPLICABLE;
	const struct {
		const char *name;
		const struct value *value;
	} wanted[] = {
		{ "codeContext", &error->context },
		{ "errorCode", &error->code },
		{ "description", &error->text },
	};
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (!value_there(wanted[i].value))
			return judge_fail_part(judge, &error->part, "Spine's error has no %s",
					       wanted[i].name);
		if (str_is_blank(wanted[i].value->text))
			return judge_fail(judge, wanted[i].value, MASK_NONE,
					  "the %s of Spine's error is blank", wanted[i].name);
	}
	return HOLDS;
}

static enum outcome spine_fault_has_error(struct judge *judge, const struct fault *fault)
{
	const struct soap *soap = soap_around(&fault->part);
	if (!soap || soap_use_of(soap) != SOAP_OF_SPINE)
		return NOT_APPLICABLE;
	if (fault->spine_error_count > 0)
		return HOLDS;
	judge_expect(judge, "nasp:errorList with at least one nasp:error");
	return judge_fail_part(judge, &fault->part, "the fault's detail lists no error of Spine");
}

const struct rule tms_reply_rules[] = {
	{
		.id = "TMS-013",
		.name = "acknowledgement-contradicts-itself",
		.severity = CPIS_ERROR,
		.on = PART_WRAPPER,
		.basis = CPIS_BASIS_CONTRADICTION,
		.cite = REPLY,
		.title = "typeCode, queryResponseCode and reasons contradict each other",
		.why = "A client may show \"no plan\" for a query that failed.",
		.fix = "AA goes with OK and no error; AE and AR go with at least one reason, and "
		       "ID or NF.",
		.check = { .wrapper = acknowledgement_agrees },
	},
	{
		.id = "TMS-014",
		.name = "detected-issue-is-not-coded",
		.severity = CPIS_ERROR,
		.on = PART_REASON,
		.basis = CPIS_BASIS_TMS,
		.cite = "TMS control act wrapper, justifyingDetectedIssueEvent/code",
		.title = "A detected issue lacks its code, code system or display name",
		.why = "Nobody can tell what went wrong, so the query is not repeated or mended.",
		.fix = "Send code, displayName and codeSystem " OID_ISSUE ".",
		.check = { .reason = issue_is_coded },
	},
	{
		.id = "TMS-016",
		.name = "query-response-code-contradicts-response",
		.severity = CPIS_ERROR,
		.on = PART_WRAPPER,
		.basis = CPIS_BASIS_CONTRADICTION,
		.cite = "REPC_IN000007GB01, queryAck and subject",
		.title = "queryResponseCode and the response contradict each other",
		.why = "A client that trusts the code hides a plan that is there, or shows none.",
		.fix = "OK goes with a CP-ISNHSQueryResponse, ID and NF go without.",
		.check = { .wrapper = response_code_agrees },
	},
	{
		.id = "TMS-017",
		.name = "acknowledgement-code-is-not-known",
		.severity = CPIS_ERROR,
		.on = PART_WRAPPER,
		.basis = CPIS_BASIS_TMS,
		.cite = REPLY,
		.title = "A code of the acknowledgement is not known",
		.why = "A client that does not know the code cannot tell success from failure.",
		.fix = "Send typeCode AA, AE or AR, and queryResponseCode OK, NF or ID.",
		.check = { .wrapper = codes_are_known },
	},
	{
		.id = "TMS-020",
		.name = "acknowledgement-of-no-message",
		.severity = CPIS_ERROR,
		.on = PART_WRAPPER,
		.basis = CPIS_BASIS_TMS,
		.cite = REPLY ", messageRef",
		.title = "The acknowledgement does not say which message it answers",
		.why = "The requester cannot match it: the clinician who asked sees no answer.",
		.fix = "Send the id of the request in messageRef/id/@root.",
		.check = { .wrapper = answered_message_is_named },
	},
	{
		.id = "TMS-022",
		.name = "acknowledgement-id-is-no-uuid",
		.severity = CPIS_WARNING,
		.on = PART_WRAPPER,
		.basis = CPIS_BASIS_TMS,
		.cite = REPLY ", id and messageRef/id",
		.title = "The id of an acknowledgement, or the one it answers, is no UUID",
		.why = "Message ids are UUIDs: the requester cannot match another one to what it "
		       "sent.",
		.fix = "Send an upper-case UUID, without prefix or braces.",
		.check = { .wrapper = ids_are_uuids },
	},
	{
		.id = "TMS-023",
		.name = "spine-error-is-not-coded",
		.severity = CPIS_WARNING,
		.on = PART_ERROR_INFO,
		.basis = CPIS_BASIS_TMS,
		.cite = "Spine SOAP fault, nasp:error",
		.title = "An error of Spine lacks its context, code or description",
		.why = "Nobody can tell what went wrong, so the query is not repeated or mended.",
		.fix = "Send codeContext, errorCode and description.",
		.check = { .error_info = spine_error_is_coded },
	},
	{
		.id = "TMS-024",
		.name = "spine-fault-without-error",
		.severity = CPIS_WARNING,
		.on = PART_FAULT,
		.basis = CPIS_BASIS_TMS,
		.cite = "Spine SOAP fault, nasp:errorList",
		.title = "A fault of Spine lists no error",
		.why = "Nobody can tell what went wrong, so the query is not repeated or mended.",
		.fix = "Send nasp:errorList in the fault's detail.",
		.check = { .fault = spine_fault_has_error },
	},
};
const size_t tms_reply_rule_count = sizeof(tms_reply_rules) / sizeof(tms_reply_rules[0]);
