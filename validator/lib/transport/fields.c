#include "transport/fields.h"

#include "diag/mask.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

struct str fields_line(struct str bytes, size_t at, size_t *next)
{
	struct str rest = str_from(bytes, at);
	const char *lf = rest.n ? memchr(rest.p, '\n', rest.n) : NULL;
	size_t n = lf ? (size_t)(lf - rest.p) : rest.n;
	*next = at + n + (lf != NULL);
	if (n && rest.p[n - 1] == '\r')
		n--;
	return (struct str){ rest.p, n };
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || char_is_digit(c) ||
	       (c && strchr("!#$%&'*+-.^_`|~", c));
}

bool fields_is_name(struct str text)
{
	size_t n = 0;
	while (n < text.n && is_name_char(text.p[n]))
		n++;
	return n > 0 && n == text.n;
}

bool fields_is_field(struct str line)
{
	size_t n = 0;
	while (n < line.n && is_name_char(line.p[n]))
		n++;
	return n > 0 && n < line.n && line.p[n] == ':';
}

static bool is_folded(struct str line)
{
	return line.n && (line.p[0] == ' ' || line.p[0] == '\t');
}

struct str fields_block(struct str bytes, size_t at, size_t *body)
{
	size_t start = at;
	while (at < bytes.n) {
		size_t next;
		struct str line = fields_line(bytes, at, &next);
		if (line.n == 0) {
			*body = next;
			return (struct str){ bytes.p + start, at - start };
		}
		if (!fields_is_field(line) && !(at > start && is_folded(line)))
			break;
		at = next;
	}
	*body = at;
	return (struct str){ bytes.p + start, at - start };
}

struct str fields_next_any(struct str block, size_t *at, struct str *name)
{
	size_t next;
	struct str line = fields_line(block, *at, &next);
	const char *colon = line.n ? memchr(line.p, ':', line.n) : NULL;
	size_t n = colon ? (size_t)(colon - line.p) : line.n;
	*name = (struct str){ line.p, n };
	size_t end = *at + line.n;
	while (next < block.n) {
		size_t after;
		struct str more = fields_line(block, next, &after);
		if (!is_folded(more))
			break;
		end = next + more.n;
		next = after;
	}
	size_t start = *at + n + (colon != NULL);
	*at = next;
	return str_trim((struct str){ block.p + start, end > start ? end - start : 0 });
}

struct str fields_next(struct str block, const char *name, size_t *at)
{
	while (*at < block.n) {
		struct str found, value = fields_next_any(block, at, &found);
		if (fields_is(found, name))
			return value;
	}
	return (struct str){ 0 };
}

struct str fields_value(struct str block, const char *name)
{
	size_t at = 0;
	return fields_next(block, name, &at);
}

size_t fields_count(struct str block, const char *name)
{
	size_t count = 0;
	for (size_t at = 0; fields_next(block, name, &at).p;)
		count++;
	return count;
}

/* In any case, and with or without blanks between words. */
static bool is_same_value(struct str a, struct str b)
{
	for (;;) {
		while (a.n && char_is_space(a.p[0]))
			a = str_from(a, 1);
		while (b.n && char_is_space(b.p[0]))
			b = str_from(b, 1);
		if (!a.n || !b.n || strncasecmp(a.p, b.p, 1) != 0)
			return !a.n && !b.n;
		a = str_from(a, 1);
		b = str_from(b, 1);
	}
}

struct str fields_contradicted(struct str block, const char *name)
{
	size_t at = 0;
	struct str first = fields_next(block, name, &at), other;
	while ((other = fields_next(block, name, &at)).p)
		if (!is_same_value(first, other))
			return other;
	return (struct str){ 0 };
}

bool fields_begin(struct str block, const char *prefix)
{
	for (size_t at = 0; at < block.n;) {
		struct str found;
		fields_next_any(block, &at, &found);
		if (fields_starts(found, prefix))
			return true;
	}
	return false;
}

/* Comments that are in each other. Each byte of a value is looked at for so many of them at most.
 */
enum { MOST_NESTED = 8 };

/* Where the comment ends that starts at a bracket, with those in it; at: it does not. */
static size_t comment_end(struct str text, size_t at)
{
	size_t depth = 0;
	for (size_t i = at; i < text.n; i++) {
		if (text.p[i] == '\\')
			i++;
		else if (text.p[i] == '(' && ++depth > MOST_NESTED)
			return at;
		else if (text.p[i] == ')' && --depth == 0)
			return i + 1;
	}
	return at;
}

/* Where white space and comments end that start there. */
static size_t after_comments(struct str text, size_t at)
{
	while (at < text.n) {
		size_t next = char_is_space(text.p[at]) ? at + 1
			      : text.p[at] == '('	? comment_end(text, at)
							: at;
		if (next == at)
			break;
		at = next;
	}
	return at;
}

/* How long a quoted string is that starts before this text, up to its closing quote: all of the
 * text where it has none. */
static size_t quoted_bytes(struct str text)
{
	size_t n = 0;
	while (n < text.n && text.p[n] != '"')
		n += text.p[n] == '\\' && n + 1 < text.n ? 2 : 1;
	return n;
}

/* Where the next comment or semicolon is that is not in quotes; text.n: there is none. A bracket
 * within a word is part of it. */
static size_t next_mark(struct str text, size_t at)
{
	for (bool between = true; at < text.n; at++) {
		char c = text.p[at];
		if (c == ';' || (c == '(' && between && comment_end(text, at) > at))
			return at;
		between = char_is_space(c);
		if (c == '"')
			at += 1 + quoted_bytes(str_from(text, at + 1));
	}
	return text.n;
}

