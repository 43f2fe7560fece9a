/* The ledger as text, Markdown, JSON and CSV. */
#include "ledger/ledger.h"

#include "base/character.h"
#include "diag/failure.h"
#include "report/json_writer.h"
#include "report/sink.h"
#include "results/summary.h"

#include <stdio.h>

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

/* Text */

static void text_counts(struct ledger_report *report)
{
	const struct ledger_counts *counts = &report->ledger->counts;
	struct buf *out = &report->buf;
	buf_printf(out, "%zu upload%s, %zu acknowledgement%s, %zu notice%s of numbers out of use, ",
		   counts->uploads, plural(counts->uploads), counts->answers,
		   plural(counts->answers), counts->notices, plural(counts->notices));
	buf_printf(out, "%zu access notification%s, %zu quer%s, %zu response%s.\n",
		   counts->accesses, plural(counts->accesses), counts->queries,
		   counts->queries == 1 ? "y" : "ies", counts->responses,
		   plural(counts->responses));
	buf_printf(
		out,
		"On %s: %zu NHS number%s, %zu plan%s: %zu in force, %zu ended, %zu deleted, %zu "
		"not acknowledged, %zu not known whether loaded, %zu never loaded. A query would "
		"show %zu plan%s.",
		ledger_day(&report->arena, report->ledger->at), counts->people,
		counts->people == 1 ? "" : "s", counts->plans, plural(counts->plans), counts->open,
		counts->ended, counts->deleted, counts->unanswered, counts->unnamed, counts->never,
		counts->shown, plural(counts->shown));
	if (counts->not_known)
		buf_printf(out, " For %zu it is not known.", counts->not_known);
	buf_char(out, '\n');
	if (counts->waiting)
		buf_printf(out, "%zu upload%s of the last five days %s for an acknowledgement.\n",
			   counts->waiting, plural(counts->waiting),
			   counts->waiting == 1 ? "waits" : "wait");
	if (report->ledger->read.twice)
		buf_printf(out, "%zu message%s there twice, and counted once.\n",
			   report->ledger->read.twice,
			   report->ledger->read.twice == 1 ? " is" : "s are");
}

/* The findings of one rule from the first on; how many there are. */
static size_t same_rule(const struct ledger *ledger, size_t first)
{
	size_t n = 1;
	while (first + n < ledger->finding_count &&
	       ledger->findings[first + n].rule == ledger->findings[first].rule)
		n++;
	return n;
}

static void text_findings(struct ledger_report *report)
{
	const struct ledger *ledger = report->ledger;
	struct buf *out = &report->buf;
	buf_text(out, ledger->finding_count ? "\nWhat is wrong, by cause\n"
					    : "\nNothing was found to be wrong.\n");
	for (size_t i = 0, n; i < ledger->finding_count; i += n) {
		const struct rule *rule = ledger->findings[i].rule;
		n = same_rule(ledger, i);
		buf_printf(out, "\n%s %s: %s (%zu)\n", rule->id, cpis_severity_name(rule->severity),
			   rule->title, n);
		for (size_t k = i; k < i + n; k++) {
			buf_text(out, "  ");
			const char *authority =
				ledger_value(report, MASK_NONE, ledger->findings[k].authority);
			character_write_line(out, authority);
			buf_text(out, *authority ? ": " : "");
			character_write_line(out, ledger_says(report, ledger->findings[k].says));
			buf_char(out, '\n');
			const char *fix = ledger_fix(&ledger->findings[k]);
			if (k + 1 == i + n ||
			    strcmp(fix, ledger_fix(&ledger->findings[k + 1])) != 0)
				buf_printf(out, "  How to fix it: %s\n", fix);
			arena_restart(&report->arena);
			ledger_flush(report);
		}
	}
}

static void text_unknown(struct ledger_report *report)
{
	const struct ledger *ledger = report->ledger;
	bool any = false;
	for (int i = 0; i < STATE_FACT_COUNT; i++) {
		if (!ledger->unknown[i])
			continue;
		if (!any)
			buf_text(&report->buf, "\nNot known\n");
		any = true;
		buf_printf(&report->buf, "  %zu time%s: %s\n", ledger->unknown[i],
			   plural(ledger->unknown[i]), state_fact((enum state_fact_id)i)->says);
	}
}

