/*
 * store.h - the state in SQLite: its tables, and the statements on them.
 *
 * A failure sticks until it is reported: callers bind and step freely and ask once.
 */
#ifndef CPIS_STATE_STORE_H
#define CPIS_STATE_STORE_H

#include "state/state.h"

#include <sqlite3.h>

enum statement_id {
	ADD_AUTHORITY,
	FIND_AUTHORITY,
	ALL_AUTHORITIES,
	ADD_FILE,
	LAST_FILE,
	SETTLE_FILE,
	FILES_OF_AUTHORITY,
	LATEST_STAYS, /* of a plan, the latest first */
	ADD_STAY,
	STRETCH_STAY,
	DROP_STAY,
	STAYS_OF_NUMBER,
	NEXT_NUMBER,
	BIRTHS_OF_NUMBER,
	ADD_INACTIVE,
	INACTIVE_OF_NUMBER,
	ADD_ACCESS,
	ACCESS_WITHIN,
	ADD_UNLISTED,
	NOTIFIED_WITHIN,
	ACCESSES_OF_NUMBER,
	ADD_NOTICE,
	NOTICES_WAITING,
	NOTICES_SENT,
	STATEMENT_COUNT
};

/* The uploads of an authority as long as the state is open: they are few beside its records. */
struct state_uploads {
	struct state_authority authority;
	struct state_file *files; /* by ordinal, from 1: files[0] is the first */
	size_t count, room;
	size_t *order; /* ordinals in the order in which the service took them; NULL: not made */
	size_t *rank;  /* by ordinal less one, its place in that order */
	size_t ordered, order_room;
	size_t displaced; /* places of that order that are not of their own ordinal */
	bool loaded;
};

struct state {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENT_COUNT];
	bool begun, failed;
	char why[256];
	struct arena arena;	       /* of uploads and their texts */
	struct state_uploads *uploads; /* by authority id less one */
	size_t upload_count, upload_room;
	/* The upload that is read: */
	struct state_file *file;
	struct arena scratch;
	enum state_code file_code;
	long long taken;
	size_t place, loaded, refused;
	bool again;
};

/* The statement, without bindings; NULL after a failure. */
sqlite3_stmt *store_statement(struct state *state, enum statement_id id);
void store_number(sqlite3_stmt *statement, int at, long long value);
void store_text(sqlite3_stmt *statement, int at, struct str text); /* borrowed until reset */
/* A row is there. */
bool store_row(struct state *state, sqlite3_stmt *statement);
/* Run it for its effect. */
void store_run(struct state *state, sqlite3_stmt *statement);
void store_reset(sqlite3_stmt *statement);
struct str store_column(struct arena *arena, sqlite3_stmt *statement, int at);

/* 0, or -1 with the reason where something failed since it was asked last. */
int store_result(struct state *state, struct cpis_failure *failure);

/* The uploads of an authority, without and with their order; NULL on failure. */
struct state_uploads *store_uploads(struct state *state, size_t authority);
struct state_uploads *store_uploads_in_order(struct state *state, size_t authority);
/* A file is new among the uploads, or was taken at another time: where they have an order, it is
 * put into its place. */
void store_place(struct state_uploads *uploads, const struct state_file *file);
/* The number that an upload's text is, to order by. */
long long store_sequence_number(struct str text);

#endif
