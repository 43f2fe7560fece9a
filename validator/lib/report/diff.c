#include "report/sink.h"

#include "base/character.h"
#include "report/json_writer.h"
#include "report/page.h"
#include "results/diff.h"
#include "results/markup.h"
#include "results/summary.h"

#include <string.h>

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
	if (diff->unlisted_count)
		buf_printf(out, ", %zu not listed before", diff->unlisted_count);
	if (diff->accepted_count)
		buf_printf(out, ", %zu accepted or lowered", diff->accepted_count);
	if (diff->unjudged_count)
		buf_printf(out, ", %zu no longer checked", diff->unjudged_count);
	if (diff->gone_count) {
		buf_text(out, "; ");
		summary_count(out, diff->gone_count, "message");
		buf_text(out, diff->gone_count == 1 ? " is gone" : " are gone");
	}
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

/* The lists of findings, in the order of every format. */
struct diff_list {
	const char *name, *title;
	const struct diff_finding *items;
	size_t count;
};

enum { DIFF_LISTS = 5 };

static void list_all(const struct diff *diff, struct diff_list lists[DIFF_LISTS])
{
	const struct diff_list all[DIFF_LISTS] = {
		{ "new", "New", diff->fresh, diff->fresh_count },
		{ "unlisted", "Not listed before", diff->unlisted, diff->unlisted_count },
		{ "unjudged", "No longer checked", diff->unjudged, diff->unjudged_count },
		{ "accepted", "Accepted or lowered", diff->accepted, diff->accepted_count },
		{ "fixed", "Fixed", diff->fixed, diff->fixed_count },
	};
	memcpy(lists, all, sizeof(all));
}

/* What the later run says less than the earlier one, a line each after a mark. */
static void write_losses(const struct diff *diff, const char *mark, struct buf *out)
{
	for (unsigned i = 0; i < DIFF_LOSS_COUNT; i++)
		if (diff->losses & 1u << i)
			buf_printf(out, "%s%s.\n", mark, diff_loss_words((enum diff_loss)i));
}

static void write_text(const struct diff *diff, struct buf *out)
{
	struct diff_list lists[DIFF_LISTS];
	write_numbers(diff, out);
	buf_char(out, '\n');
	write_losses(diff, "Worse: ", out);
	if (diff->causes) {
		buf_text(out, "The runs differ: ");
		write_causes(out, diff->causes);
		buf_text(out, ".\n");
	}
	write_options(diff, out);
	list_all(diff, lists);
	for (size_t i = 0; i < DIFF_LISTS; i++)
		text_list(out, lists[i].title, lists[i].items, lists[i].count);
	if (diff->gone_count)
		buf_text(out, "\nMessages that are gone\n");
	for (size_t i = 0; i < diff->gone_count; i++) {
		const struct diff_message *one = &diff->gone[i];
		buf_text(out, "  ");
		character_write_line(out, one->message->source);
		buf_printf(out, " was %s%s", cpis_verdict_name(one->message->verdict),
			   one->why ? "; now " : "");
		character_write_line(out, one->why ? one->why : "");
		buf_char(out, '\n');
	}
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
	struct diff_list lists[DIFF_LISTS];
	buf_text(out, "# CP-IS: ");
	write_numbers(diff, out);
	buf_char(out, '\n');
	if (diff->option_count || diff->input_count)
		buf_char(out, '\n');
	write_options(diff, out);
	if (diff->losses)
		buf_char(out, '\n');
	write_losses(diff, "- Worse: ", out);
	list_all(diff, lists);
	for (size_t i = 0; i < DIFF_LISTS; i++)
		md_list(out, lists[i].title, lists[i].items, lists[i].count);
	if (diff->gone_count)
		buf_text(out,
			 "\n## Messages that are gone\n\n| message | was | now |\n|---|---|---|\n");
	for (size_t i = 0; i < diff->gone_count; i++) {
		const struct diff_message *one = &diff->gone[i];
		buf_text(out, "| ");
		md_text(out, one->message->source);
		buf_printf(out, " | %s | ", cpis_verdict_name(one->message->verdict));
		md_text(out, one->why ? one->why : "");
		buf_text(out, " |\n");
	}
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
	struct diff_list lists[DIFF_LISTS];
	list_all(diff, lists);
	json_init(&json, out);
	json_object(&json, NULL);
	json_text(&json, "tool", "cpis");
	json_object_row(&json, "counts");
	for (size_t i = 0; i < DIFF_LISTS; i++)
		json_size(&json, lists[i].name, lists[i].count);
	json_size(&json, "unchanged", diff->unchanged);
	json_size(&json, "gone", diff->gone_count);
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
	json_array_row(&json, "worse");
	for (unsigned i = 0; i < DIFF_LOSS_COUNT; i++)
		if (diff->losses & 1u << i)
			json_text(&json, NULL, diff_loss_words((enum diff_loss)i));
	json_end(&json);
	for (size_t i = 0; i < DIFF_LISTS; i++)
		json_list(&json, lists[i].name, lists[i].items, lists[i].count);
	json_array(&json, "gone");
	for (size_t i = 0; i < diff->gone_count; i++) {
		json_object_row(&json, NULL);
		json_text(&json, "source", diff->gone[i].message->source);
		json_text(&json, "verdict", cpis_verdict_name(diff->gone[i].message->verdict));
		json_text(&json, "why", diff->gone[i].why);
		json_end(&json);
	}
	json_end(&json);
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
	struct diff_list lists[DIFF_LISTS];
	markup_open(markup, "diff");
	markup_attribute(markup, "xmlns", "urn:cpis:results:1");
	markup_attribute(markup, "tool", CPIS_VERSION);
	markup_attribute_size(markup, "unchanged", diff->unchanged);
	markup_attribute_size(markup, "worse", diff->worse_count);
	markup_attribute(markup, "verdict", diff_is_worse(diff) ? "fail" : "pass");
	mark_causes(markup, diff->causes);
	for (unsigned i = 0; i < DIFF_LOSS_COUNT; i++)
		if (diff->losses & 1u << i)
			markup_leaf(markup, "loss", diff_loss_words((enum diff_loss)i));
	for (size_t i = 0; i < diff->option_count; i++)
		markup_leaf(markup, "option", diff->options[i]);
	run_mark(markup, diff->before);
	run_mark(markup, diff->after);
	list_all(diff, lists);
	for (size_t i = 0; i < DIFF_LISTS; i++)
		mark_list(markup, lists[i].name, lists[i].items, lists[i].count);
	for (size_t i = 0; i < diff->gone_count && i < MOST_LISTED; i++) {
		markup_open(markup, "gone");
		markup_attribute(markup, "source", diff->gone[i].message->source);
		markup_attribute(markup, "verdict",
				 cpis_verdict_name(diff->gone[i].message->verdict));
		markup_attribute(markup, "why", diff->gone[i].why);
		markup_close(markup);
	}
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