static void text_files(struct ledger_report *report, const char *title, const struct unread *files,
		       size_t count)
{
	if (count)
		buf_printf(&report->buf, "\n%s\n", title);
	for (size_t i = 0; i < count; i++) {
		buf_text(&report->buf, "  ");
		character_write_line(&report->buf, files[i].path);
		buf_text(&report->buf, ": ");
		character_write_line(&report->buf, files[i].why);
		buf_char(&report->buf, '\n');
	}
}

static void text_differences(struct ledger_report *report)
{
	const struct ledger *ledger = report->ledger;
	if (!ledger->compared)
		return;
	const struct comparison *comparison = &ledger->comparison;
	buf_printf(&report->buf,
		   "\nExpected: %zu record%s: %zu as expected, %zu missing, %zu extra, %zu "
		   "different\n",
		   comparison->expected, plural(comparison->expected), comparison->same,
		   comparison->missing, comparison->added, comparison->changed);
	for (size_t i = 0; i < comparison->difference_count; i++) {
		buf_text(&report->buf, "  ");
		character_write_line(&report->buf, ledger_difference(report, i));
		buf_char(&report->buf, '\n');
		arena_restart(&report->arena);
		ledger_flush(report);
	}
}

static void text_plan(struct ledger_report *report, const struct state_plan *plan)
{
	struct buf *out = &report->buf;
	struct arena *arena = &report->arena;
	const struct state_entry *entry = plan->held ? plan->held : plan->latest;
	buf_text(out, "  ");
	character_write_line(out, ledger_value(report, MASK_NONE, plan->authority->code));
	buf_printf(out, ": %s from %s", plan_kind_words(plan->kind),
		   ledger_day_of(arena, entry->start));
	if (plan->ends)
		buf_printf(out, " to %s", ledger_day(arena, plan->ends));
	buf_printf(out, ", %s, %s", ledger_standing(plan), ledger_shown(plan));
	if (plan->since)
		buf_printf(out, ", since upload %s",
			   ledger_value(report, MASK_NONE, plan->since->number));
	buf_char(out, '\n');
}

static int text_person(void *context, const struct state_person *person)
{
	struct ledger_report *report = context;
	struct buf *out = &report->buf;
	if (!report->all && !ledger_is_of_interest(report->ledger, person))
		return 0;
	buf_char(out, '\n');
	character_write_line(out, ledger_value(report, MASK_NHS_NUMBER, person->number));
	buf_char(out, '\n');
	for (size_t i = 0; i < person->plan_count; i++)
		text_plan(report, &person->plans[i]);
	for (size_t i = 0; i < person->event_count; i++) {
		const struct state_event *event = &person->events[i];
		buf_printf(out, "    %s %s%s%s%s\n", ledger_day(&report->arena, event->at),
			   event->plan ? plan_kind_words(event->plan->kind) : "",
			   event->plan ? ": " : "", ledger_event(report, event),
			   report->ledger->since && event->at >= report->ledger->since ? " (new)"
										       : "");
	}
	arena_restart(&report->arena);
	ledger_flush(report);
	return 0;
}

static int write_text(struct ledger_report *report, struct cpis_failure *failure)
{
	const struct ledger *ledger = report->ledger;
	text_counts(report);
	text_findings(report);
	text_differences(report);
	text_unknown(report);
	text_files(report, "Not read", ledger->unread, ledger->unread_count);
	text_files(report, "Skipped", ledger->skipped, ledger->skipped_count);
	if (report->all || ledger->found.count || ledger->since) {
		buf_printf(&report->buf, "\nChildren%s\n",
			   report->all	   ? ""
			   : ledger->since ? " with findings or changes"
					   : " with findings");
		if (state_each_person(report->ledger->index.state, ledger->at, text_person, report,
				      failure) != 0)
			return -1;
	}
	buf_char(&report->buf, '\n');
	ledger_headline(ledger, report->verdict, &report->buf);
	buf_char(&report->buf, '\n');
	return 0;
}

