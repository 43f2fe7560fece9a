#include "base/character.h"

#include <pthread.h>

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

size_t character_plain_bytes(const char *text)
{
	static const bool special[UINT8_MAX + 1] = {
		['"'] = true, ['#'] = true, ['&'] = true,  [':'] = true,
		['<'] = true, ['>'] = true, ['\\'] = true,
	};
	const unsigned char *p = (const unsigned char *)text;
	size_t n = 0;
	while (p[n] >= ' ' && p[n] < 0x7f && !special[p[n]])
		n++;
	return n;
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

static bool is_at_line_start(const struct buf *out)
{
	size_t n = out->n;
	while (n && (out->p[n - 1] == ' ' || out->p[n - 1] == '\t'))
		n--;
	return n == 0 || out->p[n - 1] == '\n';
}

bool character_starts_command(const struct buf *out, const char *text)
{
	if (text[0] == ':' && text[1] == ':')
		return is_at_line_start(out);
	if (text[0] != '#' || text[1] != '#')
		return false;
	for (text += 2; (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z');)
		text++;
	return *text == '[';
}

static void write_visible(struct buf *out, struct character c)
{
	if (character_starts_command(out, c.p))
		buf_printf(out, "\\u%04X", (unsigned)c.code);
	else
		character_write(out, c);
}

/* What is plain goes as a whole. on_one_line: a tab or a line feed is written as a space. */
static void write_text(struct buf *out, const char *text, const char *end, bool on_one_line)
{
	while (text < end) {
		size_t plain = character_plain_bytes(text), left = (size_t)(end - text);
		if (plain) {
			buf_add(out, text, plain < left ? plain : left);
			text += plain;
			continue;
		}
		struct character c = character_at(text);
		if (on_one_line && (c.code == '\t' || c.code == '\n'))
			buf_char(out, ' ');
		else
			write_visible(out, c);
		text += c.n;
	}
}

void character_write_line(struct buf *out, const char *text)
{
	write_text(out, text, text + strlen(text), true);
}

/* A directive of a format: "%-8.*s". */
struct directive {
	bool left, has_precision;
	int width, precision;
};

static size_t characters_of(const char *text, const char *end)
{
	size_t count = 0;
	for (; text < end; text++)
		/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): it is text */
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

static void put_text(struct buf *out, const struct directive *directive, const char *text)
{
	text = text ? text : "";
	size_t most = directive->has_precision && directive->precision >= 0
			      ? (size_t)directive->precision
			      : SIZE_MAX;
	const char *end = text + strnlen(text, most);
	size_t width = directive->width > 0 ? (size_t)directive->width : 0;
	size_t has = width ? characters_of(text, end) : 0, pad = width > has ? width - has : 0;
	if (pad && !directive->left)
		buf_printf(out, "%*s", (int)pad, "");
	write_text(out, text, end, false);
	if (pad && directive->left)
		buf_printf(out, "%*s", (int)pad, "");
}

static int number_at(const char **format)
{
	int number = 0;
	for (; **format >= '0' && **format <= '9'; ++*format)
		number = number * 10 + (**format - '0');
	return number;
}

/* A width or precision: a number, or '*' for that of the arguments. */
#define READ_NUMBER(format, args)                                                                  \
	(*(format) == '*' ? ((format)++, va_arg(args, int)) : number_at(&(format)))

void character_vprintf(struct buf *out, const char *format, va_list args)
{
	while (*format) {
		size_t as_it_is = strcspn(format, "%");
		buf_add(out, format, as_it_is);
		format += as_it_is;
		if (!*format)
			break;
		struct directive how = { 0 };
		for (format++; *format == '-'; format++)
			how.left = true;
		how.width = READ_NUMBER(format, args);
		how.has_precision = *format == '.';
		format += how.has_precision;
		how.precision = how.has_precision ? READ_NUMBER(format, args) : 0;
		if (strncmp(format, "zu", 2) == 0)
			buf_printf(out, "%*zu", how.width, va_arg(args, size_t));
		else if (strncmp(format, "lld", 3) == 0)
			buf_printf(out, "%*lld", how.width, va_arg(args, long long));
		else if (strncmp(format, "llu", 3) == 0)
			buf_printf(out, "%*llu", how.width, va_arg(args, unsigned long long));
		else if (*format == 's')
			put_text(out, &how, va_arg(args, const char *));
		else if (*format == 'd')
			buf_printf(out, "%*d", how.width, va_arg(args, int));
		else if (*format == 'u')
			buf_printf(out, "%*u", how.width, va_arg(args, unsigned));
		else if (*format == 'c')
			put_text(out, &how, (char[]){ (char)va_arg(args, int), '\0' });
		else
			buf_char(out, '%');
		format += *format == 'z' ? 2 : *format == 'l' ? 3 : *format != '\0';
	}
}

void character_printf(struct buf *out, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	character_vprintf(out, format, args);
	va_end(args);
}

static locale_t utf8;

static void make_utf8(void)
{
	utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

struct name_locale names_as_utf8(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, make_utf8);
	return (struct name_locale){ utf8 ? uselocale(utf8) : (locale_t)0 };
}

void names_as_before(struct name_locale names)
{
	if (names.before)
		uselocale(names.before);
}

bool character_shows_nothing_at_all(struct str text)
{
	static const char *const blanks[] = {
		" ",
		"\t",
		"\n",
		"\r",
		"\xc2\xa0",
		"\xe1\x9a\x80",
		"\xe2\x80\xa8",
		"\xe2\x80\xa9",
		"\xe2\x80\xaf",
		"\xe2\x81\x9f",
		"\xe2\x81\xa0",
		"\xe3\x80\x80",
		"\xef\xbb\xbf",
	};
	while (text.n) {
		size_t length = 0;
		if (text.p[0] > ' ' && text.p[0] < 0x7f)
			return false;
		for (size_t i = 0; !length && i < sizeof(blanks) / sizeof(blanks[0]); i++)
			if (str_starts(text, str_of(blanks[i])))
				length = strlen(blanks[i]);
		/* U+2000 to U+200F */
		if (!length && text.n >= 3 && memcmp(text.p, "\xe2\x80", 2) == 0 &&
		    (unsigned char)text.p[2] <= 0x8f)
			length = 3;
		if (!length)
			return false;
		text = (struct str){ text.p + length, text.n - length };
	}
	return true;
}
