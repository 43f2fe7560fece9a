/* The list of options: every judging option is in it, and whatever goes over the list sees it. */
#include "diag/options.h"
#include "evidence/checking.h"
#include "report/sink.h"
#include "results/diff.h"
#include "results/document.h"
#include "results/read.h"
#include "run_cli.h"
#include "sample_results.h"
#include "xml/reader.h"

#include <libxml/xmlschemas.h>

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A value that is not the usual one. */
static void set_other(const struct judging_option *option, struct cpis_options *options)
{
	static const char *const texts[] = { "one", "two" };
	void *place = option_place(option, options);
	switch (option->kind) {
	case OPTION_FLAG:
	case OPTION_CHOICE:
		*(int *)place = 1;
		break;
	case OPTION_NUMBER:
		*(unsigned *)place = 3;
		break;
	case OPTION_SIZE:
		*(size_t *)place = 3;
		break;
	case OPTION_TEXT:
		*(const char **)place = "other";
		break;
	case OPTION_TEXTS:
		*(const char *const **)place = texts;
		*option_count_place(option, options) = 2;
		break;
	case OPTION_STAGES:
		*(unsigned *)place = 1u << CPIS_RULES;
		break;
	case OPTION_TIME:
		*(long long *)place = 1;
		break;
	}
}

static void test_options_agree_unless_one_was_given_another_value(void **state)
{
	(void)state;
	for (const struct judging_option *row = option_list; row->name; row++) {
		struct cpis_options usual = { 0 }, other = { 0 };
		set_other(row, &other);
		for (const struct judging_option *each = option_list; each->name; each++)
			assert_int_equal(option_agrees(each, &usual, &other), each != row);
	}
}

static void test_the_usual_value_agrees_with_none_at_all(void **state)
{
	(void)state;
	struct cpis_options none = { 0 }, given = { 0 };
	for (const struct judging_option *row = option_list; row->name; row++) {
		if (row->kind != OPTION_SIZE || row->usual > SIZE_MAX)
			continue;
		*(size_t *)option_place(row, &given) = (size_t)row->usual;
		assert_true(option_agrees(row, &none, &given));
	}
}

/* Comments become blanks. */
static void blank_comments(char *text)
{
	for (char *start; (start = strstr(text, "/*"));) {
		char *end = strstr(start, "*/");
		assert_non_null(end);
		memset(start, ' ', (size_t)(end + 2 - start));
	}
}

/* The members of struct cpis_options in the header, but for the function that sees progress and
   those that are reserved. */
static void test_every_member_of_the_options_is_in_the_list(void **state)
{
	(void)state;
	static const char *const members[] = {
#define JUDGING_OPTION(member, kind, name, letter, recorded, commands, help, manual) #member,
#include "cpis_options.def"
		"schematron_count", "exclude_count",
		"progress_context", "shard",	  /* of the program's --shard, with shards */
		"shards",	    "no_digests", /* where no report names them */
	};
	char *header = read_file("validator/include/cpis.h", NULL);
	char *at = strstr(header, "\nstruct cpis_options {"), *end = at ? strstr(at, "\n};") : NULL;
	assert_non_null(end);
	*end = '\0';
	blank_comments(at);
	size_t seen = 0;
	for (; (at = strchr(at, ';')); at++) {
		char *start = at;
		while (isalnum((unsigned char)start[-1]) || start[-1] == '_')
			start--;
		bool known = at[-1] == ')' || at[-1] == ']';
		for (size_t i = 0; i < sizeof(members) / sizeof(members[0]) && !known; i++)
			known = strlen(members[i]) == (size_t)(at - start) &&
				strncmp(members[i], start, (size_t)(at - start)) == 0 && ++seen;
		if (!known)
			fail_msg("%.*s is not in cpis_options.def", (int)(at - start), start);
	}
	assert_int_equal(seen, sizeof(members) / sizeof(members[0]));
	free(header);
}

static void test_copied_strings_outlive_the_given_ones(void **state)
{
	(void)state;
	char text[] = "given";
	const char *list[] = { text, text };
	struct cpis_options options = { .phase = text, .schematron = list, .schematron_count = 2 };
	struct arena arena = { 0 };
	options_copy_strings(&options, &arena);
	memset(text, 'x', sizeof(text) - 1);
	list[0] = list[1] = NULL;
	assert_string_equal(options.phase, "given");
	assert_int_equal(options.schematron_count, 2);
	assert_string_equal(options.schematron[1], "given");
	assert_null(options.as_type);
	arena_release(&arena);
}

