/*
 * binding.h - from XML events to typed parts, by tables.
 *
 * A table describes one part: which element or attribute, by its path below the part's own element,
 * fills which member of the part's struct. Tables nest: a row may open a part with a table of its
 * own. The build compiles all paths into one tree (message/binding_tree.h), which is walked element
 * by element; names are compared by number.
 */
#ifndef CPIS_MESSAGE_BINDING_H
#define CPIS_MESSAGE_BINDING_H

#include "base/arena.h"
#include "message/parts.h"
#include "xml/reader.h"

enum bind_kind {
	BIND_VALUE, /* an attribute ("a/b/@c") or the text of an element ("a/b/text()") */
	BIND_NAME,  /* the local name of the element at the path; "*" is any child */
	BIND_COUNT, /* how many elements are at the path: a size_t */
	BIND_FLAG,  /* a bool: there is an element at the path */
	BIND_PART   /* the element opens a part */
};

struct binding_table;

/*
 * Steps without prefix are in urn:hl7-org:v3; the prefixes npfitlc, itk, soap, soap12, wsa4, wsa5,
 * wsse, wsu, nasp, rim and none are known. Attributes without prefix have no namespace.
 */
struct binding {
	const char *path;
	const struct binding_table *table; /* BIND_PART only */
	uint32_t most;			   /* entries of a list that are kept; 0: MOST_KEPT */
	uint16_t field;
	uint16_t count_field; /* a size_t beside the member: how many there were */
	uint8_t kind;	      /* enum bind_kind */
	uint8_t into; /* enum part_kind: member of the nearest part of this kind around; PART_NONE:
			 of the table's own part */
	uint8_t role;
	bool list;   /* the member points to an array that grows; else it is the first, and more
			are judged and not kept */
	bool stream; /* one slot, used again for each: what a bulk message has many of */
	bool keeps;  /* of a stream: what it holds is read when the part around it closes */
};

struct binding_table {
	enum part_kind part;
	size_t bytes; /* of the part's struct */
	const struct binding *rows;
	size_t count;
};

struct binding_numbers;

/*
 * Number all tables as the build did, by the function given, and learn the names of their paths;
 * once, after the schemas and before readers run. -1: they are not those of the build, or out of
 * room.
 */
int binding_setup(int (*number_tables)(struct binding_numbers *numbers));

/* Called when a part's end tag has come: the part is complete, and is gone when the call returns.
 */
typedef void (*part_closed)(void *context, const struct part *part);

struct binder;

/* Belongs to one thread; used for many documents. arena holds what cannot be a slice of the input.
 */
struct binder *binder_new(part_closed closed, void *context);
void binder_free(struct binder *binder);
/* Forget everything open: before each document. */
void binder_reset(struct binder *binder, const char *document, size_t document_bytes);

/*
 * A start tag. table NULL: by the tables already open; else the element opens a part by this table,
 * inside whatever is open. 0, or -1 when out of memory.
 */
int binder_start(struct binder *binder, const struct xml_tag *tag,
		 const struct binding_table *table, unsigned role);
int binder_text(struct binder *binder, struct str text, size_t offset);
void binder_end(struct binder *binder);

/* The innermost open part holds a structure finding of this rule: rules on it are blocked. */
void binder_mark_broken(struct binder *binder, const struct rule *rule);

/* The innermost open part; NULL: none. */
const struct part *binder_innermost(const struct binder *binder);

/*
 * Texts that outlive their events: slices of the document, or copies in an arena. The text of an
 * element comes in pieces, as many as it has character references and children.
 *
 * Where texts live; borrowed.
 */
struct text_home {
	struct arena *arena;
	struct str document;
};

/* The slice itself where it is of the document, else a copy. */
struct str text_keep(const struct text_home *home, struct str text);

/*
 * Add a piece to a value. divided: there is a child between this piece and the one before; white
 * space on either side of it is layout, not part of the text. The value's offset is that of its
 * first piece.
 */
void text_add(const struct text_home *home, struct value *value, struct str text, size_t offset,
	      bool divided);

#endif
