/*
 * calendar.h - how long days, months and years are.
 */
#ifndef CPIS_BASE_CALENDAR_H
#define CPIS_BASE_CALENDAR_H

#include <stdbool.h>

enum {
	DAY_SECONDS = 24 * 60 * 60,
	YEAR_SECONDS = 365 * DAY_SECONDS /* of a year without 29 February */
};

/* In the proleptic Gregorian calendar; 0: there is no such month. */
static inline int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return month < 1 || month > 12 ? 0 : days[month - 1] + (month == 2 && leap);
}

#endif
