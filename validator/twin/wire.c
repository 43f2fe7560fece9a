#include "wire.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum {
	USUAL_SECONDS = 30,
	CONNECT_SECONDS = 10,
	USUAL_BYTES = 64 << 20,
	MOST_HEAD_BYTES = 256 << 10,
	WHY_BYTES = 512,
};

struct text {
	char *p;
	size_t n, room;
};

struct wire {
	struct wire_settings settings;
	CURL *curl;
	struct text head, body, raw, request, reply; /* raw: the body, with chunks and all */
	bool head_ended, interim;		     /* of the reply that is coming */
	bool too_large, no_memory, connected, dead;
	long long started, last; /* milliseconds; 0: nothing was sent yet */
	char why[WHY_BYTES], words[CURL_ERROR_SIZE];
};

static long long now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static bool add(struct text *text, const void *bytes, size_t n)
{
	if (text->n + n + 1 > text->room) {
		size_t room = 2 * (text->n + n) + 1024;
		char *more = realloc(text->p, room);
		if (!more)
			return false;
		text->p = more;
		text->room = room;
	}
	if (n)
		memcpy(text->p + text->n, bytes, n);
	text->n += n;
	text->p[text->n] = '\0';
	return true;
}

static bool add_words(struct text *text, const char *words)
{
	return add(text, words, strlen(words));
}

struct wire *wire_open(const struct wire_settings *settings)
{
	struct wire *wire = calloc(1, sizeof(*wire));
	if (!wire)
		return NULL;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	wire->settings = *settings;
	wire->curl = curl_easy_init();
	if (!wire->curl) {
		wire_close(wire);
		return NULL;
	}
	return wire;
}

void wire_close(struct wire *wire)
{
	if (!wire)
		return;
	curl_easy_cleanup(wire->curl);
	free(wire->head.p);
	free(wire->body.p);
	free(wire->raw.p);
	free(wire->request.p);
	free(wire->reply.p);
	free(wire);
}

const char *wire_why(const struct wire *wire)
{
	return wire->why;
}

bool wire_is_dead(const struct wire *wire)
{
	return wire->dead;
}

/* What comes */

static size_t take_body(char *bytes, size_t one, size_t n, void *context)
{
	struct wire *wire = context;
	size_t most = wire->settings.most_bytes ? wire->settings.most_bytes : USUAL_BYTES;
	(void)one;
	wire->too_large = wire->body.n + n > most;
	if (!wire->too_large && !add(&wire->body, bytes, n))
		wire->no_memory = true;
	return wire->too_large || wire->no_memory ? 0 : n;
}

/* Each status line starts anew: that of 100 comes before the reply's. What comes after the head is
 * of the body: the fields after its last chunk are not of the head (RFC 9110, section 6.5.1). */
static size_t take_head(char *line, size_t one, size_t n, void *context)
{
	struct wire *wire = context;
	(void)one;
	if (wire->head_ended)
		return n;
	if (n > 5 && strncmp(line, "HTTP/", 5) == 0 && (!wire->head.n || wire->interim)) {
		const char *status = memchr(line, ' ', n);
		wire->interim = status && status + 1 < line + n && status[1] == '1';
		wire->head.n = 0;
	} else if (n <= 2) {
		wire->head_ended = !wire->interim;
	} else if (wire->head.n + n < MOST_HEAD_BYTES && !add(&wire->head, line, n)) {
		return 0;
	}
	return n;
}

/* The body as it came: libcurl takes its chunks off, and leaves out what comes after its end. */
static int take_raw(CURL *curl, curl_infotype type, char *bytes, size_t n, void *context)
{
	struct wire *wire = context;
	(void)curl;
	if (type == CURLINFO_DATA_IN && !wire->too_large && !add(&wire->raw, bytes, n))
		wire->no_memory = true;
	return 0;
}

/* Captures */

