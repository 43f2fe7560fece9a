/* A user's own rules: Schematron files and profiles, taken or refused, never half understood. */
#include "run_cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OWN    "validator/tests/data/schematron/own.sch"
#define UPLOAD "testcases/messages/upload-one.xml"

static char *output;

static int run(const char *arguments)
{
	return run_output(&output, arguments);
}

static void write_scratch(const char *name, const char *text)
{
	FILE *out = fopen(scratch_path(name), "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void test_assertions_become_findings_with_places(void **state)
{
	(void)state;
	assert_int_equal(run("validate --report csv --schematron " OWN " " UPLOAD), 1);
	assert_non_null(strstr(output, "OWN-1"));
	assert_non_null(strstr(output, "The authority sends 2 numbers in organisation"));
	assert_non_null(strstr(output, "Send one number."));
	assert_non_null(strstr(output, "/id[1]/@extension"));
	assert_non_null(strstr(output, "A childPerson has none"));
	assert_null(strstr(output, "\"found\",\"OWN-3\""));
}

static void test_values_in_sentences_are_masked(void **state)
{
	(void)state;
	run("validate --report csv --schematron " OWN " " UPLOAD);
	assert_non_null(strstr(output, "The number ["));
	run("validate --report csv --show-values --schematron " OWN " " UPLOAD);
	assert_non_null(strstr(output, "The number 999"));
}

static void test_a_phase_leaves_other_patterns_out(void **state)
{
	(void)state;
	assert_int_equal(run("validate --report csv --phase numbers --schematron " OWN " " UPLOAD),
			 0);
	assert_non_null(strstr(output, "OWN-1"));
	assert_null(strstr(output, "\"found\",\"OWN-2\""));
	/* The file names no usual phase: all of them are meant. */
	assert_int_not_equal(run("validate --phase '#DEFAULT' --schematron " OWN " " UPLOAD), 2);
	assert_int_equal(run("validate --phase nowhere --schematron " OWN " " UPLOAD), 2);
}

#define SCHEMA "<schema xmlns='http://purl.oclc.org/dsdl/schematron'"

static void test_a_phase_that_leaves_nothing_is_refused(void **state)
{
	(void)state;
	static const char body[] =
		"\n<phase id='none'/><phase id='bare'><active pattern='q'/></phase>"
		"<pattern id='p'><rule context='/'><assert test='true()'>x</assert></rule>"
		"</pattern><pattern id='q'><rule context='/'/></pattern></schema>";
	char text[1024];
	snprintf(text, sizeof(text), SCHEMA ">%s", body);
	write_scratch("own.sch", text);
	assert_int_equal(run("validate --schematron @/own.sch " UPLOAD), 0);
	assert_int_equal(run("validate --phase none --schematron @/own.sch " UPLOAD), 2);
	assert_non_null(strstr(output, "own.sch:2"));
	assert_non_null(strstr(output, "the phase none has no assertion"));
	assert_int_equal(run("validate --phase bare --schematron @/own.sch " UPLOAD), 2);
	snprintf(text, sizeof(text), SCHEMA " defaultPhase='none'>%s", body);
	write_scratch("own.sch", text);
	assert_int_equal(run("validate --schematron @/own.sch " UPLOAD), 2);
	assert_int_equal(run("validate --phase '#ALL' --schematron @/own.sch " UPLOAD), 0);
}

/* Whether or not a message has what the rule is about. */
static void test_names_that_mean_nothing_are_refused_at_once(void **state)
{
	(void)state;
	static const struct {
		const char *body, *says;
	} files[] = {
		{ "<rule context='x'><assert test='$undef = 1'>x</assert></rule>",
		  "own.sch:2:1: the variable $undef has no let" },
		{ "<rule context='x[. = $undef]'><assert test='1'>x</assert></rule>", "$undef" },
		{ "<rule context='x'><assert test='1' subject='$undef'>x</assert></rule>",
		  "$undef" },
		{ "<rule context='x'><assert test='1'>x<value-of select='$undef'/></assert></rule>",
		  "$undef" },
		{ "<let name='a' value='$b'/><let name='b' value='1'/>"
		  "<rule context='x'><assert test='$a'>x</assert></rule>",
		  "$b" },
		{ "<rule context='x'><let name='a' value='1'/><assert test='1'>x</assert></rule>"
		  "<rule context='y'><assert test='$a'>x</assert></rule>",
		  "$a" },
		{ "<rule context='x'><assert test='zz:a'>x</assert></rule>",
		  "own.sch:2:1: the prefix zz has no ns" },
		{ "<rule context='zz:*'><assert test='1'>x</assert></rule>", "prefix zz" },
		{ "<rule context='x'><assert test='child::zz:a'>x</assert></rule>", "prefix zz" },
		{ "<rule context='x'><assert test='a/@zz:a'>x</assert></rule>", "prefix zz" },
		{ "<rule context='x'><assert test='position() = 1'>x</assert></rule>",
		  "position() has a value in square brackets only" },
		{ "<rule context='x'><let name='n' value='a[1] + last()'/>"
		  "<assert test='1'>x</assert></rule>",
		  "last() has a value in square brackets only" },
	};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char text[1024];
		snprintf(text, sizeof(text), SCHEMA ">\n<pattern>%s</pattern></schema>",
			 files[i].body);
		write_scratch("own.sch", text);
		assert_int_equal(run("validate --schematron @/own.sch " UPLOAD), 2);
		if (!strstr(output, files[i].says))
			fail_msg("%s is not in: %s", files[i].says, output);
	}
}

static void test_names_that_are_declared_are_taken(void **state)
{
	(void)state;
	write_scratch("own.sch",
		      SCHEMA "><pattern><let name='p' value='$late + 1'/>"
			     "<rule context='h:File[$p = 3]'>"
			     "<assert id='TAKEN' role='warning' test='$own + 3div 2 = 0 and "
			     "h:record[position() = last()] and ancestor :: h:x and "
			     "@xml:lang != \"zz:a $b position()\"'>x</assert>"
			     "<let name='own' value='$p'/></rule></pattern>"
			     "<let name='late' value='2'/><ns prefix='h' uri='urn:hl7-org:v3'/>"
			     "</schema>");
	assert_int_equal(run("validate --report csv --schematron @/own.sch " UPLOAD), 0);
	assert_non_null(strstr(output, "\"found\",\"TAKEN\""));
}

static void test_what_is_not_understood_is_refused_with_its_line(void **state)
{
	(void)state;
	static const struct {
		const char *body, *says;
	} files[] = {
		{ "<schema xmlns='http://purl.oclc.org/dsdl/schematron' queryBinding='xslt2'/>",
		  "xslt2" },
		{ "<schema xmlns='http://www.ascc.net/xml/schematron'/>", "not ISO Schematron" },
		{ "<schema xmlns='http://purl.oclc.org/dsdl/schematron'>\n<include "
		  "href='a'/></schema>",
		  "own.sch:2" },
		{ "<schema xmlns='http://purl.oclc.org/dsdl/schematron'>\n<pattern>\n<rule "
		  "context='a'>"
		  "<assert test='matches(b)'>x</assert></rule></pattern></schema>",
		  "no function matches()" },
		{ "<schema xmlns='http://purl.oclc.org/dsdl/schematron'>\n<pattern>\n<rule "
		  "context='a'>"
		  "<assert test='b['>x</assert></rule></pattern></schema>",
		  "own.sch:3" },
		{ "<schema xmlns='http://purl.oclc.org/dsdl/schematron'><pattern/></schema>",
		  "no assertion" },
		{ "<schema xmlns='http://purl.oclc.org/dsdl/schematron'><pattern><rule context='a'>"
		  "<assert test='b' role='dire'>x</assert></rule></pattern></schema>",
		  "dire" },
		{ "<schema", "own.sch:1" },
	};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		write_scratch("own.sch", files[i].body);
		assert_int_equal(run("validate --schematron @/own.sch " UPLOAD), 2);
		if (!strstr(output, files[i].says))
			fail_msg("%s is not in: %s", files[i].says, output);
	}
}

