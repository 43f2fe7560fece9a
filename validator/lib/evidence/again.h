/*
 * again.h - the run of a bundle once more, from nothing but what the bundle holds.
 */
#ifndef CPIS_EVIDENCE_AGAIN_H
#define CPIS_EVIDENCE_AGAIN_H

#include "base/buf.h"

struct cpis_failure;
struct tarball;

enum again {
	AGAIN_SAME,	 /* the same bytes, results and report */
	AGAIN_DIFFERENT, /* *words says how */
	AGAIN_NOT_RUN	 /* *words says why not: messages that only their digests are kept of */
};

/*
 * Run it, with files from the bundle alone, or, where it has digests only, from the folder of
 * evidence (NULL: there is none). -1 with the reason in *failure where the run could not be made.
 */
int again_run(const struct tarball *tarball, const char *evidence, enum again *outcome,
	      struct buf *words, struct cpis_failure *failure);

#endif
