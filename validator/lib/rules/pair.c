#include "rules/pair.h"

#include "base/character.h"
#include "message/fold.h"
#include "rules/catalogue.h"
#include "rules/envelope.h"
#include "rules/judge.h"
#include "transport/parcel.h"

#include <strings.h>

#define RESPONSE "CP-IS DMS 1.0, REPC_MT000007GB01"

bool pair_has(const struct pair *pair, const struct summary_value *value)
{
	return value_there(&value->value) && value->document == pair->document;
}

bool pair_acknowledges_upload(const struct pair *pair)
{
	return pair->request->kind == SUMMARY_UPLOAD &&
	       pair->response->kind == SUMMARY_ACKNOWLEDGEMENT &&
	       pair_has(pair, &pair->response->root);
}

const struct value *pair_at(struct judge *judge, const struct summary_value *value)
{
	judge->message = value->message;
	return &value->value;
}

const struct value *pair_in_root(struct judge *judge, const struct pair *pair,
				 const struct value *value)
{
	judge->message = pair->response->root.message;
	return value;
}

struct str pair_text(const struct summary_value *value)
{
	return value->value.text;
}

enum outcome pair_same(struct judge *judge, const struct pair *pair,
		       const struct summary_value *found, const struct summary_value *expected,
		       const char *noun, const char *source)
{
	if (!pair_has(pair, found) || !value_there(&expected->value))
		return NOT_APPLICABLE;
	/* Blanks around a value are its own fault. */
	if (str_equal(str_trim(pair_text(found)), str_trim(pair_text(expected))))
		return HOLDS;
	const char *shown = judge_plain(judge, pair_text(expected));
	judge_expect(judge, "%s", shown);
	return judge_fail(judge, pair_at(judge, found), MASK_NONE, "%s is %s, but %s has %s", noun,
			  judge_plain(judge, pair_text(found)), source, shown);
}

enum outcome pair_worse(enum outcome a, enum outcome b)
{
	if (a == FAILS || b == FAILS)
		return FAILS;
	if (a == BLOCKED || b == BLOCKED)
		return BLOCKED;
	return a == HOLDS || b == HOLDS ? HOLDS : NOT_APPLICABLE;
}

static bool is_answered_query(const struct pair *pair)
{
	return pair->request->kind == SUMMARY_QUERY && pair->response->kind == SUMMARY_RESPONSE &&
	       pair_has(pair, &pair->response->root);
}

static enum outcome refers_to(struct judge *judge, const struct pair *pair,
			      const struct summary_value *reference, const struct summary_value *id,
			      const char *noun, const char *source)
{
	if (!pair_has(pair, reference) || !value_there(&id->value))
		return NOT_APPLICABLE;
	if (id_same(pair_text(reference), pair_text(id)))
		return HOLDS;
	const char *expected = judge_plain(judge, pair_text(id));
	judge_expect(judge, "%s", expected);
	return judge_fail(judge, pair_at(judge, reference), MASK_NONE,
			  "%s is %s, but the request's %s is %s", noun,
			  judge_plain(judge, pair_text(reference)), source, expected);
}

/* Of Spine's replies some name the id of the SOAP header, some that of the message. */
static enum outcome relates_to_the_request(struct judge *judge, const struct pair *pair)
{
	const struct message_summary *request = pair->request;
	const struct summary_value *said = &pair->response->relates_to;
	if (pair_has(pair, said) && value_there(&request->message_id.value) &&
	    id_same(pair_text(said), pair_text(&request->message_id)))
		return HOLDS;
	return refers_to(judge, pair, said, &request->soap_id, "wsa:RelatesTo", "wsa:MessageID");
}

static enum outcome refers_to_the_request(struct judge *judge, const struct pair *pair)
{
	const struct message_summary *request = pair->request, *response = pair->response;
	enum outcome outcome = refers_to(judge, pair, &response->message_ref, &request->message_id,
					 "messageRef", "message id");
	outcome = pair_worse(outcome, relates_to_the_request(judge, pair));
	return pair_worse(outcome, refers_to(judge, pair, &response->tracking_ref,
					     &request->tracking_id, "trackingIdRef", "trackingid"));
}

static const struct rule pair_006 = {
	.id = "PAIR-006",
	.name = "reply-refers-to-another-message",
	.severity = CPIS_ERROR,
	.on = PART_PAIR,
	.basis = CPIS_BASIS_TMS,
	.cite = "messageRef; WS-Addressing RelatesTo; ITK InfrastructureResponse trackingIdRef",
	.title = "Reply refers to a different message from the request",
	.why = "The system that asked drops the reply, or shows it for another patient.",
	.fix = "Refer to the id of the message being answered.",
	.check = { .pair = refers_to_the_request },
};

static enum outcome answers_for_the_number(struct judge *judge, const struct pair *pair)
{
	const struct summary_value *found = &pair->response->nhs_number;
	const struct summary_value *asked = &pair->request->nhs_number;
	if (!is_answered_query(pair) || !pair_has(pair, found) || str_is_blank(pair_text(asked)))
		return NOT_APPLICABLE;
	if (str_equal(pair_text(found), pair_text(asked)))
		return HOLDS;
	const char *expected = judge_show(judge, MASK_NHS_NUMBER, pair_text(asked));
	judge_expect(judge, "%s", expected);
	return judge_fail(judge, pair_at(judge, found), MASK_NHS_NUMBER,
			  "the response is about NHS number %s, but %s was asked for",
			  judge_show(judge, MASK_NHS_NUMBER, pair_text(found)), expected);
}

