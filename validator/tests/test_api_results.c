/* Results, read through cpis.h: messages, findings, the ledger, cases. */
#include "api_trial.h"
#include "run_cli.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

/* Reading results */

static void test_a_message_tells_what_it_is_and_how_it_came(void **state)
{
	(void)state;
	struct cpis_results *results =
		judged(&defaults, "testcases/transport/response-gzip-chunked.http");
	static const char *const layers[] = { "http", "gzip", "soap", "tms" };
	struct cpis_message message;
	assert_int_equal(cpis_results_message_count(results), 1);
	assert_int_equal(cpis_results_message(results, 0, &message, sizeof(message)), 0);
	assert_string_equal(message.source, "testcases/transport/response-gzip-chunked.http");
	assert_non_null(message.type);
	assert_non_null(strstr(message.title, "Response"));
	assert_non_null(message.recognised_by);
	assert_int_equal(strlen(message.sha256), 64);
	assert_int_equal(message.layer_count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(message.layers[i], layers[i]);
	assert_int_equal(message.verdict, CPIS_PASS);
	assert_int_equal(message.records, 1);
	assert_int_equal(message.finding_count, 0);
	assert_true(message.bytes > 100);
	cpis_results_free(results);
}

/* The digest is left out where no one asks for it, and then no report is without what it names. */
static void test_digests_are_left_out_where_no_report_names_them(void **state)
{
	(void)state;
	static const char upload[] = "testcases/messages/upload-five.xml";
	const struct cpis_options without = { .now = defaults.now, .no_digests = 1 };
	struct cpis_results *with = judged(&defaults, upload), *results = judged(&without, upload);
	struct cpis_message message;
	size_t naming = 0;
	char digest[65] = "";
	assert_int_equal(cpis_results_message(with, 0, &message, sizeof(message)), 0);
	snprintf(digest, sizeof(digest), "%s", message.sha256);
	assert_int_equal(cpis_results_message(results, 0, &message, sizeof(message)), 0);
	assert_null(message.sha256);
	assert_int_equal(message.verdict, CPIS_PASS);
	const char *summary, *format;
	for (size_t i = 0; (format = cpis_report_format_at(i, &summary)); i++) {
		char *bytes, *same;
		size_t size;
		bool names = cpis_report_names_digests(format);
		assert_int_equal(cpis_report_bytes(with, format, &same, &size, &failure), 0);
		assert_true(names || !strstr(same, digest));
		naming += names;
		if (names) {
			assert_int_equal(
				cpis_report_bytes(results, format, &bytes, &size, &failure), -1);
			assert_int_equal(failure.kind, CPIS_FAILURE_CONFIGURATION);
			assert_non_null(strstr(failure.text, "SHA-256"));
		} else {
			assert_int_equal(
				cpis_report_bytes(results, format, &bytes, &size, &failure), 0);
			assert_string_equal(bytes, same);
			cpis_free(bytes);
		}
		cpis_free(same);
	}
	assert_int_equal(naming, 5);
	assert_int_equal(cpis_report_names_digests("none"), 0);
	cpis_results_free(with);
	cpis_results_free(results);
}

static void test_a_finding_tells_all_that_reports_say_of_it(void **state)
{
	(void)state;
	struct cpis_results *results = judged(&defaults, ENDS);
	struct cpis_finding finding;
	assert_int_equal(cpis_results_finding(results, 0, 0, &finding, sizeof(finding)), 0);
	assert_string_equal(finding.rule, "DAT-003");
	assert_int_equal(finding.severity, CPIS_ERROR);
	assert_int_equal(finding.stage, CPIS_RULES);
	assert_int_equal(finding.fails, 1);
	assert_int_equal(finding.line, 26);
	assert_int_equal(finding.column, 22);
	assert_null(finding.layer);
	assert_int_equal(finding.layer_line, 0);
	assert_non_null(strstr(finding.path, "/cPPEndDate/value/@value"));
	assert_non_null(strstr(finding.message, "202503020900"));
	assert_non_null(strstr(finding.expected, "202603020900"));
	assert_string_equal(finding.found, "202503020900");
	assert_non_null(finding.title);
	assert_non_null(finding.why);
	assert_non_null(finding.fix);
	assert_non_null(finding.citation);
	assert_string_equal(finding.excerpt + finding.caret, "202503020900\"/>");
	assert_int_equal(strlen(finding.fingerprint), 16);
	assert_null(finding.waived);
	cpis_results_free(results);
}

/* A message after three lines of headers. */
static void judge_after_headers(struct cpis_results *results, const char *path)
{
	static const char headers[] = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n";
	struct cpis_bytes message = load(path);
	char *whole = malloc(sizeof(headers) + message.size);
	assert_non_null(whole);
	memcpy(whole, headers, sizeof(headers) - 1);
	memcpy(whole + sizeof(headers) - 1, message.bytes, message.size);
	const struct cpis_bytes source = { path, whole, sizeof(headers) - 1 + message.size };
	assert_int_equal(cpis_validate_bytes(results, &source, &failure), 0);
	free(whole);
	unload(&message);
}

static void test_a_finding_names_the_other_place_in_the_source_too(void **state)
{
	(void)state;
	static const char path[] = "testcases/rules/ACK-010/fail-both.xml";
	struct cpis_results *results = judged(&defaults, path);
	struct cpis_finding finding;
	assert_int_equal(cpis_results_finding(results, 0, 0, &finding, sizeof(finding)), 0);
	assert_int_equal(finding.line, 18);
	assert_int_equal(finding.other_line, 14);
	assert_true(finding.other_column > 1);
	assert_non_null(strstr(finding.message, "compare line 14"));
	judge_after_headers(results, path);
	assert_int_equal(cpis_results_finding(results, 1, 0, &finding, sizeof(finding)), 0);
	assert_int_equal(finding.line, 21);
	assert_int_equal(finding.other_line, 17);
	assert_non_null(strstr(finding.message, "compare line 17"));
	cpis_results_free(results);
}

/* Whether anything that can be read of the first message holds a word. */
static bool says(const struct cpis_results *results, const char *word)
{
	struct cpis_finding finding;
	for (size_t i = 0; cpis_results_finding(results, 0, i, &finding, sizeof(finding)) == 0;
	     i++) {
		const char *const texts[] = { finding.message, finding.expected, finding.found,
					      finding.excerpt, finding.fix,	 finding.path };
		for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
			if (texts[k] && strstr(texts[k], word))
				return true;
	}
	return false;
}

static void test_personal_values_are_masked_unless_they_are_asked_for(void **state)
{
	(void)state;
	char *text = read_file(MASKED, NULL);
	char birth[16];
	const char *at = strstr(text, "birthTime value=\"");
	assert_non_null(at);
	snprintf(birth, sizeof(birth), "%.*s", (int)strcspn(at + 17, "\""), at + 17);
	free(text);
	struct cpis_options options = defaults;
	struct cpis_results *results = judged(&options, MASKED);
	assert_int_equal(cpis_results_verdict(results), CPIS_FAIL);
	assert_false(says(results, birth));
	cpis_results_free(results);
	options.show_values = 1;
	results = judged(&options, MASKED);
	assert_true(says(results, birth));
	cpis_results_free(results);
}

/* The ledger's line of a rule. */
static struct cpis_rule_result ledger(const struct cpis_results *results, const char *id)
{
	struct cpis_rule_result rule;
	for (size_t i = 0; cpis_results_rule(results, i, &rule, sizeof(rule)) == 0; i++)
		if (strcmp(rule.rule, id) == 0)
			return rule;
	fail_msg("the ledger has no %s", id);
	return rule;
}

static void test_the_ledger_tells_what_became_of_every_rule(void **state)
{
	(void)state;
	struct cpis_results *results = judged(&defaults, ENDS);
	assert_int_equal(cpis_results_rule_count(results), cpis_rule_count());
	struct cpis_rule_result rule = ledger(results, "DAT-003");
	assert_int_equal(rule.state, CPIS_RULE_FAILED);
	assert_int_equal(rule.judged, 1);
	assert_int_equal(rule.failed, 1);
	assert_null(rule.why);
	assert_non_null(rule.title);
	rule = ledger(results, "XML-001");
	assert_int_equal(rule.state, CPIS_RULE_HELD);
	assert_null(rule.why);
	rule = ledger(results, "QRY-001");
	assert_int_equal(rule.state, CPIS_RULE_NOT_APPLICABLE);
	assert_int_equal(rule.judged, 0);
	assert_non_null(rule.why);
	cpis_results_free(results);
}

static void test_the_ledger_names_the_rule_that_blocked_another(void **state)
{
	(void)state;
	size_t size;
	char *text = read_file(GOOD, &size);
	char *at = strstr(text, "<birthTime value=");
	assert_non_null(at);
	memcpy(at, "<birthTime wert =", 17); /* NOLINT(bugprone-not-null-terminated-result) */
	const struct cpis_bytes source = { "blocked.xml", text, size };
	struct cpis_results *results = start_results(&defaults);
	struct cpis_rule_result rule;
	size_t blocked = 0;
	assert_int_equal(cpis_validate_bytes(results, &source, &failure), 0);
	for (size_t i = 0; cpis_results_rule(results, i, &rule, sizeof(rule)) == 0; i++) {
		if (rule.state != CPIS_RULE_BLOCKED)
			continue;
		assert_int_equal(rule.judged, 0);
		assert_true(rule.blocked > 0);
		assert_int_equal(strncmp(rule.blocked_by, "SCH-", 4), 0);
		assert_non_null(strstr(rule.why, "broken"));
		blocked++;
	}
	assert_true(blocked > 0);
	cpis_results_free(results);
	free(text);
}

static void test_the_ledger_tells_of_stages_and_profiles(void **state)
{
	(void)state;
	struct cpis_options options = defaults;
	options.skip_stages = 1u << CPIS_RULES;
	struct cpis_results *results = judged(&options, ENDS);
	assert_int_equal(ledger(results, "DAT-003").state, CPIS_RULE_SKIPPED);
	assert_non_null(ledger(results, "DAT-003").why);
	assert_int_equal(ledger(results, "XML-001").state, CPIS_RULE_HELD);
	cpis_results_free(results);
	char path[512];
	snprintf(path, sizeof(path), "%s", scratch_path("profile.yaml"));
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs("profile: trial\nrules:\n  - { rule: DAT-003, severity: off, reason: agreed }\n"
	      "  - { rule: DAT-001, severity: warning, reason: soon }\n",
	      file);
	assert_int_equal(fclose(file), 0);
	results = start_results(&defaults);
	if (cpis_results_profile(results, path, NULL, NULL, &failure) != 0)
		fail_msg("%s", failure.text);
	judge_bytes(results, ENDS);
	struct cpis_message message;
	assert_int_equal(cpis_results_message(results, 0, &message, sizeof(message)), 0);
	assert_int_equal(message.turned_off, 1);
	assert_int_equal(ledger(results, "DAT-003").state, CPIS_RULE_OFF);
	assert_string_equal(ledger(results, "DAT-003").profile_reason, "agreed");
	assert_int_equal(ledger(results, "DAT-001").severity, CPIS_WARNING);
	assert_string_equal(ledger(results, "DAT-001").profile_reason, "soon");
	assert_null(ledger(results, "DAT-002").profile_reason);
	cpis_results_free(results);
}

static void test_what_is_passed_over_in_a_folder_can_be_read(void **state)
{
	(void)state;
	char command[1024];
	snprintf(command, sizeof(command), "mkdir %s/mixed && cp " GOOD " README.md %s/mixed",
		 scratch_folder(), scratch_folder());
	assert_int_equal(system(command), 0);
	struct cpis_results *results = start_results(&defaults);
	struct cpis_omission omission;
	assert_int_equal(cpis_validate(results, scratch_path("mixed"), &failure), 0);
	assert_int_equal(cpis_results_message_count(results), 1);
	assert_int_equal(cpis_results_passed_over_count(results), 1);
	assert_int_equal(cpis_results_passed_over(results, 0, &omission, sizeof(omission)), 0);
	assert_non_null(strstr(omission.what, "README.md"));
	assert_non_null(omission.why);
	assert_int_equal(cpis_results_verdict(results), CPIS_PASS);
	cpis_results_free(results);
}

static void test_cases_of_packs_lead_to_the_messages_they_judged(void **state)
{
	(void)state;
	struct cpis_results *results = start_results(&defaults);
	const char *const only[] = { "never-such-a-tag" };
	const struct cpis_pack_options all = { 0 }, none = { .only = only, .only_count = 1 };
	struct cpis_case test;
	size_t judged_messages = 0, count;
	assert_int_equal(cpis_run_pack(results, "testcases/packs/nhs-query", &all, &failure), 0);
	count = cpis_results_case_count(results);
	assert_true(count > 10);
	assert_int_equal(cpis_results_selected_count(results), count);
	for (size_t i = 0; cpis_results_case(results, i, &test, sizeof(test)) == 0; i++) {
		assert_string_equal(test.pack, "nhs-query");
		assert_non_null(test.id);
		assert_int_equal(test.outcome, CPIS_CASE_PASSED);
		assert_null(test.reason);
		for (size_t k = 0; k < test.requirement_count; k++)
			assert_non_null(test.requirements[k]);
		assert_int_equal(test.first_message, judged_messages);
		judged_messages += test.message_count;
	}
	assert_int_equal(judged_messages, cpis_results_message_count(results));
	cpis_results_free(results);
	results = start_results(&defaults);
	assert_int_equal(cpis_run_pack(results, "testcases/packs/nhs-query", &none, &failure), 0);
	assert_int_equal(cpis_results_selected_count(results), 0);
	assert_int_equal(cpis_results_case(results, 0, &test, sizeof(test)), 0);
	assert_int_equal(test.outcome, CPIS_CASE_LEFT_OUT);
	cpis_results_free(results);
}

/* As an older or a newer cpis.h has them. */
static void test_a_struct_of_another_size_gets_what_both_sides_know(void **state)
{
	(void)state;
	struct cpis_results *results = judged(&defaults, ENDS);
	struct {
		struct cpis_finding known;
		size_t unknown;
	} longer = { .unknown = 42 };
	struct {
		const char *rule;
		char after;
	} shorter = { .after = 42 };
	assert_int_equal(cpis_results_finding(results, 0, 0, &longer.known, sizeof(longer)), 0);
	assert_int_equal(longer.known.line, 26);
	assert_int_equal(longer.unknown, 0);
	assert_int_equal(cpis_results_finding(results, 0, 0,
					      (struct cpis_finding *)(void *)&shorter,
					      sizeof(shorter.rule)),
			 0);
	assert_string_equal(shorter.rule, "DAT-003");
	assert_int_equal(shorter.after, 42);
	struct cpis_rule_info first = { .family = "untouched" };
	assert_int_equal(cpis_rule(0, &first, sizeof(first.id)), 0);
	assert_non_null(first.id);
	assert_string_equal(first.family, "untouched");
	cpis_results_free(results);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_message_tells_what_it_is_and_how_it_came),
		cmocka_unit_test(test_digests_are_left_out_where_no_report_names_them),
		cmocka_unit_test(test_a_finding_tells_all_that_reports_say_of_it),
		cmocka_unit_test(test_a_finding_names_the_other_place_in_the_source_too),
		cmocka_unit_test(test_personal_values_are_masked_unless_they_are_asked_for),
		cmocka_unit_test(test_the_ledger_tells_what_became_of_every_rule),
		cmocka_unit_test(test_the_ledger_names_the_rule_that_blocked_another),
		cmocka_unit_test(test_the_ledger_tells_of_stages_and_profiles),
		cmocka_unit_test(test_what_is_passed_over_in_a_folder_can_be_read),
		cmocka_unit_test(test_cases_of_packs_lead_to_the_messages_they_judged),
		cmocka_unit_test(test_a_struct_of_another_size_gets_what_both_sides_know),
	};
	return cmocka_run_group_tests_name("api results", tests, NULL, NULL);
}