/* Markdown: what a pull request or a mail shows. */

enum { MOST_ROWS = 200 };

static void md_findings(struct ledger_report *report)
{
	const struct ledger *ledger = report->ledger;
	struct buf *out = &report->buf;
	if (!ledger->finding_count)
		return;
	buf_text(out, "\n## What is wrong, by cause\n\n| Rule | Severity | Authority | What | "
		      "How to fix it |\n|---|---|---|---|---|\n");
	for (size_t i = 0; i < ledger->finding_count && i < MOST_ROWS; i++) {
		const struct ledger_finding *finding = &ledger->findings[i];
		buf_printf(out, "| %s | %s | ", finding->rule->id,
			   cpis_severity_name(finding->rule->severity));
		md_text(out, ledger_value(report, MASK_NONE, finding->authority));
		buf_text(out, " | ");
		md_text(out, ledger_says(report, finding->says));
		buf_text(out, " | ");
		md_text(out, ledger_fix(finding));
		buf_text(out, " |\n");
		arena_restart(&report->arena);
	}
	if (ledger->finding_count > MOST_ROWS)
		buf_printf(out, "\nAnd %zu more.\n", ledger->finding_count - MOST_ROWS);
}

static void md_differences(struct ledger_report *report)
{
	const struct ledger *ledger = report->ledger;
	struct buf *out = &report->buf;
	if (!ledger->compared)
		return;
	size_t count = ledger->comparison.difference_count;
	buf_printf(out, "\n## Compared with what is expected\n\n%zu of %zu as expected.\n\n",
		   ledger->comparison.same, ledger->comparison.expected);
	for (size_t i = 0; i < count && i < MOST_ROWS; i++) {
		buf_text(out, "- ");
		md_text(out, ledger_difference(report, i));
		buf_char(out, '\n');
	}
	if (count > MOST_ROWS)
		buf_printf(out, "\nAnd %zu more.\n", count - MOST_ROWS);
}

static void md_files(struct buf *out, const char *title, const struct unread *files, size_t count)
{
	if (count)
		buf_printf(out, "\n## %s\n\n", title);
	for (size_t i = 0; i < count; i++) {
		buf_text(out, "- ");
		md_text(out, files[i].path);
		buf_text(out, ": ");
		md_text(out, files[i].why);
		buf_char(out, '\n');
	}
}

static int write_md(struct ledger_report *report, struct cpis_failure *failure)
{
	const struct ledger *ledger = report->ledger;
	const struct ledger_counts *counts = &ledger->counts;
	struct buf *out = &report->buf;
	(void)failure;
	buf_printf(out, "# CP-IS ledger on %s\n\n", ledger_day(&report->arena, ledger->at));
	ledger_headline(ledger, report->verdict, out);
	buf_text(out, "\n\n");
	buf_printf(out, "| | |\n|---|---:|\n| Uploads | %zu |\n| Acknowledgements | %zu |\n",
		   counts->uploads, counts->answers);
	buf_printf(out,
		   "| NHS numbers | %zu |\n| Plans | %zu |\n| In force | %zu |\n| Shown | %zu |\n"
		   "| Not known whether shown | %zu |\n| Findings | %zu |\n",
		   counts->people, counts->plans, counts->open, counts->shown, counts->not_known,
		   ledger->finding_count);
	md_findings(report);
	md_differences(report);
	md_files(out, "Not read", ledger->unread, ledger->unread_count);
	md_files(out, "Skipped", ledger->skipped, ledger->skipped_count);
	return 0;
}

/* JSON */

