#include "xml/reader.h"

#include "base/arena.h"
#include "xml/alloc.h"
#include "xml/markup.h"
#include "xml/versions.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <stdio.h>
#include <stdlib.h>

enum {
	FIRST_ATTRIBUTES = 32,
	/* Of one tag, namespaces and all: libxml2 compares each with all others before it hands the
	 * tag on. So whoever has more is seen before the tag is parsed. */
	MOST_ATTRIBUTES = 1000,
	SMALL_TAG_BYTES = MOST_ATTRIBUTES * 5, /* no more of them fit: a="" and a blank */
	MOST_NAMESPACES = 1000,	  /* open at a place: libxml2 walks over them for every prefix */
	LONGEST_NAME = 1000,	  /* of an element, in bytes: paths are made of names */
	LONGEST_REFERENCE = 4096, /* &#0000065; */
	/*
	 * Of all names that are different. libxml2 keeps each once, in a table that does not grow
	 * beyond some thousands: many names take a time that grows with their square. A message has
	 * some hundred names. Room is taken in steps, the last of which ends at 85,000 bytes.
	 */
	MOST_NAME_BYTES = 80000,
	ROOM_FOR_NAMES = 85000
};

/*
 * Names as one reader's libxml2 dictionary has them: one pointer for one spelling. A name that is
 * new is looked up by its letters; after that by the pointers of it and of its namespace.
 */

/* Few, so that a small message touches little memory: its names are some dozens. */
enum { DICTIONARY_SLOTS = 1024, MOST_SLOTS = 700 };

struct dictionary {
	xmlDictPtr dict;
	struct dictionary_slot {
		const xmlChar *local;
		xml_name name;
		uint16_t ns;
	} slots[DICTIONARY_SLOTS]; /* (local pointer, namespace) -> name, of all seen so far */
	size_t slot_count;
	const xmlChar *uris[NS_COUNT]; /* the dictionary's pointers; NULL for none */
	struct dictionary_slot unkept; /* the slots are full, or the namespace is not known */
	bool grown;		       /* names were looked up since the limit was looked at */
};

static uint16_t namespace_of(struct dictionary *dictionary, const xmlChar *uri)
{
	if (!uri)
		return NS_NONE;
	for (size_t ns = NS_NONE + 1; ns < NS_UNKNOWN; ns++)
		if (dictionary->uris[ns] == uri)
			return (uint16_t)ns;
	return NS_UNKNOWN;
}

static struct dictionary_slot *dictionary_learn(struct dictionary *dictionary, const xmlChar *local,
						const xmlChar *uri, struct dictionary_slot *slot)
{
	uint16_t ns = namespace_of(dictionary, uri);
	dictionary->grown = true;
	if (dictionary->slot_count >= MOST_SLOTS || ns == NS_UNKNOWN)
		slot = &dictionary->unkept;
	else
		dictionary->slot_count++;
	*slot = (struct dictionary_slot){ .local = local, .ns = ns };
	if (ns != NS_UNKNOWN)
		slot->name = xml_names_find((enum xml_namespace)ns, (const char *)local);
	return slot;
}

/* The number and the namespace of a name; local and uri are pointers of the dictionary. */
static inline const struct dictionary_slot *name_of(struct dictionary *dictionary,
						    const xmlChar *local, const xmlChar *uri)
{
	uint64_t key =
		((uint64_t)(uintptr_t)local ^ (uint64_t)(uintptr_t)uri << 1) * 0x9e3779b97f4a7c15u;
	size_t i = (size_t)(key >> 40) % DICTIONARY_SLOTS;
	struct dictionary_slot *slot = &dictionary->slots[i];
	while (slot->local && (slot->local != local || dictionary->uris[slot->ns] != uri)) {
		i = (i + 1) % DICTIONARY_SLOTS;
		slot = &dictionary->slots[i];
	}
	return slot->local ? slot : dictionary_learn(dictionary, local, uri, slot);
}

/*
 * A new dictionary for the documents to come, in place of what a zeroed or used one holds. It has
 * the names that they use and no others: while it is small, libxml2 looks names up in it by a much
 * faster hash. -1 when out of memory.
 */
static int dictionary_renew(struct dictionary *dictionary)
{
	xmlDictFree(dictionary->dict);
	memset(dictionary, 0, sizeof(*dictionary));
	dictionary->dict = xmlDictCreate();
	if (!dictionary->dict)
		return -1;
	for (size_t i = 0; i < NS_COUNT; i++) {
		if (!xml_namespace_uris[i])
			continue;
		dictionary->uris[i] =
			xmlDictLookup(dictionary->dict, (const xmlChar *)xml_namespace_uris[i], -1);
		if (!dictionary->uris[i])
			return -1;
	}
	return 0;
}

