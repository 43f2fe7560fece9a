#include "report/sink.h"

#include "base/character.h"
#include "results/summary.h"

/* Short enough for a comment on a pull request: what failed, and where it was first found. */
enum { MOST_ROWS = 50, MOST_DETAILS = 50 };

/* Characters that Markdown, HTML, or a forge's mentions and references give a meaning. */
static bool is_special(uint32_t code)
{
	return code && code < 0x80 && strchr("\\`*_{}[]<>#|~@&!$", (int)code);
}

void md_text(struct buf *out, const char *text)
{
	for (struct character c = character_at(text); c.n; c = character_at(c.p + c.n)) {
		if (c.code == '\t' || c.code == '\n')
			buf_char(out, ' ');
		else if (is_special(c.code) || (c.code == ':' && strchr(":/", c.p[1]) && c.p[1]))
			buf_printf(out, "&#%u;", (unsigned)c.code);
		else
			character_write(out, c);
	}
}

static void write_data(struct buf *out, const char *text)
{
	buf_text(out, "<code>");
	md_text(out, text);
	buf_text(out, "</code>");
}

static void write_place(struct buf *out, const struct message_result *message,
			const struct finding *finding)
{
	write_data(out, message->source);
	if (finding->at.line)
		buf_printf(out, " line %zu, column %zu", finding->at.line, finding->at.column);
}

static void write_numbers(struct buf *out, const struct summary *summary)
{
	buf_text(out, "| | |\n|---|---:|\n");
	for (size_t i = 0; i < CASE_OUTCOME_COUNT; i++)
		if (summary->by_outcome[i])
			buf_printf(out, "| Cases %s | %zu |\n",
				   case_outcome_name((enum case_outcome)i), summary->by_outcome[i]);
	buf_printf(out, "| Messages checked | %zu |\n", summary->messages);
	buf_printf(out, "| Errors | %zu |\n| Warnings | %zu |\n", summary->findings[CPIS_ERROR],
		   summary->findings[CPIS_WARNING]);
	if (summary->findings[CPIS_INFO])
		buf_printf(out, "| Notes | %zu |\n", summary->findings[CPIS_INFO]);
	if (summary->waived)
		buf_printf(out, "| %s findings | %zu |\n", accepted_heading(summary->by_baseline),
			   summary->waived);
	buf_printf(out, "| Rules checked | %zu |\n| Rules with nothing to check | %zu |\n",
		   summary->rules_judged, summary->rules_idle);
	if (summary->rules_not_run)
		buf_printf(out, "| Rules not run | %zu |\n", summary->rules_not_run);
	buf_char(out, '\n');
}

static bool needs_work(const struct case_result *one)
{
	return one->outcome == CASE_FAILED || one->outcome == CASE_BROKEN ||
	       one->outcome == CASE_NOT_RUN || one->outcome == CASE_MANUAL;
}

static void write_cases(struct buf *out, const struct results *results)
{
	size_t rows = 0;
	for (size_t i = 0; i < results->case_count; i++) {
		const struct case_result *one = &results->cases[i];
		if (!needs_work(one) || rows++ >= MOST_ROWS)
			continue;
		if (rows == 1)
			buf_text(out, "### Cases to look at\n\n"
				      "| Case | Outcome | Expected | Found | Because |\n"
				      "|---|---|---|---|---|\n");
		buf_text(out, "| ");
		write_data(out, one->id);
		buf_char(out, ' ');
		md_text(out, one->title ? one->title : "");
		buf_printf(out, " | **%s** | ", case_outcome_name(one->outcome));
		md_text(out, one->expected ? one->expected : "");
		buf_text(out, " | ");
		md_text(out, one->actual ? one->actual : "");
		buf_text(out, " | ");
		md_text(out, one->reason ? one->reason : "");
		buf_text(out, " |\n");
	}
	if (rows > MOST_ROWS)
		buf_printf(out, "\nAnd %zu more.\n", rows - MOST_ROWS);
	if (rows)
		buf_char(out, '\n');
}

/* The first finding of a rule that is not waived, and how many there are. */
struct first {
	const struct message_result *message;
	const struct finding *finding;
	size_t count;
};

static struct first first_of(const struct results *results, const struct rule *rule)
{
	struct first first = { 0 };
	size_t unlisted = 0;
	for (size_t i = 0; i < results->message_count; i++) {
		const struct message_result *message = &results->messages[i];
		for (size_t k = 0; k < message->finding_count; k++) {
			if (message->findings[k].rule != rule || message->findings[k].waived)
				continue;
			if (!first.count++)
				first = (struct first){ message, &message->findings[k], 1 };
		}
		for (size_t k = 0; k < message->unlisted_count; k++)
			if (message->unlisted[k].rule == rule)
				unlisted += message->unlisted[k].count;
	}
	first.count += first.count ? unlisted : 0;
	return first;
}

