/* The file of waivers: what it accepts, for how long, and that every report says so. */
#include "run_cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include <cmocka.h>

#define NOW	" --now 2026-11-01T00:00Z "
#define BAD	"testcases/rules/TMS-004/fail-notification.xml"
#define OF_PATH "  path: \"/REPC_IN000004GB01/interactionId/@extension\"\n"
#define UNTIL	"  reason: until 4.2\n  owner: Ada Assessor\n  expires: 2027-03-31\n"
#define GOOD	"testcases/messages/upload-one.xml"
#define WAIVER	"- rule: TMS-004\n" OF_PATH UNTIL

static char *output;

static void write_to(const char *name, const char *content)
{
	FILE *file = fopen(scratch_path(name), "wb");
	assert_non_null(file);
	assert_true(fputs(content, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Run with the waivers: the exit code and words of the output. */
static void expect(const char *waivers, const char *arguments, int exit_code, const char *words)
{
	char line[2048];
	write_to("waivers.yaml", waivers);
	snprintf(line, sizeof(line), "%s --waivers @/waivers.yaml", arguments);
	int code = run_output(&output, line);
	if (code != exit_code || !strstr(output, words))
		fail_msg("%s with\n%s: exit %d\n%s", arguments, waivers, code, output);
}

static void test_a_waived_finding_fails_nothing_and_says_who_waived_it(void **state)
{
	(void)state;
	static const char *const formats[] = { "text",	      "short", "json",	"html",
					       "certificate", "junit", "sarif", "tap",
					       "csv",	      "xml",   "md" };
	assert_int_equal(run_output(&output, "validate" NOW BAD), 1);
	expect(WAIVER, "validate" NOW BAD, 0, "until 4.2 (Ada Assessor, until 2027-03-31)");
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		char line[512];
		snprintf(line, sizeof(line), "validate" NOW "-r %s " BAD, formats[i]);
		expect(WAIVER, line, 0, "Ada Assessor");
	}
	expect(WAIVER, "validate" NOW "-r md " BAD, 0, "### Waived\n\n- <code>TMS-004</code>");
}

static void test_results_keep_it_by_their_schema(void **state)
{
	(void)state;
	expect(WAIVER, "validate" NOW "-q -r xml=@/results.xml " BAD, 0, "");
	char command[1024];
	snprintf(command, sizeof(command), "xmllint --noout --schema reports/results.xsd %s 2>&1",
		 scratch_path("results.xml"));
	assert_int_equal(system(command), 0);
	assert_int_equal(run_output(&output, "report @/results.xml"), 0);
	assert_non_null(strstr(output, "Ada Assessor"));
	char *kept = read_file(scratch_path("results.xml"), NULL);
	assert_non_null(strstr(kept, "role=\"waivers\""));
	free(kept);
}

static void test_one_that_has_expired_or_meets_nothing_fails_the_run(void **state)
{
	(void)state;
	expect(WAIVER, "validate --now 2027-03-31T12:00Z -q " BAD, 0, "");
	expect(WAIVER, "validate --now 2027-04-01T00:00Z " BAD, 1,
	       "the waiver of TMS-004 on line 1 of waivers.yaml has expired");
	assert_non_null(strstr(output, "Not conformant"));
	expect(WAIVER, "validate" NOW GOOD, 1, "is not needed");
	assert_non_null(strstr(output, "no message failed, but waivers"));
	expect("- rule: TMS-004\n  case: A\n" UNTIL, "validate" NOW BAD, 1, "names a case");
}

/* What the run did not look for may still need it. */
static void test_one_that_could_not_be_met_fails_nothing(void **state)
{
	(void)state;
	write_to("off.yaml",
		 "profile: p\nrules:\n  - { rule: TMS-004, severity: off, reason: r }\n");
	write_to("unread", "<File xmlns='urn:hl7-org:v3'><creationTime value='");
	write_to("json", "{ \"resourceType\": \"Patient\" }");
	expect(WAIVER, "validate" NOW "--stages xml,schema " GOOD, 0, "Partial");
	expect(WAIVER, "validate" NOW "--profile @/off.yaml " BAD, 0, "Partial");
	expect(WAIVER, "validate" NOW GOOD " @/json", 1, "TRN-001");
	assert_null(strstr(output, "is not needed"));
	expect(WAIVER, "validate" NOW GOOD " @/none.xml", 3, "none.xml");
	expect(WAIVER, "validate" NOW GOOD " @/unread", 1, "XML-001");
	assert_null(strstr(output, "is not needed"));
	expect(WAIVER, "validate --now 2027-04-01T00:00Z --stages xml " GOOD, 1, "has expired");
}

static void test_every_report_says_that_one_is_not_needed(void **state)
{
	(void)state;
	static const char *const formats[] = { "short",	      "json", "html", "junit", "sarif",
					       "codequality", "tap",  "csv",  "md",    "xml" };
	char line[256], command[512];
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		snprintf(line, sizeof(line), "validate" NOW "-r %s " GOOD, formats[i]);
		expect(WAIVER, line, 1, "is not needed");
	}
	expect(WAIVER, "validate" NOW "-r certificate " GOOD, 1, "but waivers have expired");
	expect(WAIVER, "validate" NOW "-q -r xml=@/a.xml " GOOD, 1, "");
	snprintf(command, sizeof(command), "xmllint --noout --schema reports/results.xsd %s 2>&1",
		 scratch_path("a.xml"));
	assert_int_equal(system(command), 0);
	assert_int_equal(run_output(&output, "report @/a.xml"), 1);
	assert_non_null(strstr(output, "is not needed"));
	/* Joined with the results of another run, it is still said; and the same twice, once. */
	assert_int_equal(run_output(&output, "validate" NOW "-q -r xml=@/b.xml "
					     "testcases/messages/upload-five.xml"),
			 0);
	assert_int_equal(run_output(&output, "merge @/a.xml @/b.xml"), 1);
	assert_non_null(strstr(output, "is not needed"));
}

static void test_a_file_that_says_too_little_is_refused(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"- rule: TMS-004\n" UNTIL, /* everywhere */
		"- rule: TMS-999\n" OF_PATH UNTIL,
		"- rule: TMS-004\n" OF_PATH "  reason: r\n  expires: 2027-03-31\n",
		"- rule: TMS-004\n" OF_PATH "  reason: r\n  owner: o\n",
		"- rule: TMS-004\n" OF_PATH "  reason: r\n  owner: o\n  expires: 2027-02-30\n",
		"- rule: TMS-004\n" OF_PATH "  until: 2027-03-31\n" UNTIL,
		"- path: /File\n  case: A\n" UNTIL,
		"- reason: r\n  owner: o\n  expires: 2027-03-31\n",
	};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		expect(wrong[i], "validate" NOW BAD, 2, "waivers.yaml:");
}

