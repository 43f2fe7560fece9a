#include "state/store.h"

#include "diag/failure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * A stay is what uploads from the first to the last, one after another, said of one plan: a file
 * that repeats the one before it costs no row.
 */
static const char tables[] =
	"CREATE TABLE IF NOT EXISTS authority(id INTEGER PRIMARY KEY, root TEXT, code TEXT UNIQUE,"
	" name TEXT, phone1 TEXT, use1 TEXT, phone2 TEXT, use2 TEXT);"
	"CREATE TABLE IF NOT EXISTS file(authority INTEGER, ordinal INTEGER, number TEXT,"
	" created INTEGER, taken INTEGER, code INTEGER, records INTEGER, repeats INTEGER,"
	" PRIMARY KEY(authority, ordinal)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS stay(number TEXT, authority INTEGER, kind INTEGER,"
	" first INTEGER, place INTEGER, last INTEGER, code INTEGER, fact INTEGER, subject INTEGER,"
	" start TEXT, ends TEXT, deleted TEXT, birth TEXT, local TEXT, given TEXT, family TEXT,"
	" PRIMARY KEY(number, authority, kind, first, place)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS inactive(number TEXT, replacement TEXT, at INTEGER,"
	" PRIMARY KEY(number, replacement)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS access(id INTEGER PRIMARY KEY, number TEXT, at INTEGER,"
	" query TEXT, effective TEXT, asker TEXT, device INTEGER, author TEXT, profile TEXT,"
	" role TEXT, system TEXT, role_name TEXT, prefix TEXT, given TEXT, family TEXT,"
	" suffix TEXT, name TEXT, root TEXT, organisation TEXT, organisation_name TEXT);"
	"CREATE INDEX IF NOT EXISTS access_of_number ON access(number, at);"
	/* Accesses that an authority is notified of and no response lists. */
	"CREATE TABLE IF NOT EXISTS unlisted(access INTEGER PRIMARY KEY);"
	"CREATE TABLE IF NOT EXISTS notice(id INTEGER PRIMARY KEY, authority INTEGER,"
	" kind INTEGER, at INTEGER, number TEXT, local TEXT, file TEXT, access INTEGER,"
	" sent INTEGER DEFAULT 0);"
	"CREATE INDEX IF NOT EXISTS notice_waiting ON notice(sent, authority, id);"
	"CREATE INDEX IF NOT EXISTS notice_of_access ON notice(access);";

static const char emptied[] =
	"DELETE FROM authority; DELETE FROM file; DELETE FROM stay; DELETE FROM inactive;"
	"DELETE FROM access; DELETE FROM unlisted; DELETE FROM notice;";

#define STAY                                                                                       \
	"number, authority, kind, first, place, last, code, fact, subject, start, ends, deleted, " \
	"birth, local, given, family"
#define AUTHOR                                                                                     \
	"device, author, profile, role, system, role_name, prefix, given, family, suffix, name, "  \
	"root, organisation, organisation_name"

