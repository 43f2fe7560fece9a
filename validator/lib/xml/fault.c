#include "xml/reader.h"

#include <libxml/xmlerror.h>

#include <stdio.h>
#include <strings.h>

/* What libxml2 means, said for a person. %s is the name that the error is about. */
static const struct {
	int code;
	const char *words;
} sentences[] = {
	{ XML_ERR_DOCUMENT_EMPTY, "the document has no element" },
	{ XML_ERR_DOCUMENT_END, "there is content after the end of the root element" },
	{ XML_ERR_INVALID_CHAR, "XML does not allow the character here" },
	{ XML_ERR_UNDECLARED_ENTITY,
	  "the entity &%s; is not declared: write the character itself" },
	{ XML_ERR_ENTITYREF_SEMICOL_MISSING,
	  "an '&' starts a reference that has no ';': write &amp;" },
	{ XML_ERR_NAME_REQUIRED, "expected a name here" },
	{ XML_ERR_ATTRIBUTE_NOT_STARTED, "an attribute value must be in quotes" },
	{ XML_ERR_ATTRIBUTE_NOT_FINISHED, "an attribute value has no closing quote" },
	{ XML_ERR_ATTRIBUTE_WITHOUT_VALUE, "the attribute %s has no value: expected ='...'" },
	{ XML_ERR_ATTRIBUTE_REDEFINED, "the attribute %s appears twice in one tag" },
	{ XML_ERR_LT_IN_ATTRIBUTE, "an attribute value contains '<': write &lt;" },
	{ XML_ERR_GT_REQUIRED, "expected '>' here" },
	{ XML_ERR_LTSLASH_REQUIRED, "expected an end tag here" },
	{ XML_ERR_SPACE_REQUIRED, "expected white space between attributes" },
	{ XML_ERR_EQUAL_REQUIRED, "expected '=' here" },
	{ XML_ERR_MISPLACED_CDATA_END, "text contains ]]>: write ]]&gt;" },
	{ XML_ERR_CDATA_NOT_FINISHED, "a CDATA section is not closed: expected ]]>" },
	{ XML_ERR_COMMENT_NOT_FINISHED, "a comment is not closed: expected -->" },
	{ XML_ERR_HYPHEN_IN_COMMENT, "a comment contains two hyphens in a row" },
	{ XML_ERR_PI_NOT_FINISHED, "a processing instruction is not closed: expected ?>" },
	{ XML_ERR_RESERVED_XML_NAME, "an XML declaration is only allowed at the very start" },
	{ XML_ERR_XMLDECL_NOT_FINISHED, "the XML declaration is not closed: expected ?>" },
	{ XML_ERR_VERSION_MISSING, "the XML declaration has no version" },
	{ XML_ERR_INVALID_CHARREF,
	  "a character reference is to a character that XML does not allow" },
	{ XML_NS_ERR_UNDEFINED_NAMESPACE, "the prefix %s is not bound to a namespace" },
	{ XML_NS_ERR_ATTRIBUTE_REDEFINED, "the attribute %s appears twice in one tag" },
	{ XML_NS_ERR_QNAME, "'%s' is not a name with at most one colon" },
};

#define SAY(fault, ...) snprintf((fault)->text, sizeof((fault)->text), __VA_ARGS__)

static void say(struct xml_fault *fault, const char *words, const char *name)
{
	const char *hole = strstr(words, "%s");
	if (!hole)
		SAY(fault, "%s", words);
	else
		SAY(fault, "%.*s%.80s%s", (int)(hole - words), words, name ? name : "?", hole + 2);
}

/* libxml2's own words without its line end. */
static void say_original(struct xml_fault *fault, const char *message)
{
	struct str text = str_trim(str_of(message ? message : "the document is not well-formed"));
	SAY(fault, "%.*s", STR_ARG(text));
}

static bool at_end(struct str bytes, size_t offset)
{
	return str_is_blank(str_from(bytes, offset));
}

/* Whether there is a character of UTF-8 here, in its shortest form and not part of a surrogate
 * pair. */