/* A baseline is not a waiver: no one answers for it, and it has no end. */
static void test_what_a_baseline_accepts_is_not_called_waived(void **state)
{
	(void)state;
	static const char *const formats[] = { "text", "short", "junit", "md" };
	write_to("base.yaml", "- rule: TMS-004\n" OF_PATH "  reason: ticket 118\n");
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		char line[512];
		snprintf(line, sizeof(line), "validate" NOW "--baseline @/base.yaml -r %s " BAD,
			 formats[i]);
		assert_int_equal(run_output(&output, line), 0);
		if (!strstr(output, "ccepted") || !strstr(output, "ticket 118") ||
		    strstr(output, "aived"))
			fail_msg("%s: %s", formats[i], output);
	}
	assert_int_equal(run_output(&output, "validate -q" NOW "--baseline @/base.yaml -r "
					     "xml=@/results.xml -r html=@/now.html " BAD),
			 0);
	assert_int_equal(run_output(&output, "report -q @/results.xml -r html=@/later.html"), 0);
	char *now = read_file(scratch_path("now.html"), NULL);
	char *later = read_file(scratch_path("later.html"), NULL);
	assert_string_equal(now, later);
	assert_non_null(strstr(now, "</span>accepted</span>"));
	assert_non_null(strstr(now, "<h3>Accepted</h3>"));
	assert_null(strstr(now, "(waived)"));
	free(now);
	free(later);
}

