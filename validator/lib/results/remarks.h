/*
 * remarks.h - what every report with room for it says of a run as a whole, beside its verdict: what
 * was skipped, and what the profile changed, each with its reason.
 */
#ifndef CPIS_RESULTS_REMARKS_H
#define CPIS_RESULTS_REMARKS_H

#include <stddef.h>

struct results;

enum remark_kind {
	REMARK_SKIPPED = 1, /* "Skipped: a.txt, because it is a report of cpis." */
	REMARK_PROFILE = 2, /* "Profile pilot: DAT-011 is an error: we know the whole date." */
	REMARK_ANY = 3
};

/*
 * A line for each remark of these kinds, up to most of a kind, and one that counts the rest. A line
 * is borrowed for the call, and not escaped. -1 when out of memory.
 */
int remarks_each(const struct results *results, enum remark_kind kinds, size_t most,
		 void (*each)(void *context, const char *line), void *context);

#endif
