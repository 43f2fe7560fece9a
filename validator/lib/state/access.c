/* Queries, who asked, and the notices that follow from them and from numbers taken out of use. */
#include "state/store.h"

#include "diag/failure.h"
#include "message/fold.h"

static struct str joined(struct arena *arena, const struct value *values, size_t count)
{
	struct str all = { 0 };
	for (size_t i = 0; i < count; i++) {
		struct str text = str_trim(values[i].text);
		if (!text.n)
			continue;
		all = all.n ? str_of(arena_printf(arena, "%.*s\n%.*s", STR_ARG(all), STR_ARG(text)))
			    : text;
	}
	return all;
}

static struct str first_of(const struct value *values, size_t count)
{
	return count ? str_trim(values[0].text) : (struct str){ 0 };
}

static void take_role(struct state_author *to, const struct job_role *role)
{
	to->role_code = role->code.text;
	to->role_system = role->code_system.text;
	to->role_name = role->display_name.text;
}

static void take_organisation(struct state_author *to, const struct organisation *organisation)
{
	to->organisation_root = organisation->id.root.text;
	to->organisation = organisation->id.extension.text;
	to->organisation_name = str_trim(organisation->name.text);
}

static struct state_author person_of(struct arena *arena, const struct author_person *person)
{
	struct state_author author = {
		.prefix = first_of(person->prefixes, person->prefix_count),
		.given = joined(arena, person->given, person->given_count),
		.family = first_of(person->families, person->family_count),
		.suffix = first_of(person->suffixes, person->suffix_count),
		.name = str_trim(person->name.text),
	};
	take_role(&author, &person->role);
	take_organisation(&author, &person->organisation);
	for (size_t i = 0; i < person->id_count; i++) {
		const struct identifier *id = &person->ids[i];
		bool user = str_is(id->root.text, OID_SDS_USER);
		struct str *to = user ? &author.id : &author.role_profile;
		/* Of several the first counts, as in query_author(). */
		if ((user || str_is(id->root.text, OID_ROLE_PROFILE)) && str_is_blank(*to))
			*to = id->extension.text;
	}
	return author;
}

static struct state_author device_of(struct arena *arena, const struct author_device *device)
{
	struct state_author author = {
		.device = true,
		.id = device->id.extension.text,
		.given = joined(arena, device->authority.given, device->authority.given_count),
		.family = first_of(device->authority.families, device->authority.family_count),
		.name = str_trim(device->authority.name.text),
	};
	take_role(&author, &device->authority.role);
	take_organisation(&author, &device->organisation);
	return author;
}

static void bind_author(sqlite3_stmt *statement, int at, const struct state_author *author)
{
	const struct str texts[] = {
		author->id,
		author->role_profile,
		author->role_code,
		author->role_system,
		author->role_name,
		author->prefix,
		author->given,
		author->family,
		author->suffix,
		author->name,
		author->organisation_root,
		author->organisation,
		author->organisation_name,
	};
	store_number(statement, at, author->device);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		store_text(statement, at + 1 + (int)i, texts[i]);
}

static struct state_author read_author(struct arena *arena, sqlite3_stmt *row, int at)
{
	struct state_author author = { .device = sqlite3_column_int(row, at) != 0 };
	struct str *const texts[] = {
		&author.id,
		&author.role_profile,
		&author.role_code,
		&author.role_system,
		&author.role_name,
		&author.prefix,
		&author.given,
		&author.family,
		&author.suffix,
		&author.name,
		&author.organisation_root,
		&author.organisation,
		&author.organisation_name,
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i] = store_column(arena, row, at + 1 + (int)i);
	return author;
}

static void add_notice(struct state *state, const struct state_plan *plan,
		       enum state_notice_kind kind, struct str number, long long at,
		       long long access)
{
	sqlite3_stmt *added = store_statement(state, ADD_NOTICE);
	const struct state_entry *entry = plan->held ? plan->held : plan->latest;
	store_number(added, 1, (long long)plan->authority->id);
	store_number(added, 2, kind);
	store_number(added, 3, at);
	store_text(added, 4, number);
	store_text(added, 5, entry->local_id);
	store_text(added, 6, entry->last->number);
	if (access)
		store_number(added, 7, access);
	store_run(state, added);
}

/*
 * FACT_LISTED_ONCE_A_DAY: within 24 hours by arrival, and by the times in the queries, for whoever
 * reads the response sees those alone. A query that has none is judged by arrival.
 */
