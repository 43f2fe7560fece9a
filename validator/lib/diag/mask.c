#include "diag/mask.h"
#include "diag/mask_words.h"

#include "base/character.h"
#include "base/digest.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

/* A mark inside a value becomes the control character for "a character was replaced". */
enum { SHOWN_BYTES = 200, SUBSTITUTE = 0x1a };

/* What the text of an element may say of a person. */
static const struct {
	const char *element;
	enum mask_kind kind;
} texts[] = {
	{ "given", MASK_NAME },	     { "family", MASK_NAME },	{ "prefix", MASK_NAME },
	{ "suffix", MASK_NAME },     { "name", MASK_NAME },	{ "Username", MASK_USER },
	{ "Created", MASK_TIME },    { "Expires", MASK_TIME },	{ "Timestamp", MASK_TIME },
	{ "TimeToLive", MASK_TIME }, { "location", MASK_PATH }, { "Action", MASK_NONE },
	{ "Address", MASK_NONE },    { "CPAId", MASK_NONE },	{ "ConversationId", MASK_NONE },
	{ "ErrorCode", MASK_NONE },  { "ErrorID", MASK_NONE },	{ "MessageID", MASK_NONE },
	{ "MessageId", MASK_NONE },  { "PartyId", MASK_NONE },	{ "RefToMessageId", MASK_NONE },
	{ "RelatesTo", MASK_NONE },  { "Service", MASK_NONE },	{ "To", MASK_NONE },
	{ "faultcode", MASK_NONE },
};

/* The same of attributes; element NULL: any. */
static const struct {
	const char *element, *attribute;
	enum mask_kind kind;
} values[] = {
	{ "birthTime", "value", MASK_BIRTH },
	{ "telecom", "value", MASK_PHONE },
	{ "creationTime", "value", MASK_TIME },
	{ "effectiveTime", "value", MASK_TIME },
	{ "value", "value", MASK_TIME }, /* dates of a plan */
	{ NULL, "timestamp", MASK_TIME },
	{ "contentId", "extension", MASK_NONE },
	{ "templateId", "extension", MASK_NONE },
	{ "interactionId", "extension", MASK_NONE },
	{ "transmissionQuantity", "value", MASK_NONE },
	{ "spec", "value", MASK_NONE },
};

/* Attributes that hold codes and addresses of systems in every element. */
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
	"displayName",
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
	"xsi",
};

/* Most names differ in their first letter. */
static bool is_name(const char *name, const char *other)
{
	return name[0] == other[0] && strcmp(name, other) == 0;
}

/* Any text may be a person's name, and an attribute that is misspelt or made up a person's number.
 */
enum mask_kind mask_kind_of(const char *element, const char *attribute)
{
	for (size_t i = 0; !attribute && i < sizeof(texts) / sizeof(texts[0]); i++)
		if (is_name(texts[i].element, element))
			return texts[i].kind;
	for (size_t i = 0; attribute && i < sizeof(values) / sizeof(values[0]); i++)
		if (is_name(values[i].attribute, attribute) &&
		    (!values[i].element || is_name(values[i].element, element)))
			return values[i].kind;
	for (size_t i = 0; attribute && i < sizeof(plain_attributes) / sizeof(plain_attributes[0]);
	     i++)
		if (is_name(plain_attributes[i], attribute))
			return MASK_NONE;
	return MASK_VALUE;
}

enum mask_kind mask_kind_at(const char *path)
{
	/* The sequence number of an upload: an id without a root. That of a person may lack it. */
	bool number = path && str_ends(str_of(path), STR("/File/id/@extension"));
	return number ? MASK_NONE : MASK_VALUE;
}

enum mask_kind mask_kind_of_id(struct str root)
{
	static const struct {
		const char *root;
		enum mask_kind kind;
	} roots[] = {
		{ "2.16.840.1.113883.2.1.4.1", MASK_NHS_NUMBER },
		{ "2.16.840.1.113883.2.1.3.2.4.18.24", MASK_LOCAL_ID },
		{ "1.2.826.0.1285.0.2.0.65", MASK_USER },
		{ "1.2.826.0.1285.0.2.0.67", MASK_USER },
		{ "2.16.840.1.113883.2.1.3.2.4.12", MASK_NONE },   /* an interaction */
		{ "2.16.840.1.113883.2.1.3.2.4.19.1", MASK_NONE }, /* an ODS code */
		{ "2.16.840.1.113883.2.1.3.2.4.19.2", MASK_NONE }, /* the same, of a site */
	};
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		if (str_is(root, roots[i].root))
			return roots[i].kind;
	return MASK_VALUE;
}

