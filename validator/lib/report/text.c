#include "report/sink.h"

#include "base/arena.h"
#include "base/character.h"
#include "results/summary.h"

#include <stdio.h>
#include <stdlib.h>

enum { WIDTH = 96 };

/* What starts each kind of word: nothing, or a terminal's colour. */
struct palette {
	const char *severity[CPIS_ERROR + 1], *verdict[CPIS_FAIL + 1];
	const char *strong, *faint, *caret, *end;
};

static const struct palette plain = {
	.severity = { "", "", "" },
	.verdict = { "", "", "" },
	.strong = "",
	.faint = "",
	.caret = "",
	.end = "",
};

static const struct palette coloured = {
	.severity = { "\x1b[1;36m", "\x1b[1;33m", "\x1b[1;31m" },
	.verdict = { "\x1b[1;32m", "\x1b[1;33m", "\x1b[1;31m" },
	.strong = "\x1b[1m",
	.faint = "\x1b[2m",
	.caret = "\x1b[1;31m",
	.end = "\x1b[0m",
};

struct page {
	struct buf *out;
	const struct palette *palette;
	const struct cpis_layout *layout;
};

static void write_painted(struct page *page, const char *colour, const char *text)
{
	buf_text(page->out, colour);
	character_write_line(page->out, text);
	buf_text(page->out, colour[0] ? page->palette->end : "");
}

/* Sentences of more than 96 characters on a line are hard to read. */
static size_t width_of(const struct page *page)
{
	size_t width = page->layout->width;
	return width && width < WIDTH ? width : WIDTH;
}

static size_t word_length(const char *text)
{
	size_t n = 0;
	while (text[n] > ' ' && text[n] < 0x7f)
		n++;
	for (struct character c = character_at(text + n); c.n && c.code != ' ';
	     c = character_at(c.p + c.n))
		n++;
	return n;
}

static size_t new_line(struct page *page, size_t indent)
{
	buf_printf(page->out, "\n%*s", (int)indent, "");
	return indent;
}

/* One character of a text that is wrapped. Returns how many columns it takes. */
static size_t write_one(struct page *page, struct character c)
{
	size_t before = page->out->n;
	if (c.code == '\t' || c.code == '\n')
		buf_char(page->out, ' ');
	else if (character_starts_command(page->out, c.p))
		buf_printf(page->out, "\\u%04X", (unsigned)c.code);
	else
		character_write(page->out, c);
	return c.kind == CHARACTER_CONTROL ? page->out->n - before : 1;
}

/* Text from a column on, broken between words; further lines are indented. Returns the column where
 * it ends. */
static size_t wrap(struct page *page, const char *text, size_t indent, size_t column, size_t width)
{
	const char *run = text; /* the end of what can be written as it is */
	while (*text) {
		if (text >= run)
			run = text + character_plain_bytes(text);
		const char *space = memchr(text, ' ', (size_t)(run - text));
		size_t word = (size_t)((space ? space : run) - text);
		buf_add(page->out, text, word);
		column += word;
		struct character c = character_at(text + word);
		text += word + c.n;
		if ((c.code == ' ' || c.code == '\n') && column > indent &&
		    column + 1 + word_length(text) > width)
			column = new_line(page, indent);
		else if (c.n)
			column += write_one(page, c);
	}
	return column;
}

/* On one line, unless a terminal is too narrow for it. Returns the column where it ends. */
static size_t write_bent(struct page *page, const char *text, size_t indent, size_t column)
{
	if (page->layout->width)
		return wrap(page, text, indent, column, page->layout->width);
	character_write_line(page->out, text);
	return column + strlen(text);
}

/* What is not judged, and why. */
static void write_reason(struct page *page, const char *label, const char *what, const char *why)
{
	struct buf text;
	buf_init(&text, SIZE_MAX / 2);
	buf_printf(&text, "%s, because %s.", what, why);
	buf_text(page->out, label);
	write_bent(page, text.failed ? "" : buf_view(&text).p, strlen(label), strlen(label));
	buf_char(page->out, '\n');
	page->out->failed = page->out->failed || text.failed;
	buf_release(&text);
}

