#include "message/timestamp.h"

#include <stdio.h>

/* Days since 1970-01-01 of a date in the proleptic Gregorian calendar. */
static long long days_since_1970(int year, int month, int day)
{
	long long y = month <= 2 ? year - 1 : year;
	long long era = (y >= 0 ? y : y - 399) / 400;
	long long year_of_era = y - era * 400;
	long long day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	long long day_of_era =
		year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * 146097 + day_of_era - 719468;
}

static int number(struct str text, size_t at, size_t digits)
{
	int value = 0;
	for (size_t i = at; i < at + digits; i++)
		value = value * 10 + (text.p[i] - '0');
	return value;
}

/* The UTC offset after the digits: sign and one to four digits, read as hhmm from the left. */
static bool read_offset(struct str text, struct moment *moment)
{
	if (text.n == 0)
		return true;
	struct str digits = str_from(text, 1);
	if ((text.p[0] != '+' && text.p[0] != '-') || !str_is_digits(digits) || digits.n > 4)
		return false;
	int hours = number(digits, 0, digits.n < 2 ? digits.n : 2);
	int minutes = digits.n > 2 ? number(digits, 2, digits.n - 2) : 0;
	moment->has_offset = true;
	moment->offset_is_short = digits.n < 4;
	moment->offset_minutes = (text.p[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
	if (minutes > 59 || hours * 60 + minutes > 14 * 60)
		moment->fault = MOMENT_OFFSET;
	return true;
}

/* Two digits; 0 where they are beyond the end. */
static int two(struct str digits, size_t at)
{
	return at < digits.n ? (digits.p[at] - '0') * 10 + (digits.p[at + 1] - '0') : 0;
}

/* The fields that the digits reach; an odd digit at the end makes no field. */
static bool read_fields(struct str digits, struct moment *moment)
{
	if (digits.n < 4 || digits.n > 14 || digits.n % 2)
		return false;
	moment->year = two(digits, 0) * 100 + two(digits, 2);
	moment->month = two(digits, 4);
	moment->day = two(digits, 6);
	moment->hour = two(digits, 8);
	moment->minute = two(digits, 10);
	moment->second = two(digits, 12);
	moment->has_month = digits.n >= 6;
	moment->has_day = digits.n >= 8;
	moment->has_hours = digits.n >= 10;
	moment->has_minutes = digits.n >= 12;
	moment->has_seconds = digits.n >= 14;
	return true;
}

static enum moment_fault check_fields(const struct moment *moment)
{
	enum { SHORTEST_MONTH = 28 };
	if (moment->year == 0)
		return MOMENT_YEAR;
	if (moment->has_month && (moment->month < 1 || moment->month > 12))
		return MOMENT_MONTH;
	if (moment->has_day &&
	    (moment->day < 1 || (moment->day > SHORTEST_MONTH &&
				 moment->day > days_in_month(moment->year, moment->month))))
		return MOMENT_DAY;
	if (moment->hour > 23)
		return MOMENT_HOUR;
	if (moment->minute > 59)
		return MOMENT_MINUTE;
	return moment->second > 59 ? MOMENT_SECOND : MOMENT_OK;
}

/* Since 1970; missing parts count as the earliest. */
static long long seconds_of(const struct moment *moment)
{
	return days_since_1970(moment->year, moment->month ? moment->month : 1,
			       moment->day ? moment->day : 1) *
		       DAY_SECONDS +
	       moment->hour * 3600 + moment->minute * 60 + moment->second -
	       moment->offset_minutes * 60;
}

/* The digits after a decimal point; returns where they end. */
static size_t read_fraction(struct str text, size_t at, struct moment *moment)
{
	enum { MOST_DIGITS = 9 };
	size_t digits = 0;
	if (at == text.n || text.p[at] != '.')
		return at;
	for (at++; at < text.n && char_is_digit(text.p[at]); at++)
		if (digits++ < MOST_DIGITS)
			moment->nanoseconds = moment->nanoseconds * 10 + (text.p[at] - '0');
	moment->has_fraction = digits > 0;
	for (; digits && digits < MOST_DIGITS; digits++)
		moment->nanoseconds *= 10;
	return at;
}

struct moment moment_of(struct str text)
{
	struct moment moment = { .fault = MOMENT_SHAPE };
	size_t digits = 0;
	while (digits < text.n && char_is_digit(text.p[digits]))
		digits++;
	size_t after = read_fraction(text, digits, &moment);
	if (!read_fields((struct str){ text.p, digits }, &moment))
		return moment;
	moment.fault = MOMENT_OK;
	if (!read_offset(str_from(text, after), &moment)) {
		moment.fault = MOMENT_SHAPE;
		return moment;
	}
	enum moment_fault fields = check_fields(&moment);
	moment.fault = fields != MOMENT_OK ? fields : moment.fault;
	moment.ok = moment.fault == MOMENT_OK;
	if (moment.ok)
		moment.seconds = seconds_of(&moment);
	return moment;
}

/* The date of a day since 1970-01-01, by the same eras of 400 years. */
static void date_of_day(long long days, struct moment *moment)
{
	days += 719468;
	long long era = (days >= 0 ? days : days - 146096) / 146097;
	long long day_of_era = days - era * 146097;
	long long year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	long long day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	long long month = (5 * day_of_year + 2) / 153;
	moment->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
	moment->month = (int)(month < 10 ? month + 3 : month - 9);
	moment->year = (int)(year_of_era + era * 400 + (moment->month <= 2));
}

struct moment moment_of_seconds(long long seconds)
{
	long long day = (seconds >= 0 ? seconds : seconds - (DAY_SECONDS - 1)) / DAY_SECONDS;
	long long rest = seconds - day * DAY_SECONDS;
	struct moment moment = {
		.ok = true,
		.has_month = true,
		.has_day = true,
		.has_hours = true,
		.has_minutes = true,
		.has_seconds = true,
		.has_offset = true,
		.hour = (int)(rest / 3600),
		.minute = (int)(rest / 60 % 60),
		.second = (int)(rest % 60),
		.seconds = seconds,
	};
	date_of_day(day, &moment);
	return moment;
}

/* One o'clock UTC on the last Sunday of a month of 31 days: clocks change then. */
static long long clocks_change(int year, int month)
{
	long long last = days_since_1970(year, month, 31);
	long long weekday = ((last + 4) % 7 + 7) % 7; /* 0 is Sunday; 1970-01-01 was a Thursday */
	return (last - weekday) * DAY_SECONDS + 3600;
}

bool moment_in_british_summer(long long seconds)
{
	int year = moment_of_seconds(seconds).year;
	return seconds >= clocks_change(year, 3) && seconds < clocks_change(year, 10);
}

bool moment_is_skipped_in_uk(const struct moment *moment)
{
	enum { FIRST_YEAR = 1981 }; /* until then clocks changed on other days */
	if (!moment->ok || !moment->has_hours || moment->has_offset || moment->month != 3 ||
	    moment->year < FIRST_YEAR)
		return false;
	long long change = clocks_change(moment->year, 3);
	return moment->seconds >= change && moment->seconds < change + 3600;
}

struct moment moment_by_uk_clock(const struct moment *moment)
{
	if (!moment->has_hours || !moment->has_offset)
		return *moment;
	long long summer = moment_in_british_summer(moment->seconds) ? 3600 : 0;
	struct moment local = moment_of_seconds(moment->seconds + summer);
	local.has_offset = false;
	local.has_minutes = moment->has_minutes;
	local.has_seconds = moment->has_seconds;
	local.has_fraction = moment->has_fraction;
	local.nanoseconds = moment->nanoseconds;
	return local;
}

struct moment moment_after_months(const struct moment *moment, int months)
{
	struct moment later = *moment;
	int count = moment->year * 12 + (moment->month ? moment->month - 1 : 0) + months;
	later.year = count / 12;
	later.month = count % 12 + 1;
	if (later.day > days_in_month(later.year, later.month))
		later.day = days_in_month(later.year, later.month);
	later.seconds = seconds_of(&later);
	return later;
}

/* Of one second. */
static int compare_nanoseconds(const struct moment *a, const struct moment *b)
{
	if (!a->has_fraction || !b->has_fraction)
		return 0;
	return (a->nanoseconds > b->nanoseconds) - (a->nanoseconds < b->nanoseconds);
}

/* How long the period is that a time of day covers. */
static long long span_of(const struct moment *moment)
{
	return moment->has_seconds ? 1 : moment->has_minutes ? 60 : 3600;
}

long long moment_last_second(const struct moment *moment)
{
	return moment->seconds + span_of(moment) - 1;
}

/* As it is written, without its offset. */
static long long written_seconds(const struct moment *moment)
{
	return moment->seconds + moment->offset_minutes * 60;
}

/* Of two times of day: in UTC where both say it, else as they are written. */
static int compare_times(const struct moment *a, const struct moment *b)
{
	bool in_utc = a->has_offset && b->has_offset;
	long long from_a_to_b =
		in_utc ? b->seconds - a->seconds : written_seconds(b) - written_seconds(a);
	if (from_a_to_b == 0 && a->has_seconds && b->has_seconds)
		return compare_nanoseconds(a, b);
	if (from_a_to_b >= span_of(a))
		return -1;
	return -from_a_to_b >= span_of(b) ? 1 : 0;
}

int moment_compare(const struct moment *a, const struct moment *b)
{
	if (a->has_hours && b->has_hours)
		return compare_times(a, b);
	const int pairs[][3] = {
		{ 1, a->year, b->year },
		{ a->has_month && b->has_month, a->month, b->month },
		{ a->has_day && b->has_day, a->day, b->day },
	};
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]) && pairs[i][0]; i++)
		if (pairs[i][1] != pairs[i][2])
			return pairs[i][1] < pairs[i][2] ? -1 : 1;
	return 0;
}

