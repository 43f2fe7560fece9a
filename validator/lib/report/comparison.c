/* cpis_compare: two sets of records, and what differs between them, as text or JSON. */
#include "cpis.h"

#include "base/character.h"
#include "compare/compare.h"
#include "config/value.h"
#include "diag/failure.h"
#include "report/json_writer.h"
#include "report/sink.h"

#include <stdio.h>
#include <string.h>

struct report {
	const char *expected, *found; /* names of the files */
	const struct comparison *comparison;
	const struct comparison *details; /* its numbers alone: what differs is in comparison */
	size_t strange_lines[2];	  /* struct child_records, of expected and found */
	enum record_match match;
	struct masker *masker;
	struct arena *arena;
};

static void write_field(const struct report *report, const struct field_difference *field,
			struct buf *out)
{
	buf_text(out, "  ");
	difference_field(report->masker, report->arena, field, out);
	buf_char(out, '\n');
}

static void write_place(const char *file, const struct child_record *record, struct buf *out)
{
	character_write_line(out, file);
	if (record->line)
		buf_printf(out, ":%zu", record->line);
}

static void write_difference(const struct report *report,
			     const struct record_difference *difference, struct buf *out)
{
	const struct child_record *record =
		difference->expected ? difference->expected : difference->found;
	buf_char(out, '\n');
	character_printf(out, "%-8s %s of ", difference_word(difference->kind),
			 difference_record(report->masker, report->arena, record));
	write_place(difference->expected ? report->expected : report->found, record, out);
	if (difference->expected && difference->found) {
		buf_printf(out, ", record %zu of ", difference->found->number);
		write_place(report->found, difference->found, out);
	}
	buf_char(out, '\n');
	for (size_t i = 0; i < difference->field_count; i++)
		write_field(report, &difference->fields[i], out);
}

static void write_details(const struct report *report, const char *missing, struct buf *out)
{
	const struct comparison *details = report->details;
	if (details->expected || details->found)
		buf_printf(out,
			   "%zu other detail%s before, %zu after: %zu the same, %zu changed, "
			   "%zu %s, %zu added\n",
			   details->expected, details->expected == 1 ? "" : "s", details->found,
			   details->same, details->changed, details->missing, missing,
			   details->added);
}

static void write_strange(const struct report *report, struct buf *out)
{
	for (size_t i = 0; i < 2; i++)
		if (report->strange_lines[i])
			character_printf(out,
					 "not compared: %s:%zu has an element that such a message "
					 "has not, and what is in it; cpis validate says more\n",
					 i ? report->found : report->expected,
					 report->strange_lines[i]);
}

static int write_text(const struct report *report, struct buf *out)
{
	const struct comparison *comparison = report->comparison;
	buf_printf(out,
		   "%zu record%s expected, %zu found: %zu the same, %zu changed, %zu missing, %zu "
		   "added%s\n",
		   comparison->expected, comparison->expected == 1 ? "" : "s", comparison->found,
		   comparison->same, comparison->changed, comparison->missing, comparison->added,
		   comparison->added && report->match == MATCH_CONTAINS ? " (which is allowed)"
									: "");
	write_details(report, "missing", out);
	write_strange(report, out);
	for (size_t i = 0; i < comparison->difference_count; i++)
		write_difference(report, &comparison->differences[i], out);
	return out->failed ? -1 : 0;
}

/* As between two messages of one system: what became of each record. */

static void write_owner(const struct report *report, const struct child_record *record,
			struct buf *out)
{
	if (record->nhs_number.n && !record->what)
		character_printf(out, "record of %s",
				 difference_value(report->masker, report->arena, MASK_NHS_NUMBER,
						  record->nhs_number));
	else
		character_printf(out, "%s",
				 difference_record(report->masker, report->arena, record));
}

static void write_change(const struct report *report, const struct field_difference *field,
			 struct buf *out)
{
	const char *was = difference_expected(report->masker, report->arena, field);
	const char *is = difference_value(report->masker, report->arena, field->mask, field->found);
	if (!field->expected.n)
		character_printf(out, "%s added: %s\n", field->name, is);
	else if (!field->found.n)
		character_printf(out, "%s removed, was %s\n", field->name, was);
	else
		character_printf(out, "%s changed from %s to %s\n", field->name, was, is);
}

static int write_changes(const struct report *report, struct buf *out)
{
	const struct comparison *comparison = report->comparison;
	for (size_t i = 0; i < comparison->difference_count; i++) {
		const struct record_difference *one = &comparison->differences[i];
		const struct child_record *record = one->expected ? one->expected : one->found;
		for (size_t k = 0; k < one->field_count && one->kind == DIFFERENCE_CHANGED; k++) {
			write_owner(report, record, out);
			buf_text(out, ": ");
			write_change(report, &one->fields[k], out);
		}
		if (one->kind == DIFFERENCE_CHANGED)
			continue;
		write_owner(report, record, out);
		buf_text(out, one->kind == DIFFERENCE_MISSING ? ": removed\n" : ": added\n");
	}
	buf_printf(out,
		   "%zu record%s before, %zu after: %zu the same, %zu changed, %zu removed, %zu "
		   "added\n",
		   comparison->expected, comparison->expected == 1 ? "" : "s", comparison->found,
		   comparison->same, comparison->changed, comparison->missing, comparison->added);
	write_details(report, "removed", out);
	write_strange(report, out);
	return out->failed ? -1 : 0;
}

