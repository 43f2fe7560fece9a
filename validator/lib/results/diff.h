/*
 * diff.h - what is new, fixed and unchanged between two runs, and why.
 *
 * Two findings are the same if their cases and fingerprints are. Waived findings do not count: one
 * that is no longer waived is new, and one that is waived now is accepted. Fixed is only what the
 * later run has looked for.
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
	DIFF_INPUTS,	      /* files that decided the result: data sets, answers, waivers ... */
	DIFF_EVIDENCE,	      /* a slot that was filled is not, or not by a file that can be read */
	DIFF_SELECTION,	      /* --only or --skip leaves it out */
	DIFF_ACCEPTED,	      /* a baseline or a waiver accepts it now */
	DIFF_LOWERED,	      /* the rule has a lower severity now */
	DIFF_RULE_OFF,	      /* the rule is turned off now */
	DIFF_STAGE,	      /* its stage is left out now */
	DIFF_RULE_GONE,	      /* the later run does not have the rule */
	DIFF_UNCHECKED,	      /* something in the message could not be checked */
	DIFF_UNREAD,	      /* the later run did not read the message to its end */
	DIFF_UNASKED,	      /* the later run did not judge the rule there */
	DIFF_UNLISTED,	      /* it may be among what is counted and not listed */
	DIFF_UNLISTED_BEFORE, /* it may have been among what the earlier run did not list */
	DIFF_OTHERS,	      /* its rule judges by other messages, and some are not the same */
	DIFF_TIME,	      /* nothing else: some rules depend on the date */
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

/* A message that the later run does not have. */
struct diff_message {
	const struct message_result *message;
	const char *why; /* the later run's own word for it, where it lists the file; or NULL */
};

/* Why the later run says less than the earlier one, where no finding, message or case does. */
enum diff_loss {
	DIFF_LOSS_STAGES,     /* stages are left out that were not */
	DIFF_LOSS_RULES,      /* rules are off, or not given, that were not */
	DIFF_LOSS_FAIL_ON,    /* a milder finding failed a message then */
	DIFF_LOSS_INCOMPLETE, /* it passed then, and is incomplete now */
	DIFF_LOSS_MESSAGES,   /* fewer messages, where they are not all listed */
	DIFF_LOSS_COUNT
};

/* "the later run left out stages that the earlier one had" */
const char *diff_loss_words(enum diff_loss loss);

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
	bool others;	     /* the runs judged other messages, or one of them changed */
	unsigned causes;     /* of the runs as a whole: pack, rules, tool, options, time */
	const char **inputs; /* names of input files that differ: "data/set-a.yaml" */
	size_t input_count;
	const char **options; /* names of those that differ: "max-depth" */
	size_t option_count;
	/* Fixed: the later run looked, and did not find it. Accepted: it is there, and no longer
	 * counts. Unjudged: the later run did not look. Unlisted: the earlier run may have counted
	 * it, and its rule failed as often. */
	struct diff_finding *fresh, *unlisted, *fixed, *accepted, *unjudged;
	size_t fresh_count, unlisted_count, fixed_count, accepted_count, unjudged_count, unchanged;
	struct diff_message *gone; /* that no case judged: a case says it itself */
	size_t gone_count;
	unsigned losses; /* 1 << enum diff_loss */
	struct diff_case *cases;
	/* Cases that fail and did not, and that were judged and are now not run, left out or gone.
	 */
	size_t case_count, worse_count;
};

/* Whether the later run has what the earlier one had not, or lacks what it looked at. */
bool diff_is_worse(const struct diff *diff);

/* Both results must outlive the diff; release it with diff_release. -1 when out of memory. */
int diff_make(struct diff *diff, const struct results *before, const struct results *after);
void diff_release(struct diff *diff);

#endif
