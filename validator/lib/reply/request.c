#include "reply/request.h"

#include "cpis.h"
#include "engine/engine.h"
#include "transport/fields.h"

#include <strings.h>

/* Copying parts into pieces */

/* A blank id is not written: the schema has none. */
static struct str keep_filled(struct request *request, const struct value *value)
{
	return value_filled(value) ? arena_str(&request->arena, str_trim(value->text))
				   : (struct str){ 0 };
}

static struct str keep(struct request *request, const struct value *value)
{
	if (!value_there(value))
		return (struct str){ 0 };
	return arena_str(&request->arena, str_trim(value->text));
}

static void take_organisation(struct request *request, struct piece_organisation *into,
			      const struct organisation *from)
{
	into->root = keep(request, &from->id.root);
	into->code = keep(request, &from->id.extension);
	into->name = keep_filled(request, &from->name);
	into->telecom_count = 0;
	for (size_t i = 0; i < from->telecom_count && i < 2; i++)
		into->telecoms[into->telecom_count++] = (struct piece_telecom){
			keep(request, &from->telecoms[i].value),
			keep(request, &from->telecoms[i].use),
		};
}

static void take_subject(struct request *request, struct piece_subject *into,
			 const struct subject *from)
{
	into->kind = (enum subject_kind)from->part.role;
	into->birth = keep(request, &from->birth.value);
	into->given = keep(request, &from->given);
	into->family = keep(request, &from->family);
	for (size_t i = 0; i < from->id_count; i++) {
		const struct identifier *id = &from->ids[i];
		if (id->is_nhs && !into->nhs_number.p)
			into->nhs_number = keep_filled(request, &id->extension);
		if (!id->is_local || into->local_id.p)
			continue;
		into->local_id = keep_filled(request, &id->extension);
		into->local_authority = keep_filled(request, &id->authority);
	}
}

static void take_record(struct request *request, const struct record *from)
{
	struct piece_record *list =
		list_grown_in(&request->arena, request->records, request->record_count,
			      &request->record_room, sizeof(*list));
	if (!list)
		return;
	request->records = list;
	struct piece_record *into = &list[request->record_count++];
	*into = (struct piece_record){ 0 };
	for (size_t i = 0; i < from->plan_count && i < MOST_RECORD_PLANS; i++)
		into->plans[into->plan_count++] = (struct piece_plan){
			.kind = (enum plan_kind)from->plans[i].part.role,
			.start = keep(request, &from->plans[i].start.value),
			.end = keep(request, &from->plans[i].end.value),
			.deleted = keep(request, &from->plans[i].deleted.value),
		};
	for (size_t i = 0; i < from->subject_count && i < MOST_RECORD_SUBJECTS; i++)
		take_subject(request, &into->subjects[into->subject_count++], &from->subjects[i]);
}

static void take_upload(struct request *request, const struct upload *upload)
{
	request->asked = ASKED_UPLOAD;
	request->file_id = keep(request, &upload->id.extension);
	request->quantity = keep(request, &upload->quantity);
	request->has_authority = upload->sender_count > 0;
	take_organisation(request, &request->authority, &upload->sender);
}

static void take_query(struct request *request, const struct query *query)
{
	static const char *const flags[] = { "true", "false", "1", "0", NULL };
	if (query->part.role != QUERY_ASKED)
		return;
	request->asked = ASKED_QUERY;
	request->query_id = keep(request, &query->id);
	request->says_event = str_is_one_of(str_trim(query->access_event.text), flags);
	if (query->nhs_number_count)
		request->nhs_number = keep(request, &query->nhs_numbers[0].extension);
}

static struct str asid_of(struct request *request, const struct device *device)
{
	const struct value *asid = device_asid(device);
	return asid ? keep(request, asid) : (struct str){ 0 };
}

static void take_wrapper(struct request *request, const struct wrapper *wrapper)
{
	request->interaction = arena_str(&request->arena, str_of(wrapper->part.element));
	request->message_id = keep(request, &wrapper->id);
	if (wrapper->receiver_count)
		request->receiver = asid_of(request, &wrapper->receivers[0]);
	request->sender = asid_of(request, &wrapper->sender);
}

