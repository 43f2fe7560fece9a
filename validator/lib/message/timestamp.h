/*
 * timestamp.h - dates and times, and the calendar they are of.
 *
 * HL7 v3 timestamps: CCYYMMDDhhmmss[.fraction][+-ZZzz], right-hand parts may be missing. Source:
 * DMS tabular views (creationTime, effectiveTime); the datatypes ts and TS.NHS.DateType1.
 *
 * ISO 8601, as envelopes have it: 2026-10-26T08:30:16.5Z. Source: XML Schema, dateTime, to which
 * WS-Security and the ITK acknowledgement refer.
 */
#ifndef CPIS_MESSAGE_TIMESTAMP_H
#define CPIS_MESSAGE_TIMESTAMP_H

#include "base/calendar.h"
#include "base/str.h"

#include <stdint.h>

enum moment_fault {
	MOMENT_OK,
	MOMENT_SHAPE, /* not a timestamp at all: the schema check reports it */
	MOMENT_YEAR,
	MOMENT_MONTH,
	MOMENT_DAY,
	MOMENT_HOUR,
	MOMENT_MINUTE,
	MOMENT_SECOND,
	MOMENT_OFFSET
};

struct moment {
	bool ok; /* a real date and time */
	enum moment_fault fault;
	bool has_month, has_day, has_hours, has_minutes, has_seconds, has_offset;
	bool offset_is_short; /* fewer than the four digits of hours and minutes */
	bool has_fraction;
	int year, month, day, hour, minute, second, offset_minutes;
	int nanoseconds;   /* the first nine digits of the fraction */
	long long seconds; /* since 1970 UTC; missing parts count as the earliest, a missing offset
			      as UTC */
};

struct moment moment_of(struct str text);

/* A time of the clock, in UTC. */
struct moment moment_of_seconds(long long seconds_since_1970);

/* Whether the United Kingdom keeps summer time then, from the last Sunday of March to October's. */
bool moment_in_british_summer(long long seconds_since_1970);

/* Whether clocks of the United Kingdom skip this time: the hour from one o'clock on the last Sunday
 * of March. Only a time without offset can be skipped. */
bool moment_is_skipped_in_uk(const struct moment *moment);

/* The same moment by clocks of the United Kingdom, without offset; unchanged where it has none. */
struct moment moment_by_uk_clock(const struct moment *moment);

/*
 * Compare by what both say: -1, 0, 1. Each covers the whole period that it names, and periods that
 * overlap are equal: a date equals every time on it, a minute every second of it, and a second
 * every fraction of it. Both must be ok.
 */
int moment_compare(const struct moment *a, const struct moment *b);

/* The same by clocks of the United Kingdom. */
int moment_compare_in_uk(const struct moment *a, const struct moment *b);

/*
 * Whether a is before b by clocks of the United Kingdom. Of two times in the hour that comes twice,
 * when clocks go back on the last Sunday of October, neither is known to be, unless offsets say it.
 * Both must be ok.
 */
bool moment_is_before_in_uk(const struct moment *a, const struct moment *b);

/* The last second of the hour, minute or second that a time of day names. */
long long moment_last_second(const struct moment *moment);

/*
 * The date in DATE_BITS, for those who must keep many: as it is written, or year and month, or the
 * year, and which day it is in the United Kingdom, where it has an offset. 0: it is not ok. The
 * other function gives back what is written.
 */
enum { DATE_BITS = 24 };
uint32_t moment_date(const struct moment *moment);
struct moment moment_of_date(uint32_t date);

/*
 * Whether two dates of birth agree, as far as both say them: a month and a day of it do, and so do
 * two times of one day, as it is written or, where both have an offset, in the United Kingdom. Both
 * must be ok.
 */
bool moment_is_one_date(const struct moment *a, const struct moment *b);

/* The same of two that were kept: neither is 0. */
bool moment_dates_are_one(uint32_t a, uint32_t b);

/* Whether it says more of the time than another: a day where the other says a month alone. */
bool moment_is_fuller(const struct moment *moment, const struct moment *than);

/* Whole years between two dates: an age. Who is born on 29 February has a birthday on 1 March. */
int moment_years(const struct moment *from, const struct moment *to);

/* The start of the day of the 18th birthday, as the date of birth is written, which is ok: of a
 * year or a month of birth, the last day of it counts. Who is born on 29 February has it on 1
 * March. */
struct moment moment_18th_birthday(const struct moment *birth);

/* Whether a person was 18 at a moment, beyond doubt: on that birthday or later. */
bool moment_is_18(const struct moment *birth, const struct moment *at);

/* Whether a moment is after the day of the 18th birthday. */
bool moment_is_after_18th_birthday(const struct moment *birth, const struct moment *at);

/* The same day and time some months later, the last of the month where there is no such day. */
struct moment moment_after_months(const struct moment *moment, int months);

/* In words, for a sentence: "there is no 31 February", "there is no month 13". static text or in
 * out. */
const char *moment_fault_words(const struct moment *moment, char *out, size_t out_bytes);

struct iso_time {
	bool ok;    /* of the form, and a real date and time */
	bool shape; /* of the form */
	bool has_zone;
	bool without_colon; /* the zone is written +0100, which XML Schema does not allow */
	struct moment moment;
	struct str fraction; /* digits after the decimal point of the seconds; may be empty */
};

struct iso_time iso_time_of(struct str text);

/* -1, 0, 1; both must be ok. A missing zone counts as UTC. */
int iso_time_compare(const struct iso_time *a, const struct iso_time *b);

#endif
