/* What `cpis inspect` shows for samples of every form, and what of their text may be read. */
#include "base/buf.h"
#include "cpis.h"
#include "run_cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SAMPLES	 "testcases/transport/"
#define FIXTURES "testcases/rules/"

static const struct cpis_options defaults = { .now = 1793491200 };

/* The tree as text: depth, name, and the id or what is said about it. */
struct tree {
	char text[8192];
	size_t n;
};

static void add_line(void *context, const struct cpis_layer *layer)
{
	struct tree *tree = context;
	int n = snprintf(tree->text + tree->n, sizeof(tree->text) - tree->n, "%zu %s%s%s\n",
			 layer->depth, layer->depth ? layer->name : "source",
			 layer->id ? " = " : "", layer->id ? layer->id : "");
	assert_true(n > 0 && tree->n + (size_t)n < sizeof(tree->text));
	tree->n += (size_t)n;
}

static enum cpis_verdict inspect(const char *path, struct tree *tree)
{
	struct cpis_failure failure;
	enum cpis_verdict verdict = CPIS_FAIL;
	*tree = (struct tree){ 0 };
	if (cpis_inspect(path, &defaults, add_line, tree, &verdict, &failure) != 0)
		fail_msg("%s: %s", path, failure.text);
	return verdict;
}

static void test_the_tree_shows_every_layer_with_its_ids(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		enum cpis_verdict verdict;
		const char *tree;
	} cases[] = {
		{ SAMPLES "itk-upload-compressed.xml", CPIS_PASS,
		  "0 source\n"
		  "1 document\n"
		  "2 itk = 72418008-B3F6-4556-9F9B-A12CF69955E5\n"
		  "3 payload 1 = uuid_0AD411BB-52DA-49AA-AC46-7EF1BF27267B\n"
		  "4 base64\n"
		  "5 compressed\n"
		  "6 document\n"
		  "7 REPC_MT000002GB01 = 44\n" },
		{ SAMPLES "query-ebxml-base64.mime", CPIS_PASS,
		  "0 source\n"
		  "1 mime\n"
		  "2 part 1 = [value #1]\n"
		  "3 document\n"
		  "4 ebxml\n"
		  "2 part 2 = [value #2]\n"
		  "3 base64\n"
		  "4 document\n"
		  "5 QUPC_IN000006GB01 = 9B139E9D-6D98-49BA-9CC8-D678A832C535\n" },
		{ SAMPLES "response-gzip-chunked.http", CPIS_PASS,
		  "0 source\n"
		  "1 http\n"
		  "2 gzip\n"
		  "3 document\n"
		  "4 soap = uuid:E6C62616-336E-4AA6-B595-EE0B8F2E0811\n"
		  "5 wrapper\n"
		  "6 REPC_IN000007GB01 = E6C62616-336E-4AA6-B595-EE0B8F2E0811\n" },
		{ FIXTURES "TRN-008/fail-encrypted-payload.xml", CPIS_INCOMPLETE,
		  "0 source\n"
		  "1 document\n"
		  "2 itk = 72418008-B3F6-4556-9F9B-A12CF69955E5\n"
		  "3 unopened\n" },
		{ FIXTURES "TRN-001/fail-fhir-in-json.xml", CPIS_PASS,
		  "0 source\n"
		  "1 no document\n" },
		{ FIXTURES "TRN-005/fail-gzip-cut.xml", CPIS_FAIL,
		  "0 source\n"
		  "1 gzip\n"
		  "2 TRN-005\n" },
		{ FIXTURES "TRN-007/pass-pair.xml", CPIS_PASS,
		  "0 source\n"
		  "1 tar\n"
		  "2 UPLOAD07.ctl\n"
		  "3 mesh\n"
		  "2 UPLOAD07.dat\n"
		  "3 mesh\n"
		  "4 document\n"
		  "5 REPC_MT000002GB01 = 43\n" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tree tree;
		assert_int_equal(inspect(cases[i].path, &tree), cases[i].verdict);
		assert_string_equal(tree.text, cases[i].tree);
	}
}

