#include "diag/results.h"
#include "pack_trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define CHILD "//COCT_TP145101GB01.Child"
#define TWO_FAULTS                                                                                 \
	FIVE "    edit:\n"                                                                         \
	     "      - set: { at: /File/transmissionQuantity/@value, to: \"4\" }\n"                 \
	     "      - set: { at: \"//record[5]//cPPEndDate/value/@value\", to: \"202401010000\" "  \
	     "}\n"
#define END_PATH                                                                                   \
	"/File/record[5]/CP-ISRecord/pertinentInformation/COCT_TP146101GB01.CPPInformation/"       \
	"component1/cPPEndDate/value/@value"

/* Two errors, UPL-001 and DAT-003, or as the rows have it; what a case makes of them. */
static const struct {
	const char *yaml;
	enum case_outcome outcome;
	const char *reason; /* NULL: none */
} expectations[] = {
	{ CASE GOOD, CASE_PASSED, NULL },
	{ CASE "    expect: { verdict: fail }\n", CASE_FAILED, "the verdict is pass, not fail" },
	{ CASE "    expect: { verdict: pass, findings: [DAT-003] }\n", CASE_FAILED,
	  "missing: DAT-003" },
	{ TWO_FAULTS "    expect: { verdict: fail, findings: [UPL-001, DAT-003] }\n", CASE_PASSED,
	  NULL },
	{ TWO_FAULTS "    expect: { verdict: fail, findings: [DAT-003, UPL-001] }\n", CASE_PASSED,
	  NULL },
	{ TWO_FAULTS "    expect: { verdict: fail, findings: [UPL-001] }\n", CASE_FAILED,
	  "unexpected: DAT-003 at " END_PATH " (line 155)" },
	{ TWO_FAULTS "    expect: { verdict: pass }\n", CASE_FAILED,
	  "unexpected: UPL-001 at /File/transmissionQuantity/@value (line 5), DAT-003 at " END_PATH
	  " (line 155); the verdict is fail, not pass" },
	{ TWO_FAULTS "    expect: { verdict: fail, at-least: true, findings: [UPL-001] }\n",
	  CASE_PASSED, NULL },
	{ TWO_FAULTS "    expect: { verdict: fail, at-least: true, findings: [UPL-002] }\n",
	  CASE_FAILED, "missing: UPL-002" },
	{ TWO_FAULTS
	  "    expect: { verdict: fail, findings: [ { rule: UPL-001, count: 2 }, DAT-003 ] }\n",
	  CASE_FAILED, "missing: UPL-001" },
	{ TWO_FAULTS "    expect:\n"
		     "      verdict: fail\n"
		     "      findings:\n"
		     "        - { rule: UPL-001, at: /File/id }\n"
		     "        - { rule: DAT-003, at: \"//record[5]\" }\n",
	  CASE_FAILED,
	  "missing: UPL-001 at /File/id; unexpected: UPL-001 at /File/transmissionQuantity/@value "
	  "(line 5)" },
	{ FIVE "    edit: [ set: { at: //cPPEndDate/value/@value, to: \"202401010000\" } ]\n"
	       "    expect: { verdict: fail, findings: [ { rule: DAT-003, at: //cPPEndDate/value } "
	       "] }\n",
	  CASE_PASSED, NULL },
	/* The entry without a place must leave the first record to the one with it. */
	{ FIVE "    edit:\n"
	       "      - set: { at: \"" CHILD "/id[1]/@extension\", to: \"9993394131\" }\n"
	       "    expect: { verdict: fail, findings: [ { rule: NHS-002, count: 3 },\n"
	       "      { rule: NHS-002, at: \"//record[1]\" } ] }\n",
	  CASE_PASSED, NULL },
	{ PACK "  - { id: A, title: A, message: broken.xml, expect: { verdict: fail, "
	       "findings: [XML-001] } }\n",
	  CASE_PASSED, NULL },
};

static void test_expectations_are_exact(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(expectations) / sizeof(expectations[0]); i++) {
		struct pack_trial trial;
		pack_trial_begin(&trial);
		pack_trial_write(&trial, "broken.xml", "<File>");
		pack_trial_run(&trial, expectations[i].yaml);
		if (trial.status != 0)
			fail_msg("%s\n%s", expectations[i].yaml, trial.failure.text);
		const struct case_result *result = &trial.results->cases[0];
		const char *wanted = expectations[i].reason ? expectations[i].reason : "";
		const char *reason = result->reason ? result->reason : "";
		if (result->outcome != expectations[i].outcome || strcmp(reason, wanted) != 0)
			fail_msg("%s\n%s: %s", expectations[i].yaml,
				 case_outcome_name(result->outcome), reason);
		assert_int_equal(result->message_count, 1);
		pack_trial_end(&trial);
	}
}

#define ALL_NUMBERS                                                                                \
	FIVE "    edit: [ set: { at: \"" CHILD "/id[1]/@extension\", to: \"9993394131\" } ]\n"
#define WAIVED                                                                                     \
	"waivers: [ { case: A, rule: NHS-002, owner: Ann, reason: r, expires: 2027-01-01 } ]\n"

