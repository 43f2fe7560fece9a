/*
 * reader.h - XML bytes in, events out, in one pass, each with its byte offset.
 *
 * The parser is libxml2's SAX2, over bytes that have one address range as a whole (see
 * engine/source.h): values come as slices of the input where they need no decoding. Line, column
 * and path are not computed here: xml/locate.h derives them from an offset, and only for findings.
 *
 * Refused outright, before anything is expanded: a document type declaration. Nothing is ever
 * loaded from a file or the network.
 *
 * A reader belongs to one thread and reads many documents, one after another.
 */
#ifndef CPIS_XML_READER_H
#define CPIS_XML_READER_H

#include "base/arena.h"
#include "base/str.h"
#include "xml/fault.h"
#include "xml/names.h"

struct xml_attribute {
	xml_name name; /* 0: unknown */
	uint16_t ns;   /* enum xml_namespace */
	const char *local, *prefix,
		*uri; /* prefix and uri NULL where there is none; alive as long as the reader */
	struct str
		value; /* decoded; in the input where possible, else alive until the event ends */
};

/* A start tag. Borrowed by the handler for the call. Namespace declarations are not attributes. */
struct xml_tag {
	xml_name name;
	uint16_t ns; /* enum xml_namespace */
	const char *local, *prefix, *uri;
	size_t offset;	/* of '<' in the document */
	struct str raw; /* the tag as it was sent, from '<', at least to the end of the last
			   attribute */
	size_t count;
	const struct xml_attribute *attributes;
	bool plain_values; /* every attribute has a known name and no namespace, and a value that
			      lies in the document and begins with something visible */
	/* of xsi:type, which is a name: its prefix is declared, and for what; NULL: no namespace */
	bool type_sent, type_bound;
	const char *type_uri;
	const char *document; /* first byte of the document, for the offsets */
	size_t document_bytes;
};

/* The parts of the name that xsi:type holds; false: it is not sent. Without a prefix, prefix.p is
 * NULL. */
static inline bool xml_tag_type(const struct xml_tag *tag, struct str *prefix, struct str *local)
{
	for (size_t i = 0; i < tag->count; i++) {
		const struct xml_attribute *attribute = &tag->attributes[i];
		if (attribute->ns != NS_XSI || strcmp(attribute->local, "type") != 0)
			continue;
		struct str value = str_trim(attribute->value);
		const char *colon = memchr(value.p, ':', value.n);
		size_t n = colon ? (size_t)(colon - value.p) : 0;
		*prefix = colon ? (struct str){ value.p, n } : (struct str){ 0 };
		*local = colon ? str_from(value, n + 1) : value;
		return true;
	}
	return false;
}

/* A value of an attribute by name, absent when it is not there. */
struct str xml_tag_value(const struct xml_tag *tag, xml_name name);

/* Whether an actor of SOAP, or role, is played by who receives the message. */
bool xml_is_receiver(struct str actor);

/* Whether a value of mustUnderstand is one that the edition of SOAP knows: SOAP 1.1 has 0 and 1,
 * and SOAP 1.2 an xs:boolean. */
bool xml_is_flag(struct str value, enum xml_namespace soap);

/* Whether it is one, and set. */
bool xml_is_flag_set(struct str value, enum xml_namespace soap);

/* Of an element of a SOAP header: the index of the attribute that makes the receiver of the message
 * understand it; tag->count: none does, or the element is for another. soap: the edition. */
size_t xml_tag_must_understand(const struct xml_tag *tag, enum xml_namespace soap);

/* Every handler returns 0 to go on and -1 to stop; a stop is not a fault of the document. */
struct xml_handler {
	int (*start)(void *context, const struct xml_tag *tag);
	int (*end)(void *context, size_t offset);		    /* of the byte after the tag */
	int (*text)(void *context, struct str text, size_t offset); /* may come in pieces */
	/* White space alone, before the next start tag or after an end tag, is indentation, and is
	 * not handed on. */
};

struct xml_limits {
	size_t max_depth, max_attribute_bytes;
	xml_name long_text; /* the element whose text may be of any length; 0: none */
};

struct xml_reader;

struct xml_reader *xml_reader_new(void);
void xml_reader_free(struct xml_reader *reader);

/*
 * Read one document. bytes.p[bytes.n] must be readable and NUL. bytes must stay until the call
 * returns. fault is filled for every outcome but XML_READ and XML_STOPPED.
 */
enum xml_outcome xml_read(struct xml_reader *reader, struct str bytes,
			  const struct xml_limits *limits, const struct xml_handler *handler,
			  void *context, struct xml_fault *fault);

/* Where the first processing instruction of the document that was read last starts; SIZE_MAX: it
 * has none. The XML declaration is not one. */
size_t xml_reader_instruction(const struct xml_reader *reader);

/* Once at start of the program, before threads; and once at its end. */
void xml_setup(void);
/* At the start of each thread of our own: libxml2 keeps handlers of errors for each thread. False:
 * there is no memory for them, and libxml2 must not be used on this thread. */
bool xml_thread_setup(void);
/* libxml2 prints some failures of its own to standard error: not on this thread, from here on.
 * False: as above. */
bool xml_be_quiet(void);
void xml_cleanup(void);

/*
 * Reading a large document ahead, on a thread of its own, while its events are judged.
 *
 * The contract is that of xml_read; only the time it takes differs. Parser and judge each take
 * about half of the time of a verdict, so two processors give it in little more than the time of
 * the parse.
 */

/* Below this, a thread costs more than it saves. */
enum { RELAY_WORTH_WHILE_BYTES = 2 * 1024 * 1024 };

/*
 * As xml_read. The handler is called on the calling thread; the reader is used by the other until
 * the call returns. Falls back to xml_read where no thread can be started.
 */
enum xml_outcome xml_read_ahead(struct xml_reader *reader, struct str bytes,
				const struct xml_limits *limits, const struct xml_handler *handler,
				void *context, struct xml_fault *fault);

/* Where the XML declaration names a version other than 1.0; 0: it does not. */
size_t xml_other_version(struct str document);

#endif
