#include "results/markup.h"

#include "base/character.h"

#include <stdio.h>

void markup_init(struct markup *markup, struct buf *out)
{
	*markup = (struct markup){ .out = out };
	buf_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
}

void markup_init_inside(struct markup *markup, struct buf *out, size_t depth)
{
	*markup = (struct markup){ .out = out, .depth = depth };
}

static void new_line(struct markup *markup)
{
	buf_char(markup->out, '\n');
	for (size_t i = 0; i < markup->depth; i++)
		buf_char(markup->out, ' ');
}

enum escaped_where { IN_TEXT, IN_ATTRIBUTE };

/* Parsers turn a tab or line feed in an attribute into a space, so they are written as references.
 */
static void escape(struct buf *out, struct character c, enum escaped_where where)
{
	switch (c.code) {
	case '&':
		buf_text(out, "&amp;");
		break;
	case '<':
		buf_text(out, "&lt;");
		break;
	case '>':
		buf_text(out, "&gt;");
		break;
	case '"':
		buf_text(out, "&quot;");
		break;
	case '\t':
	case '\n':
		if (where == IN_TEXT)
			buf_char(out, (char)c.code);
		else
			buf_printf(out, "&#%u;", (unsigned)c.code);
		break;
	default:
		if (character_starts_command(out, c.p))
			buf_printf(out, "&#%u;", (unsigned)c.code);
		else
			character_write(out, c);
		break;
	}
}

static void write_escaped(struct buf *out, const char *text, enum escaped_where where)
{
	for (;;) {
		size_t plain = character_plain_bytes(text);
		buf_add(out, text, plain);
		struct character c = character_at(text + plain);
		if (!c.n)
			return;
		escape(out, c, where);
		text = c.p + c.n;
	}
}

static void end_tag(struct markup *markup)
{
	if (markup->in_tag)
		buf_char(markup->out, '>');
	markup->in_tag = false;
}

void markup_open(struct markup *markup, const char *name)
{
	if (markup->failed || markup->depth == MARKUP_DEPTH) {
		markup->failed = true;
		return;
	}
	end_tag(markup);
	if (!markup->has_text)
		new_line(markup);
	buf_char(markup->out, '<');
	buf_text(markup->out, name);
	markup->names[markup->depth++] = name;
	markup->in_tag = true;
	markup->has_text = false;
}

void markup_close(struct markup *markup)
{
	if (markup->failed || !markup->depth) {
		markup->failed = true;
		return;
	}
	markup->depth--;
	if (markup->in_tag) {
		buf_text(markup->out, "/>");
	} else {
		if (!markup->has_text)
			new_line(markup);
		buf_text(markup->out, "</");
		buf_text(markup->out, markup->names[markup->depth]);
		buf_char(markup->out, '>');
	}
	markup->in_tag = false;
	markup->has_text = false;
}

void markup_attribute(struct markup *markup, const char *name, const char *value)
{
	if (!value)
		return;
	if (!markup->in_tag) {
		markup->failed = true;
		return;
	}
	buf_printf(markup->out, " %s=\"", name);
	write_escaped(markup->out, value, IN_ATTRIBUTE);
	buf_char(markup->out, '"');
}

void markup_attribute_size(struct markup *markup, const char *name, size_t value)
{
	char digits[24];
	snprintf(digits, sizeof(digits), "%zu", value);
	markup_attribute(markup, name, digits);
}

void markup_attribute_place(struct markup *markup, const char *name, size_t value)
{
	if (value)
		markup_attribute_size(markup, name, value);
}

void markup_text(struct markup *markup, const char *text)
{
	if (!markup->depth) {
		markup->failed = true;
		return;
	}
	end_tag(markup);
	markup->has_text = true;
	write_escaped(markup->out, text, IN_TEXT);
}

void markup_leaf(struct markup *markup, const char *name, const char *text)
{
	if (!text)
		return;
	markup_open(markup, name);
	markup_text(markup, text);
	markup_close(markup);
}

int markup_finish(struct markup *markup)
{
	if (markup->depth)
		markup->failed = true;
	buf_char(markup->out, '\n');
	return markup->failed || markup->out->failed ? -1 : 0;
}
