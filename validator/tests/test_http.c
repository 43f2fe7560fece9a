/* The HTTP base, spoken to by a client that sends every byte itself. */
#include "http/server.h"
#include "http_client.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>
#include <microhttpd.h>

static struct http_server *server;

static long long now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void sleep_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

static struct http_counts counts_now(void)
{
	struct http_counts counts;
	http_server_counts(server, &counts);
	return counts;
}

/* Another thread reads what a client has sent: until it has begun so many requests. */
static void wait_for_requests(size_t requests)
{
	for (long long end = now_ms() + PATIENCE_MS; counts_now().requests < requests;) {
		if (now_ms() > end)
			fail_msg("there are %zu requests, not %zu", counts_now().requests,
				 requests);
		sleep_ms(5);
	}
}

/* And it counts what has ended: after the client has seen the end. */
static void wait_for_no_request(void)
{
	for (long long end = now_ms() + PATIENCE_MS; counts_now().in_flight;) {
		if (now_ms() > end)
			fail_msg("%zu requests do not end", counts_now().in_flight);
		sleep_ms(5);
	}
}

static void echo(struct http_request *request, void *context)
{
	char *bytes;
	size_t size;
	(void)context;
	if (http_read_all(request, &bytes, &size) != 0)
		return;
	http_reply_header(request, "Content-Type", "text/plain");
	http_write(request, bytes, size);
	free(bytes);
}

static void count(struct http_request *request, void *context)
{
	unsigned char bytes[5000];
	size_t total = 0, sum = 0;
	long n;
	(void)context;
	while ((n = http_read(request, bytes, sizeof(bytes))) > 0) {
		total += (size_t)n;
		for (long i = 0; i < n; i++)
			sum += bytes[i];
	}
	if (n == 0)
		http_print(request, "%zu %zu", total, sum);
}

static void describe(struct http_request *request, void *context)
{
	const char *value, *name = http_query_at(request, 0, &value);
	(void)context;
	http_print(request, "%s|%s|%s|%s=%s", http_path(request), http_parameter(request, 0),
		   http_parameter(request, 1) ? http_parameter(request, 1) : "-", name ? name : "",
		   name ? value : "");
}

static void at_once(struct http_request *request, void *context)
{
	(void)context;
	http_reply_status(request, 202);
}

static void nothing(struct http_request *request, void *context)
{
	(void)request, (void)context;
}

static atomic_bool released;

static void waiting(struct http_request *request, void *context)
{
	(void)context;
	while (!atomic_load(&released))
		sleep_ms(5);
	http_print(request, "released");
}

static unsigned number(const struct http_request *request, const char *name)
{
	const char *text = http_query(request, name);
	return text ? (unsigned)strtoul(text, NULL, 10) : 0;
}

static void shaped(struct http_request *request, void *context)
{
	struct http_shape shape = {
		.delay_ms = number(request, "delay"),
		.piece_bytes = number(request, "piece"),
		.piece_ms = number(request, "every"),
		.cut = http_query(request, "cut") != NULL,
		.cut_after = number(request, "cut"),
		.silent = http_query(request, "silent") != NULL,
	};
	(void)context;
	http_print(request, "0123456789");
	http_reply_shape(request, &shape);
}

static const struct http_route routes[] = {
	{ "POST", "/echo", echo, 0, 100000 },
	{ "POST", "/bare", echo, HTTP_BARE | HTTP_ENCODED, 100000 },
	{ "POST", "/count", count, 0, 8 << 20 },
	{ "POST", "/at-once", at_once, 0, 8 << 20 },
	{ "GET", "/rules/{}", describe, 0, 0 },
	{ "PUT", "/box/{}/in/{}", describe, 0, 0 },
	{ "GET", "/nothing", nothing, 0, 0 },
	{ "GET", "/waiting", waiting, 0, 0 },
	{ "GET", "/shaped", shaped, 0, 0 },
	{ "GET", "/health", at_once, HTTP_OPEN, 0 },
	{ "GET", "/files/*", describe, 0, 0 },
	{ .method = NULL },
};

static const char *const hosts[] = { "localhost", "127.0.0.1" };

static void start(const struct http_settings *settings)
{
	char why[HTTP_WHY] = "";
	struct http_settings all = *settings;
	all.listen = "127.0.0.1:0";
	all.routes = routes;
	all.hosts = hosts;
	all.host_count = 2;
	if (http_server_open(&server, &all, why) != 0 || http_server_start(server, why) != 0)
		fail_msg("%s", why);
}

static int start_usual(void **state)
{
	(void)state;
	start(&(struct http_settings){ 0 });
	return 0;
}

static int end(void **state)
{
	(void)state;
	http_server_close(server);
	server = NULL;
	return 0;
}

/* One connection, one text sent, all that comes back. Free it. */
static char *ask(const char *text)
{
	int fd = client_open(http_server_port(server));
	client_put_text(fd, text);
	char *reply = client_get(fd);
	close(fd);
	return reply;
}

/* Status lines; the page of an error may name the protocol too. */
static size_t count_answers(const char *in)
{
	size_t found = 0;
	for (; (in = strstr(in, "HTTP/1.1 ")); in += strlen("HTTP/1.1 "))
		found += in[strlen("HTTP/1.1 ")] >= '1' && in[strlen("HTTP/1.1 ")] <= '5';
	return found;
}

