/*
 * Content that is recognised, but holds no message that this program can read. Some may hold one:
 * it is reported as unopened. Of all other content a finding says what it is.
 */
#include "transport/layer.h"
#include "transport/fields.h"
#include "xml/markup.h"

enum { HEAD_BYTES = KIND_HEAD_BYTES, ENDS_BYTES = 65536 };

struct mark {
	struct str at_start;
	const char *what;
};

static const struct mark sealed[] = {
	{ { "7z\xbc\xaf\x27\x1c", 6 }, "a 7-Zip archive" },
	{ { "Rar!\x1a\x07", 6 }, "a RAR archive" },
	{ { "\xfd"
	    "7zXZ\0",
	    6 },
	  "xz-compressed" },
	{ { "BZh", 3 }, "bzip2-compressed" },
	{ { "\x28\xb5\x2f\xfd", 4 }, "zstd-compressed" },
	{ { "-----BEGIN PGP MESSAGE-----", 27 }, "encrypted (PGP)" },
	{ { "-----BEGIN PKCS7-----", 21 }, "encrypted (PKCS #7)" },
	{ { "-----BEGIN CMS-----", 19 }, "encrypted (CMS)" },
	{ { "Salted__", 8 }, "encrypted (OpenSSL)" },
	{ { "\xd4\xc3\xb2\xa1", 4 }, "a capture of network packets (pcap)" },
	{ { "\x4d\x3c\xb2\xa1", 4 }, "a capture of network packets (pcap)" },
	{ { "\x0a\x0d\x0d\x0a", 4 }, "a capture of network packets (pcapng)" },
};

static const struct mark marks[] = {
	{ { "%PDF-", 5 }, "a PDF document" },
	{ { "{\\rtf", 5 }, "a Word document (RTF)" },
	{ { "\x89PNG\r\n\x1a\n", 8 }, "an image (PNG)" },
	{ { "\xff\xd8\xff", 3 }, "an image (JPEG)" },
	{ { "GIF87a", 6 }, "an image (GIF)" },
	{ { "GIF89a", 6 }, "an image (GIF)" },
	{ { "II*\0", 4 }, "an image (TIFF)" },
	{ { "MM\0*", 4 }, "an image (TIFF)" },
	{ { "MSH|", 4 }, "an HL7 v2 message" },
	{ { "\vMSH|", 5 }, "an HL7 v2 message" },
	{ { "FHS|", 4 }, "a file of HL7 v2 messages" },
	{ { "BHS|", 4 }, "a file of HL7 v2 messages" },
	{ { "UNA:+", 5 }, "an EDIFACT message" },
	{ { "UNB+", 4 }, "an EDIFACT message" },
	{ { "SQLite format 3\0", 16 }, "an SQLite database" },
};

static const struct mark *mark_of(struct str bytes, const struct mark *known, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_starts(bytes, known[i].at_start))
			return &known[i];
	return NULL;
}

static bool holds(struct str bytes, const char *text, size_t n)
{
	return bytes.n >= n && memmem(bytes.p, bytes.n, text, n) != NULL;
}

static bool says(struct str bytes, const char *text)
{
	return holds(bytes, text, strlen(text));
}

/* Formats with a mark that is not alone at the start, or is shared. */

/* The first and the last bytes: a zip has its names in both. */
static bool is_in_ends(struct str bytes, const char *text)
{
	struct str first = bytes, last = bytes;
	if (bytes.n > ENDS_BYTES) {
		first.n = ENDS_BYTES;
		last = str_from(bytes, bytes.n - ENDS_BYTES);
	}
	return says(first, text) || says(last, text);
}

static const char *kind_of_zip(struct str bytes)
{
	if (str_starts(str_from(bytes, 30), STR("mimetypeapplication/vnd.oasis.opendocument")))
		return "an OpenDocument file";
	if (!is_in_ends(bytes, "[Content_Types].xml"))
		return NULL;
	return is_in_ends(bytes, "word/")  ? "a Word document (.docx)"
	       : is_in_ends(bytes, "xl/")  ? "an Excel workbook (.xlsx)"
	       : is_in_ends(bytes, "ppt/") ? "a PowerPoint presentation (.pptx)"
					   : "an Office document";
}

/* The names of its streams are in UTF-16. */
static const char *kind_of_compound(struct str bytes)
{
	return holds(bytes, "W\0o\0r\0d\0D\0o\0c", 13)	 ? "a Word document (.doc)"
	       : holds(bytes, "W\0o\0r\0k\0b\0o\0o", 13) ? "an Excel workbook (.xls)"
	       : holds(bytes, "_\0s\0u\0b\0s\0t\0g", 13) ? "an Outlook message (.msg)"
							 : "an Office document of the old format";
}

const char *kind_of_marked(struct str bytes)
{
	const struct mark *mark = mark_of(bytes, marks, sizeof(marks) / sizeof(marks[0]));
	if (mark)
		return mark->what;
	if (str_starts(bytes, STR("PK\x03\x04")))
		return kind_of_zip(bytes);
	if (str_starts(bytes, STR("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")))
		return kind_of_compound(bytes);
	if (str_starts(bytes, STR("RIFF")) && str_starts(str_from(bytes, 8), STR("WEBP")))
		return "an image (WebP)";
	if (str_starts(bytes, STR("BM")) && str_starts(str_from(bytes, 6), STR("\0\0\0\0")))
		return "an image (BMP)";
	return NULL;
}

/* Text */

static struct str without_space(struct str text)
{
	size_t n = 0;
	while (n < text.n && char_is_space(text.p[n]))
		n++;
	return str_from(text, n);
}

