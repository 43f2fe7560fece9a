/*
 * bytes.h - judging sources that the caller has in memory, whole or in chunks.
 */
#ifndef CPIS_ENGINE_BYTES_H
#define CPIS_ENGINE_BYTES_H

#include "engine/engine.h"

struct cpis_bytes;
struct cpis_options;
struct cpis_results;

/* -1 with the reason where nothing can be judged into results: there are none, or they were read
 * back from a document. */
int results_require_open(const struct cpis_results *results, struct cpis_failure *failure);

/*
 * Take a source of the caller's: its bytes are copied, because the judges read up to a NUL after
 * the last one. -1 with the reason: the source has no name or no bytes, is larger than the options
 * allow, or out of memory.
 */
int bytes_take(struct engine_input *input, const struct cpis_bytes *source,
	       const struct cpis_options *options, struct cpis_failure *failure);
void bytes_release(struct engine_input *input);

/* Free the streams that are still open. */
void streams_release(struct results *results);

#endif