static const struct rule pair_008 = {
	.id = "PAIR-008",
	.name = "response-about-another-person",
	.severity = CPIS_ERROR,
	.on = PART_PAIR,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = RESPONSE,
	.title = "Response is about a different NHS number from the one asked for",
	.why = "A clinician would read another child's plan as this child's.",
	.fix = "Answer for the NHS number in the query.",
	.check = { .pair = answers_for_the_number },
};

static bool may_answer(const struct pair *pair);

/* Both came by ebXML, and the second answers the first. */
static bool is_answered_by_ebxml(const struct pair *pair)
{
	return pair_has(pair, &pair->response->root) && may_answer(pair) &&
	       pair->response->kind != SUMMARY_UPLOAD && pair->request->conversation.p &&
	       pair->response->conversation.p;
}

static const struct value *at_root(struct judge *judge, const struct pair *pair)
{
	struct value *place = arena_alloc(&judge->draft->arena, sizeof(*place));
	static const struct value nothing;
	if (!place)
		return &nothing;
	place->offset = pair->response->root.value.offset;
	return pair_in_root(judge, pair, place);
}

/* As far as both say it: a whole second is not before a part of it. */
static bool is_before(struct iso_time a, struct iso_time b)
{
	size_t digits = a.fraction.n < b.fraction.n ? a.fraction.n : b.fraction.n;
	a.fraction.n = b.fraction.n = digits;
	return iso_time_compare(&a, &b) < 0;
}

/* The payload's own time; the wrapper's where the payload has none. */
static const struct summary_time *time_of(const struct message_summary *summary)
{
	return value_there(&summary->made.at.value) ? &summary->made : &summary->wrapped;
}

/* A Timestamp of another form is TRN-036's. */
static enum outcome header_is_not_earlier(struct judge *judge, const struct pair *pair)
{
	struct str asked = pair->request->ebxml_made, answered = pair->response->ebxml_made;
	struct iso_time before = iso_time_of(asked), after = iso_time_of(answered);
	if (!is_answered_by_ebxml(pair) || !before.ok || !after.ok)
		return NOT_APPLICABLE;
	if (!is_before(after, before))
		return HOLDS;
	judge_expect(judge, "not before %s", judge_time(judge, asked));
	return judge_fail(judge, at_root(judge, pair), MASK_TIME,
			  "eb:Timestamp of the reply, %s, is before that of the request, %s",
			  judge_time(judge, answered), judge_time(judge, asked));
}

static enum outcome message_is_not_earlier(struct judge *judge, const struct pair *pair)
{
	const struct summary_time *asked = time_of(pair->request),
				  *answered = time_of(pair->response);
	bool two_uploads =
		pair->request->kind == SUMMARY_UPLOAD && pair->response->kind == SUMMARY_UPLOAD;
	if (!pair_has(pair, &answered->at) || !value_there(&asked->at.value) || two_uploads)
		return NOT_APPLICABLE;
	if (!asked->moment.ok || !answered->moment.ok)
		return judge_blocked(judge, NULL,
				     asked->moment.ok && pair->response->kind == SUMMARY_TRANSPORT
					     ? "ITK-041"
					     : "DAT-001");
	if (!moment_is_before_in_uk(&answered->moment, &asked->moment))
		return HOLDS;
	const char *expected = judge_plain(judge, pair_text(&asked->at));
	judge_expect(judge, "not before %s", expected);
	return judge_fail(judge, pair_at(judge, &answered->at), MASK_NONE,
			  "the reply is dated %s, before the request (%s)",
			  judge_plain(judge, pair_text(&answered->at)), expected);
}

static enum outcome is_not_earlier(struct judge *judge, const struct pair *pair)
{
	enum outcome message = message_is_not_earlier(judge, pair);
	return pair_worse(message, header_is_not_earlier(judge, pair));
}

static const struct rule pair_009 = {
	.id = "PAIR-009",
	.name = "reply-earlier-than-request",
	.severity = CPIS_WARNING,
	.on = PART_PAIR,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = "creationTime and effectiveTime; ITK infrastructure acknowledgement, @timestamp; "
		"ebXML Message Service 2.0, section 3.1.6.2",
	.title = "Reply is earlier than its request",
	.why = "One of the clocks is wrong, so times of access cannot be trusted either.",
	.fix = "Set both clocks from a time server, and send times with their UTC offset.",
	.check = { .pair = is_not_earlier },
};

/* A simple reply has no envelope: its Action names the service that it answers. */
static enum outcome simple_reply_answers(struct judge *judge, const struct pair *pair)
{
	struct str asked = pair_text(&pair->request->service);
	const struct summary_value *answered = &pair->response->action;
	if (!asked.n || !pair_has(pair, answered) || !may_answer(pair))
		return NOT_APPLICABLE;
	const char *wanted = judge_text(judge, "%.*sResponse", STR_ARG(asked));
	struct str said = str_trim(pair_text(answered));
	if (str_is(said, wanted))
		return HOLDS;
	judge_expect(judge, "%s", judge_plain(judge, str_of(wanted)));
	return judge_fail(judge, pair_at(judge, answered), MASK_NONE,
			  "wsa:Action of the reply, %s, does not match the request's service, %s",
			  judge_plain(judge, said), judge_plain(judge, asked));
}