/* Two errors, or four of one rule, of which fewer are listed; what a case makes of them. */
static const struct {
	size_t most;
	const char *yaml;
	enum case_outcome outcome;
	const char *reason; /* how it starts; NULL: none */
} not_listed[] = {
	{ 1, TWO_FAULTS "    expect: { verdict: fail, findings: [UPL-001] }\n", CASE_FAILED,
	  "unexpected: DAT-003 at" },
	{ 1, TWO_FAULTS "    expect: { verdict: fail, findings: [DAT-003] }\n", CASE_FAILED,
	  "unexpected: UPL-001 (1 not listed)" },
	{ 1, TWO_FAULTS "    expect: { verdict: fail, findings: [UPL-001, DAT-003] }\n",
	  CASE_PASSED, NULL },
	{ 1, TWO_FAULTS "    expect: { verdict: fail, findings: [UPL-001], at-least: true }\n",
	  CASE_PASSED, NULL },
	{ 1, TWO_FAULTS "    expect: { verdict: fail, findings: [DAT-003], at-least: true }\n",
	  CASE_PASSED, NULL },
	{ 2,
	  ALL_NUMBERS "    expect: { verdict: fail, findings: [ { rule: NHS-002, count: 4 } ] }\n",
	  CASE_PASSED, NULL },
	{ 2,
	  ALL_NUMBERS "    expect: { verdict: fail, findings: [ { rule: NHS-002, count: 3 } ] }\n",
	  CASE_FAILED, "unexpected: NHS-002 (1 not listed)" },
	{ 2,
	  ALL_NUMBERS "    expect: { verdict: fail, findings: [ { rule: NHS-002, count: 5 } ] }\n",
	  CASE_FAILED, "missing: NHS-002" },
	/* Where what is not listed is, no one knows. */
	{ 2,
	  ALL_NUMBERS "    expect: { verdict: fail, at-least: true, findings: [ { rule: NHS-002, "
		      "at: \"//record[5]\" } ] }\n",
	  CASE_NOT_RUN, "not known: NHS-002 at //record[5]: findings of it are not listed" },
	{ 2,
	  ALL_NUMBERS "    expect: { verdict: fail, at-least: true, findings: [ { rule: NHS-002, "
		      "at: \"//record[2]\" } ] }\n",
	  CASE_PASSED, NULL },
	{ 2,
	  ALL_NUMBERS "    expect: { verdict: fail, findings: [ { rule: NHS-002, "
		      "at: \"//record[5]\" } ] }\n",
	  CASE_FAILED, "not known: NHS-002 at //record[5]" },
	{ 2, ALL_NUMBERS GOOD WAIVED, CASE_NOT_RUN,
	  "NHS-002 is waived: r (Ann, until 2027-01-01)" },
	{ 2, TWO_FAULTS GOOD WAIVED, CASE_FAILED, "unexpected: UPL-001" },
	/* More than one entry may be about a finding. */
	{ 5,
	  ALL_NUMBERS "    expect: { verdict: fail, findings: [ { rule: NHS-002, at: //record, "
		      "count: 1 }, NHS-002, { rule: NHS-002, at: \"//record[2]\" }, { rule: "
		      "NHS-002, at: \"//record[1]\" } ] }\n",
	  CASE_PASSED, NULL },
	{ 5,
	  ALL_NUMBERS "    expect: { verdict: fail, findings: [ { rule: NHS-002, at: //record, "
		      "count: 3 }, { rule: NHS-002, at: \"//record[1]\", count: 2 } ] }\n",
	  CASE_FAILED, "missing: NHS-002 at //record[1]" },
};

static void test_findings_that_are_not_listed_count(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(not_listed) / sizeof(not_listed[0]); i++) {
		struct pack_trial trial;
		pack_trial_begin(&trial);
		trial.results->options.max_findings = not_listed[i].most;
		pack_trial_run(&trial, not_listed[i].yaml);
		if (trial.status != 0)
			fail_msg("%s\n%s", not_listed[i].yaml, trial.problems.p);
		const struct case_result *result = &trial.results->cases[0];
		const char *wanted = not_listed[i].reason ? not_listed[i].reason : "";
		const char *reason = result->reason ? result->reason : "";
		if (result->outcome != not_listed[i].outcome ||
		    strncmp(reason, wanted, strlen(wanted)) != 0 || !*wanted != !*reason)
			fail_msg("%zu: %s\n%s: %s", i, not_listed[i].yaml,
				 case_outcome_name(result->outcome), reason);
		pack_trial_end(&trial);
	}
}

