#include "compare/compare.h"
#include "config/when.h"
#include "run_cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FIVE "testcases/messages/upload-five.xml"
#define ONE  "testcases/messages/upload-one.xml"

/* The message with one text in it replaced, as "altered.xml" of the scratch folder. */
static void alter(const char *message, const char *from, const char *to)
{
	size_t n;
	char *bytes = read_file(message, &n), *at = strstr(bytes, from);
	assert_non_null(at);
	FILE *file = fopen(scratch_path("altered.xml"), "w");
	assert_non_null(file);
	fprintf(file, "%.*s%s%s", (int)(at - bytes), bytes, to, at + strlen(from));
	assert_int_equal(fclose(file), 0);
	free(bytes);
}

static void write_text(const char *name, const char *text)
{
	FILE *file = fopen(scratch_path(name), "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* One value of an upload altered, and what the comparison says of it. */
static const struct {
	const char *from, *to, *line;
} alterations[] = {
	{ "<family>Marrow-Fenn<", "<family>Marrow-Fen<",
	  "  surname: expected Marrow-Fenn, found Marrow-Fen\n" },
	{ "<given>Tobias<", "<given>Tobin<", "  given name: expected Tobias, found Tobin\n" },
	{ "20111103", "20111104", "  birth date: expected 20111103, found 20111104\n" },
	{ "202609301200", "202609301201",
	  "  end date of the child protection plan: expected 202609301200, found 202609301201\n" },
	{ "202602031415", "202602031416",
	  "  start date of the looked after child plan: expected 202602031415, found "
	  "202602031416\n" },
	{ "9997595173", "9997595181", "  NHS number: expected 9997595173, found 9997595181\n" },
	/* Without a local id, name and birth date identify the child. */
	{ "9994939084", "9994939092", "  NHS number: expected 9994939084, found 9994939092\n" },
	{ "ADC-176204", "ADC-176205", "  local id: expected ADC-176204, found ADC-176205\n" },
};

static void test_one_altered_value_is_one_changed_record_with_its_field(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(alterations) / sizeof(alterations[0]); i++) {
		alter(FIVE, alterations[i].from, alterations[i].to);
		struct said said = run_program("compare --show-values %s @/altered.xml", FIVE);
		assert_int_equal(said.exit_code, 1);
		assert_non_null(strstr(said.out, "4 the same, 1 changed, 0 missing, 0 added\n"));
		if (!strstr(said.out, alterations[i].line))
			fail_msg("%s\n%s", alterations[i].line, said.out);
		run_release(&said);
	}
}

static void test_a_name_is_the_same_with_its_accents_apart(void **state)
{
	(void)state;
	alter(FIVE, "Ana\xc3\xafs", "Anai\xcc\x88s");
	struct said said = run_program("compare %s @/altered.xml", FIVE);
	assert_int_equal(said.exit_code, 0);
	run_release(&said);
	said = run_program("diff %s @/altered.xml", FIVE);
	assert_int_equal(said.exit_code, 0);
	run_release(&said);
	/* It identifies a child too. */
	alter(scratch_path("altered.xml"), "9994939084", "9994939092");
	said = run_program("compare %s @/altered.xml", FIVE);
	assert_non_null(strstr(said.out, "4 the same, 1 changed, 0 missing, 0 added\n"));
	assert_null(strstr(said.out, "given name"));
	run_release(&said);
	alter(FIVE, "Ana\xc3\xafs", "Anais");
	said = run_program("compare %s @/altered.xml", FIVE);
	assert_non_null(strstr(said.out, "  given name: expected "));
	run_release(&said);
}

/* The name after the code, and the local id, are not. */
static void test_an_authority_is_the_same_in_small_letters(void **state)
{
	(void)state;
	alter(FIVE, "extension=\"9X1\"", "extension=\"9x1\"");
	alter(scratch_path("altered.xml"), "Name=\"9X1:", "Name=\"9x1:");
	struct said said = run_program("compare %s @/altered.xml", FIVE);
	assert_string_equal(
		said.out,
		"5 records expected, 5 found: 5 the same, 0 changed, 0 missing, 0 added\n");
	run_release(&said);
	alter(FIVE, "Name=\"9X1:A", "Name=\"9X1:a");
	said = run_program("compare %s @/altered.xml", FIVE);
	assert_non_null(strstr(said.out, "4 the same, 1 changed, 0 missing, 0 added\n"));
	assert_non_null(strstr(said.out, "  authority of the local id: expected "));
	run_release(&said);
}

static void test_what_identifies_a_person_is_masked(void **state)
{
	(void)state;
	alter(FIVE, "<family>Marrow-Fenn<", "<family>Marrow-Fen<");
	struct said said = run_program("compare %s @/altered.xml", FIVE);
	assert_non_null(strstr(said.out, "  surname: expected [name #1], found [name #2]\n"));
	assert_null(strstr(said.out, "Marrow"));
	assert_null(strstr(said.out, "9997595173"));
	run_release(&said);
	said = run_program("compare --report json %s @/altered.xml", FIVE);
	assert_null(strstr(said.out, "Marrow"));
	assert_non_null(strstr(said.out, "\"verdict\": \"fail\""));
	run_release(&said);
}

static void test_a_data_set_may_be_written_for_the_eye(void **state)
{
	(void)state;
	write_text("one.yaml", "records:\n"
			       "  - nhs-number: 999 618 4978\n"
			       "    local-id: \"@\"\n");
	struct said said = run_program("compare --show-values @/one.yaml "
				       "testcases/messages/upload-one.xml");
	assert_int_equal(said.exit_code, 1);
	assert_non_null(strstr(said.out, "1 changed, 0 missing, 0 added"));
	assert_non_null(strstr(said.out, "surname: expected nothing, found "));
	assert_null(strstr(said.out, "NHS number: expected"));
	run_release(&said);
}

static void test_an_upload_in_an_envelope_is_compared_too(void **state)
{
	(void)state;
	struct said said = run_program(
		"compare testcases/messages/itk-upload.xml testcases/messages/itk-upload.xml");
	assert_int_equal(said.exit_code, 0);
	/* A girl who is a mother to be: both subjects of one record. */
	assert_string_equal(
		said.out,
		"2 records expected, 2 found: 2 the same, 0 changed, 0 missing, 0 added\n");
	run_release(&said);
}

static void test_more_records_are_allowed_on_request_alone(void **state)
{
	(void)state;
	write_text("part.yaml",
		   "records:\n"
		   "  - nhs-number: 9993394130\n    local-id: ADC-198830\n    given: Tobias\n"
		   "    family: Quillfeather\n    birth-date: 2015-07-22\n"
		   "    plans: [ { kind: child-protection, start: 2026-05-12 } ]\n");
	struct said said = run_program("compare @/part.yaml %s", FIVE);
	assert_int_equal(said.exit_code, 1);
	assert_non_null(strstr(said.out, "1 the same, 0 changed, 0 missing, 4 added"));
	run_release(&said);
	said = run_program("compare --contains @/part.yaml %s", FIVE);
	assert_int_equal(said.exit_code, 0);
	run_release(&said);
	said = run_program("compare --contains %s @/part.yaml", FIVE);
	assert_int_equal(said.exit_code, 1);
	assert_non_null(strstr(said.out, "4 missing"));
	run_release(&said);
}

static const struct {
	const char *arguments;
	int exit_code;
	const char *err;
} unreadable[] = {
	{ "@/none.yaml " FIVE, 2, "cannot be read" },
	{ FIVE " @/none.xml", 2, "cannot be read" },
	{ FIVE " testcases/messages", 2, "not a regular file" },
	{ "@/wrong.yaml " FIVE, 2,
	  "unknown key 'nhs-numbr' in a record: did you mean 'nhs-number'?" },
	{ "@/personal.yaml " FIVE, 2, "unknown key '…' in a record" },
	{ "@/kind.yaml " FIVE, 2, "'kind' cannot be '…' (one of looked-after" },
	{ "@/unknown.yaml " FIVE, 2, "this record cannot be identified" },
	{ FIVE " @/broken.xml", 2, "broken.xml:1:" },
	{ FIVE " @/other.xml", 2, "no CP-IS message found" },
	{ FIVE, 2, "name two files" },
};

static void test_what_cannot_be_read_is_reported_with_its_place(void **state)
{
	(void)state;
	write_text("wrong.yaml", "records:\n  - { nhs-numbr: 9993394130 }\n");
	write_text("personal.yaml", "records:\n  - { Zebulon: 9993394130 }\n");
	write_text("kind.yaml", "records:\n  - { nhs-number: 9993394130, plans: [ { kind: Zebulon, "
				"start: 2026-09-01 } ] }\n");
	write_text("unknown.yaml", "records:\n  - { given: Nemo }\n");
	write_text("broken.xml", "<File xmlns='urn:hl7-org:v3'><record>");
	write_text("other.xml", "<html/>");
	for (size_t i = 0; i < sizeof(unreadable) / sizeof(unreadable[0]); i++) {
		struct said said = run_program("compare %s", unreadable[i].arguments);
		assert_int_equal(said.exit_code, unreadable[i].exit_code);
		assert_string_equal(said.out, "");
		if (!strstr(said.err, unreadable[i].err))
			fail_msg("%s: %s", unreadable[i].arguments, said.err);
		run_release(&said);
	}
}

/* Records in another order, and two that have exchanged their numbers. */

static struct child_record *child(struct child_records *records, struct arena *arena,
				  const char *number, const char *local, const char *family)
{
	struct child_record *record = child_records_add(records, arena);
	record->subject = SUBJECT_CHILD;
	record->nhs_number = str_of(number);
	record->local_id = str_of(local);
	record->family = str_of(family);
	return record;
}

static void test_order_does_not_count(void **state)
{
	(void)state;
	struct arena arena;
	struct child_records a = { 0 }, b = { 0 };
	struct comparison comparison;
	char names[2000][12];
	arena_init(&arena);
	for (int i = 0; i < 2000; i++)
		snprintf(names[i], sizeof(names[i]), "%d", i);
	for (int i = 0; i < 2000; i++) {
		child(&a, &arena, names[i], names[i], names[i]);
		child(&b, &arena, names[1999 - i], names[1999 - i], names[1999 - i]);
	}
	assert_int_equal(records_compare(&arena, &a, &b, MATCH_EXACT, &comparison), 0);
	assert_int_equal(comparison.same, 2000);
	assert_int_equal(comparison.difference_count, 0);
	arena_release(&arena);
}

static void test_the_nhs_number_is_the_first_key_and_the_local_id_the_second(void **state)
{
	(void)state;
	struct arena arena;
	struct child_records a = { 0 }, b = { 0 };
	struct comparison comparison;
	arena_init(&arena);
	child(&a, &arena, "1", "x", "One");
	child(&a, &arena, "2", "y", "Two");
	child(&a, &arena, "3", "z", "Three");
	child(&b, &arena, "1", "y", "One");
	child(&b, &arena, "2", "x", "Two");
	child(&b, &arena, "", "z", "Three");
	assert_int_equal(records_compare(&arena, &a, &b, MATCH_EXACT, &comparison), 0);
	assert_int_equal(comparison.changed, 3);
	assert_string_equal(comparison.differences[0].fields[0].name, "local id");
	assert_string_equal(comparison.differences[2].fields[0].name, "NHS number");
	assert_int_equal(comparison.differences[2].fields[0].found.n, 0);
	arena_release(&arena);
}

static void test_a_child_sent_twice_is_one_too_many(void **state)
{
	(void)state;
	struct arena arena;
	struct child_records a = { 0 }, b = { 0 };
	struct comparison comparison;
	arena_init(&arena);
	child(&a, &arena, "1", "x", "One");
	child(&b, &arena, "1", "x", "One");
	child(&b, &arena, "1", "x", "One");
	assert_int_equal(records_compare(&arena, &a, &b, MATCH_EXACT, &comparison), 0);
	assert_int_equal(comparison.same, 1);
	assert_int_equal(comparison.added, 1);
	arena_release(&arena);
}

/* However many plans a record has, the last of them is compared too. */
static void test_every_plan_of_a_record_is_compared(void **state)
{
	(void)state;
	enum { PLANS = 40 };
	struct arena arena;
	struct child_records a = { 0 }, b = { 0 };
	struct comparison comparison;
	arena_init(&arena);
	struct child_record *pair[] = { child(&a, &arena, "1", "x", "One"),
					child(&b, &arena, "1", "x", "One") };
	for (size_t k = 0; k < 2; k++) {
		pair[k]->plans = arena_alloc(&arena, PLANS * sizeof(*pair[k]->plans));
		pair[k]->plan_count = PLANS;
		for (size_t i = 0; i < PLANS; i++)
			pair[k]->plans[i] = (struct child_plan){ .kind = PLAN_LOOKED_AFTER,
								 .start = STR("20260101") };
	}
	pair[1]->plans[PLANS - 1].end = STR("20260301");
	assert_int_equal(records_compare(&arena, &a, &b, MATCH_EXACT, &comparison), 0);
	assert_int_equal(comparison.changed, 1);
	assert_int_equal(comparison.differences[0].field_count, 1);
	arena_release(&arena);
}

static void test_a_plan_of_another_kind_is_named(void **state)
{
	(void)state;
	struct arena arena;
	struct child_records a = { 0 }, b = { 0 };
	struct comparison comparison;
	arena_init(&arena);
	struct child_record *x = child(&a, &arena, "1", "x", "One");
	struct child_record *y = child(&b, &arena, "1", "x", "One");
	x->plans = arena_alloc(&arena, sizeof(*x->plans));
	y->plans = arena_alloc(&arena, 2 * sizeof(*y->plans));
	x->plans[0] =
		(struct child_plan){ .kind = PLAN_CHILD_PROTECTION, .start = STR("20260101") };
	y->plans[0] = (struct child_plan){ .kind = PLAN_LOOKED_AFTER, .start = STR("20260101") };
	y->plans[1] = (struct child_plan){ .kind = PLAN_UNBORN_CHILD, .start = STR("20260202") };
	x->plan_count = 1;
	y->plan_count = 2;
	assert_int_equal(records_compare(&arena, &a, &b, MATCH_EXACT, &comparison), 0);
	assert_int_equal(comparison.differences[0].field_count, 2);
	assert_string_equal(comparison.differences[0].fields[0].name, "kind of plan");
	assert_string_equal(comparison.differences[0].fields[1].name, "unborn child plan");
	arena_release(&arena);
}

static const struct {
	const char *text, *digits; /* NULL: its day is not known */
} times[] = {
	{ "2026-05-12", "20260512" },
	{ "keyed", "20280229" },
	{ "keyed - 1 day", "20280228" },
	{ "keyed + 1 day 09:30", "202803010930" },
	{ "keyed - 1 year", "20270228" },
	{ "keyed - 1 year - 1 day", "20270227" },
	{ "keyed - 1 month 00:00", "202801290000" },
	{ "keyed+2 weeks", "20280314" },
	{ "keyed - 17 years - 132 days 10:00", "201010191000" },
	{ "keyed - 100 years", "19280229" },
	{ "message - 1 day", NULL },
};

static const char *const no_times[] = {
	"keyed - 3",
	"keyed - days",
	"keyed 3 days",
	"keyed - 3 fortnights",
	"keyed - 101 years",
	"keyed - 1 day 24:00",
	"keyed 9:00",
	"keyed 09:00 x",
	"keyed - 40001 days",
	"keyed - 9999999999 days",
	"keyed - 1 day - 1 day - 1 day - 1 day",
	"keye - 1 day",
	"message -",
	"keyedx",
	"",
};

static void test_what_no_record_shows_is_not_the_same(void **state)
{
	(void)state;
	struct said said = run_program("--version >@/version; sed 's/component1/component9/' " FIVE
				       " >@/strange.xml");
	run_release(&said);
	said = run_program("compare @/strange.xml @/strange.xml");
	assert_int_equal(said.exit_code, 3);
	assert_non_null(strstr(said.out, "not compared: "));
	run_release(&said);
	said = run_program("diff -r json @/strange.xml @/strange.xml");
	assert_int_equal(said.exit_code, 3);
	assert_non_null(strstr(said.out, "\"verdict\": \"incomplete\""));
	assert_non_null(strstr(said.out, "\"foundNotCompared\": "));
	run_release(&said);
}

static void test_a_time_may_be_relative_to_a_day(void **state)
{
	struct when_days days = { "20280229", "" };
	char digits[WHEN_DIGITS], why[256];
	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		if (!value_is_when(times[i].text, why, sizeof(why)))
			fail_msg("%s: %s", times[i].text, why);
		bool known = when_digits(times[i].text, &days, digits);
		if (known != (times[i].digits != NULL) ||
		    (known && strcmp(digits, times[i].digits) != 0))
			fail_msg("%s is %s", times[i].text, known ? digits : "not known");
	}
	for (size_t i = 0; i < sizeof(no_times) / sizeof(no_times[0]); i++)
		if (value_is_when(no_times[i], why, sizeof(why)))
			fail_msg("'%s' is a time", no_times[i]);
}

