/* The head of a request, before anything is done: nothing in it may be read in two ways. */
#include "parts.h"

#include <ctype.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_token_character(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(const char *text)
{
	size_t n = 0;
	while (is_token_character(text[n]))
		n++;
	return n && !text[n];
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if (((unsigned char)*text < ' ' && *text != '\t') || *text == 127)
			return true;
	return false;
}

bool http_is_header(const char *name, const char *value)
{
	return is_token(name) && !has_control(value);
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

char *http_decode(const char *text, size_t n)
{
	char *out = malloc(n + 1);
	size_t m = 0;
	for (size_t i = 0; out && i < n; i++) {
		char c = text[i];
		if (c == '%') {
			int high = i + 1 < n ? hex_digit(text[i + 1]) : -1;
			int low = i + 2 < n ? hex_digit(text[i + 2]) : -1;
			if (high < 0 || low < 0 || !(high | low)) {
				free(out);
				return NULL;
			}
			c = (char)(high << 4 | low);
			i += 2;
		}
		out[m++] = c;
	}
	if (out)
		out[m] = '\0';
	return out;
}

void http_decode_plain(char *text)
{
	char *out = text;
	while (*text) {
		int code = *text == '%' ? hex_digit(text[1]) << 4 | hex_digit(text[2]) : 0;
		if (code > 0 && code < 127 && (isalnum(code) || strchr("-._~", code))) {
			*out++ = (char)code;
			text += 3;
		} else {
			*out++ = *text++;
		}
	}
	*out = '\0';
}

static size_t count_headers(const struct http_request *request, const char *name)
{
	size_t count = 0;
	for (size_t i = 0; i < request->headers.count; i++)
		count += strcasecmp(request->headers.items[i].name, name) == 0;
	return count;
}

static bool refuse(struct http_request *request, unsigned status, const char *text)
{
	http_problem(request, status, "%s", text);
	request->closes = true;
	return false;
}

static bool names_are_tokens(struct http_request *request)
{
	for (size_t i = 0; i < request->headers.count; i++) {
		const struct pair *header = &request->headers.items[i];
		if (!is_token(header->name))
			return refuse(request, 400, "The name of a header is not a token.");
		if (has_control(header->value))
			return refuse(request, 400, "A header has a control character in it.");
	}
	return true;
}

/* A header that is looked at once is there once: a second one may say something else of who asks,
 * or of what is sent. */
static bool none_is_repeated(struct http_request *request)
{
	static const char *const once[] = { "Authorization", "Content-Type", "Origin",
					    "Sec-Fetch-Site" };
	for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++)
		if (count_headers(request, once[i]) > 1) {
			http_problem(request, 400, "The header %s is given more than once.",
				     once[i]);
			request->closes = true;
			return false;
		}
	return true;
}

unsigned http_length_fault(const char *length)
{
	enum { MOST_DIGITS = 18 };
	size_t digits = strspn(length, "0123456789"), zeros = strspn(length, "0");
	return !digits || length[digits] ? 400 : digits - zeros > MOST_DIGITS ? 413 : 0;
}

/* Where the body ends may be said once, in one way: RFC 9112, 6.3. */
static bool framing_is_plain(struct http_request *request)
{
	size_t lengths = count_headers(request, "Content-Length");
	size_t codings = count_headers(request, "Transfer-Encoding");
	const char *length = http_header(request, "Content-Length");
	const char *coding = http_header(request, "Transfer-Encoding");
	if (lengths > 1 || codings > 1 || (lengths && codings))
		return refuse(request, 400, "The length of the body is given more than once.");
	if (coding && request->is_old)
		return refuse(request, 400, "A request of HTTP/1.0 has no Transfer-Encoding.");
	if (coding && strcasecmp(coding, "chunked") != 0)
		return refuse(request, 501, "The only Transfer-Encoding that is taken is chunked.");
	if (length) {
		unsigned fault = http_length_fault(length);
		if (fault)
			return refuse(request, fault, HTTP_LENGTH_FAULT(fault));
		request->declared = strtoull(length, NULL, 10);
	}
	request->has_length = length != NULL;
	request->chunked = coding != NULL;
	/* libmicrohttpd does not say where the headers after the body end: nothing follows them. */
	request->closes = request->chunked;
	const char *expect = http_header(request, "Expect");
	if (expect && strcasecmp(expect, "100-continue") != 0)
		return refuse(request, 417, "The only Expect that is met is 100-continue.");
	return true;
}

/* "name", "name:port", "[::1]:port": the bytes of the name, without the port. */
static size_t host_name_length(const char *host)
{
	size_t n = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	return n <= strlen(host) ? n : 0;
}

/* RFC 9110, 7.2: a name and the digits of a port. Either may be missing. */
static bool is_host(const char *host)
{
	const char *port = host + host_name_length(host);
	return !strpbrk(host, " \t/\\?#,") &&
	       (!*port || (*port == ':' && !port[1 + strspn(port + 1, "0123456789")]));
}

