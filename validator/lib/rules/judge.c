#include "rules/judge.h"

#include "rules/catalogue.h"

#include <stdio.h>
#include <stdlib.h>

static struct draft_finding *add(struct judge *judge, size_t offset)
{
	struct draft_message *message = &judge->draft->messages[judge->message];
	struct draft_finding *finding =
		draft_add_finding(judge->draft, message, judge->rule,
				  judge->severity_set ? judge->severity : judge->rule->severity);
	if (finding) {
		finding->stage = CPIS_RULES;
		finding->offset = offset;
		finding->document = judge->document;
		finding->expected = judge->expected;
		finding->fix = judge->fix;
		finding->other = judge->other;
	}
	judge_forget(judge);
	return finding;
}

enum outcome judge_fail(struct judge *judge, const struct value *culprit, enum mask_kind kind,
			const char *format, ...)
{
	struct draft_finding *finding = add(judge, culprit->offset);
	if (!finding)
		return FAILS;
	va_list args;
	va_start(args, format);
	finding->message = arena_vprintf(&judge->draft->arena, format, args);
	va_end(args);
	if (value_there(culprit))
		finding->actual = judge_show(judge, kind, culprit->text);
	return FAILS;
}

enum outcome judge_fail_part(struct judge *judge, const struct part *part, const char *format, ...)
{
	struct draft_finding *finding = add(judge, part->offset);
	if (!finding)
		return FAILS;
	va_list args;
	va_start(args, format);
	finding->message = arena_vprintf(&judge->draft->arena, format, args);
	va_end(args);
	return FAILS;
}

void judge_withdraw(struct judge *judge, const size_t *offsets, size_t count)
{
	judge->draft->tallies[rules_index(judge->rule)].failed -=
		draft_withdraw(judge->draft, &judge->draft->messages[judge->message], judge->rule,
			       judge->document, offsets, count);
}

void judge_expect(struct judge *judge, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	judge->expected = arena_vprintf(&judge->draft->arena, format, args);
	judge->said = true;
	va_end(args);
}

void judge_fix(struct judge *judge, const char *fix)
{
	judge->fix = fix;
	judge->said = true;
}

void judge_severity(struct judge *judge, enum cpis_severity severity)
{
	judge->severity = severity;
	judge->severity_set = judge->said = true;
}

void judge_point(struct judge *judge, size_t offset)
{
	judge->other = offset;
	judge->said = true;
}

enum outcome judge_blocked_by(struct judge *judge, const struct rule *rule)
{
	judge->blocked_by = rule;
	judge->blocked_in = NULL;
	judge->said = true;
	return BLOCKED;
}

enum outcome judge_blocked(struct judge *judge, const struct part *below, const char *id)
{
	bool broken = below && below->broken;
	judge_blocked_by(judge, broken ? below->broken : rules_find(id));
	judge->blocked_in = broken ? below : NULL;
	return BLOCKED;
}

void judge_leave_out(struct judge *judge, const char *what, const char *why)
{
	draft_add_omission(judge->draft, &judge->draft->messages[judge->message], what, why);
}

const char *judge_show(struct judge *judge, enum mask_kind kind, struct str value)
{
	struct buf marked;
	buf_init(&marked, 4096);
	mask_write(&marked, kind, value);
	if (marked.failed)
		judge->draft->failed = true;
	const char *text =
		marked.failed ? NULL : arena_copy(&judge->draft->arena, buf_view(&marked));
	buf_release(&marked);
	return text ? text : "";
}

const char *judge_plain(struct judge *judge, struct str value)
{
	return judge_show(judge, MASK_NONE, value);
}

const char *judge_time(struct judge *judge, struct str value)
{
	return judge_show(judge, MASK_TIME, value);
}

const char *judge_word(struct judge *judge, struct str word)
{
	return judge_show(judge, MASK_WORD, word);
}

const char *judge_letters(struct judge *judge, enum mask_kind kind, struct str found,
			  struct str expected)
{
	char here[CODE_POINTS_BYTES], there[CODE_POINTS_BYTES];
	if (kind != MASK_NAME || !judge->options->show_values ||
	    !character_apart(str_trim(found), str_trim(expected), here, there))
		return "";
	return judge_text(judge, ": it has %s in place of %s", here, there);
}

const char *judge_whole(struct judge *judge, long long number)
{
	char digits[24];
	snprintf(digits, sizeof(digits), "%lld", number);
	return judge_plain(judge, str_of(digits));
}

const char *judge_text(struct judge *judge, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const char *text = arena_vprintf(&judge->draft->arena, format, args);
	va_end(args);
	return text ? text : "";
}

bool judge_count(struct str text, long long *count)
{
	text = str_trim(text);
	bool negative = text.n && text.p[0] == '-';
	if (text.n && (text.p[0] == '-' || text.p[0] == '+'))
		text = str_from(text, 1);
	if (!str_is_digits(text))
		return false;
	long long value = 0;
	for (size_t i = 0; i < text.n && value < COUNT_TOO_LARGE; i++)
		value = value > (COUNT_TOO_LARGE - 1) / 10 ? COUNT_TOO_LARGE
							   : value * 10 + (text.p[i] - '0');
	*count = negative ? -value : value;
	return true;
}

bool judge_number(struct str text, long long *number)
{
	long long count;
	if (!judge_count(text, &count) || count >= COUNT_TOO_LARGE || count <= -COUNT_TOO_LARGE)
		return false;
	*number = count;
	return true;
}