static bool is_listed_already(struct state *state, struct arena *arena, const struct query *query,
			      struct str number, struct str asker, long long at)
{
	if (!asker.n)
		return false;
	const struct moment *later = &query->effective.moment;
	bool found = false;
	sqlite3_stmt *row = store_statement(state, ACCESS_WITHIN);
	store_text(row, 1, number);
	store_number(row, 2, at - DAY_SECONDS);
	store_number(row, 3, at);
	store_text(row, 4, asker);
	store_text(row, 5, str_trim(query->id.text));
	while (!found && store_row(state, row)) {
		struct moment first = moment_of(store_column(arena, row, 0));
		found = !first.ok || !later->ok || query_is_within_a_day(&first, later);
	}
	store_reset(row);
	return found;
}

/* Whether an authority has a notice that this author looked at its record, of the last day. */
static bool is_notified_already(struct state *state, struct str number, struct str asker,
				long long at, size_t authority)
{
	sqlite3_stmt *row = store_statement(state, NOTIFIED_WITHIN);
	store_text(row, 1, number);
	store_number(row, 2, at - DAY_SECONDS);
	store_number(row, 3, at);
	store_text(row, 4, asker);
	store_number(row, 5, (long long)authority);
	bool found = store_row(state, row);
	store_reset(row);
	return found;
}

static long long add_access(struct state *state, struct arena *arena, const struct query *query,
			    long long at, struct str number, struct str asker)
{
	struct state_author author = query->person_count ? person_of(arena, &query->person)
							 : device_of(arena, &query->device);
	sqlite3_stmt *added = store_statement(state, ADD_ACCESS);
	store_text(added, 1, number);
	store_number(added, 2, at);
	store_text(added, 3, str_trim(query->id.text));
	store_text(added, 4, str_trim(query->effective.value.text));
	store_text(added, 5, asker);
	bind_author(added, 6, &author);
	store_run(state, added);
	return sqlite3_last_insert_rowid(state->db);
}

static void add_unlisted(struct state *state, long long access)
{
	sqlite3_stmt *added = store_statement(state, ADD_UNLISTED);
	store_number(added, 1, access);
	store_run(state, added);
}

/* An access that is listed already may be the first to the record of an authority that had none
 * then: it is notified of that one, which no response lists beside the first. */
static void list_access(struct state *state, struct arena *arena, const struct query *query,
			long long at, const struct state_person *person)
{
	struct str number = person->number, asker = query_author(arena, query);
	bool listed = is_listed_already(state, arena, query, number, asker, at);
	long long access = listed ? 0 : add_access(state, arena, query, at, number, asker);
	for (size_t i = 0; i < person->plan_count; i++) {
		const struct state_plan *plan = &person->plans[i];
		bool first = true; /* one notice for each authority, however many its plans */
		for (size_t k = 0; k < i; k++)
			first = first && (person->plans[k].authority != plan->authority ||
					  person->plans[k].shown == SHOWN_NOT);
		if (!first || plan->shown == SHOWN_NOT)
			continue;
		if (listed && is_notified_already(state, number, asker, at, plan->authority->id))
			continue;
		if (!access) {
			access = add_access(state, arena, query, at, number, asker);
			add_unlisted(state, access);
		}
		add_notice(state, plan, NOTICE_ACCESS, number, at, access);
	}
}

static void read_accesses(struct state *state, struct arena *arena, struct str number, long long at,
			  struct state_answer *answer)
{
	answer->accesses = arena_alloc(arena, STATE_MOST_ACCESSES * sizeof(*answer->accesses));
	if (!answer->accesses)
		return;
	sqlite3_stmt *rows = store_statement(state, ACCESSES_OF_NUMBER);
	store_text(rows, 1, number);
	store_number(rows, 2, at);
	store_number(rows, 3, STATE_MOST_ACCESSES);
	while (store_row(state, rows))
		answer->accesses[answer->access_count++] = (struct state_access){
			.id = store_column(arena, rows, 0),
			.effective = store_column(arena, rows, 1),
			.at = sqlite3_column_int64(rows, 2),
			.author = read_author(arena, rows, 3),
		};
	store_reset(rows);
}

