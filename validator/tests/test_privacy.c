/*
 * No output names a person unless --show-values is given: every personal value of the messages,
 * fixtures and packs of the repo, and values put where they do not belong, are looked for in every
 * sink.
 */
#include "cpis.h"
#include "run_cli.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NUMBER "9434765919"
#define NAME   "Zebedee"

/* Formats are looked at in steps of so many. */
static size_t format_step = 1;

enum { MOST_VALUES = 8192, LONGEST = 64, SHORTEST = 4 };

/* Personal values, each once. */
static char values[MOST_VALUES][LONGEST];
static size_t value_count;

/* Values of fixtures that identify no one, or are in an output for another reason. */
static const char *const harmless[] = {
	"0000000000",		  /* NHS-004 says it of a number */
	"file42",		  /* the id of an upload, mistyped */
	"Unborn",		  /* names of elements begin so */
	"20261019",   "20261020", /* days on which messages are made, and children born */
};

/* A year alone: a count, or the number of a message, can be the same. */
static bool is_year(const char *start, size_t n)
{
	return n == 4 && strspn(start, "0123456789") >= 4;
}

static void add_value(const char *start, size_t n)
{
	while (n && strchr(" \t\r\n", *start))
		start++, n--;
	while (n && strchr(" \t\r\n", start[n - 1]))
		n--;
	if (n < SHORTEST || n >= LONGEST || is_year(start, n))
		return;
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		if (strlen(harmless[i]) == n && memcmp(harmless[i], start, n) == 0)
			return;
	for (size_t i = 0; i < value_count; i++)
		if (strlen(values[i]) == n && memcmp(values[i], start, n) == 0)
			return;
	assert_true(value_count < MOST_VALUES);
	memcpy(values[value_count], start, n);
	values[value_count++][n] = '\0';
}

/* The value of an attribute between two places of a text, or NULL. */
static const char *attribute(const char *tag, const char *end, const char *name, size_t *n)
{
	char key[40];
	snprintf(key, sizeof(key), " %s=", name);
	const char *at = memmem(tag, (size_t)(end - tag), key, strlen(key));
	if (!at)
		return NULL;
	const char *value = at + strlen(key) + 1;
	const char *close = memchr(value, value[-1], (size_t)(end - value));
	*n = close ? (size_t)(close - value) : 0;
	return close ? value : NULL;
}

/* Where an element's start tag ends, for one with this local name; NULL: it has another. */
static const char *tag_of(const char *lt, const char *local)
{
	const char *name = lt + 1, *end = lt + strcspn(lt, ">");
	const char *colon = memchr(name, ':', strcspn(name, " \t\r\n/>"));
	name = colon ? colon + 1 : name;
	size_t n = strlen(local);
	return strncmp(name, local, n) == 0 && strchr(" \t\r\n/>", name[n]) ? end : NULL;
}

static bool is_root(const char *tag, const char *end, const char *oid)
{
	size_t n;
	const char *root = attribute(tag, end, "root", &n);
	return root && n == strlen(oid) && memcmp(root, oid, n) == 0;
}

/* What names a person in a message: as little clever as can be, so that it finds too much, not too
 * little. */
static void collect(const char *text)
{
	static const char *const texts[] = { "given", "family", "prefix", "suffix" };
	for (const char *lt = strchr(text, '<'); lt; lt = strchr(lt + 1, '<')) {
		const char *end, *value;
		size_t n;
		for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
			if ((end = tag_of(lt, texts[i])) && *end)
				add_value(end + 1, strcspn(end + 1, "<"));
		if ((end = tag_of(lt, "birthTime")) && (value = attribute(lt, end, "value", &n)))
			add_value(value, n);
		if ((end = tag_of(lt, "value")) && (value = attribute(lt, end, "extension", &n)))
			add_value(value, n); /* the number that is asked for */
		end = tag_of(lt, "id");
		value = end ? attribute(lt, end, "extension", &n) : NULL;
		if (value && (is_root(lt, end, "2.16.840.1.113883.2.1.4.1") ||
			      is_root(lt, end, "2.16.840.1.113883.2.1.3.2.4.18.24")))
			add_value(value, n);
		if ((end = tag_of(lt, "telecom")) && (value = attribute(lt, end, "value", &n)) &&
		    n > 8)
			add_value(value + 4, n - 4);
	}
}

