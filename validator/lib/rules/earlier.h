/*
 * earlier.h - what the earlier records of a message say about the same people.
 *
 * An upload, its acknowledgement or a response is judged record by record, and each record is then
 * freed. Some rules ask whether a person was in an earlier record. For each person we keep the NHS
 * number, the kinds of plan, the place in the document, the birth date, and digests of the name and
 * of the record; for each local id, the NHS number it was given with. That is 32 bytes a record,
 * plus the slack of the tables. NHS numbers are kept in full. Local ids are kept as a digest:
 * before a finding is made, a match is compared with the bytes of the document, so a collision of
 * digests never makes a finding.
 *
 * Each thread has its own; it starts afresh with every upload.
 */
#ifndef CPIS_RULES_EARLIER_H
#define CPIS_RULES_EARLIER_H

#include "message/parts.h"

struct earlier;

struct earlier *earlier_new(void);
void earlier_free(struct earlier *earlier);

/* Call before each document, so that nothing of the last one is taken for part of it. */
void earlier_forget(struct earlier *earlier);

/* What earlier records say about one person of a record. Offsets are 0 where there is nothing. */
struct earlier_person {
	const struct identifier *number; /* of the person */
	const struct identifier *local;	 /* NULL: none that is comparable */
	uint64_t local_digest;		 /* of that id */
	unsigned repeated; /* bit (1 << enum plan_kind): an earlier record had such a plan too */
	size_t seen_at;	   /* where the person is in that record */
	struct str other_local; /* the local id that the person had there, if it differs */
	char other_number[10];	/* who had the local id there, if another person */
	size_t other_number_at;
	const struct subject *subject;
	bool other_birth, other_name; /* an earlier record with the person had another one */
	bool birth_at_seen;	      /* the birth date that differs is in the record of seen_at */
};

/* The subjects of a record: the schema takes two, and reports a third. */
enum { EARLIER_MOST = 2 };

struct earlier_people {
	struct earlier_person people[EARLIER_MOST];
	size_t count;
	size_t same_at; /* where an earlier record says exactly the same; 0: none does */
};

/* The id of a record that is not complete yet: earlier_of will look it up, and does so faster. */
void earlier_expect(const struct earlier *earlier, const struct identifier *id);

/*
 * Look up the people of a complete record, and remember them. The same record, by its place, gets
 * the same answer again. Only people with a valid NHS number are known, in uploads, in responses
 * and in what an acknowledgement says is loaded; count is 0 for others. Plans are remembered of
 * uploads alone, local ids of their acknowledgements too. document must hold this record and all
 * before it. NULL when out of memory.
 */
const struct earlier_people *earlier_of(struct earlier *earlier, struct str document,
					const struct record *record);

#endif
