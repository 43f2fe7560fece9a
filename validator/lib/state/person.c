/* What is held of one NHS number: its uploads in the order of the service, and what they come to.
 */
#include "state/store.h"

#include "base/buf.h"
#include "diag/failure.h"

#include <stdlib.h>

/* A row of stay, as far as it was known at the moment asked for. */
struct row {
	size_t authority, first, last;
	const struct state_uploads *uploads; /* of the authority */
	enum plan_kind kind;
	struct state_entry entry;
};

/* One upload or several in order that say the same. */
struct step {
	const struct row *row;
	size_t first, last; /* ordinals */
	size_t rank;	    /* of the first, in the order of the service */
};

/* What was loaded last of the plan that starts at one time. */
struct version {
	const struct state_entry *entry;
	const struct state_file *since;
	size_t rank;
	bool twice; /* two records of its file differ, and this one leaves more of the plan */
};

struct folding {
	struct arena *arena;
	const struct state_uploads *uploads;
	long long at, clock;
	struct state_person *person;
	struct state_plan *plan;
	size_t event_room;
	size_t rank;			 /* of the upload that what is held came with */
	const struct state_file *newest; /* of the uploads that were loaded; NULL: none was */
	bool deleted, twice;
	enum state_fact_id unanswered;	/* why it is not known what became of what came since a
					   record was loaded, and would change what is held */
	bool unanswered_deletion;	/* that is a deletion */
	const struct state_entry *last; /* the record that was loaded last */
	enum state_fact_id doubt;	/* why what is held need not be what the service holds */
	struct version *versions;
	size_t version_count, version_room;
};

static const struct state_file *file_of(const struct folding *folding, size_t ordinal)
{
	return &folding->uploads->files[ordinal - 1];
}

static void event_add(struct folding *folding, enum state_event_kind kind, long long at,
		      const struct state_entry *entry, enum state_fact_id fact)
{
	struct state_person *person = folding->person;
	struct state_event *events =
		list_grown_in(folding->arena, person->events, person->event_count,
			      &folding->event_room, sizeof(*events));
	if (!events)
		return;
	person->events = events;
	events[person->event_count++] =
		(struct state_event){ kind, at, folding->plan, entry, fact };
}

static bool same_words(const struct state_entry *a, const struct state_entry *b)
{
	return a->subject == b->subject && str_equal(a->start, b->start) &&
	       str_equal(a->end, b->end) && str_equal(a->deleted, b->deleted) &&
	       str_equal(a->birth, b->birth) && str_equal(a->local_id, b->local_id) &&
	       str_equal(a->given, b->given) && str_equal(a->family, b->family);
}

/* By which clock plans have their times: that of the United Kingdom. */
static long long uk_clock(long long at)
{
	struct moment utc = moment_of_seconds(at);
	return moment_by_uk_clock(&utc).seconds;
}

static bool is_after(struct str time, long long clock)
{
	struct moment moment = moment_of(time);
	return moment.ok && moment.seconds > clock;
}

static bool had_ended(const struct state_entry *entry)
{
	struct moment end = moment_of(entry->end);
	return end.ok && end.seconds <= uk_clock(entry->first->taken);
}

/* Of two records in one file it is not public which counts. */
static bool one_takes_away(const struct state_entry *a, const struct state_entry *b)
{
	if (a->deleted.n || b->deleted.n)
		return true;
	return !str_equal(a->start, b->start) && (had_ended(a) || had_ended(b));
}

static struct version *version_of(struct folding *folding, struct str start)
{
	for (size_t i = 0; i < folding->version_count; i++)
		if (str_equal(folding->versions[i].entry->start, start))
			return &folding->versions[i];
	struct version *grown =
		list_grown_in(folding->arena, folding->versions, folding->version_count,
			      &folding->version_room, sizeof(*grown));
	if (!grown)
		return NULL;
	folding->versions = grown;
	grown[folding->version_count] = (struct version){ 0 };
	return &grown[folding->version_count++];
}

