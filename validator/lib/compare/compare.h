/*
 * compare.h - the records that are expected against those that were found, in any order, and what
 * differs in words.
 *
 * Two records belong together when all is the same; else when NHS number and local id are, then the
 * NHS number, then the local id, then name and birth date. So a number that was mistyped is one
 * changed record, not one missing and one added. Cost is that of sorting.
 */
#ifndef CPIS_COMPARE_COMPARE_H
#define CPIS_COMPARE_COMPARE_H

#include "base/buf.h"
#include "compare/record.h"
#include "config/problem.h"
#include "diag/mask.h"

enum record_match {
	MATCH_EXACT,
	MATCH_CONTAINS /* other records may be there too */
};

enum difference_kind { DIFFERENCE_MISSING, DIFFERENCE_CHANGED, DIFFERENCE_ADDED };

/* One value that differs. Empty: it is not there. */
struct field_difference {
	const char *name; /* "surname", "end date of the child protection plan" */
	enum mask_kind mask;
	struct str expected, found;
	bool keyed; /* what is expected is a plan's date of a data set: always written out */
};

struct record_difference {
	enum difference_kind kind;
	const struct child_record *expected, *found; /* or NULL */
	struct field_difference *fields;
	size_t field_count;
};

struct comparison {
	size_t expected, found, same, missing, changed, added;
	/* missing and changed in the order in which they are expected, then what was added */
	struct record_difference *differences;
	size_t difference_count;
};

/*
 * A time that is expected by the day agrees with every time on that day; one that is expected by
 * the minute does not agree with a day alone. What is expected exactly agrees with its like only,
 * and the other way round. The comparison is in arena and points to the records.
 * -1 when out of memory.
 */
int records_compare(struct arena *arena, const struct child_records *expected,
		    const struct child_records *found, enum record_match match,
		    struct comparison *comparison);

/* In words, personal values masked. */

/* "missing", "changed", "added" */
const char *difference_word(enum difference_kind kind);

/* "record 3 (NHS number #1, local id #2)". In arena. */
const char *difference_record(struct masker *masker, struct arena *arena,
			      const struct child_record *record);

/* A value of a field as it is shown; "nothing" where there is none. In arena. */
const char *difference_value(struct masker *masker, struct arena *arena, enum mask_kind mask,
			     struct str value);

/* The same, of what is expected. */
const char *difference_expected(struct masker *masker, struct arena *arena,
				const struct field_difference *field);

/* "surname: expected name #1, found name #2" */
void difference_field(struct masker *masker, struct arena *arena,
		      const struct field_difference *field, struct buf *out);

/*
 * One difference in one sentence: "changed: record 3 (...): surname: expected name #1, found name
 * #2".
 */
void difference_describe(struct masker *masker, struct arena *arena,
			 const struct record_difference *difference, struct buf *out);

/*
 * Records of children from a file: a data set (YAML), which says what was keyed into
 * the system under test, or a message that has such records in it.
 */

/* The format of a data set. */
extern const struct mapping dataset_mapping;

/* By its name: .yaml and .yml are data sets, all else is a message. */
bool dataset_is_yaml(const char *path);

/* Read a file of either kind; records and texts are in arena. -1: the reasons are among the
 * problems. */
int dataset_read(struct child_records *records, struct arena *arena, const char *path,
		 struct problems *problems);

/*
 * Records whose times are all fixed: relative ones become times of these days, in a copy in arena.
 * WHEN_FIXED when all is known, or the day that is not; *settled is then not touched.
 */
enum when_anchor records_settle(const struct child_records *records, struct arena *arena,
				const struct when_days *days, struct child_records *settled);

/* Whether a time that was found is the one that is expected, which may be a day alone. */
bool times_agree(struct str expected, struct str found);

/* The records of a message. -1 with the reason in *failure. */
int dataset_of_message(struct child_records *records, struct arena *arena, struct str bytes,
		       struct cpis_failure *failure);

#endif
