/* What reports say of a ledger, in words, and how they hand over what they wrote. */
#include "ledger/ledger.h"

#include "diag/failure.h"
#include "results/summary.h"

enum { FLUSH_BYTES = 1 << 18 };

void ledger_flush(struct ledger_report *report)
{
	struct buf *buf = &report->buf;
	if (buf->n < FLUSH_BYTES || buf->failed)
		return;
	report->failed = report->failed || !report->flush(report->context, buf_view(buf));
	buf_reset(buf);
}

const char *ledger_says(struct ledger_report *report, const char *says)
{
	const char *text = masker_resolve(report->masker, &report->arena, str_of(says));
	return text ? text : "";
}

const char *ledger_value(struct ledger_report *report, enum mask_kind kind, struct str value)
{
	const char *text = masker_value(report->masker, &report->arena, kind, value);
	return text ? text : "";
}

const char *ledger_day(struct arena *arena, long long at)
{
	if (!at)
		return "";
	struct moment utc = moment_of_seconds(at);
	struct moment clock = moment_by_uk_clock(&utc);
	const char *text =
		arena_printf(arena, "%04d-%02d-%02d", clock.year, clock.month, clock.day);
	return text ? text : "";
}

const char *ledger_day_of(struct arena *arena, struct str text)
{
	struct moment moment = moment_of(text);
	if (!moment.ok || !moment.has_day)
		return "";
	const char *day =
		arena_printf(arena, "%04d-%02d-%02d", moment.year, moment.month, moment.day);
	return day ? day : "";
}

const char *ledger_standing(const struct state_plan *plan)
{
	static const char *const words[] = {
		[STANDING_OPEN] = "in force",
		[STANDING_ENDED] = "ended",
		[STANDING_ADULT] = "ended on the 18th birthday",
		[STANDING_DELETED] = "deleted",
		[STANDING_UNANSWERED] = "not acknowledged",
		[STANDING_UNNAMED] = "not known whether it was loaded",
		[STANDING_NEVER] = "never loaded",
	};
	return words[plan->standing];
}

const char *ledger_held(const struct state_plan *plan)
{
	if (plan->fact == UNKNOWN_UNANSWERED)
		return ": what is held is not known, as an upload before it has no acknowledgement";
	if (plan->fact == UNKNOWN_WHICH_REFUSED)
		return ": what is held is not known, as it is not known which records of an upload "
		       "before it were refused";
	return plan->held ? ": an older state of it is held" : ": nothing is held";
}

const char *ledger_shown(const struct state_plan *plan)
{
	static const char *const words[] = {
		[SHOWN_NOT] = "not shown",
		[SHOWN] = "shown",
		[SHOWN_NOT_KNOWN] = "not known whether it is shown",
	};
	return words[plan->shown];
}

const char *ledger_event(struct ledger_report *report, const struct state_event *event)
{
	struct arena *arena = &report->arena;
	const char *word = state_event_word(event->kind), *text = word;
	if (event->kind == EVENT_REFUSED)
		text = arena_printf(arena, "refused with %s in upload %s",
				    state_code_text(event->entry->code),
				    ledger_value(report, MASK_NONE, event->entry->first->number));
	else if (event->entry)
		text = arena_printf(arena, "%s by upload %s", word,
				    ledger_value(report, MASK_NONE, event->entry->first->number));
	if (event->entry && event->kind == EVENT_OVERWRITTEN)
		text = arena_printf(arena, "overwritten by upload %s, which is older",
				    ledger_value(report, MASK_NONE, event->entry->first->number));
	if (event->entry && event->kind == EVENT_UNANSWERED)
		text = arena_printf(arena,
				    event->fact == UNKNOWN_WHICH_REFUSED
					    ? "the acknowledgement of upload %s does not say "
					      "which records were refused"
					    : "upload %s has no acknowledgement",
				    ledger_value(report, MASK_NONE, event->entry->first->number));
	return text ? text : "";
}

const char *ledger_difference_word(enum difference_kind kind)
{
	return kind == DIFFERENCE_ADDED	    ? "extra"
	       : kind == DIFFERENCE_CHANGED ? "different"
					    : "missing";
}