/* Acknowledgements have services of their own, and what is sent without waiting for a reply may be
 * answered later in the same way. */
static bool answers_later(const struct message_summary *response, struct str asked,
			  struct str answered)
{
	enum service_direction service = envelope_service(answered);
	if (service == SERVICE_WITHOUT_ANSWER)
		return response->kind == SUMMARY_TRANSPORT || str_equal(asked, answered);
	return service == SERVICE_OF_ACKNOWLEDGEMENTS ||
	       service == SERVICE_OF_BUSINESS_ACKNOWLEDGEMENTS;
}

static enum outcome service_answers(struct judge *judge, const struct pair *pair)
{
	const struct summary_value *asked = &pair->request->service;
	const struct summary_value *answered = &pair->response->service;
	if (pair->response->kind == SUMMARY_SIMPLE)
		return simple_reply_answers(judge, pair);
	enum outcome reference = pair_same(judge, pair, &pair->response->service_ref, asked,
					   "serviceRef", "the request's service");
	/* What asks does not answer: PAIR-013. */
	bool asks = pair->response->kind == SUMMARY_QUERY || pair->response->kind == SUMMARY_UPLOAD;
	if (!pair_has(pair, answered) || !value_there(&asked->value) || asks)
		return reference;
	bool later = answers_later(pair->response, pair_text(asked), pair_text(answered));
	struct str head = { pair_text(answered).p, pair_text(asked).n };
	if (later || (pair_text(answered).n > head.n && str_equal(head, pair_text(asked)) &&
		      str_is(str_from(pair_text(answered), head.n), "Response")))
		return pair_worse(reference, HOLDS);
	judge_expect(judge, "%.*sResponse", STR_ARG(pair_text(asked)));
	if (str_equal(pair_text(asked), pair_text(answered)))
		return judge_fail(judge, pair_at(judge, answered), MASK_NONE,
				  "the reply has the service of its request, %s",
				  judge_plain(judge, pair_text(answered)));
	return judge_fail(judge, pair_at(judge, answered), MASK_NONE,
			  "the reply's service %s does not match the request's, %s",
			  judge_plain(judge, pair_text(answered)),
			  judge_plain(judge, pair_text(asked)));
}

static const struct rule pair_010 = {
	.id = "PAIR-010",
	.name = "service-does-not-answer",
	.severity = CPIS_ERROR,
	.on = PART_PAIR,
	.basis = CPIS_BASIS_ITK,
	.cite = "ITK distribution envelope, header service; InfrastructureResponse serviceRef",
	.title = "ITK service of the reply does not match that of the request",
	.why = "Middleware that routes by service loses the reply on its way back.",
	.fix = "Reply with the request's service followed by Response, and acknowledge with the "
	       "service for acknowledgements.",
	.check = { .pair = service_answers },
};

static const char *kind_noun(enum summary_kind kind)
{
	static const char *const nouns[] = {
		[SUMMARY_NONE] = "nothing",
		[SUMMARY_UPLOAD] = "an upload",
		[SUMMARY_ACKNOWLEDGEMENT] = "an upload acknowledgement",
		[SUMMARY_QUERY] = "a query",
		[SUMMARY_RESPONSE] = "a query response",
		[SUMMARY_OUTCOME] = "a query outcome",
		[SUMMARY_FAULT] = "a fault",
		[SUMMARY_TRANSPORT] = "a transport acknowledgement",
		[SUMMARY_NOTIFICATION] = "a notification",
		[SUMMARY_SIMPLE] = "a simple reply",
		[SUMMARY_SIGNAL] = "an ebXML acknowledgement or error",
	};
	return nouns[kind];
}

#define KIND(kind) (1u << (kind))

/* What is answered in the call itself, or by the same transport; uploads and what acknowledges them
 * come by files too. */
#define BY_TRANSPORT                                                                               \
	(KIND(SUMMARY_FAULT) | KIND(SUMMARY_TRANSPORT) | KIND(SUMMARY_SIMPLE) |                    \
	 KIND(SUMMARY_SIGNAL))

/* What comes by ITK is not answered by Spine, nor the other way round. */
static bool is_of_another_route(const struct pair *pair)
{
	return (pair->request->kind != SUMMARY_UPLOAD ||
		KIND(pair->response->kind) & BY_TRANSPORT) &&
	       !summary_share_route(pair->request, pair->response);
}

static bool may_answer(const struct pair *pair)
{
	static const unsigned answers[] = {
		[SUMMARY_UPLOAD] = KIND(SUMMARY_ACKNOWLEDGEMENT) | KIND(SUMMARY_OUTCOME),
		[SUMMARY_QUERY] = KIND(SUMMARY_RESPONSE) | KIND(SUMMARY_OUTCOME),
		[SUMMARY_NOTIFICATION] = 0,
	};
	enum summary_kind asked = pair->request->kind, answered = pair->response->kind;
	/* A fault or a simple reply ends the call that it is in. */
	if (is_of_another_route(pair) || asked == SUMMARY_FAULT || asked == SUMMARY_SIMPLE ||
	    (asked == SUMMARY_QUERY && pair->response->accepts_upload))
		return false;
	if (answered == SUMMARY_FAULT || answered == SUMMARY_TRANSPORT ||
	    answered == SUMMARY_SIGNAL)
		return true;
	/* It answers acknowledgements and documents, not what is answered with an envelope. */
	if (answered == SUMMARY_SIMPLE)
		return asked != SUMMARY_QUERY &&
		       envelope_service(pair_text(&pair->request->service)) != SERVICE_OF_REQUESTS;
	if (asked == SUMMARY_UPLOAD && answered == SUMMARY_UPLOAD)
		return ods_code_same(pair_text(&pair->request->organisation),
				     pair_text(&pair->response->organisation));
	/* A query's outcome is for queries alone; an application acknowledgement is for both. */
	if (answered == SUMMARY_OUTCOME &&
	    str_is(pair_text(&pair->response->root), "QUQI_IN010000UK14"))
		return asked == SUMMARY_QUERY;
	return asked < sizeof(answers) / sizeof(answers[0]) && answers[asked] & KIND(answered);
}

