#include "reply/answer.h"

#include "diag/results.h"
#include "message/identifiers.h"
#include "message/timestamp.h"
#include "state/state.h"

#include <stdio.h>

const struct identity default_identity = {
	.asid = "990000000001",
	.party = "CPIS-0000001",
	.ods = "ZZ9",
	.user = "cpis-simulator",
	.address = "https://spine.cpis.example/sync-service",
	.mailbox = "CPISTWIN",
};

/* Of systems that the request does not name. */
#define UNKNOWN_ASID "999999999999"
#define UNKNOWN_ID   "00000000-0000-0000-0000-000000000000"

#define SERVICES     "urn:nhs:names:services:"
#define ITK_SERVICES "urn:nhs-itk:services:201005:"
#define ADDRESS	     "urn:nhs-uk:addressing:"

void answer_init(struct answer *answer)
{
	*answer = (struct answer){ .status = 200 };
	buf_init(&answer->body, SIZE_MAX / 2);
}

void answer_release(struct answer *answer)
{
	buf_release(&answer->body);
}

void content_of_decision(struct content *content, const struct decision *decision)
{
	const struct refusal *row = decision->refusal;
	*content = (struct content){ .kind = row->kind, .code = row->code, .text = row->text };
	if (row->kind == REFUSE_MCCI) {
		content->issue_count = decision->issue_count;
		memcpy(content->issues, decision->issues, sizeof(content->issues));
	}
	if (row->kind == REFUSE_ITK_FAULT)
		content->diagnostic = decision->finding->rule->title;
}

void content_not_found(struct content *content, enum channel channel)
{
	*content = (struct content){ .kind = REFUSE_QUQI };
	if (channel == CHANNEL_ITK) {
		content->kind = REFUSE_STATUS;
		content->code = "CPIS-0001";
		content->cite = "CP-ISMiniServiceResponseCode: No Match (NRF)";
		return;
	}
	content->cite = state_fact(FACT_NO_RECORD)->source;
	content->issues[content->issue_count++] =
		(struct detected_issue){ "1", "NHS Number Not Found" };
	content->issues[content->issue_count++] =
		(struct detected_issue){ "NHSNCC002", "NHS Number Not Found" };
}

const char *content_code(const struct content *content)
{
	const struct upload_outcome *outcome = &content->outcome;
	if (content->code)
		return content->code;
	if (content->issue_count)
		return content->issues[content->issue_count - 1].code;
	for (size_t i = 0; content->has_outcome && outcome->details && i < outcome->record_count;
	     i++)
		if (strcmp(outcome->details[i].code, state_code_text(CODE_CPR06)) != 0)
			return outcome->details[i].code;
	return content->has_outcome ? outcome->code : NULL;
}

const char *content_basis(const struct content *content)
{
	return content->cite ? refusal_basis_name(content->basis) : NULL;
}

/* Everything that one reply needs, while it is written. */
struct writing {
	struct answer *answer;
	const struct request *request;
	const struct content *content;
	const struct identity *identity;
	char ids[4][UUID_BYTES], request_id[UUID_BYTES];
	char created[TIME_BYTES], iso[TIME_BYTES], expires[TIME_BYTES];
	char service[48];
};

static void set_type(struct answer *answer, const char *type)
{
	snprintf(answer->content_type, sizeof(answer->content_type), "%s; charset=UTF-8", type);
}

static struct str asid_or(struct str asid, const char *other)
{
	return sds_id_is(asid) ? asid : str_of(other);
}

/* Spine */

/* The id that the reply refers to: the interaction's, or what comes nearest. It is written in upper
 * case, as it must be, whatever the request has. */
static void take_request_id(char id[UUID_BYTES], const struct request *request)
{
	const struct str ids[] = { request->message_id, uuid_bare(request->soap_id),
				   request->ebxml.message_id, STR(UNKNOWN_ID) };
	size_t at = 0;
	while (at < 3 && !uuid_is(ids[at]))
		at++;
	for (size_t i = 0; i < UUID_BYTES - 1; i++) {
		char c = ids[at].p[i];
		id[i] = c >= 'a' && c <= 'f' ? "ABCDEF"[c - 'a'] : c;
	}
	id[UUID_BYTES - 1] = '\0';
}

