/*
 * nfa.h - a pattern's tree as a nondeterministic automaton over bytes: the step between a pattern
 * and its deterministic automaton.
 */
#ifndef CPIS_GEN_NFA_H
#define CPIS_GEN_NFA_H

#include "regex.h"

struct nfa_edge {
	unsigned from, to;
	unsigned low, high; /* bytes, both included */
	bool silent;	    /* taken without a byte */
};

struct nfa {
	unsigned states, accepting; /* state 0 is the start */
	struct list edges;	    /* struct nfa_edge */
};

struct nfa *nfa_of(struct arena *arena, const struct regex *regex);

#endif
