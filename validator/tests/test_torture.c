/*
 * No allocation whose failure makes a pass: one run for every allocation that judging a small
 * message takes, each with another one failing. The program is linked with --wrap for the
 * allocators, and libxml2 is set to use them too.
 */
#include "cpis.h"
#include "base/buf.h"
#include "run_cli.h"
#include "xml/reader.h"

#include <libxml/xmlmemory.h>

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Threads share them: which of two allocations at one time is the nth does not matter. */
static atomic_bool armed, failed;
static atomic_size_t left;

static bool fails_now(void)
{
	if (!armed || failed)
		return false;
	if (atomic_fetch_sub(&left, 1) > 0)
		return false;
	return !atomic_exchange(&failed, true);
}

/* From now on the nth allocation fails, from 0 on, and that one alone. */
static void start_torture(size_t nth)
{
	left = nth;
	failed = false;
	armed = true;
}

/* True when an allocation failed since the start. */
static bool stop_torture(void)
{
	armed = false;
	return failed;
}

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the linker's own names */
void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *p, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *p, size_t bytes);

void *__wrap_malloc(size_t bytes)
{
	return fails_now() ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
	return fails_now() ? NULL : __real_calloc(count, bytes);
}

void *__wrap_realloc(void *p, size_t bytes)
{
	return fails_now() ? NULL : __real_realloc(p, bytes);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static char *copy_text(const char *text)
{
	size_t bytes = strlen(text) + 1;
	char *copy = malloc(bytes);
	return copy ? memcpy(copy, text, bytes) : NULL;
}

static unsigned jobs;

/* What a run came to: a verdict, or -1 where a call failed and said why. */
static int judge(const char *path, const char *format, const char *report)
{
	struct cpis_results *results = NULL;
	struct cpis_options options = { .now = 1767268800, .jobs = jobs };
	struct cpis_failure failure = { 0 };
	int verdict = -1;
	if (cpis_results_new(&results, &options, &failure) == 0 &&
	    cpis_validate(results, path, &failure) == 0)
		verdict = (int)cpis_results_verdict(results);
	else if (failure.kind != CPIS_FAILURE_INTERNAL || !failure.text[0])
		fail_msg("%s: a call failed and did not say why", path);
	if (verdict >= 0 && format && cpis_report(results, format, report, &failure) != 0)
		verdict = -1;
	cpis_results_free(results);
	return verdict;
}

/* Allocations fail in steps of so many. */
static size_t step = 1;

/* Every allocation fails once; returns how many there were. */
static size_t torture(const char *path, enum cpis_verdict untroubled)
{
	assert_int_equal(judge(path, NULL, NULL), untroubled);
	for (size_t nth = 0;; nth += step) {
		start_torture(nth);
		int verdict = judge(path, NULL, NULL);
		if (!stop_torture()) {
			assert_int_equal(verdict, untroubled);
			return nth;
		}
		if (verdict == CPIS_PASS)
			fail_msg("%s passed although allocation %zu failed", path, nth);
	}
}

static void test_no_good_message_passes_when_an_allocation_fails(void **state)
{
	(void)state;
	struct dirent **names;
	size_t failures = 0;
	int count = scandir("testcases/messages", &names, NULL, alphasort);
	assert_true(count > 0);
	for (int i = 0; i < count; i++) {
		char path[512];
		snprintf(path, sizeof(path), "testcases/messages/%s", names[i]->d_name);
		if (strstr(path, ".xml"))
			failures += torture(path, CPIS_PASS);
		free(names[i]);
	}
	free(names);
	print_message("%zu allocations failed, one a run\n", failures);
	assert_true(failures > 1000);
}

/* Layers are opened by libraries that allocate for themselves: what is ours alone fails here. */
static void test_no_form_passes_when_an_allocation_fails(void **state)
{
	(void)state;
	static const char *const files[] = {
		"UPLOAD07.dat",
		"itk-upload-compressed.xml",
		"october.tar.gz",
		"october.zip",
		"query-ebxml-base64.mime",
		"request-and-response.http",
		"response-gzip-chunked.http",
	};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[512];
		snprintf(path, sizeof(path), "testcases/transport/%s", files[i]);
		torture(path, CPIS_PASS);
	}
}

