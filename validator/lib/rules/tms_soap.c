/* The SOAP header before a Spine interaction, by WS-Addressing 2004/08; and the ids of systems and
 * users. */
#include "message/catalogue.h"
#include "message/identifiers.h"
#include "rules/catalogue.h"
#include "rules/envelope.h"
#include "rules/judge.h"
#include "transport/parcel.h"

#define SERVICES	"urn:nhs:names:services:"
#define HEADER		"Spine SOAP header, WS-Addressing 2004/08"
#define ADDRESSING_2004 "http://schemas.xmlsoap.org/ws/2004/08/addressing"

/* The SOAP envelope directly around an interaction, not one around an ITK envelope that has it. */
static const struct soap *spine_soap(const struct wrapper *wrapper)
{
	return part_ancestor(&wrapper->part, PART_ENVELOPE) ? NULL : soap_around(&wrapper->part);
}

/* What follows the service in an Action, with its separator; absent: the Action is not one of a
 * service that carries the interaction. */
static struct str after_service(struct str action, const char *interaction)
{
	const char *service;
	struct str rest = str_starts(action, STR(SERVICES)) ? str_from(action, sizeof(SERVICES) - 1)
							    : (struct str){ 0 };
	for (size_t i = 0; (service = spine_service(interaction, i)); i++) {
		size_t n = strlen(service);
		if (rest.n > n && str_starts(rest, str_of(service)) &&
		    (rest.p[n] == '/' || rest.p[n] == ':'))
			return str_from(rest, n);
	}
	return (struct str){ 0 };
}

static enum outcome action_names_interaction(struct judge *judge, const struct wrapper *wrapper)
{
	const struct soap *soap = spine_soap(wrapper);
	/* A header without WS-Addressing is TMS-011's. */
	if (!soap || !soap->wsa_2004.there)
		return NOT_APPLICABLE;
	const char *name = wrapper->part.element;
	const char *wanted = judge_text(judge, SERVICES "%s/%s", spine_service(name, 0), name);
	const struct value place = soap_header_place(soap);
	judge_expect(judge, "%s", wanted);
	if (!value_there(&soap->wsa_2004.action))
		return judge_fail(judge, &place, MASK_NONE,
				  "the SOAP header has no wsa:Action; it should be %s", wanted);
	struct str action = str_trim(soap->wsa_2004.action.text);
	struct str said = after_service(action, name);
	if (!said.p)
		return judge_fail(judge, &soap->wsa_2004.action, MASK_NONE,
				  "wsa:Action is \"%s\"; it should be %s",
				  judge_plain(judge, action), wanted);
	if (said.p[0] == ':')
		return judge_fail(judge, &soap->wsa_2004.action, MASK_NONE,
				  "wsa:Action \"%s\" has a colon before the interaction, as in the "
				  "directory; it should be a slash",
				  judge_plain(judge, action));
	said = str_from(said, 1);
	if (!str_is(said, name))
		return judge_fail(judge, &soap->wsa_2004.action, MASK_NONE,
				  "wsa:Action names %s, but the Body has %s",
				  judge_plain(judge, said), name);
	return HOLDS;
}

/* A fault that Spine itself sends has no header. One that has names no interaction in it. */
static enum outcome action_is_not_for_a_fault(struct judge *judge, const struct fault *fault)
{
	const struct soap *soap = soap_around(&fault->part);
	if (!soap || !soap->wsa_2004.there || !value_filled(&soap->wsa_2004.action))
		return NOT_APPLICABLE;
	struct str action = str_trim(soap->wsa_2004.action.text);
	size_t n = action.n;
	while (n && action.p[n - 1] != '/' && action.p[n - 1] != ':')
		n--;
	if (!str_starts(action, STR(SERVICES)) || !catalogue_is_interaction(str_from(action, n)))
		return HOLDS;
	judge_expect(judge, ADDRESSING_2004 "/fault");
	judge_fix(judge,
		  "Send " ADDRESSING_2004 "/fault with a fault, or no header, as Spine does.");
	return judge_fail(judge, &soap->wsa_2004.action, MASK_NONE,
			  "wsa:Action names %s, but the Body has a fault",
			  judge_plain(judge, str_from(action, n)));
}