/* What XPath says of five records, and what becomes of the case. */
static const struct {
	const char *assert;
	const char *reason; /* NULL: it holds */
} asserts[] = {
	{ "{ xpath: //record, exists: true }", NULL },
	{ "{ xpath: //nothing, exists: true }", "assertion failed: //nothing exists: 0 found" },
	{ "{ xpath: //accessEventType, absent: true }", NULL },
	{ "{ xpath: //record, absent: true }", "assertion failed: //record is absent: 5 found" },
	{ "{ xpath: //record, count: 5 }", NULL },
	{ "{ xpath: //record, count: 4 }", "assertion failed: //record has a count of 4: 5 found" },
	{ "{ xpath: //accessEventType, count: 0 }", NULL },
	{ "{ xpath: count(//record), equals: \"5\" }", NULL },
	{ "{ xpath: count(//record), equals: \"6\", title: six }",
	  "assertion failed: six (count(//record) equals '6'): it is '5'" },
	{ "{ xpath: //transmissionQuantity/@value, not-equals: \"5\" }",
	  "assertion failed: //transmissionQuantity/@value does not equal '5': it is '5'" },
	{ "{ xpath: //transmissionQuantity/@value, in: [\"4\", \"5\"] }", NULL },
	{ "{ xpath: //transmissionQuantity/@value, in: [\"4\", \"6\"] }",
	  "assertion failed: //transmissionQuantity/@value is one of '4', '6': it is '5'" },
	{ "{ xpath: //organisation/name, contains: \"& Dunmere\" }", NULL },
	{ "{ xpath: //lACEndDate/value/@value, not-equals: \"202609011030\" }",
	  "assertion failed: //lACEndDate/value/@value does not equal '202609011030': nothing is "
	  "there" },
	{ "{ xpath: //organisation/name, contains: Dunmore }",
	  "assertion failed: //organisation/name contains [name #1]: it is [name #2]" },
	{ "{ xpath: //creationTime/@value, matches: \"^[0-9]{14}[+-][0-9]{4}$\" }", NULL },
	{ "{ xpath: //creationTime/@value, matches: \"^[0-9]+$\" }",
	  "assertion failed: //creationTime/@value matches '^[0-9]+$': it is "
	  "'20261012173044+0100'" },
	{ "{ xpath: //nothing, equals: x }",
	  "assertion failed: //nothing equals [value #1]: nothing is there" },
	{ "{ xpath: \"//record[1]//family = 'Quillfeather'\", equals: \"true\" }", NULL },
	/* What identifies a person is not written out. */
	{ "{ xpath: \"//record[1]//family\", equals: Smith }",
	  "assertion failed: //record[1]//family equals [name #1]: it is [name #2]" },
	{ "{ xpath: \"string(//record[1]//family)\", equals: Smith }",
	  "assertion failed: string(//record[1]//family) equals [value #1]: it is [value #2]" },
	{ "{ xpath: \"number(//record[1]//playedMother/id | "
	  "//COCT_TP145101GB01.Child/id[1]/@extension)\","
	  " equals: \"1\" }",
	  "assertion failed: number(//record[1]//playedMother/id | "
	  "//COCT_TP145101GB01.Child/id[1]/@extension) "
	  "equals [value #1]: it is [value #2]" },
	{ "{ xpath: \"count(//family[.='Quillfeather'])\", equals: \"5\" }",
	  "assertion failed: count(//family[.=[value #1]]) equals '5': it is '1'" },
	/* Times, fixed or counted from the day of the message. */
	{ "{ xpath: //creationTime/@value, on: 2026-10-12 }", NULL },
	{ "{ xpath: //creationTime/@value, on: message }", NULL },
	{ "{ xpath: //creationTime/@value, on: \"message - 1 day\" }",
	  "assertion failed: //creationTime/@value is on 'message - 1 day': it is "
	  "'20261012173044+0100'" },
	{ "{ xpath: \"//record[1]//cPPStartDate/value/@value\", on: \"message - 5 months 09:00\" }",
	  NULL },
	{ "{ xpath: \"//record[1]//cPPStartDate/value/@value\", on: \"message - 5 months 09:01\" }",
	  "assertion failed: //record[1]//cPPStartDate/value/@value is on "
	  "'message - 5 months 09:01': it is '202605120900'" },
	{ "{ xpath: \"//record[1]//cPPStartDate/value/@value\", not-before: \"message - 22 weeks\" "
	  "}",
	  NULL },
	{ "{ xpath: \"//record[1]//cPPStartDate/value/@value\", not-before: 2026-05-13 }",
	  "assertion failed: //record[1]//cPPStartDate/value/@value is not before [date #1]: it "
	  "is '202605120900'" },
	{ "{ xpath: \"//record[1]//cPPStartDate/value/@value\", not-after: \"message\" }", NULL },
	{ "{ xpath: //creationTime/@value, not-after: \"message - 1 year + 1 week\" }",
	  "assertion failed: //creationTime/@value is not after 'message - 1 year + 1 week': it is "
	  "'20261012173044+0100'" },
	{ "{ xpath: //transmissionQuantity/@value, on: message }",
	  "assertion failed: //transmissionQuantity/@value is on 'message': it is '5'" },
	{ "{ xpath: //nothing, not-before: message }",
	  "assertion failed: //nothing is not before 'message': nothing is there" },
	{ "{ xpath: \"//record[1]//family\", matches: \"^Smith\" }",
	  "assertion failed: //record[1]//family matches [name #1]: it is [name #2]" },
};

static void test_assertions_hold_or_say_what_is_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(asserts) / sizeof(asserts[0]); i++) {
		struct pack_trial trial;
		char yaml[2048];
		pack_trial_begin(&trial);
		snprintf(yaml, sizeof(yaml), FIVE "    expect: { verdict: pass, assert: [ %s ] }\n",
			 asserts[i].assert);
		pack_trial_run(&trial, yaml);
		if (trial.status != 0)
			fail_msg("%s\n%s", asserts[i].assert, trial.failure.text);
		const struct case_result *result = &trial.results->cases[0];
		const char *reason = result->reason ? result->reason : "";
		if (strcmp(reason, asserts[i].reason ? asserts[i].reason : "") != 0)
			fail_msg("%s\n%s", asserts[i].assert, reason);
		assert_int_equal(result->outcome, asserts[i].reason ? CASE_FAILED : CASE_PASSED);
		pack_trial_end(&trial);
	}
}

