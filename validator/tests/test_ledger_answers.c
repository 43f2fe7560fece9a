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
	char command[4096];
	snprintf(command, sizeof(command), "mkdir '%s/%s'", scratch_folder(), name);
	assert_int_equal(system(command), 0);
	for (size_t i = 0; i < count; i++) {
		snprintf(command, sizeof(command), "sed '%s' testcases/rules/%s >'%s/%s/%s'",
			 files[i].sed, files[i].from, scratch_folder(), name, files[i].to);
		assert_int_equal(system(command), 0);
	}
	return run_program("ledger --all --show-values --at 2026-11-01 @/%s", name);
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

#define SENT	       "LED-017/pass-as-loaded/upload-1.xml"
#define ANSWER	       "LED-017/pass-as-loaded/answer-1.xml"
#define MADE_ON(day)   "s/creationTime value=\"20260117/creationTime value=\"202601" day "/;"
#define NUMBER(number) "s/<id extension=\"1\"/<id extension=\"" #number "\"/;"
#define CHILD(number)  "s/9997000145/" number "/;"

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
	expect(&said, "was made more than a day before the upload with this number");
	run_release(&said);
	/* It is not one that is missing between two others. */
	static const struct reworded between[] = {
		{ SENT, "first.xml", NUMBER(1) },
		{ SENT, "second.xml", NUMBER(2) MADE_ON("19") },
		{ SENT, "third.xml", NUMBER(3) MADE_ON("20") },
		{ ANSWER, "answer.xml", NUMBER(2) },
	};
	said = ledger_of("between", between, 4);
	expect(&said, "LED-016");
	expect_none(&said, "LED-004");
	run_release(&said);
}

/* Two records: a child protection plan and a plan of a looked after child, of two children. */
#define TWO	  "LED-001/fail-refused-by-its-content/upload-1.xml"
#define PARTIAL	  "LED-001/fail-refused-by-its-content/answer-1.xml"
#define UNNAMED	  "LED-001/fail-refused-and-not-named/answer-1.xml"
#define AT(xpath) "s|<location>//.*</location>|<location>" xpath "</location>|"
#define LOADED	  "9996184978\n  9X1: child protection plan from 2026-08-01, in force, shown"
#define REFUSED                                                                                    \
	"the looked after child plan of NHS number 9993394130 was refused with CPR03 in upload 1"
#define NOT_KNOWN "not known whether it was loaded, not known whether it is shown"

static void expect_refused(const char *name, const char *upload, const char *answer)
{
	const struct reworded files[] = {
		{ TWO, "upload.xml", upload },
		{ PARTIAL, "answer.xml", answer },
	};
	struct said said = ledger_of(name, files, 2);
	assert_int_equal(said.exit_code, 1);
	expect(&said, REFUSED);
	expect(&said, LOADED);
	expect_none(&said, "Not known");
	run_release(&said);
}

static void test_a_refused_record_is_found_by_any_xpath(void **state)
{
	(void)state;
	expect_refused("content", "", "");
	expect_refused("number", "", AT("/File/record[2]"));
	expect_refused("last", "", AT("/File/record[last()]"));
	expect_refused("star", "", AT("/*[1]/*[6]"));
	expect_refused("below", "", AT("/File/record[2]/CP-ISRecord"));
	expect_refused("sibling", "", AT("/File/record[1]/following-sibling::record"));
	/* It names no record, but the other one is loaded. */
	expect_refused("outside", "", AT("/File/record[7]"));
}

static void expect_not_known(const char *name, const char *answer)
{
	const struct reworded files[] = {
		{ TWO, "upload.xml", "" },
		{ PARTIAL, "answer.xml", answer },
	};
	struct said said = ledger_of(name, files, 2);
	assert_int_equal(said.exit_code, 1);
	expect(&said, "1 record of upload 1 was refused, and the acknowledgement does not say "
		      "which");
	expect(&said, "9993394130\n  9X1: looked after child plan from 2026-08-01, " NOT_KNOWN);
	expect(&said, "9996184978\n  9X1: child protection plan from 2026-08-01, " NOT_KNOWN);
	expect(&said, " 0 not acknowledged, 2 not known whether loaded, 0 never loaded.");
	expect(&said, "How to fix it: Find out which records were refused");
	expect_none(&said, "in force, shown");
	run_release(&said);
}

static void test_what_may_be_refused_is_not_shown_as_loaded(void **state)
{
	(void)state;
	/* All details, or that of the loaded record, are left out. */
	expect_not_known("none", "/<acknowledgementRecord>/,/<.acknowledgementRecord>/d");
	expect_not_known("beyond", "/CPR06/,/<.location>/{/CPR06/s/CPR06/CPR03/;"
				   "s/record.1/record[7/};" AT("/File/record[8]"));
	/* Both are loaded by their details, and one is not by their count. */
	expect_not_known("both-loaded", "s/CPR03/CPR06/;" AT("/File/record[2]"));
}