static const struct rule tms_010 = {
	.id = "TMS-010",
	.name = "soap-action-names-another-interaction",
	.severity = CPIS_ERROR,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_TMS,
	.cite = HEADER ", wsa:Action",
	.title = "wsa:Action does not name what is in the Body",
	.why = "Spine routes by Action: the message is refused or handled as another.",
	.fix = "Send " SERVICES
	       "cpisquery/ followed by the name of the interaction; for what answers "
	       "an upload, " SERVICES "cpisupload/.",
	.check = { .wrapper = action_names_interaction },
	.also = ALSO({ PART_FAULT, { .fault = action_is_not_for_a_fault } }),
};

static enum outcome judge_message_id(struct judge *judge, const struct soap *soap)
{
	if (!value_filled(&soap->wsa_2004.message_id))
		return soap_has_text(judge, soap, &soap->wsa_2004.message_id, "wsa:MessageID");
	struct str id = str_trim(soap->wsa_2004.message_id.text);
	if (str_starts(id, STR("uuid:")) && uuid_is(uuid_bare(id)))
		return HOLDS;
	judge_expect(judge, "uuid: followed by a UUID");
	return judge_fail(judge, &soap->wsa_2004.message_id, MASK_NONE,
			  "wsa:MessageID \"%s\" is not uuid: followed by a UUID",
			  judge_plain(judge, id));
}

static enum outcome judge_to(struct judge *judge, const struct soap *soap)
{
	/* Spine itself leaves it empty in replies, which go back in the same call. */
	bool answers = value_filled(addressing_relates_to(&soap->wsa_2004)) &&
		       !str_is(soap->body.text, "QUPC_IN000006GB01");
	if (answers && soap->wsa_2004.to_count == 1 && str_is_blank(soap->wsa_2004.to.text))
		return HOLDS;
	return soap_has_text(judge, soap, &soap->wsa_2004.to, "wsa:To");
}

static enum outcome header_is_complete(struct judge *judge, const struct soap *soap)
{
	if (soap_use_of(soap) != SOAP_OF_SPINE)
		return NOT_APPLICABLE;
	/* A fault that Spine itself sends has no header. */
	if (str_is(soap->body.text, "Fault") && !soap->wsa_2004.there && !soap->wsa_2005.there)
		return NOT_APPLICABLE;
	if (!soap->wsa_2004.there) {
		const struct value place = soap_header_place(soap);
		judge_expect(judge, ADDRESSING_2004);
		judge_fix(judge, "Send MessageID as uuid: and a UUID, Action, To, and From with "
				 "Address, in the namespace " ADDRESSING_2004 ".");
		return judge_fail(
			judge, &place, MASK_NONE,
			soap->wsa_2005.there
				? "the SOAP header uses WS-Addressing 2005/08; Spine uses 2004/08"
				: "the SOAP header has no WS-Addressing: MessageID, Action, To and "
				  "From are missing");
	}
	enum outcome id = judge_message_id(judge, soap);
	enum outcome to = judge_to(judge, soap);
	enum outcome from =
		soap_has_text(judge, soap, &soap->wsa_2004.from, "wsa:From/wsa:Address");
	/* The Action of an interaction is TMS-010's. */
	enum outcome action =
		str_is(soap->body.text, "Fault")
			? soap_has_text(judge, soap, &soap->wsa_2004.action, "wsa:Action")
			: HOLDS;
	bool fails = id == FAILS || to == FAILS || from == FAILS || action == FAILS;
	return fails ? FAILS : HOLDS;
}