/* Whether a record of the same file takes more away than the one that is here. */
static bool takes_more(const struct state_entry *entry, const struct state_entry *here)
{
	if (entry->deleted.n || here->deleted.n)
		return entry->deleted.n && !here->deleted.n;
	return entry->end.n && !here->end.n;
}

static void note_version(struct folding *folding, const struct state_entry *entry, size_t rank)
{
	struct version *version = version_of(folding, entry->start);
	if (!version)
		return;
	const struct state_entry *here = version->entry;
	bool again = here && version->rank == rank;
	bool there = here && !here->deleted.n;
	version->rank = rank;
	version->twice = again && (version->twice || !same_words(here, entry));
	if (again && takes_more(entry, here))
		return;
	if (!there)
		version->since = entry->first;
	version->entry = entry;
}

static void delete_plan(struct folding *folding, const struct state_entry *entry)
{
	long long at = entry->first->taken;
	const struct state_entry *held = folding->plan->held;
	bool other = held && !str_equal(held->start, entry->start);
	enum state_fact_id fact = other ? UNKNOWN_EARLIER_PLAN : FACT_DELETED;
	if (is_after(entry->deleted, uk_clock(at) + DAY_SECONDS))
		fact = UNKNOWN_DELETE_IN_FUTURE;
	else if (!held)
		fact = UNKNOWN_DELETE_OF_NOTHING;
	event_add(folding, EVENT_DELETED, at, entry, fact);
	if (other) {
		folding->doubt = UNKNOWN_EARLIER_PLAN;
		return;
	}
	folding->plan->held = NULL;
	folding->deleted = true;
}

/* What the records of one file say of the plan. */
static void compare_in_file(struct folding *folding, const struct state_entry *entry, size_t rank)
{
	bool same_file = rank == folding->rank;
	if (!same_file) {
		folding->twice = false;
		folding->doubt = FACT_NONE;
	} else if (!same_words(folding->last, entry)) {
		folding->twice = true;
		if (one_takes_away(folding->last, entry))
			folding->doubt = UNKNOWN_TWICE_IN_A_FILE;
	}
	folding->rank = rank;
	folding->last = entry;
}

/* What a record that was loaded makes of the plan. */
static void load(struct folding *folding, const struct state_entry *entry, size_t rank)
{
	struct state_plan *plan = folding->plan;
	const struct state_entry *held = plan->held;
	long long at = entry->first->taken;
	compare_in_file(folding, entry, rank);
	note_version(folding, entry, rank);
	if (entry->deleted.n) {
		delete_plan(folding, entry);
		return;
	}
	folding->deleted = false;
	plan->held = entry;
	if (!held) {
		plan->since = entry->first;
		event_add(folding, EVENT_CREATED, at, entry, entry->fact);
	} else if (!str_equal(held->start, entry->start)) {
		plan->since = entry->first;
		event_add(folding, EVENT_REPLACED, at, entry, UNKNOWN_EARLIER_PLAN);
	} else if (!str_equal(held->end, entry->end)) {
		event_add(folding, entry->end.n ? EVENT_ENDED : EVENT_REOPENED, at, entry,
			  FACT_LATEST_WINS);
	} else if (!same_words(held, entry)) {
		event_add(folding, EVENT_CHANGED, at, entry, FACT_LATEST_WINS);
	}
}

