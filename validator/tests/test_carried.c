/*
 * The interactions that carry a message as an envelope does: what Spine sends to local authorities.
 */
#include "run_cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MESSAGES "testcases/messages/"
#define NOW	 "--now 2026-11-01T00:00Z"

static char *text;

static const char *written(const char *content)
{
	static char path[4096];
	snprintf(path, sizeof(path), "%s", scratch_path("message.xml"));
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_true(fputs(content, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return path;
}

/* A sample with one text in place of another. */
static const char *changed(const char *sample, const char *from, const char *to)
{
	static char after[32 * 1024];
	free(text);
	text = read_file(sample, NULL);
	const char *at = strstr(text, from);
	assert_non_null(at);
	snprintf(after, sizeof(after), "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	return written(after);
}

/* Judge a file: its exit code is what is expected, and so are the rules. */
static void expect(const char *options, const char *path, int exit_code, const char *rules)
{
	struct found found = run_validate(options, path);
	if (found.exit_code != exit_code || strcmp(found_text(&found), rules) != 0)
		fail_msg("%s %s: exit %d, raised %s", options, path, found.exit_code,
			 found_text(&found));
}

static void test_each_is_read_and_says_that_no_schema_is_published(void **state)
{
	(void)state;
	expect(NOW, MESSAGES "REPC_IN000003GB01.xml", 0, "TMS-045");
	expect(NOW, MESSAGES "REPC_IN000004GB01.xml", 0, "TMS-045");
	expect(NOW, MESSAGES "REPC_IN000005GB01.xml", 0, "TMS-045 NOT-005");
}

/* The folder declares the payloads, and not the interactions: as the published set does. */
static void test_the_message_inside_is_judged_by_schemas_of_the_user_too(void **state)
{
	(void)state;
	expect(NOW " --schemas schemas/cpis-dms-1.0", MESSAGES "REPC_IN000003GB01.xml", 0,
	       "TMS-045");
	expect(NOW " --schemas schemas/cpis-dms-1.0",
	       changed(MESSAGES "REPC_IN000003GB01.xml", "<acknowledgementFile>",
		       "<other/><acknowledgementFile>"),
	       1, "TMS-045 SCH-001");
	expect(NOW " --schemas schemas/cpis-dms-1.0",
	       changed(MESSAGES "REPC_IN000004GB01.xml", "<pertinentInformation>",
		       "<other/><pertinentInformation>"),
	       1, "TMS-045 SCH-001");
}

/* id as a value, no counts and no receiver: for information, where Spine refuses an upload. */
static void test_a_refusal_as_spine_builds_it_is_no_error(void **state)
{
	(void)state;
	static const char sample[] = MESSAGES "REPC_IN000003GB01-refused.xml";
	static const char *const engines[] = { NOW, NOW " --schemas schemas/cpis-dms-1.0" };
	/* In the order of their places, which differ for what is missing at the end. */
	static const char *const refusal[] = { "TMS-045 SCH-002 DAT-002 SCH-004",
					       "TMS-045 DAT-002 SCH-003 SCH-004 SCH-002" };
	for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++) {
		expect(engines[i], sample, 0, refusal[i]);
		struct found found = run_validate(
			engines[i], changed(sample, "typeCode=\"AE\"", "typeCode=\"AA\""));
		assert_int_equal(found.exit_code, 1);
		found = run_validate(engines[i],
				     changed(sample, "CPF01\" displayName=\"File Level Error",
					     "CPF02\" displayName=\"Successful File Upload"));
		assert_int_equal(found.exit_code, 1);
		assert_true(found_rule(&found, "ACK-002"));
	}
}

/* What Spine sends, in its whole form alone: for information where the built-in schemas judge it,
 * and an error where anything differs. */
static void test_what_spine_builds_is_no_error_in_its_whole_form_alone(void **state)
{
	(void)state;
#define RULES  "testcases/rules/"
#define DETAIL "<detail>The upload failed</detail>"
	static const char detail[] = RULES "SCH-001/fail-detail-of-spine.xml";
	static const char failure[] = RULES "SCH-002/fail-spine-without-query-ack.xml";
	static const char refusal[] = MESSAGES "REPC_IN000003GB01-refused.xml";
	static const char queries[] = RULES "SCH-001/fail-queries-of-spine-in-one-place.xml";
	static const char family[] = RULES "SCH-001/fail-family-name-first-of-spine.xml";
	static const struct {
		const char *sample, *from, *to;
		int exit_code;
	} changes[] = {
		{ detail, DETAIL, DETAIL, 0 },
		{ detail, DETAIL, "<detail><!-- <a> --><![CDATA[</detail>]]></detail >", 0 },
		{ detail, DETAIL, "<detail><File/></detail>", 1 },
		{ detail, DETAIL, "<detail>It failed<File/></detail>", 1 },
		{ detail, DETAIL, DETAIL DETAIL, 1 },
		{ detail, DETAIL, DETAIL "<author1/>", 1 },
		{ detail, DETAIL, "<detail/>", 1 },
		{ detail, DETAIL, "<detail> </detail>", 1 },
		{ detail, DETAIL, "<detail code=\"1\">It failed</detail>", 1 },
		{ detail, DETAIL, "<detail xmlns=\"urn:x\">It failed</detail>", 1 },
		{ detail, DETAIL, "<detail xmlns=\"urn:hl7-org:v3\">It failed: a &lt; b</detail>",
		  0 },
		{ detail, DETAIL, "<detail>&lt;File xmlns=\"urn:hl7-org:v3\"/&gt;</detail>", 1 },
		{ detail, DETAIL, "<detail><![CDATA[<?xml version=\"1.0\"?><File/>]]></detail>",
		  1 },
		{ detail, "\"AA\"", "\"AE\"", 1 },
		{ detail, "<author1", DETAIL "<author1", 1 },
		{ failure, "\"ER\"", "\"ER\"", 0 },
		{ failure, "typeCode=\"AE\"", "typeCode=\"AR\"", 1 },
		{ failure, "<qualifier code=\"ER\"/>", "", 1 },
		{ failure, "<qualifier code=\"ER\"/>", "<qualifier/>", 1 },
		{ refusal, "<id value=\"42\"/>", "<id value=\"-1\"/>", 0 },
		{ refusal, "<id value=\"42\"/>", "<id extension=\"42\"/>", 0 },
		{ refusal, "<id value=\"42\"/>", "<id/>", 1 },
		{ refusal, "<id value=\"42\"/>", "<id value=\"\"/>", 1 },
		{ refusal, "<id value=\"42\"/>", "<id value=\"abc\"/>", 1 },
		{ refusal, "<id value=\"42\"/>", "<id value=\"-2\"/>", 1 },
		{ refusal, "<id value=\"42\"/>", "<id value=\"42\" root=\"1.2\"/>", 1 },
		{ refusal, "</acknowledgementFile>",
		  "</acknowledgementFile><acknowledgementRecord/>", 1 },
		{ queries, "</pertinentInformation13>", "</pertinentInformation13>", 0 },
		{ queries, "<pertinentInformation13>",
		  "<pertinentInformation13></pertinentInformation13><pertinentInformation13>", 1 },
		{ queries, "</pertinentInformation13>",
		  "</pertinentInformation13><pertinentInformation13/>", 1 },
		{ family, "Halcyon", "Halcyon", 0 },
		{ family, "Halcyon", "Halcyon</given><given>B", 1 },
		{ family, "Halcyon", "<b/>", 1 },
	};
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct found found = run_validate(
			NOW, changed(changes[i].sample, changes[i].from, changes[i].to));
		if (found.exit_code != changes[i].exit_code)
			fail_msg("%s: %s: exit %d, raised %s", changes[i].sample, changes[i].to,
				 found.exit_code, found_text(&found));
	}
}

/* A reply of Spine with that many queries in one place, of which one, counted from 0, has a text in
 * place of another. */
static const char *listed_queries(unsigned count, unsigned at, const char *from, const char *to)
{
	static char reply[64 * 1024], query[4096];
	char *sample = read_file("testcases/rules/SCH-001/"
				 "fail-queries-of-spine-in-one-place.xml",
				 NULL);
	const char *first = strstr(sample, "<pertinentCP-ISNHSQuery>");
	const char *second = strstr(first + 1, "<pertinentCP-ISNHSQuery>");
	const char *after = strstr(first, "</pertinentInformation13>");
	const char *total = strstr(sample, "<value value=\"2\"/>");
	int n = snprintf(reply, sizeof(reply), "%.*s<value value=\"%u\"/>%.*s",
			 (int)(total - sample), sample, count,
			 (int)(first - total - (int)strlen("<value value=\"2\"/>")),
			 total + strlen("<value value=\"2\"/>"));
	for (unsigned i = 0; i < count; i++) {
		snprintf(query, sizeof(query), "%.*s", (int)(second - first), first);
		memcpy(strstr(query, "-4900-") + 1, (char[]){ '4', '9', '0', (char)('0' + i) }, 4);
		const char *place = i == at ? strstr(query, from) : NULL;
		assert_true(place || i != at);
		if (place)
			n += snprintf(reply + n, sizeof(reply) - (size_t)n, "%.*s%s%s",
				      (int)(place - query), query, to, place + strlen(from));
		else
			n += snprintf(reply + n, sizeof(reply) - (size_t)n, "%s", query);
	}
	snprintf(reply + n, sizeof(reply) - (size_t)n, "%s", after);
	free(sample);
	return written(reply);
}

/* That there are several is what Spine sends. What is in each is judged as if it were the first. */
static void test_each_query_that_spine_lists_is_judged(void **state)
{
	(void)state;
	static const struct {
		const char *from, *to, *rule;
	} faults[] = {
		{ "<author>", "<junk/><author>", "SCH-001" },
		{ "<assignedAuthorPerson>", "<assignedAuthorPerson><junk/>", "SCH-001" },
		{ "</author>", "</author><author/>", "SCH-001" },
		{ "<queryByParameter>",
		  "</pertinentCP-ISNHSQuery><pertinentCP-ISNHSQuery><queryByParameter>",
		  "SCH-002" },
		{ "<id root=\"0A7FC131-B", "<id root=\"0a7fc131-B", "SCH-005" },
		{ "<id root=\"0A7FC131-B", "<id root=\"B", "SCH-005" },
		{ "<author>", "text<author>", "SCH-007" },
		{ "<author>", "<author junk=\"1\">", "SCH-004" },
		{ "<author>", "<author typeCode=\"AUT\">", "SCH-010" },
		{ "<effectiveTime value=\"20261027101500+0000\"/>", "", "SCH-002" },
		{ "<code code=\"NR0620\"", "<kode code=\"NR0620\"", "SCH-001" },
		{ "2.16.840.1.113883.2.1.3.2.4.19.1", "1.2.3", "SCH-006" },
		{ "<person.NHSnumber>", "<person.NHSnumber/><person.NHSnumber>", "SCH-001" },
		{ "<value extension", "<value root=\"2.16.840.1.113883.2.1.4.1\" extension",
		  "SCH-010" },
	};
	for (unsigned i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		for (unsigned at = 0; at < 3; at++) {
			struct found found = run_validate(
				NOW, listed_queries(3, at, faults[i].from, faults[i].to));
			if (found.exit_code != 1 || !found_rule(&found, faults[i].rule))
				fail_msg("%s in query %u: exit %d, raised %s", faults[i].to, at,
					 found.exit_code, found_text(&found));
		}
	/* However many there are. */
	assert_int_equal(run_validate(NOW, listed_queries(8, 0, "<author>", "<author>")).exit_code,
			 0);
}

/* Spine's harness: a child without an id, whose family name comes first. */
static void test_a_child_as_spine_answers_of_it_is_no_error(void **state)
{
	(void)state;
	static const char sample[] = MESSAGES "REPC_IN000007GB01.xml";
	char without[32 * 1024];
	char *all = read_file(sample, NULL);
	char *child = strstr(all, "<COCT_TP145101GB01.Child>");
	char *person = strstr(child, "<childPerson>");
	snprintf(without, sizeof(without), "%.*s<COCT_TP145101GB01.Child>%s", (int)(child - all),
		 all, person);
	free(all);
	expect(NOW, written(without), 0, "NHS-008 SCH-002");
	char late[33 * 1024];
	char *end = strstr(without, "</COCT_TP145101GB01.Child>");
	snprintf(late, sizeof(late), "%.*s<id root=\"1\"/>%s", (int)(end - without), without, end);
	assert_int_equal(run_validate(NOW, written(late)).exit_code, 1);
	/* What suppliers send, and the response alone. */
	assert_int_equal(run_validate(NOW, changed(MESSAGES "response-one.xml", "<given>Zo",
						   "<family>A</family><given>Zo"))
				 .exit_code,
			 1);
}

/* One whose message is not there, is another, or is there twice, never passes. */
static void test_what_carries_no_message_of_its_own_fails(void **state)
{
	(void)state;
	static const char sample[] = MESSAGES "REPC_IN000004GB01.xml";
	static const struct {
		const char *from, *to;
	} changes[] = {
		{ "<subject typeCode=\"SUBJ\">", "<subject><other/></subject><subject>" },
		{ "\t\t</subject>\n\t</C", "\t\t</subject><subject><other/></subject></C" },
		{ "\t\t</subject>\n\t</C", "<CP-ISQueryStub/></subject></C" },
		{ "\t\t</subject>\n\t</C", "</subject><FileResponse/></C" },
		{ "<ControlActEvent classCode=\"CACT\" moodCode=\"EVN\">",
		  "<ControlActEvent/><ControlActEvent>" },
		{ "<acceptAckCode code=\"NE\"/>", "" },
		{ "<versionCode ", "<versionCode/><versionCode " },
	};
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct found found =
			run_validate(NOW, changed(sample, changes[i].from, changes[i].to));
		if (found.exit_code != 1)
			fail_msg("%s: exit %d", changes[i].to, found.exit_code);
	}
	expect(NOW, written("<REPC_IN000003GB01 xmlns='urn:hl7-org:v3'/>"), 1, "SCH-002");
}

static void test_an_upload_and_what_answers_it_are_a_pair(void **state)
{
	(void)state;
	expect(NOW " --request " MESSAGES "upload-five.xml --response",
	       MESSAGES "REPC_IN000003GB01.xml", 0, "TMS-045");
	expect(NOW " --request " MESSAGES "upload-one.xml --response",
	       MESSAGES "REPC_IN000003GB01.xml", 1,
	       "TMS-045 PAIR-009 PAIR-001 PAIR-002 PAIR-004 PAIR-005");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_is_read_and_says_that_no_schema_is_published),
		cmocka_unit_test(test_the_message_inside_is_judged_by_schemas_of_the_user_too),
		cmocka_unit_test(test_a_refusal_as_spine_builds_it_is_no_error),
		cmocka_unit_test(test_what_spine_builds_is_no_error_in_its_whole_form_alone),
		cmocka_unit_test(test_each_query_that_spine_lists_is_judged),
		cmocka_unit_test(test_a_child_as_spine_answers_of_it_is_no_error),
		cmocka_unit_test(test_what_carries_no_message_of_its_own_fails),
		cmocka_unit_test(test_an_upload_and_what_answers_it_are_a_pair),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(text);
	return failed;
}
