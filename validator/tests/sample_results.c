#include "sample_results.h"

#include "sample_rules.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct finding upload_findings[] = {
	{
		.rule = &sample_bad_number,
		.severity = CPIS_ERROR,
		.stage = CPIS_RULES,
		.offset = 1204,
		.at = { 18, 13 },
		.path = "/File/record[2]/CP-ISRecord/subject/patient/id/@extension",
		.message =
			"The NHS number \"[NHS number #2]\" has check digit 4, and its first nine "
			"digits need 7.",
		.fix = "Trace the child again and send the number exactly as it was returned.",
		.expected = "a number whose last digit is 7",
		.actual = "4",
		.excerpt = "        <id root=\"2.16.840.1.113883.2.1.4.1\" "
			   "extension=\"[NHS number #2]\"/>",
		.caret = 12,
		.fingerprint = "5b1f0a9c33e4d201",
		.fate = FATE_UNEXPECTED,
	},
	{
		.rule = &sample_bad_dates,
		.severity = CPIS_ERROR,
		.stage = CPIS_RULES,
		.offset = 2950,
		.at = { 41, 24 },
		.other = { 40, 24 },
		.path = "/File/record[2]/CP-ISRecord/pertinentInformation/cPPEndDate/value/@value",
		.message = "The plan starts on 25 September 2012 and ends on 24 September 2012, "
			   "which is "
			   "1 day before it starts.",
		.fix = "Send the date the plan ended, or leave the end date out while the plan is "
		       "open.",
		.expected = "20120925 or later",
		.actual = "20120924",
		.excerpt = "\t\t\t<cPPEndDate><value value=\"20120924\"/></cPPEndDate>",
		.caret = 15,
		.fingerprint = "88c0e6d27f5a1b34",
		.fate = FATE_UNEXPECTED,
	},
	{
		.rule = &sample_missing_phone,
		.severity = CPIS_WARNING,
		.stage = CPIS_RULES,
		.offset = 3300,
		.at = { 47, 5 },
		.path = "/File/record[2]/CP-ISRecord/author/organisation",
		.message = "The organisation has an office telephone number and none for out of "
			   "hours.",
		.fix = "Send the emergency duty team's number beside the office number.",
		.fingerprint = "0c77aa5512ef9d06",
		.fate = FATE_UNEXPECTED,
	},
	{
		.rule = &sample_bad_number,
		.severity = CPIS_ERROR,
		.stage = CPIS_RULES,
		.offset = 4100,
		.at = { 63, 13 },
		.path = "/File/record[4]/CP-ISRecord/subject/patient/id/@extension",
		.message = "The NHS number \"[NHS number #4]\" is 10 equal digits, which no person "
			   "has.",
		.fix = "Leave the number out until the child has one.",
		.fingerprint = "5b1f0a9c33e4d201",
		.waived = "Test data of the supplier's own trace service; agreed until 31 March "
			  "2027.",
		.fate = FATE_UNEXPECTED,
	},
};

static struct finding hostile_findings[] = {
	{
		.rule = &sample_odd_name,
		.severity = CPIS_WARNING,
		.stage = CPIS_XML,
		.offset = 77,
		.at = { 1, 78 },
		.inner = { 3, 9 },
		.layer = "base64 payload 1",
		.path = "/CP-ISQueryStub/subject/given[1]",
		.message =
			"The name \"<script>alert(\"x\")</script> & O'Neill \\u202E Zoë 李\" holds "
			"U+202E, which turns the text that follows it.",
		.fix = NULL,
		.expected = "letters, spaces, ' and -",
		.actual = "<b onclick='x'>]]> & \"quoted\" | *stars* `ticks`",
		.excerpt = "<given>Zo\\u00EB \\u202E</given><family>ë李</family>",
		.caret = 16,
		.fingerprint = "f00dfacefeed0001",
	},
	{
		.rule = &sample_old_version,
		.severity = CPIS_INFO,
		.stage = CPIS_RULES,
		.offset = 12,
		.at = { 1, 13 },
		.path = "/QUPC_IN000006GB01/versionCode/@code",
		.message = "The version code is \"V3NPfIT3.0\".",
		.fix = "Send 3NPfIT6.0.",
		.fingerprint = "f00dfacefeed0002",
	},
};

