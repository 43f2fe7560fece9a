#include "ledger/index.h"

#include "diag/failure.h"

/* Of the tables. 2: an ODS code is one authority in capitals and in small letters. 3: their rows
 * are bound together. */
enum { INDEX_FORMAT = 3 };

/*
 * unmatched: the sources read since the answers were matched; a ledger that is killed in between
 * must match them when it goes on.
 * answer: of an acknowledgement the upload that it answers, of an upload the last acknowledgement;
 * applied: that by which it was loaded.
 */
static const char tables[] =
	"CREATE TABLE IF NOT EXISTS source(id INTEGER PRIMARY KEY, path TEXT UNIQUE,"
	" bytes INTEGER, changed INTEGER, why TEXT);"
	"CREATE TABLE IF NOT EXISTS message(id INTEGER PRIMARY KEY, source INTEGER, kind INTEGER,"
	" place INTEGER, authority TEXT " ODS_CODE_SQL
	", number TEXT, made INTEGER, records INTEGER, code INTEGER,"
	" owner INTEGER DEFAULT 0, ordinal INTEGER DEFAULT 0, answer INTEGER DEFAULT 0,"
	" applied INTEGER DEFAULT 0, first TEXT, UNIQUE(kind, authority, number, made, records,"
	" first));"
	"CREATE INDEX IF NOT EXISTS message_of_source ON message(source);"
	"CREATE INDEX IF NOT EXISTS message_pending ON message(kind) WHERE kind = 1 AND"
	" (ordinal = 0 OR answer <> applied);"
	"CREATE INDEX IF NOT EXISTS message_of_file ON message(owner, ordinal) WHERE ordinal <> 0;"
	"CREATE TABLE IF NOT EXISTS refusal(message INTEGER, place INTEGER, record INTEGER,"
	" code INTEGER, PRIMARY KEY(message, place)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS returned(message INTEGER, place INTEGER, number TEXT,"
	" PRIMARY KEY(message, place)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS located(message INTEGER, place INTEGER, location TEXT,"
	" PRIMARY KEY(message, place)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS returned_plans(message INTEGER, place INTEGER, plans INTEGER,"
	" PRIMARY KEY(message, place)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS counted(message INTEGER PRIMARY KEY, refused INTEGER);"
	"CREATE TABLE IF NOT EXISTS unnamed(owner INTEGER, ordinal INTEGER, refused INTEGER,"
	" PRIMARY KEY(owner, ordinal)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS answered(message INTEGER, place INTEGER, authority TEXT,"
	" kind INTEGER, start TEXT, ends TEXT, PRIMARY KEY(message, place)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS index_format(number INTEGER);"
	"CREATE TABLE IF NOT EXISTS bound(place INTEGER PRIMARY KEY, rows INTEGER,"
	" digest INTEGER);"
	"CREATE TEMP TABLE IF NOT EXISTS given(source INTEGER PRIMARY KEY);"
	"CREATE TABLE IF NOT EXISTS unmatched(source INTEGER PRIMARY KEY);"
	"CREATE TABLE IF NOT EXISTS local(authority INTEGER, local TEXT, number TEXT,"
	" PRIMARY KEY(authority, local, number)) WITHOUT ROWID;";

static const char emptied[] = "DELETE FROM source; DELETE FROM message; DELETE FROM refusal;"
			      "DELETE FROM returned; DELETE FROM local; DELETE FROM answered;"
			      "DELETE FROM unmatched; DELETE FROM located;"
			      "DELETE FROM returned_plans; DELETE FROM counted;"
			      "DELETE FROM unnamed; DELETE FROM bound;";

/* What a ledger is made of, by place in index.bounds: the files first. */
static const char *const bound_tables[INDEX_BOUND_TABLES] = {
	"source",	  "message",   "refusal", "returned", "located",
	"returned_plans", "counted",   "unnamed", "local",    "answered",
	"unmatched",	  "authority", "file",	  "stay",     "inactive",
};

/* Texts that are made for each bound table, ?1, with its place, ?2. */
static const char count_rows[] =
	"SELECT 'SELECT count(cpis_bind(1, ' || ?2 || ', ' || group_concat('\"' || name || '\"')"
	" || ')) FROM main.' || ?1 FROM pragma_table_info(?1)";
