/* The six CP-IS payloads and the templates they carry. Source: DMS message and template models. */
#include "message/bindings.h"

/* A table over the array `name`_rows for struct `type`. */
#define TABLE(name, part_kind, type)                                                               \
	const struct binding_table name##_table = { part_kind, sizeof(struct type), name##_rows,   \
						    sizeof(name##_rows) / sizeof(name##_rows[0]) }

#define VALUE(path_, type, member)                                                                 \
	{                                                                                          \
		.path = path_, .kind = BIND_VALUE, .field = offsetof(struct type, member)          \
	}
/* texts in the list `member`, counted in counter */
#define VALUES(path_, type, member, counter)                                                       \
	{                                                                                          \
		.path = path_, .kind = BIND_VALUE, .field = offsetof(struct type, member),         \
		.count_field = offsetof(struct type, counter), .list = true                        \
	}
#define NAME(path_, type, member)                                                                  \
	{                                                                                          \
		.path = path_, .kind = BIND_NAME, .field = offsetof(struct type, member)           \
	}
#define COUNT(path_, type, member)                                                                 \
	{                                                                                          \
		.path = path_, .kind = BIND_COUNT, .field = offsetof(struct type, member)          \
	}
#define FLAG(path_, type, member)                                                                  \
	{                                                                                          \
		.path = path_, .kind = BIND_FLAG, .field = offsetof(struct type, member)           \
	}
/* the member, the first of those that counter counts */
#define PART(path_, type, member, counter, table_, role_)                                          \
	{                                                                                          \
		.path = path_, .kind = BIND_PART, .field = offsetof(struct type, member),          \
		.count_field = offsetof(struct type, counter), .table = &table_, .role = role_     \
	}
/* the list `member`, counted in counter */
#define PARTS(path_, type, member, counter, table_, role_)                                         \
	{                                                                                          \
		.path = path_, .kind = BIND_PART, .field = offsetof(struct type, member),          \
		.count_field = offsetof(struct type, counter), .list = true, .table = &table_,     \
		.role = role_                                                                      \
	}
/* the same two, into the nearest part of a kind around the table's own */
#define PART_INTO(kind_, path_, type, member, counter, table_, role_)                              \
	{                                                                                          \
		.path = path_, .kind = BIND_PART, .into = kind_,                                   \
		.field = offsetof(struct type, member),                                            \
		.count_field = offsetof(struct type, counter), .table = &table_, .role = role_     \
	}
#define PARTS_INTO(kind_, path_, type, member, counter, table_, role_)                             \
	{                                                                                          \
		.path = path_, .kind = BIND_PART, .into = kind_,                                   \
		.field = offsetof(struct type, member),                                            \
		.count_field = offsetof(struct type, counter), .list = true, .table = &table_,     \
		.role = role_                                                                      \
	}
/* one slot, used again for each */
#define STREAM(path_, type, member, counter, table_, role_)                                        \
	{                                                                                          \
		.path = path_, .kind = BIND_PART, .field = offsetof(struct type, member),          \
		.count_field = offsetof(struct type, counter), .table = &table_, .stream = true,   \
		.role = role_                                                                      \
	}
/* the same; the last one can be read until the part around it closes */
#define STREAM_KEPT(path_, type, member, counter, table_, role_)                                   \
	{                                                                                          \
		.path = path_, .kind = BIND_PART, .field = offsetof(struct type, member),          \
		.count_field = offsetof(struct type, counter), .table = &table_, .stream = true,   \
		.keeps = true, .role = role_                                                       \
	}
/* the same, of a table with rows into the parts around */
#define STREAM_INTO(path_, type, member, counter, table_)                                          \
	{                                                                                          \
		.path = path_, .kind = BIND_PART, .field = offsetof(struct type, member),          \
		.count_field = offsetof(struct type, counter), .table = &table_, .stream = true,   \
		.keeps = true                                                                      \
	}

static const struct binding timestamp_rows[] = {
	VALUE("@value", timestamp, value),
};
TABLE(timestamp, PART_TIMESTAMP, timestamp);

static const struct binding identifier_rows[] = {
	VALUE("@root", identifier, root),
	VALUE("@extension", identifier, extension),
	VALUE("@assigningAuthorityName", identifier, authority),
};
TABLE(identifier, PART_IDENTIFIER, identifier);

static const struct binding telecom_rows[] = {
	VALUE("@value", telecom, value),
	VALUE("@use", telecom, use),
};
static TABLE(telecom, PART_TELECOM, telecom);

static const struct binding organisation_rows[] = {
	PART("id", organisation, id, id_count, identifier_table, ID_ORGANISATION),
	VALUE("name/text()", organisation, name),
	PARTS("telecom", organisation, telecoms, telecom_count, telecom_table, 0),
};
static TABLE(organisation, PART_ORGANISATION, organisation);

/* Plans: the three upload templates and the three of responses differ in name and in the delete
 * date. */

#define BINDING_ROWS(prefix)                                                                       \
	PART("component/" prefix "StartDate/value", plan, start, start_count, timestamp_table,     \
	     TIME_PLAN_START),                                                                     \
		PART("component1/" prefix "EndDate/value", plan, end, end_count, timestamp_table,  \
		     TIME_PLAN_END),                                                               \
		PART("component2/" prefix "DeleteDate/value", plan, deleted, delete_count,         \
		     timestamp_table, TIME_PLAN_DELETE)

static const struct binding looked_after_plan_rows[] = { BINDING_ROWS("lAC") };
static TABLE(looked_after_plan, PART_PLAN, plan);
static const struct binding child_protection_plan_rows[] = { BINDING_ROWS("cPP") };
static TABLE(child_protection_plan, PART_PLAN, plan);
static const struct binding unborn_child_plan_rows[] = { BINDING_ROWS("uCP") };
static TABLE(unborn_child_plan, PART_PLAN, plan);

/* COCT_TP145101GB01 */
static const struct binding child_rows[] = {
	PARTS("id", subject, ids, id_count, identifier_table, ID_CHILD),
	PART("childPerson/birthTime", subject, birth, birth_count, timestamp_table, TIME_BIRTH),
	VALUE("childPerson/name/text()", subject, beside),
	VALUE("childPerson/name/given/text()", subject, given),
	VALUE("childPerson/name/family/text()", subject, family),
	VALUE("childPerson/name/given/@qualifier", subject, given_qualifier),
	VALUE("childPerson/name/family/@qualifier", subject, family_qualifier),
	VALUE("childPerson/name/given/@representation", subject, given_coding.representation),
	VALUE("childPerson/name/given/@compression", subject, given_coding.compression),
	VALUE("childPerson/name/family/@representation", subject, family_coding.representation),
	VALUE("childPerson/name/family/@compression", subject, family_coding.compression),
};
static TABLE(child, PART_SUBJECT, subject);

/* COCT_TP145100GB01 */
static const struct binding mother_rows[] = {
	PARTS("parentMotherPerson/playedMother/id", subject, ids, id_count, identifier_table,
	      ID_MOTHER),
	PART("parentMotherPerson/birthTime", subject, birth, birth_count, timestamp_table,
	     TIME_BIRTH),
	VALUE("parentMotherPerson/name/text()", subject, beside),
	VALUE("parentMotherPerson/name/given/text()", subject, given),
	VALUE("parentMotherPerson/name/family/text()", subject, family),
	VALUE("parentMotherPerson/name/given/@qualifier", subject, given_qualifier),
	VALUE("parentMotherPerson/name/family/@qualifier", subject, family_qualifier),
	VALUE("parentMotherPerson/name/given/@representation", subject,
	      given_coding.representation),
	VALUE("parentMotherPerson/name/given/@compression", subject, given_coding.compression),
	VALUE("parentMotherPerson/name/family/@representation", subject,
	      family_coding.representation),
	VALUE("parentMotherPerson/name/family/@compression", subject, family_coding.compression),
};
static TABLE(mother, PART_SUBJECT, subject);

#define CONTENT_ID_ROWS                                                                            \
	VALUE("npfitlc:contentId/@root", content_id, root),                                        \
		VALUE("npfitlc:contentId/@extension", content_id, extension)

#define PLAN_ENTRY(element, table, kind)                                                           \
	NAME(element, content_id, entry),                                                          \
		PARTS_INTO(PART_RECORD, element, record, plans, plan_count, table, kind)

static const struct binding plan_content_rows[] = {
	CONTENT_ID_ROWS,
	PLAN_ENTRY("COCT_TP146100GB01.LACInformation", looked_after_plan_table, PLAN_LOOKED_AFTER),
	PLAN_ENTRY("COCT_TP146101GB01.CPPInformation", child_protection_plan_table,
		   PLAN_CHILD_PROTECTION),
	PLAN_ENTRY("COCT_TP146102GB01.UCPInformation", unborn_child_plan_table, PLAN_UNBORN_CHILD),
	PLAN_ENTRY("COCT_TP146103GB01.LACInformation", looked_after_plan_table, PLAN_LOOKED_AFTER),
	PLAN_ENTRY("COCT_TP146104GB01.UCPInformation", unborn_child_plan_table, PLAN_UNBORN_CHILD),
	PLAN_ENTRY("COCT_TP146105GB01.CPPInformation", child_protection_plan_table,
		   PLAN_CHILD_PROTECTION),
};
static TABLE(plan_content, PART_CONTENT_ID, content_id);

#define SUBJECT_ENTRY(element, table, kind)                                                        \
	NAME(element, content_id, entry),                                                          \
		PARTS_INTO(PART_RECORD, element, record, subjects, subject_count, table, kind)

static const struct binding subject_content_rows[] = {
	CONTENT_ID_ROWS,
	SUBJECT_ENTRY("COCT_TP145100GB01.UnbornChild", mother_table, SUBJECT_MOTHER),
	SUBJECT_ENTRY("COCT_TP145101GB01.Child", child_table, SUBJECT_CHILD),
};
static TABLE(subject_content, PART_CONTENT_ID, content_id);

#define RECORD_ROWS(below)                                                                         \
	STREAM_INTO(below "pertinentInformation", record, content, content_count,                  \
		    plan_content_table),                                                           \
		STREAM_INTO(below "subject", record, content, content_count,                       \
			    subject_content_table)

static const struct binding uploaded_record_rows[] = { RECORD_ROWS("CP-ISRecord/") };
static TABLE(uploaded_record, PART_RECORD, record);

static const struct binding returned_record_rows[] = {
	PART("communicationFunctionSnd/organisation", record, authority, authority_count,
	     organisation_table, 0),
	STREAM_INTO("CP-ISRecord/pertinentInformation15", record, content, content_count,
		    plan_content_table),
	STREAM_INTO("CP-ISRecord/subject", record, content, content_count, subject_content_table),
};
static TABLE(returned_record, PART_RECORD, record);

/* REPC_MT000002GB01 */
static const struct binding upload_rows[] = {
	PART("creationTime", upload, created, created_count, timestamp_table, TIME_CREATED),
	PART("id", upload, id, id_count, identifier_table, ID_FILE),
	VALUE("transmissionQuantity/@value", upload, quantity),
	PART("communicationFunctionSnd/organisation", upload, sender, sender_count,
	     organisation_table, 0),
	STREAM("record", upload, record, record_count, uploaded_record_table, 0),
};
TABLE(upload, PART_UPLOAD, upload);

/* REPC_MT000003GB01 */
static const struct binding file_detail_rows[] = {
	VALUE("code/@code", file_detail, code),
	VALUE("code/@displayName", file_detail, display_name),
};
static TABLE(file_detail, PART_FILE_DETAIL, file_detail);

static const struct binding record_detail_rows[] = {
	VALUE("code/@code", record_detail, code),
	VALUE("code/@codeSystem", record_detail, code_system),
	VALUE("code/@displayName", record_detail, display_name),
	VALUE("location/text()", record_detail, location),
};
static TABLE(record_detail, PART_RECORD_DETAIL, record_detail);

static const struct binding answered_record_rows[] = { RECORD_ROWS("") };
static TABLE(answered_record, PART_RECORD, record);

static const struct binding acknowledgement_rows[] = {
	PART("creationTime", acknowledgement, created, created_count, timestamp_table,
	     TIME_CREATED),
	PART("id", acknowledgement, id, id_count, identifier_table, ID_FILE),
	VALUE("transmissionQuantity/@value", acknowledgement, quantity),
	PARTS("acknowledgementFile/acknowledgementFileDetail", acknowledgement, files, file_count,
	      file_detail_table, 0),
	STREAM("acknowledgementRecord/acknowledgementRecordDetail", acknowledgement, detail,
	       detail_count, record_detail_table, 0),
	PART("communicationFunctionRcv/organisation", acknowledgement, receiver, receiver_count,
	     organisation_table, 0),
	VALUE("failedReturnedCP-ISRecords/value/@value", acknowledgement, failed),
	STREAM("message/cP-ISLAAcknowledgementResponse/pertinentInformation1/validCP-ISRecord",
	       acknowledgement, valid, valid_count, answered_record_table, 0),
	STREAM("message/cP-ISLAAcknowledgementResponse/pertinentInformation1/invalidCP-ISRecord",
	       acknowledgement, invalid, invalid_count, answered_record_table, 0),
	VALUE("successfulReturnedCP-ISRecords/value/@value", acknowledgement, successful),
};
TABLE(acknowledgement, PART_ACKNOWLEDGEMENT, acknowledgement);

static const struct binding job_role_rows[] = {
	VALUE("@code", job_role, code),
	VALUE("@codeSystem", job_role, code_system),
	VALUE("@displayName", job_role, display_name),
};
static TABLE(job_role, PART_JOB_ROLE, job_role);

/* COCT_TP145102GB01 */
static const struct binding author_person_rows[] = {
	PART("code", author_person, role, role_count, job_role_table, 0),
	PARTS("id", author_person, ids, id_count, identifier_table, ID_USER),
	COUNT("assignedAuthorPerson/name", author_person, name_count),
	VALUE("assignedAuthorPerson/name/text()", author_person, name),
	PART("assignedAuthorPerson/name/validTime/low", author_person, valid.low, valid.low_count,
	     timestamp_table, TIME_VALID),
	PART("assignedAuthorPerson/name/validTime/high", author_person, valid.high,
	     valid.high_count, timestamp_table, TIME_VALID),
	VALUES("assignedAuthorPerson/name/prefix/text()", author_person, prefixes, prefix_count),
	VALUES("assignedAuthorPerson/name/given/text()", author_person, given, given_count),
	VALUES("assignedAuthorPerson/name/family/text()", author_person, families, family_count),
	VALUES("assignedAuthorPerson/name/suffix/text()", author_person, suffixes, suffix_count),
	PART("representedOrganization", author_person, organisation, organisation_count,
	     organisation_table, 0),
};
static TABLE(author_person, PART_AUTHOR_PERSON, author_person);

static const struct binding indirect_authority_rows[] = {
	PART("superiorAssignedEntity/code", indirect_authority, role, role_count, job_role_table,
	     0),
	COUNT("superiorAssignedEntity/assignedPerson/name", indirect_authority, name_count),
	VALUE("superiorAssignedEntity/assignedPerson/name/text()", indirect_authority, name),
	PART("superiorAssignedEntity/assignedPerson/name/validTime/low", indirect_authority,
	     valid.low, valid.low_count, timestamp_table, TIME_VALID),
	PART("superiorAssignedEntity/assignedPerson/name/validTime/high", indirect_authority,
	     valid.high, valid.high_count, timestamp_table, TIME_VALID),
	VALUES("superiorAssignedEntity/assignedPerson/name/given/text()", indirect_authority, given,
	       given_count),
	VALUES("superiorAssignedEntity/assignedPerson/name/family/text()", indirect_authority,
	       families, family_count),
};
static TABLE(indirect_authority, PART_INDIRECT_AUTHORITY, indirect_authority);

/* COCT_TP145104GB01 */
static const struct binding author_device_rows[] = {
	PART("id", author_device, id, id_count, identifier_table, ID_DEVICE),
	STREAM_KEPT("indirectAuthority", author_device, authority, authority_count,
		    indirect_authority_table, 0),
	PART("maintainingOrganization", author_device, organisation, organisation_count,
	     organisation_table, 0),
};
static TABLE(author_device, PART_AUTHOR_DEVICE, author_device);

static const struct binding author_content_rows[] = {
	CONTENT_ID_ROWS,
	NAME("COCT_TP145102GB01.AssignedAuthor", content_id, entry),
	PART_INTO(PART_QUERY, "COCT_TP145102GB01.AssignedAuthor", query, person, person_count,
		  author_person_table, 0),
	NAME("COCT_TP145104GB01.System", content_id, entry),
	PART_INTO(PART_QUERY, "COCT_TP145104GB01.System", query, device, device_count,
		  author_device_table, 0),
};
static TABLE(author_content, PART_CONTENT_ID, content_id);

#define QUERY_ROWS(below)                                                                          \
	PART(below "effectiveTime", query, effective, effective_count, timestamp_table,            \
	     TIME_EFFECTIVE),                                                                      \
		VALUE(below "id/@root", query, id),                                                \
		VALUE(below "accessEventType/@value", query, access_event),                        \
		STREAM_INTO(below "author", query, content, content_count, author_content_table),  \
		PARTS(below "queryByParameter/person.NHSnumber/value", query, nhs_numbers,         \
		      nhs_number_count, identifier_table, ID_QUERIED),                             \
		PARTS(below "queryByParameter/person.id/value", query, nhs_numbers,                \
		      nhs_number_count, identifier_table, ID_ACCESSED)

static const struct binding query_rows[] = { QUERY_ROWS("") };
static TABLE(query, PART_QUERY, query);

/* QUPC_MT000006GB01 */
static const struct binding query_stub_rows[] = { QUERY_ROWS("cP-ISNHSQuery/") };
TABLE(query_stub, PART_QUERY, query);

/* REPC_MT000007GB01 and, with value, REPC_MT000012GB01 */
static const struct binding response_rows[] = {
	PART("effectiveTime", response, effective, effective_count, timestamp_table,
	     TIME_EFFECTIVE),
	VALUE("id/@root", response, id),
	COUNT("value", response, status_count),
	VALUE("value/@code", response, status),
	VALUE("value/@codeSystem", response, status_system),
	VALUE("value/@displayName", response, status_name),
	VALUE("pertinentInformation11/pertinentTotalReturnedAccessRecords/value/@value", response,
	      access_total),
	VALUE("pertinentInformation12/pertinentTotalReturnedChildRecords/value/@value", response,
	      record_total),
	STREAM("pertinentInformation13/pertinentCP-ISNHSQuery", response, access, access_count,
	       query_table, QUERY_LISTED),
	STREAM("pertinentInformation14/pertinentCP-ISRecordControlAct/record", response, record,
	       record_count, returned_record_table, 0),
};
TABLE(response, PART_RESPONSE, response);

/* COCT_TP145103GB01 */
#define RECIPIENT_ROWS(kind, type)                                                                 \
	CONTENT_ID_ROWS, NAME("COCT_TP145103GB01.IntendedRecipient", content_id, entry),           \
		PART_INTO(kind,                                                                    \
			  "COCT_TP145103GB01.IntendedRecipient/representedSourceOrganization",     \
			  type, recipient, recipient_count, organisation_table, 0)

/* REPC_MT000004GB01 */
static const struct binding access_recipient_rows[] = {
	RECIPIENT_ROWS(PART_ACCESS_NOTIFICATION, access_notification),
};
static TABLE(access_recipient, PART_CONTENT_ID, content_id);

static const struct binding file_reference_rows[] = {
	VALUE("@extension", file_reference, number),
};
static TABLE(file_reference, PART_FILE_REFERENCE, file_reference);

static const struct binding access_rows[] = {
	STREAM("pertinentInformation2/pertinentCP-ISNHSQuery", access, query, query_count,
	       query_table, QUERY_LISTED),
	PART("reference/referredToLAUploadFile/value", access, file, file_count,
	     file_reference_table, 0),
};
static TABLE(access, PART_ACCESS, access);

static const struct binding access_notification_rows[] = {
	PART("effectiveTime", access_notification, effective, effective_count, timestamp_table,
	     TIME_EFFECTIVE),
	VALUE("id/@root", access_notification, id),
	VALUE("pertinentInformation/pertinentTotalReturnedRecords/value/@value",
	      access_notification, total),
	STREAM("pertinentInformation1/pertinentCP-ISRecordAccess", access_notification, access,
	       access_count, access_table, 0),
	STREAM_INTO("primaryInformationRecipient", access_notification, content, content_count,
		    access_recipient_table),
};
TABLE(access_notification, PART_ACCESS_NOTIFICATION, access_notification);

/* REPC_MT000005GB01 */
static const struct binding inactive_recipient_rows[] = {
	RECIPIENT_ROWS(PART_INACTIVE_NOTIFICATION, inactive_notification),
};
static TABLE(inactive_recipient, PART_CONTENT_ID, content_id);

static const struct binding inactive_patient_rows[] = {
	PARTS("id", inactive_patient, ids, id_count, identifier_table, ID_INACTIVE),
	{ .path = "replacedBy/newVersion/id",
	  .kind = BIND_PART,
	  .field = offsetof(struct inactive_patient, replacements),
	  .count_field = offsetof(struct inactive_patient, replacement_count),
	  .most = MOST_REPLACEMENTS,
	  .list = true,
	  .table = &identifier_table,
	  .role = ID_REPLACEMENT },
	PART("subjectOf/lAUploadFile/value", inactive_patient, file, file_count,
	     file_reference_table, 0),
};
static TABLE(inactive_patient, PART_INACTIVE_PATIENT, inactive_patient);

static const struct binding inactive_notification_rows[] = {
	PART("effectiveTime", inactive_notification, effective, effective_count, timestamp_table,
	     TIME_EFFECTIVE),
	VALUE("id/@root", inactive_notification, id),
	STREAM_INTO("primaryInformationRecipient", inactive_notification, content, content_count,
		    inactive_recipient_table),
	STREAM("subject/pDSInactivePatient", inactive_notification, patient, patient_count,
	       inactive_patient_table, 0),
};
TABLE(inactive_notification, PART_INACTIVE_NOTIFICATION, inactive_notification);

/* The transmission wrapper of the interactions, with the payload in its control act. */

static const struct binding device_rows[] = {
	VALUE("@typeCode", device, type_code),
	PARTS("device/id", device, ids, id_count, identifier_table, ID_DEVICE),
};
static TABLE(device, PART_NONE, device);

static const struct binding reason_rows[] = {
	NAME("justifyingDetectedIssueEvent/code", reason, code_element),
	VALUE("justifyingDetectedIssueEvent/code/@code", reason, code),
	VALUE("justifyingDetectedIssueEvent/code/@codeSystem", reason, code_system),
	VALUE("justifyingDetectedIssueEvent/code/@displayName", reason, display_name),
	VALUES("justifyingDetectedIssueEvent/code/qualifier/@code", reason, qualifiers,
	       qualifier_count),
};
static TABLE(reason, PART_REASON, reason);

#define WRAPPER_ROWS                                                                               \
	COUNT("id", wrapper, id_count), NAME("id", wrapper, id_element),                           \
		VALUE("id/@root", wrapper, id),                                                    \
		PART("creationTime", wrapper, created, created_count, timestamp_table,             \
		     TIME_CREATED),                                                                \
		COUNT("versionCode", wrapper, version_count),                                      \
		NAME("versionCode", wrapper, version_element),                                     \
		VALUE("versionCode/@code", wrapper, version_code),                                 \
		COUNT("interactionId", wrapper, interaction_count),                                \
		NAME("interactionId", wrapper, interaction_element),                               \
		VALUE("interactionId/@root", wrapper, interaction_root),                           \
		VALUE("interactionId/@extension", wrapper, interaction),                           \
		NAME("processingCode", wrapper, processing_element),                               \
		VALUE("processingCode/@code", wrapper, processing_code),                           \
		NAME("processingModeCode", wrapper, mode_element),                                 \
		VALUE("processingModeCode/@code", wrapper, processing_mode),                       \
		NAME("acceptAckCode", wrapper, accept_element),                                    \
		VALUE("acceptAckCode/@code", wrapper, accept_ack),                                 \
		NAME("acknowledgement", wrapper, acknowledgement_element),                         \
		VALUE("acknowledgement/@typeCode", wrapper, acknowledgement_type),                 \
		VALUES("acknowledgement/acknowledgementDetail/@typeCode", wrapper, detail_types,   \
		       detail_type_count),                                                         \
		VALUES("acknowledgement/acknowledgementDetail/code/@code", wrapper, detail_words,  \
		       detail_word_count),                                                         \
		VALUES("acknowledgement/acknowledgementDetail/code/@displayName", wrapper,         \
		       detail_words, detail_word_count),                                           \
		VALUES("acknowledgement/acknowledgementDetail/code/originalText/text()", wrapper,  \
		       detail_words, detail_word_count),                                           \
		NAME("acknowledgement/messageRef/id", wrapper, message_ref_element),               \
		VALUE("acknowledgement/messageRef/id/@root", wrapper, message_ref),                \
		PARTS("communicationFunctionRcv", wrapper, receivers, receiver_count,              \
		      device_table, 0),                                                            \
		PART("communicationFunctionSnd", wrapper, sender, sender_count, device_table, 0),  \
		COUNT("ControlActEvent", wrapper, control_act_count),                              \
		NAME("ControlActEvent", wrapper, control_act),                                     \
		PART("ControlActEvent/author/AgentPersonSDS/agentPersonSDS/id", wrapper, user,     \
		     user_count, identifier_table, ID_USER),                                       \
		PART("ControlActEvent/author/AgentPersonSDS/id", wrapper, role_profile,            \
		     role_profile_count, identifier_table, ID_USER),                               \
		PART("ControlActEvent/author/AgentPersonSDS/part/partSDSRole/id", wrapper,         \
		     job_role, job_role_count, identifier_table, ID_USER),                         \
		COUNT("ControlActEvent/author1", wrapper, author_count),                           \
		NAME("ControlActEvent/author1", wrapper, author_element),                          \
		PARTS("ControlActEvent/author1/AgentSystemSDS/agentSystemSDS/id", wrapper,         \
		      author_systems, author_system_count, identifier_table, ID_DEVICE),           \
		PARTS("ControlActEvent/reason", wrapper, reasons, reason_count, reason_table, 0),  \
		NAME("ControlActEvent/queryAck/queryResponseCode", wrapper,                        \
		     query_response_element),                                                      \
		VALUE("ControlActEvent/queryAck/queryResponseCode/@code", wrapper, query_response)

static const struct binding wrapper_rows[] = {
	WRAPPER_ROWS,
	PART("ControlActEvent/subject/CP-ISQueryStub", wrapper, query, query_count,
	     query_stub_table, QUERY_ASKED),
	PART("ControlActEvent/subject/CP-ISNHSQueryResponse", wrapper, response, response_count,
	     response_table, 0),
};
TABLE(wrapper, PART_WRAPPER, wrapper);

/* The same around a message that is judged as its own. */
static const struct binding carrying_wrapper_rows[] = {
	WRAPPER_ROWS,
	NAME("ControlActEvent/subject/*", wrapper, carried),
	NAME("ControlActEvent/FileResponse", wrapper, carried),
	NAME("ControlActEvent/CP-ISAccessToServiceNotification", wrapper, carried),
	NAME("ControlActEvent/CP-ISInactiveNHSNumberNotification", wrapper, carried),
};
TABLE(carrying_wrapper, PART_WRAPPER, wrapper);

/* The envelopes around CP-IS messages: ITK distribution envelope, SOAP, faults, acknowledgements.
 */

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
	VALUE("@metadata", manifest_item, metadata),
};
static TABLE(manifest_item, PART_NONE, manifest_item);

