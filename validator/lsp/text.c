#include "lsp/lsp.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* How many bytes a character has, and how many units of UTF-16. */
static size_t character_at(const char *text, size_t left, size_t *units)
{
	unsigned char c = (unsigned char)*text;
	size_t n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
	*units = n == 4 ? 2 : 1;
	return n < left ? n : left;
}

/* After the line that starts at an offset: CR, LF and both end one. */
static size_t next_line(const struct document *document, size_t at)
{
	while (at < document->size && document->text[at] != '\n' && document->text[at] != '\r')
		at++;
	if (at < document->size && document->text[at] == '\r' && document->text[at + 1] == '\n')
		at++;
	return at < document->size ? at + 1 : at;
}

static bool ends_line(char c)
{
	return c == '\n' || c == '\r';
}

size_t text_offset(const struct document *document, struct place place)
{
	size_t at = 0, unit = 0, units;
	for (size_t line = 0; line < place.line && at < document->size; line++) {
		size_t next = next_line(document, at);
		if (next == document->size && !ends_line(document->text[next - 1]))
			return next;
		at = next;
	}
	while (at < document->size && unit < place.unit && !ends_line(document->text[at])) {
		at += character_at(document->text + at, document->size - at, &units);
		unit += units;
	}
	return at;
}

struct place text_place(const struct document *document, size_t offset)
{
	struct place place = { 0, 0 };
	size_t start = 0, units;
	offset = offset > document->size ? document->size : offset;
	for (size_t next = next_line(document, 0);
	     next <= offset && next > start && ends_line(document->text[next - 1]);
	     next = next_line(document, start)) {
		start = next;
		place.line++;
	}
	while (start < offset) {
		start += character_at(document->text + start, document->size - start, &units);
		place.unit += units;
	}
	return place;
}

size_t text_found(const struct document *document, size_t line, size_t column)
{
	size_t at = 0, units;
	for (size_t i = 1; i < line; i++) {
		const char *end = memchr(document->text + at, '\n', document->size - at);
		if (!end)
			break;
		at = (size_t)(end - document->text) + 1;
	}
	for (size_t i = 1; i < column && at < document->size && document->text[at] != '\n'; i++)
		at += character_at(document->text + at, document->size - at, &units);
	return at;
}

size_t text_word_end(const struct document *document, size_t offset)
{
	const char *text = document->text;
	char before = offset ? text[offset - 1] : '\0';
	bool value = before == '"' || before == '\'';
	size_t at = offset;
	if (at < document->size && text[at] == '<')
		at++;
	for (; at < document->size; at++) {
		char c = text[at];
		if (value ? c == before : c == '<' || c == '>' || ends_line(c) || c == ' ')
			break;
	}
	return at > offset || at == document->size ? at : offset + !ends_line(text[offset]);
}

bool text_replace(struct document *document, size_t start, size_t end, const char *text, size_t n)
{
	start = start > document->size ? document->size : start;
	end = end > document->size ? document->size : end < start ? start : end;
	char *made = malloc(document->size - (end - start) + n + 1);
	if (!made)
		return false;
	memcpy(made, document->text, start);
	memcpy(made + start, text, n);
	memcpy(made + start + n, document->text + end, document->size - end);
	document->size = document->size - (end - start) + n;
	made[document->size] = '\0';
	free(document->text);
	document->text = made;
	return true;
}

/* JSON */

void json_put(json_object *object, const char *name, json_object *value)
{
	if (value)
		json_object_object_add(object, name, value);
}

void json_put_text(json_object *object, const char *name, const char *text)
{
	json_put(object, name, text ? json_object_new_string(text) : NULL);
}

void json_put_number(json_object *object, const char *name, size_t number)
{
	json_put(object, name, json_object_new_int64((int64_t)number));
}

static json_object *json_position(struct place place)
{
	json_object *position = json_object_new_object();
	json_put_number(position, "line", place.line);
	json_put_number(position, "character", place.unit);
	return position;
}

json_object *json_range(const struct document *document, size_t start, size_t end)
{
	json_object *range = json_object_new_object();
	json_put(range, "start", json_position(text_place(document, start)));
	json_put(range, "end", json_position(text_place(document, end)));
	return range;
}

json_object *json_edit(const struct document *document, size_t start, size_t end, const char *text,
		       size_t n)
{
	json_object *edit = json_object_new_object();
	json_put(edit, "range", json_range(document, start, end));
	json_put(edit, "newText", json_object_new_string_len(text, (int)n));
	return edit;
}

bool place_of_json(json_object *position, struct place *place)
{
	json_object *line = json_at(position, "line", NULL);
	json_object *unit = json_at(position, "character", NULL);
	if (!line || !unit || json_object_get_int64(line) < 0 || json_object_get_int64(unit) < 0)
		return false;
	place->line = (size_t)json_object_get_int64(line);
	place->unit = (size_t)json_object_get_int64(unit);
	return true;
}

json_object *json_at(json_object *object, ...)
{
	va_list names;
	va_start(names, object);
	for (const char *name; object && (name = va_arg(names, const char *));) {
		json_object *member = NULL;
		if (!json_object_is_type(object, json_type_object) ||
		    !json_object_object_get_ex(object, name, &member))
			member = NULL;
		object = member;
	}
	va_end(names);
	return object;
}

const char *json_string_at(json_object *object, const char *name)
{
	json_object *member = json_at(object, name, NULL);
	return json_object_is_type(member, json_type_string) ? json_object_get_string(member)
							     : NULL;
}