static void test_the_program_prints_the_tree_and_says_by_its_exit_what_it_saw(void **state)
{
	(void)state;
	struct said said = run_program("inspect " SAMPLES "query-request.http");
	assert_int_equal(said.exit_code, CPIS_EXIT_PASS);
	assert_non_null(strstr(said.out, "\n  http: POST [value #1] HTTP/1.1, at byte 0, "));
	assert_non_null(
		strstr(said.out, "\n        QUPC_IN000006GB01: CP-IS NHS Query interaction, id "));
	assert_string_equal(said.err, "");
	run_release(&said);
	said = run_program("inspect -q " SAMPLES "query-request.http");
	assert_int_equal(said.exit_code, CPIS_EXIT_PASS);
	assert_string_equal(said.out, "");
	run_release(&said);
	said = run_program("inspect " FIXTURES "TRN-008/fail-7-zip.xml");
	assert_int_equal(said.exit_code, CPIS_EXIT_INCOMPLETE);
	run_release(&said);
	said = run_program("inspect " FIXTURES "TRN-003/fail-not-closed.xml");
	assert_int_equal(said.exit_code, CPIS_EXIT_FAIL);
	run_release(&said);
	said = run_program("inspect");
	assert_int_equal(said.exit_code, CPIS_EXIT_USAGE);
	run_release(&said);
	said = run_program("inspect no-such-file");
	assert_int_equal(said.exit_code, CPIS_EXIT_USAGE);
	run_release(&said);
}

static void test_the_url_of_a_request_is_not_shown(void **state)
{
	(void)state;
	FILE *file = fopen(scratch_path("url.http"), "wb");
	assert_non_null(file);
	fputs("GET /patient?nhs=9993394130 HTTP/1.1\r\nHost: x\r\n\r\n", file);
	assert_int_equal(fclose(file), 0);
	struct said said = run_program("inspect @/url.http");
	assert_non_null(strstr(said.out, "http: GET [value #1] HTTP/1.1, "));
	assert_null(strstr(said.out, "9993394130"));
	run_release(&said);
	/* Short numbers side by side are one value. */
	static const char *const lines[][2] = {
		{ "POST 999 000 0018 HTTP/1.1", "http: POST [NHS number #1] HTTP/1.1, " },
		{ "HTTP/1.1 200 14 03 2018", "http: HTTP/1.1 200 [value #1], " },
		{ "HTTP/1.1 500 Internal Server Error",
		  "http: HTTP/1.1 500 Internal Server Error, " },
	};
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		file = fopen(scratch_path("url.http"), "wb");
		assert_non_null(file);
		fprintf(file, "%s\r\nContent-Length: 4\r\n\r\n<a/>", lines[i][0]);
		fclose(file);
		said = run_program("inspect @/url.http");
		if (!strstr(said.out, lines[i][1]))
			fail_msg("%s: %s", lines[i][0], said.out);
		run_release(&said);
	}
}

static void test_every_sample_passes_and_nothing_is_found_in_it(void **state)
{
	(void)state;
	struct found found = run_validate("--now 2026-11-01T00:00:00Z", SAMPLES);
	if (found.count)
		fail_msg("raised %s", found_text(&found));
	assert_int_equal(found.exit_code, CPIS_EXIT_PASS);
}

