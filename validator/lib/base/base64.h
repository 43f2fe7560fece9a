/*
 * base64.h - the characters of base64 (RFC 4648), and the start of what they stand for.
 */
#ifndef CPIS_BASE_BASE64_H
#define CPIS_BASE_BASE64_H

#include "base/str.h"

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