static const struct binding payload_rows[] = {
	VALUE("@id", payload, id),
	NAME("*", payload, root),
	NAME("itk:metadataPayload", payload, root),
	FLAG("itk:metadataPayload", payload, metadata),
	COUNT("itk:metadataPayload/rim:ExtrinsicObject", payload, object_count),
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
	      address_table, ADDRESS_RECIPIENT),
	PARTS("itk:header/itk:auditIdentity/itk:id", envelope, audit, audit_count, address_table,
	      ADDRESS_AUDIT),
	COUNT("itk:header/itk:manifest", envelope, manifest_count),
	VALUE("itk:header/itk:manifest/@count", envelope, manifest_total),
	PARTS("itk:header/itk:manifest/itk:manifestitem", envelope, items, item_count,
	      manifest_item_table, 0),
	PART("itk:header/itk:senderAddress", envelope, sender, sender_count, address_table,
	     ADDRESS_SENDER),
	PARTS("itk:header/itk:handlingSpecification/itk:spec", envelope, specs, spec_count,
	      spec_table, 0),
	VALUE("itk:payloads/@count", envelope, payload_total),
	PARTS("itk:payloads/itk:payload", envelope, payloads, payload_count, payload_table, 0),
};
TABLE(envelope, PART_ENVELOPE, envelope);

