#include "message/summary.h"

#include "message/catalogue.h"
#include "message/fold.h"
#include "message/timestamp.h"
#include "transport/parcel.h"

static struct value copied(struct message_summary *summary, const struct value *value)
{
	if (!value_there(value))
		return (struct value){ 0 };
	return (struct value){ arena_str(&summary->arena, value->text), value->offset };
}

static struct summary_value keep(struct message_summary *summary, const struct value *value)
{
	return (struct summary_value){ copied(summary, value), summary->document,
				       summary->message };
}

static struct summary_time keep_time(struct message_summary *summary, const struct timestamp *time)
{
	return (struct summary_time){ keep(summary, &time->value), time->moment };
}

/* A message that says something by itself: not a wrapper, not an envelope. */
static void note_message(struct message_summary *summary, enum summary_kind kind,
			 const struct part *part)
{
	struct value root = { str_of(part->element), part->offset };
	summary->kind = kind;
	summary->accepts_upload = false;
	summary->count++;
	summary->root = keep(summary, &root);
}

/* What is inside says more than what is around it, but for a distribution envelope. */
static void note_route(struct message_summary *summary, enum summary_route route)
{
	if (summary->route == ROUTE_UNKNOWN)
		summary->route = route;
}

static void take_soap(struct message_summary *summary, const struct part *part)
{
	const struct soap *soap = (const struct soap *)(const void *)part;
	const struct addressing *addressing = soap_addressing(soap);
	note_route(summary, !addressing->there		    ? ROUTE_UNKNOWN
			    : addressing == &soap->wsa_2005 ? ROUTE_ITK
							    : ROUTE_SPINE);
	summary->accepts_upload |= summary->kind == SUMMARY_OUTCOME &&
				   str_is(soap->body.text, "successfulUploadResponse");
	summary->soap_version = soap->soap12 ? "1.2" : "1.1";
	summary->soap_id = keep(summary, &addressing->message_id);
	summary->relates_to = keep(summary, addressing_relates_to(addressing));
	summary->action = keep(summary, &addressing->action);
	summary->secured = keep(summary, &soap_security(soap)->created);
	struct str reply_to = str_trim(addressing->reply_to.text);
	summary->answered_elsewhere = reply_to.n && !str_ends(reply_to, STR("/anonymous"));
}

static void take_envelope(struct message_summary *summary, const struct part *part)
{
	const struct envelope *envelope = (const struct envelope *)(const void *)part;
	summary->route = ROUTE_ITK;
	summary->service = keep(summary, &envelope->service);
	summary->tracking_id = keep(summary, &envelope->tracking_id);
	summary->envelope_sender = keep(summary, &envelope->sender.uri);
	summary->recipient_count = envelope->recipient_count;
	for (size_t i = 0; i < envelope->recipient_count && i < MOST_RECIPIENTS; i++)
		summary->recipients[i] = keep(summary, &envelope->recipients[i].uri);
}

/* Which systems a message is from and to. */
static void take_asids(struct message_summary *summary, const struct wrapper *wrapper)
{
	const struct soap *right = wrapper_turned(wrapper);
	summary->receiver_count = wrapper->receiver_count;
	if (right) {
		summary->sender_asid = keep(summary, &right->sender_asid);
		summary->receiver_asids[0] = keep(summary, &right->receiver_asid);
		return;
	}
	if (wrapper->sender.id_count)
		summary->sender_asid = keep(summary, device_asid(&wrapper->sender));
	for (size_t i = 0; i < wrapper->receiver_count && i < MOST_RECEIVERS; i++)
		if (wrapper->receivers[i].id_count)
			summary->receiver_asids[i] =
				keep(summary, device_asid(&wrapper->receivers[i]));
}

