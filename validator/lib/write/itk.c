/* Replies of ITK services: a distribution envelope in SOAP or alone, and faults. */
#include "write/messages.h"

#include <stdio.h>

#define SERVICE		"urn:nhs-itk:services:201005:"
#define INTERACTION	"urn:nhs-itk:interaction:"
#define OID_ADDRESS	"2.16.840.1.113883.2.1.3.2.4.18.22"
#define OID_IDENTITY	"2.16.840.1.113883.2.1.3.2.4.18.27"
#define OID_ITK_ERRORS	"2.16.840.1.113883.2.1.3.2.4.17.268"
#define OID_DE_ERRORS	"2.16.840.1.113883.2.1.3.2.4.17.516"
#define FAULT_ACTION	"http://www.w3.org/2005/08/addressing/soap/fault"
#define SERVICE_REPLIES SERVICE "sendRecvDistEnvelopeResponse"

/* What a payload is called in its envelope. */
struct itk_content {
	const char *service, *interaction, *profile; /* profile NULL: none */
	bool flags;				     /* of the manifest item, written out */
};

static void write_prefixed(struct element_writer *writer, const char *name, const char *prefix,
			   struct str uuid)
{
	char text[80];
	struct str bare = uuid_bare(uuid);
	snprintf(text, sizeof(text), "%s%.*s", prefix, bare.n > 48 ? 48 : (int)bare.n, bare.p);
	element_leaf(writer, name, str_of(text));
}

static void open_soap(struct element_writer *writer, const struct itk_envelope *envelope,
		      const char *action)
{
	element_open(writer, "soap:Envelope");
	element_set(writer, "xmlns:soap",
		    envelope->soap12 ? "http://www.w3.org/2003/05/soap-envelope"
				     : "http://schemas.xmlsoap.org/soap/envelope/");
	element_set(writer, "xmlns:wsa", "http://www.w3.org/2005/08/addressing");
	element_set(writer, "xmlns:wsse", WSS "secext-1.0.xsd");
	element_set(writer, "xmlns:wsu", WSS "utility-1.0.xsd");
	element_set(writer, "xmlns:itk", "urn:nhs-itk:ns:201005");
	element_open(writer, "soap:Header");
	write_prefixed(writer, "wsa:MessageID", "urn:uuid:", envelope->message_id);
	element_leaf(writer, "wsa:RelatesTo", envelope->relates_to);
	element_leaf(writer, "wsa:Action", str_of(action));
	piece_security(writer, envelope->timestamp_id, envelope->created, envelope->expires,
		       envelope->user);
	element_close(writer);
	element_open(writer, "soap:Body");
}

static void write_address(struct element_writer *writer, const char *name, struct str uri,
			  const char *type)
{
	if (!uri.p)
		return;
	element_open(writer, name);
	element_attribute(writer, "uri", uri);
	element_set(writer, "type", type);
	element_close(writer);
}

static const char *payload_id(const struct itk_envelope *envelope, char *out, size_t room)
{
	snprintf(out, room, "uuid_%.*s", STR_ARG(envelope->payload_id));
	return out;
}

static void write_header(struct element_writer *writer, const struct itk_envelope *envelope,
			 const struct itk_content *content)
{
	char id[64];
	element_open(writer, "itk:header");
	element_set(writer, "service", content->service);
	element_attribute(writer, "trackingid", envelope->tracking_id);
	if (envelope->to.p) {
		element_open(writer, "itk:addresslist");
		write_address(writer, "itk:address", envelope->to, OID_ADDRESS);
		element_close(writer);
	}
	element_open(writer, "itk:auditIdentity");
	write_address(writer, "itk:id", envelope->identity, OID_IDENTITY);
	element_close(writer);
	element_open(writer, "itk:manifest");
	element_set(writer, "count", "1");
	element_open(writer, "itk:manifestitem");
	element_set(writer, "id", payload_id(envelope, id, sizeof(id)));
	element_set(writer, "mimetype", "text/xml");
	element_set(writer, "profileid", content->profile);
	element_set(writer, "compressed", content->flags ? "false" : NULL);
	element_set(writer, "base64", content->flags ? "false" : NULL);
	element_set(writer, "encrypted", content->flags ? "false" : NULL);
	element_close_many(writer, 2);
	write_address(writer, "itk:senderAddress", envelope->from, OID_ADDRESS);
	element_open(writer, "itk:handlingSpecification");
	element_open(writer, "itk:spec");
	element_set(writer, "key", "urn:nhs-itk:ns:201005:interaction");
	element_set(writer, "value", content->interaction);
	element_close_many(writer, 3);
}

static void open_envelope(struct element_writer *writer, const struct itk_envelope *envelope,
			  const struct itk_content *content)
{
	char id[64];
	if (envelope->soap)
		open_soap(writer, envelope, content->service);
	element_open(writer, "itk:DistributionEnvelope");
	if (!envelope->soap)
		element_set(writer, "xmlns:itk", "urn:nhs-itk:ns:201005");
	write_header(writer, envelope, content);
	element_open(writer, "itk:payloads");
	element_set(writer, "count", "1");
	element_open(writer, "itk:payload");
	element_set(writer, "id", payload_id(envelope, id, sizeof(id)));
}

