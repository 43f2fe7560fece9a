#include "transport/unwrap.h"

#include "transport/fields.h"
#include "transport/layer.h"
#include "xml/markup.h"
#include "xml/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum { LONGEST_TEXT = 512, LOOKED_AT_BYTES = 4096 };

/* To add a layer, add its file and its row here. */
const struct layer *const layers[] = {
	&gzip_layer,   &deflate_layer, &compressed_layer, &base64_layer,
	&quoted_layer, &http_layer,    &mime_layer,	  &mesh_layer,
	&zip_layer,    &tar_layer,     &log_layer,	  &unopened_layer,
};
const size_t layer_count = sizeof(layers) / sizeof(layers[0]);

static enum bid bid_for_unopened(const struct parcel *parcel)
{
	return kind_not_opened(parcel->bytes) ? BID_SURE : NO_BID;
}

static void open_unopened(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	unwrap_unopened(unwrapping, parcel, 0, "it is %s, which this program does not open",
			kind_not_opened(parcel->bytes));
}

/* Content that is recognised, but not opened by this program: it is reported, never skipped. */
const struct layer unopened_layer = {
	.name = "unopened",
	.sign = "the bytes at its start",
	.bid = bid_for_unopened,
	.open = open_unopened,
};

static const struct layer *recognise(const struct parcel *parcel)
{
	if (parcel->known[0])
		return parcel->known[0];
	const struct layer *best = NULL;
	enum bid highest = NO_BID;
	for (size_t i = 0; i < layer_count; i++) {
		enum bid bid = layers[i]->bid ? layers[i]->bid(parcel) : NO_BID;
		if (bid > highest) {
			highest = bid;
			best = layers[i];
		}
	}
	return best;
}

/* XML, in UTF-8 or in an encoding that the reader will refuse by name. */
static bool looks_like_xml(struct str bytes)
{
	static const struct str marks[] = {
		{ "\xef\xbb\xbf", 3 }, { "\xff\xfe", 2 }, { "\xfe\xff", 2 }, { "\0\0\xfe\xff", 4 },
		{ "\0<", 2 },	       { "\0\0\0<", 4 },  { "<\0", 2 },
	};
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (str_starts(bytes, marks[i]))
			return true;
	size_t i = 0;
	while (i < bytes.n && char_is_space(bytes.p[i]))
		i++;
	return i < bytes.n && bytes.p[i] == '<';
}

/* Whether it has characters that no text has. */
static bool is_binary(struct str bytes)
{
	size_t n = bytes.n < LOOKED_AT_BYTES ? bytes.n : LOOKED_AT_BYTES;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)bytes.p[i] < 0x20 && !char_is_space(bytes.p[i]))
			return true;
	return false;
}

static bool is_called_xml(struct str content_type)
{
	return fields_have(content_type, "xml");
}

/* Whether bytes in no layer are read as XML, to be refused where they are not: those of no other
 * kind, but for what only a layer carries. */
static bool is_document(const struct parcel *parcel)
{
	if (parcel->bytes.n == 0 || kind_of_content(parcel->bytes))
		return false;
	return looks_like_xml(parcel->bytes) || is_called_xml(parcel->content_type) ||
	       (!parcel->around && !is_binary(parcel->bytes));
}

static bool is_utf_8(struct str charset)
{
	return fields_is(charset, "utf-8") || fields_is(charset, "utf8");
}

static bool is_ascii(struct str charset)
{
	return fields_is(charset, "us-ascii") || fields_is(charset, "ascii");
}

static bool has_accents(struct str bytes)
{
	for (size_t i = 0; i < bytes.n; i++)
		if ((unsigned char)bytes.p[i] >= 0x80)
			return true;
	return false;
}

/* A charset that is given again as another: who reads it takes the one or the other. */
static bool is_one_charset(struct unwrapping *unwrapping, const struct parcel *parcel,
			   struct str content_type)
{
	char first[LONGEST_SHOWN], second[LONGEST_SHOWN];
	size_t at = 0;
	struct str charset = fields_parameter_next(content_type, "charset", &at), other;
	while ((other = fields_parameter_next(content_type, "charset", &at)).p) {
		if (str_same_letters(other, charset))
			continue;
		unwrap_fault(unwrapping, parcel, 0, RULE_TRN_032,
			     "Content-Type gives charset twice, as %s and as %s",
			     fields_shown(charset, first), fields_shown(other, second));
		return false;
	}
	return true;
}