static void write_file(const char *name, const char *bytes, size_t n)
{
	FILE *file = fopen(scratch_path(name), "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

/* The count of messages that the program judges, by its options. */
static size_t judged(const char *operands, int exit_code)
{
	struct said said = run_program("validate --report json %s", operands);
	assert_int_equal(said.exit_code, exit_code);
	size_t count = 0;
	for (const char *at = said.out; (at = strstr(at, "\"source\": ")); at++)
		count++;
	run_release(&said);
	return count;
}

static void test_a_mesh_transfer_is_judged_once_by_either_of_its_files(void **state)
{
	(void)state;
	static const char encrypted[] =
		"<DTSControl><WorkflowId>W</WorkflowId><From_DTS>F</From_DTS>"
		"<To_DTS>T</To_DTS><Encrypted>Y</Encrypted><IsCompressed>Y</IsCompressed>"
		"</DTSControl>";
	static const char unread[] = "\x8a\x01\x02\xff\x80\x91 of a cipher";
	static const char report[] = "<DTSControl><MessageType>Report</MessageType></DTSControl>";
	size_t n, m;
	char *data = read_file(SAMPLES "UPLOAD07.dat", &n),
	     *control = read_file(SAMPLES "UPLOAD07.ctl", &m);
	write_file("A.DAT", data, n);
	write_file("A.CTL", control, m);
	write_file("B.dat", unread, sizeof(unread) - 1);
	write_file("B.ctl", encrypted, sizeof(encrypted) - 1);
	write_file("C.ctl", control, m);
	write_file("D.ctl", report, sizeof(report) - 1);
	assert_int_equal(judged("@/A.DAT", CPIS_EXIT_PASS), 1);
	assert_int_equal(judged("@/A.CTL", CPIS_EXIT_PASS), 1);
	assert_int_equal(judged("@/A.CTL @/A.DAT", CPIS_EXIT_PASS), 1);
	assert_int_equal(judged("@/B.dat", CPIS_EXIT_INCOMPLETE), 1);
	assert_int_equal(judged("@/B.ctl", CPIS_EXIT_INCOMPLETE), 1);
	assert_int_equal(judged("@/C.ctl", CPIS_EXIT_FAIL), 1);
	/* A report on a transfer has no data, and nothing in it is to be judged. */
	assert_int_equal(judged("@/D.ctl", CPIS_EXIT_USAGE), 0);
	free(data);
	free(control);
}

#define REPORT(status)                                                                             \
	"<DTSControl><MessageType>Report</MessageType><StatusRecord>" status                       \
	"</StatusRecord></DTSControl>"

static void write_text(const char *name, const char *text)
{
	write_file(name, text, strlen(text));
}

/* No profile makes a message of it. */
static void test_a_control_file_alone_never_passes(void **state)
{
	(void)state;
	write_text("E.ctl", REPORT("<Status>ERROR</Status>"));
	write_text("off.yaml", "profile: p\nrules:\n"
			       "  - {rule: TRN-039, severity: off, reason: a}\n");
	write_text("less.yaml", "profile: p\nrules:\n"
				"  - {rule: TRN-039, severity: warning, reason: a}\n");
	assert_int_equal(judged("@/E.ctl", CPIS_EXIT_FAIL), 1);
	assert_int_equal(judged("--profile @/off.yaml @/E.ctl", CPIS_EXIT_USAGE), 0);
	assert_int_equal(judged("--profile @/less.yaml @/E.ctl", CPIS_EXIT_USAGE), 0);
	assert_int_equal(judged("--fail-on warning --profile @/less.yaml @/E.ctl", CPIS_EXIT_FAIL),
			 1);
	assert_int_equal(judged("--as upload --profile @/off.yaml @/E.ctl", CPIS_EXIT_FAIL), 1);
}

/* The one beside its data does not have to be of the type that was asked for. Of what is wrong with
 * it, a profile hides what is off alone. */
static void test_a_control_file_beside_its_data_is_listed_with_what_it_has(void **state)
{
	(void)state;
	static const char control[] =
		"<DTSControl><WorkflowId>W</WorkflowId><From_DTS>F</From_DTS><To_DTS>T</To_DTS>"
		"<StatusRecord><Status>ERROR</Status></StatusRecord></DTSControl>";
	size_t n;
	char *data = read_file(SAMPLES "UPLOAD07.dat", &n);
	write_text("off.yaml", "profile: p\nrules:\n"
			       "  - {rule: TRN-039, severity: off, reason: a}\n");
	write_text("F.ctl", control);
	write_file("F.dat", data, n);
	free(data);
	assert_int_equal(judged("@/F.ctl", CPIS_EXIT_FAIL), 2);
	write_text("less.yaml", "profile: p\nrules:\n"
				"  - {rule: TRN-039, severity: info, reason: a}\n");
	assert_int_equal(judged("--as upload --profile @/off.yaml @/F.ctl", CPIS_EXIT_PASS), 1);
	assert_int_equal(judged("--as upload --profile @/less.yaml @/F.ctl", CPIS_EXIT_PASS), 2);
}

/* Fields that are repeated do not hide it. */
static void test_a_failure_after_a_success_counts(void **state)
{
	(void)state;
	write_text("once.yaml", "profile: p\nrules:\n"
				"  - {rule: TRN-045, severity: off, reason: a}\n");
	write_text("G.ctl", REPORT("<Status>SUCCESS</Status><Status>ERROR</Status>"));
	write_text("H.ctl", REPORT("<StatusCode>00</StatusCode><StatusCode>14</StatusCode>"));
	write_text("I.ctl", REPORT("<Status>SUCCESS</Status><Status>SUCCESS</Status>"));
	assert_int_equal(judged("--profile @/once.yaml @/G.ctl", CPIS_EXIT_FAIL), 1);
	assert_int_equal(judged("--profile @/once.yaml @/H.ctl", CPIS_EXIT_FAIL), 1);
	assert_int_equal(judged("--profile @/once.yaml @/I.ctl", CPIS_EXIT_USAGE), 0);
}

/* The sample log with a text in place of another, as a file of its own. */
static struct found judged_with(const char *from, const char *to)
{
	size_t n;
	char *text = read_file(SAMPLES "exchange.log", &n);
	char *at = memmem(text, n, from, strlen(from));
	assert_non_null(at);
	assert_int_equal(strlen(from), strlen(to));
	for (size_t i = 0; to[i]; i++)
		at[i] = to[i];
	write_file("exchange.log", text, n);
	free(text);
	return run_validate("--now 2026-11-01T00:00:00Z", scratch_path("exchange.log"));
}

static void test_a_reply_in_a_log_is_judged_as_the_answer_to_its_request(void **state)
{
	(void)state;
	struct found found = judged_with("RelatesTo>uuid:9551317F", "RelatesTo>uuid:00000000");
	assert_true(found_rule(&found, "PAIR-006"));
	found = judged_with("END REQUEST", "--- ENDED -");
	assert_int_equal(found.exit_code, CPIS_EXIT_FAIL);
	found = judged_with("TIME: 2026", "LATE: 2026");
	assert_true(found_rule(&found, "TRN-008"));
	found = judged_with("END REQUEST", "END MESSAGE");
	assert_int_equal(found.count, 0);
	found = judged_with("HTTP/1.1 200 OK", "HTTP/1.1 503 No");
	assert_true(found_rule(&found, "TRN-034"));
}

#define MESSAGES "testcases/messages/"

/* Two samples as one file: each with a text before the end tag of its root, and a text between. */
static void write_two(const char *name, const char *in_each, const char *between)
{
	static const char *const paths[] = { MESSAGES "itk-soap-query.xml",
					     MESSAGES "itk-soap-response.xml" };
	static const char end[] = "</soap:Envelope>";
	struct buf text;
	buf_init(&text, 1024 * 1024);
	for (size_t i = 0; i < 2; i++) {
		size_t n;
		char *sample = read_file(paths[i], &n);
		char *at = strstr(sample, end);
		assert_non_null(at);
		buf_str(&text, (struct str){ sample, (size_t)(at - sample) });
		buf_text(&text, in_each);
		buf_str(&text, str_of(at));
		buf_text(&text, i == 0 ? between : "");
		free(sample);
	}
	write_file(name, buf_view(&text).p, text.n);
	buf_release(&text);
}

/* What a comment quotes belongs to its document, and not to the log around it. */
static void test_a_line_in_a_document_is_not_the_logs(void **state)
{
	(void)state;
	static const char *const quoted[] = {
		"<!-- from our test plan:\n     END REQUEST\n-->",
		"<!-- as it was:\nTIME: 08:30:17\nCause: no manifest\n-->",
		"<!-- END MESSAGE\n\n<?xml version='1.0'?> -->",
		"<!--\nEND MESSAGE\n--><!-- ends with\n</soap:Envelope>\n\n<soap:Envelope -->",
	};
	static const char *const between[] = { "\nEND REQUEST\n", "\n\n" };
	for (size_t i = 0; i < sizeof(quoted) / sizeof(quoted[0]); i++)
		for (size_t k = 0; k < 2; k++) {
			write_two("quoted.dat", quoted[i], between[k]);
			assert_int_equal(judged("--now 2026-11-01 @/quoted.dat", CPIS_EXIT_PASS),
					 2);
		}
}

/* Nor is what a long comment before the root quotes. */
static void test_a_line_before_the_root_is_not_the_logs(void **state)
{
	(void)state;
	size_t n;
	char *message = read_file(MESSAGES "itk-soap-query.xml", &n);
	const char *const root = strstr(message, "<soap:Envelope");
	struct buf text;
	buf_init(&text, 1024 * 1024);
	for (size_t i = 0; i < 2; i++) {
		buf_text(&text, "<!--\n");
		for (size_t k = 0; k < 1000; k++)
			buf_text(&text, "from our plan ");
		buf_printf(&text, "\n\nEND MESSAGE\n-->\n%s\nEND REQUEST\n", root);
	}
	write_file("before.dat", buf_view(&text).p, text.n);
	buf_release(&text);
	free(message);
	assert_int_equal(judged("--now 2026-11-01 @/before.dat", CPIS_EXIT_PASS), 2);
}

/* Where a document is cut short, the lines after it are all that ends it. */
static void test_what_is_cut_short_does_not_swallow_the_next_message(void **state)
{
	(void)state;
	static const char *const broken[] = { "<a>", "<a", "<!--", "<a b=\"", "<a>\n<a>" };
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		char between[64];
		snprintf(between, sizeof(between), "\n%s\nEND REQUEST\n", broken[i]);
		write_two("broken.dat", "", between);
		assert_int_equal(judged("--now 2026-11-01 @/broken.dat", CPIS_EXIT_FAIL), 2);
	}
}

#define POST                                                                                       \
	"POST /itk HTTP/1.1\nHost: a\nContent-Type: text/xml\n"                                    \
	"SOAPAction: \"urn:nhs-itk:services:201005:sendRecvDistEnvelope\"\n\n"
#define REFUSED "HTTP/1.1 502 Bad Gateway\nContent-Type: text/html\n\n"

/* A page, or what is left of one, as it comes between messages: of HTML, few are well-formed. */
static const char *const pages[] = {
	"<html>\n<body>\n<hr><center>proxy</center>\n</body>\n</html>",
	"<html>\n<body>\n<hr/>\n</body>\n</html>",
	"<html>\nThe page was not found.</p>\n</html>",
	"<html>\n<body>One<br>two\n</body>\n</html>",
	"<html>\n<p>One\n<p>Two\n</html>",
	"<ul>\n<li>One\n<li>Two\n</ul>",
	"</li>\n</ul>",
	"<html>\n<script>\nif (a < b && c<d) e();\n</script>\n</html>",
	"<html>\n<script>a<b</script>\n</html>",
	"<html>\n<body>\ncut short",
	"</body>\n</html>",
	"<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\">\n<Body>\n",
	"</Body>\n</Envelope>",
	"<html>\n<!-- cut short",
	"--></html>",
	"<html>\n<!-- one of its own --></html>",
	"<html>\n<script>//<![CDATA[\ncut",
	"]]></script></html>",
	"<html>\n<script>//<![CDATA[\na\n//]]></script></html>",
	"<html/>\n<!-- padding, to disable a friendly error page -->",
	"<?php cut",
	"?>",
	"<html lang=\"",
	"\"/>",
};
enum { PAGES = sizeof(pages) / sizeof(pages[0]) };

/* A message with ITK-004 alone, before, between and after two pages. */
static void write_around_pages(const char *name, const char *head, const char *message,
			       const char *page_head, const char *end, const char *const two[2])
{
	struct buf text;
	buf_init(&text, 1024 * 1024);
	for (size_t i = 0; i < 3; i++) {
		buf_printf(&text, "%s%s%s", head, message, end);
		if (i < 2)
			buf_printf(&text, "%s%s\n%s", page_head, two[i], end);
	}
	write_file(name, buf_view(&text).p, text.n);
	buf_release(&text);
}

static size_t times_itk_004(const char *operands)
{
	size_t times = 0;
	struct said said = run_program("validate --now 2026-11-01 --report json %s", operands);
	for (const char *at = said.out; (at = strstr(at, "\"rule\": \"ITK-004\"")); at++)
		times++;
	run_release(&said);
	return times;
}

/* A well-formed page that quotes a line of HTTP is one page all the same. */
static void test_a_page_may_quote_a_line_of_http(void **state)
{
	(void)state;
	static const char *const quoted[] = { "HTTP/1.1 502 Bad Gateway\n",
					      "GET /a HTTP/1.1\nHost: b\n" };
	static const char *const around[][2] = { { "<pre>\n", "</pre>" }, { "<!--\n", "-->" } };
	size_t n;
	char *message = read_file(MESSAGES "itk-soap-query.xml", &n), page[256];
	for (size_t i = 0; i < 4; i++) {
		snprintf(page, sizeof(page), "<html>\n%s%s%s\n</html>", around[i / 2][0],
			 quoted[i % 2], around[i / 2][1]);
		write_around_pages("quoted.http", POST, strstr(message, "<soap:Envelope"), REFUSED,
				   "\n", (const char *const[]){ page, page });
		assert_int_equal(judged("--now 2026-11-01 @/quoted.http", CPIS_EXIT_PASS), 3);
	}
	free(message);
}

/* Whatever pages are around it, a message is judged. */
static void test_no_page_swallows_a_message(void **state)
{
	(void)state;
	size_t n;
	char *message = read_file(MESSAGES "itk-soap-query.xml", &n), name[64];
	char *count = strstr(message, "<itk:payloads count=\"1\"");
	assert_non_null(count);
	count[strlen("<itk:payloads count=\"")] = '7';
	/* Without a declaration, which no document may have inside. */
	const char *const root = strstr(message, "<soap:Envelope");
	for (size_t i = 0; i < PAGES * PAGES; i++) {
		const char *two[] = { pages[i / PAGES], pages[i % PAGES] };
		snprintf(name, sizeof(name), "page%zu.http", i);
		write_around_pages(name, "POST /itk HTTP/1.1\nHost: a\nContent-Type: text/xml\n\n",
				   root, "HTTP/1.1 502 Bad Gateway\nContent-Type: text/html\n\n",
				   "\n", two);
		snprintf(name, sizeof(name), "page%zu.log", i);
		write_around_pages(name, "", root, "", "\nEND REQUEST\n", two);
	}
	free(message);
	assert_int_equal(times_itk_004("@/page*.http"), 3 * PAGES * PAGES);
	assert_int_equal(times_itk_004("@/page*.log"), 3 * PAGES * PAGES);
}

/* Where the first finding is, of the file as it is or with another line end, as the report has it.
 */
static void first_place(const char *path, const char *line_end, char place[64])
{
	size_t n;
	char *bytes = read_file(path, &n);
	struct buf text;
	buf_init(&text, 1024 * 1024);
	for (size_t i = 0; i < n; i++)
		if (bytes[i] == '\n')
			buf_text(&text, line_end);
		else
			buf_char(&text, bytes[i]);
	write_file("ends.xml", buf_view(&text).p, text.n);
	buf_release(&text);
	free(bytes);
	struct said said = run_program("validate --now 2026-11-01 --report json @/ends.xml");
	const char *at = strstr(said.out, "\"line\": ");
	assert_non_null(at);
	snprintf(place, 64, "%.40s", at);
	run_release(&said);
}

static void test_a_finding_has_its_place_whatever_the_line_ends_are(void **state)
{
	(void)state;
	static const char *const paths[] = {
		FIXTURES "TRN-004/fail-padding-inside.xml",
		FIXTURES "TRN-004/fail-strange-character.xml",
		FIXTURES "UPL-022/fail-indented.xml",
		FIXTURES "ITK-024/fail-white-space.xml",
	};
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char place[64], same[64];
		first_place(paths[i], "\n", place);
		first_place(paths[i], "\r\n", same);
		assert_string_equal(same, place);
		first_place(paths[i], "\r", same);
		assert_string_equal(same, place);
	}
}