/* soap: the prefix of the SOAP edition; the rest is the same in both. */
#define REFERENCE_PROPERTIES(soap_, prefix, endpoint)                                              \
	NAME(soap_ ":Header/" prefix ":" endpoint "/wsa4:ReferenceProperties", soap,               \
	     reference_properties),                                                                \
		NAME(soap_ ":Header/" prefix ":" endpoint "/wsa5:ReferenceProperties", soap,       \
		     reference_properties)

#define ADDRESSED(soap_, prefix, element, edition, counter)                                        \
	COUNT(soap_ ":Header/" prefix ":" element, soap, edition.counter)

/* What is inside an element that is text alone */
#define INSIDE(soap_, prefix, element, edition, member)                                            \
	NAME(soap_ ":Header/" prefix ":" element "/*", soap, edition.member)

/* edition: the member of the namespace of prefix */
#define ADDRESSING(soap_, prefix, edition)                                                         \
	VALUE(soap_ ":Header/" prefix ":MessageID/text()", soap, edition.message_id),              \
		FLAG(soap_ ":Header/" prefix ":MessageID", soap, edition.there),                   \
		ADDRESSED(soap_, prefix, "MessageID", edition, message_id_count),                  \
		ADDRESSED(soap_, prefix, "Action", edition, action_count),                         \
		ADDRESSED(soap_, prefix, "To", edition, to_count),                                 \
		ADDRESSED(soap_, prefix, "From", edition, from_count),                             \
		ADDRESSED(soap_, prefix, "ReplyTo", edition, reply_to_count),                      \
		NAME(soap_ ":Header/" prefix ":ReplyTo", soap, edition.reply_to_element),          \
		VALUE(soap_ ":Header/" prefix ":ReplyTo/" prefix ":Address/text()", soap,          \
		      edition.reply_to),                                                           \
		ADDRESSED(soap_, prefix, "FaultTo", edition, fault_to_count),                      \
		NAME(soap_ ":Header/" prefix ":FaultTo", soap, edition.fault_to_element),          \
		VALUE(soap_ ":Header/" prefix ":FaultTo/" prefix ":Address/text()", soap,          \
		      edition.fault_to),                                                           \
		VALUE(soap_ ":Header/" prefix ":Action/text()", soap, edition.action),             \
		FLAG(soap_ ":Header/" prefix ":Action", soap, edition.there),                      \
		VALUE(soap_ ":Header/" prefix ":To/text()", soap, edition.to),                     \
		FLAG(soap_ ":Header/" prefix ":To", soap, edition.there),                          \
		VALUE(soap_ ":Header/" prefix ":From/" prefix ":Address/text()", soap,             \
		      edition.from),                                                               \
		ADDRESSED(soap_, prefix, "From/" prefix ":Address", edition, from_address_count),  \
		ADDRESSED(soap_, prefix, "ReplyTo/" prefix ":Address", edition,                    \
			  reply_to_address_count),                                                 \
		ADDRESSED(soap_, prefix, "FaultTo/" prefix ":Address", edition,                    \
			  fault_to_address_count),                                                 \
		VALUES(soap_ ":Header/" prefix ":RelatesTo/text()", soap, edition.relates_to,      \
		       edition.relates_to_count),                                                  \
		INSIDE(soap_, prefix, "MessageID", edition, in_message_id),                        \
		INSIDE(soap_, prefix, "Action", edition, in_action),                               \
		INSIDE(soap_, prefix, "To", edition, in_to),                                       \
		INSIDE(soap_, prefix, "RelatesTo", edition, in_relates_to),                        \
		INSIDE(soap_, prefix, "From/" prefix ":Address", edition, in_address),             \
		INSIDE(soap_, prefix, "ReplyTo/" prefix ":Address", edition, in_address),          \
		INSIDE(soap_, prefix, "FaultTo/" prefix ":Address", edition, in_address),          \
		NAME(soap_ ":Header/" prefix ":ReferenceProperties", soap, reference_properties),  \
		REFERENCE_PROPERTIES(soap_, prefix, "From"),                                       \
		REFERENCE_PROPERTIES(soap_, prefix, "ReplyTo"),                                    \
		REFERENCE_PROPERTIES(soap_, prefix, "FaultTo")

