/* The SOAP header before an ITK envelope: WS-Addressing 2005/08 and WS-Security. */
#include "message/identifiers.h"
#include "message/timestamp.h"
#include "rules/catalogue.h"
#include "rules/envelope.h"
#include "rules/judge.h"

#define HEADER		"ITK web services, SOAP header"
#define ADDRESSING_2005 "http://www.w3.org/2005/08/addressing"
#define SERVICES	"urn:nhs-itk:services:201005:"

static bool is_itks(const struct soap *soap)
{
	return soap_use_of(soap) == SOAP_OF_ITK;
}

/* What the rules on WS-Addressing judge; a header that has none is ITK-028's. */
static bool is_addressed(const struct soap *soap)
{
	return is_itks(soap) && soap->wsa_2005.there;
}

static enum outcome message_id_is_uuid(struct judge *judge, const struct soap *soap)
{
	if (!is_addressed(soap))
		return NOT_APPLICABLE;
	judge_expect(judge, "a UUID, with uuid: or urn:uuid: in front of it");
	if (!value_filled(&soap->wsa_2005.message_id))
		return soap_has_text(judge, soap, &soap->wsa_2005.message_id, "wsa:MessageID");
	struct str id = str_trim(soap->wsa_2005.message_id.text);
	if (uuid_is_prefixed(id))
		return HOLDS;
	return judge_fail(
		judge, &soap->wsa_2005.message_id, MASK_NONE,
		"wsa:MessageID \"%s\" is not a UUID, on its own or after a prefix such as "
		"urn:uuid:",
		judge_plain(judge, id));
}

static const struct rule itk_020 = {
	.id = "ITK-020",
	.name = "soap-message-id-is-not-uuid",
	.severity = CPIS_ERROR,
	.on = PART_SOAP,
	.basis = CPIS_BASIS_ITK,
	.cite = "ITK WS-ADR-01",
	.title = "wsa:MessageID is missing or not a UUID",
	.why = "A reply cannot say which request it answers, so the clinician sees no answer.",
	.fix = "Send a new UUID with every message, with urn:uuid: in front of it.",
	.check = { .soap = message_id_is_uuid },
};

static enum outcome action_is_service(struct judge *judge, const struct envelope *envelope)
{
	const struct soap *soap = soap_around(&envelope->part);
	if (!soap || !soap->wsa_2005.there)
		return NOT_APPLICABLE;
	if (envelope_service(envelope->service.text) == SERVICE_UNKNOWN)
		return judge_blocked(judge, &envelope->part, "ITK-008");
	judge_expect(judge, "%s", judge_plain(judge, envelope->service.text));
	if (!value_filled(&soap->wsa_2005.action))
		return soap_has_text(judge, soap, &soap->wsa_2005.action, "wsa:Action");
	if (str_equal(str_trim(soap->wsa_2005.action.text), envelope->service.text))
		return HOLDS;
	return judge_fail(judge, &soap->wsa_2005.action, MASK_NONE,
			  "wsa:Action is \"%s\", but the envelope's service is \"%s\"",
			  judge_plain(judge, str_trim(soap->wsa_2005.action.text)),
			  judge_plain(judge, envelope->service.text));
}

/* The services that answer with a simple reply. */
static bool is_action_of_a_simple_reply(struct str action)
{
	static const char *const services[] = {
		"SendInfrastructureAck-v1-0",
		"SendBusinessAck-v1-0",
		"SendCDADocument-v2-0",
		"SendDocument-v1-0",
		"BroadcastDocument-v1-0",
		"ConfirmMessageReceipt-v1-0",
		NULL,
	};
	struct str prefix = STR(SERVICES), ending = STR("Response");
	if (!str_starts(action, prefix) || !str_ends(action, ending))
		return false;
	struct str service = str_from(action, prefix.n);
	if (service.n <= ending.n)
		return false;
	service.n -= ending.n;
	return str_is_one_of(service, services);
}

/* A simple reply has no envelope to compare with: its Action is that of a reply of a service that
 * answers so. */