/* The reader */

/* A namespace that is declared here, by the libxml2 dictionary's pointers. */
struct declaration {
	const char *prefix; /* NULL: for names without one */
	const char *uri;    /* NULL: none, from here on */
	size_t depth;	    /* of the element that declares it; the root is 1 */
};

struct xml_reader {
	struct dictionary dictionary;
	struct xml_tag tag; /* the last one, and what is the same of all of the document */
	struct xml_attribute *attributes; /* of it */
	size_t attribute_room;
	struct declaration *declared; /* in scope, outermost first */
	size_t declared_room;

	/* Kept from one document to the next, unless one was not read to its end. */
	xmlParserCtxtPtr parser;
	xmlParserInputPtr input; /* of the parser: the document */

	/* of the document that is being read */
	bool reading;
	struct str bytes;
	const struct xml_handler *handler;
	void *context;
	const struct xml_limits *limits;
	struct xml_fault *fault;
	enum xml_outcome outcome;
	size_t depth;
	size_t declared_count;
	bool text_is_long; /* what is open may be of any length */
	size_t text_bytes; /* of the text that is open, however many pieces it comes in */
	size_t tags_until; /* no tag that starts before this has more attributes than the limit */
	enum { AFTER_START, AFTER_END, AFTER_TEXT } state; /* the last event of the handler */
	struct str blank;   /* white space in the document, not handed on yet; n 0: none */
	size_t after;	    /* the place of the last event: a tag that follows starts there */
	size_t instruction; /* the place of the first one; SIZE_MAX: there is none so far */
};

static void drop_parser(struct xml_reader *reader)
{
	xmlFreeParserCtxt(reader->parser);
	reader->parser = NULL;
}

static int renew_dictionary(struct xml_reader *reader)
{
	drop_parser(reader);
	return dictionary_renew(&reader->dictionary);
}

struct xml_reader *xml_reader_new(void)
{
	struct xml_reader *reader = calloc(1, sizeof(*reader));
	if (!reader)
		return NULL;
	reader->attribute_room = FIRST_ATTRIBUTES;
	reader->attributes = calloc(reader->attribute_room, sizeof(*reader->attributes));
	if (!reader->attributes || renew_dictionary(reader) != 0) {
		xml_reader_free(reader);
		return NULL;
	}
	return reader;
}

void xml_reader_free(struct xml_reader *reader)
{
	if (!reader)
		return;
	free(reader->attributes);
	free(reader->declared);
	drop_parser(reader);
	xmlDictFree(reader->dictionary.dict);
	free(reader);
}

/* The parser's place, at an event of the document. */
static inline size_t place(const struct xml_reader *reader)
{
	size_t at = (size_t)((const char *)reader->input->cur - reader->bytes.p);
	return at <= reader->bytes.n ? at : 0;
}

/* The same at any time: a parser that is still being made may say that it cannot be. */
static size_t here(const struct xml_reader *reader)
{
	return reader->reading ? place(reader) : 0;
}

static __attribute__((cold)) void stop(struct xml_reader *reader, enum xml_outcome outcome,
				       size_t offset, const char *text)
{
	if (reader->outcome != XML_READ)
		return;
	reader->outcome = outcome;
	if (outcome != XML_STOPPED) {
		reader->fault->offset = offset;
		snprintf(reader->fault->text, sizeof(reader->fault->text), "%s", text);
	}
	xmlStopParser(reader->parser);
}

/* The nearest '<' before an offset. By steps: a sanitizer looks at all the bytes that memrchr might
 * look at. */
static __attribute__((noinline)) size_t nearest_tag(const struct xml_reader *reader, size_t end)
{
	enum { STEP = 4096 };
	while (end > 0) {
		size_t from = end > STEP ? end - STEP : 0;
		const char *p = memrchr(reader->bytes.p + from, '<', end - from);
		if (p)
			return (size_t)(p - reader->bytes.p);
		end = from;
	}
	return 0;
}

/* The start of the tag that the parser has just read up to its place. */
static inline size_t tag_start(const struct xml_reader *reader, size_t end)
{
	const char *after = reader->bytes.p + reader->after;
	if (reader->after < end && after[0] == '<' && after[1] != '!' && after[1] != '?')
		return reader->after;
	return nearest_tag(reader, end);
}

/* How many attributes the start tag at an offset has; 0 where it is something else. */
static size_t count_attributes(struct str bytes, size_t at)
{
	size_t count = 0;
	char quote = '\0';
	if (at + 1 < bytes.n && strchr("!?/", bytes.p[at + 1]))
		return 0;
	for (; at < bytes.n && (quote || bytes.p[at] != '>'); at++) {
		char c = bytes.p[at];
		if (quote)
			quote = c == quote ? '\0' : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else
			count += c == '=';
	}
	return count;
}

