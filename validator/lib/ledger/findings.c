/* The list of what is wrong, and the totals. */
#include "ledger/ledger.h"

#include "base/calendar.h"
#include "rules/catalogue.h"

#include <stdlib.h>

void ledger_add_finding(struct ledger *ledger, const struct ledger_finding *finding)
{
	struct ledger_finding *grown =
		list_grown_in(&ledger->arena, ledger->findings, ledger->finding_count,
			      &ledger->finding_room, sizeof(*grown));
	if (!grown)
		return;
	ledger->findings = grown;
	grown[ledger->finding_count++] = *finding;
}

const char *ledger_fix(const struct ledger_finding *finding)
{
	return finding->fix ? finding->fix : finding->rule->fix;
}

static int by_rule(const void *a, const void *b)
{
	const struct ledger_finding *x = a, *y = b;
	int order = strcmp(x->rule->id, y->rule->id);
	if (order == 0)
		order = strcmp(ledger_fix(x), ledger_fix(y));
	if (order == 0 && x->at != y->at)
		order = x->at < y->at ? -1 : 1;
	if (order == 0 && x->number.n == y->number.n && x->number.n)
		order = memcmp(x->number.p, y->number.p, x->number.n);
	if (order == 0)
		order = strcmp(x->says, y->says);
	return order ? order : str_order(x->authority, y->authority);
}

static int by_number_text(const void *a, const void *b)
{
	const struct str *x = a, *y = b;
	size_t n = x->n < y->n ? x->n : y->n;
	int order = n ? memcmp(x->p, y->p, n) : 0;
	return order ? order : (x->n > y->n) - (x->n < y->n);
}

static bool is_about_someone(const struct ledger_finding *finding)
{
	return finding->number.n > 0;
}

/* The service does not hold what was said last, holds it under a number that no one asks for, or
 * did not show it. */
static bool hides_a_plan(const struct ledger_finding *finding)
{
	static const enum stage_rule rules[] = { RULE_LED_001, RULE_LED_003, RULE_LED_005,
						 RULE_LED_017 };
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (finding->number.n && finding->rule == rules_stage(rules[i]))
			return true;
	return false;
}

/* The NHS numbers of some findings, in order; one may be there more than once. */
static struct ledger_numbers list_numbers(struct ledger *ledger,
					  bool (*wanted)(const struct ledger_finding *))
{
	struct ledger_numbers list = { 0 };
	list.items = arena_alloc(&ledger->arena, (ledger->finding_count + 1) * sizeof(*list.items));
	for (size_t i = 0; list.items && i < ledger->finding_count; i++)
		if (wanted(&ledger->findings[i]))
			list.items[list.count++] = ledger->findings[i].number;
	if (list.count)
		qsort(list.items, list.count, sizeof(*list.items), by_number_text);
	return list;
}

/* The people that findings are about, to be found quickly. */
static void list_people(struct ledger *ledger)
{
	ledger->found = list_numbers(ledger, is_about_someone);
	struct ledger_numbers hidden = list_numbers(ledger, hides_a_plan);
	ledger->hidden_errors = hidden.count;
	for (size_t i = 0; i < hidden.count; i++)
		ledger->counts.hidden +=
			i == 0 || by_number_text(&hidden.items[i - 1], &hidden.items[i]) != 0;
}

void ledger_sort_findings(struct ledger *ledger)
{
	if (ledger->finding_count)
		qsort(ledger->findings, ledger->finding_count, sizeof(*ledger->findings), by_rule);
	list_people(ledger);
}

static size_t month_of(long long at, const struct ledger_month *first)
{
	struct moment moment = moment_of_seconds(at);
	long months = (moment.year - first->year) * 12L + moment.month - first->month;
	return months < 0 ? 0 : (size_t)months;
}

/* Count a plan in the months at whose ends it was in force or shown. */
static void count_months(struct ledger *ledger, const struct state_plan *plan)
{
	if (!plan->held || !ledger->month_count)
		return;
	long long from = plan->since->taken, until = plan->ends && plan->ends <= ledger->at
							     ? plan->ends
							     : ledger->at + 31LL * DAY_SECONDS;
	long long hidden = plan->ends ? plan->ends + YEAR_SECONDS : ledger->at + 31LL * DAY_SECONDS;
	size_t first = month_of(from, &ledger->months[0]);
	size_t open = month_of(until, &ledger->months[0]);
	size_t shown = month_of(hidden, &ledger->months[0]);
	for (size_t i = first; i < ledger->month_count; i++) {
		ledger->months[i].open += i < open;
		ledger->months[i].shown += i < shown;
	}
}

void ledger_count_plan(struct ledger *ledger, const struct state_plan *plan)
{
	struct ledger_counts *counts = &ledger->counts;
	counts->plans++;
	counts->open += plan->standing == STANDING_OPEN;
	counts->ended += plan->standing == STANDING_ENDED || plan->standing == STANDING_ADULT;
	counts->deleted += plan->standing == STANDING_DELETED;
	counts->unanswered += plan->standing == STANDING_UNANSWERED;
	counts->unnamed += plan->standing == STANDING_UNNAMED;
	counts->never += plan->standing == STANDING_NEVER;
	counts->shown += plan->shown == SHOWN;
	counts->not_known += plan->shown == SHOWN_NOT_KNOWN;
	count_months(ledger, plan);
}

static size_t count_kind(struct index *index, enum message_kind kind)
{
	sqlite3_stmt *row = index_statement(index, COUNT_KIND);
	store_number(row, 1, kind);
	size_t count = store_row(index->state, row) ? (size_t)sqlite3_column_int64(row, 0) : 0;
	store_reset(row);
	return count;
}

void ledger_count_messages(struct ledger *ledger)
{
	struct ledger_counts *counts = &ledger->counts;
	counts->uploads = count_kind(&ledger->index, MESSAGE_UPLOAD);
	counts->answers = count_kind(&ledger->index, MESSAGE_ACKNOWLEDGEMENT);
	counts->notices = count_kind(&ledger->index, MESSAGE_INACTIVE);
	counts->accesses = count_kind(&ledger->index, MESSAGE_ACCESS);
	counts->queries = count_kind(&ledger->index, MESSAGE_QUERY);
	counts->responses = count_kind(&ledger->index, MESSAGE_RESPONSE);
}

bool ledger_is_of_interest(const struct ledger *ledger, const struct state_person *person)
{
	if (ledger->found.count &&
	    bsearch(&person->number, ledger->found.items, ledger->found.count,
		    sizeof(*ledger->found.items), by_number_text))
		return true;
	for (size_t i = 0; ledger->since && i < person->event_count; i++)
		if (person->events[i].at >= ledger->since)
			return true;
	return false;
}