static bool host_is_known(struct http_request *request)
{
	const struct http_settings *settings = &request->server->settings;
	const char *host = http_header(request, "Host");
	size_t count = count_headers(request, "Host");
	if (count > 1 || (!count && !request->is_old))
		return refuse(request, 400, "There must be one header Host.");
	if (host && !is_host(host))
		return refuse(request, 400, "Host is not a name and a port.");
	if (!settings->host_count || request->route->flags & (HTTP_OPEN | HTTP_ANY_HOST))
		return true;
	size_t n = host ? host_name_length(host) : 0;
	for (size_t i = 0; n && i < settings->host_count; i++)
		if (strlen(settings->hosts[i]) == n &&
		    strncasecmp(settings->hosts[i], host, n) == 0)
			return true;
	return refuse(request, 421, "Host is not a name of this service.");
}

/* A page of another site may not send anything here: browsers say where a request comes from. */
static bool origin_is_own(struct http_request *request)
{
	const char *origin = http_header(request, "Origin"), *host = http_header(request, "Host");
	const char *site = http_header(request, "Sec-Fetch-Site");
	if (request->route->flags & (HTTP_ANY_HOST | HTTP_BARE))
		return true;
	if (site && strcmp(site, "cross-site") == 0 &&
	    (strcmp(request->method, "GET") != 0 || !(request->route->flags & HTTP_OPEN)))
		return refuse(request, 403, "Pages of other sites may not use this service.");
	if (!origin)
		return true;
	const char *at = strstr(origin, "://");
	if (at && host && strcasecmp(at + 3, host) == 0)
		return true;
	return refuse(request, 403, "Origin is not this service.");
}

/* In a time that does not depend on how much of it is right. */
static bool is_token_of_server(const char *given, const char *token)
{
	size_t n = strlen(given), m = strlen(token);
	unsigned different = n != m;
	for (size_t i = 0; i < m; i++)
		different |= (unsigned char)token[i] ^ (unsigned char)(n ? given[i % n] : 0);
	return different == 0;
}

static bool may_use_it(struct http_request *request)
{
	const char *token = request->server->settings.token;
	const char *given = http_header(request, "Authorization");
	if (!token || request->route->flags & HTTP_OPEN)
		return true;
	/* RFC 9110, 11.4: one blank or more. */
	if (given && strncasecmp(given, "Bearer ", 7) == 0 &&
	    is_token_of_server(given + 7 + strspn(given + 7, " "), token))
		return true;
	http_reply_header(request, "WWW-Authenticate", "Bearer");
	return refuse(request, 401,
		      given ? "The token is not that of this service."
			    : "A token is needed, as \"Authorization: Bearer TOKEN\".");
}

static bool is_in_turn(struct http_request *request)
{
	if (!request->too_many)
		return true;
	http_reply_header(request, "Retry-After", "1");
	return refuse(request, 429, "Too many requests of this address are in flight.");
}

