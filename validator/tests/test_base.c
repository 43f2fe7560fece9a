#include "base/arena.h"
#include "base/buf.h"
#include "base/character.h"
#include "base/near.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_arena_gives_zeroed_memory_aligned_for_anything(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	for (size_t bytes = 0; bytes < 5000; bytes += 7) {
		char *p = arena_alloc(&arena, bytes);
		assert_non_null(p);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < bytes; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, bytes);
	}
	arena_release(&arena);
}

static void test_arena_keeps_what_it_gave_before_when_it_grows(void **state)
{
	(void)state;
	struct arena arena = { 0 };
	char *kept[400];
	for (size_t i = 0; i < 400; i++)
		kept[i] = arena_printf(&arena, "%0*zu", (int)(i * 13 % 900) + 1, i);
	for (size_t i = 0; i < 400; i++)
		assert_int_equal(strtoul(kept[i], NULL, 10), i);
	arena_release(&arena);
}

static void test_arena_zeroes_again_what_a_rewind_gave_back(void **state)
{
	(void)state;
	struct arena arena = { 0 };
	char *before = arena_copy(&arena, STR("before"));
	for (int round = 0; round < 50; round++) {
		struct arena_mark mark = arena_mark(&arena);
		for (size_t bytes = 1; bytes < 100000; bytes *= 3) {
			char *p = arena_alloc(&arena, bytes);
			for (size_t i = 0; i < bytes; i++)
				assert_int_equal(p[i], 0);
			memset(p, 0xee, bytes);
		}
		arena_rewind(&arena, mark);
	}
	assert_string_equal(before, "before");
	arena_release(&arena);
}

static void test_arena_rewound_to_its_very_start_is_used_again(void **state)
{
	(void)state;
	struct arena arena = { 0 };
	struct arena_mark start = arena_mark(&arena);
	void *first = arena_alloc(&arena, 64);
	arena_rewind(&arena, start);
	assert_ptr_equal(arena_alloc(&arena, 64), first);
	arena_release(&arena);
}

static void test_arena_refuses_a_size_that_overflows_and_says_so_for_good(void **state)
{
	(void)state;
	struct arena arena = { 0 };
	assert_null(arena_alloc(&arena, SIZE_MAX));
	assert_true(arena.failed);
	assert_non_null(arena_alloc(&arena, 16));
	assert_true(arena.failed);
	arena_release(&arena);
}

static void test_arena_tells_an_absent_slice_from_an_empty_one(void **state)
{
	(void)state;
	struct arena arena = { 0 };
	assert_null(arena_str(&arena, (struct str){ 0 }).p);
	struct str empty = arena_str(&arena, STR(""));
	assert_non_null(empty.p);
	assert_int_equal(empty.n, 0);
	arena_release(&arena);
}

static void test_buf_holds_what_was_added_with_a_nul_behind_it(void **state)
{
	(void)state;
	struct buf buf;
	buf_init(&buf, 1 << 20);
	buf_text(&buf, "a");
	buf_char(&buf, 'b');
	buf_str(&buf, STR("cd"));
	buf_add(&buf, "\0e", 2);
	buf_printf(&buf, "%d-%s", 12, "f");
	assert_false(buf.failed);
	assert_int_equal(buf.n, 10);
	assert_memory_equal(buf.p, "abcd\0e12-f", 11);
	buf_release(&buf);
}

static void test_buf_reaches_its_maximum_and_no_more(void **state)
{
	(void)state;
	struct buf buf;
	buf_init(&buf, 1000);
	for (int i = 0; i < 1000; i++)
		buf_char(&buf, 'x');
	assert_false(buf.failed);
	buf_char(&buf, 'y');
	assert_true(buf.failed);
	assert_int_equal(buf.n, 1000);
	assert_int_equal(buf.p[1000], '\0');
	buf_release(&buf);
}

static void test_buf_failure_sticks_until_it_is_reset(void **state)
{
	(void)state;
	struct buf buf;
	buf_init(&buf, 4);
	buf_text(&buf, "five!");
	buf_text(&buf, "ok");
	assert_true(buf.failed);
	assert_int_equal(buf.n, 0);
	buf_reset(&buf);
	buf_text(&buf, "ok");
	assert_false(buf.failed);
	assert_string_equal(buf.p, "ok");
	buf_release(&buf);
}

