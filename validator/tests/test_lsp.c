/* cpis lsp: what an editor says, and what it is answered. A real client is in scripts/check-lsp. */
#include "cpis.h"
#include "run_cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define GOOD "testcases/messages/upload-one.xml"
#define URI  "file:///messages/upload.xml"

/* What is said to the server, one message after another. */
static FILE *script;

static void start(void)
{
	script = fopen(scratch_path("script"), "wb");
	assert_non_null(script);
}

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
	char *body = NULL;
	va_list args;
	va_start(args, format);
	assert_true(vasprintf(&body, format, args) >= 0);
	va_end(args);
	assert_true(fprintf(script, "Content-Length: %zu\r\n\r\n%s", strlen(body), body) > 0);
	free(body);
}

static struct said finish_in(const char *folder)
{
	char input[512];
	assert_int_equal(fclose(script), 0);
	snprintf(input, sizeof(input), "%s", scratch_path("script"));
	return run_program("lsp %s <%s", folder, input);
}

static struct said finish(void)
{
	return finish_in("");
}

static void say_hello(void)
{
	say("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{}}");
	say("{\"jsonrpc\":\"2.0\",\"method\":\"initialized\",\"params\":{}}");
}

static void say_goodbye(void)
{
	say("{\"jsonrpc\":\"2.0\",\"id\":99,\"method\":\"shutdown\"}");
	say("{\"jsonrpc\":\"2.0\",\"method\":\"exit\"}");
}

/* A text as a string of JSON; for free(). */
static char *quoted(const char *text)
{
	char *made = malloc(2 * strlen(text) + 1), *to = made;
	assert_non_null(made);
	for (; *text; text++) {
		if (*text == '\n') {
			*to++ = '\\';
			*to++ = 'n';
			continue;
		}
		if (*text == '\t') {
			*to++ = '\\';
			*to++ = 't';
			continue;
		}
		if (*text == '"' || *text == '\\')
			*to++ = '\\';
		*to++ = *text;
	}
	*to = '\0';
	return made;
}

static void open_text(const char *uri, const char *text)
{
	char *body = quoted(text);
	say("{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/didOpen\",\"params\":{\"textDocument\":"
	    "{\"uri\":\"%s\",\"languageId\":\"xml\",\"version\":1,\"text\":\"%s\"}}}",
	    uri, body);
	free(body);
}

static void change_text(int line, int from, int until, const char *text)
{
	say("{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/didChange\",\"params\":{"
	    "\"textDocument\":{\"uri\":\"" URI "\",\"version\":2},\"contentChanges\":[{\"range\":{"
	    "\"start\":{\"line\":%d,\"character\":%d},\"end\":{\"line\":%d,\"character\":%d}},"
	    "\"text\":\"%s\"}]}}",
	    line, from, line, until, text);
}

static void ask(int id, const char *method, const char *uri, int line, int character)
{
	say("{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"textDocument/%s\",\"params\":{"
	    "\"textDocument\":{\"uri\":\"%s\"},\"position\":{\"line\":%d,\"character\":%d},"
	    "\"range\":{\"start\":{\"line\":%d,\"character\":%d},\"end\":{\"line\":%d,"
	    "\"character\":%d}},\"context\":{\"diagnostics\":[]}}}",
	    id, method, uri, line, character, line, character, line, character);
}

static void assert_says(const struct said *said, const char *text)
{
	if (!strstr(said->out, text))
		fail_msg("it does not say %s\n%s", text, said->out);
}

/* The good message on few lines that are known. */
static char *good(void)
{
	char *text = read_file(GOOD, NULL);
	assert_non_null(strstr(text, "\t<transmissionQuantity value=\"1\"/>\n"));
	return text;
}

/* The line, from 0, that a text is on. */
static int line_of(const char *text, const char *what)
{
	const char *found = strstr(text, what);
	int line = 0;
	assert_non_null(found);
	for (const char *p = text; p < found; p++)
		line += *p == '\n';
	return line;
}