static void take_wrapper(struct message_summary *summary, const struct part *part)
{
	const struct wrapper *wrapper = (const struct wrapper *)(const void *)part;
	summary->message_id = keep(summary, &wrapper->id);
	summary->message_ref = keep(summary, &wrapper->message_ref);
	summary->wrapped = keep_time(summary, &wrapper->created);
	take_asids(summary, wrapper);
	note_route(summary, ROUTE_SPINE);
	if (wrapper->query_count || wrapper->response_count || catalogue_carried(part->element))
		return;
	note_message(summary, SUMMARY_OUTCOME, part);
	/* A query that is accepted has a response. With errors it is TMS-013's. */
	summary->accepts_upload = strcmp(part->element, "MCCI_IN010000UK13") == 0 &&
				  str_is(str_trim(wrapper->acknowledgement_type.text), "AA") &&
				  !wrapper_error_as_reason(wrapper) &&
				  !wrapper_error_as_detail(wrapper);
}

static void take_upload(struct message_summary *summary, const struct part *part)
{
	const struct upload *upload = (const struct upload *)(const void *)part;
	note_message(summary, SUMMARY_UPLOAD, part);
	summary->file_id = keep(summary, &upload->id.extension);
	summary->quantity = keep(summary, &upload->quantity);
	summary->organisation = keep(summary, &upload->sender.id.extension);
	summary->organisation_root = keep(summary, &upload->sender.id.root);
	summary->made = keep_time(summary, &upload->created);
	summary->record_count = upload->record_count;
	summary->upload_offset = part->offset;
}

static void take_acknowledgement(struct message_summary *summary, const struct part *part)
{
	const struct acknowledgement *from = (const struct acknowledgement *)(const void *)part;
	note_message(summary, SUMMARY_ACKNOWLEDGEMENT, part);
	summary->file_id = keep(summary, &from->id.extension);
	summary->quantity = keep(summary, &from->quantity);
	summary->organisation = keep(summary, &from->receiver.id.extension);
	summary->organisation_root = keep(summary, &from->receiver.id.root);
	summary->made = keep_time(summary, &from->created);
	summary->details = from->details;
}

static void take_query(struct message_summary *summary, const struct part *part)
{
	const struct query *query = (const struct query *)(const void *)part;
	if (part->role != QUERY_ASKED)
		return;
	note_message(summary, SUMMARY_QUERY, part);
	summary->query_id = keep(summary, &query->id);
	summary->made = keep_time(summary, &query->effective);
	summary->author = query_author(&summary->arena, query);
	summary->asker = query_asker(&summary->arena, query);
	summary->silent = query_is_silent(query);
	if (query->nhs_number_count)
		summary->nhs_number = keep(summary, &query->nhs_numbers[0].extension);
}

static void take_response(struct message_summary *summary, const struct part *part)
{
	const struct response *response = (const struct response *)(const void *)part;
	note_message(summary, SUMMARY_RESPONSE, part);
	/* The form of the mini service. */
	if (response->status_count)
		note_route(summary, ROUTE_ITK);
	summary->made = keep_time(summary, &response->effective);
	summary->nhs_number = keep(summary, &response->asked);
	summary->listed = response->listed;
	summary->returned_count = response->record_count;
	summary->response_id = keep(summary, &response->id);
}

static void take_fault(struct message_summary *summary, const struct part *part)
{
	const struct fault *fault = (const struct fault *)(const void *)part;
	note_message(summary, SUMMARY_FAULT, part);
	struct str code = str_trim(fault->code.text);
	const char *colon = code.n ? memchr(code.p, ':', code.n) : NULL;
	struct str local = colon ? str_from(code, (size_t)(colon - code.p) + 1) : code;
	summary->of_no_version = str_starts(local, STR("VersionMismatch"));
}

