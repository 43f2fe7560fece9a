/*
 * runner.h - every rule that judges a kind of part, on every part of that kind as it closes.
 */
#ifndef CPIS_RULES_RUNNER_H
#define CPIS_RULES_RUNNER_H

#include "rules/judge.h"

/* Sort the rules by what they judge; once at setup, after rules_setup. -1: out of memory. */
int runner_setup(void);

/* Judge one complete part by its rules, and keep the tallies of the draft. */
void runner_judge(struct judge *judge, const struct part *part);

/* Tally a rule that a stage judges by itself (XML, TRN, SCH): judged once, failed or not. */
void runner_tally(struct draft *draft, enum stage_rule rule, bool failed);

#endif
