/*
 * ledger.h - what months of messages come to: for each child what the service holds, and the
 * children that a clinician would not see, by cause.
 *
 * What is said of a person is a sentence with its values between the marks of diag/mask.h, so that
 * reports mask them all in one place.
 */
#ifndef CPIS_LEDGER_LEDGER_H
#define CPIS_LEDGER_LEDGER_H

#include "base/buf.h"
#include "compare/compare.h"
#include "ledger/index.h"

struct rule;

/* One fault, by one of the rules LED-*. */
struct ledger_finding {
	const struct rule *rule;
	struct str authority;
	struct str number;   /* NHS number; empty: it is of a file */
	enum plan_kind kind; /* 0: not of one plan */
	const char *file;    /* number of the upload, or NULL */
	const char *says;    /* with marks */
	long long at;	     /* since when; 0: not known */
	const char *fix;     /* NULL: the rule's */
};

/* What is held on a day, for the totals over time. */
struct ledger_month {
	int year, month;
	size_t open, shown; /* at its end: plans in force, plans that are shown */
};

enum { LEDGER_MOST_MONTHS = 600 };

struct ledger_counts {
	size_t people, plans, open, ended, deleted, unanswered, unnamed, never, shown, not_known;
	size_t uploads, answers, notices, accesses, queries, responses;
	size_t hidden;	/* people of whom a clinician would not see what was said last */
	size_t waiting; /* uploads without acknowledgement that are not five days old */
};

/* The NHS numbers that findings are about, in order. */
struct ledger_numbers {
	struct str *items;
	size_t count;
};

struct ledger {
	struct index index;
	struct index_counts read;
	struct arena arena;
	long long at, since; /* since 0: not asked */
	struct ledger_finding *findings;
	size_t finding_count, finding_room;
	struct ledger_numbers found;
	size_t hidden_errors;		  /* findings of counts.hidden */
	size_t unknown[STATE_FACT_COUNT]; /* how often each thing that is not public mattered */
	struct ledger_counts counts;
	struct ledger_month months[LEDGER_MOST_MONTHS];
	size_t month_count;
	struct comparison comparison; /* with the children that are expected, if compared */
	bool compared;
	/* Files that could not be read, and those that were not taken for messages. */
	struct unread {
		const char *path, *why;
	} * unread, *skipped;
	size_t unread_count, unread_room, skipped_count, skipped_room;
};

/* causes.c: look at every person and every file, and list what is wrong. */
int causes_find(struct ledger *ledger, struct cpis_failure *failure);

/* The finding is copied; its texts are in the arena of the ledger. */
void ledger_add_finding(struct ledger *ledger, const struct ledger_finding *finding);
/* By rule and what fixes it, and whom they are about. */
void ledger_sort_findings(struct ledger *ledger);
/* Count a plan, also in the months at whose ends it was in force or shown. */
void ledger_count_plan(struct ledger *ledger, const struct state_plan *plan);
/* Count what was read. */
void ledger_count_messages(struct ledger *ledger);
/* How to fix it. */
const char *ledger_fix(const struct ledger_finding *finding);

/* responses.c: what responses show that is not as it was loaded. A failure of the state sticks to
 * it. */
void responses_find(struct ledger *ledger, struct cpis_failure *failure);

/*
 * expected.c: compare with the children that should be there: a data set (YAML), a table (CSV), or
 * a message. Plans in force are looked for; of those that ended, the ones that are expected. -1
 * with the reason, or with problems of the file, which the caller closes.
 */
int expected_compare(struct ledger *ledger, const char *path, struct problems *problems,
		     struct cpis_failure *failure);

/* A report that is written, piece by piece: memory does not grow with the children in it. */
struct ledger_report {
	struct ledger *ledger;
	struct masker *masker;
	struct arena arena; /* of what is said of one person; emptied as it goes */
	enum cpis_verdict verdict;
	bool all; /* list every child; else those with findings or changes */
	struct buf buf;
	bool (*flush)(void *context, struct str bytes);
	void *context;
	bool failed; /* sticks: flush refused */
};

/* "text", "md", "json", "csv" or "html". -1 with the reason. */
int ledger_write(struct ledger_report *report, const char *format, struct cpis_failure *failure);

/* Hand over what is written, where it is much. */
void ledger_flush(struct ledger_report *report);

/* The verdict in one sentence, the same in every report: "Conformant: no errors found in 2
 * uploads." */
void ledger_headline(const struct ledger *ledger, enum cpis_verdict verdict, struct buf *out);
/* A sentence of a finding without its marks; in arena. */
const char *ledger_says(struct ledger_report *report, const char *says);
/* One value, masked; in arena. */
const char *ledger_value(struct ledger_report *report, enum mask_kind kind, struct str value);
/* An event in a sentence: "created by upload 3"; in arena. */
const char *ledger_event(struct ledger_report *report, const struct state_event *event);

/* "missing", "extra", "different" */
const char *ledger_difference_word(enum difference_kind kind);
/* One difference from what is expected, in one sentence; in arena. */
const char *ledger_difference(struct ledger_report *report, size_t index);

/* Whether the person has a finding, or something happened to it since the day asked for. */
bool ledger_is_of_interest(const struct ledger *ledger, const struct state_person *person);

/* page.c */
int ledger_write_html(struct ledger_report *report, struct cpis_failure *failure);

/* "2026-10-01" of a moment, by clocks of the United Kingdom; "" of 0. In arena. */
const char *ledger_day(struct arena *arena, long long at);
/* The same of a time as it was sent: "202610011200" is "2026-10-01". */
const char *ledger_day_of(struct arena *arena, struct str text);
/* "in force", "ended", "deleted": what became of a plan, in words. */
const char *ledger_standing(const struct state_plan *plan);
/* What is held of a plan whose last upload was refused: ": nothing is held" */
const char *ledger_held(const struct state_plan *plan);
/* "shown", "not shown", "not known whether it is shown" */
const char *ledger_shown(const struct state_plan *plan);

#endif
