/*
 * locate.h - from byte offsets to line, column and path; and from attributes to byte offsets.
 *
 * A judged document keeps offsets only. When something was found in it, one more walk over its
 * bytes names the places: only documents with findings cost more, and a path can have the predicate
 * of a sibling that came after the finding was made.
 */
#ifndef CPIS_XML_LOCATE_H
#define CPIS_XML_LOCATE_H

#include "base/arena.h"
#include "base/str.h"

struct xml_reader;
struct xml_limits;
struct xml_tag;

struct location {
	size_t offset;	  /* in: of the fault in the document */
	void *owner;	  /* in: for the caller */
	bool is_other;	  /* in: for the caller */
	size_t line;	  /* out: from 1; a line ends at LF, CR LF or CR */
	size_t column;	  /* out: from 1, in characters (code points); a tab is one */
	const char *path; /* out: "/File/record[2]/id/@extension": local names, a predicate only
			     where siblings repeat; "" before the root */
	size_t opened; /* out: where an element starts that is open at the offset, and WELL_BEFORE
			  bytes before it or more; 0: in none */
};

enum { WELL_BEFORE = 256 };

/*
 * Fill line, column and path of every location; they are sorted by offset in place. Paths are in
 * arena. *well_formed: whether the document was read to its end before, by a reader with these
 * limits: then its tags are found without a parser, in a fraction of the time, and what follows the
 * last place is read only as far as a path can still change. A document that is
 * cut short is located as far as it goes, and *well_formed becomes false. Without locations nothing
 * is done. -1 when out of memory.
 */
int xml_locate(struct xml_reader *reader, struct str bytes, const struct xml_limits *limits,
	       struct location *locations, size_t count, struct arena *arena, bool *well_formed);

/* Line and column alone, of offsets in ascending order. */
void xml_count_places(struct str bytes, struct location *locations, size_t count);

/* How far the lines of some bytes were counted. Zeroed: not at all. */
struct counted {
	size_t offset, line, column;
};

/* The same, on from where counting ended the last time, unless a place lies before that. */
void xml_count_on(struct str bytes, struct counted *counted, struct location *locations,
		  size_t count);

/* Where the name and value of attribute i start in the document; exact for decoded values too. */
size_t xml_tag_attribute_offset(const struct xml_tag *tag, size_t i);
size_t xml_tag_value_offset(const struct xml_tag *tag, size_t i);

/* The local name of the attribute whose name or value an offset lies in; absent when it is in none.
 */
struct str xml_tag_attribute_at(const struct xml_tag *tag, size_t offset);

#endif
