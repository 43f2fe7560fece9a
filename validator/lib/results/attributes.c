#include "results/attributes.h"

#include "results/reading.h"

struct str reading_attribute(const struct reading *reading, const char *name)
{
	for (size_t i = 0; i < reading->tag->count; i++)
		if (!reading->tag->attributes[i].uri &&
		    strcmp(reading->tag->attributes[i].local, name) == 0)
			return reading->tag->attributes[i].value;
	return (struct str){ 0 };
}

const char *reading_keep(struct reading *reading, struct str text)
{
	const char *copy = text.p ? arena_copy(&reading->results->arena, text) : NULL;
	if (text.p && !copy)
		reading_out_of_memory(reading);
	return copy;
}

void reading_damaged(struct reading *reading, const char *name, struct str value)
{
	if (value.p)
		reading_fail(reading, reading->tag->offset, "%s/@%s cannot be \"%.*s\"",
			     reading->tag->local, name, (int)(value.n > 60 ? 60 : value.n),
			     value.p);
	else
		reading_fail(reading, reading->tag->offset, "%s has no %s", reading->tag->local,
			     name);
}

const char *reading_text(struct reading *reading, const char *name)
{
	return reading_keep(reading, reading_attribute(reading, name));
}

const char *reading_needed_text(struct reading *reading, const char *name)
{
	struct str value = reading_attribute(reading, name);
	if (!value.p)
		reading_damaged(reading, name, value);
	return reading_keep(reading, value);
}

static bool number(struct str text, size_t *value)
{
	size_t made = 0;
	if (!str_is_digits(text) || text.n > 19)
		return false;
	for (size_t i = 0; i < text.n; i++)
		made = made * 10 + (size_t)(text.p[i] - '0');
	*value = made;
	return true;
}

/* 0 for one that is absent. */
size_t reading_size(struct reading *reading, const char *name)
{
	struct str text = reading_attribute(reading, name);
	size_t value = 0;
	if (text.p && !number(text, &value))
		reading_damaged(reading, name, text);
	return value;
}

size_t reading_needed_size(struct reading *reading, const char *name)
{
	if (!reading_attribute(reading, name).p)
		reading_damaged(reading, name, (struct str){ 0 });
	return reading_size(reading, name);
}

/* The numbers of a list count from 1. */
void reading_number(struct reading *reading, size_t expected)
{
	if (reading_needed_size(reading, "n") != expected)
		reading_fail(reading, reading->tag->offset, "%s/@n is %.*s where %zu comes next",
			     reading->tag->local, STR_ARG(reading_attribute(reading, "n")),
			     expected);
}

/* The place of a word in a list; the damage is told, and 0, where it is not in it. */
unsigned reading_choice(struct reading *reading, const char *name, const char *(*word)(unsigned),
			unsigned count)
{
	struct str value = reading_attribute(reading, name);
	for (unsigned i = 0; i < count; i++)
		if (str_is(value, word(i)))
			return i;
	reading_damaged(reading, name, value);
	return 0;
}

void reading_digest(struct reading *reading, char digest[65])
{
	struct str value = reading_attribute(reading, "sha256");
	bool good = value.n == 64;
	for (size_t i = 0; good && i < value.n; i++)
		good = char_is_digit(value.p[i]) || (value.p[i] >= 'a' && value.p[i] <= 'f');
	if (good)
		memcpy(digest, value.p, 64);
	else if (value.p)
		reading_damaged(reading, "sha256", value);
}