static const struct rule tms_011 = {
	.id = "TMS-011",
	.name = "soap-header-is-not-complete",
	.severity = CPIS_ERROR,
	.on = PART_SOAP,
	.basis = CPIS_BASIS_TMS,
	.cite = HEADER ", wsa:MessageID, wsa:To and wsa:From",
	.title = "MessageID, To or From in the SOAP header is missing or wrong",
	.why = "Spine cannot deliver the message, or the reply to it.",
	.fix = "Send wsa:MessageID as uuid: followed by a UUID, wsa:To, and wsa:From with "
	       "wsa:Address.",
	.check = { .soap = header_is_complete },
};

/* An ASID of another form is TMS-009's. */
static const struct value *asid_of_twelve_digits(const struct identifier *ids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_is(ids[i].root.text, OID_ASID) && sds_id_is(ids[i].extension.text))
			return &ids[i].extension;
	return NULL;
}

/* The header names one of several devices. Sets *agree to false after a finding. turned: as Spine
 * has them. Returns whether there was anything to compare. */
static bool compare_asids(struct judge *judge, const struct value *header,
			  const struct device *devices, size_t count, const char *noun, bool turned,
			  bool *agree)
{
	const struct value *wrapper = NULL;
	if (!sds_id_is(str_trim(header->text)))
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct value *asid =
			asid_of_twelve_digits(devices[i].ids, devices[i].id_count);
		if (asid && str_equal(str_trim(header->text), asid->text))
			return true;
		wrapper = wrapper ? wrapper : asid;
	}
	if (!wrapper)
		return false;
	if (turned) {
		judge_severity(judge, CPIS_INFO);
		judge_fix(judge, SPINE_SENDS_IT);
	}
	judge_expect(judge, "%s", judge_plain(judge, wrapper->text));
	judge_fail(judge, header, MASK_NONE,
		   "the %s's ASID is %s in the SOAP header and %s in the message", noun,
		   judge_plain(judge, header->text), judge_plain(judge, wrapper->text));
	*agree = false;
	return true;
}

/* Several ids in the header leave open which of them is meant. */
static bool is_one_system(struct judge *judge, const struct value *last, size_t count,
			  const char *noun)
{
	if (count <= 1)
		return true;
	judge_expect(judge, "one id");
	judge_fail(judge, last, MASK_NONE, "the SOAP header has %zu ids of the %s", count, noun);
	return false;
}

/* What the SOAP Header of ebXML says beside its own elements is in another part, so it is found at
 * the message. */
static enum outcome asids_agree_with_ebxml(struct judge *judge, const struct wrapper *wrapper)
{
	const struct ebxml *ebxml = judge->parcel->ebxml;
	if (!ebxml || wrapper->part.parent)
		return NOT_APPLICABLE;
	const struct value receiver = { str_of(ebxml->receiver_asid), wrapper->part.offset };
	const struct value sender = { str_of(ebxml->sender_asid), wrapper->part.offset };
	bool agree = is_one_system(judge, &receiver, ebxml->receiver_count, "receiver");
	agree = is_one_system(judge, &sender, ebxml->sender_count, "sender") && agree;
	bool to = compare_asids(judge, &receiver, wrapper->receivers, wrapper->receiver_count,
				"receiver", false, &agree);
	bool from = compare_asids(judge, &sender, &wrapper->sender, wrapper->sender_count ? 1 : 0,
				  "sender", false, &agree);
	return !agree ? FAILS : to || from ? HOLDS : NOT_APPLICABLE;
}

