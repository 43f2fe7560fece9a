/*
 * seal.h - a draft becomes part of the results: values masked, order settled, verdicts given.
 */
#ifndef CPIS_DIAG_SEAL_H
#define CPIS_DIAG_SEAL_H

#include "diag/draft.h"
#include "diag/results.h"

/* Append a draft's messages to results, in order of input, and add its tallies unless it shares
 * them. The draft may be released afterwards. -1: memory. */
int seal_draft(struct results *results, const struct draft *draft);

/* Add what drafts counted together, once. */
void seal_tallies(struct results *results, const struct draft_tally *tallies, size_t rule_count);

/*
 * The findings and the tally of one rule in a draft go to a message that is sealed already, by its
 * place in the results. -1: memory.
 */
int seal_late(struct results *results, size_t message, const struct draft *draft,
	      const struct rule *rule, size_t tally);

#endif
