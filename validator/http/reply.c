/* The answer to a request: made by its handler, sent by the thread that has its connection. */
#include "parts.h"

#include <gnutls/gnutls.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

void http_pair_add(struct http_request *request, struct pairs *pairs, struct pair pair)
{
	if (pairs->count == pairs->room) {
		size_t room = pairs->room ? pairs->room * 2 : 16;
		struct pair *more = realloc(pairs->items, room * sizeof(*more));
		if (!more) {
			request->out_of_memory = true;
			return;
		}
		pairs->items = more;
		pairs->room = room;
	}
	pairs->items[pairs->count++] = pair;
}

void http_pairs_free(struct pairs *pairs)
{
	for (size_t i = 0; i < pairs->count; i++) {
		free(pairs->items[i].name);
		free(pairs->items[i].value);
	}
	free(pairs->items);
}

static char *copy(struct http_request *request, const char *text)
{
	char *made = text ? strdup(text) : NULL;
	if (text && !made)
		request->out_of_memory = true;
	return made;
}

void http_reply_status(struct http_request *request, unsigned status)
{
	request->status = status;
	request->answered = true;
}

static struct pair *find_added(struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->added.count; i++)
		if (strcasecmp(request->added.items[i].name, name) == 0)
			return &request->added.items[i];
	return NULL;
}

void http_reply_header(struct http_request *request, const char *name, const char *value)
{
	struct pair *there = find_added(request, name);
	char *made = copy(request, value);
	/* What comes from outside cannot begin another header. */
	for (char *p = made; p && *p; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			*p = ' ';
	if (there) {
		free(there->value);
		there->value = made;
		return;
	}
	char *key = copy(request, name);
	size_t count = request->added.count;
	if (key)
		http_pair_add(request, &request->added, (struct pair){ key, made });
	if (request->added.count == count) {
		free(key);
		free(made);
	}
}

int http_write(void *context, const void *bytes, size_t size)
{
	struct http_request *request = context;
	request->answered = true;
	request->fixed = NULL;
	if (request->body_size + size > request->body_room) {
		size_t room = request->body_room ? request->body_room : 1024;
		while (room < request->body_size + size)
			room *= 2;
		char *more = realloc(request->body, room);
		if (!more) {
			request->out_of_memory = true;
			return -1;
		}
		request->body = more;
		request->body_room = room;
	}
	if (size)
		memcpy(request->body + request->body_size, bytes, size);
	request->body_size += size;
	return 0;
}

int http_print(struct http_request *request, const char *format, ...)
{
	char *text;
	va_list list;
	va_start(list, format);
	int n = vasprintf(&text, format, list);
	va_end(list);
	if (n < 0) {
		request->out_of_memory = true;
		return -1;
	}
	int result = http_write(request, text, (size_t)n);
	free(text);
	return result;
}

void http_reply_static(struct http_request *request, const void *bytes, size_t size)
{
	free(request->body);
	request->body = NULL;
	request->body_room = 0;
	request->fixed = bytes;
	request->body_size = size;
	request->answered = true;
}

void http_reply_shape(struct http_request *request, const struct http_shape *shape)
{
	request->shape = *shape;
	request->answered = true;
}

static const char *title_of(unsigned status)
{
	const char *phrase = MHD_get_reason_phrase_for(status);
	return phrase ? phrase : "Error";
}

/* A string of JSON without its quotes. */
static void write_json_text(struct http_request *request, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '"' || c == '\\')
			http_print(request, "\\%c", c);
		else if (c < ' ' || c == 127)
			http_print(request, "\\u%04x", c);
		else
			http_write(request, text, 1);
	}
}

void http_problem(struct http_request *request, unsigned status, const char *format, ...)
{
	char *detail = NULL;
	va_list list;
	va_start(list, format);
	if (vasprintf(&detail, format, list) < 0)
		detail = NULL;
	va_end(list);
	request->status = status;
	request->body_size = 0;
	http_print(request,
		   "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%u,\"detail\":\"",
		   title_of(status), status);
	write_json_text(request, detail ? detail : "");
	http_print(request, "\",\"requestId\":\"%s\"}\n", request->id);
	http_reply_header(request, "Content-Type", "application/problem+json");
	free(detail);
}

/* Some of the answer at a time. It belongs to the response. */
struct pour {
	struct http_request *request;
	struct http_shape shape;
	const char *bytes;
	char *owned;
	size_t size;
	long long next;
};

static ssize_t pour(void *context, uint64_t at, char *bytes, size_t most)
{
	struct pour *pour = context;
	struct http_request *request = pour->request;
	size_t left = pour->size - (size_t)at;
	if (pour->shape.cut && at >= pour->shape.cut_after)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (!left)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (pour->shape.cut && left > pour->shape.cut_after - at)
		left = pour->shape.cut_after - (size_t)at;
	size_t n = left < most ? left : most;
	if (!pour->shape.piece_bytes) {
		memcpy(bytes, pour->bytes + at, n);
		return (ssize_t)n;
	}
	long long now = http_now();
	pthread_mutex_lock(&request->server->lock);
	if (now < pour->next && !request->server->cutting) {
		request->due = pour->next;
		request->suspended = true;
		request->suspended_at = now;
		request->peer->deadline = 0;
		MHD_suspend_connection(request->connection);
		http_timer_wake(request->server);
		n = 0;
	} else {
		request->peer->deadline = now + 1000LL * request->server->settings.stall_seconds;
	}
	pthread_mutex_unlock(&request->server->lock);
	if (!n)
		return 0;
	n = n < pour->shape.piece_bytes ? n : pour->shape.piece_bytes;
	memcpy(bytes, pour->bytes + at, n);
	pour->next = now + pour->shape.piece_ms;
	return (ssize_t)n;
}

