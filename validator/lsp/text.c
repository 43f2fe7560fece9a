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

static bool ends_line(char c)
{
	return c == '\n' || c == '\r';
}

/* CR, LF and both end a line, for the protocol and for findings. */
static bool ends_line_at(const struct document *document, size_t at)
{
	char c = document->text[at];
	return c == '\n' || (c == '\r' && document->text[at + 1] != '\n');
}

/* A character on. */
static void step(const struct document *document, struct mark *mark)
{
	size_t units, at = mark->at;
	bool ends = ends_line_at(document, at);
	mark->at += character_at(document->text + at, document->size - at, &units);
	mark->place = ends ? (struct place){ mark->place.line + 1, 0 }
			   : (struct place){ mark->place.line, mark->place.unit + units };
	mark->column = ends ? 1 : mark->column + 1;
	mark->line += ends;
}

static const struct mark first = { .line = 1, .column = 1 };

void text_index(struct document *document)
{
	enum { MARK_EVERY = 4096 };
	free(document->marks);
	document->mark_count = 0;
	document->marks = malloc((document->size / MARK_EVERY + 1) * sizeof(*document->marks));
	/* Without memory for them, every search starts at the start. */
	if (!document->marks)
		return;
	struct mark mark = first;
	for (; mark.at < document->size; step(document, &mark))
		if (mark.at >= document->mark_count * MARK_EVERY)
			document->marks[document->mark_count++] = mark;
}

static bool is_before(size_t line, size_t unit, size_t other_line, size_t other_unit)
{
	return line < other_line || (line == other_line && unit < other_unit);
}

/* The last mark that is not after what is looked for. */
#define LAST_MARK(document, mark, is_behind)                                                       \
	struct mark mark = first;                                                                  \
	for (size_t low = 0, high = (document)->mark_count; low < high;) {                         \
		size_t middle = low + (high - low) / 2;                                            \
		struct mark tried = (document)->marks[middle];                                     \
		if (is_behind) {                                                                   \
			high = middle;                                                             \
		} else {                                                                           \
			(mark) = tried;                                                            \
			low = middle + 1;                                                          \
		}                                                                                  \
	}

size_t text_offset(const struct document *document, struct place place)
{
	LAST_MARK(document, mark,
		  is_before(place.line, place.unit, tried.place.line, tried.place.unit))
	while (mark.at < document->size &&
	       (mark.place.line < place.line ||
		(mark.place.unit < place.unit && !ends_line(document->text[mark.at]))))
		step(document, &mark);
	return mark.at;
}

struct place text_place(const struct document *document, size_t offset)
{
	offset = offset > document->size ? document->size : offset;
	LAST_MARK(document, mark, tried.at > offset)
	while (mark.at < offset)
		step(document, &mark);
	return mark.place;
}

size_t text_found(const struct document *document, size_t line, size_t column)
{
	line = line ? line : 1;
	LAST_MARK(document, mark, is_before(line, column, tried.line, tried.column))
	while (mark.at < document->size &&
	       (mark.line < line || (mark.column < column && !ends_line_at(document, mark.at))))
		step(document, &mark);
	return mark.at;
}

size_t text_word_end(const struct document *document, size_t offset)
{
	enum { LONGEST_WORD = 4096 };
	const char *text = document->text;
	char before = offset ? text[offset - 1] : '\0';
	bool value = before == '"' || before == '\'';
	size_t at = offset, until = document->size - offset > LONGEST_WORD ? offset + LONGEST_WORD
									   : document->size;
	if (at < until && text[at] == '<')
		at++;
	for (; at < until; at++) {
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
	text_index(document);
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
