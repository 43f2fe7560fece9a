#include "excerpt.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * NEAR lines on each side of a place, HUNKS places where the files differ, MOST_SHOWN lines of one
 * file, WIDTH characters of one line.
 */
enum { NEAR = 1, HUNKS = 2, HUNK_LINES = 4, MOST_SHOWN = 14, WIDTH = 96, MOST_LINES = 3000 };

struct line {
	const char *p;
	size_t n;
	size_t twin; /* its number in the other file; SIZE_MAX: it is in this one alone */
	bool shown;
};

struct lines {
	struct line *at;
	size_t count;
	bool is_text;
};

static struct lines split(const char *p, size_t n)
{
	struct lines lines = { calloc(MOST_LINES, sizeof(struct line)), 0, !memchr(p, '\0', n) };
	const char *end = p + n;
	while (lines.at && p < end && lines.count < MOST_LINES) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));
		size_t length = (size_t)((stop ? stop : end) - p);
		lines.at[lines.count++] = (struct line){ p, length, SIZE_MAX, false };
		p = stop ? stop + 1 : end;
	}
	return lines;
}

static bool same(const struct line *a, const struct line *b)
{
	return a->n == b->n && memcmp(a->p, b->p, a->n) == 0;
}

static void pair_up(struct lines *a, size_t i, struct lines *b, size_t k)
{
	a->at[i].twin = k;
	b->at[k].twin = i;
}

/* The longest common subsequence between equal beginnings and equal ends. */
static void pair_middle(struct lines *a, size_t a0, size_t a1, struct lines *b, size_t b0,
			size_t b1)
{
	size_t rows = a1 - a0, columns = b1 - b0;
	uint16_t *longest = calloc((rows + 1) * (columns + 1), sizeof(*longest));
#define LONGEST(i, k) longest[(i) * (columns + 1) + (k)]
	for (size_t i = rows; longest && i-- > 0;)
		for (size_t k = columns; k-- > 0;) {
			uint16_t down = LONGEST(i + 1, k), along = LONGEST(i, k + 1);
			LONGEST(i, k) = same(&a->at[a0 + i], &b->at[b0 + k])
						? (uint16_t)(LONGEST(i + 1, k + 1) + 1)
					: down > along ? down
						       : along;
		}
	for (size_t i = 0, k = 0; longest && i < rows && k < columns;) {
		if (same(&a->at[a0 + i], &b->at[b0 + k]))
			pair_up(a, a0 + i++, b, b0 + k++);
		else if (LONGEST(i + 1, k) >= LONGEST(i, k + 1))
			i++;
		else
			k++;
	}
#undef LONGEST
	free(longest);
}

static void align(struct lines *a, struct lines *b)
{
	size_t begin = 0, a1 = a->count, b1 = b->count;
	for (; begin < a1 && begin < b1 && same(&a->at[begin], &b->at[begin]); begin++)
		pair_up(a, begin, b, begin);
	for (; a1 > begin && b1 > begin && same(&a->at[a1 - 1], &b->at[b1 - 1]); a1--, b1--)
		pair_up(a, a1 - 1, b, b1 - 1);
	pair_middle(a, begin, a1, b, begin, b1);
}

static size_t strangers(const struct lines *lines)
{
	size_t count = 0;
	for (size_t i = 0; i < lines->count; i++)
		count += lines->at[i].twin == SIZE_MAX;
	return count;
}

size_t excerpt_difference(const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
	struct lines left = split(a, a_bytes), right = split(b, b_bytes);
	align(&left, &right);
	size_t difference = strangers(&left) + strangers(&right);
	/* A pair that cannot be shown comes last. */
	if (!left.is_text || !right.is_text)
		difference += MOST_LINES * 2;
	free(left.at);
	free(right.at);
	return difference;
}

