/* What results say of values, of messages and of the run. */
#include "cpis.h"
#include "diag/draft.h"
#include "diag/mask.h"
#include "diag/results.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* A sentence with one value between marks, resolved. */
static const char *resolve(struct masker *masker, struct arena *arena, const char *before,
			   enum mask_kind kind, const char *value)
{
	struct buf sentence;
	buf_init(&sentence, 1 << 20);
	buf_text(&sentence, before);
	mask_write(&sentence, kind, str_of(value));
	const char *text = masker_resolve(masker, arena, buf_view(&sentence));
	buf_release(&sentence);
	return text;
}

static void test_the_same_value_has_the_same_token_throughout_a_run(void **state)
{
	(void)state;
	struct masker *masker = masker_new(0);
	struct arena arena = { 0 };
	const char *one = resolve(masker, &arena, "found ", MASK_NHS_NUMBER, "9993394130");
	const char *two = resolve(masker, &arena, "found ", MASK_NHS_NUMBER, "9997595173");
	const char *again = resolve(masker, &arena, "found ", MASK_NHS_NUMBER, "9993394130");
	assert_string_equal(one, "found [NHS number #1]");
	assert_string_equal(two, "found [NHS number #2]");
	assert_string_equal(again, one);
	assert_string_equal(masker_value(masker, &arena, MASK_NHS_NUMBER, STR("9997595173")),
			    "[NHS number #2]");
	masker_free(masker);
	arena_release(&arena);
}

static void test_the_literals_of_an_xpath_are_masked(void **state)
{
	(void)state;
	static const struct {
		const char *xpath, *told, *hidden;
	} cases[] = {
		{ "//id[@extension=9996184978]", "//id[@extension=[NHS number #1]]",
		  "//id[@extension=…]" },
		{ "//birthTime[@value=20180314]", "//birthTime[@value=[value #1]]",
		  "//birthTime[@value=…]" },
		{ "//family[. = \"O'Zebulon\"][2]", "//family[. = [value #2]][2]",
		  "//family[. = …][2]" },
		{ "//h2x[@root='2.16.840.1.113883.2.1.4.1']/a-1",
		  "//h2x[@root='2.16.840.1.113883.2.1.4.1']/a-1",
		  "//h2x[@root='2.16.840.1.113883.2.1.4.1']/a-1" },
		{ "//a['open", "//a['open", "//a['open" },
	};
	struct masker *masker = masker_new(0);
	struct arena arena = { 0 };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_string_equal(masker_xpath(masker, &arena, cases[i].xpath), cases[i].told);
		assert_string_equal(masker_xpath(NULL, &arena, cases[i].xpath), cases[i].hidden);
	}
	masker_free(masker);
	arena_release(&arena);
}

static void test_a_code_of_an_organisation_is_kept_the_same_in_small_letters(void **state)
{
	struct arena arena;
	(void)state;
	arena_init(&arena);
	assert_string_equal(mask_kept(&arena, STR("9x1")), "9X1");
	assert_string_equal(mask_kept(&arena, STR("e09ab7")), mask_kept(&arena, STR("E09AB7")));
	assert_int_equal(mask_kept(&arena, STR("e09ab7"))[0], '#');
	assert_string_not_equal(mask_kept(&arena, STR("smith")), mask_kept(&arena, STR("SMITH")));
	arena_release(&arena);
}

static void test_evidence_with_a_code_in_small_letters_is_of_one_system(void **state)
{
	static const struct sent_result sent[] = {
		{ .pack = "p", .file = "a.xml", .authority = "9X1" },
		{ .pack = "p", .file = "b.xml", .authority = "9x1" },
		{ .pack = "p", .file = "c.xml", .authority = "9X2" },
	};
	struct buf faults, unknown;
	(void)state;
	buf_init(&faults, SIZE_MAX);
	buf_init(&unknown, SIZE_MAX);
	sent_check(sent, 2, "p", &faults, &unknown);
	assert_int_equal(faults.n, 0);
	sent_check(sent, 3, "p", &faults, &unknown);
	assert_int_not_equal(faults.n, 0);
	assert_int_equal(unknown.n, 0);
	buf_release(&faults);
	buf_release(&unknown);
}

