/*
 * pool.h - many sources side by side, their results in order of input.
 */
#ifndef CPIS_ENGINE_POOL_H
#define CPIS_ENGINE_POOL_H

#include "engine/walk.h"

struct results;
struct cpis_failure;

/*
 * Judge every entry that is not passed over, on results->options.jobs threads, and append the
 * messages in order. -1 only when memory is out.
 */
int pool_judge(struct results *results, const struct walk *walk, struct cpis_failure *failure);

#endif
