/*
 * diff.h - what is new, fixed and unchanged between two runs, and why.
 *
 * Two findings are the same if their cases and fingerprints are. Waived findings do not count: one
 * that is no longer waived is new.
 */
#ifndef CPIS_RESULTS_DIFF_H
#define CPIS_RESULTS_DIFF_H

#include "base/arena.h"
#include "diag/results.h"

/* What changed between the runs; several things may have. */
enum diff_cause {
	DIFF_MESSAGE_CAME, /* it is only in the later run */
	DIFF_MESSAGE_WENT,
	DIFF_MESSAGE,
	DIFF_PACK,
	DIFF_RULES,
	DIFF_TOOL,
	DIFF_OPTIONS,
	DIFF_INPUTS,	/* files that decided the result: data sets, answers, waivers ... */
	DIFF_EVIDENCE,	/* a slot that was filled is not, or not by a file that can be read */
	DIFF_SELECTION, /* --only or --skip leaves it out */
	DIFF_TIME,	/* nothing else: some rules depend on the date */
	DIFF_CAUSE_COUNT
};

/* "the message changed" */
const char *diff_cause_words(enum diff_cause cause);
/* "message" */
const char *diff_cause_name(enum diff_cause cause);

struct diff_finding {
	const struct finding *finding;
	const struct message_result *message;
	const struct case_result *one; /* NULL: no case judged it */
	unsigned causes;	       /* 1 << enum diff_cause */
};

/* A case whose outcome changed. */
struct diff_case {
	const char *pack, *id;
	bool was_there, is_there;
	enum case_outcome before, after;
	unsigned causes;
};

struct diff {
	struct arena arena;
	const struct results *before, *after;
	unsigned causes;     /* of the runs as a whole: pack, rules, tool, options, time */
	const char **inputs; /* names of input files that differ: "data/set-a.yaml" */
	size_t input_count;
	const char **options; /* names of those that differ: "max-depth" */
	size_t option_count;
	struct diff_finding *fresh, *fixed;
	size_t fresh_count, fixed_count, unchanged;
	struct diff_case *cases;
	/* Cases that fail and did not, and that passed and are now not run, left out or gone. */
	size_t case_count, worse_count;
};

/* Both results must outlive the diff; release it with diff_release. -1 when out of memory. */
int diff_make(struct diff *diff, const struct results *before, const struct results *after);
void diff_release(struct diff *diff);

#endif