static bool is_utf8(const unsigned char *p, size_t left)
{
	static const struct {
		unsigned char first, last, low, high; /* of the first byte, and of the second */
		size_t length;
	} forms[] = {
		{ 0x00, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	for (size_t i = 0; left && i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (p[0] < forms[i].first || p[0] > forms[i].last || left < forms[i].length)
			continue;
		for (size_t k = 2; k < forms[i].length; k++)
			if ((p[k] & 0xc0) != 0x80)
				return false;
		return forms[i].length == 1 || (p[1] >= forms[i].low && p[1] <= forms[i].high);
	}
	return false;
}

/* Text before the first tag, which libxml2 calls an empty document. */
static bool begins_with_text(struct str bytes)
{
	struct str text = str_trim(bytes);
	return text.n && text.p[0] != '<' && !str_starts(text, STR("\xef\xbb\xbf"));
}

static void say_invalid_character(struct str bytes, struct xml_fault *fault)
{
	size_t i = fault->offset;
	unsigned char c = i < bytes.n ? (unsigned char)bytes.p[i] : 0;
	if (c < 0x20 && i < bytes.n)
		SAY(fault, "XML does not allow the control character U+%04X", c);
	else
		SAY(fault, "XML does not allow the character here");
}

enum xml_outcome xml_fault_describe(const xmlError *error, struct str bytes,
				    struct xml_fault *fault)
{
	const char *name = error->str1;
	switch (error->code) {
	case XML_ERR_NO_MEMORY:
		say(fault, "out of memory", NULL);
		return XML_INTERNAL;
	case XML_ERR_INVALID_ENCODING:
	case XML_I18N_CONV_FAILED:
		say(fault, "the bytes here are not UTF-8", NULL);
		return XML_ENCODING;
	case XML_ERR_TAG_NAME_MISMATCH:
		SAY(fault, "found the end tag </%.80s>; expected </%.80s>, opened at line %d",
		    error->str2 ? error->str2 : "?", name ? name : "?", error->int1);
		return XML_MALFORMED;
	case XML_ERR_TAG_NOT_FINISHED:
		SAY(fault, "the document ends inside <%.80s>, opened at line %d: expected </%.80s>",
		    name ? name : "?", error->int1, name ? name : "?");
		return XML_MALFORMED;
	case XML_ERR_INVALID_CHAR:
		if (fault->offset < bytes.n &&
		    !is_utf8((const unsigned char *)bytes.p + fault->offset,
			     bytes.n - fault->offset)) {
			say(fault, "the bytes here are not UTF-8", NULL);
			return XML_ENCODING;
		}
		say_invalid_character(bytes, fault);
		return XML_MALFORMED;
	case XML_ERR_DOCUMENT_EMPTY:
		if (!begins_with_text(bytes))
			break;
		say(fault, "there is text before the first tag: the document must start with '<'",
		    NULL);
		return XML_MALFORMED;
	case XML_ERR_NAME_REQUIRED:
		if (fault->offset == 0 || fault->offset > bytes.n ||
		    bytes.p[fault->offset - 1] != '&')
			break;
		say(fault, "an '&' is on its own: write &amp;", NULL);
		return XML_MALFORMED;
	default:
		break;
	}
	if (at_end(bytes, fault->offset) && error->code != XML_ERR_DOCUMENT_EMPTY) {
		say(fault, "the document ends too early: it was cut off, or a tag is not closed",
		    NULL);
		return XML_MALFORMED;
	}
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		if (sentences[i].code != error->code)
			continue;
		say(fault, sentences[i].words, name);
		return XML_MALFORMED;
	}
	say_original(fault, error->message);
	return XML_MALFORMED;
}

/* The value of encoding="" in an XML declaration, absent when it is not there. */
static struct str declared_encoding(struct str bytes)
{
	if (!str_starts(bytes, STR("<?xml")))
		return (struct str){ 0 };
	const char *close =
		!bytes.p ? NULL : memmem(bytes.p, bytes.n < 512 ? bytes.n : 512, "?>", 2);
	if (!close)
		return (struct str){ 0 };
	size_t length = (size_t)(close - bytes.p);
	const char *p = memmem(bytes.p, length, "encoding", 8);
	if (!p)
		return (struct str){ 0 };
	for (p += 8; p < close && *p != '"' && *p != '\''; p++)
		;
	const char *end = p < close ? memchr(p + 1, *p, (size_t)(close - p - 1)) : NULL;
	return end ? (struct str){ p + 1, (size_t)(end - p - 1) } : (struct str){ 0 };
}

static bool same_word(struct str a, const char *word)
{
	return a.n == strlen(word) && strncasecmp(a.p, word, a.n) == 0;
}

enum xml_outcome xml_encoding_check(struct str bytes, struct xml_fault *fault)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *name;
	} marks[] = {
		{ "\xff\xfe", 2, "UTF-16" },	  { "\xfe\xff", 2, "UTF-16" },
		{ "<\0", 2, "UTF-16 or UTF-32" }, { "\0<", 2, "UTF-16" },
		{ "\0\0\0<", 4, "UTF-32" },	  { "\0\0\xfe\xff", 4, "UTF-32" },
	};
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (!str_starts(bytes, (struct str){ marks[i].bytes, marks[i].n }))
			continue;
		SAY(fault, "the document is %s: UTF-8 is required", marks[i].name);
		return XML_ENCODING;
	}
	size_t mark = str_starts(bytes, STR("\xef\xbb\xbf")) ? 3 : 0;
	struct str encoding = declared_encoding(str_from(bytes, mark));
	if (!encoding.p || same_word(encoding, "UTF-8") || same_word(encoding, "US-ASCII"))
		return XML_READ;
	fault->offset = (size_t)(encoding.p - bytes.p);
	SAY(fault, "the document declares the encoding %.*s: UTF-8 is required",
	    (int)(encoding.n < 40 ? encoding.n : 40), encoding.p);
	return XML_ENCODING;
}
