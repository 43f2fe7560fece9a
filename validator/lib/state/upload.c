/* Uploads come in: what each record says of each plan, and what becomes of it. */
#include "state/store.h"

#include "diag/failure.h"

#include <stdlib.h>

static void take_sender(struct state_authority *to, const struct organisation *sender)
{
	*to = (struct state_authority){
		.root = str_trim(sender->id.root.text),
		.code = str_trim(sender->id.extension.text),
		.name = str_trim(sender->name.text),
	};
	for (size_t i = 0; i < 2 && i < sender->telecom_count; i++) {
		to->phones[i] = sender->telecoms[i].value.text;
		to->uses[i] = sender->telecoms[i].use.text;
	}
}

static bool same_authority(const struct state_authority *a, const struct state_authority *b)
{
	bool same = str_equal(a->root, b->root) && str_equal(a->name, b->name);
	for (int i = 0; i < 2; i++)
		same = same && str_equal(a->phones[i], b->phones[i]) &&
		       str_equal(a->uses[i], b->uses[i]);
	return same;
}

static void keep_authority(struct state *state, struct state_authority *to,
			   const struct state_authority *from, struct str code)
{
	struct arena *arena = &state->arena;
	to->root = arena_str(arena, from->root);
	to->code = arena_str(arena, code);
	to->name = arena_str(arena, from->name);
	for (int i = 0; i < 2; i++) {
		to->phones[i] = arena_str(arena, from->phones[i]);
		to->uses[i] = arena_str(arena, from->uses[i]);
	}
}

static long long find_authority(struct state *state, struct str code)
{
	sqlite3_stmt *row = store_statement(state, FIND_AUTHORITY);
	store_text(row, 1, code);
	long long id = store_row(state, row) ? sqlite3_column_int64(row, 0) : 0;
	store_reset(row);
	return id;
}

/* As it calls itself now, under the code that it came with first. */
static struct state_uploads *settle_authority(struct state *state,
					      const struct state_authority *sender)
{
	long long id = find_authority(state, sender->code);
	struct state_uploads *uploads = id ? store_uploads(state, (size_t)id) : NULL;
	if (uploads && same_authority(&uploads->authority, sender))
		return uploads;
	struct str code = uploads ? uploads->authority.code : sender->code;
	sqlite3_stmt *added = store_statement(state, ADD_AUTHORITY);
	store_text(added, 1, sender->root);
	store_text(added, 2, code);
	store_text(added, 3, sender->name);
	for (int i = 0; i < 2; i++) {
		store_text(added, 4 + i * 2, sender->phones[i]);
		store_text(added, 5 + i * 2, sender->uses[i]);
	}
	store_run(state, added);
	if (!uploads)
		uploads = store_uploads(state, (size_t)find_authority(state, sender->code));
	if (uploads)
		keep_authority(state, &uploads->authority, sender, code);
	return uploads;
}

static int start(struct state *state, struct state_file *file, enum state_code code, bool again,
		 struct cpis_failure *failure)
{
	state->file = file;
	state->file_code = code;
	state->again = again;
	state->place = 0;
	state->loaded = 0;
	state->refused = 0;
	file->records = 0;
	file->repeats = 0;
	return store_result(state, failure);
}

int state_upload_begin(struct state *state, const struct upload *upload, long long taken,
		       enum state_code code, struct state_file *file, struct cpis_failure *failure)
{
	struct state_authority sender;
	take_sender(&sender, &upload->sender);
	struct state_uploads *uploads = settle_authority(state, &sender);
	if (!uploads)
		return store_result(state, failure);
	*file = (struct state_file){
		.authority = uploads->authority.id,
		.ordinal = uploads->count + 1,
		.number = arena_str(&state->arena, str_trim(upload->id.extension.text)),
		.created = upload->created.moment.ok ? upload->created.moment.seconds : 0,
		.taken = taken,
		.code = code,
	};
	file->sequence = store_sequence_number(file->number);
	struct state_file *files =
		list_grown(uploads->files, uploads->count, &uploads->room, sizeof(*files));
	if (!files)
		return failure_out_of_memory(failure);
	uploads->files = files;
	files[uploads->count++] = *file;
	store_place(uploads, file);
	sqlite3_stmt *added = store_statement(state, ADD_FILE);
	store_number(added, 1, (long long)file->authority);
	store_number(added, 2, (long long)file->ordinal);
	store_text(added, 3, file->number);
	store_number(added, 4, file->created);
	store_number(added, 5, taken);
	store_number(added, 6, code);
	store_run(state, added);
	return start(state, file, code, false, failure);
}

