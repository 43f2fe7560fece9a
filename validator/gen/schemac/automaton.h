/*
 * automaton.h - patterns as deterministic automata over the bytes of UTF-8.
 *
 * State 0 is dead: nothing leads from it to acceptance. Accepting states come last, so that
 * acceptance is one comparison.
 */
#ifndef CPIS_GEN_AUTOMATON_H
#define CPIS_GEN_AUTOMATON_H

#include "regex.h"

struct dfa {
	unsigned states, classes, start;
	unsigned first_accepting; /* this state and those above it */
	uint8_t class_of[256];	  /* of a byte */
	unsigned *next;		  /* [state * classes + class] */
};

const struct dfa *dfa_of(struct arena *arena, const struct regex *regex);

/* What both accept; what at least one accepts. */
const struct dfa *dfa_both(struct arena *arena, const struct dfa *a, const struct dfa *b);
const struct dfa *dfa_either(struct arena *arena, const struct dfa *a, const struct dfa *b);

bool dfa_accepts(const struct dfa *dfa, const char *text);

#endif