/* The hour from one o'clock on the last Sunday of October, which comes twice. */
static bool is_repeated_in_uk(const struct moment *moment)
{
	if (!moment->has_hours || moment->has_offset || moment->month != 10)
		return false;
	long long change = clocks_change(moment->year, 10);
	return moment->seconds >= change && moment->seconds < change + 3600;
}

int moment_compare_in_uk(const struct moment *a, const struct moment *b)
{
	struct moment by_clock[] = { moment_by_uk_clock(a), moment_by_uk_clock(b) };
	return moment_compare(&by_clock[0], &by_clock[1]);
}

bool moment_is_before_in_uk(const struct moment *a, const struct moment *b)
{
	/* UTC offsets and missing times of day change a time by less than a day. */
	if (a->has_day && b->has_day) {
		if (a->seconds + 2 * DAY_SECONDS < b->seconds)
			return true;
		if (a->seconds > b->seconds + 2 * DAY_SECONDS)
			return false;
	}
	if (a->has_offset && b->has_offset)
		return moment_compare(a, b) < 0;
	struct moment first = moment_by_uk_clock(a), second = moment_by_uk_clock(b);
	if (moment_compare(&first, &second) >= 0)
		return false;
	/* a at the later time that it may be, b at the earlier. */
	bool a_repeated = is_repeated_in_uk(a), b_repeated = is_repeated_in_uk(b);
	if (a_repeated && (b->has_offset || b_repeated))
		return b->has_offset && moment_last_second(a) < b->seconds;
	return !b_repeated || !a->has_offset || moment_last_second(a) < b->seconds - 3600;
}