/* charset against the document, which is UTF-8: what is not, or says so, is XML-003's. */
static void judge_charset(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	char said[LONGEST_SHOWN], declares[LONGEST_SHOWN];
	const struct carrier *carrier = parcel->carrier;
	struct str charset = carrier ? fields_parameter(carrier->content_type, "charset") : STR("");
	struct str declared = markup_encoding(parcel->bytes);
	if (carrier && !is_one_charset(unwrapping, parcel, carrier->content_type))
		return;
	bool utf_16 = memchr(parcel->bytes.p, 0, parcel->bytes.n < 4 ? parcel->bytes.n : 4);
	if (utf_16 || charset.n == 0 || is_utf_8(charset) ||
	    (declared.n && !is_utf_8(declared) && !is_ascii(declared)))
		return;
	if (!is_ascii(charset) && (declared.n || fields_starts(charset, "utf-")))
		unwrap_fault(unwrapping, parcel, 0, RULE_TRN_032,
			     "Content-Type says charset=%s, but the document %s %s",
			     fields_shown(charset, said), declared.n ? "declares" : "is in",
			     fields_shown(declared.n ? declared : STR("UTF-8"), declares));
	else if (has_accents(parcel->bytes))
		unwrap_fault(
			unwrapping, parcel, 0, RULE_TRN_032,
			"Content-Type says charset=%s, but the document has characters in UTF-8",
			fields_shown(charset, said));
}

/* Whether a root is named as QUPC_IN000006GB01 is, with any prefix. */
static bool is_interaction(struct str root)
{
	enum { CLASS_BYTES = 4, KIND_BYTES = 3 };
	if (!root.p)
		return false;
	const char *colon = memchr(root.p, ':', root.n);
	struct str kind = str_from(root, colon ? (size_t)(colon - root.p) + 1 : 0);
	kind = str_from(kind, CLASS_BYTES);
	return str_starts(kind, STR("_IN")) && kind.n > KIND_BYTES &&
	       char_is_digit(kind.p[KIND_BYTES]);
}

/* XML is read up to a NUL: a slice in the middle of other bytes is copied. */
static void hand_over(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	const struct unwrap_sink *sink = unwrapping->sink;
	struct parcel document = *parcel;
	document.serial = ++unwrapping->opened;
	unwrapping->documents++;
	unwrapping->interactions += is_interaction(kind_root_name(parcel->bytes));
	judge_charset(unwrapping, parcel);
	if (parcel->bytes.p[parcel->bytes.n] == '\0') {
		sink->document(sink->context, &document);
		return;
	}
	char *copy = malloc(parcel->bytes.n + 1);
	if (!copy) {
		unwrap_unopened(unwrapping, parcel, 0, "out of memory");
		return;
	}
	memcpy(copy, parcel->bytes.p, parcel->bytes.n);
	copy[parcel->bytes.n] = '\0';
	document.bytes.p = copy;
	sink->document(sink->context, &document);
	free(copy);
}

static void report_no_document(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	const struct unwrap_sink *sink = unwrapping->sink;
	const char *kind = kind_of_content(parcel->bytes);
	char what[LONGEST_TEXT], type[LONGEST_SHOWN] = "";
	struct str said = fields_media_type(parcel->content_type);
	if (said.n)
		fields_shown(said, type);
	if (kind)
		snprintf(what, sizeof(what), "%s%s%s", kind, type[0] ? ", sent as " : "", type);
	else
		snprintf(what, sizeof(what), "%zu bytes%s%s that are not XML", parcel->bytes.n,
			 type[0] ? " of " : "", type);
	if (sink->no_document)
		sink->no_document(sink->context, parcel, parcel->bytes.n ? what : "empty");
}