static void apply(struct folding *folding, const struct step *step)
{
	struct state_plan *plan = folding->plan;
	struct state_entry *entry = arena_alloc(folding->arena, sizeof(*entry));
	if (!entry)
		return;
	*entry = step->row->entry;
	entry->first = file_of(folding, step->first);
	entry->last = file_of(folding, step->last);
	long long at = entry->first->taken;
	bool changes = !plan->held || !same_words(plan->held, entry);
	plan->latest = entry;
	if (entry->code == CODE_UNANSWERED || entry->code == CODE_UNNAMED) {
		bool unnamed = entry->code == CODE_UNNAMED;
		enum state_fact_id why = unnamed ? UNKNOWN_WHICH_REFUSED : UNKNOWN_UNANSWERED;
		if (changes)
			folding->unanswered = why;
		folding->unanswered_deletion =
			folding->unanswered_deletion || (changes && entry->deleted.n);
		event_add(folding, EVENT_UNANSWERED, at, entry, why);
	} else if (entry->code != CODE_CPR06) {
		event_add(folding, EVENT_REFUSED, at, entry, entry->fact);
	} else {
		long long created = entry->first->created;
		const struct state_file *newest = folding->newest;
		bool older = created && newest && created < newest->created;
		if (older && changes)
			event_add(folding, EVENT_OVERWRITTEN, at, entry, UNKNOWN_LATE_FILE);
		/* A newer upload that says the same as the older one settles it. */
		if (!older || entry->last->created > newest->created)
			plan->overwrote = NULL;
		else if (changes)
			plan->overwrote = newest;
		if (!newest || entry->last->created > newest->created)
			folding->newest = entry->last;
		load(folding, entry, step->rank);
		folding->unanswered = FACT_NONE;
		folding->unanswered_deletion = false;
	}
}

/* 0: it is not known. */
static long long birthday_18(const struct state_entry *entry)
{
	struct moment birth = moment_of(entry->birth);
	if (entry->subject != SUBJECT_CHILD || !birth.ok || !birth.has_day)
		return 0;
	return moment_18th_birthday(&birth).seconds;
}

/* What time makes of what an upload said. */
struct span {
	enum state_standing standing;
	enum state_shown shown;
	enum state_fact_id fact;
	long long ends;
};

static struct span span_of(const struct folding *folding, const struct state_entry *entry)
{
	struct moment end = moment_of(entry->end);
	long long birthday = birthday_18(entry);
	struct span span = { STANDING_OPEN, SHOWN, FACT_LATEST_WINS, end.ok ? end.seconds : 0 };
	if (end.ok && end.seconds <= folding->clock) {
		span.standing = STANDING_ENDED;
		span.fact = FACT_SHOWN_FOR_A_YEAR;
	}
	if (birthday && birthday <= folding->clock && (!end.ok || birthday < end.seconds))
		span = (struct span){ STANDING_ADULT, SHOWN_NOT_KNOWN, UNKNOWN_AFTER_18, birthday };
	if (span.standing != STANDING_OPEN && folding->clock - span.ends > YEAR_SECONDS) {
		span.shown = SHOWN_NOT;
		span.fact = FACT_SHOWN_FOR_A_YEAR;
	}
	return span;
}

static struct span span_of_nothing(const struct folding *folding)
{
	if (folding->deleted)
		return (struct span){ STANDING_DELETED, SHOWN_NOT, FACT_DELETED, 0 };
	return (struct span){ STANDING_NEVER, SHOWN_NOT, FACT_NONE, 0 };
}

/* How much of a plan a query would show. */
static int weight(const struct span *span)
{
	if (span->shown == SHOWN_NOT)
		return 0;
	return span->standing == STANDING_OPEN ? 3 : span->shown == SHOWN ? 2 : 1;
}

/* The version of which a query would show more than of what is held, if nothing that came after it
 * took it away; NULL: there is none. */
static const struct version *weightier(const struct folding *folding, const struct span *held)
{
	const struct version *best = NULL;
	int most = 2 * weight(held);
	for (size_t i = 0; i < folding->version_count; i++) {
		const struct version *version = &folding->versions[i];
		const struct state_entry *entry = version->entry;
		struct span span = span_of(folding, entry);
		int weighs = 2 * weight(&span) - (entry->deleted.n > 0);
		if (entry->deleted.n && !is_after(entry->deleted, folding->clock))
			continue;
		if (weighs > most || (best && weighs == most && version->rank > best->rank)) {
			best = version;
			most = weighs;
		}
	}
	return best;
}

static enum state_fact_id doubt_of(const struct version *version)
{
	if (version->entry->deleted.n)
		return UNKNOWN_DELETE_IN_FUTURE;
	return version->twice ? UNKNOWN_TWICE_IN_A_FILE : UNKNOWN_EARLIER_PLAN;
}

