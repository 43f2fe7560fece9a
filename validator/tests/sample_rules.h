/*
 * sample_rules.h - a made-up catalogue of rules, and how they fared in the made-up runs.
 */
#ifndef CPIS_TESTS_SAMPLE_RULES_H
#define CPIS_TESTS_SAMPLE_RULES_H

#include "diag/results.h"

enum { SAMPLE_RULE_COUNT = 8 };

extern const struct rule sample_malformed, sample_bad_number, sample_bad_dates,
	sample_missing_phone, sample_odd_name, sample_old_version, sample_idle_rule,
	sample_blocked_rule;

extern const struct rule *const sample_rules[SAMPLE_RULE_COUNT];
extern struct rule_tally sample_tallies[SAMPLE_RULE_COUNT], sample_clean_tallies[SAMPLE_RULE_COUNT];
extern struct rule_override sample_overrides[SAMPLE_RULE_COUNT];

#endif