static struct unlisted past_limit[] = { { &sample_old_version, CPIS_INFO, 1, 0 } };

static struct finding broken_findings[] = {
	{
		.rule = &sample_malformed,
		.severity = CPIS_ERROR,
		.stage = CPIS_XML,
		.message = "The document ends after 0 bytes, before any element.",
		.fix = "Send the whole message.",
		.fingerprint = "0000000000000001",
		.fate = FATE_EXPECTED,
	},
};

static const char *upload_layers[] = { "mesh", "gzip" };
static const char *query_layers[] = { "http", "soap", "itk" };

static struct omission query_omissions[] = {
	{ "the payload uuid_8C1E4A52-60B1-4F6E-8E54-2B6A1B1C7B11", "it is encrypted" },
	{ "the rule PAIR-001", "the request that this answers was not given" },
};

#define SHA(c) c c c c c c c c c c c c c c c c

static const struct message_result messages[] = {
	{
		.source = "messages/upload-five.xml",
		.type = "REPC_MT000002GB01",
		.title = "CP-IS Local Authority Upload",
		.recognised_by = "root element File in urn:hl7-org:v3",
		.layers = upload_layers,
		.layer_count = COUNT(upload_layers),
		.sha256 = SHA("9f86"),
		.bytes = 20481,
		.records = 5,
		.paired = 1,
		.verdict = CPIS_FAIL,
		.findings = upload_findings,
		.finding_count = COUNT(upload_findings),
		.suppressed = 2,
		.unlisted = past_limit,
		.unlisted_count = COUNT(past_limit),
		.turned_off = 1,
	},
	{
		.source = "messages/query-device.xml",
		.type = "QUPC_MT000001GB01",
		.title = "CP-IS Query",
		.recognised_by = "root element CP-ISQueryStub in urn:hl7-org:v3",
		.sha256 = SHA("a1b2"),
		.bytes = 2048,
		.records = 0,
		.verdict = CPIS_PASS,
	},
	{
		.source = "in/<b>\"odd\" & 'name'</b>\x1b[31m\n.xml",
		.type = "QUPC_MT000001GB01",
		.title = "CP-IS Query",
		.recognised_by = "root element CP-ISQueryStub in urn:hl7-org:v3",
		.layers = query_layers,
		.layer_count = COUNT(query_layers),
		.sha256 = SHA("c3d4"),
		.bytes = 4096,
		.verdict = CPIS_INCOMPLETE,
		.findings = hostile_findings,
		.finding_count = COUNT(hostile_findings),
		.omissions = query_omissions,
		.omission_count = COUNT(query_omissions),
	},
	{
		.source = "messages/empty.xml",
		.sha256 = SHA("e3b0"),
		.verdict = CPIS_FAIL,
		.findings = broken_findings,
		.finding_count = COUNT(broken_findings),
	},
};

static struct case_fault upload_faults[] = {
	{ FAULT_UNEXPECTED,
	  "unexpected: NHS-003 at /File/record[2], DAT-003 at /File/record[2], UPL-008", NULL },
	{ FAULT_VERDICT, "the verdict is fail, not pass", NULL },
	{ FAULT_ASSERTION,
	  "assertion failed: Every child has a name (count(//name) equals '5'): it is '4'",
	  "Every child has a name" },
	{ FAULT_RECORD,
	  "changed: record 2 ([NHS number #2]): surname: expected [name #3], found [name #5]",
	  NULL },
	{ FAULT_RECORD, "missing: record 4 ([NHS number #4])", NULL },
};

static struct value_change upload_values[] = {
	{ "surname", "[name #3]", "[name #5]" },
	{ "end date of the child protection plan", NULL, "20120924" },
};

static struct record_change upload_records[] = {
	{ "changed", "record 2 ([NHS number #2])", "record 3 ([NHS number #2])", upload_values,
	  COUNT(upload_values) },
	{ "missing", "record 4 ([NHS number #4])", NULL, NULL, 0 },
};

static struct expected_finding upload_expects[] = {
	{ "TMS-012", NULL, 1, 0 },
	{ "ITK-002", "//*[local-name() = 'DistributionEnvelope']/@trackingid", 2, 2 },
};

static const char *upload_requirements[] = { "LA-UP-01", "LA-UP-04" };
static const char *query_requirements[] = { "NQ-02" };
static const char *tags[] = { "upload", "smoke" };

