#include "schema/value.h"

#include <limits.h>

/* URI references. Every function takes what it can from the front of text and says whether that was
 * enough. */

static bool at(struct str text, char c)
{
	return text.n && text.p[0] == c;
}

static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

static bool is_unreserved(char c)
{
	unsigned char byte = (unsigned char)c;
	return char_is_letter(c) || char_is_digit(c) || is_one_of(c, "-._~") || byte <= 0x20 ||
	       byte >= 0x7f || is_one_of(c, "<>\"{}|\\^`");
}

/* How many bytes one character of a name or segment takes; 0 when there is none here. */
static size_t character(struct str text, const char *others)
{
	if (!text.n)
		return 0;
	if (text.p[0] == '%')
		return text.n > 2 && char_is_hex(text.p[1]) && char_is_hex(text.p[2]) ? 3 : 0;
	return is_unreserved(text.p[0]) || is_one_of(text.p[0], "!$&'()*+,;=") ||
	       is_one_of(text.p[0], others);
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
		if (text->n && !is_one_of(text->p[0], "/?#"))
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
	while (n < text.n && (char_is_letter(text.p[n]) ||
			      (n && (char_is_digit(text.p[n]) || is_one_of(text.p[n], "+-.")))))
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

/* Values */

static bool dfa_takes(const struct schema_tables *tables, const struct schema_dfa *dfa,
		      struct str value)
{
	const uint8_t *class_of = tables->classes + dfa->classes_at;
	const uint16_t *steps = tables->steps + dfa->steps_at;
	unsigned state = dfa->start;
	for (size_t i = 0; i < value.n; i++) {
		state = steps[state + class_of[(unsigned char)value.p[i]]];
		if (!state)
			return false;
	}
	return state >= dfa->first_accepting;
}

static bool is_among(const struct schema_tables *tables, const struct schema_simple *simple,
		     struct str value)
{
	const uint32_t *values = tables->values + simple->first_value;
	for (size_t i = 0; i < simple->value_count; i++) {
		const char *known = tables->text + values[i];
		if (strncmp(known, value.p, value.n) == 0 && known[value.n] == '\0')
			return true;
	}
	return false;
}

static size_t character_count(struct str value)
{
	size_t count = 0;
	for (size_t i = 0; i < value.n; i++)
		count += ((unsigned char)value.p[i] & 0xc0) != 0x80;
	return count;
}

static bool has_length(const struct schema_simple *simple, size_t length)
{
	return length >= simple->min_length &&
	       (simple->max_length == SCHEMA_UNBOUNDED || length <= simple->max_length);
}

/* Digits of an integer without sign and leading zeros; no digits: zero. */
static struct str magnitude(struct str value, bool *negative)
{
	*negative = value.n && value.p[0] == '-';
	value = str_from(value, value.n && (value.p[0] == '-' || value.p[0] == '+'));
	while (value.n && value.p[0] == '0')
		value = str_from(value, 1);
	*negative = *negative && value.n;
	return value;
}

/* Below zero, zero or above it, as a is less than b, equal or greater. */
static int compare_integers(struct str a, struct str b)
{
	bool a_negative, b_negative;
	a = magnitude(a, &a_negative);
	b = magnitude(b, &b_negative);
	if (a_negative != b_negative)
		return a_negative ? -1 : 1;
	int order = a.n != b.n ? (a.n > b.n) - (a.n < b.n) : a.n ? memcmp(a.p, b.p, a.n) : 0;
	return a_negative ? -order : order;
}

static bool is_in_range(const struct schema_tables *tables, const struct schema_simple *simple,
			struct str value)
{
	if (simple->low && compare_integers(value, str_of(tables->text + simple->low)) < 0)
		return false;
	return !simple->high || compare_integers(value, str_of(tables->text + simple->high)) <= 0;
}

/* Of a value whose white space is handled, or needs no handling. */
static bool fits_normalised(const struct schema_tables *tables, const struct schema_simple *simple,
			    struct str value)
{
	if (simple->flags & SCHEMA_VALUES) {
		if (!is_among(tables, simple, value))
			return false;
	} else if (simple->dfa && !dfa_takes(tables, &tables->dfas[simple->dfa], value)) {
		return false;
	}
	if (!(simple->flags & (SCHEMA_LENGTH | SCHEMA_RANGE | SCHEMA_URI)))
		return true;
	/* One character is one byte or more, so most values need no counting. */
	if ((simple->flags & SCHEMA_LENGTH) &&
	    !(simple->min_length <= 1 && simple->max_length == SCHEMA_UNBOUNDED
		      ? value.n >= simple->min_length
		      : has_length(simple, character_count(value))))
		return false;
	if ((simple->flags & SCHEMA_RANGE) && !is_in_range(tables, simple, value))
		return false;
	return !(simple->flags & SCHEMA_URI) || uri_is_reference(value);
}

static bool list_fits(const struct schema_tables *tables, const struct schema_simple *simple,
		      struct str value, struct buf *scratch)
{
	const struct schema_simple *item = &tables->simples[simple->item];
	size_t count = 0;
	for (size_t i = 0; i < value.n; count++) {
		while (i < value.n && char_is_space(value.p[i]))
			i++;
		size_t start = i;
		while (i < value.n && !char_is_space(value.p[i]))
			i++;
		if (i == start)
			break;
		if (!value_fits(tables, item, (struct str){ value.p + start, i - start }, scratch))
			return false;
	}
	return !(simple->flags & SCHEMA_LENGTH) || has_length(simple, count);
}

static bool has_space(struct str value)
{
	for (size_t i = 0; i < value.n; i++)
		if (char_is_space(value.p[i]))
			return true;
	return false;
}

struct str value_normalised(const struct schema_simple *simple, struct str value,
			    struct buf *scratch)
{
	if (simple->white_space == SCHEMA_PRESERVE || !has_space(value))
		return value;
	buf_reset(scratch);
	for (size_t i = 0; i < value.n; i++) {
		bool space = char_is_space(value.p[i]);
		if (space && simple->white_space == SCHEMA_COLLAPSE &&
		    (!scratch->n || scratch->p[scratch->n - 1] == ' '))
			continue;
		buf_char(scratch, space ? ' ' : value.p[i]);
	}
	struct str result = buf_view(scratch);
	if (simple->white_space == SCHEMA_COLLAPSE && result.n && result.p[result.n - 1] == ' ')
		result.n--;
	return result;
}

static bool has_lengths(const struct schema_simple *simple)
{
	return (simple->flags & SCHEMA_LENGTH) && simple->white_space != SCHEMA_PRESERVE;
}

bool value_fits_at_once(const struct schema_tables *tables, const struct schema_simple *simple,
			struct str value)
{
	return value.p && !simple->item && !has_lengths(simple) &&
	       fits_normalised(tables, simple, value);
}

/*
 * What an automaton or an enumeration takes unchanged needed no handling of white space (see
 * gen/schemac/simple.c), so that is tried first; lengths are of the handled value.
 */
bool value_fits(const struct schema_tables *tables, const struct schema_simple *simple,
		struct str value, struct buf *scratch)
{
	if (!value.p)
		value.p = "";
	if (simple->item)
		return list_fits(tables, simple, value, scratch);
	bool lengths = has_lengths(simple);
	if (!lengths && fits_normalised(tables, simple, value))
		return true;
	if (!lengths && (simple->white_space == SCHEMA_PRESERVE || !has_space(value)))
		return false;
	return fits_normalised(tables, simple, value_normalised(simple, value, scratch));
}

bool value_is(const struct schema_simple *simple, struct str value, const char *fixed,
	      struct buf *scratch)
{
	return str_is(value, fixed) || str_is(value_normalised(simple, value, scratch), fixed);
}

int value_boolean(struct str value)
{
	value = str_trim(value);
	if (str_is(value, "true") || str_is(value, "1"))
		return 1;
	return str_is(value, "false") || str_is(value, "0") ? 0 : -1;
}
