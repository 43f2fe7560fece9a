#include "base/buf.h"
#include "config/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct reading {
	struct arena arena;
	struct problems problems;
	struct yaml_node *root;
};

static void read_text(struct reading *reading, const char *text)
{
	arena_init(&reading->arena);
	problems_init(&reading->problems);
	reading->root = yaml_read(&reading->arena, "x.yaml", str_of(text), &reading->problems);
}

static void release(struct reading *reading)
{
	arena_release(&reading->arena);
	problems_release(&reading->problems);
}

static void test_nodes_know_their_place(void **state)
{
	(void)state;
	struct reading reading;
	read_text(&reading, "a: 1\nlist:\n  - x\n  - { k: \"é v\", n: last }\n");
	assert_int_equal(reading.problems.count, 0);
	const struct yaml_node *a = reading.root->first, *list = a->next;
	assert_string_equal(a->key, "a");
	assert_string_equal(a->text, "1");
	assert_int_equal(a->place.line, 1);
	assert_int_equal(a->place.column, 4);
	assert_int_equal(list->kind, YAML_LIST);
	assert_int_equal(list->count, 2);
	assert_int_equal(list->key_place.line, 2);
	const struct yaml_node *map = list->first->next;
	assert_int_equal(map->kind, YAML_MAP);
	assert_true(map->first->quoted);
	/* Columns count characters, not bytes. */
	assert_string_equal(map->last->text, "last");
	assert_int_equal(map->last->place.line, 4);
	assert_int_equal(map->last->place.column, 20);
	release(&reading);
}

static void test_scalars_stay_as_they_are_written(void **state)
{
	(void)state;
	struct reading reading;
	read_text(&reading, "[no, 1.10, 0x10, 2027-03-31, ~, '', null]");
	static const char *const texts[] = { "no", "1.10", "0x10", "2027-03-31", "~", "", "null" };
	const struct yaml_node *node = reading.root->first;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++, node = node->next)
		assert_string_equal(node->text, texts[i]);
	assert_null(node);
	release(&reading);
}

/* What is refused, and where. */
static const struct {
	const char *yaml;
	size_t line, column;
	const char *text; /* part of the problem */
} refused[] = {
	{ "", 1, 1, "empty" },
	{ "# nothing\n", 1, 1, "empty" },
	{ "a: &x 1\n", 1, 4, "anchors and aliases" },
	{ "a: 1\nb: *x\n", 2, 4, "anchors and aliases" },
	{ "a: 1\n<<: { b: 2 }\n", 2, 1, "merge keys" },
	{ "a: !!int 1\n", 1, 4, "type tags" },
	{ "a: !foo [1]\n", 1, 4, "type tags" },
	{ "a: 1\n---\nb: 2\n", 2, 1, "more than one YAML document" },
	{ "{ [1, 2]: x }\n", 1, 3, "a key must be a word" },
	{ "? { a: 1 }\n: x\n", 1, 3, "a key must be a word" },
	{ "a: 1\nb: 2\na: 3\n", 3, 1, "'a' is repeated in one mapping: it is already on line 1" },
	{ "a: \"x\\0y\"\n", 1, 4, "NUL" },
	{ "a: [1\n", 2, 1, "not valid YAML" },
	{ "a: { at: //record[2]/x }\n", 1, 18, "put quotes around a text that contains" },
	{ "a: 1\n b: 2\n", 2, 3, "not valid YAML" },
	{ "\ta: 1\n", 1, 1, "not valid YAML" },
};

static void test_refuses_with_place_and_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct reading reading;
		read_text(&reading, refused[i].yaml);
		assert_int_equal(reading.problems.count, 1);
		const struct cpis_failure *problem = &reading.problems.items[0];
		if (!strstr(problem->text, refused[i].text) || problem->line != refused[i].line ||
		    problem->column != refused[i].column)
			fail_msg("%s\n%zu:%zu: %s", refused[i].yaml, problem->line, problem->column,
				 problem->text);
		assert_string_equal(problem->file, "x.yaml");
		assert_int_equal(problem->kind, CPIS_FAILURE_CONFIGURATION);
		release(&reading);
	}
}