static void test_a_time_to_the_hour_is_not_taken_for_an_nhs_number(void **state)
{
	(void)state;
	struct masker *masker = masker_new(0);
	struct arena arena = { 0 };
	assert_string_equal(masker_value(masker, &arena, MASK_TIME, STR("2026101908")),
			    "2026101908");
	assert_string_equal(masker_value(masker, &arena, MASK_TIME, STR("9993394130")),
			    "[NHS number #1]");
	/* No hour, no month, and 2012, which may be the 20th of December. */
	assert_string_equal(masker_value(masker, &arena, MASK_TIME, STR("2026101924")),
			    "[NHS number #2]");
	assert_string_equal(masker_value(masker, &arena, MASK_TIME, STR("2026131908")),
			    "[NHS number #3]");
	assert_string_equal(masker_value(masker, &arena, MASK_TIME, STR("2012101908")),
			    "[NHS number #4]");
	masker_free(masker);
	arena_release(&arena);
}

/* What is shown of a value in the place of a code, of a time and of an XPath. */
static void test_only_what_is_known_to_be_harmless_is_shown(void **state)
{
	static const struct {
		enum mask_kind kind;
		const char *value;
		size_t shown;
	} cases[] = {
		{ MASK_NONE, "9X1", 3 },
		{ MASK_NONE, "Zyxabaqo", 0 },
		{ MASK_NONE, "application/xml", 15 },
		{ MASK_NONE, "aplication/xml", 14 },
		{ MASK_NONE, "123456", 6 },
		{ MASK_NONE, "1234567", 0 },
		{ MASK_NONE, "20170231", 0 },
		{ MASK_TIME, "20170231", 0 },
		{ MASK_TIME, "2017-02-31", 0 },
		{ MASK_TIME, "201702310900", 12 },
		{ MASK_TIME, "20170231090000.1234567+0100", 27 },
		{ MASK_TIME, "2017-02-31T09:00:00.123Z", 24 },
		{ MASK_TIME, "19570318202610190900", 0 },
		{ MASK_TIME, "20261019090000+010019570318", 0 },
		{ MASK_TIME, "19Smith-xxT09:00:00.123Z", 0 },
		{ MASK_TIME, "07700900461", 0 },
		{ MASK_NONE, "2.16.840.1.113883.2.1.4.1", 25 },
		{ MASK_NONE, "99901376252.16.840.1.113883.2.1.4.1", 0 },
		{ MASK_NONE, "72418008-B3F6-4556-9F9B-A12CF69955E5", 36 },
		{ MASK_NONE, "urn:uuid:72418008-B3F6-4556-9F9B-A12CF69955E5", 45 },
		{ MASK_NONE, "urn:nhs-uk:addressing:ods:9X1", 29 },
		{ MASK_NONE, "urn:nhs-uk:addressing:ods:Zyxabaqo", 26 },
		{ MASK_NONE, "https://zyxabaqo.example", 8 },
		{ MASK_NONE, "9.990007774e+09", 0 },
		{ MASK_PATH, "/node()[2]", 10 },
		{ MASK_PATH, "/node()[text()='Zyxabaqo']", 0 },
		{ MASK_PATH, "07700 900461", 0 },
		{ MASK_VALUE, "9X1", 0 },
		{ MASK_NAME, "9X1", 0 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t shown = mask_shown(cases[i].kind, str_of(cases[i].value));
		if (shown != cases[i].shown)
			fail_msg("%zu bytes of %s are shown", shown, cases[i].value);
	}
	static const struct {
		const char *text;
		size_t n;
	} numbers[] = {
		{ "9993394130", 10 }, { "999 339 4130", 12 }, { "999-339-4130", 12 },
		{ "999 3394130", 0 }, { "99933941301", 0 },   { "9993394130a", 0 },
	};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		assert_int_equal(mask_number_at(str_of(numbers[i].text), 0), numbers[i].n);
}

static void test_tokens_are_counted_for_each_kind_of_value(void **state)
{
	(void)state;
	static const enum mask_kind kinds[] = { MASK_NHS_NUMBER, MASK_LOCAL_ID, MASK_NAME,
						MASK_BIRTH,	 MASK_PHONE,	MASK_USER,
						MASK_VALUE };
	struct masker *masker = masker_new(0);
	struct arena arena = { 0 };
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const char *text = resolve(masker, &arena, "", kinds[i], "Tobias 9993394130");
		assert_null(strstr(text, "Tobias"));
		assert_null(strstr(text, "9993394130"));
		assert_non_null(strstr(text, "#1]"));
	}
	masker_free(masker);
	arena_release(&arena);
}