static const char *route_noun(const struct message_summary *message)
{
	return message->route == ROUTE_ITK ? "ITK" : "Spine";
}

/* Each version of SOAP is a binding of its own, and what comes back in a call is of the same. Only
 * a fault may say in SOAP 1.1 that SOAP 1.2 is not known. */
static enum outcome answers_in_its_soap(struct judge *judge, const struct pair *pair)
{
	const struct message_summary *request = pair->request, *response = pair->response;
	struct str service = pair_text(&response->service);
	bool in_the_call = KIND(response->kind) & (KIND(SUMMARY_RESPONSE) | KIND(SUMMARY_OUTCOME) |
						   KIND(SUMMARY_FAULT) | KIND(SUMMARY_SIMPLE)) &&
			   !request->answered_elsewhere &&
			   (service.n == 0 || envelope_service(service) == SERVICE_OF_REPLIES);
	if (!in_the_call || !request->soap_version || !response->soap_version ||
	    response->of_no_version || strcmp(request->soap_version, response->soap_version) == 0)
		return HOLDS;
	judge_severity(judge, CPIS_WARNING);
	judge_expect(judge, "SOAP %s", request->soap_version);
	judge_fix(judge, "Answer in the SOAP version of the request.");
	return judge_fail(judge, pair_at(judge, &response->root), MASK_NONE,
			  "the reply is in SOAP %s, but the request is in SOAP %s",
			  response->soap_version, request->soap_version);
}

static enum outcome is_a_reply(struct judge *judge, const struct pair *pair)
{
	const struct summary_value *root = &pair->response->root;
	if (!pair_has(pair, root))
		return NOT_APPLICABLE;
	if (may_answer(pair))
		return answers_in_its_soap(judge, pair);
	if (pair->request->kind == SUMMARY_UPLOAD && pair->response->kind == SUMMARY_UPLOAD)
		return judge_fail(judge, pair_at(judge, root), MASK_NONE,
				  "the two uploads have different senders, %s and %s, so neither "
				  "follows the other",
				  judge_plain(judge, pair_text(&pair->request->organisation)),
				  judge_plain(judge, pair_text(&pair->response->organisation)));
	const char *answer = pair->response->accepts_upload
				     ? "an acknowledgement without a response"
				     : kind_noun(pair->response->kind);
	const char *request = kind_noun(pair->request->kind);
	if (is_of_another_route(pair))
		return judge_fail(judge, pair_at(judge, root), MASK_NONE,
				  "%s that came by %s does not answer %s that was sent by %s",
				  answer, route_noun(pair->response), request,
				  route_noun(pair->request));
	return judge_fail(judge, pair_at(judge, root), MASK_NONE, "%s does not answer %s", answer,
			  request);
}

static const struct rule pair_013 = {
	.id = "PAIR-013",
	.name = "reply-of-another-kind",
	.severity = CPIS_ERROR,
	.on = PART_PAIR,
	.basis = CPIS_BASIS_DMS,
	.cite = "CP-IS DMS 1.0, interactions; SOAP 1.2 Part 1, section 5.4.7",
	.title = "Second message does not answer the first",
	.why = "The two were paired wrongly: nothing about either can be concluded from the other.",
	.fix = "Pair an upload with its acknowledgement or the upload after it, and a query with "
	       "its response or failure.",
	.check = { .pair = is_a_reply },
};

/* The query itself, or an earlier one by its author within 24 hours, which is listed in its place.
 */
static bool is_this_query(const struct message_summary *request, const struct listed_query *listed)
{
	if (str_equal(listed->id.text, pair_text(&request->query_id)))
		return true;
	return listed->author.n && str_equal(listed->author, request->author) &&
	       query_is_within_a_day(&listed->moment, &request->made.moment);
}

static enum outcome lists_this_query(struct judge *judge, const struct pair *pair)
{
	const struct message_summary *response = pair->response;
	if (!is_answered_query(pair) || !response->listed.first || !response->returned_count ||
	    pair->request->silent)
		return NOT_APPLICABLE;
	for (const struct listed_query *listed = response->listed.first; listed;
	     listed = listed->next)
		if (is_this_query(pair->request, listed))
			return HOLDS;
	judge_expect(judge, "%s", judge_plain(judge, pair_text(&pair->request->query_id)));
	return judge_fail(judge, pair_in_root(judge, pair, &response->listed.first->id), MASK_NONE,
			  "%zu access%s listed, but none is the query %s or an earlier one by its "
			  "author within 24 hours",
			  response->listed.count, response->listed.count == 1 ? " is" : "es are",
			  judge_plain(judge, pair_text(&pair->request->query_id)));
}