/* A label and its text; further lines are indented to the text. */
static void write_wrapped(struct page *page, const char *label, const char *text)
{
	size_t indent = strlen(label);
	write_painted(page, page->palette->faint, label);
	wrap(page, text, indent, indent, width_of(page));
	buf_char(page->out, '\n');
}

enum { PATH_INDENT = 4 };

/* A path, broken before slashes where the terminal is too narrow for it. */
static void write_path(struct page *page, const char *path)
{
	size_t width = page->layout->width, column = PATH_INDENT;
	buf_printf(page->out, "%*s%s", PATH_INDENT, "", page->palette->faint);
	while (*path) {
		int n = (int)strcspn(path + 1, "/") + 1;
		char step[4096];
		snprintf(step, sizeof(step), "%.*s", n, path);
		if (width && column > PATH_INDENT && column + (size_t)n > width)
			column = new_line(page, PATH_INDENT + 2);
		character_write_line(page->out, step);
		column += (size_t)n;
		path += n;
	}
	buf_printf(page->out, "%s\n", page->palette->end);
}

/* The width of the start of an excerpt on the terminal: controls take more than one column. */
static size_t excerpt_width(const char *excerpt, size_t characters)
{
	size_t width = 0;
	for (struct character c = character_at(excerpt); c.n && characters;
	     c = character_at(c.p + c.n), characters--)
		width += c.kind == CHARACTER_CONTROL && c.code != '\t' ? 6 : 1;
	return width;
}

/* The part of an excerpt around its caret that fits the terminal; *caret is moved with it. */
static struct buf fit_excerpt(const struct page *page, const char *excerpt, size_t gutter,
			      size_t *caret)
{
	enum { LEAST = 20 };
	struct buf part;
	buf_init(&part, 64 * 1024);
	size_t room = page->layout->width > gutter + LEAST ? page->layout->width - gutter : LEAST;
	size_t length = 0, from = 0, at = 0;
	for (struct character c = character_at(excerpt); c.n; c = character_at(c.p + c.n))
		length++;
	bool cut = page->layout->width && length > room;
	/* A third of the line before the caret, the rest after it. */
	if (cut && *caret > room * 2 / 3)
		from = *caret - room / 3;
	for (struct character c = character_at(excerpt); c.n; c = character_at(c.p + c.n), at++)
		if (!cut || (at >= from && at < from + room))
			buf_add(&part, c.p, c.n);
	*caret -= from;
	return part;
}

static void write_excerpt(struct page *page, const struct finding *finding)
{
	enum { MARGIN = 7 };
	char number[24];
	/* The excerpt is from the decoded part, if there is one. */
	size_t line = finding->inner.line ? finding->inner.line : finding->at.line;
	int gutter = snprintf(number, sizeof(number), "%zu", line);
	size_t before = finding->caret;
	struct buf part = fit_excerpt(page, finding->excerpt, (size_t)gutter + MARGIN, &before);
	int caret = (int)excerpt_width(buf_view(&part).p, before);
	buf_printf(page->out, "    %s%s |%s ", page->palette->faint, number, page->palette->end);
	character_write_line(page->out, buf_view(&part).p);
	page->out->failed = page->out->failed || part.failed;
	buf_release(&part);
	buf_printf(page->out, "\n    %*s %s|%s %*s%s^%s\n", gutter, "", page->palette->faint,
		   page->palette->end, caret, "", page->palette->caret, page->palette->end);
}

static void write_place(struct page *page, const char *source, const struct finding *finding)
{
	buf_text(page->out, page->palette->strong);
	character_write_line(page->out, source);
	buf_char(page->out, ':');
	if (finding->at.line)
		buf_printf(page->out, "%zu:%zu:", finding->at.line, finding->at.column);
	buf_text(page->out, page->palette->end);
}

