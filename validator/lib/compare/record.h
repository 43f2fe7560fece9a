/*
 * record.h - what is known of one child, from a data set, an upload or a query response. Plain
 * values, for comparison.
 *
 * Times are in HL7 form, or relative to a day (config/when.h) until records_settle. A value that is
 * not there is empty.
 */
#ifndef CPIS_COMPARE_RECORD_H
#define CPIS_COMPARE_RECORD_H

#include "base/arena.h"
#include "config/when.h"
#include "message/parts.h"

struct child_plan {
	enum plan_kind kind;
	struct str start, end, deleted;
};

struct child_record {
	size_t number; /* of the record in its file, from 1 */
	size_t line;   /* 0: not known */
	enum subject_kind subject;
	bool keyed; /* of a data set: its values are the tester's, not a message's */
	struct str nhs_number, local_id, given, family, birth;
	/* of a message; compared with those of another message of its kind alone */
	struct str other_numbers; /* NHS numbers after the first */
	struct str local_authority, authority, authority_name, emergency, telephones;
	struct str outcome; /* of an acknowledgement: OUTCOME_LOADED, or that it was refused */
	/* of a detail, which has nothing else but an NHS number: what it is of, an XPath in the
	 * message or words of ours, and what the message says of it */
	struct str place, code;
	const char *what;	  /* NULL: a record, or it has a place */
	struct child_plan *plans; /* in the arena of the list */
	size_t plan_count;
};

#define OUTCOME_LOADED	"loaded"
#define OUTCOME_REFUSED "refused"

/* What a list may say nothing of. */
enum record_value {
	RECORD_NUMBER = 1 << 0,
	RECORD_LOCAL_ID = 1 << 1,
	RECORD_GIVEN = 1 << 2,
	RECORD_FAMILY = 1 << 3,
	RECORD_BIRTH = 1 << 4,
	RECORD_SUBJECT = 1 << 5,
	RECORD_PLANS = 1 << 6,
	RECORD_START = 1 << 7,
	RECORD_END = 1 << 8,
};

/* Zeroed is empty; items and texts are in the arena that grew it. */
struct child_records {
	struct child_record *items;
	size_t count, room;
	unsigned relative;   /* of a data set: the days that its times are relative to, enum
				when_anchor as bits */
	char made[WHEN_DAY]; /* of a message: the day on which it was made; "": it does not say */
	enum part_kind kind; /* of a message: upload, response, acknowledgement; 0: none */
	/* of a message: the line of the first element that its kind does not have, in which there
	 * may be what no record shows; 0: none */
	size_t strange_line;
	bool whole;	 /* what is of messages alone is compared too */
	bool exact;	 /* of what is expected: a day alone does not agree with a time on it */
	unsigned silent; /* bits of enum record_value that it has no column for: not compared */
	struct child_records *details; /* of an acknowledgement, a response; NULL: none */
};

/* A new record at the end, zeroed; NULL when out of memory. Earlier pointers into the list die. */
struct child_record *child_records_add(struct child_records *records, struct arena *arena);

/*
 * One record of a message: a child_record for each of its subjects, or one where there is none.
 * Texts are copied. -1 when out of memory.
 */
int child_records_take(struct child_records *records, struct arena *arena,
		       const struct record *record);

/* A detail of an acknowledgement: what became of the record at a place. -1 when out of memory. */
int child_records_take_detail(struct child_records *records, struct arena *arena,
			      const struct record_detail *detail);

/* What an acknowledgement says of the whole upload. -1 when out of memory. */
int child_records_take_outcome(struct child_records *records, struct arena *arena,
			       const struct acknowledgement *acknowledgement);

/* An access that a response lists, by its NHS numbers; -1 when out of memory. Those that a record
 * has are taken out at the end: how often one child was asked for may differ. */
int child_records_take_access(struct child_records *records, struct arena *arena,
			      const struct query *query);
void child_records_end_response(struct child_records *records);

/* "child protection plan"; "plan" for any other value. */
const char *plan_kind_words(enum plan_kind kind);
/* "child", "mother of an unborn child", "" */
const char *subject_kind_words(enum subject_kind kind);

#endif