/*
 * Look ahead of the parser for a tag with too many attributes. Every '<' is an event, and none is
 * inside a tag, so most of the time it is enough to find the last two of the next few thousand
 * bytes.
 */
static void look_ahead(struct xml_reader *reader, size_t offset)
{
	struct str bytes = reader->bytes;
	size_t end = bytes.n - offset < SMALL_TAG_BYTES ? bytes.n : offset + SMALL_TAG_BYTES;
	const char *from = bytes.p + offset;
	const char *last = memrchr(from, '<', end - offset);
	const char *before = last ? memrchr(from, '<', (size_t)(last - from)) : NULL;
	reader->tags_until = bytes.n;
	if (before) {
		reader->tags_until = (size_t)(before - bytes.p) + 1;
		return;
	}
	const char *first = last ? last : memchr(from, '<', bytes.n - offset);
	if (!first)
		return;
	size_t start = (size_t)(first - bytes.p);
	reader->tags_until = start + 1;
	if (count_attributes(bytes, start) > MOST_ATTRIBUTES)
		stop(reader, XML_LIMIT, start, "a tag has more attributes than the limit of 1000");
}

/* At every event. */
static inline void look_ahead_in_time(struct xml_reader *reader, size_t offset)
{
	if (offset >= reader->tags_until)
		look_ahead(reader, offset);
}

/* What libxml2 has for names is full, or nearly so. From 2.14 on it takes more all the same. */
static bool names_are_full(const struct xml_reader *reader)
{
	static const xmlChar longest[4 * LONGEST_NAME] = { '=' };
	size_t bytes = xmlDictGetUsage(reader->dictionary.dict);
	return bytes > ROOM_FOR_NAMES ||
	       (bytes > MOST_NAME_BYTES &&
		!xmlDictLookup(reader->dictionary.dict, longest, (int)sizeof(longest)));
}

static const char too_many_names[] =
	"the names of elements and attributes take more than the limit of 80,000 bytes in all";

/* Where there may be new names. True: there are too many, and the reader was stopped. */
static bool stopped_by_names(struct xml_reader *reader, bool grown, size_t offset)
{
	if (!grown && !reader->dictionary.grown)
		return false;
	reader->dictionary.grown = false;
	if (xmlDictGetUsage(reader->dictionary.dict) <= ROOM_FOR_NAMES)
		return false;
	stop(reader, XML_LIMIT, offset, too_many_names);
	return true;
}

static bool room_for_attributes(struct xml_reader *reader, size_t count)
{
	if (count <= reader->attribute_room)
		return true;
	struct xml_attribute *more = realloc(reader->attributes, count * sizeof(*more));
	if (!more)
		return false;
	reader->attributes = more;
	reader->attribute_room = count;
	return true;
}

/*
 * libxml2 leaves &amp; in a value as &#38; for the tree to decode later. Such a value is its own
 * copy, never part of the input, and is decoded in place. Returns the new length.
 */
static size_t decode_ampersands(char *value, size_t length)
{
	size_t to = 0;
	for (size_t from = 0; from < length; from++) {
		value[to++] = value[from];
		if (value[from] == '&' && length - from >= 5 &&
		    memcmp(value + from, "&#38;", 5) == 0)
			from += 4;
	}
	return to;
}

static inline bool in_document(const struct xml_reader *reader, const char *p)
{
	return (size_t)(p - reader->bytes.p) <= reader->bytes.n;
}

/* libxml2 gives five pointers an attribute: local name, prefix, URI, value, end of value. */
static bool take_attributes(struct xml_reader *reader, struct xml_tag *tag, const xmlChar **five)
{
	bool plain = true;
	for (size_t i = 0; i < tag->count; i++, five += 5) {
		struct str value = { (const char *)five[3], (size_t)(five[4] - five[3]) };
		bool as_sent = in_document(reader, value.p);
		if (value.n > reader->limits->max_attribute_bytes)
			return false;
		if (!as_sent)
			value.n = decode_ampersands((char *)(uintptr_t)five[3], value.n);
		const struct dictionary_slot *name = name_of(&reader->dictionary, five[0], five[2]);
		reader->attributes[i] = (struct xml_attribute){
			.name = name->name,
			.ns = name->ns,
			.local = (const char *)five[0],
			.prefix = (const char *)five[1],
			.uri = (const char *)five[2],
			.value = value,
		};
		plain = plain && as_sent && name->name && name->ns == NS_NONE && value.n &&
			value.p[0] > ' ' && !(value.p[0] & 0x80);
	}
	tag->attributes = reader->attributes;
	tag->plain_values = plain;
	return true;
}

