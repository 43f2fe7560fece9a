/* Times and NHS numbers, against other ways of counting. */
#include "message/identifiers.h"
#include "message/timestamp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* A generator of our own, so that every run tries the same numbers. */
static uint64_t random_state = 20260101;

static uint32_t random_below(uint32_t limit)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(((random_state >> 33) * limit) >> 31);
}

static struct moment moment(const char *text)
{
	return moment_of(str_of(text));
}

/* The C library's count of the seconds, for a time in UTC. */
static long long seconds_of(int year, int month, int day, int hour, int minute, int second)
{
	struct tm tm = { .tm_year = year - 1900,
			 .tm_mon = month - 1,
			 .tm_mday = day,
			 .tm_hour = hour,
			 .tm_min = minute,
			 .tm_sec = second };
	return (long long)timegm(&tm);
}

static void test_moment_counts_seconds_as_the_c_library_does(void **state)
{
	(void)state;
	for (int i = 0; i < 200000; i++) {
		int year = 1 + (int)random_below(9999), month = 1 + (int)random_below(12);
		int day = 1 + (int)random_below((uint32_t)days_in_month(year, month));
		int hour = (int)random_below(24), minute = (int)random_below(60);
		int second = (int)random_below(60), offset = (int)random_below(14 * 60 + 1);
		bool west = random_below(2);
		char text[96];
		snprintf(text, sizeof(text), "%04d%02d%02d%02d%02d%02d%c%02d%02d", year, month, day,
			 hour, minute, second, west ? '-' : '+', offset / 60, offset % 60);
		struct moment made = moment(text);
		if (!made.ok)
			fail_msg("%s is a real time", text);
		long long wanted = seconds_of(year, month, day, hour, minute, second) +
				   (west ? 60LL : -60LL) * offset;
		if (made.seconds != wanted)
			fail_msg("%s is %lld, not %lld", text, wanted, made.seconds);
	}
}

/* Every day that eight digits can name, from 1 January 1890 to 31 December 2110, and no other. */
static void test_moment_takes_the_days_of_the_calendar_and_no_others(void **state)
{
	(void)state;
	for (int year = 1890; year <= 2110; year++)
		for (int month = 0; month <= 13; month++)
			for (int day = 0; day <= 32; day++) {
				struct tm tm = { .tm_year = year - 1900,
						 .tm_mon = month - 1,
						 .tm_mday = day };
				timegm(&tm); /* moves a day that does not exist to one that does */
				bool real = tm.tm_year == year - 1900 && tm.tm_mon == month - 1 &&
					    tm.tm_mday == day && month >= 1 && month <= 12;
				char text[40];
				snprintf(text, sizeof(text), "%04d%02d%02d", year, month, day);
				if (moment(text).ok != real)
					fail_msg("%s is %s", text, real ? "real" : "not real");
			}
}

static void test_moment_knows_the_leap_years_of_the_centuries(void **state)
{
	(void)state;
	assert_true(moment("20000229").ok);
	assert_true(moment("20240229").ok);
	assert_false(moment("19000229").ok);
	assert_false(moment("21000229").ok);
	assert_false(moment("20230229").ok);
	assert_int_equal(moment("20230229").fault, MOMENT_DAY);
}

static const struct {
	const char *text;
	enum moment_fault fault;
} moments[] = {
	{ "2026", MOMENT_OK },
	{ "202601", MOMENT_OK },
	{ "2026010112", MOMENT_OK },
	{ "20260101123059", MOMENT_OK },
	{ "20260101123059.123+0100", MOMENT_OK },
	{ "20260101120000+1400", MOMENT_OK },
	{ "20260101120000-1400", MOMENT_OK },
	{ "20260101120000+01", MOMENT_OK },
	{ "00000101", MOMENT_YEAR },
	{ "202613", MOMENT_MONTH },
	{ "202600", MOMENT_MONTH },
	{ "20260431", MOMENT_DAY },
	{ "20260400", MOMENT_DAY },
	{ "2026010124", MOMENT_HOUR },
	{ "202601011260", MOMENT_MINUTE },
	{ "20260101123060", MOMENT_SECOND },
	{ "20260101120000+1401", MOMENT_OFFSET },
	{ "20260101120000+2400", MOMENT_OFFSET },
	{ "20260101120000+0160", MOMENT_OFFSET },
	{ "", MOMENT_SHAPE },
	{ "202", MOMENT_SHAPE },
	{ "20261", MOMENT_SHAPE },
	{ "2026010112305912", MOMENT_SHAPE },
	{ "2026-01-01", MOMENT_SHAPE },
	{ "20260101T12", MOMENT_SHAPE },
	{ "20260101120000Z", MOMENT_SHAPE },
	{ " 20260101", MOMENT_SHAPE },
	{ "20260101 ", MOMENT_SHAPE },
	{ "20260101120000+01:00", MOMENT_SHAPE },
	{ "20260101120000+", MOMENT_SHAPE },
};