static void collect_below(const char *folder)
{
	struct dirent **names;
	int count = scandir(folder, &names, NULL, alphasort);
	assert_true(count >= 0);
	for (int i = 0; i < count; i++) {
		char path[2048];
		struct stat status;
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
		if (names[i]->d_name[0] != '.' && stat(path, &status) == 0) {
			if (S_ISDIR(status.st_mode)) {
				collect_below(path);
			} else if (strstr(path, ".xml")) {
				char *text = read_file(path, NULL);
				collect(text);
				free(text);
			}
		}
		free(names[i]);
	}
	free(names);
}

/* Inside a word or a longer number it is another value. */
static bool stands_alone(const char *text, const char *at, size_t n)
{
	char before = at > text ? at[-1] : ' ', after = at[n];
	return !((before >= '0' && before <= '9') || (before >= 'a' && before <= 'f') ||
		 (before >= 'A' && before <= 'F') || (after >= '0' && after <= '9') ||
		 (after >= 'a' && after <= 'z'));
}

static size_t count_leaks(const char *what, const char *text)
{
	size_t leaks = 0;
	const char *end = text + strlen(text);
	for (size_t i = 0; i < value_count; i++) {
		size_t n = strlen(values[i]);
		for (const char *at = text; (at = memmem(at, (size_t)(end - at), values[i], n));
		     at++) {
			if (!stands_alone(text, at, n))
				continue;
			const char *from = at - text > 90 ? at - 90 : text;
			print_error("%s says \"%s\": ...%.*s...\n", what, values[i],
				    (int)(at - from) + 60, from);
			leaks++;
			break;
		}
	}
	return leaks;
}

/* Everything that a command writes in every format. */
static size_t leaks_of(const char *command)
{
	const char *format, *summary;
	size_t leaks = 0;
	for (size_t i = 0; (format = cpis_report_format_at(i, &summary)); i += format_step) {
		char what[256];
		struct said said = run_program("%s --report %s", command, format);
		snprintf(what, sizeof(what), "%s --report %s", command, format);
		assert_true(strlen(said.out) > 2);
		leaks += count_leaks(what, said.out) + count_leaks(what, said.err);
		run_release(&said);
	}
	return leaks;
}

static void test_no_report_shows_a_personal_value_of_the_messages_and_fixtures(void **state)
{
	(void)state;
	value_count = 0;
	collect_below("testcases/messages");
	collect_below("testcases/rules");
	assert_true(value_count > 50);
	print_message("%zu values\n", value_count);
	size_t leaks = leaks_of("validate testcases/messages") +
		       leaks_of("validate testcases/rules") +
		       leaks_of("validate --environment live testcases/messages");
	assert_int_equal(leaks, 0);
}

static void test_no_report_shows_a_personal_value_of_the_packs(void **state)
{
	(void)state;
	DIR *folder = opendir("testcases/packs");
	assert_non_null(folder);
	size_t leaks = 0;
	for (struct dirent *entry; (entry = readdir(folder));) {
		char path[512];
		snprintf(path, sizeof(path), "testcases/packs/%s/pack.yaml", entry->d_name);
		if (access(path, R_OK) != 0)
			continue;
		value_count = 0;
		collect_below("testcases/messages");
		path[strlen(path) - strlen("/pack.yaml")] = '\0';
		collect_below(path);
		char command[600];
		snprintf(command, sizeof(command), "run %s", path);
		leaks += leaks_of(command);
	}
	closedir(folder);
	assert_int_equal(leaks, 0);
}