static struct spine_envelope spine_envelope(const struct writing *writing, bool soap)
{
	const struct request *request = writing->request;
	struct str id = str_of(writing->request_id);
	return (struct spine_envelope){
		.soap = soap,
		.service = request->asked == ASKED_UPLOAD ? "cpisupload" : "cpisquery",
		.message_id = str_of(writing->ids[0]),
		.to = STR(""),
		.from = str_of(writing->identity->address),
		.relates_to = request->soap_id.n ? request->soap_id : id,
		.request_id = id,
		.sender = asid_or(request->receiver, writing->identity->asid),
		.receiver = asid_or(request->sender, UNKNOWN_ASID),
		.created = str_of(writing->created),
	};
}

/* The interaction that says it, in SOAP or not; its name is the answer's type then. */
static int write_interaction(const struct writing *writing, struct buf *out, bool soap)
{
	const struct content *content = writing->content;
	struct spine_envelope envelope = spine_envelope(writing, soap);
	struct detected_issue one = { content->code, content->text };
	const struct detected_issue *issues = content->issue_count ? content->issues : &one;
	size_t count = content->issue_count ? content->issue_count : 1;
	switch (content->kind) {
	case REFUSE_QUQI:
		writing->answer->type = "QUQI_IN010000UK14";
		return write_query_failure(out, &envelope, "ID", issues, count);
	case REFUSE_NOT:
	case REFUSE_FILE:
	case REFUSE_RECORD:
		if (content->has_outcome) {
			writing->answer->type = "REPC_IN000003GB01";
			return write_upload_reply(out, &envelope, &content->outcome);
		}
		writing->answer->type = "REPC_IN000007GB01";
		return write_query_response(out, &envelope, &content->response);
	default:
		writing->answer->type = "MCCI_IN010000UK13";
		return write_application_acknowledgement(
			out, &envelope, issues, content->code || content->issue_count ? count : 0);
	}
}

static int write_spine(struct writing *writing)
{
	const struct content *content = writing->content;
	struct answer *answer = writing->answer;
	set_type(answer, "text/xml");
	if (content->kind == REFUSE_SPINE_FAULT) {
		const struct spine_fault fault = {
			.code = content->code,
			.location = content->text,
			.text = "The request was refused: see location",
		};
		answer->status = 500;
		answer->type = "SOAP-Fault";
		return write_spine_fault(&answer->body, &fault);
	}
	int status = write_interaction(writing, &answer->body, true);
	snprintf(answer->soap_action, sizeof(answer->soap_action), SERVICES "%s/%s",
		 writing->request->asked == ASKED_UPLOAD ? "cpisupload" : "cpisquery",
		 answer->type);
	return status;
}

/* ebXML */

static struct ebxml_envelope ebxml_envelope(const struct writing *writing, const char *service,
					    const char *action)
{
	const struct request *request = writing->request;
	struct str from = request->ebxml.from;
	return (struct ebxml_envelope){
		.from_party =
			request->ebxml.to.n ? request->ebxml.to : str_of(writing->identity->party),
		.to_party = from.n ? from : STR("UNKNOWN-0000000"),
		.cpa_id = request->ebxml.cpa_id.n ? request->ebxml.cpa_id : STR("UNKNOWN"),
		.conversation = request->ebxml.conversation.n ? request->ebxml.conversation
							      : str_of(writing->ids[1]),
		.service = service,
		.action = action,
		.message_id = str_of(writing->ids[1]),
		.ref_to = request->ebxml.message_id.n ? request->ebxml.message_id
						      : str_of(writing->request_id),
		.timestamp = str_of(writing->iso),
	};
}