/* libxml2 gives two pointers a declaration: prefix, URI. False when out of memory. */
static bool declare(struct xml_reader *reader, size_t count, const xmlChar **two)
{
	for (size_t i = 0; i < count; i++, two += 2) {
		struct declaration *more = list_grown(reader->declared, reader->declared_count,
						      &reader->declared_room, sizeof(*more));
		if (!more)
			return false;
		reader->declared = more;
		const char *uri = (const char *)two[1];
		reader->declared[reader->declared_count++] =
			(struct declaration){ (const char *)two[0], uri && *uri ? uri : NULL,
					      reader->depth };
	}
	return true;
}

/* Which namespace the prefix of xsi:type stands for here. */
static void resolve_type(const struct xml_reader *reader, struct xml_tag *tag)
{
	struct str prefix = { 0 }, local;
	tag->type_uri = NULL;
	tag->type_sent = !tag->plain_values && xml_tag_type(tag, &prefix, &local);
	tag->type_bound = !prefix.p;
	for (size_t i = tag->type_sent ? reader->declared_count : 0; i-- > 0;) {
		const struct declaration *declared = &reader->declared[i];
		if (declared->prefix ? !prefix.p || !str_is(prefix, declared->prefix)
				     : prefix.p != NULL)
			continue;
		tag->type_bound = true;
		tag->type_uri = declared->uri;
		return;
	}
}

/* Whether one more element may be open here; else the reader is stopped. No name is longer than its
 * tag, whose bytes are those up to end. */
static bool is_within_limits(struct xml_reader *reader, const char *local, size_t namespace_count,
			     size_t start, size_t end)
{
	if (++reader->depth > reader->limits->max_depth)
		stop(reader, XML_LIMIT, start,
		     "elements are nested deeper than the limit (--max-depth)");
	else if (end - start > LONGEST_NAME && strlen(local) > LONGEST_NAME &&
		 !stopped_by_names(reader, true, start))
		stop(reader, XML_LIMIT, start, "a name is longer than the limit of 1000 bytes");
	else if (reader->declared_count + namespace_count > MOST_NAMESPACES)
		stop(reader, XML_LIMIT, start,
		     "more namespaces are declared here than the limit of 1000");
	return reader->outcome == XML_READ;
}

static void on_start(void *context, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri,
		     int namespace_count, const xmlChar **namespaces, int attribute_count,
		     int defaulted_count, const xmlChar **attributes)
{
	(void)defaulted_count;
	struct xml_reader *reader = context;
	if (reader->outcome != XML_READ)
		return;
	size_t end = place(reader), start = tag_start(reader, end);
	look_ahead_in_time(reader, end);
	/* libxml2 hands on what it has of a tag that is cut short, and then complains: it is not a
	 * tag.
	 */
	if (reader->bytes.p[end] != '>' && reader->bytes.p[end] != '/')
		return;
	reader->after = end + 1;
	reader->text_bytes = 0;
	if (!is_within_limits(reader, (const char *)local, (size_t)namespace_count, start, end))
		return;
	struct xml_tag *tag = &reader->tag;
	tag->local = (const char *)local;
	tag->prefix = (const char *)prefix;
	tag->uri = (const char *)uri;
	tag->offset = start;
	tag->raw = (struct str){ reader->bytes.p + start, end - start };
	tag->count = (size_t)attribute_count;
	if (!room_for_attributes(reader, tag->count) ||
	    !declare(reader, (size_t)namespace_count, namespaces)) {
		stop(reader, XML_INTERNAL, start, "out of memory");
		return;
	}
	const struct dictionary_slot *name = name_of(&reader->dictionary, local, uri);
	tag->name = name->name;
	tag->ns = name->ns;
	if (!take_attributes(reader, tag, attributes)) {
		stop(reader, XML_LIMIT, start,
		     "an attribute is longer than the limit (--max-attribute)");
		return;
	}
	if (stopped_by_names(reader, namespace_count > 0, start))
		return;
	resolve_type(reader, tag);
	reader->text_is_long = tag->name && tag->name == reader->limits->long_text;
	reader->blank.n = 0;
	reader->state = AFTER_START;
	if (reader->handler->start && reader->handler->start(reader->context, tag) != 0)
		stop(reader, XML_STOPPED, start, "");
}

static bool hand_on_text(struct xml_reader *reader, struct str text, size_t offset)
{
	reader->state = AFTER_TEXT;
	if (reader->handler->text && reader->handler->text(reader->context, text, offset) != 0) {
		stop(reader, XML_STOPPED, offset, "");
		return false;
	}
	return true;
}