static enum outcome asids_agree(struct judge *judge, const struct wrapper *wrapper)
{
	const struct soap *soap = spine_soap(wrapper);
	if (!soap)
		return asids_agree_with_ebxml(judge, wrapper);
	/* A second header is SCH-001's, and a second system ITK-019's. */
	if (soap->header_count > 1 || soap->receiver_count > 1 || soap->sender_count > 1)
		return NOT_APPLICABLE;
	bool turned = wrapper_turned(wrapper) != NULL;
	bool agree =
		is_one_system(judge, &soap->receiver_asid, soap->receiver_id_count, "receiver");
	agree = is_one_system(judge, &soap->sender_asid, soap->sender_id_count, "sender") && agree;
	bool to = compare_asids(judge, &soap->receiver_asid, wrapper->receivers,
				wrapper->receiver_count, "receiver", turned, &agree);
	bool from = compare_asids(judge, &soap->sender_asid, &wrapper->sender,
				  wrapper->sender_count ? 1 : 0, "sender", turned, &agree);
	if (!to && !from && agree)
		return NOT_APPLICABLE;
	return agree ? HOLDS : FAILS;
}

static const struct rule tms_012 = {
	.id = "TMS-012",
	.name = "asids-differ-in-header-and-message",
	.severity = CPIS_WARNING,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = HEADER ", communicationFunctionRcv and communicationFunctionSnd",
	.title = "ASID in the SOAP header differs from the one in the message",
	.why = "The message is routed by one ASID and answered to the other.",
	.fix = "Fill both from the same value.",
	.check = { .wrapper = asids_agree },
};

static bool is_asid(const struct value *root, const struct value *extension)
{
	return str_is(root->text, OID_ASID) && value_filled(extension);
}

/* The one that is there but blank; NULL: neither is. */
static const struct value *blank_of(const struct value *root, const struct value *extension)
{
	if (value_there(root) && str_is_blank(root->text))
		return root;
	return value_there(extension) && str_is_blank(extension->text) ? extension : NULL;
}

/* The only id of a system is of another kind than an ASID: its root; NULL: it is not so. Of several
 * ids another may be the ASID. */
static const struct value *other_root(const struct value *root, size_t ids)
{
	return ids == 1 && value_filled(root) && !str_is(root->text, OID_ASID) ? root : NULL;
}

static enum outcome fail_other_root(struct judge *judge, const struct value *root, const char *noun)
{
	judge_severity(judge, CPIS_ERROR);
	judge_expect(judge, "%s", OID_ASID);
	return judge_fail(judge, root, MASK_NONE,
			  "the %s's id in the SOAP header has the root %s, which is not that of "
			  "an ASID",
			  noun, judge_plain(judge, root->text));
}

/* Only in messages: faults do not name the systems. */
static enum outcome header_names_systems(struct judge *judge, const struct soap *soap)
{
	if (soap_use_of(soap) != SOAP_OF_SPINE || !soap->wsa_2004.there ||
	    soap->body_child_count == 0 || str_is(soap->body.text, "Fault"))
		return NOT_APPLICABLE;
	/* Of several ids any may be the ASID: TMS-012 says that there are several. */
	bool receiver =
		soap->receiver_id_count > 1 || is_asid(&soap->receiver_root, &soap->receiver_asid);
	bool sender = soap->sender_id_count > 1 || is_asid(&soap->sender_root, &soap->sender_asid);
	if (receiver && sender)
		return HOLDS;
	const struct value *to = other_root(&soap->receiver_root, soap->receiver_id_count);
	const struct value *from = other_root(&soap->sender_root, soap->sender_id_count);
	if (to)
		return fail_other_root(judge, to, "receiver");
	if (from)
		return fail_other_root(judge, from, "sender");
	const struct value *blank = blank_of(receiver ? &soap->sender_root : &soap->receiver_root,
					     receiver ? &soap->sender_asid : &soap->receiver_asid);
	const struct value place = blank ? *blank : soap_header_place(soap);
	judge_expect(judge,
		     "communicationFunctionRcv and communicationFunctionSnd, each with an ASID");
	return judge_fail(judge, &place, MASK_NONE, "the SOAP header has no ASID for the %s",
			  receiver ? "sender"
			  : sender ? "receiver"
				   : "receiver or the sender");
}