static void write_details(struct page *page, const struct finding *finding)
{
	if (finding_path(finding)) {
		write_path(page, finding_path(finding));
	}
	if (finding->layer) {
		buf_printf(page->out, "    %sinside%s ", page->palette->faint, page->palette->end);
		character_write_line(page->out, finding->layer);
		if (finding->inner.line)
			buf_printf(page->out, ", line %zu, column %zu", finding->inner.line,
				   finding->inner.column);
		buf_char(page->out, '\n');
	}
	if (finding->excerpt && finding->at.line)
		write_excerpt(page, finding);
	if (finding->expected)
		write_wrapped(page, "    Expected: ", finding->expected);
	if (finding->actual)
		write_wrapped(page, "    Found:    ", finding->actual);
}

/* " (waived)", where it is */
static const char *accepted_mark(const struct finding *finding, char mark[16])
{
	mark[0] = '\0';
	if (finding->waived)
		snprintf(mark, 16, " (%s)", accepted_word(finding->by_baseline));
	return mark;
}

/* The sentence and the rule's id. */
static void write_sentence(struct page *page, const char *source, const struct finding *finding)
{
	size_t width = page->layout->width, id = strlen(finding->rule->id);
	char accepted[16];
	int column = snprintf(NULL, 0, "%s:%zu:%zu: %s%s: ", source, finding->at.line,
			      finding->at.column, severity_word(finding->severity),
			      accepted_mark(finding, accepted));
	const char *sentence = finding_sentence(finding);
	size_t start = (size_t)column;
	if (width && start + word_length(sentence) > width)
		start = new_line(page, PATH_INDENT);
	size_t end = write_bent(page, sentence, PATH_INDENT, start);
	if (width && end + id + 3 > width)
		new_line(page, PATH_INDENT);
	else
		buf_char(page->out, ' ');
	buf_printf(page->out, "%s[", page->palette->faint);
	character_printf(page->out, "%s", finding->rule->id);
	buf_printf(page->out, "]%s\n", page->palette->end);
}

/* first: the first finding of its rule in the message, which says why the rule matters. */
static void write_finding(struct page *page, const char *source, const struct finding *finding,
			  bool first)
{
	char accepted[16];
	write_place(page, source, finding);
	buf_char(page->out, ' ');
	write_painted(page, page->palette->severity[finding->severity],
		      severity_word(finding->severity));
	buf_printf(page->out, "%s: ", accepted_mark(finding, accepted));
	write_sentence(page, source, finding);
	write_details(page, finding);
	const char *fix = finding_fix(finding);
	if (first && finding->rule->why)
		write_wrapped(page, "    Why: ", finding->rule->why);
	if (fix)
		write_wrapped(page, "    Fix: ", fix);
	if (finding->waived) {
		char name[24];
		snprintf(name, sizeof(name), "    %s: ", accepted_heading(finding->by_baseline));
		write_wrapped(page, name, finding->waived);
	}
	buf_char(page->out, '\n');
}

static bool seen_before(const struct message_result *message, size_t index)
{
	/* Findings of one rule are usually near each other, and saying it again does no harm. */
	size_t start = index > 64 ? index - 64 : 0;
	for (size_t i = start; i < index; i++)
		if (message->findings[i].rule == message->findings[index].rule)
			return true;
	return false;
}

/* Those of one rule that come after the first few: how many there are. */
static void write_rest(struct page *page, const struct rule *rule, size_t count)
{
	buf_printf(page->out, "    and %zu more of ", count);
	character_printf(page->out, "%s", rule->id);
	buf_text(page->out, " (--per-rule lists more)\n\n");
}

struct rule_count {
	const struct rule *rule;
	size_t count;
};