/* Of this connection alone: what others do to the rows is not bound. */
static const char watch_rows[] =
	"SELECT 'CREATE TEMP TRIGGER bound_' || ?1 || '_comes AFTER INSERT ON main.' || ?1 ||"
	" ' BEGIN SELECT cpis_bind(1, ' || ?2 || new || '); END;"
	" CREATE TEMP TRIGGER bound_' || ?1 || '_goes AFTER DELETE ON main.' || ?1 ||"
	" ' BEGIN SELECT cpis_bind(-1, ' || ?2 || old || '); END;"
	" CREATE TEMP TRIGGER bound_' || ?1 || '_changes AFTER UPDATE ON main.' || ?1 ||"
	" ' BEGIN SELECT cpis_bind(-1, ' || ?2 || old || '), cpis_bind(1, ' || ?2 || new || ');"
	" END;' FROM (SELECT group_concat(', old.\"' || name || '\"', '') AS old,"
	" group_concat(', new.\"' || name || '\"', '') AS new FROM pragma_table_info(?1))";
static const char forget_rows[] = "SELECT 'DROP TRIGGER IF EXISTS temp.bound_' || ?1 || '_comes;"
				  " DROP TRIGGER IF EXISTS temp.bound_' || ?1 || '_goes;"
				  " DROP TRIGGER IF EXISTS temp.bound_' || ?1 || '_changes'";

#define AUTHORITY_IS_1 " authority = ?1 " ODS_CODE_SQL " AND"

