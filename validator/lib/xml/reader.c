#include "xml/reader.h"

#include "xml/dictionary.h"
#include "xml/fault.h"
#include "xml/memory.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <stdio.h>
#include <stdlib.h>

enum {
	DICT_LIMIT = 30000,
	FIRST_ATTRIBUTES = 32,
	MOST_ATTRIBUTES = 1000 /* of one tag: what looks an attribute up walks over them */
};

struct xml_reader {
	struct dictionary dictionary;
	struct xml_attribute *attributes;
	size_t attribute_room;

	/* Kept from one document to the next, unless one was not read to its end. */
	xmlParserCtxtPtr parser;

	/* of the document that is being read */
	bool reading;
	struct str bytes;
	const struct xml_handler *handler;
	void *context;
	const struct xml_limits *limits;
	struct xml_fault *fault;
	enum xml_outcome outcome;
	size_t depth;
	bool text_is_long; /* what is open may be of any length */
	size_t text_bytes; /* of the text that is open, however many pieces it comes in */
	enum { AFTER_START, AFTER_END, AFTER_TEXT } state; /* what the handler heard last */
	struct str blank; /* white space that it has not heard yet; n 0: none */
	size_t blank_offset;
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
	drop_parser(reader);
	xmlDictFree(reader->dictionary.dict);
	free(reader);
}

static size_t here(const struct xml_reader *reader)
{
	if (!reader->reading) /* the parser is still being made, and says that it cannot be */
		return 0;
	const char *cur = (const char *)reader->parser->input->cur;
	return cur >= reader->bytes.p && cur <= reader->bytes.p + reader->bytes.n
		       ? (size_t)(cur - reader->bytes.p)
		       : 0;
}

static void stop(struct xml_reader *reader, enum xml_outcome outcome, size_t offset,
		 const char *text)
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

