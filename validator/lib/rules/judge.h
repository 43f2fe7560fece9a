/*
 * judge.h - how a rule's check speaks.
 *
 * A check looks at one part and returns what it did; it reports a fault through judge_fail, at the
 * value at fault. Values of a message go into sentences only through judge_show, so that
 * what identifies a person can be masked.
 */
#ifndef CPIS_RULES_JUDGE_H
#define CPIS_RULES_JUDGE_H

#include "base/buf.h"
#include "diag/draft.h"
#include "message/parts.h"

struct earlier;
struct parcel;

struct judge {
	const struct cpis_options *options;
	struct draft *draft;
	size_t message; /* the message being judged, by its place in the draft */
	size_t document;
	struct moment now;	     /* of the run; not ok where it was not given */
	struct str bytes;	     /* of the document */
	const struct parcel *parcel; /* the document as it came: what the layers around say of it */
	struct earlier *earlier;     /* of its earlier records */

	/* of the check that runs: judge_begin sets them, and a check that ends leaves none of it to
	 * the next */
	const struct rule *rule;
	const struct part *part;
	const struct rule *blocked_by; /* said with BLOCKED */
	const char *expected, *fix;    /* said before judge_fail, used by it once */
	size_t other;		       /* the same; 0: no other place */
	enum cpis_severity severity;   /* the same; used where severity_set */
	bool severity_set;
};

/* What was said for the next fault is forgotten. */
static inline void judge_forget(struct judge *judge)
{
	judge->expected = judge->fix = NULL;
	judge->other = 0;
	judge->severity_set = false;
}

/* A check of this rule begins, and starts from nothing. */
static inline void judge_begin(struct judge *judge, const struct rule *rule)
{
	judge->rule = rule;
	judge->blocked_by = NULL;
	judge_forget(judge);
}

/*
 * Report a fault at a value. The format is one sentence without a full stop at its end, about what
 * was found and what was expected. Returns FAILS. The value's text is kept as what was found.
 */
enum outcome judge_fail(struct judge *judge, const struct value *culprit, enum mask_kind kind,
			const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same, at the element of a part, where the culprit is something that is not there. */
enum outcome judge_fail_part(struct judge *judge, const struct part *part, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* For the next fault only. */
void judge_expect(struct judge *judge, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void judge_fix(struct judge *judge, const char *fix);
void judge_severity(struct judge *judge, enum cpis_severity severity);
/* An earlier place that the fault contradicts: "; compare line 34" is added to the sentence. */
void judge_point(struct judge *judge, size_t offset);

/* BLOCKED: the part below is broken, or else the rule of this id has found what is wrong with it.
 */
enum outcome judge_blocked(struct judge *judge, const struct part *below, const char *id);

/* The rule could not judge all it should: the message is incomplete, never passed for it. */
void judge_leave_out(struct judge *judge, const char *what, const char *why);

/* A value for a sentence: marked, so that it is masked or shown when results are sealed. */
const char *judge_show(struct judge *judge, enum mask_kind kind, struct str value);
/* The same of codes, counts and addresses; of times other than a birth date; of our own words. */
const char *judge_plain(struct judge *judge, struct str value);
const char *judge_time(struct judge *judge, struct str value);
const char *judge_word(struct judge *judge, struct str word);
/* A number that was read from a message. */
const char *judge_whole(struct judge *judge, long long number);

/* A text in the memory of the judged source. */
const char *judge_text(struct judge *judge, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Whole numbers of a message; false where the text is not a number, or too large to matter. */
bool judge_number(struct str text, long long *number);

/*
 * A count of things that a message has: one of more digits than a file can have things becomes
 * COUNT_TOO_LARGE, or its negative, and so differs from every real count. False where the text is
 * not a whole number.
 */
#define COUNT_TOO_LARGE 1000000000000000000LL
bool judge_count(struct str text, long long *count);

#endif
