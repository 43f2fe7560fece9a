/*
 * waiver.h - findings that somebody has accepted, by name, for a reason, and for a time.
 */
#ifndef CPIS_PACK_WAIVER_H
#define CPIS_PACK_WAIVER_H

#include "pack/case.h"

/*
 * If a waiver of the pack covers an unexpected finding of this case, and is in force, write its
 * reason into the finding and return true. An expired one is not applied, but counts as used.
 */
bool waiver_accepts(struct case_run *run, const struct judged *judged, struct finding *finding);

/* Waivers of this case that have expired or were not needed are faults of it. */
void waivers_close(struct case_run *run);

#endif
