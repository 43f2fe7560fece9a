/* What cases demand of a message beyond its findings: records, Schematron, two messages together.
 */
#include "diag/results.h"
#include "pack_trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define ALTER(xpath, value) "    edit: [ set: { at: \"" xpath "\", to: \"" value "\" } ]\n"
#define RECORDS		    "    given: set.yaml\n    expect: { verdict: pass, records: exact }\n"
#define CONTAINS	    "    expect: { verdict: pass, records: { match: contains, from: set.yaml } }\n"
#define TWO(more)                                                                                  \
	PACK "  - id: A\n    title: A\n    request: messages/query-person.xml\n"                   \
	     "    response: messages/response-one.xml\n" more

static const char set[] =
	"set: A\n"
	"records:\n"
	"  - { nhs-number: 999 618 4978, local-id: ADC-200417, given: Zoë, family: O'Brannigan,\n"
	"      birth-date: 2018-03-14, plans: [ { kind: child-protection, start: 2026-09-01 10:30 "
	"} ] }\n";

static const char rules[] =
	"<schema xmlns='http://purl.oclc.org/dsdl/schematron'>\n"
	"<ns prefix='h' uri='urn:hl7-org:v3'/>\n"
	"<pattern><rule context='h:File'>\n"
	"<assert id='one' test='count(h:record) = 1'>There is one record.</assert>\n"
	"</rule></pattern></schema>\n";

static const struct {
	const char *yaml;
	enum case_outcome outcome;
	const char *reason; /* NULL: none */
} cases[] = {
	{ CASE RECORDS, CASE_PASSED, NULL },
	{ CASE ALTER("//family", "Branigan") RECORDS, CASE_FAILED,
	  "changed: record 1 ([NHS number #1]): surname: expected [name #1], found [name #2]" },
	{ CASE ALTER("//cPPStartDate/value/@value", "202609011031") RECORDS, CASE_FAILED,
	  "changed: record 1 ([NHS number #1]): start date of the child protection plan: expected "
	  "202609011030, found 202609011031" },
	{ CASE ALTER("//COCT_TP145101GB01.Child/id[1]/@extension", "9994939084") RECORDS,
	  CASE_FAILED,
	  "changed: record 1 ([NHS number #1]): NHS number: expected [NHS number #1], found [NHS "
	  "number #2]" },
	{ FIVE CONTAINS, CASE_FAILED, "missing: record 1 ([NHS number #1])" },
	{ CASE CONTAINS, CASE_PASSED, NULL },
	{ CASE "    expect: { verdict: pass, assert: [ { schematron: one.sch } ] }\n", CASE_PASSED,
	  NULL },
	{ FIVE
	  "    expect: { verdict: pass, assert: [ { schematron: one.sch, title: not many } ] }\n",
	  CASE_FAILED, "assertion failed: not many (one.sch holds): one: There is one record." },
	{ TWO("    edit-request: [ set: { at: //person.NHSnumber/value/@extension, to: "
	      "\"9996184979\" } "
	      "]\n"
	      "    expect: { verdict: fail, at-least: true, findings: [ { rule: NHS-002, of: "
	      "request, "
	      "at: //person.NHSnumber } ] }\n"),
	  CASE_PASSED, NULL },
	{ TWO("    edit-request: [ set: { at: //person.NHSnumber/value/@extension, to: "
	      "\"9996184979\" } "
	      "]\n"
	      "    expect: { verdict: fail, at-least: true, findings: [ { rule: NHS-002, of: "
	      "response "
	      "} ] }\n"),
	  CASE_FAILED, "missing: NHS-002" },
	{ TWO("    expect: { verdict: pass, at-least: true, assert: [ { xpath: //CP-ISQueryStub, "
	      "of: "
	      "request, exists: true }, { xpath: //CP-ISNHSQueryResponse, exists: true } ] }\n"),
	  CASE_PASSED, NULL },
};

static void test_a_case_says_what_must_be_in_its_message(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pack_trial trial;
		pack_trial_begin(&trial);
		pack_trial_write(&trial, "set.yaml", set);
		pack_trial_write(&trial, "one.sch", rules);
		pack_trial_run(&trial, cases[i].yaml);
		if (trial.status != 0)
			fail_msg("%s\n%s", cases[i].yaml, trial.failure.text);
		const struct case_result *result = &trial.results->cases[0];
		const char *reason = result->reason ? result->reason : "none";
		if (result->outcome != cases[i].outcome ||
		    strcmp(reason, cases[i].reason ? cases[i].reason : "none") != 0)
			fail_msg("%s\n%s: %s", cases[i].yaml, case_outcome_name(result->outcome),
				 reason);
		pack_trial_end(&trial);
	}
}