static void test_no_bad_message_passes_when_an_allocation_fails(void **state)
{
	(void)state;
	torture("testcases/packs/la-upload/messages/cut-off.xml", CPIS_FAIL);
	torture("testcases/packs/la-upload/messages/entity.xml", CPIS_FAIL);
}

/* Copies of a message in a folder, judged by two threads. */
static void torture_folder(const char *name)
{
	char folder[512], path[1024];
	size_t bytes;
	snprintf(path, sizeof(path), "testcases/messages/%s.xml", name);
	char *message = read_file(path, &bytes);
	snprintf(folder, sizeof(folder), "%s", scratch_path(name));
	mkdir(folder, 0700);
	for (int i = 0; i < 6; i++) {
		snprintf(path, sizeof(path), "%s/%d.xml", folder, i);
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		assert_int_equal(fwrite(message, 1, bytes, file), bytes);
		fclose(file);
	}
	free(message);
	jobs = 2;
	torture(folder, CPIS_PASS);
	jobs = 0;
}

static void test_no_folder_passes_when_an_allocation_fails(void **state)
{
	(void)state;
	torture_folder("query-person");
	torture_folder("upload-one"); /* a sequence that repeats itself */
}

static int count_start(void *context, const struct xml_tag *tag)
{
	size_t *count = context;
	for (size_t i = 0; i < tag->count; i++)
		*count += tag->attributes[i].value.n;
	return 0;
}

static int count_text(void *context, struct str text, size_t offset)
{
	size_t *count = context;
	*count += text.n ? (unsigned char)text.p[text.n - 1] : offset;
	return 0;
}

/* A document that is read ahead is read as a whole, or said not to be. */
static void test_no_document_is_half_read_when_an_allocation_fails(void **state)
{
	(void)state;
	static const struct xml_limits limits = { .max_depth = 16, .max_attribute_bytes = 65536 };
	static const struct xml_handler handler = { .start = count_start, .text = count_text };
	struct buf document;
	struct xml_fault fault;
	buf_init(&document, SIZE_MAX / 2);
	buf_text(&document, "<a>");
	for (int i = 0; i < 3000; i++)
		buf_printf(&document, "<b%d c='&lt;%d'>%d &amp; &#x2014;</b%d>", i % 50, i, i,
			   i % 50);
	buf_text(&document, "</a>");
	size_t whole = 0;
	for (size_t nth = 0;; nth++) {
		struct xml_reader *reader = xml_reader_new();
		size_t count = 0;
		if (nth)
			start_torture(nth - 1);
		enum xml_outcome outcome = xml_read_ahead(reader, buf_view(&document), &limits,
							  &handler, &count, &fault);
		bool failed_once = stop_torture();
		xml_reader_free(reader);
		if (nth == 0)
			whole = count;
		if (outcome == XML_READ)
			assert_int_equal(count, whole);
		else
			assert_int_equal(outcome, XML_INTERNAL);
		if (nth && !failed_once)
			break;
	}
	buf_release(&document);
}

/* Sinks that are ours alone. */
static void test_a_report_is_whole_or_not_there_when_an_allocation_fails(void **state)
{
	(void)state;
	const char *path = "testcases/packs/la-upload/messages/cut-off.xml";
	static const char *const formats[] = { "json", "xml", "text",  "csv",
					       "md",   "tap", "junit", "sarif" };
	char report[512];
	snprintf(report, sizeof(report), "%s", scratch_path("report"));
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		assert_int_equal(judge(path, formats[i], report), CPIS_FAIL);
		char *whole = read_file(report, NULL);
		for (size_t nth = 0;; nth += step) {
			unlink(report);
			start_torture(nth);
			int verdict = judge(path, formats[i], report);
			if (!stop_torture())
				break;
			if (access(report, F_OK) != 0) {
				assert_int_equal(verdict, -1);
				continue;
			}
			/* Sentences may be missing after memory ran out, the end of the document
			 * never. */
			char *made = read_file(report, NULL);
			size_t made_end = strlen(made), end = strlen(whole);
			assert_true(made_end > 20);
			assert_string_equal(made + made_end - 2, whole + end - 2);
			free(made);
		}
		free(whole);
	}
}

