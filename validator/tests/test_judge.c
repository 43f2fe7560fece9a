/*
 * The judge and the runner of checks: what one check says of its fault goes into no other's, and
 * the catalogue knows each of its rules.
 */
#include "engine/engine.h"
#include "rules/catalogue.h"
#include "rules/judge.h"
#include "run_cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct cpis_options defaults = { .now = 1798761600 };

static int set_up(void **state)
{
	(void)state;
	return engine_setup();
}

/* The findings of one part; the draft is the caller's to release. */
static void judge_part(struct judge *judge, struct draft *draft, const struct part *part)
{
	assert_int_equal(draft_init(draft, "sent", rules_count(), 100), 0);
	assert_non_null(draft_add_message(draft));
	judge->options = &defaults;
	judge->draft = draft;
	runner_judge(judge, part);
}

static const struct draft_finding *finding_of(const struct draft *draft, const char *id)
{
	const struct draft_message *message = &draft->messages[0];
	for (size_t i = 0; i < message->finding_count; i++)
		if (strcmp(message->findings[i].rule->id, id) == 0)
			return &message->findings[i];
	fail_msg("%s was not found", id);
	return NULL;
}

/* A number with a bell in it: XML-006, which names neither what it expected nor a fix of its own.
 */
static const struct telecom telecom = {
	.part = { .kind = PART_TELECOM, .offset = 7, .element = "telecom" },
	.value = { { "tel:0113\a4960000", 16 }, 9 },
};

static void test_a_check_takes_nothing_that_an_earlier_one_said(void **state)
{
	(void)state;
	struct draft draft = { 0 };
	struct judge judge = {
		.expected = "what another rule expected",
		.fix = "what another rule would have sent",
		.other = 1234,
		.severity_set = true,
		.severity = CPIS_INFO,
	};
	judge_part(&judge, &draft, &telecom.part);
	const struct draft_finding *finding = finding_of(&draft, "XML-006");
	assert_null(finding->expected);
	assert_null(finding->fix);
	assert_int_equal(finding->other, 0);
	assert_int_equal(finding->severity, finding->rule->severity);
	draft_release(&draft);
}

static void test_a_blocked_check_is_blocked_by_its_own_reason(void **state)
{
	(void)state;
	struct draft draft = { 0 };
	struct telecom broken = telecom;
	struct judge judge = { .blocked_by = rules_stage(RULE_TRN_001) };
	broken.part.broken = rules_stage(RULE_SCH_005);
	judge_part(&judge, &draft, &broken.part);
	const struct rule *rule = rules_find("XML-006");
	assert_int_equal(draft.messages[0].finding_count, 0);
	assert_int_equal(draft.tallies[rules_index(rule)].blocked, 1);
	assert_ptr_equal(draft.tallies[rules_index(rule)].blocked_by, rules_stage(RULE_SCH_005));
	assert_null(judge.blocked_by);
	draft_release(&draft);
}

static struct subject named(const struct upload *upload, const char *name)
{
	struct subject subject = { .part = { .kind = PART_SUBJECT, .parent = &upload->part },
				   .given = { str_of(name), 9 },
				   .family = { str_of("Fell"), 99 } };
	subject.in_given = name_holds(subject.given.text);
	subject.in_family = name_holds(subject.family.text);
	return subject;
}

/* What the runner does not ask of a plain name, the check would say. */
static void test_a_plain_name_keeps_the_rules_that_are_not_run_on_it(void **state)
{
	(void)state;
	static const char *const names[] = { "Ada", "Anne-Marie", "D'Arcy", "St.John", "-", "" };
	static const struct upload upload = { .part = { .kind = PART_UPLOAD } };
	struct draft draft = { 0 };
	struct judge judge = { .options = &defaults, .draft = &draft };
	size_t sound = 0;
	assert_int_equal(draft_init(&draft, "sent", rules_count(), 100), 0);
	assert_non_null(draft_add_message(&draft));
	for (size_t i = 0; i < rules_count(); i++) {
		judge.rule = rules_at(i);
		for (size_t k = 0; judge.rule->sound && k < sizeof(names) / sizeof(*names); k++) {
			struct subject subject = named(&upload, names[k]);
			subject.part.sort = SUBJECT_PLAIN;
			assert_int_equal(subject.in_given, 0);
			assert_int_equal(judge.rule->sound, 1u << SUBJECT_PLAIN);
			assert_int_equal(judge.rule->check.subject(&judge, &subject), HOLDS);
			sound++;
		}
	}
	assert_int_equal(sound, 5 * sizeof(names) / sizeof(*names));
	draft_release(&draft);
}