static const char *kind_of_json(struct str text)
{
	bool object = str_starts(text, STR("{"));
	if (!object && !str_starts(text, STR("[")))
		return NULL;
	struct str inside = without_space(str_from(text, 1));
	const char *may_follow = object ? "\"}" : "\"{[]-0123456789tfn";
	if (inside.n == 0 || inside.p[0] == '\0' || !strchr(may_follow, inside.p[0]))
		return NULL;
	return says(text, "\"resourceType\"")		      ? "FHIR in JSON"
	       : object && str_starts(inside, STR("\"log\"")) ? "an HTTP archive in JSON (HAR)"
							      : "JSON";
}

static size_t separators(struct str line, char separator)
{
	size_t count = 0;
	for (size_t i = 0; i < line.n; i++)
		count += line.p[i] == separator;
	return count;
}

/* The first two lines have the same number of columns, of which there are more than two. */
static bool is_table(struct str text)
{
	size_t next, after;
	struct str first = fields_line(text, 0, &next), second = fields_line(text, next, &after);
	for (const char *separator = ",;\t|"; *separator; separator++) {
		size_t count = separators(first, *separator);
		if (count >= 2 && count == separators(second, *separator))
			return true;
	}
	return false;
}

/* No control characters, and no more than a quarter beyond ASCII. */
static bool is_plain(struct str text)
{
	size_t beyond = 0;
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if (c < 0x20 && !char_is_space(text.p[i]) && c != '\f')
			return false;
		beyond += c >= 0x80;
	}
	return beyond <= text.n / 4;
}

/* Whether a tag, a comment or a declaration may start somewhere in it. */
static bool has_tag(struct str text)
{
	for (size_t i = 0; i + 1 < text.n; i++) {
		unsigned char next = (unsigned char)text.p[i + 1];
		if (text.p[i] == '<' && (next > '@' || next == '?' || next == '!' || next == '/'))
			return true;
	}
	return false;
}

static const char *kind_of_text(struct str text, bool whole)
{
	struct str start = without_space(text);
	const char *json = kind_of_json(start);
	if (json)
		return json;
	if (fields_starts(start, "<!doctype html") || fields_starts(start, "<html"))
		return "an HTML page";
	if (start.n == 0 && whole)
		return text.n ? "blank" : "empty";
	/* A tag, as XML has at its start, is found at once. */
	if (start.n == 0 || has_tag(text) || !is_plain(text))
		return NULL;
	if (memmem(text.p, text.n, "&lt;", 4) && memmem(text.p, text.n, "&gt;", 4))
		return "XML whose tags are escaped (&lt; for <): unescape it first";
	return is_table(start) ? "a table in text (CSV)" : "plain text";
}

struct str kind_narrowed(struct str bytes, char room[KIND_HEAD_BYTES])
{
	/* That of UTF-32 may begin like that of UTF-16. low: where the low byte of a unit is. */
	static const struct {
		struct str mark;
		size_t unit, low;
	} wide[] = { { { "\xff\xfe\0\0", 4 }, 4, 0 },
		     { { "\0\0\xfe\xff", 4 }, 4, 3 },
		     { { "\xff\xfe", 2 }, 2, 0 },
		     { { "\xfe\xff", 2 }, 2, 1 } };
	size_t n = 0, kind = 0;
	while (kind < sizeof(wide) / sizeof(wide[0]) && !str_starts(bytes, wide[kind].mark))
		kind++;
	if (kind == sizeof(wide) / sizeof(wide[0]))
		return str_from(bytes, str_mark_bytes(bytes));
	size_t unit = wide[kind].unit;
	for (size_t i = unit; i + unit <= bytes.n && n < KIND_HEAD_BYTES; i += unit) {
		bool beyond = false;
		for (size_t k = 0; k < unit; k++)
			beyond = beyond || (k != wide[kind].low && bytes.p[i + k]);
		room[n++] = beyond ? '?' : bytes.p[i + wide[kind].low];
	}
	return (struct str){ room, n };
}

const char *kind_of_content(struct str bytes)
{
	char room[KIND_HEAD_BYTES];
	const char *what = kind_of_marked(bytes);
	if (what)
		return what;
	struct str head = { bytes.p, bytes.n < HEAD_BYTES ? bytes.n : HEAD_BYTES };
	return kind_of_text(kind_narrowed(head, room), head.n == bytes.n);
}

bool kind_is_text(struct str bytes)
{
	char room[KIND_HEAD_BYTES];
	struct str head = { bytes.p, bytes.n < HEAD_BYTES ? bytes.n : HEAD_BYTES };
	return head.n && is_plain(kind_narrowed(head, room));
}

const char *kind_not_opened(struct str bytes)
{
	const struct mark *mark = mark_of(bytes, sealed, sizeof(sealed) / sizeof(sealed[0]));
	return mark ? mark->what : NULL;
}

/* From what follows comments and instructions on. */
static struct str after_prolog(struct str rest)
{
	while (str_starts(rest = without_space(rest), STR("<"))) {
		struct markup markup = markup_at(rest, 0);
		if (markup.kind != MARKUP_COMMENT && markup.kind != MARKUP_INSTRUCTION)
			break;
		rest = str_from(rest, markup.end);
	}
	return rest;
}

struct str kind_root_name(struct str document)
{
	struct str rest = { document.p, document.n < HEAD_BYTES ? document.n : HEAD_BYTES };
	rest = after_prolog(str_from(rest, str_mark_bytes(rest)));
	size_t n = 1;
	while (n < rest.n && !char_is_space(rest.p[n]) && rest.p[n] != '/' && rest.p[n] != '>')
		n++;
	return rest.n && rest.p[0] == '<' && n < rest.n ? (struct str){ rest.p + 1, n - 1 }
							: (struct str){ 0 };
}