static const struct rule pair_014 = {
	.id = "PAIR-014",
	.name = "response-without-this-query",
	.severity = CPIS_WARNING,
	.on = PART_PAIR,
	.basis = CPIS_BASIS_DMS,
	.cite = RESPONSE ", pertinentInformation13",
	.title = "Response does not list the query that it answers",
	.why = "The access that has just happened is not on record, so no one will be notified of "
	       "it.",
	.fix = "List the query being answered, or its author's first query within 24 hours.",
	.check = { .pair = lists_this_query },
};

static enum outcome holds_one_message(struct judge *judge, const struct message_summary *summary,
				      const char *noun, size_t message)
{
	if (summary->count == 1)
		return HOLDS;
	const char *why =
		summary->count ? judge_text(judge, "the %s has %zu messages", noun, summary->count)
			       : judge_text(judge, "the %s has no message", noun);
	draft_add_omission(judge->draft, &judge->draft->messages[message], "the pair", why);
	return BLOCKED;
}

/* Two uploads are in sequence: neither answers the other. */
static void note_paired(struct judge *judge, const struct pair *pair, size_t message)
{
	struct draft *draft = judge->draft;
	const struct summary_value *root = &pair->response->root;
	if (pair->request->kind == SUMMARY_UPLOAD && pair->response->kind == SUMMARY_UPLOAD)
		return;
	if (message < draft->message_count)
		draft->messages[message].paired = true;
	if (pair_has(pair, root) && root->message < draft->message_count)
		draft->messages[root->message].paired = true;
}

void pair_judge(struct judge *judge, const struct message_summary *request,
		const struct message_summary *response, size_t document)
{
	size_t message = judge->message;
	struct pair_work work = { 0 };
	struct pair pair = { .part = { .kind = PART_PAIR },
			     .request = request,
			     .response = response,
			     .document = document,
			     .work = &work };
	if (holds_one_message(judge, request, "request", message) == HOLDS) {
		note_paired(judge, &pair, message);
		runner_judge(judge, &pair.part);
	}
	location_release(&work.upload);
	judge->message = message;
}

static enum outcome is_new_id(struct judge *judge, const struct pair *pair,
			      const struct summary_value *id, const struct summary_value *asked,
			      const char *noun)
{
	if (!pair_has(pair, id) || str_is_blank(pair_text(id)) || !value_there(&asked->value))
		return NOT_APPLICABLE;
	if (!uuid_same(pair_text(id), pair_text(asked)))
		return HOLDS;
	judge_expect(judge, "a new UUID");
	return judge_fail(judge, pair_at(judge, id), MASK_NONE,
			  "the reply's %s is that of the request, %s", noun,
			  judge_plain(judge, pair_text(id)));
}

/* Of a response in the message. Where it lists the query, RSP-012 compares the two. */
static enum outcome is_new_response_id(struct judge *judge, const struct pair *pair)
{
	const struct summary_value *asked = &pair->request->query_id;
	for (const struct listed_query *listed = pair->response->listed.first; listed;
	     listed = listed->next)
		if (uuid_same(listed->id.text, pair_text(asked)))
			return NOT_APPLICABLE;
	judge_severity(judge, CPIS_WARNING);
	return is_new_id(judge, pair, &pair->response->response_id, asked, "response id");
}

/* Not of two uploads: neither answers the other. */
static enum outcome has_its_own_id(struct judge *judge, const struct pair *pair)
{
	const struct message_summary *request = pair->request, *response = pair->response;
	if (request->kind == response->kind)
		return NOT_APPLICABLE;
	/* One that relates to itself, or answers itself, is ITK-056's or TMS-040's. */
	enum outcome header = NOT_APPLICABLE, wrapper = NOT_APPLICABLE;
	if (!uuid_same(pair_text(&response->relates_to), pair_text(&response->soap_id)))
		header = is_new_id(judge, pair, &response->soap_id, &request->soap_id,
				   "wsa:MessageID");
	if (!uuid_same(pair_text(&response->message_ref), pair_text(&response->message_id)))
		wrapper = is_new_id(judge, pair, &response->message_id, &request->message_id,
				    "message id");
	/* ITK's acknowledgement of itself is ITK-051's. */
	enum outcome tracking = NOT_APPLICABLE;
	if (!uuid_same(pair_text(&response->tracking_ref), pair_text(&response->tracking_id)))
		tracking = is_new_id(judge, pair, &response->tracking_id, &request->tracking_id,
				     "trackingid");
	enum outcome id = is_new_response_id(judge, pair);
	return pair_worse(pair_worse(id, tracking), pair_worse(header, wrapper));
}

static const struct rule pair_030 = {
	.id = "PAIR-030",
	.name = "reply-has-the-id-of-the-request",
	.severity = CPIS_ERROR,
	.on = PART_PAIR,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = "WS-Addressing MessageID; transmission wrapper, id; ITK distribution envelope, "
		"trackingid; " RESPONSE ", id",
	.title = "Reply has the id of its request",
	.why = "A message is known by its id: the reply is dropped as one that was already seen.",
	.fix = "Create a new UUID for every message.",
	.check = { .pair = has_its_own_id },
};