static void test_a_name_with_a_fault_is_not_plain(void **state)
{
	(void)state;
	static const struct {
		const char *name, *id;
	} faults[] = {
		{ "Ren?e", "UPL-021" },
		{ "Ren\xc3\x83\xc2\xa9"
		  "e",
		  "UPL-021" },
		{ " Ada", "UPL-022" },
		{ "Ada\tMay", "UPL-022" },
		{ "Ada\xc2\xa0", "UPL-022" },
		{ "\xe3\x80\x80"
		  "Ada",
		  "UPL-022" },
		{ "Ada \xe2\x80\x89"
		  "May",
		  "UPL-022" },
		{ "Ada\xc2\xa0"
		  "May",
		  "UPL-022" },
		{ "O&apos;B", "UPL-027" },
		{ "Mr Ada", "UPL-028" },
		{ "Ada2", "UPL-029" },
		{ "Ada (twin)", "UPL-032" },
		{ "adopted", "UPL-032" },
		{ "Ada/May", "UPL-033" },
		{ "Unknown", "UPL-023" },
		{ "Ad\x7f"
		  "a",
		  "XML-006" },
	};
	static const struct upload upload = { .part = { .kind = PART_UPLOAD } };
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		struct draft draft = { 0 };
		struct judge judge = { .options = &defaults };
		struct subject subject = named(&upload, faults[i].name);
		subject.part.sort = subject.in_given ? SUBJECT_UPLOADED : SUBJECT_PLAIN;
		judge_part(&judge, &draft, &subject.part);
		finding_of(&draft, faults[i].id);
		draft_release(&draft);
	}
}

/* A birth date has no hours and no UTC offset; a message's time should have both. */
static void test_a_rule_is_run_on_the_sorts_of_part_that_it_is_about(void **state)
{
	(void)state;
	static const struct {
		enum timestamp_role role;
		size_t judged, not_applicable;
	} times[] = { { TIME_CREATED, 1, 0 }, { TIME_BIRTH, 0, 1 }, { TIME_PLAN_END, 0, 1 } };
	size_t index = rules_index(rules_find("DAT-018"));
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		struct draft draft = { 0 };
		struct judge judge = { .now = { 0 } };
		struct timestamp time = { .part = { .kind = PART_TIMESTAMP,
						    .role = times[i].role,
						    .sort = (uint8_t)times[i].role },
					  .value = { str_of("20260102"), 9 },
					  .moment = moment_of(str_of("20260102")) };
		judge_part(&judge, &draft, &time.part);
		assert_int_equal(draft.tallies[index].judged, times[i].judged);
		assert_int_equal(draft.tallies[index].not_applicable, times[i].not_applicable);
		draft_release(&draft);
	}
}

static void test_the_catalogue_knows_each_of_its_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < rules_count(); i++) {
		const struct rule *rule = rules_at(i);
		assert_ptr_equal(rules_find(rule->id), rule);
		assert_int_equal(rules_index(rule), i);
	}
	assert_null(rules_at(rules_count()));
	assert_null(rules_find("XML-999"));
	assert_string_equal(rules_stage(RULE_TRN_008)->id, "TRN-008");
	assert_int_equal(rules_stage_index(RULE_SCH_010), rules_index(rules_find("SCH-010")));
}

static size_t count_findings(const struct results *results, const char *id)
{
	size_t count = 0;
	for (size_t i = 0; i < results->message_count; i++)
		for (size_t k = 0; k < results->messages[i].finding_count; k++)
			count += strcmp(results->messages[i].findings[k].rule->id, id) == 0;
	return count;
}

