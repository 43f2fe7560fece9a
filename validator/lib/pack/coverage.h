/*
 * coverage.h - what the cases of a pack say about its requirements.
 */
#ifndef CPIS_PACK_COVERAGE_H
#define CPIS_PACK_COVERAGE_H

#include <stddef.h>

struct pack;
struct results;

/*
 * Append every requirement of the pack to the results, each with the cases that show it and the
 * worst of their outcomes. The pack's cases are results->cases[first_case...]. -1 when memory is
 * out.
 */
int coverage_add(const struct pack *pack, struct results *results, size_t first_case);

#endif