static void expect(const char *request, const char *status, const char *text)
{
	char *reply = ask(request);
	char line[64];
	snprintf(line, sizeof(line), "HTTP/1.1 %s ", status);
	if (strncmp(reply, line, strlen(line)) != 0 || !strstr(reply, text) ||
	    count_answers(reply) != 1)
		fail_msg("to \"%.200s\" the answer is \"%s\", not %s with \"%s\"", request, reply,
			 status, text);
	free(reply);
}

#define HEAD "Host: localhost\r\nConnection: close\r\n"

static void test_finds_the_route_and_its_parts(void **state)
{
	(void)state;
	expect("GET /rules/DAT-003?a%20b=c%26 HTTP/1.1\r\n" HEAD "\r\n", "200",
	       "/rules/DAT-003|DAT-003|-|a b=c&");
	expect("PUT /box/x%2Fy/in/7 HTTP/1.1\r\n" HEAD "\r\n", "200", "/box/x/y/in/7|x/y|7|=");
	expect("GET /files/a/b/c HTTP/1.1\r\n" HEAD "\r\n", "200", "|a/b/c|");
	expect("GET /rules/ HTTP/1.1\r\n" HEAD "\r\n", "404", "\"status\":404");
	expect("GET /rules/a/b HTTP/1.1\r\n" HEAD "\r\n", "404", "problem+json");
	expect("GET /echo HTTP/1.1\r\n" HEAD "\r\n", "405", "Allow: POST\r\n");
	expect("OPTIONS /echo HTTP/1.1\r\n" HEAD "\r\n", "405", "Allow: POST\r\n");
	expect("GET /rules/%zz HTTP/1.1\r\n" HEAD "\r\n", "400", "%-code");
	expect("GET /rules/%00 HTTP/1.1\r\n" HEAD "\r\n", "400", "%-code");
	expect("GET /nothing HTTP/1.1\r\n" HEAD "\r\n", "500", "not answered");
	expect("POST /health HTTP/1.1\r\n" HEAD "\r\n", "405", "Allow: GET, HEAD\r\n");
}

/* RFC 9112, 3.2: a URL counts as its path, with its authority in place of Host. */
static void test_takes_every_form_of_a_target(void **state)
{
	(void)state;
	expect("GET http://localhost/rules/x?a=b HTTP/1.1\r\n" HEAD "\r\n", "200",
	       "/rules/x|x|-|a=b");
	expect("GET HTTPS://127.0.0.1:80/rules/x HTTP/1.1\r\n" HEAD "\r\n", "200", "|x|");
	expect("GET http://localhost?a=b HTTP/1.1\r\n" HEAD "\r\n", "404", "nothing at this path");
	expect("GET http://localhost/rules/x HTTP/1.1\r\nHost: evil.example\r\n"
	       "Connection: close\r\n\r\n",
	       "200", "|x|");
	expect("GET http://localhost/rules/x HTTP/1.0\r\n\r\n", "200", "|x|");
	expect("GET http://evil.example/rules/x HTTP/1.1\r\n" HEAD "\r\n", "421", "");
	expect("GET http://localhost@evil.example/rules/x HTTP/1.1\r\n" HEAD "\r\n", "421", "");
	expect("GET http://evil.example/rules/x HTTP/1.1\r\n" HEAD
	       "Origin: http://localhost\r\n\r\n",
	       "421", "");
	expect("GET http://localhost/rules/x HTTP/1.1\r\nConnection: close\r\n\r\n", "400",
	       "one header Host");
	expect("GET http:///rules/x HTTP/1.1\r\n" HEAD "\r\n", "400", "must be a path");
	expect("GET ftp://localhost/rules/x HTTP/1.1\r\n" HEAD "\r\n", "400", "must be a path");
	expect("CONNECT localhost:80 HTTP/1.1\r\n" HEAD "\r\n", "400", "must be a path");
	expect("OPTIONS * HTTP/1.1\r\n" HEAD "\r\n", "405", "\r\nAllow: POST, GET, HEAD, PUT\r\n");
	expect("GET * HTTP/1.1\r\n" HEAD "\r\n", "400", "must be a path");
}

static void test_every_answer_has_strict_headers(void **state)
{
	(void)state;
	char *reply = ask("GET /rules/x HTTP/1.1\r\n" HEAD "\r\n");
	assert_non_null(strstr(reply, "\r\nContent-Security-Policy: default-src 'none'"));
	assert_non_null(strstr(reply, "\r\nX-Content-Type-Options: nosniff\r\n"));
	assert_non_null(strstr(reply, "\r\nCache-Control: no-store\r\n"));
	assert_non_null(strstr(reply, "\r\nRequest-Id: "));
	assert_null(strstr(reply, "Access-Control"));
	free(reply);
	reply = ask("POST /bare HTTP/1.1\r\n" HEAD "Content-Length: 1\r\n\r\nx");
	assert_null(strstr(reply, "Request-Id"));
	assert_null(strstr(reply, "Content-Security"));
	free(reply);
}