static void test_a_document_function_reads_nothing(void **state)
{
	(void)state;
	write_scratch("own.sch",
		      "<schema xmlns='http://purl.oclc.org/dsdl/schematron'><pattern>"
		      "<rule context='/'><assert test=\"document('/etc/passwd')\">x</assert></rule>"
		      "</pattern></schema>");
	assert_int_equal(run("validate --schematron @/own.sch " UPLOAD), 2);
}

static void test_an_expression_that_fails_makes_the_verdict_incomplete(void **state)
{
	(void)state;
	write_scratch("own.sch", "<schema xmlns='http://purl.oclc.org/dsdl/schematron'><pattern>"
				 "<rule context='/'><assert test='count(1)'>x</assert></rule>"
				 "</pattern></schema>");
	assert_int_equal(run("validate --schematron @/own.sch " UPLOAD), 3);
	assert_non_null(strstr(output, "a value is not of the kind"));
	write_scratch("own.sch", "<schema xmlns='http://purl.oclc.org/dsdl/schematron'><pattern>"
				 "<rule context='/'><assert test='concat(1)'>x</assert></rule>"
				 "</pattern></schema>");
	assert_int_equal(run("validate --schematron @/own.sch " UPLOAD), 3);
	assert_non_null(strstr(output, "too few or too many values"));
}