/* However a message is packed, a statement about it means the same. */
static const struct {
	const char *file, *assert;
	bool holds;
} packed[] = {
	{ "itk-upload-base64.xml", "{ xpath: //cPPEndDate, absent: true }", false },
	{ "itk-upload-base64.xml", "{ xpath: //record, exists: true }", true },
	{ "itk-upload-base64.xml", "{ xpath: count(//itk:payload), equals: \"1\" }", true },
	{ "itk-upload-base64.xml", "{ xpath: //itk:payload/File/record, exists: true }", true },
	{ "itk-upload-base64.xml", "{ xpath: //itk:header, absent: true }", false },
	{ "itk-upload-base64.xml", "{ schematron: ends.sch }", false },
	{ "itk-upload-compressed.xml", "{ xpath: //cPPEndDate, absent: true }", false },
	{ "itk-upload-compressed.xml", "{ xpath: //itk:payload/File/record, exists: true }", true },
	{ "upload.xml.gz", "{ xpath: //record, exists: true }", true },
	{ "upload.xml.gz", "{ schematron: other.sch }", false }, /* no rule of it says anything */
	{ "october.zip", "{ xpath: //id, exists: true }", true },
	{ "october.zip", "{ xpath: //record, exists: true }", false }, /* its query has none */
	{ "october.tar.gz", "{ xpath: //id, exists: true }", true },
	{ "response-gzip-chunked.http", "{ xpath: //hl7:QUQI_IN010000UK14, absent: true }", true },
	{ "query-ebxml.mime", "{ xpath: //id, exists: true }", true },
	{ "query-ebxml-base64.mime", "{ xpath: //id, exists: true }", true },
	{ "query-request.http", "{ xpath: //id, exists: true }", true },
};

static const char no_ends[] =
	"<schema xmlns=\"http://purl.oclc.org/dsdl/schematron\">"
	"<ns prefix=\"v3\" uri=\"urn:hl7-org:v3\"/><pattern><rule context=\"//v3:record\">"
	"<assert id=\"a\" test=\"not(.//v3:cPPEndDate)\">no plan has ended</assert>"
	"</rule></pattern></schema>";

/* Its context has no namespace. */
static const char no_context[] =
	"<schema xmlns=\"http://purl.oclc.org/dsdl/schematron\"><pattern><rule context=\"File\">"
	"<assert id=\"a\" test=\"record\">there is a record</assert></rule></pattern></schema>";

static void test_assertions_look_at_the_message_as_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(packed) / sizeof(packed[0]); i++) {
		struct pack_trial trial;
		char yaml[1024];
		pack_trial_begin(&trial);
		pack_trial_write(&trial, "ends.sch", no_ends);
		pack_trial_write(&trial, "other.sch", no_context);
		trial.options.evidence = "testcases/transport";
		snprintf(yaml, sizeof(yaml),
			 PACK "  - { id: A, title: A, evidence: \"%s\", expect: { verdict: pass, "
			      "at-least: true, assert: [ %s ] } }\n",
			 packed[i].file, packed[i].assert);
		pack_trial_run(&trial, yaml);
		if (trial.status != 0)
			fail_msg("%s\n%s", packed[i].assert, trial.failure.text);
		const struct case_result *result = &trial.results->cases[0];
		if (result->outcome != (packed[i].holds ? CASE_PASSED : CASE_FAILED))
			fail_msg("%s: %s\n%s", packed[i].file, packed[i].assert,
				 result->reason ? result->reason : "it passed");
		pack_trial_end(&trial);
	}
}

#define WAIVER(case_id, rule, expires)                                                             \
	"waivers:\n  - { case: " case_id ", rule: " rule                                           \
	", reason: not yet, owner: Ann, expires: " expires " }\n"
#define KNOWN "    known-failure: ticket 7\n"

/* The pack has two faults; what waivers and known failures make of it. */
static const struct {
	const char *yaml;
	enum case_outcome outcome;
	enum cpis_verdict verdict;
	const char *reason;
} pardons[] = {
	{ TWO_FAULTS "    expect: { verdict: fail, findings: [DAT-003] }\n" WAIVER("A", "UPL-001",
										   "2026-11-01"),
	  CASE_WAIVED, CPIS_PASS, "UPL-001 is waived: not yet (Ann, until 2026-11-01)" },
	{ TWO_FAULTS "    expect: { verdict: fail, findings: [DAT-003] }\n" WAIVER("A", "UPL-001",
										   "2026-10-31"),
	  CASE_FAILED, CPIS_FAIL,
	  "unexpected: UPL-001 at /File/transmissionQuantity/@value (line 5); the waiver of "
	  "UPL-001 on "
	  "line 13 expired on 2026-10-31" },
	{ TWO_FAULTS "    expect: { verdict: fail, findings: [DAT-003, UPL-001] }\n" WAIVER(
		  "A", "UPL-002", "2027-01-01"),
	  CASE_FAILED, CPIS_FAIL, "the waiver of UPL-002 on line 13 is not needed: remove it" },
	{ CASE GOOD WAIVER("A", "UPL-002", "2026-01-01"), CASE_FAILED, CPIS_FAIL,
	  "the waiver of UPL-002 on line 10 expired on 2026-01-01" },
	{ FIVE
	  "    edit: [ set: { at: /File/transmissionQuantity/@value, to: \"4\" } ]\n" GOOD WAIVER(
		  "A", "UPL-001", "2027-01-01"),
	  CASE_WAIVED, CPIS_PASS, "UPL-001 is waived: not yet (Ann, until 2027-01-01)" },
	{ FIVE KNOWN "    expect: { verdict: fail }\n", CASE_WAIVED, CPIS_PASS,
	  "the verdict is pass, not fail (a known failure: ticket 7)" },
	{ FIVE KNOWN "    known-failure-owner: Ann\n    known-failure-expires: 2027-03-31\n"
		     "    expect: { verdict: fail }\n",
	  CASE_WAIVED, CPIS_PASS,
	  "the verdict is pass, not fail (a known failure: ticket 7 (Ann, until 2027-03-31))" },
	{ FIVE KNOWN GOOD, CASE_FAILED, CPIS_FAIL,
	  "it passes, and is marked as a known failure: remove the mark" },
};

