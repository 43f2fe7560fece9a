#include "message/fold.h"
#include "rules/judge.h"

#include <stdlib.h>

static int by_place(const struct listed_query *a, const struct listed_query *b)
{
	return (a->id.offset > b->id.offset) - (a->id.offset < b->id.offset);
}

static int by_author(const void *a, const void *b)
{
	const struct listed_query *one = *(const struct listed_query *const *)a;
	const struct listed_query *two = *(const struct listed_query *const *)b;
	int order = str_order(one->author, two->author);
	if (order == 0)
		order = (one->moment.seconds > two->moment.seconds) -
			(one->moment.seconds < two->moment.seconds);
	return order ? order : by_place(one, two);
}

static int by_id(const void *a, const void *b)
{
	const struct listed_query *one = *(const struct listed_query *const *)a;
	const struct listed_query *two = *(const struct listed_query *const *)b;
	int order = str_order(one->id.text, two->id.text);
	return order ? order : by_place(one, two);
}

/* All of the list in an array, sorted. In the draft's arena; NULL when out of memory. */
static const struct listed_query **sorted(struct judge *judge, const struct listed_query_list *list,
					  int (*compare)(const void *, const void *))
{
	const struct listed_query **all = arena_alloc(
		&judge->draft->arena, list->count * sizeof(const struct listed_query *));
	size_t n = 0;
	for (const struct listed_query *listed = list->first; all && listed; listed = listed->next)
		all[n++] = listed;
	if (all)
		qsort(all, n, sizeof(const struct listed_query *), compare);
	return all;
}

/* A date alone does not say it. */
static bool is_surely_within_a_day(const struct moment *earlier, const struct moment *later)
{
	return earlier->has_hours && later->has_hours && query_is_within_a_day(earlier, later);
}

enum outcome listed_once_a_day(struct judge *judge, const struct listed_query_list *list)
{
	if (list->count < 2)
		return NOT_APPLICABLE;
	const struct listed_query **all = sorted(judge, list, by_author);
	if (!all)
		return BLOCKED;
	enum outcome outcome = HOLDS;
	for (size_t i = 1; i < list->count; i++) {
		const struct listed_query *earlier = all[i - 1], *later = all[i];
		if (!later->author.n || !str_equal(earlier->author, later->author) ||
		    str_equal(earlier->id.text, later->id.text) ||
		    !is_surely_within_a_day(&earlier->moment, &later->moment))
			continue;
		long long minutes = (later->moment.seconds - earlier->moment.seconds) / 60;
		judge_expect(judge, "only the first within 24 hours");
		outcome = judge_fail(judge, &later->effective, MASK_TIME,
				     "author %s is listed at %s and again %lld h %02lld min later, "
				     "at %s; only the first within 24 hours should be listed",
				     judge_show(judge, MASK_USER, later->author),
				     judge_time(judge, earlier->effective.text), minutes / 60,
				     minutes % 60, judge_time(judge, later->effective.text));
	}
	return outcome;
}

enum outcome listed_once(struct judge *judge, const struct listed_query_list *list)
{
	if (list->count < 2)
		return NOT_APPLICABLE;
	const struct listed_query **all = sorted(judge, list, by_id);
	if (!all)
		return BLOCKED;
	enum outcome outcome = HOLDS;
	for (size_t i = 1; i < list->count; i++)
		if (all[i]->id.text.n && str_equal(all[i - 1]->id.text, all[i]->id.text)) {
			judge_point(judge, all[i - 1]->id.offset);
			outcome = judge_fail(judge, &all[i]->id, MASK_NONE,
					     "the access %s is listed again",
					     judge_plain(judge, all[i]->id.text));
		}
	return outcome;
}

enum outcome listed_before(struct judge *judge, const struct query *query,
			   const struct timestamp *message, const char *noun)
{
	const struct timestamp *asked = &query->effective;
	if (!asked->moment.ok || !message->moment.ok)
		return judge_blocked(judge, asked->moment.ok ? &message->part : &asked->part,
				     "DAT-001");
	if (!moment_is_before_in_uk(&message->moment, &asked->moment))
		return HOLDS;
	judge_expect(judge, "not after %s", judge_time(judge, message->value.text));
	return judge_fail(judge, &asked->value, MASK_TIME,
			  "the access at %s is later than the %s that lists it (%s)",
			  judge_time(judge, asked->value.text), noun,
			  judge_time(judge, message->value.text));
}
