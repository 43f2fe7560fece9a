/*
 * results_read.h - a results document back into results, as they were when it was written.
 *
 * Every sink then writes the same bytes as it did at the time. Within version 1 elements and
 * attributes may be added: what is not known is passed over. What is damaged, or no longer agrees
 * with what it counts, is a failure of configuration with its place.
 */
#ifndef CPIS_RESULTS_READ_H
#define CPIS_RESULTS_READ_H

#include "base/str.h"

struct results;
struct cpis_failure;

/* Empty results that nobody judges into; NULL when memory is out. For cpis_results_free. */
struct results *results_read_new(void);

/*
 * Read a document into results that results_read_new made. file is what a failure calls it.
 * bytes.p[bytes.n] must be readable and NUL.
 */
int results_read(struct results *results, struct str bytes, const char *file,
		 struct cpis_failure *failure);

/* The same, of a file of at most 1 GiB. */
int results_read_file(struct results *results, const char *path, struct cpis_failure *failure);

#endif