/* The count of a rule among those that were met; NULL: out of memory. */
static struct rule_count *count_of(struct rule_count **counts, size_t *known, size_t *room,
				   const struct rule *rule)
{
	for (size_t i = 0; i < *known; i++)
		if ((*counts)[i].rule == rule)
			return &(*counts)[i];
	struct rule_count *more = list_grown(*counts, *known, room, sizeof(*more));
	if (!more)
		return NULL;
	*counts = more;
	more[*known] = (struct rule_count){ rule, 0 };
	return &more[(*known)++];
}

static void write_findings(struct page *page, const struct message_result *message)
{
	struct rule_count *counts = NULL;
	size_t known = 0, room = 0, most = page->layout->per_rule;
	for (size_t i = 0; i < message->finding_count; i++) {
		const struct finding *finding = &message->findings[i];
		struct rule_count *count =
			most ? count_of(&counts, &known, &room, finding->rule) : NULL;
		page->out->failed = page->out->failed || (most && !count);
		if (!count || count->count++ < most)
			write_finding(page, message->source, finding, !seen_before(message, i));
	}
	for (size_t i = 0; i < known; i++)
		if (counts[i].count > most)
			write_rest(page, counts[i].rule, counts[i].count - most);
	free(counts);
}

/* "CP-IS Local Authority Upload, 5 records, in mesh > gzip" */
static void write_about(const struct message_result *message, struct buf *out)
{
	buf_text(out, message->title  ? message->title
		      : message->type ? message->type
				      : "not recognised");
	if (message->records) {
		buf_text(out, ", ");
		summary_count(out, message->records, "record");
	}
	for (size_t i = 0; i < message->layer_count; i++)
		buf_printf(out, "%s%s", i ? " > " : ", in ", message->layers[i]);
}

/* ", 1 error and 2 notes, 1 waived" */
static void say_findings(const struct message_result *message, struct buf *out)
{
	size_t counts[CPIS_ERROR + 1] = { 0 }, waived = 0, by_baseline = 0;
	bool any = false;
	for (size_t i = 0; i < message->finding_count; i++) {
		waived += message->findings[i].waived != NULL;
		by_baseline += message->findings[i].by_baseline;
	}
	for (unsigned severity = CPIS_INFO; severity <= CPIS_ERROR; severity++) {
		counts[severity] = message_count_findings(message, (enum cpis_severity)severity);
		any = any || counts[severity];
	}
	if (any) {
		buf_text(out, ", ");
		summary_severities(out, counts);
	}
	if (waived)
		buf_printf(out, ", %zu %s", waived, accepted_word(by_baseline));
}

static void write_message_head(struct page *page, const struct message_result *message)
{
	struct buf text;
	size_t column = strlen(message->source) + strlen(cpis_verdict_name(message->verdict)) + 2;
	write_painted(page, page->palette->strong, message->source);
	buf_text(page->out, ": ");
	write_painted(page, page->palette->verdict[message->verdict],
		      cpis_verdict_name(message->verdict));
	buf_init(&text, SIZE_MAX / 2);
	if (message->finding_count) {
		say_findings(message, &text);
		column = write_bent(page, buf_view(&text).p, PATH_INDENT, column);
	}
	buf_reset(&text);
	write_about(message, &text);
	if (page->layout->width && column + 2 + text.n > page->layout->width)
		column = new_line(page, PATH_INDENT);
	else
		buf_text(page->out, "  ");
	buf_text(page->out, page->palette->faint);
	write_bent(page, buf_view(&text).p, PATH_INDENT, column + 2);
	buf_text(page->out, page->palette->end);
	buf_char(page->out, '\n');
	page->out->failed = page->out->failed || text.failed;
	buf_release(&text);
}

/* What was not judged, or not listed. */
static void write_omissions(struct page *page, const struct message_result *message)
{
	for (size_t i = 0; i < message->omission_count; i++) {
		write_reason(page, "    Not checked: ", message->omissions[i].what,
			     message->omissions[i].why);
	}
	const struct omission *unsaid = message_unsaid(message);
	if (unsaid)
		write_reason(page, "    Not checked: ", unsaid->what, unsaid->why);
	if (message->suppressed) {
		buf_text(page->out, "    ");
		summary_not_listed(page->out, message->suppressed);
		buf_char(page->out, '\n');
	}
}

