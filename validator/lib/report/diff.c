#include "report/sink.h"

#include "base/character.h"
#include "report/json_writer.h"
#include "report/page.h"
#include "results/diff.h"
#include "results/markup.h"
#include "results/summary.h"

static void write_causes(struct buf *out, unsigned set)
{
	bool first = true;
	for (unsigned i = 0; i < DIFF_CAUSE_COUNT; i++) {
		if (!(set & 1u << i))
			continue;
		buf_printf(out, "%s%s", first ? "" : ", ", diff_cause_words((enum diff_cause)i));
		first = false;
	}
	if (first)
		buf_text(out, "nothing recorded changed");
}

static void write_numbers(const struct diff *diff, struct buf *out)
{
	buf_printf(out, "%zu new, %zu fixed, %zu unchanged", diff->fresh_count, diff->fixed_count,
		   diff->unchanged);
	if (diff->case_count) {
		buf_text(out, "; ");
		summary_count(out, diff->case_count, "case");
		buf_text(out, diff->case_count == 1 ? " has a different outcome"
						    : " have a different outcome");
	}
}

static void write_options(const struct diff *diff, struct buf *out)
{
	for (size_t i = 0; i < diff->option_count; i++)
		character_printf(out, "%s--%s",
				 i ? ", " : "Options that differ: ", diff->options[i]);
	if (diff->option_count)
		buf_text(out, ".\n");
	for (size_t i = 0; i < diff->input_count; i++) {
		buf_text(out, i ? ", " : "Files that differ: ");
		character_write_line(out, diff->inputs[i]);
	}
	if (diff->input_count)
		buf_text(out, ".\n");
}

static const char *outcome_word(bool there, enum case_outcome outcome)
{
	return there ? case_outcome_name(outcome) : "not there";
}

static void text_finding(struct buf *out, const struct diff_finding *entry)
{
	const struct finding *finding = entry->finding;
	character_printf(out, "  %s %s ", finding->rule->id, cpis_severity_name(finding->severity));
	character_write_line(out, entry->message->source);
	if (finding->at.line)
		buf_printf(out, ":%zu:%zu", finding->at.line, finding->at.column);
	if (entry->one) {
		buf_text(out, " (");
		character_write_line(out, entry->one->id);
		buf_text(out, ")");
	}
	buf_text(out, "\n    ");
	character_write_line(out, finding_sentence(finding));
	if (finding_path(finding)) {
		buf_text(out, "\n    at ");
		character_write_line(out, finding_path(finding));
	}
	buf_text(out, "\n    because ");
	write_causes(out, entry->causes);
	buf_char(out, '\n');
}

static void text_list(struct buf *out, const char *title, const struct diff_finding *list,
		      size_t count)
{
	if (count)
		buf_printf(out, "\n%s\n", title);
	for (size_t i = 0; i < count; i++)
		text_finding(out, &list[i]);
}

static void write_text(const struct diff *diff, struct buf *out)
{
	write_numbers(diff, out);
	buf_char(out, '\n');
	if (diff->causes) {
		buf_text(out, "The runs differ: ");
		write_causes(out, diff->causes);
		buf_text(out, ".\n");
	}
	write_options(diff, out);
	text_list(out, "New", diff->fresh, diff->fresh_count);
	text_list(out, "Fixed", diff->fixed, diff->fixed_count);
	if (diff->case_count)
		buf_text(out, "\nCases\n");
	for (size_t i = 0; i < diff->case_count; i++) {
		const struct diff_case *one = &diff->cases[i];
		buf_text(out, "  ");
		character_write_line(out, one->pack);
		buf_char(out, '/');
		character_write_line(out, one->id);
		buf_printf(out, " was %s, now %s\n    because ",
			   outcome_word(one->was_there, one->before),
			   outcome_word(one->is_there, one->after));
		write_causes(out, one->causes);
		buf_char(out, '\n');
	}
}

static void md_list(struct buf *out, const char *title, const struct diff_finding *list,
		    size_t count)
{
	if (!count)
		return;
	buf_printf(out,
		   "\n## %s\n\n| rule | severity | message | what | because "
		   "|\n|---|---|---|---|---|\n",
		   title);
	for (size_t i = 0; i < count; i++) {
		const struct finding *finding = list[i].finding;
		buf_text(out, "| ");
		md_text(out, finding->rule->id);
		buf_printf(out, " | %s | ", cpis_severity_name(finding->severity));
		md_text(out, list[i].message->source);
		if (finding->at.line)
			buf_printf(out, ":%zu", finding->at.line);
		buf_text(out, " | ");
		md_text(out, finding_sentence(finding));
		buf_text(out, " | ");
		write_causes(out, list[i].causes);
		buf_text(out, " |\n");
	}
}

