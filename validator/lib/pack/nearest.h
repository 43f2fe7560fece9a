/*
 * nearest.h - the valid name that somebody probably meant.
 *
 * Names are offered one by one; the nearest is the one with the fewest letters added, left out,
 * exchanged or swapped, if that is few enough for its length.
 */
#ifndef CPIS_PACK_NEAREST_H
#define CPIS_PACK_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *word;
	const char *name; /* the nearest so far, or NULL; borrowed from the offer */
	size_t distance;
};

void nearest_init(struct nearest *nearest, const char *word);
void nearest_offer(struct nearest *nearest, const char *name);

/* ": did you mean 'x'?", or "" when nothing is near. buffer is the caller's. */
const char *nearest_hint(const struct nearest *nearest, char *buffer, size_t bytes);

#endif