/* The line of b where line i of a is, or would be. */
static size_t place_of(const struct lines *a, size_t i, const struct lines *b)
{
	if (i < a->count && a->at[i].twin != SIZE_MAX)
		return a->at[i].twin;
	size_t run = 0;
	for (; i > 0; run++) {
		size_t twin = a->at[--i].twin;
		if (twin != SIZE_MAX)
			return twin + 1 + run < b->count && b->at[twin + 1 + run].twin == SIZE_MAX
				       ? twin + 1 + run
				       : twin + (twin + 1 < b->count);
	}
	return 0;
}

static void show_around(struct lines *lines, size_t i, size_t more)
{
	size_t from = i > NEAR ? i - NEAR : 0;
	for (size_t k = from; k <= i + NEAR + more && k < lines->count; k++)
		lines->at[k].shown = true;
}

/* The lines in a row, of which i is one, that are in one file alone. */
static void show_difference(struct lines *a, size_t i)
{
	size_t first = i, last = i;
	while (first > 0 && a->at[first - 1].twin == SIZE_MAX)
		first--;
	while (last + 1 < a->count && a->at[last + 1].twin == SIZE_MAX)
		last++;
	show_around(a, first, last - first < HUNK_LINES ? last - first : HUNK_LINES);
}

/* The places nearest to line i that differ, at most far away. */
static void show_differences(struct lines *a, size_t i, size_t far)
{
	for (size_t found = 0, away = 0; found < HUNKS && away <= far; away++)
		for (int side = 0; side < 2; side++) {
			size_t k = side ? i + away : i - away;
			if (k >= a->count || a->at[k].twin != SIZE_MAX ||
			    (a->at[k].shown && away > NEAR))
				continue;
			show_difference(a, k);
			found++;
		}
}

static bool shows_a_difference(const struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		if (lines->at[i].shown && lines->at[i].twin == SIZE_MAX)
			return true;
	return false;
}

/* What is shown of one file is shown of the other. */
static void show_twins(const struct lines *from, struct lines *to)
{
	for (size_t i = 0; i < from->count; i++)
		if (from->at[i].shown && from->at[i].twin != SIZE_MAX)
			to->at[from->at[i].twin].shown = true;
}

/* One character at p: how many bytes it has, and how it is written where it would not be seen. */
static size_t character(const char *p, size_t n, char text[16])
{
	unsigned char c = (unsigned char)*p;
	size_t bytes = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 0;
	bool broken = bytes == 0 || bytes > n;
	uint32_t code = c & (bytes == 4 ? 7u : bytes == 3 ? 15u : bytes == 2 ? 31u : 127u);
	for (size_t i = 1; !broken && i < bytes; i++) {
		broken = ((unsigned char)p[i] & 0xc0) != 0x80;
		code = code << 6 | ((unsigned char)p[i] & 0x3f);
	}
	if (broken) {
		snprintf(text, 16, "<%02X>", c);
		return 1;
	}
	if (code == '\t')
		strcpy(text, "  ");
	else if (code == '\r')
		strcpy(text, "");
	else if (code < 32 || (code >= 127 && code < 0xa1) || code == 0xad || code == 0xfeff ||
		 (code >= 0x2000 && code < 0x2010) || (code >= 0x2028 && code < 0x2030) ||
		 (code >= 0x205f && code < 0x2070))
		snprintf(text, 16, "<U+%04X>", (unsigned)code);
	else
		snprintf(text, 16, "%.*s", (int)bytes, p);
	return bytes;
}

struct out {
	char *p;
	size_t n, room;
};

static void put(struct out *out, const char *text)
{
	size_t n = strlen(text);
	if (out->n + n + 1 > out->room)
		return;
	memcpy(out->p + out->n, text, n + 1);
	out->n += n;
}

/*
 * A line, around the character where it matters when it is long; returns how many columns are
 * before that character.
 */
