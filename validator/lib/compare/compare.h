/*
 * compare.h - the records that should be there against those that are, in any order.
 *
 * Two records belong together when all is the same; else when NHS number and local id are, then the
 * NHS number, then the local id, then name and birth date. So a number that was mistyped is one
 * changed record, not one missing and one added. Cost is that of sorting.
 */
#ifndef CPIS_COMPARE_COMPARE_H
#define CPIS_COMPARE_COMPARE_H

#include "compare/record.h"
#include "diag/mask.h"

enum record_match {
	MATCH_EXACT,
	MATCH_CONTAINS /* records that nobody expects may be there too */
};

enum difference_kind { DIFFERENCE_MISSING, DIFFERENCE_CHANGED, DIFFERENCE_ADDED };

/* One value that differs. Empty: nothing is there. */
struct field_difference {
	const char *name; /* "surname", "end date of the child protection plan" */
	enum mask_kind mask;
	struct str expected, found;
};

struct record_difference {
	enum difference_kind kind;
	const struct child_record *expected, *found; /* NULL: there is none */
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
 * the minute does not agree with a mere day. The comparison is in arena and points to the records.
 * -1 when memory is out.
 */
int records_compare(struct arena *arena, const struct child_records *expected,
		    const struct child_records *found, enum record_match match,
		    struct comparison *comparison);

#endif
