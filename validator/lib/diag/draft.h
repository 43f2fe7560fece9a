/*
 * draft.h - what judging one source found, and how that becomes part of the results.
 *
 * A worker fills a draft alone, so that files can be judged side by side. Drafts are committed to
 * the results in order of input; only then are values masked, tokens given out, findings put in
 * order and verdicts given. Until then sentences carry their values between the marks of
 * diag/mask.h.
 */
#ifndef CPIS_DIAG_DRAFT_H
#define CPIS_DIAG_DRAFT_H

#include "base/arena.h"
#include "diag/results.h"

struct message_summary;

struct draft_finding {
	const struct rule *rule;
	enum cpis_severity severity;
	enum cpis_stage stage;
	size_t offset;	 /* in its document */
	size_t other;	 /* an earlier place that it contradicts, in the same document; 0: none
			    one */
	size_t document; /* 0: the source itself; else the number of the decoded part */
	const char *message;
	const char *fix; /* NULL: the rule's own */
	const char *expected, *actual;
	struct place at, inner, other_at;
	const char *layer, *path, *excerpt;
	size_t caret;
	/* The rule of another finding, which stands for this one as well where it is an error;
	 * NULL: none does. */
	const struct rule *cause;
};

enum { MOST_LAYERS = 16 };

/* A member of an archive, which counts as a source. */
struct draft_member {
	const char *name; /* "inner/name.xml"; of an archive in an archive: "b.zip!name.xml" */
	char sha256[65];
	size_t bytes;
};

/* Findings of one rule and severity that are counted and not listed. */
struct draft_unlisted {
	struct draft_unlisted *next;
	const struct rule *rule;
	enum cpis_severity severity;
	size_t count;
};

extern const struct rule BLOCKED_BY_NONE;

struct draft_message {
	const struct draft_member *member;	  /* NULL: it is of the source itself */
	const char *type, *title, *recognised_by; /* NULL: not recognised */
	const char *layers[MOST_LAYERS];
	size_t layer_count;
	size_t records, suppressed;
	bool aside;  /* no message of CP-IS: it is left out where none of its faults is listed */
	bool paired; /* judged with another, which it answers */
	struct draft_finding *findings; /* as many as the limit allows, the most severe ones */
	size_t finding_count, finding_room;
	struct draft_finding *behind; /* those that others stand for: they are not counted */
	size_t behind_count, behind_room;
	size_t listed_until[CPIS_ERROR + 1]; /* by severity: none is listed from here on */
	struct draft_unlisted *unlisted;     /* those past the limit; NULL: none are */
	const struct rule **blocked;	     /* rules that were, by their place in the catalogue: by
						which rule, or BLOCKED_BY_NONE. NULL: none was */
	const struct rule **around; /* the same, of what is around it and others before it */
	size_t around_count;	    /* those others */
	size_t around_document;	    /* the document that has them all */
	struct omission omissions[8];
	size_t omission_count;
};

/* One rule's tallies in one source. */
struct draft_tally {
	size_t judged, failed, not_applicable, blocked;
	const struct rule *blocked_by;
};

/* What is kept of an upload, to judge it among others (engine/upload.h). */
struct draft_upload {
	size_t message;
	const char *organisation, *number, *made;   /* made NULL: it is not a time */
	struct draft_finding places[UPLOAD_PLACES]; /* of number and made: no findings, but placed
						       as they are */
	size_t place_count;
	bool plain; /* nothing of it may identify a person: it is kept */
};

struct draft {
	struct arena arena;
	const char *source;
	char sha256[65];
	size_t bytes;
	struct draft_message *messages;
	size_t message_count, message_room;
	struct omission *left_out; /* parts and members that are skipped, and why */
	size_t left_out_count, left_out_room;
	struct draft_tally *tallies; /* by the rule's place in the catalogue */
	bool shares_tallies;	     /* with other drafts: they count on, and are not its own */
	size_t rule_count, max_findings;
	const struct rule *only; /* the findings of others are not kept; NULL: all are */
	long long now; /* the time to judge it by, in seconds since 1970; 0: that of the options */
	bool failed;   /* out of memory on the way: the source is incomplete */
	/* What is kept of the messages for judging them beside others, and the one they answer;
	 * NULL: none. */
	struct message_summary *summary;
	const struct message_summary *request;
	struct draft_upload *upload; /* NULL: none is kept */
};

