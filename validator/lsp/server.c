/* cpis lsp: requests in, answers out, and the documents that are open. */
#include "lsp/lsp.h"

#include "cli/cli.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { MOST_BYTES = 256 * 1024 * 1024, MOST_HEADER = 1024, JSON_DEPTH = 64 };

/* Errors of JSON-RPC and of the protocol. */
enum {
	ERROR_PARSE = -32700,
	ERROR_METHOD = -32601,
	ERROR_PARAMETERS = -32602,
	ERROR_NOT_INITIALIZED = -32002,
	ERROR_REQUEST = -32600,
};

/* Writing */

static void send_object(const struct server *server, json_object *message)
{
	size_t n;
	json_object_object_add(message, "jsonrpc", json_object_new_string("2.0"));
	const char *text = json_object_to_json_string_length(
		message, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &n);
	fprintf(server->out, "Content-Length: %zu\r\n\r\n", n);
	fwrite(text, 1, n, server->out);
	fflush(server->out);
	json_object_put(message);
}

/* id is borrowed, result given away; NULL: null. */
static void answer(const struct server *server, json_object *id, json_object *result)
{
	json_object *message = json_object_new_object();
	json_object_object_add(message, "id", json_object_get(id));
	json_object_object_add(message, "result", result);
	send_object(server, message);
}

static void refuse(const struct server *server, json_object *id, int code, const char *why)
{
	json_object *message = json_object_new_object(), *error = json_object_new_object();
	json_put(error, "code", json_object_new_int(code));
	json_put_text(error, "message", why);
	json_object_object_add(message, "id", json_object_get(id));
	json_put(message, "error", error);
	send_object(server, message);
}

static void notify(const struct server *server, const char *method, json_object *parameters)
{
	json_object *message = json_object_new_object();
	json_put_text(message, "method", method);
	json_put(message, "params", parameters);
	send_object(server, message);
}

/* Documents */

static struct document *find_document(const struct server *server, const char *uri)
{
	struct document *document = server->documents;
	while (document && uri && strcmp(document->uri, uri) != 0)
		document = document->next;
	return uri ? document : NULL;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'		    ? c - '0'
	       : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
						    : -1;
}

/* "file:///a%20b" as "/a b". Another URI stays as it is. For free(). */
static char *path_of(const char *uri)
{
	char *path = strdup(strncmp(uri, "file://", 7) == 0 ? uri + 7 : uri), *to = path;
	for (const char *from = path; path && *from; to++) {
		int high = *from == '%' ? hex_digit(from[1]) : -1;
		int low = high >= 0 ? hex_digit(from[2]) : -1;
		bool coded = low >= 0 && (high || low);
		*to = coded ? (char)(high * 16 + low) : *from;
		from += coded ? 3 : 1;
	}
	if (path)
		*to = '\0';
	return path;
}

static void free_document(struct document *document)
{
	cpis_results_free(document->results);
	free(document->uri);
	free(document->path);
	free(document->name);
	free(document->text);
	free(document->marks);
	free(document);
}

static void close_document(struct server *server, const char *uri)
{
	for (struct document **at = &server->documents; uri && *at; at = &(*at)->next)
		if (strcmp((*at)->uri, uri) == 0) {
			struct document *gone = *at;
			*at = gone->next;
			free_document(gone);
			return;
		}
}

/* What comes after the folder in a path; NULL: it is not in the folder. */
static const char *inside(const char *folder, const char *path)
{
	size_t n = strcmp(folder, "/") == 0 ? 0 : strlen(folder);
	return strncmp(path, folder, n) == 0 && path[n] == '/' ? path + n + 1 : NULL;
}

char *server_name_of(const struct server *server, const char *path)
{
	const char *name = inside(server->folder, path);
	char *real = name ? NULL : realpath(path, NULL);
	if (real)
		name = inside(server->folder, real);
	char *copy = strdup(name ? name : path);
	free(real);
	return copy;
}

static struct document *open_document(struct server *server, const char *uri, json_object *text)
{
	struct document *document = calloc(1, sizeof(*document));
	if (!document)
		return NULL;
	document->size = (size_t)json_object_get_string_len(text);
	document->uri = strdup(uri);
	document->path = path_of(uri);
	document->name = document->path ? server_name_of(server, document->path) : NULL;
	document->text = malloc(document->size + 1);
	if (!document->uri || !document->name || !document->text) {
		free_document(document);
		return NULL;
	}
	memcpy(document->text, json_object_get_string(text), document->size + 1);
	text_index(document);
	document->next = server->documents;
	server->documents = document;
	return document;
}