/* What a URI may begin with; the longest first where one begins with another. */
static const char *const uri_starts[] = {
	"cid:",
	"http://",
	"https://",
	"urn:GB-en-NHS:iops:interaction:",
	"urn:nhs-en:profile:",
	"urn:nhs-itk:interaction:",
	"urn:nhs-itk:ns:201005:",
	"urn:nhs-itk:services:201005:",
	"urn:nhs-itk:",
	"urn:nhs-uk:addressing:ods:",
	"urn:nhs-uk:addressing:",
	"urn:nhs-uk:identity:ods:",
	"urn:nhs-uk:identity:",
	"urn:nhs-uk:",
	"urn:nhs:names:services:cpisquery/",
	"urn:nhs:names:services:cpisquery:",
	"urn:nhs:names:services:cpisupload/",
	"urn:nhs:names:services:cpisupload:",
	"urn:nhs:names:services:",
	"urn:uuid:",
	"uuid:",
	"uuid_",
	"#",
	"_",
};

static bool is_upper_or_digit(char c)
{
	return char_is_digit(c) || (c >= 'A' && c <= 'Z');
}

static bool is_short_code(struct str value)
{
	enum { MOST_LETTERS = 4 };
	for (size_t i = 0; i < value.n; i++)
		if (!is_upper_or_digit(value.p[i]))
			return false;
	return value.n <= MOST_LETTERS;
}

static bool is_count(struct str value)
{
	enum { MOST_DIGITS = 6 };
	if (value.n && (value.p[0] == '-' || value.p[0] == '+'))
		value = str_from(value, 1);
	while (value.n > 1 && value.p[0] == '0')
		value = str_from(value, 1);
	return str_is_digits(value) && value.n <= MOST_DIGITS;
}

/* Numbers with dots between: an OID or a version of something, but no number of a person. */
static bool is_oid(struct str value)
{
	enum { LEAST_DOTS = 4, LONGEST_ARC = 6 };
	size_t dots = 0, digits = 0;
	for (size_t i = 0; i < value.n; i++) {
		bool dot = value.p[i] == '.';
		digits = dot ? 0 : digits + 1;
		if ((!dot && !char_is_digit(value.p[i])) || digits > LONGEST_ARC)
			return false;
		dots += dot;
	}
	return dots >= LEAST_DOTS;
}

static bool is_uuid(struct str value)
{
	enum { LENGTH = 36 };
	if (value.n != LENGTH)
		return false;
	for (size_t i = 0; i < value.n; i++) {
		bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
		if (hyphen ? value.p[i] != '-' : !isxdigit((unsigned char)value.p[i]))
			return false;
	}
	return true;
}

/* "-v1-0" at the end of a known name. */
static struct str without_version(struct str value)
{
	size_t n = value.n;
	while (n && (char_is_digit(value.p[n - 1]) || value.p[n - 1] == '-'))
		n--;
	bool version = n < value.n && value.n - n <= 6 && n > 2 && value.p[n - 1] == 'v' &&
		       value.p[n - 2] == '-';
	return version ? (struct str){ value.p, n - 2 } : value;
}

static bool is_harmless_code(struct str value)
{
	return is_short_code(value) || is_count(value) || is_oid(value) || is_uuid(value) ||
	       mask_knows(value) || mask_knows(without_version(value));
}

/*
 * A time to the hour, CCYYMMDDhh from 2013 on, with or without an offset. It cannot be the number
 * of a person by mistake: an NHS number of England and Wales begins with 4, 6, 7 or 9, and a CHI
 * number that begins with 20 has a month next.
 */
static bool is_time_to_the_hour(struct str value)
{
	bool alone = value.n == 10 || (value.n > 10 && (value.p[10] == '+' || value.p[10] == '-'));
	return alone && memcmp(value.p, "20", 2) == 0 && memcmp(value.p + 2, "13", 2) >= 0 &&
	       memcmp(value.p + 4, "01", 2) >= 0 && memcmp(value.p + 4, "12", 2) <= 0 &&
	       memcmp(value.p + 6, "01", 2) >= 0 && memcmp(value.p + 6, "31", 2) <= 0 &&
	       memcmp(value.p + 8, "23", 2) <= 0;
}

