#include "diag/results.h"
#include "pack_trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_every_problem_is_reported_at_once(void **state)
{
	(void)state;
	struct pack_trial trial;
	pack_trial_begin(&trial);
	pack_trial_write(&trial, "r.yaml",
			 "- { id: R-1, text: one, source: s }\n"
			 "- { id: R-2, text: two, source: s }\n"
			 "- { id: R-2, text: twice, souce: s }\n");
	pack_trial_run(
		&trial,
		"pack: my pack\n"
		"version: 1.2\n"
		"titel: T\n"
		"requirements: r.yaml\n"
		"cases:\n"
		"  - id: A\n"
		"    title: A\n"
		"    requirements: [R-1, R-3]\n"
		"    message: messages/no-such.xml\n"
		"    expect: { verdict: passed, findings: [ { rule: DAT-03, at: \"//a[\" } ] }\n"
		"  - id: A\n"
		"    message: messages/upload-one.xml\n"
		"    expct: { verdict: pass }\n"
		"  - id: B\n"
		"    title: B\n"
		"    message: messages/no-such.xml\n"
		"    expect: { verdict: pass }\n"
		"  - id: C\n"
		"    title: C\n"
		"    message: messages/upload-one.xml\n"
		"    edit: [ delete: //nothing ]\n"
		"    expect: { verdict: pass }\n"
		"  - id: D\n"
		"    title: D\n"
		"    message: messages/upload-one.xml\n"
		"    expect: { verdict: fail, findings: [ { rule: UPL-001, at: //nothing } ] }\n"
		"waivers:\n"
		"  - { case: AA, rule: UPL-001, reason: r, owner: o, expires: 2026-02-30 }\n");
	assert_int_equal(trial.status, -1);
	assert_int_equal(trial.failure.kind, CPIS_FAILURE_CONFIGURATION);
	assert_string_equal(
		buf_view(&trial.problems).p,
		"1:1: a pack has no 'title'\n"
		"1:7: 'pack': only letters, digits, '-', '_' and '.' are allowed\n"
		"2:10: 'version': a version is three numbers, like 1.2.0\n"
		"3:1: unknown key 'titel' in a pack: did you mean 'title'?\n"
		"8:25: there is no requirement 'R-3'\n"
		"10:24: 'verdict' cannot be 'passed' (one of pass, incomplete, fail): did you mean "
		"'pass'?\n"
		"10:52: 'rule': there is no rule 'DAT-03'\n"
		"10:64: 'at': not an XPath 1.0 expression\n"
		"11:5: a case has no 'title'\n"
		"11:5: a case has no 'expect'\n"
		"11:9: case 'A' is repeated: it is already on line 6\n"
		"13:5: unknown key 'expct' in a case: did you mean 'expect'?\n"
		"16:14: the message 'messages/no-such.xml' cannot be read: No such file or "
		"directory\n"
		"21:21: '//nothing' selects nothing in the message\n"
		"26:63: '//nothing' selects nothing in the message\n"
		"28:13: there is no case 'AA'\n"
		"28:62: 'expires': there is no such day\n"
		"2:3: no case shows requirement 'R-2': name it in one, or give the reason in "
		"'not-testable'\n"
		"3:3: a requirement has no 'source'\n"
		"3:3: no case shows requirement 'R-2': name it in one, or give the reason in "
		"'not-testable'\n"
		"3:9: requirement 'R-2' is repeated: it is already on line 2\n"
		"3:27: unknown key 'souce' in a requirement: did you mean 'source'?\n");
	assert_int_equal(trial.results->case_count, 0);
	assert_int_equal(trial.results->pack_count, 0);
	pack_trial_end(&trial);
}