static void test_a_wrong_value_is_found_and_its_fix_accepted(void **state)
{
	(void)state;
	char *text = good(), expected[256];
	int line = line_of(text, "<transmissionQuantity");
	start();
	say_hello();
	open_text(URI, text);
	change_text(line, 30, 31, "7");
	ask(2, "hover", URI, line, 30);
	ask(3, "codeAction", URI, line, 30);
	change_text(line, 30, 31, "1");
	say_goodbye();
	struct said said = finish();
	assert_int_equal(said.exit_code, 0);
	assert_says(&said, "\"positionEncoding\":\"utf-16\"");
	snprintf(expected, sizeof(expected),
		 "\"version\":2,\"diagnostics\":[{\"range\":{\"start\":{\"line\":%d,\"character\":"
		 "30},"
		 "\"end\":{\"line\":%d,\"character\":31}},\"severity\":1,\"source\":\"cpis\"",
		 line, line);
	assert_says(&said, expected);
	assert_says(&said, "\"code\":\"UPL-001\"");
	assert_says(&said, "\"id\":2,\"result\":{\"contents\":{\"kind\":\"markdown\"");
	assert_says(&said,
		    "\"title\":\"Fix UPL-001: count as it is; warning: a record may be missing");
	assert_says(&said, "\"newText\":\"1\"");
	/* A record may be lost: no editor may change the count before a person has looked. */
	assert_null(strstr(said.out, "isPreferred"));
	assert_null(strstr(said.out, "\"kind\":\"source.fixAll\""));
	assert_says(&said, "Accept this UPL-001 in cpis-baseline.yaml");
	assert_says(&said, "\"version\":2,\"diagnostics\":[]");
	run_release(&said);
	free(text);
}

/* With a count beside it that stays as it is. */
static void test_what_is_certain_is_fixed_at_once(void **state)
{
	(void)state;
	char *text = good();
	const char *offset = strstr(text, "+0100\"");
	assert_non_null(offset);
	const char *from = offset;
	while (from[-1] != '\n')
		from--;
	int column = (int)(offset - from), line = line_of(text, "+0100\"");
	int count = line_of(text, "<transmissionQuantity");
	start();
	say_hello();
	open_text(URI, text);
	change_text(count, 30, 31, "7");
	change_text(line, column + 3, column + 5, "");
	ask(2, "codeAction", URI, line, column);
	say_goodbye();
	struct said said = finish();
	assert_says(&said, "\"title\":\"Fix DAT-013");
	assert_says(&said, "\"isPreferred\":true");
	const char *all = strstr(said.out, "\"Fix everything that is certain\"");
	assert_non_null(all);
	assert_non_null(strstr(all, "+0100"));
	assert_null(strstr(all, "\"newText\":\"1\""));
	run_release(&said);
	free(text);
}

/* An upload in a folder of its own, with a wrong count. */
static void open_wrong(const char *folder, const char *name)
{
	char uri[600], *text = good();
	snprintf(uri, sizeof(uri), "file://%s/messages/%s", folder, name);
	int line = line_of(text, "<transmissionQuantity");
	strstr(text, "<transmissionQuantity value=\"1")[29] = '7';
	open_text(uri, text);
	ask(line, "codeAction", uri, line, 30);
	free(text);
}

