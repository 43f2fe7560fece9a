/* The sentence about a value that is not of its type. */
#include "schema/validation.h"

#include "base/near.h"
#include "schema/value.h"

enum { VALUES_SHOWN = 8, FEW_VALUES = 2, MOST_TIME_DIGITS = 14 };

/* What a type requires of its values, and what is wrong with one of them, in words. */
struct wording {
	const char *type, *pattern; /* what it is about: a type's name, or a pattern; one is NULL */
	const char *what;	    /* "a UUID in upper case ..." */
	/* What is wrong with a value that does not fit, or NULL when it is not known. */
	const char *(*why)(struct str value);
};

static bool has_any(struct str value, const char *set)
{
	for (size_t i = 0; i < value.n; i++)
		if (strchr(set, value.p[i]))
			return true;
	return false;
}

static bool has_space(struct str value)
{
	return has_any(value, " \t\n\r");
}

static size_t count_digits(struct str value)
{
	size_t n = 0;
	while (n < value.n && char_is_digit(value.p[n]))
		n++;
	return n;
}

static bool has_letter(struct str value)
{
	for (size_t i = 0; i < value.n; i++)
		if ((value.p[i] | 0x20) >= 'a' && (value.p[i] | 0x20) <= 'z')
			return true;
	return false;
}

static const char *why_whole_number(struct str value)
{
	struct str digits = str_from(value, value.n && (value.p[0] == '-' || value.p[0] == '+'));
	if (has_any(value, "."))
		return "it has a decimal point";
	if (has_any(value, ","))
		return "it has a comma";
	if (has_space(value))
		return "it has white space";
	return str_is_digits(digits) ? NULL : "it has characters that are not digits";
}

static const char *why_number(struct str value)
{
	if (has_any(value, ","))
		return "it has a comma";
	return has_space(value) ? "it has white space" : NULL;
}

static const char *why_truth(struct str value)
{
	if (str_is(value, "1") || str_is(value, "0"))
		return "1 and 0 are not allowed";
	return has_letter(value) ? "only true and false are allowed, in lower case" : NULL;
}

static const char *why_code(struct str value)
{
	return has_space(value) ? "it has white space inside" : NULL;
}

/* ISO 8601 as most programs write it: 2018-03-14, 2018-03-14T10:30:00. */
static bool is_iso_8601(struct str value)
{
	return value.n >= 7 && count_digits(value) == 4 && value.p[4] == '-' &&
	       char_is_digit(value.p[5]);
}

/* What is wrong with any HL7 timestamp. */
static const char *why_timestamp(struct str value)
{
	size_t digits = count_digits(value);
	if (is_iso_8601(value))
		return "it is in ISO 8601 format (leave out the hyphens, colons and T)";
	if (has_any(value, "/"))
		return "it is written with slashes";
	if (has_space(value))
		return "it has white space";
	if (has_any(value, "T:") && digits)
		return "it has a T or colons";
	if (digits && digits < value.n && (value.p[digits] == 'Z' || value.p[digits] == 'z'))
		return "its UTC offset is Z (write +0000)";
	if (digits > MOST_TIME_DIGITS)
		return "it has more than 14 digits before the UTC offset or fraction";
	if (digits && digits < 9 && has_any(value, "+-"))
		return "it has a UTC offset, but no time of day";
	if (digits != MOST_TIME_DIGITS && has_any(value, "."))
		return "it has a fraction, but no seconds before it";
	return has_letter(value) ? "it has letters" : NULL;
}

static unsigned two_digits(struct str value, size_t at)
{
	return (unsigned)(value.p[at] - '0') * 10 + (unsigned)(value.p[at + 1] - '0');
}

/* CCYYMMDDhhmm as all digits, and still wrong. */
static const char *why_fields(struct str value)
{
	unsigned century = two_digits(value, 0), month = two_digits(value, 4);
	unsigned day = two_digits(value, 6);
	if (century < 19 || century > 20)
		return "its year is not from 1900 to 2099";
	if (month < 1 || month > 12)
		return "its month is not from 01 to 12";
	if (day < 1 || day > 31)
		return "its day is not from 01 to 31";
	if (two_digits(value, 8) > 23)
		return "its hour is not from 00 to 23";
	return two_digits(value, 10) > 59 ? "its minutes are not from 00 to 59" : NULL;
}

static const char *why_minute(struct str value)
{
	size_t digits = count_digits(value);
	if (digits < value.n && digits >= 8 && (value.p[digits] == '+' || value.p[digits] == '-'))
		return "it has a UTC offset";
	const char *why = digits < value.n ? why_timestamp(value) : NULL;
	if (why)
		return why;
	if (digits < value.n)
		return has_any(value, ".") ? "it has a fraction of a second" : NULL;
	if (digits == 8)
		return "it is a date without hours and minutes";
	if (digits == 14)
		return "it has seconds";
	if (digits != 12)
		return "it does not have 12 digits";
	return why_fields(value);
}

