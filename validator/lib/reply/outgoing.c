/* Messages as they go to a server: the client's half of the doors. */
#include "cpis_service.h"

#include "diag/failure.h"
#include "engine/engine.h"
#include "message/identifiers.h"
#include "reply/request.h"
#include "transport/fields.h"
#include "write/ids.h"
#include "write/messages.h"
#include "xml/markup.h"

#include <stdlib.h>
#include <strings.h>

enum { MOST_BYTES = 1 << 30, MOST_HEAD = 256 };

struct outgoing {
	struct cpis_outgoing said; /* the first member: the caller has its address */
	struct arena arena;
	struct request request;
	struct buf body;
};

void cpis_outgoing_free(struct cpis_outgoing *said)
{
	struct outgoing *outgoing = (struct outgoing *)(void *)said;
	if (!outgoing)
		return;
	request_release(&outgoing->request);
	buf_release(&outgoing->body);
	arena_release(&outgoing->arena);
	free(outgoing);
}

static int refuse(struct cpis_failure *failure, const char *why)
{
	return failure_set(failure, CPIS_FAILURE_CONFIGURATION, "%s", why);
}

static void add_header(struct outgoing *outgoing, const char *name, const char *value)
{
	struct cpis_outgoing *said = &outgoing->said;
	if (value && said->header_count < CPIS_OUTGOING_HEADERS)
		said->headers[said->header_count++] = (struct cpis_header){ name, value };
}

static const char *unfolded(struct outgoing *outgoing, struct str value)
{
	char *text = arena_alloc(&outgoing->arena, value.n + 1);
	size_t n = 0;
	for (size_t i = 0; text && i < value.n; i++) {
		bool blank = value.p[i] == '\r' || value.p[i] == '\n' || value.p[i] == '\t';
		char c = blank ? ' ' : value.p[i];
		if (c != ' ' || (n && text[n - 1] != ' '))
			text[n++] = c;
	}
	return text;
}

static void set_body(struct outgoing *outgoing, struct str body)
{
	outgoing->said.body = body.p;
	outgoing->said.size = body.n;
}

/* HTTP captures: what they say is sent, whether it is right or not */

