/* The ledger: which acknowledgement belongs to which upload, which records it refuses, and what
 * responses show. */
#include "run_cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A message of a fixture, with some of its words replaced by sed. */
struct reworded {
	const char *from, *to; /* to: name in the folder that is made */
	const char *sed;
};

static struct said ledger_of(const char *name, const struct reworded *files, size_t count)
{
	char command[2048];
	snprintf(command, sizeof(command), "mkdir '%s/%s'", scratch_folder(), name);
	assert_int_equal(system(command), 0);
	for (size_t i = 0; i < count; i++) {
		snprintf(command, sizeof(command), "sed '%s' testcases/rules/%s >'%s/%s/%s'",
			 files[i].sed, files[i].from, scratch_folder(), name, files[i].to);
		assert_int_equal(system(command), 0);
	}
	return run_program("ledger --all --show-values --at 2026-06-30 @/%s", name);
}

static void expect(struct said *said, const char *text)
{
	if (!strstr(said->out, text))
		fail_msg("\"%s\" is not in\n%s", text, said->out);
}

static void expect_none(struct said *said, const char *text)
{
	if (strstr(said->out, text))
		fail_msg("\"%s\" is in\n%s", text, said->out);
}

#define SENT	      "LED-017/pass-as-loaded/upload-1.xml"
#define ANSWER	      "LED-017/pass-as-loaded/answer-1.xml"
#define MADE_ON(day)  "s/creationTime value=\"20260117/creationTime value=\"202601" day "/;"
#define CHILD(number) "s/9997000145/" number "/;"

static void test_an_acknowledgement_is_not_of_an_upload_made_after_it(void **state)
{
	(void)state;
	/* The number is used again the next day, for another child. */
	static const struct reworded next_day[] = {
		{ SENT, "first.xml", "" },
		{ SENT, "second.xml", MADE_ON("18") CHILD("9990010013") },
		{ ANSWER, "answer.xml", "" },
		{ ANSWER, "later.xml", MADE_ON("18") },
	};
	struct said said = ledger_of("next-day", next_day, 3);
	expect(&said, "9997000145\n  9X1: child protection plan from 2026-01-05, in force, shown");
	expect(&said, "9990010013\n  9X1: child protection plan from 2026-01-05, not acknowledged");
	run_release(&said);
	said = ledger_of("both", next_day, 4);
	expect_none(&said, "LED-002");
	run_release(&said);
}

static void test_clocks_may_differ_by_a_day(void **state)
{
	(void)state;
	static const struct reworded within[] = {
		{ SENT, "upload.xml", MADE_ON("18") },
		{ ANSWER, "answer.xml", "" },
	};
	struct said said = ledger_of("within", within, 2);
	expect(&said, "in force, shown");
	run_release(&said);
	static const struct reworded later[] = {
		{ SENT, "upload.xml", MADE_ON("19") },
		{ ANSWER, "answer.xml", "" },
	};
	said = ledger_of("later", later, 2);
	expect(&said, "LED-002");
	expect(&said, "LED-016");
	run_release(&said);
}

static void test_dates_that_differ_are_said_as_closely_as_it_takes(void **state)
{
	(void)state;
	struct said said = run_program("ledger --at 2026-06-30 testcases/rules/LED-017/"
				       "fail-other-start");
	expect(&said, "starts on 2026-01-05 and is open, starts on ");
	run_release(&said);
	said = run_program("ledger --at 2026-06-30 testcases/rules/LED-017/fail-another-minute");
	expect(&said, "starts on 2026-01-05 at 09:00 and is open, starts on 2026-01-05 at 09:01 "
		      "and is open in the response");
	run_release(&said);
	static const struct reworded seconds[] = {
		{ SENT, "upload.xml", "" },
		{ ANSWER, "answer.xml", "" },
		{ "LED-017/pass-as-loaded/response-1.xml", "response.xml",
		  "s/\"202601050900\"/\"20260105090001\"/" },
	};
	said = ledger_of("seconds", seconds, 3);
	expect(&said, "starts on 202601050900 and is open, starts on 20260105090001 and is open");
	run_release(&said);
}

static void test_a_plan_that_is_shown_twice_is_not_unknown(void **state)
{
	(void)state;
	struct said said = run_program("ledger --at 2026-06-30 testcases/rules/LED-017/"
				       "fail-shown-twice");
	assert_int_equal(said.exit_code, 1);
	expect(&said, "is in the response of 2026-02-01 twice: the other one starts on 2026-01-05 "
		      "and ends on 2026-01-20");
	expect_none(&said, "LED-018");
	run_release(&said);
	said = run_program("ledger --at 2026-06-30 testcases/rules/LED-018/fail-shown-twice");
	expect(&said, "shows the child protection plan of NHS number [#1] twice");
	expect_none(&said, "no upload before it");
	run_release(&said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_acknowledgement_is_not_of_an_upload_made_after_it),
		cmocka_unit_test(test_clocks_may_differ_by_a_day),
		cmocka_unit_test(test_dates_that_differ_are_said_as_closely_as_it_takes),
		cmocka_unit_test(test_a_plan_that_is_shown_twice_is_not_unknown),
	};
	return cmocka_run_group_tests_name("ledger answers", tests, NULL, NULL);
}