static void json_record(const struct report *report, struct json_writer *json, const char *key,
			const struct child_record *record)
{
	if (!record)
		return;
	json_object_row(json, key);
	json_size(json, "record", record->number);
	json_text_if(json, "of", record->what);
	if (record->place.n)
		json_text(
			json, "location",
			difference_value(report->masker, report->arena, MASK_PATH, record->place));
	json_size_if(json, "line", record->line);
	if (record->nhs_number.n)
		json_text(json, "nhsNumber",
			  difference_value(report->masker, report->arena, MASK_NHS_NUMBER,
					   record->nhs_number));
	if (record->local_id.n)
		json_text(json, "localId",
			  difference_value(report->masker, report->arena, MASK_LOCAL_ID,
					   record->local_id));
	json_end(json);
}

static void json_value(const struct report *report, struct json_writer *json, const char *key,
		       enum mask_kind mask, struct str value)
{
	json_text(json, key,
		  value.n ? difference_value(report->masker, report->arena, mask, value) : NULL);
}

static void json_difference(const struct report *report, struct json_writer *json,
			    const struct record_difference *difference)
{
	json_object(json, NULL);
	json_text(json, "kind", difference_word(difference->kind));
	json_record(report, json, "expected", difference->expected);
	json_record(report, json, "found", difference->found);
	json_array(json, "fields");
	for (size_t i = 0; i < difference->field_count; i++) {
		const struct field_difference *field = &difference->fields[i];
		json_object_row(json, NULL);
		json_text(json, "field", field->name);
		json_text(json, "expected",
			  field->expected.n
				  ? difference_expected(report->masker, report->arena, field)
				  : NULL);
		json_value(report, json, "found", field->mask, field->found);
		json_end(json);
	}
	json_end(json);
	json_end(json);
}

static void json_details(const struct report *report, struct json_writer *json)
{
	const struct comparison *details = report->details;
	if (!details->expected && !details->found)
		return;
	json_object_row(json, "details");
	json_size(json, "expected", details->expected);
	json_size(json, "found", details->found);
	json_size(json, "same", details->same);
	json_size(json, "changed", details->changed);
	json_size(json, "missing", details->missing);
	json_size(json, "added", details->added);
	json_end(json);
}

static enum cpis_verdict verdict_of(const struct report *report)
{
	if (report->comparison->difference_count)
		return CPIS_FAIL;
	return report->strange_lines[0] || report->strange_lines[1] ? CPIS_INCOMPLETE : CPIS_PASS;
}

static int write_json(const struct report *report, struct buf *out)
{
	const struct comparison *comparison = report->comparison;
	struct json_writer json;
	json_init(&json, out);
	json_object(&json, NULL);
	json_text(&json, "expected", report->expected);
	json_text(&json, "found", report->found);
	json_text(&json, "match", report->match == MATCH_EXACT ? "exact" : "contains");
	json_text(&json, "verdict", cpis_verdict_name(verdict_of(report)));
	json_object_row(&json, "records");
	json_size(&json, "expected", comparison->expected);
	json_size(&json, "found", comparison->found);
	json_size(&json, "same", comparison->same);
	json_size(&json, "changed", comparison->changed);
	json_size(&json, "missing", comparison->missing);
	json_size(&json, "added", comparison->added);
	json_end(&json);
	json_details(report, &json);
	for (size_t i = 0; i < 2; i++)
		json_size_if(&json, i ? "foundNotCompared" : "expectedNotCompared",
			     report->strange_lines[i]);
	json_array(&json, "differences");
	for (size_t i = 0; i < comparison->difference_count; i++)
		json_difference(report, &json, &comparison->differences[i]);
	json_end(&json);
	json_end(&json);
	return json_finish(&json);
}

static const struct {
	const char *format;
	int (*write)(const struct report *, struct buf *);
} writers[] = { { "text", write_text }, { "json", write_json }, { "changes", write_changes } };

static int out_of_memory(struct cpis_failure *failure)
{
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL, .text = "out of memory" };
	return -1;
}

static int write_report(const struct report *report, const struct cpis_compare_options *options,
			struct cpis_failure *failure)
{
	const char *format = options->format ? options->format : "text";
	size_t i = 0;
	while (i < sizeof(writers) / sizeof(writers[0]) && strcmp(writers[i].format, format) != 0)
		i++;
	if (i == sizeof(writers) / sizeof(writers[0])) {
		*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION };
		snprintf(failure->text, sizeof(failure->text),
			 "a comparison is written as text or json, not as %.64s", format);
		return -1;
	}
	struct buf document;
	buf_init(&document, SIZE_MAX / 2);
	int status = 0;
	if (writers[i].write(report, &document) != 0 || report->arena->failed)
		status = out_of_memory(failure);
	else if (options->write)
		status = report_hand_over(options->write, options->write_context,
					  buf_view(&document), failure);
	else
		status = report_put(options->path, stdout, buf_view(&document), failure);
	buf_release(&document);
	return status;
}