/* How many digits start here, with marks among them; *at moves to the end of them. */
static size_t digits_at(struct str value, size_t *at, const char *marks)
{
	size_t count = 0;
	for (; *at < value.n; ++*at) {
		char c = value.p[*at];
		if (!char_is_digit(c) && !(c && strchr(marks, c)))
			break;
		count += char_is_digit(c);
	}
	return count;
}

/*
 * A time of this century or the last, real or not, to the hour at least, with nothing after it but
 * a fraction and an offset. A date alone may be a birth date in the wrong place: no time of CP-IS
 * is one.
 */
static bool is_time(struct str value)
{
	enum { TO_THE_HOUR = 10, TO_THE_SECOND = 14, FRACTION = 7, OFFSET = 4, ISO_DATE = 10 };
	if (value.n < TO_THE_HOUR ||
	    (memcmp(value.p, "19", 2) != 0 && memcmp(value.p, "20", 2) != 0))
		return false;
	bool iso = value.n > ISO_DATE && value.p[ISO_DATE] == 'T';
	size_t at = iso ? ISO_DATE : 0, day = 0;
	size_t digits = digits_at(value, &at, iso ? "T:" : "");
	if (iso)
		digits += digits_at((struct str){ value.p, ISO_DATE }, &day, "-");
	if (digits < TO_THE_HOUR || digits > TO_THE_SECOND || (iso && day < ISO_DATE))
		return false;
	if (at < value.n && value.p[at] == '.' && ++at && digits_at(value, &at, "") > FRACTION)
		return false;
	if (at < value.n && strchr("+-Z", value.p[at]) && ++at &&
	    digits_at(value, &at, ":") > OFFSET)
		return false;
	return at == value.n && (mask_number_at(value, 0) == 0 || is_time_to_the_hour(value));
}

static bool is_name_character(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.' ||
	       ((unsigned char)c & 0x80);
}

/* Steps with known names and small numbers; a value in a predicate may be a person's. */
static bool is_harmless_path(struct str value)
{
	enum { LONGEST_PREFIX = 5 };
	char before = '\0'; /* but for white space */
	for (size_t i = 0; i < value.n;) {
		size_t n = 0;
		while (i + n < value.n && is_name_character(value.p[i + n]))
			n++;
		struct str name = { value.p + i, n };
		bool prefix = n && n <= LONGEST_PREFIX && i + n < value.n && value.p[i + n] == ':';
		if (n && !prefix && !(before && strchr("[=(<>,", before) && is_count(name)) &&
		    !mask_knows(name) && !str_is(name, "..") && !str_is(name, "."))
			return false;
		if (!n && !char_is_space(value.p[i]) && !strchr("/:[]()@*=<>|,'\"", value.p[i]))
			return false;
		i += n ? n : 1;
		before = char_is_space(value.p[i - 1]) ? before : value.p[i - 1];
	}
	return true;
}

/* The known start of a URI, and all of it where the rest is harmless too. */
static size_t shown_of_uri(struct str value)
{
	for (size_t i = 0; i < sizeof(uri_starts) / sizeof(uri_starts[0]); i++) {
		struct str start = str_of(uri_starts[i]);
		if (str_starts(value, start))
			return is_harmless_code(str_from(value, start.n)) ? value.n : start.n;
	}
	return 0;
}

size_t mask_shown(enum mask_kind kind, struct str value)
{
	struct str text = str_trim(value);
	size_t before = value.n ? (size_t)(text.p - value.p) : 0;
	bool coded = kind == MASK_NONE || kind == MASK_TIME || kind == MASK_PATH;
	if (text.n == 0 || kind == MASK_WORD || kind == MASK_FILE)
		return value.n;
	if (!coded)
		return 0;
	if (is_harmless_code(text) || (kind == MASK_TIME && is_time(text)) ||
	    (kind == MASK_PATH && is_harmless_path(text)))
		return value.n;
	size_t start = shown_of_uri(text);
	return start == text.n ? value.n : start ? before + start : 0;
}

enum { LONGEST_CODE = 12 }; /* of an organisation */

bool mask_is_code(struct str value)
{
	bool letter = false, digit = false;
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];
		bool is_letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		letter = letter || is_letter;
		digit = digit || char_is_digit(c);
		if (!is_letter && !char_is_digit(c))
			return false;
	}
	return letter && digit && value.n >= 3 && value.n <= LONGEST_CODE;
}