static void test_ten_thousand_values_have_ten_thousand_tokens(void **state)
{
	(void)state;
	struct masker *masker = masker_new(0);
	struct arena arena = { 0 };
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 10000; i++) {
			char value[16], token[40];
			snprintf(value, sizeof(value), "%010d", i * 7919);
			snprintf(token, sizeof(token), "[NHS number #%d]", i + 1);
			assert_string_equal(
				masker_value(masker, &arena, MASK_NHS_NUMBER, str_of(value)),
				token);
		}
	masker_free(masker);
	arena_release(&arena);
}

static void test_a_sentence_does_not_say_the_kind_twice(void **state)
{
	(void)state;
	struct masker *masker = masker_new(0);
	struct arena arena = { 0 };
	assert_string_equal(resolve(masker, &arena, "NHS number ", MASK_NHS_NUMBER, "9993394130"),
			    "NHS number [#1]");
	masker_free(masker);
	arena_release(&arena);
}

/* Merging renumbers tokens: it must find all of them. */
static void test_a_token_of_every_kind_is_recognised(void **state)
{
	static const enum mask_kind kinds[] = { MASK_NHS_NUMBER, MASK_LOCAL_ID, MASK_NAME,
						MASK_BIRTH,	 MASK_PHONE,	MASK_USER,
						MASK_VALUE };
	(void)state;
	struct masker *masker = masker_new(0);
	struct arena arena = { 0 };
	size_t number, digits;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const char *token = masker_value(masker, &arena, kinds[i], STR("a value"));
		size_t n = mask_token_at(token, &number, &digits);
		assert_int_equal(n + digits + 1, strlen(token));
		assert_int_equal(number, 1);
	}
	assert_int_equal(mask_token_at("[#12]", &number, &digits), 2);
	assert_int_equal(number, 12);
	static const char *const others[] = {
		"",	   "[",	       "[]",	     "[#]",	"[#1",
		"[name1]", "[name 1]", "[names #1]", "name #1", "[#1234567890]"
	};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(mask_token_at(others[i], &number, &digits), 0);
	arena_release(&arena);
	masker_free(masker);
}

static void test_values_are_written_out_when_asked_for(void **state)
{
	(void)state;
	struct masker *masker = masker_new(1);
	struct arena arena = { 0 };
	assert_string_equal(resolve(masker, &arena, "found ", MASK_NAME, "Łucja"), "found Łucja");
	masker_free(masker);
	arena_release(&arena);
}

static void test_values_that_tell_of_nobody_are_always_written_out(void **state)
{
	(void)state;
	struct masker *masker = masker_new(0);
	struct arena arena = { 0 };
	assert_string_equal(resolve(masker, &arena, "found ", MASK_NONE, "EC"), "found EC");
	masker_free(masker);
	arena_release(&arena);
}