static void test_a_context_of_alternatives_fires_once_for_a_node(void **state)
{
	(void)state;
	write_scratch(
		"own.sch",
		"<schema xmlns='http://purl.oclc.org/dsdl/schematron'>"
		"<ns prefix='h' uri='urn:hl7-org:v3'/><pattern>"
		"<rule context=\"h:File[count(*|@*) - (1) &gt; 0 or '|'] | /h:File | h:none\">"
		"<assert id='ONCE' test='false()' role='warning'>seen</assert></rule>"
		"<rule context='*'><assert id='TWICE' test='not(self::h:File)'>x</assert></rule>"
		"</pattern></schema>");
	assert_int_equal(run("validate --report csv --schematron @/own.sch " UPLOAD), 0);
	const char *found = strstr(output, "\"found\",\"ONCE\"");
	assert_non_null(found);
	assert_null(strstr(found + 1, "\"found\",\"ONCE\""));
	assert_null(strstr(output, "\"found\",\"TWICE\""));
}

/* Whatever a rule fires for, points at and quotes: kinds of node that have no name, or none around.
 */
static void test_nodes_of_every_kind_are_told_of(void **state)
{
	static const char *const nodes[] = { "/",
					     "//comment()",
					     "//processing-instruction()",
					     "//text()",
					     "//@*",
					     "//*",
					     "//namespace::*",
					     "/comment()" };
	enum { NODES = sizeof(nodes) / sizeof(nodes[0]) };
	(void)state;
	write_scratch("kinds.xml",
		      "<!-- 9990007774 --><?top 9990007774?><File xmlns='urn:hl7-org:v3' "
		      "xmlns:p='9990007774'><id extension='9990007774'/><!-- 9990007774 -->"
		      "<a><![CDATA[9990007774]]></a><?p 9990007774?></File><!-- -->");
	for (size_t i = 0; i < (size_t)NODES * NODES; i++) {
		char rules[1024];
		const char *context = nodes[i / NODES], *told = nodes[i % NODES];
		snprintf(rules, sizeof(rules),
			 "<schema xmlns='http://purl.oclc.org/dsdl/schematron' queryBinding='xslt'>"
			 "<pattern><rule context='%s'><assert test='false()' subject='%s'>found "
			 "<value-of select='%s'/> and <name path='%s'/></assert></rule></pattern>"
			 "</schema>",
			 context, told, told, told);
		write_scratch("kinds.sch", rules);
		int code = run("validate --report json --schematron @/kinds.sch @/kinds.xml");
		if ((code != 1 && code != 3) || strstr(output, "9990007774"))
			fail_msg("%s, %s: exit %d: %s", context, told, code, output);
		bool fires = strcmp(context, "//namespace::*") != 0;
		if (!strstr(output, fires ? "found " : "selects a namespace"))
			fail_msg("%s, %s: not reported: %s", context, told, output);
	}
}

static void test_a_profile_weighs_rules_otherwise(void **state)
{
	(void)state;
	char command[512];
	write_scratch("profile.yaml",
		      "profile: trial\nrules:\n"
		      "  - { rule: UPL-001, severity: info, reason: a trial counts so }\n");
	snprintf(
		command, sizeof(command),
		"sed 's/transmissionQuantity value=\"1\"/transmissionQuantity value=\"7\"/' " UPLOAD
		" >%s",
		scratch_path("seven.xml"));
	assert_int_equal(system(command), 0);
	assert_int_equal(run("validate --report json --profile @/profile.yaml @/seven.xml"), 0);
	assert_non_null(strstr(output, "UPL-001"));
	assert_non_null(strstr(output, "a trial counts so"));
}

