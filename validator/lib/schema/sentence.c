/* The sentence about a value that is not of its type. */
#include "schema/validation.h"

#include "base/near.h"
#include "schema/value.h"
#include "schema/words.h"

enum { VALUES_SHOWN = 8, FEW_VALUES = 2 };

static const char *text_at(const struct schema_validation *v, uint32_t at)
{
	return v->tables->text + at;
}

/* The item of a list that is not of its type, and that type; of a list too short or long, itself.
 */
static const struct schema_simple *wrong_item(struct schema_validation *v,
					      const struct schema_simple *simple, struct str *value)
{
	const struct schema_simple *item = &v->tables->simples[simple->item];
	struct str rest = *value;
	while ((rest = str_trim(rest)).n) {
		size_t n = 0;
		while (n < rest.n && !char_is_space(rest.p[n]))
			n++;
		struct str word = { rest.p, n };
		if (!fits(v, item, word)) {
			*value = word;
			return item;
		}
		rest = str_from(rest, n);
	}
	return simple;
}

/* The type that an element or attribute is of, or the nearest one above it with an enumeration. */
static const struct schema_simple *with_values(const struct schema_validation *v,
					       const struct schema_simple *simple)
{
	const struct schema_simple *at = simple;
	while (!at->value_count && at->base)
		at = &v->tables->simples[at->base];
	return at->value_count ? at : NULL;
}

/* Names that say little without the element around them. */
static const char *const common_names[] = { "value", "id", "code", "name" };

void say_owner(struct schema_validation *v, const char *element)
{
	const struct frame *parent = v->depth ? &v->frames[v->depth - 1] : NULL;
	for (size_t i = 0;
	     parent && parent->element && i < sizeof(common_names) / sizeof(common_names[0]); i++) {
		if (strcmp(common_names[i], element) != 0)
			continue;
		say_name(v, &v->message, v->tables->elements[parent->element].name);
		buf_char(&v->message, '/');
	}
	buf_text(&v->message, element);
}

static void say_place(struct schema_validation *v, struct str value, const char *element,
		      const char *attribute, bool item)
{
	if (attribute)
		buf_printf(&v->message, "%s of ", attribute);
	say_owner(v, element);
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
	const char *near = count > FEW_VALUES ? nearest_value(v, simple, value) : NULL;
	if (near)
		buf_printf(&v->message, "; did you mean %s?", near);
	if (count <= VALUES_SHOWN || !near) {
		buf_text(&v->message, near ? " Expected: " : "; expected ");
		buf_str(&v->message, buf_view(&v->expected));
	}
}

/*
 * What the type asks for in the words of its narrowest step that has any, and what is wrong in
 * those of the first step that can tell.
 */
static void say_type(struct schema_validation *v, const struct schema_simple *simple,
		     struct str value)
{
	const char *what = NULL, *why = NULL, *pattern = "";
	for (const struct schema_simple *at = simple;; at = &v->tables->simples[at->base]) {
		const struct wording *wording =
			wording_of(text_at(v, at->name), text_at(v, at->pattern));
		if (wording && !what)
			what = wording->what;
		if (!*pattern)
			pattern = text_at(v, at->pattern);
		if (wording && wording->why && value.n && !why)
			why = wording->why(value);
		if (!at->base)
			break;
	}
	if (what)
		buf_text(&v->expected, what);
	else if (*pattern)
		buf_printf(&v->expected, "a value of the pattern %s", pattern);
	else if (simple->name)
		buf_printf(&v->expected, "a value of the type %s", text_at(v, simple->name));
	else
		buf_text(&v->expected, "another value");
	if (why)
		buf_printf(&v->message, ": %s", why);
	buf_text(&v->message, "; expected ");
	buf_str(&v->message, buf_view(&v->expected));
}

enum schema_fault_kind say_value(struct schema_validation *v, const struct schema_simple *simple,
				 struct str value, const char *element, const char *attribute)
{
	struct str wrong = value;
	const struct schema_simple *at = simple->item ? wrong_item(v, simple, &wrong) : simple;
	const struct schema_simple *set = at->item ? NULL : with_values(v, at);
	say_place(v, wrong, element, attribute, simple->item && !at->item);
	if (!set) {
		say_type(v, at, wrong);
		return SCHEMA_VALUE_OF_TYPE;
	}
	say_set(v, set, wrong);
	return SCHEMA_VALUE_OF_SET;
}