/* What no report is written of: the values of a header that is not understood. */
static void test_no_failure_shows_a_value_of_a_header(void **state)
{
	(void)state;
	static const char *const headers[] = { "Content-Encoding", "Transfer-Encoding" };
	static const char *const commands[] = { "ledger",
						"ledger -r json",
						"ledger -r html",
						"ledger -r csv",
						"ledger -r md",
						"diff testcases/messages/upload-one.xml",
						"compare testcases/messages/upload-one.xml" };
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		FILE *file = fopen(scratch_path("header.http"), "w");
		assert_non_null(file);
		fprintf(file,
			"POST /cpis HTTP/1.1\r\nContent-Type: text/xml\r\n"
			"%s: 9990000018 Zebedee\r\nContent-Length: 7\r\n\r\n<File/>",
			headers[i]);
		assert_int_equal(fclose(file), 0);
		for (size_t k = 0; k < sizeof(commands) / sizeof(commands[0]); k++) {
			struct said said = run_program("%s @/header.http", commands[k]);
			const char *const texts[] = { said.out, said.err };
			for (size_t n = 0; n < 2; n++)
				if (strstr(texts[n], "9990000018") || strstr(texts[n], "Zebedee") ||
				    strstr(texts[n], "u000E") || strchr(texts[n], '\x0e'))
					fail_msg("%s: %s", commands[k], texts[n]);
			assert_true(strstr(said.out, "the body is encoded as") ||
				    strstr(said.err, "the body is encoded as"));
			run_release(&said);
		}
	}
}