static void test_waivers_and_known_failures_pardon_only_what_they_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pardons) / sizeof(pardons[0]); i++) {
		struct pack_trial trial;
		pack_trial_begin(&trial);
		pack_trial_run(&trial, pardons[i].yaml);
		if (trial.status != 0)
			fail_msg("%s\n%s", pardons[i].yaml, trial.failure.text);
		const struct case_result *result = &trial.results->cases[0];
		const char *reason = result->reason ? result->reason : "";
		if (result->outcome != pardons[i].outcome || strcmp(reason, pardons[i].reason) != 0)
			fail_msg("%s\n%s: %s", pardons[i].yaml, case_outcome_name(result->outcome),
				 reason);
		assert_int_equal(cpis_results_verdict(trial.opaque), pardons[i].verdict);
		pack_trial_end(&trial);
	}
}

static void test_a_waived_finding_says_so(void **state)
{
	(void)state;
	struct pack_trial trial;
	pack_trial_begin(&trial);
	pack_trial_run(&trial, pardons[4].yaml);
	const struct message_result *message = &trial.results->messages[0];
	assert_int_equal(message->finding_count, 1);
	assert_string_equal(message->findings[0].waived, "not yet (Ann, until 2027-01-01)");
	assert_int_equal(message->verdict, CPIS_PASS);
	pack_trial_end(&trial);
}

static void test_a_known_failure_covers_nothing_that_was_not_read(void **state)
{
	(void)state;
	struct pack_trial trial;
	pack_trial_begin(&trial);
	pack_trial_write(&trial, "cut.xml", "<File xmlns=\"urn:hl7-org:v3\"><id");
	pack_trial_run(&trial, PACK "  - { id: A, title: A, message: cut.xml, known-failure: r,\n"
				    "      expect: { verdict: pass } }\n");
	assert_int_equal(trial.status, 0);
	assert_int_equal(trial.results->cases[0].outcome, CASE_FAILED);
	assert_non_null(strstr(trial.results->cases[0].reason,
			       "a known failure is not accepted where something could not be "
			       "checked"));
	pack_trial_end(&trial);
}

/* Reports show the title of an assertion, too. */
static void test_the_title_of_an_assertion_is_masked(void **state)
{
	(void)state;
	struct pack_trial trial;
	pack_trial_begin(&trial);
	pack_trial_copy(&trial, "one.xml", "testcases/messages/upload-one.xml");
	pack_trial_run(
		&trial, PACK
		"  - { id: A, title: A, message: one.xml, expect: { verdict: pass,\n"
		"      assert: [ { xpath: //record, count: 7, title: child 9997000420 } ] } }\n");
	assert_int_equal(trial.status, 0);
	const struct case_result *one = &trial.results->cases[0];
	assert_int_equal(one->outcome, CASE_FAILED);
	assert_non_null(strstr(one->reason, "child [NHS number #1] (//record"));
	assert_int_equal(one->fault_count, 1);
	assert_string_equal(one->faults[0].plain, "child [NHS number #1]");
	pack_trial_end(&trial);
}

/* Where a document is too deep for a tree, its places are not known: nothing is missing. */
static void test_a_place_in_a_document_beyond_a_limit_is_not_known(void **state)
{
	(void)state;
	enum { DEEP = 5000 };
	struct pack_trial trial;
	struct buf text;
	buf_init(&text, 1 << 20);
	buf_text(&text, "<File xmlns=\"urn:hl7-org:v3\">");
	for (size_t i = 0; i < DEEP; i++)
		buf_text(&text, "<x>");
	for (size_t i = 0; i < DEEP; i++)
		buf_text(&text, "</x>");
	buf_text(&text, "</File>");
	pack_trial_begin(&trial);
	pack_trial_folder(&trial, "evidence");
	pack_trial_write(&trial, "evidence/deep.xml", text.p);
	char folder[128];
	snprintf(folder, sizeof(folder), "%s/evidence", trial.folder);
	trial.options.evidence = folder;
	pack_trial_run(&trial, PACK
		       "  - { id: A, title: A, evidence: deep.xml, expect: { verdict: fail,\n"
		       "      at-least: true, findings: [ { rule: SCH-001, at: //File/x } ] } }\n");
	buf_release(&text);
	assert_int_equal(trial.status, 0);
	if (trial.results->cases[0].outcome != CASE_NOT_RUN)
		fail_msg("%d: %s", trial.results->cases[0].outcome, trial.results->cases[0].reason);
	pack_trial_end(&trial);
}