static size_t put_line(struct out *out, size_t number, const struct line *line, size_t matter)
{
	char head[32], text[16];
	size_t from = matter > WIDTH * 2 / 3 ? matter - WIDTH * 2 / 3 : 0, total = 0, before = 0,
	       width = 0;
	for (size_t i = 0; i < line->n; total++)
		i += character(line->p + i, line->n - i, text);
	if (total <= WIDTH)
		from = 0;
	else if (from + WIDTH > total)
		from = total - WIDTH;
	snprintf(head, sizeof(head), "%5zu | %s", number, from ? "..." : "");
	put(out, head);
	width = from ? 3 : 0;
	for (size_t i = 0, at = 0; i < line->n && at < from + WIDTH; at++) {
		i += character(line->p + i, line->n - i, text);
		if (at < from)
			continue;
		if (at == matter)
			before = width;
		put(out, text);
		for (const char *p = text; *p; p++)
			width += ((unsigned char)*p & 0xc0) != 0x80;
	}
	if (matter >= from + WIDTH || matter >= total)
		before = width;
	put(out, from + WIDTH < total ? "...\n" : "\n");
	return before;
}

/* Where two lines begin to differ, in characters. */
static size_t first_difference(const struct line *a, const struct line *b)
{
	size_t at = 0;
	for (size_t i = 0; i < a->n && i < b->n && a->p[i] == b->p[i]; i++)
		at += ((unsigned char)a->p[i] & 0xc0) != 0x80;
	return at;
}

struct caret {
	size_t line, column; /* from 1; line 0: none */
};

static void write_lines(const struct lines *lines, const struct lines *other, struct caret caret,
			char *text, size_t room)
{
	struct out out = { text, 0, room };
	size_t written = 0, last = 0;
	text[0] = '\0';
	for (size_t i = 0; lines->is_text && i < lines->count && written < MOST_SHOWN; i++) {
		const struct line *line = &lines->at[i];
		if (!line->shown)
			continue;
		size_t opposite = place_of(lines, i, other);
		size_t matter =
			opposite < other->count ? first_difference(line, &other->at[opposite]) : 0;
		if (written && last + 1 != i)
			put(&out, "      :\n");
		bool is_culprit = caret.line == i + 1;
		size_t before = put_line(&out, i + 1, line,
					 is_culprit && caret.column ? caret.column - 1
					 : matter < line->n	    ? matter
								    : 0);
		char mark[256];
		snprintf(mark, sizeof(mark), "      | %*s^\n", (int)(before < 200 ? before : 200),
			 "");
		if (is_culprit && caret.column)
			put(&out, mark);
		written++;
		last = i;
	}
}

void excerpt_cut(const char *wrong, size_t wrong_bytes, size_t line, size_t column,
		 const char *right, size_t right_bytes, struct excerpt_pair *pair)
{
	struct lines a = split(wrong, wrong_bytes), b = split(right, right_bytes);
	align(&a, &b);
	/* What breaks off does so after its last line. */
	if (line == a.count + 1 && line < MOST_LINES)
		a.at[a.count++] = (struct line){ "", 0, SIZE_MAX, false };
	size_t i = line ? line - 1 : 0, k = place_of(&a, i, &b);
	if (line)
		show_around(&a, i, 0);
	if (line && k < b.count)
		show_around(&b, k, 0);
	/* Where the place itself differs, that is what it is about. */
	bool is_there = shows_a_difference(&a) || shows_a_difference(&b);
	show_differences(&a, i, is_there ? NEAR : MOST_LINES);
	show_differences(&b, k, is_there ? NEAR : MOST_LINES);
	show_twins(&a, &b);
	show_twins(&b, &a);
	write_lines(&a, &b, (struct caret){ line, column }, pair->wrong, sizeof(pair->wrong));
	write_lines(&b, &a, (struct caret){ 0, 0 }, pair->right, sizeof(pair->right));
	pair->right_line = b.is_text && k < b.count ? k + 1 : 0;
	free(a.at);
	free(b.at);
}