static void publish(struct server *server, struct document *document)
{
	json_object *parameters = json_object_new_object();
	server->options.now = (long long)time(NULL);
	json_put_text(parameters, "uri", document->uri);
	json_put(parameters, "version", json_object_new_int(document->version));
	json_put(parameters, "diagnostics", diagnose(server, document));
	notify(server, "textDocument/publishDiagnostics", parameters);
}

/* Notifications */

static int version_of(json_object *parameters)
{
	return json_object_get_int(json_at(parameters, "textDocument", "version", NULL));
}

static void did_open(struct server *server, json_object *parameters)
{
	json_object *item = json_at(parameters, "textDocument", NULL);
	json_object *text = json_at(item, "text", NULL);
	const char *uri = json_string_at(item, "uri");
	if (!uri || !json_object_is_type(text, json_type_string))
		return;
	close_document(server, uri);
	struct document *document = open_document(server, uri, text);
	if (!document)
		return;
	document->version = version_of(parameters);
	publish(server, document);
}

static void change(struct document *document, json_object *one)
{
	struct place start, end;
	json_object *text = json_at(one, "text", NULL);
	if (!json_object_is_type(text, json_type_string))
		return;
	size_t n = (size_t)json_object_get_string_len(text), from = 0, until = document->size;
	if (place_of_json(json_at(one, "range", "start", NULL), &start) &&
	    place_of_json(json_at(one, "range", "end", NULL), &end)) {
		from = text_offset(document, start);
		until = text_offset(document, end);
	}
	text_replace(document, from, until, json_object_get_string(text), n);
}