/* From the right: day, month, year, 0 where it is missing; then the day in the United Kingdom. */
enum { DAYS = 32, MONTHS = 13, UK_DAY_SHIFT = 22 };

/* The day by clocks of the United Kingdom, as a time with an offset gives it. */
enum uk_day { NO_OFFSET, SAME_DAY, DAY_BEFORE, DAY_AFTER };

static uint32_t written_date(const struct moment *moment)
{
	uint32_t month = moment->has_month ? (uint32_t)moment->month : 0;
	uint32_t day = moment->has_day ? (uint32_t)moment->day : 0;
	return ((uint32_t)moment->year * MONTHS + month) * DAYS + day;
}

static enum uk_day uk_day_of(const struct moment *moment)
{
	if (!moment->has_offset)
		return NO_OFFSET;
	struct moment uk = moment_by_uk_clock(moment);
	uint32_t here = written_date(moment), there = written_date(&uk);
	return there == here ? SAME_DAY : there < here ? DAY_BEFORE : DAY_AFTER;
}

uint32_t moment_date(const struct moment *moment)
{
	return moment->ok ? (uint32_t)uk_day_of(moment) << UK_DAY_SHIFT | written_date(moment) : 0;
}

struct moment moment_of_date(uint32_t date)
{
	uint32_t written = date & ((1u << UK_DAY_SHIFT) - 1);
	struct moment moment = {
		.ok = date != 0,
		.year = (int)(written / DAYS / MONTHS),
		.month = (int)(written / DAYS % MONTHS),
		.day = (int)(written % DAYS),
	};
	moment.has_month = moment.month != 0;
	moment.has_day = moment.day != 0;
	moment.seconds = moment.ok ? seconds_of(&moment) : 0;
	return moment;
}

