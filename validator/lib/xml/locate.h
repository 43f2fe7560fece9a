/*
 * locate.h - from byte offsets to line, column and path.
 *
 * A judged document keeps offsets only. When something was found in it, one more walk over its
 * bytes names the places: the cost falls on documents with findings alone, and a path can say
 * whether a sibling follows that nobody had seen when the finding was made.
 */
#ifndef CPIS_XML_LOCATE_H
#define CPIS_XML_LOCATE_H

#include "base/arena.h"
#include "base/str.h"

struct xml_reader;
struct xml_limits;

struct location {
	size_t offset;	  /* in: of the culprit in the document */
	void *owner;	  /* in: whatever the caller wants to know it by */
	size_t line;	  /* out: from 1; a line ends at LF */
	size_t column;	  /* out: from 1, in characters (code points); a tab is one */
	const char *path; /* out: "/File/record[2]/id/@extension": local names, a predicate only
			     where siblings repeat; "" before the root */
};

/*
 * Fill line, column and path of every location; they are sorted by offset in place. Paths are in
 * arena. A document that breaks off is located as far as it goes. -1 when out of memory.
 */
int xml_locate(struct xml_reader *reader, struct str bytes, const struct xml_limits *limits,
	       struct location *locations, size_t count, struct arena *arena);

/* Line and column alone, of offsets in ascending order. */
void xml_count_places(struct str bytes, struct location *locations, size_t count);

/* How far the lines of some bytes were counted. Zeroed: not at all. */
struct counted {
	size_t offset, line, column;
};

/* The same, on from where counting ended the last time, unless a place lies before that. */
void xml_count_on(struct str bytes, struct counted *counted, struct location *locations,
		  size_t count);

#endif
