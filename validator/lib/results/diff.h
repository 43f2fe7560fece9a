/*
 * diff.h - what is new, fixed and unchanged between two runs, and what changed between them.
 *
 * A finding is the same when its case and its fingerprint are. Findings that are waived are in
 * neither run: what was waived and is so no longer is new.
 */
#ifndef CPIS_RESULTS_DIFF_H
#define CPIS_RESULTS_DIFF_H

#include "base/arena.h"
#include "diag/results.h"

/* What changed, told by digests; several may have. */
enum diff_cause {
	DIFF_MESSAGE_CAME, /* it is in the later run alone */
	DIFF_MESSAGE_WENT,
	DIFF_MESSAGE,
	DIFF_PACK,
	DIFF_RULES,
	DIFF_TOOL,
	DIFF_OPTIONS,
	DIFF_TIME, /* nothing else, and rules know what day it is */
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

/* A case whose outcome is another one now. */
struct diff_case {
	const char *pack, *id;
	bool was_there, is_there;
	enum case_outcome before, after;
	unsigned causes;
};

struct diff {
	struct arena arena;
	const struct results *before, *after;
	unsigned causes;      /* of the runs as a whole: pack, rules, tool, options, time */
	const char **options; /* names of those that differ: "max-depth" */
	size_t option_count;
	struct diff_finding *fresh, *fixed;
	size_t fresh_count, fixed_count, unchanged;
	struct diff_case *cases;
	size_t case_count, worse_count; /* cases that are worse, or fail and are new */
};

/* Both results must outlive the diff. -1 when memory is out. For diff_release. */
int diff_make(struct diff *diff, const struct results *before, const struct results *after);
void diff_release(struct diff *diff);

#endif