static void test_control_and_bidirectional_characters_are_made_visible(void **state)
{
	(void)state;
	static const struct {
		const char *value, *shown;
	} cases[] = {
		{ "a\x1b[31mb", "a\\u001B[31mb" },
		{ "a\nb\tc\rd", "a\\u000Ab\\u0009c\\u000Dd" },
		{ "a\x7f", "a\\u007F" },
		{ "a\xc2\x9b"
		  "b",
		  "a\\u009Bb" }, /* CSI of C1 */
		{ "a\xe2\x80\xae"
		  "b",
		  "a\\u202Eb" }, /* RIGHT-TO-LEFT OVERRIDE */
		{ "a\xe2\x81\xa6"
		  "b",
		  "a\\u2066b" }, /* LEFT-TO-RIGHT ISOLATE */
		{ "a\xe2\x80\x8b"
		  "b",
		  "a\\u200Bb" }, /* ZERO WIDTH SPACE */
		{ "a\xe2\x80\xa8"
		  "b",
		  "a\\u2028b" }, /* LINE SEPARATOR */
		{ "a\xef\xbb\xbf"
		  "b",
		  "a\\uFEFFb" }, /* ZERO WIDTH NO-BREAK SPACE */
		{ "a\xd8\x9c"
		  "b",
		  "a\\u061Cb" }, /* ARABIC LETTER MARK */
		{ "Łucja Marrow‐Fenn …", "Łucja Marrow‐Fenn …" },
	};
	struct masker *masker = masker_new(1);
	struct arena arena = { 0 };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(resolve(masker, &arena, "", MASK_NAME, cases[i].value),
				    cases[i].shown);
	masker_free(masker);
	arena_release(&arena);
}

static void test_a_long_value_is_cut_at_a_character(void **state)
{
	(void)state;
	struct masker *masker = masker_new(1);
	struct arena arena = { 0 };
	char value[1024] = "x";
	for (size_t i = 1; i + 2 < sizeof(value); i += 2)
		memcpy(value + i, "\xc3\xa9", 3);
	const char *text = resolve(masker, &arena, "", MASK_NAME, value);
	size_t n = strlen(text);
	assert_true(n >= 199 && n <= 210);
	assert_string_equal(text + n - 3, "…");
	assert_int_equal((unsigned char)text[n - 4], 0xa9);
	masker_free(masker);
	arena_release(&arena);
}

/* A value with our own marks in it cannot end its own masking. */
static void test_marks_inside_a_value_do_not_let_the_rest_out(void **state)
{
	(void)state;
	struct masker *masker = masker_new(0);
	struct arena arena = { 0 };
	const char *text = resolve(masker, &arena, "", MASK_NAME, "Tobias\x0fQuillfeather");
	assert_null(strstr(text, "Quillfeather"));
	masker_free(masker);
	arena_release(&arena);
}

static void test_personal_places_are_known_by_element_and_attribute(void **state)
{
	(void)state;
	assert_int_equal(mask_kind_of("birthTime", "value"), MASK_BIRTH);
	assert_int_equal(mask_kind_of("telecom", "value"), MASK_PHONE);
	assert_int_equal(mask_kind_of("given", NULL), MASK_NAME);
	assert_int_equal(mask_kind_of("family", NULL), MASK_NAME);
	assert_int_not_equal(mask_kind_of("id", "extension"), MASK_NONE);
	assert_int_equal(mask_kind_at("/a/File/id/@extension"), MASK_NONE);
	assert_int_equal(mask_kind_at("/File/record/id/@extension"), MASK_VALUE);
	assert_int_equal(mask_kind_at(NULL), MASK_VALUE);
	assert_int_not_equal(mask_kind_of("value", "extension"), MASK_NONE);
	assert_int_not_equal(mask_kind_of("anything", NULL), MASK_NONE);
}

/* Results, made by hand. */

static const struct rule an_error = { .id = "TST-001", .name = "a", .severity = CPIS_ERROR };
static const struct rule a_warning = { .id = "TST-002", .name = "b", .severity = CPIS_WARNING };
static const struct rule an_info = { .id = "TST-003", .name = "c", .severity = CPIS_INFO };
static const struct rule *const catalogue[] = { &an_error, &a_warning, &an_info };

static void start(struct results *results, enum cpis_fail_on fail_on)
{
	*results = (struct results){ .options = { .fail_on = fail_on },
				     .rules = catalogue,
				     .rule_count = 3 };
	results->masker = masker_new(0);
	results->tallies = arena_alloc(&results->arena, 4 * sizeof(*results->tallies));
	assert_non_null(results->masker);
	assert_non_null(results->tallies);
}

static void end(struct results *results)
{
	masker_free(results->masker);
	arena_release(&results->arena);
}

