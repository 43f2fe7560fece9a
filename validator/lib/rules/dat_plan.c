/* The dates of a plan, among themselves and against the message that tells of it. */
#include "rules/dat.h"
#include "rules/record.h"

bool dat_is_usable(struct judge *judge, const struct timestamp *time, enum outcome *why)
{
	if (time->moment.ok && !time->part.broken)
		return true;
	*why = time->part.broken || value_there(&time->value)
		       ? judge_blocked(judge, &time->part, "DAT-001")
		       : NOT_APPLICABLE;
	return false;
}

int dat_compare(const struct timestamp *a, const struct timestamp *b)
{
	enum { DAY = 86400 };
	/* A zone or a missing time of day make less than a day of difference. */
	if (a->moment.has_day && b->moment.has_day) {
		if (a->moment.seconds + 2 * DAY < b->moment.seconds)
			return -1;
		if (a->moment.seconds > b->moment.seconds + 2 * DAY)
			return 1;
	}
	struct moment by_clock[] = { moment_by_uk_clock(&a->moment),
				     moment_by_uk_clock(&b->moment) };
	return moment_compare(&by_clock[0], &by_clock[1]);
}

enum outcome dat_weigh(enum outcome a, enum outcome b)
{
	static const int weights[] = {
		[FAILS] = 3, [HOLDS] = 2, [BLOCKED] = 1, [NOT_APPLICABLE] = 0
	};
	return weights[a] >= weights[b] ? a : b;
}

enum outcome dat_plan_ends_after_it_starts(struct judge *judge, const struct plan *plan)
{
	enum outcome why;
	if (!dat_is_usable(judge, &plan->end, &why) || !dat_is_usable(judge, &plan->start, &why))
		return why;
	if (dat_compare(&plan->end, &plan->start) >= 0)
		return HOLDS;
	judge_expect(judge, "not before %s", judge_plain(judge, plan->start.value.text));
	return judge_fail(judge, &plan->end.value, MASK_NONE, "plan end %s is before its start %s",
			  judge_plain(judge, plan->end.value.text),
			  judge_plain(judge, plan->start.value.text));
}

enum outcome dat_plan_is_deleted_after_it_starts(struct judge *judge, const struct plan *plan)
{
	enum outcome why;
	if (!dat_is_usable(judge, &plan->deleted, &why) ||
	    !dat_is_usable(judge, &plan->start, &why))
		return why;
	if (dat_compare(&plan->deleted, &plan->start) >= 0)
		return HOLDS;
	judge_expect(judge, "not before %s", judge_plain(judge, plan->start.value.text));
	return judge_fail(judge, &plan->deleted.value, MASK_NONE,
			  "plan delete date %s is before the plan's start %s",
			  judge_plain(judge, plan->deleted.value.text),
			  judge_plain(judge, plan->start.value.text));
}

/* A date of a plan that should have come when its message was made. */
static enum outcome has_come(struct judge *judge, const struct timestamp *date, const char *noun)
{
	enum outcome why;
	const struct timestamp *made = made_at(&date->part);
	if (!dat_is_usable(judge, date, &why))
		return why;
	if (!made)
		return NOT_APPLICABLE;
	if (!dat_is_usable(judge, made, &why))
		return why;
	if (dat_compare(date, made) <= 0)
		return HOLDS;
	judge_expect(judge, "not after %s", judge_plain(judge, made->value.text));
	return judge_fail(
		judge, &date->value, MASK_NONE, "%s %s is after the message was created, %s", noun,
		judge_plain(judge, date->value.text), judge_plain(judge, made->value.text));
}

enum outcome dat_plan_has_started(struct judge *judge, const struct plan *plan)
{
	return has_come(judge, &plan->start, "plan start");
}

enum outcome dat_plan_is_deleted_by_now(struct judge *judge, const struct plan *plan)
{
	return has_come(judge, &plan->deleted, "plan delete date");
}

enum outcome dat_unborn_plan_is_short(struct judge *judge, const struct plan *plan)
{
	enum outcome why;
	if (plan->part.role != PLAN_UNBORN_CHILD)
		return NOT_APPLICABLE;
	if (!dat_is_usable(judge, &plan->start, &why) || !dat_is_usable(judge, &plan->end, &why))
		return why;
	struct moment latest = moment_after_months(&plan->start.moment, 12);
	if (moment_compare(&plan->end.moment, &latest) <= 0)
		return HOLDS;
	judge_expect(judge, "not after %04d%02d%02d", latest.year, latest.month, latest.day);
	return judge_fail(judge, &plan->end.value, MASK_NONE,
			  "the unborn child plan from %s to %s is longer than 12 months",
			  judge_plain(judge, plan->start.value.text),
			  judge_plain(judge, plan->end.value.text));
}
