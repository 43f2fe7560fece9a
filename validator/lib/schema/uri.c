#include "schema/uri.h"

#include <limits.h>

/* Every function takes what it can from the front of text and says whether that was enough. */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(char c)
{
	return char_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool at(struct str text, char c)
{
	return text.n && text.p[0] == c;
}

static bool is_among(char c, const char *set)
{
	return c && strchr(set, c);
}

static bool is_unreserved(char c)
{
	unsigned char byte = (unsigned char)c;
	return is_letter(c) || char_is_digit(c) || is_among(c, "-._~") || byte <= 0x20 ||
	       byte >= 0x7f || is_among(c, "<>\"{}|\\^`");
}

/* How many bytes one character of a name or segment takes; 0 when none stands here. */
static size_t character(struct str text, const char *others)
{
	if (!text.n)
		return 0;
	if (text.p[0] == '%')
		return text.n > 2 && is_hex(text.p[1]) && is_hex(text.p[2]) ? 3 : 0;
	return is_unreserved(text.p[0]) || is_among(text.p[0], "!$&'()*+,;=") ||
	       is_among(text.p[0], others);
}

static void take(struct str *text, const char *others)
{
	for (size_t n; (n = character(*text, others)) != 0;)
		*text = str_from(*text, n);
}

static bool take_port(struct str *text)
{
	long long port = 0;
	*text = str_from(*text, 1);
	if (!text->n || !char_is_digit(text->p[0]))
		return false;
	for (; text->n && char_is_digit(text->p[0]); *text = str_from(*text, 1)) {
		port = port * 10 + (text->p[0] - '0');
		if (port > INT_MAX)
			return false;
	}
	return true;
}

static bool take_authority(struct str *text)
{
	struct str user = *text;
	take(&user, ":");
	if (at(user, '@'))
		*text = str_from(user, 1);
	if (at(*text, '[')) {
		const char *end = memchr(text->p, ']', text->n);
		if (!end)
			return false;
		*text = str_from(*text, (size_t)(end - text->p) + 1);
	} else {
		take(text, "");
	}
	return !at(*text, ':') || take_port(text);
}

/* "//" authority and path, or a path; colons in a first segment only where others says so. */
static bool take_hierarchy(struct str *text, const char *first_others)
{
	if (str_starts(*text, STR("//"))) {
		*text = str_from(*text, 2);
		if (!take_authority(text))
			return false;
		if (text->n && !is_among(text->p[0], "/?#"))
			return false;
	} else if (!at(*text, '/')) {
		take(text, first_others);
	}
	while (at(*text, '/')) {
		*text = str_from(*text, 1);
		take(text, ":@");
	}
	return true;
}

static bool ends_well(struct str text)
{
	if (at(text, '?')) {
		text = str_from(text, 1);
		take(&text, ":@/?");
	}
	if (at(text, '#')) {
		text = str_from(text, 1);
		take(&text, ":@/?[]");
	}
	return text.n == 0;
}

static bool is_absolute(struct str text)
{
	size_t n = 0;
	while (n < text.n && (is_letter(text.p[n]) ||
			      (n && (char_is_digit(text.p[n]) || is_among(text.p[n], "+-.")))))
		n++;
	if (!n || n == text.n || text.p[n] != ':')
		return false;
	text = str_from(text, n + 1);
	return take_hierarchy(&text, ":@") && ends_well(text);
}

bool uri_is_reference(struct str text)
{
	return is_absolute(text) || (take_hierarchy(&text, "@") && ends_well(text));
}
