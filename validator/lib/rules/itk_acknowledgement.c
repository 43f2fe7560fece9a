/* ITK infrastructure acknowledgements: whether an envelope arrived, and what was wrong with it. */
#include "rules/chapters.h"
#include "rules/envelope.h"
#include "rules/error_info.h"

#include "message/iso_time.h"
#include "message/uuid.h"

#define ACKNOWLEDGEMENT "ITK infrastructure acknowledgement"

#define OID_ENVELOPE_ERROR "2.16.840.1.113883.2.1.3.2.4.17.516"

static const char *shown(struct judge *judge, const struct value *value)
{
	return judge_plain(judge, str_trim(value->text));
}

static enum outcome envelope_code_system_is_right(struct judge *judge,
						  const struct error_info *error)
{
	return error_info_judge_system(judge, error, ERROR_OF_ENVELOPE, OID_ENVELOPE_ERROR);
}

static enum outcome envelope_error_id_is_uuid(struct judge *judge, const struct error_info *error)
{
	return error_info_judge_id(judge, error, ERROR_OF_ENVELOPE);
}

/* Code system ..17.516; one text is published in two ways. */
static const struct envelope_error {
	const char *code, *text, *other_text;
} envelope_errors[] = {
	{ "DE0001", "Distribution Envelope Processing Error", NULL },
	{ "DE0002", "Distribution Envelope Header Processing Error", NULL },
	{ "DE0003", "Distribution Envelope Address List Processing Error", NULL },
	{ "DE0004", "Distribution Envelope Audit Identity Processing Error", NULL },
	{ "DE0005", "Distribution Envelope Id Processing Error", NULL },
	{ "DE0006", "Distribution Envelope Manifest Processing Error", NULL },
	{ "DE0007", "Distribution Envelope Manifest Item Processing Error",
	  "Distribution EnvelopeManifest Item Processing Error" },
	{ "DE0008", "Distribution Envelope Sender Address Processing Error", NULL },
	{ "DE0009", "Distribution Envelope Handling Specifications Processing Error", NULL },
	{ "DE0010", "Distribution Envelope Spec Processing Error", NULL },
	{ "DE0011", "Distribution Envelope Payloads Processing Error", NULL },
	{ "DE0012", "Distribution Envelope Payload Processing Error", NULL },
};

static const struct envelope_error *envelope_error_of(struct str code)
{
	for (size_t i = 0; i < sizeof(envelope_errors) / sizeof(envelope_errors[0]); i++)
		if (str_is(code, envelope_errors[i].code))
			return &envelope_errors[i];
	return NULL;
}

static enum outcome envelope_code_is_known(struct judge *judge, const struct error_info *error)
{
	if (error->part.role != ERROR_OF_ENVELOPE)
		return NOT_APPLICABLE;
	return error_info_judge_code(judge, error,
				     envelope_error_of(str_trim(error->code.text)) != NULL,
				     "DE0001 to DE0012");
}

static enum outcome envelope_text_fits_code(struct judge *judge, const struct error_info *error)
{
	if (error->part.role != ERROR_OF_ENVELOPE)
		return NOT_APPLICABLE;
	if (!value_filled(&error->text))
		return error_info_judge_text(judge, error);
	struct str code = str_trim(error->code.text), text = str_trim(error->text.text);
	const struct envelope_error *published = envelope_error_of(code);
	if (!published)
		return judge_blocked(judge, NULL, "ITK-047");
	if (str_is(text, published->text) ||
	    (published->other_text && str_is(text, published->other_text)))
		return HOLDS;
	judge_expect(judge, "%s", published->text);
	return judge_fail(judge, &error->text, MASK_NONE, "%s is shown as \"%s\", it means \"%s\"",
			  published->code, shown(judge, &error->text), published->text);
}

/* Infrastructure acknowledgements */

static bool is_failure(const struct infrastructure_response *response)
{
	return str_is(str_trim(response->result.text), "Failure");
}

static enum outcome result_is_known(struct judge *judge,
				    const struct infrastructure_response *response)
{
	if (!value_there(&response->result))
		return BLOCKED;
	if (is_failure(response) || str_is(str_trim(response->result.text), "OK"))
		return HOLDS;
	judge_expect(judge, "OK or Failure");
	return judge_fail(judge, &response->result, MASK_NONE,
			  "result is \"%s\": OK or Failure is expected",
			  shown(judge, &response->result));
}

static enum outcome timestamp_is_time(struct judge *judge,
				      const struct infrastructure_response *response)
{
	if (!value_there(&response->timestamp))
		return BLOCKED;
	struct iso_time time = iso_time_of(response->timestamp.text);
	if (time.ok)
		return HOLDS;
	char words[96];
	judge_expect(judge, "a time such as 2026-01-31T09:30:00Z");
	return judge_fail(judge, &response->timestamp, MASK_NONE,
			  "timestamp \"%s\" is not a time of ISO 8601%s%s",
			  shown(judge, &response->timestamp), time.shape ? ": " : "",
			  time.shape ? moment_fault_words(&time.moment, words, sizeof(words)) : "");
}

