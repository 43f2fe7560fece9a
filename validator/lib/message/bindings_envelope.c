/* The envelopes around CP-IS messages: ITK distribution envelope, SOAP, faults, acknowledgements. */
#include "message/bindings.h"

static const struct binding address_rows[] = {
	VALUE("@uri", address, uri),
	VALUE("@type", address, type),
};
static TABLE(address, PART_NONE, address);

static const struct binding manifest_item_rows[] = {
	VALUE("@id", manifest_item, id),
	VALUE("@mimetype", manifest_item, mime_type),
	VALUE("@profileid", manifest_item, profile),
	VALUE("@compressed", manifest_item, compressed),
	VALUE("@base64", manifest_item, base64),
	VALUE("@encrypted", manifest_item, encrypted),
};
static TABLE(manifest_item, PART_NONE, manifest_item);

static const struct binding payload_rows[] = {
	VALUE("@id", payload, id),
	NAME("*", payload, root),
};
static TABLE(payload, PART_NONE, payload);

static const struct binding spec_rows[] = {
	VALUE("@key", spec, key),
	VALUE("@value", spec, value),
};
static TABLE(spec, PART_NONE, spec);

static const struct binding envelope_rows[] = {
	VALUE("itk:header/@service", envelope, service),
	VALUE("itk:header/@trackingid", envelope, tracking_id),
	PARTS("itk:header/itk:addresslist/itk:address", envelope, recipients, recipient_count,
	      MOST_IDS, address_table, 0),
	PARTS("itk:header/itk:auditIdentity/itk:id", envelope, audit, audit_count, MOST_IDS,
	      address_table, 0),
	VALUE("itk:header/itk:manifest/@count", envelope, manifest_total),
	PARTS("itk:header/itk:manifest/itk:manifestitem", envelope, items, item_count, MOST_PAYLOADS,
	      manifest_item_table, 0),
	PARTS("itk:header/itk:senderAddress", envelope, sender, sender_count, 1, address_table, 0),
	PARTS("itk:header/itk:handlingSpecification/itk:spec", envelope, specs, spec_count, 8,
	      spec_table, 0),
	VALUE("itk:payloads/@count", envelope, payload_total),
	PARTS("itk:payloads/itk:payload", envelope, payloads, payload_count, MOST_PAYLOADS,
	      payload_table, 0),
};
TABLE(envelope, PART_ENVELOPE, envelope);

#define ADDRESSING(prefix, flag)                                                                   \
	VALUE("soap:Header/" prefix ":MessageID/text()", soap, message_id),                        \
		VALUE("soap:Header/" prefix ":Action/text()", soap, action),                       \
		FLAG("soap:Header/" prefix ":Action", soap, flag),                                 \
		VALUE("soap:Header/" prefix ":To/text()", soap, to),                               \
		VALUE("soap:Header/" prefix ":From/" prefix ":Address/text()", soap, from),        \
		VALUE("soap:Header/" prefix ":RelatesTo/text()", soap, relates_to),                \
		NAME("soap:Header/" prefix ":From/" prefix ":ReferenceProperties", soap,           \
		     reference_properties)

#define SECURITY "soap:Header/wsse:Security/"

static const struct binding soap_rows[] = {
	COUNT("soap:Header", soap, header_count),
	COUNT("soap:Body/*", soap, body_child_count),
	ADDRESSING("wsa4", addressing_2004),
	ADDRESSING("wsa5", addressing_2005),
	VALUE(SECURITY "wsu:Timestamp/@Id", soap, timestamp_id),
	VALUE(SECURITY "wsu:Timestamp/wsu:Created/text()", soap, created),
	VALUE(SECURITY "wsu:Timestamp/wsu:Expires/text()", soap, expires),
	VALUE(SECURITY "wsse:UsernameToken/wsse:Username/text()", soap, username),
	VALUE("soap:Header/communicationFunctionRcv/device/id/@extension", soap, receiver_asid),
	VALUE("soap:Header/communicationFunctionSnd/device/id/@extension", soap, sender_asid),
};
TABLE(soap, PART_SOAP, soap);

#define TOOLKIT_ERROR "none:detail/itk:ToolkitErrorInfo/"
#define SPINE_ERROR   "none:detail/nasp:errorList/nasp:error/"

static const struct binding fault_rows[] = {
	VALUE("none:faultcode/text()", fault, code),
	VALUE(TOOLKIT_ERROR "itk:ErrorID/text()", fault, error_id),
	VALUE(TOOLKIT_ERROR "itk:ErrorCode/text()", fault, error_code),
	VALUE(TOOLKIT_ERROR "itk:ErrorCode/@codeSystem", fault, error_code_system),
	VALUE(TOOLKIT_ERROR "itk:ErrorText/text()", fault, error_text),
	VALUE(SPINE_ERROR "@errorCode", fault, error_code),
	VALUE(SPINE_ERROR "@codeContext", fault, context),
};
TABLE(fault, PART_FAULT, fault);

static const struct binding infrastructure_response_rows[] = {
	VALUE("@timestamp", infrastructure_response, timestamp),
	VALUE("@serviceRef", infrastructure_response, service),
	VALUE("@trackingIdRef", infrastructure_response, tracking_id),
	VALUE("@result", infrastructure_response, result),
	VALUE("itk:reportingIdentity/itk:id/@uri", infrastructure_response, reporter),
	COUNT("itk:errors/itk:errorInfo", infrastructure_response, error_count),
	VALUE("itk:errors/itk:errorInfo/itk:ErrorID/text()", infrastructure_response, error_id),
	VALUE("itk:errors/itk:errorInfo/itk:ErrorCode/text()", infrastructure_response, error_code),
	VALUE("itk:errors/itk:errorInfo/itk:ErrorCode/@codeSystem", infrastructure_response,
	      error_code_system),
	VALUE("itk:errors/itk:errorInfo/itk:ErrorText/text()", infrastructure_response, error_text),
};
TABLE(infrastructure_response, PART_INFRASTRUCTURE_RESPONSE, infrastructure_response);
