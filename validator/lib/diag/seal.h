/*
 * seal.h - a draft becomes part of the results: values masked, order settled, verdicts given.
 */
#ifndef CPIS_DIAG_SEAL_H
#define CPIS_DIAG_SEAL_H

#include "diag/draft.h"
#include "diag/results.h"

/* Append a draft's messages to results, in order of input. The draft may be released afterwards. -1: memory. */
int seal_draft(struct results *results, const struct draft *draft);

#endif