static void write_rule_row(struct buf *out, const struct rule *rule, const struct first *first)
{
	buf_printf(out, "| %s | ", severity_word(first->finding->severity));
	write_data(out, rule->id);
	buf_char(out, ' ');
	md_text(out, rule->title);
	buf_printf(out, " | %zu | ", first->count);
	write_place(out, first->message, first->finding);
	buf_text(out, " | ");
	md_text(out, finding_fix(first->finding) ? finding_fix(first->finding) : "");
	buf_text(out, " |\n");
}

/* Errors first, then the order of the catalogue. */
static void write_rules(struct buf *out, const struct results *results)
{
	bool any = false;
	for (size_t severity = CPIS_ERROR + 1; severity-- > CPIS_WARNING;) {
		for (size_t i = 0; i < results->rule_count; i++) {
			if (!results->tallies[i].failed)
				continue;
			struct first first = first_of(results, results->rules[i]);
			if (!first.count || first.finding->severity != severity)
				continue;
			if (!any)
				buf_text(out, "### Rules with findings\n\n"
					      "| Severity | Rule | Times | First at | Fix |\n"
					      "|---|---|---:|---|---|\n");
			any = true;
			write_rule_row(out, results->rules[i], &first);
		}
	}
	if (any)
		buf_char(out, '\n');
}

static void write_finding(struct buf *out, const struct message_result *message,
			  const struct finding *finding)
{
	buf_printf(out, "- **%s** ", severity_word(finding->severity));
	write_data(out, finding->rule->id);
	buf_char(out, ' ');
	md_text(out, finding_sentence(finding));
	buf_text(out, " ");
	write_place(out, message, finding);
	if (finding_path(finding)) {
		buf_text(out, ", ");
		write_data(out, finding_path(finding));
	}
	buf_char(out, '\n');
}

static void write_findings(struct buf *out, const struct results *results)
{
	size_t count = 0, not_listed = 0;
	for (size_t i = 0; i < results->message_count; i++) {
		const struct message_result *message = &results->messages[i];
		not_listed += message->suppressed;
		for (size_t k = 0; k < message->finding_count; k++) {
			if (message->findings[k].waived || count++ >= MOST_DETAILS)
				continue;
			if (count == 1)
				buf_text(out,
					 "<details><summary>The findings, in order</summary>\n\n");
			write_finding(out, message, &message->findings[k]);
		}
	}
	if (count > MOST_DETAILS)
		buf_printf(out, "- and %zu more\n", count - MOST_DETAILS);
	if (count)
		buf_text(out, "\n</details>\n\n");
	if (not_listed) {
		summary_not_listed(out, not_listed);
		buf_text(out, "\n\n");
	}
}

static void begin_waived(struct buf *out, const struct summary *summary, size_t *count)
{
	if (!(*count)++)
		buf_printf(out, "### %s\n\n", accepted_heading(summary->by_baseline));
	if (*count <= MOST_ROWS)
		buf_text(out, "- ");
}

static void write_waived_case(struct buf *out, const struct case_result *one)
{
	write_data(out, one->id);
	buf_char(out, ' ');
	md_text(out, one->title ? one->title : "");
	if (one->reason) {
		buf_text(out, ": ");
		md_text(out, one->reason);
	}
	buf_char(out, '\n');
}

static void write_waived_finding(struct buf *out, const struct message_result *message,
				 const struct finding *finding)
{
	write_data(out, finding->rule->id);
	buf_char(out, ' ');
	md_text(out, finding_sentence(finding));
	buf_char(out, ' ');
	write_place(out, message, finding);
	buf_text(out, ": ");
	md_text(out, finding->waived);
	buf_char(out, '\n');
}

/* What was accepted, with the reason and the name that were given for it. */
static void write_waived(struct buf *out, const struct results *results,
			 const struct summary *summary)
{
	size_t count = 0;
	for (size_t i = 0; i < results->case_count; i++) {
		if (results->cases[i].outcome != CASE_WAIVED)
			continue;
		begin_waived(out, summary, &count);
		if (count <= MOST_ROWS)
			write_waived_case(out, &results->cases[i]);
	}
	for (size_t i = 0; i < results->message_count; i++) {
		const struct message_result *message = &results->messages[i];
		for (size_t k = 0; k < message->finding_count; k++) {
			if (!message->findings[k].waived)
				continue;
			begin_waived(out, summary, &count);
			if (count <= MOST_ROWS)
				write_waived_finding(out, message, &message->findings[k]);
		}
	}
	if (count > MOST_ROWS)
		buf_printf(out, "- and %zu more\n", count - MOST_ROWS);
	if (count)
		buf_char(out, '\n');
}