/* That day as clocks of the United Kingdom have it: seconds. */
static long long in_uk(const struct moment *day, uint32_t uk_day)
{
	return day->seconds + (uk_day == DAY_AFTER    ? DAY_SECONDS
			       : uk_day == DAY_BEFORE ? -DAY_SECONDS
						      : 0);
}

bool moment_dates_are_one(uint32_t a, uint32_t b)
{
	struct moment first = moment_of_date(a), second = moment_of_date(b);
	uint32_t first_uk = a >> UK_DAY_SHIFT, second_uk = b >> UK_DAY_SHIFT;
	if (moment_compare(&first, &second) == 0)
		return true;
	return first_uk != NO_OFFSET && second_uk != NO_OFFSET &&
	       in_uk(&first, first_uk) == in_uk(&second, second_uk);
}

bool moment_is_one_date(const struct moment *a, const struct moment *b)
{
	return moment_dates_are_one(moment_date(a), moment_date(b));
}

bool moment_is_fuller(const struct moment *moment, const struct moment *than)
{
	return moment->has_month + moment->has_day + moment->has_hours >
	       than->has_month + than->has_day + than->has_hours;
}

int moment_years(const struct moment *from, const struct moment *to)
{
	int years = to->year - from->year;
	bool before_birthday =
		to->month < from->month || (to->month == from->month && to->day < from->day);
	return before_birthday ? years - 1 : years;
}

enum { ADULT_YEARS = 18 };

/* The birth date, or the latest one that a year or a month leaves. */
static struct moment latest_birth(const struct moment *birth)
{
	struct moment latest = *birth;
	if (!latest.has_month)
		latest.month = 12;
	if (!latest.has_day)
		latest.day = days_in_month(latest.year, latest.month);
	return latest;
}

struct moment moment_18th_birthday(const struct moment *birth)
{
	struct moment born = latest_birth(birth);
	struct moment day = { .ok = true,
			      .has_month = true,
			      .has_day = true,
			      .year = born.year + ADULT_YEARS,
			      .month = born.month,
			      .day = born.day };
	if (day.day > days_in_month(day.year, day.month)) {
		day.day = 1;
		day.month++;
	}
	day.seconds = seconds_of(&day);
	return day;
}

bool moment_is_18(const struct moment *birth, const struct moment *at)
{
	if (at->year - birth->year < ADULT_YEARS)
		return false;
	struct moment clock = moment_by_uk_clock(at), born = latest_birth(birth);
	return moment_years(&born, &clock) >= ADULT_YEARS;
}

bool moment_is_after_18th_birthday(const struct moment *birth, const struct moment *at)
{
	struct moment clock = moment_by_uk_clock(at), birthday = moment_18th_birthday(birth);
	bool on_it = clock.year == birthday.year && clock.month == birthday.month &&
		     clock.day == birthday.day;
	return moment_is_18(birth, at) && !on_it;
}

