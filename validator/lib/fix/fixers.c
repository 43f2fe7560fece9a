#include "fix/fixers.h"

#include "diag/mask.h"
#include "diag/results.h"
#include "message/timestamp.h"
#include "xml/fault.h"
#include "xml/markup.h"

#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <strings.h>

/* Where things are in the bytes */

struct range {
	size_t start, end;
};

static struct str text_at(const struct fixing *fixing, struct range range)
{
	return (struct str){ fixing->bytes.p + range.start, range.end - range.start };
}

/* The start of the tag that a place is in. */
static bool find_tag(struct str bytes, size_t at, struct range *tag)
{
	const char *open = at < bytes.n ? memrchr(bytes.p, '<', at + 1) : NULL;
	if (!open)
		return false;
	struct markup markup = markup_at(bytes, (size_t)(open - bytes.p));
	*tag = (struct range){ markup.start, markup.end };
	return markup.closed;
}

/* Between the quotes, where the finding is at the value of an attribute. */
static bool find_value(const struct fixing *fixing, struct range *value)
{
	size_t at = fixing->finding->offset;
	if (at == 0 || at >= fixing->bytes.n || !strchr(fixing->finding->path, '@'))
		return false;
	char quote = fixing->bytes.p[at - 1];
	if (quote != '"' && quote != '\'')
		return false;
	const char *close = memchr(fixing->bytes.p + at, quote, fixing->bytes.n - at);
	*value = (struct range){ at, close ? (size_t)(close - fixing->bytes.p) : at };
	return close != NULL;
}

/* The value of an attribute in a tag; absent where the tag does not have it. */
static struct str attribute_of(struct str tag, const char *name)
{
	size_t n = strlen(name);
	for (size_t at = 1; at + n + 3 < tag.n; at++) {
		char quote = tag.p[at + n + 1];
		if (!char_is_space(tag.p[at - 1]) || memcmp(tag.p + at, name, n) != 0 ||
		    tag.p[at + n] != '=' || (quote != '"' && quote != '\''))
			continue;
		const char *value = tag.p + at + n + 2;
		const char *close = memchr(value, quote, tag.n - at - n - 2);
		return (struct str){ close ? value : NULL, close ? (size_t)(close - value) : 0 };
	}
	return (struct str){ 0 };
}

static bool replace(const struct fixing *fixing, struct range range, const char *text)
{
	if (!text || str_is(text_at(fixing, range), text))
		return false;
	splices_add(fixing->splices, range.start, range.end, str_of(text));
	return true;
}

/* What no fixer may change */

static const char nhs_number_root[] = "2.16.840.1.113883.2.1.4.1";

static bool is_protected(const struct fixing *fixing)
{
	static const char *const steps[] = { "StartDate", "EndDate", "DeleteDate", "birthTime",
					     "/name",	  "/given",  "/family",	   "/telecom" };
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (strstr(fixing->finding->path, steps[i]))
			return true;
	struct range tag;
	if (!find_tag(fixing->bytes, fixing->finding->offset, &tag))
		return true;
	struct str root = attribute_of(text_at(fixing, tag), "root");
	enum mask_kind kind = root.p ? mask_kind_of_id(root) : MASK_NONE;
	return kind == MASK_NHS_NUMBER || kind == MASK_LOCAL_ID;
}

/* Attributes */

static bool is_uuid(struct str text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	for (size_t i = 0; i < text.n && i < sizeof(form) - 1; i++)
		if (form[i] == 'x' ? !isxdigit((unsigned char)text.p[i]) : text.p[i] != form[i])
			return false;
	return text.n == sizeof(form) - 1;
}

static bool fix_uuid(const struct fixing *fixing)
{
	struct range range;
	if (!find_value(fixing, &range))
		return false;
	struct str value = str_trim(text_at(fixing, range));
	if (!is_uuid(value))
		return false;
	char *upper = arena_copy(fixing->arena, value);
	if (upper)
		str_capitals(upper, value);
	return replace(fixing, range, upper);
}

static bool fix_blanks(const struct fixing *fixing)
{
	struct range range;
	if (!find_value(fixing, &range))
		return false;
	struct str trimmed = str_trim(text_at(fixing, range));
	return trimmed.n && replace(fixing, range, arena_copy(fixing->arena, trimmed));
}

/* The rule has counted. */
static bool fix_count(const struct fixing *fixing)
{
	struct range range;
	const char *counted = fixing->finding->expected;
	return counted && str_is_digits(str_of(counted)) && find_value(fixing, &range) &&
	       replace(fixing, range, counted);
}

