/*
 * problem.h - everything that is wrong with a pack or another file of the user's, each problem
 * with its place, all reported at once.
 *
 * A file can be put right in one go when all its problems are known, so reading does not stop at
 * the first. The list is bounded; running out of memory is a problem of its own kind
 * (CPIS_FAILURE_INTERNAL).
 */
#ifndef CPIS_CONFIG_PROBLEM_H
#define CPIS_CONFIG_PROBLEM_H

#include "cpis.h"

#include <stdbool.h>

/* A place in a file, from 1; 0 where there is none. */
struct config_place {
	size_t line, column;
};

struct problems {
	struct cpis_failure *items;
	size_t count, room;
	size_t dropped; /* past the limit of problems that are kept */
	bool failed;	/* out of memory: there is at least one problem, kept or not */
};

void problems_init(struct problems *problems);
void problems_release(struct problems *problems);

/* How many were added, kept or not. */
size_t problems_count(const struct problems *problems);
bool problems_any(const struct problems *problems);

/* Add a problem of configuration. file may be NULL. */
void problem_add(struct problems *problems, const char *file, struct config_place place,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Add a failure of ours: memory, reading a file. */
void problem_add_internal(struct problems *problems, const char *file, const char *text);

struct near;

/* ": did you mean 'x'?", written to buffer; "" when nothing is near enough. Returns buffer. */
const char *problem_hint(const struct near *near, char *buffer, size_t bytes);

/* In order of file, as first met, then of line and column. */
void problems_sort(struct problems *problems);

/* One failure for all: the first problem, and how many more there are. There must be one. */
void problems_summary(const struct problems *problems, struct cpis_failure *failure);

/*
 * The end of reading: 0 when there are no problems. Otherwise pass each to report (may be NULL),
 * in order, put the summary in *failure, and return -1. The list is released in any case.
 */
int problems_close(struct problems *problems,
		   void (*report)(void *context, const struct cpis_failure *problem), void *context,
		   struct cpis_failure *failure);

#endif