static void write_in(const char *folder, const char *name, const char *text)
{
	char path[600];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void make_folder(char folder[512], const char *name)
{
	snprintf(folder, 512, "%s", scratch_path(name));
	assert_int_equal(mkdir(folder, 0777), 0);
}

/* Of one message, as a run in the folder names it; and said what makes it count. */
static void test_a_finding_is_accepted_in_one_message(void **state)
{
	(void)state;
	char folder[512], expected[700];
	make_folder(folder, "plain");
	start();
	say_hello();
	open_wrong(folder, "it's 100% \xc3\xa9.xml");
	open_text("untitled:1", "<a/>");
	say_goodbye();
	struct said said = finish_in(folder);
	assert_int_equal(said.exit_code, 0);
	snprintf(expected, sizeof(expected),
		 "{\"kind\":\"create\",\"uri\":\"file://%s/"
		 "cpis-baseline.yaml\"",
		 folder);
	assert_says(&said, expected);
	assert_says(&said, "Accept this UPL-001 in cpis-baseline.yaml (not in use: cpis.yaml must "
			   "name it as baseline)");
	assert_says(&said, "- rule: UPL-001\\n  path: \\\"/File/transmissionQuantity/@value\\\"\\n"
			   "  message: \\\"messages/it's 100% \xc3\xa9.xml\\\"\\n  reason: ");
	run_release(&said);
}

/* The other message has the same finding at the same path. */
static void test_what_the_baseline_accepts_is_information(void **state)
{
	(void)state;
	char folder[512], uri[600], expected[700];
	make_folder(folder, "known");
	write_in(folder, "cpis.yaml", "baseline: known.yaml\n");
	write_in(folder, "known.yaml",
		 "- rule: UPL-001\n  path: \"/File/transmissionQuantity/@value\"\n"
		 "  message: \"messages/a.xml\"\n  reason: a twin is late\n");
	start();
	say_hello();
	open_wrong(folder, "a.xml");
	open_wrong(folder, "b.xml");
	snprintf(uri, sizeof(uri), "file://%s/cpis.yaml", folder);
	open_text(uri, "baseline: known.yaml\n");
	say("{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/didSave\",\"params\":{"
	    "\"textDocument\":{\"uri\":\"%s\"}}}",
	    uri);
	say_goodbye();
	struct said said = finish_in(folder);
	assert_int_equal(said.exit_code, 0);
	assert_says(&said,
		    "\"severity\":3,\"source\":\"cpis\",\"message\":\"Accepted: a twin is late\\n");
	assert_says(&said,
		    "\"severity\":1,\"source\":\"cpis\",\"message\":\"transmissionQuantity is 7");
	assert_says(&said, "\"title\":\"Accept this UPL-001 in known.yaml\"");
	snprintf(expected, sizeof(expected), "\"uri\":\"file://%s/known.yaml\"", folder);
	assert_says(&said, expected);
	assert_null(strstr(said.out, "messages/a.xml\\\""));
	assert_says(&said, "messages/b.xml\\\"");
	/* What is saved may accept more, or less. */
	const char *first = strstr(said.out, "Accepted: a twin");
	assert_non_null(strstr(first + 1, "Accepted: a twin"));
	run_release(&said);
}

static void test_a_baseline_that_cannot_be_read_is_said_to_be(void **state)
{
	(void)state;
	char folder[512];
	make_folder(folder, "broken");
	write_in(folder, "cpis.yaml", "baseline: known.yaml\n");
	start();
	say_hello();
	open_wrong(folder, "a.xml");
	say_goodbye();
	struct said said = finish_in(folder);
	assert_says(&said, "the baseline known.yaml is not used: ");
	assert_says(&said, "\"code\":\"UPL-001\"");
	run_release(&said);
}

/* A character outside of the basic plane is two units of UTF-16. */
static void test_places_are_in_units_of_utf_16(void **state)
{
	(void)state;
	char *text = good(), expected[128];
	int line = line_of(text, "<transmissionQuantity");
	start();
	say_hello();
	open_text(URI, text);
	change_text(line, 1, 1, "<!-- \\ud83d\\ude00 \xc3\xa9 -->");
	change_text(line, 43, 44, "7");
	say_goodbye();
	struct said said = finish();
	assert_int_equal(said.exit_code, 0);
	snprintf(expected, sizeof(expected), "\"start\":{\"line\":%d,\"character\":43}", line);
	assert_says(&said, expected);
	assert_says(&said, "\"code\":\"UPL-001\"");
	run_release(&said);
	free(text);
}

static void test_values_elements_and_layers_are_known(void **state)
{
	(void)state;
	char *text = good();
	int line = line_of(text, "use=\"EC\"");
	const char *at = strstr(text, "use=\"EC\"");
	const char *before = at;
	while (before[-1] != '\n')
		before--;
	start();
	say_hello();
	open_text(URI, text);
	ask(2, "completion", URI, line, (int)(at - before) + 5);
	ask(3, "documentSymbol", URI, 0, 0);
	ask(4, "codeAction", URI, line_of(text, "2.16.840.1.113883.2.1.4.1"), 60);
	say_goodbye();
	struct said said = finish();
	assert_says(&said, "\"label\":\"WP\"");
	assert_says(&said, "\"name\":\"REPC_MT000002GB01\"");
	assert_says(&said, "\"name\":\"record 1\"");
	run_release(&said);
	free(text);
}

/* Each on a line of its own, the cursor in the value. */
static void test_a_masked_value_keeps_its_form(void **state)
{
	(void)state;
	static const char text[] =
		"<a xmlns=\"urn:hl7-org:v3\">\n"
		"<b>O'Neil &amp; S&#xF8;n</b>\n"
		"<telecom value=\"tel:01632960114\"/>\n"
		"<birthTime value=\"20180314\"/>\n"
		"<id extension=\"9993000000\"/>\n"
		"<id extension=\"9996001234\"/>\n"
		"<id extension=\"9990000018\"/>\n"
		"<p>PEZpbGUgeG1sbnM9InVybjpobDctb3JnOnYzIj48aWQgZXh0ZW5zaW9uPSI0MiIvPg==</p>\n"
		"<id root=\"2.16.840.1.113883\"/>\n"
		"</a>\n";
	start();
	say_hello();
	open_text(URI, text);
	for (int line = 1; line <= 3; line++)
		ask(20 + line, "codeAction", URI, line, line == 1 ? 4 : 20);
	ask(24, "codeAction", URI, 4, 18);
	ask(25, "codeAction", URI, 6, 18);
	ask(31, "codeAction", URI, 7, 9);
	ask(32, "codeAction", URI, 8, 14);
	ask(33, "codeAction", URI, 0, 14);
	say_goodbye();
	struct said said = finish();
	assert_says(&said, "\"newText\":\"X'XXXX &amp; X"
			   "XX\"");
	assert_says(&said, "\"newText\":\"tel:00000000000\"");
	assert_says(&said, "\"newText\":\"20180101\"");
	/* 9990000018 is there already, so neither of the two becomes it. */
	assert_null(strstr(said.out, "\"newText\":\"9990000018\""));
	assert_says(&said, "\"newText\":\"9990000026\"");
	assert_null(strstr(said.out, "newText\":\"X"
				     "XX"));
	assert_null(strstr(said.out, "newText\":\"0.00"));
	run_release(&said);
}

static void test_packs_and_profiles_are_checked_and_completed(void **state)
{
	(void)state;
	static const char pack[] = "pack: p\ntitle: t\ncases:\n  - id: x\n    titel: y\n    \n";
	static const char profile[] = "profile: p\nrules:\n  - rule: DAT-03\n    severity: of\n";
	start();
	say_hello();
	open_text("file:///p/pack.yaml", pack);
	ask(2, "completion", "file:///p/pack.yaml", 5, 4);
	open_text("file:///p/waivers.yaml",
		  "- rule: UPL-001\n  path: /File\n  reason: r\n  owner: o\n  expires: soon\n");
	open_text("file:///p/own.sch",
		  "<schema xmlns='http://purl.oclc.org/dsdl/schematron' queryBinding='xslt2'/>");
	open_text("file:///p/profile.yaml", profile);
	ask(3, "completion", "file:///p/profile.yaml", 2, 10);
	ask(4, "completion", "file:///p/profile.yaml", 3, 14);
	say_goodbye();
	struct said said = finish();
	assert_int_equal(said.exit_code, 0);
	assert_says(&said, "did you mean 'title'?");
	assert_says(&said, "'expires'");
	assert_null(strstr(said.out, "unknown key 'owner'"));
	assert_says(&said, "xslt2");
	assert_null(strstr(said.out, "no CP-IS message found"));
	assert_says(&said, "\"label\":\"evidence-request: \"");
	assert_says(&said, "(one of info, warning, error, off)");
	assert_says(&said, "\"label\":\"UPL-001\"");
	assert_says(&said, "\"label\":\"warning\"");
	run_release(&said);
}

static void test_scenarios_and_settings_are_checked_completed_and_explained(void **state)
{
	(void)state;
	static const char scenarios[] =
		"scenarios:\n  - name: slow\n    nhs-number: \"9990000019\"\n"
		"    replies:\n      - reply: silenc\n        dela: 5\n        \n";
	static const char settings[] = "fail-on: warnin\nreport: x\n";
	start();
	say_hello();
	open_text("file:///p/slow.yaml", scenarios);
	ask(2, "completion", "file:///p/slow.yaml", 4, 20);
	ask(3, "completion", "file:///p/slow.yaml", 6, 8);
	ask(4, "hover", "file:///p/slow.yaml", 4, 10);
	open_text("file:///p/cpis.yaml", settings);
	ask(5, "completion", "file:///p/cpis.yaml", 0, 10);
	ask(6, "hover", "file:///p/cpis.yaml", 0, 2);
	say_goodbye();
	struct said said = finish();
	assert_int_equal(said.exit_code, 0);
	assert_says(&said, "wrong check digit");
	assert_says(&said, "did you mean 'silence'?");
	assert_says(&said, "did you mean 'delay'?");
	assert_says(&said, "\"label\":\"ebxml-error\"");
	assert_says(&said, "\"label\":\"trickle-delay: \"");
	assert_says(&said, "**reply**: one of `normal`, `found`");
	assert_says(&said, "; it must be there");
	assert_says(&said, "did you mean 'warning'?");
	assert_says(&said, "did you mean 'reports'?");
	assert_says(&said, "\"label\":\"never\"");
	assert_says(&said, "the lowest severity that makes a message fail");
	run_release(&said);
}

static void test_what_is_wrong_is_answered_and_the_server_stays(void **state)
{
	(void)state;
	start();
	say("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"textDocument/hover\",\"params\":{}}");
	say("not json");
	say("[1,2]");
	say_hello();
	say("{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"no/such\"}");
	say("{\"jsonrpc\":\"2.0\",\"method\":\"$/cancelRequest\",\"params\":{\"id\":8}}");
	say("{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"textDocument/hover\",\"params\":null}");
	ask(10, "hover", "file:///not/open.xml", 0, 0);
	open_text(URI, "");
	change_text(100, 5, 200, "x");
	ask(11, "completion", URI, 4000, 4000);
	open_text(URI, "<a b=\"\\u0000\"/>"); /* more text than a string of C has */
	ask(13, "completion", URI, 0, 3);
	ask(14, "codeAction", URI, 0, 7);
	say("{\"jsonrpc\":\"2.0\",\"id\":15,\"method\":\"\xff\"}");
	say("{\"jsonrpc\":\"2.0\",\"id\":12,\"method\":\"workspace/executeCommand\",\"params\":"
	    "{\"command\":\"cpis.explain\",\"arguments\":[\"DAT-003\"]}}");
	say_goodbye();
	struct said said = finish();
	assert_int_equal(said.exit_code, 0);
	assert_says(&said, "\"code\":-32002");
	assert_says(&said, "\"code\":-32700");
	assert_says(&said, "\"code\":-32601");
	assert_says(&said, "\"id\":9,\"result\":null");
	assert_says(&said, "\"id\":10,\"result\":null");
	assert_says(&said, "plan-ends-before-it-starts");
	run_release(&said);
	start();
	say_hello();
	said = finish();
	assert_int_equal(said.exit_code, 1);
	run_release(&said);
}

static void test_a_head_that_cannot_be_used_is_said_to_be(void **state)
{
	(void)state;
	static const struct {
		const char *head, *why;
	} heads[] = {
		{ "Content-Length: -5\\r\\n\\r\\n{}", "its Content-Length is not a length" },
		{ "Content-Length: 4000000000\\r\\n\\r\\n{}",
		  "its Content-Length is not a length" },
		{ "Content-Type: text/plain\\r\\n\\r\\n{}", "it has no Content-Length" },
		{ "Content-Length: 2", "the input ends in it" },
		{ "%02000d", "a line of it is too long" },
	};
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		char input[512], head[600];
		snprintf(input, sizeof(input), "%s", scratch_path("head"));
		snprintf(head, sizeof(head), "printf '%s' >%s", heads[i].head, input);
		assert_int_equal(system(head), 0);
		struct said said = run_program("lsp <%s 2>&1", input);
		assert_int_equal(said.exit_code, 1);
		assert_says(&said, "the head of a message cannot be used: ");
		assert_says(&said, heads[i].why);
		run_release(&said);
	}
}