static enum outcome goes_to_who_asked(struct judge *judge, const struct pair *pair)
{
	const struct message_summary *response = pair->response;
	const struct summary_value *asked = &pair->request->envelope_sender;
	const struct summary_value *first = &response->recipients[0];
	/* Two uploads: neither answers the other. More recipients than are kept: one may be it. */
	if (!response->recipient_count || response->recipient_count > MOST_RECIPIENTS ||
	    pair->request->kind == response->kind || !pair_has(pair, first) ||
	    str_is_blank(pair_text(asked)))
		return NOT_APPLICABLE;
	for (size_t i = 0; i < response->recipient_count; i++)
		if (str_equal(str_trim(pair_text(&response->recipients[i])),
			      str_trim(pair_text(asked))))
			return HOLDS;
	judge_expect(judge, "%s", judge_plain(judge, pair_text(asked)));
	return judge_fail(judge, pair_at(judge, first), MASK_NONE,
			  "the reply's envelope is addressed to %s, but the request came from %s",
			  judge_plain(judge, pair_text(first)),
			  judge_plain(judge, pair_text(asked)));
}

static const struct rule pair_031 = {
	.id = "PAIR-031",
	.name = "reply-is-addressed-to-another",
	.severity = CPIS_WARNING,
	.on = PART_PAIR,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = "ITK distribution envelope, senderAddress of the request and addresslist of the "
		"reply",
	.title = "Reply's envelope is not addressed to the sender of the request",
	.why = "Middleware that routes by address sends a child's record to another organisation, "
	       "and the one that asked waits.",
	.fix = "Address the reply's envelope to the senderAddress of the request.",
	.check = { .pair = goes_to_who_asked },
};

static enum outcome is_secured_later(struct judge *judge, const struct pair *pair)
{
	const struct summary_value *asked = &pair->request->secured;
	const struct summary_value *answered = &pair->response->secured;
	if (!pair_has(pair, answered) || !value_there(&asked->value) ||
	    pair->request->kind == pair->response->kind)
		return NOT_APPLICABLE;
	struct iso_time before = iso_time_of(pair_text(asked));
	struct iso_time after = iso_time_of(pair_text(answered));
	if (!before.ok || !after.ok)
		return judge_blocked(judge, NULL, "ITK-027");
	if (!is_before(after, before))
		return HOLDS;
	judge_expect(judge, "not before %s", judge_plain(judge, pair_text(asked)));
	return judge_fail(judge, pair_at(judge, answered), MASK_NONE,
			  "Created of the reply, %s, is before that of the request, %s",
			  judge_plain(judge, pair_text(answered)),
			  judge_plain(judge, pair_text(asked)));
}

static const struct rule pair_032 = {
	.id = "PAIR-032",
	.name = "reply-secured-before-the-request",
	.severity = CPIS_ERROR,
	.on = PART_PAIR,
	.basis = CPIS_BASIS_ITK,
	.cite = "Official tests of a CP-IS mini service host: wsu:Created of the reply",
	.title = "Security timestamp of the reply is before that of the request",
	.why = "The official tests of mini services fail, and a client may drop the reply as an "
	       "old one that is sent again.",
	.fix = "Take Created from the clock when the reply is made, and set both clocks from a "
	       "time server.",
	.check = { .pair = is_secured_later },
};

/* The query of the request among the accesses of the response, by its id; NULL: it is not there. */
static const struct listed_query *listed_request(const struct pair *pair)
{
	struct str id = pair_text(&pair->request->query_id);
	if (!is_answered_query(pair) || str_is_blank(id))
		return NULL;
	for (const struct listed_query *listed = pair->response->listed.first; listed;
	     listed = listed->next)
		if (str_equal(listed->id.text, id))
			return listed;
	return NULL;
}

/* What is said of one author in the list and by the query, where both say it. */
static enum outcome is_listed_as_it_asked(struct judge *judge, const struct pair *pair,
					  const struct listed_query *listed)
{
	const struct asker *found = &listed->asker, *expected = &pair->request->asker;
	const struct {
		const char *noun;
		enum mask_kind mask;
		struct str found, expected;
	} all[] = {
		{ "organisation", MASK_NONE, found->organisation, expected->organisation },
		{ "role profile id", MASK_USER, found->profile, expected->profile },
		{ "family name", MASK_NAME, found->family, expected->family },
	};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (!all[i].found.p || !all[i].expected.p ||
		    str_same_letters(all[i].found, all[i].expected) ||
		    (all[i].mask == MASK_NAME &&
		     character_same_letters(all[i].found, all[i].expected)))
			continue;
		const char *expect = judge_show(judge, all[i].mask, all[i].expected);
		judge_expect(judge, "%s", expect);
		return judge_fail(judge, pair_in_root(judge, pair, &listed->id), MASK_NONE,
				  "the query that was asked is listed under %s %s, but it was "
				  "asked under %s",
				  all[i].noun, judge_show(judge, all[i].mask, all[i].found),
				  expect);
	}
	return HOLDS;
}

static enum outcome is_listed_under_its_author(struct judge *judge, const struct pair *pair)
{
	const struct listed_query *listed = listed_request(pair);
	if (!listed || !listed->author.n || !pair->request->author.n)
		return NOT_APPLICABLE;
	if (str_equal(listed->author, pair->request->author))
		return is_listed_as_it_asked(judge, pair, listed);
	judge_expect(judge, "%s", judge_show(judge, MASK_USER, pair->request->author));
	return judge_fail(judge, pair_in_root(judge, pair, &listed->id), MASK_NONE,
			  "the query that was asked is listed under author %s, but %s asked",
			  judge_show(judge, MASK_USER, listed->author),
			  judge_show(judge, MASK_USER, pair->request->author));
}