static void test_moment_tells_what_is_wrong_with_a_time(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		struct moment made = moment(moments[i].text);
		if (made.fault != moments[i].fault || made.ok != (made.fault == MOMENT_OK))
			fail_msg("\"%s\": fault %d, not %d", moments[i].text, made.fault,
				 moments[i].fault);
		char words[128];
		assert_true(strlen(moment_fault_words(&made, words, sizeof(words))) > 10);
	}
}

static void test_moment_takes_a_slice_that_has_no_end_mark(void **state)
{
	(void)state;
	struct moment made = moment_of((struct str){ "20260101999999", 8 });
	assert_true(made.ok);
	assert_false(made.has_hours);
}

static int compare(const char *a, const char *b)
{
	struct moment x = moment(a), y = moment(b);
	int forth = moment_compare(&x, &y), back = moment_compare(&y, &x);
	assert_int_equal(forth, -back);
	return forth;
}

static void test_moments_compare_by_what_both_of_them_say(void **state)
{
	(void)state;
	assert_int_equal(compare("20260101", "20260102"), -1);
	assert_int_equal(compare("20260101", "20260101235959"), 0);
	assert_int_equal(compare("2026", "20261231"), 0);
	assert_int_equal(compare("202602", "20260115"), 1);
	assert_int_equal(compare("20260101120000+0000", "20260101130000+0100"), 0);
	assert_int_equal(compare("20260101003000+0100", "20251231235959+0000"), -1);
	assert_int_equal(compare("202601011200", "202601011201"), -1);
	assert_int_equal(compare("202601011200", "20260101120059"), 0);
	assert_int_equal(compare("202601011200", "20260101120100"), -1);
	assert_int_equal(compare("2026010112", "202601011259"), 0);
	assert_int_equal(compare("2026010112+0000", "20260101135959+0100"), 0);
	assert_int_equal(compare("2026010112+0000", "20260101140000+0100"), -1);
	assert_int_equal(compare("202601011200+0000", "20260101125959+0100"), 1);
	assert_int_equal(compare("202601011200", "20260101120030.5"), 0);
	assert_int_equal(compare("20260101120000.404+0000", "20260101120000.403+0000"), 1);
	assert_int_equal(compare("20260101120000.4+0000", "20260101130000.400000+0100"), 0);
	assert_int_equal(compare("20260101120000.09", "20260101120000.1"), -1);
	assert_int_equal(compare("20260101120000.9+0000", "20260101120000+0000"), 0);
	assert_int_equal(compare("20260101120000.1234567891+0000", "20260101120000.123456789+0000"),
			 0);
}

static bool is_before(const char *a, const char *b)
{
	struct moment x = moment(a), y = moment(b);
	bool before = moment_is_before_in_uk(&x, &y);
	assert_false(before && moment_is_before_in_uk(&y, &x));
	return before;
}

static void test_in_the_hour_that_comes_twice_no_time_is_before_another(void **state)
{
	(void)state;
	assert_true(is_before("202510250115", "202510250130"));
	assert_false(is_before("202510260115", "202510260130"));
	assert_false(is_before("202510260130", "202510260115"));
	assert_true(is_before("202510260059", "202510260100"));
	assert_true(is_before("202510260130", "202510260200"));
	assert_false(is_before("202510260200", "202510260130"));
	assert_true(is_before("202510260100+0100", "202510260200"));
	assert_true(is_before("20251025", "202510260100"));
	assert_false(is_before("20251026", "202510260100"));
	/* 01:15 is 00:15 or 01:15 in UTC */
	assert_true(is_before("202510260115", "202510260116+0000"));
	assert_false(is_before("202510260115", "202510260116+0100"));
	assert_false(is_before("202510260114+0000", "202510260115"));
	assert_true(is_before("202510260114+0100", "202510260115"));
	assert_true(is_before("202510260159+0100", "202510260101+0000"));
	assert_false(is_before("202510260101+0000", "202510260159+0100"));
	assert_true(is_before("202606011259", "202606011200+0000"));
	assert_true(is_before("20260101", "20260104"));
	/* A minute or an hour is not over before its end. */
	assert_false(is_before("202606011200+0100", "20260601120059"));
	assert_true(is_before("202606011200+0100", "20260601120100"));
	assert_false(is_before("2025102601", "20251026015959+0000"));
	assert_true(is_before("2025102601", "20251026020000+0000"));
	assert_false(is_before("202510260115+0100", "20251026011559"));
}

