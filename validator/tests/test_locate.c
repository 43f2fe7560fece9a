/* From an offset to line, column and path: checked against the bytes. */
#include "base/arena.h"
#include "base/buf.h"
#include "xml/locate.h"
#include "xml/markup.h"
#include "xml/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct xml_limits limits = { .max_depth = 256, .max_attribute_bytes = 1024 * 1024 };

/* By the parser, and, where the document is well-formed, by its brackets as well: the same. */
static struct location locate(struct str text, size_t offset, struct arena *arena)
{
	struct location location = { .offset = offset }, again = location;
	bool well_formed = false;
	struct xml_reader *reader = xml_reader_new();
	assert_int_equal(xml_locate(reader, text, &limits, &location, 1, arena, &well_formed), 0);
	if (well_formed) {
		assert_int_equal(xml_locate(reader, text, &limits, &again, 1, arena, &well_formed),
				 0);
		assert_true(well_formed);
		assert_int_equal(again.line, location.line);
		assert_int_equal(again.column, location.column);
		assert_string_equal(again.path, location.path);
	}
	xml_reader_free(reader);
	return location;
}

/* The place of a mark in a text. */
static void expect_place(const char *text, const char *mark, size_t line, size_t column,
			 const char *path)
{
	struct arena arena = { 0 };
	const char *at = strstr(text, mark);
	assert_non_null(at);
	struct location location = locate(str_of(text), (size_t)(at - text), &arena);
	if (location.line != line || location.column != column || strcmp(location.path, path) != 0)
		fail_msg("%s in %s: %zu:%zu %s", mark, text, location.line, location.column,
			 location.path);
	arena_release(&arena);
}

static void test_paths_have_predicates_only_where_siblings_repeat(void **state)
{
	(void)state;
	const char *text = "<f><h/><r><i k='1'/></r><r><i k='2'/><i k='3'/></r><t/></f>";
	expect_place(text, "<f", 1, 1, "/f");
	expect_place(text, "<h", 1, 4, "/f/h");
	expect_place(text, "<i k='1'", 1, 11, "/f/r[1]/i");
	expect_place(text, "<i k='2'", 1, 28, "/f/r[2]/i[1]");
	expect_place(text, "<i k='3'", 1, 38, "/f/r[2]/i[2]");
	expect_place(text, "<t", 1, 52, "/f/t");
}

static void test_paths_name_the_attribute_that_holds_the_place(void **state)
{
	(void)state;
	const char *text = "<f><r a='one' p:b=\"t&lt;o\" xmlns:p='urn:p'/></f>";
	expect_place(text, "one", 1, 10, "/f/r/@a");
	expect_place(text, "a='one", 1, 7, "/f/r/@a");
	expect_place(text, "t&lt;o", 1, 20, "/f/r/@b");
	expect_place(text, "<r", 1, 4, "/f/r");
}

static void test_paths_leave_prefixes_out(void **state)
{
	(void)state;
	expect_place("<p:f xmlns:p='urn:p'><p:r/><q:r xmlns:q='urn:q'/></p:f>", "<q:r", 1, 28,
		     "/f/r[2]");
}

static void test_text_belongs_to_its_element(void **state)
{
	(void)state;
	expect_place("<f>\n <g>one</g>\n <g>two</g>\n</f>", "two", 3, 5, "/f/g[2]");
}

static void test_lines_end_as_in_xml_and_columns_count_characters(void **state)
{
	(void)state;
	expect_place("<f>\r\n\t<g/>\r\n</f>", "<g", 2, 2, "/f/g");
	expect_place("<f>\n\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80<g/></f>", "<g", 2, 4, "/f/g");
	expect_place("<f>\r<g/></f>", "<g", 2, 1, "/f/g");
	expect_place("<f>\r\r\n<g/>\n\r</f>", "<g", 3, 1, "/f/g");
	expect_place("<f>\n<g>\r</g>\r\n\r<h/></f>", "<h", 5, 1, "/f/h");
	/* The end of a line is one place, whatever it is made of. */
	expect_place("<f>\nab\n<g/></f>", "\n<g", 2, 3, "/f");
	expect_place("<f>\r\nab\r\n<g/></f>", "\n<g", 2, 3, "/f");
	expect_place("<f>\r\nab\r\n<g/></f>", "\r\n<g", 2, 3, "/f");
	expect_place("<f>\r\n\r\n<g/></f>", "\n<g", 2, 1, "/f");
}

static void test_the_byte_order_mark_is_no_column(void **state)
{
	(void)state;
	expect_place("\xef\xbb\xbf<f><g/></f>", "<g", 1, 4, "/f/g");
}

