/*
 * near.h - which known word a misspelt one may mean: "did you mean".
 */
#ifndef CPIS_BASE_NEAR_H
#define CPIS_BASE_NEAR_H

#include "base/str.h"

/*
 * The number of letters to change, add, drop or swap with a neighbour to get from a to b, case
 * counting half; SIZE_MAX / 2 for words of more than 128 bytes.
 */
size_t near_distance(struct str a, struct str b);

/* Keeps the nearest of many: start, offer each, and ask. */
struct near {
	struct str word;
	const char *best; /* borrowed from the offer */
	size_t distance;
	bool tied; /* another is as near: it is not clear which was meant */
};

struct near near_start(struct str word);
void near_offer(struct near *near, const char *candidate);
/*
 * NULL when nothing is near enough to be of use: more than a third of the letters differ, or
 * two candidates are equally near. One that differs in case alone always is.
 */
const char *near_best(const struct near *near);

#endif