static void test_buf_refuses_a_length_that_overflows(void **state)
{
	(void)state;
	struct buf buf;
	buf_init(&buf, SIZE_MAX / 2);
	buf_text(&buf, "x");
	assert_false(buf_reserve(&buf, SIZE_MAX));
	assert_true(buf.failed);
	assert_int_equal(buf.n, 1);
	buf_release(&buf);
}

static void test_buf_unused_is_an_empty_text(void **state)
{
	(void)state;
	struct buf buf;
	buf_init(&buf, 10);
	assert_non_null(buf_view(&buf).p);
	assert_int_equal(buf_view(&buf).n, 0);
	buf_release(&buf);
}

static void test_str_trims_the_white_space_of_xml_and_no_other(void **state)
{
	(void)state;
	assert_true(str_is(str_trim(STR(" \t\r\n a b \n")), "a b"));
	assert_true(str_is(str_trim(STR("\va\f")), "\va\f"));
	assert_true(str_is_blank(STR(" \t\r\n")));
	assert_true(str_is_blank((struct str){ 0 }));
	assert_false(str_is_blank(STR("\xc2\xa0")));
}

static void test_str_digits_are_one_or_more_ascii_digits(void **state)
{
	(void)state;
	assert_true(str_is_digits(STR("0123456789")));
	assert_false(str_is_digits(STR("")));
	assert_false(str_is_digits(STR("12 ")));
	assert_false(str_is_digits(STR("+1")));
	assert_false(str_is_digits(STR("\xd9\xa1"))); /* ARABIC-INDIC DIGIT ONE */
}

static void test_str_slices_stay_inside(void **state)
{
	(void)state;
	struct str text = STR("abc");
	assert_true(str_is(str_from(text, 1), "bc"));
	assert_int_equal(str_from(text, 3).n, 0);
	assert_int_equal(str_from(text, 99).n, 0);
	assert_true(str_starts(text, STR("ab")));
	assert_false(str_starts(text, STR("abcd")));
	assert_true(str_ends(text, STR("bc")));
	assert_false(str_ends(text, STR("xabc")));
	assert_true(str_starts(text, STR("")) && str_ends(text, STR("")));
}

static const struct {
	const char *a, *b;
	size_t distance;
} distances[] = {
	{ "", "", 0 },
	{ "File", "File", 0 },
	{ "File", "file", 1 }, /* a half, rounded up */
	{ "FILE", "file", 2 },
	{ "report", "reprot", 1 }, /* neighbours swapped */
	{ "report", "rport", 1 },
	{ "report", "repport", 1 },
	{ "report", "retort", 1 },
	{ "kitten", "sitting", 3 },
	{ "", "abc", 3 },
};

static void test_near_counts_the_letters_to_change_add_drop_or_swap(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(distances) / sizeof(distances[0]); i++) {
		struct str a = str_of(distances[i].a), b = str_of(distances[i].b);
		assert_int_equal(near_distance(a, b), distances[i].distance);
		assert_int_equal(near_distance(b, a), distances[i].distance);
	}
}

static void test_near_gives_up_on_words_that_nobody_would_type(void **state)
{
	(void)state;
	char longest[129], longer[130];
	memset(longest, 'a', sizeof(longest));
	memset(longer, 'a', sizeof(longer));
	longest[128] = longer[129] = '\0';
	assert_int_equal(near_distance(str_of(longest), str_of(longest)), 0);
	assert_int_equal(near_distance(str_of(longer), str_of(longer)), SIZE_MAX / 2);
}

static const char *nearest(const char *word)
{
	struct near near = near_start(str_of(word));
	near_offer(&near, "--report");
	near_offer(&near, "--fail-on");
	near_offer(&near, "--show-values");
	return near_best(&near);
}

static void test_near_names_the_nearest_word_and_none_that_is_far(void **state)
{
	(void)state;
	assert_string_equal(nearest("--reprot"), "--report");
	assert_string_equal(nearest("--Fail-On"), "--fail-on");
	assert_string_equal(nearest("--show-value"), "--show-values");
	assert_null(nearest("--colour"));
	assert_null(nearest(""));
}