static const char *const texts[STATEMENT_COUNT] = {
	[ADD_AUTHORITY] = "INSERT INTO authority(root, code, name, phone1, use1, phone2, use2)"
			  " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT(code) DO UPDATE SET"
			  " root = ?1, name = ?3, phone1 = ?4, use1 = ?5, phone2 = ?6, use2 = ?7",
	[FIND_AUTHORITY] = "SELECT id FROM authority WHERE code = ?1 " ODS_CODE_SQL " ORDER BY id",
	[ALL_AUTHORITIES] = "SELECT id, root, code, name, phone1, use1, phone2, use2"
			    " FROM authority ORDER BY id",
	[ADD_FILE] = "INSERT INTO file VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0, 0)",
	[LAST_FILE] = "SELECT max(ordinal) FROM file WHERE authority = ?1",
	[SETTLE_FILE] = "UPDATE file SET taken = ?3, code = ?4, records = ?5, repeats = ?6"
			" WHERE authority = ?1 AND ordinal = ?2",
	[FILES_OF_AUTHORITY] = "SELECT ordinal, number, created, taken, code, records, repeats"
			       " FROM file WHERE authority = ?1 ORDER BY ordinal",
	[LATEST_STAYS] = "SELECT " STAY " FROM stay WHERE number = ?1 AND authority = ?2"
			 " AND kind = ?3 ORDER BY first DESC, place DESC",
	[ADD_STAY] = "INSERT OR REPLACE INTO stay(" STAY ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
		     " ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
	[STRETCH_STAY] = "UPDATE stay SET last = ?6 WHERE number = ?1 AND authority = ?2"
			 " AND kind = ?3 AND first = ?4 AND place = ?5",
	[DROP_STAY] = "DELETE FROM stay WHERE number = ?1 AND authority = ?2"
		      " AND kind = ?3 AND first = ?4 AND place = ?5",
	[STAYS_OF_NUMBER] = "SELECT " STAY " FROM stay WHERE number = ?1"
			    " ORDER BY authority, kind, first, place",
	[NEXT_NUMBER] = "SELECT min(number) FROM stay WHERE number > ?1",
	[BIRTHS_OF_NUMBER] = "SELECT birth FROM stay WHERE number = ?1 AND code = 6 AND"
			     " birth <> ?2 LIMIT 1",
	[ADD_INACTIVE] = "INSERT OR IGNORE INTO inactive VALUES(?1, ?2, ?3)",
	[INACTIVE_OF_NUMBER] = "SELECT replacement, at FROM inactive WHERE number = ?1"
			       " ORDER BY replacement",
	[ADD_ACCESS] = "INSERT INTO access(number, at, query, effective, asker, " AUTHOR ")"
		       " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,"
		       " ?16, ?17, ?18, ?19)",
	/* Not where the id of this query was another one's. */
	[ACCESS_WITHIN] = "SELECT effective FROM access WHERE number = ?1 AND at > ?2 AND at <= ?3"
			  " AND asker = ?4 AND id NOT IN unlisted AND NOT EXISTS (SELECT 1 FROM "
			  "access WHERE number = ?1"
			  " AND query = ?5 AND asker <> ?4)",
	[ADD_UNLISTED] = "INSERT INTO unlisted VALUES(?1)",
	[NOTIFIED_WITHIN] = "SELECT n.id FROM access a JOIN notice n ON n.access = a.id"
			    " WHERE a.number = ?1 AND a.at > ?2 AND a.at <= ?3 AND a.asker = ?4"
			    " AND n.authority = ?5 LIMIT 1",
	/* An id names one access: of those with the same id, the last. */
	[ACCESSES_OF_NUMBER] = "SELECT query, effective, at, " AUTHOR ", max(id) FROM access"
			       " WHERE number = ?1 AND at <= ?2 AND id NOT IN unlisted GROUP BY"
			       " iif(query = '', id, query)"
			       " ORDER BY at DESC, max(id) DESC LIMIT ?3",
	[ADD_NOTICE] = "INSERT INTO notice(authority, kind, at, number, local, file, access)"
		       " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[NOTICES_WAITING] =
		"SELECT n.id, n.authority, n.kind, n.at, n.number, n.local, n.file, a.query,"
		" a.effective, a.at, a.device, a.author, a.profile, a.role, a.system, a.role_name,"
		" a.prefix, a.given, a.family, a.suffix, a.name, a.root, a.organisation,"
		" a.organisation_name FROM notice n LEFT JOIN access a ON a.id = n.access"
		" WHERE n.sent = 0 AND (?1 = 0 OR n.authority = ?1) ORDER BY n.id",
	[NOTICES_SENT] = "UPDATE notice SET sent = 1 WHERE sent = 0 AND (?1 = 0 OR authority = ?1)"
			 " AND id <= ?2",
};

static void fail(struct state *state)
{
	if (!state->failed)
		snprintf(state->why, sizeof(state->why), "%s", sqlite3_errmsg(state->db));
	state->failed = true;
}

int store_result(struct state *state, struct cpis_failure *failure)
{
	if (state->arena.failed || state->scratch.failed)
		return failure_out_of_memory(failure);
	if (!state->failed)
		return 0;
	state->failed = false;
	return failure_set(failure, CPIS_FAILURE_INTERNAL, "the state cannot be used: %s",
			   state->why);
}

static void run_text(struct state *state, const char *text)
{
	if (!state->failed && sqlite3_exec(state->db, text, NULL, NULL, NULL) != SQLITE_OK)
		fail(state);
}

sqlite3_stmt *store_statement(struct state *state, enum statement_id id)
{
	sqlite3_stmt **statement = &state->statements[id];
	if (state->failed)
		return NULL;
	if (!*statement && sqlite3_prepare_v3(state->db, texts[id], -1, SQLITE_PREPARE_PERSISTENT,
					      statement, NULL) != SQLITE_OK)
		fail(state);
	return *statement;
}