static bool has_lower_hex(struct str value)
{
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] >= 'a' && value.p[i] <= 'f')
			return true;
	return false;
}

static const char *why_uuid(struct str value)
{
	if (has_space(value))
		return "it has white space";
	if (str_starts(value, STR("urn:")) || str_starts(value, STR("uuid:")) ||
	    str_starts(value, STR("uuid_")))
		return "it has a prefix";
	if (has_any(value, "{}"))
		return "it is in braces";
	size_t digits = 0, hyphens = 0;
	for (size_t i = 0; i < value.n; i++) {
		digits += char_is_hex(value.p[i]);
		hyphens += value.p[i] == '-';
	}
	if (digits + hyphens < value.n)
		return str_is_digits(str_from(value, value.n)) || has_any(value, ".")
			       ? "it is not a UUID"
			       : "it has characters that are not hexadecimal digits";
	if (digits != 32)
		return "it does not have 32 hexadecimal digits";
	if (hyphens != 4)
		return "its hyphens are not as in 8-4-4-4-12";
	return has_lower_hex(value) ? "it has lower-case letters"
				    : "its hyphens are not as in 8-4-4-4-12";
}

static const char *why_oid(struct str value)
{
	if (has_space(value))
		return "it has white space";
	if (str_starts(value, STR("urn:oid:")) || str_starts(value, STR("OID:")))
		return "it has a prefix";
	if (has_letter(value) || has_any(value, "-"))
		return "it has characters that are neither digits nor dots";
	if (value.n && (value.p[0] == '.' || value.p[value.n - 1] == '.'))
		return "it starts or ends with a dot";
	return memmem(value.p, value.n, "..", 2) ? "it has two dots together" : NULL;
}

/* Of an identifier that may be an OID, a UUID or a name: judged as what it looks like. */
static const char *why_uid(struct str value)
{
	if (value.n == 36 && value.p[8] == '-' && has_lower_hex(value))
		return "it is a UUID with lower-case letters";
	return value.n && char_is_digit(value.p[0]) ? why_oid(value)
	       : has_space(value)		    ? "it has white space"
						    : NULL;
}

static const char *why_asid(struct str value)
{
	if (has_space(value))
		return "it has white space";
	if (!str_is_digits(value))
		return "it has characters that are not digits";
	return "it does not have 12 digits";
}

static const char *why_phone(struct str value)
{
	if (!str_starts(value, STR("tel:"))) {
		if (str_starts(value, STR("mailto:")))
			return "it is an e-mail address";
		return value.n >= 4 && (value.p[0] | 0x20) == 't' && value.p[3] == ':'
			       ? "its \"tel:\" is not in lower case"
			       : "it does not start with \"tel:\"";
	}
	struct str number = str_from(value, 4);
	if (has_space(number))
		return "it has white space";
	if (has_any(number, "()"))
		return "it has brackets";
	if (has_any(number, "-."))
		return "it has hyphens or dots";
	if (has_letter(number))
		return "it has letters";
	return has_any(str_from(number, 1), "+") ? "its + is not right after \"tel:\"" : NULL;
}

static const char *why_url(struct str value)
{
	return has_any(value, ":") ? NULL : "it has no scheme such as \"tel:\" or \"https:\"";
}

static const char *why_base64(struct str value)
{
	return has_any(value, "-_") ? "it is in the base64 alphabet for URLs" : NULL;
}

#define OID_PATTERN "([0-9][0-9]*)(\\.[0-9][0-9]*)*"
#define UUID_TAIL   "-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}"
#define UUID_EITHER "[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"
#define XML_NAME_WORDS                                                                             \
	"a name that starts with a letter or _, such as uuid_ and a UUID in upper case"
#define OID_WORDS "an OID: whole numbers with dots between them"
#define STAMP_WORDS                                                                                \
	"CCYYMMDD, CCYYMMDDhhmm or CCYYMMDDhhmmss, with a UTC offset such as +0100 only after a "  \
	"time"