/* The verdict of one message with one finding of a rule (NULL: none), and one omission if wanted.
 */
static enum cpis_verdict verdict_with(enum cpis_fail_on fail_on, const struct rule *rule,
				      bool omission)
{
	struct results results;
	struct draft draft;
	start(&results, fail_on);
	assert_int_equal(draft_init(&draft, "a.xml", 3, 100), 0);
	struct draft_message *message = draft_add_message(&draft);
	message->type = "REPC_MT000002GB01";
	if (rule)
		draft_add_finding(&draft, message, rule, rule->severity);
	if (omission)
		draft_add_omission(&draft, message, "the payload", "it is encrypted");
	assert_int_equal(draft_commit(&results, &draft), 0);
	enum cpis_verdict verdict = results_verdict(&results);
	assert_int_equal(results.messages[0].verdict, verdict);
	draft_release(&draft);
	end(&results);
	return verdict;
}

static void test_the_verdict_follows_severity_and_fail_on(void **state)
{
	(void)state;
	static const struct {
		enum cpis_fail_on fail_on;
		const struct rule *rule;
		enum cpis_verdict alone, with_omission;
	} rows[] = {
		{ CPIS_FAIL_ON_ERROR, NULL, CPIS_PASS, CPIS_INCOMPLETE },
		{ CPIS_FAIL_ON_ERROR, &an_info, CPIS_PASS, CPIS_INCOMPLETE },
		{ CPIS_FAIL_ON_ERROR, &a_warning, CPIS_PASS, CPIS_INCOMPLETE },
		{ CPIS_FAIL_ON_ERROR, &an_error, CPIS_FAIL, CPIS_FAIL },
		{ CPIS_FAIL_ON_WARNING, &an_info, CPIS_PASS, CPIS_INCOMPLETE },
		{ CPIS_FAIL_ON_WARNING, &a_warning, CPIS_FAIL, CPIS_FAIL },
		{ CPIS_FAIL_ON_WARNING, &an_error, CPIS_FAIL, CPIS_FAIL },
		{ CPIS_FAIL_ON_NEVER, &an_error, CPIS_PASS, CPIS_INCOMPLETE },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(verdict_with(rows[i].fail_on, rows[i].rule, false), rows[i].alone);
		assert_int_equal(verdict_with(rows[i].fail_on, rows[i].rule, true),
				 rows[i].with_omission);
	}
}

static void test_the_limit_bounds_what_is_listed_and_not_what_is_judged(void **state)
{
	(void)state;
	struct results results;
	struct draft draft;
	start(&results, CPIS_FAIL_ON_ERROR);
	assert_int_equal(draft_init(&draft, "a.xml", 3, 2), 0);
	struct draft_message *message = draft_add_message(&draft);
	message->type = "REPC_MT000002GB01";
	for (int i = 0; i < 5; i++)
		draft_add_finding(&draft, message, &a_warning, CPIS_WARNING);
	assert_int_equal(draft_commit(&results, &draft), 0);
	assert_int_equal(results.messages[0].finding_count, 2);
	assert_int_equal(results.messages[0].suppressed, 3);
	assert_int_equal(results_count_findings(&results, CPIS_WARNING), 5);
	assert_int_equal(results_verdict(&results), CPIS_PASS);
	/* An error takes the place of a warning in the list; without a place it still fails. */
	for (int i = 0; i < 3; i++) {
		struct draft_finding *finding =
			draft_add_finding(&draft, message, &an_error, CPIS_ERROR);
		assert_int_equal(finding != NULL, i < 2);
	}
	assert_int_equal(draft_commit(&results, &draft), 0);
	assert_ptr_equal(results.messages[1].findings[0].rule, &an_error);
	assert_ptr_equal(results.messages[1].findings[1].rule, &an_error);
	assert_int_equal(message_count_findings(&results.messages[1], CPIS_WARNING), 5);
	assert_int_equal(message_count_findings(&results.messages[1], CPIS_ERROR), 3);
	assert_int_equal(results_verdict(&results), CPIS_FAIL);
	draft_release(&draft);
	end(&results);
}

