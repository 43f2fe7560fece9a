/*
 * place.h - where findings stand: in the file as it was sent, and in what was decoded from it.
 */
#ifndef CPIS_ENGINE_PLACE_H
#define CPIS_ENGINE_PLACE_H

#include "diag/draft.h"

struct parcel;
struct xml_limits;
struct xml_reader;

struct placing {
	struct draft *draft;
	struct xml_reader *reader;
	const struct xml_limits *limits;
	bool show_values;
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

#endif
