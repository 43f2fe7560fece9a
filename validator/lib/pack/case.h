/*
 * case.h - one case while it runs: what it judged, and everything that was not as expected.
 */
#ifndef CPIS_PACK_CASE_H
#define CPIS_PACK_CASE_H

#include "diag/results.h"
#include "pack/prepare.h"

/* A pack while it runs. */
struct pack_session {
	const struct pack *pack;
	const struct cpis_pack_options *options;
	struct results *results;
	bool *waiver_used;		   /* by the waiver's index in the pack */
	const struct pack_answer *answers; /* to manual questions; run.c's */
	size_t answer_count;
	struct arena scratch; /* rewound after each case */
};

struct case_run {
	struct pack_session *session;
	const struct pack_case *test;
	const struct prepared *prepared;
	long long now;	   /* the time to judge its messages by; 0: that of the run */
	size_t faults;	   /* what was not as expected */
	struct buf reason; /* a sentence each */
	struct buf expected, actual;
	bool waived;
	struct case_result kept; /* what results keep of it in lists; in their arena */
};

/*
 * One source that was judged: its messages in the results, and its tree if any. Of two that were
 * judged together it is the response, and the messages are of both.
 */
struct judged {
	const char *name;
	struct str bytes;
	size_t first, count;
	const struct judged *request;		/* NULL: there was one source */
	const struct pack_documents *documents; /* in it; none where they are not needed */
};

/* The half of a pair that is meant; judged itself where it is not a pair. */
const struct judged *judged_half(const struct judged *judged, const struct config_number *side);

/* Begin a new sentence of the reason. */
void case_separate(struct case_run *run);

/* Something is not as expected: a sentence without a full stop. */
void case_fault(struct case_run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The same, and what it is about. plain: the same without paths, or NULL; it is copied. */
void case_fault_about(struct case_run *run, enum fault_about about, const char *plain,
		      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The paths of the nodes that an XPath selects, in the scratch arena. False when it cannot be
 * evaluated. */
bool case_paths(struct case_run *run, const struct judged *judged, const char *xpath,
		const char ***paths, size_t *count);

/* Whether a finding is at one of the paths or below it. */
bool case_finding_is_at(const struct finding *finding, const char *const *paths, size_t count);

#endif
