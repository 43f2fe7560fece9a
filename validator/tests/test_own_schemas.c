/* A user's own copy of the schemas: fixed in memory, complete or refused, and judged by like ours.
 */
#include "run_cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PUBLISHED "validator/tests/data/published"
#define QUERY	  "testcases/messages/query-person.xml"

static char *output;

static int run(const char *arguments)
{
	return run_output(&output, arguments);
}

static void test_a_published_style_set_judges_a_good_query(void **state)
{
	(void)state;
	assert_int_equal(run("validate --schemas " PUBLISHED " " QUERY), 0);
}

/* The published files declare ASCII. */
static void test_files_may_be_in_any_encoding_that_libxml2_reads(void **state)
{
	(void)state;
	static const char *const encodings[] = { "ASCII", "ISO-8859-1", "UTF-16" };
	for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
		char command[1024];
		snprintf(command, sizeof(command),
			 "rm -rf build/encoded && cp -r " PUBLISHED " build/encoded && "
			 "find build/encoded -name '*.xsd' | while read -r file; do "
			 "sed 's/encoding=\"UTF-8\"/encoding=\"%s\"/' $file | "
			 "iconv -f UTF-8 -t %s >$file.new && mv $file.new $file || exit 1; done",
			 encodings[i], encodings[i]);
		assert_int_equal(system(command), 0);
		assert_int_equal(run("schemas check build/encoded"), 0);
		assert_int_equal(run("validate --schemas build/encoded " QUERY), 0);
		assert_int_equal(run("validate -q --schemas build/encoded testcases/rules/SCH-001"),
				 1);
	}
	assert_int_equal(system("rm -rf build/encoded"), 0);
}

/* A complete set: the six payloads and the four interactions. */
static void test_all_ten_roots_load_in_any_encoding(void **state)
{
	(void)state;
	static const char *const encodings[] = { "ASCII", "ISO-8859-1", "UTF-16" };
	for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
		char command[1024];
		snprintf(command, sizeof(command),
			 "rm -rf %s; cp -r schemas/cpis-dms-1.0 %s && find %s -name '*.xsd' | "
			 "while read -r file; do "
			 "sed 's/encoding=\"UTF-8\"/encoding=\"%s\"/' $file | "
			 "iconv -f UTF-8 -t %s >$file.new && mv $file.new $file || exit 1; done",
			 scratch_path("ten"), scratch_path("ten"), scratch_path("ten"),
			 encodings[i], encodings[i]);
		assert_int_equal(system(command), 0);
		assert_int_equal(run("schemas check @/ten"), 0);
		size_t messages = 0;
		for (const char *line = output; (line = strstr(line, "message    ")); line++)
			messages++;
		assert_int_equal(messages, 10);
		assert_non_null(strstr(output, "10 of 10 messages can be judged"));
		assert_int_equal(run("validate -q --schemas @/ten testcases/messages"), 0);
	}
	assert_int_equal(run("schemas check " PUBLISHED), 0);
	assert_non_null(strstr(output, "1 of 10 messages can be judged"));
}

static void test_what_was_repaired_is_reported(void **state)
{
	(void)state;
	assert_int_equal(run("schemas check " PUBLISHED), 0);
	assert_non_null(strstr(output, "message    QUPC_MT000006GB01.xsd"));
	assert_non_null(strstr(output, "version 1.0-test"));
	assert_non_null(strstr(output, "core/datatypes.xsd"));
	assert_non_null(
		strstr(output, "a prohibited attribute declares a type inside: removed (2 times)"));
	assert_non_null(strstr(output, "a pattern that libxml2 miscounts"));
}