static void test_a_date_that_was_packed_is_the_same(void **state)
{
	(void)state;
	static const char *const texts[][2] = {
		{ "0001", "0001" },
		{ "2026", "2026" },
		{ "202602", "202602" },
		{ "999912", "999912" },
		{ "20240229", "20240229" },
		{ "2024022900", "20240229" },
		{ "202402292359", "20240229" },
		{ "202402292359+1400", "20240229" },
		{ "99991231235959+0000", "99991231" },
		{ "00010101000000", "00010101" },
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct moment before = moment(texts[i][0]), date = moment(texts[i][1]);
		uint32_t packed = moment_date(&before);
		assert_int_equal(packed >> DATE_BITS, 0);
		struct moment after = moment_of_date(packed);
		assert_true(after.ok);
		assert_int_equal(after.year, date.year);
		assert_int_equal(after.has_month ? after.month : 0, date.month);
		assert_int_equal(after.has_day ? after.day : 0, date.day);
		assert_true(after.seconds == date.seconds);
	}
	struct moment none = moment("20230229");
	assert_int_equal(moment_date(&none), 0);
	assert_false(moment_of_date(0).ok);
	struct moment day = moment("20260101"), month = moment("202601");
	assert_true(moment_is_fuller(&day, &month));
	assert_false(moment_is_fuller(&month, &day));
	assert_false(moment_is_fuller(&day, &day));
}

static void test_dates_agree_as_far_as_both_say_them(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		bool agree;
	} pairs[] = {
		{ "20180612", "20180612", true },
		{ "20180612", "20180613", false },
		{ "201806", "20180612", true },
		{ "201807", "20180612", false },
		{ "2018", "201806120930", true },
		{ "201806120000", "201806122359", true },
		{ "201806120000+0100", "201806112300+0000", true },
		{ "201806120000+0100", "201806130000+0100", false },
		{ "20180612", "201806112300+0000", false },
		{ "201806120000+0200", "20180612", true },
	};
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct moment a = moment(pairs[i].a), b = moment(pairs[i].b);
		assert_int_equal(moment_is_one_date(&a, &b), pairs[i].agree);
		assert_int_equal(moment_is_one_date(&b, &a), pairs[i].agree);
		uint32_t kept_a = moment_date(&a), kept_b = moment_date(&b);
		assert_int_equal((kept_a | kept_b) >> DATE_BITS, 0);
		assert_int_equal(moment_dates_are_one(kept_a, kept_b), pairs[i].agree);
	}
}

static void test_years_are_whole_at_the_birthday_and_not_before(void **state)
{
	(void)state;
	struct moment birth = moment("20080229"), eve = moment("20260228"),
		      after = moment("20260301");
	assert_int_equal(moment_years(&birth, &eve), 17);
	assert_int_equal(moment_years(&birth, &after), 18);
}

static void expect_uk_clock(const char *time, int day, int hour)
{
	struct moment made = moment(time), clock = moment_by_uk_clock(&made);
	if (clock.day != day || clock.hour != hour)
		fail_msg("%s: day %d, hour %d", time, clock.day, clock.hour);
}

static void expect_skipped(const char *time, bool skipped)
{
	struct moment made = moment(time);
	if (moment_is_skipped_in_uk(&made) != skipped)
		fail_msg("%s: %s", time, skipped ? "is not skipped" : "is skipped");
}

static void test_clocks_of_the_uk_skip_an_hour_in_march(void **state)
{
	(void)state;
	expect_skipped("202603290059", false);
	expect_skipped("202603290100", true);
	expect_skipped("202603290159", true);
	expect_skipped("202603290200", false);
	expect_skipped("202503300130", true);
	expect_skipped("202510260130", false);
	/* With an offset it is a moment of any clock; without hours it is a day. */
	expect_skipped("20260329013000+0100", false);
	expect_skipped("20260329", false);
	/* In 1972 clocks changed on 19 March. */
	expect_skipped("197203260130", false);
}

