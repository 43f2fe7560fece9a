#include "base/character.h"

#include <pthread.h>
#include <stdio.h>
#include <uchar.h>

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

size_t character_utf8(uint32_t code, char utf8[UTF8_BYTES])
{
	static const unsigned char leads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	for (size_t i = n; i-- > 1; code >>= 6)
		utf8[i] = (char)(0x80 | (code & 0x3f));
	utf8[0] = (char)(leads[n] | code);
	return n;
}

/* The same, in the first most bytes. */
static size_t plain_bytes(const char *text, size_t most)
{
	static const bool special[UINT8_MAX + 1] = {
		['"'] = true, ['#'] = true, ['&'] = true,  [':'] = true,
		['<'] = true, ['>'] = true, ['\\'] = true,
	};
	const unsigned char *p = (const unsigned char *)text;
	size_t n = 0;
	while (n < most && p[n] >= ' ' && p[n] < 0x7f && !special[p[n]])
		n++;
	return n;
}

size_t character_plain_bytes(const char *text)
{
	return plain_bytes(text, SIZE_MAX);
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

/* So many digits as names are written with, or -1. */
static long hex_at(const char *text, size_t digits)
{
	long number = 0;
	for (size_t i = 0; i < digits; i++) {
		static const char all[] = "0123456789ABCDEF";
		const char *digit = text[i] ? strchr(all, text[i]) : NULL;
		if (!digit)
			return -1;
		number = number * 16 + (digit - all);
	}
	return number;
}

enum { CODE_DIGITS = 4, BYTE_DIGITS = 2 };

/* How many bytes a form of character_write_name has that starts here, and the number in it. 0: none
 * does. */
static size_t form_at(const char *text, long *number)
{
	if (text[0] != '\\' || (text[1] != 'u' && text[1] != 'x'))
		return 0;
	size_t digits = text[1] == 'u' ? CODE_DIGITS : BYTE_DIGITS;
	*number = hex_at(text + 2, digits);
	return *number > 0 ? 2 + digits : 0;
}

static bool is_written_otherwise(struct character c)
{
	long number;
	return c.kind != CHARACTER_PLAIN || form_at(c.p, &number);
}

void character_write_name(struct buf *out, struct str name)
{
	const char *end = name.p + name.n;
	for (struct character c; name.n && name.p < end; name.p = c.p + c.n) {
		c = character_at(name.p);
		if (c.kind == CHARACTER_BROKEN)
			buf_printf(out, "\\x%02X", (unsigned)(unsigned char)*c.p);
		else if (is_written_otherwise(c))
			buf_printf(out, "\\u%04X", (unsigned)c.code);
		else
			buf_add(out, c.p, c.n);
		if (!c.n)
			break;
	}
}

bool character_name_differs(const char *name)
{
	for (struct character c;; name = c.p + c.n) {
		name += character_plain_bytes(name);
		c = character_at(name);
		if (!c.n || is_written_otherwise(c))
			return c.n > 0;
	}
}

static size_t write_utf8(unsigned code, char out[4])
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	out[0] = (char)(0xe0 | code >> 12);
	out[1] = (char)(0x80 | (code >> 6 & 0x3f));
	out[2] = (char)(0x80 | (code & 0x3f));
	return 3;
}

size_t character_read_name(const char *written, char out[4], size_t *n)
{
	long number = 0;
	size_t form = form_at(written, &number);
	*n = 1;
	out[0] = written[0];
	if (form == 2 + BYTE_DIGITS)
		out[0] = (char)number;
	else if (form)
		*n = write_utf8((unsigned)number, out);
	return form ? form : written[0] != '\0';
}