static void take_soap(struct request *request, const struct soap *soap)
{
	const struct addressing *addressing = soap_addressing(soap);
	request->soap = true;
	request->soap12 = soap->soap12;
	request->soap_id = keep(request, &addressing->message_id);
	request->action = keep(request, &addressing->action);
	request->from = keep(request, &addressing->from);
	request->user = keep(request, &soap_security(soap)->username);
	request->secured = keep(request, &soap_security(soap)->created);
	if (soap->wsa_2005.there && !request->channel)
		request->channel = CHANNEL_ITK;
	/* The header says it where the message does not. */
	if (value_there(&soap->sender_asid) && !sds_id_is(request->sender))
		request->sender = keep(request, &soap->sender_asid);
	if (value_there(&soap->receiver_asid) && !sds_id_is(request->receiver))
		request->receiver = keep(request, &soap->receiver_asid);
}

static void take_envelope(struct request *request, const struct envelope *envelope)
{
	request->envelope = true;
	request->service = keep(request, &envelope->service);
	request->tracking_id = keep(request, &envelope->tracking_id);
	if (envelope->sender_count)
		request->itk_sender = keep(request, &envelope->sender.uri);
	for (size_t i = 0; i < envelope->spec_count; i++) {
		const struct spec *spec = &envelope->specs[i];
		if (str_is(spec->key.text, "urn:nhs-itk:ns:201005:infackrequested"))
			request->wants_infrastructure = str_is(str_trim(spec->value.text), "true");
	}
}

/* What an upload says of itself comes before its records: it is known where they break off. */
static void take_of_upload(struct request *request, const struct part *part)
{
	if (!part->parent || part->parent->kind != PART_UPLOAD)
		return;
	request->asked = ASKED_UPLOAD;
	if (part->kind == PART_IDENTIFIER) {
		const struct identifier *id = (const struct identifier *)(const void *)part;
		request->file_id = keep(request, &id->extension);
	} else {
		request->has_authority = true;
		take_organisation(request, &request->authority,
				  (const struct organisation *)(const void *)part);
	}
}

static void look(void *context, const struct part *part)
{
	struct request *request = context;
	switch (part->kind) {
	case PART_SOAP:
		take_soap(request, (const struct soap *)part);
		break;
	case PART_ENVELOPE:
		take_envelope(request, (const struct envelope *)part);
		break;
	case PART_WRAPPER:
		take_wrapper(request, (const struct wrapper *)part);
		break;
	case PART_QUERY:
		take_query(request, (const struct query *)part);
		break;
	case PART_RECORD:
		if (part_ancestor(part, PART_UPLOAD))
			take_record(request, (const struct record *)part);
		break;
	case PART_IDENTIFIER:
	case PART_ORGANISATION:
		take_of_upload(request, part);
		break;
	case PART_UPLOAD:
		take_upload(request, (const struct upload *)part);
		break;
	default:
		break;
	}
}

/* What is not a part, or is in a document that breaks off: by its text alone. */

/* The text of the first element of a local name from a place on; absent where there is none. */
static struct str text_after(struct request *request, struct str bytes, const char *around,
			     const char *name)
{
	size_t n = strlen(name);
	if (around) {
		const char *start = memmem(bytes.p, bytes.n, around, strlen(around));
		if (!start)
			return (struct str){ 0 };
		bytes = str_from(bytes, (size_t)(start - bytes.p) + strlen(around));
	}
	for (const char *at; (at = memmem(bytes.p, bytes.n, name, n));) {
		bool starts = at > bytes.p && (at[-1] == ':' || at[-1] == '<');
		bytes = str_from(bytes, (size_t)(at - bytes.p) + n);
		if (!starts || !bytes.n || !strchr("> \t\r\n", bytes.p[0]))
			continue;
		const char *open = memchr(bytes.p, '>', bytes.n);
		const char *close = memchr(bytes.p, '<', bytes.n);
		if (!open || !close || close < open)
			continue;
		struct str text = { open + 1, (size_t)(close - open - 1) };
		return arena_str(&request->arena, str_trim(text));
	}
	return (struct str){ 0 };
}

