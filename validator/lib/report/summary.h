/*
 * summary.h - the numbers and the sentences that every document for people says of a run.
 */
#ifndef CPIS_REPORT_SUMMARY_H
#define CPIS_REPORT_SUMMARY_H

#include "base/buf.h"
#include "diag/results.h"

struct summary {
	enum cpis_verdict verdict;
	size_t messages, by_verdict[CPIS_FAIL + 1];
	size_t records;
	size_t findings[CPIS_ERROR + 1]; /* by severity; waived ones are not among them */
	size_t waived, suppressed, omissions;
	size_t cases, by_outcome[CASE_OUTCOME_COUNT];
	size_t rules, rules_judged, rules_failed, rules_idle, rules_blocked;
};

void summary_of(const struct results *results, struct summary *summary);

/* "Not conformant: 3 of 41 cases failed." */
void summary_headline(const struct results *results, const struct summary *summary, struct buf *out);

/* Whether everything was judged, and if not, what was not. One or more sentences. */
void summary_completeness(const struct results *results, const struct summary *summary,
			  struct buf *out);

/* "1 error", "3 errors" */
void summary_count(struct buf *out, size_t count, const char *noun);

/* "2 errors, 1 warning and 1 note", "nothing" where there is none. */
void summary_severities(struct buf *out, const size_t findings[CPIS_ERROR + 1]);

/* "2027-01-31T12:00:00Z" of seconds since 1970; empty for 0, which is "not told". */
void summary_time(char text[32], long long seconds);

#endif