/* A thousand documents that no tag ends are looked through once each, and not to the end. */
static void test_many_documents_without_an_end_take_no_longer(void **state)
{
	(void)state;
	enum { MANY = 9000, PADDING = 3000 };
	static const char *const starts[] = { "<a>", "<!--", "<a b='" };
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		struct buf text;
		buf_init(&text, 64 * 1024 * 1024);
		for (size_t k = 0; k < MANY; k++) {
			buf_text(&text, starts[i]);
			for (size_t n = 0; n < PADDING; n += 10)
				buf_text(&text, " <b>1</b>\n");
			buf_text(&text, "END REQUEST\n");
		}
		write_file("many.dat", buf_view(&text).p, text.n);
		buf_release(&text);
		struct said said = run_program("validate --report json @/many.dat >/dev/null");
		assert_int_equal(said.exit_code, CPIS_EXIT_FAIL);
		assert_true(said.processor_seconds < 30);
		run_release(&said);
	}
}

static void test_limits_are_options_and_say_their_names(void **state)
{
	(void)state;
	static const char *const options[] = { "--max-decoded 1k", "--max-parts 1",
					       "--max-layers 1" };
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		struct said said = run_program("validate %s " SAMPLES "october.tar.gz", options[i]);
		assert_int_equal(said.exit_code, CPIS_EXIT_INCOMPLETE);
		assert_non_null(strstr(said.out, "[TRN-008]"));
		run_release(&said);
	}
}

