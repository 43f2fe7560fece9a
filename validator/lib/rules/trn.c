/* Transport layers. Judged by the stages that open them: these rows have no check. */
#include "rules/chapters.h"

const struct rule trn_rules[] = {
	{
		.id = "TRN-001", .name = "no-cp-is-message", .severity = CPIS_ERROR,
		.basis = CPIS_BASIS_DMS, .cite = "CP-IS DMS 1.0, messages and interactions",
		.title = "No CP-IS message found",
		.why = "What is not recognised is not judged, and must not pass for good.",
		.fix = "Send one of the CP-IS messages, bare or in a SOAP or ITK envelope, in the "
		       "namespace urn:hl7-org:v3.",
	},
};
const size_t trn_rule_count = sizeof(trn_rules) / sizeof(trn_rules[0]);