/* Whatever is waived of it: what was not read or recognised is incomplete, or fails. */
static void test_unread_input_never_passes_by_a_waiver(void **state)
{
	(void)state;
	static const struct {
		const char *rule, *content;
	} cases[] = {
		{ "XML-001", "<File xmlns='urn:hl7-org:v3'><creationTime value='" },
		{ "XML-002", "<!DOCTYPE x [<!ENTITY a 'b'>]><File xmlns='urn:hl7-org:v3'/>" },
		{ "TRN-001", "<other/>" },
		{ "TRN-001", "{ \"resourceType\": \"Patient\" }" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_to("unread", cases[i].content);
		run_output(&output, "validate" NOW "-r json=@/unread.json @/unread");
		char *json = read_file(scratch_path("unread.json"), NULL);
		char path[256] = "", waiver[1024];
		const char *at = strstr(json, "\"path\": \"");
		if (at)
			sscanf(at, "\"path\": \"%255[^\"]", path);
		free(json);
		snprintf(waiver, sizeof(waiver), "- rule: %s\n  path: \"%s\"\n" UNTIL,
			 cases[i].rule, path);
		write_to("waivers.yaml", waiver);
		int code = run_output(&output, "validate" NOW "@/unread --waivers @/waivers.yaml");
		if (code == 0)
			fail_msg("%s: %s", cases[i].content, output);
	}
}

static void make_pack(const char *message, const char *pack)
{
	char *bytes = read_file(message, NULL);
	write_to("message.xml", bytes);
	free(bytes);
	write_to("pack.yaml", pack);
}

#define NOTE "- rule: TMS-045\n  case: A\n" UNTIL

static void test_a_key_of_the_other_kind_of_waiver_has_a_hint(void **state)
{
	(void)state;
	expect("- rule: TMS-004\n  at: //interactionId\n" UNTIL, "validate" NOW BAD, 2,
	       "unknown key 'at' in a waiver: did you mean 'path'?");
	make_pack(BAD, "pack: p\nversion: 1.0.0\ntitle: P\ncases:\n  - id: A\n    title: A\n"
		       "    message: message.xml\n    expect: { verdict: pass }\n"
		       "waivers:\n  - { case: A, rule: TMS-004, path: /a, reason: r, owner: o, "
		       "expires: 2027-03-31 }\n");
	assert_int_equal(run_output(&output, "run" NOW "@/pack.yaml"), 2);
	assert_non_null(strstr(output, "unknown key 'path' in a waiver: did you mean 'at'?"));
}

static void test_waivers_of_a_pack_are_of_a_case(void **state)
{
	(void)state;
	make_pack(BAD, "pack: p\nversion: 1.0.0\ntitle: P\ncases:\n  - id: A\n    title: A\n"
		       "    message: message.xml\n    expect: { verdict: pass }\n");
	assert_int_equal(run_output(&output, "run" NOW "@/pack.yaml"), 1);
	expect("- rule: TMS-004\n  case: A\n" UNTIL NOTE, "run" NOW "@/pack.yaml", 0,
	       "Ada Assessor");
	expect("- case: A\n" UNTIL, "run" NOW "@/pack.yaml", 0, "Ada Assessor");
	assert_non_null(strstr(output, "(waived: until 4.2"));
	expect("- rule: TMS-004\n  case: A\n" UNTIL NOTE "- rule: DAT-002\n  case: A\n" UNTIL,
	       "run" NOW "@/pack.yaml", 1, "is not needed");
	expect("- rule: TMS-004\n  case: A\n" UNTIL NOTE, "run --now 2027-05-01 @/pack.yaml", 1,
	       "has expired");
	expect("- case: A\n" UNTIL, "run --now 2027-05-01 @/pack.yaml", 1, "has expired");
	/* Of a case that is left out, too. */
	make_pack(BAD, "pack: p\nversion: 1.0.0\ntitle: P\ncases:\n  - id: A\n    title: A\n"
		       "    message: message.xml\n    expect: { verdict: pass }\n"
		       "  - id: C\n    title: C\n    message: message.xml\n"
		       "    expect: { verdict: fail, at-least: true }\n");
	expect("- case: A\n" UNTIL, "run --only C --now 2027-05-01 @/pack.yaml", 1, "has expired");
	expect("- case: A\n" UNTIL, "run --only C" NOW "@/pack.yaml", 0, "");
	expect("- case: A\n" UNTIL "- case: B\n" UNTIL, "run" NOW "-r junit @/pack.yaml", 1,
	       "the waiver of B on line 5 of waivers.yaml names a case that this run does not "
	       "have");
}

/* As findings that are waived one by one: no report has them as if they were open. */
static void test_findings_of_a_waived_case_are_not_open(void **state)
{
	(void)state;
	static const struct {
		const char *format, *open, *accepted;
	} formats[] = {
		{ "codequality", "\"TMS-0", "[]" },
		{ "short", "error: ", "error (waived): " },
		{ "csv", "\"message.xml\",\"found\"", "\"message.xml\",\"waived\",\"TMS-004\"" },
		{ "text", "error: ", "2 waived" },
		{ "md", "| Errors | 1", "| Waived findings | 2 |" },
		{ "xml", "verdict=\"fail\"", "<waived>waived: until 4.2" },
		{ "sarif", "\"level\": \"none\"", "\"justification\": \"waived: until 4.2" },
		{ "junit", "<failure", "skipped=\"1\"" },
		{ "tap", "not ok", "# SKIP waived" },
	};
	char line[256];
	make_pack(BAD, "pack: p\nversion: 1.0.0\ntitle: P\ncases:\n  - id: A\n    title: A\n"
		       "    message: message.xml\n    expect: { verdict: pass }\n");
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		snprintf(line, sizeof(line), "run" NOW "-r %s @/pack.yaml", formats[i].format);
		expect("- case: A\n" UNTIL, line, 0, formats[i].accepted);
		if (strstr(output, formats[i].open))
			fail_msg("%s: %s", formats[i].format, output);
	}
	/* What the case expects is not accepted with what it does not. */
	make_pack(BAD, "pack: p\nversion: 1.0.0\ntitle: P\ncases:\n  - id: A\n    title: A\n"
		       "    message: message.xml\n    expect: { verdict: fail, findings: "
		       "[{ rule: TMS-004 }] }\n");
	expect("- case: A\n" UNTIL, "run" NOW "-r codequality @/pack.yaml", 0, "[]");
	expect("- case: A\n" UNTIL, "run" NOW "-r short @/pack.yaml", 0, "note (waived): ");
	assert_non_null(strstr(output, "error: "));
}

