#include "rules/location.h"

#include "xml/xpath.h"

static bool in_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || char_is_digit(c) || c == '_' ||
	       c == '-' || c == '.' || (unsigned char)c >= 0x80;
}

static bool is_known(struct str prefix)
{
	for (size_t i = 0; i < xpath_prefix_count; i++)
		if (str_is(prefix, xpath_prefixes[i].prefix))
			return true;
	return false;
}

/* The literal that starts here, with its quotes; one that is not closed ends with the text. */
static size_t literal_bytes(struct str rest)
{
	const char *close = memchr(rest.p + 1, rest.p[0], rest.n - 1);
	return close ? (size_t)(close - rest.p) + 1 : rest.n;
}

const char *location_expression(struct buf *out, struct str location)
{
	struct str rest = str_trim(location);
	while (rest.n) {
		size_t n = 0;
		while (n < rest.n && in_name(rest.p[n]))
			n++;
		bool prefix = n && n + 1 < rest.n && rest.p[n] == ':' && rest.p[n + 1] != ':';
		if (!n)
			n = rest.p[0] == '\'' || rest.p[0] == '"' ? literal_bytes(rest) : 1;
		if (prefix && !is_known((struct str){ rest.p, n }))
			buf_text(out, "hl7");
		else
			buf_add(out, rest.p, n);
		rest = str_from(rest, n);
	}
	buf_char(out, '\0');
	return out->failed ? NULL : out->p;
}

enum mask_kind location_mask(struct str location)
{
	static const struct str before = { "local-name()=", 13 };
	size_t digits = 0;
	for (size_t i = 0; i < location.n; i++) {
		char c = location.p[i];
		digits = char_is_digit(c) ? digits + 1 : 0;
		if (digits > 7)
			return MASK_VALUE;
		if (c != '\'' && c != '"')
			continue;
		if (!str_ends((struct str){ location.p, i }, before))
			return MASK_VALUE;
		i += literal_bytes(str_from(location, i)) - 1;
	}
	return MASK_NONE;
}
