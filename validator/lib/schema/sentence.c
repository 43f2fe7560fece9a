/* The sentence about a value that is not of its type. */
#include "schema/validation.h"

#include "base/near.h"
#include "schema/value.h"
#include "schema/words.h"

enum { LONGEST_CHAIN = 16, VALUES_SHOWN = 8 };

static const char *text_at(const struct schema_validation *v, uint32_t at)
{
	return v->tables->text + at;
}

/* The first type, from the most general one down, that the value does not belong to. */
static const struct schema_simple *culprit(struct schema_validation *v,
					   const struct schema_simple *simple, struct str value)
{
	const struct schema_simple *chain[LONGEST_CHAIN];
	size_t n = 0;
	for (const struct schema_simple *at = simple; n < LONGEST_CHAIN; n++) {
		chain[n] = at;
		if (!at->base)
			break;
		at = &v->tables->simples[at->base];
	}
	if (n == LONGEST_CHAIN)
		n--;
	while (n && value_fits(v->tables, chain[n], value, &v->scratch))
		n--;
	return chain[n];
}

/* An item of a list that is not of its type, by what it is; the value itself where none is. */
static const struct schema_simple *item_culprit(struct schema_validation *v,
						const struct schema_simple *simple,
						struct str *value)
{
	const struct schema_simple *item = &v->tables->simples[simple->item];
	struct str rest = *value;
	while ((rest = str_trim(rest)).n) {
		size_t n = 0;
		while (n < rest.n && !char_is_space(rest.p[n]))
			n++;
		struct str word = { rest.p, n };
		if (!value_fits(v->tables, item, word, &v->scratch)) {
			*value = word;
			return culprit(v, item, word);
		}
		rest = str_from(rest, n);
	}
	return simple;
}

static void say_place(struct schema_validation *v, struct str value, const char *element,
		      const char *attribute, bool item)
{
	if (attribute)
		buf_printf(&v->message, "%s of %s", attribute, element);
	else
		buf_text(&v->message, element);
	if (!value.n) {
		buf_text(&v->message, " is empty");
		return;
	}
	buf_text(&v->message, item ? " has \"" : " is \"");
	mask_write(&v->message, mask_kind_of(element, attribute), value);
	buf_text(&v->message, "\"");
}

static const char *nearest_value(struct schema_validation *v, const struct schema_simple *simple,
				 struct str value)
{
	struct near near = near_start(value);
	for (size_t i = 0; i < simple->value_count; i++)
		near_offer(&near, text_at(v, v->tables->values[simple->first_value + i]));
	return near_best(&near);
}

static void say_set(struct schema_validation *v, const struct schema_simple *simple,
		    struct str value)
{
	size_t count = simple->value_count;
	for (size_t i = 0; i < count && i < VALUES_SHOWN; i++) {
		if (i)
			buf_text(&v->expected, i + 1 == count ? " or " : ", ");
		buf_text(&v->expected, text_at(v, v->tables->values[simple->first_value + i]));
	}
	if (count > VALUES_SHOWN)
		buf_printf(&v->expected, " or %zu others", count - VALUES_SHOWN);
	const char *near = nearest_value(v, simple, value);
	if (near && count > 1)
		buf_printf(&v->message, "; did you mean %s?", near);
	if (count <= VALUES_SHOWN) {
		buf_text(&v->message, near && count > 1 ? " Expected: " : "; expected ");
		buf_str(&v->message, buf_view(&v->expected));
	}
}

static void say_type(struct schema_validation *v, const struct schema_simple *simple,
		     struct str value)
{
	const char *type = text_at(v, simple->name), *pattern = text_at(v, simple->pattern);
	const struct wording *wording = wording_of(type, pattern);
	const char *why = wording && wording->why && value.n ? wording->why(value) : NULL;
	if (wording)
		buf_text(&v->expected, wording->what);
	else if (*pattern)
		buf_printf(&v->expected, "a value of the pattern %s", pattern);
	else
		buf_printf(&v->expected, "a value of the type %s", *type ? type : "declared here");
	if (why)
		buf_printf(&v->message, ": %s", why);
	buf_text(&v->message, "; expected ");
	buf_str(&v->message, buf_view(&v->expected));
}

enum schema_fault_kind say_value(struct schema_validation *v, const struct schema_simple *simple,
				 struct str value, const char *element, const char *attribute)
{
	struct str wrong = value;
	const struct schema_simple *at = culprit(v, simple, value);
	bool item = at->item != 0;
	if (item)
		at = item_culprit(v, at, &wrong);
	say_place(v, wrong, element, attribute, item);
	if (at->flags & SCHEMA_VALUES) {
		say_set(v, at, wrong);
		return SCHEMA_VALUE_OF_SET;
	}
	say_type(v, at, wrong);
	return SCHEMA_VALUE_OF_TYPE;
}