#define ASKS(name, one, other)                                                                     \
	"pack: " name "\nversion: 1.0.0\ntitle: P\ncases:\n  - id: " one "\n    title: A\n"        \
	"    message: message.xml\n    expect: { verdict: pass }\n"                                \
	"  - { id: " other ", title: B, manual: Is it shown? }\n"

/* What is said of a case is said of one case, whatever packs are run together. */
static void test_a_case_of_two_packs_is_named_with_its_pack(void **state)
{
	(void)state;
	static const char both[] = "run" NOW "@/pack.yaml @/q.yaml --evidence @/answers";
	static const char *const yes[] = {
		"- { case: B, answer: pass, by: Ann, on: 2026-11-01 }\n",
		"- { case: B, pack: p, answer: pass, by: Ann, on: 2026-11-01 }\n"
		"- { case: B, pack: q, answer: pass, by: Ann, on: 2026-11-01 }\n",
	};
	make_pack(BAD, ASKS("p", "A", "B"));
	write_to("q.yaml", ASKS("q", "A", "B"));
	mkdir(scratch_path("answers"), 0700);
	write_to("answers/answers.yaml", yes[0]);
	expect("- case: A\n  pack: p\n" UNTIL, both, 2,
	       "answers.yaml:1:11: 'B' is a question of the packs 'p' and 'q': say of which with "
	       "'pack'");
	write_to("answers/answers.yaml", yes[1]);
	expect("- case: A\n" UNTIL, both, 2,
	       "waivers.yaml:1:9: 'A' is a case of the packs 'p' and 'q': say of which with "
	       "'pack'");
	expect("- rule: TMS-004\n  case: A\n" UNTIL, both, 2, "waivers.yaml:2:9: 'A' is a case");
	expect("- case: A\n  pack: p\n" UNTIL, both, 1, "1 of 4 cases failed");
	expect("- case: A\n  pack: p\n" UNTIL "- case: A\n  pack: q\n" UNTIL, both, 0, "");
	expect("- case: A\n  pack: p\n" UNTIL "- case: A\n  pack: r\n" UNTIL, both, 1,
	       "names a case");
	expect("- rule: TMS-004\n  pack: p\n" OF_PATH UNTIL, both, 2, "'pack' needs a case");
	/* Of a case that asks nothing no answer is meant. */
	write_to("q.yaml", ASKS("q", "B", "C"));
	write_to("answers/answers.yaml", "- { case: B, answer: pass, by: Ann, on: 2026-11-01 }\n"
					 "- { case: C, answer: pass, by: Ann, on: 2026-11-01 }\n");
	expect("- case: A\n" UNTIL "- case: B\n  pack: q\n" UNTIL, both, 0, "");
}