static enum outcome action_is_of_a_simple_reply(struct judge *judge, const struct soap *soap)
{
	static const char *const others[][2] = {
		{ SERVICES "sendRecvDistEnvelope", "a DistributionEnvelope" },
		{ SERVICES "sendRecvDistEnvelopeResponse", "a DistributionEnvelope" },
		{ SERVICES "sendDistEnvelopeResponse", "nothing" },
		{ SERVICES "GetMessages-v1-0Response", "a QueueMessageResponse" },
	};
	if (!is_addressed(soap) || !str_is(soap->body.text, "SimpleMessageResponse"))
		return NOT_APPLICABLE;
	const struct value *said = &soap->wsa_2005.action;
	struct str action = str_trim(said->text);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (str_is(action, others[i][0]))
			return judge_fail(judge, said, MASK_NONE,
					  "wsa:Action is \"%s\", whose Body has %s, but the Body "
					  "has a SimpleMessageResponse",
					  judge_plain(judge, action), others[i][1]);
	if (is_action_of_a_simple_reply(action))
		return HOLDS;
	judge_expect(judge, "the service of the request, followed by Response");
	judge_fix(judge, "Send the service of the request in wsa:Action, followed by Response.");
	if (!value_filled(said))
		return soap_has_text(judge, soap, said, "wsa:Action");
	return judge_fail(judge, said, MASK_NONE,
			  "wsa:Action is \"%s\"; that of a simple reply is the service of its "
			  "request, followed by Response",
			  judge_plain(judge, action));
}

static const struct rule itk_021 = {
	.id = "ITK-021",
	.name = "soap-action-differs-from-service",
	.severity = CPIS_ERROR,
	.on = PART_ENVELOPE,
	.basis = CPIS_BASIS_ITK,
	.cite = HEADER ", wsa:Action",
	.title = "wsa:Action differs from the envelope's service, or from what is in the Body",
	.why = "The web server routes by Action and the receiver by service, so the two disagree.",
	.fix = "Send the envelope's service in wsa:Action, and the envelope that this service "
	       "answers with.",
	.check = { .envelope = action_is_service },
	.also = ALSO({ PART_SOAP, { .soap = action_is_of_a_simple_reply } }),
};

static bool is_fault(const struct soap *soap)
{
	return str_is(soap->body.text, "Fault");
}

/* A fault, a simple reply, or a reply by its Action, which ITK-021 holds to the envelope's service.
 */
static bool is_answer(const struct soap *soap)
{
	return is_fault(soap) || str_is(soap->body.text, "SimpleMessageResponse") ||
	       soap_answers_nothing(soap) ||
	       envelope_service(str_trim(soap->wsa_2005.action.text)) == SERVICE_OF_REPLIES;
}

static enum outcome to_is_there(struct judge *judge, const struct soap *soap)
{
	if (!is_addressed(soap))
		return NOT_APPLICABLE;
	/* An answer in the same call goes back where the request came from. */
	if (is_answer(soap) && soap->wsa_2005.to_count == 0)
		return NOT_APPLICABLE;
	return soap_has_text(judge, soap, &soap->wsa_2005.to, "wsa:To");
}

static const struct rule itk_022 = {
	.id = "ITK-022",
	.name = "soap-to-missing",
	.severity = CPIS_ERROR,
	.on = PART_SOAP,
	.basis = CPIS_BASIS_ITK,
	.cite = HEADER ", wsa:To",
	.title = "wsa:To of a request is missing, or wsa:To is blank",
	.why = "A message that goes through a relay cannot be delivered.",
	.fix = "Send the address of the service in wsa:To.",
	.check = { .soap = to_is_there },
};

static bool has_times(const struct security *security)
{
	return value_filled(&security->created) && value_filled(&security->expires);
}

static enum outcome timestamp_is_there(struct judge *judge, const struct soap *soap)
{
	/* A missing Header is ITK-028's. */
	if (!is_itks(soap) || soap->header_count == 0)
		return NOT_APPLICABLE;
	const struct security *security = soap_security(soap);
	if (!security->part.element) {
		const struct value place = soap_header_place(soap);
		if (is_answer(soap))
			return NOT_APPLICABLE;
		return judge_fail(judge, &place, MASK_NONE,
				  soap->security_count
					  ? "the SOAP header has no wsse:Security for who receives "
					    "the message, but only for another actor"
					  : "the SOAP header has no wsse:Security");
	}
	if (!value_filled(&security->created))
		return soap_has_text(judge, soap, &security->created, "wsu:Created");
	return soap_has_text(judge, soap, &security->expires, "wsu:Expires");
}