static void test_refuses_another_host_and_another_site(void **state)
{
	(void)state;
	expect("GET /rules/x HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", "421",
	       "");
	expect("GET /rules/x HTTP/1.1\r\nHost: localhost.evil\r\nConnection: close\r\n\r\n", "421",
	       "");
	expect("GET /rules/x HTTP/1.1\r\nConnection: close\r\n\r\n", "400", "");
	expect("GET /rules/x HTTP/1.1\r\n" HEAD "Host: localhost\r\n\r\n", "400", "");
	expect("GET /rules/x HTTP/1.1\r\nHost: 127.0.0.1:99\r\nConnection: close\r\n\r\n", "200",
	       "");
	expect("GET /rules/x HTTP/1.1\r\n" HEAD "Origin: http://evil.example\r\n\r\n", "403", "");
	expect("GET /rules/x HTTP/1.1\r\n" HEAD "Origin: null\r\n\r\n", "403", "");
	expect("GET /rules/x HTTP/1.1\r\n" HEAD "Origin: http://localhost\r\n\r\n", "200", "");
	expect("GET /rules/x HTTP/1.1\r\n" HEAD "Sec-Fetch-Site: cross-site\r\n\r\n", "403", "");
}

static void test_needs_the_token_where_there_is_one(void **state)
{
	(void)state;
	start(&(struct http_settings){ .token = "s3cret" });
	expect("GET /rules/x HTTP/1.1\r\n" HEAD "\r\n", "401", "WWW-Authenticate: Bearer\r\n");
	expect("GET /rules/x HTTP/1.1\r\n" HEAD "Authorization: Bearer s3cre\r\n\r\n", "401", "");
	expect("GET /rules/x HTTP/1.1\r\n" HEAD "Authorization: Bearer s3crets\r\n\r\n", "401", "");
	expect("GET /rules/x HTTP/1.1\r\n" HEAD "Authorization: Basic s3cret\r\n\r\n", "401", "");
	expect("GET /rules/x HTTP/1.1\r\n" HEAD "Authorization: Bearer s3cret\r\n\r\n", "200", "");
	expect("GET /rules/x HTTP/1.1\r\n" HEAD "Authorization: Bearer   s3cret \r\n\r\n", "200",
	       "");
	expect("GET /rules/x HTTP/1.1\r\n" HEAD
	       "Authorization: Bearer s3cret\r\nAuthorization: Bearer other\r\n\r\n",
	       "400", "Authorization is given more than once");
	expect("GET /health HTTP/1.1\r\n" HEAD "\r\n", "202", "");
}

static void test_reads_bodies_of_every_framing(void **state)
{
	(void)state;
	expect("POST /echo HTTP/1.1\r\n" HEAD "Content-Length: 5\r\n\r\nhello", "200",
	       "\r\n\r\nhello");
	expect("POST /echo HTTP/1.1\r\n" HEAD "Content-Length: 0\r\n\r\n", "200", "\r\n\r\n");
	expect("POST /echo HTTP/1.1\r\n" HEAD "\r\n", "200", "\r\n\r\n");
	expect("POST /echo HTTP/1.1\r\n" HEAD
	       "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
	       "200", "\r\n\r\nhello");
	expect("POST /echo HTTP/1.0\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello", "200",
	       "\r\n\r\nhello");
	expect("POST /echo HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
	       "0\r\n\r\n",
	       "400", "HTTP/1.0 has no Transfer-Encoding");
	expect("GET /rules/x HTTP/1.1\r\n" HEAD "Content-Length: 5\r\n\r\nhello", "413", "");
	expect("POST /echo HTTP/1.1\r\n" HEAD "Content-Length: 100001\r\n\r\n", "413", "longer");
}