/* No number of cases counts it, and every report has it. */
static void test_what_is_wrong_with_a_run_is_no_case_of_a_pack(void **state)
{
	(void)state;
	static const char both[] = "- case: A\n" UNTIL "- case: B\n" UNTIL;
	make_pack(BAD, "pack: p\nversion: 1.0.0\ntitle: P\ncases:\n  - id: A\n    title: A\n"
		       "    message: message.xml\n    expect: { verdict: pass }\n"
		       "  - id: C\n    title: C\n    message: message.xml\n"
		       "    expect: { verdict: fail, at-least: true }\n");
	expect(both, "run" NOW "@/pack.yaml", 1, "no case failed, but waivers have expired");
	expect(both, "run" NOW "-r json @/pack.yaml", 1, "\"cases\": 2");
	expect(both, "run" NOW "-r junit @/pack.yaml", 1, "names a case");
	expect("- case: B\n" UNTIL, "run" NOW "@/pack.yaml", 1, "1 of 2 cases failed");
	/* Each part has a case that the other has not. */
	expect(both, "run -q" NOW "--only A -r xml=@/1.xml @/pack.yaml", 1, "");
	expect(both, "run -q" NOW "--only C -r xml=@/2.xml @/pack.yaml", 1, "");
	assert_int_equal(run_output(&output, "merge @/1.xml @/2.xml -r junit"), 1);
	assert_non_null(strstr(output, "names a case"));
	assert_non_null(strstr(output, "tests=\"3\" failures=\"1\""));
	assert_int_equal(run_output(&output, "report @/1.xml"), 1);
	assert_non_null(strstr(output, "no case failed, but waivers have expired"));
	make_pack(BAD, "pack: p\nversion: 1.0.0\ntitle: P\ncases:\n  - id: waivers\n    title: A\n"
		       "    message: message.xml\n    expect: { verdict: pass }\n");
	assert_int_equal(run_output(&output, "run" NOW "@/pack.yaml"), 2);
	assert_non_null(strstr(output, "the id waivers is reserved"));
}

static void test_an_entry_of_a_baseline_that_a_waiver_meets_too_is_not_stale(void **state)
{
	(void)state;
	write_to("base.yaml", "- rule: TMS-004\n" OF_PATH "  reason: r\n");
	expect(WAIVER, "validate" NOW "--baseline @/base.yaml " BAD, 0, "Ada Assessor");
	assert_null(strstr(output, "stale"));
	make_pack(BAD, "pack: p\nversion: 1.0.0\ntitle: P\ncases:\n  - id: A\n    title: A\n"
		       "    message: message.xml\n    expect: { verdict: pass }\n");
	expect("- rule: TMS-004\n  case: A\n" UNTIL NOTE,
	       "run" NOW "--baseline @/base.yaml @/pack.yaml", 0, "Ada Assessor");
	assert_null(strstr(output, "stale"));
}

/* An entry that no one looked for may still be needed. */
static void test_an_entry_that_was_not_looked_for_is_not_stale(void **state)
{
	(void)state;
	static const char *const without[] = { "--stages xml", "--max-findings 1",
					       "--profile @/off.yaml" };
	write_to("base.yaml", "- rule: TMS-004\n" OF_PATH "- rule: DAT-002\n  path: /none\n");
	write_to("off.yaml", "profile: p\nrules:\n  - { rule: DAT-002, severity: \"off\", "
			     "reason: r }\n  - { rule: TMS-004, severity: \"off\", reason: r }\n");
	run_output(&output, "validate" NOW "--baseline @/base.yaml " BAD);
	assert_non_null(strstr(output, "stale: DAT-002 at /none"));
	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++) {
		char line[512];
		snprintf(line, sizeof(line),
			 "validate" NOW "%s --baseline @/base.yaml testcases/rules/UPL-001/ "
			 "testcases/messages/REPC_IN000004GB01.xml",
			 without[i]);
		run_output(&output, line);
		if (strstr(output, "stale"))
			fail_msg("%s:\n%s", line, output);
	}
}

/* Findings past the limit of the list are not counted as waived. */
/* Whether a waiver or a baseline accepts what is not listed is unknown: it fails nothing. */
static void test_what_is_not_listed_may_be_accepted(void **state)
{
	(void)state;
	static const char waivers[] =
		"- rule: NHS-001\n  path: \"/File/record[1]/CP-ISRecord/subject/"
		"COCT_TP145101GB01.Child/id[1]/@extension\"\n" UNTIL;
	static const char before[] = "2.1.4.1\" extension=\"9";
	char *message = read_file("testcases/messages/upload-five.xml", NULL);
	for (char *at = message; (at = strstr(at, before)); at++)
		at[sizeof(before) - 2] = 'X';
	write_to("many.xml", message);
	free(message);
	write_to("one.yaml", waivers);
	run_output(&output, "validate" NOW "@/many.xml");
	assert_non_null(strstr(output, "[NHS-001]"));
	assert_int_equal(run_output(&output, "validate" NOW "@/many.xml --waivers @/one.yaml"), 1);
	assert_int_equal(run_output(&output, "validate" NOW "@/many.xml --waivers @/one.yaml "
					     "--max-findings 1 -r short -r xml=@/many.results"),
			 3);
	assert_non_null(strstr(output, "more findings of NHS-001 are accepted"));
	assert_int_equal(run_output(&output, "report @/many.results"), 3);
	/* A baseline that would not have them all is not written. */
	assert_int_equal(run_output(&output, "validate" NOW "@/many.xml --baseline @/many.yaml "
					     "--update-baseline --max-findings 1"),
			 3);
	assert_non_null(strstr(output, "the baseline is not written"));
	assert_int_not_equal(access(scratch_path("many.yaml"), F_OK), 0);
	assert_int_equal(run_output(&output, "validate" NOW "@/many.xml --baseline @/many.yaml "
					     "--update-baseline"),
			 0);
	assert_int_equal(run_output(&output, "validate" NOW "@/many.xml --baseline @/many.yaml"),
			 0);
	assert_int_equal(run_output(&output, "validate" NOW "@/many.xml --baseline @/many.yaml "
					     "--max-findings 1"),
			 3);
}