bool fields_have_comment(struct str value)
{
	size_t at = next_mark(value, 0);
	while (at < value.n && value.p[at] == ';')
		at = next_mark(value, at + 1);
	return at < value.n;
}

struct str fields_uncommented(struct str value)
{
	struct str rest = str_from(value, after_comments(value, 0));
	size_t at = next_mark(rest, 0), after;
	while (at < rest.n && (after = after_comments(rest, at)) < rest.n)
		at = next_mark(rest, after > at ? after : at + 1);
	rest.n = at;
	return str_trim(rest);
}

/* A quoted string or a word at the start of a text, without its quotes; *used is its length with
 * them. */
static struct str word_at(struct str text, size_t *used)
{
	size_t n = 0;
	if (text.n && text.p[0] == '"') {
		struct str rest = str_from(text, 1);
		n = quoted_bytes(rest);
		*used = 1 + n + (n < rest.n);
		return (struct str){ rest.p, n };
	}
	while (n < text.n && text.p[n] != ';' && !char_is_space(text.p[n]))
		n++;
	*used = n;
	return (struct str){ text.p, n };
}

struct str fields_media_type(struct str value)
{
	value = str_from(value, after_comments(value, 0));
	size_t end = next_mark(value, 0), next = after_comments(value, end);
	/* More words after a comment are of no type: they stay. */
	if (next < value.n && value.p[next] != ';') {
		const char *semicolon = memchr(value.p, ';', value.n);
		end = semicolon ? (size_t)(semicolon - value.p) : value.n;
	}
	value.n = end;
	return str_trim(value);
}

struct str fields_parameter_next(struct str value, const char *name, size_t *at)
{
	size_t used;
	while (*at < value.n) {
		*at = next_mark(value, *at);
		if (*at < value.n && value.p[*at] == '(') {
			*at = comment_end(value, *at);
			continue;
		}
		if (*at == value.n)
			break;
		*at = after_comments(value, *at + 1);
		size_t start = *at;
		while (*at < value.n && value.p[*at] != '=' && value.p[*at] != ';')
			++*at;
		if (*at == value.n || value.p[*at] == ';')
			continue;
		struct str found = fields_uncommented((struct str){ value.p + start, *at - start });
		*at = after_comments(value, *at + 1);
		struct str word = word_at(str_from(value, *at), &used);
		*at += used;
		if (fields_is(found, name))
			return word;
	}
	return (struct str){ 0 };
}

struct str fields_parameter(struct str value, const char *name)
{
	size_t at = 0;
	return fields_parameter_next(value, name, &at);
}

struct str fields_meant(struct str word, char *plain, size_t room)
{
	size_t n = 0;
	if (word.n == 0 || word.n > room || !memchr(word.p, '\\', word.n))
		return word;
	for (size_t i = 0; i < word.n; i++) {
		i += word.p[i] == '\\' && i + 1 < word.n;
		plain[n++] = word.p[i];
	}
	return (struct str){ plain, n };
}

bool fields_is(struct str text, const char *word)
{
	return text.n == strlen(word) && strncasecmp(text.p ? text.p : "", word, text.n) == 0;
}

bool fields_have(struct str text, const char *word)
{
	for (; text.n; text = str_from(text, 1))
		if (fields_starts(text, word))
			return true;
	return false;
}

bool fields_starts(struct str text, const char *word)
{
	size_t n = strlen(word);
	return text.n >= n && strncasecmp(text.p, word, n) == 0;
}

struct str fields_unescaped(struct str url, char *plain, size_t room)
{
	size_t n = 0;
	for (size_t i = 0; i < url.n && n + 1 < room; i++) {
		struct str rest = str_from(url, i);
		bool escaped = rest.n > 2 && rest.p[0] == '%' && char_is_hex(rest.p[1]) &&
			       char_is_hex(rest.p[2]);
		char hex[] = { escaped ? rest.p[1] : '0', escaped ? rest.p[2] : '0', '\0' };
		char stands_for = (char)strtoul(hex, NULL, 16);
		plain[n++] = stands_for ? stands_for : url.p[i];
		i += stands_for ? 2 : 0;
	}
	plain[n] = '\0';
	return (struct str){ plain, n };
}

char *fields_plain(struct str text, char *plain, size_t room)
{
	size_t n = text.n < room - 1 ? text.n : room - 1;
	for (size_t i = 0; i < n; i++)
		plain[i] = (char)(text.p[i] >= 0x20 && text.p[i] < 0x7f ? text.p[i] : '?');
	plain[n] = '\0';
	return plain;
}

char *fields_shown(struct str text, char *shown)
{
	enum { MOST_CHARACTERS = 80 };
	char plain[MOST_CHARACTERS + 1];
	fields_plain(text, plain, sizeof(plain));
	snprintf(shown, LONGEST_SHOWN, "%c%c%s%s%c", MASK_OPEN, MASK_NONE, plain,
		 text.n > MOST_CHARACTERS ? "..." : "", MASK_CLOSE);
	return shown;
}

struct str fields_list_next(struct str list, size_t *at)
{
	while (*at < list.n) {
		struct str rest = str_from(list, *at);
		const char *comma = memchr(rest.p, ',', rest.n);
		size_t n = comma ? (size_t)(comma - rest.p) : rest.n;
		*at += n + (comma != NULL);
		struct str item = str_trim((struct str){ rest.p, n });
		if (item.n)
			return item;
	}
	return (struct str){ 0 };
}