static void test_what_is_expected_is_said_in_words(void **state)
{
	(void)state;
	struct pack_trial trial;
	pack_trial_begin(&trial);
	pack_trial_write(&trial, "set.yaml", set);
	pack_trial_run(&trial, CASE RECORDS);
	assert_int_equal(trial.status, 0);
	assert_string_equal(trial.results->cases[0].expected,
			    "pass; records exactly as in set.yaml");
	pack_trial_end(&trial);
}

#define SLOTS                                                                                      \
	PACK "  - id: A\n    title: A\n    evidence-request: \"q*.xml\"\n"                         \
	     "    evidence-response: r.xml\n    expect: { verdict: pass }\n"

/* What lies in the evidence folder, and what comes of the two slots. */
static const struct {
	const char *files[3]; /* copies of a query, but for r.xml */
	enum case_outcome outcome;
	const char *reason;
} slots[] = {
	{ { NULL },
	  CASE_NOT_RUN,
	  "the evidence folder has no file 'q*.xml'; the evidence folder has no file 'r.xml'" },
	{ { "q1.xml", NULL }, CASE_NOT_RUN, "the evidence folder has no file 'r.xml'" },
	{ { "q1.xml", "r.xml", NULL }, CASE_PASSED, NULL },
	{ { "q1.xml", "q2.xml", "r.xml" },
	  CASE_FAILED,
	  "2 files match 'q*.xml': there must be one (q1.xml, q2.xml)" },
};

static void test_two_slots_take_a_request_and_its_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		struct pack_trial trial;
		char folder[128];
		pack_trial_begin(&trial);
		pack_trial_folder(&trial, "evidence");
		for (size_t k = 0; k < 3 && slots[i].files[k]; k++) {
			char name[64];
			bool answer = strcmp(slots[i].files[k], "r.xml") == 0;
			snprintf(name, sizeof(name), "evidence/%s", slots[i].files[k]);
			pack_trial_copy(&trial, name,
					answer ? "testcases/messages/REPC_IN000007GB01.xml"
					       : "testcases/messages/QUPC_IN000006GB01-person.xml");
		}
		snprintf(folder, sizeof(folder), "%s/evidence", trial.folder);
		trial.options.evidence = folder;
		pack_trial_run(&trial, SLOTS);
		assert_int_equal(trial.status, 0);
		const struct case_result *result = &trial.results->cases[0];
		assert_int_equal(result->outcome, slots[i].outcome);
		assert_string_equal(result->reason ? result->reason : "",
				    slots[i].reason ? slots[i].reason : "");
		pack_trial_end(&trial);
	}
}

/* By 2030 the unborn child of the message is born: a note; the waiver is one of 2026 all the same.
 */
#define IN_2030                                                                                    \
	"pack: p\nversion: 1.0.0\ntitle: P\nnow: 2030-01-01\ncases:\n  - id: A\n    title: A\n"    \
	"    message: messages/upload-five.xml\n" GOOD

static void test_a_pack_keeps_its_own_time_for_its_own_messages(void **state)
{
	(void)state;
	struct pack_trial trial;
	pack_trial_begin(&trial);
	pack_trial_run(&trial, IN_2030);
	assert_int_equal(trial.status, 0);
	assert_int_equal(trial.results->cases[0].outcome, CASE_FAILED);
	assert_non_null(strstr(trial.results->cases[0].reason, "unexpected: DAT-014"));
	assert_int_equal(trial.results->options.now, pack_trial_now);
	pack_trial_end(&trial);
	pack_trial_begin(&trial);
	pack_trial_run(&trial,
		       IN_2030 "waivers:\n  - { case: A, rule: DAT-014, reason: r, owner: o, "
			       "expires: 2026-12-31 }\n");
	assert_int_equal(trial.status, 0);
	assert_int_equal(trial.results->cases[0].outcome, CASE_WAIVED);
	pack_trial_end(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_case_says_what_must_be_in_its_message),
		cmocka_unit_test(test_what_is_expected_is_said_in_words),
		cmocka_unit_test(test_two_slots_take_a_request_and_its_answer),
		cmocka_unit_test(test_a_pack_keeps_its_own_time_for_its_own_messages),
	};
	return cmocka_run_group_tests_name("pack_content", tests, NULL, NULL);
}