static void test_waived_findings_are_counted_where_the_list_is_cut(void **state)
{
	(void)state;
	static const char *const formats[] = { "text", "md", "short" };
	static const char before[] = "2.1.4.1\" extension=\"9";
	char *message = read_file("testcases/messages/upload-five.xml", NULL);
	for (char *at = message; (at = strstr(at, before)); at++)
		at[sizeof(before) - 2] = 'X';
	write_to("many.xml", message);
	free(message);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		char line[256];
		snprintf(line, sizeof(line),
			 "validate" NOW "-r %s --max-findings 1 "
			 "@/many.xml",
			 formats[i]);
		run_output(&output, line);
		assert_null(strstr(output, "waived"));
		assert_non_null(strstr(output, "more findings are not listed"));
	}
}

static void test_a_headline_does_not_hide_what_was_found(void **state)
{
	(void)state;
	static const char other[] = "- rule: DAT-002\n  path: /x\n" UNTIL;
	expect(other, "validate" NOW "--fail-on never " BAD, 1,
	       "1 error was found (--fail-on never)");
	expect("- rule: DAT-002\n  path: /x\n  reason: r\n  owner: o\n  expires: 2026-01-01\n",
	       "validate" NOW GOOD " @/none.xml", 1, "1 of 2 messages could not be checked");
}

static void test_a_known_failure_ends_on_its_day(void **state)
{
	(void)state;
	make_pack(BAD, "pack: p\nversion: 1.0.0\ntitle: P\ncases:\n  - id: A\n    title: A\n"
		       "    message: message.xml\n    expect: { verdict: pass }\n"
		       "    known-failure: ticket 7\n    known-failure-expires: 2027-03-31\n");
	assert_int_equal(run_output(&output, "run" NOW "@/pack.yaml"), 0);
	assert_int_equal(run_output(&output, "run --now 2027-04-01T00:00Z @/pack.yaml"), 1);
	assert_non_null(strstr(output, "its known failure expired on 2027-03-31"));
}

/* A run in which no case over evidence passed certifies no one. */
static void test_waivers_alone_are_no_conformance(void **state)
{
	(void)state;
	static const char *const formats[] = { "text", "html", "certificate", "md", "json", "tap" };
	make_pack("testcases/messages/upload-one.xml",
		  "pack: p\nversion: 1.0.0\ntitle: P\ncases:\n  - id: A\n    title: A\n"
		  "    evidence: message.xml\n    expect: { verdict: fail }\n"
		  "    known-failure: ticket 7\n    known-failure-owner: Ann\n"
		  "    known-failure-expires: 2027-03-31\n"
		  "  - { id: B, title: B, manual: { question: Is it so? } }\n");
	mkdir(scratch_path("evidence"), 0700);
	/* Nor does an answer make up for the messages. */
	write_to("evidence/answers.yaml", "- { case: B, answer: pass, by: Ann, on: 2026-11-01 }\n");
	char *message = read_file("testcases/messages/upload-one.xml", NULL);
	write_to("evidence/message.xml", message);
	free(message);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		char line[512];
		snprintf(line, sizeof(line), "run" NOW "-r %s @/pack.yaml --evidence @/evidence",
			 formats[i]);
		assert_int_equal(run_output(&output, line), 0);
		assert_non_null(strstr(output, "ticket 7"));
		assert_null(strstr(output, "Conformant"));
		assert_null(strstr(output, "Certificate of conformance"));
		if (strcmp(formats[i], "tap") != 0)
			assert_non_null(strstr(output, "Not shown to be conformant"));
	}
}