const char *mask_kept(struct arena *arena, struct str value)
{
	enum { ENOUGH_OF_A_CODE = 16, ENOUGH_OF_OTHERS = 5 };
	char digest[65];
	struct str text = str_trim(value);
	bool code = mask_is_code(text);
	char capitals[LONGEST_CODE];
	if (code) {
		str_capitals(capitals, text);
		text.p = capitals;
	}
	if (mask_shown(MASK_NONE, text) == text.n)
		return arena_copy(arena, text);
	digest_sha256(text, digest);
	return arena_printf(arena, "#%.*s", code ? ENOUGH_OF_A_CODE : ENOUGH_OF_OTHERS, digest);
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
	uint64_t hash;
	enum mask_kind kind;
	unsigned number;
	struct str value;
};

enum { FIRST_BUCKETS = 64 };

struct masker {
	int show_values;
	struct arena arena;
	unsigned last_number[128]; /* by kind */
	struct token **buckets;
	size_t bucket_count, token_count; /* bucket_count: a power of two */
	uint64_t seed;			  /* no one can make many values fall into one bucket */
};

struct masker *masker_new(int show_values)
{
	struct masker *masker = calloc(1, sizeof(*masker));
	if (!masker)
		return NULL;
	masker->show_values = show_values;
	masker->bucket_count = FIRST_BUCKETS;
	masker->buckets = calloc(masker->bucket_count, sizeof(struct token *));
	if (getrandom(&masker->seed, sizeof(masker->seed), GRND_NONBLOCK) < 0)
		masker->seed = (uint64_t)(uintptr_t)masker;
	if (masker->buckets)
		return masker;
	masker_free(masker);
	return NULL;
}

void masker_free(struct masker *masker)
{
	if (!masker)
		return;
	arena_release(&masker->arena);
	free(masker->buckets);
	free(masker);
}

void masker_restart(struct masker *masker)
{
	if (!masker->token_count)
		return;
	arena_restart(&masker->arena);
	memset(masker->buckets, 0, masker->bucket_count * sizeof(*masker->buckets));
	memset(masker->last_number, 0, sizeof(masker->last_number));
	masker->token_count = 0;
}