void unwrap(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	const struct unwrap_sink *sink = unwrapping->sink;
	const struct layer *layer = recognise(parcel);
	if (!layer) {
		if (is_document(parcel))
			hand_over(unwrapping, parcel);
		else
			report_no_document(unwrapping, parcel);
		return;
	}
	struct parcel opened = *parcel;
	if (opened.layer_count >= unwrapping->limits.max_layers ||
	    !parcel_add_layer(&opened, layer->name)) {
		unwrapping->limited = true;
		unwrap_unopened(unwrapping, parcel, 0,
				"it is packed in more layers than %zu (--max-layers)",
				opened.layer_count);
		return;
	}
	opened.serial = ++unwrapping->opened;
	if (sink->opened)
		sink->opened(sink->context, &opened, layer);
	layer->open(unwrapping, &opened);
}

bool unwrap_opens(struct str head)
{
	struct parcel parcel = { .bytes = head };
	return recognise(&parcel) != NULL;
}

bool unwrap_knows(struct str head)
{
	return looks_like_xml(head) || unwrap_opens(head);
}

bool unwrap_is_named_like_a_message(const char *filename)
{
	struct str name = str_of(filename);
	static const char *const endings[] = { ".xml", ".dat",	".ctl",	 ".gz",	  ".zip", ".tar",
					       ".tgz", ".mime", ".http", ".soap", ".eml" };
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t n = strlen(endings[i]);
		if (name.n > n && fields_is(str_from(name, name.n - n), endings[i]))
			return true;
	}
	return false;
}

/* Whether the name is there as the value of an attribute. */
static bool declares(struct str tag, const char *name)
{
	size_t n = strlen(name);
	for (const char *at; (at = memmem(tag.p, tag.n, name, n));
	     tag = str_from(tag, (size_t)(at - tag.p) + n))
		if (at > tag.p && (at[-1] == '"' || at[-1] == '\''))
			return true;
	return false;
}

/* An XML declaration, or an element of a message or envelope. */
static bool begins_message(struct str bytes)
{
	static const enum xml_namespace outermost[] = { NS_HL7, NS_ITK, NS_SOAP11, NS_SOAP12 };
	if (!str_starts(bytes, STR("<")))
		return false;
	if (str_starts(bytes, STR("<?xml")))
		return true;
	struct str name = kind_root_name(bytes);
	if (!name.n)
		return false;
	struct str tag = str_from(bytes, (size_t)(name.p - bytes.p));
	const char *end = memchr(tag.p, '>', tag.n);
	tag.n = end ? (size_t)(end - tag.p) : tag.n;
	for (size_t i = 0; i < sizeof(outermost) / sizeof(outermost[0]); i++)
		if (declares(tag, xml_namespace_uris[outermost[i]]))
			return true;
	return false;
}

/* What comes after white space, byte order marks and control bytes. */
static struct str after_stray_bytes(struct str bytes)
{
	while (bytes.n) {
		size_t mark = str_mark_bytes(bytes);
		if (!mark && (unsigned char)bytes.p[0] > ' ')
			break;
		bytes = str_from(bytes, mark ? mark : 1);
	}
	return bytes;
}

/* Whether text before a message is short, and does not quote it, as the source of a program does.
 */
static bool is_stray(struct str text)
{
	enum { LONGEST_STRAY = 256 };
	if (text.n > LONGEST_STRAY || memmem(text.p, text.n, "<?xml", 5))
		return false;
	text = str_trim(text);
	char last = text.n ? text.p[text.n - 1] : '\0';
	return !last || !strchr("\"'`\\(", last);
}

/*
 * Whether a message comes after stray bytes: blank ones, then at most one word that it touches, or
 * one short line. What quotes a message further on, such as a manual, a program or a longer log,
 * only speaks of one; so does text of a known kind, such as JSON.
 */
static bool has_message_near_start(struct str bytes)
{
	bytes = str_trim(bytes);
	struct str head = { bytes.p, bytes.n < LOOKED_AT_BYTES ? bytes.n : LOOKED_AT_BYTES };
	if (head.n == 0 || kind_of_content(head))
		return false;
	struct str start = after_stray_bytes(head);
	if (begins_message(start))
		return true;
	size_t word = 0, line = 0;
	while (word < start.n && start.p[word] != '<' && !char_is_space(start.p[word]))
		word++;
	while (line < start.n && start.p[line] != '\n' && start.p[line] != '\r')
		line++;
	return (is_stray((struct str){ start.p, word }) && begins_message(str_from(start, word))) ||
	       (is_stray((struct str){ start.p, line }) &&
		begins_message(after_stray_bytes(str_from(start, line))));
}