static const struct rule tms_021 = {
	.id = "TMS-021",
	.name = "soap-header-without-asids",
	.severity = CPIS_WARNING,
	.on = PART_SOAP,
	.basis = CPIS_BASIS_TMS,
	.cite = HEADER ", communicationFunctionRcv and communicationFunctionSnd",
	.title = "SOAP header does not name both systems by ASID",
	.why = "Spine routes by the header, so the message may not reach the receiver.",
	.fix = "Send both with a device id of root " OID_ASID " and the ASID.",
	.check = { .soap = header_names_systems },
};

/* Only replies acknowledge; the response to a query is a reply by its name. */
static bool is_reply(const struct wrapper *wrapper)
{
	return value_there(&wrapper->acknowledgement_element) ||
	       strcmp(wrapper->part.element, "REPC_IN000007GB01") == 0;
}

static enum outcome reply_relates(struct judge *judge, const struct wrapper *wrapper)
{
	const struct soap *soap = spine_soap(wrapper);
	if (!soap || !soap->wsa_2004.there || !is_reply(wrapper))
		return NOT_APPLICABLE;
	/* What else it may be is TMS-019's. */
	if (value_filled(addressing_relates_to(&soap->wsa_2004)) &&
	    value_filled(&wrapper->message_ref))
		return HOLDS;
	return soap_relates(judge, soap, &soap->wsa_2004);
}

static enum outcome fault_relates(struct judge *judge, const struct fault *fault)
{
	const struct soap *soap = soap_around(&fault->part);
	if (!soap || !soap->wsa_2004.there || fault_use_of(fault) != SOAP_OF_SPINE)
		return NOT_APPLICABLE;
	return soap_relates(judge, soap, &soap->wsa_2004);
}

static const struct rule tms_018 = {
	.id = "TMS-018",
	.name = "reply-relates-to-nothing",
	.severity = CPIS_WARNING,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_TMS,
	.cite = HEADER ", wsa:RelatesTo",
	.title = "SOAP header of a reply does not say what it answers",
	.why = "The requester cannot match the reply, so the clinician who asked sees no answer.",
	.fix = "Send the MessageID of the request in wsa:RelatesTo.",
	.check = { .wrapper = reply_relates },
	.also = ALSO({ PART_FAULT, { .fault = fault_relates } }),
};

static enum outcome references_agree(struct judge *judge, const struct wrapper *wrapper)
{
	const struct soap *soap = spine_soap(wrapper);
	if (!soap || !value_filled(addressing_relates_to(&soap->wsa_2004)) ||
	    !value_filled(&wrapper->message_ref))
		return NOT_APPLICABLE;
	if (uuid_same(addressing_relates_to(&soap->wsa_2004)->text, wrapper->message_ref.text))
		return HOLDS;
	return judge_fail(
		judge, &wrapper->message_ref, MASK_NONE,
		"messageRef refers to %s, but wsa:RelatesTo refers to %s",
		judge_plain(judge, wrapper->message_ref.text),
		judge_plain(judge, str_trim(addressing_relates_to(&soap->wsa_2004)->text)));
}

static const struct rule tms_019 = {
	.id = "TMS-019",
	.name = "header-and-message-answer-different-requests",
	.severity = CPIS_WARNING,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = HEADER ", wsa:RelatesTo and messageRef/id",
	.title = "wsa:RelatesTo and messageRef name different requests",
	.why = "The answer about one child may be shown to someone who asked about another.",
	.fix = "Fill both from the id of the request.",
	.check = { .wrapper = references_agree },
};

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
			return judge_fail_part(judge, &error->part, "the Spine error has no %s",
					       wanted[i].name);
		if (str_is_blank(wanted[i].value->text))
			return judge_fail(judge, wanted[i].value, MASK_NONE,
					  "the %s of the Spine error is blank", wanted[i].name);
	}
	return HOLDS;
}