static const char *const texts[INDEX_STATEMENT_COUNT] = {
	[FIND_SOURCE] = "SELECT bytes, changed, why, id FROM source WHERE path = ?1",
	[ADD_SOURCE] = "INSERT OR REPLACE INTO source(path, bytes, changed, why)"
		       " VALUES(?1, ?2, ?3, '')",
	[BLAME_SOURCE] = "UPDATE source SET why = ?2 WHERE id = ?1",
	[BAD_SOURCES] = "SELECT path, why FROM source WHERE why <> '' ORDER BY path",
	[ADD_MESSAGE] = "INSERT OR IGNORE INTO message(source, kind, place, authority, number,"
			" made, records, code, first) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[ADD_REFUSAL] = "INSERT OR REPLACE INTO refusal VALUES(?1, ?2, ?3, ?4)",
	[ADD_LOCATED] = "INSERT OR REPLACE INTO located VALUES(?1, ?2, ?3)",
	[REFUSALS] = "SELECT record, code, location FROM refusal r LEFT JOIN located l ON"
		     " l.message = r.message AND l.place = r.place WHERE r.message = ?1"
		     " ORDER BY r.place",
	[ADD_RETURNED] = "INSERT OR REPLACE INTO returned VALUES(?1, ?2, ?3)",
	[ADD_RETURNED_PLANS] = "INSERT OR REPLACE INTO returned_plans VALUES(?1, ?2, ?3)",
	[RETURNED] = "SELECT number, plans FROM returned r LEFT JOIN returned_plans p ON"
		     " p.message = r.message AND p.place = r.place WHERE r.message = ?1"
		     " ORDER BY r.place",
	[ADD_COUNTED] = "INSERT OR REPLACE INTO counted VALUES(?1, ?2)",
	[SET_UNNAMED] = "INSERT OR REPLACE INTO unnamed VALUES(?1, ?2, ?3)",
	[UNNAMED] = "SELECT refused FROM unnamed WHERE owner = ?1 AND ordinal = ?2",
	[ADD_LOCAL] = "INSERT OR IGNORE INTO local VALUES(?1, ?2, ?3)",
	[OTHER_NUMBERS] = "SELECT number FROM local WHERE authority = ?1 AND local = ?2"
			  " AND number <> ?3",
	[ANSWERS] = "SELECT id, authority, number, made, answer FROM message WHERE kind = 2"
		    " ORDER BY made, records, code, id",
	/* The last that was made before it; where there is none, the next within a day, as the
	 * clocks of the two may differ. Of two made at once each has one. Without a time it can be
	 * that of any of them. */
	[UPLOAD_ANSWERED] = "SELECT id FROM message WHERE kind = 1 AND" AUTHORITY_IS_1
			    " number = ?2 AND CASE WHEN ?3 <> 0 THEN made <= ?3 + 86400 ELSE 1 ="
			    " (SELECT count(*) FROM message WHERE kind = 1 AND" AUTHORITY_IS_1
			    " number = ?2) END ORDER BY made > ?3,"
			    " abs(made - ?3), answer NOT IN (0, ?4), records, first, id LIMIT 1",
	[UPLOAD_BEFORE] = "SELECT id FROM message WHERE kind = 1 AND" AUTHORITY_IS_1
			  " made <= ?2 AND made > ?2 - 604800 AND answer = 0"
			  " ORDER BY made DESC, CAST(number AS INTEGER) DESC, records, first"
			  " LIMIT 1",
	[FORGET_ANSWERS] = "UPDATE message SET answer = 0 WHERE kind = ?1 AND answer <> 0",
	[SET_ANSWER] = "UPDATE message SET answer = ?2 WHERE id = ?1 AND answer <> ?2",
	[PENDING_SOURCES] =
		"SELECT s.id, s.path FROM message m JOIN source s ON s.id = m.source LEFT JOIN"
		" message a ON a.id = m.answer WHERE m.kind = 1 AND (m.ordinal = 0 OR m.answer <>"
		" m.applied) AND s.why = '' GROUP BY s.id ORDER BY min(coalesce(a.made, m.made)),"
		" min(m.made), min(m.authority), min(CAST(m.number AS INTEGER)), min(m.first),"
		" min(m.records), s.path",
	[PENDING_UPLOADS] =
		"SELECT m.id, m.place, m.owner, m.ordinal, m.answer, m.made, a.made, a.code,"
		" m.answer <> m.applied OR m.ordinal = 0, coalesce(a.records, -1),"
		" coalesce(c.refused, -1) FROM message m LEFT JOIN message a ON a.id = m.answer"
		" LEFT JOIN counted c ON c.message = m.answer WHERE m.kind = 1 AND m.source = ?1 "
		"ORDER BY m.place",
	[SET_LOADED] = "UPDATE message SET owner = ?2, ordinal = ?3, applied = answer"
		       " WHERE id = ?1",
	[ORPHANS] = "SELECT authority, number, made FROM message WHERE kind = 2 AND answer = 0"
		    " ORDER BY authority, made",
	[ADD_ANSWERED_PLAN] = "INSERT OR REPLACE INTO answered VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
	[ANSWERED_PLANS] = "SELECT authority, kind, start, ends FROM answered WHERE message = ?1"
			   " ORDER BY place",
	[RESPONSES] = "SELECT id, number, made, records FROM message WHERE kind = 6 AND made > 0"
		      " AND made <= ?1 ORDER BY made, id",
	[ADD_UNMATCHED] = "INSERT OR IGNORE INTO unmatched VALUES(?1)",
	[UNMATCHED] = "SELECT source FROM unmatched LIMIT 1",
	[SETTLE_MATCHED] = "DELETE FROM unmatched",
	[ADD_GIVEN] = "INSERT OR IGNORE INTO given VALUES(?1)",
	[COUNT_NOT_GIVEN] = "SELECT count(*) FROM source WHERE id NOT IN given",
	[FORGET_NOT_GIVEN] = "DELETE FROM source WHERE why <> '' AND id NOT IN given"
			     " AND id NOT IN (SELECT source FROM message)",
	[COUNT_KIND] = "SELECT count(*) FROM message WHERE kind = ?1",
	[BOUND] = "SELECT place, rows, digest FROM bound",
	[SET_BOUND] = "INSERT OR REPLACE INTO bound VALUES(?1, ?2, ?3)",
};

static void run_text(struct index *index, const char *text)
{
	struct state *state = index->state;
	char *why = NULL;
	if (state->failed || sqlite3_exec(state->db, text, NULL, NULL, &why) == SQLITE_OK)
		return;
	state->failed = true;
	sqlite3_snprintf((int)sizeof(state->why), state->why, "%s", why ? why : "");
	sqlite3_free(why);
}

/* The number that a query finds; 0: it finds none, or there is no such table. */
static long long number_of(struct index *index, const char *query)
{
	sqlite3_stmt *row = NULL;
	long long number = 0;
	if (sqlite3_prepare_v2(index->state->db, query, -1, &row, NULL) == SQLITE_OK &&
	    sqlite3_step(row) == SQLITE_ROW)
		number = sqlite3_column_int64(row, 0);
	sqlite3_finalize(row);
	return number;
}

