#include "message/iso_time.h"

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
	if (zone.n != 6 || (zone.p[0] != '+' && zone.p[0] != '-') ||
	    !begins(str_from(zone, 1), "00:00"))
		return false;
	offset[0] = zone.p[0];
	memcpy(offset + 1, zone.p + 1, 2);
	memcpy(offset + 3, zone.p + 4, 2);
	return true;
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
	time.moment = moment_of((struct str){ plain, sizeof(plain) - 1 });
	time.ok = time.moment.ok;
	return time;
}

/* Digits behind a decimal point: what is missing at the end is zero. */
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