static void test_what_was_sent_right_since_is_not_open(void **state)
{
	(void)state;
	struct said said = run_program("ledger --all --at 2026-11-01 testcases/rules/LED-001/"
				       "pass-unnamed-and-sent-right");
	assert_int_equal(said.exit_code, 0);
	expect_none(&said, ", not known whether it is shown");
	run_release(&said);
}

/* Three records, of which two are refused, and the first of which is sent right since. */
#define THREE "LED-001/fail-only-a-record-of-two-plans-sent-right/"

static void test_a_record_excuses_no_other_one(void **state)
{
	(void)state;
	/* The last two say the same of one child. */
	static const struct reworded twice[] = {
		{ THREE "upload-1.xml", "upload-1.xml", "s/9990007774/9993394130/" },
		{ THREE "answer-1.xml", "answer-1.xml", "" },
		{ THREE "upload-2.xml", "upload-2.xml", "" },
		{ THREE "answer-2.xml", "answer-2.xml", "" },
	};
	struct said said = ledger_of("twice-in-a-file", twice, 4);
	assert_int_equal(said.exit_code, 1);
	expect(&said, "2 records of upload 1 were refused, and the acknowledgement does not say");
	run_release(&said);
	/* One of the two plans of the first is sent right. */
	static const struct reworded half[] = {
		{ THREE "upload-1.xml", "upload-1.xml", "" },
		{ THREE "answer-1.xml", "answer-1.xml", "/<failed/,/<.failed/s/2/1/" },
		{ THREE "upload-2.xml", "upload-2.xml",
		  "/<pertinentInformation>/{N;/CPPI/!{:a;N;/<.pertinentInformation>/!ba;d;};}" },
		{ THREE "answer-2.xml", "answer-2.xml", "" },
	};
	said = ledger_of("half", half, 4);
	assert_int_equal(said.exit_code, 1);
	expect(&said, "1 record of upload 1 was refused, and the acknowledgement does not say");
	run_release(&said);
}

/* Each upload whose acknowledgement does not say which records were refused is looked at. */
static void test_what_was_not_named_twice_is_counted_in_both_uploads(void **state)
{
	(void)state;
	static const struct reworded again[] = {
		{ TWO, "upload-1.xml", "" },
		{ UNNAMED, "answer-1.xml", "" },
		{ TWO, "upload-2.xml",
		  "s/<id extension=\"1\"/<id extension=\"2\"/;s/20260901/20260902/" },
		{ UNNAMED, "answer-2.xml",
		  "s/<id extension=\"1\"/<id extension=\"2\"/;s/20260901/20260902/" },
	};
	struct said said = ledger_of("unnamed-again", again, 4);
	assert_int_equal(said.exit_code, 1);
	expect(&said, "not sent right since (1)");
	expect(&said, "1 record of upload 2 was refused, and the acknowledgement does not say");
	run_release(&said);
}

/* Without a time, an acknowledgement is of the upload with its number, if there is but one. */
static void test_an_acknowledgement_without_a_time_is_not_guessed(void **state)
{
	(void)state;
	static const struct reworded files[] = {
		{ SENT, "first.xml", "" },
		{ ANSWER, "answer.xml", "s/\"20260117[^\"]*\"/\"junk\"/" },
		{ SENT, "second.xml", MADE_ON("18") CHILD("9990010013") },
	};
	struct said said = ledger_of("one-without-a-time", files, 2);
	expect(&said, "9997000145\n  9X1: child protection plan from 2026-01-05, in force, shown");
	expect_none(&said, "LED-016");
	run_release(&said);
	said = ledger_of("two-without-a-time", files, 3);
	expect(&said, "has no time that can be read, and several uploads have this number");
	expect(&said, " 2 not acknowledged,");
	expect_none(&said, "in force, shown");
	run_release(&said);
}

static void expect_in(const char *format, const char *folder, const char *text)
{
	struct said said =
		run_program("ledger -r %s --at 2026-11-01 testcases/rules/%s", format, folder);
	expect(&said, text);
	run_release(&said);
}

/* A finding that has a way of its own to be fixed says that one, in every format. */
static void test_the_fix_is_that_of_the_finding(void **state)
{
	(void)state;
	static const struct {
		const char *folder, *fix;
	} findings[] = {
		{ "LED-001/fail-refused-and-not-named", "Find out which records were refused" },
		{ "LED-017/fail-shown-twice", "Nothing in the uploads" },
		{ "LED-018/fail-shown-twice", "Nothing in the uploads" },
		{ "LED-018/fail-not-uploaded", "Put all uploads of the authority into the folder" },
	};
	static const char *const formats[] = { "text", "md", "json", "html" };
	for (size_t i = 0; i < sizeof(findings) / sizeof(findings[0]); i++)
		for (size_t k = 0; k < sizeof(formats) / sizeof(formats[0]); k++)
			expect_in(formats[k], findings[i].folder, findings[i].fix);
	/* Both kinds of one rule. */
	struct said said = run_program("ledger --at 2026-11-01 "
				       "testcases/rules/LED-001/fail-refused "
				       "testcases/rules/LED-001/fail-refused-and-not-named");
	expect(&said, "not sent right since (2)");
	expect(&said, "How to fix it: Correct what the code");
	expect(&said, "How to fix it: Find out which records");
	run_release(&said);
}

