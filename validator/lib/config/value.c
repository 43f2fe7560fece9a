#include "config/value.h"

#include "base/near.h"
#include "message/timestamp.h"
#include "rules/catalogue.h"
#include "xml/xpath.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>

static bool no(char *why, size_t bytes, const char *text)
{
	snprintf(why, bytes, "%s", text);
	return false;
}

bool value_is_id(const char *text, char *why, size_t bytes)
{
	for (const char *p = text; *p; p++)
		if (!char_is_letter(*p) && !char_is_digit(*p) && !strchr("-_.", *p))
			return no(why, bytes, "only letters, digits, '-', '_' and '.' are allowed");
	return strlen(text) <= 80 || no(why, bytes, "it is longer than 80 characters");
}

bool value_is_version(const char *text, char *why, size_t bytes)
{
	struct str rest = str_of(text);
	for (int part = 0; part < 3; part++) {
		size_t n = 0;
		while (n < rest.n && char_is_digit(rest.p[n]))
			n++;
		bool leading = n > 1 && rest.p[0] == '0';
		bool ended = part == 2 ? n == rest.n : n < rest.n && rest.p[n] == '.';
		if (!n || n > 9 || leading || !ended)
			return no(why, bytes, "a version is three numbers, like 1.2.0");
		rest = str_from(rest, n + 1);
	}
	return true;
}

/* The day, to moment_of: 20270331. False: text does not have the form 2027-03-31. */
static bool date_digits(const char *text, char digits[9])
{
	static const char form[] = "0000-00-00";
	size_t n = 0;
	if (strlen(text) != sizeof(form) - 1)
		return false;
	for (size_t i = 0; form[i]; i++) {
		if (form[i] == '-' ? text[i] != '-' : !char_is_digit(text[i]))
			return false;
		if (form[i] != '-')
			digits[n++] = text[i];
	}
	digits[n] = '\0';
	return true;
}

bool value_is_date(const char *text, char *why, size_t bytes)
{
	char digits[9];
	if (!date_digits(text, digits))
		return no(why, bytes, "a date is year, month and day, like 2027-03-31");
	const struct moment day = moment_of(str_of(digits));
	return (day.ok && day.year >= 1970) || no(why, bytes, "there is no such day");
}

long long value_date_end(const char *date)
{
	char digits[9];
	return date_digits(date, digits) ? moment_of(str_of(digits)).seconds + DAY_SECONDS : 0;
}

long long value_date_start(const char *date)
{
	const long long hour = 60 * 60;
	long long start = value_date_end(date) - DAY_SECONDS;
	return moment_in_british_summer(start - hour) ? start - hour : start;
}

bool value_is_relative(const char *text, char *why, size_t bytes)
{
	return text[0] != '/' ||
	       no(why, bytes, "the path must be relative to the folder of the pack");
}

/* A pattern that a supplier fills must not lead out of the folder that the supplier named. */
bool value_is_slot(const char *text, char *why, size_t bytes)
{
	if (text[0] == '/')
		return no(why, bytes, "the pattern must be relative to the folder of the evidence");
	for (const char *part = text; part; part = strchr(part, '/')) {
		part += part[0] == '/';
		if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || !part[2]))
			return no(why, bytes,
				  "the pattern must stay in the folder of the evidence");
	}
	const char *last = strrchr(text, '/');
	if (strcspn(text, "*?[") < (last ? (size_t)(last - text) : 0))
		return no(why, bytes, "only the last part of the pattern may have '*', '?' or '['");
	return true;
}

bool value_is_rule(const char *text, char *why, size_t bytes)
{
	if (rules_find(text))
		return true;
	struct near near = near_start(str_of(text));
	for (size_t i = 0; i < rules_count(); i++)
		near_offer(&near, rules_at(i)->id);
	char hint[128];
	snprintf(why, bytes, "there is no rule '%s'%s", text,
		 problem_hint(&near, hint, sizeof(hint)));
	return false;
}

bool value_is_xpath(const char *text, char *why, size_t bytes)
{
	return xpath_check(text, why, bytes);
}

/* A number of repetitions, "{12" or "{3,12": the larger. */
static unsigned long repetitions_at(const char *p)
{
	char *after;
	unsigned long most = strtoul(p + 1, &after, 10);
	unsigned long other = *after == ',' ? strtoul(after + 1, NULL, 10) : 0;
	return other > most ? other : most;
}