/* White space that turned out to be more than indentation. */
static bool hand_on_blank(struct xml_reader *reader)
{
	struct str blank = reader->blank;
	reader->blank.n = 0;
	return !blank.n || hand_on_text(reader, blank, (size_t)(blank.p - reader->bytes.p));
}

static void on_end(void *context, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	(void)local, (void)prefix, (void)uri;
	struct xml_reader *reader = context;
	if (reader->outcome != XML_READ)
		return;
	while (reader->declared_count > 0 &&
	       reader->declared[reader->declared_count - 1].depth == reader->depth)
		reader->declared_count--;
	reader->depth--;
	reader->text_bytes = 0;
	reader->text_is_long = false;
	size_t offset = place(reader);
	reader->after = offset;
	look_ahead_in_time(reader, offset);
	if (reader->state == AFTER_START && !hand_on_blank(reader))
		return;
	reader->blank.n = 0;
	reader->state = AFTER_END;
	if (reader->handler->end && reader->handler->end(reader->context, offset) != 0)
		stop(reader, XML_STOPPED, offset, "");
}

/* Whether one of up to eight bytes is more than white space; eight bytes before their end can be
 * read. No other character of XML is below the blank: all above it have their highest bit, or get
 * it when 0x5f is added. */
static inline bool is_more_than_blank(const char *end, size_t n)
{
	const uint64_t ones = UINT64_MAX / UINT8_MAX;
	uint64_t eight;
	memcpy(&eight, end - sizeof(eight), sizeof(eight));
	size_t before = 8 * (sizeof(eight) - n);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	eight = eight >> before;
#else
	eight = eight << before;
#endif
	return ((eight + 0x5f * ones) | eight) & 0x80 * ones;
}

/* Of a text in the document. */
static inline bool is_white_space(const struct xml_reader *reader, struct str text)
{
	const char *end = text.p + text.n;
	if (!text.n || text.p < reader->bytes.p + sizeof(uint64_t))
		return str_is_blank(text);
	for (; text.n > sizeof(uint64_t); text.n -= sizeof(uint64_t), end -= sizeof(uint64_t))
		if (is_more_than_blank(end, sizeof(uint64_t)))
			return false;
	return !is_more_than_blank(end, text.n);
}

/* The bytes that a text was made of, where they end at a place: the parser makes all line ends one.
 * p is NULL where something else ends there. */
static struct str sent_before(const struct xml_reader *reader, size_t end, struct str text)
{
	const char *first = reader->bytes.p, *p = first + end;
	if (end >= text.n && memcmp(p - text.n, text.p, text.n) == 0)
		return (struct str){ p - text.n, text.n };
	for (size_t i = text.n; i-- > 0;) {
		bool line = text.p[i] == '\n';
		if (p == first || (p[-1] != text.p[i] && !(line && p[-1] == '\r')))
			return (struct str){ 0 };
		p--;
		if (line && *p == '\n' && p > first && p[-1] == '\r')
			p--;
	}
	return (struct str){ p, (size_t)(first + end - p) };
}

/* The same, where the text may be all of a CDATA section. */
static struct str sent_text(const struct xml_reader *reader, size_t end, struct str text)
{
	struct str sent = sent_before(reader, end, text), section_end = STR("]]>");
	if (!sent.p && str_ends((struct str){ reader->bytes.p, end }, section_end))
		sent = sent_before(reader, end - section_end.n, text);
	return sent;
}

/* A text that the parser copied; its place is offset, after it. */
static __attribute__((noinline)) void take_copy(struct xml_reader *reader, struct str text,
						size_t offset)
{
	struct str sent = sent_text(reader, offset, text);
	if (!sent.p && offset > 0 && reader->bytes.p[offset - 1] == ';') {
		size_t from = offset < LONGEST_REFERENCE ? 0 : offset - LONGEST_REFERENCE;
		const char *reference = memrchr(reader->bytes.p + from, '&', offset - from);
		offset = reference ? (size_t)(reference - reader->bytes.p) : offset;
	}
	if (sent.p)
		offset = (size_t)(sent.p - reader->bytes.p);
	if (!sent.p || (sent.n == text.n && memcmp(sent.p, text.p, text.n) == 0)) {
		hand_on_text(reader, sent.p ? sent : text, offset);
		return;
	}
	/* The white space before what is visible is shorter than it was sent: it goes apart. */
	struct str visible = str_trim(text);
	size_t blank = visible.n ? (size_t)(visible.p - text.p) : 0;
	if (blank && !hand_on_text(reader, (struct str){ text.p, blank }, offset))
		return;
	hand_on_text(reader, str_from(text, blank),
		     offset + (blank ? (size_t)(str_trim(sent).p - sent.p) : 0));
}