static void test_a_profile_with_faults_names_them_all(void **state)
{
	(void)state;
	write_scratch("profile.yaml", "profile: trial\nrules:\n"
				      "  - { rule: NHS-033, severity: off, reason: x }\n"
				      "  - { rule: XML-002, severity: off, reason: x }\n"
				      "  - { family: NOWHERE, severity: off, reason: x }\n"
				      "  - { severity: off, reason: x }\n");
	assert_int_equal(run("validate --profile @/profile.yaml " UPLOAD), 2);
	assert_non_null(strstr(output, "there is no rule NHS-033"));
	assert_non_null(strstr(output, "severity of XML-002 cannot be changed"));
	assert_non_null(strstr(output, "there is no family of rules NOWHERE"));
	assert_non_null(strstr(output, "either a 'rule' or a 'family'"));
}

static void test_a_rule_that_is_off_is_told_and_fails_nothing(void **state)
{
	(void)state;
	write_scratch("profile.yaml",
		      "profile: trial\nrules:\n"
		      "  - { family: UPL, severity: off, reason: judged elsewhere }\n");
	char command[512];
	snprintf(
		command, sizeof(command),
		"sed 's/transmissionQuantity value=\"1\"/transmissionQuantity value=\"7\"/' " UPLOAD
		" >%s",
		scratch_path("seven.xml"));
	assert_int_equal(system(command), 0);
	assert_int_equal(run("validate @/seven.xml"), 1);
	assert_non_null(strstr(output, "UPL-001"));
	assert_int_equal(run("validate --report json --profile @/profile.yaml @/seven.xml"), 0);
	assert_non_null(strstr(output, "judged elsewhere"));
}

static int forget(void **state)
{
	(void)state;
	free(output);
	return 0;
}

#define HEAD "<schema xmlns='http://purl.oclc.org/dsdl/schematron' queryBinding='xslt'>"

static void test_ids_of_own_rules_are_unique_in_a_run(void **state)
{
	(void)state;
	write_scratch("one.sch",
		      HEAD "<pattern><rule context='/*'><assert test='false()'>First</assert>"
			   "<assert id='DAT-001' test='false()'>Named</assert></rule></pattern>"
			   "<pattern><rule context='/*'><assert id='DAT-001' test='false()'>Named"
			   "</assert></rule></pattern></schema>");
	write_scratch("two.sch",
		      HEAD "<pattern><rule context='/*'><assert test='false()'>Second</assert>"
			   "</rule></pattern></schema>");
	assert_int_equal(run("validate --report xml=@/own.xml --schematron @/one.sch "
			     "--schematron @/two.sch " UPLOAD),
			 1);
	assert_non_null(strstr(output, "rule-1"));
	assert_non_null(strstr(output, "rule-1-2"));
	assert_non_null(strstr(output, "DAT-001-2"));
	assert_null(strstr(output, "DAT-001-3"));
	assert_int_equal(run("report -r csv @/own.xml"), 1);
	assert_non_null(strstr(output, "DAT-001-2"));
}

static void test_more_files_than_can_be_used_are_refused(void **state)
{
	(void)state;
	char arguments[2048] = "validate " UPLOAD;
	for (size_t i = 0; i < 17; i++)
		strcat(arguments, " --schematron " OWN);
	assert_int_equal(run(arguments), 2);
	assert_non_null(strstr(output, "at most 16"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_assertions_become_findings_with_places),
		cmocka_unit_test(test_values_in_sentences_are_masked),
		cmocka_unit_test(test_a_phase_leaves_other_patterns_out),
		cmocka_unit_test(test_a_phase_that_leaves_nothing_is_refused),
		cmocka_unit_test(test_names_that_mean_nothing_are_refused_at_once),
		cmocka_unit_test(test_names_that_are_declared_are_taken),
		cmocka_unit_test(test_what_is_not_understood_is_refused_with_its_line),
		cmocka_unit_test(test_a_document_function_reads_nothing),
		cmocka_unit_test(test_an_expression_that_fails_makes_the_verdict_incomplete),
		cmocka_unit_test(test_a_context_of_alternatives_fires_once_for_a_node),
		cmocka_unit_test(test_nodes_of_every_kind_are_told_of),
		cmocka_unit_test(test_a_profile_weighs_rules_otherwise),
		cmocka_unit_test(test_a_profile_with_faults_names_them_all),
		cmocka_unit_test(test_a_rule_that_is_off_is_told_and_fails_nothing),
		cmocka_unit_test(test_ids_of_own_rules_are_unique_in_a_run),
		cmocka_unit_test(test_more_files_than_can_be_used_are_refused),
	};
	return cmocka_run_group_tests_name("own_rules", tests, NULL, forget);
}