/* After "[abc]", "[]abc]" or "[^]abc]". */
static const char *after_set(const char *p)
{
	p += p[1] == '^' ? 2 : 1;
	p += *p == ']';
	while (*p && *p != ']') {
		const char *close =
			p[0] == '[' && p[1] && strchr(":.=", p[1]) ? strchr(p + 2, p[1]) : NULL;
		p = close && close[1] == ']' ? close + 2 : p + 1;
	}
	return *p ? p + 1 : p;
}

const char *value_regex_next(const char *p)
{
	return *p == '[' ? after_set(p) : *p == '\\' && p[1] ? p + 2 : p + 1;
}

/*
 * The C library compiles a pattern by functions that call themselves, copies what is repeated as
 * often as it says, and tries all ways to match a reference back: each has a bound.
 */
static const char *regex_is_unbounded(const char *text)
{
	enum { LONGEST = 1000, DEEPEST = 16, MOST_COPIES = 2000 };
	struct {
		unsigned long all, last; /* characters of a group, repeated; of its last part */
	} groups[DEEPEST + 1] = { { 0, 0 } };
	size_t depth = 0;
	if (strlen(text) > LONGEST)
		return "a pattern of more than 1,000 bytes";
	for (const char *p = text, *next; *p; p = next) {
		unsigned long part = 1;
		next = value_regex_next(p);
		if (*p == '\\' && char_is_digit(p[1]))
			return "a pattern with a reference back";
		if (*p == '(') {
			if (++depth > DEEPEST)
				return "a pattern with more than 16 parentheses in each other";
			groups[depth].all = groups[depth].last = part = 0;
		} else if (*p == ')' && depth) {
			part = groups[depth--].all;
		} else if (*p == '{' && char_is_digit(p[1]) && repetitions_at(p)) {
			part = groups[depth].last * (repetitions_at(p) - 1);
		}
		groups[depth].all += part;
		groups[depth].last = *p == '{' ? groups[depth].last + part : part;
		if (groups[depth].all > MOST_COPIES)
			return "a pattern of more than 2,000 characters when its repetitions are "
			       "written out";
	}
	return NULL;
}

bool value_is_regex(const char *text, char *why, size_t bytes)
{
	regex_t regex;
	const char *unbounded = regex_is_unbounded(text);
	if (unbounded) {
		snprintf(why, bytes, "%s, which is not supported", unbounded);
		return false;
	}
	int status = regcomp(&regex, text, REG_EXTENDED | REG_NOSUB);
	if (status == 0) {
		regfree(&regex);
		return true;
	}
	char reason[128];
	regerror(status, &regex, reason, sizeof(reason));
	snprintf(why, bytes, "not an extended regular expression (%s)", reason);
	return false;
}

bool value_is_xml_name(const char *text, char *why, size_t bytes)
{
	size_t colons = 0;
	bool starts = true;
	for (const char *p = text; *p; p++) {
		bool always = char_is_letter(*p) || *p == '_' || (unsigned char)*p >= 0x80;
		bool later = char_is_digit(*p) || *p == '-' || *p == '.';
		bool colon = *p == ':' && !starts && p[1] && colons++ == 0;
		if (!always && !(later && !starts) && !colon)
			return no(why, bytes, "not a name in XML");
		starts = colon;
	}
	return true;
}

bool value_is_nhs_number(const char *text, char *why, size_t bytes)
{
	size_t digits = 0;
	for (const char *p = text; *p; p++) {
		digits += char_is_digit(*p);
		if (!char_is_digit(*p) && *p != ' ' && *p != '-')
			return no(why, bytes, "an NHS number has digits only");
	}
	return digits == 10 || no(why, bytes, "an NHS number has ten digits");
}

bool value_time_digits(const char *time, char *digits, size_t bytes)
{
	size_t n = 0;
	for (const char *p = time; *p; p++) {
		bool dash_of_date = *p == '-' && (p - time == 4 || p - time == 7);
		if (dash_of_date || *p == ':' || *p == 'T' || *p == ' ')
			continue;
		if (n + 1 >= bytes)
			return false;
		digits[n++] = *p;
	}
	digits[n] = '\0';
	return true;
}

long long value_time_seconds(const char *time)
{
	char digits[64];
	return value_time_digits(time, digits, sizeof(digits)) ? moment_of(str_of(digits)).seconds
							       : 0;
}

bool value_is_time(const char *text, char *why, size_t bytes)
{
	char digits[64];
	if (value_time_digits(text, digits, sizeof(digits)) && moment_of(str_of(digits)).ok)
		return true;
	return no(why, bytes, "a time is like 2026-05-12 or 2026-05-12 09:00, and must exist");
}