static const struct rule itk_026 = {
	.id = "ITK-026",
	.name = "security-timestamp-missing",
	.severity = CPIS_ERROR,
	.on = PART_SOAP,
	.basis = CPIS_BASIS_ITK,
	.cite = HEADER ", wsse:Security and wsu:Timestamp",
	.title = "Security timestamp is missing or incomplete",
	.why = "A message that never expires can be sent again by anyone who recorded it.",
	.fix = "Send wsse:Security with a wsu:Timestamp that has wsu:Created and wsu:Expires.",
	.check = { .soap = timestamp_is_there },
};

static bool is_time(struct judge *judge, const struct value *value, const char *name)
{
	struct iso_time time = iso_time_of(value->text);
	if (time.ok)
		return true;
	char words[96];
	judge_expect(judge, "a time such as 2026-01-31T09:30:00Z");
	judge_fail(judge, value, MASK_NONE, "%s \"%s\" is not an ISO 8601 time%s%s", name,
		   judge_plain(judge, str_trim(value->text)), time.shape ? ": " : "",
		   time.shape ? moment_fault_words(&time.moment, words, sizeof(words)) : "");
	return false;
}

/* In a message of Spine's too: it may have the header, and then other rules go by its times. */
static enum outcome times_are_times(struct judge *judge, const struct soap *soap)
{
	enum outcome outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < soap->security_count; i++) {
		const struct value *created = &soap->securities[i].created;
		const struct value *expires = &soap->securities[i].expires;
		bool ok = !value_filled(created) || is_time(judge, created, "wsu:Created");
		ok = (!value_filled(expires) || is_time(judge, expires, "wsu:Expires")) && ok;
		if (value_filled(created) || value_filled(expires))
			outcome = ok && outcome != FAILS ? HOLDS : FAILS;
	}
	return outcome;
}

static const struct rule itk_027 = {
	.id = "ITK-027",
	.name = "security-timestamp-is-not-a-time",
	.severity = CPIS_ERROR,
	.on = PART_SOAP,
	.basis = CPIS_BASIS_ITK,
	.cite = HEADER ", wsu:Created and wsu:Expires; WS-Security, Timestamp",
	.title = "Created or Expires is not an ISO 8601 time",
	.why = "Receivers refuse the message, because they do not know whether it has expired.",
	.fix = "Send the time in UTC, such as 2026-01-31T09:30:00Z.",
	.check = { .soap = times_are_times },
};

static enum outcome judge_times(struct judge *judge, const struct security *security)
{
	if (!has_times(security))
		return NOT_APPLICABLE;
	struct iso_time created = iso_time_of(security->created.text);
	struct iso_time expires = iso_time_of(security->expires.text);
	if (!created.ok || !expires.ok)
		return judge_blocked(judge, NULL, "ITK-027");
	int order = iso_time_compare(&created, &expires);
	if (order < 0)
		return HOLDS;
	judge_expect(judge, "after %s", judge_time(judge, str_trim(security->created.text)));
	return judge_fail(judge, &security->expires, MASK_TIME,
			  order == 0 ? "wsu:Expires %s is the same moment as wsu:Created, %s"
				     : "wsu:Expires %s is before wsu:Created, %s",
			  judge_time(judge, str_trim(security->expires.text)),
			  judge_time(judge, str_trim(security->created.text)));
}

static enum outcome created_before_expires(struct judge *judge, const struct soap *soap)
{
	enum outcome outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < soap->security_count; i++) {
		enum outcome one = judge_times(judge, &soap->securities[i]);
		outcome = outcome == NOT_APPLICABLE || one == FAILS ? one : outcome;
	}
	return outcome;
}

static const struct rule itk_023 = {
	.id = "ITK-023",
	.name = "timestamp-expires-before-created",
	.severity = CPIS_ERROR,
	.on = PART_SOAP,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = HEADER ", wsu:Timestamp; WS-Security, Timestamp",
	.title = "Security timestamp expires before it was created",
	.why = "Receivers always refuse the message as expired.",
	.fix = "Set Expires to a few minutes after Created.",
	.check = { .soap = created_before_expires },
};