static const struct binding security_rows[] = {
	VALUE("@soap:actor", security, actor),
	VALUE("@soap12:role", security, actor),
	VALUE("wsu:Timestamp/@Id", security, timestamp_id),
	VALUE("wsu:Timestamp/@wsu:Id", security, timestamp_id),
	VALUE("wsu:Timestamp/wsu:Created/text()", security, created),
	VALUE("wsu:Timestamp/wsu:Expires/text()", security, expires),
	VALUE("wsse:UsernameToken/wsse:Username/text()", security, username),
	COUNT("wsu:Timestamp", security, timestamp_count),
	COUNT("wsu:Timestamp/wsu:Created", security, created_count),
	COUNT("wsu:Timestamp/wsu:Expires", security, expires_count),
	COUNT("wsse:UsernameToken/wsse:Username", security, username_count),
	NAME("wsu:Timestamp/wsu:Created/*", security, in_created),
	NAME("wsu:Timestamp/wsu:Expires/*", security, in_expires),
	NAME("wsse:UsernameToken/wsse:Username/*", security, in_username),
};
static TABLE(security, PART_NONE, security);

#define SYSTEM(soap_, function, attribute, member)                                                 \
	VALUE(soap_ ":Header/" function "/device/id/@" attribute, soap, member)

#define SOAP_ROWS(soap_)                                                                           \
	COUNT(soap_ ":Header", soap, header_count), NAME(soap_ ":Header", soap, header),           \
		NAME(soap_ ":Body", soap, body_element),                                           \
		COUNT(soap_ ":Body/*", soap, body_child_count), NAME(soap_ ":Body/*", soap, body), \
		ADDRESSING(soap_, "wsa4", wsa_2004), ADDRESSING(soap_, "wsa5", wsa_2005),          \
		PARTS(soap_ ":Header/wsse:Security", soap, securities, security_count,             \
		      security_table, 0),                                                          \
		SYSTEM(soap_, "communicationFunctionRcv", "root", receiver_root),                  \
		SYSTEM(soap_, "communicationFunctionSnd", "root", sender_root),                    \
		SYSTEM(soap_, "communicationFunctionRcv", "extension", receiver_asid),             \
		SYSTEM(soap_, "communicationFunctionSnd", "extension", sender_asid),               \
		COUNT(soap_ ":Header/communicationFunctionRcv", soap, receiver_count),             \
		COUNT(soap_ ":Header/communicationFunctionSnd", soap, sender_count),               \
		COUNT(soap_ ":Header/communicationFunctionRcv/device/id", soap,                    \
		      receiver_id_count),                                                          \
		COUNT(soap_ ":Header/communicationFunctionSnd/device/id", soap, sender_id_count)