static bool has_omissions(const struct message_result *message)
{
	return message->omission_count || message->suppressed || message_unsaid(message);
}

static void write_message(struct page *page, const struct message_result *message)
{
	write_message_head(page, message);
	bool detailed = message->finding_count || has_omissions(message);
	if (detailed)
		buf_char(page->out, '\n');
	write_findings(page, message);
	write_omissions(page, message);
	if (has_omissions(message))
		buf_char(page->out, '\n');
}

static bool case_is_good(enum case_outcome outcome)
{
	return outcome == CASE_PASSED || outcome == CASE_WAIVED || outcome == CASE_LEFT_OUT;
}

enum { CASE_INDENT = 12 };

static void write_case(struct page *page, const struct results *results,
		       const struct case_result *one)
{
	static const enum cpis_verdict weight[CASE_OUTCOME_COUNT] = {
		[CASE_PASSED] = CPIS_PASS,	 [CASE_WAIVED] = CPIS_PASS,
		[CASE_LEFT_OUT] = CPIS_PASS,	 [CASE_FAILED] = CPIS_FAIL,
		[CASE_BROKEN] = CPIS_FAIL,	 [CASE_NOT_RUN] = CPIS_INCOMPLETE,
		[CASE_MANUAL] = CPIS_INCOMPLETE,
	};
	const char *word = case_outcome_name(one->outcome);
	buf_text(page->out, "  ");
	write_painted(page, page->palette->verdict[weight[one->outcome]], word);
	buf_printf(page->out, "%*s", (int)(10 - strlen(word)), "");
	write_painted(page, page->palette->strong, one->id);
	buf_text(page->out, "  ");
	write_bent(page, one->title ? one->title : "", CASE_INDENT,
		   CASE_INDENT + strlen(one->id) + 2);
	buf_char(page->out, '\n');
	if (one->outcome == CASE_PASSED)
		return;
	if (one->expected && !case_is_good(one->outcome))
		write_wrapped(page, "            Expected: ", one->expected);
	if (one->actual && !case_is_good(one->outcome))
		write_wrapped(page, "            Found:    ", one->actual);
	if (one->reason)
		write_wrapped(page, "            Because:  ", one->reason);
	if (case_is_good(one->outcome))
		return;
	buf_char(page->out, '\n');
	for (size_t i = 0; i < one->message_count; i++)
		write_message(page, &results->messages[one->first_message + i]);
}

static void write_pack(struct page *page, const struct results *results,
		       const struct pack_result *pack)
{
	write_painted(page, page->palette->strong, pack->name);
	buf_char(page->out, ' ');
	character_write_line(page->out, pack->version ? pack->version : "");
	if (pack->title) {
		size_t column =
			strlen(pack->name) + 1 + strlen(pack->version ? pack->version : "") + 2;
		buf_printf(page->out, "  %s", page->palette->faint);
		write_bent(page, pack->title, PATH_INDENT, column);
		buf_text(page->out, page->palette->end);
	}
	buf_text(page->out, "\n\n");
	for (size_t i = 0; i < results->case_count; i++)
		if (strcmp(results->cases[i].pack, pack->name) == 0)
			write_case(page, results, &results->cases[i]);
	struct str so_far = buf_view(page->out);
	if (so_far.n < 2 || memcmp(so_far.p + so_far.n - 2, "\n\n", 2) != 0)
		buf_char(page->out, '\n');
}

