/*
 * difference.h - a comparison of records in words, personal values masked as everywhere else.
 */
#ifndef CPIS_COMPARE_DIFFERENCE_H
#define CPIS_COMPARE_DIFFERENCE_H

#include "compare/compare.h"

/* "missing", "changed", "added" */
const char *difference_word(enum difference_kind kind);

/* "record 3 (NHS number #1, local id #2)". In arena. */
const char *difference_record(struct masker *masker, struct arena *arena,
			      const struct child_record *record);

/* A value of a field as it is shown; "nothing" where there is none. In arena. */
const char *difference_value(struct masker *masker, struct arena *arena, enum mask_kind mask,
			     struct str value);

/* "surname: expected name #1, found name #2" */
void difference_field(struct masker *masker, struct arena *arena,
		      const struct field_difference *field, struct buf *out);

/*
 * One difference in one sentence: "changed: record 3 (...): surname: expected name #1, found name
 * #2".
 */
void difference_describe(struct masker *masker, struct arena *arena,
			 const struct record_difference *difference, struct buf *out);

#endif