/* What a bundle keeps of a run, written and read back. */
static int through_a_bundle(const struct cpis_options *options, struct run_record *back, char *why,
			    size_t n)
{
	struct run_record record;
	struct buf text;
	buf_init(&text, 1 << 16);
	run_record_init(&record);
	record.options = *options;
	assert_int_equal(run_record_add_text(&record, &record.packs, "pack.yaml"), 0);
	run_record_write(&record, &text);
	run_record_release(&record);
	int status = run_record_read(back, buf_view(&text), why, n);
	buf_release(&text);
	return status;
}

static void test_every_recorded_option_arrives_in_a_bundle(void **state)
{
	(void)state;
	struct cpis_options all = { 0 };
	struct run_record back;
	char why[256];
	for (const struct judging_option *row = option_list; row->name; row++) {
		struct cpis_options one = { 0 };
		if (strcmp(row->name, "schemas") == 0)
			continue;
		set_other(row, &one);
		set_other(row, &all);
		if (through_a_bundle(&one, &back, why, sizeof(why)) != 0)
			fail_msg("%s: %s", row->name, why);
		if (option_agrees(row, &one, &back.options) != (row->recorded != NULL))
			fail_msg("%s did not arrive as it was", row->name);
		run_record_release(&back);
	}
	assert_int_equal(through_a_bundle(&all, &back, why, sizeof(why)), 0);
	for (const struct judging_option *row = option_list; row->name; row++)
		if (row->recorded)
			assert_true(option_agrees(row, &all, &back.options));
	run_record_release(&back);
}

static void test_what_a_bundle_keeps_of_a_run_is_text(void **state)
{
	(void)state;
	static const char record[] = "cpis-run 2\npack p\0ack.yaml\n";
	const struct str text = { record, sizeof(record) - 1 };
	struct run_record back;
	char why[256];
	assert_int_equal(run_record_read(&back, text, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "NUL byte"));
}

/* A bundle that asks for schemas would have its reader open a folder of the bundle's choice. */
static void test_a_bundle_cannot_name_schemas(void **state)
{
	(void)state;
	const struct cpis_options options = { .schemas = "folder" };
	struct run_record back;
	char why[256];
	assert_int_equal(through_a_bundle(&options, &back, why, sizeof(why)), -1);
	assert_string_equal(why, "a line is unknown");
}

/* Results of a clean run, made with these options, as a document. */
static void write_document(const struct cpis_options *options, struct buf *xml)
{
	struct results made;
	struct cpis_failure failure;
	sample_fill(&made, SAMPLE_CLEAN);
	made.options = *options;
	buf_init(xml, SIZE_MAX / 2);
	assert_int_equal(results_xml_write(&made, xml, &failure), 0);
	assert_false(xml->failed);
	sample_release(&made);
}

static struct results *through_a_document(const struct cpis_options *options)
{
	struct buf xml;
	struct cpis_failure failure = { 0 };
	struct results *back = results_read_new();
	write_document(options, &xml);
	if (results_read(back, buf_view(&xml), "r.xml", &failure) != 0)
		fail_msg("%s", failure.text);
	buf_release(&xml);
	return back;
}

static void free_results(struct results *results)
{
	cpis_results_free((struct cpis_results *)(void *)results);
}

static void test_every_recorded_option_arrives_in_a_results_document(void **state)
{
	(void)state;
	struct cpis_options all = { 0 };
	for (const struct judging_option *row = option_list; row->name; row++) {
		struct cpis_options one = { 0 };
		set_other(row, &one);
		set_other(row, &all);
		struct results *back = through_a_document(&one);
		for (const struct judging_option *each = option_list; each->name; each++)
			if (option_agrees(each, &one, &back->options) !=
			    (each->recorded != NULL || each != row))
				fail_msg("%s did not arrive as it was", each->name);
		free_results(back);
	}
	struct results *back = through_a_document(&all);
	for (const struct judging_option *row = option_list; row->name; row++)
		if (row->recorded)
			assert_true(option_agrees(row, &all, &back->options));
	free_results(back);
}