static void test_says_100_continue_only_to_what_it_will_take(void **state)
{
	(void)state;
	int fd = client_open(http_server_port(server));
	client_put_text(fd, "POST /echo HTTP/1.1\r\n" HEAD
			    "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
	/* The line and the empty one after it, and no answer yet. */
	char *reply = client_get_until(fd, "\r\n\r\n");
	assert_int_equal(strncmp(reply, "HTTP/1.1 100 ", 13), 0);
	free(reply);
	client_put_text(fd, "hello");
	reply = client_get(fd);
	assert_non_null(strstr(reply, "\r\n\r\nhello"));
	free(reply);
	close(fd);
	expect("POST /echo HTTP/1.1\r\n" HEAD
	       "Expect: 100-continue\r\nContent-Length: 9999999\r\n\r\n",
	       "413", "");
	expect("POST /echo HTTP/1.1\r\n" HEAD "Expect: wonders\r\nContent-Length: 5\r\n\r\nhello",
	       "417", "");
}

/* Anything that two readers could understand differently ends the connection with one answer. */
static void test_refuses_framing_with_two_meanings(void **state)
{
	static const char *const headers[] = {
		"Content-Length: 5\r\nContent-Length: 5\r\n",
		"Content-Length: 5\r\nContent-Length: 6\r\n",
		"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
		"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
		"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
		"Transfer-Encoding: xchunked\r\n",
		"Transfer-Encoding: chunked, gzip\r\n",
		"Transfer-Encoding: gzip, chunked\r\n",
		"Transfer-Encoding : chunked\r\n",
		"Transfer-Encoding: \013chunked\r\n",
		"Content-Length: +5\r\n",
		"Content-Length: -5\r\n",
		"Content-Length: 5, 5\r\n",
		"Content-Length: 0x5\r\n",
		"Content-Length: 99999999999999999999999\r\n",
		"Content-Length : 5\r\n",
		"Content-Length: \r\n",
		"X\x01Y: 5\r\nContent-Length: 5\r\n",
		"no colon at all\r\nContent-Length: 5\r\n",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		char text[1024];
		snprintf(text, sizeof(text),
			 "POST /echo HTTP/1.1\r\nHost: localhost\r\n%s\r\n"
			 "0\r\n\r\nGET /rules/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n",
			 headers[i]);
		int fd = client_open(http_server_port(server));
		client_put_text(fd, text);
		char *reply = client_get(fd);
		bool refused = strncmp(reply, "HTTP/1.1 4", 10) == 0 ||
			       strncmp(reply, "HTTP/1.1 501", 12) == 0;
		if (*reply && (!refused || count_answers(reply) != 1))
			fail_msg("\"%s\" is answered with \"%s\"", headers[i], reply);
		assert_null(strstr(reply, "smuggled"));
		assert_true(client_is_closed(fd));
		free(reply);
		close(fd);
	}
}

/* Bytes that may have NULs in them: all that comes back. */
static char *ask_bytes(const char *bytes, size_t size)
{
	int fd = client_open(http_server_port(server));
	client_put(fd, bytes, size);
	char *reply = client_get(fd);
	assert_true(client_is_closed(fd));
	close(fd);
	return reply;
}

/* What libmicrohttpd takes for the end of the headers, or of a text, is refused as what it is. */
static void test_refuses_a_head_that_was_not_read_whole(void **state)
{
#define HEAD_WITH(text)                                                                            \
	{                                                                                          \
		"POST /echo HTTP/1.1\r\nHost: localhost\r\n" text                                  \
		"\r\n\r\nGET /rules/smuggled HTTP/1.1\r\n" HEAD "\r\n",                            \
			sizeof("POST /echo HTTP/1.1\r\nHost: localhost\r\n" text                   \
			       "\r\n\r\nGET /rules/smuggled HTTP/1.1\r\n" HEAD "\r\n") -           \
				1                                                                  \
	}
	static const struct {
		const char *bytes;
		size_t size;
	} heads[] = {
		HEAD_WITH(": x"),
		HEAD_WITH(":"),
		HEAD_WITH("A: b\r\n: x\r\nC: d"),
		HEAD_WITH("\0A: b"),
		HEAD_WITH("A: b\0c"),
		HEAD_WITH("A: b\0"),
		HEAD_WITH("A: \0b"),
		HEAD_WITH("A:\0b"),
		HEAD_WITH("A\0: b"),
		HEAD_WITH("Content-Length: 5\0 1201"),
		HEAD_WITH("Transfer-Encoding: chunked\0"),
		HEAD_WITH("Content-Length: 5\r\n 5"),
		HEAD_WITH("Content-Length: 5\r\n\t5\r\nA: b"),
	};
	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		char *reply = ask_bytes(heads[i].bytes, heads[i].size);
		if (strncmp(reply, "HTTP/1.1 400 ", 13) != 0 || count_answers(reply) != 1)
			fail_msg("head %zu is answered with \"%s\"", i, reply);
		free(reply);
	}
	expect("GET /rules/x HTTP/1.1\r\n" HEAD "A:\r\nB: \t\r\nC:\td \t\r\n\r\n", "200", "|x|");
	expect("GET /rules/x HTTP/1.1\n" HEAD "A: b\n\n", "200", "|x|");
	expect("GET /health HTTP/1.0\r\n\r\n", "202", "");
}

static void test_refuses_a_target_that_is_no_url(void **state)
{
	static const char nul[] = "GET /rules/x\0HTTP/1.1 HTTP/1.1\r\n" HEAD "\r\n";
	(void)state;
	expect("GET /rules/x#y HTTP/1.1\r\n" HEAD "\r\n", "400", "no URL has");
	char *reply = ask_bytes(nul, sizeof(nul) - 1);
	assert_non_null(strstr(reply, " 400 "));
	free(reply);
	expect("GET /%72ule%73/x%2Fy%2e HTTP/1.1\r\n" HEAD "\r\n", "200", "|x/y.|");
	expect("GET /rules%2Fx HTTP/1.1\r\n" HEAD "\r\n", "404", "");
}

/* Later versions of libmicrohttpd read these in one way, and 0.9.75 leaves a part of them out. */
static void test_refuses_what_is_read_in_part(void **state)
{
	(void)state;
	if (MHD_get_version()[0] != '0')
		skip();
	expect("GET /rules/x y HTTP/1.1\r\n" HEAD "\r\n", "400", "no URL has");
	expect("GET /rules/x?a=b c HTTP/1.1\r\n" HEAD "\r\n", "400", "no URL has");
	expect("GET  /rules/x HTTP/1.1\r\n" HEAD "\r\n", "400", "request line");
	expect("GET /rules/x HTTP/1.1\r\n" HEAD "A: b\r\n \r\n\r\n", "400", "second line");
	expect("GET /rules/x HTTP/1.1\r\n" HEAD "A: b\r\n\tc\r\nD: e\r\n\r\n", "400",
	       "second line");
}

