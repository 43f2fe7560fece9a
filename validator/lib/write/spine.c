/* Interactions of Spine, in SOAP or alone. */
#include "write/messages.h"

#include <stdio.h>

#define SOAP11_NAMESPACE "http://schemas.xmlsoap.org/soap/envelope/"
#define WSA_2004	 "http://schemas.xmlsoap.org/ws/2004/08/addressing"
#define OID_SPINE_ERRORS "2.16.840.1.113883.2.1.3.2.4.17.42"

/* What an interaction has beside its payload. */
struct interaction {
	const char *id;		     /* "REPC_IN000007GB01" */
	const char *wrapper;	     /* element between Body and interaction; NULL: none */
	const char *version;	     /* versionCode */
	const char *acknowledgement; /* typeCode; NULL: it has none */
	const struct detected_issue *issues;
	size_t issue_count;
	const char *query_ack; /* queryResponseCode; NULL: none */
};

static void write_device(struct element_writer *writer, const char *prefix, const char *name,
			 struct str asid)
{
	char names[3][40];
	snprintf(names[0], sizeof(names[0]), "%s%s", prefix, name);
	snprintf(names[1], sizeof(names[1]), "%sdevice", prefix);
	snprintf(names[2], sizeof(names[2]), "%sid", prefix);
	bool plain = !*prefix;
	element_open(writer, names[0]);
	if (plain)
		element_set(writer, "typeCode", strstr(name, "Rcv") ? "RCV" : "SND");
	element_open(writer, names[1]);
	if (plain) {
		element_set(writer, "classCode", "DEV");
		element_set(writer, "determinerCode", "INSTANCE");
	}
	element_open(writer, names[2]);
	element_set(writer, "root", OID_ASID);
	element_attribute(writer, "extension", asid);
	element_close_many(writer, 3);
}

static void write_uuid(struct element_writer *writer, const char *name, struct str uuid)
{
	char text[80];
	struct str bare = uuid_bare(uuid);
	snprintf(text, sizeof(text), "uuid:%.*s", bare.n > 64 ? 64 : (int)bare.n, bare.p);
	element_leaf(writer, name, str_of(text));
}

static void write_header(struct element_writer *writer, const struct spine_envelope *envelope,
			 const char *interaction)
{
	char action[96];
	snprintf(action, sizeof(action), "urn:nhs:names:services:%s/%s", envelope->service,
		 interaction);
	element_open(writer, "SOAP:Header");
	write_uuid(writer, "wsa:MessageID", envelope->message_id);
	element_leaf(writer, "wsa:Action", str_of(action));
	element_leaf(writer, "wsa:To", envelope->to);
	element_open(writer, "wsa:From");
	element_leaf(writer, "wsa:Address", envelope->from);
	element_close(writer);
	write_device(writer, "hl7:", "communicationFunctionRcv", envelope->receiver);
	write_device(writer, "hl7:", "communicationFunctionSnd", envelope->sender);
	if (envelope->relates_to.p)
		write_uuid(writer, "wsa:RelatesTo", envelope->relates_to);
	element_close(writer);
}

static void open_soap(struct element_writer *writer, const struct spine_envelope *envelope,
		      const struct interaction *interaction)
{
	element_open(writer, "SOAP:Envelope");
	element_set(writer, "xmlns:SOAP", SOAP11_NAMESPACE);
	element_set(writer, "xmlns:wsa", WSA_2004);
	element_set(writer, "xmlns:hl7", HL7_NAMESPACE);
	write_header(writer, envelope, interaction->id);
	element_open(writer, "SOAP:Body");
	if (interaction->wrapper) {
		element_open(writer, interaction->wrapper);
		element_set(writer, "xmlns", HL7_NAMESPACE);
	}
}