static void take_infrastructure_response(struct message_summary *summary, const struct part *part)
{
	const struct infrastructure_response *response =
		(const struct infrastructure_response *)(const void *)part;
	note_message(summary, SUMMARY_TRANSPORT, part);
	note_route(summary, ROUTE_ITK);
	summary->service_ref = keep(summary, &response->service);
	summary->tracking_ref = keep(summary, &response->tracking_id);
	summary->made = (struct summary_time){ keep(summary, &response->timestamp),
					       iso_time_of(response->timestamp.text).moment };
}

static void take_notification(struct message_summary *summary, const struct part *part)
{
	note_message(summary, SUMMARY_NOTIFICATION, part);
}

/* Of the messages without a kind of part only this one answers something. */
static void take_plain(struct message_summary *summary, const struct part *part)
{
	if (strcmp(part->element, "SimpleMessageResponse") != 0)
		return;
	note_message(summary, SUMMARY_SIMPLE, part);
	note_route(summary, ROUTE_ITK);
}

static void take_subject(struct message_summary *summary, struct summary_subject *to,
			 const struct subject *from)
{
	to->kind = from->part.role;
	for (size_t i = from->id_count; i-- > 0;) {
		const struct identifier *id = &from->ids[i];
		if (id->is_nhs)
			to->nhs_number = copied(summary, &id->extension);
		if (!id->is_local)
			continue;
		to->local_id = copied(summary, &id->extension);
		to->local_authority = copied(summary, &id->authority);
	}
	to->given = copied(summary, &from->given);
	to->family = copied(summary, &from->family);
	to->birth = copied(summary, &from->birth.value);
}

static const struct rule *broken_below(const struct record *record)
{
	const struct rule *broken = record->part.broken;
	for (size_t i = 0; !broken && i < record->subject_count; i++)
		broken = record->subjects[i].part.broken;
	for (size_t i = 0; !broken && i < record->plan_count; i++)
		broken = record->plans[i].part.broken;
	return broken;
}

static enum summary_record_role role_of(const struct part *part)
{
	if (part->parent && part->parent->kind == PART_UPLOAD)
		return RECORD_UPLOADED;
	return strcmp(part->element, "validCP-ISRecord") == 0 ? RECORD_VALID : RECORD_INVALID;
}

static bool wants_record(const struct message_summary *summary, const struct part *part)
{
	return summary->wants_records && part->parent &&
	       (part->parent->kind == PART_ACKNOWLEDGEMENT || part->parent->kind == PART_UPLOAD);
}

static void take_content_id(struct message_summary *summary, const struct part *part)
{
	const struct content_id *from = (const struct content_id *)(const void *)part;
	if (content_id_is_right(from) || !part->parent || part->parent->kind != PART_RECORD ||
	    !wants_record(summary, part->parent))
		return;
	struct summary_content *content = arena_alloc(&summary->arena, sizeof(*content));
	if (!content)
		return;
	char *right = arena_copy(&summary->arena, from->entry.text);
	if (!right)
		return;
	*strchr(right, '.') = '#';
	*content = (struct summary_content){ summary->wrong_contents,
					     copied(summary, &from->extension), str_of(right) };
	summary->wrong_contents = content;
}

static void take_record(struct message_summary *summary, const struct part *part)
{
	if (!wants_record(summary, part))
		return;
	const struct record *from = (const struct record *)(const void *)part;
	struct summary_record *record = arena_alloc(&summary->arena, sizeof(*record));
	size_t subjects = from->subject_count;
	size_t plans = from->plan_count;
	struct summary_subject *subject =
		arena_alloc(&summary->arena, (subjects + 1) * sizeof(*subject));
	struct summary_plan *plan = arena_alloc(&summary->arena, (plans + 1) * sizeof(*plan));
	if (!record || !subject || !plan)
		return;
	for (size_t i = 0; i < subjects; i++)
		take_subject(summary, &subject[i], &from->subjects[i]);
	for (size_t i = 0; i < plans; i++)
		plan[i] = (struct summary_plan){ from->plans[i].part.role,
						 copied(summary, &from->plans[i].start.value),
						 copied(summary, &from->plans[i].end.value),
						 copied(summary, &from->plans[i].deleted.value) };
	*record = (struct summary_record){ .role = role_of(part),
					   .number = ++summary->kept_records,
					   .offset = part->offset,
					   .broken = broken_below(from),
					   .subjects = subject,
					   .plans = plan,
					   .subject_count = subjects,
					   .plan_count = plans,
					   .wrong_contents = summary->wrong_contents };
	summary->wrong_contents = NULL;
	*(summary->last_record ? &summary->last_record->next : &summary->records) = record;
	summary->last_record = record;
}