static const struct wording wordings[] = {
	{ .pattern = "(19|20)[0-9][0-9](0[1-9]|1[012])(0[1-9]|[12][0-9]|3[01])"
		     "(0[0-9]|1[0-9]|2[0-3])([0-5][0-9])",
	  .what = "12 digits, CCYYMMDDhhmm, without seconds or UTC offset",
	  .why = why_minute },
	{ .pattern = "[0-9]{1,8}|([0-9]{9,14}|[0-9]{14,14}\\.[0-9]+)([+\\-][0-9]{1,4})?",
	  .what = STAMP_WORDS,
	  .why = why_timestamp },
	{ .type = "ts.bounded", .what = STAMP_WORDS, .why = why_timestamp },
	{ .pattern = "[0-9A-F]{8}" UUID_TAIL,
	  .what = "a UUID in upper case: 8-4-4-4-12 hexadecimal digits",
	  .why = why_uuid },
	{ .pattern = "[0-9A-Fa-f]{8}-" UUID_EITHER,
	  .what = "a UUID: 8-4-4-4-12 hexadecimal digits",
	  .why = why_uuid },
	{ .pattern = OID_PATTERN, .what = OID_WORDS, .why = why_oid },
	{ .pattern = "[0-9]{12}", .what = "a 12-digit ASID", .why = why_asid },
	{ .pattern = "[A-Z]{4}_IN[0-9]{6}[A-Z]{2}[0-9]{2}",
	  .what = "an interaction id such as QUPC_IN000006GB01" },
	{ .pattern = "[t]{1}[e]{1}[l]{1}:[+]{0,1}[0-9]*",
	  .what = "\"tel:\", then digits only, with an optional + before them",
	  .why = why_phone },
	{ .pattern = "[\\-a-z0-9+]+:.*",
	  .what = "a URL that starts with its scheme in lower case, such as \"tel:\"",
	  .why = why_url },
	{ .pattern = "[^\\s]*", .what = "a code without white space inside", .why = why_code },
	{ .pattern = "true|false", .what = "true or false", .why = why_truth },
	{ .pattern = "([^:\\s]+:)?(VersionMismatch|MustUnderstand|Client|Server)",
	  .what = "VersionMismatch, MustUnderstand, Client or Server, with the SOAP prefix" },
	{ .type = "uid", .what = "an OID or a UUID in upper case", .why = why_uid },
	{ .type = "st", .what = "at least one character" },
	{ .type = "content.extension",
	  .what = "a template and class such as COCT_TP145101GB01#Child" },
	{ .type = "real", .what = "a number", .why = why_number },
	{ .type = "xs:integer", .what = "a whole number", .why = why_whole_number },
	{ .type = "xs:decimal", .what = "a number", .why = why_number },
	{ .type = "xs:boolean", .what = "true or false, or 1 or 0", .why = why_truth },
	{ .type = "xs:anyURI", .what = "a URI" },
	{ .type = "xs:base64Binary", .what = "binary data in base64", .why = why_base64 },
	{ .type = "xs:ID", .what = XML_NAME_WORDS },
	{ .type = "xs:IDREF", .what = XML_NAME_WORDS },
	{ .type = "xs:dateTime", .what = "a time that exists, such as 2026-01-31T09:30:00Z" },
	{ .type = "xs:NMTOKEN", .what = "one word of letters, digits and ._-:", .why = why_code },
};

/* By pattern first, then by name. NULL: nothing is known. */
static const struct wording *wording_of(const char *type, const char *pattern)
{
	size_t count = sizeof(wordings) / sizeof(wordings[0]);
	for (size_t i = 0; *pattern && i < count; i++)
		if (wordings[i].pattern && strcmp(wordings[i].pattern, pattern) == 0)
			return &wordings[i];
	for (size_t i = 0; *type && i < count; i++)
		if (wordings[i].type && strcmp(wordings[i].type, type) == 0)
			return &wordings[i];
	return NULL;
}

static const char *text_at(const struct schema_validation *v, uint32_t at)
{
	return v->tables->text + at;
}

/* The item of a list that is not of its type, and that type; of a list too short or long, itself.
 */
static const struct schema_simple *wrong_item(struct schema_validation *v,
					      const struct schema_simple *simple, struct str *value)
{
	const struct schema_simple *item = &v->tables->simples[simple->item];
	struct str rest = *value;
	while ((rest = str_trim(rest)).n) {
		size_t n = 0;
		while (n < rest.n && !char_is_space(rest.p[n]))
			n++;
		struct str word = { rest.p, n };
		if (!fits(v, item, word)) {
			*value = word;
			return item;
		}
		rest = str_from(rest, n);
	}
	return simple;
}

/* The type that an element or attribute is of, or the nearest one above it with an enumeration. */
static const struct schema_simple *with_values(const struct schema_validation *v,
					       const struct schema_simple *simple)
{
	const struct schema_simple *at = simple;
	while (!at->value_count && at->base)
		at = &v->tables->simples[at->base];
	return at->value_count ? at : NULL;
}

/* Names that say little without the element around them. */
static const char *const common_names[] = { "value", "id", "code", "name" };

