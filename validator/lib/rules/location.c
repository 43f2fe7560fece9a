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

static struct str skip_space(struct str rest)
{
	while (rest.n && char_is_space(rest.p[0]))
		rest = str_from(rest, 1);
	return rest;
}

static bool skip(struct str *rest, const char *token)
{
	struct str expected = str_of(token), here = skip_space(*rest);
	if (!str_starts(here, expected))
		return false;
	*rest = str_from(here, expected.n);
	return true;
}

static bool skip_quoted(struct str *rest, const char *name)
{
	const char *quote = skip(rest, "'") ? "'" : skip(rest, "\"") ? "\"" : NULL;
	return quote && skip(rest, name) && skip(rest, quote);
}

static bool in_prefix(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || char_is_digit(c) || c == '_' ||
	       c == '-';
}

/* /name, /prefix:name or /[*][local-name()='name'] */
static bool skip_step(struct str *rest, const char *name)
{
	struct str here = *rest;
	if (!skip(&here, "/"))
		return false;
	if (skip(&here, "*")) {
		if (!skip(&here, "[") || !skip(&here, "local-name") || !skip(&here, "(") ||
		    !skip(&here, ")") || !skip(&here, "=") || !skip_quoted(&here, name) ||
		    !skip(&here, "]"))
			return false;
		*rest = here;
		return true;
	}
	here = skip_space(here);
	size_t n = 0;
	while (n < here.n && in_prefix(here.p[n]))
		n++;
	if (n && n + 1 < here.n && here.p[n] == ':' && here.p[n + 1] != ':')
		here = str_from(here, n + 1);
	if (!skip(&here, name) || (here.n && in_prefix(here.p[0])))
		return false;
	*rest = here;
	return true;
}

static bool skip_number(struct str *rest, size_t *number)
{
	struct str here = skip_space(*rest);
	size_t n = 0, value = 0;
	while (n < here.n && n < 9 && char_is_digit(here.p[n]))
		value = value * 10 + (size_t)(here.p[n++] - '0');
	*rest = str_from(here, n);
	*number = value;
	return n > 0;
}

/* "//record" is every record, wherever the upload's root is. */
static bool skip_to_record(struct str *rest)
{
	struct str here = *rest;
	if (skip(&here, "/") && skip_step(&here, "record")) {
		*rest = here;
		return true;
	}
	here = *rest;
	if (!skip_step(&here, "File") || !skip_step(&here, "record"))
		return false;
	*rest = here;
	return true;
}

bool location_is_usual(struct str location, size_t *number, bool *numbered)
{
	struct str rest = location;
	*number = 0;
	if (!skip_to_record(&rest))
		return false;
	*numbered = skip(&rest, "[");
	if (*numbered && (!skip_number(&rest, number) || !skip(&rest, "]")))
		return false;
	return skip_space(rest).n == 0;
}
