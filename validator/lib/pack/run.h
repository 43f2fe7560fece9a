/*
 * run.h - load a pack, and run its cases into results.
 */
#ifndef CPIS_PACK_RUN_H
#define CPIS_PACK_RUN_H

#include "config/problem.h"

struct pack;
struct results;

/*
 * Load a pack: the file, or the folder in which it is called pack.yaml. Everything that can be
 * known to be wrong before a case is run is a problem: unknown keys, names that do not exist,
 * messages that cannot be read, XPaths that do not compile or select nothing. -1 when there is any;
 * *pack is then not touched. The caller sorts nothing: problems come in order of their place.
 */
int pack_load(struct pack **pack, const char *path, struct problems *problems);
void pack_free(struct pack *pack);

/* Borrowed for the call. Zeroed is the default. */
struct pack_run_options {
	const char *evidence;	 /* folder that fills the slots; NULL: none is filled */
	const char *const *only; /* tags or ids of cases, or "pack/id" */
	size_t only_count;	 /* 0: all cases */
	const char *const *skip;
	size_t skip_count;
	struct cpis_baseline *baseline; /* NULL: none */
};

/*
 * Run the cases in order. What they judge, what came of each, and what that says about the
 * requirements is appended to results; nothing in results points into the pack. -1 only for
 * failures of ours and an evidence folder that cannot be read.
 */
int pack_run(const struct pack *pack, const struct pack_run_options *options,
	     struct results *results, struct cpis_failure *failure);

#endif
