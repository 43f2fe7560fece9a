/* One date or time, by itself and against the clock. */
#include "rules/dat.h"

static const char *time_noun(const struct timestamp *time)
{
	static const char *const nouns[] = {
		[TIME_CREATED] = "creation time", [TIME_EFFECTIVE] = "effective time",
		[TIME_BIRTH] = "birth date",	  [TIME_PLAN_START] = "plan start",
		[TIME_PLAN_END] = "plan end",	  [TIME_PLAN_DELETE] = "plan delete date",
	};
	unsigned role = time->part.role;
	return role < sizeof(nouns) / sizeof(nouns[0]) && nouns[role] ? nouns[role] : "time";
}

static enum mask_kind time_mask(const struct timestamp *time)
{
	return time->part.role == TIME_BIRTH ? MASK_BIRTH : MASK_NONE;
}

static const char *time_show(struct judge *judge, const struct timestamp *time)
{
	return judge_show(judge, time_mask(time), time->value.text);
}

static bool is_of_message(const struct timestamp *time)
{
	return time->part.role == TIME_CREATED || time->part.role == TIME_EFFECTIVE;
}

enum outcome dat_is_a_real_time(struct judge *judge, const struct timestamp *time)
{
	if (!value_there(&time->value))
		return NOT_APPLICABLE;
	if (time->moment.ok)
		return HOLDS;
	char words[96];
	const char *reason = moment_fault_words(&time->moment, words, sizeof(words));
	if (time_mask(time) != MASK_NONE && !judge->options->show_values)
		reason = "there is no such day or time";
	return judge_fail(judge, &time->value, time_mask(time), "%s %s is not a real time: %s",
			  time_noun(time), time_show(judge, time), reason);
}

enum outcome dat_hours_carry_a_zone(struct judge *judge, const struct timestamp *time)
{
	if (!is_of_message(time) || !time->moment.ok || !time->moment.has_hours)
		return NOT_APPLICABLE;
	if (time->moment.has_offset)
		return HOLDS;
	judge_expect(judge, "a zone offset such as +0000 or +0100");
	return judge_fail(
		judge, &time->value, MASK_NONE,
		"%s %s has hours and no zone offset: +0000 in winter or +0100 in summer is "
		"expected behind it",
		time_noun(time), time_show(judge, time));
}

enum outcome dat_zone_is_of_four_digits(struct judge *judge, const struct timestamp *time)
{
	if (!is_of_message(time) || !time->moment.ok || !time->moment.has_offset)
		return NOT_APPLICABLE;
	if (!time->moment.offset_is_short)
		return HOLDS;
	judge_expect(judge, "a sign and four digits, such as +0100");
	return judge_fail(
		judge, &time->value, MASK_NONE,
		"the zone offset of the %s %s has fewer than the four digits of hours and minutes",
		time_noun(time), time_show(judge, time));
}

enum outcome dat_zone_is_of_the_uk(struct judge *judge, const struct timestamp *time)
{
	const struct moment *moment = &time->moment;
	if (!is_of_message(time) || !moment->ok || !moment->has_offset || moment->offset_is_short)
		return NOT_APPLICABLE;
	if (moment->offset_minutes == 0 || moment->offset_minutes == 60)
		return HOLDS;
	judge_expect(judge, "+0000 or +0100");
	return judge_fail(judge, &time->value, MASK_NONE,
			  "%s %s has an offset that no clock of the United Kingdom has",
			  time_noun(time), time_show(judge, time));
}

enum outcome dat_time_has_hours(struct judge *judge, const struct timestamp *time)
{
	if (!is_of_message(time) || !time->moment.ok)
		return NOT_APPLICABLE;
	if (time->moment.has_hours)
		return HOLDS;
	judge_expect(judge, "CCYYMMDDhhmmss and a zone offset");
	return judge_fail(judge, &time->value, MASK_NONE, "%s %s has no time of day",
			  time_noun(time), time_show(judge, time));
}

enum { CLOCK_DIFFERENCE = 5 * 60, FIRST_YEAR = 2012 };

enum outcome dat_is_not_in_the_future(struct judge *judge, const struct timestamp *time)
{
	const struct moment *moment = &time->moment, *now = &judge->now;
	if (!is_of_message(time) || !moment->ok)
		return NOT_APPLICABLE;
	if (moment->year < FIRST_YEAR)
		return judge_fail(judge, &time->value, MASK_NONE,
				  "%s %s is before %d, when there was no CP-IS yet",
				  time_noun(time), time_show(judge, time), FIRST_YEAR);
	/* Without offset it may be meant by a clock that is an hour ahead of UTC. */
	long long ahead = CLOCK_DIFFERENCE + (moment->has_offset ? 0 : 3600);
	if (!now->ok || moment->seconds <= now->seconds + ahead)
		return now->ok ? HOLDS : NOT_APPLICABLE;
	judge_expect(judge, "not after %04d-%02d-%02d %02d:%02d UTC", now->year, now->month,
		     now->day, now->hour, now->minute);
	return judge_fail(judge, &time->value, MASK_NONE,
			  "%s %s is in the future: it is %04d-%02d-%02d %02d:%02d UTC now",
			  time_noun(time), time_show(judge, time), now->year, now->month, now->day,
			  now->hour, now->minute);
}

enum outcome dat_birth_is_a_whole_date(struct judge *judge, const struct timestamp *time)
{
	if (time->part.role != TIME_BIRTH || !time->moment.ok)
		return NOT_APPLICABLE;
	if (time->moment.has_day)
		return HOLDS;
	judge_expect(judge, "CCYYMMDD");
	return judge_fail(judge, &time->value, MASK_BIRTH,
			  "birth date %s is %s alone, a whole date of 8 digits is expected",
			  time_show(judge, time),
			  time->moment.has_month ? "a year and month" : "a year");
}

enum outcome dat_birth_has_no_hours(struct judge *judge, const struct timestamp *time)
{
	if (time->part.role != TIME_BIRTH || !time->moment.ok || !time->moment.has_day)
		return NOT_APPLICABLE;
	if (!time->moment.has_hours)
		return HOLDS;
	judge_expect(judge, "CCYYMMDD");
	return judge_fail(judge, &time->value, MASK_BIRTH,
			  "birth date %s has a time of day behind its 8 digits",
			  time_show(judge, time));
}