static void test_every_format_counts_what_is_perhaps_loaded_apart(void **state)
{
	(void)state;
	static const char folder[] = "LED-001/fail-refused-and-not-named";
	expect_in("text", folder, " 0 not acknowledged, 2 not known whether loaded,");
	expect_in("json", folder, "\"notAcknowledged\": 0,");
	expect_in("json", folder, "\"notKnownWhetherLoaded\": 2,");
	expect_in("html", folder, "Not known whether loaded");
}

/* The two records are of one child: the one that is refused is known by its place or its plan. */
static void test_a_record_is_refused_beside_a_loaded_one_of_the_child(void **state)
{
	(void)state;
	static const char returned[] =
		"s|</failedReturnedCP-ISRecords>|</failedReturnedCP-ISRecords><message>"
		"<cP-ISLAAcknowledgementResponse><pertinentInformation1><invalidCP-ISRecord>"
		"<pertinentInformation><npfitlc:contentId "
		"root=\"2.16.840.1.113883.2.1.3.2.4.18.16\" "
		"extension=\"COCT_TP146100GB01#LACInformation\"/><COCT_TP146100GB01.LACInformation>"
		"<component><lACStartDate><value "
		"value=\"202608010000\"/></lACStartDate></component>"
		"</COCT_TP146100GB01.LACInformation></pertinentInformation><subject>"
		"<npfitlc:contentId root=\"2.16.840.1.113883.2.1.3.2.4.18.16\" "
		"extension=\"COCT_TP145101GB01#Child\"/><COCT_TP145101GB01.Child>"
		"<id root=\"2.16.840.1.113883.2.1.4.1\" extension=\"9996184978\"/>"
		"</COCT_TP145101GB01.Child></subject></invalidCP-ISRecord></pertinentInformation1>"
		"</cP-ISLAAcknowledgementResponse></message>|;";
	static const char *const places[] = { AT("/File/record[last()]"), AT("/File/record[9]") };
	for (size_t i = 0; i < 2; i++) {
		char sed[2048];
		snprintf(sed, sizeof(sed), "%s%s", returned, places[i]);
		const struct reworded files[] = {
			{ TWO, "upload.xml", "s/9993394130/9996184978/" },
			{ PARTIAL, "answer.xml", sed },
		};
		struct said said = ledger_of(i ? "by-plan" : "by-place", files, 2);
		expect(&said, "not sent right since (1)");
		expect(&said, "the looked after child plan of NHS number 9996184978 was refused "
			      "with CPR03 in upload 1");
		expect(&said, "child protection plan from 2026-08-01, in force, shown");
		run_release(&said);
	}
}

/* An index that had the upload before its acknowledgement comes to the same. */
static void test_an_acknowledgement_that_comes_later_settles_its_upload(void **state)
{
	(void)state;
	static const char *const answers[] = { PARTIAL, UNNAMED };
	for (size_t i = 0; i < 2; i++) {
		struct said said = run_program("ledger -q --at 2026-11-01 --index @/%zu.index "
					       "testcases/rules/" TWO,
					       i);
		run_release(&said);
		said = run_program("ledger --all --show-values --at 2026-11-01 --index @/%zu.index "
				   "testcases/rules/" TWO " testcases/rules/%s",
				   i, answers[i]);
		expect(&said, i ? NOT_KNOWN : LOADED);
		expect(&said, i ? "1 record of upload 1 was refused" : REFUSED);
		run_release(&said);
	}
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
		cmocka_unit_test(test_a_refused_record_is_found_by_any_xpath),
		cmocka_unit_test(test_what_may_be_refused_is_not_shown_as_loaded),
		cmocka_unit_test(test_what_was_sent_right_since_is_not_open),
		cmocka_unit_test(test_a_record_excuses_no_other_one),
		cmocka_unit_test(test_what_was_not_named_twice_is_counted_in_both_uploads),
		cmocka_unit_test(test_an_acknowledgement_without_a_time_is_not_guessed),
		cmocka_unit_test(test_the_fix_is_that_of_the_finding),
		cmocka_unit_test(test_every_format_counts_what_is_perhaps_loaded_apart),
		cmocka_unit_test(test_a_record_is_refused_beside_a_loaded_one_of_the_child),
		cmocka_unit_test(test_an_acknowledgement_that_comes_later_settles_its_upload),
		cmocka_unit_test(test_dates_that_differ_are_said_as_closely_as_it_takes),
		cmocka_unit_test(test_a_plan_that_is_shown_twice_is_not_unknown),
	};
	return cmocka_run_group_tests_name("ledger answers", tests, NULL, NULL);
}