static void test_a_known_failure_accepts_nothing_unchecked(void **state)
{
	(void)state;
	make_pack("testcases/messages/upload-one.xml",
		  "pack: p\nversion: 1.0.0\ntitle: P\ncases:\n  - id: A\n    title: A\n"
		  "    message: message.xml\n    expect: { verdict: fail }\n"
		  "    known-failure: ticket 7\n");
	write_to("message.xml", "{ \"resourceType\": \"Patient\" }");
	write_to("waivers.yaml", "- rule: TRN-001\n  case: A\n" UNTIL);
	assert_int_not_equal(run_output(&output, "run" NOW "@/pack.yaml --waivers @/waivers.yaml"),
			     0);
}

/* An error that keeps rules from judging is not accepted with its case: they have judged nothing.
 */
static void test_a_waiver_of_a_case_accepts_nothing_that_rules_could_not_check(void **state)
{
	(void)state;
	static const char pack[] = "pack: p\nversion: 1.0.0\ntitle: P\ncases:\n  - id: A\n"
				   "    title: A\n    message: message.xml\n"
				   "    known-failure: ticket 7\n    expect: { verdict: pass }\n";
	static const char said[] = "known failure is not accepted where something could not";
	make_pack("testcases/rules/SCH-002/fail-birth-time.xml", pack);
	assert_int_equal(run_output(&output, "run -r json" NOW "@/pack.yaml"), 1);
	assert_non_null(strstr(output, said));
	expect("- case: A\n" UNTIL, "run -r json" NOW "@/pack.yaml", 1,
	       "waiver is not accepted where something could not be checked");
}

static void test_a_bundle_keeps_and_repeats_them(void **state)
{
	(void)state;
	make_pack(BAD, "pack: p\nversion: 1.0.0\ntitle: P\ncases:\n  - id: A\n    title: A\n"
		       "    message: message.xml\n    expect: { verdict: pass }\n");
	run_output(&output, "keygen @/key");
	expect("- case: A\n" UNTIL, "run" NOW "@/pack.yaml --bundle @/b.zip --key @/key", 0, "");
	assert_int_equal(run_output(&output, "verify @/b.zip --public-key @/key.pub"), 0);
	assert_non_null(strstr(output, "Ada Assessor"));
	/* What is wrong with them is repeated too. */
	expect("- case: A\n" UNTIL "- case: B\n" UNTIL,
	       "run" NOW "@/pack.yaml --bundle @/c.zip --key @/key", 1, "names a case");
	assert_int_equal(run_output(&output, "verify @/c.zip --public-key @/key.pub"), 1);
	assert_null(strstr(output, "different this time"));
}

static int forget(void **state)
{
	(void)state;
	free(output);
	return 0;
}

/* A template with a value in the place of "@@". */
static void put_in(char *text, size_t n, const char *template, const char *value)
{
	const char *at = strstr(template, "@@");
	assert_non_null(at);
	snprintf(text, n, "%.*s%s%s", (int)(at - template), template, value, at + 2);
}

/* What means nothing to whoever wrote the file cannot be an owner, a reason or a title. */
static void test_no_value_is_no_text(void **state)
{
	(void)state;
	static const char *const nothing[] = { "", "~", "null", "Null", "NULL", "''", "' '" };
	static const char *const files[][2] = {
		{ "- { rule: DAT-002, path: /a, reason: @@, owner: A, expires: 2027-03-31 }\n",
		  "reason" },
		{ "- { rule: DAT-002, path: /a, reason: a, owner: @@, expires: 2027-03-31 }\n",
		  "owner" },
		{ "[{\"rule\":\"DAT-002\",\"path\":\"/a\",\"reason\":\"a\",\"owner\":@@,"
		  "\"expires\":\"2027-03-31\"}]\n",
		  "owner" },
	};
	static const char *const packs[][2] = {
		{ "pack: p\nversion: 1.0.0\ntitle: @@\ncases:\n  - { id: A, title: A, "
		  "message: message.xml, expect: { verdict: pass } }\n",
		  "title" },
		{ "pack: p\nversion: 1.0.0\ntitle: P\ncases:\n  - { id: A, title: A, "
		  "message: message.xml, known-failure: @@, expect: { verdict: pass } }\n",
		  "known-failure" },
		{ "pack: p\nversion: 1.0.0\ntitle: P\ncases:\n  - { id: A, title: A, "
		  "message: message.xml, known-failure: a, known-failure-owner: @@, "
		  "known-failure-expires: 2027-03-31, expect: { verdict: pass } }\n",
		  "known-failure-owner" },
	};
	char text[512];
	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++) {
		for (size_t k = 0; k < sizeof(files) / sizeof(files[0]); k++) {
			if (k == 2 && !*nothing[i])
				continue;
			put_in(text, sizeof(text), files[k][0], nothing[i]);
			expect(text, "validate" NOW BAD, 2, files[k][1]);
		}
		for (size_t k = 0; k < sizeof(packs) / sizeof(packs[0]); k++) {
			put_in(text, sizeof(text), packs[k][0], nothing[i]);
			make_pack(BAD, text);
			expect("- { rule: DAT-002, case: A, reason: a, owner: A, expires: "
			       "2027-03-31 }\n",
			       "run" NOW "@/pack.yaml", 2, packs[k][1]);
		}
	}
	expect("- { rule: TMS-004, path: /REPC_IN000004GB01/interactionId/@extension, reason: "
	       "\"null\", owner: \"~\", expires: 2027-03-31 }\n",
	       "validate" NOW BAD, 0, "null");
}