static void settle_held(struct folding *folding)
{
	struct state_plan *plan = folding->plan;
	struct span span = plan->held ? span_of(folding, plan->held) : span_of_nothing(folding);
	const struct version *other = weightier(folding, &span);
	if (other) {
		/* Whichever of two records of a file counts, the plan is shown. */
		bool anyway = span.shown == SHOWN && plan->held &&
			      str_equal(plan->held->start, other->entry->start);
		plan->held = other->entry;
		plan->since = other->since;
		plan->overwrote = NULL;
		span = span_of(folding, plan->held);
		folding->doubt = anyway ? FACT_NONE : doubt_of(other);
	}
	plan->doubted = plan->held && folding->doubt != FACT_NONE && span.shown != SHOWN_NOT;
	if (plan->doubted) {
		span.shown = SHOWN_NOT_KNOWN;
		span.fact = folding->doubt;
	}
	plan->standing = span.standing;
	plan->shown = span.shown;
	plan->fact = span.fact;
	plan->ends = span.ends;
	if (span.standing == STANDING_ADULT)
		event_add(folding, EVENT_BIRTHDAY, span.ends, NULL, FACT_ENDS_AT_18);
	if (plan->held && span.shown == SHOWN_NOT)
		event_add(folding, EVENT_HIDDEN, span.ends + YEAR_SECONDS, NULL,
			  FACT_SHOWN_FOR_A_YEAR);
}

/* What time made of it, and what is not known of it. */
static void settle(struct folding *folding)
{
	struct state_plan *plan = folding->plan;
	settle_held(folding);
	if (folding->unanswered && plan->standing == STANDING_NEVER)
		plan->standing = folding->unanswered == UNKNOWN_WHICH_REFUSED ? STANDING_UNNAMED
									      : STANDING_UNANSWERED;
	bool inactive = folding->person->inactive != 0;
	if (inactive && plan->shown == SHOWN) {
		plan->shown = SHOWN_NOT_KNOWN;
		plan->fact = UNKNOWN_INACTIVE_PLANS;
	} else if (folding->unanswered && plan->shown != SHOWN_NOT_KNOWN) {
		bool kept = plan->held && !folding->unanswered_deletion;
		plan->shown = kept && plan->shown == SHOWN ? SHOWN : SHOWN_NOT_KNOWN;
		plan->fact = folding->unanswered;
	} else if (plan->overwrote && plan->shown == SHOWN) {
		plan->fact = UNKNOWN_LATE_FILE;
	} else if (folding->twice && plan->shown == SHOWN) {
		plan->fact = UNKNOWN_TWICE_IN_A_FILE;
	}
}

static int by_rank(const void *a, const void *b)
{
	const struct step *x = a, *y = b;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	size_t first = x->row->entry.place, second = y->row->entry.place;
	return (first > second) - (first < second);
}

static bool known_by(const struct folding *folding, size_t ordinal)
{
	return ordinal <= folding->uploads->count &&
	       file_of(folding, ordinal)->taken <= folding->at;
}

/* Whether no upload has two rows. */
static bool are_apart(const struct row *rows, size_t count)
{
	size_t last = 0;
	for (size_t i = 0; i < count; i++) {
		if (rows[i].first <= last)
			return false;
		last = rows[i].last;
	}
	return true;
}

/* The uploads of a row that were taken by then; whole: they are one step. */
static bool add_steps(const struct folding *folding, const struct row *row, bool whole,
		      struct step **steps, size_t *count, size_t *room)
{
	size_t last = row->last, first = row->first;
	while (whole && last >= first && !known_by(folding, last))
		last--;
	for (size_t i = first; i <= last; i++) {
		if (!known_by(folding, i))
			continue;
		struct step *grown =
			list_grown_in(folding->arena, *steps, *count, room, sizeof(**steps));
		if (!grown)
			return false;
		*steps = grown;
		grown[(*count)++] =
			(struct step){ row, i, whole ? last : i, folding->uploads->rank[i - 1] };
		if (whole)
			break;
	}
	return true;
}