/* Write down the format of tables that are new. */
static void note_format(struct index *index)
{
	char text[96];
	sqlite3_snprintf((int)sizeof(text), text,
			 "DELETE FROM index_format; INSERT INTO index_format VALUES(%d);",
			 INDEX_FORMAT);
	run_text(index, text);
}

/* cpis_bind(1, table, columns...) of a row that comes, cpis_bind(-1, ...) of one that goes: the
 * rows are counted, and their digests summed, as they have no order. */
static void bind_row(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct index_bound *bounds = sqlite3_user_data(context);
	struct index_bound *bound = &bounds[sqlite3_value_int(values[1])];
	bool comes = sqlite3_value_int(values[0]) > 0;
	uint64_t digest = 1;
	for (int i = 2; i < count; i++) {
		const void *text = sqlite3_value_text(values[i]);
		struct str value = { text, (size_t)sqlite3_value_bytes(values[i]) };
		digest = (digest ^ str_hash(value)) * 0x9e3779b97f4a7c15u + (text != NULL);
	}
	digest ^= digest >> 29;
	bound->rows += comes ? 1 : -1;
	bound->digest += comes ? digest : 0 - digest;
	sqlite3_result_int(context, 1);
}

/* Make a text for each bound table, and run it. */
static void run_for_each_bound(struct index *index, const char *query)
{
	struct state *state = index->state;
	sqlite3_stmt *row = NULL;
	if (!state->failed && sqlite3_prepare_v2(state->db, query, -1, &row, NULL) != SQLITE_OK)
		run_text(index, query); /* says why */
	for (int i = 0; i < INDEX_BOUND_TABLES && !state->failed; i++) {
		store_text(row, 1, str_of(bound_tables[i]));
		store_number(row, 2, i);
		char *text = store_row(state, row)
				     ? sqlite3_mprintf("%s", sqlite3_column_text(row, 0))
				     : NULL;
		store_reset(row);
		state->arena.failed = state->arena.failed || (!text && !state->failed);
		if (text)
			run_text(index, text);
		sqlite3_free(text);
	}
	sqlite3_finalize(row);
}

static void read_bounds(struct index *index, struct index_bound *bounds)
{
	sqlite3_stmt *rows = index_statement(index, BOUND);
	memset(bounds, 0, INDEX_BOUND_TABLES * sizeof(*bounds));
	while (store_row(index->state, rows)) {
		size_t place = (size_t)sqlite3_column_int64(rows, 0);
		if (place < INDEX_BOUND_TABLES)
			bounds[place] =
				(struct index_bound){ sqlite3_column_int64(rows, 1),
						      (uint64_t)sqlite3_column_int64(rows, 2) };
	}
	store_reset(rows);
}

static bool same_bound(const struct index_bound *a, const struct index_bound *b)
{
	return a->rows == b->rows && a->digest == b->digest;
}

/* Whether the rows are those that were written, in one view of them. */
static bool agrees(struct index *index)
{
	struct index_bound written[INDEX_BOUND_TABLES];
	bool same = true;
	run_text(index, "BEGIN");
	read_bounds(index, written);
	run_for_each_bound(index, count_rows);
	run_text(index, "COMMIT");
	for (int i = 0; i < INDEX_BOUND_TABLES; i++)
		same = same && same_bound(&written[i], &index->bounds[i]);
	if (written[0].rows > index->bounds[0].rows)
		index->lost_sources = (size_t)(written[0].rows - index->bounds[0].rows);
	return same || index->state->failed;
}

/* made: it was an index before. */
static int bind_rows(struct index *index, const char *path, bool made, struct cpis_failure *failure)
{
	index->bound = true;
	if (sqlite3_create_function(index->state->db, "cpis_bind", -1, SQLITE_UTF8, index->bounds,
				    bind_row, NULL, NULL) != SQLITE_OK)
		return failure_out_of_memory(failure);
	/* Else a row that is replaced goes unseen. */
	run_text(index, "PRAGMA recursive_triggers = ON");
	if (!index->doubt && !agrees(index)) {
		if (!made)
			return failure_of_file(failure, path,
					       "is not an index of a ledger, or one that lost "
					       "the list of its files: begin a new index");
		index->doubt = "is an index that lost some of what was read";
	}
	if (!index->doubt)
		run_for_each_bound(index, watch_rows);
	return store_result(index->state, failure);
}

