/* The small state machines under the sinks: no call may make them write an ill-formed document. */
#include "base/character.h"
#include "report/json_writer.h"
#include "results/markup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* Characters */

static void test_character_takes_utf8_and_nothing_else(void **state)
{
	static const struct {
		const char *text;
		size_t n;
		uint32_t code;
		enum character_kind kind;
	} rows[] = {
		{ "a", 1, 'a', CHARACTER_PLAIN },
		{ "\xc3\xab", 2, 0xeb, CHARACTER_PLAIN },
		{ "\xe6\x9d\x8e", 3, 0x674e, CHARACTER_PLAIN },
		{ "\xf0\x9f\x98\x80", 4, 0x1f600, CHARACTER_PLAIN },
		{ "\x1b", 1, 0x1b, CHARACTER_CONTROL },
		{ "\x7f", 1, 0x7f, CHARACTER_CONTROL },
		{ "\xc2\x9b", 2, 0x9b, CHARACTER_CONTROL },
		{ "\xe2\x80\xae", 3, 0x202e, CHARACTER_CONTROL },
		{ "\xef\xbb\xbf", 3, 0xfeff, CHARACTER_CONTROL },
		{ "\xef\xbf\xbf", 3, 0xffff, CHARACTER_CONTROL },
		{ "\x80", 1, 0xfffd, CHARACTER_BROKEN },	     /* no lead */
		{ "\xc3", 1, 0xfffd, CHARACTER_BROKEN },	     /* cut off */
		{ "\xe6\x9d", 1, 0xfffd, CHARACTER_BROKEN },	     /* cut off */
		{ "\xc0\xaf", 1, 0xfffd, CHARACTER_BROKEN },	     /* too long for what it is */
		{ "\xe0\x80\xaf", 1, 0xfffd, CHARACTER_BROKEN },     /* too long for what it is */
		{ "\xed\xa0\x80", 1, 0xfffd, CHARACTER_BROKEN },     /* half of a pair of UTF-16 */
		{ "\xf4\x90\x80\x80", 1, 0xfffd, CHARACTER_BROKEN }, /* past the last */
		{ "\xff", 1, 0xfffd, CHARACTER_BROKEN },
		{ "", 0, 0, CHARACTER_PLAIN },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct character c = character_at(rows[i].text);
		assert_int_equal(c.n, rows[i].n);
		assert_int_equal(c.code, rows[i].code);
		assert_int_equal(c.kind, rows[i].kind);
	}
}

static void test_line_shows_what_it_may_not_write(void **state)
{
	(void)state;
	struct buf out;
	buf_init(&out, 4096);
	character_write_line(&out, "a\tb\nc\x1b[0m \xe2\x80\xae \xff \xc3\xab");
	assert_string_equal(out.p, "a b c\\u001B[0m \\u202E \xef\xbf\xbd \xc3\xab");
	buf_release(&out);
}

/* JSON */

static void test_json_writes_every_kind_of_value(void **state)
{
	(void)state;
	struct json_writer json;
	struct buf out;
	buf_init(&out, 4096);
	json_init(&json, &out);
	json_object(&json, NULL);
	json_text(&json, "text", "\"\\/\n\t\x01");
	json_text(&json, "none", NULL);
	json_size(&json, "size", 12);
	json_place(&json, "place", 0);
	json_bool(&json, "bool", true);
	json_text_if(&json, "absent", NULL);
	json_size_if(&json, "absent", 0);
	json_array(&json, "empty");
	json_end(&json);
	json_array_row(&json, "row");
	json_object(&json, NULL);
	json_size(&json, "a", 1);
	json_end(&json);
	json_size(&json, NULL, 2);
	json_end(&json);
	json_end(&json);
	assert_int_equal(json_finish(&json), 0);
	assert_string_equal(out.p, "{\n"
				   "  \"text\": \"\\\"\\\\/\\n\\t\\u0001\",\n"
				   "  \"none\": null,\n"
				   "  \"size\": 12,\n"
				   "  \"place\": null,\n"
				   "  \"bool\": true,\n"
				   "  \"empty\": [],\n"
				   "  \"row\": [{\"a\": 1}, 2]\n"
				   "}\n");
	buf_release(&out);
}

static void json_key_in_array(struct json_writer *json)
{
	json_array(json, NULL);
	json_size(json, "key", 1);
	json_end(json);
}

static void json_no_key_in_object(struct json_writer *json)
{
	json_object(json, NULL);
	json_size(json, NULL, 1);
	json_end(json);
}

