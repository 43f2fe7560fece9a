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

/*
 * Join the results of the shards of a run.
 */

/*
 * Append the results of a shard and take over its memory: the shard may only be freed afterwards.
 * name is what a failure calls the shard. After a failure, results may only be freed too.
 *
 * Refused are a shard that was made by another version of the program, or with other rules, another
 * profile or other options, and a case or message that both have. If one shard left out a case that
 * the other ran, the one that was run is kept.
 *
 * A token such as "[NHS number #1]" means one value within one run, so the tokens of the shard get
 * new numbers. The command line is dropped: no single command made these results.
 */
int results_merge(struct results *results, struct results *shard, const char *name,
		  struct cpis_failure *failure);

#endif