static bool is_named(const char *line, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strncasecmp(line, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static bool is_framing(const char *line)
{
	static const char *const names[] = { "Transfer-Encoding:", "Content-Length:" };
	return is_named(line, names, sizeof(names) / sizeof(names[0]));
}

static bool is_of_connection(const char *line)
{
	static const char *const names[] = { "Connection:", "Keep-Alive:", "Authorization:" };
	return is_named(line, names, sizeof(names) / sizeof(names[0]));
}

static bool finish_capture(struct text *text, const void *body, size_t size)
{
	char length[64];
	snprintf(length, sizeof(length), "Content-Length: %zu\r\n\r\n", size);
	return add_words(text, length) && add(text, body, size);
}

static bool keep_request(struct wire *wire, const struct wire_request *request)
{
	char line[2048];
	const char *host = strstr(request->url, "://");
	host = host ? host + 3 : request->url;
	const char *path = host + strcspn(host, "/?");
	wire->request.n = 0;
	snprintf(line, sizeof(line), "%s %s HTTP/1.1\r\nHost: %.*s\r\n", request->method,
		 *path ? path : "/", (int)(path - host), host);
	bool good = add_words(&wire->request, line);
	for (size_t i = 0; good && i < request->header_count; i++) {
		const struct cpis_header *header = &request->headers[i];
		snprintf(line, sizeof(line), "%s: %s\r\n", header->name, header->value);
		if (!is_of_connection(line) && !is_framing(line))
			good = add_words(&wire->request, line);
	}
	return good && finish_capture(&wire->request, request->body, request->size);
}

/* The reply is judged by what its head says of its body, and by all bytes that came for it. */
static bool keep_reply(struct wire *wire, unsigned status)
{
	char line[64];
	bool framed = false, dropped = false;
	wire->reply.n = 0;
	snprintf(line, sizeof(line), "HTTP/1.1 %u %s\r\n", status, status < 400 ? "OK" : "Error");
	bool good = add_words(&wire->reply, line);
	const char *next;
	for (const char *at = wire->head.n ? wire->head.p : ""; good && *at; at = next) {
		next = strchr(at, '\n');
		next = next ? next + 1 : at + strlen(at);
		/* A folded line goes with its field. */
		if (*at != ' ' && *at != '\t')
			dropped = is_of_connection(at);
		framed = framed || is_framing(at);
		if (!dropped)
			good = add(&wire->reply, at, (size_t)(next - at));
	}
	if (!framed)
		return good && finish_capture(&wire->reply, wire->body.p, wire->body.n);
	return good && add_words(&wire->reply, "\r\n") &&
	       add(&wire->reply, wire->raw.p, wire->raw.n);
}

bool wire_header(const struct wire_reply *reply, const char *name, char *value, size_t room)
{
	size_t n = strlen(name);
	const char *next;
	for (const char *at = reply->headers; *at && *at != '\r'; at = next) {
		next = strchr(at, '\n');
		next = next ? next + 1 : at + strlen(at);
		if (strncasecmp(at, name, n) != 0 || at[n] != ':')
			continue;
		at += n + 1;
		at += strspn(at, " \t");
		snprintf(value, room, "%.*s", (int)strcspn(at, "\r\n"), at);
		return true;
	}
	return false;
}

/* Sending */

/* Wait for the turn by the rate. The seconds that are left for the request; 0: none are. */
static unsigned wait_turn(struct wire *wire)
{
	const struct wire_settings *settings = &wire->settings;
	unsigned seconds = settings->seconds ? settings->seconds : USUAL_SECONDS;
	long long now = now_ms();
	if (!wire->started)
		wire->started = now;
	long long due = settings->rate && wire->last ? wire->last + 1000 / settings->rate : now;
	if (due > now) {
		struct timespec pause = { (time_t)((due - now) / 1000),
					  (long)((due - now) % 1000 * 1000000) };
		nanosleep(&pause, NULL);
		now = due;
	}
	wire->last = now;
	if (!settings->all_seconds)
		return seconds;
	long long left = settings->all_seconds - (now - wire->started) / 1000;
	return left <= 0 ? 0 : left < seconds ? (unsigned)left : seconds;
}

static void set_options(struct wire *wire, const struct wire_request *request,
			const struct curl_slist *headers, unsigned seconds)
{
	CURL *curl = wire->curl;
	const struct wire_settings *settings = &wire->settings;
	curl_easy_reset(curl);
	curl_easy_setopt(curl, CURLOPT_URL, request->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	/* libcurl sends again by itself where a connection that is used again breaks: no POST is
	 * repeated (RFC 9110, section 9.2.2), and each request that goes out is accounted for. */
	curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)seconds);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (settings->ca)
		curl_easy_setopt(curl, CURLOPT_CAINFO, settings->ca);
	if (settings->cert) {
		curl_easy_setopt(curl, CURLOPT_SSLCERT, settings->cert);
		curl_easy_setopt(curl, CURLOPT_SSLKEY, settings->key);
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
	if (request->body || strcmp(request->method, "POST") == 0) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->size);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body ? request->body : "");
	}
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, wire);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_head);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, wire);
	curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
	curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, take_raw);
	curl_easy_setopt(curl, CURLOPT_DEBUGDATA, wire);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, wire->words);
}