/* One fault each, and what is said of it. */
static const struct {
	const char *yaml, *text; /* text: all that is said */
} faults[] = {
	{ "- a\n", "1:1: a pack is a mapping, and this is a list: answers go into the folder of "
		   "--evidence, and waivers to --waivers\n" },
	{ PACK, "4:7: 'cases' must be a list, and is nothing\n" },
	{ "pack: p\nversion: 1.0.0\ntitle: P\ncases: []\n", "1:1: a pack has at least one case\n" },
	{ "pack: p\nversion: 01.0.0\ntitle: P\ncases: [ { id: A, title: A, manual: x } ]\n",
	  "2:10: 'version': a version is three numbers, like 1.2.0\n" },
	{ CASE, "5:5: a case has no 'expect'\n" },
	{ CASE GOOD "    evidence: x.xml\n",
	  "5:5: a case has exactly one of 'message', 'evidence', 'exchange', 'manual', and "
	  "'request' with or without its 'response'\n" },
	{ PACK "  - { id: A, title: A, expect: { verdict: pass } }\n",
	  "5:5: a case has exactly one of 'message', 'evidence', 'exchange', 'manual', and "
	  "'request' with or without its 'response'\n" },
	{ PACK "  - { id: A, title: A, manual: x, expect: { verdict: pass } }\n",
	  "5:43: a manual question expects nothing of a message\n" },
	{ PACK
	  "  - { id: A, title: A, evidence: x, edit: [delete: //x], expect: { verdict: pass } }\n",
	  "5:44: only a fixed 'message' can be edited\n" },
	{ PACK "  - { id: A, title: A, message: /etc/passwd, expect: { verdict: pass } }\n",
	  "5:33: 'message': the path must be relative to the folder of the pack\n" },
	{ PACK "  - { id: A, title: A, message: messages, expect: { verdict: pass } }\n",
	  "5:33: the message 'messages' cannot be read: it is not a regular file\n" },
	{ PACK "  - { id: A, title: A, evidence: ../x.xml, expect: { verdict: pass } }\n",
	  "5:34: 'evidence': the pattern must stay in the folder of the evidence\n" },
	{ PACK "  - { id: A, title: A, exchange: { request: //x, after: B }, expect: { verdict: "
	       "pass } }\n",
	  "5:57: there is no earlier case 'B' with an 'exchange'\n" },
	{ PACK "  - { id: A, title: A, exchange: { request: //x, within: 5 }, expect: { verdict: "
	       "pass } }\n",
	  "5:58: 'within' is counted from an 'after'\n" },
	{ PACK "  - { id: A, title: A, exchange: { request: '//x[' }, expect: { verdict: pass } "
	       "}\n",
	  "5:45: 'request': not an XPath 1.0 expression\n" },
	{ PACK "  - { id: A, title: A, evidence: a/../../x, expect: { verdict: pass } }\n",
	  "5:34: 'evidence': the pattern must stay in the folder of the evidence\n" },
	{ PACK "  - { id: A, title: A, evidence: \"*/x\", expect: { verdict: pass } }\n",
	  "5:34: 'evidence': only the last part of the pattern may have '*', '?' or '['\n" },
	{ CASE "    expect: { verdict: fail, findings: [ { rule: UPL-001, count: 0 } ] }\n",
	  "8:66: 'count' must be from 1 to 10000\n" },
	{ CASE "    expect: { verdict: fail, findings: [ { rule: UPL-001, count: 0000000012 }, "
	       "{ rule: UPL-002, count: -5 } ] }\n",
	  "8:104: 'count' must be from 1 to 10000\n" },
	{ CASE
	  "    expect: { verdict: fail, findings: [ { rule: UPL-001, count: 12345678901 } ] }\n",
	  "8:66: 'count' must be from 1 to 10000\n" },
	{ CASE "    expect: { verdict: fail, findings: [ { rule: UPL-001, count: two } ] }\n",
	  "8:66: 'count' must be a whole number, and is text\n" },
	/* What is absent because no message has it, and an edit that edits nothing, prove nothing.
	 */
	{ CASE "    expect: { verdict: pass, assert: [ { xpath: //recrod, absent: true } ] }\n",
	  "8:49: no CP-IS message has an element 'recrod', so it is always absent: did you mean "
	  "'record'?\n" },
	{ CASE
	  "    expect: { verdict: pass, assert: [ { xpath: \"//id[@extension='recrod']/@rot\", "
	  "count: 0 } ] }\n",
	  "8:49: no CP-IS message has an attribute 'rot', so it is always absent: did you mean "
	  "'root'?\n" },
	{ CASE "    edit: [ set: { at: //transmissionQuantity/@value, to: \"1\" } ]\n" GOOD,
	  "8:13: the edits change nothing in 'messages/upload-one.xml'\n" },
	/* What a pack accepts of a supplier has an owner and an end, as a waiver does. */
	{ PACK "  - { id: A, title: A, evidence: x, expect: { verdict: pass },\n"
	       "      known-failure: always }\n",
	  "6:22: a known failure of a supplier's evidence or answer needs a "
	  "'known-failure-owner' and a 'known-failure-expires', as a waiver does\n" },
	{ PACK "  - { id: A, title: A, evidence: x, expect: { verdict: pass },\n"
	       "      known-failure: always, known-failure-owner: Ann }\n",
	  "6:22: a known failure of a supplier's evidence or answer needs a "
	  "'known-failure-owner' and a 'known-failure-expires', as a waiver does\n" },
	{ PACK "  - { id: A, title: A, manual: Is it so?, known-failure: always }\n",
	  "5:58: a known failure of a supplier's evidence or answer needs a "
	  "'known-failure-owner' and a 'known-failure-expires', as a waiver does\n" },
	{ CASE "    known-failure-expires: 2027-03-31\n" GOOD,
	  "8:28: this is about a 'known-failure', and the case has none\n" },
	{ CASE "    known-failure: \" \"\n" GOOD, "8:20: 'known-failure' is blank\n" },
	{ CASE GOOD "waivers: [ { case: A, rule: UPL-001, reason: r, owner: \"\302\240\", "
		    "expires: 2027-01-01 } ]\n",
	  "9:56: 'owner' is blank\n" },
	{ CASE "    expect: { verdict: fail, findings: UPL-001 }\n",
	  "8:40: 'findings' must be a list, and is text\n" },
	{ CASE "    expect: { verdict: pass, at-least: yes }\n",
	  "8:40: 'at-least' cannot be 'yes' (one of false, true)\n" },
	{ CASE "    expect: { verdict: pass, assert: [ { xpath: //x } ] }\n",
	  "8:40: an assertion has exactly one of 'exists', 'absent', 'count', 'equals', "
	  "'not-equals', "
	  "'contains', 'matches', 'in', 'on', 'not-before' and 'not-after'\n" },
	{ CASE
	  "    expect: { verdict: pass, assert: [ { xpath: //x, exists: true, equals: a } ] }\n",
	  "8:40: an assertion has exactly one of 'exists', 'absent', 'count', 'equals', "
	  "'not-equals', "
	  "'contains', 'matches', 'in', 'on', 'not-before' and 'not-after'\n" },
	{ CASE "    expect: { verdict: pass, assert: [ { xpath: //x, exists: false } ] }\n",
	  "8:62: write 'exists: true' or 'absent: true'\n" },
	{ CASE "    expect: { verdict: pass, assert: [ { xpath: //x, matches: \"(\" } ] }\n",
	  "8:63: 'matches': not an extended regular expression (Unmatched ( or \\()\n" },
	{ CASE "    expect: { verdict: pass, assert: [ { xpath: //x, in: [] } ] }\n",
	  "8:58: 'in' must be a list of texts, with one or more, and is a list\n" },
	{ CASE "    requirements: [R]\n" GOOD, "8:20: the pack names no file of 'requirements'\n" },
	{ CASE GOOD "    tags: [a b]\n",
	  "9:12: 'tags': only letters, digits, '-', '_' and '.' are allowed\n" },
	{ CASE "    expect: { verdict: pass, records: { from: bad.yaml } }\n",
	  "8:39: a set of expected records has no 'match'\n"
	  "2:19: 'nhs-number': an NHS number has ten digits\n"
	  "3:19: 'birth-date': a time is like 2026-05-12 or 2026-05-12 09:00, and must exist, or "
	  "like keyed - 90 days 10:00\n" },
	{ CASE "    expect: { verdict: pass, assert: [ { xpath: //x, on: keyed } ] }\n",
	  "8:58: 'keyed' is relative to the day of keying: the pack must give it for its own "
	  "messages, as 'keyed: 2026-10-11'\n" },
	{ CASE "    expect: { verdict: pass, assert: [ { xpath: //x, on: keyed - 3 } ] }\n",
	  "8:58: 'on': a relative time is like keyed - 90 days 10:00 or message + 1 week: "
	  "days, weeks, months or years, a hundred years at most\n" },
	{ CASE "    expect: { verdict: pass, assert: [ { xpath: //x, on: message 25:00 } ] }\n",
	  "8:58: 'on': a relative time is like keyed - 90 days 10:00 or message + 1 week: "
	  "days, weeks, months or years, a hundred years at most\n" },
	{ CASE "    given: relative.yaml\n    expect: { verdict: pass, records: exact }\n",
	  "8:12: 'relative.yaml' is relative to the day of keying: the pack must give it for its "
	  "own messages, as 'keyed: 2026-10-11'\n" },
	{ CASE "    expect: { verdict: pass, records: exact }\n",
	  "8:39: the records have no 'from', and the case has no 'given'\n" },
	{ CASE "    expect: { verdict: pass, records: { match: exact, from: x.yaml } }\n",
	  "8:61: the data set 'x.yaml' cannot be read\n" },
	{ CASE "    given: bad.yaml\n    expect: { verdict: pass, records: exact }\n",
	  "2:19: 'nhs-number': an NHS number has ten digits\n"
	  "3:19: 'birth-date': a time is like 2026-05-12 or 2026-05-12 09:00, and must exist, or "
	  "like keyed - 90 days 10:00\n" },
	{ PACK "  - { id: A, title: A, response: messages/query-person.xml, expect: { verdict: "
	       "pass } }\n",
	  "5:5: a 'response' needs its 'request'\n" },
	{ CASE "    expect: { verdict: pass, status: 200 }\n",
	  "8:38: 'status' is about the reply of a server: it needs a 'request' without "
	  "'response'\n" },
	{ CASE "    expect: { verdict: fail, report: 15 }\n",
	  "8:38: 'report' is about the reply of a server: it needs a 'request' without "
	  "'response'\n" },
	{ PACK "  - { id: A, title: A, request: messages/query-person.xml, expect: { verdict: "
	       "pass, status: 99 } }\n",
	  "5:93: 'status' must be from 100 to 599\n" },
	{ PACK "  - { id: A, title: A, evidence-request: q.xml, expect: { verdict: pass } }\n",
	  "5:5: an 'evidence-request' and its 'evidence-response' go together\n" },
	{ CASE "    edit-request: [ delete: //x ]\n" GOOD,
	  "8:21: there is no 'request' to edit\n" },
	{ CASE "    expect: { verdict: fail, findings: [ { rule: UPL-001, of: request } ] }\n",
	  "8:63: the case has a single message: 'of' needs a 'request' and a 'response'\n" },
	{ CASE "    expect: { verdict: pass, assert: [ { xpath: //x, schematron: x.sch, exists: "
	       "true } ] }\n",
	  "8:40: an assertion has either an 'xpath' or a 'schematron'\n"
	  "8:40: a 'schematron' takes none of the tests of an 'xpath'\n"
	  "8:66: the Schematron file cannot be read\n" },
	{ CASE "    expect: { verdict: pass, assert: [ { schematron: bad.sch } ] }\n",
	  "2:1: the query binding xslt2 is not supported: use xslt or xpath\n" },
};

