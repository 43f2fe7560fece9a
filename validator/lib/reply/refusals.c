#include "reply/refusals.h"

#include "diag/results.h"

#include <stdlib.h>

#define SPINE  (CHANNEL_SPINE | CHANNEL_EBXML)
#define UPLOAD (CHANNEL_MESH | CHANNEL_SPINE | CHANNEL_EBXML | CHANNEL_ITK)

#define SCHEMATRON_1732 "Spine's checks of the transmission wrapper"
#define SCHEMATRON_1712 "Spine's checks of the CP-IS query"
#define SCHEMATRON_CPIS "Spine's checks of an uploaded record"

#define WRAPPER(rule_, code_, text_)                                                               \
	{                                                                                          \
		rule_, SPINE, NULL, NULL, REFUSE_MCCI, "ErrorBase1732." code_, text_,              \
			REFUSAL_PUBLISHED, SCHEMATRON_1732                                         \
	}
#define MISSING(rule_, text_)                                                                      \
	{                                                                                          \
		rule_, SPINE, NULL, NULL, REFUSE_MCCI, "ErrorBase1712.MANDATORY_DATA_MISSING",     \
			text_, REFUSAL_PUBLISHED, SCHEMATRON_1712                                  \
	}
/* A rule about an upload's record: within and says choose among the rows of one rule. */
#define RECORD(rule_, within_, says_, code_, text_)                                                \
	{                                                                                          \
		rule_, UPLOAD, within_, says_, REFUSE_RECORD, "ErrorBaseCPIS." code_, text_,       \
			REFUSAL_PUBLISHED, SCHEMATRON_CPIS                                         \
	}
#define FAULT(rule_, code_, text_, basis_, cite_)                                                  \
	{                                                                                          \
		rule_, CHANNEL_ITK, NULL, NULL, REFUSE_ITK_FAULT, code_, text_, basis_, cite_      \
	}