/* The message was made in 2026: by a clock of 2001, that is in the future (DAT-006). */
static void test_a_source_can_be_judged_by_a_time_of_its_own(void **state)
{
	(void)state;
	struct cpis_results *made = NULL;
	struct cpis_failure failure;
	char *text = read_file("testcases/messages/upload-one.xml", NULL);
	struct engine_input input = { .name = "sent", .bytes = str_of(text) };
	assert_int_equal(cpis_results_new(&made, &defaults, &failure), 0);
	struct results *results = (struct results *)(void *)made;
	assert_int_equal(engine_judge(results, &input, &failure), 0);
	assert_int_equal(count_findings(results, "DAT-006"), 0);
	input.now = 1000000000;
	assert_int_equal(engine_judge(results, &input, &failure), 0);
	assert_int_equal(count_findings(results, "DAT-006"), 1);
	input.now = 0;
	assert_int_equal(engine_judge(results, &input, &failure), 0);
	assert_int_equal(count_findings(results, "DAT-006"), 1);
	assert_int_equal(results->options.now, defaults.now);
	cpis_results_free(made);
	free(text);
}

/* Each is of a message in which what the rule advises for others cannot be done. */
static void test_a_fix_is_true_of_its_message(void **state)
{
	(void)state;
	static const struct {
		const char *fixture, *fix;
	} cases[] = {
		{ "NHS-004/fail-in-a-query", "Find the person's NHS number on PDS" },
		{ "NHS-004/fail-replacement", "Send the number that PDS has now" },
		{ "NHS-004/fail-ten-zeros", "Leave the record out" },
		{ "NHS-017/fail-id-of-a-mother", "Send the person's id in your own system" },
		{ "UPL-005/fail-emergency-in-a-response",
		  "Send the emergency duty team's number after tel:." },
		{ "UPL-015/fail-author", "Send the name only in prefix, given, family and suffix" },
		{ "UPL-015/fail-mother", "Send the name only in given and family" },
		{ "DAT-006/fail-access-before-2012", "Send the time at which the query was made" },
		{ "DAT-020/fail-ended-after-the-18th-birthday",
		  "send the end that the plan had on or before" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct said said =
			run_program("validate -r json testcases/rules/%s.xml", cases[i].fixture);
		if (!strstr(said.out, cases[i].fix))
			fail_msg("%s: not \"%s\"", cases[i].fixture, cases[i].fix);
		run_release(&said);
	}
}

static void test_a_name_in_base64_is_judged_by_what_it_stands_for(void **state)
{
	(void)state;
	static const struct {
		const char *base64, *said;
	} cases[] = {
		{ "IA==", "the given name is blank" },
		{ "Wm9lIDI=", "has a digit in it" },	/* Zoe 2 */
		{ "VW5rbm93bg==", "is a placeholder" }, /* Unknown */
		{ "4oCL", "the given name is blank" },	/* a zero-width space */
		{ "Wm/igItl", "has the zero-width character U+200B" },
		{ "Wm/igK5l", "has the bidirectional control character U+202E" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text =
			read_file("testcases/rules/UPL-036/fail-base64-with-a-slash.xml", NULL);
		char *at = strstr(text, "Wm/Dqw==");
		assert_non_null(at);
		FILE *file = fopen(scratch_path("name.xml"), "wb");
		assert_non_null(file);
		assert_true(fprintf(file, "%.*s%s%s", (int)(at - text), text, cases[i].base64,
				    at + strlen("Wm/Dqw==")) > 0);
		assert_int_equal(fclose(file), 0);
		free(text);
		struct said said = run_program("validate -r json @/name.xml");
		if (!strstr(said.out, cases[i].said))
			fail_msg("%s: not \"%s\"", cases[i].base64, cases[i].said);
		run_release(&said);
	}
}

/* Of a notification, with something else in place of a tag. */
static void expect_notes(const char *fixture, const char *tag, const char *other, size_t notes)
{
	char *path = NULL;
	assert_true(asprintf(&path, "testcases/rules/%s.xml", fixture) > 0);
	char *text = read_file(path, NULL), *at = strstr(text, tag);
	assert_non_null(at);
	FILE *file = fopen(scratch_path("notification.xml"), "wb");
	assert_non_null(file);
	assert_true(fprintf(file, "%.*s%s%s", (int)(at - text), text, other,
			    *other ? at + strlen(tag) : "") > 0);
	assert_int_equal(fclose(file), 0);
	struct said said = run_program("validate -r csv @/notification.xml");
	size_t found = 0;
	for (const char *note = said.out; (note = strstr(note, "\"found\",\"NOT-005\"")); note++)
		found++;
	if (found != notes)
		fail_msg("%s, \"%s\": %zu notes, not %zu", fixture, other, found, notes);
	run_release(&said);
	free(text);
	free(path);
}

static void test_a_number_without_replacement_is_seen_beside_other_faults(void **state)
{
	(void)state;
	expect_notes("NOT-005/fail-none", "<effectiveTime", "<effectiveTime", 1);
	expect_notes("NOT-005/fail-none", "<effectiveTime", "<unknown/><effectiveTime", 1);
	expect_notes("NOT-005/fail-none", "</CP-ISInactive", "", 1);
	expect_notes("NOT-004/fail-replacement-in-the-second", "<id", "<id", 0);
}

/* Two records that are the same but for the given name, of which each is sent so. */
static void test_names_that_are_not_read_are_the_same_where_they_are_sent_alike(void **state)
{
	(void)state;
	static const struct {
		const char *first, *second;
		bool same;
	} cases[] = {
		{ "representation='B64'>Wm9lI", "representation='B64'>Wm9lI", true },
		{ "representation='B64'>Wm9lI", "representation='B64'>SXZhI", false },
		{ "compression='GZ'>H4sIAAAA", "compression='GZ'>H4sIAAAB", false },
		{ "compression='GZ'>H4sIAAAA", "compression='ZL'>H4sIAAAA", false },
		{ "compression='GZ'>H4sIAAAA", ">H4sIAAAA", false },
		{ "representation='B64'>Wm8OZQ==", "representation='B64'>Wm8PZQ==", false },
	};
	static const char given[] = "<given";
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = read_file("testcases/rules/NHS-032/fail-same-record-twice.xml", NULL);
		char *first = strstr(text, given), *second = strstr(first + 1, given);
		assert_non_null(second);
		FILE *file = fopen(scratch_path("names.xml"), "wb");
		assert_non_null(file);
		const char *after = strstr(first, "</given>");
		assert_true(fprintf(file, "%.*s<given %s%.*s<given %s%s", (int)(first - text), text,
				    cases[i].first, (int)(second - after), after, cases[i].second,
				    strstr(second, "</given>")) > 0);
		assert_int_equal(fclose(file), 0);
		free(text);
		struct said said = run_program("validate -r json @/names.xml");
		if ((strstr(said.out, "says the same as an earlier one") != NULL) != cases[i].same)
			fail_msg("%s and %s", cases[i].first, cases[i].second);
		run_release(&said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_names_that_are_not_read_are_the_same_where_they_are_sent_alike),
		cmocka_unit_test(test_a_fix_is_true_of_its_message),
		cmocka_unit_test(test_a_name_in_base64_is_judged_by_what_it_stands_for),
		cmocka_unit_test(test_a_number_without_replacement_is_seen_beside_other_faults),
		cmocka_unit_test(test_a_check_takes_nothing_that_an_earlier_one_said),
		cmocka_unit_test(test_a_blocked_check_is_blocked_by_its_own_reason),
		cmocka_unit_test(test_a_plain_name_keeps_the_rules_that_are_not_run_on_it),
		cmocka_unit_test(test_a_name_with_a_fault_is_not_plain),
		cmocka_unit_test(test_a_rule_is_run_on_the_sorts_of_part_that_it_is_about),
		cmocka_unit_test(test_a_source_can_be_judged_by_a_time_of_its_own),
		cmocka_unit_test(test_the_catalogue_knows_each_of_its_rules),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