static bool is_of_connection(struct str name)
{
	static const char *const names[] = { "Host",	     "Content-Length", "Connection",
					     "Keep-Alive",   "Expect",	       "Accept-Encoding",
					     "Authorization" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (fields_is(name, names[i]))
			return true;
	return false;
}

/* A line that continues the one before begins with a blank. */
static bool continues(struct str block, size_t at)
{
	return at < block.n && (block.p[at] == ' ' || block.p[at] == '\t');
}

static int take_fields(struct outgoing *outgoing, struct str block, struct cpis_failure *failure)
{
	for (size_t at = 0, next; at < block.n; at = next) {
		struct str line = fields_line(block, at, &next);
		while (continues(block, next)) {
			fields_line(block, next, &next);
			line.n = next - at;
		}
		const char *colon = memchr(line.p, ':', line.n);
		if (!colon)
			continue;
		struct str name = { line.p, (size_t)(colon - line.p) };
		struct str value = str_trim(str_from(line, name.n + 1));
		if (is_of_connection(name))
			continue;
		if (fields_is(name, "Transfer-Encoding"))
			return refuse(failure, "a capture with Transfer-Encoding cannot be sent: "
					       "write it without");
		if (outgoing->said.header_count == CPIS_OUTGOING_HEADERS)
			return refuse(failure, "the capture has too many headers");
		add_header(outgoing, arena_copy(&outgoing->arena, name), unfolded(outgoing, value));
	}
	return 0;
}

static bool is_capture(struct str bytes)
{
	size_t next;
	struct str line = fields_line(bytes, 0, &next);
	return str_ends(line, STR(" HTTP/1.1")) || str_ends(line, STR(" HTTP/1.0"));
}

static int take_capture(struct outgoing *outgoing, struct str bytes, struct cpis_failure *failure)
{
	size_t start, body;
	struct str line = fields_line(bytes, 0, &start);
	const char *blank = memchr(line.p, ' ', line.n);
	const char *end =
		blank ? memchr(blank + 1, ' ', (size_t)(line.p + line.n - blank - 1)) : NULL;
	if (!end)
		return refuse(failure, "the first line of the capture is not that of a request");
	outgoing->said.method =
		arena_copy(&outgoing->arena, (struct str){ line.p, (size_t)(blank - line.p) });
	outgoing->said.target =
		arena_copy(&outgoing->arena, (struct str){ blank + 1, (size_t)(end - blank - 1) });
	struct str block = fields_block(bytes, start, &body);
	struct str rest = str_from(bytes, body);
	struct str length = fields_value(block, "Content-Length");
	size_t declared = length.n ? (size_t)strtoull(length.p, NULL, 10) : rest.n;
	if (declared < rest.n)
		rest.n = declared;
	set_body(outgoing, rest);
	return take_fields(outgoing, block, failure);
}

/* MIME messages */

static bool is_mime(struct str bytes)
{
	return fields_starts(bytes, "MIME-Version:") || fields_starts(bytes, "Content-Type:");
}

static const char *joined(struct outgoing *outgoing, struct str service, struct str action)
{
	return arena_printf(&outgoing->arena, "\"%.*s/%.*s\"", STR_ARG(service), STR_ARG(action));
}

static int take_mime(struct outgoing *outgoing, struct str bytes, struct cpis_failure *failure)
{
	size_t body;
	const struct request *request = &outgoing->request;
	struct str block = fields_block(bytes, 0, &body);
	set_body(outgoing, str_from(bytes, body));
	if (take_fields(outgoing, block, failure) != 0)
		return -1;
	if (!fields_count(block, "SOAPAction") && request->ebxml.action.p)
		add_header(outgoing, "SOAPAction",
			   joined(outgoing, request->ebxml.service, request->ebxml.action));
	return 0;
}

/* Documents */

/* What the XML declaration says; UTF-8 where it says nothing. */
static const char *encoding_of(struct outgoing *outgoing, struct str bytes)
{
	struct str head = { bytes.p, bytes.n < MOST_HEAD ? bytes.n : MOST_HEAD };
	struct str encoding = markup_encoding(head);
	return encoding.p ? arena_copy(&outgoing->arena, encoding) : "UTF-8";
}

static const char *action_of(struct outgoing *outgoing)
{
	const struct request *request = &outgoing->request;
	struct arena *arena = &outgoing->arena;
	if (request->action.n)
		return arena_copy(arena, request->action);
	if (request->service.n)
		return arena_copy(arena, request->service);
	if (!request->interaction.n)
		return "";
	return arena_printf(arena, "urn:nhs:names:services:%s/%.*s",
			    request->asked == ASKED_UPLOAD ? "cpisupload" : "cpisquery",
			    STR_ARG(request->interaction));
}

static void set_soap_headers(struct outgoing *outgoing, const char *action, const char *encoding)
{
	struct arena *arena = &outgoing->arena;
	if (outgoing->request.soap12) {
		add_header(outgoing, "Content-Type",
			   arena_printf(arena, "application/soap+xml; charset=%s; action=\"%s\"",
					encoding, action));
		return;
	}
	add_header(outgoing, "Content-Type", arena_printf(arena, "text/xml; charset=%s", encoding));
	add_header(outgoing, "SOAPAction", arena_printf(arena, "\"%s\"", action));
}

static bool can_be_wrapped(const struct request *request, struct str bytes, const char *encoding)
{
	return !request->soap && request->whole && strcasecmp(encoding, "UTF-8") == 0 &&
	       (request->interaction.n || request->envelope) &&
	       !memmem(bytes.p, bytes.n, "<!DOCTYPE", 9);
}

static int wrap(struct outgoing *outgoing, struct str document, const char *action,
		const struct cpis_outgoing_options *options)
{
	enum { LASTS = 300 };
	const struct request *request = &outgoing->request;
	char ids[2][UUID_BYTES], created[TIME_BYTES], expires[TIME_BYTES];
	struct id_maker maker;
	struct str salt = request->message_id.p ? request->message_id : request->tracking_id;
	id_maker_init(&maker, str_of(options->seed ? options->seed : ""), salt);
	id_maker_uuid(&maker, ids[0]);
	id_maker_uuid(&maker, ids[1]);
	time_iso(options->now, created);
	time_iso(options->now + LASTS, expires);
	const struct soap_request header = {
		.itk = request->channel == CHANNEL_ITK,
		.action = action,
		.to = options->to ? options->to : "",
		.message_id = uuid_is(request->message_id) ? request->message_id : str_of(ids[0]),
		.sender = request->sender,
		.receiver = request->receiver,
		.timestamp_id = str_of(ids[1]),
		.created = str_of(created),
		.expires = str_of(expires),
		.user = str_of(options->user ? options->user : "cpis-send"),
	};
	return write_soap_request(&outgoing->body, &header, document);
}

static int take_document(struct outgoing *outgoing, struct str bytes,
			 const struct cpis_outgoing_options *options, struct cpis_failure *failure)
{
	const struct request *request = &outgoing->request;
	const char *encoding = encoding_of(outgoing, bytes);
	set_body(outgoing, bytes);
	if (request->channel == CHANNEL_MESH)
		return 0;
	const char *action = action_of(outgoing);
	if (!encoding || !action)
		return failure_out_of_memory(failure);
	set_soap_headers(outgoing, action, encoding);
	if (!can_be_wrapped(request, bytes, encoding))
		return 0;
	if (wrap(outgoing, bytes, action, options) != 0)
		return failure_out_of_memory(failure);
	set_body(outgoing, buf_view(&outgoing->body));
	outgoing->said.wrapped = 1;
	return 0;
}

/* What the service sends may have names of requests in it. */
static bool is_of_service(struct str bytes)
{
	static const char *const names[] = { "CP-ISNHSQueryResponse",
					     "FileResponse",
					     "REPC_IN000007GB01",
					     "QUQI_IN010000UK14",
					     "MCCI_IN010000UK13",
					     "AccessToServiceNotification",
					     "InactiveNHSNumberNotification" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (memmem(bytes.p, bytes.n, names[i], strlen(names[i])))
			return true;
	return false;
}

/* A message that breaks off is known by its names alone. */
static const char *asks(const struct request *request, struct str bytes)
{
	if (!request->whole && is_of_service(bytes))
		return NULL;
	return request->asked == ASKED_QUERY	? "query"
	       : request->asked == ASKED_UPLOAD ? "upload"
						: NULL;
}

static int fill(struct outgoing *outgoing, struct str bytes,
		const struct cpis_outgoing_options *options, struct cpis_failure *failure)
{
	struct cpis_outgoing *said = &outgoing->said;
	if (request_read(&outgoing->request, bytes, 0) != 0)
		return failure_out_of_memory(failure);
	said->method = "POST";
	said->door = channel_name(outgoing->request.channel);
	said->asks = asks(&outgoing->request, bytes);
	int status = is_capture(bytes) ? take_capture(outgoing, bytes, failure)
		     : is_mime(bytes)  ? take_mime(outgoing, bytes, failure)
				       : take_document(outgoing, bytes, options, failure);
	if (status == 0 && outgoing->arena.failed)
		status = failure_out_of_memory(failure);
	return status;
}

int cpis_outgoing_new(struct cpis_outgoing **said, const void *message, size_t size,
		      const struct cpis_outgoing_options *options, struct cpis_failure *failure)
{
	if (FAILURE_UNLESS_RESERVED_ZERO(options, failure) != 0)
		return -1;
	if (engine_setup() != 0)
		return failure_set(failure, CPIS_FAILURE_INTERNAL,
				   "the internal tables could not be built");
	struct outgoing *outgoing = calloc(1, sizeof(*outgoing));
	if (!outgoing)
		return failure_out_of_memory(failure);
	arena_init(&outgoing->arena);
	buf_init(&outgoing->body, MOST_BYTES);
	if (fill(outgoing, (struct str){ message, size }, options, failure) != 0) {
		cpis_outgoing_free(&outgoing->said);
		return -1;
	}
	*said = &outgoing->said;
	return 0;
}
