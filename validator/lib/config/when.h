/*
 * when.h - times that may be relative to a day that is known later: that of keying, or that of the
 * message.
 *
 * "keyed - 90 days 10:00" is ten o'clock on the 90th day before the data was keyed in; "message + 1
 * week" is any time on the day a week after the message was made; "keyed - 17 years - 30 days"
 * takes the years first. So a data set does not grow old.
 */
#ifndef CPIS_CONFIG_WHEN_H
#define CPIS_CONFIG_WHEN_H

#include "config/fields.h"

enum when_anchor { WHEN_FIXED = 0, WHEN_KEYED = 1, WHEN_MESSAGE = 2 };

enum { WHEN_DAY = sizeof("20261011"), WHEN_DIGITS = 64 };

/* The days, as 20261011; "": not known. That of the message is by clocks of the United Kingdom. */
struct when_days {
	char keyed[WHEN_DAY], message[WHEN_DAY];
};

/* A time as value_is_time takes it, or a relative one. */
field_check value_is_when;

/* What a text that value_is_when takes is relative to. */
enum when_anchor when_anchor_of(const char *text);

/* The time in HL7 form; a relative one without a clock time is a day. False: its day is not known.
 */
bool when_digits(const char *text, const struct when_days *days, char digits[WHEN_DIGITS]);

/* A day as value_is_date takes it, 2026-10-11, as when_days has it. */
void when_set_day(char day[WHEN_DAY], const char *date);

#endif
