/* The list of options: every judging option is in it, and whatever goes over the list sees it. */
#include "diag/options.h"
#include "evidence/run_record.h"
#include "run_cli.h"

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

/* The members of struct cpis_options in the header, but for the function that sees progress. */
static void test_every_member_of_the_options_is_in_the_list(void **state)
{
	(void)state;
	static const char *const members[] = {
#define JUDGING_OPTION(member, kind, name, letter, recorded, commands, help, manual) #member,
#include "cpis_options.def"
		"schematron_count",
		"progress_context",
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
		bool known = at[-1] == ')';
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

/* A bundle that asks for schemas would have its reader open a folder of the bundle's choice. */
static void test_a_bundle_cannot_name_schemas(void **state)
{
	(void)state;
	const struct cpis_options options = { .schemas = "folder" };
	struct run_record back;
	char why[256];
	assert_int_equal(through_a_bundle(&options, &back, why, sizeof(why)), -1);
	assert_string_equal(why, "a line is not known");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options_agree_unless_one_was_given_another_value),
		cmocka_unit_test(test_the_usual_value_agrees_with_none_at_all),
		cmocka_unit_test(test_copied_strings_outlive_the_given_ones),
		cmocka_unit_test(test_every_recorded_option_arrives_in_a_bundle),
		cmocka_unit_test(test_a_bundle_cannot_name_schemas),
		cmocka_unit_test(test_every_member_of_the_options_is_in_the_list),
	};
	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
