/* What the values of envelopes are made of: UUIDs, times of ISO 8601, texts that come in pieces. */
#include "message/binding.h"
#include "message/identifiers.h"
#include "message/timestamp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define UUID "B66A15A1-C4F6-4F69-9736-0ED20A88201A"

static void test_uuid_takes_one_uuid_and_nothing_else(void **state)
{
	(void)state;
	assert_true(uuid_is_upper(STR(UUID)));
	assert_true(uuid_is(STR("b66a15a1-c4f6-4f69-9736-0ed20a88201a")));
	assert_false(uuid_is_upper(STR("b66a15a1-c4f6-4f69-9736-0ed20a88201a")));
	assert_false(uuid_is(STR("")));
	assert_false(uuid_is((struct str){ 0 }));
	assert_false(uuid_is(STR(UUID "0")));
	assert_false(uuid_is(STR("{" UUID "}")));
	assert_false(uuid_is(STR("G66A15A1-C4F6-4F69-9736-0ED20A88201A")));
}

static void test_uuid_is_the_same_behind_any_prefix_and_in_any_case(void **state)
{
	(void)state;
	assert_true(uuid_same(STR("urn:uuid:" UUID), STR("uuid_" UUID)));
	assert_true(uuid_same(STR("uuid:b66a15a1-c4f6-4f69-9736-0ed20a88201a"), STR(UUID)));
	assert_false(uuid_same(STR("17"), STR("17")));
	assert_false(uuid_same((struct str){ 0 }, (struct str){ 0 }));
}

static void test_iso_time_takes_real_times_only(void **state)
{
	(void)state;
	static const char *const good[] = {
		"2020-02-29T23:59:59Z",	    "2020-07-26T09:30:16.123+01:00",
		" 2020-07-26T09:30:16 ",    "2020-12-31T00:00:00-14:00",
		"2020-07-26T09:30:16+0100", "2020-07-26T24:00:00.000Z"
	};
	static const char *const bad[] = { "",
					   "2020-07-26",
					   "2020-07-26 09:30:16Z",
					   "20200726093016+0000",
					   "2021-02-29T00:00:00Z",
					   "2020-07-26T24:00:01Z",
					   "2020-07-26T24:00:00.001Z",
					   "2021-02-29T24:00:00Z",
					   "2020-07-26T09:30:16.Z",
					   "2020-07-26T09:30:16Zulu",
					   "2020-07-26T09:30:16+15:00" };
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(iso_time_of(str_of(good[i])).ok);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(iso_time_of(str_of(bad[i])).ok);
}

static int compare(const char *a, const char *b)
{
	struct iso_time first = iso_time_of(str_of(a)), second = iso_time_of(str_of(b));
	assert_true(first.ok && second.ok);
	return iso_time_compare(&first, &second);
}

static void test_iso_times_compare_across_zones_and_by_fractions(void **state)
{
	(void)state;
	assert_int_equal(compare("2020-07-26T09:30:16+01:00", "2020-07-26T08:30:16Z"), 0);
	assert_int_equal(compare("2020-07-26T09:30:16+01:00", "2020-07-26T09:30:16Z"), -1);
	assert_int_equal(compare("2020-07-26T08:30:16.5Z", "2020-07-26T08:30:16.50Z"), 0);
	assert_int_equal(compare("2020-07-26T08:30:16.5Z", "2020-07-26T08:30:16.25Z"), 1);
	assert_int_equal(compare("2020-07-26T08:30:16Z", "2020-07-26T08:30:16.001Z"), -1);
	assert_int_equal(compare("2020-12-31T24:00:00Z", "2021-01-01T00:00:00Z"), 0);
}

static void test_text_of_many_pieces_is_joined_in_room_that_doubles(void **state)
{
	(void)state;
	enum { PIECES = 20000 };
	struct arena arena;
	arena_init(&arena);
	struct text_home home = { &arena, STR("abcdef") };
	struct value value = { STR(""), 0 };
	for (size_t i = 0; i < PIECES; i++) {
		char piece = (char)('a' + i % 26);
		text_add(&home, &value, (struct str){ &piece, 1 }, i, false);
	}
	assert_int_equal(value.text.n, PIECES);
	assert_int_equal(value.offset, 0);
	for (size_t i = 0; i < PIECES; i++)
		assert_int_equal(value.text.p[i], 'a' + i % 26);
	assert_false(arena.failed);
	arena_release(&arena);
}

static void test_neighbouring_pieces_of_the_document_stay_a_slice_of_it(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	struct text_home home = { &arena, STR("abcdef") };
	struct value value = { STR(""), 0 };
	text_add(&home, &value, (struct str){ home.document.p + 1, 2 }, 1, false);
	text_add(&home, &value, (struct str){ home.document.p + 3, 2 }, 3, false);
	assert_ptr_equal(value.text.p, home.document.p + 1);
	assert_int_equal(value.text.n, 4);
	arena_release(&arena);
}

static void test_white_space_around_a_child_is_layout(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	struct text_home home = { &arena, STR("\n  <a/>stray<b/>\n") };
	const char *document = home.document.p;
	struct value value = { STR(""), 0 };
	text_add(&home, &value, (struct str){ document, 3 }, 0, false);
	text_add(&home, &value, (struct str){ document + 7, 5 }, 7, true);
	text_add(&home, &value, (struct str){ document + 16, 1 }, 16, true);
	assert_true(str_is(value.text, "stray"));
	assert_int_equal(value.offset, 7);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uuid_takes_one_uuid_and_nothing_else),
		cmocka_unit_test(test_uuid_is_the_same_behind_any_prefix_and_in_any_case),
		cmocka_unit_test(test_iso_time_takes_real_times_only),
		cmocka_unit_test(test_iso_times_compare_across_zones_and_by_fractions),
		cmocka_unit_test(test_text_of_many_pieces_is_joined_in_room_that_doubles),
		cmocka_unit_test(test_neighbouring_pieces_of_the_document_stay_a_slice_of_it),
		cmocka_unit_test(test_white_space_around_a_child_is_layout),
	};
	return cmocka_run_group_tests_name("value_text", tests, NULL, NULL);
}