static void write_omission(struct buf *out, const struct message_result *message,
			   const struct omission *omission, size_t *count)
{
	if ((*count)++ >= MOST_ROWS)
		return;
	if (*count == 1)
		buf_text(out, "### Not checked\n\n");
	buf_text(out, "- ");
	write_data(out, message->source);
	buf_text(out, ": ");
	md_text(out, omission->what);
	buf_text(out, ", because ");
	md_text(out, omission->why);
	buf_char(out, '\n');
}

static void write_omissions(struct buf *out, const struct results *results)
{
	size_t count = 0;
	for (size_t i = 0; i < results->message_count; i++) {
		const struct message_result *message = &results->messages[i];
		const struct omission *unsaid = message_unsaid(message);
		for (size_t k = 0; k < message->omission_count; k++)
			write_omission(out, message, &message->omissions[k], &count);
		if (unsaid)
			write_omission(out, message, unsaid, &count);
	}
	if (count > MOST_ROWS)
		buf_printf(out, "- and %zu more\n", count - MOST_ROWS);
	if (count)
		buf_char(out, '\n');
}

static void write_left_out(struct buf *out, const struct results *results)
{
	size_t count = results->left_out_count;
	if (count)
		buf_text(out, "### Skipped\n\n");
	for (size_t i = 0; i < count && i < MOST_ROWS; i++) {
		buf_text(out, "- ");
		write_data(out, results->left_out[i].what);
		buf_text(out, ", because ");
		md_text(out, results->left_out[i].why);
		buf_char(out, '\n');
	}
	if (count > MOST_ROWS)
		buf_printf(out, "- and %zu more\n", count - MOST_ROWS);
	if (count)
		buf_char(out, '\n');
}

static void write_change(void *context, const char *line)
{
	struct buf *out = context;
	buf_text(out, "- ");
	md_text(out, line);
	buf_char(out, '\n');
}

/* What the profile changed, and why. */
static void write_profile(struct buf *out, const struct results *results)
{
	size_t changed = 0;
	for (size_t i = 0; i < results->rule_count; i++)
		changed += override_at(results, i) != NULL;
	if (!changed)
		return;
	buf_text(out, "### Changed by the profile\n\n");
	if (remarks_each(results, REMARK_PROFILE, MOST_ROWS, write_change, out) != 0)
		out->failed = true;
	buf_char(out, '\n');
}

static void write_sentence(const struct results *results, const struct summary *summary,
			   void (*make)(const struct results *, const struct summary *,
					struct buf *),
			   struct buf *out)
{
	struct buf sentence;
	buf_init(&sentence, SIZE_MAX / 2);
	make(results, summary, &sentence);
	md_text(out, buf_view(&sentence).p);
	out->failed = out->failed || sentence.failed;
	buf_release(&sentence);
}

int md_write(const struct results *results, struct buf *out, struct cpis_failure *failure)
{
	static const char *const symbols[] = { "✅", "❔", "❌" };
	struct summary summary;
	summary_of(results, &summary);
	bool partial = summary.verdict == CPIS_PASS && results_partial(results);
	buf_printf(out, "## %s ", partial ? "◐" : symbols[summary.verdict]);
	write_sentence(results, &summary, summary_headline, out);
	buf_text(out, "\n\n");
	write_sentence(results, &summary, summary_completeness, out);
	buf_text(out, "\n\n");
	write_numbers(out, &summary);
	write_cases(out, results);
	if (!results->pack_count) {
		write_rules(out, results);
		write_findings(out, results);
	}
	write_waived(out, results, &summary);
	write_omissions(out, results);
	write_left_out(out, results);
	write_profile(out, results);
	buf_text(out, "<sub>cpis ");
	md_text(out, results_tool(results));
	buf_text(out, ", ");
	md_text(out, results_dms(results));
	buf_text(out, ", rule set ");
	md_text(out, results_ruleset(results).digest);
	buf_text(out, "</sub>\n");
	char digest[65];
	results_digest(results, NULL, digest);
	if (digest[0])
		buf_printf(out, "\n<sub>Input digest: %s</sub>\n", digest);
	(void)failure;
	return 0;
}