/* "missing: record 3 (NHS number #1)" becomes what a ledger calls it. */
const char *ledger_difference(struct ledger_report *report, size_t index)
{
	const struct record_difference *one = &report->ledger->comparison.differences[index];
	struct buf text;
	buf_init(&text, 1 << 16);
	difference_describe(report->masker, &report->arena, one, &text);
	struct str said = buf_view(&text);
	size_t word = strlen(difference_word(one->kind));
	const char *kept = arena_printf(&report->arena, "%s%.*s", ledger_difference_word(one->kind),
					STR_ARG(str_from(said, said.n > word ? word : 0)));
	buf_release(&text);
	return kept ? kept : "";
}

/* "2 errors, 1 warning and 3 differences from what is expected", without the errors that the
 * headline counts as children. Nothing where there is nothing else. */
static void write_findings(const struct ledger *ledger, struct buf *out)
{
	size_t counts[CPIS_ERROR + 1] = { 0 }, differences = ledger->comparison.difference_count;
	for (size_t i = 0; i < ledger->finding_count; i++)
		counts[ledger->findings[i].rule->severity]++;
	counts[CPIS_ERROR] -= ledger->hidden_errors;
	bool any = counts[CPIS_ERROR] || counts[CPIS_WARNING] || counts[CPIS_INFO];
	if (any)
		summary_severities(out, counts);
	if (differences) {
		buf_text(out, any ? ", and " : "");
		summary_count(out, differences, "difference");
		buf_text(out, " from what is expected");
	}
}

/* Of how many children a clinician would not see what was said last, and what else was found. */
static void write_wrong(const struct ledger *ledger, bool passed, struct buf *out)
{
	static const char by_request[] = ", but --fail-on never lets every ledger pass";
	struct buf others;
	size_t children = ledger->counts.hidden;
	buf_init(&others, 1 << 16);
	write_findings(ledger, &others);
	buf_text(out, passed ? "Passed by request: " : "Not conformant: ");
	if (children)
		buf_printf(out,
			   "a clinician would not see what the authority last said of %zu "
			   "child%s%s.",
			   children, children == 1 ? "" : "ren", passed ? by_request : "");
	if (children && others.n)
		buf_printf(out, " Also found: %s.", buf_view(&others).p);
	else if (others.n)
		buf_printf(out, "%s found%s.", buf_view(&others).p, passed ? by_request : "");
	out->failed = out->failed || others.failed;
	buf_release(&others);
}

void ledger_headline(const struct ledger *ledger, enum cpis_verdict verdict, struct buf *out)
{
	bool errors = false;
	for (size_t i = 0; i < ledger->finding_count; i++)
		errors = errors || ledger->findings[i].rule->severity == CPIS_ERROR;
	if (verdict == CPIS_INCOMPLETE && !ledger->unread_count) {
		buf_text(out, "Incomplete: there is no upload in what was read, so that nothing "
			      "was replayed.");
	} else if (verdict == CPIS_INCOMPLETE) {
		buf_text(out, "Incomplete: ");
		summary_count(out, ledger->unread_count, "file");
		buf_text(out, " could not be read.");
	} else if (verdict == CPIS_PASS && !errors) {
		buf_text(out, "Conformant: no errors found in ");
		summary_count(out, ledger->counts.uploads, "upload");
		buf_char(out, '.');
	} else {
		write_wrong(ledger, verdict == CPIS_PASS, out);
	}
	if (ledger->skipped_count) {
		buf_char(out, ' ');
		summary_count(out, ledger->skipped_count, "file");
		buf_text(out, ledger->skipped_count == 1 ? " was skipped." : " were skipped.");
	}
	if (ledger->read.not_given) {
		buf_char(out, ' ');
		summary_count(out, ledger->read.not_given, "file");
		buf_text(out,
			 ledger->read.not_given == 1
				 ? " was read earlier, is not among these, and is counted."
				 : " were read earlier, are not among these, and are counted.");
	}
}