static void test_clocks_of_the_uk_change_on_the_last_sundays_of_march_and_october(void **state)
{
	(void)state;
	expect_uk_clock("20260329005959+0000", 29, 0);
	expect_uk_clock("20260329010000+0000", 29, 2);
	expect_uk_clock("20261025005959+0000", 25, 1);
	expect_uk_clock("20261025010000+0000", 25, 1);
	expect_uk_clock("20260701003000+0100", 1, 0);
	expect_uk_clock("20260701003000+0200", 30, 23);
	expect_uk_clock("20270328005959+0000", 28, 0);
	expect_uk_clock("20270328010000+0000", 28, 2);
	/* Without hours or offset there is no moment to turn into another. */
	expect_uk_clock("20260701003000", 1, 0);
	expect_uk_clock("20260701", 1, 0);
}

static void test_a_moment_of_the_clock_reads_as_the_c_library_writes_it(void **state)
{
	(void)state;
	for (int i = 0; i < 100000; i++) {
		time_t seconds = (time_t)random_below(100000) * 86400 - 2208988800 +
				 (time_t)random_below(86400);
		struct moment made = moment_of_seconds(seconds);
		struct tm *expected = gmtime(&seconds);
		assert_int_equal(made.year, expected->tm_year + 1900);
		assert_int_equal(made.month, expected->tm_mon + 1);
		assert_int_equal(made.day, expected->tm_mday);
		assert_int_equal(made.hour * 3600 + made.minute * 60 + made.second,
				 expected->tm_hour * 3600 + expected->tm_min * 60 +
					 expected->tm_sec);
	}
}

static void test_a_person_is_18_from_the_birthday_on(void **state)
{
	(void)state;
	static const struct {
		const char *birth, *before, *birthday, *after;
	} people[] = {
		{ "20081014", "20261013", "20261014", "20261015" },
		{ "20080229", "20260228", "20260301", "20260302" },
		{ "200804", "20260429", "20260430", "20260501" },
		{ "200802", "20260228", "20260301", "20260302" },
		{ "2008", "20261230", "20261231", "20270101" },
		{ "200810141530+0100", "20261013", "20261014", "20261015" },
	};
	for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++) {
		struct moment birth = moment(people[i].birth), before = moment(people[i].before),
			      birthday = moment(people[i].birthday),
			      after = moment(people[i].after);
		assert_int_equal(moment_18th_birthday(&birth).seconds, birthday.seconds);
		assert_false(moment_is_18(&birth, &before));
		assert_true(moment_is_18(&birth, &birthday));
		assert_false(moment_is_after_18th_birthday(&birth, &birthday));
		assert_true(moment_is_after_18th_birthday(&birth, &after));
	}
}

static void test_months_later_is_the_same_day_or_the_last_of_the_month(void **state)
{
	(void)state;
	struct moment made = moment("202402291030"), later = moment_after_months(&made, 12);
	struct moment expected = moment("202502281030");
	assert_int_equal(later.seconds, expected.seconds);
	assert_int_equal(moment_compare(&later, &expected), 0);
	later = moment_after_months(&made, 10);
	expected = moment("202412291030");
	assert_int_equal(later.seconds, expected.seconds);
}

/* NHS numbers, by the sum over all ten digits that must be a multiple of eleven: no remainder
 * taken. */
static bool is_multiple_of_eleven(const char *number)
{
	int sum = 0;
	for (int i = 0; i < 10; i++)
		sum += (10 - i) * (number[i] - '0');
	return sum % 11 == 0;
}

static void expect_nhs_number(const char *number)
{
	struct nhs_number read = nhs_number_of((struct str){ number, 10 });
	assert_true(read.has_shape);
	assert_true(read.check <= NO_CHECK_DIGIT);
	if ((read.check == read.last) != is_multiple_of_eleven(number))
		fail_msg("%s: check digit %d", number, read.check);
}

static void test_nhs_number_agrees_with_another_way_of_counting_on_a_million(void **state)
{
	(void)state;
	for (int i = 0; i < 1000000; i++) {
		char number[16];
		snprintf(number, sizeof(number), "%05u%05u", random_below(100000),
			 random_below(100000));
		expect_nhs_number(number);
	}
}

static void test_nhs_number_gives_nine_digits_one_check_digit_or_none(void **state)
{
	(void)state;
	int none = 0;
	for (unsigned nine = 999000000; nine < 999020000; nine++) {
		int fitting = 0;
		char number[16];
		for (unsigned digit = 0; digit < 10; digit++) {
			snprintf(number, sizeof(number), "%09u%u", nine, digit);
			fitting += is_multiple_of_eleven(number);
			expect_nhs_number(number);
		}
		assert_true(fitting == 0 || fitting == 1);
		assert_int_equal(fitting == 0,
				 nhs_number_of(str_of(number)).check == NO_CHECK_DIGIT);
		none += fitting == 0;
	}
	/* One in eleven. */
	assert_true(none >= 20000 / 11 - 20 && none <= 20000 / 11 + 20);
}