int state_upload_again(struct state *state, struct state_file *file, struct cpis_failure *failure)
{
	struct state_uploads *uploads = store_uploads(state, file->authority);
	if (!uploads || !file->ordinal || file->ordinal > uploads->count)
		return failure_set(failure, CPIS_FAILURE_INTERNAL,
				   "the state does not hold this upload");
	return start(state, file, file->code, true, failure);
}

/* What a record says of one plan. */
struct said {
	const struct child_record *child;
	const struct child_plan *plan;
	size_t place;
	struct state_outcome outcome;
};

/* A row of stay, as LATEST_STAYS gives it. */
struct stay {
	long long first, place, last;
	bool same;	   /* what it says is the same */
	bool same_outcome; /* and what became of it */
};

static bool column_is(sqlite3_stmt *row, int at, struct str text)
{
	const void *bytes = sqlite3_column_text(row, at);
	size_t n = (size_t)sqlite3_column_bytes(row, at);
	return str_equal((struct str){ bytes, n }, text);
}

static struct stay read_stay(sqlite3_stmt *row, const struct said *said)
{
	const struct child_record *child = said->child;
	return (struct stay){
		.first = sqlite3_column_int64(row, 3),
		.place = sqlite3_column_int64(row, 4),
		.last = sqlite3_column_int64(row, 5),
		.same_outcome = sqlite3_column_int(row, 6) == (int)said->outcome.code &&
				sqlite3_column_int(row, 7) == (int)said->outcome.fact,
		.same = sqlite3_column_int(row, 8) == (int)child->subject &&
			column_is(row, 9, said->plan->start) &&
			column_is(row, 10, said->plan->end) &&
			column_is(row, 11, said->plan->deleted) &&
			column_is(row, 12, child->birth) && column_is(row, 13, child->local_id) &&
			column_is(row, 14, child->given) && column_is(row, 15, child->family),
	};
}

static void bind_plan(struct state *state, sqlite3_stmt *statement, const struct said *said)
{
	store_text(statement, 1, said->child->nhs_number);
	store_number(statement, 2, (long long)state->file->authority);
	store_number(statement, 3, said->plan->kind);
}

static void drop(struct state *state, const struct said *said, const struct stay *stay)
{
	sqlite3_stmt *dropped = store_statement(state, DROP_STAY);
	bind_plan(state, dropped, said);
	store_number(dropped, 4, stay->first);
	store_number(dropped, 5, stay->place);
	store_run(state, dropped);
}

static void stretch(struct state *state, const struct said *said, const struct stay *stay,
		    long long last)
{
	sqlite3_stmt *stretched = store_statement(state, STRETCH_STAY);
	bind_plan(state, stretched, said);
	store_number(stretched, 4, stay->first);
	store_number(stretched, 5, stay->place);
	store_number(stretched, 6, last);
	store_run(state, stretched);
}

static void add(struct state *state, const struct said *said)
{
	const struct child_record *child = said->child;
	sqlite3_stmt *added = store_statement(state, ADD_STAY);
	bind_plan(state, added, said);
	store_number(added, 4, (long long)state->file->ordinal);
	store_number(added, 5, (long long)said->place);
	store_number(added, 6, (long long)state->file->ordinal);
	store_number(added, 7, said->outcome.code);
	store_number(added, 8, said->outcome.fact);
	store_number(added, 9, child->subject);
	const struct str rest[] = { said->plan->start, said->plan->end, said->plan->deleted,
				    child->birth,      child->local_id, child->given,
				    child->family };
	for (int i = 0; i < 7; i++)
		store_text(added, 10 + i, rest[i]);
	store_run(state, added);
}

