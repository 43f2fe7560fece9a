/*
 * index.h - the ledger's own tables beside the state: which files were read, which messages they
 * hold, and which acknowledgement belongs to which upload.
 *
 * What was read once is not read again: a new file costs its own size. Each file is taken in a
 * transaction of its own, so that a ledger that is killed goes on where it was.
 */
#ifndef CPIS_LEDGER_INDEX_H
#define CPIS_LEDGER_INDEX_H

#include "state/store.h"

enum index_statement {
	FIND_SOURCE,
	ADD_SOURCE,
	BLAME_SOURCE,
	BAD_SOURCES,
	ADD_MESSAGE,
	ADD_REFUSAL,
	ADD_LOCATED,
	REFUSALS,
	ADD_RETURNED,
	ADD_RETURNED_PLANS,
	RETURNED,
	ADD_COUNTED,
	SET_UNNAMED,
	UNNAMED,
	ADD_LOCAL,
	OTHER_NUMBERS,
	ANSWERS,
	UPLOAD_ANSWERED,
	UPLOAD_BEFORE,
	FORGET_ANSWERS,
	SET_ANSWER,
	PENDING_SOURCES,
	PENDING_UPLOADS,
	SET_LOADED,
	ORPHANS,
	COUNT_KIND,
	ADD_ANSWERED_PLAN,
	ANSWERED_PLANS,
	RESPONSES,
	ADD_UNMATCHED,
	UNMATCHED,
	SETTLE_MATCHED,
	ADD_GIVEN,
	COUNT_NOT_GIVEN,
	FORGET_NOT_GIVEN,
	BOUND,
	SET_BOUND,
	INDEX_STATEMENT_COUNT
};

enum message_kind {
	MESSAGE_UPLOAD = 1,
	MESSAGE_ACKNOWLEDGEMENT,
	MESSAGE_INACTIVE,
	MESSAGE_ACCESS,
	MESSAGE_QUERY,
	MESSAGE_RESPONSE
};

enum { INDEX_BOUND_TABLES = 15 };

/* What a table holds. It is written with the rows, so that one that lost some is known. */
struct index_bound {
	long long rows;
	uint64_t digest;
};

struct index {
	struct state *state;
	const char *doubt;   /* why it is to be made anew: "is the index of..."; NULL: it is not */
	size_t lost_sources; /* files that were read, and that it does not name any more */
	bool bound;	     /* it is a file */
	struct index_bound bounds[INDEX_BOUND_TABLES], written[INDEX_BOUND_TABLES];
	sqlite3_stmt *statements[INDEX_STATEMENT_COUNT];
};

/* path NULL: in memory. 0, or -1 with the reason. All of the index is read, once. */
int index_open(struct index *index, const char *path, struct cpis_failure *failure);
void index_close(struct index *index);

/* As state_begin and state_commit: all that is written is written between them. */
int index_begin(struct index *index, struct cpis_failure *failure);
int index_commit(struct index *index, struct cpis_failure *failure);

/* As store_statement; the helpers of state/store.h do the rest. */
sqlite3_stmt *index_statement(struct index *index, enum index_statement id);

/*
 * Read what is new in these files and folders, and settle which acknowledgement belongs to which
 * upload. problem is called for each file that could not be read; it is remembered, and read again
 * when it changes, or forgotten when it is not given any more. changed: a file that was read before
 * is another one now. Then, and where the index is in doubt, the files are only counted: it must be
 * made anew.
 */
struct index_counts {
	size_t files, fresh, unread, twice; /* twice: messages that were there before */
	size_t not_given; /* files that were read before, count, and are not among these */
};

typedef void (*index_problem)(void *context, const char *path, const char *why);

/* skipped is called for each file that is not taken for a message. */
int index_read(struct index *index, const char *const *paths, size_t count, bool *changed,
	       struct index_counts *counts, index_problem skipped, void *context,
	       struct cpis_failure *failure);
int index_each_unread(struct index *index, index_problem problem, void *context,
		      struct cpis_failure *failure);

/* Forget all that was read. Its tables are of the format of today then. */
int index_reset(struct index *index, struct cpis_failure *failure);

/* intake.c and load.c: what the messages of a source say, and the records of its uploads. */

/* A larger source is not read. */
#define INDEX_MOST_BYTES ((size_t)4 << 30)

/* A message that was found. */
struct index_message {
	enum message_kind kind;
	size_t place; /* among those of its kind in the source, from 1 */
	struct str authority, number;
	long long made;	   /* creationTime or effectiveTime; 0: it cannot be read */
	long long records; /* as it says */
	struct str first;  /* whom the first record of an upload is about */
	enum state_code code;
};

/* Add a message; its id, or 0 where it was there before. */
long long index_add(struct index *index, long long source, const struct index_message *message);

/* The messages of a source; a large upload is left before its records. twice: grows by those that
 * were there before. */
int intake_survey(struct index *index, long long source, const char *path, size_t *twice,
		  struct cpis_failure *failure);
/* The records of the uploads of a source that wait to be loaded. */
int intake_load(struct index *index, long long source, const char *path,
		struct cpis_failure *failure);

#endif