/* What takes the place of part of a good upload, and the line of that in the masked text. */
static const struct {
	const char *was, *now, *line;
} plants[] = {
	{ "<given>Zoë</given>", "<given>Zoë</given>", "\t<given>•••</given>\n" },
	{ "<given>Zoë<", "<given name=\"Zoë\">x<", "\t<given name=\"•••\">•</given>\n" },
	{ "<given>Zoë<", "<given nullFlavor=\"Zoë\">x<",
	  "\t<given nullFlavor=\"•••\">•</given>\n" },
	{ "<given>Zoë<", "<given Zoë <", "\t<given ••• </given>\n" },
	{ "<given>Zoë<", "<given><![CDATA[Zoë]]><", "\t<given><![CDATA[•••]]></given>\n" },
	{ "<given>Zoë<", "<!-- Zoë --><given>x<", "\t<!-- ••• --><given>•</given>\n" },
	{ "?>\n", "?>\n<?note Zoë 9996184978?>\n", "?>\n<?•••• ••• ••••••••••?>\n" },
	{ "extension=\"9996184978\"", "extension=9996184978", "extension=••••••••••/>\n" },
	{ "extension=\"9996184978\"", "use=\"9996184978\"", "\" use=\"••••••••••\"/>\n" },
	{ "<birthTime value", "<birthTime value", "\t<birthTime value=\"••••••••\"/>\n" },
	{ "<birthTime value=\"20180314\"/>", "<birthTime><value value=\"20180314\"/></birthTime>",
	  "\t<birthTime><value value=\"••••••••\"/></birthTime>\n" },
	{ "<birthTime value=\"20180314\"/>", "<value value=\"9996184978\"/>",
	  "\t<value value=\"••••••••••\"/>\n" },
	/* What identifies no one stays. */
	{ "?>\n", "?>\n",
	  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<File xmlns=\"urn:hl7-org:v3\"" },
	{ "?>\n", "?>\n", "\t<creationTime value=\"20261019080003+0100\"/>\n" },
	{ "?>\n", "?>\n", "\t<id root=\"2.16.840.1.113883.2.1.3.2.4.19.1\" extension=\"9X1\"/>\n" },
};