static void test_places_behind_line_65535_are_exact(void **state)
{
	(void)state;
	enum { LINES = 200000 };
	struct buf text;
	struct arena arena = { 0 };
	buf_init(&text, 1 << 26);
	static const int wanted[] = { 0, 65533, 65534, 65535, 65536, 131072, LINES - 1 };
	size_t offsets[sizeof(wanted) / sizeof(wanted[0])], next = 0;
	buf_text(&text, "<f>\n");
	for (int i = 0; i < LINES; i++) {
		if (i == wanted[next])
			offsets[next++] = text.n + strlen("  <r a='");
		buf_printf(&text, "  <r a='%d'/>\n", i);
	}
	buf_text(&text, "</f>\n");
	for (size_t i = 0; i < next; i++) {
		char path[64];
		snprintf(path, sizeof(path), "/f/r[%d]/@a", wanted[i] + 1);
		struct location location = locate(buf_view(&text), offsets[i], &arena);
		assert_int_equal(location.line, wanted[i] + 2);
		assert_int_equal(location.column, 9);
		assert_string_equal(location.path, path);
	}
	arena_release(&arena);
	buf_release(&text);
}

static void test_places_in_a_file_of_one_long_line_are_exact(void **state)
{
	(void)state;
	struct buf text;
	struct arena arena = { 0 };
	buf_init(&text, 1 << 26);
	buf_text(&text, "<f>");
	for (int i = 0; i < 50000; i++)
		buf_printf(&text, "<r a='%05d'/>", i);
	buf_text(&text, "</f>");
	struct location location = locate(buf_view(&text), 3 + 49999 * 14 + 6, &arena);
	assert_int_equal(location.line, 1);
	assert_int_equal(location.column, 3 + 49999 * 14 + 7);
	assert_string_equal(location.path, "/f/r[50000]/@a");
	arena_release(&arena);
	buf_release(&text);
}

static void test_many_places_are_found_in_one_walk_whatever_their_order(void **state)
{
	(void)state;
	const char *text = "<f><r><i/></r><r><i/></r><r><i/></r></f>";
	static const size_t offsets[] = { 28, 6, 17, 6 };
	static const char *const paths[] = { "/f/r[1]/i", "/f/r[1]/i", "/f/r[2]/i", "/f/r[3]/i" };
	struct location locations[4];
	struct arena arena = { 0 };
	for (size_t i = 0; i < 4; i++)
		locations[i] = (struct location){ .offset = offsets[i], .owner = &locations[i] };
	bool well_formed = false;
	struct xml_reader *reader = xml_reader_new();
	assert_int_equal(
		xml_locate(reader, str_of(text), &limits, locations, 4, &arena, &well_formed), 0);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(locations[i].path, paths[i]);
	xml_reader_free(reader);
	arena_release(&arena);
}

static void test_brackets_inside_of_values_comments_and_sections_are_not_tags(void **state)
{
	(void)state;
	const char *text =
		"<?p <q> ?><!-- <r> --><f a='/>' b = \">'\" ><r/><![CDATA[<r>]]]>"
		"<!-- </f> --><n:r c='>' xmlns:n='urn:n' /><r\n/><t ></t\n></f><!-- <f -->";
	expect_place(text, "<f a", 1, 23, "/f");
	expect_place(text, "</t", 2, 7, "/f/t");
	expect_place(text, "/>'", 1, 29, "/f/@a");
	expect_place(text, "<![CDATA", 1, 47, "/f");
	expect_place(text, ">' xmlns", 1, 84, "/f/r[2]/@c");
}

static void test_every_place_of_good_messages_is_found_by_brackets_as_by_the_parser(void **state)
{
	(void)state;
	static const char *const paths[] = { "testcases/messages/upload-five.xml",
					     "testcases/messages/query-person.xml" };
	struct xml_reader *reader = xml_reader_new();
	for (size_t k = 0; k < sizeof(paths) / sizeof(paths[0]); k++) {
		struct arena arena = { 0 };
		static char text[64 * 1024];
		FILE *file = fopen(paths[k], "r");
		assert_non_null(file);
		size_t n = fread(text, 1, sizeof(text) - 1, file);
		fclose(file);
		text[n] = '\0';
		struct location *parsed = calloc(n + 1, sizeof(*parsed)),
				*scanned = calloc(n + 1, sizeof(*scanned));
		for (size_t i = 0; i <= n; i++)
			parsed[i].offset = scanned[i].offset = i;
		bool well_formed = false;
		struct str bytes = { text, n };
		assert_int_equal(
			xml_locate(reader, bytes, &limits, parsed, n + 1, &arena, &well_formed), 0);
		assert_true(well_formed);
		assert_int_equal(
			xml_locate(reader, bytes, &limits, scanned, n + 1, &arena, &well_formed),
			0);
		for (size_t i = 0; i <= n; i++)
			if (strcmp(parsed[i].path, scanned[i].path) != 0)
				fail_msg("%s: %zu: %s, %s", paths[k], i, parsed[i].path,
					 scanned[i].path);
		free(parsed);
		free(scanned);
		arena_release(&arena);
	}
	xml_reader_free(reader);
}

