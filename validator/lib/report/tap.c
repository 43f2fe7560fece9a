#include "report/sink.h"

#include "base/character.h"
#include "report/json_writer.h"
#include "results/summary.h"

/* A test point for each message or, if packs were run, for each case, and one for the run where
 * none of them shows its verdict. Incomplete is not ok. */

enum { MOST_LISTED = 50 };

static void write_description(struct buf *out, const char *text)
{
	for (struct character c = character_at(text); c.n; c = character_at(c.p + c.n)) {
		if (c.code == '#' || c.code == '\\')
			buf_char(out, '\\');
		if (c.code == '\t' || c.code == '\n')
			buf_char(out, ' ');
		else
			character_write(out, c);
	}
}

/* A YAML scalar: a JSON string is one. */
static void write_scalar(struct buf *out, const char *indent, const char *key, const char *value)
{
	if (!value)
		return;
	buf_printf(out, "%s%s: ", indent, key);
	json_quote(out, value);
	buf_char(out, '\n');
}

static void write_finding(struct buf *out, const struct finding *finding)
{
	character_printf(out, "    - rule: %s\n", finding->rule->id);
	buf_printf(out, "      severity: %s\n", cpis_severity_name(finding->severity));
	if (finding->at.line)
		buf_printf(out, "      line: %zu\n      column: %zu\n", finding->at.line,
			   finding->at.column);
	write_scalar(out, "      ", "path", finding_path(finding));
	write_scalar(out, "      ", "message", finding_sentence(finding));
	write_scalar(out, "      ", "expected", finding->expected);
	write_scalar(out, "      ", "actual", finding->actual);
	write_scalar(out, "      ", "fix", finding_fix(finding));
	write_scalar(out, "      ", "waived", finding->waived);
}

static void write_message(struct buf *out, const struct message_result *message, size_t number)
{
	buf_printf(out, "%s %zu - ", message->verdict == CPIS_PASS ? "ok" : "not ok", number);
	write_description(out, message->source);
	buf_char(out, '\n');
	if (!message->finding_count && !message->omission_count)
		return;
	buf_printf(out, "  ---\n  verdict: %s\n", cpis_verdict_name(message->verdict));
	write_scalar(out, "  ", "type", message->type);
	if (message->omission_count)
		buf_text(out, "  not judged:\n");
	for (size_t i = 0; i < message->omission_count; i++) {
		write_scalar(out, "    - ", "what", message->omissions[i].what);
		write_scalar(out, "      ", "why", message->omissions[i].why);
	}
	if (message->finding_count)
		buf_text(out, "  findings:\n");
	for (size_t i = 0; i < message->finding_count && i < MOST_LISTED; i++)
		write_finding(out, &message->findings[i]);
	size_t further =
		message->finding_count > MOST_LISTED ? message->finding_count - MOST_LISTED : 0;
	for (size_t i = 0; i < message->unlisted_count; i++)
		further += message->unlisted[i].count;
	if (further)
		buf_printf(out, "  further findings: %zu\n", further);
	buf_text(out, "  ...\n");
}

static void write_case(struct buf *out, const struct case_result *one, size_t number)
{
	static const struct {
		const char *status, *directive;
	} points[CASE_OUTCOME_COUNT] = {
		[CASE_PASSED] = { "ok", NULL },	    [CASE_FAILED] = { "not ok", NULL },
		[CASE_WAIVED] = { "ok", "SKIP" },   [CASE_NOT_RUN] = { "not ok", NULL },
		[CASE_BROKEN] = { "not ok", NULL }, [CASE_MANUAL] = { "not ok", NULL },
		[CASE_LEFT_OUT] = { "ok", "SKIP" },
	};
	buf_printf(out, "%s %zu - ", points[one->outcome].status, number);
	write_description(out, one->pack);
	buf_char(out, ' ');
	write_description(out, one->id);
	buf_char(out, ' ');
	write_description(out, one->title ? one->title : "");
	if (points[one->outcome].directive) {
		buf_printf(out, " # %s %s", points[one->outcome].directive,
			   case_outcome_name(one->outcome));
		if (one->reason) {
			buf_text(out, ": ");
			write_description(out, one->reason);
		}
	}
	buf_char(out, '\n');
	if (one->outcome == CASE_PASSED || points[one->outcome].directive)
		return;
	buf_printf(out, "  ---\n  outcome: %s\n", case_outcome_name(one->outcome));
	write_scalar(out, "  ", "expected", one->expected);
	write_scalar(out, "  ", "actual", one->actual);
	write_scalar(out, "  ", "reason", one->reason);
	buf_text(out, "  ...\n");
}

static void write_remark(void *context, const char *line)
{
	struct buf *out = context;
	buf_text(out, "# ");
	character_write_line(out, line);
	buf_char(out, '\n');
}

static void write_remarks(const struct results *results, const struct summary *summary,
			  struct buf *out)
{
	struct buf sentence;
	buf_init(&sentence, SIZE_MAX / 2);
	buf_text(out, "# ");
	summary_headline(results, summary, out);
	buf_text(out, "\n# ");
	summary_completeness(results, summary, &sentence);
	character_write_line(out, buf_view(&sentence).p);
	out->failed = out->failed || sentence.failed;
	buf_release(&sentence);
	buf_printf(out,
		   "\n# %zu rules checked, %zu had nothing to check, %zu blocked, "
		   "%zu not run\n",
		   summary->rules_judged, summary->rules_idle, summary->rules_blocked,
		   summary->rules_not_run);
	if (remarks_each(results, REMARK_ANY, MOST_LISTED, write_remark, out) != 0)
		out->failed = true;
}

int tap_write(const struct results *results, struct buf *out, struct cpis_failure *failure)
{
	size_t messages = results_of_packs(results) ? 0 : results->message_count;
	size_t points = messages + results->case_count;
	struct summary summary;
	summary_of(results, &summary);
	buf_text(out, "TAP version 14\n");
	if (points || summary.unshown)
		buf_printf(out, "1..%zu\n", points + summary.unshown);
	else
		buf_text(out, "1..0 # SKIP nothing was checked\n");
	for (size_t i = 0; i < points; i++) {
		if (i < messages)
			write_message(out, &results->messages[i], i + 1);
		else
			write_case(out, &results->cases[i - messages], i + 1);
	}
	if (summary.unshown)
		buf_printf(out, "not ok %zu - the whole run\n", points + 1);
	write_remarks(results, &summary, out);
	(void)failure;
	return 0;
}
