/* What carries messages and holds none itself: the SOAP envelopes of requests, as the clients of
 * the national service write them, ebXML envelopes, MESH control files. */
#include "write/messages.h"

#include "message/identifiers.h"
#include "write/pieces.h"
#include "xml/markup.h"

#include <stdio.h>

#define EBXML_NAMESPACE "http://www.oasis-open.org/committees/ebxml-msg/schema/msg-header-2_0.xsd"

static void write_party(struct element_writer *writer, const char *name, struct str party)
{
	element_open(writer, name);
	element_open(writer, "eb:PartyId");
	element_set(writer, "eb:type", "urn:nhs:names:partyType:ocs+serviceInstance");
	element_text(writer, party);
	element_close_many(writer, 2);
}

static void must_understand(struct element_writer *writer)
{
	element_set(writer, "SOAP:mustUnderstand", "1");
	element_set(writer, "eb:version", "2.0");
}

/* As far as the end of the MessageHeader. */
static void open_ebxml(struct element_writer *writer, const struct ebxml_envelope *envelope)
{
	element_open(writer, "SOAP:Envelope");
	element_set(writer, "xmlns:SOAP", "http://schemas.xmlsoap.org/soap/envelope/");
	element_set(writer, "xmlns:eb", EBXML_NAMESPACE);
	element_set(writer, "xmlns:xlink", "http://www.w3.org/1999/xlink");
	element_open(writer, "SOAP:Header");
	element_open(writer, "eb:MessageHeader");
	must_understand(writer);
	write_party(writer, "eb:From", envelope->from_party);
	write_party(writer, "eb:To", envelope->to_party);
	element_leaf(writer, "eb:CPAId", envelope->cpa_id);
	element_leaf(writer, "eb:ConversationId", envelope->conversation);
	element_leaf(writer, "eb:Service", str_of(envelope->service));
	element_leaf(writer, "eb:Action", str_of(envelope->action));
	element_open(writer, "eb:MessageData");
	element_leaf(writer, "eb:MessageId", envelope->message_id);
	element_leaf(writer, "eb:Timestamp", envelope->timestamp);
	element_leaf(writer, "eb:RefToMessageId", envelope->ref_to);
	element_close_many(writer, 2);
}

int write_ebxml_acknowledgement(struct buf *out, const struct ebxml_envelope *envelope)
{
	struct element_writer writer;
	element_start(&writer, out);
	open_ebxml(&writer, envelope);
	element_open(&writer, "eb:Acknowledgment");
	must_understand(&writer);
	element_set(&writer, "SOAP:actor", "urn:oasis:names:tc:ebxml-msg:actor:toPartyMSH");
	element_leaf(&writer, "eb:Timestamp", envelope->timestamp);
	element_leaf(&writer, "eb:RefToMessageId", envelope->ref_to);
	write_party(&writer, "eb:From", envelope->from_party);
	element_close_many(&writer, 2);
	element_open(&writer, "SOAP:Body");
	element_close_many(&writer, writer.depth);
	return element_finish(&writer);
}

int write_ebxml_error(struct buf *out, const struct ebxml_envelope *envelope, const char *code,
		      const char *context, const char *text)
{
	struct element_writer writer;
	element_start(&writer, out);
	open_ebxml(&writer, envelope);
	element_open(&writer, "eb:ErrorList");
	must_understand(&writer);
	element_set(&writer, "eb:highestSeverity", "Error");
	element_open(&writer, "eb:Error");
	element_set(&writer, "eb:codeContext", context);
	element_set(&writer, "eb:errorCode", code);
	element_set(&writer, "eb:severity", "Error");
	element_open(&writer, "eb:Description");
	element_set(&writer, "xml:lang", "en-GB");
	element_text(&writer, str_of(text));
	element_close_many(&writer, 4);
	element_open(&writer, "SOAP:Body");
	element_close_many(&writer, writer.depth);
	return element_finish(&writer);
}

static int write_manifest(struct buf *out, const struct ebxml_envelope *envelope, const char *cid)
{
	struct element_writer writer;
	element_start(&writer, out);
	open_ebxml(&writer, envelope);
	element_close(&writer);
	element_open(&writer, "SOAP:Body");
	element_open(&writer, "eb:Manifest");
	must_understand(&writer);
	element_open(&writer, "eb:Reference");
	element_set(&writer, "xlink:href", cid);
	element_close_many(&writer, writer.depth);
	return element_finish(&writer);
}

int write_ebxml_message(struct buf *out, const struct ebxml_envelope *envelope, struct str payload,
			char boundary[BOUNDARY_BYTES])
{
	char cid[96];
	snprintf(boundary, BOUNDARY_BYTES, "--=_MIME-%.*s", STR_ARG(envelope->message_id));
	snprintf(cid, sizeof(cid), "cid:%.*s@spine.nhs.uk", STR_ARG(envelope->message_id));
	buf_printf(
		out,
		"--%s\r\nContent-Id: <ebXMLHeader@spine.nhs.uk>\r\n"
		"Content-Type: text/xml; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
		boundary);
	if (write_manifest(out, envelope, cid) != 0)
		return -1;
	buf_printf(
		out,
		"\r\n--%s\r\nContent-Id: <%s>\r\nContent-Type: application/xml; charset=UTF-8\r\n"
		"Content-Transfer-Encoding: 8bit\r\n\r\n",
		boundary, cid + strlen("cid:"));
	buf_str(out, payload);
	buf_printf(out, "\r\n--%s--\r\n", boundary);
	return out->failed ? -1 : 0;
}

