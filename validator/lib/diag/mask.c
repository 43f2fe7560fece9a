#include "diag/mask.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

/* A mark inside a value becomes the control character for "a character was replaced". */
enum { SHOWN_BYTES = 200, SUBSTITUTE = 0x1a };

/* Where values are, and what they may say of a person. Element or attribute NULL: any. First match
 * wins.
 */
static const struct {
	const char *element, *attribute;
	enum mask_kind kind;
} places[] = {
	{ "birthTime", "value", MASK_BIRTH },
	{ "telecom", "value", MASK_PHONE },
	{ "given", NULL, MASK_NAME },
	{ "family", NULL, MASK_NAME },
	{ "prefix", NULL, MASK_NAME },
	{ "suffix", NULL, MASK_NAME },
	{ "name", NULL, MASK_NAME },
	{ NULL, "displayName", MASK_VALUE },
	{ "Username", NULL, MASK_USER },
	{ "creationTime", "value", MASK_NONE },
	{ "effectiveTime", "value", MASK_NONE },
	{ "value", "value", MASK_NONE }, /* dates of a plan */
	{ "transmissionQuantity", "value", MASK_NONE },
	{ "spec", "value", MASK_NONE },
	{ "contentId", "extension", MASK_NONE },
	{ "templateId", "extension", MASK_NONE },
	{ "interactionId", "extension", MASK_NONE },
};

/* Attributes that hold codes, dates and addresses of systems in every element. */
static const char *const plain_attributes[] = {
	"Id",
	"actor",
	"assigningAuthorityName",
	"base64",
	"classCode",
	"code",
	"codeSystem",
	"codeSystemName",
	"codeSystemVersion",
	"compressed",
	"compression",
	"count",
	"determinerCode",
	"encoding",
	"encrypted",
	"id",
	"inclusive",
	"inverted",
	"isNotOrdered",
	"key",
	"language",
	"mediaType",
	"metadata",
	"mimetype",
	"moodCode",
	"mustUnderstand",
	"nil",
	"nullFlavor",
	"operator",
	"partType",
	"profileid",
	"qualifier",
	"realmCode",
	"representation",
	"result",
	"root",
	"schemaLocation",
	"service",
	"serviceRef",
	"timestamp",
	"trackingIdRef",
	"trackingid",
	"type",
	"typeCode",
	"typeID",
	"unit",
	"updateMode",
	"uri",
	"use",
	"version",
	"xmlns",
};

enum mask_kind mask_kind_of(const char *element, const char *attribute)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (places[i].element && strcmp(places[i].element, element) != 0)
			continue;
		if (!places[i].attribute != !attribute)
			continue;
		if (attribute && strcmp(places[i].attribute, attribute) != 0)
			continue;
		return places[i].kind;
	}
	for (size_t i = 0; attribute && i < sizeof(plain_attributes) / sizeof(plain_attributes[0]);
	     i++)
		if (strcmp(plain_attributes[i], attribute) == 0)
			return MASK_NONE;
	/* Any text may be a person's name, and an attribute that is misspelt or made up a person's
	 * number. */
	return MASK_VALUE;
}

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

void mask_write(struct buf *out, enum mask_kind kind, struct str value)
{
	size_t n = value.n;
	if (n > SHOWN_BYTES) {
		n = SHOWN_BYTES;
		while (n > 0 && is_continuation(value.p[n]))
			n--;
	}
	buf_char(out, MASK_OPEN);
	buf_char(out, (char)kind);
	for (size_t i = 0; i < n; i++)
		buf_char(out, value.p[i] == MASK_OPEN || value.p[i] == MASK_CLOSE ? SUBSTITUTE
										  : value.p[i]);
	if (n < value.n)
		buf_text(out, "…");
	buf_char(out, MASK_CLOSE);
}

struct token {
	struct token *next;
	enum mask_kind kind;
	unsigned number;
	struct str value;
};

enum { BUCKETS = 1024 };

struct masker {
	int show_values;
	struct arena arena;
	unsigned last_number[128]; /* by kind */
	struct token *buckets[BUCKETS];
};

struct masker *masker_new(int show_values)
{
	struct masker *masker = calloc(1, sizeof(*masker));
	if (masker)
		masker->show_values = show_values;
	return masker;
}