static void write_wrapper(struct element_writer *writer, const struct spine_envelope *envelope,
			  const struct interaction *interaction)
{
	element_empty(writer, "id", "root", envelope->message_id);
	element_empty(writer, "creationTime", "value", envelope->created);
	element_empty(writer, "versionCode", "code", str_of(interaction->version));
	element_open(writer, "interactionId");
	element_set(writer, "root", OID_INTERACTION);
	element_set(writer, "extension", interaction->id);
	element_close(writer);
	element_empty(writer, "processingCode", "code", STR("P"));
	element_empty(writer, "processingModeCode", "code", STR("T"));
	element_empty(writer, "acceptAckCode", "code", STR("NE"));
	if (interaction->acknowledgement) {
		element_open(writer, "acknowledgement");
		element_set(writer, "typeCode", interaction->acknowledgement);
		element_open(writer, "messageRef");
		element_empty(writer, "id", "root", envelope->request_id);
		element_close_many(writer, 2);
	}
	write_device(writer, "", "communicationFunctionRcv", envelope->receiver);
	write_device(writer, "", "communicationFunctionSnd", envelope->sender);
}

static void write_author1(struct element_writer *writer, struct str asid)
{
	element_open(writer, "author1");
	element_set(writer, "typeCode", "AUT");
	element_open(writer, "AgentSystemSDS");
	element_set(writer, "classCode", "AGNT");
	element_open(writer, "agentSystemSDS");
	element_set(writer, "classCode", "DEV");
	element_set(writer, "determinerCode", "INSTANCE");
	element_open(writer, "id");
	element_set(writer, "root", OID_ASID);
	element_attribute(writer, "extension", asid);
	element_close_many(writer, 4);
}

static void write_issue(struct element_writer *writer, const struct detected_issue *issue)
{
	element_open(writer, "reason");
	element_set(writer, "typeCode", "RSON");
	element_open(writer, "justifyingDetectedIssueEvent");
	element_set(writer, "classCode", "ALRT");
	element_set(writer, "moodCode", "EVN");
	element_open(writer, "code");
	element_set(writer, "code", issue->code);
	element_set(writer, "codeSystem", OID_SPINE_ERRORS);
	element_set(writer, "displayName", issue->text);
	element_empty(writer, "qualifier", "code", STR("ER"));
	element_close_many(writer, 3);
}

/* Everything before the payload. */
static void open_interaction(struct element_writer *writer, const struct spine_envelope *envelope,
			     const struct interaction *interaction)
{
	if (envelope->soap)
		open_soap(writer, envelope, interaction);
	element_open(writer, interaction->id);
	element_set(writer, "xmlns", HL7_NAMESPACE);
	element_set(writer, "xmlns:npfitlc", CONTENT_ID_NAMESPACE);
	write_wrapper(writer, envelope, interaction);
	element_open(writer, "ControlActEvent");
	element_set(writer, "classCode", "CACT");
	element_set(writer, "moodCode", "EVN");
	write_author1(writer, envelope->sender);
	for (size_t i = 0; i < interaction->issue_count; i++)
		write_issue(writer, &interaction->issues[i]);
}

static void open_subject(struct element_writer *writer)
{
	element_open(writer, "subject");
	element_set(writer, "typeCode", "SUBJ");
}

static int close_interaction(struct element_writer *writer, const struct interaction *interaction)
{
	if (interaction->query_ack) {
		element_open(writer, "queryAck");
		element_set(writer, "type", "QueryAck");
		element_empty(writer, "queryResponseCode", "code", str_of(interaction->query_ack));
		element_close(writer);
	}
	element_close_many(writer, writer->depth);
	return element_finish(writer);
}

int write_query_response(struct buf *out, const struct spine_envelope *envelope,
			 const struct query_response *response)
{
	const struct interaction interaction = {
		.id = "REPC_IN000007GB01",
		.wrapper = "CP-ISNHSQueryResponse",
		.version = "v3INF_DMSv5.7:FIN",
		.query_ack = "OK",
	};
	struct element_writer writer;
	element_start(&writer, out);
	open_interaction(&writer, envelope, &interaction);
	open_subject(&writer);
	payload_response(&writer, response);
	element_close(&writer);
	return close_interaction(&writer, &interaction);
}