static const struct case_result cases[] = {
	{
		.pack = "la-upload",
		.id = "LAU-001",
		.title = "Five children, three kinds of plan",
		.requirements = upload_requirements,
		.requirement_count = 2,
		.tags = tags,
		.tag_count = 2,
		.outcome = CASE_FAILED,
		.expected = "pass, and no findings",
		.actual = "fail: NHS-003 at /File/record[2], DAT-003 at /File/record[2], UPL-008",
		.reason = "Three findings were made that the case does not expect.",
		.from = CASE_OF_EVIDENCE,
		.expects = upload_expects,
		.expects_count = COUNT(upload_expects),
		.faults = upload_faults,
		.fault_count = COUNT(upload_faults),
		.records = upload_records,
		.record_count = COUNT(upload_records),
		.first_message = 0,
		.message_count = 1,
	},
	{
		.pack = "la-upload",
		.id = "LAU-014",
		.title = "A query where an upload belongs",
		.requirements = upload_requirements,
		.requirement_count = 1,
		.outcome = CASE_PASSED,
		.expected = "pass, and no findings",
		.actual = "pass, and no findings",
		.first_message = 1,
		.message_count = 1,
	},
	{
		.pack = "la-upload",
		.id = "LAU-101",
		.title = "The child keyed from data set A is uploaded",
		.outcome = CASE_NOT_RUN,
		.expected = "pass",
		.reason = "The evidence slot upload-initial*.xml is empty.",
		.from = CASE_OF_EVIDENCE,
		.first_message = 2,
	},
	{
		.pack = "la-upload",
		.id = "LAU-102",
		.title = "The office line is shown",
		.outcome = CASE_WAIVED,
		.expected = "pass, and no findings",
		.actual = "fail: UPL-008",
		.reason = "Office line not yet published; owned by the upload team lead until "
			  "2027-03-31.",
		.first_message = 2,
	},
	{
		.pack = "nhs-query",
		.id = "NQ-001",
		.title = "Emergency department: <script> & \"quotes\" | pipe, comma",
		.requirements = query_requirements,
		.requirement_count = 1,
		.outcome = CASE_MANUAL,
		.expected = "an answer",
		.reason = "Does the clinician see the plan without another click?",
		.from = CASE_OF_ANSWER,
		.first_message = 2,
		.message_count = 1,
	},
	{
		.pack = "nhs-query",
		.id = "NQ-002",
		.title = "An empty file is refused",
		.outcome = CASE_PASSED,
		.expected = "fail: XML-001",
		.actual = "fail: XML-001",
		.first_message = 3,
		.message_count = 1,
	},
	{
		.pack = "nhs-query",
		.id = "NQ-003",
		.title = "A case with a mistake in it",
		.outcome = CASE_BROKEN,
		.expected = "pass",
		.reason = "The edit at //telecom[9] selects nothing.",
		.first_message = 4,
	},
	{
		.pack = "nhs-query",
		.id = "NQ-004",
		.title = "Left out for a smoke run",
		.outcome = CASE_LEFT_OUT,
		.reason = "Its tags do not match --only smoke.",
		.first_message = 4,
	},
};

static const char *shown_by_two[] = { "LAU-001", "LAU-014" };
static const char *shown_by_one[] = { "LAU-001" };
static const char *shown_by_query[] = { "NQ-001" };

static const struct requirement_result requirements[] = {
	{
		.pack = "la-upload",
		.id = "LA-UP-01",
		.text = "Every child with a plan is uploaded.",
		.source = "CP-IS DMS 1.0, upload",
		.cases = shown_by_two,
		.case_count = 2,
		.outcome = CASE_FAILED,
	},
	{
		.pack = "la-upload",
		.id = "LA-UP-04",
		.text = "A plan that has ended is sent with its end date.",
		.source = "CP-IS DMS 1.0, plan",
		.cases = shown_by_one,
		.case_count = 1,
		.outcome = CASE_FAILED,
	},
	{
		.pack = "la-upload",
		.id = "LA-UP-09",
		.text = "Uploads are sent every day.",
		.source = "CP-IS DMS 1.0, upload",
		.not_testable = "A message cannot show when the next one is sent.",
		.outcome = CASE_NOT_RUN,
	},
	{
		.pack = "nhs-query",
		.id = "NQ-02",
		.text = "The clinician sees that there is a plan & whom to ring.",
		.source = "CP-IS DMS 1.0, query",
		.cases = shown_by_query,
		.case_count = 1,
		.outcome = CASE_MANUAL,
	},
};

