/*
 * sample_results.h - made-up runs that every sink is shown: one of messages, one of packs, one
 * clean.
 */
#ifndef CPIS_TESTS_SAMPLE_RESULTS_H
#define CPIS_TESTS_SAMPLE_RESULTS_H

#include "diag/results.h"

enum sample {
	SAMPLE_VALIDATE, /* messages of every verdict, hostile values among them */
	SAMPLE_RUN,	 /* the same messages judged by the cases of two packs, every outcome */
	SAMPLE_CLEAN	 /* nothing found */
};

/* Fills *results, which the caller releases with sample_release. */
void sample_fill(struct results *results, enum sample sample);
void sample_release(struct results *results);

#endif