static enum outcome username_is_there(struct judge *judge, const struct soap *soap)
{
	const struct security *security = soap_security(soap);
	/* A fault need not have one. */
	if (!is_itks(soap) || !security->part.element ||
	    (is_fault(soap) && security->username_count == 0))
		return NOT_APPLICABLE;
	return soap_has_text(judge, soap, &security->username, "wsse:Username");
}

static const struct rule itk_024 = {
	.id = "ITK-024",
	.name = "username-missing",
	.severity = CPIS_ERROR,
	.on = PART_SOAP,
	.basis = CPIS_BASIS_ITK,
	.cite = HEADER ", wsse:UsernameToken",
	.title = "wsse:Username is missing or blank",
	.why = "No one can find out later which system sent the message.",
	.fix = "Send the name of the sending system in wsse:UsernameToken/wsse:Username.",
	.check = { .soap = username_is_there },
};

static enum outcome no_reference_properties(struct judge *judge, const struct soap *soap)
{
	if (!is_itks(soap))
		return NOT_APPLICABLE;
	if (!value_there(&soap->reference_properties))
		return HOLDS;
	return judge_fail(judge, &soap->reference_properties, MASK_NONE,
			  "the SOAP header has ReferenceProperties");
}

static const struct rule itk_025 = {
	.id = "ITK-025",
	.name = "reference-properties-sent",
	.severity = CPIS_ERROR,
	.on = PART_SOAP,
	.basis = CPIS_BASIS_ITK,
	.cite = "ITK WS-ADR-08",
	.title = "SOAP header has ReferenceProperties",
	.why = "WS-Addressing 2005/08 does not have them, so receivers refuse or ignore them.",
	.fix = "Remove ReferenceProperties.",
	.check = { .soap = no_reference_properties },
};

static enum outcome addressing_is_2005(struct judge *judge, const struct soap *soap)
{
	if (!is_itks(soap))
		return NOT_APPLICABLE;
	if (soap->wsa_2005.there)
		return HOLDS;
	const struct value place = soap_header_place(soap);
	bool answer = is_answer(soap);
	judge_expect(judge, ADDRESSING_2005);
	if (answer)
		judge_fix(judge, "Send MessageID and Action in the namespace " ADDRESSING_2005 ".");
	return judge_fail(
		judge, &place, MASK_NONE, "%s",
		soap->wsa_2004.there
			? "the SOAP header uses WS-Addressing 2004/08; ITK uses 2005/08"
		: soap->header_count == 0
			? answer ? "the SOAP envelope has no Header: MessageID and Action are "
				   "missing"
				 : "the SOAP envelope has no Header: MessageID, Action, To and a "
				   "security timestamp are missing"
		: answer ? "the SOAP header has no WS-Addressing: MessageID and Action are missing"
			 : "the SOAP header has no WS-Addressing: MessageID, Action and To are "
			   "missing");
}

static const struct rule itk_028 = {
	.id = "ITK-028",
	.name = "ws-addressing-missing",
	.severity = CPIS_ERROR,
	.on = PART_SOAP,
	.basis = CPIS_BASIS_ITK,
	.cite = HEADER ", " ADDRESSING_2005,
	.title = "SOAP header has no WS-Addressing 2005/08",
	.why = "The message has no id, no action and no address, so it cannot be delivered.",
	.fix = "Send MessageID, Action and To in the namespace " ADDRESSING_2005 ".",
	.check = { .soap = addressing_is_2005 },
};

/* An answer in the call of its request needs no other sign of what it answers (ITK WS-ADR-09). */
static enum outcome answer_relates(struct judge *judge, const struct soap *soap)
{
	const struct carrier *carrier = parcel_http(judge->parcel);
	bool in_the_call = carrier && carrier->status && !carrier->fetched && !carrier->by_mesh;
	if (in_the_call && !value_there(addressing_relates_to(&soap->wsa_2005)))
		return NOT_APPLICABLE;
	return soap_relates(judge, soap, &soap->wsa_2005);
}

static enum outcome response_relates(struct judge *judge, const struct envelope *envelope)
{
	const struct soap *soap = soap_around(&envelope->part);
	if (!soap || !is_addressed(soap) ||
	    envelope_service(envelope->service.text) != SERVICE_OF_REPLIES)
		return NOT_APPLICABLE;
	return answer_relates(judge, soap);
}

