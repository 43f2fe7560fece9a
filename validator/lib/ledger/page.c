/* The ledger as a page: a small document, and reports/html/children.xsl. */
#include "ledger/ledger.h"

#include "diag/failure.h"
#include "report/page.h"
#include "results/markup.h"
#include "rules/catalogue.h"

#include <stdio.h>

enum {
	MOST_FINDINGS = 1000,
	MOST_CHILDREN = 300,
	CHART_WIDTH = 640, /* of the lines over time; units of the picture */
	CHART_HEIGHT = 160,
	LINE_WIDTH = 640 /* of a child's timeline */
};

struct page_work {
	struct ledger_report *report;
	struct markup *markup;
	long long from, to; /* what timelines show */
	size_t children;
};

static void mark_count(struct markup *markup, const char *name, size_t number, const char *class)
{
	markup_open(markup, "tile");
	markup_attribute(markup, "name", name);
	markup_attribute_size(markup, "number", number);
	markup_attribute(markup, "class", class);
	markup_close(markup);
}

static void mark_counts(struct markup *markup, const struct ledger *ledger)
{
	const struct ledger_counts *counts = &ledger->counts;
	mark_count(markup, "Findings", ledger->finding_count,
		   ledger->finding_count ? "failed" : "passed");
	mark_count(markup, "Plans in force", counts->open, NULL);
	mark_count(markup, "Plans shown", counts->shown, NULL);
	mark_count(markup, "Not known", counts->not_known, counts->not_known ? "not-run" : NULL);
	const struct {
		const char *name;
		size_t number;
	} facts[] = {
		{ "Uploads", counts->uploads },
		{ "Acknowledgements", counts->answers },
		{ "Uploads of the last five days that wait for one", counts->waiting },
		{ "Notices of numbers out of use", counts->notices },
		{ "Access notifications", counts->accesses },
		{ "Queries", counts->queries },
		{ "Responses", counts->responses },
		{ "NHS numbers", counts->people },
		{ "Plans", counts->plans },
		{ "Ended", counts->ended },
		{ "Deleted", counts->deleted },
		{ "Not acknowledged", counts->unanswered },
		{ "Not known whether loaded", counts->unnamed },
		{ "Never loaded", counts->never },
	};
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		markup_open(markup, "count");
		markup_attribute(markup, "name", facts[i].name);
		markup_attribute_size(markup, "number", facts[i].number);
		markup_close(markup);
	}
}

static bool are_fixed_alike(const struct ledger_finding *a, const struct ledger_finding *b)
{
	return a->rule == b->rule && strcmp(ledger_fix(a), ledger_fix(b)) == 0;
}

/* Of the finding at first, and of those after it that are fixed alike. */
static void open_cause(const struct page_work *work, size_t first)
{
	const struct ledger *ledger = work->report->ledger;
	const struct ledger_finding *finding = &ledger->findings[first];
	const struct rule *rule = finding->rule;
	struct markup *markup = work->markup;
	size_t n = 1;
	while (first + n < ledger->finding_count && are_fixed_alike(finding, finding + n))
		n++;
	markup_open(markup, "cause");
	markup_attribute(markup, "rule", rule->id);
	markup_attribute(markup, "severity", cpis_severity_name(rule->severity));
	markup_attribute_size(markup, "number", n);
	markup_leaf(markup, "title", rule->title);
	markup_leaf(markup, "why", rule->why);
	markup_leaf(markup, "fix", ledger_fix(finding));
}

static void mark_findings(const struct page_work *work)
{
	struct ledger_report *report = work->report;
	const struct ledger *ledger = report->ledger;
	struct markup *markup = work->markup;
	const struct ledger_finding *open = NULL;
	for (size_t i = 0; i < ledger->finding_count && i < MOST_FINDINGS; i++) {
		const struct ledger_finding *finding = &ledger->findings[i];
		if (!open || !are_fixed_alike(open, finding)) {
			if (open)
				markup_close(markup);
			open = finding;
			open_cause(work, i);
		}
		markup_open(markup, "finding");
		markup_attribute(markup, "authority",
				 ledger_value(report, MASK_NONE, finding->authority));
		if (finding->at)
			markup_attribute(markup, "on", ledger_day(&report->arena, finding->at));
		markup_text(markup, ledger_says(report, finding->says));
		markup_close(markup);
		arena_restart(&report->arena);
	}
	if (open)
		markup_close(markup);
}

static void mark_files(struct markup *markup, const char *name, const struct unread *files,
		       size_t count)
{
	for (size_t i = 0; i < count; i++) {
		markup_open(markup, name);
		markup_attribute(markup, "file", files[i].path);
		markup_text(markup, files[i].why);
		markup_close(markup);
	}
}