static void write_md(const struct diff *diff, struct buf *out)
{
	buf_text(out, "# CP-IS: ");
	write_numbers(diff, out);
	buf_char(out, '\n');
	if (diff->option_count || diff->input_count)
		buf_char(out, '\n');
	write_options(diff, out);
	md_list(out, "New", diff->fresh, diff->fresh_count);
	md_list(out, "Fixed", diff->fixed, diff->fixed_count);
	if (!diff->case_count)
		return;
	buf_text(out, "\n## Cases\n\n| case | was | now | because |\n|---|---|---|---|\n");
	for (size_t i = 0; i < diff->case_count; i++) {
		const struct diff_case *one = &diff->cases[i];
		buf_text(out, "| ");
		md_text(out, one->pack);
		buf_char(out, '/');
		md_text(out, one->id);
		buf_printf(out, " | %s | %s | ", outcome_word(one->was_there, one->before),
			   outcome_word(one->is_there, one->after));
		write_causes(out, one->causes);
		buf_text(out, " |\n");
	}
}

static void json_causes(struct json_writer *json, unsigned set)
{
	json_array_row(json, "because");
	for (unsigned i = 0; i < DIFF_CAUSE_COUNT; i++)
		if (set & 1u << i)
			json_text(json, NULL, diff_cause_name((enum diff_cause)i));
	json_end(json);
}

static void json_list(struct json_writer *json, const char *name, const struct diff_finding *list,
		      size_t count)
{
	json_array(json, name);
	for (size_t i = 0; i < count; i++) {
		const struct finding *finding = list[i].finding;
		json_object(json, NULL);
		json_text(json, "rule", finding->rule->id);
		json_text(json, "severity", cpis_severity_name(finding->severity));
		json_text(json, "source", list[i].message->source);
		json_text_if(json, "pack", list[i].one ? list[i].one->pack : NULL);
		json_text_if(json, "case", list[i].one ? list[i].one->id : NULL);
		json_place(json, "line", finding->at.line);
		json_place(json, "column", finding->at.column);
		json_text(json, "path", finding_path(finding));
		json_text(json, "message", finding_sentence(finding));
		json_text(json, "fingerprint", finding->fingerprint);
		json_causes(json, list[i].causes);
		json_end(json);
	}
	json_end(json);
}

static void write_json(const struct diff *diff, struct buf *out)
{
	struct json_writer json;
	json_init(&json, out);
	json_object(&json, NULL);
	json_text(&json, "tool", "cpis");
	json_object_row(&json, "counts");
	json_size(&json, "new", diff->fresh_count);
	json_size(&json, "fixed", diff->fixed_count);
	json_size(&json, "unchanged", diff->unchanged);
	json_size(&json, "cases", diff->case_count);
	json_end(&json);
	json_causes(&json, diff->causes);
	json_array_row(&json, "options");
	for (size_t i = 0; i < diff->option_count; i++)
		json_text(&json, NULL, diff->options[i]);
	json_end(&json);
	json_array_row(&json, "inputs");
	for (size_t i = 0; i < diff->input_count; i++)
		json_text(&json, NULL, diff->inputs[i]);
	json_end(&json);
	json_list(&json, "new", diff->fresh, diff->fresh_count);
	json_list(&json, "fixed", diff->fixed, diff->fixed_count);
	json_array(&json, "cases");
	for (size_t i = 0; i < diff->case_count; i++) {
		const struct diff_case *one = &diff->cases[i];
		json_object_row(&json, NULL);
		json_text(&json, "pack", one->pack);
		json_text(&json, "case", one->id);
		json_text(&json, "before", one->was_there ? case_outcome_name(one->before) : NULL);
		json_text(&json, "after", one->is_there ? case_outcome_name(one->after) : NULL);
		json_causes(&json, one->causes);
		json_end(&json);
	}
	json_end(&json);
	json_end(&json);
	if (json_finish(&json) != 0)
		out->failed = true;
}

