/* SOAP faults: what went wrong, said so that it can be acted on. */
#include "rules/chapters.h"
#include "rules/envelope.h"
#include "rules/error_info.h"

#define FAULT "ITK web services, SOAP fault, ToolkitErrorInfo"

#define OID_TOOLKIT_ERROR "2.16.840.1.113883.2.1.3.2.4.17.268"

static const char *shown(struct judge *judge, const struct value *value)
{
	return judge_plain(judge, str_trim(value->text));
}

static enum outcome fault_code_is_soaps(struct judge *judge, const struct fault *fault)
{
	static const char *const codes[] = { "VersionMismatch", "MustUnderstand", "Client",
					     "Server", NULL };
	if (!value_there(&fault->code))
		return BLOCKED;
	struct str code = str_trim(fault->code.text);
	const char *colon = memchr(code.p, ':', code.n);
	if (str_is_one_of(colon ? str_from(code, (size_t)(colon - code.p) + 1) : code, codes))
		return HOLDS;
	judge_expect(judge, "VersionMismatch, MustUnderstand, Client or Server");
	return judge_fail(judge, &fault->code, MASK_NONE,
			  "faultcode \"%s\" is none of SOAP 1.1: VersionMismatch, MustUnderstand, "
			  "Client or Server is expected",
			  shown(judge, &fault->code));
}

static enum outcome fault_says_something(struct judge *judge, const struct fault *fault)
{
	if (!value_there(&fault->text))
		return BLOCKED;
	if (value_filled(&fault->text))
		return HOLDS;
	return judge_fail(judge, &fault->text, MASK_NONE, "faultstring is blank");
}

/* A fault that came over ITK: by the addressing of its header, or by its detail. */
static bool is_itks(const struct fault *fault)
{
	const struct soap *soap = soap_around(&fault->part);
	return fault->toolkit_error_count > 0 || (soap && soap->addressing_2005);
}

static enum outcome fault_action_is_fault(struct judge *judge, const struct fault *fault)
{
	static const char *const actions[] = {
		"http://www.w3.org/2005/08/addressing/soap/fault",
		"http://www.w3.org/2005/08/addressing/fault",
		NULL,
	};
	const struct soap *soap = soap_around(&fault->part);
	if (!soap || !soap->addressing_2005)
		return NOT_APPLICABLE;
	const struct value place = soap_header_place(soap);
	judge_expect(judge, "%s", actions[0]);
	if (!value_there(&soap->action))
		return judge_fail(judge, &place, MASK_NONE,
				  "the SOAP header of a fault has no wsa:Action");
	if (!str_is_one_of(str_trim(soap->action.text), actions))
		return judge_fail(judge, &soap->action, MASK_NONE,
				  "wsa:Action of a fault is \"%s\": %s is expected",
				  shown(judge, &soap->action), actions[0]);
	judge->expected = NULL;
	return HOLDS;
}

static enum outcome fault_has_error_info(struct judge *judge, const struct fault *fault)
{
	if (!is_itks(fault))
		return NOT_APPLICABLE;
	if (fault->toolkit_error_count == 1)
		return HOLDS;
	judge_expect(judge, "one ToolkitErrorInfo in detail");
	if (fault->toolkit_error_count == 0)
		return judge_fail_part(judge, &fault->part,
				       "the fault's detail holds no ToolkitErrorInfo");
	return judge_fail_part(judge, &fault->error.part,
			       "the fault holds %zu ToolkitErrorInfo, one is expected",
			       fault->toolkit_error_count);
}

/* Errors of a fault */

static enum outcome toolkit_code_is_known(struct judge *judge, const struct error_info *error)
{
	static const char *const codes[] = { "1000", "2100", "2200", "3000", NULL };
	if (error->part.role != ERROR_OF_TOOLKIT)
		return NOT_APPLICABLE;
	return error_info_judge_code(judge, error, str_is_one_of(str_trim(error->code.text), codes),
				     "1000, 2100, 2200 or 3000");
}

static enum outcome toolkit_code_system_is_right(struct judge *judge,
						 const struct error_info *error)
{
	return error_info_judge_system(judge, error, ERROR_OF_TOOLKIT, OID_TOOLKIT_ERROR);
}

static enum outcome toolkit_text_is_there(struct judge *judge, const struct error_info *error)
{
	return error->part.role == ERROR_OF_TOOLKIT ? error_info_judge_text(judge, error)
						    : NOT_APPLICABLE;
}