/* The template that follows says which it is. */
static bool fix_content_id_value(const struct fixing *fixing)
{
	struct range range;
	const char *named = fixing->finding->expected;
	return named && strncmp(named, "COCT_TP", 7) == 0 && strchr(named, '#') &&
	       find_value(fixing, &range) && replace(fixing, range, named);
}

static bool fix_offset_digits(const struct fixing *fixing)
{
	struct range range;
	if (!find_value(fixing, &range))
		return false;
	struct str value = str_trim(text_at(fixing, range));
	size_t digits = 0;
	while (digits < value.n && char_is_digit(value.p[value.n - digits - 1]))
		digits++;
	size_t front = value.n - digits;
	if (digits == 0 || digits > 2 || front < 9 ||
	    (value.p[front - 1] != '+' && value.p[front - 1] != '-'))
		return false;
	return replace(fixing, range,
		       arena_printf(fixing->arena, "%.*s%s%.*s00", (int)front, value.p,
				    digits == 1 ? "0" : "", (int)digits, value.p + front));
}

/* One that DAT-001 takes: it asks the same function. */
static bool is_offset(const char *zone)
{
	enum { LENGTH = 5 };
	char time[] = "202601010000+0000";
	if (strlen(zone) != LENGTH)
		return false;
	memcpy(time + strlen(time) - LENGTH, zone, LENGTH);
	struct moment moment = moment_of(str_of(time));
	return moment.ok && moment.has_offset && !moment.offset_is_short;
}

bool fixer_knows_zone(const char *zone)
{
	return strcmp(zone, "Europe/London") == 0 || is_offset(zone);
}

/* "+0000" or "+0100"; NULL for the hour that happens twice, and the one that does not happen. */
static const char *london_offset(const struct moment *moment)
{
	enum { HOUR = 3600 };
	bool winter = !moment_in_british_summer(moment->seconds);
	bool summer = moment_in_british_summer(moment->seconds - HOUR);
	return winter == summer ? NULL : summer ? "+0100" : "+0000";
}

static bool fix_zone(const struct fixing *fixing)
{
	struct range range;
	if (!fixing->zone || !find_value(fixing, &range))
		return false;
	struct str value = str_trim(text_at(fixing, range));
	struct moment moment = moment_of(value);
	if (!moment.ok || moment.has_offset || !moment.has_hours)
		return false;
	const char *offset = is_offset(fixing->zone) ? fixing->zone : london_offset(&moment);
	return offset && replace(fixing, range,
				 arena_printf(fixing->arena, "%.*s%s", STR_ARG(value), offset));
}

/* The attribute and the white space in front of it. */
static bool fix_schema_location(const struct fixing *fixing)
{
	struct range tag;
	size_t at = fixing->finding->offset;
	if (!find_tag(fixing->bytes, at, &tag))
		return false;
	static const char name[] = "chemaLocation=";
	const char *found =
		memmem(fixing->bytes.p + tag.start, tag.end - tag.start, name, sizeof(name) - 1);
	if (!found)
		return false;
	struct range range = { (size_t)(found - fixing->bytes.p), 0 };
	size_t quote = range.start + sizeof(name) - 1;
	const char *close =
		memchr(fixing->bytes.p + quote + 1, fixing->bytes.p[quote], tag.end - quote - 1);
	while (range.start > tag.start && !char_is_space(fixing->bytes.p[range.start - 1]))
		range.start--;
	while (range.start > tag.start && char_is_space(fixing->bytes.p[range.start - 1]))
		range.start--;
	range.end = close ? (size_t)(close - fixing->bytes.p) + 1 : 0;
	return close && replace(fixing, range, "");
}

/* Elements */

/* The next attribute of a tag, from *at on, which goes past it. False: there is none, or it is not
 * written plainly. */
static bool next_attribute(struct str tag, size_t *at, struct str *name, struct str *value)
{
	while (*at < tag.n && !char_is_space(tag.p[*at]))
		++*at;
	while (*at < tag.n && char_is_space(tag.p[*at]))
		++*at;
	const char *equals = memchr(tag.p + *at, '=', tag.n - *at);
	size_t quote = equals ? (size_t)(equals - tag.p) + 1 : tag.n;
	if (quote >= tag.n || (tag.p[quote] != '"' && tag.p[quote] != '\''))
		return false;
	const char *close = memchr(equals + 2, tag.p[quote], tag.n - quote - 1);
	if (!close)
		return false;
	*name = (struct str){ tag.p + *at, (size_t)(equals - tag.p) - *at };
	*value = (struct str){ equals + 2, (size_t)(close - equals) - 2 };
	*at = (size_t)(close - tag.p) + 1;
	return true;
}