static char *mask(const struct cpis_options *options, const char *text, size_t size)
{
	struct cpis_failure failure;
	const struct cpis_bytes source = { "a.xml", text, size };
	char *out = NULL;
	size_t n = 0;
	if (cpis_mask_bytes(&source, options, &out, &n, &failure) != 0)
		fail_msg("%s", failure.text);
	assert_int_equal(strlen(out), n);
	return out;
}

static void assert_holds(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in: %s", part, text);
}

static void test_personal_values_are_masked_in_a_text_wherever_they_are(void **state)
{
	(void)state;
	static const char *const personal[] = { "Zo", "9996184978", "20180314", "Brannigan" };
	char *upload = read_file("testcases/messages/upload-one.xml", NULL);
	for (size_t i = 0; i < sizeof(plants) / sizeof(plants[0]); i++) {
		char text[8192];
		const char *at = strstr(upload, plants[i].was);
		assert_non_null(at);
		int n = snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - upload), upload,
				 plants[i].now, at + strlen(plants[i].was));
		assert_true(n > 0 && (size_t)n < sizeof(text));
		char *masked = mask(&defaults, text, (size_t)n);
		assert_holds(masked, plants[i].line);
		for (size_t k = 0; k < sizeof(personal) / sizeof(personal[0]); k++)
			if (strstr(masked, personal[k]))
				fail_msg("%s can be read after: %s", personal[k], plants[i].now);
		cpis_free(masked);
	}
	free(upload);
}