static bool holds(struct str bytes, const char *text)
{
	return memmem(bytes.p, bytes.n, text, strlen(text)) != NULL;
}

static void take_ebxml(struct request *request, struct str bytes)
{
	request->ebxml.from = text_after(request, bytes, "From>", "PartyId");
	request->ebxml.to = text_after(request, bytes, "To>", "PartyId");
	request->ebxml.cpa_id = text_after(request, bytes, NULL, "CPAId");
	request->ebxml.conversation = text_after(request, bytes, NULL, "ConversationId");
	request->ebxml.message_id = text_after(request, bytes, NULL, "MessageId");
	request->ebxml.service = text_after(request, bytes, NULL, "Service");
	request->ebxml.action = text_after(request, bytes, NULL, "Action");
}

/* By the head of a captured request; MESH knows no SOAPAction, but may be sent one. */
static enum channel channel_of_head(struct str bytes)
{
	size_t at, body;
	fields_line(bytes, 0, &at);
	struct str head = fields_block(bytes, at, &body);
	struct str action = fields_value(head, "SOAPAction");
	if (!action.n || fields_begin(head, "Mex-"))
		return CHANNEL_MESH;
	return holds(action, "urn:nhs-itk:services:") ? CHANNEL_ITK : CHANNEL_SPINE;
}

static enum channel channel_of(const struct request *request, struct str bytes)
{
	if (holds(bytes, "msg-header-2_0.xsd"))
		return CHANNEL_EBXML;
	if (request->channel)
		return request->channel;
	if (request->envelope || holds(bytes, "urn:nhs-itk:ns:201005") ||
	    holds(bytes, "http://www.w3.org/2005/08/addressing"))
		return CHANNEL_ITK;
	if (request->soap || request->interaction.p || request->asked == ASKED_QUERY ||
	    holds(bytes, "QUPC_IN000006GB01") || holds(bytes, "CP-ISQueryStub") ||
	    holds(bytes, "http://schemas.xmlsoap.org/ws/2004/08/addressing"))
		return CHANNEL_SPINE;
	return channel_of_head(bytes);
}

/* A name in the text says what was meant. */
static enum asked asked_of(struct str bytes)
{
	if (holds(bytes, "cP-ISNHSQuery") || holds(bytes, "QUPC_IN000006GB01") ||
	    holds(bytes, "CP-ISQueryStub"))
		return ASKED_QUERY;
	if (holds(bytes, "CP-ISRecord") && holds(bytes, "transmissionQuantity"))
		return ASKED_UPLOAD;
	return ASKED_UNKNOWN;
}

int request_read(struct request *request, struct str bytes, enum channel channel)
{
	struct cpis_failure unread;
	*request = (struct request){ .channel = channel };
	arena_init(&request->arena);
	request->whole = engine_visit(bytes, look, request, &unread) == 0;
	if (!channel)
		request->channel = channel_of(request, bytes);
	if (request->channel == CHANNEL_EBXML)
		take_ebxml(request, bytes);
	if (!request->whole && request->asked == ASKED_UNKNOWN)
		request->asked = asked_of(bytes);
	if (!request->soap_id.p && request->channel != CHANNEL_MESH) {
		request->soap = request->soap || holds(bytes, "/soap/envelope/");
		request->soap12 =
			request->soap12 || holds(bytes, "http://www.w3.org/2003/05/soap-envelope");
		request->soap_id = text_after(request, bytes, NULL, "MessageID");
	}
	return request->arena.failed ? -1 : 0;
}

void request_release(struct request *request)
{
	arena_release(&request->arena);
}

const char *channel_name(enum channel channel)
{
	switch (channel) {
	case CHANNEL_SPINE:
		return "Spine";
	case CHANNEL_EBXML:
		return "ebXML";
	case CHANNEL_ITK:
		return "ITK";
	case CHANNEL_MESH:
		return "MESH";
	default:
		return "";
	}
}
