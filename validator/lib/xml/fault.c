#include "xml/fault.h"

#include "diag/mask.h"
#include "diag/mask_words.h"
#include "xml/markup.h"

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
	{ XML_NS_ERR_ATTRIBUTE_REDEFINED, "the attribute %s appears twice in one tag" },
	{ XML_NS_ERR_QNAME, "'%s' is not a name with at most one colon" },
	{ XML_NS_ERR_COLON, "the name has a colon where none is allowed" },
	{ XML_NS_ERR_XML_NAMESPACE, "a namespace or prefix that XML keeps for itself is declared" },
	{ XML_NS_ERR_EMPTY, "a prefix is bound to no namespace" },
	{ XML_WAR_NS_URI, "a namespace is declared that is not a valid URI" },
	{ XML_WAR_NS_URI_RELATIVE, "a namespace is declared that is not an absolute URI" },
	{ XML_ERR_UNSUPPORTED_ENCODING, "the document declares an encoding that is not UTF-8" },
	{ XML_ERR_ENCODING_NAME, "the encoding in the XML declaration is not a name" },
	{ XML_ERR_ENTITYREF_AT_EOF, "a reference is not closed: expected ;" },
	{ XML_ERR_STRING_NOT_STARTED, "expected a value in quotes here" },
	{ XML_ERR_STRING_NOT_CLOSED, "a value has no closing quote" },
	{ XML_ERR_PI_NOT_STARTED, "expected the name of a processing instruction here" },
	{ XML_ERR_UNKNOWN_VERSION, "the version of XML is not 1.0" },
	{ XML_ERR_STANDALONE_VALUE, "standalone is neither yes nor no" },
};

#define SAY(fault, ...) snprintf((fault)->text, sizeof((fault)->text), __VA_ARGS__)

/* In a document that is not well-formed, what is taken for a name may be a value. */
static const char *known_name(const char *name)
{
	enum { LONGEST_NAME = 80 };
	struct str local = str_of(name);
	const char *colon = name ? strchr(name, ':') : NULL;
	if (colon && mask_knows((struct str){ name, (size_t)(colon - name) }))
		local = str_of(colon + 1);
	return local.n && local.n <= LONGEST_NAME && mask_knows(local) ? name : "…";
}

static void say(struct xml_fault *fault, const char *words, const char *name)
{
	const char *hole = strstr(words, "%s");
	if (!hole)
		SAY(fault, "%s", words);
	else
		SAY(fault, "%.*s%s%s", (int)(hole - words), words, known_name(name), hole + 2);
}

