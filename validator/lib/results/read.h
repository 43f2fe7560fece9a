/*
 * read.h - read a results document back into the results that it was written from.
 *
 * Every report made from them has the same bytes as before. Elements and attributes that are not
 * known are ignored: later programs may add some within version 1. A document that is damaged, or
 * disagrees with its own summary, is a failure of configuration with its place.
 */
#ifndef CPIS_RESULTS_READ_H
#define CPIS_RESULTS_READ_H

#include "base/str.h"

struct results;
struct cpis_failure;

/* Empty results to read into; NULL when out of memory. Free them with cpis_results_free. */
struct results *results_read_new(void);

/*
 * Read a document into results from results_read_new. file is what a failure calls it.
 * bytes.p[bytes.n] must be readable and NUL. 0, or -1 with the reason in *failure.
 */
int results_read(struct results *results, struct str bytes, const char *file,
		 struct cpis_failure *failure);

/* The same for a file of at most 1 GiB. */
int results_read_file(struct results *results, const char *path, struct cpis_failure *failure);

#endif
