#include "report/sink.h"

#include "base/character.h"
#include "results/summary.h"

#include <stdio.h>

/* One table with rows of several kinds; the first column names the kind, for filtering. */

enum column {
	COLUMN_KIND,
	COLUMN_PACK,
	COLUMN_ID,
	COLUMN_SOURCE,
	COLUMN_RESULT,
	COLUMN_RULE,
	COLUMN_SEVERITY,
	COLUMN_STAGE,
	COLUMN_LINE,
	COLUMN_COLUMN,
	COLUMN_PATH,
	COLUMN_MESSAGE,
	COLUMN_EXPECTED,
	COLUMN_ACTUAL,
	COLUMN_FIX,
	COLUMN_REASON,
	COLUMN_FINGERPRINT,
	COLUMN_CASE,
	COLUMN_SUPPLIER,
	COLUMN_SYSTEM,
	COLUMN_VERSION,
	COLUMN_DATE,
	COLUMN_COUNT
};

static const char *const heads[COLUMN_COUNT] = {
	[COLUMN_KIND] = "kind",
	[COLUMN_PACK] = "pack",
	[COLUMN_ID] = "id",
	[COLUMN_SOURCE] = "source",
	[COLUMN_RESULT] = "result",
	[COLUMN_RULE] = "rule",
	[COLUMN_SEVERITY] = "severity",
	[COLUMN_STAGE] = "stage",
	[COLUMN_LINE] = "line",
	[COLUMN_COLUMN] = "column",
	[COLUMN_PATH] = "path",
	[COLUMN_MESSAGE] = "message",
	[COLUMN_EXPECTED] = "expected",
	[COLUMN_ACTUAL] = "actual",
	[COLUMN_FIX] = "fix",
	[COLUMN_REASON] = "reason",
	[COLUMN_FINGERPRINT] = "fingerprint",
	[COLUMN_CASE] = "case",
	[COLUMN_SUPPLIER] = "supplier",
	[COLUMN_SYSTEM] = "system",
	[COLUMN_VERSION] = "version",
	[COLUMN_DATE] = "date",
};

/* A document that is being written. */
struct table {
	struct buf *out;
	/* What every row says of the run: a row that is copied elsewhere keeps it. */
	const char *supplier, *system, *version;
	char date[32];
	const struct case_result *one; /* that judged the message; NULL: none did */
};

static void write_cells(struct buf *out, const char *const cells[COLUMN_COUNT])
{
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		if (i)
			buf_char(out, ',');
		if (cells[i])
			character_write_cell(out, cells[i]);
	}
	buf_text(out, "\r\n");
}

static void write_row(const struct table *table, const char *const cells[COLUMN_COUNT])
{
	const char *all[COLUMN_COUNT];
	memcpy(all, cells, sizeof(all));
	all[COLUMN_SUPPLIER] = table->supplier;
	all[COLUMN_SYSTEM] = table->system;
	all[COLUMN_VERSION] = table->version;
	all[COLUMN_DATE] = table->date[0] ? table->date : NULL;
	if (table->one) {
		all[COLUMN_PACK] = table->one->pack;
		all[COLUMN_CASE] = table->one->id;
	}
	write_cells(table->out, all);
}

static void write_finding(const struct table *table, const struct message_result *message,
			  const struct finding *finding)
{
	char line[24] = "", column[24] = "";
	if (finding->at.line) {
		snprintf(line, sizeof(line), "%zu", finding->at.line);
		snprintf(column, sizeof(column), "%zu", finding->at.column);
	}
	write_row(table, (const char *const[COLUMN_COUNT]){
				 [COLUMN_KIND] = "finding",
				 [COLUMN_SOURCE] = message->source,
				 [COLUMN_RESULT] = finding->waived ? "waived" : "found",
				 [COLUMN_RULE] = finding->rule->id,
				 [COLUMN_SEVERITY] = cpis_severity_name(finding->severity),
				 [COLUMN_STAGE] = cpis_stage_name(finding->stage),
				 [COLUMN_LINE] = line,
				 [COLUMN_COLUMN] = column,
				 [COLUMN_PATH] = finding_path(finding),
				 [COLUMN_MESSAGE] = finding_sentence(finding),
				 [COLUMN_EXPECTED] = finding->expected,
				 [COLUMN_ACTUAL] = finding->actual,
				 [COLUMN_FIX] = finding_fix(finding),
				 [COLUMN_REASON] = finding->waived,
				 [COLUMN_FINGERPRINT] = finding->fingerprint,
			 });
}