static void json_head(struct ledger_report *report, struct json_writer *json)
{
	const struct ledger *ledger = report->ledger;
	const struct ledger_counts *counts = &ledger->counts;
	const struct {
		const char *name;
		size_t count;
	} numbers[] = {
		{ "files", ledger->read.files },
		{ "filesNotGiven", ledger->read.not_given },
		{ "uploads", counts->uploads },
		{ "acknowledgements", counts->answers },
		{ "inactiveNotices", counts->notices },
		{ "accessNotices", counts->accesses },
		{ "queries", counts->queries },
		{ "responses", counts->responses },
		{ "waiting", counts->waiting },
		{ "numbers", counts->people },
		{ "plans", counts->plans },
		{ "inForce", counts->open },
		{ "ended", counts->ended },
		{ "deleted", counts->deleted },
		{ "notAcknowledged", counts->unanswered },
		{ "notKnownWhetherLoaded", counts->unnamed },
		{ "neverLoaded", counts->never },
		{ "shown", counts->shown },
		{ "notKnown", counts->not_known },
	};
	json_text(json, "tool", "cpis " CPIS_VERSION);
	json_text(json, "verdict", cpis_verdict_name(report->verdict));
	json_text(json, "at", ledger_day(&report->arena, ledger->at));
	json_text_if(json, "since",
		     ledger->since ? ledger_day(&report->arena, ledger->since) : NULL);
	json_object(json, "counts");
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		json_size(json, numbers[i].name, numbers[i].count);
	json_end(json);
}

static void json_findings(struct ledger_report *report, struct json_writer *json)
{
	const struct ledger *ledger = report->ledger;
	json_array(json, "findings");
	for (size_t i = 0; i < ledger->finding_count; i++) {
		const struct ledger_finding *finding = &ledger->findings[i];
		json_object_row(json, NULL);
		json_text(json, "rule", finding->rule->id);
		json_text(json, "severity", cpis_severity_name(finding->rule->severity));
		json_text(json, "authority", ledger_value(report, MASK_NONE, finding->authority));
		if (finding->number.n)
			json_text(json, "nhsNumber",
				  ledger_value(report, MASK_NHS_NUMBER, finding->number));
		if (finding->kind)
			json_text(json, "plan", plan_kind_words(finding->kind));
		json_text_if(json, "upload",
			     finding->file ? ledger_value(report, MASK_NONE, str_of(finding->file))
					   : NULL);
		if (finding->at)
			json_text(json, "since", ledger_day(&report->arena, finding->at));
		json_text(json, "message", ledger_says(report, finding->says));
		json_text(json, "fix", ledger_fix(finding));
		json_end(json);
		arena_restart(&report->arena);
		ledger_flush(report);
	}
	json_end(json);
}

static void json_files(struct json_writer *json, const char *name, const struct unread *files,
		       size_t count)
{
	json_array(json, name);
	for (size_t i = 0; i < count; i++) {
		json_object_row(json, NULL);
		json_text(json, "file", files[i].path);
		json_text(json, "why", files[i].why);
		json_end(json);
	}
	json_end(json);
}

static void json_unknown(struct ledger_report *report, struct json_writer *json)
{
	json_array(json, "notKnown");
	for (int i = 0; i < STATE_FACT_COUNT; i++) {
		const struct state_fact *fact = state_fact((enum state_fact_id)i);
		if (!report->ledger->unknown[i])
			continue;
		json_object_row(json, NULL);
		json_size(json, "count", report->ledger->unknown[i]);
		json_text(json, "says", fact->says);
		json_text(json, "source", fact->source);
		json_end(json);
	}
	json_end(json);
	json_files(json, "unread", report->ledger->unread, report->ledger->unread_count);
	json_files(json, "skipped", report->ledger->skipped, report->ledger->skipped_count);
}

static void json_months(struct ledger_report *report, struct json_writer *json)
{
	json_array(json, "months");
	for (size_t i = 0; i < report->ledger->month_count; i++) {
		const struct ledger_month *month = &report->ledger->months[i];
		json_object_row(json, NULL);
		json_text(json, "month",
			  arena_printf(&report->arena, "%04d-%02d", month->year, month->month));
		json_size(json, "inForce", month->open);
		json_size(json, "shown", month->shown);
		json_end(json);
	}
	json_end(json);
}