static void test_every_duplicate_key_is_reported(void **state)
{
	(void)state;
	struct reading reading;
	read_text(&reading, "a: 1\na: 2\nb: { c: 1, c: 2 }\na: [ { d: 1, d: 2 } ]\n");
	assert_int_equal(reading.problems.count, 4);
	assert_non_null(reading.root);
	assert_int_equal(reading.root->count, 2);
	assert_string_equal(reading.root->first->text, "1");
	release(&reading);
}

static void test_bytes_that_are_not_utf8_are_refused(void **state)
{
	(void)state;
	struct reading reading;
	read_text(&reading, "a: b\nc: \xff\xfe\n");
	assert_null(reading.root);
	assert_int_equal(reading.problems.count, 1);
	assert_int_equal(reading.problems.items[0].line, 2);
	assert_int_equal(reading.problems.items[0].column, 4);
	release(&reading);
	read_text(&reading, "\xef\xbb\xbfx: 1\r\ny: 2\n\xc3\xa9\x01: z\n");
	assert_null(reading.root);
	assert_int_equal(reading.problems.items[0].line, 3);
	assert_int_equal(reading.problems.items[0].column, 2);
	release(&reading);
}

static void test_a_byte_order_mark_is_no_content(void **state)
{
	(void)state;
	static const char *const texts[] = { "\xef\xbb\xbfx: 1\n", "\xef\xbb\xbf# a\nx: 1\n",
					     "\xef\xbb\xbf---\nx: 1\n", "\xef\xbb\xbf{x: 1}\n" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct reading reading;
		read_text(&reading, texts[i]);
		assert_non_null(reading.root);
		assert_string_equal(reading.root->first->key, "x");
		assert_int_equal(reading.problems.count, 0);
		if (i == 0)
			assert_int_equal(reading.root->first->key_place.column, 1);
		release(&reading);
	}
}

static void test_depth_is_bounded(void **state)
{
	(void)state;
	char deep[2001];
	memset(deep, '[', 2000);
	deep[2000] = '\0';
	struct reading reading;
	read_text(&reading, deep);
	assert_null(reading.root);
	assert_int_equal(reading.problems.count, 1);
	assert_non_null(strstr(reading.problems.items[0].text, "nested too deeply"));
	release(&reading);
}

static void test_keys_are_bounded(void **state)
{
	(void)state;
	struct buf text;
	buf_init(&text, 1 << 20);
	for (int i = 0; i < 300; i++)
		buf_printf(&text, "k%d: x\n", i);
	struct reading reading;
	read_text(&reading, text.p);
	assert_null(reading.root);
	assert_int_equal(reading.problems.count, 1);
	release(&reading);
	buf_release(&text);
}

static void test_problems_are_sorted_by_place_and_files_stay_together(void **state)
{
	(void)state;
	struct problems problems;
	problems_init(&problems);
	static const struct config_place places[] = { { 9, 1 }, { 2, 7 }, { 2, 3 }, { 2, 7 } };
	for (size_t i = 0; i < 4; i++)
		problem_add(&problems, "a", places[i], "%zu", i);
	problem_add(&problems, "b", (struct config_place){ 1, 1 }, "b");
	problems_sort(&problems);
	static const char *const order[] = { "2", "1", "3", "0", "b" };
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(problems.items[i].text, order[i]);
	struct cpis_failure summary;
	problems_summary(&problems, &summary);
	assert_string_equal(summary.text, "2 (and 4 more problems)");
	problems_release(&problems);
}

static void test_problems_are_bounded(void **state)
{
	(void)state;
	struct problems problems;
	problems_init(&problems);
	for (int i = 0; i < 2000; i++)
		problem_add(&problems, "a", (struct config_place){ 1, 1 }, "x");
	assert_int_equal(problems.count + problems.dropped, 2000);
	assert_true(problems.dropped > 0);
	problems_release(&problems);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nodes_know_their_place),
		cmocka_unit_test(test_scalars_stay_as_they_are_written),
		cmocka_unit_test(test_refuses_with_place_and_reason),
		cmocka_unit_test(test_every_duplicate_key_is_reported),
		cmocka_unit_test(test_bytes_that_are_not_utf8_are_refused),
		cmocka_unit_test(test_a_byte_order_mark_is_no_content),
		cmocka_unit_test(test_depth_is_bounded),
		cmocka_unit_test(test_keys_are_bounded),
		cmocka_unit_test(test_problems_are_sorted_by_place_and_files_stay_together),
		cmocka_unit_test(test_problems_are_bounded),
	};
	return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