void store_number(sqlite3_stmt *statement, int at, long long value)
{
	if (statement)
		sqlite3_bind_int64(statement, at, value);
}

void store_text(sqlite3_stmt *statement, int at, struct str text)
{
	if (statement)
		sqlite3_bind_text(statement, at, text.p ? text.p : "", (int)text.n, SQLITE_STATIC);
}

void store_reset(sqlite3_stmt *statement)
{
	if (statement) {
		sqlite3_reset(statement);
		sqlite3_clear_bindings(statement);
	}
}

bool store_row(struct state *state, sqlite3_stmt *statement)
{
	if (!statement || state->failed)
		return false;
	int status = sqlite3_step(statement);
	if (status != SQLITE_ROW && status != SQLITE_DONE)
		fail(state);
	return status == SQLITE_ROW;
}

void store_run(struct state *state, sqlite3_stmt *statement)
{
	store_row(state, statement);
	store_reset(statement);
}

struct str store_column(struct arena *arena, sqlite3_stmt *statement, int at)
{
	const unsigned char *text = sqlite3_column_text(statement, at);
	int n = sqlite3_column_bytes(statement, at);
	if (!text || n <= 0)
		return (struct str){ 0 };
	return arena_str(arena, (struct str){ (const char *)text, (size_t)n });
}

/* So that a new file is the owner's alone: SQLite keeps the mode of a file that is there. */
static int make_private(const char *path, struct cpis_failure *failure)
{
	int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return failure_of_file(failure, path, "cannot be opened: %s", strerror(errno));
	close(fd);
	return 0;
}