static void json_differences(struct ledger_report *report, struct json_writer *json)
{
	const struct ledger *ledger = report->ledger;
	if (!ledger->compared)
		return;
	json_object(json, "expected");
	const struct comparison *comparison = &ledger->comparison;
	json_size(json, "records", comparison->expected);
	json_size(json, "same", comparison->same);
	json_size(json, "missing", comparison->missing);
	json_size(json, "extra", comparison->added);
	json_size(json, "different", comparison->changed);
	json_array(json, "differences");
	for (size_t i = 0; i < comparison->difference_count; i++) {
		json_object_row(json, NULL);
		json_text(json, "kind", ledger_difference_word(comparison->differences[i].kind));
		json_text(json, "message", ledger_difference(report, i));
		json_end(json);
		arena_restart(&report->arena);
		ledger_flush(report);
	}
	json_end(json);
	json_end(json);
}

struct json_people {
	struct ledger_report *report;
	struct json_writer *json;
};

static void json_plan(struct ledger_report *report, struct json_writer *json,
		      const struct state_plan *plan)
{
	struct arena *arena = &report->arena;
	const struct state_entry *entry = plan->held ? plan->held : plan->latest;
	json_object_row(json, NULL);
	json_text(json, "authority", ledger_value(report, MASK_NONE, plan->authority->code));
	json_text(json, "plan", plan_kind_words(plan->kind));
	json_text(json, "state", ledger_standing(plan));
	json_text(json, "shown",
		  plan->shown == SHOWN	     ? "yes"
		  : plan->shown == SHOWN_NOT ? "no"
					     : "not known");
	json_text(json, "start", ledger_day_of(arena, entry->start));
	json_text_if(json, "end", plan->ends ? ledger_day(arena, plan->ends) : NULL);
	json_text_if(json, "sinceUpload",
		     plan->since ? ledger_value(report, MASK_NONE, plan->since->number) : NULL);
	json_text(json, "lastUpload", ledger_value(report, MASK_NONE, plan->latest->last->number));
	json_text_if(json, "because", plan->fact ? state_fact(plan->fact)->says : NULL);
	json_end(json);
}

static int json_person(void *context, const struct state_person *person)
{
	const struct json_people *people = context;
	struct ledger_report *report = people->report;
	struct json_writer *json = people->json;
	json_object(json, NULL);
	json_text(json, "nhsNumber", ledger_value(report, MASK_NHS_NUMBER, person->number));
	if (person->inactive)
		json_text(json, "inactiveSince", ledger_day(&report->arena, person->inactive));
	json_array(json, "plans");
	for (size_t i = 0; i < person->plan_count; i++)
		json_plan(report, json, &person->plans[i]);
	json_end(json);
	json_array(json, "events");
	for (size_t i = 0; i < person->event_count; i++) {
		const struct state_event *event = &person->events[i];
		json_object_row(json, NULL);
		json_text(json, "on", ledger_day(&report->arena, event->at));
		json_text_if(json, "plan", event->plan ? plan_kind_words(event->plan->kind) : NULL);
		json_text(json, "what", ledger_event(report, event));
		if (report->ledger->since)
			json_bool(json, "new", event->at >= report->ledger->since);
		json_end(json);
	}
	json_end(json);
	json_end(json);
	arena_restart(&report->arena);
	ledger_flush(report);
	return 0;
}

static int write_json(struct ledger_report *report, struct cpis_failure *failure)
{
	struct json_writer json;
	struct json_people people = { report, &json };
	json_init(&json, &report->buf);
	json_object(&json, NULL);
	json_head(report, &json);
	json_findings(report, &json);
	json_differences(report, &json);
	json_unknown(report, &json);
	json_months(report, &json);
	json_array(&json, "children");
	if (state_each_person(report->ledger->index.state, report->ledger->at, json_person, &people,
			      failure) != 0)
		return -1;
	json_end(&json);
	json_end(&json);
	if (json_finish(&json) != 0)
		return failure_out_of_memory(failure);
	return 0;
}

/* CSV: a row for everything, the first column says what it is. */

/* kind, authority, number, plan, state, shown, start, end, upload, rule, severity, message */
enum { CSV_CELLS = 12 };

