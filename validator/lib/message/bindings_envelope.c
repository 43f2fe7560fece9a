/* The envelopes around CP-IS messages: ITK distribution envelope, SOAP, faults, acknowledgements.
 */
#include "message/bindings.h"

static const struct binding address_rows[] = {
	VALUE("@uri", address, uri),
	VALUE("@type", address, type),
};
static TABLE(address, PART_ADDRESS, address);

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
	VALUE("text()", payload, text),
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
	      MOST_IDS, address_table, ADDRESS_RECIPIENT),
	PARTS("itk:header/itk:auditIdentity/itk:id", envelope, audit, audit_count, MOST_IDS,
	      address_table, ADDRESS_AUDIT),
	COUNT("itk:header/itk:manifest", envelope, manifest_count),
	VALUE("itk:header/itk:manifest/@count", envelope, manifest_total),
	PARTS("itk:header/itk:manifest/itk:manifestitem", envelope, items, item_count,
	      MOST_PAYLOADS, manifest_item_table, 0),
	PARTS("itk:header/itk:senderAddress", envelope, sender, sender_count, 1, address_table,
	      ADDRESS_SENDER),
	PARTS("itk:header/itk:handlingSpecification/itk:spec", envelope, specs, spec_count,
	      MOST_SPECS, spec_table, 0),
	VALUE("itk:payloads/@count", envelope, payload_total),
	PARTS("itk:payloads/itk:payload", envelope, payloads, payload_count, MOST_PAYLOADS,
	      payload_table, 0),
};
TABLE(envelope, PART_ENVELOPE, envelope);

#define REFERENCE_PROPERTIES(prefix, endpoint)                                                     \
	NAME("soap:Header/" prefix ":" endpoint "/" prefix ":ReferenceProperties", soap,           \
	     reference_properties)

#define ADDRESSING(prefix, flag)                                                                   \
	VALUE("soap:Header/" prefix ":MessageID/text()", soap, message_id),                        \
		FLAG("soap:Header/" prefix ":MessageID", soap, flag),                              \
		COUNT("soap:Header/" prefix ":MessageID", soap, message_id_count),                 \
		COUNT("soap:Header/" prefix ":Action", soap, action_count),                        \
		COUNT("soap:Header/" prefix ":To", soap, to_count),                                \
		COUNT("soap:Header/" prefix ":From", soap, from_count),                            \
		VALUE("soap:Header/" prefix ":Action/text()", soap, action),                       \
		FLAG("soap:Header/" prefix ":Action", soap, flag),                                 \
		VALUE("soap:Header/" prefix ":To/text()", soap, to),                               \
		FLAG("soap:Header/" prefix ":To", soap, flag),                                     \
		VALUE("soap:Header/" prefix ":From/" prefix ":Address/text()", soap, from),        \
		VALUE("soap:Header/" prefix ":RelatesTo/text()", soap, relates_to),                \
		REFERENCE_PROPERTIES(prefix, "From"), REFERENCE_PROPERTIES(prefix, "ReplyTo"),     \
		REFERENCE_PROPERTIES(prefix, "FaultTo")

#define SECURITY "soap:Header/wsse:Security"

static const struct binding soap_rows[] = {
	COUNT("soap:Header", soap, header_count),
	NAME("soap:Header", soap, header),
	NAME("soap:Body", soap, body_element),
	COUNT("soap:Body/*", soap, body_child_count),
	NAME("soap:Body/*", soap, body),
	ADDRESSING("wsa4", addressing_2004),
	ADDRESSING("wsa5", addressing_2005),
	FLAG(SECURITY, soap, security),
	VALUE(SECURITY "/wsu:Timestamp/@wsu:Id", soap, timestamp_id),
	VALUE(SECURITY "/wsu:Timestamp/@Id", soap, timestamp_id),
	VALUE(SECURITY "/wsu:Timestamp/wsu:Created/text()", soap, created),
	VALUE(SECURITY "/wsu:Timestamp/wsu:Expires/text()", soap, expires),
	COUNT(SECURITY "/wsu:Timestamp", soap, timestamp_count),
	COUNT(SECURITY "/wsse:UsernameToken/wsse:Username", soap, username_count),
	VALUE(SECURITY "/wsse:UsernameToken/wsse:Username/text()", soap, username),
	VALUE("soap:Header/communicationFunctionRcv/device/id/@root", soap, receiver_root),
	VALUE("soap:Header/communicationFunctionSnd/device/id/@root", soap, sender_root),
	VALUE("soap:Header/communicationFunctionRcv/device/id/@extension", soap, receiver_asid),
	VALUE("soap:Header/communicationFunctionSnd/device/id/@extension", soap, sender_asid),
};
TABLE(soap, PART_SOAP, soap);

static const struct binding error_info_rows[] = {
	VALUE("itk:ErrorID/text()", error_info, id),
	VALUE("itk:ErrorCode/text()", error_info, code),
	VALUE("itk:ErrorCode/@codeSystem", error_info, code_system),
	VALUE("itk:ErrorText/text()", error_info, text),
};
static TABLE(error_info, PART_ERROR_INFO, error_info);

static const struct binding spine_error_rows[] = {
	VALUE("nasp:codeContext/text()", error_info, context),
	VALUE("nasp:errorCode/text()", error_info, code),
	VALUE("nasp:description/text()", error_info, text),
};
static TABLE(spine_error, PART_ERROR_INFO, error_info);

static const struct binding fault_rows[] = {
	VALUE("none:faultcode/text()", fault, code),
	VALUE("none:faultstring/text()", fault, text),
	PARTS("none:detail/itk:ToolkitErrorInfo", fault, error, toolkit_error_count, 1,
	      error_info_table, ERROR_OF_TOOLKIT),
	PARTS("none:detail/nasp:errorList/nasp:error", fault, error, spine_error_count, 1,
	      spine_error_table, ERROR_OF_SPINE),
};
TABLE(fault, PART_FAULT, fault);

static const struct binding infrastructure_response_rows[] = {
	VALUE("@timestamp", infrastructure_response, timestamp),
	VALUE("@serviceRef", infrastructure_response, service),
	VALUE("@trackingIdRef", infrastructure_response, tracking_id),
	VALUE("@result", infrastructure_response, result),
	PARTS("itk:reportingIdentity/itk:id", infrastructure_response, reporter, reporter_count, 1,
	      address_table, ADDRESS_REPORTER),
	STREAM("itk:errors/itk:errorInfo", infrastructure_response, error, error_count,
	       error_info_table, ERROR_OF_ENVELOPE),
};
TABLE(infrastructure_response, PART_INFRASTRUCTURE_RESPONSE, infrastructure_response);