static const struct rule pair_033 = {
	.id = "PAIR-033",
	.name = "query-listed-under-another-author",
	.severity = CPIS_ERROR,
	.on = PART_PAIR,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = RESPONSE ", pertinentInformation13.author",
	.title = "Query that was asked is listed under another author",
	.why = "Someone who did not open the child's record, or another organisation, is recorded "
	       "as having done so, and who did is not.",
	.fix = "List the query with the author that it had: user, role profile and organisation.",
	.check = { .pair = is_listed_under_its_author },
};

static enum outcome is_listed_at_its_time(struct judge *judge, const struct pair *pair)
{
	const struct listed_query *listed = listed_request(pair);
	const struct summary_time *asked = &pair->request->made;
	/* Spine lists times without their offset: by which clock is not known. */
	if (!listed || !listed->moment.ok || !asked->moment.ok || !listed->moment.has_offset ||
	    !asked->moment.has_offset)
		return NOT_APPLICABLE;
	if (moment_compare(&listed->moment, &asked->moment) == 0)
		return HOLDS;
	judge_expect(judge, "%s", judge_plain(judge, pair_text(&asked->at)));
	return judge_fail(judge, pair_in_root(judge, pair, &listed->effective), MASK_NONE,
			  "the query that was asked is listed at %s, but its effectiveTime is %s",
			  judge_plain(judge, listed->effective.text),
			  judge_plain(judge, pair_text(&asked->at)));
}

static const struct rule pair_034 = {
	.id = "PAIR-034",
	.name = "query-listed-at-another-time",
	.severity = CPIS_WARNING,
	.on = PART_PAIR,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = RESPONSE ", pertinentInformation13.effectiveTime",
	.title = "Query that was asked is listed at another time",
	.why = "When the child was seen is part of the picture: one of the times is wrong.",
	.fix = "List the query with the effectiveTime that it had.",
	.check = { .pair = is_listed_at_its_time },
};

static enum outcome silent_read_is_not_listed(struct judge *judge, const struct pair *pair)
{
	const struct listed_query *listed = listed_request(pair);
	if (!is_answered_query(pair) || !pair->request->silent)
		return NOT_APPLICABLE;
	if (!listed)
		return HOLDS;
	return judge_fail(judge, pair_in_root(judge, pair, &listed->id), MASK_NONE,
			  "the query that was asked is a silent read, which should not be listed");
}

static const struct rule pair_035 = {
	.id = "PAIR-035",
	.name = "silent-read-listed-by-its-response",
	.severity = CPIS_WARNING,
	.on = PART_PAIR,
	.basis = CPIS_BASIS_DMS,
	.cite = "CP-IS DMS 1.0 patch D, query example 3, accessEventType" PATCH_D,
	.title = "Response lists the silent read that it answers",
	.why = "A query of scheduled care does not mean that something happened to the child: "
	       "among visits to emergency departments it is read as one.",
	.fix = "List the queries of unscheduled care only.",
	.check = { .pair = silent_read_is_not_listed },
};

/* The name of a party at the start of a list, which it is cut off; absent at its end. */
static struct str next_party(struct str *parties)
{
	const char *end = parties->n ? memchr(parties->p, PARTY_END, parties->n) : NULL;
	if (!end)
		return (struct str){ 0 };
	struct str party = { parties->p, (size_t)(end - parties->p) };
	*parties = str_from(*parties, party.n + 1);
	return party;
}

/* Whether a party has a name in common with another one: it may have several. */
static bool is_one_party(struct str a, struct str b)
{
	struct str one, other;
	while ((one = next_party(&a)).p)
		for (struct str rest = b; (other = next_party(&rest)).p;)
			if (str_equal(one, other))
				return true;
	return false;
}

/* What the header of ebXML says is a warning, as in the rules below. */
static enum outcome is_party(struct judge *judge, const struct pair *pair, struct str found,
			     struct str expected, const char *noun, const char *source)
{
	/* One that is missing is TRN-036's. */
	if (!is_answered_by_ebxml(pair) || found.n == 0 || expected.n == 0)
		return NOT_APPLICABLE;
	if (is_one_party(found, expected))
		return HOLDS;
	const char *is = judge_plain(judge, next_party(&found)),
		   *meant = judge_plain(judge, next_party(&expected));
	judge_severity(judge, CPIS_WARNING);
	judge_expect(judge, "%s", meant);
	return judge_fail(judge, at_root(judge, pair), MASK_NONE, "%s is %s, but %s is %s", noun,
			  is, source, meant);
}

/* Of the receivers of a message the one that has an ASID, or else the first. More of them than are
 * kept: one may have it. */
static const struct summary_value *receiver_of(const struct message_summary *summary,
					       const struct summary_value *asid)
{
	static const struct summary_value unknown;
	for (size_t i = 0; i < summary->receiver_count && i < MOST_RECEIVERS; i++)
		if (str_equal(str_trim(pair_text(&summary->receiver_asids[i])),
			      str_trim(pair_text(asid))))
			return &summary->receiver_asids[i];
	return summary->receiver_count > MOST_RECEIVERS ? &unknown : &summary->receiver_asids[0];
}

