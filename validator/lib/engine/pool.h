/*
 * pool.h - many sources side by side, their results in order of input.
 */
#ifndef CPIS_ENGINE_POOL_H
#define CPIS_ENGINE_POOL_H

#include "engine/walk.h"

struct results;
struct cpis_failure;

/*
 * Settle what is doubtful, judge every entry that is not passed over, on results->options.jobs
 * threads, and append the messages in order. -1 only when memory is out.
 */
int pool_judge(struct results *results, struct walk *walk, struct cpis_failure *failure);

#endif
