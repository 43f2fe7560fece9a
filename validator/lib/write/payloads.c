#include "write/messages.h"

#include "message/identifiers.h"
#include "write/element.h"

#include <stdio.h>

static void write_root(struct element_writer *writer, const char *name)
{
	element_open(writer, name);
	element_set(writer, "xmlns", HL7_NAMESPACE);
	element_set(writer, "xmlns:npfitlc", CONTENT_ID_NAMESPACE);
}

/* The query response */

static void write_total(struct element_writer *writer, const char *around, const char *name,
			size_t count)
{
	element_open(writer, around);
	piece_count(writer, name, (long long)count);
	element_close(writer);
}

static void write_listed_access(struct element_writer *writer, const struct piece_access *access,
				struct str nhs_number)
{
	element_open(writer, "pertinentInformation13");
	element_open(writer, "pertinentCP-ISNHSQuery");
	piece_access(writer, access);
	element_open(writer, "queryByParameter");
	element_open(writer, "person.NHSnumber");
	element_empty(writer, "value", "extension",
		      access->nhs_number.p ? access->nhs_number : nhs_number);
	element_close_many(writer, 4);
}

static void write_returned_record(struct element_writer *writer, const struct piece_record *record)
{
	element_open(writer, "record");
	element_open(writer, "communicationFunctionSnd");
	piece_organisation(writer, "organisation", &record->authority);
	element_close(writer);
	element_open(writer, "CP-ISRecord");
	for (size_t i = 0; i < record->plan_count; i++)
		piece_plan(writer, "pertinentInformation15", &record->plans[i], PLAN_RETURNED);
	for (size_t i = 0; i < record->subject_count; i++)
		piece_subject(writer, "subject", &record->subjects[i]);
	element_close_many(writer, 2);
}

void payload_response(struct element_writer *writer, const struct query_response *response)
{
	write_root(writer, "CP-ISNHSQueryResponse");
	element_empty(writer, "effectiveTime", "value", response->effective);
	element_empty(writer, "id", "root", response->id);
	if (response->status.p) {
		element_open(writer, "value");
		element_attribute(writer, "code", response->status);
		element_set(writer, "codeSystem", mini_service_statuses.oid);
		element_attribute(writer, "displayName", response->status_name);
		element_close(writer);
	}
	write_total(writer, "pertinentInformation11", "pertinentTotalReturnedAccessRecords",
		    response->access_count);
	write_total(writer, "pertinentInformation12", "pertinentTotalReturnedChildRecords",
		    response->record_count);
	for (size_t i = 0; i < response->access_count; i++)
		write_listed_access(writer, &response->accesses[i], response->nhs_number);
	if (response->record_count) {
		element_open(writer, "pertinentInformation14");
		element_open(writer, "pertinentCP-ISRecordControlAct");
		for (size_t i = 0; i < response->record_count; i++)
			write_returned_record(writer, &response->records[i]);
		element_close_many(writer, 2);
	}
	element_close(writer);
}

/* The upload's acknowledgement */

static const char *name_of(const struct code_system *system, const char *code)
{
	const struct code *row = code_find(system, str_of(code));
	return row ? row->display_name : "";
}

static bool loaded(const struct upload_detail *detail)
{
	return strcmp(detail->code, "CPR06") == 0;
}

static void write_detail(struct element_writer *writer, const struct upload_detail *detail)
{
	char location[96];
	snprintf(location, sizeof(location),
		 "/*[local-name()='File']/*[local-name()='record'][%zu]", detail->number);
	element_open(writer, "acknowledgementRecordDetail");
	element_open(writer, "code");
	element_set(writer, "code", detail->code);
	element_set(writer, "codeSystem", upload_record_responses.oid);
	element_set(writer, "displayName", name_of(&upload_record_responses, detail->code));
	if (detail->why) {
		element_open(writer, "translation");
		element_set(writer, "code", detail->why);
		element_set(writer, "displayName", detail->why_text);
		element_close(writer);
	}
	element_close(writer);
	element_leaf(writer, "location", str_of(location));
	element_close(writer);
}

static void write_returned(struct element_writer *writer, const struct piece_record *record,
			   const struct upload_detail *detail)
{
	element_open(writer, "message");
	element_open(writer, "cP-ISLAAcknowledgementResponse");
	element_open(writer, "pertinentInformation1");
	element_open(writer, loaded(detail) ? "validCP-ISRecord" : "invalidCP-ISRecord");
	for (size_t i = 0; !loaded(detail) && i < record->plan_count; i++)
		piece_plan(writer, "pertinentInformation", &record->plans[i], PLAN_UPLOADED);
	for (size_t i = 0; i < record->subject_count; i++)
		piece_subject(writer, "subject", &record->subjects[i]);
	element_close_many(writer, 4);
}

static void write_file_head(struct element_writer *writer, const struct upload_outcome *outcome)
{
	char digits[24];
	snprintf(digits, sizeof(digits), "%lld", outcome->file_id);
	element_empty(writer, "creationTime", "value", outcome->created);
	element_empty(writer, "id", "extension",
		      outcome->file_text.p ? outcome->file_text : str_of(digits));
	snprintf(digits, sizeof(digits), "%lld", outcome->quantity);
	element_empty(writer, "transmissionQuantity", "value", str_of(digits));
	element_open(writer, "acknowledgementFile");
	element_open(writer, "acknowledgementFileDetail");
	element_open(writer, "code");
	element_set(writer, "code", outcome->code);
	element_set(writer, "displayName", name_of(&upload_file_responses, outcome->code));
	element_close_many(writer, 3);
}