/* What libxml2 and libxslt held when they are left is lost: to a sanitizer that is a leak. */
#ifndef SANITIZED
/* Own rules, of which one fails for the message: with lets, a value in a sentence, and a search. */
static const char own_rules[] =
	"<schema xmlns=\"http://purl.oclc.org/dsdl/schematron\">"
	"<ns prefix=\"h\" uri=\"urn:hl7-org:v3\"/><let name=\"all\" value=\"//h:record\"/>"
	"<pattern><rule context=\"h:File\"><let name=\"n\" value=\"h:id/@extension\"/>"
	"<assert test=\"$n = '43' and count($all) = 1\">never</assert>"
	"<assert test=\"contains(concat($n, h:id/@extension), '44')\">"
	"it is <value-of select=\"$n\"/></assert></rule></pattern></schema>";

/* What is given beside the message. A pack's verdict is that of its one assertion. */
struct beside {
	const char *schemas, *own_rules, *pack;
};

static int judge_beside(const char *path, const struct beside *beside)
{
	struct cpis_results *results = NULL;
	struct cpis_options options = {
		.now = 1767268800,
		.schemas = beside->schemas,
		.schematron = &beside->own_rules,
		.schematron_count = beside->own_rules != NULL,
	};
	const struct cpis_pack_options pack = { .evidence = NULL };
	struct cpis_failure failure = { 0 };
	int verdict = -1;
	if (cpis_results_new(&results, &options, &failure) == 0 &&
	    (beside->pack ? cpis_run_pack(results, beside->pack, &pack, &failure)
			  : cpis_validate(results, path, &failure)) == 0)
		verdict = (int)cpis_results_verdict(results);
	else if (!failure.text[0])
		fail_msg("a call failed and did not say why");
	cpis_results_free(results);
	return verdict;
}

/* Allocations of libxml2 are as good as ours to fail: about so many of them, spread over all. It
 * passes over some failures, and does not live through others. */
static void torture_beside(const char *path, const struct beside *beside, size_t tries,
			   enum cpis_verdict untroubled)
{
	size_t passed = 0, tried = 0;
	assert_int_equal(judge_beside(path, beside), untroubled);
	start_torture(SIZE_MAX);
	judge_beside(path, beside);
	size_t all = SIZE_MAX - left;
	assert_false(stop_torture());
	for (size_t nth = 0; nth < all; nth += all / tries + 1, tried++) {
		start_torture(nth);
		int verdict = judge_beside(path, beside);
		bool failed_once = stop_torture();
		assert_true(failed_once || nth + 100 > all);
		if (verdict == CPIS_PASS && passed++ < 10)
			print_error("passed although allocation %zu failed\n", nth);
	}
	print_message("%zu of %zu allocations failed, one a run\n", tried, all);
	assert_int_equal(passed, 0);
}

static const char *write_scratch(const char *name, const char *text, char path[512])
{
	snprintf(path, 512, "%s", scratch_path(name));
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	fclose(file);
	return path;
}

static const char upload_one[] = "testcases/messages/upload-one.xml";

static void test_no_own_rule_is_passed_over_when_an_allocation_fails(void **state)
{
	(void)state;
	char path[512];
	const struct beside beside = { .own_rules = write_scratch("own.sch", own_rules, path) };
	torture_beside(upload_one, &beside, 10000, CPIS_FAIL);
}

static void test_no_own_schema_is_passed_over_when_an_allocation_fails(void **state)
{
	(void)state;
	const struct beside beside = { .schemas = "schemas" };
	torture_beside("testcases/rules/SCH-001/fail-unknown-element.xml", &beside, 300, CPIS_FAIL);
	torture_beside(upload_one, &beside, 300, CPIS_PASS);
}