/* "69 passed, 0 failed, 0 open, 0 waived; 82 messages: 48 errors found, 1 waived." */
static void say_numbers(struct buf *out, const struct summary *summary, bool of_packs)
{
	if (of_packs)
		buf_printf(out, "%zu passed, %zu failed, %zu open, %zu waived; ",
			   summary->by_outcome[CASE_PASSED],
			   summary->by_outcome[CASE_FAILED] + summary->by_outcome[CASE_BROKEN],
			   summary->by_outcome[CASE_NOT_RUN] + summary->by_outcome[CASE_MANUAL],
			   summary->by_outcome[CASE_WAIVED]);
	summary_count(out, summary->messages, "message");
	buf_text(out, ": ");
	summary_severities(out, summary->findings);
	bool any = summary->findings[CPIS_ERROR] || summary->findings[CPIS_WARNING] ||
		   summary->findings[CPIS_INFO];
	buf_text(out, of_packs && any ? " found, including expected ones" : " found");
	if (summary->waived)
		buf_printf(out, ", %zu %s", summary->waived, accepted_word(summary->by_baseline));
	buf_char(out, '.');
}

static void write_numbers(struct page *page, const struct results *results,
			  const struct summary *summary)
{
	struct buf numbers;
	buf_init(&numbers, SIZE_MAX / 2);
	say_numbers(&numbers, summary, summary->cases && results_of_packs(results));
	buf_text(page->out, "  ");
	write_bent(page, buf_view(&numbers).p, 2, 2);
	page->out->failed = page->out->failed || numbers.failed;
	buf_release(&numbers);
	buf_text(page->out, "\n  ");
	summary_count(page->out, summary->rules_judged, "rule");
	buf_printf(page->out, " checked, %zu had nothing to check", summary->rules_idle);
	if (summary->rules_not_run)
		buf_printf(page->out, ", %zu were not run", summary->rules_not_run);
	buf_text(page->out, ".\n");
}

static void write_completeness(struct page *page, const struct results *results,
			       const struct summary *summary)
{
	struct buf sentence;
	buf_init(&sentence, SIZE_MAX / 2);
	summary_completeness(results, summary, &sentence);
	write_wrapped(page, "  ", buf_view(&sentence).p);
	page->out->failed = page->out->failed || sentence.failed;
	buf_release(&sentence);
}

static void write_remark(void *context, const char *line)
{
	struct page *page = context;
	buf_text(page->out, "  ");
	write_bent(page, line, 4, 2);
	buf_char(page->out, '\n');
}

/* What was given but is not a message, and what the profile changed. */
static void write_remarks(struct page *page, const struct results *results)
{
	enum { MOST_REMARKS = 20 };
	if (remarks_each(results, REMARK_ANY, MOST_REMARKS, write_remark, page) != 0)
		page->out->failed = true;
}

/* A digest is not broken: it has a line of its own on a terminal that is too narrow. */
static void write_digest(struct page *page, const char *name, const char *of, const char *digest)
{
	buf_printf(page->out, "  %s", name);
	character_write_line(page->out, of);
	size_t width = page->layout->width;
	bool fits = !width || strlen("  : ") + strlen(name) + strlen(of) + strlen(digest) <= width;
	buf_printf(page->out, ":%s%s\n", fits ? " " : "\n    ", digest);
}

/* What was run, so that two reports can be compared. */
static void write_digests(struct page *page, const struct results *results)
{
	char digest[65];
	for (size_t i = 0; i < results->pack_count; i++)
		if (results->packs[i].digest[0])
			write_digest(page, "Digest of ", results->packs[i].name,
				     results->packs[i].digest);
	results_digest(results, NULL, digest);
	if (results->pack_count && digest[0])
		write_digest(page, "Input digest", "", digest);
}

/* How often each rule was broken, in all messages, the most often broken first. */

static int by_count(const void *left, const void *right)
{
	const struct rule_count *a = left, *b = right;
	return a->count != b->count ? (a->count < b->count ? 1 : -1)
				    : strcmp(a->rule->id, b->rule->id);
}

static size_t count_rules(struct page *page, const struct results *results,
			  struct rule_count **counts)
{
	size_t known = 0, room = 0;
	for (size_t i = 0; i < results->message_count; i++)
		for (size_t k = 0; k < results->messages[i].finding_count; k++) {
			struct rule_count *count = count_of(counts, &known, &room,
							    results->messages[i].findings[k].rule);
			page->out->failed = page->out->failed || !count;
			if (count)
				count->count++;
		}
	if (known)
		qsort(*counts, known, sizeof(**counts), by_count);
	return known;
}