static const struct binding soap_rows[] = { SOAP_ROWS("soap") };
TABLE(soap, PART_SOAP, soap);

static const struct binding soap12_rows[] = {
	FLAG("soap12:Header", soap, soap12),
	FLAG("soap12:Body", soap, soap12),
	SOAP_ROWS("soap12"),
};
TABLE(soap12, PART_SOAP, soap);

static const struct binding error_info_rows[] = {
	VALUE("itk:ErrorID/text()", error_info, id),
	VALUE("itk:ErrorCode/text()", error_info, code),
	VALUE("itk:ErrorCode/@codeSystem", error_info, code_system),
	VALUE("itk:ErrorText/text()", error_info, text),
	VALUE("itk:ErrorDiagnosticText/text()", error_info, diagnostic),
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
	VALUE("none:faultactor/text()", fault, actor),
	NAME("none:detail/*", fault, detail),
	PART("none:detail/itk:ToolkitErrorInfo", fault, error, toolkit_error_count,
	     error_info_table, ERROR_OF_TOOLKIT),
	PART("none:detail/nasp:errorList/nasp:error", fault, error, spine_error_count,
	     spine_error_table, ERROR_OF_SPINE),
};
TABLE(fault, PART_FAULT, fault);

static const struct binding fault12_rows[] = {
	FLAG("soap12:Code", fault, soap12),
	VALUE("soap12:Code/soap12:Value/text()", fault, code),
	VALUE("soap12:Reason/soap12:Text/text()", fault, text),
	NAME("soap12:Detail/*", fault, detail),
	PART("soap12:Detail/itk:ToolkitErrorInfo", fault, error, toolkit_error_count,
	     error_info_table, ERROR_OF_TOOLKIT),
	PART("soap12:Detail/nasp:errorList/nasp:error", fault, error, spine_error_count,
	     spine_error_table, ERROR_OF_SPINE),
};
TABLE(fault12, PART_FAULT, fault);

static const struct binding infrastructure_response_rows[] = {
	VALUE("@timestamp", infrastructure_response, timestamp),
	VALUE("@serviceRef", infrastructure_response, service),
	VALUE("@trackingIdRef", infrastructure_response, tracking_id),
	VALUE("@result", infrastructure_response, result),
	PART("itk:reportingIdentity/itk:id", infrastructure_response, reporter, reporter_count,
	     address_table, ADDRESS_REPORTER),
	STREAM("itk:errors/itk:errorInfo", infrastructure_response, error, error_count,
	       error_info_table, ERROR_OF_ENVELOPE),
};
TABLE(infrastructure_response, PART_INFRASTRUCTURE_RESPONSE, infrastructure_response);

static const struct binding plain_message_rows[] = {
	VALUE("text()", plain_message, text),
};
TABLE(plain_message, PART_NONE, plain_message);