static void test_both_engines_give_one_verdict(void **state)
{
	(void)state;
	static const char *const edits[] = {
		"s/20261020143210+0100/202610201432101234567/", /* libxml2 alone lets it pass
								   unmended */
		"s/20261020143210+0100/2026-10-20/",
		"s/A4988A35/a4988a35/",
		"s/<value extension/<value root=\"2.16.840.1.113883.2.1.4.1\" extension/",
		"s/<CP-ISQueryStub /<CP-ISQueryStub classCode=\"CACT\" /",
		"/<effectiveTime/d",
		"s/extension=\"9996184978\"//",
		"s/<queryByParameter>/<queryByParameter>text/",
		"s/20261020143210+0100/20261020/",
	};
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		char command[1024];
		snprintf(command, sizeof(command), "sed '%s' " QUERY " >%s", edits[i],
			 scratch_path("edited.xml"));
		assert_int_equal(system(command), 0);
		int ours = run("validate --stages xml,schema -q @/edited.xml");
		int theirs =
			run("validate --stages xml,schema -q --schemas " PUBLISHED " @/edited.xml");
		if (ours != theirs)
			fail_msg("%s: built-in %d, --schemas %d", edits[i], ours, theirs);
	}
}

static void test_a_missing_file_names_who_asked_for_it(void **state)
{
	(void)state;
	char command[1024];
	snprintf(command, sizeof(command), "rm -rf %s; cp -r " PUBLISHED " %s",
		 scratch_path("published"), scratch_folder());
	assert_int_equal(system(command), 0);
	snprintf(command, sizeof(command), "rm %s",
		 scratch_path("published/core/localisation.xsd"));
	assert_int_equal(system(command), 0);
	assert_int_equal(run("validate --schemas @/published " QUERY), 2);
	assert_non_null(strstr(output, "templates/author.xsd:4"));
	assert_non_null(strstr(output, "core/localisation.xsd"));
}

static void test_nothing_is_read_outside_the_folder(void **state)
{
	(void)state;
	char command[1024];
	snprintf(command, sizeof(command),
		 "rm -rf %s; cp -r " PUBLISHED " %s/closed && mv %s/closed/core %s/core && "
		 "sed -i 's|\"core/|\"../core/|' %s/closed/QUPC_MT000006GB01.xsd && "
		 "sed -i 's|\"../core/|\"../../core/|' %s/closed/templates/author.xsd",
		 scratch_path("closed"), scratch_folder(), scratch_folder(), scratch_folder(),
		 scratch_folder(), scratch_folder());
	assert_int_equal(system(command), 0);
	assert_int_equal(run("validate --schemas @/closed " QUERY), 2);
	assert_non_null(strstr(output, "which is not in the folder"));
}

static void test_a_message_without_a_schema_is_incomplete(void **state)
{
	(void)state;
	assert_int_equal(run("validate --schemas " PUBLISHED " testcases/messages/upload-one.xml"),
			 3);
	assert_non_null(strstr(output, "declares no such root element"));
}

static void test_a_folder_that_is_none_is_an_error_of_configuration(void **state)
{
	(void)state;
	assert_int_equal(run("validate --schemas " QUERY " " QUERY), 2);
	assert_int_equal(run("validate --schemas @/nowhere " QUERY), 2);
	assert_int_equal(run("validate --schemas testcases/messages " QUERY), 2);
}

static int forget(void **state)
{
	(void)state;
	free(output);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_published_style_set_judges_a_good_query),
		cmocka_unit_test(test_files_may_be_in_any_encoding_that_libxml2_reads),
		cmocka_unit_test(test_all_ten_roots_load_in_any_encoding),
		cmocka_unit_test(test_what_was_repaired_is_reported),
		cmocka_unit_test(test_both_engines_give_one_verdict),
		cmocka_unit_test(test_a_missing_file_names_who_asked_for_it),
		cmocka_unit_test(test_nothing_is_read_outside_the_folder),
		cmocka_unit_test(test_a_message_without_a_schema_is_incomplete),
		cmocka_unit_test(test_a_folder_that_is_none_is_an_error_of_configuration),
	};
	return cmocka_run_group_tests_name("own_schemas", tests, NULL, forget);
}