/* Rows of one plan. */
static void fold_plan(struct folding *folding, const struct row *rows, size_t count)
{
	struct step *steps = NULL;
	size_t step_count = 0, room = 0;
	bool whole = folding->uploads->displaced == 0 && are_apart(rows, count);
	for (size_t i = 0; i < count; i++)
		if (!add_steps(folding, &rows[i], whole, &steps, &step_count, &room))
			return;
	if (!step_count)
		return;
	folding->plan = &folding->person->plans[folding->person->plan_count++];
	*folding->plan = (struct state_plan){
		.authority = &folding->uploads->authority,
		.kind = rows->kind,
	};
	folding->newest = NULL;
	folding->rank = SIZE_MAX;
	folding->deleted = false;
	folding->twice = false;
	folding->unanswered = FACT_NONE;
	folding->unanswered_deletion = false;
	folding->last = NULL;
	folding->doubt = FACT_NONE;
	folding->version_count = 0;
	qsort(steps, step_count, sizeof(*steps), by_rank);
	for (size_t i = 0; i < step_count; i++)
		apply(folding, &steps[i]);
	settle(folding);
}

static struct row read_row(struct arena *arena, sqlite3_stmt *row)
{
	return (struct row){
		.authority = (size_t)sqlite3_column_int64(row, 1),
		.kind = (enum plan_kind)sqlite3_column_int(row, 2),
		.first = (size_t)sqlite3_column_int64(row, 3),
		.last = (size_t)sqlite3_column_int64(row, 5),
		.entry = {
			.place = (size_t)sqlite3_column_int64(row, 4),
			.code = (enum state_code)sqlite3_column_int(row, 6),
			.fact = (enum state_fact_id)sqlite3_column_int(row, 7),
			.subject = (enum subject_kind)sqlite3_column_int(row, 8),
			.start = store_column(arena, row, 9),
			.end = store_column(arena, row, 10),
			.deleted = store_column(arena, row, 11),
			.birth = store_column(arena, row, 12),
			.local_id = store_column(arena, row, 13),
			.given = store_column(arena, row, 14),
			.family = store_column(arena, row, 15),
		},
	};
}

static struct row *read_rows(struct state *state, struct arena *arena, struct str number,
			     size_t *count)
{
	struct row *rows = NULL;
	size_t room = 0;
	sqlite3_stmt *found = store_statement(state, STAYS_OF_NUMBER);
	store_text(found, 1, number);
	*count = 0;
	while (store_row(state, found)) {
		struct row *grown = list_grown_in(arena, rows, *count, &room, sizeof(*rows));
		if (!grown)
			break;
		rows = grown;
		rows[(*count)++] = read_row(arena, found);
	}
	store_reset(found);
	return rows;
}

static void read_inactive(struct state *state, struct arena *arena, struct state_person *person,
			  long long at)
{
	struct str *replacements = NULL;
	size_t room = 0;
	sqlite3_stmt *rows = store_statement(state, INACTIVE_OF_NUMBER);
	store_text(rows, 1, person->number);
	while (store_row(state, rows)) {
		long long since = sqlite3_column_int64(rows, 1);
		if (since > at)
			continue;
		if (!person->inactive || since < person->inactive)
			person->inactive = since;
		if (sqlite3_column_bytes(rows, 0) == 0)
			continue;
		struct str *grown = list_grown_in(arena, replacements, person->replacement_count,
						  &room, sizeof(*grown));
		if (!grown)
			break;
		replacements = grown;
		grown[person->replacement_count++] = store_column(arena, rows, 0);
	}
	person->replacements = replacements;
	store_reset(rows);
}

