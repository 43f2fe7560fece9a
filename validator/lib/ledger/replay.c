/* Reading what is new: first which messages there are, then, in the order of the service, the
 * records of the uploads. */
#include "ledger/index.h"

#include "diag/failure.h"
#include "engine/engine.h"
#include "engine/walk.h"

#include <sys/stat.h>

/* How a file was when it was read. */
struct known {
	bool there, same, bad;
	long long source;
};

static struct known look_up(struct index *index, struct str path, const struct stat *about)
{
	struct known known = { 0 };
	long long changed = about->st_mtim.tv_sec * 1000000000LL + about->st_mtim.tv_nsec;
	sqlite3_stmt *row = index_statement(index, FIND_SOURCE);
	store_text(row, 1, path);
	if (store_row(index->state, row)) {
		known.there = true;
		known.same = sqlite3_column_int64(row, 0) == about->st_size &&
			     sqlite3_column_int64(row, 1) == changed;
		known.bad = sqlite3_column_bytes(row, 2) > 0;
		known.source = sqlite3_column_int64(row, 3);
	}
	store_reset(row);
	return known;
}

static void note_given(struct index *index, long long source)
{
	sqlite3_stmt *given = index_statement(index, ADD_GIVEN);
	store_number(given, 1, source);
	store_run(index->state, given);
}

/* What was read before is counted, wherever its file is now; of what could not be read there is
 * nothing to count. */
static int settle_not_given(struct index *index, size_t *count, struct cpis_failure *failure)
{
	if (index_begin(index, failure) != 0)
		return -1;
	store_run(index->state, index_statement(index, FORGET_NOT_GIVEN));
	sqlite3_stmt *row = index_statement(index, COUNT_NOT_GIVEN);
	*count = store_row(index->state, row) ? (size_t)sqlite3_column_int64(row, 0) : 0;
	store_reset(row);
	if (!index->doubt)
		return index_commit(index, failure);
	state_rollback(index->state);
	return store_result(index->state, failure);
}

static long long add_source(struct index *index, struct str path, const struct stat *about)
{
	sqlite3_stmt *added = index_statement(index, ADD_SOURCE);
	store_text(added, 1, path);
	store_number(added, 2, about->st_size);
	store_number(added, 3, about->st_mtim.tv_sec * 1000000000LL + about->st_mtim.tv_nsec);
	store_run(index->state, added);
	long long source = sqlite3_last_insert_rowid(index->state->db);
	sqlite3_stmt *unmatched = index_statement(index, ADD_UNMATCHED);
	store_number(unmatched, 1, source);
	store_run(index->state, unmatched);
	note_given(index, source);
	return source;
}

/* Sources were read, now or by a ledger that was killed, and their answers are not matched yet. */
static bool is_unmatched(struct index *index)
{
	sqlite3_stmt *row = index_statement(index, UNMATCHED);
	bool found = store_row(index->state, row);
	store_reset(row);
	return found;
}

static void blame(struct index *index, long long source, const char *why)
{
	sqlite3_stmt *blamed = index_statement(index, BLAME_SOURCE);
	store_number(blamed, 1, source);
	store_text(blamed, 2, str_of(why));
	store_run(index->state, blamed);
}

/* One that is new, or that could not be read and changed since. */
static int survey(struct index *index, const char *path, const struct stat *about,
		  struct index_counts *counts, struct cpis_failure *failure)
{
	struct cpis_failure why = { 0 };
	if (index_begin(index, failure) != 0)
		return -1;
	long long source = add_source(index, str_of(path), about);
	if (intake_survey(index, source, path, &counts->twice, &why) != 0) {
		/* What was read of it before that goes. */
		state_rollback(index->state);
		if (index_begin(index, failure) != 0)
			return -1;
		source = add_source(index, str_of(path), about);
		blame(index, source, why.text);
	}
	counts->fresh++;
	return index_commit(index, failure);
}

/* What it holds is read again, so nothing is added to it before. */
static bool is_doubtful(const struct index *index, bool changed)
{
	return changed || index->doubt;
}

/* To the end, whatever changed: files that are not given are counted. */
static int survey_all(struct index *index, struct walk *walk, bool *changed,
		      struct index_counts *counts, struct cpis_failure *failure)
{
	for (size_t i = 0; i < walk->count; i++) {
		struct walk_entry *entry = &walk->entries[i];
		struct stat about;
		if (entry->passed_over)
			continue;
		if (stat(entry->path, &about) != 0)
			about = (struct stat){ 0 };
		struct known known = look_up(index, str_of(entry->path), &about);
		counts->files++;
		if (known.there && known.same) {
			note_given(index, known.source);
			continue;
		}
		walk_settle_unopened(entry);
		if (entry->passed_over) {
			counts->files--;
			continue;
		}
		*changed = *changed || (known.there && !known.bad);
		if (!is_doubtful(index, *changed)) {
			if (survey(index, entry->path, &about, counts, failure) != 0)
				return -1;
		} else if (known.there) {
			note_given(index, known.source);
		}
	}
	return settle_not_given(index, &counts->not_given, failure);
}