static void test_a_waiver_with_a_place_needs_no_other_xpath(void **state)
{
	(void)state;
	struct pack_trial trial;
	pack_trial_begin(&trial);
	pack_trial_copy(&trial, "few.xml", "testcases/rules/UPL-001/fail-one-too-few.xml");
	pack_trial_run(&trial,
		       PACK "  - { id: A, title: A, message: few.xml, expect: { verdict: pass } }\n"
			    "waivers:\n"
			    "  - { case: A, rule: UPL-001, at: //transmissionQuantity, reason: r,\n"
			    "      owner: Ann, expires: 2027-01-01 }\n");
	assert_int_equal(trial.status, 0);
	assert_int_equal(trial.results->cases[0].outcome, CASE_WAIVED);
	pack_trial_end(&trial);
}

#define EXTRA "pack: p\nversion: 1.0.0\ntitle: P\nextra: allowed\ncases:\n"
#define SLOT(pattern)                                                                              \
	EXTRA "  - { id: A, title: A, evidence: \"" pattern "\", expect: { verdict: pass } }\n"

/* The folder has upload/a.xml and upload/b.xml, both good, and bad.xml. */
static const struct {
	const char *yaml;
	bool evidence; /* the folder is named */
	enum case_outcome outcome;
	size_t messages;
	const char *reason;
} slots[] = {
	{ SLOT("upload/a.xml"), false, CASE_NOT_RUN, 0,
	  "no evidence folder was given for 'upload/a.xml'" },
	{ SLOT("upload/a.xml"), true, CASE_PASSED, 1, "" },
	{ SLOT("upload/*.xml"), true, CASE_PASSED, 2, "" },
	{ SLOT("upload/[b-z].xml"), true, CASE_PASSED, 1, "" },
	{ SLOT("c*.xml"), true, CASE_NOT_RUN, 0, "the evidence folder has no file 'c*.xml'" },
	{ SLOT("download/a.xml"), true, CASE_NOT_RUN, 0,
	  "the evidence folder has no file 'download/a.xml'" },
	{ SLOT("b*.xml"), true, CASE_FAILED, 1,
	  "unexpected: XML-001 at /File (line 1); the verdict is fail, not pass" },
	{ SLOT("upload"), true, CASE_NOT_RUN, 0,
	  "the evidence 'upload' cannot be read: it is a folder" },
	{ SLOT("fifo"), true, CASE_NOT_RUN, 0, "the evidence 'fifo' cannot be read: it is a FIFO" },
	{ SLOT("dead*"), true, CASE_NOT_RUN, 0,
	  "the evidence 'dead.xml' cannot be read: it is a link that leads nowhere" },
	{ EXTRA "  - { id: A, title: A, evidence: \"upload/*.xml\", files: one, expect: { "
		"verdict: pass } }\n",
	  true, CASE_FAILED, 0,
	  "2 files match 'upload/*.xml': there must be one (upload/a.xml, upload/b.xml)" },
};

static void fill_evidence(const struct pack_trial *trial)
{
	pack_trial_folder(trial, "evidence");
	pack_trial_folder(trial, "evidence/upload");
	pack_trial_copy(trial, "evidence/upload/a.xml", "testcases/messages/upload-one.xml");
	pack_trial_copy(trial, "evidence/upload/b.xml", "testcases/messages/upload-five.xml");
	pack_trial_write(trial, "evidence/bad.xml", "<File xmlns=\"urn:hl7-org:v3\">");
	char path[128];
	snprintf(path, sizeof(path), "%s/evidence/fifo", trial->folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	snprintf(path, sizeof(path), "%s/evidence/dead.xml", trial->folder);
	assert_int_equal(symlink("nowhere.xml", path), 0);
}

static void test_evidence_fills_slots(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		struct pack_trial trial;
		char folder[128];
		pack_trial_begin(&trial);
		fill_evidence(&trial);
		snprintf(folder, sizeof(folder), "%s/evidence", trial.folder);
		trial.options.evidence = slots[i].evidence ? folder : NULL;
		pack_trial_run(&trial, slots[i].yaml);
		assert_int_equal(trial.status, 0);
		const struct case_result *result = &trial.results->cases[0];
		const char *reason = result->reason ? result->reason : "";
		if (result->outcome != slots[i].outcome || strcmp(reason, slots[i].reason) != 0)
			fail_msg("%s\n%s: %s", slots[i].yaml, case_outcome_name(result->outcome),
				 reason);
		assert_int_equal(result->message_count, slots[i].messages);
		if (slots[i].outcome == CASE_NOT_RUN)
			assert_int_equal(cpis_results_verdict(trial.opaque), CPIS_INCOMPLETE);
		pack_trial_end(&trial);
	}
}

static void test_names_of_evidence_have_no_folder_of_the_machine(void **state)
{
	(void)state;
	struct pack_trial trial;
	char folder[128];
	pack_trial_begin(&trial);
	fill_evidence(&trial);
	snprintf(folder, sizeof(folder), "%s/evidence", trial.folder);
	trial.options.evidence = folder;
	pack_trial_run(&trial, SLOT("upload/*.xml"));
	assert_string_equal(trial.results->messages[0].source, "upload/a.xml");
	assert_string_equal(trial.results->messages[1].source, "upload/b.xml");
	pack_trial_end(&trial);
}

