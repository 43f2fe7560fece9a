/*
 * mutant.h - good messages, each with one thing wrong.
 *
 * What can go wrong is read from the message itself: each element and each attribute is dropped,
 * duplicated, swapped, blanked, and given the wrong values that people write: a check digit, a
 * date, a count, a code, an id.
 */
#ifndef CPIS_PACK_MUTANT_H
#define CPIS_PACK_MUTANT_H

#include "base/buf.h"
#include "xml/tree.h"

struct mutant {
	const char *change; /* "drop", "wrong check digit" */
	const char *path;
	size_t line;
	struct str bytes; /* the whole document; gone when each returns */
};

/* Call each with every mutant of a message, in order of the message. -1 when each returns -1, or
 * when out of memory. */
int mutants_of(const struct xml_tree *tree, struct str bytes,
	       int (*each)(void *context, const struct mutant *mutant), void *context);

#endif