static struct curl_slist *list_headers(const struct wire_request *request)
{
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");
	bool typed = false;
	char line[2048];
	for (size_t i = 0; i < request->header_count; i++) {
		const struct cpis_header *header = &request->headers[i];
		typed = typed || strcasecmp(header->name, "Content-Type") == 0;
		/* libcurl takes a header without a value for one to leave out. */
		snprintf(line, sizeof(line), *header->value ? "%s: %s" : "%s;%s", header->name,
			 header->value);
		list = curl_slist_append(list, line);
	}
	/* Or it calls the body a form. */
	return typed ? list : curl_slist_append(list, "Content-Type:");
}

static bool is_unreached(CURLcode code)
{
	return code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT ||
	       code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION ||
	       code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CACERT_BADFILE;
}

/* What libcurl says of a header that is longer than it takes: before 8.6 that memory ran out. */
static bool is_too_long(CURLcode code)
{
#if LIBCURL_VERSION_NUM >= 0x080600
	if (code == CURLE_TOO_LARGE)
		return true;
#endif
	return code == CURLE_OUT_OF_MEMORY;
}

static void explain(struct wire *wire, CURLcode code, unsigned seconds)
{
	long status = 0;
	size_t most = wire->settings.most_bytes ? wire->settings.most_bytes : USUAL_BYTES;
	curl_easy_getinfo(wire->curl, CURLINFO_RESPONSE_CODE, &status);
	if (wire->too_large)
		snprintf(wire->why, sizeof(wire->why),
			 "the reply has more than %zu bytes (see --max-reply)", most);
	else if (wire->no_memory)
		snprintf(wire->why, sizeof(wire->why), "out of memory");
	else if (code == CURLE_OPERATION_TIMEDOUT)
		snprintf(wire->why, sizeof(wire->why),
			 "no %sreply came within %u seconds (see --timeout)",
			 status ? "whole " : "", seconds);
	else if (code == CURLE_GOT_NOTHING)
		snprintf(wire->why, sizeof(wire->why),
			 "the server closed the connection without a reply");
	else if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_WEIRD_SERVER_REPLY)
		snprintf(wire->why, sizeof(wire->why),
			 "the server was reached, and its reply is not HTTP/1.1");
	else if (status && is_too_long(code))
		snprintf(wire->why, sizeof(wire->why),
			 "the reply has a header of more than %d bytes", CURL_MAX_HTTP_HEADER);
	else
		snprintf(wire->why, sizeof(wire->why), "%s: %s",
			 status		       ? "the reply broke off"
			 : !is_unreached(code) ? "no reply came"
					       : "the server was not reached",
			 *wire->words ? wire->words : curl_easy_strerror(code));
}

static bool note_connection(struct wire *wire, CURLcode code)
{
	long count = 0;
	curl_easy_getinfo(wire->curl, CURLINFO_NUM_CONNECTS, &count);
	bool none = is_unreached(code);
	wire->connected = wire->connected || !none;
	wire->dead = none && !wire->connected;
	return code == CURLE_OK;
}

