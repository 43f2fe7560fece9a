#include "report/json_writer.h"

#include "base/character.h"

void json_init(struct json_writer *json, struct buf *out)
{
	*json = (struct json_writer){ .out = out };
}

static void new_line(struct json_writer *json)
{
	buf_char(json->out, '\n');
	for (size_t i = 0; i < json->depth; i++)
		buf_text(json->out, "  ");
}

static void quote_character(struct buf *out, struct character c)
{
	if (c.code == '"' || c.code == '\\') {
		buf_char(out, '\\');
		buf_char(out, (char)c.code);
	} else if (c.code == '\n') {
		buf_text(out, "\\n");
	} else if (c.code == '\t') {
		buf_text(out, "\\t");
	} else if (character_starts_command(out, c.p)) {
		buf_printf(out, "\\u%04X", (unsigned)c.code);
	} else {
		/* The visible form of a control character is also its JSON escape. */
		character_write(out, c);
	}
}

void json_quote(struct buf *out, const char *text)
{
	buf_char(out, '"');
	for (;;) {
		size_t plain = character_plain_bytes(text);
		buf_add(out, text, plain);
		struct character c = character_at(text + plain);
		if (!c.n)
			break;
		quote_character(out, c);
		text = c.p + c.n;
	}
	buf_char(out, '"');
}

/* The comma, line feed and key before a value. False if a value is not allowed here. */
static bool before_value(struct json_writer *json, const char *key)
{
	if (json->failed)
		return false;
	bool in_object = json->depth && json->stack[json->depth - 1].container == JSON_OBJECT;
	if (in_object != (key != NULL) || (!json->depth && json->begun)) {
		json->failed = true;
		return false;
	}
	json->begun = true;
	if (json->depth) {
		bool first = json->stack[json->depth - 1].count++ == 0;
		if (!first)
			buf_text(json->out, json->row_depth ? ", " : ",");
		if (!json->row_depth)
			new_line(json);
	}
	if (key) {
		json_quote(json->out, key);
		buf_text(json->out, ": ");
	}
	return true;
}

static void open_container(struct json_writer *json, const char *key, enum json_container container)
{
	if (!before_value(json, key))
		return;
	if (json->depth == JSON_DEPTH) {
		json->failed = true;
		return;
	}
	buf_char(json->out, container == JSON_OBJECT ? '{' : '[');
	json->stack[json->depth].container = container;
	json->stack[json->depth].count = 0;
	json->depth++;
}

void json_object(struct json_writer *json, const char *key)
{
	open_container(json, key, JSON_OBJECT);
}

void json_array(struct json_writer *json, const char *key)
{
	open_container(json, key, JSON_ARRAY);
}

static void begin_row(struct json_writer *json)
{
	if (!json->row_depth && !json->failed)
		json->row_depth = json->depth;
}

void json_object_row(struct json_writer *json, const char *key)
{
	open_container(json, key, JSON_OBJECT);
	begin_row(json);
}

void json_array_row(struct json_writer *json, const char *key)
{
	open_container(json, key, JSON_ARRAY);
	begin_row(json);
}

void json_end(struct json_writer *json)
{
	if (json->failed || !json->depth) {
		json->failed = true;
		return;
	}
	bool in_row = json->row_depth != 0;
	if (json->row_depth == json->depth)
		json->row_depth = 0;
	json->depth--;
	if (!in_row && json->stack[json->depth].count)
		new_line(json);
	buf_char(json->out, json->stack[json->depth].container == JSON_OBJECT ? '}' : ']');
}

void json_text(struct json_writer *json, const char *key, const char *value)
{
	if (!value)
		json_null(json, key);
	else if (before_value(json, key))
		json_quote(json->out, value);
}

static void write_number(struct buf *out, size_t value)
{
	char digits[24];
	size_t at = sizeof(digits);
	do {
		digits[--at] = (char)('0' + value % 10);
	} while (value /= 10);
	buf_add(out, digits + at, sizeof(digits) - at);
}

void json_size(struct json_writer *json, const char *key, size_t value)
{
	if (before_value(json, key))
		write_number(json->out, value);
}

void json_bool(struct json_writer *json, const char *key, bool value)
{
	if (before_value(json, key))
		buf_text(json->out, value ? "true" : "false");
}

void json_null(struct json_writer *json, const char *key)
{
	if (before_value(json, key))
		buf_text(json->out, "null");
}

void json_place(struct json_writer *json, const char *key, size_t value)
{
	if (value)
		json_size(json, key, value);
	else
		json_null(json, key);
}

void json_text_if(struct json_writer *json, const char *key, const char *value)
{
	if (value)
		json_text(json, key, value);
}

void json_size_if(struct json_writer *json, const char *key, size_t value)
{
	if (value)
		json_size(json, key, value);
}

int json_finish(struct json_writer *json)
{
	if (json->depth || !json->begun)
		json->failed = true;
	buf_char(json->out, '\n');
	return json->failed || json->out->failed ? -1 : 0;
}