/* libmicrohttpd takes an empty name for the end there too: nothing after it counts. */
static void test_ends_with_the_headers_after_a_body(void **state)
{
	static const struct {
		const char *trailer, *status;
	} trailers[] = {
		{ "", "200" },		 { "A: b\r\n", "200" },	       { ": y\r\n", "400" },
		{ "A B: c\r\n", "400" }, { "A: b\r\n: y\r\n", "200" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(trailers) / sizeof(trailers[0]); i++) {
		char text[512];
		snprintf(text, sizeof(text),
			 "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
			 "chunked\r\n\r\n0\r\n%s\r\nGET /rules/smuggled HTTP/1.1\r\n" HEAD "\r\n",
			 trailers[i].trailer);
		expect(text, trailers[i].status, "\r\nConnection: close\r\n");
	}
}

static void test_refuses_two_answers_to_one_question(void **state)
{
	(void)state;
	expect("GET /rules/x HTTP/1.1\r\n" HEAD
	       "Origin: http://localhost\r\nOrigin: http://evil.example\r\n\r\n",
	       "400", "Origin is given more than once");
	expect("GET /rules/x HTTP/1.1\r\nHost: localhost:abc\r\nConnection: close\r\n\r\n", "400",
	       "Host is not");
	expect("GET /rules/x HTTP/1.1\r\nHost: [::1]x\r\nConnection: close\r\n\r\n", "400",
	       "Host is not");
	expect("POST /echo HTTP/1.1\r\n" HEAD
	       "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
	       "415", "gzip");
	expect("POST /echo HTTP/1.1\r\n" HEAD
	       "Content-Length: 0000000000000000000000000000005\r\n\r\nhello",
	       "200", "\r\n\r\nhello");
}

/* libmicrohttpd refuses these before the server sees them; others may be half way to it. */
static void test_refuses_a_length_once_beside_other_requests(void **state)
{
	(void)state;
	enum { OTHERS = 8 };
	int slow[OTHERS];
	for (size_t i = 0; i < OTHERS; i++) {
		slow[i] = client_open(http_server_port(server));
		client_put_text(slow[i], "POST /echo HTTP/1.1\r\nContent-Length: 5\r\n");
	}
	int fd = client_open(http_server_port(server));
	client_put_text(fd, "POST /echo HTTP/1.1\r\nContent-Length: 0x5\r\n");
	sleep_ms(50);
	expect("POST /echo HTTP/1.1\r\n" HEAD "Content-Length: 5, 5\r\n\r\nhello", "400",
	       "\"detail\":\"Content-Length is not one whole number.\"");
	expect("POST /echo HTTP/1.1\r\n" HEAD "Content-Length: 9999999999999999999\r\n\r\n", "413",
	       "longer than");
	expect("POST /echo HTTP/1.1\r\n" HEAD "Content-Length: 99999999999999999999\r\n\r\n", "413",
	       "longer than");
	client_put_text(fd, HEAD "\r\n");
	char *reply = client_get(fd);
	assert_int_equal(count_answers(reply), 1);
	assert_non_null(strstr(reply, " 400 "));
	free(reply);
	close(fd);
	for (size_t i = 0; i < OTHERS; i++) {
		client_put_text(slow[i], HEAD "\r\nhello");
		reply = client_get(slow[i]);
		assert_non_null(strstr(reply, "\r\n\r\nhello"));
		free(reply);
		close(slow[i]);
	}
}

static size_t zip(const char *text, size_t n, char *out, size_t room)
{
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)text, .avail_in = (uInt)n };
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_out = (unsigned char *)out;
	z.avail_out = (uInt)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	size_t size = z.total_out;
	deflateEnd(&z);
	return size;
}

static void expect_zipped(const char *path, const char *bytes, size_t size, const char *status,
			  const char *text)
{
	char head[256];
	int fd = client_open(http_server_port(server));
	snprintf(head, sizeof(head),
		 "POST %s HTTP/1.1\r\n" HEAD
		 "Content-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
		 path, size);
	client_put_text(fd, head);
	client_put(fd, bytes, size);
	char *reply = client_get(fd);
	if (strncmp(reply + 9, status, 3) != 0 || !strstr(reply, text))
		fail_msg("a zipped body of %zu bytes is answered with \"%s\"", size, reply);
	free(reply);
	close(fd);
}

/* As any other answer. The id in the answer goes to id. */
static void expect_problem(const char *text, const char *status, char id[33])
{
	char *reply = ask(text), line[64];
	snprintf(line, sizeof(line), "HTTP/1.1 %s ", status);
	assert_int_equal(strncmp(reply, line, strlen(line)), 0);
	assert_non_null(strstr(reply, "\r\nContent-Type: application/problem+json\r\n"));
	assert_non_null(strstr(reply, "\r\nX-Content-Type-Options: nosniff\r\n"));
	assert_non_null(strstr(reply, "\r\nConnection: close\r\n"));
	const char *header = strstr(reply, "\r\nRequest-Id: "), *body = strstr(reply, "\r\n\r\n");
	assert_non_null(header);
	assert_non_null(body);
	snprintf(id, 33, "%s", header + strlen("\r\nRequest-Id: "));
	assert_non_null(strstr(body, id));
	free(reply);
}