static void write_status(struct element_writer *writer, const struct transfer_control *control)
{
	element_open(writer, "StatusRecord");
	element_leaf(writer, "DateTime", control->timestamp);
	element_leaf(writer, "Event", str_of(control->event));
	element_leaf(writer, "Status", str_of(control->status));
	element_leaf(writer, "StatusCode", str_of(control->status_code));
	element_leaf(writer, "Description", str_of(control->description));
	element_close(writer);
}

int write_mesh_status(struct buf *out, const struct transfer_control *control)
{
	struct element_writer writer = { .out = out };
	write_status(&writer, control);
	return element_finish(&writer);
}

int write_mesh_control(struct buf *out, const struct transfer_control *control)
{
	struct element_writer writer;
	element_start(&writer, out);
	element_open(&writer, "DTSControl");
	element_leaf(&writer, "Version", STR("1.0"));
	element_leaf(&writer, "AddressType", STR("DTS"));
	element_leaf(&writer, "MessageType", control->report ? STR("Report") : STR("Data"));
	element_leaf(&writer, "WorkflowId", control->workflow);
	element_leaf(&writer, "From_DTS", control->from);
	element_leaf(&writer, "To_DTS", control->to);
	element_leaf(&writer, "Subject", control->subject);
	element_leaf(&writer, "LocalId", control->local_id);
	element_leaf(&writer, "DTSId", control->message_id);
	element_leaf(&writer, "PartnerId", control->partner);
	element_leaf(&writer, "Compress", STR("N"));
	element_leaf(&writer, "Encrypted", STR("N"));
	element_leaf(&writer, "ProcessId", control->process);
	if (control->event)
		write_status(&writer, control);
	element_close_many(&writer, writer.depth);
	return element_finish(&writer);
}

/* Requests in SOAP */

static const char anonymous[] = "http://www.w3.org/2005/08/addressing/anonymous";

static void write_device(struct element_writer *writer, const char *name, struct str asid)
{
	element_open(writer, name);
	element_open(writer, "hl7:device");
	element_open(writer, "hl7:id");
	element_set(writer, "root", OID_ASID);
	element_attribute(writer, "extension", asid.p ? asid : STR(""));
	element_close_many(writer, 3);
}

static void write_address(struct element_writer *writer, const char *name, const char *address)
{
	element_open(writer, name);
	element_leaf(writer, "wsa:Address", str_of(address));
	element_close(writer);
}

static void write_addressing(struct element_writer *writer, const struct soap_request *request,
			     const char *prefix)
{
	element_open(writer, "wsa:MessageID");
	element_text(writer, str_of(prefix));
	element_text(writer, request->message_id);
	element_close(writer);
	element_leaf(writer, "wsa:Action", str_of(request->action));
	element_leaf(writer, "wsa:To", str_of(request->to));
}

static void write_spine_header(struct element_writer *writer, const struct soap_request *request)
{
	element_set(writer, "xmlns:wsa", "http://schemas.xmlsoap.org/ws/2004/08/addressing");
	element_set(writer, "xmlns:hl7", "urn:hl7-org:v3");
	element_open(writer, "soap:Header");
	write_addressing(writer, request, "uuid:");
	write_address(writer, "wsa:From", request->to);
	write_device(writer, "hl7:communicationFunctionRcv", request->receiver);
	write_device(writer, "hl7:communicationFunctionSnd", request->sender);
	element_close(writer);
}

static void write_itk_header(struct element_writer *writer, const struct soap_request *request)
{
	element_set(writer, "xmlns:wsa", "http://www.w3.org/2005/08/addressing");
	element_set(writer, "xmlns:wsse", WSS "secext-1.0.xsd");
	element_set(writer, "xmlns:wsu", WSS "utility-1.0.xsd");
	element_open(writer, "soap:Header");
	write_addressing(writer, request, "urn:uuid:");
	write_address(writer, "wsa:From", anonymous);
	write_address(writer, "wsa:ReplyTo", anonymous);
	piece_security(writer, request->timestamp_id, request->created, request->expires,
		       request->user);
	element_close(writer);
}

int write_soap_request(struct buf *out, const struct soap_request *request, struct str document)
{
	/* The document takes the place of the dot. */
	static const char place[] = "<soap:Body>.<";
	struct element_writer writer;
	struct buf envelope;
	buf_init(&envelope, SIZE_MAX / 2);
	element_start(&writer, &envelope);
	element_open(&writer, "soap:Envelope");
	element_set(&writer, "xmlns:soap", "http://schemas.xmlsoap.org/soap/envelope/");
	if (request->itk)
		write_itk_header(&writer, request);
	else
		write_spine_header(&writer, request);
	element_leaf(&writer, "soap:Body", STR("."));
	element_close(&writer);
	int status = element_finish(&writer);
	struct str whole = buf_view(&envelope);
	const char *at = status == 0 ? memmem(whole.p, whole.n, place, sizeof(place) - 1) : NULL;
	if (at) {
		size_t before = (size_t)(at - whole.p) + sizeof("<soap:Body>") - 1;
		buf_add(out, whole.p, before);
		buf_str(out, markup_after_declaration(document));
		buf_str(out, str_from(whole, before + 1));
	}
	buf_release(&envelope);
	return at && !out->failed ? 0 : -1;
}
