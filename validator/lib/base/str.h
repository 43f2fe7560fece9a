/*
 * str.h - a slice of bytes, owned elsewhere.
 *
 * Values of a message are slices of the input: nothing is copied until it must outlive the input.
 * A slice with a NULL pointer is an absent value; an empty one has a pointer and no length.
 */
#ifndef CPIS_BASE_STR_H
#define CPIS_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })

/* printf("%.*s", STR_ARG(s)) */
#define STR_ARG(s) (int)((s).n > 4096 ? 4096 : (s).n), (s).p ? (s).p : ""

static inline struct str str_of(const char *text)
{
	return (struct str){ text, text ? strlen(text) : 0 };
}

static inline bool str_equal(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_is(struct str a, const char *text)
{
	return str_equal(a, str_of(text));
}

/* Two texts that may be NULL, which is not the same as "". */
static inline bool text_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* words ends with NULL. */
static inline bool str_is_one_of(struct str a, const char *const *words)
{
	while (*words && !str_is(a, *words))
		words++;
	return *words != NULL;
}

/* Negative, 0 or positive: by bytes, and a text comes before those that it starts. */
static inline int str_order(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;
	return order ? order : (a.n > b.n) - (a.n < b.n);
}

/* The same text, whatever is in capital letters of ASCII. */
static inline bool str_same_letters(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || strncasecmp(a.p, b.p, a.n) == 0);
}

/* An order in which texts that have the same letters are equal. */
static inline int str_order_letters(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? strncasecmp(a.p, b.p, n) : 0;
	return order ? order : (a.n > b.n) - (a.n < b.n);
}

static inline bool str_starts(struct str a, struct str prefix)
{
	return a.n >= prefix.n && (prefix.n == 0 || memcmp(a.p, prefix.p, prefix.n) == 0);
}

static inline bool str_ends(struct str a, struct str suffix)
{
	return a.n >= suffix.n &&
	       (suffix.n == 0 || memcmp(a.p + a.n - suffix.n, suffix.p, suffix.n) == 0);
}

static inline struct str str_from(struct str a, size_t start)
{
	return start >= a.n ? (struct str){ a.p ? a.p + a.n : NULL, 0 }
			    : (struct str){ a.p + start, a.n - start };
}

/* How many bytes the byte order mark of UTF-8 takes at the start: 3, or 0 where there is none. */
static inline size_t str_mark_bytes(struct str a)
{
	struct str mark = STR("\xef\xbb\xbf");
	return str_starts(a, mark) ? mark.n : 0;
}

/* White space as XML has it. */
static inline bool char_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static inline bool char_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Of ASCII. */
static inline bool char_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A capital letter of ASCII as a small one; any other as it is. */
static inline char char_small(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* A small letter of ASCII as a capital one; any other as it is. */
static inline char char_capital(char c)
{
	return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

/* All of them so: as many bytes in out, which may be those of the text. */
static inline void str_capitals(char *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		out[i] = char_capital(text.p[i]);
}

static inline bool char_is_hex(char c)
{
	return char_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Without white space at either end. */
static inline struct str str_trim(struct str a)
{
	while (a.n && char_is_space(a.p[0]))
		a = (struct str){ a.p + 1, a.n - 1 };
	while (a.n && char_is_space(a.p[a.n - 1]))
		a.n--;
	return a;
}

static inline bool str_is_blank(struct str a)
{
	return str_trim(a).n == 0;
}

/* True for one digit or more and nothing else. */
static inline bool str_is_digits(struct str a)
{
	for (size_t i = 0; i < a.n; i++)
		if (!char_is_digit(a.p[i]))
			return false;
	return a.n > 0;
}

/* A 64-bit FNV-1a digest, the same on every machine: for tables, and for marks that hide nothing.
 */
static inline uint64_t str_hash(struct str a)
{
	uint64_t h = 0xcbf29ce484222325u;
	for (size_t i = 0; i < a.n; i++)
		h = (h ^ (unsigned char)a.p[i]) * 0x100000001b3u;
	return h;
}

/* Base64: its characters (RFC 4648), and the start of what they stand for */

enum { BASE64_INVALID = -1, BASE64_SPACE = -2, BASE64_PADDING = -3 };

/* The six bits of a character, or one of the above. */
static inline int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (char_is_digit(c))
		return c - '0' + 52;
	if (c == '+')
		return 62;
	if (c == '/')
		return 63;
	return c == '=' ? BASE64_PADDING : char_is_space(c) ? BASE64_SPACE : BASE64_INVALID;
}

/* Decodes into out, up to room bytes or the first fault. How many bytes there are. */
static inline size_t base64_start(struct str text, char *out, size_t room)
{
	unsigned bits = 0, held = 0;
	size_t n = 0;
	for (size_t i = 0; i < text.n && n < room; i++) {
		int value = base64_value(text.p[i]);
		if (value == BASE64_SPACE)
			continue;
		if (value < 0)
			break;
		bits = (bits << 6 | (unsigned)value) & 0xffff;
		held += 6;
		if (held < 8)
			continue;
		held -= 8;
		out[n++] = (char)(bits >> held);
	}
	return n;
}

#endif