static void test_records_of_a_relative_data_set_are_those_of_its_day(void **state)
{
	static const char set[] =
		"records:\n  - nhs-number: 999 223 2412\n    local-id: ADC-184419\n"
		"    given: \"D'Arcy\"\n    family: Inkpen\n    birth-date: keyed - 13 years\n"
		"    plans:\n"
		"      - { kind: child-protection, start: \"message - 329 days 09:00\" }\n"
		"      - { kind: looked-after, start: \"keyed - 18 days 00:00\" }\n";
	(void)state;
	write_text("relative.yaml", set);
	struct said said =
		run_program("compare --contains --keyed 2026-05-08 @/relative.yaml " FIVE);
	assert_int_equal(said.exit_code, 0);
	run_release(&said);
	said = run_program("compare --contains --keyed 2026-05-09 @/relative.yaml " FIVE);
	assert_int_equal(said.exit_code, 1);
	assert_non_null(strstr(said.out, "birth date"));
	run_release(&said);
	said = run_program("compare --contains @/relative.yaml " FIVE);
	assert_int_equal(said.exit_code, 2);
	assert_non_null(strstr(said.err, "give it with --keyed"));
	run_release(&said);
	said = run_program("compare --contains --keyed May @/relative.yaml " FIVE);
	assert_int_equal(said.exit_code, 2);
	run_release(&said);
	said = run_program("compare --keyed 2026-05-08 @/relative.yaml @/relative.yaml");
	assert_int_equal(said.exit_code, 2);
	assert_non_null(strstr(said.err, "does not say when it was made"));
	run_release(&said);
}

