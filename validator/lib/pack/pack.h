/*
 * pack.h - a test pack as it was written: plain records, every value with its place.
 *
 * The tables of pack.c say which key fills which member. Nothing here is resolved: a rule is its
 * id, an XPath is its text. A loaded pack is read-only, but for what its check marks in it.
 */
#ifndef CPIS_PACK_PACK_H
#define CPIS_PACK_PACK_H

#include "pack/edit.h"

struct pack_requirement {
	struct config_place place;
	struct config_text id, text, source, not_testable;
};

struct pack_expected {
	struct config_place place;
	struct config_text rule, at;
	struct config_number count; /* 1 when not given */
	struct config_number in;    /* enum pair_side; the response when not given */
};

/* Which of two messages is meant, where a case has two. */
enum pair_side { SIDE_REQUEST, SIDE_RESPONSE };

/*
 * A statement about the message: an XPath with exactly one of the tests, or a Schematron file, all
 * of whose assertions must hold.
 */
struct pack_assert {
	struct config_place place;
	struct config_text schematron, phase; /* path from the folder of the pack */
	struct config_number side;	      /* enum pair_side; the response when not given */
	struct config_text xpath, title;
	struct config_number exists, absent, count;
	struct config_text equals, not_equals, contains, matches;
	struct config_text on, not_before, not_after; /* times; config/when.h */
	struct config_texts in;
};

/* The records that must be in the message. */
struct pack_records {
	struct config_place place;
	struct config_number match; /* enum record_match */
	struct config_text
		from; /* path from the folder of the pack; not given: the case's "given" */
};

struct pack_expect {
	struct config_place place;
	struct config_number verdict; /* enum cpis_verdict */
	struct pack_expected *findings;
	size_t finding_count;
	struct config_number at_least;
	struct config_number notes;  /* given: findings of severity info are allowed */
	struct config_number status; /* of HTTP, of a server's reply */
	struct config_text report;   /* code of an error report that it is to be; not given: none */
	struct pack_assert *asserts;
	size_t assert_count;
	struct pack_records *records;
};

/* The case that a run adds where something is wrong with the evidence as a whole. */

/* How many files fill a slot. */
enum slot_takes { SLOT_TAKES_MANY, SLOT_TAKES_ONE };

struct pack_manual {
	struct config_place place;
	struct config_text question;
};

/* What reply says where the request must stay without one. */
#define EXCHANGE_NO_REPLY "none"

/* A slot that an exchange of a journal fills, by what it says. */
struct pack_exchange {
	struct config_place place;
	struct config_text request;  /* an XPath that is true of the request */
	struct config_text reply;    /* one that is true of the reply, or EXCHANGE_NO_REPLY; not
					given: there is one */
	struct config_text after;    /* id of an earlier case: its exchange came before */
	struct config_number within; /* so many seconds before, at most */
};

/* A message in the folder of the pack, and what is changed in it. */
struct pack_fixed {
	struct config_text file; /* path from the folder of the pack */
	struct pack_edit *edits;
	size_t edit_count;
};

/* Exactly one of message, evidence, exchange, manual, and a request is given: with its response, or
 * without where the response is to come from a server. */
struct pack_case {
	struct config_place place;
	struct config_text id, title;
	struct config_texts requirements, tags;
	struct pack_fixed message, request, response;
	struct config_text evidence; /* pattern from the folder of the evidence */
	struct config_number files;  /* enum slot_takes; many when not given */
	struct config_text evidence_request, evidence_response; /* the same, of two messages */
	struct pack_exchange *exchange;
	struct pack_manual *manual;
	struct config_text given; /* path of the data set that was keyed into the system */
	struct pack_expect *expect;
	struct config_text known_failure, known_failure_owner, known_failure_expires;
	bool faulty; /* it has problems of its own: its messages are not looked at */
};

struct pack_waiver {
	struct config_place place;
	struct config_text case_id, rule, at, reason, owner, expires;
};

struct pack_defaults {
	struct config_place place;
	struct config_texts tags;
};

struct pack {
	struct config_place place;
	struct config_text name, version, title, specification, requirements_file;
	struct config_text
		now; /* the time by which its own messages are judged; not given: the run's */
	struct config_text keyed;	  /* the day on which its own messages' data was keyed in */
	struct config_text evidence_from; /* a date: evidence that is older is refused */
	struct config_number extra;	  /* given: evidence may have files that fill no slot */
	struct pack_defaults *defaults;
	struct pack_case *cases;
	size_t case_count;
	struct pack_waiver *waivers;
	size_t waiver_count;
	struct config_number allow_outside; /* it may name files that are not in its folder */

	/* Not from the file itself: */
	struct pack_requirement *requirements; /* of requirements_file */
	size_t requirement_count;
	const char *requirements_path; /* for problems; NULL: no such file */
	const char *file;	       /* the pack's file as it was named */
	const char *folder;	       /* its folder, with a "/" at the end, or "" */
	char sha256[65];	       /* of the pack's file */
	size_t bytes;		       /* of it */
	struct arena arena;
};

/*
 * Read a pack: the file, or the folder in which it is called pack.yaml, and the requirements that
 * it names. What it has wrong is added to problems; the pack is then incomplete, and good only for
 * finding more that is wrong. NULL when out of memory, which is among the problems. allow_outside:
 * it may name files outside of its folder, as if it said so.
 */
/* The formats of a pack, of an entry of its requirements and of its answers, and of the day of
 * keying.
 */
extern const struct mapping pack_mapping, requirement_mapping, answer_mapping, keyed_mapping;

struct pack *pack_load(const char *path, bool allow_outside, struct problems *problems);
void pack_free(struct pack *pack);

/*
 * The path of a file that the pack names, in arena. NULL: out of memory, or the file is outside the
 * pack's folder, by its name or by a link, and the pack does not say that it may be. Either is
 * added to problems.
 */
const char *pack_path(const struct pack *pack, const struct config_text *name, struct arena *arena,
		      struct problems *problems);
/* Whether it names one that is outside. */
bool pack_is_outside(const struct pack *pack, const char *name);

#endif