bool unwrap_is_worth_judging(struct str head, const char *filename)
{
	char room[KIND_HEAD_BYTES];
	struct str text = kind_narrowed(head, room);
	/* A mark of UTF-16 is in front of any text, and may be the start of binary data. */
	head = text.p == room ? text : head;
	return unwrap_is_named_like_a_message(filename) || unwrap_knows(head) ||
	       has_message_near_start(head);
}

bool unwrap_holds_message(struct str bytes)
{
	/* No honest text has so many tags in such a place: beyond them, one is taken to be there.
	 */
	enum { MOST_TAGS = 4096 };
	size_t tags = 0;
	for (const char *at; bytes.n && (at = memchr(bytes.p, '<', bytes.n));
	     bytes = str_from(bytes, 1)) {
		bytes = str_from(bytes, (size_t)(at - bytes.p));
		struct str start = { bytes.p,
				     bytes.n < LOOKED_AT_BYTES ? bytes.n : LOOKED_AT_BYTES };
		if (tags++ == MOST_TAGS || begins_message(start))
			return true;
	}
	return false;
}

static bool holds(struct str bytes, const char *text)
{
	size_t n = strlen(text);
	return bytes.n >= n && memmem(bytes.p, bytes.n, text, n) != NULL;
}

/* What is open in a document, by where its name is. */
enum { MOST_OPEN = 512 };
struct open_elements {
	struct str names[MOST_OPEN];
	size_t count;
};

static struct str name_in(struct str inside)
{
	size_t n = 0;
	while (n < inside.n && !char_is_space(inside.p[n]) && inside.p[n] != '/')
		n++;
	inside.n = n;
	return inside;
}

/* Whether markup is as it was written, and did not go on into what follows when it was cut short:
 * what XML does not allow in it, or hardly anyone would write there, is not in it. */
static bool is_sound(struct str bytes, const struct markup *markup)
{
	static const char *const never_inside[] = {
		[MARKUP_START] = "<",	 [MARKUP_EMPTY] = "<",	       [MARKUP_END] = "<",
		[MARKUP_COMMENT] = "--", [MARKUP_CDATA] = "<![CDATA[", [MARKUP_INSTRUCTION] = "<?",
	};
	struct str inside = { bytes.p + markup->from, markup->until - markup->from };
	return markup->closed && markup->kind != MARKUP_DECLARATION &&
	       !holds(inside, never_inside[markup->kind]);
}

/* Keep account of a tag. False: it cannot be there. */
static bool take_tag(struct open_elements *open, const struct markup *markup, struct str name)
{
	if (name.n == 0)
		return false;
	if (markup->kind == MARKUP_END)
		return open->count > 0 && str_equal(open->names[--open->count], name);
	if (markup->kind == MARKUP_START) {
		if (open->count == MOST_OPEN)
			return false;
		open->names[open->count++] = name;
	}
	return true;
}

/* What was seen of a document. */
struct looked {
	size_t until;
	struct str root; /* its start tag */
};

/*
 * Where the document ends that starts at a '<': after its root. 0: its tags do not match, another
 * starts in it, or the line at an offset is in the midst of its elements, and in the text of none.
 * A page of HTML seldom matches, and what follows it must not be taken for a part of it.
 */