/* A text that is more than indentation; the parser's place is offset, before or after it. */
static inline void take_text(struct xml_reader *reader, struct str piece, size_t offset)
{
	if (!hand_on_blank(reader))
		return;
	if (in_document(reader, piece.p))
		hand_on_text(reader, piece, (size_t)(piece.p - reader->bytes.p));
	else
		take_copy(reader, piece, offset);
}

/* White space between tags, as most text is, in the document itself. False: it is something else,
 * and nothing was done. */
static inline bool take_indentation(struct xml_reader *reader, struct str piece)
{
	size_t at = (size_t)(piece.p - reader->bytes.p), bytes = reader->text_bytes + piece.n;
	if (at > reader->bytes.n || reader->state == AFTER_TEXT || reader->blank.n ||
	    (bytes > reader->limits->max_attribute_bytes && !reader->text_is_long) ||
	    !is_white_space(reader, piece))
		return false;
	reader->after = at + piece.n;
	reader->text_bytes = bytes;
	reader->blank = piece;
	return true;
}

static __attribute__((noinline)) void take_any_text(struct xml_reader *reader, struct str piece)
{
	size_t offset = place(reader);
	/* The parser's place may be before the text that it hands on. */
	reader->after = in_document(reader, piece.p) ? (size_t)(piece.p - reader->bytes.p) + piece.n
						     : offset;
	look_ahead_in_time(reader, offset);
	if (take_indentation(reader, piece))
		return;
	reader->text_bytes += piece.n;
	if (reader->text_bytes > reader->limits->max_attribute_bytes && !reader->text_is_long)
		stop(reader, XML_LIMIT, offset,
		     "a text is longer than the limit (--max-attribute)");
	else
		take_text(reader, piece, offset);
}

static void on_text(void *context, const xmlChar *text, int length)
{
	struct xml_reader *reader = context;
	struct str piece = { (const char *)text, (size_t)length };
	if (reader->outcome != XML_READ)
		return;
	if (place(reader) >= reader->tags_until || !take_indentation(reader, piece))
		take_any_text(reader, piece);
}

static void on_doctype(void *context, const xmlChar *name, const xmlChar *external,
		       const xmlChar *system)
{
	(void)name, (void)external, (void)system;
	struct xml_reader *reader = context;
	stop(reader, XML_DOCTYPE, tag_start(reader, here(reader)),
	     "there is a document type declaration (<!DOCTYPE)");
}

static void on_comment(void *context, const xmlChar *text)
{
	(void)text;
	struct xml_reader *reader = context;
	reader->after = here(reader);
	look_ahead_in_time(reader, reader->after);
}

/* The start of the one that the parser has just read: since the last event, there is nothing else
 * that opens like it, but for the XML declaration. */
static __attribute__((cold)) size_t instruction_start(const struct xml_reader *reader)
{
	struct str rest = reader->after ? str_from(reader->bytes, reader->after)
					: markup_after_declaration(reader->bytes);
	const char *p = rest.n ? memmem(rest.p, rest.n, "<?", 2) : NULL;
	return p ? (size_t)(p - reader->bytes.p) : here(reader);
}

static void on_instruction(void *context, const xmlChar *target, const xmlChar *data)
{
	(void)target;
	struct xml_reader *reader = context;
	if (stopped_by_names(reader, true, here(reader)))
		return;
	if (reader->instruction == SIZE_MAX)
		reader->instruction = instruction_start(reader);
	on_comment(context, data);
}

/*
 * A namespace that libxml2 has no room for comes as an error of one that is reserved or empty. It
 * is the value in quotes before the place of the error.
 */
static bool has_no_room_for_namespace(const struct xml_reader *reader, int code)
{
	size_t end = here(reader);
	if (code != XML_NS_ERR_XML_NAMESPACE || end == 0 || end > reader->bytes.n)
		return false;
	const char *close = reader->bytes.p + end - 1;
	size_t before = (size_t)(close - reader->bytes.p);
	const char *open = memrchr(reader->bytes.p, *close, before);
	if (!open || (*close != '"' && *close != '\''))
		return false;
	size_t n = (size_t)(close - open - 1);
	return n > MOST_NAME_BYTES ||
	       !xmlDictLookup(reader->dictionary.dict, (const xmlChar *)open + 1, (int)n);
}

static void on_error(void *context, xml_error error)
{
	struct xml_reader *reader = context;
	if (error->level < XML_ERR_ERROR || reader->outcome != XML_READ)
		return;
	bool refused = error->code == XML_ERR_NO_MEMORY && !xml_alloc_failed();
	if (reader->reading &&
	    (refused || names_are_full(reader) || has_no_room_for_namespace(reader, error->code))) {
		stop(reader, XML_LIMIT, here(reader), too_many_names);
		return;
	}
	struct xml_fault fault = { .offset = here(reader) };
	enum xml_outcome outcome = fault_describe(error, reader->bytes, &fault);
	stop(reader, outcome, fault.offset, fault.text);
	reader->fault->too_early = fault.too_early;
}

