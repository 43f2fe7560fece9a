/*
 * No allocation whose failure makes a pass: one run for every allocation that judging a small
 * message takes, each with another one failing. The program is linked with --wrap for the
 * allocators, and libxml2 is told to use them too.
 */
#include "cpis.h"
#include "run_cli.h"

#include <libxml/xmlmemory.h>

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static bool armed, failed;
static size_t left;

static bool fails_now(void)
{
	if (!armed || failed)
		return false;
	if (left > 0) {
		left--;
		return false;
	}
	failed = true;
	return true;
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

/* What a run came to: a verdict, or -1 where a call failed and said why. */
static int judge(const char *path, const char *format, const char *report)
{
	struct cpis_results *results = NULL;
	struct cpis_options options = { .now = 1767268800 };
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

/* Every allocation fails once; returns how many there were. */
static size_t torture(const char *path, enum cpis_verdict untroubled)
{
	assert_int_equal(judge(path, NULL, NULL), untroubled);
	for (size_t nth = 0;; nth++) {
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
		for (size_t nth = 0;; nth++) {
			unlink(report);
			start_torture(nth);
			int verdict = judge(path, formats[i], report);
			if (!stop_torture())
				break;
			if (access(report, F_OK) != 0) {
				assert_int_equal(verdict, -1);
				continue;
			}
			/* Sentences may be missing where memory was out, the end of the document
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

/* What libxslt held when it is left is lost: to a sanitizer that is a leak. */
#ifndef __SANITIZE_ADDRESS__
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
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_good_message_passes_when_an_allocation_fails),
		cmocka_unit_test(test_no_form_passes_when_an_allocation_fails),
		cmocka_unit_test(test_no_bad_message_passes_when_an_allocation_fails),
		cmocka_unit_test(test_a_report_is_whole_or_not_there_when_an_allocation_fails),
#ifndef __SANITIZE_ADDRESS__
		cmocka_unit_test(
			test_an_html_report_is_whole_or_not_there_when_an_allocation_fails),
#endif
	};
	if (xmlMemSetup(free, malloc, realloc, copy_text) != 0)
		return 1;
	return cmocka_run_group_tests_name("torture", tests, setup, NULL);
}