/* The nearest '<' before the parser's place: the start of the tag that it has just read. */
static size_t tag_start(const struct xml_reader *reader, size_t end)
{
	/* By steps: a sanitizer looks at all the bytes that memrchr might look at. */
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

static bool in_document(const struct xml_reader *reader, const char *p)
{
	return p >= reader->bytes.p && p <= reader->bytes.p + reader->bytes.n;
}

/* libxml2 gives five pointers an attribute: local name, prefix, URI, value, end of value. */
static bool take_attributes(struct xml_reader *reader, size_t count, const xmlChar **five)
{
	for (size_t i = 0; i < count; i++, five += 5) {
		size_t length = (size_t)(five[4] - five[3]);
		if (length > reader->limits->max_attribute_bytes)
			return false;
		if (!in_document(reader, (const char *)five[3]))
			length = decode_ampersands((char *)(uintptr_t)five[3], length);
		uint16_t ns = namespace_of(&reader->dictionary, five[2]);
		reader->attributes[i] = (struct xml_attribute){
			.name = name_of(&reader->dictionary, five[0], ns),
			.ns = ns,
			.local = (const char *)five[0],
			.prefix = (const char *)five[1],
			.uri = (const char *)five[2],
			.value = { (const char *)five[3], length },
		};
	}
	return true;
}

static void on_start(void *context, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri,
		     int namespace_count, const xmlChar **namespaces, int attribute_count,
		     int defaulted_count, const xmlChar **attributes)
{
	(void)namespace_count, (void)namespaces, (void)defaulted_count;
	struct xml_reader *reader = context;
	if (reader->outcome != XML_READ)
		return;
	size_t end = here(reader), start = tag_start(reader, end), count = (size_t)attribute_count;
	/* libxml2 hands on what it has of a tag that breaks off, and then complains: it is no tag.
	 */
	if (reader->bytes.p[end] != '>' && reader->bytes.p[end] != '/')
		return;
	reader->text_bytes = 0;
	if (++reader->depth > reader->limits->max_depth) {
		stop(reader, XML_LIMIT, start, "elements are nested deeper than the limit");
		return;
	}
	if (count > MOST_ATTRIBUTES) {
		stop(reader, XML_LIMIT, start, "a tag has more attributes than the limit of 1000");
		return;
	}
	if (!room_for_attributes(reader, count)) {
		stop(reader, XML_INTERNAL, start, "memory is out");
		return;
	}
	uint16_t ns = namespace_of(&reader->dictionary, uri);
	if (!take_attributes(reader, count, attributes)) {
		stop(reader, XML_LIMIT, start, "an attribute is longer than the limit");
		return;
	}
	struct xml_tag tag = {
		.name = name_of(&reader->dictionary, local, ns),
		.ns = ns,
		.local = (const char *)local,
		.prefix = (const char *)prefix,
		.uri = (const char *)uri,
		.offset = start,
		.raw = { reader->bytes.p + start, end - start },
		.count = count,
		.attributes = reader->attributes,
		.document = reader->bytes.p,
		.document_bytes = reader->bytes.n,
	};
	reader->text_is_long = tag.name && tag.name == reader->limits->long_text;
	reader->blank.n = 0;
	reader->state = AFTER_START;
	if (reader->handler->start && reader->handler->start(reader->context, &tag) != 0)
		stop(reader, XML_STOPPED, start, "");
}

static bool tell_text(struct xml_reader *reader, struct str text, size_t offset)
{
	reader->state = AFTER_TEXT;
	if (reader->handler->text && reader->handler->text(reader->context, text, offset) != 0) {
		stop(reader, XML_STOPPED, offset, "");
		return false;
	}
	return true;
}

/* White space that turned out to be more than indentation. */
static bool tell_blank(struct xml_reader *reader)
{
	struct str blank = reader->blank;
	reader->blank.n = 0;
	return !blank.n || tell_text(reader, blank, reader->blank_offset);
}

static void on_end(void *context, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	(void)local, (void)prefix, (void)uri;
	struct xml_reader *reader = context;
	if (reader->outcome != XML_READ)
		return;
	reader->depth--;
	reader->text_bytes = 0;
	reader->text_is_long = false;
	size_t offset = here(reader);
	if (reader->state == AFTER_START && !tell_blank(reader))
		return;
	reader->blank.n = 0;
	reader->state = AFTER_END;
	if (reader->handler->end && reader->handler->end(reader->context, offset) != 0)
		stop(reader, XML_STOPPED, offset, "");
}

/* White space between tags, in the midst of the document as it stands. */
static bool is_indentation(const struct xml_reader *reader, struct str piece)
{
	if (reader->state == AFTER_TEXT || reader->blank.n || !in_document(reader, piece.p))
		return false;
	/* No other character of XML is below the blank. */
	for (size_t i = 0; i < piece.n; i++)
		if ((unsigned char)piece.p[i] > ' ')
			return false;
	return true;
}

static void on_text(void *context, const xmlChar *text, int length)
{
	struct xml_reader *reader = context;
	if (reader->outcome != XML_READ)
		return;
	struct str piece = { (const char *)text, (size_t)length };
	size_t offset = here(reader);
	reader->text_bytes += piece.n;
	if (reader->text_bytes > reader->limits->max_attribute_bytes && !reader->text_is_long) {
		stop(reader, XML_LIMIT, offset, "a text is longer than the limit");
		return;
	}
	if (is_indentation(reader, piece)) {
		reader->blank = piece;
		reader->blank_offset = (size_t)(piece.p - reader->bytes.p);
		return;
	}
	if (!tell_blank(reader))
		return;
	if (in_document(reader, piece.p)) {
		offset = (size_t)(piece.p - reader->bytes.p);
	} else if (offset >= piece.n &&
		   memcmp(reader->bytes.p + offset - piece.n, piece.p, piece.n) == 0) {
		/* The parser's copy of what stands in the input as it is. */
		offset -= piece.n;
		piece.p = reader->bytes.p + offset;
	} else if (offset > 0 && reader->bytes.p[offset - 1] == ';') {
		const char *reference = memrchr(reader->bytes.p, '&', offset);
		offset = reference ? (size_t)(reference - reader->bytes.p) : offset;
	}
	tell_text(reader, piece, offset);
}

static void on_doctype(void *context, const xmlChar *name, const xmlChar *external,
		       const xmlChar *system)
{
	(void)name, (void)external, (void)system;
	struct xml_reader *reader = context;
	stop(reader, XML_DOCTYPE, tag_start(reader, here(reader)),
	     "a document type declaration (<!DOCTYPE) stands here");
}

static void on_error(void *context, xmlErrorPtr error)
{
	struct xml_reader *reader = context;
	if (error->level < XML_ERR_ERROR || reader->outcome != XML_READ)
		return;
	struct xml_fault fault = { .offset = here(reader) };
	enum xml_outcome outcome = xml_fault_describe(error, reader->bytes, &fault);
	stop(reader, outcome, fault.offset, fault.text);
}

static const xmlSAXHandler handlers = {
	.initialized = XML_SAX2_MAGIC,
	.startElementNs = on_start,
	.endElementNs = on_end,
	.characters = on_text,
	.ignorableWhitespace = on_text,
	.internalSubset = on_doctype,
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
 * An input without a buffer behind it: the parser walks over the bytes themselves. (Through
 * xmlParserInputBufferCreateStatic, 2.9.14 loses its place when it shrinks the buffer.) A parser
 * costs as much as a small document to make, and takes locks of the whole process, so it is kept.
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
	input->base = input->cur = (const xmlChar *)reader->bytes.p;
	input->end = input->base + reader->bytes.n;
	input->length = (int)reader->bytes.n;
	inputPush(reader->parser, input);
	return 0;
}

/* libxml2 tells some failures of its own to a stream: a library does not print. */
static void say_nothing(void *context, const char *message, ...)
{
	(void)context, (void)message;
}

/* The document from its first byte to its last. */
static enum xml_outcome parse(struct xml_reader *reader)
{
	xml_memory_forget();
	reader->reading = open_parser(reader) == 0;
	if (reader->reading) {
		int status = xmlParseDocument(reader->parser);
		if (reader->outcome == XML_READ && (status != 0 || !reader->parser->wellFormed))
			stop(reader, XML_MALFORMED, here(reader),
			     "the document is not well-formed");
		/* The parser takes a NUL behind the root for the end: what follows must not pass
		 * unseen. */
		if (reader->outcome == XML_READ && here(reader) < reader->bytes.n)
			stop(reader, XML_MALFORMED, here(reader),
			     "the control character U+0000 stands here: XML does not allow it");
	}
	bool failed = !reader->reading || xml_memory_failed();
	reader->reading = false;
	/* One that was stopped midway still has the namespaces that were open. */
	if (failed || reader->outcome != XML_READ || reader->parser->nsNr)
		drop_parser(reader);
	if (!failed)
		return reader->outcome;
	snprintf(reader->fault->text, sizeof(reader->fault->text), "memory is out");
	return XML_INTERNAL;
}

enum xml_outcome xml_read(struct xml_reader *reader, struct str bytes,
			  const struct xml_limits *limits, const struct xml_handler *handler,
			  void *context, struct xml_fault *fault)
{
	*fault = (struct xml_fault){ 0 };
	enum xml_outcome encoding = xml_encoding_check(bytes, fault);
	if (encoding != XML_READ)
		return encoding;
	if (xmlDictSize(reader->dictionary.dict) > DICT_LIMIT && renew_dictionary(reader) != 0)
		return XML_INTERNAL;
	reader->bytes = bytes;
	reader->limits = limits;
	reader->handler = handler;
	reader->context = context;
	reader->fault = fault;
	reader->outcome = XML_READ;
	reader->depth = 0;
	reader->text_bytes = 0;
	reader->state = AFTER_START;
	reader->blank.n = 0;
	if (bytes.n > INT32_MAX) {
		snprintf(fault->text, sizeof(fault->text), "a document of more than 2 GiB");
		return XML_LIMIT;
	}
	xmlGenericErrorFunc told = xmlGenericError;
	void *told_context = xmlGenericErrorContext;
	xmlSetGenericErrorFunc(NULL, say_nothing);
	enum xml_outcome outcome = parse(reader);
	xmlSetGenericErrorFunc(told_context, told);
	return outcome;
}

void xml_setup(void)
{
	xml_memory_watch();
	xmlInitParser();
}

void xml_cleanup(void)
{
	xmlCleanupParser();
}