static void test_a_request_that_is_not_one_is_refused_as_such(void **state)
{
	(void)state;
	static const char *const requests[] = {
		"5",
		"null",
		"[]",
		"{}",
		"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":5}",
		"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"shutdown\"}",
		"{\"jsonrpc\":\"2.0\",\"id\":999999999999999999999999,\"method\":\"shutdown\"}",
		"{\"jsonrpc\":\"2.0\",\"id\":-999999999999999999999999,\"method\":\"shutdown\"}",
	};
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		start();
		say_hello();
		say("%s", requests[i]);
		struct said said = finish();
		assert_says(&said, i == 4 ? "\"id\":7,\"error\"" : "\"id\":null,\"error\"");
		assert_says(&said, "\"code\":-32600");
		run_release(&said);
	}
	start();
	say_hello();
	say("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"textDocument/hover\",\"params\":\"x\"}");
	say("{\"jsonrpc\":\"2.0\",\"id\":\"text\",\"method\":\"textDocument/hover\"}");
	say("{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":null} and more");
	struct said said = finish();
	assert_says(&said, "\"code\":-32602");
	assert_says(&said, "\"code\":-32700");
	assert_says(&said, "\"id\":\"text\",\"result\":null");
	run_release(&said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_wrong_value_is_found_and_its_fix_accepted),
		cmocka_unit_test(test_what_is_certain_is_fixed_at_once),
		cmocka_unit_test(test_a_finding_is_accepted_in_one_message),
		cmocka_unit_test(test_what_the_baseline_accepts_is_information),
		cmocka_unit_test(test_a_baseline_that_cannot_be_read_is_said_to_be),
		cmocka_unit_test(test_places_are_in_units_of_utf_16),
		cmocka_unit_test(test_values_elements_and_layers_are_known),
		cmocka_unit_test(test_a_masked_value_keeps_its_form),
		cmocka_unit_test(test_packs_and_profiles_are_checked_and_completed),
		cmocka_unit_test(test_scenarios_and_settings_are_checked_completed_and_explained),
		cmocka_unit_test(test_what_is_wrong_is_answered_and_the_server_stays),
		cmocka_unit_test(test_a_head_that_cannot_be_used_is_said_to_be),
		cmocka_unit_test(test_a_request_that_is_not_one_is_refused_as_such),
	};
	return cmocka_run_group_tests_name("lsp", tests, NULL, NULL);
}