static void mark_rest(const struct page_work *work)
{
	struct ledger_report *report = work->report;
	const struct ledger *ledger = report->ledger;
	struct markup *markup = work->markup;
	for (int i = 0; i < STATE_FACT_COUNT; i++) {
		if (!ledger->unknown[i])
			continue;
		markup_open(markup, "unknown");
		markup_attribute_size(markup, "number", ledger->unknown[i]);
		markup_text(markup, state_fact((enum state_fact_id)i)->says);
		markup_close(markup);
	}
	mark_files(markup, "unread", ledger->unread, ledger->unread_count);
	mark_files(markup, "skipped", ledger->skipped, ledger->skipped_count);
	if (!ledger->compared)
		return;
	markup_open(markup, "expected");
	markup_attribute_size(markup, "records", ledger->comparison.expected);
	markup_attribute_size(markup, "same", ledger->comparison.same);
	markup_attribute_size(markup, "number", ledger->comparison.difference_count);
	for (size_t i = 0; i < ledger->comparison.difference_count && i < MOST_FINDINGS; i++) {
		markup_leaf(markup, "difference", ledger_difference(report, i));
		arena_restart(&report->arena);
	}
	markup_close(markup);
}

/* The points of a line: "0,120 4,118 ..." */
static void mark_line(const struct page_work *work, const char *name, size_t offset, size_t most)
{
	const struct ledger *ledger = work->report->ledger;
	struct buf points;
	buf_init(&points, 1 << 20);
	for (size_t i = 0; i < ledger->month_count; i++) {
		size_t value;
		memcpy(&value, (const char *)&ledger->months[i] + offset, sizeof(value));
		size_t x = ledger->month_count > 1 ? i * CHART_WIDTH / (ledger->month_count - 1)
						   : CHART_WIDTH;
		buf_printf(&points, "%s%zu,%zu", i ? " " : "", x,
			   CHART_HEIGHT - value * (CHART_HEIGHT - 8) / most);
	}
	markup_open(work->markup, "line");
	markup_attribute(work->markup, "name", name);
	markup_attribute(work->markup, "points", buf_view(&points).p);
	markup_close(work->markup);
	buf_release(&points);
}

static void mark_months(const struct page_work *work)
{
	const struct ledger *ledger = work->report->ledger;
	struct markup *markup = work->markup;
	size_t most = 1;
	for (size_t i = 0; i < ledger->month_count; i++)
		most = ledger->months[i].shown > most ? ledger->months[i].shown : most;
	markup_open(markup, "months");
	markup_attribute_size(markup, "width", CHART_WIDTH);
	markup_attribute_size(markup, "height", CHART_HEIGHT);
	mark_line(work, "shown", offsetof(struct ledger_month, shown), most);
	mark_line(work, "open", offsetof(struct ledger_month, open), most);
	for (size_t i = 0; i < ledger->month_count; i++) {
		char name[16];
		snprintf(name, sizeof(name), "%04d-%02d", ledger->months[i].year % 10000,
			 ledger->months[i].month % 100);
		markup_open(markup, "month");
		markup_attribute(markup, "name", name);
		markup_attribute_size(markup, "open", ledger->months[i].open);
		markup_attribute_size(markup, "shown", ledger->months[i].shown);
		markup_close(markup);
	}
	markup_close(markup);
}

static size_t x_of(const struct page_work *work, long long at)
{
	long long length = work->to - work->from;
	if (at <= work->from || length <= 0)
		return 0;
	return at >= work->to ? LINE_WIDTH
			      : (size_t)((at - work->from) * (long long)LINE_WIDTH / length);
}

static void mark_plan(const struct page_work *work, const struct state_plan *plan)
{
	struct ledger_report *report = work->report;
	struct markup *markup = work->markup;
	struct arena *arena = &report->arena;
	const struct state_entry *entry = plan->held ? plan->held : plan->latest;
	markup_open(markup, "plan");
	markup_attribute(markup, "authority",
			 ledger_value(report, MASK_NONE, plan->authority->code));
	markup_attribute(markup, "kind", plan_kind_words(plan->kind));
	markup_attribute(markup, "state", ledger_standing(plan));
	markup_attribute(markup, "shown", ledger_shown(plan));
	markup_attribute(markup, "start", ledger_day_of(arena, entry->start));
	if (plan->ends)
		markup_attribute(markup, "end", ledger_day(arena, plan->ends));
	if (plan->since) {
		long long until = plan->ends && plan->ends < work->to ? plan->ends : work->to;
		size_t x = x_of(work, plan->since->taken), right = x_of(work, until);
		markup_attribute(markup, "upload",
				 ledger_value(report, MASK_NONE, plan->since->number));
		markup_attribute_size(markup, "x", x);
		markup_attribute_size(markup, "width", right > x + 2 ? right - x : 2);
	}
	markup_close(markup);
}