static const xmlSAXHandler handlers = {
	.initialized = XML_SAX2_MAGIC,
	.startElementNs = on_start,
	.endElementNs = on_end,
	.characters = on_text,
	.ignorableWhitespace = on_text,
	.internalSubset = on_doctype,
	.comment = on_comment,
	.processingInstruction = on_instruction,
	.serror = on_error,
};

static xmlParserCtxtPtr parser_for(struct xml_reader *reader)
{
	xmlParserCtxtPtr parser = xmlNewParserCtxt();
	if (!parser)
		return NULL;
	if (parser->dict)
		xmlDictFree(parser->dict);
	parser->dict = reader->dictionary.dict;
	xmlDictReference(parser->dict);
	*parser->sax = handlers;
	parser->userData = reader;
	/*
	 * NOENT: without it libxml2 hands "&amp;" of an attribute on as "&#38;". No entity can be
	 * declared where a document type is refused, and no handler here looks one up.
	 */
	xmlCtxtUseOptions(parser, XML_PARSE_NOENT | XML_PARSE_NONET | XML_PARSE_HUGE |
					  XML_PARSE_IGNORE_ENC);
	return parser;
}

/*
 * An input without a buffer: the parser walks over the bytes themselves. (Through
 * xmlParserInputBufferCreateStatic, 2.9.14 loses its place when it shrinks the buffer.) A parser
 * costs as much as a small document to make, and takes locks of the whole process, so it is kept.
 * A byte order mark is passed over here: libxml2 from 2.14 on wants a buffer for it.
 */
static int open_parser(struct xml_reader *reader)
{
	if (reader->parser)
		xmlCtxtReset(reader->parser);
	else
		reader->parser = parser_for(reader);
	xmlParserInputPtr input = reader->parser ? xmlNewInputStream(reader->parser) : NULL;
	if (!input)
		return -1;
	input->base = input->cur = (const xmlChar *)reader->bytes.p + str_mark_bytes(reader->bytes);
	input->end = (const xmlChar *)reader->bytes.p + reader->bytes.n;
	reader->input = input;
	inputPush(reader->parser, input);
	xmlDictSetLimit(reader->dictionary.dict, MOST_NAME_BYTES); /* HUGE takes it away */
	return 0;
}

/* libxml2 would pass over a second byte order mark as it does over the first: it is a character. */
static void refuse_second_mark(struct xml_reader *reader)
{
	size_t mark = str_mark_bytes(reader->bytes);
	if (mark && str_mark_bytes(str_from(reader->bytes, mark)))
		stop(reader, XML_MALFORMED, mark,
		     "there is a second byte order mark: the document must start with '<'");
}

/* The document from its first byte to its last. */
static enum xml_outcome parse(struct xml_reader *reader)
{
	xml_alloc_forget();
	reader->reading = open_parser(reader) == 0;
	if (reader->reading) {
		refuse_second_mark(reader);
		look_ahead(reader, 0);
		int status = reader->outcome == XML_READ ? xmlParseDocument(reader->parser) : -1;
		if (reader->outcome == XML_READ && names_are_full(reader))
			stop(reader, XML_LIMIT, 0, too_many_names);
		if (reader->outcome == XML_READ && (status != 0 || !reader->parser->wellFormed))
			stop(reader, XML_MALFORMED, here(reader),
			     "the document is not well-formed");
		/* The parser takes a NUL after the root for the end: what follows must not pass
		 * unseen. */
		if (reader->outcome == XML_READ && here(reader) < reader->bytes.n)
			stop(reader, XML_MALFORMED, here(reader),
			     "XML does not allow the control character U+0000");
	}
	bool failed = !reader->reading || xml_alloc_failed();
	reader->reading = false;
	/* One that was stopped midway still has what was open. */
	if (failed || reader->outcome != XML_READ)
		drop_parser(reader);
	if (!failed)
		return reader->outcome;
	snprintf(reader->fault->text, sizeof(reader->fault->text), "out of memory");
	return XML_INTERNAL;
}