static enum outcome fault_relates(struct judge *judge, const struct fault *fault)
{
	const struct soap *soap = soap_around(&fault->part);
	bool addressed = soap && fault_use_of(fault) == SOAP_OF_ITK && soap->wsa_2005.there;
	return addressed ? answer_relates(judge, soap) : NOT_APPLICABLE;
}

static const struct rule itk_037 = {
	.id = "ITK-037",
	.name = "itk-reply-relates-to-nothing",
	.severity = CPIS_WARNING,
	.on = PART_ENVELOPE,
	.basis = CPIS_BASIS_ITK,
	.cite = HEADER ", wsa:RelatesTo; it may be absent in the call of the request (WS-ADR-09)",
	.title = "SOAP header of a reply does not say what it answers",
	.why = "Where the reply does not come in the call of the request, the requester cannot "
	       "match it, and the clinician who asked sees no answer.",
	.fix = "Send the MessageID of the request in wsa:RelatesTo.",
	.check = { .envelope = response_relates },
	.also = ALSO({ PART_FAULT, { .fault = fault_relates } }),
};

/* An element that may be there once. */
struct once {
	size_t count;
	const struct value *last;
	const char *name;
};

static enum outcome judge_once(struct judge *judge, const struct soap *soap,
			       const struct once *once, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (once[i].count < 2)
			continue;
		const struct value place = {
			.offset = value_there(once[i].last) ? once[i].last->offset
							    : soap_header_place(soap).offset,
		};
		return judge_fail(judge, &place, MASK_NONE,
				  "%s appears %zu times; it may appear only once", once[i].name,
				  once[i].count);
	}
	return HOLDS;
}

/* The role of the last receiver is that of who has no actor. */
static struct str actor_of(const struct security *security)
{
	struct str actor = str_trim(security->actor.text);
	if (str_is(actor, "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver"))
		return (struct str){ 0 };
	return actor;
}

/* WS-Security allows one header for each actor, with one Timestamp. */
static enum outcome security_appears_once(struct judge *judge, const struct soap *soap)
{
	for (size_t i = 0; i < soap->security_count; i++) {
		const struct security *security = &soap->securities[i];
		const struct once once[] = {
			{ security->timestamp_count, &security->created, "wsu:Timestamp" },
			{ security->created_count, &security->created, "wsu:Created" },
			{ security->expires_count, &security->expires, "wsu:Expires" },
			{ security->username_count, &security->username, "wsse:Username" },
		};
		if (judge_once(judge, soap, once, sizeof(once) / sizeof(once[0])) == FAILS)
			return FAILS;
		for (size_t k = 0; k < i; k++)
			if (str_equal(actor_of(security), actor_of(&soap->securities[k])))
				return judge_fail_part(judge, &security->part,
						       "wsse:Security appears twice for one "
						       "actor; it may appear only once");
	}
	return HOLDS;
}

static enum outcome fail_relations(struct judge *judge, const struct value *other, size_t count)
{
	return judge_fail(judge, other, MASK_NONE,
			  "wsa:RelatesTo appears %zu times, with different ids; a reply answers "
			  "one message",
			  count);
}

/* A reply answers one request, however often it says so. */
static enum outcome relates_to_one(struct judge *judge, const struct soap *soap)
{
	const struct addressing *const editions[] = { &soap->wsa_2004, &soap->wsa_2005 };
	const struct value *first = NULL;
	for (size_t i = 0; i < sizeof(editions) / sizeof(editions[0]); i++)
		for (size_t k = 0; k < editions[i]->relates_to_count; k++) {
			const struct value *next = &editions[i]->relates_to[k];
			first = first ? first : next;
			if (!uuid_same(first->text, next->text) &&
			    !str_equal(first->text, next->text))
				return fail_relations(judge, next,
						      editions[0]->relates_to_count +
							      editions[1]->relates_to_count);
		}
	return HOLDS;
}

/* An element that may be there in one of the editions, and there once. */
static struct once of_both(size_t in_2004, const struct value *last_2004, size_t in_2005,
			   const struct value *last_2005, const char *name)
{
	return (struct once){ in_2004 + in_2005, in_2005 ? last_2005 : last_2004, name };
}