static void json_two_values(struct json_writer *json)
{
	json_size(json, NULL, 1);
	json_size(json, NULL, 2);
}

static void json_end_too_often(struct json_writer *json)
{
	json_object(json, NULL);
	json_end(json);
	json_end(json);
}

static void json_left_open(struct json_writer *json)
{
	json_object(json, NULL);
}

static void json_too_deep(struct json_writer *json)
{
	for (size_t i = 0; i <= JSON_DEPTH; i++)
		json_array(json, NULL);
	for (size_t i = 0; i <= JSON_DEPTH; i++)
		json_end(json);
}

static void json_nothing(struct json_writer *json)
{
	(void)json;
}

static void test_json_refuses_wrong_calls(void **state)
{
	static void (*const wrong[])(struct json_writer *) = {
		json_key_in_array, json_no_key_in_object, json_two_values, json_end_too_often,
		json_left_open,	   json_too_deep,	  json_nothing,
	};
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct json_writer json;
		struct buf out;
		buf_init(&out, 4096);
		json_init(&json, &out);
		wrong[i](&json);
		assert_int_equal(json_finish(&json), -1);
		buf_release(&out);
	}
}

/* XML */

static void test_markup_escapes_text_and_attributes(void **state)
{
	(void)state;
	struct markup markup;
	struct buf out;
	buf_init(&out, 4096);
	markup_init(&markup, &out);
	markup_open(&markup, "a");
	markup_attribute(&markup, "b", "<&>\"'\t\n\x01]]>");
	markup_attribute(&markup, "absent", NULL);
	markup_attribute_place(&markup, "absent", 0);
	markup_leaf(&markup, "c", "<&>\"'\t\n\xff]]>");
	markup_leaf(&markup, "absent", NULL);
	markup_open(&markup, "d");
	markup_close(&markup);
	markup_close(&markup);
	assert_int_equal(markup_finish(&markup), 0);
	assert_string_equal(out.p, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
				   "<a b=\"&lt;&amp;&gt;&quot;'&#9;&#10;\\u0001]]&gt;\">\n"
				   " <c>&lt;&amp;&gt;&quot;'\t\n\xef\xbf\xbd]]&gt;</c>\n"
				   " <d/>\n"
				   "</a>\n");
	buf_release(&out);
}

static void markup_attribute_after_text(struct markup *markup)
{
	markup_open(markup, "a");
	markup_text(markup, "text");
	markup_attribute(markup, "b", "c");
	markup_close(markup);
}

static void markup_close_too_often(struct markup *markup)
{
	markup_open(markup, "a");
	markup_close(markup);
	markup_close(markup);
}

static void markup_left_open(struct markup *markup)
{
	markup_open(markup, "a");
}

static void markup_text_outside(struct markup *markup)
{
	markup_text(markup, "text");
}

static void markup_too_deep(struct markup *markup)
{
	for (size_t i = 0; i <= MARKUP_DEPTH; i++)
		markup_open(markup, "a");
	for (size_t i = 0; i <= MARKUP_DEPTH; i++)
		markup_close(markup);
}

static void test_markup_refuses_wrong_calls(void **state)
{
	static void (*const wrong[])(struct markup *) = {
		markup_attribute_after_text, markup_close_too_often, markup_left_open,
		markup_text_outside,	     markup_too_deep,
	};
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct markup markup;
		struct buf out;
		buf_init(&out, 4096);
		markup_init(&markup, &out);
		wrong[i](&markup);
		assert_int_equal(markup_finish(&markup), -1);
		buf_release(&out);
	}
}

static void test_a_full_buffer_is_told_at_the_end(void **state)
{
	(void)state;
	struct json_writer json;
	struct markup markup;
	struct buf out;
	buf_init(&out, 8);
	json_init(&json, &out);
	json_text(&json, NULL, "more than eight bytes");
	assert_int_equal(json_finish(&json), -1);
	buf_reset(&out);
	markup_init(&markup, &out);
	markup_leaf(&markup, "a", "b");
	assert_int_equal(markup_finish(&markup), -1);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_character_takes_utf8_and_nothing_else),
		cmocka_unit_test(test_line_shows_what_it_may_not_write),
		cmocka_unit_test(test_json_writes_every_kind_of_value),
		cmocka_unit_test(test_json_refuses_wrong_calls),
		cmocka_unit_test(test_markup_escapes_text_and_attributes),
		cmocka_unit_test(test_markup_refuses_wrong_calls),
		cmocka_unit_test(test_a_full_buffer_is_told_at_the_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