/* What is around a message says as little of a person. */
static void test_no_report_shows_a_value_of_what_is_around_a_message(void **state)
{
	(void)state;
	static const struct {
		const char *file, *text, *rule;
	} cases[] = {
		{ "around/code.ctl",
		  "<DTSControl><StatusRecord><Status>SUCCESS</Status><StatusCode>" NAME
		  "</StatusCode></StatusRecord></DTSControl>",
		  "TRN-039" },
		{ "around/digits.ctl",
		  "<DTSControl><StatusRecord><StatusCode>200117</StatusCode></StatusRecord>"
		  "</DTSControl>",
		  "TRN-039" },
		{ "around/code.http",
		  "POST /messageexchange/A/outbox HTTP/1.1\r\nMex-StatusCode: " NAME
		  "\r\n\r\n<File/>",
		  "TRN-039" },
		{ "around/length.http",
		  "POST /cpis HTTP/1.1\r\nContent-Length: 391001632960114\r\n\r\n<File/>",
		  "TRN-006" },
		{ "around/status.http", "GET / HTTP/1.1\r\n\r\nHTTP/1.1 ZE99 9ZZ\r\n\r\n<File/>",
		  "TRN-001" },
		{ "around/instruction.xml",
		  "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\">"
		  "<?" NAME " x?><s:Body/></s:Envelope>",
		  "TRN-048" },
	};
	mkdir(scratch_path("around"), 0700);
	value_count = 0;
	add_value(NAME, strlen(NAME));
	add_value("200117", strlen("200117"));
	add_value("01632960114", strlen("01632960114"));
	add_value("9ZZ", strlen("9ZZ"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		FILE *file = fopen(scratch_path(cases[i].file), "w");
		assert_non_null(file);
		assert_true(fputs(cases[i].text, file) >= 0);
		assert_int_equal(fclose(file), 0);
		struct said said = run_program("validate @/%s", cases[i].file);
		if (!strstr(said.out, cases[i].rule))
			fail_msg("%s: %s", cases[i].file, said.out);
		run_release(&said);
		said = run_program("inspect @/%s", cases[i].file);
		assert_int_equal(count_leaks(cases[i].file, said.out), 0);
		run_release(&said);
	}
	assert_int_equal(leaks_of("validate @/around"), 0);
}

static void test_values_are_shown_when_they_are_asked_for(void **state)
{
	(void)state;
	struct said said =
		run_program("validate --show-values --report json testcases/rules/NHS-002");
	assert_non_null(strstr(said.out, "\"values_shown\": true"));
	value_count = 0;
	collect_below("testcases/rules/NHS-002");
	size_t shown = 0;
	for (size_t i = 0; i < value_count; i++)
		shown += strstr(said.out, values[i]) != NULL;
	assert_true(shown > 0);
	run_release(&said);
}

/*
 * A number and a name where they do not belong, each in a message that is good but for that. Names
 * are not put in place of codes and counts, where a name looks like a mistyped code.
 */

#define LONG_NAME "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"

#define QUANTITY "<transmissionQuantity value=\""

static const struct {
	const char *from, *to;
} misplaced[] = {
	{ "<birthTime value=", "<birthTime wert=\"" NUMBER "\" value=" },
	{ "<id root=\"2.16.840.1.113883.2.1.4.1\" extension=",
	  "<id root=\"2.16.840.1.113883.2.1.4.1\" extention=" },
	{ "<id root=\"2.16.840.1.113883.2.1.4.1\"",
	  "<id nhs=\"" NUMBER "\" root=\"2.16.840.1.113883.2.1.4.1\"" },
	{ "<id root=\"2.16.840.1.113883.2.1.4.1\"", "<id root=\"" NUMBER "\"" },
	{ "<id root=\"2.16.840.1.113883.2.1.4.1\"",
	  "<id root=\"2.16.840.1.113883.2.1.4.1\" displayed=\"" NAME "\"" },
	{ "<childPerson>", "<childPerson name=\"" NAME "\">" },
	{ "<childPerson>", "<childPerson>" NAME },
	{ "<childPerson>", "<childPerson><nickname>" NAME "</nickname>" },
	{ "<childPerson>", "<childPerson><nickname value=\"" NAME "\"/>" },
	{ "<childPerson>", "<childPerson><!-- " NAME " " NUMBER " --><x/>" },
	{ "<childPerson>", "<childPerson><?note " NAME " " NUMBER "?><x/>" },
	{ "<childPerson>", "<childPerson><![CDATA[" NAME "]]>" },
	{ "<given>", "<given>" NAME "<x/>" },
	{ "<given>", "<given first=\"" NAME "\">" },
	{ "<given>", "<given><x>" NAME },
	{ "<given>", "<given value=" NAME ">" },
	{ "<given>", "<given value=\"" NAME ">" },
	{ "<given>", "<given>" NAME "</family>" },
	{ "<given>", "<given>" NAME " & " },
	{ "<subject>", "<subject note=\"" NUMBER "\">" },
	{ "<subject>", "<subject>" NAME },
	{ "extension=\"COCT_TP145101GB01#Child\"", "extension=\"" NUMBER "\"" },
	{ "<transmissionQuantity value=\"1\"", "<transmissionQuantity value=\"" NUMBER "\"" },
	{ "use=\"EC\"", "use=\"" NUMBER "\"" },
	{ "use=\"EC\"", "use=\"EC\" note=\"" NAME "\"" },
	{ "<creationTime value=", "<creationTime value=\"" NUMBER "\" wert=" },
	{ "<record>", "<record id=\"" NUMBER "\">" },
	{ "<record>", "<record>" NUMBER },
	{ "<record>", "<record xmlns:p=\"" NUMBER "\" p:q=\"" NAME "\">" },
	{ "<record>", "<record xmlns:p=\"urn:" NAME "\" p:q=\"1\">" },
	{ "<record>", "<record xmlns:p=\"http://" NAME "/\" p:type=\"1\">" },
	{ "<record>", "<record xmlns=\"urn:" NAME "\">" },
	{ "<File ", "<File note=\"" NUMBER "\" " },
	{ "</File>", "</File>" NAME " " NUMBER },
	{ "assigningAuthorityName=\"9X1:", "assigningAuthorityName=\"" NUMBER ":" },
	/* The line of the finding begins inside something, in which there was a '<'. */
	{ QUANTITY "1\"", "<!-- <a>\n<" NAME ", Jo <x@" NAME ".uk> -->" QUANTITY "2\"" },
	{ QUANTITY "1\"", "<!-- <a>\n by <" NAME "> \"" NAME "=' -->" QUANTITY "2\"" },
	{ QUANTITY "1\"", "<?x <a>\n<" NAME "> ?>" QUANTITY "2\"" },
	{ QUANTITY "1\"", "<transmissionQuantity note=\"a>\n" NAME " <\" value=\"2\"" },
	{ QUANTITY "1\"", "<transmissionQuantity note='a>\n<!" NAME "' value=\"2\"" },
	{ "<given>", "<given><![CDATA[<a>\n<" NAME "/>]]><x/>" },
	{ "<given>", "<given><![CDATA[<!--]]>" NAME "<![CDATA[\n<" NAME " a=\"\">]]><x/>" },
	{ "<?xml ", "<!DOCTYPE File [ <!ENTITY a \"<\n<" NAME "\"> ]><?xml " },
	{ "<given>", "<given><" NAME ">" },
	{ "<given>", "<given><" NAME "/>" },
	{ "<given>", "<given " NAME "=\"1\">" },
	{ "<given>", "<given><n" NUMBER "/>" },
	{ "<childPerson>", "<childPerson><n" NUMBER "/>" },
	{ "<childPerson>", "<childPerson><" NAME ">" },
	/* Prefixes, and names that are longer than any that is known. */
	{ "<childPerson>", "<childPerson xmlns:n" NUMBER "=\"u:x\"><n" NUMBER ":x/>" },
	{ "<childPerson>", "<childPerson><x xmlns:n" NUMBER "=\"u:x\" n" NUMBER ":y=\"1\"/>" },
	{ "<given>", "<given xmlns:" NAME "=\"u:x\"><" NAME ":x/>" },
	{ "<given>", "<given xmlns:" NAME "=\"u:x\" " NAME ":x=\"1\">" },
	{ "<given>", "<given><" NAME "_" LONG_NAME "/>" },
	{ "<given>", "<given " NAME "_" LONG_NAME "=\"1\">" },
	{ "<childPerson>", "<childPerson><n" NUMBER LONG_NAME "/>" },
	{ "<childPerson>", "<childPerson n" NUMBER LONG_NAME "=\"1\">" },
	{ "extension=\"COCT_TP145101GB01#Child\"",
	  "note=\"root='2.16.840.1.113883.2.1.3.2.4.19.1'\" extension=\"" NUMBER "\"" },
};

static bool write_misplaced(const char *path, const char *from, const char *to)
{
	char *text = read_file("testcases/messages/upload-one.xml", NULL);
	char *at = strstr(text, from);
	if (!at)
		fail_msg("the message has no %s", from);
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_true(fprintf(file, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)) > 0);
	assert_int_equal(fclose(file), 0);
	free(text);
	return true;
}

