/*
 * problem.h - everything that is wrong with a pack, each fault with its place, all told at once.
 *
 * A pack is put right in one go when all its problems are known, so nothing stops at the first. The
 * list is bounded; running out of memory is a problem of its own kind (CPIS_FAILURE_INTERNAL).
 */
#ifndef CPIS_PACK_PROBLEM_H
#define CPIS_PACK_PROBLEM_H

#include "cpis.h"

#include <stdbool.h>

/* Where something stands in a file, from 1; 0 where there is no place. */
struct pack_place {
	size_t line, column;
};

struct pack_problems {
	struct cpis_failure *items;
	size_t count, room;
	size_t dropped; /* past the limit of problems that are kept */
	bool failed;	/* memory was out: there is at least one problem, kept or not */
};

void pack_problems_init(struct pack_problems *problems);
void pack_problems_release(struct pack_problems *problems);

bool pack_problems_any(const struct pack_problems *problems);

/* Add a problem of configuration. file may be NULL. */
void pack_problem(struct pack_problems *problems, const char *file, struct pack_place place,
		  const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Add a failure of ours: memory, reading a file. */
void pack_problem_internal(struct pack_problems *problems, const char *file, const char *text);

/* In order of file, as first met, then of line and column. */
void pack_problems_sort(struct pack_problems *problems);

/*
 * One failure that stands for all: the first problem, and how many more there are. At least one
 * problem must be there.
 */
void pack_problems_summary(const struct pack_problems *problems, struct cpis_failure *failure);

#endif
