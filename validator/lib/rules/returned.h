/*
 * returned.h - records that an acknowledgement returns, beside those that were uploaded.
 */
#ifndef CPIS_RULES_RETURNED_H
#define CPIS_RULES_RETURNED_H

#include "diag/mask.h"
#include "message/summary.h"

/* The uploaded records, to be found by NHS number or by place. */
struct returned_index {
	const struct summary_record **by_number; /* in order of NHS number */
	const struct summary_record **by_place;
	unsigned char
		*roles; /* by place: bit (1 << role) for each role in which a record is returned */
	size_t count;
};

/* -1 when memory is out. All of it is in arena. */
int returned_index_make(struct returned_index *index, const struct message_summary *request,
			const struct message_summary *response, struct arena *arena);

/* The first way in which a returned record differs from the one uploaded. */
struct difference {
	const char *noun;	      /* NULL: there is none */
	struct value found, expected; /* where a value differs; else there is none */
	enum mask_kind mask;
};

/* Uploaded records of the NHS number of a returned one; 0: none, and 0 where it has no number. */
size_t returned_candidates(const struct returned_index *index,
			   const struct summary_record *returned,
			   const struct summary_record *const **first);

struct difference returned_difference(const struct summary_record *returned,
				      const struct summary_record *uploaded);

/* The NHS number of a record; text.p is NULL where it has none. */
const struct value *returned_number(const struct summary_record *record);

#endif