const char *moment_fault_words(const struct moment *moment, char *out, size_t out_bytes)
{
	static const char *const months[] = { "",	 "January",   "February", "March",
					      "April",	 "May",	      "June",	  "July",
					      "August",	 "September", "October",  "November",
					      "December" };
	switch (moment->fault) {
	case MOMENT_YEAR:
		return "there is no year 0000";
	case MOMENT_MONTH:
		snprintf(out, out_bytes, "there is no month %d", moment->month);
		break;
	case MOMENT_DAY:
		snprintf(out, out_bytes, "there is no day %d in %s %d", moment->day,
			 months[moment->month], moment->year);
		break;
	case MOMENT_HOUR:
		snprintf(out, out_bytes, "there is no hour %d", moment->hour);
		break;
	case MOMENT_MINUTE:
		snprintf(out, out_bytes, "there is no minute %d", moment->minute);
		break;
	case MOMENT_SECOND:
		snprintf(out, out_bytes, "there is no second %d", moment->second);
		break;
	case MOMENT_OFFSET:
		return "a UTC offset is two digits for hours and two for minutes, at most 14 hours";
	case MOMENT_SHAPE:
		return "it is not a year of four digits followed by months, days, hours and "
		       "minutes "
		       "of two digits each";
	case MOMENT_OK:
		return "it is a real time";
	}
	return out;
}

/* Whether the text has this shape at its start: 0 a digit, any other character itself. */
static bool begins(struct str text, const char *shape)
{
	for (size_t i = 0; shape[i]; i++)
		if (i >= text.n ||
		    (shape[i] == '0' ? !char_is_digit(text.p[i]) : text.p[i] != shape[i]))
			return false;
	return true;
}

static bool take_zone(struct str zone, struct iso_time *time, char *offset)
{
	time->has_zone = zone.n > 0;
	if (zone.n == 0 || str_is(zone, "Z"))
		return true;
	time->without_colon = zone.n == 5;
	if ((zone.n != 6 && zone.n != 5) || (zone.p[0] != '+' && zone.p[0] != '-') ||
	    !begins(str_from(zone, 1), zone.n == 5 ? "0000" : "00:00"))
		return false;
	offset[0] = zone.p[0];
	memcpy(offset + 1, zone.p + 1, 2);
	memcpy(offset + 3, zone.p + zone.n - 2, 2);
	return true;
}

/* The end of a day may be written so, which is the start of the next one. */
static bool is_end_of_day(const char *plain, struct str fraction)
{
	size_t zeros = 0;
	while (zeros < fraction.n && fraction.p[zeros] == '0')
		zeros++;
	return memcmp(plain + 8, "240000", 6) == 0 && zeros == fraction.n;
}

struct iso_time iso_time_of(struct str text)
{
	struct iso_time time = { 0 };
	char plain[] = "CCYYMMDDhhmmss+0000";
	text = str_trim(text);
	if (!begins(text, "0000-00-00T00:00:00"))
		return time;
	static const unsigned char digits[] = { 0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18 };
	for (size_t i = 0; i < sizeof(digits); i++)
		plain[i] = text.p[digits[i]];
	struct str rest = str_from(text, 19);
	if (rest.n > 1 && rest.p[0] == '.' && char_is_digit(rest.p[1])) {
		time.fraction = str_from(rest, 1);
		size_t n = 0;
		while (n < time.fraction.n && char_is_digit(time.fraction.p[n]))
			n++;
		rest = str_from(time.fraction, n);
		time.fraction.n = n;
	}
	time.shape = take_zone(rest, &time, plain + 14);
	if (!time.shape)
		return time;
	bool ends_day = is_end_of_day(plain, time.fraction);
	if (ends_day)
		memset(plain + 8, '0', 2);
	time.moment = moment_of((struct str){ plain, sizeof(plain) - 1 });
	time.ok = time.moment.ok;
	if (time.ok && ends_day)
		time.moment.seconds += DAY_SECONDS;
	return time;
}

/* Digits after a decimal point: missing ones at the end are zero. */
static int compare_fractions(struct str a, struct str b)
{
	for (size_t i = 0; i < a.n || i < b.n; i++) {
		char x = i < a.n ? a.p[i] : '0', y = i < b.n ? b.p[i] : '0';
		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

int iso_time_compare(const struct iso_time *a, const struct iso_time *b)
{
	if (a->moment.seconds != b->moment.seconds)
		return a->moment.seconds < b->moment.seconds ? -1 : 1;
	return compare_fractions(a->fraction, b->fraction);
}