int index_open(struct index *index, const char *path, struct cpis_failure *failure)
{
	*index = (struct index){ .state = state_open(path, failure) };
	if (!index->state)
		return -1;
	bool made = state_is_index(index->state);
	long long format =
		made ? number_of(index, "SELECT number FROM index_format") : INDEX_FORMAT;
	if (format < INDEX_FORMAT)
		index->doubt = "is the index of an earlier version";
	if (format > INDEX_FORMAT) {
		failure_of_file(failure, path ? path : "",
				"is an index that cannot be used: it is of a later version");
	} else {
		run_text(index, "PRAGMA synchronous = NORMAL;");
		run_text(index, tables);
		if (!made)
			note_format(index);
		if (store_result(index->state, failure) == 0 &&
		    (!path || bind_rows(index, path, made, failure) == 0))
			return 0;
	}
	index_close(index);
	return -1;
}

int index_begin(struct index *index, struct cpis_failure *failure)
{
	if (state_begin(index->state, failure) != 0)
		return -1;
	/* Another ledger may have written since. */
	if (index->bound)
		read_bounds(index, index->bounds);
	memcpy(index->written, index->bounds, sizeof(index->written));
	return 0;
}

int index_commit(struct index *index, struct cpis_failure *failure)
{
	for (int i = 0; index->bound && i < INDEX_BOUND_TABLES; i++) {
		if (same_bound(&index->bounds[i], &index->written[i]))
			continue;
		sqlite3_stmt *set = index_statement(index, SET_BOUND);
		store_number(set, 1, i);
		store_number(set, 2, index->bounds[i].rows);
		store_number(set, 3, (long long)index->bounds[i].digest);
		store_run(index->state, set);
	}
	return state_commit(index->state, failure);
}

void index_close(struct index *index)
{
	for (size_t i = 0; i < INDEX_STATEMENT_COUNT; i++)
		sqlite3_finalize(index->statements[i]);
	state_close(index->state);
	*index = (struct index){ 0 };
}

sqlite3_stmt *index_statement(struct index *index, enum index_statement id)
{
	sqlite3_stmt **statement = &index->statements[id];
	struct state *state = index->state;
	if (state->failed)
		return NULL;
	if (!*statement && sqlite3_prepare_v3(state->db, texts[id], -1, SQLITE_PREPARE_PERSISTENT,
					      statement, NULL) != SQLITE_OK) {
		state->failed = true;
		sqlite3_snprintf((int)sizeof(state->why), state->why, "%s",
				 sqlite3_errmsg(state->db));
	}
	return *statement;
}

int index_reset(struct index *index, struct cpis_failure *failure)
{
	if (index_begin(index, failure) != 0)
		return -1;
	if (index->bound)
		run_for_each_bound(index, forget_rows);
	if (state_reset(index->state, failure) != 0) {
		state_rollback(index->state);
		return -1;
	}
	if (index->doubt)
		run_text(index, "DROP TABLE message;");
	run_text(index, tables);
	run_text(index, emptied);
	note_format(index);
	if (index->bound)
		run_for_each_bound(index, watch_rows);
	memset(index->bounds, 0, sizeof(index->bounds));
	memset(index->written, 0, sizeof(index->written));
	index->doubt = NULL;
	return index_commit(index, failure);
}

long long index_add(struct index *index, long long source, const struct index_message *message)
{
	sqlite3_stmt *added = index_statement(index, ADD_MESSAGE);
	store_number(added, 1, source);
	store_number(added, 2, message->kind);
	store_number(added, 3, (long long)message->place);
	store_text(added, 4, message->authority);
	store_text(added, 5, message->number);
	store_number(added, 6, message->made);
	store_number(added, 7, message->records);
	store_number(added, 8, message->code);
	store_text(added, 9, message->first);
	store_run(index->state, added);
	return sqlite3_changes(index->state->db) ? sqlite3_last_insert_rowid(index->state->db) : 0;
}

int index_each_unread(struct index *index, index_problem problem, void *context,
		      struct cpis_failure *failure)
{
	sqlite3_stmt *rows = index_statement(index, BAD_SOURCES);
	while (store_row(index->state, rows))
		problem(context, (const char *)sqlite3_column_text(rows, 0),
			(const char *)sqlite3_column_text(rows, 1));
	store_reset(rows);
	return store_result(index->state, failure);
}