/* The later part of a stay that an upload in its middle leaves over. */
static void add_rest(struct state *state, const struct said *said, const struct stay *stay)
{
	sqlite3 *db = state->db;
	static const char copy[] =
		"INSERT OR REPLACE INTO stay SELECT number, authority, kind, ?6 + 1, place, last, "
		"code, "
		"fact, subject, start, ends, deleted, birth, local, given, family FROM stay WHERE "
		"number = ?1 AND authority = ?2 AND kind = ?3 AND first = ?4 AND place = ?5";
	sqlite3_stmt *rest = NULL;
	if (sqlite3_prepare_v2(db, copy, -1, &rest, NULL) == SQLITE_OK) {
		bind_plan(state, rest, said);
		store_number(rest, 4, stay->first);
		store_number(rest, 5, stay->place);
		store_number(rest, 6, (long long)state->file->ordinal);
		store_row(state, rest);
	} else {
		state->failed = true;
	}
	sqlite3_finalize(rest);
}

/* What was said before the outcome of this upload was known goes: it is said again. */
static void take_back(struct state *state, const struct said *said)
{
	long long at = (long long)state->file->ordinal;
	for (bool found = true; found && !state->failed;) {
		struct stay stay = { 0 };
		sqlite3_stmt *rows = store_statement(state, LATEST_STAYS);
		bind_plan(state, rows, said);
		found = false;
		while (!found && store_row(state, rows)) {
			stay = read_stay(rows, said);
			found = stay.first <= at && stay.last >= at &&
				(stay.first == at ? stay.place == (long long)said->place
						  : stay.same);
		}
		store_reset(rows);
		if (found && stay.last > at)
			add_rest(state, said, &stay);
		if (found && stay.first < at)
			stretch(state, said, &stay, at - 1);
		else if (found)
			drop(state, said, &stay);
	}
}

/* One more upload that says this. Records without NHS number are each on their own, and so are
 * those that are perhaps refused: they are counted by upload and place. */
static void put(struct state *state, const struct said *said)
{
	long long at = (long long)state->file->ordinal;
	struct stay latest = { 0 };
	if (state->again)
		take_back(state, said);
	if (said->child->nhs_number.n) {
		sqlite3_stmt *rows = store_statement(state, LATEST_STAYS);
		bind_plan(state, rows, said);
		while (store_row(state, rows)) {
			latest = read_stay(rows, said);
			if (latest.first < at)
				break;
			latest.same = false;
		}
		store_reset(rows);
	}
	bool repeats = latest.same && latest.last == at - 1;
	state->file->repeats += repeats;
	if (repeats && latest.same_outcome && said->outcome.code != CODE_UNNAMED)
		stretch(state, said, &latest, at);
	else
		add(state, said);
}

static bool is_inactive(struct state *state, struct str number, bool *replaced)
{
	sqlite3_stmt *rows = store_statement(state, INACTIVE_OF_NUMBER);
	bool inactive = false;
	store_text(rows, 1, number);
	while (store_row(state, rows)) {
		inactive = true;
		*replaced = *replaced || sqlite3_column_bytes(rows, 0) > 0;
	}
	store_reset(rows);
	return inactive;
}

static bool has_other_birth(struct state *state, const struct child_record *child)
{
	sqlite3_stmt *row = store_statement(state, BIRTHS_OF_NUMBER);
	store_text(row, 1, child->nhs_number);
	store_text(row, 2, child->birth);
	bool other = store_row(state, row);
	store_reset(row);
	return other;
}

static struct moment clock_of(long long at)
{
	struct moment utc = moment_of_seconds(at);
	return moment_by_uk_clock(&utc);
}

/* FACT_ENDS_AT_18 counts years as the rules do. */
static bool is_adult(const struct child_record *child, const struct moment *clock)
{
	struct moment birth = moment_of(child->birth);
	return child->subject == SUBJECT_CHILD && birth.ok && birth.has_day &&
	       moment_is_18(&birth, clock);
}

static bool ended_long_ago(const struct child_record *child, const struct moment *clock)
{
	for (size_t i = 0; i < child->plan_count; i++) {
		struct moment end = moment_of(child->plans[i].end);
		if (!child->plans[i].deleted.n && end.ok &&
		    clock->seconds - end.seconds > YEAR_SECONDS)
			return true;
	}
	return false;
}