static void test_each_fault_is_reported_once_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct pack_trial trial;
		pack_trial_begin(&trial);
		pack_trial_write(&trial, "bad.yaml",
				 "records:\n  - { nhs-number: 12 }\n"
				 "  - { birth-date: 2026-02-30 }\n");
		pack_trial_write(&trial, "relative.yaml",
				 "records:\n  - { local-id: A, birth-date: keyed - 9 years }\n");
		pack_trial_write(&trial, "bad.sch",
				 "<schema xmlns='http://purl.oclc.org/dsdl/schematron'\n"
				 " queryBinding='xslt2'/>\n");
		pack_trial_run(&trial, faults[i].yaml);
		if (trial.status != -1 || strcmp(buf_view(&trial.problems).p, faults[i].text) != 0)
			fail_msg("%s\n%d %s", faults[i].yaml, trial.status,
				 buf_view(&trial.problems).p);
		trial.status = cpis_lint_pack(trial.folder, NULL, NULL, &trial.failure);
		assert_int_equal(trial.status, -1);
		pack_trial_end(&trial);
	}
}

/* Problems past the limit are not kept, but their cases still count as faulty. */
static void test_a_pack_with_a_thousand_problems_is_refused(void **state)
{
	(void)state;
	struct pack_trial trial;
	struct buf yaml;
	buf_init(&yaml, 1 << 20);
	buf_text(&yaml, PACK);
	for (int i = 0; i < 1000; i++)
		buf_printf(&yaml,
			   "  - { id: C-%d, title: C, message: messages/upload-one.xml, "
			   "edit: [ set: { } ], expect: { verdict: pass } }\n",
			   i);
	pack_trial_begin(&trial);
	pack_trial_run(&trial, yaml.p);
	assert_int_equal(trial.status, -1);
	assert_non_null(strstr(trial.failure.text, "(and 1999 more problems)"));
	buf_release(&yaml);
	pack_trial_end(&trial);
}