static void write_statistics(struct page *page, const struct results *results)
{
	struct rule_count *counts = NULL;
	size_t known = count_rules(page, results, &counts);
	for (size_t i = 0; i < known; i++) {
		buf_printf(page->out, "%7zu  ", counts[i].count);
		character_printf(page->out, "%-8s  %s\n", counts[i].rule->id,
				 counts[i].rule->title);
	}
	buf_text(page->out, known ? "\n" : "");
	free(counts);
}

/* A place and what was found there. */
static void write_at_place(struct page *page, const char *source, const struct finding *finding)
{
	char accepted[16];
	accepted_mark(finding, accepted);
	int column = snprintf(NULL, 0, "    %s:%zu:%zu:%s ", source, finding->at.line,
			      finding->at.column, accepted);
	buf_text(page->out, "    ");
	write_place(page, source, finding);
	buf_printf(page->out, "%s ", accepted);
	write_bent(page, finding_sentence(finding), PATH_INDENT + 2, (size_t)column);
	buf_char(page->out, '\n');
}

/* All findings of a rule: why it matters once, then the places. */
static void write_rule(struct page *page, const struct results *results,
		       const struct rule_count *one)
{
	size_t written = 0, most = page->layout->per_rule;
	write_painted(page, page->palette->strong, one->rule->id);
	buf_text(page->out, " ");
	character_write_line(page->out, one->rule->title);
	buf_printf(page->out, ": %zu\n", one->count);
	write_wrapped(page, "    Why: ", one->rule->why);
	write_wrapped(page, "    Fix: ", one->rule->fix);
	for (size_t i = 0; i < results->message_count; i++)
		for (size_t k = 0; k < results->messages[i].finding_count; k++) {
			const struct finding *finding = &results->messages[i].findings[k];
			if (finding->rule != one->rule || (most && written >= most))
				continue;
			written++;
			write_at_place(page, results->messages[i].source, finding);
		}
	if (written < one->count)
		write_rest(page, one->rule, one->count - written);
	else
		buf_char(page->out, '\n');
}

static void write_rules(struct page *page, const struct results *results)
{
	struct rule_count *counts = NULL;
	size_t known = count_rules(page, results, &counts);
	for (size_t i = 0; i < known; i++)
		write_rule(page, results, &counts[i]);
	free(counts);
	for (size_t i = 0; i < results->message_count; i++) {
		const struct message_result *message = &results->messages[i];
		write_message_head(page, message);
		write_omissions(page, message);
	}
	buf_char(page->out, '\n');
}

/* Cases without a pack: what is wrong with what the run was given. */
static void write_cases_of_run(struct page *page, const struct results *results)
{
	if (results->pack_count || !results->case_count)
		return;
	for (size_t i = 0; i < results->case_count; i++)
		write_case(page, results, &results->cases[i]);
}

static int write_page(struct page *page, const struct results *results)
{
	struct summary summary;
	summary_of(results, &summary);
	for (size_t i = 0; i < results->pack_count; i++)
		write_pack(page, results, &results->packs[i]);
	bool by_rule = page->layout->by_rule && !results->pack_count;
	if (by_rule)
		write_rules(page, results);
	for (size_t i = 0; i < results->message_count && !results->pack_count && !by_rule; i++)
		write_message(page, &results->messages[i]);
	if (!results->pack_count && results->message_count && !by_rule) {
		const struct message_result *last = &results->messages[results->message_count - 1];
		if (!last->finding_count && !has_omissions(last))
			buf_char(page->out, '\n');
	}
	write_cases_of_run(page, results);
	if (page->layout->statistics)
		write_statistics(page, results);
	/* A part that passed has not the colour of a pass. */
	bool partial = summary.verdict == CPIS_PASS && results_partial(results);
	buf_text(page->out,
		 partial ? page->palette->strong : page->palette->verdict[summary.verdict]);
	summary_headline(results, &summary, page->out);
	buf_text(page->out, page->palette->end);
	buf_char(page->out, '\n');
	write_numbers(page, results, &summary);
	write_completeness(page, results, &summary);
	write_remarks(page, results);
	write_digests(page, results);
	return 0;
}

