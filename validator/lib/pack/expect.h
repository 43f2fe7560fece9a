/*
 * expect.h - what a case expects against what was found: exact sets of findings, the verdict,
 * assertions and records.
 */
#ifndef CPIS_PACK_EXPECT_H
#define CPIS_PACK_EXPECT_H

#include "pack/case.h"

/*
 * Compare what was found in one source with what the case expects of it. Whatever is left over on
 * either side, another verdict, and anything that could not be judged, is a fault of the case.
 * Waivers of the pack and the baseline take out findings that they name before the verdict is
 * compared.
 */
void expect_compare(struct case_run *run, const struct judged *judged);

/* After all its sources: waivers of the case that have expired or were not needed are faults. */
void expect_close(struct case_run *run);

/* The expectation in words, with its literals masked: "fail: DAT-003 at //record[2]//value". */
void expect_describe(struct pack_session *session, const struct pack_case *test, struct buf *out);

#endif