static enum outcome service_is_a_request(struct judge *judge,
					 const struct infrastructure_response *response)
{
	if (!value_there(&response->service))
		return BLOCKED;
	if (envelope_service(str_trim(response->service.text)) == SERVICE_OF_REQUESTS)
		return HOLDS;
	judge_expect(judge, "the service of the envelope that is acknowledged");
	return judge_fail(judge, &response->service, MASK_NONE,
			  "serviceRef \"%s\" is no service by which envelopes are sent",
			  shown(judge, &response->service));
}

static enum outcome reference_is_uuid(struct judge *judge,
				      const struct infrastructure_response *response)
{
	if (!value_there(&response->tracking_id))
		return BLOCKED;
	if (uuid_is_upper(response->tracking_id.text))
		return HOLDS;
	judge_expect(judge, "an upper-case UUID");
	return judge_fail(judge, &response->tracking_id, MASK_NONE,
			  "trackingIdRef \"%s\" is not exactly one upper-case UUID",
			  judge_plain(judge, response->tracking_id.text));
}

static enum outcome failure_names_reporter(struct judge *judge,
					   const struct infrastructure_response *response)
{
	if (!is_failure(response))
		return NOT_APPLICABLE;
	judge_expect(judge, "reportingIdentity with the uri of an identity");
	if (response->reporter_count == 0)
		return judge_fail_part(
			judge, &response->part,
			"the result is Failure, no reportingIdentity says who reports it");
	if (!value_filled(&response->reporter.uri))
		return value_there(&response->reporter.uri)
			       ? judge_fail(judge, &response->reporter.uri, MASK_NONE,
					    "the reporting identity's uri is blank")
			       : BLOCKED;
	judge->expected = NULL;
	return HOLDS;
}

static enum outcome failure_names_errors(struct judge *judge,
					 const struct infrastructure_response *response)
{
	if (!is_failure(response))
		return NOT_APPLICABLE;
	if (response->error_count > 0)
		return HOLDS;
	judge_expect(judge, "errors with at least one errorInfo");
	return judge_fail_part(judge, &response->part,
			       "the result is Failure, no error says what went wrong");
}

static enum outcome success_has_no_errors(struct judge *judge,
					  const struct infrastructure_response *response)
{
	if (!str_is(str_trim(response->result.text), "OK"))
		return NOT_APPLICABLE;
	if (response->error_count == 0)
		return HOLDS;
	return judge_fail(judge, &response->result, MASK_NONE,
			  "the result is OK, yet %zu error%s listed", response->error_count,
			  response->error_count == 1 ? " is" : "s are");
}

static enum outcome acknowledges_another(struct judge *judge,
					 const struct infrastructure_response *response)
{
	const struct envelope *envelope = (const struct envelope *)(const void *)part_ancestor(
		&response->part, PART_ENVELOPE);
	if (!envelope || !value_there(&response->tracking_id))
		return NOT_APPLICABLE;
	if (!uuid_same(envelope->tracking_id.text, response->tracking_id.text))
		return HOLDS;
	judge_expect(judge, "the trackingid of the envelope that is acknowledged");
	return judge_fail(judge, &response->tracking_id, MASK_NONE,
			  "trackingIdRef is the trackingid of the acknowledgement's own envelope");
}