static void test_a_document_that_is_not_what_it_was_is_parsed_again(void **state)
{
	(void)state;
	static const char *const texts[] = { "<f><r>", "</f><r/>", "<f a='></f>", "<f/><!x>", "" };
	struct xml_reader *reader = xml_reader_new();
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct arena arena = { 0 };
		struct location location = { .offset = 3 };
		bool well_formed = true;
		assert_int_equal(xml_locate(reader, str_of(texts[i]), &limits, &location, 1, &arena,
					    &well_formed),
				 0);
		assert_false(well_formed);
		arena_release(&arena);
	}
	xml_reader_free(reader);
}

/* What follows is not even well-formed here. A path that may still change is waited for. */
static void test_a_document_is_read_as_far_as_its_paths_can_change(void **state)
{
	(void)state;
	static const struct {
		const char *text, *path;
		bool to_the_end;
	} cases[] = {
		{ "<f><r/><r><i/></r><r><", "/f/r[2]/i", false },
		{ "<f><r><i/></r><r/><", "/f/r[1]/i", false },
		{ "<f><r><i/></r></f><", "/f/r/i", true },
		{ "<f><r><i/></r><s/><", "/f/r/i", true },
	};
	struct xml_reader *reader = xml_reader_new();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena arena = { 0 };
		const char *at = strstr(cases[i].text, "<i");
		struct location location = { .offset = (size_t)(at - cases[i].text) };
		bool well_formed = true;
		assert_int_equal(xml_locate(reader, str_of(cases[i].text), &limits, &location, 1,
					    &arena, &well_formed),
				 0);
		assert_string_equal(location.path, cases[i].path);
		assert_int_equal(well_formed, !cases[i].to_the_end);
		arena_release(&arena);
	}
	xml_reader_free(reader);
}

/* The element must begin well before the place, so that all that is shown around it is inside. */
static void test_a_place_knows_an_element_that_was_opened_well_before(void **state)
{
	(void)state;
	enum { INDENT = WELL_BEFORE };
	char text[2 * INDENT + 64];
	struct arena arena = { 0 };
	snprintf(text, sizeof(text), "<f>%*s<r>%*s<i/></r></f>", 8, "", INDENT, "");
	size_t at = (size_t)(strstr(text, "<i") - text);
	struct location locations[] = { { .offset = at }, { .offset = at - 4 } };
	struct xml_reader *reader = xml_reader_new();
	for (int known = 0; known < 2; known++) {
		bool well_formed = known;
		assert_int_equal(xml_locate(reader, str_of(text), &limits, locations, 2, &arena,
					    &well_formed),
				 0);
		assert_int_equal(locations[0].offset, at - 4);
		assert_int_equal(locations[0].opened, 0);
		assert_int_equal(locations[1].opened, 3 + 8);
	}
	xml_reader_free(reader);
	arena_release(&arena);
}

static void test_a_document_that_breaks_off_is_located_as_far_as_it_goes(void **state)
{
	(void)state;
	expect_place("<f>\n<r/>\n<r>\n <i", "<i", 4, 2, "/f/r[2]");
	expect_place("nothing", "nothing", 1, 1, "");
}

static void test_markup_goes_to_its_end_whatever_is_in_it(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum markup_kind kind;
		const char *all, *inside;
	} cases[] = {
		{ "x <p:a b='>' c=\"'>\">y", MARKUP_START, "<p:a b='>' c=\"'>\">",
		  "p:a b='>' c=\"'>\"" },
		{ "<a b='/'>", MARKUP_START, "<a b='/'>", "a b='/'" },
		{ "<a/>>", MARKUP_EMPTY, "<a/>", "a" },
		{ "</a >>", MARKUP_END, "</a >", "a " },
		{ "<!--<a>'-->-->", MARKUP_COMMENT, "<!--<a>'-->", "<a>'" },
		{ "<!-->-->", MARKUP_COMMENT, "<!-->-->", ">" },
		{ "<![CDATA[<a>]]]]>", MARKUP_CDATA, "<![CDATA[<a>]]]]>", "<a>]]" },
		{ "<?p >'?>?>", MARKUP_INSTRUCTION, "<?p >'?>", "p >'" },
		{ "<!DOCTYPE a>>", MARKUP_DECLARATION, "<!DOCTYPE a>", "DOCTYPE a" },
		{ "a > b", MARKUP_NONE, "", "" },
		{ "", MARKUP_NONE, "", "" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *text = cases[i].text;
		struct markup markup = markup_next(str_of(text), 0);
		assert_int_equal(markup.kind, cases[i].kind);
		assert_int_equal(markup.closed, cases[i].kind != MARKUP_NONE);
		assert_true(str_is((struct str){ text + markup.start, markup.end - markup.start },
				   cases[i].all));
		assert_true(str_is((struct str){ text + markup.from, markup.until - markup.from },
				   cases[i].inside));
	}
}