/* What libmicrohttpd would answer with a page of its own. */
static void test_refuses_a_chunk_with_an_endless_extension(void **state)
{
	enum { LONG = 40000 };
	char *text = calloc(1, LONG + 512);
	char id[33];
	(void)state;
	assert_non_null(text);
	int n = snprintf(text, 512,
			 "POST /echo HTTP/1.1\r\nHost: localhost\r\n"
			 "Transfer-Encoding: chunked\r\n\r\n5;");
	memset(text + n, 'a', LONG);
	expect_problem(text, "400", id);
	free(text);
}

static void test_a_refused_length_has_an_id_that_the_log_has_too(void **state)
{
	(void)state;
	char *log = NULL, ids[3][33], line[128];
	size_t size = 0;
	FILE *out = open_memstream(&log, &size);
	assert_non_null(out);
	start(&(struct http_settings){ .log = out });
	expect_problem("POST /echo HTTP/1.1\r\n" HEAD "Content-Length: -1\r\n\r\n", "400", ids[0]);
	expect_problem("POST /echo HTTP/1.1\r\n" HEAD
		       "Content-Length: 99999999999999999999\r\n\r\n",
		       "413", ids[1]);
	expect_problem("POST /echo HTTP/1.1\r\n" HEAD "Content-Length: 9999999\r\n\r\n", "413",
		       ids[2]);
	wait_for_no_request();
	assert_int_equal(counts_now().requests, 3);
	assert_int_equal(counts_now().by_status[4], 3);
	http_server_close(server);
	server = NULL;
	assert_int_equal(fclose(out), 0);
	for (size_t i = 0; i < 3; i++) {
		snprintf(line, sizeof(line), "request=%s ", ids[i]);
		const char *at = strstr(log, line);
		assert_non_null(at);
		assert_null(strstr(at + 1, line));
	}
	free(log);
}

static void test_unzips_bodies_within_the_limit(void **state)
{
	static char text[400000], zipped[10000];
	(void)state;
	memset(text, 'x', sizeof(text));
	size_t n = zip("hello", 5, zipped, sizeof(zipped));
	expect_zipped("/echo", zipped, n, "200", "\r\n\r\nhello");
	expect_zipped("/echo", zipped, n - 9, "400", "gzip");
	expect_zipped("/echo", "not gzip at all", 15, "400", "gzip");
	expect_zipped("/bare", "not gzip at all", 15, "200", "not gzip");
	n = zip(text, 100000, zipped, sizeof(zipped));
	expect_zipped("/echo", zipped, n, "200", "xxxx");
	n = zip(text, 100001, zipped, sizeof(zipped));
	expect_zipped("/echo", zipped, n, "413", "longer");
	n = zip(text, 400000, zipped, sizeof(zipped));
	expect_zipped("/count", zipped, n, "200", "400000 48000000");
	expect("POST /echo HTTP/1.1\r\n" HEAD "Content-Encoding: br\r\nContent-Length: 1\r\n\r\nx",
	       "415", "gzip");
}

static void test_streams_a_large_body(void **state)
{
	enum { SIZE = 5 << 20 };
	char head[128], expected[64];
	char *body = malloc(SIZE);
	(void)state;
	assert_non_null(body);
	size_t sum = 0;
	for (size_t i = 0; i < SIZE; i++)
		sum += (unsigned char)(body[i] = (char)(i * 7 + i / 1000));
	snprintf(expected, sizeof(expected), "\r\n\r\n%d %zu", SIZE, sum);
	static const char *const paths[] = { "/count", "/at-once" };
	for (size_t i = 0; i < 2; i++) {
		int fd = client_open(http_server_port(server));
		snprintf(head, sizeof(head),
			 "POST %s HTTP/1.1\r\n" HEAD "Content-Length: %d\r\n\r\n", paths[i], SIZE);
		client_put_text(fd, head);
		client_put(fd, body, SIZE);
		char *reply = client_get(fd);
		assert_non_null(strstr(reply, i == 0 ? expected : "HTTP/1.1 202 "));
		free(reply);
		close(fd);
	}
	free(body);
}

static void put_chunk(int fd)
{
	static const char bytes[0x8000];
	client_put_text(fd, "8000\r\n");
	client_put(fd, bytes, sizeof(bytes));
	client_put_text(fd, "\r\n");
}