static const struct rule tms_023 = {
	.id = "TMS-023",
	.name = "spine-error-is-not-coded",
	.severity = CPIS_WARNING,
	.on = PART_ERROR_INFO,
	.basis = CPIS_BASIS_TMS,
	.cite = "Spine SOAP fault, nasp:error",
	.title = "Spine error has no context, code or description",
	.why = "No one can see what went wrong, so the query is not fixed or repeated.",
	.fix = "Send codeContext, errorCode and description.",
	.check = { .error_info = spine_error_is_coded },
};

static enum outcome spine_fault_has_error(struct judge *judge, const struct fault *fault)
{
	if (fault_use_of(fault) != SOAP_OF_SPINE)
		return NOT_APPLICABLE;
	if (fault->spine_error_count > 0)
		return HOLDS;
	judge_expect(judge, "nasp:errorList with at least one nasp:error");
	return judge_fail_part(judge, &fault->part, "the fault's detail lists no Spine error");
}

static const struct rule tms_024 = {
	.id = "TMS-024",
	.name = "spine-fault-without-error",
	.severity = CPIS_WARNING,
	.on = PART_FAULT,
	.basis = CPIS_BASIS_TMS,
	.cite = "Spine SOAP fault, nasp:errorList",
	.title = "Spine fault lists no error",
	.why = "No one can see what went wrong, so the query is not fixed or repeated.",
	.fix = "Send nasp:errorList in the fault's detail.",
	.check = { .fault = spine_fault_has_error },
};

static enum outcome fail_twelve_digits(struct judge *judge, const struct value *value,
				       enum mask_kind kind, const char *noun)
{
	size_t digits = 0, others = 0;
	for (size_t i = 0; i < value->text.n; i++) {
		bool continues = ((unsigned char)value->text.p[i] & 0xc0) == 0x80;
		digits += char_is_digit(value->text.p[i]);
		others += !char_is_digit(value->text.p[i]) && !continues;
	}
	const char *shown = judge_show(judge, kind, value->text);
	judge_expect(judge, "12 digits");
	if (others == 0)
		return judge_fail(judge, value, kind, "%s %s has %zu digit%s; it should have 12",
				  noun, shown, digits, digits == 1 ? "" : "s");
	return judge_fail(judge, value, kind,
			  "%s %s has %zu digit%s and %zu other character%s; it should be 12 digits",
			  noun, shown, digits, digits == 1 ? "" : "s", others,
			  others == 1 ? "" : "s");
}

static void excuse_default(struct judge *judge, const struct part *part, struct str asid)
{
	if ((!str_is(asid, "NA") && !str_is(asid, "Unavailable")) || !answers_upload(part))
		return;
	judge_severity(judge, CPIS_INFO);
	judge_fix(judge, SPINES_DEFAULT);
}

static enum outcome judge_twelve_digits(struct judge *judge, const struct identifier *id,
					bool of_user)
{
	const struct sds_kind *kind = sds_kind_of(id);
	struct str text = id->extension.text;
	if (!kind || (kind->mask == MASK_USER) != of_user || !value_filled(&id->extension))
		return NOT_APPLICABLE;
	if (sds_id_is(text))
		return HOLDS;
	if (!of_user)
		excuse_default(judge, &id->part, text);
	return fail_twelve_digits(judge, &id->extension, kind->mask, kind->noun);
}

static enum outcome asid_has_twelve_digits(struct judge *judge, const struct identifier *id)
{
	return judge_twelve_digits(judge, id, false);
}

/* The rules on identifiers see those of the message alone. */
static enum outcome header_has_twelve_digits(struct judge *judge, const struct wrapper *wrapper)
{
	const struct soap *soap = spine_soap(wrapper);
	if (!soap)
		return NOT_APPLICABLE;
	const struct {
		const struct value *root, *extension;
	} ids[] = { { &soap->receiver_root, &soap->receiver_asid },
		    { &soap->sender_root, &soap->sender_asid } };
	enum outcome outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		if (!is_asid(ids[i].root, ids[i].extension))
			continue;
		if (sds_id_is(ids[i].extension->text)) {
			outcome = outcome == FAILS ? FAILS : HOLDS;
			continue;
		}
		excuse_default(judge, &wrapper->part, ids[i].extension->text);
		outcome = fail_twelve_digits(judge, ids[i].extension, MASK_NONE, "ASID");
	}
	return outcome;
}