/* Where every message passes by request, no report says more, and what was not checked fails to
 * pass. */
static void test_fail_on_never_is_no_conformance(void **state)
{
	(void)state;
	static const char *const formats[] = { "text",	"short", "md",	       "junit",
					       "tap",	"json",	 "csv",	       "html",
					       "sarif", "xml",	 "certificate" };
	char line[256];
	make_pack(BAD, "pack: p\nversion: 1.0.0\ntitle: P\ncases:\n  - { id: A, title: A, "
		       "evidence: message.xml, expect: { verdict: pass, at-least: true } }\n");
	mkdir(scratch_path("never"), 0700);
	char *bytes = read_file(BAD, NULL);
	write_to("never/message.xml", bytes);
	free(bytes);
	assert_int_equal(run_output(&output, "run" NOW "@/pack.yaml --evidence @/never"), 1);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		snprintf(line, sizeof(line),
			 "run" NOW "@/pack.yaml --evidence @/never --fail-on never -r %s",
			 formats[i]);
		assert_int_equal(run_output(&output, line), 0);
		if (!strstr(output, "--fail-on never") || strstr(output, "Conformant:") ||
		    strstr(output, "Certificate of conformance"))
			fail_msg("%s: %s", formats[i], output);
	}
	assert_int_equal(run_output(&output, "validate" NOW "--fail-on never testcases/rules/"
					     "SCH-003/fail-acknowledgement-type.xml"),
			 3);
	assert_non_null(strstr(output, "no error counts by --fail-on never"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_waived_finding_fails_nothing_and_says_who_waived_it),
		cmocka_unit_test(test_results_keep_it_by_their_schema),
		cmocka_unit_test(test_one_that_has_expired_or_meets_nothing_fails_the_run),
		cmocka_unit_test(test_one_that_could_not_be_met_fails_nothing),
		cmocka_unit_test(test_every_report_says_that_one_is_not_needed),
		cmocka_unit_test(test_a_file_that_says_too_little_is_refused),
		cmocka_unit_test(test_what_a_baseline_accepts_is_not_called_waived),
		cmocka_unit_test(test_unread_input_never_passes_by_a_waiver),
		cmocka_unit_test(test_a_key_of_the_other_kind_of_waiver_has_a_hint),
		cmocka_unit_test(test_waivers_of_a_pack_are_of_a_case),
		cmocka_unit_test(test_findings_of_a_waived_case_are_not_open),
		cmocka_unit_test(test_a_case_of_two_packs_is_named_with_its_pack),
		cmocka_unit_test(test_what_is_wrong_with_a_run_is_no_case_of_a_pack),
		cmocka_unit_test(test_an_entry_that_was_not_looked_for_is_not_stale),
		cmocka_unit_test(test_what_is_not_listed_may_be_accepted),
		cmocka_unit_test(test_waived_findings_are_counted_where_the_list_is_cut),
		cmocka_unit_test(test_an_entry_of_a_baseline_that_a_waiver_meets_too_is_not_stale),
		cmocka_unit_test(test_a_headline_does_not_hide_what_was_found),
		cmocka_unit_test(test_a_known_failure_ends_on_its_day),
		cmocka_unit_test(test_waivers_alone_are_no_conformance),
		cmocka_unit_test(test_a_known_failure_accepts_nothing_unchecked),
		cmocka_unit_test(
			test_a_waiver_of_a_case_accepts_nothing_that_rules_could_not_check),
		cmocka_unit_test(test_a_bundle_keeps_and_repeats_them),
		cmocka_unit_test(test_no_value_is_no_text),
		cmocka_unit_test(test_fail_on_never_is_no_conformance),
	};
	return cmocka_run_group_tests(tests, NULL, forget);
}