static const struct pack_result packs[] = {
	{
		.name = "la-upload",
		.version = "1.2.0",
		.title = "Local Authority upload",
		.specification = "CP-IS DMS 1.0 RC5",
		.source = "packs/la-upload/pack.yaml",
		.sha256 = SHA("0a1b"),
		.digest = SHA("1b2c"),
		.case_count = 4,
	},
	{
		.name = "nhs-query",
		.version = "1.0.3",
		.title = "Query from unscheduled care",
		.specification = "CP-IS DMS 1.0 RC5",
		.source = "packs/nhs-query/pack.yaml",
		.sha256 = SHA("2c3d"),
		.case_count = 4,
	},
};

static const struct input_result inputs[] = {
	{ "la-upload", "pack", "pack.yaml", SHA("0a1b"), 4096 },
	{ "la-upload", "data", "data/set-a.yaml", SHA("4e5f"), 812 },
	{ NULL, "profile", "profile.yaml", SHA("6a7b"), 120 },
};

static const char *fills[] = { "LAU-201" };

static const struct evidence_result evidence[] = {
	{ .name = "upload-initial.xml",
	  .sha256 = SHA("8c9d"),
	  .bytes = 9120,
	  .slots = fills,
	  .slot_count = 1 },
	{ .name = "pipe", .why = "it is a FIFO" },
};

static struct named_value meta[] = {
	{ "supplier", "Example Systems <Ltd> & Co" },
	{ "system", "Careful Case Manager" },
	{ "version", "7.3.1" },
	{ "environment", "integration" },
	{ "tester", "A. Person" },
};

static struct named_value command[] = {
	{ NULL, "cpis" },
	{ NULL, "run" },
	{ NULL, "packs/la-upload/pack.yaml" },
	{ NULL, "packs/nhs query/pack.yaml" },
	{ NULL, "--report" },
	{ NULL, "html=report.html" },
};

static void fill_messages(struct results *results, size_t first, size_t count)
{
	for (size_t i = first; i < first + count; i++) {
		struct message_result *message = results_add_message(results);
		if (message)
			*message = messages[i];
	}
}

static void fill_packs(struct results *results)
{
	for (size_t i = 0; i < COUNT(packs); i++)
		*results_add_pack(results) = packs[i];
	for (size_t i = 0; i < COUNT(inputs); i++) {
		struct input_result *input =
			results_add_input(results, inputs[i].pack, inputs[i].role, inputs[i].name);
		memcpy(input->sha256, inputs[i].sha256, sizeof(input->sha256));
		input->bytes = inputs[i].bytes;
	}
	for (size_t i = 0; i < COUNT(evidence); i++)
		*results_add_evidence(results, evidence[i].name) = evidence[i];
	for (size_t i = 0; i < COUNT(cases); i++)
		*results_add_case(results) = cases[i];
	for (size_t i = 0; i < COUNT(requirements); i++)
		*results_add_requirement(results) = requirements[i];
}

void sample_fill(struct results *results, enum sample sample)
{
	*results = (struct results){
		.options = { .now = 1790000000 },
		.rules = sample_rules,
		.rule_count = SAMPLE_RULE_COUNT,
		.tallies = sample == SAMPLE_CLEAN ? sample_clean_tallies : sample_tallies,
		.overrides = sample == SAMPLE_VALIDATE ? sample_overrides : NULL,
		.profile = sample == SAMPLE_VALIDATE ? "pilot\x1b[1m <b>" : NULL,
		.ruleset = { "3f2a9b7c1d4e5f60" },
		.meta = meta,
		.meta_count = COUNT(meta),
		.command = command,
		.command_count = COUNT(command),
	};
	arena_init(&results->arena);
	if (sample == SAMPLE_CLEAN)
		fill_messages(results, 1, 1);
	else
		fill_messages(results, 0, COUNT(messages));
	if (sample == SAMPLE_RUN)
		fill_packs(results);
}

void sample_release(struct results *results)
{
	arena_release(&results->arena);
}