enum { MOST_AROUND = 64 };

/* The tags of the elements around a place, outermost first. 0: there are none, or too many. */
static size_t find_around(struct str bytes, size_t place, struct range around[MOST_AROUND])
{
	size_t depth = 0;
	struct markup markup = markup_next(bytes, 0);
	for (; markup.kind && markup.start < place; markup = markup_next(bytes, markup.end)) {
		if (markup.kind == MARKUP_END)
			depth -= depth > 0;
		if (markup.kind != MARKUP_START)
			continue;
		if (depth == MOST_AROUND)
			return 0;
		around[depth++] = (struct range){ markup.start, markup.end };
	}
	return depth;
}

/* The prefix of contentId where the finding is, with its colon; NULL: none that is bound to its
 * namespace around it, and to no other further in. */
static const char *content_prefix(const struct fixing *fixing)
{
	static const char start[] = "xmlns:";
	struct range around[MOST_AROUND];
	size_t depth = find_around(fixing->bytes, fixing->finding->offset, around);
	for (size_t i = depth; i-- > 0;) {
		struct str name, value, tag = text_at(fixing, around[i]);
		for (size_t at = 0; next_attribute(tag, &at, &name, &value);) {
			if (!str_starts(name, str_of(start)) ||
			    !str_is(value, "NPFIT:HL7:Localisation"))
				continue;
			size_t inner = i + 1;
			while (inner < depth &&
			       !memmem(fixing->bytes.p + around[inner].start,
				       around[inner].end - around[inner].start, name.p, name.n))
				inner++;
			if (inner == depth)
				return arena_printf(fixing->arena, "%.*s:",
						    STR_ARG(str_from(name, sizeof(start) - 1)));
		}
	}
	return NULL;
}

/* On a line of its own where the template has one. */
static bool fix_content_id(const struct fixing *fixing)
{
	const struct finding *finding = fixing->finding;
	const char *template = finding->actual;
	const char *dot = template ? strchr(template, '.') : NULL;
	const char *prefix = content_prefix(fixing);
	struct str bytes = fixing->bytes;
	if (!text_same(finding->expected, "contentId") || !dot || !prefix ||
	    strncmp(template, "COCT_TP", 7) != 0 || bytes.p[finding->offset] != '<')
		return false;
	size_t line = finding->offset;
	while (line > 0 && (bytes.p[line - 1] == ' ' || bytes.p[line - 1] == '\t'))
		line--;
	bool alone = line > 0 && bytes.p[line - 1] == '\n';
	line = alone ? line : finding->offset;
	bool crlf = alone && line > 1 && bytes.p[line - 2] == '\r';
	return replace(fixing, (struct range){ line, line },
		       arena_printf(fixing->arena,
				    "%.*s<%scontentId root=\"2.16.840.1.113883.2.1.3.2.4.18.16\" "
				    "extension=\"%.*s#%s\"/>%s",
				    (int)(finding->offset - line), bytes.p + line, prefix,
				    (int)(dot - template), template, dot + 1,
				    alone ? crlf ? "\r\n" : "\n" : ""));
}

/* An empty element called id, with or without a prefix, after white space. */
static bool find_next_id(struct str bytes, size_t at, struct range *id)
{
	while (at < bytes.n && char_is_space(bytes.p[at]))
		at++;
	if (at >= bytes.n || bytes.p[at] != '<' || !find_tag(bytes, at, id) ||
	    bytes.p[id->end - 2] != '/')
		return false;
	size_t name = at + 1, end = name;
	while (end < id->end && !char_is_space(bytes.p[end]) && bytes.p[end] != '/') {
		name = bytes.p[end] == ':' ? end + 1 : name;
		end++;
	}
	return str_is((struct str){ bytes.p + name, end - name }, "id");
}

