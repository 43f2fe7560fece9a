/*
 * tokens.h - tokens such as "[NHS number #2]" in sentences that are sealed already.
 *
 * What results say of a person is a token that is the same for the same value within one run. Where
 * two runs become one, the tokens of the second are numbered behind those of the first.
 */
#ifndef CPIS_RESULTS_TOKENS_H
#define CPIS_RESULTS_TOKENS_H

#include <stddef.h>

struct results;

/* The highest number that a token has anywhere in results; 0: there is none. */
size_t tokens_highest(const struct results *results);

/* Add to the number of every token. -1 when memory is out. Nothing is done where values are shown.
 */
int tokens_shift(struct results *results, size_t by);

#endif