/* The upload that an acknowledgement answers; 0: it is not here. */
static long long answered_by(struct index *index, sqlite3_stmt *answer)
{
	struct str authority = { (const char *)sqlite3_column_text(answer, 1),
				 (size_t)sqlite3_column_bytes(answer, 1) };
	struct str number = { (const char *)sqlite3_column_text(answer, 2),
			      (size_t)sqlite3_column_bytes(answer, 2) };
	bool unnumbered = str_is(number, "-1");
	sqlite3_stmt *row = index_statement(index, unnumbered ? UPLOAD_BEFORE : UPLOAD_ANSWERED);
	store_text(row, 1, authority);
	if (!unnumbered)
		store_text(row, 2, number);
	store_number(row, unnumbered ? 2 : 3, sqlite3_column_int64(answer, 3));
	if (!unnumbered)
		store_number(row, 4, sqlite3_column_int64(answer, 0));
	long long upload = store_row(index->state, row) ? sqlite3_column_int64(row, 0) : 0;
	store_reset(row);
	return upload;
}

static void set_answer(struct index *index, enum index_statement id, long long message,
		       long long answer)
{
	sqlite3_stmt *set = index_statement(index, id);
	store_number(set, 1, message);
	store_number(set, 2, answer);
	store_run(index->state, set);
}

/* Those without a number come last, for what no other answers. True: one that answered an upload
 * answers another one now. */
static bool match_answers(struct index *index, bool unnumbered)
{
	bool moved = false;
	sqlite3_stmt *answers = index_statement(index, ANSWERS);
	while (store_row(index->state, answers)) {
		struct str number = { (const char *)sqlite3_column_text(answers, 2),
				      (size_t)sqlite3_column_bytes(answers, 2) };
		long long id = sqlite3_column_int64(answers, 0);
		long long before = sqlite3_column_int64(answers, 4);
		if (str_is(number, "-1") != unnumbered || (unnumbered && before))
			continue;
		long long upload = answered_by(index, answers);
		moved = moved || (before && before != upload);
		if (!upload)
			continue;
		set_answer(index, SET_ANSWER, upload, id);
		set_answer(index, SET_ANSWER, id, upload);
	}
	store_reset(answers);
	return moved;
}

static void forget_answers(struct index *index)
{
	for (int kind = MESSAGE_UPLOAD; kind <= MESSAGE_ACKNOWLEDGEMENT; kind++) {
		sqlite3_stmt *forgotten = index_statement(index, FORGET_ANSWERS);
		store_number(forgotten, 1, kind);
		store_run(index->state, forgotten);
	}
}

/* Again whenever something new was read: an upload may be there now that was missing. */
static int match_all(struct index *index, struct cpis_failure *failure)
{
	if (index_begin(index, failure) != 0)
		return -1;
	if (match_answers(index, false)) {
		forget_answers(index);
		match_answers(index, false);
	}
	match_answers(index, true);
	store_run(index->state, index_statement(index, SETTLE_MATCHED));
	return index_commit(index, failure);
}

struct pending {
	long long source;
	const char *path;
};

static int list_pending(struct index *index, struct arena *arena, struct pending **pending,
			size_t *count, struct cpis_failure *failure)
{
	struct pending *items = NULL;
	size_t n = 0, room = 0;
	sqlite3_stmt *rows = index_statement(index, PENDING_SOURCES);
	while (store_row(index->state, rows)) {
		struct pending *grown = list_grown_in(arena, items, n, &room, sizeof(*items));
		struct str path = store_column(arena, rows, 1);
		if (!grown || !path.p)
			break;
		items = grown;
		items[n++] = (struct pending){ sqlite3_column_int64(rows, 0), path.p };
	}
	store_reset(rows);
	*pending = items;
	*count = n;
	return arena->failed ? failure_out_of_memory(failure) : store_result(index->state, failure);
}

/* One transaction each: what cannot be read leaves nothing but the reason. */
static int load(struct index *index, const struct pending *pending, struct cpis_failure *failure)
{
	struct cpis_failure why = { 0 };
	if (index_begin(index, failure) != 0)
		return -1;
	if (intake_load(index, pending->source, pending->path, &why) != 0) {
		state_rollback(index->state);
		if (store_result(index->state, failure) != 0 || index_begin(index, failure) != 0)
			return -1;
		blame(index, pending->source, why.text);
	}
	return index_commit(index, failure);
}

static void tell_skipped(const struct walk *walk, index_problem skipped, void *context)
{
	for (size_t i = 0; i < walk->count; i++)
		if (walk->entries[i].passed_over)
			skipped(context, walk->entries[i].path, walk->entries[i].passed_over);
}

int index_read(struct index *index, const char *const *paths, size_t count, bool *changed,
	       struct index_counts *counts, index_problem skipped, void *context,
	       struct cpis_failure *failure)
{
	struct walk walk = { 0 };
	struct arena arena;
	struct pending *pending = NULL;
	size_t pending_count = 0;
	int status = engine_setup() == 0 ? 0 : failure_out_of_memory(failure);
	arena_init(&arena);
	*changed = false;
	for (size_t i = 0; status == 0 && i < count; i++)
		status = walk_path(&walk, paths[i], failure);
	if (status == 0)
		status = survey_all(index, &walk, changed, counts, failure);
	bool complete = !is_doubtful(index, *changed);
	if (status == 0 && complete)
		tell_skipped(&walk, skipped, context);
	if (status == 0 && complete && is_unmatched(index))
		status = match_all(index, failure);
	if (status == 0 && complete)
		status = list_pending(index, &arena, &pending, &pending_count, failure);
	for (size_t i = 0; status == 0 && i < pending_count; i++)
		status = load(index, &pending[i], failure);
	walk_release(&walk);
	arena_release(&arena);
	return status;
}