/* The local id and the NHS number change places, whole. */
static bool fix_id_order(const struct fixing *fixing)
{
	struct range local, other;
	if (!find_next_id(fixing->bytes, fixing->finding->offset, &local))
		return false;
	for (other = local; find_next_id(fixing->bytes, other.end, &other);) {
		if (!str_is(attribute_of(text_at(fixing, other), "root"), nhs_number_root))
			continue;
		struct range whole = { local.start, other.end };
		struct str first = text_at(fixing, local), last = text_at(fixing, other);
		struct str between = { fixing->bytes.p + local.end, other.start - local.end };
		struct buf swapped;
		buf_init(&swapped, SIZE_MAX / 2);
		buf_str(&swapped, last);
		buf_str(&swapped, between);
		buf_str(&swapped, first);
		const char *text =
			swapped.failed ? NULL : arena_copy(fixing->arena, buf_view(&swapped));
		buf_release(&swapped);
		return replace(fixing, whole, text);
	}
	return false;
}

/* The table */

/* A count that differs may be right, and what it counts cut off or lost. */
#define COUNTED "count as it is; warning: a part may be missing instead, so see that none was lost"
#define COUNTED_RECORDS                                                                            \
	"count as it is; warning: a record may be missing instead, so see that no child was lost"
#define TRIMMED "white space around the value removed"
#define UPPER	"UUID in upper case"

const struct fixer fixers[] = {
	{ "XML-003", "encoding changed to UTF-8", NULL },
	{ "XML-004", "xsi:schemaLocation removed", fix_schema_location },
	{ "ITK-002", UPPER, fix_uuid },
	{ "ITK-003", COUNTED, fix_count },
	{ "ITK-004", COUNTED, fix_count },
	{ "ITK-043", UPPER, fix_uuid },
	{ "TMS-009", TRIMMED, fix_blanks },
	{ "TMS-027", TRIMMED, fix_blanks },
	{ "TMS-022", UPPER, fix_uuid },
	{ "SCH-002", "missing contentId added", fix_content_id },
	{ "SCH-005", UPPER, fix_uuid },
	{ "SCH-005", TRIMMED, fix_blanks },
	{ "SCH-006", TRIMMED, fix_blanks },
	{ "SCH-009", TRIMMED, fix_blanks },
	{ "NHS-010", "NHS number put before the local id", fix_id_order },
	{ "NHS-012", TRIMMED, fix_blanks },
	{ "DAT-002", "UTC offset of the zone that you gave added", fix_zone },
	{ "DAT-013", "UTC offset written with four digits", fix_offset_digits },
	{ "UPL-001", COUNTED_RECORDS, fix_count },
	{ "UPL-008", "contentId names the template that follows", fix_content_id_value },
	{ "RSP-001", COUNTED, fix_count },
	{ "RSP-002", COUNTED_RECORDS, fix_count },
	{ "NOT-001", COUNTED, fix_count },
};

const size_t fixer_count = sizeof(fixers) / sizeof(fixers[0]);

const struct fixer *fixer_of(const char *rule)
{
	for (size_t i = 0; i < fixer_count; i++)
		if (strcmp(fixers[i].rule, rule) == 0)
			return &fixers[i];
	return NULL;
}

bool fixer_is_uncertain(const struct fixer *fixer)
{
	return fixer->apply == fix_count;
}

const struct fixer *fixer_apply(const struct fixing *fixing)
{
	const struct finding *finding = fixing->finding;
	const struct fixer *fixer = fixer_of(finding->rule->id);
	if (!fixer || finding->offset >= fixing->bytes.n || !finding->path)
		return NULL;
	/* It moves a whole NHS number, and changes none. */
	if (fixer->apply != fix_id_order && is_protected(fixing))
		return NULL;
	for (; fixer < fixers + fixer_count && strcmp(fixer->rule, finding->rule->id) == 0; fixer++)
		if (fixer->apply && fixer->apply(fixing))
			return fixer;
	return NULL;
}

/* Encodings */

static bool is_utf8(struct str bytes)
{
	size_t at = 0;
	while (at < bytes.n) {
		unsigned char c = (unsigned char)bytes.p[at];
		size_t more = c < 0x80		      ? 0
			      : c >= 0xc2 && c < 0xe0 ? 1
			      : c >= 0xe0 && c < 0xf0 ? 2
			      : c >= 0xf0 && c < 0xf5 ? 3
						      : SIZE_MAX;
		if (more == SIZE_MAX || bytes.n - at <= more)
			return false;
		for (size_t i = 1; i <= more; i++)
			if (((unsigned char)bytes.p[at + i] & 0xc0) != 0x80)
				return false;
		at += more + 1;
	}
	return true;
}