/* The change that a sed script makes to a message, in the words of diff. */
static void expect_change(const char *name, const char *script, const char *words)
{
	static const char folder[] = "testcases/messages/";
	char *made = NULL;
	assert_true(asprintf(&made, "diff %s%s @/changed.xml", folder, name) > 0);
	struct said said = run_program("--version >@/version; sed \"%s\" %s%s >@/changed.xml",
				       script, folder, name);
	assert_int_equal(said.exit_code, 0);
	run_release(&said);
	said = run_program("%s", made);
	if (words)
		assert_non_null(strstr(said.out, words));
	assert_null(strstr(said.out, "plan removed"));
	assert_int_equal(said.exit_code, words ? 1 : 0);
	run_release(&said);
	free(made);
}

static void test_two_messages_of_a_kind_are_compared_as_a_whole(void **state)
{
	(void)state;
	expect_change("response-one.xml", "", NULL);
	expect_change("response-one.xml", "s/01632960114/01632960999/",
		      "emergency telephone number of the authority changed");
	expect_change("response-one.xml", "s/01632960200/01632960999/",
		      "telephone number of the authority changed");
	expect_change("upload-one.xml", "s/Dunmere Council</Dunmere</",
		      "name of the authority changed");
	expect_change("upload-one.xml", "s/extension=.9X1./extension=\\\"9X2\\\"/",
		      "]: authority changed");
	expect_change("upload-one.xml", "s/\\\"9X1:/\\\"9X2:/",
		      "authority of the local id changed");
	expect_change("upload-one.xml",
		      "s/<id root=[^>]*ADC-200417.*/<id "
		      "root=\\\"2.16.840.1.113883.2.1.4.1\\\" "
		      "extension=\\\"9990000018\\\"\\/>/",
		      "other NHS number added");
	expect_change("response-one.xml", "40s/9996184978/9993394130/",
		      "access to a person without a record");
}