/* In order: the first row that any finding has decides. */
const struct refusal refusals[] = {
	/* What ebXML and SOAP carry it in, before anyone looks inside. */
	{ "TRN-036", CHANNEL_EBXML, NULL, NULL, REFUSE_EBXML, "Inconsistent",
	  "the ebXML header is incomplete", REFUSAL_INFERRED, CITE_EBXML },
	{ "TRN-037", CHANNEL_EBXML, NULL, NULL, REFUSE_EBXML, "MimeProblem",
	  "the manifest and the parts of the message differ", REFUSAL_INFERRED, CITE_EBXML },
	{ "TRN-025", CHANNEL_EBXML, NULL, NULL, REFUSE_EBXML, "ValueNotRecognized",
	  "eb:Action or eb:Service is not that of the message", REFUSAL_INFERRED, CITE_EBXML },
	{ "TRN-003", CHANNEL_EBXML, NULL, NULL, REFUSE_EBXML, "MimeProblem",
	  "the MIME message is incomplete", REFUSAL_INFERRED, CITE_EBXML },
	{ "TRN-024", CHANNEL_SPINE, NULL, NULL, REFUSE_SPINE_FAULT, "101",
	  "HTTP Header - SOAPAction", REFUSAL_PUBLISHED, CITE_STUB },
	{ "TMS-010", CHANNEL_SPINE, NULL, NULL, REFUSE_SPINE_FAULT, "101", "SOAP Header - Action",
	  REFUSAL_INFERRED, CITE_STUB },
	FAULT("ITK-024", "3000", "the user name is missing", REFUSAL_PUBLISHED, CITE_HOST_TESTS),
	FAULT("ITK-026", "3000", "the security timestamp is missing", REFUSAL_PUBLISHED,
	      CITE_HOST_TESTS),

	/* Spine's checks of a query. */
	WRAPPER("TMS-001", "INVALID_ID", "Invalid id"),
	WRAPPER("TMS-002", "INVALID_CREATION_TIME", "Invalid creation time"),
	WRAPPER("TMS-003", "INVALID_VERSION_CODE", "Invalid version code"),
	WRAPPER("TMS-004", "INCONSISTENT_HL7_INTERACTION_ID", "Inconsistent HL7 interaction id"),
	WRAPPER("TMS-005", "INVALID_COMM_FUNC_RCV", "Invalid communicationFunctionRcv"),
	WRAPPER("TMS-006", "INVALID_COMM_FUNC_SND", "Invalid communicationFunctionSnd"),
	WRAPPER("TMS-007", "INVALID_CONTROL_ACT", "Invalid ControlActEvent"),
	MISSING("TMS-008", "author1"),
	MISSING("QRY-001", "[authorPerson or authorDevice]"),
	MISSING("QRY-002", "Job Role Code"),
	MISSING("QRY-003", "Job Role Name"),
	MISSING("QRY-004", "Organisation Code"),
	MISSING("QRY-005", "Organisation Name"),
	MISSING("QRY-006", "authorID"),
	MISSING("QRY-007", "authorDevice.systemID"),
	MISSING("QRY-008", "authorDevice.orgCode"),
	MISSING("QRY-009", "authorDevice.orgName"),
	{ "QRY-010", SPINE, NULL, "job role code", REFUSE_MCCI,
	  "ErrorBase1712.MANDATORY_DATA_MISSING", "authorDevice.jobRoleCode", REFUSAL_PUBLISHED,
	  SCHEMATRON_1712 },
	{ "QRY-010", SPINE, NULL, "job role name", REFUSE_MCCI,
	  "ErrorBase1712.MANDATORY_DATA_MISSING", "authorDevice.jobRoleName", REFUSAL_PUBLISHED,
	  SCHEMATRON_1712 },
	MISSING("QRY-010", "authorDevice.assignedPersonName"),
	MISSING("QRY-014", "Event ID"),
	MISSING("QRY-015", "NHS Number"),

	/* Of an upload that breaks off no record is looked at. */
	{ "XML-001", CHANNEL_MESH, NULL, NULL, REFUSE_FILE, "CPF01", NULL, REFUSAL_PUBLISHED,
	  "CP-ISUploadFileResponse 2.0: the file is corrupt or not well formed" },
	{ "XML-003", CHANNEL_MESH, NULL, "bytes here are not UTF-8", REFUSE_FILE, "CPF01", NULL,
	  REFUSAL_PUBLISHED,
	  "CP-ISUploadFileResponse 2.0: the file is corrupt or not well formed" },

	/* Spine's checks of a record of an upload. */
	RECORD("UPL-004", NULL, "no telecom has use", "MISSING_MANDATORY_TELECOM_TYPE", "EC"),
	RECORD("UPL-004", NULL, "has no number", "MISSING_MANDATORY_TELECOM_TYPE", "EC"),
	RECORD("UPL-004", NULL, NULL, "DUPLICATE_TELECOM_TYPE", "EC"),
	RECORD("UPL-005", NULL, NULL, "TELECOM_VALUE_IS_MANDATORY", "Telecom value is mandatory"),
	RECORD("UPL-013", "organisation/id", NULL, "MISSING_MANDATORY_FIELD", "Organisation ID"),
	RECORD("UPL-013", "organisation/name", NULL, "MISSING_MANDATORY_FIELD",
	       "Organisation Name"),
	RECORD("UPL-013", "organisation", NULL, "MISSING_MANDATORY_FIELD", "Organisation Name"),
	RECORD("NHS-008", NULL, NULL, "MISSING_MANDATORY_FIELD", "NHS Number"),

	/* The envelope of an ITK request, and what carries it. */
	{ "SCH-", CHANNEL_ITK, "CP-ISQueryStub", NULL, REFUSE_STATUS, "SMSP-0001", NULL,
	  REFUSAL_INFERRED, "CP-ISMiniServiceResponseCode: Input message validation error" },
	FAULT("SCH-", "1000", "the envelope is not valid", REFUSAL_INFERRED, CITE_WS_FDT),
	FAULT("ITK-", "1000", "Invalid message", REFUSAL_PUBLISHED, CITE_HOST_TESTS),
	FAULT("XML-", "1000", "the message is not well-formed", REFUSAL_INFERRED, CITE_WS_FDT),
	FAULT("TRN-", "1000", "Invalid message", REFUSAL_INFERRED, CITE_WS_FDT),
	FAULT("TMS-", "1000", "Invalid message", REFUSAL_NOT_PUBLIC, CITE_NO_SOURCE),

	/* What an upload is not loaded for. */
	{ "TRN-001", CHANNEL_MESH, NULL, NULL, REFUSE_REPORT, "15", "bad CP-IS file",
	  REFUSAL_INFERRED, CITE_MESH },
	{ "TRN-", CHANNEL_MESH, NULL, NULL, REFUSE_REPORT, "15", "bad CP-IS file", REFUSAL_INFERRED,
	  CITE_MESH },
	{ "XML-", CHANNEL_MESH, NULL, NULL, REFUSE_FILE, "CPF01", NULL, REFUSAL_NOT_PUBLIC,
	  "CP-ISUploadFileResponse 2.0 names only files that are not well formed" },
	{ "SCH-", CHANNEL_MESH, NULL, NULL, REFUSE_FILE, "CPF01", NULL, REFUSAL_NOT_PUBLIC,
	  "CP-ISUploadFileResponse 2.0 names only files that are not well formed" },

	/* What no published source speaks of. */
	{ "XML-", SPINE, NULL, NULL, REFUSE_SPINE_FAULT, "101", "SOAP Body", REFUSAL_NOT_PUBLIC,
	  CITE_NO_SOURCE },
	{ "TRN-", SPINE, NULL, NULL, REFUSE_SPINE_FAULT, "101", "HTTP", REFUSAL_NOT_PUBLIC,
	  CITE_NO_SOURCE },
	{ "NHS-", SPINE, "person.NHSnumber", NULL, REFUSE_QUQI, "NHSNCC002", "NHS Number Not Found",
	  REFUSAL_NOT_PUBLIC, CITE_NO_SOURCE },
	{ "", SPINE, NULL, NULL, REFUSE_MCCI, "GE002", "Unexpected business error encountered.",
	  REFUSAL_NOT_PUBLIC, CITE_NO_SOURCE },
	{ "", CHANNEL_ITK, NULL, NULL, REFUSE_STATUS, "SMSP-0001", NULL, REFUSAL_NOT_PUBLIC,
	  CITE_NO_SOURCE },
};
const size_t refusal_count = sizeof(refusals) / sizeof(refusals[0]);

