/* The response to a query, plain and in the form of the mini service. */
#include "rules/chapters.h"
#include "rules/judge.h"

#define RESPONSE "CP-IS DMS 1.0, REPC_MT000007GB01"

#define OID_SMSP_STATUS "2.16.840.1.113883.2.1.3.2.4.17.499"

static enum outcome total_equals(struct judge *judge, const struct value *total, size_t count,
				 const char *name, const char *noun, const char *nouns)
{
	long long said;
	if (!judge_number(total->text, &said))
		return BLOCKED;
	if (said == (long long)count)
		return HOLDS;
	judge_expect(judge, "%zu", count);
	return judge_fail(judge, total, MASK_NONE, "%s says %lld, %zu %s %s listed", name, said, count,
			  count == 1 ? noun : nouns, count == 1 ? "is" : "are");
}

static enum outcome access_total_is_right(struct judge *judge, const struct response *response)
{
	return total_equals(judge, &response->access_total, response->access_count,
			    "TotalReturnedAccessRecords", "access", "accesses");
}

static enum outcome record_total_is_right(struct judge *judge, const struct response *response)
{
	return total_equals(judge, &response->record_total, response->record_count,
			    "TotalReturnedChildRecords", "record", "records");
}

/* Code system ..17.499. */
static const struct {
	const char *code, *display_name;
} smsp_statuses[] = {
	{ "SMSP-0000", "Success" },
	{ "SMSP-0001", "Input message validation error" },
	{ "SMSP-0002", "Response message validation error" },
	{ "SMSP-0003", "No Match (NRF)" },
	{ "SMSP-0004", "Could not connect to spine" },
	{ "SMSP-0005", "Author Credentials Error" },
	{ "SMSP-9999", "Spine mini service provider software failure" },
	{ "CPIS-0001", "No Match (NRF)" },
	{ "CPIS-9999", "CP-IS Spine Service Error" },
};

static enum outcome status_is_known(struct judge *judge, const struct response *response)
{
	if (response->status_count == 0)
		return NOT_APPLICABLE;
	if (!value_there(&response->status))
		return BLOCKED;
	if (!str_is(response->status_system.text, OID_SMSP_STATUS)) {
		judge_expect(judge, OID_SMSP_STATUS);
		return judge_fail(judge, &response->status_system, MASK_NONE,
				  "the status has code system %s, " OID_SMSP_STATUS " is expected",
				  judge_plain(judge, response->status_system.text));
	}
	for (size_t i = 0; i < sizeof(smsp_statuses) / sizeof(smsp_statuses[0]); i++) {
		if (!str_is(response->status.text, smsp_statuses[i].code))
			continue;
		if (str_is(response->status_name.text, smsp_statuses[i].display_name))
			return HOLDS;
		judge_expect(judge, "%s", smsp_statuses[i].display_name);
		return judge_fail(judge, &response->status_name, MASK_NONE,
				  "status %s is shown as \"%s\", it means \"%s\"", smsp_statuses[i].code,
				  judge_plain(judge, response->status_name.text),
				  smsp_statuses[i].display_name);
	}
	judge_expect(judge, "SMSP-0000 to SMSP-0005, SMSP-9999, CPIS-0001 or CPIS-9999");
	return judge_fail(judge, &response->status, MASK_NONE, "the status code %s is not known",
			  judge_plain(judge, response->status.text));
}

static enum outcome status_agrees_with_records(struct judge *judge, const struct response *response)
{
	if (response->status_count == 0 || !value_there(&response->status))
		return NOT_APPLICABLE;
	bool success = str_is(response->status.text, "SMSP-0000");
	if (success == (response->record_count > 0))
		return HOLDS;
	if (success)
		return judge_fail(judge, &response->status, MASK_NONE,
				  "status SMSP-0000 (success) stands with no record at all");
	return judge_fail(judge, &response->status, MASK_NONE,
			  "status %s stands with %zu record%s: only SMSP-0000 returns any",
			  judge_plain(judge, response->status.text), response->record_count,
			  response->record_count == 1 ? "" : "s");
}

const struct rule rsp_rules[] = {
	{
		.id = "RSP-001", .name = "access-total-differs", .severity = CPIS_ERROR,
		.on = PART_RESPONSE, .basis = CPIS_BASIS_CONTRADICTION, .cite = RESPONSE,
		.title = "TotalReturnedAccessRecords differs from the accesses listed",
		.why = "Who else saw the child is part of the picture: an access was lost or invented.",
		.fix = "Count the pertinentInformation13 that are written.",
		.check = { .response = access_total_is_right },
	},
	{
		.id = "RSP-002", .name = "record-total-differs", .severity = CPIS_ERROR,
		.on = PART_RESPONSE, .basis = CPIS_BASIS_CONTRADICTION, .cite = RESPONSE,
		.title = "TotalReturnedChildRecords differs from the records listed",
		.why = "A plan was lost on the way to the clinician, or one is shown that is not there.",
		.fix = "Count the records that are written.",
		.check = { .response = record_total_is_right },
	},
	{
		.id = "RSP-006", .name = "smsp-status-is-not-known", .severity = CPIS_ERROR,
		.on = PART_RESPONSE, .basis = CPIS_BASIS_ITK,
		.cite = "SMSP-CP-ISResponse, code system ..17.499",
		.title = "Mini-service status is unknown, or code and name differ",
		.why = "A client that cannot read the status may show \"no plan\" for \"not answered\".",
		.fix = "Send one of the published codes with its own display name.",
		.check = { .response = status_is_known },
	},
	{
		.id = "RSP-007", .name = "smsp-status-contradicts-records", .severity = CPIS_ERROR,
		.on = PART_RESPONSE, .basis = CPIS_BASIS_CONTRADICTION,
		.cite = "REPC_MT000012GB01, value and pertinentInformation14",
		.title = "Mini-service status and the records contradict each other",
		.why = "Success without a record, or an error with one: the clinician cannot tell which "
		       "is true.",
		.fix = "SMSP-0000 goes with at least one record, every other code with none.",
		.check = { .response = status_agrees_with_records },
	},
};
const size_t rsp_rule_count = sizeof(rsp_rules) / sizeof(rsp_rules[0]);