static void test_no_report_shows_a_value_in_a_place_where_it_does_not_belong(void **state)
{
	(void)state;
	size_t leaks = 0;
	mkdir(scratch_path("misplaced"), 0700);
	value_count = 0;
	collect_below("testcases/messages");
	add_value(NUMBER, strlen(NUMBER));
	add_value(NAME, strlen(NAME));
	for (size_t i = 0; i < sizeof(misplaced) / sizeof(misplaced[0]); i++) {
		char name[64];
		snprintf(name, sizeof(name), "misplaced/%02zu.xml", i);
		write_misplaced(scratch_path(name), misplaced[i].from, misplaced[i].to);
		struct said said = run_program("validate --report json @/misplaced/%02zu.xml", i);
		if (count_leaks(misplaced[i].to, said.out)) {
			print_error("    by %s\n", misplaced[i].to);
			leaks++;
		}
		run_release(&said);
	}
	leaks += leaks_of("validate @/misplaced");
	assert_int_equal(leaks, 0);
}

/* A name that is misspelt, or new, is shown where no value is likely. */
static void test_a_name_of_markup_is_shown_where_it_is_no_value(void **state)
{
	(void)state;
	static const struct {
		const char *to, *said, *path;
	} cases[] = {
		{ "<childPerson><colour/>", "colour is not allowed", "/childPerson/colour" },
		{ "<childPerson><birthTme/>", "did you mean birthTime?", "/childPerson/birthTme" },
		{ "<childPerson><" NAME ">", "[value #1] is not allowed", "/childPerson/*" },
		{ "<childPerson><n" NUMBER "/>", "[value #1] is not allowed", "/childPerson/*" },
		/* Artefacts of HL7, whose digits say what they are. */
		{ "<childPerson><COCT_TP999999GB09.Child/>",
		  "COCT_TP999999GB09.Child is not allowed",
		  "/childPerson/COCT_TP999999GB09.Child" },
		{ "<childPerson><PRPA_IN150000UK30/>", "PRPA_IN150000UK30 is not allowed",
		  "/childPerson/PRPA_IN150000UK30" },
		{ "<childPerson><PRPA_IN150000UK30.a1957/>", "[value #1] is not allowed",
		  "/childPerson/*" },
		{ "<childPerson><PRPA_IN150000UK301957/>", "[value #1] is not allowed",
		  "/childPerson/*" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_misplaced(scratch_path("name.xml"), "<childPerson>", cases[i].to);
		struct said said = run_program("validate -r json @/name.xml");
		assert_non_null(strstr(said.out, cases[i].said));
		assert_non_null(strstr(said.out, cases[i].path));
		run_release(&said);
	}
}

/* However far before the line a comment begins, and whatever is in it. */
static void test_no_line_after_a_long_comment_shows_what_is_in_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char *to = NULL;
		assert_true(asprintf(&to, "%s%*s<a>\n<" NAME "> " NAME "=\"\" %s" QUANTITY "2\"",
				     i == 1 ? "<?x " : "<!-- ", i == 2 ? 10 : 100000, " ",
				     i == 1 ? "?>" : "-->") > 0);
		write_misplaced(scratch_path("long.xml"), QUANTITY "1\"", to);
		free(to);
		static const char *const commands[] = { "", "--fix --dry-run" };
		for (size_t k = 0; k < 2; k++) {
			struct said said = run_program("validate %s @/long.xml", commands[k]);
			assert_non_null(strstr(said.out, "UPL-001"));
			assert_null(strstr(said.out, NAME));
			run_release(&said);
		}
	}
}