static enum xml_outcome say_cut_off(struct xml_fault *fault, const char *words)
{
	fault->too_early = true;
	SAY(fault, "the document ends too early: it was cut off%s", words);
	return XML_MALFORMED;
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

/* Whether the document ends here, before the end of a character of UTF-8. */
static bool ends_in_character(struct str bytes, size_t offset)
{
	for (size_t n = 1; n < 4 && n <= bytes.n; n++) {
		const unsigned char *p = (const unsigned char *)bytes.p + bytes.n - n;
		size_t length = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc2 ? 2 : 1;
		if ((p[0] & 0xc0) == 0x80)
			continue;
		return p[0] <= 0xf4 && length > n && offset + n >= bytes.n;
	}
	return false;
}

/* Text before the first tag, which libxml2 calls an empty document. */
static bool begins_with_text(struct str bytes)
{
	struct str text = str_trim(str_from(bytes, str_mark_bytes(bytes)));
	return text.n && text.p[0] != '<';
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

/* Where a prefix is first used in the tag that ends at an offset; the offset where it is not. */
static size_t prefix_in_tag(struct str bytes, size_t offset, const char *prefix)
{
	size_t n = strlen(prefix), end = offset < bytes.n ? offset : bytes.n;
	const char *tag = end ? memrchr(bytes.p, '<', end) : NULL;
	for (size_t at = tag ? (size_t)(tag - bytes.p) + 1 : end; n && at + n < end; at++) {
		char before = bytes.p[at - 1];
		if ((before == '<' || char_is_space(before)) && bytes.p[at + n] == ':' &&
		    memcmp(bytes.p + at, prefix, n) == 0)
			return at;
	}
	return offset;
}

static void say_unbound(struct str bytes, struct xml_fault *fault, const char *prefix)
{
	fault->offset = prefix_in_tag(bytes, fault->offset, prefix);
	if (mask_knows(str_of(prefix)))
		SAY(fault, "the prefix %s is not bound to a namespace: no xmlns:%s is in scope",
		    prefix, prefix);
	else
		SAY(fault,
		    "the prefix here is not bound to a namespace: no xmlns for it is in scope");
}

/* By the table of sentences. */
static enum xml_outcome describe_plainly(const xmlError *error, struct str bytes,
					 struct xml_fault *fault)
{
	if (at_end(bytes, fault->offset) && error->code != XML_ERR_DOCUMENT_EMPTY)
		return say_cut_off(fault, ", or a tag is not closed");
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		if (sentences[i].code != error->code)
			continue;
		say(fault, sentences[i].words, error->str1);
		return XML_MALFORMED;
	}
	/* libxml2's own words may quote the document. */
	SAY(fault, "the document is not well-formed (libxml2 error %d)", error->code);
	return XML_MALFORMED;
}

/*
 * What a parser's error means: fault->text gets the sentence; fault->offset (set by the caller to
 * the parser's place) is moved to the fault where that is known. Returns how the read ended.
 */
enum xml_outcome fault_describe(const xmlError *error, struct str bytes, struct xml_fault *fault)
{
	const char *name = error->str1;
	/* Each version has another error for it. */
	if (error->code != XML_ERR_NO_MEMORY && ends_in_character(bytes, fault->offset))
		return say_cut_off(fault, " inside a character");
	if (error->code != XML_ERR_NO_MEMORY && fault->offset < bytes.n &&
	    bytes.p[fault->offset] == '\0') {
		say_invalid_character(bytes, fault);
		return XML_MALFORMED;
	}
	switch (error->code) {
	case XML_ERR_NO_MEMORY:
		say(fault, "out of memory", NULL);
		return XML_INTERNAL;
	case XML_ERR_INVALID_ENCODING:
	case XML_I18N_CONV_FAILED:
		say(fault, "the bytes here are not UTF-8", NULL);
		return XML_ENCODING;
	case XML_ERR_TAG_NAME_MISMATCH:
		SAY(fault, "found the end tag </%s>; expected </%s>, opened at line %d",
		    known_name(error->str2), known_name(name), error->int1);
		return XML_MALFORMED;
	case XML_ERR_TAG_NOT_FINISHED:
		fault->too_early = true;
		SAY(fault, "the document ends inside <%s>, opened at line %d: expected </%s>",
		    known_name(name), error->int1, known_name(name));
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
	case XML_NS_ERR_UNDEFINED_NAMESPACE:
		say_unbound(bytes, fault, name ? name : "?");
		return XML_MALFORMED;
	default:
		break;
	}
	return describe_plainly(error, bytes, fault);
}

static bool same_word(struct str a, const char *word)
{
	return a.n == strlen(word) && strncasecmp(a.p, word, a.n) == 0;
}

bool xml_encoding_is_ascii(struct str name)
{
	/* As IANA has them. */
	static const char *const names[] = {
		"US-ASCII",	  "ASCII",    "us",	"ISO646-US", "ISO_646.irv:1991",
		"ANSI_X3.4-1968", "iso-ir-6", "IBM367", "cp367",     "ANSI_X3.4-1986",
		"csASCII",
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (same_word(name, names[i]))
			return true;
	return false;
}

bool xml_encoding_means_utf8(struct str name)
{
	return same_word(name, "UTF8") || same_word(name, "UTF_8");
}

/* Whether it is as programs name an encoding, and so may be said: another word may be a value. */
static bool is_name_of_encoding(struct str name)
{
	static const char *const names[] = {
		"latin1", "Latin-1", "CP1252",	"CP-1252",   "CP850",
		"IBM850", "ANSI",    "Unicode", "macintosh",
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (same_word(name, names[i]))
			return true;
	return name.n < 40 && mask_knows(name);
}

/* A document that is said to be ASCII must be: another byte is a fatal error (XML 1.0, 4.3.3). */
static enum xml_outcome ascii_check(struct str bytes, struct str encoding, struct xml_fault *fault)
{
	size_t i = 0;
	while (i < bytes.n && !((unsigned char)bytes.p[i] & 0x80))
		i++;
	if (i == bytes.n)
		return XML_READ;
	fault->offset = i;
	SAY(fault, "the document declares the encoding %.*s, and the byte here is not ASCII",
	    (int)encoding.n, encoding.p);
	return XML_ENCODING;
}

/*
 * UTF-8 or its subset ASCII, declared or by default (ITK WS-STD-01): XML_READ. Otherwise
 * XML_ENCODING with the fault filled.
 */
enum xml_outcome encoding_check(struct str bytes, struct xml_fault *fault)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *name;
	} marks[] = {
		{ "\xff\xfe\0\0", 4, "UTF-32" }, { "\0\0\xfe\xff", 4, "UTF-32" },
		{ "<\0\0\0", 4, "UTF-32" },	 { "\0\0\0<", 4, "UTF-32" },
		{ "\xff\xfe", 2, "UTF-16" },	 { "\xfe\xff", 2, "UTF-16" },
		{ "<\0", 2, "UTF-16" },		 { "\0<", 2, "UTF-16" },
	};
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (!str_starts(bytes, (struct str){ marks[i].bytes, marks[i].n }))
			continue;
		SAY(fault, "the document is %s: UTF-8 is required", marks[i].name);
		return XML_ENCODING;
	}
	struct str encoding = markup_encoding(bytes);
	if (!encoding.p || same_word(encoding, "UTF-8"))
		return XML_READ;
	if (xml_encoding_is_ascii(encoding))
		return ascii_check(bytes, encoding, fault);
	fault->offset = (size_t)(encoding.p - bytes.p);
	if (xml_encoding_means_utf8(encoding))
		SAY(fault,
		    "the document declares the encoding %.*s: the name of UTF-8 has a hyphen",
		    STR_ARG(encoding));
	else if (is_name_of_encoding(encoding))
		SAY(fault, "the document declares the encoding %.*s: UTF-8 is required",
		    STR_ARG(encoding));
	else
		SAY(fault, "the document declares an encoding that is not UTF-8");
	return XML_ENCODING;
}