static int by_time(const void *a, const void *b)
{
	const struct state_event *x = a, *y = b;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* Stable, for those of one moment; there are few. */
static void sort_events(struct state_person *person)
{
	for (size_t i = 1; i < person->event_count; i++)
		for (size_t k = i; k > 0 && by_time(&person->events[k - 1], &person->events[k]) > 0;
		     k--) {
			struct state_event event = person->events[k];
			person->events[k] = person->events[k - 1];
			person->events[k - 1] = event;
		}
}

static bool same_plan(const struct row *a, const struct row *b)
{
	return a->authority == b->authority && a->kind == b->kind;
}

static int compare_authorities(const struct state_uploads *x, const struct state_uploads *y)
{
	long long first = x->count ? x->files[x->order[0] - 1].taken : 0;
	long long second = y->count ? y->files[y->order[0] - 1].taken : 0;
	if (first != second)
		return first < second ? -1 : 1;
	return str_order(x->authority.code, y->authority.code);
}

/* By the authority whose uploads began first, and by code where two began at once: its id is of
 * the order in which files were read. */
static int by_authority(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order = x->authority == y->authority ? 0 : compare_authorities(x->uploads, y->uploads);
	if (order == 0 && x->kind != y->kind)
		order = x->kind < y->kind ? -1 : 1;
	if (order == 0 && x->first != y->first)
		order = x->first < y->first ? -1 : 1;
	return order ? order
		     : (x->entry.place > y->entry.place) - (x->entry.place < y->entry.place);
}

/* Rows of several authorities, from the order of their ids. */
static void sort_rows(struct state *state, struct row *rows, size_t count)
{
	/* The highest id first: the list of authorities moves where one more is read. */
	for (size_t i = count; i-- > 0;) {
		rows[i].uploads = store_uploads_in_order(state, rows[i].authority);
		if (!rows[i].uploads)
			return;
	}
	qsort(rows, count, sizeof(*rows), by_authority);
}

int state_person(struct state *state, struct arena *arena, struct str number, long long at,
		 struct state_person *person, struct cpis_failure *failure)
{
	struct state_person found = { .number = arena_str(arena, number) };
	struct folding folding = { .arena = arena, .at = at, .clock = uk_clock(at) };
	size_t count;
	struct row *rows = read_rows(state, arena, number, &count);
	if (count && rows[0].authority != rows[count - 1].authority)
		sort_rows(state, rows, count);
	folding.person = &found;
	found.plans = arena_alloc(arena, (count + 1) * sizeof(*found.plans));
	read_inactive(state, arena, &found, at);
	if (found.inactive)
		event_add(&folding, EVENT_INACTIVE, found.inactive, NULL, FACT_NUMBER_INACTIVE);
	for (size_t i = 0, n; found.plans && i < count; i += n) {
		for (n = 1; i + n < count && same_plan(&rows[i], &rows[i + n]); n++)
			;
		folding.uploads = store_uploads_in_order(state, rows[i].authority);
		if (!folding.uploads)
			break;
		fold_plan(&folding, &rows[i], n);
	}
	sort_events(&found);
	if (arena->failed)
		return failure_out_of_memory(failure);
	if (store_result(state, failure) != 0)
		return -1;
	*person = found;
	return 0;
}

int state_each_person(struct state *state, long long at,
		      int (*each)(void *context, const struct state_person *person), void *context,
		      struct cpis_failure *failure)
{
	struct arena arena;
	struct buf number;
	int status = 0;
	arena_init(&arena);
	buf_init(&number, 4096);
	for (bool more = true; more && status == 0;) {
		struct state_person person = { 0 };
		sqlite3_stmt *next = store_statement(state, NEXT_NUMBER);
		store_text(next, 1, buf_view(&number));
		more = store_row(state, next) && sqlite3_column_type(next, 0) != SQLITE_NULL;
		if (more) {
			struct str text = store_column(&arena, next, 0);
			buf_reset(&number);
			buf_str(&number, text);
		}
		store_reset(next);
		if (!more)
			break;
		status = state_person(state, &arena, buf_view(&number), at, &person, failure);
		if (status == 0 && person.plan_count)
			status = each(context, &person);
		arena_restart(&arena);
	}
	if (status == 0)
		status = store_result(state, failure);
	buf_release(&number);
	arena_release(&arena);
	return status;
}