/* Nor does a tag that is longer than what is looked at, which ends all the same. */
static void test_a_long_tag_shows_no_value(void **state)
{
	(void)state;
	static const int lengths[] = { 1000, 1280, 1400, 3000, 70000 };
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		char *to = NULL;
		static const char id[] = "<id root=\"2.16.840.1.113883.2.1.4.1\" extension=";
		assert_true(asprintf(&to,
				     "<id bad=\"" NAME "\" extension=\"" NUMBER
				     "\" a=\"%*s\" b='x' c=\"" NAME
				     "\" root=\"2.16.840.1.113883.2.1.4.1\" d=\"\" e=",
				     lengths[i], "y") > 0);
		write_misplaced(scratch_path("tag.xml"), id, to);
		free(to);
		struct said said = run_program("validate -r json @/tag.xml");
		assert_non_null(strstr(said.out, "SCH-004"));
		assert_null(strstr(said.out, NAME));
		assert_null(strstr(said.out, NUMBER));
		run_release(&said);
	}
}

int main(void)
{
	if (short_form("two formats of three"))
		format_step = 3;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_no_report_shows_a_personal_value_of_the_messages_and_fixtures),
		cmocka_unit_test(test_no_report_shows_a_personal_value_of_the_packs),
		cmocka_unit_test(test_no_failure_shows_a_value_of_a_header),
		cmocka_unit_test(test_no_report_shows_a_value_of_what_is_around_a_message),
		cmocka_unit_test(test_values_are_shown_when_they_are_asked_for),
		cmocka_unit_test(test_no_report_shows_a_value_in_a_place_where_it_does_not_belong),
		cmocka_unit_test(test_a_name_of_markup_is_shown_where_it_is_no_value),
		cmocka_unit_test(test_no_line_after_a_long_comment_shows_what_is_in_it),
		cmocka_unit_test(test_a_long_tag_shows_no_value),
	};
	return cmocka_run_group_tests_name("privacy", tests, NULL, NULL);
}