/* How an event looks on the timeline. */
static const char *event_class(enum state_event_kind kind)
{
	switch ((int)kind) {
	case EVENT_REFUSED:
	case EVENT_OVERWRITTEN:
	case EVENT_INACTIVE:
		return "failed";
	case EVENT_UNANSWERED:
		return "not-run";
	case EVENT_CREATED:
	case EVENT_REOPENED:
		return "passed";
	default:
		return "info";
	}
}

static int mark_person(void *context, const struct state_person *person)
{
	struct page_work *work = context;
	struct ledger_report *report = work->report;
	const struct ledger *ledger = report->ledger;
	struct markup *markup = work->markup;
	if (!report->all && !ledger_is_of_interest(ledger, person))
		return 0;
	if (++work->children > MOST_CHILDREN)
		return 0;
	markup_open(markup, "child");
	markup_attribute(markup, "number", ledger_value(report, MASK_NHS_NUMBER, person->number));
	for (size_t i = 0; i < person->plan_count; i++)
		mark_plan(work, &person->plans[i]);
	for (size_t i = 0; i < person->event_count; i++) {
		const struct state_event *event = &person->events[i];
		size_t row = event->plan ? (size_t)(event->plan - person->plans) : 0;
		markup_open(markup, "event");
		markup_attribute(markup, "on", ledger_day(&report->arena, event->at));
		markup_attribute(markup, "plan",
				 event->plan ? plan_kind_words(event->plan->kind) : NULL);
		markup_attribute(markup, "class", event_class(event->kind));
		markup_attribute_size(markup, "row", row);
		markup_attribute_size(markup, "x", x_of(work, event->at));
		if (ledger->since && event->at >= ledger->since)
			markup_attribute(markup, "new", "yes");
		markup_text(markup, ledger_event(report, event));
		markup_close(markup);
	}
	markup_close(markup);
	arena_restart(&report->arena);
	return 0;
}

static void mark_headline(const struct page_work *work)
{
	struct buf headline;
	buf_init(&headline, 1 << 16);
	ledger_headline(work->report->ledger, work->report->verdict, &headline);
	markup_attribute(work->markup, "headline", buf_view(&headline).p);
	buf_release(&headline);
}

static int mark_document(struct page_work *work, struct cpis_failure *failure)
{
	struct ledger_report *report = work->report;
	const struct ledger *ledger = report->ledger;
	struct markup *markup = work->markup;
	markup_open(markup, "ledger");
	markup_attribute(markup, "xmlns", "urn:cpis:results:1");
	markup_attribute(markup, "tool", CPIS_VERSION);
	markup_attribute(markup, "verdict", cpis_verdict_name(report->verdict));
	mark_headline(work);
	markup_attribute(markup, "at", ledger_day(&report->arena, ledger->at));
	if (ledger->since)
		markup_attribute(markup, "since", ledger_day(&report->arena, ledger->since));
	markup_attribute(markup, "from", ledger_day(&report->arena, work->from));
	mark_counts(markup, ledger);
	mark_findings(work);
	mark_rest(work);
	mark_months(work);
	markup_open(markup, "children");
	markup_attribute_size(markup, "width", LINE_WIDTH);
	markup_attribute(markup, "all", report->all ? "yes" : NULL);
	if (state_each_person(report->ledger->index.state, ledger->at, mark_person, work,
			      failure) != 0)
		return -1;
	if (work->children > MOST_CHILDREN)
		markup_leaf(markup, "more",
			    arena_printf(&report->arena, "%zu", work->children - MOST_CHILDREN));
	markup_close(markup);
	markup_close(markup);
	return 0;
}

static long long first_month(const struct ledger *ledger)
{
	char text[16];
	if (!ledger->month_count)
		return ledger->at - 1;
	snprintf(text, sizeof(text), "%04d%02d01", ledger->months[0].year % 10000,
		 ledger->months[0].month % 100);
	return moment_of(str_of(text)).seconds;
}

int ledger_write_html(struct ledger_report *report, struct cpis_failure *failure)
{
	struct buf document;
	struct markup markup;
	buf_init(&document, SIZE_MAX / 2);
	markup_init(&markup, &document);
	struct page_work work = { .report = report,
				  .markup = &markup,
				  .from = first_month(report->ledger),
				  .to = report->ledger->at };
	int status = mark_document(&work, failure);
	if (status == 0 && markup_finish(&markup) != 0)
		status = failure_out_of_memory(failure);
	const struct page page = {
		.sheet = "children.xsl",
		.document = buf_view(&document),
		.left = "CP-IS ledger",
		.right = ledger_day(&report->arena, report->ledger->at),
	};
	if (status == 0)
		status = page_make(&page, &report->buf, failure);
	buf_release(&document);
	return status;
}