int text_write(const struct results *results, struct buf *out, struct cpis_failure *failure)
{
	(void)failure;
	return write_page(&(struct page){ out, &plain, &results->layout }, results);
}

int text_write_coloured(const struct results *results, struct buf *out,
			struct cpis_failure *failure)
{
	(void)failure;
	return write_page(&(struct page){ out, &coloured, &results->layout }, results);
}

/* A line for each finding, as compilers write them. */

static void write_short_finding(struct page *page, const struct message_result *message,
				const struct finding *finding)
{
	char accepted[16];
	write_place(page, message->source, finding);
	character_printf(page->out, " %s%s: ", severity_word(finding->severity),
			 accepted_mark(finding, accepted));
	character_write_line(page->out, finding_sentence(finding));
	if (finding->waived) {
		buf_text(page->out, " (");
		character_write_line(page->out, finding->waived);
		buf_char(page->out, ')');
	}
	character_printf(page->out, " [%s]\n", finding->rule->id);
}

static void write_short_message(struct page *page, const struct message_result *message)
{
	struct buf *out = page->out;
	for (size_t k = 0; k < message->finding_count; k++)
		write_short_finding(page, message, &message->findings[k]);
	if (message->suppressed) {
		character_write_line(out, message->source);
		buf_text(out, ": ");
		summary_not_listed(out, message->suppressed);
		buf_char(out, '\n');
	}
	for (size_t k = 0; k < message->omission_count; k++) {
		character_write_line(out, message->source);
		buf_text(out, ": not checked: ");
		character_write_line(out, message->omissions[k].what);
		buf_text(out, ", because ");
		character_write_line(out, message->omissions[k].why);
		buf_char(out, '\n');
	}
}

/* "la-upload/LAU-101: waived: REASON" */
static void write_short_case(struct buf *out, const struct case_result *one)
{
	if (one->from == CASE_OF_RUN)
		character_printf(out, "%s: error", one->pack);
	else
		character_printf(out, "%s/%s: %s", one->pack, one->id,
				 case_outcome_name(one->outcome));
	if (one->reason) {
		buf_text(out, ": ");
		character_write_line(out, one->reason);
	}
	buf_char(out, '\n');
}

static void write_short_remark(void *context, const char *line)
{
	struct buf *out = context;
	character_write_line(out, line);
	buf_char(out, '\n');
}

int short_write(const struct results *results, struct buf *out, struct cpis_failure *failure)
{
	enum { MOST_REMARKS = 20 };
	struct summary summary;
	struct page page = { out, &plain, &results->layout };
	struct buf sentence;
	(void)failure;
	for (size_t i = 0; i < results->message_count; i++)
		write_short_message(&page, &results->messages[i]);
	for (size_t i = 0; i < results->case_count; i++)
		if (results->cases[i].outcome != CASE_PASSED &&
		    results->cases[i].outcome != CASE_LEFT_OUT)
			write_short_case(out, &results->cases[i]);
	if (remarks_each(results, REMARK_ANY, MOST_REMARKS, write_short_remark, out) != 0)
		out->failed = true;
	summary_of(results, &summary);
	summary_headline(results, &summary, out);
	buf_init(&sentence, SIZE_MAX / 2);
	summary_completeness(results, &summary, &sentence);
	buf_char(out, ' ');
	character_write_line(out, buf_view(&sentence).p);
	buf_char(out, '\n');
	out->failed = out->failed || sentence.failed;
	buf_release(&sentence);
	return 0;
}