static void test_a_pack_that_is_not_there_is_a_problem(void **state)
{
	(void)state;
	struct cpis_failure failure;
	assert_int_equal(cpis_lint_pack("/nonexistent/pack.yaml", NULL, NULL, &failure), -1);
	assert_int_equal(failure.kind, CPIS_FAILURE_CONFIGURATION);
	assert_string_equal(failure.file, "/nonexistent/pack.yaml");
	assert_string_equal(failure.text, "cannot be read: No such file or directory");
}

static void test_packs_of_the_repository_load(void **state)
{
	(void)state;
	static const char *const packs[] = { "testcases/packs/la-upload",
					     "testcases/packs/nhs-query-itk/pack.yaml" };
	for (size_t i = 0; i < sizeof(packs) / sizeof(packs[0]); i++) {
		struct cpis_failure failure;
		if (cpis_lint_pack(packs[i], NULL, NULL, &failure) != 0)
			fail_msg("%s:%zu:%zu: %s", failure.file, failure.line, failure.column,
				 failure.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_problem_is_reported_at_once),
		cmocka_unit_test(test_each_fault_is_reported_once_and_nothing_else),
		cmocka_unit_test(test_a_pack_with_a_thousand_problems_is_refused),
		cmocka_unit_test(test_a_pack_that_is_not_there_is_a_problem),
		cmocka_unit_test(test_packs_of_the_repository_load),
	};
	return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}