void masker_free(struct masker *masker)
{
	if (masker)
		arena_release(&masker->arena);
	free(masker);
}

/* The last is what any other kind is called. */
static const struct {
	enum mask_kind kind;
	const char *noun;
} nouns[] = {
	{ MASK_NHS_NUMBER, "NHS number" }, { MASK_LOCAL_ID, "local id" },  { MASK_NAME, "name" },
	{ MASK_BIRTH, "birth date" },	   { MASK_PHONE, "phone number" }, { MASK_USER, "user id" },
	{ MASK_VALUE, "value" },
};

enum { NOUN_COUNT = sizeof(nouns) / sizeof(nouns[0]) };

static const char *kind_noun(enum mask_kind kind)
{
	size_t i = 0;
	while (i < NOUN_COUNT - 1 && nouns[i].kind != kind)
		i++;
	return nouns[i].noun;
}

/* How many bytes of text a noun and the space after it take; 0 where the noun is not there. */
static size_t noun_at(const char *text)
{
	for (size_t i = 0; i < NOUN_COUNT; i++) {
		size_t n = strlen(nouns[i].noun);
		if (strncmp(text, nouns[i].noun, n) == 0 && text[n] == ' ')
			return n + 1;
	}
	return 0;
}

size_t mask_token_at(const char *text, size_t *number, size_t *digits)
{
	size_t n = text[0] == '[' ? 1 + noun_at(text + 1) : 0;
	if (!n || text[n++] != '#')
		return 0;
	*number = 0;
	for (*digits = 0; char_is_digit(text[n + *digits]) && *digits < 9; ++*digits)
		*number = *number * 10 + (size_t)(text[n + *digits] - '0');
	return *digits && text[n + *digits] == ']' ? n : 0;
}

/* The number of a value among those of its kind; 0 when out of memory. */
static unsigned token_number(struct masker *masker, enum mask_kind kind, struct str value)
{
	struct token **bucket = &masker->buckets[(str_hash(value) ^ (unsigned)kind) % BUCKETS];
	for (struct token *token = *bucket; token; token = token->next)
		if (token->kind == kind && str_equal(token->value, value))
			return token->number;
	struct token *token = arena_alloc(&masker->arena, sizeof(*token));
	if (!token)
		return 0;
	*token = (struct token){
		.next = *bucket,
		.kind = kind,
		.number = ++masker->last_number[(unsigned)kind & 127],
		.value = arena_str(&masker->arena, value),
	};
	*bucket = token;
	return token->number;
}

/* Length of a character that must not be written as it is, and its number; 0 for a harmless one. */
static size_t unsafe_character(const char *p, size_t left, unsigned *number)
{
	unsigned char c = (unsigned char)p[0];
	if (c < 0x20 || c == 0x7f) {
		*number = c;
		return 1;
	}
	if (c == 0xc2 && left > 1 && (unsigned char)p[1] < 0xa0) {
		*number = (unsigned char)p[1];
		return 2;
	}
	if (c == 0xd8 && left > 1 && (unsigned char)p[1] == 0x9c) {
		*number = 0x061c;
		return 2;
	}
	if (c == 0xef && left > 2 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		*number = 0xfeff;
		return 3;
	}
	if (c != 0xe2 || left < 3)
		return 0;
	unsigned code =
		0x2000u | (((unsigned char)p[1] & 0x3fu) << 6) | ((unsigned char)p[2] & 0x3fu);
	bool directional = (code >= 0x200b && code <= 0x200f) ||
			   (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x2069);
	*number = code;
	return directional ? 3 : 0;
}

size_t mask_number_at(struct str text, size_t at)
{
	enum { DIGITS = 10 };
	if (!char_is_digit(text.p[at]))
		return 0;
	if (at > 0 && isalnum((unsigned char)text.p[at - 1]))
		return 0;
	size_t n = 0;
	while (at + n < text.n && char_is_digit(text.p[at + n]))
		n++;
	bool ends = at + n == text.n || !isalnum((unsigned char)text.p[at + n]);
	return n == DIGITS && ends ? n : 0;
}