static void test_no_assertion_of_a_pack_passes_when_an_allocation_fails(void **state)
{
	(void)state;
	static const char *const asserts[] = {
		"xpath: \"//*[local-name()='cPPStartDate']\", absent: true",
		"xpath: count(//cPPStartDate | //record), count: 0",
		"schematron: own.sch",
	};
	char message[512], rules[512], pack[512];
	size_t bytes;
	char *text = read_file(upload_one, &bytes);
	write_scratch("m.xml", text, message);
	write_scratch("own.sch", own_rules, rules);
	free(text);
	for (size_t i = 0; i < sizeof(asserts) / sizeof(asserts[0]); i++) {
		char yaml[1024];
		snprintf(yaml, sizeof(yaml),
			 "pack: t\nversion: 1.0.0\ntitle: T\ncases:\n  - id: A\n    title: a\n"
			 "    message: m.xml\n    expect: { verdict: pass, at-least: true, assert: "
			 "[ { %s } ] }\n",
			 asserts[i]);
		const struct beside beside = { .pack = write_scratch("t.yaml", yaml, pack) };
		torture_beside(upload_one, &beside, 400, CPIS_FAIL);
	}
}

/*
 * libxslt does not live through every failure of its own, and is left at the first. Too many
 * allocations to try each: about two hundred, spread over all of them.
 */
static void test_an_html_report_is_whole_or_not_there_when_an_allocation_fails(void **state)
{
	(void)state;
	const char *path = "testcases/packs/la-upload/messages/cut-off.xml";
	char report[512];
	size_t all = 0, tried = 0;
	snprintf(report, sizeof(report), "%s", scratch_path("report.html"));
	start_torture(SIZE_MAX);
	assert_int_equal(judge(path, "html", report), CPIS_FAIL);
	all = SIZE_MAX - left;
	assert_false(stop_torture());
	char *whole = read_file(report, NULL);
	for (size_t nth = 0; nth < all; nth += all / 200 + 1, tried++) {
		unlink(report);
		start_torture(nth);
		int verdict = judge(path, "html", report);
		bool failed_once = stop_torture();
		assert_true(failed_once || nth + 100 > all);
		if (access(report, F_OK) != 0) {
			assert_int_equal(verdict, -1);
			continue;
		}
		char *made = read_file(report, NULL);
		size_t made_end = strlen(made), end = strlen(whole);
		assert_true(made_end > 20);
		assert_string_equal(made + made_end - 8, whole + end - 8);
		free(made);
	}
	print_message("%zu of %zu allocations failed, one a run\n", tried, all);
	free(whole);
}
#endif

static int setup(void **state)
{
	(void)state;
	return cpis_rule_count() > 0 ? 0 : -1;
}

int main(void)
{
	if (short_form("four of five allocations"))
		step = 5;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_good_message_passes_when_an_allocation_fails),
		cmocka_unit_test(test_no_form_passes_when_an_allocation_fails),
		cmocka_unit_test(test_no_bad_message_passes_when_an_allocation_fails),
		cmocka_unit_test(test_no_folder_passes_when_an_allocation_fails),
		cmocka_unit_test(test_no_document_is_half_read_when_an_allocation_fails),
		cmocka_unit_test(test_a_report_is_whole_or_not_there_when_an_allocation_fails),
#ifndef SANITIZED
		cmocka_unit_test(test_no_own_rule_is_passed_over_when_an_allocation_fails),
		cmocka_unit_test(test_no_own_schema_is_passed_over_when_an_allocation_fails),
		cmocka_unit_test(test_no_assertion_of_a_pack_passes_when_an_allocation_fails),
		cmocka_unit_test(
			test_an_html_report_is_whole_or_not_there_when_an_allocation_fails),
#endif
	};
	if (xmlMemSetup(free, malloc, realloc, copy_text) != 0)
		return 1;
	return cmocka_run_group_tests_name("torture", tests, setup, NULL);
}