void character_read_whole_name(const char *written, char *out)
{
	char bytes[UTF8_BYTES];
	size_t n = 0;
	for (size_t step; (step = character_read_name(written, bytes, &n)); written += step)
		for (size_t i = 0; i < n; i++)
			*out++ = bytes[i];
	*out = '\0';
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
		size_t plain = plain_bytes(text, (size_t)(end - text));
		if (plain) {
			buf_add(out, text, plain);
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

/* A spreadsheet takes text that starts with one of these for a formula: a quote mark goes first. */
static bool is_formula(const char *text)
{
	return text[0] && text[1] && strchr("=+-@\t\r\n", text[0]);
}

void character_write_cell(struct buf *out, const char *text)
{
	buf_char(out, '"');
	if (is_formula(text))
		buf_char(out, '\'');
	for (struct character c = character_at(text); c.n; c = character_at(c.p + c.n)) {
		if (c.code == '"')
			buf_text(out, "\"\"");
		else if (c.code == '\t' || c.code == '\n')
			buf_char(out, ' ');
		else if (character_starts_command(out, c.p))
			buf_printf(out, "\\u%04X", (unsigned)c.code);
		else
			character_write(out, c);
	}
	buf_char(out, '"');
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

enum sight {
	SIGHT_SHOWN,
	SIGHT_SPACE,
	SIGHT_CONTROL,
	SIGHT_DIRECTION,
	SIGHT_ZERO_WIDTH,
	SIGHT_FILLER,	/* as wide as a letter, and blank */
	SIGHT_JOINER,	/* shapes letters of scripts that join them */
	SIGHT_SELECTOR, /* chooses a form of the letter before it */
	SIGHT_MARK	/* shown on the letter before it */
};

/* By code. What Unicode calls default ignorable, white space, blank letters, and marks of the
 * scripts that names here are written in. */
static const struct {
	uint32_t first, last;
	enum sight sight;
} sights[] = {
	{ 0x00, 0x08, SIGHT_CONTROL },		{ 0x09, 0x0a, SIGHT_SPACE },
	{ 0x0b, 0x0c, SIGHT_CONTROL },		{ 0x0d, 0x0d, SIGHT_SPACE },
	{ 0x0e, 0x1f, SIGHT_CONTROL },		{ 0x20, 0x20, SIGHT_SPACE },
	{ 0x7f, 0x9f, SIGHT_CONTROL },		{ 0xa0, 0xa0, SIGHT_SPACE },
	{ 0xad, 0xad, SIGHT_ZERO_WIDTH },	{ 0x300, 0x34e, SIGHT_MARK },
	{ 0x34f, 0x34f, SIGHT_JOINER },		{ 0x350, 0x36f, SIGHT_MARK },
	{ 0x483, 0x489, SIGHT_MARK },		{ 0x591, 0x5bd, SIGHT_MARK },
	{ 0x5bf, 0x5bf, SIGHT_MARK },		{ 0x5c1, 0x5c2, SIGHT_MARK },
	{ 0x5c4, 0x5c5, SIGHT_MARK },		{ 0x5c7, 0x5c7, SIGHT_MARK },
	{ 0x610, 0x61a, SIGHT_MARK },		{ 0x61c, 0x61c, SIGHT_DIRECTION },
	{ 0x64b, 0x65f, SIGHT_MARK },		{ 0x670, 0x670, SIGHT_MARK },
	{ 0x6d6, 0x6dc, SIGHT_MARK },		{ 0x6df, 0x6e4, SIGHT_MARK },
	{ 0x6e7, 0x6e8, SIGHT_MARK },		{ 0x6ea, 0x6ed, SIGHT_MARK },
	{ 0x900, 0x903, SIGHT_MARK },		{ 0x93a, 0x93c, SIGHT_MARK },
	{ 0x93e, 0x94f, SIGHT_MARK },		{ 0x115f, 0x1160, SIGHT_FILLER },
	{ 0x1680, 0x1680, SIGHT_SPACE },	{ 0x17b4, 0x17b5, SIGHT_JOINER },
	{ 0x180b, 0x180d, SIGHT_SELECTOR },	{ 0x180e, 0x180e, SIGHT_ZERO_WIDTH },
	{ 0x180f, 0x180f, SIGHT_SELECTOR },	{ 0x1ab0, 0x1aff, SIGHT_MARK },
	{ 0x1dc0, 0x1dff, SIGHT_MARK },		{ 0x2000, 0x200a, SIGHT_SPACE },
	{ 0x200b, 0x200b, SIGHT_ZERO_WIDTH },	{ 0x200c, 0x200d, SIGHT_JOINER },
	{ 0x200e, 0x200f, SIGHT_DIRECTION },	{ 0x2028, 0x2029, SIGHT_CONTROL },
	{ 0x202a, 0x202e, SIGHT_DIRECTION },	{ 0x202f, 0x202f, SIGHT_SPACE },
	{ 0x205f, 0x205f, SIGHT_SPACE },	{ 0x2060, 0x2065, SIGHT_ZERO_WIDTH },
	{ 0x2066, 0x2069, SIGHT_DIRECTION },	{ 0x206a, 0x206f, SIGHT_ZERO_WIDTH },
	{ 0x20d0, 0x20ff, SIGHT_MARK },		{ 0x2800, 0x2800, SIGHT_FILLER },
	{ 0x3000, 0x3000, SIGHT_SPACE },	{ 0x302a, 0x302f, SIGHT_MARK },
	{ 0x3099, 0x309a, SIGHT_MARK },		{ 0x3164, 0x3164, SIGHT_FILLER },
	{ 0xfe00, 0xfe0e, SIGHT_SELECTOR },	{ 0xfe0f, 0xfe0f, SIGHT_ZERO_WIDTH },
	{ 0xfe20, 0xfe2f, SIGHT_MARK },		{ 0xfeff, 0xfeff, SIGHT_ZERO_WIDTH },
	{ 0xffa0, 0xffa0, SIGHT_FILLER },	{ 0xfff0, 0xfffb, SIGHT_ZERO_WIDTH },
	{ 0x1bca0, 0x1bca3, SIGHT_ZERO_WIDTH }, { 0x1d173, 0x1d17a, SIGHT_CONTROL },
	{ 0xe0000, 0xe00ff, SIGHT_ZERO_WIDTH }, { 0xe0100, 0xe01ef, SIGHT_SELECTOR },
	{ 0xe01f0, 0xe0fff, SIGHT_ZERO_WIDTH },
};

static enum sight sight_of(uint32_t code)
{
	size_t low = 0, high = sizeof(sights) / sizeof(sights[0]);
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (code > sights[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	bool found = low < sizeof(sights) / sizeof(sights[0]) && code >= sights[low].first;
	return found ? sights[low].sight : SIGHT_SHOWN;
}

/* The character that a text starts with, which is not empty and may have no NUL. */
static struct character first_of(struct str text)
{
	enum { LONGEST = 4 };
	char bytes[LONGEST + 1] = { 0 };
	memcpy(bytes, text.p, text.n < LONGEST ? text.n : LONGEST);
	struct character first = character_at(bytes);
	first.p = text.p;
	first.n = first.n ? first.n : 1; /* a NUL */
	return first;
}

bool character_shows_nothing_at_all(struct str text)
{
	while (text.n) {
		struct character c = first_of(text);
		if (sight_of(c.code) == SIGHT_SHOWN)
			return false;
		text = str_from(text, c.n);
	}
	return true;
}

size_t character_space_bytes(struct str text)
{
	if (!text.n || !(text.p[0] & 0x80))
		return text.n && char_is_space(text.p[0]);
	struct character c = first_of(text);
	return sight_of(c.code) == SIGHT_SPACE ? c.n : 0;
}

/* What a character is called where it should not be; NULL: it may be there. */
static const char *unseen_kind(uint32_t code, uint32_t before)
{
	/* Letters that joiners and selectors have an effect on come later. */
	enum { LATIN_ENDS = 0x300, CHOICE_BEGINS = 0x1000 };
	switch (sight_of(code)) {
	case SIGHT_CONTROL:
		return "control";
	case SIGHT_DIRECTION:
		return "bidirectional control";
	case SIGHT_ZERO_WIDTH:
		return "zero-width";
	case SIGHT_FILLER:
		return "blank";
	case SIGHT_JOINER:
		return before < LATIN_ENDS ? "zero-width" : NULL;
	case SIGHT_SELECTOR:
		return before < CHOICE_BEGINS ? "zero-width" : NULL;
	default:
		return NULL;
	}
}

struct character_unseen character_first_unseen(struct str text)
{
	uint32_t before = 0;
	while (text.n) {
		unsigned char byte = (unsigned char)text.p[0];
		bool plain = byte >= ' ' && byte < 0x7f;
		struct character c = { text.p, 1, byte, CHARACTER_PLAIN };
		if (!plain)
			c = first_of(text);
		const char *kind = plain ? NULL : unseen_kind(c.code, before);
		if (kind)
			return (struct character_unseen){ c.code, kind };
		before = c.code;
		text = str_from(text, c.n);
	}
	return (struct character_unseen){ 0 };
}

/*
 * Latin letters with accents, as UAX #15 takes them apart: of each the letter, and by what sign its
 * accents are listed; a full stop where a letter is one or is not of ASCII. Vietnamese ones have
 * two accents.
 */
static const struct {
	uint32_t first, last;
	const char *letters, *signs;
} composed[] = {
	{ 0x00c0, 0x017e,
	  "AAAAAA.CEEEEIIII.NOOOOO..UUUUY..aaaaaa.ceeeeiiii.nooooo..uuuuy.y"
	  "AaAaAaCcCcCcCcDd..EeEeEeEeEeGgGgGgGgHh..IiIiIiIiI...JjKk.LlLlLl."
	  "...NnNnNn...OoOoOo..RrRrRrSsSsSsSsTtTt..UuUuUuUuUuUuWwYyYZzZzZz",
	  "abcdef.gabceabce.dabcde..abceb..abcdef.gabceabce.dabcde..abceb.e"
	  "hhiijjbbcckkllll..hhiikkjjllcciikkggcc..ddhhiijjk...ccgg.bbggll."
	  "...bbggll...hhiimm..bbggllbbccggllggll..ddhhiiffmmjjccccebbkkll" },
	{ 0x01a0, 0x01b0, "Oo.............Uu", "XX.............XX" },
	{ 0x01cd, 0x0233,
	  "AaIiOoUuUuUuUuUu.AaAa....GgKkOoOo..j...Gg..NnAa....AaAaEeEeIiIiOoOoRrRrUuUuSsTt"
	  "..Hh......AaEeOoOoOoOoYy",
	  "llllllllYYyyZZ00.YY11....lllljj22..l...bb..aa33....445544554455445544554455nnnn"
	  "..ll......kkggYY66kk11hh" },
	{ 0x1e00, 0x1ef9,
	  "AaBbBbBbCcDdDdDdDdDdEeEeEeEeEeFfGgHhHhHhHhHhIiIiKkKkKkLlLlLlLlMm"
	  "MmMmNnNnNnNnOoOoOoOoPpPpRrRrRrRrSsSsSsSsSsTtTtTtTtUuUuUuUuUuVvVv"
	  "WwWwWwWwWwXxXxYyZzZzZzhtwy......AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEe"
	  "EeEeEeEeIiIiOoOoOoOoOoOoOoOoOoOoOoOoUuUuUuUuUuUuUuYyYyYyYy",
	  "ookkppqqrrkkppqqggssttuussvvwwkkhhkkppeeggxxvvyybbppqqppzzqqssbb"
	  "kkppkkppqqssAABBttuubbkkkkppzzqqkkppCCDDEEkkppqqssFFvvssAAGGddpp"
	  "aabbeekkppkkeekkccppqqqeff......ppHHIIJJKKLLMMNNOOPPQQRRppHHddII"
	  "JJKKLLMMHHppppHHIIJJKKLLMMSSTTUUVVWWppHHSSTTUUVVWWaappHHdd" },
};

/* The same of letters that are not of ASCII and of signs that stand for others, by accent. */
static const struct {
	uint32_t accents[2];
	const char16_t *composed, *letters;
} composed_wide[] = {
	{ { 0 }, u"\u0340\u0341\u0343\u212a", u"\u0300\u0301\u0313K" },
	{ { 0x0300 }, u"ЀЍѐѝ", u"ЕИеи" },
	{ { 0x0301 }, u"ǼǽǾǿΆΈΉΊΌΎΏάέήίόύώЃЌѓќ\u0344", u"ÆæØøΑΕΗΙΟΥΩαεηιουωГКгк\u0308" },
	{ { 0x0304 }, u"ǢǣӢӣӮӯ", u"ÆæИиУу" },
	{ { 0x0306 }, u"ЎЙйўӁӂӐӑӖӗ", u"УИиуЖжАаЕе" },
	{ { 0x0307 }, u"ẛ", u"ſ" },
	{ { 0x0308 }, u"ΪΫϊϋЁЇёїӒӓӚӛӜӝӞӟӤӥӦӧӪӫӬӭӰӱӴӵӸӹ", u"ΙΥιυЕІеіАаӘәЖжЗзИиОоӨөЭэУуЧчЫы" },
	{ { 0x0308, 0x0301 }, u"ΐΰ", u"ιυ" },
	{ { 0x030a }, u"\u212b", u"A" },
	{ { 0x030b }, u"Ӳӳ", u"Уу" },
	{ { 0x030c }, u"Ǯǯ", u"Ʒʒ" },
	{ { 0x030f }, u"Ѷѷ", u"Ѵѵ" },
};

/* By sign: a to z, A to Z, 0 to 6. */
static const struct {
	uint16_t first, second;
} accents[] = {
	{ 0x0300, 0 },	    { 0x0301, 0 },	{ 0x0302, 0 },	    { 0x0303, 0 },
	{ 0x0308, 0 },	    { 0x030a, 0 },	{ 0x0327, 0 },	    { 0x0304, 0 },
	{ 0x0306, 0 },	    { 0x0328, 0 },	{ 0x0307, 0 },	    { 0x030c, 0 },
	{ 0x030b, 0 },	    { 0x0326, 0 },	{ 0x0325, 0 },	    { 0x0323, 0 },
	{ 0x0331, 0 },	    { 0x0327, 0x0301 }, { 0x032d, 0 },	    { 0x0304, 0x0300 },
	{ 0x0304, 0x0301 }, { 0x0330, 0 },	{ 0x0327, 0x0306 }, { 0x032e, 0 },
	{ 0x0308, 0x0301 }, { 0x0323, 0x0304 }, { 0x0303, 0x0301 }, { 0x0303, 0x0308 },
	{ 0x0301, 0x0307 }, { 0x030c, 0x0307 }, { 0x0323, 0x0307 }, { 0x0324, 0 },
	{ 0x0304, 0x0308 }, { 0x0309, 0 },	{ 0x0302, 0x0301 }, { 0x0302, 0x0300 },
	{ 0x0302, 0x0309 }, { 0x0302, 0x0303 }, { 0x0323, 0x0302 }, { 0x0306, 0x0301 },
	{ 0x0306, 0x0300 }, { 0x0306, 0x0309 }, { 0x0306, 0x0303 }, { 0x0323, 0x0306 },
	{ 0x031b, 0x0301 }, { 0x031b, 0x0300 }, { 0x031b, 0x0309 }, { 0x031b, 0x0303 },
	{ 0x031b, 0x0323 }, { 0x031b, 0 },	{ 0x0308, 0x0304 }, { 0x0308, 0x030c },
	{ 0x0308, 0x0300 }, { 0x0307, 0x0304 }, { 0x0328, 0x0304 }, { 0x030a, 0x0301 },
	{ 0x030f, 0 },	    { 0x0311, 0 },	{ 0x0303, 0x0304 },
};

static size_t accents_of_sign(char sign)
{
	enum { LETTERS = 26 };
	if (char_is_digit(sign))
		return (size_t)(sign - '0') + 2 * LETTERS;
	return sign >= 'a' ? (size_t)(sign - 'a') : (size_t)(sign - 'A') + LETTERS;
}

/* Whether a letter is in the first list; then out is the one at its place in the second. */
static bool find_letter(uint32_t code, const char16_t *from, const char16_t *to, uint32_t *out)
{
	size_t i = 0;
	while (from[i] && from[i] != code)
		i++;
	if (!from[i])
		return false;
	*out = to[i];
	return true;
}

static size_t take_wide_apart(uint32_t code, uint32_t apart[CHARACTER_MOST_APART])
{
	for (size_t i = 0; i < sizeof(composed_wide) / sizeof(composed_wide[0]); i++) {
		if (!find_letter(code, composed_wide[i].composed, composed_wide[i].letters, apart))
			continue;
		apart[1] = composed_wide[i].accents[0];
		apart[2] = composed_wide[i].accents[1];
		return apart[2] ? 3 : apart[1] ? 2 : 1;
	}
	return 1;
}

/* A syllable of Hangul is two or three letters (Unicode 3.12). Returns how many; 0: it is
 * another character. */
static size_t take_hangul_apart(uint32_t code, uint32_t apart[CHARACTER_MOST_APART])
{
	enum { FIRST = 0xac00, LAST = 0xd7a3, VOWELS = 21, LAST_CONSONANTS = 28 };
	enum { FIRST_LEADING = 0x1100, FIRST_VOWEL = 0x1161, BEFORE_LAST = 0x11a7 };
	if (code < FIRST || code > LAST)
		return 0;
	uint32_t at = code - FIRST, last = at % LAST_CONSONANTS;
	apart[0] = FIRST_LEADING + at / (VOWELS * LAST_CONSONANTS);
	apart[1] = FIRST_VOWEL + at / LAST_CONSONANTS % VOWELS;
	apart[2] = BEFORE_LAST + last;
	return last ? 3 : 2;
}

/* One letter and its accents. Returns how many code points it makes; text goes on after it. */
static size_t take_apart(struct str *text, uint32_t apart[CHARACTER_MOST_APART])
{
	struct character c = first_of(*text);
	*text = str_from(*text, c.n);
	apart[0] = c.code;
	if (c.code < composed[0].first)
		return 1;
	for (size_t i = 0; i < sizeof(composed) / sizeof(composed[0]); i++) {
		if (c.code < composed[i].first || c.code > composed[i].last)
			continue;
		size_t at = c.code - composed[i].first;
		if (composed[i].signs[at] == '.')
			break;
		size_t accent = accents_of_sign(composed[i].signs[at]);
		apart[0] = (unsigned char)composed[i].letters[at];
		apart[1] = accents[accent].first;
		apart[2] = accents[accent].second;
		return apart[2] ? 3 : 2;
	}
	size_t hangul = take_hangul_apart(c.code, apart);
	return hangul ? hangul : take_wide_apart(c.code, apart);
}

static bool is_ascii(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] & 0x80)
			return false;
	return true;
}

enum { FIRST_BEYOND_ASCII = 0x80 };

/* False at the end. */
static bool next_apart(struct character_place *place, uint32_t *code)
{
	if (place->at == place->count) {
		if (!place->rest.n)
			return false;
		place->at = 0;
		place->count = 1;
		place->apart[0] = (unsigned char)place->rest.p[0];
		if (place->apart[0] < FIRST_BEYOND_ASCII)
			place->rest = str_from(place->rest, 1);
		else
			place->count = take_apart(&place->rest, place->apart);
	}
	*code = place->apart[place->at++];
	return true;
}

/* Whether it is plain that no accent follows. */
static bool no_accent_follows(const struct character_place *place)
{
	return place->at == place->count &&
	       (!place->rest.n || (unsigned char)place->rest.p[0] < FIRST_BEYOND_ASCII);
}

/* The canonical combining class of an accent; 0: it is a letter. */
static unsigned order_of(uint32_t code)
{
	enum { FIRST = 0x0300, LAST = 0x036f, CYRILLIC = 0x0483, CYRILLIC_LAST = 0x0487 };
	enum { ABOVE = 230 };
	static const struct {
		uint16_t last;
		unsigned char order;
	} accents_to[] = {
		{ 0x0314, 230 }, { 0x0315, 232 }, { 0x0319, 220 }, { 0x031a, 232 }, { 0x031b, 216 },
		{ 0x0320, 220 }, { 0x0322, 202 }, { 0x0326, 220 }, { 0x0328, 202 }, { 0x0333, 220 },
		{ 0x0338, 1 },	 { 0x033c, 220 }, { 0x0344, 230 }, { 0x0345, 240 }, { 0x0346, 230 },
		{ 0x0349, 220 }, { 0x034c, 230 }, { 0x034e, 220 }, { 0x034f, 0 },   { 0x0352, 230 },
		{ 0x0356, 220 }, { 0x0357, 230 }, { 0x0358, 232 }, { 0x035a, 220 }, { 0x035b, 230 },
		{ 0x035c, 233 }, { 0x035e, 234 }, { 0x035f, 233 }, { 0x0361, 234 }, { 0x0362, 233 },
		{ LAST, 230 },
	};
	if (code < FIRST || code > LAST)
		return code >= CYRILLIC && code <= CYRILLIC_LAST ? ABOVE : 0;
	size_t i = 0;
	while (code > accents_to[i].last)
		i++;
	return accents_to[i].order;
}

/* The lowest order after another of the accents at a place; 0: there is none. */
static unsigned order_after(struct character_place accents_at, unsigned order)
{
	unsigned next = 0, found = 0;
	uint32_t code;
	while (next_apart(&accents_at, &code) && (found = order_of(code)) != 0)
		if (found > order && (!next || found < next))
			next = found;
	return next;
}

bool character_next_letter(struct character_letters *letters, uint32_t *code)
{
	struct character_place *place = &letters->place;
	while (true) {
		uint32_t found = 0;
		bool more = next_apart(place, &found);
		unsigned order = more ? order_of(found) : 0;
		bool alone = !letters->order && (!order || no_accent_follows(place));
		if (order && !letters->order && !alone) {
			letters->accents = *place;
			letters->accents.at--;
			letters->order = order_after(letters->accents, 0);
		}
		if (alone || order == letters->order) {
			if (more)
				*code = found;
			return more;
		}
		if (order)
			continue;
		place->at -= more;
		letters->order = order_after(letters->accents, letters->order);
		if (letters->order)
			*place = letters->accents;
	}
}

bool character_same_letters(struct str a, struct str b)
{
	if (str_equal(a, b))
		return true;
	if (is_ascii(a) && is_ascii(b))
		return false;
	struct character_letters x = character_letters_of(a), y = character_letters_of(b);
	uint32_t of_x = 0, of_y = 0;
	bool more = true;
	while (more && of_x == of_y) {
		more = character_next_letter(&x, &of_x);
		if (more != character_next_letter(&y, &of_y))
			return false;
	}
	return of_x == of_y;
}

void character_write_letters(struct buf *out, struct str text)
{
	struct character_letters letters = character_letters_of(text);
	uint32_t code;
	char bytes[UTF8_BYTES];
	if (is_ascii(text)) {
		buf_str(out, text);
		return;
	}
	while (character_next_letter(&letters, &code)) {
		size_t n = character_utf8(code, bytes);
		buf_str(out, (struct str){ bytes, n });
	}
}

uint32_t character_lower(uint32_t code)
{
	/* Of letters that have no accents to take apart, in order; step 2: capitals are in
	 * between. */
	static const struct {
		uint32_t first, last, step, apart;
	} capitals[] = {
		{ 'A', 'Z', 1, 32 },	  { 0x00c6, 0x00d6, 1, 32 }, { 0x00d8, 0x00de, 1, 32 },
		{ 0x0110, 0x0136, 2, 1 }, { 0x013f, 0x0141, 2, 1 },  { 0x014a, 0x0176, 2, 1 },
		{ 0x0222, 0x0224, 2, 1 }, { 0x0246, 0x024e, 2, 1 },  { 0x0391, 0x03a9, 1, 32 },
		{ 0x03d8, 0x03ee, 2, 1 }, { 0x0400, 0x040f, 1, 80 }, { 0x0410, 0x042f, 1, 32 },
		{ 0x0460, 0x0480, 2, 1 }, { 0x048a, 0x04be, 2, 1 },  { 0x04c1, 0x04cd, 2, 1 },
		{ 0x04d0, 0x052e, 2, 1 }, { 0x1efa, 0x1efe, 2, 1 },
	};
	static const char16_t scattered[] =
		u"ƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƢƤƦƧƩƬƮƱƲƳƵƷƸƼǄǇ"
		u"ǊǤǱǶǷȜȠȺȻȽȾɁɃɄɅͰͲͶͿϏϴϷϹϺϽϾϿӀẞ";
	static const char16_t small[] = u"ɓƃƅɔƈɖɗƌǝəɛƒɠɣɩɨƙɯɲɵƣƥʀƨʃƭʈʊʋƴƶʒƹƽǆǉ"
					u"ǌǥǳƕƿȝƞⱥȼƚⱦɂƀʉʌͱͳͷϳϗθϸϲϻͻͼͽӏß";
	for (size_t i = 0; i < sizeof(capitals) / sizeof(capitals[0]) && code >= capitals[i].first;
	     i++)
		if (code <= capitals[i].last)
			return (code - capitals[i].first) % capitals[i].step
				       ? code
				       : code + capitals[i].apart;
	if (code >= scattered[0])
		find_letter(code, scattered, small, &code);
	return code;
}

static void write_code_points(struct str text, char *out)
{
	enum { LONGEST = sizeof(" U+10FFFF") };
	size_t n = 0;
	out[0] = '\0';
	while (text.n && n + LONGEST < CODE_POINTS_BYTES) {
		struct character c = first_of(text);
		n += (size_t)snprintf(out + n, CODE_POINTS_BYTES - n, "%sU+%04X", n ? " " : "",
				      (unsigned)c.code);
		text = str_from(text, c.n);
	}
}

static bool is_inside(struct str text, size_t at)
{
	return at < text.n && ((unsigned char)text.p[at] & 0xc0) == 0x80;
}

bool character_apart(struct str a, struct str b, char of_a[CODE_POINTS_BYTES],
		     char of_b[CODE_POINTS_BYTES])
{
	size_t start = 0, end = 0;
	while (start < a.n && start < b.n && a.p[start] == b.p[start])
		start++;
	while (start && (is_inside(a, start) || is_inside(b, start)))
		start--;
	a = str_from(a, start);
	b = str_from(b, start);
	while (end < a.n && end < b.n && a.p[a.n - 1 - end] == b.p[b.n - 1 - end])
		end++;
	while (end && (is_inside(a, a.n - end) || is_inside(b, b.n - end)))
		end--;
	a.n -= end;
	b.n -= end;
	if (is_ascii(a) && is_ascii(b))
		return false;
	write_code_points(a, of_a);
	write_code_points(b, of_b);
	return a.n && b.n;
}