static enum outcome toolkit_error_id_is_uuid(struct judge *judge, const struct error_info *error)
{
	return error_info_judge_id(judge, error, ERROR_OF_TOOLKIT);
}

const struct rule itk_fault_rules[] = {
	{
		.id = "ITK-030",
		.name = "fault-code-is-not-soaps",
		.severity = CPIS_ERROR,
		.on = PART_FAULT,
		.basis = CPIS_BASIS_ITK,
		.cite = "SOAP 1.1, section 4.4.1",
		.title = "faultcode is none of SOAP 1.1",
		.why = "A client cannot tell whether to mend its request or to try again later.",
		.fix = "Send VersionMismatch, MustUnderstand, Client or Server behind the SOAP "
		       "prefix.",
		.check = { .fault = fault_code_is_soaps },
	},
	{
		.id = "ITK-031",
		.name = "toolkit-error-code-is-not-known",
		.severity = CPIS_ERROR,
		.on = PART_ERROR_INFO,
		.basis = CPIS_BASIS_ITK,
		.cite = FAULT ", ErrorCode",
		.title = "ToolkitErrorInfo has no ErrorCode, or one that is not known",
		.why = "A client cannot tell whether to mend its request or to try again later.",
		.fix = "Send 1000, 2100, 2200 or 3000.",
		.check = { .error_info = toolkit_code_is_known },
	},
	{
		.id = "ITK-032",
		.name = "toolkit-error-code-system-differs",
		.severity = CPIS_ERROR,
		.on = PART_ERROR_INFO,
		.basis = CPIS_BASIS_ITK,
		.cite = FAULT ", ErrorCode/@codeSystem",
		.title = "The code system of a toolkit error is missing or another",
		.why = "The code means nothing without the system it belongs to.",
		.fix = "Send codeSystem " OID_TOOLKIT_ERROR ".",
		.check = { .error_info = toolkit_code_system_is_right },
	},
	{
		.id = "ITK-033",
		.name = "toolkit-error-text-missing",
		.severity = CPIS_ERROR,
		.on = PART_ERROR_INFO,
		.basis = CPIS_BASIS_ITK,
		.cite = FAULT ", ErrorText",
		.title = "ToolkitErrorInfo has no ErrorText",
		.why = "Whoever supports the clinician cannot read what went wrong.",
		.fix = "Send the text of the error code.",
		.check = { .error_info = toolkit_text_is_there },
	},
	{
		.id = "ITK-034",
		.name = "toolkit-error-id-is-no-uuid",
		.severity = CPIS_ERROR,
		.on = PART_ERROR_INFO,
		.basis = CPIS_BASIS_ITK,
		.cite = FAULT ", ErrorID",
		.title = "ErrorID of a fault is missing or no UUID",
		.why = "The error cannot be found in the logs of the service.",
		.fix = "Send a fresh UUID for every error.",
		.check = { .error_info = toolkit_error_id_is_uuid },
	},
	{
		.id = "ITK-035",
		.name = "fault-action-is-no-fault",
		.severity = CPIS_ERROR,
		.on = PART_FAULT,
		.basis = CPIS_BASIS_ITK,
		.cite = "WS-Addressing 1.0, SOAP binding, section 6",
		.title = "wsa:Action of a fault is not that of a fault",
		.why = "A client that goes by Action reads the fault as an answer.",
		.fix = "Send http://www.w3.org/2005/08/addressing/soap/fault.",
		.check = { .fault = fault_action_is_fault },
	},
	{
		.id = "ITK-036",
		.name = "fault-without-error-info",
		.severity = CPIS_ERROR,
		.on = PART_FAULT,
		.basis = CPIS_BASIS_ITK,
		.cite = FAULT,
		.title = "The fault's detail holds not exactly one ToolkitErrorInfo",
		.why = "Nobody can tell what went wrong, so the query is not repeated or mended.",
		.fix = "Send one ToolkitErrorInfo with ErrorID, ErrorCode and ErrorText.",
		.check = { .fault = fault_has_error_info },
	},
	{
		.id = "ITK-038",
		.name = "fault-string-is-blank",
		.severity = CPIS_WARNING,
		.on = PART_FAULT,
		.basis = CPIS_BASIS_ITK,
		.cite = "SOAP 1.1, section 4.4.1",
		.title = "faultstring is blank",
		.why = "Whoever supports the clinician cannot read what went wrong.",
		.fix = "Send a sentence for people to read.",
		.check = { .fault = fault_says_something },
	},
};
const size_t itk_fault_rule_count = sizeof(itk_fault_rules) / sizeof(itk_fault_rules[0]);