static void test_an_evidence_folder_that_is_not_there_is_a_failure(void **state)
{
	(void)state;
	struct pack_trial trial;
	pack_trial_begin(&trial);
	trial.options.evidence = "/nonexistent";
	pack_trial_run(&trial, SLOT("a.xml"));
	assert_int_equal(trial.status, -1);
	assert_int_equal(trial.failure.kind, CPIS_FAILURE_CONFIGURATION);
	assert_string_equal(trial.failure.file, "/nonexistent");
	pack_trial_end(&trial);
}

static const struct {
	const char *answers; /* NULL: no file */
	int status;
	enum case_outcome outcome;
	const char *actual;
} questions[] = {
	{ NULL, 0, CASE_MANUAL, NULL },
	{ "- { case: B, answer: pass, by: Ann, on: 2026-10-01 }\n", -1, CASE_MANUAL,
	  "1:11: no case 'B'" },
	{ "- { case: C, answer: pass, by: Ann, on: 2026-10-01 }\n", -1, CASE_MANUAL,
	  "1:11: the case 'C' asks no question: it has no 'manual'" },
	{ "- { case: A, pack: q, answer: pass, by: Ann, on: 2026-10-01 }\n", -1, CASE_MANUAL,
	  "1:20: the run has no pack 'q'" },
	{ "- { case: A, answer: pass, by: Ann, on: 2026-11-02 }\n", -1, CASE_MANUAL,
	  "1:41: the answer is of 2026-11-02, which is after the date of the run" },
	{ "- { case: A, answer: fail, by: Ann, on: 2026-10-01 }\n"
	  "- { case: A, answer: pass, by: Ann, on: 2026-10-01 }\n",
	  -1, CASE_MANUAL,
	  "2:11: the supplier answers 'A' twice, and differently: the other answer is on line 1" },
	{ "- { case: A, answer: pass, by: Ann, on: 2026-10-01, attachment: none.png }\n", -1,
	  CASE_MANUAL, "1:65: the evidence has no file 'none.png'" },
	{ "- { case: A, answer: pass, by: \"\", on: 2026-10-01 }\n", -1, CASE_MANUAL,
	  "1:32: 'by' is empty" },
	{ "- { case: A, answer: pass, by: null, on: 2026-10-01 }\n", -1, CASE_MANUAL,
	  "1:32: 'by' is empty" },
	{ "- { case: A, answer: pass, by: ~, on: 2026-10-01 }\n", -1, CASE_MANUAL,
	  "1:32: 'by' is empty" },
	{ "- { case: A, answer: pass, by: Ann, on: 2026-10-01 }\n"
	  "- { case: A, answer: fail, by: Bo, role: assessor, on: 2026-10-02 }\n",
	  0, CASE_FAILED,
	  "yes, by Ann (supplier) on 2026-10-01; no, by Bo (assessor) on 2026-10-02" },
	{ "- { case: A, answer: pass, by: Ann, on: 2026-10-01, attachment: a.png }\n", 0,
	  CASE_PASSED,
	  "yes, by Ann (supplier) on 2026-10-01, with a.png (SHA-256 "
	  "9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f9d09af107ee8f0)" },
	{ "- { case: A, pack: p, answer: pass, by: Ann, on: 2026-10-01 }\n", 0, CASE_PASSED,
	  "yes, by Ann (supplier) on 2026-10-01" },
	{ "- { case: A, answer: fail, by: Ann, on: 2026-10-01, note: blank screen }\n", 0,
	  CASE_FAILED, "no, by Ann (supplier) on 2026-10-01: [value #1]" },
	{ "- { case: A, answer: maybe, by: Ann, on: 2026-10-01 }\n", -1, CASE_MANUAL, NULL },
};

static void test_people_answer_manual_questions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		struct pack_trial trial;
		pack_trial_begin(&trial);
		if (questions[i].answers)
			pack_trial_write(&trial, "answers.yaml", questions[i].answers);
		pack_trial_write(&trial, "a.png", "aaa");
		trial.options.evidence = trial.folder;
		pack_trial_run(&trial, PACK "  - { id: A, title: A, manual: Is it shown? }\n"
					    "  - { id: C, title: C, evidence: c.xml, expect: "
					    "{ verdict: pass } }\n");
		if (trial.status != questions[i].status)
			fail_msg("%s: %s", questions[i].answers, trial.failure.text);
		if (trial.status != 0 && questions[i].actual &&
		    !strstr(trial.problems.p, questions[i].actual))
			fail_msg("%s: %s", questions[i].answers, trial.problems.p);
		if (trial.status == 0) {
			const struct case_result *result = &trial.results->cases[0];
			assert_int_equal(result->outcome, questions[i].outcome);
			assert_string_equal(result->expected, "Is it shown?");
			if (questions[i].actual)
				assert_string_equal(result->actual, questions[i].actual);
		}
		pack_trial_end(&trial);
	}
}

#define TAGGED                                                                                     \
	"pack: p\nversion: 1.0.0\ntitle: P\ndefaults: { tags: [all] }\ncases:\n"                   \
	"  - { id: A, title: A, tags: [x, y], manual: q }\n"                                       \
	"  - { id: B, title: B, tags: [y], manual: q }\n"                                          \
	"  - { id: C, title: C, manual: q }\n"

static const struct {
	const char *only[3], *skip[3], *run; /* ids of the cases that are run */
} selections[] = {
	{ { NULL }, { NULL }, "ABC" }, { { "x" }, { NULL }, "A" },
	{ { "y" }, { NULL }, "AB" },   { { "x", "C" }, { NULL }, "AC" },
	{ { "all" }, { "x" }, "BC" },  { { NULL }, { "B", "x" }, "C" },
	{ { "p/B" }, { NULL }, "B" },  { { "q/B" }, { NULL }, "" },
	{ { "A" }, { "A" }, "" },
};