static void test_markup_that_is_not_closed_goes_to_the_end(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"<",	  "</",		"<a",  "<a b='>", "<a b='x' c=\">'",
		"<!--->", "<![CDATA[]", "<?x", "<!",	  "<![CDATA"
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct str text = str_of(texts[i]);
		struct markup markup = markup_at(text, 0);
		assert_int_not_equal(markup.kind, MARKUP_NONE);
		assert_false(markup.closed);
		assert_int_equal(markup.end, text.n);
		assert_int_equal(markup.until, text.n);
		assert_true(markup.from <= text.n);
		assert_int_equal(markup_next(text, markup.end).kind, MARKUP_NONE);
	}
}

static void test_the_name_of_a_tag_has_no_prefix(void **state)
{
	(void)state;
	static const char *const texts[] = { "<b>", "<p:b a:c='x'>", "</p:b>", "<p:b/>", "<b" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct markup markup = markup_at(str_of(texts[i]), 0);
		assert_true(str_is(markup_local(str_of(texts[i]), &markup), "b"));
	}
}

static void test_the_declaration_says_the_encoding_and_is_passed(void **state)
{
	(void)state;
	static const struct {
		const char *text, *encoding, *after;
	} cases[] = {
		{ "<?xml version='1.0' encoding='UTF-8'?><a/>", "UTF-8", "<a/>" },
		{ "\xef\xbb\xbf<?xml\nversion='1.0' encoding = \"x\"?>\n<a/>", "x", "\n<a/>" },
		{ "<?xml version='1.0'?><a encoding='x'/>", NULL, "<a encoding='x'/>" },
		{ "<?xml-stylesheet encoding='x'?><a/>", NULL, NULL },
		{ "<?xml version='1.0' encoding='x'", NULL, NULL },
		{ "<?xml version='1.0' encoding?><a b='x'/>", NULL, "<a b='x'/>" },
		{ "<?xml", NULL, NULL },
		{ "<a/>", NULL, NULL },
		{ "", NULL, NULL },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str text = str_of(cases[i].text), encoding = markup_encoding(text);
		assert_true(cases[i].encoding ? str_is(encoding, cases[i].encoding) : !encoding.p);
		assert_true(str_is(markup_after_declaration(text),
				   cases[i].after ? cases[i].after : cases[i].text));
	}
}

static int setup(void **state)
{
	(void)state;
	xml_setup();
	return 0;
}

static int cleanup(void **state)
{
	(void)state;
	xml_cleanup();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths_have_predicates_only_where_siblings_repeat),
		cmocka_unit_test(test_paths_name_the_attribute_that_holds_the_place),
		cmocka_unit_test(test_paths_leave_prefixes_out),
		cmocka_unit_test(test_text_belongs_to_its_element),
		cmocka_unit_test(test_lines_end_as_in_xml_and_columns_count_characters),
		cmocka_unit_test(test_the_byte_order_mark_is_no_column),
		cmocka_unit_test(test_places_behind_line_65535_are_exact),
		cmocka_unit_test(test_places_in_a_file_of_one_long_line_are_exact),
		cmocka_unit_test(test_many_places_are_found_in_one_walk_whatever_their_order),
		cmocka_unit_test(test_brackets_inside_of_values_comments_and_sections_are_not_tags),
		cmocka_unit_test(
			test_every_place_of_good_messages_is_found_by_brackets_as_by_the_parser),
		cmocka_unit_test(test_a_document_that_is_not_what_it_was_is_parsed_again),
		cmocka_unit_test(test_a_document_is_read_as_far_as_its_paths_can_change),
		cmocka_unit_test(test_a_place_knows_an_element_that_was_opened_well_before),
		cmocka_unit_test(test_a_document_that_breaks_off_is_located_as_far_as_it_goes),
		cmocka_unit_test(test_markup_goes_to_its_end_whatever_is_in_it),
		cmocka_unit_test(test_markup_that_is_not_closed_goes_to_the_end),
		cmocka_unit_test(test_the_name_of_a_tag_has_no_prefix),
		cmocka_unit_test(test_the_declaration_says_the_encoding_and_is_passed),
	};
	return cmocka_run_group_tests_name("locate", tests, setup, cleanup);
}