static void test_findings_are_taken_back_whether_they_are_listed_or_not(void **state)
{
	(void)state;
	enum { LISTED = 3 };
	static const size_t untrue[] = { 20, 50 };
	struct results results;
	struct draft draft;
	start(&results, CPIS_FAIL_ON_ERROR);
	assert_int_equal(draft_init(&draft, "a.xml", 3, LISTED), 0);
	struct draft_message *message = draft_add_message(&draft);
	message->type = "REPC_MT000005GB01";
	for (size_t offset = 10; offset <= 50; offset += 10) {
		const struct rule *rule = offset == 10 ? &an_error : &a_warning;
		struct draft_finding *finding =
			draft_add_finding(&draft, message, rule, rule->severity);
		if (finding)
			finding->offset = offset;
	}
	assert_int_equal(draft_withdraw(&draft, message, &a_warning, 0, untrue, 2), 2);
	assert_int_equal(message->finding_count, 2);
	assert_int_equal(message->findings[0].offset, 10);
	assert_int_equal(message->findings[1].offset, 30);
	assert_int_equal(message->suppressed, 1);
	assert_int_equal(draft_commit(&results, &draft), 0);
	assert_int_equal(results_count_findings(&results, CPIS_WARNING), 2);
	assert_int_equal(draft_withdraw(&draft, message, &a_warning, 1, untrue, 0), 0);
	assert_non_null(draft_add_finding(&draft, message, &a_warning, CPIS_WARNING));
	draft_release(&draft);
	end(&results);
}

static void test_what_is_not_recognised_does_not_pass(void **state)
{
	(void)state;
	struct results results;
	struct draft draft;
	start(&results, CPIS_FAIL_ON_ERROR);
	assert_int_equal(draft_init(&draft, "a.xml", 3, 100), 0);
	assert_non_null(draft_add_message(&draft));
	assert_int_equal(draft_commit(&results, &draft), 0);
	assert_int_equal(results_verdict(&results), CPIS_INCOMPLETE);
	assert_int_equal(results.messages[0].omission_count, 1);
	draft_release(&draft);
	end(&results);
}

static void test_a_blocked_rule_is_explained_by_an_error_that_counts(void **state)
{
	(void)state;
	struct results results;
	struct draft draft;
	start(&results, CPIS_FAIL_ON_ERROR);
	assert_int_equal(draft_init(&draft, "a.xml", 3, 100), 0);
	struct draft_message *message = draft_add_message(&draft);
	message->type = "REPC_MT000002GB01";
	draft_add_finding(&draft, message, &a_warning, CPIS_WARNING);
	draft_note_blocked(&draft, message, 0, &a_warning);
	assert_int_equal(draft_commit(&results, &draft), 0);
	assert_int_equal(results.messages[0].verdict, CPIS_INCOMPLETE);
	assert_int_equal(results.messages[0].omission_count, 1);
	draft_add_finding(&draft, message, &an_error, CPIS_ERROR);
	assert_int_equal(draft_commit(&results, &draft), 0);
	struct message_result *failed = &results.messages[1];
	assert_int_equal(failed->verdict, CPIS_FAIL);
	assert_int_equal(failed->omission_count, 0);
	/* A waiver accepts the error: it explains nothing any more. */
	failed->findings[0].waived = failed->findings[1].waived = "it is known";
	assert_int_equal(message_settle(&results, failed), CPIS_INCOMPLETE);
	assert_int_equal(message_settle(&results, failed), CPIS_INCOMPLETE);
	assert_int_equal(failed->omission_count, 1);
	draft_release(&draft);
	end(&results);
}

static void test_a_draft_that_ran_out_of_memory_is_incomplete(void **state)
{
	(void)state;
	struct results results;
	struct draft draft;
	start(&results, CPIS_FAIL_ON_ERROR);
	assert_int_equal(draft_init(&draft, "a.xml", 3, 100), 0);
	assert_non_null(draft_add_message(&draft));
	draft.failed = true;
	assert_int_equal(draft_commit(&results, &draft), 0);
	assert_int_equal(results_verdict(&results), CPIS_INCOMPLETE);
	draft_release(&draft);
	end(&results);
}