/* What is expected may be a day alone, but before and after must agree either way. */
static void test_a_time_added_to_a_date_is_a_change_either_way(void **state)
{
	(void)state;
	static const struct {
		const char *from, *to, *changed;
	} made[] = {
		{ "value=\"20180314\"", "value=\"20180314000000\"", "]: birth date changed" },
		{ "value=\"202609011030\"", "value=\"20260901\"", "start date of the " },
	};
	for (size_t i = 0; i < 2; i++) {
		alter(ONE, made[i].from, made[i].to);
		for (size_t k = 0; k < 2; k++) {
			struct said said = run_program(k ? "diff @/altered.xml " ONE
							 : "diff " ONE " @/altered.xml");
			if (!strstr(said.out, made[i].changed) || said.exit_code != 1)
				fail_msg("%s: %s", made[i].to, said.out);
			run_release(&said);
		}
	}
}

static void test_acknowledgements_differ_in_what_became_of_each_record(void **state)
{
	(void)state;
	expect_change("acknowledgement-partial.xml", "", NULL);
	expect_change("acknowledgement-partial.xml", "s/CPR03/CPR01/",
		      "[4]: code changed from CPR03 to CPR01");
	expect_change("acknowledgement-partial.xml",
		      "s/invalidCP/validCP/;/<pertinentInformation>/,/<.pertinentInformation>/d",
		      "outcome changed from refused to loaded");
	expect_change("acknowledgement-partial.xml", "s/CPF03/CPF04/",
		      "outcome of the file: code changed from CPF03 to CPF04");
	expect_change("acknowledgement-partial.xml",
		      "/<failedReturned/,/<.failedReturned/s/value=.1./value=\\\"2\\\"/",
		      "number of records refused: code changed from 1 to 2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_altered_value_is_one_changed_record_with_its_field),
		cmocka_unit_test(test_a_name_is_the_same_with_its_accents_apart),
		cmocka_unit_test(test_an_authority_is_the_same_in_small_letters),
		cmocka_unit_test(test_what_identifies_a_person_is_masked),
		cmocka_unit_test(test_a_data_set_may_be_written_for_the_eye),
		cmocka_unit_test(test_an_upload_in_an_envelope_is_compared_too),
		cmocka_unit_test(test_more_records_are_allowed_on_request_alone),
		cmocka_unit_test(test_what_cannot_be_read_is_reported_with_its_place),
		cmocka_unit_test(test_order_does_not_count),
		cmocka_unit_test(test_the_nhs_number_is_the_first_key_and_the_local_id_the_second),
		cmocka_unit_test(test_a_child_sent_twice_is_one_too_many),
		cmocka_unit_test(test_every_plan_of_a_record_is_compared),
		cmocka_unit_test(test_a_plan_of_another_kind_is_named),
		cmocka_unit_test(test_two_messages_of_a_kind_are_compared_as_a_whole),
		cmocka_unit_test(test_a_time_added_to_a_date_is_a_change_either_way),
		cmocka_unit_test(test_acknowledgements_differ_in_what_became_of_each_record),
		cmocka_unit_test(test_what_no_record_shows_is_not_the_same),
		cmocka_unit_test(test_a_time_may_be_relative_to_a_day),
		cmocka_unit_test(test_records_of_a_relative_data_set_are_those_of_its_day),
	};
	return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