/* The last is what any other kind is called. */
static const struct {
	enum mask_kind kind;
	const char *noun;
} nouns[] = {
	{ MASK_NHS_NUMBER, "NHS number" },
	{ MASK_LOCAL_ID, "local id" },
	{ MASK_NAME, "name" },
	{ MASK_BIRTH, "birth date" },
	{ MASK_PHONE, "phone number" },
	{ MASK_USER, "user id" },
	{ MASK_TIME, "date" },
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

/* Twice as many buckets. What there is stays in use where there is no memory for them. */
static void add_buckets(struct masker *masker)
{
	size_t count = masker->bucket_count * 2;
	struct token **buckets = calloc(count, sizeof(struct token *));
	if (!buckets)
		return;
	for (size_t i = 0; i < masker->bucket_count; i++)
		for (struct token *token = masker->buckets[i], *next; token; token = next) {
			next = token->next;
			token->next = buckets[token->hash & (count - 1)];
			buckets[token->hash & (count - 1)] = token;
		}
	free(masker->buckets);
	masker->buckets = buckets;
	masker->bucket_count = count;
}

/* From a seed, so that it cannot be foreseen. */
static uint64_t hash_of(const struct masker *masker, enum mask_kind kind, struct str value)
{
	uint64_t hash = masker->seed ^ (unsigned)kind;
	for (size_t i = 0; i < value.n; i++) {
		hash = (hash ^ (unsigned char)value.p[i]) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 29;
	}
	return hash ^ hash >> 32;
}

/* The number of a value among those of its kind; 0 when out of memory. */
static unsigned token_number(struct masker *masker, enum mask_kind kind, struct str value)
{
	uint64_t hash = hash_of(masker, kind, value);
	struct token *token = masker->buckets[hash & (masker->bucket_count - 1)];
	for (; token; token = token->next)
		if (token->kind == kind && str_equal(token->value, value))
			return token->number;
	if (masker->token_count > masker->bucket_count)
		add_buckets(masker);
	token = arena_alloc(&masker->arena, sizeof(*token));
	if (!token)
		return 0;
	struct token **bucket = &masker->buckets[hash & (masker->bucket_count - 1)];
	*token = (struct token){
		.next = *bucket,
		.hash = hash,
		.kind = kind,
		.number = ++masker->last_number[(unsigned)kind & 127],
		.value = arena_str(&masker->arena, value),
	};
	*bucket = token;
	masker->token_count++;
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

/* Where groups of three, three and four digits end that a blank or hyphen divides; 0: they are not
 * there. */
static size_t grouped_number_end(struct str text, size_t at)
{
	static const size_t groups[] = { 3, 3, 4 };
	for (size_t i = 0; i < 3; i++) {
		if (i && (at >= text.n || (text.p[at] != ' ' && text.p[at] != '-')))
			return 0;
		at += i ? 1 : 0;
		for (size_t k = 0; k < groups[i]; k++, at++)
			if (at >= text.n || !char_is_digit(text.p[at]))
				return 0;
	}
	return at;
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
	size_t end = n == DIGITS ? at + n : grouped_number_end(text, at);
	bool ends = end == text.n || !isalnum((unsigned char)text.p[end]);
	return end && ends ? end - at : 0;
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

/* Names of markup and words of ours; but a number like an NHS number may be there by mistake. */
static void write_words(struct masker *masker, struct buf *out, struct str value)
{
	size_t from = 0;
	for (size_t i = 0; i < value.n;) {
		size_t n = mask_number_at(value, i);
		if (n) {
			write_visible(out, (struct str){ value.p + from, i - from });
			write_masked(masker, out, MASK_NHS_NUMBER, (struct str){ value.p + i, n });
			from = i + n;
		}
		i += n ? n : 1;
	}
	write_visible(out, str_from(value, from));
}

/* Whether the last digit is what Modulus 11 makes of the others: a count of ten digits hardly has
 * it. */
static bool has_check_digit(struct str number)
{
	unsigned sum = 0, factor = 10;
	for (size_t i = 0; i < number.n; i++)
		if (char_is_digit(number.p[i]))
			sum += factor-- * (unsigned)(number.p[i] - '0');
	return sum % 11 == 0;
}

static void write_value(struct masker *masker, struct buf *out, enum mask_kind kind,
			struct str value)
{
	size_t shown = masker->show_values ? value.n : mask_shown(kind, value);
	if (!value.n)
		return;
	if (kind == MASK_FILE) {
		character_write_name(out, value);
		return;
	}
	if (kind == MASK_WORD && !masker->show_values) {
		write_words(masker, out, value);
		return;
	}
	write_visible(out, (struct str){ value.p, shown });
	struct str rest = str_from(value, shown);
	bool number = rest.n && mask_number_at(rest, 0) == rest.n &&
		      (kind != MASK_NONE || has_check_digit(rest));
	if (rest.n)
		write_masked(masker, out, number ? MASK_NHS_NUMBER : kind, rest);
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
		size_t plain = i;
		while (i < text.n && text.p[i] != MASK_OPEN && !char_is_digit(text.p[i]))
			i++;
		buf_add(&out, text.p + plain, i - plain);
		if (i == text.n)
			break;
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

/* The bytes of a literal that starts at a place of an XPath, with its quotation marks; 0: none does
 * there. */
static size_t literal_at(struct str xpath, size_t at)
{
	char c = xpath.p[at];
	size_t n = 0;
	if (c == '"' || c == '\'') {
		const char *close = memchr(xpath.p + at + 1, c, xpath.n - at - 1);
		return close ? (size_t)(close - xpath.p) + 1 - at : 0;
	}
	if (at == 0 || !is_name_character(xpath.p[at - 1]))
		while (at + n < xpath.n && char_is_digit(xpath.p[at + n]))
			n++;
	return n;
}

static void write_literal(struct masker *masker, struct arena *arena, struct str literal,
			  struct buf *out)
{
	bool quoted = !char_is_digit(literal.p[0]);
	struct str inside = { literal.p + quoted, literal.n - 2 * quoted };
	const char *token = masker ? masker_value(masker, arena, MASK_NONE, inside) : "…";
	if (masker ? str_is(inside, token) : mask_shown(MASK_NONE, inside) == inside.n)
		buf_str(out, literal);
	else
		buf_text(out, token);
}

const char *masker_xpath(struct masker *masker, struct arena *arena, const char *xpath)
{
	struct str text = str_of(xpath);
	struct buf out;
	buf_init(&out, 1024 * 1024);
	for (size_t i = 0, n; i < text.n; i += n ? n : 1) {
		n = literal_at(text, i);
		if (n)
			write_literal(masker, arena, (struct str){ text.p + i, n }, &out);
		else
			buf_char(&out, text.p[i]);
	}
	return settle(&out, arena);
}