int write_query_failure(struct buf *out, const struct spine_envelope *envelope, const char *code,
			const struct detected_issue *issues, size_t count)
{
	const struct interaction interaction = {
		.id = "QUQI_IN010000UK14",
		.wrapper = "CP-ISNHSQueryResponse",
		.version = "V3NPfIT3.0",
		.acknowledgement = "AE",
		.issues = issues,
		.issue_count = count,
		.query_ack = code,
	};
	struct element_writer writer;
	element_start(&writer, out);
	open_interaction(&writer, envelope, &interaction);
	return close_interaction(&writer, &interaction);
}

int write_application_acknowledgement(struct buf *out, const struct spine_envelope *envelope,
				      const struct detected_issue *issues, size_t count)
{
	const struct interaction interaction = {
		.id = "MCCI_IN010000UK13",
		.version = "V3NPfIT3.0",
		.acknowledgement = count ? "AE" : "AA",
		.issues = issues,
		.issue_count = count,
	};
	struct element_writer writer;
	element_start(&writer, out);
	open_interaction(&writer, envelope, &interaction);
	return close_interaction(&writer, &interaction);
}

int write_upload_reply(struct buf *out, const struct spine_envelope *envelope,
		       const struct upload_outcome *outcome)
{
	bool failed = strcmp(outcome->code, "CPF02") != 0 && strcmp(outcome->code, "CPF03") != 0;
	const struct interaction interaction = {
		.id = "REPC_IN000003GB01",
		.version = "V3NPfIT3.0",
		.acknowledgement = failed ? "AE" : "AA",
	};
	struct element_writer writer;
	element_start(&writer, out);
	open_interaction(&writer, envelope, &interaction);
	open_subject(&writer);
	payload_acknowledgement(&writer, outcome);
	element_close(&writer);
	return close_interaction(&writer, &interaction);
}

int write_access_message(struct buf *out, const struct spine_envelope *envelope,
			 const struct access_notice *notice)
{
	const struct interaction interaction = {
		.id = "REPC_IN000004GB01",
		.version = "v3INF_DMSv5.7:FIN",
	};
	struct element_writer writer;
	element_start(&writer, out);
	open_interaction(&writer, envelope, &interaction);
	open_subject(&writer);
	payload_access_notice(&writer, notice);
	element_close(&writer);
	return close_interaction(&writer, &interaction);
}

int write_inactive_message(struct buf *out, const struct spine_envelope *envelope,
			   const struct inactive_notice *notice)
{
	const struct interaction interaction = {
		.id = "REPC_IN000005GB01",
		.version = "v3INF_DMSv5.7:FIN",
	};
	struct element_writer writer;
	element_start(&writer, out);
	open_interaction(&writer, envelope, &interaction);
	open_subject(&writer);
	payload_inactive_notice(&writer, notice);
	element_close(&writer);
	return close_interaction(&writer, &interaction);
}

int write_spine_fault(struct buf *out, const struct spine_fault *fault)
{
	struct element_writer writer;
	element_start(&writer, out);
	element_open(&writer, "SOAP:Envelope");
	element_set(&writer, "xmlns:SOAP", SOAP11_NAMESPACE);
	element_open(&writer, "SOAP:Body");
	element_open(&writer, "SOAP:Fault");
	element_leaf(&writer, "faultcode", STR("SOAP:Client"));
	element_leaf(&writer, "faultstring", STR("Client Error"));
	element_open(&writer, "detail");
	element_open(&writer, "nasp:errorList");
	element_set(&writer, "xmlns:nasp", "http://national.carerecords.nhs.uk/schema/");
	element_open(&writer, "nasp:error");
	element_leaf(&writer, "nasp:codeContext", STR("urn:nhs:names:errors:tms"));
	element_leaf(&writer, "nasp:errorCode", str_of(fault->code));
	element_leaf(&writer, "nasp:severity", STR("Error"));
	element_leaf(&writer, "nasp:location", str_of(fault->location));
	element_leaf(&writer, "nasp:description", str_of(fault->text));
	element_close_many(&writer, writer.depth);
	return element_finish(&writer);
}