static void test_the_schema_of_results_has_every_recorded_option(void **state)
{
	(void)state;
	struct cpis_options all = { 0 };
	struct buf xml;
	for (const struct judging_option *row = option_list; row->name; row++)
		set_other(row, &all);
	write_document(&all, &xml);
	xmlDocPtr document = xmlReadMemory(xml.p, (int)xml.n, "r.xml", NULL, XML_PARSE_NONET);
	xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt("reports/results.xsd");
	xmlSchemaPtr schema = xmlSchemaParse(parser);
	xmlSchemaValidCtxtPtr validator = xmlSchemaNewValidCtxt(schema);
	assert_non_null(document);
	assert_int_equal(xmlSchemaValidateDoc(validator, document), 0);
	xmlSchemaFreeValidCtxt(validator);
	xmlSchemaFree(schema);
	xmlSchemaFreeParserCtxt(parser);
	xmlFreeDoc(document);
	buf_release(&xml);
}

static bool decides(const struct judging_option *row)
{
	return row->recorded && row->kind != OPTION_TIME;
}

static void test_results_merge_only_if_every_recorded_option_agrees(void **state)
{
	(void)state;
	const struct cpis_options usual = { 0 };
	for (const struct judging_option *row = option_list; row->name; row++) {
		struct cpis_options other = { 0 };
		struct cpis_failure failure = { 0 };
		set_other(row, &other);
		struct results *a = through_a_document(&usual), *b = through_a_document(&other);
		for (size_t i = 0; i < b->message_count; i++)
			b->messages[i].source = "of the other shard";
		if (results_merge(a, b, "b.xml", &failure) != (decides(row) ? -1 : 0))
			fail_msg("--%s: %s", row->name, failure.text);
		char *name = arena_printf(&a->arena, "different --%s", row->name);
		if (decides(row) && !strstr(failure.text, name))
			fail_msg("%s does not name --%s", failure.text, row->name);
		free_results(a);
		free_results(b);
	}
}

static void test_a_diff_names_every_recorded_option_that_differs(void **state)
{
	static const char *const formats[] = { "text", "md", "json" };
	(void)state;
	const struct cpis_options usual = { 0 };
	for (const struct judging_option *row = option_list; row->name; row++) {
		struct cpis_options other = { 0 };
		struct cpis_failure failure;
		struct diff diff;
		set_other(row, &other);
		struct results *a = through_a_document(&usual), *b = through_a_document(&other);
		assert_int_equal(diff_make(&diff, a, b), 0);
		unsigned cause = decides(row)	 ? 1u << DIFF_OPTIONS
				 : row->recorded ? 1u << DIFF_TIME
						 : 0;
		assert_int_equal(diff.causes, cause);
		assert_int_equal(diff.option_count, decides(row) ? 1 : 0);
		for (size_t i = 0; i < 3; i++) {
			char name[64];
			struct buf text;
			buf_init(&text, SIZE_MAX / 2);
			assert_int_equal(diff_write(&diff, formats[i], &text, &failure), 0);
			snprintf(name, sizeof(name), i == 2 ? "\"%s\"" : "--%s", row->name);
			assert_int_equal(strstr(text.p, name) != NULL, decides(row));
			buf_release(&text);
		}
		diff_release(&diff);
		free_results(a);
		free_results(b);
	}
}

static int setup(void **state)
{
	(void)state;
	xml_setup();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options_agree_unless_one_was_given_another_value),
		cmocka_unit_test(test_the_usual_value_agrees_with_none_at_all),
		cmocka_unit_test(test_copied_strings_outlive_the_given_ones),
		cmocka_unit_test(test_every_recorded_option_arrives_in_a_bundle),
		cmocka_unit_test(test_what_a_bundle_keeps_of_a_run_is_text),
		cmocka_unit_test(test_a_bundle_cannot_name_schemas),
		cmocka_unit_test(test_every_recorded_option_arrives_in_a_results_document),
		cmocka_unit_test(test_the_schema_of_results_has_every_recorded_option),
		cmocka_unit_test(test_results_merge_only_if_every_recorded_option_agrees),
		cmocka_unit_test(test_a_diff_names_every_recorded_option_that_differs),
		cmocka_unit_test(test_every_member_of_the_options_is_in_the_list),
	};
	return cmocka_run_group_tests_name("options", tests, setup, NULL);
}