static enum outcome goes_the_way_back(struct judge *judge, const struct pair *pair)
{
	const struct message_summary *request = pair->request, *response = pair->response;
	enum outcome receiver =
		pair_same(judge, pair, receiver_of(response, &request->sender_asid),
			  &request->sender_asid, "the receiver's ASID", "the request's sender");
	enum outcome sender = pair_same(judge, pair, &response->sender_asid,
					receiver_of(request, &response->sender_asid),
					"the sender's ASID", "the request's receiver");
	enum outcome to = is_party(judge, pair, response->parties_to, request->parties_from,
				   "the PartyId in eb:To", "the request's eb:From");
	enum outcome from = is_party(judge, pair, response->parties_from, request->parties_to,
				     "the PartyId in eb:From", "the request's eb:To");
	return pair_worse(pair_worse(receiver, sender), pair_worse(to, from));
}

static const struct rule pair_007 = {
	.id = "PAIR-007",
	.name = "asids-are-not-swapped",
	.severity = CPIS_ERROR,
	.on = PART_PAIR,
	.basis = CPIS_BASIS_TMS,
	.cite = "Transmission wrapper, communicationFunctionRcv and communicationFunctionSnd; "
		"ebXML Message Service 2.0, section 3.1.1",
	.title = "Sender and receiver of the reply are not those of the request, swapped",
	.why = "The reply goes to a system that did not ask, and the one that asked waits.",
	.fix = "Send the reply from the ASID that was asked to the ASID that asked, and with "
	       "ebXML from party to party.",
	.check = { .pair = goes_the_way_back },
};

static enum outcome is_in_the_conversation(struct judge *judge, const struct pair *pair)
{
	struct str asked = pair->request->conversation, said = pair->response->conversation;
	/* One that is missing is TRN-036's. */
	if (!is_answered_by_ebxml(pair) || asked.n == 0 || said.n == 0)
		return NOT_APPLICABLE;
	if (str_equal(asked, said))
		return HOLDS;
	judge_expect(judge, "%s", judge_plain(judge, asked));
	return judge_fail(judge, at_root(judge, pair), MASK_NONE,
			  "eb:ConversationId is %s, but the request's is %s",
			  judge_plain(judge, said), judge_plain(judge, asked));
}

static const struct rule pair_036 = {
	.id = "PAIR-036",
	.name = "reply-in-another-conversation",
	.severity = CPIS_WARNING,
	.on = PART_PAIR,
	.basis = CPIS_BASIS_TMS,
	.cite = "ebXML Message Service 2.0, section 3.1.3",
	.title = "ConversationId of the reply is not that of the request",
	.why = "The handler of messages finds what a reply belongs to by its conversation: this "
	       "one "
	       "belongs to nothing.",
	.fix = "Send the ConversationId of the request with every message that answers it.",
	.check = { .pair = is_in_the_conversation },
};

/* An Acknowledgment beside a payload. Alone it is TRN-036's that the header names two messages. */
static enum outcome acknowledges_the_request(struct judge *judge, const struct pair *pair)
{
	const struct str *acks = pair->response->ebxml_acks;
	struct str asked = pair->request->ebxml_id;
	struct str said = acks[0].n == 0 || id_same(asked, acks[0]) ? acks[1] : acks[0];
	if (said.n == 0 || id_same(asked, said) || pair->response->kind == SUMMARY_SIGNAL)
		return HOLDS;
	judge_expect(judge, "%s", judge_plain(judge, asked));
	return judge_fail(judge, at_root(judge, pair), MASK_NONE,
			  "RefToMessageId of the Acknowledgment is %s, but the request's MessageId "
			  "is %s",
			  judge_plain(judge, said), judge_plain(judge, asked));
}

static enum outcome names_the_request(struct judge *judge, const struct pair *pair)
{
	struct str asked = pair->request->ebxml_id, said = pair->response->ebxml_ref;
	if (!is_answered_by_ebxml(pair) || asked.n == 0)
		return NOT_APPLICABLE;
	if (said.n && id_same(asked, said))
		return acknowledges_the_request(judge, pair);
	judge_expect(judge, "%s", judge_plain(judge, asked));
	if (said.n == 0)
		return judge_fail(
			judge, at_root(judge, pair), MASK_NONE,
			"the ebXML header of the reply has no RefToMessageId; it should be "
			"%s",
			judge_plain(judge, asked));
	return judge_fail(judge, at_root(judge, pair), MASK_NONE,
			  "eb:RefToMessageId is %s, but the request's MessageId is %s",
			  judge_plain(judge, said), judge_plain(judge, asked));
}

static const struct rule pair_037 = {
	.id = "PAIR-037",
	.name = "ebxml-reply-refers-to-another-message",
	.severity = CPIS_WARNING,
	.on = PART_PAIR,
	.basis = CPIS_BASIS_TMS,
	.cite = "ebXML Message Service 2.0, section 3.1.6.4",
	.title = "RefToMessageId of the reply is not the request's MessageId",
	.why = "The requester cannot match the reply, so the request is sent again or given up.",
	.fix = "Send the MessageId of the request in RefToMessageId.",
	.check = { .pair = names_the_request },
};

const struct rule *const pair_rules[] = {
	&pair_006, &pair_007, &pair_008, &pair_009, &pair_010, &pair_013, &pair_014, &pair_030,
	&pair_031, &pair_032, &pair_033, &pair_034, &pair_035, &pair_036, &pair_037, NULL,
};