static void did_change(struct server *server, json_object *parameters)
{
	json_object *item = json_at(parameters, "textDocument", NULL);
	json_object *changes = json_at(parameters, "contentChanges", NULL);
	struct document *document = find_document(server, json_string_at(item, "uri"));
	if (!document || !json_object_is_type(changes, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(changes); i++)
		change(document, json_object_array_get_idx(changes, i));
	document->version = version_of(parameters);
	publish(server, document);
}

/* What is accepted may be other findings now. */
static void did_save(struct server *server, json_object *parameters)
{
	const char *uri = json_string_at(json_at(parameters, "textDocument", NULL), "uri");
	const struct document *saved = find_document(server, uri);
	if (!saved || !saved->format)
		return;
	for (struct document *one = server->documents; one; one = one->next)
		if (!one->format)
			publish(server, one);
}

static void did_close(struct server *server, json_object *parameters)
{
	const char *uri = json_string_at(json_at(parameters, "textDocument", NULL), "uri");
	if (!find_document(server, uri))
		return;
	json_object *empty = json_object_new_object();
	json_put_text(empty, "uri", uri);
	json_put(empty, "diagnostics", json_object_new_array());
	notify(server, "textDocument/publishDiagnostics", empty);
	close_document(server, uri);
}

/* Requests: each returns its result, or NULL for null. */

static json_object *list_of(const char *const *words)
{
	json_object *list = json_object_new_array();
	for (; *words; words++)
		json_object_array_add(list, json_object_new_string(*words));
	return list;
}

static json_object *initialize(struct server *server, json_object *parameters)
{
	static const char *const triggers[] = { "<", "\"", ":", "-", " ", NULL };
	static const char *const kinds[] = { "quickfix", "refactor.rewrite", "source.fixAll",
					     NULL };
	static const char *const commands_known[] = { "cpis.explain", NULL };
	(void)parameters;
	json_object *can = json_object_new_object(), *sync = json_object_new_object();
	json_put(sync, "openClose", json_object_new_boolean(1));
	json_put(sync, "change", json_object_new_int(2));
	json_put(sync, "save", json_object_new_boolean(1));
	json_put_text(can, "positionEncoding", "utf-16");
	json_put(can, "textDocumentSync", sync);
	json_put(can, "hoverProvider", json_object_new_boolean(1));
	json_put(can, "documentSymbolProvider", json_object_new_boolean(1));
	json_object *part = json_object_new_object();
	json_put(part, "codeActionKinds", list_of(kinds));
	json_put(can, "codeActionProvider", part);
	part = json_object_new_object();
	json_put(part, "triggerCharacters", list_of(triggers));
	json_put(can, "completionProvider", part);
	part = json_object_new_object();
	json_put(part, "commands", list_of(commands_known));
	json_put(can, "executeCommandProvider", part);
	json_object *info = json_object_new_object(), *result = json_object_new_object();
	json_put_text(info, "name", "cpis");
	json_put_text(info, "version", cpis_version());
	json_put(result, "capabilities", can);
	json_put(result, "serverInfo", info);
	server->initialized = true;
	return result;
}

static json_object *shut_down(struct server *server, json_object *parameters)
{
	(void)parameters;
	server->shut_down = true;
	return NULL;
}

static const struct document *document_of(const struct server *server, json_object *parameters)
{
	return find_document(server,
			     json_string_at(json_at(parameters, "textDocument", NULL), "uri"));
}

static json_object *do_hover(struct server *server, json_object *parameters)
{
	struct place place;
	const struct document *document = document_of(server, parameters);
	if (!document || !place_of_json(json_at(parameters, "position", NULL), &place))
		return NULL;
	return hover(document, text_offset(document, place));
}

static json_object *do_actions(struct server *server, json_object *parameters)
{
	struct place start, end;
	const struct document *document = document_of(server, parameters);
	if (!document || !place_of_json(json_at(parameters, "range", "start", NULL), &start) ||
	    !place_of_json(json_at(parameters, "range", "end", NULL), &end))
		return NULL;
	return actions(server, document, text_offset(document, start), text_offset(document, end));
}

static json_object *do_outline(struct server *server, json_object *parameters)
{
	const struct document *document = document_of(server, parameters);
	return document ? outline(server, document) : NULL;
}

static json_object *do_complete(struct server *server, json_object *parameters)
{
	struct place place;
	const struct document *document = document_of(server, parameters);
	if (!document || !place_of_json(json_at(parameters, "position", NULL), &place))
		return NULL;
	return complete(server, document, text_offset(document, place));
}

/* Shown by the client as it shows any message. */
static json_object *do_command(struct server *server, json_object *parameters)
{
	json_object *words = json_at(parameters, "arguments", NULL);
	json_object *id = json_object_is_type(words, json_type_array)
				  ? json_object_array_get_idx(words, 0)
				  : NULL;
	char *text = id ? rule_text(json_object_get_string(id)) : NULL;
	if (!text)
		return NULL;
	json_object *message = json_object_new_object();
	json_put(message, "type", json_object_new_int(3));
	json_put_text(message, "message", text);
	notify(server, "window/showMessage", message);
	json_object *result = json_object_new_string(text);
	free(text);
	return result;
}

static const struct {
	const char *method;
	json_object *(*answer)(struct server *server, json_object *parameters);
} requests[] = {
	{ "initialize", initialize },
	{ "shutdown", shut_down },
	{ "textDocument/hover", do_hover },
	{ "textDocument/codeAction", do_actions },
	{ "textDocument/documentSymbol", do_outline },
	{ "textDocument/completion", do_complete },
	{ "workspace/executeCommand", do_command },
};

static const struct {
	const char *method;
	void (*take)(struct server *server, json_object *parameters);
} notifications[] = {
	{ "textDocument/didOpen", did_open },
	{ "textDocument/didChange", did_change },
	{ "textDocument/didSave", did_save },
	{ "textDocument/didClose", did_close },
};

static void take_request(struct server *server, const char *method, json_object *id,
			 json_object *parameters)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (strcmp(requests[i].method, method) != 0)
			continue;
		if (server->shut_down)
			refuse(server, id, ERROR_REQUEST, "the server was shut down");
		else if (!server->initialized && i > 0)
			refuse(server, id, ERROR_NOT_INITIALIZED, "initialize comes first");
		else if (parameters && !json_object_is_type(parameters, json_type_object))
			refuse(server, id, ERROR_PARAMETERS, "params is not an object");
		else
			answer(server, id, requests[i].answer(server, parameters));
		return;
	}
	refuse(server, id, ERROR_METHOD, "there is no such method");
}

/* A text or a number. One at the limit of 64 bits may be larger: no answer could have the same. */
static bool is_id(json_object *id)
{
	int64_t number = json_object_get_int64(id);
	return json_object_is_type(id, json_type_string) ||
	       json_object_is_type(id, json_type_double) ||
	       (json_object_is_type(id, json_type_int) && number > INT64_MIN && number < INT64_MAX);
}