static int close_envelope(struct element_writer *writer)
{
	element_close_many(writer, writer->depth);
	return element_finish(writer);
}

int write_mini_response(struct buf *out, const struct itk_envelope *envelope,
			const struct query_response *response)
{
	static const struct itk_content content = {
		.service = SERVICE_REPLIES,
		.interaction = INTERACTION "SMSP-CP-ISNHSQueryResponse-v1-0",
		.profile = "urn:nhs-en:profile:SMSP-CP-ISNHSQueryResponse-v1-0",
	};
	struct element_writer writer;
	element_start(&writer, out);
	open_envelope(&writer, envelope, &content);
	payload_response(&writer, response);
	return close_envelope(&writer);
}

int write_itk_upload_acknowledgement(struct buf *out, const struct itk_envelope *envelope,
				     const struct upload_outcome *outcome)
{
	static const struct itk_content content = {
		.service = SERVICE_REPLIES,
		.interaction = "urn:GB-en-NHS:iops:interaction:"
			       "CP-ISLocalAuthorityAcknowledgementResponse-v1-0",
		.profile = "urn:nhs-en:profile:CP-ISLocalAuthorityAcknowledgementResponse-v2-0",
	};
	struct element_writer writer;
	element_start(&writer, out);
	open_envelope(&writer, envelope, &content);
	payload_acknowledgement(&writer, outcome);
	return close_envelope(&writer);
}

static void write_error(struct element_writer *writer, const struct itk_error *error,
			const char *system)
{
	element_leaf(writer, "itk:ErrorID", error->id);
	element_open(writer, "itk:ErrorCode");
	element_set(writer, "codeSystem", system);
	element_text(writer, str_of(error->code));
	element_close(writer);
	element_leaf(writer, "itk:ErrorText", str_of(error->text));
	element_leaf(writer, "itk:ErrorDiagnosticText", str_of(error->diagnostic));
}

static void write_fault_11(struct element_writer *writer, const struct itk_error *error)
{
	element_open(writer, "soap:Fault");
	element_leaf(writer, "faultcode", STR("soap:Client"));
	element_leaf(writer, "faultstring",
		     STR("A client related error has occurred, see detail element for further "
			 "information"));
	element_open(writer, "detail");
	element_open(writer, "itk:ToolkitErrorInfo");
	write_error(writer, error, OID_ITK_ERRORS);
}

static void write_fault_12(struct element_writer *writer, const struct itk_error *error)
{
	element_open(writer, "soap:Fault");
	element_open(writer, "soap:Code");
	element_leaf(writer, "soap:Value", STR("soap:Sender"));
	element_close(writer);
	element_open(writer, "soap:Reason");
	element_open(writer, "soap:Text");
	element_set(writer, "xml:lang", "en");
	element_text(writer, STR("The request was refused; see the detail"));
	element_close_many(writer, 2);
	element_open(writer, "soap:Detail");
	element_open(writer, "itk:ToolkitErrorInfo");
	write_error(writer, error, OID_ITK_ERRORS);
}

int write_itk_fault(struct buf *out, const struct itk_envelope *envelope,
		    const struct itk_error *error)
{
	struct element_writer writer;
	element_start(&writer, out);
	open_soap(&writer, envelope, FAULT_ACTION);
	if (envelope->soap12)
		write_fault_12(&writer, error);
	else
		write_fault_11(&writer, error);
	return close_envelope(&writer);
}

int write_infrastructure_acknowledgement(struct buf *out, const struct itk_envelope *envelope,
					 const struct itk_error *error)
{
	static const struct itk_content content = {
		.service = SERVICE_REPLIES,
		.interaction = INTERACTION "ITKInfrastructureAcknowledgement-v1-0",
		.flags = true,
	};
	struct element_writer writer;
	element_start(&writer, out);
	open_envelope(&writer, envelope, &content);
	element_open(&writer, "itk:InfrastructureResponse");
	element_attribute(&writer, "timestamp", envelope->created);
	element_attribute(&writer, "serviceRef", envelope->request_service);
	element_attribute(&writer, "trackingIdRef", envelope->request_tracking);
	element_set(&writer, "result", error ? "Failure" : "OK");
	element_open(&writer, "itk:reportingIdentity");
	write_address(&writer, "itk:id", envelope->identity, OID_IDENTITY);
	element_close(&writer);
	element_open(&writer, "itk:errors");
	if (error) {
		element_open(&writer, "itk:errorInfo");
		write_error(&writer, error, OID_DE_ERRORS);
		element_close(&writer);
	}
	element_close_many(&writer, 2);
	return close_envelope(&writer);
}