/* The part of a path that fits a pattern is put into the parameters. */
static bool route_fits(const char *pattern, char *path, const char *parameters[MOST_PARAMETERS])
{
	size_t count = 0;
	char *ends[MOST_PARAMETERS];
	while (*pattern) {
		if (*pattern == '*') {
			if (count < MOST_PARAMETERS)
				parameters[count] = path;
			path += strlen(path);
			pattern++;
		} else if (pattern[0] == '{' && pattern[1] == '}' && count < MOST_PARAMETERS) {
			size_t n = strcspn(path, "/");
			if (!n)
				return false;
			parameters[count] = path;
			path += n;
			ends[count++] = path;
			pattern += 2;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	if (*path)
		return false;
	for (size_t i = 0; i < count; i++)
		*ends[i] = '\0';
	return true;
}

static bool method_fits(const char *allowed, const char *method)
{
	return strcmp(allowed, "*") == 0 || strcmp(allowed, method) == 0 ||
	       (strcmp(allowed, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

/* Each parameter is decoded in the place where it is: it only gets shorter. */
static bool decode_parameters(struct http_request *request)
{
	for (size_t i = 0; i < MOST_PARAMETERS && request->parameters[i]; i++) {
		const char *text = request->parameters[i];
		char *decoded = http_decode(text, strlen(text));
		if (!decoded)
			return false;
		size_t at = (size_t)(text - request->parameter_text);
		memcpy(request->parameter_text + at, decoded, strlen(decoded) + 1);
		free(decoded);
	}
	return true;
}

enum { MOST_ALLOWED = 128 };

/* No name of a method is a part of another one. */
static void allow(char allowed[MOST_ALLOWED], const char *method)
{
	size_t n = strlen(allowed);
	if (strcmp(method, "*") != 0 && !strstr(allowed, method))
		snprintf(allowed + n, MOST_ALLOWED - n, "%s%s%s", n ? ", " : "", method,
			 strcmp(method, "GET") == 0 ? ", HEAD" : "");
}

static bool find_route(struct http_request *request)
{
	char allowed[MOST_ALLOWED] = "";
	const struct http_route *route = request->server->settings.routes;
	bool of_server = request->target[0] == '*';
	for (; route->method && !(*allowed && strcmp(route->pattern, "*") == 0); route++) {
		const char *parameters[MOST_PARAMETERS] = { NULL };
		memcpy(request->parameter_text, request->target, strlen(request->target) + 1);
		if (!of_server && !route_fits(route->pattern, request->parameter_text, parameters))
			continue;
		if (!of_server && method_fits(route->method, request->method)) {
			request->route = route;
			memcpy(request->parameters, parameters, sizeof(parameters));
			return decode_parameters(request) ||
			       refuse(request, 400, "The path has a wrong %-code in it.");
		}
		allow(allowed, route->method);
	}
	if (!*allowed)
		return refuse(request, 404, "There is nothing at this path.");
	http_reply_header(request, "Allow", allowed);
	return refuse(request, 405,
		      of_server ? "OPTIONS is not a method that this service takes."
				: "The method is not one that this path takes.");
}

static bool body_is_taken(struct http_request *request)
{
	const struct http_settings *settings = &request->server->settings;
	const char *coding = http_header(request, "Content-Encoding");
	request->most = request->route->max_body_bytes;
	if (settings->max_body_bytes && settings->max_body_bytes < request->most)
		request->most = settings->max_body_bytes;
	if (!request->most && (request->declared || request->chunked))
		return refuse(request, 413, "This path takes no body.");
	if (request->declared > request->most)
		return refuse(request, 413, HTTP_TOO_LONG);
	bool once = count_headers(request, "Content-Encoding") == 1;
	if (!coding || (once && strcasecmp(coding, "identity") == 0) ||
	    request->route->flags & HTTP_ENCODED)
		return true;
	/* Two headers are a list of two codings. */
	request->gzip =
		once && (strcasecmp(coding, "gzip") == 0 || strcasecmp(coding, "x-gzip") == 0);
	return request->gzip ||
	       refuse(request, 415, "The only Content-Encoding that is taken is gzip.");
}

/* The certificate was asked for in the handshake; whether it is good is looked at here, once for a
 * connection. */
static bool client_is_known(struct http_request *request)
{
	static unsigned char client_use[] = GNUTLS_KP_TLS_WWW_CLIENT;
	struct peer *peer = request->peer;
	if (!request->server->ca)
		return true;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	gnutls_session_t session = info ? info->tls_session : NULL;
	unsigned status = 1, count = 0;
	if (peer->known) {
		memcpy(request->client, peer->client, sizeof(peer->client));
		return true;
	}
	/* The same authority may have made it for a server. */
	gnutls_typed_vdata_st purpose = { .type = GNUTLS_DT_KEY_PURPOSE_OID, .data = client_use };
	if (!session || gnutls_certificate_verify_peers(session, &purpose, 1, &status) != 0 ||
	    status != 0)
		return refuse(request, 403,
			      "A client certificate is needed that this service trusts.");
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
	gnutls_x509_crt_t cert;
	if (count && gnutls_x509_crt_init(&cert) == 0) {
		size_t size = sizeof(peer->client);
		if (gnutls_x509_crt_import(cert, chain, GNUTLS_X509_FMT_DER) != 0 ||
		    gnutls_x509_crt_get_dn_by_oid(cert, GNUTLS_OID_X520_COMMON_NAME, 0, 0,
						  peer->client, &size) != 0)
			peer->client[0] = '\0';
		gnutls_x509_crt_deinit(cert);
	}
	peer->known = true;
	memcpy(request->client, peer->client, sizeof(peer->client));
	return true;
}

/* Of the other forms of a target, a URL has become its path, and * is for OPTIONS: RFC 9112, 3.2.
 */
static bool target_is_path(struct http_request *request)
{
	if (request->target[0] == '/' ||
	    (strcmp(request->target, "*") == 0 && strcmp(request->method, "OPTIONS") == 0))
		return true;
	return refuse(request, 400,
		      "The target of a request must be a path, or a http or https URL.");
}

void http_check(struct http_request *request)
{
	if (request->head_fault)
		refuse(request, 400, request->head_fault);
	else if (!is_token(request->method) || has_control(request->target))
		refuse(request, 400, "The request line is not one of HTTP/1.1.");
	else if (!request->path)
		refuse(request, 400, "The path or the query has a wrong %-code in it.");
	else if (target_is_path(request) && names_are_tokens(request) &&
		 framing_is_plain(request) && none_is_repeated(request) &&
		 client_is_known(request) && find_route(request) && host_is_known(request) &&
		 origin_is_own(request) && may_use_it(request) && is_in_turn(request))
		body_is_taken(request);
}