void payload_acknowledgement(struct element_writer *writer, const struct upload_outcome *outcome)
{
	size_t successful = 0;
	write_root(writer, "FileResponse");
	write_file_head(writer, outcome);
	if (outcome->record_count) {
		element_open(writer, "acknowledgementRecord");
		for (size_t i = 0; i < outcome->record_count; i++)
			write_detail(writer, &outcome->details[i]);
		element_close(writer);
	}
	element_open(writer, "communicationFunctionRcv");
	piece_organisation(writer, "organisation", outcome->sender);
	element_close(writer);
	for (size_t i = 0; i < outcome->record_count; i++)
		successful += loaded(&outcome->details[i]);
	piece_count(writer, "failedReturnedCP-ISRecords",
		    (long long)(outcome->record_count - successful));
	for (size_t i = 0; i < outcome->record_count; i++)
		write_returned(writer, &outcome->records[i], &outcome->details[i]);
	piece_count(writer, "successfulReturnedCP-ISRecords", (long long)successful);
	element_close(writer);
}

/* Notices */

static void write_recipient(struct element_writer *writer,
			    const struct piece_organisation *recipient)
{
	const struct piece_organisation plain = {
		.root = recipient->root,
		.code = recipient->code,
		.name = recipient->name,
	};
	element_open(writer, "primaryInformationRecipient");
	piece_content_id(writer, "COCT_TP145103GB01", "IntendedRecipient");
	element_open(writer, "COCT_TP145103GB01.IntendedRecipient");
	piece_organisation(writer, "representedSourceOrganization", &plain);
	element_close_many(writer, 2);
}

static void write_noticed_access(struct element_writer *writer, const struct piece_access *access)
{
	element_open(writer, "pertinentInformation1");
	element_open(writer, "pertinentCP-ISRecordAccess");
	element_open(writer, "pertinentInformation2");
	element_open(writer, "pertinentCP-ISNHSQuery");
	piece_access(writer, access);
	element_open(writer, "queryByParameter");
	element_open(writer, "person.id");
	piece_person_ids(writer, "value", access->nhs_number, access->local_id,
			 access->local_authority);
	element_close_many(writer, 4);
	element_open(writer, "reference");
	element_open(writer, "referredToLAUploadFile");
	element_empty(writer, "value", "extension", access->upload);
	element_close_many(writer, 4);
}

void payload_access_notice(struct element_writer *writer, const struct access_notice *notice)
{
	write_root(writer, "CP-ISAccessToServiceNotification");
	element_empty(writer, "effectiveTime", "value", notice->effective);
	element_empty(writer, "id", "root", notice->id);
	write_total(writer, "pertinentInformation", "pertinentTotalReturnedRecords",
		    notice->access_count);
	for (size_t i = 0; i < notice->access_count; i++)
		write_noticed_access(writer, &notice->accesses[i]);
	write_recipient(writer, notice->recipient);
	element_close(writer);
}

static void write_inactive(struct element_writer *writer, const struct inactive_number *number)
{
	element_open(writer, "subject");
	element_open(writer, "pDSInactivePatient");
	piece_person_ids(writer, "id", number->nhs_number, number->local_id,
			 number->local_authority);
	if (number->replacement.p) {
		element_open(writer, "replacedBy");
		element_open(writer, "newVersion");
		element_empty(writer, "id", "extension", number->replacement);
		element_close_many(writer, 2);
	}
	element_open(writer, "subjectOf");
	element_open(writer, "lAUploadFile");
	element_empty(writer, "value", "extension", number->upload);
	element_close_many(writer, 4);
}

void payload_inactive_notice(struct element_writer *writer, const struct inactive_notice *notice)
{
	write_root(writer, "CP-ISInactiveNHSNumberNotification");
	element_empty(writer, "effectiveTime", "value", notice->effective);
	element_empty(writer, "id", "root", notice->id);
	write_recipient(writer, notice->recipient);
	for (size_t i = 0; i < notice->number_count; i++)
		write_inactive(writer, &notice->numbers[i]);
	element_close(writer);
}

/* Each alone */

int write_response_payload(struct buf *out, const struct query_response *response)
{
	struct element_writer writer;
	element_start(&writer, out);
	payload_response(&writer, response);
	return element_finish(&writer);
}

int write_upload_acknowledgement(struct buf *out, const struct upload_outcome *outcome)
{
	struct element_writer writer;
	element_start(&writer, out);
	payload_acknowledgement(&writer, outcome);
	return element_finish(&writer);
}

int write_access_notice(struct buf *out, const struct access_notice *notice)
{
	struct element_writer writer;
	element_start(&writer, out);
	payload_access_notice(&writer, notice);
	return element_finish(&writer);
}

int write_inactive_notice(struct buf *out, const struct inactive_notice *notice)
{
	struct element_writer writer;
	element_start(&writer, out);
	payload_inactive_notice(&writer, notice);
	return element_finish(&writer);
}