static enum outcome addressing_appears_once(struct judge *judge, const struct soap *soap)
{
	const struct addressing *a = &soap->wsa_2004, *b = &soap->wsa_2005;
	const struct once once[] = {
		of_both(a->message_id_count, &a->message_id, b->message_id_count, &b->message_id,
			"wsa:MessageID"),
		of_both(a->action_count, &a->action, b->action_count, &b->action, "wsa:Action"),
		of_both(a->to_count, &a->to, b->to_count, &b->to, "wsa:To"),
		of_both(a->from_count, &a->from, b->from_count, &b->from, "wsa:From"),
		of_both(a->reply_to_count, &a->reply_to_element, b->reply_to_count,
			&b->reply_to_element, "wsa:ReplyTo"),
		of_both(a->fault_to_count, &a->fault_to_element, b->fault_to_count,
			&b->fault_to_element, "wsa:FaultTo"),
		of_both(a->from_address_count, &a->from, b->from_address_count, &b->from,
			"wsa:Address of wsa:From"),
		of_both(a->reply_to_address_count, &a->reply_to, b->reply_to_address_count,
			&b->reply_to, "wsa:Address of wsa:ReplyTo"),
		of_both(a->fault_to_address_count, &a->fault_to_element, b->fault_to_address_count,
			&b->fault_to_element, "wsa:Address of wsa:FaultTo"),
	};
	return judge_once(judge, soap, once, sizeof(once) / sizeof(once[0]));
}

/* What WS-Addressing, in either edition, and WS-Security allow once: so in Spine's headers too,
 * which name one receiver and one sender. What holds an element comes before it. */
static enum outcome elements_appear_once(struct judge *judge, const struct soap *soap)
{
	const struct once once[] = {
		{ soap->header_count, &soap->header, "Header" },
		{ soap->receiver_count, &soap->receiver_asid, "communicationFunctionRcv" },
		{ soap->sender_count, &soap->sender_asid, "communicationFunctionSnd" },
	};
	if (soap->header_count == 0)
		return NOT_APPLICABLE;
	if (judge_once(judge, soap, once, sizeof(once) / sizeof(once[0])) == FAILS ||
	    addressing_appears_once(judge, soap) == FAILS ||
	    security_appears_once(judge, soap) == FAILS)
		return FAILS;
	return relates_to_one(judge, soap);
}

static const struct rule itk_019 = {
	.id = "ITK-019",
	.name = "soap-header-element-is-repeated",
	.severity = CPIS_ERROR,
	.on = PART_SOAP,
	.basis = CPIS_BASIS_ITK,
	.cite = "WS-Addressing, message addressing properties; WS-Security, Security and "
		"Timestamp; Spine SOAP header",
	.title = "SOAP header element is repeated",
	.why = "Receivers may each use a different one, so the message is routed or answered "
	       "wrongly.",
	.fix = "Send Header, MessageID, Action, To, From, ReplyTo, FaultTo, Security for each "
	       "actor, communicationFunctionRcv and communicationFunctionSnd once each, and so "
	       "what is in them; and the id of one request in RelatesTo.",
	.check = { .soap = elements_appear_once },
};

/* Only without a distribution envelope: where there is one, ITK-013 compares all ids. */
static enum outcome timestamp_id_differs(struct judge *judge, const struct soap *soap)
{
	const struct value *timestamp_id = &soap_security(soap)->timestamp_id;
	if (!is_itks(soap) || str_is(soap->body.text, "DistributionEnvelope") ||
	    !value_there(timestamp_id))
		return NOT_APPLICABLE;
	struct str uuid = uuid_at_end(str_trim(timestamp_id->text));
	if (!uuid.n ||
	    !str_same_letters(uuid_at_end(str_trim(soap->wsa_2005.message_id.text)), uuid))
		return HOLDS;
	judge_expect(judge, "a different UUID");
	return judge_fail(judge, timestamp_id, MASK_NONE,
			  "the Timestamp Id and the MessageID have the same UUID");
}

static const struct rule itk_029 = {
	.id = "ITK-029",
	.name = "timestamp-id-is-the-message-id",
	.severity = CPIS_ERROR,
	.on = PART_SOAP,
	.basis = CPIS_BASIS_ITK,
	.cite = HEADER ", wsu:Timestamp/@wsu:Id",
	.title = "Timestamp Id of a fault is the same as its MessageID",
	.why = "Signatures and logs refer to these ids, and would point to the wrong thing.",
	.fix = "Create a new UUID for each of them.",
	.check = { .soap = timestamp_id_differs },
};