static void test_cuts_off_chunks_without_end(void **state)
{
	(void)state;
	int fd = client_open(http_server_port(server));
	client_put_text(fd, "POST /echo HTTP/1.1\r\n" HEAD "Transfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 60; i++)
		put_chunk(fd);
	char *reply = client_get(fd);
	assert_null(strstr(reply, "HTTP/1.1 200"));
	free(reply);
	close(fd);
	/* One that ends in time gets its answer. */
	fd = client_open(http_server_port(server));
	client_put_text(fd, "POST /echo HTTP/1.1\r\n" HEAD "Transfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 10; i++)
		put_chunk(fd);
	client_put_text(fd, "0\r\n\r\n");
	reply = client_get(fd);
	assert_int_equal(strncmp(reply, "HTTP/1.1 413", 12), 0);
	free(reply);
	close(fd);
}

/* An answer that takes so many milliseconds at least: more is the machine's affair. */
static void expect_after(long long least_ms, const char *request, const char *text)
{
	long long start_ms = now_ms();
	expect(request, "200", text);
	assert_true(now_ms() - start_ms >= least_ms);
}

static void test_sends_answers_in_every_shape(void **state)
{
	(void)state;
	expect_after(200, "GET /shaped?delay=200 HTTP/1.1\r\n" HEAD "\r\n", "\r\n\r\n0123456789");
	expect_after(200, "GET /shaped?piece=2&every=50 HTTP/1.1\r\n" HEAD "\r\n",
		     "\r\n\r\n0123456789");
	char *reply = ask("GET /shaped?cut=4 HTTP/1.1\r\n" HEAD "\r\n");
	assert_non_null(strstr(reply, "Content-Length: 10\r\n"));
	assert_string_equal(strstr(reply, "\r\n\r\n") + 4, "0123");
	free(reply);
	long long start_ms = now_ms();
	reply = ask("GET /shaped?silent=1&delay=100 HTTP/1.1\r\n" HEAD "\r\n");
	assert_string_equal(reply, "");
	assert_true(now_ms() - start_ms >= 100);
	free(reply);
}

static void test_cuts_off_a_client_that_is_slow_with_its_body(void **state)
{
	(void)state;
	start(&(struct http_settings){ .head_seconds = 600, .stall_seconds = 1 });
	int fd = client_open(http_server_port(server));
	client_put_text(fd, "POST /echo HTTP/1.1\r\n" HEAD "Content-Length: 5\r\n\r\nhel");
	assert_true(client_is_closed(fd));
	close(fd);
	wait_for_no_request();
	assert_int_equal(counts_now().cut_slow, 1);
	assert_int_equal(counts_now().by_status[0], 1);
}

static void test_cuts_off_a_client_that_is_slow_with_its_head(void **state)
{
	(void)state;
	start(&(struct http_settings){ .head_seconds = 1, .stall_seconds = 600 });
	int fd = client_open(http_server_port(server));
	/* Each byte comes soon enough, but all of it does not. */
	long long end = now_ms() + PATIENCE_MS;
	while (now_ms() < end && send(fd, "G", 1, MSG_NOSIGNAL) == 1)
		sleep_ms(100);
	assert_true(client_is_closed(fd));
	close(fd);
	assert_int_equal(counts_now().cut_slow, 1);
	assert_int_equal(counts_now().requests, 0);
}

static void test_bounds_headers(void **state)
{
	(void)state;
	int fd = client_open(http_server_port(server));
	static char header[1 << 16];
	memset(header, 'x', sizeof(header));
	client_put_text(fd, "GET /rules/x HTTP/1.1\r\n" HEAD "X: ");
	for (int i = 0; i < 100; i++)
		client_put(fd, header, sizeof(header));
	char *reply = client_get(fd);
	assert_null(strstr(reply, " 200 "));
	free(reply);
	close(fd);
}

enum { CLIENTS = 40, ROUNDS = 25 };

/* Keep-alive, each answer its own. */
static void *ask_often(void *context)
{
	intptr_t me = (intptr_t)context, wrong = 0;
	int fd = client_open(http_server_port(server));
	for (int i = 0; i < ROUNDS; i++) {
		char text[256], own[32];
		snprintf(own, sizeof(own), "<%ld/%d>", (long)me, i);
		snprintf(text, sizeof(text),
			 "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: %zu\r\n\r\n%s",
			 strlen(own), own);
		client_put_text(fd, text);
		char reply[2048] = "";
		size_t used = 0;
		while (!strchr(reply, '>')) {
			ssize_t n = recv(fd, reply + used, sizeof(reply) - 1 - used, 0);
			if (n <= 0)
				break;
			used += (size_t)n;
			reply[used] = '\0';
		}
		wrong += !strstr(reply, own);
	}
	close(fd);
	return (void *)wrong;
}

static void test_mixes_up_no_answers(void **state)
{
	pthread_t threads[CLIENTS];
	(void)state;
	for (intptr_t i = 0; i < CLIENTS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_often, (void *)i), 0);
	for (size_t i = 0; i < CLIENTS; i++) {
		void *wrong;
		pthread_join(threads[i], &wrong);
		assert_null(wrong);
	}
	assert_int_equal(counts_now().requests, CLIENTS * ROUNDS);
}

/* A connection without a request is closed when the server begins to stop: only then is the request
 * that is in flight let go on. */
static void *release_at_the_end(void *context)
{
	int idle = *(const int *)context;
	free(client_get(idle));
	atomic_store(&released, true);
	return NULL;
}

static void test_answers_what_is_in_flight_at_the_end(void **state)
{
	pthread_t thread;
	(void)state;
	atomic_store(&released, false);
	int fd = client_open(http_server_port(server)),
	    idle = client_open(http_server_port(server));
	client_put_text(fd, "GET /waiting HTTP/1.1\r\nHost: localhost\r\n\r\n");
	client_put_text(idle, "GET /rules/x HTTP/1.1\r\nHost: localhost\r\n\r\n");
	free(client_get_until(idle, "/rules/x|x|"));
	wait_for_requests(2);
	assert_int_equal(pthread_create(&thread, NULL, release_at_the_end, &idle), 0);
	http_server_stop(server, PATIENCE_MS / 1000);
	pthread_join(thread, NULL);
	char *reply = client_get(fd);
	assert_non_null(strstr(reply, "\r\n\r\nreleased"));
	assert_non_null(strstr(reply, "Connection: close\r\n"));
	free(reply);
	close(fd);
	close(idle);
}

/* Not even the times that it gives clients are waited for. */
static void test_ends_although_clients_do_not(void **state)
{
	(void)state;
	start(&(struct http_settings){ .head_seconds = 600, .stall_seconds = 600 });
	int body = client_open(http_server_port(server)),
	    silent = client_open(http_server_port(server)),
	    large = client_open(http_server_port(server));
	client_put_text(body, "POST /echo HTTP/1.1\r\n" HEAD "Content-Length: 5\r\n\r\nhel");
	client_put_text(silent, "GET /shaped?silent=1&delay=600000 HTTP/1.1\r\n" HEAD "\r\n");
	client_put_text(large, "POST /count HTTP/1.1\r\n" HEAD "Content-Length: 1000000\r\n\r\n");
	static const char some[100000];
	client_put(large, some, sizeof(some));
	wait_for_requests(3);
	/* So that handlers are on their way, as a rule. */
	sleep_ms(100);
	long long start_ms = now_ms();
	http_server_stop(server, 0);
	assert_true(now_ms() - start_ms < PATIENCE_MS);
	close(body);
	close(silent);
	close(large);
}

static void test_speaks_on_a_socket_that_it_is_given(void **state)
{
	int pair[2];
	char why[HTTP_WHY];
	(void)state;
	assert_int_equal(
		http_server_open(&server, &(struct http_settings){ .routes = routes }, why), 0);
	assert_int_equal(http_server_start(server, why), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	assert_int_equal(http_server_add(server, pair[1]), 0);
	client_put_text(pair[0], "POST /echo HTTP/1.1\r\n" HEAD "Content-Length: 5\r\n\r\nhello");
	char *reply = client_get(pair[0]);
	assert_non_null(strstr(reply, "\r\n\r\nhello"));
	free(reply);
	close(pair[0]);
}

static void test_refuses_addresses_that_are_none(void **state)
{
	static const char *const wrong[] = { "",	   "8080",	    ":8080",
					     "127.0.0.1",  "localhost:x",   "127.0.0.1:70000",
					     "[::1:8080",  "::1:8080",	    "example.org:80",
					     "127.0.0.1:", "300.0.0.1:8080" };
	char why[HTTP_WHY];
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		why[0] = '\0';
		assert_int_equal(http_server_open(&server,
						  &(struct http_settings){ .listen = wrong[i] },
						  why),
				 -1);
		assert_true(why[0] != '\0');
	}
	assert_true(http_is_loopback("127.0.0.1:80") && http_is_loopback("[::1]:80") &&
		    http_is_loopback("localhost:80") && http_is_loopback("127.9.9.9:80"));
	assert_false(http_is_loopback("0.0.0.0:80") || http_is_loopback("[::]:80") ||
		     http_is_loopback("10.0.0.1:80"));
}

#define USUAL(test) cmocka_unit_test_setup_teardown(test, start_usual, end)
#define OWN(test)   cmocka_unit_test_setup_teardown(test, NULL, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		USUAL(test_finds_the_route_and_its_parts),
		USUAL(test_takes_every_form_of_a_target),
		USUAL(test_every_answer_has_strict_headers),
		USUAL(test_refuses_another_host_and_another_site),
		OWN(test_needs_the_token_where_there_is_one),
		USUAL(test_reads_bodies_of_every_framing),
		USUAL(test_says_100_continue_only_to_what_it_will_take),
		USUAL(test_refuses_framing_with_two_meanings),
		USUAL(test_refuses_a_head_that_was_not_read_whole),
		USUAL(test_refuses_a_target_that_is_no_url),
		USUAL(test_refuses_what_is_read_in_part),
		USUAL(test_ends_with_the_headers_after_a_body),
		USUAL(test_refuses_two_answers_to_one_question),
		USUAL(test_refuses_a_chunk_with_an_endless_extension),
		USUAL(test_refuses_a_length_once_beside_other_requests),
		OWN(test_a_refused_length_has_an_id_that_the_log_has_too),
		USUAL(test_unzips_bodies_within_the_limit),
		USUAL(test_streams_a_large_body),
		USUAL(test_cuts_off_chunks_without_end),
		USUAL(test_sends_answers_in_every_shape),
		OWN(test_cuts_off_a_client_that_is_slow_with_its_body),
		OWN(test_cuts_off_a_client_that_is_slow_with_its_head),
		USUAL(test_bounds_headers),
		USUAL(test_mixes_up_no_answers),
		USUAL(test_answers_what_is_in_flight_at_the_end),
		OWN(test_ends_although_clients_do_not),
		OWN(test_speaks_on_a_socket_that_it_is_given),
		OWN(test_refuses_addresses_that_are_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
