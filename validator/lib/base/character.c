#include "base/character.h"

/* Lead bytes, the bits they carry, and the lowest number that needs so many bytes. */
static const struct {
	unsigned char mask, lead, bits;
	uint32_t least;
} forms[] = {
	{ 0x80, 0x00, 0x7f, 0 },
	{ 0xe0, 0xc0, 0x1f, 0x80 },
	{ 0xf0, 0xe0, 0x0f, 0x800 },
	{ 0xf8, 0xf0, 0x07, 0x10000 },
};

/* Characters that hide or reorder those next to them, and those that XML cannot hold. */
static const struct {
	uint32_t first, last;
} controls[] = {
	{ 0x00, 0x1f },	    { 0x7f, 0x9f },	{ 0xad, 0xad },
	{ 0x61c, 0x61c },   { 0x200b, 0x200f }, { 0x2028, 0x202e },
	{ 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfffe, 0xffff },
};

static enum character_kind kind_of(uint32_t code)
{
	for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
		if (code >= controls[i].first && code <= controls[i].last)
			return CHARACTER_CONTROL;
	return CHARACTER_PLAIN;
}

struct character character_at(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	struct character broken = { text, 1, 0xfffd, CHARACTER_BROKEN };
	if (!p[0])
		return (struct character){ .p = text };
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if ((p[0] & forms[i].mask) != forms[i].lead)
			continue;
		uint32_t code = p[0] & forms[i].bits;
		for (size_t k = 1; k <= i; k++) {
			if ((p[k] & 0xc0) != 0x80)
				return broken;
			code = code << 6 | (p[k] & 0x3fu);
		}
		if (code < forms[i].least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
			return broken;
		return (struct character){ text, i + 1, code, kind_of(code) };
	}
	return broken;
}

void character_write(struct buf *out, struct character character)
{
	switch (character.kind) {
	case CHARACTER_PLAIN:
		buf_add(out, character.p, character.n);
		break;
	case CHARACTER_CONTROL:
		buf_printf(out, "\\u%04X", (unsigned)character.code);
		break;
	case CHARACTER_BROKEN:
		buf_text(out, "\xef\xbf\xbd");
		break;
	}
}

void character_write_line(struct buf *out, const char *text)
{
	for (struct character c = character_at(text); c.n; c = character_at(c.p + c.n)) {
		if (c.code == '\t' || c.code == '\n')
			buf_char(out, ' ');
		else
			character_write(out, c);
	}
}