static size_t document_end(struct str bytes, size_t lt, size_t line, struct looked *looked)
{
	static const struct str declaration = { "xml ", 4 };
	struct open_elements open;
	bool in_text = false;
	open.count = 0;
	for (size_t before = lt;;) {
		const char *at = memchr(bytes.p + before, '<', bytes.n - before);
		looked->until = at ? (size_t)(at - bytes.p) : bytes.n;
		if (!at)
			return 0;
		struct str text = { bytes.p + before, looked->until - before };
		struct markup is = markup_at(bytes, looked->until);
		struct str inside = { bytes.p + is.from, is.until - is.from };
		bool starts = is.kind == MARKUP_START || is.kind == MARKUP_EMPTY;
		looked->until = is.end;
		in_text = in_text || (before <= line && line < is.start);
		if (!is_sound(bytes, &is) || (open.count == 0 && !str_is_blank(text)) ||
		    (starts && in_text) ||
		    (open.count && is.kind == MARKUP_INSTRUCTION &&
		     str_starts(inside, declaration)))
			return 0;
		if (starts || is.kind == MARKUP_END) {
			if (open.count == 0)
				looked->root =
					(struct str){ bytes.p + is.start, is.end - is.start };
			if (!take_tag(&open, &is, name_in(inside)))
				return 0;
			if (open.count == 0)
				return is.end;
			in_text = false;
		}
		before = is.end;
	}
}

/* Whether a message may be in what a document seems to quote: it has tags of one, or an empty line,
 * as is between the head and the body of any. */
static bool may_hide_message(struct str quoted)
{
	return holds(quoted, "\n\n") || holds(quoted, "\n\r\n") || unwrap_holds_message(quoted);
}

size_t unwrap_end_around(struct str bytes, size_t from, size_t at, size_t *in_vain)
{
	/* So that many documents without an end are not looked through to the end each. */
	enum { MOST_LOOKS = 64, MOST_IN_VAIN = 64 * 1024 * 1024 };
	size_t most = bytes.n < MOST_IN_VAIN / MOST_LOOKS ? bytes.n * MOST_LOOKS : MOST_IN_VAIN;
	size_t first = from + str_mark_bytes(str_from(bytes, from));
	struct looked looked = { 0 };
	while (first < at && char_is_space(bytes.p[first]))
		first++;
	const char *lt;
	for (size_t i = first;
	     i < at && *in_vain < most && (lt = memchr(bytes.p + i, '<', at - i));) {
		i = (size_t)(lt - bytes.p);
		if (i > first && bytes.p[i - 1] != '\n') {
			i++;
			continue;
		}
		size_t end = document_end(bytes, i, at, &looked);
		/* A document that is neither a message nor an envelope is not judged. */
		if (end > at && !unwrap_holds_message(looked.root) &&
		    may_hide_message((struct str){ bytes.p + at, end - at }))
			end = 0;
		*in_vain += end ? 0 : looked.until - i;
		if (end == 0 || end > at)
			return end;
		i = end;
	}
	return 0;
}

void unwrap_look_beside(struct unwrapping *unwrapping, const struct parcel *parcel,
			struct str bytes, const char *where)
{
	struct str start = after_stray_bytes(bytes);
	if (start.n && (unwrap_holds_message(start) || unwrap_opens(start)))
		unwrap_unopened(unwrapping, parcel, (size_t)(start.p - parcel->bytes.p),
				"what looks like a message is in %s, where none is looked for",
				where);
}

int unwrap_count(struct unwrapping *unwrapping, const struct parcel *around)
{
	if (unwrapping->parts++ < unwrapping->limits.max_parts)
		return 0;
	unwrapping->limited = true;
	if (!unwrapping->parts_exceeded)
		unwrap_unopened(unwrapping, around, 0,
				"there are more parts than %zu (--max-parts)",
				unwrapping->limits.max_parts);
	unwrapping->parts_exceeded = true;
	return -1;
}

int unwrap_part(struct unwrapping *unwrapping, const struct parcel *part)
{
	const struct unwrap_sink *sink = unwrapping->sink;
	if (unwrap_count(unwrapping, part->around) != 0)
		return -1;
	if (part->member && sink->member && sink->member(sink->context, part))
		return 0;
	if (part->member && sink->member_begins)
		sink->member_begins(sink->context, part);
	unwrap(unwrapping, part);
	if (part->member && sink->member_ends)
		sink->member_ends(sink->context, part);
	return unwrapping->parts_exceeded ? -1 : 0;
}

void unwrap_exchange(struct unwrapping *unwrapping, const struct parcel *parcel,
		     enum exchange_side side)
{
	if (unwrapping->sink->exchange)
		unwrapping->sink->exchange(unwrapping->sink->context, parcel, side);
}

