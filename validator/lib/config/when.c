#include "config/when.h"

#include "config/value.h"
#include "message/timestamp.h"

#include <stdio.h>
#include <string.h>

/* A relative time, taken apart. First the months are added, then the days. */
struct when {
	enum when_anchor anchor;
	int months, days;
	char clock[5]; /* "1000", or nothing */
};

static const struct {
	const char *one, *many;
	int days, months;
	int most; /* about a hundred years */
} units[] = {
	{ "day", "days", 1, 0, 40000 },
	{ "week", "weeks", 7, 0, 5000 },
	{ "month", "months", 0, 1, 1200 },
	{ "year", "years", 0, 12, 100 },
};

static const struct {
	const char *word;
	enum when_anchor anchor;
} anchors[] = { { "keyed", WHEN_KEYED }, { "message", WHEN_MESSAGE } };

static struct str without_blanks(struct str text)
{
	while (text.n && text.p[0] == ' ')
		text = str_from(text, 1);
	return text;
}

static struct str take_word(struct str *rest)
{
	size_t n = 0;
	while (n < rest->n && rest->p[n] >= 'a' && rest->p[n] <= 'z')
		n++;
	struct str word = { rest->p, n };
	*rest = without_blanks(str_from(*rest, n));
	return word;
}

static bool take_anchor(struct str *rest, enum when_anchor *anchor)
{
	struct str word = take_word(rest);
	for (size_t i = 0; i < sizeof(anchors) / sizeof(anchors[0]); i++)
		if (str_is(word, anchors[i].word)) {
			*anchor = anchors[i].anchor;
			return true;
		}
	return false;
}

/* The number of a distance: -1 where there is none that is usable. */
static int take_number(struct str *rest)
{
	enum { MOST_DIGITS = 5 };
	int number = 0;
	size_t digits = 0;
	for (; digits < rest->n && char_is_digit(rest->p[digits]); digits++)
		if (digits < MOST_DIGITS)
			number = number * 10 + (rest->p[digits] - '0');
	*rest = without_blanks(str_from(*rest, digits));
	return digits && digits <= MOST_DIGITS ? number : -1;
}

/* "- 17 years - 90 days", or nothing. */
static bool take_distance(struct str *rest, struct when *when)
{
	enum { MOST_PARTS = 3 };
	for (int part = 0; rest->n && (rest->p[0] == '+' || rest->p[0] == '-'); part++) {
		int sign = rest->p[0] == '-' ? -1 : 1;
		*rest = without_blanks(str_from(*rest, 1));
		int number = take_number(rest);
		struct str word = take_word(rest);
		size_t i = 0, count = sizeof(units) / sizeof(units[0]);
		while (i < count && !str_is(word, units[i].one) && !str_is(word, units[i].many))
			i++;
		if (i == count || number < 0 || number > units[i].most || part == MOST_PARTS)
			return false;
		when->days += sign * number * units[i].days;
		when->months += sign * number * units[i].months;
	}
	return true;
}

/* "10:00", or nothing. */
static bool take_clock(struct str *rest, struct when *when)
{
	static const char form[] = "00:00";
	const size_t n = sizeof(form) - 1;
	if (!rest->n)
		return true;
	if (rest->n != n || rest->p[2] != ':')
		return false;
	snprintf(when->clock, sizeof(when->clock), "%.2s%.2s", rest->p, rest->p + 3);
	*rest = str_from(*rest, n);
	char whole[16];
	snprintf(whole, sizeof(whole), "20260101%s", when->clock);
	return moment_of(str_of(whole)).ok && strlen(when->clock) == 4;
}

static bool is_relative(const char *text)
{
	for (size_t i = 0; i < sizeof(anchors) / sizeof(anchors[0]); i++)
		if (strncmp(text, anchors[i].word, strlen(anchors[i].word)) == 0)
			return true;
	return false;
}

static bool take_apart(const char *text, struct when *when)
{
	struct str rest = str_of(text);
	*when = (struct when){ .anchor = WHEN_FIXED };
	return take_anchor(&rest, &when->anchor) && take_distance(&rest, when) &&
	       take_clock(&rest, when) && !rest.n;
}

bool value_is_when(const char *text, char *why, size_t bytes)
{
	struct when when;
	if (!is_relative(text) && value_is_time(text, why, bytes))
		return true;
	if (is_relative(text) && take_apart(text, &when))
		return true;
	snprintf(why, bytes, "%s",
		 is_relative(text)
			 ? "a relative time is like keyed - 90 days 10:00 or message + 1 week: "
			   "days, "
			   "weeks, months or years, a hundred years at most"
			 : "a time is like 2026-05-12 or 2026-05-12 09:00, and must exist, or like "
			   "keyed - 90 days 10:00");
	return false;
}

enum when_anchor when_anchor_of(const char *text)
{
	struct when when;
	return is_relative(text) && take_apart(text, &when) ? when.anchor : WHEN_FIXED;
}

bool when_digits(const char *text, const struct when_days *days, char digits[WHEN_DIGITS])
{
	struct when when;
	if (!is_relative(text) || !take_apart(text, &when))
		return value_time_digits(text, digits, WHEN_DIGITS);
	const char *from = when.anchor == WHEN_KEYED ? days->keyed : days->message;
	struct moment moment = moment_of(str_of(from));
	/* A message may claim to be of any year. */
	if (!*from || !moment.ok || moment.year < 1000)
		return false;
	moment = moment_after_months(&moment, when.months);
	if (when.days)
		moment = moment_of_seconds(moment.seconds + when.days * DAY_SECONDS);
	snprintf(digits, WHEN_DIGITS, "%04d%02d%02d%s", moment.year, moment.month, moment.day,
		 when.clock);
	return true;
}

void when_set_day(char day[WHEN_DAY], const char *date)
{
	char digits[WHEN_DIGITS];
	bool good = value_time_digits(date, digits, sizeof(digits));
	snprintf(day, WHEN_DAY, "%.8s", good ? digits : "");
}