const struct rule itk_acknowledgement_rules[] = {
	{
		.id = "ITK-040",
		.name = "acknowledgement-result-is-not-known",
		.severity = CPIS_ERROR,
		.on = PART_INFRASTRUCTURE_RESPONSE,
		.basis = CPIS_BASIS_ITK,
		.cite = ACKNOWLEDGEMENT ", @result",
		.title = "The acknowledgement's result is neither OK nor Failure",
		.why = "The sender cannot tell whether the message arrived.",
		.fix = "Send OK or Failure.",
		.check = { .infrastructure_response = result_is_known },
	},
	{
		.id = "ITK-041",
		.name = "acknowledgement-timestamp-is-no-time",
		.severity = CPIS_ERROR,
		.on = PART_INFRASTRUCTURE_RESPONSE,
		.basis = CPIS_BASIS_ITK,
		.cite = ACKNOWLEDGEMENT ", @timestamp",
		.title = "The acknowledgement's timestamp is not a time of ISO 8601",
		.why = "The sender cannot tell when the message arrived.",
		.fix = "Send date and time with zone, such as 2026-01-31T09:30:00Z.",
		.check = { .infrastructure_response = timestamp_is_time },
	},
	{
		.id = "ITK-042",
		.name = "acknowledgement-of-no-service",
		.severity = CPIS_ERROR,
		.on = PART_INFRASTRUCTURE_RESPONSE,
		.basis = CPIS_BASIS_ITK,
		.cite = ACKNOWLEDGEMENT ", @serviceRef",
		.title = "serviceRef is no service by which envelopes are sent",
		.why = "The sender cannot match the acknowledgement to what it sent.",
		.fix = "Repeat the service of the envelope that is acknowledged.",
		.check = { .infrastructure_response = service_is_a_request },
	},
	{
		.id = "ITK-043",
		.name = "acknowledgement-reference-is-no-uuid",
		.severity = CPIS_ERROR,
		.on = PART_INFRASTRUCTURE_RESPONSE,
		.basis = CPIS_BASIS_ITK,
		.cite = ACKNOWLEDGEMENT ", @trackingIdRef",
		.title = "trackingIdRef is not exactly one upper-case UUID",
		.why = "The sender cannot match the acknowledgement to what it sent.",
		.fix = "Repeat the trackingid of the envelope that is acknowledged.",
		.check = { .infrastructure_response = reference_is_uuid },
	},
	{
		.id = "ITK-044",
		.name = "failure-without-reporter",
		.severity = CPIS_ERROR,
		.on = PART_INFRASTRUCTURE_RESPONSE,
		.basis = CPIS_BASIS_ITK,
		.cite = ACKNOWLEDGEMENT ", reportingIdentity",
		.title = "A failure is acknowledged without a reporting identity",
		.why = "The sender does not know whom to ask about the message that failed.",
		.fix = "Send reportingIdentity with the uri of who reports the failure.",
		.check = { .infrastructure_response = failure_names_reporter },
	},
	{
		.id = "ITK-045",
		.name = "failure-without-errors",
		.severity = CPIS_ERROR,
		.on = PART_INFRASTRUCTURE_RESPONSE,
		.basis = CPIS_BASIS_ITK,
		.cite = ACKNOWLEDGEMENT ", errors",
		.title = "A failure is acknowledged without an error",
		.why = "The sender does not know what to mend: the message fails again.",
		.fix = "Send errors with an errorInfo for each thing that went wrong.",
		.check = { .infrastructure_response = failure_names_errors },
	},
	{
		.id = "ITK-046",
		.name = "success-with-errors",
		.severity = CPIS_ERROR,
		.on = PART_INFRASTRUCTURE_RESPONSE,
		.basis = CPIS_BASIS_CONTRADICTION,
		.cite = ACKNOWLEDGEMENT ", @result and errors",
		.title = "A success is acknowledged together with errors",
		.why = "One of the two is untrue: the sender may give up a message that never "
		       "arrived.",
		.fix = "Send result Failure with errors, OK without.",
		.check = { .infrastructure_response = success_has_no_errors },
	},
	{
		.id = "ITK-047",
		.name = "envelope-error-code-is-not-known",
		.severity = CPIS_ERROR,
		.on = PART_ERROR_INFO,
		.basis = CPIS_BASIS_ITK,
		.cite = ACKNOWLEDGEMENT ", ErrorCode, code system ..17.516",
		.title = "The acknowledgement's ErrorCode is not known",
		.why = "The sender cannot tell which part of the envelope to mend.",
		.fix = "Send DE0001 to DE0012.",
		.check = { .error_info = envelope_code_is_known },
	},
	{
		.id = "ITK-048",
		.name = "envelope-error-text-differs",
		.severity = CPIS_ERROR,
		.on = PART_ERROR_INFO,
		.basis = CPIS_BASIS_ITK,
		.cite = ACKNOWLEDGEMENT ", ErrorText, code system ..17.516",
		.title = "The acknowledgement's ErrorText is blank or that of another code",
		.why = "Whoever reads the text mends another part of the envelope than the code "
		       "names.",
		.fix = "Send the published text of the code.",
		.check = { .error_info = envelope_text_fits_code },
	},
	{
		.id = "ITK-049",
		.name = "envelope-error-code-system-differs",
		.severity = CPIS_ERROR,
		.on = PART_ERROR_INFO,
		.basis = CPIS_BASIS_ITK,
		.cite = ACKNOWLEDGEMENT ", ErrorCode/@codeSystem",
		.title = "The code system of an envelope error is missing or another",
		.why = "The code means nothing without the system it belongs to.",
		.fix = "Send codeSystem " OID_ENVELOPE_ERROR ".",
		.check = { .error_info = envelope_code_system_is_right },
	},
	{
		.id = "ITK-050",
		.name = "envelope-error-id-is-no-uuid",
		.severity = CPIS_ERROR,
		.on = PART_ERROR_INFO,
		.basis = CPIS_BASIS_ITK,
		.cite = ACKNOWLEDGEMENT ", ErrorID",
		.title = "ErrorID of an acknowledgement is no UUID",
		.why = "The error cannot be found in the logs of who reports it.",
		.fix = "Send a fresh UUID for every error.",
		.check = { .error_info = envelope_error_id_is_uuid },
	},
	{
		.id = "ITK-051",
		.name = "acknowledgement-of-itself",
		.severity = CPIS_ERROR,
		.on = PART_INFRASTRUCTURE_RESPONSE,
		.basis = CPIS_BASIS_CONTRADICTION,
		.cite = ACKNOWLEDGEMENT ", @trackingIdRef",
		.title = "The acknowledgement refers to its own envelope",
		.why = "The sender waits for an acknowledgement of its own message, which never "
		       "comes.",
		.fix = "Repeat the trackingid of the envelope that is acknowledged.",
		.check = { .infrastructure_response = acknowledges_another },
	},
};
const size_t itk_acknowledgement_rule_count =
	sizeof(itk_acknowledgement_rules) / sizeof(itk_acknowledgement_rules[0]);