void say_owner(struct schema_validation *v, const char *element)
{
	const struct frame *parent = v->depth ? &v->frames[v->depth - 1] : NULL;
	for (size_t i = 0;
	     parent && parent->element && i < sizeof(common_names) / sizeof(common_names[0]); i++) {
		if (strcmp(common_names[i], element) != 0)
			continue;
		say_name(v, &v->message, v->tables->elements[parent->element].name);
		buf_char(&v->message, '/');
	}
	buf_text(&v->message, element);
}

static void say_place(struct schema_validation *v, struct str value, const char *element,
		      const char *attribute, bool item)
{
	if (attribute)
		buf_printf(&v->message, "%s of ", attribute);
	say_owner(v, element);
	if (!value.n) {
		buf_text(&v->message, " is empty");
		return;
	}
	buf_text(&v->message, item ? " has \"" : " is \"");
	mask_write(&v->message, mask_kind_of(element, attribute), value);
	buf_text(&v->message, "\"");
}

static const char *nearest_value(struct schema_validation *v, const struct schema_simple *simple,
				 struct str value)
{
	struct near near = near_start(value);
	for (size_t i = 0; i < simple->value_count; i++)
		near_offer(&near, text_at(v, v->tables->values[simple->first_value + i]));
	return near_best(&near);
}

/* Of the versions of all Spine specifications, those of CP-IS and of the replies to it. */
static bool is_of_cpis(const char *value)
{
	return strncmp(value, "v3CPI", 5) == 0 || strcmp(value, "V3NPfIT3.0") == 0 ||
	       strcmp(value, "v3INF_DMSv5.7:FIN") == 0;
}

/* The values that a list of many shows: those of CP-IS, where it has any. Returns how many. */
static size_t choose_shown(const struct schema_validation *v, const struct schema_simple *simple,
			   const char *shown[VALUES_SHOWN])
{
	size_t count = 0;
	for (int any = 0; any <= 1 && !count; any++)
		for (size_t i = 0; i < simple->value_count && count < VALUES_SHOWN; i++) {
			const char *value = text_at(v, v->tables->values[simple->first_value + i]);
			if (any || (simple->value_count > VALUES_SHOWN && is_of_cpis(value)))
				shown[count++] = value;
		}
	return count;
}

static void say_set(struct schema_validation *v, const struct schema_simple *simple,
		    struct str value)
{
	const char *shown[VALUES_SHOWN];
	size_t count = simple->value_count, chosen = choose_shown(v, simple, shown);
	for (size_t i = 0; i < chosen; i++) {
		if (i)
			buf_text(&v->expected, i + 1 == count ? " or " : ", ");
		buf_text(&v->expected, shown[i]);
	}
	if (count > chosen)
		buf_printf(&v->expected, " or %zu others", count - chosen);
	const char *near = count > FEW_VALUES ? nearest_value(v, simple, value) : NULL;
	if (near)
		buf_printf(&v->message, "; did you mean %s?", near);
	if (count <= VALUES_SHOWN || !near) {
		buf_text(&v->message, near ? " Expected: " : "; expected ");
		buf_str(&v->message, buf_view(&v->expected));
	}
}

/*
 * What the type requires, in the words of its narrowest step that has any, and what is wrong, in
 * those of the first step that knows.
 */
static void say_type(struct schema_validation *v, const struct schema_simple *simple,
		     struct str value)
{
	const char *what = NULL, *why = NULL, *pattern = "";
	for (const struct schema_simple *at = simple;; at = &v->tables->simples[at->base]) {
		const struct wording *wording =
			wording_of(text_at(v, at->name), text_at(v, at->pattern));
		if (wording && !what)
			what = wording->what;
		if (!*pattern)
			pattern = text_at(v, at->pattern);
		if (wording && wording->why && value.n && !why)
			why = wording->why(value);
		if (!at->base)
			break;
	}
	if (what)
		buf_text(&v->expected, what);
	else if (*pattern)
		buf_printf(&v->expected, "a value of the pattern %s", pattern);
	else if (simple->name)
		buf_printf(&v->expected, "a value of the type %s", text_at(v, simple->name));
	else
		buf_text(&v->expected, "another value");
	if (why)
		buf_printf(&v->message, ": %s", why);
	buf_text(&v->message, "; expected ");
	buf_str(&v->message, buf_view(&v->expected));
}

enum schema_fault_kind say_value(struct schema_validation *v, const struct schema_simple *simple,
				 struct str value, const char *element, const char *attribute)
{
	struct str wrong = value;
	const struct schema_simple *at = simple->item ? wrong_item(v, simple, &wrong) : simple;
	const struct schema_simple *set = at->item ? NULL : with_values(v, at);
	say_place(v, wrong, element, attribute, simple->item && !at->item);
	if (!set) {
		say_type(v, at, wrong);
		return SCHEMA_VALUE_OF_TYPE;
	}
	say_set(v, set, wrong);
	return SCHEMA_VALUE_OF_SET;
}
