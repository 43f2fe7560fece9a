/*
 * memory.h - what earlier records of an upload said of the same people.
 *
 * An upload is judged record by record, and every record is forgotten, but three rules ask whether
 * a person has been there before. Kept for each person are the number, the kinds of plan and the
 * place in the document; for each local id the number it stood for: 16 bytes a record, and a little
 * air. The digits of an NHS number are kept whole. A local id is kept as a digest, so that whoever
 * looks like an earlier one is compared with the bytes of the document before anything is said:
 * nobody is told of a repetition that is none.
 *
 * One for each thread; it starts afresh with every upload.
 */
#ifndef CPIS_RULES_MEMORY_H
#define CPIS_RULES_MEMORY_H

#include "message/parts.h"

struct memory;

struct memory *memory_new(void);
void memory_free(struct memory *memory);

/* Before each document: nothing of another one may be taken for it. */
void memory_forget(struct memory *memory);

/* What earlier records say of one person of a record. Offsets are 0 where there is nothing. */
struct recollection {
	const struct identifier *number; /* of the person */
	const struct identifier *local;	 /* NULL: none that is comparable */
	unsigned repeated; /* bit (1 << enum plan_kind): an earlier record had such a plan too */
	size_t earlier;	   /* where the person stands in that record */
	struct str other_local; /* the local id that the person had there, where it is another */
	char other_number[10];	/* whom the local id stood for, where that is somebody else */
	size_t other_number_at;
};

struct recollections {
	struct recollection people[2]; /* a child, a mother */
	size_t count;
};

/*
 * Look the people of a complete record up and remember them. The same record again, by its place,
 * gets the same answer. Only people of uploads with a valid NHS number are known; count is 0 for
 * others. The bytes of the document must be those in which the record and all before it stand.
 * NULL when memory is out.
 */
const struct recollections *memory_of(struct memory *memory, struct str document,
				      const struct record *record);

#endif
