/*
 * baseline.h - findings that are accepted for now: a file of rule, path and a digest of the value.
 *
 * YAML or JSON: a list of { rule, path, value, reason }. value has four hex digits: enough to see
 * that a value has changed, and too few to find out what it was.
 */
#ifndef CPIS_PACK_BASELINE_H
#define CPIS_PACK_BASELINE_H

#include "pack/case.h"

struct cpis_baseline;

/*
 * Whether the baseline of the run, if there is one, accepts an unexpected finding. While a new one
 * is being made it accepts all of them, and notes each.
 */
bool baseline_accepts(struct case_run *run, struct finding *finding);

#endif