/* Records and files of an upload, by whatever door they come. */
static const struct refusal file_row = {
	"", UPLOAD, NULL, NULL, REFUSE_FILE, "CPF01", NULL, REFUSAL_NOT_PUBLIC, CITE_NO_SOURCE
};
static const struct refusal record_row = {
	"", UPLOAD, NULL, NULL, REFUSE_RECORD, NULL, NULL, REFUSAL_NOT_PUBLIC, CITE_NO_SOURCE
};
/* What is sent where an upload does not say whose it is: no acknowledgement can be addressed. */
static const struct refusal nameless_rows[] = {
	{ "", CHANNEL_MESH, NULL, NULL, REFUSE_REPORT, "15", "bad CP-IS file", REFUSAL_INFERRED,
	  CITE_MESH },
	{ "", CHANNEL_ITK, NULL, NULL, REFUSE_ITK_FAULT, "1000", "Invalid message",
	  REFUSAL_NOT_PUBLIC, CITE_NO_SOURCE },
	{ "", CHANNEL_ANY, NULL, NULL, REFUSE_MCCI, "GE002",
	  "Unexpected business error encountered.", REFUSAL_NOT_PUBLIC, CITE_NO_SOURCE },
};
/* What an upload has wrong with an NHS number is for the state to answer: CPR04. */
static const struct refusal number_row = {
	"NHS-", UPLOAD,		  NULL,
	NULL,	REFUSE_RECORD,	  "CPR04",
	NULL,	REFUSAL_INFERRED, "CP-ISUploadRecordResponse 3.0: NHS Number Format Incorrect"
};

const char *refusal_kind_name(enum refusal_kind kind)
{
	static const char *const names[REFUSAL_KIND_COUNT] = {
		[REFUSE_NOT] = "accepted",
		[REFUSE_SPINE_FAULT] = "SOAP fault of Spine",
		[REFUSE_EBXML] = "ebXML error",
		[REFUSE_MCCI] = "MCCI_IN010000UK13 with AE",
		[REFUSE_QUQI] = "QUQI_IN010000UK14 with AE",
		[REFUSE_ITK_FAULT] = "ITK fault",
		[REFUSE_STATUS] = "mini service response",
		[REFUSE_FILE] = "upload acknowledgement, file code",
		[REFUSE_RECORD] = "upload acknowledgement, record code",
		[REFUSE_REPORT] = "MESH error report",
	};
	return names[kind];
}

const char *refusal_basis_name(enum refusal_basis basis)
{
	static const char *const names[] = {
		[REFUSAL_PUBLISHED] = "published",
		[REFUSAL_INFERRED] = "inferred",
		[REFUSAL_NOT_PUBLIC] = "not public",
	};
	return names[basis];
}

static bool in(const char *text, const char *part)
{
	return !part || (text && strstr(text, part));
}

/* The record of an upload that a path is in, from 1; 0: none. */
static size_t record_of(const char *path)
{
	const char *file = path ? strstr(path, "/File/record") : NULL;
	if (!file)
		return 0;
	const char *after = file + strlen("/File/record");
	return *after == '[' ? strtoul(after + 1, NULL, 10) : 1;
}

static const struct refusal *of_upload(const struct finding *finding)
{
	if (strncmp(finding->rule->id, "NHS-", 4) == 0 && record_of(finding->path))
		return &number_row;
	bool broken = strncmp(finding->rule->id, "SCH-", 4) == 0 ||
		      strncmp(finding->rule->id, "XML-", 4) == 0;
	return record_of(finding->path) && !broken ? &record_row : &file_row;
}