static const struct rule tms_009 = {
	.id = "TMS-009",
	.name = "sds-id-is-not-twelve-digits",
	.severity = CPIS_ERROR,
	.on = PART_IDENTIFIER,
	.sorts = SDS_IDS,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = "Identifier flavour II.NPfIT.DeviceSDS; Spine SOAP header",
	.title = "ASID is not 12 digits",
	.why = "The system cannot be looked up, so who saw a child's record stays unknown.",
	.fix = "Send the 12 digits listed in the Spine Directory Service.",
	.check = { .identifier = asid_has_twelve_digits },
	.also = ALSO({ PART_WRAPPER, { .wrapper = header_has_twelve_digits } }),
};

static enum outcome user_has_twelve_digits(struct judge *judge, const struct identifier *id)
{
	return judge_twelve_digits(judge, id, true);
}

static const struct rule tms_027 = {
	.id = "TMS-027",
	.name = "sds-user-id-is-not-twelve-digits",
	.severity = CPIS_WARNING,
	.on = PART_IDENTIFIER,
	.sorts = SDS_IDS,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = "Identifier flavours of SDS users, which are defined, and not those of CP-IS's ids",
	.title = "User id or role profile id is not 12 digits",
	.why = "The person cannot be looked up, so who saw a child's record stays unknown.",
	.fix = "Send the 12 digits listed in the Spine Directory Service.",
	.check = { .identifier = user_has_twelve_digits },
};

/* Spine names the element around a reply after the call that it answers; around an application
 * acknowledgement it may have any name. */
static enum outcome is_wrapped_as_its_kind(struct judge *judge, const struct wrapper *wrapper)
{
	static const struct {
		const char *around, *interactions[4];
	} wrappers[] = {
		{ "CP-ISNHSQueryResponse",
		  { "REPC_IN000007GB01", "QUQI_IN010000UK14", "MCCI_IN010000UK13" } },
		{ "successfulUploadResponse", { "MCCI_IN010000UK13", "REPC_IN000003GB01" } },
	};
	const struct soap *soap = spine_soap(wrapper);
	for (size_t i = 0; soap && i < sizeof(wrappers) / sizeof(wrappers[0]); i++) {
		if (!str_is(soap->body.text, wrappers[i].around))
			continue;
		if (str_is_one_of(str_of(wrapper->part.element), wrappers[i].interactions))
			return HOLDS;
		return judge_fail_part(judge, &wrapper->part,
				       "%s is in %s, which Spine has around %s alone",
				       wrapper->part.element, wrappers[i].around,
				       i == 0 ? "the reply to a query" : "the reply to an upload");
	}
	return NOT_APPLICABLE;
}

static const struct rule tms_047 = {
	.id = "TMS-047",
	.name = "interaction-in-the-wrapper-of-another",
	.severity = CPIS_ERROR,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_TMS,
	.cite = "Spine SOAP Body, CP-ISNHSQueryResponse and successfulUploadResponse",
	.title = "Interaction is in a wrapper that Spine has around another one",
	.why = "A receiver looks for a message by the element in the Body: it reads this one as "
	       "another, or not at all.",
	.fix = "Send a query directly in the Body, the reply to it in CP-ISNHSQueryResponse, and "
	       "the acknowledgement of an upload in successfulUploadResponse.",
	.check = { .wrapper = is_wrapped_as_its_kind },
};

const struct rule *const tms_soap_rules[] = {
	&tms_009, &tms_010, &tms_011, &tms_012, &tms_018, &tms_019,
	&tms_021, &tms_023, &tms_024, &tms_027, &tms_047, NULL,
};
