/*
 * bytes.h - judging sources that the caller has in memory, whole or in chunks.
 */
#ifndef CPIS_ENGINE_BYTES_H
#define CPIS_ENGINE_BYTES_H

struct cpis_failure;
struct cpis_results;
struct results;

/* -1 with the reason where nothing can be judged into results: there are none, or they were read
 * back from a document. */
int results_require_open(const struct cpis_results *results, struct cpis_failure *failure);

/* Free the streams that are still open. */
void streams_release(struct results *results);

#endif
