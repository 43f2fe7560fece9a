#include "write/element.h"

void element_start(struct element_writer *writer, struct buf *out)
{
	*writer = (struct element_writer){ .out = out };
	buf_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
}

static void new_line(struct element_writer *writer)
{
	buf_char(writer->out, '\n');
	for (size_t i = 0; i < writer->depth; i++)
		buf_char(writer->out, '\t');
}

static const char *reference(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\t':
		return "&#9;";
	case '\n':
		return "&#10;";
	case '\r':
		return "&#13;";
	default:
		return (unsigned char)c < 0x20 ? "" : NULL;
	}
}

static void write_escaped(struct buf *out, struct str text)
{
	size_t from = 0;
	for (size_t i = 0; i < text.n; i++) {
		const char *instead = reference(text.p[i]);
		if (!instead)
			continue;
		buf_add(out, text.p + from, i - from);
		buf_text(out, instead);
		from = i + 1;
	}
	buf_str(out, str_from(text, from));
}

static void end_tag(struct element_writer *writer)
{
	if (writer->in_tag)
		buf_char(writer->out, '>');
	writer->in_tag = false;
}

void element_open(struct element_writer *writer, const char *name)
{
	if (writer->failed || writer->depth == ELEMENT_DEPTH || writer->has_text) {
		writer->failed = true;
		return;
	}
	end_tag(writer);
	new_line(writer);
	buf_char(writer->out, '<');
	buf_text(writer->out, name);
	writer->names[writer->depth++] = name;
	writer->in_tag = true;
}

void element_close(struct element_writer *writer)
{
	if (writer->failed || !writer->depth) {
		writer->failed = true;
		return;
	}
	writer->depth--;
	if (writer->in_tag) {
		buf_text(writer->out, "/>");
	} else {
		if (!writer->has_text)
			new_line(writer);
		buf_text(writer->out, "</");
		buf_text(writer->out, writer->names[writer->depth]);
		buf_char(writer->out, '>');
	}
	writer->in_tag = false;
	writer->has_text = false;
}

void element_close_many(struct element_writer *writer, size_t count)
{
	while (count--)
		element_close(writer);
}

void element_attribute(struct element_writer *writer, const char *name, struct str value)
{
	if (!value.p)
		return;
	if (!writer->in_tag) {
		writer->failed = true;
		return;
	}
	buf_char(writer->out, ' ');
	buf_text(writer->out, name);
	buf_text(writer->out, "=\"");
	write_escaped(writer->out, value);
	buf_char(writer->out, '"');
}

void element_set(struct element_writer *writer, const char *name, const char *value)
{
	element_attribute(writer, name, str_of(value));
}

void element_text(struct element_writer *writer, struct str text)
{
	if (!writer->depth) {
		writer->failed = true;
		return;
	}
	end_tag(writer);
	writer->has_text = true;
	write_escaped(writer->out, text);
}

void element_leaf(struct element_writer *writer, const char *name, struct str text)
{
	if (!text.p)
		return;
	element_open(writer, name);
	element_text(writer, text);
	element_close(writer);
}

void element_empty(struct element_writer *writer, const char *name, const char *attribute,
		   struct str value)
{
	element_open(writer, name);
	element_attribute(writer, attribute, value);
	element_close(writer);
}

int element_finish(struct element_writer *writer)
{
	if (writer->depth)
		writer->failed = true;
	buf_char(writer->out, '\n');
	return writer->failed || writer->out->failed ? -1 : 0;
}