static enum outcome address_is_uri(struct judge *judge, const struct value *address,
				   const char *name)
{
	/* A missing one is not this rule's: a request without To is ITK-022's. */
	if (!value_filled(address))
		return NOT_APPLICABLE;
	struct str text = str_trim(address->text);
	if (uri_is_absolute(text))
		return HOLDS;
	judge_expect(judge, "an address such as https://smsp.example/itk");
	return judge_fail(judge, address, MASK_NONE, "%s \"%s\" is not a URI", name,
			  judge_plain(judge, text));
}

static enum outcome addresses_are_uris(struct judge *judge, const struct soap *soap)
{
	const struct addressing *const editions[] = { &soap->wsa_2004, &soap->wsa_2005 };
	enum outcome outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < sizeof(editions) / sizeof(editions[0]); i++) {
		const struct {
			const struct value *address;
			const char *name;
		} all[] = {
			{ &editions[i]->to, "wsa:To" },
			{ &editions[i]->from, "wsa:Address of wsa:From" },
			{ &editions[i]->reply_to, "wsa:Address of wsa:ReplyTo" },
			{ &editions[i]->fault_to, "wsa:Address of wsa:FaultTo" },
		};
		for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
			enum outcome one = address_is_uri(judge, all[k].address, all[k].name);
			outcome = outcome == NOT_APPLICABLE || one == FAILS ? one : outcome;
		}
	}
	return outcome;
}

static const struct rule itk_054 = {
	.id = "ITK-054",
	.name = "soap-address-is-not-a-uri",
	.severity = CPIS_ERROR,
	.on = PART_SOAP,
	.basis = CPIS_BASIS_ITK,
	.cite = "ITK WS-ADR-03; WS-Addressing, endpoint references and To",
	.title = "Address in the SOAP header is not a URI",
	.why = "The message, its answer or a fault cannot be delivered, because its address means "
	       "nothing.",
	.fix = "Send the whole address, with its scheme, in wsa:To and in the wsa:Address of "
	       "From, ReplyTo and FaultTo.",
	.check = { .soap = addresses_are_uris },
};

static enum outcome reply_to_is_anonymous(struct judge *judge, const struct envelope *envelope)
{
	const struct soap *soap = soap_around(&envelope->part);
	if (!soap || !is_addressed(soap) || soap->wsa_2005.reply_to_count == 0 ||
	    !str_is(envelope->service.text, "urn:nhs-itk:services:201005:sendRecvDistEnvelope"))
		return NOT_APPLICABLE;
	if (str_is(str_trim(soap->wsa_2005.reply_to.text), ADDRESSING_2005 "/anonymous"))
		return HOLDS;
	judge_expect(judge, ADDRESSING_2005 "/anonymous");
	if (value_there(&soap->wsa_2005.reply_to))
		return judge_fail(judge, &soap->wsa_2005.reply_to, MASK_NONE,
				  "wsa:ReplyTo is \"%s\", but sendRecvDistEnvelope answers in the "
				  "same call",
				  judge_plain(judge, str_trim(soap->wsa_2005.reply_to.text)));
	const struct value place = { { 0 }, soap->wsa_2005.reply_to_element.offset };
	return judge_fail(judge, &place, MASK_NONE, "wsa:ReplyTo has no wsa:Address");
}

static const struct rule itk_055 = {
	.id = "ITK-055",
	.name = "reply-to-is-not-anonymous",
	.severity = CPIS_ERROR,
	.on = PART_ENVELOPE,
	.basis = CPIS_BASIS_ITK,
	.cite = HEADER ", wsa:ReplyTo of a synchronous request",
	.title = "ReplyTo of a synchronous request is not anonymous",
	.why = "The service answers in the same call: a host has to refuse a request that wants "
	       "its answer elsewhere.",
	.fix = "Send " ADDRESSING_2005
	       "/anonymous in wsa:ReplyTo/wsa:Address, or leave ReplyTo out.",
	.check = { .envelope = reply_to_is_anonymous },
};