static size_t count_words(const char *const *words)
{
	size_t count = 0;
	while (count < 3 && words[count])
		count++;
	return count;
}

static void test_tags_and_ids_select_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(selections) / sizeof(selections[0]); i++) {
		struct pack_trial trial;
		char ran[8] = "";
		pack_trial_begin(&trial);
		trial.options.only = selections[i].only;
		trial.options.only_count = count_words(selections[i].only);
		trial.options.skip = selections[i].skip;
		trial.options.skip_count = count_words(selections[i].skip);
		pack_trial_run(&trial, TAGGED);
		assert_int_equal(trial.status, 0);
		assert_int_equal(trial.results->case_count, 3);
		for (size_t k = 0; k < 3; k++)
			if (trial.results->cases[k].outcome != CASE_LEFT_OUT)
				strcat(ran, trial.results->cases[k].id);
		assert_string_equal(ran, selections[i].run);
		assert_string_equal(trial.results->cases[0].tags[2], "all");
		pack_trial_end(&trial);
	}
}

static void test_requirements_have_the_worst_outcome_of_their_cases(void **state)
{
	(void)state;
	struct pack_trial trial;
	pack_trial_begin(&trial);
	pack_trial_write(&trial, "r.yaml",
			 "- { id: R-1, text: t, source: s }\n- { id: R-2, text: t, source: s }\n"
			 "- { id: R-3, text: t, source: s, not-testable: on paper }\n"
			 "- { id: R-4, text: t, source: s }\n");
	pack_trial_run(&trial, "pack: p\nversion: 1.0.0\ntitle: P\nrequirements: r.yaml\ncases:\n"
			       "  - { id: A, title: A, requirements: [R-1, R-2], message: "
			       "messages/upload-one.xml, expect: { verdict: pass } }\n"
			       "  - { id: B, title: B, requirements: [R-2, R-4], message: "
			       "messages/upload-one.xml, expect: { verdict: fail } }\n"
			       "  - { id: C, title: C, requirements: [R-1, R-2], manual: q }\n");
	assert_int_equal(trial.status, 0);
	assert_int_equal(trial.results->requirement_count, 4);
	const struct requirement_result *requirements = trial.results->requirements;
	assert_int_equal(requirements[0].outcome, CASE_MANUAL);
	assert_int_equal(requirements[1].outcome, CASE_FAILED);
	assert_int_equal(requirements[1].case_count, 3);
	assert_string_equal(requirements[1].cases[1], "B");
	assert_int_equal(requirements[2].outcome, CASE_NOT_RUN);
	assert_string_equal(requirements[2].not_testable, "on paper");
	assert_int_equal(requirements[3].outcome, CASE_FAILED);
	pack_trial_end(&trial);
}

static void test_packs_of_the_repository_pass(void **state)
{
	(void)state;
	static const char *const packs[] = { "testcases/packs/la-upload",
					     "testcases/packs/nhs-query-itk" };
	struct pack_trial trial;
	pack_trial_begin(&trial);
	for (size_t i = 0; i < sizeof(packs) / sizeof(packs[0]); i++)
		assert_int_equal(
			cpis_run_pack(trial.opaque, packs[i], &trial.options, &trial.failure), 0);
	for (size_t i = 0; i < trial.results->case_count; i++) {
		const struct case_result *result = &trial.results->cases[i];
		if (result->outcome != CASE_PASSED)
			fail_msg("%s %s: %s", result->id, case_outcome_name(result->outcome),
				 result->reason);
	}
	assert_true(trial.results->case_count >= 30);
	assert_int_equal(trial.results->pack_count, 2);
	assert_int_equal(strlen(trial.results->packs[0].sha256), 64);
	assert_int_equal(cpis_results_verdict(trial.opaque), CPIS_PASS);
	pack_trial_end(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expectations_are_exact),
		cmocka_unit_test(test_findings_that_are_not_listed_count),
		cmocka_unit_test(test_assertions_hold_or_say_what_is_there),
		cmocka_unit_test(test_assertions_look_at_the_message_as_judged),
		cmocka_unit_test(test_waivers_and_known_failures_pardon_only_what_they_name),
		cmocka_unit_test(test_a_waived_finding_says_so),
		cmocka_unit_test(test_a_known_failure_covers_nothing_that_was_not_read),
		cmocka_unit_test(test_the_title_of_an_assertion_is_masked),
		cmocka_unit_test(test_a_place_in_a_document_beyond_a_limit_is_not_known),
		cmocka_unit_test(test_a_waiver_with_a_place_needs_no_other_xpath),
		cmocka_unit_test(test_evidence_fills_slots),
		cmocka_unit_test(test_names_of_evidence_have_no_folder_of_the_machine),
		cmocka_unit_test(test_an_evidence_folder_that_is_not_there_is_a_failure),
		cmocka_unit_test(test_people_answer_manual_questions),
		cmocka_unit_test(test_tags_and_ids_select_cases),
		cmocka_unit_test(test_requirements_have_the_worst_outcome_of_their_cases),
		cmocka_unit_test(test_packs_of_the_repository_pass),
	};
	return cmocka_run_group_tests_name("pack_run", tests, NULL, NULL);
}
