/*
 * own_rules.h - rules that a user brings in Schematron files, beside those of the catalogue.
 *
 * Each assertion becomes a row like any other: it has an id, a severity, a place in the ledger.
 * Assertions of a file that share id and severity are one row. An id that the catalogue or another
 * file has gets a number: ids of rules are unique in a run.
 */
#ifndef CPIS_ENGINE_OWN_RULES_H
#define CPIS_ENGINE_OWN_RULES_H

#include "base/arena.h"
#include "diag/rule.h"

struct cpis_failure;
struct judge;
struct own_rules;     /* loaded; read-only, shared by threads */
struct own_rules_run; /* one thread's */

/* files: paths, count of them. -1: a file cannot be used. */
int own_rules_open(struct own_rules **out, const char *const *files, size_t count,
		   const char *phase, struct cpis_failure *failure);
void own_rules_close(struct own_rules *own);

size_t own_rules_count(const struct own_rules *own);
const struct rule *own_rules_at(const struct own_rules *own, size_t index);

/* NULL when out of memory. own may be NULL: then there is nothing to run. */
struct own_rules_run *own_rules_run_new(const struct own_rules *own);
void own_rules_run_free(struct own_rules_run *run);

/*
 * Judge the judge's document, which has been read to its end, by all files. Findings go to its
 * message; what could not be judged is an omission.
 */
void own_rules_judge(struct own_rules_run *run, struct judge *judge);

#endif
