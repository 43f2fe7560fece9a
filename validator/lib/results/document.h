/*
 * document.h - the canonical document of a run, results.xml (reports/results.xsd), as a table.
 *
 * What elements and attributes are called, and which member of which struct each of them is, is
 * declared once, in document.c. results_xml_write goes over the table to write a document;
 * results_read (read.h) goes over it to read one.
 */
#ifndef CPIS_RESULTS_DOCUMENT_H
#define CPIS_RESULTS_DOCUMENT_H

#include "diag/results.h"
#include "results/summary.h"

#include <stdint.h>

enum member_kind {
	MEMBER_ABSENT, /* it is not in the document */

	/* Attributes. */
	MEMBER_NUMBER, /* the place of the element in its list, from 1 */
	MEMBER_TEXT,   /* const char *; NULL: no attribute */
	MEMBER_CHARS,  /* array of char; empty: no attribute */
	MEMBER_SIZE,   /* size_t */
	MEMBER_PLACE,  /* size_t; 0: no attribute */
	MEMBER_COUNT,  /* unsigned; 0: no attribute */
	MEMBER_WORD,   /* int or enum, written as its word */
	MEMBER_DATE,   /* long long, seconds since 1970; 0: no attribute */
	MEMBER_RULE,   /* const struct rule *, written as its id; NULL: no attribute */
	MEMBER_MADE,   /* the result of a function; NULL: no attribute */

	/* Contents. */
	MEMBER_CONTENT, /* const char *: the text of the element itself */
	MEMBER_LEAF,	/* const char *: an element that holds a text; NULL: no element */
	MEMBER_LEAVES,	/* const char **: such an element for each entry */
	MEMBER_BITS,	/* unsigned: such an element for each bit that is set, holding its word */
	MEMBER_RANGE,	/* size_t, the first of messages in a row: an element for each */
	MEMBER_PART,	/* an element for some more members of the same struct */
	MEMBER_LIST	/* array of structs: an element for each entry */
};

enum member_flags {
	NEEDED = 1, /* a document without it is damaged */
	FILLED = 2, /* an empty text is left out, as NULL is */
	ECHO = 4    /* follows from the rest of the document: the reader passes over it */
};

/* The words of an enum, from a function or a list; NULL for a value that has none. */
struct words {
	const char *(*word)(unsigned value);
	const char *const *list;
	unsigned count;
};

struct document;
struct record;

struct member {
	const char *name; /* NULL: it is not in the document either */
	enum member_kind kind;
	unsigned flags;
	uint16_t offset;	     /* in the struct */
	uint16_t size;		     /* CHARS; LEAVES and LIST: of an entry */
	uint16_t count_at;	     /* LEAVES, LIST, RANGE: offset of the number of entries */
	uint16_t room_at;	     /* LIST: offset of the room for entries; 0: it has none */
	const struct words *words;   /* WORD, BITS */
	const struct record *record; /* PART, LIST */
	const char *(*make)(struct document *document, const void *subject); /* MADE */
};

/* The members of a struct, in the order of the document. */
struct record {
	const struct member *members;
	size_t count;
	bool optional; /* PART: no element where the last member has no value */
};

/* A rule, and all that a run has to say about it. */
struct listed_rule {
	struct rule rule;
	struct rule_tally tally;
	unsigned changed_to;	     /* by a profile: CHANGED_TO_OFF, or 1 + a severity; 0: not */
	const char *source, *reason; /* of the change */
};

enum { CHANGED_TO_OFF = CPIS_ERROR + 2 };

/* "messages": 12 are "pass" */
struct counted {
	const char *of, *is;
	size_t number;
};

/* The struct of the root element. results is a shallow copy of the results that are written, or
 * those that are being read. */
struct document {
	struct results results;
	const struct results *whole; /* what is written is a part of it; or the same */
	struct summary summary;
	const char *headline, *completeness, *command_line;
	struct counted *counts;
	size_t count_count;
	struct listed_rule *rules;
	size_t rule_count;
	char digest[65];    /* of all inputs, while it is written */
	size_t messages_at; /* bytes of the document before the first message, when it is written */
	size_t cursor;	    /* of case_of_message, while messages are written */
};

enum {
	DOCUMENT_RULE_COUNTS = 6,
	DOCUMENT_MOST_COUNTS = 2 * (CPIS_FAIL + 1) + 2 * (CPIS_ERROR + 1) + CASE_OUTCOME_COUNT +
			       DOCUMENT_RULE_COUNTS,
};

/* List what a summary counts by verdict, severity and outcome. counts belongs to the caller. */
void document_count(struct document *document, const struct summary *summary,
		    struct counted counts[DOCUMENT_MOST_COUNTS]);

extern const struct record document_record, message_record;
extern const char document_namespace[]; /* "urn:cpis:results:1" */

bool member_is_attribute(const struct member *member);
bool member_is_content(const struct member *member);

/* NULL past the last. */
const char *words_at(const struct words *words, unsigned value);

/*
 * Put copies in the place of all that a struct of this record borrows, which was copied itself.
 * rule gives the rule to use for one. arena->failed says whether there was memory for them.
 */
void record_copy(const struct record *record, void *subject, struct arena *arena,
		 const struct rule *(*rule)(void *context, const struct rule *rule), void *context);

/* Write the document of results to out: 0, or -1 with the reason in *failure. The caller asks
 * whether out failed. */
int results_xml_write(const struct results *results, struct buf *out, struct cpis_failure *failure);

/*
 * The same for a part: a shallow copy of whole that lists fewer messages, findings or cases. The
 * summary is that of the whole.
 */
int results_xml_write_part(const struct results *whole, const struct results *part, struct buf *out,
			   struct cpis_failure *failure);

/* The same, and how many bytes come before the first message: where there is none, before the place
 * of one. */
int results_xml_write_around(const struct results *whole, const struct results *part,
			     struct buf *out, size_t *messages_at, struct cpis_failure *failure);

/*
 * Append one message, as it is in the document but for its number, which is written as 1: from
 * *number_at to *number_end in out. Not of results with cases. -1 when out of memory.
 */
int results_xml_write_message(const struct results *results, size_t message, struct buf *out,
			      size_t *number_at, size_t *number_end);

#endif