static int write_ebxml(struct writing *writing)
{
	const struct content *content = writing->content;
	struct answer *answer = writing->answer;
	set_type(answer, "text/xml");
	if (content->kind == REFUSE_EBXML || content->kind == REFUSE_SPINE_FAULT) {
		struct ebxml_envelope envelope = ebxml_envelope(
			writing, "urn:oasis:names:tc:ebxml-msg:service", "MessageError");
		bool known = content->kind == REFUSE_EBXML;
		answer->status = 500;
		answer->type = "ebXML-Error";
		return write_ebxml_error(
			&answer->body, &envelope, known ? content->code : "Unknown",
			"urn:oasis:names:tc:ebxml-msg:service:errors",
			known && content->text ? content->text : "The message was refused");
	}
	struct buf payload;
	char boundary[BOUNDARY_BYTES];
	buf_init(&payload, SIZE_MAX / 2);
	int status = write_interaction(writing, &payload, false);
	bool upload = writing->request->asked == ASKED_UPLOAD;
	struct ebxml_envelope envelope = ebxml_envelope(
		writing, upload ? SERVICES "cpisupload" : SERVICES "cpisquery", answer->type);
	if (status == 0)
		status =
			write_ebxml_message(&answer->body, &envelope, buf_view(&payload), boundary);
	buf_release(&payload);
	snprintf(answer->content_type, sizeof(answer->content_type),
		 "multipart/related; boundary=\"%s\"; type=\"text/xml\"; "
		 "start=\"<ebXMLHeader@spine.nhs.uk>\"",
		 status == 0 ? boundary : "");
	snprintf(answer->soap_action, sizeof(answer->soap_action), "%s/%s", envelope.service,
		 answer->type);
	return status;
}

/* ITK */

static struct str itk_address(const struct request *request)
{
	static const char form[] = ADDRESS "ods:";
	bool good = str_starts(request->itk_sender, str_of(form)) &&
		    request->itk_sender.n > sizeof(form) - 1;
	return good ? request->itk_sender : (struct str){ 0 };
}

enum { LASTS = 300 }; /* seconds that a reply is good for */

/* A reply is never secured before its request, whose clock may be ahead. */
static void secure_after(struct writing *writing, struct str requested, long long now)
{
	const struct iso_time asked = iso_time_of(requested);
	if (!asked.ok || asked.moment.seconds <= now)
		return;
	time_iso(asked.moment.seconds, writing->iso);
	time_iso(asked.moment.seconds + LASTS, writing->expires);
}

static int write_itk(struct writing *writing)
{
	const struct content *content = writing->content;
	const struct request *request = writing->request;
	struct answer *answer = writing->answer;
	char identity[64], from[64];
	snprintf(identity, sizeof(identity), "urn:nhs-uk:identity:ods:%s", writing->identity->ods);
	snprintf(from, sizeof(from), ADDRESS "ods:%s", writing->identity->ods);
	bool answers = uuid_is(uuid_bare(request->soap_id));
	const struct itk_envelope envelope = {
		.soap = true,
		.soap12 = request->soap12,
		.message_id = str_of(writing->ids[0]),
		.relates_to = answers ? request->soap_id : (struct str){ 0 },
		.tracking_id = str_of(writing->ids[1]),
		.payload_id = str_of(writing->ids[2]),
		.timestamp_id = str_of(writing->ids[3]),
		.created = str_of(writing->iso),
		.expires = str_of(writing->expires),
		.to = itk_address(request),
		.identity = str_of(identity),
		.from = str_of(from),
		.user = str_of(writing->identity->user),
		.request_tracking = request->tracking_id,
		.request_service = request->service,
	};
	set_type(answer, request->soap12 ? "application/soap+xml" : "text/xml");
	snprintf(answer->soap_action, sizeof(answer->soap_action),
		 ITK_SERVICES "sendRecvDistEnvelopeResponse");
	if (content->kind == REFUSE_ITK_FAULT) {
		const struct itk_error error = { str_of(writing->ids[2]), content->code,
						 content->text, content->diagnostic };
		answer->status = 500;
		answer->type = request->soap12 ? "SOAP12-Fault" : "SOAP-Fault";
		answer->soap_action[0] = 0;
		return write_itk_fault(&answer->body, &envelope, &error);
	}
	if (content->has_outcome) {
		answer->type = "REPC_MT000003GB01";
		return write_itk_upload_acknowledgement(&answer->body, &envelope,
							&content->outcome);
	}
	struct query_response response = content->response;
	const char *code = content->kind == REFUSE_NOT ? "SMSP-0000" : content->code;
	const struct code *status =
		code_find(&mini_service_statuses, str_of(code ? code : "CPIS-9999"));
	response.status = str_of(status ? status->code : "CPIS-9999");
	response.status_name =
		str_of(status ? status->display_name : "Generic CP-IS service errors");
	answer->type = "REPC_MT000012GB01";
	return write_mini_response(&answer->body, &envelope, &response);
}

