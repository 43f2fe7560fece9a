/*
 * summary.h - the numbers and sentences that every report gives of a run, and questions that all of
 * them ask of results.
 */
#ifndef CPIS_RESULTS_SUMMARY_H
#define CPIS_RESULTS_SUMMARY_H

#include "base/buf.h"
#include "diag/results.h"

struct summary {
	enum cpis_verdict verdict;
	bool unshown; /* it is not a pass, and neither a message nor a case that is listed shows it
		       */
	bool unfinished; /* something was not judged, or a part of the run is missing */
	size_t messages, by_verdict[CPIS_FAIL + 1];
	size_t records;
	size_t findings[CPIS_ERROR + 1]; /* by severity; waived ones are not among them */
	size_t waived, suppressed, omissions;
	size_t unread;	     /* messages that are, without an omission that says so */
	size_t unrecognised; /* those of them that were not recognised */
	size_t accepted[CPIS_ERROR +
			1];    /* of those that are waived, by severity, where it is kept */
	size_t by_baseline;    /* of those that are waived; what a baseline accepts */
	size_t waived_failing; /* of those that are waived: errors, and what else fails a message */
	size_t cases, by_outcome[CASE_OUTCOME_COUNT]; /* of packs */
	size_t run_faults; /* what is wrong with the run as a whole: no case of a pack */
	/* Cases that a supplier's messages or answers are judged by, and those of them that passed.
	 * Without one that passed, nothing is shown to be conformant. */
	size_t evidence_cases, evidence_passed;
	size_t own_answers; /* cases that passed because the supplier, and no one else, says so */
	size_t rules, rules_judged, rules_failed, rules_idle, rules_blocked, rules_not_run;
	size_t rules_off, rules_changed; /* by a profile */
	size_t turned_off;		 /* findings of rules that are off */
	/* Of the above, in cases that passed: what they are meant to cause. */
	size_t expected_messages[CPIS_FAIL + 1], expected_findings[CPIS_ERROR + 1];
};

void summary_of(const struct results *results, struct summary *summary);

/* "Not conformant: 3 of 41 cases failed." */
void summary_headline(const struct results *results, const struct summary *summary,
		      struct buf *out);

/* Whether everything was judged, and what was not. One or more sentences, not escaped. */
void summary_completeness(const struct results *results, const struct summary *summary,
			  struct buf *out);

/* How a profile changes the rule at a place of the catalogue; NULL: it does not. */
const struct rule_override *override_at(const struct results *results, size_t place);

/* "off", or the name of the severity that a rule was given. */
const char *override_name(const struct rule_override *override);

/* The command line of the run, quoted for a shell; nothing if it was not recorded. */
void summary_command(const struct results *results, struct buf *out);

/*
 * The case that judged a message, or NULL. Cases judge messages in order: if the messages are asked
 * for in order too, a cursor that starts at 0 makes every search short.
 */
const struct case_result *case_of_message(const struct results *results, size_t message,
					  size_t *cursor);

/* Whether the case, which may be NULL, is meant to cause the finding, and is content. */
bool case_means_finding(const struct case_result *one, const struct finding *finding);

/*
 * Append the path of the file that holds a message, without "." and "..": in a pack the path that
 * leads to it, for a member of an archive the archive. member gets the name in the archive, or
 * NULL.
 */
void summary_file(const struct message_result *message, struct buf *out, const char **member);

/* NULL: there is no such pack. */
const struct pack_result *pack_named(const struct results *results, const char *name);

/* Order of cases by pack and id; NULL comes first. */
int case_order(const struct case_result *a, const struct case_result *b);

/* The cases of results in that order, for searching. */
struct sorted_cases {
	const struct case_result **items;
	size_t count;
};

/* In arena. -1 when out of memory. */
int cases_sort(struct sorted_cases *sorted, struct arena *arena, const struct results *results);
/* NULL: there is no such case. */
const struct case_result *cases_find(const struct sorted_cases *sorted, const char *pack,
				     const char *id);

/* What a finding says and how to fix it: in its own words, or else its rule's. */
const char *finding_sentence(const struct finding *finding);
const char *finding_path(const struct finding *finding); /* NULL: it has no path */
const char *finding_fix(const struct finding *finding);

/* What people call a severity: info is a "note". */
const char *severity_word(enum cpis_severity severity);

/* "1 error", "3 errors" */
void summary_count(struct buf *out, size_t count, const char *noun);

/* "3 more findings are not listed: caused by those above, or over the limit (--max-findings)." */
void summary_not_listed(struct buf *out, size_t count);

/* "2 errors, 1 warning and 1 note", or "nothing". */
void summary_severities(struct buf *out, const size_t findings[CPIS_ERROR + 1]);

/* "2027-01-31T12:00:00Z" from seconds since 1970; empty for 0, which means unknown. */
void summary_time(char text[32], long long seconds);

/* From a rule to its place in the catalogue, without going over the catalogue each time. */
struct rule_index;

#define RULE_INDEX_NONE SIZE_MAX

/* NULL when out of memory. Borrows the catalogue of results. */
struct rule_index *rule_index_new(const struct results *results);
void rule_index_free(struct rule_index *index);

/* RULE_INDEX_NONE for a rule that is not in the catalogue. */
size_t rule_index_of(const struct rule_index *index, const struct rule *rule);

/* What every report with room for it says of a run as a whole, beside its verdict: what was
 * skipped, and what the profile changed, each with its reason. */
enum remark_kind {
	REMARK_SKIPPED = 1, /* "Skipped: a.txt, because it is a report of cpis." */
	REMARK_PROFILE = 2, /* "Profile pilot: DAT-011 is an error: we know the whole date." */
	REMARK_ANY = 3
};

/*
 * A line for each remark of these kinds, up to most of a kind, and one that counts the rest. A line
 * is borrowed for the call, and not escaped. -1 when out of memory.
 */
int remarks_each(const struct results *results, enum remark_kind kinds, size_t most,
		 void (*each)(void *context, const char *line), void *context);

#endif