static void (*const takers[PART_KIND_COUNT])(struct message_summary *, const struct part *) = {
	[PART_NONE] = take_plain,
	[PART_SOAP] = take_soap,
	[PART_ENVELOPE] = take_envelope,
	[PART_WRAPPER] = take_wrapper,
	[PART_UPLOAD] = take_upload,
	[PART_RECORD] = take_record,
	[PART_CONTENT_ID] = take_content_id,
	[PART_ACKNOWLEDGEMENT] = take_acknowledgement,
	[PART_QUERY] = take_query,
	[PART_RESPONSE] = take_response,
	[PART_FAULT] = take_fault,
	[PART_INFRASTRUCTURE_RESPONSE] = take_infrastructure_response,
	[PART_ACCESS_NOTIFICATION] = take_notification,
	[PART_INACTIVE_NOTIFICATION] = take_notification,
};

void summary_init(struct message_summary *summary)
{
	*summary = (struct message_summary){ 0 };
	arena_init(&summary->arena);
}

void summary_release(struct message_summary *summary)
{
	arena_release(&summary->arena);
	*summary = (struct message_summary){ 0 };
}

bool summary_share_route(const struct message_summary *a, const struct message_summary *b)
{
	return a->route == ROUTE_UNKNOWN || b->route == ROUTE_UNKNOWN || a->route == b->route;
}

void summary_take_ebxml(struct message_summary *summary, const struct ebxml *header)
{
	summary->conversation =
		arena_str(&summary->arena, str_trim(str_of(header->conversation_id)));
	summary->ebxml_id = arena_str(&summary->arena, str_trim(str_of(header->message_id)));
	summary->ebxml_ref = arena_str(&summary->arena, str_trim(str_of(header->answers)));
	for (size_t i = 0; i < sizeof(summary->ebxml_acks) / sizeof(summary->ebxml_acks[0]); i++)
		summary->ebxml_acks[i] =
			arena_str(&summary->arena, str_trim(str_of(header->acknowledgments[i].of)));
	summary->ebxml_made = arena_str(&summary->arena, str_trim(str_of(header->timestamp)));
	summary->parties_from = arena_str(&summary->arena, str_of(header->senders));
	summary->parties_to = arena_str(&summary->arena, str_of(header->receivers));
}

void summary_take_signal(struct message_summary *summary, const struct ebxml *header)
{
	const struct part part = {
		.element = header->error_list ? "ErrorList" : "Acknowledgment",
		.offset = header->signal,
	};
	note_message(summary, SUMMARY_SIGNAL, &part);
	note_route(summary, ROUTE_SPINE);
	summary_take_ebxml(summary, header);
}

void summary_take_empty(struct message_summary *summary, size_t offset)
{
	const struct part part = { .element = "Envelope", .offset = offset };
	note_message(summary, SUMMARY_SIGNAL, &part);
}

void summary_take(struct message_summary *summary, const struct part *part)
{
	if (takers[part->kind])
		takers[part->kind](summary, part);
}

void summary_keep_document(struct message_summary *summary, struct str bytes, bool lasting)
{
	bool here = summary->root.document == summary->document;
	if (summary->kind != SUMMARY_UPLOAD || !summary->wants_records || !here)
		return;
	summary->upload = lasting ? bytes : arena_str(&summary->arena, bytes);
}