static enum outcome relates_to_another(struct judge *judge, const struct soap *soap)
{
	const struct addressing *wsa = soap_addressing(soap);
	const struct value *relates_to = addressing_relates_to(wsa);
	if (!value_filled(relates_to) || !value_filled(&wsa->message_id))
		return NOT_APPLICABLE;
	if (!uuid_same(relates_to->text, wsa->message_id.text))
		return HOLDS;
	/* Spine's own reply to an upload does so. */
	struct str action = str_trim(wsa->action.text);
	struct str upload = STR("cpisupload/MCCI_IN010000UK13");
	if (soap_use_of(soap) == SOAP_OF_SPINE && action.n > upload.n &&
	    str_equal(str_from(action, action.n - upload.n), upload))
		judge_severity(judge, CPIS_INFO);
	judge_expect(judge, "the MessageID of the request");
	return judge_fail(judge, relates_to, MASK_NONE,
			  "wsa:RelatesTo is the MessageID of this message itself");
}

static const struct rule itk_056 = {
	.id = "ITK-056",
	.name = "reply-relates-to-itself",
	.severity = CPIS_ERROR,
	.on = PART_SOAP,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = "WS-Addressing, RelatesTo; ITK WS-ADR-07",
	.title = "wsa:RelatesTo is the message's own id",
	.why = "The requester cannot match the reply to what it asked, so the clinician who asked "
	       "sees no answer.",
	.fix = "Send a new MessageID, and the MessageID of the request in wsa:RelatesTo.",
	.check = { .soap = relates_to_another },
};

/* What should be text alone, and the name of an element in it, where there is one. */
struct simple {
	const char *name;
	const struct value *inside;
};

static bool are_texts(struct judge *judge, const struct simple *simple, size_t count)
{
	bool texts = true;
	for (size_t i = 0; i < count; i++) {
		if (!value_there(simple[i].inside))
			continue;
		const struct value place = { { 0 }, simple[i].inside->offset };
		judge_expect(judge, "text only");
		judge_fail(judge, &place, MASK_NONE,
			   "%s has the element %s in it; it may have text only", simple[i].name,
			   judge_plain(judge, simple[i].inside->text));
		texts = false;
	}
	return texts;
}

static bool addresses_in_texts(struct judge *judge, const struct addressing *wsa)
{
	const struct simple simple[] = {
		{ "wsa:MessageID", &wsa->in_message_id },
		{ "wsa:Action", &wsa->in_action },
		{ "wsa:To", &wsa->in_to },
		{ "wsa:RelatesTo", &wsa->in_relates_to },
		{ "wsa:Address", &wsa->in_address },
	};
	return are_texts(judge, simple, sizeof(simple) / sizeof(simple[0]));
}

static bool secures_in_texts(struct judge *judge, const struct security *security)
{
	const struct simple simple[] = {
		{ "wsu:Created", &security->in_created },
		{ "wsu:Expires", &security->in_expires },
		{ "wsse:Username", &security->in_username },
	};
	return are_texts(judge, simple, sizeof(simple) / sizeof(simple[0]));
}

static enum outcome values_are_text(struct judge *judge, const struct soap *soap)
{
	if (soap->header_count == 0)
		return NOT_APPLICABLE;
	bool texts = addresses_in_texts(judge, &soap->wsa_2004);
	texts = addresses_in_texts(judge, &soap->wsa_2005) && texts;
	for (size_t i = 0; i < soap->security_count; i++)
		texts = secures_in_texts(judge, &soap->securities[i]) && texts;
	return texts ? HOLDS : FAILS;
}

static const struct rule itk_061 = {
	.id = "ITK-061",
	.name = "soap-header-value-has-elements",
	.severity = CPIS_ERROR,
	.on = PART_SOAP,
	.basis = CPIS_BASIS_ITK,
	.cite = "WS-Addressing, MessageID, Action, To, RelatesTo and Address; WS-Security, "
		"Username, Created and Expires",
	.title = "Value in the SOAP header has an element in it",
	.why = "Receivers that know these values as text refuse the message, or read another text "
	       "than was meant.",
	.fix = "Send the text alone. Comments in it are allowed.",
	.check = { .soap = values_are_text },
};

const struct rule *const itk_soap_rules[] = {
	&itk_019, &itk_020, &itk_021, &itk_022, &itk_023, &itk_024, &itk_025, &itk_026, &itk_027,
	&itk_028, &itk_029, &itk_037, &itk_054, &itk_055, &itk_056, &itk_061, NULL,
};
