#include "engine/excerpt.h"

#include "base/buf.h"
#include "diag/mask.h"

/*
 * A file may be one line of gigabytes with thousands of findings on it: what is looked at for an
 * excerpt has bounds in bytes. NEARBY holds WIDTH characters of any length; a start tag begins
 * within TAG_REACH.
 */
enum { WIDTH = 160, BEFORE = 60, LONGEST_NAME = 80, NEARBY = 8 * WIDTH, TAG_REACH = 64 * 1024 };

/* Where in the markup a reader of the line stands. */
struct scan {
	bool in_tag, in_value, bare;	    /* bare: behind a '=', where a quote should stand */
	bool personal_text, personal_value; /* of the element and the attribute read last */
	char quote;
	size_t digits; /* left of a number that may be somebody's, wherever it stands */
	char element[LONGEST_NAME], attribute[LONGEST_NAME];
};

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static bool ends_name(char c)
{
	return char_is_space(c) || c == '=' || c == '/' || c == '>' || c == '<' || c == '"' ||
	       c == '\'';
}

/* The local part of the name that starts here. */
static void read_name(struct str document, size_t at, char *out)
{
	size_t n = 0;
	for (; at < document.n && !ends_name(document.p[at]) && n + 1 < LONGEST_NAME; at++) {
		if (document.p[at] != ':')
			out[n++] = document.p[at];
		else if (n == 5 && memcmp(out, "xmlns", 5) == 0)
			break; /* which prefix is bound does not matter */
		else
			n = 0;
	}
	out[n] = '\0';
}

/* Take in the character at a place; tells whether it belongs to a value that may name a person. */
static bool step(struct scan *scan, struct str document, size_t at)
{
	char c = document.p[at];
	if (scan->in_value) {
		if (c != scan->quote)
			return scan->personal_value;
		scan->in_value = false;
		return false;
	}
	if (!scan->in_tag && c != '<')
		return !char_is_space(c) && c != '>' && scan->personal_text;
	if (c == '<') {
		scan->in_tag = true;
		scan->bare = false;
		read_name(document, at + 1, scan->element);
		scan->personal_text = mask_kind_of(scan->element, NULL) != MASK_NONE;
	} else if (c == '>') {
		scan->in_tag = scan->bare = false;
	} else if (scan->element[0] == '!' || scan->element[0] == '?') {
		return !char_is_space(c); /* comments and instructions say anything */
	} else if (c == '"' || c == '\'') {
		scan->in_value = true;
		scan->bare = false;
		scan->quote = c;
	} else if (c == '=') {
		scan->bare = true;
	} else if (scan->bare && !char_is_space(c)) {
		return true;
	} else if (!ends_name(c) && at > 0 && char_is_space(document.p[at - 1])) {
		read_name(document, at, scan->attribute);
		scan->personal_value = mask_kind_of(scan->element, scan->attribute) != MASK_NONE;
	}
	return false;
}

/* Whether a digit of a number is here that is like a person's, in a place that should have none. */
static bool hides_digit(struct scan *scan, struct str document, size_t at)
{
	if (scan->digits == 0)
		scan->digits = mask_number_at(document, at);
	if (scan->digits == 0)
		return false;
	scan->digits--;
	return true;
}

/* The window of the line that is shown: whole characters, the fault inside it. */
static void choose_window(struct str document, size_t offset, size_t *start, size_t *end)
{
	size_t line = offset < NEARBY ? 0 : offset - NEARBY;
	const char *lf = memrchr(document.p + line, '\n', offset - line);
	line = lf ? (size_t)(lf - document.p) + 1 : line;
	size_t line_end = document.n - offset < NEARBY ? document.n : offset + NEARBY;
	const char *next = memchr(document.p + offset, '\n', line_end - offset);
	line_end = next ? (size_t)(next - document.p) : line_end;
	while (line < offset && char_is_space(document.p[line]))
		line++;
	*start = offset - line > WIDTH - BEFORE ? offset - BEFORE : line;
	while (*start < offset && is_continuation(document.p[*start]))
		(*start)++;
	size_t characters = 0, at = *start;
	for (; at < line_end && characters < WIDTH; at++)
		characters += !is_continuation(document.p[at]);
	while (at < line_end && is_continuation(document.p[at]))
		at++;
	while (at > *start && char_is_space(document.p[at - 1]))
		at--;
	*end = at;
}

struct excerpt excerpt_of(struct arena *arena, struct str document, size_t offset, bool show_values)
{
	struct excerpt excerpt = { 0 };
	if (offset > document.n)
		offset = document.n;
	size_t start, end;
	choose_window(document, offset, &start, &end);
	struct scan scan = { .personal_text = true, .personal_value = true };
	size_t from = start < TAG_REACH ? 0 : start - TAG_REACH;
	const char *tag = memrchr(document.p + from, '<', start - from);
	scan.in_value =
		!tag && from > 0; /* of an attribute that is not known: nothing of it is shown */
	struct buf out;
	buf_init(&out, 16 * WIDTH);
	for (size_t at = tag ? (size_t)(tag - document.p) : from; at < end; at++) {
		bool personal = step(&scan, document, at) || hides_digit(&scan, document, at);
		char c = document.p[at];
		if (at < start)
			continue;
		if (at < offset && !is_continuation(c))
			excerpt.caret++;
		if (personal && !show_values)
			buf_text(&out, is_continuation(c) ? "" : "•");
		else
			buf_char(&out, (unsigned char)c < 0x20 || c == 0x7f ? ' ' : c);
	}
	arena->failed = arena->failed || out.failed;
	excerpt.text = out.failed ? NULL : arena_copy(arena, buf_view(&out));
	buf_release(&out);
	return excerpt;
}