static void test_near_names_none_of_two_that_are_equally_near(void **state)
{
	(void)state;
	struct near near = near_start(str_of("V3NPfIT9.0"));
	near_offer(&near, "V3NPfIT2.0");
	assert_string_equal(near_best(&near), "V3NPfIT2.0");
	near_offer(&near, "V3NPfIT2.0");
	assert_string_equal(near_best(&near), "V3NPfIT2.0");
	near_offer(&near, "V3NPfIT3.0");
	assert_null(near_best(&near));
	near = near_start(str_of("x"));
	near_offer(&near, "D");
	assert_null(near_best(&near));
	near_offer(&near, "X");
	assert_string_equal(near_best(&near), "X");
}

static void expect_printed(const char *expected, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void expect_printed(const char *expected, const char *format, ...)
{
	struct buf out;
	buf_init(&out, 4096);
	va_list args;
	va_start(args, format);
	character_vprintf(&out, format, args);
	va_end(args);
	assert_false(out.failed);
	assert_string_equal(buf_view(&out).p, expected);
	buf_release(&out);
}

static void test_no_two_names_are_written_alike(void **state)
{
	(void)state;
	static const struct {
		const char *name, *written;
	} rows[] = {
		{ "a b.xml", "a b.xml" },
		{ "\xc3\xab\\u00e9", "\xc3\xab\\u00e9" },
		{ "n\nl", "n\\u000Al" },
		{ "n\\u000Al", "n\\u005Cu000Al" },
		{ "\\u005Cu000A", "\\u005Cu005Cu000A" },
		{ "c\x7f\xc2\x85\xe2\x80\xae", "c\\u007F\\u0085\\u202E" },
		{ "sp\\u00 1F", "sp\\u00 1F" },
		{ "pl\\u00+1", "pl\\u00+1" },
		{ "x\xff\xfe", "x\\xFF\\xFE" },
		{ "x\xc3", "x\\xC3" },
		{ "x\\xFF", "x\\u005CxFF" },
		{ "x\xef\xbf\xbd\\", "x\xef\xbf\xbd\\" },
		{ "", "" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf written, read;
		char bytes[4];
		size_t n, step;
		buf_init(&written, 100);
		buf_init(&read, 100);
		character_write_name(&written, str_of(rows[i].name));
		assert_string_equal(written.n ? buf_view(&written).p : "", rows[i].written);
		assert_int_equal(character_name_differs(rows[i].name),
				 strcmp(rows[i].name, rows[i].written) != 0);
		for (const char *p = rows[i].written; (step = character_read_name(p, bytes, &n));
		     p += step)
			buf_add(&read, bytes, n);
		assert_string_equal(read.n ? buf_view(&read).p : "", rows[i].name);
		buf_release(&written);
		buf_release(&read);
	}
}

static void test_printed_texts_are_visible_and_command_nothing(void **state)
{
	(void)state;
	expect_printed("a\nb: 7, -1, c 100%\n", "a\nb: %zu, %d, %c 100%%\n", (size_t)7, -1, 'c');
	expect_printed("x\\u001B[31m\\u000Ay", "%s", "x\033[31m\ny");
	expect_printed("\\u202Etxt.exe", "%s", "\xe2\x80\xaetxt.exe");
	expect_printed("\xef\xbf\xbd", "%s", "\xff");
	expect_printed("[ab  ][  ab][abc]", "[%-4s][%4s][%.*s]", "ab", "ab", 3, "abcdef");
	expect_printed("\\u003A:error::x", "%s", "::error::x");
	expect_printed("  \\u003A:error::x", "%*s%s", 2, "", "::error::x");
	expect_printed("a\n\\u003A:error::x", "a\n%s", "::error::x");
	expect_printed("a ::b", "a %s", "::b");
	expect_printed("a \\u0023#vso[x] \\u0023#[y]", "a %s", "##vso[x] ##[y]");
	expect_printed("## a", "%s", "## a");
}

static void test_what_a_reader_does_not_see_is_blank(void **state)
{
	(void)state;
	static const char *const blanks[] = {
		"",
		" ",
		"\xc2\xa0",
		"\xe3\x80\x80",
		"\xe3\x85\xa4",
		"\xe2\xa0\x80 ",
		"\xef\xb8\x8f",
		"\xf3\xa0\x81\x81",
		"\xcc\x81",
		"\xc2\xad",
		"\xe2\x80\x8d\xe2\x80\x8c",
		"\xef\xbb\xbf",
	};
	static const char *const seen[] = { "a",
					    "\314\201a",
					    "e\xcc\x81",
					    "\xc3\xa9",
					    " -",
					    "\xe9\x82\x8a\xf3\xa0\x84\x81",
					    "\xf0\x9f\x98\x80" };
	for (size_t i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++)
		assert_true(character_shows_nothing(str_of(blanks[i])));
	for (size_t i = 0; i < sizeof(seen) / sizeof(seen[0]); i++)
		assert_false(character_shows_nothing(str_of(seen[i])));
	/* A slice that ends within a character reads nothing after it. */
	assert_false(character_shows_nothing((struct str){ "\xe3\x85\xa4", 2 }));
}

static void assert_apart(const char *text, uint32_t letter, uint32_t accent, uint32_t another)
{
	const uint32_t apart[] = { letter, accent, another };
	struct character_letters letters = character_letters_of(str_of(text));
	uint32_t code = 0;
	for (size_t i = 0; i < sizeof(apart) / sizeof(apart[0]) && apart[i]; i++) {
		assert_true(character_next_letter(&letters, &code));
		assert_int_equal(code, apart[i]);
	}
	assert_false(character_next_letter(&letters, &code));
}

static void test_letters_and_their_accents_come_apart(void **state)
{
	(void)state;
	assert_apart("a", 'a', 0, 0);
	assert_apart("\xc3\x8b", 'E', 0x308, 0);	      /* E with diaeresis */
	assert_apart("\xc3\x86", 0xc6, 0, 0);		      /* AE */
	assert_apart("\xc5\xbe", 'z', 0x30c, 0);	      /* z with caron */
	assert_apart("\xc5\xb5", 'w', 0x302, 0);	      /* w with circumflex */
	assert_apart("\xc8\x9b", 't', 0x326, 0);	      /* t with comma below */
	assert_apart("\xe1\xbb\x87", 'e', 0x323, 0x302);      /* e with circumflex and dot below */
	assert_apart("\xe1\xbb\x9b", 'o', 0x31b, 0x301);      /* o with horn and acute */
	assert_apart("\xc6\xaf", 'U', 0x31b, 0);	      /* U with horn */
	assert_apart("\xd0\x90", 0x410, 0, 0);		      /* Cyrillic A */
	assert_apart("\xc7\x8e", 'a', 0x30c, 0);	      /* a with caron */
	assert_apart("\xc7\x9b", 'U', 0x308, 0x300);	      /* U with diaeresis and grave */
	assert_apart("\xc8\xb3", 'y', 0x304, 0);	      /* y with macron */
	assert_apart("\xc7\xbd", 0xe6, 0x301, 0);	      /* ae with acute */
	assert_apart("\xd0\xb9", 0x438, 0x306, 0);	      /* Cyrillic short i */
	assert_apart("\xd0\x81", 0x415, 0x308, 0);	      /* Cyrillic IO */
	assert_apart("\xce\xaf", 0x3b9, 0x301, 0);	      /* iota with tonos */
	assert_apart("\xcd\x84", 0x308, 0x301, 0);	      /* one sign of two accents */
	assert_apart("\xe2\x84\xab", 'A', 0x30a, 0);	      /* angstrom */
	assert_apart("\xe2\x84\xaa", 'K', 0, 0);	      /* kelvin */
	assert_apart("\xea\xb0\x80", 0x1100, 0x1161, 0);      /* GA */
	assert_apart("\xed\x95\x9c", 0x1112, 0x1161, 0x11ab); /* HAN */
	assert_apart("\xed\x9e\xa3", 0x1112, 0x1175, 0x11c2); /* the last syllable of Hangul */
	assert_apart("\xed\x9e\xa4", 0xd7a4, 0, 0);
	assert_int_equal(character_lower('Q'), 'q');
	assert_int_equal(character_lower(0xd8), 0xf8);
	assert_int_equal(character_lower(0x141), 0x142);
	assert_int_equal(character_lower(0x142), 0x142);
	assert_int_equal(character_lower(0x131), 0x131);
	assert_int_equal(character_lower(0x410), 0x430);
	assert_int_equal(character_lower(0x490), 0x491);
	assert_int_equal(character_lower(0x18f), 0x259);
	assert_int_equal(character_lower(0xd7), 0xd7);
}

static void test_an_accent_makes_the_same_letter_in_two_ways(void **state)
{
	(void)state;
	assert_true(character_same_letters(STR("Si\xc3\xa2n"), STR("Sia\xcc\x82n")));
	assert_true(character_same_letters(STR("Sian"), STR("Sian")));
	assert_true(character_same_letters((struct str){ 0 }, STR("")));
	assert_false(character_same_letters(STR("Sian"), STR("sian")));
	assert_false(character_same_letters(STR("Si\xc3\xa2n"), STR("Sian")));
	assert_false(character_same_letters(STR("Si\xc3\xa2"), STR("Sia\xcc\x82n")));
	assert_false(character_same_letters(STR("Sia\xcc\x82n"), STR("Si\xc3\xa2")));
	assert_false(character_same_letters(STR("Si\xc3\xa2n"), STR("")));
	struct buf written;
	buf_init(&written, 64);
	character_write_letters(&written, STR("Si\xc3\xa2n "));
	character_write_letters(&written, STR("\xc6\x80\xe2\x82\xac\xf0\x9f\x98\x80"));
	assert_true(str_equal(buf_view(&written),
			      STR("Sia\xcc\x82n \xc6\x80\xe2\x82\xac\xf0\x9f\x98\x80")));
	buf_release(&written);
}

/* Accents of different classes have no order of their own; of one class, the first is the nearer.
 */
static void test_the_order_of_accents_makes_the_same_letter(void **state)
{
	(void)state;
	static const char *const same[][2] = {
		{ "a\xcc\xa3\xcc\x82", "a\xcc\x82\xcc\xa3" },	      /* dot below, circumflex */
		{ "\xe1\xba\xad", "a\xcc\x82\xcc\xa3" },	      /* both in one letter */
		{ "\xe1\xba\xad", "\xc3\xa2\xcc\xa3" },		      /* one in the letter */
		{ "\xe1\xbb\x9b", "o\xcc\x81\xcc\x9b" },	      /* horn and acute */
		{ "\xe1\xb8\x89", "\xc4\x87\xcc\xa7" },		      /* cedilla and acute */
		{ "\xd0\xb9\xcc\xa3n", "\xd0\xb8\xcc\xa3\xcc\x86n" }, /* Cyrillic */
		{ "x\xcc\x82\xcc\x95\xcc\xa3\xcc\xa7\xcc\xb8y",
		  "x\xcc\xb8\xcc\xa7\xcc\xa3\xcc\x82\xcc\x95y" }, /* five */
	};
	static const char *const others[][2] = {
		{ "a\xcc\x81\xcc\x82", "a\xcc\x82\xcc\x81" },
		{ "a\xcc\x82\xcd\x8f\xcc\xa3", "a\xcc\xa3\xcd\x8f\xcc\x82" },
		{ "a\xcc\x82\xcc\xa3", "a\xcc\x82\xcc\xa3\xcc\xa3" },
		{ "a\xcc\x82"
		  "b\xcc\xa3",
		  "a\xcc\xa3"
		  "b\xcc\x82" },
	};
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct buf a, b;
		buf_init(&a, 64);
		buf_init(&b, 64);
		assert_true(character_same_letters(str_of(same[i][0]), str_of(same[i][1])));
		character_write_letters(&a, str_of(same[i][0]));
		character_write_letters(&b, str_of(same[i][1]));
		assert_true(str_equal(buf_view(&a), buf_view(&b)));
		buf_release(&a);
		buf_release(&b);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(character_same_letters(str_of(others[i][0]), str_of(others[i][1])));
}

static void test_texts_that_look_alike_are_told_by_their_code_points(void **state)
{
	(void)state;
	char here[CODE_POINTS_BYTES], there[CODE_POINTS_BYTES];
	assert_true(character_apart(STR("Sia\xcc\x82n"), STR("Si\xc3\xa2n"), here, there));
	assert_string_equal(here, "U+0061 U+0302");
	assert_string_equal(there, "U+00E2");
	assert_true(character_apart(STR("\xd0\x90nna"), STR("Anna"), here, there));
	assert_string_equal(here, "U+0410");
	assert_string_equal(there, "U+0041");
	/* Two letters of which the first bytes, or the last, are the same. */
	assert_true(character_apart(STR("\xc3\xa2"), STR("\xc3\xa3"), here, there));
	assert_string_equal(there, "U+00E3");
	assert_true(character_apart(STR("\xc3\xa2"), STR("\xc4\xa2"), here, there));
	assert_string_equal(there, "U+0122");
	assert_false(character_apart(STR("Ann\xc3\xa9"), STR("Amn\xc3\xa9"), here, there));
	assert_false(character_apart(STR("Ann"), STR("Ann\xc3\xa9"), here, there));
	char longer[200];
	memset(longer, 'x', sizeof(longer));
	assert_true(character_apart((struct str){ longer, sizeof(longer) }, STR("\xc3\xa9"), here,
				    there));
}

static void test_what_changes_a_name_unseen_is_found(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint32_t code;
	} texts[] = {
		{ "Tobias", 0 },
		{ "To\xc2\xad"
		  "bias",
		  0xad },
		{ "To\x7f", 0x7f },
		{ "\xe2\x80\xae"
		  "To",
		  0x202e },
		{ "To\xe2\x80\x8c"
		  "bias",
		  0x200c },
		{ "\xda\xa9\xe2\x80\x8c\xd8\xb9", 0 },
		{ "\xe9\x82\x8a\xf3\xa0\x84\x81", 0 },
		{ "To\xf3\xa0\x84\x81", 0xe0101 },
		{ "Zoe\xcc\x88", 0 },
		{ "Anne\xc2\xa0Marie", 0 },
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(character_first_unseen(str_of(texts[i].text)).code, texts[i].code);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_letters_and_their_accents_come_apart),
		cmocka_unit_test(test_an_accent_makes_the_same_letter_in_two_ways),
		cmocka_unit_test(test_the_order_of_accents_makes_the_same_letter),
		cmocka_unit_test(test_what_a_reader_does_not_see_is_blank),
		cmocka_unit_test(test_what_changes_a_name_unseen_is_found),
		cmocka_unit_test(test_texts_that_look_alike_are_told_by_their_code_points),
		cmocka_unit_test(test_arena_gives_zeroed_memory_aligned_for_anything),
		cmocka_unit_test(test_arena_keeps_what_it_gave_before_when_it_grows),
		cmocka_unit_test(test_arena_zeroes_again_what_a_rewind_gave_back),
		cmocka_unit_test(test_arena_rewound_to_its_very_start_is_used_again),
		cmocka_unit_test(test_arena_refuses_a_size_that_overflows_and_says_so_for_good),
		cmocka_unit_test(test_arena_tells_an_absent_slice_from_an_empty_one),
		cmocka_unit_test(test_buf_holds_what_was_added_with_a_nul_behind_it),
		cmocka_unit_test(test_buf_reaches_its_maximum_and_no_more),
		cmocka_unit_test(test_buf_failure_sticks_until_it_is_reset),
		cmocka_unit_test(test_buf_refuses_a_length_that_overflows),
		cmocka_unit_test(test_buf_unused_is_an_empty_text),
		cmocka_unit_test(test_str_trims_the_white_space_of_xml_and_no_other),
		cmocka_unit_test(test_str_digits_are_one_or_more_ascii_digits),
		cmocka_unit_test(test_str_slices_stay_inside),
		cmocka_unit_test(test_near_counts_the_letters_to_change_add_drop_or_swap),
		cmocka_unit_test(test_near_gives_up_on_words_that_nobody_would_type),
		cmocka_unit_test(test_near_names_the_nearest_word_and_none_that_is_far),
		cmocka_unit_test(test_near_names_none_of_two_that_are_equally_near),
		cmocka_unit_test(test_no_two_names_are_written_alike),
		cmocka_unit_test(test_printed_texts_are_visible_and_command_nothing),
	};
	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