static void csv_row(struct ledger_report *report, const char *const cells[CSV_CELLS])
{
	for (size_t i = 0; i < CSV_CELLS; i++) {
		character_write_cell(&report->buf, cells[i] ? cells[i] : "");
		buf_text(&report->buf, i + 1 < CSV_CELLS ? "," : "\r\n");
	}
	arena_restart(&report->arena);
	ledger_flush(report);
}

static int csv_person(void *context, const struct state_person *person)
{
	struct ledger_report *report = context;
	for (size_t i = 0; i < person->plan_count; i++) {
		const struct state_plan *plan = &person->plans[i];
		const struct state_entry *entry = plan->held ? plan->held : plan->latest;
		csv_row(report,
			(const char *const[CSV_CELLS]){
				"plan", ledger_value(report, MASK_NONE, plan->authority->code),
				ledger_value(report, MASK_NHS_NUMBER, person->number),
				plan_kind_words(plan->kind), ledger_standing(plan),
				plan->shown == SHOWN	   ? "yes"
				: plan->shown == SHOWN_NOT ? "no"
							   : "not known",
				ledger_day_of(&report->arena, entry->start),
				ledger_day(&report->arena, plan->ends),
				plan->since ? ledger_value(report, MASK_NONE, plan->since->number)
					    : "",
				"", "", plan->fact ? state_fact(plan->fact)->says : "" });
	}
	return 0;
}

static void csv_files(struct ledger_report *report, const char *kind, const struct unread *files,
		      size_t count)
{
	for (size_t i = 0; i < count; i++)
		csv_row(report, (const char *const[CSV_CELLS]){
					[0] = kind, [8] = files[i].path, [11] = files[i].why });
}

static int write_csv(struct ledger_report *report, struct cpis_failure *failure)
{
	const struct ledger *ledger = report->ledger;
	buf_text(&report->buf, "kind,authority,nhs_number,plan,state,shown,start,end,upload,rule,"
			       "severity,message\r\n");
	for (size_t i = 0; i < ledger->finding_count; i++) {
		const struct ledger_finding *finding = &ledger->findings[i];
		csv_row(report,
			(const char *const[CSV_CELLS]){
				"finding", ledger_value(report, MASK_NONE, finding->authority),
				finding->number.n
					? ledger_value(report, MASK_NHS_NUMBER, finding->number)
					: "",
				finding->kind ? plan_kind_words(finding->kind) : "", "", "",
				ledger_day(&report->arena, finding->at), "",
				finding->file
					? ledger_value(report, MASK_NONE, str_of(finding->file))
					: "",
				finding->rule->id, cpis_severity_name(finding->rule->severity),
				ledger_says(report, finding->says) });
	}
	for (size_t i = 0; ledger->compared && i < ledger->comparison.difference_count; i++)
		csv_row(report, (const char *const[CSV_CELLS]){
					[0] = ledger_difference_word(
						ledger->comparison.differences[i].kind),
					[11] = ledger_difference(report, i) });
	csv_files(report, "unread", ledger->unread, ledger->unread_count);
	csv_files(report, "skipped", ledger->skipped, ledger->skipped_count);
	return state_each_person(report->ledger->index.state, ledger->at, csv_person, report,
				 failure);
}

int ledger_write(struct ledger_report *report, const char *format, struct cpis_failure *failure)
{
	static const struct {
		const char *format;
		int (*write)(struct ledger_report *, struct cpis_failure *);
	} writers[] = { { "text", write_text },
			{ "md", write_md },
			{ "json", write_json },
			{ "csv", write_csv },
			{ "html", ledger_write_html } };
	for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++) {
		if (strcmp(writers[i].format, format) != 0)
			continue;
		if (writers[i].write(report, failure) != 0)
			return -1;
		if (report->buf.failed || report->arena.failed)
			return failure_out_of_memory(failure);
		report->failed =
			report->failed || !report->flush(report->context, buf_view(&report->buf));
		return 0;
	}
	return failure_set(failure, CPIS_FAILURE_CONFIGURATION,
			   "a ledger is written as text, md, json, csv or html, not as %.64s",
			   format);
}