static void write_visible(struct buf *out, struct str value)
{
	size_t from = 0;
	for (size_t i = 0; i < value.n;) {
		unsigned number = 0;
		size_t length = unsafe_character(value.p + i, value.n - i, &number);
		if (length) {
			buf_add(out, value.p + from, i - from);
			buf_printf(out, "\\u%04X", number);
			from = i + length;
		}
		i += length ? length : 1;
	}
	buf_str(out, str_from(value, from));
}

/* "[NHS number #2]"; after the words "NHS number " only "[#2]", so that no sentence stutters. */
static void write_token(struct buf *out, const char *noun, unsigned number)
{
	struct str said = str_trim(buf_view(out));
	bool named = str_ends(said, str_of(noun));
	buf_printf(out, "[%s%s#%u]", named ? "" : noun, named ? "" : " ", number);
}

static void write_masked(struct masker *masker, struct buf *out, enum mask_kind kind,
			 struct str value)
{
	unsigned number = token_number(masker, kind, value);
	out->failed = out->failed || number == 0;
	write_token(out, kind_noun(kind), number);
}

/*
 * A time to the hour, CCYYMMDDhh from 2013 on. It cannot be the number of a person by mistake: an
 * NHS number of England and Wales begins with 4, 6, 7 or 9, and a CHI number that begins with 20
 * has a month next.
 */
static bool is_time_to_the_hour(struct str value)
{
	return value.n == 10 && memcmp(value.p, "20", 2) == 0 &&
	       memcmp(value.p + 2, "13", 2) >= 0 && memcmp(value.p + 4, "01", 2) >= 0 &&
	       memcmp(value.p + 4, "12", 2) <= 0 && memcmp(value.p + 6, "01", 2) >= 0 &&
	       memcmp(value.p + 6, "31", 2) <= 0 && memcmp(value.p + 8, "23", 2) <= 0;
}

/* A value of a place that says nothing of a person; but a number like an NHS number may be there by
 * mistake. */
static void write_plain(struct masker *masker, struct buf *out, struct str value)
{
	size_t from = 0;
	if (!value.p)
		return;
	for (size_t i = 0; i < value.n;) {
		size_t n = is_time_to_the_hour(value) ? 0 : mask_number_at(value, i);
		if (n) {
			write_visible(out, (struct str){ value.p + from, i - from });
			write_masked(masker, out, MASK_NHS_NUMBER, (struct str){ value.p + i, n });
			from = i + n;
		}
		i += n ? n : 1;
	}
	write_visible(out, str_from(value, from));
}

static void write_value(struct masker *masker, struct buf *out, enum mask_kind kind,
			struct str value)
{
	if (masker->show_values)
		write_visible(out, value);
	else if (kind == MASK_NONE)
		write_plain(masker, out, value);
	else if (value.n)
		write_masked(masker, out, kind, value);
}

static const char *settle(struct buf *out, struct arena *arena)
{
	arena->failed = arena->failed || out->failed;
	const char *text = out->failed ? NULL : arena_copy(arena, buf_view(out));
	buf_release(out);
	return text ? text : "";
}

const char *masker_resolve(struct masker *masker, struct arena *arena, struct str text)
{
	struct buf out;
	buf_init(&out, 1024 * 1024);
	for (size_t i = 0; i < text.n; i++) {
		const char *close = text.p[i] == MASK_OPEN && i + 1 < text.n
					    ? memchr(text.p + i, MASK_CLOSE, text.n - i)
					    : NULL;
		size_t digits = close || masker->show_values ? 0 : mask_number_at(text, i);
		if (digits) {
			write_masked(masker, &out, MASK_NHS_NUMBER,
				     (struct str){ text.p + i, digits });
			i += digits - 1;
			continue;
		}
		if (!close) {
			buf_char(&out, text.p[i]);
			continue;
		}
		size_t start = i + 2, end = (size_t)(close - text.p);
		write_value(masker, &out, (enum mask_kind)text.p[i + 1],
			    (struct str){ text.p + start, end - start });
		i = end;
	}
	return settle(&out, arena);
}

const char *masker_value(struct masker *masker, struct arena *arena, enum mask_kind kind,
			 struct str value)
{
	struct buf out;
	buf_init(&out, 1024 * 1024);
	write_value(masker, &out, kind, value);
	return settle(&out, arena);
}
