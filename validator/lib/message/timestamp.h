/*
 * timestamp.h - HL7 v3 timestamps: CCYYMMDDhhmmss[.fraction][+-ZZzz], right-hand parts may be missing.
 *
 * Source: DMS tabular views (creationTime, effectiveTime); the datatypes ts and TS.NHS.DateType1.
 */
#ifndef CPIS_MESSAGE_TIMESTAMP_H
#define CPIS_MESSAGE_TIMESTAMP_H

#include "base/str.h"

enum moment_fault {
	MOMENT_OK,
	MOMENT_SHAPE, /* not a timestamp at all: the schema's business */
	MOMENT_YEAR,
	MOMENT_MONTH,
	MOMENT_DAY,
	MOMENT_HOUR,
	MOMENT_MINUTE,
	MOMENT_SECOND,
	MOMENT_OFFSET
};

struct moment {
	bool ok;             /* a real date and time */
	enum moment_fault fault;
	bool has_month, has_day, has_hours, has_offset;
	int year, month, day, hour, minute, second, offset_minutes;
	long long seconds;   /* since 1970 UTC; missing parts count as the earliest, a missing offset as UTC */
};

struct moment moment_of(struct str text);

/*
 * Compare by what both say: -1, 0, 1; only the parts that both have count, so that a date equals every
 * time on it. Both must be ok.
 */
int moment_compare(const struct moment *a, const struct moment *b);

/* Days from a to b by the calendar. Whole years between two dates (an age). */
int moment_years(const struct moment *from, const struct moment *to);

/* In words, for a sentence: "there is no 31 February", "there is no month 13". static text or in out. */
const char *moment_fault_words(const struct moment *moment, char *out, size_t out_bytes);

int days_in_month(int year, int month);

#endif
