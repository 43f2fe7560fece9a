/*
 * answers.h - which records of an upload its acknowledgement refuses.
 *
 * It says it three times: by the places of records, by returning those that it refuses, and by
 * their count. Where each place is a number and they are as many as are counted, the places alone
 * say it. For all others the upload is read first, and what is still open then stays open.
 */
#ifndef CPIS_LEDGER_ANSWERS_H
#define CPIS_LEDGER_ANSWERS_H

#include "base/arena.h"
#include "rules/location.h"
#include "state/state.h"

/* What it says of one record. */
struct answer_detail {
	size_t record; /* from 1; 0: the location has no number */
	enum state_code code;
	struct str location; /* where record is 0; empty: it was not kept */
};

/* A record that it returns as refused. */
struct answer_returned {
	struct str person;
	unsigned plans; /* bits by enum plan_kind; 0: not known */
};

struct answer {
	enum state_code file;
	long long records, refused; /* as it counts them; -1: it does not */
	struct answer_detail *details;
	struct answer_returned *returned;
	size_t detail_count, detail_room, returned_count, returned_room;
};

/* A record of the upload, and what became of it. */
struct answered_record {
	struct str person;
	unsigned plans;
	enum state_code code;
	bool returned;
};

struct answered_upload {
	struct answered_record *records;
	size_t count, room;
	size_t unnamed; /* refused records of which it is not known which they are */
};

/* The person that a record is about: its NHS number, or else its local id. Borrowed. */
struct str answer_person(const struct record *record);
/* The kinds of its plans, as bits. */
unsigned answer_plans(const struct record *record);

/* The texts are borrowed; when out of memory the arena says so. */
void answer_add_detail(struct arena *arena, struct answer *answer, struct answer_detail detail);
void answer_add_returned(struct arena *arena, struct answer *answer,
			 struct answer_returned returned);

/* What became of records that it says nothing of. */
enum state_code answer_of_others(const struct answer *answer);

bool answer_refuses(enum state_code code);

/* Whether the numbers of its details say all that it says of records. */
bool answer_is_plain(const struct answer *answer, struct arena *arena);

/* Sort the details of one that is plain, and look one up. NULL: none is about the record. */
void answer_sort(struct answer *answer);
const struct answer_detail *answer_find(const struct answer *answer, size_t record);

/* Whether so many records that were found to be refused are fewer than it says. */
bool answer_lacks(const struct answer *answer, size_t refused);

/* Settle codes and unnamed. where: the upload, to look for locations in; NULL: they cannot be. */
void answer_settle(const struct answer *answer, struct location_upload *where,
		   struct answered_upload *upload, struct arena *arena);

#endif