/* MESH */

static int write_file(struct writing *writing)
{
	const struct content *content = writing->content;
	struct answer *answer = writing->answer;
	set_type(answer, "application/xml");
	if (content->has_outcome) {
		answer->type = "REPC_MT000003GB01";
		return write_upload_acknowledgement(&answer->body, &content->outcome);
	}
	char digits[15];
	snprintf(digits, sizeof(digits), "%.14s", writing->created);
	const struct transfer_control control = {
		.from = str_of(writing->identity->mailbox),
		.workflow = STR("CPIS_UPLOAD"),
		.subject = STR("Error report"),
		.message_id = str_of(writing->ids[0]),
		.report = true,
		.event = "SEND",
		.status = "ERROR",
		.status_code = content->code,
		.description = content->text,
		.timestamp = str_of(digits),
	};
	answer->type = "DTSControl";
	return write_mesh_control(&answer->body, &control);
}

static void begin(struct writing *writing, struct id_maker *maker, long long now)
{
	for (size_t i = 0; i < sizeof(writing->ids) / sizeof(writing->ids[0]); i++)
		id_maker_uuid(maker, writing->ids[i]);
	take_request_id(writing->request_id, writing->request);
	time_hl7(now, writing->created);
	time_iso(now, writing->iso);
	time_iso(now + LASTS, writing->expires);
	if (writing->request->channel == CHANNEL_ITK)
		secure_after(writing, writing->request->secured, now);
}

int answer_write(struct answer *answer, const struct request *request,
		 const struct content *content, const struct identity *identity,
		 struct id_maker *maker, long long now)
{
	struct writing writing = {
		.answer = answer,
		.request = request,
		.content = content,
		.identity = identity,
	};
	struct content said = *content;
	char response_id[UUID_BYTES];
	begin(&writing, maker, now);
	id_maker_uuid(maker, response_id);
	if (!said.response.id.p)
		said.response.id = str_of(response_id);
	if (!said.response.effective.p)
		said.response.effective = str_of(writing.created);
	if (said.has_outcome && !said.outcome.created.p)
		said.outcome.created = str_of(writing.created);
	writing.content = &said;
	switch (request->channel) {
	case CHANNEL_EBXML:
		return write_ebxml(&writing);
	case CHANNEL_ITK:
		return write_itk(&writing);
	case CHANNEL_MESH:
		return write_file(&writing);
	default:
		return write_spine(&writing);
	}
}

int answer_write_ebxml_receipt(struct answer *answer, const struct request *request,
			       const struct identity *identity, struct id_maker *maker,
			       long long now)
{
	struct writing writing = { .answer = answer, .request = request, .identity = identity };
	begin(&writing, maker, now);
	struct ebxml_envelope envelope =
		ebxml_envelope(&writing, "urn:oasis:names:tc:ebxml-msg:service", "Acknowledgment");
	answer->status = 202;
	answer->type = "ebXML-Acknowledgment";
	set_type(answer, "text/xml");
	return write_ebxml_acknowledgement(&answer->body, &envelope);
}
