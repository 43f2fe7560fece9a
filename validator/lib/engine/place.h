/*
 * place.h - where findings are: in the file as it was sent, and in what was decoded from it.
 *
 * While a document is judged, a finding has an offset only. A document without findings is read
 * once; one with findings is read once more here, for their paths and lines (xml/locate.h). To keep
 * a path ready for every element would slow down each document, for findings that most never have.
 */
#ifndef CPIS_ENGINE_PLACE_H
#define CPIS_ENGINE_PLACE_H

#include "diag/draft.h"
#include "xml/locate.h"

struct buf;
struct parcel;
struct xml_limits;
struct xml_reader;

/*
 * How far lines were counted in the parcels that are open: findings in one part after another must
 * not count from the start each time.
 */
enum { MOST_MARKS = 4 };

struct place_mark {
	size_t serial;			/* of the parcel; 0: none */
	struct counted counted, before; /* before: where the last count began */
};

struct place_marks {
	struct place_mark of[MOST_MARKS];
	size_t next;
};

struct placing {
	struct draft *draft;
	size_t first_message; /* the document's findings are in none before it */
	struct xml_reader *reader;
	const struct xml_limits *limits;
	bool show_values;
	struct place_marks *marks;
	bool well_formed; /* the document was read to its end */
};

/*
 * Place, path and excerpt of every finding of the draft in one document, and of extra (may be
 * NULL), a finding in it that no message has yet. parcel is the document; what is around it is
 * still open.
 */
void place_document(const struct placing *placing, const struct parcel *parcel, size_t document,
		    struct draft_finding *extra);

/* The place of a finding about a layer, at an offset in its parcel: it has no path and no excerpt.
 */
void place_in_layer(const struct placing *placing, const struct parcel *parcel,
		    struct draft_finding *finding);

/*
 * The line that an offset is in, without its end. Unless show_values, it is cut to 160 characters
 * and values that may identify a person are dots, as in excerpts: of a document that is not
 * well-formed, all but markup. In arena; NULL when out of memory.
 */
const char *place_line(struct arena *arena, struct str document, size_t offset, bool well_formed,
		       bool show_values);

/*
 * Add a whole text, with its lines: values that may identify a person are dots, as in excerpts. Of
 * what is not a well-formed document, all but markup is masked.
 */
void place_mask(struct buf *out, struct str text, bool well_formed);

/* Where a well-formed document may be cut, at an offset or before it, so that the rest is read like
 * a document: not inside a tag or a comment. */
size_t place_boundary(struct str document, size_t offset);

/* Where the line after that of an offset starts; the end where there is none. */
size_t place_next_line(struct str document, size_t offset);

#endif
