/*
 * inspect.h - the layers of a source as a tree: the same way as for judging, told instead of
 * judged.
 */
#ifndef CPIS_ENGINE_INSPECT_H
#define CPIS_ENGINE_INSPECT_H

#include "cpis.h"

/* See cpis_inspect. -1: the source cannot be read, or memory is out. */
int inspect_source(const char *path, const struct cpis_options *options, cpis_layer_seen seen,
		   void *context, enum cpis_verdict *verdict, struct cpis_failure *failure);

#endif