static void test_nhs_number_is_ten_ascii_digits(void **state)
{
	(void)state;
	assert_true(nhs_number_of(STR("9993394130")).has_shape);
	assert_false(nhs_number_of(STR("999339413")).has_shape);
	assert_false(nhs_number_of(STR("99933941300")).has_shape);
	assert_false(nhs_number_of(STR("999 339 4130")).has_shape);
	assert_false(nhs_number_of(STR(" 999339413")).has_shape);
	assert_false(nhs_number_of(STR("99933941\xd9\xa1")).has_shape);
	assert_false(nhs_number_of((struct str){ 0 }).has_shape);
}

static void test_nhs_number_ranges_end_where_they_end(void **state)
{
	(void)state;
	static const struct {
		const char *number;
		enum nhs_range range;
	} ends[] = {
		{ "0100999999", NHS_RANGE_NEVER_ISSUED },
		{ "0101000000", NHS_RANGE_SCOTLAND },
		{ "3112999999", NHS_RANGE_SCOTLAND },
		{ "3200000010", NHS_RANGE_NORTHERN_IRELAND },
		{ "3999999999", NHS_RANGE_NORTHERN_IRELAND },
		{ "4000000000", NHS_RANGE_ENGLAND_WALES },
		{ "4999999999", NHS_RANGE_ENGLAND_WALES },
		{ "5000000000", NHS_RANGE_NEVER_ISSUED },
		{ "5999999999", NHS_RANGE_NEVER_ISSUED },
		{ "6000000000", NHS_RANGE_ENGLAND_WALES },
		{ "7999999999", NHS_RANGE_ENGLAND_WALES },
		{ "8000000000", NHS_RANGE_NEVER_ISSUED },
		{ "9989999999", NHS_RANGE_NEVER_ISSUED },
		{ "9990000000", NHS_RANGE_TEST },
		{ "9999999999", NHS_RANGE_TEST },
	};
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (nhs_number_of(str_of(ends[i].number)).range != ends[i].range)
			fail_msg("%s: range %d", ends[i].number,
				 nhs_number_of(str_of(ends[i].number)).range);
}

static void test_nhs_number_of_one_digit_is_told(void **state)
{
	(void)state;
	assert_true(nhs_number_of(STR("1111111111")).one_digit);
	assert_false(nhs_number_of(STR("1111111112")).one_digit);
	assert_false(nhs_number_of(STR("2111111111")).one_digit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moment_counts_seconds_as_the_c_library_does),
		cmocka_unit_test(test_moment_takes_the_days_of_the_calendar_and_no_others),
		cmocka_unit_test(test_moment_knows_the_leap_years_of_the_centuries),
		cmocka_unit_test(test_a_person_is_18_from_the_birthday_on),
		cmocka_unit_test(test_moment_tells_what_is_wrong_with_a_time),
		cmocka_unit_test(test_moment_takes_a_slice_that_has_no_end_mark),
		cmocka_unit_test(test_moments_compare_by_what_both_of_them_say),
		cmocka_unit_test(test_in_the_hour_that_comes_twice_no_time_is_before_another),
		cmocka_unit_test(test_a_date_that_was_packed_is_the_same),
		cmocka_unit_test(test_dates_agree_as_far_as_both_say_them),
		cmocka_unit_test(test_years_are_whole_at_the_birthday_and_not_before),
		cmocka_unit_test(test_clocks_of_the_uk_skip_an_hour_in_march),
		cmocka_unit_test(
			test_clocks_of_the_uk_change_on_the_last_sundays_of_march_and_october),
		cmocka_unit_test(test_a_moment_of_the_clock_reads_as_the_c_library_writes_it),
		cmocka_unit_test(test_months_later_is_the_same_day_or_the_last_of_the_month),
		cmocka_unit_test(test_nhs_number_agrees_with_another_way_of_counting_on_a_million),
		cmocka_unit_test(test_nhs_number_gives_nine_digits_one_check_digit_or_none),
		cmocka_unit_test(test_nhs_number_is_ten_ascii_digits),
		cmocka_unit_test(test_nhs_number_ranges_end_where_they_end),
		cmocka_unit_test(test_nhs_number_of_one_digit_is_told),
	};
	return cmocka_run_group_tests_name("values", tests, NULL, NULL);
}