static void test_documents_are_masked_where_they_lie_and_lines_stay(void **state)
{
	(void)state;
	struct cpis_options shown = defaults;
	char *exchange = read_file(SAMPLES "request-and-response.http", NULL);
	char *masked = mask(&defaults, exchange, strlen(exchange));
	shown.show_values = 1;
	char *plain = mask(&shown, exchange, strlen(exchange));
	assert_string_equal(plain, exchange);
	assert_holds(masked, "\nContent-Length: ••••\r\n");
	assert_holds(masked, "<wsa:Action>urn:nhs:names:services:cpisquery/QUPC_IN000006GB01<");
	const char *a = exchange, *b = masked;
	for (; *a && *b; a++, b++) {
		a += strcspn(a, "\n");
		b += strcspn(b, "\n");
		assert_int_equal(*a, *b);
	}
	assert_int_equal(*a, *b);
	cpis_free(masked);
	cpis_free(plain);
	free(exchange);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_tree_shows_every_layer_with_its_ids),
		cmocka_unit_test(test_the_program_prints_the_tree_and_says_by_its_exit_what_it_saw),
		cmocka_unit_test(test_the_url_of_a_request_is_not_shown),
		cmocka_unit_test(test_every_sample_passes_and_nothing_is_found_in_it),
		cmocka_unit_test(test_a_mesh_transfer_is_judged_once_by_either_of_its_files),
		cmocka_unit_test(test_a_control_file_alone_never_passes),
		cmocka_unit_test(test_a_control_file_beside_its_data_is_listed_with_what_it_has),
		cmocka_unit_test(test_a_failure_after_a_success_counts),
		cmocka_unit_test(test_a_reply_in_a_log_is_judged_as_the_answer_to_its_request),
		cmocka_unit_test(test_a_line_in_a_document_is_not_the_logs),
		cmocka_unit_test(test_a_line_before_the_root_is_not_the_logs),
		cmocka_unit_test(test_what_is_cut_short_does_not_swallow_the_next_message),
		cmocka_unit_test(test_a_page_may_quote_a_line_of_http),
		cmocka_unit_test(test_no_page_swallows_a_message),
		cmocka_unit_test(test_a_finding_has_its_place_whatever_the_line_ends_are),
		cmocka_unit_test(test_many_documents_without_an_end_take_no_longer),
		cmocka_unit_test(test_limits_are_options_and_say_their_names),
		cmocka_unit_test(test_personal_values_are_masked_in_a_text_wherever_they_are),
		cmocka_unit_test(test_documents_are_masked_where_they_lie_and_lines_stay),
	};
	return cmocka_run_group_tests_name("inspect", tests, NULL, NULL);
}