size_t unwrap_room(const struct unwrapping *unwrapping)
{
	return unwrapping->decoded_bytes < unwrapping->limits.max_decoded_bytes
		       ? unwrapping->limits.max_decoded_bytes - unwrapping->decoded_bytes
		       : 0;
}

void unwrap_decoded(struct unwrapping *unwrapping, size_t bytes)
{
	unwrapping->decoded_bytes += bytes;
}

void unwrap_fault(struct unwrapping *unwrapping, const struct parcel *parcel, size_t offset,
		  enum stage_rule rule, const char *format, ...)
{
	char text[LONGEST_TEXT];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (unwrapping->sink->fault)
		unwrapping->sink->fault(unwrapping->sink->context, parcel, offset, rule, text);
}

void unwrap_contradicted(struct unwrapping *unwrapping, const struct parcel *parcel,
			 struct str head, const char *name, enum stage_rule rule)
{
	char first[LONGEST_SHOWN], second[LONGEST_SHOWN];
	struct str other = fields_contradicted(head, name);
	if (other.p)
		unwrap_fault(unwrapping, parcel, (size_t)(other.p - parcel->bytes.p), rule,
			     "%s is given twice, as %s and as %s", name,
			     fields_shown(fields_value(head, name), first),
			     fields_shown(other, second));
}

void unwrap_unopened(struct unwrapping *unwrapping, const struct parcel *parcel, size_t offset,
		     const char *format, ...)
{
	char text[LONGEST_TEXT];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	unwrapping->unopened = true;
	if (unwrapping->sink->unopened)
		unwrapping->sink->unopened(unwrapping->sink->context, parcel, offset, text);
}

/* In groups of three digits: ten of them in a row may look like an NHS number, which is masked. */
static const char *grouped(size_t number, char room[32])
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%zu", number);
	size_t length = 0;
	for (int i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			room[length++] = ',';
		room[length++] = digits[i];
	}
	room[length] = '\0';
	return room;
}

void unwrap_too_large(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	char limit[32];
	unwrapping->limited = true;
	unwrap_unopened(unwrapping, parcel, 0,
			"it decodes to more than the limit of %s bytes (--max-decoded), or to more "
			"than %d times its size",
			grouped(unwrapping->limits.max_decoded_bytes, limit), MOST_TIMES);
}

size_t unwrap_least_dense(size_t packed_bytes)
{
	size_t most = packed_bytes < SIZE_MAX / MOST_TIMES - 1 ? (packed_bytes + 1) * MOST_TIMES
							       : SIZE_MAX;
	return most > DENSE_FROM_BYTES ? most : (size_t)DENSE_FROM_BYTES + 1;
}

bool unwrap_is_too_dense(size_t packed_bytes, size_t unpacked_bytes)
{
	return unpacked_bytes >= unwrap_least_dense(packed_bytes);
}

bool unwrap_may_hold_a_message(struct str bytes)
{
	static const struct str marks[] = {
		{ "PK\3\4", 4 },
		{ "ustar", 5 },
		{ "urn:hl7-org:v3", 14 },
		{ "urn:nhs-itk:ns:", 15 },
	};
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (memmem(bytes.p, bytes.n, marks[i].p, marks[i].n))
			return true;
	return unwrap_is_worth_judging(str_trim(bytes), "");
}

void unwrap_list_bytes(struct unwrapping *unwrapping, const struct parcel *parcel, size_t from,
		       size_t until, const char *where)
{
	const struct unwrap_sink *sink = unwrapping->sink;
	char name[64], why[200];
	while (from < until && !parcel->bytes.p[from])
		from++;
	if (from >= until)
		return;
	struct str bytes = { parcel->bytes.p + from, until - from };
	if (unwrap_may_hold_a_message(bytes)) {
		unwrap_fault(unwrapping, parcel, from, RULE_TRN_005,
			     "there are %zu bytes %s, which may hold a message and are not read",
			     bytes.n, where);
		return;
	}
	snprintf(name, sizeof(name), "(%zu bytes from byte %zu)", bytes.n, from);
	snprintf(why, sizeof(why), "they are %s", where);
	if (sink->left_out)
		sink->left_out(sink->context, parcel, name, why);
}
