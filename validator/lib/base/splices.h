/*
 * splices.h - replacements of ranges of bytes: collected in any order, and made in one go.
 */
#ifndef CPIS_BASE_SPLICES_H
#define CPIS_BASE_SPLICES_H

#include "base/buf.h"

struct splice {
	size_t start, end; /* what is taken out; start == end: nothing */
	struct str text;   /* what is put in; borrowed, may be a slice of the bytes themselves */
};

/* Zeroed is empty. */
struct splices {
	struct splice *items;
	size_t count, room;
	bool failed; /* out of memory: sticks */
};

void splices_add(struct splices *splices, size_t start, size_t end, struct str text);

/* By start; at the same start, what only adds comes before what replaces. */
void splices_sort(struct splices *splices);

/* Make them. One inside a range that another replaces is left out. -1 when out of memory, or the
 * result is larger than bytes may be. */
int splices_apply(struct splices *splices, struct buf *bytes);

void splices_release(struct splices *splices);

#endif