/* Findings past the limit: one row for all of a rule. */
static void write_unlisted(const struct table *table, const struct message_result *message,
			   const struct unlisted *unlisted)
{
	char count[64];
	snprintf(count, sizeof(count), "%zu more over the limit", unlisted->count);
	write_row(table, (const char *const[COLUMN_COUNT]){
				 [COLUMN_KIND] = "unlisted",
				 [COLUMN_SOURCE] = message->source,
				 [COLUMN_RESULT] = "found",
				 [COLUMN_RULE] = unlisted->rule->id,
				 [COLUMN_SEVERITY] = cpis_severity_name(unlisted->severity),
				 [COLUMN_MESSAGE] = count,
			 });
}

static void write_message(const struct table *table, const struct message_result *message)
{
	write_row(table, (const char *const[COLUMN_COUNT]){
				 [COLUMN_KIND] = "message",
				 [COLUMN_ID] = message->type,
				 [COLUMN_SOURCE] = message->source,
				 [COLUMN_RESULT] = cpis_verdict_name(message->verdict),
				 [COLUMN_MESSAGE] = message->title,
			 });
	for (size_t i = 0; i < message->finding_count; i++)
		write_finding(table, message, &message->findings[i]);
	for (size_t i = 0; i < message->unlisted_count; i++)
		write_unlisted(table, message, &message->unlisted[i]);
	for (size_t i = 0; i < message->omission_count; i++)
		write_row(table, (const char *const[COLUMN_COUNT]){
					 [COLUMN_KIND] = "omission",
					 [COLUMN_SOURCE] = message->source,
					 [COLUMN_RESULT] = "not judged",
					 [COLUMN_MESSAGE] = message->omissions[i].what,
					 [COLUMN_REASON] = message->omissions[i].why,
				 });
}

static void write_case(const struct table *table, const struct case_result *one)
{
	write_row(table, (const char *const[COLUMN_COUNT]){
				 [COLUMN_KIND] = "case",
				 [COLUMN_PACK] = one->pack,
				 [COLUMN_ID] = one->id,
				 [COLUMN_CASE] = one->id,
				 [COLUMN_RESULT] = case_outcome_name(one->outcome),
				 [COLUMN_MESSAGE] = one->title,
				 [COLUMN_EXPECTED] = one->expected,
				 [COLUMN_ACTUAL] = one->actual,
				 [COLUMN_REASON] = one->reason,
			 });
}

/* The cases that show it are in the column "actual". */
static void write_requirement(const struct table *table,
			      const struct requirement_result *requirement, struct buf *scratch)
{
	table->out->failed = table->out->failed || scratch->failed;
	buf_reset(scratch);
	for (size_t i = 0; i < requirement->case_count; i++)
		buf_printf(scratch, "%s%s", i ? " " : "", requirement->cases[i]);
	write_row(table, (const char *const[COLUMN_COUNT]){
				 [COLUMN_KIND] = "requirement",
				 [COLUMN_PACK] = requirement->pack,
				 [COLUMN_ID] = requirement->id,
				 [COLUMN_SOURCE] = requirement->source,
				 [COLUMN_RESULT] = requirement->case_count
							   ? case_outcome_name(requirement->outcome)
							   : "not covered",
				 [COLUMN_MESSAGE] = requirement->text,
				 [COLUMN_ACTUAL] = buf_view(scratch).p,
				 [COLUMN_REASON] = requirement->not_testable,
			 });
}