static void test_findings_are_sealed_in_order_of_place_with_values_masked(void **state)
{
	(void)state;
	struct results results;
	struct draft draft;
	start(&results, CPIS_FAIL_ON_ERROR);
	assert_int_equal(draft_init(&draft, "a.xml", 3, 100), 0);
	struct draft_message *message = draft_add_message(&draft);
	static const size_t offsets[] = { 30, 10, 20, 10 };
	static const struct rule *const rules[] = { &an_error, &a_warning, &an_info, &an_error };
	for (size_t i = 0; i < 4; i++) {
		struct buf said;
		struct draft_finding *finding =
			draft_add_finding(&draft, message, rules[i], rules[i]->severity);
		buf_init(&said, 1024);
		buf_text(&said, "it is ");
		mask_write(&said, MASK_NAME, STR("Tobias"));
		*finding = (struct draft_finding){ .rule = rules[i],
						   .severity = rules[i]->severity,
						   .offset = offsets[i],
						   .message = arena_copy(&draft.arena,
									 buf_view(&said)) };
		buf_release(&said);
	}
	draft.tallies[0].judged = 4;
	draft.tallies[0].failed = 2;
	assert_int_equal(draft_commit(&results, &draft), 0);
	assert_int_equal(draft_commit(&results, &draft), 0);
	const struct finding *sealed = results.messages[0].findings;
	assert_ptr_equal(sealed[0].rule, &an_error);
	assert_ptr_equal(sealed[1].rule, &a_warning);
	assert_ptr_equal(sealed[2].rule, &an_info);
	assert_int_equal(sealed[3].offset, 30);
	assert_string_equal(sealed[0].message, "it is [name #1]");
	assert_string_equal(results.messages[1].findings[3].message, "it is [name #1]");
	assert_int_equal(results.tallies[0].judged, 8);
	assert_int_equal(results.tallies[0].failed, 4);
	assert_int_equal(results_count_findings(&results, CPIS_ERROR), 4);
	assert_int_equal(results_count_messages(&results, CPIS_FAIL), 2);
	draft_release(&draft);
	end(&results);
}

static void test_a_fingerprint_stays_when_only_lines_move(void **state)
{
	(void)state;
	struct results results;
	start(&results, CPIS_FAIL_ON_ERROR);
	for (size_t i = 0; i < 3; i++) {
		struct draft draft;
		assert_int_equal(draft_init(&draft, "a.xml", 3, 100), 0);
		struct draft_message *message = draft_add_message(&draft);
		struct draft_finding *finding =
			draft_add_finding(&draft, message, &an_error, CPIS_ERROR);
		*finding = (struct draft_finding){ .rule = &an_error,
						   .severity = CPIS_ERROR,
						   .offset = i * 100,
						   .at = { i + 1, 1 },
						   .path = i == 2 ? "/File/record[2]" : "/File" };
		assert_int_equal(draft_commit(&results, &draft), 0);
		draft_release(&draft);
	}
	assert_string_equal(results.messages[0].findings[0].fingerprint,
			    results.messages[1].findings[0].fingerprint);
	assert_string_not_equal(results.messages[0].findings[0].fingerprint,
				results.messages[2].findings[0].fingerprint);
	end(&results);
}

static enum cpis_verdict verdict_of_case(enum case_outcome outcome,
					 enum cpis_verdict message_verdict, size_t judged)
{
	struct results results;
	start(&results, CPIS_FAIL_ON_ERROR);
	assert_non_null(results_add_pack(&results));
	results_add_message(&results)->verdict = message_verdict;
	struct case_result *one = results_add_case(&results);
	one->outcome = outcome;
	one->message_count = judged;
	enum cpis_verdict verdict = results_verdict(&results);
	end(&results);
	return verdict;
}

