/*
 * near.h - which known word did somebody mean?
 */
#ifndef CPIS_BASE_NEAR_H
#define CPIS_BASE_NEAR_H

#include "base/str.h"

/*
 * The number of letters to change, add, drop or swap with a neighbour to get from a to b, case
 * counting half; SIZE_MAX / 2 for words of more than 128 bytes.
 */
size_t near_distance(struct str a, struct str b);

/* Keeps the nearest of many: start from zero, offer each, and ask. */
struct near {
	struct str word;
	const char *best;
	size_t distance;
	bool tied; /* another is as near: nobody can tell which was meant */
};

struct near near_start(struct str word);
void near_offer(struct near *near, const char *candidate);
/*
 * NULL when nothing is near enough to be worth saying: more than a third of the letters differ, or
 * two candidates are equally near. One that differs in case alone always is.
 */
const char *near_best(const struct near *near);

#endif