static void pour_free(void *context)
{
	struct pour *pour = context;
	free(pour->owned);
	free(pour);
}

/* The body goes to the response. */
static struct MHD_Response *make_response(struct http_request *request)
{
	size_t size = request->body_size;
	char *body = request->body;
	const void *fixed = request->fixed ? request->fixed : "";
	struct MHD_Response *response;
	if (!request->shape.piece_bytes && !request->shape.cut) {
		response = body ? MHD_create_response_from_buffer(size, body, MHD_RESPMEM_MUST_FREE)
				: MHD_create_response_from_buffer(size, (void *)(uintptr_t)fixed,
								  MHD_RESPMEM_PERSISTENT);
		if (response)
			request->body = NULL;
		return response;
	}
	struct pour *made = calloc(1, sizeof(*made));
	if (!made)
		return NULL;
	*made = (struct pour){ .request = request,
			       .shape = request->shape,
			       .bytes = body ? body : fixed,
			       .owned = body,
			       .size = size };
	size_t block = request->shape.piece_bytes ? request->shape.piece_bytes : 4096;
	response = MHD_create_response_from_callback(size, block < 4096 ? 4096 : block, pour, made,
						     pour_free);
	if (response)
		request->body = NULL;
	else
		free(made);
	return response;
}

/* Of every answer. What a browser makes of it is this service's to say, and no one's else. */
static const struct {
	const char *name, *value;
} strict[] = {
	{ "Cache-Control", "no-store" },
	{ "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Referrer-Policy", "no-referrer" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", "DENY" },
};

/* Every header of an answer but those of its length and its date. */
static void each_header(struct http_request *request, void *context,
			void (*put)(void *context, const char *name, const char *value))
{
	bool bare = request->route && request->route->flags & HTTP_BARE;
	for (size_t i = 0; !bare && i < sizeof(strict) / sizeof(strict[0]); i++)
		if (!find_added(request, strict[i].name))
			put(context, strict[i].name, strict[i].value);
	if (!bare && request->server->tls && !find_added(request, "Strict-Transport-Security"))
		put(context, "Strict-Transport-Security", "max-age=31536000");
	if (!bare)
		put(context, "Request-Id", request->id);
	for (size_t i = 0; i < request->added.count; i++)
		if (request->added.items[i].value)
			put(context, request->added.items[i].name, request->added.items[i].value);
	if (request->closes || request->server->stopping)
		put(context, "Connection", "close");
}

static void add_header(void *context, const char *name, const char *value)
{
	struct MHD_Response *response = context;
	MHD_add_response_header(response, name, value);
}

enum MHD_Result http_send(struct http_request *request)
{
	struct http_server *server = request->server;
	if (request->shape.silent || (request->gone && !request->whole))
		return MHD_NO;
	if (request->out_of_memory && request->status < 400)
		http_problem(request, 503, "The service is out of memory: try again later.");
	struct MHD_Response *response = make_response(request);
	if (!response)
		return MHD_NO;
	if (!request->status)
		request->status = 200;
	each_header(request, response, add_header);
	pthread_mutex_lock(&server->lock);
	/* It need not be read faster than a body must be sent. */
	request->peer->deadline =
		http_now() + 1000LL * server->settings.stall_seconds +
		(long long)(request->body_size / server->settings.least_rate * 1000);
	request->sent = true;
	request->sent_bytes = request->body_size;
	pthread_mutex_unlock(&server->lock);
	enum MHD_Result result = MHD_queue_response(request->connection, request->status, response);
	MHD_destroy_response(response);
	return result;
}

static void write_header(void *context, const char *name, const char *value)
{
	fprintf(context, "%s: %s\r\n", name, value);
}

/* The head of the answer, and its body. */
static void write_answer(struct http_request *request, FILE *out)
{
	char date[64];
	const time_t now = time(NULL);
	struct tm parts;
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &parts));
	fprintf(out, "HTTP/1.1 %u %s\r\nDate: %s\r\nContent-Length: %zu\r\n", request->status,
		title_of(request->status), date, request->body_size);
	each_header(request, out, write_header);
	fprintf(out, "\r\n%.*s", (int)request->body_size, request->body);
}

static void send_bytes(const struct http_request *request, const char *bytes, size_t size)
{
	const union MHD_ConnectionInfo *info =
		request->server->tls ? MHD_get_connection_info(request->connection,
							       MHD_CONNECTION_INFO_GNUTLS_SESSION)
				     : NULL;
	if (info)
		gnutls_record_send(info->tls_session, bytes, size);
	else if (!request->server->tls)
		send(request->peer->socket, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void http_send_raw(struct http_request *request, unsigned status, const char *why)
{
	char *text = NULL;
	size_t size = 0;
	http_problem(request, status, "%s", why);
	request->closes = true;
	FILE *out = request->out_of_memory ? NULL : open_memstream(&text, &size);
	if (!out)
		return;
	write_answer(request, out);
	if (fclose(out) == 0) {
		send_bytes(request, text, size);
		request->sent = true;
		request->sent_bytes = request->body_size;
	}
	free(text);
}