/* The rest of a text in another encoding, appended as UTF-8. */
static bool convert(struct str bytes, const char *encoding, struct buf *out)
{
	iconv_t converter = iconv_open("UTF-8", encoding);
	if (converter == (iconv_t)-1) /* NOLINT(performance-no-int-to-ptr) */
		return false;
	char *in = (char *)(uintptr_t)bytes.p;
	size_t left = bytes.n;
	bool done = false;
	while (!done && buf_reserve(out, 4096)) {
		char *to = out->p + out->n;
		size_t room = 4096;
		size_t status = iconv(converter, &in, &left, &to, &room);
		out->n += 4096 - room;
		done = status != (size_t)-1 && left == 0;
		if (status == (size_t)-1 && errno != E2BIG)
			break;
	}
	iconv_close(converter);
	return done && !out->failed;
}

/* The encoding that a text of UTF-8 or a relative declares; a place in it, or an empty one. */
static bool find_declared(struct str text, struct range *declared)
{
	struct range tag;
	if (!str_starts(text, STR("<?xml ")) || !find_tag(text, 0, &tag))
		return false;
	struct str value = attribute_of((struct str){ text.p, tag.end }, "encoding");
	if (!value.p)
		return false;
	declared->start = (size_t)(value.p - text.p);
	declared->end = declared->start + value.n;
	return true;
}

bool fixer_find_encoding(struct str text, size_t *start, size_t *end)
{
	struct range declared;
	if (!find_declared(text, &declared))
		return false;
	struct str name = { text.p + declared.start, declared.end - declared.start };
	*start = declared.start;
	*end = declared.end;
	return name.n != 5 || strncasecmp(name.p, "utf-8", 5) != 0;
}

static bool is_ascii(struct str bytes)
{
	for (size_t i = 0; i < bytes.n; i++)
		if ((unsigned char)bytes.p[i] >= 0x80)
			return false;
	return true;
}

/* Whether a declaration in single bytes cannot have this encoding: that of each character is wide.
 */
static bool is_wide(const char *declared)
{
	static const char *const starts[] = { "UTF-16", "UTF-32", "UCS-2", "UCS-4",
					      "ISO-10646-UCS-" };
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (strncasecmp(declared, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

/* As XML has them. Another may mean more to iconv, such as "" or "ASCII//TRANSLIT". */
static bool is_encoding_name(const char *name)
{
	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '-' && *p != '_' && *p != '.')
			return false;
	return *name != '\0';
}

/*
 * In a relative of ASCII. Bytes that could be UTF-8 as well as what is declared are not certain.
 * Nor are those of ASCII that say something else in what is declared, as in UTF-7 and others that
 * go by what came before.
 */
static bool declared_to_utf8(struct str bytes, const char *declared, struct buf *out)
{
	bool ascii = xml_encoding_is_ascii(str_of(declared));
	struct range tag;
	if (!is_encoding_name(declared))
		return false;
	if (is_utf8(bytes)) {
		bool same = ascii || xml_encoding_means_utf8(str_of(declared)) ||
			    (is_ascii(bytes) && is_wide(declared));
		if (!same && is_ascii(bytes))
			same = convert(bytes, declared, out) && str_equal(buf_view(out), bytes);
		buf_reset(out);
		buf_str(out, bytes);
		return same;
	}
	/* The declaration was read as ASCII: it says that in what it declares, too. */
	return !ascii && !is_wide(declared) && convert(bytes, declared, out) &&
	       find_tag(bytes, 0, &tag) &&
	       str_starts(buf_view(out), (struct str){ bytes.p, tag.end });
}

bool fixer_to_utf8(struct str bytes, struct buf *out, struct arena *arena)
{
	size_t start, end;
	const unsigned char *p = (const unsigned char *)bytes.p;
	if (str_starts(bytes, (struct str){ "\xff\xfe\0\0", 4 }))
		return convert(str_from(bytes, 4), "UTF-32LE", out);
	if (str_starts(bytes, (struct str){ "\0\0\xfe\xff", 4 }))
		return convert(str_from(bytes, 4), "UTF-32BE", out);
	if (bytes.n > 3 && p[0] == 0xff && p[1] == 0xfe)
		return convert(str_from(bytes, 2), "UTF-16LE", out);
	if (bytes.n > 3 && p[0] == 0xfe && p[1] == 0xff)
		return convert(str_from(bytes, 2), "UTF-16BE", out);
	if (!fixer_find_encoding(bytes, &start, &end))
		return false;
	const char *declared = arena_copy(arena, (struct str){ bytes.p + start, end - start });
	return declared && declared_to_utf8(bytes, declared, out) && !out->failed;
}