int state_query(struct state *state, struct arena *arena, const struct query *query, long long at,
		struct state_answer *answer, struct cpis_failure *failure)
{
	struct state_answer found = { 0 };
	struct str number = query->nhs_number_count ? str_trim(query->nhs_numbers[0].extension.text)
						    : (struct str){ 0 };
	bool shown = false;
	/* Who was sent without a number has none to be asked by. */
	if (number.n && state_person(state, arena, number, at, &found.person, failure) != 0)
		return -1;
	for (size_t i = 0; i < found.person.plan_count; i++)
		shown = shown || found.person.plans[i].shown != SHOWN_NOT;
	if (shown && !query_is_silent(query))
		list_access(state, arena, query, at, &found.person);
	if (shown)
		read_accesses(state, arena, found.person.number, at, &found);
	if (arena->failed)
		return failure_out_of_memory(failure);
	if (store_result(state, failure) != 0)
		return -1;
	*answer = found;
	return 0;
}

static void notify_inactive(struct state *state, struct arena *arena, struct str number,
			    long long at, struct cpis_failure *failure)
{
	struct state_person person;
	if (state_person(state, arena, number, at, &person, failure) != 0)
		return;
	for (size_t i = 0; i < person.plan_count; i++)
		if (i == 0 || person.plans[i].authority != person.plans[i - 1].authority)
			add_notice(state, &person.plans[i], NOTICE_INACTIVE, number, at, 0);
}

static void add_inactive(struct state *state, struct str number, struct str replacement,
			 long long at)
{
	sqlite3_stmt *added = store_statement(state, ADD_INACTIVE);
	store_text(added, 1, number);
	store_text(added, 2, replacement);
	store_number(added, 3, at);
	store_run(state, added);
}

int state_number_inactive(struct state *state, struct str number, const char *const *replacements,
			  long long at, struct cpis_failure *failure)
{
	sqlite3_stmt *known = store_statement(state, INACTIVE_OF_NUMBER);
	store_text(known, 1, number);
	bool again = store_row(state, known);
	store_reset(known);
	add_inactive(state, number, (struct str){ 0 }, at);
	for (; *replacements; replacements++)
		add_inactive(state, number, str_of(*replacements), at);
	arena_restart(&state->scratch);
	if (!again)
		notify_inactive(state, &state->scratch, number, at, failure);
	return store_result(state, failure);
}

static void read_replacements(struct state *state, struct arena *arena, struct state_notice *notice)
{
	struct str *items = NULL;
	size_t room = 0;
	sqlite3_stmt *rows = store_statement(state, INACTIVE_OF_NUMBER);
	store_text(rows, 1, notice->number);
	while (store_row(state, rows)) {
		if (sqlite3_column_bytes(rows, 0) == 0)
			continue;
		struct str *grown = list_grown_in(arena, items, notice->replacement_count, &room,
						  sizeof(*items));
		if (!grown)
			break;
		items = grown;
		items[notice->replacement_count++] = store_column(arena, rows, 0);
	}
	notice->replacements = items;
	store_reset(rows);
}

int state_notices(struct state *state, struct arena *arena, size_t authority,
		  struct state_notice **notices, size_t *count, struct cpis_failure *failure)
{
	struct state_notice *items = NULL;
	size_t n = 0, room = 0;
	sqlite3_stmt *rows = store_statement(state, NOTICES_WAITING);
	store_number(rows, 1, (long long)authority);
	while (store_row(state, rows)) {
		struct state_notice *grown = list_grown_in(arena, items, n, &room, sizeof(*items));
		if (!grown)
			break;
		items = grown;
		items[n++] = (struct state_notice){
			.id = (size_t)sqlite3_column_int64(rows, 0),
			.authority = (size_t)sqlite3_column_int64(rows, 1),
			.kind = (enum state_notice_kind)sqlite3_column_int(rows, 2),
			.at = sqlite3_column_int64(rows, 3),
			.number = store_column(arena, rows, 4),
			.local_id = store_column(arena, rows, 5),
			.file = store_column(arena, rows, 6),
			.access = { .id = store_column(arena, rows, 7),
				    .effective = store_column(arena, rows, 8),
				    .at = sqlite3_column_int64(rows, 9),
				    .author = read_author(arena, rows, 10) },
		};
	}
	store_reset(rows);
	for (size_t i = 0; i < n; i++)
		if (items[i].kind == NOTICE_INACTIVE)
			read_replacements(state, arena, &items[i]);
	if (arena->failed)
		return failure_out_of_memory(failure);
	*notices = items;
	*count = n;
	return store_result(state, failure);
}

int state_notices_sent(struct state *state, size_t authority, size_t up_to,
		       struct cpis_failure *failure)
{
	sqlite3_stmt *sent = store_statement(state, NOTICES_SENT);
	store_number(sent, 1, (long long)authority);
	store_number(sent, 2, (long long)up_to);
	store_run(state, sent);
	return store_result(state, failure);
}
