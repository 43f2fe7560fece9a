/*
 * merge.h - join the results of the shards of a run.
 */
#ifndef CPIS_RESULTS_MERGE_H
#define CPIS_RESULTS_MERGE_H

struct results;
struct cpis_failure;

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
