/*
 * rule_index.h - from a finding's rule to its place in the catalogue, without walking the
 * catalogue.
 */
#ifndef CPIS_RESULTS_RULE_INDEX_H
#define CPIS_RESULTS_RULE_INDEX_H

#include "diag/results.h"

#include <stdint.h>

struct rule_index;

#define RULE_INDEX_NONE SIZE_MAX

/* NULL when memory is out. Borrows the catalogue of results. */
struct rule_index *rule_index_new(const struct results *results);
void rule_index_free(struct rule_index *index);

/* RULE_INDEX_NONE for a rule that is not in the catalogue. */
size_t rule_index_of(const struct rule_index *index, const struct rule *rule);

#endif