/* As a page: a small document, and reports/html/diff.xsl. */

enum { MOST_LISTED = 1000 }; /* findings of each list */

static void mark_causes(struct markup *markup, unsigned set)
{
	for (unsigned i = 0; i < DIFF_CAUSE_COUNT; i++)
		if (set & 1u << i)
			markup_leaf(markup, "because", diff_cause_words((enum diff_cause)i));
}

static void mark_finding(struct markup *markup, const struct diff_finding *entry)
{
	const struct finding *finding = entry->finding;
	markup_open(markup, "finding");
	markup_attribute(markup, "rule", finding->rule->id);
	markup_attribute(markup, "severity", cpis_severity_name(finding->severity));
	markup_attribute(markup, "source", entry->message->source);
	markup_attribute_place(markup, "line", finding->at.line);
	markup_attribute_place(markup, "column", finding->at.column);
	markup_attribute(markup, "case", entry->one ? entry->one->id : NULL);
	markup_leaf(markup, "title", finding->rule->title);
	markup_leaf(markup, "path", finding_path(finding));
	markup_leaf(markup, "message", finding_sentence(finding));
	markup_leaf(markup, "fix", finding_fix(finding));
	mark_causes(markup, entry->causes);
	if (finding->excerpt) {
		markup_open(markup, "excerpt");
		markup_attribute_size(markup, "caret", finding->caret);
		markup_text(markup, finding->excerpt);
		markup_close(markup);
	}
	markup_close(markup);
}

static void mark_list(struct markup *markup, const char *name, const struct diff_finding *list,
		      size_t count)
{
	markup_open(markup, name);
	markup_attribute_size(markup, "number", count);
	for (size_t i = 0; i < count && i < MOST_LISTED; i++)
		mark_finding(markup, &list[i]);
	markup_close(markup);
}

static void mark_cases(struct markup *markup, const struct diff *diff)
{
	for (size_t i = 0; i < diff->case_count; i++) {
		const struct diff_case *one = &diff->cases[i];
		markup_open(markup, "case");
		markup_attribute(markup, "pack", one->pack);
		markup_attribute(markup, "id", one->id);
		markup_attribute(markup, "before", outcome_word(one->was_there, one->before));
		markup_attribute(markup, "after", outcome_word(one->is_there, one->after));
		mark_causes(markup, one->causes);
		markup_close(markup);
	}
}

static void write_document(const struct diff *diff, struct markup *markup)
{
	markup_open(markup, "diff");
	markup_attribute(markup, "xmlns", "urn:cpis:results:1");
	markup_attribute(markup, "tool", CPIS_VERSION);
	markup_attribute_size(markup, "unchanged", diff->unchanged);
	markup_attribute_size(markup, "worse", diff->worse_count);
	mark_causes(markup, diff->causes);
	for (size_t i = 0; i < diff->option_count; i++)
		markup_leaf(markup, "option", diff->options[i]);
	run_mark(markup, diff->before);
	run_mark(markup, diff->after);
	mark_list(markup, "new", diff->fresh, diff->fresh_count);
	mark_list(markup, "fixed", diff->fixed, diff->fixed_count);
	mark_cases(markup, diff);
	markup_close(markup);
}

static int write_html(const struct diff *diff, struct buf *out, struct cpis_failure *failure)
{
	struct buf document;
	struct markup markup;
	buf_init(&document, SIZE_MAX / 2);
	markup_init(&markup, &document);
	write_document(diff, &markup);
	const struct page page = {
		.sheet = "diff.xsl",
		.document = buf_view(&document),
		.left = "CP-IS: what changed between two runs",
	};
	int status = 0;
	out->failed = out->failed || markup_finish(&markup) != 0;
	if (!out->failed)
		status = page_make(&page, out, failure);
	buf_release(&document);
	return status;
}

int diff_write(const struct diff *diff, const char *format, struct buf *out,
	       struct cpis_failure *failure)
{
	if (strcmp(format, "html") == 0)
		return write_html(diff, out, failure);

	static const struct {
		const char *format;
		void (*write)(const struct diff *, struct buf *);
	} formats[] = { { "text", write_text }, { "md", write_md }, { "json", write_json } };
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].format, format) == 0) {
			formats[i].write(diff, out);
			return 0;
		}
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION,
					  .text = "a difference can be written as text, md, json "
						  "or html" };
	return -1;
}
