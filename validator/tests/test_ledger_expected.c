/* The ledger: the children that should be there, by a list of the authority's own. */
#include "run_cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void write_text(const char *name, const char *text)
{
	FILE *file = fopen(scratch_path(name), "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* The NHS number of the child in the fixture. */
static void read_number(char number[11])
{
	static const char before[] = "\"plan\",\"9X1\",\"";
	struct said said = run_program("ledger -r csv --show-values --at 2026-06-30 "
				       "testcases/rules/LED-001/pass-sent-right");
	const char *at = strstr(said.out, before);
	assert_non_null(at);
	snprintf(number, 11, "%.10s", at + strlen(before));
	run_release(&said);
}

static void test_what_is_expected_is_compared_by_field(void **state)
{
	(void)state;
	write_text("bad.csv", "name,plan\nAda,cpp\n");
	write_text("other.yaml", "records:\n  - nhs-number: \"9990000018\"\n    plans:\n"
				 "      - { kind: looked-after, start: 2026-01-06 }\n");
	char number[11];
	read_number(number);
	char text[600];
	snprintf(text, sizeof(text),
		 "NHS number,local_id,birth-date,given,family,plan,start,end\r\n"
		 "%.3s %.3s %s,L-1,2015-07-22,Ada,Marrow,cpp,2026-01-05,\r\n",
		 number, number + 3, number + 6);
	write_text("same.csv", text);
	struct said said = run_program("ledger --at 2026-06-30 --expected @/same.csv "
				       "testcases/rules/LED-001/pass-sent-right");
	assert_int_equal(said.exit_code, 0);
	assert_non_null(strstr(said.out, "1 record: 1 as expected, 0 missing, 0 extra"));
	run_release(&said);
	snprintf(text, sizeof(text),
		 "nhs-number,plan,start,family,given,birth-date,local-id\n"
		 "%s,cpp,2026-01-06,Marrow,Ada,2015-07-22,L-1\n"
		 "9990000018,lac,2026-01-06,\"Fenn, \"\"B\"\"\",Bo,2016-01-01,L-9\n",
		 number);
	write_text("other.csv", text);
	said = run_program("ledger --show-values --at 2026-06-30 --expected @/other.csv "
			   "testcases/rules/LED-001/pass-sent-right");
	assert_int_equal(said.exit_code, 1);
	assert_non_null(strstr(said.out, "different: record 1"));
	assert_non_null(strstr(said.out, "start date of the child protection plan: expected "
					 "20260106, found 202601050900"));
	assert_non_null(strstr(said.out, "missing: record 2"));
	run_release(&said);
	said = run_program("ledger --at 2026-06-30 --expected @/other.yaml "
			   "testcases/rules/LED-001/pass-sent-right");
	assert_int_equal(said.exit_code, 1);
	assert_non_null(strstr(said.out, "1 missing, 1 extra, 0 different"));
	run_release(&said);
	said = run_program("ledger --at 2026-06-30 --expected @/bad.csv "
			   "testcases/rules/LED-001/pass-sent-right");
	assert_int_equal(said.exit_code, 2);
	assert_non_null(strstr(said.err, "nhs-number or local-id"));
	run_release(&said);
	/* A list of values alone: they are of no column, and shown to no one. */
	write_text("values.csv", "9990010013,2009-12-31\n");
	said = run_program(
		"ledger --expected @/values.csv testcases/rules/LED-001/pass-sent-right");
	assert_int_equal(said.exit_code, 2);
	assert_non_null(strstr(said.err, "the first line must name the columns"));
	assert_null(strstr(said.err, "2009"));
	run_release(&said);
	snprintf(text, sizeof(text), "nhs-number\n%s\n", number);
	write_text("numbers.csv", text);
	said = run_program("ledger --at 2026-06-30 --expected @/numbers.csv "
			   "testcases/rules/LED-001/pass-sent-right");
	assert_int_equal(said.exit_code, 0);
	assert_non_null(strstr(said.out, "1 record: 1 as expected, 0 missing, 0 extra"));
	run_release(&said);
}

/* Two rows are of one child, whatever way the accents of its name are written in. */
static void test_a_list_may_write_a_name_in_two_ways(void **state)
{
	static const char *const lists[] = {
		"nhs-number,given,family,plan,start\n"
		"9990000018,Ana\xc3\xafs,Fenn,lac,2026-01-06\n"
		"9990000018,Anai\xcc\x88s,Fenn,cpp,2026-01-06\n",
		"local-id,given,family,plan,start\n"
		",Ana\xc3\xafs,Fenn,lac,2026-01-06\n,Anai\xcc\x88s,Fenn,cpp,2026-01-06\n",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		write_text("names.csv", lists[i]);
		struct said said = run_program("ledger --at 2026-06-30 --expected @/names.csv "
					       "testcases/rules/LED-001/pass-sent-right");
		assert_int_equal(said.exit_code, 1);
		assert_non_null(strstr(said.out, "1 record: 0 as expected, 1 missing, 1 extra"));
		run_release(&said);
	}
}

/* Each would make the list shorter than it looks. */
static void test_a_list_that_loses_a_row_is_refused(void **state)
{
	static const struct {
		const char *rows, *words;
	} lists[] = {
		{ "9990010013,cpp,\"2026-01-05\n9990000018,cpp,2026-01-05\n",
		  "list.csv:2:16: the quote that opens here is not closed" },
		{ "9990010013,cpp,\"2026\"-01-05\n", "there is text after the closing quote" },
		{ "9990010013,,2026-01-05\n", "list.csv:2:13: the start is of no plan" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		char text[200];
		snprintf(text, sizeof(text), "nhs-number,plan,start\n%s", lists[i].rows);
		write_text("list.csv", text);
		struct said said = run_program("ledger --expected @/list.csv "
					       "testcases/rules/LED-001/pass-sent-right");
		assert_int_equal(said.exit_code, 2);
		assert_non_null(strstr(said.err, lists[i].words));
		run_release(&said);
	}
}

static void test_a_table_that_is_not_understood_is_refused_with_its_place(void **state)
{
	(void)state;
	static const struct {
		const char *table, *says;
	} tables[] = {
		{ "nhs-number,plan,strat\n",
		  ":1:17: there is no column 'strat': did you mean 'start'?" },
		{ "nhs-number,colour\n", ":1:12: there is no column 'colour': leave it out" },
		{ "nhs-number,plan,NHS_number\n", ":1:17: the column 'nhs-number' is there twice" },
		{ "nhs-number,plan\n9990000018,cpp\n9990000026,lac,2026-01-05\n",
		  ":3:16: the first line has no name for this cell, which is number 3" },
		{ "nhs-number,family\n9990000018,\"two\nlines\"\n9990000026,Moss,x\n",
		  ":4:17: the first line has no name for this cell" },
		{ "nhs-number,plan,start\n9990000018,cpp,soon\n",
		  ":2:16: the start is not a date" },
		{ "nhs-number,plan\n\n9990000018,ccp\n", ":3:12: the plan must be" },
		{ "nhs-number,given,plan\n9990000018,Ada,cpp\n9990000018,Max,\n",
		  ":3:12: an earlier line has another 'given' for this child" },
		{ "nhs-number,family,plan\n9990000018,,cpp\n9990000018,Fenn,\n9990000018,Moss,"
		  "lac\n",
		  ":4:12: an earlier line has another 'family' for this child" },
		{ "nhs-number,birth-date,plan\n9990000018,2016-01-01,cpp\n9990000018,2018-03-14,\n",
		  ":3:12: an earlier line has another 'birth-date' for this child" },
		{ "nhs-number,plan\n9990000018,cpp\n9990000018,cpp\n",
		  ":3:12: an earlier line has the same plan of this child" },
		{ "nhs-number,plan,start\n9990000018,cpp,2026-01-05\n9990000026,lac,\n"
		  "9990000018,child-protection,20260105\n",
		  ":4:12: an earlier line has the same plan of this child" },
		{ "nhs-number,subject,plan\n9990000018,mum,ucp\n",
		  ":2:12: the subject must be child or mother" },
	};
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		write_text("refused.csv", tables[i].table);
		struct said said = run_program("ledger --at 2026-06-30 --expected @/refused.csv "
					       "testcases/rules/LED-001/pass-sent-right");
		if (said.exit_code != 2 || !strstr(said.err, tables[i].says))
			fail_msg("%s: exit %d, %s", tables[i].table, said.exit_code, said.err);
		run_release(&said);
	}
	/* A comma at the end of every line names nothing and holds nothing. */
	write_text("refused.csv", "nhs-number,plan,\n9990000018,cpp,\n");
	struct said said = run_program("ledger --at 2026-06-30 --expected @/refused.csv "
				       "testcases/rules/LED-001/pass-sent-right");
	assert_int_equal(said.exit_code, 1);
	run_release(&said);
}

/* The rows of a child are of one record, however many rows of others are between them. */
static void test_a_list_of_children_has_no_order(void **state)
{
	(void)state;
	FILE *file = fopen(scratch_path("ORDER.CSV"), "w");
	assert_non_null(file);
	fputs("nhs-number,plan,family\n9990000018,cpp,\n", file);
	for (int i = 0; i < 300; i++)
		fprintf(file, "X%d,cpp,\n", i);
	fputs("9990000018,lac,Fenn\n", file);
	assert_int_equal(fclose(file), 0);
	struct said said = run_program("ledger --show-values --expected @/ORDER.CSV "
				       "testcases/rules/LED-001/pass-sent-right");
	assert_int_equal(said.exit_code, 1);
	assert_non_null(strstr(said.out, "Expected: 301 records: 0 as expected, 301 missing"));
	run_release(&said);
}

static void test_lines_of_one_number_are_of_one_child(void **state)
{
	(void)state;
	static const struct {
		const char *second, *says;
	} lists[] = {
		{ "9990000018,,lac", "Expected: 1 record: 0 as expected, 1 missing" },
		{ "9990000018,Z-1,lac", "Expected: 1 record: 0 as expected, 1 missing" },
		/* Of two authorities, or of two cases. */
		{ "9990000018,Z-2,lac", "Expected: 2 records: 0 as expected, 2 missing" },
		{ ",Z-1,lac", "Expected: 2 records: 0 as expected, 2 missing" },
	};
	for (size_t i = 0; i < 2 * sizeof(lists) / sizeof(lists[0]); i++) {
		const char *first = "9990000018,Z-1,cpp", *second = lists[i / 2].second;
		char text[200];
		snprintf(text, sizeof(text), "nhs-number,local-id,plan\n%s\n%s\n",
			 i % 2 ? second : first, i % 2 ? first : second);
		write_text("lines.csv", text);
		struct said said = run_program("ledger --expected @/lines.csv "
					       "testcases/rules/LED-001/pass-sent-right");
		if (!strstr(said.out, lists[i / 2].says))
			fail_msg("%s: %s", text, said.out);
		run_release(&said);
	}
}

static void test_a_plan_that_is_not_held_is_named_without_its_start(void **state)
{
	(void)state;
	static const struct {
		const char *heads, *first, *second, *says;
	} tables[] = {
		{ "nhs-number,plan", ",cpp", ",lac",
		  "looked after child plan: expected a plan with any start date, found nothing" },
		{ "nhs-number,plan,start", ",cpp,2026-01-05", ",lac,",
		  "looked after child plan: expected a plan without a start date, found nothing" },
	};
	char number[11];
	read_number(number);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		char text[200];
		snprintf(text, sizeof(text), "%s\n%s%s\n%s%s\n", tables[i].heads, number,
			 tables[i].first, number, tables[i].second);
		write_text("plans.csv", text);
		struct said said = run_program("ledger --at 2026-06-30 --expected @/plans.csv "
					       "testcases/rules/LED-001/pass-sent-right");
		if (said.exit_code != 1 || !strstr(said.out, tables[i].says))
			fail_msg("%s: exit %d, %s", text, said.exit_code, said.out);
		run_release(&said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_expected_is_compared_by_field),
		cmocka_unit_test(test_a_list_may_write_a_name_in_two_ways),
		cmocka_unit_test(test_a_list_that_loses_a_row_is_refused),
		cmocka_unit_test(test_a_table_that_is_not_understood_is_refused_with_its_place),
		cmocka_unit_test(test_a_list_of_children_has_no_order),
		cmocka_unit_test(test_lines_of_one_number_are_of_one_child),
		cmocka_unit_test(test_a_plan_that_is_not_held_is_named_without_its_start),
	};
	return cmocka_run_group_tests_name("ledger expected", tests, NULL, NULL);
}
