/*
 * merge.h - the results of shards, read back, as the results of one run.
 */
#ifndef CPIS_RESULTS_MERGE_H
#define CPIS_RESULTS_MERGE_H

struct results;
struct cpis_failure;

/*
 * Append the results of a shard, and take its memory: what is left of it may only be freed. name is
 * what a failure calls the shard; after one, results are good for nothing either. Runs of another
 * tool, rule set, profile or with other options are refused, and so is a case or a message that
 * both have. A case that one shard left out and another ran is the one that was run.
 *
 * Tokens such as "[NHS number #1]" are the same value within a run only: those of the shard get
 * numbers of their own. The command line of the run is forgotten: it was not one.
 */
int results_merge(struct results *results, struct results *shard, const char *name,
		  struct cpis_failure *failure);

#endif