enum xml_outcome xml_read(struct xml_reader *reader, struct str bytes,
			  const struct xml_limits *limits, const struct xml_handler *handler,
			  void *context, struct xml_fault *fault)
{
	*fault = (struct xml_fault){ 0 };
	reader->instruction = SIZE_MAX;
	enum xml_outcome encoding = encoding_check(bytes, fault);
	if (encoding != XML_READ)
		return encoding;
	if (xmlDictGetUsage(reader->dictionary.dict) > MOST_NAME_BYTES &&
	    renew_dictionary(reader) != 0)
		return XML_INTERNAL;
	reader->bytes = bytes;
	reader->tag = (struct xml_tag){ .document = bytes.p, .document_bytes = bytes.n };
	reader->limits = limits;
	reader->handler = handler;
	reader->context = context;
	reader->fault = fault;
	reader->outcome = XML_READ;
	reader->depth = 0;
	reader->after = 0;
	reader->declared_count = 0;
	reader->text_bytes = 0;
	reader->state = AFTER_START;
	reader->blank.n = 0;
	if (bytes.n > INT32_MAX) {
		snprintf(fault->text, sizeof(fault->text), "the document is larger than 2 GiB");
		return XML_LIMIT;
	}
	return parse(reader);
}

size_t xml_reader_instruction(const struct xml_reader *reader)
{
	return reader->instruction;
}

static void say_nothing(void *context, const char *message, ...)
{
	(void)context, (void)message;
}

/*
 * What libxml2 keeps for a thread is made when it is used first there. Where there is no memory for
 * that, 2.9.14 says so by a handler that is kept there too, and calls itself without end: so it is
 * seen first whether there is room (it takes 1 KiB).
 */
bool xml_be_quiet(void)
{
	enum { THREAD_BYTES = 4096 };
	void *room = malloc(THREAD_BYTES);
	if (!room)
		return false;
	free(room);
	xmlSetGenericErrorFunc(NULL, say_nothing);
	return true;
}

void xml_setup(void)
{
	xml_alloc_watch();
	xmlInitParser();
	xml_thread_setup();
}

bool xml_thread_setup(void)
{
	if (!xml_be_quiet())
		return false;
	xmlSetStructuredErrorFunc(NULL, NULL);
	return true;
}

void xml_cleanup(void)
{
	xmlCleanupParser();
}

struct str xml_tag_value(const struct xml_tag *tag, xml_name name)
{
	for (size_t i = 0; i < tag->count; i++)
		if (tag->attributes[i].name == name)
			return tag->attributes[i].value;
	return (struct str){ 0 };
}

bool xml_is_receiver(struct str actor)
{
	static const char *const receivers[] = {
		"",
		"http://schemas.xmlsoap.org/soap/actor/next",
		"http://www.w3.org/2003/05/soap-envelope/role/next",
		"http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver",
		"urn:oasis:names:tc:ebxml-msg:actor:nextMSH",
		"urn:oasis:names:tc:ebxml-msg:actor:toPartyMSH",
	};
	for (size_t i = 0; i < sizeof(receivers) / sizeof(receivers[0]); i++)
		if (str_is(str_trim(actor), receivers[i]))
			return true;
	return false;
}

bool xml_is_flag(struct str value, enum xml_namespace soap)
{
	struct str text = str_trim(value);
	return xml_is_flag_set(text, soap) || str_is(text, "0") ||
	       (soap == NS_SOAP12 && str_is(text, "false"));
}

bool xml_is_flag_set(struct str value, enum xml_namespace soap)
{
	struct str text = str_trim(value);
	return str_is(text, "1") || (soap == NS_SOAP12 && str_is(text, "true"));
}

size_t xml_tag_must_understand(const struct xml_tag *tag, enum xml_namespace soap)
{
	const char *actor = soap == NS_SOAP12 ? "role" : "actor";
	size_t must = tag->count;
	for (size_t i = 0; i < tag->count; i++) {
		const struct xml_attribute *attribute = &tag->attributes[i];
		if (attribute->ns != soap)
			continue;
		if (strcmp(attribute->local, actor) == 0 &&
		    !xml_is_receiver(str_trim(attribute->value)))
			return tag->count;
		if (strcmp(attribute->local, "mustUnderstand") == 0 &&
		    xml_is_flag_set(attribute->value, soap))
			must = i;
	}
	return must;
}

size_t xml_other_version(struct str document)
{
	struct str rest = str_from(document, str_mark_bytes(document));
	const char *end = str_starts(rest, STR("<?xml")) ? memmem(rest.p, rest.n, "?>", 2) : NULL;
	size_t n = end ? (size_t)(end - rest.p) : 0;
	const char *version = n ? memmem(rest.p, n, "version", 7) : NULL;
	const char *dot = version ? memchr(version, '.', (size_t)(end - version)) : NULL;
	if (!dot || (dot[-1] == '1' && dot[1] == '0' && !char_is_digit(dot[2])))
		return 0;
	return (size_t)(dot - document.p) - 1;
}
