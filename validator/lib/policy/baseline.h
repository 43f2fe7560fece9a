/*
 * baseline.h - findings that are accepted: a file of rule, path and a digest of the value.
 *
 * YAML or JSON: a list of { rule, path, value, reason }. value has four hex digits: enough to see
 * that a value has changed, and too few to find out what it was.
 */
#ifndef CPIS_POLICY_BASELINE_H
#define CPIS_POLICY_BASELINE_H

#include <stdbool.h>

struct cpis_baseline;
struct finding;

/*
 * Whether the baseline accepts an unexpected finding. *reason is then the reason that the file
 * gives, in the baseline's memory, or NULL. A baseline that is being made accepts every finding and
 * notes it. One thread at a time.
 */
bool baseline_accepts(struct cpis_baseline *baseline, const struct finding *finding,
		      const char **reason);

#endif