/* -1 when out of memory. source is copied. max_findings bounds each message's list. */
int draft_init(struct draft *draft, const char *source, size_t rule_count, size_t max_findings);
void draft_release(struct draft *draft);
/* Forget the messages and what was left out; the tallies stay as they are. */
void draft_discard(struct draft *draft);

/*
 * As draft_init, of a draft that was of another source before: its memory serves again. It counts
 * in tallies that it shares with others, rule_count of them (draft_commit_tallies).
 */
int draft_renew(struct draft *draft, const char *source, struct draft_tally *tallies,
		size_t rule_count, size_t max_findings);

/* A new message at the end; NULL when out of memory (and draft->failed is set). Earlier pointers
 * die. */
struct draft_message *draft_add_message(struct draft *draft);

/*
 * A new finding of a message, zeroed but for its rule and severity. Past the limit it takes the
 * place of a less severe one; else it is NULL, and the message counts what is not listed. Also NULL
 * where the draft keeps another rule only, and when out of memory. Earlier pointers into the list
 * die.
 */
struct draft_finding *draft_add_finding(struct draft *draft, struct draft_message *message,
					const struct rule *rule, enum cpis_severity severity);

/*
 * The same of one that a finding of another rule, cause, covers: it counts only where a profile, a
 * waiver or a baseline makes that less than this one. As many as the limit allows are kept, and one
 * of each pair of rules; past that it is NULL.
 */
struct draft_finding *draft_add_behind(struct draft *draft, struct draft_message *message,
				       const struct rule *rule, const struct rule *cause);

/* Among the findings that are counted and not listed, one is of another rule than was said. */
void draft_amend_unlisted(struct draft *draft, struct draft_message *message,
			  const struct rule *was, const struct rule *is);

/*
 * Take back findings of a rule, each at another of some offsets of a document, in their order: what
 * came later proves them wrong. Those that are not listed are no longer counted. Returns how many
 * were taken back.
 */
size_t draft_withdraw(struct draft *draft, struct draft_message *message, const struct rule *rule,
		      size_t document, const size_t *offsets, size_t count);

/*
 * A rule, by its place in the catalogue, could not judge a part of the message that is broken. by:
 * the rule whose finding says so, or NULL. Unless an error of the message explains it, the message
 * is incomplete.
 */
void draft_note_blocked(struct draft *draft, struct draft_message *message, size_t place,
			const struct rule *by);

/*
 * The same of what is around the message and around others before it, count of them, in one
 * document. The finding that says so may be with any of these: where it is an error when the draft
 * is committed, what was blocked is noted beside it.
 */
void draft_note_blocked_around(struct draft *draft, struct draft_message *message, size_t place,
			       const struct rule *by, size_t count, size_t document);

void draft_add_omission(struct draft *draft, struct draft_message *message, const char *what,
			const char *why);

/* Something in the source that is not judged, and need not be. */
void draft_add_left_out(struct draft *draft, const char *what, const char *why);

/* Add a copy of what another draft of the same source found, whose documents count from documents
 * on. The other one is good for draft_renew alone. */
void draft_join(struct draft *draft, struct draft *other, size_t documents);

/* Append a draft's messages to results, in order of input, and add its tallies unless it shares
 * them. The draft may be released afterwards. -1: out of memory. */
int draft_commit(struct results *results, const struct draft *draft);

/* Add what drafts counted together, once. */
void draft_commit_tallies(struct results *results, const struct draft_tally *tallies,
			  size_t rule_count);

/*
 * One finding may stand for faults of two rules, so that one slip makes one finding. Where its own
 * rule is lowered, off, or accepted somewhere in the message, it no longer covers the other one.
 * message_uncovered: the next of those, from *at on, to be accepted or not; NULL after the last.
 * message_reveal: they are all findings of the message from now on; true where there were any,
 * which may uncover others. Pointers to earlier findings stay readable.
 */
struct finding *message_uncovered(const struct results *results,
				  const struct message_result *message, size_t *at);
bool message_reveal(struct results *results, struct message_result *message);

/*
 * Add the findings and the tally of one rule in a draft to a message that was committed before, by
 * its index in the results. Past the limit of the draft they are counted. -1: out of memory.
 */
int draft_commit_late(struct results *results, size_t message, const struct draft *draft,
		      const struct rule *rule, size_t tally);

#endif