static const char *fate_of(const struct rule_tally *tally, const struct rule_override *override)
{
	if (override && override->off)
		return "left out";
	if (tally->failed)
		return "failed";
	return tally->judged ? "held" : "not judged";
}

static void write_rule(const struct table *table, const struct rule_override *override,
		       const struct rule *rule, const struct rule_tally *tally)
{
	char counts[96];
	snprintf(counts, sizeof(counts), "judged %zu, failed %zu, not applicable %zu, blocked %zu",
		 tally->judged, tally->failed, tally->not_applicable, tally->blocked);
	write_row(table, (const char *const[COLUMN_COUNT]){
				 [COLUMN_KIND] = "rule",
				 [COLUMN_RULE] = rule->id,
				 [COLUMN_SEVERITY] = cpis_severity_name(rule->severity),
				 [COLUMN_RESULT] = fate_of(tally, override),
				 [COLUMN_MESSAGE] = rule->title,
				 [COLUMN_ACTUAL] = counts,
				 [COLUMN_REASON] = override ? override->reason : NULL,
			 });
}

/* The run: its verdict, and whether part of it was left out. */
static void write_run(const struct table *table, const struct results *results, struct buf *scratch)
{
	struct summary summary;
	summary_of(results, &summary);
	table->out->failed = table->out->failed || scratch->failed;
	buf_reset(scratch);
	summary_headline(results, &summary, scratch);
	buf_char(scratch, ' ');
	summary_completeness(results, &summary, scratch);
	write_row(table, (const char *const[COLUMN_COUNT]){
				 [COLUMN_KIND] = "run",
				 [COLUMN_RESULT] = cpis_verdict_name(summary.verdict),
				 [COLUMN_MESSAGE] = buf_view(scratch).p,
				 [COLUMN_REASON] = results_partial(results) ? "partial" : NULL,
			 });
}

static const char *meta_of(const struct results *results, const char *name)
{
	for (size_t i = 0; i < results->meta_count; i++)
		if (text_same(results->meta[i].name, name))
			return results->meta[i].value;
	return NULL;
}

static void write_messages(struct table *table, const struct results *results)
{
	size_t cursor = 0;
	for (size_t i = 0; i < results->message_count; i++) {
		table->one = case_of_message(results, i, &cursor);
		write_message(table, &results->messages[i]);
	}
	table->one = NULL;
}

static void write_skipped(const struct table *table, const struct omission *skipped)
{
	write_row(table, (const char *const[COLUMN_COUNT]){
				 [COLUMN_KIND] = "skipped",
				 [COLUMN_SOURCE] = skipped->what,
				 [COLUMN_RESULT] = "skipped",
				 [COLUMN_REASON] = skipped->why,
			 });
}

int csv_write(const struct results *results, struct buf *out, struct cpis_failure *failure)
{
	struct buf scratch;
	struct table table = {
		.out = out,
		.supplier = meta_of(results, "supplier"),
		.system = meta_of(results, "system"),
		.version = meta_of(results, "version"),
	};
	summary_time(table.date, results->options.now);
	buf_init(&scratch, SIZE_MAX / 2);
	write_cells(out, heads);
	write_run(&table, results, &scratch);
	for (size_t i = 0; i < results->requirement_count; i++)
		write_requirement(&table, &results->requirements[i], &scratch);
	for (size_t i = 0; i < results->case_count; i++)
		write_case(&table, &results->cases[i]);
	write_messages(&table, results);
	for (size_t i = 0; i < results->left_out_count; i++)
		write_skipped(&table, &results->left_out[i]);
	for (size_t i = 0; i < results->rule_count; i++)
		write_rule(&table, override_at(results, i), results->rules[i],
			   &results->tallies[i]);
	out->failed = out->failed || scratch.failed;
	buf_release(&scratch);
	(void)failure;
	return 0;
}