/* Relative times of either become fixed, by what the other says of its day. */
static void settle(struct arena *arena, const char *expected, const char *found,
		   struct child_records sets[2], const char *keyed, struct problems *problems)
{
	const char *const names[] = { expected, found };
	char why[128];
	struct when_days days = { "", "" };
	if (keyed && !value_is_date(keyed, why, sizeof(why)))
		problem_add(problems, keyed, (struct config_place){ 0, 0 }, "%s", why);
	else if (keyed)
		when_set_day(days.keyed, keyed);
	for (size_t i = 0; i < 2 && !problems_any(problems); i++) {
		memcpy(days.message, sets[1 - i].made, sizeof(days.message));
		enum when_anchor unknown = records_settle(&sets[i], arena, &days, &sets[i]);
		if (unknown != WHEN_FIXED)
			problem_add(problems, names[i], (struct config_place){ 0, 0 },
				    unknown == WHEN_KEYED
					    ? "its times are relative to the day on which it was "
					      "keyed in: give it with --keyed"
					    : "its times are relative to a message, and the other "
					      "file does not say when it was made");
	}
}

static int read_both(struct arena *arena, const char *expected, const char *found,
		     struct child_records sets[2], const struct cpis_compare_options *options,
		     struct cpis_failure *failure)
{
	struct problems problems;
	problems_init(&problems);
	dataset_read(&sets[0], arena, expected, &problems);
	dataset_read(&sets[1], arena, found, &problems);
	settle(arena, expected, found, sets, options->keyed, &problems);
	return problems_close(&problems, options->problem, options->context, failure);
}

/* What became of each record of two acknowledgements, by its place, and what else a message says of
 * itself; listed after the records. */
static int compare_details(struct arena *arena, const struct child_records sets[2],
			   enum record_match match, struct comparison *comparison,
			   struct comparison *details)
{
	static const struct child_records none = { .whole = true };
	struct child_records of[2];
	for (size_t i = 0; i < 2; i++) {
		of[i] = sets[i].details ? *sets[i].details : none;
		of[i].whole = true;
		of[i].exact = sets[i].exact;
	}
	if (!sets[0].kind || sets[0].kind != sets[1].kind)
		return 0;
	/* What is compared points into the lists, whose items stay in the arena. */
	if (records_compare(arena, &of[0], &of[1], match, details) != 0)
		return -1;
	size_t count = comparison->difference_count, more = details->difference_count;
	struct record_difference *all = arena_alloc(arena, (count + more + 1) * sizeof(*all));
	if (!all)
		return -1;
	if (count)
		memcpy(all, comparison->differences, count * sizeof(*all));
	if (more)
		memcpy(all + count, details->differences, more * sizeof(*all));
	comparison->differences = all;
	comparison->difference_count = count + more;
	return 0;
}

static int compare(struct arena *arena, const char *expected, const char *found,
		   const struct cpis_compare_options *options, enum cpis_verdict *verdict,
		   struct cpis_failure *failure)
{
	struct child_records sets[2] = { 0 };
	struct comparison comparison, details = { 0 };
	enum record_match match = options->contains ? MATCH_CONTAINS : MATCH_EXACT;
	if (read_both(arena, expected, found, sets, options, failure) != 0)
		return -1;
	sets[0].whole = sets[1].whole = sets[0].kind == sets[1].kind;
	sets[0].exact = options->exact_times != 0;
	struct masker *masker = masker_new(options->show_values);
	int status = 0;
	if (!masker || records_compare(arena, &sets[0], &sets[1], match, &comparison) != 0 ||
	    compare_details(arena, sets, match, &comparison, &details) != 0)
		status = out_of_memory(failure);
	const struct report report = { .expected = expected,
				       .found = found,
				       .comparison = &comparison,
				       .details = &details,
				       .strange_lines = { sets[0].strange_line,
							  sets[1].strange_line },
				       .match = match,
				       .masker = masker,
				       .arena = arena };
	if (status == 0)
		*verdict = verdict_of(&report);
	if (status == 0 && !options->quiet)
		status = write_report(&report, options, failure);
	masker_free(masker);
	return status;
}

int cpis_compare(const char *expected, const char *found,
		 const struct cpis_compare_options *options, enum cpis_verdict *verdict,
		 struct cpis_failure *failure)
{
	struct arena arena;
	if (FAILURE_UNLESS_RESERVED_ZERO(options, failure) != 0)
		return -1;
	arena_init(&arena);
	int status = compare(&arena, expected, found, options, verdict, failure);
	arena_release(&arena);
	return status;
}
