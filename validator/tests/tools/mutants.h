/*
 * mutants.h - small faults put into good messages, one after another, from a seed.
 *
 * The same seed gives the same mutants on every machine.
 */
#ifndef CPIS_TESTS_TOOLS_MUTANTS_H
#define CPIS_TESTS_TOOLS_MUTANTS_H

#include <stddef.h>
#include <stdint.h>

struct mutant {
	char *text; /* for free(); followed by a NUL */
	size_t bytes;
	const char *what; /* the last thing that was done */
};

uint64_t mutants_seed(uint64_t number);

/* A number below a limit, and the state moves on. */
unsigned mutants_any(uint64_t *state, unsigned below);

/* A message with so many changes; text NULL when out of memory. Not every mutant is well-formed. */
struct mutant mutants_make(uint64_t *state, const char *message, unsigned changes);

/* What can be done; NULL after the last. */
const char *mutants_name(size_t index);

#endif