/* By the facts alone: whether PDS knows the person is not known here. */
static struct state_outcome decide(struct state *state, const struct child_record *child)
{
	struct moment clock = clock_of(state->file->taken);
	struct nhs_number number = nhs_number_of(child->nhs_number);
	bool replaced = false;
	if (!number.has_shape)
		return (struct state_outcome){ CODE_CPR04, FACT_NUMBER_FORMAT };
	if (!nhs_number_is_valid(&number))
		return (struct state_outcome){ CODE_CPR01, FACT_NUMBER_UNKNOWN };
	if (is_inactive(state, child->nhs_number, &replaced))
		return replaced ? (struct state_outcome){ CODE_CPR05, FACT_SUPERSEDED }
				: (struct state_outcome){ CODE_CPR07, UNKNOWN_INACTIVE_CODE };
	if (is_adult(child, &clock))
		return (struct state_outcome){ CODE_CPR07, FACT_REFUSED_AT_18 };
	if (ended_long_ago(child, &clock))
		return (struct state_outcome){ CODE_CPR07, FACT_REFUSED_AFTER_A_YEAR };
	if (has_other_birth(state, child))
		return (struct state_outcome){ CODE_CPR06, UNKNOWN_BIRTH_DATE };
	return (struct state_outcome){ CODE_CPR06, FACT_NONE };
}

/* Of both subjects: what refuses one of them refuses the record. */
static struct state_outcome decide_all(struct state *state, const struct child_records *all)
{
	struct state_outcome outcome = { CODE_CPR06, FACT_NONE };
	for (size_t i = 0; i < all->count; i++) {
		struct state_outcome one = decide(state, &all->items[i]);
		if (outcome.code == CODE_CPR06 &&
		    (one.code != CODE_CPR06 || outcome.fact == FACT_NONE))
			outcome = one;
	}
	return outcome;
}

int state_upload_record(struct state *state, const struct record *record, enum state_code code,
			struct state_outcome *outcome, struct cpis_failure *failure)
{
	struct child_records all = { 0 };
	arena_restart(&state->scratch);
	if (child_records_take(&all, &state->scratch, record) != 0)
		return failure_out_of_memory(failure);
	for (size_t i = 0; i < all.count; i++)
		if (!all.items[i].nhs_number.n && all.items[i].local_id.n)
			all.items[i].nhs_number = str_of(arena_printf(
				&state->scratch, "local id %.*s", STR_ARG(all.items[i].local_id)));
	struct state_outcome became = { code, FACT_NONE };
	if (code == CODE_ASK)
		became = decide_all(state, &all);
	state->place++;
	state->file->records++;
	if (became.code == CODE_CPR06)
		state->loaded++;
	else
		state->refused++;
	for (size_t i = 0; i < all.count; i++) {
		const struct child_record *child = &all.items[i];
		for (size_t k = 0; k < child->plan_count; k++) {
			const struct said said = { child, &child->plans[k], state->place, became };
			put(state, &said);
		}
	}
	*outcome = became;
	return store_result(state, failure);
}

int state_upload_end(struct state *state, enum state_code *code, struct cpis_failure *failure)
{
	struct state_file *file = state->file;
	enum state_code settled = state->file_code;
	if (settled == CODE_ASK && !state->refused)
		settled = CODE_CPF02;
	else if (settled == CODE_ASK)
		settled = state->loaded ? CODE_CPF03 : CODE_CPF04;
	file->code = settled;
	struct state_uploads *uploads = store_uploads(state, file->authority);
	if (!uploads)
		return store_result(state, failure);
	struct state_file *kept = &uploads->files[file->ordinal - 1];
	kept->taken = file->taken;
	kept->code = settled;
	kept->records = file->records;
	kept->repeats = file->repeats;
	store_place(uploads, kept);
	sqlite3_stmt *done = store_statement(state, SETTLE_FILE);
	store_number(done, 1, (long long)file->authority);
	store_number(done, 2, (long long)file->ordinal);
	store_number(done, 3, file->taken);
	store_number(done, 4, settled);
	store_number(done, 5, (long long)file->records);
	store_number(done, 6, (long long)file->repeats);
	store_run(state, done);
	state->file = NULL;
	*code = settled;
	return store_result(state, failure);
}