bool wire_call(struct wire *wire, const struct wire_request *request, struct wire_reply *reply)
{
	unsigned seconds = wait_turn(wire);
	long status = 0;
	if (!seconds) {
		snprintf(wire->why, sizeof(wire->why),
			 "the time of the run was up (see --total-timeout)");
		return false;
	}
	struct curl_slist *headers = list_headers(request);
	wire->head.n = wire->body.n = wire->raw.n = 0;
	wire->head_ended = wire->interim = false;
	wire->too_large = wire->no_memory = false;
	wire->words[0] = '\0';
	set_options(wire, request, headers, seconds);
	CURLcode code = curl_easy_perform(wire->curl);
	curl_slist_free_all(headers);
	if (!note_connection(wire, code) || wire->no_memory) {
		explain(wire, code, seconds);
		return false;
	}
	curl_easy_getinfo(wire->curl, CURLINFO_RESPONSE_CODE, &status);
	if (!add(&wire->body, "", 0) || !add(&wire->head, "", 0) || !keep_request(wire, request) ||
	    !keep_reply(wire, (unsigned)status)) {
		snprintf(wire->why, sizeof(wire->why), "out of memory");
		return false;
	}
	*reply = (struct wire_reply){
		.status = (unsigned)status,
		.request = wire->request.p,
		.request_size = wire->request.n,
		.reply = wire->reply.p,
		.reply_size = wire->reply.n,
		.body = wire->body.p,
		.body_size = wire->body.n,
		.headers = wire->head.p,
	};
	return true;
}

/* Addresses */

static bool is_loopback(const char *host)
{
	struct in_addr four;
	struct in6_addr six;
	char plain[64];
	size_t n = strlen(host);
	if (strcasecmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &four) == 1)
		return (ntohl(four.s_addr) >> 24) == 127;
	if (n < 3 || n >= sizeof(plain) || host[0] != '[')
		return false;
	snprintf(plain, sizeof(plain), "%.*s", (int)n - 2, host + 1);
	return inet_pton(AF_INET6, plain, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static const char *part(CURLU *url, CURLUPart what, char *into, size_t room)
{
	char *text = NULL;
	CURLUcode code = curl_url_get(url, what, &text, 0);
	int n = snprintf(into, room, "%s", code == CURLUE_OK ? text : "");
	curl_free(text);
	return n < 0 || (size_t)n >= room ? "it is too long" : NULL;
}

/* The scheme of a URL by which HTTP is spoken. */
static const char *take_scheme(CURLU *url, const char *text, char scheme[16])
{
	if (curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK)
		return "it is not a URL, such as https://host:port/path";
	if (part(url, CURLUPART_SCHEME, scheme, 16) ||
	    (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0))
		return "it begins with neither https:// nor http://";
	return NULL;
}

static const char *take_apart(CURLU *url, const char *text, struct wire_address *address)
{
	char scheme[16], host[256], port[16], query[256];
	const char *why = take_scheme(url, text, scheme);
	if (why)
		return why;
	why = part(url, CURLUPART_USER, query, sizeof(query));
	if (why || *query)
		return "a user name in it is not taken";
	if ((why = part(url, CURLUPART_HOST, host, sizeof(host))) ||
	    (why = part(url, CURLUPART_PORT, port, sizeof(port))) ||
	    (why = part(url, CURLUPART_QUERY, query, sizeof(query))) ||
	    (why = part(url, CURLUPART_PATH, address->path, sizeof(address->path))))
		return why;
	if (*query)
		return "what follows a ? is not taken";
	if (strcmp(address->path, "/") == 0)
		address->path[0] = '\0';
	address->tls = strcmp(scheme, "https") == 0;
	address->loopback = is_loopback(host);
	snprintf(address->base, sizeof(address->base), "%s://%s%s%s", scheme, host,
		 *port ? ":" : "", port);
	return NULL;
}

const char *wire_address(const char *text, struct wire_address *address)
{
	CURLU *url = curl_url();
	if (!url)
		return "out of memory";
	const char *why = take_apart(url, text, address);
	curl_url_cleanup(url);
	return why;
}

const char *wire_check_url(const char *text)
{
	char scheme[16];
	CURLU *url = curl_url();
	if (!url)
		return "out of memory";
	const char *why = take_scheme(url, text, scheme);
	curl_url_cleanup(url);
	return why;
}