/* An answer to a request of ours: there are none. */
static bool is_answer(json_object *message)
{
	return json_object_is_type(message, json_type_object) &&
	       (json_object_object_get_ex(message, "result", NULL) ||
		json_object_object_get_ex(message, "error", NULL));
}

/* message: NULL is null. */
static void take_message(struct server *server, json_object *message)
{
	const char *method = json_string_at(message, "method");
	json_object *id = json_at(message, "id", NULL),
		    *parameters = json_at(message, "params", NULL);
	if (!method && is_answer(message))
		return;
	if (!method || (id && !is_id(id))) {
		refuse(server, is_id(id) ? id : NULL, ERROR_REQUEST,
		       method ? "the id is not a text or a number of 64 bits"
			      : "this is not a request");
		return;
	}
	if (id) {
		take_request(server, method, id, parameters);
		return;
	}
	for (size_t i = 0; i < sizeof(notifications) / sizeof(notifications[0]); i++)
		if (server->initialized && strcmp(notifications[i].method, method) == 0)
			notifications[i].take(server, parameters);
}

/* Reading */

/* The editor says no more than that the server ended. */
static long long refuse_head(const char *why)
{
	fprintf(stderr, "cpis: lsp: the head of a message cannot be used: %s\n", why);
	return -1;
}

/* The length that the headers give; -1: the input has ended, or is not of this protocol. */
static long long read_headers(FILE *in)
{
	static const char name[] = "Content-Length:";
	char line[MOST_HEADER];
	long long length = -1;
	bool begun = false, given = false;
	for (; fgets(line, sizeof(line), in); begun = true) {
		if (line[0] == '\r' || line[0] == '\n') {
			if (!given)
				return refuse_head("it has no Content-Length");
			return length >= 0 && length <= MOST_BYTES
				       ? length
				       : refuse_head("its Content-Length is not a length that is "
						     "taken");
		}
		if (!strchr(line, '\n') && !feof(in))
			return refuse_head("a line of it is too long");
		if (strncasecmp(line, name, sizeof(name) - 1) != 0)
			continue;
		given = true;
		length = strtoll(line + sizeof(name) - 1, NULL, 10);
	}
	return begun ? refuse_head("the input ends in it") : -1;
}

/* NULL: the input has ended, or is not of this protocol. For free(). */
static char *read_body(FILE *in, size_t *size)
{
	long long length = read_headers(in);
	if (length < 0)
		return NULL;
	char *body = malloc((size_t)length + 1);
	if (!body || fread(body, 1, (size_t)length, in) != (size_t)length) {
		free(body);
		return NULL;
	}
	body[length] = '\0';
	*size = (size_t)length;
	return body;
}

/* A body, which a NUL follows: that ends a number. False: it is not JSON. *message: NULL is null.
 */
static bool parse(const char *body, size_t size, json_object **message)
{
	json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH);
	*message = NULL;
	if (!tokener)
		return false;
	json_tokener_set_flags(tokener, JSON_TOKENER_VALIDATE_UTF8);
	*message = json_tokener_parse_ex(tokener, body, (int)size + 1);
	size_t end = json_tokener_get_parse_end(tokener);
	bool good = json_tokener_get_error(tokener) == json_tokener_success &&
		    (end >= size || strspn(body + end, " \t\r\n") == size - end);
	json_tokener_free(tokener);
	return good;
}

bool lsp_serve(struct server *server, FILE *in)
{
	size_t size;
	bool leave = false;
	for (char *body; !leave && (body = read_body(in, &size));) {
		json_object *message;
		bool good = parse(body, size, &message);
		const char *method = good ? json_string_at(message, "method") : NULL;
		leave = method && strcmp(method, "exit") == 0;
		if (!good)
			refuse(server, NULL, ERROR_PARSE, "this is not JSON");
		else if (!leave)
			take_message(server, message);
		json_object_put(message);
		free(body);
	}
	while (server->documents)
		close_document(server, server->documents->uri);
	return leave && server->shut_down;
}

int cmd_lsp(struct request *request)
{
	struct server server = { .out = stdout, .options = request->options };
	if (request->input_count > 1)
		return usage_error("lsp: name one folder at most");
	server.folder = realpath(request->input_count ? request->inputs[0] : ".", NULL);
	if (!server.folder)
		return usage_error("lsp: %s: %s", request->input_count ? request->inputs[0] : ".",
				   strerror(errno));
	bool good = lsp_serve(&server, stdin);
	free(server.folder);
	return good ? CPIS_EXIT_PASS : CPIS_EXIT_FAIL;
}