/* The version of its tables; 0: it has none yet. */
static int version_of(struct state *state)
{
	sqlite3_stmt *statement = NULL;
	int version = 0;
	if (sqlite3_prepare_v2(state->db, "PRAGMA user_version", -1, &statement, NULL) ==
		    SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		version = sqlite3_column_int(statement, 0);
	else
		fail(state);
	sqlite3_finalize(statement);
	return version;
}

bool state_is_index(struct state *state)
{
	sqlite3_stmt *statement = NULL;
	bool index = sqlite3_prepare_v2(state->db,
					"SELECT 1 FROM sqlite_master WHERE type = 'table'"
					" AND name = 'source'",
					-1, &statement, NULL) == SQLITE_OK &&
		     sqlite3_step(statement) == SQLITE_ROW;
	sqlite3_finalize(statement);
	return index;
}

struct state *state_open(const char *path, struct cpis_failure *failure)
{
	if (path && make_private(path, failure) != 0)
		return NULL;
	struct state *state = calloc(1, sizeof(*state));
	if (!state) {
		failure_out_of_memory(failure);
		return NULL;
	}
	arena_init(&state->arena);
	arena_init(&state->scratch);
	int status = sqlite3_open_v2(
		path ? path : ":memory:", &state->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	if (status != SQLITE_OK) {
		failure_of_file(failure, path ? path : "", "cannot be opened: %s",
				state->db ? sqlite3_errmsg(state->db) : "out of memory");
		state_close(state);
		return NULL;
	}
	sqlite3_busy_timeout(state->db, 10000);
	int version = version_of(state);
	bool ours = version <= 1;
	if (ours && !state->failed) {
		run_text(state, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
				"PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768;");
		run_text(state, tables);
		if (version < 1)
			run_text(state, "PRAGMA user_version = 1;");
	}
	if (state->failed || !ours) {
		failure_of_file(failure, path ? path : "", "is not a state that can be used: %s",
				state->failed ? state->why : "it is of a later version");
		state_close(state);
		return NULL;
	}
	return state;
}

void state_close(struct state *state)
{
	if (!state)
		return;
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(state->statements[i]);
	sqlite3_close(state->db);
	for (size_t i = 0; i < state->upload_count; i++) {
		free(state->uploads[i].files);
		free(state->uploads[i].order);
	}
	free(state->uploads);
	arena_release(&state->arena);
	arena_release(&state->scratch);
	free(state);
}

int state_begin(struct state *state, struct cpis_failure *failure)
{
	run_text(state, "BEGIN IMMEDIATE");
	state->begun = !state->failed;
	return store_result(state, failure);
}

int state_commit(struct state *state, struct cpis_failure *failure)
{
	run_text(state, "COMMIT");
	if (state->failed)
		state_rollback(state);
	state->begun = false;
	return store_result(state, failure);
}

/* What is remembered of uploads may be of those that are forgotten. */
static void forget_uploads(struct state *state)
{
	for (size_t i = 0; i < state->upload_count; i++) {
		free(state->uploads[i].files);
		free(state->uploads[i].order);
	}
	state->upload_count = 0;
	state->file = NULL;
	arena_restart(&state->arena);
}

void state_rollback(struct state *state)
{
	if (state->begun)
		sqlite3_exec(state->db, "ROLLBACK", NULL, NULL, NULL);
	state->begun = false;
	forget_uploads(state);
}

int state_reset(struct state *state, struct cpis_failure *failure)
{
	bool alone = !state->begun;
	if (alone && state_begin(state, failure) != 0)
		return -1;
	run_text(state, emptied);
	forget_uploads(state);
	return alone ? state_commit(state, failure) : store_result(state, failure);
}

static void take_authority(struct state *state, sqlite3_stmt *row, struct arena *arena,
			   struct state_authority *to)
{
	(void)state;
	*to = (struct state_authority){
		.id = (size_t)sqlite3_column_int64(row, 0),
		.root = store_column(arena, row, 1),
		.code = store_column(arena, row, 2),
		.name = store_column(arena, row, 3),
	};
	for (int i = 0; i < 2; i++) {
		to->phones[i] = store_column(arena, row, 4 + i * 2);
		to->uses[i] = store_column(arena, row, 5 + i * 2);
	}
}

static void load_files(struct state *state, struct state_uploads *uploads)
{
	sqlite3_stmt *rows = store_statement(state, FILES_OF_AUTHORITY);
	store_number(rows, 1, (long long)uploads->authority.id);
	while (store_row(state, rows)) {
		struct state_file *files =
			list_grown(uploads->files, uploads->count, &uploads->room, sizeof(*files));
		if (!files) {
			state->arena.failed = true;
			break;
		}
		uploads->files = files;
		files[uploads->count] = (struct state_file){
			.authority = uploads->authority.id,
			.ordinal = (size_t)sqlite3_column_int64(rows, 0),
			.number = store_column(&state->arena, rows, 1),
			.created = sqlite3_column_int64(rows, 2),
			.taken = sqlite3_column_int64(rows, 3),
			.code = (enum state_code)sqlite3_column_int(rows, 4),
			.records = (size_t)sqlite3_column_int64(rows, 5),
			.repeats = (size_t)sqlite3_column_int64(rows, 6),
		};
		files[uploads->count].sequence =
			store_sequence_number(files[uploads->count].number);
		uploads->count++;
	}
	store_reset(rows);
	uploads->loaded = true;
}

/* All authorities that are not known yet; those are few. */
static void load_authorities(struct state *state)
{
	sqlite3_stmt *rows = store_statement(state, ALL_AUTHORITIES);
	while (store_row(state, rows)) {
		size_t id = (size_t)sqlite3_column_int64(rows, 0);
		if (id <= state->upload_count)
			continue;
		struct state_uploads *all = list_grown(state->uploads, state->upload_count,
						       &state->upload_room, sizeof(*all));
		if (!all) {
			state->arena.failed = true;
			break;
		}
		state->uploads = all;
		struct state_uploads *uploads = &all[state->upload_count++];
		*uploads = (struct state_uploads){ .loaded = false };
		take_authority(state, rows, &state->arena, &uploads->authority);
	}
	store_reset(rows);
}

long long store_sequence_number(struct str text)
{
	long long value = 0;
	for (size_t i = 0; i < text.n && value < 100000000000000000; i++)
		if (char_is_digit(text.p[i]))
			value = value * 10 + (text.p[i] - '0');
	return value;
}

static int compare_by_service(const struct state_file *x, const struct state_file *y)
{
	if (x->taken != y->taken)
		return x->taken < y->taken ? -1 : 1;
	if (x->sequence != y->sequence)
		return x->sequence < y->sequence ? -1 : 1;
	return x->ordinal < y->ordinal ? -1 : x->ordinal > y->ordinal;
}

static int by_service(const void *a, const void *b)
{
	return compare_by_service(*(const struct state_file *const *)a,
				  *(const struct state_file *const *)b);
}

static void set_place(struct state_uploads *uploads, size_t place, size_t ordinal)
{
	uploads->displaced -= uploads->order[place] && uploads->order[place] != place + 1;
	uploads->displaced += ordinal != place + 1;
	uploads->order[place] = ordinal;
	uploads->rank[ordinal - 1] = place;
}

static void forget_order(struct state_uploads *uploads)
{
	free(uploads->order);
	uploads->order = NULL;
	uploads->ordered = uploads->order_room = uploads->displaced = 0;
}

/* With room for more: an authority sends an upload after the other, and each is asked about. */
static void put_in_order(struct state *state, struct state_uploads *uploads)
{
	size_t n = uploads->count, room = n + n / 2 + 16;
	uploads->order = calloc(2 * room, sizeof(size_t));
	const struct state_file **sorted = calloc(n + 1, sizeof(const struct state_file *));
	if (!uploads->order || !sorted) {
		state->arena.failed = true;
		forget_order(uploads);
		free(sorted);
		return;
	}
	uploads->rank = uploads->order + room;
	uploads->order_room = room;
	for (size_t i = 0; i < n; i++)
		sorted[i] = &uploads->files[i];
	qsort(sorted, n, sizeof(const struct state_file *), by_service);
	for (size_t i = 0; i < n; i++)
		set_place(uploads, i, sorted[i]->ordinal);
	uploads->ordered = n;
	free(sorted);
}

static const struct state_file *file_at(const struct state_uploads *uploads, size_t place)
{
	return &uploads->files[uploads->order[place] - 1];
}

void store_place(struct state_uploads *uploads, const struct state_file *file)
{
	if (!uploads->order)
		return;
	if (uploads->count > uploads->order_room) {
		forget_order(uploads);
		return;
	}
	/* From the end, where it nearly always is. */
	bool is_new = file->ordinal > uploads->ordered;
	size_t place = is_new ? uploads->ordered++ : uploads->rank[file->ordinal - 1];
	size_t last = uploads->ordered - 1;
	for (; place > 0 && compare_by_service(file, file_at(uploads, place - 1)) < 0; place--)
		set_place(uploads, place, uploads->order[place - 1]);
	for (; place < last && compare_by_service(file, file_at(uploads, place + 1)) > 0; place++)
		set_place(uploads, place, uploads->order[place + 1]);
	set_place(uploads, place, file->ordinal);
}

struct state_uploads *store_uploads(struct state *state, size_t authority)
{
	if (authority > state->upload_count)
		load_authorities(state);
	if (!authority || authority > state->upload_count)
		return NULL;
	struct state_uploads *uploads = &state->uploads[authority - 1];
	if (!uploads->loaded)
		load_files(state, uploads);
	return state->failed || state->arena.failed ? NULL : uploads;
}

struct state_uploads *store_uploads_in_order(struct state *state, size_t authority)
{
	struct state_uploads *uploads = store_uploads(state, authority);
	if (uploads && !uploads->order)
		put_in_order(state, uploads);
	return state->arena.failed ? NULL : uploads;
}

int state_files(struct state *state, struct arena *arena, size_t authority,
		struct state_file **files, size_t *count, struct cpis_failure *failure)
{
	const struct state_uploads *uploads = store_uploads_in_order(state, authority);
	size_t n = uploads ? uploads->count : 0;
	struct state_file *copy = arena_alloc(arena, (n + 1) * sizeof(*copy));
	if (!copy)
		return failure_out_of_memory(failure);
	for (size_t i = 0; i < n; i++)
		copy[i] = uploads->files[uploads->order[i] - 1];
	*files = copy;
	*count = n;
	return store_result(state, failure);
}

int state_authorities(struct state *state, struct arena *arena, struct state_authority **all,
		      size_t *count, struct cpis_failure *failure)
{
	struct state_authority *items = NULL;
	size_t n = 0, room = 0;
	sqlite3_stmt *rows = store_statement(state, ALL_AUTHORITIES);
	while (store_row(state, rows)) {
		struct state_authority *grown =
			list_grown_in(arena, items, n, &room, sizeof(*items));
		if (!grown)
			break;
		items = grown;
		take_authority(state, rows, arena, &items[n++]);
	}
	store_reset(rows);
	if (arena->failed)
		return failure_out_of_memory(failure);
	*all = items;
	*count = n;
	return store_result(state, failure);
}
