/*
 * results_reading.h - what the reader of results documents knows while it reads: for its two files
 * alone (results_read.c drives, results_elements.c says what each element means).
 */
#ifndef CPIS_RESULTS_READING_H
#define CPIS_RESULTS_READING_H

#include "base/buf.h"
#include "diag/results.h"
#include "xml/reader.h"

enum { RESULTS_DEPTH = 8 };

/* What the document counts of itself, to be held against what was read. */
struct results_claims {
	bool summed;
	enum cpis_verdict verdict;
	size_t messages, records, cases, waived, suppressed, omissions, turned_off;
};

struct reading {
	struct results *results;
	const char *file;
	struct str bytes;
	struct cpis_failure *failure;
	bool failed; /* *failure says why */

	const struct results_element *open[RESULTS_DEPTH];
	size_t depth, passed_over; /* elements open inside one that is not known */
	struct buf text;	   /* of the innermost element */
	const struct xml_tag *tag; /* of the element that starts */

	struct results_claims claims;
	struct message_result *message;
	struct finding *finding;
	struct case_result *one;
	struct requirement_result *requirement;
	struct rule *rule;
	struct rule_override *override;
	const char *name;    /* of a meta, or what was omitted */
	size_t next_message; /* that no case has judged yet */

	/* Rules are known at the end only: until then they are stubs that have an id. */
	const struct rule **rules;
	struct rule_tally *tallies;
	struct rule_override *overrides;
	size_t rule_count, rule_room;
	bool overridden;
};

/* One element that a results document may hold. */
struct results_element {
	const char *parent; /* NULL: it is the document's own */
	const char *name;
	void (*start)(struct reading *reading);
	void (*end)(struct reading *reading, const char *text); /* text: what stands in it */
};

/* NULL for one that is not known there. */
const struct results_element *results_element_of(const char *parent, struct str name);

/* Say that the document is damaged, at an offset; the first to say so is heard. */
void reading_fail(struct reading *reading, size_t offset, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void reading_out_of_memory(struct reading *reading);

#endif
