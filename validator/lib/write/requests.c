/* SOAP envelopes of requests: what the clients of the national service write. */
#include "write/messages.h"

#include "message/identifiers.h"
#include "write/pieces.h"
#include "xml/markup.h"

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