static void test_a_run_of_packs_is_judged_by_its_cases(void **state)
{
	(void)state;
	/* A bad message that its case expects does not fail the run. */
	assert_int_equal(verdict_of_case(CASE_PASSED, CPIS_FAIL, 1), CPIS_PASS);
	assert_int_equal(verdict_of_case(CASE_WAIVED, CPIS_FAIL, 1), CPIS_PASS);
	assert_int_equal(verdict_of_case(CASE_FAILED, CPIS_PASS, 1), CPIS_FAIL);
	assert_int_equal(verdict_of_case(CASE_BROKEN, CPIS_PASS, 1), CPIS_FAIL);
	assert_int_equal(verdict_of_case(CASE_NOT_RUN, CPIS_PASS, 1), CPIS_INCOMPLETE);
	assert_int_equal(verdict_of_case(CASE_MANUAL, CPIS_PASS, 1), CPIS_INCOMPLETE);
	/* One that no case judged counts for itself. */
	assert_int_equal(verdict_of_case(CASE_PASSED, CPIS_FAIL, 0), CPIS_FAIL);
	assert_int_equal(verdict_of_case(CASE_PASSED, CPIS_PASS, 0), CPIS_PASS);
}

static void test_the_verdict_of_many_is_the_heaviest_of_theirs(void **state)
{
	(void)state;
	struct results results;
	start(&results, CPIS_FAIL_ON_ERROR);
	results_add_message(&results)->verdict = CPIS_PASS;
	assert_int_equal(results_verdict(&results), CPIS_PASS);
	results_add_message(&results)->verdict = CPIS_INCOMPLETE;
	assert_int_equal(results_verdict(&results), CPIS_INCOMPLETE);
	results_add_message(&results)->verdict = CPIS_FAIL;
	results_add_message(&results)->verdict = CPIS_PASS;
	assert_int_equal(results_verdict(&results), CPIS_FAIL);
	end(&results);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_value_has_the_same_token_throughout_a_run),
		cmocka_unit_test(test_the_literals_of_an_xpath_are_masked),
		cmocka_unit_test(test_a_code_of_an_organisation_is_kept_the_same_in_small_letters),
		cmocka_unit_test(test_evidence_with_a_code_in_small_letters_is_of_one_system),
		cmocka_unit_test(test_a_time_to_the_hour_is_not_taken_for_an_nhs_number),
		cmocka_unit_test(test_only_what_is_known_to_be_harmless_is_shown),
		cmocka_unit_test(test_tokens_are_counted_for_each_kind_of_value),
		cmocka_unit_test(test_ten_thousand_values_have_ten_thousand_tokens),
		cmocka_unit_test(test_a_sentence_does_not_say_the_kind_twice),
		cmocka_unit_test(test_a_token_of_every_kind_is_recognised),
		cmocka_unit_test(test_values_are_written_out_when_asked_for),
		cmocka_unit_test(test_values_that_tell_of_nobody_are_always_written_out),
		cmocka_unit_test(test_control_and_bidirectional_characters_are_made_visible),
		cmocka_unit_test(test_a_long_value_is_cut_at_a_character),
		cmocka_unit_test(test_marks_inside_a_value_do_not_let_the_rest_out),
		cmocka_unit_test(test_personal_places_are_known_by_element_and_attribute),
		cmocka_unit_test(test_the_verdict_follows_severity_and_fail_on),
		cmocka_unit_test(test_the_limit_bounds_what_is_listed_and_not_what_is_judged),
		cmocka_unit_test(test_findings_are_taken_back_whether_they_are_listed_or_not),
		cmocka_unit_test(test_what_is_not_recognised_does_not_pass),
		cmocka_unit_test(test_a_blocked_rule_is_explained_by_an_error_that_counts),
		cmocka_unit_test(test_a_draft_that_ran_out_of_memory_is_incomplete),
		cmocka_unit_test(test_findings_are_sealed_in_order_of_place_with_values_masked),
		cmocka_unit_test(test_a_fingerprint_stays_when_only_lines_move),
		cmocka_unit_test(test_a_run_of_packs_is_judged_by_its_cases),
		cmocka_unit_test(test_the_verdict_of_many_is_the_heaviest_of_theirs),
	};
	return cmocka_run_group_tests_name("diag", tests, NULL, NULL);
}