const struct refusal *refusal_of(const struct finding *finding, enum channel channel,
				 enum asked asked)
{
	if (finding->severity < CPIS_ERROR || finding->waived)
		return NULL;
	for (size_t i = 0; i < refusal_count; i++) {
		const struct refusal *row = &refusals[i];
		bool general = !row->rule[0] || (asked == ASKED_UPLOAD && row->kind == REFUSE_MCCI);
		if (!(row->channels & channel) || (asked == ASKED_UPLOAD && general) ||
		    strncmp(finding->rule->id, row->rule, strlen(row->rule)) != 0 ||
		    !in(finding->path, row->within) || !in(finding->message, row->says))
			continue;
		if (row->kind == REFUSE_RECORD && asked != ASKED_UPLOAD)
			continue;
		return row;
	}
	return asked == ASKED_QUERY ? NULL : of_upload(finding);
}

const struct refusal *refusal_of_nameless(enum channel channel)
{
	const struct refusal *row = nameless_rows;
	while (!(row->channels & channel))
		row++;
	return row;
}

/* The place of a row in the order in which they decide. */
static size_t order_of(const struct refusal *row)
{
	if (row >= refusals && row < refusals + refusal_count)
		return (size_t)(row - refusals);
	return row->kind == REFUSE_FILE ? refusal_count : refusal_count + 1;
}

static void add_issue(struct decision *decision, const struct refusal *row)
{
	for (size_t i = 0; i < decision->issue_count; i++)
		if (decision->issues[i].code == row->code && decision->issues[i].text == row->text)
			return;
	if (decision->issue_count < MOST_ISSUES)
		decision->issues[decision->issue_count++] =
			(struct detected_issue){ row->code, row->text };
}

/* A record's row: the best known one that any of its findings has. */
static void refuse_record(struct decision *decision, const struct request *request,
			  const struct refusal *row, size_t number)
{
	size_t first = number ? number - 1 : 0;
	size_t end = number ? number : request->record_count;
	for (size_t i = first; i < end && i < request->record_count; i++) {
		const struct refusal *was = decision->records[i];
		decision->refused_records += !was;
		if (!was || order_of(row) < order_of(was))
			decision->records[i] = row;
	}
}

/* accessEventType of patch D, where it is understood: the schemas of RC5 do not have it, and Spine
 * answers it. The mini service is for unscheduled care alone. */
static bool is_of_patch_d(const struct request *request, const struct finding *finding)
{
	static const char end[] = "/cP-ISNHSQuery/accessEventType";
	struct str path = str_of(finding->path ? finding->path : "");
	return request->says_event && request->channel & SPINE &&
	       strcmp(finding->rule->id, "SCH-001") == 0 && str_ends(path, str_of(end));
}

/* What a call of MESH says of its message is between the client and MESH: the service sees none of
 * it. */
static bool is_of_mesh_fields(const struct request *request, const struct finding *finding)
{
	static const char *const rules[] = { "TRN-038", "TRN-039", "TRN-045", "TRN-046" };
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (strcmp(finding->rule->id, rules[i]) == 0)
			return request->channel == CHANNEL_MESH;
	return false;
}

static void take_finding(struct decision *decision, const struct request *request,
			 const struct finding *finding)
{
	const struct refusal *row = refusal_of(finding, request->channel, request->asked);
	if (!row || is_of_patch_d(request, finding) || is_of_mesh_fields(request, finding))
		return;
	if (row->kind == REFUSE_RECORD && request->record_count)
		refuse_record(decision, request, row, record_of(finding->path));
	if (decision->refusal && order_of(decision->refusal) <= order_of(row))
		return;
	decision->refusal = row;
	decision->finding = finding;
}

int decision_make(struct decision *decision, struct request *request, const struct results *results,
		  size_t first, size_t count)
{
	*decision = (struct decision){ 0 };
	decision->records = arena_alloc(&request->arena,
					(request->record_count + 1) * sizeof(*decision->records));
	if (!decision->records)
		return -1;
	for (size_t i = first; i < first + count && i < results->message_count; i++)
		for (size_t k = 0; k < results->messages[i].finding_count; k++)
			take_finding(decision, request, &results->messages[i].findings[k]);
	if (!decision->refusal || decision->refusal->kind != REFUSE_MCCI)
		return 0;
	add_issue(decision, decision->refusal);
	for (size_t i = first; i < first + count && i < results->message_count; i++)
		for (size_t k = 0; k < results->messages[i].finding_count; k++) {
			const struct refusal *row = refusal_of(&results->messages[i].findings[k],
							       request->channel, request->asked);
			if (row && row->kind == REFUSE_MCCI && row->basis == REFUSAL_PUBLISHED)
				add_issue(decision, row);
		}
	return 0;
}
